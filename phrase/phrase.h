/*
 * phrase.h - right sentences for the telephone: numbers, things counted, durations, positions,
 * dates, times of day and digits, in English, Polish and Russian.
 *
 * Everything is written in words, as a speaker says it, so that a synthesiser need not guess the
 * case of a numeral. Nothing tells whether the caller is a man or a woman. A language that is not
 * spoken here is English. Pure; UTF-8; what does not fit makes the buf full and leaves it as it
 * was.
 */
#pragma once

#include "base/str.h"

#define PHRASE_MAX 999999u /* the greatest number; what is above counts as this */

enum phrase_lang { PHRASE_en, PHRASE_pl, PHRASE_ru, PHRASE_LANGS };

/* By the first part of a language tag: pl, pl-PL, PL. */
enum phrase_lang phrase_lang_of(struct str tag);
struct str phrase_lang_tag(enum phrase_lang lang); /* en, pl, ru */

/* English has one of each. Animate nouns are not counted here: accusative means a thing's. */
enum phrase_gender { PHRASE_MASCULINE, PHRASE_FEMININE, PHRASE_NEUTER, PHRASE_GENDERS };
enum phrase_case {
	PHRASE_NOMINATIVE,
	PHRASE_GENITIVE,
	PHRASE_ACCUSATIVE,
	PHRASE_LOCATIVE,
	PHRASE_CASES
};
enum phrase_noun {
	PHRASE_SECOND,
	PHRASE_MINUTE,
	PHRASE_HOUR,
	PHRASE_DAY,
	PHRASE_CALL,
	PHRASE_NOUNS
};

struct phrase_form {
	enum phrase_gender gender;
	enum phrase_case kase;
};

/* twenty-one, dwadzieścia jeden, двадцать одна */
void phrase_cardinal(enum phrase_lang lang, uint32_t n, struct phrase_form f, struct buf *out);
/* twenty-first, dwudziesta pierwsza, двадцать первая */
void phrase_ordinal(enum phrase_lang lang, uint32_t n, struct phrase_form f, struct buf *out);
/* five minutes, pięć minut, пять минут: number and noun in one case */
void phrase_count(enum phrase_lang lang, uint32_t n, enum phrase_noun noun, enum phrase_case kase,
		  struct buf *out);
/* Days, hours, minutes and seconds, without those that are 0; rounded half up to the second. */
void phrase_duration(enum phrase_lang lang, int64_t ms, enum phrase_case kase, struct buf *out);

/* A day, as in "on March third, twenty twenty-six": month 1..12, day 1..31, year 1..9999 (0: none
 * is said). */
void phrase_date(enum phrase_lang lang, uint32_t year, uint32_t month, uint32_t day,
		 struct buf *out);
/* A time of day: hour 0..23, minute 0..59. */
void phrase_time(enum phrase_lang lang, uint32_t hour, uint32_t minute, struct buf *out);
/* A telephone number digit by digit, with a comma (a breath) where it has a space, bracket or
 * hyphen, else after every third digit from the left; + * # are said, all else is left out. */
void phrase_digits(enum phrase_lang lang, struct str number, struct buf *out);

/* What a test call says of itself. */
void phrase_test_call(enum phrase_lang lang, struct buf *out);

/* Sentences for who waits. position 1..; above PHRASE_POSITION_MAX it says "more than" that. */
#define PHRASE_POSITION_MAX 100u
void phrase_position(enum phrase_lang lang, uint32_t position, struct buf *out);
/* The wait as a range of minutes, low <= high, high above 0. 1 to 1: less than a minute; alike:
 * about so many; high above PHRASE_WAIT_MAX: more than that. */
#define PHRASE_WAIT_MAX 60u
void phrase_wait(enum phrase_lang lang, uint32_t low_min, uint32_t high_min, struct buf *out);
