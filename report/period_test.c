/* period_test.c - ranges by words and what they are compared with; both days clocks are moved
 * (Europe/Warsaw: 29 March and 25 October 2026). */
#include "report/period.h"

#include "base/jsonw.h"
#include "tests/test.h"

static int64_t at(const char *text)
{
	int64_t ms = -1;
	EXPECT(time_parse(str_of(text), &ms) == ERR_OK);
	return ms;
}

TEST(periods_are_of_the_local_calendar)
{
	static const struct {
		const char *word, *from, *to;
	} cases[] = {
		/* Sunday 22 November 2026, 12:30 in Warsaw */
		{"today", "2026-11-22T00:00:00+01:00", "2026-11-23T00:00:00+01:00"},
		{"yesterday", "2026-11-21T00:00:00+01:00", "2026-11-22T00:00:00+01:00"},
		{"this_week", "2026-11-16T00:00:00+01:00", "2026-11-23T00:00:00+01:00"},
		{"last_week", "2026-11-09T00:00:00+01:00", "2026-11-16T00:00:00+01:00"},
		{"this_month", "2026-11-01T00:00:00+01:00", "2026-12-01T00:00:00+01:00"},
		{"last_month", "2026-10-01T00:00:00+02:00", "2026-11-01T00:00:00+01:00"},
		{"this_year", "2026-01-01T00:00:00+01:00", "2027-01-01T00:00:00+01:00"},
		{"last_year", "2025-01-01T00:00:00+01:00", "2026-01-01T00:00:00+01:00"},
		{"last_7_days", "2026-11-15T00:00:00+01:00", "2026-11-22T00:00:00+01:00"},
		{"last_30_days", "2026-10-23T00:00:00+02:00", "2026-11-22T00:00:00+01:00"},
	};
	const struct zone *z = zone_get(STR("Europe/Warsaw"));
	struct range r;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		EXPECT(period_range(str_of(cases[i].word), z, at("2026-11-22T12:30:00+01:00"),
				    &r) == ERR_OK);
		EXPECT(r.from_ms == at(cases[i].from) && r.to_ms == at(cases[i].to));
	}
	EXPECT(period_range(STR("someday"), z, 0, &r) == ERR_INVALID);
}

TEST(ranges_are_compared_with_their_like)
{
	static const struct {
		const char *word, *from, *to, *now, *want_from, *want_to;
	} cases[] = {
		/* a day, the one before; over the change of clocks they last 24 and 25 hours */
		{"previous_period", "2026-10-26T00:00:00+01:00", "2026-10-27T00:00:00+01:00",
		 "2026-11-22T12:00:00Z", "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00"},
		/* months as months */
		{"previous_period", "2026-03-01T00:00:00+01:00", "2026-04-01T00:00:00+02:00",
		 "2026-11-22T12:00:00Z", "2026-02-01T00:00:00+01:00", "2026-03-01T00:00:00+01:00"},
		{"previous_year", "2026-03-01T00:00:00+01:00", "2026-04-01T00:00:00+02:00",
		 "2026-11-22T12:00:00Z", "2025-03-01T00:00:00+01:00", "2025-04-01T00:00:00+02:00"},
		/* a Sunday and the Sunday 52 weeks before */
		{"previous_year", "2026-11-22T00:00:00+01:00", "2026-11-23T00:00:00+01:00",
		 "2026-12-22T12:00:00Z", "2025-11-23T00:00:00+01:00", "2025-11-24T00:00:00+01:00"},
		{"previous_week", "2026-10-26T08:00:00+01:00", "2026-10-26T16:00:00+01:00",
		 "2026-11-22T12:00:00Z", "2026-10-19T08:00:00+02:00", "2026-10-19T16:00:00+02:00"},
		/* no whole days: what came right before */
		{"previous_period", "2026-11-22T10:00:00Z", "2026-11-22T10:30:00Z",
		 "2026-11-22T12:00:00Z", "2026-11-22T09:30:00Z", "2026-11-22T10:00:00Z"},
		/* today until noon, with yesterday until noon */
		{"previous_period", "2026-11-22T00:00:00+01:00", "2026-11-23T00:00:00+01:00",
		 "2026-11-22T12:00:00+01:00", "2026-11-21T00:00:00+01:00",
		 "2026-11-21T12:00:00+01:00"},
	};
	const struct zone *z = zone_get(STR("Europe/Warsaw"));
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct range r = {at(cases[i].from), at(cases[i].to)}, out = {0};
		EXPECT(period_before(str_of(cases[i].word), z, &r, at(cases[i].now), &out) ==
		       ERR_OK);
		EXPECT(out.from_ms == at(cases[i].want_from));
		EXPECT(out.to_ms == at(cases[i].want_to));
	}
	struct range r = {0, 1}, out;
	EXPECT(period_before(STR("yesteryear"), z, &r, 2, &out) == ERR_INVALID);
}

TEST(a_time_of_day_comes_once_a_day)
{
	const struct zone *z = zone_get(STR("Europe/Warsaw"));
	/* 02:30 does not exist: 03:00 summer time is the first that is later */
	EXPECT(period_minute_of_day(z, at("2026-03-29T12:00:00Z"), 150) ==
	       at("2026-03-29T03:00:00+02:00"));
	/* it comes twice: the first one */
	EXPECT(period_minute_of_day(z, at("2026-10-25T12:00:00Z"), 150) ==
	       at("2026-10-25T02:30:00+02:00"));
	EXPECT(period_minute_of_day(z, at("2026-11-22T12:00:00Z"), 420) ==
	       at("2026-11-22T07:00:00+01:00"));
	EXPECT(period_day(z, at("2026-10-25T23:30:00Z"), -1) == at("2026-10-25T00:00:00+02:00"));
}
