/*
 * outlook.c - how long one would wait in a queue: the rows as a world for the forecast.
 *
 * Looked at together are the queue, those that share an agent with it (the first seven found) and
 * all their agents who work now. Whoever is on a break, or will be after his present contact, does
 * not count: nobody knows when he comes back.
 */
#include "acd/inside.h"

#define OUTLOOK_MS 1000 /* an answer holds for so long */

static bool works_on(const struct agent *a)
{
	if (a->has_next && a->next != PRESENCE_ready)
		return false;
	return a->avail == AVAIL_ready || a->avail == AVAIL_busy || a->avail == AVAIL_wrapping ||
	       a->avail == AVAIL_penalty;
}

/* -- queues that share agents -- */

static bool listed(struct queue *const *lines, uint32_t count, const struct queue *q, uint32_t *at)
{
	for (*at = 0; *at < count; (*at)++)
		if (lines[*at] == q)
			return true;
	return false;
}

static uint32_t lines_of(struct queue *q, struct queue **lines)
{
	uint32_t count = 1, at;
	for (uint32_t i = 0; i < FORECAST_LINES_MAX; i++)
		lines[i] = q;
	list_for_each (l, &q->members) {
		const struct agent *a = CONTAINER_OF(l, struct member, of_queue)->agent;
		if (!works_on(a))
			continue;
		for (uint32_t i = 0; i < a->member_count && count < FORECAST_LINES_MAX; i++)
			if (!listed(lines, count, a->members[i].queue, &at))
				lines[count++] = a->members[i].queue;
	}
	return count;
}

/* -- what contacts ask for themselves -- */

struct owns {
	const struct own_demand *is[FORECAST_OWN_MAX];
	const struct queue *of[FORECAST_OWN_MAX];
	uint32_t count;
	int64_t after_ms[FORECAST_OWN_MAX][FORECAST_DEMANDS_MAX];
};

static void owns_of(struct queue *const *lines, uint32_t line_count, struct owns *o,
		    struct forecast_world *w)
{
	o->count = 0;
	for (uint32_t i = 0; i < line_count; i++)
		list_for_each (l, &lines[i]->demands) {
			if (o->count == FORECAST_OWN_MAX)
				return;
			const struct own_demand *d = CONTAINER_OF(l, struct own_demand, of_queue);
			uint32_t at = o->count++, steps = MIN(d->is.count, FORECAST_DEMANDS_MAX);
			o->is[at] = d;
			o->of[at] = lines[i];
			for (uint32_t k = 0; k < steps; k++)
				o->after_ms[at][k] = d->is.steps[k].after_ms;
			w->owns[at] = (struct forecast_own){o->after_ms[at], steps};
		}
}

static uint8_t own_of(const struct owns *o, const struct visit *v)
{
	for (uint32_t i = 0; i < o->count; i++)
		if (o->is[i] == v->own)
			return (uint8_t)(i + 1);
	return 0;
}

static void own_masks(const struct owns *o, const struct member *m, struct forecast_hand *h)
{
	for (uint32_t i = 0; i < o->count; i++) {
		if (o->of[i] != m->queue)
			continue;
		const struct demand *d = &o->is[i]->is;
		h->own[i] = m->helper ? UINT64_MAX : 1;
		for (uint32_t k = 0; k < d->count && k < FORECAST_DEMANDS_MAX; k++)
			if (skill_fulfils(agent_conf(m->agent), &d->steps[k]))
				h->own[i] |= (uint64_t)1 << (k + 1);
	}
}

/* -- agents -- */

static void hand_of(const struct agent *a, struct queue *const *lines, uint32_t line_count,
		    const struct owns *owns, struct forecast_hand *h)
{
	int64_t now_ms = a->acd->core->now_ms;
	const struct visit *v = visit_row(a->acd, a->job.contact);
	uint32_t at;
	*h = (struct forecast_hand){.rest_ms = -1};
	if (!ID_NONE(a->job.queue) &&
	    listed(lines, line_count, queue_row(a->acd, a->job.queue), &at))
		h->line = (uint8_t)at;
	if (a->avail == AVAIL_ready)
		h->rest_ms = 0;
	else if (a->avail == AVAIL_penalty)
		h->rest_ms = MAX(a->penalty_ms - now_ms, 0);
	else if (a->work == WORK_wrapping && a->job.wrap_until_ms)
		h->rest_ms = MAX(a->job.wrap_until_ms - now_ms, 0);
	else if (a->work == WORK_wrapping)
		h->busy_ms = a->job.handle_ms + now_ms - a->job.wrap_ms;
	else if (v && !list_empty(&a->of_talk))
		h->busy_ms = now_ms - a->job.talk.from_ms;
	for (uint32_t i = 0; i < a->member_count; i++)
		if (listed(lines, line_count, a->members[i].queue, &at)) {
			h->serves[at] = a->members[i].step_mask << 1 | 1;
			h->from_ms[at] = tier_from_ms(&a->members[i]);
			own_masks(owns, &a->members[i], h);
		}
}

/* Everybody once: in the first of his queues. */
static bool first_here(const struct agent *a, struct queue *const *lines, uint32_t line)
{
	uint32_t at;
	for (uint32_t i = 0; i < a->member_count; i++)
		if (listed(lines, line, a->members[i].queue, &at))
			return false;
	return true;
}

static void hands_of(struct queue *const *lines, const struct owns *owns, struct forecast_world *w)
{
	uint32_t count = 0, met = 0;
	for (uint32_t i = 0; i < w->line_count; i++)
		count += lines[i]->member_count; /* at most; one of several queues more than once */
	w->scale = (count + FORECAST_HANDS_MAX - 1) / FORECAST_HANDS_MAX;
	w->scale = MAX(w->scale, 1u);
	w->hand_count = 0;
	for (uint32_t i = 0; i < w->line_count; i++)
		list_for_each (l, &lines[i]->members) {
			const struct agent *a = CONTAINER_OF(l, struct member, of_queue)->agent;
			if (works_on(a) && first_here(a, lines, i) && met++ % w->scale == 0)
				hand_of(a, lines, w->line_count, owns, &w->hands[w->hand_count++]);
		}
}

/* -- contacts -- */

struct walk { /* through several orders at once, the best rank first */
	struct rank_node *next[FORECAST_LINES_MAX + 1];
	uint32_t count;
};

static struct visit *walk_next(struct walk *k)
{
	struct visit *best = NULL;
	uint32_t from = 0;
	for (uint32_t i = 0; i < k->count; i++) {
		if (!k->next[i])
			continue;
		struct visit *v = CONTAINER_OF(k->next[i], struct visit, rank);
		if (best && !match_outranks(v, best))
			continue;
		best = v;
		from = i;
	}
	if (best)
		k->next[from] = rank_next(k->next[from]);
	return best;
}

static void ahead_of(struct queue *const *lines, const struct owns *owns, struct forecast_world *w)
{
	struct queue *q = lines[0];
	struct walk k = {.next = {rank_first(&q->offered)}, .count = 1};
	int64_t now_ms = q->acd->core->now_ms;
	uint32_t met = 0;
	struct visit *v;
	for (uint32_t i = 0; i < w->line_count; i++)
		if (lines[i]->class_rank >= q->class_rank)
			k.next[k.count++] = rank_first(&lines[i]->waiting);
	w->ahead_count = 0;
	while (w->ahead_count < FORECAST_AHEAD_MAX && (v = walk_next(&k)) != NULL) {
		if (met++ % w->scale)
			continue;
		struct forecast_ahead *a = &w->ahead[w->ahead_count++];
		int64_t out_ms = visit_timeout_ms(v);
		uint32_t line = 0;
		listed(lines, w->line_count, v->queue, &line);
		*a = (struct forecast_ahead){.waited_ms = now_ms - v->enqueue_ms,
					     .stays_ms = out_ms == INT64_MAX ? FORECAST_NEVER
									     : out_ms - now_ms,
					     .line = (uint8_t)line,
					     .own = own_of(owns, v),
					     .taken = v->state == VISIT_OFFERED};
	}
}

/* -- the whole -- */

struct line_memory { /* what a forecast_line points at */
	uint32_t handles[LORE_HANDLES];
	int64_t after_ms[FORECAST_DEMANDS_MAX];
};

static void line_of(const struct queue *q, bool goes_before, struct line_memory *m,
		    struct forecast_line *l)
{
	const struct queue_config *c = queue_conf(q);
	uint32_t count = lore_handles(&q->lore, m->handles);
	double sum_ms = 0;
	for (uint32_t i = 0; i < count; i++)
		sum_ms += m->handles[i];
	*l = (struct forecast_line){.handle_ms = m->handles,
				    .handle_count = count,
				    .handle_mean_ms = count ? MAX(sum_ms / count, 1) : AHT_GUESS_MS,
				    .quits_per_ms = lore_quits_per_ms(&q->lore),
				    .after_ms = m->after_ms,
				    .demand_count = MIN(c->step_count, FORECAST_DEMANDS_MAX)};
	for (uint32_t i = 0; i < l->demand_count; i++)
		m->after_ms[i] = c->steps[i].after_ms;
	if (goes_before)
		l->comes_per_ms = lore_comes_per_ms(&q->lore, q->acd->core->now_ms);
}

static void reckon(struct queue *q)
{
	static struct line_memory memory[FORECAST_LINES_MAX]; /* main thread only */
	static struct owns owns;
	struct acd *acd = q->acd;
	struct forecast_world *w = acd->forecast_world;
	struct queue *lines[FORECAST_LINES_MAX];
	struct outlook *o = &q->outlook;
	w->line_count = lines_of(q, lines);
	owns_of(lines, w->line_count, &owns, w);
	hands_of(lines, &owns, w);
	ahead_of(lines, &owns, w);
	o->share_count = 0;
	for (uint32_t i = 0; i < w->line_count; i++) {
		line_of(lines[i], lines[i]->class_rank > q->class_rank, &memory[i], &w->lines[i]);
		w->lines[i].comes_per_ms /= w->scale;
		if (i)
			o->shares[o->share_count++] = lines[i]->id;
	}
	/* chance of its own: who asks does not change whom the dice of the house choose */
	uint64_t seed = str_hash(str_of(q->name), (uint64_t)(acd->core->now_ms / OUTLOOK_MS));
	forecast_run(acd->forecast_room, w, seed, &o->forecast);
	o->at_ms = acd->core->now_ms;
	o->known = true;
}

/* Nobody works: asked again each time, which costs nothing, so that the first one is seen. */
static bool holds(const struct outlook *o, int64_t now_ms)
{
	return o->known && now_ms - o->at_ms < OUTLOOK_MS &&
	       o->forecast.wait_ms[o->forecast.count - 1][FORECAST_P50] != FORECAST_NEVER;
}

const struct outlook *outlook_of(struct queue *q)
{
	if (!holds(&q->outlook, q->acd->core->now_ms))
		reckon(q);
	return &q->outlook;
}

int64_t outlook_wait(struct queue *q, uint32_t place, enum forecast_quantile quantile)
{
	return forecast_wait(&outlook_of(q)->forecast, place, quantile);
}

int64_t outlook_ewt(struct queue *q)
{
	if (!q->waiting.count && !q->offered.count && !list_empty(&q->ready))
		return 0; /* there is nothing to reckon */
	const struct forecast *f = &outlook_of(q)->forecast;
	int64_t ms = f->wait_ms[f->count - 1][FORECAST_P50];
	return ms == FORECAST_NEVER ? -1 : ms;
}

int64_t outlook_base(const struct queue *q, uint32_t ahead)
{
	double hands = 0, sum_ms = 0;
	uint32_t count = MIN(q->lore.handled, LORE_HANDLES);
	list_for_each (l, &q->members) {
		const struct agent *a = CONTAINER_OF(l, struct member, of_queue)->agent;
		if (a->avail == AVAIL_ready || a->avail == AVAIL_busy || a->avail == AVAIL_wrapping)
			hands += 1.0 / a->member_count;
	}
	if (hands <= 0)
		return -1;
	for (uint32_t i = 0; i < count; i++)
		sum_ms += q->lore.handle_ms[i];
	return (int64_t)((count ? sum_ms / count : AHT_GUESS_MS) * (ahead + 1) / hands);
}

uint32_t outlook_place(const struct visit *v)
{
	const struct outlook *o = outlook_of(v->queue);
	struct walk k = {.next = {rank_first(&v->queue->waiting), rank_first(&v->queue->offered)},
			 .count = 2};
	uint32_t place = 1;
	for (uint32_t i = 0; i < o->share_count; i++) {
		const struct queue *other = queue_row(v->acd, o->shares[i]);
		if (other && other->class_rank >= v->queue->class_rank)
			k.next[k.count++] = rank_first(&other->waiting);
	}
	for (const struct visit *at; (at = walk_next(&k)) && at != v;)
		place++;
	return place;
}
