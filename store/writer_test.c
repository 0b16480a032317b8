/* writer_test.c - groups, order, restarts in the worst moment, a database that fails. */
#include <signal.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/batch.h"
#include "store/house_test.h"
#include "tests/test.h"
#include "store/ring_file.h"
#include "store/sql.h"
#include "store/tables.h"
#include "store/writer.h"

#define Q STR("support")
#define ANNA STR("anna")

static int64_t number(struct house *h, const char *query)
{
	struct sql *db;
	int64_t n = -1;
	const struct sql_options o = house_sql(h, SQL_READER);
	EXPECT(sql_open(&o, &db, NULL) == ERR_OK);
	struct sql_stmt *q = sql_query(db, query);
	if (sql_step(q))
		n = sql_col_i64(q, 0);
	EXPECT(sql_done(q) == ERR_OK);
	sql_close(db);
	return n;
}

/* In the place of the store's own, for there is one at a time. */
static struct writer *other_writer(struct house *h)
{
	const struct sql_options o = house_sql(h, SQL_WRITER);
	struct writer *w = writer_create();
	store_reader_close(h->reader);
	store_close(h->store);
	h->reader = NULL;
	h->store = NULL;
	EXPECT(writer_connect(w, &o, NULL) == ERR_OK);
	return w;
}

/* From now on nobody can insert into the table where this holds. */
static void forbid(struct house *h, const char *table, const char *where)
{
	char text[600];
	if (house_remote())
		snprintf(text, sizeof text,
			 "CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN IF "
			 "%s THEN RAISE EXCEPTION 'not now' USING ERRCODE = '23514'; END IF; "
			 "RETURN NEW; END$$; CREATE TRIGGER fails BEFORE INSERT ON %s FOR EACH ROW "
			 "EXECUTE FUNCTION fails()",
			 where, table);
	else
		snprintf(text, sizeof text,
			 "CREATE TRIGGER fails BEFORE INSERT ON %s WHEN %s BEGIN SELECT "
			 "RAISE(ABORT, 'not now'); END",
			 table, where);
	house_say(h, text);
}

static void allow(struct house *h, const char *table)
{
	char text[100];
	snprintf(text, sizeof text,
		 house_remote() ? "DROP TRIGGER fails ON %s" : "DROP TRIGGER fails", table);
	house_say(h, text);
}

static void calls(struct house *h, uint32_t first, uint32_t count)
{
	for (uint32_t n = first; n < first + count; n++) {
		story_contact(&h->story, n);
		story_arrive(&h->story);
		story_wait(&h->story, 1000);
		story_enqueue(&h->story, Q);
		story_answer(&h->story, Q, ANNA, 4000);
		story_serve(&h->story, Q, ANNA, 9000, 2000);
	}
}

static void expect_lawful(struct house *h)
{
	uint32_t problems = 1;
	h->out.n = 0;
	EXPECT(store_check(h->reader, STR_NONE, &h->out, &problems) == ERR_OK);
	EXPECT(problems == 0);
	if (problems)
		test_say(buf_str(&h->out));
}

TEST(commits_in_groups_and_tells_in_order)
{
	struct house h;
	house_init(&h);
	house_open(&h, 1 << 20);
	calls(&h, 1, 100); /* the writer starts late: all of it waits in the ring */
	EXPECT(store_last_seq(h.store) == 0);
	store_start(h.store);
	EXPECT(house_settle(&h));
	EXPECT(atomic_load(&h.disorders) == 0);
	EXPECT(atomic_load(&h.durable) == h.story.seq);
	EXPECT(atomic_load(&h.durable_calls) < h.story.seq / 50); /* some 1,300 facts */
	EXPECT(number(&h, "SELECT count(*) FROM events") == (int64_t)h.story.seq);
	expect_lawful(&h);
	house_finish(&h);
}

TEST(a_single_fact_is_durable_soon)
{
	struct house h;
	house_start(&h);
	for (uint32_t n = 1; n <= 5; n++) {
		calls(&h, n, 1);
		EXPECT(house_settle(&h));
	}
	EXPECT(atomic_load(&h.durable_calls) >= 5);
	house_finish(&h);
}

TEST(stopping_writes_all_there_is)
{
	struct house h;
	house_start(&h);
	calls(&h, 1, 50);
	store_stop(h.store);
	EXPECT(store_last_seq(h.store) == h.story.seq);
	house_finish(&h);
}

/* The database has the group, but the ring was not told: after a restart the facts come again. */
TEST(killed_between_commit_and_followed)
{
	struct house h;
	house_init(&h);
	house_open(&h, 1 << 20);
	calls(&h, 1, 3);
	struct writer *w = other_writer(&h);
	struct str items, group[64];
	uint32_t count = 0, unread;
	while (count < 20 && ring_follow(h.ring, &items))
		group[count++] = items;
	EXPECT(writer_group(w, group, count, &unread) == ERR_OK);
	EXPECT(unread == 0 && writer_last_seq(w) == 20);
	writer_destroy(w); /* here it dies */
	house_close(&h);
	house_open(&h, 1 << 20);
	EXPECT(store_last_seq(h.store) == 20);
	store_start(h.store);
	EXPECT(house_settle(&h));
	EXPECT(number(&h, "SELECT count(*) FROM events") == (int64_t)h.story.seq);
	EXPECT(number(&h, "SELECT count(*) FROM contacts WHERE state = 'ended'") == 3);
	expect_lawful(
		&h); /* the call that was cut in the middle was folded again from its events */
	house_finish(&h);
}

static uint32_t take_all(struct house *h, struct str *group, uint32_t room)
{
	uint32_t count = 0;
	while (count < room && ring_follow(h->ring, &group[count]))
		count++;
	return count;
}

TEST(a_group_handed_in_twice_is_stored_once)
{
	struct house h;
	house_init(&h);
	house_open(&h, 1 << 20);
	calls(&h, 1, 2);
	struct str group[64];
	uint32_t count = take_all(&h, group, 64), unread;
	struct writer *w = other_writer(&h);
	EXPECT(writer_group(w, group, count - 1, &unread) == ERR_OK);
	EXPECT(writer_contacts(w) == 1); /* the second has not ended yet */
	EXPECT(writer_group(w, group, count, &unread) == ERR_OK);
	EXPECT(writer_contacts(w) == 0);
	EXPECT(writer_last_seq(w) == h.story.seq);
	writer_destroy(w);
	house_close(&h);
	house_open(&h, 1 << 20);
	expect_lawful(&h);
	house_finish(&h);
}

/* It fails when the first contact's rows are written already: they are gone with the transaction,
 * and the writer must not believe that they are there. */
TEST(rows_of_a_group_that_failed_are_written_again)
{
	struct house h;
	house_init(&h);
	house_open(&h, 1 << 20);
	calls(&h, 1, 2);
	struct str group[64];
	uint32_t count = take_all(&h, group, 64), unread;
	struct writer *w = other_writer(&h);
	EXPECT(writer_group(w, group, 3, &unread) == ERR_OK);
	forbid(&h, "contacts",
	       house_remote() ? "NEW.id = '\\x00000002000000000000000000000001'::bytea"
			      : "NEW.id = x'00000002000000000000000000000001'");
	EXPECT(writer_group(w, group, count, &unread) == ERR_CONFLICT);
	EXPECT(writer_last_seq(w) == 3);
	allow(&h, "contacts");
	EXPECT(writer_group(w, group, count, &unread) == ERR_OK);
	writer_destroy(w);
	house_close(&h);
	house_open(&h, 1 << 20);
	EXPECT(number(&h, "SELECT count(*) FROM segments") == 6);
	expect_lawful(&h);
	house_finish(&h);
}

/* A whole process killed at a random moment, again and again, with an agent at work. */
TEST(killed_at_any_moment_nothing_is_lost_or_doubled)
{
	struct house h;
	house_init(&h);
	for (unsigned seed = 1; seed <= 12; seed++) {
		int told[2];
		CHECK(pipe(told) == 0);
		pid_t child = fork();
		if (child == 0) {
			house_open(&h, 65536);
			store_start(h.store);
			h.story.seq = ring_last_seq(h.ring);
			for (uint32_t n = seed * 100000;; n++) {
				calls(&h, n, 1);
				if (write(told[1], &h.story.seq, 8) != 8)
					_exit(1);
			}
		}
		close(told[1]);
		uint64_t seq, last = 0;
		for (unsigned i = 0; i < seed * 31 % 60 + 1 && read(told[0], &seq, 8) == 8; i++)
			last = seq;
		usleep(seed * 7919 % 9000);
		kill(child, SIGKILL);
		while (read(told[0], &seq, 8) == 8)
			last = seq;
		waitpid(child, NULL, 0);
		close(told[0]);
		house_open(&h, 65536);
		h.story.seq = ring_last_seq(h.ring);
		EXPECT(h.story.seq >= last);
		store_start(h.store);
		EXPECT(house_settle(&h));
		/* calls cut short stay open for ever here: nobody remembers them */
		SAY(&h.story, server_start, .version = STR("t"), .recovered = false);
		EXPECT(house_settle(&h));
		EXPECT(number(&h, "SELECT count(*) FROM contacts WHERE ended_at IS NULL") == 0);
		expect_lawful(&h);
		house_close(&h);
	}
	house_remove(&h);
}

static bool troubled(struct house *h)
{
	for (int i = 0; i < 5000 && !atomic_load(&h->troubles); i++)
		usleep(1000);
	return atomic_load(&h->troubles) != 0;
}

TEST(waits_for_a_locked_database_without_holding_anybody_up)
{
	struct house h;
	house_start(&h);
	calls(&h, 1, 1);
	EXPECT(house_settle(&h));
	struct sql *other = house_other(&h);
	EXPECT(sql_script(other, house_remote()
					 ? "BEGIN; SET TRANSACTION READ WRITE; "
					   "LOCK TABLE events"
					 : "PRAGMA query_only=OFF; BEGIN IMMEDIATE") == ERR_OK);
	uint64_t before = store_last_seq(h.store);
	calls(&h, 2, 20);
	EXPECT(troubled(&h));
	usleep(1000000);
	EXPECT(store_last_seq(h.store) == before);
	EXPECT(atomic_load(&h.troubles) == 1); /* told once */
	EXPECT(sql_script(other, "COMMIT") == ERR_OK);
	sql_close(other);
	EXPECT(house_settle(&h));
	EXPECT(atomic_load(&h.recoveries) == 1);
	EXPECT(atomic_load(&h.disorders) == 0);
	expect_lawful(&h);
	house_finish(&h);
}

TEST(a_full_disk_under_the_database_holds_nobody_up_and_heals)
{
	struct house h;
	if (house_remote()) /* the server's disk is not ours to fill */
		return;
	house_init(&h);
	if (mount("none", h.dir, "tmpfs", 0, "size=4m") != 0) {
		test_skip("mounting a small tmpfs needs root");
		house_remove(&h);
		return;
	}
	house_open(&h, 1 << 20);
	store_start(h.store);
	calls(&h, 1, 1); /* the ring has its segment now */
	EXPECT(house_settle(&h));
	char path[100], block[4096] = {1};
	snprintf(path, sizeof path, "%s/filler", h.dir);
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	while (write(fd, block, sizeof block) > 0)
		;
	close(fd);
	calls(&h, 2, 100);
	EXPECT(troubled(&h));
	EXPECT(store_failing(h.store));
	EXPECT(!store_catch_up(h.store, 60000)); /* readers are not held up */
	EXPECT(store_last_seq(h.store) < h.story.seq);
	CHECK(unlink(path) == 0);
	EXPECT(house_settle(&h));
	EXPECT(!store_failing(h.store));
	EXPECT(atomic_load(&h.recoveries) == 1);
	EXPECT(atomic_load(&h.disorders) == 0);
	expect_lawful(&h);
	house_close(&h);
	umount(h.dir);
	house_remove(&h);
}

/* Someone else's row stands where ours must go: the group fails as a whole, until it is gone. */
TEST(a_group_that_fails_leaves_nothing_behind)
{
	struct house h;
	house_init(&h);
	house_open(&h, 1 << 20);
	calls(&h, 1, 2);
	forbid(&h, "events", "NEW.seq = 17");
	store_start(h.store);
	EXPECT(troubled(&h));
	EXPECT(number(&h, "SELECT count(*) FROM events") == 0);
	EXPECT(number(&h, "SELECT count(*) FROM contacts") == 0);
	allow(&h, "events");
	EXPECT(house_settle(&h));
	EXPECT(number(&h, "SELECT count(*) FROM contacts WHERE state = 'ended'") == 2);
	expect_lawful(&h);
	house_finish(&h);
}

TEST(a_contact_goes_on_after_a_restart)
{
	struct house h;
	house_start(&h);
	story_contact(&h.story, 1);
	story_arrive(&h.story);
	story_enqueue(&h.story, Q);
	story_answer(&h.story, Q, ANNA, 4000);
	EXPECT(house_settle(&h));
	house_close(&h);
	house_open(&h, 1 << 20);
	store_start(h.store);
	story_serve(&h.story, Q, ANNA, 9000, 2000);
	EXPECT(house_settle(&h));
	EXPECT(has(house_contact(&h, 1), "\"talk_ms\":9000"));
	EXPECT(has(house_contact(&h, 1), "\"wait_ms\":4000"));
	expect_lawful(&h);
	house_finish(&h);
}

TEST(what_comes_after_the_end_is_added)
{
	struct house h;
	house_start(&h);
	calls(&h, 1, 1);
	EXPECT(house_settle(&h));
	SAY(&h.story, recording_start, .queue = Q, .agent = ANNA, .recording = STR("r1"));
	SAY(&h.story, recording_end, .recording = STR("r1"), .duration_ms = 9000, .channels = 2,
	    .codec = STR("wav"), .bytes = 1, .path = STR("x.wav"));
	EXPECT(house_settle(&h));
	EXPECT(has(house_contact(&h, 1), "\"duration_ms\":9000"));
	expect_lawful(&h);
	house_finish(&h);
}

TEST(a_server_that_forgot_ends_what_was_open)
{
	struct house h;
	house_start(&h);
	story_contact(&h.story, 1);
	story_arrive(&h.story);
	story_enqueue(&h.story, Q);
	SAY(&h.story, agent_presence, .agent = ANNA, .to = PRESENCE_ready);
	story_wait(&h.story, 5000);
	story_contact(&h.story, 2);
	story_arrive(&h.story);
	story_wait(&h.story, 600000); /* nobody knows when in between it died */
	SAY(&h.story, server_start, .version = STR("1"), .recovered = false);
	story_contact(&h.story, 3);
	story_arrive(&h.story);
	SAY(&h.story, server_start, .version = STR("1"), .recovered = true, .contacts = 1);
	SAY(&h.story, agent_presence, .agent = STR("boris"), .to = PRESENCE_ready);
	EXPECT(house_settle(&h));
	EXPECT(has(house_contact(&h, 1), "\"state\":\"ended\""));
	EXPECT(has(house_contact(&h, 1), "\"result\":\"server_restart\""));
	EXPECT(has(house_contact(&h, 1), "\"wait_ms\":5000"));
	EXPECT(has(house_contact(&h, 3), "\"state\":\"flow\"")); /* this one was remembered */
	EXPECT(number(&h, "SELECT to_ms - from_ms FROM agent_spells WHERE agent = 'anna'") == 5000);
	/* agents are remembered, but no contact is */
	SAY(&h.story, server_start, .version = STR("1"), .recovered = true, .contacts = 0);
	EXPECT(house_settle(&h));
	EXPECT(has(house_contact(&h, 3), "\"result\":\"server_restart\""));
	EXPECT(number(&h, "SELECT to_ms > 9000000000000 FROM agent_spells WHERE agent = 'boris'") ==
	       1);
	expect_lawful(&h);
	house_finish(&h);
}

TEST(a_fact_of_another_world_is_passed_over)
{
	struct house h;
	house_start(&h);
	struct buf batch = buf_grow(64);
	batch_put_fact(&batch, STR("nonsense"));
	EXPECT(ring_append(h.ring, buf_str(&batch), 1, NULL) == ERR_OK);
	buf_free(&batch);
	h.story.seq = 1;
	calls(&h, 1, 1);
	EXPECT(house_settle(&h));
	EXPECT(atomic_load(&h.troubles) == 0);
	EXPECT(has(house_contact(&h, 1), "\"state\":\"ended\""));
	uint32_t problems;
	h.out.n = 0;
	EXPECT(store_check(h.reader, STR_NONE, &h.out, &problems) == ERR_OK);
	EXPECT(problems == 1 && has(buf_str(&h.out), "events 1 to 1: missing"));
	house_finish(&h);
}

TEST(other_urls_are_refused_plainly)
{
	char room[200];
	struct buf detail = buf_make(room, sizeof room);
	struct store_options o = {.dir = STR("/tmp"), .url = STR("mysql://x")};
	struct store *s;
	EXPECT(store_open(&o, &s, &detail) == ERR_INVALID);
	EXPECT(has(buf_str(&detail), "must be sqlite:FILE or postgresql://"));
	detail.n = 0;
	o.url = STR(
		"postgresql://me:sec@ret/@h:x/d"); /* whatever is wrong: no piece of a password */
	EXPECT(store_open(&o, &s, &detail) == ERR_INVALID);
	EXPECT(has(buf_str(&detail), "is no PostgreSQL URL") && !has(buf_str(&detail), "sec"));
	o.url = STR("postgresql://127.0.0.1:1/x"); /* nobody listens */
	EXPECT(store_open(&o, &s, &detail) == ERR_AGAIN);
	o.url = STR("sqlite:none-such-here.db");
	EXPECT(store_open(&o, &s, &detail) == ERR_NOT_FOUND); /* reading makes no database */
}

TEST(a_database_of_another_history_is_refused)
{
	struct house h;
	house_start(&h);
	house_close(&h);
	char room[200];
	house_say(&h, "UPDATE schema_migrations SET checksum = 1");
	struct buf detail = buf_make(room, sizeof room);
	struct store_options o = {.dir = str_of(h.dir), .url = str_of(h.url)};
	struct store *s;
	EXPECT(store_open(&o, &s, &detail) == ERR_CONFLICT);
	house_say(&h, "INSERT INTO schema_migrations VALUES(99, 1, '')");
	house_say(&h, "DELETE FROM schema_migrations WHERE number < 99");
	detail.n = 0;
	EXPECT(store_open(&o, &s, &detail) == ERR_UNSUPPORTED);
	EXPECT(has(buf_str(&detail), "newer version"));
	house_remove(&h);
}
