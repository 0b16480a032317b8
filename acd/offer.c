/*
 * offer.c - a contact rings at agents: each offer ends by itself, with the last one it waits again.
 */
#include "acd/inside.h"

/* Agents whose offers just ended: linked by of_offer until they are offered something else. */
void offer_match_freed(struct list *freed)
{
	while (!list_empty(freed)) {
		struct agent *a = CONTAINER_OF(freed->next, struct agent, of_offer);
		list_remove(&a->of_offer);
		match_agent(a);
	}
}

/* His phone rings; the caller sees to the contact's state. */
static void ring(struct visit *v, struct agent *a, int64_t ring_ms)
{
	struct core *c = v->acd->core;
	list_remove(&a->of_offer);
	list_push(&v->offers, &a->of_offer);
	EMIT(c, offer, .contact = v->contact, .queue = v->talk_queue, .agent = a->id,
	     .ring_ms = ring_ms);
	a->job = (struct job){.contact = v->contact,
			      .queue = v->talk_queue,
			      .ring_until_ms = c->now_ms + ring_ms,
			      .offer_seq = ++v->acd->offer_seq};
	agent_move(a, WORK_offered);
	visit_touch(v);
}

void visit_offer(struct visit *v, struct member *m)
{
	struct queue *q = v->queue;

	CHECK((v->state == VISIT_WAITING || v->state == VISIT_OFFERED) &&
	      m->agent->work == WORK_idle);
	if (v->state == VISIT_WAITING) {
		rank_remove(&q->waiting, &v->rank);
		demand_wait(v, -1);
		rank_add(&q->offered, &v->rank);
		v->state = VISIT_OFFERED;
		queue_meet_check(q);
	}
	v->talk_queue = q->id;
	v->next_ring_ms = v->acd->core->now_ms + RING_STEP_MS;
	memcpy(q->last_offered, m->agent->name, sizeof q->last_offered);
	q->last_position = m->place.position;
	ring(v, m->agent, queue_conf(q)->ring_ms);
	m->last_offer = q->last_offer = v->acd->offer_seq;
}

bool visit_rings(const struct visit *v, const struct agent *a)
{
	return (v->state == VISIT_OFFERED || v->state == VISIT_RINGING) &&
	       a->work == WORK_offered && !list_empty(&a->of_offer) &&
	       ID_EQ(a->job.contact, v->contact);
}

static void agent_missed(struct agent *a, uint32_t misses_max)
{
	a->misses++;
	if (misses_max && a->misses >= misses_max) {
		a->misses = 0;
		agent_done(a, WORK_no_answer);
	} else {
		agent_done(a, WORK_idle);
	}
}

/* Nobody rings any more: back to its original place, or to who asked for this one agent. */
static void offers_over(struct visit *v, const struct agent *last, enum offer_result result)
{
	struct queue *q = v->queue;
	if (v->state == VISIT_RINGING) {
		v->state = VISIT_NONE;
		visit_arm(v);
		EMIT(v->acd->core, agent_ring_end, .contact = v->contact, .agent = last->id,
		     .result = result);
		return;
	}
	rank_remove(&q->offered, &v->rank);
	if (result == OFFER_agent_lost) /* behaviours.md A-6: before the unmarked of its class */
		v->rank.level = MAX(v->rank.level, 1);
	rank_add(&q->waiting, &v->rank);
	demand_wait(v, +1);
	v->state = VISIT_WAITING;
	queue_meet_check(q);
}

void visit_offer_end(struct visit *v, struct agent *a, enum offer_result result)
{
	CHECK(visit_rings(v, a));
	struct core *c = v->acd->core;
	const struct queue_config *terms = queue_conf(v->queue);

	EMIT(c, offer_end, .contact = v->contact, .queue = v->talk_queue, .agent = a->id,
	     .result = result);
	list_remove(&a->of_offer);
	if (list_empty(&v->offers))
		offers_over(v, a, result);
	if (result != OFFER_cancelled_by_caller)
		want_drop(v, a); /* he had his chance */
	visit_touch(v);
	if (visit_is_test(v)) { /* nobody was let down */
		agent_done(a, WORK_idle);
		return;
	}
	switch (result) {
	case OFFER_no_answer:
		if (v->caller) /* a colleague: no customer waits in vain */
			break;
		visit_shun(v, a, c->now_ms + terms->no_answer_delay_ms);
		agent_missed(a, terms->misses_max);
		return;
	case OFFER_rejected:
		visit_shun(v, a, c->now_ms + terms->reject_delay_ms);
		break;
	case OFFER_busy:
		a->penalty_ms = c->now_ms + terms->busy_delay_ms;
		break;
	case OFFER_unreachable:
	case OFFER_agent_lost:
		a->penalty_ms = c->now_ms + terms->unreachable_delay_ms;
		break;
	case OFFER_accepted:
	case OFFER_cancelled_by_caller:
	case OFFER_answered_elsewhere:
		break;
	}
	agent_done(a, WORK_idle);
}

static void offers_end(struct visit *v, const struct agent *but, enum offer_result result,
		       struct list *freed)
{
	list_for_each (l, &v->offers) {
		struct agent *a = CONTAINER_OF(l, struct agent, of_offer);
		if (a == but)
			continue;
		visit_offer_end(v, a, result);
		list_push(freed, &a->of_offer);
	}
}

void visit_withdraw(struct visit *v, enum result reason)
{
	struct list freed;
	list_init(&freed);
	offers_end(v, NULL, OFFER_cancelled_by_caller, &freed);
	if (v->state == VISIT_WAITING)
		visit_leave(v, reason, EXIT_none);
	offer_match_freed(&freed);
}

/* NULL: it ended a moment ago, or never was. */
static struct agent *open_offer(struct acd *acd, struct contact_id contact, struct agent_id agent)
{
	const struct visit *v = visit_row(acd, contact);
	struct agent *a = agent_row(acd, agent);
	return v && a && visit_rings(v, a) ? a : NULL;
}

enum err visit_accept(struct acd *acd, const struct command_offer_accept *cmd)
{
	struct core *c = acd->core;
	struct agent *a = open_offer(acd, cmd->contact, cmd->agent);
	if (!a)
		return ERR_CONFLICT;
	struct visit *v = visit_row(acd, cmd->contact);
	struct list freed;
	bool queued = v->state == VISIT_OFFERED;
	int64_t wait_ms = c->now_ms - v->enqueue_ms;

	list_init(&freed);
	offers_end(v, a, OFFER_answered_elsewhere, &freed);
	list_remove(&a->of_offer);
	want_none(v);
	if (!v->caller && !talk_first(v) && !visit_is_test(v))
		known_serve(v->acd->known, contact_get(c, v->contact), a->id);
	if (v->queue)
		rank_remove(&v->queue->offered, &v->rank);
	demand_end(v);
	v->queue = NULL;
	v->asker = (struct agent_id){0};
	v->state = VISIT_NONE;
	EMIT(c, offer_end, .contact = v->contact, .queue = v->talk_queue, .agent = a->id,
	     .result = OFFER_accepted);
	if (queued)
		EMIT(c, dequeue, .contact = v->contact, .queue = v->talk_queue,
		     .reason = RESULT_answered, .exit = EXIT_none, .wait_ms = wait_ms);
	talk_start(v, a, wait_ms, queued ? TALK_BY_QUEUE : TALK_BY_NAME);
	own_call_answered(v);
	visit_arm(v);
	offer_match_freed(&freed);
	return ERR_OK;
}

enum err visit_fail(struct acd *acd, const struct command_offer_fail *cmd)
{
	struct agent *a = open_offer(acd, cmd->contact, cmd->agent);
	if (!a)
		return ERR_CONFLICT;
	if (cmd->result == OFFER_accepted || cmd->result == OFFER_answered_elsewhere ||
	    cmd->result == OFFER_cancelled_by_caller) /* that is told by a disconnect */
		return ERR_INVALID;
	struct visit *v = visit_row(acd, cmd->contact);
	visit_offer_end(v, a, cmd->result);
	visit_settle(v);
	match_agent(a);
	return ERR_OK;
}

/* -- one named agent -- */

/* At this very contact, which comes back to him; after it he would be free. */
static bool wraps_up(const struct agent *a, struct contact_id contact)
{
	return a->work == WORK_wrapping && ID_EQ(a->job.contact, contact) && !a->has_next &&
	       a->presence == PRESENCE_ready && agent_phone_ready(a) && a->is_agent;
}

static bool may_ring(const struct agent *a, bool anyway)
{
	return anyway ? a->work == WORK_idle && agent_phone_ready(a) : a->avail == AVAIL_ready;
}

enum err visit_ring_agent(struct acd *acd, const struct command_agent_ring *cmd)
{
	struct agent *a = agent_row(acd, cmd->agent);
	struct visit *v;
	if (!a || !a->is_agent)
		return ERR_NOT_FOUND;
	if (ID_NONE(cmd->contact)) /* only asked */
		return may_ring(a, cmd->anyway) ? ERR_OK : ERR_CONFLICT;
	enum err e = visit_idle(acd, cmd->contact, a->tenant, &v);
	if (e != ERR_OK)
		return e;
	if (wraps_up(a, cmd->contact))
		agent_wrap_end(a, STR("returned"));
	if (!may_ring(a, cmd->anyway) || v->caller == a)
		return ERR_CONFLICT;
	v->state = VISIT_RINGING;
	v->enqueue_ms = acd->core->now_ms;
	const struct queue *q = queue_row(acd, cmd->queue);
	v->talk_queue = q ? q->id : (struct queue_id){0};
	v->called_back = (struct queue_id){0};
	ring(v, a, cmd->ring_ms > 0 ? cmd->ring_ms : queue_conf(NULL)->ring_ms);
	visit_arm(v);
	return ERR_OK;
}
