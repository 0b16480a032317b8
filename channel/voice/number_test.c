/* number_test.c - numbers of many countries as people and carriers write them. */
#include "channel/voice/line.h"
#include "tests/test.h"

TEST(numbers_become_e164)
{
	static const struct {
		const char *country, *dialled, *want;
	} cases[] = {
		{"PL", "221234567", "+48221234567"},
		{"PL", "22 123 45 67", "+48221234567"},
		{"PL", "(22) 123-45-67", "+48221234567"},
		{"PL", "+48 22 123 45 67", "+48221234567"},
		{"PL", "0048221234567", "+48221234567"},
		{"PL", "48221234567", "+48221234567"}, /* the carrier left the plus off */
		{"PL", "481234567", "+48481234567"},   /* nine digits are national there */
		{"pl", "221234567", "+48221234567"},
		{"DE", "030 1234567", "+49301234567"},
		{"DE", "0049301234567", "+49301234567"},
		{"DE", "4930123456", "+4930123456"},
		{"FR", "01 23 45 67 89", "+33123456789"},
		{"FR", "33123456789", "+33123456789"},
		{"GB", "020 7946 0000", "+442079460000"},
		{"US", "(212) 555-0100", "+12125550100"},
		{"US", "1-212-555-0100", "+12125550100"},
		{"US", "011442079460000", "+442079460000"},
		{"RU", "8 495 123-45-67", "+74951234567"},
		{"RU", "810442079460000", "+442079460000"},
		{"RU", "74951234567", "+74951234567"},
		{"IT", "06 1234 5678", "+390612345678"}, /* the zero stays */
		{"LT", "861234567", "+37061234567"},
		/* no plan of that country: only what is international already */
		{"XX", "00442079460000", "+442079460000"},
		{"", "+442079460000", "+442079460000"},
		{"XX", "2079460000", "2079460000"},
		/* no numbers, or none that could be dialled */
		{"PL", "112", "112"},
		{"PL", "anonymous", "anonymous"},
		{"PL", "22+1234567", "22+1234567"},
		{"PL", "+", "+"},
		{"PL", "", ""},
		{"PL", "-", "-"},
		{"PL", "+4822123456789012", "+4822123456789012"}, /* sixteen digits */
		{"PL", "+123456789012345", "+123456789012345"},	  /* fifteen */
		{"PL", "*31#221234567", "*31#221234567"},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char out[NUMBER_TEXT];
		number_normalise(str_of(cases[i].dialled), str_of(cases[i].country), out);
		EXPECT_STR(str_of(out), cases[i].want);
	}
}

TEST(a_text_longer_than_a_number_is_cut)
{
	char out[NUMBER_TEXT], text[200];
	memset(text, '1', sizeof text);
	number_normalise(str_make(text, sizeof text), STR("PL"), out);
	EXPECT(strlen(out) == NUMBER_TEXT - 1);
	memset(text, 'a', sizeof text);
	number_normalise(str_make(text, NUMBER_TEXT - 1), STR("PL"), out);
	EXPECT(strlen(out) == NUMBER_TEXT - 1);
}

TEST(normalising_twice_changes_nothing)
{
	static const char *const some[] = {
		"221234567", "+48221234567", "030 1234567", "8 495 123-45-67", "x", "112"};
	static const char *const countries[] = {"PL", "DE", "RU", "US", "XX"};
	for (size_t i = 0; i < COUNT_OF(some); i++)
		for (size_t k = 0; k < COUNT_OF(countries); k++) {
			char once[NUMBER_TEXT], twice[NUMBER_TEXT];
			number_normalise(str_of(some[i]), str_of(countries[k]), once);
			number_normalise(str_of(once), str_of(countries[k]), twice);
			EXPECT(once[0] != '+' || strcmp(once, twice) == 0);
		}
}
