/* country_test.c - whose a number is. */
#include "core/country.h"

#include "tests/test.h"

TEST(countries_by_the_longest_code)
{
	static const struct {
		const char *number, *country;
	} rows[] = {
		{"+48600100200", "PL"},
		{"+4915112345678", "DE"},
		{"+12125550100", "US"},
		{"+14165550100", "CA"},
		{"+18765550100", "JM"},
		{"+79161234567", "RU"},
		{"+77011234567", "KZ"},
		{"+447700900123", "GB"},
		{"+441534123456", "JE"},
		{"+390669812345", "VA"},
		{"+39066123456", "IT"},
		{"+5999123456", "CW"},
		{"+18005550100", ""},
		{"+88216123456", ""},
		{"+999", ""},
		{"48600100200", ""},
		{"112", ""},
		{"+48 600", ""},
		{"anonymous", ""},
		{"+", ""},
		{"", ""},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		EXPECT_STR(country_of_number(str_of(rows[i].number)), rows[i].country);
}

TEST(the_countries_of_iso_3166)
{
	static const char *const good[] = {"PL", "pl", "Gb", "AD", "ZW", "UA", "XK"};
	/* UK is GB's by reservation only; AN and SU are no more, EU, ZZ and UN are no countries */
	static const char *const bad[] = {"UK", "AN", "SU",  "EU", "ZZ", "UN", "XX", "DA",
					  " P", "P",  "POL", "",   "D ", "1L", "E\0"};
	uint32_t count = 0;
	for (size_t i = 0; i < COUNT_OF(good); i++)
		EXPECT(country_known(str_of(good[i])));
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		EXPECT(!country_known(str_of(bad[i])));
	for (char a = 'A'; a <= 'Z'; a++)
		for (char b = 'A'; b <= 'Z'; b++)
			count += country_known(str_make((char[]){a, b}, 2));
	EXPECT(count == 250);
}

TEST(every_number_is_of_a_country_there_is)
{
	char digits[8];
	for (uint32_t i = 1; i < 10000; i++) {
		struct buf b = buf_make(digits, sizeof digits);
		buf_fmt(&b, "+%u", i);
		const struct str country = country_of_number(buf_str(&b));
		EXPECT(!country.n || country_known(country));
	}
}
