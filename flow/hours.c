/* hours.c - node hours: one way when it is open in the tenant's local time, another when closed. */
#include "flow/journey.h"

#include "core/zone.h"

/* A special day takes the place of its weekday, also when it has no hours at all. */
static const struct day_plan *hours_plan(const struct hours_config *h, const struct local_time *l)
{
	for (uint32_t i = 0; i < h->special_count; i++) {
		const struct special_day *s = &h->special[i];
		if (s->year == l->year && s->month == l->month && s->day == l->day)
			return &s->plan;
	}
	return &h->week[l->weekday];
}

static bool hours_open(const struct hours_config *h, const struct zone *z, int64_t utc_ms)
{
	struct local_time l;
	zone_local(z, utc_ms, &l);
	const struct day_plan *plan = hours_plan(h, &l);
	int minute = l.hour * 60 + l.minute;
	for (uint32_t i = 0; i < plan->span_count; i++)
		if (minute >= plan->spans[i].from_min && minute < plan->spans[i].to_min)
			return true;
	return false;
}

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
