/*
 * caller.c - one of ours who called a colleague, or a queue of ours: he sits in the customer's
 * seat, and does what an agent does but for giving the call away.
 *
 *   hold        whom he called hears music; of several he steps away himself
 *   consult     whom he called hears music while he asks somebody else; swap, cancel,
 *   conference  all of them; also without asking before
 *   mute        himself
 *
 * He leaves by `end`, and with him the call is over.
 */
#include "call/inside.h"

bool is_caller(const struct talk *t, struct agent_id agent)
{
	return !ID_NONE(t->caller) && ID_EQ(t->caller, agent);
}

/* Nothing that is said now belongs to the talk with whom he called. */
bool caller_is_aside(const struct talk *t)
{
	for (uint32_t i = 0; i < t->guest_count; i++)
		if (t->guests[i].waits)
			return true;
	return false;
}

/* Whom he called hears music, or not; who is consulted is no such one. */
static void let_wait(struct talk *t, bool on)
{
	for (uint32_t i = 0; i < t->guest_count; i++) {
		struct guest *g = &t->guests[i];
		if (g->party != PARTY_supervisor && !g->consulted && (on || g->waits))
			g->away = g->waits = on;
	}
}

void caller_back(struct talk *t)
{
	let_wait(t, false);
}

static enum err hold(struct talk *t, const struct command_call_do *cmd)
{
	const uint32_t others = guests_besides(t, NULL);
	if (consult_on(t))
		return refuse(cmd, ERR_CONFLICT, "a consultation goes on: swap instead");
	if (!others)
		return refuse(cmd, ERR_CONFLICT, "nobody talks to you");
	if (t->away || caller_is_aside(t))
		return refuse(cmd, ERR_CONFLICT, "it is on hold");
	if (others == 1)
		let_wait(t, true);
	else
		t->away = t->stepped = true;
	return ERR_OK;
}

static enum err resume(struct talk *t, const struct command_call_do *cmd)
{
	const bool stepped = t->away && t->stepped;
	if (consult_on(t))
		return refuse(cmd, ERR_CONFLICT, "a consultation goes on: swap instead");
	if (!stepped && !caller_is_aside(t))
		return refuse(cmd, ERR_CONFLICT,
			      t->away ? "the other side holds it" : "it is not on hold");
	if (stepped)
		t->away = t->stepped = false;
	caller_back(t);
	return ERR_OK;
}

static enum err begin(struct talk *t, enum errand errand, const struct command_call_do *cmd)
{
	const struct agent_id was = t->giver;
	t->giver = t->caller;
	enum err e = errand_begin(t, errand, cmd);
	if (e != ERR_OK)
		t->giver = was;
	return e;
}

static enum err consult(struct talk *t, const struct command_call_do *cmd)
{
	if (consult_on(t))
		return refuse(cmd, ERR_CONFLICT, "he consults somebody already");
	if (guests_besides(t, NULL) != 1 || t->away || caller_is_aside(t))
		return refuse(cmd, ERR_CONFLICT, "not while somebody holds, or several talk");
	enum err e = begin(t, ERRAND_CONSULT, cmd);
	if (e != ERR_OK)
		return e;
	let_wait(t, true);
	EMIT(t->room->core, consult_start, .contact = t->contact, .agent = t->caller,
	     .target = cmd->target, .name = cmd->name, .by = cmd->by);
	return ERR_OK;
}

static enum err swap(struct talk *t, const struct command_call_do *cmd)
{
	struct guest *asked = guest_consulted(t);
	if (!asked || !is_caller(t, t->giver))
		return refuse(cmd, ERR_CONFLICT,
			      consult_on(t) ? "whom he consults did not answer yet"
					    : "this agent consults nobody");
	asked->away = !asked->away;
	let_wait(t, !asked->away);
	return ERR_OK;
}

static enum err conference(struct talk *t, const struct command_call_do *cmd)
{
	const bool consults = guest_consulted(t) && is_caller(t, t->giver);
	if (cmd->target == TARGET_none && !consults)
		return refuse(cmd, ERR_CONFLICT,
			      "he consults nobody who answered: name whom to invite");
	if (cmd->target == TARGET_none) {
		consult_over(t, true);
		return ERR_OK;
	}
	if (consult_on(t))
		return refuse(cmd, ERR_CONFLICT, "a consultation goes on: complete it first");
	return begin(t, ERRAND_CONFERENCE, cmd);
}

static enum err mute(struct talk *t, const struct command_call_do *cmd, bool on)
{
	struct core *c = t->room->core;
	if (cmd->target != TARGET_none || cmd->name.n)
		return verb_mute(t, cmd, on);
	if (t->muted == on)
		return refuse(cmd, ERR_CONFLICT, on ? "is muted already" : "is not muted");
	t->muted = on;
	if (on)
		EMIT(c, mute_on, .contact = t->contact, .party = PARTY_agent,
		     .name = agent_name(t, t->caller), .by = cmd->by);
	else
		EMIT(c, mute_off, .contact = t->contact, .party = PARTY_agent,
		     .name = agent_name(t, t->caller), .by = cmd->by);
	return ERR_OK;
}

enum err caller_verb(struct talk *t, const struct command_call_do *cmd)
{
	switch (cmd->verb) {
	case CALL_hold:
		return hold(t, cmd);
	case CALL_resume:
		return resume(t, cmd);
	case CALL_consult:
		return consult(t, cmd);
	case CALL_swap:
		return swap(t, cmd);
	case CALL_cancel:
		return verb_cancel(t, cmd);
	case CALL_conference:
		return conference(t, cmd);
	case CALL_mute:
		return mute(t, cmd, true);
	case CALL_unmute:
		return mute(t, cmd, false);
	case CALL_record_pause:
		return verb_record(t, cmd, true);
	case CALL_record_resume:
		return verb_record(t, cmd, false);
	case CALL_transfer:
	case CALL_complete:
	case CALL_park:
	case CALL_pick_up:
	case CALL_move:
	case CALL_monitor:
	case CALL_take_over:
	case CALL_leave:
		break;
	}
	return refuse(
		cmd, ERR_CONFLICT,
		"who called a colleague cannot give him away: invite the third by conference");
}
