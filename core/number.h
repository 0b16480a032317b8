/*
 * number.h - telephone numbers as people and carriers write them, made E.164, and what it costs to
 * call them. Pure; any thread. [ITU-T E.164, national plans as published by the ITU]
 */
#pragma once

#include "base/str.h"

#define NUMBER_TEXT 40

/* E.164 with plus when `dialled` is a number seen from `country`; else as it stands (cut). */
void number_normalise(struct str dialled, struct str country, char out[NUMBER_TEXT]);

/* What it costs and who answers, by the plan of `country` (or of the number's own country). */
enum number_kind {
	NUMBER_EMERGENCY, /* of this country, and 112 everywhere */
	NUMBER_NATIONAL,
	NUMBER_INTERNATIONAL,
	NUMBER_PREMIUM, /* the called one is paid, here or abroad */
	NUMBER_SHORT,	/* anything else */
};
/* number: as number_normalise gives it */
enum number_kind number_kind(struct str number, struct str country);
/* Is it named by one of these beginnings? A premium number only by one that reaches into its own
 * range: +4870, not +48. */
bool number_named(struct str number, const struct str *prefixes, uint32_t count);
/* An E.164 number as `country` dials it: 601602603, 00 44 20… Others stay as they are. */
void number_national(struct str number, struct str country, char out[NUMBER_TEXT]);
/* May a trunk with these prefixes carry it, when its tenant says nothing? */
bool number_allowed(struct str number, struct str country, const struct str *prefixes,
		    uint32_t count);
