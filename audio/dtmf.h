/*
 * dtmf.h - keys heard in the sound itself (in-band), by ITU-T Q.23 and Q.24. Pure; 8 kHz.
 *
 * A key is told when it is certain, some 30 ms after its beginning: two blocks of 12.75 ms in a row
 * must hold exactly one tone of each group and little else. It must be gone for three before the
 * same key counts anew. A tone of 40 ms always covers two whole blocks, a pause of 40 ms always
 * spoils three, an interruption of 10 ms at most two: that is what Q.24 asks for.
 */
#pragma once

#include "base/str.h"

#define DTMF_BLOCK 102 /* samples */

struct dtmf {
	float s1[8], s2[8]; /* Goertzel's two last values: four rows, four columns */
	float energy;	    /* sum of squares in this block */
	uint32_t n;	    /* samples in it */
	char last, now;	    /* what the block before held; the key that is down; 0: none */
	uint8_t away;	    /* blocks in a row without it */
};

/* All zeroes is a beginning. Goes on in pcm until a key is certain: returns it (0-9 * # A-D) and
 * sets *used to the samples taken; 0 when all were taken. */
char dtmf_hear(struct dtmf *d, const int16_t *pcm, size_t n, size_t *used);
