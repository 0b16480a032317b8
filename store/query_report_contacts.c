/*
 * query_report_contacts.c - figures of contacts by what tells them apart; see query.h. The
 * arithmetic is report/contact_figures.c's; here are the records.
 */
#include "base/jsonr.h"
#include "report/contact_figures.h"
#include "store/store_inside.h"

#define HEAD                                                                                       \
	"SELECT record, arrived_at, id FROM contacts c WHERE tenant = ? AND arrived_at >= ? AND "  \
	"arrived_at < ? "
#define PAGE "AND (arrived_at, id) < (?, ?) "
#define NEWEST_FIRST "ORDER BY arrived_at DESC, id DESC"

struct contact_rows {
	struct rows out;
	const struct contact_figures *figures;
};

static bool put_row(void *arg, const struct contact_row *row)
{
	struct contact_rows *c = arg;
	contact_row_json(row_open(&c->out), c->figures, row, 0);
	row_close(&c->out);
	return !c->out.stop;
}

static enum err rows_out(const struct contact_figures *figures, const struct contacts_query *f,
			 enum err e, struct buf *out)
{
	struct contact_rows rows = {rows_begin(&f->range, out), figures};
	if (e == ERR_OK)
		contact_figures_rows(figures, put_row, &rows);
	rows_end(&rows.out);
	if (f->range.total && e == ERR_OK && !rows.out.stop) {
		contact_row_json(total_open(&rows.out), figures, NULL, f->range.from_ms);
		total_close(&rows.out);
	}
	return rows_done(&rows.out, e);
}

/* Was he in one of these queues, with one of these agents? The record says who had him last and, in
 * its segments, who ever did. */
static bool was_with(struct str record, const char *member, struct str last, struct str names)
{
	char needle[80];
	if (!names.n || str_among(names, last))
		return true;
	const struct str segments = jsonr_get(record, "segments");
	for (struct str one; names.n;) {
		str_cut(names, ',', &one, &names);
		struct buf b = buf_make(needle, sizeof needle);
		buf_fmt(&b, "\"%s\":\"" STR_FMT "\"", member, STR_ARG(str_head(one, 63)));
		if (one.n && str_find_str(segments, buf_str(&b)) >= 0)
			return true;
	}
	return false;
}

/* Who asks may see those only that were once with people or in queues of his. */
static bool is_within(struct str record, const struct contact_seen *c, const struct reach *r)
{
	struct str segment;
	struct jsonr all = jsonr_array(jsonr_get(record, "segments"));
	bool his = !r || (c->queue.n && reach_queue(r, c->queue)) ||
		   (c->agent.n && reach_agent(r, c->agent));
	while (!his && jsonr_item(&all, &segment)) {
		const struct str queue = jsonr_plain(jsonr_get(segment, "queue")),
				 agent = jsonr_plain(jsonr_get(segment, "agent"));
		his = (queue.n && reach_queue(r, queue)) || (agent.n && reach_agent(r, agent));
	}
	return his;
}

static bool asked_for(const struct contacts_query *f, const struct zone *zone, struct str record,
		      struct contact_seen *c)
{
	char room[4];
	if (contact_see(record, c) != ERR_OK || !contact_fits(&f->narrow, c) ||
	    !was_with(record, "queue", c->queue, f->range.queue) ||
	    !was_with(record, "agent", c->agent, f->range.agent) ||
	    !is_within(record, c, f->range.within))
		return false;
	return !f->keyed || str_eq(contact_key(f->by, zone, c, room), f->key);
}

static struct sql_stmt *ask(struct store_reader *r, const char *query, struct str tenant,
			    const struct interval *i)
{
	struct sql_stmt *q = sql_query(r->db, query);
	sql_text(q, tenant);
	sql_i64(q, i->from_ms);
	sql_i64(q, i->to_ms);
	return q;
}

static enum err contact_rows(struct store_reader *r, struct str tenant,
			     const struct contacts_query *f, const struct interval *i,
			     struct buf *out)
{
	struct contact_figures figures;
	struct contact_seen c;
	enum err e;
	contact_figures_init(&figures, f->by, i);
	struct sql_stmt *q = ask(r, HEAD, tenant, i);
	while (!figures.full && sql_step(q))
		if (asked_for(f, i->zone, sql_col_text(q, 0), &c))
			contact_figures_add(&figures, &c);
	e = sql_done(q);
	if (e == ERR_OK && figures.full)
		e = ERR_TOO_LARGE;
	e = rows_out(&figures, f, e, out);
	contact_figures_finish(&figures);
	return e;
}

/* -- the contacts behind a number (K-3) -- */

static enum err contact_list(struct store_reader *r, struct str tenant,
			     const struct contacts_query *f, const struct interval *i,
			     struct buf *out)
{
	struct cursor page = {.at_ms = INT64_MAX}, last = {0};
	enum contact_count field;
	const uint32_t limit = f->range.limit ? MIN(f->range.limit, LIST_MAX) : 50;
	uint32_t count = 0;
	bool more = false;
	struct contact_seen c;
	if (contact_field(f->range.list, &field) != ERR_OK ||
	    (f->range.after.n && cursor_take(f->range.after, &page) != ERR_OK))
		return ERR_INVALID;
	struct sql_stmt *q = ask(r, HEAD PAGE NEWEST_FIRST, tenant, i);
	sql_i64(q, page.at_ms);
	sql_blob(q, page.contact, sizeof page.contact);
	struct jsonw w = jsonw_make(out);
	jsonw_open(&w, '{');
	jsonw_key(&w, "items");
	jsonw_open(&w, '[');
	while (!more && sql_step(q)) {
		const struct str record = sql_col_text(q, 0);
		if (!asked_for(f, i->zone, record, &c) || !contact_counts(field, &c))
			continue;
		more = count == limit;
		if (more)
			break;
		count++;
		jsonw_raw(&w, record);
		last.at_ms = sql_col_i64(q, 1);
		copy_contact(sql_col_text(q, 2), last.contact);
	}
	list_end(&w, more && count ? &last : NULL);
	return sql_done(q);
}

enum err query_report_contacts(struct store_reader *r, struct str tenant,
			       const struct contacts_query *f, struct buf *out)
{
	const struct report_filter *range = &f->range;
	struct interval i = {.seconds = range->interval_s,
			     .zone = range->time_zone.n ? zone_get(range->time_zone) : NULL,
			     .from_ms = range->from_ms,
			     .to_ms = range->to_ms ? range->to_ms : INT64_MAX};
	if (!interval_valid(i.seconds))
		return ERR_INVALID;
	return range->list.n ? contact_list(r, tenant, f, &i, out)
			     : contact_rows(r, tenant, f, &i, out);
}
