/*
 * export.h - a report, or the list of contacts, as a file. On a clerk's thread; the file has no
 * name and goes with its last descriptor.
 */
#pragma once

#include "web/report.h"

/*
 * *fd: the file; *rows: how many are in it, totals not counted. going, asked now and then: false
 * ends it with ERR_AGAIN. ERR_UNSUPPORTED: its library is not installed (detail in the job);
 * ERR_TOO_LARGE: more rows than the format takes (detail); else as the report itself.
 */
MUST_USE enum err export_report(struct clerk *me, struct job *j, const struct report_question *q,
				bool (*going)(void *arg), void *arg, int *fd, uint64_t *rows);
/* "queues-2026-11-22.csv"; room of 96 bytes. */
void export_name(const struct report_question *q, char name[96]);
const char *export_type(enum report_format f);
/* The answer of a request for one. */
enum err report_file(struct clerk *me, struct job *j, const struct report_question *q);
