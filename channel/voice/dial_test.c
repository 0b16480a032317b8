/* dial_test.c - a number called for a contact over the tenant's trunks, and joined to it. */
#include "channel/voice/world_test.h"

#define FAR BORIS /* his place on the wire is a carrier's here */
#define FRIEND "+48601602603"

/* Calls out go to "far": first to somebody who never speaks, then to 10.0.0.3. */
static void two_carriers(struct world *w)
{
	static const struct trunk_peer silent_first[] = {{.address = {"10.0.0.77", 9}},
							 {.address = {"10.0.0.3", 8}}};
	static const struct trunk_peer alone[] = {{.address = {"10.0.0.3", 8}}};
	static const struct trunk_peer home[] = {{.address = {"10.0.0.1", 8}}};
	static struct str nines[] = {{"+9", 2}};
	static const struct trunk_peer last[] = {{.address = {"10.0.0.2", 8}}};
	static const struct str codecs[] = {{"PCMA", 4}};
	bool silent = w->max_calls == 99;
	world_object(w, &(struct config){.kind = KIND_trunk,
					 .tenant = STR("acme"),
					 .id = STR("carrier"),
					 .trunk = {.peers = home,
						   .peer_count = 1,
						   .codecs = codecs,
						   .codec_count = 1,
						   .priority = 20,
						   .prefixes = nines,
						   .prefix_count = 1}});
	world_object(w, &(struct config){.kind = KIND_trunk,
					 .tenant = STR("acme"),
					 .id = STR("far"),
					 .trunk = {.peers = silent ? silent_first : alone,
						   .peer_count = silent ? 2 : 1,
						   .codecs = codecs,
						   .codec_count = 1,
						   .caller_id = STR("+48220000001"),
						   .max_calls = silent ? 0 : w->max_calls,
						   .priority = 1}});
	world_object(w, &(struct config){.kind = KIND_trunk,
					 .tenant = STR("acme"),
					 .id = STR("last"),
					 .trunk = {.peers = last,
						   .peer_count = 1,
						   .codecs = codecs,
						   .codec_count = 1,
						   .priority = 9}});
}

static struct world *world_with_carriers(uint32_t max_calls)
{
	struct world *w = world_create_with(8, 100, max_calls);
	w->declares = two_carriers;
	TURN(w, two_carriers(w));
	call_in_flow(w);
	w->log.n = 0;
	return w;
}

static enum err call_out(struct world *w, const char *number)
{
	enum err e;
	TURN(w, e = SEND(&w->core, dial_out, .contact = w->contact, .number = str_of(number),
			 .ring_ms = 20000));
	world_run(w, 40);
	return e;
}

static bool joined(struct world *w)
{
	struct media_leg *m = media_of(w, PARTY_customer), *c = media_of(w, PARTY_callee);
	return m && c && ID_EQ(m->joined, c->id) && c->remote_port == w->sides[FAR].port;
}

TEST(a_number_is_called_and_joined_and_either_side_ends_it)
{
	for (int who = 0; who < 3; who++) {
		struct world *w = world_with_carriers(0);
		EXPECT(call_out(w, "601 602 603") == ERR_OK);
		EXPECT(joined(w));
		EXPECT_STR(str_of(w->sides[FAR].from_user), "+48220000001");
		EXPECT(has(str_of(w->sides[FAR].last), "ACK sip:"));
		EXPECT(w->sides[FAR].codec_count == 2); /* PCMA and digits: what the trunk takes */
		EXPECT_SAID(w, "dial far " FRIEND "; dial_answer far");
		EXPECT(call_out(w, "601602603") == ERR_CONFLICT); /* one at a time */
		world_run(w, 4930);				  /* answered 30 ms ago */
		if (who == 0)
			hang_up(w, FAR);
		else if (who == 1)
			hang_up(w, TRUNK);
		else
			TURN(w,
			     EXPECT(SEND(&w->core, dial_cancel, .contact = w->contact) == ERR_OK));
		world_run(w, 100);
		struct str said = buf_str(&w->log);
		EXPECT(has(said, who == 0   ? "dial_end far none callee 0 5005;"
				 : who == 1 ? "disconnect customer 0 hung up; dial_end far none "
					      "customer 0 5005;"
					    : "dial_end far none system 0 5000;"));
		EXPECT(has(said, "leg_end callee PCMA 20"));
		EXPECT(w->sides[FAR].over == 1);
		EXPECT(contact_count(&w->core) == (who == 1 ? 0u : 1u));
		if (who != 1) { /* the caller is still there and may be connected again */
			EXPECT(media_of(w, PARTY_customer) &&
			       !media_of(w, PARTY_customer)->joined.slot);
			w->log.n = 0;
			EXPECT(call_out(w, FRIEND) == ERR_OK);
			EXPECT(joined(w));
			hang_up(w, TRUNK);
		}
		world_end(w);
	}
}

TEST(what_the_far_end_refuses_with_becomes_the_end_of_the_dial)
{
	static const struct {
		uint32_t status;
		const char *said;
	} cases[] = {
		{486, "busy callee 486 0"},   {600, "busy callee 600 0"},
		{603, "busy callee 603 0"},   {480, "no_answer callee 480 0"},
		{404, "failed callee 404 0"}, {403, "failed callee 403 0"},
		{488, "failed callee 488 0"}, {484, "failed callee 484 0"},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct world *w = world_with_carriers(0);
		w->sides[FAR].refuses = cases[i].status;
		EXPECT(call_out(w, FRIEND) == ERR_OK);
		EXPECT(has(buf_str(&w->log), cases[i].said));
		EXPECT(w->sides[ANNA].incoming == 0); /* nobody else was asked */
		hang_up(w, TRUNK);
		world_end(w);
	}
}

TEST(a_carrier_that_fails_or_is_silent_gives_way_to_the_next)
{
	static const uint32_t statuses[] = {503, 500, 408};
	for (size_t i = 0; i < COUNT_OF(statuses); i++) {
		struct world *w = world_with_carriers(0);
		w->sides[FAR].refuses = statuses[i];
		w->sides[ANNA].rings = true;
		EXPECT(call_out(w, FRIEND) == ERR_OK);
		EXPECT_SAID(w, "dial far " FRIEND "; dial_answer last");
		EXPECT(w->sides[ANNA].incoming == 1);
		hang_up(w, TRUNK);
		world_end(w);
	}
	/* the first peer of far says nothing at all: after four seconds the second is asked */
	struct world *w = world_with_carriers(99);
	EXPECT(call_out(w, FRIEND) == ERR_OK);
	world_run(w, 3900);
	EXPECT(w->sides[FAR].incoming == 0);
	world_run(w, 200);
	EXPECT(w->sides[FAR].incoming == 1 && joined(w));
	EXPECT_SAID(w, "dial far " FRIEND "; dial_answer far");
	hang_up(w, FAR);
	w->log.n = 0;
	EXPECT(call_out(w, FRIEND) == ERR_OK); /* the silent one comes last now */
	EXPECT(w->sides[FAR].incoming == 2 && joined(w));
	hang_up(w, TRUNK);
	world_end(w);

	/* all fail: the last refusal counts */
	w = world_with_carriers(0);
	w->sides[FAR].refuses = w->sides[ANNA].refuses = 503;
	EXPECT(call_out(w, FRIEND) == ERR_OK);
	EXPECT_SAID(w,
		    "dial far " FRIEND "; dial_end last failed callee 503 0; leg_end callee  20");
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(nobody_answers_in_time)
{
	struct world *w = world_with_carriers(0);
	w->sides[FAR].answers = false;
	EXPECT(call_out(w, FRIEND) == ERR_OK);
	EXPECT_STR(str_of(media_of(w, PARTY_customer)->music), "ringing");
	world_run(w, 19000);
	EXPECT_SAID(w, "dial far " FRIEND);
	world_run(w, 2000);
	EXPECT_STR(str_of(media_of(w, PARTY_customer)->music), "");
	EXPECT_SAID(w, "dial_end far no_answer system 408 0; leg_end callee  20");
	EXPECT(w->sides[FAR].over == 1 && w->sides[FAR].status == 487); /* cancelled */
	/* who rang already is not rung elsewhere */
	w->sides[FAR].refuses = 0;
	EXPECT(call_out(w, FRIEND) == ERR_OK);
	sip_call_reject(w->sides[FAR].sip, w->sides[FAR].call, 503, 0);
	world_run(w, 50);
	EXPECT(has(buf_str(&w->log), "dial_end far failed callee 503 0"));
	EXPECT(w->sides[ANNA].incoming == 0);
	/* the caller leaves while it rings */
	w->log.n = 0;
	EXPECT(call_out(w, FRIEND) == ERR_OK);
	hang_up(w, TRUNK);
	EXPECT(has(buf_str(&w->log), "dial_end far no_answer customer 0 0"));
	EXPECT(contact_count(&w->core) == 0);
	world_end(w);
}

TEST(early_media_is_heard_before_the_answer)
{
	struct world *w = world_with_carriers(0);
	w->sides[FAR].answers = false;
	w->sides[FAR].early = true;
	EXPECT(call_out(w, FRIEND) == ERR_OK);
	EXPECT(joined(w));
	EXPECT_SAID(w, "dial far " FRIEND);
	/* the answer may speak from elsewhere */
	w->sides[FAR].port = 4777;
	struct sdp_audio mine = sound_of(&w->sides[FAR]);
	sip_call_accept(w->sides[FAR].sip, w->sides[FAR].call, &mine);
	world_run(w, 40);
	EXPECT(joined(w));
	EXPECT_SAID(w, "dial_answer far");
	hang_up(w, FAR);
	EXPECT(!media_of(w, PARTY_customer)->joined.slot);
	/* early sound, then a refusal: the caller is alone again */
	w->log.n = 0;
	EXPECT(call_out(w, FRIEND) == ERR_OK);
	EXPECT(joined(w));
	sip_call_reject(w->sides[FAR].sip, w->sides[FAR].call, 486, 0);
	world_run(w, 40);
	EXPECT(has(buf_str(&w->log), "dial_end far busy callee 486 0"));
	EXPECT(!media_of(w, PARTY_customer)->joined.slot);
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(who_may_be_called_and_when_it_is_full)
{
	static const struct {
		const char *number;
		enum err want;
	} cases[] = {
		{"+442079460000", ERR_FORBIDDEN}, {"0044 20 7946 0000", ERR_FORBIDDEN},
		{"+48700123456", ERR_FORBIDDEN}, /* premium */
		{"19115", ERR_FORBIDDEN},	  {"", ERR_INVALID},
		{"+979123456789", ERR_FORBIDDEN},
	};
	struct world *w = world_with_carriers(1);
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		EXPECT(call_out(w, cases[i].number) == cases[i].want);
	EXPECT_SAID(w, "dial_blocked - +442079460000 not_allowed; "
		       "dial_blocked - +442079460000 not_allowed; "
		       "dial_blocked - +48700123456 not_allowed; dial_blocked - 19115 not_allowed; "
		       "dial_blocked - +979123456789 not_allowed");
	EXPECT(call_out(w, "112") == ERR_OK);
	EXPECT(joined(w));
	EXPECT(has(buf_str(&w->log), "dial far 112; dial_answer far"));
	/* far is full: the next trunk; help is not asked for places */
	struct contact_id first = w->contact;
	dial(w, NUMBER);
	EXPECT(!ID_EQ(first, w->contact));
	w->log.n = 0;
	EXPECT(call_out(w, FRIEND) == ERR_OK);
	EXPECT(has(buf_str(&w->log), "dial last " FRIEND));
	dial(w, NUMBER);
	w->log.n = 0;
	EXPECT(call_out(w, "112") == ERR_OK);
	EXPECT(has(buf_str(&w->log), "dial far 112"));
	TURN(w, voice_stop(w->voice));
	world_end(w);
}

TEST(a_dial_outlives_the_core)
{
	/* in a talk */
	struct world *w = world_with_carriers(0);
	EXPECT(call_out(w, FRIEND) == ERR_OK);
	world_run(w, 1000);
	w->log.n = 0;
	world_restart(w);
	EXPECT(joined(w) && w->odd == 0);
	world_run(w, 1000);
	EXPECT_SAID(w, "");
	hang_up(w, FAR);
	EXPECT(has(buf_str(&w->log), "dial_end far none callee 0 20"));
	hang_up(w, TRUNK);
	world_end(w);

	/* while it rings: cancelled and rung anew, for the rest of the time */
	w = world_with_carriers(0);
	w->sides[FAR].answers = false;
	EXPECT(call_out(w, FRIEND) == ERR_OK);
	world_run(w, 5000);
	w->log.n = 0;
	world_restart(w);
	world_run(w, 1000);
	EXPECT(w->sides[FAR].incoming == 2 && w->sides[FAR].over == 1);
	EXPECT_STR(str_of(media_of(w, PARTY_customer)->music), "ringing");
	EXPECT(has(buf_str(&w->log), "leg_end callee"));
	EXPECT(!has(buf_str(&w->log), "dial"));
	w->log.n = 0;
	world_run(w, 13500);
	EXPECT_SAID(w, "");
	world_run(w, 1000);
	EXPECT(has(buf_str(&w->log), "dial_end far no_answer system 408 0"));
	hang_up(w, TRUNK);
	world_end(w);

	/* its dialog cannot be read any more */
	w = world_with_carriers(0);
	EXPECT(call_out(w, FRIEND) == ERR_OK);
	w->log.n = 0;
	w->torn_leg = 2;
	world_restart(w);
	w->torn_leg = 0;
	EXPECT(has(buf_str(&w->log), "dial_end far none system"));
	EXPECT(contact_count(&w->core) == 1);
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(an_agent_on_an_ordinary_number_is_rung_through_the_trunk)
{
	struct world *w = world_with_carriers(0);
	TURN(w, world_object(w, &(struct config){.kind = KIND_user,
						 .tenant = STR("acme"),
						 .id = STR("nina"),
						 .user = {.phone = PHONE_number,
							  .phone_number = STR("601602603")}}));
	enqueue(w);
	offer(w, "nina");
	EXPECT(row_of(w, w->contact)->state == ROW_TALKING);
	EXPECT(media_of(w, PARTY_agent)->remote_port == w->sides[FAR].port);
	EXPECT(w->sides[FAR].incoming == 1);
	w->log.n = 0;
	hang_up(w, FAR);
	EXPECT(has(buf_str(&w->log), "agent_end nina agent"));
	EXPECT(contact_count(&w->core) == 0);
	world_end(w);
}

static void named_carrier(struct world *w)
{
	static const struct trunk_peer named[] = {{.address = {"sbc.far.test", 12}, .port = 5060}};
	static const struct str codecs[] = {{"PCMA", 4}};
	world_object(w, &(struct config){.kind = KIND_trunk,
					 .tenant = STR("acme"),
					 .id = STR("carrier"),
					 .trunk = {.peers = named,
						   .peer_count = 1,
						   .codecs = codecs,
						   .codec_count = 1}});
}

static void resolved(struct world *w, enum err e, uint8_t last_byte)
{
	struct dns_record r = {.family = 4, .ip = {10, 0, 0, last_byte}};
	TURN(w, voice_resolved(w->voice, &(struct dns_answer){.kind = DNS_ADDRESS,
							      .name = STR("sbc.far.test"),
							      .err = e,
							      .ttl_s = 60,
							      .records = &r,
							      .count = e == ERR_OK}));
}

TEST(a_trunk_known_by_name_is_matched_and_called_at_its_addresses)
{
	struct world *w = world_create();
	w->declares = named_carrier;
	w->names_asked = 0;
	TURN(w, named_carrier(w));
	EXPECT(w->names_asked == 1);
	EXPECT_STR(str_of(w->name_asked), "sbc.far.test");
	dial(w, NUMBER);
	EXPECT(w->flow_starts == 0); /* nobody knows him yet: he is challenged */
	resolved(w, ERR_OK, 1);
	call_in_flow(w);
	/* it moves: calls go to the new place, the call that stands goes on */
	world_run(w, 61000);
	EXPECT(w->names_asked == 2);
	resolved(w, ERR_OK, 3);
	EXPECT(call_out(w, FRIEND) == ERR_OK);
	EXPECT(w->sides[FAR].incoming == 1 && joined(w));
	EXPECT(has(str_of(w->sides[FAR].last), "ACK sip:"));
	/* DNS fails, and the core dies: what was good stays */
	world_run(w, 61000);
	EXPECT(w->names_asked == 3);
	resolved(w, ERR_TIMEOUT, 0);
	world_restart(w);
	EXPECT(joined(w) && w->names_asked == 4); /* asked again at once */
	hang_up(w, FAR);
	EXPECT(call_out(w, FRIEND) == ERR_OK);
	EXPECT(w->sides[FAR].incoming == 2 && joined(w));
	resolved(w, ERR_NOT_FOUND, 0);
	hang_up(w, FAR);
	EXPECT(call_out(w, FRIEND) == ERR_FULL); /* nobody to be asked */
	hang_up(w, TRUNK);
	world_end(w);
}

static void nina(struct world *w)
{
	two_carriers(w);
	world_object(w, &(struct config){
				.kind = KIND_user,
				.tenant = STR("acme"),
				.id = STR("nina"),
				.user = {.phone = PHONE_number, .phone_number = STR("601602603")}});
}

TEST(what_an_ordinary_telephone_refuses_with_becomes_the_end_of_the_offer)
{
	static const struct {
		uint32_t status;
		enum offer_result want;
	} cases[] = {
		{486, OFFER_busy},
		{603, OFFER_rejected},
		{404, OFFER_unreachable},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct world *w = world_with_carriers(0);
		TURN(w, nina(w));
		w->sides[FAR].refuses = cases[i].status;
		enqueue(w);
		offer(w, "nina");
		EXPECT(w->fails == 1 && w->failed == cases[i].want);
		hang_up(w, TRUNK);
		world_end(w);
	}
	/* both carriers fail, the core dies while it rings, the offer ends */
	struct world *w = world_with_carriers(0);
	w->declares = nina;
	TURN(w, nina(w));
	w->sides[FAR].refuses = w->sides[ANNA].refuses = 503;
	enqueue(w);
	offer(w, "nina");
	EXPECT(w->fails == 1 && w->failed == OFFER_unreachable);
	w->sides[FAR].refuses = 0;
	w->sides[FAR].answers = false;
	offer(w, "nina");
	world_restart(w);
	world_run(w, 100);
	EXPECT(w->sides[FAR].incoming == 3); /* cancelled and rung anew */
	offer_times_out(w);
	EXPECT(w->sides[FAR].over == 3); /* refused, cancelled by the restart, by the end */
	hang_up(w, TRUNK);
	world_end(w);
}
