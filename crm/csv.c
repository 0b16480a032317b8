/* csv.c - see csv.h. */
#include "crm/csv.h"

/* QUOTE: a quote within a quoted field: its end, or the first of two. */
enum { START, PLAIN, QUOTED, QUOTE };

void csv_init(struct csv_reader *r, char delimiter)
{
	*r = (struct csv_reader){.delimiter = delimiter, .line = 1, .began = 1};
	r->text = buf_grow(1024);
}

void csv_finish(struct csv_reader *r)
{
	buf_free(&r->text);
}

static void put(struct csv_reader *r, char c)
{
	r->any = true;
	if (c == 0)
		r->flaw = r->flaw ? r->flaw : CSV_NUL;
	if (r->text.n < CSV_LINE_MAX)
		buf_ch(&r->text, c);
	else
		r->flaw = CSV_TOO_LONG;
}

static void end_field(struct csv_reader *r)
{
	if (r->count < CSV_FIELDS_MAX)
		r->ends[r->count++] = (uint32_t)r->text.n;
	else if (!r->flaw)
		r->flaw = CSV_TOO_MANY;
	r->state = START;
}

static void end_record(struct csv_reader *r)
{
	struct str fields[CSV_FIELDS_MAX];
	if (!r->any && !r->count) { /* an empty line */
		r->began = r->line;
		return;
	}
	end_field(r);
	for (uint32_t i = 0, at = 0; i < r->count; at = r->ends[i++])
		fields[i] = str_make(r->text.p + at, r->ends[i] - at);
	r->record(r->arg, fields, r->count, r->flaw, r->began);
	r->text.n = 0;
	r->count = 0;
	r->flaw = CSV_FINE;
	r->any = false;
	r->began = r->line;
}

static void take(struct csv_reader *r, char c)
{
	const bool newline = c == '\n' || c == '\r';
	if (r->state == QUOTED) {
		if (c == '"')
			r->state = QUOTE;
		else
			put(r, c);
		return;
	}
	if (r->state == QUOTE && c == '"') {
		put(r, c);
		r->state = QUOTED;
	} else if (newline) {
		end_record(r);
	} else if (c == r->delimiter) {
		r->any = true;
		end_field(r);
	} else if (r->state == START && c == '"') {
		r->any = true;
		r->state = QUOTED;
	} else {
		put(r, c);
		r->state = PLAIN;
	}
}

void csv_read(struct csv_reader *r, struct str in)
{
	for (size_t i = 0; i < in.n; i++) {
		const char c = in.p[i];
		const bool second = c == '\n' && r->after_cr; /* of CRLF */
		r->after_cr = c == '\r';
		if (second && r->state != QUOTED) {
			continue;
		}
		if ((c == '\n' && !second) || c == '\r')
			r->line++;
		take(r, c);
	}
}

void csv_end(struct csv_reader *r)
{
	if (r->state == QUOTED && !r->flaw)
		r->flaw = CSV_UNCLOSED;
	end_record(r);
}

/* -- guessing -- */

char csv_guess(struct str in)
{
	static const char marks[] = {';', '\t', ','};
	char best = ',';
	uint32_t most = 0;
	for (size_t k = 0; k < sizeof marks; k++) {
		uint32_t first = 0, same = 0, lines = 0;
		struct str rest = in, line;
		while (lines < 20 && str_line(&rest, &line)) {
			uint32_t n = 0;
			bool quoted = false;
			if (!rest.n && lines) /* perhaps cut */
				break;
			for (size_t i = 0; i < line.n; i++) {
				quoted ^= line.p[i] == '"';
				n += !quoted && line.p[i] == marks[k];
			}
			first = lines++ ? first : n;
			same += n == first;
		}
		const uint32_t points = first ? first * 10 * same / MAX(lines, 1u) : 0;
		if (points > most) {
			most = points;
			best = marks[k];
		}
	}
	return best;
}

/* -- writing -- */

/* How long a beginning is that a spreadsheet would take for a formula; 0: none is. */
static bool is_formula(struct str field)
{
	static const char *const signs[] = {"=",
					    "+",
					    "-",
					    "@",
					    "\t",
					    "\r",
					    "\n",
					    "\xef\xbc\x9d",
					    "\xef\xbc\x8b",
					    "\xef\xbc\x8d",
					    "\xef\xbc\xa0"};
	for (size_t i = 0; i < COUNT_OF(signs); i++)
		if (str_starts(field, str_of(signs[i])))
			return true;
	return false;
}

/* ' before a formula, or before such marks with a formula behind them. */
static bool wants_guard(struct str field)
{
	while (field.n && field.p[0] == '\'')
		field = str_from(field, 1);
	return is_formula(field);
}

void csv_put(struct buf *out, struct str field, char delimiter)
{
	bool quoted = false;
	const bool guard = wants_guard(field);
	for (size_t i = 0; i < field.n; i++)
		quoted |= field.p[i] == '"' || field.p[i] == '\n' || field.p[i] == '\r' ||
			  field.p[i] == delimiter;
	quoted |= field.n && (field.p[0] == ' ' || field.p[field.n - 1] == ' ');
	if (quoted)
		buf_ch(out, '"');
	if (guard)
		buf_ch(out, '\'');
	for (size_t i = 0; i < field.n; i++) {
		if (field.p[i] == '"')
			buf_ch(out, '"');
		buf_ch(out, field.p[i]);
	}
	if (quoted)
		buf_ch(out, '"');
}

struct str csv_unguarded(struct str field)
{
	return field.n && field.p[0] == '\'' && wants_guard(str_from(field, 1)) ? str_from(field, 1)
										: field;
}
