/* timer.c - see timer.h. */
#include "base/timer.h"

#include <stdlib.h>

struct timer_slot {
	int64_t at_ms;
	uint64_t order; /* start order breaks ties */
	struct timer *t;
};

void timers_init(struct timers *ts)
{
	*ts = (struct timers){0};
}

void timers_finish(struct timers *ts)
{
	for (uint32_t i = 0; i < ts->count; i++)
		ts->heap[i].t->place = 0;
	free(ts->heap);
	*ts = (struct timers){0};
}

static bool before(const struct timer_slot *a, const struct timer_slot *b)
{
	return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

static void put(struct timers *ts, uint32_t i, struct timer_slot s)
{
	ts->heap[i] = s;
	s.t->place = i + 1;
}

static void sift_up(struct timers *ts, uint32_t i, struct timer_slot s)
{
	while (i > 0) {
		uint32_t parent = (i - 1) / 2;
		if (!before(&s, &ts->heap[parent]))
			break;
		put(ts, i, ts->heap[parent]);
		i = parent;
	}
	put(ts, i, s);
}

static void sift_down(struct timers *ts, uint32_t i, struct timer_slot s)
{
	for (;;) {
		uint32_t child = 2 * i + 1;
		if (child >= ts->count)
			break;
		if (child + 1 < ts->count && before(&ts->heap[child + 1], &ts->heap[child]))
			child++;
		if (!before(&ts->heap[child], &s))
			break;
		put(ts, i, ts->heap[child]);
		i = child;
	}
	put(ts, i, s);
}

void timer_start(struct timers *ts, struct timer *t, int64_t at_ms, timer_h *fire, void *arg)
{
	timer_stop(ts, t);
	if (ts->count == ts->room) {
		ts->room = ts->room ? ts->room * 2 : 64;
		ts->heap = xrealloc(ts->heap, ts->room * sizeof *ts->heap);
	}
	t->fire = fire;
	t->arg = arg;
	t->at_ms = at_ms;
	sift_up(ts, ts->count++, (struct timer_slot){at_ms, ts->started++, t});
}

void timer_stop(struct timers *ts, struct timer *t)
{
	if (!t->place)
		return;
	uint32_t i = t->place - 1;
	CHECK(i < ts->count && ts->heap[i].t == t);
	t->place = 0;
	struct timer_slot last = ts->heap[--ts->count];
	if (i == ts->count)
		return;
	if (i > 0 && before(&last, &ts->heap[(i - 1) / 2]))
		sift_up(ts, i, last);
	else
		sift_down(ts, i, last);
}

uint32_t timers_run(struct timers *ts, int64_t now_ms, uint32_t most)
{
	uint32_t fired = 0;
	while (fired < most && ts->count && ts->heap[0].at_ms <= now_ms) {
		struct timer *t = ts->heap[0].t;
		timer_stop(ts, t);
		fired++;
		t->fire(t, now_ms); /* t may be gone after this */
	}
	return fired;
}

int64_t timers_next(const struct timers *ts)
{
	return ts->count ? ts->heap[0].at_ms : INT64_MAX;
}
