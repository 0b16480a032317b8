/* sql.c - see sql.h: which database, and the statements of a connection. */
#include <stdlib.h>

#include "store/sql_inside.h"

bool sql_is_remote(struct str url)
{
	return str_starts(url, STR("postgresql:")) || str_starts(url, STR("postgres:"));
}

bool sql_is_server(const struct sql *db)
{
	return db->driver == &sql_postgres;
}

const char *sql_url_mistake(struct str url)
{
	if (sql_is_remote(url))
		return sql_postgres_mistake(url);
	if (!url.n || (str_starts(url, STR("sqlite:")) && url.n > 7))
		return NULL;
	return "must be sqlite:FILE or postgresql://…";
}

static void drop_statements(struct sql *db)
{
	uint32_t at = 0;
	for (struct sql_stmt *q; (q = map_next(&db->statements, &at)) != NULL;) {
		db->driver->drop(q);
		free(q->text);
		free(q);
	}
	map_finish(&db->statements);
}

enum err sql_open(const struct sql_options *o, struct sql **out, struct buf *detail)
{
	const char *mistake = sql_url_mistake(o->url);
	if (mistake) {
		if (detail)
			buf_fmt(detail, "store.url: %s", mistake);
		return ERR_INVALID;
	}
	const struct sql_driver *driver = sql_is_remote(o->url) ? &sql_postgres : &sql_sqlite;
	struct sql *db = xcalloc(1, driver->db_size);
	db->driver = driver;
	db->mode = o->mode;
	map_init(&db->statements, 0x5eed);
	enum err e = driver->open(db, o, detail);
	if (e != ERR_OK) {
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
	drop_statements(db);
	db->driver->close(db);
	free(db);
}

struct str sql_error(const struct sql *db)
{
	return str_of(db->error);
}

enum err sql_begin(struct sql *db)
{
	return db->driver->begin(db);
}

enum err sql_commit(struct sql *db)
{
	return db->driver->commit(db);
}

void sql_rollback(struct sql *db)
{
	db->driver->rollback(db);
}

enum err sql_script(struct sql *db, const char *text)
{
	return db->driver->script(db, text);
}

enum err sql_has_table(struct sql *db, const char *name, bool *has)
{
	return db->driver->has_table(db, name, has);
}

enum err sql_copy(struct sql *db, const char *path, bool (*going)(void *arg), void *arg)
{
	return db->driver->copy ? db->driver->copy(db, path, going, arg) : ERR_UNSUPPORTED;
}

enum err sql_integrity(struct sql *db, struct buf *out)
{
	return db->driver->integrity(db, out);
}

/* -- statements -- */

struct sql_stmt *sql_query(struct sql *db, const char *text)
{
	struct sql_stmt *q = map_get(&db->statements, str_of(text));
	if (!q) {
		q = xcalloc(1, db->driver->stmt_size);
		q->db = db;
		q->text = str_dup(str_of(text));
		CHECK(map_add(&db->statements, str_of(q->text), q) == ERR_OK);
	}
	CHECK(!q->running); /* the one before was not done */
	q->err = ERR_OK;
	q->bound = 0;
	q->running = true;
	db->driver->prepare(q);
	return q;
}

void sql_i64(struct sql_stmt *q, int64_t v)
{
	q->db->driver->bind_i64(q, ++q->bound, v);
}

void sql_u64(struct sql_stmt *q, uint64_t v)
{
	sql_i64(q, (int64_t)v);
}

void sql_text(struct sql_stmt *q, struct str v)
{
	q->db->driver->bind_text(q, ++q->bound, v);
}

void sql_text_or_null(struct sql_stmt *q, struct str v)
{
	if (v.n)
		sql_text(q, v);
	else
		q->db->driver->bind_null(q, ++q->bound, true);
}

void sql_blob(struct sql_stmt *q, const void *p, size_t n)
{
	q->db->driver->bind_blob(q, ++q->bound, p, n);
}

void sql_null(struct sql_stmt *q)
{
	q->db->driver->bind_null(q, ++q->bound, false);
}

bool sql_step(struct sql_stmt *q)
{
	return q->err == ERR_OK && q->db->driver->step(q);
}

enum err sql_done(struct sql_stmt *q)
{
	q->db->driver->done(q);
	q->running = false;
	return q->err;
}

enum err sql_do(struct sql_stmt *q)
{
	if (q->err == ERR_OK)
		q->db->driver->run(q);
	return sql_done(q);
}

int64_t sql_col_i64(struct sql_stmt *q, int column)
{
	return q->db->driver->col_i64(q, column);
}

struct str sql_col_text(struct sql_stmt *q, int column)
{
	return q->db->driver->col_text(q, column);
}

bool sql_col_null(struct sql_stmt *q, int column)
{
	return q->db->driver->col_null(q, column);
}
