/* inbound_test.c - who gets in, who is refused with what, and how a call begins and ends. */
#include "channel/voice/world_test.h"

static const char *retry_after(struct world *w)
{
	return strstr(w->sides[TRUNK].last, "Retry-After: ");
}

TEST(a_whole_inbound_call)
{
	struct world *w = world_create();
	call_in_flow(w);
	EXPECT_SAID(w, "arrive " CALLER " " NUMBER);
	EXPECT_STR(str_of(w->sides[TRUNK].first_codec), "PCMA");
	struct media_leg *m = media_of(w, PARTY_customer);
	EXPECT(m && m->port == w->sides[TRUNK].peer_port && m->remote_port == 4000);
	EXPECT(m && m->send && m->receive && m->codec == CODEC_PCMA && m->dtmf_pt == 96);
	EXPECT(contact_count(&w->core) == 1 && voice_legs(w->voice) == 1);

	enqueue(w);
	EXPECT_STR(str_of(m->music), "default");
	offer(w, "anna");
	EXPECT_SAID(w, "offer_end anna accepted; recording_start");
	struct media_leg *a = media_of(w, PARTY_agent);
	EXPECT(a && ID_EQ(m->joined, a->id) && ID_EQ(a->joined, m->id) && !m->music[0]);
	EXPECT(a && a->port == w->sides[ANNA].peer_port && a->remote_port == 4100);
	EXPECT_STR(str_of(w->sides[ANNA].from_user), CALLER);

	world_run(w, 3000);
	hang_up(w, TRUNK);
	EXPECT_SAID(
		w, "disconnect customer 0 hung up; agent_end anna customer; "
		   "recording_end 3035 []; leg_end customer PCMA 20; leg_end agent PCMA 20; ended");
	EXPECT(w->sides[ANNA].over == 1 && w->sides[ANNA].how == SIP_OVER_REMOTE);
	world_end(w);
}

TEST(the_agent_hangs_up_and_the_flow_ends_the_call)
{
	struct world *w = world_create_with(8, 0, 0);
	call_talking(w);
	hang_up(w, ANNA);
	EXPECT_SAID(w, "agent_end anna agent; disconnect agent 0 flow; leg_end agent PCMA 20; "
		       "leg_end customer PCMA 20; ended");
	EXPECT(w->sides[TRUNK].over == 1 && w->sides[TRUNK].how == SIP_OVER_REMOTE);
	EXPECT(w->records == 0);
	world_end(w);
}

TEST(numbers_are_reached_however_they_are_dialled)
{
	static const char *const good[] = {NUMBER, "48221234567", "0048221234567", "221234567",
					   "%2B48221234567"};
	static const char *const bad[] = {
		"+48221234568", "221234", "nobody",
		"00",		"200",	  "0123456789012345678901234567890123456789"};
	for (size_t i = 0; i < COUNT_OF(good); i++) {
		struct world *w = world_create();
		dial(w, good[i]);
		EXPECT_SAID(w, "arrive " CALLER " " NUMBER);
		hang_up(w, TRUNK);
		world_end(w);
	}
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct world *w = world_create();
		dial(w, bad[i]);
		EXPECT_SAID(w, "");
		EXPECT(w->sides[TRUNK].status == 404);
		world_end(w);
	}
}

#define SDP_BODY                                                                                   \
	"v=0\no=- 1 1 IN IP4 10.0.0.9\ns=-\nc=IN IP4 10.0.0.9\nt=0 0\nm=audio 4900 RTP/AVP 8\n"
#define RAW_INVITE(call, body, length)                                                             \
	"INVITE sip:" NUMBER "@10.0.0.100 SIP/2.0\n"                                               \
	"Via: SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bK" call "\n"                                  \
	"Max-Forwards: 70\nFrom: <sip:x@10.0.0.9>;tag=raw\nTo: <sip:y@10.0.0.100>\n"               \
	"Call-ID: " call "\nCSeq: 1 INVITE\nContact: <sip:x@10.0.0.9:5060>\n" length "\n" body
#define RAW_IN_DIALOG(method, cseq, call, extra, body)                                             \
	method " sip:y@10.0.0.100 SIP/2.0\n"                                                       \
	       "Via: SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bK" call #cseq method "\n"              \
	       "Max-Forwards: 70\nFrom: <sip:x@10.0.0.9>;tag=raw\n"                                \
	       "To: <sip:y@10.0.0.100>;tag=%.*s\n"                                                 \
	       "Call-ID: " call "\nCSeq: " #cseq " " method "\n"                                   \
	       "Contact: <sip:x@10.0.0.9:5060>\n" extra "\n" body
#define SDP_TYPE "Content-Type: application/sdp\n"

static struct str to_tag(struct str answer)
{
	static char tag[64];
	ptrdiff_t at = str_find_str(answer, STR("\nTo: "));
	struct str rest = str_from(answer, at < 0 ? answer.n : (size_t)at), line = STR_NONE;
	at = str_find_str(rest, STR(";tag="));
	rest = str_from(rest, at < 0 ? rest.n : (size_t)at + 5);
	EXPECT(str_line(&rest, &line) && str_copy(line, tag, sizeof tag));
	return str_of(tag);
}

static struct str say_in_dialog(struct world *w, const char *text, struct str tag)
{
	char filled[2048];
	struct buf b = buf_make(filled, sizeof filled - 1);
	_Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wformat-nonliteral\"")
		buf_fmt(&b, text, STR_ARG(tag));
	_Pragma("GCC diagnostic pop") filled[b.n] = 0;
	return raw_say(w, 9, filled);
}

TEST(a_stranger_is_challenged_and_makes_no_contact)
{
	struct world *w = world_create();
	struct str answer = raw_say(w, 66, RAW_INVITE("stranger", SDP_BODY, SDP_TYPE));
	EXPECT(has(answer, "SIP/2.0 401") && has(answer, "WWW-Authenticate: Digest"));
	EXPECT_SAID(w, "");
	EXPECT(w->opens == 0);
	world_end(w);
}

TEST(an_offer_may_come_with_the_ack)
{
	struct world *w = world_create();
	struct str answer = raw_say(w, 9, RAW_INVITE("late", "", ""));
	EXPECT(has(answer, "SIP/2.0 200") && has(answer, "PCMA/8000") && has(answer, "PCMU/8000"));
	EXPECT(has(answer, "telephone-event/8000"));
	struct media_leg *m = media_of(w, PARTY_customer);
	EXPECT(m && !m->remote_port && w->flow_starts == 1);
	say_in_dialog(w, RAW_IN_DIALOG("ACK", 1, "late", SDP_TYPE, SDP_BODY), to_tag(answer));
	EXPECT(m && m->remote_port == 4900 && m->codec == CODEC_PCMA && m->dtmf_pt == DTMF_NONE);
	answer = say_in_dialog(w, RAW_IN_DIALOG("BYE", 2, "late", "", ""), to_tag(answer));
	EXPECT(has(answer, "SIP/2.0 200"));
	world_end(w);
}

/* RFC 3261 section 14.2: what we can do goes out, their answer comes with the ACK */
TEST(a_later_offer_of_ours_is_answered_with_the_ack)
{
	struct world *w = world_create();
	struct str answer = raw_say(w, 9, RAW_INVITE("again", SDP_BODY, SDP_TYPE)), tag;
	tag = to_tag(answer);
	say_in_dialog(w, RAW_IN_DIALOG("ACK", 1, "again", "", ""), tag);
	struct media_leg *m = media_of(w, PARTY_customer);
	EXPECT(m && m->remote_port == 4900);
	answer = say_in_dialog(w, RAW_IN_DIALOG("INVITE", 2, "again", "", ""), tag);
	EXPECT(has(answer, "SIP/2.0 200") && has(answer, "m=audio"));
	say_in_dialog(w,
		      RAW_IN_DIALOG("ACK", 2, "again", SDP_TYPE,
				    "v=0\no=- 1 2 IN IP4 10.0.0.9\ns=-\nc=IN IP4 10.0.0.9\nt=0 0\n"
				    "m=audio 4950 RTP/AVP 8\na=recvonly\n"),
		      tag);
	EXPECT(m && m->remote_port == 4950 && m->send && !m->receive);
	say_in_dialog(w, RAW_IN_DIALOG("BYE", 3, "again", "", ""), tag);
	world_end(w);
}

TEST(an_ack_without_the_answer_ends_the_call)
{
	struct world *w = world_create();
	struct str answer = raw_say(w, 9, RAW_INVITE("mute", "", ""));
	say_in_dialog(w, RAW_IN_DIALOG("ACK", 1, "mute", "", ""), to_tag(answer));
	EXPECT_SAID(w, "arrive x " NUMBER
		       "; disconnect system 488 line broken; leg_end customer  20; ended");
	world_end(w);
}

TEST(an_ack_with_nothing_we_speak_ends_the_call)
{
	struct world *w = world_create();
	struct str answer = raw_say(w, 9, RAW_INVITE("odd", "", ""));
	say_in_dialog(w,
		      RAW_IN_DIALOG("ACK", 1, "odd", SDP_TYPE,
				    "v=0\no=- 1 1 IN IP4 10.0.0.9\ns=-\nc=IN IP4 10.0.0.9\nt=0 0\n"
				    "m=audio 4900 RTP/AVP 9\na=rtpmap:9 G722/8000\n"),
		      to_tag(answer));
	EXPECT(has(buf_str(&w->log), "disconnect system 488 no common codec"));
	world_end(w);
}

TEST(a_200_that_nobody_acknowledges_ends_the_call)
{
	struct world *w = world_create();
	raw_say(w, 9, RAW_INVITE("deaf", SDP_BODY, SDP_TYPE));
	EXPECT(w->flow_starts == 1);
	world_run(w, 31000);
	EXPECT(contact_count(&w->core) == 1);
	world_run(w, 2000);
	EXPECT(has(buf_str(&w->log), "disconnect system 408 no answer from the line"));
	world_end(w);
}

TEST(no_common_codec_is_488)
{
	struct world *w = world_create();
	w->sides[TRUNK].codec = "G722";
	dial(w, NUMBER);
	EXPECT(w->sides[TRUNK].status == 488);
	w->sides[TRUNK].codec = "PCMU";
	call_in_flow(w);
	EXPECT_STR(str_of(w->sides[TRUNK].first_codec), "PCMU");
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(a_trunk_at_its_limit_refuses_until_a_call_has_ended)
{
	struct world *w = world_create_with(8, 0, 2);
	struct sip_call_id first = dial(w, NUMBER);
	dial(w, NUMBER);
	EXPECT(w->flow_starts == 2);
	EXPECT_SAID(w, "arrive " CALLER " " NUMBER "; arrive " CALLER " " NUMBER);
	dial(w, NUMBER);
	EXPECT(w->sides[TRUNK].status == 503 && retry_after(w) && w->flow_starts == 2);
	EXPECT_SAID(w, "blocked carrier " CALLER " " NUMBER " max_calls 1");
	sip_call_end(w->sides[TRUNK].sip, first);
	world_run(w, 50);
	dial(w, NUMBER);
	EXPECT(w->flow_starts == 3);
	world_restart(w); /* calls of the life before count too */
	dial(w, NUMBER);
	EXPECT(w->sides[TRUNK].status == 503 && w->flow_starts == 3);
	TURN(w, voice_stop(w->voice));
	dial(w, NUMBER);
	EXPECT(w->sides[TRUNK].status == 503);
	world_end(w);
}

TEST(of_a_flood_of_refusals_few_are_told_and_all_are_counted)
{
	struct world *w = world_create_with(8, 0, 1);
	struct trunk_id trunk = {0};
	uint32_t at = 0;
	const struct object *o = objects_next(w->core.objects, KIND_trunk, &at);
	if (o)
		trunk = ID_AS(trunk_id, o->id);
	for (uint32_t i = 0; i < 500; i++)
		TURN(w, trunk_blocked(w->voice, trunk, STR("1"), STR("2"), STR("cps_max")));
	EXPECT(w->blocked_facts == 10 && w->blocked_calls == 10);
	world_run(w, 1100);
	TURN(w, trunk_blocked(w->voice, trunk, STR("1"), STR("2"), STR("cps_max")));
	EXPECT(w->blocked_facts == 11 && w->blocked_calls == 501);
	world_end(w);
}

TEST(without_media_nobody_gets_in)
{
	struct world *w = world_create();
	media_dies(w);
	dial(w, NUMBER);
	EXPECT(w->sides[TRUNK].status == 503 && retry_after(w));
	EXPECT_SAID(w, "blocked carrier " CALLER " " NUMBER " not_ready 1");
	media_comes(w);
	w->media_no_ports = true; /* its port range is full */
	dial(w, NUMBER);
	EXPECT(w->sides[TRUNK].status == 503 && retry_after(w));
	EXPECT_SAID(w, "arrive " CALLER " " NUMBER "; disconnect system 503 no media port; "
		       "leg_end customer  0; ended");
	w->media_no_ports = false;
	w->media_mute_open = true; /* it hangs */
	dial(w, NUMBER);
	world_run(w, 5000);
	EXPECT(w->sides[TRUNK].status == 503);
	EXPECT(w->flow_starts == 0);
	world_end(w);
}

TEST(starved_pools_refuse_and_nothing_leaks)
{
	for (uint32_t n = 0; n < 3; n++) {
		struct world *w = world_create();
		pool_starve(w->voice->lines, n);
		for (uint32_t i = 0; i < 4; i++)
			dial(w, NUMBER);
		EXPECT(w->flow_starts == n && contact_count(&w->core) == n);
		EXPECT(w->sides[TRUNK].status == 503 && retry_after(w));
		TURN(w, voice_stop(w->voice));
		world_end(w);
		w = world_create();
		pool_starve(w->voice->legs, n);
		for (uint32_t i = 0; i < 4; i++)
			dial(w, NUMBER);
		EXPECT(w->flow_starts == n && contact_count(&w->core) == n);
		TURN(w, voice_stop(w->voice));
		world_end(w);
	}
	struct world *w = world_create_with(2, 0, 0); /* as many contacts as there are */
	for (uint32_t i = 0; i < 3; i++)
		dial(w, NUMBER);
	EXPECT(w->flow_starts == 2 && w->sides[TRUNK].status == 503);
	EXPECT(w->blocked_calls == 1);
	TURN(w, voice_stop(w->voice));
	world_end(w);
}

TEST(no_leg_for_the_agent_fails_the_offer)
{
	struct world *w = world_create();
	call_waiting(w);
	pool_starve(w->voice->legs, 1);
	offer(w, "anna");
	EXPECT(w->fails == 1 && w->failed == OFFER_unreachable && !w->sides[ANNA].incoming);
	EXPECT_STR(str_of(media_of(w, PARTY_customer)->music), "default");
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(a_number_whose_flow_cannot_start_ends_the_call)
{
	struct world *w = world_create();
	w->flow_refuses = true;
	dial(w, NUMBER);
	world_run(w, 100);
	EXPECT(has(buf_str(&w->log), "disconnect system 0 the number's flow is gone"));
	EXPECT(w->sides[TRUNK].over == 1);
	world_end(w);
}

/* -- the caller changes his mind -- */

TEST(a_cancel_before_there_is_a_port)
{
	struct world *w = world_create();
	w->media_mute_open = true;
	dial(w, NUMBER);
	EXPECT(!w->sides[TRUNK].answered && contact_count(&w->core) == 1);
	hang_up(w, TRUNK);
	EXPECT_SAID(w, "arrive " CALLER " " NUMBER "; disconnect customer 487 hung up; "
		       "leg_end customer  20; ended");
	EXPECT(w->flow_starts == 0);
	world_end(w);
}

TEST(a_port_that_comes_after_the_cancel_is_closed)
{
	struct world *w = world_create();
	w->media_mute_open = w->media_mute_close = true;
	dial(w, NUMBER);
	struct media_leg m = w->media_legs[0];
	hang_up(w, TRUNK);
	MEDIA_SAYS(w, leg_opened, .leg = m.id, .port = m.port);
	EXPECT(contact_count(&w->core) == 1); /* held until media has told its figures */
	MEDIA_SAYS(w, leg_closed, .leg = m.id, .received = 3);
	EXPECT(has(buf_str(&w->log), "leg_end customer  3; ended"));
	EXPECT(contact_count(&w->core) == 0);
	world_end(w);
}

TEST(the_caller_leaves_at_every_stage)
{
	for (int stage = 0; stage < 5; stage++) {
		struct world *w = world_create();
		if (stage == 0)
			call_in_flow(w);
		else if (stage == 1)
			call_waiting(w);
		else if (stage == 2)
			call_ringing(w);
		else if (stage == 3)
			call_talking(w);
		else { /* on hold by the agent */
			call_talking(w);
			w->sides[ANNA].direction = SDP_SENDONLY;
			struct sdp_audio hold = sound_of(&w->sides[ANNA]);
			EXPECT(sip_call_reoffer(w->sides[ANNA].sip, w->sides[ANNA].call, &hold) ==
			       ERR_OK);
			world_run(w, 30);
		}
		hang_up(w, TRUNK);
		EXPECT(has(buf_str(&w->log), "disconnect customer 0 hung up"));
		EXPECT(stage < 2 || w->sides[ANNA].over == 1);
		EXPECT(stage != 2 || has(buf_str(&w->log), "anna cancelled_by_caller"));
		EXPECT(stage != 2 || w->sides[ANNA].status == 487);
		EXPECT(contact_count(&w->core) == 0);
		world_end(w);
	}
}

TEST(a_leg_that_media_never_closes_is_given_back_in_the_end)
{
	struct world *w = world_create();
	call_in_flow(w);
	w->media_mute_close = true;
	hang_up(w, TRUNK);
	world_run(w, 39000);
	EXPECT(contact_count(&w->core) == 1);
	world_run(w, 2000);
	EXPECT(contact_count(&w->core) == 0);
	world_end(w);
}

TEST(a_clean_stop_ends_every_call_with_bye)
{
	struct world *w = world_create();
	call_talking(w);
	dial(w, NUMBER);
	w->log.n = 0;
	TURN(w, voice_stop(w->voice));
	world_run(w, 100);
	EXPECT(w->sides[TRUNK].over == 2 && w->sides[ANNA].over == 1);
	EXPECT(contact_count(&w->core) == 0);
	EXPECT(has(buf_str(&w->log), "disconnect system 0 server stopped"));
	world_end(w);
}
