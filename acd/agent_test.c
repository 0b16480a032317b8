/* agent_test.c - presence, missed offers, talk, wrap-up (behaviours.md section 3). */
#include "acd/world_test.h"
#include "tests/test.h"

#include "core/hall.h"

static const struct str support_only[] = {{"support", 7}};
static const struct str both[] = {{"support", 7}, {"sales", 5}};

static void begin(struct world *w, struct queue_config conf)
{
	world_begin(w);
	world_queue(w, "support", conf);
	world_agent(w, "anna", "support");
	world_hush(w);
}

/* -- presence -- */

TEST(ready_needs_a_ready_phone)
{
	static const struct {
		enum phone_kind phone;
		const char *contact;
		enum err want;
	} rows[] = {{PHONE_none, "", ERR_CONFLICT},
		    {PHONE_browser, "", ERR_CONFLICT},
		    {PHONE_sip, "", ERR_CONFLICT},
		    {PHONE_sip, "sip:a1@10.0.0.5:5060", ERR_OK},
		    {PHONE_number, "", ERR_OK}};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct world w;
		world_begin(&w);
		world_queue(&w, "support", plain_queue());
		struct user_config u = plain_user(support_only, 1);
		u.phone = rows[i].phone;
		u.phone_contact = str_of(rows[i].contact);
		world_user(&w, "anna", u);
		EXPECT(presence_of(&w, "anna") == PRESENCE_signed_out);
		EXPECT(presence(&w, "anna", PRESENCE_ready, "") == rows[i].want);
		EXPECT(presence(&w, "anna", PRESENCE_not_ready, "lunch") == ERR_OK);
		EXPECT(presence(&w, "nobody", PRESENCE_ready, "") == ERR_NOT_FOUND);
		if (rows[i].phone == PHONE_browser || rows[i].phone == PHONE_sip) {
			EMIT(&w.core, phone_changed, .agent = agent_id(&w, "anna"), .ready = true);
			world_deliver(&w);
			EXPECT(presence(&w, "anna", PRESENCE_ready, "") == ERR_OK);
		}
		EXPECT_LAWFUL(&w);
		world_end(&w);
	}
}

TEST(a_phone_that_goes_away_takes_its_agent_out_of_the_choice)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", plain_queue());
	struct user_config u = plain_user(support_only, 1);
	u.phone = PHONE_sip;
	world_user(&w, "anna", u);
	EMIT(&w.core, phone_changed, .agent = agent_id(&w, "anna"), .ready = true);
	world_deliver(&w);
	EXPECT(presence(&w, "anna", PRESENCE_ready, "") == ERR_OK);
	EMIT(&w.core, phone_changed, .agent = agent_id(&w, "anna"), .ready = false);
	world_deliver(&w);
	call(&w, "support");
	EXPECT_SAID(&w, "enqueue c1 support");
	EXPECT(presence_of(&w, "anna") == PRESENCE_ready);
	EMIT(&w.core, phone_changed, .agent = agent_id(&w, "anna"), .ready = true);
	EXPECT_SAID(&w, "offer c1 anna");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(a_phone_that_stays_away_takes_its_agent_out_after_a_minute)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", plain_queue());
	struct user_config u = plain_user(support_only, 1);
	u.phone = PHONE_sip;
	world_user(&w, "anna", u);
	EMIT(&w.core, phone_changed, .agent = agent_id(&w, "anna"), .ready = true);
	world_deliver(&w);
	EXPECT(presence(&w, "anna", PRESENCE_ready, "") == ERR_OK);
	EMIT(&w.core, phone_changed, .agent = agent_id(&w, "anna"), .ready = false);
	world_pass(&w, 59000);
	EMIT(&w.core, phone_changed, .agent = agent_id(&w, "anna"), .ready = true);
	world_pass(&w, 59000);
	EXPECT(presence_of(&w, "anna") == PRESENCE_ready); /* he was back in time */
	EMIT(&w.core, phone_changed, .agent = agent_id(&w, "anna"), .ready = false);
	world_pass(&w, 59000);
	EXPECT(presence_of(&w, "anna") == PRESENCE_ready);
	world_pass(&w, 2000);
	EXPECT(presence_of(&w, "anna") == PRESENCE_not_ready);
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(a_reason_is_compulsory_and_must_be_known)
{
	struct world w;
	begin(&w, plain_queue());
	w.listens = BIT(EAR_presence);
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "") == ERR_INVALID);
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "fishing") == ERR_INVALID);
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "lunch") == ERR_OK);
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "back_office") == ERR_OK);
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "back_office") == ERR_OK); /* no news */
	EXPECT(presence(&w, "anna", PRESENCE_ready, "lunch") == ERR_OK);	   /* needs none */
	EXPECT_SAID(&w, "presence anna not_ready [lunch|anna]; "
			"presence anna not_ready [back_office|anna]; presence anna ready [|anna]");
	world_drop(&w, KIND_reason, "lunch");
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "lunch") == ERR_INVALID);
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "") == ERR_OK); /* none declared now */
	world_end(&w);
}

TEST(a_change_while_working_waits_and_can_be_withdrawn)
{
	struct world w;
	begin(&w, plain_queue());
	uint32_t c = call(&w, "support");
	EXPECT(accept_offer(&w, c, "anna") == ERR_OK);
	world_hush(&w);
	w.listens = BIT(EAR_presence) | BIT(EAR_work);
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "lunch") == ERR_OK);
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "lunch") == ERR_OK);
	EXPECT_SAID(&w, "next anna [not_ready|lunch]");
	struct acd_agent a;
	EXPECT(acd_agent_get(w.acd, agent_id(&w, "anna"), &a) == ERR_OK);
	EXPECT(a.has_next && a.next == PRESENCE_not_ready && a.presence == PRESENCE_ready);
	EXPECT(presence(&w, "anna", PRESENCE_ready, "") == ERR_OK);
	EXPECT(presence(&w, "anna", PRESENCE_ready, "") == ERR_OK);
	EXPECT_SAID(&w, "next anna [|]");
	EXPECT(presence(&w, "anna", PRESENCE_signed_out, "") == ERR_OK);
	EXPECT_SAID(&w, "next anna [signed_out|]");
	customer_hangs_up(&w, c);
	EXPECT_SAID(&w, "work anna idle; presence anna signed_out [|anna]");
	EXPECT(acd_agent_get(w.acd, agent_id(&w, "anna"), &a) == ERR_OK);
	EXPECT(!a.has_next);
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(breaks_do_not_reset_idle_time_but_signing_in_does)
{
	struct world w;
	begin(&w, plain_queue());
	world_pass(&w, 1000);
	world_agent(&w, "boris", "support");
	world_pass(&w, 1000);
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "lunch") == ERR_OK);
	world_pass(&w, 1000);
	EXPECT(presence(&w, "anna", PRESENCE_ready, "") == ERR_OK);
	call(&w, "support");
	EXPECT_SAID(&w, "enqueue c1 support; offer c1 anna");
	customer_hangs_up(&w, 1);
	EXPECT(presence(&w, "anna", PRESENCE_signed_out, "") == ERR_OK);
	EXPECT(presence(&w, "anna", PRESENCE_ready, "") == ERR_OK);
	world_hush(&w);
	call(&w, "support");
	EXPECT_SAID(&w, "enqueue c2 support; offer c2 boris");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(equal_idle_time_goes_by_id)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", plain_queue());
	world_agent(&w, "boris", "support");
	world_agent(&w, "anna", "support");
	call(&w, "support");
	EXPECT_SAID(&w, "enqueue c1 support; offer c1 anna");
	world_end(&w);
}

/* -- missed, rejected, busy, unreachable, hung up: each its own (A-3) -- */

TEST(a_missed_offer_goes_on_and_its_agent_stops)
{
	struct world w;
	begin(&w, plain_queue());
	world_pass(&w, 1);
	world_agent(&w, "boris", "support");
	call(&w, "support");
	EXPECT_SAID(&w, "enqueue c1 support; offer c1 anna");
	world_pass(&w, 14999);
	EXPECT_SAID(&w, "");
	w.listens |= BIT(EAR_work);
	world_pass(&w, 1);
	EXPECT_SAID(&w, "offer_end c1 anna no_answer; work anna no_answer; offer c1 boris; "
			"work boris offered");
	EXPECT(presence_of(&w, "anna") == PRESENCE_ready);
	call(&w, "support"); /* nothing for anna until she says she is back */
	EXPECT_SAID(&w, "enqueue c2 support");
	EXPECT(presence(&w, "anna", PRESENCE_ready, "") == ERR_OK);
	EXPECT_SAID(&w, "work anna idle; offer c2 anna; work anna offered");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(after_a_miss_the_same_agent_is_not_rung_for_the_same_contact_for_30_s)
{
	struct world w;
	struct queue_config conf = plain_queue();
	conf.misses_max = 3;
	begin(&w, conf);
	call(&w, "support");
	world_pass(&w, 15000);
	EXPECT_SAID(&w, "enqueue c1 support; offer c1 anna; offer_end c1 anna no_answer");
	EXPECT(work_of(&w, "anna") == WORK_idle); /* two more may be missed */
	world_pass(&w, 29999);
	EXPECT_SAID(&w, "");
	call(&w, "support"); /* another contact may ring her */
	EXPECT_SAID(&w, "enqueue c2 support; offer c2 anna");
	EXPECT(fail_offer(&w, 2, "anna", OFFER_rejected) == ERR_OK);
	world_hush(&w);
	world_pass(&w, 1);
	EXPECT_SAID(&w, "offer c1 anna");
	world_pass(&w, 15000);
	EXPECT_SAID(&w, "offer_end c1 anna no_answer"); /* the second miss */
	world_pass(&w, 15000);
	EXPECT_SAID(&w, "offer c2 anna");
	world_pass(&w, 15000);
	EXPECT(work_of(&w, "anna") == WORK_no_answer); /* the third in a row */
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(an_answer_forgives_misses)
{
	struct world w;
	struct queue_config conf = plain_queue();
	conf.misses_max = 2;
	begin(&w, conf);
	for (int round = 0; round < 4; round++) {
		uint32_t c = call(&w, "support");
		world_pass(&w, 15000); /* missed once */
		world_pass(&w, 30000); /* rung again */
		EXPECT(accept_offer(&w, c, "anna") == ERR_OK);
		customer_hangs_up(&w, c);
	}
	EXPECT(work_of(&w, "anna") == WORK_idle);
	world_end(&w);
}

TEST(a_rejecting_agent_stays_free_for_others_but_not_for_this_contact)
{
	struct world w;
	begin(&w, plain_queue());
	call(&w, "support");
	world_hush(&w);
	EXPECT(fail_offer(&w, 1, "anna", OFFER_rejected) == ERR_OK);
	EXPECT_SAID(&w, "offer_end c1 anna rejected");
	EXPECT(work_of(&w, "anna") == WORK_idle);
	call(&w, "support");
	EXPECT_SAID(&w, "enqueue c2 support; offer c2 anna");
	customer_hangs_up(&w, 2);
	world_hush(&w);
	world_pass(&w, 29999);
	EXPECT_SAID(&w, "");
	world_pass(&w, 1);
	EXPECT_SAID(&w, "offer c1 anna");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(busy_and_unreachable_agents_are_skipped_for_10_s)
{
	static const enum offer_result results[] = {OFFER_busy, OFFER_unreachable};
	for (size_t i = 0; i < COUNT_OF(results); i++) {
		struct world w;
		begin(&w, plain_queue());
		call(&w, "support");
		EXPECT(fail_offer(&w, 1, "anna", results[i]) == ERR_OK);
		world_hush(&w);
		EXPECT(work_of(&w, "anna") == WORK_idle); /* no RONA */
		call(&w, "support");
		EXPECT_SAID(&w, "enqueue c2 support"); /* nor others */
		world_pass(&w, 9999);
		EXPECT_SAID(&w, "");
		world_pass(&w, 1);
		EXPECT_SAID(&w, "offer c1 anna");
		EXPECT_LAWFUL(&w);
		world_end(&w);
	}
}

TEST(a_caller_who_hangs_up_while_it_rings_is_no_miss)
{
	struct world w;
	begin(&w, plain_queue());
	w.listens |= BIT(EAR_work);
	call(&w, "support");
	world_pass(&w, 8000);
	world_hush(&w);
	call(&w, "support");
	customer_hangs_up(&w, 1);
	EXPECT_SAID(&w, "enqueue c2 support; offer_end c1 anna cancelled_by_caller; "
			"work anna idle; dequeue c1 abandoned 8000; offer c2 anna; "
			"work anna offered");
	EXPECT(accept_offer(&w, 1, "anna") == ERR_CONFLICT); /* too late */
	EXPECT(fail_offer(&w, 1, "anna", OFFER_no_answer) == ERR_CONFLICT);
	EXPECT(accept_offer(&w, 2, "anna") == ERR_OK);
	EXPECT(accept_offer(&w, 2, "anna") == ERR_CONFLICT);
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

/* -- talk, hold, end -- */

TEST(talk_time_excludes_hold)
{
	struct world w;
	begin(&w, plain_queue());
	w.listens = BIT(EAR_offer) | BIT(EAR_hold) | BIT(EAR_work);
	call(&w, "support");
	EXPECT(accept_offer(&w, 1, "anna") == ERR_OK);
	world_hush(&w);
	world_pass(&w, 4000);
	EXPECT(SEND(&w.core, hold_set, .contact = w.contacts[1], .on = true) == ERR_OK);
	EXPECT(SEND(&w.core, hold_set, .contact = w.contacts[1], .on = true) == ERR_CONFLICT);
	EXPECT_SAID(&w, "hold_on c1; work anna holding");
	world_pass(&w, 3000);
	EXPECT(SEND(&w.core, hold_set, .contact = w.contacts[1], .on = false) == ERR_OK);
	EXPECT_SAID(&w, "hold_off c1; work anna talking");
	world_pass(&w, 2000);
	EXPECT(SEND(&w.core, hold_set, .contact = w.contacts[1], .on = true) == ERR_OK);
	world_pass(&w, 500);
	world_hush(&w);
	EXPECT(agent_hangs_up(&w, 1, "anna") == ERR_OK); /* while held */
	EXPECT_SAID(&w, "agent_end c1 anna agent 6000 3500; work anna idle");
	EXPECT(agent_hangs_up(&w, 1, "anna") == ERR_CONFLICT);
	call(&w, "support");
	EXPECT(work_of(&w, "anna") == WORK_offered);
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

/* -- wrap-up -- */

TEST(wrap_up_ends_by_its_timer)
{
	struct world w;
	struct queue_config conf = plain_queue();
	conf.wrap_ms = 30000;
	begin(&w, conf);
	call(&w, "support");
	EXPECT(accept_offer(&w, 1, "anna") == ERR_OK);
	world_pass(&w, 60000);
	world_hush(&w);
	call(&w, "support");
	customer_hangs_up(&w, 1);
	EXPECT_SAID(&w, "enqueue c2 support; agent_end c1 anna customer 60000 0; "
			"wrap_start c1 anna");
	EXPECT(work_of(&w, "anna") == WORK_wrapping);
	struct acd_contact c;
	EXPECT(acd_contact_get(w.acd, w.contacts[1], &c) == ERR_OK);
	EXPECT(c.state == CONTACT_wrapping && ID_EQ(c.agent, agent_id(&w, "anna")));
	world_pass(&w, 29999);
	EXPECT_SAID(&w, "");
	world_pass(&w, 1);
	EXPECT_SAID(&w, "wrap_end c1 anna [||timer] 30000; offer c2 anna");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(wrap_up_ends_by_an_outcome_or_without)
{
	struct world w;
	struct queue_config conf = plain_queue();
	conf.wrap_ms = 30000;
	begin(&w, conf);
	call(&w, "support");
	EXPECT(wrap(&w, 1, "anna", "solved", "") == ERR_CONFLICT); /* only rings */
	EXPECT(accept_offer(&w, 1, "anna") == ERR_OK);
	customer_hangs_up(&w, 1);
	world_hush(&w);
	world_pass(&w, 5000);
	EXPECT(wrap(&w, 1, "anna", "invented", "") == ERR_INVALID);
	EXPECT(wrap(&w, 1, "anna", "solved", "called back") == ERR_OK);
	EXPECT_SAID(&w, "wrap_end c1 anna [solved|called back|anna] 5000");
	EXPECT(wrap(&w, 1, "anna", "solved", "") == ERR_CONFLICT);
	call(&w, "support");
	EXPECT(accept_offer(&w, 2, "anna") == ERR_OK);
	customer_hangs_up(&w, 2);
	world_hush(&w);
	EXPECT(wrap(&w, 2, "anna", "", "") == ERR_OK); /* not compulsory here */
	EXPECT_SAID(&w, "wrap_end c2 anna [||anna] 0");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(a_compulsory_outcome_is_waited_for)
{
	struct world w;
	struct queue_config conf = plain_queue();
	conf.wrap_ms = 30000;
	conf.outcome_required = true;
	begin(&w, conf);
	call(&w, "support");
	EXPECT(accept_offer(&w, 1, "anna") == ERR_OK);
	customer_hangs_up(&w, 1);
	world_hush(&w);
	world_pass(&w, 7200000);
	EXPECT_SAID(&w, "");
	EXPECT(wrap(&w, 1, "anna", "", "no outcome") == ERR_INVALID);
	EXPECT(SEND(&w.core, wrap_set, .contact = w.contacts[1], .agent = agent_id(&w, "anna"),
		    .outcome = STR("solved"), .by = STR("chief")) == ERR_OK);
	EXPECT_SAID(&w, "wrap_end c1 anna [solved||chief] 7200000");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(an_outcome_given_while_talking_is_kept)
{
	struct world w;
	struct queue_config conf = plain_queue();
	conf.wrap_ms = 30000;
	conf.outcome_required = true;
	begin(&w, conf);
	call(&w, "support");
	EXPECT(accept_offer(&w, 1, "anna") == ERR_OK);
	EXPECT(wrap(&w, 1, "anna", "solved", "early") == ERR_OK);
	customer_hangs_up(&w, 1);
	world_hush(&w);
	world_pass(&w, 30000);
	EXPECT_SAID(&w, "wrap_end c1 anna [solved|early|timer] 30000");
	conf.wrap_ms = 0; /* no time for it: told all the same */
	world_queue(&w, "support", conf);
	call(&w, "support");
	EXPECT(accept_offer(&w, 2, "anna") == ERR_OK);
	EXPECT(wrap(&w, 2, "anna", "solved", "") == ERR_OK);
	world_hush(&w);
	customer_hangs_up(&w, 2);
	EXPECT_SAID(&w, "agent_end c2 anna customer 0 0; wrap_start c2 anna; "
			"wrap_end c2 anna [solved||anna] 0");
	EXPECT(!contact_get(&w.core, w.contacts[2])); /* and the contact is over */
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(a_note_has_a_limit)
{
	static char long_note[ACD_NOTE_MAX + 2];
	struct world w;
	struct queue_config conf = plain_queue();
	conf.wrap_ms = 30000;
	begin(&w, conf);
	call(&w, "support");
	EXPECT(accept_offer(&w, 1, "anna") == ERR_OK);
	memset(long_note, 'x', ACD_NOTE_MAX + 1);
	EXPECT(wrap(&w, 1, "anna", "", long_note) == ERR_TOO_LARGE);
	long_note[ACD_NOTE_MAX] = 0;
	EXPECT(wrap(&w, 1, "anna", "", long_note) == ERR_OK);
	world_end(&w);
}

/* Asterisk #1006: wrap-up in one queue holds against all. */
TEST(a_shared_agent_in_wrap_up_is_not_offered_from_any_queue)
{
	struct world w;
	struct queue_config conf = plain_queue();
	world_begin(&w);
	world_queue(&w, "sales", conf);
	conf.wrap_ms = 30000;
	world_queue(&w, "support", conf);
	world_user(&w, "anna", plain_user(both, 2));
	EXPECT(presence(&w, "anna", PRESENCE_ready, "") == ERR_OK);
	call(&w, "support");
	EXPECT(accept_offer(&w, 1, "anna") == ERR_OK);
	customer_hangs_up(&w, 1);
	world_hush(&w);
	call(&w, "sales");
	EXPECT_SAID(&w, "enqueue c2 sales");
	world_pass(&w, 30000);
	EXPECT_SAID(&w, "wrap_end c1 anna [||timer] 30000; offer c2 anna");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(a_contact_may_go_on_while_its_wrap_up_is_open)
{
	struct world w;
	struct queue_config conf = plain_queue();
	conf.wrap_ms = 30000;
	begin(&w, conf);
	call(&w, "support");
	EXPECT(accept_offer(&w, 1, "anna") == ERR_OK);
	EXPECT(agent_hangs_up(&w, 1, "anna") == ERR_OK);
	world_hush(&w);
	EXPECT(join_with(&w, 1, "support", 0, 0) == ERR_OK);
	EXPECT_SAID(&w, "enqueue c1 support");
	world_agent(&w, "boris", "support");
	EXPECT_SAID(&w, "offer c1 boris");
	EXPECT(accept_offer(&w, 1, "boris") == ERR_OK);
	EXPECT(work_of(&w, "anna") == WORK_wrapping && work_of(&w, "boris") == WORK_talking);
	EXPECT(wrap(&w, 1, "anna", "solved", "") == ERR_OK);
	customer_hangs_up(&w, 1);
	EXPECT(work_of(&w, "boris") == WORK_wrapping);
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

/* -- users change and go -- */

TEST(a_deleted_user_finishes_his_talk_and_is_gone)
{
	struct world w;
	struct queue_config conf = plain_queue();
	conf.wrap_ms = 30000;
	conf.outcome_required = true;
	begin(&w, conf);
	call(&w, "support");
	EXPECT(accept_offer(&w, 1, "anna") == ERR_OK);
	struct agent_id old = agent_id(&w, "anna");
	EXPECT(acd_agent_works(w.acd, old));
	world_drop(&w, KIND_user, "anna");
	world_hush(&w);
	world_agent(&w, "anna", "support"); /* declared anew: another person */
	EXPECT(work_of(&w, "anna") == WORK_idle);
	EXPECT_LAWFUL(&w);
	customer_hangs_up(&w, 1);
	EXPECT_SAID(&w, "agent_end c1 anna customer 0 0"); /* nobody left to wrap up */
	EXPECT(!acd_agent_works(w.acd, old));
	world_end(&w);
}

/* sim seeds 5 and 11 */
TEST(a_user_deleted_in_wrap_up_is_not_waited_for)
{
	struct world w;
	struct queue_config conf = plain_queue();
	conf.outcome_required = true;
	begin(&w, conf);
	call(&w, "support");
	EXPECT(accept_offer(&w, 1, "anna") == ERR_OK);
	customer_hangs_up(&w, 1);
	world_hush(&w);
	EXPECT(contact_get(&w.core, w.contacts[1])); /* kept for its wrap-up */
	world_drop(&w, KIND_user, "anna");
	EXPECT_SAID(&w, "wrap_end c1 anna [||system] 0");
	EXPECT(!contact_get(&w.core, w.contacts[1]));
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(a_user_deleted_while_it_rings_loses_the_offer)
{
	struct world w;
	begin(&w, plain_queue());
	call(&w, "support");
	world_hush(&w);
	world_drop(&w, KIND_user, "anna");
	EXPECT_SAID(&w, "offer_end c1 anna agent_lost");
	world_agent(&w, "boris", "support");
	EXPECT_SAID(&w, "offer c1 boris");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(a_user_who_is_no_agent_any_more_signs_out_after_his_work)
{
	struct world w;
	begin(&w, plain_queue());
	call(&w, "support");
	EXPECT(accept_offer(&w, 1, "anna") == ERR_OK);
	struct user_config u = plain_user(support_only, 1);
	u.roles = BIT(ROLE_VIEWER);
	w.listens |= BIT(EAR_presence);
	world_user(&w, "anna", u);
	world_hush(&w);
	customer_hangs_up(&w, 1);
	EXPECT_SAID(&w, "agent_end c1 anna customer 0 0; presence anna signed_out [|system]");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

/* -- the watchdog (A-7) -- */

TEST(a_work_state_without_a_contact_is_closed_and_reported)
{
	struct world w;
	begin(&w, plain_queue());
	call(&w, "support");
	EXPECT(accept_offer(&w, 1, "anna") == ERR_OK);
	world_hush(&w);
	/* our own mistake, made on purpose: the hall loses the contact without a word */
	struct contact *k = contact_get(&w.core, w.contacts[1]);
	map_remove(&w.core.hall->by_uuid, str_make((const char *)k->uuid.b, sizeof k->uuid.b));
	pool_give(w.core.hall->contacts, k);
	world_pass(&w, 1900);
	EXPECT(work_of(&w, "anna") == WORK_talking);
	world_pass(&w, 2000);
	EXPECT(work_of(&w, "anna") == WORK_idle);
	EXPECT_SAID(&w, "alarm agent_work_closed");
	world_end(&w);
}

TEST(a_contact_that_vanishes_without_a_disconnect_frees_its_agent)
{
	struct world w;
	begin(&w, plain_queue());
	call(&w, "support");
	call(&w, "support");
	EXPECT(accept_offer(&w, 1, "anna") == ERR_OK);
	world_hush(&w);
	EMIT(&w.core, contact_gone, .contact = w.contacts[1]);
	world_deliver(&w);
	EXPECT(work_of(&w, "anna") == WORK_offered); /* with the next one */
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

/* -- strategies (Q-4) -- */

static void strategy_world(struct world *w, enum strategy s)
{
	struct queue_config conf = plain_queue();
	conf.strategy = s;
	world_begin(w);
	world_queue(w, "support", conf);
	world_agent(w, "cleo", "support");
	world_pass(w, 1);
	world_agent(w, "boris", "support");
	world_pass(w, 1);
	world_agent(w, "anna", "support");
	world_hush(w);
}

/* Serves one call of so many ms with nobody else around; returns who got it. */
static const char *serve(struct world *w, int64_t talk_ms)
{
	static const char *const names[] = {"anna", "boris", "cleo", "dora"};
	uint32_t c = call(w, "support");
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		if (ID_NONE(agent_id(w, names[i])) || work_of(w, names[i]) != WORK_offered)
			continue;
		EXPECT(accept_offer(w, c, names[i]) == ERR_OK);
		world_pass(w, talk_ms);
		customer_hangs_up(w, c);
		return names[i];
	}
	return "nobody";
}
#define EXPECT_SERVES(w, ms, who) EXPECT_STR(str_of(serve(w, ms)), who)

TEST(round_robin_goes_around_and_skips_those_who_cannot)
{
	struct world w;
	strategy_world(&w, STRATEGY_round_robin);
	EXPECT_SERVES(&w, 10, "anna");
	EXPECT_SERVES(&w, 10, "boris");
	EXPECT(presence(&w, "cleo", PRESENCE_not_ready, "lunch") == ERR_OK);
	EXPECT_SERVES(&w, 10, "anna");
	EXPECT(presence(&w, "cleo", PRESENCE_ready, "") == ERR_OK);
	world_restart(&w); /* the memory survives */
	EXPECT_SERVES(&w, 10, "boris");
	EXPECT_SERVES(&w, 10, "cleo");
	world_end(&w);
}

TEST(top_down_always_begins_at_the_top)
{
	struct world w;
	strategy_world(&w, STRATEGY_top_down);
	EXPECT_SERVES(&w, 10, "anna");
	EXPECT_SERVES(&w, 10, "anna");
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "lunch") == ERR_OK);
	EXPECT_SERVES(&w, 10, "boris");
	world_end(&w);
}

TEST(fewest_contacts_does_not_flood_a_newcomer)
{
	struct world w;
	strategy_world(&w, STRATEGY_fewest_contacts);
	EXPECT_SERVES(&w, 10, "cleo"); /* equal: idle for longest */
	EXPECT_SERVES(&w, 10, "boris");
	EXPECT_SERVES(&w, 10, "anna");
	EXPECT_SERVES(&w, 10, "cleo");
	EXPECT_SERVES(&w, 10, "boris");
	world_agent(&w, "dora", "support"); /* begins with anna's 1, not with 0 */
	EXPECT_SERVES(&w, 10, "anna");
	EXPECT_SERVES(&w, 10, "dora");
	EXPECT_SERVES(&w, 10, "cleo");
	world_end(&w);
}

TEST(least_talk_counts_talking)
{
	struct world w;
	strategy_world(&w, STRATEGY_least_talk);
	EXPECT_SERVES(&w, 5000, "cleo");
	EXPECT_SERVES(&w, 1000, "boris");
	EXPECT_SERVES(&w, 2000, "anna");
	EXPECT_SERVES(&w, 3000, "boris");
	EXPECT_SERVES(&w, 1000, "anna");
	EXPECT_SERVES(&w, 1000, "anna"); /* 3 s against 4 and 5 */
	world_end(&w);
}

TEST(random_reaches_everybody)
{
	struct world w;
	strategy_world(&w, STRATEGY_random);
	uint32_t got[3] = {0};
	for (int i = 0; i < 300; i++)
		got[serve(&w, 1)[0] - 'a']++;
	EXPECT(got[0] > 60 && got[1] > 60 && got[2] > 60);
	world_end(&w);
}

/* UCCX: 5 + 7 = 12 over the skills asked for only. */
TEST(most_and_least_skilled_sum_what_is_asked_for)
{
	static const struct skill_term terms[] = {
		{.op = TERM_COMPARE, .skill = {"polish", 6}, .compare = CMP_GT, .level = 0},
		{.op = TERM_COMPARE, .skill = {"loans", 5}, .compare = CMP_GT, .level = 0},
		{.op = TERM_AND}};
	static const struct skill_step step[] = {{.terms = terms, .term_count = 3}};
	static const struct user_skill anna[] = {{{"polish", 6}, 5}, {{"loans", 5}, 7}};
	static const struct user_skill boris[] = {
		{{"polish", 6}, 1}, {{"loans", 5}, 8}, {{"chess", 5}, 90}};
	for (int most = 0; most < 2; most++) {
		struct world w;
		struct queue_config conf = plain_queue();
		conf.strategy = most ? STRATEGY_most_skilled : STRATEGY_least_skilled;
		conf.steps = step;
		conf.step_count = 1;
		world_begin(&w);
		world_queue(&w, "support", conf);
		struct user_config u = plain_user(support_only, 1);
		u.skills = anna;
		u.skill_count = 2;
		world_user(&w, "anna", u);
		u.skills = boris;
		u.skill_count = 3;
		world_user(&w, "boris", u);
		EXPECT(presence(&w, "anna", PRESENCE_ready, "") == ERR_OK);
		EXPECT(presence(&w, "boris", PRESENCE_ready, "") == ERR_OK);
		EXPECT_SERVES(&w, 10, most ? "anna" : "boris");
		EXPECT_SERVES(&w, 10, most ? "anna" : "boris");
		world_end(&w);
	}
}

/* switchable. */
TEST(a_break_resets_idle_where_the_queue_says_so)
{
	for (int resets = 0; resets < 2; resets++) {
		struct world w;
		world_begin(&w);
		struct queue_config conf = plain_queue();
		conf.idle_reset_by_break = resets;
		world_queue(&w, "q", conf);
		world_agent(&w, "anna", "q");
		world_pass(&w, 1000);
		world_agent(&w, "boris", "q");
		world_pass(&w, 60000);
		EXPECT(presence(&w, "anna", PRESENCE_not_ready, "break") == ERR_OK);
		world_pass(&w, 60000);
		EXPECT(presence(&w, "anna", PRESENCE_ready, "") == ERR_OK);
		EXPECT_LAWFUL(&w);
		world_restart(&w);
		EXPECT_LAWFUL(&w);
		world_hush(&w);
		(void)call(&w, "q");
		world_deliver(&w);
		EXPECT_SAID(&w, resets ? "enqueue c1 q; offer c1 boris"
				       : "enqueue c1 q; offer c1 anna");
		conf.idle_reset_by_break = !resets; /* while they wait in its order */
		world_queue(&w, "q", conf);
		EXPECT_LAWFUL(&w);
		world_end(&w);
	}
}
