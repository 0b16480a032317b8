/* draft_test.c - flows before they are published, and what differs between two documents. */
#include "objects/diff.h"
#include "objects/site_test.h"

#define SAY(text) "{\"start\":\"a\",\"nodes\":{\"a\":{\"do\":\"say\",\"text\":\"" text "\"}}}"
#define IN(flow) "{\"start\":\"a\",\"nodes\":{\"a\":{\"do\":\"subflow\",\"flow\":\"" flow "\"}}}"
#define AGAIN(flow)                                                                                \
	"{\"start\":\"a\",\"nodes\":{\"a\":{\"do\":\"subflow\",\"flow\":\"" flow                   \
	"\",\"next\":\"a\"}}}"

static const struct str ACME = {"acme", 4};

/* The version of the flow that came of it, minus the error. */
static int publish(struct registry *g, const char *id)
{
	struct registry_result r;
	enum err e = registry_prepare_publish(g, ACME, str_of(id), &r);
	int version = -(int)e;
	if (e == ERR_OK) {
		version = 0;
		for (uint32_t i = 0; i < r.change_count; i++)
			if (r.changes[i].kind == KIND_flow) {
				version = (int)r.changes[i].version;
				EXPECT_STR(str_of(r.changes[i].op), "published");
			}
		registry_commit(g, &r);
	}
	registry_result_finish(&r);
	return version;
}

TEST(draft_stands_beside_its_flow_until_it_is_published)
{
	struct registry *g = site_registry();
	EXPECT(put(g, KIND_flow, "x", SAY("one")) == 1);
	EXPECT(put(g, KIND_draft, "x", SAY("two")) == 1);
	EXPECT(has(got(g, KIND_flow, "x"), "one"));
	EXPECT(has(got(g, KIND_draft, "x"), "two") && has(got(g, KIND_draft, "x"), "\"draft\""));
	EXPECT(compiled(g, KIND_draft, "x")->flow.node_count == 1);
	EXPECT(put(g, KIND_draft, "x", SAY("three")) == 2);
	EXPECT(publish(g, "x") == 2);
	EXPECT(has(got(g, KIND_flow, "x"), "three") && has(got(g, KIND_flow, "x"), "\"flow\""));
	EXPECT_STR(got(g, KIND_draft, "x"), "");
	EXPECT(publish(g, "x") == -(int)ERR_NOT_FOUND);
	EXPECT(rollback(g, KIND_flow, "x", SAY("one")) == 3);
	/* made anew its versions go on counting; the same as the flow changes nothing there */
	EXPECT(put(g, KIND_draft, "x", SAY("one")) == 4);
	EXPECT(publish(g, "x") == 0);
	EXPECT_STR(got(g, KIND_draft, "x"), "");
	registry_destroy(g);
}

TEST(draft_may_be_of_a_flow_that_is_not_there_yet)
{
	struct registry *g = site_registry();
	EXPECT(put(g, KIND_number, "+48221000009", "{\"flow\":\"new\",\"draft\":true}") ==
	       -(int)ERR_INVALID);
	EXPECT(put(g, KIND_draft, "new", SAY("one")) == 1);
	EXPECT(put(g, KIND_number, "+48221000009", "{\"flow\":\"new\"}") == -(int)ERR_INVALID);
	EXPECT(put(g, KIND_number, "+48221000009", "{\"flow\":\"new\",\"draft\":true}") == 1);
	EXPECT(compiled(g, KIND_number, "+48221000009")->number.draft);
	EXPECT(drop(g, KIND_draft, "new") ==
	       -(int)ERR_CONFLICT); /* the number would lead nowhere */
	EXPECT(publish(g, "new") == 1);
	EXPECT(drop(g, KIND_flow, "new") == -(int)ERR_CONFLICT);
	EXPECT(put(g, KIND_draft, "new", SAY("two")) > 0);
	EXPECT(drop(g, KIND_flow, "new") > 0); /* it has the draft still */
	EXPECT(drop(g, KIND_draft, "new") == -(int)ERR_CONFLICT);
	registry_destroy(g);
}

TEST(draft_is_checked_as_if_it_were_published)
{
	struct registry *g = site_registry();
	EXPECT(put(g, KIND_draft, "x",
		   "{\"start\":\"no\",\"nodes\":{\"a\":{\"do\":\"hangup\"}}}") ==
	       -(int)ERR_INVALID);
	EXPECT(has(str_of(last_errors), "\"$.start\""));
	EXPECT(put(g, KIND_draft, "x", IN("nobody")) == -(int)ERR_INVALID);
	EXPECT(has(str_of(last_errors), "\"$.nodes.a.flow\""));
	EXPECT(put(g, KIND_flow, "x", SAY("one")) == 1);
	EXPECT(put(g, KIND_flow, "outer", AGAIN("x")) == -(int)ERR_INVALID); /* never waits */
	EXPECT(put(g, KIND_flow, "outer", IN("x")) == 1);
	/* as a flow it would come into itself */
	EXPECT(put(g, KIND_draft, "x", IN("outer")) == -(int)ERR_INVALID);
	EXPECT(has(str_of(last_errors), "comes into the same flow again"));
	/* what a draft names may not go */
	EXPECT(put(g, KIND_draft, "y", IN("outer")) == 1);
	EXPECT(drop(g, KIND_flow, "outer") == -(int)ERR_CONFLICT);
	EXPECT(has(str_of(last_errors), "draft/y"));
	registry_destroy(g);
}

TEST(draft_that_fits_no_longer_is_not_published)
{
	struct registry *g = site_registry();
	EXPECT(put(g, KIND_flow, "inner", SAY("one")) == 1);
	EXPECT(put(g, KIND_draft, "x", IN("inner")) == 1);
	EXPECT(put(g, KIND_draft, "inner", IN("x")) == -(int)ERR_INVALID); /* x is no flow */
	EXPECT(put(g, KIND_flow, "x", SAY("one")) == 1);
	EXPECT(put(g, KIND_draft, "inner", IN("x")) == 1);
	EXPECT(publish(g, "inner") == 2);
	EXPECT(publish(g, "x") == -(int)ERR_INVALID);
	EXPECT(has(got(g, KIND_draft, "x"), "inner")); /* it stays */
	registry_destroy(g);
}

TEST(draft_is_exported_and_applies_again)
{
	struct registry *g = site_registry();
	EXPECT(put(g, KIND_draft, "x", SAY("one")) == 1);
	struct buf site = buf_grow(4096);
	registry_export(g, ACME, &site);
	EXPECT(has(buf_str(&site), "\"kind\":\"draft\""));
	EXPECT(site_apply(g, buf_str(&site)) == 0);
	buf_free(&site);
	registry_destroy(g);
}

TEST(past_versions_compile_when_this_program_can_read_them)
{
	struct registry *g = site_registry();
	struct str doc = STR("{\"kind\":\"flow\",\"tenant\":\"acme\",\"id\":\"x\",\"start\":\"a\","
			     "\"nodes\":{\"a\":{\"do\":\"hangup\"}}}");
	struct config *c = registry_compile_past(g, KIND_flow, ACME, STR("x"), doc);
	EXPECT(c && c->flow.node_count == 1 && c->flow.nodes[0].kind == NODE_HANGUP);
	config_free(c);
	EXPECT(!registry_compile_past(g, KIND_flow, ACME, STR("x"), STR("{\"start\":1}")));
	EXPECT(!registry_compile_past(g, KIND_flow, ACME, STR("x"), STR("not json")));
	registry_destroy(g);
}

/* -- what differs -- */

static bool differs(const char *before, const char *after, const char *want)
{
	json_t *a = json_loads(before, JSON_DECODE_ANY, NULL);
	json_t *b = json_loads(after, JSON_DECODE_ANY, NULL);
	struct buf out = buf_grow(256);
	struct jsonw w = jsonw_make(&out);
	document_diff(&w, a, b);
	bool same = str_is(buf_str(&out), want);
	if (!same)
		test_say(buf_str(&out));
	buf_free(&out);
	json_decref(a);
	json_decref(b);
	return same;
}

TEST(diff_names_what_changed_by_its_path)
{
	static const struct {
		const char *before, *after, *want;
	} rows[] = {
		{"{}", "{}", "[]"},
		{"{\"kind\":\"flow\",\"version\":1}", "{\"kind\":\"draft\",\"version\":2}", "[]"},
		{"{\"n\":{\"version\":1}}", "{\"n\":{\"version\":2}}",
		 "[{\"path\":\"$.n.version\",\"op\":\"changed\",\"before\":1,\"after\":2}]"},
		{"{\"a\":1,\"b\":[1,2]}", "{\"b\":[1,3,4],\"c\":null}",
		 "[{\"path\":\"$.a\",\"op\":\"removed\",\"before\":1},"
		 "{\"path\":\"$.b[1]\",\"op\":\"changed\",\"before\":2,\"after\":3},"
		 "{\"path\":\"$.b[2]\",\"op\":\"added\",\"after\":4},"
		 "{\"path\":\"$.c\",\"op\":\"added\",\"after\":null}]"},
		{"{\"a\":{\"x\":1}}", "{\"a\":[1]}",
		 "[{\"path\":\"$.a\",\"op\":\"changed\",\"before\":{\"x\":1},\"after\":[1]}]"},
		{"{\"a b\":1}", "{\"a b\":1.5}",
		 "[{\"path\":\"$[\\\"a b\\\"]\",\"op\":\"changed\",\"before\":1,\"after\":1.5}]"},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		EXPECT(differs(rows[i].before, rows[i].after, rows[i].want));
}

TEST(diff_of_a_document_that_is_not_there_is_all_of_it)
{
	struct buf out = buf_grow(64);
	struct jsonw w = jsonw_make(&out);
	json_t *doc = json_loads("{\"a\":1}", 0, NULL);
	document_diff(&w, NULL, doc);
	EXPECT_STR(buf_str(&out), "[{\"path\":\"$\",\"op\":\"added\",\"after\":{\"a\":1}}]");
	json_decref(doc);
	buf_free(&out);
}
