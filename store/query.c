/* query.c - see query.h: contacts and their facts, sign-ins, answers given before. */
#include "store/query.h"

#include <stdlib.h>

#include <jansson.h>

#include "base/jsonw.h"
#include "core/fact.h"
#include "store/local.h"
#include "store/store_inside.h"

enum err store_reader_open(struct store *s, struct store_reader **out)
{
	struct sql *db;
	const struct sql_options o = store_sql(s, SQL_READER);
	enum err e = sql_open(&o, &db, NULL);
	if (e != ERR_OK)
		return e;
	struct store_reader *r = xcalloc(1, sizeof *r);
	r->db = r->local = db;
	const struct sql_options local = local_options(store_dir(s), SQL_READER);
	if (store_has_local(s))
		e = sql_open(&local, &r->local, NULL);
	if (e != ERR_OK) {
		sql_close(db);
		free(r);
		return e;
	}
	*out = r;
	return ERR_OK;
}

void store_reader_close(struct store_reader *r)
{
	if (!r)
		return;
	if (r->local != r->db)
		sql_close(r->local);
	sql_close(r->db);
	free(r);
}

enum err query_contact(struct store_reader *r, struct str tenant, struct uuid contact,
		       struct buf *out)
{
	struct sql_stmt *q =
		sql_query(r->db, "SELECT record FROM contacts WHERE tenant = ? AND id = ?");
	sql_text(q, tenant);
	sql_blob(q, contact.b, sizeof contact.b);
	bool found = sql_step(q);
	if (found)
		buf_put(out, sql_col_text(q, 0));
	enum err e = sql_done(q);
	return e == ERR_OK && !found ? ERR_NOT_FOUND : e;
}

/* -- contacts, newest first -- */

#define CONTACTS_HEAD                                                                              \
	"SELECT record, arrived_at, id FROM contacts c WHERE tenant = ?1 AND arrived_at >= ?2 "    \
	"AND arrived_at < ?3 AND (arrived_at, id) < (?4, ?5) "
/* queue and agent: whoever was in one of these queues or with one of these agents at any time.
 * Names stand as `|name|name|`, since none has a bar in it; empty: all are */
#define CONTACTS_QUEUE                                                                             \
	"AND (?6 = '' OR instr(?6, '|' || c.queue || '|') > 0 OR EXISTS(SELECT 1 FROM segments s " \
	"WHERE s.tenant = c.tenant AND s.contact = c.id AND "                                      \
	"instr(?6, '|' || s.queue || '|') > 0)) "
#define CONTACTS_AGENT                                                                             \
	"AND (?7 = '' OR instr(?7, '|' || c.agent || '|') > 0 OR EXISTS(SELECT 1 FROM segments s " \
	"WHERE s.tenant = c.tenant AND s.contact = c.id AND "                                      \
	"instr(?7, '|' || s.agent || '|') > 0)) "
/* a customer is his number, or what the agent who called him said */
#define CONTACTS_TAIL                                                                              \
	"AND (?8 = '' OR ?8 = CASE direction WHEN 'inbound' THEN from_ ELSE to_ END OR "           \
	"?8 = customer) AND (?9 = '' OR state = ?9) AND (?10 = '' OR direction = ?10) "            \
	"AND (?11 = 0 OR follow_up_at < ?11) AND (?12 = '' OR follow_up_agent = ?12) "             \
	"AND (?13 = '' OR tags LIKE ?14 ESCAPE '^') "

/* A tag stands between line ends; nothing in it is a pattern. */
static struct buf like_tag(struct str tag)
{
	struct buf b = buf_grow(64);
	buf_c(&b, "%\n");
	for (size_t i = 0; i < tag.n; i++) {
		if (strchr("%_^", tag.p[i]))
			buf_ch(&b, '^');
		buf_ch(&b, tag.p[i]);
	}
	buf_c(&b, "\n%");
	return b;
}

/* somebody's reach */
#define CONTACTS_WITHIN                                                                            \
	"AND (?15 = '' OR instr(?15, '|' || c.queue || '|') > 0 OR "                               \
	"instr(?16, '|' || c.agent || '|') > 0 OR EXISTS(SELECT 1 FROM segments s WHERE "          \
	"s.tenant = c.tenant AND s.contact = c.id AND (instr(?15, '|' || s.queue || '|') > 0 "     \
	"OR instr(?16, '|' || s.agent || '|') > 0))) "
#define CONTACTS_ORDER "ORDER BY arrived_at DESC, id DESC LIMIT ?17"

static struct buf bars_of(const struct str *names, uint32_t count)
{
	struct buf out = buf_grow(64);
	buf_ch(&out, '|');
	for (uint32_t i = 0; i < count; i++) {
		buf_put(&out, names[i]);
		buf_ch(&out, '|');
	}
	return out;
}

static struct buf bars_of_asked(struct str names)
{
	struct buf out = buf_grow(64);
	struct str one;
	if (names.n)
		buf_ch(&out, '|');
	while (names.n) {
		str_cut(names, ',', &one, &names);
		buf_put(&out, one);
		buf_ch(&out, '|');
	}
	return out;
}

enum err query_contacts(struct store_reader *r, struct str tenant, const struct contact_filter *f,
			struct buf *out)
{
	struct cursor page = {.at_ms = INT64_MAX};
	memset(page.contact, 0xff, sizeof page.contact);
	if (f->after.n && cursor_take(f->after, &page) != ERR_OK)
		return ERR_INVALID;
	uint32_t limit = f->limit ? MIN(f->limit, 500) : 50;
	struct buf like = like_tag(f->tag);
	static const struct reach all = {0};
	const struct reach *within = f->within ? f->within : &all;
	struct buf queue = bars_of_asked(f->queue), agent = bars_of_asked(f->agent);
	struct buf queues = bars_of(within->queues, within->queue_count);
	struct buf agents = bars_of(within->agents, within->agent_count);
	struct sql_stmt *q = sql_query(r->db, CONTACTS_HEAD CONTACTS_QUEUE CONTACTS_AGENT
						      CONTACTS_TAIL CONTACTS_WITHIN CONTACTS_ORDER);
	sql_text(q, tenant);
	sql_i64(q, f->from_ms);
	sql_i64(q, f->to_ms ? f->to_ms : INT64_MAX);
	sql_i64(q, page.at_ms);
	sql_blob(q, page.contact, sizeof page.contact);
	sql_text(q, buf_str(&queue));
	sql_text(q, buf_str(&agent));
	sql_text(q, f->customer);
	sql_text(q, f->state);
	sql_text(q, f->direction);
	sql_i64(q, f->follow_up_before_ms);
	sql_text(q, f->follow_up_agent);
	sql_text(q, f->tag);
	sql_text(q, buf_str(&like));
	sql_text(q, f->within ? buf_str(&queues) : STR_NONE);
	sql_text(q, buf_str(&agents));
	sql_i64(q, limit + 1);
	struct cursor next = {0};
	struct jsonw w = jsonw_make(out);
	jsonw_open(&w, '{');
	jsonw_key(&w, "items");
	jsonw_open(&w, '[');
	uint32_t count = 0;
	bool more = false;
	while (!more && sql_step(q)) {
		if (count++ == limit) {
			more = true;
			break;
		}
		jsonw_raw(&w, sql_col_text(q, 0));
		next.at_ms = sql_col_i64(q, 1);
		copy_contact(sql_col_text(q, 2), next.contact);
	}
	enum err e = sql_done(q);
	buf_free(&like);
	buf_free(&queue);
	buf_free(&agent);
	buf_free(&queues);
	buf_free(&agents);
	list_end(&w, more ? &next : NULL);
	return e;
}

/* -- facts -- */

static enum err contact_exists(struct store_reader *r, struct str tenant, struct uuid contact)
{
	struct sql_stmt *q = sql_query(r->db, "SELECT 1 FROM contacts WHERE tenant = ? AND id = ?");
	sql_text(q, tenant);
	sql_blob(q, contact.b, sizeof contact.b);
	bool found = sql_step(q);
	enum err e = sql_done(q);
	return e == ERR_OK && !found ? ERR_NOT_FOUND : e;
}

static enum err each_contact_fact(struct store_reader *r, struct uuid contact, bool decisions,
				  void (*put)(struct jsonw *w, const struct fact *f),
				  struct buf *out)
{
	struct sql_stmt *q =
		sql_query(r->db, "SELECT data FROM events WHERE contact = ?1 "
				 "AND (?2 = 0 OR kind IN ('decision', 'unserved')) ORDER BY "
				 "seq");
	sql_blob(q, contact.b, sizeof contact.b);
	sql_i64(q, decisions);
	struct jsonw w = jsonw_make(out);
	jsonw_open(&w, '{');
	jsonw_key(&w, "items");
	jsonw_open(&w, '[');
	struct fact f;
	while (sql_step(q))
		if (fact_decode(sql_col_text(q, 0), &f) == ERR_OK)
			put(&w, &f);
	enum err e = sql_done(q);
	jsonw_close(&w, ']');
	jsonw_key(&w, "next");
	jsonw_null(&w);
	jsonw_close(&w, '}');
	return e;
}

static void put_fact(struct jsonw *w, const struct fact *f)
{
	jsonw_raw(w, STR_NONE); /* the comma */
	fact_json_open(w->out, f);
	buf_ch(w->out, '}');
}

/* Who is listened to does not learn it here (behaviours.md S-2); who spoke to him was heard. */
static void put_fact_silent(struct jsonw *w, const struct fact *f)
{
	bool hidden = false;
	if (f->kind == EV_leg_end)
		hidden = f->leg_end.party == PARTY_supervisor;
	else if (f->kind == EV_monitor_start)
		hidden = f->monitor_start.mode == MONITOR_listen;
	else if (f->kind == EV_monitor_end)
		hidden = f->monitor_end.mode == MONITOR_listen;
	else if (f->kind == EV_mute_on)
		hidden = f->mute_on.party == PARTY_supervisor;
	else if (f->kind == EV_mute_off)
		hidden = f->mute_off.party == PARTY_supervisor;
	if (!hidden)
		put_fact(w, f);
}

enum err query_contact_events_silent(struct store_reader *r, struct str tenant, struct uuid contact,
				     struct buf *out)
{
	enum err e = contact_exists(r, tenant, contact);
	return e == ERR_OK ? each_contact_fact(r, contact, false, put_fact_silent, out) : e;
}

enum err query_contact_events(struct store_reader *r, struct str tenant, struct uuid contact,
			      struct buf *out)
{
	enum err e = contact_exists(r, tenant, contact);
	return e == ERR_OK ? each_contact_fact(r, contact, false, put_fact, out) : e;
}

/* `why` is a JSON object of the matcher's; its members stand beside ours. */
static void put_why(struct jsonw *w, const struct fact *f)
{
	bool nobody = f->kind == EV_unserved; /* he left without an agent */
	struct str queue = nobody ? f->unserved.queue : f->decision.queue;
	struct str agent = nobody ? STR_NONE : f->decision.agent;
	struct str why = str_trim(nobody ? f->unserved.why : f->decision.why);
	jsonw_open(w, '{');
	jsonw_ktime(w, "at", f->at_ms);
	jsonw_key(w, "seq");
	jsonw_u64(w, f->seq);
	jsonw_kstr(w, "queue", queue);
	jsonw_key(w, "agent");
	if (agent.n)
		jsonw_str(w, agent);
	else
		jsonw_null(w);
	json_t *parsed = json_loadb(why.n ? why.p : "", why.n, 0, NULL);
	if (json_is_object(parsed) && json_object_size(parsed)) {
		struct str inside = str_trim(str_from(str_head(why, why.n - 1), 1));
		buf_ch(w->out, ',');
		buf_put(w->out, inside);
	} else if (!json_is_object(parsed)) {
		jsonw_kstr(w, "why", why);
	}
	json_decref(parsed);
	jsonw_close(w, '}');
}

enum err query_contact_why(struct store_reader *r, struct str tenant, struct uuid contact,
			   struct buf *out)
{
	enum err e = contact_exists(r, tenant, contact);
	return e == ERR_OK ? each_contact_fact(r, contact, true, put_why, out) : e;
}

/* The last of the tenant's facts at or before seq; 0: none. */
static enum err seq_before(struct store_reader *r, struct str tenant, uint64_t seq, uint64_t *prev)
{
	struct sql_stmt *q =
		tenant.n ? sql_query(r->db,
				     "SELECT max(seq) FROM events WHERE seq <= ? AND tenant = ?")
			 : sql_query(r->db, "SELECT max(seq) FROM events WHERE seq <= ?");
	sql_u64(q, MIN(seq, (uint64_t)INT64_MAX));
	if (tenant.n)
		sql_text(q, tenant);
	if (sql_step(q))
		*prev = (uint64_t)sql_col_i64(q, 0);
	return sql_done(q);
}

enum err query_live(struct store_reader *r, struct str tenant, uint64_t at,
		    void (*fact)(void *arg, const struct fact *f), void *arg, uint64_t *prev)
{
	enum err e = seq_before(r, tenant, at, prev);
	if (e != ERR_OK)
		return e;
	struct sql_stmt *q =
		sql_query(r->db, "SELECT e.data FROM contacts c JOIN events e ON e.contact = c.id "
				 "WHERE c.tenant = ? AND c.ended_at IS NULL ORDER BY e.seq");
	sql_text(q, tenant);
	struct fact f;
	while (sql_step(q))
		if (fact_decode(sql_col_text(q, 0), &f) == ERR_OK)
			fact(arg, &f);
	return sql_done(q);
}

enum err query_events(struct store_reader *r, struct str tenant, uint64_t after, uint32_t limit,
		      void (*item)(void *arg, uint64_t seq, struct str json), void *arg,
		      uint64_t *last_seq)
{
	uint64_t prev = 0;
	*last_seq = after;
	if (after >= INT64_MAX)
		return ERR_OK;
	enum err e = seq_before(r, tenant, after, &prev);
	if (e != ERR_OK)
		return e;
	struct sql_stmt *q =
		tenant.n ? sql_query(r->db, "SELECT seq, data FROM events WHERE seq > ? AND "
					    "tenant = ? ORDER BY seq LIMIT ?")
			 : sql_query(r->db, "SELECT seq, data FROM events WHERE seq > ? ORDER BY "
					    "seq LIMIT ?");
	sql_u64(q, after);
	if (tenant.n)
		sql_text(q, tenant);
	sql_i64(q, limit);
	struct buf json = buf_grow(1024);
	while (sql_step(q)) {
		struct fact f;
		uint64_t seq = (uint64_t)sql_col_i64(q, 0);
		if (fact_decode(sql_col_text(q, 1), &f) == ERR_OK) {
			json.n = 0;
			fact_json_open(&json, &f);
			buf_fmt(&json, ",\"prev\":%llu}", (unsigned long long)prev);
			item(arg, seq, buf_str(&json));
			prev = seq;
		}
		*last_seq = seq;
	}
	buf_free(&json);
	return sql_done(q);
}

/* -- recordings, sign-ins, answers -- */

static void recording_json(struct buf *out, struct str id, const struct recording_row *g,
			   int64_t channels)
{
	char contact[UUID_TEXT + 1];
	uuid_text(g->contact, contact);
	struct jsonw w = jsonw_make(out);
	jsonw_open(&w, '{');
	jsonw_kstr(&w, "id", id);
	jsonw_kstr(&w, "contact", str_of(contact));
	jsonw_ktime(&w, "started_at", g->started_at_ms);
	jsonw_ki64(&w, "duration_ms", g->duration_ms);
	jsonw_ki64(&w, "channels", channels);
	jsonw_kstr(&w, "codec", str_of(g->codec));
	jsonw_ki64(&w, "bytes", g->bytes);
	jsonw_kstr(&w, "sha256", str_of(g->sha256));
	jsonw_kbool(&w, "finished", g->finished);
	jsonw_ktime(&w, "deleted_at", g->deleted_at_ms);
	jsonw_key(&w, "flaw");
	if (g->flaw[0])
		jsonw_str(&w, str_of(g->flaw));
	else
		jsonw_null(&w);
	jsonw_close(&w, '}');
}

enum err query_recording(struct store_reader *r, struct str tenant, struct str id,
			 struct recording_row *out, struct buf *json)
{
	struct sql_stmt *q = sql_query(
		r->db,
		"SELECT path, started_at, duration_ms, bytes, sha256, codec, flaw, contact, "
		"finished, channels, deleted_at FROM recordings WHERE tenant = ? AND id = ?");
	sql_text(q, tenant);
	sql_text(q, id);
	struct recording_row g = {0};
	bool found = sql_step(q);
	if (found) {
		(void)str_copy(sql_col_text(q, 0), g.path, sizeof g.path);
		g.started_at_ms = sql_col_i64(q, 1);
		g.duration_ms = sql_col_i64(q, 2);
		g.bytes = sql_col_i64(q, 3);
		(void)str_copy(sql_col_text(q, 4), g.sha256, sizeof g.sha256);
		(void)str_copy(sql_col_text(q, 5), g.codec, sizeof g.codec);
		(void)str_copy(sql_col_text(q, 6), g.flaw, sizeof g.flaw);
		copy_contact(sql_col_text(q, 7), g.contact.b);
		g.finished = sql_col_i64(q, 8) != 0;
		g.deleted_at_ms = sql_col_i64(q, 10);
		if (json)
			recording_json(json, id, &g, sql_col_i64(q, 9));
	}
	enum err e = sql_done(q);
	if (e == ERR_OK && found)
		*out = g;
	return e == ERR_OK && !found ? ERR_NOT_FOUND : e;
}

/* Columns from `at` on: tenant, user_, from_, began_at, expires_at. */
static bool take_session(struct sql_stmt *q, int at, struct session_row *s)
{
	*s = (struct session_row){0};
	(void)str_copy(str_head(sql_col_text(q, at + 2), sizeof s->from - 1), s->from,
		       sizeof s->from);
	s->began_at_ms = sql_col_i64(q, at + 3);
	s->expires_at_ms = sql_col_i64(q, at + 4);
	return str_copy(sql_col_text(q, at), s->tenant, sizeof s->tenant) &&
	       str_copy(sql_col_text(q, at + 1), s->user, sizeof s->user);
}

enum err query_session(struct store_reader *r, struct str token_hash, int64_t now_ms,
		       struct session_row *out)
{
	struct sql_stmt *q =
		sql_query(r->local, "SELECT tenant, user_, from_, began_at, expires_at FROM "
				    "sessions WHERE token_hash = ? AND expires_at > ?");
	sql_text(q, token_hash);
	sql_i64(q, now_ms);
	struct session_row s;
	bool found = sql_step(q) && take_session(q, 0, &s);
	enum err e = sql_done(q);
	if (e == ERR_OK && found)
		*out = s;
	return e == ERR_OK && !found ? ERR_NOT_FOUND : e;
}

enum err query_sessions(struct store_reader *r, struct str tenant, struct str user, int64_t now_ms,
			void (*each)(void *arg, struct str token_hash, const struct session_row *s),
			void *arg)
{
	struct sql_stmt *q = sql_query(
		r->local,
		user.n ? "SELECT token_hash, tenant, user_, from_, began_at, expires_at FROM "
			 "sessions WHERE tenant = ? AND user_ = ? AND expires_at > ? "
			 "ORDER BY began_at DESC, token_hash"
		       : "SELECT token_hash, tenant, user_, from_, began_at, expires_at FROM "
			 "sessions WHERE tenant = ? AND expires_at > ? "
			 "ORDER BY began_at DESC, token_hash");
	struct session_row s;
	sql_text(q, tenant);
	if (user.n)
		sql_text(q, user);
	sql_i64(q, now_ms);
	while (sql_step(q))
		if (take_session(q, 1, &s))
			each(arg, sql_col_text(q, 0), &s);
	return sql_done(q);
}

#define TOKEN_COLUMNS "tenant, id, name, roles, by_, made_at, expires_at, used_at, used_from"

static void take_token(struct sql_stmt *q, struct token_row *t)
{
	*t = (struct token_row){
		.made_at_ms = sql_col_i64(q, 5),
		.expires_at_ms = sql_col_i64(q, 6),
		.used_at_ms = sql_col_i64(q, 7),
	};
	(void)str_copy(sql_col_text(q, 0), t->tenant, sizeof t->tenant);
	(void)str_copy(sql_col_text(q, 1), t->id, sizeof t->id);
	(void)str_copy(sql_col_text(q, 2), t->name, sizeof t->name);
	(void)str_copy(sql_col_text(q, 3), t->roles, sizeof t->roles);
	(void)str_copy(sql_col_text(q, 4), t->by, sizeof t->by);
	(void)str_copy(sql_col_text(q, 8), t->used_from, sizeof t->used_from);
}

enum err query_token(struct store_reader *r, struct str token_hash, int64_t now_ms,
		     struct token_row *out)
{
	struct sql_stmt *q = sql_query(r->local, "SELECT " TOKEN_COLUMNS
						 " FROM api_tokens WHERE token_hash = ? AND "
						 "(expires_at = 0 OR expires_at > ?)");
	sql_text(q, token_hash);
	sql_i64(q, now_ms);
	const bool found = sql_step(q);
	if (found)
		take_token(q, out);
	const enum err e = sql_done(q);
	return e == ERR_OK && !found ? ERR_NOT_FOUND : e;
}

enum err query_tokens(struct store_reader *r, struct str tenant,
		      void (*each)(void *arg, struct str token_hash, const struct token_row *t),
		      void *arg)
{
	struct sql_stmt *q =
		sql_query(r->local, "SELECT " TOKEN_COLUMNS ", token_hash FROM "
				    "api_tokens WHERE tenant = ? ORDER BY made_at, id");
	struct token_row t;
	sql_text(q, tenant);
	while (sql_step(q)) {
		take_token(q, &t);
		each(arg, sql_col_text(q, 9), &t);
	}
	return sql_done(q);
}

enum err query_user_kept(struct store_reader *r, struct str tenant, struct str user,
			 const char *what, struct buf *out)
{
	struct sql_stmt *q = sql_query(r->local, "SELECT value FROM user_kept WHERE tenant = ? AND "
						 "user_ = ? AND what = ?");
	sql_text(q, tenant);
	sql_text(q, user);
	sql_text(q, str_of(what));
	bool found = sql_step(q);
	if (found)
		buf_put(out, sql_col_text(q, 0));
	enum err e = sql_done(q);
	return e == ERR_OK && !found ? ERR_NOT_FOUND : e;
}

enum err query_request_done(struct store_reader *r, struct str tenant, struct str user,
			    struct str key, uint32_t *status, struct buf *body)
{
	struct sql_stmt *q = sql_query(r->db, "SELECT status, body FROM requests_done WHERE "
					      "tenant = ? AND user_ = ? AND key = ?");
	sql_text(q, tenant);
	sql_text(q, user);
	sql_text(q, key);
	bool found = sql_step(q);
	if (found) {
		*status = (uint32_t)sql_col_i64(q, 0);
		buf_put(body, sql_col_text(q, 1));
	}
	enum err e = sql_done(q);
	return e == ERR_OK && !found ? ERR_NOT_FOUND : e;
}
