/*
 * demand.c - what a contact asks of an agent: the skill steps of its queue, or its own, which the
 * flow gave it for this visit (behaviours.md Q-5).
 *
 * Contacts that came with the same steps share one copy, so memory and the look for somebody able
 * go by how many different ones there are, not by how many wait.
 */
#include "acd/inside.h"

#include <stdlib.h>

#include "core/skill_expr.h"

#define STEPS_MAX 64u /* more than a flow may name; of an image */

struct demand demand_of(const struct visit *v)
{
	if (v->own)
		return v->own->is;
	const struct queue_config *c = queue_conf(v->queue);
	return (struct demand){c->steps, c->step_count};
}

/* -- the shared copies -- */

static bool alike(const struct demand *d, const struct skill_step *steps, uint32_t count)
{
	bool same = d->count == count;
	for (uint32_t i = 0; i < count && same; i++)
		same = d->steps[i].after_ms == steps[i].after_ms &&
		       str_eq(d->steps[i].need, steps[i].need);
	return same;
}

static struct own_demand *shared(struct queue *q, const struct skill_step *steps, uint32_t count)
{
	list_for_each (l, &q->demands) {
		struct own_demand *d = CONTAINER_OF(l, struct own_demand, of_queue);
		if (alike(&d->is, steps, count))
			return d;
	}
	struct own_demand *d = xcalloc(1, sizeof *d);
	arena_init(&d->arena);
	d->is = (struct demand){skill_steps_copy(&d->arena, steps, count), count};
	list_init(&d->of_queue);
	list_push(&q->demands, &d->of_queue);
	q->demands_stale = true;
	return d;
}

static void own_free(struct own_demand *d)
{
	list_remove(&d->of_queue);
	arena_finish(&d->arena);
	free(d);
}

void demand_begin(struct visit *v, const struct skill_step *steps, uint32_t count)
{
	CHECK(v->queue && !v->own && !v->rank.in);
	v->own = shared(v->queue, steps, count);
	v->own->users++;
}

void demand_wait(struct visit *v, int by)
{
	if (!v->own)
		return;
	v->own->waiting += (uint32_t)by;
	v->queue->own_waiting += (uint32_t)by;
}

void demand_end(struct visit *v)
{
	struct own_demand *d = v->own;
	v->own = NULL;
	if (d && !--d->users)
		own_free(d);
}

void demand_free(struct queue *q)
{
	while (!list_empty(&q->demands))
		own_free(CONTAINER_OF(q->demands.next, struct own_demand, of_queue));
}

/* -- whom nobody can serve -- */

bool demand_could(const struct demand *d, const struct member *m)
{
	enum avail avail = m->agent->avail;
	if (avail == AVAIL_signed_out || avail == AVAIL_leaving)
		return false;
	bool could = m->helper || !d->count || d->steps[0].after_ms > 0;
	for (uint32_t i = 0; i < d->count && !could; i++)
		could = skill_fulfils(agent_conf(m->agent), &d->steps[i]);
	return could;
}

static bool somebody_could(const struct queue *q, const struct demand *d)
{
	list_for_each (l, &q->members)
		if (demand_could(d, CONTAINER_OF(l, struct member, of_queue)))
			return true;
	return false;
}

static bool own_unmeetable(struct queue *q)
{
	bool any = false;
	list_for_each (l, &q->demands) {
		struct own_demand *d = CONTAINER_OF(l, struct own_demand, of_queue);
		if (q->demands_stale)
			d->able = somebody_could(q, &d->is);
		any |= d->waiting && !d->able;
	}
	q->demands_stale = false;
	return any;
}

struct visit *demand_unmeetable(struct queue *q)
{
	bool plain = q->waiting.count > q->own_waiting && !q->able, own = own_unmeetable(q);
	struct rank_node *n = plain || own ? rank_first(&q->waiting) : NULL;
	for (; n; n = rank_next(n)) {
		struct visit *v = CONTAINER_OF(n, struct visit, rank);
		if (v->own ? !v->own->able : !q->able)
			return v;
	}
	return NULL;
}

void demand_keep(struct visit *v, const struct demand *said)
{
	if (v->kept)
		arena_finish(&v->kept->arena);
	free(v->kept);
	v->kept = NULL;
	if (!said)
		return;
	struct kept_demand *k = v->kept = xcalloc(1, sizeof *k);
	arena_init(&k->arena);
	k->is = (struct demand){skill_steps_copy(&k->arena, said->steps, said->count), said->count};
}

/* -- in the image of its contact, at the end -- */

/* NULL: none of its own. */
static void put_demand(const struct demand *d, struct buf *out)
{
	put_u8(out, d != NULL);
	if (!d)
		return;
	put_u32(out, d->count);
	for (uint32_t i = 0; i < d->count; i++) {
		put_i64(out, d->steps[i].after_ms);
		put_text(out, d->steps[i].need);
	}
}

void demand_save(const struct visit *v, struct buf *out)
{
	put_demand(v->own ? &v->own->is : NULL, out);
}

void demand_save_kept(const struct visit *v, struct buf *out)
{
	put_demand(v->kept ? &v->kept->is : NULL, out);
}

void demand_skip(struct take *t)
{
	for (uint32_t count = take_u8(t) ? take_u32(t) : 0; count && !t->torn; count--) {
		(void)take_i64(t);
		(void)take_text(t);
	}
}

/* False: it has none, or one that cannot be read. */
static bool take_demand(struct take *t, struct arena *a, struct skill_step steps[STEPS_MAX],
			uint32_t *count)
{
	bool fine = take_u8(t) != 0;
	uint32_t all = fine ? take_u32(t) : 0;
	fine &= all <= STEPS_MAX;
	for (*count = 0; fine && *count < all; ++*count) {
		int64_t after_ms = take_i64(t);
		fine = skill_step_make(a, after_ms, take_text(t), &steps[*count]) == ERR_OK;
	}
	return fine && !t->torn;
}

void demand_load(struct visit *v, struct take *t)
{
	struct skill_step steps[STEPS_MAX];
	struct arena a;
	uint32_t count;
	arena_init(&a);
	if (take_demand(t, &a, steps, &count))
		demand_begin(v, steps, count);
	arena_finish(&a);
}

void demand_load_kept(struct visit *v, struct take *t)
{
	struct skill_step steps[STEPS_MAX];
	struct arena a;
	uint32_t count;
	arena_init(&a);
	if (take_demand(t, &a, steps, &count))
		demand_keep(v, &(struct demand){steps, count});
	arena_finish(&a);
}
