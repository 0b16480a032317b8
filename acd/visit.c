/*
 * visit.c - a contact in a queue, from joining to leaving it.
 *
 *            join            offer             accept
 *   NONE ──────────▶ WAITING ──────▶ OFFERED ─────────▶ NONE, one talker more (talk.c)
 *   ▲ ▲ │             │  ▲              │                 ▲
 *   │ └─┼ rule, hang-up  └─ offers fail ┘  keeps enqueue time and rank
 *   │   └─ agent_ring ──▶ RINGING ──────── accept ────────┘
 *   └───────── else ─────────┘              one named agent, no queue
 *
 * Offered: rings at one agent, or at several when its queue says ring_all or ring_progressive. Each
 * offer ends by itself; with the last one that fails it waits again. An agent who has the contact
 * may want another one beside him: then it waits, or rings, while it has talkers.
 */
#include "acd/inside.h"

static void visit_fire(struct timer *t, int64_t now_ms);

void visit_touch(const struct visit *v)
{
	core_touch(v->acd->core, IMAGE_WAITING, ID(v->contact));
}

struct visit *visit_take(struct acd *acd, struct contact_id id)
{
	struct id unused;
	struct visit *v = pool_take(acd->visits, &unused);
	if (!v)
		return NULL;
	v->acd = acd;
	v->contact = id;
	list_init(&v->shuns);
	list_init(&v->offers);
	list_init(&v->talkers);
	list_init(&v->wants);
	list_init(&v->of_freed);
	GROW_SLOTS(acd->by_contact, acd->by_contact_room, id.slot);
	acd->by_contact[id.slot] = v;
	return v;
}

void visit_place(struct visit *v, struct queue *q, struct rank *where)
{
	/* in minutes: priority + (now - enqueue) * ageing, without the part that is alike for all
	 */
	v->rank.key = (double)v->priority_min * 60000.0 - (double)v->place_ms * q->ageing;
	v->rank.since_ms = v->place_ms;
	rank_add(where, &v->rank);
}

/* -- exclusions -- */

bool visit_shunned(const struct visit *v, const struct agent *a)
{
	int64_t now_ms = v->acd->core->now_ms;
	list_for_each (l, &v->shuns) {
		const struct shun *s = CONTAINER_OF(l, struct shun, of_visit);
		if (s->agent == a && s->until_ms > now_ms)
			return true;
	}
	return false;
}

static void shun_drop(struct visit *v, struct shun *s)
{
	list_remove(&s->of_visit);
	pool_give(v->acd->shuns, s);
}

void visit_shun(struct visit *v, struct agent *a, int64_t until_ms)
{
	struct id unused;
	struct shun *s = pool_take(v->acd->shuns, &unused);
	if (!s && !list_empty(&v->shuns)) { /* full: the oldest of this contact makes way */
		shun_drop(v, CONTAINER_OF(v->shuns.next, struct shun, of_visit));
		s = pool_take(v->acd->shuns, &unused);
	}
	if (!s)
		return; /* no place: he may be offered it again sooner, nobody is lost */
	s->agent = a;
	s->until_ms = until_ms;
	list_push(&v->shuns, &s->of_visit);
}

static void shuns_expire(struct visit *v)
{
	list_for_each (l, &v->shuns) {
		struct shun *s = CONTAINER_OF(l, struct shun, of_visit);
		if (s->until_ms <= v->acd->core->now_ms)
			shun_drop(v, s);
	}
}

void visit_forget_agent(struct acd *acd, const struct agent *a)
{
	uint32_t slot = 0;
	struct shun *s;
	while ((s = pool_next(acd->shuns, &slot)) != NULL)
		if (s->agent == a) {
			list_remove(&s->of_visit);
			pool_give(acd->shuns, s);
		}
}

/* -- waiting -- */

int64_t visit_timeout_ms(const struct visit *v)
{
	int64_t max_wait_ms = queue_conf(v->queue)->max_wait_ms;
	if (max_wait_ms <= 0 || !(v->exits & BIT(EXIT_timeout)))
		return INT64_MAX;
	return v->enqueue_ms + max_wait_ms;
}

/* When somebody may become eligible though nobody does anything. */
static int64_t eligible_at(const struct visit *v)
{
	int64_t at_ms = match_next_step_ms(v);
	at_ms = MIN(at_ms, tier_next_ms(v));
	if (!list_empty(&v->wants))
		at_ms = MIN(at_ms, v->wanted_until_ms);
	list_for_each (l, &v->shuns)
		at_ms = MIN(at_ms, CONTAINER_OF(l, struct shun, of_visit)->until_ms);
	return at_ms;
}

static int64_t offers_deadline(const struct visit *v)
{
	int64_t at_ms = INT64_MAX;
	list_for_each (l, &v->offers)
		at_ms = MIN(at_ms, CONTAINER_OF(l, struct agent, of_offer)->job.ring_until_ms);
	return at_ms;
}

static int64_t ringing_deadline(const struct visit *v)
{
	int64_t at_ms = INT64_MAX;
	switch (queue_conf(v->queue)->strategy) {
	case STRATEGY_ring_all:
		at_ms = eligible_at(v);
		break;
	case STRATEGY_ring_progressive:
		at_ms = v->next_ring_ms > v->acd->core->now_ms ? v->next_ring_ms : eligible_at(v);
		break;
	case STRATEGY_longest_idle:
	case STRATEGY_round_robin:
	case STRATEGY_top_down:
	case STRATEGY_fewest_contacts:
	case STRATEGY_least_talk:
	case STRATEGY_random:
	case STRATEGY_most_skilled:
	case STRATEGY_least_skilled:
	case STRATEGY_weighted_random:
		break;
	}
	return MIN(at_ms, offers_deadline(v));
}

/* One timer a contact: it always runs to the next thing that can happen to it. */
void visit_arm(struct visit *v)
{
	struct timers *ts = &v->acd->core->timers;
	int64_t at_ms = INT64_MAX;
	switch (v->state) {
	case VISIT_NONE:
		break;
	case VISIT_WAITING:
		at_ms = MIN(visit_timeout_ms(v), eligible_at(v));
		break;
	case VISIT_OFFERED:
		at_ms = ringing_deadline(v);
		break;
	case VISIT_RINGING:
		at_ms = offers_deadline(v);
		break;
	}
	if (at_ms == INT64_MAX)
		timer_stop(ts, &v->timer);
	else
		timer_start(ts, &v->timer, at_ms, visit_fire, v);
}

void visit_leave(struct visit *v, enum result reason, enum queue_exit exit)
{
	CHECK(v->state == VISIT_WAITING);
	struct core *c = v->acd->core;
	if (exit != EXIT_none && (v->callbacks & BIT(exit)))
		reason = RESULT_callback;
	if (reason == RESULT_abandoned || exit == EXIT_timeout || exit == EXIT_no_agents) {
		char room[WHY_BYTES_MAX];
		struct buf why = buf_make(room, sizeof room);
		why_nobody(v, &why);
		EMIT(c, unserved, .contact = v->contact, .queue = v->queue->id,
		     .why = buf_str(&why));
	}
	v->called_back = reason == RESULT_callback ? v->queue->id : (struct queue_id){0};
	EMIT(c, dequeue, .contact = v->contact, .queue = v->queue->id, .reason = reason,
	     .exit = exit, .wait_ms = c->now_ms - v->enqueue_ms);
	if (reason == RESULT_abandoned)
		left_remember(v->acd->left, c, v->queue->name, contact_get(c, v->contact),
			      &(struct left_place){v->place_ms, v->priority_min,
						   c->now_ms + queue_conf(v->queue)->resume_ms});
	struct queue *q = v->queue;
	rank_remove(&q->waiting, &v->rank);
	demand_wait(v, -1);
	want_none(v);
	demand_end(v);
	v->queue = NULL;
	v->asker = (struct agent_id){0};
	v->state = VISIT_NONE;
	queue_meet_check(q);
	visit_arm(v);
	visit_touch(v);
}

static bool no_agents_due(const struct visit *v)
{
	const struct queue *q = v->queue;
	return (v->exits & BIT(EXIT_no_agents)) && !q->staffed &&
	       v->acd->core->now_ms >= q->unstaffed_ms + queue_conf(q)->no_agents_grace_ms;
}

void visit_settle(struct visit *v)
{
	if (v->state != VISIT_WAITING && v->state != VISIT_OFFERED)
		return;
	shuns_expire(v);
	want_review(v);
	if (v->state == VISIT_OFFERED) {
		match_ring(v);
		visit_arm(v);
		return;
	}
	if (v->acd->core->now_ms >= visit_timeout_ms(v)) {
		visit_leave(v, RESULT_flow_out, EXIT_timeout);
		return;
	}
	if (no_agents_due(v)) {
		visit_leave(v, RESULT_flow_out, EXIT_no_agents);
		return;
	}
	match_contact(v);
	if (v->state == VISIT_WAITING)
		visit_arm(v);
}

static void visit_fire(struct timer *t, int64_t now_ms)
{
	struct visit *v = t->arg;
	struct list freed;
	list_init(&freed);
	list_for_each (l, &v->offers) {
		struct agent *a = CONTAINER_OF(l, struct agent, of_offer);
		if (a->job.ring_until_ms > now_ms)
			continue;
		visit_offer_end(v, a, OFFER_no_answer);
		list_push(&freed, &a->of_offer);
	}
	visit_settle(v);
	offer_match_freed(&freed);
	acd_settle(v->acd);
}

enum err visit_idle(struct acd *acd, struct contact_id contact, const struct tenant *tenant,
		    struct visit **out)
{
	const struct contact *k = contact_get(acd->core, contact);
	const struct object *of = k ? objects_who(acd->core->objects, ID(k->tenant)) : NULL;
	if (!of || !str_is(of->name, tenant->name))
		return ERR_NOT_FOUND; /* what is another tenant's is as if it were not there */
	struct visit *v = visit_row(acd, contact);
	if (v && v->state != VISIT_NONE)
		return ERR_CONFLICT;
	if (!v)
		v = visit_take(acd, contact);
	if (!v)
		return ERR_FULL;
	*out = v;
	return ERR_OK;
}

/* Where he stands: behind those who came before, unless he hung up a moment ago. */
static void take_place(struct visit *v, struct queue *q, bool again, uint32_t level)
{
	struct core *c = v->acd->core;
	const struct contact *k = contact_get(c, v->contact);
	struct left_place was;
	v->enqueue_ms = c->now_ms;
	v->place_ms = queue_conf(q)->from_arrival ? MIN(k->arrive_ms, c->now_ms) : c->now_ms;
	if (again && v->first_ms)
		v->place_ms = MIN(v->place_ms, v->first_ms);
	if (!again && queue_conf(q)->resume_ms && left_take(v->acd->left, c, q->name, k, &was)) {
		v->place_ms = MIN(v->place_ms, was.place_ms);
		v->priority_min = MAX(v->priority_min, was.priority_min);
		EMIT(c, place_resumed, .contact = v->contact, .queue = q->id,
		     .ahead_ms = c->now_ms - was.place_ms, .priority_min = v->priority_min);
	}
	if (!v->first_ms)
		v->first_ms = v->place_ms;
	v->rank.level = level;
	v->rank.seq = ++v->acd->join_seq;
	visit_place(v, q, &q->waiting);
	demand_wait(v, +1);
}

enum err visit_prioritise(struct acd *acd, const struct command_queue_prioritise *cmd)
{
	struct visit *v = visit_row(acd, cmd->contact);
	if (!v || !v->queue)
		return ERR_CONFLICT;
	struct rank *in = v->state == VISIT_WAITING ? &v->queue->waiting : &v->queue->offered;
	rank_remove(in, &v->rank);
	v->priority_min = cmd->priority_min;
	visit_place(v, v->queue, in);
	visit_touch(v);
	EMIT(acd->core, prioritised, .contact = v->contact, .queue = v->queue->id,
	     .priority_min = v->priority_min, .by = str_head(cmd->by, BY_MAX_BYTES - 1));
	return ERR_OK;
}

/* What its flow said of this queue holds when it is put back there; of no other one. */
static void take_terms(struct visit *v, const struct command_queue_join *cmd)
{
	bool home = cmd->again && ID_EQ(cmd->queue, v->flow_queue);
	if (!cmd->again) {
		v->flow_queue = cmd->queue;
		v->flow.exits = cmd->exits;
		v->flow.callbacks = cmd->callbacks;
		demand_keep(v,
			    cmd->own_steps ? &(struct demand){cmd->steps, cmd->step_count} : NULL);
	}
	if (v->kept && (!cmd->again || home))
		demand_begin(v, v->kept->is.steps, v->kept->is.count);
	v->priority_min = cmd->again ? MAX(v->priority_min, cmd->priority_min) : cmd->priority_min;
	v->exits = !cmd->again || home ? v->flow.exits : 0;
	v->callbacks = !cmd->again || home ? v->flow.callbacks : 0;
	v->called_back = (struct queue_id){0};
	v->asker = cmd->consults;
}

static bool is_full(struct queue *q)
{
	const struct queue_config *conf = queue_conf(q);
	uint32_t max_waiting = mass_max_waiting(q);
	int64_t ewt_ms = conf->ewt_limit_ms && !mass_covers(q) ? outlook_ewt(q) : -1;
	return (max_waiting && q->waiting.count + q->offered.count >= max_waiting) ||
	       ewt_ms > conf->ewt_limit_ms;
}

/* Nobody is put off who has been served: ERR_FULL only for those who would come from an agent. */
static enum err join_check(struct acd *acd, const struct command_queue_join *cmd, struct queue *q,
			   struct visit **v)
{
	enum err e = q ? visit_idle(acd, cmd->contact, q->tenant, v) : ERR_NOT_FOUND;
	if (e != ERR_OK)
		return e;
	if (!cmd->again && talk_first(*v))
		return ERR_CONFLICT;
	return cmd->again && !cmd->level && talk_first(*v) && is_full(q) ? ERR_FULL : ERR_OK;
}

/* It is closed for now: he goes to the queue that is said instead, with his time and as high as he
 * came; else where his flow sends who finds it closed, or nobody there. */
static void turn_away(struct visit *v, const struct command_queue_join *cmd)
{
	struct acd *acd = v->acd;
	struct queue *q = v->queue, *to = gate_way(q);
	const uint32_t priority_min = v->priority_min;
	if (!to || is_full(to)) {
		const bool said = v->exits & BIT(EXIT_closed),
			   nobody = !said && v->exits & BIT(EXIT_no_agents);
		visit_leave(v, nobody ? RESULT_flow_out : RESULT_rejected,
			    nobody ? EXIT_no_agents : EXIT_closed);
		return;
	}
	visit_leave(v, RESULT_transferred, EXIT_none);
	const enum err e =
		visit_join(acd, &(struct command_queue_join){.contact = cmd->contact,
							     .queue = to->id,
							     .priority_min = priority_min,
							     .again = true});
	CHECK(e == ERR_OK); /* it has just left another queue of the same tenant */
	EMIT(acd->core, transfer, .contact = cmd->contact, .queue = q->id, .target = TARGET_queue,
	     .name = str_of(to->name), .by = str_of(q->gate.by));
}

enum err visit_join(struct acd *acd, const struct command_queue_join *cmd)
{
	struct queue *q = queue_row(acd, cmd->queue);
	struct visit *v;
	enum err e = join_check(acd, cmd, q, &v);
	if (e != ERR_OK)
		return e;
	bool full = !cmd->again && is_full(q);
	struct agent *but = agent_row(acd, cmd->but);
	v->queue = q;
	v->state = VISIT_WAITING;
	take_terms(v, cmd);
	EMIT(acd->core, enqueue, .contact = v->contact, .queue = q->id,
	     .priority_min = v->priority_min, .consults = v->asker);
	take_place(v, q, cmd->again, cmd->level);
	if (but)
		visit_shun(v, but, acd->core->now_ms + queue_conf(q)->reject_delay_ms);
	if (!cmd->again)
		want_begin(v, cmd);
	visit_touch(v);
	if (!cmd->again && gate_closed(q) && ID_NONE(v->asker))
		turn_away(v, cmd);
	else if ((v->exits & BIT(EXIT_no_agents)) && !queue_staff_in(q, queue_conf(q)->join_when))
		visit_leave(v, RESULT_flow_out, EXIT_no_agents);
	else if (full)
		visit_leave(v, RESULT_rejected, EXIT_full);
	else
		visit_settle(v);
	if (v->state == VISIT_WAITING && !cmd->again)
		mass_bulletin(v);
	queue_meet_check(q);
	return ERR_OK;
}

/* -- to be called back -- */

enum err visit_callback(struct acd *acd, const struct command_callback_take *cmd)
{
	struct core *c = acd->core;
	const struct queue *q = queue_row(acd, cmd->queue);
	struct visit *v;
	enum err e = q ? visit_idle(acd, cmd->contact, q->tenant, &v) : ERR_NOT_FOUND;
	if (e == ERR_OK && talk_first(v))
		e = ERR_CONFLICT;
	if (e != ERR_OK)
		return e;
	if (!ID_EQ(v->called_back, q->id)) { /* he did not wait here: counted at once */
		EMIT(c, enqueue, .contact = v->contact, .queue = q->id);
		EMIT(c, dequeue, .contact = v->contact, .queue = q->id, .reason = RESULT_callback);
	}
	v->called_back = (struct queue_id){0};
	visit_touch(v);
	EMIT(c, callback_wanted, .contact = v->contact, .queue = q->id, .number = cmd->number);
	return ERR_OK;
}

/* -- the end of the line -- */

static void visit_end(struct visit *v, enum party by, enum result talk_result)
{
	/* somebody of ours sent him away: he left by rule; the house failed him: that is technical;
	 * who has an agent and only waits for another gives nothing up */
	enum result reason = by == PARTY_agent || !ID_NONE(v->asker) ? RESULT_flow_out
			     : by == PARTY_customer		     ? RESULT_abandoned
								     : RESULT_failed;
	if (v->state != VISIT_NONE)
		visit_withdraw(v, reason);
	talks_over(v, by, talk_result);
}

enum err visit_queue_leave(struct acd *acd, const struct command_queue_leave *cmd)
{
	struct visit *v = visit_row(acd, cmd->contact);
	if (!v || v->state == VISIT_NONE)
		return ERR_CONFLICT;
	visit_withdraw(v, cmd->result == RESULT_none ? RESULT_flow_out : cmd->result);
	return ERR_OK;
}

void visit_disconnect(struct acd *acd, const struct event_disconnect *ev)
{
	struct visit *v = visit_row(acd, ev->contact);
	if (!v)
		return;
	visit_end(v, ev->by, RESULT_completed);
	own_call_end(v, ev->by);
}

void visit_forget(struct visit *v)
{
	visit_end(v, PARTY_system, RESULT_failed); /* normally it ended long ago */
	own_call_end(v, PARTY_system);
	want_none(v);
	demand_keep(v, NULL);
	timer_stop(&v->acd->core->timers, &v->timer);
	list_for_each (l, &v->shuns)
		shun_drop(v, CONTAINER_OF(l, struct shun, of_visit));
	v->acd->by_contact[v->contact.slot] = NULL;
	visit_touch(v);
	pool_give(v->acd->visits, v);
}
