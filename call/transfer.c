/* transfer.c - an agent hands his customer on; a supervisor moves who waits. */
#include "call/inside.h"

/* The agent in whose name something is done, who has the customer for himself. */
static enum err alone_with_customer(struct talk *t, const struct command_call_do *cmd,
				    struct guest **out)
{
	struct guest *g = guest_agent(t, cmd->agent);
	if (!g)
		return refuse(cmd, ERR_CONFLICT, "this agent does not talk to this contact");
	if (consult_on(t))
		return refuse(cmd, ERR_CONFLICT,
			      "a consultation goes on: complete it or cancel it first");
	if (guests_besides(t, g))
		return refuse(cmd, ERR_CONFLICT, "others are with the customer: leave instead");
	*out = g;
	return ERR_OK;
}

enum err verb_transfer(struct talk *t, const struct command_call_do *cmd)
{
	struct core *c = t->room->core;
	struct guest *g;
	enum err e = alone_with_customer(t, cmd, &g);
	if (e != ERR_OK)
		return e;
	struct queue_id queue = t->queue;
	struct agent_id was = t->giver;
	t->giver = g->agent;
	e = errand_begin(t, ERRAND_TRANSFER, cmd);
	if (e != ERR_OK) {
		t->giver = was;
		return e;
	}
	EMIT(c, transfer, .contact = t->contact, .queue = queue, .agent = g->agent,
	     .target = cmd->target, .name = cmd->name, .by = cmd->by);
	if (cmd->target == TARGET_queue) /* it waits there as anybody */
		t->errand = ERRAND_NONE;
	t->away = t->muted = false;
	guest_leave(t, g, PARTY_agent, true, false);
	return ERR_OK;
}

/* Where it waits it is `transferred`. */
static void leave_place(struct talk *t, const struct talk_glance *now)
{
	if (!now->queued) {
		errand_cancel(t);
		return;
	}
	t->errand = ERRAND_NONE;
	enum err e = SEND(t->room->core, queue_leave, .contact = t->contact,
			  .result = RESULT_transferred);
	CHECK(e == ERR_OK);
}

static enum err move_to_queue(struct talk *t, const struct command_call_do *cmd,
			      const struct talk_glance *now, struct queue_id queue)
{
	struct core *c = t->room->core;
	if (now->queued && ID_EQ(now->queue, queue))
		return refuse(cmd, ERR_CONFLICT, "it waits there already");
	leave_place(t, now);
	enum err e = SEND(c, queue_join, .contact = t->contact, .queue = queue, .again = true);
	if (e != ERR_OK)
		talk_go_back(t, false);
	else if (t->parked)
		park_over(t, (struct agent_id){0});
	return e;
}

static enum err move_to_agent(struct talk *t, const struct command_call_do *cmd,
			      const struct talk_glance *now)
{
	struct core *c = t->room->core;
	struct id id;
	enum err e = target_find(t, cmd, &id);
	/* could he? */
	if (e == ERR_OK && SEND(c, agent_ring, .agent = ID_AS(agent_id, id)) != ERR_OK)
		e = refuse(cmd, ERR_CONFLICT, "this agent is not free");
	if (e != ERR_OK)
		return e;
	leave_place(t, now);
	e = errand_begin(t, t->parked ? ERRAND_PICK_UP : ERRAND_TRANSFER, cmd);
	if (e != ERR_OK && !t->parked)
		talk_go_back(t, false);
	return e;
}

enum err verb_move(struct talk *t, const struct command_call_do *cmd)
{
	struct core *c = t->room->core;
	struct talk_glance now = {.place = CONTACT_flow};
	struct id id;
	if (SEND(c, talk_look, .contact = t->contact, .out = &now) != ERR_OK ||
	    (!t->parked && !now.queued) || now.count)
		return refuse(cmd, ERR_CONFLICT, "only who waits in a queue or is parked is moved");
	struct queue_id was = t->queue = now.queued ? now.queue : t->queue;
	enum err e = target_find(t, cmd, &id);
	if (e != ERR_OK)
		return e;
	if (cmd->target == TARGET_number)
		return refuse(cmd, ERR_INVALID, "who waits is moved to a queue or an agent");
	e = cmd->target == TARGET_queue ? move_to_queue(t, cmd, &now, ID_AS(queue_id, id))
					: move_to_agent(t, cmd, &now);
	if (e == ERR_OK)
		EMIT(c, transfer, .contact = t->contact, .queue = was, .target = cmd->target,
		     .name = cmd->name, .by = cmd->by);
	return e;
}
