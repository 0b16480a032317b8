/*
 * check_recent.c - the nightly check (query.h): one tenant, the last days, in short reads.
 *
 * Facts are found by their seq, which grows with their time; rows by their indexes: the days before
 * cost nothing, however many there are.
 */
#include <stdlib.h>

#include "core/fact.h"
#include "store/check.h"
#include "store/store_inside.h"

#define FACTS_PAGE 4000u
#define RECORDS_PAGE 300u
#define HOUR_MS 3600000
#define SLACK_MS HOUR_MS /* a machine's clock may have been set back between two starts */

struct recent {
	struct checking c;
	struct str tenant;
	int64_t from_ms, to_ms;
	bool (*going)(void *arg);
	void *arg;
};

/* Bisection: the last fact before the first one of from_ms on. */
static enum err seq_before(struct recent *n, uint64_t *seq)
{
	struct sql_stmt *q = sql_query(check_db(&n->c), "SELECT max(seq) FROM events");
	uint64_t low = 0, high = sql_step(q) ? (uint64_t)sql_col_i64(q, 0) : 0;
	enum err e = sql_done(q);
	while (e == ERR_OK && low < high) {
		const uint64_t middle = low + (high - low) / 2;
		q = sql_query(check_db(&n->c), "SELECT at_ms FROM events WHERE seq > ? ORDER BY "
					       "seq LIMIT 1");
		sql_u64(q, middle);
		if (sql_step(q) && sql_col_i64(q, 0) < n->from_ms - SLACK_MS)
			low = middle + 1;
		else
			high = middle;
		e = sql_done(q);
	}
	*seq = low;
	return e;
}

static enum err facts_page(struct recent *n, uint64_t *last, bool *more)
{
	uint32_t rows = 0;
	struct sql_stmt *q = sql_query(check_db(&n->c),
				       "SELECT seq, at_ms, kind, data FROM events WHERE tenant = ? "
				       "AND seq > ? ORDER BY seq LIMIT ?");
	sql_text(q, n->tenant);
	sql_u64(q, *last);
	sql_i64(q, FACTS_PAGE);
	*more = true;
	for (; sql_step(q); rows++) {
		struct fact f;
		const int64_t at_ms = sql_col_i64(q, 1);
		*last = (uint64_t)sql_col_i64(q, 0);
		if (at_ms >= n->to_ms + SLACK_MS)
			*more = false;
		if (at_ms < n->from_ms || at_ms >= n->to_ms ||
		    !str_is(sql_col_text(q, 2), "enqueue"))
			continue;
		if (fact_decode(sql_col_text(q, 3), &f) != ERR_OK || f.kind != EV_enqueue)
			check_problem(&n->c, "event %llu: cannot be read",
				      (unsigned long long)*last);
		else
			check_tally(&n->c, f.tenant, f.enqueue.queue, at_ms)->enqueued++;
	}
	*more = *more && rows == FACTS_PAGE;
	return sql_done(q);
}

static enum err recent_facts(struct recent *n)
{
	uint64_t last = 0;
	bool more = true;
	enum err e = seq_before(n, &last);
	while (e == ERR_OK && more)
		e = n->going(n->arg) ? facts_page(n, &last, &more) : ERR_AGAIN;
	return e;
}

/* -- visits -- */

/* ERR_NOT_FOUND: that was the last one. */
static enum err queue_after(struct recent *n, char queue[64])
{
	struct sql_stmt *q = sql_query(check_db(&n->c),
				       "SELECT queue FROM segments WHERE kind = 'queue' AND tenant "
				       "= ? AND queue > ? ORDER BY queue LIMIT 1");
	char after[64];
	memcpy(after, queue, sizeof after);
	sql_text(q, n->tenant);
	sql_text(q, str_of(after));
	const bool found = sql_step(q);
	if (found)
		(void)str_copy(str_head(sql_col_text(q, 0), 63), queue, 64);
	const enum err e = sql_done(q);
	return e == ERR_OK && !found ? ERR_NOT_FOUND : e;
}

static enum err visits_of(struct recent *n, struct str queue)
{
	enum err e = ERR_OK;
	for (int64_t at = n->from_ms; e == ERR_OK && at < n->to_ms; at += HOUR_MS) {
		if (!n->going(n->arg))
			return ERR_AGAIN;
		struct sql_stmt *q = sql_query(
			check_db(&n->c), "SELECT " CHECK_VISIT_COLUMNS
					 " FROM segments WHERE kind = 'queue' AND tenant = ? AND "
					 "queue = ? AND started_at >= ? AND started_at < ?");
		sql_text(q, n->tenant);
		sql_text(q, queue);
		sql_i64(q, at);
		sql_i64(q, MIN(at + HOUR_MS, n->to_ms));
		while (sql_step(q))
			(void)check_visit(&n->c, q);
		e = sql_done(q);
	}
	return e;
}

static enum err recent_visits(struct recent *n)
{
	char queue[64] = "";
	enum err e;
	while ((e = queue_after(n, queue)) == ERR_OK) {
		e = visits_of(n, str_of(queue));
		if (e != ERR_OK)
			return e;
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* -- contacts -- */

/* at_ms and last: the last one looked at. */
static enum err records_page(struct recent *n, int64_t *at_ms, struct uuid *last, uint32_t *rows,
			     struct buf *json)
{
	const struct uuid after = *last;
	struct sql_stmt *q =
		sql_query(check_db(&n->c),
			  "SELECT c.arrived_at, c.id, c.record, w.way FROM contacts c LEFT JOIN "
			  "ways w ON w.tenant = c.tenant AND w.arrived_at = c.arrived_at AND "
			  "w.contact = c.id WHERE c.tenant = ? AND c.arrived_at < ? AND "
			  "(c.arrived_at, c.id) > (?, ?) ORDER BY c.arrived_at, c.id LIMIT ?");
	sql_text(q, n->tenant);
	sql_i64(q, n->to_ms);
	sql_i64(q, *at_ms);
	sql_blob(q, after.b, sizeof after.b);
	sql_i64(q, RECORDS_PAGE);
	enum err e = ERR_OK;
	for (*rows = 0; e == ERR_OK && sql_step(q); (*rows)++) {
		*at_ms = sql_col_i64(q, 0);
		copy_contact(sql_col_text(q, 1), last->b);
		e = check_record(&n->c, *last, sql_col_text(q, 2), sql_col_text(q, 3), json);
	}
	const enum err done = sql_done(q);
	return e != ERR_OK ? e : done;
}

/* A page is read at once, lest a call go on between its record and its facts. */
static enum err recent_records(struct recent *n)
{
	int64_t at_ms = n->from_ms;
	struct uuid last = {{0}};
	struct buf json = buf_grow(4096);
	uint32_t rows = RECORDS_PAGE;
	enum err e = ERR_OK;
	while (e == ERR_OK && rows == RECORDS_PAGE) {
		e = n->going(n->arg) ? sql_begin(check_db(&n->c)) : ERR_AGAIN;
		if (e != ERR_OK)
			break;
		e = records_page(n, &at_ms, &last, &rows, &json);
		sql_rollback(check_db(&n->c));
	}
	buf_free(&json);
	return e;
}

enum err store_check_recent(struct store_reader *r, struct str tenant, int64_t from_ms,
			    int64_t to_ms, bool (*going)(void *arg), void *arg, struct buf *out,
			    uint32_t *problems)
{
	struct recent n = {.c = {.r = r, .out = out},
			   .tenant = tenant,
			   .from_ms = from_ms,
			   .to_ms = to_ms,
			   .going = going,
			   .arg = arg};
	CHECK(from_ms % QUARTER_MS == 0 && to_ms % QUARTER_MS == 0);
	map_init(&n.c.tallies, 4);
	enum err e = sql_begin(r->db); /* lest somebody enqueue between facts and rows */
	if (e == ERR_OK) {
		e = recent_facts(&n);
		if (e == ERR_OK)
			e = recent_visits(&n);
		sql_rollback(r->db);
	}
	const uint32_t before = n.c.problems;
	const size_t length = out->n;
	check_tallies(&n.c);
	if (e != ERR_OK) { /* half of it says nothing */
		n.c.problems = before;
		out->n = length;
	}
	if (e == ERR_OK)
		e = recent_records(&n);
	if (e == ERR_OK)
		*problems = n.c.problems;
	return e;
}

enum err store_tenant_after(struct store_reader *r, struct str tenant, char next[64])
{
	struct sql_stmt *q = sql_query(r->db, "SELECT tenant FROM contacts WHERE tenant > ? ORDER "
					      "BY tenant LIMIT 1");
	sql_text(q, tenant);
	const bool found = sql_step(q);
	if (found)
		(void)str_copy(str_head(sql_col_text(q, 0), 63), next, 64);
	const enum err e = sql_done(q);
	return e == ERR_OK && !found ? ERR_NOT_FOUND : e;
}
