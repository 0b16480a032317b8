/* park.c - a contact nobody has, for anybody to pick up, until its time is over. */
#include "call/inside.h"

static void park_fire(struct timer *timer, int64_t now_ms)
{
	struct talk *t = timer->arg;
	(void)now_ms;
	if (t->errand != ERRAND_NONE) { /* somebody is just picking it up */
		t->park_until_ms = t->room->core->now_ms + AGENT_RING_MS;
		park_arm(t);
		return;
	}
	park_over(t, (struct agent_id){0});
	talk_go_back(t, true);
	talk_settle(t);
}

void park_arm(struct talk *t)
{
	struct timers *ts = &t->room->core->timers;
	if (t->parked)
		timer_start(ts, &t->timer, MAX(t->park_until_ms, t->room->core->now_ms), park_fire,
			    t);
	else
		timer_stop(ts, &t->timer);
}

void park_over(struct talk *t, struct agent_id by)
{
	t->parked = false;
	t->slot = 0;
	park_arm(t);
	EMIT(t->room->core, park_end, .contact = t->contact, .agent = by);
}

static bool of_tenant(const struct talk *t, struct tenant_id tenant)
{
	const struct contact *k = contact_get(t->room->core, t->contact);
	return k && ID_EQ(k->tenant, tenant);
}

/* The smallest one that is free in this tenant; 0: none is. */
static uint32_t free_slot(const struct talk *t)
{
	const struct contact *k = contact_get(t->room->core, t->contact);
	bool taken[PARK_SLOTS] = {0};
	pool_for_each (struct talk, other, t->room->talks)
		if (other->slot && k && of_tenant(other, k->tenant))
			taken[other->slot - PARK_SLOT_FIRST] = true;
	for (uint32_t i = 0; i < PARK_SLOTS; i++)
		if (!taken[i])
			return PARK_SLOT_FIRST + i;
	return 0;
}

enum err park_find(struct call_room *c, const struct command_park_find *cmd)
{
	pool_for_each (struct talk, t, c->talks) {
		if (!cmd->slot || t->slot != cmd->slot || !of_tenant(t, cmd->tenant))
			continue;
		*cmd->out = t->contact;
		return ERR_OK;
	}
	return ERR_NOT_FOUND;
}

enum err verb_park(struct talk *t, const struct command_call_do *cmd)
{
	struct core *c = t->room->core;
	struct guest *g = guest_agent(t, cmd->agent);
	const struct queue_config *q = queue_config(c->objects, t->queue);
	if (!g)
		return refuse(cmd, ERR_CONFLICT, "this agent does not talk to this contact");
	if (t->errand != ERRAND_NONE || guests_besides(t, g))
		return refuse(cmd, ERR_CONFLICT, "others are on this contact, or being called");
	int64_t ms = q && q->park_ms > 0 ? q->park_ms : PARK_MS;
	t->giver = g->agent;
	t->slot = free_slot(t);
	t->parked = true;
	t->away = t->muted = false;
	t->park_until_ms = c->now_ms + ms;
	park_arm(t);
	EMIT(c, park, .contact = t->contact, .queue = t->queue, .agent = g->agent, .timeout_ms = ms,
	     .by = cmd->by, .slot = t->slot);
	guest_leave(t, g, PARTY_agent, true, false);
	return ERR_OK;
}

enum err verb_pick_up(struct talk *t, const struct command_call_do *cmd)
{
	struct command_call_do to = *cmd;
	if (!t->parked)
		return refuse(cmd, ERR_CONFLICT, "it is not parked");
	to.target = TARGET_agent;
	to.name = agent_name(t, cmd->agent);
	return errand_begin(t, ERRAND_PICK_UP, &to);
}
