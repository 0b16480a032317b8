/*
 * csv.h - lines of fields in a text: read as they come, written so that a spreadsheet takes no
 * field for a formula. Pure.
 *
 * [RFC 4180, and what spreadsheets do beyond it: other delimiters, CR or LF alone, quotes in the
 * midst of a field that began without one]
 */
#pragma once

#include "base/str.h"

#define CSV_FIELDS_MAX 200u
#define CSV_LINE_MAX (256u << 10) /* bytes of one record */

enum csv_flaw {
	CSV_FINE,
	CSV_TOO_LONG, /* a record beyond CSV_LINE_MAX: passed over to its end */
	CSV_TOO_MANY, /* fields; the rest is left out */
	CSV_UNCLOSED, /* the text ended within quotes */
	CSV_NUL,      /* a NUL byte */
};

struct csv_reader {
	char delimiter;
	void (*record)(
		void *arg, const struct str *fields, uint32_t count, enum csv_flaw flaw,
		uint64_t line); /* line: where it began, from 1; fields live until it returns */
	void *arg;
	/* its own */
	struct buf text; /* of this record, unquoted */
	uint32_t ends[CSV_FIELDS_MAX];
	uint32_t count;
	uint64_t line, began;
	uint8_t state;
	bool after_cr, any;
	enum csv_flaw flaw;
};

void csv_init(struct csv_reader *r, char delimiter);
void csv_finish(struct csv_reader *r);
/* UTF-8. Empty lines are passed over. */
void csv_read(struct csv_reader *r, struct str in);
void csv_end(struct csv_reader *r); /* the last record, if no line end stands behind it */
/* , ; or TAB: which of them parts the first lines best. */
char csv_guess(struct str in);

/* One field, its quotes and guard (' before = + - @ TAB CR, full-width forms of these, and before a
 * quote mark that stands there already, so that taking one off gives back what was). */
void csv_put(struct buf *out, struct str field, char delimiter);
struct str csv_unguarded(struct str field); /* as it was before the guard */
