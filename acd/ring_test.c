/* ring_test.c - one contact rings at several agents (behaviours.md Q-4: ring all, progressively).
 */
#include "acd/world_test.h"
#include "tests/test.h"

static void begin(struct world *w, enum strategy strategy)
{
	struct queue_config conf = plain_queue();
	conf.strategy = strategy;
	world_begin(w);
	world_queue(w, "support", conf);
}

/* Signed in one second apart: the first idles for the longest time. */
static void staffed(struct world *w, enum strategy strategy)
{
	begin(w, strategy);
	world_agent(w, "anna", "support");
	world_pass(w, 1000);
	world_agent(w, "boris", "support");
	world_pass(w, 1000);
	world_agent(w, "clara", "support");
	world_pass(w, 1000);
	world_hush(w);
}

TEST(ring_all_rings_at_everybody_and_the_first_answer_wins)
{
	struct world w;
	staffed(&w, STRATEGY_ring_all);
	call(&w, "support");
	EXPECT_SAID(&w, "enqueue c1 support; offer c1 anna; offer c1 boris; offer c1 clara");
	EXPECT_LAWFUL(&w);
	world_pass(&w, 4000);
	EXPECT(accept_offer(&w, 1, "boris") == ERR_OK);
	EXPECT_SAID(&w, "offer_end c1 anna answered_elsewhere; "
			"offer_end c1 clara answered_elsewhere; offer_end c1 boris accepted; "
			"dequeue c1 answered 4000; answer c1 boris 4000");
	EXPECT(work_of(&w, "anna") == WORK_idle && work_of(&w, "clara") == WORK_idle);
	EXPECT(work_of(&w, "boris") == WORK_talking);
	EXPECT(accept_offer(&w, 1, "anna") == ERR_CONFLICT); /* a moment too late */
	EXPECT(fail_offer(&w, 1, "clara", OFFER_rejected) == ERR_CONFLICT);
	EXPECT_LAWFUL(&w);
	world_pass(&w, 60000);
	EXPECT_SAID(&w, ""); /* no offer of anna or clara is left that could time out */
	call(&w, "support"); /* and they are free for the next one at once */
	EXPECT_SAID(&w, "enqueue c2 support; offer c2 anna; offer c2 clara");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(answered_elsewhere_is_no_miss)
{
	struct world w;
	staffed(&w, STRATEGY_ring_all);
	for (uint32_t i = 1; i <= 3; i++) { /* misses_max is 1: one miss would stop anna */
		call(&w, "support");
		EXPECT(accept_offer(&w, i, "boris") == ERR_OK);
		EXPECT(work_of(&w, "anna") == WORK_idle);
		EXPECT(agent_hangs_up(&w, i, "boris") == ERR_OK);
		ends(&w, i, PARTY_agent);
	}
	world_hush(&w);
	uint32_t c = call(&w, "support"); /* nor is anybody excluded */
	EXPECT_SAID(&w, "enqueue c4 support; offer c4 anna; offer c4 clara; offer c4 boris");
	customer_hangs_up(&w, c);
	world_end(&w);
}

TEST(with_ring_all_everybody_fails_for_himself)
{
	struct world w;
	staffed(&w, STRATEGY_ring_all);
	call(&w, "support");
	world_pass(&w, 5000);
	world_agent(&w, "dora", "support"); /* comes late, rings for her own 15 s */
	world_hush(&w);
	EXPECT(fail_offer(&w, 1, "anna", OFFER_rejected) == ERR_OK);
	EXPECT(fail_offer(&w, 1, "boris", OFFER_busy) == ERR_OK);
	EXPECT_SAID(&w, "offer_end c1 anna rejected; offer_end c1 boris busy");
	EXPECT(work_of(&w, "anna") == WORK_idle && work_of(&w, "boris") == WORK_idle);
	world_pass(&w, 10000); /* boris' 10 s end as well: he is rung again */
	EXPECT_SAID(&w, "offer c1 boris; offer_end c1 clara no_answer");
	EXPECT(work_of(&w, "clara") == WORK_no_answer);
	EXPECT(work_of(&w, "dora") == WORK_offered);
	world_pass(&w, 5000);
	EXPECT_SAID(&w, "offer_end c1 dora no_answer");
	EXPECT(work_of(&w, "dora") == WORK_no_answer);
	world_pass(&w, 10000);
	EXPECT_SAID(&w, "offer_end c1 boris no_answer"); /* nobody rings: it waits again */
	world_pass(&w, 5000);				 /* 30 s after anna rejected it */
	EXPECT_SAID(&w, "offer c1 anna");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(a_caller_who_hangs_up_stops_all_phones)
{
	struct world w;
	staffed(&w, STRATEGY_ring_all);
	call(&w, "support");
	call(&w, "support"); /* waits: nobody is left */
	world_hush(&w);
	customer_hangs_up(&w, 1);
	EXPECT_SAID(&w, "offer_end c1 anna cancelled_by_caller; offer_end c1 boris "
			"cancelled_by_caller; offer_end c1 clara cancelled_by_caller; "
			"dequeue c1 abandoned 0; offer c2 anna; offer c2 boris; offer c2 clara");
	EXPECT_LAWFUL(&w);
	EXPECT(accept_offer(&w, 2, "clara") == ERR_OK);
	world_hush(&w);
	call(&w, "support");
	call(&w, "support");
	EXPECT_SAID(&w, "enqueue c3 support; offer c3 anna; offer c3 boris; enqueue c4 support");
	EXPECT(accept_offer(&w, 3, "anna") == ERR_OK); /* boris goes on to who waits */
	EXPECT_SAID(&w, "offer_end c3 boris answered_elsewhere; offer_end c3 anna accepted; "
			"dequeue c3 answered 0; answer c3 anna 0; offer c4 boris");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(who_is_free_serves_the_waiting_before_he_rings_along)
{
	struct world w;
	staffed(&w, STRATEGY_ring_all);
	EXPECT(presence(&w, "clara", PRESENCE_not_ready, "lunch") == ERR_OK);
	call(&w, "support");
	call(&w, "support");
	world_hush(&w);
	EXPECT(presence(&w, "clara", PRESENCE_ready, "") == ERR_OK);
	EXPECT_SAID(&w, "offer c2 clara");
	EXPECT_LAWFUL(&w);
	customer_hangs_up(&w, 2);
	EXPECT_SAID(&w, "offer_end c2 clara cancelled_by_caller; dequeue c2 abandoned 0; "
			"offer c1 clara");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(a_better_rank_elsewhere_keeps_his_agent)
{
	static const struct str both[] = {{"support", 7}, {"vip", 3}};
	struct world w;
	struct queue_config vip = plain_queue();
	begin(&w, STRATEGY_ring_all);
	vip.class_rank = 1;
	world_queue(&w, "vip", vip);
	world_user(&w, "anna", plain_user(both, 2));
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "lunch") == ERR_OK);
	world_agent(&w, "boris", "support");
	EXPECT(presence(&w, "boris", PRESENCE_not_ready, "lunch") == ERR_OK);
	call(&w, "support");
	call(&w, "vip");
	world_hush(&w);
	EXPECT(presence(&w, "anna", PRESENCE_ready, "") == ERR_OK);
	EXPECT(presence(&w, "boris", PRESENCE_ready, "") == ERR_OK);
	EXPECT_SAID(&w, "offer c2 anna; offer c1 boris");
	EXPECT(accept_offer(&w, 2, "anna") == ERR_OK);
	EXPECT(agent_hangs_up(&w, 2, "anna") == ERR_OK);
	world_hush(&w);
	EXPECT_LAWFUL(&w);
	EXPECT(acd_rings_at(w.acd, w.contacts[1], agent_id(&w, "anna")));
	EXPECT(acd_rings_at(w.acd, w.contacts[1], agent_id(&w, "boris")));
	world_end(&w);
}

TEST(many_freed_at_once_go_to_the_best_rank_they_may_serve)
{
	static const struct str both[] = {{"support", 7}, {"vip", 3}};
	struct world w;
	struct queue_config vip = plain_queue();
	begin(&w, STRATEGY_ring_all);
	vip.class_rank = 1;
	world_queue(&w, "vip", vip);
	world_agent(&w, "boris", "support");
	world_pass(&w, 1000);
	world_user(&w, "anna", plain_user(both, 2));
	EXPECT(presence(&w, "anna", PRESENCE_ready, "") == ERR_OK);
	world_agent(&w, "clara", "support");
	call(&w, "support");
	call(&w, "support");
	call(&w, "vip");
	world_hush(&w);
	EXPECT(accept_offer(&w, 1, "clara") == ERR_OK);
	EXPECT_SAID(&w, "offer_end c1 boris answered_elsewhere; "
			"offer_end c1 anna answered_elsewhere; offer_end c1 clara accepted; "
			"dequeue c1 answered 0; answer c1 clara 0; offer c2 boris; offer c3 anna");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

static const struct skill_term good = {
	.op = TERM_COMPARE, .skill = {"s", 1}, .compare = CMP_GE, .level = 5};
static const struct skill_step relaxing[] = {{.need = {"s", 1}, .terms = &good, .term_count = 1},
					     {.after_ms = 8000}};

TEST(a_relaxed_demand_rings_at_more)
{
	static const struct str queues[] = {{"support", 7}};
	static const struct user_skill skill[] = {{{"s", 1}, 7}};
	struct world w;
	struct queue_config conf = plain_queue();
	struct user_config able = plain_user(queues, 1);
	able.skills = skill;
	able.skill_count = 1;
	conf.strategy = STRATEGY_ring_all;
	conf.steps = relaxing;
	conf.step_count = 2;
	world_begin(&w);
	world_queue(&w, "support", conf);
	world_user(&w, "anna", able);
	EXPECT(presence(&w, "anna", PRESENCE_ready, "") == ERR_OK);
	world_agent(&w, "boris", "support");
	world_hush(&w);
	call(&w, "support");
	EXPECT_SAID(&w, "enqueue c1 support; offer c1 anna");
	world_pass(&w, 7999);
	EXPECT_SAID(&w, "");
	world_pass(&w, 1);
	EXPECT_SAID(&w, "offer c1 boris");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(ring_progressive_adds_one_each_10_s)
{
	struct world w;
	struct queue_config conf = plain_queue();
	staffed(&w, STRATEGY_ring_progressive);
	conf.strategy = STRATEGY_ring_progressive;
	conf.ring_ms = 25000;
	world_queue(&w, "support", conf);
	call(&w, "support");
	EXPECT_SAID(&w, "enqueue c1 support; offer c1 anna");
	world_pass(&w, 9999);
	EXPECT_SAID(&w, "");
	world_pass(&w, 1);
	EXPECT_SAID(&w, "offer c1 boris");
	EXPECT_LAWFUL(&w);
	world_pass(&w, 10000);
	EXPECT_SAID(&w, "offer c1 clara");
	world_pass(&w, 4999);
	EXPECT_SAID(&w, "");
	world_pass(&w, 1); /* anna's own 25 s */
	EXPECT_SAID(&w, "offer_end c1 anna no_answer");
	EXPECT(work_of(&w, "anna") == WORK_no_answer);
	EXPECT(accept_offer(&w, 1, "clara") == ERR_OK);
	EXPECT_SAID(&w, "offer_end c1 boris answered_elsewhere; offer_end c1 clara accepted; "
			"dequeue c1 answered 25000; answer c1 clara 25000");
	EXPECT(work_of(&w, "boris") == WORK_idle);
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(ring_progressive_takes_the_next_free_one_when_one_is_due)
{
	struct world w;
	struct queue_config conf = plain_queue();
	conf.strategy = STRATEGY_ring_progressive;
	conf.ring_ms = 40000;
	world_begin(&w);
	world_queue(&w, "support", conf);
	world_agent(&w, "anna", "support");
	call(&w, "support");
	world_pass(&w, 4000);
	world_agent(&w, "boris", "support"); /* free too early */
	world_hush(&w);
	EXPECT(presence(&w, "boris", PRESENCE_not_ready, "lunch") == ERR_OK);
	world_pass(&w, 9000); /* due, but nobody is there */
	EXPECT_SAID(&w, "");
	EXPECT(presence(&w, "boris", PRESENCE_ready, "") == ERR_OK);
	EXPECT_SAID(&w, "offer c1 boris");
	world_agent(&w, "clara", "support"); /* the next step begins with the last ring */
	world_pass(&w, 9999);
	EXPECT_SAID(&w, "");
	world_pass(&w, 1);
	EXPECT_SAID(&w, "offer c1 clara");
	EXPECT_LAWFUL(&w);
	EXPECT(fail_offer(&w, 1, "clara", OFFER_rejected) == ERR_OK);
	EXPECT(fail_offer(&w, 1, "boris", OFFER_rejected) == ERR_OK);
	EXPECT(fail_offer(&w, 1, "anna", OFFER_rejected) == ERR_OK);
	EXPECT_SAID(&w, "offer_end c1 clara rejected; offer_end c1 boris rejected; "
			"offer_end c1 anna rejected");
	world_agent(&w, "dora", "support"); /* nobody rings: no step is waited for */
	EXPECT_SAID(&w, "offer c1 dora");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(after_the_longest_wait_nobody_is_added)
{
	struct world w;
	struct queue_config conf = plain_queue();
	conf.strategy = STRATEGY_ring_all;
	conf.max_wait_ms = 20000;
	world_begin(&w);
	world_queue(&w, "support", conf);
	world_agent(&w, "anna", "support");
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "lunch") == ERR_OK);
	call(&w, "support");
	world_pass(&w, 18000);
	EXPECT(presence(&w, "anna", PRESENCE_ready, "") == ERR_OK);
	world_pass(&w, 4000);
	world_hush(&w);
	world_agent(&w, "boris", "support");
	EXPECT_SAID(&w, "");
	world_pass(&w, 11000); /* what rings is finished first */
	EXPECT_SAID(&w, "offer_end c1 anna no_answer; dequeue c1 flow_out timeout 33000");
	EXPECT(work_of(&w, "boris") == WORK_idle);
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(who_leaves_takes_only_his_own_ring_with_him)
{
	struct world w;
	staffed(&w, STRATEGY_ring_all);
	call(&w, "support");
	world_hush(&w);
	world_drop(&w, KIND_user, "anna");
	EXPECT_SAID(&w, "offer_end c1 anna agent_lost");
	EXPECT_LAWFUL(&w);
	world_drop(&w, KIND_queue, "support");
	EXPECT_SAID(&w, "offer_end c1 boris cancelled_by_caller; offer_end c1 clara "
			"cancelled_by_caller; dequeue c1 failed 0");
	EXPECT(work_of(&w, "boris") == WORK_idle && work_of(&w, "clara") == WORK_idle);
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(a_changed_strategy_counts_at_once)
{
	struct world w;
	struct queue_config conf = plain_queue();
	staffed(&w, STRATEGY_longest_idle);
	call(&w, "support");
	EXPECT_SAID(&w, "enqueue c1 support; offer c1 anna");
	conf.strategy = STRATEGY_ring_all;
	world_queue(&w, "support", conf);
	EXPECT_SAID(&w, "offer c1 boris; offer c1 clara");
	conf.strategy = STRATEGY_longest_idle;
	world_queue(&w, "support", conf); /* what rings goes on */
	EXPECT(fail_offer(&w, 1, "boris", OFFER_rejected) == ERR_OK);
	EXPECT_SAID(&w, "offer_end c1 boris rejected");
	EXPECT_LAWFUL(&w);
	EXPECT(accept_offer(&w, 1, "clara") == ERR_OK);
	EXPECT_SAID(&w, "offer_end c1 anna answered_elsewhere; offer_end c1 clara accepted; "
			"dequeue c1 answered 0; answer c1 clara 0");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(a_break_asked_for_while_it_rings_begins_when_another_answers)
{
	struct world w;
	staffed(&w, STRATEGY_ring_all);
	call(&w, "support");
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "lunch") == ERR_OK);
	EXPECT(presence_of(&w, "anna") == PRESENCE_ready);
	EXPECT(accept_offer(&w, 1, "boris") == ERR_OK);
	EXPECT(presence_of(&w, "anna") == PRESENCE_not_ready);
	EXPECT(work_of(&w, "anna") == WORK_idle);
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

/* As in image_test.c: restarts at `cut`; what is said afterwards must be the same. */
static struct str story(struct world *w, enum strategy strategy, int cut)
{
	int step = 0;
#define STEP(action)                                                                               \
	do {                                                                                       \
		action;                                                                            \
		world_deliver(w);                                                                  \
		if (step++ == cut)                                                                 \
			world_restart(w);                                                          \
		EXPECT_LAWFUL(w);                                                                  \
	} while (0)
	staffed(w, strategy);
	STEP(call(w, "support"));  /* c1 */
	STEP(world_pass(w, 6000)); /* all: at three; progressively: at anna */
	STEP(world_agent(w, "dora", "support"));
	STEP(world_pass(w, 5000)); /* progressively: at boris too */
	STEP(call(w, "support"));  /* c2 */
	STEP(world_pass(w, 4000)); /* the first ones did not answer */
	STEP(world_pass(w, 1000));
	STEP(presence(w, "anna", PRESENCE_ready, ""));
	STEP(world_pass(w, 2000));
	STEP(fail_offer(w, 1, "dora", OFFER_busy));
	STEP(world_pass(w, 1500));
	STEP(accept_offer(w, 2, "anna"));
	STEP(world_pass(w, 10000));
	STEP(presence(w, "boris", PRESENCE_ready, ""));
	STEP(presence(w, "clara", PRESENCE_ready, ""));
	STEP(world_pass(w, 13000));
	STEP(accept_offer(w, 1, "boris"));
	STEP(world_pass(w, 60000));
	STEP(customer_hangs_up(w, 1));
	STEP(customer_hangs_up(w, 2));
	STEP(call(w, "support"));
	STEP(world_pass(w, 12000));
	STEP(customer_hangs_up(w, 3));
	STEP(world_pass(w, 60000));
#undef STEP
	return buf_str(&w->log);
}

static void stories(enum strategy strategy)
{
	struct world plain, cut;
	struct str want = story(&plain, strategy, -1);
	EXPECT(want.n > 400);
	for (int at = 0; at < 24; at++) {
		struct str got = story(&cut, strategy, at);
		EXPECT(str_eq(got, want));
		if (!str_eq(got, want)) {
			test_say(want);
			test_say(got);
		}
		world_end(&cut);
	}
	world_end(&plain);
}

TEST(a_restart_while_all_ring_changes_nothing_that_is_said)
{
	stories(STRATEGY_ring_all);
}

TEST(a_restart_while_more_and_more_ring_changes_nothing_that_is_said)
{
	stories(STRATEGY_ring_progressive);
}
