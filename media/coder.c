/* coder.c - see coder.h. */
#include "media/coder.h"

void coder_set(struct coder *c, enum sound_codec codec)
{
	if (c->codec != codec)
		*c = (struct coder){.codec = codec};
}

bool coder_known(unsigned codec)
{
	return codec == SOUND_PCMU || codec == SOUND_PCMA;
}

uint32_t coder_rate(enum sound_codec codec)
{
	(void)codec;
	return SOUND_RATE;
}

uint32_t coder_clock(enum sound_codec codec)
{
	(void)codec;
	return SOUND_RATE;
}

uint32_t coder_span(enum sound_codec codec, struct str payload)
{
	(void)codec;
	return (uint32_t)payload.n;
}

bool coder_relays(enum sound_codec from, enum sound_codec to)
{
	return coder_known(from) && coder_known(to);
}

void coder_translate(enum sound_codec from, enum sound_codec to, uint8_t *payload, size_t n)
{
	if (from == to)
		return;
	const uint8_t *table = from == SOUND_PCMA ? sound_alaw_to_ulaw : sound_ulaw_to_alaw;
	for (size_t i = 0; i < n; i++)
		payload[i] = table[payload[i]];
}

bool coder_stateless(enum sound_codec codec)
{
	return coder_known(codec);
}

size_t coder_decode(struct coder *c, struct str payload, int16_t *pcm)
{
	if (payload.n > CODER_SAMPLES_MAX)
		return 0;
	sound_decode(c->codec, (const uint8_t *)payload.p, pcm, payload.n);
	return payload.n;
}

size_t coder_encode(struct coder *c, const int16_t *pcm, size_t n, uint8_t *out)
{
	sound_encode(c->codec, pcm, out, n);
	return n;
}
