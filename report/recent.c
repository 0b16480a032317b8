/* recent.c - see recent.h. */
#include "report/recent.h"

#include <stdlib.h>

#include "base/check.h"

struct recent_alarm {
	uint64_t seq;
	int64_t at_ms;
	char name[64], queue[64];
};

static void copy(char *out, struct str s)
{
	(void)!str_copy(str_head(s, 63), out, 64);
}

void recent_add(struct recent *r, const struct fact *f)
{
	uint32_t i = r->count;
	if (f->kind != EV_alarm)
		return;
	while (i > 0 && r->at[i - 1].seq > f->seq)
		i--;
	if (i > 0 && r->at[i - 1].seq == f->seq)
		return;
	if (r->count == RECENT_ALARMS && i == 0)
		return; /* older than all of them */
	if (r->count == RECENT_ALARMS) {
		memmove(r->at, r->at + 1, --r->count * sizeof *r->at);
		i--;
	}
	if (r->count == r->room) {
		r->room = 2 * r->room + 16;
		r->at = xrealloc(r->at, r->room * sizeof *r->at);
	}
	memmove(r->at + i + 1, r->at + i, (r->count++ - i) * sizeof *r->at);
	r->at[i] = (struct recent_alarm){.seq = f->seq, .at_ms = f->at_ms};
	copy(r->at[i].name, f->alarm.name);
	copy(r->at[i].queue, f->alarm.queue);
}

uint32_t recent_count(const struct recent *r, struct str name, struct str queue, int64_t after_ms)
{
	uint32_t n = 0;
	for (uint32_t i = r->count; i-- > 0 && r->at[i].at_ms > after_ms;)
		n += str_is(name, r->at[i].name) && (!queue.n || str_is(queue, r->at[i].queue));
	return n;
}

void recent_finish(struct recent *r)
{
	free(r->at);
	*r = (struct recent){0};
}
