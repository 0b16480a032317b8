/*
 * sql.h - a database connection: prepared statements, typed binds, rows. SQLite behind it now; the
 * words are chosen so that PostgreSQL fits (binds in order of their `?`, upserts both know).
 *
 * Statements are texts of ours, never built from data, and stay prepared while the connection
 * lives. A statement is bound, then stepped; the first error of a connection's statement is kept
 * and comes out of sql_step, sql_do or sql_commit, so binds need no checks. Texts and blobs bound
 * must live until the statement is done; columns live until its next step. One thread at a time.
 * Errors: ERR_BUSY (locked by someone else; try again), ERR_DISK_FULL, ERR_CONFLICT (a constraint),
 * ERR_IO (all else: open the connection anew before trusting it again).
 */
#pragma once

#include "base/str.h"

struct sql;
struct sql_stmt;

enum sql_mode {
	SQL_WRITER, /* makes the file; synchronous=FULL: committed is on disk */
	SQL_READER, /* never writes */
};

/* url: sqlite:FILE, relative to dir. ERR_NOT_FOUND: a reader's database is not there,
 * ERR_UNSUPPORTED: no such kind of database in this version, ERR_INVALID: no database url.
 * detail (may be NULL) gets one line. */
MUST_USE enum err sql_open(struct str url, struct str dir, enum sql_mode mode, struct sql **out,
			   struct buf *detail);
void sql_close(struct sql *db); /* NULL is fine */
/* What went wrong last, for people; lives until the next error. */
struct str sql_error(const struct sql *db);

MUST_USE enum err sql_begin(struct sql *db); /* takes the write lock at once */
MUST_USE enum err sql_commit(struct sql *db);
void sql_rollback(struct sql *db); /* harmless outside a transaction */
/* Several statements without binds or rows: schemas. */
MUST_USE enum err sql_script(struct sql *db, const char *text);

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
