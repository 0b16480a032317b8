/*
 * quality.h - how good a call sounded, estimated: the E-model, ITU-T G.107. Pure.
 *
 * Everything but delay, loss and codec has its default value, so R begins at 93.2.
 */
#pragma once

#include "base/str.h"

/* What packets met on one way, from mouth to ear. */
struct quality_path {
	uint32_t expected, lost; /* packets */
	uint32_t gaps;		 /* losses in a row count as one; 0: not known (random loss) */
	uint32_t jitter_us;	 /* RFC 3550 */
	uint32_t rtt_us;	 /* there and back on the net; 0: not known */
};

/* R, 0..100, of G.711 with concealment. */
double quality_r(const struct quality_path *p);
/* Mean opinion score times 100: 100..450. */
uint32_t quality_mos_cent(double r);
