/*
 * race_test.c - a trunk that behaves as the list of R14 in faults.md has it, and RFC 5407. What is
 * in other files: forks, late offers and CANCEL against 200 (script_test.c, call_test.c),
 * a lost PRACK and UPDATE during INVITE (reliable_test.c).
 */
#include "sip/world_test.h"

static void start(struct world *w)
{
	EXPECT(world_call(w, ALICE, MALLORY, "100") == ERR_OK);
	world_run(w, 20);
	EXPECT(w->seen_count == 1);
}

TEST(a_183_without_sound_is_ringing)
{
	struct world *w = world_create();
	struct side *a = &w->sides[ALICE];
	start(w);
	answer_request(w, 0, "183 Session Progress", "one", CONTACT, "");
	EXPECT(last_heard(a)->kind == SIP_RINGING && last_heard(a)->status == 183);
	EXPECT(!last_heard(a)->sdp);
	answer_request(w, 0, "200 OK", "one", CONTACT, SDP_TEXT);
	EXPECT(last_heard(a)->kind == SIP_ANSWERED && last_heard(a)->port == 4000);
	world_destroy(w);
}

TEST(a_redirection_is_a_refusal)
{
	static const char *const statuses[] = {"300 Choices", "301 Moved", "302 Moved",
					       "305 Proxy"};
	for (size_t i = 0; i < COUNT_OF(statuses); i++) {
		struct world *w = world_create();
		struct side *a = &w->sides[ALICE];
		start(w);
		answer_request(w, 0, statuses[i], "one",
			       "Contact: <sip:100@10.0.0.3>, <sip:+88166@10.0.0.3>\n", "");
		world_run(w, 40000);
		EXPECT(last_heard(a)->kind == SIP_CALL_OVER);
		EXPECT(last_heard(a)->over == SIP_OVER_REMOTE && last_heard(a)->status < 400);
		EXPECT(seen_count(w, "INVITE ") == 1); /* nobody else was called, nor he again */
		world_destroy(w);
	}
}

TEST(a_bye_before_the_ack)
{
	struct world *w = world_create();
	struct side *b = &w->sides[BOB];
	say_request(w, "INVITE", 1, NULL, "", SDP_TEXT);
	EXPECT(last_status(w) == 200);
	char tag[64];
	(void)str_copy(str_of(tag_of(world_last_seen(w), "To")), tag, sizeof tag);
	say_request(w, "BYE", 2, tag, "", "");
	EXPECT(last_status(w) == 200 && has(world_last_seen(w), "2 BYE"));
	EXPECT(count_heard(b, SIP_CALL_OVER) == 1 && last_heard(b)->over == SIP_OVER_REMOTE);
	uint32_t seen = w->seen_count;
	say_request(w, "ACK", 1, tag, "", ""); /* late: no harm, no answer */
	world_run(w, 40000);
	EXPECT(w->seen_count == seen && pool_count(b->sip->calls) == 0);
	EXPECT(pool_count(b->sip->txns) == 0);
	world_destroy(w);
}

/* RFC 3261 section 13.2.2.4: another fork answers when ours is over already, however often. */
TEST(a_fork_that_answers_after_the_end)
{
	struct world *w = world_create();
	struct side *a = &w->sides[ALICE];
	start(w);
	answer_request(w, 0, "200 OK", "one", CONTACT, SDP_TEXT);
	sip_call_end(a->sip, a->call);
	world_run(w, 20);
	answer_request(w, (uint32_t)seen_last(w, "BYE "), "200 OK", "", "", "");
	EXPECT(count_heard(a, SIP_CALL_OVER) == 1);
	uint32_t acks = seen_count(w, "ACK "), byes = seen_count(w, "BYE ");
	for (int i = 0; i < 3; i++) {
		answer_request(w, 0, "200 OK", "two", "Contact: <sip:n@10.0.0.3>\n", SDP_TEXT);
		EXPECT(seen_count(w, "ACK sip:n@") == (uint32_t)i + 1);
	}
	EXPECT(seen_count(w, "ACK ") == acks + 3 && seen_count(w, "BYE ") == byes + 1);
	EXPECT(str_starts(w->seen[seen_last(w, "BYE ")], STR("BYE sip:n@")));
	EXPECT(count_heard(a, SIP_ANSWERED) == 1 && count_heard(a, SIP_CALL_OVER) == 1);
	world_destroy(w);
}

/* RFC 3261 section 14.1: both offer at once; who owns the Call-ID waits longer, so both get
 * through. */
TEST(offers_that_meet_go_one_after_the_other)
{
	for (uint64_t seed = 0; seed < 12; seed++) {
		struct world *w = world_create();
		struct side *a = &w->sides[ALICE], *b = &w->sides[BOB];
		struct sdp_audio one = sound(31000), two = sound(32000);
		w->dice += seed * 977;
		EXPECT(world_call(w, ALICE, BOB, "100") == ERR_OK);
		world_run(w, 100);
		EXPECT(sip_call_reoffer(a->sip, a->call, &one) == ERR_OK);
		EXPECT(sip_call_reoffer(b->sip, b->call, &two) == ERR_OK);
		world_run(w, 100);
		EXPECT(count_heard(a, SIP_REOFFER) + count_heard(b, SIP_REOFFER) <= 1);
		world_run(w, 10000);
		EXPECT(count_heard(a, SIP_REOFFER) == 1 && count_heard(b, SIP_REOFFER) == 1);
		EXPECT(count_heard(a, SIP_REANSWER) == 1 && count_heard(b, SIP_REANSWER) == 1);
		EXPECT(sip_call_established(a->sip, a->call));
		EXPECT(sip_call_established(b->sip, b->call));
		world_destroy(w);
	}
}
