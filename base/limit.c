/* limit.c - see limit.h. */
#include "base/limit.h"

#include <stdlib.h>

#define FREE_TRIES LIMIT_FREE_TRIES
#define FIRST_WAIT_MS 1000
#define LONGEST_WAIT_MS (15 * 60 * 1000)
#define FORGET_MS (15 * 60 * 1000)

/* Wrong ones that may still be made at once. */
struct bucket {
	int64_t used_milli, at_ms;
};

/* Of a pair; of a source alone only `wrong_ones` counts. */
struct place {
	uint64_t key; /* 0: empty */
	uint32_t wrong, under_way;
	bool known; /* it was right once */
	int64_t last_ms, open_ms;
	struct bucket wrong_ones;
};

struct limit {
	struct limit_options o;
	struct place *places;
	struct bucket all;
};

struct limit *limit_create(const struct limit_options *o)
{
	struct limit *l = xcalloc(1, sizeof *l);
	l->o = *o;
	l->o.places = MAX(o->places, 16u);
	l->places = xcalloc(l->o.places, sizeof *l->places);
	return l;
}

void limit_destroy(struct limit *l)
{
	if (!l)
		return;
	free(l->places);
	free(l);
}

static uint64_t key_of(const struct limit *l, struct str from, struct str account)
{
	const uint64_t key = str_hash(account, str_hash(from, l->o.seed) | 1);
	return key ? key : 1;
}

/* The pair's place: eight neighbours are looked at; the one quiet longest gives way. */
static struct place *place_of(struct limit *l, uint64_t key, int64_t now_ms)
{
	struct place *oldest = NULL;
	for (uint32_t i = 0; i < 8; i++) {
		struct place *p = &l->places[(key + i) % l->o.places];
		if (p->key == key) {
			if (now_ms - p->last_ms > FORGET_MS && now_ms >= p->open_ms)
				*p = (struct place){
					.key = key, .known = p->known, .last_ms = now_ms};
			return p;
		}
		if (!oldest || !p->key || (oldest->key && p->last_ms < oldest->last_ms))
			oldest = p;
	}
	*oldest = (struct place){.key = key, .last_ms = now_ms};
	return oldest;
}

/* Milliseconds until one more fits; 0: now. */
static int64_t bucket_wait_ms(struct bucket *b, uint32_t burst, uint32_t per_second, int64_t now_ms)
{
	if (now_ms > b->at_ms)
		b->used_milli = MAX(b->used_milli - (now_ms - b->at_ms) * per_second, (int64_t)0);
	b->at_ms = MAX(now_ms, b->at_ms);
	const int64_t over = b->used_milli + 1000 - (int64_t)burst * 1000;
	return over > 0 ? 1 + over / MAX(per_second, 1u) : 0;
}

static void bucket_put(struct bucket *b, uint32_t burst)
{
	b->used_milli = MIN(b->used_milli + 1000, (int64_t)burst * 1000);
}

static struct place *source_place(struct limit *l, struct str from, int64_t now_ms)
{
	return place_of(l, key_of(l, from, STR_NONE), now_ms);
}

int64_t limit_wait_ms(struct limit *l, struct str from, struct str account, int64_t now_ms)
{
	const struct limit_options *o = &l->o;
	if (o->source_burst) {
		struct place *source = source_place(l, from, now_ms);
		const int64_t wait = bucket_wait_ms(&source->wrong_ones, o->source_burst,
						    o->source_per_second, now_ms);
		if (wait && !place_of(l, key_of(l, from, account), now_ms)->known)
			return wait;
	}
	struct place *p = place_of(l, key_of(l, from, account), now_ms);
	if (now_ms < p->open_ms)
		return p->open_ms - now_ms;
	/* guesses sent side by side must not pass before the first has failed */
	if (p->wrong + p->under_way >= FREE_TRIES && p->under_way)
		return FIRST_WAIT_MS;
	/* a pair that never failed passes the common ceiling: the owner can still sign in */
	const int64_t wait = bucket_wait_ms(&l->all, o->wrong_burst, o->wrong_per_second, now_ms);
	if (wait && p->wrong)
		return wait;
	p->under_way++;
	p->last_ms = now_ms;
	return 0;
}

void limit_none(struct limit *l, struct str from, struct str account, int64_t now_ms)
{
	struct place *p = place_of(l, key_of(l, from, account), now_ms);
	if (p->under_way)
		p->under_way--;
}

uint32_t limit_result(struct limit *l, struct str from, struct str account, bool right,
		      int64_t now_ms)
{
	struct place *p = place_of(l, key_of(l, from, account), now_ms);
	if (p->under_way)
		p->under_way--;
	p->last_ms = now_ms;
	if (right) {
		p->known = true;
		p->wrong = 0;
		p->open_ms = 0;
		return 0;
	}
	bucket_put(&l->all, l->o.wrong_burst);
	const uint32_t wrong = ++p->wrong;
	if (wrong >= FREE_TRIES) {
		const uint32_t over = MIN(wrong - FREE_TRIES, 20u);
		p->open_ms = now_ms + MIN((int64_t)FIRST_WAIT_MS << over, (int64_t)LONGEST_WAIT_MS);
	}
	if (l->o.source_burst) {
		struct place *source = source_place(l, from, now_ms); /* may take p's place */
		source->last_ms = now_ms;
		bucket_put(&source->wrong_ones, l->o.source_burst);
	}
	return wrong;
}
