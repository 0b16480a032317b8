/* query_recordings.c - recordings that a rule may delete; see query.h. */
#include "store/store_inside.h"

/* One whose contact goes on is never due, whatever its age. */
#define THERE                                                                                      \
	"FROM recordings g JOIN contacts c ON c.tenant = g.tenant AND c.id = g.contact WHERE "     \
	"g.tenant = ? AND g.deleted_at = 0 AND g.started_at < ? AND g.finished = 1 AND g.path "    \
	"<> '' AND c.ended_at IS NOT NULL "

enum err query_recordings_due(struct store_reader *r, struct str tenant, int64_t before_ms,
			      int64_t after_ms, struct str after_id, struct recording_due *out,
			      uint32_t room, uint32_t *count)
{
	struct sql_stmt *q = sql_query(
		r->db, "SELECT g.id, g.queue, g.path, g.started_at, g.bytes, g.contact " THERE
		       "AND c.held = 0 AND (g.started_at > ? OR (g.started_at = ? AND g.id > ?)) "
		       "ORDER BY g.started_at, g.id LIMIT ?");
	sql_text(q, tenant);
	sql_i64(q, before_ms);
	sql_i64(q, after_ms);
	sql_i64(q, after_ms);
	sql_text(q, after_id);
	sql_i64(q, room);
	uint32_t n = 0;
	while (n < room && sql_step(q)) {
		struct recording_due *d = &out[n++];
		*d = (struct recording_due){.started_at_ms = sql_col_i64(q, 3),
					    .bytes = sql_col_i64(q, 4)};
		const struct str contact = sql_col_text(q, 5);
		if (!str_copy(sql_col_text(q, 0), d->id, sizeof d->id) ||
		    !str_copy(sql_col_text(q, 1), d->queue, sizeof d->queue) ||
		    !str_copy(sql_col_text(q, 2), d->path, sizeof d->path) ||
		    contact.n != sizeof d->contact.b)
			n--; /* nothing of ours: it stays */
		else
			memcpy(d->contact.b, contact.p, sizeof d->contact.b);
	}
	const enum err e = sql_done(q);
	if (e == ERR_OK)
		*count = n;
	return e;
}

/* Due is what began before the moment n days ago, not at it: hence the millisecond. */
enum err query_recordings_sum(struct store_reader *r, struct str tenant, int64_t now_ms,
			      void (*each)(void *arg, const struct recordings_sum *s), void *arg)
{
	struct sql_stmt *q = sql_query(
		r->db,
		"SELECT COALESCE(g.queue, '') AS q, (? - g.started_at - 1) / 86400000 AS age, "
		"CAST(SUM(CASE WHEN c.held = 0 THEN 1 ELSE 0 END) AS "
		"BIGINT), CAST(SUM(CASE WHEN c.held = 0 THEN g.bytes ELSE 0 END) AS BIGINT), "
		"MIN(g.started_at), CAST(SUM(CASE WHEN c.held = 0 THEN 0 ELSE 1 END) AS "
		"BIGINT) " THERE "GROUP BY 1, 2");
	sql_i64(q, now_ms);
	sql_text(q, tenant);
	sql_i64(q, now_ms);
	while (sql_step(q)) {
		const struct recordings_sum s = {.queue = sql_col_text(q, 0),
						 .age_days = sql_col_i64(q, 1),
						 .count = sql_col_i64(q, 2),
						 .bytes = sql_col_i64(q, 3),
						 .oldest_at_ms = sql_col_i64(q, 4),
						 .held = sql_col_i64(q, 5)};
		each(arg, &s);
	}
	return sql_done(q);
}
