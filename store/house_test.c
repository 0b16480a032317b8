/* house_test.c - see house_test.h. */
#include "store/house_test.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/batch.h"
#include "tests/test.h"

void test_dir_make(char dir[64])
{
	CHECK(str_copy(STR("/tmp/centrala-test-XXXXXX"), dir, 64));
	CHECK(mkdtemp(dir));
}

uint32_t test_dir_count(const char *dir, const char *ending)
{
	uint32_t n = 0;
	DIR *d = opendir(dir);
	for (struct dirent *e; d && (e = readdir(d)) != NULL;)
		n += str_ends(str_of(e->d_name), str_of(ending));
	if (d)
		closedir(d);
	return n;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st, (void)kind, (void)at;
	return remove(path);
}

void test_dir_remove(const char *dir)
{
	CHECK(nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0);
}

static void house_durable(void *arg, uint64_t seq)
{
	struct house *h = arg;
	if (seq <= atomic_load(&h->durable))
		atomic_fetch_add(&h->disorders, 1);
	atomic_store(&h->durable, seq);
	atomic_fetch_add(&h->durable_calls, 1);
}

static void house_trouble(void *arg, bool failed, struct str detail)
{
	struct house *h = arg;
	(void)detail;
	atomic_fetch_add(failed ? &h->troubles : &h->recoveries, 1);
}

/* Each fact a batch of its own. */
static void house_told(void *arg, const struct fact *f)
{
	struct house *h = arg;
	struct buf fact = buf_grow(256), batch = buf_grow(256);
	fact_encode(&fact, f);
	batch_put_fact(&batch, buf_str(&fact));
	EXPECT(ring_append(h->ring, buf_str(&batch), f->seq, NULL) == ERR_OK);
	if (h->store)
		store_wake(h->store);
	buf_free(&fact);
	buf_free(&batch);
}

void house_open(struct house *h, size_t segment_bytes)
{
	char room[256];
	struct buf detail = buf_make(room, sizeof room);
	EXPECT(ring_open(str_of(h->dir), segment_bytes, &h->ring, &detail) == ERR_OK);
	struct store_options o = {.dir = str_of(h->dir),
				  .url = str_of(h->url),
				  .ring = h->ring,
				  .durable = house_durable,
				  .trouble = house_trouble,
				  .arg = h};
	EXPECT(store_open(&o, &h->store, &detail) == ERR_OK);
	if (detail.n)
		test_say(buf_str(&detail));
	EXPECT(store_reader_open(h->store, &h->reader) == ERR_OK);
}

void house_close(struct house *h)
{
	store_reader_close(h->reader);
	store_close(h->store);
	ring_close(h->ring);
	h->reader = NULL;
	h->store = NULL;
	h->ring = NULL;
}

bool house_remote(void)
{
	return getenv("CENTRALA_TEST_PG") != NULL;
}

struct sql_options house_sql(const struct house *h, enum sql_mode mode)
{
	return (struct sql_options){.url = str_of(h->url), .dir = str_of(h->dir), .mode = mode};
}

struct sql *house_other(struct house *h)
{
	struct sql *db;
	const struct sql_options o = house_sql(h, SQL_READER);
	CHECK(sql_open(&o, &db, NULL) == ERR_OK);
	return db;
}

void house_say(struct house *h, const char *text)
{
	struct sql *db = house_other(h);
	struct buf all = buf_grow(256);
	buf_c(&all, house_remote() ? "BEGIN; SET TRANSACTION READ WRITE; "
				   : "PRAGMA query_only=OFF; BEGIN; ");
	buf_c(&all, text);
	buf_c(&all, "; COMMIT;");
	buf_ch(&all, 0);
	const bool good = sql_script(db, all.p) == ERR_OK;
	EXPECT(good);
	if (!good)
		test_say(sql_error(db));
	buf_free(&all);
	sql_close(db);
}

/* On a server: a schema called like the directory. */
static void make_place(struct house *h)
{
	const char *server = getenv("CENTRALA_TEST_PG");
	char text[100];
	if (!server) {
		snprintf(h->url, sizeof h->url, "sqlite:centrala.db");
		return;
	}
	CHECK(str_copy(str_of(server), h->url, sizeof h->url));
	const char *name = h->dir + strlen("/tmp/centrala-test-");
	snprintf(text, sizeof text, "CREATE SCHEMA \"%s\"", name);
	house_say(h, text);
	snprintf(h->url, sizeof h->url, "%s%soptions=-csearch_path%%3D\"%s\"", server,
		 strchr(server, '?') ? "&" : "?", name);
}

static void drop_place(struct house *h)
{
	char text[100];
	if (!house_remote())
		return;
	snprintf(text, sizeof text, "DROP SCHEMA \"%s\" CASCADE",
		 h->dir + strlen("/tmp/centrala-test-"));
	house_say(h, text);
}

void house_init(struct house *h)
{
	*h = (struct house){0};
	test_dir_make(h->dir);
	make_place(h);
	h->story = (struct story){
		.at_ms = 1795300000000ll, .tenant = STR("acme"), .told = house_told, .arg = h};
	h->out = buf_grow(4096);
}

void house_remove(struct house *h)
{
	buf_free(&h->out);
	drop_place(h);
	test_dir_remove(h->dir);
}

void house_start(struct house *h)
{
	house_init(h);
	house_open(h, 1 << 20);
	store_start(h->store);
}

void house_finish(struct house *h)
{
	house_close(h);
	house_remove(h);
}

bool house_settle(struct house *h)
{
	store_awaited(h->store);
	for (int i = 0; i < 10000 && store_last_seq(h->store) < h->story.seq; i++)
		usleep(1000);
	return store_last_seq(h->store) == h->story.seq;
}

struct str house_contact(struct house *h, uint32_t n)
{
	h->out.n = 0;
	EXPECT(query_contact(h->reader, STR("acme"), story_uuid(n), &h->out) == ERR_OK);
	return buf_str(&h->out);
}

bool has(struct str text, const char *what)
{
	return str_find_str(text, str_of(what)) >= 0;
}
