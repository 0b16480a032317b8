/*
 * query_mass.c - mass events and what their queues went through meanwhile; see query.h.
 *
 * Facts say when one began and ended; the visits of its queues that began in between are counted as
 * in every other report. Who waited already when it began counts for the peak alone.
 */
#include <stdlib.h>

#include "store/store_inside.h"

#define RUNS_MAX 1000u

/* One time it went on. */
struct run {
	char name[64], started_by[80], stopped_by[80];
	char queues[4096]; /* by commas */
	int64_t from_ms, to_ms /* 0: goes on */;
	uint64_t from_seq, to_seq;
};

struct runs {
	struct run *all;
	uint32_t count;
};

static void copy(struct str s, char *out, size_t room)
{
	CHECK(str_copy(str_head(s, room - 1), out, room));
}

static struct run *open_run(struct runs *rs, struct str name)
{
	for (uint32_t i = rs->count; i-- > 0;)
		if (str_is(name, rs->all[i].name) && !rs->all[i].to_ms)
			return &rs->all[i];
	return NULL;
}

static void take_fact(struct runs *rs, const struct fact *f)
{
	if (f->kind == EV_mass_event_start && rs->count < RUNS_MAX) {
		struct run *r = &rs->all[rs->count++];
		*r = (struct run){.from_ms = f->at_ms, .from_seq = f->seq};
		copy(f->mass_event_start.mass_event, r->name, sizeof r->name);
		copy(f->mass_event_start.by, r->started_by, sizeof r->started_by);
		copy(f->mass_event_start.queues, r->queues, sizeof r->queues);
	} else if (f->kind == EV_mass_event_stop) {
		struct run *r = open_run(rs, f->mass_event_stop.mass_event);
		if (!r)
			return;
		r->to_ms = f->at_ms;
		r->to_seq = f->seq;
		copy(f->mass_event_stop.by, r->stopped_by, sizeof r->stopped_by);
	}
}

static enum err runs_read(struct store_reader *r, struct str tenant, struct runs *rs)
{
	struct sql_stmt *q =
		sql_query(r->db, "SELECT data FROM events WHERE tenant = ? AND kind IN "
				 "('mass_event_start', 'mass_event_stop') ORDER BY seq");
	sql_text(q, tenant);
	struct fact f;
	while (sql_step(q))
		if (fact_decode(sql_col_text(q, 0), &f) == ERR_OK)
			take_fact(rs, &f);
	return sql_done(q);
}

static enum err bulletins(struct store_reader *r, struct str tenant, const struct run *run,
			  int64_t *count)
{
	struct sql_stmt *q = sql_query(r->db, "SELECT data FROM events WHERE tenant = ? AND kind = "
					      "'bulletin' AND seq > ? AND seq < ? ORDER BY seq");
	sql_text(q, tenant);
	sql_u64(q, run->from_seq);
	sql_u64(q, run->to_seq ? run->to_seq : INT64_MAX);
	struct fact f;
	while (sql_step(q)) {
		struct str rest = str_of(run->queues), one;
		if (fact_decode(sql_col_text(q, 0), &f) != ERR_OK)
			continue;
		while (rest.n) {
			str_cut(rest, ',', &one, &rest);
			*count += str_eq(one, f.bulletin.queue);
		}
	}
	return sql_done(q);
}

/* -- the most who waited at one time -- */

struct edge {
	int64_t at_ms;
	int step;
};

struct edges {
	struct edge *all;
	size_t count, room;
};

static void edge_add(struct edges *es, int64_t at_ms, int step)
{
	if (es->count == es->room) {
		es->room = 2 * es->room + 256;
		es->all = xrealloc(es->all, es->room * sizeof *es->all);
	}
	es->all[es->count++] = (struct edge){at_ms, step};
}

/* Who leaves goes before who comes at the same instant. */
static int by_time(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;
	if (x->at_ms != y->at_ms)
		return x->at_ms < y->at_ms ? -1 : 1;
	return x->step - y->step;
}

static int64_t peak_of(struct edges *es)
{
	int64_t now = 0, peak = 0;
	if (es->count)
		qsort(es->all, es->count, sizeof *es->all, by_time);
	for (size_t i = 0; i < es->count; i++) {
		now += es->all[i].step;
		peak = MAX(peak, now);
	}
	return peak;
}

/* -- a row -- */

static enum err queue_add(struct store_reader *r, struct str tenant, struct str queue,
			  const struct run *run, struct queue_figures *figures, struct edges *edges)
{
	int64_t to_ms = run->to_ms ? run->to_ms : INT64_MAX;
	struct sql_stmt *q = sql_query(
		r->db,
		"SELECT started_at, ended_at, result, wait_ms FROM segments WHERE tenant = ? "
		"AND kind = 'queue' AND queue = ? AND started_at < ? AND (ended_at IS NULL "
		"OR ended_at >= ?)");
	sql_text(q, tenant);
	sql_text(q, queue);
	sql_i64(q, to_ms);
	sql_i64(q, run->from_ms);
	while (sql_step(q)) {
		struct visit v = {.started_at = sql_col_i64(q, 0), .wait_ms = sql_col_i64(q, 3)};
		if (!sql_col_null(q, 2) && result_from(sql_col_text(q, 2), &v.result) != ERR_OK)
			v.result = RESULT_failed; /* a word of a later version */
		if (v.started_at >= run->from_ms)
			queue_figures_add(figures, &QUEUE_RULES_DEFAULT, &v);
		edge_add(edges, MAX(v.started_at, run->from_ms), +1);
		if (!sql_col_null(q, 1))
			edge_add(edges, sql_col_i64(q, 1), -1);
	}
	return sql_done(q);
}

static void put_counts(struct jsonw *w, const struct queue_figures *f)
{
	static const struct {
		const char *name;
		enum queue_count count;
	} counts[] = {{"offered", COUNT_offered},     {"answered", COUNT_answered},
		      {"abandoned", COUNT_abandoned}, {"flow_out", COUNT_flow_out},
		      {"callbacks", COUNT_callbacks}, {"rejected", COUNT_rejected},
		      {"failed", COUNT_failed},	      {"waiting", COUNT_waiting}};
	for (size_t i = 0; i < COUNT_OF(counts); i++)
		jsonw_ki64(w, counts[i].name, f->count[counts[i].count]);
}

static void put_head(struct jsonw *w, const struct run *run)
{
	struct str rest = str_of(run->queues), one;
	jsonw_kstr(w, "mass_event", str_of(run->name));
	jsonw_key(w, "queues");
	jsonw_open(w, '[');
	while (rest.n) {
		str_cut(rest, ',', &one, &rest);
		jsonw_str(w, one);
	}
	jsonw_close(w, ']');
	jsonw_ktime(w, "from_at", run->from_ms);
	jsonw_key(w, "to_at");
	if (run->to_ms)
		jsonw_time(w, run->to_ms);
	else
		jsonw_null(w);
	jsonw_kstr(w, "started_by", str_of(run->started_by));
	jsonw_key(w, "stopped_by");
	if (run->to_ms)
		jsonw_str(w, str_of(run->stopped_by));
	else
		jsonw_null(w);
}

static enum err put_run(struct store_reader *r, struct str tenant, const struct run *run,
			struct rows *rs)
{
	struct jsonw *w;
	struct queue_figures figures;
	struct edges edges = {0};
	struct str rest = str_of(run->queues), one;
	int64_t heard = 0;
	enum err e = bulletins(r, tenant, run, &heard);
	queue_figures_init(&figures);
	while (e == ERR_OK && rest.n) {
		str_cut(rest, ',', &one, &rest);
		e = queue_add(r, tenant, one, run, &figures, &edges);
	}
	w = row_open(rs);
	put_head(w, run);
	put_counts(w, &figures);
	jsonw_ki64(w, "bulletins", heard);
	jsonw_ki64(w, "waiting_peak", peak_of(&edges));
	row_close(rs);
	queue_figures_finish(&figures);
	free(edges.all);
	return e;
}

enum err query_report_mass_events(struct store_reader *r, struct str tenant,
				  const struct report_filter *f, struct buf *out)
{
	struct runs rs = {.all = xcalloc(RUNS_MAX, sizeof *rs.all)};
	int64_t to_ms = f->to_ms ? f->to_ms : INT64_MAX;
	enum err e = runs_read(r, tenant, &rs);
	struct rows rows = rows_begin(f, out);
	for (uint32_t i = 0; i < rs.count && e == ERR_OK && !rows.stop; i++)
		if (rs.all[i].from_ms >= f->from_ms && rs.all[i].from_ms < to_ms)
			e = put_run(r, tenant, &rs.all[i], &rows);
	rows_end(&rows);
	free(rs.all);
	return rows_done(&rows, e);
}
