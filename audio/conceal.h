/*
 * conceal.h - lost sound is made up from what was heard before, in the manner of ITU-T G.711
 * Appendix I. Pure; 8 kHz; adds no delay.
 *
 * The last pitch period is repeated; after 10 ms it begins to fade, after 60 ms it is silence. The
 * first real samples behind a gap are faded in over what would have gone on.
 */
#pragma once

#include "audio/sound.h"

#define CONCEAL_PAST 400  /* samples kept: twice the longest period */
#define CONCEAL_PITCH 200 /* the longest period: 40 Hz */
#define CONCEAL_GONE 480  /* samples after which nothing is left: 60 ms */

struct conceal {
	int16_t past[CONCEAL_PAST]; /* oldest first; what really came and what was made up */
	uint32_t heard;		    /* how many of them hold something; up to CONCEAL_PAST */
	uint32_t lost;		    /* made up in a row, at most CONCEAL_GONE */
	uint32_t pitch;		    /* samples; 0: nothing to repeat */
	uint32_t phase;		    /* in the period */
	int16_t period[CONCEAL_PITCH];
	uint32_t gaps; /* how many gaps were filled */
};

/* All zeroes is a beginning. Places that hold SOUND_NONE are filled in. */
void conceal(struct conceal *c, int16_t *pcm, size_t n);
