/* branch.c - node branch: the first condition that is true says where to go. */
#include "flow/journey.h"

static struct step by_case(const struct flow_node *n, uint32_t i)
{
	char edge[EDGE_TEXT];
	struct buf b = buf_make(edge, sizeof edge);
	buf_fmt(&b, "if[%u]", i);
	return step_go(n->cases[i].next, buf_str(&b));
}

static struct step branch_enter(struct journey *j)
{
	const struct flow_node *n = journey_node(j);
	for (uint32_t i = 0; i < n->case_count; i++) {
		bool masked; /* where a contact goes is no secret */
		struct expr_value v = journey_value(j, &n->cases[i].when, &masked);
		if (expression_true(&v))
			return by_case(n, i);
	}
	return step_go(n->otherwise, STR("else"));
}

const struct node_ops branch_node = {
	.enter = branch_enter,
};
