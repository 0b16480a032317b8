/* retention_sweep.c - see retention_sweep.h. */
#include "web/retention_sweep.h"

#define DAY_MS 86400000ll

void retention_rules_put(struct retention_rules *r, struct str queue, int64_t days)
{
	if (days >= 0 && queue.n && r->count < SWEEP_QUEUES &&
	    str_copy(queue, r->own[r->count].queue, sizeof r->own[0].queue))
		r->own[r->count++].days = days;
}

static int64_t rule_of(const struct retention_rules *r, struct str queue)
{
	for (uint32_t i = 0; i < r->count && queue.n; i++)
		if (str_is(queue, r->own[i].queue))
			return r->own[i].days;
	return r->days;
}

bool retention_due(const struct retention_rules *r, struct str queue, int64_t started_at_ms,
		   int64_t now_ms)
{
	const int64_t days = rule_of(r, queue);
	return days > 0 && started_at_ms < now_ms - days * DAY_MS;
}

/* The fewest days any rule says; 0: all is kept. */
static int64_t fewest_days(const struct retention_rules *r)
{
	int64_t fewest = r->days > 0 ? r->days : 0;
	for (uint32_t i = 0; i < r->count; i++)
		if (r->own[i].days > 0 && (!fewest || r->own[i].days < fewest))
			fewest = r->own[i].days;
	return fewest;
}

static void sweep_piece(struct sweep *s, struct str tenant, const struct retention_rules *r,
			const struct recording_due *due, uint32_t count)
{
	for (uint32_t i = 0; i < count && !s->failed; i++) {
		if (!retention_due(r, str_of(due[i].queue), due[i].started_at_ms, s->now_ms))
			continue;
		const enum err e = s->drop(s->arg, tenant, &due[i]);
		s->deleted += e == ERR_OK;
		s->failed = e != ERR_OK && e != ERR_CONFLICT;
	}
}

void sweep_tenant(struct sweep *s, struct str tenant, const struct retention_rules *r)
{
	const int64_t days = fewest_days(r);
	struct recording_due due[SWEEP_PIECE];
	char after_id[sizeof due[0].id] = "";
	struct sweep_place at = {.tenant = tenant, .before_ms = s->now_ms - days * DAY_MS};
	uint32_t count = days ? SWEEP_PIECE : 0;
	while (count == SWEEP_PIECE && !s->failed && s->deleted < SWEEP_MAX) {
		s->failed = s->next(s->arg, &at, due, &count) != ERR_OK;
		if (s->failed || !count)
			return;
		sweep_piece(s, tenant, r, due, count);
		at.after_ms = due[count - 1].started_at_ms;
		(void)str_copy(str_of(due[count - 1].id), after_id, sizeof after_id);
		at.after_id = str_of(after_id);
	}
}
