/*
 * queue.c - node queue: hands the contact to acd and takes it back when acd lets go.
 *
 * The stretch of flow before the queue ends here (ivr_end, T-2). While the contact waits and while
 * an agent has it, the room only remembers where to go on.
 */
#include "flow/visit.h"

static struct step queue_enter(struct visit *v)
{
	struct core *c = visit_core(v);
	const struct flow_node *n = visit_node(v);
	const struct object *queue =
		objects_find(c->objects, KIND_queue, visit_tenant(v), n->queue);
	if (!queue)
		return step_fail("queue does not exist");
	v->ahead_count = 0; /* keys pressed on the way here answer nothing behind the queue */
	visit_stretch_end(v, RESULT_completed);
	visit_move(v, VISIT_QUEUED);
	enum err e = SEND(c, queue_join, .contact = v->contact, .queue = ID_AS(queue_id, queue->id),
			  .priority_min = n->priority_min, .exits = n->exit_mask);
	return e == ERR_OK ? step_wait() : step_fail(err_text(e));
}

/* Left by rule: where `on` sends it, else the end. */
static struct step queue_leave(struct visit *v, enum queue_exit exit)
{
	static const char *const causes[] = {
		[EXIT_none] = "left the queue",	    [EXIT_full] = "queue full",
		[EXIT_timeout] = "waited too long", [EXIT_no_agents] = "no agents",
		[EXIT_closed] = "queue closed",
	};
	const struct flow_node *n = visit_node(v);
	if (n && exit != EXIT_none && (n->exit_mask & BIT(exit)))
		return step_go(n->exits[exit]);
	return step_end(PARTY_system, causes[exit]);
}

struct step queue_dequeue(struct visit *v, const struct event_dequeue *e)
{
	if (v->state != VISIT_QUEUED)
		return step_wait();
	switch (e->reason) {
	case RESULT_answered:
		visit_move(v, VISIT_AGENT);
		return step_wait();
	case RESULT_flow_out:
	case RESULT_rejected:
		return queue_leave(v, e->exit);
	case RESULT_abandoned:	 /* disconnect comes or has come */
	case RESULT_transferred: /* another queue has it now */
		return step_wait();
	case RESULT_failed:
	case RESULT_server_restart:
		return step_end(PARTY_system, "queue failed");
	case RESULT_none:
	case RESULT_callback:
	case RESULT_completed:
		break;
	}
	return step_fail("left the queue for no known reason");
}

struct step queue_agent_end(struct visit *v, const struct event_agent_end *e)
{
	if (v->state != VISIT_AGENT || e->by == PARTY_customer)
		return step_wait(); /* disconnect comes or has come */
	if (e->result == RESULT_transferred)
		return step_wait(); /* another agent or queue has it now */
	const struct flow_node *n = visit_node(v);
	if (n && n->has_next)
		return step_go(n->next);
	if (e->by == PARTY_agent)
		return step_end(PARTY_agent, "agent hung up");
	return step_end(PARTY_system, "agent lost");
}

void queue_again(struct visit *v)
{
	if (v->state == VISIT_AGENT)
		visit_move(v, VISIT_QUEUED);
}

const struct node_ops queue_node = {
	.enter = queue_enter,
};
