/*
 * query_trunks.c - how much of each trunk was used; see query.h. The arithmetic is
 * report/trunk_figures.c's; here are the rows. Full is by the max_calls declared now.
 */
#include <jansson.h>
#include <stdlib.h>

#include "report/interval.h"
#include "report/trunk_figures.h"
#include "store/store_inside.h"

#define LONGEST_MS 86400000ll /* a use that began longer before the range is not looked for */
#define ROWS_MAX 100000u

static bool asked_for(const struct report_filter *f, struct str trunk)
{
	return !f->trunk.n || str_among(f->trunk, trunk);
}

struct uses {
	struct trunk_use *all;
	uint32_t count, room;
};

static bool next_trunk(struct store_reader *r, struct str tenant, char name[64], enum err *e)
{
	struct sql_stmt *q = sql_query(
		r->db, "SELECT min(name) FROM (SELECT min(trunk) AS name FROM trunk_uses WHERE "
		       "tenant = ? AND trunk > ? UNION ALL SELECT min(trunk) AS name FROM "
		       "trunk_blocked WHERE tenant = ? AND trunk > ?) AS names");
	char after[64];
	memcpy(after, name, sizeof after);
	for (int i = 0; i < 2; i++) {
		sql_text(q, tenant);
		sql_text(q, str_of(after));
	}
	return next_name(q, name, e);
}

/* Behind those that are there already. */
static enum err uses_read(struct store_reader *r, struct str tenant, const char *trunk,
			  const struct report_filter *f, int64_t to_ms, struct uses *out)
{
	struct sql_stmt *q = sql_query(
		r->db, "SELECT from_ms, to_ms, outbound FROM trunk_uses WHERE tenant = ? AND "
		       "trunk = ? AND from_ms >= ? AND from_ms < ? ORDER BY from_ms");
	sql_text(q, tenant);
	sql_text(q, str_of(trunk));
	sql_i64(q, f->from_ms - LONGEST_MS);
	sql_i64(q, to_ms);
	while (sql_step(q)) {
		struct trunk_use u = {sql_col_i64(q, 0), f->now_ms, sql_col_i64(q, 2) != 0};
		if (!sql_col_null(q, 1))
			u.to_ms = sql_col_i64(q, 1);
		if (u.to_ms <= f->from_ms && u.from_ms < f->from_ms)
			continue;
		if (out->count == out->room) {
			out->room = MAX(256u, 2 * out->room);
			out->all = xrealloc(out->all, out->room * sizeof *out->all);
		}
		out->all[out->count++] = u;
	}
	return sql_done(q);
}

/* When anything was first heard of it in the range; to_ms: never. */
static enum err first_heard(struct store_reader *r, struct str tenant, const char *trunk,
			    const struct interval *i, const struct uses *uses, int64_t *out)
{
	struct sql_stmt *q =
		sql_query(r->db, "SELECT min(at_ms) FROM trunk_blocked WHERE tenant = ? "
				 "AND trunk = ? AND at_ms >= ?");
	sql_text(q, tenant);
	sql_text(q, str_of(trunk));
	sql_i64(q, i->from_ms);
	*out = uses->count ? MAX(uses->all[0].from_ms, i->from_ms) : i->to_ms;
	if (sql_step(q) && !sql_col_null(q, 0))
		*out = MIN(*out, sql_col_i64(q, 0));
	return sql_done(q);
}

static enum err blocked_read(struct store_reader *r, struct str tenant, const char *trunk,
			     int64_t from_ms, int64_t to_ms, uint64_t *out)
{
	struct sql_stmt *q =
		sql_query(r->db, "SELECT coalesce(sum(calls), 0) FROM trunk_blocked WHERE "
				 "tenant = ? AND trunk = ? AND at_ms >= ? AND at_ms < ?");
	sql_text(q, tenant);
	sql_text(q, str_of(trunk));
	sql_i64(q, from_ms);
	sql_i64(q, to_ms);
	*out = sql_step(q) ? (uint64_t)sql_col_i64(q, 0) : 0;
	return sql_done(q);
}

static enum err max_calls_of(struct store_reader *r, struct str tenant, const char *trunk,
			     uint32_t *out)
{
	json_t *doc;
	enum err e = object_newest(r, "trunk", tenant, str_of(trunk), &doc);
	*out = e == ERR_OK ? (uint32_t)json_integer_value(json_object_get(doc, "max_calls")) : 0;
	if (e == ERR_OK)
		json_decref(doc);
	return e;
}

static enum err trunk_rows(struct store_reader *r, struct str tenant, const char *trunk,
			   const struct report_filter *f, const struct interval *i,
			   struct uses *uses, struct rows *rs, struct trunk_figures *total)
{
	uint32_t max_calls;
	int64_t first_ms = 0;
	enum err e = max_calls_of(r, tenant, trunk, &max_calls);
	uses->count = 0;
	if (e == ERR_OK)
		e = uses_read(r, tenant, trunk, f, i->to_ms, uses);
	if (e == ERR_OK)
		e = first_heard(r, tenant, trunk, i, uses, &first_ms);
	for (int64_t at = interval_start(i, first_ms), next; e == ERR_OK && at < i->to_ms;
	     at = next) {
		struct jsonw *w;
		struct trunk_figures figures;
		next = interval_next(i, at);
		/* of a range without a beginning: from the first call on */
		int64_t from = MAX(at, i->from_ms ? i->from_ms : first_ms),
			to = MIN(next, i->to_ms);
		trunk_figures_make(&figures, uses->all, uses->count, from, to, max_calls);
		e = blocked_read(r, tenant, trunk, from, to, &figures.blocked);
		if (e != ERR_OK || !trunk_figures_any(&figures))
			continue;
		if (rs->count >= ROWS_MAX)
			return ERR_TOO_LARGE;
		trunk_figures_merge(total, &figures);
		w = row_open(rs);
		jsonw_kstr(w, "trunk", str_of(trunk));
		jsonw_ktime(w, "at", at);
		trunk_figures_json(w, &figures, to - from);
		row_close(rs);
	}
	return rs->stop ? ERR_AGAIN : e;
}

/* Most at one time of all trunks that are asked for, together; they may share no such moment. */
static enum err most_together(struct store_reader *r, struct str tenant,
			      const struct report_filter *f, int64_t to_ms,
			      struct trunk_figures *out)
{
	struct uses uses = {0};
	char trunk[64] = "";
	enum err e = ERR_OK;
	while (e == ERR_OK && next_trunk(r, tenant, trunk, &e))
		if (asked_for(f, str_of(trunk)))
			e = uses_read(r, tenant, trunk, f, to_ms, &uses);
	trunk_figures_make(out, uses.all, uses.count, f->from_ms, to_ms, 0);
	free(uses.all);
	return e;
}

/* Which calls stand behind a number. */
struct trunk_wanted {
	int64_t began_ms, began_before_ms;
	int64_t ended_after_ms; /* those that go on did */
	int64_t least, most;	/* of `outbound` */
};

static enum err wanted_of(struct store_reader *r, struct str tenant, const struct report_filter *f,
			  int64_t to_ms, struct trunk_wanted *out)
{
	*out = (struct trunk_wanted){f->from_ms, to_ms, INT64_MIN, 0, 1};
	if (str_is(f->list, "calls"))
		return ERR_OK;
	if (str_is(f->list, "inbound") || str_is(f->list, "outbound")) {
		out->least = out->most = str_is(f->list, "outbound");
		return ERR_OK;
	}
	if (str_is(f->list, "blocked")) /* it was refused before there was a contact: an event */
		return ERR_UNSUPPORTED;
	out->began_ms = f->from_ms - LONGEST_MS;
	if (str_is(f->list, "used_ms") || str_is(f->list, "erlangs")) {
		out->ended_after_ms = f->from_ms;
		return ERR_OK;
	}
	if (!str_is(f->list, "most"))
		return ERR_INVALID;
	struct trunk_figures all;
	const enum err e = most_together(r, tenant, f, MIN(to_ms, f->now_ms), &all);
	out->ended_after_ms = all.most_at_ms;
	out->began_before_ms = all.most ? all.most_at_ms + 1 : out->began_ms;
	return e;
}

/* They are listed trunk by trunk, the newest first. */
static enum err trunk_list(struct store_reader *r, struct str tenant, const struct report_filter *f,
			   int64_t to_ms, struct buf *out)
{
	struct trunk_wanted wanted;
	struct cursor page = {.at_ms = INT64_MAX};
	if (f->after.n && cursor_take(f->after, &page) != ERR_OK)
		return ERR_INVALID;
	enum err e = wanted_of(r, tenant, f, to_ms, &wanted);
	if (e != ERR_OK)
		return e;
	struct sql_stmt *q = sql_query(
		r->db,
		"SELECT trunk, from_ms, contact, outbound FROM trunk_uses WHERE tenant = ? AND "
		"from_ms >= ? AND from_ms < ? AND (to_ms IS NULL OR to_ms > ?) AND "
		"outbound >= ? AND outbound <= ? AND "
		"(trunk > ? OR (trunk = ? AND (from_ms, contact, outbound) < (?, ?, ?))) "
		"ORDER BY trunk, from_ms DESC, contact DESC, outbound DESC");
	sql_text(q, tenant);
	sql_i64(q, wanted.began_ms);
	sql_i64(q, wanted.began_before_ms);
	sql_i64(q, wanted.ended_after_ms);
	sql_i64(q, wanted.least);
	sql_i64(q, wanted.most);
	sql_text(q, page.key);
	sql_text(q, page.key);
	sql_i64(q, page.at_ms);
	sql_blob(q, page.contact, sizeof page.contact);
	sql_i64(q, page.n);
	struct list_hit *hits = xcalloc(LIST_MAX, sizeof *hits);
	char trunk[64] = "";
	uint32_t limit = f->limit ? MIN(f->limit, LIST_MAX) : 50, count = 0;
	bool more = false;
	while (!more && sql_step(q)) {
		if (!asked_for(f, sql_col_text(q, 0)))
			continue;
		more = count == limit;
		if (more)
			break;
		str_copy(str_head(sql_col_text(q, 0), sizeof trunk - 1), trunk, sizeof trunk);
		hits[count] =
			(struct list_hit){sql_col_i64(q, 1), {0}, (uint32_t)sql_col_i64(q, 3)};
		copy_contact(sql_col_text(q, 2), hits[count++].contact);
	}
	e = sql_done(q);
	struct jsonw w = jsonw_make(out);
	jsonw_open(&w, '{');
	jsonw_key(&w, "items");
	jsonw_open(&w, '[');
	if (e == ERR_OK)
		e = list_items(r, tenant, &w, "outbound", hits, count);
	struct cursor last = {.key = str_of(trunk)};
	if (count) {
		last.at_ms = hits[count - 1].at_ms;
		last.n = hits[count - 1].n;
		memcpy(last.contact, hits[count - 1].contact, sizeof last.contact);
	}
	list_end(&w, more ? &last : NULL);
	free(hits);
	return e;
}

enum err query_report_trunks(struct store_reader *r, struct str tenant,
			     const struct report_filter *f, struct buf *out)
{
	int64_t end_ms = f->to_ms ? f->to_ms : INT64_MAX;
	int64_t to_ms = MIN(end_ms, f->now_ms); /* what is to come has no length */
	if (!interval_valid(f->interval_s))
		return ERR_INVALID;
	if (f->list.n)
		return trunk_list(r, tenant, f, end_ms, out);
	struct interval i = {.seconds = f->interval_s,
			     .zone = f->time_zone.n ? zone_get(f->time_zone) : NULL,
			     .from_ms = f->from_ms,
			     .to_ms = to_ms};
	struct uses uses = {0};
	struct rows rs = rows_begin(f, out);
	struct trunk_figures total = {.full_ms = -1};
	char trunk[64] = "";
	enum err e = ERR_OK;
	while (e == ERR_OK && f->from_ms < to_ms && next_trunk(r, tenant, trunk, &e))
		if (asked_for(f, str_of(trunk)))
			e = trunk_rows(r, tenant, trunk, f, &i, &uses, &rs, &total);
	rows_end(&rs);
	if (f->total && e == ERR_OK && !rs.stop) {
		struct trunk_figures all;
		e = most_together(r, tenant, f, to_ms, &all);
		total.most = all.most;
	}
	if (f->total && e == ERR_OK && !rs.stop) {
		struct jsonw *w = total_open(&rs);
		jsonw_key(w, "trunk");
		jsonw_null(w);
		jsonw_ktime(w, "at", f->from_ms);
		trunk_figures_json(w, &total, MAX(to_ms - f->from_ms, 1));
		total_close(&rs);
	}
	free(uses.all);
	return rows_done(&rs, e);
}
