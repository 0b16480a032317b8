/* check.h - the parts of store_check (query.h). */
#pragma once

#include "store/sql.h"

#define CHECK_LINES_MAX 1000u /* of differences listed; all are counted */

struct checking;

void check_problem(struct checking *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
struct sql *check_db(struct checking *c);
/* Files below root against their rows: there, whole, as long as told, with the same SHA-256. */
MUST_USE enum err check_recordings(struct checking *c, struct str root);
