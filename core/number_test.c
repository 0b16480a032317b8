/* number_test.c - numbers of many countries as people and carriers write them. */
#include "core/number.h"
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

TEST(numbers_are_of_a_kind)
{
	static const struct {
		const char *country, *number;
		enum number_kind want;
	} cases[] = {
		{"PL", "112", NUMBER_EMERGENCY},
		{"PL", "999", NUMBER_EMERGENCY},
		{"DE", "999", NUMBER_SHORT},
		{"DE", "110", NUMBER_EMERGENCY},
		{"FR", "15", NUMBER_EMERGENCY},
		{"US", "911", NUMBER_EMERGENCY},
		{"XX", "112", NUMBER_EMERGENCY},
		{"PL", "+48601602603", NUMBER_NATIONAL},
		{"pl", "+48221234567", NUMBER_NATIONAL},
		{"PL", "+4822123456",
		 NUMBER_INTERNATIONAL}, /* too short to be ours: names needed */
		{"PL", "+48700123456", NUMBER_PREMIUM},
		{"PL", "+442079460000", NUMBER_INTERNATIONAL},
		{"PL", "+449012345678", NUMBER_PREMIUM}, /* abroad too */
		{"GB", "+447700900123", NUMBER_NATIONAL},
		{"GB", "+448712345678", NUMBER_PREMIUM},
		{"US", "+12125550100", NUMBER_NATIONAL},
		{"US", "+19005550100", NUMBER_PREMIUM},
		{"US", "+18765550100", NUMBER_INTERNATIONAL}, /* Jamaica shares +1 */
		{"CA", "+14165550100", NUMBER_NATIONAL},
		{"RU", "+74951234567", NUMBER_NATIONAL},
		{"RU", "+77271234567", NUMBER_INTERNATIONAL}, /* Kazakhstan shares +7 */
		{"KZ", "+77271234567", NUMBER_NATIONAL},
		{"KZ", "+74951234567", NUMBER_INTERNATIONAL},
		{"DE", "+4990012345678", NUMBER_PREMIUM},
		{"IT", "+390612345678", NUMBER_NATIONAL},
		{"IT", "+39899123456", NUMBER_PREMIUM},
		{"PL", "+979123456789", NUMBER_PREMIUM},
		{"PL", "+881612345678", NUMBER_PREMIUM},
		{"XX", "+48601602603", NUMBER_INTERNATIONAL},
		{"PL", "19115", NUMBER_SHORT},
		{"PL", "anonymous", NUMBER_SHORT},
		{"PL", "", NUMBER_SHORT},
		{"PL", "+", NUMBER_SHORT},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		if (number_kind(str_of(cases[i].number), str_of(cases[i].country)) != cases[i].want)
			EXPECT_STR(str_of(cases[i].number), "another kind");
}

TEST(a_trunk_carries_what_its_prefixes_name)
{
	static const struct {
		const char *number, *prefix;
		bool want;
	} cases[] = {
		{"+48601602603", NULL, true},
		{"+442079460000", NULL, false},
		{"+48700123456", NULL, false},
		{"19115", NULL, false},
		{"112", NULL, true},
		{"112", "+44", true}, /* never blocked */
		{"+48601602603", "+44", false},
		{"+48601602603", "+48", true},
		{"+442079460000", "+44", true},
		{"+442079460000", "+", true},
		{"+48700123456", "+", false},
		{"+48700123456", "+48", false},
		{"+48700123456", "+4870", true},
		{"+48700123456", "+48700123", true},
		{"+449012345678", "+44", false},
		{"+449012345678", "+449", true},
		{"19115", "191", true},
		{"19115", "+48", false},
		{"+979123456789", "+979", true},
		{"+979123456789", "+9", false},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct str prefix = str_of(cases[i].prefix);
		if (number_allowed(str_of(cases[i].number), STR("PL"), &prefix, prefix.n ? 1 : 0) !=
		    cases[i].want) {
			EXPECT_STR(str_of(cases[i].number),
				   cases[i].prefix ? cases[i].prefix : "-");
		}
	}
}
