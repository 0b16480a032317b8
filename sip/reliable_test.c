/* reliable_test.c - 100rel and PRACK (RFC 3262), UPDATE before and after the answer (RFC 3311). */
#include "sip/world_test.h"

#include <stdio.h>

#define REL "Supported: 100rel\nAllow: INVITE, ACK, UPDATE\n"
#define SDP_TWO                                                                                    \
	"v=0\no=- 1 2 IN IP4 192.0.2.9\ns=-\nc=IN IP4 192.0.2.9\nt=0 0\nm=audio 4100 RTP/AVP 8\n"

/* An INVITE that BOB answered with a reliable 183 with sound; returns BOB's tag. */
static const char *early_call(struct world *w, const char *extra, const char *body)
{
	static char tag[64];
	struct side *b = &w->sides[BOB];
	struct sdp_audio mine = sound(21000);
	b->accepts = b->rings = false;
	say_request(w, "INVITE", 1, NULL, extra, body);
	EXPECT(last_heard(b)->kind == SIP_INCOMING);
	sip_call_ring(b->sip, b->call, 183, &mine);
	world_run(w, 20);
	(void)str_copy(str_of(tag_of(world_last_seen(w), "To")), tag, sizeof tag);
	return tag;
}

/* MALLORY's PRACK of the newest 1xx, with this added to its RSeq. */
static void say_prack(struct world *w, uint32_t cseq, const char *tag, int off, const char *body)
{
	char extra[64];
	uint32_t rseq = 0;
	int at = seen_last(w, "SIP/2.0 18");
	CHECK(at >= 0);
	EXPECT(str_to_u32(value_of(w->seen[at], "RSeq"), UINT32_MAX, &rseq) == ERR_OK);
	(void)snprintf(extra, sizeof extra, "RAck: %u 1 INVITE\n", (uint32_t)((int)rseq + off));
	say_request(w, "PRACK", cseq, tag, extra, body);
}

TEST(when_a_provisional_answer_is_reliable)
{
	static const struct {
		const char *extra;
		bool sdp, reliable;
	} cases[] = {
		{"", true, false},
		{"Supported: timer\n", true, false},
		{"Supported: timer, 100REL\n", true, true},
		{"k: 100rel\n", false, false}, /* only what matters */
		{"Require: 100rel\n", false, true},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct world *w = world_create();
		struct side *b = &w->sides[BOB];
		struct sdp_audio mine = sound(21000);
		b->accepts = b->rings = false;
		say_request(w, "INVITE", 1, NULL, cases[i].extra, SDP_TEXT);
		sip_call_ring(b->sip, b->call, 183, cases[i].sdp ? &mine : NULL);
		world_run(w, 20);
		EXPECT(last_status(w) == 183);
		EXPECT((value_of(world_last_seen(w), "RSeq").n > 0) == cases[i].reliable);
		EXPECT(has(world_last_seen(w), "Require: 100rel\r\n") == cases[i].reliable);
		world_destroy(w);
	}
}

TEST(a_reliable_answer_is_said_until_its_prack)
{
	struct world *w = world_create();
	struct side *b = &w->sides[BOB];
	const char *tag = early_call(w, REL, SDP_TEXT);
	/* T1, doubled without a limit: 0, 500, 1500, 3500, 7500 */
	world_run(w, 8000);
	EXPECT(seen_count(w, "SIP/2.0 183 ") == 5);
	say_prack(w, 2, tag, 1, "");
	EXPECT(last_status(w) == 481);
	say_request(w, "PRACK", 3, tag, "RAck: nonsense\n", "");
	EXPECT(last_status(w) == 481);
	say_prack(w, 4, tag, 0, "");
	EXPECT(last_status(w) == 200);
	uint32_t said = seen_count(w, "SIP/2.0 183 ");
	world_run(w, 20000);
	EXPECT(seen_count(w, "SIP/2.0 183 ") == said && b->heard_count == 1);
	say_prack(w, 5, tag, 0, ""); /* once is enough */
	EXPECT(last_status(w) == 481);
	/* both descriptions are agreed on: the 200 says nothing more */
	struct sdp_audio mine = sound(21000);
	sip_call_accept(b->sip, b->call, &mine);
	world_run(w, 20);
	EXPECT(last_status(w) == 200 && !has(world_last_seen(w), "m=audio"));
	say_request(w, "ACK", 1, tag, "", "");
	EXPECT(last_heard(b)->kind == SIP_CONFIRMED);
	world_destroy(w);
}

/* Accepted with another description than the one agreed on: that one holds, then it is offered. */
TEST(another_description_with_the_answer_is_offered_after_it)
{
	struct world *w = world_create();
	struct side *b = &w->sides[BOB];
	struct sdp_audio other = sound(25000);
	const char *tag = early_call(w, REL, SDP_TEXT);
	say_prack(w, 2, tag, 0, "");
	sip_call_accept(b->sip, b->call, &other);
	world_run(w, 20);
	EXPECT(last_status(w) == 200 && !has(world_last_seen(w), "m=audio"));
	world_restart(w, BOB); /* even so */
	world_run(w, 20);
	say_request(w, "ACK", 1, tag, "", "");
	EXPECT(last_heard(b)->kind == SIP_CONFIRMED);
	EXPECT(has(w->seen[seen_last(w, "INVITE ")], "m=audio 25000"));
	answer_bob(w, "INVITE ", "200 OK", CONTACT, SDP_TWO);
	EXPECT(last_heard(b)->kind == SIP_REANSWER && last_heard(b)->port == 4100);
	world_destroy(w);
}

TEST(a_lost_prack_refuses_the_call_in_the_end)
{
	struct world *w = world_create();
	struct side *b = &w->sides[BOB];
	(void)early_call(w, REL, SDP_TEXT);
	world_run(w, 33000);
	EXPECT(last_heard(b)->kind == SIP_CALL_OVER && last_heard(b)->over == SIP_OVER_TIMEOUT);
	EXPECT(last_heard(b)->status == 504 && seen_count(w, "SIP/2.0 504 ") > 0);
	world_run(w, 40000);
	EXPECT(pool_count(b->sip->calls) == 0 && pool_count(b->sip->txns) == 0);
	world_destroy(w);
}

/* RFC 3262 section 3: the 200 waits for the description that is on its way, and so does the next
 * provisional answer. */
TEST(what_comes_next_waits_for_the_prack)
{
	struct world *w = world_create();
	struct side *b = &w->sides[BOB];
	struct sdp_audio mine = sound(21000);
	const char *tag = early_call(w, REL "Require: 100rel\n", SDP_TEXT);
	sip_call_ring(b->sip, b->call, 180, NULL);
	world_run(w, 20);
	EXPECT(seen_count(w, "SIP/2.0 180 ") == 0);
	say_prack(w, 2, tag, 0, "");
	EXPECT(seen_count(w, "SIP/2.0 180 ") == 1);
	sip_call_accept(b->sip, b->call, &mine); /* 180 describes nothing: no need to wait */
	world_run(w, 20);
	EXPECT(seen_count(w, "SIP/2.0 200 ") == 2);
	world_destroy(w);

	w = world_create();
	b = &w->sides[BOB];
	tag = early_call(w, REL, SDP_TEXT);
	sip_call_accept(b->sip, b->call, &mine);
	world_run(w, 20);
	EXPECT(seen_count(w, "SIP/2.0 200 ") == 0);
	world_restart(w, BOB); /* it is remembered */
	world_run(w, 100);
	say_prack(w, 2, tag, 0, "");
	EXPECT(seen_count(w, "SIP/2.0 200 ") == 2);
	EXPECT(has(w->seen[seen_last(w, "SIP/2.0 200 ")], "1 INVITE"));
	say_request(w, "ACK", 1, tag, "", "");
	EXPECT(last_heard(b)->kind == SIP_CONFIRMED);
	world_destroy(w);
}

TEST(a_late_offer_is_answered_in_the_prack)
{
	struct world *w = world_create();
	struct side *b = &w->sides[BOB];
	struct sdp_audio mine = sound(21000);
	const char *tag = early_call(w, REL, "");
	EXPECT(has(world_last_seen(w), "m=audio 21000"));
	say_prack(w, 2, tag, 0, SDP_TEXT);
	EXPECT(last_heard(b)->kind == SIP_REANSWER && last_heard(b)->port == 4000);
	sip_call_accept(b->sip, b->call, &mine);
	world_run(w, 20);
	EXPECT(last_status(w) == 200 && !has(world_last_seen(w), "m=audio"));
	say_request(w, "ACK", 1, tag, "", ""); /* nothing is owed */
	EXPECT(last_heard(b)->kind == SIP_CONFIRMED && !last_heard(b)->sdp);
	world_destroy(w);

	w = world_create(); /* a PRACK that owes its answer */
	b = &w->sides[BOB];
	tag = early_call(w, REL, "");
	say_prack(w, 2, tag, 0, "");
	EXPECT(last_heard(b)->kind == SIP_CALL_OVER && last_heard(b)->status == 488);
	EXPECT(last_status(w) == 488 || last_status(w) == 400);
	world_destroy(w);
}

TEST(an_offer_in_a_prack_and_in_an_early_update)
{
	struct world *w = world_create();
	struct side *b = &w->sides[BOB];
	struct sdp_audio mine = sound(22000);
	const char *tag = early_call(w, REL, SDP_TEXT);
	/* theirs has no answer that arrived yet: RFC 3311 section 5.2 */
	say_request(w, "UPDATE", 2, tag, "", SDP_TWO);
	EXPECT(last_status(w) == 500 && value_of(world_last_seen(w), "Retry-After").n);
	b->answers = false;
	say_prack(w, 3, tag, 0, SDP_TWO);
	EXPECT(last_heard(b)->kind == SIP_REOFFER && last_heard(b)->port == 4100);
	sip_call_answer(b->sip, b->call, &mine);
	world_run(w, 20);
	EXPECT(last_status(w) == 200 && has(world_last_seen(w), "3 PRACK"));
	EXPECT(has(world_last_seen(w), "m=audio 22000"));
	say_request(w, "UPDATE", 4, tag, "", SDP_TEXT);
	EXPECT(last_heard(b)->kind == SIP_REOFFER && last_heard(b)->port == 4000);
	say_request(w, "UPDATE", 5, tag, "", SDP_TWO); /* one at a time */
	EXPECT(last_status(w) == 500);
	/* the user takes the call meanwhile: the answer to the UPDATE goes first */
	sip_call_accept(b->sip, b->call, &mine);
	world_run(w, 20);
	EXPECT(seen_count(w, "SIP/2.0 200 ") == 1);
	sip_call_answer(b->sip, b->call, &mine);
	world_run(w, 20);
	EXPECT(seen_count(w, "SIP/2.0 200 ") == 3 && has(world_last_seen(w), "1 INVITE"));
	say_request(w, "ACK", 1, tag, "", "");
	EXPECT(last_heard(b)->kind == SIP_CONFIRMED);
	world_destroy(w);
}

TEST(our_update_before_the_answer)
{
	struct world *w = world_create();
	struct side *b = &w->sides[BOB];
	struct sdp_audio other = sound(23000);
	const char *tag = early_call(w, REL, SDP_TEXT);
	EXPECT(sip_call_reoffer(b->sip, b->call, &other) == ERR_CONFLICT); /* not agreed yet */
	say_prack(w, 2, tag, 0, "");
	EXPECT(sip_call_reoffer(b->sip, b->call, &other) == ERR_OK);
	EXPECT(sip_call_reoffer(b->sip, b->call, &other) == ERR_CONFLICT);
	world_run(w, 20);
	EXPECT(has(w->seen[seen_last(w, "UPDATE ")], "m=audio 23000"));
	/* glare: theirs meets ours (491), ours meets theirs and goes again */
	say_request(w, "UPDATE", 3, tag, "", SDP_TWO);
	EXPECT(last_status(w) == 491);
	answer_bob(w, "UPDATE ", "491 Request Pending", "", "");
	EXPECT(count_heard(b, SIP_REANSWER) == 0);
	world_run(w, 4500);
	EXPECT(seen_count(w, "UPDATE ") >= 2);
	answer_bob(w, "UPDATE ", "200 OK", "", SDP_TWO);
	EXPECT(last_heard(b)->kind == SIP_REANSWER && last_heard(b)->port == 4100);
	world_destroy(w);

	w = world_create(); /* who does not know UPDATE gets none */
	b = &w->sides[BOB];
	tag = early_call(w, "Supported: 100rel\n", SDP_TEXT);
	say_prack(w, 2, tag, 0, "");
	EXPECT(sip_call_reoffer(b->sip, b->call, &other) == ERR_CONFLICT);
	world_destroy(w);
}

/* -- theirs -- */

static void ring_out(struct world *w)
{
	struct side *a = &w->sides[ALICE];
	EXPECT(world_call(w, ALICE, MALLORY, "100") == ERR_OK);
	world_run(w, 20);
	EXPECT(has(value_of(w->seen[0], "Supported"), "100rel"));
	EXPECT(a->heard_count == 0);
}

TEST(each_reliable_answer_is_acknowledged_once_and_in_order)
{
	struct world *w = world_create();
	struct side *a = &w->sides[ALICE];
	ring_out(w);
	const char *rel =
		"Require: 100rel\nRSeq: 100\n" CONTACT "Record-Route: <sip:10.0.0.3;lr>\n";
	answer_request(w, 0, "183 Session Progress", "one", rel, SDP_TEXT);
	struct str p = w->seen[seen_last(w, "PRACK ")];
	EXPECT(has(p, "PRACK sip:m@10.0.0.3:5060 SIP/2.0\r\n"));
	EXPECT(has(p, "\r\nRAck: 100 "));
	EXPECT(has(p, " INVITE\r\n") && has(p, ";tag=one"));
	EXPECT_STR(value_of(p, "Route"), "<sip:10.0.0.3;lr>");
	EXPECT(last_heard(a)->kind == SIP_RINGING && last_heard(a)->port == 4000);
	/* said again: our PRACK repeats by itself */
	answer_request(w, 0, "183 Session Progress", "one", rel, SDP_TEXT);
	EXPECT(count_heard(a, SIP_RINGING) == 1);
	uint32_t pracks = seen_count(w, "PRACK ");
	/* one too far is passed over */
	answer_request(w, 0, "180 Ringing", "one", "Require: 100rel\nRSeq: 102\n" CONTACT, "");
	EXPECT(seen_count(w, "PRACK ") == pracks && count_heard(a, SIP_RINGING) == 1);
	answer_request(w, 0, "180 Ringing", "one", "Require: 100rel\nRSeq: 101\n" CONTACT, "");
	EXPECT(has(w->seen[seen_last(w, "PRACK ")], "RAck: 101 "));
	EXPECT(count_heard(a, SIP_RINGING) == 2);
	/* another fork counts for itself */
	answer_request(w, 0, "180 Ringing", "two",
		       "Require: 100rel\nRSeq: 7\nContact: <sip:n@10.0.0.3>\n", "");
	EXPECT(has(w->seen[seen_last(w, "PRACK ")], "PRACK sip:n@10.0.0.3 "));
	EXPECT(has(w->seen[seen_last(w, "PRACK ")], "RAck: 7 "));
	/* the 200 of the first needs no description: what was agreed on holds */
	answer_request(w, 0, "200 OK", "one", CONTACT, "");
	EXPECT(last_heard(a)->kind == SIP_ANSWERED && last_heard(a)->port == 4000);
	EXPECT(str_starts(w->seen[seen_last(w, "ACK ")], STR("ACK sip:m@10.0.0.3:5060")));
	world_destroy(w);
}

TEST(a_callee_offers_before_he_answers)
{
	struct world *w = world_create();
	struct side *a = &w->sides[ALICE];
	ring_out(w);
	char text[2048], tag[64];
	(void)str_copy(str_of(tag_of(w->seen[0], "From")), tag, sizeof tag);
	answer_request(w, 0, "183 Session Progress", "one", "Require: 100rel\nRSeq: 1\n" CONTACT,
		       SDP_TEXT);
	struct str id = value_of(w->seen[0], "Call-ID");
	struct buf b = buf_make(text, sizeof text - 1);
	size_t body_n = strlen(SDP_TWO) + 6;
	buf_fmt(&b,
		"UPDATE sip:alice@10.0.0.1 SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.3;branch=z9hG4bKu;"
		"rport\nMax-Forwards: 70\nFrom: <sip:100@10.0.0.3>;tag=one\nTo: "
		"<sip:alice>;tag=%s\n"
		"Call-ID: " STR_FMT "\nCSeq: 9 UPDATE\n" CONTACT
		"Content-Type: application/sdp\nContent-Length: %zu\n\n%s",
		tag, STR_ARG(id), body_n, SDP_TWO);
	text[b.n] = 0;
	world_say(w, ALICE, text);
	EXPECT(last_heard(a)->kind == SIP_REOFFER && last_heard(a)->port == 4100);
	EXPECT(last_status(w) == 200 && has(world_last_seen(w), "9 UPDATE"));
	/* a CANCEL has the INVITE's request URI still, and no route */
	sip_call_end(a->sip, a->call);
	world_run(w, 20);
	EXPECT(str_starts(w->seen[seen_last(w, "CANCEL ")], STR("CANCEL sip:100@10.0.0.3")));
	world_destroy(w);
}

/* Two engines, packets lost: reliable answers arrive, and one call comes of it. */
static bool lose_a_third(struct world *w, const struct packet *p)
{
	(void)p;
	w->lose_n = w->lose_n * 1103515245u + 12345u;
	return (w->lose_n >> 16) % 3 == 0;
}

TEST(reliable_answers_over_a_wire_that_loses_a_third)
{
	for (uint32_t seed = 1; seed <= 40; seed++) {
		struct world *w = world_create();
		struct side *a = &w->sides[ALICE], *b = &w->sides[BOB];
		struct sdp_audio mine = sound(21000);
		b->accepts = b->rings = false;
		w->lose = lose_a_third;
		w->lose_n = seed;
		EXPECT(world_call(w, ALICE, BOB, "100") == ERR_OK);
		for (int i = 0; i < 60 && b->heard_count == 0; i++)
			world_run(w, 500);
		sip_call_ring(b->sip, b->call, 183, &mine);
		sip_call_accept(b->sip, b->call, &mine);
		if (seed % 2)
			world_restart(w, BOB);
		world_run(w, 40000);
		EXPECT(count_heard(b, SIP_INCOMING) == 1);
		bool up = count_heard(a, SIP_ANSWERED) == 1;
		EXPECT(!up || last_heard(b)->kind == SIP_CONFIRMED ||
		       last_heard(b)->kind == SIP_CALL_OVER);
		EXPECT(up || last_heard(a)->kind == SIP_CALL_OVER);
		w->lose = NULL;
		sip_call_end(a->sip, a->call);
		sip_call_end(b->sip, b->call);
		world_run(w, 200000);
		EXPECT(pool_count(a->sip->calls) == 0 && pool_count(b->sip->calls) == 0);
		EXPECT(pool_count(a->sip->txns) == 0 && pool_count(b->sip->txns) == 0);
		world_destroy(w);
	}
}
