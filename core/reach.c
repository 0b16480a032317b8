/* reach.c - see reach.h. */
#include "core/reach.h"

#include <stdlib.h>

static int order(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static bool has(const struct str *names, uint32_t count, struct str name)
{
	return count && bsearch(&name, names, count, sizeof name, order) != NULL;
}

bool reach_agent(const struct reach *r, struct str agent)
{
	return !r || has(r->agents, r->agent_count, agent);
}

bool reach_queue(const struct reach *r, struct str queue)
{
	return !r || has(r->queues, r->queue_count, queue);
}

static bool same(const struct str *a, uint32_t a_count, const struct str *b, uint32_t b_count)
{
	bool alike = a_count == b_count;
	for (uint32_t i = 0; alike && i < a_count; i++)
		alike = str_eq(a[i], b[i]);
	return alike;
}

bool reach_same(const struct reach *a, const struct reach *b)
{
	return same(a->agents, a->agent_count, b->agents, b->agent_count) &&
	       same(a->queues, a->queue_count, b->queues, b->queue_count);
}

static const struct str *copy(struct arena *a, const struct str *names, uint32_t count)
{
	struct str *out = arena_alloc(a, (count + 1) * sizeof *out);
	for (uint32_t i = 0; i < count; i++)
		out[i] = arena_copy(a, names[i]);
	return out;
}

struct reach reach_copy(struct arena *a, const struct reach *r)
{
	return (struct reach){.agents = copy(a, r->agents, r->agent_count),
			      .queues = copy(a, r->queues, r->queue_count),
			      .agent_count = r->agent_count,
			      .queue_count = r->queue_count};
}

struct reach reach_both(struct arena *room, const struct reach *a, const struct reach *b)
{
	const struct reach *one = a ? a : b, *other = a ? b : NULL;
	struct str *agents = arena_alloc(room, (one->agent_count + 1) * sizeof *agents);
	struct str *queues = arena_alloc(room, (one->queue_count + 1) * sizeof *queues);
	struct reach both = {.agents = agents, .queues = queues};
	for (uint32_t i = 0; i < one->agent_count; i++)
		if (reach_agent(other, one->agents[i]))
			agents[both.agent_count++] = one->agents[i];
	for (uint32_t i = 0; i < one->queue_count; i++)
		if (reach_queue(other, one->queues[i]))
			queues[both.queue_count++] = one->queues[i];
	return both;
}

uint32_t reach_order(struct str *names, uint32_t count)
{
	uint32_t kept = 0;
	if (count)
		qsort(names, count, sizeof *names, order);
	for (uint32_t i = 0; i < count; i++)
		if (!kept || !str_eq(names[kept - 1], names[i]))
			names[kept++] = names[i];
	return kept;
}
