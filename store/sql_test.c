/* sql_test.c - the same words to both kinds of database: what comes back, and what goes wrong. */
#include "store/sql.h"
#include "store/house_test.h"
#include "tests/test.h"

/* A place without tables of ours, and two connections to it. */
struct place {
	struct house h;
	struct sql *writer, *reader;
};

static struct sql *open_one(struct place *p, enum sql_mode mode)
{
	struct sql *db;
	const struct sql_options o = house_sql(&p->h, mode);
	CHECK(sql_open(&o, &db, NULL) == ERR_OK);
	return db;
}

static void place_init(struct place *p)
{
	house_init(&p->h);
	p->writer = open_one(p, SQL_WRITER);
	EXPECT(sql_script(p->writer, "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT, c BLOB) STRICT;"
				     "CREATE TABLE u(a INTEGER NOT NULL) STRICT;") == ERR_OK);
	p->reader = open_one(p, SQL_READER);
}

static void place_finish(struct place *p)
{
	sql_close(p->reader);
	sql_close(p->writer);
	house_remove(&p->h);
}

static enum err put(struct place *p, int64_t a, struct str b)
{
	struct sql_stmt *q = sql_query(p->writer, "INSERT INTO t(a, b, c) VALUES(?, ?, ?)");
	sql_i64(q, a);
	sql_text_or_null(q, b);
	sql_blob(q, "\0\xff", 2);
	return sql_do(q);
}

static int64_t number(struct place *p, const char *text)
{
	struct sql_stmt *q = sql_query(p->reader, text);
	int64_t n = sql_step(q) ? sql_col_i64(q, 0) : -1;
	EXPECT(sql_done(q) == ERR_OK);
	return n;
}

TEST(what_is_put_in_comes_out)
{
	struct place p;
	place_init(&p);
	EXPECT(put(&p, INT64_MIN, STR("zażółć")) == ERR_OK);
	EXPECT(put(&p, INT64_MAX, STR_NONE) == ERR_OK);
	struct sql_stmt *q = sql_query(p.reader, "SELECT a, b, c FROM t ORDER BY a");
	EXPECT(sql_step(q) && sql_col_i64(q, 0) == INT64_MIN);
	EXPECT_STR(sql_col_text(q, 1), "zażółć");
	EXPECT(str_eq(sql_col_text(q, 2), STR("\0\xff")) && !sql_col_null(q, 1));
	EXPECT(sql_step(q) && sql_col_i64(q, 0) == INT64_MAX);
	EXPECT(sql_col_null(q, 1) && !sql_col_text(q, 1).n);
	EXPECT(!sql_step(q) && sql_done(q) == ERR_OK);
	place_finish(&p);
}

TEST(numbers_of_every_making)
{
	struct place p;
	place_init(&p);
	EXPECT(sql_script(p.writer, "INSERT INTO u VALUES(123456789), (-3), (40000);") == ERR_OK);
	EXPECT(number(&p, "SELECT sum(a) FROM u") == 123496786);
	EXPECT(number(&p, "SELECT sum(a) FROM u WHERE a < 0") == -3);
	EXPECT(number(&p, "SELECT sum(a) * 100000000 FROM u WHERE a = 40000") == 4000000000000);
	EXPECT(number(&p, "SELECT sum(a) FROM u WHERE a > 999999999") == 0); /* NULL */
	EXPECT(number(&p, "SELECT count(*) FROM u") == 3);
	EXPECT(number(&p, "SELECT max(a, 5) FROM u WHERE a = -3") == 5);
	EXPECT(number(&p, "SELECT a > 5 FROM u WHERE a = 40000") == 1);
	EXPECT(number(&p, "SELECT a > 5 FROM u WHERE a = -3") == 0);
	EXPECT(number(&p, "SELECT CAST(7.9 AS REAL)") == 7);
	EXPECT(number(&p, "SELECT 1") == 1);
	place_finish(&p);
}

/* A caller's number is whatever a peer sent; the server takes UTF-8 only. */
TEST(a_text_that_is_no_text_stops_nobody)
{
	static const struct str bad[] = {
		{"\xc3(", 2}, {"a\0b", 3}, {"\xed\xa0\x80", 3}, {"\xff", 1}};
	struct place p;
	place_init(&p);
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		EXPECT(put(&p, (int64_t)i, bad[i]) == ERR_OK);
	EXPECT(number(&p, "SELECT count(*) FROM t") == 4);
	struct sql_stmt *q = sql_query(p.reader, "SELECT a FROM t WHERE b = ?"); /* found again */
	sql_text(q, bad[0]);
	EXPECT(sql_step(q) && sql_col_i64(q, 0) == 0);
	EXPECT(sql_done(q) == ERR_OK);
	if (house_remote()) {
		q = sql_query(p.reader, "SELECT b FROM t WHERE a = 1");
		EXPECT(sql_step(q));
		EXPECT_STR(sql_col_text(q, 0), "a\xef\xbf\xbd"
					       "b");
		EXPECT(sql_done(q) == ERR_OK);
	}
	place_finish(&p);
}

TEST(texts_are_in_the_order_of_their_bytes)
{
	struct place p;
	place_init(&p);
	EXPECT(put(&p, 1, STR("a")) == ERR_OK && put(&p, 2, STR("B")) == ERR_OK);
	EXPECT(put(&p, 3, STR("ą")) == ERR_OK && put(&p, 4, STR("z-1")) == ERR_OK);
	struct sql_stmt *q = sql_query(p.reader, "SELECT a FROM t ORDER BY b");
	static const int64_t want[] = {2, 1, 4, 3};
	for (size_t i = 0; i < COUNT_OF(want); i++)
		EXPECT(sql_step(q) && sql_col_i64(q, 0) == want[i]);
	EXPECT(sql_done(q) == ERR_OK);
	place_finish(&p);
}

TEST(statements_are_open_side_by_side)
{
	struct place p;
	place_init(&p);
	for (int64_t i = 0; i < 5; i++)
		EXPECT(put(&p, i, STR("x")) == ERR_OK);
	struct sql_stmt *all = sql_query(p.reader, "SELECT a FROM t ORDER BY a");
	int64_t seen = 0;
	while (sql_step(all)) {
		struct sql_stmt *one = sql_query(p.reader, "SELECT a FROM t WHERE a = ?");
		sql_i64(one, sql_col_i64(all, 0));
		EXPECT(sql_step(one) && sql_col_i64(one, 0) == seen++);
		EXPECT(sql_done(one) == ERR_OK);
	}
	EXPECT(sql_done(all) == ERR_OK && seen == 5);
	place_finish(&p);
}

/* Where in a transaction the error shows is the driver's business; that the commit fails is ours.
 */
TEST(a_transaction_with_an_error_leaves_nothing)
{
	struct place p;
	place_init(&p);
	EXPECT(sql_begin(p.writer) == ERR_OK);
	EXPECT(put(&p, 1, STR("x")) == ERR_OK);
	enum err e = put(&p, 1, STR("again"));
	if (e == ERR_OK)
		e = put(&p, 2, STR("y"));
	if (e == ERR_OK)
		e = sql_commit(p.writer);
	EXPECT(e == ERR_CONFLICT);
	EXPECT(sql_error(p.writer).n > 0);
	sql_rollback(p.writer);
	EXPECT(number(&p, "SELECT count(*) FROM t") == 0);
	EXPECT(sql_begin(p.writer) == ERR_OK); /* and the connection is good again */
	EXPECT(put(&p, 1, STR("x")) == ERR_OK);
	EXPECT(sql_commit(p.writer) == ERR_OK);
	EXPECT(number(&p, "SELECT count(*) FROM t") == 1);
	place_finish(&p);
}

TEST(a_question_in_a_transaction_sees_what_was_said_before)
{
	struct place p;
	place_init(&p);
	EXPECT(sql_begin(p.writer) == ERR_OK);
	EXPECT(put(&p, 7, STR("x")) == ERR_OK);
	struct sql_stmt *q = sql_query(p.writer, "SELECT max(a) FROM t");
	EXPECT(sql_step(q) && sql_col_i64(q, 0) == 7);
	EXPECT(sql_done(q) == ERR_OK);
	EXPECT(number(&p, "SELECT count(*) FROM t") == 0); /* others do not, yet */
	EXPECT(sql_commit(p.writer) == ERR_OK);
	EXPECT(number(&p, "SELECT count(*) FROM t") == 1);
	place_finish(&p);
}

TEST(a_reader_cannot_write)
{
	struct place p;
	place_init(&p);
	EXPECT(sql_do(sql_query(p.reader, "DELETE FROM t")) != ERR_OK);
	EXPECT(number(&p, "SELECT count(*) FROM t") == 0);
	place_finish(&p);
}

TEST(a_statement_that_is_wrong_says_so)
{
	struct place p;
	place_init(&p);
	for (int i = 0; i < 2; i++) { /* it is not taken for prepared the second time */
		struct sql_stmt *q = sql_query(p.reader, "SELECT nothing FROM nowhere");
		EXPECT(!sql_step(q) && sql_done(q) != ERR_OK);
	}
	EXPECT(number(&p, "SELECT 3") == 3);
	place_finish(&p);
}

/* -- what only a server can do -- */

static void end_sessions(struct place *p)
{
	house_say(&p->h, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> "
			 "pg_backend_pid() AND application_name = 'centrala'");
}

TEST(a_reader_whose_session_was_ended_comes_again)
{
	struct place p;
	if (!house_remote())
		return;
	place_init(&p);
	EXPECT(put(&p, 1, STR("x")) == ERR_OK);
	EXPECT(number(&p, "SELECT count(*) FROM t") == 1);
	end_sessions(&p);
	EXPECT(number(&p, "SELECT count(*) FROM t") == 1); /* prepared anew */
	EXPECT(number(&p, "SELECT max(a) FROM t") == 1);
	place_finish(&p);
}

TEST(a_writer_whose_session_was_ended_says_so)
{
	struct place p;
	if (!house_remote())
		return;
	place_init(&p);
	EXPECT(sql_begin(p.writer) == ERR_OK);
	EXPECT(put(&p, 1, STR("x")) == ERR_OK);
	end_sessions(&p);
	EXPECT(put(&p, 2, STR("x")) == ERR_OK || true); /* it may be on its way */
	EXPECT(sql_commit(p.writer) == ERR_IO);
	sql_rollback(p.writer);
	EXPECT(sql_begin(p.writer) == ERR_IO); /* until it is opened anew */
	sql_close(p.writer);
	p.writer = open_one(&p, SQL_WRITER);
	EXPECT(number(&p, "SELECT count(*) FROM t") == 0);
	EXPECT(put(&p, 2, STR("x")) == ERR_OK);
	place_finish(&p);
}

TEST(there_is_one_writer)
{
	struct place p;
	struct sql *other;
	char room[200];
	struct buf detail = buf_make(room, sizeof room);
	if (!house_remote())
		return;
	place_init(&p);
	const struct sql_options o = house_sql(&p.h, SQL_WRITER);
	EXPECT(sql_open(&o, &other, &detail) == ERR_BUSY);
	EXPECT(has(buf_str(&detail), "another server writes"));
	place_finish(&p);
}

TEST(a_wait_ends_when_it_shall)
{
	struct place p;
	_Atomic int64_t give_up_ms = 1; /* long ago */
	struct sql *db;
	if (!house_remote())
		return;
	place_init(&p);
	struct sql_options o = house_sql(&p.h, SQL_READER);
	o.give_up_ms = &give_up_ms;
	EXPECT(sql_open(&o, &db, NULL) == ERR_OK);
	struct sql_stmt *q = sql_query(db, "SELECT pg_sleep(5)");
	EXPECT(!sql_step(q) && sql_done(q) == ERR_AGAIN);
	sql_close(db);
	place_finish(&p);
}
