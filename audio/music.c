/* music.c - see music.h. Broken chords under a sparse melody; notes are decaying partials. */
#include "audio/music.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct chord {
	uint8_t bass, tones[3]; /* MIDI note numbers: 69 is 440 Hz */
};

/* Two turns of eight bars and a third, each bar eight quavers: mostly in G, within a telephone's
 * 300-3400 Hz through the partials of the lower notes. */
static const struct chord score[MUSIC_BEATS / 8] = {
	{43, {59, 62, 67}}, {50, {57, 62, 66}}, {52, {59, 64, 67}}, {48, {60, 64, 67}},
	{43, {59, 62, 66}}, {47, {59, 62, 66}}, {48, {60, 64, 69}}, {50, {57, 62, 69}},
	{43, {59, 62, 67}}, {50, {57, 62, 66}}, {52, {59, 64, 71}}, {48, {60, 64, 71}},
	{45, {60, 64, 69}}, {50, {60, 66, 69}}, {43, {59, 62, 69}}, {43, {59, 62, 67}},
	{48, {60, 64, 67}}, {47, {59, 62, 67}}, {45, {60, 64, 67}}, {50, {57, 62, 66}},
	{52, {59, 64, 67}}, {48, {60, 64, 69}}, {50, {60, 62, 66}}, {43, {59, 62, 67}},
};
/* Which tone of the chord each quaver plays; 3 is the lowest an octave up. */
static const uint8_t broken[2][8] = {{0, 1, 2, 3, 2, 1, 2, 1}, {0, 2, 1, 2, 3, 2, 1, 2}};

/* One decaying sine by recurrence, added round the end of the piece. */
static void partial(float *sum, uint32_t at, double hz, double loud, double decay_s)
{
	double w = 2 * M_PI * hz / SOUND_RATE, c = 2 * cos(w), y1 = 0, y0 = sin(w);
	double fall = exp(-1 / (decay_s * SOUND_RATE)), now = loud;
	uint32_t n = (uint32_t)(4.5 * decay_s * SOUND_RATE);
	const double attack = 0.02 * SOUND_RATE;
	for (uint32_t i = 0; i < n; i++) {
		double rise = i < attack ? (1 - cos(M_PI * i / attack)) / 2 : 1;
		sum[(at + i) % MUSIC_SAMPLES] += (float)(now * rise * y1);
		double y2 = c * y0 - y1;
		y1 = y0;
		y0 = y2;
		now *= fall;
	}
}

static void note(float *sum, uint32_t at, int midi, double loud, double decay_s)
{
	double hz = 440 * pow(2, (midi - 69) / 12.0);
	partial(sum, at, hz, loud, decay_s);
	partial(sum, at, hz * 2, loud * 0.35, decay_s * 0.6);
	partial(sum, at, hz * 3, loud * 0.12, decay_s * 0.4);
}

static void play_bar(float *sum, uint32_t bar)
{
	const struct chord *c = &score[bar];
	uint32_t start = bar * 8 * MUSIC_BEAT;
	note(sum, start, c->bass, 0.8, 1.6);
	note(sum, start + 4 * MUSIC_BEAT, c->bass + 7, 0.4, 1.2);
	for (uint32_t i = 0; i < 8; i++) {
		uint32_t which = broken[bar & 1][i];
		int tone = which == 3 ? c->tones[0] + 12 : c->tones[which];
		note(sum, start + i * MUSIC_BEAT, tone, i % 4 ? 0.4 : 0.55, 0.7);
	}
	/* the melody: two long notes from the chord in every bar but the last of four */
	if (bar % 4 != 3) {
		note(sum, start, c->tones[bar % 3] + 12, 0.7, 1.1);
		note(sum, start + 5 * MUSIC_BEAT, c->tones[(bar + 2) % 3] + 12, 0.5, 0.9);
	}
}

/* A room: two echoes that never build up. */
static void echo(float *sum)
{
	for (uint32_t turn = 0; turn < 2; turn++) {
		uint32_t late = turn ? 1871 : 2963;
		for (uint32_t i = 0; i < MUSIC_SAMPLES; i++)
			sum[(i + late) % MUSIC_SAMPLES] += 0.22f * sum[i];
	}
}

void music_make(int16_t *pcm)
{
	float *sum = xcalloc(MUSIC_SAMPLES, sizeof *sum), peak = 1e-6f;
	for (uint32_t bar = 0; bar < MUSIC_BEATS / 8; bar++)
		play_bar(sum, bar);
	echo(sum);
	for (uint32_t i = 0; i < MUSIC_SAMPLES; i++)
		peak = MAX(peak, fabsf(sum[i]));
	for (uint32_t i = 0; i < MUSIC_SAMPLES; i++)
		pcm[i] = (int16_t)lrintf(sum[i] * 11000 / peak); /* quieter than speech */
	free(sum);
}

void ringback_make(int16_t *pcm)
{
	double phase = 0;
	memset(pcm, 0, RINGBACK_SAMPLES * sizeof *pcm);
	sound_tone(pcm, SOUND_RATE, 425, SOUND_RATE, 4000, &phase);
}

void beep_make(int16_t *pcm)
{
	double phase = 0;
	memset(pcm, 0, BEEP_SAMPLES * sizeof *pcm);
	sound_tone(pcm, BEEP_SAMPLES / 2, 1000, SOUND_RATE, 4000, &phase);
}
