/* coder_test.c - payloads of every codec to 8 kHz and back; who relays to whom. */
#include "media/coder.h"

#include "tests/test.h"

static const enum sound_codec all[] = {SOUND_PCMU, SOUND_PCMA, SOUND_G722, SOUND_OPUS};

TEST(coder_carries_a_tone_through_every_codec)
{
	for (uint32_t i = 0; i < COUNT_OF(all); i++) {
		static int16_t heard[50 * SOUND_FRAME];
		struct codec *state = i < 2 ? NULL : codec_create(all[i]);
		struct coder out = {0}, in = {0};
		double phase = 0;
		coder_set(&out, all[i], state);
		coder_set(&in, all[i], state);
		for (uint32_t f = 0; f < 50; f++) {
			int16_t pcm[SOUND_FRAME] = {0};
			uint8_t payload[CODER_PAYLOAD_MAX];
			sound_tone(pcm, SOUND_FRAME, 1000, SOUND_RATE, 8000, &phase);
			size_t n = coder_encode(&out, pcm, SOUND_FRAME, payload);
			struct str p = str_make((const char *)payload, n);
			EXPECT(coder_span(all[i], p) ==
			       SOUND_FRAME); /* on our clock, of Opus too */
			EXPECT(coder_decode(&in, p, heard + f * SOUND_FRAME) == SOUND_FRAME);
		}
		EXPECT(sound_tone_share(heard + 1600, 6400, 1000, SOUND_RATE) > 0.98);
		double level = sound_level(heard + 1600, 6400); /* 8000 / √2 = 5657 */
		EXPECT(level > 4800 && level < 6400);
		codec_destroy(state);
	}
}

TEST(coder_relays_what_needs_no_decoding)
{
	for (uint32_t i = 0; i < COUNT_OF(all); i++)
		for (uint32_t k = 0; k < COUNT_OF(all); k++)
			EXPECT(coder_relays(all[i], all[k]) == (i == k || (i < 2 && k < 2)));
	EXPECT(coder_known(SOUND_OPUS) && coder_known(9) && !coder_known(18));
	EXPECT(coder_ticks(SOUND_OPUS) == 6 && coder_ticks(SOUND_G722) == 1);
}

TEST(coder_takes_no_payload_that_is_none)
{
	static const char long_one[1500];
	int16_t pcm[CODER_SAMPLES_MAX];
	for (uint32_t i = 0; i < COUNT_OF(all); i++) {
		struct codec *state = i < 2 ? NULL : codec_create(all[i]);
		struct coder c = {0};
		coder_set(&c, all[i], state);
		EXPECT(coder_decode(&c, STR_NONE, pcm) == 0);
		if (all[i] != SOUND_OPUS)
			EXPECT(coder_decode(&c, str_make(long_one, sizeof long_one), pcm) == 0);
		EXPECT(coder_decode(&c, STR("\xe3\x31"), pcm) == 0 || all[i] != SOUND_OPUS);
		codec_destroy(state);
	}
}
