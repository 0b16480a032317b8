/* conceal_test.c - what was lost and what is made of it: the R16 row of faults.md on invented time.
 */
#include "audio/conceal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "audio/jitter.h"
#include "tests/test.h"

#define SECONDS 12
#define SAMPLES (SECONDS * SOUND_RATE)
#define PACKETS (SAMPLES / SOUND_FRAME)

/* A voice: a pitch that glides between 90 and 250 Hz, formants that change, pauses between words.
 */
static int16_t *make_voice(void)
{
	int16_t *pcm = xcalloc(SAMPLES, sizeof *pcm);
	double phase[36] = {0};
	for (size_t at = 0; at < SAMPLES; at += SOUND_FRAME) {
		double t = (double)at / SOUND_RATE, pitch = 140 + 50 * sin(t * 2.1);
		double formant = 600 + 250 * sin(t * 5.3), word = sin(t * 9);
		for (int h = 1; word > -0.7 && h < 36 && h * pitch < 3400; h++) {
			double far = (h * pitch - formant) / 250;
			double loud = (word + 0.7) * (60 + 2500 / (1 + far * far));
			sound_tone(pcm + at, SOUND_FRAME, h * pitch, SOUND_RATE, loud, &phase[h]);
		}
	}
	return pcm;
}

/* How alike two sounds are, after the best shift of 0..1200 samples: piece by piece of a second,
 * because the delay may move; the mean of the correlations. 1: the same. */
static double likeness(const int16_t *sent, const int16_t *got, size_t n)
{
	double sum = 0;
	int pieces = 0;
	for (size_t at = SOUND_RATE; at + 2 * SOUND_RATE < n; at += SOUND_RATE, pieces++) {
		double best = 0;
		for (size_t shift = 0; shift < 1200; shift++) {
			double ab = 0, aa = 1, bb = 1;
			for (size_t i = 0; i < SOUND_RATE; i += 9) {
				double a = sent[at + i], b = got[at + i + shift];
				ab += a * b;
				aa += a * a;
				bb += b * b;
			}
			best = MAX(best, ab / sqrt(aa * bb));
		}
		sum += best;
	}
	return sum / pieces;
}

/* What a net does to packets of 20 ms. */
struct net {
	uint32_t lost_permille, late_permille, twice_permille; /* late: behind the next one */
	uint32_t jitter_ms;				       /* 0..jitter_ms more each */
	uint32_t burst_ms;				       /* lost in one piece each 5 s */
	int ppm;					       /* the sender's clock is faster */
};

struct heard {
	double alike;
	uint32_t delay_max; /* samples, as the jitter buffer saw it */
	uint32_t made_up;
};

static uint32_t dice_now;
static uint32_t dice(uint32_t n)
{
	dice_now = dice_now * 1664525u + 1013904223u;
	return (dice_now >> 8) % n;
}

/* Each millisecond: what arrives is put in, and each 20 ms a frame is taken. */
static struct heard pass(const struct net *net, const int16_t *voice, bool concealed)
{
	struct jitter j;
	struct conceal c = {0};
	struct heard h = {0};
	int16_t *got = xcalloc(SAMPLES + 2000, sizeof *got);
	int32_t *at_ms = xcalloc(PACKETS, sizeof *at_ms);
	dice_now = 77;
	for (int32_t p = 0; p < PACKETS; p++) {
		double sent_ms = 20.0 * p / (1 + net->ppm / 1e6);
		at_ms[p] = (int32_t)sent_ms + 30 + (int32_t)dice(net->jitter_ms + 1);
		at_ms[p] += dice(1000) < net->late_permille ? 25 : 0;
		bool burst = net->burst_ms && p > 100 && p % 250 < (int32_t)net->burst_ms / 20;
		if (dice(1000) < net->lost_permille || burst)
			at_ms[p] = -1;
	}
	jitter_init(&j);
	for (int32_t ms = 0; ms < SECONDS * 1000; ms++) {
		for (int32_t p = MAX(0, ms / 20 - 12); p < MIN(PACKETS, ms / 20 + 3); p++) {
			if (at_ms[p] != ms)
				continue;
			for (int twice = dice(1000) < net->twice_permille; twice >= 0; twice--)
				jitter_put(&j, 5, (uint32_t)p * SOUND_FRAME,
					   voice + p * SOUND_FRAME, SOUND_FRAME);
		}
		if (ms % 20)
			continue;
		int16_t *out = got + ms * 8;
		jitter_take(&j, out, SOUND_FRAME);
		for (int i = 0; i < SOUND_FRAME; i++)
			h.made_up += out[i] == SOUND_NONE;
		if (concealed)
			conceal(&c, out, SOUND_FRAME);
		for (int i = 0; i < SOUND_FRAME && !concealed; i++)
			out[i] = out[i] == SOUND_NONE ? 0 : out[i];
		if (j.started && ms > 2000) {
			double sent_ts = ms * 8 * (1 + net->ppm / 1e6);
			h.delay_max = MAX(h.delay_max, (uint32_t)(sent_ts - j.play_ts));
		}
	}
	h.alike = likeness(voice, got, SAMPLES);
	free(got);
	free(at_ms);
	return h;
}

TEST(conceal_bad_nets_leave_the_voice_alike_and_the_delay_small)
{
	static const struct {
		const char *what;
		struct net net;
		double alike;
	} rows[] = {
		{"a perfect net", {0}, 0.999},
		{"1 % loss", {.lost_permille = 10}, 0.99},
		{"5 % loss", {.lost_permille = 50}, 0.97},
		{"20 % loss", {.lost_permille = 200}, 0.90},
		{"bursts of 200 ms", {.burst_ms = 200}, 0.95},
		{"80 ms of jitter", {.jitter_ms = 80}, 0.98},
		{"5 % out of order", {.late_permille = 50}, 0.99},
		{"5 % twice", {.twice_permille = 50}, 0.999},
		{"a clock 200 ppm fast", {.ppm = 200}, 0.99},
		{"a clock 200 ppm slow", {.ppm = -200}, 0.99},
		{"all of it",
		 {.lost_permille = 20, .late_permille = 20, .twice_permille = 50, .jitter_ms = 40},
		 0.97},
	};
	int16_t *voice = make_voice();
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct heard h = pass(&rows[i].net, voice, true);
		if (h.alike < rows[i].alike || h.delay_max > JITTER_MAX + 400)
			printf("%s: alike %.4f, delay %u samples, made up %u\n", rows[i].what,
			       h.alike, h.delay_max, h.made_up);
		EXPECT(h.alike >= rows[i].alike);
		/* 120 ms in the buffer, and the 30 + 20 ms of the net and the frame */
		EXPECT(h.delay_max <= JITTER_MAX + 400);
	}
	free(voice);
}

TEST(conceal_is_better_than_silence)
{
	int16_t *voice = make_voice();
	static const uint32_t losses[] = {50, 100, 200};
	for (size_t i = 0; i < COUNT_OF(losses); i++) {
		struct net net = {.lost_permille = losses[i]};
		double with = pass(&net, voice, true).alike,
		       without = pass(&net, voice, false).alike;
		EXPECT(with > without + 0.2 * (1 - without));
	}
	free(voice);
}

TEST(conceal_a_tone_goes_on_and_fades_within_60_ms)
{
	struct conceal c = {0};
	int16_t pcm[1600];
	double phase = 0;
	memset(pcm, 0, sizeof pcm);
	sound_tone(pcm, 800, 400, SOUND_RATE, 10000, &phase);
	for (int i = 800; i < 1600; i++)
		pcm[i] = SOUND_NONE;
	for (int i = 0; i < 1600; i += SOUND_FRAME)
		conceal(&c, pcm + i, SOUND_FRAME);
	EXPECT(fabs(sound_level(pcm + 800, 80) - 7071) < 300); /* 10 ms as loud as before */
	EXPECT(sound_tone_share(pcm + 800, 320, 400, SOUND_RATE) > 0.9);
	EXPECT(sound_level(pcm + 1040, 80) < 5000);
	EXPECT(sound_level(pcm + 800 + CONCEAL_GONE, 800 - CONCEAL_GONE) < 0.5);
	EXPECT(c.gaps == 1);
	int step = 0; /* a sine of 400 Hz moves by at most 3142 a sample: no clicks at any seam */
	for (int i = 1; i < 1600; i++)
		step = MAX(step, abs(pcm[i] - pcm[i - 1]));
	EXPECT(step < 4200);
}

TEST(conceal_nothing_before_is_silence_and_nothing_lost_is_untouched)
{
	struct conceal c = {0};
	int16_t pcm[SOUND_FRAME], same[SOUND_FRAME];
	for (int i = 0; i < SOUND_FRAME; i++)
		pcm[i] = SOUND_NONE;
	conceal(&c, pcm, SOUND_FRAME);
	EXPECT(sound_level(pcm, SOUND_FRAME) < 0.5);
	uint32_t at = 3;
	for (int round = 0; round < 50; round++) {
		for (int i = 0; i < SOUND_FRAME; i++)
			same[i] = pcm[i] = (int16_t)((at = at * 1664525u + 1013904223u) >> 17);
		conceal(&c, pcm, SOUND_FRAME);
		EXPECT(memcmp(pcm, same, sizeof pcm) == 0);
	}
}

TEST(conceal_any_pattern_of_gaps_is_harmless)
{
	struct conceal c = {0};
	int16_t pcm[960];
	dice_now = 5;
	for (int round = 0; round < 20000; round++) { /* the sanitizer looks on */
		size_t n = 1 + dice(960);
		bool gap = false;
		for (size_t i = 0; i < n; i++) {
			gap ^= dice(40) == 0;
			pcm[i] = gap ? SOUND_NONE : (int16_t)(dice(65535) - 32767);
		}
		conceal(&c, pcm, n);
		for (size_t i = 0; i < n; i++)
			if (pcm[i] == SOUND_NONE)
				EXPECT(!"a gap was left");
	}
}
