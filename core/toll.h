/*
 * toll.h - outbound calls and money: whom a tenant's people and flows may call, what a call costs,
 * and how much of what they may use up is used up (docs/decisions/0030). Pure; any thread.
 *
 * Costs are millionths of the tenant's currency. Hours are those of UTC, days those of the tenant;
 * both are handed in as the instant they began at. What is talked counts from the answer to the
 * end, to the millisecond, into the hour and the day it falls in.
 */
#pragma once

#include "base/str.h"

struct dial_limits;
struct dial_rules;
struct trunk_rate;

/* Only digits with an optional plus, or a short code of digits, * and #. Anything else never leaves
 * the house, whoever keyed it in. */
bool toll_is_number(struct str number);

enum toll_rule {
	TOLL_FORBIDDEN,
	TOLL_TRUNK_SAYS, /* the tenant names nobody: what a trunk carries (number_allowed) */
	TOLL_ALLOWED,	 /* named by the tenant; prefixes of trunks are only ways */
	TOLL_HELP,	 /* emergency: no rule and no limit counts */
};
/* number: as number_normalise gives it */
enum toll_rule toll_rule(const struct dial_rules *r, struct str number, struct str country);

/* Does a trunk with these prefixes carry it? *match: length of the longest that fits, 0: none does
 * or none is named. */
bool toll_carries(enum toll_rule rule, struct str number, struct str country,
		  const struct str *prefixes, uint32_t count, size_t *match);

/* A minute of it by the longest prefix; -1: not listed. */
int64_t toll_rate(const struct trunk_rate *rates, uint32_t count, struct str number);

struct toll_pace {
	int64_t at_ms, milli; /* 0: never used */
};

/* What one payer (a tenant, a user) has in use and has used up. */
struct toll {
	uint32_t calls, talking; /* begun; of them answered */
	int64_t rate;		 /* a minute of all who talk */
	int64_t reckoned_ms;	 /* 0: never */
	int64_t hour_ms, day_ms; /* when they began */
	int64_t talk_hour_ms, talk_day_ms;
	int64_t due_hour, due_day; /* cost times 60000: rate times milliseconds */
	struct toll_pace second, minute;
};

/* Adds what was talked since the last time. Times are UTC milliseconds. */
void toll_reckon(struct toll *t, int64_t now_ms, int64_t hour_ms, int64_t day_ms);

/* clang-format off */
#define TOLL_CAPS(C) \
	C(none) \
	C(calls) \
	C(calls_per_second) \
	C(calls_per_minute) \
	C(minutes_per_hour) \
	C(minutes_per_day) \
	C(cost_per_hour) \
	C(cost_per_day)
/* clang-format on */
enum toll_cap {
#define C(name) TOLL_CAP_##name,
	TOLL_CAPS(C)
#undef C
};
const char *toll_cap_name(enum toll_cap c);

/* Which limit stands against one more call now; of a reckoned toll. A pace is not used up yet. */
enum toll_cap toll_full(struct toll *t, const struct dial_limits *l, int64_t now_ms);
void toll_begin(struct toll *t, const struct dial_limits *l, int64_t now_ms); /* uses a pace up */
/* of a reckoned toll; rate: a minute, 0 or more */
void toll_answer(struct toll *t, int64_t rate);
void toll_end(struct toll *t, bool answered, int64_t rate);

/* The fullest of the limits that fill up with time, in percent, and which it is. */
uint32_t toll_filled(const struct toll *t, const struct dial_limits *l, enum toll_cap *which);
