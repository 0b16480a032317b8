/*
 * consult.c - an agent asks somebody while the customer hears music.
 *
 *   consult ──▶ rings ──▶ they talk ⇄ swap ⇄ customer and agent talk, the other one hears music
 *                 │           ├─ complete: the agent leaves, the other one has the customer
 *                 │           ├─ conference: all three
 *                 └───────────┴─ cancel, the other one leaves or never came: as before
 *
 * However it ends, unless the agent leaves he is back with his customer at once. Completed while it
 * rings it is a transfer, which returns to him as any. The agent's telephone that is put down
 * completes.
 */
#include "call/inside.h"

bool consult_on(struct talk *t)
{
	return t->errand == ERRAND_CONSULT || guest_consulted(t) != NULL;
}

void consult_over(struct talk *t, bool ok)
{
	struct guest *g = guest_consulted(t);
	EMIT(t->room->core, consult_end, .contact = t->contact, .agent = t->giver, .ok = ok);
	if (g)
		g->consulted = g->away = false;
	t->away = false;
	caller_back(t);
}

/* out NULL: the caller. */
static enum err who_consults(struct talk *t, const struct command_call_do *cmd, struct guest **out)
{
	struct guest *g = guest_agent(t, cmd->agent);
	if ((!g && !is_caller(t, cmd->agent)) || !consult_on(t) || !ID_EQ(t->giver, cmd->agent))
		return refuse(cmd, ERR_CONFLICT, "this agent consults nobody");
	*out = g;
	return ERR_OK;
}

enum err verb_consult(struct talk *t, const struct command_call_do *cmd)
{
	struct guest *g = guest_agent(t, cmd->agent);
	if (!g)
		return refuse(cmd, ERR_CONFLICT, "this agent does not talk to this contact");
	if (consult_on(t))
		return refuse(cmd, ERR_CONFLICT, "he consults somebody already");
	if (g->waits)
		return refuse(cmd, ERR_CONFLICT, "who called holds it");
	if (guests_besides(t, g))
		return refuse(cmd, ERR_CONFLICT,
			      "others are with the customer: invite by conference instead");
	struct agent_id was = t->giver;
	t->giver = g->agent;
	enum err e = errand_begin(t, ERRAND_CONSULT, cmd);
	if (e != ERR_OK) {
		t->giver = was;
		return e;
	}
	t->away = true;
	g->away = false;
	EMIT(t->room->core, consult_start, .contact = t->contact, .agent = g->agent,
	     .target = cmd->target, .name = cmd->name, .by = cmd->by);
	return ERR_OK;
}

enum err verb_swap(struct talk *t, const struct command_call_do *cmd)
{
	struct guest *g, *other = guest_consulted(t);
	enum err e = who_consults(t, cmd, &g);
	if (e != ERR_OK)
		return e;
	if (!other)
		return refuse(cmd, ERR_CONFLICT, "whom he consults did not answer yet");
	t->away = !t->away;
	other->away = !t->away;
	return ERR_OK;
}

void consult_complete(struct talk *t, struct guest *g, enum party by, bool lost)
{
	struct core *c = t->room->core;
	struct guest *other = guest_consulted(t);
	EMIT(c, transfer, .contact = t->contact, .queue = t->queue, .agent = g->agent,
	     .target = t->target, .name = str_of(t->name), .by = agent_name(t, g->agent));
	if (!other)
		t->errand = ERRAND_TRANSFER; /* it rings still */
	consult_over(t, true);
	guest_leave(t, g, by, true, lost);
}

enum err verb_complete(struct talk *t, const struct command_call_do *cmd)
{
	struct guest *g;
	enum err e = who_consults(t, cmd, &g);
	if (e == ERR_OK)
		consult_complete(t, g, PARTY_agent, false);
	return e;
}

enum err verb_cancel(struct talk *t, const struct command_call_do *cmd)
{
	struct core *c = t->room->core;
	struct guest *g, *other = guest_consulted(t);
	enum err e = who_consults(t, cmd, &g);
	if (e != ERR_OK)
		return e;
	if (!other) {
		errand_cancel(t);
	} else if (other->party == PARTY_agent) {
		guest_leave(t, other, PARTY_system, true, false);
	} else {
		uint32_t callee = other->callee;
		guest_remove(t, other);
		e = SEND(c, dial_cancel, .contact = t->contact, .callee = callee);
		(void)e; /* he hung up a moment ago */
	}
	consult_over(t, false);
	return ERR_OK;
}
