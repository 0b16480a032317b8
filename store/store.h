/*
 * store.h - the database door: facts in, records and objects out.
 *
 * One writer thread follows the ring file (store/ring.h), folds facts into records and commits in
 * groups; the main thread never waits for it. Readers have connections of their own and may be used
 * from any one thread at a time. What is durable is told through `durable`.
 */
#pragma once

#include "core/ids.h"
#include "core/words.h"

struct store;
struct store_reader;
struct ring;
struct customers_link; /* store/customers.h */

struct store_options {
	struct str dir;	   /* DIR */
	struct str url;	   /* sqlite:centrala.db or postgresql://… */
	struct ring *ring; /* what the writer follows; NULL: read only */
	/* A server that must come up: while a database elsewhere is away it starts with what
	 * DIR/local.db and the ring know, or waits a minute for it when they know too little. */
	bool serves;
	/* Called on the writer's thread after each commit: everything up to seq is durable. */
	void (*durable)(void *arg, uint64_t seq);
	/* On the writer's thread after each commit, before `durable`: the batches it took
	 * (core/batch.h), in order; gone when this returns. May be NULL. */
	void (*stored)(void *arg, const struct str *batches, uint32_t count);
	/* The database failed or works again (detail: why). Writer's thread. */
	void (*trouble)(void *arg, bool failed, struct str detail);
	/* A contact that arrived is with the one customer who has its number. Writer's thread;
	 * NULL: nobody wants to know. */
	void (*linked)(void *arg, const struct customers_link *l);
	void *arg;
};

/* Opens, migrates, checks the version. detail gets one line when it fails. */
MUST_USE enum err store_open(const struct store_options *o, struct store **out, struct buf *detail);
void store_start(struct store *s); /* starts the writer; first it takes what the ring still holds */
void store_wake(struct store *s);  /* main thread, after ring_append: there is more */
void store_awaited(struct store *s); /* any thread: somebody waits until it is durable */
/* Any thread: one more (or one less) hears facts as they become durable; groups are short while
 * there is one. */
void store_followers(struct store *s, int change);
/* A thread that reads: until what was said before this call is durable, and so readable, but at
 * most ms. False: not yet; the database is slow or away. */
bool store_catch_up(struct store *s, int64_t ms);
/* Any thread: the newest group could not be written, or is on its way for two seconds; it is tried
 * again until it can. */
bool store_failing(struct store *s);
uint64_t store_behind(struct store *s); /* any thread: facts in the ring that are not durable yet */
/* Declared objects and sign-ins are read from DIR/local.db, which is always as new as the ring. */
bool store_has_local(const struct store *s);
void store_hurry(struct store *s); /* any thread: readers shall not wait for a server any more */
void store_stop(struct store *s);  /* writes all there is, then ends the thread */
void store_close(struct store *s);
uint64_t store_last_seq(struct store *s); /* highest durable fact */
