/*
 * storm_test.c - many calls at once, everybody does anything at any moment, core and media die in
 * between; at the end nobody may be left anywhere. A failure is a seed.
 */
#include <stdio.h>

#include "channel/voice/world_test.h"

enum { CALLS_MAX = 6, STEPS = 120, SEEDS = 30 };

static uint64_t dice;

static uint32_t roll(uint32_t n)
{
	dice = dice * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(dice >> 33) % n;
}

static struct row *some_row(struct world *w)
{
	uint32_t from = roll(ROWS_MAX);
	for (uint32_t i = 0; i < ROWS_MAX; i++) {
		struct row *r = &w->rows[(from + i) % ROWS_MAX];
		if (r->state != ROW_FREE && contact_get(&w->core, r->c))
			return r;
	}
	return NULL;
}

/* Anna and Boris have a phone each and one contact at a time, as acd sees to. */
static const char *free_agent(struct world *w)
{
	static const char *const agents[] = {"anna", "boris", "clara"};
	const char *agent = agents[roll(COUNT_OF(agents))];
	for (uint32_t i = 0; i < ROWS_MAX; i++)
		if (w->rows[i].state >= ROW_OFFERED && strcmp(w->rows[i].agent, agent) == 0)
			return NULL;
	return agent;
}

static void flow_or_acd_does_something(struct world *w)
{
	struct row *r = some_row(w);
	if (!r)
		return;
	w->contact = r->c;
	const char *agent = free_agent(w);
	if (r->state == ROW_FLOW && roll(2)) {
		(void)play(w, roll(9), roll(2) ? "raz" : "dwa", roll(2) ? "trzy" : NULL);
	} else if (r->state == ROW_FLOW && !voice_legs(w->voice)) {
		return;
	} else if (r->state == ROW_FLOW) {
		enqueue(w);
	} else if (r->state == ROW_WAITING && agent) {
		r->state = ROW_OFFERED;
		r->agent = agent;
		TURN(w, EMIT(&w->core, offer, .contact = r->c, .queue = queue_called(w, "sales"),
			     .agent = agent_called(w, agent)));
	} else if (r->state == ROW_OFFERED && roll(3) == 0) {
		offer_times_out(w);
	} else if (r->state == ROW_TALKING && roll(3) == 0) {
		enum err e;
		TURN(w, e = SEND(&w->core, hang_up, .contact = r->c, .by = PARTY_system,
				 .cause = STR("storm")));
		EXPECT(e == ERR_OK || e == ERR_NOT_FOUND);
	}
}

static void somebody_outside_does_something(struct world *w)
{
	struct side *s = &w->sides[roll(SIDES)];
	struct sdp_audio sdp;
	switch (roll(9)) {
	case 0:
		sip_call_end(s->sip, s->call);
		break;
	case 1:
		s->direction = roll(2) ? SDP_SENDONLY : SDP_SENDRECV;
		sdp = sound_of(s);
		if (sip_call_established(s->sip, s->call) &&
		    sip_call_reoffer(s->sip, s->call, &sdp) != ERR_OK)
			return; /* one is open */
		break;
	case 2:
		sdp = sound_of(s);
		if (s != &w->sides[TRUNK])
			sip_call_accept(s->sip, s->call, &sdp);
		break;
	case 3:
		s->answers = roll(2);
		s->refuses = roll(4) ? 0 : 486;
		s->codec = roll(5) ? NULL : "G722";
		break;
	default:
		if (contact_count(&w->core) < CALLS_MAX)
			dial(w, NUMBER);
		break;
	}
}

static void something_breaks(struct world *w)
{
	switch (roll(8)) {
	case 0:
	case 1:
		world_restart(w);
		break;
	case 2:
		world_die(w);
		world_run(w, roll(3000));
		world_live(w);
		break;
	case 3:
		media_dies(w);
		world_run(w, roll(500));
		media_comes(w);
		break;
	case 4:
		w->wire_cut = !w->wire_cut;
		break;
	case 5:
		w->media_mute_open = !w->media_mute_open;
		break;
	case 6:
		w->media_mute_close = !w->media_mute_close;
		break;
	default:
		w->media_mute_recorded = !w->media_mute_recorded;
		break;
	}
}

/* What acd believes, what the line says and what really sounds are one. */
static bool lawful(struct world *w)
{
	bool good = true;
	for (uint32_t i = 0; i < ROWS_MAX; i++) {
		const struct row *r = &w->rows[i];
		struct line *l = r->state == ROW_FREE ? NULL : line_of(w->voice, r->c);
		if (!l || l->disconnected)
			continue;
		const struct leg *agent = leg_get(w->voice, l->joined);
		const struct media_leg *m = media_leg_of(w, ID(l->customer));
		good &= (r->state == ROW_TALKING) == (agent && agent->state == LEG_UP);
		good &= !agent || ID_EQ(agent->agent, agent_called(w, r->agent));
		good &= l->waiting == (r->state == ROW_WAITING || r->state == ROW_OFFERED);
		good &= r->held == (l->joined.slot && (l->holds || l->seat_count));
		good &= (l->sound != SOUND_silence) ==
			(!l->playing && (l->waiting || l->seat_count));
		good &= m && (l->seat_count ? !m->joined.slot : ID_EQ(m->joined, l->joined));
		good &= !m || l->sound == SOUND_silence || m->music[0];
		good &= !m || l->sound != SOUND_silence || l->playing ||
			(!m->music[0] && !m->files[0]);
		for (uint32_t k = 0; k < l->recording_count; k++)
			good &= !l->recordings[k].open || l->recordings[k].stopped || agent;
	}
	return good;
}

TEST(a_storm_leaves_nobody_behind)
{
	uint32_t calls = 0, talks = 0, lives = 0;
	for (uint32_t seed = 1; seed <= SEEDS; seed++) {
		struct world *w = world_create_with(16, 50, 0);
		dice = seed;
		for (uint32_t step = 0; step < STEPS; step++) {
			uint32_t what = roll(20);
			if (roll(4) == 0) /* what is broken is mended soon */
				w->wire_cut = w->media_mute_open = w->media_mute_close =
					w->media_mute_recorded = false;
			if (what < 9)
				somebody_outside_does_something(w);
			else if (what < 18)
				flow_or_acd_does_something(w);
			else
				something_breaks(w);
			world_run(w, roll(20) ? roll(60) : roll(20000));
			w->log.n = 0;
			if (!lawful(w)) {
				printf("seed %u step %u\n", seed, step);
				test_failed("what is believed is what sounds", __FILE__, __LINE__);
				break;
			}
		}
		calls += w->flow_starts;
		talks += w->joins;
		lives += w->life;
		/* everything works again, and who is still there leaves */
		w->wire_cut = w->media_mute_open = w->media_mute_close = false;
		w->media_mute_recorded = false;
		TURN(w, voice_stop(w->voice));
		world_run(w, 100000);
		/* what media was told to forget it never tells */
		for (uint32_t i = 0; i < MEDIA_MAX; i++)
			w->media_recs[i].acked |= w->media_recs[i].over;
		if (contact_count(&w->core) || voice_legs(w->voice)) {
			printf("seed %u\n", seed);
			test_failed("nobody is left", __FILE__, __LINE__);
			world_destroy(w);
			continue;
		}
		world_end(w);
	}
	EXPECT(calls > 200 && talks > 50 && lives > SEEDS * 3); /* it was a storm */
}
