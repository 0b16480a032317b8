/* sound_test.c - G.711 against the formulas of the recommendation, tones, WAV, resampling. */
#include "audio/sound.h"

#include <math.h>
#include <stdlib.h>

#include "tests/test.h"

/* G.711 table 2a/2b: decision values x_n and the output y_n in the middle of each interval, in
 * 14-bit units; written from the segments, not from bits. */
static int ulaw_by_table(int segment, int step)
{
	int first = 0, size = 2; /* segment 0: a half step at zero, then steps of 2 */
	if (segment == 0)
		return step == 0 ? 0 : 2 * step;
	for (int s = 0; s < segment; s++) {
		first += s == 0 ? 31 : 16 * size;
		size *= 2;
	}
	return first + step * size + size / 2;
}

TEST(sound_ulaw_follows_g711_table_2)
{
	for (int segment = 0; segment < 8; segment++)
		for (int step = 0; step < 16; step++) {
			int code =
				~(0x80 | segment << 4 | step) & 0x7f; /* positive: sign bit set */
			int y = 4 * ulaw_by_table(segment, step);
			EXPECT(sound_ulaw_pcm[code | 0x80] == y);
			EXPECT(sound_ulaw_pcm[code] == -y);
		}
	EXPECT(sound_ulaw_pcm[0x80] == 32124); /* 8031 of 14 bits */
}

/* G.711 table 1a: 13-bit units, two segments of step 2, then 4, 8 ... 128; outputs in the middle.
 */
TEST(sound_alaw_follows_g711_table_1)
{
	int low = 0;
	for (int segment = 0; segment < 8; segment++) {
		int size = segment < 2 ? 2 : 2 << (segment - 1);
		for (int step = 0; step < 16; step++, low += size) {
			int y = 8 * (low + size / 2); /* to 16 bits */
			int code = (segment << 4 | step) ^ 0x55;
			EXPECT(sound_alaw_pcm[code | 0x80] == y);
			EXPECT(sound_alaw_pcm[code & 0x7f] == -y);
		}
	}
	EXPECT(low == 4096);
}

TEST(sound_encoding_finds_the_nearest_code)
{
	for (int v = -32768; v <= 32767; v++) {
		int u = sound_ulaw_pcm[sound_ulaw((int16_t)v)],
		    a = sound_alaw_pcm[sound_alaw((int16_t)v)];
		/* half a step: 1/32 of the value and the smallest step */
		int room = abs(v) / 30 + 8;
		EXPECT(abs(u - MIN(MAX(v, -32635), 32635)) <= room + (abs(v) > 32124) * 512);
		EXPECT(abs(a - v) <= room + (abs(v) > 32256) * 512);
	}
	for (int code = 0; code < 256; code++) {
		EXPECT(sound_alaw(sound_alaw_pcm[code]) == code);
		if (code != 0x7f) /* minus zero becomes zero */
			EXPECT(sound_ulaw(sound_ulaw_pcm[code]) == code);
	}
	EXPECT(sound_ulaw(0) == ULAW_SILENCE && sound_alaw(0) == ALAW_SILENCE);
}

TEST(sound_laws_translate_with_the_sign_and_the_loudness_kept)
{
	for (int code = 0; code < 256; code++) {
		int u = sound_ulaw_pcm[code], a = sound_alaw_pcm[sound_ulaw_to_alaw[code]];
		EXPECT(abs(u - a) <= abs(u) / 30 + 16);
		a = sound_alaw_pcm[code];
		u = sound_ulaw_pcm[sound_alaw_to_ulaw[code]];
		EXPECT(abs(u - a) <= abs(a) / 30 + 16);
	}
}

TEST(sound_tone_is_found_at_its_frequency_only)
{
	int16_t pcm[1600] = {0};
	double phase = 0;
	EXPECT(sound_tone_share(pcm, 1600, 440, 8000) == 0 && sound_level(pcm, 1600) == 0);
	sound_tone(pcm, 800, 440, 8000, 10000, &phase);
	sound_tone(pcm + 800, 800, 440, 8000, 10000, &phase); /* without a seam */
	EXPECT(sound_tone_share(pcm, 1600, 440, 8000) > 0.99);
	EXPECT(sound_tone_share(pcm, 1600, 1000, 8000) < 0.001);
	EXPECT(fabs(sound_level(pcm, 1600) - 7071) < 10);
	sound_tone(pcm, 1600, 440, 8000, 60000, &phase); /* saturates instead of turning round */
	EXPECT(sound_level(pcm, 1600) > 20000);
}

TEST(sound_wav_header_is_read_back)
{
	uint8_t file[WAV_HEADER + 8] = {0};
	struct wav w;
	sound_wav_header(file, 22050, 2, 8);
	struct str s = str_make((char *)file, sizeof file);
	EXPECT(sound_wav_parse(s, &w) == ERR_OK);
	EXPECT(w.rate == 22050 && w.channels == 2 && w.data.n == 8 && sound_wav_frames(&w) == 2);
	for (size_t n = 0; n < WAV_HEADER; n++)
		EXPECT(sound_wav_parse(str_make((char *)file, n), &w) == ERR_INVALID);
	/* a stream that says 2 GB and has 6 bytes: whole frames of them */
	sound_wav_header(file, 22050, 2, 0x7ffff000);
	EXPECT(sound_wav_parse(str_make((char *)file, sizeof file - 2), &w) == ERR_OK);
	EXPECT(w.data.n == 4);
	file[34] = 8; /* bits */
	EXPECT(sound_wav_parse(s, &w) == ERR_INVALID);
	file[34] = 16;
	file[20] = 7; /* mu-law */
	EXPECT(sound_wav_parse(s, &w) == ERR_INVALID);
}

TEST(sound_wav_passes_over_other_chunks)
{
	/* an odd LIST chunk with its pad byte before the data, as recorders write */
	static const uint8_t other[] = {'L', 'I', 'S', 'T', 3, 0, 0, 0, 'a', 'b', 'c', 0};
	uint8_t plain[WAV_HEADER], file[WAV_HEADER + sizeof other + 4];
	struct wav w;
	sound_wav_header(plain, 8000, 1, 4);
	memcpy(file, plain, 36);
	memcpy(file + 36, other, sizeof other);
	memcpy(file + 36 + sizeof other, plain + 36, 8);
	static const int16_t pcm[2] = {-1, 32767};
	memcpy(file + 44 + sizeof other, pcm, 4);
	int16_t out[2];
	EXPECT(sound_wav_parse(str_make((char *)file, sizeof file), &w) == ERR_OK);
	sound_wav_mono(&w, out);
	EXPECT(out[0] == -1 && out[1] == 32767);
}

static void check_rate(uint32_t from, double hz, double want_share)
{
	size_t n = from, made = sound_resampled(n, from, 8000);
	int16_t *in = xcalloc(n, sizeof *in), *out = xcalloc(made, sizeof *out);
	double phase = 0;
	sound_tone(in, n, hz, from, 10000, &phase);
	sound_resample(in, n, from, out, 8000);
	EXPECT(made == 8000);
	double level = sound_level(out + 400, made - 800);
	if (want_share > 0) {
		EXPECT(sound_tone_share(out + 400, made - 800, hz, 8000) > want_share);
		EXPECT(fabs(level - 7071) < 150);
	} else {
		EXPECT(level < 30); /* above what 8 kHz can say: at least 47 dB down */
	}
	free(in);
	free(out);
}

TEST(sound_resampling_keeps_speech_and_folds_nothing_back)
{
	static const uint32_t rates[] = {11025, 16000, 22050, 24000, 44100, 48000};
	for (size_t i = 0; i < COUNT_OF(rates); i++) {
		check_rate(rates[i], 300, 0.999);
		check_rate(rates[i], 3000, 0.999);
		check_rate(rates[i], 4600, 0);
	}
}
