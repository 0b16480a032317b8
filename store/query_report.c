/*
 * query_report.c - the figures of queues over their visits; see query.h. The arithmetic is
 * report/queue_figures.c's; here are the rows. A visit counts where it began, or, where that is
 * asked for, where it ended (behaviours.md T-4).
 */
#include <stdlib.h>

#include "report/interval.h"
#include "store/store_inside.h"

#define ROWS_MAX 100000u /* of one answer */

#define VISITS_OF_QUEUE(at)                                                                        \
	" WHERE s.tenant = ? AND s.kind = 'queue' AND s.queue = ? AND " at " >= ? AND " at " < ? "
#define ROWS_BY(at) "SELECT " at VISIT_COLUMNS " FROM segments s" VISITS_OF_QUEUE(at) "ORDER BY " at
#define LIST_BY(at)                                                                                \
	"SELECT " at VISIT_COLUMNS                                                                 \
	" FROM segments s" VISITS_OF_QUEUE(at) "AND (" at                                          \
					       ", s.contact, s.n) < (?, ?, ?) ORDER BY " at        \
					       " DESC, s.contact DESC, s.n DESC"

struct visit visit_of_row(struct sql_stmt *q)
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

/* Queues that were ever entered. */
static struct name_walk queues_of(struct str tenant, const struct report_filter *f)
{
	return (struct name_walk){.query = "SELECT queue FROM segments WHERE tenant = ? AND kind = "
					   "'queue' AND queue > ? ORDER BY queue LIMIT 1",
				  .tenant = tenant,
				  .asked = f->queue,
				  .reached = reach_queue,
				  .within = f->within};
}

static void bind_range(struct sql_stmt *q, struct str tenant, const char *queue,
		       const struct report_filter *f, int64_t to_ms)
{
	sql_text(q, tenant);
	sql_text(q, str_of(queue));
	sql_i64(q, f->from_ms);
	sql_i64(q, to_ms);
}

/* Figures of all queues together, of one interval. */
struct mixed {
	int64_t at_ms;
	struct queue_figures figures;
};

/* Rows in the making. Visits of a queue come in order of time, so one figure at a time is enough;
 * rows of all queues together are kept, in order of time. Each visit counts by the limits of its
 * own queue. */
struct queue_rows {
	struct rows out;
	const struct interval *interval;
	char queue[64];
	struct queue_rules rules; /* of this queue */
	struct queue_rules house; /* for all together: limits below 0 where queues differ */
	bool any_queue;
	bool any;
	int64_t at_ms, next_ms;
	struct queue_figures figures, total;
	struct mixed *mixed;
	size_t mixed_count, mixed_room;
};

static void put_row(struct jsonw *w, const struct queue_rows *q, struct str queue, int64_t at_ms,
		    struct queue_figures *figures, const struct queue_rules *rules)
{
	jsonw_key(w, "queue");
	if (queue.n)
		jsonw_str(w, queue);
	else
		jsonw_null(w);
	jsonw_ktime(w, "at", at_ms);
	if (q->out.f->by_end)
		jsonw_kstr(w, "view", STR("answered"));
	queue_figures_json(w, figures, rules);
}

static void row_end(struct queue_rows *q)
{
	if (!q->any)
		return;
	put_row(row_open(&q->out), q, str_of(q->queue), q->at_ms, &q->figures, &q->rules);
	row_close(&q->out);
	queue_figures_clear(&q->figures);
	q->any = false;
}

static void row_visit(struct queue_rows *q, const struct visit *v)
{
	if (q->any && v->started_at >= q->next_ms)
		row_end(q);
	if (!q->any) {
		q->at_ms = interval_start(q->interval, v->started_at);
		q->next_ms = interval_next(q->interval, v->started_at);
		q->any = true;
	}
	queue_figures_add(&q->figures, &q->rules, v);
}

static struct queue_figures *mixed_at(struct queue_rows *q, int64_t at_ms)
{
	size_t low = 0, high = q->mixed_count;
	while (low < high) {
		const size_t mid = (low + high) / 2;
		if (q->mixed[mid].at_ms < at_ms)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < q->mixed_count && q->mixed[low].at_ms == at_ms)
		return &q->mixed[low].figures;
	if (q->mixed_count == q->mixed_room) {
		q->mixed_room = 2 * q->mixed_room + 64;
		q->mixed = xrealloc(q->mixed, q->mixed_room * sizeof *q->mixed);
	}
	memmove(q->mixed + low + 1, q->mixed + low, (q->mixed_count - low) * sizeof *q->mixed);
	q->mixed_count++;
	q->mixed[low].at_ms = at_ms;
	queue_figures_init(&q->mixed[low].figures);
	return &q->mixed[low].figures;
}

static void take_limits(struct queue_rows *q)
{
	const bool first = !q->any_queue;
	q->any_queue = true;
	if (first || q->house.threshold_ms == q->rules.threshold_ms)
		q->house.threshold_ms = q->rules.threshold_ms;
	else
		q->house.threshold_ms = -1;
	if (first || q->house.short_ms == q->rules.short_ms)
		q->house.short_ms = q->rules.short_ms;
	else
		q->house.short_ms = -1;
}

static enum err rows_of_queue(struct store_reader *r, struct str tenant,
			      const struct report_filter *f, struct queue_rows *q)
{
	enum err e = rules_for(r, tenant, f, str_of(q->queue), &q->rules);
	if (e != ERR_OK)
		return e;
	bool any = false;
	struct sql_stmt *s =
		sql_query(r->db, f->by_end ? ROWS_BY("s.ended_at") : ROWS_BY("s.started_at"));
	bind_range(s, tenant, q->queue, f, q->interval->to_ms);
	while (q->out.count < ROWS_MAX && q->mixed_count < ROWS_MAX && !q->out.stop &&
	       sql_step(s)) {
		struct visit v = visit_of_row(s);
		any = true;
		if (f->total)
			queue_figures_add(&q->total, &q->rules, &v);
		if (f->together)
			queue_figures_add(mixed_at(q, interval_start(q->interval, v.started_at)),
					  &q->rules, &v);
		else
			row_visit(q, &v);
	}
	row_end(q);
	if (any)
		take_limits(q);
	e = sql_done(s);
	const bool many = q->out.count >= ROWS_MAX || q->mixed_count >= ROWS_MAX;
	return e == ERR_OK && many ? ERR_TOO_LARGE : e;
}

static void mixed_out(struct queue_rows *q, bool write)
{
	for (size_t i = 0; i < q->mixed_count; i++) {
		struct mixed *m = &q->mixed[i];
		if (write && !q->out.stop) {
			put_row(row_open(&q->out), q, STR_NONE, m->at_ms, &m->figures, &q->house);
			row_close(&q->out);
		}
		queue_figures_finish(&m->figures);
	}
	free(q->mixed);
}

static enum err queue_rows(struct store_reader *r, struct str tenant, const struct report_filter *f,
			   const struct interval *i, struct buf *out)
{
	struct queue_rows q = {.out = rows_begin(f, out), .interval = i};
	queue_figures_init(&q.figures);
	queue_figures_init(&q.total);
	const struct name_walk queues = queues_of(tenant, f);
	enum err e = rules_for(r, tenant, f, STR_NONE, &q.house);
	while (e == ERR_OK && walk_next(r, &queues, q.queue, &e))
		e = rows_of_queue(r, tenant, f, &q);
	mixed_out(&q, e == ERR_OK);
	rows_end(&q.out);
	if (f->total && e == ERR_OK && !q.out.stop) {
		put_row(total_open(&q.out), &q, STR_NONE, f->from_ms, &q.total, &q.house);
		total_close(&q.out);
	}
	queue_figures_finish(&q.figures);
	queue_figures_finish(&q.total);
	return rows_done(&q.out, e);
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
	struct queue_rules house;
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
	static const struct cursor front = {.at_ms = INT64_MAX};
	struct queue_rules rules;
	enum queue_count field;
	enum err e = rules_for(r, tenant, f, str_of(l->queue), &rules);
	/* of all queues together the formula is the tenant's, the limits stay their own */
	if (e == ERR_OK)
		e = queue_field(f->list, f->together ? &l->house : &rules, &field);
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
		struct visit v = visit_of_row(q);
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
	enum err e = rules_for(r, tenant, f, STR_NONE, &l.house);
	if (e == ERR_OK)
		e = queue_field(f->list, &l.house, &field);
	if (e != ERR_OK)
		return e;
	if (f->after.n && (cursor_take(f->after, &page) != ERR_OK ||
			   !str_copy(page.key, l.queue, sizeof l.queue)))
		return ERR_INVALID;
	jsonw_open(&l.w, '{');
	jsonw_key(&l.w, "items");
	jsonw_open(&l.w, '[');
	const struct name_walk queues = queues_of(tenant, f);
	if (walk_holds(&queues, str_of(l.queue)))
		e = list_of_queue(r, tenant, f, to_ms, &page, &l);
	while (e == ERR_OK && !l.more && walk_next(r, &queues, l.queue, &e))
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
