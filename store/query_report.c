/*
 * query_report.c - the figures of queues over their visits; see query.h. The arithmetic is
 * report/queue_figures.c's; here are the rows. A visit counts where it began, or, where that is
 * asked for, where it ended (behaviours.md T-4).
 */
#include "report/interval.h"
#include "store/store_inside.h"

#define ROWS_MAX 100000u /* of one answer */

#define VISIT                                                                                      \
	", s.result, s.wait_ms, s.talk_ms, s.hold_ms, s.wrap_ms, s.handled, s.contact, s.n, "      \
	"s.promise_ewt_ms, s.promise_ms, s.promise_waited_ms, s.transferred"
#define VISITS_OF_QUEUE(at)                                                                        \
	" WHERE s.tenant = ? AND s.kind = 'queue' AND s.queue = ? AND " at " >= ? AND " at " < ? "
#define ROWS_BY(at) "SELECT " at VISIT " FROM segments s" VISITS_OF_QUEUE(at) "ORDER BY " at
#define LIST_BY(at)                                                                                \
	"SELECT " at VISIT " FROM segments s" VISITS_OF_QUEUE(                                     \
		at) "AND (" at ", s.contact, s.n) > (?, ?, ?) ORDER BY " at ", s.contact, s.n"

static struct visit visit_of(struct sql_stmt *q)
{
	struct visit v = {
		.started_at = sql_col_i64(q, 0), /* where it is counted */
		.wait_ms = sql_col_i64(q, 2),
		.talk_ms = sql_col_i64(q, 3),
		.hold_ms = sql_col_i64(q, 4),
		.wrap_ms = sql_col_i64(q, 5),
		.handled = sql_col_i64(q, 6) != 0,
		.promise_ewt_ms = sql_col_i64(q, 9), /* null is 0 */
		.promise_ms = sql_col_i64(q, 10),
		.promise_waited_ms = sql_col_i64(q, 11),
		.transferred = sql_col_i64(q, 12) != 0,
	};
	if (!sql_col_null(q, 1) && result_from(sql_col_text(q, 1), &v.result) != ERR_OK)
		v.result = RESULT_failed; /* a word of a later version */
	return v;
}

/* The first queue after `name` that was ever entered; the one asked for is the only one. */
static bool next_queue(struct store_reader *r, struct str tenant, const struct report_filter *f,
		       char name[64], enum err *e)
{
	*e = ERR_OK;
	if (f->queue.n) {
		bool first = str_cmp(str_of(name), f->queue) < 0;
		return first && str_copy(f->queue, name, 64);
	}
	struct sql_stmt *q =
		sql_query(r->db, "SELECT queue FROM segments WHERE tenant = ? AND "
				 "kind = 'queue' AND queue > ? ORDER BY queue LIMIT 1");
	char after[64];
	memcpy(after, name, sizeof after);
	sql_text(q, tenant);
	sql_text(q, str_of(after));
	return next_name(q, name, e);
}

static void bind_range(struct sql_stmt *q, struct str tenant, const char *queue,
		       const struct report_filter *f, int64_t to_ms)
{
	sql_text(q, tenant);
	sql_text(q, str_of(queue));
	sql_i64(q, f->from_ms);
	sql_i64(q, to_ms);
}

/* One row in the making: visits come in order of time. */
struct queue_row {
	char queue[64];
	bool by_end;
	struct queue_rules rules;
	bool any;
	int64_t at_ms, next_ms;
	uint32_t rows;
	struct queue_figures figures;
	struct jsonw *w;
};

static void row_end(struct queue_row *row)
{
	if (!row->any)
		return;
	jsonw_open(row->w, '{');
	jsonw_kstr(row->w, "queue", str_of(row->queue));
	jsonw_ktime(row->w, "at", row->at_ms);
	if (row->by_end)
		jsonw_kstr(row->w, "view", STR("answered"));
	queue_figures_json(row->w, &row->figures, &row->rules);
	jsonw_close(row->w, '}');
	queue_figures_clear(&row->figures);
	row->any = false;
	row->rows++;
}

static void row_visit(struct queue_row *row, const struct interval *i, const struct visit *v)
{
	if (row->any && v->started_at >= row->next_ms)
		row_end(row);
	if (!row->any) {
		row->at_ms = interval_start(i, v->started_at);
		row->next_ms = interval_next(i, v->started_at);
		row->any = true;
	}
	queue_figures_add(&row->figures, &row->rules, v);
}

static enum err rows_of_queue(struct store_reader *r, struct str tenant,
			      const struct report_filter *f, const struct interval *i,
			      struct queue_row *row)
{
	enum err e = rules_of_queue(r, tenant, str_of(row->queue), &row->rules);
	if (e != ERR_OK)
		return e;
	struct sql_stmt *q =
		sql_query(r->db, f->by_end ? ROWS_BY("s.ended_at") : ROWS_BY("s.started_at"));
	bind_range(q, tenant, row->queue, f, i->to_ms);
	while (row->rows < ROWS_MAX && sql_step(q)) {
		struct visit v = visit_of(q);
		row_visit(row, i, &v);
	}
	row_end(row);
	e = sql_done(q);
	return e == ERR_OK && row->rows >= ROWS_MAX ? ERR_TOO_LARGE : e;
}

static enum err queue_rows(struct store_reader *r, struct str tenant, const struct report_filter *f,
			   const struct interval *i, struct buf *out)
{
	struct jsonw w = jsonw_make(out);
	struct queue_row row = {.by_end = f->by_end, .w = &w};
	queue_figures_init(&row.figures);
	jsonw_open(&w, '{');
	jsonw_key(&w, "items");
	jsonw_open(&w, '[');
	enum err e = ERR_OK;
	while (e == ERR_OK && next_queue(r, tenant, f, row.queue, &e))
		e = rows_of_queue(r, tenant, f, i, &row);
	queue_figures_finish(&row.figures);
	list_end(&w, NULL);
	return e;
}

/* -- the contacts behind a number (K-3) -- */

void list_item(struct jsonw *w, struct str record, const char *key, uint32_t n, int64_t at_ms)
{
	jsonw_raw(w, str_head(record, record.n ? record.n - 1 : 0)); /* all but its brace */
	buf_fmt(w->out, ",\"%s\":%u,\"started_at\":\"", key, n);
	time_text(w->out, at_ms);
	buf_c(w->out, "\"}");
}

enum err list_items(struct store_reader *r, struct str tenant, struct jsonw *w, const char *key,
		    const struct list_hit *hits, uint32_t count)
{
	enum err e = ERR_OK;
	for (uint32_t i = 0; e == ERR_OK && i < count; i++) {
		struct sql_stmt *q =
			sql_query(r->db, "SELECT record FROM contacts WHERE tenant = ? AND id = ?");
		sql_text(q, tenant);
		sql_blob(q, hits[i].contact, sizeof hits[i].contact);
		bool found = sql_step(q);
		if (found)
			list_item(w, sql_col_text(q, 0), key, hits[i].n, hits[i].at_ms);
		e = sql_done(q);
		if (e == ERR_OK && !found)
			e = ERR_NOT_FOUND;
	}
	return e;
}

void list_end(struct jsonw *w, const struct cursor *next)
{
	jsonw_close(w, ']');
	jsonw_key(w, "next");
	if (next) {
		jsonw_raw(w, STR_NONE);
		cursor_json(w->out, next);
	} else {
		jsonw_null(w);
	}
	jsonw_close(w, '}');
}

struct queue_list {
	struct jsonw w;
	char queue[64], last_queue[64];
	uint32_t limit, count;
	struct cursor last;
	bool more;
	struct list_hit hits[LIST_MAX]; /* of one queue */
};

/* Those of one queue, after `after` if that is not NULL. */
static enum err list_of_queue(struct store_reader *r, struct str tenant,
			      const struct report_filter *f, int64_t to_ms,
			      const struct cursor *after, struct queue_list *l)
{
	static const struct cursor front = {.at_ms = INT64_MIN};
	struct queue_rules rules;
	enum queue_count field;
	enum err e = rules_of_queue(r, tenant, str_of(l->queue), &rules);
	if (e == ERR_OK)
		e = queue_field(f->list, &rules, &field);
	if (e != ERR_OK)
		return e;
	if (!after)
		after = &front;
	struct sql_stmt *q =
		sql_query(r->db, f->by_end ? LIST_BY("s.ended_at") : LIST_BY("s.started_at"));
	bind_range(q, tenant, l->queue, f, to_ms);
	sql_i64(q, after->at_ms);
	sql_blob(q, after->contact, sizeof after->contact);
	sql_i64(q, after->n);
	uint32_t hits = 0;
	while (!l->more && sql_step(q)) {
		struct visit v = visit_of(q);
		if (!visit_counts(field, &rules, &v))
			continue;
		l->more = l->count == l->limit;
		if (l->more)
			break;
		l->count++;
		struct list_hit *hit = &l->hits[hits++];
		*hit = (struct list_hit){v.started_at, {0}, (uint32_t)sql_col_i64(q, 8)};
		copy_contact(sql_col_text(q, 7), hit->contact);
	}
	e = sql_done(q);
	if (e != ERR_OK || !hits)
		return e;
	const struct list_hit *last = &l->hits[hits - 1];
	memcpy(l->last_queue, l->queue, sizeof l->queue);
	l->last = (struct cursor){str_of(l->last_queue), last->at_ms, {0}, last->n};
	memcpy(l->last.contact, last->contact, sizeof last->contact);
	return list_items(r, tenant, &l->w, "visit", l->hits, hits);
}

static enum err queue_list(struct store_reader *r, struct str tenant, const struct report_filter *f,
			   int64_t to_ms, struct buf *out)
{
	struct cursor page = {0};
	enum queue_count field;
	struct queue_list l = {.w = jsonw_make(out),
			       .limit = f->limit ? MIN(f->limit, LIST_MAX) : 50};
	enum err e = queue_field(f->list, &QUEUE_RULES_DEFAULT, &field);
	if (e != ERR_OK)
		return e;
	if (f->after.n && (cursor_take(f->after, &page) != ERR_OK ||
			   !str_copy(page.key, l.queue, sizeof l.queue)))
		return ERR_INVALID;
	jsonw_open(&l.w, '{');
	jsonw_key(&l.w, "items");
	jsonw_open(&l.w, '[');
	if (l.queue[0] && (!f->queue.n || str_eq(f->queue, page.key)))
		e = list_of_queue(r, tenant, f, to_ms, &page, &l);
	while (e == ERR_OK && !l.more && next_queue(r, tenant, f, l.queue, &e))
		e = list_of_queue(r, tenant, f, to_ms, NULL, &l);
	list_end(&l.w, l.more ? &l.last : NULL);
	return e;
}

enum err query_report_queues(struct store_reader *r, struct str tenant,
			     const struct report_filter *f, struct buf *out)
{
	struct interval i = {.seconds = f->interval_s,
			     .zone = f->time_zone.n ? zone_get(f->time_zone) : NULL,
			     .from_ms = f->from_ms,
			     .to_ms = f->to_ms ? f->to_ms : INT64_MAX};
	if (!interval_valid(i.seconds))
		return ERR_INVALID;
	if (f->list.n)
		return queue_list(r, tenant, f, i.to_ms, out);
	return queue_rows(r, tenant, f, &i, out);
}
