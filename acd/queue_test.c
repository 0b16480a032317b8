/* queue_test.c - who is served when: rank, skills, limits, exits (behaviours.md section 4). */
#include "acd/world_test.h"
#include "tests/test.h"

TEST(the_agent_idle_for_the_longest_time_gets_the_contact)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", plain_queue());
	world_agent(&w, "anna", "support");
	world_pass(&w, 1000);
	world_agent(&w, "boris", "support");
	uint32_t c = call(&w, "support");
	EXPECT_SAID(&w, "enqueue c1 support; offer c1 anna");
	EXPECT(accept_offer(&w, c, "anna") == ERR_OK);
	EXPECT_SAID(&w, "offer_end c1 anna accepted; dequeue c1 answered 0; answer c1 anna 0");
	world_pass(&w, 5000);
	customer_hangs_up(&w, c);
	EXPECT_SAID(&w, "agent_end c1 anna customer 5000 0");
	call(&w, "support");
	EXPECT_SAID(&w, "enqueue c2 support; offer c2 boris");
	call(&w, "support");
	EXPECT_SAID(&w, "enqueue c3 support; offer c3 anna");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

#define ALL_EXITS (BIT(EXIT_full) | BIT(EXIT_timeout) | BIT(EXIT_no_agents))
static const struct str support_only[] = {{"support", 7}};
static const struct str both[] = {{"support", 7}, {"sales", 5}};

/* An agent who is signed in but on a break: he holds the queue open and takes nothing. */
static void on_break(struct world *w, const char *name)
{
	world_user(w, name, plain_user(both, 2));
	EXPECT(presence(w, name, PRESENCE_not_ready, "lunch") == ERR_OK);
}

static void expect_order(struct world *w, const char *queue, const uint32_t *want, uint32_t count)
{
	struct acd_waiting got[64];
	EXPECT(acd_queue_waiting(w->acd, queue_id(w, queue), got, 64) == count);
	for (uint32_t i = 0; i < count; i++) {
		EXPECT(ID_EQ(got[i].contact, w->contacts[want[i]]));
		EXPECT(got[i].position == i + 1);
	}
}

/* behaviours.md Q-2: 5 min of waiting and priority 10 make 15. */
TEST(priority_minutes_and_waited_minutes_are_one_score)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", plain_queue());
	on_break(&w, "anna");
	uint32_t old = call(&w, "support");
	world_pass(&w, 5 * 60000);
	uint32_t vip = arrive(&w);
	EXPECT(join_with(&w, vip, "support", 10, 0) == ERR_OK);
	uint32_t mid = arrive(&w);
	EXPECT(join_with(&w, mid, "support", 5, 0) == ERR_OK); /* 0 + 5 min = 5: first come */
	uint32_t plain = call(&w, "support");
	expect_order(&w, "support", (uint32_t[]){vip, old, mid, plain}, 4);
	world_pass(&w, 60000);
	uint32_t late = arrive(&w);
	EXPECT(join_with(&w, late, "support", 6, 0) == ERR_OK); /* 6 now equals mid's 5 + 1 */
	expect_order(&w, "support", (uint32_t[]){vip, old, mid, late, plain}, 5);
	world_hush(&w);
	EXPECT(presence(&w, "anna", PRESENCE_ready, "") == ERR_OK);
	EXPECT_SAID(&w, "offer c2 anna");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(a_queue_without_ageing_goes_by_priority_alone)
{
	struct world w;
	world_begin(&w);
	struct queue_config conf = plain_queue();
	conf.ageing = 0;
	world_queue(&w, "support", conf);
	on_break(&w, "anna");
	uint32_t old = call(&w, "support");
	world_pass(&w, 3600000);
	uint32_t vip = arrive(&w);
	EXPECT(join_with(&w, vip, "support", 1, 0) == ERR_OK);
	expect_order(&w, "support", (uint32_t[]){vip, old}, 2);
	conf.ageing = 1; /* changing it ranks the waiting again */
	world_queue(&w, "support", conf);
	expect_order(&w, "support", (uint32_t[]){old, vip}, 2);
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

/* Q-8 (b), (d): two queues, one agent: strictly by class, then score, then who came first. */
TEST(an_agent_of_two_queues_serves_the_best_rank_of_both)
{
	struct world w;
	world_begin(&w);
	struct queue_config first_class = plain_queue();
	first_class.class_rank = 1;
	world_queue(&w, "support", plain_queue());
	world_queue(&w, "sales", plain_queue());
	on_break(&w, "anna");
	uint32_t c1 = call(&w, "support");
	world_pass(&w, 1000);
	uint32_t c2 = call(&w, "sales");
	world_pass(&w, 1000);
	uint32_t c3 = call(&w, "support");
	uint32_t c4 = arrive(&w);
	EXPECT(join_with(&w, c4, "sales", 1, 0) == ERR_OK); /* +1 min outranks 2 s of waiting */
	const uint32_t want[] = {c4, c1, c2, c3};
	world_hush(&w);
	EXPECT(presence(&w, "anna", PRESENCE_ready, "") == ERR_OK);
	for (int i = 0; i < 4; i++) {
		char said[32];
		struct buf b = buf_make(said, sizeof said);
		buf_fmt(&b, "offer c%u anna", want[i]);
		buf_ch(&b, 0);
		EXPECT_SAID(&w, said);
		EXPECT(accept_offer(&w, want[i], "anna") == ERR_OK);
		world_deliver(&w);
		if (i == 1) /* the class of a queue stands above any score */
			world_queue(&w, "support", first_class);
		world_hush(&w);
		customer_hangs_up(&w, want[i]);
		world_hush(&w);
		struct acd_agent a;
		EXPECT(acd_agent_get(w.acd, agent_id(&w, "anna"), &a) == ERR_OK);
		if (i == 1) {
			EXPECT(ID_EQ(a.contacts[0], w.contacts[c3]));
			break;
		}
		EXPECT(ID_EQ(a.contacts[0], w.contacts[want[i + 1]]));
		buf_fmt(&w.log, "offer c%u anna", want[i + 1]);
	}
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(queues_that_age_faster_catch_up_with_older_contacts_of_others)
{
	struct world w;
	struct queue_config fast = plain_queue();
	fast.ageing = 3;
	world_begin(&w);
	world_queue(&w, "support", plain_queue());
	world_queue(&w, "sales", fast);
	on_break(&w, "anna");
	call(&w, "support");
	world_pass(&w, 5 * 60000);
	call(&w, "sales");
	world_pass(&w, 2 * 60000); /* 7 against 6 */
	world_hush(&w);
	EXPECT(presence(&w, "anna", PRESENCE_ready, "") == ERR_OK);
	EXPECT_SAID(&w, "offer c1 anna");
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "lunch") == ERR_OK);
	EXPECT(fail_offer(&w, 1, "anna", OFFER_busy) == ERR_OK);
	world_pass(&w, 60000); /* 8 against 9 */
	world_hush(&w);
	EXPECT(presence(&w, "anna", PRESENCE_ready, "") == ERR_OK);
	EXPECT_SAID(&w, "offer c2 anna");
	world_end(&w);
}

TEST(wrap_up_belongs_to_the_contact_handled)
{
	struct world w;
	struct queue_config conf = plain_queue();
	conf.wrap_ms = 30000;
	world_begin(&w);
	world_queue(&w, "support", conf);
	world_agent(&w, "anna", "support");
	world_agent(&w, "boris", "support");
	uint32_t c1 = call(&w, "support"), c2 = call(&w, "support");
	EXPECT(accept_offer(&w, c1, "anna") == ERR_OK);
	EXPECT(accept_offer(&w, c2, "boris") == ERR_OK);
	world_pass(&w, 1000);
	customer_hangs_up(&w, c1); /* anna's talk ends first, her wrap-up last */
	world_pass(&w, 1000);
	customer_hangs_up(&w, c2);
	EXPECT(wrap(&w, c2, "boris", "", "") == ERR_OK);
	world_pass(&w, 60000);
	world_hush(&w);
	call(&w, "support");
	EXPECT_SAID(&w, "enqueue c3 support; offer c3 boris");
	world_end(&w);
}

/* Q-8 (c): the contact at the head is not overtaken by those inserted behind it. */
TEST(a_failed_offer_returns_to_its_original_place)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", plain_queue());
	world_agent(&w, "anna", "support");
	uint32_t c1 = call(&w, "support");
	world_pass(&w, 1000);
	uint32_t c2 = call(&w, "support"), c3 = call(&w, "support");
	expect_order(&w, "support", (uint32_t[]){c1, c2, c3}, 3);
	world_hush(&w);
	EXPECT(fail_offer(&w, c1, "anna", OFFER_rejected) == ERR_OK);
	EXPECT_SAID(&w, "offer_end c1 anna rejected; offer c2 anna"); /* he stays free for others */
	expect_order(&w, "support", (uint32_t[]){c1, c2, c3}, 3);
	world_agent(&w, "boris", "support");
	EXPECT_SAID(&w, "offer c1 boris");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

/* -- skills -- */

static const struct skill_term billing_3[] = {
	{.op = TERM_COMPARE, .skill = {"billing", 7}, .compare = CMP_GE, .level = 3}};
static const struct skill_term billing_1[] = {
	{.op = TERM_COMPARE, .skill = {"billing", 7}, .compare = CMP_GE, .level = 1}};
static const struct skill_step steps[] = {
	{.after_ms = 0, .need = {"billing >= 3", 12}, .terms = billing_3, .term_count = 1},
	{.after_ms = 60000, .need = {"billing >= 1", 12}, .terms = billing_1, .term_count = 1}};
static const struct user_skill expert[] = {{{"billing", 7}, 5}};
static const struct user_skill novice[] = {{{"billing", 7}, 1}};

static void skilled_agent(struct world *w, const char *name, const struct user_skill *skill)
{
	struct user_config u = plain_user(support_only, 1);
	u.skills = skill;
	u.skill_count = skill ? 1 : 0;
	world_user(w, name, u);
	EXPECT(presence(w, name, PRESENCE_ready, "") == ERR_OK);
}

TEST(skills_are_demanded_and_relaxed_after_a_while)
{
	struct world w;
	world_begin(&w);
	struct queue_config conf = plain_queue();
	conf.steps = steps;
	conf.step_count = 2;
	world_queue(&w, "support", conf);
	skilled_agent(&w, "novice", novice);
	skilled_agent(&w, "nobody", NULL);
	uint32_t c1 = call(&w, "support");
	EXPECT_SAID(&w, "enqueue c1 support");
	world_pass(&w, 59999);
	EXPECT_SAID(&w, "");
	world_pass(&w, 1);
	EXPECT_SAID(&w, "offer c1 novice");
	EXPECT(str_find_str(str_of(w.why), STR("\"need\":\"billing >= 1\"")) > 0);
	EXPECT(str_find_str(str_of(w.why), STR("{\"agent\":\"nobody\",\"refused\":\"skill\"")) > 0);
	EXPECT(accept_offer(&w, c1, "novice") == ERR_OK);
	call(&w, "support");
	world_hush(&w);
	skilled_agent(&w, "expert", expert);
	EXPECT_SAID(&w, "offer c2 expert");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

/* Q-8 (a), in our terms: who ranks higher but cannot be served by him does not stand in the way. */
TEST(a_higher_contact_nobody_can_serve_does_not_block_others)
{
	struct world w;
	struct queue_config conf = plain_queue();
	world_begin(&w);
	world_queue(&w, "support", conf);
	conf.class_rank = 9;
	conf.steps = steps;
	conf.step_count = 1;
	world_queue(&w, "sales", conf);
	on_break(&w, "anna");
	for (int i = 0; i < 5; i++)
		call(&w, "sales");
	call(&w, "support");
	world_hush(&w);
	EXPECT(presence(&w, "anna", PRESENCE_ready, "") == ERR_OK);
	EXPECT_SAID(&w, "offer c6 anna");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(a_changed_skill_counts_at_once)
{
	struct world w;
	world_begin(&w);
	struct queue_config conf = plain_queue();
	conf.steps = steps;
	conf.step_count = 1;
	world_queue(&w, "support", conf);
	skilled_agent(&w, "anna", novice);
	call(&w, "support");
	EXPECT_SAID(&w, "enqueue c1 support");
	struct user_config u = plain_user(support_only, 1);
	u.skills = expert;
	u.skill_count = 1;
	world_user(&w, "anna", u);
	EXPECT_SAID(&w, "offer c1 anna");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(a_relaxed_demand_lets_the_best_rank_go_first)
{
	struct world w;
	world_begin(&w);
	struct queue_config conf = plain_queue();
	conf.steps = steps;
	conf.step_count = 2;
	world_queue(&w, "support", conf);
	skilled_agent(&w, "novice", novice);
	call(&w, "support");
	uint32_t vip = arrive(&w);
	EXPECT(join_with(&w, vip, "support", 10, 0) == ERR_OK);
	world_hush(&w);
	world_pass(&w, 60000); /* both become eligible at this instant */
	EXPECT_SAID(&w, "offer c2 novice");
	world_end(&w);
}

TEST(demands_are_evaluated_in_postfix_order)
{
	/* polish > 50 && !(mortgage < 1) || vip == 1 */
	static const struct skill_term terms[] = {
		{.op = TERM_COMPARE, .skill = {"polish", 6}, .compare = CMP_GT, .level = 50},
		{.op = TERM_COMPARE, .skill = {"mortgage", 8}, .compare = CMP_LT, .level = 1},
		{.op = TERM_NOT},
		{.op = TERM_AND},
		{.op = TERM_COMPARE, .skill = {"vip", 3}, .compare = CMP_EQ, .level = 1},
		{.op = TERM_OR}};
	static const struct {
		uint32_t polish, mortgage, vip;
		bool yes;
	} rows[] = {{51, 1, 0, true}, {50, 1, 0, false}, {51, 0, 0, false},
		    {0, 0, 1, true},  {0, 0, 2, false},	 {100, 100, 0, true}};
	static const struct skill_term every[] = {
		{.op = TERM_COMPARE, .skill = {"polish", 6}, .compare = CMP_NE, .level = 7}};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct user_skill s[] = {{{"polish", 6}, rows[i].polish},
					 {{"mortgage", 8}, rows[i].mortgage},
					 {{"vip", 3}, rows[i].vip}};
		struct world w;
		world_begin(&w);
		static struct skill_step step;
		step = (struct skill_step){.terms = terms, .term_count = 6};
		struct queue_config conf = plain_queue();
		conf.steps = &step;
		conf.step_count = 1;
		world_queue(&w, "support", conf);
		struct user_config u = plain_user(support_only, 1);
		u.skills = s;
		u.skill_count = 3;
		world_user(&w, "anna", u);
		EXPECT(presence(&w, "anna", PRESENCE_ready, "") == ERR_OK);
		call(&w, "support");
		EXPECT((work_of(&w, "anna") == WORK_offered) == rows[i].yes);
		step = (struct skill_step){.terms = every, .term_count = 1};
		world_queue(&w, "support", conf); /* the demand changes: looked at again */
		EXPECT(work_of(&w, "anna") == WORK_offered);
		world_end(&w);
	}
}

/* -- limits and exits (Q-7, contract 2) -- */

TEST(a_full_queue_refuses_and_counts_as_offered)
{
	struct world w;
	world_begin(&w);
	struct queue_config conf = plain_queue();
	conf.max_waiting = 2;
	world_queue(&w, "support", conf);
	on_break(&w, "anna");
	call(&w, "support");
	call(&w, "support");
	uint32_t c3 = arrive(&w), c4 = arrive(&w);
	world_hush(&w);
	EXPECT(join_with(&w, c3, "support", 0, ALL_EXITS) == ERR_OK);
	EXPECT_SAID(&w, "enqueue c3 support; dequeue c3 rejected full 0");
	EXPECT(join_with(&w, c4, "support", 0, 0) == ERR_OK); /* also when the flow names no exit */
	EXPECT_SAID(&w, "enqueue c4 support; dequeue c4 rejected full 0");
	customer_hangs_up(&w, 1);
	world_hush(&w);
	EXPECT(join_with(&w, c4, "support", 0, 0) == ERR_OK); /* a return is offered again */
	EXPECT_SAID(&w, "enqueue c4 support");
	EXPECT(join_with(&w, c4, "support", 0, 0) == ERR_CONFLICT);
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(the_longest_wait_ends_by_rule_if_the_flow_names_it)
{
	struct world w;
	world_begin(&w);
	struct queue_config conf = plain_queue();
	conf.max_wait_ms = 30000;
	world_queue(&w, "support", conf);
	on_break(&w, "anna");
	call(&w, "support");
	uint32_t c2 = arrive(&w);
	EXPECT(join_with(&w, c2, "support", 0, BIT(EXIT_full)) == ERR_OK);
	world_hush(&w);
	world_pass(&w, 29999);
	EXPECT_SAID(&w, "");
	world_pass(&w, 1);
	EXPECT_SAID(&w, "dequeue c1 flow_out timeout 30000");
	world_pass(&w, 3600000); /* c2's flow does not name it: he goes on waiting */
	EXPECT_SAID(&w, "");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(an_offer_that_rings_is_finished_before_the_time_is_up)
{
	struct world w;
	world_begin(&w);
	struct queue_config conf = plain_queue();
	conf.max_wait_ms = 20000;
	world_queue(&w, "support", conf);
	on_break(&w, "anna");
	on_break(&w, "boris");
	uint32_t c1 = call(&w, "support");
	uint32_t c2 = call(&w, "support");
	world_pass(&w, 15000);
	world_hush(&w);
	EXPECT(presence(&w, "anna", PRESENCE_ready, "") == ERR_OK);
	EXPECT(presence(&w, "boris", PRESENCE_ready, "") == ERR_OK);
	EXPECT_SAID(&w, "offer c1 anna; offer c2 boris");
	world_pass(&w, 10000); /* 25 s waited, still ringing */
	EXPECT_SAID(&w, "");
	EXPECT(accept_offer(&w, c1, "anna") == ERR_OK); /* the answer wins */
	EXPECT_SAID(&w, "offer_end c1 anna accepted; dequeue c1 answered 25000; "
			"answer c1 anna 25000");
	EXPECT(fail_offer(&w, c2, "boris", OFFER_rejected) == ERR_OK);
	EXPECT_SAID(&w, "offer_end c2 boris rejected; dequeue c2 flow_out timeout 25000");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(with_nobody_signed_in_a_caller_leaves_at_once_if_the_flow_says_so)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", plain_queue());
	world_user(&w, "anna", plain_user(support_only, 1));
	call(&w, "support");
	EXPECT_SAID(&w, "enqueue c1 support; dequeue c1 flow_out no_agents 0");
	uint32_t c2 = arrive(&w);
	EXPECT(join_with(&w, c2, "support", 0, BIT(EXIT_timeout)) == ERR_OK);
	EXPECT_SAID(&w, "enqueue c2 support");
	world_pass(&w, 3600000);
	EXPECT_SAID(&w, "");
	EXPECT(presence(&w, "anna", PRESENCE_ready, "") == ERR_OK);
	EXPECT_SAID(&w, "offer c2 anna");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(an_accidental_last_sign_out_has_a_grace_time)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", plain_queue());
	on_break(&w, "anna");
	call(&w, "support");
	uint32_t stays = arrive(&w);
	EXPECT(join_with(&w, stays, "support", 0, 0) == ERR_OK);
	world_hush(&w);
	EXPECT(presence(&w, "anna", PRESENCE_signed_out, "") == ERR_OK);
	world_pass(&w, 59000);
	EXPECT_SAID(&w, "");
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "lunch") == ERR_OK); /* a slip */
	world_pass(&w, 10000);
	EXPECT_SAID(&w, "");
	EXPECT(presence(&w, "anna", PRESENCE_signed_out, "") == ERR_OK);
	call(&w, "support"); /* who comes in the grace finds nobody signed in */
	EXPECT_SAID(&w, "enqueue c3 support; dequeue c3 flow_out no_agents 0");
	world_pass(&w, 59999);
	EXPECT_SAID(&w, "");
	world_pass(&w, 1);
	EXPECT_SAID(&w, "dequeue c1 flow_out no_agents 129000");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

/* Q-8 (e): whoever waits long enough comes first, whatever priority newcomers bring. */
TEST(ageing_bounds_every_wait)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", plain_queue());
	world_agent(&w, "anna", "support");
	uint32_t talking = call(&w, "support");
	EXPECT(accept_offer(&w, talking, "anna") == ERR_OK);
	uint32_t plain = call(&w, "support");
	bool served = false;
	int minutes = 0;
	for (; minutes < 60 && !served; minutes++) { /* a VIP of 10 minutes each minute */
		uint32_t vip = arrive(&w);
		EXPECT(join_with(&w, vip, "support", 10, 0) == ERR_OK);
		world_pass(&w, 60000);
		customer_hangs_up(&w, talking);
		struct acd_agent a;
		EXPECT(acd_agent_get(w.acd, agent_id(&w, "anna"), &a) == ERR_OK);
		EXPECT(a.contact_count == 1);
		served = ID_EQ(a.contacts[0], w.contacts[plain]);
		for (talking = 1; !ID_EQ(w.contacts[talking], a.contacts[0]);)
			talking++;
		EXPECT(accept_offer(&w, talking, "anna") == ERR_OK);
	}
	EXPECT(served && minutes <= 11);
	world_end(&w);
}

/* -- the end of the line -- */

TEST(a_caller_who_hangs_up_while_waiting_has_abandoned)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", plain_queue());
	on_break(&w, "anna");
	uint32_t c1 = call(&w, "support"), c2 = call(&w, "support"), c3 = call(&w, "support");
	world_pass(&w, 7000);
	world_hush(&w);
	customer_hangs_up(&w, c1);
	ends(&w, c2, PARTY_system);
	ends(&w, c3, PARTY_agent); /* a supervisor sent him away */
	EXPECT_SAID(&w, "dequeue c1 abandoned 7000; dequeue c2 failed 7000; "
			"dequeue c3 flow_out 7000");
	struct acd_contact c;
	EXPECT(acd_contact_get(w.acd, w.contacts[c1], &c) == ERR_NOT_FOUND); /* gone for good */
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(foreign_and_unknown_queues_are_not_there)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", plain_queue());
	world_object(&w, &(struct config){
				 .kind = KIND_tenant, .tenant = STR("rival"), .id = STR("rival")});
	struct config foreign = {.kind = KIND_queue, .tenant = STR("rival"), .id = STR("support")};
	foreign.queue = plain_queue();
	world_object(&w, &foreign);
	const struct object *o =
		objects_find(w.core.objects, KIND_queue, STR("rival"), STR("support"));
	uint32_t c = arrive(&w);
	EXPECT(SEND(&w.core, queue_join, .contact = w.contacts[c],
		    .queue = ID_AS(queue_id, o->id)) == ERR_NOT_FOUND);
	EXPECT(join_with(&w, c, "nowhere", 0, 0) == ERR_NOT_FOUND);
	EXPECT_SAID(&w, "");
	world_end(&w);
}

TEST(a_deleted_queue_sends_its_callers_away_and_frees_its_agents)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", plain_queue());
	world_queue(&w, "sales", plain_queue());
	world_user(&w, "anna", plain_user(both, 2));
	EXPECT(presence(&w, "anna", PRESENCE_ready, "") == ERR_OK);
	call(&w, "support");
	call(&w, "support");
	call(&w, "sales");
	world_hush(&w);
	world_drop(&w, KIND_queue, "support");
	EXPECT_SAID(&w, "dequeue c2 failed 0; offer_end c1 anna cancelled_by_caller; "
			"dequeue c1 failed 0; offer c3 anna");
	world_queue(&w, "support", plain_queue()); /* declared again: anna serves it again */
	struct acd_queue_live live;
	EXPECT(acd_queue_live(w.acd, queue_id(&w, "support"), &live) == ERR_OK);
	EXPECT(live.busy == 1 && live.signed_in == 1 && live.waiting == 0);
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(users_may_name_queues_that_come_later)
{
	struct world w;
	world_begin(&w);
	world_user(&w, "anna", plain_user(both, 2));
	EXPECT(presence(&w, "anna", PRESENCE_ready, "") == ERR_OK);
	world_queue(&w, "sales", plain_queue());
	call(&w, "sales");
	EXPECT_SAID(&w, "enqueue c1 sales; offer c1 anna");
	world_end(&w);
}

TEST(a_starved_room_refuses_and_loses_nobody)
{
	for (uint32_t places = 0; places < 3; places++) {
		struct world w;
		world_begin(&w);
		world_queue(&w, "support", plain_queue());
		world_agent(&w, "anna", "support");
		acd_starve(w.acd, places, 0);
		for (uint32_t i = 0; i < 3; i++) {
			uint32_t c = arrive(&w);
			EXPECT(join_with(&w, c, "support", 0, 0) ==
			       (i < places ? ERR_OK : ERR_FULL));
		}
		if (places) { /* no place for the exclusion: offered again, not lost */
			EXPECT(fail_offer(&w, 1, "anna", OFFER_rejected) == ERR_OK);
			EXPECT(work_of(&w, "anna") == WORK_offered);
		}
		EXPECT_LAWFUL(&w);
		world_end(&w);
	}
}

/* -- figures for screens -- */

TEST(the_live_view_shows_who_waits_and_who_works)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", plain_queue());
	struct acd_queue_live live;
	EXPECT(acd_queue_live(w.acd, queue_id(&w, "support"), &live) == ERR_OK);
	EXPECT(live.ewt_ms == -1);
	world_agent(&w, "anna", "support");
	on_break(&w, "boris");
	EXPECT(acd_queue_live(w.acd, queue_id(&w, "support"), &live) == ERR_OK);
	EXPECT(live.ready == 1 && live.busy == 0 && live.not_ready == 1 && live.ewt_ms == 0);
	uint32_t c1 = call(&w, "support");
	world_pass(&w, 4000);
	uint32_t c2 = call(&w, "support");
	world_pass(&w, 1000);
	EXPECT(acd_queue_live(w.acd, queue_id(&w, "support"), &live) == ERR_OK);
	EXPECT(live.waiting == 2 && live.longest_wait_ms == 5000);
	EXPECT(live.ready == 0 && live.busy == 1 && live.ewt_ms > 120000 &&
	       live.ewt_ms < 190000 /* two of 90 s: the median of Erlang(2) is 1.68 */);
	struct acd_waiting seen[2];
	EXPECT(acd_queue_waiting(w.acd, queue_id(&w, "support"), seen, 2) == 2);
	EXPECT(seen[0].offered && !seen[1].offered && seen[1].wait_ms == 1000);
	struct acd_contact c;
	EXPECT(acd_contact_get(w.acd, w.contacts[c2], &c) == ERR_OK);
	EXPECT(c.state == CONTACT_waiting && c.position == 2);
	EXPECT(acd_contact_get(w.acd, w.contacts[c1], &c) == ERR_OK);
	EXPECT(c.state == CONTACT_offered && ID_EQ(c.agent, agent_id(&w, "anna")));
	char room[1024];
	struct buf out = buf_make(room, sizeof room);
	EXPECT(core_dump(&w.core, STR("queues"), &out));
	EXPECT(str_find_str(buf_str(&out), STR("acme/support waiting=1 offered=1")) == 0);
	EXPECT(core_dump(&w.core, STR("agents"), &out));
	EXPECT(str_find_str(buf_str(&out), STR("acme/anna presence=ready work=offered")) > 0);
	EXPECT(str_find_str(buf_str(&out), STR(" idle_ms=-\n")) < 0);
	world_user(&w, "zoe", (struct user_config){.roles = BIT(ROLE_AGENT)});
	out.n = 0;
	EXPECT(core_dump(&w.core, STR("agents"), &out)); /* she never signed in */
	EXPECT(str_find_str(buf_str(&out), STR("acme/zoe presence=signed_out")) > 0);
	EXPECT(str_find_str(buf_str(&out), STR(" idle_ms=-\n")) > 0);
	EXPECT(!core_dump(&w.core, STR("trunks"), &out));
	world_end(&w);
}

TEST(agents_are_walked_in_order_of_id)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", plain_queue());
	world_agent(&w, "cleo", "support");
	world_agent(&w, "anna", "support");
	struct user_config boss = plain_user(NULL, 0);
	boss.roles = BIT(ROLE_SUPERVISOR);
	world_user(&w, "boss", boss);
	struct acd_agent a;
	struct str after = STR_NONE;
	EXPECT(acd_agent_next(w.acd, STR("acme"), &after, &a));
	EXPECT_STR(a.name, "anna");
	EXPECT(acd_agent_next(w.acd, STR("acme"), &after, &a));
	EXPECT_STR(a.name, "cleo");
	EXPECT(!acd_agent_next(w.acd, STR("acme"), &after, &a));
	EXPECT(acd_agent_get(w.acd, agent_id(&w, "boss"), &a) == ERR_NOT_FOUND);
	EXPECT(presence(&w, "boss", PRESENCE_ready, "") == ERR_NOT_FOUND);
	world_end(&w);
}

/* behaviours.md K-2, the facts behind it; the callback comes with the dialler. */
TEST(the_golden_contacts_are_told_with_the_right_waits)
{
	static const struct {
		uint32_t wait_s;
		enum result how;
		const char *said;
	} rows[] = {
		{5, RESULT_answered, "dequeue c1 answered 5000"},
		{12, RESULT_answered, "dequeue c2 answered 12000"},
		{19, RESULT_answered, "dequeue c3 answered 19000"},
		{21, RESULT_answered, "dequeue c4 answered 21000"},
		{60, RESULT_answered, "dequeue c5 answered 60000"},
		{3, RESULT_abandoned, "dequeue c6 abandoned 3000"},
		{15, RESULT_abandoned, "dequeue c7 abandoned 15000"},
		{40, RESULT_abandoned, "dequeue c8 abandoned 40000"},
		{90, RESULT_flow_out, "dequeue c9 flow_out timeout 90000"},
	};
	struct world w;
	world_begin(&w);
	struct queue_config conf = plain_queue();
	conf.max_wait_ms = 90000;
	world_queue(&w, "support", conf);
	on_break(&w, "anna");
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		w.listens = EAR_MOST;
		uint32_t c = call(&w, "support");
		world_deliver(&w);
		world_hush(&w);
		w.listens = BIT(EAR_queue);
		world_pass(&w, rows[i].wait_s * 1000);
		if (rows[i].how == RESULT_answered) {
			EXPECT(presence(&w, "anna", PRESENCE_ready, "") == ERR_OK);
			EXPECT(accept_offer(&w, c, "anna") == ERR_OK);
			EXPECT(presence(&w, "anna", PRESENCE_not_ready, "lunch") == ERR_OK);
		}
		customer_hangs_up(&w, c); /* after a timeout it only ends the flow */
		EXPECT_SAID(&w, rows[i].said);
	}
	EXPECT_LAWFUL(&w);
	world_end(&w);
}
