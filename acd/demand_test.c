/* demand_test.c - contacts that come with skill steps of their own (behaviours.md Q-5). */
#include <stdio.h>

#include "acd/inside.h"
#include "acd/world_test.h"

#include "tests/test.h"

#define TERM(s, l)                                                                                 \
	{                                                                                          \
		.op = TERM_COMPARE, .skill = {s, sizeof s - 1}, .compare = CMP_GE, .level = l      \
	}

static const struct skill_term billing_1[] = {TERM("billing", 1)};
static const struct skill_term billing_3[] = {TERM("billing", 3)};
static const struct skill_term polish_50[] = {TERM("polish", 50)};
static const struct skill_step queues[] = {{0, {"billing >= 3", 12}, billing_3, 1}};
static const struct skill_step polish[] = {{0, {"polish >= 50", 12}, polish_50, 1},
					   {60000, {"billing >= 1", 12}, billing_1, 1}};
static const struct user_skill expert[] = {{{"billing", 7}, 5}};
static const struct user_skill novice[] = {{{"billing", 7}, 1}};
static const struct user_skill pole[] = {{{"polish", 6}, 80}};
static const struct str support[] = {{"support", 7}};

static void skilled(struct world *w, const char *name, const struct user_skill *skill)
{
	struct user_config u = plain_user(support, 1);
	u.skills = skill;
	u.skill_count = 1;
	world_user(w, name, u);
	EXPECT(presence(w, name, PRESENCE_ready, "") == ERR_OK);
}

static uint32_t call_for(struct world *w, const struct skill_step *steps, uint32_t count,
			 uint32_t priority_min)
{
	uint32_t c = arrive(w);
	EXPECT(SEND(&w->core, queue_join, .contact = w->contacts[c],
		    .queue = queue_id(w, "support"), .priority_min = priority_min,
		    .own_steps = true, .steps = steps, .step_count = count) == ERR_OK);
	return c;
}

static void begin(struct world *w)
{
	struct queue_config conf = plain_queue();
	world_begin(w);
	conf.steps = queues;
	conf.step_count = COUNT_OF(queues);
	world_queue(w, "support", conf);
}

static bool why_has(const struct world *w, const char *text)
{
	return str_find_str(str_of(w->why), str_of(text)) >= 0;
}

TEST(a_demand_of_its_own_replaces_that_of_the_queue)
{
	struct world w;
	begin(&w);
	skilled(&w, "expert", expert); /* idle for longer */
	world_pass(&w, 1000);
	skilled(&w, "pole", pole);
	world_hush(&w);
	call_for(&w, polish, 2, 0);
	EXPECT_SAID(&w, "enqueue c1 support; offer c1 pole");
	EXPECT(why_has(&w, "\"need\":\"polish >= 50\""));
	EXPECT(why_has(&w, "{\"agent\":\"pole\",\"refused\":null,\"idle_ms\":0,\"skill\":80}"));
	EXPECT(why_has(&w, "{\"agent\":\"expert\",\"refused\":\"skill\""));
	EXPECT_LAWFUL(&w);
	call(&w, "support"); /* one without its own: as the queue asks */
	EXPECT_SAID(&w, "enqueue c2 support; offer c2 expert");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(an_empty_demand_asks_for_no_skill)
{
	struct world w;
	begin(&w);
	skilled(&w, "novice", novice);
	call(&w, "support");
	world_hush(&w);
	call_for(&w, NULL, 0, 0);
	EXPECT_SAID(&w, "enqueue c2 support; offer c2 novice");
	EXPECT(!why_has(&w, "\"need\""));
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(a_demand_of_its_own_relaxes_with_time_also_over_a_restart)
{
	for (int restart = 0; restart < 2; restart++) {
		struct world w;
		begin(&w);
		skilled(&w, "novice", novice);
		uint32_t c = call_for(&w, polish, 2, 0);
		world_pass(&w, 30000);
		if (restart)
			world_restart(&w);
		EXPECT_LAWFUL(&w);
		world_hush(&w);
		world_pass(&w, 29999);
		EXPECT_SAID(&w, "");
		world_pass(&w, 1);
		EXPECT_SAID(&w, "offer c1 novice");
		EXPECT(why_has(&w, "\"need\":\"billing >= 1\""));
		EXPECT_LAWFUL(&w);
		if (restart)
			world_restart(&w); /* while it rings */
		EXPECT_LAWFUL(&w);
		EXPECT(fail_offer(&w, c, "novice", OFFER_rejected) == ERR_OK);
		EXPECT_LAWFUL(&w);
		world_end(&w);
	}
}

static enum err put_back(struct world *w, uint32_t c, const char *queue)
{
	return SEND(&w->core, queue_join, .contact = w->contacts[c], .queue = queue_id(w, queue),
		    .again = true);
}

TEST(a_contact_put_back_asks_for_what_its_flow_said_also_over_a_restart)
{
	for (int restart = 0; restart < 2; restart++) {
		struct world w;
		struct queue_config conf = plain_queue();
		begin(&w);
		world_queue(&w, "other", conf);
		skilled(&w, "pole", pole);
		uint32_t c = call_for(&w, polish, 2, 0);
		EXPECT(accept_offer(&w, c, "pole") == ERR_OK);
		EXPECT(presence(&w, "pole", PRESENCE_not_ready, "break") == ERR_OK);
		skilled(&w, "expert", expert); /* does what the queue asks, not what the flow did */
		if (restart)
			world_restart(&w);
		EXPECT(SEND(&w.core, talk_end, .contact = w.contacts[c],
			    .agent = agent_id(&w, "pole"), .by = PARTY_agent,
			    .goes_on = true) == ERR_OK);
		world_hush(&w);
		EXPECT(put_back(&w, c, "other") == ERR_OK); /* of another one nothing was said */
		EXPECT(SEND(&w.core, queue_leave, .contact = w.contacts[c],
			    .result = RESULT_transferred) == ERR_OK);
		if (restart)
			world_restart(&w);
		world_hush(&w);
		EXPECT(put_back(&w, c, "support") == ERR_OK);
		EXPECT_SAID(&w, "enqueue c1 support");
		EXPECT_LAWFUL(&w);
		EXPECT(presence(&w, "pole", PRESENCE_ready, "") == ERR_OK);
		EXPECT_SAID(&w, "offer c1 pole");
		EXPECT(why_has(&w, "\"need\":\"polish >= 50\""));
		EXPECT_LAWFUL(&w);
		world_end(&w);
	}
}

/* who ranks first and may not have him does not stand in the way, and loses no place. */
TEST(demands_of_their_own_keep_the_order_and_hold_nobody_up)
{
	struct world w;
	begin(&w);
	skilled(&w, "busy", expert);
	EXPECT(presence(&w, "busy", PRESENCE_not_ready, "lunch") == ERR_OK);
	skilled(&w, "pole", pole);
	EXPECT(presence(&w, "pole", PRESENCE_not_ready, "lunch") == ERR_OK);
	call_for(&w, polish, 1, 10);		    /* c1 ranks above all */
	call(&w, "support");			    /* c2 */
	call_for(&w, NULL, 0, 0);		    /* c3 */
	call_for(&w, polish, 1, 0);		    /* c4 */
	uint32_t vip = call_for(&w, polish, 1, 20); /* c5 */
	world_hush(&w);
	EXPECT(presence(&w, "busy", PRESENCE_ready, "") == ERR_OK);
	EXPECT_SAID(&w, "offer c2 busy");
	EXPECT_LAWFUL(&w);
	/* he fulfils nothing the queue asks for and is looked at all the same */
	EXPECT(presence(&w, "pole", PRESENCE_ready, "") == ERR_OK);
	EXPECT_SAID(&w, "offer c5 pole");
	EXPECT_LAWFUL(&w);
	EXPECT(accept_offer(&w, vip, "pole") == ERR_OK);
	world_hush(&w);
	customer_hangs_up(&w, vip);
	EXPECT_SAID(&w, "agent_end c5 pole customer 0 0; offer c1 pole");
	customer_hangs_up(&w, 1);
	EXPECT_SAID(&w,
		    "offer_end c1 pole cancelled_by_caller; dequeue c1 abandoned 0; offer c3 pole");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(a_demand_of_its_own_that_nobody_can_meet_is_told)
{
	struct world w;
	begin(&w);
	skilled(&w, "expert", expert);
	EXPECT(presence(&w, "expert", PRESENCE_not_ready, "lunch") == ERR_OK);
	struct queue *q = queue_row(acd_of(w.acd), queue_id(&w, "support"));
	call(&w, "support");
	EXPECT(!q->unmeetable);
	uint32_t c = call_for(&w, polish, 1, 0);
	EXPECT(q->unmeetable);
	EXPECT_LAWFUL(&w);
	world_restart(&w);
	q = queue_row(acd_of(w.acd), queue_id(&w, "support"));
	EXPECT(q->unmeetable);
	skilled(&w, "pole", pole); /* and rings */
	EXPECT(!q->unmeetable && queue_row(acd_of(w.acd), q->id) == q);
	EXPECT(presence(&w, "pole", PRESENCE_signed_out, "") == ERR_OK);
	EXPECT_LAWFUL(&w);
	customer_hangs_up(&w, c);
	EXPECT(!q->unmeetable && list_empty(&q->demands));
	EXPECT_LAWFUL(&w);
	/* nobody signed in does what the queue asks for; this one asks for nothing */
	EXPECT(presence(&w, "expert", PRESENCE_signed_out, "") == ERR_OK);
	EXPECT(q->unmeetable);
	customer_hangs_up(&w, 1);
	skilled(&w, "novice", novice);
	EXPECT(presence(&w, "novice", PRESENCE_not_ready, "lunch") == ERR_OK);
	call_for(&w, NULL, 0, 0);
	EXPECT(!q->unmeetable);
	call(&w, "support");
	EXPECT(q->unmeetable);
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(contacts_with_the_same_demand_share_it)
{
	struct world w;
	begin(&w);
	struct queue *q = queue_row(acd_of(w.acd), queue_id(&w, "support"));
	uint32_t a = call_for(&w, polish, 2, 0), b = call_for(&w, polish, 2, 0);
	uint32_t c = call_for(&w, polish, 1, 0);
	EXPECT(q->demands.next->next == q->demands.prev && q->own_waiting == 3);
	customer_hangs_up(&w, a);
	EXPECT(q->demands.next != q->demands.prev && q->own_waiting == 2);
	customer_hangs_up(&w, b);
	EXPECT(q->demands.next == q->demands.prev);
	customer_hangs_up(&w, c);
	EXPECT(list_empty(&q->demands) && !q->own_waiting);
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

/* The forecast: those ahead who need somebody else take nobody away. */
TEST(the_forecast_knows_what_those_ahead_ask_for)
{
	struct world w;
	begin(&w);
	skilled(&w, "expert", expert);
	call(&w, "support"); /* rings at him */
	EXPECT(accept_offer(&w, 1, "expert") == ERR_OK);
	world_pass(&w, 1000);
	struct queue *q = queue_row(acd_of(w.acd), queue_id(&w, "support"));
	int64_t alone_ms = outlook_ewt(q);
	for (int i = 0; i < 10; i++)
		call_for(&w, polish, 1, 0);
	world_pass(&w, 2000);
	int64_t others_ms = outlook_ewt(q);
	for (int i = 0; i < 10; i++)
		call_for(&w, NULL, 0, 0);
	world_pass(&w, 2000);
	int64_t behind_ms = outlook_ewt(q);
	EXPECT(alone_ms > 0 && others_ms < 2 * alone_ms && behind_ms > 4 * others_ms);
	world_end(&w);
}

/* As long as a flow may name it, and with all the exclusions that are saved. */
TEST(the_longest_demand_survives_a_restart)
{
	static char need[1001];
	static struct skill_step steps[4];
	struct world w;
	begin(&w);
	memset(need, ' ', sizeof need - 1);
	memcpy(need, "billing >= 1", 12);
	for (uint32_t i = 0; i < COUNT_OF(steps); i++)
		steps[i] = (struct skill_step){i * 1000, str_of(need), billing_1, 1};
	uint32_t c = call_for(&w, steps, COUNT_OF(steps), 0);
	for (uint32_t i = 0; i < 80; i++) {
		static char names[80][64]; /* the objects keep them */
		char *name = names[i];
		snprintf(name, sizeof names[i], "%055u%08u", 0u, i);
		skilled(&w, name, novice);
		EXPECT(fail_offer(&w, c, name, OFFER_rejected) == ERR_OK);
		EXPECT(presence(&w, name, PRESENCE_signed_out, "") == ERR_OK);
	}
	world_restart(&w);
	EXPECT_LAWFUL(&w);
	struct queue *q = queue_row(acd_of(w.acd), queue_id(&w, "support"));
	EXPECT(q->own_waiting == 1 && q->waiting.count == 1);
	world_hush(&w);
	skilled(&w, "novice", novice);
	EXPECT_SAID(&w, "offer c1 novice");
	world_end(&w);
}
