/*
 * g722.h - ITU-T G.722 at 64 kbit/s (mode 1): 16,000 samples a second, one byte for each two. Pure.
 *
 * On the wire its RTP clock is 8,000, by an old mistake that is now the rule (RFC 3551 §4.5.2): a
 * byte is one tick.
 */
#pragma once

#include "base/str.h"

#define G722_RATE 16000

/* One of the two sub-bands: an adaptive quantiser and predictor, the same on both sides. */
struct g722_band {
	int32_t estimate, zero_part; /* what is expected of the next sample; of that by zeroes */
	int32_t scale, log_scale;    /* of the quantiser */
	int32_t past[3], part[3];    /* reconstructed signal; its share before the poles */
	int32_t pole[3], zero[7];    /* the predictor's coefficients, from index 1 */
	int32_t difference[7];	     /* quantised, newest at 0 */
};

/* One direction of one stream. */
struct g722 {
	struct g722_band low, high;
	int32_t mirror[24]; /* the filter that joins or parts the bands */
};

void g722_init(struct g722 *g);
/* n samples (an odd one is left out); returns n / 2 bytes. */
size_t g722_encode(struct g722 *g, const int16_t *pcm, size_t n, uint8_t *out);
/* n bytes; returns 2 n samples. */
size_t g722_decode(struct g722 *g, const uint8_t *in, size_t n, int16_t *pcm);
