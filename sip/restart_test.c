/* restart_test.c - a call is saved in every state, its engine dies, and another one goes on. */
#include "sip/world_test.h"

#include <stdlib.h>

void world_restart(struct world *w, int n)
{
	struct side *side = &w->sides[n];
	static char text[8][16384];
	struct buf images[8];
	struct sip_call_id ids[8];
	uint32_t count = 0;
	pool_for_each (struct call, c, side->sip->calls) {
		CHECK(count < 8);
		ids[count] = c->id;
		images[count] = buf_make(text[count], sizeof text[count]);
		sip_call_save(side->sip, c->id, &images[count]);
		EXPECT(!images[count].full);
		EXPECT(images[count].n < 3000);
		count++;
	}
	world_kill_side(w, n);
	world_run(w, 700); /* datagrams of this time are lost */
	world_start_side(w, n, 1000);
	for (uint32_t i = 0; i < count; i++) {
		EXPECT(sip_call_load(side->sip, ids[i], buf_str(&images[i]), side) == ERR_OK);
		EXPECT(sip_call_load(side->sip, ids[i], buf_str(&images[i]), side) == ERR_CONFLICT);
		EXPECT(sip_call_owner(side->sip, ids[i]) == side);
	}
}

static void all_quiet(struct world *w)
{
	world_run(w, 200000);
	for (int i = 0; i < MALLORY; i++) {
		EXPECT(pool_count(w->sides[i].sip->calls) == 0);
		EXPECT(pool_count(w->sides[i].sip->txns) == 0);
		EXPECT(timers_next(&w->sides[i].timers) == INT64_MAX);
	}
}

TEST(a_running_call_outlives_either_engine)
{
	for (int who = ALICE; who <= BOB; who++)
		for (int ender = ALICE; ender <= BOB; ender++) {
			struct world *w = world_create();
			struct side *a = &w->sides[ALICE], *b = &w->sides[BOB];
			struct sdp_audio hold = sound(23456);
			EXPECT(world_call(w, ALICE, BOB, "100") == ERR_OK);
			world_run(w, 100);
			world_restart(w, who);
			EXPECT(sip_call_established(w->sides[who].sip, w->sides[who].call));
			/* both may still offer, and say BYE */
			EXPECT(sip_call_reoffer(a->sip, a->call, &hold) == ERR_OK);
			world_run(w, 100);
			EXPECT(last_heard(b)->kind == SIP_REOFFER && last_heard(b)->port == 23456);
			EXPECT(sip_call_reoffer(b->sip, b->call, &hold) == ERR_OK);
			world_run(w, 100);
			EXPECT(last_heard(a)->kind == SIP_REOFFER);
			sip_call_end(w->sides[ender].sip, w->sides[ender].call);
			world_run(w, 100);
			EXPECT(last_heard(&w->sides[ender])->over == SIP_OVER_LOCAL);
			EXPECT(last_heard(&w->sides[1 - ender])->over == SIP_OVER_REMOTE);
			all_quiet(w);
			world_destroy(w);
		}
}

/* The callee restarts at every millisecond of a call's beginning; the caller's INVITE is repeated,
 * known again, and there is one call in the end. */
TEST(the_callee_restarts_at_every_stage)
{
	for (int64_t at = 5; at <= 30; at++)
		for (int slow = 0; slow < 2; slow++) {
			struct world *w = world_create();
			struct side *a = &w->sides[ALICE], *b = &w->sides[BOB];
			struct sdp_audio mine = sound(21000);
			b->accepts = !slow;
			EXPECT(world_call(w, ALICE, BOB, "100") == ERR_OK);
			world_run(w, at);
			world_restart(w, BOB);
			world_run(w, 3000);
			if (slow) /* its user goes on with it as if nothing had been */
				sip_call_accept(b->sip, b->call, &mine);
			world_run(w, 10000);
			EXPECT(count_heard(b, SIP_INCOMING) == 1);
			EXPECT(count_heard(a, SIP_ANSWERED) == 1);
			EXPECT(count_heard(b, SIP_CONFIRMED) == 1);
			EXPECT(sip_call_established(a->sip, a->call));
			EXPECT(sip_call_established(b->sip, b->call));
			sip_call_end(at & 1 ? a->sip : b->sip, at & 1 ? a->call : b->call);
			all_quiet(w);
			EXPECT(count_heard(a, SIP_CALL_OVER) == 1);
			EXPECT(count_heard(b, SIP_CALL_OVER) == 1);
			world_destroy(w);
		}
}

TEST(a_call_that_rings_here_may_be_cancelled_after_a_restart)
{
	struct world *w = world_create();
	struct side *a = &w->sides[ALICE], *b = &w->sides[BOB];
	b->accepts = false;
	EXPECT(world_call(w, ALICE, BOB, "100") == ERR_OK);
	world_run(w, 100);
	world_restart(w, BOB);
	sip_call_end(a->sip, a->call);
	world_run(w, 1000);
	EXPECT(last_heard(b)->kind == SIP_CALL_OVER && last_heard(b)->status == 487);
	EXPECT(last_heard(a)->kind == SIP_CALL_OVER && last_heard(a)->over == SIP_OVER_LOCAL);
	all_quiet(w);
	world_destroy(w);
}

/* Our open INVITE is cancelled with its branch: the phone stops ringing. */
TEST(the_caller_restarts_while_it_rings)
{
	for (int64_t at = 0; at <= 14; at++) {
		struct world *w = world_create();
		struct side *a = &w->sides[ALICE], *b = &w->sides[BOB];
		b->accepts = false;
		EXPECT(world_call(w, ALICE, BOB, "100") == ERR_OK);
		if (at % 3 == 2)
			sip_call_end(a->sip, a->call);
		world_run(w, at);
		world_restart(w, ALICE);
		world_run(w, 40000);
		EXPECT(last_heard(a)->kind == SIP_CALL_OVER &&
		       last_heard(a)->over == SIP_OVER_LOCAL);
		EXPECT(last_heard(b)->kind == SIP_CALL_OVER);
		EXPECT(last_heard(b)->over == SIP_OVER_REMOTE && last_heard(b)->status == 487);
		all_quiet(w);
		world_destroy(w);
	}
}

/* The callee had said 200 when the caller died: its 200 meets the CANCEL, so ACK and BYE. */
TEST(the_caller_restarts_when_it_was_answered)
{
	for (int64_t at = 5; at < 10; at++) {
		struct world *w = world_create();
		struct side *a = &w->sides[ALICE], *b = &w->sides[BOB];
		EXPECT(world_call(w, ALICE, BOB, "100") == ERR_OK);
		world_run(w, at);
		world_restart(w, ALICE);
		world_run(w, 10000);
		EXPECT(count_heard(a, SIP_CALL_OVER) == 1 && last_heard(a)->over == SIP_OVER_LOCAL);
		EXPECT(count_heard(b, SIP_CALL_OVER) == 1);
		all_quiet(w);
		world_destroy(w);
	}
}

static bool lose_ack(struct world *w, const struct packet *p)
{
	return w->lose_n && str_starts(p->bytes, STR("ACK "));
}

/* Its ACK was lost and it died: the callee's repeated 200 is acknowledged by the next life. */
TEST(the_caller_restarts_before_its_ack_arrives)
{
	struct world *w = world_create();
	struct side *a = &w->sides[ALICE], *b = &w->sides[BOB];
	w->lose = lose_ack;
	w->lose_n = 1;
	EXPECT(world_call(w, ALICE, BOB, "100") == ERR_OK);
	world_run(w, 100);
	EXPECT(count_heard(a, SIP_ANSWERED) == 1);
	world_restart(w, ALICE);
	w->lose_n = 0;
	world_run(w, 40000); /* without an ACK the callee hangs up after 32 s */
	EXPECT(count_heard(b, SIP_CALL_OVER) == 0);
	sip_call_end(a->sip, a->call);
	all_quiet(w);
	world_destroy(w);
}

TEST(a_bye_on_its_way_is_said_again)
{
	for (int who = ALICE; who <= BOB; who++) {
		struct world *w = world_create();
		struct side *me = &w->sides[who], *you = &w->sides[1 - who];
		EXPECT(world_call(w, ALICE, BOB, "100") == ERR_OK);
		world_run(w, 100);
		sip_call_end(me->sip, me->call);
		world_restart(w, who);
		world_run(w, 1000);
		EXPECT(last_heard(me)->kind == SIP_CALL_OVER &&
		       last_heard(me)->over == SIP_OVER_LOCAL);
		EXPECT(last_heard(you)->kind == SIP_CALL_OVER);
		EXPECT(count_heard(you, SIP_CALL_OVER) == 1);
		all_quiet(w);
		world_destroy(w);
	}
}

TEST(an_offer_is_open_when_an_engine_restarts)
{
	for (int who = ALICE; who <= BOB; who++)
		for (int answers = 0; answers < 2; answers++)
			for (int64_t at = 0; at < 20; at++) {
				struct world *w = world_create();
				struct side *a = &w->sides[ALICE], *b = &w->sides[BOB];
				struct sdp_audio hold = sound(23456);
				EXPECT(world_call(w, ALICE, BOB, "100") == ERR_OK);
				world_run(w, 100);
				b->answers = answers;
				EXPECT(sip_call_reoffer(a->sip, a->call, &hold) == ERR_OK);
				world_run(w, at);
				world_restart(w, who);
				world_run(w, 2000);
				sip_call_answer(b->sip, b->call, &hold); /* late, if at all */
				world_run(w, 9000);
				EXPECT(sip_call_established(a->sip, a->call));
				EXPECT(sip_call_established(b->sip, b->call));
				EXPECT(count_heard(a, SIP_REANSWER) == 1);
				sip_call_end(b->sip, b->call);
				all_quiet(w);
				EXPECT(count_heard(a, SIP_CALL_OVER) == 1);
				world_destroy(w);
			}
}

/* RFC 3261 section 12.2.1.1: the number must grow, whatever was sent and not saved. */
TEST(the_local_number_jumps_by_a_hundred)
{
	struct world *w = world_create();
	struct side *a = &w->sides[ALICE];
	EXPECT(world_call(w, ALICE, BOB, "100") == ERR_OK);
	world_run(w, 100);
	uint32_t before = call_get(a->sip, a->call)->local_cseq;
	world_restart(w, ALICE);
	EXPECT(call_get(a->sip, a->call)->local_cseq == before + 100);
	world_destroy(w);
}

TEST(a_torn_image_is_refused_and_leaves_nothing)
{
	struct world *w = world_create();
	struct side *b = &w->sides[BOB];
	char text[16384];
	struct buf image = buf_make(text, sizeof text);
	b->accepts = false;
	EXPECT(world_call(w, ALICE, BOB, "100") == ERR_OK);
	world_run(w, 100);
	struct sip_call_id id = b->call;
	sip_call_save(b->sip, id, &image);
	world_kill_side(w, BOB);
	world_start_side(w, BOB, 0);
	uint32_t refused = 0;
	for (size_t n = 0; n < image.n; n++) {
		char *cut = xstrndup(image.p, n);
		enum err e = sip_call_load(b->sip, id, str_make(cut, n), NULL);
		free(cut);
		if (e == ERR_OK) { /* cut at a border, behind all that matters: a whole call */
			b->ends_when[SIP_CALL_OVER] = false;
			sip_call_end(b->sip, id);
		} else {
			refused++;
		}
		EXPECT(e != ERR_CONFLICT);
		if (call_get(b->sip, id))
			call_free(call_get(b->sip, id));
		pool_for_each (struct txn, t, b->sip->txns)
			txn_end(t);
		b->heard_count = 0;
	}
	EXPECT(refused > image.n - 60);
	EXPECT(pool_count(b->sip->calls) == 0 && b->sip->by_tag.count == 0);
	world_destroy(w);
}
