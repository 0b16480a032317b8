/* sql_inside.h - what sql.c and the two kinds of database know of each other. */
#pragma once

#include "base/map.h"
#include "store/sql.h"

/* The beginning of each driver's own struct. */
struct sql {
	const struct sql_driver *driver;
	enum sql_mode mode;
	struct map statements; /* by text */
	char error[256];
};

struct sql_stmt {
	struct sql *db;
	char *text;
	int bound;    /* how many `?` have their value */
	enum err err; /* the first since sql_query */
	bool running;
};

/* Binds and columns count from 1 and from 0, as both libraries do. */
struct sql_driver {
	size_t db_size, stmt_size;
	enum err (*open)(struct sql *db, const struct sql_options *o, struct buf *detail);
	void (*close)(struct sql *db); /* after all its statements were dropped */
	enum err (*begin)(struct sql *db);
	enum err (*commit)(struct sql *db);
	void (*rollback)(struct sql *db);
	enum err (*script)(struct sql *db, const char *text);
	enum err (*has_table)(struct sql *db, const char *name, bool *has);
	enum err (*integrity)(struct sql *db, struct buf *out);
	/* NULL: cannot */
	enum err (*copy)(struct sql *db, const char *path, bool (*going)(void *arg), void *arg);
	void (*prepare)(struct sql_stmt *q); /* at each sql_query; may be prepared already */
	void (*drop)(struct sql_stmt *q);
	void (*bind_i64)(struct sql_stmt *q, int at, int64_t v);
	void (*bind_text)(struct sql_stmt *q, int at, struct str v);
	void (*bind_blob)(struct sql_stmt *q, int at, const void *p, size_t n);
	void (*bind_null)(struct sql_stmt *q, int at, bool text);
	bool (*step)(struct sql_stmt *q);
	void (*run)(struct sql_stmt *q); /* to the end, rows are not wanted */
	void (*done)(struct sql_stmt *q);
	int64_t (*col_i64)(struct sql_stmt *q, int column);
	struct str (*col_text)(struct sql_stmt *q, int column);
	bool (*col_null)(struct sql_stmt *q, int column);
};

extern const struct sql_driver sql_sqlite, sql_postgres;

/* What PostgreSQL's url may not be; NULL: fine as far as can be seen. */
const char *sql_postgres_mistake(struct str url);
