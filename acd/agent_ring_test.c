/* agent_ring_test.c - one named agent, without a queue: as a transfer to an agent asks. */
#include "acd/world_test.h"
#include "tests/test.h"

TEST(a_named_agent_is_rung_and_talks_as_in_any_contact)
{
	struct world w;
	world_begin(&w);
	w.listens |= BIT(EAR_work);
	struct queue_config conf = plain_queue();
	conf.wrap_ms = 30000;
	world_queue(&w, "support", conf);
	world_agent(&w, "anna", "support");
	world_hush(&w);
	uint32_t c = arrive(&w);
	EXPECT(ring_agent(&w, c, "anna") == ERR_OK);
	EXPECT_SAID(&w, "offer c1 anna; work anna offered");
	struct acd_contact k;
	EXPECT(acd_contact_get(w.acd, w.contacts[c], &k) == ERR_OK);
	EXPECT(k.state == CONTACT_offered && ID_EQ(k.agent, agent_id(&w, "anna")));
	EXPECT(ID_NONE(k.queue) && k.position == 0);
	EXPECT_LAWFUL(&w);
	world_pass(&w, 4000);
	EXPECT(accept_offer(&w, c, "anna") == ERR_OK);
	EXPECT_SAID(&w, "offer_end c1 anna accepted; answer c1 anna 4000; work anna talking");
	world_pass(&w, 5000);
	customer_hangs_up(&w, c); /* no queue, so nothing says how long to wrap up */
	EXPECT_SAID(&w, "agent_end c1 anna customer 5000 0; work anna idle");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(an_outcome_given_while_talking_is_kept_without_a_queue)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", plain_queue());
	world_agent(&w, "anna", "support");
	uint32_t c = arrive(&w);
	EXPECT(ring_agent(&w, c, "anna") == ERR_OK);
	EXPECT(accept_offer(&w, c, "anna") == ERR_OK);
	EXPECT(wrap(&w, c, "anna", "solved", "") == ERR_OK);
	world_hush(&w);
	EXPECT(agent_hangs_up(&w, c, "anna") == ERR_OK);
	EXPECT_SAID(&w, "agent_end c1 anna agent 0 0; wrap_start c1 anna; "
			"wrap_end c1 anna [solved||anna] 0");
	world_end(&w);
}

TEST(a_named_agent_who_does_not_come_is_told)
{
	static const struct {
		enum offer_result result;
		const char *said;
		enum work work;
	} ways[] = {
		{OFFER_rejected, "offer_end c1 anna rejected; ring_end c1 anna rejected",
		 WORK_idle},
		{OFFER_busy, "offer_end c1 anna busy; ring_end c1 anna busy", WORK_idle},
		{OFFER_unreachable, "offer_end c1 anna unreachable; ring_end c1 anna unreachable",
		 WORK_idle},
		{OFFER_no_answer, "offer_end c1 anna no_answer; ring_end c1 anna no_answer",
		 WORK_no_answer},
	};
	for (size_t i = 0; i < COUNT_OF(ways); i++) {
		struct world w;
		world_begin(&w);
		world_queue(&w, "support", plain_queue());
		world_agent(&w, "anna", "support");
		uint32_t c = arrive(&w);
		EXPECT(ring_agent(&w, c, "anna") == ERR_OK);
		world_hush(&w);
		if (ways[i].result == OFFER_no_answer)
			world_pass(&w, 20000);
		else
			EXPECT(fail_offer(&w, c, "anna", ways[i].result) == ERR_OK);
		EXPECT_SAID(&w, ways[i].said);
		EXPECT(work_of(&w, "anna") == ways[i].work);
		EXPECT_LAWFUL(&w);
		EXPECT(join_with(&w, c, "support", 0, 0) == ERR_OK); /* goes on elsewhere */
		EXPECT_SAID(&w, "enqueue c1 support");
		EXPECT_LAWFUL(&w);
		world_end(&w);
	}
}

TEST(the_caller_hangs_up_while_the_named_agent_rings)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", plain_queue());
	world_agent(&w, "anna", "support");
	uint32_t c = arrive(&w);
	EXPECT(ring_agent(&w, c, "anna") == ERR_OK);
	world_hush(&w);
	customer_hangs_up(&w, c);
	EXPECT_SAID(&w, "offer_end c1 anna cancelled_by_caller; "
			"ring_end c1 anna cancelled_by_caller");
	EXPECT(work_of(&w, "anna") == WORK_idle);
	call(&w, "support"); /* free at once, no penalty */
	EXPECT_SAID(&w, "enqueue c2 support; offer c2 anna");
	world_end(&w);
}

TEST(only_who_is_free_is_rung)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", plain_queue());
	world_agent(&w, "anna", "support");
	uint32_t c = arrive(&w), d = arrive(&w);
	EXPECT(SEND(&w.core, agent_ring, .contact = w.contacts[c]) == ERR_NOT_FOUND);
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "lunch") == ERR_OK);
	EXPECT(ring_agent(&w, c, "anna") == ERR_CONFLICT);
	EXPECT(presence(&w, "anna", PRESENCE_ready, "") == ERR_OK);
	EXPECT(ring_agent(&w, c, "anna") == ERR_OK);
	EXPECT(ring_agent(&w, d, "anna") == ERR_CONFLICT); /* it rings already */
	EXPECT(join_with(&w, c, "support", 0, 0) == ERR_CONFLICT);
	EXPECT(accept_offer(&w, c, "anna") == ERR_OK);
	EXPECT(ring_agent(&w, c, "anna") == ERR_CONFLICT);
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(a_named_agent_rings_on_after_a_restart)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", plain_queue());
	world_agent(&w, "anna", "support");
	uint32_t c = arrive(&w);
	EXPECT(ring_agent(&w, c, "anna") == ERR_OK);
	world_pass(&w, 5000);
	world_restart(&w);
	EXPECT_LAWFUL(&w);
	EXPECT(acd_rings_at(w.acd, w.contacts[c], agent_id(&w, "anna")));
	world_hush(&w);
	world_pass(&w, 15000);
	EXPECT_SAID(&w, "offer_end c1 anna no_answer; ring_end c1 anna no_answer");
	EXPECT(presence(&w, "anna", PRESENCE_ready, "") == ERR_OK);
	EXPECT(ring_agent(&w, c, "anna") == ERR_OK);
	EXPECT(accept_offer(&w, c, "anna") == ERR_OK);
	world_restart(&w);
	world_hush(&w);
	world_pass(&w, 3000);
	customer_hangs_up(&w, c);
	EXPECT_SAID(&w, "agent_end c1 anna customer 3000 0");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(a_named_agent_who_is_deleted_while_it_rings_is_told)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", plain_queue());
	world_agent(&w, "anna", "support");
	uint32_t c = arrive(&w);
	EXPECT(ring_agent(&w, c, "anna") == ERR_OK);
	world_hush(&w);
	world_drop(&w, KIND_user, "anna");
	EXPECT_SAID(&w, "offer_end c1 anna agent_lost; ring_end c1 anna agent_lost");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

/* an attempt that failed leaves the presence held before, never Ready (amazon-connect-streams
 * #241); a change asked for meanwhile is not lost in the race of #613. */
TEST(an_attempt_that_failed_leaves_the_presence_that_was_chosen)
{
	static const enum offer_result ways[] = {OFFER_rejected, OFFER_busy, OFFER_unreachable};
	for (size_t i = 0; i < COUNT_OF(ways); i++) {
		struct world w;
		world_begin(&w);
		world_queue(&w, "support", plain_queue());
		world_agent(&w, "anna", "support");
		uint32_t c = arrive(&w);
		EXPECT(ring_agent(&w, c, "anna") == ERR_OK);
		EXPECT(presence(&w, "anna", PRESENCE_not_ready, "lunch") == ERR_OK);
		uint32_t waits = call(&w, "support");
		world_hush(&w);
		EXPECT(fail_offer(&w, c, "anna", ways[i]) == ERR_OK);
		world_deliver(&w);
		EXPECT(presence_of(&w, "anna") == PRESENCE_not_ready);
		EXPECT(!acd_rings_at(w.acd, w.contacts[waits], agent_id(&w, "anna")));
		EXPECT_LAWFUL(&w);
		world_end(&w);
	}
}
