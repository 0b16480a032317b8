/*
 * store.c - see store.h: the writer's thread, which follows the ring and commits in groups.
 *
 * A group stays open for GROUP_MS: a commit costs the same (an fsync, most pages) for one fact as
 * for a hundred, and a contact that changes thrice meanwhile is written once. Somebody waits for it
 * (store_awaited), or it is full: then it closes at once. The views in a group stay valid until
 * ring_followed, so a group that failed is simply tried again; meanwhile the ring grows on disk and
 * nobody waits.
 */
#include "store/store.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/log.h"
#include "store/local.h"
#include "store/ring.h"
#include "store/tables.h"
#include "store/store_inside.h"
#include "store/writer.h"

#define GROUP_MS 1000
#define GROUP_FOLLOWED_MS 50 /* while event streams wait for it */
#define GROUP_BATCHES 512u
#define GROUP_BYTES (8u << 20)
#define RETRY_MS_MIN 20
#define RETRY_MS_MAX 1000
#define SLOW_MS 2000 /* a group that takes longer */
#define START_WAIT_MS 60000
#define START_CONNECT_MS 3000
#define STOP_MS 1500 /* of waiting for a server at the end */
#define HURRY_MS 500
#define STOP_TRIES 5 /* a database that fails at the end keeps its facts in the ring */

struct store {
	struct store_options o;
	char *dir, *url;
	struct writer *writer;
	_Atomic uint64_t last_seq, appended_seq;
	_Atomic int64_t writer_gives_up_ms, readers_give_up_ms; /* monotonic; 0: never */
	int bell;
	_Atomic int followers;
	_Atomic bool rung, awaited, stopping;
	_Atomic int64_t busy_since_ms; /* a group is on its way; 0: none */
	struct local *local;	       /* NULL: the database is a file in DIR */
	enum err local_err;	       /* the last writing of it */
	bool started, migrated;
	_Atomic bool failing; /* written by the writer alone */
	pthread_t thread;
	pthread_mutex_t lock; /* of `moved` alone */
	pthread_cond_t moved; /* last_seq has */
	struct str group[GROUP_BATCHES];
	uint32_t group_count;
	size_t group_bytes;
};

struct str store_dir(const struct store *s)
{
	return str_of(s->dir);
}

static bool hurried(void *arg)
{
	return store_failing(arg);
}

struct sql_options store_sql(const struct store *s, enum sql_mode mode)
{
	return (struct sql_options){
		.url = str_of(s->url),
		.dir = str_of(s->dir),
		.mode = mode,
		.give_up_ms = mode == SQL_WRITER ? &s->writer_gives_up_ms : &s->readers_give_up_ms,
		.hurried = s->o.ring ? hurried : NULL,
		.arg = (void *)(uintptr_t)s,
	};
}

static void tell_trouble(struct store *s, bool failed, struct str detail)
{
	if (failed == atomic_exchange(&s->failing, failed))
		return;
	if (s->o.trouble)
		s->o.trouble(s->o.arg, failed, detail);
}

static enum err check_only(struct store *s, struct buf *detail)
{
	struct sql *db;
	const struct sql_options o = store_sql(s, SQL_READER);
	enum err e = sql_open(&o, &db, detail);
	if (e != ERR_OK)
		return e;
	e = tables_check(db, detail);
	sql_close(db);
	return e;
}

/* The writer's connection; the first one of this life brings the tables up to date. */
static enum err connect(struct store *s, int64_t connect_ms, struct buf *detail)
{
	struct sql_options o = store_sql(s, SQL_WRITER);
	enum err e = ERR_OK;
	o.connect_ms = connect_ms;
	if (!s->migrated) {
		struct sql *db;
		e = sql_open(&o, &db, detail);
		if (e == ERR_OK) {
			e = tables_migrate(db, detail);
			sql_close(db);
		}
		s->migrated = e == ERR_OK;
		if (e != ERR_OK)
			writer_leave(s->writer, "database: not connected");
	}
	if (e == ERR_OK)
		e = writer_connect(s->writer, &o, detail);
	if (e != ERR_OK)
		return e;
	const uint64_t last = writer_last_seq(s->writer);
	if (s->started && last > atomic_load(&s->appended_seq)) {
		writer_leave(s->writer, "database: holds facts that this server never said");
		return ERR_CONFLICT;
	}
	atomic_store(&s->last_seq, last);
	return ERR_OK;
}

/* -- a database elsewhere: the copy in DIR -- */

static void take_batch(void *arg, struct str items)
{
	struct store *s = arg;
	if (s->local_err == ERR_OK)
		s->local_err = local_take(s->local, &items, 1);
}

/* The copy is as new as database and ring together. After a power cut it may be newer than both:
 * what only it knows was never told durable. */
static enum err local_settle(struct store *s, bool away)
{
	struct sql *from = writer_db(s->writer);
	const uint64_t stored = away ? 0 : writer_last_seq(s->writer);
	if (!away && (!local_whole(s->local) || !ring_same_boot(s->o.ring) ||
		      local_seq(s->local) > MAX(stored, ring_last_seq(s->o.ring))))
		s->local_err = local_fill(s->local, from, stored);
	else if (!away)
		s->local_err = local_catch_up(s->local, from, stored);
	ring_each(s->o.ring, take_batch, s);
	return s->local_err;
}

/* With what DIR knows the server can work without its database. */
static bool can_do_without(const struct store *s)
{
	return s->o.serves && local_whole(s->local) && ring_same_boot(s->o.ring) &&
	       local_seq(s->local) <= ring_last_seq(s->o.ring);
}

static bool is_for_good(enum err e)
{
	return e == ERR_CONFLICT || e == ERR_UNSUPPORTED || e == ERR_INVALID;
}

static int64_t jitter(int64_t ms)
{
	uint32_t dice;
	os_random(&dice, sizeof dice);
	return ms / 2 + dice % (uint32_t)ms;
}

static enum err open_remote(struct store *s, struct buf *detail)
{
	const int64_t until_ms = clock_mono_ms() + START_WAIT_MS;
	enum err e = local_open(str_of(s->dir), str_of(s->url), &s->local, detail);
	if (e != ERR_OK)
		return e;
	for (;;) {
		detail->n = 0;
		e = connect(s, START_CONNECT_MS, detail);
		if (e == ERR_OK || is_for_good(e) || !s->o.serves)
			break;
		tell_trouble(s, true, buf_str(detail));
		if (can_do_without(s) || clock_mono_ms() > until_ms)
			break;
		poll(NULL, 0, (int)jitter(RETRY_MS_MAX));
	}
	const bool away = e != ERR_OK && !is_for_good(e) && can_do_without(s);
	if (e != ERR_OK && !away)
		return e;
	if (away)
		atomic_store(&s->last_seq, local_seq(s->local));
	else
		tell_trouble(s, false, STR("database: works again"));
	e = local_settle(s, away);
	if (e != ERR_OK)
		buf_c(detail, "local.db cannot be written");
	return e;
}

static enum err open_writer(struct store *s, struct buf *detail)
{
	atomic_store(&s->appended_seq, ring_last_seq(s->o.ring));
	return sql_is_remote(str_of(s->url)) ? open_remote(s, detail) : connect(s, 0, detail);
}

enum err store_open(const struct store_options *o, struct store **out, struct buf *detail)
{
	struct buf nowhere = buf_make(NULL, 0);
	if (!detail)
		detail = &nowhere;
	struct store *s = xcalloc(1, sizeof *s);
	s->o = *o;
	s->dir = str_dup(o->dir);
	s->url = str_dup(o->url);
	pthread_condattr_t by_monotonic;
	pthread_condattr_init(&by_monotonic);
	pthread_condattr_setclock(&by_monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->moved, &by_monotonic);
	pthread_condattr_destroy(&by_monotonic);
	s->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	CHECK(s->bell >= 0);
	s->writer = writer_create();
	enum err e = o->ring ? open_writer(s, detail) : check_only(s, detail);
	if (e != ERR_OK) {
		store_close(s);
		return e;
	}
	*out = s;
	return ERR_OK;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	store_stop(s);
	writer_destroy(s->writer);
	local_close(s->local);
	pthread_cond_destroy(&s->moved);
	pthread_mutex_destroy(&s->lock);
	close(s->bell);
	free(s->dir);
	free(s->url);
	free(s);
}

uint64_t store_last_seq(struct store *s)
{
	return atomic_load(&s->last_seq);
}

static void ring_bell(struct store *s)
{
	uint64_t one = 1;
	if (!atomic_exchange(&s->rung, true))
		CHECK(write(s->bell, &one, sizeof one) == (ssize_t)sizeof one);
}

void store_wake(struct store *s)
{
	atomic_store(&s->appended_seq, ring_last_seq(s->o.ring));
	ring_bell(s);
}

void store_awaited(struct store *s)
{
	uint64_t one = 1;
	atomic_store(&s->awaited, true);
	CHECK(write(s->bell, &one, sizeof one) == (ssize_t)sizeof one);
}

void store_followers(struct store *s, int change)
{
	atomic_fetch_add(&s->followers, change);
}

bool store_failing(struct store *s)
{
	const int64_t since_ms = atomic_load(&s->busy_since_ms);
	return atomic_load(&s->failing) || (since_ms && clock_mono_ms() - since_ms > SLOW_MS);
}

uint64_t store_behind(struct store *s)
{
	const uint64_t last = atomic_load(&s->last_seq), said = atomic_load(&s->appended_seq);
	return said > last ? said - last : 0;
}

bool store_has_local(const struct store *s)
{
	return s->local != NULL;
}

void store_hurry(struct store *s)
{
	atomic_store(&s->readers_give_up_ms, clock_mono_ms() + HURRY_MS);
}

bool store_catch_up(struct store *s, int64_t ms)
{
	const uint64_t want = atomic_load(&s->appended_seq);
	if (atomic_load(&s->last_seq) >= want)
		return true;
	if (store_failing(s)) /* what is stored can still be read, and at once */
		return false;
	const int64_t until_ms = clock_mono_ms() + ms;
	const struct timespec until = {.tv_sec = until_ms / 1000,
				       .tv_nsec = until_ms % 1000 * 1000000};
	store_awaited(s);
	pthread_mutex_lock(&s->lock);
	while (atomic_load(&s->last_seq) < want && clock_mono_ms() < until_ms)
		pthread_cond_timedwait(&s->moved, &s->lock, &until);
	pthread_mutex_unlock(&s->lock);
	return atomic_load(&s->last_seq) >= want;
}

static void listen_bell(struct store *s, int64_t timeout_ms)
{
	struct pollfd p = {.fd = s->bell, .events = POLLIN};
	uint64_t rang;
	if (poll(&p, 1, (int)timeout_ms) > 0 && read(s->bell, &rang, sizeof rang) < 0)
		CHECK(errno == EAGAIN || errno == EINTR);
}

/* True: the group is full. Whoever appends from here on rings again. */
static bool collect(struct store *s)
{
	struct str items;
	atomic_store(&s->rung, false); /* before looking into the ring; pairs with ring_bell */
	while (s->group_count < GROUP_BATCHES && s->group_bytes < GROUP_BYTES) {
		if (!ring_follow(s->o.ring, &items))
			return false;
		s->group[s->group_count++] = items;
		s->group_bytes += items.n;
	}
	return true;
}

/* What comes while a group is open waits in the ring: it rings once at most, so that neither thread
 * is woken for each turn. */
static void gather(struct store *s)
{
	bool full = collect(s);
	if (!s->group_count)
		return;
	int64_t until =
		clock_mono_ms() + (atomic_load(&s->followers) > 0 ? GROUP_FOLLOWED_MS : GROUP_MS);
	while (!full && !atomic_exchange(&s->awaited, false) && !atomic_load(&s->stopping)) {
		int64_t left = until - clock_mono_ms();
		if (left <= 0)
			break;
		listen_bell(s, left);
	}
	if (!full)
		(void)collect(s);
}

/* Nothing is told durable that was not committed; after an I/O error the connection is opened anew,
 * since what an fsync that failed left behind cannot be known. */
static enum err try_group(struct store *s)
{
	uint32_t unread;
	enum err e = writer_group(s->writer, s->group, s->group_count, &unread);
	if (e == ERR_OK && unread && s->o.trouble)
		s->o.trouble(s->o.arg, false,
			     STR("facts that this version cannot read were passed over"));
	if (e == ERR_OK)
		return e;
	char text[300];
	struct buf detail = buf_make(text, sizeof text);
	buf_put(&detail, writer_error(s->writer));
	tell_trouble(s, true, buf_str(&detail));
	if (e != ERR_BUSY && connect(s, 0, NULL) != ERR_OK)
		return ERR_IO; /* told already; tried again */
	return e;
}

/* Before the ring forgets; should it fail, the ring keeps what it has until all is written anew. */
static bool local_follow(struct store *s)
{
	if (!s->local)
		return true;
	s->local_err = s->local_err == ERR_OK ? local_take(s->local, s->group, s->group_count)
					      : local_fill(s->local, writer_db(s->writer),
							   writer_last_seq(s->writer));
	if (s->local_err != ERR_OK)
		log_line(LOG_ERROR, "event=local_copy_failed why=%s", err_name(s->local_err));
	return s->local_err == ERR_OK;
}

/* False: the store shall stop, and it could not be done. */
static bool try_until(struct store *s, enum err (*what)(struct store *s))
{
	int64_t wait_ms = RETRY_MS_MIN;
	for (uint32_t tries_at_end = 0; what(s) != ERR_OK;) {
		if (atomic_load(&s->stopping) && ++tries_at_end >= STOP_TRIES)
			return false;
		poll(NULL, 0, (int)jitter(wait_ms));
		wait_ms = MIN(2 * wait_ms, RETRY_MS_MAX);
	}
	tell_trouble(s, false, STR("database: works again"));
	return true;
}

static bool write_group(struct store *s)
{
	atomic_store(&s->busy_since_ms, clock_mono_ms());
	if (!try_until(s, try_group))
		return false;
	atomic_store(&s->busy_since_ms, 0);
	uint64_t last = writer_last_seq(s->writer);
	const bool copied = local_follow(s);
	if (s->o.stored)
		s->o.stored(s->o.arg, s->group, s->group_count);
	s->group_count = 0;
	s->group_bytes = 0;
	if (copied)
		ring_followed(s->o.ring, last);
	pthread_mutex_lock(&s->lock);
	atomic_store(&s->last_seq, last);
	pthread_cond_broadcast(&s->moved);
	pthread_mutex_unlock(&s->lock);
	if (s->o.durable)
		s->o.durable(s->o.arg, last);
	if (writer_links(s->writer, s->o.linked, s->o.arg) != ERR_OK)
		log_line(LOG_WARN, "event=customers_not_matched");
	return true;
}

static enum err try_connect(struct store *s)
{
	char text[300];
	struct buf detail = buf_make(text, sizeof text);
	enum err e = connect(s, 0, &detail);
	if (e != ERR_OK)
		tell_trouble(s, true, buf_str(&detail));
	return e;
}

static void *write_all(void *arg)
{
	struct store *s = arg;
	if (!writer_db(s->writer) && !try_until(s, try_connect)) /* it was away at the start */
		return NULL;
	ring_followed(s->o.ring, writer_last_seq(s->writer));
	for (;;) {
		bool stopping = atomic_load(&s->stopping); /* asked before the last look */
		gather(s);
		if (s->group_count) {
			if (!write_group(s))
				return NULL;
		} else if (stopping) {
			return NULL;
		} else {
			listen_bell(s, -1);
		}
	}
}

void store_start(struct store *s)
{
	CHECK(s->o.ring && !s->started);
	s->started = true;
	CHECK(pthread_create(&s->thread, NULL, write_all, s) == 0);
}

void store_stop(struct store *s)
{
	if (!s->started)
		return;
	atomic_store(&s->writer_gives_up_ms, clock_mono_ms() + STOP_MS);
	atomic_store(&s->stopping, true);
	ring_bell(s);
	CHECK(pthread_join(s->thread, NULL) == 0);
	s->started = false;
}
