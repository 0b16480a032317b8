/* clips.c - playlists, and the thread that fills them; see clip.h. */
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

#include "media/clip.h"
#include "audio/music.h"

struct clips {
	pthread_t thread;
	struct mailbox *box, *answers;
	void (*filled)(struct letter *, void *);
	struct clip_cache *cache;
	struct clip *music; /* "default" */
	struct clip *ringing, *beep;
	struct letter stop;
	bool stopping;
};

struct playlist *playlist_create(struct str names)
{
	struct playlist *l = xcalloc(1, sizeof *l);
	if (!str_copy(names, l->names, sizeof l->names))
		l->names[0] = 0;
	return l;
}

void playlist_destroy(struct playlist *l)
{
	if (!l)
		return;
	for (uint32_t i = 0; i < l->count; i++)
		clip_drop(l->clips[i]);
	free(l);
}

uint32_t playlist_frames(const struct playlist *l)
{
	uint32_t frames = 0;
	for (uint32_t i = 0; i < l->count; i++)
		frames += l->clips[i]->frames;
	return frames;
}

/* A piece of music may also be a file; whoever cannot be found becomes the built-in one: silence
 * makes callers hang up. A tone is no music: it begins for each listener when he begins to hear it,
 * or it might begin with seconds of silence. */
static void fill_music(struct clips *c, struct playlist *l)
{
	struct clip *tone = str_is(str_of(l->names), "ringing") ? c->ringing
			    : str_is(str_of(l->names), "beep")	? c->beep
								: NULL;
	struct clip *clip = NULL;
	if (l->names[0] == '/')
		clip = clip_cache_get(c->cache, str_of(l->names));
	if (!clip || !clip->frames) {
		clip_drop(clip);
		clip = tone ? tone : c->music;
		clip_hold(clip);
	}
	l->music = !tone;
	l->loop = tone;
	l->whole = true;
	l->clips[l->count++] = clip;
}

static void fill_files(struct clips *c, struct playlist *l)
{
	struct str rest = str_of(l->names), line;
	l->whole = true;
	while (str_line(&rest, &line)) {
		if (!line.n)
			continue;
		struct clip *clip = l->count < PLAYLIST_MAX ? clip_cache_get(c->cache, line) : NULL;
		if (clip)
			l->clips[l->count++] = clip;
		else
			l->whole = false;
	}
	if (!l->count)
		l->whole = false;
}

static void fill(struct letter *letter, void *reader)
{
	struct clips *c = reader;
	struct playlist *l = CONTAINER_OF(letter, struct playlist, letter);
	if (l->music)
		fill_music(c, l);
	else
		fill_files(c, l);
	letter->open = c->filled;
	mailbox_post(c->answers, letter);
}

static void stop(struct letter *letter, void *reader)
{
	struct clips *c = reader;
	CHECK(letter == &c->stop);
	c->stopping = true;
}

static void *run(void *arg)
{
	struct clips *c = arg;
	int16_t *pcm = xcalloc(MUSIC_SAMPLES, sizeof *pcm);
	music_make(pcm);
	c->music = clip_make(pcm, MUSIC_SAMPLES);
	ringback_make(pcm);
	c->ringing = clip_make(pcm, RINGBACK_SAMPLES);
	beep_make(pcm);
	c->beep = clip_make(pcm, BEEP_SAMPLES);
	free(pcm);
	while (!c->stopping) {
		struct pollfd p = {.fd = mailbox_fd(c->box), .events = POLLIN};
		if (poll(&p, 1, -1) > 0)
			mailbox_drain(c->box, c);
	}
	return NULL;
}

struct clips *clips_start(struct mailbox *answers, void (*filled)(struct letter *, void *))
{
	struct clips *c = xcalloc(1, sizeof *c);
	c->box = mailbox_create();
	c->answers = answers;
	c->filled = filled;
	c->cache = clip_cache_create(CLIP_CACHE_MAX);
	c->stop.open = stop;
	CHECK(pthread_create(&c->thread, NULL, run, c) == 0);
	pthread_setname_np(c->thread, "media-files");
	return c;
}

void clips_fill(struct clips *c, struct playlist *l)
{
	l->letter.open = fill;
	mailbox_post(c->box, &l->letter);
}

void clips_stop(struct clips *c)
{
	mailbox_post(c->box, &c->stop);
	pthread_join(c->thread, NULL);
	mailbox_destroy(c->box);
	clip_drop(c->music);
	clip_drop(c->ringing);
	clip_drop(c->beep);
	clip_cache_destroy(c->cache);
	free(c);
}
