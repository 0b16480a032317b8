/*
 * xlsx.c - a table as a workbook, by libxlsxwriter, taken into memory by the first one. In its
 * constant-memory mode a row leaves when the next begins. Numbers are numbers, times and durations
 * are Excel's with a format, texts are texts: nothing here writes a formula.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <xlsxwriter.h>

#include "os/late.h"
#include "web/export/table.h"

#define TEXT_MAX 32767u	   /* characters of a cell, Excel's limit */
#define EPOCH_DAYS 25569.0 /* from Excel's day 0, 1899-12-30, to 1970 */

#define FUNCTIONS(W)                                                                               \
	W(workbook_new_opt)                                                                        \
	W(workbook_add_worksheet)                                                                  \
	W(workbook_add_format)                                                                     \
	W(workbook_close)                                                                          \
	W(format_set_bold)                                                                         \
	W(format_set_text_wrap)                                                                    \
	W(format_set_num_format)                                                                   \
	W(worksheet_set_column)                                                                    \
	W(worksheet_freeze_panes)                                                                  \
	W(worksheet_autofilter)                                                                    \
	W(worksheet_write_string)                                                                  \
	W(worksheet_write_number)

LATE_LIBRARY("libxlsxwriter.so.4", FUNCTIONS)

struct book {
	lxw_workbook *book;
	lxw_worksheet *sheet, *about;
	lxw_format *head, *formats[COLUMN_DURATIONS + 1][2]; /* [1]: of a total */
	uint32_t line;
	struct buf text;
	char *folder; /* the library keeps what it was given */
	lxw_error err;
};

/* What may stand in XML 1.0: no control characters but TAB and line ends. */
static const char *cell_text(struct book *b, struct str s)
{
	size_t characters = 0;
	b->text.n = 0;
	for (size_t i = 0; i < s.n && characters < TEXT_MAX; characters++) {
		const size_t n = utf8_length((const unsigned char *)s.p + i, s.n - i);
		const unsigned char c = (unsigned char)s.p[i];
		if (!n || (c < ' ' && c != '\t' && c != '\n') ||
		    (n == 3 && memcmp(s.p + i, "\xef\xbf", 2) == 0))
			buf_c(&b->text, "\xef\xbf\xbd");
		else
			buf_put(&b->text, str_make(s.p + i, n));
		i += n ? n : 1;
	}
	buf_ch(&b->text, '\0');
	return b->text.p;
}

static void put_text(struct book *b, lxw_worksheet *sheet, uint32_t line, uint32_t column,
		     struct str s, lxw_format *format)
{
	if (s.n)
		b->err |= library.f_worksheet_write_string(sheet, line, (lxw_col_t)column,
							   cell_text(b, s), format);
}

static lxw_format *format_new(struct book *b, const char *number, bool bold)
{
	lxw_format *f = library.f_workbook_add_format(b->book);
	if (number)
		library.f_format_set_num_format(f, number);
	if (bold)
		library.f_format_set_bold(f);
	return f;
}

static void formats_make(struct table *t, struct book *b)
{
	const char *const numbers[] = {
		[COLUMN_TIME] = t->days ? "yyyy\\-mm\\-dd" : "yyyy\\-mm\\-dd\\ hh:mm:ss",
		[COLUMN_COUNT] = "0",
		[COLUMN_RATIO] = "0.0%",
		[COLUMN_REAL] = "0.00",
		[COLUMN_DURATION] = "[h]:mm:ss",
		[COLUMN_DURATIONS] = NULL,
	};
	for (size_t i = 0; i < COUNT_OF(numbers); i++)
		for (int total = 0; total < 2; total++)
			b->formats[i][total] = format_new(b, numbers[i], total);
	b->head = format_new(b, NULL, true);
	library.f_format_set_text_wrap(b->head);
}

/* What it is, and how its columns are reckoned, on a sheet of its own: the data begin in A1. */
static void about_write(struct table *t, struct book *b)
{
	uint32_t line = 0;
	const struct str lines[] = {t->title, t->tenant, t->range, t->notes};
	library.f_worksheet_set_column(b->about, 0, 0, 32, NULL);
	library.f_worksheet_set_column(b->about, 1, 1, 100, NULL);
	for (size_t i = 0; i < COUNT_OF(lines); i++)
		put_text(b, b->about, line++, 0, lines[i], i ? NULL : b->head);
	for (uint32_t i = 0; i < t->column_count; i++) {
		if (!t->columns[i].formula.n)
			continue;
		line++;
		put_text(b, b->about, line, 0, t->columns[i].title, NULL);
		put_text(b, b->about, line, 1, t->columns[i].formula, NULL);
	}
}

static enum err xlsx_open(struct table *t)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	char path[64];
	pthread_once(&once, load);
	if (!loaded)
		return ERR_UNSUPPORTED;
	struct book *b = xcalloc(1, sizeof *b);
	t->state = b;
	b->text = buf_grow(256);
	b->folder = str_dup(str_of(t->folder));
	lxw_workbook_options options = {.constant_memory = LXW_TRUE, .tmpdir = b->folder};
	snprintf(path, sizeof path, "/proc/self/fd/%d", t->fd);
	b->book = library.f_workbook_new_opt(path, &options);
	b->sheet = b->book ? library.f_workbook_add_worksheet(b->book, "Data") : NULL;
	b->about = b->book ? library.f_workbook_add_worksheet(b->book, "About") : NULL;
	if (!b->sheet || !b->about)
		return ERR_IO;
	formats_make(t, b);
	for (uint32_t i = 0; i < t->column_count; i++) {
		const enum column_type type = t->columns[i].type;
		const double width = type == COLUMN_TIME ? 20 : type == COLUMN_TEXT ? 18 : 12;
		library.f_worksheet_set_column(b->sheet, (lxw_col_t)i, (lxw_col_t)i, width, NULL);
		put_text(b, b->sheet, 0, i, t->columns[i].title, b->head);
	}
	library.f_worksheet_freeze_panes(b->sheet, 1, 0);
	b->line = 1;
	about_write(t, b);
	return b->err ? ERR_DISK_FULL : ERR_OK;
}

/* Days since 1899-12-30 on the local clock: workbooks know no zones. */
static double excel_time(const struct table *t, int64_t utc_ms)
{
	struct local_time l;
	zone_local(t->zone, utc_ms, &l);
	return EPOCH_DAYS + (double)(utc_ms + l.utc_offset_s * 1000ll) / 86400000.0;
}

static void put_cell(struct table *t, struct book *b, uint32_t i, const struct table_cell *cell,
		     lxw_format *format)
{
	double v = 0;
	switch (t->columns[i].type) {
	case COLUMN_TEXT:
	case COLUMN_LIST:
	case COLUMN_COUNTS:
	case COLUMN_DURATIONS:
		put_text(b, b->sheet, b->line, i, cell->text, format);
		return;
	case COLUMN_TIME:
		v = excel_time(t, cell->n);
		break;
	case COLUMN_COUNT:
		v = (double)cell->n;
		break;
	case COLUMN_RATIO:
	case COLUMN_REAL:
		v = cell->real;
		break;
	case COLUMN_DURATION:
		v = (double)cell->n / 86400000.0;
		break;
	}
	b->err |= library.f_worksheet_write_number(b->sheet, b->line, (lxw_col_t)i, v, format);
}

static enum err xlsx_row(struct table *t, enum table_row kind, const struct table_cell *cells)
{
	struct book *b = t->state;
	for (uint32_t i = 0; i < t->column_count; i++)
		if (cells[i].some) /* what is not known stays empty: no sum counts it */
			put_cell(t, b, i, &cells[i],
				 b->formats[t->columns[i].type][kind == TABLE_TOTAL]);
	b->line++;
	return b->err ? ERR_DISK_FULL : ERR_OK;
}

static enum err xlsx_close(struct table *t)
{
	struct book *b = t->state;
	if (t->rows)
		library.f_worksheet_autofilter(b->sheet, 0, 0, b->line - 1,
					       (lxw_col_t)(t->column_count - 1));
	const lxw_error e = library.f_workbook_close(b->book); /* frees it too */
	b->book = NULL;
	return e || b->err ? ERR_DISK_FULL : ERR_OK;
}

static void xlsx_drop(struct table *t)
{
	struct book *b = t->state;
	if (!b)
		return;
	if (b->book) /* the only way to be rid of it: what it writes is thrown away */
		(void)library.f_workbook_close(b->book);
	buf_free(&b->text);
	free(b->folder);
	free(b);
	t->state = NULL;
}

const struct table_format table_xlsx = {
	.type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	.ending = "xlsx",
	.package = "libxlsxwriter4",
	.rows_max = 1000000,
	.open = xlsx_open,
	.row = xlsx_row,
	.close = xlsx_close,
	.drop = xlsx_drop,
};
