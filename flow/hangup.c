/* hangup.c - node hangup: the flow ends the call. */
#include "flow/visit.h"

static struct step hangup_enter(struct visit *v)
{
	(void)v;
	return step_end(PARTY_system, "flow");
}

const struct node_ops hangup_node = {
	.enter = hangup_enter,
};
