/*
 * csv.c - a table as CSV [RFC 4180]: UTF-8 with a byte order mark, since spreadsheets guess else;
 * texts guarded against being taken for formulas (crm/csv.h), numbers as they are. Durations as
 * h:mm:ss, which every spreadsheet takes for a time; shares as fractions of one.
 */
#include "crm/csv.h"

#include <stdlib.h>

#include "web/export/table.h"

#define PIECE 65536

struct csv {
	struct buf text;
};

static void put_header(struct table *t, struct csv *c)
{
	buf_c(&c->text, "\xef\xbb\xbf");
	for (uint32_t i = 0; i < t->column_count; i++) {
		if (i)
			buf_ch(&c->text, t->delimiter);
		csv_put(&c->text, t->columns[i].title, t->delimiter);
	}
	buf_c(&c->text, "\r\n");
}

static enum err csv_open(struct table *t)
{
	struct csv *c = xcalloc(1, sizeof *c);
	t->state = c;
	c->text = buf_grow(PIECE + 4096);
	put_header(t, c);
	return ERR_OK;
}

static void put_value(struct table *t, struct buf *out, uint32_t column,
		      const struct table_cell *cell)
{
	const char point = t->delimiter == ';' ? ',' : '.';
	switch (t->columns[column].type) {
	case COLUMN_TEXT:
	case COLUMN_LIST:
	case COLUMN_COUNTS:
	case COLUMN_DURATIONS:
		csv_put(out, cell->text, t->delimiter);
		return;
	case COLUMN_TIME:
		table_put_time(out, t, cell->n, true);
		return;
	case COLUMN_COUNT:
		buf_i64(out, cell->n);
		return;
	case COLUMN_RATIO:
	case COLUMN_REAL:
		if (point == t->delimiter)
			buf_ch(out, '"');
		table_put_real(out, cell->real, 4, point);
		if (point == t->delimiter)
			buf_ch(out, '"');
		return;
	case COLUMN_DURATION:
		table_put_duration(out, cell->n);
		return;
	}
}

static enum err csv_row(struct table *t, enum table_row kind, const struct table_cell *cells)
{
	struct csv *c = t->state;
	(void)kind;
	for (uint32_t i = 0; i < t->column_count; i++) {
		if (i)
			buf_ch(&c->text, t->delimiter);
		if (cells[i].some)
			put_value(t, &c->text, i, &cells[i]);
	}
	buf_c(&c->text, "\r\n");
	return c->text.n >= PIECE ? table_write(t->fd, &c->text) : ERR_OK;
}

static enum err csv_close(struct table *t)
{
	return table_write(t->fd, &((struct csv *)t->state)->text);
}

static void csv_drop(struct table *t)
{
	struct csv *c = t->state;
	if (c)
		buf_free(&c->text);
	free(c);
	t->state = NULL;
}

const struct table_format table_csv = {
	.type = "text/csv; charset=utf-8",
	.ending = "csv",
	.rows_max = 1000000,
	.open = csv_open,
	.row = csv_row,
	.close = csv_close,
	.drop = csv_drop,
};
