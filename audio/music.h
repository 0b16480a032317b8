/*
 * music.h - the built-in music on hold: a calm piece computed from a score of a few lines, free of
 * anybody's rights. Pure; the same samples every time on one machine.
 */
#pragma once

#include "audio/sound.h"

#define MUSIC_BEATS 192
#define MUSIC_BEAT 3200 /* samples: 0.4 s, 150 quavers a minute; the piece is 76.8 s */
#define MUSIC_SAMPLES (MUSIC_BEATS * MUSIC_BEAT)

/* What one hears while a telephone rings elsewhere: 425 Hz, 1 s in 5, as in most of Europe (ITU-T
 * E.180). pcm has room for RINGBACK_SAMPLES. */
#define RINGBACK_SAMPLES (5 * SOUND_RATE)
void ringback_make(int16_t *pcm);

/* 1000 Hz for 200 ms in 400: somebody is about to be put through. Room for BEEP_SAMPLES. */
#define BEEP_SAMPLES (SOUND_RATE * 2 / 5)
void beep_make(int16_t *pcm);

/* pcm has room for MUSIC_SAMPLES; the end runs into the beginning without a seam. */
void music_make(int16_t *pcm);
