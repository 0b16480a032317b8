/* local.c - see local.h. */
#include "store/local.h"

#include <stdlib.h>

#include "core/batch.h"
#include "store/put.h"
#include "store/ring_file.h" /* crc32c */
#include "store/tables.h"

struct local {
	struct sql *db;
	int64_t remote; /* a checksum of the url: whose copy it is */
	uint64_t seq;	/* on disk */
	bool whole;
};

struct sql_options local_options(struct str dir, enum sql_mode mode)
{
	return (struct sql_options){.url = STR("sqlite:local.db"), .dir = dir, .mode = mode};
}

static enum err read_state(struct local *l)
{
	struct sql_stmt *q = sql_query(l->db, "SELECT remote, seq FROM local_state");
	if (sql_step(q) && sql_col_i64(q, 0) == l->remote) {
		l->whole = true;
		l->seq = (uint64_t)sql_col_i64(q, 1);
	}
	return sql_done(q);
}

enum err local_open(struct str dir, struct str remote, struct local **out, struct buf *detail)
{
	struct local *l = xcalloc(1, sizeof *l);
	const struct sql_options o = local_options(dir, SQL_WRITER);
	l->remote = crc32c(0, remote.p, remote.n);
	enum err e = sql_open(&o, &l->db, detail);
	if (e == ERR_OK)
		e = tables_migrate(l->db, detail);
	if (e == ERR_OK)
		e = sql_script(l->db, "CREATE TABLE IF NOT EXISTS local_state(one INTEGER PRIMARY "
				      "KEY, remote INTEGER NOT NULL, seq INTEGER NOT NULL) STRICT");
	if (e == ERR_OK)
		e = read_state(l);
	if (e != ERR_OK) {
		local_close(l);
		return e;
	}
	*out = l;
	return ERR_OK;
}

void local_close(struct local *l)
{
	if (!l)
		return;
	sql_close(l->db);
	free(l);
}

bool local_whole(const struct local *l)
{
	return l->whole;
}

uint64_t local_seq(const struct local *l)
{
	return l->seq;
}

/* The end of each of its transactions. */
static enum err finish(struct local *l, enum err e, uint64_t seq)
{
	if (e == ERR_OK) {
		struct sql_stmt *q = sql_query(
			l->db, "INSERT INTO local_state(one, remote, seq) VALUES(1, ?, ?) ON "
			       "CONFLICT(one) DO UPDATE SET remote = excluded.remote, seq = "
			       "excluded.seq");
		sql_i64(q, l->remote);
		sql_u64(q, seq);
		e = sql_do(q);
	}
	if (e == ERR_OK)
		e = sql_commit(l->db);
	if (e != ERR_OK) {
		sql_rollback(l->db);
		return e;
	}
	l->seq = seq;
	l->whole = true;
	return ERR_OK;
}

static enum err copy_objects(struct local *l, struct sql *from)
{
	struct sql_stmt *q = sql_query(
		from, "SELECT kind, tenant, id, version, at_ms, by_, op, doc FROM objects o WHERE "
		      "version = (SELECT max(version) FROM objects n WHERE n.kind = o.kind AND "
		      "n.tenant = o.tenant AND n.id = o.id)");
	enum err e = ERR_OK;
	while (e == ERR_OK && sql_step(q)) {
		struct sql_stmt *put = sql_query(
			l->db,
			"INSERT INTO objects(kind, tenant, id, version, at_ms, by_, op, doc) "
			"VALUES(?, ?, ?, ?, ?, ?, ?, ?)");
		sql_text(put, sql_col_text(q, 0));
		sql_text(put, sql_col_text(q, 1));
		sql_text(put, sql_col_text(q, 2));
		sql_i64(put, sql_col_i64(q, 3));
		sql_i64(put, sql_col_i64(q, 4));
		sql_text(put, sql_col_text(q, 5));
		sql_text(put, sql_col_text(q, 6));
		sql_text(put, sql_col_text(q, 7));
		e = sql_do(put);
	}
	enum err done = sql_done(q);
	return e != ERR_OK ? e : done;
}

static enum err copy_sessions(struct local *l, struct sql *from)
{
	struct sql_stmt *q = sql_query(from, "SELECT token_hash, tenant, user_, from_, began_at, "
					     "expires_at FROM sessions");
	enum err e = ERR_OK;
	while (e == ERR_OK && sql_step(q)) {
		struct sql_stmt *put =
			sql_query(l->db, "INSERT INTO sessions(token_hash, tenant, user_, from_, "
					 "began_at, expires_at) VALUES(?, ?, ?, ?, ?, ?)");
		for (int i = 0; i < 4; i++)
			sql_text(put, sql_col_text(q, i));
		sql_i64(put, sql_col_i64(q, 4));
		sql_i64(put, sql_col_i64(q, 5));
		e = sql_do(put);
	}
	enum err done = sql_done(q);
	return e != ERR_OK ? e : done;
}

static enum err copy_kept(struct local *l, struct sql *from)
{
	struct sql_stmt *q = sql_query(from, "SELECT tenant, user_, what, value FROM user_kept");
	enum err e = ERR_OK;
	while (e == ERR_OK && sql_step(q)) {
		struct sql_stmt *put =
			sql_query(l->db, "INSERT INTO user_kept(tenant, user_, what, "
					 "value) VALUES(?, ?, ?, ?)");
		for (int i = 0; i < 4; i++)
			sql_text(put, sql_col_text(q, i));
		e = sql_do(put);
	}
	enum err done = sql_done(q);
	return e != ERR_OK ? e : done;
}

static enum err copy_tokens(struct local *l, struct sql *from)
{
	struct sql_stmt *q =
		sql_query(from, "SELECT tenant, id, token_hash, name, roles, by_, used_from, "
				"made_at, expires_at, used_at FROM api_tokens");
	enum err e = ERR_OK;
	while (e == ERR_OK && sql_step(q)) {
		struct sql_stmt *put = sql_query(
			l->db, "INSERT INTO api_tokens(tenant, id, token_hash, name, roles, by_, "
			       "used_from, made_at, expires_at, used_at) "
			       "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
		for (int i = 0; i < 7; i++)
			sql_text(put, sql_col_text(q, i));
		for (int i = 7; i < 10; i++)
			sql_i64(put, sql_col_i64(q, i));
		e = sql_do(put);
	}
	enum err done = sql_done(q);
	return e != ERR_OK ? e : done;
}

enum err local_fill(struct local *l, struct sql *from, uint64_t seq)
{
	enum err e = sql_begin(l->db);
	if (e != ERR_OK)
		return e;
	e = sql_script(l->db, "DELETE FROM objects; DELETE FROM sessions; "
			      "DELETE FROM user_kept; DELETE FROM api_tokens;");
	if (e == ERR_OK)
		e = copy_objects(l, from);
	if (e == ERR_OK)
		e = copy_sessions(l, from);
	if (e == ERR_OK)
		e = copy_kept(l, from);
	if (e == ERR_OK)
		e = copy_tokens(l, from);
	return finish(l, e, seq);
}

enum err local_catch_up(struct local *l, struct sql *from, uint64_t seq)
{
	struct sql_stmt *q = sql_query(
		from, "SELECT seq FROM events WHERE seq > ? AND kind IN ('object_changed', "
		      "'login', 'logout', 'user_kept', 'token_made', 'token_used', 'token_ended') "
		      "ORDER BY seq LIMIT 1");
	sql_u64(q, l->seq);
	const bool more = sql_step(q);
	enum err e = sql_done(q);
	return e == ERR_OK && more ? local_fill(l, from, seq) : e;
}

/* -- following -- */

static bool is_ours(const struct fact *f)
{
	return f->kind == EV_object_changed || f->kind == EV_login || f->kind == EV_logout ||
	       f->kind == EV_user_kept || f->kind == EV_token_made || f->kind == EV_token_used ||
	       f->kind == EV_token_ended;
}

/* Of an object only its newest version is of use here. */
static enum err forget_older(struct local *l, const struct fact *f)
{
	if (f->kind != EV_object_changed)
		return ERR_OK;
	struct sql_stmt *q = sql_query(
		l->db,
		"DELETE FROM objects WHERE kind = ?1 AND tenant = ?2 AND id = ?3 AND version "
		"< (SELECT max(version) FROM objects WHERE kind = ?1 AND tenant = ?2 AND id "
		"= ?3)");
	sql_text(q, object_kind_word(f->object_changed.kind));
	sql_text(q, f->tenant);
	sql_text(q, f->object_changed.object);
	return sql_do(q);
}

/* *last: the newest fact for us; a transaction is begun with the first. */
static enum err take_batch(struct local *l, struct str batch, uint64_t *last)
{
	struct batch_item item;
	while (batch_next(&batch, &item) == ERR_OK) {
		struct fact f;
		if (item.type != BATCH_FACT || fact_decode(item.fact, &f) != ERR_OK ||
		    !is_ours(&f) || f.seq <= *last)
			continue;
		enum err e = *last == l->seq ? sql_begin(l->db) : ERR_OK;
		if (e != ERR_OK)
			return e;
		*last = f.seq;
		e = put_own(l->db, &f);
		if (e == ERR_OK)
			e = forget_older(l, &f);
		if (e != ERR_OK)
			return e;
	}
	return ERR_OK;
}

enum err local_take(struct local *l, const struct str *batches, uint32_t count)
{
	uint64_t last = l->seq;
	enum err e = ERR_OK;
	for (uint32_t i = 0; e == ERR_OK && i < count; i++)
		e = take_batch(l, batches[i], &last);
	return last == l->seq ? e : finish(l, e, last);
}
