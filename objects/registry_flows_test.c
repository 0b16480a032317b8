/* registry_flows_test.c - flows that go into other flows. */
#include <stdio.h>

#include "objects/site_test.h"

#define SAY(next) "{\"do\":\"say\",\"text\":\"x\"" next "}"
#define IN(flow, next) "{\"do\":\"subflow\",\"flow\":\"" flow "\"" next "}"
#define NEXT(node) ",\"next\":\"" node "\""
#define MENU "{\"do\":\"menu\",\"prompt\":\"menu\",\"keys\":{\"1\":\"a\"}}"
#define ONE(node) "{\"start\":\"a\",\"nodes\":{\"a\":" node "}}"
#define TWO(a, b) "{\"start\":\"a\",\"nodes\":{\"a\":" a ",\"b\":" b "}}"

static bool refused(struct registry *g, const char *id, const char *body, const char *path,
		    const char *message)
{
	int version = put(g, KIND_flow, id, body);
	bool right = version == -(int)ERR_INVALID && has(str_of(last_errors), path) &&
		     has(str_of(last_errors), message);
	if (!right)
		test_say(str_of(last_errors));
	return right;
}

TEST(flows_inside_flows_are_references)
{
	struct registry *g = site_registry();
	EXPECT(refused(g, "outer", ONE(IN("inner", "")), "\"$.nodes.a.flow\"", "no flow 'inner'"));
	EXPECT(put(g, KIND_flow, "inner", ONE(SAY(""))) == 1);
	EXPECT(put(g, KIND_flow, "outer", ONE(IN("inner", ""))) == 1);
	EXPECT(drop(g, KIND_flow, "inner") == -(int)ERR_CONFLICT);
	EXPECT(has(str_of(last_errors), "\"path\":\"flow/outer\""));
	const struct flow_config *f = &compiled(g, KIND_flow, "outer")->flow;
	EXPECT(f->nodes[0].kind == NODE_SUBFLOW && f->secret);
	EXPECT_STR(f->nodes[0].flow, "inner");
	EXPECT(drop(g, KIND_flow, "outer") == 2);
	EXPECT(drop(g, KIND_flow, "inner") == 2);
	registry_destroy(g);
}

TEST(flows_that_come_into_themselves_are_refused)
{
	struct registry *g = site_registry();
	EXPECT(put(g, KIND_flow, "c", ONE(MENU)) == 1);
	EXPECT(put(g, KIND_flow, "b", ONE(IN("c", ""))) == 1);
	EXPECT(put(g, KIND_flow, "a", ONE(IN("b", ""))) == 1);
	/* the menu would wait, but the flows that wait for it would be ever more */
	EXPECT(refused(g, "c", TWO(MENU, IN("a", "")), "\"$", "comes into the same flow again"));
	/* two at once */
	EXPECT(site_apply(g,
			  STR("{\"objects\":["
			      "{\"kind\":\"flow\",\"tenant\":\"acme\",\"id\":\"x\",\"start\":\"a\","
			      "\"nodes\":{\"a\":" IN(
				      "y", "") "}},"
					       "{\"kind\":\"flow\",\"tenant\":\"acme\",\"id\":"
					       "\"y\",\"start\":\"a\","
					       "\"nodes\":{\"a\":" IN("x", "") "}}]}")) == -1);
	EXPECT(has(str_of(last_errors), "comes into the same flow again"));
	/* the same one twice, side by side and by two ways, is none */
	EXPECT(put(g, KIND_flow, "d", TWO(IN("b", NEXT("b")), IN("c", ""))) == 1);
	registry_destroy(g);
}

TEST(flows_are_eight_deep_at_most)
{
	struct registry *g = site_registry();
	EXPECT(put(g, KIND_flow, "f0", ONE(MENU)) == 1);
	for (int i = 1; i <= 9; i++) {
		char id[16], doc[200];
		snprintf(id, sizeof id, "f%d", i);
		snprintf(
			doc, sizeof doc,
			"{\"start\":\"a\",\"nodes\":{\"a\":{\"do\":\"subflow\",\"flow\":\"f%d\"}}}",
			i - 1);
		if (i < 9)
			EXPECT(put(g, KIND_flow, id, doc) == 1);
		else
			EXPECT(refused(g, id, doc, "\"$.nodes.a.flow\"", "more than 8 flows"));
	}
	/* one more below makes those above too deep */
	EXPECT(put(g, KIND_flow, "leaf", ONE(MENU)) == 1);
	EXPECT(refused(g, "f0", ONE(IN("leaf", "")), "\"path\":\"$", "more than 8 flows"));
	registry_destroy(g);
}

TEST(loops_through_flows_that_do_not_wait_are_refused)
{
	struct registry *g = site_registry();
	EXPECT(put(g, KIND_flow, "quick", ONE(SAY(""))) == 1);
	EXPECT(put(g, KIND_flow, "slow", ONE(MENU)) == 1);
	EXPECT(put(g, KIND_flow, "hidden", ONE(IN("quick", ""))) == 1);
	EXPECT(put(g, KIND_flow, "ends", TWO(SAY(NEXT("b")), "{\"do\":\"hangup\"}")) == 1);
	EXPECT(refused(g, "m", ONE(IN("quick", NEXT("a"))), "\"$.nodes.a\"",
		       "loop without a node that waits: a -> a"));
	EXPECT(refused(g, "m", TWO(IN("hidden", NEXT("b")), SAY(NEXT("a"))), "\"$.nodes.a\"",
		       "loop without a node that waits: a -> b -> a"));
	EXPECT(put(g, KIND_flow, "m", ONE(IN("ends", NEXT("a")))) == 1);
	EXPECT(put(g, KIND_flow, "m", ONE(IN("slow", NEXT("a")))) ==
	       2); /* asks until it is right */
	/* what is inside may not become quick then */
	EXPECT(refused(g, "slow", ONE(SAY("")), "\"path\":\"$\"",
		       "flow 'm' would have a loop without a node that waits: a -> a"));
	EXPECT(put(g, KIND_flow, "m", ONE(IN("slow", ""))) == 3);
	EXPECT(put(g, KIND_flow, "slow", ONE(SAY(""))) == 2);
	registry_destroy(g);
}

/* A full queue inside is passed at once, and a prompt is not both: the kinds do not mix. */
TEST(loops_through_queues_inside_flows_are_refused)
{
	struct registry *g = site_registry();
	EXPECT(put(g, KIND_flow, "wait",
		   TWO("{\"do\":\"queue\",\"queue\":\"support\",\"on\":{\"full\":\"b\"}}",
		       "{\"do\":\"set\",\"var\":\"full\",\"value\":true}")) == 1);
	EXPECT(refused(g, "m", ONE(IN("wait", NEXT("a"))), "\"$.nodes.a\"",
		       "loop without a node that waits: a -> a"));
	EXPECT(put(g, KIND_flow, "m", TWO(IN("wait", NEXT("b")), SAY(NEXT("a")))) == 1);
	registry_destroy(g);
}

/* A callback takes no time, neither alone nor in a flow that is gone through. */
TEST(loops_through_callbacks_inside_flows_are_refused)
{
	struct registry *g = site_registry();
	EXPECT(put(g, KIND_flow, "inner", ONE("{\"do\":\"callback\",\"queue\":\"support\"}")) == 1);
	EXPECT(refused(g, "outer", ONE(IN("inner", NEXT("a"))), "\"$.nodes.a\"",
		       "loop without a node that waits: a -> a"));
	/* a transfer that fails ends the call, in whichever flow it is: the loop is none */
	EXPECT(put(g, KIND_flow, "away",
		   ONE("{\"do\":\"transfer\",\"to\":{\"queue\":\"support\"},\"next\":\"a\"}")) ==
	       1);
	EXPECT(put(g, KIND_flow, "outer", ONE(IN("away", NEXT("a")))) == 1);
	/* but one that leads back through its failures is */
	EXPECT(refused(g, "away",
		       TWO("{\"do\":\"transfer\",\"to\":\"+48600\",\"on\":{\"busy\":\"b\"}}",
			   "{\"do\":\"set\",\"var\":\"x\",\"value\":1}"),
		       "\"$\"", "flow 'outer' would have a loop without a node that waits"));
	registry_destroy(g);
}

TEST(transfer_and_callback_compile_to_whom_they_name)
{
	struct registry *g = site_registry();
	EXPECT(put(g, KIND_flow, "x",
		   "{\"start\":\"a\",\"nodes\":{"
		   "\"a\":{\"do\":\"transfer\",\"to\":{\"queue\":\"support\"},\"next\":\"b\"},"
		   "\"b\":{\"do\":\"transfer\",\"to\":{\"agent\":\"anna\"},\"ring_s\":20,"
		   "\"on\":{\"busy\":\"c\"}},"
		   "\"c\":{\"do\":\"transfer\",\"to\":\"+48 22 100 20 30\"},"
		   "\"d\":{\"do\":\"transfer\",\"to\":{\"number\":\"var.keyed\"}},"
		   "\"e\":{\"do\":\"callback\",\"queue\":\"support\"}}}") == 1);
	const struct flow_node *n = compiled(g, KIND_flow, "x")->flow.nodes;
	EXPECT(n[0].to == TRANSFER_QUEUE && n[0].has_next);
	EXPECT_STR(n[0].queue, "support");
	EXPECT(n[1].to == TRANSFER_AGENT && n[1].ring_ms == 20000);
	EXPECT(n[1].fails[DIAL_busy] == 2 && n[1].fails[DIAL_failed] == NODE_NOWHERE);
	EXPECT(n[2].to == TRANSFER_NUMBER && !n[2].number_made && n[2].ring_ms == 30000);
	EXPECT(n[3].to == TRANSFER_NUMBER && n[3].number_made);
	EXPECT(n[4].kind == NODE_CALLBACK && n[4].number_made);
	EXPECT(drop(g, KIND_queue, "support") == -(int)ERR_CONFLICT);
	EXPECT(has(str_of(last_errors), "\"path\":\"flow/x\""));
	EXPECT(drop(g, KIND_user, "anna") == -(int)ERR_CONFLICT);
	registry_destroy(g);
}
