/*
 * query_board.c - what a board is filled from (report/board.h), as of one moment, and what the
 * weeks before say of the next quarter of an hour (report/expected.h). See query.h.
 */
#include "core/zone.h"
#include "report/board.h"
#include "report/expected.h"
#include "store/store_inside.h"

#define DAY_MS 86400000ll

static bool next_queue(struct store_reader *r, struct str tenant, char name[64], enum err *e)
{
	return name_after(r,
			  "SELECT queue FROM segments WHERE tenant = ? AND kind = 'queue' AND "
			  "queue > ? ORDER BY queue LIMIT 1",
			  tenant, name, e);
}

static enum err put_queue(struct store_reader *r, struct str tenant, struct str queue,
			  struct board *b)
{
	struct queue_rules rules;
	if (board_queue_known(b, queue))
		return ERR_OK;
	const enum err e = rules_of_queue(r, tenant, queue, &rules);
	if (e == ERR_OK)
		board_queue_put(b, queue, &rules);
	return e;
}

static enum err put_open_contacts(struct store_reader *r, struct str tenant, struct board *b)
{
	struct sql_stmt *q =
		sql_query(r->db, "SELECT e.data FROM contacts c JOIN events e ON e.contact = c.id "
				 "WHERE c.tenant = ? AND c.ended_at IS NULL ORDER BY e.seq");
	struct fact f;
	sql_text(q, tenant);
	while (sql_step(q))
		if (fact_decode(sql_col_text(q, 0), &f) == ERR_OK)
			board_past(b, &f);
	return sql_done(q);
}

static enum err put_visits(struct store_reader *r, struct str tenant, struct str queue,
			   struct board *b)
{
	struct sql_stmt *q = sql_query(r->db, "SELECT s.started_at" VISIT_COLUMNS
					      " FROM segments s WHERE s.tenant = ? AND s.kind = "
					      "'queue' AND s.queue = ? AND s.started_at >= ? "
					      "ORDER BY s.started_at");
	sql_text(q, tenant);
	sql_text(q, queue);
	sql_i64(q, board_from_ms(b));
	while (sql_step(q)) {
		const struct visit v = visit_of_row(q);
		struct uuid contact;
		copy_contact(sql_col_text(q, 7), contact.b);
		board_visit_put(b, queue, contact, &v);
	}
	return sql_done(q);
}

static enum err put_spells_of(struct store_reader *r, struct str tenant, struct str agent,
			      struct board *b)
{
	struct sql_stmt *q = sql_query(
		r->db, "SELECT presence, work, from_ms, to_ms, private FROM agent_spells WHERE "
		       "tenant = ? AND agent = ? AND to_ms > ? ORDER BY to_ms");
	sql_text(q, tenant);
	sql_text(q, agent);
	sql_i64(q, board_from_ms(b));
	while (sql_step(q)) {
		struct spell s = {.private = sql_col_i64(q, 4) != 0};
		if (presence_from(sql_col_text(q, 0), &s.presence) == ERR_OK &&
		    work_from(sql_col_text(q, 1), &s.work) == ERR_OK) /* no later version's word */
			agents_today_spell(board_agents(b), agent, &s, sql_col_i64(q, 2),
					   sql_col_i64(q, 3));
	}
	return sql_done(q);
}

/* What agents did since the day began; one by one, so that the index gives the day alone. */
static enum err put_spells(struct store_reader *r, struct str tenant, struct board *b)
{
	char name[64] = "";
	enum err e = ringing_works(r, tenant, &board_agents(b)->ringing_works);
	while (e == ERR_OK && name_after(r,
					 "SELECT agent FROM agent_spells WHERE tenant = ? AND "
					 "agent > ? ORDER BY agent LIMIT 1",
					 tenant, name, &e))
		e = put_spells_of(r, tenant, str_of(name), b);
	return e;
}

static enum err put_all(struct store_reader *r, struct str tenant, const struct str *queues,
			uint32_t queue_count, struct board *b, uint64_t *seq)
{
	char name[64] = "";
	struct sql_stmt *q = sql_query(r->db, "SELECT max(seq) FROM events");
	*seq = sql_step(q) ? (uint64_t)sql_col_i64(q, 0) : 0;
	enum err e = sql_done(q);
	for (uint32_t i = 0; e == ERR_OK && i < queue_count; i++)
		e = put_queue(r, tenant, queues[i], b);
	if (e == ERR_OK)
		e = put_open_contacts(r, tenant, b);
	if (e == ERR_OK)
		e = put_spells(r, tenant, b);
	while (e == ERR_OK && next_queue(r, tenant, name, &e)) {
		e = put_queue(r, tenant, str_of(name), b);
		if (e == ERR_OK)
			e = put_visits(r, tenant, str_of(name), b);
	}
	return e;
}

enum err query_board(struct store_reader *r, struct str tenant, const struct str *queues,
		     uint32_t queue_count, struct board *b)
{
	uint64_t seq = 0;
	enum err e = sql_begin(r->db); /* rows and facts of the same moment */
	if (e == ERR_OK)
		e = put_all(r, tenant, queues, queue_count, b, &seq);
	sql_rollback(r->db);
	if (e == ERR_OK)
		board_filled(b, seq);
	return e;
}

enum err query_house_rules(struct store_reader *r, struct str tenant, struct queue_rules *out)
{
	return rules_of_queue(r, tenant, STR_NONE, out);
}

static enum err each_since(struct sql_stmt *q, struct str tenant, int64_t from_ms,
			   void (*fact)(void *arg, const struct fact *f), void *arg)
{
	struct fact f;
	sql_text(q, tenant);
	sql_i64(q, from_ms);
	while (sql_step(q))
		if (fact_decode(sql_col_text(q, 0), &f) == ERR_OK)
			fact(arg, &f);
	return sql_done(q);
}

enum err query_messages(struct store_reader *r, struct str tenant, int64_t from_ms,
			void (*fact)(void *arg, const struct fact *f), void *arg)
{
	return each_since(sql_query(r->db,
				    "SELECT data FROM events WHERE tenant = ? AND kind IN "
				    "('message', 'message_read') AND at_ms >= ? ORDER BY seq"),
			  tenant, from_ms, fact, arg);
}

enum err query_notices(struct store_reader *r, struct str tenant, int64_t from_ms,
		       void (*fact)(void *arg, const struct fact *f), void *arg)
{
	return each_since(
		sql_query(r->db, "SELECT data FROM events WHERE tenant = ? AND kind IN ('alarm', "
				 "'approval_asked', 'approval_end', 'notice_acknowledged') AND "
				 "at_ms >= ? ORDER BY seq"),
		tenant, from_ms, fact, arg);
}

/* -- expected -- */

/* The same moment of the local clock so many weeks before. */
static int64_t weeks_before(const struct zone *z, int64_t now_ms, uint32_t weeks)
{
	struct local_time now, then;
	const int64_t at_ms = now_ms - weeks * 7 * DAY_MS;
	zone_local(z, now_ms, &now);
	zone_local(z, at_ms, &then);
	return at_ms + (now.utc_offset_s - then.utc_offset_s) * 1000ll;
}

/* Visits that began in the two hours before, and in the quarter after. */
static enum err count_around(struct store_reader *r, struct str tenant, struct str queue,
			     int64_t at_ms, struct expected_week *out)
{
	struct sql_stmt *q = sql_query(
		r->db, "SELECT count(*), coalesce(sum(CASE WHEN started_at >= ? THEN 1 ELSE 0 "
		       "END), 0) FROM segments WHERE tenant = ? AND kind = 'queue' AND queue = ? "
		       "AND started_at >= ? AND started_at < ?");
	sql_i64(q, at_ms);
	sql_text(q, tenant);
	sql_text(q, queue);
	sql_i64(q, at_ms - EXPECTED_RECENT_MS);
	sql_i64(q, at_ms + EXPECTED_NEXT_MS);
	if (sql_step(q)) {
		out->next = sql_col_i64(q, 1);
		out->recent = sql_col_i64(q, 0) - out->next;
	}
	return sql_done(q);
}

static enum err first_visit(struct store_reader *r, struct str tenant, struct str queue,
			    int64_t *at_ms)
{
	struct sql_stmt *q = sql_query(r->db, "SELECT min(started_at) FROM segments WHERE tenant = "
					      "? AND kind = 'queue' AND queue = ?");
	sql_text(q, tenant);
	sql_text(q, queue);
	*at_ms = INT64_MAX;
	if (sql_step(q) && !sql_col_null(q, 0))
		*at_ms = sql_col_i64(q, 0);
	return sql_done(q);
}

enum err query_expected(struct store_reader *r, struct str tenant, const struct zone *zone,
			int64_t now_ms, void (*each)(void *arg, struct str queue, double expected),
			void *arg)
{
	char name[64] = "";
	enum err e = ERR_OK;
	while (e == ERR_OK && next_queue(r, tenant, name, &e)) {
		struct expected_week weeks[EXPECTED_WEEKS] = {0}, now = {0};
		int64_t first_ms;
		e = first_visit(r, tenant, str_of(name), &first_ms);
		for (uint32_t i = 0; e == ERR_OK && i < EXPECTED_WEEKS; i++) {
			const int64_t then_ms = weeks_before(zone, now_ms, i + 1);
			weeks[i].known = first_ms <= then_ms;
			if (weeks[i].known)
				e = count_around(r, tenant, str_of(name), then_ms, &weeks[i]);
		}
		if (e == ERR_OK)
			e = count_around(r, tenant, str_of(name), now_ms, &now);
		if (e == ERR_OK)
			each(arg, str_of(name), expected_visits(weeks, now.recent + now.next));
	}
	return e;
}
