/*
 * octave.h - streams of sound between 8,000 and 16,000 samples a second, piece by piece. Pure.
 *
 * A half-band filter: flat to 3.4 kHz, 40 dB down from 4.6 kHz on; 1.4 ms of delay each way.
 */
#pragma once

#include "base/str.h"

#define OCTAVE_PAIRS 12
#define OCTAVE_PAST (4 * OCTAVE_PAIRS) /* samples of 16 kHz the filter looks back on */

/* One direction of one stream; all zeroes is a beginning. */
struct octave {
	int16_t past[OCTAVE_PAST];
};

/* n samples of 16 kHz, even, at most 1,920; returns n / 2 of 8 kHz. in and out may be the same. */
size_t octave_down(struct octave *o, const int16_t *in, size_t n, int16_t *out);
/* n samples of 8 kHz, at most 960; returns 2 n of 16 kHz. Not in place. */
size_t octave_up(struct octave *o, const int16_t *in, size_t n, int16_t *out);
