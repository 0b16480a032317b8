/*
 * reach.h - whom a supervisor looks after who is held to teams: names of agents and queues of one
 * tenant. Everything else of it is not there for him.
 *
 * Made from declared objects (objects/registry.h); a value in somebody's arena. Pure; any thread.
 */
#pragma once

#include "base/arena.h"

struct reach {
	const struct str *agents, *queues; /* each once, in order of bytes */
	uint32_t agent_count, queue_count;
};

/* r NULL: held to nothing, he reaches all. */
bool reach_agent(const struct reach *r, struct str agent);
bool reach_queue(const struct reach *r, struct str queue);
bool reach_same(const struct reach *a, const struct reach *b);
/* Whom both reach; either may be NULL, not both. Its names are a's and b's. */
struct reach reach_both(struct arena *room, const struct reach *a, const struct reach *b);
/* A copy whose texts lie in the arena. */
struct reach reach_copy(struct arena *a, const struct reach *r);
/* Puts a list in order and drops what is there twice; returns how many are left. */
uint32_t reach_order(struct str *names, uint32_t count);
