/* transfer_test.c - nodes transfer and callback: whom a customer is connected with, or called by.
 */
#include "flow/world_test.h"
#include "tests/test.h"

enum { AFTER = 1, BUSY, LATE, FAILED };

/* A transfer with every edge named, or with none. */
static void begin(struct world *w, enum transfer_to to, const char *whom, bool edges)
{
	world_begin(w);
	struct flow_node n[] = {
		node_transfer("to", to, whom, edges ? AFTER : NODE_NOWHERE),
		node_say("after", NULL, 0, NODE_NOWHERE), node_play("busy", "menu", NODE_NOWHERE),
		node_play("late", "menu", NODE_NOWHERE), node_play("failed", "menu", NODE_NOWHERE)};
	if (edges) {
		n[0].fails[DIAL_busy] = BUSY;
		n[0].fails[DIAL_no_answer] = LATE;
		n[0].fails[DIAL_failed] = FAILED;
	}
	n[1] = node_play("after", "welcome", NODE_NOWHERE);
	n[0].number_made = to == TRANSFER_NUMBER && strncmp(whom, "var.", 4) == 0;
	world_flow(w, 1, n, COUNT_OF(n));
	EXPECT(world_start(w) == ERR_OK);
}

TEST(transfer_to_an_agent_is_a_talk_and_goes_on_after_it)
{
	struct world w;
	begin(&w, TRANSFER_AGENT, "anna", true);
	EXPECT_STR(world_asked(&w), "ring anna 30000");
	EXPECT_STR(world_told(&w), "step to; ivr_end completed");
	EXPECT_STR(world_state(&w), "node=to state=RINGING tries=0 ahead=0");
	world_digit(&w, 1); /* to music */
	world_restart(&w);
	EXPECT_STR(world_asked(&w), "");
	world_answer(&w);
	EXPECT_STR(world_state(&w), "node=to state=AGENT tries=0 ahead=0");
	world_restart(&w);
	world_agent_end(&w, PARTY_agent, RESULT_completed);
	EXPECT_STR(world_told(&w), "step after");
	world_end(&w);

	begin(&w, TRANSFER_AGENT, "anna", false);
	world_answer(&w);
	world_agent_end(&w, PARTY_agent, RESULT_completed);
	EXPECT_STR(world_asked(&w), "hang_up agent agent hung up");
	EXPECT_STR(world_told(&w), "");
	world_end(&w);
}

TEST(transfer_to_an_agent_who_is_not_reached_takes_the_edge_that_says_why)
{
	static const struct {
		enum offer_result result;
		const char *told, *asked;
	} rows[] = {
		{OFFER_no_answer, "step late", "hang_up system transfer: no answer"},
		{OFFER_rejected, "step busy", "hang_up system transfer: busy"},
		{OFFER_busy, "step busy", "hang_up system transfer: busy"},
		{OFFER_unreachable, "step failed", "hang_up system transfer failed"},
		{OFFER_agent_lost, "step failed", "hang_up system transfer failed"},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct world w;
		begin(&w, TRANSFER_AGENT, "anna", true);
		world_ring_end(&w, rows[i].result);
		EXPECT_STR(world_told(&w), rows[i].told);
		world_ring_end(&w, rows[i].result); /* told twice: not for who is elsewhere */
		EXPECT_STR(world_told(&w), "");
		world_end(&w);
		begin(&w, TRANSFER_AGENT, "anna", false);
		world_ring_end(&w, rows[i].result);
		EXPECT_STR(world_asked(&w), rows[i].asked);
		world_end(&w);
	}
	struct world w;
	begin(&w, TRANSFER_AGENT, "anna", true);
	world_ring_end(&w, OFFER_cancelled_by_caller);
	EXPECT_STR(world_told(&w), "");
	world_disconnect(&w, PARTY_customer);
	EXPECT_STR(world_told(&w), "");
	world_end(&w);
	begin(&w, TRANSFER_AGENT, "nobody", true);
	EXPECT_STR(world_told(&w), "step to; ivr_end completed; step failed");
	world_end(&w);
}

TEST(transfer_to_a_number_calls_it)
{
	struct world w;
	begin(&w, TRANSFER_NUMBER, "\"601 602 603\"", true);
	EXPECT_STR(world_asked(&w), "dial +48601602603 30000");
	world_restart(&w);
	EXPECT_STR(world_asked(&w), ""); /* voice has it */
	world_dial_answer(&w);
	EXPECT_STR(world_state(&w), "node=to state=AGENT tries=0 ahead=0");
	world_restart(&w);
	world_dial_end(&w, DIAL_none, PARTY_callee);
	EXPECT_STR(world_told(&w), "step after");
	world_end(&w);

	begin(&w, TRANSFER_NUMBER, "\"601602603\"", false);
	world_dial_answer(&w);
	world_dial_end(&w, DIAL_none, PARTY_callee);
	EXPECT_STR(world_asked(&w), "hang_up system called party hung up");
	world_end(&w);

	static const struct {
		enum dial_result result;
		const char *told;
	} rows[] = {{DIAL_busy, "step busy"},
		    {DIAL_no_answer, "step late"},
		    {DIAL_failed, "step failed"}};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		begin(&w, TRANSFER_NUMBER, "\"601602603\"", true);
		world_dial_end(&w, rows[i].result, PARTY_callee);
		EXPECT_STR(world_told(&w), rows[i].told);
		world_end(&w);
	}
	begin(&w, TRANSFER_NUMBER, "\"601602603\"", true);
	world_dial_end(&w, DIAL_no_answer, PARTY_customer); /* he hung up while it rang */
	EXPECT_STR(world_told(&w), "");
	world_disconnect(&w, PARTY_customer);
	world_end(&w);
}

/* By what a caller keyed in nobody makes us call where it is dear, or where help is called. */
TEST(transfer_to_a_number_that_was_keyed_in_is_held_to_ordinary_numbers)
{
	static const struct {
		const char *keyed, *asked;
	} rows[] = {
		{"601602603", "dial +48601602603 30000"},
		{"0048601602603", "dial +48601602603 30000"},
		{"112", "play menu pl"},	   /* emergency */
		{"701602603", "play menu pl"},	   /* premium */
		{"0044207946000", "play menu pl"}, /* no trunk names it */
		{"12", "play menu pl"},
		{"*60#", "play menu pl"},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct world w;
		char value[64];
		struct buf b = buf_make(value, sizeof value);
		buf_fmt(&b, "\"%s\"", rows[i].keyed);
		value[b.n] = 0;
		world_begin(&w);
		struct flow_node n[] = {node_set("keyed", "number", value, 1),
					node_transfer("to", TRANSFER_NUMBER, "var.number", 2),
					node_play("failed", "menu", NODE_NOWHERE)};
		n[1].number_made = true;
		n[1].fails[DIAL_failed] = 2;
		world_flow(&w, 1, n, COUNT_OF(n));
		EXPECT(world_start(&w) == ERR_OK);
		EXPECT_STR(world_asked(&w), rows[i].asked);
		world_end(&w);
	}
}

TEST(transfer_of_a_refused_dial_fails_at_once)
{
	static const enum err errs[] = {ERR_FORBIDDEN, ERR_NOT_FOUND, ERR_FULL};
	for (size_t i = 0; i < COUNT_OF(errs); i++) {
		struct world w;
		world_begin(&w);
		w.dial_err = errs[i];
		struct flow_node n[] = {
			node_transfer("to", TRANSFER_NUMBER, "\"112\"", NODE_NOWHERE)};
		world_flow(&w, 1, n, 1);
		EXPECT(world_start(&w) == ERR_OK);
		EXPECT_STR(world_asked(&w), "dial 112 30000; hang_up system transfer failed");
		EXPECT_STR(world_told(&w), "step to; ivr_end completed");
		world_end(&w);
	}
}

TEST(transfer_to_a_queue_joins_it_without_exits)
{
	struct world w;
	begin(&w, TRANSFER_QUEUE, "support", true);
	EXPECT_STR(world_asked(&w), "join support 0");
	world_dequeue(&w, RESULT_answered, EXIT_none);
	world_agent_end(&w, PARTY_agent, RESULT_completed);
	EXPECT_STR(world_told(&w), "step after");
	world_end(&w);
	begin(&w, TRANSFER_QUEUE, "support", true);
	world_dequeue(&w, RESULT_rejected, EXIT_full);
	EXPECT_STR(world_told(&w), "step busy");
	world_end(&w);
	begin(&w, TRANSFER_QUEUE, "support", false);
	world_dequeue(&w, RESULT_rejected, EXIT_full);
	EXPECT_STR(world_asked(&w), "hang_up system transfer: busy");
	world_end(&w);
	begin(&w, TRANSFER_QUEUE, "nowhere", true);
	EXPECT_STR(world_told(&w), "step to; ivr_end completed; step failed");
	world_end(&w);
}

/* -- callback -- */

TEST(callback_takes_the_callers_number_and_goes_on)
{
	struct world w;
	world_begin(&w);
	struct flow_node n[] = {
		node_callback("back", "support", "caller.number", 1, NODE_NOWHERE),
		node_queue("again",
			   "support")}; /* what was counted before must not be heard there */
	world_flow(&w, 1, n, 2);
	EXPECT(world_start(&w) == ERR_OK);
	EXPECT_STR(world_asked(&w), "callback support +48600100200; join support 0");
	EXPECT_STR(world_told(&w), "step back; step again; ivr_end completed");
	EXPECT_STR(world_state(&w), "node=again state=QUEUED tries=0 ahead=0");
	world_end(&w);
}

TEST(callback_needs_a_number_that_can_be_called_back)
{
	static const char *const callers[] = {"anonymous",    "Anonymous",     "alice", "112",
					      "+48701602603", "+442079460000", "12",	""};
	for (size_t i = 0; i < COUNT_OF(callers); i++) {
		struct world w;
		world_begin(&w);
		w.from = callers[i];
		struct flow_node n[] = {
			node_callback("back", "support", "caller.number", NODE_NOWHERE, 1),
			node_hangup("else")};
		world_flow(&w, 1, n, 2);
		EXPECT(world_start(&w) == ERR_OK);
		EXPECT_STR(world_told(&w), "step back; step else; ivr_end completed");
		EXPECT_STR(world_asked(&w), "hang_up system flow");
		world_end(&w);
	}
}

TEST(callback_that_the_queue_refuses_goes_to_else)
{
	struct world w;
	world_begin(&w);
	w.callback_err = ERR_FULL;
	struct flow_node n[] = {node_callback("back", "support", "caller.number", NODE_NOWHERE, 1),
				node_hangup("else")};
	world_flow(&w, 1, n, 2);
	EXPECT(world_start(&w) == ERR_OK);
	EXPECT_STR(world_told(&w), "step back; step else; ivr_end completed");
	world_end(&w);
}

TEST(callback_number_that_was_keyed_in_secretly_is_not_called)
{
	struct world w;
	world_begin(&w);
	w.secret = STR("601602603");
	struct flow_node n[] = {node_collect("ask", "menu", "number", 9, 1, 2),
				node_callback("back", "support", "var.number", NODE_NOWHERE, 2),
				node_hangup("else")};
	n[0].masked = true;
	world_flow(&w, 1, n, 3);
	EXPECT(world_start(&w) == ERR_OK);
	static const uint32_t keys[] = {6, 0, 1, 6, 0, 2, 6, 0, 3};
	for (size_t i = 0; i < COUNT_OF(keys); i++)
		world_digit(&w, keys[i]);
	EXPECT_STR(world_told(&w), "step back; alarm flow main node back: what was keyed in "
				   "secretly cannot be called; step else; ivr_end completed");
	world_end(&w);
}

TEST(callback_behind_an_exit_of_its_queue_is_announced_to_it)
{
	static const struct {
		const char *from, *asked;
	} rows[] = {
		{"+48600100200", "join support 0 full timeout no_agents back timeout"},
		{"anonymous", "join support 0 full timeout no_agents"},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct world w;
		world_begin(&w);
		world_turn(&w);
		world_queue(&w, "other");
		world_done(&w);
		w.from = rows[i].from;
		struct flow_node n[] = {node_queue("support", "support"),
					node_callback("back", "support", "caller.number", 3, 3),
					node_callback("other", "other", "caller.number", 3, 3),
					node_play("end", "welcome", NODE_NOWHERE)};
		node_exit(&n[0], EXIT_timeout, 1);
		node_exit(&n[0], EXIT_full, 2);	     /* another queue's */
		node_exit(&n[0], EXIT_no_agents, 3); /* no callback */
		world_flow(&w, 1, n, 4);
		EXPECT(world_start(&w) == ERR_OK);
		EXPECT_STR(world_asked(&w), rows[i].asked);
		if (i == 0) {
			world_dequeue(&w, RESULT_callback, EXIT_timeout);
			EXPECT_STR(world_told(&w), "step back; step end");
			EXPECT_STR(world_asked(&w),
				   "callback support +48600100200; play welcome pl");
		}
		world_end(&w);
	}
}
