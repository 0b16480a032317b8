/*
 * report.h - a report as it was asked for: the parameters of its address, checked, and the rows
 * that answer them. The one place where a report's filter is made: who may see less (a scope)
 * narrows it here, for pages, exports and reports by mail alike. On a clerk's thread.
 */
#pragma once

#include "report/columns.h"
#include "report/contact_figures.h"
#include "report/flow_figures.h"
#include "report/period.h"
#include "web/handlers.h"

#define REPORT_COLUMNS_MAX 64u

enum report_format { FORMAT_JSON, FORMAT_CSV, FORMAT_XLSX, FORMAT_PDF };
struct str report_format_word(enum report_format f);
MUST_USE enum err report_format_from(struct str word, enum report_format *out);

struct report_question {
	enum report_kind report;
	struct report_filter f;
	struct flow_filter flow;
	enum contacts_by by;
	bool keyed;
	struct str key;
	struct contact_narrow narrow;
	bool compares;
	struct range compare;
	struct contact_filter contacts; /* of the list of contacts */
	enum report_format format;
	enum report_lang lang;
	char delimiter; /* of CSV; with ; numbers have a decimal comma */
	bool names;	/* in files: names and words of people, not ids */
	struct str team;
	enum report_kind columns_of; /* of a list of contacts: theirs */
	const struct column *columns[REPORT_COLUMNS_MAX];
	uint32_t column_count;
};

#define EXPORTS_WAITING_MAX 3u /* of a tenant; more are 429 */
/* On the web thread, before anything is checked: is it a file that is asked for? */
bool report_wants_file(const struct job *j);

/* The parameters of j's address. Mistakes go into the job. */
MUST_USE enum err report_ask(struct clerk *me, struct job *j, enum report_kind report,
			     struct report_question *q);
/* Its rows or list as JSON; f: q->f, or one that differs in range, sink or cursor. */
MUST_USE enum err report_rows(struct clerk *me, struct str tenant, const struct report_question *q,
			      const struct report_filter *f, struct buf *out);
/* Of the tenant, "UTC" when it says none; in the arena. */
struct str report_time_zone(struct clerk *me, struct arena *arena, struct str tenant);
