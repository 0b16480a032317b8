/* put.c - see put.h. */
#include "store/put.h"

#include <jansson.h>

/* An answer to a repeated request is kept this long. */
#define REQUEST_KEEP_MS (48ll * 3600 * 1000)

static bool same_rights(struct str before, struct str after)
{
	json_t *a = json_loadb(before.p, before.n, 0, NULL), *b = NULL;
	if (after.n)
		b = json_loadb(after.p, after.n, 0, NULL);
	const json_t *x = json_object_get(a, "password_hash"),
		     *y = json_object_get(b, "password_hash");
	bool same = x && y && json_equal(x, y);
	/* neither may a session do what he may no more */
	static const char *const rights[] = {"roles", "disabled"};
	for (size_t i = 0; i < COUNT_OF(rights); i++) {
		x = json_object_get(a, rights[i]);
		y = json_object_get(b, rights[i]);
		same = same && (x == y || json_equal(x, y));
	}
	json_decref(a);
	json_decref(b);
	return same;
}

/* Who is deleted or gets another password or other rights is signed out everywhere: a token must
 * not outlive the password it was given for, nor serve a namesake declared later. */
static enum err end_sessions_of(struct sql *db, const struct fact *f)
{
	const struct fact_object_changed *o = &f->object_changed;
	struct sql_stmt *q = sql_query(db, "SELECT doc FROM objects WHERE kind = ? AND tenant = ? "
					   "AND id = ? ORDER BY version DESC LIMIT 1");
	sql_text(q, object_kind_word(o->kind));
	sql_text(q, f->tenant);
	sql_text(q, o->object);
	bool same = sql_step(q) && same_rights(sql_col_text(q, 0), o->doc);
	enum err e = sql_done(q);
	if (e != ERR_OK || (same && !str_is(o->op, "deleted")))
		return e;
	q = sql_query(db, "DELETE FROM sessions WHERE tenant = ? AND user_ = ?");
	sql_text(q, f->tenant);
	sql_text(q, o->object);
	e = sql_do(q);
	if (e != ERR_OK || !str_is(o->op, "deleted"))
		return e;
	q = sql_query(db, "DELETE FROM user_kept WHERE tenant = ? AND user_ = ?");
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

static enum err put_token(struct sql *db, const struct fact *f)
{
	const struct fact_token_made *t = &f->token_made;
	struct sql_stmt *q = sql_query(
		db, "INSERT INTO api_tokens(tenant, id, token_hash, name, roles, by_, made_at, "
		    "expires_at, used_at, used_from) VALUES(?, ?, ?, ?, ?, ?, ?, ?, 0, '') ON "
		    "CONFLICT(tenant, id) DO UPDATE SET token_hash = excluded.token_hash");
	sql_text(q, f->tenant);
	sql_text(q, t->token);
	sql_text(q, t->hash);
	sql_text(q, t->name);
	sql_text(q, t->roles);
	sql_text(q, t->by);
	sql_i64(q, f->at_ms);
	sql_i64(q, t->expires_at);
	return sql_do(q);
}

static enum err token_used(struct sql *db, const struct fact *f)
{
	struct sql_stmt *q = sql_query(db, "UPDATE api_tokens SET used_at = ?, used_from = ? WHERE "
					   "tenant = ? AND id = ?");
	sql_i64(q, f->at_ms);
	sql_text(q, f->token_used.from);
	sql_text(q, f->tenant);
	sql_text(q, f->token_used.token);
	return sql_do(q);
}

static enum err end_token(struct sql *db, const struct fact *f)
{
	struct sql_stmt *q = sql_query(db, "DELETE FROM api_tokens WHERE tenant = ? AND id = ?");
	sql_text(q, f->tenant);
	sql_text(q, f->token_ended.token);
	return sql_do(q);
}

/* Whoever comes under its name later shall not be met by its tokens. */
static enum err end_tokens_of(struct sql *db, const struct fact *f)
{
	struct sql_stmt *q = sql_query(db, "DELETE FROM api_tokens WHERE tenant = ?");
	sql_text(q, f->tenant);
	return sql_do(q);
}

static enum err put_kept(struct sql *db, const struct fact *f)
{
	const struct fact_user_kept *k = &f->user_kept;
	struct sql_stmt *q =
		k->value.n ? sql_query(db, "INSERT INTO user_kept(tenant, user_, what, value) "
					   "VALUES(?, ?, ?, ?) ON CONFLICT(tenant, user_, what) DO "
					   "UPDATE SET value = excluded.value")
			   : sql_query(db, "DELETE FROM user_kept WHERE tenant = ? AND user_ = ? "
					   "AND what = ?");
	sql_text(q, f->tenant);
	sql_text(q, k->user);
	sql_text(q, k->what);
	if (k->value.n)
		sql_text(q, k->value);
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

static enum err begin_use(struct sql *db, const struct fact *f, struct str trunk, bool outbound)
{
	if (!trunk.n) /* a phone's own call */
		return ERR_OK;
	struct sql_stmt *q = sql_query(
		db, "INSERT INTO trunk_uses(tenant, trunk, from_ms, contact, outbound) "
		    "VALUES(?, ?, ?, ?, ?) ON CONFLICT(tenant, trunk, from_ms, contact, outbound) "
		    "DO NOTHING");
	sql_text(q, f->tenant);
	sql_text(q, trunk);
	sql_i64(q, f->at_ms);
	sql_blob(q, f->contact.b, sizeof f->contact.b);
	sql_i64(q, outbound);
	return sql_do(q);
}

/* least 0: inbound and outbound, 1: outbound alone; most: likewise. */
static enum err end_uses(struct sql *db, const struct fact *f, int least, int most)
{
	struct sql_stmt *q = sql_query(db, "UPDATE trunk_uses SET to_ms = ? WHERE contact = ? AND "
					   "to_ms IS NULL AND outbound >= ? AND outbound <= ?");
	sql_i64(q, f->at_ms);
	sql_blob(q, f->contact.b, sizeof f->contact.b);
	sql_i64(q, least);
	sql_i64(q, most);
	return sql_do(q);
}

static enum err put_blocked(struct sql *db, const struct fact *f)
{
	struct sql_stmt *q =
		sql_query(db, "INSERT INTO trunk_blocked(tenant, trunk, at_ms, seq, calls) "
			      "VALUES(?, ?, ?, ?, ?)");
	sql_text(q, f->tenant);
	sql_text(q, f->blocked.trunk);
	sql_i64(q, f->at_ms);
	sql_i64(q, (int64_t)f->seq);
	sql_i64(q, f->blocked.count);
	return sql_do(q);
}

/* The newest attempt of what was due at that moment; once sent, always. */
static enum err put_run(struct sql *db, const struct fact *f, struct str report, int64_t due_ms,
			uint32_t attempt, const char *state)
{
	const bool sent = f->kind == EV_report_sent;
	struct sql_stmt *q = sql_query(
		db, "INSERT INTO report_runs(tenant, report, due_ms, attempt, at_ms, state, why, "
		    "sent_to, message_id, bytes) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
		    "ON CONFLICT(tenant, report, due_ms) DO UPDATE SET attempt = excluded.attempt, "
		    "at_ms = excluded.at_ms, state = excluded.state, why = excluded.why, "
		    "sent_to = excluded.sent_to, message_id = excluded.message_id, "
		    "bytes = excluded.bytes");
	sql_text(q, f->tenant);
	sql_text(q, report);
	sql_i64(q, due_ms);
	sql_i64(q, attempt);
	sql_i64(q, f->at_ms);
	sql_text(q, str_of(state));
	sql_text_or_null(q, sent ? STR_NONE : f->report_failed.why);
	sql_text_or_null(q, sent ? f->report_sent.to : STR_NONE);
	sql_text_or_null(q, sent ? f->report_sent.message_id : STR_NONE);
	sql_i64(q, sent ? f->report_sent.bytes : 0);
	return sql_do(q);
}

enum err put_own(struct sql *db, const struct fact *f)
{
	enum err e = ERR_OK;
	switch ((int)f->kind) {
	case EV_object_changed:
		if (f->object_changed.kind == KIND_user)
			e = end_sessions_of(db, f); /* before its newest version is another */
		if (f->object_changed.kind == KIND_tenant &&
		    str_is(f->object_changed.op, "deleted"))
			e = end_tokens_of(db, f);
		return e == ERR_OK ? put_object(db, f) : e;
	case EV_login:
		return put_session(db, f);
	case EV_logout:
		return end_session(db, f);
	case EV_user_kept:
		return put_kept(db, f);
	case EV_token_made:
		return put_token(db, f);
	case EV_token_used:
		return token_used(db, f);
	case EV_token_ended:
		return end_token(db, f);
	case EV_request_done:
		return put_request(db, f);
	case EV_arrive:
		return begin_use(db, f, f->arrive.trunk, false);
	case EV_disconnect:
		return end_uses(db, f, 0, 0);
	case EV_dial:
		return begin_use(db, f, f->dial.trunk, true);
	case EV_dial_end:
		return end_uses(db, f, 1, 1);
	case EV_ended: /* whatever a crash left open */
		return end_uses(db, f, 0, 1);
	case EV_blocked:
		return put_blocked(db, f);
	case EV_report_sent:
		return put_run(db, f, f->report_sent.report, f->report_sent.due_ms,
			       f->report_sent.attempt, "sent");
	case EV_report_failed:
		return put_run(db, f, f->report_failed.report, f->report_failed.due_ms,
			       f->report_failed.attempt,
			       f->report_failed.last ? "failed" : "retrying");
	default:
		return ERR_OK;
	}
}
