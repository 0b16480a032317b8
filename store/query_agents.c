/*
 * query_agents.c - the figures of agents; see query.h. Rows are gathered from three lists (spells,
 * offers, contacts served), so they are kept in memory, at most ROWS_MAX, and sorted at the end.
 */
#include <stdlib.h>

#include "base/map.h"
#include "report/agent_figures.h"
#include "report/interval.h"
#include "store/store_inside.h"

#define ROWS_MAX 50000u

struct agent_row {
	char key[80]; /* agent 0 at_ms */
	size_t key_n;
	char agent[64];
	int64_t at_ms;
	struct agent_figures figures;
};

struct agents {
	struct map rows;
	const struct interval *interval;
};

static struct agent_row *row_of(struct agents *all, struct str agent, int64_t at_ms)
{
	char key[80];
	struct buf b = buf_make(key, sizeof key);
	buf_put(&b, str_head(agent, 63));
	buf_ch(&b, 0);
	buf_put(&b, str_make((char *)&at_ms, sizeof at_ms));
	struct agent_row *row = map_get(&all->rows, buf_str(&b));
	if (row)
		return row;
	if (all->rows.count >= ROWS_MAX)
		return NULL;
	row = xcalloc(1, sizeof *row);
	memcpy(row->key, key, b.n);
	row->key_n = b.n;
	row->at_ms = at_ms;
	(void)str_copy(str_head(agent, 63), row->agent, sizeof row->agent);
	CHECK(map_add(&all->rows, str_make(row->key, row->key_n), row) == ERR_OK);
	return row;
}

/* Cuts [from, to) at every interval edge. */
static enum err add_spell(struct agents *all, struct str agent, const struct spell *s, int64_t from,
			  int64_t to)
{
	if (s->presence == PRESENCE_signed_out && s->work == WORK_idle)
		return ERR_OK;
	while (from < to) {
		int64_t edge = MIN(to, interval_next(all->interval, from));
		struct agent_row *row = row_of(all, agent, interval_start(all->interval, from));
		if (!row)
			return ERR_TOO_LARGE;
		(void)agent_figures_spell(&row->figures, s, edge - from);
		from = edge;
	}
	return ERR_OK;
}

static enum err add_spells(struct store_reader *r, struct str tenant, const struct report_filter *f,
			   struct agents *all)
{
	int64_t to_ms = all->interval->to_ms;
	struct sql_stmt *q = sql_query(
		r->db, "SELECT agent, presence, work, reason, from_ms, to_ms FROM agent_spells "
		       "WHERE tenant = ?1 AND to_ms > ?2 AND from_ms < ?3 AND (?4 = '' OR "
		       "agent = ?4) ORDER BY agent, from_ms");
	sql_text(q, tenant);
	sql_i64(q, f->from_ms);
	sql_i64(q, to_ms);
	sql_text(q, f->agent);
	enum err e = ERR_OK;
	while (e == ERR_OK && sql_step(q)) {
		struct spell s = {.reason = sql_col_text(q, 3)};
		if (presence_from(sql_col_text(q, 1), &s.presence) != ERR_OK ||
		    work_from(sql_col_text(q, 2), &s.work) != ERR_OK)
			continue; /* a word of a later version */
		int64_t from = MAX(sql_col_i64(q, 4), f->from_ms);
		int64_t to = MIN(sql_col_i64(q, 5), to_ms);
		if (f->now_ms) /* what lasts, lasts until now */
			to = MIN(to, f->now_ms);
		e = add_spell(all, sql_col_text(q, 0), &s, from, to);
	}
	enum err done = sql_done(q);
	return e != ERR_OK ? e : done;
}

static void bind_range(struct sql_stmt *q, struct str tenant, const struct report_filter *f,
		       int64_t to_ms)
{
	sql_text(q, tenant);
	sql_i64(q, f->from_ms);
	sql_i64(q, to_ms);
	sql_text(q, f->agent);
}

static bool offer_of(struct sql_stmt *q, int column, enum offer_result *result)
{
	return !sql_col_null(q, column) &&
	       offer_result_from(sql_col_text(q, column), result) == ERR_OK;
}

static enum err add_offers(struct store_reader *r, struct str tenant, const struct report_filter *f,
			   struct agents *all)
{
	struct sql_stmt *q = sql_query(
		r->db, "SELECT agent, started_at, result FROM offers WHERE tenant = ?1 AND "
		       "started_at >= ?2 AND started_at < ?3 AND (?4 = '' OR agent = ?4)");
	bind_range(q, tenant, f, all->interval->to_ms);
	enum err e = ERR_OK;
	while (e == ERR_OK && sql_step(q)) {
		enum offer_result result = OFFER_accepted;
		bool ended = offer_of(q, 2, &result);
		struct agent_row *row = row_of(all, sql_col_text(q, 0),
					       interval_start(all->interval, sql_col_i64(q, 1)));
		if (row)
			agent_figures_offer(&row->figures, ended, result);
		else
			e = ERR_TOO_LARGE;
	}
	enum err done = sql_done(q);
	return e != ERR_OK ? e : done;
}

static enum err add_contacts(struct store_reader *r, struct str tenant,
			     const struct report_filter *f, struct agents *all)
{
	struct sql_stmt *q = sql_query(
		r->db, "SELECT agent, started_at, talk_ms, hold_ms, wrap_ms FROM segments WHERE "
		       "tenant = ?1 AND kind = 'agent' AND handled = 1 AND started_at >= ?2 AND "
		       "started_at < ?3 AND (?4 = '' OR agent = ?4)");
	bind_range(q, tenant, f, all->interval->to_ms);
	enum err e = ERR_OK;
	while (e == ERR_OK && sql_step(q)) {
		struct agent_row *row = row_of(all, sql_col_text(q, 0),
					       interval_start(all->interval, sql_col_i64(q, 1)));
		if (row)
			agent_figures_contact(&row->figures, sql_col_i64(q, 2), sql_col_i64(q, 3),
					      sql_col_i64(q, 4));
		else
			e = ERR_TOO_LARGE;
	}
	enum err done = sql_done(q);
	return e != ERR_OK ? e : done;
}

static int by_agent_and_time(const void *a, const void *b)
{
	const struct agent_row *x = *(struct agent_row *const *)a;
	const struct agent_row *y = *(struct agent_row *const *)b;
	int c = str_cmp(str_of(x->agent), str_of(y->agent));
	return c ? c : (x->at_ms > y->at_ms) - (x->at_ms < y->at_ms);
}

/* Writes the rows in order and frees them. */
static void rows_out(struct agents *all, bool write, struct buf *out)
{
	struct agent_row **list = xcalloc(all->rows.count + 1, sizeof *list);
	uint32_t count = 0, at = 0;
	for (struct agent_row *row; (row = map_next(&all->rows, &at)) != NULL;)
		list[count++] = row;
	qsort(list, count, sizeof(struct agent_row *), by_agent_and_time);
	struct jsonw w = jsonw_make(out);
	if (write) {
		jsonw_open(&w, '{');
		jsonw_key(&w, "items");
		jsonw_open(&w, '[');
	}
	for (uint32_t i = 0; i < count; i++) {
		if (write) {
			jsonw_open(&w, '{');
			jsonw_kstr(&w, "agent", str_of(list[i]->agent));
			jsonw_ktime(&w, "at", list[i]->at_ms);
			agent_figures_json(&w, &list[i]->figures);
			jsonw_close(&w, '}');
		}
		free(list[i]);
	}
	if (write)
		list_end(&w, NULL);
	map_finish(&all->rows);
	free(list);
}

/* -- the offers or contacts behind a number (K-3) -- */

#define LIST_JOIN "JOIN contacts c ON c.tenant = s.tenant AND c.id = s.contact "
#define LIST_COLUMNS "SELECT s.agent, s.started_at, s.contact, s.n, s.result, c.record "
#define LIST_PAGE                                                                                  \
	"AND (?4 = '' OR s.agent = ?4) AND (s.agent, s.started_at, s.contact, s.n) > "             \
	"(?5, ?6, ?7, ?8) ORDER BY s.agent, s.started_at, s.contact, s.n"
#define LIST_SERVED                                                                                \
	LIST_COLUMNS "FROM segments s " LIST_JOIN "WHERE s.tenant = ?1 AND s.kind = 'agent' "

/* Counts belong to the interval they began in; time to the one it passed in. A segment ends with
 * its talk, wrap-up comes after; what lasts still has no length yet. */
static const char *list_query(enum agent_behind behind)
{
	switch (behind) {
	case BEHIND_offers:
		return LIST_COLUMNS "FROM offers s " LIST_JOIN
				    "WHERE s.tenant = ?1 AND s.started_at >= ?2 AND "
				    "s.started_at < ?3 " LIST_PAGE;
	case BEHIND_handled:
		return LIST_SERVED "AND s.handled = 1 AND s.started_at >= ?2 AND "
				   "s.started_at < ?3 " LIST_PAGE;
	case BEHIND_talk:
		return LIST_SERVED "AND (s.talk_ms > 0 OR s.ended_at IS NULL) AND "
				   "s.started_at < ?3 AND ifnull(s.ended_at, ?3) > ?2 " LIST_PAGE;
	case BEHIND_hold:
		return LIST_SERVED "AND s.hold_ms > 0 AND s.started_at < ?3 AND "
				   "ifnull(s.ended_at, ?3) > ?2 " LIST_PAGE;
	case BEHIND_wrap:
		return LIST_SERVED
			"AND s.ended_at < ?3 AND ((s.handled = 0 AND s.result IS NOT "
			"NULL) OR (s.wrap_ms > 0 AND s.ended_at + s.wrap_ms > ?2)) " LIST_PAGE;
	}
	return NULL;
}

static enum err agent_list(struct store_reader *r, struct str tenant, const struct report_filter *f,
			   int64_t to_ms, struct buf *out)
{
	struct agent_list field;
	struct cursor page = {.key = STR("")}, last = {0};
	char last_agent[64] = "";
	enum err e = agent_field(f->list, &field);
	if (e != ERR_OK)
		return e;
	if (f->after.n && cursor_take(f->after, &page) != ERR_OK)
		return ERR_INVALID;
	bool offers = field.behind == BEHIND_offers;
	struct sql_stmt *q = sql_query(r->db, list_query(field.behind));
	bind_range(q, tenant, f, to_ms);
	sql_text(q, page.key);
	sql_i64(q, page.at_ms);
	sql_blob(q, page.contact, sizeof page.contact);
	sql_i64(q, page.n);
	uint32_t limit = f->limit ? MIN(f->limit, 500) : 50, count = 0;
	struct jsonw w = jsonw_make(out);
	jsonw_open(&w, '{');
	jsonw_key(&w, "items");
	jsonw_open(&w, '[');
	bool more = false;
	while (!more && sql_step(q)) {
		enum offer_result result = OFFER_accepted;
		bool ended = offers && offer_of(q, 4, &result);
		if (offers && !offer_counts(field.count, ended, result))
			continue;
		if (count++ == limit) {
			more = true;
			break;
		}
		(void)str_copy(str_head(sql_col_text(q, 0), 63), last_agent, sizeof last_agent);
		last = (struct cursor){
			str_of(last_agent), sql_col_i64(q, 1), {0}, (uint32_t)sql_col_i64(q, 3)};
		copy_contact(sql_col_text(q, 2), last.contact);
		list_item(&w, sql_col_text(q, 5), offers ? "offer" : "segment", last.n, last.at_ms);
	}
	list_end(&w, more ? &last : NULL);
	return sql_done(q);
}

enum err query_report_agents(struct store_reader *r, struct str tenant,
			     const struct report_filter *f, struct buf *out)
{
	struct interval i = {.seconds = f->interval_s,
			     .zone = f->time_zone.n ? zone_get(f->time_zone) : NULL,
			     .from_ms = f->from_ms,
			     .to_ms = f->to_ms ? f->to_ms : INT64_MAX};
	if (!interval_valid(i.seconds))
		return ERR_INVALID;
	if (f->list.n)
		return agent_list(r, tenant, f, i.to_ms, out);
	struct agents all = {.interval = &i};
	map_init(&all.rows, 3);
	enum err e = add_spells(r, tenant, f, &all);
	if (e == ERR_OK)
		e = add_offers(r, tenant, f, &all);
	if (e == ERR_OK)
		e = add_contacts(r, tenant, f, &all);
	rows_out(&all, e == ERR_OK, out);
	return e;
}
