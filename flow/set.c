/* set.c - node set: a variable gets a value. What is made of something secret is secret. */
#include "flow/journey.h"

void journey_set(struct journey *j, struct str name, const struct expr_value *v, bool masked)
{
	enum err e = variables_set(&j->variables, name, v, masked);
	if (e != ERR_OK)
		journey_alarm(j, e == ERR_FULL ? "more than 32 variables: one is not set"
					       : "a variable cannot hold its value");
	core_touch(journey_core(j), IMAGE_FLOW, ID(j->contact));
}

static struct step set_enter(struct journey *j)
{
	const struct flow_node *n = journey_node(j);
	bool masked;
	struct expr_value v = journey_value(j, &n->value, &masked);
	journey_set(j, n->var, &v, masked);
	return step_go(n->next, STR("next"));
}

const struct node_ops set_node = {
	.enter = set_enter,
};
