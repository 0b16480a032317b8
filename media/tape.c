/* tape.c - see tape.h. */
#include "media/tape.h"

#include <stdlib.h>
#include <sys/mman.h>

/* A gap this long (the machine slept) is silence at once, not frame by frame. */
#define LEAP_SAMPLES (4 * SOUND_RATE)

struct tape *tape_create(struct id rec, struct str path)
{
	/* mapped, so that the pages of a writer that keeps up are never touched */
	struct tape *t =
		mmap(NULL, sizeof *t, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (t == MAP_FAILED)
		return NULL;
	t->rec = rec;
	t->file.fd = -1;
	CHECK(str_copy(path, t->path, sizeof t->path));
	list_init(&t->link);
	for (int i = 0; i < 2; i++)
		listener_init(&t->sides[i].hears, NULL);
	return t;
}

void tape_destroy(struct tape *t)
{
	if (t)
		munmap(t, sizeof *t);
}

void tape_start(struct tape *t, int64_t now_us)
{
	t->start_us = now_us;
	t->running = true;
}

/* The first free one: mostly the same two are used. */
static struct page *take_page(struct tape *t)
{
	for (int i = 0; i < TAPE_PAGES; i++) {
		struct page *p = &t->pages[i];
		if (atomic_load_explicit(&p->busy, memory_order_acquire))
			continue;
		atomic_store_explicit(&p->busy, true, memory_order_relaxed);
		p->tape = t;
		p->at = t->made;
		p->count = 0;
		return p;
	}
	return NULL;
}

static void send_page(struct tape *t, tape_post_h *post, void *arg)
{
	if (!t->page)
		return;
	post(arg, &t->page->letter);
	t->page = NULL;
}

static void make(struct tape *t, const int16_t *left, const int16_t *right, uint32_t n,
		 tape_post_h *post, void *arg)
{
	for (uint32_t i = 0; i < n; i++) {
		if (!t->page && !(t->page = take_page(t))) {
			t->lost += n - i;
			t->made += n - i;
			return;
		}
		int16_t *out = t->page->pcm + 2 * t->page->count;
		out[0] = left[i];
		out[1] = right[i];
		t->page->count++;
		t->made++;
		if (t->page->count == TAPE_PAGE_SAMPLES)
			send_page(t, post, arg);
	}
}

static void make_silence(struct tape *t, uint32_t n, tape_post_h *post, void *arg)
{
	static const int16_t silence[SOUND_FRAME];
	if (n > LEAP_SAMPLES) {
		send_page(t, post, arg);
		t->made += n;
		return;
	}
	for (; n; n -= MIN(n, (uint32_t)SOUND_FRAME))
		make(t, silence, silence, MIN(n, (uint32_t)SOUND_FRAME), post, arg);
}

/* Samples that are not made yet of those before this moment. */
static uint32_t samples_due(const struct tape *t, int64_t now_us)
{
	int64_t due = (now_us - t->start_us) * SOUND_RATE / 1000000 - t->made;
	return due < 0 ? 0 : (uint32_t)due;
}

void tape_frame(struct tape *t, int64_t end_us, const int16_t *left, const int16_t *right,
		tape_post_h *post, void *arg)
{
	uint32_t due = samples_due(t, end_us), n = MIN(due, (uint32_t)SOUND_FRAME);
	make_silence(t, due - n, post, arg);
	make(t, left + SOUND_FRAME - n, right + SOUND_FRAME - n, n, post, arg);
}

void tape_finish(struct tape *t, int64_t now_us, tape_post_h *post, void *arg)
{
	make_silence(t, samples_due(t, now_us), post, arg);
	send_page(t, post, arg);
	t->running = false;
}
