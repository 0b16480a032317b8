/* ring_me_test.c - a desk tried by a call that nobody makes: rung, answered, a voice, over. */
#include "channel/voice/world_test.h"

static struct str why; /* said with the newest refusal */

static enum err ring_me_as(struct world *w, const char *agent, const char *lang)
{
	struct contact_id contact;
	const struct object *acme =
		objects_find(w->core.objects, KIND_tenant, STR("acme"), STR("acme"));
	enum err e;
	why = STR_NONE;
	TURN(w, e = SEND(&w->core, call_out, .tenant = ID_AS(tenant_id, acme->id),
			 .agent = agent_called(w, agent), .test = true, .lang = str_of(lang),
			 .out = &contact, .why = &why));
	EXPECT(e == ERR_OK || why.n || e == ERR_NOT_FOUND);
	return e;
}

static enum err ring_me_at(struct world *w, const char *agent)
{
	const enum err e = ring_me_as(w, agent, "");
	world_run(w, 50);
	return e;
}

static void ring_only(struct world *w)
{
	w->sides[ANNA].rings = true;
	w->sides[ANNA].answers = false;
}

static void picks_up(struct world *w)
{
	struct sdp_audio sdp = sound_of(&w->sides[ANNA]);
	sip_call_accept(w->sides[ANNA].sip, w->sides[ANNA].call, &sdp);
	world_run(w, 50);
}

static bool hears_the_voice(struct world *w)
{
	const struct media_leg *m = media_of(w, PARTY_agent);
	return m && m->loop && has(str_of(m->files), "/speech/") && !m->music[0] && m->send;
}

static void ends_at_desk(struct world *w)
{
	enum err e;
	TURN(w, e = SEND(&w->core, hang_up, .contact = w->contact, .by = PARTY_agent,
			 .cause = STR("desk")));
	EXPECT(e == ERR_OK || e == ERR_NOT_FOUND || e == ERR_CONFLICT); /* it was over */
}

TEST(his_desk_rings_a_voice_says_what_it_is_and_he_hangs_up)
{
	struct world *w = world_create();
	ring_only(w);
	EXPECT(ring_me_as(w, "anna", "pl") == ERR_OK);
	world_run(w, 50);
	const struct contact *k = contact_get(&w->core, w->contact);
	EXPECT(k && k->test && k->private && k->direction == DIRECTION_internal);
	EXPECT_STR(str_of(w->asked_lang), "pl");
	EXPECT(has(str_of(w->asked_text), "To jest"));
	EXPECT_SAID(w, "arrive anna anna");
	EXPECT(w->sides[ANNA].incoming == 1 && w->sides[ANNA].answered == 0);
	picks_up(w);
	EXPECT_SAID(w, "offer_end anna accepted");
	EXPECT(hears_the_voice(w) && w->records == 0 && w->sides[TRUNK].incoming == 0);
	world_run(w, 5000);
	hang_up(w, ANNA);
	EXPECT(has(buf_str(&w->log), "agent_end anna agent; disconnect agent 0 hung up"));
	EXPECT(!has(buf_str(&w->log), "dial_end") && contact_count(&w->core) == 0);
	world_end(w);
}

TEST(the_voice_speaks_the_tenants_language_when_none_was_asked_for)
{
	static const char *const asked[] = {"", "xx-nonsense-that-is-far-too-long-for-a-tag"};
	for (size_t i = 0; i < COUNT_OF(asked); i++) {
		struct world *w = world_create();
		EXPECT(ring_me_as(w, "anna", asked[i]) == ERR_OK);
		world_run(w, 100);
		EXPECT_STR(str_of(w->asked_lang), "pl");
		EXPECT(hears_the_voice(w));
		hang_up(w, ANNA);
		world_end(w);
	}
}

/* Music until the words are spoken, the voice as soon as they are. */
TEST(a_voice_that_is_not_spoken_yet_comes_while_he_listens)
{
	struct world *w = world_create();
	w->speaks_at_once = false;
	EXPECT(ring_me_at(w, "anna") == ERR_OK);
	EXPECT_STR(str_of(media_of(w, PARTY_agent)->music), "default");
	TURN(w, voice_spoken(w->voice, str_of(w->asked_key), true));
	world_run(w, 50);
	EXPECT(hears_the_voice(w));
	hang_up(w, ANNA);
	world_end(w);
}

TEST(a_minute_is_enough)
{
	struct world *w = world_create();
	EXPECT(ring_me_at(w, "anna") == ERR_OK);
	world_run(w, 59000);
	EXPECT(hears_the_voice(w));
	w->log.n = 0;
	world_run(w, 2000);
	EXPECT(has(buf_str(&w->log), "disconnect system 0 test over"));
	EXPECT(w->sides[ANNA].over == 1 && contact_count(&w->core) == 0);
	world_end(w);
}

TEST(he_is_not_there_busy_or_away)
{
	static const struct {
		uint32_t status;
		const char *said;
	} cases[] = {
		{0, "offer_end anna no_answer; disconnect system 480 no_answer"},
		{486, "offer_end anna busy; disconnect agent 486 busy"},
		{603, "offer_end anna rejected; disconnect agent 486 busy"},
		{404, "offer_end anna unreachable; disconnect system 480 failed"},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct world *w = world_create();
		ring_only(w);
		w->sides[ANNA].refuses = cases[i].status;
		EXPECT(ring_me_at(w, "anna") == ERR_OK);
		if (!cases[i].status)
			offer_times_out(w);
		world_run(w, 50);
		EXPECT(has(buf_str(&w->log), cases[i].said));
		EXPECT(contact_count(&w->core) == 0 && w->records == 0);
		w->sides[ANNA].refuses = 0;
		w->sides[ANNA].answers = true;
		EXPECT(ring_me_at(w, "anna") == ERR_OK); /* and again */
		hang_up(w, ANNA);
		world_end(w);
	}
}

/* From the desk: before the port is there, on the way, while it rings, at the answer, after it. */
TEST(it_ends_at_every_moment)
{
	for (int64_t ms = 0; ms <= 60; ms++) {
		struct world *w = world_create();
		w->sides[ANNA].rings = true;
		EXPECT(ring_me_as(w, "anna", "") == ERR_OK);
		world_run(w, ms);
		ends_at_desk(w);
		world_run(w, 100);
		EXPECT(has(buf_str(&w->log), "disconnect agent 0 desk"));
		EXPECT(contact_count(&w->core) == 0 && lines_of(w) == 0);
		EXPECT(ring_me_at(w, "anna") == ERR_OK); /* nothing of it stands in the way */
		hang_up(w, ANNA);
		world_end(w);
	}
}

/* At the telephone, while the desk ends it too: whoever is first. */
TEST(both_hang_up)
{
	for (int64_t ms = 0; ms <= 15; ms++) {
		struct world *w = world_create();
		EXPECT(ring_me_at(w, "anna") == ERR_OK);
		sip_call_end(w->sides[ANNA].sip, w->sides[ANNA].call);
		world_run(w, ms);
		if (contact_count(&w->core))
			ends_at_desk(w);
		world_run(w, 100);
		EXPECT(contact_count(&w->core) == 0 && w->sides[ANNA].over == 1);
		world_end(w);
	}
}

TEST(who_may_not_is_told_why)
{
	struct world *w = world_create();
	EXPECT(ring_me_at(w, "nobody") == ERR_NOT_FOUND);
	EXPECT(ring_me_at(w, "clara") == ERR_CONFLICT);
	EXPECT_STR(why, "only who takes calls (role agent) can be rung");
	EXPECT(ring_me_at(w, "boris") == ERR_CONFLICT); /* not registered */
	EXPECT_STR(why, "no phone of this agent is ready");
	TURN(w, voice_pressed(w->voice, true));
	EXPECT(ring_me_at(w, "anna") == ERR_AGAIN);
	EXPECT_STR(why, "more calls come than can be served: try again soon");
	TURN(w, voice_pressed(w->voice, false));
	ring_only(w);
	EXPECT(ring_me_at(w, "anna") == ERR_OK);
	EXPECT(ring_me_at(w, "anna") == ERR_CONFLICT); /* it rings already */
	EXPECT_STR(why, "this agent works on a contact");
	picks_up(w);
	EXPECT(ring_me_at(w, "anna") == ERR_CONFLICT);
	hang_up(w, ANNA);
	media_dies(w);
	EXPECT(ring_me_at(w, "anna") == ERR_AGAIN);
	EXPECT_STR(why, "the server is not ready for calls");
	EXPECT(w->sides[ANNA].incoming == 1 && w->sides[TRUNK].incoming == 0);
	media_comes(w);
	world_end(w);
}

TEST(a_full_server_says_so)
{
	struct world *w = world_create_with(1, 100, 0);
	call_in_flow(w);
	EXPECT(ring_me_at(w, "anna") == ERR_FULL);
	EXPECT_STR(why, "the server is full");
	hang_up(w, TRUNK);
	EXPECT(ring_me_at(w, "anna") == ERR_OK);
	hang_up(w, ANNA);
	world_end(w);
}

TEST(the_core_dies_while_it_rings_and_while_he_listens)
{
	for (int listens = 0; listens < 2; listens++) {
		struct world *w = world_create();
		ring_only(w);
		EXPECT(ring_me_at(w, "anna") == ERR_OK);
		if (listens)
			picks_up(w);
		world_run(w, 20000);
		world_restart(w);
		world_run(w, 200);
		if (!listens)
			picks_up(w);
		EXPECT(hears_the_voice(w) && contact_count(&w->core) == 1);
		w->log.n = 0;
		world_run(w, 38000); /* what is left of his minute, not another one */
		EXPECT(contact_count(&w->core) == 1);
		world_run(w, listens ? 3000 : 23000);
		EXPECT(has(buf_str(&w->log), "disconnect system 0 test over"));
		/* what rang ended with its branch, and rang anew */
		EXPECT(w->sides[ANNA].over == (listens ? 1u : 2u));
		EXPECT(contact_count(&w->core) == 0);
		world_end(w);
	}
}

TEST(its_minute_passes_while_nobody_lives)
{
	struct world *w = world_create();
	EXPECT(ring_me_at(w, "anna") == ERR_OK);
	world_run(w, 50000);
	world_die(w);
	world_run(w, 15000);
	world_live(w);
	world_run(w, 300);
	EXPECT(contact_count(&w->core) == 0 && w->sides[ANNA].over == 1);
	world_end(w);
}

TEST(media_that_dies_takes_the_test_with_it)
{
	for (int listens = 0; listens < 2; listens++) {
		struct world *w = world_create();
		ring_only(w);
		EXPECT(ring_me_at(w, "anna") == ERR_OK);
		if (listens)
			picks_up(w);
		media_dies(w);
		media_comes(w);
		world_run(w, 200);
		if (contact_count(&w->core)) /* it rang on: a leg without sound yet */
			ends_at_desk(w);
		world_run(w, 100);
		EXPECT(contact_count(&w->core) == 0);
		world_end(w);
	}
}
