/* place_test.c - where a contact stands: scoring, time base, priority, resume. */
#include "acd/world_test.h"
#include "tests/test.h"

static const struct str both[] = {{"support", 7}, {"sales", 5}};

static void on_break(struct world *w, const char *name)
{
	world_user(w, name, plain_user(both, 2));
	EXPECT(presence(w, name, PRESENCE_not_ready, "lunch") == ERR_OK);
}

static void expect_order(struct world *w, const char *queue, const uint32_t *want, uint32_t count)
{
	struct acd_waiting got[64];
	EXPECT(acd_queue_waiting(w->acd, queue_id(w, queue), got, 64) == count);
	for (uint32_t i = 0; i < count; i++)
		EXPECT(ID_EQ(got[i].contact, w->contacts[want[i]]));
}

/* priority-only scoring goes by priority, and ranks above queues that add the waiting. */
TEST(priority_only_ranks_by_priority_and_above_scores)
{
	struct world w;
	world_begin(&w);
	struct queue_config conf = plain_queue();
	world_queue(&w, "support", conf);
	conf.priority_only = true;
	world_queue(&w, "sales", conf);
	on_break(&w, "anna");
	uint32_t old = call(&w, "support");
	world_pass(&w, 3600000);
	uint32_t low = arrive(&w), high = arrive(&w), late = arrive(&w);
	EXPECT(join_with(&w, low, "sales", 1, 0) == ERR_OK);
	world_pass(&w, 600000); /* ten minutes of waiting are worth nothing here */
	EXPECT(join_with(&w, high, "sales", 2, 0) == ERR_OK);
	EXPECT(join_with(&w, late, "sales", 1, 0) == ERR_OK); /* ties: who came first */
	expect_order(&w, "sales", (uint32_t[]){high, low, late}, 3);
	world_hush(&w);
	EXPECT(presence(&w, "anna", PRESENCE_ready, "") == ERR_OK);
	EXPECT_SAID(&w, "offer c3 anna"); /* though c1 has a score of 70 */
	conf.priority_only = false;	  /* changed while they wait: ranked anew */
	world_queue(&w, "sales", conf);
	expect_order(&w, "sales", (uint32_t[]){low, high, late}, 3);
	(void)old;
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

/* FreeSWITCH time-base-score: the menu before the queue counts, or it does not. */
TEST(the_score_counts_from_the_arrival_where_the_queue_says_so)
{
	for (int arrival = 0; arrival < 2; arrival++) {
		struct world w;
		world_begin(&w);
		struct queue_config conf = plain_queue();
		conf.from_arrival = arrival;
		world_queue(&w, "support", conf);
		on_break(&w, "anna");
		uint32_t slow = arrive(&w); /* two minutes in the menu */
		world_pass(&w, 100000);
		uint32_t quick = call(&w, "support");
		world_pass(&w, 20000);
		EXPECT(join_with(&w, slow, "support", 0, 0) == ERR_OK);
		expect_order(&w, "support",
			     arrival ? (uint32_t[]){slow, quick} : (uint32_t[]){quick, slow}, 2);
		struct acd_queue_live live;
		EXPECT(acd_queue_live(w.acd, queue_id(&w, "support"), &live) == ERR_OK);
		EXPECT(live.longest_wait_ms == 20000); /* waiting itself is from the entry */
		world_restart(&w);
		expect_order(&w, "support",
			     arrival ? (uint32_t[]){slow, quick} : (uint32_t[]){quick, slow}, 2);
		world_end(&w);
	}
}

/* Asterisk #202: a priority changed while he waits had no effect until he came in again. */
TEST(a_changed_priority_ranks_at_once)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", plain_queue());
	on_break(&w, "anna");
	uint32_t c1 = call(&w, "support");
	world_pass(&w, 60000);
	uint32_t c2 = call(&w, "support"), c3 = call(&w, "support");
	world_hush(&w);
	EXPECT(SEND(&w.core, queue_prioritise, .contact = w.contacts[c3], .priority_min = 2,
		    .by = STR("simon")) == ERR_OK);
	EXPECT_SAID(&w, "prioritised c3 2 simon");
	expect_order(&w, "support", (uint32_t[]){c3, c1, c2}, 3);
	EXPECT(SEND(&w.core, queue_prioritise, .contact = w.contacts[c3], .priority_min = 0) ==
	       ERR_OK);
	expect_order(&w, "support", (uint32_t[]){c1, c2, c3}, 3);
	world_hush(&w);
	EXPECT(SEND(&w.core, queue_prioritise, .contact = w.contacts[c2], .priority_min = 5) ==
	       ERR_OK);
	world_restart(&w);
	expect_order(&w, "support", (uint32_t[]){c2, c1, c3}, 3);
	EXPECT(presence(&w, "anna", PRESENCE_ready, "") == ERR_OK);
	EXPECT_SAID(&w, "prioritised c2 5 ; offer c2 anna");
	/* also while it rings: if nobody answers he is back where he is now */
	EXPECT(SEND(&w.core, queue_prioritise, .contact = w.contacts[c2], .priority_min = 0) ==
	       ERR_OK);
	EXPECT(fail_offer(&w, c2, "anna", OFFER_busy) == ERR_OK);
	expect_order(&w, "support", (uint32_t[]){c1, c2, c3}, 3);
	customer_hangs_up(&w, c1);
	EXPECT(SEND(&w.core, queue_prioritise, .contact = w.contacts[c1], .priority_min = 1) ==
	       ERR_CONFLICT);
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

static struct queue_config resuming(void)
{
	struct queue_config conf = plain_queue();
	conf.resume_ms = 120000;
	return conf;
}

/* Q-10, FreeSWITCH abandoned-resume-allowed. */
TEST(who_calls_again_soon_has_his_place_again)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", resuming());
	on_break(&w, "anna");
	uint32_t c1 = arrive_from(&w, "+48600000001");
	EXPECT(join_with(&w, c1, "support", 0, 0) == ERR_OK);
	world_pass(&w, 30000);
	uint32_t c2 = call(&w, "support");
	customer_hangs_up(&w, c1);
	world_pass(&w, 100000);
	world_restart(&w); /* remembered by more than the process */
	world_hush(&w);
	uint32_t c3 = arrive_from(&w, "+48600000001");
	EXPECT(join_with(&w, c3, "support", 0, 0) == ERR_OK);
	EXPECT_SAID(&w, "enqueue c3 support; place_resumed c3 130000");
	expect_order(&w, "support", (uint32_t[]){c3, c2}, 2);
	struct acd_waiting got[2]; /* his wait is counted from now, his place from before */
	EXPECT(acd_queue_waiting(w.acd, queue_id(&w, "support"), got, 2) == 2);
	EXPECT(got[0].wait_ms == 0 && got[1].wait_ms == 100000);
	EXPECT_LAWFUL(&w);
	uint32_t c4 = arrive_from(&w, "+48600000001"); /* once */
	EXPECT(join_with(&w, c4, "support", 0, 0) == ERR_OK);
	EXPECT_SAID(&w, "enqueue c4 support");
	expect_order(&w, "support", (uint32_t[]){c3, c2, c4}, 3);
	/* hanging up again keeps the first place for him */
	customer_hangs_up(&w, c3);
	world_hush(&w);
	uint32_t c5 = arrive_from(&w, "+48600000001");
	EXPECT(join_with(&w, c5, "support", 0, 0) == ERR_OK);
	EXPECT_SAID(&w, "enqueue c5 support; place_resumed c5 130000");
	world_end(&w);
}

TEST(no_place_is_kept_for_these)
{
	static const struct {
		const char *what, *from, *again, *queue;
		int64_t after_ms;
		bool off, served;
	} table[] = {
		{"too late", "+481", "+481", "support", 120000, false, false},
		{"another number", "+481", "+482", "support", 1000, false, false},
		{"another queue", "+481", "+481", "sales", 1000, false, false},
		{"hidden", "anonymous", "anonymous", "support", 1000, false, false},
		{"no number", "", "", "support", 1000, false, false},
		{"off", "+481", "+481", "support", 1000, true, false},
		{"was served", "+481", "+481", "support", 1000, false, true},
	};
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		struct world w;
		world_begin(&w);
		world_queue(&w, "support", table[i].off ? plain_queue() : resuming());
		world_queue(&w, "sales", resuming());
		on_break(&w, "anna");
		uint32_t c = arrive_from(&w, table[i].from);
		EXPECT(join_with(&w, c, "support", 0, 0) == ERR_OK);
		world_pass(&w, 5000);
		if (table[i].served) {
			EXPECT(presence(&w, "anna", PRESENCE_ready, "") == ERR_OK);
			EXPECT(accept_offer(&w, c, "anna") == ERR_OK);
		}
		customer_hangs_up(&w, c);
		world_pass(&w, table[i].after_ms);
		EXPECT(presence(&w, "anna", PRESENCE_signed_out, "") == ERR_OK);
		world_hush(&w);
		c = arrive_from(&w, table[i].again);
		EXPECT(join_with(&w, c, table[i].queue, 0, 0) == ERR_OK);
		world_deliver(&w);
		bool resumed = str_find_str(buf_str(&w.log), STR("place_resumed")) >= 0;
		EXPECT(!resumed);
		if (resumed)
			test_say(str_of(table[i].what));
		world_end(&w);
	}
}
