/* browser_test.c - browsers as agents' telephones: clara has one. */
#include "channel/voice/world_test.h"

#define PRINT                                                                                      \
	"00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:"                                         \
	"10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F"

static void ask_with(struct world *w, uint64_t desk, const char *offer, const char *key, bool take)
{
	TURN(w, voice_phone(w->voice, &(struct voice_phone_ask){.agent = agent_called(w, "clara"),
								.desk = desk,
								.offer = str_of(offer),
								.key = str_of(key),
								.take = take,
								.token = w}));
}

static const char *offer_of(const char *ufrag, const char *formats)
{
	static char text[1024];
	struct buf b = buf_make(text, sizeof text);
	buf_fmt(&b,
		"v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
		"m=audio 9 UDP/TLS/RTP/SAVPF %s\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\n"
		"a=ice-ufrag:%s\r\na=ice-pwd:0123456789012345678901\r\n"
		"a=fingerprint:sha-256 " PRINT "\r\na=setup:actpass\r\na=rtcp-mux\r\na=sendrecv\r\n"
		"a=rtpmap:111 opus/48000/2\r\na=rtpmap:110 telephone-event/48000\r\n",
		formats, ufrag);
	text[b.n] = 0;
	return text;
}

static void offers(struct world *w, uint64_t desk, const char *ufrag, bool take)
{
	w->phone.answers = 0;
	ask_with(w, desk, offer_of(ufrag, "111 0 8 110"), "", take);
	world_run(w, 10);
}

static struct browser *clara(struct world *w)
{
	return browser_of(w->voice, agent_called(w, "clara"));
}

static struct media_leg *ear(struct world *w)
{
	const struct browser *b = clara(w);
	return b ? media_leg_of(w, ID(b->leg)) : NULL;
}

static void path(struct world *w, bool up)
{
	struct media_leg *m = ear(w);
	EXPECT(m != NULL);
	m->up = up;
	MEDIA_SAYS(w, leg_path, .leg = m->id, .up = up);
}

static void desk_goes(struct world *w, uint64_t desk, uint32_t code)
{
	TURN(w, EMIT(&w->core, desk_changed, .agent = agent_called(w, "clara"),
		     .desk = (int64_t)desk, .code = code));
	world_run(w, 0);
}

/* A world where clara's desk 1 has its session. */
static struct world *world_of_desks(void)
{
	struct world *w = world_create();
	w->hears_phones = true;
	offers(w, 1, "first", false);
	path(w, true);
	w->log.n = 0;
	return w;
}

static enum err accepts(struct world *w)
{
	enum err e;
	TURN(w, e = voice_accept(w->voice, w->contact, agent_called(w, "clara")));
	world_run(w, 0);
	return e;
}

static struct world *world_talking(void)
{
	struct world *w = world_of_desks();
	call_waiting(w);
	offer(w, "clara");
	EXPECT(accepts(w) == ERR_OK);
	w->log.n = 0;
	return w;
}

static bool joined(struct world *w)
{
	struct media_leg *m = media_of(w, PARTY_customer), *a = ear(w);
	return m && a && ID_EQ(m->joined, a->id) && !m->music[0];
}

static struct media_rec *recording(struct world *w)
{
	return &w->media_recs[0];
}

/* Nothing is left when desk 1 (or whoever has it) signs out. */
static void ends(struct world *w)
{
	if (clara(w))
		desk_goes(w, clara(w)->desk, 4401);
	EXPECT(!clara(w));
	world_end(w);
}

TEST(an_offer_is_answered_and_the_path_makes_the_phone_ready)
{
	struct world *w = world_create();
	w->hears_phones = true;
	offers(w, 1, "first", false);
	EXPECT(w->phone.answers == 1 && w->phone.err == ERR_OK && strlen(w->phone.key) == 32);
	EXPECT(has(str_of(w->phone.answer), "m=audio 20002 UDP/TLS/RTP/SAVPF 111 110\r\n"
					    "c=IN IP4 10.0.0.100\r\na=mid:0\r\n"));
	EXPECT(has(str_of(w->phone.answer), "a=ice-ufrag:core\r\n"));
	EXPECT(ear(w)->codec == 120 && ear(w)->remote_port == 0 && ear(w)->send);
	EXPECT_SAID(w, "");
	path(w, true);
	EXPECT_SAID(w, "desk1 up; phone clara ready");
	EXPECT(contact_count(&w->core) == 0); /* no record is made of it */
	ends(w);
}

TEST(what_cannot_be_answered_is_refused)
{
	static const struct {
		const char *who, *offer, *key, *detail;
		enum err e;
	} cases[] = {
		{"anna", "", "x", "this user's phone is not of kind browser", ERR_CONFLICT},
		{"clara", "", "nosuch", "that session is gone: offer anew", ERR_NOT_FOUND},
		{"clara", "v=0\r\n", "", "no sound over UDP/TLS/RTP/SAVPF", ERR_INVALID},
		{"clara", NULL, "", "no codec that we speak and the user's phone may use",
		 ERR_INVALID},
	};
	struct world *w = world_create();
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		TURN(w, voice_phone(w->voice,
				    &(struct voice_phone_ask){
					    .agent = agent_called(w, cases[i].who),
					    .desk = 1,
					    .offer = str_of(cases[i].offer ? cases[i].offer
									   : offer_of("aaaa", "3")),
					    .key = str_of(cases[i].key),
					    .token = w}));
		EXPECT(w->phone.answers == i + 1 && w->phone.err == cases[i].e);
		EXPECT_STR(str_of(w->phone.detail), cases[i].detail);
	}
	ask_with(w, 0, offer_of("aaaa", "111"), "", true); /* a request without a WebSocket */
	EXPECT(w->phone.err == ERR_CONFLICT && !clara(w));
	world_end(w);
}

TEST(media_that_says_nothing_ends_the_attempt)
{
	struct world *w = world_create();
	w->media_mute_open = true;
	offers(w, 1, "first", false);
	EXPECT(!w->phone.answers);
	offers(w, 1, "other", false); /* he tried again: the first is told */
	EXPECT(w->phone.answers == 1 && w->phone.err == ERR_CONFLICT);
	world_run(w, 5000);
	EXPECT(w->phone.answers == 2 && w->phone.err == ERR_AGAIN && !clara(w));
	w->media_mute_open = false;
	w->media_no_ports = true;
	offers(w, 1, "first", false);
	EXPECT(w->phone.answers == 1 && w->phone.err == ERR_AGAIN && !clara(w));
	world_end(w);
}

TEST(an_offer_rings_nowhere_and_accepting_it_joins_at_once)
{
	struct world *w = world_of_desks();
	call_waiting(w);
	w->log.n = 0;
	offer(w, "clara");
	uint32_t opens = w->opens;
	EXPECT(!ear(w)->music[0] && !ear(w)->hears.count); /* the page plays the ring tone */
	EXPECT(row_of(w, w->contact)->state == ROW_OFFERED);
	EXPECT(accepts(w) == ERR_OK);
	EXPECT(joined(w) && w->opens == opens); /* nothing was negotiated */
	EXPECT_SAID(w, "offer_end clara accepted; recording_start");
	EXPECT(accepts(w) == ERR_CONFLICT);
	/* he hangs up: the customer's call ends, his session does not */
	enum err e;
	TURN(w, e = voice_agent_hang_up(w->voice, w->contact, agent_called(w, "clara")));
	world_run(w, 100);
	EXPECT(e == ERR_OK && w->sides[TRUNK].over == 1 && contact_count(&w->core) == 0);
	EXPECT(clara(w) && ear(w) && !ear(w)->hears.count && clara(w)->ready);
	ends(w);
}

TEST(an_offer_that_is_not_taken_leaves_him_free)
{
	struct world *w = world_of_desks();
	call_waiting(w);
	offer(w, "clara");
	offer_times_out(w);
	EXPECT(accepts(w) == ERR_CONFLICT);
	offer(w, "clara");
	EXPECT(accepts(w) == ERR_OK && joined(w));
	hang_up(w, TRUNK);
	EXPECT(clara(w) && browser_free(clara(w)));
	ends(w);
}

TEST(who_answers_by_himself_hears_a_beep_before)
{
	struct world *w = world_of_desks();
	TURN(w, world_object(w, &(struct config){.kind = KIND_user,
						 .tenant = STR("acme"),
						 .id = STR("clara"),
						 .user = {.phone = PHONE_browser,
							  .phone_auto_answer = true}}));
	EXPECT(clara(w));
	call_waiting(w);
	offer(w, "clara");
	EXPECT_STR(str_of(ear(w)->music), "beep");
	world_run(w, 400);
	EXPECT(joined(w) && !ear(w)->music[0]);
	hang_up(w, TRUNK);
	ends(w);
}

/* behaviours.md A-6 */
TEST(a_path_that_is_lost_gives_the_caller_music_until_it_is_back)
{
	struct world *w = world_talking();
	path(w, false);
	EXPECT_SAID(w, "desk1 connecting; phone clara away");
	EXPECT_STR(str_of(media_of(w, PARTY_customer)->music), "default");
	EXPECT(!media_of(w, PARTY_customer)->hears.count);
	EXPECT(recording(w)->left.count == 0 && recording(w)->right.count == 0);
	world_run(w, 59000);
	EXPECT(row_of(w, w->contact)->state == ROW_TALKING);
	path(w, true);
	EXPECT(joined(w) && recording(w)->left.count == 1 && recording(w)->right.count == 1);
	EXPECT_SAID(w, "desk1 up; phone clara ready");
	world_run(w, 120000);
	EXPECT(joined(w));
	hang_up(w, TRUNK);
	ends(w);
}

TEST(a_page_that_was_left_and_loaded_again_has_the_same_contact)
{
	struct world *w = world_talking();
	struct id leg = ID(clara(w)->leg);
	for (uint64_t i = 1; i <= 10; i++) {
		char name[16];
		struct buf b = buf_make(name, sizeof name);
		buf_fmt(&b, "page%u", (unsigned)i);
		name[b.n] = 0;
		desk_goes(w, i, 1001);
		EXPECT_STR(str_of(media_of(w, PARTY_customer)->music), "default");
		world_run(w, 1500);
		offers(w, i + 1, name, false);
		EXPECT(w->phone.err == ERR_OK);
		EXPECT(!joined(w));
		path(w, true);
		EXPECT(joined(w));
	}
	EXPECT(ID_EQ(ID(clara(w)->leg), leg) && row_of(w, w->contact)->state == ROW_TALKING);
	hang_up(w, TRUNK);
	ends(w);
}

TEST(a_desk_that_breaks_off_while_sound_flows_cuts_nobody)
{
	struct world *w = world_talking();
	char key[64];
	memcpy(key, w->phone.key, sizeof key);
	desk_goes(w, 1, 0);
	EXPECT_SAID(w, "phone clara away");
	EXPECT(joined(w));
	ask_with(w, 2, "", key, false);
	EXPECT(w->phone.err == ERR_OK && !w->phone.answer[0]);
	EXPECT_STR(str_of(w->phone.key), key);
	EXPECT_SAID(w, "desk2 up; phone clara ready");
	/* nobody comes back: he talks on, and has no phone afterwards */
	desk_goes(w, 2, 0);
	world_run(w, 100000);
	EXPECT(joined(w) && clara(w));
	hang_up(w, TRUNK);
	EXPECT(!clara(w));
	world_end(w);
}

TEST(who_does_not_come_back_within_a_minute_is_lost)
{
	for (int how = 0; how < 3; how++) {
		struct world *w = world_talking();
		w->calls_done = true;
		if (how == 0)
			path(w, false);
		else if (how == 1)
			desk_goes(w, 1, 1000);
		else /* the browser first, then even its desk's connection */
			desk_goes(w, 1, 0);
		world_run(w, how == 2 ? 30000 : 59900);
		if (how == 2) {
			path(w, false);
			world_run(w, 29900);
		}
		EXPECT(clara(w) && row_of(w, w->contact)->state == ROW_TALKING);
		w->log.n = 0;
		world_run(w, 200);
		EXPECT(!clara(w) && has(buf_str(&w->log), "left clara lost"));
		hang_up(w, TRUNK);
		world_end(w);
	}
}

TEST(an_offer_is_withdrawn_when_his_desk_or_path_goes)
{
	for (int how = 0; how < 2; how++) {
		struct world *w = world_of_desks();
		call_waiting(w);
		offer(w, "clara");
		w->log.n = 0;
		if (how)
			desk_goes(w, 1, 0);
		else
			path(w, false);
		EXPECT(w->failed == OFFER_unreachable && w->fails == 1);
		EXPECT(row_of(w, w->contact)->state == ROW_WAITING);
		EXPECT(accepts(w) == ERR_CONFLICT);
		offer(w, "clara"); /* against the rules: refused at once */
		EXPECT(w->fails == 2);
		hang_up(w, TRUNK);
		ends(w);
	}
}

TEST(one_desk_has_the_phone)
{
	struct world *w = world_of_desks();
	char key[64];
	memcpy(key, w->phone.key, sizeof key);
	offers(w, 2, "second", false);
	EXPECT(w->phone.err == ERR_CONFLICT && has(str_of(w->phone.detail), "\"take\":true"));
	EXPECT_SAID(w, "");
	offers(w, 2, "second", true);
	EXPECT(w->phone.err == ERR_OK);
	path(w, true);
	EXPECT_SAID(w, "desk1 elsewhere; phone clara away; desk2 up; phone clara ready");
	desk_goes(w, 1, 1001); /* it has none any more */
	EXPECT_SAID(w, "");
	/* the same page, whose former connection nobody has missed yet */
	ask_with(w, 3, "", key, false);
	EXPECT(w->phone.err == ERR_OK);
	EXPECT_SAID(w, "desk2 elsewhere; desk3 up");
	/* a page that fell silent does not keep it from the next one */
	path(w, false);
	world_run(w, 4000);
	offers(w, 4, "third", false);
	EXPECT(w->phone.err == ERR_CONFLICT);
	world_run(w, 1500);
	offers(w, 4, "third", false);
	EXPECT(w->phone.err == ERR_OK);
	ends(w);
}

TEST(who_is_signed_out_or_declared_otherwise_has_no_session)
{
	struct world *w = world_talking();
	w->calls_done = true;
	desk_goes(w, 1, 4401);
	EXPECT(!clara(w));
	EXPECT(has(buf_str(&w->log), "left clara lost; phone clara away; agent_end clara system"));
	hang_up(w, TRUNK);
	world_end(w);
	w = world_of_desks();
	TURN(w, world_object(w, &(struct config){.kind = KIND_user,
						 .tenant = STR("acme"),
						 .id = STR("clara"),
						 .user = {.phone = PHONE_none}}));
	world_run(w, 0);
	EXPECT(!clara(w));
	EXPECT_SAID(w, "desk1 lost; phone clara away");
	world_end(w);
}

TEST(a_session_outlives_the_core)
{
	struct world *w = world_talking();
	char key[64];
	memcpy(key, w->phone.key, sizeof key);
	world_restart(w);
	EXPECT(clara(w) && clara(w)->heard && joined(w));
	w->log.n = 0;
	ask_with(w, 7, "", key, false);
	EXPECT(w->phone.err == ERR_OK);
	EXPECT_SAID(w, "desk7 up; phone clara ready");
	hang_up(w, TRUNK);
	EXPECT(browser_free(clara(w)));
	world_restart(w); /* at home, too */
	ask_with(w, 8, "", key, false);
	EXPECT(w->phone.err == ERR_OK && clara(w)->ready);
	call_waiting(w);
	offer(w, "clara");
	world_restart(w); /* it is still offered, and his desk comes again */
	EXPECT(row_of(w, w->contact)->state == ROW_OFFERED);
	ask_with(w, 9, "", key, false);
	EXPECT(accepts(w) == ERR_OK && joined(w));
	world_restart(w); /* and then nobody comes: who is heard talks on */
	world_run(w, 70000);
	EXPECT(joined(w));
	hang_up(w, TRUNK);
	EXPECT(!clara(w));
	world_end(w);
}

TEST(what_happened_while_no_core_lived_is_seen_afterwards)
{
	struct world *w = world_talking();
	world_die(w);
	for (uint32_t i = 0; i < MEDIA_MAX; i++) /* the browser went */
		w->media_legs[i].up = false;
	world_live(w);
	world_run(w, 0);
	EXPECT(!clara(w)->heard);
	EXPECT_STR(str_of(media_of(w, PARTY_customer)->music), "default");
	offers(w, 2, "again", false);
	path(w, true);
	EXPECT(joined(w));
	hang_up(w, TRUNK);
	ends(w);
}

TEST(a_session_dies_with_its_media)
{
	struct world *w = world_talking();
	media_dies(w);
	media_comes(w);
	world_run(w, 100);
	EXPECT(!clara(w) && has(buf_str(&w->log), "desk1 lost"));
	EXPECT(has(buf_str(&w->log), "disconnect system 0 server_restart"));
	offers(w, 1, "anew", false);
	path(w, true);
	w->log.n = 0;
	media_dies(w); /* at home */
	media_comes(w);
	EXPECT_SAID(w, "desk1 lost; phone clara away");
	EXPECT(!clara(w));
	world_end(w);
}

TEST(a_new_media_process_takes_sessions_when_nobody_talks_there)
{
	struct world *w = world_talking();
	const uint32_t both[] = {2, 1};
	w->media_beside = 2;
	TURN(w, voice_media_living(w->voice, both, 2));
	EXPECT(joined(w));
	hang_up(w, TRUNK);
	EXPECT(!clara(w) && has(buf_str(&w->log), "desk1 lost"));
	world_end(w);
}

TEST(each_contact_is_told_how_he_sounded_there)
{
	struct world *w = world_talking();
	hang_up(w, TRUNK);
	EXPECT(has(buf_str(&w->log), "leg_end agent opus 6")); /* and not what he had at home */
	EXPECT(contact_count(&w->core) == 0);
	/* media does not say it: nobody waits for ever, and what comes too late is of nobody */
	w->media_mute_moved = true;
	call_waiting(w);
	offer(w, "clara");
	EXPECT(accepts(w) == ERR_OK);
	w->log.n = 0;
	hang_up(w, TRUNK);
	world_run(w, 9000);
	EXPECT(contact_count(&w->core) == 1);
	world_run(w, 1100);
	EXPECT(contact_count(&w->core) == 0);
	MEDIA_SAYS(w, leg_moved, .leg = ear(w)->id, .contact = ID(w->contact), .received = 6);
	EXPECT(!has(buf_str(&w->log), "leg_end agent"));
	ends(w);
}

TEST(how_he_sounded_is_told_though_the_core_died)
{
	for (int said = 0; said < 2; said++) {
		struct world *w = world_talking();
		w->media_mute_moved = true;
		hang_up(w, TRUNK);
		world_restart(w);
		EXPECT(contact_count(&w->core) == 1 && clara(w));
		w->log.n = 0;
		if (said) /* else the dead core had heard it */
			MEDIA_SAYS(w, leg_moved, .leg = ear(w)->id, .contact = ID(w->contact),
				   .received = 6);
		world_run(w, said ? 0 : 10100);
		EXPECT(has(buf_str(&w->log), "leg_end agent opus 6") == said);
		EXPECT(contact_count(&w->core) == 0);
		w->media_mute_moved = false;
		ends(w);
	}
}

TEST(who_leaves_while_his_figures_are_awaited_keeps_nobody_waiting)
{
	struct world *w = world_talking();
	w->media_mute_moved = true;
	hang_up(w, TRUNK);
	EXPECT(contact_count(&w->core) == 1);
	desk_goes(w, 1, 4401);
	EXPECT(!clara(w) && contact_count(&w->core) == 0);
	world_end(w);
}

TEST(he_calls_a_number_without_being_rung)
{
	struct world *w = world_of_desks();
	struct contact_id contact;
	struct str why = STR_NONE;
	const struct object *acme =
		objects_find(w->core.objects, KIND_tenant, STR("acme"), STR("acme"));
	enum err e;
	w->sides[TRUNK].answers = false;
	TURN(w, e = SEND(&w->core, call_out, .tenant = ID_AS(tenant_id, acme->id),
			 .agent = agent_called(w, "clara"), .to = STR("601602603"),
			 .queue = queue_called(w, "sales"), .out = &contact, .why = &why));
	world_run(w, 50);
	EXPECT(e == ERR_OK && w->sides[TRUNK].incoming == 1);
	EXPECT_STR(str_of(ear(w)->music), "ringing");
	struct sdp_audio sdp = sound_of(&w->sides[TRUNK]);
	sip_call_accept(w->sides[TRUNK].sip, w->sides[TRUNK].call, &sdp);
	world_run(w, 50);
	EXPECT(joined(w));
	world_restart(w);
	EXPECT(joined(w));
	hang_up(w, TRUNK);
	EXPECT(contact_count(&w->core) == 0 && clara(w) && !ear(w)->hears.count);
	EXPECT(has(buf_str(&w->log), "leg_end agent opus 6"));
	ends(w);
}

TEST(a_supervisor_listens_in_his_browser)
{
	struct world *w = world_of_desks();
	const struct seat seats[] = {
		{.party = PARTY_customer, .hears = BIT(1)},
		{.party = PARTY_agent, .agent = agent_called(w, "anna"), .hears = BIT(0)},
		{.party = PARTY_supervisor,
		 .agent = agent_called(w, "clara"),
		 .hears = BIT(0) | BIT(1)}};
	enum err e;
	call_talking(w);
	TURN(w, e = SEND(&w->core, phone_ring, .contact = w->contact,
			 .agent = agent_called(w, "clara")));
	EXPECT(e == ERR_OK);
	EXPECT_SAID(w, "up clara");
	TURN(w, e = SEND(&w->core, seats_set, .contact = w->contact, .seats = seats, .count = 3));
	world_run(w, 0);
	EXPECT(ear(w)->hears.count == 2 && joined(w) == false);
	TURN(w, e = SEND(&w->core, phone_drop, .contact = w->contact,
			 .agent = agent_called(w, "clara")));
	world_run(w, 0);
	EXPECT(!ear(w)->hears.count && browser_free(clara(w)));
	hang_up(w, TRUNK);
	ends(w);
}
