/* seats_test.c - several agents, callees and supervisors on one line: who hears whom, what is
 * recorded of it, and that all of it outlives the core. */
#include "channel/voice/world_test.h"

#define FRIEND "+48601602603"
#define EVA BORIS /* her telephone has his place on the wire */

static const struct seat none[1];

static void eva(struct world *w)
{
	world_object(w, &(struct config){.kind = KIND_user,
					 .tenant = STR("acme"),
					 .id = STR("eva"),
					 .user = {.phone = PHONE_sip,
						  .phone_contact = STR("sip:eva@10.0.0.3:5060")}});
}

static struct world *world_of_many(void)
{
	struct world *w = world_create();
	w->declares = eva;
	TURN(w, eva(w));
	w->calls_done = true;
	call_talking(w);
	return w;
}

/* -- what sounds, as one line of text -- */

static void who(struct world *w, const struct leg *leg, struct buf *out)
{
	struct line *l = line_of(w->voice, leg->contact);
	const struct object *agent = objects_get(w->core.objects, ID(leg->agent));
	if (leg->role == PARTY_callee) {
		list_for_each (link, &l->dials) {
			const struct dial *d = CONTAINER_OF(link, struct dial, link);
			if (ID_EQ(d->leg, leg->id))
				buf_fmt(out, "%u", d->callee);
		}
		return;
	}
	buf_put(out, agent ? agent->name : STR("cust"));
}

static void names(struct world *w, const struct order_ids *ids, struct buf *out)
{
	for (uint32_t i = 0; i < ids->count; i++) {
		const struct leg *leg = leg_get(w->voice, ID_AS(leg_id, ids->ids[i]));
		buf_c(out, i ? "+" : "");
		if (leg)
			who(w, leg, out);
		else
			buf_c(out, "?");
	}
}

/* Each leg, whom it hears or what sounds to it: "cust:anna anna:cust eva:(ringing)" */
static struct str heard(struct world *w)
{
	static char room[400];
	struct buf out = buf_make(room, sizeof room);
	struct line *l = line_of(w->voice, w->contact);
	if (!l)
		return STR("no line");
	list_for_each (link, &l->legs) {
		const struct leg *leg = CONTAINER_OF(link, struct leg, link);
		const struct media_leg *m = media_leg_of(w, ID(leg->id));
		if (leg->state != LEG_UP || !m)
			continue;
		buf_c(&out, out.n ? " " : "");
		who(w, leg, &out);
		buf_ch(&out, ':');
		names(w, &m->hears, &out);
		if (m->music[0] || m->files[0])
			buf_fmt(&out, "(%s%s)", m->music, m->files);
	}
	return buf_str(&out);
}

/* The newest recording: "left|right", and how many run. */
static struct str recorded(struct world *w)
{
	static char room[200];
	struct buf out = buf_make(room, sizeof room);
	uint32_t runs = 0;
	const struct media_rec *newest = NULL;
	for (uint32_t i = 0; i < MEDIA_MAX; i++) {
		const struct media_rec *r = &w->media_recs[i];
		newest = r->id.slot ? r : newest;
		runs += r->id.slot && !r->over;
	}
	if (!newest)
		return STR("none");
	names(w, &newest->left, &out);
	buf_ch(&out, '|');
	names(w, &newest->right, &out);
	buf_fmt(&out, " %u", runs);
	return buf_str(&out);
}

#define EXPECT_HEARD(w, text) EXPECT_STR(heard(w), text)
#define EXPECT_RECORDED(w, text) EXPECT_STR(recorded(w), text)

/* -- what call/ says -- */

static struct seat customer(uint32_t hears, enum seat_sound sound, enum seat_track track)
{
	return (struct seat){PARTY_customer, {0}, 0, hears, sound, track};
}

static struct seat agent(struct world *w, const char *name, uint32_t hears, enum seat_sound sound,
			 enum seat_track track)
{
	return (struct seat){PARTY_agent, agent_called(w, name), 0, hears, sound, track};
}

static struct seat supervisor(struct world *w, uint32_t hears, enum seat_track track)
{
	return (struct seat){
		PARTY_supervisor, agent_called(w, "eva"), 0, hears, SOUND_silence, track};
}

static struct seat callee(uint32_t n, uint32_t hears, enum seat_track track)
{
	return (struct seat){PARTY_callee, {0}, n, hears, SOUND_silence, track};
}

static void seats(struct world *w, const struct seat *s, uint32_t count)
{
	TURN(w, EXPECT(SEND(&w->core, seats_set, .contact = w->contact, .seats = s,
			    .count = count) == ERR_OK));
	world_run(w, 20);
}

static void hold(struct world *w)
{
	const struct seat s[] = {customer(0, SOUND_music, TRACK_none),
				 agent(w, "anna", 0, SOUND_silence, TRACK_none)};
	seats(w, s, 2);
}

static enum err call_number(struct world *w, uint32_t n)
{
	enum err e;
	TURN(w, e = SEND(&w->core, dial_out, .contact = w->contact, .number = STR(FRIEND),
			 .ring_ms = 20000, .callee = n));
	world_run(w, 40);
	return e;
}

static enum err phone(struct world *w, bool on)
{
	enum err e;
	struct agent_id who = agent_called(w, "eva");
	if (on)
		TURN(w, e = SEND(&w->core, phone_ring, .contact = w->contact, .agent = who,
				 .ring_ms = 5000));
	else
		TURN(w, e = SEND(&w->core, phone_drop, .contact = w->contact, .agent = who));
	world_run(w, 40);
	return e;
}

/* -- hold -- */

TEST(an_ordinary_talk_needs_no_seats)
{
	struct world *w = world_of_many();
	EXPECT_HEARD(w, "cust:anna anna:cust");
	EXPECT_RECORDED(w, "cust|anna 1");
	EXPECT(w->records == 1 && !w->media_recs[0].rules); /* nothing more was ordered */
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(who_is_held_hears_music_and_nobody_is_recorded)
{
	struct world *w = world_of_many();
	hold(w);
	EXPECT_HEARD(w, "cust:(default) anna:");
	EXPECT_RECORDED(w, "| 1");
	world_restart(w);
	EXPECT_HEARD(w, "cust:(default) anna:");
	EXPECT_RECORDED(w, "| 1");
	seats(w, none, 0);
	EXPECT_HEARD(w, "cust:anna anna:cust");
	EXPECT_RECORDED(w, "cust|anna 1");
	world_restart(w);
	EXPECT_HEARD(w, "cust:anna anna:cust");
	EXPECT_RECORDED(w, "cust|anna 1");
	hang_up(w, ANNA);
	world_end(w);
}

TEST(a_telephone_that_holds_asks_call)
{
	struct world *w = world_of_many();
	struct side *a = &w->sides[ANNA];
	struct sdp_audio mine;
	a->direction = SDP_SENDONLY;
	mine = sound_of(a);
	EXPECT(sip_call_reoffer(a->sip, a->call, &mine) == ERR_OK);
	world_run(w, 40);
	EXPECT_SAID(w, "hold anna none ");
	EXPECT_HEARD(w, "cust:anna anna:cust"); /* call decides */
	a->direction = SDP_SENDRECV;
	mine = sound_of(a);
	EXPECT(sip_call_reoffer(a->sip, a->call, &mine) == ERR_OK);
	world_run(w, 40);
	EXPECT_SAID(w, "resume anna none ");
	hang_up(w, ANNA);
	EXPECT(has(buf_str(&w->log), "left anna; agent_end anna agent"));
	world_end(w);
}

/* -- two agents -- */

/* anna consults eva: the customer hears music. */
static void consult(struct world *w)
{
	const struct seat s[] = {customer(0, SOUND_music, TRACK_none),
				 agent(w, "anna", BIT(2), SOUND_ringing, TRACK_none),
				 agent(w, "eva", BIT(1), SOUND_silence, TRACK_none)};
	seats(w, s, 3);
}

TEST(an_agent_is_rung_while_another_talks)
{
	struct world *w = world_of_many();
	w->sides[EVA].answers = false;
	consult(w);
	offer_beside(w, "eva");
	EXPECT(w->sides[EVA].incoming == 1);
	EXPECT_HEARD(w, "cust:(default) anna:(ringing)");
	struct sdp_audio mine = sound_of(&w->sides[EVA]);
	sip_call_accept(w->sides[EVA].sip, w->sides[EVA].call, &mine);
	world_run(w, 40);
	EXPECT_HEARD(w, "cust:(default) anna:eva eva:anna");
	EXPECT_RECORDED(w, "| 2"); /* one file for each agent's segment */
	/* anna leaves: the customer's call goes on with eva */
	agent_leaves(w);
	seats(w, none, 0);
	EXPECT(w->sides[ANNA].over == 1 && !w->sides[EVA].over && !w->sides[TRUNK].over);
	EXPECT_HEARD(w, "cust:eva eva:cust");
	EXPECT_RECORDED(w, "cust|eva 1");
	world_restart(w);
	EXPECT_HEARD(w, "cust:eva eva:cust");
	EXPECT_RECORDED(w, "cust|eva 1");
	hang_up(w, EVA);
	EXPECT(has(buf_str(&w->log), "left eva; agent_end eva"));
	world_end(w);
}

TEST(who_is_consulted_hangs_up_or_does_not_answer_and_the_talk_goes_on)
{
	for (int how = 0; how < 3; how++) {
		struct world *w = world_of_many();
		struct side *e = &w->sides[EVA];
		e->answers = how == 2;
		e->refuses = how == 1 ? 486 : 0;
		consult(w);
		w->log.n = 0;
		offer_beside(w, "eva");
		if (how == 0)
			TURN(w, EMIT(&w->core, offer_end, .contact = w->contact,
				     .agent = agent_called(w, "eva"), .result = OFFER_no_answer));
		if (how == 2)
			hang_up(w, EVA);
		world_run(w, 100);
		EXPECT(has(buf_str(&w->log), how == 0	? "offer_end eva no_answer"
					     : how == 1 ? "offer_end eva busy"
							: "left eva; agent_end eva"));
		EXPECT(e->over == 1);
		EXPECT_HEARD(w, "cust:(default) anna:(ringing)");
		seats(w, none, 0);
		EXPECT_HEARD(w, "cust:anna anna:cust");
		EXPECT(!w->sides[ANNA].over && !w->sides[TRUNK].over);
		row_of(w, w->contact)->beside = NULL;
		hang_up(w, TRUNK);
		world_end(w);
	}
}

TEST(a_consultation_outlives_the_core_while_it_rings_and_while_it_is_spoken)
{
	struct world *w = world_of_many();
	w->sides[EVA].answers = false;
	consult(w);
	offer_beside(w, "eva");
	row_of(w, w->contact)->beside = NULL; /* the fake acd forgets it */
	world_restart(w);
	world_run(w, 50);
	EXPECT_HEARD(w, "cust:(default) anna:(ringing)");
	EXPECT(w->sides[EVA].over == 1); /* cancelled: the offer does not stand */
	row_of(w, w->contact)->beside = NULL;
	w->sides[EVA].answers = true;
	offer_beside(w, "eva");
	EXPECT_HEARD(w, "cust:(default) anna:eva eva:anna");
	world_restart(w);
	world_run(w, 50);
	EXPECT_HEARD(w, "cust:(default) anna:eva eva:anna");
	EXPECT(w->odd == 0);
	hang_up(w, TRUNK);
	EXPECT(w->sides[EVA].over == 2 && w->sides[ANNA].over == 1);
	world_end(w);
}

/* -- numbers -- */

TEST(a_conference_of_customer_agent_and_two_numbers)
{
	struct world *w = world_of_many();
	EXPECT(call_number(w, 1) == ERR_OK && call_number(w, 2) == ERR_OK);
	EXPECT(call_number(w, 2) == ERR_CONFLICT);
	EXPECT_HEARD(w, "cust:anna anna:cust 1: 2:"); /* nobody's seat: silence */
	const struct seat s[] = {
		customer(BIT(1) | BIT(2) | BIT(3), SOUND_music, TRACK_left),
		agent(w, "anna", BIT(0) | BIT(2) | BIT(3), SOUND_silence, TRACK_right),
		callee(1, BIT(0) | BIT(1) | BIT(3), TRACK_left),
		callee(2, BIT(0) | BIT(1) | BIT(2), TRACK_left)};
	seats(w, s, 4);
	EXPECT_HEARD(w, "cust:anna+1+2 anna:cust+1+2 1:cust+anna+2 2:cust+anna+1");
	EXPECT_RECORDED(w, "cust+1+2|anna 1");
	world_restart(w);
	EXPECT_HEARD(w, "cust:anna+1+2 anna:cust+1+2 1:cust+anna+2 2:cust+anna+1");
	EXPECT_RECORDED(w, "cust+1+2|anna 1");
	w->log.n = 0;
	TURN(w, EXPECT(SEND(&w->core, dial_cancel, .contact = w->contact, .callee = 1) == ERR_OK));
	world_run(w, 40);
	EXPECT(has(buf_str(&w->log), "dial_end carrier none system"));
	EXPECT_HEARD(w, "cust:anna+2 anna:cust+2 2:cust+anna");
	EXPECT_RECORDED(w, "cust+2|anna 1");
	TURN(w, EXPECT(SEND(&w->core, dial_cancel, .contact = w->contact, .callee = 1) ==
		       ERR_CONFLICT));
	/* the agent leaves: customer and number talk on; it hangs up by itself */
	hang_up(w, ANNA);
	EXPECT(has(buf_str(&w->log), "left anna"));
	world_run(w, 100);
	world_end(w);
}

TEST(a_number_that_rings_is_called_anew_by_the_next_core)
{
	struct world *w = world_of_many();
	w->sides[TRUNK].answers = false;
	EXPECT(call_number(w, 7) == ERR_OK);
	const struct seat s[] = {customer(0, SOUND_music, TRACK_none),
				 agent(w, "anna", BIT(2), SOUND_ringing, TRACK_right),
				 callee(7, BIT(1), TRACK_left)};
	seats(w, s, 3);
	EXPECT_HEARD(w, "cust:(default) anna:(ringing)");
	EXPECT_RECORDED(w, "|anna 1");
	uint32_t rung = w->sides[TRUNK].incoming;
	w->sides[TRUNK].answers = true;
	world_restart(w);
	world_run(w, 100);
	EXPECT(w->sides[TRUNK].incoming == rung + 1);
	EXPECT_HEARD(w, "cust:(default) anna:7 7:anna");
	EXPECT_RECORDED(w, "7|anna 1");
	TURN(w, EXPECT(SEND(&w->core, dial_cancel, .contact = w->contact, .callee = 7) == ERR_OK));
	world_run(w, 40);
	hang_up(w, ANNA);
	world_end(w);
}

TEST(what_a_number_plays_before_it_answers_is_heard_by_who_called_it)
{
	struct world *w = world_of_many();
	w->sides[TRUNK].answers = false;
	w->sides[TRUNK].early = true;
	EXPECT(call_number(w, 1) == ERR_OK);
	const struct seat s[] = {customer(0, SOUND_music, TRACK_none),
				 agent(w, "anna", BIT(2), SOUND_ringing, TRACK_none),
				 callee(1, BIT(1), TRACK_none)};
	seats(w, s, 3);
	EXPECT_HEARD(w, "cust:(default) anna:1");
	world_run(w, 25000); /* nobody answers */
	EXPECT(has(buf_str(&w->log), "dial_end carrier no_answer system 408"));
	EXPECT_HEARD(w, "cust:(default) anna:(ringing)");
	seats(w, none, 0);
	EXPECT_HEARD(w, "cust:anna anna:cust");
	hang_up(w, ANNA);
	world_end(w);
}

/* -- supervisors -- */

TEST(a_supervisor_listens_whispers_and_barges_in)
{
	struct world *w = world_of_many();
	EXPECT(phone(w, true) == ERR_OK);
	EXPECT_SAID(w, "up eva");
	EXPECT_HEARD(w, "cust:anna anna:cust eva:"); /* until call says what he may */
	EXPECT(phone(w, true) == ERR_CONFLICT);
	struct seat s[] = {customer(BIT(1), SOUND_silence, TRACK_left),
			   agent(w, "anna", BIT(0), SOUND_silence, TRACK_right),
			   supervisor(w, BIT(0) | BIT(1), TRACK_none)};
	seats(w, s, 3);
	EXPECT_HEARD(w, "cust:anna anna:cust eva:cust+anna");
	EXPECT_RECORDED(w, "cust|anna 1");
	s[1].hears |= BIT(2); /* whisper */
	seats(w, s, 3);
	EXPECT_HEARD(w, "cust:anna anna:cust+eva eva:cust+anna");
	EXPECT_RECORDED(w, "cust|anna 1");
	s[0].hears |= BIT(2); /* barge */
	s[2].track = TRACK_right;
	seats(w, s, 3);
	world_restart(w);
	EXPECT_HEARD(w, "cust:anna+eva anna:cust+eva eva:cust+anna");
	EXPECT_RECORDED(w, "cust|anna+eva 1");
	w->log.n = 0;
	hang_up(w, EVA);
	EXPECT_SAID(w, "over eva accepted; leg_end supervisor PCMA 20");
	EXPECT_HEARD(w, "cust:anna anna:cust");
	EXPECT(phone(w, true) == ERR_OK && phone(w, false) == ERR_OK);
	EXPECT(phone(w, false) == ERR_NOT_FOUND);
	EXPECT(w->sides[EVA].over == 2);
	EXPECT_SAID(w, "up eva; leg_end supervisor PCMA 20"); /* who drops it knows */
	hang_up(w, ANNA);
	world_end(w);
}

TEST(a_supervisor_who_cannot_be_had_is_told_and_one_who_rings_is_rung_again)
{
	struct world *w = world_of_many();
	w->sides[EVA].refuses = 486;
	EXPECT(phone(w, true) == ERR_OK);
	EXPECT(has(buf_str(&w->log), "over eva busy"));
	w->sides[EVA].refuses = 0;
	w->sides[EVA].answers = false;
	EXPECT(phone(w, true) == ERR_OK);
	w->log.n = 0;
	world_run(w, 2000);
	world_restart(w);
	world_run(w, 100);
	EXPECT(w->sides[EVA].incoming == 3);
	EXPECT_SAID(w, "leg_end supervisor  20");
	world_run(w, 2700); /* 5 s from the first ring */
	EXPECT_SAID(w, "");
	world_run(w, 300);
	EXPECT_SAID(w, "over eva no_answer; leg_end supervisor  20");
	struct agent_id clara = agent_called(w, "clara"), anna = agent_called(w, "anna");
	TURN(w, EXPECT(SEND(&w->core, phone_ring, .contact = w->contact, .agent = clara) ==
		       ERR_CONFLICT)); /* no telephone */
	TURN(w, EXPECT(SEND(&w->core, phone_ring, .contact = w->contact, .agent = anna) ==
		       ERR_CONFLICT)); /* she serves it */
	EXPECT_HEARD(w, "cust:anna anna:cust");
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(a_supervisor_takes_over)
{
	struct world *w = world_of_many();
	EXPECT(phone(w, true) == ERR_OK);
	struct row *r = row_of(w, w->contact);
	TURN(w, EMIT(&w->core, answer, .contact = w->contact, .queue = queue_called(w, "sales"),
		     .agent = agent_called(w, "eva")));
	r->beside = "eva";
	r->beside_talks = true;
	agent_leaves(w);
	EXPECT_HEARD(w, "cust:eva eva:cust");
	EXPECT_RECORDED(w, "cust|eva 1");
	EXPECT(w->sides[ANNA].over == 1);
	world_restart(w);
	EXPECT_HEARD(w, "cust:eva eva:cust");
	w->log.n = 0;
	hang_up(w, EVA);
	EXPECT(has(buf_str(&w->log), "left eva; agent_end eva agent"));
	world_end(w);
}

/* -- recording -- */

TEST(a_recording_pauses_and_goes_on)
{
	struct world *w = world_of_many();
	TURN(w,
	     EXPECT(SEND(&w->core, recording_pause, .contact = w->contact, .on = true) == ERR_OK));
	EXPECT_RECORDED(w, "| 1");
	EXPECT_HEARD(w, "cust:anna anna:cust");
	world_restart(w);
	EXPECT_RECORDED(w, "| 1");
	TURN(w,
	     EXPECT(SEND(&w->core, recording_pause, .contact = w->contact, .on = false) == ERR_OK));
	EXPECT_RECORDED(w, "cust|anna 1");
	hang_up(w, ANNA);
	world_end(w);

	w = world_create_with(8, 0, 0); /* nothing is recorded */
	call_talking(w);
	TURN(w, EXPECT(SEND(&w->core, recording_pause, .contact = w->contact, .on = true) ==
		       ERR_CONFLICT));
	hang_up(w, ANNA);
	world_end(w);
}
