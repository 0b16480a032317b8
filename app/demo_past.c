/*
 * demo_past.c - the demo's history: what demo/past.h lives through goes through the same writer as
 * the facts of a running server, into a database that takes its name when it is whole.
 */
#include "app/demo.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/zone.h"
#include "crm/customer.h"
#include "demo/customers.h"
#include "demo/past.h"
#include "media/sound_file.h"
#include "objects/registry.h"
#include "os/clock.h"
#include "store/tables.h"
#include "store/writer.h"

#define SEED 20260101
#define BUSY_HOUR_CALLS 64.0
#define TAPES 40
#define GROUP_BYTES (6u << 20)
#define DAY_MS INT64_C(86400000)
#define BEFORE_NOW_MS 3000

struct group {
	struct buf bytes; /* batches one behind the other */
	struct buf cuts;  /* where each ends: size_t */
};

/* One thread lives, another one writes what was lived through: one group is filled while the other
 * is written. */
struct making {
	struct writer *writer;
	struct group filling, written;
	int recordings; /* folder */
	const struct demo_voices *voices;

	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t moved;
	bool full, over; /* `written` is to be written; nothing comes after it */
	enum err err;
};

static enum err write_group(struct writer *w, const struct group *g)
{
	const size_t count = g->cuts.n / sizeof(size_t);
	struct str *batches = xcalloc(count + 1, sizeof *batches);
	const size_t *ends = (const size_t *)(const void *)g->cuts.p;
	uint32_t unread = 0;
	for (size_t i = 0, from = 0; i < count; from = ends[i++])
		batches[i] = str_make(g->bytes.p + from, ends[i] - from);
	const enum err e = writer_group(w, batches, (uint32_t)count, &unread);
	free(batches);
	return e;
}

static void *write_all(void *arg)
{
	struct making *m = arg;
	pthread_mutex_lock(&m->lock);
	for (;;) {
		while (!m->full && !m->over)
			pthread_cond_wait(&m->moved, &m->lock);
		if (!m->full)
			break;
		pthread_mutex_unlock(&m->lock);
		const enum err e = m->err ? m->err : write_group(m->writer, &m->written);
		pthread_mutex_lock(&m->lock);
		m->err = e;
		m->full = false;
		pthread_cond_broadcast(&m->moved);
	}
	pthread_mutex_unlock(&m->lock);
	return NULL;
}

/* What was filled goes to the writer once it has done the one before. */
static void hand_over(struct making *m)
{
	pthread_mutex_lock(&m->lock);
	while (m->full)
		pthread_cond_wait(&m->moved, &m->lock);
	const struct group empty = m->written;
	m->written = m->filling;
	m->filling = empty;
	m->filling.bytes.n = m->filling.cuts.n = 0;
	m->full = true;
	pthread_cond_broadcast(&m->moved);
	pthread_mutex_unlock(&m->lock);
}

static void take_batch(void *arg, struct str bytes)
{
	struct making *m = arg;
	buf_put(&m->filling.bytes, bytes);
	const size_t end = m->filling.bytes.n;
	buf_put(&m->filling.cuts, str_make((const char *)&end, sizeof end));
	if (end > GROUP_BYTES)
		hand_over(m);
}

static void writing_begins(struct making *m)
{
	m->filling = (struct group){buf_grow(GROUP_BYTES + (1u << 20)), buf_grow(1u << 16)};
	m->written = (struct group){buf_grow(GROUP_BYTES + (1u << 20)), buf_grow(1u << 16)};
	pthread_mutex_init(&m->lock, NULL);
	pthread_cond_init(&m->moved, NULL);
	CHECK(pthread_create(&m->thread, NULL, write_all, m) == 0);
}

static enum err writing_ends(struct making *m)
{
	hand_over(m);
	pthread_mutex_lock(&m->lock);
	m->over = true;
	pthread_cond_broadcast(&m->moved);
	pthread_mutex_unlock(&m->lock);
	pthread_join(m->thread, NULL);
	pthread_cond_destroy(&m->moved);
	pthread_mutex_destroy(&m->lock);
	buf_free(&m->filling.bytes);
	buf_free(&m->filling.cuts);
	buf_free(&m->written.bytes);
	buf_free(&m->written.cuts);
	return m->err;
}

/* -- recordings -- */

static bool hash_file(int root, const char *path, struct past_tape *t)
{
	crypto_hash_sha256_state state;
	unsigned char piece[65536], sum[crypto_hash_sha256_BYTES];
	const int fd = openat(root, path, O_RDONLY | O_CLOEXEC);
	ssize_t n;
	if (fd < 0)
		return false;
	crypto_hash_sha256_init(&state);
	t->bytes = 0;
	while ((n = read(fd, piece, sizeof piece)) > 0) {
		crypto_hash_sha256_update(&state, piece, (unsigned long long)n);
		t->bytes += n;
	}
	close(fd);
	crypto_hash_sha256_final(&state, sum);
	struct buf hex = buf_make(t->sha256, sizeof t->sha256 - 1);
	buf_hex(&hex, sum, sizeof sum);
	return n == 0;
}

static bool make_tape(void *arg, struct past_tape *t)
{
	struct making *m = arg;
	const struct demo_dialog *d = &m->voices->dialogs[t->dialog];
	const uint64_t frames = (uint64_t)t->ms * 8;
	struct sound_file f;
	char path[200];
	int16_t *pcm = xcalloc(2 * frames + 2, sizeof *pcm);
	for (uint64_t i = 0; i < frames && i < d->samples; i++) {
		pcm[2 * i] = d->customer[i];
		pcm[2 * i + 1] = d->agent[i];
	}
	sound_file_open(&f, m->recordings, t->path);
	sound_file_write(&f, 0, pcm, frames);
	const int64_t ms = sound_file_end(&f, m->recordings, t->path, frames);
	sound_file_close(&f);
	free(pcm);
	return !f.wrong && ms == t->ms && str_copy(t->path, path, sizeof path) &&
	       hash_file(m->recordings, path, t);
}

/* -- objects and customers -- */

static enum err declare(struct past *p, struct registry *g, struct str site, struct buf *why)
{
	struct registry_result r;
	const enum err e = registry_prepare_site(g, site, &r);
	if (e != ERR_OK)
		buf_put(why, str_head(buf_str(&r.errors), 300));
	for (uint32_t i = 0; e == ERR_OK && i < r.change_count; i++) {
		struct registry_change *c = &r.changes[i];
		past_declare(p, c->config, c->version, c->doc);
		c->config = NULL;
	}
	registry_result_finish(&r);
	return e;
}

/* As an import would have stored them. */
static enum err add_customers(struct past *p, int64_t at_ms, struct str tenant, struct buf *why)
{
	enum { AT_ONCE = 200 };
	const struct customer_rules rules = {.country = STR("PL")};
	struct buf docs = buf_grow(1u << 18), text = buf_grow(1024);
	struct uuid ids[AT_ONCE];
	enum err e = ERR_OK;
	for (uint32_t i = 0; i < DEMO_CUSTOMERS && e == ERR_OK; i++) {
		struct demo_customer c;
		struct mistakes mistakes = mistakes_begin(NULL);
		char id[UUID_TEXT + 1];
		demo_customer(i, &c);
		text.n = 0;
		demo_customer_json(&c, &text);
		ids[i % AT_ONCE] = uuid_v7(at_ms, SEED + i, (uint64_t)i << 20);
		uuid_text(ids[i % AT_ONCE], id);
		const struct customer_stamp stamp = {
			.id = str_of(id), .tenant = tenant, .by = STR("ada"), .now_ms = at_ms};
		json_t *given = json_loadb(text.p, text.n, 0, NULL);
		json_t *doc = customer_make(given, NULL, false, &stamp, &rules, &mistakes);
		char *line = doc ? json_dumps(doc, JSON_COMPACT) : NULL;
		if (line)
			buf_c(&docs, line);
		else
			e = ERR_INVALID;
		buf_ch(&docs, '\n');
		if (i % AT_ONCE == AT_ONCE - 1) {
			past_customers(p, buf_str(&docs), i + 1 - AT_ONCE, ids, AT_ONCE);
			docs.n = 0;
		}
		free(line);
		json_decref(doc);
		json_decref(given);
		mistakes_end(&mistakes);
	}
	if (e != ERR_OK)
		buf_c(why, "an invented customer is none");
	buf_free(&docs);
	buf_free(&text);
	return e;
}

/* -- the database -- */

static enum err open_new(const char *dir, struct making *m, struct buf *why)
{
	struct sql *db = NULL;
	const struct sql_options o = {
		.url = STR("sqlite:new.db"), .dir = str_of(dir), .mode = SQL_WRITER};
	enum err e = sql_open(&o, &db, why);
	if (e == ERR_OK)
		e = tables_migrate(db, why);
	sql_close(db);
	return e == ERR_OK ? writer_connect(m->writer, &o, why) : e;
}

static void remove_new(const char *dir)
{
	static const char *const names[] = {"new.db", "new.db-wal", "new.db-shm"};
	char path[4096];
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		snprintf(path, sizeof path, "%s/%s", dir, names[i]);
		unlink(path);
	}
}

static enum err live_through(const struct past_options *o, struct str site, uint32_t *contacts,
			     struct buf *why)
{
	static const uint8_t no_key[32]; /* the demo has no secret that goes outside */
	struct registry *g = registry_create(no_key);
	struct past *p = past_create(o);
	enum err e = declare(p, g, site, why);
	if (e == ERR_OK)
		e = add_customers(p, o->from_ms, o->tenant, why);
	if (e == ERR_OK)
		*contacts = past_run(p);
	past_destroy(p);
	registry_destroy(g);
	return e;
}

static enum err make(const char *dir, struct making *m, uint32_t days, struct str site,
		     uint32_t *contacts, struct buf *why)
{
	const int64_t until_ms = clock_utc_ms() - BEFORE_NOW_MS;
	struct past_dialog *dialogs = xcalloc(m->voices->count + 1, sizeof *dialogs);
	for (uint32_t i = 0; i < m->voices->count; i++) {
		memcpy(dialogs[i].lang, m->voices->dialogs[i].lang, sizeof dialogs[i].lang);
		dialogs[i].ms = m->voices->dialogs[i].samples / 8;
	}
	const struct past_options o = {
		.from_ms = zone_day_start(zone_get(STR("Europe/Warsaw")), until_ms - days * DAY_MS),
		.until_ms = until_ms,
		.seed = SEED,
		.calls_per_hour = BUSY_HOUR_CALLS,
		.dialogs = dialogs,
		.dialog_count = m->voices->count,
		.tapes_max = m->voices->count ? TAPES : 0,
		.tenant = STR("demo"),
		.batch = take_batch,
		.tape = make_tape,
		.arg = m};
	remove_new(dir);
	enum err e = open_new(dir, m, why);
	if (e == ERR_OK) {
		writing_begins(m);
		e = live_through(&o, site, contacts, why);
		const enum err written = writing_ends(m);
		if (e == ERR_OK && written != ERR_OK) {
			buf_put(why, writer_error(m->writer));
			e = written;
		}
	}
	free(dialogs);
	return e;
}

enum err demo_past_make(const char *dir, struct str store_url, struct str site, uint32_t days,
			const struct demo_voices *voices, uint32_t *contacts, struct buf *why)
{
	char path[4096], to[4096];
	struct stat st;
	*contacts = 0;
	if (!str_is(store_url, "sqlite:centrala.db"))
		return ERR_UNSUPPORTED;
	snprintf(to, sizeof to, "%s/centrala.db", dir);
	if (!days || stat(to, &st) == 0)
		return ERR_OK;
	snprintf(path, sizeof path, "%s/recordings", dir);
	(void)mkdir(path, 0700);
	struct making m = {.recordings = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC),
			   .voices = voices,
			   .writer = writer_create()};
	enum err e = make(dir, &m, days, site, contacts, why);
	writer_destroy(m.writer); /* and with it the log of what was written */
	snprintf(path, sizeof path, "%s/new.db", dir);
	if (e == ERR_OK && rename(path, to) < 0) {
		buf_fmt(why, "%s: %s", to, strerror(errno));
		e = ERR_IO;
	}
	if (e != ERR_OK)
		remove_new(dir);
	if (m.recordings >= 0)
		close(m.recordings);
	return e;
}
