/* opus.c - see opus.h. */
#include "audio/opus.h"

#include <opus/opus_multistream.h>
#include <stdlib.h>

#include "audio/sound.h"

#define FRAME 480	/* samples: 60 ms, which costs a third less than 20 ms */
#define PAGE_PACKETS 16 /* 0.96 s */
#define PACKET_MAX 1275 /* of each voice, RFC 6716 §3.4; and its length */
#define RATE_48 6	/* granule positions count at 48 kHz, RFC 7845 §4 */
#define BITRATE 24000
#define COMPLEXITY 1 /* above it CPU doubles and 8 kHz speech hardly gains (decision 0013) */
#define HEAD_FIXED 19
#define FRAME_LONGEST 960 /* samples: 120 ms, RFC 6716 */

struct opus_out {
	OpusMSEncoder *encoder;
	uint32_t serial, number, skip; /* skip: samples the decoder leaves out at 8 kHz */
	int64_t put, encoded;	       /* samples */
	int16_t pcm[2 * FRAME];
	uint32_t held; /* samples in pcm */
	uint32_t packets;
	struct ogg_page page;
};

struct opus_out *opus_out_create(uint32_t serial)
{
	static const unsigned char mapping[2] = {0, 1};
	struct opus_out *o = calloc(1, sizeof *o);
	int wrong = 0;
	opus_int32 ahead = 0;
	if (!o)
		return NULL;
	o->serial = serial;
	o->encoder = opus_multistream_encoder_create(SOUND_RATE, 2, 2, 0, mapping,
						     OPUS_APPLICATION_VOIP, &wrong);
	if (!o->encoder) {
		free(o);
		return NULL;
	}
	opus_multistream_encoder_ctl(o->encoder, OPUS_SET_BITRATE(BITRATE));
	opus_multistream_encoder_ctl(o->encoder, OPUS_SET_COMPLEXITY(COMPLEXITY));
	opus_multistream_encoder_ctl(o->encoder, OPUS_SET_SIGNAL(OPUS_SIGNAL_VOICE));
	/* no DTX: it takes steady tones (busy, fax, keys) for noise and drops them */
	opus_multistream_encoder_ctl(o->encoder, OPUS_GET_LOOKAHEAD(&ahead));
	o->skip = (uint32_t)ahead;
	return o;
}

void opus_out_destroy(struct opus_out *o)
{
	if (!o)
		return;
	opus_multistream_encoder_destroy(o->encoder);
	free(o);
}

/* RFC 7845 §5.1, §5.2: each header has a page of its own. */
static void put_headers(struct opus_out *o, struct buf *out)
{
	uint8_t head[HEAD_FIXED + 4] = "OpusHead";
	uint32_t skip = o->skip * RATE_48;
	head[8] = 1;
	head[9] = 2;
	head[10] = (uint8_t)skip;
	head[11] = (uint8_t)(skip >> 8);
	head[12] = SOUND_RATE & 255;
	head[13] = SOUND_RATE >> 8;
	head[18] = 1; /* mapping family */
	head[19] = 2; /* streams, none of them coupled */
	head[21] = 0; /* left is the first, */
	head[22] = 1; /* right the second */
	CHECK(ogg_page_add(&o->page, str_make((char *)head, sizeof head)));
	ogg_page_end(&o->page, OGG_FIRST, 0, o->serial, o->number++, out);
	static const char tags[] = "OpusTags\x08\0\0\0centrala\0\0\0\0";
	CHECK(ogg_page_add(&o->page, str_make(tags, sizeof tags - 1)));
	ogg_page_end(&o->page, 0, 0, o->serial, o->number++, out);
}

/* End trimming, RFC 7845 §4.4: the last page's position says how much of its last packet counts. */
static void end_page(struct opus_out *o, bool last, struct buf *out)
{
	int64_t granule = last ? (o->put + o->skip) * RATE_48 : o->encoded * RATE_48;
	ogg_page_end(&o->page, last ? OGG_LAST : 0, granule, o->serial, o->number++, out);
	o->packets = 0;
}

static void encode(struct opus_out *o, bool last, struct buf *out)
{
	uint8_t packet[2 * PACKET_MAX + 2];
	int n = opus_multistream_encode(o->encoder, o->pcm, FRAME, packet, sizeof packet);
	CHECK(n > 0);
	struct str s = str_make((char *)packet, (size_t)n);
	if (!ogg_page_add(&o->page, s)) {
		end_page(o, false, out);
		CHECK(ogg_page_add(&o->page, s));
	}
	o->encoded += FRAME;
	o->held = 0;
	if (++o->packets >= PAGE_PACKETS && !last)
		end_page(o, false, out);
}

void opus_out_put(struct opus_out *o, const int16_t *pcm, size_t frames, struct buf *out)
{
	if (!o->number)
		put_headers(o, out);
	for (size_t at = 0; at < frames;) {
		size_t n = MIN(frames - at, (size_t)(FRAME - o->held));
		memcpy(o->pcm + 2 * o->held, pcm + 2 * at, n * 2 * sizeof *pcm);
		o->held += (uint32_t)n;
		at += n;
		if (o->held == FRAME)
			encode(o, false, out);
	}
	o->put += (int64_t)frames;
}

void opus_out_end(struct opus_out *o, struct buf *out)
{
	if (!o->number)
		put_headers(o, out);
	/* what was put and what the decoder will leave out must have been encoded */
	while (o->encoded < o->put + o->skip) {
		memset(o->pcm + 2 * o->held, 0, (FRAME - o->held) * 2 * sizeof o->pcm[0]);
		encode(o, o->encoded + FRAME >= o->put + o->skip, out);
	}
	end_page(o, true, out);
}

struct opus_in {
	OpusMSDecoder *decoder;
	uint32_t serial, headers, channels, skip; /* skip: still to be left out, 8 kHz */
	uint32_t skip_48;
	uint8_t packet[2 * PACKET_MAX + 2];
};

struct opus_in *opus_in_create(void)
{
	return xcalloc(1, sizeof(struct opus_in));
}

void opus_in_destroy(struct opus_in *o)
{
	if (!o)
		return;
	if (o->decoder)
		opus_multistream_decoder_destroy(o->decoder);
	free(o);
}

int64_t opus_in_ms(const struct opus_in *o, int64_t granule)
{
	return MAX((granule - o->skip_48) / 48, (int64_t)0);
}

static enum err read_head(struct opus_in *o, struct str packet)
{
	const uint8_t *p = (const uint8_t *)packet.p;
	unsigned char mapping[2] = {0, 1};
	int streams = 1, coupled, wrong;
	if (packet.n < HEAD_FIXED || memcmp(p, "OpusHead", 8) != 0 || p[8] >> 4 || !p[9] ||
	    p[9] > 2)
		return ERR_INVALID;
	o->channels = p[9];
	coupled = p[9] == 2;
	o->skip_48 = (uint32_t)p[10] | (uint32_t)p[11] << 8;
	o->skip = o->skip_48 / RATE_48;
	if (p[18]) {
		if (packet.n < HEAD_FIXED + 2 + o->channels)
			return ERR_INVALID;
		streams = p[19];
		coupled = p[20];
		memcpy(mapping, p + 21, o->channels);
	}
	o->decoder = opus_multistream_decoder_create(SOUND_RATE, (int)o->channels, streams, coupled,
						     mapping, &wrong);
	return o->decoder ? ERR_OK : ERR_INVALID;
}

static enum err read_packet(struct opus_in *o, size_t n, opus_heard *heard, void *arg)
{
	int16_t pcm[2 * FRAME_LONGEST], both[2 * FRAME_LONGEST];
	if (o->headers < 2)
		return o->headers++ ? ERR_OK : read_head(o, str_make((char *)o->packet, n));
	int got = opus_multistream_decode(o->decoder, o->packet, (opus_int32)n, pcm, FRAME_LONGEST,
					  0);
	if (got < 0)
		return ERR_INVALID;
	size_t frames = (size_t)got, skip = MIN(frames, (size_t)o->skip);
	o->skip -= (uint32_t)skip;
	for (size_t i = 0; i < frames; i++) {
		both[2 * i] = pcm[i * o->channels];
		both[2 * i + 1] = pcm[i * o->channels + o->channels - 1];
	}
	if (frames > skip)
		heard(arg, both + 2 * skip, frames - skip);
	return ERR_OK;
}

enum err opus_in_page(struct opus_in *o, const struct ogg_read *page, opus_heard *heard, void *arg)
{
	size_t at = 0, n = 0;
	if (!o->headers)
		o->serial = page->serial;
	if (page->serial != o->serial || page->flags & OGG_CONTINUED)
		return ERR_INVALID;
	for (size_t i = 0; i < page->lacing.n; i++) {
		size_t part = (uint8_t)page->lacing.p[i];
		if (n + part > sizeof o->packet)
			return ERR_INVALID;
		memcpy(o->packet + n, page->body.p + at, part);
		at += part;
		n += part;
		if (part == 255)
			continue;
		enum err e = n ? read_packet(o, n, heard, arg) : ERR_OK;
		if (e != ERR_OK)
			return e;
		n = 0;
	}
	return n ? ERR_INVALID : ERR_OK;
}
