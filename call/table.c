/* table.c - at the table: hold, invite, mute, leave, and what the recording hears. */
#include "call/inside.h"

/* One of several who goes away leaves the others with the customer; the only one leaves him with
 * the music. */
enum err verb_hold(struct talk *t, const struct command_call_do *cmd, bool on)
{
	struct guest *g = guest_agent(t, cmd->agent);
	if (!g)
		return refuse(cmd, ERR_CONFLICT, "this agent does not talk to this contact");
	if (consult_on(t))
		return refuse(cmd, ERR_CONFLICT, "a consultation goes on: swap instead");
	if (g->waits)
		return refuse(cmd, ERR_CONFLICT, "who called holds it");
	if (on == (g->away || t->away))
		return refuse(cmd, ERR_CONFLICT, on ? "it is on hold" : "it is not on hold");
	if (!on)
		g->away = t->away = false;
	else if (guests_besides(t, g))
		g->away = true;
	else
		t->away = true;
	return ERR_OK;
}

enum err verb_conference(struct talk *t, const struct command_call_do *cmd)
{
	struct guest *g = guest_agent(t, cmd->agent);
	if (!g)
		return refuse(cmd, ERR_CONFLICT, "this agent does not talk to this contact");
	if (cmd->target == TARGET_none) {
		if (!guest_consulted(t) || !ID_EQ(t->giver, g->agent))
			return refuse(cmd, ERR_CONFLICT,
				      "he consults nobody who answered: name whom to invite");
		consult_over(t, true);
		return ERR_OK;
	}
	if (consult_on(t))
		return refuse(cmd, ERR_CONFLICT, "a consultation goes on: complete it first");
	struct agent_id was = t->giver;
	t->giver = g->agent;
	enum err e = errand_begin(t, ERRAND_CONFERENCE, cmd);
	if (e != ERR_OK)
		t->giver = was;
	return e;
}

/* Whom a mute means: an agent or a number by name, the customer, else who says it. */
static struct guest *meant(struct talk *t, const struct command_call_do *cmd)
{
	struct id id;
	if (cmd->target == TARGET_none)
		return guest_agent(t, cmd->agent);
	if (cmd->target == TARGET_agent && target_find(t, cmd, &id) == ERR_OK) {
		struct guest *g = guest_agent(t, ID_AS(agent_id, id));
		return g ? g : guest_watcher(t, ID_AS(agent_id, id));
	}
	for (uint32_t i = 0; cmd->target == TARGET_number && i < t->guest_count; i++)
		if (t->guests[i].party == PARTY_callee && str_is(cmd->name, t->guests[i].number))
			return &t->guests[i];
	return NULL;
}

enum err verb_mute(struct talk *t, const struct command_call_do *cmd, bool on)
{
	struct core *c = t->room->core;
	bool customer = cmd->target == TARGET_none && str_is(cmd->name, "customer");
	struct guest *g = customer ? NULL : meant(t, cmd);
	if (!customer && !g)
		return refuse(cmd, ERR_NOT_FOUND, "nobody of this name is on this contact");
	bool *muted = customer ? &t->muted : &g->muted;
	if (*muted == on)
		return refuse(cmd, ERR_CONFLICT, on ? "is muted already" : "is not muted");
	*muted = on;
	enum party party = customer ? PARTY_customer : g->party;
	struct str name = customer		     ? STR_NONE
			  : g->party == PARTY_callee ? str_of(g->number)
						     : agent_name(t, g->agent);
	if (on)
		EMIT(c, mute_on, .contact = t->contact, .party = party, .name = name,
		     .by = cmd->by);
	else
		EMIT(c, mute_off, .contact = t->contact, .party = party, .name = name,
		     .by = cmd->by);
	return ERR_OK;
}

enum err verb_record(struct talk *t, const struct command_call_do *cmd, bool pause)
{
	struct core *c = t->room->core;
	struct guest *g = guest_agent(t, cmd->agent);
	if (t->paused == pause)
		return refuse(cmd, ERR_CONFLICT,
			      pause ? "the recording is paused" : "the recording is not paused");
	enum err e = SEND(c, recording_pause, .contact = t->contact, .on = pause);
	if (e != ERR_OK)
		return refuse(cmd, ERR_CONFLICT, "this talk is not recorded");
	t->paused = pause;
	struct agent_id agent = g ? g->agent : (struct agent_id){0};
	if (pause)
		EMIT(c, record_pause, .contact = t->contact, .queue = t->queue, .agent = agent,
		     .by = cmd->by);
	else
		EMIT(c, record_resume, .contact = t->contact, .queue = t->queue, .agent = agent,
		     .by = cmd->by);
	return ERR_OK;
}
