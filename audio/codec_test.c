/* codec_test.c - through a codec and back; what hostile payloads come to; rates; noise. */
#include "audio/codec.h"

#include "audio/g722.h"
#include "audio/noise.h"
#include "audio/octave.h"
#include "tests/test.h"

enum { FRAMES = 50, MOST = 2 * FRAMES * 320 };

/* A second of a tone goes through; returns its share in what is heard in the second half. */
static double through(enum sound_codec codec, double hz, double *level)
{
	static int16_t heard[MOST];
	struct codec *out = codec_create(codec), *in = codec_create(codec);
	uint32_t rate = codec_facts(codec)->rate, frame = rate / 50;
	double phase = 0;
	size_t n = 0;
	for (int f = 0; f < FRAMES; f++) {
		int16_t pcm[320] = {0};
		uint8_t payload[CODEC_BYTES_MAX];
		sound_tone(pcm, frame, hz, rate, 8000, &phase);
		size_t bytes = codec_encode(out, pcm, payload);
		EXPECT(codec_ticks(codec, payload, bytes) == codec_facts(codec)->clock / 50);
		n += codec_decode(in, payload, bytes, heard + n);
	}
	EXPECT(n == FRAMES * frame);
	*level = sound_level(heard + n / 2, n / 2);
	codec_destroy(out);
	codec_destroy(in);
	return sound_tone_share(heard + n / 2, n / 2, hz, rate);
}

TEST(codecs_carry_a_tone_as_loud_as_it_was)
{
	static const enum sound_codec all[] = {SOUND_PCMU, SOUND_PCMA, SOUND_G722, SOUND_OPUS};
	for (uint32_t i = 0; i < COUNT_OF(all); i++)
		for (double hz = 440; hz < 3000; hz += 1000) {
			double level;
			EXPECT(through(all[i], hz, &level) > 0.95);
			EXPECT(level > 5657 * 0.8 && level < 5657 * 1.2); /* 8000 / √2 */
		}
}

TEST(wideband_codecs_carry_what_a_telephone_does_not)
{
	double level;
	EXPECT(through(SOUND_G722, 6000, &level) > 0.9 && level > 4000);
	EXPECT(through(SOUND_OPUS, 6000, &level) > 0.9 && level > 4000);
}

TEST(codecs_are_known_by_name_and_number)
{
	EXPECT(codec_named(STR("OPUS"))->codec == SOUND_OPUS);
	EXPECT(codec_named(STR("g722"))->clock == 8000);
	EXPECT(codec_named(STR("G729")) == NULL);
	EXPECT(codec_facts(SOUND_OPUS)->clock == 48000 && codec_facts(18) == NULL);
}

/* A voice begins, and the first packet of it is lost: what the decoder made up by itself would be
 * silence. */
TEST(a_lost_opus_packet_is_said_again_by_the_next)
{
	struct codec *out = codec_create(SOUND_OPUS), *in = codec_create(SOUND_OPUS);
	int16_t heard[CODEC_SAMPLES_MAX], made[320];
	double level = 0;
	for (int f = 0; f < FRAMES; f++) {
		int16_t pcm[320] = {0};
		uint8_t payload[CODEC_BYTES_MAX];
		for (int i = 0; f >= 20 && i < 320; i++) /* a buzz of 100 Hz */
			pcm[i] = (int16_t)(((320 * f + i) % 160) * 100 - 8000);
		size_t n = codec_encode(out, pcm, payload);
		if (f == 20 || f == 21 || f == 22)
			continue; /* lost */
		if (f == 23) {
			EXPECT(codec_conceal(in, str_make((char *)payload, n), made, 320));
			level = sound_level(made, 320);
		}
		EXPECT(codec_decode(in, payload, n, heard) == 320);
	}
	EXPECT(level > 2000);
	EXPECT(codec_conceal(in, STR_NONE, made, 320)); /* the newest: it goes on by itself */
	codec_destroy(in);
	in = codec_create(SOUND_G722);
	EXPECT(!codec_conceal(in, STR_NONE, made, 320));
	codec_destroy(in);
	codec_destroy(out);
}

TEST(payloads_that_are_none_of_the_codecs_are_refused)
{
	static const enum sound_codec all[] = {SOUND_PCMU, SOUND_G722, SOUND_OPUS};
	static const uint8_t big[2000];
	int16_t pcm[CODEC_SAMPLES_MAX];
	for (uint32_t i = 0; i < COUNT_OF(all); i++) {
		struct codec *c = codec_create(all[i]);
		EXPECT(codec_decode(c, big, 0, pcm) == 0);
		if (all[i] != SOUND_OPUS)
			EXPECT(codec_decode(c, big, sizeof big, pcm) == 0);
		codec_destroy(c);
	}
	/* RFC 6716 §3.4: code 3 with 49 frames of 2.5 ms is 122.5 ms (R5); an odd code 1 packet
	 * (R3)
	 */
	struct codec *c = codec_create(SOUND_OPUS);
	EXPECT(codec_decode(c, (const uint8_t[]){0xe3, 0x31}, 2, pcm) == 0);
	EXPECT(codec_decode(c, (const uint8_t[]){0xe1, 1}, 2, pcm) == 0);
	codec_destroy(c);
}

static uint64_t hash_of(uint64_t h, uint32_t v)
{
	return (h ^ v) * 1099511628211u; /* FNV-1a */
}

/* What spandsp 0.0.6, written by others, makes of the same sound. */
TEST(g722_is_that_of_others_to_the_bit)
{
	static int16_t pcm[4000], heard[4000];
	static uint8_t bytes[2000];
	static const uint8_t first[] = {0x30, 0x86, 0x21, 0x86, 0x23, 0x84, 0x04, 0x8f};
	uint64_t encoded = 14695981039346656037u, decoded = encoded;
	uint32_t dice = 1;
	struct g722 out, in;
	for (int i = 0; i < 4000; i++) {
		dice = dice * 1664525u + 1013904223u;
		pcm[i] = (int16_t)((i * 397) % 16000 - 8000 + (int)(dice >> 22) - 512);
	}
	g722_init(&out);
	g722_init(&in);
	EXPECT(g722_encode(&out, pcm, 4000, bytes) == 2000);
	EXPECT(g722_decode(&in, bytes, 2000, heard) == 4000);
	EXPECT(!memcmp(bytes, first, sizeof first));
	for (int i = 0; i < 2000; i++)
		encoded = hash_of(encoded, bytes[i]);
	for (int i = 0; i < 4000; i++)
		decoded = hash_of(decoded, (uint16_t)heard[i]);
	EXPECT(encoded == 0x2e017334cd4f8919);
	EXPECT(decoded == 0xbe23acf6e9583120);
}

TEST(down_and_up_keep_speech_and_drop_what_would_fold_over)
{
	static int16_t wide[16000], thin[8000], again[16000];
	struct octave down = {{0}}, up = {{0}};
	double phase = 0;
	sound_tone(wide, 16000, 1000, 16000, 8000, &phase);
	for (int f = 0; f < 50; f++) {
		EXPECT(octave_down(&down, wide + 320 * f, 320, thin + 160 * f) == 160);
		EXPECT(octave_up(&up, thin + 160 * f, 160, again + 320 * f) == 320);
	}
	EXPECT(sound_tone_share(thin + 800, 7200, 1000, 8000) > 0.999);
	EXPECT(sound_tone_share(again + 1600, 14400, 1000, 16000) > 0.999);
	EXPECT(sound_level(again + 1600, 14400) > 5600 && sound_level(again + 1600, 14400) < 5720);

	memset(wide, 0, sizeof wide);
	down = (struct octave){{0}};
	sound_tone(wide, 16000, 5000, 16000, 8000, &phase); /* would be heard as 3 kHz */
	octave_down(&down, wide, 1920, thin);
	EXPECT(sound_level(thin + 100, 800) < 57); /* 40 dB */
}

TEST(comfort_noise_has_the_level_that_was_told)
{
	static int16_t pcm[8000];
	struct noise n = {0};
	noise_set(&n, (const uint8_t[]){50, 1, 2}, 3);
	noise_make(&n, pcm, 8000);
	double level = sound_level(pcm, 8000); /* 32768 · 10^(-50/20) = 103.6 */
	EXPECT(level > 98 && level < 109);
	noise_set(&n, (const uint8_t[]){0}, 1); /* a claim to be as loud as can be */
	noise_make(&n, pcm, 8000);
	EXPECT(sound_level(pcm, 8000) < 3500);
	noise_set(&n, NULL, 0);
	noise_make(&n, pcm, 8000);
	EXPECT(sound_level(pcm, 8000) < 1);
}
