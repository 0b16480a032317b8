/*
 * coder.h - a leg's codec: payloads to linear samples at its own rate, and back. Pure.
 *
 * Everything between the two edges of a leg (mixing, recording, keys in the sound) is linear; only
 * a relay between legs of one codec passes payloads on as they came. A codec with a state keeps it
 * in struct coder, one of its own for each direction of a leg.
 */
#pragma once

#include "audio/codec.h"
#include "audio/octave.h"

#define CODER_MS_MAX 120	    /* a packet holds at most so much */
#define CODER_SAMPLES_MAX 960	    /* ... at the highest rate */
#define CODER_PAYLOAD_MAX 960	    /* bytes of the longest payload that is taken or made */
#define CODER_FRAME_MAX SOUND_FRAME /* samples of 20 ms at the highest rate */

struct coder {
	enum sound_codec codec;
	struct codec *state;  /* NULL: it needs none (G.711); both directions' */
	struct octave octave; /* of a codec of 16 kHz */
};

/* All zeroes is a beginning, too: of PCMU. Another codec than before begins anew. state: made for
 * it by whoever may allocate (codec_create), and his: he takes it back when another one is set. */
void coder_set(struct coder *c, enum sound_codec codec, struct codec *state);

bool coder_known(unsigned codec);
uint32_t coder_rate(enum sound_codec codec); /* linear samples a second: 8000 */
/* RTP clock ticks in one of ours (1/8000 s): 6 of Opus. Legs translate at their edge, so that all
 * between speaks of 8000 ticks a second. */
uint32_t coder_ticks(enum sound_codec codec);
/* How long a payload lasts, in 1/8000 s; 0: it cannot be this codec's. */
uint32_t coder_span(enum sound_codec codec, struct str payload);
/* Payloads of one mean the other as they are, or after a table (coder_translate). */
bool coder_relays(enum sound_codec from, enum sound_codec to);
void coder_translate(enum sound_codec from, enum sound_codec to, uint8_t *payload, size_t n);
/* The same samples give the same bytes whatever was before: one encoding serves many listeners. */
bool coder_stateless(enum sound_codec codec);

/* Returns how many samples, at most CODER_SAMPLES_MAX; 0: it is no payload of this codec. */
size_t coder_decode(struct coder *c, struct str payload, int16_t *pcm);
/* n samples that did not come just before the packet with this payload: of codecs that say them
 * again. False: nothing was written. */
bool coder_recover(struct coder *c, struct str next, int16_t *pcm, size_t n);
/* n samples at coder_rate, at most 20 ms; what a codec of whole frames lacks is silence. Returns
 * bytes, 0: nothing to send. */
size_t coder_encode(struct coder *c, const int16_t *pcm, size_t n, uint8_t *out);
