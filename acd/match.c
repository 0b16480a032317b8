/*
 * match.c - who gets whom (behaviours.md section 4).
 *
 * Nobody waits while somebody eligible is free: that holds after every handler, so only what just
 * changed has to be looked at. Within a queue the waiting are in order already; a freed agent looks
 * at the heads of his queues and walks past those he may not serve.
 */
#include "acd/inside.h"

/* -- skills by waiting time -- */

uint32_t match_step(const struct visit *v)
{
	const struct demand d = demand_of(v);
	int64_t wait_ms = v->acd->core->now_ms - v->enqueue_ms;
	uint32_t step = UINT32_MAX;
	for (uint32_t i = 0; i < d.count && d.steps[i].after_ms <= wait_ms; i++)
		step = i;
	return step;
}

int64_t match_next_step_ms(const struct visit *v)
{
	const struct demand d = demand_of(v);
	uint32_t next = match_step(v) + 1; /* UINT32_MAX + 1 is 0: the first */
	return next < d.count ? v->enqueue_ms + d.steps[next].after_ms : INT64_MAX;
}

void member_masks(struct member *m)
{
	const struct queue_config *c = queue_conf(m->queue);
	const struct user_config *u = agent_conf(m->agent);
	m->step_mask = m->helper ? UINT64_MAX : 0;
	for (uint32_t i = 0; i < c->step_count && i < 64; i++)
		if (skill_fulfils(u, &c->steps[i]))
			m->step_mask |= (uint64_t)1 << i;
}

/* The steps of the queue are filed with its members; few contacts come with their own. */
static bool skilled(const struct visit *v, const struct member *m, uint32_t step)
{
	if (step == UINT32_MAX || m->helper)
		return true;
	if (step < 64 && !v->own)
		return m->step_mask >> step & 1;
	return skill_fulfils(agent_conf(m->agent), &demand_of(v).steps[step]);
}

/* The customer and this agent are not to meet (behaviours.md Q-3). */
static bool kept_apart(const struct visit *v, const struct agent *a)
{
	if (!a->avoids)
		return false;
	const struct user_config *u = agent_conf(a);
	const struct contact *k = contact_get(v->acd->core, v->contact);
	for (uint32_t i = 0; k && i < u->do_not_pair_count; i++)
		if (str_is(u->do_not_pair[i], k->from))
			return true;
	return false;
}

static enum avail refusal_at(const struct visit *v, const struct member *m, uint32_t step)
{
	if (m->agent->avail != AVAIL_ready)
		return m->agent->avail;
	if (!skilled(v, m, step))
		return AVAIL_skill;
	if (kept_apart(v, m->agent))
		return AVAIL_do_not_pair;
	if (!(tiers_open(v) & BIT(m->place.tier - 1)))
		return AVAIL_tier;
	if (!list_empty(&v->wants) && v->wanted_until_ms > v->acd->core->now_ms &&
	    !want_of(v, m->agent))
		return AVAIL_sticky;
	return visit_shunned(v, m->agent) ? AVAIL_excluded : AVAIL_ready;
}

bool match_serves(const struct visit *v, const struct agent *a)
{
	for (uint32_t i = 0; i < a->member_count; i++)
		if (a->members[i].queue == v->queue)
			return skilled(v, &a->members[i], match_step(v)) && !kept_apart(v, a);
	return false;
}

enum avail match_refusal(const struct visit *v, const struct member *m)
{
	return refusal_at(v, m, match_step(v));
}

/* -- contacts: class, then score, then who came first -- */

double match_score(const struct visit *v)
{
	double waited = (double)(v->acd->core->now_ms - v->place_ms) / 60000.0;
	return (double)v->priority_min + waited * v->queue->ageing;
}

static bool outranks(const struct visit *a, const struct visit *b)
{
	if (a->queue == b->queue)
		return rank_before(&a->rank, &b->rank);
	if (a->queue->class_rank != b->queue->class_rank)
		return a->queue->class_rank > b->queue->class_rank;
	if (a->rank.level != b->rank.level)
		return a->rank.level > b->rank.level;
	if (a->queue->priority_only != b->queue->priority_only)
		return a->queue->priority_only; /* behaviours.md Q-2 */
	double score_a = match_score(a), score_b = match_score(b);
	if (score_a != score_b)
		return score_a > score_b;
	if (a->place_ms != b->place_ms)
		return a->place_ms < b->place_ms;
	return a->rank.seq < b->rank.seq;
}

bool match_outranks(const struct visit *a, const struct visit *b)
{
	return outranks(a, b);
}

/* The best contact of one queue for him that outranks `best`; else best. */
static struct visit *best_in(const struct member *m, struct visit *best)
{
	const struct queue_config *c = queue_conf(m->queue);
	if (c->step_count && c->step_count < 64 && !m->step_mask && c->steps[0].after_ms <= 0 &&
	    list_empty(&m->queue->demands))
		return best; /* never, whatever the wait */
	for (struct rank_node *n = rank_first(&m->queue->waiting); n; n = rank_next(n)) {
		struct visit *v = CONTAINER_OF(n, struct visit, rank);
		if (best && !outranks(v, best))
			return best;
		if (match_refusal(v, m) == AVAIL_ready)
			return v;
	}
	return best;
}

static struct visit *best_for(const struct agent *a)
{
	struct visit *best = NULL;
	for (uint32_t i = 0; i < a->member_count; i++)
		best = best_in(&a->members[i], best);
	return best;
}

/* -- agents -- */

struct pick pick_of(struct visit *v)
{
	return (struct pick){v, queue_conf(v->queue), match_step(v), demand_of(v)};
}

/* Kept for several: the higher score first; then as the strategy says. */
static int compare(const struct pick *p, const struct member *a, const struct member *b,
		   member_order *order)
{
	const struct want *x = want_of(p->visit, a->agent), *y = want_of(p->visit, b->agent);
	if (x && y && x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return order(p, a, b);
}

/* One of them, each by its weight. */
static bool dice_take(struct acd *acd, const struct pick *p, const struct member *m,
		      uint64_t *total)
{
	uint32_t weight = p->conf->strategy == STRATEGY_random ? 1 : m->place.weight;
	*total += weight;
	return core_dice(acd->core) % *total < weight;
}

static struct member *choose(const struct pick *p, bool dice)
{
	struct queue *q = p->visit->queue;
	member_order *order = strategy_order(p->conf->strategy);
	bool wanted = !list_empty(&p->visit->wants);
	struct member *best = NULL;
	uint64_t total = 0;
	dice &= !wanted && (p->conf->strategy == STRATEGY_random ||
			    p->conf->strategy == STRATEGY_weighted_random);
	list_for_each (l, &q->ready) /* longest idle first */
	{
		struct member *m = CONTAINER_OF(l, struct member, of_ready);
		if (refusal_at(p->visit, m, p->step) != AVAIL_ready)
			continue;
		if (dice) {
			if (dice_take(q->acd, p, m, &total))
				best = m;
			continue;
		}
		if (order == order_by_idle && !wanted)
			return m;
		if (!best || compare(p, m, best, order) < 0)
			best = m;
	}
	return best;
}

/* -- the dispatcher -- */

static void decide(const struct pick *p, struct member *m)
{
	char room[WHY_BYTES_MAX];
	struct buf why = buf_make(room, sizeof room);
	struct visit *v = p->visit;
	why_write(p, m, strategy_order(p->conf->strategy), &why);
	EMIT(v->acd->core, decision, .contact = v->contact, .queue = v->queue->id,
	     .agent = m->agent->id, .why = buf_str(&why));
	visit_offer(v, m);
}

bool match_more(const struct visit *v)
{
	int64_t now_ms = v->acd->core->now_ms;
	if (v->state != VISIT_OFFERED || now_ms >= visit_timeout_ms(v))
		return false;
	enum strategy s = queue_conf(v->queue)->strategy;
	return s == STRATEGY_ring_all ||
	       (s == STRATEGY_ring_progressive && now_ms >= v->next_ring_ms);
}

static void offer_best(struct agent *a);

static struct member *longest_idle(const struct pick *p)
{
	list_for_each (l, &p->visit->queue->ready) {
		struct member *m = CONTAINER_OF(l, struct member, of_ready);
		if (refusal_at(p->visit, m, p->step) == AVAIL_ready)
			return m;
	}
	return NULL;
}

/* All who are free and eligible now, as many as are due; a better one who waits goes first. `told`:
 * the decision that named the first stands for all. */
static void ring_more(struct visit *v, bool told)
{
	if (!match_more(v))
		return;
	struct pick p = pick_of(v);
	struct member *m;
	while (match_more(v) && (m = longest_idle(&p)) != NULL) {
		const struct visit *better = best_for(m->agent);
		if (better && outranks(better, v)) {
			offer_best(m->agent); /* one contact fewer waits: this ends */
			continue;
		}
		if (told)
			visit_offer(v, m);
		else
			decide(&p, m);
		told = true;
	}
}

void match_ring(struct visit *v)
{
	ring_more(v, false);
}

static void offer(struct visit *v)
{
	struct pick p = pick_of(v);
	struct member *m = choose(&p, true);
	CHECK(m);
	decide(&p, m);
	ring_more(v, true);
	visit_arm(v);
}

/* A contact for which nobody rings yet goes before one for which one more may ring. */
static void join_ring(struct agent *a)
{
	struct visit *best = NULL;
	struct member *as = NULL;
	for (uint32_t i = 0; i < a->member_count; i++) {
		struct member *m = &a->members[i];
		enum strategy s = queue_conf(m->queue)->strategy;
		if (s != STRATEGY_ring_all && s != STRATEGY_ring_progressive)
			continue;
		struct rank_node *n = rank_first(&m->queue->offered);
		for (; n; n = rank_next(n)) {
			struct visit *v = CONTAINER_OF(n, struct visit, rank);
			if (best && !outranks(v, best))
				break;
			if (!match_more(v) || match_refusal(v, m) != AVAIL_ready)
				continue;
			best = v;
			as = m;
			break;
		}
	}
	if (!best)
		return;
	struct pick p = pick_of(best);
	decide(&p, as);
	visit_arm(best);
}

/* When many things changed at one instant, the one an agent fits best may not be the best one
 * for whom its strategy picks: go on to higher ranks until both agree. */
static void offer_best(struct agent *a)
{
	struct visit *v = best_for(a);
	while (v) {
		struct pick p = pick_of(v);
		struct member *m = choose(&p, false);
		struct visit *better = m->agent == a ? v : best_for(m->agent);
		if (better == v || !outranks(better, v))
			break;
		a = m->agent;
		v = better;
	}
	if (v)
		offer(v);
}

void match_agent(struct agent *a)
{
	while (a->avail == AVAIL_ready && best_for(a))
		offer_best(a);
	if (a->avail == AVAIL_ready)
		join_ring(a);
}

void match_contact(struct visit *v)
{
	while (v->state == VISIT_WAITING) {
		struct pick p = pick_of(v);
		struct member *m = choose(&p, false);
		if (!m)
			return;
		offer_best(m->agent);
	}
}

void match_queue(struct queue *q)
{
	struct rank_node *n = rank_first(&q->waiting);
	while (n) {
		struct visit *v = CONTAINER_OF(n, struct visit, rank);
		visit_settle(v);
		/* more than this one may have left the order */
		n = rank_first(&q->waiting);
		while (n && !rank_before(&v->rank, n))
			n = rank_next(n);
	}
	for (n = rank_first(&q->offered); n; n = rank_next(n))
		visit_settle(CONTAINER_OF(n, struct visit, rank)); /* it stays where it is */
}
