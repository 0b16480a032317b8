/* ring_ahead.c - see ring_ahead.h. */
#include "store/ring_ahead.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "os/clock.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14; older kernels say EINVAL and the appender faults */
#endif

#define AHEAD_MIN (1u << 20)
#define AHEAD_MAX (16u << 20)
#define AHEAD_MS 2000 /* of what was appended lately */
#define CHUNK (256u << 10)
#define PAGE 4096u

struct ahead {
	pthread_t thread;
	int bell;
	char folder[480];
	pthread_mutex_t lock; /* a segment is not unmapped while its pages are touched */
	_Atomic bool stopping, rung;
	/* the appender's words */
	_Atomic(struct segment *) newest;
	_Atomic uint32_t number; /* 0: no file is wanted */
	_Atomic size_t bytes;
	/* the thread's answers */
	_Atomic(struct segment *) ready;
	_Atomic size_t touched; /* of the newest segment: up to here its pages were made ready */
	_Atomic size_t distance;
	/* the thread's own */
	const struct segment *touching;
	int64_t looked_ms;
	size_t looked_at;
};

static void touch(const struct segment *s, size_t from, size_t to)
{
	from = from / PAGE * PAGE;
	to = MIN(to, s->bytes) / PAGE * PAGE;
	if (from < to)
		(void)madvise(s->map + from, to - from, MADV_POPULATE_WRITE);
}

/* How far to be ahead: what was written in the last while. */
static void reckon(struct ahead *a, const struct segment *s, size_t end)
{
	int64_t now_ms = clock_mono_ms(), passed = now_ms - a->looked_ms;
	if (a->touching != s) {
		a->touching = s;
		a->looked_at = 0;
		atomic_store(&a->touched, 0);
	}
	if (passed < 100)
		return;
	size_t rate = (end - MIN(end, a->looked_at)) * AHEAD_MS / (size_t)passed;
	atomic_store(&a->distance, MIN(MAX(rate, (size_t)AHEAD_MIN), (size_t)AHEAD_MAX));
	a->looked_ms = now_ms;
	a->looked_at = end;
}

/* One piece at a time, so that the follower waits for a piece at most. False: all is ready. */
static bool touch_some(struct ahead *a)
{
	pthread_mutex_lock(&a->lock);
	const struct segment *s = atomic_load(&a->newest);
	bool more = false;
	if (s) {
		size_t end = atomic_load(&s->end);
		reckon(a, s, end);
		size_t from = MAX(atomic_load(&a->touched), end);
		size_t want = MIN(end + atomic_load(&a->distance), s->bytes);
		if (from < want) {
			size_t to = MIN(from + CHUNK, want);
			touch(s, from, to);
			atomic_store(&a->touched, to);
			more = to < want;
		}
	}
	pthread_mutex_unlock(&a->lock);
	return more;
}

static void make_file(struct ahead *a)
{
	uint32_t number = atomic_load(&a->number);
	struct segment *s;
	if (!number || atomic_load(&a->ready))
		return;
	/* what fails here the appender will try itself, and tell */
	if (segment_make(str_of(a->folder), number, atomic_load(&a->bytes), &s) == ERR_OK) {
		touch(s, 0, AHEAD_MIN);
		atomic_store(&a->ready, s);
	}
	atomic_store(&a->number, 0);
}

static void *run(void *arg)
{
	struct ahead *a = arg;
	while (!atomic_load(&a->stopping)) {
		struct pollfd p = {.fd = a->bell, .events = POLLIN};
		uint64_t rang;
		if (poll(&p, 1, -1) > 0 && read(a->bell, &rang, sizeof rang) < 0)
			continue;
		atomic_store(&a->rung, false); /* before looking; pairs with ring_bell */
		make_file(a);
		while (!atomic_load(&a->stopping) && touch_some(a))
			;
	}
	return NULL;
}

static void ring_bell(struct ahead *a)
{
	uint64_t one = 1;
	if (!atomic_exchange(&a->rung, true))
		CHECK(write(a->bell, &one, sizeof one) == (ssize_t)sizeof one);
}

struct ahead *ahead_start(struct str folder)
{
	struct ahead *a = xcalloc(1, sizeof *a);
	CHECK(str_copy(folder, a->folder, sizeof a->folder));
	a->bell = eventfd(0, EFD_CLOEXEC);
	CHECK(a->bell >= 0);
	a->distance = AHEAD_MIN;
	pthread_mutex_init(&a->lock, NULL);
	CHECK(pthread_create(&a->thread, NULL, run, a) == 0);
	pthread_setname_np(a->thread, "ring-ahead");
	return a;
}

void ahead_stop(struct ahead *a)
{
	if (!a)
		return;
	atomic_store(&a->stopping, true);
	atomic_store(&a->rung, false);
	ring_bell(a);
	pthread_join(a->thread, NULL);
	struct segment *s = ahead_take(a);
	if (s)
		segment_delete(s);
	pthread_mutex_destroy(&a->lock);
	close(a->bell);
	free(a);
}

void ahead_newest(struct ahead *a, struct segment *s)
{
	atomic_store(&a->newest, s);
	ring_bell(a);
}

bool ahead_want(struct ahead *a, uint32_t number, size_t bytes)
{
	if (atomic_load(&a->number) || atomic_load(&a->ready))
		return false;
	atomic_store(&a->bytes, bytes);
	atomic_store(&a->number, number);
	ring_bell(a);
	return true;
}

struct segment *ahead_take(struct ahead *a)
{
	return atomic_exchange(&a->ready, NULL);
}

void ahead_moved(struct ahead *a)
{
	const struct segment *s = atomic_load_explicit(&a->newest, memory_order_relaxed);
	size_t ready = atomic_load_explicit(&a->touched, memory_order_relaxed);
	if (s && ready < s->bytes && s->end + atomic_load(&a->distance) / 2 > ready)
		ring_bell(a);
}

void ahead_delete(struct ahead *a, struct segment *s)
{
	pthread_mutex_lock(&a->lock);
	segment_delete(s);
	pthread_mutex_unlock(&a->lock);
}
