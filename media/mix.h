/*
 * mix.h - several voices in one: sums that never distort. Pure; frames of 20 ms at 8 kHz.
 *
 * A sum is kept in 32 bits. Where it is louder than a sample can be, the limiter turns the whole
 * down, in time and smoothly, and slowly up again: three loud talkers are as loud as one, not
 * clipped.
 */
#pragma once

#include "audio/sound.h"

struct mix {
	int32_t sum[SOUND_FRAME];
};

void mix_add(struct mix *m, const int16_t *pcm);
int32_t mix_peak(const struct mix *m);

#define LIMIT_PEAK 29204 /* 1 dB below full scale */

/* All zeroes is a beginning. */
struct limiter {
	int32_t down; /* of 32768: how much is taken away at the frame's end; 0: nothing */
};

/* True: the frame may be taken as it is. */
static inline bool limiter_idle(const struct limiter *l, int32_t peak)
{
	return !l->down && peak <= LIMIT_PEAK;
}
void limit(struct limiter *l, const struct mix *m, int16_t *out);
