/* call_test.c - calls that end at every stage, cross, repeat and lose their packets. */
#include "sip/world_test.h"

/* Which packets are lost: the n-th one sent from now, or all whose start line begins so. */
static const char *lose_start;
static bool lose_by_start(struct world *w, const struct packet *p)
{
	if (!w->lose_n || !str_starts(p->bytes, str_of(lose_start)))
		return false;
	w->lose_n--;
	return true;
}

static void lose_first(struct world *w, const char *start, uint32_t count)
{
	lose_start = start;
	w->lose = lose_by_start;
	w->lose_n = count;
}

/* Every third, by the dice of the world */
static bool lose_a_third(struct world *w, const struct packet *p)
{
	(void)p;
	w->lose_n = w->lose_n * 1103515245u + 12345u;
	return (w->lose_n >> 16) % 3 == 0;
}

static bool lose_all(struct world *w, const struct packet *p)
{
	(void)w;
	(void)p;
	return true;
}

static void all_quiet(struct world *w)
{
	w->lose = NULL;
	world_run(w, 200000);
	for (int i = 0; i < MALLORY; i++) {
		struct side *side = &w->sides[i];
		EXPECT(pool_count(side->sip->calls) == 0);
		EXPECT(pool_count(side->sip->txns) == 0);
		EXPECT(side->sip->by_tag.count == 0 && side->sip->by_key.count == 0);
		EXPECT(timers_next(&side->timers) == INT64_MAX);
	}
}

static bool over(const struct side *s, enum sip_over how, uint32_t status)
{
	const struct heard *h = last_heard(s);
	bool yes = h->kind == SIP_CALL_OVER && h->over == how && h->status == status &&
		   count_heard(s, SIP_CALL_OVER) == 1;
	if (!yes)
		test_say(str_of(h->kind == SIP_CALL_OVER ? "over otherwise" : "not over"));
	return yes;
}

TEST(the_caller_hangs_up_at_every_stage)
{
	/* what comes, by the time after the INVITE left: 5 it arrives, 10 answers come back */
	for (int64_t at = 0; at <= 30; at++) {
		struct world *w = world_create();
		struct side *a = &w->sides[ALICE], *b = &w->sides[BOB];
		EXPECT(world_call(w, ALICE, BOB, "100") == ERR_OK);
		world_run(w, at);
		sip_call_end(a->sip, a->call);
		sip_call_end(a->sip, a->call); /* twice is once */
		world_run(w, 1000);
		EXPECT(count_heard(a, SIP_CALL_OVER) == 1 && last_heard(a)->over == SIP_OVER_LOCAL);
		EXPECT(count_heard(b, SIP_CALL_OVER) == 1 &&
		       last_heard(b)->over == SIP_OVER_REMOTE);
		all_quiet(w);
		world_destroy(w);
	}
}

TEST(the_caller_gives_up_while_it_rings)
{
	struct world *w = world_create();
	struct side *a = &w->sides[ALICE], *b = &w->sides[BOB];
	b->accepts = false;
	EXPECT(world_call(w, ALICE, BOB, "100") == ERR_OK);
	world_run(w, 3000);
	sip_call_end(a->sip, a->call);
	world_run(w, 100);
	EXPECT(over(a, SIP_OVER_LOCAL, 487));
	EXPECT(over(b, SIP_OVER_REMOTE, 487));
	/* INVITE 100 180 CANCEL 200 487 ACK */
	EXPECT(w->sent == 7);
	all_quiet(w);
	world_destroy(w);
}

TEST(the_callee_refuses_or_hangs_up_at_every_stage)
{
	static const enum sip_event_kind stages[] = {SIP_INCOMING, SIP_CONFIRMED};
	for (size_t i = 0; i < COUNT_OF(stages); i++) {
		struct world *w = world_create();
		struct side *a = &w->sides[ALICE], *b = &w->sides[BOB];
		b->ends_when[stages[i]] = true;
		EXPECT(world_call(w, ALICE, BOB, "100") == ERR_OK);
		world_run(w, 1000);
		EXPECT(over(a, SIP_OVER_REMOTE, i == 0 ? 480 : 0));
		EXPECT(over(b, SIP_OVER_LOCAL, i == 0 ? 480 : 200));
		all_quiet(w);
		world_destroy(w);
	}
}

/* RFC 3261 section 15: a callee may not send BYE before the ACK came */
TEST(the_callee_hangs_up_between_200_and_ack)
{
	struct world *w = world_create();
	struct side *a = &w->sides[ALICE], *b = &w->sides[BOB];
	EXPECT(world_call(w, ALICE, BOB, "100") == ERR_OK);
	lose_first(w, "ACK", 2);
	world_run(w, 20);
	EXPECT(count_heard(b, SIP_CONFIRMED) == 0);
	sip_call_end(b->sip, b->call);
	world_run(w, 100);
	EXPECT(count_heard(a, SIP_CALL_OVER) == 0); /* no BYE yet */
	world_run(w, 5000);
	EXPECT(over(a, SIP_OVER_REMOTE, 0));
	EXPECT(over(b, SIP_OVER_LOCAL, 200));
	all_quiet(w);
	world_destroy(w);
}

TEST(both_hang_up_at_once)
{
	struct world *w = world_create();
	struct side *a = &w->sides[ALICE], *b = &w->sides[BOB];
	EXPECT(world_call(w, ALICE, BOB, "100") == ERR_OK);
	world_run(w, 100);
	sip_call_end(a->sip, a->call);
	sip_call_end(b->sip, b->call);
	world_run(w, 100);
	EXPECT(over(a, SIP_OVER_LOCAL, 0));
	EXPECT(over(b, SIP_OVER_LOCAL, 0));
	all_quiet(w);
	world_destroy(w);
}

TEST(a_refusal_tells_its_status_and_retry_after)
{
	struct world *w = world_create();
	struct side *a = &w->sides[ALICE], *b = &w->sides[BOB];
	b->accepts = false;
	EXPECT(world_call(w, ALICE, BOB, "100") == ERR_OK);
	world_run(w, 100);
	sip_call_reject(b->sip, b->call, 486, 17);
	lose_first(w, "ACK", 3); /* timer G repeats the refusal until its ACK comes */
	world_run(w, 10000);
	EXPECT(over(a, SIP_OVER_REMOTE, 486));
	EXPECT_STR(str_of(last_heard(a)->reason), "Busy Here");
	EXPECT(over(b, SIP_OVER_LOCAL, 486));
	EXPECT(w->lose_n == 0);
	all_quiet(w);
	world_destroy(w);
}

TEST(every_single_loss_is_made_good)
{
	static const char *const starts[] = {"INVITE",	    "ACK",	   "BYE",
					     "SIP/2.0 100", "SIP/2.0 180", "SIP/2.0 200"};
	for (size_t i = 0; i < COUNT_OF(starts); i++)
		for (uint32_t count = 1; count <= 4; count++) {
			struct world *w = world_create();
			struct side *a = &w->sides[ALICE], *b = &w->sides[BOB];
			lose_first(w, starts[i], count);
			EXPECT(world_call(w, ALICE, BOB, "100") == ERR_OK);
			world_run(w, 20000);
			EXPECT(count_heard(a, SIP_ANSWERED) == 1);
			EXPECT(count_heard(b, SIP_CONFIRMED) == 1);
			EXPECT(count_heard(b, SIP_INCOMING) == 1);
			sip_call_end(a->sip, a->call);
			world_run(w, 20000);
			EXPECT(over(a, SIP_OVER_LOCAL, 200));
			EXPECT(over(b, SIP_OVER_REMOTE, 0));
			all_quiet(w);
			world_destroy(w);
		}
}

/* R17: a third of all datagrams lost, yet every call completes and none is doubled. */
TEST(a_lossy_wire_costs_time_but_no_call)
{
	for (uint32_t seed = 1; seed <= 40; seed++) {
		struct world *w = world_create();
		struct side *a = &w->sides[ALICE], *b = &w->sides[BOB];
		w->lose = lose_a_third;
		w->lose_n = seed * 7919;
		EXPECT(world_call(w, ALICE, BOB, "100") == ERR_OK);
		world_run(w, 31000);
		EXPECT(count_heard(a, SIP_ANSWERED) == 1 && count_heard(b, SIP_CONFIRMED) == 1);
		EXPECT(count_heard(b, SIP_INCOMING) == 1);
		sip_call_end(seed & 1 ? a->sip : b->sip, seed & 1 ? a->call : b->call);
		world_run(w, 33000);
		EXPECT(count_heard(a, SIP_CALL_OVER) == 1 && count_heard(b, SIP_CALL_OVER) == 1);
		all_quiet(w);
		world_destroy(w);
	}
}

/* Timer B: 64*T1 after the INVITE, which was sent 7 times (RFC 3261 section 17.1.1.2). */
TEST(nobody_there)
{
	struct world *w = world_create();
	struct side *a = &w->sides[ALICE];
	w->lose = lose_all;
	EXPECT(world_call(w, ALICE, BOB, "100") == ERR_OK);
	world_run(w, 31999);
	EXPECT(a->heard_count == 0 && w->sent == 7);
	world_run(w, 1);
	EXPECT(over(a, SIP_OVER_TIMEOUT, 408));
	all_quiet(w);
	world_destroy(w);
}

TEST(nobody_there_and_the_caller_gave_up)
{
	struct world *w = world_create();
	struct side *a = &w->sides[ALICE];
	w->lose = lose_all;
	EXPECT(world_call(w, ALICE, BOB, "100") == ERR_OK);
	world_run(w, 100);
	sip_call_end(a->sip, a->call);
	world_run(w, 32000);
	EXPECT(over(a, SIP_OVER_LOCAL, 487));
	all_quiet(w);
	world_destroy(w);
}

TEST(the_caller_dies_before_its_ack)
{
	struct world *w = world_create();
	struct side *b = &w->sides[BOB];
	EXPECT(world_call(w, ALICE, BOB, "100") == ERR_OK);
	world_run(w, 7);
	world_kill_side(w, ALICE);
	world_run(w, 31000);
	EXPECT(count_heard(b, SIP_CALL_OVER) == 0);
	world_run(w, 1500);
	EXPECT(over(b, SIP_OVER_TIMEOUT, 408));
	world_run(w, 100000);
	EXPECT(pool_count(b->sip->txns) == 0);
	world_destroy(w);
}

TEST(a_bye_that_nobody_answers_ends_all_the_same)
{
	struct world *w = world_create();
	struct side *a = &w->sides[ALICE];
	EXPECT(world_call(w, ALICE, BOB, "100") == ERR_OK);
	world_run(w, 100);
	world_kill_side(w, BOB);
	sip_call_end(a->sip, a->call);
	world_run(w, 32000);
	EXPECT(over(a, SIP_OVER_TIMEOUT, 408));
	world_destroy(w);
}

/* -- changing the sound of a running call -- */

static struct world *talking(void)
{
	struct world *w = world_create();
	EXPECT(world_call(w, ALICE, BOB, "100") == ERR_OK);
	world_run(w, 100);
	EXPECT(sip_call_established(w->sides[BOB].sip, w->sides[BOB].call));
	return w;
}

TEST(either_side_may_offer_anew)
{
	for (int who = ALICE; who <= BOB; who++) {
		struct world *w = talking();
		struct side *me = &w->sides[who], *you = &w->sides[1 - who];
		struct sdp_audio hold = sound(23456);
		hold.direction = SDP_SENDONLY;
		EXPECT(sip_call_reoffer(me->sip, me->call, &hold) == ERR_OK);
		EXPECT(sip_call_reoffer(me->sip, me->call, &hold) == ERR_CONFLICT);
		world_run(w, 100);
		EXPECT(last_heard(you)->kind == SIP_REOFFER && last_heard(you)->port == 23456);
		EXPECT(last_heard(you)->direction == SDP_SENDONLY);
		EXPECT(last_heard(me)->kind == SIP_REANSWER && last_heard(me)->status == 200);
		EXPECT(last_heard(me)->port == you->port);
		EXPECT(sip_call_reoffer(me->sip, me->call, &hold) == ERR_OK);
		world_run(w, 100);
		sip_call_end(you->sip, you->call);
		all_quiet(w);
		EXPECT(over(me, SIP_OVER_REMOTE, 0));
		world_destroy(w);
	}
}

TEST(an_offer_may_be_refused_and_the_call_goes_on)
{
	struct world *w = talking();
	struct side *a = &w->sides[ALICE], *b = &w->sides[BOB];
	struct sdp_audio offer = sound(23456);
	b->answers = false;
	EXPECT(sip_call_reoffer(a->sip, a->call, &offer) == ERR_OK);
	world_run(w, 100);
	EXPECT(last_heard(b)->kind == SIP_REOFFER);
	sip_call_answer(b->sip, b->call, NULL);
	world_run(w, 100);
	EXPECT(last_heard(a)->kind == SIP_REANSWER && last_heard(a)->status == 488);
	EXPECT(sip_call_established(a->sip, a->call) && sip_call_established(b->sip, b->call));
	sip_call_end(a->sip, a->call);
	all_quiet(w);
	world_destroy(w);
}

TEST(offers_that_meet_are_both_made_in_the_end)
{
	for (uint32_t seed = 0; seed < 20; seed++) {
		struct world *w = talking();
		struct side *a = &w->sides[ALICE], *b = &w->sides[BOB];
		struct sdp_audio from_a = sound(23000), from_b = sound(24000);
		w->dice += seed;
		EXPECT(sip_call_reoffer(a->sip, a->call, &from_a) == ERR_OK);
		EXPECT(sip_call_reoffer(b->sip, b->call, &from_b) == ERR_OK);
		/* Alice owns the Call-ID and waits longer: Bob goes first */
		world_run(w, 2090);
		EXPECT(count_heard(b, SIP_REANSWER) == 1 && count_heard(a, SIP_REANSWER) == 0);
		world_run(w, 20000);
		EXPECT(count_heard(a, SIP_REOFFER) == 1 && count_heard(b, SIP_REOFFER) == 1);
		EXPECT(count_heard(a, SIP_REANSWER) == 1 && count_heard(b, SIP_REANSWER) == 1);
		sip_call_end(a->sip, a->call);
		all_quiet(w);
		EXPECT(over(b, SIP_OVER_REMOTE, 0));
		world_destroy(w);
	}
}

TEST(a_call_may_end_in_the_middle_of_an_offer)
{
	for (int who = 0; who < 2; who++)
		for (int64_t at = 0; at < 25; at++) {
			struct world *w = talking();
			struct side *a = &w->sides[ALICE], *b = &w->sides[BOB];
			struct sdp_audio offer = sound(23456);
			struct side *ender = who ? a : b;
			b->answers = at % 2;
			EXPECT(sip_call_reoffer(a->sip, a->call, &offer) == ERR_OK);
			world_run(w, at);
			sip_call_end(ender->sip, ender->call);
			world_run(w, 2000);
			EXPECT(count_heard(a, SIP_CALL_OVER) == 1);
			EXPECT(count_heard(b, SIP_CALL_OVER) == 1);
			all_quiet(w);
			world_destroy(w);
		}
}

TEST(an_unanswered_reinvite_ends_the_call)
{
	struct world *w = talking();
	struct side *a = &w->sides[ALICE];
	struct sdp_audio offer = sound(23456);
	world_kill_side(w, BOB);
	EXPECT(sip_call_reoffer(a->sip, a->call, &offer) == ERR_OK);
	world_run(w, 32100);
	EXPECT(over(a, SIP_OVER_TIMEOUT, 408));
	world_destroy(w);
}

/* -- no places left: nobody crashes, and what was taken comes back -- */

TEST(starved_pools_refuse_and_recover)
{
	for (uint32_t txns = 0; txns < 8; txns++)
		for (uint32_t calls = 0; calls < 2; calls++) {
			struct world *w = world_create();
			struct side *a = &w->sides[ALICE], *b = &w->sides[BOB];
			struct sdp_audio offer = sound(23456);
			pool_starve(b->sip->txns, txns);
			pool_starve(b->sip->calls, calls);
			EXPECT(world_call(w, ALICE, BOB, "100") == ERR_OK);
			world_run(w, 100);
			EXPECT(calls && txns ? count_heard(a, SIP_ANSWERED) == 1
					     : last_heard(a)->status == 503);
			if (calls && txns) {
				(void)!sip_call_reoffer(b->sip, b->call, &offer);
				world_run(w, 100);
				sip_call_end(b->sip, b->call);
			}
			all_quiet(w);
			EXPECT(count_heard(a, SIP_CALL_OVER) == 1);
			EXPECT(count_heard(b, SIP_CALL_OVER) == (calls && txns));
			world_destroy(w);
		}
	struct world *w = world_create();
	struct side *a = &w->sides[ALICE];
	pool_starve(a->sip->calls, 0);
	EXPECT(world_call(w, ALICE, BOB, "1") == ERR_FULL);
	pool_starve(a->sip->calls, 8);
	pool_starve(a->sip->txns, 0);
	EXPECT(world_call(w, ALICE, BOB, "1") == ERR_FULL);
	EXPECT(pool_count(a->sip->calls) == 0 && w->sent == 0);
	world_destroy(w);
}

TEST(a_call_that_cannot_be_written_is_not_started)
{
	struct world *w = world_create();
	struct side *a = &w->sides[ALICE];
	EXPECT(world_call(w, ALICE, BOB, "1\r\nVia: x") == ERR_INVALID);
	EXPECT(world_call(w, ALICE, BOB, "1>") == ERR_INVALID);
	EXPECT(w->sent == 0 && pool_count(a->sip->calls) == 0);
	world_destroy(w);
}
