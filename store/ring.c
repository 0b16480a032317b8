/*
 * ring.c - see ring.h; the files themselves are ring_file.h.
 *
 * DIR/ring/lock holds the flock and, in one small record, the epoch and the boot id of the last
 * opening. Segments form a list from oldest to newest. The appender touches only the newest, the
 * follower only those from `oldest` on; a segment that has a successor is written by nobody and is
 * deleted by the follower.
 */
#include "store/ring.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/ring_ahead.h"

#define SEGMENT_BYTES (32u << 20)
#define SEGMENT_ROUND 4096u
#define PIECE_MIN (32u << 10) /* of images, after a batch */
#define PIECE_BATCHES 2u      /* or so many times the batch */

struct ring_opening { /* content of the lock file */
	uint32_t crc; /* of what follows */
	uint32_t epoch;
	char boot[40];
};

struct ring {
	char folder[400];
	int lock;
	size_t segment_bytes;
	uint32_t epoch, number_next;
	bool same_boot;
	/* appender */
	struct segment *newest; /* NULL: nothing was ever appended */
	struct ahead *ahead;
	uint64_t last_seq;
	struct buf piece;
	bool saving, anew; /* pieces of images go into the newest; the next one is the first */
	size_t saved, saved_last; /* bytes of images in it, in the one before */
	/* follower */
	_Atomic bool keep;
	_Atomic(struct segment *) first; /* where the list begins when `oldest` is not known yet */
	struct segment *oldest, *cursor;
	size_t cursor_at;
	uint64_t read_seq; /* given out or followed up to here */
};

static enum err failed(struct buf *detail, enum err e, const char *what, const char *path)
{
	if (detail)
		buf_fmt(detail, "ring: %s %s: %s", what, path,
			e == ERR_CONFLICT      ? "another process has it"
			: e == ERR_UNSUPPORTED ? "written by a newer version"
			: errno		       ? strerror(errno)
					       : err_text(e));
	return e;
}

static void boot_id(char out[40])
{
	memset(out, 0, 40);
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, out, 36);
	if (n < 36)
		memset(out, 0, 40);
	if (fd >= 0)
		close(fd);
}

/* Takes the lock, reads what the last opening left and writes ours. */
static enum err lock_take(struct ring *r, struct buf *detail)
{
	char path[sizeof r->folder + 8];
	snprintf(path, sizeof path, "%s/lock", r->folder);
	errno = 0;
	r->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (r->lock < 0)
		return failed(detail, errno == ENOSPC ? ERR_DISK_FULL : ERR_IO, "cannot open",
			      path);
	if (flock(r->lock, LOCK_EX | LOCK_NB) < 0)
		return failed(detail, errno == EWOULDBLOCK ? ERR_CONFLICT : ERR_IO, "cannot lock",
			      path);
	struct ring_opening was = {0}, now = {0};
	ssize_t n = pread(r->lock, &was, sizeof was, 0);
	boot_id(now.boot);
	if (n == (ssize_t)sizeof was && was.crc == crc32c(0, &was.epoch, sizeof was - 4)) {
		now.epoch = was.epoch + 1;
		r->same_boot = now.boot[0] && memcmp(now.boot, was.boot, sizeof now.boot) == 0;
	}
	r->epoch = now.epoch;
	return ERR_OK;
}

static enum err lock_write(struct ring *r, struct buf *detail)
{
	struct ring_opening now = {.epoch = r->epoch};
	boot_id(now.boot);
	now.crc = crc32c(0, &now.epoch, sizeof now - 4);
	errno = 0;
	if (pwrite(r->lock, &now, sizeof now, 0) != (ssize_t)sizeof now || fsync(r->lock) < 0)
		return failed(detail, errno == ENOSPC ? ERR_DISK_FULL : ERR_IO, "cannot write",
			      "lock");
	return ERR_OK;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

/* Numbers of the segment files there are, ascending; the caller frees. */
static enum err numbers_read(const struct ring *r, uint32_t **out, uint32_t *count)
{
	DIR *d = opendir(r->folder);
	if (!d)
		return ERR_IO;
	uint32_t n = 0, room = 16, *list = xcalloc(room, sizeof *list);
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		struct str name = str_of(e->d_name);
		uint32_t number;
		if (name.n != 13 || !str_ends(name, STR(".ring")) ||
		    str_to_u32(str_head(name, 8), UINT32_MAX, &number) != ERR_OK)
			continue;
		if (n == room)
			list = xrealloc(list, (room *= 2) * sizeof *list);
		list[n++] = number;
	}
	closedir(d);
	qsort(list, n, sizeof *list, by_number);
	*out = list;
	*count = n;
	return ERR_OK;
}

static void append_segment(struct ring *r, struct segment *s)
{
	if (r->newest)
		atomic_store_explicit(&r->newest->next, s, memory_order_release);
	else
		atomic_store_explicit(&r->first, s, memory_order_release);
	r->newest = s;
	r->last_seq = MAX(r->last_seq, atomic_load(&s->last_seq));
}

static enum err segments_find(struct ring *r, struct buf *detail)
{
	uint32_t *numbers = NULL, count = 0;
	enum err e = numbers_read(r, &numbers, &count);
	for (uint32_t i = 0; e == ERR_OK && i < count; i++) {
		char path[sizeof r->folder + 24];
		snprintf(path, sizeof path, "%s/%08u.ring", r->folder, numbers[i]);
		struct segment *s;
		errno = 0;
		e = segment_open(path, &s);
		if (e == ERR_NOT_FOUND) { /* never completed: nothing in it was ever told */
			unlink(path);
			e = ERR_OK;
		} else if (e == ERR_OK) {
			append_segment(r, s);
			if (s->epoch >= r->epoch) /* the lock file was lost */
				r->epoch = s->epoch + 1;
		} else {
			failed(detail, e, "cannot use", path);
		}
		r->number_next = numbers[i] + 1;
	}
	free(numbers);
	return e;
}

enum err ring_open(struct str dir, size_t segment_bytes, struct ring **out, struct buf *detail)
{
	struct ring *r = xcalloc(1, sizeof *r);
	r->lock = -1;
	r->number_next = 1;
	r->segment_bytes = segment_bytes ? segment_bytes : SEGMENT_BYTES;
	enum err e = ERR_OK;
	int n = snprintf(r->folder, sizeof r->folder, STR_FMT "/ring", STR_ARG(dir));
	errno = 0;
	if (n < 0 || (size_t)n >= sizeof r->folder)
		e = failed(detail, ERR_TOO_LARGE, "too long", "path");
	else if (mkdir(r->folder, 0700) < 0 && errno != EEXIST)
		e = failed(detail, errno == ENOSPC ? ERR_DISK_FULL : ERR_IO, "cannot make",
			   r->folder);
	if (e == ERR_OK)
		e = lock_take(r, detail);
	if (e == ERR_OK)
		e = segments_find(r, detail);
	if (e == ERR_OK)
		e = lock_write(r, detail);
	if (e != ERR_OK) {
		ring_close(r);
		return e;
	}
	r->ahead = ahead_start(str_of(r->folder));
	r->piece = buf_grow(PIECE_MIN);
	r->saving = r->anew = r->newest && !segment_is_complete(r->newest);
	if (r->newest)
		ahead_newest(r->ahead, r->newest);
	*out = r;
	return ERR_OK;
}

static struct segment *follower_start(struct ring *r)
{
	if (!r->oldest) {
		r->oldest = atomic_load_explicit(&r->first, memory_order_acquire);
		r->cursor = r->oldest;
		r->cursor_at = SEGMENT_HEADER;
	}
	return r->oldest;
}

void ring_close(struct ring *r)
{
	if (!r)
		return;
	ahead_stop(r->ahead);
	buf_free(&r->piece);
	for (struct segment *s = follower_start(r), *next; s; s = next) {
		next = atomic_load(&s->next);
		segment_close(s);
	}
	if (r->lock >= 0)
		close(r->lock);
	free(r);
}

uint32_t ring_epoch(const struct ring *r)
{
	return r->epoch;
}

bool ring_same_boot(const struct ring *r)
{
	return r->same_boot;
}

uint64_t ring_last_seq(const struct ring *r)
{
	return r->last_seq;
}

void ring_keep(struct ring *r, bool yes)
{
	atomic_store(&r->keep, yes);
}

void ring_replay(struct ring *r, void (*batch)(void *arg, struct str items), void *arg)
{
	struct segment *first = atomic_load(&r->first), *start = first;
	for (struct segment *s = first; s; s = atomic_load(&s->next))
		if (segment_is_complete(s))
			start = s;
	for (struct segment *s = start; s; s = atomic_load(&s->next)) {
		struct ring_record record;
		for (size_t at = SEGMENT_HEADER; segment_read(s, &at, &record);)
			batch(arg, record.bytes);
	}
}

void ring_each(struct ring *r, void (*batch)(void *arg, struct str items), void *arg)
{
	struct segment *s = atomic_load(&r->first);
	for (struct ring_record record; s; s = atomic_load(&s->next))
		for (size_t at = SEGMENT_HEADER; segment_read(s, &at, &record);)
			if (record.kind == RECORD_BATCH)
				batch(arg, record.bytes);
}

static void piece_item(void *to, struct str bytes)
{
	buf_put(to, bytes);
}

/* The next images, into the newest segment. A segment that is full before it is complete is
 * followed by one in which all begins anew. */
static void save_piece(struct ring *r, size_t batch, const struct ring_saver *saver)
{
	r->piece.n = 0;
	bool all =
		saver->save_some(saver->arg, r->anew, MAX((size_t)PIECE_MIN, PIECE_BATCHES * batch),
				 piece_item, &r->piece);
	r->anew = false;
	r->saved += r->piece.n;
	bool fits = segment_fits(r->newest, r->piece.n);
	if (fits && r->piece.n)
		segment_write(r->newest, RECORD_HEAD, r->last_seq, buf_str(&r->piece));
	if (fits && all)
		segment_complete(r->newest);
	r->saving = fits && !all;
}

/* Large enough that all images and half as many batches find room, twice. */
static size_t bytes_for(const struct ring *r, size_t batch)
{
	size_t images = MAX(r->saved, r->saved_last);
	size_t bytes = MAX(r->segment_bytes, 3 * images + SEGMENT_HEADER + 2 * record_room(batch));
	return (bytes + SEGMENT_ROUND - 1) / SEGMENT_ROUND * SEGMENT_ROUND;
}

static enum err segment_next(struct ring *r, size_t batch, struct segment **out)
{
	struct segment *s = ahead_take(r->ahead);
	/* it came too late, or is too small now */
	if (s && ((r->newest && s->number < r->newest->number) || !segment_fits(s, batch))) {
		segment_delete(s);
		s = NULL;
	}
	if (s) {
		*out = s;
		return ERR_OK;
	}
	return segment_make(str_of(r->folder), r->number_next++, bytes_for(r, batch), out);
}

/* Goes on in a new segment: the batch first, images in pieces after it. */
static enum err segment_begin(struct ring *r, size_t batch, const struct ring_saver *saver)
{
	struct segment *s;
	enum err e = segment_next(r, batch, &s);
	if (e != ERR_OK)
		return e;
	segment_start(s, r->epoch, r->last_seq);
	if (!saver)
		segment_complete(s);
	r->saving = r->anew = saver != NULL;
	r->saved_last = r->saved;
	r->saved = 0;
	if (r->newest)
		segment_rest(r->newest);
	append_segment(r, s);
	ahead_newest(r->ahead, s);
	return ERR_OK;
}

enum err ring_append(struct ring *r, struct str batch, uint64_t last_seq,
		     const struct ring_saver *saver)
{
	last_seq = MAX(last_seq, r->last_seq); /* a batch of images only has no seq of its own */
	if (!r->newest || !segment_fits(r->newest, batch.n)) {
		enum err e = segment_begin(r, batch.n, saver);
		if (e != ERR_OK)
			return e;
	}
	segment_write(r->newest, RECORD_BATCH, last_seq, batch);
	r->last_seq = last_seq;
	if (r->saving && saver)
		save_piece(r, batch.n, saver);
	if (r->newest->end > r->newest->bytes / 4 &&
	    ahead_want(r->ahead, r->number_next, bytes_for(r, 0)))
		r->number_next++;
	ahead_moved(r->ahead);
	return ERR_OK;
}

bool ring_follow(struct ring *r, struct str *items)
{
	if (!follower_start(r))
		return false;
	for (;;) {
		/* whether there is a successor must be known before the end is looked for: only
		 * then is the end final */
		struct segment *next = atomic_load_explicit(&r->cursor->next, memory_order_acquire);
		struct ring_record record;
		while (segment_read(r->cursor, &r->cursor_at, &record)) {
			if (record.kind != RECORD_BATCH || record.last_seq <= r->read_seq)
				continue;
			r->read_seq = record.last_seq;
			*items = record.bytes;
			return true;
		}
		if (!next)
			return false;
		r->cursor = next;
		r->cursor_at = SEGMENT_HEADER;
	}
}

/* A restart does not need it. */
static bool complete_after(const struct segment *s)
{
	while ((s = atomic_load_explicit(&s->next, memory_order_acquire)) != NULL)
		if (segment_is_complete(s))
			return true;
	return false;
}

void ring_followed(struct ring *r, uint64_t seq)
{
	r->read_seq = MAX(r->read_seq, seq);
	if (!follower_start(r) || atomic_load(&r->keep))
		return;
	for (;;) {
		struct segment *s = r->oldest;
		struct segment *next = atomic_load_explicit(&s->next, memory_order_acquire);
		if (!next || atomic_load_explicit(&s->last_seq, memory_order_acquire) > seq ||
		    !complete_after(s))
			return;
		if (r->cursor == s) {
			r->cursor = next;
			r->cursor_at = SEGMENT_HEADER;
		}
		r->oldest = next;
		ahead_delete(r->ahead, s);
	}
}
