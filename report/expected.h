/*
 * expected.h - how many visits begin in the next quarter of an hour. Pure.
 *
 * The mean of the same quarter on the same weekday of the weeks before, times how today has gone so
 * far beside those weeks: the last two hours, drawn towards 1 by a few visits so that chance does
 * not double a quiet morning, and at most half or double. Without a past: an eighth of the last two
 * hours.
 */
#pragma once

#include "base/str.h"

#define EXPECTED_WEEKS 4u
#define EXPECTED_NEXT_MS 900000
#define EXPECTED_RECENT_MS 7200000

struct expected_week {
	bool known; /* the queue had its first visit before */
	int64_t next, recent;
};
/* recent: of the last two hours. Negative: nobody knows. */
double expected_visits(const struct expected_week weeks[EXPECTED_WEEKS], int64_t recent);
