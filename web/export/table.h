/*
 * table.h - rows on their way into a file: CSV, a workbook, or pages. What a number looks like is
 * decided here, where the cells go by each format. One clerk's thread; memory does not grow with
 * the rows, but for pages, which are limited.
 */
#pragma once

#include <jansson.h>

#include "core/zone.h"
#include "report/columns.h"

#define TABLE_COLUMNS_MAX 65u

struct table_column {
	struct str title, formula; /* formula empty: none */
	enum column_type type;
};

struct table_cell {
	bool some; /* else nothing is known: "—" */
	int64_t n; /* count, milliseconds, UTC milliseconds */
	double real;
	struct str text;
};

enum table_row { TABLE_ROW, TABLE_TOTAL };

struct table {
	const struct table_format *format;
	int fd;		    /* where it goes; open for reading and writing, empty */
	const char *folder; /* for what must lie somewhere meanwhile */
	enum report_lang lang;
	char delimiter; /* CSV: , ; or TAB; with ; numbers have a decimal comma */
	const struct zone *zone;
	bool days; /* times are days: no time of day is shown */
	struct str title, tenant, range, notes;
	int64_t made_at_ms;
	struct table_column columns[TABLE_COLUMNS_MAX];
	uint32_t column_count;
	uint64_t rows;
	void *state; /* the format's */
};

struct table_format {
	const char *type, *ending;
	uint64_t rows_max;
	/* ERR_UNSUPPORTED: its library is not there; package says of which Debian package. */
	enum err (*open)(struct table *t);
	enum err (*row)(struct table *t, enum table_row kind, const struct table_cell *cells);
	enum err (*close)(struct table *t); /* the file is whole */
	void (*drop)(struct table *t);	    /* whatever happened; frees state */
	const char *package;
};
extern const struct table_format table_csv, table_xlsx, table_pdf;

/* -- what cells look like as text, appended -- */
/* 2026-11-22 07:15, or with seconds, or the day alone */
void table_put_time(struct buf *out, const struct table *t, int64_t utc_ms, bool seconds);
void table_put_duration(struct buf *out, int64_t ms); /* 0:03:25, half up to the second (T-7) */
/* Fixed decimals with the point or comma of the language. */
void table_put_real(struct buf *out, double v, int decimals, char point);
void table_put_cell(struct buf *out, const struct table *t, uint32_t column,
		    const struct table_cell *cell);	 /* for people to read */
MUST_USE enum err table_write(int fd, struct buf *text); /* all of it, and empties it */
