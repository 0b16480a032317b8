/* conceal.c - see conceal.h. */
#include "audio/conceal.h"

#include <math.h>

#define PITCH_MIN 40 /* samples: 200 Hz */
#define TEMPLATE 160 /* what is compared: the last 20 ms */
#define STEADY 80    /* samples before it begins to fade: 10 ms */
#define QUIET 1000   /* sum of squares of the template's every second sample: silence */
#define JOIN_MIN 32  /* samples of cross-fade behind a gap: 4 ms … */
#define JOIN_MAX 80  /* … and 10 ms behind a long one */

/* Squared correlation of the template with what was `lag` before it, as a share of both energies;
 * every `step`-th sample. Negative correlations are no match. */
static float likeness(const int16_t *end, uint32_t lag, uint32_t step)
{
	float both = 0, then = 1;
	for (uint32_t i = 0; i < TEMPLATE; i += step) {
		float a = end[(int32_t)i - TEMPLATE], b = end[(int32_t)(i - TEMPLATE - lag)];
		both += a * b;
		then += b * b;
	}
	return both <= 0 ? 0 : both * both / then;
}

/* How long ago it sounded as it does now: coarse, then exact. 0: there is nothing to go by. */
static uint32_t find_pitch(const struct conceal *c)
{
	const int16_t *end = c->past + CONCEAL_PAST;
	float loud = 0, best = -1;
	uint32_t at = 0;
	if (c->heard < CONCEAL_PAST)
		return 0;
	for (int i = 0; i < TEMPLATE; i += 2)
		loud += (float)end[i - TEMPLATE] * end[i - TEMPLATE];
	if (loud < QUIET)
		return 0;
	for (uint32_t lag = PITCH_MIN; lag <= CONCEAL_PITCH; lag += 2) {
		float like = likeness(end, lag, 2);
		if (like > best) {
			best = like;
			at = lag;
		}
	}
	uint32_t low = MAX(at - 1, (uint32_t)PITCH_MIN),
		 high = MIN(at + 1, (uint32_t)CONCEAL_PITCH);
	best = -1;
	for (uint32_t lag = low; lag <= high; lag++) {
		float like = likeness(end, lag, 1);
		if (like > best) {
			best = like;
			at = lag;
		}
	}
	return at;
}

/* One period whose end runs into its beginning: the last quarter is faded into what came before the
 * period, so that the repetition has no seam. */
static void take_period(struct conceal *c)
{
	c->phase = 0;
	c->gaps++;
	c->pitch = find_pitch(c);
	if (!c->pitch)
		return;
	const int16_t *from = c->past + CONCEAL_PAST - c->pitch;
	uint32_t quarter = c->pitch / 4, steady = c->pitch - quarter;
	memcpy(c->period, from, c->pitch * sizeof c->period[0]);
	for (uint32_t i = 0; i < quarter; i++) {
		const int16_t *before = from - quarter;
		float in = (float)(i + 1) / (float)(quarter + 1);
		c->period[steady + i] =
			(int16_t)lrintf((1 - in) * from[steady + i] + in * before[i]);
	}
}

static int16_t make_up(struct conceal *c)
{
	if (!c->pitch || c->lost >= CONCEAL_GONE)
		return 0;
	int16_t v = c->period[c->phase];
	c->phase = (c->phase + 1) % c->pitch;
	uint32_t left = CONCEAL_GONE - MAX(c->lost, (uint32_t)STEADY);
	return (int16_t)((int32_t)v * (int32_t)left / (CONCEAL_GONE - STEADY));
}

static void fill(struct conceal *c, int16_t *pcm, size_t n)
{
	if (!c->lost)
		take_period(c);
	for (size_t i = 0; i < n; i++) {
		pcm[i] = make_up(c);
		c->lost += c->lost < CONCEAL_GONE;
	}
}

/* The longer the gap, the less what was made up resembles what comes. */
static void join(struct conceal *c, int16_t *pcm, size_t n)
{
	uint32_t over = MIN(JOIN_MIN + c->lost / 10, (uint32_t)JOIN_MAX);
	over = MIN(over, (uint32_t)n);
	for (uint32_t i = 0; i < over; i++) {
		float in = (float)(i + 1) / (float)(over + 1);
		pcm[i] = (int16_t)lrintf(in * pcm[i] + (1 - in) * make_up(c));
	}
	c->lost = 0;
}

static void remember(struct conceal *c, const int16_t *pcm, size_t n)
{
	if (n < CONCEAL_PAST)
		memmove(c->past, c->past + n, (CONCEAL_PAST - n) * sizeof *pcm);
	size_t keep = MIN(n, (size_t)CONCEAL_PAST);
	memcpy(c->past + CONCEAL_PAST - keep, pcm + n - keep, keep * sizeof *pcm);
	c->heard = (uint32_t)MIN(c->heard + n, (size_t)CONCEAL_PAST);
}

void conceal(struct conceal *c, int16_t *pcm, size_t n)
{
	for (size_t at = 0; at < n;) {
		bool gap = pcm[at] == SOUND_NONE;
		size_t run = 1;
		while (at + run < n && (pcm[at + run] == SOUND_NONE) == gap)
			run++;
		if (gap && c->heard)
			fill(c, pcm + at, run);
		else if (gap)
			memset(pcm + at, 0, run * sizeof *pcm);
		else if (c->lost)
			join(c, pcm + at, run);
		if (!gap || c->heard)
			remember(c, pcm + at, run);
		if (c->lost == CONCEAL_GONE)
			c->heard = 0; /* what comes next has no past */
		at += run;
	}
}
