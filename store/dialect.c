/* dialect.c - see dialect.h. */
#include "store/dialect.h"

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* How far what begins at `at` holds together: a quoted text, a $$ body, a word, or one character.
 */
static size_t piece_end(struct str s, size_t at)
{
	const char c = s.p[at];
	size_t end = at + 1;
	if (c == '\'' || c == '"') {
		while (end < s.n && s.p[end] != c)
			end++;
		return MIN(end + 1, s.n);
	}
	if (c == '$' && end < s.n && s.p[end] == '$') {
		ptrdiff_t close = str_find_str(str_from(s, at + 2), STR("$$"));
		return close < 0 ? s.n : at + 4 + (size_t)close;
	}
	if (is_word(c))
		while (end < s.n && is_word(s.p[end]))
			end++;
	return end;
}

/* Whether the parenthesis at `open` holds more than one argument. */
static bool several_arguments(struct str s, size_t open)
{
	int depth = 0;
	for (size_t at = open; at < s.n; at = piece_end(s, at)) {
		if (s.p[at] == '(')
			depth++;
		else if (s.p[at] == ')' && --depth == 0)
			return false;
		else if (s.p[at] == ',' && depth == 1)
			return true;
	}
	return false;
}

struct turning {
	struct str text;
	struct buf *out;
	bool table; /* CREATE TABLE or ALTER TABLE */
	int depth;
	uint32_t marks; /* `?` seen without number */
};

static const char *other_word(const struct turning *t, struct str word, size_t end)
{
	const bool called = end < t->text.n && t->text.p[end] == '(';
	if (str_ieq(word, STR("INTEGER")))
		return "BIGINT";
	if (str_ieq(word, STR("BLOB")))
		return "BYTEA";
	if (str_ieq(word, STR("REAL")))
		return "DOUBLE PRECISION";
	if (t->table && str_ieq(word, STR("TEXT")))
		return "TEXT COLLATE \"C\"";
	if (called && str_ieq(word, STR("ifnull")))
		return "coalesce";
	if (called && str_ieq(word, STR("instr")))
		return "strpos";
	if (called && str_ieq(word, STR("max")) && several_arguments(t->text, end))
		return "greatest";
	if (called && str_ieq(word, STR("min")) && several_arguments(t->text, end))
		return "least";
	return NULL;
}

static size_t put_mark(struct turning *t, size_t at)
{
	size_t end = at + 1;
	while (end < t->text.n && is_digit(t->text.p[end]))
		end++;
	buf_ch(t->out, '$');
	if (end == at + 1)
		buf_u64(t->out, ++t->marks);
	else
		buf_put(t->out, str_head(str_from(t->text, at + 1), end - at - 1));
	return end;
}

static size_t put_piece(struct turning *t, size_t at)
{
	const char c = t->text.p[at];
	const size_t end = piece_end(t->text, at);
	const struct str piece = str_head(str_from(t->text, at), end - at);
	if (c == '?')
		return put_mark(t, at);
	if (str_ieq(piece, STR("x")) && end < t->text.n && t->text.p[end] == '\'') {
		const size_t close = piece_end(t->text, end);
		buf_c(t->out, "'\\x");
		buf_put(t->out, str_head(str_from(t->text, end + 1), close - end - 1));
		buf_c(t->out, "::bytea");
		return close;
	}
	const char *other = is_word(c) ? other_word(t, piece, end) : NULL;
	if (other)
		buf_c(t->out, other);
	else
		buf_put(t->out, piece);
	t->depth += (c == '(') - (c == ')');
	if (t->table && c == ')' && t->depth == 0)
		return t->text.n;
	return end;
}

/* The n-th word, from 0. */
static struct str word_of(struct str text, int n)
{
	struct str word = STR_NONE;
	for (size_t at = 0; at < text.n && n >= 0;) {
		const size_t end = piece_end(text, at);
		if (is_word(text.p[at])) {
			word = str_head(str_from(text, at), end - at);
			n--;
		} else if (text.p[at] == '(') {
			break;
		}
		at = end;
	}
	return n < 0 ? word : STR_NONE;
}

void dialect_postgres(struct str text, struct buf *out)
{
	const struct str verb = word_of(text, 0);
	struct turning t = {.text = text, .out = out};
	t.table = (str_ieq(verb, STR("CREATE")) || str_ieq(verb, STR("ALTER"))) &&
		  str_ieq(word_of(text, 1), STR("TABLE"));
	for (size_t at = 0; at < text.n;)
		at = put_piece(&t, at);
}

bool dialect_next(struct str *script, struct str *statement)
{
	for (;;) {
		size_t at = 0;
		while (at < script->n && script->p[at] != ';')
			at = piece_end(*script, at);
		const bool ended = at < script->n;
		*statement = str_trim(str_head(*script, at));
		*script = str_from(*script, ended ? at + 1 : at);
		if (statement->n)
			return true;
		if (!ended)
			return false;
	}
}

bool dialect_gives_rows(struct str text)
{
	const struct str verb = word_of(text, 0);
	if (str_ieq(verb, STR("SELECT")) || str_ieq(verb, STR("WITH")))
		return true;
	for (size_t at = 0; at < text.n;) {
		const size_t end = piece_end(text, at);
		if (str_ieq(str_head(str_from(text, at), end - at), STR("RETURNING")))
			return true;
		at = end;
	}
	return false;
}
