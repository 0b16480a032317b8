/*
 * flow_figures.h - the figures of flows, of their nodes, and their most trodden paths: folds over
 * contacts' ways (way.h, behaviours.md V-5). Rows belong to the interval the contact arrived in.
 * Pure; owner: whoever holds the struct.
 */
#pragma once

#include "base/jsonw.h"
#include "base/map.h"
#include "report/interval.h"
#include "report/way.h"

#define FLOW_ROWS_MAX 50000u

enum flow_report { REPORT_FLOWS, REPORT_NODES, REPORT_PATHS };

/* Which runs and steps count; empty texts: all. flow, node, path: one, or several by commas. */
struct flow_filter {
	struct str flow, node, edge, path, target;
	uint32_t version; /* of the flow; 0: all */
	bool drafts;	  /* test calls instead of others */
};

struct flow_figures {
	enum flow_report report;
	const struct flow_filter *filter;
	const struct interval *interval;
	struct map rows;
	struct buf key; /* scratch */
	bool full;	/* FLOW_ROWS_MAX was reached: figures would be wrong */
};

void flow_figures_init(struct flow_figures *f, enum flow_report report,
		       const struct flow_filter *filter, const struct interval *interval);
void flow_figures_finish(struct flow_figures *f);
void flow_figures_add(struct flow_figures *f, const struct way *w, int64_t arrived_at);
/* Rows in order: by name and time; paths by how many went there, at most `limit`. row(arg, put)
 * opens each: it calls flow_row_json with what it was given. False from it: enough. */
struct figure_row;
void flow_figures_rows(const struct flow_figures *f, uint32_t limit,
		       bool (*row)(void *arg, const struct figure_row *r), void *arg);
/* The members of a row; r NULL: of all rows together, whose names are null, at from_ms. */
void flow_row_json(struct jsonw *w, const struct flow_figures *f, const struct figure_row *r,
		   int64_t from_ms);

/* -- the contacts behind a number (K-3): the same filter, the same counting -- */

/* field: a count of the report. ERR_INVALID: no such. */
MUST_USE enum err flow_field(enum flow_report report, struct str field, unsigned *out);
/* Calls item(arg, n, at) for everything of this way that the number counts, n ascending. */
void flow_items(enum flow_report report, unsigned field, const struct flow_filter *filter,
		const struct way *w, void (*item)(void *arg, uint32_t n, int64_t at_ms), void *arg);
