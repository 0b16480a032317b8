/* tier_test.c - tiers, places in a queue, weights, preferred agents, pairs kept apart.
 */
#include "acd/world_test.h"
#include "tests/test.h"

static const struct str support[] = {{"support", 7}};
static const struct user_place tiers[] = {
	{{"support", 7}, 1, 1, 30}, {{"support", 7}, 2, 1, 20}, {{"support", 7}, 5, 8, 10}};

static void staff(struct world *w, const char *name, const struct user_place *place)
{
	struct user_config u = plain_user(support, 1);
	u.places = place;
	u.place_count = place ? 1 : 0;
	world_user(w, name, u);
}

static void in_tier(struct world *w, const char *name, int tier)
{
	staff(w, name, &tiers[tier]);
	EXPECT(presence(w, name, PRESENCE_ready, "") == ERR_OK);
}

static struct queue_config tiered(bool alone, bool skip)
{
	struct queue_config conf = plain_queue();
	conf.tier_ms = 20000;
	conf.tier_alone = alone;
	conf.tier_skip = skip;
	return conf;
}

/* FreeSWITCH tier rules: level 1 for w seconds, then 1 and 2. */
TEST(the_next_tier_joins_after_its_time)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", tiered(false, false));
	in_tier(&w, "anna", 0);
	in_tier(&w, "boris", 1);
	in_tier(&w, "clara", 2); /* tier 5 is the third: 3 and 4 are nobody's */
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "lunch") == ERR_OK);
	world_hush(&w);
	uint32_t c = call(&w, "support");
	EXPECT_SAID(&w, "enqueue c1 support");
	world_pass(&w, 19999);
	EXPECT_SAID(&w, "");
	world_pass(&w, 1);
	EXPECT_SAID(&w, "offer c1 boris");
	EXPECT(fail_offer(&w, c, "boris", OFFER_rejected) == ERR_OK);
	world_pass(&w, 19999);
	EXPECT_SAID(&w, "offer_end c1 boris rejected");
	world_pass(&w, 1);
	EXPECT_SAID(&w, "offer c1 clara");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(each_tier_alone)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", tiered(true, false));
	in_tier(&w, "anna", 0);
	in_tier(&w, "boris", 1);
	uint32_t c = call(&w, "support");
	EXPECT_SAID(&w, "enqueue c1 support; offer c1 anna");
	EXPECT(fail_offer(&w, c, "anna", OFFER_busy) == ERR_OK); /* free again after 10 s */
	world_pass(&w, 5000);
	EXPECT(presence(&w, "boris", PRESENCE_not_ready, "lunch") == ERR_OK);
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "lunch") == ERR_OK);
	world_pass(&w, 15000);
	world_hush(&w);
	EXPECT(presence(&w, "anna", PRESENCE_ready, "") == ERR_OK); /* her time is over */
	EXPECT_SAID(&w, "");
	EXPECT(presence(&w, "boris", PRESENCE_ready, "") == ERR_OK);
	EXPECT_SAID(&w, "offer c1 boris");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(a_tier_that_is_not_signed_in_is_skipped)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", tiered(false, true));
	in_tier(&w, "anna", 0);
	in_tier(&w, "boris", 1);
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "lunch") == ERR_OK);
	world_hush(&w);
	call(&w, "support");
	EXPECT_SAID(&w, "enqueue c1 support"); /* on a break is signed in: waits for her tier */
	EXPECT(presence(&w, "anna", PRESENCE_signed_out, "") == ERR_OK);
	EXPECT_SAID(&w, "offer c1 boris"); /* at once */
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(tiers_go_on_after_a_restart)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", tiered(false, false));
	in_tier(&w, "anna", 0);
	in_tier(&w, "boris", 1);
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "lunch") == ERR_OK);
	call(&w, "support");
	world_pass(&w, 12000);
	world_restart(&w);
	EXPECT_LAWFUL(&w);
	world_hush(&w);
	world_pass(&w, 8000);
	EXPECT_SAID(&w, "offer c1 boris");
	world_end(&w);
}

/* Q-4 top-down "in fixed order", Asterisk rrordered "keeps configured order". */
TEST(top_down_and_round_robin_keep_the_declared_positions)
{
	struct world w;
	world_begin(&w);
	struct queue_config conf = plain_queue();
	conf.strategy = STRATEGY_top_down;
	world_queue(&w, "support", conf);
	in_tier(&w, "anna", 0);	 /* position 30 */
	in_tier(&w, "boris", 1); /* 20 */
	in_tier(&w, "clara", 2); /* 10 */
	world_hush(&w);
	for (uint32_t c = 1; c <= 3; c++)
		call(&w, "support");
	EXPECT_SAID(&w, "enqueue c1 support; offer c1 clara; enqueue c2 support; offer c2 boris; "
			"enqueue c3 support; offer c3 anna");
	for (uint32_t c = 1; c <= 3; c++)
		customer_hangs_up(&w, c);
	conf.strategy = STRATEGY_round_robin;
	world_queue(&w, "support", conf); /* anna was the last: around the corner */
	world_hush(&w);
	uint32_t c = call(&w, "support");
	EXPECT_SAID(&w, "enqueue c4 support; offer c4 clara");
	customer_hangs_up(&w, c);
	world_restart(&w);
	world_hush(&w);
	call(&w, "support");
	EXPECT_SAID(&w, "enqueue c5 support; offer c5 boris");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(weighted_random_goes_by_the_weights)
{
	struct world w;
	world_begin(&w);
	struct queue_config conf = plain_queue();
	conf.strategy = STRATEGY_weighted_random;
	world_queue(&w, "support", conf);
	in_tier(&w, "anna", 0);
	in_tier(&w, "clara", 2); /* weight 8 against 1 */
	uint32_t clara = 0, all = 900;
	for (uint32_t i = 0; i < all; i++) {
		world_hush(&w);
		uint32_t c = call(&w, "support");
		world_deliver(&w);
		clara += str_ends(buf_str(&w.log), STR("clara"));
		customer_hangs_up(&w, c);
	}
	EXPECT(clara > all * 8 / 9 - 45 && clara < all * 8 / 9 + 45); /* over 4 sigma */
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

/* -- preferred agents -- */

static enum err join_wishing(struct world *w, uint32_t c, const struct wish *wishes, uint32_t count)
{
	return SEND(&w->core, queue_join, .contact = w->contacts[c],
		    .queue = queue_id(w, "support"), .wishes = wishes, .wish_count = count,
		    .wish_ms = 30000);
}

TEST(preferred_agents_are_waited_for_the_higher_score_first)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", plain_queue());
	world_agent(&w, "dora", "support");
	world_pass(&w, 1000);
	world_agent(&w, "anna", "support");
	world_pass(&w, 1000);
	world_agent(&w, "boris", "support");
	world_hush(&w);
	const struct wish wishes[] = {{agent_id(&w, "anna"), 50}, {agent_id(&w, "boris"), 90}};
	uint32_t c = arrive(&w);
	EXPECT(join_wishing(&w, c, wishes, 2) == ERR_OK);
	EXPECT_SAID(&w, "enqueue c1 support; offer c1 boris"); /* idle for the shortest time */
	EXPECT(fail_offer(&w, c, "boris", OFFER_rejected) == ERR_OK);
	EXPECT_SAID(&w, "offer_end c1 boris rejected; offer c1 anna");
	EXPECT(fail_offer(&w, c, "anna", OFFER_rejected) == ERR_OK);
	EXPECT_SAID(&w, "offer_end c1 anna rejected; offer c1 dora"); /* all had their chance */
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(preferred_agents_are_waited_for_while_they_are_there_and_it_is_time)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", plain_queue());
	world_agent(&w, "anna", "support");
	world_agent(&w, "boris", "support");
	world_agent(&w, "dora", "support");
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "lunch") == ERR_OK);
	EXPECT(presence(&w, "boris", PRESENCE_not_ready, "lunch") == ERR_OK);
	struct wish wishes[] = {{agent_id(&w, "anna"), 0}, {agent_id(&w, "boris"), 0}};
	world_hush(&w);
	EXPECT(join_wishing(&w, arrive(&w), wishes, 2) == ERR_OK);
	EXPECT_SAID(&w, "enqueue c1 support");
	world_restart(&w);
	wishes[0].agent = agent_id(&w, "anna"); /* objects have other ids in each life */
	wishes[1].agent = agent_id(&w, "boris");
	EXPECT_LAWFUL(&w);
	EXPECT(presence(&w, "anna", PRESENCE_signed_out, "") == ERR_OK);
	EXPECT_SAID(&w, ""); /* boris is still there */
	world_pass(&w, 1);
	EXPECT(join_wishing(&w, arrive(&w), wishes, 2) == ERR_OK);
	world_pass(&w, 29998);
	EXPECT_SAID(&w, "enqueue c2 support");
	world_pass(&w, 1);
	EXPECT_SAID(&w, "offer c1 dora");
	uint32_t c = arrive(&w);
	EXPECT(accept_offer(&w, 1, "dora") == ERR_OK);
	customer_hangs_up(&w, 2);
	customer_hangs_up(&w, 1);
	EXPECT(join_wishing(&w, c, wishes, 2) == ERR_OK);
	world_hush(&w);
	EXPECT(presence(&w, "boris", PRESENCE_signed_out, "") == ERR_OK); /* the last of them */
	EXPECT_SAID(&w, "offer c3 dora");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

/* -- do not pair -- */

TEST(a_pair_that_must_not_meet_does_not)
{
	static const struct str avoided[] = {{"+48600000001", 12}, {"+48600000002", 12}};
	struct world w;
	world_begin(&w);
	struct queue_config conf = plain_queue();
	conf.sticky_ms = 60000;
	world_queue(&w, "support", conf);
	struct user_config u = plain_user(support, 1);
	world_user(&w, "anna", u);
	EXPECT(presence(&w, "anna", PRESENCE_ready, "") == ERR_OK);
	uint32_t c = arrive_from(&w, "+48600000002");
	EXPECT(join_with(&w, c, "support", 0, 0) == ERR_OK);
	EXPECT(accept_offer(&w, c, "anna") == ERR_OK); /* she knows him */
	customer_hangs_up(&w, c);
	u.do_not_pair = avoided;
	u.do_not_pair_count = 2;
	world_user(&w, "anna", u);
	world_hush(&w);
	c = arrive_from(&w, "+48600000002");
	EXPECT(join_with(&w, c, "support", 0, 0) == ERR_OK);
	EXPECT_SAID(&w, "enqueue c2 support"); /* waits for anybody else, not for her */
	EXPECT_LAWFUL(&w);
	world_agent(&w, "boris", "support");
	EXPECT_SAID(&w, "offer c2 boris");
	EXPECT(str_find_str(str_of(w.why), STR("\"do_not_pair\":1")) >= 0);
	world_end(&w);
}

/* Q-8 (a), Asterisk #1561: a heavier queue whose caller the agent's penalty keeps from him held up
 * the lighter queue too. Here class is the weight and a tier the penalty. */
TEST(a_heavier_queue_that_may_not_have_him_yet_does_not_hold_up_a_lighter_one)
{
	static const struct str both[] = {{"support", 7}, {"sales", 5}};
	struct world w;
	world_begin(&w);
	struct queue_config heavy = tiered(false, false);
	heavy.class_rank = 5;
	world_queue(&w, "support", heavy);
	world_queue(&w, "sales", plain_queue());
	in_tier(&w, "anna", 0);
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "lunch") == ERR_OK);
	struct user_config u = plain_user(both, 2);
	u.places = &tiers[1];
	u.place_count = 1;
	world_user(&w, "boris", u);
	EXPECT(presence(&w, "boris", PRESENCE_ready, "") == ERR_OK);
	world_hush(&w);
	call(&w, "support");
	uint32_t light = call(&w, "sales");
	EXPECT_SAID(&w, "enqueue c1 support; enqueue c2 sales; offer c2 boris");
	EXPECT_LAWFUL(&w);
	EXPECT(accept_offer(&w, light, "boris") == ERR_OK);
	world_pass(&w, 20000); /* now he may: and the heavier one goes first */
	call(&w, "sales");
	world_hush(&w);
	customer_hangs_up(&w, light);
	EXPECT_SAID(&w, "agent_end c2 boris customer 20000 0; offer c1 boris");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}
