/*
 * query_report.c - the figures of queues over their visits; see query.h. The arithmetic is
 * report/queue_figures.c's; here are the rows.
 */
#include <jansson.h>

#include "report/interval.h"
#include "report/queue_figures.h"
#include "store/store_inside.h"

#define ROWS_MAX 100000u /* of one answer */

/* threshold_s and short_abandon_s of a queue as declared now (contract section 2): a changed rule
 * re-computes the past (K-4). Of a deleted queue the last ones it had. */
static enum err rules_of(struct store_reader *r, struct str tenant, struct str queue,
			 struct queue_rules *out)
{
	*out = QUEUE_RULES_DEFAULT;
	struct sql_stmt *q = sql_query(r->db, "SELECT doc FROM objects WHERE kind = 'queue' AND "
					      "tenant = ? AND id = ? AND doc <> '' "
					      "ORDER BY version DESC LIMIT 1");
	sql_text(q, tenant);
	sql_text(q, queue);
	if (sql_step(q)) {
		struct str doc = sql_col_text(q, 0);
		json_t *o = json_loadb(doc.p, doc.n, 0, NULL);
		json_t *threshold = json_object_get(o, "threshold_s");
		json_t *brief = json_object_get(o, "short_abandon_s");
		if (json_is_number(threshold))
			out->threshold_ms = (int64_t)(json_number_value(threshold) * 1000);
		if (json_is_number(brief))
			out->short_ms = (int64_t)(json_number_value(brief) * 1000);
		json_decref(o);
	}
	return sql_done(q);
}

#define VISITS                                                                                     \
	"SELECT s.queue, s.started_at, s.result, s.wait_ms, s.talk_ms, s.hold_ms, s.wrap_ms, "     \
	"s.handled, s.contact, s.n "

static struct visit visit_of(struct sql_stmt *q)
{
	struct visit v = {
		.started_at = sql_col_i64(q, 1),
		.wait_ms = sql_col_i64(q, 3),
		.talk_ms = sql_col_i64(q, 4),
		.hold_ms = sql_col_i64(q, 5),
		.wrap_ms = sql_col_i64(q, 6),
		.handled = sql_col_i64(q, 7) != 0,
	};
	if (!sql_col_null(q, 2) && result_from(sql_col_text(q, 2), &v.result) != ERR_OK)
		v.result = RESULT_failed; /* a word of a later version */
	return v;
}

/* One row in the making: visits come in order of queue and time. */
struct queue_row {
	struct store_reader *r;
	struct str tenant;
	char queue[64];
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
	queue_figures_json(row->w, &row->figures);
	jsonw_close(row->w, '}');
	queue_figures_clear(&row->figures);
	row->any = false;
	row->rows++;
}

static enum err row_visit(struct queue_row *row, const struct interval *i, struct str queue,
			  const struct visit *v)
{
	bool other = !str_is(queue, row->queue);
	if (row->any && (other || v->started_at >= row->next_ms))
		row_end(row);
	if (row->rows >= ROWS_MAX)
		return ERR_TOO_LARGE;
	if (other) {
		if (!str_copy(queue, row->queue, sizeof row->queue))
			return ERR_TOO_LARGE;
		enum err e = rules_of(row->r, row->tenant, queue, &row->rules);
		if (e != ERR_OK)
			return e;
	}
	if (!row->any) {
		row->at_ms = interval_start(i, v->started_at);
		row->next_ms = interval_next(i, v->started_at);
		row->any = true;
	}
	queue_figures_add(&row->figures, &row->rules, v);
	return ERR_OK;
}

static struct sql_stmt *visits_query(struct store_reader *r, struct str tenant,
				     const struct report_filter *f, int64_t to_ms)
{
	struct sql_stmt *q =
		f->queue.n ? sql_query(r->db, VISITS
				       "FROM segments s WHERE tenant = ? AND kind = 'queue' AND "
				       "started_at >= ? AND started_at < ? AND queue = ? "
				       "ORDER BY queue, started_at")
			   : sql_query(r->db, VISITS
				       "FROM segments s WHERE tenant = ? AND kind = 'queue' AND "
				       "started_at >= ? AND started_at < ? "
				       "ORDER BY queue, started_at");
	sql_text(q, tenant);
	sql_i64(q, f->from_ms);
	sql_i64(q, to_ms);
	if (f->queue.n)
		sql_text(q, f->queue);
	return q;
}

static enum err queue_rows(struct store_reader *r, struct str tenant, const struct report_filter *f,
			   const struct interval *i, struct buf *out)
{
	struct jsonw w = jsonw_make(out);
	struct queue_row row = {.r = r, .tenant = tenant, .w = &w};
	queue_figures_init(&row.figures);
	jsonw_open(&w, '{');
	jsonw_key(&w, "items");
	jsonw_open(&w, '[');
	struct sql_stmt *q = visits_query(r, tenant, f, i->to_ms);
	enum err e = ERR_OK;
	while (e == ERR_OK && sql_step(q)) {
		struct visit v = visit_of(q);
		e = row_visit(&row, i, sql_col_text(q, 0), &v);
	}
	row_end(&row);
	queue_figures_finish(&row.figures);
	jsonw_close(&w, ']');
	jsonw_key(&w, "next");
	jsonw_null(&w);
	jsonw_close(&w, '}');
	enum err done = sql_done(q);
	return e != ERR_OK ? e : done;
}

/* -- the contacts behind a number (K-3) -- */

void list_item(struct jsonw *w, struct str record, const char *key, uint32_t n, int64_t at_ms)
{
	jsonw_raw(w, str_head(record, record.n ? record.n - 1 : 0)); /* all but its brace */
	buf_fmt(w->out, ",\"%s\":%u,\"started_at\":\"", key, n);
	time_text(w->out, at_ms);
	buf_c(w->out, "\"}");
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

static enum err queue_list(struct store_reader *r, struct str tenant, const struct report_filter *f,
			   int64_t to_ms, struct buf *out)
{
	enum queue_count field;
	struct cursor page = {.key = STR("")}, last = {0};
	char queue[64] = "", last_queue[64] = "";
	if (queue_field(f->list, &field) != ERR_OK ||
	    (f->after.n && cursor_take(f->after, &page) != ERR_OK))
		return ERR_INVALID;
	struct sql_stmt *q =
		sql_query(r->db, VISITS
			  ", c.record FROM segments s JOIN contacts c ON c.tenant = s.tenant "
			  "AND c.id = s.contact WHERE s.tenant = ?1 AND s.kind = 'queue' AND "
			  "s.started_at >= ?2 AND s.started_at < ?3 AND (?4 = '' OR s.queue = ?4) "
			  "AND (s.queue, s.started_at, s.contact, s.n) > (?5, ?6, ?7, ?8) "
			  "ORDER BY s.queue, s.started_at, s.contact, s.n");
	sql_text(q, tenant);
	sql_i64(q, f->from_ms);
	sql_i64(q, to_ms);
	sql_text(q, f->queue);
	sql_text(q, page.key);
	sql_i64(q, page.at_ms);
	sql_blob(q, page.contact, sizeof page.contact);
	sql_i64(q, page.n);
	uint32_t limit = f->limit ? MIN(f->limit, 500) : 50, count = 0;
	struct queue_rules rules;
	struct jsonw w = jsonw_make(out);
	jsonw_open(&w, '{');
	jsonw_key(&w, "items");
	jsonw_open(&w, '[');
	bool more = false;
	enum err e = ERR_OK;
	while (e == ERR_OK && !more && sql_step(q)) {
		struct visit v = visit_of(q);
		if (!str_is(sql_col_text(q, 0), queue)) {
			CHECK(str_copy(str_head(sql_col_text(q, 0), 63), queue, sizeof queue));
			e = rules_of(r, tenant, str_of(queue), &rules);
			if (e != ERR_OK)
				break;
		}
		if (!visit_counts(field, &rules, &v))
			continue;
		if (count++ == limit) {
			more = true;
			break;
		}
		memcpy(last_queue, queue, sizeof queue);
		last = (struct cursor){
			str_of(last_queue), v.started_at, {0}, (uint32_t)sql_col_i64(q, 9)};
		copy_contact(sql_col_text(q, 8), last.contact);
		list_item(&w, sql_col_text(q, 10), "visit", last.n, v.started_at);
	}
	list_end(&w, more ? &last : NULL);
	enum err done = sql_done(q);
	return e != ERR_OK ? e : done;
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
