/*
 * sql.h - a database connection: prepared statements, typed binds, rows; SQLite or PostgreSQL.
 *
 * Statements are texts of ours in SQLite's dialect as far as both know it (README.md tells the
 * rules; store/dialect.h says the rest in PostgreSQL's words). They are never built from data and
 * stay prepared while the connection lives. A statement is bound in the order of its `?`, then
 * stepped; the first error is kept and comes out of sql_done, sql_do or sql_commit, so binds need
 * no checks. What a writer says with sql_do inside a transaction may travel later, together: its
 * error then comes out of the next question or of sql_commit. Texts and blobs bound must live until
 * the statement is done; columns live until its next step. Statements may be open side by side. One
 * thread at a time.
 *
 * Errors: ERR_BUSY (locked by someone else, or it lost a race; try again), ERR_DISK_FULL,
 * ERR_CONFLICT (a constraint), ERR_INVALID (no such url), ERR_AGAIN (a reader's database is away or
 * slow), ERR_IO (all else: open the connection anew before trusting it again).
 */
#pragma once

#include <stdatomic.h>

#include "base/str.h"

struct sql;
struct sql_stmt;

enum sql_mode {
	SQL_WRITER, /* alone, and makes what is not there; committed is on disk */
	SQL_READER, /* never writes; connects anew by itself */
};

struct sql_options {
	struct str
		url; /* sqlite:FILE, relative to dir; postgresql://…; empty: sqlite:centrala.db */
	struct str dir;
	enum sql_mode mode;
	int64_t connect_ms; /* the longest wait for a server to open; 0: as its mode needs */
	/* Monotonic ms after which a connection over the network stops waiting; 0: never. May be
	 * set by any thread at any time. NULL: never. */
	const _Atomic int64_t *give_up_ms;
	/* A reader waits short while this says so: the server is known to be in trouble. NULL: no.
	 */
	bool (*hurried)(void *arg);
	void *arg;
};

/* ERR_NOT_FOUND: a reader's file is not there, ERR_INVALID: no database url; ERR_BUSY: another
 * server writes there. A reader over the network connects with its first question. detail (may be
 * NULL) gets one line, never with a password. */
MUST_USE enum err sql_open(const struct sql_options *o, struct sql **out, struct buf *detail);
void sql_close(struct sql *db); /* NULL is fine */
bool sql_is_remote(struct str url);
bool sql_is_server(const struct sql *db); /* PostgreSQL: for what the two cannot say alike */
/* What is wrong with it, for people; NULL: nothing that can be seen without connecting. */
const char *sql_url_mistake(struct str url);
/* What went wrong last, for people; lives until the next error. */
struct str sql_error(const struct sql *db);

/* A writer takes its lock at once; a reader sees one moment until sql_rollback, without limit of
 * time. */
MUST_USE enum err sql_begin(struct sql *db);
MUST_USE enum err sql_commit(struct sql *db);
void sql_rollback(struct sql *db); /* harmless outside a transaction */
/* Several statements without binds or rows, ended by `;`: schemas. No limit of time. */
MUST_USE enum err sql_script(struct sql *db, const char *text);
MUST_USE enum err sql_has_table(struct sql *db, const char *name, bool *has);
/* The database's own examination of its files; a line a problem into out. */
MUST_USE enum err sql_integrity(struct sql *db, struct buf *out);

/* All of it as it is at this moment, into a new file; writers go on meanwhile. going: asked now and
 * then, false ends it with ERR_AGAIN; may be NULL. ERR_UNSUPPORTED: the database is on a server. */
MUST_USE enum err sql_copy(struct sql *db, const char *path, bool (*going)(void *arg), void *arg);

/* text: fully written in the program. Never NULL; an error shows when stepped. */
struct sql_stmt *sql_query(struct sql *db, const char *text);
/* The next `?`. */
void sql_i64(struct sql_stmt *q, int64_t v);
void sql_u64(struct sql_stmt *q, uint64_t v);
void sql_text(struct sql_stmt *q, struct str v);
void sql_text_or_null(struct sql_stmt *q, struct str v); /* empty: NULL */
void sql_blob(struct sql_stmt *q, const void *p, size_t n);
void sql_null(struct sql_stmt *q);
/* The next row; false at the end or after an error (then sql_done says which). */
bool sql_step(struct sql_stmt *q);
/* Ends the statement, so that it holds no read transaction open; its error if it had one. */
MUST_USE enum err sql_done(struct sql_stmt *q);
/* For statements without rows: step to the end and done. */
MUST_USE enum err sql_do(struct sql_stmt *q);

int64_t sql_col_i64(struct sql_stmt *q, int column);	 /* NULL: 0 */
struct str sql_col_text(struct sql_stmt *q, int column); /* blobs too; NULL: empty */
bool sql_col_null(struct sql_stmt *q, int column);
