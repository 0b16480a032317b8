/* fold.c - see fold.h. */
#include "store/fold.h"

#include <stdlib.h>

#include "base/list.h"
#include "base/map.h"
#include "report/record.h"

#define SPELL_OPEN INT64_MAX

struct open_contact {
	struct list touched; /* in fold.touched while its rows are older than it */
	struct record record;
	struct uuid id;
};

struct open_agent {
	char key[2 * RECORD_NAME]; /* tenant 0 agent */
	size_t key_n;
	uint64_t seq; /* of the spell's row; 0: none */
	int64_t from_ms;
	enum presence presence;
	enum work work;
	char reason[RECORD_NAME];
	struct uuid contact;
	bool private;
};

struct fold {
	struct map contacts, agents;
	struct list touched;
	struct list ended; /* flushed, to be dropped after the commit */
	struct buf json;
};

struct fold *fold_create(void)
{
	struct fold *f = xcalloc(1, sizeof *f);
	map_init(&f->contacts, 1);
	map_init(&f->agents, 2);
	list_init(&f->touched);
	list_init(&f->ended);
	f->json = buf_grow(4096);
	return f;
}

static void contact_drop(struct fold *f, struct open_contact *c)
{
	map_remove(&f->contacts, str_make((char *)c->id.b, sizeof c->id.b));
	list_remove(&c->touched);
	record_finish(&c->record);
	free(c);
}

void fold_forget(struct fold *f)
{
	uint32_t at = 0;
	for (struct open_contact *c; (c = map_next(&f->contacts, &at)) != NULL;) {
		record_finish(&c->record);
		free(c);
	}
	at = 0;
	for (struct open_agent *a; (a = map_next(&f->agents, &at)) != NULL;)
		free(a);
	map_finish(&f->contacts);
	map_finish(&f->agents);
	map_init(&f->contacts, 1);
	map_init(&f->agents, 2);
	list_init(&f->touched);
	list_init(&f->ended);
}

void fold_destroy(struct fold *f)
{
	fold_forget(f);
	map_finish(&f->contacts);
	map_finish(&f->agents);
	buf_free(&f->json);
	free(f);
}

uint32_t fold_contacts(const struct fold *f)
{
	return f->contacts.count;
}

/* -- contacts -- */

static struct open_contact *contact_new(struct fold *f, struct uuid id)
{
	struct open_contact *c = xcalloc(1, sizeof *c);
	c->id = id;
	list_init(&c->touched);
	record_init(&c->record);
	CHECK(map_add(&f->contacts, str_make((char *)c->id.b, sizeof c->id.b), c) == ERR_OK);
	return c;
}

static enum err at_of(struct sql *db, uint64_t seq, int64_t *at_ms)
{
	struct sql_stmt *q =
		sql_query(db, "SELECT at_ms FROM events WHERE seq <= ? ORDER BY seq DESC LIMIT 1");
	sql_u64(q, seq);
	if (sql_step(q))
		*at_ms = sql_col_i64(q, 0);
	return sql_done(q);
}

/* No contact outlived this start: what is open in the tables is nobody's any more. Agents' states
 * are lost only with all the rest. */
static bool none_alive(const struct fact *start)
{
	return !start->server_start.recovered || start->server_start.contacts == 0;
}

/* Whether the program forgot everything after `after` and before `before` (a power cut); then
 * *at_ms is the last moment it was known to live. */
static enum err lost_between(struct sql *db, uint64_t after, uint64_t before, bool *lost,
			     int64_t *at_ms)
{
	struct sql_stmt *q = sql_query(db, "SELECT data FROM events WHERE kind = 'server_start' "
					   "AND seq > ? AND seq < ? ORDER BY seq");
	sql_u64(q, after);
	sql_u64(q, before);
	struct fact start;
	uint64_t seq = 0;
	while (!seq && sql_step(q))
		if (fact_decode(sql_col_text(q, 0), &start) == ERR_OK && none_alive(&start))
			seq = start.seq;
	enum err e = sql_done(q);
	*lost = seq != 0;
	return e == ERR_OK && seq ? at_of(db, seq - 1, at_ms) : e;
}

enum err fold_contact(struct sql *db, struct record *r, struct uuid id, uint64_t before)
{
	struct sql_stmt *q =
		sql_query(db, "SELECT data FROM events WHERE contact = ? AND seq < ? ORDER BY seq");
	sql_blob(q, id.b, sizeof id.b);
	sql_u64(q, before);
	struct fact fact;
	while (sql_step(q))
		if (fact_decode(sql_col_text(q, 0), &fact) == ERR_OK)
			record_apply(r, &fact);
	enum err e = sql_done(q);
	bool lost = false;
	int64_t at_ms = 0;
	if (e == ERR_OK && r->last_seq && !r->ended_at)
		e = lost_between(db, r->last_seq, before, &lost, &at_ms);
	if (e == ERR_OK && lost)
		record_lost(r, at_ms);
	return e;
}

static enum err contact_of(struct fold *f, struct sql *db, struct uuid id, uint64_t before,
			   bool is_new, struct open_contact **out)
{
	struct open_contact *c = map_get(&f->contacts, str_make((char *)id.b, sizeof id.b));
	if (!c) {
		c = contact_new(f, id);
		enum err e = is_new ? ERR_OK : fold_contact(db, &c->record, id, before);
		if (e != ERR_OK) {
			contact_drop(f, c);
			return e;
		}
	}
	*out = c;
	return ERR_OK;
}

static void touch(struct fold *f, struct open_contact *c)
{
	list_remove(&c->touched);
	list_push(&f->touched, &c->touched);
}

static enum err contact_fact(struct fold *f, struct sql *db, const struct fact *fact)
{
	struct open_contact *c;
	enum err e = contact_of(f, db, fact->contact, fact->seq, fact->kind == EV_arrive, &c);
	if (e != ERR_OK)
		return e;
	struct record *r = &c->record;
	if (uuid_none(r->id)) { /* its arrival is not among what is stored */
		r->id = fact->contact;
		(void)str_copy(fact->tenant, r->tenant, sizeof r->tenant);
	}
	record_apply(r, fact);
	touch(f, c);
	return ERR_OK;
}

static void bind_time(struct sql_stmt *q, int64_t at)
{
	if (at)
		sql_i64(q, at);
	else
		sql_null(q);
}

static enum err put_contact(struct fold *f, struct sql *db, const struct record *r)
{
	struct buf tags = {0};
	f->json.n = 0;
	record_json(&f->json, r);
	if (r->tags) {
		tags = buf_grow(256);
		buf_fmt(&tags, "\n%s\n", r->tags);
	}
	struct sql_stmt *q = sql_query(
		db, "INSERT INTO contacts(tenant, id, arrived_at, ended_at, state, queue, agent, "
		    "from_, to_, channel, direction, record, customer, follow_up_at, "
		    "follow_up_agent, tags, held) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
		    "?, ?, ?) "
		    "ON CONFLICT(tenant, id) DO UPDATE SET ended_at = "
		    "excluded.ended_at, "
		    "state = excluded.state, queue = excluded.queue, agent = excluded.agent, "
		    "record = excluded.record, customer = excluded.customer, "
		    "follow_up_at = excluded.follow_up_at, "
		    "follow_up_agent = excluded.follow_up_agent, tags = excluded.tags, "
		    "held = excluded.held");
	sql_text(q, str_of(r->tenant));
	sql_blob(q, r->id.b, sizeof r->id.b);
	sql_i64(q, r->arrived_at);
	bind_time(q, r->ended_at);
	sql_text(q, contact_state_word(record_state(r)));
	sql_text_or_null(q, str_of(r->queue));
	sql_text_or_null(q, str_of(r->agent));
	sql_text(q, str_of(r->from));
	sql_text(q, str_of(r->to));
	sql_text(q, channel_word(r->channel));
	sql_text(q, direction_word(r->direction));
	sql_text(q, buf_str(&f->json));
	sql_text_or_null(q, str_of(r->customer));
	bind_time(q, r->follow_up_at);
	sql_text_or_null(q, str_of(r->follow_up_agent));
	sql_text_or_null(q, r->tags ? buf_str(&tags) : STR_NONE);
	sql_i64(q, r->held);
	const enum err e = sql_do(q);
	buf_free(&tags);
	return e;
}

static void bind_promise(struct sql_stmt *q, const struct visit *v)
{
	if (!v->promise_ms) {
		sql_null(q);
		sql_null(q);
		sql_null(q);
		return;
	}
	sql_i64(q, v->promise_ewt_ms);
	sql_i64(q, v->promise_ms);
	sql_i64(q, v->promise_waited_ms);
}

static enum err put_segment(struct sql *db, const struct record *r, uint32_t n)
{
	const struct record_segment *s = &r->segments[n];
	struct visit v = {.wait_ms = s->wait_ms,
			  .talk_ms = s->talk_ms,
			  .hold_ms = s->hold_ms,
			  .wrap_ms = s->wrap_ms,
			  .handled = s->result != RESULT_none && !s->wrapping};
	if (s->kind == SEGMENT_QUEUE)
		v = record_visit(r, n);
	/* what counts nowhere, and a call of his own that he did not talk in, is nothing he handled
	 */
	bool unhandled = s->kind == SEGMENT_AGENT &&
			 (r->private || (s->dialled && !s->handles && s->result != RESULT_none));
	struct sql_stmt *q = sql_query(
		db, "INSERT INTO segments(tenant, contact, n, kind, queue, agent, started_at, "
		    "ended_at, result, exit, handled, wait_ms, talk_ms, hold_ms, wrap_ms, "
		    "promise_ewt_ms, promise_ms, promise_waited_ms, own, transferred) "
		    "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
		    "ON CONFLICT(tenant, contact, n) DO UPDATE SET ended_at = excluded.ended_at, "
		    "result = excluded.result, exit = excluded.exit, handled = excluded.handled, "
		    "wait_ms = excluded.wait_ms, talk_ms = excluded.talk_ms, "
		    "hold_ms = excluded.hold_ms, wrap_ms = excluded.wrap_ms, "
		    "promise_ewt_ms = excluded.promise_ewt_ms, "
		    "promise_ms = excluded.promise_ms, "
		    "promise_waited_ms = excluded.promise_waited_ms, "
		    "transferred = excluded.transferred");
	sql_text(q, str_of(r->tenant));
	sql_blob(q, r->id.b, sizeof r->id.b);
	sql_i64(q, n);
	sql_text(q, segment_kind_word(s->kind));
	sql_text_or_null(q, str_of(s->queue));
	sql_text_or_null(q, str_of(s->agent));
	sql_i64(q, s->started_at);
	bind_time(q, s->ended_at);
	sql_text_or_null(q, s->result == RESULT_none ? STR_NONE : result_word(s->result));
	sql_text_or_null(q, s->exit == EXIT_none ? STR_NONE : queue_exit_word(s->exit));
	sql_i64(q, unhandled ? 2 : v.handled);
	sql_i64(q, v.wait_ms);
	sql_i64(q, v.talk_ms);
	sql_i64(q, v.hold_ms);
	sql_i64(q, v.wrap_ms);
	bind_promise(q, &v);
	sql_i64(q, r->private ? 2 : s->dialled);
	sql_i64(q, v.transferred);
	return sql_do(q);
}

static enum err put_offer(struct sql *db, const struct record *r, uint32_t n)
{
	const struct record_offer *o = &r->offers[n];
	if (r->private) /* in no figures */
		return ERR_OK;
	struct sql_stmt *q = sql_query(
		db, "INSERT INTO offers(tenant, contact, n, queue, agent, started_at, ended_at, "
		    "result) VALUES(?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(tenant, contact, n) "
		    "DO UPDATE SET ended_at = excluded.ended_at, result = excluded.result");
	sql_text(q, str_of(r->tenant));
	sql_blob(q, r->id.b, sizeof r->id.b);
	sql_i64(q, n);
	sql_text(q, str_of(o->queue));
	sql_text(q, str_of(o->agent));
	sql_i64(q, o->started_at);
	bind_time(q, o->ended_at);
	sql_text_or_null(q, o->ended_at ? offer_result_word(o->result) : STR_NONE);
	return sql_do(q);
}

static enum err put_recording(struct sql *db, const struct record *r, uint32_t n)
{
	const struct record_recording *g = &r->recordings[n];
	struct sql_stmt *q = sql_query(
		db,
		"INSERT INTO recordings(tenant, id, contact, queue, agent, started_at, "
		"finished, duration_ms, channels, codec, bytes, sha256, flaw, path, deleted_at) "
		"VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(tenant, id) DO "
		"UPDATE SET finished = excluded.finished, duration_ms = excluded.duration_ms, "
		"channels = excluded.channels, codec = excluded.codec, "
		"bytes = excluded.bytes, sha256 = excluded.sha256, flaw = excluded.flaw, "
		"path = excluded.path, deleted_at = excluded.deleted_at");
	sql_text(q, str_of(r->tenant));
	sql_text(q, str_of(g->id));
	sql_blob(q, r->id.b, sizeof r->id.b);
	sql_text_or_null(q, str_of(g->queue));
	sql_text_or_null(q, str_of(g->agent));
	sql_i64(q, g->started_at);
	sql_i64(q, g->finished);
	sql_i64(q, g->duration_ms);
	sql_i64(q, g->channels);
	sql_text(q, str_of(g->codec));
	sql_i64(q, g->bytes);
	sql_text(q, str_of(g->sha256));
	sql_text(q, str_of(g->flaw));
	sql_text(q, str_of(g->path));
	sql_i64(q, g->deleted_at);
	return sql_do(q);
}

static enum err put_way(struct fold *f, struct sql *db, const struct record *r)
{
	f->json.n = 0;
	way_put(&f->json, &r->way);
	struct sql_stmt *q = sql_query(
		db, "INSERT INTO ways(tenant, arrived_at, contact, way) VALUES(?, ?, ?, ?) "
		    "ON CONFLICT(tenant, arrived_at, contact) DO UPDATE SET way = excluded.way");
	sql_text(q, str_of(r->tenant));
	sql_i64(q, r->arrived_at);
	sql_blob(q, r->id.b, sizeof r->id.b);
	sql_blob(q, f->json.p, f->json.n);
	return sql_do(q);
}

static enum err put_all(struct fold *f, struct sql *db, struct record *r)
{
	enum err e = put_contact(f, db, r);
	if (e == ERR_OK && r->way.dirty)
		e = put_way(f, db, r);
	r->way.dirty = false;
	for (uint32_t i = 0; i < r->segment_count; i++) /* a queue visit shows its agents' times */
		if (r->segments[i].dirty && r->segments[i].visit)
			r->segments[r->segments[i].visit - 1].dirty = true;
	for (uint32_t i = 0; e == ERR_OK && i < r->segment_count; i++) {
		if (r->segments[i].dirty)
			e = put_segment(db, r, i);
		r->segments[i].dirty = false;
	}
	for (uint32_t i = 0; e == ERR_OK && i < r->offer_count; i++) {
		if (r->offers[i].dirty)
			e = put_offer(db, r, i);
		r->offers[i].dirty = false;
	}
	for (uint32_t i = 0; e == ERR_OK && i < r->recording_count; i++) {
		if (r->recordings[i].dirty)
			e = put_recording(db, r, i);
		r->recordings[i].dirty = false;
	}
	return e;
}

enum err fold_flush(struct fold *f, struct sql *db)
{
	list_for_each (link, &f->touched) {
		struct open_contact *c = CONTAINER_OF(link, struct open_contact, touched);
		enum err e = put_all(f, db, &c->record);
		if (e != ERR_OK)
			return e; /* the caller rolls back and forgets */
		list_remove(&c->touched);
		if (c->record.ended_at)
			list_push(&f->ended, &c->touched);
	}
	return ERR_OK;
}

void fold_committed(struct fold *f)
{
	list_for_each (link, &f->ended)
		contact_drop(f, CONTAINER_OF(link, struct open_contact, touched));
}

/* -- agents -- */

static enum err agent_load(struct sql *db, struct open_agent *a, struct str tenant,
			   struct str agent)
{
	a->presence = PRESENCE_signed_out;
	a->work = WORK_idle;
	struct sql_stmt *q = sql_query(
		db,
		"SELECT seq, from_ms, presence, work, reason, contact, private FROM agent_spells "
		"WHERE tenant = ? AND agent = ? AND to_ms = ? ORDER BY seq DESC LIMIT 1");
	sql_text(q, tenant);
	sql_text(q, agent);
	sql_i64(q, SPELL_OPEN);
	if (sql_step(q)) {
		a->seq = (uint64_t)sql_col_i64(q, 0);
		a->from_ms = sql_col_i64(q, 1);
		if (presence_from(sql_col_text(q, 2), &a->presence) != ERR_OK ||
		    work_from(sql_col_text(q, 3), &a->work) != ERR_OK)
			a->presence = PRESENCE_signed_out;
		(void)str_copy(sql_col_text(q, 4), a->reason, sizeof a->reason);
		struct str contact = sql_col_text(q, 5);
		if (contact.n == sizeof a->contact.b)
			memcpy(a->contact.b, contact.p, sizeof a->contact.b);
		a->private = sql_col_i64(q, 6) != 0;
	}
	return sql_done(q);
}

static enum err agent_of(struct fold *f, struct sql *db, struct str tenant, struct str agent,
			 struct open_agent **out)
{
	char key[2 * RECORD_NAME];
	struct buf b = buf_make(key, sizeof key);
	buf_put(&b, tenant);
	buf_ch(&b, 0);
	buf_put(&b, agent);
	struct open_agent *a = map_get(&f->agents, buf_str(&b));
	if (!a) {
		a = xcalloc(1, sizeof *a);
		memcpy(a->key, key, b.n);
		a->key_n = b.n;
		enum err e = agent_load(db, a, tenant, agent);
		if (e != ERR_OK) {
			free(a);
			return e;
		}
		CHECK(map_add(&f->agents, str_make(a->key, a->key_n), a) == ERR_OK);
	}
	*out = a;
	return ERR_OK;
}

static enum err spell_end(struct sql *db, const struct fact *fact, struct str agent,
			  const struct open_agent *a, int64_t at)
{
	struct sql_stmt *q;
	if (at == a->from_ms) { /* lasted no time: as if it had not been */
		q = sql_query(db, "DELETE FROM agent_spells WHERE tenant = ? AND agent = ? AND "
				  "seq = ?");
	} else {
		q = sql_query(db, "UPDATE agent_spells SET to_ms = ? WHERE tenant = ? AND "
				  "agent = ? AND seq = ?");
		sql_i64(q, at);
	}
	sql_text(q, fact->tenant);
	sql_text(q, agent);
	sql_u64(q, a->seq);
	return sql_do(q);
}

/* The agent is in the state that `a` now holds, from this fact on. */
static enum err spell_begin(struct sql *db, const struct fact *fact, struct str agent,
			    struct open_agent *a, int64_t at)
{
	struct sql_stmt *q = sql_query(
		db, "INSERT INTO agent_spells(tenant, agent, seq, from_ms, to_ms, presence, work, "
		    "reason, contact, private) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO "
		    "NOTHING");
	a->seq = fact->seq;
	a->from_ms = at;
	sql_text(q, fact->tenant);
	sql_text(q, agent);
	sql_u64(q, a->seq);
	sql_i64(q, at);
	sql_i64(q, SPELL_OPEN);
	sql_text(q, presence_word(a->presence));
	sql_text(q, work_word(a->work));
	sql_text(q, str_of(a->reason));
	if (uuid_none(a->contact))
		sql_null(q);
	else
		sql_blob(q, a->contact.b, sizeof a->contact.b);
	sql_i64(q, a->private);
	return sql_do(q);
}

static enum err agent_fact(struct fold *f, struct sql *db, const struct fact *fact)
{
	struct str agent =
		fact->kind == EV_agent_work ? fact->agent_work.agent : fact->agent_presence.agent;
	struct open_agent *a;
	enum err e = agent_of(f, db, fact->tenant, agent, &a);
	int64_t at = fact->at_ms;
	if (e == ERR_OK && a->seq) {
		at = MAX(at, a->from_ms); /* the clock may have been set back */
		e = spell_end(db, fact, agent, a, at);
	}
	if (e != ERR_OK)
		return e;
	if (fact->kind == EV_agent_work) {
		a->work = fact->agent_work.to;
		a->contact = fact->contact;
		a->private = fact->agent_work.private;
	} else {
		a->presence = fact->agent_presence.to;
		(void)str_copy(str_head(fact->agent_presence.reason, sizeof a->reason - 1),
			       a->reason, sizeof a->reason);
	}
	return spell_begin(db, fact, agent, a, at);
}

/* -- a restart that remembers nothing -- */

static enum err lost_contacts(struct fold *f, struct sql *db, uint64_t seq, int64_t at_ms)
{
	for (;;) {
		struct uuid id = {{0}};
		char tenant[RECORD_NAME] = "";
		struct sql_stmt *q = sql_query(
			db, "SELECT id, tenant FROM contacts WHERE ended_at IS NULL LIMIT 1");
		bool found = sql_step(q);
		if (found) {
			memcpy(id.b, sql_col_text(q, 0).p, sizeof id.b);
			(void)str_copy(sql_col_text(q, 1), tenant, sizeof tenant);
		}
		enum err e = sql_done(q);
		if (e != ERR_OK || !found)
			return e;
		struct open_contact *c;
		e = contact_of(f, db, id, seq, false, &c);
		if (e != ERR_OK)
			return e;
		c->record.id = id;
		(void)str_copy(str_of(tenant), c->record.tenant, sizeof c->record.tenant);
		record_lost(&c->record, at_ms);
		touch(f, c);
		e = fold_flush(f, db);
		if (e != ERR_OK)
			return e;
	}
}

static enum err all_lost(struct fold *f, struct sql *db, const struct fact *fact)
{
	int64_t at_ms = fact->at_ms;
	enum err e = fold_flush(f, db);
	if (e == ERR_OK)
		e = at_of(db, fact->seq - 1, &at_ms);
	if (e == ERR_OK)
		e = lost_contacts(f, db, fact->seq, at_ms);
	if (e != ERR_OK || fact->server_start.recovered)
		return e;
	struct sql_stmt *q =
		sql_query(db, "UPDATE agent_spells SET to_ms = max(from_ms, ?) WHERE to_ms = ?");
	sql_i64(q, at_ms);
	sql_i64(q, SPELL_OPEN);
	e = sql_do(q);
	uint32_t at = 0;
	for (struct open_agent *a; (a = map_next(&f->agents, &at)) != NULL;)
		free(a);
	map_finish(&f->agents);
	map_init(&f->agents, 2);
	return e;
}

enum err fold_fact(struct fold *f, struct sql *db, const struct fact *fact)
{
	enum err e = ERR_OK;
	if (fact->kind == EV_agent_presence || fact->kind == EV_agent_work)
		return agent_fact(f, db, fact); /* a contact in agent_work is not its own fact */
	if (!uuid_none(fact->contact))
		e = contact_fact(f, db, fact);
	if (e == ERR_OK && fact->kind == EV_server_start && none_alive(fact))
		e = all_lost(f, db, fact);
	return e;
}
