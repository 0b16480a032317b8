/* own_call_test.c - calls that agents begin: to a number, to a colleague, into a queue. */
#include "acd/inside.h"
#include "acd/known.h"
#include "acd/world_test.h"
#include "tests/test.h"

static void begin(struct world *w)
{
	struct queue_config conf = plain_queue();
	world_begin(w);
	w->listens |= BIT(EAR_work) | BIT(EAR_presence);
	conf.wrap_ms = 30000;
	world_queue(w, "sales", conf);
	world_queue(w, "help", plain_queue());
	world_agent(w, "anna", "sales");
	world_agent(w, "boris", "help");
	world_hush(w);
}

/* An outbound contact that this agent begins, for a queue or none. */
static uint32_t dials(struct world *w, const char *agent, const char *queue)
{
	uint32_t c = ++w->contact_count;
	CHECK(contact_create(&w->core,
			     &(struct contact_options){.tenant = w->tenant,
						       .direction = DIRECTION_outbound,
						       .agent = agent_id(w, agent)},
			     &w->contacts[c]) == ERR_OK);
	EXPECT(SEND(&w->core, agent_dial, .contact = w->contacts[c], .agent = agent_id(w, agent),
		    .queue = queue ? queue_id(w, queue) : (struct queue_id){0}) == ERR_OK);
	return c;
}

static enum err answered(struct world *w, uint32_t c, const char *agent)
{
	return SEND(&w->core, dial_talk, .contact = w->contacts[c], .agent = agent_id(w, agent));
}

TEST(a_number_that_answers_is_a_talk_with_the_queues_wrap_up)
{
	struct world w;
	begin(&w);
	uint32_t c = dials(&w, "anna", "sales");
	struct acd_contact k;
	EXPECT_SAID(&w, "dial c1 anna; work anna dialling");
	EXPECT_LAWFUL(&w);
	EXPECT(acd_contact_get(w.acd, w.contacts[c], &k) == ERR_OK);
	EXPECT(k.state == CONTACT_offered && ID_EQ(k.agent, agent_id(&w, "anna")) &&
	       ID_EQ(k.queue, queue_id(&w, "sales")));
	call(&w, "sales"); /* waits: she works */
	EXPECT_SAID(&w, "enqueue c2 sales");
	world_pass(&w, 7000);
	EXPECT(answered(&w, c, "anna") == ERR_OK);
	EXPECT_SAID(&w, "answer c1 anna 7000; work anna talking");
	EXPECT_LAWFUL(&w);
	EXPECT(answered(&w, c, "anna") == ERR_CONFLICT);
	world_pass(&w, 60000);
	customer_hangs_up(&w, c);
	EXPECT_SAID(&w, "agent_end c1 anna customer 60000 0; wrap_start c1 anna; "
			"work anna wrapping");
	world_pass(&w, 30000);
	EXPECT_SAID(&w, "wrap_end c1 anna [||timer] 30000; work anna idle; offer c2 anna; "
			"work anna offered");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

/* amazon-connect-streams #241 made an agent Ready after a failed call. */
TEST(a_failed_call_leaves_the_presence_as_it_was)
{
	static const enum presence kept[] = {PRESENCE_not_ready, PRESENCE_outbound_only,
					     PRESENCE_ready};
	for (size_t i = 0; i < COUNT_OF(kept); i++) {
		struct world w;
		begin(&w);
		EXPECT(presence(&w, "anna", kept[i], "break") == ERR_OK);
		world_hush(&w);
		uint32_t c = dials(&w, "anna", "sales");
		world_pass(&w, 20000);
		world_hush(&w);
		ends(&w, c, PARTY_system);
		EXPECT_SAID(&w, "dial_end c1 anna system failed 20000 0; work anna idle");
		EXPECT(presence_of(&w, "anna") == kept[i]);
		EXPECT_LAWFUL(&w);
		call(&w, "sales");
		world_deliver(&w);
		EXPECT(work_of(&w, "anna") ==
		       (kept[i] == PRESENCE_ready ? WORK_offered : WORK_idle));
		world_end(&w);
	}
}

TEST(who_missed_a_call_before_is_not_ready_because_he_dialled)
{
	struct world w;
	begin(&w);
	uint32_t c = call(&w, "sales");
	world_pass(&w, 15000); /* rings in vain */
	EXPECT(work_of(&w, "anna") == WORK_no_answer);
	customer_hangs_up(&w, c);
	world_hush(&w);
	uint32_t own = dials(&w, "anna", NULL);
	ends(&w, own, PARTY_agent);
	EXPECT_SAID(&w, "dial c2 anna; work anna dialling; dial_end c2 anna agent abandoned 0 0; "
			"work anna no_answer");
	own = dials(&w, "anna", NULL);
	EXPECT(answered(&w, own, "anna") == ERR_OK);
	ends(&w, own, PARTY_agent);
	world_hush(&w);
	EXPECT(work_of(&w, "anna") == WORK_idle); /* she is there, after all */
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(what_was_asked_for_meanwhile_comes_after_the_call)
{
	struct world w;
	begin(&w);
	uint32_t c = dials(&w, "anna", NULL);
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "break") == ERR_OK);
	ends(&w, c, PARTY_customer);
	EXPECT_SAID(&w, "dial c1 anna; work anna dialling; next anna [not_ready|break]; "
			"dial_end c1 anna customer failed 0 0; work anna idle; "
			"presence anna not_ready [break|anna]");
	world_end(&w);
}

TEST(who_works_cannot_call)
{
	struct world w;
	begin(&w);
	struct agent_id anna = agent_id(&w, "anna");
	EXPECT(SEND(&w.core, agent_dial, .agent = anna) == ERR_OK); /* could she? */
	EXPECT_SAID(&w, "");
	uint32_t c = call(&w, "sales"), other = arrive(&w);
	EXPECT(SEND(&w.core, agent_dial, .agent = anna) == ERR_CONFLICT);
	EXPECT(SEND(&w.core, agent_dial, .contact = w.contacts[other], .agent = anna) ==
	       ERR_CONFLICT);
	EXPECT(accept_offer(&w, c, "anna") == ERR_OK);
	EXPECT(SEND(&w.core, agent_dial, .agent = anna) == ERR_CONFLICT);
	customer_hangs_up(&w, c);
	world_deliver(&w);
	EXPECT(work_of(&w, "anna") == WORK_wrapping);
	EXPECT(SEND(&w.core, agent_dial, .agent = anna) == ERR_CONFLICT);
	EXPECT(SEND(&w.core, agent_dial, .agent = {9999, 1}) == ERR_NOT_FOUND);
	EXPECT(SEND(&w.core, dial_talk, .contact = w.contacts[other], .agent = anna) ==
	       ERR_CONFLICT);
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

static enum err rings(struct world *w, uint32_t c, const char *agent, bool anyway)
{
	return SEND(&w->core, agent_ring, .contact = w->contacts[c], .agent = agent_id(w, agent),
		    .ring_ms = 20000, .anyway = anyway);
}

TEST(a_colleague_is_rung_and_both_talk)
{
	struct world w;
	begin(&w);
	EXPECT(presence(&w, "boris", PRESENCE_not_ready, "break") == ERR_OK);
	world_hush(&w);
	uint32_t c = dials(&w, "anna", NULL);
	EXPECT(rings(&w, c, "anna", true) == ERR_CONFLICT); /* herself */
	EXPECT(rings(&w, c, "boris", false) == ERR_CONFLICT);
	EXPECT(rings(&w, c, "boris", true) == ERR_OK);
	EXPECT_SAID(&w, "dial c1 anna; work anna dialling; offer c1 boris; work boris offered");
	EXPECT_LAWFUL(&w);
	world_pass(&w, 3000);
	EXPECT(accept_offer(&w, c, "boris") == ERR_OK);
	EXPECT_SAID(&w, "offer_end c1 boris accepted; answer c1 boris 3000; work boris talking; "
			"work anna talking");
	EXPECT_LAWFUL(&w);
	world_restart(&w);
	EXPECT_LAWFUL(&w);
	world_pass(&w, 4000);
	EXPECT(work_of(&w, "anna") == WORK_talking && work_of(&w, "boris") == WORK_talking);
	world_hush(&w);
	ends(&w, c, PARTY_agent);
	EXPECT_SAID(&w, "agent_end c1 boris agent 4000 0; work boris idle; "
			"dial_end c1 anna agent completed 3000 4000; work anna idle");
	EXPECT(presence_of(&w, "boris") == PRESENCE_not_ready);
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(a_colleague_who_does_not_answer_missed_no_customer)
{
	struct world w;
	begin(&w);
	uint32_t c = dials(&w, "anna", NULL);
	EXPECT(rings(&w, c, "boris", true) == ERR_OK);
	world_hush(&w);
	world_pass(&w, 20000);
	EXPECT_SAID(&w, "offer_end c1 boris no_answer; ring_end c1 boris no_answer; "
			"work boris idle");
	EXPECT(work_of(&w, "anna") == WORK_dialling);
	ends(&w, c, PARTY_system);
	EXPECT_SAID(&w, "dial_end c1 anna system failed 20000 0; work anna idle");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

static uint32_t tried(struct world *w)
{
	uint32_t c = ++w->contact_count;
	CHECK(contact_create(&w->core,
			     &(struct contact_options){.tenant = w->tenant,
						       .direction = DIRECTION_internal,
						       .from = STR("boris"),
						       .test = true},
			     &w->contacts[c]) == ERR_OK);
	return c;
}

/* Missed, refused, talked to: it is as if it had not been. */
TEST(a_desk_that_is_tried_counts_nothing)
{
	struct world w;
	begin(&w);
	const struct agent *boris = agent_row(acd_of(w.acd), agent_id(&w, "boris"));
	const int64_t idle_ms = boris->idle_ms;
	EXPECT(SEND(&w.core, agent_ring, .agent = agent_id(&w, "boris"), .anyway = true) == ERR_OK);
	for (uint32_t i = 0; i < 4; i++) { /* more often than any queue lets pass */
		EXPECT(rings(&w, tried(&w), "boris", true) == ERR_OK);
		EXPECT(SEND(&w.core, agent_ring, .agent = agent_id(&w, "boris"), .anyway = true) ==
		       ERR_CONFLICT);
		world_pass(&w, 20000);
		EXPECT(work_of(&w, "boris") == WORK_idle);
	}
	uint32_t c = tried(&w);
	EXPECT(rings(&w, c, "boris", true) == ERR_OK);
	EXPECT(accept_offer(&w, c, "boris") == ERR_OK);
	world_restart(&w);
	world_pass(&w, 5000);
	ends(&w, c, PARTY_agent);
	boris = agent_row(acd_of(w.acd), agent_id(&w, "boris"));
	EXPECT(work_of(&w, "boris") == WORK_idle && !boris->misses && !boris->handled &&
	       !boris->talk_ms && boris->idle_ms == idle_ms);
	EXPECT(known_count(acd_of(w.acd)->known) == 0);
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(who_calls_a_queue_of_ours_is_served_as_anybody)
{
	struct world w;
	begin(&w);
	uint32_t c = dials(&w, "anna", NULL);
	EXPECT(join_with(&w, c, "help", 0, 0) == ERR_OK);
	EXPECT_SAID(&w, "dial c1 anna; work anna dialling; enqueue c1 help; offer c1 boris; "
			"work boris offered");
	EXPECT_LAWFUL(&w);
	EXPECT(accept_offer(&w, c, "boris") == ERR_OK);
	world_hush(&w);
	EXPECT(work_of(&w, "anna") == WORK_talking);
	EXPECT_LAWFUL(&w);
	customer_hangs_up(&w, c);
	world_hush(&w);
	EXPECT(work_of(&w, "anna") == WORK_idle && work_of(&w, "boris") == WORK_idle);
	world_end(&w);
}

TEST(an_outcome_of_a_failed_call_is_told)
{
	struct world w;
	begin(&w);
	uint32_t c = dials(&w, "anna", "sales");
	EXPECT(wrap(&w, c, "anna", "solved", "busy again") == ERR_OK);
	world_hush(&w);
	ends(&w, c, PARTY_customer);
	EXPECT_SAID(&w, "dial_end c1 anna customer failed 0 0; wrap_start c1 anna; "
			"wrap_end c1 anna [solved|busy again|anna] 0; work anna idle");
	world_end(&w);
}

TEST(a_call_begun_survives_the_process_in_every_phase)
{
	struct world w;
	begin(&w);
	uint32_t c = dials(&w, "anna", "sales");
	world_hush(&w);
	world_restart(&w);
	EXPECT_LAWFUL(&w);
	world_pass(&w, 5000); /* no watchdog closes it */
	EXPECT(work_of(&w, "anna") == WORK_dialling);
	EXPECT(answered(&w, c, "anna") == ERR_OK);
	world_hush(&w);
	world_restart(&w);
	EXPECT_LAWFUL(&w);
	world_pass(&w, 5000);
	EXPECT(work_of(&w, "anna") == WORK_talking);
	ends(&w, c, PARTY_agent);
	EXPECT_SAID(&w, "agent_end c1 anna agent 5000 0; wrap_start c1 anna; work anna wrapping");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(a_contact_that_is_gone_frees_its_caller)
{
	struct world w;
	begin(&w);
	uint32_t c = dials(&w, "anna", NULL);
	world_hush(&w);
	EMIT(&w.core, contact_gone, .contact = w.contacts[c]);
	EXPECT_SAID(&w, "dial_end c1 anna system failed 0 0; work anna idle");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}
