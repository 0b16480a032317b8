/*
 * query_flows.c - the figures of flows over contacts' ways; see query.h. The arithmetic is
 * report/flow_figures.c's; here are the rows.
 */
#include "report/flow_figures.h"
#include "store/store_inside.h"

struct flow_rows {
	struct rows out;
	const struct flow_figures *figures;
};

static bool put_row(void *arg, const struct figure_row *row)
{
	struct flow_rows *f = arg;
	flow_row_json(row_open(&f->out), f->figures, row, 0);
	row_close(&f->out);
	return !f->out.stop;
}

static enum err rows_out(const struct flow_figures *figures, const struct flow_query *f, enum err e,
			 struct buf *out)
{
	struct flow_rows rows = {rows_begin(&f->range, out), figures};
	if (e == ERR_OK)
		flow_figures_rows(figures, f->range.limit ? f->range.limit : 50, put_row, &rows);
	rows_end(&rows.out);
	if (f->range.total && e == ERR_OK && !rows.out.stop) {
		flow_row_json(total_open(&rows.out), figures, NULL, f->range.from_ms);
		total_close(&rows.out);
	}
	return rows_done(&rows.out, e);
}

static enum err flow_rows(struct store_reader *r, struct str tenant, const struct flow_query *f,
			  const struct interval *i, struct buf *out)
{
	struct flow_figures figures;
	struct sql_stmt *q =
		sql_query(r->db, "SELECT arrived_at, way FROM ways WHERE tenant = ? AND "
				 "arrived_at >= ? AND arrived_at < ?");
	sql_text(q, tenant);
	sql_i64(q, i->from_ms);
	sql_i64(q, i->to_ms);
	flow_figures_init(&figures, f->report, &f->filter, i);
	while (!figures.full && sql_step(q)) {
		struct way way;
		way_init(&way);
		if (way_take(&way, sql_col_text(q, 1)) == ERR_OK)
			flow_figures_add(&figures, &way, sql_col_i64(q, 0));
		way_finish(&way);
	}
	enum err e = sql_done(q);
	if (e == ERR_OK && figures.full)
		e = ERR_TOO_LARGE;
	e = rows_out(&figures, f, e, out);
	flow_figures_finish(&figures);
	return e;
}

/* -- the contacts behind a number (K-3) -- */

struct flow_page {
	struct jsonw w;
	struct cursor after, last;
	bool first; /* the contact at which the page before ended: some of it was told */
	struct str record;
	int64_t arrived_at;
	struct str contact;
	uint32_t limit, count;
	bool more;
};

static void put_item(void *arg, uint32_t n, int64_t at_ms)
{
	struct flow_page *p = arg;
	if (p->more || (p->first && n <= p->after.n))
		return;
	if (p->count == p->limit) {
		p->more = true;
		return;
	}
	p->count++;
	p->last = (struct cursor){.at_ms = p->arrived_at, .n = n};
	copy_contact(p->contact, p->last.contact);
	list_item(&p->w, p->record, "passage", n, at_ms);
}

static struct sql_stmt *list_query(struct store_reader *r, struct str tenant,
				   const struct flow_page *p, const struct interval *i)
{
	struct sql_stmt *q = sql_query(
		r->db,
		"SELECT w.arrived_at, w.contact, w.way, c.record FROM ways w JOIN contacts c "
		"ON c.tenant = w.tenant AND c.id = w.contact WHERE w.tenant = ? AND "
		"w.arrived_at >= ? AND w.arrived_at < ? AND "
		"(w.arrived_at < ? OR (w.arrived_at = ? AND w.contact <= ?)) "
		"ORDER BY w.arrived_at DESC, w.contact DESC");
	sql_text(q, tenant);
	sql_i64(q, i->from_ms);
	sql_i64(q, i->to_ms);
	sql_i64(q, p->after.at_ms);
	sql_i64(q, p->after.at_ms);
	sql_blob(q, p->after.contact, sizeof p->after.contact);
	return q;
}

static enum err flow_list(struct store_reader *r, struct str tenant, const struct flow_query *f,
			  const struct interval *i, struct buf *out)
{
	const struct report_filter *range = &f->range;
	struct flow_page p = {.w = jsonw_make(out),
			      .after = {.at_ms = INT64_MAX},
			      .limit = range->limit ? MIN(range->limit, 500) : 50};
	unsigned field = 0;
	if (flow_field(f->report, range->list, &field) != ERR_OK ||
	    (range->after.n && cursor_take(range->after, &p.after) != ERR_OK))
		return ERR_INVALID;
	jsonw_open(&p.w, '{');
	jsonw_key(&p.w, "items");
	jsonw_open(&p.w, '[');
	struct sql_stmt *q = list_query(r, tenant, &p, i);
	while (!p.more && sql_step(q)) {
		struct way way;
		p.arrived_at = sql_col_i64(q, 0);
		p.contact = sql_col_text(q, 1);
		p.record = sql_col_text(q, 3);
		p.first = range->after.n && p.arrived_at == p.after.at_ms &&
			  str_eq(p.contact,
				 str_make((char *)p.after.contact, sizeof p.after.contact));
		way_init(&way);
		if (way_take(&way, sql_col_text(q, 2)) == ERR_OK)
			flow_items(f->report, field, &f->filter, &way, put_item, &p);
		way_finish(&way);
	}
	list_end(&p.w, p.more ? &p.last : NULL);
	return sql_done(q);
}

enum err query_report_flows(struct store_reader *r, struct str tenant, const struct flow_query *f,
			    struct buf *out)
{
	const struct report_filter *range = &f->range;
	struct interval i = {.seconds = range->interval_s,
			     .zone = range->time_zone.n ? zone_get(range->time_zone) : NULL,
			     .from_ms = range->from_ms,
			     .to_ms = range->to_ms ? range->to_ms : INT64_MAX};
	if (!interval_valid(i.seconds))
		return ERR_INVALID;
	return range->list.n ? flow_list(r, tenant, f, &i, out) : flow_rows(r, tenant, f, &i, out);
}
