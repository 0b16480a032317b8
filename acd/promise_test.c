/* promise_test.c - what waiting callers are told, and when (behaviours.md P-1 to P-3). */
#include "acd/world_test.h"

#include "tests/test.h"

static struct queue_config talking_queue(void)
{
	struct queue_config c = plain_queue();
	c.announce_every_ms = 90000;
	c.announce_position = true;
	return c;
}

static void begin(struct world *w, struct queue_config conf)
{
	world_begin(w);
	w->listens = BIT(EAR_promise);
	world_queue(w, "support", conf);
	world_agent(w, "anna", "support");
}

/* So many contacts of one length each, one after the other. */
static void handle(struct world *w, uint32_t count, int64_t ms)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t c = call(w, "support");
		EXPECT(accept_offer(w, c, "anna") == ERR_OK);
		world_pass(w, ms);
		EXPECT(agent_hangs_up(w, c, "anna") == ERR_OK);
		ends(w, c, PARTY_agent);
	}
	world_hush(w);
}

/* Anna talks; three wait. Returns whom she talks to. */
static uint32_t three_wait(struct world *w)
{
	uint32_t c = call(w, "support");
	EXPECT(accept_offer(w, c, "anna") == ERR_OK);
	for (int i = 0; i < 3; i++)
		call(w, "support");
	return c;
}

TEST(all_but_the_first_are_told_their_place_on_entry_and_then_in_rhythm)
{
	struct world w;
	begin(&w, talking_queue());
	three_wait(&w);
	EXPECT_SAID(&w, "");
	world_pass(&w, 0);
	EXPECT_SAID(&w, "promise c3 2 0-0; promise c4 3 0-0");
	world_pass(&w, 89999);
	EXPECT_SAID(&w, "");
	world_pass(&w, 1);
	EXPECT_SAID(&w, "promise c3 2 0-0; promise c4 3 0-0");
	world_end(&w);
}

TEST(the_head_is_told_when_the_queue_says_so)
{
	struct world w;
	struct queue_config c = talking_queue();
	c.announce_head = true;
	c.announce_first_ms = 5000;
	begin(&w, c);
	three_wait(&w);
	world_pass(&w, 4999);
	EXPECT_SAID(&w, "");
	world_pass(&w, 1);
	EXPECT_SAID(&w, "promise c2 1 0-0; promise c3 2 0-0; promise c4 3 0-0");
	world_end(&w);
}

TEST(who_is_served_at_once_is_told_nothing)
{
	struct world w;
	struct queue_config c = talking_queue();
	c.announce_head = true;
	begin(&w, c);
	uint32_t k = call(&w, "support"); /* rings at anna */
	world_pass(&w, 0);
	EXPECT_SAID(&w, "");
	EXPECT(accept_offer(&w, k, "anna") == ERR_OK);
	world_pass(&w, 200000);
	EXPECT_SAID(&w, "");
	world_end(&w);
}

TEST(fifteen_seconds_lie_between_two_announcements_at_least)
{
	struct world w;
	struct queue_config c = talking_queue();
	c.announce_every_ms = 1000;
	begin(&w, c);
	three_wait(&w);
	world_pass(&w, 14999);
	EXPECT_SAID(&w, "promise c3 2 0-0; promise c4 3 0-0");
	world_pass(&w, 1);
	EXPECT_SAID(&w, "promise c3 2 0-0; promise c4 3 0-0");
	world_end(&w);
}

/* asterisk #1386: the comparison must hold from the first announcement on. */
TEST(only_a_better_place_is_told_after_the_first_time)
{
	struct world w;
	struct queue_config c = talking_queue();
	c.announce_only_if_improved = true;
	begin(&w, c);
	uint32_t k = three_wait(&w);
	world_pass(&w, 0);
	EXPECT_SAID(&w, "promise c3 2 0-0; promise c4 3 0-0");
	world_pass(&w, 90000);
	EXPECT_SAID(&w, "");
	EXPECT(agent_hangs_up(&w, k, "anna") == ERR_OK); /* c2 rings and is answered */
	EXPECT(accept_offer(&w, 2, "anna") == ERR_OK);
	world_pass(&w, 90000);
	EXPECT_SAID(&w, "promise c4 2 0-0"); /* c3 is the head now */
	world_pass(&w, 90000);
	EXPECT_SAID(&w, "");
	world_end(&w);
}

TEST(a_place_counts_those_of_other_queues_who_compete_for_the_same_agents)
{
	struct world w;
	const struct str both[] = {STR("support"), STR("sales")};
	begin(&w, talking_queue());
	world_queue(&w, "sales", plain_queue());
	world_user(&w, "boris", plain_user(both, 2));
	EXPECT(presence(&w, "boris", PRESENCE_ready, "") == ERR_OK);
	EXPECT(accept_offer(&w, call(&w, "sales"), "boris") == ERR_OK);
	EXPECT(accept_offer(&w, call(&w, "support"), "anna") == ERR_OK);
	world_pass(&w, 1000);
	call(&w, "sales");
	call(&w, "sales");
	world_pass(&w, 1000);
	call(&w, "support");
	call(&w, "sales"); /* behind */
	world_pass(&w, 0);
	EXPECT_SAID(&w, "promise c5 3 0-0");
	EXPECT(presence(&w, "boris", PRESENCE_not_ready, "break") == ERR_OK); /* afterwards */
	world_pass(&w, 90000);
	EXPECT_SAID(&w, ""); /* alone with anna he is the head */
	world_end(&w);
}

TEST(a_wait_is_a_range_of_whole_minutes_once_the_queue_knows_how_long_contacts_take)
{
	struct world w;
	struct queue_config c = talking_queue();
	c.announce_wait = true;
	c.announce_position = false;
	begin(&w, c);
	handle(&w, 4, 110000);
	uint32_t k = three_wait(&w);
	world_pass(&w, 0);
	EXPECT_SAID(&w, ""); /* too thin */
	world_pass(&w, 110000);
	EXPECT(agent_hangs_up(&w, k, "anna") == ERR_OK);
	EXPECT(accept_offer(&w, 6, "anna") == ERR_OK);
	world_hush(&w);
	call(&w, "support");
	world_pass(&w, 0);
	EXPECT(str_starts(buf_str(&w.log), STR("promise c9 0 ")));
	world_end(&w);
}

TEST(a_constant_wait_is_rounded_up_to_a_minute_and_from_ten_minutes_on_to_five)
{
	static const struct {
		uint32_t ahead;
		unsigned minutes;
	} rows[] = {{1, 4}, {4, 10}, {5, 15}}; /* 110 s each: 3:40, 9:10, 11:00 */
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct world w;
		struct queue_config c = talking_queue();
		char want[64];
		struct buf b = buf_make(want, sizeof want - 1);
		c.announce_wait = true;
		begin(&w, c);
		handle(&w, 25, 110000);
		uint32_t k = call(&w, "support");
		EXPECT(accept_offer(&w, k, "anna") == ERR_OK);
		for (uint32_t n = 0; n < rows[i].ahead; n++)
			call(&w, "support");
		world_pass(&w, 0);
		world_hush(&w);
		call(&w, "support");
		world_pass(&w, 0);
		buf_fmt(&b, "promise c%u %u %u-%u", k + rows[i].ahead + 1, rows[i].ahead + 1,
			rows[i].minutes, rows[i].minutes);
		want[b.n] = 0;
		EXPECT_SAID(&w, want);
		world_end(&w);
	}
}

TEST(no_wait_is_promised_when_nobody_is_there_to_keep_it)
{
	struct world w;
	struct queue_config c = talking_queue();
	c.announce_wait = true;
	begin(&w, c);
	handle(&w, 25, 110000);
	EXPECT(presence(&w, "anna", PRESENCE_signed_out, "") == ERR_OK);
	for (int i = 0; i < 2; i++)
		EXPECT(join_with(&w, arrive(&w), "support", 0, 0) == ERR_OK);
	world_pass(&w, 0);
	EXPECT_SAID(&w, "promise c27 2 0-0"); /* his place all the same */
	world_end(&w);
}

TEST(the_rhythm_and_what_was_learned_survive_a_restart)
{
	struct world w;
	struct queue_config c = talking_queue();
	c.announce_wait = true;
	c.announce_only_if_improved = true;
	begin(&w, c);
	handle(&w, 25, 110000);
	three_wait(&w);
	world_pass(&w, 0);
	EXPECT_SAID(&w, "promise c28 2 4-4; promise c29 3 6-6");
	world_pass(&w, 31000); /* what is learned is saved each half minute */
	customer_hangs_up(&w, 27);
	world_hush(&w);
	world_restart(&w);
	w.listens = BIT(EAR_promise);
	world_hush(&w);
	world_pass(&w, 58999);
	EXPECT_SAID(&w, "");
	world_pass(&w, 1); /* c28 is the head; c29 is one nearer */
	EXPECT_SAID(&w, "promise c29 2 3-3");
	world_end(&w);
}

TEST(a_queue_that_begins_to_tell_tells_those_who_wait_already)
{
	struct world w;
	begin(&w, plain_queue());
	three_wait(&w);
	world_pass(&w, 100000);
	EXPECT_SAID(&w, "");
	world_queue(&w, "support", talking_queue());
	world_pass(&w, 0);
	EXPECT_SAID(&w, "promise c3 2 0-0; promise c4 3 0-0");
	world_queue(&w, "support", plain_queue());
	world_pass(&w, 200000);
	EXPECT_SAID(&w, "");
	world_end(&w);
}
