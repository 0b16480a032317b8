/* toll.c - see toll.h. */
#include "core/toll.h"

#include "core/config.h"
#include "core/number.h"

bool toll_is_number(struct str number)
{
	bool e164 = number.n && number.p[0] == '+';
	size_t digits = 0;
	for (size_t i = e164; i < number.n; i++) {
		char c = number.p[i];
		bool digit = c >= '0' && c <= '9';
		digits += digit;
		if (!digit && (e164 || (c != '*' && c != '#')))
			return false;
	}
	return digits > 0 && number.n <= (e164 ? 16 : 20);
}

/* -- whom -- */

static size_t longest(const struct str *list, uint32_t count, struct str number)
{
	size_t best = 0;
	for (uint32_t i = 0; i < count; i++)
		if (str_starts(number, list[i]))
			best = MAX(best, list[i].n);
	return best;
}

static bool is_help(const struct dial_rules *r, struct str number, struct str country)
{
	for (uint32_t i = 0; i < r->emergency_count; i++)
		if (str_eq(number, r->emergency[i]))
			return true;
	return number_kind(number, country) == NUMBER_EMERGENCY;
}

enum toll_rule toll_rule(const struct dial_rules *r, struct str number, struct str country)
{
	if (!toll_is_number(number))
		return TOLL_FORBIDDEN;
	if (is_help(r, number, country))
		return TOLL_HELP;
	size_t no = longest(r->deny, r->deny_count, number);
	size_t yes = longest(r->allow, r->allow_count, number);
	if (!r->allow_said)
		return no ? TOLL_FORBIDDEN : TOLL_TRUNK_SAYS;
	/* the longer one is meant: +48 but not +4860, or not +4870 but +48700123 */
	if (!yes || no >= yes || !number_named(number, r->allow, r->allow_count))
		return TOLL_FORBIDDEN;
	return TOLL_ALLOWED;
}

bool toll_carries(enum toll_rule rule, struct str number, struct str country,
		  const struct str *prefixes, uint32_t count, size_t *match)
{
	*match = longest(prefixes, count, number);
	switch (rule) {
	case TOLL_HELP:
		return true;
	case TOLL_ALLOWED:
		return !count || *match;
	case TOLL_TRUNK_SAYS:
		return number_allowed(number, country, prefixes, count);
	case TOLL_FORBIDDEN:
		break;
	}
	return false;
}

int64_t toll_rate(const struct trunk_rate *rates, uint32_t count, struct str number)
{
	int64_t found = -1;
	size_t best = 0;
	for (uint32_t i = 0; i < count; i++) {
		if (!str_starts(number, rates[i].prefix) ||
		    (found >= 0 && rates[i].prefix.n <= best))
			continue;
		best = rates[i].prefix.n;
		found = rates[i].per_minute;
	}
	return found;
}

/* -- how much -- */

void toll_reckon(struct toll *t, int64_t now_ms, int64_t hour_ms, int64_t day_ms)
{
	const int64_t from_ms = t->reckoned_ms ? t->reckoned_ms : now_ms;
	if (t->hour_ms != hour_ms)
		t->talk_hour_ms = t->due_hour = 0;
	if (t->day_ms != day_ms)
		t->talk_day_ms = t->due_day = 0;
	t->hour_ms = hour_ms;
	t->day_ms = day_ms;
	const int64_t in_hour = MAX(now_ms - MAX(from_ms, hour_ms), (int64_t)0);
	const int64_t in_day = MAX(now_ms - MAX(from_ms, day_ms), (int64_t)0);
	t->talk_hour_ms += in_hour * t->talking;
	t->talk_day_ms += in_day * t->talking;
	t->due_hour += in_hour * t->rate;
	t->due_day += in_day * t->rate;
	t->reckoned_ms = MAX(now_ms, from_ms);
}

/* A bucket that holds `most` calls and fills within `whole_ms`. */
static bool has_pace(struct toll_pace *p, uint32_t most, int64_t whole_ms, int64_t now_ms)
{
	const int64_t full = (int64_t)most * 1000;
	if (!most)
		return true;
	if (!p->at_ms || now_ms - p->at_ms >= whole_ms) {
		p->milli = full;
		p->at_ms = now_ms;
	}
	const int64_t gain = full * (now_ms - p->at_ms) / whole_ms;
	p->milli = MIN(full, p->milli + gain);
	p->at_ms += gain * whole_ms / full; /* what is too little to count counts later */
	return p->milli >= 1000;
}

enum toll_cap toll_full(struct toll *t, const struct dial_limits *l, int64_t now_ms)
{
	enum toll_cap which;
	if (l->calls && t->calls >= l->calls)
		return TOLL_CAP_calls;
	if (toll_filled(t, l, &which) >= 100)
		return which;
	if (!has_pace(&t->second, l->per_second, 1000, now_ms))
		return TOLL_CAP_calls_per_second;
	if (!has_pace(&t->minute, l->per_minute, 60000, now_ms))
		return TOLL_CAP_calls_per_minute;
	return TOLL_CAP_none;
}

void toll_begin(struct toll *t, const struct dial_limits *l, int64_t now_ms)
{
	t->calls++;
	if (has_pace(&t->second, l->per_second, 1000, now_ms))
		t->second.milli -= 1000;
	if (has_pace(&t->minute, l->per_minute, 60000, now_ms))
		t->minute.milli -= 1000;
}

void toll_answer(struct toll *t, int64_t rate)
{
	t->talking++;
	t->rate += rate;
}

void toll_end(struct toll *t, bool answered, int64_t rate)
{
	CHECK(t->calls > 0);
	t->calls--;
	if (!answered)
		return;
	CHECK(t->talking > 0 && t->rate >= rate);
	t->talking--;
	t->rate -= rate;
}

uint32_t toll_filled(const struct toll *t, const struct dial_limits *l, enum toll_cap *which)
{
	const struct {
		enum toll_cap cap;
		int64_t used, most;
	} all[] = {
		{TOLL_CAP_minutes_per_hour, t->talk_hour_ms, l->talk_hour_ms},
		{TOLL_CAP_minutes_per_day, t->talk_day_ms, l->talk_day_ms},
		{TOLL_CAP_cost_per_hour, t->due_hour / 60000, l->cost_hour},
		{TOLL_CAP_cost_per_day, t->due_day / 60000, l->cost_day},
	};
	uint32_t best = 0;
	*which = TOLL_CAP_none;
	for (size_t i = 0; i < COUNT_OF(all); i++) {
		if (!all[i].most)
			continue;
		const int64_t percent =
			all[i].used >= all[i].most ? 100 : all[i].used / MAX(all[i].most / 100, 1);
		if ((uint32_t)percent > best) {
			best = MIN((uint32_t)percent, all[i].used >= all[i].most ? 100u : 99u);
			*which = all[i].cap;
		}
	}
	return best;
}

const char *toll_cap_name(enum toll_cap c)
{
	static const char *const names[] = {
#define C(name) #name,
		TOLL_CAPS(C)
#undef C
	};
	return names[c];
}
