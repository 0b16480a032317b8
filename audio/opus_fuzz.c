/*
 * opus_fuzz.c - any bytes as a recording that a crash left: pages of Ogg, packets of Opus.
 *
 * Law: a page lies inside what came in, one that was read and marked as the last is read again, and
 * decoding never gives more samples than 120 ms a packet.
 */
#include <stdlib.h>

#include "audio/opus.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void heard(void *arg, const int16_t *pcm, size_t frames)
{
	size_t *most = arg;
	CHECK(frames <= 960);
	*most += (size_t)(pcm[0] | pcm[2 * frames - 1]) & 1; /* read them */
}

/* Checksums are made right, so that the parser behind them is reached. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct opus_in *in = opus_in_create();
	struct buf pages = buf_grow(n + 64);
	size_t seen = 0;
	for (size_t at = 0; at + 2 <= n;) { /* lengths, then packets */
		struct ogg_page page = {0};
		size_t part = MIN((size_t)data[at] * 8, n - at - 1);
		if (!ogg_page_add(&page, str_make((const char *)data + at + 1, part)))
			break;
		ogg_page_end(&page, data[at] & 7, (int64_t)at * 960, 1, 0, &pages);
		at += 1 + part;
	}
	struct ogg_read page;
	(void)!ogg_page_read(str_make((const char *)data, n), &page);
	for (struct str rest = buf_str(&pages); rest.n; rest = str_from(rest, page.size)) {
		CHECK(ogg_page_read(rest, &page) == ERR_OK && page.size <= rest.n);
		if (opus_in_page(in, &page, heard, &seen) != ERR_OK)
			break;
		ogg_page_mark_last((char *)(uintptr_t)rest.p, page.size);
		CHECK(ogg_page_read(rest, &page) == ERR_OK && page.flags & OGG_LAST);
	}
	opus_in_destroy(in);
	buf_free(&pages);
	return 0;
}
