/*
 * recent.h - alarms of the last day, to be counted by name (an alert's measure `alarm`). Pure.
 *
 * The newest RECENT_ALARMS; the same fact twice is one. Times are UTC.
 */
#pragma once

#include "core/fact.h"

#define RECENT_ALARMS 4096u

struct recent {
	struct recent_alarm *at; /* ascending in seq */
	uint32_t count, room;
};

void recent_add(struct recent *r, const struct fact *f); /* an alarm; others change nothing */
/* How many of this name came after then; queue: only those that tell of it, empty: all. */
uint32_t recent_count(const struct recent *r, struct str name, struct str queue, int64_t after_ms);
void recent_finish(struct recent *r);
