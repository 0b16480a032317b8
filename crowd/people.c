/* people.c - see people.h. */
#include "crowd/people.h"

#include <math.h>

static const double DAY_MS = 86400000.0;

struct dice dice_make(uint64_t seed)
{
	return (struct dice){seed};
}

/* splitmix64 (Steele, Lea, Flood 2014): any seed will do */
uint64_t dice_next(struct dice *d)
{
	uint64_t z = d->state += 0x9e3779b97f4a7c15ull;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

double dice_share(struct dice *d)
{
	return (double)(dice_next(d) >> 11) * 0x1p-53;
}

bool dice_chance(struct dice *d, double share)
{
	return dice_share(d) < share;
}

uint32_t dice_below(struct dice *d, uint32_t n)
{
	CHECK(n > 0);
	return (uint32_t)(((dice_next(d) >> 32) * n) >> 32);
}

static uint32_t to_ms(double ms)
{
	return ms < 0 ? 0 : ms > 1e9 ? 1000000000u : (uint32_t)ms;
}

uint32_t dice_exp_ms(struct dice *d, double mean_ms)
{
	return to_ms(-mean_ms * log(1.0 - dice_share(d)));
}

uint32_t dice_lognormal_ms(struct dice *d, double mean_ms, double cv)
{
	/* mean = exp(mu + s²/2), cv² = exp(s²) - 1; a normal number by Box and Muller */
	const double s2 = log(1.0 + cv * cv);
	const double normal =
		sqrt(-2.0 * log(1.0 - dice_share(d))) * cos(2.0 * M_PI * dice_share(d));
	if (mean_ms <= 0)
		return 0;
	return to_ms(exp(log(mean_ms) - s2 / 2 + sqrt(s2) * normal));
}

/* A bell around `at`, seen from both sides of midnight. */
static double bell(double day, double at, double width)
{
	double away = fabs(day - at);
	if (away > 0.5)
		away = 1.0 - away;
	return exp(-(away * away) / (2 * width * width));
}

double people_rhythm(double day)
{
	day -= floor(day);
	const double busy = 0.05 + 0.90 * bell(day, 10.5 / 24, 1.4 / 24) +
			    0.75 * bell(day, 15.5 / 24, 1.8 / 24) +
			    0.15 * bell(day, 19.5 / 24, 1.5 / 24);
	return busy > 1 ? 1 : busy;
}

uint32_t people_next_arrival_ms(struct dice *d, double per_hour, double factor, double day)
{
	CHECK(per_hour > 0);
	const uint32_t look_ahead_ms = 3600000;
	uint64_t in_ms = 0;
	do {
		in_ms += dice_exp_ms(d, 3600000.0 / per_hour);
		if (in_ms >= look_ahead_ms)
			return look_ahead_ms;
	} while (factor > 0 &&
		 !dice_chance(d, people_rhythm(day + (double)in_ms * factor / DAY_MS)));
	return (uint32_t)in_ms;
}
