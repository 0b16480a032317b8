/*
 * peaks.h - the shape of a recording for the eye: the least and the greatest sample of each 50 ms
 * of both channels, 8 bits each, in audiowaveform's data format (version 2), which waveform players
 * read as it stands. Pure; allocates.
 */
#pragma once

#include "audio/sound.h"

#define PEAKS_SAMPLES 400 /* of a point */
#define PEAKS_HEADER                                                                               \
	24 /* bytes, little-endian words: 2, 1 (8 bits), rate, samples, points, channels */
#define PEAKS_POINT 4 /* bytes: left least, greatest, right least, greatest */

struct peaks {
	struct buf points;
	int16_t low[2], high[2];
	uint32_t held; /* samples in the point being made */
	uint64_t at;   /* samples in all */
};

void peaks_init(struct peaks *p);
void peaks_finish(struct peaks *p);
/* Interleaved samples that begin at `at`; what is missing before them is silence. */
void peaks_add(struct peaks *p, uint64_t at, const int16_t *pcm, size_t frames);
/* Up to `frames` in all; then the whole file's bytes. */
void peaks_file(struct peaks *p, uint64_t frames, struct buf *out);
