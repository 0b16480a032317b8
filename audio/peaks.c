/* peaks.c - see peaks.h. */
#include "audio/peaks.h"

void peaks_init(struct peaks *p)
{
	*p = (struct peaks){.points = buf_grow(1024)};
}

void peaks_finish(struct peaks *p)
{
	buf_free(&p->points);
}

static void end_point(struct peaks *p)
{
	for (int c = 0; c < 2; c++) {
		buf_ch(&p->points, (char)(p->low[c] >> 8));
		buf_ch(&p->points, (char)(p->high[c] >> 8));
		p->low[c] = p->high[c] = 0;
	}
	p->held = 0;
}

static void silence(struct peaks *p, uint64_t until)
{
	while (p->at < until) {
		uint32_t n = (uint32_t)MIN(until - p->at, (uint64_t)(PEAKS_SAMPLES - p->held));
		p->held += n;
		p->at += n;
		if (p->held == PEAKS_SAMPLES)
			end_point(p);
	}
}

void peaks_add(struct peaks *p, uint64_t at, const int16_t *pcm, size_t frames)
{
	silence(p, at);
	for (size_t i = 0; i < frames; i++) {
		for (int c = 0; c < 2; c++) {
			p->low[c] = MIN(p->low[c], pcm[2 * i + (size_t)c]);
			p->high[c] = MAX(p->high[c], pcm[2 * i + (size_t)c]);
		}
		if (++p->held == PEAKS_SAMPLES)
			end_point(p);
	}
	p->at += frames;
}

void peaks_file(struct peaks *p, uint64_t frames, struct buf *out)
{
	silence(p, frames);
	if (p->held)
		end_point(p);
	const uint32_t head[PEAKS_HEADER / 4] = {
		2, 1, SOUND_RATE, PEAKS_SAMPLES, (uint32_t)(p->points.n / PEAKS_POINT), 2};
	for (size_t i = 0; i < COUNT_OF(head); i++)
		for (size_t k = 0; k < 4; k++)
			buf_ch(out, (char)(head[i] >> (8 * k)));
	buf_put(out, buf_str(&p->points));
}
