/* restart_test.c - the core or media dies at every stage of a call; nobody is lost without a word.
 */
#include "channel/voice/world_test.h"

static void customer_talks_on_and_leaves(struct world *w)
{
	struct media_leg *m = media_of(w, PARTY_customer), *a = media_of(w, PARTY_agent);
	EXPECT(m && a && ID_EQ(m->joined, a->id) && m->remote_port == 4000);
	EXPECT(!w->sides[TRUNK].over && !w->sides[ANNA].over);
	hang_up(w, TRUNK);
	EXPECT(w->sides[ANNA].over == 1);
	EXPECT(contact_count(&w->core) == 0);
	world_end(w);
}

TEST(a_talk_goes_on_without_the_core_and_either_side_ends_it)
{
	struct world *w = world_create();
	call_talking(w);
	uint32_t joins = w->joins, opens = w->opens;
	world_restart(w);
	EXPECT(w->joins == joins && w->opens == opens && w->records == 1 && w->odd == 0);
	world_run(w, 5000);
	EXPECT_SAID(w, "");
	customer_talks_on_and_leaves(w);

	w = world_create();
	call_talking(w);
	world_restart(w);
	world_restart(w); /* twice */
	hang_up(w, ANNA);
	EXPECT(has(buf_str(&w->log), "agent_end anna agent") && has(buf_str(&w->log), "ended"));
	EXPECT(w->sides[TRUNK].over == 1 && contact_count(&w->core) == 0);
	world_end(w);

	w = world_create();
	call_talking(w);
	world_restart(w);
	TURN(w, voice_stop(w->voice)); /* we end it */
	world_run(w, 100);
	EXPECT(w->sides[TRUNK].over == 1 && w->sides[ANNA].over == 1);
	world_end(w);
}

TEST(who_hangs_up_while_no_core_lives_is_heard_later)
{
	for (int side = TRUNK; side <= ANNA; side++) {
		struct world *w = world_create();
		call_talking(w);
		world_die(w);
		sip_call_end(w->sides[side].sip, w->sides[side].call);
		world_run(w, 3000);
		EXPECT(!w->sides[side].over); /* it waits for an answer */
		world_live(w);
		world_run(w, 2000);
		EXPECT(w->sides[TRUNK].over == 1 && w->sides[ANNA].over == 1);
		EXPECT(contact_count(&w->core) == 0);
		world_end(w);
	}
}

TEST(a_talk_on_hold_goes_on_with_its_music)
{
	struct world *w = world_create();
	call_talking(w);
	struct side *anna = &w->sides[ANNA];
	anna->direction = SDP_SENDONLY;
	struct sdp_audio sdp = sound_of(anna);
	EXPECT(sip_call_reoffer(anna->sip, anna->call, &sdp) == ERR_OK);
	world_run(w, 40);
	uint32_t musics = w->musics;
	w->log.n = 0;
	world_restart(w);
	EXPECT(w->musics == musics); /* the same music order: nothing begins anew */
	EXPECT_STR(str_of(media_of(w, PARTY_customer)->music), "default");
	anna->direction = SDP_SENDRECV;
	sdp = sound_of(anna);
	EXPECT(sip_call_reoffer(anna->sip, anna->call, &sdp) == ERR_OK);
	world_run(w, 40);
	EXPECT_SAID(w, "hold_off agent");
	EXPECT(!media_of(w, PARTY_customer)->music[0]);
	customer_talks_on_and_leaves(w);
}

TEST(who_waits_keeps_his_music)
{
	struct world *w = world_create();
	call_waiting(w);
	uint32_t play_before = media_of(w, PARTY_customer)->play;
	world_restart(w);
	EXPECT(w->musics == 1 && media_of(w, PARTY_customer)->play == play_before);
	offer(w, "anna");
	EXPECT(row_of(w, w->contact)->state == ROW_TALKING);
	EXPECT(!media_of(w, PARTY_customer)->music[0]);
	customer_talks_on_and_leaves(w);
}

TEST(a_playing_goes_on_and_its_end_is_told_to_the_new_core)
{
	struct world *w = world_create();
	call_in_flow(w);
	EXPECT(play(w, 5, "raz", "dwa") == ERR_OK);
	uint32_t serial = media_of(w, PARTY_customer)->play;
	w->log.n = 0;
	world_restart(w);
	EXPECT(w->plays == 1 && media_of(w, PARTY_customer)->play == serial);
	MEDIA_SAYS(w, play_done, .leg = media_of(w, PARTY_customer)->id, .play = serial, .ok = 1);
	EXPECT_SAID(w, "play_done 5 ok");
	/* ended while no core lived: media keeps the word */
	EXPECT(play(w, 6, "raz", NULL) == ERR_OK);
	world_die(w);
	report_encode(&w->reports, &(struct report){.kind = REPORT_play_done,
						    .play_done = {.leg = w->media_legs[0].id,
								  .play = w->media_legs[0].play,
								  .ok = 1}});
	world_live(w);
	world_run(w, 0);
	EXPECT_SAID(w, "play_done 6 ok");
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(a_text_that_waits_to_be_spoken_is_waited_for_in_the_next_life)
{
	struct world *w = world_create();
	call_in_flow(w);
	w->speaks_at_once = false;
	EXPECT(play(w, 5, "nowe", NULL) == ERR_OK);
	w->log.n = 0;
	world_restart(w);
	/* the new core does not know whether the file is there: media finds out */
	world_run(w, 100);
	EXPECT(w->plays == 1);
	MEDIA_SAYS(w, play_done, .leg = media_of(w, PARTY_customer)->id,
		   .play = media_of(w, PARTY_customer)->play, .ok = 0);
	EXPECT_SAID(w, "play_done 5 failed");
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(a_ringing_phone_is_cancelled_and_rung_anew)
{
	struct world *w = world_create();
	call_ringing(w);
	struct sip_call_id old = w->sides[ANNA].call;
	world_restart(w);
	world_run(w, 200);
	EXPECT(w->sides[ANNA].over == 1 && w->sides[ANNA].status == 487);
	EXPECT(w->sides[ANNA].incoming == 2 && !ID_EQ(w->sides[ANNA].call, old));
	EXPECT(w->fails == 0 && voice_legs(w->voice) == 2);
	struct sdp_audio mine = sound_of(&w->sides[ANNA]);
	sip_call_accept(w->sides[ANNA].sip, w->sides[ANNA].call, &mine);
	world_run(w, 50);
	EXPECT(row_of(w, w->contact)->state == ROW_TALKING);
	w->sides[ANNA].over = 0;
	customer_talks_on_and_leaves(w);
}

TEST(a_phone_that_answered_while_no_core_lived)
{
	struct world *w = world_create();
	call_ringing(w);
	world_die(w);
	struct sdp_audio mine = sound_of(&w->sides[ANNA]);
	sip_call_accept(w->sides[ANNA].sip, w->sides[ANNA].call, &mine);
	world_run(w, 700);
	w->sides[ANNA].answers = true;
	world_live(w);
	world_run(w, 1000);
	/* that answer belongs to the INVITE that was cancelled: taken, ended, and he is rung anew
	 */
	EXPECT(w->sides[ANNA].over == 1 && w->sides[ANNA].incoming == 2);
	EXPECT(row_of(w, w->contact)->state == ROW_TALKING);
	w->sides[ANNA].over = 0;
	customer_talks_on_and_leaves(w);
}

TEST(an_offer_that_ended_with_the_core_is_not_rung_again)
{
	struct world *w = world_create();
	call_ringing(w);
	world_die(w);
	row_of(w, w->contact)->state = ROW_WAITING;
	world_live(w);
	world_run(w, 200);
	EXPECT(w->sides[ANNA].over == 1 && w->sides[ANNA].incoming == 1);
	EXPECT(voice_legs(w->voice) == 1);
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(a_phone_whose_port_was_still_asked_for)
{
	struct world *w = world_create();
	call_waiting(w);
	w->media_mute_open = true;
	offer(w, "anna");
	EXPECT(!w->sides[ANNA].incoming);
	w->media_mute_open = false;
	world_restart(w);
	world_run(w, 100);
	EXPECT(w->sides[ANNA].incoming == 1 && row_of(w, w->contact)->state == ROW_TALKING);
	customer_talks_on_and_leaves(w);
}

TEST(a_caller_whose_port_was_still_asked_for)
{
	struct world *w = world_create();
	w->media_mute_open = true;
	dial(w, NUMBER);
	EXPECT(!w->sides[TRUNK].answered);
	w->media_mute_open = false;
	world_restart(w);
	world_run(w, 100);
	EXPECT(w->sides[TRUNK].answered == 1 && w->flow_starts == 1);
	hang_up(w, TRUNK);
	world_end(w);
	/* the order itself was lost with the core */
	w = world_create();
	w->media_mute_open = true;
	dial(w, NUMBER);
	w->media_mute_open = false;
	memset(w->media_legs, 0, sizeof w->media_legs);
	world_restart(w);
	world_run(w, 100);
	EXPECT(w->sides[TRUNK].answered == 1 && w->flow_starts == 1);
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(a_call_that_was_just_answered)
{
	struct world *w = world_create();
	struct side *t = &w->sides[TRUNK];
	for (int ms = 0; ms < 25; ms++) { /* between INVITE, 200 and ACK */
		uint32_t answered = t->answered;
		sip_call_end(t->sip, t->call);
		world_run(w, 100);
		struct sip_invite i = {.uri = STR("sip:" NUMBER "@10.0.0.100"),
				       .from_user = STR(CALLER),
				       .from_host = STR("10.0.0.1"),
				       .sdp = sound_of(t)};
		EXPECT(sip_address_parse(STR("10.0.0.100"), 5060, &i.to) == ERR_OK);
		EXPECT(sip_call_start(t->sip, &i, &t->call) == ERR_OK);
		world_run(w, ms);
		world_restart(w);
		world_run(w, 2000);
		EXPECT(t->answered == answered + 1);
		EXPECT(contact_count(&w->core) == 1 && voice_legs(w->voice) == 1);
	}
	EXPECT(t->over == 24);
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(a_leg_that_media_does_not_know_ends_the_contact)
{
	for (int who = 0; who < 2; who++) {
		struct world *w = world_create();
		call_talking(w);
		world_die(w);
		w->media_legs[who] = (struct media_leg){0};
		world_live(w);
		world_run(w, 100);
		EXPECT(has(buf_str(&w->log), "disconnect system 0 server_restart"));
		EXPECT(w->sides[TRUNK].over == 1 && w->sides[ANNA].over == 1);
		EXPECT(w->sides[TRUNK].how == SIP_OVER_REMOTE);
		world_run(w, 16000);
		EXPECT(contact_count(&w->core) == 0);
		memset(w->media_recs, 0, sizeof w->media_recs);
		world_end(w);
	}
}

TEST(a_leg_whose_dialog_cannot_be_read)
{
	/* the customer's: the contact ends */
	struct world *w = world_create();
	call_talking(w);
	world_die(w);
	w->torn_leg = 1;
	world_live(w);
	world_run(w, 100);
	EXPECT(has(buf_str(&w->log), "disconnect system 0 server_restart"));
	EXPECT(w->sides[ANNA].over == 1 && contact_count(&w->core) == 0);
	world_end(w);
	/* the agent's: he is lost, the customer goes on */
	w = world_create();
	call_talking(w);
	world_die(w);
	w->torn_leg = 2;
	world_live(w);
	world_run(w, 100);
	EXPECT(has(buf_str(&w->log), "agent_end anna system; "));
	EXPECT(contact_count(&w->core) == 1 && voice_legs(w->voice) == 1);
	EXPECT(row_of(w, w->contact)->state == ROW_FLOW && !w->sides[TRUNK].over);
	w->torn_leg = 0;
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(a_leg_that_only_media_knows_is_closed)
{
	struct world *w = world_create();
	call_talking(w);
	world_die(w);
	w->media_legs[5] = (struct media_leg){.id = {9, 9}, .contact = {9, 9}, .port = 20100};
	world_live(w);
	world_run(w, 100);
	EXPECT(!w->media_legs[5].id.slot);
	customer_talks_on_and_leaves(w);
}

TEST(a_dead_media_process_ends_every_contact)
{
	for (int stage = 0; stage < 4; stage++) {
		struct world *w = world_create();
		if (stage == 0)
			call_in_flow(w);
		else if (stage == 1)
			call_waiting(w);
		else if (stage == 2)
			call_ringing(w);
		else
			call_talking(w);
		w->log.n = 0;
		media_dies(w);
		world_run(w, 1000); /* SIP goes on until the next one says what it has: nothing */
		EXPECT(!w->sides[TRUNK].over);
		media_comes(w);
		world_run(w, 100);
		EXPECT(has(buf_str(&w->log), "disconnect system 0 server_restart"));
		EXPECT(w->sides[TRUNK].over == 1 && w->sides[TRUNK].how == SIP_OVER_REMOTE);
		EXPECT(stage < 2 || w->sides[ANNA].over == 1);
		world_run(w, 16000);
		EXPECT(contact_count(&w->core) == 0);
		/* and new calls get in */
		w->sides[ANNA].answers = true;
		call_talking(w);
		hang_up(w, TRUNK);
		world_end(w);
	}
}

/* After an upgrade an old call stays where its sound is, a new one goes to the new process, and
 * each death is its own. */
TEST(an_upgrade_leaves_old_calls_where_they_are)
{
	struct world *w = world_create();
	const uint32_t both[] = {2, 1}, second = 2, first_again[] = {1};
	w->media_beside = 2;
	w->sides[ANNA].answers = true;
	call_waiting(w);
	TURN(w, voice_media_living(w->voice, both, 2));
	TURN(w, voice_media_up(w->voice, 2));
	EXPECT(w->orders_beside == 2); /* hello and inventory */
	EXPECT(voice_media_ready(w->voice));
	world_restart(w); /* the next core hears of the old one only, at first */
	TURN(w, voice_media_living(w->voice, both, 2));
	TURN(w, voice_media_up(w->voice, 2));
	w->orders_beside = 0;
	hang_up(w, TRUNK);
	EXPECT(contact_count(&w->core) == 0 && w->orders_beside == 0);
	/* the new process takes the next call; the old one dies and nobody notices */
	w->media_number = 2;
	w->media_beside = 1;
	call_in_flow(w);
	EXPECT(w->orders_beside == 0);
	const uint32_t over = w->sides[TRUNK].over;
	TURN(w, voice_media_down(w->voice, 1));
	TURN(w, voice_media_living(w->voice, &second, 1));
	world_run(w, 100);
	EXPECT(contact_count(&w->core) == 1 && w->sides[TRUNK].over == over);
	/* its own death is noticed at once, without a successor */
	w->log.n = 0;
	TURN(w, voice_media_living(w->voice, first_again, 1));
	world_run(w, 100);
	EXPECT(has(buf_str(&w->log), "disconnect system 0 server_restart"));
	EXPECT(w->sides[TRUNK].over == over + 1 && w->sides[TRUNK].how == SIP_OVER_REMOTE);
	w->media_up = false;
	memset(w->media_legs, 0, sizeof w->media_legs);
	world_run(w, 16000);
	EXPECT(contact_count(&w->core) == 0);
	w->media_up = true;
	world_end(w);
}

TEST(media_dies_while_a_port_is_asked_for)
{
	struct world *w = world_create();
	w->media_mute_open = true;
	dial(w, NUMBER);
	media_dies(w);
	w->media_mute_open = false;
	world_run(w, 500);
	media_comes(w);
	world_run(w, 100);
	EXPECT(w->sides[TRUNK].answered == 1);
	hang_up(w, TRUNK);
	world_end(w);
}

/* Figures that died with their media process are not waited for. */
TEST(media_dies_while_a_leg_is_closing)
{
	struct world *w = world_create_with(8, 0, 0);
	call_in_flow(w);
	w->media_mute_close = true;
	hang_up(w, TRUNK);
	EXPECT(contact_count(&w->core) == 1);
	media_dies(w);
	w->media_mute_close = false;
	media_comes(w);
	world_run(w, 100);
	EXPECT(contact_count(&w->core) == 0);
	world_end(w);
}

/* An inventory may be read while orders are already obeyed again. */
TEST(a_leg_opened_while_the_inventory_is_read_is_not_lost)
{
	struct world *w = world_create();
	media_dies(w);
	w->media_up = true;
	w->media_mute_open = true;
	media_introduced(w);
	struct buf late = w->reports; /* the inventory, still under way */
	w->reports = buf_grow(1024);
	w->media_mute_open = false;
	dial(w, NUMBER); /* another thread of media is quicker */
	EXPECT(w->flow_starts == 1);
	buf_put(&w->reports, buf_str(&late));
	buf_free(&late);
	world_run(w, 100);
	EXPECT(contact_count(&w->core) == 1 && !w->sides[TRUNK].over);
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(a_call_that_was_ending_ends_in_the_next_life)
{
	struct world *w = world_create();
	call_talking(w);
	w->wire_cut = true; /* our BYE is lost */
	TURN(w, voice_stop(w->voice));
	w->wire_cut = false;
	world_restart(w);
	world_run(w, 2000);
	EXPECT(w->sides[TRUNK].over == 1 && w->sides[ANNA].over == 1);
	EXPECT(contact_count(&w->core) == 0);
	world_end(w);
}

TEST(a_recording_that_ended_with_the_core_is_told_to_the_next)
{
	struct world *w = world_create();
	call_talking(w);
	w->media_mute_recorded = true;
	hang_up(w, TRUNK);
	EXPECT(contact_count(&w->core) == 1);
	world_die(w);
	w->media_mute_recorded = false;
	world_live(w);
	world_run(w, 100);
	EXPECT(has(buf_str(&w->log), "recording_end") && contact_count(&w->core) == 0);
	EXPECT(w->media_recs[0].acked);
	world_end(w);
	/* never told: patience begins anew */
	w = world_create();
	call_talking(w);
	w->media_mute_recorded = true;
	hang_up(w, TRUNK);
	world_run(w, 10000);
	world_restart(w);
	world_run(w, 14000);
	EXPECT(contact_count(&w->core) == 1);
	world_run(w, 1100);
	EXPECT(has(buf_str(&w->log), "[lost: media did not say how it ended]; alarm "
				     "recording_flaw; ended"));
	w->media_recs[0].acked = true;
	world_end(w);
}

TEST(a_call_whose_flow_or_trunk_is_gone_goes_on)
{
	struct world *w = world_create();
	call_talking(w);
	objects_drop(w->core.objects, KIND_trunk, STR("acme"), STR("carrier"));
	objects_drop(w->core.objects, KIND_flow, STR("acme"), STR("main"));
	TURN(w, EMIT(&w->core, object_moved, .kind = KIND_trunk));
	customer_talks_on_and_leaves(w);
}

/* The images of one life, cut anywhere a turn ends, bring back a world that can be ended. */
TEST(a_core_that_dies_after_any_turn)
{
	for (uint32_t turns = 1; turns < 60; turns += 2) {
		struct world *w = world_create();
		struct side *t = &w->sides[TRUNK];
		struct sip_invite i = {.uri = STR("sip:" NUMBER "@10.0.0.100"),
				       .from_user = STR(CALLER),
				       .from_host = STR("10.0.0.1"),
				       .sdp = sound_of(t)};
		EXPECT(sip_address_parse(STR("10.0.0.100"), 5060, &i.to) == ERR_OK);
		EXPECT(sip_call_start(t->sip, &i, &t->call) == ERR_OK);
		world_run(w, turns);
		if (contact_count(&w->core) && row_of(w, w->contact)) {
			enqueue(w);
			row_of(w, w->contact)->state = ROW_OFFERED;
			row_of(w, w->contact)->agent = "anna";
			TURN(w, EMIT(&w->core, offer, .contact = w->contact,
				     .queue = queue_called(w, "sales"),
				     .agent = agent_called(w, "anna")));
			world_run(w, turns);
		}
		world_restart(w);
		world_run(w, turns);
		world_restart(w);
		world_run(w, 500);
		sip_call_end(t->sip, t->call);
		world_run(w, turns);
		world_restart(w);
		world_end(w);
	}
}
