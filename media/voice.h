/*
 * voice.h - what a leg says as one frame each tick, for all who mix or record it.
 *
 * Kept only while somebody wants it: a leg that is merely relayed has none. Its jitter buffer is
 * the speaker's, however many listen. Of the leg's media thread.
 */
#pragma once

#include "audio/conceal.h"
#include "audio/jitter.h"
#include "base/list.h"
#include "media/mix.h"
#include "media/order.h"

struct voice;

/* Several voices of this tick in one; listeners of the same ones share it. */
struct mixdown {
	uint64_t tick;
	uint32_t count;
	const struct voice *who[ORDER_IDS_MAX]; /* by address */
	struct mix mix;
	int32_t peak;
	bool coded[2]; /* bytes are there, in A-law, in mu-law */
	uint8_t bytes[2][SOUND_FRAME];
};

struct voice {
	struct list link; /* in the thread's voices; itself when nobody wants it */
	uint32_t users;
	struct jitter jitter;
	struct conceal conceal;
	/* of the present tick */
	uint32_t at; /* timestamp of its first sample; good when jitter.started */
	bool silent; /* nothing is in it worth adding */
	int16_t frame[SOUND_FRAME];
	struct mixdown mixdown; /* the last one this voice is the first of */
};

void voice_init(struct voice *v);
/* One more wants it, one less. delay: samples, of a voice that begins. */
void voice_hold(struct voice *v, struct list *voices, uint32_t delay);
void voice_release(struct voice *v);
void voice_put(struct voice *v, uint32_t ssrc, uint32_t ts, const int16_t *pcm, uint32_t n);
void voice_tick(struct voice *v);
/* What has come behind the present frame without a hole; at most n samples. */
uint32_t voice_ahead(const struct voice *v, int16_t *out, uint32_t n);

/* The sum of these, 1..ORDER_IDS_MAX, none silent. Sorts them. */
struct mixdown *voice_mixdown(struct voice **who, uint32_t count, uint64_t tick);
/* Its bytes, once encoded for all. Only of one that no limiter touches. */
const uint8_t *mixdown_bytes(struct mixdown *m, enum sound_codec law);
