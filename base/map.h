/*
 * map.h - from a key of bytes to a pointer: open addressing with a seeded hash.
 *
 * The map keeps the key's view, not its bytes: they must live as long as the entry (usually inside
 * the value). Adding grows the table (dies without memory). One thread.
 */
#pragma once

#include "base/str.h"

struct map {
	struct map_entry *entries;
	uint32_t count, used, room; /* used counts tombstones too */
	uint64_t seed;
};

void map_init(struct map *m, uint64_t seed);
void map_finish(struct map *m);
void *map_get(const struct map *m, struct str key); /* NULL when absent */
/* value must not be NULL. ERR_CONFLICT when the key is there already. */
MUST_USE enum err map_add(struct map *m, struct str key, void *value);
void *map_remove(struct map *m, struct str key); /* returns what was there, or NULL */
/* Walks all entries in no order: *at starts at 0. NULL at the end. No adding meanwhile. */
void *map_next(const struct map *m, uint32_t *at);
