/* known_test.c - the agent who knows a caller is waited for (behaviours.md Q-4, preferred agent).
 */
#include "acd/known.h"
#include "acd/world_test.h"
#include "tests/test.h"

#include <stdio.h>

static struct contact caller(uint32_t tenant, const char *from)
{
	struct contact c = {.tenant = {tenant, 1}};
	str_copy(str_of(from), c.from, sizeof c.from);
	return c;
}

TEST(the_last_one_to_serve_a_caller_is_known_per_tenant)
{
	struct known *k = known_create(8, 1);
	struct contact jan = caller(1, "+48601000001"), other = caller(2, "+48601000001");
	EXPECT(ID_NONE(known_agent(k, &jan)));
	known_serve(k, &jan, (struct agent_id){7, 1});
	known_serve(k, &jan, (struct agent_id){8, 1});
	EXPECT(known_agent(k, &jan).slot == 8 && ID_NONE(known_agent(k, &other)));
	EXPECT(known_count(k) == 1);
	known_destroy(k);
}

TEST(callers_without_a_number_are_nobody)
{
	static const char *const hidden[] = {
		"", "anonymous", "Anonymous",
		"sip-addresses-that-are-as-long-as-this-one-are-not-kept"};
	struct known *k = known_create(8, 1);
	for (size_t i = 0; i < COUNT_OF(hidden); i++) {
		struct contact c = caller(1, hidden[i]);
		known_serve(k, &c, (struct agent_id){7, 1});
		EXPECT(ID_NONE(known_agent(k, &c)));
	}
	EXPECT(known_count(k) == 0);
	known_destroy(k);
}

TEST(the_one_unheard_of_for_the_longest_time_makes_way)
{
	struct known *k = known_create(100, 1);
	struct contact first = caller(1, "n0");
	for (uint32_t i = 0; i < 10000; i++) {
		char name[16];
		snprintf(name, sizeof name, "n%u", i);
		struct contact c = caller(1, name);
		known_serve(k, &c, (struct agent_id){i + 1, 1});
		known_serve(k, &first, (struct agent_id){1, 1}); /* heard of all the time */
		EXPECT(known_agent(k, &c).slot == i + 1 && known_count(k) <= 100);
	}
	struct contact gone = caller(1, "n9900"), there = caller(1, "n9901");
	EXPECT(known_agent(k, &first).slot == 1);
	EXPECT(ID_NONE(known_agent(k, &gone)) && known_agent(k, &there).slot == 9902);
	known_destroy(k);
}

static uint32_t call_from(struct world *w, const char *from, const char *queue)
{
	uint32_t c = ++w->contact_count;
	struct contact_options o = {.tenant = w->tenant, .from = str_of(from)};
	EXPECT(contact_create(&w->core, &o, &w->contacts[c]) == ERR_OK);
	EXPECT(join_with(w, c, queue, 0, BIT(EXIT_timeout)) == ERR_OK);
	return c;
}

#define JAN "+48601000001"

/* Boris has served Jan; anna idles longer than he does. Kept for 20 s. */
static void begin(struct world *w)
{
	struct queue_config conf = plain_queue();
	conf.sticky_ms = 20000;
	world_begin(w);
	world_queue(w, "support", conf);
	world_agent(w, "boris", "support");
	EXPECT(call_from(w, JAN, "support") == 1);
	EXPECT(accept_offer(w, 1, "boris") == ERR_OK);
	world_agent(w, "anna", "support");
	world_pass(w, 1000);
	customer_hangs_up(w, 1);
	world_pass(w, 1000);
	world_hush(w);
}

TEST(who_served_a_caller_last_gets_him_again)
{
	struct world w;
	begin(&w);
	uint32_t c = call_from(&w, JAN, "support");
	EXPECT_SAID(&w, "enqueue c2 support; offer c2 boris");
	EXPECT_LAWFUL(&w);
	EXPECT(str_find_str(str_of(w.why), STR("{\"agent\":\"anna\",\"refused\":\"sticky\"")) >= 0);
	customer_hangs_up(&w, c);
	world_hush(&w);
	c = call_from(&w, "+48601000002", "support"); /* nobody knows her */
	EXPECT_SAID(&w, "enqueue c3 support; offer c3 anna");
	customer_hangs_up(&w, c);
	world_end(&w);
}

TEST(a_busy_one_is_waited_for_no_longer_than_the_queue_says)
{
	struct world w;
	begin(&w);
	EXPECT(presence(&w, "boris", PRESENCE_not_ready, "lunch") == ERR_OK);
	call_from(&w, JAN, "support");
	uint32_t after = call_from(&w, "+48601000002", "support"); /* does not wait behind him */
	EXPECT_SAID(&w, "enqueue c2 support; enqueue c3 support; offer c3 anna");
	customer_hangs_up(&w, after);
	world_hush(&w);
	world_pass(&w, 19999);
	EXPECT_SAID(&w, "");
	EXPECT_LAWFUL(&w);
	world_pass(&w, 1);
	EXPECT_SAID(&w, "offer c2 anna");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(who_comes_back_in_time_gets_his_caller)
{
	struct world w;
	begin(&w);
	EXPECT(presence(&w, "boris", PRESENCE_not_ready, "lunch") == ERR_OK);
	call_from(&w, JAN, "support");
	world_pass(&w, 15000);
	EXPECT_SAID(&w, "enqueue c2 support");
	EXPECT(presence(&w, "boris", PRESENCE_ready, "") == ERR_OK);
	EXPECT_SAID(&w, "offer c2 boris");
	world_pass(&w, 15000); /* he does not answer: then anybody may */
	EXPECT_SAID(&w, "offer_end c2 boris no_answer; offer c2 anna");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(who_cannot_come_is_not_waited_for)
{
	static const struct str other[] = {{"sales", 5}};
	for (int way = 0; way < 4; way++) {
		struct world w;
		begin(&w);
		EXPECT(presence(&w, "boris", PRESENCE_not_ready, "lunch") == ERR_OK);
		call_from(&w, JAN, "support");
		EXPECT_SAID(&w, "enqueue c2 support");
		if (way == 0)
			EXPECT(presence(&w, "boris", PRESENCE_signed_out, "") == ERR_OK);
		else if (way == 1)
			world_drop(&w, KIND_user, "boris");
		else if (way == 2)
			world_user(&w, "boris", plain_user(other, 1));
		else
			world_pass(&w, 20000);
		EXPECT_SAID(&w, "offer c2 anna");
		EXPECT_LAWFUL(&w);
		world_end(&w);
	}
}

TEST(one_who_is_not_signed_in_when_the_caller_comes_is_not_waited_for)
{
	struct world w;
	begin(&w);
	EXPECT(presence(&w, "boris", PRESENCE_signed_out, "") == ERR_OK);
	call_from(&w, JAN, "support");
	EXPECT_SAID(&w, "enqueue c2 support; offer c2 anna");
	world_end(&w);
}

TEST(ring_all_rings_first_at_the_one_who_is_known)
{
	struct world w;
	struct queue_config conf = plain_queue();
	begin(&w);
	conf.sticky_ms = 5000;
	conf.strategy = STRATEGY_ring_all;
	world_queue(&w, "support", conf);
	call_from(&w, JAN, "support");
	EXPECT_SAID(&w, "enqueue c2 support; offer c2 boris");
	world_pass(&w, 4999);
	EXPECT_SAID(&w, "");
	world_pass(&w, 1);
	EXPECT_SAID(&w, "offer c2 anna");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(waiting_for_the_one_who_is_known_survives_but_not_who_knew_whom)
{
	struct world w;
	begin(&w);
	EXPECT(presence(&w, "boris", PRESENCE_not_ready, "lunch") == ERR_OK);
	call_from(&w, JAN, "support");
	world_pass(&w, 15000);
	world_restart(&w);
	EXPECT_SAID(&w, "enqueue c2 support");
	EXPECT_LAWFUL(&w);
	world_pass(&w, 5000);
	EXPECT_SAID(&w, "offer c2 anna");
	customer_hangs_up(&w, 2);
	EXPECT(presence(&w, "boris", PRESENCE_ready, "") == ERR_OK);
	world_hush(&w);
	call_from(&w, JAN, "support");
	EXPECT_SAID(&w, "enqueue c3 support; offer c3 anna");
	world_end(&w);
}
