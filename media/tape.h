/*
 * tape.h - a recording while it runs: two channels on their way to the disk.
 *
 * The control thread makes it; the media thread fills pages with what its two sides hear in each
 * tick, exactly one sample each 125 us from the start; the writer thread writes pages to
 * the file and, after the end, gives all back. When the writer is so far behind that every page is
 * under way, samples fall out as silence, never the length.
 */
#pragma once

#include <stdatomic.h>

#include "media/hear.h"
#include "media/sound_file.h"
#include "os/mailbox.h"

#define TAPE_PAGES 20	       /* 8 s the disk may stand still */
#define TAPE_PAGE_SAMPLES 3200 /* 0.4 s; two are in use when it does not */
#define TAPE_PATH_MAX 512

struct page {
	struct letter letter;
	struct tape *tape;
	_Atomic bool busy;  /* set by the media thread, cleared by the writer */
	uint32_t at, count; /* samples */
	int16_t pcm[2 * TAPE_PAGE_SAMPLES];
};

struct tape_side {
	struct listener hears;
};

struct tape {
	struct id rec;
	char path[TAPE_PATH_MAX]; /* below the recordings' root */

	/* of the media thread */
	struct list link; /* in the thread's tapes */
	struct id contact;
	struct tape_side sides[2];
	bool fed; /* was told whom to hear: it does not end with a leg */
	int64_t start_us;
	uint32_t made, lost; /* samples; lost: fell out because all pages were under way */
	struct page *page;   /* being filled */
	bool running;

	/* of the writer: letters to it, and its own row */
	struct letter open, end;
	struct sound_file file;
	bool moaned;

	struct page pages[TAPE_PAGES];
};

typedef void(tape_post_h)(void *arg, struct letter *l);

/* Large, but untouched pages cost nothing. NULL without memory. */
struct tape *tape_create(struct id rec, struct str path);
void tape_destroy(struct tape *t);
void tape_start(struct tape *t, int64_t now_us);
/* What both sides heard in the 20 ms before end_us; what is from before the start is left out, what
 * was never handed in is silence. Full pages go to post. */
void tape_frame(struct tape *t, int64_t end_us, const int16_t *left, const int16_t *right,
		tape_post_h *post, void *arg);
/* Silence up to this moment, to the sample; the last page is sent off. The caller then posts
 * t->end.
 */
void tape_finish(struct tape *t, int64_t now_us, tape_post_h *post, void *arg);
