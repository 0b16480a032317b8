/* query_customers.c - lists, searches and matches; see query_customers.h. */
#include "store/query_customers.h"

#include <stdlib.h>

#include <jansson.h>

#include "base/jsonw.h"
#include "crm/customer.h"
#include "crm/words.h"
#include "store/store_inside.h"

#define CANDIDATES 200u /* looked at in each of a search's passes */
#define LOOK_MAX 5000u	/* rows of a list that a filter may pass over before a page ends */
#define KIN_MAX 20u	/* people of a household or company that a match lists */

enum err query_customer(struct store_reader *r, struct str tenant, struct uuid id, struct buf *out)
{
	struct sql_stmt *q =
		sql_query(r->db, "SELECT doc FROM customers WHERE tenant = ? AND id = ?");
	sql_text(q, tenant);
	sql_blob(q, id.b, sizeof id.b);
	const bool found = sql_step(q);
	if (found)
		buf_put(out, sql_col_text(q, 0));
	const enum err e = sql_done(q);
	return e == ERR_OK && !found ? ERR_NOT_FOUND : e;
}

enum err query_key(struct store_reader *r, struct str tenant, char kind, struct str key,
		   struct uuid *ids, uint32_t room, uint32_t *count)
{
	struct sql_stmt *q =
		sql_query(r->db, "SELECT c.id FROM customer_keys k JOIN customers c ON c.n = k.n "
				 "WHERE k.tenant = ? AND k.kind = ? AND k.key = ? LIMIT ?");
	sql_text(q, tenant);
	sql_text(q, str_make(&kind, 1));
	sql_text(q, key);
	sql_i64(q, room);
	for (*count = 0; *count < room && sql_step(q);)
		copy_contact(sql_col_text(q, 0), ids[(*count)++].b);
	return sql_done(q);
}

/* -- lists -- */

static void end_list(struct jsonw *w, bool more, struct str next)
{
	jsonw_close(w, ']');
	jsonw_key(w, "next");
	if (more)
		jsonw_str(w, next);
	else
		jsonw_null(w);
	jsonw_close(w, '}');
}

static bool of_kind(struct str doc, struct str kind)
{
	if (!kind.n)
		return true;
	json_t *d = json_loadb(doc.p, doc.n, 0, NULL);
	const bool is = str_eq(json_member(d, "kind"), kind);
	json_decref(d);
	return is;
}

static enum err list_all(struct store_reader *r, struct str tenant, const struct customer_filter *f,
			 struct buf *out, uint32_t *count)
{
	struct uuid last;
	memset(last.b, 0xff, sizeof last.b);
	if (f->after.n && uuid_parse(f->after, &last) != ERR_OK)
		return ERR_INVALID;
	const struct uuid begin = last;
	const bool of_company = !uuid_none(f->company);
	struct sql_stmt *q = sql_query(
		r->db,
		of_company ? "SELECT id, doc FROM customers WHERE tenant = ?1 AND company = ?4 AND "
			     "id < ?2 AND merged_into IS NULL ORDER BY id DESC LIMIT ?3"
			   : "SELECT id, doc FROM customers WHERE tenant = ?1 AND id < ?2 AND "
			     "merged_into IS NULL ORDER BY id DESC LIMIT ?3");
	sql_text(q, tenant);
	sql_blob(q, begin.b, sizeof begin.b);
	sql_i64(q, f->kind.n ? LOOK_MAX : f->limit + 1);
	if (of_company)
		sql_blob(q, f->company.b, sizeof f->company.b);
	struct jsonw w = jsonw_make(out);
	uint32_t looked = 0;
	bool more = false;
	jsonw_open(&w, '{');
	jsonw_key(&w, "items");
	jsonw_open(&w, '[');
	for (*count = 0; !more && sql_step(q); looked++) {
		more = *count == f->limit;
		if (more)
			break;
		copy_contact(sql_col_text(q, 0), last.b);
		if (!of_kind(sql_col_text(q, 1), f->kind))
			continue;
		jsonw_raw(&w, sql_col_text(q, 1));
		(*count)++;
	}
	more |= f->kind.n && looked == LOOK_MAX;
	char next[UUID_TEXT + 1];
	uuid_text(last, next);
	end_list(&w, more, str_of(next));
	return sql_done(q);
}

static enum err list_number(struct store_reader *r, struct str tenant,
			    const struct customer_filter *f, struct buf *out, uint32_t *count)
{
	struct uuid ids[500];
	uint32_t n;
	enum err e = query_key(r, tenant, 'n', f->number, ids, MIN(f->limit, COUNT_OF(ids)), &n);
	struct jsonw w = jsonw_make(out);
	jsonw_open(&w, '{');
	jsonw_key(&w, "items");
	jsonw_open(&w, '[');
	*count = 0;
	for (uint32_t i = 0; e == ERR_OK && i < n; i++) {
		struct buf doc = buf_grow(1024);
		e = query_customer(r, tenant, ids[i], &doc);
		if (e == ERR_OK && of_kind(buf_str(&doc), f->kind)) {
			jsonw_raw(&w, buf_str(&doc));
			(*count)++;
		}
		buf_free(&doc);
		e = e == ERR_NOT_FOUND ? ERR_OK : e;
	}
	end_list(&w, false, STR_NONE);
	return e;
}

/* -- searching -- */

struct candidate {
	int64_t n;
	char *doc, *name;
	struct words_score score;
};

struct searching {
	struct store_reader *r;
	struct str tenant;
	const struct customer_filter *f;
	struct candidate found[4 * CANDIDATES];
	uint32_t count;
};

static bool is_known(const struct searching *s, int64_t n)
{
	for (uint32_t i = 0; i < s->count; i++)
		if (s->found[i].n == n)
			return true;
	return false;
}

static void take_candidate(struct searching *s, int64_t n, struct str text)
{
	if (s->count == COUNT_OF(s->found) || is_known(s, n))
		return;
	json_t *doc = json_loadb(text.p, text.n, 0, NULL);
	if (s->f->kind.n && !str_eq(json_member(doc, "kind"), s->f->kind)) {
		json_decref(doc);
		return;
	}
	s->found[s->count++] =
		(struct candidate){.n = n,
				   .doc = str_dup(text),
				   .name = str_dup(json_member(doc, "name")),
				   .score = words_score(doc, s->f->question, s->f->country)};
	json_decref(doc);
}

static enum err by_key(struct searching *s, char kind)
{
	struct buf key = buf_grow(64);
	customer_key(kind, s->f->question, &key);
	struct sql_stmt *q = sql_query(
		s->r->db, "SELECT c.doc, c.n FROM customer_keys k JOIN customers c ON c.n "
			  "= k.n WHERE k.tenant = ? AND k.kind = ? AND k.key = ? LIMIT ?");
	sql_text(q, s->tenant);
	sql_text(q, str_make(&kind, 1));
	sql_text(q, buf_str(&key));
	sql_i64(q, CANDIDATES);
	while (sql_step(q))
		take_candidate(s, sql_col_i64(q, 1), sql_col_text(q, 0));
	const enum err e = sql_done(q);
	buf_free(&key);
	return e;
}

/* The index of words: as they stand, or by their beginnings. CROSS JOIN: the words first; SQLite
 * would rather ask them once for each customer of the tenant. */
static enum err by_words(struct searching *s, bool whole, uint32_t *rows)
{
	const bool server = sql_is_server(s->r->db);
	struct buf text = buf_grow(256);
	words_query(s->f->question, s->tenant, server ? WORDS_TSQUERY : WORDS_FTS5, whole, &text);
	*rows = 0;
	if (!text.n) {
		buf_free(&text);
		return ERR_OK;
	}
	struct sql_stmt *q = sql_query(
		s->r->db,
		server ? "SELECT doc, n FROM customers WHERE array_to_tsvector(string_to_array("
			 "words, ' ')) @@ CAST(? AS tsquery) AND tenant = ? LIMIT ?"
		       : "SELECT c.doc, c.n FROM customer_words CROSS JOIN customers c ON c.n = "
			 "customer_words.rowid WHERE customer_words MATCH ? AND c.tenant = ? LIMIT "
			 "?");
	sql_text(q, buf_str(&text));
	sql_text(q, s->tenant);
	sql_i64(q, CANDIDATES);
	for (; sql_step(q); (*rows)++)
		take_candidate(s, sql_col_i64(q, 1), sql_col_text(q, 0));
	const enum err e = sql_done(q);
	buf_free(&text);
	return e;
}

static int better(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	if (x->score.points != y->score.points)
		return y->score.points - x->score.points;
	const int names = strcmp(x->name, y->name);
	return names ? names : (x->n > y->n) - (x->n < y->n);
}

static void put_found(struct jsonw *w, const struct candidate *c)
{
	static const char *const words[] = {"words", "name", "number"};
	const size_t n = strlen(c->doc);
	jsonw_raw(w, str_make(c->doc, n - 1)); /* without its brace */
	buf_fmt(w->out, ",\"found\":\"%s\"}", words[c->score.by]);
}

static enum err find(struct searching *s)
{
	uint32_t rows = 0;
	enum err e = by_key(s, 'e');
	/* a whole address is nobody else's; its words (com) would be looked up in vain */
	const bool answered = s->count > 0;
	if (e == ERR_OK && !answered)
		e = by_key(s, 'p');
	if (e == ERR_OK && !answered)
		e = by_key(s, 'x');
	if (e == ERR_OK && !answered)
		e = by_words(s, true, &rows);
	if (e == ERR_OK && !answered && rows < CANDIDATES)
		e = by_words(s, false, &rows);
	qsort(s->found, s->count, sizeof s->found[0], better);
	return e;
}

static enum err search(struct store_reader *r, struct str tenant, const struct customer_filter *f,
		       struct buf *out, uint32_t *count)
{
	uint32_t from = 0;
	if (f->after.n && str_to_u32(f->after, SEARCH_BEST, &from) != ERR_OK)
		return ERR_INVALID;
	struct searching *s = xcalloc(1, sizeof *s);
	s->r = r;
	s->tenant = tenant;
	s->f = f;
	const enum err e = find(s);
	const uint32_t all = MIN(s->count, SEARCH_BEST), to = MIN(all, from + f->limit);
	struct jsonw w = jsonw_make(out);
	jsonw_open(&w, '{');
	jsonw_key(&w, "items");
	jsonw_open(&w, '[');
	for (uint32_t i = from; i < to; i++)
		put_found(&w, &s->found[i]);
	*count = to > from ? to - from : 0;
	char next[16];
	struct buf b = buf_make(next, sizeof next);
	buf_u64(&b, to);
	end_list(&w, to < all, buf_str(&b));
	for (uint32_t i = 0; i < s->count; i++) {
		free(s->found[i].doc);
		free(s->found[i].name);
	}
	free(s);
	return e;
}

enum err query_customers(struct store_reader *r, struct str tenant, const struct customer_filter *f,
			 struct buf *out, uint32_t *count)
{
	if (f->question.n)
		return search(r, tenant, f, out, count);
	return f->number.n ? list_number(r, tenant, f, out, count)
			   : list_all(r, tenant, f, out, count);
}

/* -- who may be calling -- */

struct matching {
	struct store_reader *r;
	struct str tenant, number;
	struct jsonw w;
	struct uuid listed[3 * KIN_MAX];
	uint32_t count;
};

/* True: he is listed now, and was not before. */
static bool list_once(struct matching *m, struct uuid id)
{
	for (uint32_t i = 0; i < m->count; i++)
		if (uuid_eq(m->listed[i], id))
			return false;
	if (m->count == COUNT_OF(m->listed))
		return false;
	m->listed[m->count++] = id;
	return true;
}

static struct str label_of(const json_t *doc, struct str number)
{
	size_t i;
	json_t *v;
	json_array_foreach(
		json_object_get(doc, "numbers"), i,
		v) if (str_eq(json_member(v, "number"), number)) return json_member(v, "label");
	return STR_NONE;
}

static void put_match(struct matching *m, struct str text, const json_t *doc, const char *rank,
		      const json_t *through)
{
	struct jsonw *w = &m->w;
	jsonw_open(w, '{');
	jsonw_kstr(w, "rank", str_of(rank));
	if (through) {
		jsonw_kstr(w, "through", json_member(through, "id"));
		jsonw_kstr(w, "through_name", json_member(through, "name"));
	} else {
		const struct str label = label_of(doc, m->number);
		jsonw_kstr(w, "number", m->number);
		if (label.n)
			jsonw_kstr(w, "label", label);
	}
	jsonw_key(w, "customer");
	jsonw_raw(w, text);
	jsonw_close(w, '}');
}

/* One customer by his id, if he was not listed yet. */
static enum err match_one(struct matching *m, struct uuid id, const char *rank,
			  const json_t *through)
{
	struct buf text = buf_grow(1024);
	enum err e = query_customer(m->r, m->tenant, id, &text);
	json_t *doc = e == ERR_OK ? json_loadb(text.p, text.n, 0, NULL) : NULL;
	if (doc && !json_object_get(doc, "merged_into") && list_once(m, id))
		put_match(m, buf_str(&text), doc, rank, through);
	json_decref(doc);
	buf_free(&text);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* All who name `id` as their company or household. */
static enum err match_kin(struct matching *m, const char *text, struct uuid id, const char *rank,
			  const json_t *through)
{
	struct uuid kin[KIN_MAX];
	uint32_t n = 0;
	struct sql_stmt *q = sql_query(m->r->db, text);
	sql_text(q, m->tenant);
	sql_blob(q, id.b, sizeof id.b);
	sql_i64(q, KIN_MAX);
	while (n < KIN_MAX && sql_step(q))
		copy_contact(sql_col_text(q, 0), kin[n++].b);
	enum err e = sql_done(q);
	for (uint32_t i = 0; e == ERR_OK && i < n; i++)
		e = match_one(m, kin[i], rank, through);
	return e;
}

static enum err match_household(struct matching *m, struct uuid id, const json_t *doc)
{
	static const char text[] =
		"SELECT id FROM customers WHERE tenant = ? AND household = ? AND "
		"merged_into IS NULL ORDER BY id LIMIT ?";
	struct uuid head = id;
	enum err e = ERR_OK;
	if (uuid_parse(json_member(doc, "household"), &head) == ERR_OK)
		e = match_one(m, head, "household", doc);
	return e == ERR_OK ? match_kin(m, text, head, "household", doc) : e;
}

static enum err match_company(struct matching *m, struct uuid id, const json_t *doc)
{
	static const char text[] = "SELECT id FROM customers WHERE tenant = ? AND company = ? AND "
				   "merged_into IS NULL ORDER BY id LIMIT ?";
	struct uuid company;
	if (str_is(json_member(doc, "kind"), "company"))
		return match_kin(m, text, id, "company", doc);
	if (uuid_parse(json_member(doc, "company"), &company) == ERR_OK)
		return match_one(m, company, "company", doc);
	return ERR_OK;
}

/* All of one rank before the next, so that the list is best first. */
static enum err match_around(struct matching *m, const struct uuid *ids, json_t *const *docs,
			     uint32_t n)
{
	enum err e = ERR_OK;
	for (uint32_t i = 0; e == ERR_OK && i < n; i++)
		e = match_household(m, ids[i], docs[i]);
	for (uint32_t i = 0; e == ERR_OK && i < n; i++)
		e = match_company(m, ids[i], docs[i]);
	return e;
}

enum err query_match(struct store_reader *r, struct str tenant, struct str number, struct buf *out,
		     uint32_t *count)
{
	struct matching m = {.r = r, .tenant = tenant, .number = number, .w = jsonw_make(out)};
	struct uuid ids[KIN_MAX];
	json_t *docs[KIN_MAX] = {NULL};
	uint32_t n = 0;
	enum err e = query_key(r, tenant, 'n', number, ids, KIN_MAX, &n);
	jsonw_open(&m.w, '{');
	jsonw_kstr(&m.w, "number", number);
	jsonw_key(&m.w, "items");
	jsonw_open(&m.w, '[');
	for (uint32_t i = 0; e == ERR_OK && i < n; i++) {
		struct buf text = buf_grow(1024);
		e = query_customer(r, tenant, ids[i], &text);
		docs[i] = e == ERR_OK ? json_loadb(text.p, text.n, 0, NULL) : NULL;
		if (docs[i] && list_once(&m, ids[i]))
			put_match(&m, buf_str(&text), docs[i], "exact", NULL);
		buf_free(&text);
		e = e == ERR_NOT_FOUND ? ERR_OK : e;
	}
	if (e == ERR_OK)
		e = match_around(&m, ids, docs, n);
	for (uint32_t i = 0; i < n; i++)
		json_decref(docs[i]);
	end_list(&m.w, false, STR_NONE);
	*count = m.count;
	return e;
}

/* -- who may be one -- */

static void put_twins(struct store_reader *r, struct str tenant, struct jsonw *w, char kind,
		      struct str key, uint32_t *count, enum err *e)
{
	struct uuid ids[KIN_MAX];
	uint32_t n = 0;
	*e = query_key(r, tenant, kind, key, ids, KIN_MAX, &n);
	jsonw_open(w, '{');
	jsonw_kstr(w, "why", str_of(kind == 'n' ? "number" : kind == 'e' ? "email" : "name"));
	jsonw_kstr(w, "value", key);
	jsonw_key(w, "customers");
	jsonw_open(w, '[');
	for (uint32_t i = 0; *e == ERR_OK && i < n; i++, (*count)++) {
		struct buf doc = buf_grow(1024);
		*e = query_customer(r, tenant, ids[i], &doc);
		if (*e == ERR_OK)
			jsonw_raw(w, buf_str(&doc));
		buf_free(&doc);
	}
	jsonw_close(w, ']');
	jsonw_close(w, '}');
}

/* A cursor is kind and key of the last one, as text "n+48…". An external id is nobody else's: the
 * same one twice is a mistake of its own and not listed here. */
enum err query_duplicates(struct store_reader *r, struct str tenant, uint32_t limit,
			  struct str after, struct buf *out, uint32_t *count)
{
	struct {
		char kind, key[CUSTOMER_KEY_MAX + 1];
	} hits[LIST_MAX + 1];
	uint32_t n = 0;
	char kind = after.n ? after.p[0] : 'a';
	struct sql_stmt *q = sql_query(
		r->db,
		"SELECT kind, key FROM customer_keys WHERE tenant = ? AND (kind, key) > (?, ?) "
		"AND kind <> 'x' GROUP BY kind, key HAVING count(*) > 1 ORDER BY kind, key "
		"LIMIT ?");
	sql_text(q, tenant);
	sql_text(q, str_make(&kind, 1));
	sql_text(q, str_from(after, 1));
	sql_i64(q, limit + 1);
	while (n <= limit && n < COUNT_OF(hits) && sql_step(q)) {
		hits[n].kind = sql_col_text(q, 0).n ? sql_col_text(q, 0).p[0] : 'n';
		(void)str_copy(sql_col_text(q, 1), hits[n++].key, sizeof hits[0].key);
	}
	enum err e = sql_done(q);
	struct jsonw w = jsonw_make(out);
	jsonw_open(&w, '{');
	jsonw_key(&w, "items");
	jsonw_open(&w, '[');
	*count = 0;
	for (uint32_t i = 0; e == ERR_OK && i < MIN(n, limit); i++)
		put_twins(r, tenant, &w, hits[i].kind, str_of(hits[i].key), count, &e);
	char next[CUSTOMER_KEY_MAX + 2] = "";
	if (n > limit) {
		next[0] = hits[limit - 1].kind;
		memcpy(next + 1, hits[limit - 1].key, sizeof hits[0].key);
	}
	end_list(&w, n > limit, str_of(next));
	return e;
}

/* -- everybody -- */

enum err query_customers_each(struct store_reader *r, struct str tenant, struct uuid *after,
			      uint32_t limit, void (*doc)(void *arg, struct str text), void *arg)
{
	const struct uuid from = *after;
	uint32_t n = 0;
	struct sql_stmt *q =
		sql_query(r->db, "SELECT id, doc FROM customers WHERE tenant = ? AND id > ? AND "
				 "merged_into IS NULL ORDER BY id LIMIT ?");
	sql_text(q, tenant);
	sql_blob(q, from.b, sizeof from.b);
	sql_i64(q, limit);
	for (; sql_step(q); n++) {
		copy_contact(sql_col_text(q, 0), after->b);
		doc(arg, sql_col_text(q, 1));
	}
	const enum err e = sql_done(q);
	return e == ERR_OK && !n ? ERR_NOT_FOUND : e;
}
