/*
 * sheet.h - the cells of a workbook's sheet, row by row, as the fields of a line. Pure.
 *
 * A formula is what it came to when the workbook was saved. What lies beyond the columns and bytes
 * that a line of a CSV may have is cut just behind them, so that csv.h tells the same flaw.
 *
 * [ECMA-376 part 1: 18.3.1.4 c, 18.3.1.73 row, 18.18.11 types of cells]
 */
#pragma once

#include "crm/csv.h"
#include "crm/workbook.h"

#define SHEET_ROWS_MAX 1048576u
#define SHEET_COLUMNS_MAX 16384u
#define SHEET_CELLS (CSV_FIELDS_MAX + 1)

struct sheet {
	/* Rows come in order; the ones without anything do not. Fields live until it returns. */
	void (*row)(void *arg, uint32_t number, const struct str *fields, uint32_t count);
	void *arg;
	const struct workbook *book;
	const char *wrong; /* NULL: nothing */
	/* its own */
	struct xml xml;
	struct buf text, value; /* of the row; of the cell, as it stands */
	struct {
		uint32_t at, n;
	} cells[SHEET_CELLS];
	uint32_t count, number;
	uint32_t column, next_column, style;
	char type; /* n, s(hared), b(oolean), t(ext) */
	bool in_data, in_cell, in_value, in_phonetic;
};

/* row, arg and book stand in s already. ERR_UNSUPPORTED: expat is not installed. */
MUST_USE enum err sheet_init(struct sheet *s);
void sheet_finish(struct sheet *s);
bool sheet_feed(struct sheet *s, struct str piece, bool last); /* false: s->wrong */
void sheet_stop(struct sheet *s, const char *why);	       /* from within row */
