/* check_customers.c - customers' rows against what their facts say, whole; see check.h. */
#include <stdlib.h>

#include <jansson.h>

#include "crm/customer.h"
#include "crm/words.h"
#include "store/check.h"
#include "store/store_inside.h"

#define ROWS_PAGE 500u

/* One customer as the facts leave him; a fingerprint of his document is enough. */
struct folded {
	char key[64 + UUID_TEXT + 1]; /* tenant, a slash, id */
	uint64_t doc;
};

static struct str key_of(struct str tenant, struct str id,
			 char room[sizeof((struct folded *)0)->key])
{
	struct buf b = buf_make(room, sizeof((struct folded *)0)->key - 1);
	buf_put(&b, str_head(tenant, 63));
	buf_ch(&b, '/');
	buf_put(&b, str_head(id, UUID_TEXT));
	room[b.n] = 0;
	return buf_str(&b);
}

static uint64_t print_of(struct str doc)
{
	return str_hash(doc, 0xd0c);
}

static void count_key(void *arg, char kind, struct str key)
{
	(void)kind, (void)key;
	++*(uint32_t *)arg;
}

static void fold_doc(struct checking *c, struct str tenant, struct str text)
{
	char room[sizeof((struct folded *)0)->key];
	json_t *doc = json_loadb(text.p, text.n, 0, NULL);
	const struct str key = key_of(tenant, json_member(doc, "id"), room);
	struct folded *f = map_get(&c->customers, key);
	if (!f) {
		f = xcalloc(1, sizeof *f);
		memcpy(f->key, key.p, key.n);
		CHECK(map_add(&c->customers, str_of(f->key), f) == ERR_OK);
	}
	f->doc = print_of(text);
	json_decref(doc);
}

static void fold_docs(struct checking *c, struct str tenant, struct str docs)
{
	for (struct str line; str_line(&docs, &line);)
		if (line.n)
			fold_doc(c, tenant, line);
}

void check_customer_fact(struct checking *c, const struct fact *f)
{
	char room[sizeof((struct folded *)0)->key];
	switch ((int)f->kind) {
	case EV_customer_changed:
		if (str_is(f->customer_changed.op, "deleted"))
			free(map_remove(&c->customers,
					key_of(f->tenant, f->customer_changed.customer, room)));
		else
			fold_docs(c, f->tenant, f->customer_changed.docs);
		break;
	case EV_customer_merged:
		fold_docs(c, f->tenant, f->customer_merged.docs);
		break;
	case EV_customer_unmerged:
		fold_docs(c, f->tenant, f->customer_unmerged.docs);
		break;
	case EV_customer_noted:
		c->notes++;
		break;
	default:
		break;
	}
}

static void check_row(struct checking *c, struct sql_stmt *q, struct buf *words, int64_t *keys)
{
	char id[UUID_TEXT + 1], room[sizeof((struct folded *)0)->key];
	struct uuid u;
	const struct str tenant = sql_col_text(q, 1), text = sql_col_text(q, 3);
	copy_contact(sql_col_text(q, 2), u.b);
	uuid_text(u, id);
	struct folded *f = map_remove(&c->customers, key_of(tenant, str_of(id), room));
	json_t *doc = json_loadb(text.p, text.n, 0, NULL);
	uint32_t own = 0;
	words->n = 0;
	if (!json_object_get(doc, "merged_into")) {
		words_of(doc, tenant, words);
		customer_keys(doc, count_key, &own);
	}
	*keys += own;
	if (!f)
		check_problem(c, "customer %s: no fact says he is there", id);
	else if (f->doc != print_of(text))
		check_problem(c, "customer %s: his record is not what its facts say", id);
	else if (!str_eq(sql_col_text(q, 4), buf_str(words)))
		check_problem(c, "customer %s: he is searched by other words than his record's",
			      id);
	json_decref(doc);
	free(f);
}

static enum err check_page(struct checking *c, int64_t *last, uint32_t *rows, struct buf *words,
			   int64_t *keys)
{
	struct sql_stmt *q =
		sql_query(check_db(c), "SELECT n, tenant, id, doc, words FROM customers "
				       "WHERE n > ? ORDER BY n LIMIT ?");
	sql_i64(q, *last);
	sql_i64(q, ROWS_PAGE);
	for (*rows = 0; sql_step(q); (*rows)++) {
		*last = sql_col_i64(q, 0);
		check_row(c, q, words, keys);
	}
	return sql_done(q);
}

static enum err count_rows(struct checking *c, const char *text, int64_t want, const char *what)
{
	struct sql_stmt *q = sql_query(check_db(c), text);
	const int64_t n = sql_step(q) ? sql_col_i64(q, 0) : 0;
	const enum err e = sql_done(q);
	if (e == ERR_OK && n != want)
		check_problem(c, "%s: %lld, their facts say %lld", what, (long long)n,
			      (long long)want);
	return e;
}

enum err check_customers(struct checking *c)
{
	struct buf words = buf_grow(512);
	int64_t last = 0, keys = 0;
	uint32_t rows = ROWS_PAGE, at = 0;
	enum err e = ERR_OK;
	while (e == ERR_OK && rows == ROWS_PAGE)
		e = check_page(c, &last, &rows, &words, &keys);
	buf_free(&words);
	for (struct folded *f; (f = map_next(&c->customers, &at)) != NULL; free(f))
		if (e == ERR_OK)
			check_problem(c, "customer %s: his record is missing", f->key);
	map_finish(&c->customers);
	if (e == ERR_OK)
		e = count_rows(c, "SELECT count(*) FROM customer_keys", keys, "customers' keys");
	if (e == ERR_OK)
		e = count_rows(c, "SELECT count(*) FROM customer_notes", c->notes,
			       "customers' notes");
	return e;
}
