/* queue_test.c - into the queue and out of it: exits, agents, refusals. */
#include "flow/world_test.h"

#include "tests/test.h"

/* support -> full: busy, timeout: again; next: survey */
static void to_queue(struct world *w, bool with_next)
{
	struct flow_node n[] = {
		node_queue("support", "support"), node_play("busy", "welcome", NODE_NOWHERE),
		node_queue("again", "support"), node_play("survey", "menu", NODE_NOWHERE)};
	n[0].priority_min = 10;
	node_exit(&n[0], EXIT_full, 1);
	node_exit(&n[0], EXIT_timeout, 2);
	if (with_next) {
		n[0].next = 3;
		n[0].has_next = true;
	}
	world_begin(w);
	world_flow(w, 1, n, COUNT_OF(n));
	EXPECT(world_start(w) == ERR_OK);
}

TEST(queue_ends_the_stretch_of_flow_once)
{
	struct world w;
	to_queue(&w, false);
	EXPECT_STR(world_asked(&w), "join support 10 full timeout");
	EXPECT_STR(world_told(&w), "step support; ivr_end completed");
	EXPECT_STR(world_state(&w), "node=support state=QUEUED tries=0 ahead=0");
	world_digit(&w, 5); /* keys pressed to music */
	EXPECT_STR(world_state(&w), "node=support state=QUEUED tries=0 ahead=0");
	world_end(&w);
}

TEST(queue_forgets_what_was_typed_before_it)
{
	struct world w;
	world_begin(&w);
	struct flow_node n[] = {node_play("hello", "welcome", 1), node_queue("q", "support"),
				node_menu("menu", "menu", 3, NODE_NOWHERE)};
	node_exit(&n[1], EXIT_full, 2);
	node_key(&n[2], 1, 0);
	world_flow(&w, 1, n, 3);
	EXPECT(world_start(&w) == ERR_OK);
	world_digit(&w, 1);
	world_played(&w, true);
	world_dequeue(&w, RESULT_rejected, EXIT_full);
	EXPECT_STR(world_asked(&w), "play menu pl digits");
	world_end(&w);
}

TEST(queue_exit_that_is_named_leads_on)
{
	struct world w;
	to_queue(&w, false);
	world_dequeue(&w, RESULT_rejected, EXIT_full);
	EXPECT_STR(world_told(&w), "step busy");
	world_played(&w, true);
	EXPECT_STR(world_told(&w), "ivr_end completed"); /* a new stretch, ended too */
	EXPECT_STR(world_asked(&w), "hang_up system flow");
	world_end(&w);

	to_queue(&w, false);
	world_dequeue(&w, RESULT_flow_out, EXIT_timeout);
	EXPECT_STR(world_asked(&w), "join support 0");
	EXPECT_STR(world_told(&w), "step again; ivr_end completed");
	world_end(&w);
}

TEST(queue_exit_that_is_not_named_ends_the_call)
{
	static const struct {
		enum result reason;
		enum queue_exit exit;
		const char *asked;
	} rows[] = {
		{RESULT_rejected, EXIT_full, "hang_up system queue full"},
		{RESULT_flow_out, EXIT_timeout, "hang_up system waited too long"},
		{RESULT_flow_out, EXIT_no_agents, "hang_up system no agents"},
		{RESULT_flow_out, EXIT_closed, "hang_up system queue closed"},
		{RESULT_flow_out, EXIT_none, "hang_up system left the queue"},
		{RESULT_failed, EXIT_none, "hang_up system queue failed"},
		{RESULT_server_restart, EXIT_none, "hang_up system queue failed"},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct world w;
		to_queue(&w, false);
		world_dequeue(&w, RESULT_flow_out, EXIT_timeout); /* to `again`, which names none */
		world_dequeue(&w, rows[i].reason, rows[i].exit);
		EXPECT_STR(world_asked(&w), rows[i].asked);
		EXPECT_STR(world_told(&w), "");
		world_end(&w);
	}
}

TEST(queue_that_refuses_ends_the_call_with_an_alarm)
{
	struct world w;
	world_begin(&w);
	struct flow_node n[] = {node_queue("support", "support")};
	world_flow(&w, 1, n, 1);
	w.join_err = ERR_FULL;
	EXPECT(world_start(&w) == ERR_OK);
	EXPECT_STR(world_asked(&w), "join support 0; hang_up system at its configured limit");
	EXPECT_STR(world_told(&w), "step support; ivr_end completed; "
				   "alarm flow main node support: at its configured limit");
	world_end(&w);

	world_begin(&w);
	world_flow(&w, 1, n, 1);
	world_drop(&w, KIND_queue, "support");
	EXPECT(world_start(&w) == ERR_OK);
	EXPECT_STR(world_asked(&w), "hang_up system queue does not exist");
	EXPECT_STR(world_told(&w), "step support; alarm flow main node support: queue does not "
				   "exist; ivr_end failed");
	world_end(&w);
}

TEST(queue_left_for_no_reason_ends_the_call_with_an_alarm)
{
	struct world w;
	to_queue(&w, true);
	world_dequeue(&w, RESULT_completed, EXIT_none);
	EXPECT_STR(world_asked(&w), "hang_up system left the queue for no known reason");
	EXPECT_STR(world_told(&w),
		   "alarm flow main node support: left the queue for no known reason");
	world_end(&w);
}

TEST(agent_who_hangs_up_sends_the_customer_on)
{
	struct world w;
	to_queue(&w, true);
	world_dequeue(&w, RESULT_answered, EXIT_none);
	EXPECT_STR(world_state(&w), "node=support state=AGENT tries=0 ahead=0");
	world_agent_end(&w, PARTY_agent, RESULT_completed);
	EXPECT_STR(world_told(&w), "step survey");
	EXPECT_STR(world_asked(&w), "play menu pl");
	world_disconnect(&w, PARTY_customer);
	EXPECT_STR(world_told(&w), "ivr_end abandoned"); /* the stretch after the agent */
	world_end(&w);
}

TEST(agent_who_hangs_up_ends_the_call_without_next)
{
	struct world w;
	to_queue(&w, false);
	world_dequeue(&w, RESULT_answered, EXIT_none);
	world_agent_end(&w, PARTY_agent, RESULT_completed);
	EXPECT_STR(world_asked(&w), "hang_up agent agent hung up");
	EXPECT_STR(world_told(&w), "");
	world_end(&w);

	to_queue(&w, false);
	world_dequeue(&w, RESULT_answered, EXIT_none);
	world_agent_end(&w, PARTY_system, RESULT_failed);
	EXPECT_STR(world_asked(&w), "hang_up system agent lost");
	world_end(&w);
}

TEST(customer_who_hangs_up_is_not_sent_on)
{
	struct world w;
	to_queue(&w, true);
	world_dequeue(&w, RESULT_answered, EXIT_none);
	world_agent_end(&w, PARTY_customer, RESULT_completed);
	EXPECT_STR(world_asked(&w), "");
	EXPECT_STR(world_told(&w), "");
	world_end(&w);
}

TEST(agent_end_before_the_answer_is_not_ours)
{
	struct world w;
	to_queue(&w, true);
	world_agent_end(&w, PARTY_agent, RESULT_completed);
	EXPECT_STR(world_state(&w), "node=support state=QUEUED tries=0 ahead=0");
	world_end(&w);
}

TEST(queue_moves_and_transfers_by_others_are_followed)
{
	struct world w;
	to_queue(&w, true);
	world_dequeue(&w, RESULT_transferred, EXIT_none);
	EXPECT_STR(world_state(&w), "node=support state=QUEUED tries=0 ahead=0");
	world_dequeue(&w, RESULT_answered, EXIT_none);
	world_handed_on(&w);
	EXPECT_STR(world_state(&w), "node=support state=AGENT tries=0 ahead=0");
	world_enqueue(&w, "other"); /* what its flow said of `support` does not hold there */
	EXPECT_STR(world_state(&w), "node=support state=AGENT tries=0 ahead=0");
	world_enqueue(&w, "support");
	EXPECT_STR(world_state(&w), "node=support state=QUEUED tries=0 ahead=0");
	world_dequeue(&w, RESULT_flow_out, EXIT_timeout);
	EXPECT_STR(world_told(&w), "step again; ivr_end completed");
	world_end(&w);
}

TEST(queues_that_are_full_in_a_circle_end_the_call)
{
	struct world w;
	world_begin(&w);
	struct flow_node n[] = {node_queue("a", "support"), node_play("b", "welcome", 0)};
	node_exit(&n[0], EXIT_full, 1);
	world_flow(&w, 1, n, 2);
	w.play_err = ERR_FULL;
	EXPECT(world_start(&w) == ERR_OK);
	int turns = 0;
	while (!str_ends(world_state(&w), STR("state=ENDING tries=0 ahead=0")) && turns++ < 1000)
		world_dequeue(&w, RESULT_rejected, EXIT_full);
	EXPECT(turns < 60);
	EXPECT(str_find_str(world_told(&w), STR("goes round and round")) > 0);
	world_end(&w);
}

/* The flow's version keeps its own copy: what it was made of may go. */
TEST(queue_asks_for_the_skills_its_node_names)
{
	static const struct skill_term term[] = {
		{.op = TERM_COMPARE, .skill = {"billing", 7}, .compare = CMP_GE, .level = 3}};
	for (int named = 0; named < 2; named++) {
		struct world w;
		char need[] = "billing >= 3";
		struct skill_step steps[] = {{0, str_of(need), term, 1},
					     {60000, str_of(need), term, 1}};
		struct flow_node n[] = {node_play("hello", "welcome", 1),
					node_queue("q", "support")};
		world_begin(&w);
		n[1].own_steps = true;
		n[1].steps = steps;
		n[1].step_count = named ? 2 : 0;
		world_flow(&w, 1, n, COUNT_OF(n));
		EXPECT(world_start(&w) == ERR_OK);
		memset(need, 'x', sizeof need - 1);
		world_played(&w, true);
		EXPECT_STR(world_asked(&w),
			   named ? "join support 0 skills 0:billing >= 3 60000:billing >= 3"
				 : "join support 0 skills");
		world_end(&w);
	}
}
