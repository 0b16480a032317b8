/* writer.c - see writer.h. Contacts, segments, offers, recordings and spells are fold.c's. */
#include "store/writer.h"

#include <stdlib.h>

#include "core/batch.h"
#include "store/customers.h"
#include "store/fold.h"
#include "store/put.h"

struct writer {
	struct sql *db; /* NULL: not connected */
	struct fold *fold;
	struct customers *customers;
	uint64_t last_seq; /* committed */
	char why[300];	   /* there is no connection */
};

struct writer *writer_create(void)
{
	struct writer *w = xcalloc(1, sizeof *w);
	w->fold = fold_create();
	w->customers = customers_create();
	return w;
}

void writer_destroy(struct writer *w)
{
	fold_destroy(w->fold);
	customers_destroy(w->customers);
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
	return w->db ? sql_error(w->db) : str_of(w->why);
}

enum err writer_connect(struct writer *w, const struct sql_options *o, struct buf *detail)
{
	fold_forget(w->fold);
	customers_forget(w->customers);
	sql_close(w->db);
	w->db = NULL;
	struct buf why = buf_make(w->why, sizeof w->why - 1);
	enum err e = sql_open(o, &w->db, &why);
	w->why[why.n] = 0;
	if (e != ERR_OK && detail)
		buf_put(detail, buf_str(&why));
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
	(void)str_copy(sql_error(w->db), w->why, sizeof w->why);
	sql_close(w->db);
	w->db = NULL;
	return e;
}

void writer_leave(struct writer *w, const char *why)
{
	sql_close(w->db);
	w->db = NULL;
	(void)str_copy(str_of(why), w->why, sizeof w->why);
}

struct sql *writer_db(struct writer *w)
{
	return w->db;
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

static enum err put_fact(struct writer *w, const struct fact *f, struct str data)
{
	enum err e = put_event(w->db, f, data);
	if (e == ERR_OK)
		e = fold_fact(w->fold, w->db, f);
	if (e == ERR_OK)
		e = customers_fact(w->customers, w->db, f);
	return e == ERR_OK ? put_own(w->db, f) : e;
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
		customers_forget(w->customers);
		return e;
	}
	fold_committed(w->fold);
	w->last_seq = last;
	return ERR_OK;
}

enum err writer_links(struct writer *w, void (*found)(void *arg, const struct customers_link *l),
		      void *arg)
{
	return w->db ? customers_arrived(w->customers, w->db, found, arg) : ERR_OK;
}
