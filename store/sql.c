/* sql.c - see sql.h. */
#include "store/sql.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/map.h"

#define BUSY_MS 200 /* of a wait inside SQLite; the writer waits longer by trying again */

/* SQLite counts its memory under a lock of the whole process unless told not to; nobody asks. */
__attribute__((constructor)) static void no_counting(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

struct sql_stmt {
	struct sql *db;
	sqlite3_stmt *s;
	char *text;
	int bound;
	enum err err;
	bool running;
};

struct sql {
	sqlite3 *db;
	struct map statements; /* by text */
	char error[256];
};

static enum err err_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return ERR_OK;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ERR_BUSY;
	case SQLITE_FULL:
		return ERR_DISK_FULL;
	case SQLITE_CONSTRAINT:
		return ERR_CONFLICT;
	case SQLITE_CANTOPEN:
		return ERR_NOT_FOUND;
	default:
		return ERR_IO;
	}
}

static enum err failed(struct sql *db, int rc)
{
	snprintf(db->error, sizeof db->error, "database: %s (%d)", sqlite3_errmsg(db->db),
		 sqlite3_extended_errcode(db->db));
	return err_of(rc);
}

struct str sql_error(const struct sql *db)
{
	return str_of(db->error);
}

static enum err path_of(struct str url, struct str dir, char out[512], struct buf *detail)
{
	struct str file;
	if (str_starts(url, STR("postgresql:")) || str_starts(url, STR("postgres:"))) {
		if (detail)
			buf_c(detail, "store.url: PostgreSQL is not built yet in this version");
		return ERR_UNSUPPORTED;
	}
	if (str_starts(url, STR("sqlite:")))
		file = str_from(url, 7);
	else if (url.n) {
		if (detail)
			buf_c(detail, "store.url: must be sqlite:FILE");
		return ERR_INVALID;
	} else {
		file = STR("centrala.db");
	}
	int n = file.n && file.p[0] == '/'
			? snprintf(out, 512, STR_FMT, STR_ARG(file))
			: snprintf(out, 512, STR_FMT "/" STR_FMT, STR_ARG(dir), STR_ARG(file));
	if (!file.n || n < 0 || n >= 512) {
		if (detail)
			buf_c(detail, "store.url: no file name, or too long");
		return ERR_INVALID;
	}
	return ERR_OK;
}

/* Kibibytes of pages kept: enough that what is alive is not read again for every group. */
#define WRITER_CACHE "32768"
#define READER_CACHE "8192"

/* WAL: readers and the writer do not wait for each other. FULL: a commit is on disk when it returns
 * (NORMAL would lose the last ones in a power cut). */
static const char writer_setup[] = "PRAGMA journal_mode=WAL;"
				   "PRAGMA synchronous=FULL;"
				   "PRAGMA foreign_keys=ON;"
				   "PRAGMA cache_size=-" WRITER_CACHE ";"
				   "PRAGMA wal_autocheckpoint=4000;" /* pages */
				   "PRAGMA journal_size_limit=67108864;";
static const char reader_setup[] = "PRAGMA query_only=ON;"
				   "PRAGMA cache_size=-" READER_CACHE ";";

enum err sql_open(struct str url, struct str dir, enum sql_mode mode, struct sql **out,
		  struct buf *detail)
{
	char path[512];
	enum err e = path_of(url, dir, path, detail);
	if (e != ERR_OK)
		return e;
	if (mode ==
	    SQL_WRITER) { /* password hashes are in it; SQLite's other files take after it */
		int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (fd >= 0)
			close(fd);
	}
	struct sql *db = xcalloc(1, sizeof *db);
	map_init(&db->statements, 0x5eed);
	/* a reader needs the file writable too: WAL's shared memory; query_only keeps it honest */
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
		    (mode == SQL_WRITER ? SQLITE_OPEN_CREATE : 0);
	int rc = sqlite3_open_v2(path, &db->db, flags, NULL);
	if (rc == SQLITE_OK) {
		sqlite3_extended_result_codes(db->db, 1);
		sqlite3_busy_timeout(db->db, mode == SQL_WRITER ? BUSY_MS : 5000);
		rc = sqlite3_exec(db->db, mode == SQL_WRITER ? writer_setup : reader_setup, NULL,
				  NULL, NULL);
	}
	if (rc != SQLITE_OK) {
		e = failed(db, rc);
		if (detail)
			buf_fmt(detail, "%s: %s", path, db->error);
		sql_close(db);
		return e;
	}
	*out = db;
	return ERR_OK;
}

void sql_close(struct sql *db)
{
	if (!db)
		return;
	uint32_t at = 0;
	for (struct sql_stmt *q; (q = map_next(&db->statements, &at)) != NULL;) {
		sqlite3_finalize(q->s);
		free(q->text);
		free(q);
	}
	map_finish(&db->statements);
	sqlite3_close(db->db);
	free(db);
}

enum err sql_script(struct sql *db, const char *text)
{
	int rc = sqlite3_exec(db->db, text, NULL, NULL, NULL);
	return rc == SQLITE_OK ? ERR_OK : failed(db, rc);
}

enum err sql_begin(struct sql *db)
{
	return sql_do(sql_query(db, "BEGIN IMMEDIATE"));
}

enum err sql_commit(struct sql *db)
{
	return sql_do(sql_query(db, "COMMIT"));
}

void sql_rollback(struct sql *db)
{
	if (!sqlite3_get_autocommit(db->db) && sql_do(sql_query(db, "ROLLBACK")) != ERR_OK)
		return; /* SQLite rolled back by itself, or the connection is opened anew */
}

struct sql_stmt *sql_query(struct sql *db, const char *text)
{
	struct sql_stmt *q = map_get(&db->statements, str_of(text));
	if (!q) {
		q = xcalloc(1, sizeof *q);
		q->db = db;
		q->text = str_dup(str_of(text));
		CHECK(map_add(&db->statements, str_of(q->text), q) == ERR_OK);
	}
	CHECK(!q->running); /* the one before was not done */
	q->err = ERR_OK;
	q->bound = 0;
	if (!q->s) {
		int rc = sqlite3_prepare_v3(db->db, q->text, -1, SQLITE_PREPARE_PERSISTENT, &q->s,
					    NULL);
		if (rc != SQLITE_OK)
			q->err = failed(db, rc);
	}
	q->running = true;
	return q;
}

static void bound(struct sql_stmt *q, int rc)
{
	if (rc != SQLITE_OK && q->err == ERR_OK)
		q->err = failed(q->db, rc);
}

void sql_i64(struct sql_stmt *q, int64_t v)
{
	bound(q, sqlite3_bind_int64(q->s, ++q->bound, v));
}

void sql_u64(struct sql_stmt *q, uint64_t v)
{
	sql_i64(q, (int64_t)v);
}

void sql_text(struct sql_stmt *q, struct str v)
{
	bound(q, sqlite3_bind_text64(q->s, ++q->bound, v.n ? v.p : "", v.n, SQLITE_STATIC,
				     SQLITE_UTF8));
}

void sql_text_or_null(struct sql_stmt *q, struct str v)
{
	if (v.n)
		sql_text(q, v);
	else
		sql_null(q);
}

void sql_blob(struct sql_stmt *q, const void *p, size_t n)
{
	bound(q, sqlite3_bind_blob64(q->s, ++q->bound, n ? p : "", n, SQLITE_STATIC));
}

void sql_null(struct sql_stmt *q)
{
	bound(q, sqlite3_bind_null(q->s, ++q->bound));
}

bool sql_step(struct sql_stmt *q)
{
	if (q->err != ERR_OK)
		return false;
	int rc = sqlite3_step(q->s);
	if (rc == SQLITE_ROW)
		return true;
	if (rc != SQLITE_DONE)
		q->err = failed(q->db, rc);
	return false;
}

enum err sql_done(struct sql_stmt *q)
{
	if (q->s) {
		sqlite3_reset(q->s); /* repeats the error of the step */
		sqlite3_clear_bindings(q->s);
	}
	q->running = false;
	return q->err;
}

enum err sql_do(struct sql_stmt *q)
{
	while (sql_step(q))
		;
	return sql_done(q);
}

int64_t sql_col_i64(struct sql_stmt *q, int column)
{
	return sqlite3_column_int64(q->s, column);
}

struct str sql_col_text(struct sql_stmt *q, int column)
{
	const void *p = sqlite3_column_blob(q->s, column);
	int n = sqlite3_column_bytes(q->s, column);
	return str_make(p ? p : "", (size_t)n);
}

bool sql_col_null(struct sql_stmt *q, int column)
{
	return sqlite3_column_type(q->s, column) == SQLITE_NULL;
}
