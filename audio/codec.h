/*
 * codec.h - what goes over a wire as one codec, to samples and back.
 *
 * A codec has a rate (samples a second: 8,000 or 16,000) and a clock (RTP ticks a second: 8,000, of
 * Opus 48,000); octave.h leads from one rate to the other. A struct codec is both directions of one
 * leg: whoever has a slow thread makes it, then nothing is allocated any more.
 */
#pragma once

#include "audio/sound.h"

#define CODEC_SAMPLES_MAX 1920 /* 120 ms of 16 kHz: the most a packet may hold */
#define CODEC_BYTES_MAX 512    /* of what we make: 20 ms */

struct codec_facts {
	enum sound_codec codec;
	const char *name;     /* in SDP */
	uint32_t rate, clock; /* samples and RTP ticks a second */
};
/* NULL: no codec of ours. */
const struct codec_facts *codec_facts(uint32_t codec);
const struct codec_facts *codec_named(struct str name);

/* RTP ticks this payload lasts; 0: it cannot be this codec's. */
uint32_t codec_ticks(enum sound_codec codec, const uint8_t *payload, size_t n);

struct codec;
struct codec *codec_create(enum sound_codec codec); /* NULL: no memory */
void codec_destroy(struct codec *c);		    /* NULL is fine */
enum sound_codec codec_kind(const struct codec *c);

/* A payload becomes samples of the codec's rate; how many. 0: it is none, or longer than 120 ms. */
size_t codec_decode(struct codec *c, const uint8_t *payload, size_t n,
		    int16_t pcm[CODEC_SAMPLES_MAX]);
/* n samples (whole 10 ms, at most 60 ms) that did not come, before the packet `next` (NULL: not
 * there yet), which may carry them once more (Opus). False: this codec knows no way, nothing was
 * written (conceal.h). */
bool codec_conceal(struct codec *c, struct str next, int16_t *pcm, size_t n);
/* 20 ms of the codec's rate become a payload; its length. */
size_t codec_encode(struct codec *c, const int16_t *pcm, uint8_t out[CODEC_BYTES_MAX]);
