/*
 * tier.c - tiers of agents: the first for so long, then also the next (behaviours.md Q-4).
 *
 * A tier nobody is of does not count, and with skip_empty neither does one nobody of which is
 * signed in: so a sign-out may open the next one at once.
 */
#include "acd/inside.h"

static bool is_staff(enum avail avail)
{
	return avail != AVAIL_signed_out && avail != AVAIL_leaving;
}

static void changed(struct queue *q)
{
	if (queue_conf(q)->tier_ms > 0)
		queue_stale(q);
}

void tier_member(struct member *m, int by)
{
	uint32_t *count = &m->queue->tier_members[m->place.tier - 1];
	*count += (uint32_t)by;
	if (*count == (by > 0))
		changed(m->queue);
}

void tier_staff(struct member *m, int by)
{
	if (!is_staff(m->agent->avail))
		return;
	uint32_t *count = &m->queue->tier_staff[m->place.tier - 1];
	*count += (uint32_t)by;
	if (*count == (by > 0) && queue_conf(m->queue)->tier_skip)
		changed(m->queue);
}

static bool counts(const struct queue *q, const struct queue_config *c, uint32_t tier)
{
	return c->tier_skip ? q->tier_staff[tier] > 0 : q->tier_members[tier] > 0;
}

uint32_t tiers_open(const struct visit *v)
{
	const struct queue_config *c = queue_conf(v->queue);
	if (c->tier_ms <= 0)
		return UINT32_MAX;
	int64_t steps = (v->acd->core->now_ms - v->enqueue_ms) / c->tier_ms;
	uint32_t open = 0;
	for (uint32_t tier = 0; tier < TIERS_MAX && steps >= 0; tier++) {
		if (!counts(v->queue, c, tier))
			continue;
		open = (c->tier_alone ? 0 : open) | BIT(tier);
		steps--;
	}
	return open;
}

int64_t tier_next_ms(const struct visit *v)
{
	const struct queue_config *c = queue_conf(v->queue);
	if (c->tier_ms <= 0)
		return INT64_MAX;
	int64_t steps = (v->acd->core->now_ms - v->enqueue_ms) / c->tier_ms, tiers = 0;
	for (uint32_t tier = 0; tier < TIERS_MAX; tier++)
		tiers += counts(v->queue, c, tier);
	return steps + 1 < tiers ? v->enqueue_ms + (steps + 1) * c->tier_ms : INT64_MAX;
}

int64_t tier_from_ms(const struct member *m)
{
	const struct queue_config *c = queue_conf(m->queue);
	int64_t before = 0;
	if (c->tier_ms <= 0)
		return 0;
	for (uint32_t tier = 0; tier + 1 < m->place.tier; tier++)
		before += counts(m->queue, c, tier);
	return before * c->tier_ms;
}
