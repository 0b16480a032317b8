/*
 * arena.h - memory for one request or one configuration, freed all at once. One thread.
 */
#pragma once

#include "base/str.h"

struct arena {
	struct arena_block *blocks;
	size_t used; /* bytes handed out */
};

void arena_init(struct arena *a);
void arena_finish(struct arena *a);
void *arena_alloc(struct arena *a, size_t n);	      /* zeroed, aligned to 16, never NULL */
struct str arena_copy(struct arena *a, struct str s); /* NUL-terminated behind its end */
