/* mix.c - see mix.h. */
#include "media/mix.h"

#define ONE 32768
#define BLOCK 40 /* samples: 5 ms, in which the gain goes from one value to the next */
#define BLOCKS (SOUND_FRAME / BLOCK)
#define RELEASE (ONE / 60) /* a block: full again after 0.3 s */

void mix_add(struct mix *m, const int16_t *pcm)
{
	for (uint32_t i = 0; i < SOUND_FRAME; i++)
		m->sum[i] += pcm[i];
}

int32_t mix_peak(const struct mix *m)
{
	int32_t high = 0, low = 0;
	for (uint32_t i = 0; i < SOUND_FRAME; i++) {
		high = MAX(high, m->sum[i]);
		low = MIN(low, m->sum[i]);
	}
	return MAX(high, -low);
}

/* The gain each block can bear, of ONE. */
static int32_t bearable(const int32_t *sum)
{
	int32_t peak = 1;
	for (uint32_t i = 0; i < BLOCK; i++)
		peak = MAX(peak, MAX(sum[i], -sum[i]));
	return peak <= LIMIT_PEAK ? ONE : (int32_t)((int64_t)LIMIT_PEAK * ONE / peak);
}

/* From block to block the gain runs in a line; where it ends is what both neighbours can bear, so
 * that nothing is cut. Only a frame's first block may be surprised; what is left there is cut at
 * full scale. */
void limit(struct limiter *l, const struct mix *m, int16_t *out)
{
	int32_t can[BLOCKS + 1], gain = ONE - l->down;
	for (uint32_t b = 0; b < BLOCKS; b++)
		can[b] = bearable(m->sum + b * BLOCK);
	can[BLOCKS] = can[BLOCKS - 1];
	for (uint32_t b = 0; b < BLOCKS; b++) {
		int32_t to = MIN(MIN(gain + RELEASE, ONE), MIN(can[b], can[b + 1]));
		for (uint32_t i = 0; i < BLOCK; i++) {
			int64_t g = gain + (int64_t)(to - gain) * (int32_t)(i + 1) / BLOCK;
			int64_t v = m->sum[b * BLOCK + i] * g / ONE;
			out[b * BLOCK + i] =
				(int16_t)MIN(MAX(v, (int64_t)-INT16_MAX), (int64_t)INT16_MAX);
		}
		gain = to;
	}
	l->down = ONE - gain;
}
