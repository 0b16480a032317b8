/*
 * errand.c - somebody is rung, or waited for, for a contact: one at a time.
 *
 *             came                              failed
 *   CONFERENCE ──▶ at the table                    ──▶ nothing changes
 *   CONSULT    ──▶ beside who consults             ──▶ he is back with the customer
 *   PICK_UP    ──▶ has the customer                ──▶ still parked
 *   TRANSFER   ──▶ has the customer                ──▶ RETURN: to who gave it away, if he is free,
 *   RETURN     ──▶ has the customer                    then to its queue, where it first stood
 */
#include "call/inside.h"

static const struct queue_config *rules(const struct talk *t)
{
	return queue_config(t->room->core->objects, t->queue);
}

static int64_t agent_ring_ms(const struct talk *t)
{
	const struct queue_config *q = rules(t);
	return q && q->ring_ms > 0 ? q->ring_ms : AGENT_RING_MS;
}

enum err target_find(struct talk *t, const struct command_call_do *cmd, struct id *out)
{
	struct core *c = t->room->core;
	const struct contact *k = contact_get(c, t->contact);
	const struct object *tenant = k ? objects_get(c->objects, ID(k->tenant)) : NULL;
	const struct object *o = NULL;
	*out = (struct id){0};
	if (!tenant)
		return ERR_NOT_FOUND;
	switch (cmd->target) {
	case TARGET_none:
		return refuse(cmd, ERR_INVALID, "to whom: a queue, an agent or a number");
	case TARGET_number:
		return cmd->name.n && cmd->name.n < NUMBER_TEXT
			       ? ERR_OK
			       : refuse(cmd, ERR_INVALID, "this is no number");
	case TARGET_queue:
		o = objects_find(c->objects, KIND_queue, tenant->name, cmd->name);
		break;
	case TARGET_agent:
		o = objects_find(c->objects, KIND_user, tenant->name, cmd->name);
		break;
	}
	if (!o)
		return refuse(cmd, ERR_NOT_FOUND,
			      cmd->target == TARGET_queue ? "no such queue" : "no such agent");
	*out = o->id;
	return ERR_OK;
}

static enum err ring_agent(struct talk *t, enum errand errand, struct agent_id agent, bool anyway)
{
	enum err e = SEND(t->room->core, agent_ring, .contact = t->contact, .agent = agent,
			  .ring_ms = agent_ring_ms(t), .queue = t->queue, .anyway = anyway);
	if (e != ERR_OK)
		return e;
	t->errand = errand;
	t->target = TARGET_agent;
	t->asked = agent;
	(void)str_copy(agent_name(t, agent), t->name, sizeof t->name);
	return ERR_OK;
}

static enum err ring_number(struct talk *t, enum errand errand, struct str number,
			    struct agent_id agent)
{
	struct core *c = t->room->core;
	/* by the clock, which goes on when rows and processes go: an older one's end is not his */
	uint32_t callee = MAX(t->room->callee_seq + 1, (uint32_t)c->now_ms);
	enum err e = SEND(c, dial_out, .contact = t->contact, .number = number,
			  .ring_ms = NUMBER_RING_MS, .callee = callee, .agent = agent);
	if (e != ERR_OK)
		return e;
	t->room->callee_seq = callee;
	t->errand = errand;
	t->target = TARGET_number;
	t->callee = callee;
	(void)str_copy(number, t->name, sizeof t->name);
	return ERR_OK;
}

static enum err wait_in(struct talk *t, enum errand errand, struct queue_id queue, struct str name)
{
	bool consults = errand == ERRAND_CONSULT || errand == ERRAND_CONFERENCE;
	enum err e = SEND(t->room->core, queue_join, .contact = t->contact, .queue = queue,
			  .again = true, .but = t->giver,
			  .consults = consults ? t->giver : (struct agent_id){0});
	if (e != ERR_OK)
		return e;
	t->errand = errand;
	t->target = TARGET_queue;
	(void)str_copy(str_head(name, sizeof t->name - 1), t->name, sizeof t->name);
	return ERR_OK;
}

static enum err refused(const struct command_call_do *cmd, enum err e)
{
	switch (cmd->target) {
	case TARGET_agent:
		return refuse(cmd, e,
			      e == ERR_CONFLICT	   ? "this agent is not free"
			      : e == ERR_NOT_FOUND ? "no such agent"
						   : err_text(e));
	case TARGET_queue:
		return refuse(cmd, e, e == ERR_FULL ? "this queue is full" : err_text(e));
	case TARGET_number:
		return refuse(cmd, e == ERR_NOT_FOUND ? ERR_CONFLICT : e,
			      e == ERR_FORBIDDEN   ? "this number may not be called"
			      : e == ERR_NOT_FOUND ? "no trunk leads there"
			      : e == ERR_FULL	   ? "all lines are busy"
						   : err_text(e));
	case TARGET_none:
		break;
	}
	return e;
}

enum err errand_begin(struct talk *t, enum errand errand, const struct command_call_do *cmd)
{
	struct id id;
	if (t->errand != ERRAND_NONE)
		return refuse(cmd, ERR_CONFLICT, "somebody is being called for it already");
	if (t->guest_count == GUESTS_MAX)
		return refuse(cmd, ERR_FULL, "nobody more can be on this contact");
	enum err e = target_find(t, cmd, &id);
	if (e != ERR_OK)
		return e;
	if (cmd->target == TARGET_agent)
		e = ring_agent(t, errand, ID_AS(agent_id, id), errand == ERRAND_PICK_UP);
	else if (cmd->target == TARGET_queue)
		e = wait_in(t, errand, ID_AS(queue_id, id), cmd->name);
	else
		e = ring_number(t, errand, cmd->name, cmd->agent);
	return e == ERR_OK ? e : refused(cmd, e);
}

void errand_came(struct talk *t, struct guest *g)
{
	enum errand was = t->errand;
	t->errand = ERRAND_NONE;
	switch (was) {
	case ERRAND_NONE:
	case ERRAND_CONFERENCE:
		break;
	case ERRAND_CONSULT:
		g->consulted = true;
		break;
	case ERRAND_PICK_UP:
		park_over(t, g->agent);
		break;
	case ERRAND_TRANSFER:
	case ERRAND_RETURN:
		t->away = false;
		break;
	}
}

/* True: he is rung. */
static bool to_giver(struct talk *t)
{
	if (ID_NONE(t->giver) || ring_agent(t, ERRAND_RETURN, t->giver, false) != ERR_OK)
		return false;
	EMIT(t->room->core, transfer_back, .contact = t->contact, .target = TARGET_agent,
	     .name = str_of(t->name));
	return true;
}

static bool to_queue(struct talk *t)
{
	struct core *c = t->room->core;
	const struct object *o = objects_get(c->objects, ID(t->queue));
	if (!o ||
	    SEND(c, queue_join, .contact = t->contact, .queue = t->queue, .again = true) != ERR_OK)
		return false;
	EMIT(c, transfer_back, .contact = t->contact, .target = TARGET_queue, .name = o->name);
	return true;
}

void talk_go_back(struct talk *t, bool giver)
{
	t->errand = ERRAND_NONE;
	t->away = false;
	if ((giver && to_giver(t)) || to_queue(t))
		return;
	enum err e = SEND(t->room->core, hang_up, .contact = t->contact, .by = PARTY_system,
			  .cause = STR("nobody took the transfer"));
	(void)e; /* the customer went first */
}

void errand_failed(struct talk *t)
{
	enum errand was = t->errand;
	t->errand = ERRAND_NONE;
	switch (was) {
	case ERRAND_NONE:
	case ERRAND_CONFERENCE:
	case ERRAND_PICK_UP:
		break;
	case ERRAND_CONSULT:
		consult_over(t, false);
		break;
	case ERRAND_TRANSFER:
		talk_go_back(t, true);
		break;
	case ERRAND_RETURN:
		talk_go_back(t, false);
		break;
	}
}

void errand_cancel(struct talk *t)
{
	struct core *c = t->room->core;
	enum err e = ERR_OK;
	if (t->errand == ERRAND_NONE)
		return;
	t->errand = ERRAND_NONE;
	if (t->target == TARGET_number)
		e = SEND(c, dial_cancel, .contact = t->contact, .callee = t->callee);
	else
		e = SEND(c, queue_leave, .contact = t->contact, .result = RESULT_flow_out);
	(void)e; /* it ended a moment ago */
}
