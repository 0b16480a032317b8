/* limit.c - see limit.h. */
#include "web/limit.h"

#include <stdlib.h>

#define FREE_TRIES 5
#define FIRST_WAIT_MS 1000
#define LONGEST_WAIT_MS (15 * 60 * 1000)
#define FORGET_MS (15 * 60 * 1000)
/* Over all sources: so many wrong ones in a burst, and then so many a second. An argon2id check
 * takes some 50 ms, so more would only fill the queue for honest people. */
#define WRONG_BURST 300
#define WRONG_PER_SECOND 5

struct place {
	uint64_t key; /* 0: empty */
	uint32_t wrong, under_way;
	int64_t last_ms, open_ms;
};

struct limit {
	struct place *places;
	uint32_t count;
	uint64_t seed;
	int64_t tokens_milli, tokens_ms;
};

struct limit *limit_create(uint32_t places, uint64_t seed)
{
	struct limit *l = xcalloc(1, sizeof *l);
	l->count = places < 16 ? 16 : places;
	l->places = xcalloc(l->count, sizeof *l->places);
	l->seed = seed;
	l->tokens_milli = WRONG_BURST * 1000;
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
	const uint64_t key = str_hash(account, str_hash(from, l->seed) | 1);
	return key ? key : 1;
}

/* The pair's place: eight neighbours are looked at; the one quiet longest gives way. */
static struct place *place_of(struct limit *l, uint64_t key, int64_t now_ms)
{
	struct place *oldest = NULL;
	for (uint32_t i = 0; i < 8; i++) {
		struct place *p = &l->places[(key + i) % l->count];
		if (p->key == key) {
			if (now_ms - p->last_ms > FORGET_MS && now_ms >= p->open_ms)
				*p = (struct place){.key = key, .last_ms = now_ms};
			return p;
		}
		if (!oldest || !p->key || (oldest->key && p->last_ms < oldest->last_ms))
			oldest = p;
	}
	*oldest = (struct place){.key = key, .last_ms = now_ms};
	return oldest;
}

static void refill(struct limit *l, int64_t now_ms)
{
	if (l->tokens_ms && now_ms > l->tokens_ms)
		l->tokens_milli += (now_ms - l->tokens_ms) * WRONG_PER_SECOND;
	l->tokens_milli = MIN(l->tokens_milli, WRONG_BURST * 1000);
	l->tokens_ms = now_ms;
}

int64_t limit_wait_ms(struct limit *l, struct str from, struct str account, int64_t now_ms)
{
	struct place *p = place_of(l, key_of(l, from, account), now_ms);
	refill(l, now_ms);
	if (now_ms < p->open_ms)
		return p->open_ms - now_ms;
	/* guesses sent side by side must not pass before the first has failed */
	if (p->wrong + p->under_way >= FREE_TRIES && p->under_way)
		return FIRST_WAIT_MS;
	/* a pair that never failed passes the common ceiling: the owner can still sign in */
	if (l->tokens_milli < 1000 && p->wrong)
		return 1 + (1000 - l->tokens_milli) / WRONG_PER_SECOND;
	p->under_way++;
	p->last_ms = now_ms;
	return 0;
}

void limit_result(struct limit *l, struct str from, struct str account, bool right, int64_t now_ms)
{
	struct place *p = place_of(l, key_of(l, from, account), now_ms);
	refill(l, now_ms);
	if (p->under_way)
		p->under_way--;
	p->last_ms = now_ms;
	if (right) {
		p->wrong = 0;
		p->open_ms = 0;
		return;
	}
	l->tokens_milli = MAX(0, l->tokens_milli - 1000);
	p->wrong++;
	if (p->wrong >= FREE_TRIES) {
		const uint32_t over = MIN(p->wrong - FREE_TRIES, 20u);
		p->open_ms = now_ms + MIN((int64_t)FIRST_WAIT_MS << over, (int64_t)LONGEST_WAIT_MS);
	}
}
