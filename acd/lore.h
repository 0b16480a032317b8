/*
 * lore.h - what a queue has learned from its past: how long contacts take, how long callers wait
 * before they give up, how often somebody comes, and how long the wait really was at each place.
 *
 * Bounded: the newest of each. Times are monotonic ms handed in; they hold across a restart of the
 * program, so lore survives as an image. Pure.
 */
#pragma once

#include "base/str.h"

#define LORE_HANDLES 256u
#define LORE_PLACES 16u	      /* groups of places: 1, 2 … 6, 7-8 … 121 and more */
#define LORE_SEEN 24u	      /* waits of one group */
#define LORE_SEEN_MIN 10u     /* fewer fresh ones do not make a P80 */
#define LORE_FRESH_MS 1800000 /* older ones belong to another time of the day */
#define LORE_THIN 5u	      /* fewer contacts handled: nothing is promised (behaviours.md P-3) */

struct lore {
	uint32_t handle_ms[LORE_HANDLES]; /* a ring: talk, hold and wrap-up of contacts */
	uint32_t handled;		  /* in all; the newest LORE_HANDLES are kept */
	double waited_ms, quits;	  /* of about the last hundred who had to wait */
	double gap_ms;			  /* between two who come, moving average; 0: not known */
	int64_t came_ms;
	struct {
		uint32_t at_s, wait_ms;
	} seen[LORE_PLACES][LORE_SEEN]; /* rings: real waits from each place */
	uint32_t seen_count[LORE_PLACES];
};

void lore_handled(struct lore *l, int64_t ms);
void lore_came(struct lore *l, int64_t now_ms);
/* Somebody no longer waits; quit: he gave up. */
void lore_left(struct lore *l, int64_t wait_ms, bool quit);
/* From this place it took so long until an agent answered. */
void lore_waited(struct lore *l, uint32_t place, int64_t wait_ms, int64_t now_ms);

bool lore_thin(const struct lore *l);
/* The handle times that are kept, ascending, into out[LORE_HANDLES]; returns how many. */
uint32_t lore_handles(const struct lore *l, uint32_t *out);
double lore_quits_per_ms(const struct lore *l); /* 0: hardly anybody does */
double lore_comes_per_ms(const struct lore *l, int64_t now_ms);
/* Measured P80 of the wait at this place in the last half hour; 0: too few. */
int64_t lore_p80_ms(const struct lore *l, uint32_t place, int64_t now_ms);

void lore_save(const struct lore *l, struct buf *out);
/* ERR_INVALID: not such bytes; *l is empty then. */
MUST_USE enum err lore_load(struct lore *l, struct str image);
