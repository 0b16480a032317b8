/* branch.c - node branch: the first condition that is true says where to go. */
#include "flow/journey.h"

static struct step branch_enter(struct journey *j)
{
	const struct flow_node *n = journey_node(j);
	for (uint32_t i = 0; i < n->case_count; i++) {
		bool masked; /* where a contact goes is no secret */
		struct expr_value v = journey_value(j, &n->cases[i].when, &masked);
		if (expression_true(&v))
			return step_go(n->cases[i].next);
	}
	return step_go(n->otherwise);
}

const struct node_ops branch_node = {
	.enter = branch_enter,
};
