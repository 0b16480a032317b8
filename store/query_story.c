/* query_story.c - what happened with a customer: notes, changes, timeline, imports, audit; see
 * query_customers.h. */
#include "store/query_customers.h"

#include <stdlib.h>

#include <jansson.h>

#include "core/fact.h"
#include "crm/customer.h"
#include "store/store_inside.h"

#define KIN_MAX 64u    /* customers merged into one whose contacts are his */
#define TIES 64u       /* more than a page is read, lest equal times hide something */
#define LOOK_MAX 4000u /* facts of the audit that a filter may pass over before a page ends */

static void begin_list(struct jsonw *w)
{
	jsonw_open(w, '{');
	jsonw_key(w, "items");
	jsonw_open(w, '[');
}

static void end_list(struct jsonw *w, const char *next)
{
	jsonw_close(w, ']');
	jsonw_key(w, "next");
	if (next)
		jsonw_str(w, str_of(next));
	else
		jsonw_null(w);
	jsonw_close(w, '}');
}

static void put_uuid(struct jsonw *w, const char *key, struct uuid id)
{
	char text[UUID_TEXT + 1];
	uuid_text(id, text);
	jsonw_kstr(w, key, str_of(text));
}

/* -- notes -- */

static void put_note(struct jsonw *w, struct uuid customer, struct sql_stmt *q)
{
	struct uuid id;
	copy_contact(sql_col_text(q, 0), id.b);
	jsonw_open(w, '{');
	put_uuid(w, "id", id);
	put_uuid(w, "customer", customer);
	jsonw_ktime(w, "at", sql_col_i64(q, 1));
	jsonw_kstr(w, "by", sql_col_text(q, 2));
	jsonw_kstr(w, "text", sql_col_text(q, 3));
	jsonw_close(w, '}');
}

static struct sql_stmt *ask_notes(struct store_reader *r, struct str tenant, struct uuid *id,
				  const struct uuid *before, uint32_t limit)
{
	struct sql_stmt *q =
		sql_query(r->db, "SELECT id, at_ms, by_, note FROM customer_notes WHERE "
				 "tenant = ? AND customer = ? AND id < ? ORDER BY id "
				 "DESC LIMIT ?");
	sql_text(q, tenant);
	sql_blob(q, id->b, sizeof id->b);
	sql_blob(q, before->b, sizeof before->b);
	sql_i64(q, limit);
	return q;
}

enum err query_notes(struct store_reader *r, struct str tenant, struct uuid id, uint32_t limit,
		     struct str after, struct buf *out)
{
	struct uuid before, last = {{0}};
	uint32_t n = 0;
	memset(before.b, 0xff, sizeof before.b);
	if (after.n && uuid_parse(after, &before) != ERR_OK)
		return ERR_INVALID;
	struct jsonw w = jsonw_make(out);
	struct sql_stmt *q = ask_notes(r, tenant, &id, &before, limit + 1);
	begin_list(&w);
	while (sql_step(q) && n++ < limit) {
		copy_contact(sql_col_text(q, 0), last.b);
		put_note(&w, id, q);
	}
	char next[UUID_TEXT + 1];
	uuid_text(last, next);
	end_list(&w, n > limit ? next : NULL);
	return sql_done(q);
}

/* -- changes -- */

struct change {
	int64_t version;
	uint64_t seq;
	int64_t at_ms;
	char op[16], by[64], other[UUID_TEXT + 1];
	struct buf doc; /* as it was after it; empty: deleted */
};

/* The line of this customer among a fact's documents. */
static struct str line_of(struct str docs, struct uuid id)
{
	struct str line;
	char text[UUID_TEXT + 1];
	uuid_text(id, text);
	while (str_line(&docs, &line)) {
		json_t *doc = json_loadb(line.p, line.n, 0, NULL);
		const bool his = str_is(json_member(doc, "id"), text);
		json_decref(doc);
		if (his)
			return line;
	}
	return STR_NONE;
}

static void read_change(const struct fact *f, struct uuid id, struct change *c)
{
	struct str op = STR("merged"), by = f->customer_merged.by, docs = f->customer_merged.docs;
	struct str other = STR_NONE;
	char self[UUID_TEXT + 1];
	uuid_text(id, self);
	if (f->kind == EV_customer_changed) {
		op = f->customer_changed.op;
		by = f->customer_changed.by;
		docs = f->customer_changed.docs;
	} else if (f->kind == EV_customer_unmerged) {
		op = STR("unmerged");
		by = f->customer_unmerged.by;
		docs = f->customer_unmerged.docs;
		other = f->customer_unmerged.from;
		if (str_is(other, self))
			other = f->customer_unmerged.customer;
	} else {
		other = f->customer_merged.from;
		if (str_is(other, self))
			other = f->customer_merged.customer;
	}
	(void)str_copy(str_head(op, sizeof c->op - 1), c->op, sizeof c->op);
	(void)str_copy(str_head(by, sizeof c->by - 1), c->by, sizeof c->by);
	(void)str_copy(str_head(other, UUID_TEXT), c->other, sizeof c->other);
	c->at_ms = f->at_ms;
	c->doc.n = 0;
	if (!str_is(op, "deleted"))
		buf_put(&c->doc, line_of(docs, id));
}

/* What the fact of that number says of him. */
static enum err change_at(struct store_reader *r, uint64_t seq, struct uuid id, struct change *c)
{
	struct sql_stmt *q = sql_query(r->db, "SELECT data FROM events WHERE seq = ?");
	struct fact f;
	sql_u64(q, seq);
	const bool found = sql_step(q) && fact_decode(sql_col_text(q, 0), &f) == ERR_OK;
	if (found)
		read_change(&f, id, c);
	const enum err e = sql_done(q);
	return e == ERR_OK && !found ? ERR_NOT_FOUND : e;
}

/* His changes before this version, newest first. */
static enum err change_list(struct store_reader *r, struct str tenant, struct uuid id,
			    int64_t before, uint32_t limit, struct change *out, uint32_t *count)
{
	struct sql_stmt *q =
		sql_query(r->db, "SELECT version, seq FROM customer_changes WHERE tenant = ? AND "
				 "customer = ? AND version < ? ORDER BY version DESC LIMIT ?");
	sql_text(q, tenant);
	sql_blob(q, id.b, sizeof id.b);
	sql_i64(q, before);
	sql_i64(q, limit);
	for (*count = 0; *count < limit && sql_step(q); (*count)++)
		out[*count] = (struct change){.version = sql_col_i64(q, 0),
					      .seq = (uint64_t)sql_col_i64(q, 1)};
	return sql_done(q);
}

static void put_doc(struct jsonw *w, const char *key, const struct buf *doc)
{
	jsonw_key(w, key);
	if (doc && doc->n)
		jsonw_raw(w, buf_str(doc));
	else
		jsonw_null(w);
}

static void put_change(struct jsonw *w, struct uuid id, const struct change *c,
		       const struct change *before)
{
	jsonw_open(w, '{');
	put_uuid(w, "customer", id);
	jsonw_ktime(w, "at", c->at_ms);
	jsonw_kstr(w, "by", str_of(c->by));
	jsonw_kstr(w, "op", str_of(c->op));
	jsonw_ki64(w, "version", c->version);
	if (c->other[0])
		jsonw_kstr(w, "other", str_of(c->other));
	put_doc(w, "before", before ? &before->doc : NULL);
	put_doc(w, "after", &c->doc);
	jsonw_close(w, '}');
}

enum err query_customer_history(struct store_reader *r, struct str tenant, struct uuid id,
				uint32_t limit, struct str after, struct buf *out)
{
	int64_t before = INT64_MAX;
	uint32_t n = 0;
	if (after.n && (str_to_i64(after, &before) != ERR_OK))
		return ERR_INVALID;
	struct change *c = xcalloc(limit + 1, sizeof *c);
	enum err e = change_list(r, tenant, id, before, limit + 1, c, &n);
	for (uint32_t i = 0; i < n; i++) {
		c[i].doc = buf_grow(256);
		if (e == ERR_OK)
			e = change_at(r, c[i].seq, id, &c[i]);
	}
	struct jsonw w = jsonw_make(out);
	begin_list(&w);
	for (uint32_t i = 0; i < MIN(n, limit); i++)
		put_change(&w, id, &c[i], i + 1 < n ? &c[i + 1] : NULL);
	char next[24];
	struct buf b = buf_make(next, sizeof next - 1);
	buf_i64(&b, n ? c[MIN(n, limit) - 1].version : 0);
	next[b.n] = 0;
	end_list(&w, n > limit ? next : NULL);
	for (uint32_t i = 0; i < n; i++)
		buf_free(&c[i].doc);
	free(c);
	return e == ERR_OK && !n && !after.n ? ERR_NOT_FOUND : e;
}

enum err query_customer_version(struct store_reader *r, struct str tenant, struct uuid id,
				int64_t version, struct buf *out)
{
	struct change c = {0};
	uint32_t n = 0;
	enum err e = change_list(r, tenant, id, version + 1, 1, &c, &n);
	if (e != ERR_OK || !n || c.version != version)
		return e == ERR_OK ? ERR_NOT_FOUND : e;
	c.doc = buf_grow(512);
	e = change_at(r, c.seq, id, &c);
	if (e == ERR_OK)
		buf_put(out, buf_str(&c.doc));
	const bool there = c.doc.n > 0;
	buf_free(&c.doc);
	return e == ERR_OK && !there ? ERR_NOT_FOUND : e;
}

/* The newest change of `from` must be that merge. */
enum err query_merge(struct store_reader *r, struct str tenant, struct uuid id, struct uuid from,
		     struct merge_row *out)
{
	struct change mine = {0}, c[LIST_MAX];
	uint32_t n = 0, k = 0;
	char self[UUID_TEXT + 1];
	uuid_text(id, self);
	enum err e = change_list(r, tenant, from, INT64_MAX, 1, &mine, &n);
	mine.doc = buf_grow(512);
	if (e == ERR_OK && n)
		e = change_at(r, mine.seq, from, &mine);
	const bool merged =
		n && str_is(str_of(mine.op), "merged") && str_is(str_of(mine.other), self);
	buf_free(&mine.doc);
	if (e != ERR_OK || !merged)
		return e == ERR_OK ? ERR_NOT_FOUND : e;
	e = change_list(r, tenant, id, INT64_MAX, COUNT_OF(c), c, &k);
	for (uint32_t i = 0; e == ERR_OK && i < k; i++)
		if (c[i].seq == mine.seq) {
			*out = (struct merge_row){c[i].version, mine.version};
			return ERR_OK;
		}
	return e == ERR_OK ? ERR_NOT_FOUND : e;
}

/* -- timeline -- */

struct hit {
	int64_t at_ms;
	char kind; /* c contact, n note, h change */
	struct uuid key, of;
	int64_t version;
	uint64_t seq;
};

struct timeline {
	struct store_reader *r;
	struct str tenant;
	struct cursor from;
	uint32_t limit;
	struct uuid self[KIN_MAX]; /* he, and who was merged into him */
	uint32_t selves;
	struct hit *hits;
	uint32_t count, room;
};

static int newer(const void *a, const void *b)
{
	const struct hit *x = a, *y = b;
	if (x->at_ms != y->at_ms)
		return x->at_ms < y->at_ms ? 1 : -1;
	const int keys = memcmp(y->key.b, x->key.b, sizeof x->key.b);
	return keys ? keys : (x->version < y->version) - (x->version > y->version);
}

static void add_hit(struct timeline *t, const struct hit *h)
{
	const struct hit edge = {.at_ms = t->from.at_ms, .version = t->from.n};
	struct hit e = edge;
	memcpy(e.key.b, t->from.contact, sizeof e.key.b);
	if (newer(&e, h) >= 0)
		return; /* of a page before */
	if (t->count == t->room) {
		t->room = t->room ? 2 * t->room : 256;
		t->hits = realloc(t->hits, t->room * sizeof *t->hits);
		CHECK(t->hits);
	}
	t->hits[t->count++] = *h;
}

static enum err selves(struct timeline *t, struct uuid id)
{
	enum err e = ERR_OK;
	t->self[t->selves++] = id;
	for (uint32_t i = 0; e == ERR_OK && i < t->selves; i++) {
		struct sql_stmt *q =
			sql_query(t->r->db, "SELECT id FROM customers WHERE tenant = ? "
					    "AND merged_into = ? LIMIT ?");
		sql_text(q, t->tenant);
		sql_blob(q, t->self[i].b, sizeof t->self[i].b);
		sql_i64(q, KIN_MAX);
		while (sql_step(q) && t->selves < KIN_MAX)
			copy_contact(sql_col_text(q, 0), t->self[t->selves++].b);
		e = sql_done(q);
	}
	return e;
}

static enum err take_contacts(struct timeline *t, struct sql_stmt *q)
{
	while (sql_step(q)) {
		struct hit h = {.kind = 'c', .at_ms = sql_col_i64(q, 1)};
		copy_contact(sql_col_text(q, 0), h.key.b);
		add_hit(t, &h);
	}
	return sql_done(q);
}

static enum err linked_contacts(struct timeline *t, struct uuid id)
{
	char text[UUID_TEXT + 1];
	uuid_text(id, text);
	struct sql_stmt *q =
		sql_query(t->r->db, "SELECT id, arrived_at FROM contacts WHERE tenant = "
				    "? AND customer = ? AND arrived_at <= ? ORDER BY "
				    "arrived_at DESC LIMIT ?");
	sql_text(q, t->tenant);
	sql_text(q, str_of(text));
	sql_i64(q, t->from.at_ms);
	sql_i64(q, t->limit + TIES);
	return take_contacts(t, q);
}

/* Of his numbers, when nobody said with whom they were. */
static enum err number_contacts(struct timeline *t, struct str number)
{
	struct sql_stmt *q = sql_query(
		t->r->db,
		"SELECT id, arrived_at FROM contacts WHERE tenant = ? AND CASE direction "
		"WHEN 'inbound' THEN from_ ELSE to_ END = ? AND arrived_at <= ? AND customer "
		"IS NULL ORDER BY arrived_at DESC LIMIT ?");
	sql_text(q, t->tenant);
	sql_text(q, number);
	sql_i64(q, t->from.at_ms);
	sql_i64(q, t->limit + TIES);
	return take_contacts(t, q);
}

static enum err his_notes(struct timeline *t, struct uuid id)
{
	struct sql_stmt *q =
		sql_query(t->r->db, "SELECT id, at_ms FROM customer_notes WHERE tenant = "
				    "? AND customer = ? AND at_ms <= ? ORDER BY id DESC "
				    "LIMIT ?");
	sql_text(q, t->tenant);
	sql_blob(q, id.b, sizeof id.b);
	sql_i64(q, t->from.at_ms);
	sql_i64(q, t->limit + TIES);
	while (sql_step(q)) {
		struct hit h = {.kind = 'n', .at_ms = sql_col_i64(q, 1), .of = id};
		copy_contact(sql_col_text(q, 0), h.key.b);
		add_hit(t, &h);
	}
	return sql_done(q);
}

static enum err his_changes(struct timeline *t, struct uuid id)
{
	struct sql_stmt *q = sql_query(
		t->r->db,
		"SELECT c.version, c.seq, e.at_ms FROM customer_changes c JOIN events e ON "
		"e.seq = c.seq WHERE c.tenant = ? AND c.customer = ? AND e.at_ms <= ? ORDER "
		"BY c.version DESC LIMIT ?");
	sql_text(q, t->tenant);
	sql_blob(q, id.b, sizeof id.b);
	sql_i64(q, t->from.at_ms);
	sql_i64(q, t->limit + TIES);
	while (sql_step(q)) {
		const struct hit h = {.kind = 'h',
				      .at_ms = sql_col_i64(q, 2),
				      .key = id,
				      .of = id,
				      .version = sql_col_i64(q, 0),
				      .seq = (uint64_t)sql_col_i64(q, 1)};
		add_hit(t, &h);
	}
	return sql_done(q);
}

static enum err put_hit(struct timeline *t, struct jsonw *w, const struct hit *h)
{
	struct buf text = buf_grow(1024);
	struct change c = {.version = h->version, .seq = h->seq, .doc = buf_grow(256)};
	const struct change none = {0};
	enum err e = ERR_OK;
	jsonw_open(w, '{');
	jsonw_kstr(w, "kind",
		   str_of(h->kind == 'c'   ? "contact"
			  : h->kind == 'n' ? "note"
					   : "change"));
	jsonw_ktime(w, "at", h->at_ms);
	if (h->kind == 'c') {
		e = query_contact(t->r, t->tenant, h->key, &text);
		jsonw_key(w, "contact");
		jsonw_raw(w, text.n ? buf_str(&text) : STR("null"));
	} else if (h->kind == 'n') {
		struct uuid after = h->key, of = h->of;
		for (int i = 15; i >= 0 && ++after.b[i] == 0; i--) /* the one at it */
			;
		struct sql_stmt *q = ask_notes(t->r, t->tenant, &of, &after, 1);
		jsonw_key(w, "note");
		if (sql_step(q))
			put_note(w, of, q);
		else
			jsonw_null(w);
		e = sql_done(q);
	} else {
		e = change_at(t->r, h->seq, h->of, &c);
		c.doc.n = 0; /* the history has it whole */
		jsonw_key(w, "change");
		put_change(w, h->of, &c, &none);
	}
	jsonw_close(w, '}');
	buf_free(&text);
	buf_free(&c.doc);
	return e;
}

static enum err gather(struct timeline *t, const json_t *doc)
{
	enum err e = ERR_OK;
	size_t i;
	json_t *v;
	for (uint32_t k = 0; e == ERR_OK && k < t->selves; k++) {
		e = linked_contacts(t, t->self[k]);
		if (e == ERR_OK)
			e = his_notes(t, t->self[k]);
		if (e == ERR_OK)
			e = his_changes(t, t->self[k]);
	}
	json_array_foreach(json_object_get(doc, "numbers"), i, v) if (e == ERR_OK) e =
		number_contacts(t, json_member(v, "number"));
	return e;
}

enum err query_timeline(struct store_reader *r, struct str tenant, struct uuid id, uint32_t limit,
			struct str after, struct buf *out)
{
	struct timeline t = {.r = r, .tenant = tenant, .limit = limit};
	struct buf text = buf_grow(1024);
	t.from.at_ms = INT64_MAX;
	memset(t.from.contact, 0xff, sizeof t.from.contact);
	t.from.n = UINT32_MAX;
	if (after.n && cursor_take(after, &t.from) != ERR_OK) {
		buf_free(&text);
		return ERR_INVALID;
	}
	enum err e = query_customer(r, tenant, id, &text);
	json_t *doc = e == ERR_OK ? json_loadb(text.p, text.n, 0, NULL) : NULL;
	if (e == ERR_OK)
		e = selves(&t, id);
	if (e == ERR_OK)
		e = gather(&t, doc);
	if (t.count)
		qsort(t.hits, t.count, sizeof *t.hits, newer);
	struct jsonw w = jsonw_make(out);
	begin_list(&w);
	const uint32_t n = MIN(t.count, limit);
	for (uint32_t i = 0; e == ERR_OK && i < n; i++)
		e = put_hit(&t, &w, &t.hits[i]);
	struct cursor next = {0};
	if (t.count > limit) {
		next.at_ms = t.hits[n - 1].at_ms;
		memcpy(next.contact, t.hits[n - 1].key.b, sizeof next.contact);
		next.n = (uint32_t)t.hits[n - 1].version;
	}
	list_end(&w, t.count > limit ? &next : NULL);
	json_decref(doc);
	free(t.hits);
	buf_free(&text);
	return e;
}

/* -- imports -- */

enum err query_import(struct store_reader *r, struct str tenant, struct uuid id, struct buf *out)
{
	struct sql_stmt *q =
		sql_query(r->db, "SELECT state FROM customer_imports WHERE tenant = ? AND id = ?");
	sql_text(q, tenant);
	sql_blob(q, id.b, sizeof id.b);
	const bool found = sql_step(q);
	if (found)
		buf_put(out, sql_col_text(q, 0));
	const enum err e = sql_done(q);
	return e == ERR_OK && !found ? ERR_NOT_FOUND : e;
}

enum err query_imports(struct store_reader *r, struct str tenant, uint32_t limit, struct str after,
		       struct buf *out)
{
	struct uuid before, last = {{0}};
	uint32_t n = 0;
	memset(before.b, 0xff, sizeof before.b);
	if (after.n && uuid_parse(after, &before) != ERR_OK)
		return ERR_INVALID;
	struct sql_stmt *q = sql_query(
		r->db, "SELECT id, state FROM customer_imports WHERE tenant = ? AND id < ? "
		       "ORDER BY id DESC LIMIT ?");
	sql_text(q, tenant);
	sql_blob(q, before.b, sizeof before.b);
	sql_i64(q, limit + 1);
	struct jsonw w = jsonw_make(out);
	begin_list(&w);
	while (sql_step(q) && n++ < limit) {
		copy_contact(sql_col_text(q, 0), last.b);
		jsonw_raw(&w, sql_col_text(q, 1));
	}
	char next[UUID_TEXT + 1];
	uuid_text(last, next);
	end_list(&w, n > limit ? next : NULL);
	return sql_done(q);
}

enum err query_imports_running(struct store_reader *r,
			       void (*row)(void *arg, struct str tenant, struct str state),
			       void *arg)
{
	struct sql_stmt *q = sql_query(r->db, "SELECT tenant, state FROM customer_imports");
	while (sql_step(q))
		if (str_find_str(sql_col_text(q, 1), STR("\"state\":\"running\"")) >= 0)
			row(arg, sql_col_text(q, 0), sql_col_text(q, 1));
	return sql_done(q);
}

/* -- audit -- */

struct auditing {
	const struct audit_filter *f;
	struct buf recordings; /* of the contact, by commas */
	struct str by, customer;
	char contact[UUID_TEXT + 1];
};

#define BY(event)                                                                                  \
	case EV_##event:                                                                           \
		a->by = f->event.by;                                                               \
		a->customer = f->event.customer;                                                   \
		break;
static void who_and_whom(const struct fact *f, struct auditing *a)
{
	a->by = a->customer = STR_NONE;
	a->contact[0] = 0;
	switch ((int)f->kind) {
		BY(customer_changed)
		BY(customer_merged)
		BY(customer_unmerged)
		BY(customer_noted)
		BY(viewed)
		BY(customer_linked)
	case EV_customers_imported:
		a->by = f->customers_imported.by;
		break;
	case EV_object_changed:
		a->by = f->object_changed.by;
		break;
	case EV_token_made:
		a->by = f->token_made.by;
		break;
	case EV_token_ended:
		a->by = f->token_ended.by;
		break;
	case EV_recording_deleted:
		a->by = f->recording_deleted.by;
		break;
	case EV_recording_hold:
		a->by = f->recording_hold.by;
		break;
	case EV_backup_made:
		a->by = f->backup_made.by;
		break;
	case EV_login:
		a->by = f->login.user;
		break;
	case EV_logout:
		a->by = f->logout.user;
		break;
	default:
		break;
	}
	if (!uuid_none(f->contact))
		uuid_text(f->contact, a->contact);
}

static enum err take_recordings(struct store_reader *r, struct str tenant, struct auditing *a)
{
	struct sql_stmt *q =
		sql_query(r->db, "SELECT id FROM recordings WHERE tenant = ? AND contact = ?");
	sql_text(q, tenant);
	sql_blob(q, a->f->contact.b, sizeof a->f->contact.b);
	while (sql_step(q))
		buf_fmt(&a->recordings, STR_FMT ",", STR_ARG(sql_col_text(q, 0)));
	return sql_done(q);
}

static bool of_sound(const struct auditing *a, const struct fact *f)
{
	const struct str heard = f->kind == EV_viewed && str_is(f->viewed.what, "recording")
					 ? f->viewed.query
					 : STR_NONE;
	if (a->f->recording.n && !str_eq(a->f->recording, heard))
		return false;
	return uuid_none(a->f->contact) || uuid_eq(a->f->contact, f->contact) ||
	       (heard.n && str_among(buf_str(&a->recordings), heard));
}

static bool wanted(const struct auditing *a, const struct fact *f)
{
	return of_sound(a, f) && (!a->f->user.n || str_eq(a->f->user, a->by)) &&
	       (!a->f->customer.n || str_eq(a->f->customer, a->customer)) &&
	       (!a->f->what.n || str_eq(a->f->what, event_name(f->kind)));
}

static void put_entry(struct jsonw *w, const struct auditing *a, const struct fact *f)
{
	jsonw_open(w, '{');
	jsonw_ki64(w, "seq", (int64_t)f->seq);
	jsonw_ktime(w, "at", f->at_ms);
	jsonw_kstr(w, "what", event_name(f->kind));
	jsonw_kstr(w, "by", a->by);
	if (a->customer.n)
		jsonw_kstr(w, "customer", a->customer);
	if (a->contact[0])
		jsonw_kstr(w, "contact", str_of(a->contact));
	jsonw_key(w, "detail");
	jsonw_raw(w, STR_NONE); /* the comma */
	fact_json_open(w->out, f);
	if (f->kind == EV_viewed && f->viewed.query.n) {
		struct jsonw v = jsonw_make(w->out);
		buf_c(w->out, ",\"query\":");
		jsonw_str(&v, f->viewed.query);
	}
	buf_ch(w->out, '}');
	jsonw_close(w, '}');
}

#define AUDIT_FROM                                                                                 \
	"FROM events WHERE tenant = ? AND seq < ? AND kind IN ('viewed', 'customer_changed', "     \
	"'customer_merged', 'customer_unmerged', 'customer_noted', 'customer_linked', "            \
	"'customers_imported', 'object_changed', 'login', 'logout', 'alarm', 'token_made', "       \
	"'token_ended', 'backup_made', 'recording_deleted', 'recording_hold') AND at_ms >= ? AND " \
	"at_ms < ? ORDER BY seq DESC LIMIT ?"

enum err query_audit(struct store_reader *r, struct str tenant, const struct audit_filter *f,
		     struct buf *out)
{
	struct auditing a = {.f = f, .recordings = buf_grow(64)};
	uint64_t before = INT64_MAX;
	uint32_t n = 0, looked = 0;
	enum err e = ERR_OK;
	if (f->after.n && str_to_u64(f->after, INT64_MAX, &before) != ERR_OK)
		e = ERR_INVALID;
	if (e == ERR_OK && !uuid_none(f->contact))
		e = take_recordings(r, tenant, &a);
	if (e != ERR_OK) {
		buf_free(&a.recordings);
		return e;
	}
	const bool filtered =
		f->user.n || f->customer.n || f->what.n || f->recording.n || !uuid_none(f->contact);
	struct sql_stmt *q = sql_query(r->db, "SELECT seq, data " AUDIT_FROM);
	sql_text(q, tenant);
	sql_u64(q, before);
	sql_i64(q, f->from_ms);
	sql_i64(q, f->to_ms ? f->to_ms : INT64_MAX);
	const uint32_t most = filtered ? LOOK_MAX : f->limit;
	sql_i64(q, most);
	struct jsonw w = jsonw_make(out);
	begin_list(&w);
	while (n < f->limit && sql_step(q)) {
		struct fact fact;
		looked++;
		before = (uint64_t)sql_col_i64(q, 0);
		if (fact_decode(sql_col_text(q, 1), &fact) != ERR_OK)
			continue;
		who_and_whom(&fact, &a);
		if (!wanted(&a, &fact))
			continue;
		put_entry(&w, &a, &fact);
		n++;
	}
	char next[24];
	struct buf b = buf_make(next, sizeof next - 1);
	buf_u64(&b, before);
	next[b.n] = 0;
	end_list(&w, n == f->limit || looked == most ? next : NULL);
	buf_free(&a.recordings);
	return sql_done(q);
}
