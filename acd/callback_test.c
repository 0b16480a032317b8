/* callback_test.c - who is to be called back is counted once, as callback (behaviours.md T-3). */
#include "acd/world_test.h"
#include "tests/test.h"

static const struct str support_only[] = {{"support", 7}};

static void on_break(struct world *w, const char *name)
{
	world_user(w, name, plain_user(support_only, 1));
	EXPECT(presence(w, name, PRESENCE_not_ready, "lunch") == ERR_OK);
}

static enum err join_for_callback(struct world *w, uint32_t c, uint32_t exits, uint32_t callbacks)
{
	return SEND(&w->core, queue_join, .contact = w->contacts[c],
		    .queue = queue_id(w, "support"), .exits = exits, .callbacks = callbacks);
}

TEST(an_exit_that_leads_to_a_callback_is_counted_as_one)
{
	struct world w;
	world_begin(&w);
	struct queue_config conf = plain_queue();
	conf.max_wait_ms = 30000;
	conf.max_waiting = 1;
	world_queue(&w, "support", conf);
	on_break(&w, "anna");
	const uint32_t both = BIT(EXIT_timeout) | BIT(EXIT_full);
	uint32_t c1 = arrive(&w), c2 = arrive(&w), c3 = arrive(&w);
	EXPECT(join_for_callback(&w, c1, both, BIT(EXIT_timeout)) == ERR_OK);
	EXPECT(join_for_callback(&w, c2, both, BIT(EXIT_full)) == ERR_OK);
	EXPECT_SAID(&w, "enqueue c1 support; enqueue c2 support; dequeue c2 callback full 0");
	EXPECT(join_for_callback(&w, c3, both, BIT(EXIT_timeout)) == ERR_OK);
	EXPECT_SAID(&w, "enqueue c3 support; dequeue c3 rejected full 0"); /* not that exit */
	world_pass(&w, 30000);
	EXPECT_SAID(&w, "dequeue c1 callback timeout 30000");
	EXPECT(take_callback(&w, c1, "support", "+48111") == ERR_OK);
	EXPECT(take_callback(&w, c2, "support", "+48222") == ERR_OK);
	EXPECT_SAID(&w, "callback_wanted c1 support +48111; callback_wanted c2 support +48222");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(who_did_not_wait_here_is_offered_and_taken_at_once)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", plain_queue());
	world_queue(&w, "sales", plain_queue());
	uint32_t c = arrive(&w);
	EXPECT(take_callback(&w, c, "support", "+48111") == ERR_OK);
	EXPECT_SAID(&w, "enqueue c1 support; dequeue c1 callback 0; "
			"callback_wanted c1 support +48111");
	/* left one queue as callback, but wants it of another */
	struct queue_config conf = plain_queue();
	conf.max_wait_ms = 1000;
	world_queue(&w, "support", conf);
	on_break(&w, "anna");
	EXPECT(join_for_callback(&w, c, BIT(EXIT_timeout), BIT(EXIT_timeout)) == ERR_OK);
	world_pass(&w, 1000);
	world_hush(&w);
	EXPECT(take_callback(&w, c, "sales", "+48111") == ERR_OK);
	EXPECT_SAID(&w, "enqueue c1 sales; dequeue c1 callback 0; "
			"callback_wanted c1 sales +48111");
	/* the visit of before is used up: asked once more is one more */
	EXPECT(take_callback(&w, c, "support", "+48111") == ERR_OK);
	EXPECT_SAID(&w, "enqueue c1 support; dequeue c1 callback 0; "
			"callback_wanted c1 support +48111");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(a_callback_is_refused_where_it_cannot_be)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", plain_queue());
	world_agent(&w, "anna", "support");
	uint32_t c = arrive(&w);
	EXPECT(take_callback(&w, c, "nowhere", "+48111") == ERR_NOT_FOUND);
	EXPECT(join_with(&w, c, "support", 0, 0) == ERR_OK);
	EXPECT(take_callback(&w, c, "support", "+48111") == ERR_CONFLICT); /* it rings for him */
	EXPECT(accept_offer(&w, c, "anna") == ERR_OK);
	EXPECT(take_callback(&w, c, "support", "+48111") == ERR_CONFLICT);
	acd_starve(w.acd, 1, 0);
	EXPECT(take_callback(&w, arrive(&w), "support", "+48111") == ERR_FULL);
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(a_restart_between_leaving_and_taking_counts_nothing_twice)
{
	struct world w;
	world_begin(&w);
	struct queue_config conf = plain_queue();
	conf.max_wait_ms = 10000;
	world_queue(&w, "support", conf);
	on_break(&w, "anna");
	uint32_t c = arrive(&w);
	EXPECT(join_for_callback(&w, c, BIT(EXIT_timeout), BIT(EXIT_timeout)) == ERR_OK);
	world_restart(&w);
	world_hush(&w);
	world_pass(&w, 10000);
	EXPECT_SAID(&w, "dequeue c1 callback timeout 10000");
	world_restart(&w);
	EXPECT(take_callback(&w, c, "support", "+48111") == ERR_OK);
	EXPECT_SAID(&w, "callback_wanted c1 support +48111");
	world_end(&w);
}
