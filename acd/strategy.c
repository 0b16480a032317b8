/*
 * strategy.c - in which order a queue takes its agents (behaviours.md Q-4).
 *
 * Each order is total: what it does not decide goes to the longest idle, then to the lowest id.
 */
#include "acd/inside.h"

int order_by_idle(const struct pick *p, const struct member *a, const struct member *b)
{
	(void)p;
	int64_t a_ms = member_idle_from(a), b_ms = member_idle_from(b);
	if (a_ms != b_ms)
		return a_ms < b_ms ? -1 : 1;
	return str_cmp(str_of(a->agent->name), str_of(b->agent->name));
}

static int by_position(const struct pick *p, const struct member *a, const struct member *b)
{
	(void)p;
	if (a->place.position != b->place.position)
		return a->place.position < b->place.position ? -1 : 1;
	return str_cmp(str_of(a->agent->name), str_of(b->agent->name));
}

static bool past_last(const struct queue *q, const struct member *m)
{
	if (m->place.position != q->last_position)
		return m->place.position > q->last_position;
	return str_cmp(str_of(m->agent->name), str_of(q->last_offered)) > 0;
}

/* Next after the last offered in the queue's order, around the corner. */
static int by_turn(const struct pick *p, const struct member *a, const struct member *b)
{
	bool past_a = past_last(p->visit->queue, a), past_b = past_last(p->visit->queue, b);
	if (past_a != past_b)
		return past_a ? -1 : 1;
	return by_position(p, a, b);
}

static int by_handled(const struct pick *p, const struct member *a, const struct member *b)
{
	if (a->agent->handled != b->agent->handled)
		return a->agent->handled < b->agent->handled ? -1 : 1;
	return order_by_idle(p, a, b);
}

static int by_talk(const struct pick *p, const struct member *a, const struct member *b)
{
	if (a->agent->talk_ms != b->agent->talk_ms)
		return a->agent->talk_ms < b->agent->talk_ms ? -1 : 1;
	return order_by_idle(p, a, b);
}

static int skill_difference(const struct pick *p, const struct member *a, const struct member *b)
{
	if (p->step == UINT32_MAX)
		return 0;
	uint32_t sum_a = skill_sum(agent_conf(a->agent), &p->demand.steps[p->step]);
	uint32_t sum_b = skill_sum(agent_conf(b->agent), &p->demand.steps[p->step]);
	return sum_a == sum_b ? 0 : sum_a > sum_b ? -1 : 1;
}

static int by_most_skilled(const struct pick *p, const struct member *a, const struct member *b)
{
	int d = skill_difference(p, a, b);
	return d ? d : order_by_idle(p, a, b);
}

static int by_least_skilled(const struct pick *p, const struct member *a, const struct member *b)
{
	int d = -skill_difference(p, a, b);
	return d ? d : order_by_idle(p, a, b);
}

member_order *strategy_order(enum strategy s)
{
	switch (s) {
	case STRATEGY_longest_idle:
	case STRATEGY_ring_all: /* who is named first; the others ring as well */
	case STRATEGY_ring_progressive:
	case STRATEGY_random: /* the dice choose among all; this orders the record */
	case STRATEGY_weighted_random:
		return order_by_idle;
	case STRATEGY_round_robin:
		return by_turn;
	case STRATEGY_top_down:
		return by_position;
	case STRATEGY_fewest_contacts:
		return by_handled;
	case STRATEGY_least_talk:
		return by_talk;
	case STRATEGY_most_skilled:
		return by_most_skilled;
	case STRATEGY_least_skilled:
		return by_least_skilled;
	}
	return order_by_idle;
}
