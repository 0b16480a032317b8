/* forecast.c - see forecast.h. */
#include "acd/forecast.h"

#include <stdlib.h>
#include <string.h>

#include "base/real.h"

#define SEEN_MIN 20u	   /* handle times: fewer do not make a distribution */
#define SEEN_LONGER_MIN 5u /* that lasted longer than this talk has */
#define HORIZON_MS 86400000.0
#define NEVER_MS 1e15
#define DICE_BITS 11
#define DICE_FACES (1u << DICE_BITS)

/* Places in the line: contacts ahead and probes, linked in order. */
#define SPOTS_MAX (FORECAST_AHEAD_MAX + FORECAST_PROBES_MAX)
#define SPOT_END UINT16_MAX

struct spot {
	double quits_ms; /* below 0: not thrown yet */
	uint16_t next;
	uint16_t probe; /* its number + 1; 0: a contact */
	uint16_t ahead;
};

struct freed { /* in a heap by time */
	double at_ms;
	uint32_t hand;
};

struct forecast_room {
	const struct forecast_world *w;
	uint64_t dice;
	struct spot fresh[SPOTS_MAX], spots[SPOTS_MAX];
	uint32_t spot_count;
	int64_t probe_waited_ms[FORECAST_PROBES_MAX]; /* how long the probe has waited already */
	struct freed heap[FORECAST_HANDS_MAX];
	uint32_t heap_count;
	double comes_ms[FORECAST_LINES_MAX];
	double seen_ms[FORECAST_PROBES_MAX][FORECAST_RUNS_MAX];
	uint32_t probes_open;
	float exponential[DICE_FACES]; /* constant */
};

struct forecast_room *forecast_room_create(void)
{
	struct forecast_room *r = xcalloc(1, sizeof *r);
	for (uint32_t i = 0; i < DICE_FACES; i++)
		r->exponential[i] = (float)-real_log((i + 0.5) / DICE_FACES);
	return r;
}

void forecast_room_destroy(struct forecast_room *r)
{
	free(r);
}

/* -- chance -- */

static uint64_t dice(struct forecast_room *r) /* splitmix64 */
{
	uint64_t z = r->dice += 0x9e3779b97f4a7c15u;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* One of count. */
static uint32_t pick(struct forecast_room *r, uint32_t count)
{
	return (uint32_t)((dice(r) >> 32) * count >> 32);
}

/* By a die of 2,048 faces, each the middle of its share: its 80th percentile is right to 0.03 %,
 * and it costs a fifth of a logarithm. */
static double exponential(struct forecast_room *r, double mean)
{
	return mean * (double)r->exponential[dice(r) >> (64 - DICE_BITS)];
}

static double handle_ms(struct forecast_room *r, const struct forecast_line *l)
{
	if (l->handle_count < SEEN_MIN)
		return exponential(r, l->handle_mean_ms);
	return l->handle_ms[pick(r, l->handle_count)];
}

/* What is left of a talk that has lasted busy_ms. */
static double rest_ms(struct forecast_room *r, const struct forecast_line *l, int64_t busy_ms)
{
	uint32_t low = 0, high = l->handle_count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (l->handle_ms[middle] > busy_ms)
			high = middle;
		else
			low = middle + 1;
	}
	uint32_t longer = l->handle_count - low;
	if (l->handle_count < SEEN_MIN || longer < SEEN_LONGER_MIN)
		return exponential(r, l->handle_mean_ms);
	return (double)(l->handle_ms[low + pick(r, longer)] - busy_ms);
}

/* -- the heap of freed hands -- */

static void sift_down(struct forecast_room *r, uint32_t at)
{
	struct freed f = r->heap[at];
	for (uint32_t child; (child = 2 * at + 1) < r->heap_count; at = child) {
		if (child + 1 < r->heap_count && r->heap[child + 1].at_ms < r->heap[child].at_ms)
			child++;
		if (r->heap[child].at_ms >= f.at_ms)
			break;
		r->heap[at] = r->heap[child];
	}
	r->heap[at] = f;
}

static void heap_begin(struct forecast_room *r)
{
	const struct forecast_world *w = r->w;
	r->heap_count = w->hand_count;
	for (uint32_t i = 0; i < w->hand_count; i++) {
		const struct forecast_hand *h = &w->hands[i];
		r->heap[i].hand = i;
		r->heap[i].at_ms = h->rest_ms >= 0 ? (double)h->rest_ms
						   : rest_ms(r, &w->lines[h->line], h->busy_ms);
	}
	for (uint32_t i = r->heap_count / 2; i-- > 0;)
		sift_down(r, i);
}

static void first_again(struct forecast_room *r, double at_ms)
{
	r->heap[0].at_ms = at_ms;
	sift_down(r, 0);
}

static void first_gone(struct forecast_room *r)
{
	r->heap[0] = r->heap[--r->heap_count];
	if (r->heap_count)
		sift_down(r, 0);
}

/* -- the line -- */

/* A probe before every chosen contact, and one at the end: whoever comes now. */
static void line_up(struct forecast_room *r, struct forecast *out)
{
	const struct forecast_world *w = r->w;
	uint32_t next = 0; /* contact before which the next probe stands */
	int64_t waited_ms = 0;
	r->spot_count = out->count = 0;
	for (uint32_t i = 0; i <= w->ahead_count; i++) {
		bool end = i == w->ahead_count;
		if (!end && w->ahead[i].line == 0)
			waited_ms = w->ahead[i].waited_ms;
		if (end || (i >= next && out->count + 1 < FORECAST_PROBES_MAX)) {
			r->probe_waited_ms[out->count] = end ? 0 : waited_ms;
			out->place[out->count++] = (double)i * w->scale + 1;
			r->fresh[r->spot_count++] =
				(struct spot){.probe = (uint16_t)out->count, .quits_ms = -1};
			next = i + 1 + i / 5;
		}
		if (!end && !w->ahead[i].taken)
			r->fresh[r->spot_count++] =
				(struct spot){.ahead = (uint16_t)i, .quits_ms = -1};
	}
	for (uint32_t i = 0; i < r->spot_count; i++)
		r->fresh[i].next = i + 1 < r->spot_count ? (uint16_t)(i + 1) : SPOT_END;
}

static bool quits(struct forecast_room *r, struct spot *s, const struct forecast_line *l,
		  double at_ms)
{
	if (s->probe)
		return false;
	if (s->quits_ms < 0) {
		int64_t stays_ms = r->w->ahead[s->ahead].stays_ms;
		s->quits_ms = stays_ms == FORECAST_NEVER ? NEVER_MS : (double)MAX(stays_ms, 0);
		if (l->quits_per_ms > 0)
			s->quits_ms = MIN(s->quits_ms, exponential(r, 1 / l->quits_per_ms));
	}
	return s->quits_ms <= at_ms;
}

/* One who waits, as a hand sees him. */
struct seen {
	uint32_t line, own; /* own: as in forecast_ahead */
	int64_t waited_ms;
};

/* May he serve him? Else *soonest_ms: when the next demand of this one applies. */
static bool fits(const struct forecast_world *w, const struct forecast_hand *h,
		 const struct seen *s, double at_ms, double *soonest_ms)
{
	const struct forecast_line *l = &w->lines[s->line];
	const struct forecast_own *own = s->own ? &w->owns[s->own - 1] : NULL;
	const int64_t *after_ms = own ? own->after_ms : l->after_ms;
	uint32_t n = 0, count = own ? own->demand_count : l->demand_count;
	uint64_t serves = own ? h->own[s->own - 1] : h->serves[s->line];
	double waited_ms = (double)s->waited_ms, from_ms = (double)h->from_ms[s->line];
	if (!h->serves[s->line])
		return false;
	if (from_ms > waited_ms + at_ms) {
		*soonest_ms = MIN(*soonest_ms, from_ms - waited_ms);
		return false;
	}
	while (n < count && (double)after_ms[n] <= waited_ms + at_ms)
		n++;
	if (serves >> n & 1)
		return true;
	if (n < count)
		*soonest_ms = MIN(*soonest_ms, (double)after_ms[n] - waited_ms);
	return false;
}

/* Somebody of a queue that goes before came meanwhile, and this one may serve him. */
static bool takes_newcomer(struct forecast_room *r, const struct forecast_hand *h, double at_ms,
			   uint32_t *line)
{
	for (uint32_t i = 1; i < r->w->line_count; i++) {
		const struct forecast_line *l = &r->w->lines[i];
		if (l->comes_per_ms <= 0 || !h->serves[i] || r->comes_ms[i] > at_ms)
			continue;
		r->comes_ms[i] += exponential(r, 1 / l->comes_per_ms);
		*line = i;
		return true;
	}
	return false;
}

/* The best contact for the hand that is free now; probes before it note the time. */
static bool takes(struct forecast_room *r, const struct forecast_hand *h, uint32_t run,
		  uint16_t *first, uint32_t *line, double *soonest_ms)
{
	const struct forecast_world *w = r->w;
	double at_ms = r->heap[0].at_ms;
	for (uint16_t *link = first; *link != SPOT_END;) {
		struct spot *s = &r->spots[*link];
		const struct forecast_ahead *a = s->probe ? NULL : &w->ahead[s->ahead];
		const struct seen seen = {.line = a ? a->line : 0,
					  .own = a ? a->own : 0,
					  .waited_ms = a ? a->waited_ms
							 : r->probe_waited_ms[s->probe - 1]};
		if (quits(r, s, &w->lines[seen.line], at_ms)) {
			*link = s->next;
			continue;
		}
		if (!fits(w, h, &seen, at_ms, soonest_ms)) {
			link = &s->next;
			continue;
		}
		*link = s->next;
		if (!s->probe) {
			*line = seen.line;
			return true;
		}
		r->seen_ms[s->probe - 1][run] = at_ms;
		r->probes_open--;
	}
	return false;
}

/* steps: how much was done; a run that takes too much of it is cut short. */
static void run_once(struct forecast_room *r, uint32_t run, uint32_t probes)
{
	const struct forecast_world *w = r->w;
	uint16_t first = 0;
	memcpy(r->spots, r->fresh, r->spot_count * sizeof *r->spots);
	for (uint32_t i = 0; i < probes; i++)
		r->seen_ms[i][run] = NEVER_MS;
	for (uint32_t i = 1; i < w->line_count; i++)
		if (w->lines[i].comes_per_ms > 0)
			r->comes_ms[i] = exponential(r, 1 / w->lines[i].comes_per_ms);
	heap_begin(r);
	r->probes_open = probes;
	uint32_t steps = 8 * (r->spot_count + w->hand_count) + 1000;
	while (r->heap_count && r->probes_open && steps-- && r->heap[0].at_ms < HORIZON_MS) {
		const struct forecast_hand *h = &w->hands[r->heap[0].hand];
		double at_ms = r->heap[0].at_ms, soonest_ms = NEVER_MS;
		uint32_t line = 0;
		if (takes_newcomer(r, h, at_ms, &line) ||
		    takes(r, h, run, &first, &line, &soonest_ms))
			first_again(r, at_ms + handle_ms(r, &w->lines[line]));
		else if (soonest_ms < NEVER_MS)
			first_again(r, MAX(soonest_ms, at_ms + 1));
		else
			first_gone(r); /* nobody here is for him */
	}
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

void forecast_run(struct forecast_room *r, const struct forecast_world *w, uint64_t seed,
		  struct forecast *out)
{
	static const uint32_t percent[FORECAST_QUANTILES] = {20, 50, 80};
	CHECK(w->line_count >= 1 && w->line_count <= FORECAST_LINES_MAX && w->scale >= 1 &&
	      w->hand_count <= FORECAST_HANDS_MAX && w->ahead_count <= FORECAST_AHEAD_MAX);
	r->w = w;
	r->dice = seed;
	line_up(r, out);
	uint32_t runs = FORECAST_STEPS / (r->spot_count + w->hand_count + 1);
	runs = w->hand_count ? MIN(MAX(runs, FORECAST_RUNS_MIN), FORECAST_RUNS_MAX) : 1;
	for (uint32_t run = 0; run < runs; run++)
		run_once(r, run, out->count);
	for (uint32_t i = 0; i < out->count; i++) {
		qsort(r->seen_ms[i], runs, sizeof *r->seen_ms[i], by_size);
		for (int q = 0; q < FORECAST_QUANTILES; q++) {
			double ms = r->seen_ms[i][(runs * percent[q] + 99) / 100 - 1];
			out->wait_ms[i][q] = ms < NEVER_MS ? (int64_t)(ms + 0.5) : FORECAST_NEVER;
		}
	}
}

int64_t forecast_wait(const struct forecast *f, uint32_t place, enum forecast_quantile q)
{
	uint32_t i = 0;
	if (!f->count)
		return FORECAST_NEVER;
	while (i < f->count && f->place[i] < place)
		i++;
	if (i == f->count) { /* further than was looked: as fast as up to there */
		int64_t last_ms = f->wait_ms[i - 1][q];
		return last_ms == FORECAST_NEVER
			       ? last_ms
			       : (int64_t)((double)last_ms * place / f->place[i - 1]);
	}
	int64_t there_ms = f->wait_ms[i][q];
	if (i == 0 || f->place[i] <= place || there_ms == FORECAST_NEVER ||
	    f->wait_ms[i - 1][q] == FORECAST_NEVER)
		return there_ms;
	double part = (place - f->place[i - 1]) / (f->place[i] - f->place[i - 1]);
	return f->wait_ms[i - 1][q] +
	       (int64_t)((double)(there_ms - f->wait_ms[i - 1][q]) * part + 0.5);
}
