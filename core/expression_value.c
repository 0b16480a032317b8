/* expression_value.c - what a compiled expression comes to; see expression.h. */
#include "core/expression_ops.h"

#include <math.h>

static struct expr_value value_bool(bool b)
{
	return (struct expr_value){.kind = VALUE_BOOL, .number = b};
}

/* What no number is, is absent: the infinite, and 0/0. */
static struct expr_value value_number(double d)
{
	return isfinite(d) ? (struct expr_value){.kind = VALUE_NUMBER, .number = d}
			   : (struct expr_value){.kind = VALUE_NONE};
}

bool expression_number(struct str text, double *out)
{
	bool minus = text.n && text.p[0] == '-', point = false;
	double d = 0, scale = 1;
	size_t digits = 0;
	for (size_t i = minus; i < text.n; i++) {
		char c = text.p[i];
		if (c == '.' && !point && digits && i + 1 < text.n) {
			point = true;
			continue;
		}
		if (c < '0' || c > '9')
			return false;
		d = d * 10 + (c - '0');
		scale *= point ? 10 : 1;
		digits++;
	}
	if (!digits || !isfinite(d) || !isfinite(scale))
		return false;
	*out = (minus ? -d : d) / scale;
	return true;
}

static bool as_number(const struct expr_value *v, double *out)
{
	switch (v->kind) {
	case VALUE_NUMBER:
		*out = v->number;
		return true;
	case VALUE_TEXT:
		return expression_number(v->text, out);
	case VALUE_NONE:
	case VALUE_BOOL:
		break;
	}
	return false;
}

bool expression_true(const struct expr_value *v)
{
	switch (v->kind) {
	case VALUE_BOOL:
	case VALUE_NUMBER:
		return v->number != 0;
	case VALUE_TEXT:
		return v->text.n != 0;
	case VALUE_NONE:
		break;
	}
	return false;
}

static bool same(const struct expr_value *a, const struct expr_value *b)
{
	double x, y;
	if (a->kind == VALUE_BOOL || b->kind == VALUE_BOOL)
		return a->kind == b->kind && a->number == b->number;
	if (a->kind == VALUE_TEXT && b->kind == VALUE_TEXT)
		return str_eq(a->text, b->text);
	if (as_number(a, &x) && as_number(b, &y))
		return x == y;
	return a->text.n && str_eq(a->text, b->text); /* the word of a number */
}

static bool before(const struct expr_value *a, const struct expr_value *b, bool or_same)
{
	double x, y;
	if (as_number(a, &x) && as_number(b, &y))
		return or_same ? x <= y : x < y;
	if (a->kind != VALUE_TEXT || b->kind != VALUE_TEXT)
		return false;
	int order = str_cmp(a->text, b->text);
	return or_same ? order <= 0 : order < 0;
}

static struct expr_value compare(enum op op, const struct expr_value *a, const struct expr_value *b)
{
	if (a->kind == VALUE_NONE || b->kind == VALUE_NONE)
		return value_bool(false);
	switch ((int)op) {
	case OP_EQ:
		return value_bool(same(a, b));
	case OP_NE:
		return value_bool(!same(a, b));
	case OP_LT:
		return value_bool(before(a, b, false));
	case OP_LE:
		return value_bool(before(a, b, true));
	case OP_GT:
		return value_bool(before(b, a, false));
	default:
		return value_bool(before(b, a, true));
	}
}

static struct expr_value compute(enum op op, const struct expr_value *a, const struct expr_value *b)
{
	double x, y;
	if (!as_number(a, &x) || !as_number(b, &y))
		return (struct expr_value){.kind = VALUE_NONE};
	switch ((int)op) {
	case OP_TIMES:
		return value_number(x * y);
	case OP_BY:
		return y == 0 ? (struct expr_value){.kind = VALUE_NONE} : value_number(x / y);
	case OP_PLUS:
		return value_number(x + y);
	default:
		return value_number(x - y);
	}
}

static struct expr_value contained(const struct expr_value *a, const struct expr_value *in)
{
	bool texts = a->kind == VALUE_TEXT && in->kind == VALUE_TEXT;
	return value_bool(texts && str_find_str(in->text, a->text) >= 0);
}

static struct expr_value of_two(enum op op, const struct expr_value *a, const struct expr_value *b)
{
	switch ((int)op) {
	case OP_TIMES:
	case OP_BY:
	case OP_PLUS:
	case OP_LESS:
		return compute(op, a, b);
	case OP_AND:
		return value_bool(expression_true(a) && expression_true(b));
	case OP_OR:
		return value_bool(expression_true(a) || expression_true(b));
	case OP_CONTAINED:
		return contained(a, b);
	case OP_IN_END:
		return *b;
	default:
		return compare(op, a, b);
	}
}

/* Puts, or changes the topmost: operations that do not take two values to one. */
static struct expr_value *step(const struct expr_op *o, struct expr_value *top, expr_know_h *know,
			       void *arg)
{
	double x;
	switch ((int)o->op) {
	case OP_NUMBER:
		*top = (struct expr_value){.kind = VALUE_NUMBER, .number = o->number};
		return top + 1;
	case OP_TEXT:
		*top = (struct expr_value){.kind = VALUE_TEXT, .text = o->text};
		return top + 1;
	case OP_BOOL:
		*top = value_bool(o->number != 0);
		return top + 1;
	case OP_NAME:
		*top = (struct expr_value){.kind = VALUE_NONE};
		know(arg, (enum expr_name)o->name, o->text, top);
		return top + 1;
	case OP_MINUS:
		top[-1] = as_number(top - 1, &x) ? value_number(-x) : (struct expr_value){0};
		return top;
	case OP_NOT:
		top[-1] = value_bool(!expression_true(top - 1));
		return top;
	case OP_IN_NEXT: {
		struct expr_value hit = compare(OP_EQ, top - 3, top - 1);
		top[-2] = value_bool(top[-2].number != 0 || hit.number != 0);
		return top - 1;
	}
	default:
		top[-2] = of_two((enum op)o->op, top - 2, top - 1);
		return top - 1;
	}
}

struct expr_value expression_value(const struct expression *e, expr_know_h *know, void *arg)
{
	struct expr_value stack[EXPR_STACK_MAX] = {{0}};
	struct expr_value *top = stack;
	if (!e->count)
		return (struct expr_value){.kind = VALUE_NONE};
	for (uint32_t i = 0; i < e->count; i++)
		top = step(&e->ops[i], top, know, arg);
	CHECK(top == stack + 1);
	return stack[0];
}

struct expression expression_constant(const struct expr_value *v, struct arena *a)
{
	struct expr_op *op = arena_alloc(a, sizeof *op);
	switch (v->kind) {
	case VALUE_NONE:
		return (struct expression){0};
	case VALUE_BOOL:
	case VALUE_NUMBER:
		op->op = v->kind == VALUE_BOOL ? OP_BOOL : OP_NUMBER;
		op->number = v->number;
		break;
	case VALUE_TEXT:
		op->op = OP_TEXT;
		op->text = arena_copy(a, v->text);
		break;
	}
	return (struct expression){op, 1};
}

static bool op_has_text(const struct expr_op *o)
{
	return o->op == OP_TEXT || o->op == OP_NAME;
}

struct expression expression_copy(const struct expression *e, struct arena *a)
{
	struct expr_op *ops = arena_alloc(a, sizeof *ops * e->count);
	for (uint32_t i = 0; i < e->count; i++) {
		ops[i] = e->ops[i];
		if (op_has_text(&ops[i]))
			ops[i].text = arena_copy(a, ops[i].text);
	}
	return (struct expression){ops, e->count};
}

void expression_names(const struct expression *e, expr_name_h *told, void *arg)
{
	for (uint32_t i = 0; i < e->count; i++)
		if (e->ops[i].op == OP_NAME)
			told(arg, (enum expr_name)e->ops[i].name, e->ops[i].text);
}
