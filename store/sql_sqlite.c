/* sql_sqlite.c - a database in one file; see sql.h. */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#include "store/sql_inside.h"

#define BUSY_MS 200 /* of a wait inside SQLite; the writer waits longer by trying again */
#define READER_BUSY_MS 5000

/* SQLite counts its memory under a lock of the whole process unless told not to; nobody asks. */
__attribute__((constructor)) static void no_counting(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

struct lite {
	struct sql sql;
	sqlite3 *db;
};

struct lite_stmt {
	struct sql_stmt stmt;
	sqlite3_stmt *s;
};

static struct lite *lite_of(struct sql *db)
{
	return (struct lite *)db;
}

static sqlite3_stmt *s_of(struct sql_stmt *q)
{
	return ((struct lite_stmt *)q)->s;
}

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

static enum err failed(struct sql *sql, int rc)
{
	sqlite3 *db = lite_of(sql)->db;
	snprintf(sql->error, sizeof sql->error, "database: %s (%d)", sqlite3_errmsg(db),
		 sqlite3_extended_errcode(db));
	return err_of(rc);
}

static enum err path_of(const struct sql_options *o, char out[512], struct buf *detail)
{
	struct str file = o->url.n ? str_from(o->url, 7) : STR("centrala.db");
	int n = file.n && file.p[0] == '/'
			? snprintf(out, 512, STR_FMT, STR_ARG(file))
			: snprintf(out, 512, STR_FMT "/" STR_FMT, STR_ARG(o->dir), STR_ARG(file));
	if (n >= 0 && n < 512)
		return ERR_OK;
	if (detail)
		buf_c(detail, "store.url: too long");
	return ERR_INVALID;
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

static enum err lite_open(struct sql *sql, const struct sql_options *o, struct buf *detail)
{
	struct lite *l = lite_of(sql);
	const bool writes = o->mode == SQL_WRITER;
	char path[512];
	enum err e = path_of(o, path, detail);
	if (e != ERR_OK)
		return e;
	if (writes) { /* password hashes are in it; SQLite's other files take after it */
		int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (fd >= 0)
			close(fd);
	}
	/* a reader needs the file writable too: WAL's shared memory; query_only keeps it honest */
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (writes ? SQLITE_OPEN_CREATE : 0);
	int rc = sqlite3_open_v2(path, &l->db, flags, NULL);
	if (rc == SQLITE_OK) {
		sqlite3_extended_result_codes(l->db, 1);
		sqlite3_busy_timeout(l->db, writes ? BUSY_MS : READER_BUSY_MS);
		rc = sqlite3_exec(l->db, writes ? writer_setup : reader_setup, NULL, NULL, NULL);
	}
	if (rc == SQLITE_OK)
		return ERR_OK;
	e = failed(sql, rc);
	if (detail)
		buf_fmt(detail, "%s: %s", path, sql->error);
	return e;
}

static void lite_close(struct sql *sql)
{
	sqlite3_close(lite_of(sql)->db);
}

static enum err lite_script(struct sql *sql, const char *text)
{
	int rc = sqlite3_exec(lite_of(sql)->db, text, NULL, NULL, NULL);
	return rc == SQLITE_OK ? ERR_OK : failed(sql, rc);
}

static enum err lite_begin(struct sql *sql)
{
	return sql_do(sql_query(sql, sql->mode == SQL_WRITER ? "BEGIN IMMEDIATE" : "BEGIN"));
}

static enum err lite_commit(struct sql *sql)
{
	return sql_do(sql_query(sql, "COMMIT"));
}

static void lite_rollback(struct sql *sql)
{
	if (!sqlite3_get_autocommit(lite_of(sql)->db) &&
	    sql_do(sql_query(sql, "ROLLBACK")) != ERR_OK)
		return; /* SQLite rolled back by itself, or the connection is opened anew */
}

static enum err lite_has_table(struct sql *sql, const char *name, bool *has)
{
	struct sql_stmt *q =
		sql_query(sql, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?");
	sql_text(q, str_of(name));
	*has = sql_step(q);
	return sql_done(q);
}

static enum err lite_integrity(struct sql *sql, struct buf *out)
{
	struct sql_stmt *q = sql_query(sql, "PRAGMA integrity_check");
	while (sql_step(q))
		if (!str_is(sql_col_text(q, 0), "ok")) {
			buf_put(out, sql_col_text(q, 0));
			buf_ch(out, '\n');
		}
	return sql_done(q);
}

struct copying {
	bool (*going)(void *arg);
	void *arg;
};

static int go_on(void *arg)
{
	const struct copying *c = arg;
	return !c->going(c->arg);
}

/* A connection of its own: a reader's must not write, and a progress handler would be asked during
 * its other questions too. Reads within one transaction: nobody waits for it but the WAL's end. */
static enum err lite_copy(struct sql *sql, const char *path, bool (*going)(void *arg), void *arg)
{
	struct lite from = {0};
	struct copying c = {going, arg};
	sqlite3_stmt *s = NULL;
	const char *file = sqlite3_db_filename(lite_of(sql)->db, "main");
	int rc = sqlite3_open_v2(file, &from.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_busy_timeout(from.db, READER_BUSY_MS);
	if (rc == SQLITE_OK && going)
		sqlite3_progress_handler(from.db, 10000, go_on, &c);
	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(from.db, "VACUUM INTO ?", -1, &s, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(s, 1, path, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK) {
		rc = sqlite3_step(s);
		rc = rc == SQLITE_DONE ? SQLITE_OK : rc;
	}
	enum err e = (rc & 0xff) == SQLITE_INTERRUPT ? ERR_AGAIN : ERR_OK;
	if (rc != SQLITE_OK && e == ERR_OK)
		e = failed(&from.sql, rc);
	memcpy(sql->error, from.sql.error, sizeof sql->error);
	sqlite3_finalize(s);
	sqlite3_close(from.db);
	return e;
}

/* -- statements -- */

static void lite_prepare(struct sql_stmt *q)
{
	struct lite_stmt *l = (struct lite_stmt *)q;
	if (l->s)
		return;
	int rc = sqlite3_prepare_v3(lite_of(q->db)->db, q->text, -1, SQLITE_PREPARE_PERSISTENT,
				    &l->s, NULL);
	if (rc != SQLITE_OK)
		q->err = failed(q->db, rc);
}

static void lite_drop(struct sql_stmt *q)
{
	sqlite3_finalize(s_of(q));
}

static void bound(struct sql_stmt *q, int rc)
{
	if (rc != SQLITE_OK && q->err == ERR_OK)
		q->err = failed(q->db, rc);
}

static void lite_bind_i64(struct sql_stmt *q, int at, int64_t v)
{
	bound(q, sqlite3_bind_int64(s_of(q), at, v));
}

static void lite_bind_text(struct sql_stmt *q, int at, struct str v)
{
	bound(q, sqlite3_bind_text64(s_of(q), at, v.n ? v.p : "", v.n, SQLITE_STATIC, SQLITE_UTF8));
}

static void lite_bind_blob(struct sql_stmt *q, int at, const void *p, size_t n)
{
	bound(q, sqlite3_bind_blob64(s_of(q), at, n ? p : "", n, SQLITE_STATIC));
}

static void lite_bind_null(struct sql_stmt *q, int at, bool text)
{
	(void)text;
	bound(q, sqlite3_bind_null(s_of(q), at));
}

static bool lite_step(struct sql_stmt *q)
{
	int rc = sqlite3_step(s_of(q));
	if (rc == SQLITE_ROW)
		return true;
	if (rc != SQLITE_DONE)
		q->err = failed(q->db, rc);
	return false;
}

static void lite_run(struct sql_stmt *q)
{
	while (lite_step(q))
		;
}

static void lite_done(struct sql_stmt *q)
{
	if (!s_of(q))
		return;
	sqlite3_reset(s_of(q)); /* repeats the error of the step */
	sqlite3_clear_bindings(s_of(q));
}

static int64_t lite_col_i64(struct sql_stmt *q, int column)
{
	return sqlite3_column_int64(s_of(q), column);
}

static struct str lite_col_text(struct sql_stmt *q, int column)
{
	const void *p = sqlite3_column_blob(s_of(q), column);
	int n = sqlite3_column_bytes(s_of(q), column);
	return str_make(p ? p : "", (size_t)n);
}

static bool lite_col_null(struct sql_stmt *q, int column)
{
	return sqlite3_column_type(s_of(q), column) == SQLITE_NULL;
}

const struct sql_driver sql_sqlite = {
	.db_size = sizeof(struct lite),
	.stmt_size = sizeof(struct lite_stmt),
	.open = lite_open,
	.close = lite_close,
	.begin = lite_begin,
	.commit = lite_commit,
	.rollback = lite_rollback,
	.script = lite_script,
	.has_table = lite_has_table,
	.integrity = lite_integrity,
	.copy = lite_copy,
	.prepare = lite_prepare,
	.drop = lite_drop,
	.bind_i64 = lite_bind_i64,
	.bind_text = lite_bind_text,
	.bind_blob = lite_bind_blob,
	.bind_null = lite_bind_null,
	.step = lite_step,
	.run = lite_run,
	.done = lite_done,
	.col_i64 = lite_col_i64,
	.col_text = lite_col_text,
	.col_null = lite_col_null,
};
