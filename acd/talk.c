/*
 * talk.c - agents with a contact: from the answer until each leaves it.
 *
 * A contact may have several: one consults another, or they confer with the customer. Each has his
 * own talk, hold, segment of the record and wrap-up. Who hears whom is not known here.
 */
#include "acd/inside.h"

enum work talk_work(const struct agent *a)
{
	bool holds = a->job.talk.holders && a->job.talk.does == WORK_talking;
	return holds ? WORK_holding : a->job.talk.does;
}

/* Shown as he is; told when that changes. */
static void show(struct agent *a)
{
	if (a->work != talk_work(a))
		agent_move(a, talk_work(a));
	agent_touch(a);
	core_touch(a->acd->core, IMAGE_WAITING, ID(a->job.contact));
}

void talk_link(struct visit *v, struct agent *a)
{
	struct list *at = v->talkers.prev;
	while (at != &v->talkers &&
	       CONTAINER_OF(at, struct agent, of_talk)->job.talk.seq > a->job.talk.seq)
		at = at->prev;
	list_remove(&a->of_talk);
	list_push_front(at, &a->of_talk);
}

void talk_start(struct visit *v, struct agent *a, int64_t wait_ms, enum talk_by by)
{
	struct core *c = v->acd->core;
	a->job.talk.from_ms = c->now_ms;
	a->job.talk.does = WORK_talking;
	a->job.talk.seq = ++v->acd->talk_seq;
	talk_link(v, a);
	EMIT(c, answer, .contact = v->contact, .queue = a->job.queue, .agent = a->id,
	     .wait_ms = wait_ms, .dialled = by == TALK_BY_DIALLING, .named = by == TALK_BY_NAME);
	a->misses = 0;
	a->handled += by != TALK_BY_DIALLING /* he called himself */ && !visit_is_test(v);
	agent_move(a, WORK_talking);
	visit_touch(v);
}

/* -- the end -- */

struct ending {
	enum party by;
	enum result result;
	bool goes_on, lost;
};

/* The caller matches him. */
static void talk_over(struct visit *v, struct agent *a, const struct ending *e)
{
	struct core *c = v->acd->core;
	int64_t hold_ms = a->job.talk.hold_ms;
	if (a->job.talk.holders)
		hold_ms += c->now_ms - a->job.talk.hold_from_ms;
	int64_t all_ms = c->now_ms - a->job.talk.from_ms;
	EMIT(c, agent_end, .contact = v->contact, .queue = a->job.queue, .agent = a->id,
	     .by = e->by, .result = e->result, .talk_ms = all_ms - hold_ms, .hold_ms = hold_ms,
	     .goes_on = e->goes_on, .wraps = !e->lost && agent_wraps(a));
	list_remove(&a->of_talk);
	if (ID_EQ(v->asker, a->id)) /* he asked for somebody beside him: now the customer waits */
		v->asker = (struct agent_id){0};
	visit_touch(v);
	const int64_t idle_ms = a->idle_ms;
	if (!visit_is_test(v))
		a->talk_ms += all_ms - hold_ms;
	a->job.handle_ms = all_ms;
	if (e->lost) { /* it is not his any more, and he is not there to say what it was */
		a->idle_ms = c->now_ms;
		agent_done(a, WORK_idle);
	} else {
		agent_talk_over(a);
	}
	if (visit_is_test(v)) /* he stands in line as if it had not been */
		a->idle_ms = idle_ms;
}

void talks_over(struct visit *v, enum party by, enum result result)
{
	while (!list_empty(&v->talkers)) {
		struct agent *a = talk_first(v);
		talk_over(v, a, &(struct ending){.by = by, .result = result});
		match_agent(a);
	}
}

/* NULL: he is not on it. */
static struct agent *talker(struct acd *acd, struct contact_id contact, struct agent_id agent)
{
	struct agent *a = agent_row(acd, agent);
	return a && !list_empty(&a->of_talk) && ID_EQ(a->job.contact, contact) ? a : NULL;
}

enum err talk_end(struct acd *acd, const struct command_talk_end *cmd)
{
	struct visit *v = visit_row(acd, cmd->contact);
	struct agent *a = talker(acd, cmd->contact, cmd->agent);
	if (!v || !a)
		return ERR_CONFLICT;
	talk_over(v, a,
		  &(struct ending){.by = cmd->by,
				   .result = cmd->result == RESULT_none ? RESULT_completed
									: cmd->result,
				   .goes_on = cmd->goes_on,
				   .lost = cmd->lost});
	match_agent(a);
	return ERR_OK;
}

/* -- what they do -- */

/* The lines themselves (a hold by their exchange or telephone), or what was done to the talk. */
enum { HOLDS_LINE = BIT(0), HOLDS_TALK = BIT(1) };

static bool hold_by(struct agent *a, uint32_t holder, enum party by, bool on)
{
	struct core *c = a->acd->core;
	uint32_t was = a->job.talk.holders;
	a->job.talk.holders = on ? was | holder : was & ~holder;
	if (!was == !a->job.talk.holders)
		return was != a->job.talk.holders;
	if (on) {
		a->job.talk.hold_from_ms = c->now_ms;
		EMIT(c, hold_on, .contact = a->job.contact, .queue = a->job.queue, .agent = a->id,
		     .by = by);
	} else {
		a->job.talk.hold_ms += c->now_ms - a->job.talk.hold_from_ms;
		a->job.talk.hold_from_ms = 0;
		EMIT(c, hold_off, .contact = a->job.contact, .queue = a->job.queue, .agent = a->id,
		     .by = by);
	}
	return true;
}

enum err talk_hold(struct acd *acd, const struct command_hold_set *cmd)
{
	struct visit *v = visit_row(acd, cmd->contact);
	bool any = false;
	if (!v)
		return ERR_CONFLICT;
	list_for_each (l, &v->talkers) {
		struct agent *a = CONTAINER_OF(l, struct agent, of_talk);
		if (!hold_by(a, HOLDS_LINE, cmd->by, cmd->on))
			continue;
		any = true;
		show(a);
	}
	return any ? ERR_OK : ERR_CONFLICT;
}

enum err talk_set(struct acd *acd, const struct command_talk_set *cmd)
{
	struct core *c = acd->core;
	struct agent *a = talker(acd, cmd->contact, cmd->agent);
	if (!a)
		return ERR_CONFLICT;
	if (cmd->work != WORK_talking && cmd->work != WORK_consulting &&
	    cmd->work != WORK_conferencing)
		return ERR_INVALID;
	enum work was = a->job.talk.does;
	a->job.talk.does = cmd->work;
	(void)hold_by(a, HOLDS_TALK, PARTY_agent, cmd->held);
	if (was != cmd->work && was == WORK_conferencing)
		EMIT(c, conf_off, .contact = cmd->contact, .queue = a->job.queue, .agent = a->id);
	if (was != cmd->work && cmd->work == WORK_conferencing)
		EMIT(c, conf_on, .contact = cmd->contact, .queue = a->job.queue, .agent = a->id);
	show(a);
	return ERR_OK;
}

enum err talk_begin(struct acd *acd, const struct command_talk_begin *cmd)
{
	struct agent *a = agent_row(acd, cmd->agent);
	struct visit *v = visit_row(acd, cmd->contact);
	const struct queue *q = queue_row(acd, cmd->queue);
	if (!a || !v || !a->is_agent || !contact_get(acd->core, cmd->contact))
		return ERR_NOT_FOUND;
	if (agent_working(a))
		return ERR_CONFLICT;
	if (a->work == WORK_no_answer)
		agent_move(a, WORK_idle);
	a->job = (struct job){.contact = v->contact, .queue = q ? q->id : (struct queue_id){0}};
	talk_start(v, a, 0, TALK_BY_NAME);
	return ERR_OK;
}

enum err talk_look(struct acd *acd, const struct command_talk_look *cmd)
{
	const struct visit *v = visit_row(acd, cmd->contact);
	struct talk_glance *out = cmd->out;
	*out = (struct talk_glance){.place = CONTACT_flow};
	if (!v)
		return ERR_NOT_FOUND;
	if (v->state != VISIT_NONE)
		out->place = v->state == VISIT_WAITING ? CONTACT_waiting : CONTACT_offered;
	if (!list_empty(&v->offers))
		out->asked = CONTAINER_OF(v->offers.next, struct agent, of_offer)->id;
	out->queue = v->queue ? v->queue->id : v->talk_queue;
	out->queued = v->queue != NULL;
	out->caller = v->caller ? v->caller->id : (struct agent_id){0};
	list_for_each (l, &v->talkers) {
		const struct agent *a = CONTAINER_OF(l, struct agent, of_talk);
		if (out->count < SEATS_MAX)
			out->agents[out->count++] = (struct talk_agent){
				a->id, a->job.queue, a->job.talk.does, a->job.talk.holders != 0};
	}
	return ERR_OK;
}
