/* subflow_test.c - flows inside flows. */
#include "flow/world_test.h"

#include <stdio.h>

#include "tests/test.h"

/* main: before -> ask (flow identify) -> after; identify: hello -> menu, 1: remember, else out */
static void declare(struct world *w, uint32_t version)
{
	struct flow_node inner[] = {node_play("hello", "welcome", 1),
				    node_menu("menu", "menu", 1, NODE_NOWHERE),
				    node_set("remember", "who", "'anna'", NODE_NOWHERE)};
	node_key(&inner[1], 1, 2);
	world_flow_named(w, "identify", version, inner, COUNT_OF(inner));
	struct flow_node n[] = {node_set("before", "who", "'nobody'", 1),
				node_subflow("ask", "identify", 2), node_branch("after", 4),
				node_play("anna", "welcome", NODE_NOWHERE),
				node_play("nobody", "welcome", NODE_NOWHERE)};
	node_case(&n[2], "var.who == 'anna'", 3);
	world_flow(w, version, n, COUNT_OF(n));
}

static void to_menu(struct world *w)
{
	world_begin(w);
	declare(w, 1);
	EXPECT(world_start(w) == ERR_OK);
	EXPECT_STR(world_told(w), "step before; step ask; step hello");
	world_played(w, true);
	EXPECT_STR(world_told(w), "step menu");
}

TEST(subflow_ends_where_an_edge_is_missing)
{
	struct world w;
	to_menu(&w);
	world_digit(&w, 1);
	EXPECT_STR(world_told(&w), "step remember; step after; step anna");
	world_played(&w, true);
	EXPECT_STR(world_asked(&w), "hang_up system flow"); /* outside, the call ends */
	EXPECT_STR(world_told(&w), "ivr_end completed");
	world_end(&w);

	to_menu(&w);
	world_played(&w, true);
	world_pass(&w, 5000);
	EXPECT_STR(world_told(&w), "step after; step nobody");
	world_end(&w);
}

TEST(subflow_returns_after_a_restart)
{
	struct world w;
	to_menu(&w);
	world_restart(&w);
	EXPECT_STR(world_asked(&w), "play menu pl digits");
	EXPECT_STR(world_told(&w), "");
	world_restart(&w);
	world_digit(&w, 1);
	EXPECT_STR(world_told(&w), "step remember; step after; step anna");
	world_restart(&w);
	world_played(&w, true);
	EXPECT_STR(world_told(&w), "ivr_end completed");
	world_end(&w);
}

TEST(subflow_goes_on_with_the_versions_it_began_with)
{
	struct world w;
	to_menu(&w);
	struct flow_node n[] = {node_hangup("new")};
	world_flow(&w, 2, n, 1);
	world_flow_named(&w, "identify", 2, n, 1);
	world_digit(&w, 1);
	EXPECT_STR(world_told(&w), "step remember; step after; step anna");
	world_end(&w);
}

TEST(subflow_whose_caller_is_gone_since_a_restart_ends_the_call)
{
	struct world w;
	to_menu(&w);
	struct flow_node n[] = {node_hangup("new")};
	world_flow(&w, 2, n, 1);
	world_restart(&w);
	world_restart(&w); /* also what is gone is stored */
	world_digit(&w, 1);
	EXPECT_STR(world_told(&w), "step remember; alarm flow main node ?: its node is gone since "
				   "a restart; ivr_end failed");
	world_end(&w);

	to_menu(&w);
	world_drop(&w, KIND_flow, "main");
	world_restart(&w);
	world_digit(&w, 1);
	EXPECT_STR(world_told(&w), "step remember; alarm flow ? node ?: its node is gone since a "
				   "restart; ivr_end failed");
	world_end(&w);
}

TEST(subflow_that_does_not_exist_ends_the_call)
{
	struct world w;
	world_begin(&w);
	struct flow_node n[] = {node_subflow("ask", "nowhere", NODE_NOWHERE)};
	world_flow(&w, 1, n, 1);
	EXPECT(world_start(&w) == ERR_OK);
	EXPECT_STR(world_told(&w),
		   "step ask; alarm flow main node ask: flow does not exist; ivr_end failed");
	EXPECT_STR(world_asked(&w), "hang_up system flow does not exist");
	world_end(&w);
}

static void chain(struct world *w, uint32_t flows)
{
	static char names[12][8];
	for (uint32_t i = 1; i <= flows; i++) {
		snprintf(names[i], sizeof names[i], "f%u", i);
		snprintf(names[i + 1], sizeof names[i + 1], "f%u", i + 1);
		struct flow_node n[] = {node_subflow("in", names[i + 1], NODE_NOWHERE)};
		if (i == flows)
			n[0] = node_play("deepest", "welcome", NODE_NOWHERE);
		world_flow_named(w, names[i], 1, n, 1);
	}
	struct flow_node n[] = {node_subflow("in", "f1", 1), node_hangup("back")};
	world_flow(w, 1, n, 2);
}

TEST(subflows_are_eight_deep)
{
	struct world w;
	world_begin(&w);
	chain(&w, 8);
	EXPECT(world_start(&w) == ERR_OK);
	EXPECT(str_ends(world_told(&w), STR("step in; step deepest")));
	world_restart(&w);
	world_played(&w, true);
	EXPECT_STR(world_told(&w), "step back; ivr_end completed");
	world_disconnect(&w, PARTY_system);
	chain(&w, 9); /* apply would refuse it */
	EXPECT(world_start(&w) == ERR_OK);
	EXPECT(str_find_str(world_told(&w), STR("more than 8 flows inside each other")) > 0);
	world_end(&w);
}

TEST(subflow_with_a_queue_knows_the_way_back)
{
	struct world w;
	world_begin(&w);
	struct flow_node inner[] = {node_queue("support", "support"),
				    node_play("full", "welcome", NODE_NOWHERE)};
	node_exit(&inner[0], EXIT_full, 1);
	world_flow_named(&w, "inner", 1, inner, 2);
	struct flow_node n[] = {node_subflow("in", "inner", 1), node_hangup("back")};
	world_flow(&w, 1, n, 2);
	EXPECT(world_start(&w) == ERR_OK);
	EXPECT_STR(world_told(&w), "step in; step support; ivr_end completed");
	world_restart(&w);
	world_dequeue(&w, RESULT_rejected, EXIT_full);
	EXPECT_STR(world_told(&w), "step full");
	world_played(&w, true);
	EXPECT_STR(world_told(&w), "step back; ivr_end completed");
	world_disconnect(&w, PARTY_system);

	EXPECT(world_start(&w) == ERR_OK); /* answered: as outside, the call ends with the agent */
	world_dequeue(&w, RESULT_answered, EXIT_none);
	world_agent_end(&w, PARTY_agent, RESULT_completed);
	EXPECT_STR(world_asked(&w), "hang_up agent agent hung up");
	world_end(&w);
}

TEST(subflow_of_an_abandoning_customer_is_forgotten)
{
	struct world w;
	to_menu(&w);
	world_disconnect(&w, PARTY_customer);
	EXPECT_STR(world_told(&w), "ivr_end abandoned");
	EXPECT_STR(world_state(&w), "");
	char out[200];
	struct buf b = buf_make(out, sizeof out);
	EXPECT(core_dump(&w.core, STR("flows"), &b));
	EXPECT_STR(buf_str(&b), "contacts=0 peak=1 versions=0\n");
	world_end(&w);
}

/* The digits of a collect inside are early ones outside. */
TEST(subflow_keeps_early_keys_out_of_images)
{
	struct world w;
	world_begin(&w);
	struct flow_node inner[] = {
		node_collect("pin", "menu", "pin", 4, NODE_NOWHERE, NODE_NOWHERE)};
	inner[0].masked = true;
	world_flow_named(&w, "inner", 1, inner, 1);
	struct flow_node n[] = {node_play("hello", "welcome", 1), node_subflow("in", "inner", 2),
				node_branch("check", 4), node_hangup("yes"), node_hangup("no")};
	node_case(&n[2], "var.pin == '4711'", 3);
	world_flow(&w, 1, n, COUNT_OF(n));
	w.secret = STR("\4\7\1");
	EXPECT(world_start(&w) == ERR_OK);
	world_digit(&w, 4);
	world_digit(&w, 7);
	world_digit(&w, 1);
	world_digit(&w, 1);
	world_played(&w, true);
	EXPECT_STR(world_told(&w), "step in; step pin; step check; step yes; ivr_end completed");
	world_end(&w);
}
