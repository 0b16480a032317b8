/*
 * queue.c - node queue: hands the contact to acd and takes it back when acd lets go.
 *
 * The stretch of flow before the queue ends here (ivr_end, T-2). While the contact waits and while
 * an agent has it, the room only remembers where to go on.
 */
#include "flow/journey.h"

/* Exits that lead straight to a callback from this queue which can be taken: what comes of them is
 * no flow-out. Nothing that the node looks at changes while the contact waits. */
static uint32_t callback_exits(struct journey *j, const struct flow_node *n)
{
	char unread[NUMBER_TEXT];
	uint32_t mask = 0;
	for (unsigned x = EXIT_full; x <= EXIT_closed; x++) {
		const struct flow_node *to =
			(n->exit_mask & BIT(x)) ? &j->version->config.nodes[n->exits[x]] : NULL;
		if (to && to->kind == NODE_CALLBACK && str_eq(to->queue, n->queue) &&
		    dialled_for_callback(j, to, unread))
			mask |= BIT(x);
	}
	return mask;
}

static void wish(struct journey *j, struct wish *wishes, uint32_t *count, struct str agent,
		 uint32_t score)
{
	const struct object *o =
		objects_find(journey_core(j)->objects, KIND_user, journey_tenant(j), agent);
	if (o && *count < WISHES_MAX)
		wishes[(*count)++] = (struct wish){ID_AS(agent_id, o->id), score};
}

/* Agents he would best go to: those the node names, above them the one a variable names. */
static uint32_t wishes_of(struct journey *j, const struct flow_node *n, struct wish *wishes)
{
	const struct variable *v = n->wish_var.n ? variables_get(&j->variables, n->wish_var) : NULL;
	uint32_t count = 0;
	if (v && v->value.kind == VALUE_TEXT)
		wish(j, wishes, &count, str_of(v->text), UINT32_MAX);
	for (uint32_t i = 0; i < n->wish_count; i++)
		wish(j, wishes, &count, n->wishes[i].agent, n->wishes[i].score);
	return count;
}

static struct step queue_enter(struct journey *j)
{
	struct core *c = journey_core(j);
	const struct flow_node *n = journey_node(j);
	const struct object *queue =
		objects_find(c->objects, KIND_queue, journey_tenant(j), n->queue);
	if (!queue)
		return step_fail("queue does not exist");
	j->ahead_count = 0; /* keys pressed on the way here answer nothing behind the queue */
	journey_stretch_end(j, RESULT_completed);
	journey_move(j, JOURNEY_QUEUED);
	struct wish wishes[WISHES_MAX];
	uint32_t wish_count = wishes_of(j, n, wishes);
	enum err e =
		SEND(c, queue_join, .contact = j->contact, .queue = ID_AS(queue_id, queue->id),
		     .priority_min = n->priority_min, .exits = n->exit_mask,
		     .callbacks = callback_exits(j, n), .wishes = wishes, .wish_count = wish_count,
		     .wish_ms = n->wish_ms, .own_steps = n->own_steps, .steps = n->steps,
		     .step_count = n->step_count);
	return e == ERR_OK ? step_wait() : step_fail(err_text(e));
}

/* Left by rule: where `on` sends it, else the end. */
static struct step queue_leave(struct journey *j, enum queue_exit exit)
{
	static const char *const causes[] = {
		[EXIT_none] = "left the queue",	    [EXIT_full] = "queue full",
		[EXIT_timeout] = "waited too long", [EXIT_no_agents] = "no agents",
		[EXIT_closed] = "queue closed",
	};
	const struct flow_node *n = journey_node(j);
	if (n && exit != EXIT_none && (n->exit_mask & BIT(exit)))
		return step_go(n->exits[exit], queue_exit_word(exit));
	return step_end(PARTY_system, causes[exit]);
}

struct step queue_node_dequeue(struct journey *j, const struct event_dequeue *e)
{
	const struct flow_node *n = journey_node(j);
	bool transfer = n && n->kind == NODE_TRANSFER;
	if (j->state != JOURNEY_QUEUED)
		return step_wait();
	switch (e->reason) {
	case RESULT_answered:
		journey_move(j, JOURNEY_AGENT);
		return step_wait();
	case RESULT_callback:
		if (e->exit == EXIT_none)
			return step_wait(); /* taken without waiting, before he came here */
		return queue_leave(j, e->exit);
	case RESULT_flow_out:
	case RESULT_rejected:
		return transfer ? transfer_node_left(j, e->reason) : queue_leave(j, e->exit);
	case RESULT_abandoned:	 /* disconnect comes or has come */
	case RESULT_transferred: /* another queue has it now */
		return step_wait();
	case RESULT_failed:
	case RESULT_server_restart:
		return transfer ? transfer_node_left(j, e->reason)
				: step_end(PARTY_system, "queue failed");
	case RESULT_none:
	case RESULT_completed:
		break;
	}
	return step_fail("left the queue for no known reason");
}

struct step journey_talk_over(struct journey *j, enum party by)
{
	const struct flow_node *n = journey_node(j);
	if (n && n->has_next)
		return step_go(n->next, STR("next"));
	if (by == PARTY_agent)
		return step_end(PARTY_agent, "agent hung up");
	return step_end(PARTY_system, by == PARTY_callee ? "called party hung up" : "agent lost");
}

struct step queue_node_agent_end(struct journey *j, const struct event_agent_end *e)
{
	if ((j->state != JOURNEY_AGENT && j->state != JOURNEY_RINGING) || e->by == PARTY_customer)
		return step_wait(); /* disconnect comes or has come */
	if (e->goes_on)
		return step_wait(); /* others have it now, or will */
	return journey_talk_over(j, e->by);
}

/* Only its own queue may send it on by what `on` says; in others it waits as with an agent. */
void queue_node_again(struct journey *j, const struct event_enqueue *e)
{
	const struct flow_node *n = journey_node(j);
	const struct object *q = objects_get(journey_core(j)->objects, ID(e->queue));
	if (j->state == JOURNEY_AGENT && ID_NONE(e->consults) && n && n->kind == NODE_QUEUE && q &&
	    str_eq(q->name, n->queue))
		journey_move(j, JOURNEY_QUEUED);
}

const struct node_ops queue_node = {
	.enter = queue_enter,
};
