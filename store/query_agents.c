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
	bool together; /* a row is everybody's */
};

static struct agent_row *row_of(struct agents *all, struct str agent, int64_t at_ms)
{
	char key[80];
	struct buf b = buf_make(key, sizeof key);
	if (all->together)
		agent = STR_NONE;
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

#define SPELL_AGENTS                                                                               \
	"SELECT agent FROM agent_spells WHERE tenant = ? AND agent > ? ORDER BY agent LIMIT 1"
#define OFFER_AGENTS                                                                               \
	"SELECT agent FROM offers WHERE tenant = ? AND agent > ? ORDER BY agent LIMIT 1"
#define SEGMENT_AGENTS                                                                             \
	"SELECT agent FROM segments WHERE tenant = ? AND kind = 'agent' AND agent > ? "            \
	"ORDER BY agent LIMIT 1"

/* Each of the three lists is read agent by agent, so that its index gives the range and not the
 * whole past. */
static struct name_walk agents_of(const char *query, struct str tenant,
				  const struct report_filter *f)
{
	return (struct name_walk){.query = query,
				  .tenant = tenant,
				  .asked = f->agent,
				  .reached = reach_agent,
				  .within = f->within};
}

static enum err add_spells_of(struct store_reader *r, struct str tenant, const char *agent,
			      const struct report_filter *f, struct agents *all)
{
	int64_t to_ms = all->interval->to_ms;
	struct sql_stmt *q = sql_query(
		r->db, "SELECT presence, work, reason, from_ms, to_ms, private FROM agent_spells "
		       "WHERE tenant = ? AND agent = ? AND to_ms > ? ORDER BY to_ms");
	sql_text(q, tenant);
	sql_text(q, str_of(agent));
	sql_i64(q, f->from_ms);
	enum err e = ERR_OK;
	while (e == ERR_OK && sql_step(q)) {
		struct spell s = {.reason = sql_col_text(q, 2), .private = sql_col_i64(q, 5) != 0};
		int64_t from = MAX(sql_col_i64(q, 3), f->from_ms);
		int64_t to = MIN(sql_col_i64(q, 4), to_ms);
		if (from >= to_ms)
			break; /* one after the other: all others are later still */
		if (presence_from(sql_col_text(q, 0), &s.presence) != ERR_OK ||
		    work_from(sql_col_text(q, 1), &s.work) != ERR_OK)
			continue; /* a word of a later version */
		if (f->now_ms)	  /* what lasts, lasts until now */
			to = MIN(to, f->now_ms);
		e = add_spell(all, str_of(agent), &s, from, to);
	}
	enum err done = sql_done(q);
	return e != ERR_OK ? e : done;
}

static void bind_agent(struct sql_stmt *q, struct str tenant, const char *agent,
		       const struct report_filter *f, int64_t to_ms)
{
	sql_text(q, tenant);
	sql_text(q, str_of(agent));
	sql_i64(q, f->from_ms);
	sql_i64(q, to_ms);
}

static bool offer_of(struct sql_stmt *q, int column, enum offer_result *result)
{
	return !sql_col_null(q, column) &&
	       offer_result_from(sql_col_text(q, column), result) == ERR_OK;
}

static enum err add_offers_of(struct store_reader *r, struct str tenant, const char *agent,
			      const struct report_filter *f, struct agents *all)
{
	struct sql_stmt *q =
		sql_query(r->db, "SELECT started_at, result FROM offers WHERE tenant = ? AND "
				 "agent = ? AND started_at >= ? AND started_at < ?");
	bind_agent(q, tenant, agent, f, all->interval->to_ms);
	enum err e = ERR_OK;
	while (e == ERR_OK && sql_step(q)) {
		enum offer_result result = OFFER_accepted;
		bool ended = offer_of(q, 1, &result);
		struct agent_row *row = row_of(all, str_of(agent),
					       interval_start(all->interval, sql_col_i64(q, 0)));
		if (row)
			agent_figures_offer(&row->figures, ended, result);
		else
			e = ERR_TOO_LARGE;
	}
	enum err done = sql_done(q);
	return e != ERR_OK ? e : done;
}

static enum err add_contacts_of(struct store_reader *r, struct str tenant, const char *agent,
				const struct report_filter *f, struct agents *all)
{
	struct sql_stmt *q = sql_query(
		r->db, "SELECT started_at, talk_ms, hold_ms, wrap_ms, handled, own, result "
		       "FROM segments WHERE tenant = ? AND kind = 'agent' AND agent = ? AND "
		       "(handled = 1 OR own = 1) AND started_at >= ? AND started_at < ?");
	bind_agent(q, tenant, agent, f, all->interval->to_ms);
	enum err e = ERR_OK;
	while (e == ERR_OK && sql_step(q)) {
		struct agent_row *row = row_of(all, str_of(agent),
					       interval_start(all->interval, sql_col_i64(q, 0)));
		if (!row) {
			e = ERR_TOO_LARGE;
			break;
		}
		if (sql_col_i64(q, 4) == 1)
			agent_figures_contact(&row->figures, sql_col_i64(q, 1), sql_col_i64(q, 2),
					      sql_col_i64(q, 3));
		if (sql_col_i64(q, 5) == 1)
			agent_figures_own(&row->figures, sql_col_i64(q, 1),
					  str_is(sql_col_text(q, 6), "completed") ||
						  str_is(sql_col_text(q, 6), "transferred"));
	}
	enum err done = sql_done(q);
	return e != ERR_OK ? e : done;
}

/* Everything of everybody into rows. */
static enum err add_all(struct store_reader *r, struct str tenant, const struct report_filter *f,
			struct agents *all)
{
	static const struct {
		const char *names;
		enum err (*add)(struct store_reader *, struct str, const char *,
				const struct report_filter *, struct agents *);
	} lists[] = {
		{SPELL_AGENTS, add_spells_of},
		{OFFER_AGENTS, add_offers_of},
		{SEGMENT_AGENTS, add_contacts_of},
	};
	enum err e = ERR_OK;
	for (size_t i = 0; e == ERR_OK && i < COUNT_OF(lists); i++) {
		char name[64] = "";
		const struct name_walk agents = agents_of(lists[i].names, tenant, f);
		while (e == ERR_OK && walk_next(r, &agents, name, &e))
			e = lists[i].add(r, tenant, name, f, all);
	}
	return e;
}

static int by_agent_and_time(const void *a, const void *b)
{
	const struct agent_row *x = *(struct agent_row *const *)a;
	const struct agent_row *y = *(struct agent_row *const *)b;
	int c = str_cmp(str_of(x->agent), str_of(y->agent));
	return c ? c : (x->at_ms > y->at_ms) - (x->at_ms < y->at_ms);
}

static void put_row(struct jsonw *w, struct str agent, int64_t at_ms,
		    const struct agent_figures *figures, bool ringing)
{
	jsonw_key(w, "agent");
	if (agent.n)
		jsonw_str(w, agent);
	else
		jsonw_null(w);
	jsonw_ktime(w, "at", at_ms);
	agent_figures_json(w, figures, ringing);
}

/* Writes the rows in order and frees them. */
static enum err rows_out(struct agents *all, enum err e, bool ringing,
			 const struct report_filter *f, struct buf *out)
{
	struct agent_row **list = xcalloc(all->rows.count + 1, sizeof *list);
	struct agent_figures *total = xcalloc(1, sizeof *total);
	struct rows rs = rows_begin(f, out);
	uint32_t count = 0, at = 0;
	for (struct agent_row *row; (row = map_next(&all->rows, &at)) != NULL;)
		list[count++] = row;
	qsort(list, count, sizeof(struct agent_row *), by_agent_and_time);
	for (uint32_t i = 0; i < count; i++) {
		if (e == ERR_OK && !rs.stop) {
			agent_figures_merge(total, &list[i]->figures);
			put_row(row_open(&rs), str_of(list[i]->agent), list[i]->at_ms,
				&list[i]->figures, ringing);
			row_close(&rs);
		}
		free(list[i]);
	}
	rows_end(&rs);
	if (f->total && e == ERR_OK && !rs.stop) {
		put_row(total_open(&rs), STR_NONE, f->from_ms, total, ringing);
		total_close(&rs);
	}
	map_finish(&all->rows);
	free(total);
	free(list);
	return rows_done(&rs, e);
}

/* -- the offers or contacts behind a number (K-3) -- */

#define LIST_COLUMNS "SELECT s.started_at, s.contact, s.n, s.result "
/* tenant, agent, from, to, then the page: in this order for every query */
#define LIST_PAGE                                                                                  \
	"AND (s.started_at, s.contact, s.n) < (?, ?, ?) ORDER BY s.started_at DESC, "              \
	"s.contact DESC, s.n DESC"
#define LIST_SERVED                                                                                \
	LIST_COLUMNS "FROM segments s WHERE s.tenant = ? AND s.kind = 'agent' AND s.agent = ? "

/* Counts belong to the interval they began in; time to the one it passed in. A segment ends with
 * its talk, wrap-up comes after; what lasts still has no length yet. */
static const char *list_query(enum agent_behind behind)
{
	switch (behind) {
	case BEHIND_offers:
		return LIST_COLUMNS "FROM offers s "
				    "WHERE s.tenant = ? AND s.agent = ? AND s.started_at >= ? AND "
				    "s.started_at < ? " LIST_PAGE;
	case BEHIND_handled:
		return LIST_SERVED "AND s.started_at >= ? AND s.started_at < ? AND s.handled = "
				   "1 " LIST_PAGE;
	case BEHIND_talk:
		return LIST_SERVED
			"AND (s.ended_at IS NULL OR s.ended_at > ?) AND s.started_at < "
			"? AND s.own < 2 AND (s.talk_ms > 0 OR s.ended_at IS NULL) " LIST_PAGE;
	case BEHIND_hold:
		return LIST_SERVED "AND (s.ended_at IS NULL OR s.ended_at > ?) AND s.started_at < "
				   "? AND s.own < 2 AND s.hold_ms > 0 " LIST_PAGE;
	case BEHIND_dialled:
		return LIST_SERVED "AND s.started_at >= ? AND s.started_at < ? AND s.own = "
				   "1 " LIST_PAGE;
	case BEHIND_dialled_answered:
		return LIST_SERVED "AND s.started_at >= ? AND s.started_at < ? AND s.own = 1 AND "
				   "s.result IN ('completed', 'transferred') " LIST_PAGE;
	case BEHIND_wrap:
		return LIST_SERVED
			"AND ((s.handled = 0 AND s.result IS NOT NULL) OR (s.wrap_ms > 0 AND "
			"s.ended_at + s.wrap_ms > ?)) AND s.ended_at < ? " LIST_PAGE;
	}
	return NULL;
}

/* What names the agents that such a list may have. */
static const char *list_names(enum agent_behind behind)
{
	return behind == BEHIND_offers ? OFFER_AGENTS : SEGMENT_AGENTS;
}

struct agent_page {
	struct jsonw w;
	struct agent_list field;
	char agent[64], last_agent[64];
	uint32_t limit, count;
	struct cursor last;
	bool more;
	struct list_hit hits[LIST_MAX]; /* of one agent */
};

/* Those of one agent, after `after` if that is not NULL. */
static enum err list_of_agent(struct store_reader *r, struct str tenant,
			      const struct report_filter *f, int64_t to_ms,
			      const struct cursor *after, struct agent_page *l)
{
	static const struct cursor front = {.at_ms = INT64_MAX};
	bool offers = l->field.behind == BEHIND_offers;
	struct sql_stmt *q = sql_query(r->db, list_query(l->field.behind));
	bind_agent(q, tenant, l->agent, f, to_ms);
	if (!after)
		after = &front;
	sql_i64(q, after->at_ms);
	sql_blob(q, after->contact, sizeof after->contact);
	sql_i64(q, after->n);
	uint32_t hits = 0;
	while (!l->more && sql_step(q)) {
		enum offer_result result = OFFER_accepted;
		bool ended = offers && offer_of(q, 3, &result);
		if (offers && !offer_counts(l->field.count, ended, result))
			continue;
		l->more = l->count == l->limit;
		if (l->more)
			break;
		l->count++;
		struct list_hit *hit = &l->hits[hits++];
		*hit = (struct list_hit){sql_col_i64(q, 0), {0}, (uint32_t)sql_col_i64(q, 2)};
		copy_contact(sql_col_text(q, 1), hit->contact);
	}
	enum err e = sql_done(q);
	if (e != ERR_OK || !hits)
		return e;
	const struct list_hit *end = &l->hits[hits - 1];
	memcpy(l->last_agent, l->agent, sizeof l->agent);
	l->last = (struct cursor){str_of(l->last_agent), end->at_ms, {0}, end->n};
	memcpy(l->last.contact, end->contact, sizeof end->contact);
	return list_items(r, tenant, &l->w, offers ? "offer" : "segment", l->hits, hits);
}

static enum err agent_list(struct store_reader *r, struct str tenant, const struct report_filter *f,
			   int64_t to_ms, struct buf *out)
{
	struct cursor page = {0};
	struct agent_page l = {.w = jsonw_make(out),
			       .limit = f->limit ? MIN(f->limit, LIST_MAX) : 50};
	enum err e = agent_field(f->list, &l.field);
	if (e != ERR_OK)
		return e;
	if (f->after.n && (cursor_take(f->after, &page) != ERR_OK ||
			   !str_copy(page.key, l.agent, sizeof l.agent)))
		return ERR_INVALID;
	const struct name_walk agents = agents_of(list_names(l.field.behind), tenant, f);
	jsonw_open(&l.w, '{');
	jsonw_key(&l.w, "items");
	jsonw_open(&l.w, '[');
	if (walk_holds(&agents, str_of(l.agent)))
		e = list_of_agent(r, tenant, f, to_ms, &page, &l);
	while (e == ERR_OK && !l.more && walk_next(r, &agents, l.agent, &e))
		e = list_of_agent(r, tenant, f, to_ms, NULL, &l);
	list_end(&l.w, l.more ? &l.last : NULL);
	return e;
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
	struct agents all = {.interval = &i, .together = f->together};
	map_init(&all.rows, 3);
	bool ringing = false;
	enum err e = ringing_works(r, tenant, &ringing);
	if (e == ERR_OK)
		e = add_all(r, tenant, f, &all);
	return rows_out(&all, e, ringing, f, out);
}
