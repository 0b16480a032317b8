/*
 * left.h - who hung up while he waited: calling again soon, he has his place again.
 *
 * Remembered by queue and number, not for hidden numbers; of at most LEFT_MAX, the one who left
 * first makes way. Survives the process as images of its own. Times are monotonic. Main thread.
 */
#pragma once

#include "core/core.h"

#define LEFT_MAX 10000u

struct left;

struct left_place {
	int64_t place_ms; /* from when his score counted */
	uint32_t priority_min;
	int64_t until_ms; /* nothing is remembered when it is not after now */
};

struct left *left_create(uint64_t seed); /* never NULL */
void left_destroy(struct left *l);	 /* NULL is fine */
void left_remember(struct left *l, struct core *c, const char *queue, const struct contact *k,
		   const struct left_place *place);
/* His place, once: true and *out when he left this queue and is in time. */
bool left_take(struct left *l, struct core *c, const char *queue, const struct contact *k,
	       struct left_place *out);
uint32_t left_count(const struct left *l);
bool left_save(const struct left *l, struct id id, struct buf *out);
enum err left_load(struct left *l, struct id id, struct str image);
