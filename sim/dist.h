/*
 * dist.h - chance, and what is thrown with them: gaps between calls, handle times, patience.
 *
 * Each stream of chance is a generator of its own, made from the scenario's seed and a number, so
 * that a change in one queue leaves the callers of the others as they were. Same seed, same numbers
 * on every machine (base/real.h). Pure.
 */
#pragma once

#include "base/err.h"

struct chance {
	uint64_t state;
};

struct chance chance_make(uint64_t seed, uint64_t stream);
uint64_t chance_next(struct chance *d);
double chance_unit(struct chance *d); /* above 0, below 1 */

enum dist_kind { DIST_NEVER, DIST_EXP, DIST_LOGNORMAL, DIST_CONST, DIST_TRACE };

/* Seconds. never: patience without end. */
struct dist {
	enum dist_kind kind;
	double mean;	 /* exp, lognormal, const */
	double cv;	 /* lognormal: standard deviation / mean */
	double *list;	 /* trace: taken in order, from the front again when over; owned */
	uint32_t length; /* of list, above 0 */
};

double dist_mean(const struct dist *d); /* INFINITY for never */
/* *at is the place in a trace and begins at 0. Seconds, not negative; INFINITY for never. */
double dist_throw(const struct dist *d, struct chance *chance, uint32_t *at);
