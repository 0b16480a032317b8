/* local_test.c - DIR/local.db follows the facts, is filled anew, and knows whose copy it is. */
#include "store/local.h"
#include "core/batch.h"
#include "store/house_test.h"
#include "store/tables.h"
#include "tests/test.h"

#define REMOTE STR("postgresql://here/it")

/* One fact as a batch; the caller frees it. */
static struct buf batch_of(const struct fact *f)
{
	struct buf fact = buf_grow(256), batch = buf_grow(256);
	fact_encode(&fact, f);
	batch_put_fact(&batch, buf_str(&fact));
	buf_free(&fact);
	return batch;
}

static enum err take(struct local *l, const struct fact *f)
{
	struct buf batch = batch_of(f);
	struct str items = buf_str(&batch);
	enum err e = local_take(l, &items, 1);
	buf_free(&batch);
	return e;
}

static struct fact object(uint64_t seq, const char *id, uint32_t version, const char *op)
{
	struct fact f = {
		.seq = seq, .at_ms = 1000, .kind = EV_object_changed, .tenant = STR("acme")};
	f.object_changed.kind = KIND_outcome;
	f.object_changed.object = str_of(id);
	f.object_changed.version = version;
	f.object_changed.op = str_of(op);
	f.object_changed.by = STR("adam");
	f.object_changed.doc = STR("{}");
	return f;
}

static int64_t number(const char *dir, const char *text)
{
	struct sql *db;
	const struct sql_options o = local_options(str_of(dir), SQL_READER);
	CHECK(sql_open(&o, &db, NULL) == ERR_OK);
	struct sql_stmt *q = sql_query(db, text);
	int64_t n = sql_step(q) ? sql_col_i64(q, 0) : -1;
	EXPECT(sql_done(q) == ERR_OK);
	sql_close(db);
	return n;
}

TEST(the_copy_follows_the_facts)
{
	char dir[64];
	struct local *l;
	test_dir_make(dir);
	EXPECT(local_open(str_of(dir), REMOTE, &l, NULL) == ERR_OK);
	EXPECT(!local_whole(l) && local_seq(l) == 0);
	const struct fact made = object(5, "solved", 1, "created"),
			  changed = object(9, "solved", 2, "updated"),
			  other = object(12, "open", 1, "created"),
			  gone = object(13, "open", 2, "deleted");
	struct fact login = {.seq = 10, .at_ms = 1000, .kind = EV_login, .tenant = STR("acme")};
	login.login.user = STR("olga");
	login.login.token = STR("t1");
	login.login.expires_at = 99999;
	EXPECT(take(l, &made) == ERR_OK && local_seq(l) == 5);
	EXPECT(take(l, &changed) == ERR_OK);
	EXPECT(take(l, &made) == ERR_OK); /* seen */
	EXPECT(take(l, &login) == ERR_OK);
	EXPECT(take(l, &other) == ERR_OK && take(l, &gone) == ERR_OK);
	EXPECT(local_seq(l) == 13);
	local_close(l);
	EXPECT(number(dir, "SELECT version FROM objects WHERE id = 'solved'") == 2);
	EXPECT(number(dir, "SELECT count(*) FROM objects") == 2); /* the newest of each */
	EXPECT(number(dir, "SELECT length(doc) FROM objects WHERE id = 'open'") == 0);
	EXPECT(number(dir, "SELECT count(*) FROM sessions") == 1);
	EXPECT(local_open(str_of(dir), REMOTE, &l, NULL) == ERR_OK);
	EXPECT(local_whole(l) && local_seq(l) == 13);
	local_close(l);
	EXPECT(local_open(str_of(dir), STR("postgresql://there/it"), &l, NULL) == ERR_OK);
	EXPECT(!local_whole(l) && local_seq(l) == 0); /* another one's copy */
	local_close(l);
	test_dir_remove(dir);
}

TEST(the_copy_is_filled_from_the_database)
{
	struct house h;
	struct local *l;
	house_start(&h);
	SAY(&h.story, object_changed, .kind = KIND_outcome, .object = STR("solved"), .version = 1,
	    .op = STR("created"), .by = STR("adam"), .doc = STR("{\"a\":1}"));
	SAY(&h.story, object_changed, .kind = KIND_outcome, .object = STR("solved"), .version = 2,
	    .op = STR("updated"), .by = STR("adam"), .doc = STR("{\"a\":2}"));
	SAY(&h.story, login, .user = STR("olga"), .from = STR("x"), .expires_at = INT64_MAX,
	    .token = STR("t1"));
	EXPECT(house_settle(&h));
	const uint64_t seq = h.story.seq;
	char dir[64];
	test_dir_make(dir);
	struct sql *from = house_other(&h);
	EXPECT(local_open(str_of(dir), REMOTE, &l, NULL) == ERR_OK);
	EXPECT(local_catch_up(l, from, seq) == ERR_OK && local_seq(l) == seq);
	EXPECT(number(dir, "SELECT max(version) * 10 + count(*) FROM objects") == 21);
	EXPECT(number(dir, "SELECT count(*) FROM sessions") == 1);
	SAY(&h.story, logout, .user = STR("olga"), .token = STR("t1"));
	EXPECT(house_settle(&h));
	EXPECT(local_catch_up(l, from, h.story.seq) == ERR_OK && local_seq(l) == h.story.seq);
	EXPECT(number(dir, "SELECT count(*) FROM sessions") == 0);
	EXPECT(local_fill(l, from, h.story.seq) == ERR_OK); /* twice is the same */
	EXPECT(number(dir, "SELECT count(*) FROM objects") == 1);
	sql_close(from);
	local_close(l);
	test_dir_remove(dir);
	house_finish(&h);
}

/* The server starts while nobody listens at its database's address: with DIR/local.db it serves,
 * and without it says why not. */
TEST(a_store_without_its_database)
{
	struct house h;
	char room[300];
	struct buf detail = buf_make(room, sizeof room);
	if (!house_remote())
		return;
	house_start(&h);
	SAY(&h.story, object_changed, .kind = KIND_outcome, .object = STR("solved"), .version = 1,
	    .op = STR("created"), .by = STR("adam"), .doc = STR("{}"));
	EXPECT(house_settle(&h));
	house_close(&h);
	EXPECT(number(h.dir, "SELECT count(*) FROM objects") == 1);
	struct store_options o = {.dir = str_of(h.dir), .url = STR("postgresql://127.0.0.1:1/x")};
	EXPECT(ring_open(str_of(h.dir), 1 << 20, &h.ring, NULL) == ERR_OK);
	o.ring = h.ring;
	EXPECT(store_open(&o, &h.store, &detail) == ERR_IO); /* not to serve: at once */
	EXPECT(has(buf_str(&detail), "127.0.0.1"));
	h.store = NULL;
	house_close(&h);
	house_remove(&h);
}
