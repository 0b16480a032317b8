/*
 * house_test.h - for tests: a directory with a ring and a store in it, filled by a story.
 *
 * The database is SQLite in that directory, or, with CENTRALA_TEST_PG=postgresql://…, a schema of
 * its own on that server.
 */
#pragma once

#include <stdatomic.h>

#include "report/story_test.h"
#include "store/query.h"
#include "store/ring.h"
#include "store/sql.h"

struct house {
	char dir[64], url[400];
	struct ring *ring;
	struct store *store;
	struct store_reader *reader;
	struct story story;
	_Atomic uint64_t durable;
	_Atomic uint32_t durable_calls, disorders, troubles, recoveries;
	struct buf out;
};

void house_init(struct house *h);			/* the directory */
void house_open(struct house *h, size_t segment_bytes); /* ring, store, reader */
void house_start(struct house *h);			/* all of it, the writer too */
void house_close(struct house *h);			/* the directory stays */
void house_remove(struct house *h);
void house_finish(struct house *h);
/* Until everything the story told is durable; false after ten seconds. */
bool house_settle(struct house *h);
/* The record of story_uuid(n); lives until h->out is used again. */
struct str house_contact(struct house *h, uint32_t n);
bool house_remote(void); /* a server, no file */
struct sql_options house_sql(const struct house *h, enum sql_mode mode);
/* Somebody else's hand in the tables: opens a connection and says this. */
struct sql *house_other(struct house *h);
void house_say(struct house *h, const char *text);
bool has(struct str text, const char *what);
/* For any test: a new directory, how many of its files end so, and away with all in it. */
void test_dir_make(char dir[64]);
uint32_t test_dir_count(const char *dir, const char *ending);
void test_dir_remove(const char *dir);
