/* expression.c - reading; see expression.h. Values are in expression_value.c. */
#include "core/expression.h"

#include "core/expression_ops.h"

struct reader {
	struct str text;
	size_t at;
	struct expr_op *ops; /* NULL: only checked and counted */
	uint32_t count, depth;
	uint32_t stack, stack_peak;
	struct buf *why;
};

static enum err read_any(struct reader *r);
static enum err read_sum(struct reader *r);

static enum err refuse_at(struct reader *r, size_t at, const char *what)
{
	buf_fmt(r->why, "%s at character %zu", what, at + 1);
	return ERR_INVALID;
}

static enum err refuse(struct reader *r, const char *what)
{
	return refuse_at(r, r->at, what);
}

/* -- characters -- */

static char peek(const struct reader *r)
{
	return r->at < r->text.n ? r->text.p[r->at] : 0;
}

static void skip_blanks(struct reader *r)
{
	while (peek(r) == ' ' || peek(r) == '\t' || peek(r) == '\n' || peek(r) == '\r')
		r->at++;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_word(char c)
{
	return is_letter(c) || is_digit(c);
}

static bool is_id(char c)
{
	return is_word(c) || c == '-';
}

static struct str take_while(struct reader *r, bool (*fits)(char c))
{
	size_t from = r->at;
	while (r->at < r->text.n && fits(r->text.p[r->at]))
		r->at++;
	return str_make(r->text.p + from, r->at - from);
}

static bool take(struct reader *r, const char *sign)
{
	struct str s = str_of(sign);
	skip_blanks(r);
	if (!str_starts(str_from(r->text, r->at), s))
		return false;
	r->at += s.n;
	return true;
}

static bool take_in(struct reader *r)
{
	skip_blanks(r);
	struct str rest = str_from(r->text, r->at);
	if (!str_starts(rest, STR("in")) || (rest.n > 2 && is_word(rest.p[2])))
		return false;
	r->at += 2;
	return true;
}

/* -- the program -- */

static enum err add(struct reader *r, struct expr_op op)
{
	int grows = op_grows((enum op)op.op);
	CHECK(grows >= 0 || r->stack >= (uint32_t)-grows);
	r->stack = (uint32_t)((int)r->stack + grows);
	r->stack_peak = MAX(r->stack_peak, r->stack);
	if (r->stack_peak > EXPR_STACK_MAX)
		return refuse(r, "nested too deep");
	if (r->ops)
		r->ops[r->count] = op;
	r->count++;
	return ERR_OK;
}

static enum err add_op(struct reader *r, enum op op)
{
	return add(r, (struct expr_op){.op = (uint8_t)op});
}

static enum err deeper(struct reader *r)
{
	if (r->depth == EXPR_DEPTH_MAX)
		return refuse(r, "nested too deep");
	r->depth++;
	return ERR_OK;
}

/* -- what stands alone -- */

static enum err read_number(struct reader *r)
{
	size_t from = r->at;
	struct expr_op op = {.op = OP_NUMBER};
	struct str whole = take_while(r, is_digit), text;
	if (peek(r) == '.') {
		r->at++;
		if (!take_while(r, is_digit).n)
			return refuse(r, "a digit is expected");
	}
	text = str_make(r->text.p + from, r->at - from);
	if (whole.n > 1 && whole.p[0] == '0')
		return refuse_at(r, from, "a number has no leading zero; texts stand in quotes,");
	if (is_word(peek(r)) || !expression_number(text, &op.number))
		return refuse_at(r, from, "no number; texts stand in quotes,");
	return add(r, op);
}

static enum err read_text(struct reader *r)
{
	size_t from = r->at;
	char quote = peek(r);
	ptrdiff_t n = str_find(str_from(r->text, r->at + 1), quote);
	if (n < 0)
		return refuse_at(r, from, "the quote is not closed");
	if ((size_t)n > EXPR_TEXT_MAX)
		return refuse_at(r, from, "a text of more than 256 bytes");
	struct expr_op op = {.op = OP_TEXT, .text = str_make(r->text.p + from + 1, (size_t)n)};
	r->at += (size_t)n + 2;
	return add(r, op);
}

static enum err unknown_name(struct reader *r, size_t from)
{
	while (is_id(peek(r)) || peek(r) == '.')
		r->at++;
	struct str word = str_make(r->text.p + from, r->at - from);
	buf_fmt(r->why, "unknown name '" STR_FMT "' at character %zu; known are ",
		STR_ARG(str_head(word, 80)), from + 1);
	const char *comma = "";
#define X(name, text)                                                                              \
	buf_c(r->why, comma);                                                                      \
	buf_c(r->why, text);                                                                       \
	comma = ", ";
	EXPR_NAMES(X)
#undef X
	buf_c(r->why, "; texts stand in quotes");
	return ERR_INVALID;
}

bool expression_is_variable(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (i ? !is_word(name.p[i]) : !is_letter(name.p[i]))
			return false;
	return name.n && name.n <= EXPR_NAME_MAX;
}

static enum err read_name(struct reader *r)
{
	static const char *const words[] = {
#define X(word, text) [EXPR_##word] = (text),
		EXPR_NAMES(X)
#undef X
	};
	size_t from = r->at;
	struct expr_op op = {.op = OP_NAME, .text = STR_NONE};
	struct str head = take_while(r, is_word);
	if (peek(r) != '.') {
		if (!str_is(head, "true") && !str_is(head, "false"))
			return unknown_name(r, from);
		op = (struct expr_op){.op = OP_BOOL, .number = str_is(head, "true")};
		return add(r, op);
	}
	r->at++;
	if (str_is(head, "var")) {
		op.text = take_while(r, is_word);
		op.name = EXPR_VAR;
		return expression_is_variable(op.text) ? add(r, op) : unknown_name(r, from);
	}
	if (str_is(head, "queue")) {
		op.text = take_while(r, is_id);
		bool dot = peek(r) == '.';
		r->at += dot;
		struct str what = take_while(r, is_word);
		op.name = str_is(what, "waiting") ? EXPR_QUEUE_WAITING : EXPR_QUEUE_EWT;
		bool known = op.name == EXPR_QUEUE_WAITING || str_is(what, "ewt_s");
		return dot && known && op.text.n && op.text.n <= EXPR_NAME_MAX && peek(r) != '.'
			       ? add(r, op)
			       : unknown_name(r, from);
	}
	take_while(r, is_word);
	struct str whole = str_make(r->text.p + from, r->at - from);
	for (unsigned i = EXPR_CALLER_NUMBER; i < EXPR_NAME_COUNT; i++) {
		if (str_is(whole, words[i]) && peek(r) != '.') {
			op.name = (uint8_t)i;
			return add(r, op);
		}
	}
	return unknown_name(r, from);
}

/* -- levels of binding -- */

static enum err read_unary(struct reader *r)
{
	enum err e = deeper(r);
	if (e != ERR_OK)
		return e;
	if (take(r, "-")) {
		e = read_unary(r);
		if (e == ERR_OK)
			e = add_op(r, OP_MINUS);
	} else if (take(r, "(")) {
		e = read_any(r);
		if (e == ERR_OK && !take(r, ")"))
			e = refuse(r, "a closing parenthesis is expected");
	} else if (is_digit(peek(r))) {
		e = read_number(r);
	} else if (peek(r) == '"' || peek(r) == '\'') {
		e = read_text(r);
	} else if (is_letter(peek(r))) {
		e = read_name(r);
	} else {
		e = refuse(r, "a value is expected");
	}
	r->depth--;
	return e;
}

static enum err read_product(struct reader *r)
{
	enum err e = read_unary(r);
	while (e == ERR_OK) {
		enum op op = take(r, "*") ? OP_TIMES : OP_BY;
		if (op == OP_BY && !take(r, "/"))
			break;
		e = read_unary(r);
		if (e == ERR_OK)
			e = add_op(r, op);
	}
	return e;
}

static enum err read_sum(struct reader *r)
{
	enum err e = read_product(r);
	while (e == ERR_OK) {
		enum op op = take(r, "+") ? OP_PLUS : OP_LESS;
		if (op == OP_LESS && !take(r, "-"))
			break;
		e = read_product(r);
		if (e == ERR_OK)
			e = add_op(r, op);
	}
	return e;
}

/* The one that is looked for and what is known so far stay on the stack, whatever the length. */
static enum err read_list(struct reader *r, const char *close)
{
	enum err e = add(r, (struct expr_op){.op = OP_BOOL, .number = 0});
	do {
		if (e == ERR_OK)
			e = read_any(r);
		if (e == ERR_OK)
			e = add_op(r, OP_IN_NEXT);
	} while (e == ERR_OK && take(r, ","));
	if (e == ERR_OK && !take(r, close))
		e = refuse(r, "a comma or the end of the list is expected");
	return e == ERR_OK ? add_op(r, OP_IN_END) : e;
}

static enum err read_in(struct reader *r)
{
	const char *close = take(r, "(") ? ")" : take(r, "[") ? "]" : NULL;
	enum err e = deeper(r);
	if (e != ERR_OK)
		return e;
	if (close) {
		e = read_list(r, close);
	} else {
		e = read_sum(r);
		if (e == ERR_OK)
			e = add_op(r, OP_CONTAINED);
	}
	r->depth--;
	return e;
}

/* The sign at hand, longest first. */
static bool take_sign(struct reader *r, enum op *op)
{
	static const struct {
		const char *text;
		enum op op;
	} signs[] = {{"==", OP_EQ}, {"!=", OP_NE}, {"<=", OP_LE},
		     {">=", OP_GE}, {"<", OP_LT},  {">", OP_GT}};
	for (size_t i = 0; i < COUNT_OF(signs); i++) {
		if (take(r, signs[i].text)) {
			*op = signs[i].op;
			return true;
		}
	}
	return false;
}

static enum err read_compare(struct reader *r)
{
	enum op op;
	enum err e = read_sum(r);
	if (e != ERR_OK)
		return e;
	if (take_in(r)) {
		e = read_in(r);
	} else if (take_sign(r, &op)) {
		e = read_sum(r);
		if (e == ERR_OK)
			e = add_op(r, op);
	} else {
		return ERR_OK;
	}
	if (e == ERR_OK && (take_in(r) || take_sign(r, &op)))
		e = refuse(r, "comparisons do not follow each other without parentheses;");
	return e;
}

static enum err read_not(struct reader *r)
{
	if (!take(r, "!"))
		return read_compare(r);
	enum err e = deeper(r);
	if (e == ERR_OK)
		e = read_not(r);
	if (e == ERR_OK)
		e = add_op(r, OP_NOT);
	r->depth--;
	return e;
}

static enum err read_and(struct reader *r)
{
	enum err e = read_not(r);
	while (e == ERR_OK && take(r, "&&")) {
		e = read_not(r);
		if (e == ERR_OK)
			e = add_op(r, OP_AND);
	}
	return e;
}

static enum err read_any(struct reader *r)
{
	enum err e = read_and(r);
	while (e == ERR_OK && take(r, "||")) {
		e = read_and(r);
		if (e == ERR_OK)
			e = add_op(r, OP_OR);
	}
	return e;
}

static enum err read_whole(struct reader *r)
{
	enum err e = read_any(r);
	skip_blanks(r);
	if (e == ERR_OK && r->at != r->text.n)
		e = refuse(r, "an operator such as && or == is expected");
	return e;
}

/* Twice: once to check and count, once into memory of just that size. */
enum err expression_compile(struct str text, struct arena *a, struct expression *out,
			    struct buf *why)
{
	if (text.n > EXPR_BYTES_MAX) {
		buf_fmt(why, "longer than %u bytes", EXPR_BYTES_MAX);
		return ERR_INVALID;
	}
	struct reader r = {.text = text, .why = why};
	enum err e = read_whole(&r);
	if (e != ERR_OK)
		return e;
	uint32_t count = r.count;
	r = (struct reader){.text = arena_copy(a, text), .why = why};
	r.ops = arena_alloc(a, sizeof *r.ops * count);
	CHECK(read_whole(&r) == ERR_OK && r.count == count);
	out->ops = r.ops;
	out->count = r.count;
	return ERR_OK;
}
