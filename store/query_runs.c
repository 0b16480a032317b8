/* query_runs.c - what became of the mails of saved reports; see query.h. */
#include "store/store_inside.h"

#define RUN                                                                                        \
	"SELECT due_ms, at_ms, attempt, state, why, sent_to, message_id, bytes FROM report_runs "  \
	"WHERE tenant = ? AND report = ? "

static struct report_run run_of(struct sql_stmt *q)
{
	return (struct report_run){.due_ms = sql_col_i64(q, 0),
				   .at_ms = sql_col_i64(q, 1),
				   .attempt = (uint32_t)sql_col_i64(q, 2),
				   .state = sql_col_text(q, 3),
				   .why = sql_col_text(q, 4),
				   .to = sql_col_text(q, 5),
				   .message_id = sql_col_text(q, 6),
				   .bytes = sql_col_i64(q, 7)};
}

static struct str lasting(struct str state)
{
	return str_is(state, "sent")	   ? STR("sent")
	       : str_is(state, "retrying") ? STR("retrying")
					   : STR("failed");
}

enum err query_report_run(struct store_reader *r, struct str tenant, struct str report,
			  int64_t due_ms, struct report_run *out)
{
	struct sql_stmt *q = sql_query(r->db, RUN "AND due_ms = ?");
	sql_text(q, tenant);
	sql_text(q, report);
	sql_i64(q, due_ms);
	const bool found = sql_step(q);
	if (found) {
		*out = run_of(q);
		out->state = lasting(out->state);
		out->why = out->to = out->message_id = STR_NONE;
	}
	const enum err e = sql_done(q);
	return e == ERR_OK && !found ? ERR_NOT_FOUND : e;
}

enum err query_report_runs(struct store_reader *r, struct str tenant, struct str report,
			   uint32_t limit, void (*each)(void *arg, const struct report_run *run),
			   void *arg)
{
	struct sql_stmt *q = sql_query(r->db, RUN "ORDER BY due_ms DESC LIMIT ?");
	sql_text(q, tenant);
	sql_text(q, report);
	sql_i64(q, limit);
	while (sql_step(q)) {
		const struct report_run run = run_of(q);
		each(arg, &run);
	}
	return sql_done(q);
}
