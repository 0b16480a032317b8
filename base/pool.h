/*
 * pool.h - a fixed number of equal places, each known by {slot, age}.
 *
 * All memory is taken at creation. A place's age grows every time it is given out, so a dead id
 * looks up to NULL. Places are zeroed when given out. Slot 0 is never given out: the zero id means
 * nobody. One thread.
 */
#pragma once

#include "base/err.h"

struct id {
	uint32_t slot, age;
};

/* Distinct types for distinct things, so that an agent cannot be passed for a queue. */
#define ID_TYPE(name)                                                                              \
	struct name {                                                                              \
		uint32_t slot, age;                                                                \
	}
#define ID(x)                                                                                      \
	({                                                                                         \
		__auto_type id_of = (x);                                                           \
		(struct id){id_of.slot, id_of.age};                                                \
	})
#define ID_AS(type, x)                                                                             \
	({                                                                                         \
		__auto_type id_as = (x);                                                           \
		(struct type){id_as.slot, id_as.age};                                              \
	})
#define ID_NONE(x) ((x).slot == 0)
#define ID_EQ(a, b) ((a).slot == (b).slot && (a).age == (b).age)

struct pool;

/* count: most places alive at a time, 1..16M. size: bytes of one. Never NULL. */
struct pool *pool_create(const char *name, size_t size, uint32_t count);
void pool_destroy(struct pool *p); /* NULL is fine */

/* NULL when full. The newest freed place is given out last, so ages last long. */
MUST_USE void *pool_take(struct pool *p, struct id *id);
/* Takes one place by its id, for rebuilding after a restart; NULL when occupied or out of range. */
MUST_USE void *pool_take_at(struct pool *p, struct id id);
void pool_give(struct pool *p, void *item);

void *pool_get(const struct pool *p, struct id id); /* NULL: dead or never was */
struct id pool_id(const struct pool *p, const void *item);
uint32_t pool_count(const struct pool *p);
uint32_t pool_limit(const struct pool *p);
uint32_t pool_peak(const struct pool *p);
const char *pool_name(const struct pool *p);
/* Ages begin at birth (even) instead of 0, so that ids of an earlier life of the program that other
 * processes may still hold never look alive in this one. Before the first take. */
void pool_born(struct pool *p, uint32_t birth);
/* Tests starve a pool to fewer places than it was made with; 0 refuses every take. */
void pool_starve(struct pool *p, uint32_t limit);

/* Walks the living in slot order; NULL at the end. Removing the one at hand is fine. */
void *pool_next(const struct pool *p, uint32_t *slot);
#define pool_for_each(type, item, p)                                                               \
	for (uint32_t item##_slot = 0, item##_once = 1; item##_once; item##_once = 0)              \
		for (type * item; (item = pool_next((p), &item##_slot)) != NULL;)
