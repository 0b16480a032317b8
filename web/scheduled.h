/*
 * scheduled.h - saved reports that are mailed at their time (kind saved_report).
 *
 * Every few seconds a clerk of the desk MAIL looks at all schedules: whatever was due within the
 * last day and has no fact yet is made, as it was at that moment and for what its owner may see,
 * and mailed. The fact report_sent or report_failed decides that it is not done again, so a restart
 * or a database that comes late repeats nothing; a core that dies between the mail server's yes and
 * the fact's place in the ring sends it twice, by the same Message-ID. What fails is tried again
 * with growing pauses for 24 hours; the first failure and the last are alarms (report_not_sent).
 */
#pragma once

#include "core/zone.h"
#include "web/clerks.h"

/* Web thread, every second. */
void scheduled_second(struct web *w, int64_t now_utc_ms);

struct json_t;
/* The newest moment at or before now_ms that a schedule names, within the last 32 days; 0: none.
 * Pure. */
int64_t schedule_due(const struct json_t *schedule, const struct zone *zone, int64_t now_ms);
/* How long after the n-th failure it is tried again: 1, 2, 5, 10, 20, 40, then every 60 minutes. */
int64_t schedule_pause_ms(uint32_t attempt);

/* Makes and mails it now, once; the fact is told. Mistakes go into the job. */
MUST_USE enum err scheduled_send_now(struct clerk *me, struct job *j, const struct json_t *doc);

/* A job as if somebody had asked for these parameters ("a=b&c=d"), for report_ask. */
struct job *report_job(struct web *w, struct str tenant, const struct json_t *query,
		       const struct json_t *doc, int64_t as_of_ms);
void report_job_free(struct job *j);
/* Whether all its addresses are allowed by the tenant; else which is not, into wrong. */
bool schedule_allowed(struct clerk *me, struct str tenant, const struct json_t *schedule,
		      char wrong[256]);
