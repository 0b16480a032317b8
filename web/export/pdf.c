/*
 * pdf.c - a table as A4 pages, by cairo and pango (pango.h): title, tenant and range above, the
 * header of the table on each page, formulas behind the last row, page numbers. Upright while the
 * columns have room, else sideways; what is too wide for that goes on in further bands of pages
 * that begin with the first column again. Rows are kept until all are known: widths and the number
 * of pages depend on them.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "web/export/pango.h"
#include "web/export/table.h"

#define A4_SHORT 595.28 /* points: 210 mm */
#define A4_LONG 841.89
#define MARGIN 36.0
#define GAP 8.0	  /* between columns */
#define FOOT 18.0 /* above the lower margin, for the page's number */
#define TEXT_WIDEST 170.0
#define FAMILY "DejaVu Sans, Noto Sans, Liberation Sans, Sans"

struct band {
	uint32_t columns[TABLE_COLUMNS_MAX], count;
};

struct pdf {
	const struct pango *p;
	struct buf texts; /* of all cells, each behind the other */
	uint32_t *ends;	  /* of cells in texts, row by row */
	size_t cell_count, cell_room;
	bool *totals; /* by row */
	size_t row_count, row_room;
	void *surface, *cairo, *layout, *font, *bold, *title, *small;
	double width, height;		      /* of a page */
	double size;			      /* of letters in the table */
	double wide[TABLE_COLUMNS_MAX], head; /* columns; height of the header */
	struct band *bands;
	uint32_t band_count;
	uint32_t page, pages;
	double y;
	bool failed;
	int fd;
};

static enum err pdf_open(struct table *t)
{
	const struct pango *p = pango_load();
	if (!p)
		return ERR_UNSUPPORTED;
	struct pdf *d = xcalloc(1, sizeof *d);
	t->state = d;
	d->p = p;
	d->fd = t->fd;
	d->texts = buf_grow(65536);
	return ERR_OK;
}

static enum err pdf_row(struct table *t, enum table_row kind, const struct table_cell *cells)
{
	struct pdf *d = t->state;
	if (d->row_count == d->row_room) {
		d->row_room = 2 * d->row_room + 64;
		d->totals = xrealloc(d->totals, d->row_room * sizeof *d->totals);
	}
	if (d->cell_count + t->column_count > d->cell_room) {
		d->cell_room = 2 * d->cell_room + 64 * TABLE_COLUMNS_MAX;
		d->ends = xrealloc(d->ends, d->cell_room * sizeof *d->ends);
	}
	d->totals[d->row_count++] = kind == TABLE_TOTAL;
	for (uint32_t i = 0; i < t->column_count; i++) {
		struct table_cell cell = cells[i];
		cell.text = str_head(cell.text, 400);
		table_put_cell(&d->texts, t, i, &cell);
		d->ends[d->cell_count++] = (uint32_t)d->texts.n;
	}
	return ERR_OK;
}

static struct str cell_of(const struct table *t, const struct pdf *d, size_t row, uint32_t column)
{
	const size_t i = row * t->column_count + column;
	const uint32_t from = i ? d->ends[i - 1] : 0;
	return str_make(d->texts.p + from, d->ends[i] - from);
}

/* -- text -- */

/* width <= 0: as wide as it is. Gives what it takes. */
static void measure(struct pdf *d, const void *font, struct str s, double width, double *w,
		    double *h)
{
	int pw, ph;
	d->p->pango_layout_set_font_description(d->layout, font);
	d->p->pango_layout_set_width(d->layout, width > 0 ? (int)(width * PANGO_UNIT) : -1);
	d->p->pango_layout_set_text(d->layout, s.n ? s.p : "", (int)s.n);
	d->p->pango_layout_get_size(d->layout, &pw, &ph);
	*w = (double)pw / PANGO_UNIT;
	*h = (double)ph / PANGO_UNIT;
}

static void draw(struct pdf *d, const void *font, struct str s, double x, double y, double width,
		 bool right)
{
	double w, h;
	d->p->pango_layout_set_alignment(d->layout, right ? PANGO_RIGHT : 0);
	measure(d, font, s, width, &w, &h);
	d->p->cairo_move_to(d->cairo, x, y);
	d->p->pango_cairo_show_layout(d->cairo, d->layout);
}

/* Cells stand on one line, whatever is in them; headers and notes break. */
static void one_line(struct pdf *d, bool one)
{
	d->p->pango_layout_set_single_paragraph_mode(d->layout, one);
	d->p->pango_layout_set_ellipsize(d->layout, one ? PANGO_END : 0);
	d->p->pango_layout_set_wrap(d->layout, PANGO_WORD_CHAR);
}

static void colour(struct pdf *d, double shade)
{
	d->p->cairo_set_source_rgb(d->cairo, shade, shade, shade);
}

static void rule(struct pdf *d, double y, double shade)
{
	colour(d, shade);
	d->p->cairo_set_line_width(d->cairo, 0.5);
	d->p->cairo_move_to(d->cairo, MARGIN, y);
	d->p->cairo_line_to(d->cairo, d->width - MARGIN, y);
	d->p->cairo_stroke(d->cairo);
	colour(d, 0);
}

/* -- what goes where -- */

/* Numbers stand at the right edge, all else at the left. */
static bool is_text(enum column_type t)
{
	return t == COLUMN_TEXT || t == COLUMN_LIST || t == COLUMN_COUNTS ||
	       t == COLUMN_DURATIONS || t == COLUMN_TIME;
}

/* As wide as its widest word above and its longest cells below; texts are cut somewhere. */
static double column_width(const struct table *t, struct pdf *d, uint32_t column)
{
	struct str rest = t->columns[column].title, word;
	double widest = 20, w, h;
	size_t longest = 0;
	while (rest.n) {
		str_cut(rest, ' ', &word, &rest);
		measure(d, d->bold, word, 0, &w, &h);
		widest = fmax(widest, w);
	}
	/* bytes tell well enough which cells are worth a look */
	for (size_t row = 0; row < d->row_count; row++) {
		const struct str s = cell_of(t, d, row, column);
		if (s.n + 2 < longest)
			continue;
		longest = longest > s.n ? longest : s.n;
		measure(d, d->totals[row] ? d->bold : d->font, s, 0, &w, &h);
		widest = fmax(widest, w);
	}
	return is_text(t->columns[column].type) ? fmin(widest, TEXT_WIDEST) : widest;
}

static void bands_make(const struct table *t, struct pdf *d)
{
	const double room = d->width - 2 * MARGIN;
	double used = 0;
	d->bands = xcalloc(TABLE_COLUMNS_MAX, sizeof *d->bands);
	struct band *b = &d->bands[0];
	for (uint32_t i = 0; i < t->column_count; i++) {
		if (b->count > 1 && used + d->wide[i] > room) {
			b = &d->bands[++d->band_count];
			b->columns[b->count++] = 0;
			used = d->wide[0] + GAP;
		}
		b->columns[b->count++] = i;
		used += d->wide[i] + GAP;
	}
	d->band_count++;
}

static double widths_sum(const struct table *t, struct pdf *d)
{
	double sum = -GAP;
	one_line(d, false);
	for (uint32_t i = 0; i < t->column_count; i++) {
		d->wide[i] = column_width(t, d, i);
		sum += d->wide[i] + GAP;
	}
	return sum;
}

static void canvas_begin(const struct table *t, struct pdf *d);
static void canvas_end(struct pdf *d);

/* The largest letters with which all columns stand side by side; when none do, bands. */
static void plan(const struct table *t, struct pdf *d)
{
	static const double sizes[] = {8, 7, 6.3, 8};
	double sum = 0, w, h;
	bool fits = false;
	for (size_t i = 0; i < COUNT_OF(sizes) && !fits; i++) {
		canvas_end(d);
		d->size = sizes[i];
		d->width = A4_LONG;
		d->height = A4_SHORT;
		canvas_begin(t, d);
		sum = widths_sum(t, d);
		fits = sum <= A4_LONG - 2 * MARGIN;
	}
	if (sum <= A4_SHORT - 2 * MARGIN) {
		d->width = A4_SHORT;
		d->height = A4_LONG;
	}
	for (uint32_t i = 0; i < t->column_count; i++) {
		measure(d, d->bold, t->columns[i].title, d->wide[i], &w, &h);
		d->head = fmax(d->head, h);
	}
	bands_make(t, d);
}

static double line(const struct pdf *d) /* of a row */
{
	return d->size * 1.6;
}

/* -- pages: drawn twice, the first time to count them -- */

static int write_piece(void *arg, const unsigned char *data, unsigned int length)
{
	struct pdf *d = arg;
	struct buf piece = {.p = (char *)(uintptr_t)data, .n = length, .cap = length};
	if (d->fd < 0) /* only counted */
		return CAIRO_OK;
	return table_write(d->fd, &piece) == ERR_OK ? CAIRO_OK : CAIRO_WRITE_ERROR;
}

static void page_foot(const struct table *t, struct pdf *d)
{
	char text[160];
	struct buf b = buf_make(text, sizeof text);
	const double y = d->height - MARGIN - 10;
	one_line(d, true);
	colour(d, 0.4);
	buf_put(&b, str_head(t->tenant, 80));
	buf_c(&b, " · ");
	struct table made = {.zone = t->zone};
	table_put_time(&b, &made, t->made_at_ms, false);
	draw(d, d->small, buf_str(&b), MARGIN, y, d->width - 2 * MARGIN - 80, false);
	b.n = 0;
	buf_fmt(&b, "%u / %u", d->page, d->pages);
	draw(d, d->small, buf_str(&b), d->width - MARGIN - 70, y, 70, true);
	colour(d, 0);
}

static void page_begin(const struct table *t, struct pdf *d)
{
	if (d->page)
		d->p->cairo_show_page(d->cairo);
	d->page++;
	page_foot(t, d);
	d->y = MARGIN;
}

static void title_draw(const struct table *t, struct pdf *d)
{
	one_line(d, true);
	draw(d, d->title, t->title, MARGIN, d->y, d->width - 2 * MARGIN, false);
	d->y += 24;
	draw(d, d->font, t->tenant, MARGIN, d->y, d->width - 2 * MARGIN, false);
	d->y += line(d);
	draw(d, d->font, t->range, MARGIN, d->y, d->width - 2 * MARGIN, false);
	d->y += line(d);
	colour(d, 0.4);
	draw(d, d->small, t->notes, MARGIN, d->y, d->width - 2 * MARGIN, false);
	colour(d, 0);
	d->y += line(d) + 8;
}

static void head_draw(const struct table *t, struct pdf *d, const struct band *b)
{
	double x = MARGIN;
	one_line(d, false);
	for (uint32_t i = 0; i < b->count; i++) {
		const uint32_t c = b->columns[i];
		draw(d, d->bold, t->columns[c].title, x, d->y, d->wide[c],
		     !is_text(t->columns[c].type));
		x += d->wide[c] + GAP;
	}
	d->y += d->head + 3;
	rule(d, d->y, 0);
	d->y += 3;
	one_line(d, true);
}

static void row_draw(const struct table *t, struct pdf *d, const struct band *b, size_t row)
{
	double x = MARGIN;
	if (d->totals[row])
		rule(d, d->y - 1, 0);
	else
		rule(d, d->y + line(d) - 1.5, 0.88);
	for (uint32_t i = 0; i < b->count; i++) {
		const uint32_t c = b->columns[i];
		draw(d, d->totals[row] ? d->bold : d->font, cell_of(t, d, row, c), x, d->y,
		     d->wide[c], !is_text(t->columns[c].type));
		x += d->wide[c] + GAP;
	}
	d->y += line(d);
}

static double bottom(const struct pdf *d)
{
	return d->height - MARGIN - FOOT;
}

static void band_draw(const struct table *t, struct pdf *d, const struct band *b)
{
	page_begin(t, d);
	if (b == d->bands)
		title_draw(t, d);
	head_draw(t, d, b);
	for (size_t row = 0; row < d->row_count; row++) {
		if (d->y + line(d) > bottom(d)) {
			page_begin(t, d);
			head_draw(t, d, b);
		}
		row_draw(t, d, b, row);
	}
}

static void formulas_draw(const struct table *t, struct pdf *d)
{
	struct buf text = buf_grow(256);
	double w, h;
	one_line(d, false);
	d->y += 10;
	for (uint32_t i = 0; i < t->column_count; i++) {
		const struct table_column *c = &t->columns[i];
		if (!c->formula.n)
			continue;
		text.n = 0;
		buf_fmt(&text, STR_FMT ": " STR_FMT, STR_ARG(c->title), STR_ARG(c->formula));
		measure(d, d->small, buf_str(&text), d->width - 2 * MARGIN, &w, &h);
		if (d->y + h > bottom(d)) {
			page_begin(t, d);
			one_line(d, false);
		}
		draw(d, d->small, buf_str(&text), MARGIN, d->y, d->width - 2 * MARGIN, false);
		d->y += h + 2;
	}
	buf_free(&text);
}

static void canvas_end(struct pdf *d)
{
	void *const fonts[] = {d->font, d->bold, d->title, d->small};
	for (size_t i = 0; i < COUNT_OF(fonts); i++)
		if (fonts[i])
			d->p->pango_font_description_free(fonts[i]);
	if (d->layout)
		d->p->g_object_unref(d->layout);
	if (d->cairo)
		d->p->cairo_destroy(d->cairo);
	if (d->surface) {
		d->p->cairo_surface_finish(d->surface);
		d->failed |= d->p->cairo_surface_status(d->surface) != CAIRO_OK;
		d->p->cairo_surface_destroy(d->surface);
	}
	d->surface = d->cairo = d->layout = d->font = d->bold = d->title = d->small = NULL;
}

static void canvas_begin(const struct table *t, struct pdf *d)
{
	char title[160], font[128];
	d->surface = d->p->cairo_pdf_surface_create_for_stream(write_piece, d, d->width, d->height);
	(void)str_copy(str_head(t->title, sizeof title - 1), title, sizeof title);
	d->p->cairo_pdf_surface_set_metadata(d->surface, CAIRO_TITLE, title);
	d->cairo = d->p->cairo_create(d->surface);
	d->layout = d->p->pango_cairo_create_layout(d->cairo);
	snprintf(font, sizeof font, FAMILY " %.1f", d->size);
	d->font = d->p->pango_font_description_from_string(font);
	snprintf(font, sizeof font, FAMILY " Bold %.1f", d->size);
	d->bold = d->p->pango_font_description_from_string(font);
	d->title = d->p->pango_font_description_from_string(FAMILY " Bold 15");
	d->small = d->p->pango_font_description_from_string(FAMILY " 7");
}

static void all_draw(const struct table *t, struct pdf *d)
{
	d->page = 0;
	for (uint32_t i = 0; i < d->band_count; i++)
		band_draw(t, d, &d->bands[i]);
	formulas_draw(t, d);
	d->pages = d->page;
}

static enum err pdf_close(struct table *t)
{
	struct pdf *d = t->state;
	const int fd = d->fd;
	d->fd = -1; /* measured, then drawn to count */
	plan(t, d);
	all_draw(t, d);
	canvas_end(d);
	d->fd = fd;
	canvas_begin(t, d);
	all_draw(t, d);
	canvas_end(d);
	return d->failed ? ERR_DISK_FULL : ERR_OK;
}

static void pdf_drop(struct table *t)
{
	struct pdf *d = t->state;
	if (!d)
		return;
	canvas_end(d);
	free(d->bands);
	free(d->totals);
	free(d->ends);
	buf_free(&d->texts);
	free(d);
	t->state = NULL;
}

const struct table_format table_pdf = {
	.type = "application/pdf",
	.ending = "pdf",
	.package = "libpangocairo-1.0-0",
	.rows_max = 5000,
	.open = pdf_open,
	.row = pdf_row,
	.close = pdf_close,
	.drop = pdf_drop,
};
