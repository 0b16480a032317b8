/* coder.c - see coder.h. */
#include "media/coder.h"

void coder_set(struct coder *c, enum sound_codec codec, struct codec *state)
{
	if (c->codec != codec || c->state != state)
		*c = (struct coder){.codec = codec, .state = state};
}

bool coder_known(unsigned codec)
{
	return codec_facts(codec) != NULL;
}

static uint32_t native(enum sound_codec codec)
{
	return codec_facts(codec)->rate;
}

uint32_t coder_rate(enum sound_codec codec)
{
	(void)codec;
	return SOUND_RATE;
}

uint32_t coder_ticks(enum sound_codec codec)
{
	return codec == SOUND_OPUS ? 6 : 1;
}

uint32_t coder_span(enum sound_codec codec, struct str payload)
{
	return codec_ticks(codec, (const uint8_t *)payload.p, payload.n) / coder_ticks(codec);
}

bool coder_stateless(enum sound_codec codec)
{
	return codec == SOUND_PCMU || codec == SOUND_PCMA;
}

bool coder_relays(enum sound_codec from, enum sound_codec to)
{
	return from == to || (coder_stateless(from) && coder_stateless(to));
}

void coder_translate(enum sound_codec from, enum sound_codec to, uint8_t *payload, size_t n)
{
	if (from == to)
		return;
	const uint8_t *table = from == SOUND_PCMA ? sound_alaw_to_ulaw : sound_ulaw_to_alaw;
	for (size_t i = 0; i < n; i++)
		payload[i] = table[payload[i]];
}

size_t coder_decode(struct coder *c, struct str payload, int16_t *pcm)
{
	int16_t wide[CODEC_SAMPLES_MAX];
	if (coder_stateless(c->codec)) {
		if (payload.n > CODER_SAMPLES_MAX)
			return 0;
		sound_decode(c->codec, (const uint8_t *)payload.p, pcm, payload.n);
		return payload.n;
	}
	size_t n = codec_decode(c->state, (const uint8_t *)payload.p, payload.n, wide);
	return octave_down(&c->octave, wide, n - n % 2, pcm);
}

bool coder_recover(struct coder *c, struct str next, int16_t *pcm, size_t n)
{
	int16_t wide[CODEC_SAMPLES_MAX];
	if (coder_stateless(c->codec) || 2 * n > CODEC_SAMPLES_MAX || n % 80 ||
	    !codec_conceal(c->state, next, wide, 2 * n))
		return false;
	octave_down(&c->octave, wide, 2 * n, pcm);
	return true;
}

size_t coder_encode(struct coder *c, const int16_t *pcm, size_t n, uint8_t *out)
{
	int16_t frame[SOUND_FRAME] = {0}, wide[2 * SOUND_FRAME];
	if (coder_stateless(c->codec)) {
		sound_encode(c->codec, pcm, out, n);
		return n;
	}
	CHECK(n <= SOUND_FRAME && native(c->codec) == 2 * SOUND_RATE);
	memcpy(frame, pcm, n * sizeof *pcm);
	octave_up(&c->octave, frame, SOUND_FRAME, wide);
	return codec_encode(c->state, wide, out);
}
