/* views.c - see views.h: a table of fingerprints; one that is overwritten is told once more. */
#include "web/views.h"

#include <pthread.h>
#include <stdlib.h>

#define PLACES 16384u /* a power of two */
#define PROBES 8u

struct view {
	uint64_t key; /* 0: free */
	int64_t at_ms;
};

struct views {
	pthread_mutex_t lock;
	uint64_t seed;
	struct view places[PLACES];
};

struct views *views_create(uint64_t seed)
{
	struct views *v = xcalloc(1, sizeof *v);
	v->seed = seed;
	pthread_mutex_init(&v->lock, NULL);
	return v;
}

void views_destroy(struct views *v)
{
	if (!v)
		return;
	pthread_mutex_destroy(&v->lock);
	free(v);
}

bool views_new(struct views *v, struct str key, int64_t now_ms)
{
	const uint64_t h = str_hash(key, v->seed) | 1;
	pthread_mutex_lock(&v->lock);
	struct view *oldest = &v->places[(h >> 1) % PLACES];
	bool is_new = true;
	for (uint32_t i = 0; i < PROBES; i++) {
		struct view *p = &v->places[((h >> 1) + i) % PLACES];
		if (p->key == h) {
			is_new = now_ms - p->at_ms >= VIEW_AGAIN_MS;
			oldest = p;
			break;
		}
		if (!p->key || (oldest->key && p->at_ms < oldest->at_ms))
			oldest = p;
	}
	if (is_new)
		*oldest = (struct view){h, now_ms};
	pthread_mutex_unlock(&v->lock);
	return is_new;
}
