/*
 * workbook.h - what a workbook (.xlsx) says besides its cells: its sheets, the texts they share,
 * how numbers are shown. Its parts come in pieces, one part after another; who opens the archive
 * knows where they lie. Pure.
 *
 * [ECMA-376 part 1: 18.2 workbook, 18.4 shared strings, 18.8 styles; part 2: 9.3 relationships]
 */
#pragma once

#include "crm/cell.h"
#include "crm/xml.h"

#define WORKBOOK_SHEETS_MAX 256u
#define WORKBOOK_RELS_MAX 1024u
#define WORKBOOK_FORMS_MAX 65536u
#define WORKBOOK_TEXTS_MAX (4u << 20)
#define WORKBOOK_TEXT_BYTES_MAX (64u << 20)

enum workbook_part { PART_RELS, PART_BOOK, PART_STYLES, PART_TEXTS };

struct workbook_rel {
	char id[64];
	char kind[40]; /* the last word of its type: worksheet, styles … */
	char path[160];
};
struct workbook_sheet {
	char name[128]; /* at most 31 letters, says Excel */
	char rel[64];
	bool hidden;
};
struct workbook {
	struct workbook_rel *rels; /* of the part read last */
	uint32_t rel_count;
	struct workbook_sheet *sheets;
	uint32_t sheet_count;
	bool from_1904;
	struct cell_form *forms; /* by a cell's style */
	uint32_t form_count;
	struct buf texts;
	uint32_t *text_ends;
	uint32_t text_count, text_room;
	const char *wrong; /* of the last part; NULL: nothing */
	/* its own */
	struct xml xml;
	struct buf codes; /* ID, zero, code, zero … */
	enum workbook_part part;
	char folder[160];
	bool in_forms, in_text, in_phonetic;
};

void workbook_init(struct workbook *b);
void workbook_finish(struct workbook *b);
/* folder: of the part whose relationships these are, with / behind it; only for PART_RELS.
 * ERR_UNSUPPORTED: expat is not installed. */
MUST_USE enum err workbook_begin(struct workbook *b, enum workbook_part part, struct str folder);
bool workbook_feed(struct workbook *b, struct str piece, bool last); /* false: b->wrong */
/* By kind, or by id when kind is NULL; NULL: none. */
const struct workbook_rel *workbook_rel(const struct workbook *b, const char *kind, struct str id);
struct str workbook_text(const struct workbook *b, uint32_t i); /* i < text_count */
/* Takes _x000D_ and its like back; shortens what stands from `from` on. [ECMA-376 22.9.2.19] */
void workbook_unescape(struct buf *text, size_t from);
