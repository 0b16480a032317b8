/*
 * check.c - `centrala check`: the laws that stored data must obey; one line a difference.
 *
 * What is counted in the tables is counted again from the facts themselves: enqueues per queue and
 * quarter of an hour (T-3), answers per queue, every contact's record. Read in one transaction, so
 * a running server may go on.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/map.h"
#include "core/fact.h"
#include "report/interval.h"
#include "report/queue_figures.h"
#include "report/record.h"
#include "store/check.h"
#include "store/fold.h"
#include "store/store_inside.h"

#define FACTS_PAGE 4000u
#define RECORDS_PAGE 300u

void check_problem(struct checking *c, const char *fmt, ...)
{
	char line[512];
	va_list args;
	va_start(args, fmt);
	int n = vsnprintf(line, sizeof line, fmt, args);
	va_end(args);
	c->problems++;
	if (c->problems <= CHECK_LINES_MAX) {
		buf_put(c->out, str_make(line, n < 0 ? 0 : MIN((size_t)n, sizeof line - 1)));
		buf_ch(c->out, '\n');
	} else if (c->problems == CHECK_LINES_MAX + 1) {
		buf_c(c->out, "(more of them; not listed)\n");
	}
}

struct sql *check_db(struct checking *c)
{
	return c->r->db;
}

struct tally *check_tally(struct checking *c, struct str tenant, struct str queue, int64_t at_ms)
{
	char key[sizeof((struct tally *)0)->key];
	struct buf b = buf_make(key, sizeof key - 1);
	buf_fmt(&b, STR_FMT "/" STR_FMT " ", STR_ARG(str_head(tenant, 63)),
		STR_ARG(str_head(queue, 63)));
	time_text(&b, at_ms - at_ms % QUARTER_MS);
	struct tally *t = map_get(&c->tallies, buf_str(&b));
	if (!t) {
		t = xcalloc(1, sizeof *t);
		memcpy(t->key, key, b.n);
		CHECK(map_add(&c->tallies, str_of(t->key), t) == ERR_OK);
	}
	return t;
}

/* -- facts -- */

static void check_fact(struct checking *c, uint64_t seq, int64_t at_ms, struct str data)
{
	struct fact f;
	if (fact_decode(data, &f) != ERR_OK)
		check_problem(c, "event %llu: cannot be read", (unsigned long long)seq);
	else if (f.seq != seq || f.at_ms != at_ms)
		check_problem(c, "event %llu: its columns are not its content",
			      (unsigned long long)seq);
	else if (f.kind == EV_enqueue)
		check_tally(c, f.tenant, f.enqueue.queue, f.at_ms)->enqueued++;
	else if (f.kind == EV_answer && f.answer.queue.n && !f.answer.dialled && !f.answer.named)
		/* of the whole queue: an answer may fall in a later quarter */
		check_tally(c, f.tenant, f.answer.queue, 0)->answers++;
	else
		check_customer_fact(c, &f);
}

/* A page of them, so that a reader who takes its rows into memory whole needs little of it. */
static enum err check_facts_page(struct checking *c, uint64_t *last, uint32_t *rows)
{
	struct sql_stmt *q = sql_query(check_db(c), "SELECT seq, at_ms, data FROM events WHERE seq "
						    "> ? ORDER BY seq LIMIT ?");
	sql_u64(q, *last);
	sql_i64(q, FACTS_PAGE);
	for (*rows = 0; sql_step(q); (*rows)++) {
		uint64_t seq = (uint64_t)sql_col_i64(q, 0);
		if (seq != *last + 1)
			check_problem(c, "events %llu to %llu: missing",
				      (unsigned long long)(*last + 1),
				      (unsigned long long)(seq - 1));
		*last = seq;
		check_fact(c, seq, sql_col_i64(q, 1), sql_col_text(q, 2));
	}
	return sql_done(q);
}

static enum err check_facts(struct checking *c)
{
	uint64_t last = 0;
	uint32_t rows;
	enum err e;
	do
		e = check_facts_page(c, &last, &rows);
	while (e == ERR_OK && rows == FACTS_PAGE);
	return e;
}

/* -- T-3 -- */

bool check_visit(struct checking *c, struct sql_stmt *q)
{
	struct visit v = {.wait_ms = sql_col_i64(q, 4)};
	if (!sql_col_null(q, 3) && result_from(sql_col_text(q, 3), &v.result) != ERR_OK)
		check_problem(c, "segments: unknown result " STR_FMT, STR_ARG(sql_col_text(q, 3)));
	struct queue_figures f;
	queue_figures_init(&f);
	queue_figures_add(&f, &QUEUE_RULES_DEFAULT, &v);
	struct tally *t = check_tally(c, sql_col_text(q, 0), sql_col_text(q, 1), sql_col_i64(q, 2));
	t->offered += f.count[COUNT_offered];
	t->parts += f.count[COUNT_answered] + f.count[COUNT_abandoned] + f.count[COUNT_flow_out] +
		    f.count[COUNT_callbacks] + f.count[COUNT_rejected] + f.count[COUNT_failed] +
		    f.count[COUNT_waiting];
	const bool answered = f.count[COUNT_answered];
	queue_figures_finish(&f);
	return answered;
}

static enum err check_visits(struct checking *c)
{
	struct sql_stmt *q = sql_query(check_db(c), "SELECT " CHECK_VISIT_COLUMNS
						    " FROM segments WHERE kind = 'queue'");
	while (sql_step(q))
		if (check_visit(c, q))
			check_tally(c, sql_col_text(q, 0), sql_col_text(q, 1), 0)->answered++;
	return sql_done(q);
}

void check_tallies(struct checking *c)
{
	uint32_t at = 0;
	for (struct tally *t; (t = map_next(&c->tallies, &at)) != NULL; free(t)) {
		if (t->enqueued != t->offered || t->offered != t->parts)
			check_problem(c,
				      "queue %s: enqueued %lld, offered %lld, outcomes and waiting "
				      "%lld",
				      t->key, (long long)t->enqueued, (long long)t->offered,
				      (long long)t->parts);
		if (t->answers != t->answered)
			check_problem(c, "queue %s: %lld answers, %lld visits answered", t->key,
				      (long long)t->answers, (long long)t->answered);
	}
	map_finish(&c->tallies);
}

/* -- contacts -- */

enum err check_record(struct checking *c, struct uuid id, struct str stored, struct str way,
		      struct buf *json)
{
	struct record record;
	char text[UUID_TEXT + 1];
	record_init(&record);
	enum err e = fold_contact(check_db(c), &record, id, INT64_MAX);
	json->n = 0;
	record_json(json, &record);
	uuid_text(id, text);
	if (e == ERR_OK && !str_eq(buf_str(json), stored))
		check_problem(c, "contact %s: its record is not what its events say", text);
	json->n = 0;
	if (record.way.count)
		way_put(json, &record.way);
	if (e == ERR_OK && !str_eq(buf_str(json), way))
		check_problem(c, "contact %s: its way is not what its events say", text);
	record_finish(&record);
	return e;
}

/* tenant and last: the last one looked at. */
static enum err check_records_page(struct checking *c, char tenant[64], struct uuid *last,
				   uint32_t *rows, struct buf *json)
{
	struct sql_stmt *q =
		sql_query(check_db(c),
			  "SELECT c.tenant, c.id, c.record, w.way FROM contacts c LEFT JOIN ways "
			  "w ON w.tenant = c.tenant AND w.arrived_at = c.arrived_at AND "
			  "w.contact = c.id WHERE (c.tenant, c.id) > (?, ?) ORDER BY c.tenant, "
			  "c.id LIMIT ?");
	char after[64];
	const struct uuid after_id = *last;
	memcpy(after, tenant, sizeof after);
	sql_text(q, str_of(after));
	sql_blob(q, after_id.b, sizeof after_id.b);
	sql_i64(q, RECORDS_PAGE);
	enum err e = ERR_OK;
	for (*rows = 0; e == ERR_OK && sql_step(q); (*rows)++) {
		(void)str_copy(str_head(sql_col_text(q, 0), 63), tenant, 64);
		copy_contact(sql_col_text(q, 1), last->b);
		e = check_record(c, *last, sql_col_text(q, 2), sql_col_text(q, 3), json);
	}
	enum err done = sql_done(q);
	return e != ERR_OK ? e : done;
}

static enum err check_records(struct checking *c)
{
	char tenant[64] = "";
	struct uuid last = {{0}};
	struct buf json = buf_grow(4096);
	uint32_t rows;
	enum err e;
	do
		e = check_records_page(c, tenant, &last, &rows, &json);
	while (e == ERR_OK && rows == RECORDS_PAGE);
	buf_free(&json);
	return e;
}

/* Each query gives rows of one text and one contact (or NULL) that ought not to exist. */
static const char *const never[] = {
	"SELECT 'an event of a contact without record', contact FROM events e WHERE contact IS NOT "
	"NULL AND NOT EXISTS(SELECT 1 FROM contacts c WHERE c.tenant = e.tenant AND c.id = "
	"e.contact) GROUP BY contact",
	"SELECT 'ended with an open ' || s.kind || ' segment', s.contact FROM segments s JOIN "
	"contacts c ON c.tenant = s.tenant AND c.id = s.contact WHERE c.ended_at IS NOT NULL AND "
	"s.result IS NULL",
	"SELECT 'a segment without contact', s.contact FROM segments s WHERE NOT EXISTS(SELECT 1 "
	"FROM contacts c WHERE c.tenant = s.tenant AND c.id = s.contact)",
	"SELECT 'a segment that is neither open nor closed', contact FROM segments WHERE (result "
	"IS "
	"NULL) <> (ended_at IS NULL)",
	"SELECT 'a segment that ends before it starts', contact FROM segments WHERE ended_at < "
	"started_at",
	"SELECT 'two open segments', contact FROM segments WHERE result IS NULL GROUP BY tenant, "
	"contact HAVING count(*) > 1",
	"SELECT 'state ' || state || ' does not fit its end', id FROM contacts WHERE (state = "
	"'ended') <> (ended_at IS NOT NULL)",
	"SELECT 'ended before it arrived', id FROM contacts WHERE ended_at < arrived_at",
	"SELECT 'an offer open after the end', o.contact FROM offers o JOIN contacts c ON c.tenant "
	"= o.tenant AND c.id = o.contact WHERE c.ended_at IS NOT NULL AND o.ended_at IS NULL",
	"SELECT 'agent ' || tenant || '/' || agent || ' is in two states at once', NULL FROM "
	"(SELECT tenant, agent, to_ms, lead(from_ms) OVER (PARTITION BY tenant, agent ORDER BY "
	"seq) AS next_ms FROM agent_spells) AS spells WHERE next_ms < to_ms",
};

static enum err check_never(struct checking *c, const char *query)
{
	struct sql_stmt *q = sql_query(check_db(c), query);
	while (sql_step(q)) {
		char text[UUID_TEXT + 1] = "";
		struct uuid id;
		copy_contact(sql_col_text(q, 1), id.b);
		if (!uuid_none(id))
			uuid_text(id, text);
		check_problem(c, "%s%s%s" STR_FMT, text[0] ? "contact " : "", text,
			      text[0] ? ": " : "", STR_ARG(sql_col_text(q, 0)));
	}
	return sql_done(q);
}

static enum err check_integrity(struct checking *c)
{
	struct buf found = buf_grow(256);
	enum err e = sql_integrity(check_db(c), &found);
	for (struct str rest = buf_str(&found), line; str_line(&rest, &line);)
		check_problem(c, "database: " STR_FMT, STR_ARG(line));
	buf_free(&found);
	return e;
}

enum err store_check(struct store_reader *r, struct str recordings_root, struct buf *out,
		     uint32_t *problems)
{
	struct checking c = {.r = r, .out = out};
	map_init(&c.tallies, 4);
	map_init(&c.customers, 5);
	enum err e = sql_begin(r->db);
	if (e == ERR_OK)
		e = check_integrity(&c);
	if (e == ERR_OK)
		e = check_facts(&c);
	if (e == ERR_OK)
		e = check_visits(&c);
	check_tallies(&c);
	if (e == ERR_OK)
		e = check_records(&c);
	if (e == ERR_OK)
		e = check_customers(&c);
	for (size_t i = 0; e == ERR_OK && i < COUNT_OF(never); i++)
		e = check_never(&c, never[i]);
	if (e == ERR_OK && recordings_root.n)
		e = check_recordings(&c, recordings_root);
	sql_rollback(r->db);
	if (e == ERR_OK)
		*problems = c.problems;
	return e;
}
