/*
 * writer.h - the thread that writes recordings, and repairs what a crash left open.
 *
 * Files are of sound_file.h, below one root. For every recording a small side file lies
 * in the state directory until the core has acknowledged the report, so that a new life of this
 * process knows what was being recorded and what is not told yet. Several processes may live:
 * lives.h.
 */
#pragma once

#include "media/tape.h"

#define WRITER_FLAW_MAX 96

/* What came of a recording; travels to the control thread, which frees it. */
struct recorded {
	struct letter letter;
	struct id rec;
	char path[TAPE_PATH_MAX];
	int64_t duration_ms, bytes;
	char sha256[65];
	char flaw[WRITER_FLAW_MAX]; /* empty: whole */
};

struct writer_options {
	const char *root, *state;
	bool alone; /* no other media process may live: one that does is dying */
	struct mailbox *answers;
	void (*recorded)(struct letter *, void *); /* opens struct recorded */
	/* Told within writer_start of each recording of earlier lives whose report will follow. */
	void (*known)(void *arg, struct id rec);
	void *arg;
};

struct writer;

/* First repairs and tells what earlier lives left. NULL when a directory cannot be made. */
struct writer *writer_start(const struct writer_options *o);
void writer_stop(struct writer *w);
uint32_t writer_behind(const struct writer *w); /* letters waiting; any thread */

/* True for a path that stays below the root: relative, no empty, "." or ".." part. */
bool writer_path_ok(struct str path);
void writer_open(struct writer *w, struct tape *t); /* before the tape's first page */
/* A page or a tape's end; from the media thread. */
void writer_post(void *writer, struct letter *l);
void writer_end(struct writer *w, struct tape *t); /* the tape is the writer's from here on */
void writer_ack(struct writer *w, struct id rec);  /* its side file may go */
/* Looks for what a process left that has ended meanwhile. All that is found is told, and this one
 * in any case: "lost: not known", with an empty path, when nobody left it. */
void writer_seek(struct writer *w, struct id rec);
