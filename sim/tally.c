/* tally.c - see tally.h. */
#include "sim/tally.h"

#include <stdlib.h>

#include "core/batch.h"
#include "report/record.h"

struct open_agent {
	char name[64];
	int64_t since_ms;
	struct spell spell; /* its reason is never looked at: agents of a scenario take no breaks */
};

void tally_init(struct tally *t, const struct scenario *s, int64_t from_ms, int64_t to_ms)
{
	*t = (struct tally){.scenario = s, .from_ms = from_ms, .to_ms = to_ms};
	map_init(&t->queues, s->seed);
	map_init(&t->agents, s->seed);
	map_init(&t->open, s->seed);
	t->queue = xcalloc(s->queue_count, sizeof *t->queue);
	for (uint32_t i = 0; i < s->queue_count; i++) {
		struct tally_queue *q = &t->queue[i];
		q->rules = QUEUE_RULES_DEFAULT;
		q->rules.threshold_ms = s->queues[i].threshold_ms;
		q->rules.short_ms = s->queues[i].short_ms;
		queue_figures_init(&q->figures);
		queue_figures_init(&q->base);
		CHECK(map_add(&t->queues, str_of(s->queues[i].id), q) == ERR_OK);
	}
}

static void record_free(struct record *r)
{
	record_finish(r);
	free(r);
}

void tally_finish(struct tally *t)
{
	void *of;
	for (uint32_t at = 0; (of = map_next(&t->open, &at)) != NULL;)
		record_free(of);
	for (uint32_t at = 0; (of = map_next(&t->agents, &at)) != NULL;)
		free(of);
	for (uint32_t i = 0; i < t->scenario->queue_count; i++) {
		queue_figures_finish(&t->queue[i].figures);
		queue_figures_finish(&t->queue[i].base);
	}
	free(t->queue);
	map_finish(&t->queues);
	map_finish(&t->agents);
	map_finish(&t->open);
}

/* -- agents -- */

static void spell_end(struct tally *t, struct open_agent *a, int64_t at_ms)
{
	int64_t from = MAX(a->since_ms, t->from_ms), to = MIN(at_ms, t->to_ms);
	if (to > from)
		(void)agent_figures_spell(&t->all, &a->spell, to - from);
	a->since_ms = at_ms;
}

static void agent_fact(struct tally *t, const struct fact *f)
{
	bool work = f->kind == EV_agent_work;
	struct str name = work ? f->agent_work.agent : f->agent_presence.agent;
	struct open_agent *a = map_get(&t->agents, name);
	if (!a) {
		a = xcalloc(1, sizeof *a);
		CHECK(str_copy(name, a->name, sizeof a->name));
		a->since_ms = f->at_ms;
		CHECK(map_add(&t->agents, str_of(a->name), a) == ERR_OK);
	}
	spell_end(t, a, f->at_ms);
	if (work)
		a->spell.work = f->agent_work.to;
	else
		a->spell.presence = f->agent_presence.to;
}

/* -- contacts -- */

static bool counted(const struct tally *t, int64_t began_ms)
{
	return began_ms >= t->from_ms && began_ms < t->to_ms;
}

static void count_visit(struct tally *t, const struct record *r, uint32_t n)
{
	const struct record_segment *s = &r->segments[n];
	struct tally_queue *q = map_get(&t->queues, str_of(s->queue));
	CHECK(q);
	struct record_times times = record_visit_times(r, n);
	struct visit v = {.started_at = s->started_at,
			  .result = s->result,
			  .wait_ms = times.wait_ms,
			  .talk_ms = times.talk_ms,
			  .hold_ms = times.hold_ms,
			  .wrap_ms = times.wrap_ms,
			  .handled = times.handled,
			  .transferred = times.transferred};
	const struct record_promise *p = record_visit_promise(r, n);
	if (p) {
		v.promise_ewt_ms = p->ewt_ms;
		v.promise_ms = p->high_ms;
		v.promise_waited_ms = MAX(record_promise_waited(r, p), 0);
	}
	queue_figures_add(&q->figures, &q->rules, &v);
	q->waited += v.result != RESULT_answered || v.wait_ms > 0;
}

void tally_base(struct tally *t, uint32_t queue, int64_t began_ms, int64_t base_ms,
		int64_t waited_ms)
{
	struct tally_queue *q = &t->queue[queue];
	struct visit v = {.result = RESULT_answered,
			  .promise_ewt_ms = base_ms,
			  .promise_ms = MAX(base_ms, 1),
			  .promise_waited_ms = waited_ms};
	if (counted(t, began_ms))
		queue_figures_add(&q->base, &q->rules, &v);
}

static void count_contact(struct tally *t, const struct record *r)
{
	for (uint32_t n = 0; n < r->segment_count; n++) {
		const struct record_segment *s = &r->segments[n];
		if (!counted(t, s->started_at))
			continue;
		if (s->kind == SEGMENT_QUEUE)
			count_visit(t, r, n);
		else if (s->kind == SEGMENT_AGENT && s->result != RESULT_none && !s->wrapping)
			agent_figures_contact(&t->all, s->talk_ms, s->hold_ms, s->wrap_ms);
	}
	for (uint32_t n = 0; n < r->offer_count; n++)
		if (counted(t, r->offers[n].started_at))
			agent_figures_offer(&t->all, r->offers[n].ended_at != 0,
					    r->offers[n].result);
}

static void contact_fact(struct tally *t, const struct fact *f)
{
	struct record *r = map_get(&t->open, str_make((const char *)f->contact.b, 16));
	if (!r && f->kind != EV_arrive)
		return;
	if (!r) {
		r = xcalloc(1, sizeof *r);
		record_init(r);
		record_apply(r, f);
		CHECK(map_add(&t->open, str_make((const char *)r->id.b, 16), r) == ERR_OK);
		return;
	}
	record_apply(r, f);
	if (f->kind != EV_ended)
		return;
	count_contact(t, r);
	map_remove(&t->open, str_make((const char *)r->id.b, 16));
	record_free(r);
}

void tally_batch(struct tally *t, struct str batch)
{
	struct batch_item item;
	while (batch_next(&batch, &item) == ERR_OK) {
		struct fact f;
		if (item.type != BATCH_FACT)
			continue;
		CHECK(fact_decode(item.fact, &f) == ERR_OK);
		t->events++;
		if (f.kind == EV_agent_work || f.kind == EV_agent_presence)
			agent_fact(t, &f);
		else if (!uuid_none(f.contact))
			contact_fact(t, &f);
	}
}

void tally_close(struct tally *t)
{
	void *of;
	for (uint32_t at = 0; (of = map_next(&t->agents, &at)) != NULL;)
		spell_end(t, of, t->to_ms);
	for (uint32_t at = 0; (of = map_next(&t->open, &at)) != NULL;)
		count_contact(t, of);
}

void tally_json(struct jsonw *w, struct tally *t)
{
	jsonw_open(w, '{');
	jsonw_key(w, "queues");
	jsonw_open(w, '{');
	for (uint32_t i = 0; i < t->scenario->queue_count; i++) {
		struct tally_queue *q = &t->queue[i];
		int64_t offered = q->figures.count[COUNT_offered];
		jsonw_key(w, t->scenario->queues[i].id);
		jsonw_open(w, '{');
		queue_figures_json(w, &q->figures, &q->rules);
		jsonw_key(w, "p_wait");
		if (offered)
			jsonw_real(w, (double)q->waited / (double)offered);
		else
			jsonw_null(w);
		if (t->scenario->queues[i].announce.every_ms) {
			jsonw_key(w, "base_formula"); /* had it made the same promises */
			jsonw_open(w, '{');
			queue_figures_promises(w, &q->base);
			jsonw_close(w, '}');
		}
		jsonw_close(w, '}');
	}
	jsonw_close(w, '}');
	jsonw_key(w, "agents");
	jsonw_open(w, '{');
	agent_figures_json(w, &t->all, false);
	jsonw_close(w, '}');
	jsonw_key(w, "events");
	jsonw_u64(w, t->events);
}
