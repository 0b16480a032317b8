/* hours.c - node hours: one way when it is open in the tenant's local time, another when closed. */
#include "flow/journey.h"

#include "core/hours.h"

static struct step hours_enter(struct journey *j)
{
	struct core *c = journey_core(j);
	const struct flow_node *n = journey_node(j);
	const struct object *o = objects_find(c->objects, KIND_hours, journey_tenant(j), n->hours);
	if (!o) {
		journey_alarm(j, "hours do not exist: taken as closed");
		return step_go(n->otherwise, STR("closed"));
	}
	const struct tenant_config *t = tenant_config(c->objects, j->tenant);
	bool open = hours_open(&o->config->hours, t ? t->zone : NULL, c->utc_ms);
	return open ? step_go(n->open, STR("open")) : step_go(n->otherwise, STR("closed"));
}

const struct node_ops hours_node = {
	.enter = hours_enter,
};
