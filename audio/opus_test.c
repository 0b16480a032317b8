/* opus_test.c - Ogg pages, Opus streams there and back, and the shape of a recording. */
#include "audio/opus.h"

#include <math.h>
#include <stdlib.h>

#include "audio/peaks.h"
#include "tests/test.h"

TEST(ogg_page_is_read_as_it_was_made_and_a_wrong_byte_is_seen)
{
	struct ogg_page p = {0};
	char packet[700];
	struct buf out = buf_grow(1024);
	struct ogg_read r;
	memset(packet, 7, sizeof packet);
	EXPECT(ogg_page_add(&p, str_make(packet, 510))); /* 255, 255 and 0 */
	EXPECT(ogg_page_add(&p, str_make(packet, 3)));
	EXPECT(ogg_page_add(&p, str_make(packet, 0)));
	ogg_page_end(&p, OGG_FIRST, 960, 0x11223344, 5, &out);
	EXPECT(ogg_page_read(buf_str(&out), &r) == ERR_OK);
	EXPECT(r.flags == OGG_FIRST && r.granule == 960 && r.serial == 0x11223344 && r.number == 5);
	EXPECT(r.lacing.n == 5 && r.body.n == 513 && r.size == out.n);
	for (size_t cut = 0; cut < out.n; cut++)
		EXPECT(ogg_page_read(str_head(buf_str(&out), cut), &r) == ERR_INVALID);
	for (size_t at = 0; at < out.n; at += 11) {
		out.p[at] ^= 1;
		EXPECT(ogg_page_read(buf_str(&out), &r) == ERR_INVALID);
		out.p[at] ^= 1;
	}
	ogg_page_mark_last(out.p, out.n);
	EXPECT(ogg_page_read(buf_str(&out), &r) == ERR_OK && r.flags == (OGG_FIRST | OGG_LAST));
	for (uint32_t i = 0; i < 255; i++)
		EXPECT(ogg_page_add(&p, str_make(packet, 1)));
	EXPECT(!ogg_page_add(&p, str_make(packet, 1)));
	buf_free(&out);
}

/* The first page of a file that opusenc 0.2 (libogg) wrote. */
TEST(ogg_page_is_the_one_that_libogg_makes)
{
	static const uint8_t page[] = {0x4f, 0x67, 0x67, 0x53, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00,
				       0x00, 0x00, 0x00, 0x00, 0x03, 0x02, 0x01, 0x00, 0x00, 0x00,
				       0x00, 0x00, 0x27, 0xd7, 0x97, 0x97, 0x01, 0x13, 0x4f, 0x70,
				       0x75, 0x73, 0x48, 0x65, 0x61, 0x64, 0x01, 0x01, 0x38, 0x01,
				       0x40, 0x1f, 0x00, 0x00, 0x00, 0x00, 0x00};
	struct ogg_read r;
	struct ogg_page p = {0};
	struct buf out = buf_grow(64);
	EXPECT(ogg_page_read(str_make((const char *)page, sizeof page), &r) == ERR_OK);
	EXPECT(r.flags == OGG_FIRST && r.serial == 66051 && str_starts(r.body, STR("OpusHead")));
	EXPECT(ogg_page_add(&p, r.body));
	ogg_page_end(&p, r.flags, r.granule, r.serial, r.number, &out);
	EXPECT(out.n == sizeof page && memcmp(out.p, page, sizeof page) == 0);
	buf_free(&out);
}

struct sink {
	int16_t *pcm;
	size_t n, room;
};

static void heard(void *arg, const int16_t *pcm, size_t frames)
{
	struct sink *s = arg;
	CHECK(s->n + frames <= s->room);
	memcpy(s->pcm + 2 * s->n, pcm, frames * 2 * sizeof *pcm);
	s->n += frames;
}

/* Two tones, one a channel, put in pieces of `piece` frames. */
static struct buf make_stream(size_t frames, size_t piece, uint32_t *pages)
{
	int16_t *mono[2], *both = xcalloc(2 * frames, sizeof *both);
	struct opus_out *o = opus_out_create(77);
	struct buf out = buf_grow(4096);
	for (int c = 0; c < 2; c++) {
		double phase = 0;
		mono[c] = xcalloc(frames, sizeof *mono[c]);
		sound_tone(mono[c], frames, c ? 440 : 1000, SOUND_RATE, 8000, &phase);
		for (size_t i = 0; i < frames; i++)
			both[2 * i + (size_t)c] = mono[c][i];
		free(mono[c]);
	}
	for (size_t at = 0; at < frames; at += piece)
		opus_out_put(o, both + 2 * at, MIN(piece, frames - at), &out);
	opus_out_end(o, &out);
	opus_out_destroy(o);
	free(both);
	*pages = 0;
	return out;
}

TEST(opus_two_voices_come_back_each_in_its_channel_and_as_long)
{
	static const size_t lengths[] = {0, 1, 479, 480, 481, 8000, 8000 * 7 + 123};
	for (size_t i = 0; i < COUNT_OF(lengths); i++) {
		uint32_t pages;
		struct buf file = make_stream(lengths[i], 333, &pages);
		struct opus_in *in = opus_in_create();
		struct sink s = {.room = lengths[i] + 2 * 8000};
		struct str rest = buf_str(&file);
		struct ogg_read r = {0};
		s.pcm = xcalloc(2 * s.room, sizeof *s.pcm);
		while (rest.n) {
			EXPECT(ogg_page_read(rest, &r) == ERR_OK && r.number == pages++);
			EXPECT(opus_in_page(in, &r, heard, &s) == ERR_OK);
			rest = str_from(rest, r.size);
		}
		EXPECT(r.flags == OGG_LAST);
		EXPECT(opus_in_ms(in, r.granule) == (int64_t)lengths[i] / 8);
		EXPECT(s.n >= lengths[i] && s.n < lengths[i] + 2 * 480);
		if (lengths[i] > 8000) {
			int16_t *mono = xcalloc(8000, sizeof *mono);
			for (int c = 0; c < 2; c++) {
				for (size_t k = 0; k < 8000; k++)
					mono[k] = s.pcm[2 * (k + 4000) + (size_t)c];
				EXPECT(sound_tone_share(mono, 8000, c ? 440 : 1000, 8000) > 0.9);
				EXPECT(sound_tone_share(mono, 8000, c ? 1000 : 440, 8000) < 1e-3);
				EXPECT(fabs(sound_level(mono, 8000) - 5657) < 1400);
			}
			free(mono);
			EXPECT(file.n < lengths[i] * 24000 / 8 / 8000 * 3 / 2); /* about 24 kb/s */
			EXPECT(pages >= 2 + 7);
		}
		free(s.pcm);
		opus_in_destroy(in);
		buf_free(&file);
	}
}

TEST(opus_hostile_pages_are_refused)
{
	uint32_t pages, dice = 1;
	struct buf file = make_stream(16000, 8000, &pages);
	for (int round = 0; round < 300; round++) {
		struct opus_in *in = opus_in_create();
		struct sink s = {.room = 1 << 20};
		s.pcm = xcalloc(2 * s.room, sizeof *s.pcm);
		struct str rest = buf_str(&file);
		struct ogg_read r;
		while (rest.n && ogg_page_read(rest, &r) == ERR_OK) {
			for (int k = 0; k < 3 && r.body.n;
			     k++) { /* the checksum was right; the rest is not */
				dice = dice * 1664525u + 1013904223u;
				((char *)(uintptr_t)r.body.p)[(dice >> 8) % r.body.n] ^=
					(char)(1 << (dice & 7));
			}
			enum err e = opus_in_page(in, &r, heard, &s);
			rest = str_from(rest, r.size);
			ogg_page_mark_last((char *)(uintptr_t)(rest.p - r.size), r.size);
			if (e != ERR_OK)
				break;
		}
		free(s.pcm);
		opus_in_destroy(in);
	}
	buf_free(&file);
}

TEST(peaks_say_the_least_and_greatest_of_each_point)
{
	struct peaks p;
	int16_t pcm[2 * PEAKS_SAMPLES] = {0};
	struct buf out = buf_grow(64);
	peaks_init(&p);
	pcm[2 * 7] = 0x1234;
	pcm[2 * 9] = -0x2000;
	pcm[2 * 399 + 1] = 32767;
	peaks_add(&p, 0, pcm, PEAKS_SAMPLES);
	peaks_add(&p, 3 * PEAKS_SAMPLES, pcm, 10); /* two points fell out: silence */
	peaks_file(&p, 4 * PEAKS_SAMPLES + 1, &out);
	static const uint8_t want[] = {2, 0,	0,    0,    1,	  0,	0, 0, 0x40, 0x1f, 0,
				       0, 0x90, 1,    0,    0,	  5,	0, 0, 0,    2,	  0,
				       0, 0,	0xe0, 0x12, 0,	  0x7f, 0, 0, 0,    0,	  0,
				       0, 0,	0,    0xe0, 0x12, 0,	0, 0, 0,    0,	  0};
	EXPECT(out.n == sizeof want && memcmp(out.p, want, sizeof want) == 0);
	peaks_finish(&p);
	buf_free(&out);
}
