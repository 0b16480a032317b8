/* jitter_test.c - the jitter buffer on invented time. */
#include "audio/jitter.h"

#include <stdlib.h>

#include "tests/test.h"

/* A sender whose sample number k has the value 1 + k % 30000, and a net between. Each step is 5 ms;
 * the taker takes 20 ms every fourth. */
#define PACKETS 1500
struct net {
	struct jitter j;
	uint32_t ts_first, ssrc;
	int32_t arrives[PACKETS];	/* step; -1: lost */
	uint32_t heard, silent, broken; /* samples taken: right, none, out of order */
	int64_t last;			/* sample number heard last; -1 none */
	uint32_t delay_max;
};

static int16_t value_of(uint32_t sample)
{
	return (int16_t)(1 + sample % 30000);
}

static void send(struct net *n, uint32_t packet)
{
	int16_t pcm[SOUND_FRAME];
	for (uint32_t i = 0; i < SOUND_FRAME; i++)
		pcm[i] = value_of(packet * SOUND_FRAME + i);
	jitter_put(&n->j, n->ssrc, n->ts_first + packet * SOUND_FRAME, pcm, SOUND_FRAME);
}

static void take(struct net *n, uint32_t step)
{
	int16_t out[SOUND_FRAME];
	jitter_take(&n->j, out, SOUND_FRAME);
	for (uint32_t i = 0; i < SOUND_FRAME; i++) {
		if (out[i] == SOUND_NONE) {
			n->silent++;
			continue;
		}
		int64_t sample = n->last < 0 ? out[i] - 1 : n->last - n->last % 30000 + out[i] - 1;
		if (sample < n->last)
			sample += 30000;
		if (n->last >= 0 && sample - n->last > 8000)
			n->broken++;
		n->last = sample;
		n->heard++;
		int64_t delay = (int64_t)step * 40 + i - sample;
		if (step > 400) /* settled */
			n->delay_max = MAX(n->delay_max, (uint32_t)MAX(delay, 0));
	}
}

static void run(struct net *n)
{
	jitter_init(&n->j);
	n->last = -1;
	for (uint32_t step = 0; step < PACKETS * 4 + 240; step++) {
		for (uint32_t p = 0; p < PACKETS; p++)
			if (n->arrives[p] == (int32_t)step)
				send(n, p);
		if (step % 4 == 3)
			take(n, step);
	}
}

static struct net make_net(void)
{
	struct net n = {.ts_first = 0xffff0000u, .ssrc = 5}; /* timestamps pass over the edge */
	for (int32_t p = 0; p < PACKETS; p++)
		n.arrives[p] = p * 4;
	return n;
}

TEST(jitter_regular_packets_come_out_whole_after_two_frames)
{
	struct net n = make_net();
	run(&n);
	EXPECT(n.heard == PACKETS * SOUND_FRAME && n.broken == 0);
	EXPECT(n.j.late == 0 && n.j.shifts == 0);
	EXPECT(n.delay_max <= 4 * SOUND_FRAME);
}

TEST(jitter_order_and_doubles_do_not_matter)
{
	struct net n = make_net();
	for (int p = 10; p + 1 < PACKETS; p += 10) { /* neighbours change places */
		n.arrives[p] += 4;
		n.arrives[p + 1] -= 4;
	}
	run(&n);
	EXPECT(n.heard == PACKETS * SOUND_FRAME && n.broken == 0);
	n = make_net();
	jitter_init(&n.j);
	n.last = -1;
	for (uint32_t p = 0; p < 100; p++) {
		send(&n, p);
		send(&n, p);
		take(&n, p * 4);
	}
	EXPECT(n.heard == 98 * SOUND_FRAME && n.broken == 0);
}

TEST(jitter_what_is_lost_is_a_gap_of_the_same_length)
{
	struct net n = make_net();
	uint32_t lost = 0;
	for (int p = 20; p < PACKETS; p += 7, lost++)
		n.arrives[p] = -1;
	run(&n);
	EXPECT(n.heard == (PACKETS - lost) * SOUND_FRAME && n.broken == 0);
	EXPECT(n.j.shifts == 0);
}

TEST(jitter_delay_grows_with_the_net_and_stays_in_bounds)
{
	struct net n = make_net();
	uint32_t dice = 1;
	for (int p = 0; p < PACKETS; p++) { /* up to 80 ms */
		dice = dice * 1664525u + 1013904223u;
		n.arrives[p] += (int32_t)(dice >> 16) % 17;
	}
	n.arrives[0] = 0;
	run(&n);
	EXPECT(n.heard > PACKETS * SOUND_FRAME * 98 / 100 && n.broken == 0);
	EXPECT(n.j.shifts > 0);
	EXPECT(n.delay_max <= JITTER_MAX + 2 * SOUND_FRAME); /* and a frame to gather and to take */
}

TEST(jitter_delay_shrinks_when_the_net_calms_down)
{
	struct net n = make_net();
	for (int p = 100; p < 200; p += 2)
		n.arrives[p] += 14; /* 70 ms for a while */
	run(&n);
	struct net late = n;
	EXPECT(late.j.shifts > 1);
	int32_t early = (int32_t)(n.ts_first + PACKETS * SOUND_FRAME - n.j.play_ts);
	/* 60 frames were taken after the last packet */
	EXPECT(early + 60 * SOUND_FRAME <= JITTER_FIRST + 2 * SOUND_FRAME);
}

TEST(jitter_drift_of_the_senders_clock_is_swallowed)
{
	for (int sign = -1; sign <= 1; sign += 2) {
		struct net n = make_net();
		/* 4000 ppm, twenty times what crystals do, over 30 s: 120 ms */
		for (int p = 0; p < PACKETS; p++)
			n.arrives[p] = p * 4 + sign * p * 4 / 250 + 100;
		run(&n);
		EXPECT(n.heard > PACKETS * SOUND_FRAME * 98 / 100 && n.broken == 0);
		EXPECT(n.j.shifts > 0 && n.j.late < 10);
	}
}

TEST(jitter_a_burst_after_a_stall_does_not_stretch_the_delay)
{
	struct net n = make_net();
	for (int p = 500; p < 515; p++)
		n.arrives[p] = 515 * 4; /* 300 ms of packets at once */
	run(&n);
	EXPECT(n.broken == 0 && n.heard > (PACKETS - 20) * SOUND_FRAME);
	EXPECT(n.delay_max <= JITTER_MAX + 2 * SOUND_FRAME);
}

TEST(jitter_new_stream_or_new_clock_begins_anew)
{
	struct net n = make_net();
	int16_t out[SOUND_FRAME];
	jitter_init(&n.j);
	n.last = -1;
	for (uint32_t p = 0; p < 50; p++) {
		send(&n, p);
		take(&n, p * 4);
	}
	n.ssrc = 6;
	n.ts_first = 12345;
	for (uint32_t p = 50; p < 55; p++) {
		send(&n, p);
		jitter_take(&n.j, out, SOUND_FRAME);
	}
	EXPECT(out[0] == value_of(52 * SOUND_FRAME));
	/* the same stream, but its timestamps jump: believed after a while */
	for (int sign = -1; sign <= 1; sign += 2) {
		n.ts_first += (uint32_t)(sign * 10000000);
		uint32_t p = 0;
		for (; p < 50; p++) {
			send(&n, p);
			jitter_take(&n.j, out, SOUND_FRAME);
			if (out[0] != SOUND_NONE && p >= 5) /* what was there has been played */
				break;
		}
		EXPECT(p >= 10 && p < 20);
	}
}

TEST(jitter_strange_packets_are_harmless)
{
	static int16_t pcm[JITTER_MAX + 1];
	struct jitter j;
	int16_t out[SOUND_FRAME];
	jitter_init(&j);
	jitter_take(&j, out, SOUND_FRAME);
	EXPECT(out[0] == SOUND_NONE && out[SOUND_FRAME - 1] == SOUND_NONE);
	jitter_put(&j, 1, 0, pcm, 0);
	jitter_put(&j, 1, 0, pcm, JITTER_MAX + 1);
	EXPECT(!j.started);
	uint32_t dice = 7;
	for (int i = 0; i < 20000;
	     i++) { /* must not read or write outside; the sanitizer looks on */
		dice = dice * 1664525u + 1013904223u;
		uint32_t ts = (dice >> 30) ? j.play_ts + (dice >> 8) % 4000 - 1500 : dice;
		jitter_put(&j, 1 + (dice >> 5) % 50 / 49, ts, pcm, 1 + (dice >> 12) % JITTER_MAX);
		jitter_take(&j, out, 1 + (dice >> 20) % SOUND_FRAME);
	}
}
