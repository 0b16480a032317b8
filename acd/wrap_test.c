/* wrap_test.c - wrap-up made longer, ended by its time, by a supervisor; delays told apart.
 */
#include "acd/world_test.h"
#include "tests/test.h"

static enum err extend(struct world *w, uint32_t c, const char *agent)
{
	return SEND(&w->core, wrap_extend, .contact = w->contacts[c], .agent = agent_id(w, agent),
		    .by = STR("anna"));
}

static void wrapping(struct world *w, struct queue_config conf)
{
	world_begin(w);
	world_queue(w, "support", conf);
	world_agent(w, "anna", "support");
	uint32_t c = call(w, "support");
	EXPECT(accept_offer(w, c, "anna") == ERR_OK);
	customer_hangs_up(w, c);
	EXPECT(work_of(w, "anna") == WORK_wrapping);
	world_hush(w);
}

TEST(wrap_up_is_made_longer_as_often_as_allowed)
{
	struct world w;
	struct queue_config conf = plain_queue();
	conf.wrap_ms = 30000;
	conf.wrap_extend_ms = 20000;
	conf.wrap_extensions = 2;
	wrapping(&w, conf);
	world_pass(&w, 29000);
	EXPECT(extend(&w, 1, "anna") == ERR_OK);
	EXPECT_SAID(&w, "wrap_extended c1 anna by 20000 left 1");
	world_restart(&w); /* how often is remembered */
	world_hush(&w);
	EXPECT(extend(&w, 1, "anna") == ERR_OK);
	EXPECT_SAID(&w, "wrap_extended c1 anna by 20000 left 0");
	EXPECT(extend(&w, 1, "anna") == ERR_CONFLICT);
	EXPECT(extend(&w, 2, "anna") == ERR_CONFLICT);
	world_pass(&w, 40999);
	EXPECT(work_of(&w, "anna") == WORK_wrapping);
	world_pass(&w, 1);
	EXPECT_SAID(&w, "wrap_end c1 anna [||timer] 70000");
	EXPECT(extend(&w, 1, "anna") == ERR_CONFLICT);
	world_end(&w);
}

TEST(wrap_up_is_not_made_longer_unless_the_queue_says_so)
{
	struct world w;
	struct queue_config conf = plain_queue();
	conf.wrap_ms = 30000;
	wrapping(&w, conf);
	EXPECT(extend(&w, 1, "anna") == ERR_CONFLICT);
	world_end(&w);
}

TEST(its_time_over_the_declared_outcome_is_taken)
{
	struct world w;
	struct queue_config conf = plain_queue();
	conf.wrap_ms = 30000;
	conf.outcome_required = true; /* would wait for ever without the default */
	conf.wrap_outcome = STR("solved");
	wrapping(&w, conf);
	EXPECT(wrap(&w, 1, "anna", "", "a note") == ERR_INVALID); /* she has to choose herself */
	world_pass(&w, 30000);
	EXPECT_SAID(&w, "wrap_end c1 anna [solved||timer] 30000");
	world_end(&w);
	conf.wrap_ms = 0;
	world_begin(&w);
	world_queue(&w, "support", conf);
	world_agent(&w, "anna", "support");
	EXPECT(accept_offer(&w, call(&w, "support"), "anna") == ERR_OK);
	world_hush(&w);
	customer_hangs_up(&w, 1);
	EXPECT_SAID(&w, "agent_end c1 anna customer 0 0; wrap_start c1 anna; "
			"wrap_end c1 anna [solved||timer] 0");
	world_end(&w);
}

TEST(a_supervisor_ends_a_wrap_up)
{
	struct world w;
	struct queue_config conf = plain_queue();
	conf.wrap_ms = 30000;
	wrapping(&w, conf);
	world_pass(&w, 5000);
	EXPECT(SEND(&w.core, wrap_set, .contact = w.contacts[1], .agent = agent_id(&w, "anna"),
		    .by = STR("simon")) == ERR_OK);
	EXPECT_SAID(&w, "wrap_end c1 anna [||simon] 5000");
	world_end(&w);
}

/* freeswitch #152: one delay for all ways of not answering. A-3: each has its own. */
TEST(each_way_of_not_answering_has_its_own_delay)
{
	static const struct {
		enum offer_result result;
		int64_t after_ms;
		bool others; /* whether another contact rings there meanwhile */
	} table[] = {
		{OFFER_no_answer, 5000, true},
		{OFFER_rejected, 11000, true},
		{OFFER_busy, 17000, false},
		{OFFER_unreachable, 23000, false},
	};
	struct queue_config conf = plain_queue();
	conf.no_answer_delay_ms = 5000;
	conf.reject_delay_ms = 11000;
	conf.busy_delay_ms = 17000;
	conf.unreachable_delay_ms = 23000;
	conf.misses_max = 2;
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		struct world w;
		world_begin(&w);
		world_queue(&w, "support", conf);
		world_agent(&w, "anna", "support");
		uint32_t c = call(&w, "support");
		EXPECT(fail_offer(&w, c, "anna", table[i].result) == ERR_OK);
		world_hush(&w);
		world_pass(&w, table[i].after_ms - 1);
		EXPECT_SAID(&w, "");
		world_pass(&w, 1);
		EXPECT_SAID(&w, "offer c1 anna");
		EXPECT(fail_offer(&w, c, "anna", table[i].result) == ERR_OK);
		if (table[i].result == OFFER_no_answer) /* her second miss */
			EXPECT(presence(&w, "anna", PRESENCE_ready, "") == ERR_OK);
		world_hush(&w);
		uint32_t other = call(&w, "support");
		EXPECT(acd_rings_at(w.acd, w.contacts[other], agent_id(&w, "anna")) ==
		       table[i].others);
		EXPECT_LAWFUL(&w);
		world_end(&w);
	}
}
