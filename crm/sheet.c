/* sheet.c - see sheet.h. */
#include "crm/sheet.h"

#include <stdlib.h>

#define BYTES_KEPT (CSV_LINE_MAX + 1u) /* one too many, so that the reader of lines sees it */

/* -- rows -- */

static void open_row(struct sheet *s, const char **attributes)
{
	uint32_t number = 0;
	if (str_to_u32(xml_attribute(attributes, "r"), UINT32_MAX, &number) != ERR_OK ||
	    number <= s->number)
		number = s->number + 1; /* absent, or not in order */
	if (number > SHEET_ROWS_MAX) {
		xml_stop(&s->xml, "the sheet has more than 1048576 rows");
		return;
	}
	s->number = number;
	s->count = 0;
	s->next_column = 0;
	s->text.n = 0;
	memset(s->cells, 0, sizeof s->cells);
}

static void close_row(struct sheet *s)
{
	struct str fields[SHEET_CELLS];
	for (uint32_t i = 0; i < s->count; i++)
		fields[i] = str_make(s->text.p + s->cells[i].at, s->cells[i].n);
	if (s->count)
		s->row(s->arg, s->number, fields, s->count);
	s->count = 0;
}

/* -- cells -- */

/* C5 is 2. */
static bool column_of(struct str r, uint32_t *out)
{
	uint32_t n = 0;
	size_t i = 0;
	for (; i < r.n && i < 4 && ((r.p[i] | 32) >= 'a' && (r.p[i] | 32) <= 'z'); i++)
		n = n * 26 + (uint32_t)((r.p[i] | 32) - 'a' + 1);
	if (!n || n > SHEET_COLUMNS_MAX)
		return false;
	*out = n - 1;
	return true;
}

static char type_of(struct str t)
{
	return str_is(t, "s")		? 's'
	       : str_is(t, "b")		? 'b'
	       : !t.n || str_is(t, "n") ? 'n'
					: 't'; /* str, inlineStr, d (as ISO writes it), e (#N/A) */
}

static void open_cell(struct sheet *s, const char **attributes)
{
	const struct str r = xml_attribute(attributes, "r");
	s->column = s->next_column;
	if ((r.n && !column_of(r, &s->column)) || s->column >= SHEET_COLUMNS_MAX) {
		xml_stop(&s->xml, "a cell is in no column there can be");
		return;
	}
	s->next_column = s->column + 1;
	s->type = type_of(xml_attribute(attributes, "t"));
	if (str_to_u32(xml_attribute(attributes, "s"), UINT32_MAX, &s->style) != ERR_OK)
		s->style = 0;
	s->value.n = 0;
	s->in_cell = true;
}

static void put(struct sheet *s, struct str text)
{
	const uint32_t i = MIN(s->column, SHEET_CELLS - 1);
	text = str_head(text, BYTES_KEPT - s->text.n);
	if (!text.n)
		return;
	s->cells[i].at = (uint32_t)s->text.n;
	s->cells[i].n = (uint32_t)text.n;
	s->count = MAX(s->count, i + 1);
	buf_put(&s->text, text);
}

static void close_cell(struct sheet *s)
{
	static const struct cell_form plain;
	const struct workbook *b = s->book;
	const struct cell_form *f = s->style < b->form_count ? &b->forms[s->style] : &plain;
	const struct str value = buf_str(&s->value);
	struct buf number = buf_grow(64);
	uint32_t i;
	s->in_cell = false;
	if (s->type == 's' && value.n) {
		if (!b->text_count || str_to_u32(str_trim(value), b->text_count - 1, &i) != ERR_OK)
			xml_stop(&s->xml, "a cell points to a text that is not there");
		else
			put(s, workbook_text(b, i));
	} else if (s->type == 'b') {
		put(s, str_is(str_trim(value), "1")   ? STR("true")
		       : str_is(str_trim(value), "0") ? STR("false")
						      : value);
	} else if (s->type == 'n') {
		cell_number(value, f, b->from_1904, &number);
		put(s, buf_str(&number));
	} else {
		workbook_unescape(&s->value, 0);
		put(s, buf_str(&s->value));
	}
	buf_free(&number);
}

/* -- elements -- */

static void opened(void *arg, struct str name, const char **attributes)
{
	struct sheet *s = arg;
	if (str_is(name, "sheetData"))
		s->in_data = true;
	else if (!s->in_data)
		return;
	else if (str_is(name, "row"))
		open_row(s, attributes);
	else if (str_is(name, "c"))
		open_cell(s, attributes);
	else if (str_is(name, "rPh"))
		s->in_phonetic = true;
	else if (s->in_cell && (str_is(name, "v") || str_is(name, "t")))
		s->in_value = !s->in_phonetic;
}

static void closed(void *arg, struct str name)
{
	struct sheet *s = arg;
	if (str_is(name, "sheetData"))
		s->in_data = false;
	else if (!s->in_data)
		return;
	else if (str_is(name, "row"))
		close_row(s);
	else if (str_is(name, "c") && s->in_cell)
		close_cell(s);
	else if (str_is(name, "rPh"))
		s->in_phonetic = false;
	else if (str_is(name, "v") || str_is(name, "t"))
		s->in_value = false;
}

static void text(void *arg, struct str t)
{
	struct sheet *s = arg;
	if (s->in_value)
		buf_put(&s->value, str_head(t, BYTES_KEPT - s->value.n));
}

enum err sheet_init(struct sheet *s)
{
	s->xml = (struct xml){.open = opened, .close = closed, .text = text, .arg = s};
	s->text = buf_grow(1024);
	s->value = buf_grow(256);
	return xml_init(&s->xml);
}

void sheet_finish(struct sheet *s)
{
	xml_finish(&s->xml);
	buf_free(&s->text);
	buf_free(&s->value);
}

bool sheet_feed(struct sheet *s, struct str piece, bool last)
{
	const bool good = xml_feed(&s->xml, piece, last);
	s->wrong = s->xml.wrong;
	return good;
}

void sheet_stop(struct sheet *s, const char *why)
{
	xml_stop(&s->xml, why);
}
