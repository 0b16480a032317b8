/*
 * opus.h - two voices at 8 kHz as an Ogg Opus stream, RFC 7845, and back. Allocates; else pure.
 *
 * The channels are two Opus streams of one voice each (channel mapping family 1, two uncoupled):
 * what one person says never leaks into the other's channel, which joint stereo does at such rates.
 * 24 kb/s in all, 60 ms a packet, a page about each second.
 */
#pragma once

#include "audio/ogg.h"

struct opus_out;
struct opus_out *opus_out_create(uint32_t serial); /* NULL: no memory */
void opus_out_destroy(struct opus_out *o);	   /* NULL is fine */
/* Samples of both channels, interleaved; whole pages are appended to out. The first call brings the
 * headers. */
void opus_out_put(struct opus_out *o, const int16_t *pcm, size_t frames, struct buf *out);
/* The rest, and the last page. */
void opus_out_end(struct opus_out *o, struct buf *out);

/* Reads a stream page by page: of ours, or of anybody with one or two channels. */
struct opus_in;
struct opus_in *opus_in_create(void);
void opus_in_destroy(struct opus_in *o); /* NULL is fine */
/* The next page; decoded samples go to `heard` piece by piece, interleaved, always two channels,
 * the pre-skip already left out. ERR_INVALID: not this stream's. */
typedef void(opus_heard)(void *arg, const int16_t *pcm, size_t frames);
MUST_USE enum err opus_in_page(struct opus_in *o, const struct ogg_read *page, opus_heard *heard,
			       void *arg);
/* How long the sound is whose last page has this granule position; milliseconds. */
int64_t opus_in_ms(const struct opus_in *o, int64_t granule);
