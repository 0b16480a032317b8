/*
 * music.h - the built-in music on hold: a calm piece computed from a score of a few lines, free of
 * anybody's rights. Pure; the same samples every time on one machine.
 */
#pragma once

#include "audio/sound.h"

#define MUSIC_BEATS 192
#define MUSIC_BEAT 3200 /* samples: 0.4 s, 150 quavers a minute; the piece is 76.8 s */
#define MUSIC_SAMPLES (MUSIC_BEATS * MUSIC_BEAT)

/* pcm has room for MUSIC_SAMPLES; the end runs into the beginning without a seam. */
void music_make(int16_t *pcm);
