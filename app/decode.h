/*
 * decode.h - uploaded sound files become what we play: WAV, 8 kHz, one channel, 16 bits.
 *
 * Strangers' bytes are read by libsndfile in a process of its own, which has nothing but two files
 * in memory and small limits; it may crash as it likes.
 */
#pragma once

#include "web/web.h"

#define DECODE_SECONDS_MAX 600

/* Blocks for some seconds at most; any thread. See web_options.decode. */
enum err decode_sound(void *arg, struct str file, struct buf *wav, int64_t *duration_ms, char *why,
		      size_t why_room);
/* That process: standard input to standard output; returns its exit status. */
int decode_child(void);
