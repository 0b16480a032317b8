/*
 * people.h - dice, and what invented people do with them. Pure: the same seed gives the same
 * people.
 */
#pragma once

#include "base/check.h"

struct dice {
	uint64_t state;
};

struct dice dice_make(uint64_t seed);
uint64_t dice_next(struct dice *d);
double dice_share(struct dice *d); /* [0,1) */
bool dice_chance(struct dice *d, double share);
uint32_t dice_below(struct dice *d, uint32_t n); /* n > 0 */
uint32_t dice_exp_ms(struct dice *d, double mean_ms);
/* Log-normal with this mean; cv: standard deviation over mean. */
uint32_t dice_lognormal_ms(struct dice *d, double mean_ms, double cv);

/* How busy it is at a time of day, 0..1: quiet nights, a peak before noon, a dip at lunch, a lower
 * peak in the afternoon. Continuous over midnight. day: 0 at 00:00, 1 at 24:00 (any number). */
double people_rhythm(double day);

/* Milliseconds from `day` to the next arrival of a Poisson process that follows the rhythm, by
 * thinning (Lewis, Shedler 1979). per_hour: at the busiest time. factor: invented days pass this
 * much faster than real ones; 0: no rhythm. At most an hour is looked ahead. */
uint32_t people_next_arrival_ms(struct dice *d, double per_hour, double factor, double day);
