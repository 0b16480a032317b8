/* clip.c - see clip.h. The cache. */
#include "media/clip.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/list.h"
#include "base/map.h"
#include "os/log.h"

struct cached {
	struct list link; /* least recently used first */
	struct str path;
	struct timespec changed;
	off_t size;
	ino_t inode;
	struct clip *clip;
};

struct clip_cache {
	struct map by_path;
	struct list used;
	size_t bytes, bytes_max;
};

struct clip *clip_make(const int16_t *pcm, size_t n)
{
	struct clip *c = xcalloc(1, sizeof *c);
	c->holders = 1;
	c->frames = (uint32_t)((n + SOUND_FRAME - 1) / SOUND_FRAME);
	size_t room = (size_t)c->frames * SOUND_FRAME;
	c->ulaw = xcalloc(2, room + 1);
	c->alaw = c->ulaw + room;
	memset(c->ulaw, ULAW_SILENCE, room);
	memset(c->alaw, ALAW_SILENCE, room);
	sound_encode(SOUND_PCMU, pcm, c->ulaw, n);
	sound_encode(SOUND_PCMA, pcm, c->alaw, n);
	return c;
}

void clip_hold(struct clip *c)
{
	atomic_fetch_add_explicit(&c->holders, 1, memory_order_relaxed);
}

void clip_drop(struct clip *c)
{
	if (!c || atomic_fetch_sub_explicit(&c->holders, 1, memory_order_acq_rel) != 1)
		return;
	free(c->ulaw);
	free(c);
}

static size_t clip_bytes(const struct clip *c)
{
	return 2 * (size_t)c->frames * SOUND_FRAME;
}

struct clip_cache *clip_cache_create(size_t bytes_max)
{
	struct clip_cache *c = xcalloc(1, sizeof *c);
	map_init(&c->by_path, 0); /* paths come from our own core */
	list_init(&c->used);
	c->bytes_max = bytes_max;
	return c;
}

static void forget(struct clip_cache *c, struct cached *e)
{
	CHECK(map_remove(&c->by_path, e->path) == e);
	list_remove(&e->link);
	c->bytes -= clip_bytes(e->clip);
	clip_drop(e->clip);
	free((char *)e->path.p);
	free(e);
}

void clip_cache_destroy(struct clip_cache *c)
{
	if (!c)
		return;
	list_for_each (link, &c->used)
		forget(c, CONTAINER_OF(link, struct cached, link));
	map_finish(&c->by_path);
	free(c);
}

size_t clip_cache_bytes(const struct clip_cache *c)
{
	return c->bytes;
}

static bool read_all(int fd, char *out, size_t n)
{
	for (size_t at = 0; at < n;) {
		ssize_t got = read(fd, out + at, n - at);
		if (got <= 0)
			return false;
		at += (size_t)got;
	}
	return true;
}

static struct clip *make_from(struct str file)
{
	struct wav w;
	if (sound_wav_parse(file, &w) != ERR_OK)
		return NULL;
	size_t frames = sound_wav_frames(&w), n = sound_resampled(frames, w.rate, SOUND_RATE);
	if (n > (size_t)CLIP_FRAMES_MAX * SOUND_FRAME)
		return NULL;
	int16_t *mono = xcalloc(frames + 1, sizeof *mono), *out = xcalloc(n + 1, sizeof *out);
	sound_wav_mono(&w, mono);
	sound_resample(mono, frames, w.rate, out, SOUND_RATE);
	struct clip *clip = clip_make(out, n);
	free(mono);
	free(out);
	return clip;
}

static struct clip *load(int fd, const struct stat *st)
{
	if (!S_ISREG(st->st_mode) || st->st_size > CLIP_FILE_MAX)
		return NULL;
	size_t n = (size_t)st->st_size;
	char *bytes = xcalloc(1, n + 1);
	struct clip *clip = read_all(fd, bytes, n) ? make_from(str_make(bytes, n)) : NULL;
	free(bytes);
	return clip;
}

static void remember(struct clip_cache *c, struct str path, const struct stat *st,
		     struct clip *clip)
{
	size_t bytes = clip_bytes(clip);
	if (bytes > c->bytes_max)
		return;
	while (c->bytes + bytes > c->bytes_max)
		forget(c, CONTAINER_OF(c->used.next, struct cached, link));
	struct cached *e = xcalloc(1, sizeof *e);
	*e = (struct cached){.path = str_make(str_dup(path), path.n),
			     .changed = st->st_mtim,
			     .size = st->st_size,
			     .inode = st->st_ino,
			     .clip = clip};
	clip_hold(clip);
	list_push(&c->used, &e->link);
	CHECK(map_add(&c->by_path, e->path, e) == ERR_OK);
	c->bytes += bytes;
}

/* Still what the file says? A prompt spoken anew lies under the same name. */
static bool is_fresh(const struct cached *e, const struct stat *st)
{
	return e->changed.tv_sec == st->st_mtim.tv_sec &&
	       e->changed.tv_nsec == st->st_mtim.tv_nsec && e->size == st->st_size &&
	       e->inode == st->st_ino;
}

struct clip *clip_cache_get(struct clip_cache *c, struct str path)
{
	char name[PLAYLIST_NAMES + 1];
	struct stat st;
	struct cached *e = map_get(&c->by_path, path);
	if (!str_copy(path, name, sizeof name))
		return NULL;
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0) {
		if (fd >= 0)
			close(fd);
		log_line(LOG_WARN, "event=clip_missing path=%s", name);
		return NULL;
	}
	if (e && is_fresh(e, &st)) {
		close(fd);
		list_remove(&e->link);
		list_push(&c->used, &e->link);
		clip_hold(e->clip);
		return e->clip;
	}
	if (e)
		forget(c, e);
	struct clip *clip = load(fd, &st);
	close(fd);
	if (clip)
		remember(c, path, &st, clip);
	else
		log_line(LOG_WARN, "event=clip_unreadable path=%s", name);
	return clip;
}
