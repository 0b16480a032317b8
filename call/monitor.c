/* monitor.c - supervisors who listen, whisper, barge in and take over (behaviours.md S-2). */
#include "call/inside.h"

enum err verb_monitor(struct talk *t, const struct command_call_do *cmd)
{
	struct core *c = t->room->core;
	struct guest *g = guest_watcher(t, cmd->agent);
	if (cmd->mode == MONITOR_none) {
		if (!g)
			return refuse(cmd, ERR_CONFLICT, "you do not listen to this contact");
		watcher_gone(t, g);
		enum err e = SEND(c, phone_drop, .contact = t->contact, .agent = cmd->agent);
		(void)e; /* put down a moment ago */
		return ERR_OK;
	}
	if (g) {
		if (g->here && g->mode != cmd->mode) {
			EMIT(c, monitor_end, .contact = t->contact, .agent = g->agent,
			     .mode = g->mode);
			EMIT(c, monitor_start, .contact = t->contact, .agent = g->agent,
			     .mode = cmd->mode, .by = cmd->by);
		}
		g->mode = cmd->mode;
		return ERR_OK;
	}
	const struct contact *k = contact_get(c, t->contact);
	if (k && k->private) /* behaviours.md A-8 */
		return refuse(cmd, ERR_FORBIDDEN, "this is a private call");
	if (!guests_besides(t, NULL))
		return refuse(cmd, ERR_CONFLICT, "nobody talks to this contact");
	if (guest_agent(t, cmd->agent))
		return refuse(cmd, ERR_CONFLICT, "you talk to this contact yourself");
	if (t->guest_count == GUESTS_MAX)
		return refuse(cmd, ERR_FULL, "nobody more can be on this contact");
	enum err e = SEND(c, phone_ring, .contact = t->contact, .agent = cmd->agent,
			  .ring_ms = AGENT_RING_MS);
	if (e != ERR_OK)
		return refuse(cmd, e, "your telephone is not ready");
	g = guest_add(t, PARTY_supervisor);
	g->agent = cmd->agent;
	g->here = false;
	g->mode = cmd->mode;
	return ERR_OK;
}

void watcher_up(struct talk *t, struct agent_id agent)
{
	struct guest *g = guest_watcher(t, agent);
	if (!g || g->here)
		return;
	g->here = true;
	EMIT(t->room->core, monitor_start, .contact = t->contact, .agent = agent, .mode = g->mode,
	     .by = agent_name(t, agent));
}

void watcher_gone(struct talk *t, struct guest *g)
{
	if (g->here)
		EMIT(t->room->core, monitor_end, .contact = t->contact, .agent = g->agent,
		     .mode = g->mode);
	guest_remove(t, g);
}

/* The supervisor serves the contact from now on, for whom it is done leaves it. */
enum err verb_take_over(struct talk *t, const struct command_call_do *cmd)
{
	struct core *c = t->room->core;
	struct guest *g = guest_watcher(t, cmd->agent), *from = guest_first_agent(t);
	if (!g || !g->here)
		return refuse(cmd, ERR_CONFLICT, "listen first: monitor");
	if (!from || consult_on(t) || t->errand != ERRAND_NONE)
		return refuse(cmd, ERR_CONFLICT, "not while somebody is consulted or called");
	enum err e =
		SEND(c, talk_begin, .contact = t->contact, .agent = cmd->agent, .queue = t->queue);
	if (e != ERR_OK)
		return refuse(cmd, e == ERR_NOT_FOUND ? ERR_FORBIDDEN : e,
			      e == ERR_NOT_FOUND ? "only who is an agent too can take over"
						 : "you work on something else");
	struct agent_id left = from->agent;
	watcher_gone(t, g);
	g = guest_add(t, PARTY_agent);
	g->agent = cmd->agent;
	t->away = t->paused = false; /* his recording is a new one */
	EMIT(c, transfer, .contact = t->contact, .queue = t->queue, .agent = left,
	     .target = TARGET_agent, .name = agent_name(t, cmd->agent), .by = cmd->by);
	guest_leave(t, guest_agent(t, left), PARTY_system, true, false);
	return ERR_OK;
}
