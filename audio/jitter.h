/*
 * jitter.h - makes regular samples out of irregular packets. Pure: time is what is taken out.
 *
 * Packets are put where their timestamp says; 8000 samples a second are taken. What did not come in
 * time is SOUND_NONE (conceal.h makes something of it). The delay adapts between JITTER_MIN and
 * JITTER_MAX: it grows at once when a packet comes late and shrinks slowly (10 ms a second) when
 * all come too early, which also swallows the drift of the sender's clock.
 */
#pragma once

#include "audio/sound.h"

#define JITTER_ROOM 2048 /* samples, a power of two: 256 ms */
#define JITTER_MIN 160	 /* samples of delay: 20 ms */
#define JITTER_FIRST 320 /* the first guess, unless something is known; delays above it shrink */
#define JITTER_MAX 960	 /* 120 ms */

struct jitter {
	int16_t ring[JITTER_ROOM]; /* index: timestamp modulo room; taken places are SOUND_NONE */
	bool started;
	uint32_t first;		/* samples of delay to begin with; to be set before */
	uint32_t ssrc, play_ts; /* play_ts: of the next sample taken */
	/* how early packets came, in the running window of a second */
	int32_t early_min, early_max;
	int32_t early_last;    /* the most in the window before */
	uint32_t window;       /* samples taken in it */
	uint32_t wrong;	       /* packets out of reach in a row */
	uint32_t wrong_clock;  /* `taken` when the row began */
	uint32_t taken;	       /* samples in all */
	uint32_t late, shifts; /* packets dropped, times the delay moved */
};

void jitter_init(struct jitter *j);
/* n <= 960 samples that begin at ts. */
void jitter_put(struct jitter *j, uint32_t ssrc, uint32_t ts, const int16_t *pcm, uint32_t n);
void jitter_take(struct jitter *j, int16_t *out, uint32_t n);
/* What is there to be taken next, up to the first hole; nothing is taken. Returns how many. */
uint32_t jitter_ahead(const struct jitter *j, int16_t *out, uint32_t n);
