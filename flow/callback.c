/*
 * callback.c - node callback: the customer wants to be called back, in his turn.
 *
 * Takes no time. Without a number that can be called back he goes to `else`.
 */
#include "flow/journey.h"

static struct step callback_enter(struct journey *j)
{
	struct core *c = journey_core(j);
	const struct flow_node *n = journey_node(j);
	const struct object *queue =
		objects_find(c->objects, KIND_queue, journey_tenant(j), n->queue);
	char number[NUMBER_TEXT];
	if (!queue || !dialled_for_callback(j, n, number) ||
	    SEND(c, callback_take, .contact = j->contact, .queue = ID_AS(queue_id, queue->id),
		 .number = str_of(number)) != ERR_OK)
		return step_go(n->otherwise, STR("else"));
	return step_go(n->next, STR("next"));
}

const struct node_ops callback_node = {
	.enter = callback_enter,
};
