/* limit_test.c - reasons with a limit, who may come in and stay, unmeetable demand.
 */
#include "acd/world_test.h"
#include "tests/test.h"

static const struct str support[] = {{"support", 7}};
#define MINUTE 60000

static void reason(struct world *w, const char *name, struct reason_config conf)
{
	world_object(w, &(struct config){.kind = KIND_reason,
					 .tenant = STR("acme"),
					 .id = str_of(name),
					 .reason = conf});
}

static struct acd_agent look(struct world *w, const char *name)
{
	struct acd_agent a = {0};
	EXPECT(acd_agent_get(w->acd, agent_id(w, name), &a) == ERR_OK);
	return a;
}

TEST(a_reason_with_a_limit_warns_and_then_tells)
{
	struct world w;
	world_begin(&w);
	reason(&w, "smoke", (struct reason_config){.max_minutes = 15, .warn_minutes = 2});
	world_queue(&w, "support", plain_queue());
	world_agent(&w, "anna", "support");
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "smoke") == ERR_OK);
	EXPECT(look(&w, "anna").reason_until_utc_ms == w.core.utc_ms + 15 * MINUTE);
	world_hush(&w);
	world_pass(&w, 13 * MINUTE - 1);
	EXPECT_SAID(&w, "");
	world_pass(&w, 1);
	EXPECT_SAID(&w, "reason_warning anna smoke 120000");
	world_restart(&w); /* neither forgotten nor told twice */
	world_hush(&w);
	world_pass(&w, 2 * MINUTE - 1);
	EXPECT_SAID(&w, "");
	EXPECT(!look(&w, "anna").reason_over);
	world_pass(&w, 1);
	EXPECT_SAID(&w, "reason_over anna smoke 900000; alarm reason_over");
	struct acd_agent a = look(&w, "anna"); /* stays where he is, marked */
	EXPECT(a.presence == PRESENCE_not_ready && a.reason_over);
	world_pass(&w, 60 * MINUTE);
	EXPECT_SAID(&w, "");
	EXPECT(presence(&w, "anna", PRESENCE_ready, "") == ERR_OK);
	a = look(&w, "anna");
	EXPECT(!a.reason_over && !a.reason_until_utc_ms);
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(a_reason_is_left_in_time_and_begins_anew)
{
	struct world w;
	world_begin(&w);
	reason(&w, "smoke", (struct reason_config){.max_minutes = 5});
	world_queue(&w, "support", plain_queue());
	world_agent(&w, "anna", "support");
	for (int i = 0; i < 3; i++) {
		EXPECT(presence(&w, "anna", PRESENCE_not_ready, "smoke") == ERR_OK);
		world_pass(&w, 4 * MINUTE);
		EXPECT(presence(&w, "anna", PRESENCE_ready, "") == ERR_OK);
	}
	EXPECT_SAID(&w, "");
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "lunch") == ERR_OK); /* without a limit */
	world_pass(&w, 600 * MINUTE);
	EXPECT_SAID(&w, "");
	world_end(&w);
}

/* VICIdial FORCE: none is not a reason where reasons are declared. */
TEST(a_reason_is_compulsory_and_some_need_approval)
{
	struct world w;
	world_begin(&w);
	reason(&w, "training", (struct reason_config){.approval = true});
	world_queue(&w, "support", plain_queue());
	world_agent(&w, "anna", "support");
	world_hush(&w);
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "") == ERR_INVALID);
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "fishing") == ERR_INVALID);
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "training") == ERR_FORBIDDEN);
	EXPECT_SAID(&w, "asks anna training");
	EXPECT(presence_of(&w, "anna") == PRESENCE_ready);
	EXPECT(SEND(&w.core, presence_set, .agent = agent_id(&w, "anna"),
		    .presence = PRESENCE_not_ready, .reason = STR("training"), .by = STR("simon"),
		    .supervised = true) == ERR_OK);
	EXPECT(presence_of(&w, "anna") == PRESENCE_not_ready);
	world_end(&w);
}

static enum err decide(struct world *w, const char *agent, bool grant)
{
	return SEND(&w->core, approval_decide, .agent = agent_id(w, agent), .grant = grant,
		    .by = STR("simon"));
}

TEST(what_an_agent_asks_for_stands_until_it_is_decided)
{
	struct world w;
	world_begin(&w);
	reason(&w, "training", (struct reason_config){.approval = true});
	reason(&w, "errand", (struct reason_config){.approval = true});
	world_queue(&w, "support", plain_queue());
	world_agent(&w, "anna", "support");
	world_hush(&w);
	EXPECT(decide(&w, "anna", true) == ERR_CONFLICT);
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "training") == ERR_FORBIDDEN);
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "training") ==
	       ERR_FORBIDDEN); /* impatient */
	EXPECT_SAID(&w, "asks anna training");
	EXPECT(decide(&w, "anna", false) == ERR_OK);
	EXPECT_SAID(&w, "approval anna training refused simon");
	EXPECT(presence_of(&w, "anna") == PRESENCE_ready);
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "training") == ERR_FORBIDDEN);
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "errand") == ERR_FORBIDDEN);
	world_restart(&w); /* it stands all the same */
	EXPECT_SAID(&w,
		    "asks anna training; approval anna training withdrawn anna; asks anna errand");
	EXPECT(decide(&w, "anna", true) == ERR_OK);
	EXPECT_SAID(&w, "approval anna errand granted simon");
	EXPECT(presence_of(&w, "anna") == PRESENCE_not_ready);
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "training") == ERR_FORBIDDEN);
	EXPECT(presence(&w, "anna", PRESENCE_signed_out, "") == ERR_OK);
	EXPECT(decide(&w, "anna", true) == ERR_CONFLICT);
	world_hush(&w);
	world_end(&w);
}

/* -- who may come in, who may stay: Asterisk joinempty, leavewhenempty -- */

TEST(callers_come_in_while_somebody_is_in_a_named_state)
{
	struct world w;
	world_begin(&w);
	struct queue_config conf = plain_queue();
	conf.join_when = BIT(STAFF_ready) | BIT(STAFF_on_call);
	world_queue(&w, "support", conf);
	world_agent(&w, "anna", "support");
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "lunch") == ERR_OK);
	world_hush(&w);
	call(&w, "support");
	EXPECT_SAID(&w, "enqueue c1 support; dequeue c1 flow_out no_agents 0");
	EXPECT(presence(&w, "anna", PRESENCE_ready, "") == ERR_OK);
	uint32_t c = call(&w, "support");
	EXPECT(accept_offer(&w, c, "anna") == ERR_OK);
	world_hush(&w);
	call(&w, "support");
	EXPECT_SAID(&w, "enqueue c3 support"); /* she talks: he waits */
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(callers_stay_while_somebody_is_in_a_named_state_and_a_grace_longer)
{
	struct world w;
	world_begin(&w);
	struct queue_config conf = plain_queue();
	conf.stay_when = BIT(STAFF_ready) | BIT(STAFF_on_call) | BIT(STAFF_wrapping);
	world_queue(&w, "support", conf);
	world_agent(&w, "anna", "support");
	uint32_t c = call(&w, "support");
	EXPECT(accept_offer(&w, c, "anna") == ERR_OK);
	call(&w, "support");
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "lunch") == ERR_OK); /* afterwards */
	world_pass(&w, 600000);
	world_hush(&w);
	customer_hangs_up(&w, c);
	world_hush(&w);
	world_pass(&w, 59999);
	EXPECT_SAID(&w, "");
	EXPECT_LAWFUL(&w);
	world_pass(&w, 1);
	EXPECT_SAID(&w, "dequeue c2 flow_out no_agents 660000");
	world_end(&w);
}

TEST(who_would_wait_too_long_is_turned_away)
{
	struct world w;
	world_begin(&w);
	struct queue_config conf = plain_queue();
	conf.ewt_limit_ms = 60000; /* 90 s a contact is the guess without figures */
	world_queue(&w, "support", conf);
	world_agent(&w, "anna", "support");
	uint32_t c = call(&w, "support");
	EXPECT(accept_offer(&w, c, "anna") == ERR_OK);
	world_hush(&w);
	struct acd_queue_live live;
	while (acd_queue_live(w.acd, queue_id(&w, "support"), &live) == ERR_OK &&
	       live.ewt_ms <= 60000 && live.waiting < 20) {
		call(&w, "support");
		world_hush(&w);
		world_pass(&w, 1000);
	}
	EXPECT(live.ewt_ms > 60000);
	uint32_t waiting = live.waiting;
	call(&w, "support");
	world_deliver(&w);
	EXPECT(str_find_str(buf_str(&w.log), STR("rejected full 0")) >= 0);
	EXPECT(acd_queue_live(w.acd, queue_id(&w, "support"), &live) == ERR_OK);
	EXPECT(live.waiting == waiting);
	world_end(&w);
}

/* -- Q-5 -- */

TEST(demand_that_nobody_signed_in_can_meet_is_told_at_once)
{
	static const struct skill_term polish[] = {{TERM_COMPARE, {"polish", 6}, CMP_GE, 50}};
	static const struct skill_step steps[] = {{0, {"polish >= 50", 12}, polish, 1}};
	static const struct user_skill knows[] = {{{"polish", 6}, 80}};
	struct world w;
	world_begin(&w);
	struct queue_config conf = plain_queue();
	conf.steps = steps;
	conf.step_count = 1;
	world_queue(&w, "support", conf);
	world_agent(&w, "boris", "support"); /* without the skill */
	struct user_config anna = plain_user(support, 1);
	anna.skills = knows;
	anna.skill_count = 1;
	world_user(&w, "anna", anna); /* with it, signed out */
	w.listens |= BIT(EAR_meet);
	world_hush(&w);
	uint32_t c = call(&w, "support");
	EXPECT_SAID(&w, "enqueue c1 support; unmeetable support [polish >= 50]");
	struct acd_queue_live live;
	EXPECT(acd_queue_live(w.acd, queue_id(&w, "support"), &live) == ERR_OK);
	EXPECT(live.unmeetable);
	call(&w, "support"); /* told once */
	EXPECT_SAID(&w, "enqueue c2 support");
	world_restart(&w);
	EXPECT_SAID(&w, "");
	EXPECT_LAWFUL(&w);
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "lunch") == ERR_OK);
	EXPECT_SAID(&w, "meetable support [polish >= 50]"); /* on a break she could */
	EXPECT(presence(&w, "anna", PRESENCE_signed_out, "") == ERR_OK);
	EXPECT_SAID(&w, "unmeetable support [polish >= 50]");
	customer_hangs_up(&w, c);
	world_hush(&w);
	customer_hangs_up(&w, 2); /* nobody waits any more */
	EXPECT_SAID(&w, "dequeue c2 abandoned 0; meetable support []");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

/* -- Q-9 -- */

TEST(why_is_known_of_one_who_was_never_offered)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", plain_queue());
	world_agent(&w, "anna", "support");
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "lunch") == ERR_OK);
	uint32_t c = call(&w, "support");
	char room[8192];
	struct buf out = buf_make(room, sizeof room);
	EXPECT(acd_contact_why(w.acd, w.contacts[c], &out) == ERR_OK);
	EXPECT(str_find_str(buf_str(&out), STR("{\"agent\":\"anna\",\"refused\":\"not_ready\"")) >=
	       0);
	EXPECT(str_find_str(buf_str(&out), STR("\"eligible\":0")) >= 0);
	w.why[0] = 0;
	customer_hangs_up(&w, c);
	world_deliver(&w); /* the last view is kept */
	EXPECT(str_find_str(str_of(w.why), STR("\"refused\":\"not_ready\"")) >= 0);
	EXPECT(acd_contact_why(w.acd, w.contacts[c], &out) == ERR_CONFLICT);
	world_end(&w);
}
