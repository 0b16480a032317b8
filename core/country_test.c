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
