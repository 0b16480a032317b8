/* english.c - English numbers and sentences: American order of dates, the hyphen in twenty-one. */
#include "phrase/tongue.h"

static const char *const units[] = {"zero",    "one",	  "two",       "three",	   "four",
				    "five",    "six",	  "seven",     "eight",	   "nine",
				    "ten",     "eleven",  "twelve",    "thirteen", "fourteen",
				    "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
static const char *const tens[] = {"",	    "",	     "twenty",	"thirty", "forty",
				   "fifty", "sixty", "seventy", "eighty", "ninety"};
static const char *const unit_ordinals[] = {"zeroth",	 "first",	"second",     "third",
					    "fourth",	 "fifth",	"sixth",      "seventh",
					    "eighth",	 "ninth",	"tenth",      "eleventh",
					    "twelfth",	 "thirteenth",	"fourteenth", "fifteenth",
					    "sixteenth", "seventeenth", "eighteenth", "nineteenth"};
static const char *const ten_ordinals[] = {"",		"",	    "twentieth", "thirtieth",
					   "fortieth",	"fiftieth", "sixtieth",	 "seventieth",
					   "eightieth", "ninetieth"};

static void below_hundred(uint32_t n, bool ordinal, struct buf *out)
{
	if (n < 20) {
		tongue_word(out, ordinal ? unit_ordinals[n] : units[n]);
		return;
	}
	tongue_word(out, ordinal && n % 10 == 0 ? ten_ordinals[n / 10] : tens[n / 10]);
	if (n % 10) {
		buf_ch(out, '-');
		buf_c(out, ordinal ? unit_ordinals[n % 10] : units[n % 10]);
	}
}

static void below_thousand(uint32_t n, bool ordinal, struct buf *out)
{
	if (n >= 100) {
		tongue_word(out, units[n / 100]);
		tongue_word(out, ordinal && n % 100 == 0 ? "hundredth" : "hundred");
	}
	if (n % 100 || n == 0)
		below_hundred(n % 100, ordinal, out);
}

static void number(uint32_t n, bool ordinal, struct buf *out)
{
	if (n >= 1000) {
		below_thousand(n / 1000, false, out);
		tongue_word(out, ordinal && n % 1000 == 0 ? "thousandth" : "thousand");
	}
	if (n % 1000 || n == 0)
		below_thousand(n % 1000, ordinal, out);
}

static void cardinal(uint32_t n, struct phrase_form f, struct buf *out)
{
	(void)f;
	number(n, false, out);
}

static void ordinal(uint32_t n, struct phrase_form f, struct buf *out)
{
	(void)f;
	number(n, true, out);
}

static const char *noun_of(enum phrase_noun noun, uint32_t n, enum phrase_case kase)
{
	static const char *const nouns[PHRASE_NOUNS][2] = {
		[PHRASE_SECOND] = {"second", "seconds"}, [PHRASE_MINUTE] = {"minute", "minutes"},
		[PHRASE_HOUR] = {"hour", "hours"},	 [PHRASE_DAY] = {"day", "days"},
		[PHRASE_CALL] = {"call", "calls"},
	};
	(void)kase;
	return nouns[noun][n != 1];
}

/* twenty twenty-six, nineteen oh five, nineteen hundred, two thousand five */
static void year_words(uint32_t year, struct buf *out)
{
	if (year < 1000 || year % 1000 < 10) {
		number(year, false, out);
		return;
	}
	below_hundred(year / 100, false, out);
	if (year % 100 == 0)
		tongue_word(out, "hundred");
	else if (year % 100 < 10)
		tongue_word(out, "oh");
	if (year % 100)
		below_hundred(year % 100, false, out);
}

static void date(uint32_t year, uint32_t month, uint32_t day, struct buf *out)
{
	static const char *const months[] = {"January",	  "February", "March",	  "April",
					     "May",	  "June",     "July",	  "August",
					     "September", "October",  "November", "December"};
	tongue_word(out, months[month - 1]);
	number(day, true, out);
	if (!year)
		return;
	buf_ch(out, ',');
	year_words(year, out);
}

static void time_of_day(uint32_t hour, uint32_t minute, struct buf *out)
{
	if (minute == 0 && hour % 12 == 0) {
		tongue_word(out, hour ? "noon" : "midnight");
		return;
	}
	number(hour % 12 ? hour % 12 : 12, false, out);
	if (minute && minute < 10)
		tongue_word(out, "oh");
	if (minute)
		number(minute, false, out);
	tongue_word(out, hour < 12 ? "a.m." : "p.m.");
}

const struct tongue tongue_en = {
	.tag = "en",
	.cardinal = cardinal,
	.ordinal = ordinal,
	.noun = noun_of,
	.and = "and",
	.date = date,
	.time = time_of_day,
	.plus = "plus",
	.star = "star",
	.hash = "hash",
	.position = {"You are ", " in line."},
	.position_past = {"There are more than ", " in line before you."},
	.test_call = "This is a test call. If you hear this voice, your telephone works. "
		     "Nobody is on the line, and this call is in no report. "
		     "Hang up whenever you like.",
	.wait_less = "The expected wait is less than one minute.",
	.wait_about = {"The expected wait is about ", "."},
	.wait_range = {"The expected wait is between ", " and ", "."},
	.wait_past = {"The expected wait is more than ", "."},
};
