/* own_call_test.c - a user's call to a number: his telephone rings first, then the number. */
#include "channel/voice/world_test.h"

#define FAR TRUNK /* the carrier is called here */
#define FRIEND "+48601602603"

static enum err call_out(struct world *w, const char *to)
{
	struct contact_id contact;
	struct str why = STR_NONE;
	const struct object *acme =
		objects_find(w->core.objects, KIND_tenant, STR("acme"), STR("acme"));
	enum err e;
	TURN(w, e = SEND(&w->core, call_out, .tenant = ID_AS(tenant_id, acme->id),
			 .agent = agent_called(w, "anna"), .to = str_of(to),
			 .queue = queue_called(w, "sales"), .out = &contact, .why = &why));
	EXPECT(e == ERR_OK || why.n || e == ERR_NOT_FOUND);
	world_run(w, 50);
	return e;
}

static bool joined(struct world *w)
{
	struct media_leg *m = media_of(w, PARTY_customer), *a = media_of(w, PARTY_agent);
	return m && a && ID_EQ(m->joined, a->id) && ID_EQ(a->joined, m->id) &&
	       m->remote_port == w->sides[FAR].port && a->remote_port == w->sides[ANNA].port;
}

static void ring_only(struct world *w, int side)
{
	w->sides[side].rings = true;
	w->sides[side].answers = false;
}

static void picks_up(struct world *w, int side)
{
	struct sdp_audio sdp = sound_of(&w->sides[side]);
	sip_call_accept(w->sides[side].sip, w->sides[side].call, &sdp);
	world_run(w, 50);
}

TEST(his_telephone_rings_then_the_number_is_called_and_joined)
{
	for (int who = 0; who < 2; who++) {
		struct world *w = world_create();
		ring_only(w, ANNA);
		ring_only(w, FAR);
		EXPECT(call_out(w, "601 602 603") == ERR_OK);
		EXPECT(w->sides[ANNA].incoming == 1 && w->sides[FAR].incoming == 0);
		EXPECT_STR(str_of(w->sides[ANNA].from_user), FRIEND);
		EXPECT(has(buf_str(&w->log), "arrive "));
		w->log.n = 0;
		picks_up(w, ANNA);
		EXPECT(w->sides[FAR].incoming == 1);
		EXPECT_STR(str_of(media_of(w, PARTY_agent)->music), "ringing");
		EXPECT_SAID(w, "dial carrier " FRIEND);
		EXPECT(lines_of(w) == 1 && w->records == 0);
		picks_up(w, FAR);
		EXPECT(joined(w) && w->records == 1);
		EXPECT_STR(str_of(media_of(w, PARTY_agent)->music), "");
		EXPECT_SAID(w, "dial_answer carrier; recording_start");
		world_run(w, 4950);
		hang_up(w, who ? FAR : ANNA);
		EXPECT(has(buf_str(&w->log),
			   who ? "disconnect customer 0 hung up" : "agent_end anna agent"));
		EXPECT(has(buf_str(&w->log), "dial_end carrier none"));
		EXPECT(w->sides[ANNA].over == 1 && w->sides[FAR].over == 1);
		EXPECT(contact_count(&w->core) == 0);
		world_end(w);
	}
}

TEST(what_the_number_refuses_with_becomes_the_cause)
{
	static const struct {
		uint32_t status;
		const char *said;
	} cases[] = {
		{486, "disconnect customer 486 busy; dial_end carrier busy customer 486 0"},
		{603, "disconnect customer 603 busy; dial_end carrier busy customer 603 0"},
		{480, "disconnect customer 480 no_answer; dial_end carrier no_answer customer 480"},
		{404, "disconnect system 404 failed; dial_end carrier failed system 404 0"},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct world *w = world_create();
		w->sides[FAR].refuses = cases[i].status;
		EXPECT(call_out(w, FRIEND) == ERR_OK);
		world_run(w, 50);
		EXPECT(has(buf_str(&w->log), cases[i].said));
		EXPECT(w->sides[ANNA].over == 1 && contact_count(&w->core) == 0);
		world_end(w);
	}
}

TEST(nobody_is_there_on_either_side)
{
	struct world *w = world_create();
	ring_only(w, ANNA);
	EXPECT(call_out(w, FRIEND) == ERR_OK);
	w->log.n = 0;
	world_run(w, 31000);
	EXPECT(has(buf_str(&w->log), "disconnect system 408 no_answer"));
	EXPECT(w->sides[ANNA].status == 487 && w->sides[FAR].incoming == 0);
	EXPECT(contact_count(&w->core) == 0);
	w->sides[ANNA].answers = true;
	ring_only(w, FAR);
	EXPECT(call_out(w, FRIEND) == ERR_OK);
	world_run(w, 89000);
	EXPECT(contact_count(&w->core) == 1);
	w->log.n = 0;
	world_run(w, 3000);
	EXPECT(has(buf_str(&w->log),
		   "disconnect system 408 no_answer; dial_end carrier no_answer"));
	EXPECT(w->sides[FAR].status == 487 && contact_count(&w->core) == 0);
	world_end(w);
}

TEST(he_hangs_up_while_it_rings_there)
{
	struct world *w = world_create();
	ring_only(w, FAR);
	EXPECT(call_out(w, FRIEND) == ERR_OK);
	world_run(w, 50);
	hang_up(w, ANNA);
	world_run(w, 50);
	EXPECT(has(buf_str(&w->log),
		   "disconnect agent 0 hung up; dial_end carrier no_answer agent"));
	EXPECT(w->sides[FAR].status == 487 && contact_count(&w->core) == 0);
	world_end(w);
}

TEST(what_is_played_before_the_answer_is_heard_and_not_recorded)
{
	struct world *w = world_create();
	ring_only(w, FAR);
	w->sides[FAR].early = true;
	EXPECT(call_out(w, FRIEND) == ERR_OK);
	world_run(w, 50);
	EXPECT(joined(w) && w->records == 0);
	EXPECT_STR(str_of(media_of(w, PARTY_agent)->music), "");
	picks_up(w, FAR);
	EXPECT(joined(w) && w->records == 1);
	hang_up(w, FAR);
	world_end(w);
}

TEST(who_may_not_is_told_at_once)
{
	struct world *w = world_create();
	EXPECT(call_out(w, "+15551234567") == ERR_FORBIDDEN);
	EXPECT(call_out(w, "nobody") == ERR_NOT_FOUND);
	EXPECT(call_out(w, "anna") == ERR_CONFLICT);
	w->anna_works = true;
	EXPECT(call_out(w, FRIEND) == ERR_CONFLICT);
	EXPECT(contact_count(&w->core) == 0 && w->sides[ANNA].incoming == 0);
	EXPECT_SAID(w, "");
	world_end(w);
}

/* In each phase: what was ringing is cancelled with its branch and rung anew. */
TEST(the_core_dies_in_every_phase)
{
	for (int phase = 0; phase < 3; phase++) {
		struct world *w = world_create();
		ring_only(w, ANNA);
		ring_only(w, FAR);
		EXPECT(call_out(w, FRIEND) == ERR_OK);
		if (phase > 0)
			picks_up(w, ANNA);
		if (phase > 1)
			picks_up(w, FAR);
		world_restart(w);
		world_run(w, 200);
		EXPECT(w->sides[ANNA].incoming == (phase == 0 ? 2u : 1u));
		EXPECT(w->sides[FAR].incoming == (phase == 0 ? 0u : phase == 1 ? 2u : 1u));
		if (phase == 0)
			picks_up(w, ANNA);
		if (phase < 2)
			picks_up(w, FAR);
		EXPECT(joined(w) && contact_count(&w->core) == 1);
		w->log.n = 0;
		hang_up(w, FAR);
		EXPECT(has(buf_str(&w->log), "disconnect customer 0 hung up"));
		EXPECT(has(buf_str(&w->log), "dial_end carrier none"));
		world_end(w);
	}
}

/* What is left of the ringing time is kept; what passed meanwhile is over. */
TEST(its_time_passes_while_nobody_lives)
{
	struct world *w = world_create();
	ring_only(w, FAR);
	EXPECT(call_out(w, FRIEND) == ERR_OK);
	world_run(w, 80000);
	world_die(w);
	world_run(w, 15000);
	world_live(w);
	w->log.n = 0;
	world_run(w, 300);
	EXPECT(contact_count(&w->core) == 0);
	world_end(w);
}

TEST(media_that_dies_takes_the_call_with_it)
{
	struct world *w = world_create();
	ring_only(w, FAR);
	EXPECT(call_out(w, FRIEND) == ERR_OK);
	world_run(w, 50);
	media_dies(w);
	media_comes(w);
	world_run(w, 200);
	EXPECT(has(buf_str(&w->log), "server_restart"));
	EXPECT(contact_count(&w->core) == 0 && w->sides[ANNA].over == 1);
	world_end(w);
}
