/* writer.c - see writer.h. Contacts, segments, offers, recordings and spells are fold.c's. */
#include "store/writer.h"

#include <jansson.h>
#include <stdlib.h>

#include "core/batch.h"
#include "store/fold.h"

/* An answer to a repeated request is kept this long. */
#define REQUEST_KEEP_MS (48ll * 3600 * 1000)

struct writer {
	struct sql *db; /* NULL: not connected */
	struct fold *fold;
	uint64_t last_seq; /* committed */
};

struct writer *writer_create(void)
{
	struct writer *w = xcalloc(1, sizeof *w);
	w->fold = fold_create();
	return w;
}

void writer_destroy(struct writer *w)
{
	fold_destroy(w->fold);
	sql_close(w->db);
	free(w);
}

uint64_t writer_last_seq(const struct writer *w)
{
	return w->last_seq;
}

uint32_t writer_contacts(const struct writer *w)
{
	return fold_contacts(w->fold);
}

struct str writer_error(const struct writer *w)
{
	return w->db ? sql_error(w->db) : STR("database: not connected");
}

enum err writer_connect(struct writer *w, const struct sql_options *o, struct buf *detail)
{
	fold_forget(w->fold);
	sql_close(w->db);
	w->db = NULL;
	enum err e = sql_open(o, &w->db, detail);
	if (e != ERR_OK)
		return e;
	struct sql_stmt *q = sql_query(w->db, "SELECT max(seq) FROM events");
	uint64_t last = sql_step(q) ? (uint64_t)sql_col_i64(q, 0) : 0;
	e = sql_done(q);
	if (e == ERR_OK) {
		w->last_seq = last;
		return ERR_OK;
	}
	if (detail)
		buf_put(detail, sql_error(w->db));
	sql_close(w->db);
	w->db = NULL;
	return e;
}

static enum err put_event(struct sql *db, const struct fact *f, struct str data)
{
	struct sql_stmt *q =
		sql_query(db, "INSERT INTO events(seq, at_ms, kind, tenant, contact, data) "
			      "VALUES(?, ?, ?, ?, ?, ?)");
	sql_u64(q, f->seq);
	sql_i64(q, f->at_ms);
	sql_text(q, event_name(f->kind));
	sql_text(q, f->tenant);
	if (uuid_none(f->contact))
		sql_null(q);
	else
		sql_blob(q, f->contact.b, sizeof f->contact.b);
	sql_blob(q, data.p, data.n);
	return sql_do(q);
}

static bool same_password(struct str before, struct str after)
{
	json_t *a = json_loadb(before.p, before.n, 0, NULL), *b = NULL;
	if (after.n)
		b = json_loadb(after.p, after.n, 0, NULL);
	const json_t *x = json_object_get(a, "password_hash"),
		     *y = json_object_get(b, "password_hash");
	bool same = x && y && json_equal(x, y);
	json_decref(a);
	json_decref(b);
	return same;
}

/* Who is deleted or gets another password is signed out everywhere: a token must not outlive the
 * password it was given for, nor serve a namesake declared later. */
static enum err end_sessions_of(struct sql *db, const struct fact *f)
{
	const struct fact_object_changed *o = &f->object_changed;
	struct sql_stmt *q = sql_query(db, "SELECT doc FROM objects WHERE kind = ? AND tenant = ? "
					   "AND id = ? ORDER BY version DESC LIMIT 1");
	sql_text(q, object_kind_word(o->kind));
	sql_text(q, f->tenant);
	sql_text(q, o->object);
	bool same = sql_step(q) && same_password(sql_col_text(q, 0), o->doc);
	enum err e = sql_done(q);
	if (e != ERR_OK || (same && !str_is(o->op, "deleted")))
		return e;
	q = sql_query(db, "DELETE FROM sessions WHERE tenant = ? AND user_ = ?");
	sql_text(q, f->tenant);
	sql_text(q, o->object);
	return sql_do(q);
}

/* A version that is there already (an object made anew after it was deleted may be counted from 1
 * again) becomes the next one: versions are never overwritten. */
static enum err put_object(struct sql *db, const struct fact *f)
{
	const struct fact_object_changed *o = &f->object_changed;
	struct str kind = object_kind_word(o->kind);
	struct sql_stmt *q = sql_query(
		db, "INSERT INTO objects(kind, tenant, id, version, at_ms, by_, op, doc) "
		    "VALUES(?, ?, ?, max(?, coalesce((SELECT max(version) + 1 FROM objects "
		    "WHERE kind = ? AND tenant = ? AND id = ?), 1)), ?, ?, ?, ?)");
	sql_text(q, kind);
	sql_text(q, f->tenant);
	sql_text(q, o->object);
	sql_i64(q, o->version);
	sql_text(q, kind);
	sql_text(q, f->tenant);
	sql_text(q, o->object);
	sql_i64(q, f->at_ms);
	sql_text(q, o->by);
	sql_text(q, o->op);
	sql_text(q, str_is(o->op, "deleted") ? STR_NONE : o->doc);
	return sql_do(q);
}

static enum err put_session(struct sql *db, const struct fact *f)
{
	struct sql_stmt *q = sql_query(db, "DELETE FROM sessions WHERE expires_at <= ?");
	sql_i64(q, f->at_ms);
	enum err e = sql_do(q);
	if (e != ERR_OK)
		return e;
	q = sql_query(db, "INSERT INTO sessions(token_hash, tenant, user_, from_, began_at, "
			  "expires_at) VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT(token_hash) DO UPDATE "
			  "SET expires_at = excluded.expires_at");
	sql_text(q, f->login.token);
	sql_text(q, f->tenant);
	sql_text(q, f->login.user);
	sql_text(q, f->login.from);
	sql_i64(q, f->at_ms);
	sql_i64(q, f->login.expires_at);
	return sql_do(q);
}

static enum err end_session(struct sql *db, const struct fact *f)
{
	struct sql_stmt *q = sql_query(db, "DELETE FROM sessions WHERE token_hash = ?");
	sql_text(q, f->logout.token);
	return sql_do(q);
}

static enum err put_request(struct sql *db, const struct fact *f)
{
	struct sql_stmt *q = sql_query(db, "DELETE FROM requests_done WHERE at_ms < ?");
	sql_i64(q, f->at_ms - REQUEST_KEEP_MS);
	enum err e = sql_do(q);
	if (e != ERR_OK)
		return e;
	q = sql_query(db, "INSERT INTO requests_done(tenant, user_, key, status, body, at_ms) "
			  "VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT(tenant, user_, key) DO NOTHING");
	sql_text(q, f->tenant);
	sql_text(q, f->request_done.user);
	sql_text(q, f->request_done.key);
	sql_i64(q, f->request_done.status);
	sql_blob(q, f->request_done.body.p, f->request_done.body.n);
	sql_i64(q, f->at_ms);
	return sql_do(q);
}

static enum err put_fact(struct writer *w, const struct fact *f, struct str data)
{
	enum err e = put_event(w->db, f, data);
	if (e == ERR_OK)
		e = fold_fact(w->fold, w->db, f);
	if (e != ERR_OK)
		return e;
	switch ((int)f->kind) { /* the few that have tables of their own */
	case EV_object_changed:
		if (f->object_changed.kind == KIND_user)
			e = end_sessions_of(w->db, f); /* before its newest version is another */
		return e == ERR_OK ? put_object(w->db, f) : e;
	case EV_login:
		return put_session(w->db, f);
	case EV_logout:
		return end_session(w->db, f);
	case EV_request_done:
		return put_request(w->db, f);
	default:
		return ERR_OK;
	}
}

static enum err put_batch(struct writer *w, struct str batch, uint64_t *last, uint32_t *unread)
{
	struct batch_item item;
	enum err e;
	while ((e = batch_next(&batch, &item)) == ERR_OK) {
		struct fact f;
		if (item.type != BATCH_FACT)
			continue;
		if (fact_decode(item.fact, &f) != ERR_OK) {
			(*unread)++;
			continue;
		}
		if (f.seq <= *last)
			continue; /* stored before a restart */
		e = put_fact(w, &f, item.fact);
		if (e != ERR_OK)
			return e;
		*last = f.seq;
	}
	if (e == ERR_INVALID)
		(*unread)++;
	return ERR_OK;
}

enum err writer_group(struct writer *w, const struct str *batches, uint32_t count, uint32_t *unread)
{
	*unread = 0;
	if (!w->db)
		return ERR_IO;
	uint64_t last = w->last_seq;
	enum err e = sql_begin(w->db);
	if (e != ERR_OK)
		return e;
	for (uint32_t i = 0; e == ERR_OK && i < count; i++)
		e = put_batch(w, batches[i], &last, unread);
	if (e == ERR_OK)
		e = fold_flush(w->fold, w->db);
	if (e == ERR_OK)
		e = sql_commit(w->db);
	if (e != ERR_OK) {
		sql_rollback(w->db);
		fold_forget(w->fold); /* it is ahead of the tables now */
		return e;
	}
	fold_committed(w->fold);
	w->last_seq = last;
	return ERR_OK;
}
