/*
 * transfer.c - node transfer: the customer is connected with a queue, an agent or a number.
 *
 * The stretch of flow before it ends here (ivr_end), as at a queue. acd or voice say what comes of
 * it; the room only remembers where to go on.
 */
#include "flow/journey.h"

static struct step fails(const struct flow_node *n, enum dial_result why)
{
	static const char *const causes[] = {
		[DIAL_none] = "transfer failed",
		[DIAL_busy] = "transfer: busy",
		[DIAL_no_answer] = "transfer: no answer",
		[DIAL_failed] = "transfer failed",
	};
	if (n && n->fails[why] != NODE_NOWHERE)
		return step_go(n->fails[why], dial_result_word(why));
	return step_end(PARTY_system, causes[why]);
}

static struct step to_queue(struct journey *j, const struct flow_node *n)
{
	struct core *c = journey_core(j);
	const struct object *o = objects_find(c->objects, KIND_queue, journey_tenant(j), n->queue);
	journey_move(j, JOURNEY_QUEUED);
	if (o &&
	    SEND(c, queue_join, .contact = j->contact, .queue = ID_AS(queue_id, o->id)) == ERR_OK)
		return step_wait();
	return fails(n, DIAL_failed);
}

static struct step to_agent(struct journey *j, const struct flow_node *n)
{
	struct core *c = journey_core(j);
	const struct object *o = objects_find(c->objects, KIND_user, journey_tenant(j), n->agent);
	journey_move(j, JOURNEY_RINGING);
	if (!o)
		return fails(n, DIAL_failed);
	enum err e = SEND(c, agent_ring, .contact = j->contact, .agent = ID_AS(agent_id, o->id),
			  .ring_ms = n->ring_ms);
	return e == ERR_OK ? step_wait() : fails(n, e == ERR_CONFLICT ? DIAL_busy : DIAL_failed);
}

static struct step to_number(struct journey *j, const struct flow_node *n)
{
	char number[NUMBER_TEXT];
	bool good = dialled_for_transfer(j, n, number);
	journey_move(j, JOURNEY_RINGING);
	if (good && SEND(journey_core(j), dial_out, .contact = j->contact, .number = str_of(number),
			 .ring_ms = n->ring_ms) == ERR_OK)
		return step_wait();
	return fails(n, DIAL_failed);
}

static struct step transfer_enter(struct journey *j)
{
	const struct flow_node *n = journey_node(j);
	j->ahead_count = 0; /* as at a queue */
	journey_stretch_end(j, RESULT_completed);
	switch (n->to) {
	case TRANSFER_QUEUE:
		return to_queue(j, n);
	case TRANSFER_AGENT:
		return to_agent(j, n);
	case TRANSFER_NUMBER:
		return to_number(j, n);
	}
	return step_fail("nobody to transfer to");
}

struct step transfer_node_left(struct journey *j, enum result reason)
{
	return fails(journey_node(j), reason == RESULT_rejected ? DIAL_busy : DIAL_failed);
}

struct step transfer_node_answer(struct journey *j)
{
	/* queued: an agent was given it past the queue */
	if (j->state == JOURNEY_RINGING || j->state == JOURNEY_QUEUED)
		journey_move(j, JOURNEY_AGENT);
	return step_wait();
}

struct step transfer_node_ring_end(struct journey *j, enum offer_result result)
{
	if (j->state != JOURNEY_RINGING)
		return step_wait();
	switch (result) {
	case OFFER_no_answer:
		return fails(journey_node(j), DIAL_no_answer);
	case OFFER_rejected:
	case OFFER_busy:
		return fails(journey_node(j), DIAL_busy);
	case OFFER_cancelled_by_caller: /* disconnect comes or has come */
	case OFFER_accepted:
	case OFFER_answered_elsewhere:
		return step_wait();
	case OFFER_unreachable:
	case OFFER_agent_lost:
		break;
	}
	return fails(journey_node(j), DIAL_failed);
}

struct step transfer_node_dial_end(struct journey *j, const struct event_dial_end *e)
{
	const struct flow_node *n = journey_node(j);
	if (n && n->kind != NODE_TRANSFER)
		return step_wait(); /* somebody else called that number */
	if (e->by == PARTY_customer || (j->state != JOURNEY_RINGING && j->state != JOURNEY_AGENT))
		return step_wait(); /* disconnect comes or has come */
	if (e->result != DIAL_none)
		return fails(n, e->result);
	return journey_talk_over(j, e->by);
}

const struct node_ops transfer_node = {
	.enter = transfer_enter,
};
