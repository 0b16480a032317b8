/* guests.c - who is on a contact, and what it means when somebody leaves. */
#include "call/inside.h"

static struct guest *find(struct talk *t, enum party party, struct agent_id agent, uint32_t callee)
{
	for (uint32_t i = 0; i < t->guest_count; i++) {
		struct guest *g = &t->guests[i];
		if (g->party == party && ID_EQ(g->agent, agent) && g->callee == callee)
			return g;
	}
	return NULL;
}

struct guest *guest_agent(struct talk *t, struct agent_id agent)
{
	return find(t, PARTY_agent, agent, 0);
}

struct guest *guest_callee(struct talk *t, uint32_t callee)
{
	return find(t, PARTY_callee, (struct agent_id){0}, callee);
}

struct guest *guest_watcher(struct talk *t, struct agent_id agent)
{
	return find(t, PARTY_supervisor, agent, 0);
}

struct guest *guest_consulted(struct talk *t)
{
	for (uint32_t i = 0; i < t->guest_count; i++)
		if (t->guests[i].consulted)
			return &t->guests[i];
	return NULL;
}

struct guest *guest_first_agent(struct talk *t)
{
	for (uint32_t i = 0; i < t->guest_count; i++)
		if (t->guests[i].party == PARTY_agent)
			return &t->guests[i];
	return NULL;
}

struct guest *guest_add(struct talk *t, enum party party)
{
	if (t->guest_count == GUESTS_MAX)
		return NULL;
	struct guest *g = &t->guests[t->guest_count++];
	*g = (struct guest){.party = party, .here = true};
	return g;
}

void guest_remove(struct talk *t, struct guest *g)
{
	uint32_t at = (uint32_t)(g - t->guests);
	memmove(g, g + 1, (t->guest_count - at - 1) * sizeof *g);
	t->guest_count--;
}

uint32_t guests_besides(const struct talk *t, const struct guest *but)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < t->guest_count; i++)
		count += t->guests[i].party != PARTY_supervisor && &t->guests[i] != but;
	return count;
}

struct str agent_name(const struct talk *t, struct agent_id agent)
{
	const struct object *o = objects_who(t->room->core->objects, ID(agent));
	return o ? o->name : STR_NONE;
}

void guest_leave(struct talk *t, struct guest *g, enum party by, bool goes_on, bool lost)
{
	struct agent_id agent = g->agent;
	/* who was with the customer hands him on; who was only beside another has finished */
	bool gives = goes_on && g == guest_first_agent(t) && !g->consulted;
	guest_remove(t, g);
	enum err e = SEND(t->room->core, talk_end, .contact = t->contact, .agent = agent, .by = by,
			  .result = lost    ? RESULT_failed
				    : gives ? RESULT_transferred
					    : RESULT_completed,
			  .goes_on = goes_on, .lost = lost);
	(void)e; /* his part may have ended a moment ago */
}

/* His supervisors are told; he is not ready from when this talk is over (behaviours.md A-6). */
static void tell_lost(struct talk *t, struct agent_id agent)
{
	struct core *c = t->room->core;
	const struct contact *k = contact_get(c, t->contact);
	char room[160], uuid[UUID_TEXT + 1] = "?";
	struct buf b = buf_make(room, sizeof room);
	if (k)
		uuid_text(k->uuid, uuid);
	buf_fmt(&b, "agent=" STR_FMT " contact=%s", STR_ARG(agent_name(t, agent)), uuid);
	EMIT(c, alarm, .tenant = k ? k->tenant : (struct tenant_id){0}, .name = STR("agent_lost"),
	     .detail = buf_str(&b), .agent = agent, .queue = t->queue,
	     .about = k ? str_of(uuid) : STR_NONE);
	enum err e = SEND(c, presence_set, .agent = agent, .presence = PRESENCE_not_ready,
			  .reason = STR("technical"), .by = STR("system"), .supervised = true);
	(void)e; /* he is no agent any more */
}

/* Nobody of ours knows the customer any more but his queue: he waits again, before his equals
 * (behaviours.md A-6). False: there is none. */
static bool wait_again(struct talk *t, const struct guest *g)
{
	if (ID_NONE(t->queue) ||
	    SEND(t->room->core, queue_join, .contact = t->contact, .queue = t->queue, .again = true,
		 .level = 1, .but = g->agent) != ERR_OK)
		return false;
	t->away = t->muted = false;
	return true;
}

/* A telephone that is put down says what its owner can say no other way: a consultation becomes a
 * transfer, an invitation that still rings too. */
static void put_down(struct talk *t, struct guest *g, bool lost)
{
	enum party by = lost ? PARTY_system : PARTY_agent;
	if (consult_on(t) && ID_EQ(t->giver, g->agent)) {
		consult_complete(t, g, by, lost);
	} else if (g->consulted) {
		guest_leave(t, g, by, guests_besides(t, g), lost);
		consult_over(t, false);
	} else if (guests_besides(t, g)) {
		bool waited = g->waits;
		guest_leave(t, g, by, true, lost);
		if (waited && guest_consulted(t))
			consult_over(t, true); /* it is the caller's only talk now */
	} else if (t->errand == ERRAND_CONFERENCE) {
		t->errand = ERRAND_TRANSFER;
		t->giver = g->agent;
		t->away = false;
		guest_leave(t, g, by, true, lost);
	} else {
		bool waits = lost && wait_again(t, g);
		guest_leave(t, g, by, waits, lost);
	}
}

enum err guest_hung_up(struct call_room *c, const struct command_call_left *cmd)
{
	struct talk *t = talk_of(c, cmd->contact);
	if (!t && cmd->lost) {
		enum err e = talk_need(c, cmd->contact, &t);
		if (e != ERR_OK && e != ERR_FULL)
			return e;
	}
	struct guest *g = t ? guest_agent(t, cmd->agent) : NULL;
	if (g) {
		if (cmd->lost && !cmd->sent)
			tell_lost(t, g->agent);
		put_down(t, g, cmd->lost);
	}
	if (t)
		talk_settle(t);
	if (g)
		return ERR_OK;
	/* an ordinary talk, or over */
	return SEND(c->core, talk_end, .contact = cmd->contact, .agent = cmd->agent,
		    .by = cmd->lost ? PARTY_system : PARTY_agent);
}

void guest_gone(struct talk *t, struct guest *g)
{
	bool consulted = g->consulted, waited = g->waits;
	bool consults = consult_on(t) && g->party == PARTY_agent && ID_EQ(t->giver, g->agent);
	guest_remove(t, g);
	if (consulted)
		consult_over(t, false);
	else if (waited && guest_consulted(t))
		consult_over(t, true);
	else if (consults && guest_consulted(t))
		consult_over(t, true); /* whom he consulted has the customer */
	else if (consults) {
		t->errand = ERRAND_TRANSFER;
		consult_over(t, true);
	}
}
