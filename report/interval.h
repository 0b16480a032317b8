/*
 * interval.h - how a report's range falls into intervals (behaviours.md T-4, T-6).
 *
 * 900, 1800 and 3600 s are counted on the local clock, so that they begin at :00, :15, :30, :45
 * there; 86400 s is the local day, which may have 23 or 25 hours; 0 is the whole range as one.
 */
#pragma once

#include "core/zone.h"

struct interval {
	uint32_t seconds;	 /* 0, 900, 1800, 3600, 86400 */
	const struct zone *zone; /* NULL: UTC */
	int64_t from_ms, to_ms;	 /* the range */
};

bool interval_valid(uint32_t seconds);
/* The start of the interval that at_ms falls in, and of the one after it. */
int64_t interval_start(const struct interval *i, int64_t at_ms);
int64_t interval_next(const struct interval *i, int64_t at_ms);
