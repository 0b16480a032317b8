/*
 * books.c - the facts of each stored turn, folded as the store folds them, and what must hold of
 * the records they make (behaviours.md T-1 to T-3); see sim.h.
 */
#include "tests/sim/sim.h"

#include <stdlib.h>

#include "core/batch.h"

#define UUID_KEY(u) str_make((const char *)(u).b, sizeof(u).b)

void books_begin(struct sim *s)
{
	map_init(&s->books.open, s->seed);
	for (uint32_t t = 0; t < TENANTS; t++)
		for (uint32_t q = 0; q < QUEUES; q++)
			queue_figures_init(&s->books.figures[t][q]);
}

const struct record *books_of(const struct sim *s, struct uuid contact)
{
	return map_get(&s->books.open, UUID_KEY(contact));
}

static bool served(const struct record *r, uint32_t visit)
{
	for (uint32_t i = 0; i < r->segment_count; i++)
		if (r->segments[i].kind == SEGMENT_AGENT && r->segments[i].visit == visit + 1)
			return true;
	return false;
}

static void segment_laws(const struct sim *s, const struct record *r, uint32_t n)
{
	const struct record_segment *g = &r->segments[n];
	LAW(s, g->result != RESULT_none && g->started_at <= g->ended_at && !g->wrapping);
	bool beside = g->kind != SEGMENT_FLOW; /* somebody is asked while an agent has it */
	LAW(s, n == 0 || r->segments[n - 1].ended_at <= g->started_at ||
		       (beside && r->segments[n - 1].kind != SEGMENT_FLOW));
	LAW(s, r->arrived_at <= g->started_at && g->ended_at <= r->disconnected_at);
	switch (g->kind) {
	case SEGMENT_FLOW:
		break;
	case SEGMENT_QUEUE:
		LAW(s, g->wait_ms == g->ended_at - g->started_at);
		LAW(s, (g->result == RESULT_answered) == served(r, n));
		break;
	case SEGMENT_AGENT:
		LAW(s, g->talk_ms + g->hold_ms == g->ended_at - g->started_at);
		break;
	}
}

static void count_visit(struct sim *s, const struct record *r, uint32_t n)
{
	const struct record_segment *g = &r->segments[n];
	struct record_times t = record_visit_times(r, n);
	struct visit v = {.started_at = g->started_at,
			  .result = g->result,
			  .wait_ms = t.wait_ms,
			  .talk_ms = t.talk_ms,
			  .hold_ms = t.hold_ms,
			  .wrap_ms = t.wrap_ms,
			  .handled = t.handled,
			  .transferred = t.transferred};
	uint32_t tenant = (uint32_t)(r->tenant[1] - '0'), queue = (uint32_t)(g->queue[1] - '0');
	LAW(s, tenant < TENANTS && queue < QUEUES);
	LAW(s, (g->result == RESULT_answered) == t.handled); /* nothing is left to be done */
	queue_figures_add(&s->books.figures[tenant][queue], &QUEUE_RULES_DEFAULT, &v);
	s->books.visits++;
}

/* A contact that has ended is whole and stays as it is. */
static void record_laws(struct sim *s, const struct record *r)
{
	LAW(s, record_state(r) == CONTACT_ended && r->disconnected_at);
	LAW(s, r->arrived_at <= r->disconnected_at && r->disconnected_at <= r->ended_at);
	for (uint32_t n = 0; n < r->segment_count; n++)
		segment_laws(s, r, n);
	for (uint32_t n = 0; n < r->segment_count; n++)
		if (r->segments[n].kind == SEGMENT_QUEUE)
			count_visit(s, r, n);
	for (uint32_t n = 0; n < r->offer_count; n++) {
		LAW(s, r->offers[n].ended_at && r->offers[n].started_at <= r->offers[n].ended_at);
		LAW(s, r->offers[n].ended_at <= r->disconnected_at);
	}
}

static void contact_fact(struct sim *s, const struct fact *f)
{
	struct record *r = map_get(&s->books.open, UUID_KEY(f->contact));
	LAW(s, (r == NULL) == (f->kind == EV_arrive)); /* first of all, and nothing after `ended` */
	if (!r) {
		r = xcalloc(1, sizeof *r);
		record_init(r);
		record_apply(r, f);
		LAW(s, map_add(&s->books.open, UUID_KEY(r->id), r) == ERR_OK);
		s->books.contacts++;
		return;
	}
	LAW(s, f->kind != EV_disconnect || !r->disconnected_at); /* once */
	record_apply(r, f);
	if (f->kind != EV_ended)
		return;
	record_laws(s, r);
	map_remove(&s->books.open, UUID_KEY(r->id));
	record_finish(r);
	free(r);
}

void books_batch(struct sim *s, struct str batch)
{
	struct batch_item item;
	while (batch_next(&batch, &item) == ERR_OK) {
		struct fact f;
		if (item.type != BATCH_FACT)
			continue;
		LAW(s, fact_decode(item.fact, &f) == ERR_OK);
		LAW(s, f.seq == s->books.seq + 1 && f.at_ms >= s->books.at_ms);
		s->books.seq = f.seq;
		s->books.at_ms = f.at_ms;
		if (!uuid_none(f.contact) && f.kind != EV_agent_work)
			contact_fact(s, &f);
	}
}

/* T-3: what was told is what was stored, and offered is the sum of its ends. */
static void queue_laws(const struct sim *s, uint32_t t, uint32_t q)
{
	const int64_t *n = s->books.figures[t][q].count;
	const uint64_t *told = s->queues[t][q].ended;
	LAW(s, (uint64_t)n[COUNT_offered] == s->queues[t][q].offered);
	LAW(s, n[COUNT_waiting] == 0);
	LAW(s, n[COUNT_offered] == n[COUNT_answered] + n[COUNT_abandoned] + n[COUNT_flow_out] +
					   n[COUNT_callbacks] + n[COUNT_rejected] +
					   n[COUNT_failed]);
	LAW(s, (uint64_t)n[COUNT_answered] == told[RESULT_answered]);
	LAW(s, (uint64_t)n[COUNT_abandoned] == told[RESULT_abandoned]);
	LAW(s, (uint64_t)n[COUNT_flow_out] == told[RESULT_flow_out] + told[RESULT_transferred]);
	LAW(s, (uint64_t)n[COUNT_callbacks] == told[RESULT_callback]);
	LAW(s, (uint64_t)n[COUNT_rejected] == told[RESULT_rejected]);
}

void books_close(struct sim *s)
{
	LAW(s, s->books.open.count == 0 && s->books.contacts == s->arrived);
	for (uint32_t t = 0; t < TENANTS; t++)
		for (uint32_t q = 0; q < QUEUES; q++)
			queue_laws(s, t, q);
}

void books_finish(struct sim *s)
{
	for (uint32_t t = 0; t < TENANTS; t++)
		for (uint32_t q = 0; q < QUEUES; q++)
			queue_figures_finish(&s->books.figures[t][q]);
	map_finish(&s->books.open);
}
