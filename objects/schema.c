/* schema.c - a JSON value against a compiled schema; see schema.h. */
#include "objects/schema_parts.h"

#include <stdlib.h>

#define WORDS_SHOWN 600u /* bytes of a list of words in a message */

struct str json_str(const json_t *value)
{
	if (!json_is_string(value))
		return STR_NONE;
	return str_make(json_string_value(value), json_string_length(value));
}

/* -- bodies -- */

/* Depth by brackets outside of strings, before the parser recurses over them. */
static bool too_deep(struct str body)
{
	uint32_t depth = 0;
	bool in_string = false;
	for (size_t i = 0; i < body.n; i++) {
		char c = body.p[i];
		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
		} else if (c == '"')
			in_string = true;
		else if (c == '{' || c == '[') {
			if (++depth > JSON_DEPTH_MAX)
				return true;
		} else if ((c == '}' || c == ']') && depth)
			depth--;
	}
	return false;
}

json_t *json_body_parse(struct str body, struct mistakes *m)
{
	const struct jpath root = {0};
	if (body.n > JSON_BODY_MAX) {
		mistake(m, &root, "is larger than %u bytes", JSON_BODY_MAX);
		return NULL;
	}
	if (too_deep(body)) {
		mistake(m, &root, "is nested deeper than %u", JSON_DEPTH_MAX);
		return NULL;
	}
	json_error_t why;
	json_t *value = json_loadb(body.p ? body.p : "", body.n,
				   JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
	if (!value)
		mistake(m, &root, "is not JSON: line %d, column %d: %s", why.line, why.column,
			why.text);
	return value;
}

/* -- checks -- */

static const char *type_text(uint32_t types)
{
	static const char *const one[TYPE_COUNT] = {
		"an object", "a list", "a text", "an integer", "a number", "true or false", "null"};
	for (unsigned t = 0; t < TYPE_COUNT; t++)
		if (types == BIT(t))
			return one[t];
	return NULL;
}

static bool type_fits(uint32_t types, const json_t *v)
{
	switch (json_typeof(v)) {
	case JSON_OBJECT:
		return types & BIT(TYPE_OBJECT);
	case JSON_ARRAY:
		return types & BIT(TYPE_ARRAY);
	case JSON_STRING:
		return types & BIT(TYPE_STRING);
	case JSON_INTEGER:
		return types & (BIT(TYPE_INTEGER) | BIT(TYPE_NUMBER));
	case JSON_REAL:
		return types & BIT(TYPE_NUMBER);
	case JSON_TRUE:
	case JSON_FALSE:
		return types & BIT(TYPE_BOOLEAN);
	case JSON_NULL:
		return types & BIT(TYPE_NULL);
	}
	return false;
}

static void type_mistake(const struct schema *s, const struct jpath *at, struct mistakes *m)
{
	const char *one = type_text(s->types);
	if (one) {
		mistake(m, at, "must be %s", one);
		return;
	}
	char text[200];
	struct buf b = buf_make(text, sizeof text);
	for (unsigned t = 0; t < TYPE_COUNT; t++) {
		if (s->types & BIT(t)) {
			buf_c(&b, b.n ? " or " : "");
			buf_c(&b, type_text(BIT(t)));
		}
	}
	mistake(m, at, "must be " STR_FMT, STR_ARG(buf_str(&b)));
}

static void put_value(struct buf *out, const json_t *v)
{
	if (json_is_string(v)) {
		buf_put(out, json_str(v));
		return;
	}
	char *text = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);
	buf_c(out, text);
	free(text);
}

static void check_values(const struct schema *s, const json_t *v, const struct jpath *at,
			 struct mistakes *m)
{
	size_t n = json_array_size(s->values);
	for (size_t i = 0; i < n; i++)
		if (json_equal(json_array_get(s->values, i), v))
			return;
	char text[WORDS_SHOWN];
	struct buf b = buf_make(text, sizeof text);
	for (size_t i = 0; i < n; i++) {
		buf_c(&b, i ? ", " : "");
		put_value(&b, json_array_get(s->values, i));
	}
	mistake(m, at, n == 1 ? "must be " STR_FMT : "must be one of " STR_FMT,
		STR_ARG(buf_str(&b)));
}

static void check_const(const struct schema *s, const json_t *v, const struct jpath *at,
			struct mistakes *m)
{
	if (json_equal(s->only, v))
		return;
	char text[WORDS_SHOWN];
	struct buf b = buf_make(text, sizeof text);
	put_value(&b, s->only);
	mistake(m, at, "must be " STR_FMT, STR_ARG(buf_str(&b)));
}

static size_t characters(struct str s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80; /* not a continuation byte */
	return n;
}

static void check_string(const struct schema *s, const json_t *v, const struct jpath *at,
			 struct mistakes *m)
{
	size_t n = characters(json_str(v));
	if (n > s->length_max)
		mistake(m, at, "must have at most %zu characters", s->length_max);
	else if (n < s->length_min && n == 0)
		mistake(m, at, "must not be empty");
	else if (n < s->length_min)
		mistake(m, at, "must have at least %zu characters", s->length_min);
	else if (s->pattern && regexec(s->pattern, json_string_value(v), 0, NULL, 0) != 0) {
		if (s->message)
			mistake(m, at, "%s", s->message);
		else
			mistake(m, at, "must match %s", s->pattern_text);
	}
}

static void check_number(const struct schema *s, const json_t *v, const struct jpath *at,
			 struct mistakes *m)
{
	double number = json_number_value(v);
	if (s->has_minimum && number < s->minimum)
		mistake(m, at, "must be at least %.15g", s->minimum);
	if (s->has_maximum && number > s->maximum)
		mistake(m, at, "must be at most %.15g", s->maximum);
}

static void check_array(const struct schema *s, const json_t *v, const struct jpath *at,
			struct mistakes *m)
{
	size_t n = json_array_size(v);
	if (n < s->items_min)
		mistake(m, at,
			s->items_min == 1 ? "must not be empty" : "must have at least %zu items",
			s->items_min);
	if (n > s->items_max) {
		mistake(m, at, "must have at most %zu items", s->items_max);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		const struct jpath item = {.up = at, .index = i};
		const json_t *x = json_array_get(v, i);
		if (s->items)
			schema_check(s->items, x, &item, m);
		for (size_t k = 0; s->unique && k < i; k++) {
			if (json_equal(json_array_get(v, k), x)) {
				mistake(m, &item, "is in the list twice");
				break;
			}
		}
	}
}

static const struct schema *member_schema(const struct schema *s, const char *key, bool *known)
{
	*known = true;
	for (uint32_t i = 0; i < s->member_count; i++)
		if (strcmp(s->members[i].key, key) == 0)
			return s->members[i].schema;
	for (uint32_t i = 0; i < s->pattern_count; i++)
		if (regexec(s->patterns[i].pattern, key, 0, NULL, 0) == 0)
			return s->patterns[i].schema;
	*known = !s->rest_refused;
	return s->rest;
}

static void unknown_member(const struct schema *s, const struct jpath *at, struct mistakes *m)
{
	if (!s->member_count) {
		mistake(m, at,
			s->pattern_count ? "is not a possible name here" : "is not a known field");
		return;
	}
	char text[WORDS_SHOWN];
	struct buf b = buf_make(text, sizeof text);
	for (uint32_t i = 0; i < s->member_count; i++) {
		buf_c(&b, i ? ", " : "");
		buf_c(&b, s->members[i].key);
	}
	mistake(m, at, "is not a known field; known are " STR_FMT, STR_ARG(buf_str(&b)));
}

static void check_object(const struct schema *s, const json_t *v, const struct jpath *at,
			 struct mistakes *m)
{
	size_t n = json_object_size(v);
	for (uint32_t i = 0; i < s->required_count; i++) {
		const struct jpath place = {.up = at, .key = s->required[i]};
		bool chooses = s->discriminator && strcmp(s->discriminator, s->required[i]) == 0;
		if (!chooses && !json_object_get(v, s->required[i]))
			mistake(m, &place, "is required");
	}
	if (n < s->members_min)
		mistake(m, at, "must not be empty");
	if (n > s->members_max) {
		mistake(m, at, "must have at most %zu members", s->members_max);
		return;
	}
	const char *key;
	json_t *value;
	json_object_foreach((json_t *)v, key, value)
	{
		const struct jpath place = {.up = at, .key = key};
		bool known;
		const struct schema *sub = member_schema(s, key, &known);
		if (!known)
			unknown_member(s, &place, m);
		else if (sub)
			schema_check(sub, value, &place, m);
	}
}

/* The branch that the word names is the one whose mistakes are worth reading. */
static void check_choice(const struct schema *s, const json_t *v, const struct jpath *at,
			 struct mistakes *m)
{
	const struct jpath place = {.up = at, .key = s->discriminator};
	const json_t *word = json_object_get(v, s->discriminator);
	for (uint32_t i = 0; i < s->choice_count; i++) {
		if (str_is(json_str(word), s->choices[i].key)) {
			schema_check(s->choices[i].schema, v, at, m);
			return;
		}
	}
	char text[WORDS_SHOWN];
	struct buf b = buf_make(text, sizeof text);
	for (uint32_t i = 0; i < s->choice_count; i++) {
		buf_c(&b, i ? ", " : "");
		buf_c(&b, s->choices[i].key);
	}
	mistake(m, &place, word ? "must be one of " STR_FMT : "is required: one of " STR_FMT,
		STR_ARG(buf_str(&b)));
}

static void check_branches(const struct schema *s, const json_t *v, const struct jpath *at,
			   struct mistakes *m)
{
	uint32_t fits = 0;
	const struct schema *nearest = NULL; /* the only branch of the value's type */
	uint32_t near = 0;
	for (uint32_t i = 0; i < s->branch_count; i++) {
		struct mistakes trial = mistakes_begin(NULL);
		schema_check(s->branches[i], v, at, &trial);
		fits += trial.count == 0;
		if (s->branches[i]->types && type_fits(s->branches[i]->types, v)) {
			nearest = s->branches[i];
			near++;
		}
	}
	if (s->exactly_one ? fits == 1 : fits > 0)
		return;
	if (fits == 0 && near == 1 && (!s->message || json_is_object(v)))
		schema_check(nearest, v, at, m);
	else
		mistake(m, at, "%s", s->message ? s->message : "has none of the possible forms");
}

void schema_check(const struct schema *s, const json_t *v, const struct jpath *at,
		  struct mistakes *m)
{
	if (s->ref)
		schema_check(s->ref, v, at, m);
	if (s->types && !type_fits(s->types, v)) {
		type_mistake(s, at, m);
		return;
	}
	if (s->values)
		check_values(s, v, at, m);
	if (s->only)
		check_const(s, v, at, m);
	if (json_is_string(v))
		check_string(s, v, at, m);
	else if (json_is_number(v))
		check_number(s, v, at, m);
	else if (json_is_array(v))
		check_array(s, v, at, m);
	else if (json_is_object(v))
		check_object(s, v, at, m);
	if (s->discriminator && json_is_object(v))
		check_choice(s, v, at, m);
	else if (s->branch_count)
		check_branches(s, v, at, m);
}
