/* image_test.c - a new process goes on where the old one stopped. */
#include "acd/world_test.h"
#include "tests/test.h"

#include "core/batch.h"

static const struct str both[] = {{"support", 7}, {"sales", 5}};

static void on_break(struct world *w, const char *name)
{
	world_user(w, name, plain_user(both, 2));
	EXPECT(presence(w, name, PRESENCE_not_ready, "lunch") == ERR_OK);
}

TEST(the_waiting_order_survives)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", plain_queue());
	on_break(&w, "anna");
	for (uint32_t i = 0; i < 20; i++) {
		uint32_t c = arrive(&w);
		EXPECT(join_with(&w, c, "support", (i * 7) % 3, 0) == ERR_OK);
		if (i % 4 == 3)
			world_pass(&w, 13000);
	}
	customer_hangs_up(&w, 5);
	struct acd_waiting before[32], after[32];
	uint32_t count = acd_queue_waiting(w.acd, queue_id(&w, "support"), before, 32);
	EXPECT(count == 19);
	world_restart(&w);
	EXPECT(acd_queue_waiting(w.acd, queue_id(&w, "support"), after, 32) == count);
	for (uint32_t i = 0; i < count; i++) {
		EXPECT(ID_EQ(before[i].contact, after[i].contact));
		EXPECT(before[i].wait_ms == after[i].wait_ms);
	}
	EXPECT_LAWFUL(&w);
	uint32_t late = arrive(&w); /* newcomers of the same millisecond still come last */
	EXPECT(join_with(&w, late, "support", 2, 0) == ERR_OK);
	world_restart(&w);
	world_restart(&w);
	EXPECT(acd_queue_waiting(w.acd, queue_id(&w, "support"), after, 32) == count + 1);
	EXPECT(presence_of(&w, "anna") == PRESENCE_not_ready);
	struct acd_agent a;
	EXPECT(acd_agent_get(w.acd, agent_id(&w, "anna"), &a) == ERR_OK);
	EXPECT_STR(a.reason, "lunch");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

/* Tells a story up to `cut`, restarts there (or not), tells the rest; what is said after the cut
 * must be the same. */
static struct str story(struct world *w, int cut)
{
	int step = 0;
	struct queue_config conf = plain_queue();
	conf.wrap_ms = 20000;
	conf.misses_max = 2;
	conf.max_wait_ms = 100000;
	world_begin(w);
	w->listens = ~0u;
	world_queue(w, "support", conf);
	conf.class_rank = 1;
	conf.outcome_required = true;
	world_queue(w, "sales", conf);
#define STEP(action)                                                                               \
	do {                                                                                       \
		action;                                                                            \
		world_deliver(w);                                                                  \
		if (step++ == cut)                                                                 \
			world_restart(w);                                                          \
		EXPECT_LAWFUL(w);                                                                  \
	} while (0)
	STEP(on_break(w, "anna"));
	STEP(on_break(w, "boris"));
	STEP(call(w, "support")); /* c1 */
	STEP(world_pass(w, 3000));
	STEP(call(w, "sales"));						 /* c2 */
	STEP(EXPECT(presence(w, "anna", PRESENCE_ready, "") == ERR_OK)); /* c2 rings */
	STEP(world_pass(w, 7000));
	STEP(EXPECT(presence(w, "anna", PRESENCE_not_ready, "meal") == ERR_OK)); /* next */
	STEP(call(w, "support"));						 /* c3 */
	STEP(EXPECT(presence(w, "anna", PRESENCE_ready, "") == ERR_OK));	 /* withdrawn */
	STEP(EXPECT(accept_offer(w, 2, "anna") == ERR_OK));
	STEP(world_pass(w, 4000));
	STEP(EXPECT(SEND(&w->core, hold_set, .contact = w->contacts[2], .on = true) == ERR_OK));
	STEP(world_pass(w, 2500));
	STEP(EXPECT(presence(w, "boris", PRESENCE_ready, "") == ERR_OK)); /* c1 rings him */
	STEP(world_pass(w, 15000));					  /* and is missed; c3 */
	STEP(EXPECT(fail_offer(w, 3, "boris", OFFER_rejected) == ERR_OK));
	STEP(EXPECT(SEND(&w->core, hold_set, .contact = w->contacts[2], .on = false) == ERR_OK));
	STEP(EXPECT(wrap(w, 2, "anna", "", "a note") == ERR_OK));
	STEP(world_pass(w, 1000));
	STEP(customer_hangs_up(w, 2)); /* anna must name one */
	STEP(world_pass(w, 12000));
	STEP(EXPECT(wrap(w, 2, "anna", "solved", "") == ERR_OK)); /* c1 rings anna */
	STEP(EXPECT(accept_offer(w, 1, "anna") == ERR_OK));
	STEP(EXPECT(agent_hangs_up(w, 1, "anna") == ERR_OK));
	STEP(EXPECT(join_with(w, 1, "support", 1, BIT(EXIT_timeout)) == ERR_OK)); /* goes on */
	STEP(world_pass(w, 10000));
	STEP(EXPECT(presence(w, "boris", PRESENCE_signed_out, "") == ERR_OK));
	STEP(world_pass(w, 200000)); /* timers of all kinds run out */
	STEP(call(w, "support"));
	STEP(world_pass(w, 200000));
#undef STEP
	return buf_str(&w->log);
}

TEST(a_restart_at_any_step_changes_nothing_that_is_said)
{
	struct world plain, cut;
	struct str want = story(&plain, -1);
	EXPECT(want.n > 1000);
	for (int at = 0; at < 31; at++) {
		struct str got = story(&cut, at);
		EXPECT(str_eq(got, want));
		if (!str_eq(got, want)) {
			test_say(want);
			test_say(got);
		}
		world_end(&cut);
	}
	world_end(&plain);
}

TEST(exclusions_and_penalties_survive)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", plain_queue());
	world_agent(&w, "anna", "support");
	world_agent(&w, "boris", "support");
	call(&w, "support");
	EXPECT(fail_offer(&w, 1, "anna", OFFER_rejected) == ERR_OK);
	EXPECT(fail_offer(&w, 1, "boris", OFFER_busy) == ERR_OK);
	world_hush(&w);
	world_restart(&w);
	world_pass(&w, 9999);
	EXPECT_SAID(&w, "");
	world_pass(&w, 1);
	EXPECT_SAID(&w, "offer c1 boris");
	EXPECT(fail_offer(&w, 1, "boris", OFFER_rejected) == ERR_OK);
	world_restart(&w);
	world_hush(&w);
	world_pass(&w, 19999);
	EXPECT_SAID(&w, "");
	world_pass(&w, 1);
	EXPECT_SAID(&w, "offer c1 anna");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(idle_times_and_misses_survive)
{
	struct world w;
	struct queue_config conf = plain_queue();
	conf.misses_max = 2;
	world_begin(&w);
	world_queue(&w, "support", conf);
	world_agent(&w, "boris", "support");
	world_pass(&w, 5);
	world_agent(&w, "anna", "support");
	world_restart(&w);
	uint32_t c = call(&w, "support");
	EXPECT_SAID(&w, "enqueue c1 support; offer c1 boris");
	world_pass(&w, 15000); /* boris misses it, anna rings */
	EXPECT(accept_offer(&w, c, "anna") == ERR_OK);
	world_restart(&w);
	call(&w, "support");
	EXPECT(work_of(&w, "boris") == WORK_offered);
	world_pass(&w, 15000);
	EXPECT(work_of(&w, "boris") == WORK_no_answer);
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(the_grace_after_the_last_sign_out_goes_on)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", plain_queue());
	on_break(&w, "anna");
	call(&w, "support");
	EXPECT(presence(&w, "anna", PRESENCE_signed_out, "") == ERR_OK);
	world_pass(&w, 40000);
	world_restart(&w);
	world_hush(&w);
	world_pass(&w, 19999);
	EXPECT_SAID(&w, "");
	world_pass(&w, 1);
	EXPECT_SAID(&w, "dequeue c1 flow_out no_agents 60000");
	world_end(&w);
}

TEST(an_agent_at_work_on_nothing_is_closed_after_a_restart)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", plain_queue());
	world_agent(&w, "anna", "support");
	call(&w, "support");
	EXPECT(accept_offer(&w, 1, "anna") == ERR_OK);
	world_pass(&w, 0);
	batch_put_gone(&w.all, IMAGE_CONTACT, ID(w.contacts[1])); /* lost, the others are not */
	batch_put_gone(&w.all, IMAGE_WAITING, ID(w.contacts[1]));
	world_hush(&w);
	world_restart(&w);
	EXPECT_SAID(&w, "alarm agent_work_closed");
	EXPECT(work_of(&w, "anna") == WORK_idle);
	call(&w, "support");
	EXPECT_SAID(&w, "enqueue c2 support; offer c2 anna");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(a_torn_image_is_refused)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", plain_queue());
	world_agent(&w, "anna", "support");
	call(&w, "support");
	EXPECT(fail_offer(&w, 1, "anna", OFFER_rejected) == ERR_OK);
	char room[IMAGE_BYTES_MAX];
	struct buf agent = buf_make(room, sizeof room);
	struct id image = {1, agent_id(&w, "anna").age}; /* she is the first */
	EXPECT(w.acd->save(w.acd, IMAGE_AGENT, image, &agent));
	for (size_t n = 0; n < agent.n; n++)
		EXPECT(w.acd->load(w.acd, IMAGE_AGENT, ID(agent_id(&w, "anna")),
				   str_head(buf_str(&agent), n)) == ERR_INVALID);
	char room2[IMAGE_BYTES_MAX];
	struct buf visit = buf_make(room2, sizeof room2);
	EXPECT(w.acd->save(w.acd, IMAGE_WAITING, ID(w.contacts[1]), &visit));
	uint32_t other = arrive(&w);
	for (size_t n = 0; n < visit.n; n++)
		EXPECT(w.acd->load(w.acd, IMAGE_WAITING, ID(w.contacts[other]),
				   str_head(buf_str(&visit), n)) == ERR_INVALID);
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

/* sim seed 2: a deleted user must not be found again by the next life. */
TEST(a_deleted_user_takes_his_image_with_him)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", plain_queue());
	world_agent(&w, "anna", "support");
	world_pass(&w, 0);
	world_drop(&w, KIND_user, "anna");
	world_restart(&w); /* fails when an image cannot live on */
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

/* sim seed 11: two of one name, the older one deleted while he talked. */
TEST(a_deleted_user_who_talks_is_not_mistaken_for_the_next_of_his_name)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", plain_queue());
	world_agent(&w, "anna", "support");
	call(&w, "support");
	EXPECT(accept_offer(&w, 1, "anna") == ERR_OK);
	world_drop(&w, KIND_user, "anna");
	world_agent(&w, "anna", "support");
	world_hush(&w);
	world_restart(&w);
	EXPECT(work_of(&w, "anna") == WORK_idle);
	EXPECT(presence_of(&w, "anna") == PRESENCE_ready);
	EXPECT_LAWFUL(&w);
	w.listens = BIT(EAR_offer);
	customer_hangs_up(&w, 1);
	EXPECT_SAID(&w, "agent_end c1 ? customer 0 0"); /* his name went with the process */
	EXPECT(!contact_get(&w.core, w.contacts[1]));
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

/* sim seed 7, a million contacts: in the next life her place among the objects is another's, and
 * his image was lost for hers. */
TEST(a_deleted_user_who_talks_takes_nobodys_place)
{
	static const char *const others[] = {"b", "c", "d", "e", "f"};
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", plain_queue());
	world_agent(&w, "anna", "support");
	call(&w, "support");
	EXPECT(accept_offer(&w, 1, "anna") == ERR_OK);
	for (size_t i = 0; i < COUNT_OF(others); i++)
		world_agent(&w, others[i], "support");
	world_drop(&w, KIND_user, "anna");
	for (int life = 0; life < 4; life++) {
		world_hush(&w);
		world_restart(&w);
		for (size_t i = 0; i < COUNT_OF(others); i++)
			EXPECT(presence_of(&w, others[i]) == PRESENCE_ready);
		EXPECT_LAWFUL(&w);
		if (life == 1)
			customer_hangs_up(&w, 1);
	}
	EXPECT(!contact_get(&w.core, w.contacts[1]));
	world_end(&w);
}
