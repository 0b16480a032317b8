/*
 * period.h - ranges of a report by words ("last_week") and what they are compared with, on the
 * tenant's local clock (behaviours.md T-6). Weeks begin on Monday. Pure.
 */
#pragma once

#include "core/zone.h"

#define PERIOD_WORDS                                                                               \
	"today, yesterday, this_week, last_week, this_month, last_month, this_year, last_year, "   \
	"last_7_days, last_30_days or last_90_days"

struct range {
	int64_t from_ms, to_ms; /* [from,to) */
};

/* last_N_days are whole days before today. ERR_INVALID: no such word. */
MUST_USE enum err period_range(struct str word, const struct zone *zone, int64_t now_ms,
			       struct range *out);

/*
 * "previous_period": of whole months as many months before; of whole days as many days before; else
 * as many milliseconds. "previous_week": the same local times seven days before. "previous_year":
 * of whole months the same months a year before; else the same weekdays 52 weeks before. What of
 * the range is still to come (after now_ms) is left out of what it is compared with.
 */
MUST_USE enum err period_before(struct str word, const struct zone *zone, const struct range *r,
				int64_t now_ms, struct range *out);

/* The first instant of the local day of this instant at which its clock shows minute (0..1439) or
 * later: what was skipped when clocks go forward is its next minute, what comes twice the first
 * time. A day on which that never comes gives the next day's beginning. */
int64_t period_minute_of_day(const struct zone *zone, int64_t day_ms, uint32_t minute);
/* The beginning of the local day that many days after (before, negative) the one of at_ms. */
int64_t period_day(const struct zone *zone, int64_t at_ms, int days);
