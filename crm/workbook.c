/* workbook.c - see workbook.h. */
#include "crm/workbook.h"

#include <stdlib.h>

#define CODES_MAX (1u << 20)

void workbook_init(struct workbook *b)
{
	*b = (struct workbook){.texts = buf_grow(4096), .codes = buf_grow(256)};
	b->rels = xcalloc(WORKBOOK_RELS_MAX, sizeof *b->rels);
	b->sheets = xcalloc(WORKBOOK_SHEETS_MAX, sizeof *b->sheets);
}

void workbook_finish(struct workbook *b)
{
	xml_finish(&b->xml);
	buf_free(&b->texts);
	buf_free(&b->codes);
	free(b->text_ends);
	free(b->forms);
	free(b->rels);
	free(b->sheets);
	*b = (struct workbook){0};
}

const struct workbook_rel *workbook_rel(const struct workbook *b, const char *kind, struct str id)
{
	for (uint32_t i = 0; i < b->rel_count; i++)
		if (kind ? str_is(str_of(kind), b->rels[i].kind) : str_is(id, b->rels[i].id))
			return &b->rels[i];
	return NULL;
}

struct str workbook_text(const struct workbook *b, uint32_t i)
{
	const uint32_t at = i ? b->text_ends[i - 1] : 0;
	return str_make(b->texts.p + at, b->text_ends[i] - at);
}

static int hex_of(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

/* _xHHHH_ at s, a letter that may stand in a text; 0: none. */
static uint32_t escaped(struct str s)
{
	uint32_t c = 0;
	if (s.n < 7 || s.p[0] != '_' || s.p[1] != 'x' || s.p[6] != '_')
		return 0;
	for (int i = 2; i < 6; i++) {
		if (hex_of(s.p[i]) < 0)
			return 0;
		c = c << 4 | (uint32_t)hex_of(s.p[i]);
	}
	return c >= 0xd800 && c <= 0xdfff ? 0 : c;
}

void workbook_unescape(struct buf *text, size_t from)
{
	size_t to = from;
	for (size_t i = from; i < text->n;) {
		const uint32_t c = escaped(str_make(text->p + i, text->n - i));
		if (!c) {
			text->p[to++] = text->p[i++];
			continue;
		}
		i += 7;
		if (c >= 0x800)
			text->p[to++] = (char)(0xe0 | c >> 12);
		if (c >= 0x80)
			text->p[to++] = (char)(c >= 0x800 ? 0x80 | (c >> 6 & 0x3f) : 0xc0 | c >> 6);
		text->p[to++] = (char)(c >= 0x80 ? 0x80 | (c & 0x3f) : c);
	}
	text->n = to;
}

/* -- relationships -- */

static void take_rel(struct workbook *b, const char **attributes)
{
	const struct str kind = xml_attribute(attributes, "Type");
	const struct str target = xml_attribute(attributes, "Target");
	size_t slash = kind.n;
	while (slash && kind.p[slash - 1] != '/')
		slash--;
	if (b->rel_count == WORKBOOK_RELS_MAX) {
		xml_stop(&b->xml, "it has more than 1024 parts");
		return;
	}
	struct workbook_rel *r = &b->rels[b->rel_count];
	struct buf path = buf_make(r->path, sizeof r->path - 1);
	const bool absolute = target.n && target.p[0] == '/';
	if (!absolute)
		buf_c(&path, b->folder);
	buf_put(&path, str_from(target, absolute));
	/* what does not fit is no part anybody reads */
	if (path.full || !str_copy(xml_attribute(attributes, "Id"), r->id, sizeof r->id) ||
	    !str_copy(str_from(kind, slash), r->kind, sizeof r->kind))
		return;
	r->path[path.n] = 0;
	b->rel_count++;
}

/* -- sheets -- */

static void take_sheet(struct workbook *b, const char **attributes)
{
	const struct str state = xml_attribute(attributes, "state");
	struct workbook_sheet *s = &b->sheets[b->sheet_count];
	if (b->sheet_count == WORKBOOK_SHEETS_MAX)
		return;
	if (!str_copy(xml_attribute(attributes, "name"), s->name, sizeof s->name) ||
	    !str_copy(xml_attribute(attributes, "id"), s->rel, sizeof s->rel))
		return;
	s->hidden = str_is(state, "hidden") || str_is(state, "veryHidden");
	b->sheet_count++;
}

static bool is_true(struct str s)
{
	return str_is(s, "1") || str_is(s, "true");
}

/* -- styles -- */

static void take_code(struct workbook *b, const char **attributes)
{
	buf_put(&b->codes, xml_attribute(attributes, "numFmtId"));
	buf_ch(&b->codes, 0);
	buf_put(&b->codes, xml_attribute(attributes, "formatCode"));
	buf_ch(&b->codes, 0);
	if (b->codes.n > CODES_MAX)
		xml_stop(&b->xml, "its number formats are larger than a megabyte");
}

static void take_form(struct workbook *b, const char **attributes)
{
	const struct str id = xml_attribute(attributes, "numFmtId");
	uint32_t known = 0;
	if (b->form_count == WORKBOOK_FORMS_MAX) {
		xml_stop(&b->xml, "it has more than 65536 styles");
		return;
	}
	if (!(b->form_count & (b->form_count - 1)))
		b->forms = xrealloc(b->forms, MAX(2 * b->form_count, 1u) * sizeof *b->forms);
	if (str_to_u32(id, UINT32_MAX, &known) != ERR_OK)
		known = 0;
	struct cell_form f = cell_form_known(known);
	struct str rest = buf_str(&b->codes), one, code;
	/* few codes, as a rule; a hostile many would make this slow */
	for (uint32_t i = 0; i < 512 && str_cut(rest, 0, &one, &rest); i++) {
		if (!str_cut(rest, 0, &code, &rest))
			break;
		if (str_eq(one, id))
			f = cell_form_of(code);
	}
	b->forms[b->form_count++] = f;
}

/* -- shared texts -- */

static void end_text(struct workbook *b)
{
	workbook_unescape(&b->texts, b->text_count ? b->text_ends[b->text_count - 1] : 0);
	if (b->text_count == WORKBOOK_TEXTS_MAX) {
		xml_stop(&b->xml, "it has more than four million texts");
		return;
	}
	if (b->text_count == b->text_room) {
		b->text_room = MAX(2 * b->text_room, 1024u);
		b->text_ends = xrealloc(b->text_ends, b->text_room * sizeof *b->text_ends);
	}
	b->text_ends[b->text_count++] = (uint32_t)b->texts.n;
}

/* -- any part -- */

static void opened(void *arg, struct str name, const char **attributes)
{
	struct workbook *b = arg;
	switch (b->part) {
	case PART_RELS:
		if (str_is(name, "Relationship"))
			take_rel(b, attributes);
		break;
	case PART_BOOK:
		if (str_is(name, "sheet"))
			take_sheet(b, attributes);
		else if (str_is(name, "workbookPr"))
			b->from_1904 = is_true(xml_attribute(attributes, "date1904"));
		break;
	case PART_STYLES:
		if (str_is(name, "cellXfs"))
			b->in_forms = true;
		else if (str_is(name, "numFmt"))
			take_code(b, attributes);
		else if (b->in_forms && str_is(name, "xf"))
			take_form(b, attributes);
		break;
	case PART_TEXTS:
		if (str_is(name, "rPh")) /* how to pronounce it */
			b->in_phonetic = true;
		else if (str_is(name, "t"))
			b->in_text = !b->in_phonetic;
		break;
	}
}

static void closed(void *arg, struct str name)
{
	struct workbook *b = arg;
	if (str_is(name, "cellXfs"))
		b->in_forms = false;
	else if (str_is(name, "rPh"))
		b->in_phonetic = false;
	else if (str_is(name, "t"))
		b->in_text = false;
	else if (b->part == PART_TEXTS && str_is(name, "si"))
		end_text(b);
}

static void text(void *arg, struct str s)
{
	struct workbook *b = arg;
	if (b->part != PART_TEXTS || !b->in_text)
		return;
	if (b->texts.n + s.n > WORKBOOK_TEXT_BYTES_MAX)
		xml_stop(&b->xml, "its texts are larger than 64 MiB");
	else
		buf_put(&b->texts, s);
}

enum err workbook_begin(struct workbook *b, enum workbook_part part, struct str folder)
{
	xml_finish(&b->xml);
	b->xml = (struct xml){.open = opened, .close = closed, .text = text, .arg = b};
	b->part = part;
	b->in_forms = b->in_text = b->in_phonetic = false;
	b->wrong = NULL;
	if (part == PART_RELS) {
		b->rel_count = 0;
		if (!str_copy(folder, b->folder, sizeof b->folder))
			return ERR_INVALID;
	}
	return xml_init(&b->xml);
}

bool workbook_feed(struct workbook *b, struct str piece, bool last)
{
	const bool good = xml_feed(&b->xml, piece, last);
	b->wrong = b->xml.wrong;
	return good;
}
