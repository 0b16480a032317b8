/* schema_compile.c - schemas from JSON text into structs; see schema.h. */
#include "objects/schema_parts.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "objects/openapi.h"

#define REF_PREFIX "#/components/schemas/"
#define UNIQUE_ITEMS_MAX 1000u /* comparing each with each must stay cheap */

struct schema_regex {
	struct schema_regex *next;
	regex_t compiled;
};

static enum err compile(struct schema_set *set, const json_t *from, struct schema *to);

static enum err refuse(struct schema_set *set, const char *what, const char *which)
{
	if (set->fault && !set->fault->n)
		buf_fmt(set->fault, "schema: %s: %s", what, which);
	return ERR_INVALID;
}

static enum err compile_new(struct schema_set *set, const json_t *from, const struct schema **out)
{
	struct schema *s = arena_alloc(&set->arena, sizeof *s);
	enum err e = compile(set, from, s);
	if (e == ERR_OK)
		*out = s;
	return e;
}

static enum err find_ref(struct schema_set *set, const json_t *value, const struct schema **out)
{
	struct str ref = json_str(value), prefix = STR(REF_PREFIX);
	if (str_starts(ref, prefix))
		*out = map_get(&set->by_name, str_from(ref, prefix.n));
	return *out ? ERR_OK : refuse(set, "reference leads nowhere", ref.p ? ref.p : "");
}

static enum err compile_regex(struct schema_set *set, const char *text, regex_t **out)
{
	struct schema_regex *r = xcalloc(1, sizeof *r);
	if (regcomp(&r->compiled, text, REG_EXTENDED | REG_NOSUB) != 0) {
		free(r);
		return refuse(set, "pattern cannot be used", text);
	}
	r->next = set->regexes;
	set->regexes = r;
	*out = &r->compiled;
	return ERR_OK;
}

static enum err compile_type(struct schema_set *set, const json_t *value, struct schema *to)
{
	static const char *const names[TYPE_COUNT] = {"object", "array",   "string", "integer",
						      "number", "boolean", "null"};
	if (json_is_array(value)) {
		enum err e = ERR_OK;
		for (size_t i = 0; e == ERR_OK && i < json_array_size(value); i++)
			e = compile_type(set, json_array_get(value, i), to);
		return e;
	}
	for (unsigned t = 0; t < TYPE_COUNT; t++) {
		if (str_is(json_str(value), names[t])) {
			to->types |= BIT(t);
			return ERR_OK;
		}
	}
	return refuse(set, "unknown type", json_is_string(value) ? json_string_value(value) : "?");
}

static enum err compile_members(struct schema_set *set, const json_t *from, bool patterns,
				struct schema *to)
{
	uint32_t n = 0;
	struct schema_member *list =
		arena_alloc(&set->arena, sizeof *list * json_object_size(from));
	const char *key;
	json_t *value;
	json_object_foreach((json_t *)from, key, value)
	{
		list[n].key = key;
		enum err e = compile_new(set, value, &list[n].schema);
		if (e == ERR_OK && patterns)
			e = compile_regex(set, key, &list[n].pattern);
		if (e != ERR_OK)
			return e;
		n++;
	}
	*(patterns ? &to->patterns : &to->members) = list;
	*(patterns ? &to->pattern_count : &to->member_count) = n;
	return ERR_OK;
}

static enum err compile_required(struct schema_set *set, const json_t *from, struct schema *to)
{
	to->required = arena_alloc(&set->arena, sizeof *to->required * json_array_size(from));
	for (size_t i = 0; i < json_array_size(from); i++) {
		const char *name = json_string_value(json_array_get(from, i));
		if (!name)
			return refuse(set, "required", "not a list of names");
		to->required[to->required_count++] = name;
	}
	return ERR_OK;
}

static enum err compile_branches(struct schema_set *set, const json_t *from, bool exactly_one,
				 struct schema *to)
{
	if (to->branches)
		return refuse(set, "oneOf and anyOf", "only one of them in a schema");
	to->exactly_one = exactly_one;
	to->branches = arena_alloc(&set->arena, sizeof(void *) * json_array_size(from));
	for (size_t i = 0; i < json_array_size(from); i++) {
		enum err e = compile_new(set, json_array_get(from, i), &to->branches[i]);
		if (e != ERR_OK)
			return e;
		to->branch_count++;
	}
	return ERR_OK;
}

static enum err compile_discriminator(struct schema_set *set, const json_t *from, struct schema *to)
{
	const json_t *mapping = json_object_get(from, "mapping");
	to->discriminator = json_string_value(json_object_get(from, "propertyName"));
	if (!to->discriminator || !json_object_size(mapping))
		return refuse(set, "discriminator", "needs propertyName and mapping");
	to->choices = arena_alloc(&set->arena, sizeof *to->choices * json_object_size(mapping));
	const char *key;
	json_t *value;
	json_object_foreach((json_t *)mapping, key, value)
	{
		struct schema_member *c = &to->choices[to->choice_count++];
		c->key = key;
		enum err e = find_ref(set, value, &c->schema);
		if (e != ERR_OK)
			return e;
	}
	return ERR_OK;
}

static enum err compile_rest(struct schema_set *set, const json_t *value, struct schema *to)
{
	if (json_is_boolean(value)) {
		to->rest_refused = json_is_false(value);
		return ERR_OK;
	}
	return compile_new(set, value, &to->rest);
}

static enum err compile_bound(struct schema_set *set, const char *key, const json_t *value,
			      struct schema *to)
{
	const struct {
		const char *key;
		size_t *place;
	} sizes[] = {
		{"minLength", &to->length_min},	     {"maxLength", &to->length_max},
		{"minItems", &to->items_min},	     {"maxItems", &to->items_max},
		{"minProperties", &to->members_min}, {"maxProperties", &to->members_max},
	};
	if (!json_is_number(value))
		return refuse(set, "not a number", key);
	if (strcmp(key, "minimum") == 0) {
		to->has_minimum = true;
		to->minimum = json_number_value(value);
		return ERR_OK;
	}
	if (strcmp(key, "maximum") == 0) {
		to->has_maximum = true;
		to->maximum = json_number_value(value);
		return ERR_OK;
	}
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		if (strcmp(key, sizes[i].key) == 0) {
			*sizes[i].place = (size_t)json_integer_value(value);
			return ERR_OK;
		}
	}
	return refuse(set, "unknown keyword", key);
}

static bool annotation(const char *key)
{
	static const char *const names[] = {"description", "title",    "default",   "example",
					    "examples",	   "readOnly", "writeOnly", "deprecated",
					    "format",	   "$comment", "x-refers"};
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (strcmp(key, names[i]) == 0)
			return true;
	return false;
}

static enum err compile_keyword(struct schema_set *set, const char *key, const json_t *value,
				struct schema *to)
{
	struct str k = str_of(key);
	if (annotation(key))
		return ERR_OK;
	if (str_is(k, "$ref"))
		return find_ref(set, value, &to->ref);
	if (str_is(k, "type"))
		return compile_type(set, value, to);
	if (str_is(k, "properties"))
		return compile_members(set, value, false, to);
	if (str_is(k, "patternProperties"))
		return compile_members(set, value, true, to);
	if (str_is(k, "required"))
		return compile_required(set, value, to);
	if (str_is(k, "additionalProperties"))
		return compile_rest(set, value, to);
	if (str_is(k, "items"))
		return compile_new(set, value, &to->items);
	if (str_is(k, "oneOf") || str_is(k, "anyOf"))
		return compile_branches(set, value, str_is(k, "oneOf"), to);
	if (str_is(k, "discriminator"))
		return compile_discriminator(set, value, to);
	if (str_is(k, "enum"))
		to->values = value;
	else if (str_is(k, "const"))
		to->only = value;
	else if (str_is(k, "x-message"))
		to->message = json_string_value(value);
	else if (str_is(k, "uniqueItems"))
		to->unique = json_is_true(value);
	else if (str_is(k, "pattern") && json_is_string(value)) {
		to->pattern_text = json_string_value(value);
		return compile_regex(set, to->pattern_text, &to->pattern);
	} else
		return compile_bound(set, key, value, to);
	return ERR_OK;
}

static enum err compile(struct schema_set *set, const json_t *from, struct schema *to)
{
	if (!json_is_object(from))
		return refuse(set, "a schema", "must be an object");
	to->length_max = to->items_max = to->members_max = SIZE_MAX;
	const char *key;
	json_t *value;
	json_object_foreach((json_t *)from, key, value)
	{
		enum err e = compile_keyword(set, key, value, to);
		if (e != ERR_OK)
			return e;
	}
	if (to->unique && to->items_max > UNIQUE_ITEMS_MAX)
		return refuse(set, "uniqueItems", "needs a maxItems of at most 1000");
	return ERR_OK;
}

static enum err compile_all(struct schema_set *set, struct str text)
{
	json_error_t why;
	set->document = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, &why);
	if (!set->document)
		return refuse(set, "not JSON", why.text);
	const json_t *all =
		json_object_get(json_object_get(set->document, "components"), "schemas");
	const char *name;
	json_t *value;
	/* names first, so that schemas may refer to each other in any order */
	json_object_foreach((json_t *)all, name, value)
	{
		struct schema *s = arena_alloc(&set->arena, sizeof *s);
		enum err e = map_add(&set->by_name, str_of(name), s);
		if (e != ERR_OK)
			return e;
	}
	json_object_foreach((json_t *)all, name, value)
	{
		enum err e = compile(set, value, map_get(&set->by_name, str_of(name)));
		if (e != ERR_OK)
			return e;
	}
	return ERR_OK;
}

enum err schema_set_create(struct str openapi, struct schema_set **out, struct buf *fault)
{
	struct schema_set *set = xcalloc(1, sizeof *set);
	arena_init(&set->arena);
	map_init(&set->by_name, 0);
	set->fault = fault;
	enum err e = compile_all(set, openapi);
	set->fault = NULL;
	if (e != ERR_OK) {
		schema_set_destroy(set);
		return e;
	}
	*out = set;
	return ERR_OK;
}

void schema_set_destroy(struct schema_set *set)
{
	if (!set)
		return;
	while (set->regexes) {
		struct schema_regex *next = set->regexes->next;
		regfree(&set->regexes->compiled);
		free(set->regexes);
		set->regexes = next;
	}
	map_finish(&set->by_name);
	arena_finish(&set->arena);
	json_decref(set->document);
	free(set);
}

const struct schema *schema_get(const struct schema_set *set, const char *name)
{
	return map_get(&set->by_name, str_of(name));
}

static _Atomic(struct schema_set *) house;

/* Freed at exit, so that a leak check sees what is ours. */
static void house_close(void)
{
	schema_set_destroy(atomic_exchange(&house, NULL));
}

/* Two threads may build it at the same time; the first to finish wins. */
const struct schema_set *schema_house(void)
{
	struct schema_set *set = atomic_load(&house), *none = NULL;
	if (set)
		return set;
	/* api/openapi.yaml is ours: a schema that cannot be used is our own mistake */
	CHECK(schema_set_create(str_make(openapi_json, openapi_json_size), &set, NULL) == ERR_OK);
	if (atomic_compare_exchange_strong(&house, &none, set)) {
		atexit(house_close);
		return set;
	}
	schema_set_destroy(set);
	return none;
}
