/*
 * clip.h - sounds ready to be sent: immutable bytes in both laws, shared by all who play them; and
 * the thread that loads them from files, once, into a cache that forgets the longest unused.
 */
#pragma once

#include <stdatomic.h>

#include "audio/sound.h"
#include "os/mailbox.h"

#define CLIP_CACHE_MAX (64u << 20)  /* bytes of all clips in the cache */
#define CLIP_FILE_MAX (64u << 20)   /* a longer file is refused */
#define CLIP_FRAMES_MAX (50 * 3600) /* an hour */

struct clip {
	_Atomic uint32_t holders;
	uint32_t frames; /* of SOUND_FRAME samples; the last one is filled up with silence */
	uint8_t *ulaw, *alaw;
};

struct clip *clip_make(const int16_t *pcm, size_t n); /* held once */
void clip_hold(struct clip *c);
void clip_drop(struct clip *c); /* the last one frees it; NULL is fine; any thread */
static inline const uint8_t *clip_frame(const struct clip *c, enum sound_codec law, uint32_t frame)
{
	return (law == SOUND_PCMA ? c->alaw : c->ulaw) + (size_t)frame * SOUND_FRAME;
}

/* What is to be played: made by the control thread, filled by the file thread, played by a media
 * thread, given back to the control thread, which destroys it. The letter travels with it. */
#define PLAYLIST_MAX 64
#define PLAYLIST_NAMES 1024
struct playlist {
	struct letter letter;
	uint32_t leg_slot, leg_age, play;
	uint32_t start_ms;
	bool loop;
	bool music; /* its place is the clock's: the same for all who hear it */
	bool whole; /* every file could be read */
	uint32_t count;
	struct clip *clips[PLAYLIST_MAX];
	char names[PLAYLIST_NAMES + 1]; /* file names, one a line; or the music's */
};

struct playlist *playlist_create(struct str names);
void playlist_destroy(struct playlist *l);
uint32_t playlist_frames(const struct playlist *l);

/* The thread. Filled playlists come back to `answers` with `filled` as the letter's open. */
struct clips;
struct clips *clips_start(struct mailbox *answers, void (*filled)(struct letter *, void *));
void clips_fill(struct clips *c, struct playlist *l);
void clips_stop(struct clips *c);

/* The cache alone, for the thread and its test: NULL when there is no such sound. Held for you. */
struct clip_cache;
struct clip_cache *clip_cache_create(size_t bytes_max);
void clip_cache_destroy(struct clip_cache *c);
struct clip *clip_cache_get(struct clip_cache *c, struct str path);
size_t clip_cache_bytes(const struct clip_cache *c);
