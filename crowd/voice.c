/* voice.c - something like speech: a buzz with two formants, in syllables, with pauses. */
#include <math.h>

#include "crowd/inner.h"
#include "audio/sound.h"

static double syllable(uint32_t at, uint32_t voice)
{
	/* about four syllables a second, every fifth is a pause for breath */
	const double s = (double)at / (1700 + 150.0 * voice);
	const uint32_t which = (uint32_t)s;
	const double within = s - which;
	return which % 5 == 4 ? 0 : sin(M_PI * within);
}

/* Behind the voices lies a frame of silence. */
uint8_t *voices_make(bool alaw)
{
	uint8_t *out = xcalloc(1, VOICES * VOICE_BYTES + FRAME_BYTES);
	for (uint32_t v = 0; v < VOICES; v++) {
		const double pitch = 110 + 35.0 * v;
		for (uint32_t i = 0; i < VOICE_BYTES; i++) {
			const double t = (double)i / SOUND_RATE;
			const double vowel = 500 + 250 * sin(2 * M_PI * 1.3 * t);
			const double sound = 0.5 * sin(2 * M_PI * pitch * t) +
					     0.3 * sin(2 * M_PI * vowel * t) +
					     0.2 * sin(2 * M_PI * (1700 + 100.0 * v) * t);
			const int16_t pcm = (int16_t)(9000 * sound * syllable(i, v));
			out[v * VOICE_BYTES + i] = alaw ? sound_alaw(pcm) : sound_ulaw(pcm);
		}
	}
	memset(out + VOICES * VOICE_BYTES, alaw ? ALAW_SILENCE : ULAW_SILENCE, FRAME_BYTES);
	return out;
}
