/*
 * subflow.c - node subflow: another flow's way, then on from here.
 *
 * The other flow ends where an edge of it is missing; the contact then goes to this node's `next`.
 * Apply refuses flows that go into each other, so the depth is a bound, not a rule one meets.
 */
#include "flow/journey.h"

static struct step subflow_enter(struct journey *j)
{
	struct core *c = journey_core(j);
	const struct object *o =
		objects_find(c->objects, KIND_flow, journey_tenant(j), journey_node(j)->flow);
	if (!o)
		return step_fail("flow does not exist");
	if (j->depth == FLOW_DEPTH_MAX)
		return step_fail("more than 8 flows inside each other");
	j->frames[j->depth++] = (struct frame){j->version, j->node};
	j->version = version_use(&j->room->versions, o);
	return step_go(j->version->config.start, STR("flow"));
}

struct step subflow_node_return(struct journey *j, const char *edge)
{
	struct frame f = j->frames[--j->depth];
	version_leave(&j->room->versions, j->version);
	j->version = f.version;
	j->node = f.node;
	const struct flow_node *n = journey_node(j);
	return n ? step_go(n->next, str_of(edge)) : step_fail("its node is gone since a restart");
}

void subflow_forget(struct journey *j)
{
	while (j->depth)
		version_leave(&j->room->versions, j->frames[--j->depth].version);
}

const struct node_ops subflow_node = {
	.enter = subflow_enter,
};
