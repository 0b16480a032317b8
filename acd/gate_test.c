/* gate_test.c - queues that are closed for now: who comes, who waits, when they open. */
#include "acd/world_test.h"
#include "tests/test.h"

static enum err close_to(struct world *w, const char *queue, const char *to, int64_t until_ms)
{
	return SEND(&w->core, queue_gate_set, .queue = queue_id(w, queue), .closed = true,
		    .to = str_of(to), .until_at = until_ms ? w->core.utc_ms + until_ms : 0,
		    .by = STR("olga"));
}

static enum err open_again(struct world *w, const char *queue)
{
	return SEND(&w->core, queue_gate_set, .queue = queue_id(w, queue), .by = STR("olga"));
}

/* Who comes stays where nobody works. */
static uint32_t comes(struct world *w, const char *queue)
{
	const uint32_t c = arrive(w);
	EXPECT(join_with(w, c, queue, 0, BIT(EXIT_closed)) == ERR_OK);
	return c;
}

static void house(struct world *w)
{
	world_begin(w);
	world_queue(w, "support", plain_queue());
	world_queue(w, "late", plain_queue());
	world_queue(w, "night", plain_queue());
	world_hush(w);
}

TEST(a_closed_queue_takes_nobody_new_and_keeps_who_waits)
{
	struct world w;
	house(&w);
	uint32_t c1 = comes(&w, "support");
	EXPECT(close_to(&w, "support", "", 0) == ERR_OK);
	comes(&w, "support");
	EXPECT_SAID(&w, "enqueue c1 support; closed support [] olga; enqueue c2 support; "
			"dequeue c2 rejected closed 0");
	/* its flow says only what to do where nobody is: that is done */
	uint32_t c3 = arrive(&w);
	EXPECT(join_with(&w, c3, "support", 0, BIT(EXIT_no_agents)) == ERR_OK);
	EXPECT_SAID(&w, "enqueue c3 support; dequeue c3 flow_out no_agents 0");
	world_agent(&w, "anna", "support"); /* who waits is served */
	EXPECT_SAID(&w, "offer c1 anna");
	EXPECT(accept_offer(&w, c1, "anna") == ERR_OK);
	world_hush(&w);
	EXPECT(open_again(&w, "support") == ERR_OK);
	EXPECT(open_again(&w, "support") == ERR_OK); /* no mistake */
	comes(&w, "support");
	EXPECT_SAID(&w, "open support olga; enqueue c4 support");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(new_callers_go_to_another_queue_with_their_priority)
{
	struct world w;
	house(&w);
	comes(&w, "late");
	EXPECT(close_to(&w, "support", "late", 0) == ERR_OK);
	EXPECT(close_to(&w, "late", "support", 0) == ERR_INVALID); /* round and round */
	EXPECT(close_to(&w, "late", "late", 0) == ERR_INVALID);
	EXPECT(close_to(&w, "late", "nowhere", 0) == ERR_INVALID);
	uint32_t c2 = arrive(&w);
	EXPECT(join_with(&w, c2, "support", 9, BIT(EXIT_closed)) == ERR_OK);
	EXPECT_SAID(&w,
		    "enqueue c1 late; closed support [late] olga; enqueue c2 support; dequeue c2 "
		    "transferred 0; enqueue c2 late; transfer c2 late olga");
	EXPECT_LAWFUL(&w);
	EXPECT(close_to(&w, "late", "night", 0) == ERR_OK); /* a chain */
	comes(&w, "support");
	EXPECT_SAID(&w, "closed late [night] olga; enqueue c3 support; dequeue c3 transferred 0; "
			"enqueue c3 night; transfer c3 night olga");
	world_agent(&w, "anna", "late");
	EXPECT_SAID(&w, "offer c2 anna");    /* nine minutes ahead of who came before him */
	world_drop(&w, KIND_queue, "night"); /* then it ends there: where his flow says */
	world_hush(&w);
	comes(&w, "support");
	EXPECT_SAID(&w,
		    "enqueue c4 support; dequeue c4 transferred 0; enqueue c4 late; transfer c4 "
		    "late olga");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(a_closed_queue_opens_at_its_time_also_after_a_restart)
{
	struct world w;
	house(&w);
	EXPECT(close_to(&w, "support", "late", 60000) == ERR_OK);
	EXPECT(close_to(&w, "night", "", -1) == ERR_INVALID); /* past */
	world_pass(&w, 30000);
	world_restart(&w);
	world_hush(&w);
	comes(&w, "support");
	EXPECT_SAID(&w,
		    "enqueue c1 support; dequeue c1 transferred 0; enqueue c1 late; transfer c1 "
		    "late olga");
	world_pass(&w, 29000);
	EXPECT_SAID(&w, "");
	world_pass(&w, 2000);
	EXPECT_SAID(&w, "open support system");
	world_restart(&w);
	world_hush(&w);
	comes(&w, "support");
	EXPECT_SAID(&w, "enqueue c2 support");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

/* behaviours.md A-6: his offer is not lost, and he is before those who came earlier. */
TEST(whose_agent_is_lost_while_it_rings_stands_before_all_others)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", plain_queue());
	world_agent(&w, "anna", "support");
	uint32_t c1 = arrive(&w), c2 = arrive(&w);
	EXPECT(join_with(&w, c1, "support", 0, 0) == ERR_OK);  /* rings at anna */
	EXPECT(join_with(&w, c2, "support", 30, 0) == ERR_OK); /* would be first */
	world_hush(&w);
	EXPECT(presence(&w, "anna", PRESENCE_signed_out, "") == ERR_OK);
	EXPECT(fail_offer(&w, c1, "anna", OFFER_agent_lost) == ERR_OK);
	world_agent(&w, "boris", "support");
	EXPECT_SAID(&w, "offer_end c1 anna agent_lost; offer c1 boris");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}
