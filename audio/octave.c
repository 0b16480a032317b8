/* octave.c - see octave.h. Of a half-band filter every other tap but the middle one is zero. */
#include "audio/octave.h"

#include <math.h>

#define MOST 1920

static int32_t taps[OCTAVE_PAIRS]; /* Q15, at distances 1, 3, 5 … from the middle one of 0.5 */

__attribute__((constructor)) static void fill_taps(void)
{
	double half = 2 * OCTAVE_PAIRS, sum = 0, h[OCTAVE_PAIRS];
	for (int i = 0; i < OCTAVE_PAIRS; i++) {
		double k = 2 * i + 1, x = k / half;
		/* Hamming's window */
		h[i] = sin(M_PI * k / 2) / (M_PI * k) * (0.54 + 0.46 * cos(M_PI * x));
		sum += 2 * h[i];
	}
	for (int i = 0; i < OCTAVE_PAIRS; i++)
		taps[i] = (int32_t)lrint(h[i] / sum * 0.5 * 32768);
}

static int16_t sat(int64_t v)
{
	return (int16_t)(v > INT16_MAX ? INT16_MAX : v < INT16_MIN ? INT16_MIN : v);
}

size_t octave_down(struct octave *o, const int16_t *in, size_t n, int16_t *out)
{
	int16_t all[OCTAVE_PAST + MOST];
	CHECK(n <= MOST && n % 2 == 0);
	memcpy(all, o->past, sizeof o->past);
	memcpy(all + OCTAVE_PAST, in, n * sizeof *in);
	for (size_t i = 0; i < n; i += 2) {
		const int16_t *mid = all + i + OCTAVE_PAST / 2 + 1;
		int64_t sum = (int64_t)mid[0] * 16384 + 16384;
		for (int t = 0; t < OCTAVE_PAIRS; t++)
			sum += (int64_t)taps[t] * (mid[2 * t + 1] + mid[-2 * t - 1]);
		out[i / 2] = sat(sum >> 15);
	}
	memcpy(o->past, all + n, sizeof o->past);
	return n / 2;
}

size_t octave_up(struct octave *o, const int16_t *in, size_t n, int16_t *out)
{
	enum { PAST = 2 * OCTAVE_PAIRS }; /* samples of 8 kHz */
	int16_t all[PAST + MOST / 2];
	CHECK(n <= MOST / 2);
	memcpy(all, o->past, PAST * sizeof *all);
	memcpy(all + PAST, in, n * sizeof *in);
	for (size_t i = 0; i < n; i++) {
		/* what lies between two samples, then the second of them as it is */
		const int16_t *after = all + i + PAST / 2 + 1;
		int64_t sum = 8192;
		for (int t = 0; t < OCTAVE_PAIRS; t++)
			sum += (int64_t)taps[t] * (after[t] + after[-t - 1]);
		out[2 * i] = sat(sum >> 14);
		out[2 * i + 1] = after[0];
	}
	memcpy(o->past, all + n, PAST * sizeof *all);
	return 2 * n;
}
