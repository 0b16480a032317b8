/*
 * own_call.c - calls that agents begin themselves.
 *
 *   agent_dial ──▶ caller DIALLING ─┬─ dial_talk: the number answered, he is the agent of the talk
 *                                   ├─ agent_ring, queue_join … accept: caller and agent talk
 *                                   └─ the line is gone: idle, or whatever he was before
 *
 * The caller stays beside whatever state the contact has, as long as its line: to a colleague, or
 * to a number of our own that leads into a flow, he is what a customer is to others. A failed
 * attempt leaves his presence as it was (behaviours.md A-5).
 */
#include "acd/inside.h"

enum err own_call_begin(struct acd *acd, const struct command_agent_dial *cmd)
{
	struct core *c = acd->core;
	struct agent *a = agent_row(acd, cmd->agent);
	struct visit *v;
	if (!a || !a->declared)
		return ERR_NOT_FOUND;
	if (agent_working(a))
		return ERR_CONFLICT;
	if (ID_NONE(cmd->contact)) /* only asked */
		return ERR_OK;
	enum err e = visit_idle(acd, cmd->contact, a->tenant, &v);
	if (e != ERR_OK)
		return e;
	if (v->caller)
		return ERR_CONFLICT;
	v->caller = a;
	v->caller_missed = a->work == WORK_no_answer;
	v->dial_ms = c->now_ms;
	v->caller_talk_ms = 0;
	a->job = (struct job){.contact = v->contact, .queue = cmd->queue};
	EMIT(c, agent_dial, .contact = v->contact, .queue = cmd->queue, .agent = a->id);
	agent_move(a, WORK_dialling);
	visit_touch(v);
	return ERR_OK;
}

enum err own_call_talk(struct acd *acd, const struct command_dial_talk *cmd)
{
	struct core *c = acd->core;
	struct visit *v = visit_row(acd, cmd->contact);
	struct agent *a = v ? v->caller : NULL;
	if (!a || !ID_EQ(a->id, cmd->agent) || v->state != VISIT_NONE || a->work != WORK_dialling)
		return ERR_CONFLICT;
	v->caller = NULL;
	v->talk_queue = a->job.queue;
	talk_start(v, a, c->now_ms - v->dial_ms, TALK_BY_DIALLING);
	return ERR_OK;
}

void own_call_answered(struct visit *v)
{
	if (!v->caller || v->caller->work != WORK_dialling)
		return;
	v->caller_talk_ms = v->acd->core->now_ms;
	v->caller->misses = 0;
	agent_move(v->caller, WORK_talking);
}

void own_call_end(struct visit *v, enum party by)
{
	struct core *c = v->acd->core;
	struct agent *a = v->caller;
	if (!a)
		return;
	bool talked = v->caller_talk_ms != 0;
	int64_t dial_end_ms = talked ? v->caller_talk_ms : c->now_ms;
	v->caller = NULL;
	EMIT(c, agent_dial_end, .contact = v->contact, .queue = a->job.queue, .agent = a->id,
	     .by = by,
	     .result = talked		   ? RESULT_completed
		       : by == PARTY_agent ? RESULT_abandoned
					   : RESULT_failed,
	     .dial_ms = dial_end_ms - v->dial_ms, .talk_ms = c->now_ms - dial_end_ms);
	if (a->job.has_outcome)
		agent_wrap_tell(a);
	visit_touch(v);
	agent_done(a, v->caller_missed && !talked ? WORK_no_answer : WORK_idle);
	match_agent(a);
}

/* -- images -- */

void own_call_save(const struct visit *v, struct buf *out)
{
	put_word(out, v->caller ? str_of(v->caller->name) : STR_NONE);
	put_u8(out, v->caller_missed);
	put_i64(out, v->dial_ms);
	put_i64(out, v->caller_talk_ms);
}

/* Who he is now; what he is at comes with his own image. */
void own_call_load(struct visit *v, const struct tenant *t, struct take *in)
{
	struct str name = take_word(in);
	v->caller = t && name.n ? map_get(&t->agents, name) : NULL;
	v->caller_missed = take_u8(in) != 0;
	v->dial_ms = take_i64(in);
	v->caller_talk_ms = take_i64(in);
}

/* Two images of one thing: when his does not say so, he is not on it. */
void own_call_recover(struct visit *v)
{
	const struct agent *a = v->caller;
	if (a && (!ID_EQ(a->job.contact, v->contact) || !agent_working(a)))
		v->caller = NULL;
}
