/* session_test.c - session timers, RFC 4028. */
#include "sip/world_test.h"

#include <stdio.h>

#define TIMER "Supported: timer\nAllow: INVITE, UPDATE\n"

/* A call BOB took; *tag his, the 200 is what came before our ACK. */
static struct str timed_call(struct world *w, const char *extra, char tag[64])
{
	say_request(w, "INVITE", 1, NULL, extra, SDP_TEXT);
	EXPECT(last_status(w) == 200);
	struct str ok = world_last_seen(w);
	(void)str_copy(str_of(tag_of(ok, "To")), tag, 64);
	say_request(w, "ACK", 1, tag, "", "");
	return ok;
}

TEST(what_is_agreed_on_when_they_call)
{
	static const struct {
		const char *extra;
		uint32_t status;
		const char *expires, *require;
	} cases[] = {
		{"", 200, "", ""},
		{TIMER, 200, "1800;refresher=uas", ""},
		{TIMER "Session-Expires: 600\n", 200, "600;refresher=uac", "timer"},
		{TIMER "x: 600;refresher=uas\n", 200, "600;refresher=uas", ""},
		{TIMER "Session-Expires: 600 ; Refresher=UAC\n", 200, "600;refresher=uac", "timer"},
		{TIMER "Session-Expires: 99999999999\nMin-SE: 3000\n", 200, "3000;refresher=uac",
		 "timer"},
		{TIMER "Session-Expires: 7200\n", 200, "1800;refresher=uac", "timer"},
		/* said by a proxy for who does not know it: we refresh */
		{"Session-Expires: 600\n", 200, "600;refresher=uas", ""},
		{"Session-Expires: 30\n", 200, "90;refresher=uas", ""}, /* he would not know 422 */
		{TIMER "Session-Expires: 89\n", 422, "", ""},
		{TIMER "Require: timer\nSession-Expires: 90\n", 200, "90;refresher=uac", "timer"},
		{TIMER "Session-Expires: soon\n", 200, "1800;refresher=uas", ""},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct world *w = world_create();
		say_request(w, "INVITE", 1, NULL, cases[i].extra, SDP_TEXT);
		struct str m = world_last_seen(w);
		EXPECT(last_status(w) == cases[i].status);
		EXPECT_STR(value_of(m, "Session-Expires"), cases[i].expires);
		EXPECT_STR(value_of(m, "Require"), cases[i].require);
		EXPECT(cases[i].status != 422 || str_is(value_of(m, "Min-SE"), "90"));
		EXPECT((w->sides[BOB].heard_count > 0) == (cases[i].status == 200));
		world_destroy(w);
	}
}

TEST(who_shall_refresh_and_does_not_is_left)
{
	struct world *w = world_create();
	struct side *b = &w->sides[BOB];
	char tag[64];
	timed_call(w, TIMER "Session-Expires: 90\n", tag);
	/* a refresh at half, with UPDATE and without sound */
	world_run(w, 45000);
	say_request(w, "UPDATE", 2, tag, TIMER "Session-Expires: 90;refresher=uac\n", "");
	EXPECT(last_status(w) == 200);
	EXPECT_STR(value_of(world_last_seen(w), "Session-Expires"), "90;refresher=uac");
	EXPECT(count_heard(b, SIP_REOFFER) == 0);
	world_run(w, 50000);
	EXPECT(sip_call_established(b->sip, b->call));
	/* section 10: a third earlier than it ends, 30 of 90 s */
	world_run(w, 11000);
	EXPECT(last_heard(b)->kind == SIP_CALL_OVER && last_heard(b)->over == SIP_OVER_TIMEOUT);
	struct str bye = w->seen[seen_last(w, "BYE ")];
	EXPECT_STR(value_of(bye, "Reason"), "SIP;cause=408;text=\"Session expired\"");
	world_destroy(w);
}

TEST(we_refresh_by_update_or_by_invite)
{
	for (int update = 0; update < 2; update++) {
		struct world *w = world_create();
		struct side *b = &w->sides[BOB];
		char tag[64];
		timed_call(w,
			   update ? TIMER "Session-Expires: 200;refresher=uas\n"
				  : "Supported: timer\nSession-Expires: 200;refresher=uas\n",
			   tag);
		const char *how = update ? "UPDATE " : "INVITE ";
		world_run(w, 99000);
		EXPECT(seen_count(w, how) == 0);
		world_run(w, 2000);
		EXPECT(seen_count(w, how) >= 1);
		struct str m = w->seen[seen_last(w, how)];
		EXPECT_STR(value_of(m, "Session-Expires"), "200;refresher=uac");
		EXPECT(has(m, "m=audio") == !update);
		/* the description that stands: RFC 4028 section 7.4 */
		EXPECT(update || has(m, " 1 IN IP4 192.0.2.77"));
		answer_bob(w, how, "200 OK",
			   "Session-Expires: 200;refresher=uac\nRequire: timer\n" CONTACT,
			   update ? "" : SDP_TEXT);
		uint32_t said = seen_count(w, how);
		world_run(w, 99000);
		EXPECT(seen_count(w, how) == said && sip_call_established(b->sip, b->call));
		world_run(w, 2000);
		EXPECT(seen_count(w, how) > said);
		/* nobody there any more */
		world_run(w, 100000);
		EXPECT(last_heard(b)->kind == SIP_CALL_OVER);
		EXPECT(last_heard(b)->over == SIP_OVER_TIMEOUT);
		EXPECT(seen_count(w, "BYE ") > 0);
		world_destroy(w);
	}
}

/* Its ACK came to the next life. */
TEST(a_session_is_refreshed_though_the_engine_died_before_the_ack)
{
	struct world *w = world_create();
	char tag[64];
	say_request(w, "INVITE", 1, NULL, TIMER "Session-Expires: 90;refresher=uas\n", SDP_TEXT);
	EXPECT(last_status(w) == 200);
	(void)str_copy(str_of(tag_of(world_last_seen(w), "To")), tag, sizeof tag);
	world_restart(w, BOB);
	world_run(w, 100);
	say_request(w, "ACK", 1, tag, "", "");
	world_run(w, 44000);
	EXPECT(seen_count(w, "UPDATE ") == 0);
	world_run(w, 2000);
	EXPECT(seen_count(w, "UPDATE ") > 0);
	world_destroy(w);
}

TEST(answers_to_a_refresh)
{
	static const struct {
		const char *status, *extra;
		bool again_soon, over;
		const char *then;
	} cases[] = {
		{"481 Gone", "", false, true, "BYE "},
		{"491 Request Pending", "", true, false, "UPDATE "},
		{"422 Too Small", "Min-SE: 400\n", true, false, "UPDATE "},
		{"501 Not Implemented", "", true, false, "INVITE "},
		{"488 No", "", false, false, ""},
		/* it wants no timer any more: section 7.2 */
		{"200 OK", CONTACT, false, false, ""},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct world *w = world_create();
		struct side *b = &w->sides[BOB];
		char tag[64];
		timed_call(w, TIMER "Session-Expires: 200;refresher=uas\n", tag);
		world_run(w, 100100);
		answer_bob(w, "UPDATE ", cases[i].status, cases[i].extra, "");
		uint32_t seen = w->seen_count;
		world_run(w, 5000);
		EXPECT((last_heard(b)->kind == SIP_CALL_OVER) == cases[i].over);
		if (cases[i].again_soon) {
			EXPECT(w->seen_count > seen);
			EXPECT(str_starts(w->seen[seen], str_of(cases[i].then)));
		}
		if (i == 2)
			EXPECT_STR(value_of(w->seen[seen], "Session-Expires"), "400;refresher=uac");
		if (i == 4) { /* tried a few times, then it ends */
			world_run(w, 100000);
			EXPECT(last_heard(b)->kind == SIP_CALL_OVER);
			EXPECT(seen_count(w, "UPDATE ") < 20);
		}
		if (i == 5) {
			world_run(w, 1000000);
			EXPECT(sip_call_established(b->sip, b->call));
		}
		world_destroy(w);
	}
}

TEST(our_calls_ask_for_a_timer)
{
	struct world *w = world_create();
	struct side *a = &w->sides[ALICE];
	EXPECT(world_call(w, ALICE, MALLORY, "100") == ERR_OK);
	world_run(w, 20);
	struct str m = w->seen[0];
	EXPECT_STR(value_of(m, "Session-Expires"), "1800");
	EXPECT_STR(value_of(m, "Min-SE"), "90");
	EXPECT(has(value_of(m, "Supported"), "timer"));
	/* too brief for them: once more, with what they want */
	answer_request(w, 0, "422 Session Interval Too Small", "x", "Min-SE: 3600\n", "");
	m = world_last_seen(w);
	EXPECT(str_starts(m, STR("INVITE ")));
	EXPECT_STR(value_of(m, "Session-Expires"), "3600");
	EXPECT_STR(value_of(m, "Min-SE"), "3600");
	answer_request(w, w->seen_count - 1, "200 OK", "y",
		       "Session-Expires: 3600;refresher=uac\nRequire: timer\n"
		       "Allow: UPDATE\n" CONTACT,
		       SDP_TEXT);
	EXPECT(last_heard(a)->kind == SIP_ANSWERED);
	world_run(w, 1800500);
	EXPECT(seen_count(w, "UPDATE ") == 1 || seen_count(w, "UPDATE ") == 2);
	world_destroy(w);

	w = world_create(); /* a 422 that asks for less, or for ever more, is a refusal */
	a = &w->sides[ALICE];
	EXPECT(world_call(w, ALICE, MALLORY, "100") == ERR_OK);
	world_run(w, 20);
	answer_request(w, 0, "422 Small", "x", "Min-SE: 90\n", "");
	EXPECT(last_heard(a)->kind == SIP_CALL_OVER && last_heard(a)->status == 422);
	EXPECT(world_call(w, ALICE, MALLORY, "100") == ERR_OK);
	world_run(w, 20);
	for (int i = 1; i <= 3; i++) {
		char least[32];
		(void)snprintf(least, sizeof least, "Min-SE: %d\n", 2000 * i);
		answer_request(w, (uint32_t)seen_last(w, "INVITE "), "422 Small", "x", least, "");
	}
	EXPECT(last_heard(a)->kind == SIP_CALL_OVER && last_heard(a)->status == 422);
	world_destroy(w);
}

TEST(two_engines_keep_a_session_for_hours)
{
	for (int who = -1; who <= BOB; who++) {
		struct world *w = world_create();
		struct side *a = &w->sides[ALICE], *b = &w->sides[BOB];
		EXPECT(world_call(w, ALICE, BOB, "100") == ERR_OK);
		world_run(w, 100);
		for (int hour = 0; hour < 3; hour++) {
			world_run(w, 3600000);
			if (who >= 0) /* the death of either changes nothing */
				world_restart(w, who);
		}
		EXPECT(sip_call_established(a->sip, a->call));
		EXPECT(sip_call_established(b->sip, b->call));
		EXPECT(count_heard(b, SIP_REOFFER) == 0); /* UPDATEs, without sound */
		EXPECT(count_heard(a, SIP_CALL_OVER) + count_heard(b, SIP_CALL_OVER) == 0);
		/* the other end dies: it is over before the session is */
		int dead = who == ALICE ? ALICE : BOB;
		world_kill_side(w, dead);
		world_run(w, 1900000);
		EXPECT(last_heard(&w->sides[1 - dead])->kind == SIP_CALL_OVER);
		world_destroy(w);
	}
}
