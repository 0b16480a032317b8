/* dist.c - see dist.h. */
#include "sim/dist.h"

#include <math.h>

#include "base/real.h"

/* splitmix64 (Steele, Lea, Flood 2014) */
static uint64_t mix(uint64_t z)
{
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

#define STEP 0x9e3779b97f4a7c15ull

struct chance chance_make(uint64_t seed, uint64_t stream)
{
	return (struct chance){mix(mix(seed + STEP) + mix(~stream * STEP))};
}

uint64_t chance_next(struct chance *d)
{
	return mix(d->state += STEP);
}

double chance_unit(struct chance *d)
{
	return ((double)(chance_next(d) >> 12) + 0.5) * 0x1p-52;
}

double dist_mean(const struct dist *d)
{
	double sum = 0;
	switch (d->kind) {
	case DIST_NEVER:
		return INFINITY;
	case DIST_EXP:
	case DIST_LOGNORMAL:
	case DIST_CONST:
		return d->mean;
	case DIST_TRACE:
		for (uint32_t i = 0; i < d->length; i++)
			sum += d->list[i];
		return sum / d->length;
	}
	return 0;
}

/* Marsaglia's polar method: needs no sine. The second of the pair is thrown away, so that a
 * throw depends on nothing before it but the chance. */
static double normal(struct chance *d)
{
	for (;;) {
		double x = 2 * chance_unit(d) - 1, y = 2 * chance_unit(d) - 1, r = x * x + y * y;
		if (r > 0 && r < 1)
			return x * real_sqrt(-2 * real_log(r) / r);
	}
}

double dist_throw(const struct dist *d, struct chance *chance, uint32_t *at)
{
	double spread, value;
	switch (d->kind) {
	case DIST_NEVER:
		return INFINITY;
	case DIST_EXP:
		return -d->mean * real_log(chance_unit(chance));
	case DIST_LOGNORMAL: /* the logarithm has variance ln(1 + cv^2) */
		spread = real_log(1 + d->cv * d->cv);
		return d->mean * real_exp(real_sqrt(spread) * normal(chance) - spread / 2);
	case DIST_CONST:
		return d->mean;
	case DIST_TRACE:
		value = d->list[*at];
		*at = (*at + 1) % d->length;
		return value;
	}
	return 0;
}
