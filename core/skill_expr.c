/* skill_expr.c - see skill_expr.h. */
#include "core/skill_expr.h"

struct reader {
	struct str text;
	size_t at;
	struct skill_term *terms;
	uint32_t count, depth;
	struct buf *why;
};

static enum err read_or(struct reader *r);

static enum err refuse(struct reader *r, const char *what)
{
	buf_fmt(r->why, "%s at character %zu", what, r->at + 1);
	return ERR_INVALID;
}

static char peek(const struct reader *r)
{
	return r->at < r->text.n ? r->text.p[r->at] : 0;
}

static void skip_blanks(struct reader *r)
{
	while (peek(r) == ' ' || peek(r) == '\t')
		r->at++;
}

static bool take(struct reader *r, const char *word)
{
	skip_blanks(r);
	struct str w = str_of(word);
	if (!str_starts(str_from(r->text, r->at), w))
		return false;
	r->at += w.n;
	return true;
}

static enum err add(struct reader *r, struct skill_term term)
{
	if (r->count == SKILL_TERMS_MAX)
		return refuse(r, "too many comparisons");
	r->terms[r->count++] = term;
	return ERR_OK;
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool letter(char c)
{
	return (c >= 'a' && c <= 'z') || digit(c);
}

static struct str take_while(struct reader *r, bool (*fits)(char c))
{
	size_t from = r->at;
	while (fits(peek(r)))
		r->at++;
	return str_make(r->text.p + from, r->at - from);
}

static bool name_char(char c)
{
	return letter(c) || c == '_' || c == '-';
}

static enum err read_compare(struct reader *r)
{
	static const struct {
		const char *text;
		int compare;
	} signs[] = {{">=", CMP_GE}, {"<=", CMP_LE}, {"==", CMP_EQ}, {"!=", CMP_NE},
		     {">", CMP_GT},  {"<", CMP_LT},  {"=", CMP_EQ}};
	struct skill_term term = {.op = TERM_COMPARE};
	skip_blanks(r);
	if (!letter(peek(r)))
		return refuse(r, "a skill is expected");
	term.skill = take_while(r, name_char);
	size_t i = 0;
	while (i < COUNT_OF(signs) && !take(r, signs[i].text))
		i++;
	if (i == COUNT_OF(signs))
		return refuse(r, "a comparison (> >= < <= == !=) is expected");
	term.compare = signs[i].compare;
	skip_blanks(r);
	struct str level = take_while(r, digit);
	if (!level.n)
		return refuse(r, "a level is expected");
	if (str_to_u32(level, 100, &term.level) != ERR_OK)
		return refuse(r, "a level is at most 100");
	return add(r, term);
}

static enum err read_unary(struct reader *r)
{
	if (r->depth == SKILL_DEPTH_MAX)
		return refuse(r, "nested too deep");
	r->depth++;
	enum err e;
	if (take(r, "!")) {
		e = read_unary(r);
		if (e == ERR_OK)
			e = add(r, (struct skill_term){.op = TERM_NOT});
	} else if (take(r, "(")) {
		e = read_or(r);
		if (e == ERR_OK && !take(r, ")"))
			e = refuse(r, "a closing parenthesis is expected");
	} else {
		e = read_compare(r);
	}
	r->depth--;
	return e;
}

static enum err read_and(struct reader *r)
{
	enum err e = read_unary(r);
	while (e == ERR_OK && (take(r, "&&") || take(r, "&"))) {
		e = read_unary(r);
		if (e == ERR_OK)
			e = add(r, (struct skill_term){.op = TERM_AND});
	}
	return e;
}

static enum err read_or(struct reader *r)
{
	enum err e = read_and(r);
	while (e == ERR_OK && (take(r, "||") || take(r, "|"))) {
		e = read_and(r);
		if (e == ERR_OK)
			e = add(r, (struct skill_term){.op = TERM_OR});
	}
	return e;
}

enum err skill_expr_parse(struct str text, struct skill_term *terms, uint32_t *count,
			  struct buf *why)
{
	struct reader r = {.text = text, .terms = terms, .why = why};
	enum err e = read_or(&r);
	skip_blanks(&r);
	if (e == ERR_OK && r.at != text.n)
		e = refuse(&r, "&& or || is expected");
	if (e == ERR_OK)
		*count = r.count;
	return e;
}

static bool compare(uint32_t have, const struct skill_term *t)
{
	switch (t->compare) {
	case CMP_GT:
		return have > t->level;
	case CMP_GE:
		return have >= t->level;
	case CMP_LT:
		return have < t->level;
	case CMP_LE:
		return have <= t->level;
	case CMP_EQ:
		return have == t->level;
	case CMP_NE:
		return have != t->level;
	}
	return false;
}

bool skill_expr_fits(const struct skill_term *terms, uint32_t count,
		     uint32_t (*level_of)(void *arg, struct str skill), void *arg)
{
	bool stack[SKILL_TERMS_MAX];
	uint32_t n = 0;
	for (uint32_t i = 0; i < count; i++) {
		const struct skill_term *t = &terms[i];
		uint32_t needs = t->op == TERM_COMPARE ? 0 : t->op == TERM_NOT ? 1 : 2;
		CHECK(n >= needs && n < SKILL_TERMS_MAX);
		switch (t->op) {
		case TERM_COMPARE:
			stack[n++] = compare(level_of(arg, t->skill), t);
			break;
		case TERM_AND:
			n--;
			stack[n - 1] = stack[n - 1] && stack[n];
			break;
		case TERM_OR:
			n--;
			stack[n - 1] = stack[n - 1] || stack[n];
			break;
		case TERM_NOT:
			stack[n - 1] = !stack[n - 1];
			break;
		}
	}
	return n == 0 || stack[0];
}

static struct skill_step step_of(struct arena *a, int64_t after_ms, struct str need,
				 const struct skill_term *terms, uint32_t count)
{
	struct skill_term *kept = arena_alloc(a, sizeof *kept * count);
	for (uint32_t i = 0; i < count; i++) {
		kept[i] = terms[i];
		kept[i].skill = arena_copy(a, terms[i].skill);
	}
	return (struct skill_step){after_ms, arena_copy(a, need), kept, count};
}

enum err skill_step_make(struct arena *a, int64_t after_ms, struct str need, struct skill_step *out)
{
	struct skill_term terms[SKILL_TERMS_MAX];
	char unread[200];
	struct buf why = buf_make(unread, sizeof unread);
	uint32_t count;
	enum err e = skill_expr_parse(need, terms, &count, &why);
	if (e == ERR_OK)
		*out = step_of(a, after_ms, need, terms, count);
	return e;
}

const struct skill_step *skill_steps_copy(struct arena *a, const struct skill_step *steps,
					  uint32_t count)
{
	struct skill_step *copy = arena_alloc(a, sizeof *copy * count);
	for (uint32_t i = 0; i < count; i++)
		copy[i] = step_of(a, steps[i].after_ms, steps[i].need, steps[i].terms,
				  steps[i].term_count);
	return copy;
}
