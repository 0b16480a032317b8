/* check.h - the parts of store_check (query.h). */
#pragma once

#include "base/map.h"
#include "store/query.h"
#include "store/sql.h"

#define CHECK_LINES_MAX 1000u /* of differences listed; all are counted */

#define QUARTER_MS 900000
#define CHECK_VISIT_COLUMNS "tenant, queue, started_at, result, wait_ms"

/* What facts and rows say of one queue in one quarter of an hour. */
struct tally {
	char key[160]; /* tenant / queue / time of the quarter's start */
	int64_t enqueued;
	int64_t offered, parts; /* rows; and all their outcomes together */
	int64_t answers, answered;
};

struct checking {
	struct store_reader *r;
	struct buf *out;
	uint32_t problems;
	struct map tallies;
	struct map customers; /* check_customers.c's */
	int64_t notes;
};

void check_problem(struct checking *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
struct sql *check_db(struct checking *c);
struct tally *check_tally(struct checking *c, struct str tenant, struct str queue, int64_t at_ms);
/* A row of CHECK_VISIT_COLUMNS into its tally; true: it was answered. */
bool check_visit(struct checking *c, struct sql_stmt *q);
/* Says what differs and empties them. */
void check_tallies(struct checking *c);
/* One contact's record and way (empty: none) as stored, against its facts; json: room to work in */
MUST_USE enum err check_record(struct checking *c, struct uuid id, struct str stored,
			       struct str way, struct buf *json);
/* Files below root against their rows: there, whole, as long as told, with the same SHA-256. */
MUST_USE enum err check_recordings(struct checking *c, struct str root);

/* check_customers.c: every fact in order, then the rows. */
void check_customer_fact(struct checking *c, const struct fact *f);
MUST_USE enum err check_customers(struct checking *c);
