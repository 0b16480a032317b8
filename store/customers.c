/* customers.c - see customers.h. */
#include "store/customers.h"

#include <stdlib.h>

#include <jansson.h>

#include "base/list.h"
#include "crm/customer.h"
#include "crm/words.h"

struct arrived {
	struct list link;
	char tenant[64], number[80];
	struct uuid contact;
};

struct customers {
	int64_t last_n; /* the highest given out; 0: not asked yet */
	bool any;	/* there are customers, as far as is known */
	struct buf words;
	struct list arrived; /* in this group */
};

struct customers *customers_create(void)
{
	struct customers *c = xcalloc(1, sizeof *c);
	c->words = buf_grow(512);
	list_init(&c->arrived);
	return c;
}

static void drop_arrived(struct customers *c)
{
	list_for_each (l, &c->arrived) {
		list_remove(l);
		free(CONTAINER_OF(l, struct arrived, link));
	}
}

void customers_forget(struct customers *c)
{
	c->last_n = 0;
	c->any = false;
	drop_arrived(c);
}

void customers_destroy(struct customers *c)
{
	drop_arrived(c);
	buf_free(&c->words);
	free(c);
}

/* -- rows -- */

struct row {
	struct sql *db;
	struct str tenant;
	struct uuid id, links[3];
	int64_t n; /* 0: he is not there */
	enum err err;
};

static enum err know_last_n(struct customers *c, struct sql *db)
{
	if (c->last_n)
		return ERR_OK;
	struct sql_stmt *q = sql_query(db, "SELECT max(n) FROM customers");
	if (sql_step(q))
		c->last_n = sql_col_i64(q, 0);
	c->any = c->last_n > 0;
	return sql_done(q);
}

/* which: of row.links, which live until the statement is done */
static void bind_link(struct row *r, struct sql_stmt *q, const json_t *doc, size_t which)
{
	static const char *const names[] = {"merged_into", "company", "household"};
	struct uuid *id = &r->links[which];
	if (uuid_parse(json_member(doc, names[which]), id) == ERR_OK)
		sql_blob(q, id->b, sizeof id->b);
	else
		sql_null(q);
}

/* text: with tenant, kind, key and n, in this order */
static void key_do(struct row *r, const char *text, char kind, struct str key)
{
	if (r->err != ERR_OK)
		return;
	struct sql_stmt *q = sql_query(r->db, text);
	sql_text(q, r->tenant);
	sql_text(q, str_make(&kind, 1));
	sql_text(q, key);
	sql_i64(q, r->n);
	r->err = sql_do(q);
}

static void drop_key(void *arg, char kind, struct str key)
{
	key_do(arg, "DELETE FROM customer_keys WHERE tenant = ? AND kind = ? AND key = ? AND n = ?",
	       kind, key);
}

static void put_key(void *arg, char kind, struct str key)
{
	key_do(arg,
	       "INSERT INTO customer_keys(tenant, kind, key, n) VALUES(?, ?, ?, ?) "
	       "ON CONFLICT DO NOTHING",
	       kind, key);
}

/* What was found by his words before is not any more. SQLite's index wants to be told the words. */
static enum err words_gone(struct row *r)
{
	if (sql_is_server(r->db))
		return ERR_OK;
	struct sql_stmt *q =
		sql_query(r->db, "INSERT INTO customer_words(customer_words, rowid, words) SELECT "
				 "'delete', n, words FROM customers WHERE n = ?");
	sql_i64(q, r->n);
	return sql_do(q);
}

static enum err words_there(struct row *r, struct str words)
{
	if (sql_is_server(r->db))
		return ERR_OK;
	struct sql_stmt *q =
		sql_query(r->db, "INSERT INTO customer_words(rowid, words) VALUES(?, ?)");
	sql_i64(q, r->n);
	sql_text(q, words);
	return sql_do(q);
}

/* Takes away what is there of him but the row itself. */
static enum err old_gone(struct row *r)
{
	struct sql_stmt *q =
		sql_query(r->db, "SELECT n, doc FROM customers WHERE tenant = ? AND id = ?");
	sql_text(q, r->tenant);
	sql_blob(q, r->id.b, sizeof r->id.b);
	json_t *old = NULL;
	if (sql_step(q)) {
		r->n = sql_col_i64(q, 0);
		old = json_loadb(sql_col_text(q, 1).p, sql_col_text(q, 1).n, 0, NULL);
	}
	r->err = sql_done(q);
	if (r->n && r->err == ERR_OK)
		r->err = words_gone(r);
	customer_keys(old, drop_key, r);
	json_decref(old);
	return r->err;
}

static enum err insert(struct row *r, const json_t *doc, struct str text, struct str words)
{
	struct sql_stmt *q = sql_query(
		r->db, "INSERT INTO customers(n, tenant, id, version, merged_into, "
		       "company, household, words, doc) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)");
	sql_i64(q, r->n);
	sql_text(q, r->tenant);
	sql_blob(q, r->id.b, sizeof r->id.b);
	sql_i64(q, json_integer_value(json_object_get(doc, "version")));
	bind_link(r, q, doc, 0);
	bind_link(r, q, doc, 1);
	bind_link(r, q, doc, 2);
	sql_text(q, words);
	sql_text(q, text);
	return sql_do(q);
}

static enum err update(struct row *r, const json_t *doc, struct str text, struct str words)
{
	struct sql_stmt *q = sql_query(
		r->db,
		"UPDATE customers SET version = ?, merged_into = ?, company = ?, household = "
		"?, words = ?, doc = ? WHERE n = ?");
	sql_i64(q, json_integer_value(json_object_get(doc, "version")));
	bind_link(r, q, doc, 0);
	bind_link(r, q, doc, 1);
	bind_link(r, q, doc, 2);
	sql_text(q, words);
	sql_text(q, text);
	sql_i64(q, r->n);
	return sql_do(q);
}

static enum err put_change(struct row *r, uint64_t seq, int64_t version)
{
	struct sql_stmt *q =
		sql_query(r->db, "INSERT INTO customer_changes(tenant, customer, version, seq) "
				 "VALUES(?, ?, ?, ?) ON CONFLICT DO NOTHING");
	sql_text(q, r->tenant);
	sql_blob(q, r->id.b, sizeof r->id.b);
	sql_i64(q, version);
	sql_u64(q, seq);
	return sql_do(q);
}

/* Who is merged into another is not found by words or keys any more: the other one has them. */
static enum err put_doc(struct customers *c, struct sql *db, const struct fact *f, struct str text)
{
	json_t *doc = json_loadb(text.p, text.n, 0, NULL);
	struct row r = {.db = db, .tenant = f->tenant};
	if (!doc || uuid_parse(json_member(doc, "id"), &r.id) != ERR_OK) {
		json_decref(doc);
		return ERR_OK; /* nothing of ours */
	}
	const int64_t version = json_integer_value(json_object_get(doc, "version"));
	const bool merged = json_object_get(doc, "merged_into") != NULL;
	enum err e = know_last_n(c, db);
	if (e == ERR_OK && version > 1)
		e = old_gone(&r);
	const bool is_new = !r.n;
	if (is_new)
		r.n = ++c->last_n;
	c->any = true;
	c->words.n = 0;
	if (!merged)
		words_of(doc, f->tenant, &c->words);
	if (e == ERR_OK)
		e = is_new ? insert(&r, doc, text, buf_str(&c->words))
			   : update(&r, doc, text, buf_str(&c->words));
	if (e == ERR_OK)
		e = words_there(&r, buf_str(&c->words));
	r.err = e;
	if (!merged)
		customer_keys(doc, put_key, &r);
	e = r.err;
	if (e == ERR_OK)
		e = put_change(&r, f->seq, version);
	json_decref(doc);
	return e;
}

static enum err put_docs(struct customers *c, struct sql *db, const struct fact *f, struct str docs)
{
	enum err e = ERR_OK;
	for (struct str line; e == ERR_OK && str_line(&docs, &line);)
		if (line.n)
			e = put_doc(c, db, f, line);
	return e;
}

/* His document as it was is the fact's: for the history. */
static enum err delete (struct sql *db, const struct fact *f) {
	struct row r = {.db = db, .tenant = f->tenant};
	json_t *doc = json_loadb(f->customer_changed.docs.p, f->customer_changed.docs.n, 0, NULL);
	const int64_t version = json_integer_value(json_object_get(doc, "version")) + 1;
	json_decref(doc);
	if (uuid_parse(f->customer_changed.customer, &r.id) != ERR_OK) return ERR_OK;
	enum err e = old_gone(&r);
	if (e != ERR_OK || !r.n) return e;
	struct sql_stmt *q = sql_query(db, "DELETE FROM customers WHERE n = ?");
	sql_i64(q, r.n);
	e = sql_do(q);
	return e == ERR_OK ? put_change(&r, f->seq, version) : e;
}

static enum err put_import(struct sql *db, const struct fact *f, struct str import,
			   struct str state)
{
	struct uuid id;
	if (uuid_parse(import, &id) != ERR_OK)
		return ERR_OK;
	struct sql_stmt *q =
		state.n ? sql_query(db,
				    "INSERT INTO customer_imports(state, tenant, id) VALUES(?, ?, "
				    "?) ON CONFLICT(tenant, id) DO UPDATE SET state = "
				    "excluded.state")
			: sql_query(db, "DELETE FROM customer_imports WHERE tenant = ? AND id = ?");
	if (state.n)
		sql_text(q, state);
	sql_text(q, f->tenant);
	sql_blob(q, id.b, sizeof id.b);
	return sql_do(q);
}

static enum err put_changed(struct customers *c, struct sql *db, const struct fact *f)
{
	const struct fact_customer_changed *v = &f->customer_changed;
	if (str_is(v->op, "deleted"))
		return delete (db, f);
	enum err e = put_docs(c, db, f, v->docs);
	if (e == ERR_OK && v->import.n)
		e = put_import(db, f, v->import, v->state);
	return e;
}

static enum err put_note(struct sql *db, const struct fact *f)
{
	const struct fact_customer_noted *v = &f->customer_noted;
	struct uuid customer, id;
	if (uuid_parse(v->customer, &customer) != ERR_OK || uuid_parse(v->note, &id) != ERR_OK)
		return ERR_OK;
	struct sql_stmt *q =
		sql_query(db, "INSERT INTO customer_notes(tenant, customer, id, at_ms, by_, note) "
			      "VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
	sql_text(q, f->tenant);
	sql_blob(q, customer.b, sizeof customer.b);
	sql_blob(q, id.b, sizeof id.b);
	sql_i64(q, f->at_ms);
	sql_text(q, v->by);
	sql_text(q, v->text);
	return sql_do(q);
}

/* -- who arrives -- */

static void remember_arrival(struct customers *c, const struct fact *f)
{
	const struct fact_arrive *a = &f->arrive;
	const struct str peer = a->direction == DIRECTION_inbound ? a->from : a->to;
	if (a->direction == DIRECTION_internal || a->private || a->customer.n || peer.n < 4)
		return;
	struct arrived *k = xcalloc(1, sizeof *k);
	list_init(&k->link);
	k->contact = f->contact;
	if (str_copy(f->tenant, k->tenant, sizeof k->tenant) &&
	    str_copy(peer, k->number, sizeof k->number))
		list_push(&c->arrived, &k->link);
	else
		free(k);
}

static enum err look(struct sql *db, const struct arrived *k, struct customers_link *out, bool *one)
{
	uint32_t found = 0;
	struct sql_stmt *q = sql_query(
		db, "SELECT c.id FROM customer_keys k JOIN customers c ON c.n = k.n WHERE "
		    "k.tenant = ? AND k.kind = 'n' AND k.key = ? LIMIT 2");
	sql_text(q, str_of(k->tenant));
	sql_text(q, str_of(k->number));
	for (; sql_step(q); found++) {
		struct uuid id = {{0}};
		if (sql_col_text(q, 0).n == sizeof id.b)
			memcpy(id.b, sql_col_text(q, 0).p, sizeof id.b);
		uuid_text(id, out->customer);
	}
	*one = found == 1;
	out->contact = k->contact;
	memcpy(out->tenant, k->tenant, sizeof out->tenant);
	return sql_done(q);
}

enum err customers_arrived(struct customers *c, struct sql *db,
			   void (*found)(void *arg, const struct customers_link *l), void *arg)
{
	enum err e = list_empty(&c->arrived) || !found ? ERR_OK : know_last_n(c, db);
	list_for_each (l, &c->arrived) {
		struct customers_link link = {0};
		bool one = false;
		if (e == ERR_OK && c->any && found)
			e = look(db, CONTAINER_OF(l, struct arrived, link), &link, &one);
		if (e == ERR_OK && one)
			found(arg, &link);
	}
	drop_arrived(c);
	return e;
}

enum err customers_fact(struct customers *c, struct sql *db, const struct fact *f)
{
	switch ((int)f->kind) {
	case EV_arrive:
		remember_arrival(c, f);
		return ERR_OK;
	case EV_customer_changed:
		return put_changed(c, db, f);
	case EV_customer_merged:
		return put_docs(c, db, f, f->customer_merged.docs);
	case EV_customer_unmerged:
		return put_docs(c, db, f, f->customer_unmerged.docs);
	case EV_customer_noted:
		return put_note(db, f);
	case EV_customers_imported:
		return put_import(db, f, f->customers_imported.import, f->customers_imported.state);
	default:
		return ERR_OK;
	}
}
