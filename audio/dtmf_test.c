/* dtmf_test.c - keys in the sound: ITU-T Q.24 table A.1 (the North American and Japanese columns),
 * and what must not be taken for a key. */
#include "audio/dtmf.h"

#include <math.h>
#include <stdlib.h>

#include "audio/music.h"
#include "tests/test.h"

static const char keys[] = "123A456B789C*0#D";
static const double rows[4] = {697, 770, 852, 941}, columns[4] = {1209, 1336, 1477, 1633};

/* A line on which keys are sent; heard in packets of 20 ms, through the A-law. */
struct line {
	int16_t pcm[8 * 8000];
	size_t n;
	char heard[64];
	uint32_t count;
};

struct key {
	char key;
	double ms, row_dbm, column_dbm; /* dBm0 of each tone */
	double row_off, column_off;	/* parts of the frequency */
};

static double amplitude(double dbm)
{
	return 32768 * pow(10, (dbm - 3.14) / 20);
}

static void put_silence(struct line *l, double ms)
{
	size_t n = (size_t)(ms * 8);
	memset(l->pcm + l->n, 0, n * sizeof l->pcm[0]);
	l->n += n;
}

static void put_key(struct line *l, struct key k)
{
	size_t at = (size_t)(strchr(keys, k.key) - keys), n = (size_t)(k.ms * 8);
	double phase[2] = {0.3, 1.1};
	memset(l->pcm + l->n, 0, n * sizeof l->pcm[0]);
	sound_tone(l->pcm + l->n, n, rows[at / 4] * (1 + k.row_off), 8000, amplitude(k.row_dbm),
		   &phase[0]);
	sound_tone(l->pcm + l->n, n, columns[at % 4] * (1 + k.column_off), 8000,
		   amplitude(k.column_dbm), &phase[1]);
	l->n += n;
}

static void add_noise(struct line *l, double dbm)
{
	uint32_t dice = 12345;
	double top = amplitude(dbm) * sqrt(1.5); /* uniform: a third of the square of its top */
	for (size_t i = 0; i < l->n; i++) {
		dice = dice * 1664525u + 1013904223u;
		l->pcm[i] = (int16_t)(l->pcm[i] + lrint(top * ((dice >> 8) / 8388608.0 - 1)));
	}
}

static void hear(struct line *l)
{
	struct dtmf d = {0};
	uint8_t law[SOUND_FRAME];
	int16_t pcm[SOUND_FRAME];
	put_silence(l, 60);
	l->count = 0;
	for (size_t at = 0; at + SOUND_FRAME <= l->n; at += SOUND_FRAME) {
		sound_encode(SOUND_PCMA, l->pcm + at, law, SOUND_FRAME);
		sound_decode(SOUND_PCMA, law, pcm, SOUND_FRAME);
		size_t used = 0;
		for (size_t from = 0; from < SOUND_FRAME; from += used) {
			char key = dtmf_hear(&d, pcm + from, SOUND_FRAME - from, &used);
			if (key && l->count + 1 < sizeof l->heard)
				l->heard[l->count++] = key;
		}
	}
	l->heard[l->count] = 0;
}

static struct line *new_line(void)
{
	return xcalloc(1, sizeof(struct line));
}

/* One key, after a beginning that moves against the blocks; true when it is told once. */
static bool taken(struct key k, double before_ms)
{
	struct line *l = new_line();
	put_silence(l, before_ms);
	put_key(l, k);
	hear(l);
	bool ok = l->count == 1 && l->heard[0] == k.key;
	free(l);
	return ok;
}

static bool silent(struct key k, double before_ms)
{
	struct line *l = new_line();
	put_silence(l, before_ms);
	put_key(l, k);
	hear(l);
	bool ok = l->count == 0;
	free(l);
	return ok;
}

TEST(dtmf_every_key_of_40_ms_with_pauses_of_40_ms_wherever_it_begins)
{
	for (int shift = 0; shift < 13; shift++) {
		struct line *l = new_line();
		put_silence(l, 20 + shift);
		for (size_t i = 0; i < 16; i++) {
			put_key(l, (struct key){keys[i], 40, -10, -8, 0, 0});
			put_silence(l, 40);
		}
		hear(l);
		EXPECT_STR(str_of(l->heard), keys);
		free(l);
	}
}

TEST(dtmf_the_same_key_twice_is_two_and_held_long_is_one)
{
	struct line *l = new_line();
	put_key(l, (struct key){'5', 60, -10, -10, 0, 0});
	put_silence(l, 40);
	put_key(l, (struct key){'5', 3000, -10, -10, 0, 0});
	put_silence(l, 40);
	put_key(l, (struct key){'5', 45, -10, -10, 0, 0});
	hear(l);
	EXPECT_STR(str_of(l->heard), "555");
	free(l);
}

TEST(dtmf_an_interruption_of_10_ms_does_not_double)
{
	for (int shift = 0; shift < 26; shift++) {
		struct line *l = new_line();
		put_silence(l, 20);
		put_key(l, (struct key){'7', 60 + shift / 2.0, -10, -10, 0, 0});
		put_silence(l, 10);
		put_key(l, (struct key){'7', 60, -10, -10, 0, 0});
		hear(l);
		EXPECT_STR(str_of(l->heard), "7");
		free(l);
	}
}

TEST(dtmf_frequencies_off_by_1_5_percent_are_taken_by_3_5_not)
{
	for (size_t i = 0; i < 16; i++) {
		for (int r = -1; r <= 1; r++) {
			for (int c = -1; c <= 1; c++) {
				struct key k = {keys[i], 80, -12, -12, r * 0.015, c * 0.015};
				EXPECT(taken(k, 33));
			}
		}
		EXPECT(silent((struct key){keys[i], 400, -12, -12, 0.035, 0.035}, 33));
		EXPECT(silent((struct key){keys[i], 400, -12, -12, -0.035, -0.035}, 33));
	}
}

TEST(dtmf_level_and_twist)
{
	EXPECT(taken((struct key){'1', 50, 0, 0, 0, 0}, 31));	  /* loud */
	EXPECT(taken((struct key){'1', 50, -25, -25, 0, 0}, 31)); /* faint */
	EXPECT(silent((struct key){'1', 500, -36, -36, 0, 0}, 31));
	EXPECT(silent((struct key){'1', 500, -50, -50, 0, 0}, 31));
	EXPECT(taken((struct key){'9', 50, -14, -10.5, 0, 0}, 31)); /* column stronger by 3.5 dB */
	EXPECT(taken((struct key){'9', 50, -8, -15.5, 0, 0}, 31));  /* weaker by 7.5 dB */
	EXPECT(silent((struct key){'9', 500, -16, -10, 0, 0}, 31));
	EXPECT(silent((struct key){'9', 500, -8, -18, 0, 0}, 31));
}

TEST(dtmf_too_short_is_none)
{
	for (int shift = 0; shift < 13; shift++)
		EXPECT(silent((struct key){'3', 20, -8, -8, 0, 0}, 20 + shift));
}

TEST(dtmf_in_noise)
{
	struct line *l = new_line(); /* signal to noise 15 dB (Bellcore TR-TSY-000181) */
	for (size_t i = 0; i < 16; i++) {
		put_key(l, (struct key){keys[i], 80, -13, -13, 0, 0});
		put_silence(l, 60);
	}
	add_noise(l, -28);
	hear(l);
	EXPECT_STR(str_of(l->heard), keys);
	free(l);
}

TEST(dtmf_dial_tone_single_tones_and_fax_are_none)
{
	static const double pairs[][2] = {{350, 440}, {425, 0},	 {697, 0},    {1336, 0},
					  {1100, 0},  {2100, 0}, {941, 1050}, {480, 620}};
	for (size_t i = 0; i < COUNT_OF(pairs); i++) {
		struct line *l = new_line();
		double phase[2] = {0};
		l->n = 16000;
		sound_tone(l->pcm, l->n, pairs[i][0], 8000, 8000, &phase[0]);
		if (pairs[i][1] > 0)
			sound_tone(l->pcm, l->n, pairs[i][1], 8000, 8000, &phase[1]);
		hear(l);
		EXPECT(l->count == 0);
		free(l);
	}
}

/* Vowels of every pitch: harmonics of 80 to 400 Hz under formants that wander; ten minutes. */
TEST(dtmf_voices_are_none)
{
	struct dtmf d = {0};
	uint32_t dice = 99, wrong = 0;
	double phase[64] = {0}, pitch = 120, formant = 700;
	int16_t pcm[SOUND_FRAME];
	for (int frame = 0; frame < 30000; frame++) {
		memset(pcm, 0, sizeof pcm);
		dice = dice * 1664525u + 1013904223u;
		pitch = MIN(400.0, MAX(80.0, pitch * (1 + ((dice >> 16) % 200 - 100.0) / 2000)));
		formant = MIN(1200.0, MAX(300.0, formant + (dice >> 8) % 60 - 30.0));
		for (int h = 1; h * pitch < 3400; h++) {
			double f = h * pitch, far = (f - formant) / 200,
			       far2 = (f - 2 * formant) / 300;
			double loud = 400 + 5000 / (1 + far * far) + 2500 / (1 + far2 * far2);
			sound_tone(pcm, SOUND_FRAME, f, 8000, loud, &phase[h - 1]);
		}
		size_t used = 0;
		for (size_t from = 0; from < SOUND_FRAME; from += used)
			wrong += dtmf_hear(&d, pcm + from, SOUND_FRAME - from, &used) != 0;
	}
	EXPECT(wrong == 0);
}

TEST(dtmf_our_music_is_none)
{
	int16_t *pcm = xcalloc(MUSIC_SAMPLES, sizeof *pcm);
	struct dtmf d = {0};
	uint32_t wrong = 0;
	music_make(pcm);
	size_t used = 0;
	for (size_t from = 0; from < MUSIC_SAMPLES; from += used)
		wrong += dtmf_hear(&d, pcm + from, MUSIC_SAMPLES - from, &used) != 0;
	EXPECT(wrong == 0);
	free(pcm);
}
