/* hangup.c - node hangup: the flow ends the call. */
#include "flow/journey.h"

static struct step hangup_enter(struct journey *j)
{
	(void)j;
	return step_end(PARTY_system, "flow");
}

const struct node_ops hangup_node = {
	.enter = hangup_enter,
};
