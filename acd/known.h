/*
 * known.h - who served a caller last: for queues that prefer him (behaviours.md Q-4, sticky_s).
 *
 * By tenant and caller's number; of at most KNOWN_MAX callers, then the one unheard of for the
 * longest time makes way. Callers who hide their number are nobody. Lost with the process.
 */
#pragma once

#include "core/core.h"

#define KNOWN_MAX 100000u

struct known;

/* most: callers remembered, 1..; their memory is touched as they come. Never NULL. */
struct known *known_create(uint32_t most, uint64_t seed);
void known_destroy(struct known *k); /* NULL is fine */
/* This agent has answered this caller now. */
void known_serve(struct known *k, const struct contact *caller, struct agent_id agent);
/* The zero id: none. He may have been deleted since. */
struct agent_id known_agent(const struct known *k, const struct contact *caller);
uint32_t known_count(const struct known *k);
