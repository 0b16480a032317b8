/* agent_test.c - offers ring phones; what phones do becomes words of the offer and of the talk. */
#include "channel/voice/world_test.h"

TEST(what_a_phone_refuses_with_becomes_the_end_of_the_offer)
{
	static const struct {
		uint32_t status;
		enum offer_result want;
	} cases[] = {
		{486, OFFER_busy},	  {600, OFFER_busy},	    {603, OFFER_rejected},
		{403, OFFER_rejected},	  {480, OFFER_unreachable}, {404, OFFER_unreachable},
		{488, OFFER_unreachable}, {500, OFFER_unreachable}, {503, OFFER_unreachable},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct world *w = world_create();
		w->sides[ANNA].refuses = cases[i].status;
		call_waiting(w);
		offer(w, "anna");
		EXPECT(w->fails == 1 && w->failed == cases[i].want);
		EXPECT(voice_legs(w->voice) == 1); /* the customer stays, with his music */
		EXPECT_STR(str_of(media_of(w, PARTY_customer)->music), "default");
		EXPECT(w->musics == 1); /* from one position on */
		/* the next offer rings him again */
		w->sides[ANNA].refuses = 0;
		offer(w, "anna");
		EXPECT(row_of(w, w->contact)->state == ROW_TALKING);
		hang_up(w, TRUNK);
		world_end(w);
	}
}

TEST(a_phone_nobody_answers_is_cancelled_by_the_end_of_the_offer)
{
	struct world *w = world_create();
	call_ringing(w);
	world_run(w, 15000);
	offer_times_out(w);
	EXPECT(w->sides[ANNA].over == 1 && w->sides[ANNA].status == 487);
	EXPECT(w->fails == 0 && voice_legs(w->voice) == 1);
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(a_phone_that_says_nothing_at_all_is_unreachable)
{
	struct world *w = world_create();
	TURN(w, world_object(w, &(struct config){
					.kind = KIND_user,
					.tenant = STR("acme"),
					.id = STR("dora"),
					.user = {.phone = PHONE_sip,
						 .phone_contact = STR("sip:dora@10.0.0.50;ob")}}));
	call_waiting(w);
	offer(w, "dora");
	world_run(w, 31000);
	EXPECT(w->fails == 0);
	world_run(w, 2000); /* timer B, RFC 3261 section 17.1.1.2 */
	EXPECT(w->fails == 1 && w->failed == OFFER_unreachable);
	/* a caller who leaves meanwhile does not wait for it */
	offer(w, "dora");
	hang_up(w, TRUNK);
	EXPECT(contact_count(&w->core) == 0);
	world_end(w);
}

TEST(offers_that_no_phone_can_hear_are_unreachable_at_once)
{
	static const char *const phones[] = {
		"sip:x@host.example.org",  "sip:x@10.0.0.2:99999", "sip:x@", "sip:", "x",
		"sip:x@10.0.0.2:notaport", "sip:x@[::1",
	};
	static const char *const agents[] = {"boris" /* not registered */, "clara" /* no SIP */};
	for (size_t i = 0; i < COUNT_OF(agents); i++) {
		struct world *w = world_create();
		call_waiting(w);
		offer(w, agents[i]);
		EXPECT(w->fails == 1 && w->failed == OFFER_unreachable);
		hang_up(w, TRUNK);
		world_end(w);
	}
	for (size_t i = 0; i < COUNT_OF(phones); i++) {
		struct world *w = world_create();
		TURN(w, world_object(
				w, &(struct config){.kind = KIND_user,
						    .tenant = STR("acme"),
						    .id = STR("dora"),
						    .user = {.phone = PHONE_sip,
							     .phone_contact = str_of(phones[i])}}));
		call_waiting(w);
		offer(w, "dora");
		EXPECT(w->fails == 1 && w->failed == OFFER_unreachable);
		hang_up(w, TRUNK);
		world_end(w);
	}
}

TEST(an_offer_without_a_port_for_the_phone_fails)
{
	struct world *w = world_create();
	call_waiting(w);
	w->media_no_ports = true;
	offer(w, "anna");
	EXPECT(w->fails == 1 && w->failed == OFFER_unreachable && !w->sides[ANNA].incoming);
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(an_answer_with_nothing_we_speak_fails_the_offer)
{
	struct world *w = world_create();
	w->sides[ANNA].codec = "G729";
	call_waiting(w);
	offer(w, "anna");
	EXPECT(w->fails == 1 && w->failed == OFFER_unreachable && w->sides[ANNA].over == 1);
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(the_phone_is_offered_the_customers_law_first)
{
	struct world *w = world_create();
	w->sides[TRUNK].codec = "PCMU";
	call_talking(w);
	EXPECT_STR(str_of(w->sides[ANNA].first_codec), "PCMU");
	EXPECT(w->sides[ANNA].codec_count == 3);
	EXPECT(media_of(w, PARTY_agent)->codec == CODEC_PCMU);
	hang_up(w, TRUNK);
	world_end(w);
}

/* 200 of the phone and BYE of the caller cross: the talk must not begin */
TEST(an_answer_that_comes_after_the_caller_left)
{
	for (int ms = 0; ms <= 12; ms++) {
		struct world *w = world_create();
		call_ringing(w);
		struct sdp_audio mine = sound_of(&w->sides[ANNA]);
		sip_call_accept(w->sides[ANNA].sip, w->sides[ANNA].call, &mine);
		world_run(w, ms);
		hang_up(w, TRUNK);
		world_run(w, 100);
		EXPECT(contact_count(&w->core) == 0 && w->sides[ANNA].over == 1);
		EXPECT(w->sides[TRUNK].over == 1);
		world_end(w);
		w = world_create(); /* and the other way round */
		call_ringing(w);
		sip_call_end(w->sides[TRUNK].sip, w->sides[TRUNK].call);
		world_run(w, ms);
		mine = sound_of(&w->sides[ANNA]);
		sip_call_accept(w->sides[ANNA].sip, w->sides[ANNA].call, &mine);
		world_run(w, 200);
		EXPECT(contact_count(&w->core) == 0 && w->sides[ANNA].over == 1);
		world_end(w);
	}
}

TEST(an_answer_to_an_offer_that_was_taken_back)
{
	struct world *w = world_create();
	call_ringing(w);
	/* acd thinks of something else while the 200 is on its way, and refuses the accept */
	struct sdp_audio mine = sound_of(&w->sides[ANNA]);
	row_of(w, w->contact)->agent = "boris";
	sip_call_accept(w->sides[ANNA].sip, w->sides[ANNA].call, &mine);
	world_run(w, 100);
	EXPECT(w->accepts_refused == 1 && w->sides[ANNA].over == 1);
	EXPECT(w->sides[ANNA].how == SIP_OVER_REMOTE);
	EXPECT(voice_legs(w->voice) == 1);
	row_of(w, w->contact)->state = ROW_WAITING;
	hang_up(w, TRUNK);
	world_end(w);
}

static void say_direction(struct world *w, int side, enum sdp_direction d)
{
	struct side *s = &w->sides[side];
	s->direction = d;
	struct sdp_audio sdp = sound_of(s);
	EXPECT(sip_call_reoffer(s->sip, s->call, &sdp) == ERR_OK);
	world_run(w, 40);
}

TEST(the_agent_holds_and_the_customer_hears_music)
{
	struct world *w = world_create();
	call_talking(w);
	struct media_leg *m = media_of(w, PARTY_customer);
	say_direction(w, ANNA, SDP_SENDONLY);
	EXPECT_SAID(w, "hold_on agent");
	EXPECT_STR(str_of(m->music), "default");
	EXPECT(w->sides[ANNA].reanswers == 1 && w->sides[ANNA].direction == SDP_RECVONLY);
	struct media_leg *a = media_of(w, PARTY_agent);
	EXPECT(!a->send && a->receive);
	say_direction(w, ANNA, SDP_INACTIVE); /* says it again, differently */
	EXPECT_SAID(w, "");
	EXPECT(w->sides[ANNA].direction == SDP_INACTIVE && w->musics == 2);
	say_direction(w, ANNA, SDP_SENDRECV);
	EXPECT_SAID(w, "hold_off agent");
	EXPECT(!m->music[0] && a->send && a->receive && ID_EQ(m->joined, a->id));
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(the_customer_holds_and_hears_no_music_of_ours)
{
	struct world *w = world_create();
	call_talking(w);
	say_direction(w, TRUNK, SDP_SENDONLY);
	EXPECT_SAID(w, "hold_on customer");
	EXPECT(!media_of(w, PARTY_customer)->music[0] && !media_of(w, PARTY_customer)->send);
	say_direction(w, TRUNK, SDP_SENDRECV);
	EXPECT_SAID(w, "hold_off customer");
	EXPECT(media_of(w, PARTY_customer)->send);
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(a_talk_is_on_hold_as_long_as_either_side_holds)
{
	struct world *w = world_create();
	call_talking(w);
	say_direction(w, ANNA, SDP_SENDONLY);
	say_direction(w, TRUNK, SDP_SENDONLY);
	say_direction(w, ANNA, SDP_SENDRECV);
	EXPECT_SAID(w, "hold_on agent");
	say_direction(w, TRUNK, SDP_SENDRECV);
	EXPECT_SAID(w, "hold_off customer");
	hang_up(w, TRUNK);
	world_end(w);
	/* held by the carrier while he waited: held when the agent answers, also the next one */
	w = world_create_with(8, 0, 0);
	w->goes_on = true;
	call_waiting(w);
	say_direction(w, TRUNK, SDP_SENDONLY);
	w->log.n = 0;
	offer(w, "anna");
	EXPECT_SAID(w, "offer_end anna accepted; hold_on customer");
	hang_up(w, ANNA);
	enqueue(w);
	w->log.n = 0;
	offer(w, "anna");
	EXPECT_SAID(w, "offer_end anna accepted; hold_on customer");
	say_direction(w, TRUNK, SDP_SENDRECV);
	EXPECT_SAID(w, "hold_off customer");
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(a_hold_where_nobody_talks_is_only_the_carriers)
{
	struct world *w = world_create();
	call_waiting(w);
	w->log.n = 0;
	say_direction(w, TRUNK, SDP_SENDONLY);
	say_direction(w, TRUNK, SDP_SENDRECV);
	EXPECT_SAID(w, "");
	EXPECT_STR(str_of(media_of(w, PARTY_customer)->music), "default");
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(an_agent_who_holds_hangs_up_and_the_flow_goes_on)
{
	struct world *w = world_create();
	w->goes_on = true;
	call_talking(w);
	say_direction(w, ANNA, SDP_SENDONLY);
	hang_up(w, ANNA);
	EXPECT_SAID(w, "hold_on agent; agent_end anna agent; leg_end agent PCMA 20; "
		       "recording_end 75 []");
	struct media_leg *m = media_of(w, PARTY_customer);
	CHECK(m);
	EXPECT(!m->music[0] && ID_NONE(m->joined));
	/* back to the queue and to the next talk, with a recording of its own */
	enqueue(w);
	EXPECT_STR(str_of(m->music), "default");
	w->sides[ANNA].direction = SDP_SENDRECV;
	offer(w, "anna");
	EXPECT(row_of(w, w->contact)->state == ROW_TALKING && w->records == 2);
	EXPECT(!m->music[0] && !ID_NONE(m->joined));
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(a_reoffer_with_nothing_we_speak_is_refused_and_the_talk_goes_on)
{
	struct world *w = world_create();
	call_talking(w);
	w->sides[ANNA].codec = "G729";
	say_direction(w, ANNA, SDP_SENDRECV);
	EXPECT(w->sides[ANNA].status == 488);
	EXPECT(media_of(w, PARTY_agent)->codec == CODEC_PCMA && contact_count(&w->core) == 1);
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(the_agents_side_ends_by_a_command)
{
	struct world *w = world_create();
	call_talking(w);
	enum err e;
	TURN(w, e = voice_agent_hang_up(w->voice, w->contact, agent_called(w, "boris")));
	EXPECT(e == ERR_CONFLICT);
	TURN(w, e = voice_agent_hang_up(w->voice, w->contact, agent_called(w, "anna")));
	EXPECT(e == ERR_OK);
	world_run(w, 100);
	EXPECT(w->sides[ANNA].over == 1 && w->sides[TRUNK].over == 1);
	TURN(w, e = voice_agent_hang_up(w->voice, w->contact, agent_called(w, "anna")));
	EXPECT(e == ERR_NOT_FOUND);
	world_end(w);
}

TEST(commands_for_contacts_that_are_no_calls_are_refused)
{
	struct world *w = world_create();
	struct contact_id nobody = {7, 1}, zero = {0}, far = {900, 1};
	enum err e;
	TURN(w, e = SEND(&w->core, hang_up, .contact = nobody));
	EXPECT(e == ERR_NOT_FOUND);
	TURN(w, e = SEND(&w->core, media_stop, .contact = zero));
	EXPECT(e == ERR_NOT_FOUND);
	TURN(w, e = SEND(&w->core, media_play, .contact = far));
	EXPECT(e == ERR_NOT_FOUND);
	/* ending twice is refused the second time */
	call_in_flow(w);
	TURN(w, e = SEND(&w->core, hang_up, .contact = w->contact, .by = PARTY_system,
			 .cause = STR("flow")));
	EXPECT(e == ERR_OK);
	TURN(w, e = SEND(&w->core, hang_up, .contact = w->contact));
	EXPECT(e == ERR_NOT_FOUND);
	EXPECT(play(w, 1, "Bywaj", NULL) != ERR_OK);
	world_end(w);
}
