/* codec.c - see codec.h. */
#include "audio/codec.h"

#include <opus/opus.h>
#include <stdlib.h>

#include "audio/g722.h"

/* Speech between people: as good as G.722 at less than half of its rate, and what a lost packet
 * said stands in the next one too (RFC 7587 §3.1.1). */
#define OPUS_RATE 16000
#define OPUS_BITS 24000
#define OPUS_EFFORT 5
#define OPUS_LOSS_PERCENT 10

struct codec {
	enum sound_codec codec;
	struct g722 in, out;
	OpusDecoder *opus_in;
	OpusEncoder *opus_out;
};

static const struct codec_facts facts[] = {
	{SOUND_PCMU, "PCMU", 8000, 8000},
	{SOUND_PCMA, "PCMA", 8000, 8000},
	{SOUND_G722, "G722", G722_RATE, 8000},
	{SOUND_OPUS, "opus", OPUS_RATE, 48000},
};

const struct codec_facts *codec_facts(uint32_t codec)
{
	for (uint32_t i = 0; i < COUNT_OF(facts); i++)
		if ((uint32_t)facts[i].codec == codec)
			return &facts[i];
	return NULL;
}

const struct codec_facts *codec_named(struct str name)
{
	for (uint32_t i = 0; i < COUNT_OF(facts); i++)
		if (str_ieq(name, str_of(facts[i].name)))
			return &facts[i];
	return NULL;
}

uint32_t codec_ticks(enum sound_codec codec, const uint8_t *payload, size_t n)
{
	if (codec != SOUND_OPUS)
		return n <= CODEC_SAMPLES_MAX / 2 ? (uint32_t)n : 0;
	int ticks = n && n < 10000 ? opus_packet_get_nb_samples(payload, (int)n, 48000) : 0;
	return ticks > 0 ? (uint32_t)ticks : 0;
}

static bool opus_begin(struct codec *c)
{
	int error;
	c->opus_in = opus_decoder_create(OPUS_RATE, 1, &error);
	c->opus_out = opus_encoder_create(OPUS_RATE, 1, OPUS_APPLICATION_VOIP, &error);
	if (!c->opus_in || !c->opus_out)
		return false;
	CHECK(opus_encoder_ctl(c->opus_out, OPUS_SET_BITRATE(OPUS_BITS)) == OPUS_OK);
	CHECK(opus_encoder_ctl(c->opus_out, OPUS_SET_COMPLEXITY(OPUS_EFFORT)) == OPUS_OK);
	CHECK(opus_encoder_ctl(c->opus_out, OPUS_SET_INBAND_FEC(1)) == OPUS_OK);
	CHECK(opus_encoder_ctl(c->opus_out, OPUS_SET_PACKET_LOSS_PERC(OPUS_LOSS_PERCENT)) ==
	      OPUS_OK);
	return true;
}

struct codec *codec_create(enum sound_codec codec)
{
	struct codec *c = calloc(1, sizeof *c);
	if (!c)
		return NULL;
	c->codec = codec;
	g722_init(&c->in);
	g722_init(&c->out);
	if (codec != SOUND_OPUS || opus_begin(c))
		return c;
	codec_destroy(c);
	return NULL;
}

void codec_destroy(struct codec *c)
{
	if (!c)
		return;
	opus_decoder_destroy(c->opus_in);
	opus_encoder_destroy(c->opus_out);
	free(c);
}

enum sound_codec codec_kind(const struct codec *c)
{
	return c->codec;
}

size_t codec_decode(struct codec *c, const uint8_t *payload, size_t n,
		    int16_t pcm[CODEC_SAMPLES_MAX])
{
	if (!codec_ticks(c->codec, payload, n))
		return 0;
	switch (c->codec) {
	case SOUND_PCMU:
	case SOUND_PCMA:
		sound_decode(c->codec, payload, pcm, n);
		return n;
	case SOUND_G722:
		return g722_decode(&c->in, payload, n, pcm);
	case SOUND_OPUS:
		break;
	}
	int made = opus_decode(c->opus_in, payload, (int)n, pcm, CODEC_SAMPLES_MAX, 0);
	return made > 0 ? (size_t)made : 0;
}

bool codec_conceal(struct codec *c, struct str next, int16_t *pcm, size_t n)
{
	if (c->codec != SOUND_OPUS)
		return false;
	/* without the next packet the decoder goes on from what it heard last */
	int made = opus_decode(c->opus_in, (const unsigned char *)next.p, (int)next.n, pcm, (int)n,
			       next.n > 0);
	return made == (int)n;
}

size_t codec_encode(struct codec *c, const int16_t *pcm, uint8_t out[CODEC_BYTES_MAX])
{
	switch (c->codec) {
	case SOUND_PCMU:
	case SOUND_PCMA:
		sound_encode(c->codec, pcm, out, SOUND_FRAME);
		return SOUND_FRAME;
	case SOUND_G722:
		return g722_encode(&c->out, pcm, G722_RATE / 50, out);
	case SOUND_OPUS:
		break;
	}
	int n = opus_encode(c->opus_out, pcm, OPUS_RATE / 50, out, CODEC_BYTES_MAX);
	return n > 0 ? (size_t)n : 0;
}
