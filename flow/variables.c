/* variables.c - see variables.h. */
#include "flow/variables.h"

#include <stdlib.h>

static struct variable *find(const struct variables *vs, struct str name)
{
	for (uint32_t i = 0; i < vs->count; i++)
		if (str_is(name, vs->list[i].name))
			return &vs->list[i];
	return NULL;
}

const struct variable *variables_get(const struct variables *vs, struct str name)
{
	struct variable *v = find(vs, name);
	if (v && v->value.text.n)
		v->value.text.p = v->text; /* the list may have moved */
	return v;
}

static void wipe(struct variable *v, size_t count)
{
	explicit_bzero(v, count * sizeof *v);
}

void variables_finish(struct variables *vs)
{
	if (vs->count)
		wipe(vs->list, vs->count);
	free(vs->list);
	*vs = (struct variables){0};
}

static void take_away(struct variables *vs, struct variable *v)
{
	struct variable *last = &vs->list[vs->count - 1];
	if (v != last)
		*v = *last;
	wipe(last, 1);
	vs->count--;
}

/* Not realloc: what is masked must not stay behind in memory given back. */
static struct variable *add(struct variables *vs)
{
	struct variable *list = xcalloc(vs->count + 1, sizeof *list);
	if (vs->list) {
		memcpy(list, vs->list, vs->count * sizeof *list);
		wipe(vs->list, vs->count);
	}
	free(vs->list);
	vs->list = list;
	return &list[vs->count++];
}

enum err variables_set(struct variables *vs, struct str name, const struct expr_value *value,
		       bool masked)
{
	struct variable *v = find(vs, name);
	if (!expression_is_variable(name) || value->text.n > FLOW_VALUE_MAX)
		return ERR_INVALID;
	if (value->kind == VALUE_NONE) {
		if (v)
			take_away(vs, v);
		return ERR_OK;
	}
	if (!v && vs->count == FLOW_VARIABLES_MAX)
		return ERR_FULL;
	char text[FLOW_VALUE_MAX] = {0}; /* it may be a view into our own */
	if (value->text.n)
		memcpy(text, value->text.p, value->text.n);
	struct expr_value copy = *value;
	if (!v) {
		v = add(vs);
		CHECK(str_copy(name, v->name, sizeof v->name));
	}
	v->masked = masked;
	v->value = copy;
	memcpy(v->text, text, copy.text.n);
	v->value.text.p = v->text;
	explicit_bzero(text, sizeof text);
	return ERR_OK;
}

void variables_save(const struct variables *vs, struct buf *out)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < vs->count; i++)
		count += !vs->list[i].masked;
	put_u32(out, count);
	for (uint32_t i = 0; i < vs->count; i++) {
		const struct variable *v = &vs->list[i];
		if (v->masked)
			continue;
		put_word(out, str_of(v->name));
		put_word(out, v->value.kind == VALUE_TEXT     ? STR("text")
			      : v->value.kind == VALUE_NUMBER ? STR("number")
							      : STR("flag"));
		put_bytes(out, &v->value.number, sizeof v->value.number);
		put_text(out, str_make(v->text, v->value.text.n));
	}
}

void variables_load(struct variables *vs, struct take *t)
{
	uint32_t count = take_u32(t);
	for (uint32_t i = 0; i < count && !t->torn; i++) {
		struct str name = take_word(t), kind = take_word(t);
		struct expr_value v = {.kind = VALUE_TEXT};
		take_into(t, &v.number, sizeof v.number);
		v.text = take_text(t);
		if (str_is(kind, "number"))
			v.kind = VALUE_NUMBER;
		else if (str_is(kind, "flag"))
			v.kind = VALUE_BOOL;
		if (t->torn || variables_set(vs, name, &v, false) != ERR_OK)
			t->torn = true;
	}
}
