/*
 * timer.h - timers in a binary heap; equal times fire in the order they were started.
 *
 * Times are monotonic milliseconds handed in; nobody here reads a clock. The `struct timer` lives
 * in its owner's struct: starting may grow the heap (dies without memory), nothing else allocates.
 * Cost: O(log n) to start and stop, 24 bytes a timer. One thread.
 */
#pragma once

#include "base/check.h"

struct timer;
typedef void(timer_h)(struct timer *t, int64_t now_ms);

struct timer {
	timer_h *fire;
	void *arg; /* for the owner */
	int64_t at_ms;
	uint32_t place; /* 1-based index in the heap; 0: not running */
};

struct timers {
	struct timer_slot *heap;
	uint32_t count, room;
	uint64_t started;
};

void timers_init(struct timers *ts);
void timers_finish(struct timers *ts); /* running timers are forgotten, not fired */

/* Restarts when it runs already. at_ms in the past fires at the next timers_run. */
void timer_start(struct timers *ts, struct timer *t, int64_t at_ms, timer_h *fire, void *arg);
void timer_stop(struct timers *ts, struct timer *t); /* fine when not running */
static inline bool timer_running(const struct timer *t)
{
	return t->place != 0;
}

/* Fires all that are due, also those started meanwhile for a time not after now_ms; returns how
 * many. At most `most` fire, so that a turn stays bounded. */
uint32_t timers_run(struct timers *ts, int64_t now_ms, uint32_t most);
/* When the next one is due; INT64_MAX when none runs. */
int64_t timers_next(const struct timers *ts);
