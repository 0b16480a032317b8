/* schema_test.c - the checker of JSON schemas: each keyword, its path and its sentence. */
#include "objects/schema.h"

#include <stdlib.h>

#include "tests/test.h"

/* The mistakes of a value under a schema, as JSON text; "" when there are none. */
static struct str mistakes_of(const char *schema, const char *value)
{
	static char room[8192];
	char text[8192], fault[200];
	struct buf all = buf_make(text, sizeof text), why = buf_make(fault, sizeof fault);
	struct buf out = buf_make(room, sizeof room);
	struct schema_set *set = NULL;
	const struct jpath root = {0};
	buf_fmt(&all, "{\"components\":{\"schemas\":{\"S\":%s,\"Id\":{\"type\":\"string\",",
		schema);
	buf_c(&all, "\"pattern\":\"^[a-z]+$\",\"x-message\":\"must be an id\"}}}}");
	if (schema_set_create(buf_str(&all), &set, &why) != ERR_OK)
		return str_of("unusable schema");
	struct mistakes m = mistakes_begin(&out);
	json_t *v = json_body_parse(str_of(value), &m);
	if (v)
		schema_check(schema_get(set, "S"), v, &root, &m);
	mistakes_end(&m);
	json_decref(v);
	schema_set_destroy(set);
	return buf_str(&out);
}

/* Exactly one mistake with this path and message; NULL: none at all. */
static bool told(const char *schema, const char *value, const char *path, const char *message)
{
	char want[1024];
	struct buf b = buf_make(want, sizeof want);
	struct str got = mistakes_of(schema, value);
	if (path) {
		struct jsonw w = jsonw_make(&b);
		jsonw_open(&w, '[');
		jsonw_open(&w, '{');
		jsonw_kstr(&w, "path", str_of(path));
		jsonw_kstr(&w, "message", str_of(message));
		jsonw_close(&w, '}');
		jsonw_close(&w, ']');
	}
	if (str_eq(got, buf_str(&b)))
		return true;
	test_say(got);
	return false;
}

TEST(schema_keywords_are_checked_with_path_and_sentence)
{
	static const struct {
		const char *schema, *good, *bad, *path, *message;
	} table[] = {
		{"{\"type\":\"object\"}", "{}", "[]", "$", "must be an object"},
		{"{\"type\":\"array\"}", "[]", "{}", "$", "must be a list"},
		{"{\"type\":\"array\",\"items\":{\"type\":\"integer\"}}", "[1,-2]", "[1,1.5]",
		 "$[1]", "must be an integer"},
		{"{\"type\":\"array\",\"items\":{\"type\":\"number\"}}", "[1,1.5]", "[true]",
		 "$[0]", "must be a number"},
		{"{\"type\":[\"string\",\"null\"]}", "null", "1", "$", "must be a text or null"},
		{"{\"type\":\"boolean\"}", "true", "\"true\"", "$", "must be true or false"},
		{"{\"enum\":[\"a\",\"b\"]}", "\"b\"", "\"c\"", "$", "must be one of a, b"},
		{"{\"enum\":[0,900]}", "900", "901", "$", "must be one of 0, 900"},
		{"{\"const\":\"x\"}", "\"x\"", "\"y\"", "$", "must be x"},
		{"{\"minimum\":0}", "0", "-1", "$", "must be at least 0"},
		{"{\"maximum\":60}", "60", "60.5", "$", "must be at most 60"},
		{"{\"minLength\":1}", "\"x\"", "\"\"", "$", "must not be empty"},
		/* four characters, eight bytes */
		{"{\"maxLength\":4}", "\"żółw\"", "\"żółwi\"", "$",
		 "must have at most 4 characters"},
		{"{\"pattern\":\"^a+$\"}", "\"aa\"", "\"ab\"", "$", "must match ^a+$"},
		{"{\"$ref\":\"#/components/schemas/Id\"}", "\"ab\"", "\"A\"", "$", "must be an id"},
		{"{\"minItems\":1}", "[1]", "[]", "$", "must not be empty"},
		{"{\"maxItems\":1}", "[1]", "[1,2]", "$", "must have at most 1 items"},
		{"{\"uniqueItems\":true,\"maxItems\":9}", "[1,2]", "[1,2,1]", "$[2]",
		 "is in the list twice"},
		{"{\"required\":[\"a\"]}", "{\"a\":1}", "{}", "$.a", "is required"},
		{"{\"properties\":{\"a\":{},\"b\":{}},\"additionalProperties\":false}", "{\"b\":1}",
		 "{\"c\":1}", "$.c", "is not a known field; known are a, b"},
		{"{\"additionalProperties\":{\"type\":\"string\"}}", "{\"c\":\"\"}", "{\"c d\":1}",
		 "$[\"c d\"]", "must be a text"},
		{"{\"patternProperties\":{\"^[0-9]$\":{\"type\":\"string\"}},"
		 "\"additionalProperties\":false}",
		 "{\"1\":\"\"}", "{\"10\":\"\"}", "$.10", "is not a possible name here"},
		{"{\"patternProperties\":{\"^[0-9]$\":{\"type\":\"string\"}}}", "{\"1\":\"\"}",
		 "{\"1\":2}", "$.1", "must be a text"},
		{"{\"minProperties\":1}", "{\"a\":1}", "{}", "$", "must not be empty"},
		{"{\"maxProperties\":1}", "{\"a\":1}", "{\"a\":1,\"b\":1}", "$",
		 "must have at most 1 members"},
		{"{\"anyOf\":[{\"enum\":[\"x\"]},{\"type\":\"integer\",\"maximum\":9}],"
		 "\"x-message\":\"must be x or up to 9\"}",
		 "9", "10", "$", "must be x or up to 9"},
		{"{\"oneOf\":[{\"required\":[\"a\"]},{\"required\":[\"b\"]}],"
		 "\"x-message\":\"one of a, b\"}",
		 "{\"a\":1}", "{\"a\":1,\"b\":1}", "$", "one of a, b"},
	};
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		EXPECT(told(table[i].schema, table[i].good, NULL, NULL));
		EXPECT(told(table[i].schema, table[i].bad, table[i].path, table[i].message));
	}
}

TEST(schema_says_the_mistakes_of_the_branch_that_was_chosen)
{
	const struct schema *node = schema_get(schema_house(), "FlowNode");
	static const struct {
		const char *value, *path, *message;
	} table[] = {
		{"{\"do\":\"menu\",\"prompt\":\"p\",\"keys\":{\"12\":\"a\"}}", "$.keys.12",
		 "is not a possible name here"},
		{"{\"do\":\"hangup\",\"next\":\"a\"}", "$.next",
		 "is not a known field; known are do"},
		{"{\"do\":\"dance\"}", "$.do",
		 "must be one of play, say, menu, collect, set, branch, hours, language, queue, "
		 "callback, transfer, subflow, hangup"},
		{"{}", "$.do",
		 "is required: one of play, say, menu, collect, set, branch, hours, language, "
		 "queue, callback, transfer, subflow, hangup"},
		{"[]", "$", "must be an object"},
	};
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		char room[1024], want[1024];
		struct buf out = buf_make(room, sizeof room), b = buf_make(want, sizeof want);
		const struct jpath root = {0};
		struct mistakes m = mistakes_begin(&out);
		json_t *v = json_body_parse(str_of(table[i].value), &m);
		schema_check(node, v, &root, &m);
		mistakes_end(&m);
		json_decref(v);
		buf_fmt(&b, "[{\"path\":\"%s\",\"message\":\"%s\"}]", table[i].path,
			table[i].message);
		EXPECT(m.count == 1);
		EXPECT_STR(buf_str(&out), want);
		(void)b;
	}
}

TEST(schema_that_uses_an_unknown_keyword_is_refused)
{
	static const char *const bad[] = {
		"{\"not\":{}}",
		"{\"type\":\"text\"}",
		"{\"$ref\":\"#/components/schemas/Nobody\"}",
		"{\"pattern\":\"(\"}",
		"{\"uniqueItems\":true}",
		"{\"minimum\":\"1\"}",
		"{\"discriminator\":{\"propertyName\":\"do\"}}",
		"[]",
	};
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		EXPECT_STR(mistakes_of(bad[i], "1"), "unusable schema");
}

TEST(schema_of_the_house_knows_every_request)
{
	static const char *const names[] = {"LoginRequest",
					    "PresenceRequest",
					    "RollbackRequest",
					    "EmptyRequest",
					    "TransferRequest",
					    "ConsultRequest",
					    "MoveRequest",
					    "RejectRequest",
					    "WrapRequest",
					    "MonitorRequest",
					    "CallRequest",
					    "SiteFile",
					    "SiteObject",
					    "Tenant",
					    "Trunk",
					    "Number",
					    "Skill",
					    "Reason",
					    "Outcome",
					    "Prompt",
					    "Hours",
					    "Queue",
					    "User",
					    "Flow"};
	for (size_t i = 0; i < COUNT_OF(names); i++)
		EXPECT(schema_get(schema_house(), names[i]));
	EXPECT(!schema_get(schema_house(), "Nobody"));
}

static struct str nested(uint32_t depth)
{
	static char text[400];
	memset(text, '[', depth);
	memset(text + depth, ']', depth);
	return str_make(text, 2 * (size_t)depth);
}

TEST(bodies_are_bounded_before_they_are_parsed)
{
	struct mistakes m = mistakes_begin(NULL);
	json_t *v = json_body_parse(nested(64), &m);
	EXPECT(v && m.count == 0);
	json_decref(v);
	EXPECT(!json_body_parse(nested(65), &m));
	/* brackets inside of strings are no depth */
	v = json_body_parse(STR("[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
				"[[[[[[\\\"[[[[\"]"),
			    &m);
	EXPECT(v != NULL);
	json_decref(v);
	m.count = 0;
	EXPECT(!json_body_parse(STR(""), &m));
	EXPECT(!json_body_parse(STR_NONE, &m));
	EXPECT(!json_body_parse(STR("{} {}"), &m));
	EXPECT(!json_body_parse(STR("{\"a\":1,\"a\":1}"), &m));
	EXPECT(!json_body_parse(STR("\"\xff\""), &m));
	EXPECT(!json_body_parse(STR("\"a\\u0000b\""), &m));
	EXPECT(!json_body_parse(STR("99999999999999999999"), &m));
	EXPECT(m.count == 7);
	struct buf big = buf_grow(JSON_BODY_MAX + 1);
	memset(big.p, ' ', JSON_BODY_MAX + 1);
	EXPECT(!json_body_parse(str_make(big.p, JSON_BODY_MAX + 1), &m));
	EXPECT(m.count == 8);
	buf_free(&big);
}

TEST(mistakes_are_counted_beyond_those_that_are_written)
{
	struct buf out = buf_grow(64);
	struct mistakes m = mistakes_begin(&out);
	const struct jpath root = {0};
	for (size_t i = 0; i < MISTAKES_MAX + 50; i++) {
		const struct jpath at = {.up = &root, .index = i};
		mistake(&m, &at, "is wrong");
	}
	mistakes_end(&m);
	json_t *list = json_loadb(out.p, out.n, 0, NULL);
	EXPECT(json_array_size(list) == MISTAKES_MAX);
	EXPECT(m.count == MISTAKES_MAX + 50);
	json_decref(list);
	buf_free(&out);
}
