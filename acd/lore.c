/* lore.c - see lore.h. */
#include "acd/lore.h"

#include <stdlib.h>

#include "core/bytes.h"

#define FORMAT 1
#define WAITED_MIN_MS 1000 /* who is served sooner did not try his patience */
#define FORGET 0.99	   /* kept of the old with each who leaves */
#define QUITS_MIN 3	   /* fewer make no rate */
#define GAPS 50		   /* weight of the past in the mean gap */

void lore_handled(struct lore *l, int64_t ms)
{
	l->handle_ms[l->handled++ % LORE_HANDLES] = (uint32_t)MIN(MAX(ms, 0), UINT32_MAX);
}

void lore_came(struct lore *l, int64_t now_ms)
{
	double gap_ms = (double)(now_ms - l->came_ms);
	if (l->came_ms && l->gap_ms > 0)
		l->gap_ms += (gap_ms - l->gap_ms) / GAPS;
	else if (l->came_ms)
		l->gap_ms = MAX(gap_ms, 1);
	l->came_ms = now_ms;
}

void lore_left(struct lore *l, int64_t wait_ms, bool quit)
{
	if (wait_ms < WAITED_MIN_MS)
		return;
	l->waited_ms = l->waited_ms * FORGET + (double)wait_ms;
	l->quits = l->quits * FORGET + quit;
}

static uint32_t group_of(uint32_t place)
{
	static const uint32_t to[LORE_PLACES - 1] = {1,	 2,  3,	 4,  5,	 6,  8,	 11,
						     15, 20, 28, 40, 58, 84, 120};
	uint32_t i = 0;
	while (i < LORE_PLACES - 1 && place > to[i])
		i++;
	return i;
}

void lore_waited(struct lore *l, uint32_t place, int64_t wait_ms, int64_t now_ms)
{
	uint32_t g = group_of(place), i = l->seen_count[g]++ % LORE_SEEN;
	l->seen[g][i].at_s = (uint32_t)(now_ms / 1000);
	l->seen[g][i].wait_ms = (uint32_t)MIN(MAX(wait_ms, 0), UINT32_MAX);
}

bool lore_thin(const struct lore *l)
{
	return l->handled < LORE_THIN;
}

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

uint32_t lore_handles(const struct lore *l, uint32_t *out)
{
	uint32_t count = MIN(l->handled, LORE_HANDLES);
	memcpy(out, l->handle_ms, count * sizeof *out);
	if (count)
		qsort(out, count, sizeof *out, by_size);
	return count;
}

double lore_quits_per_ms(const struct lore *l)
{
	return l->quits >= QUITS_MIN ? l->quits / l->waited_ms : 0;
}

double lore_comes_per_ms(const struct lore *l, int64_t now_ms)
{
	if (l->gap_ms <= 0)
		return 0;
	double silent_ms = (double)(now_ms - l->came_ms);
	return 1 / MAX(l->gap_ms, silent_ms / 3);
}

int64_t lore_p80_ms(const struct lore *l, uint32_t place, int64_t now_ms)
{
	uint32_t g = group_of(place), count = 0, fresh[LORE_SEEN];
	int64_t from_s = (now_ms - LORE_FRESH_MS) / 1000;
	for (uint32_t i = 0; i < MIN(l->seen_count[g], LORE_SEEN); i++)
		if ((int64_t)l->seen[g][i].at_s >= from_s)
			fresh[count++] = l->seen[g][i].wait_ms;
	if (count < LORE_SEEN_MIN)
		return 0;
	qsort(fresh, count, sizeof *fresh, by_size);
	return fresh[(count * 80 + 99) / 100 - 1]; /* nearest rank */
}

/* -- bytes -- */

static void put_real(struct buf *b, double v)
{
	put_bytes(b, &v, sizeof v);
}

static double take_real(struct take *t)
{
	double v;
	take_into(t, &v, sizeof v);
	return v >= 0 && v < 1e18 ? v : 0; /* neither NaN nor nonsense */
}

void lore_save(const struct lore *l, struct buf *out)
{
	put_u8(out, FORMAT);
	put_u32(out, l->handled);
	for (uint32_t i = 0; i < MIN(l->handled, LORE_HANDLES); i++)
		put_u32(out, l->handle_ms[i]);
	put_real(out, l->waited_ms);
	put_real(out, l->quits);
	put_real(out, l->gap_ms);
	put_i64(out, l->came_ms);
	for (uint32_t g = 0; g < LORE_PLACES; g++) {
		put_u32(out, l->seen_count[g]);
		for (uint32_t i = 0; i < MIN(l->seen_count[g], LORE_SEEN); i++) {
			put_u32(out, l->seen[g][i].at_s);
			put_u32(out, l->seen[g][i].wait_ms);
		}
	}
}

enum err lore_load(struct lore *l, struct str image)
{
	struct take t = {.rest = image};
	*l = (struct lore){0};
	bool known = take_u8(&t) == FORMAT;
	l->handled = take_u32(&t);
	for (uint32_t i = 0; i < MIN(l->handled, LORE_HANDLES) && !t.torn; i++)
		l->handle_ms[i] = take_u32(&t);
	l->waited_ms = take_real(&t);
	l->quits = take_real(&t);
	l->gap_ms = take_real(&t);
	l->came_ms = take_i64(&t);
	for (uint32_t g = 0; g < LORE_PLACES && !t.torn; g++) {
		l->seen_count[g] = take_u32(&t);
		for (uint32_t i = 0; i < MIN(l->seen_count[g], LORE_SEEN) && !t.torn; i++) {
			l->seen[g][i].at_s = take_u32(&t);
			l->seen[g][i].wait_ms = take_u32(&t);
		}
	}
	if (known && !t.torn)
		return ERR_OK;
	*l = (struct lore){0};
	return ERR_INVALID;
}
