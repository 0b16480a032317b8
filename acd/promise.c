/*
 * promise.c - what a waiting caller is told about his place and his wait (behaviours.md P-1 to
 * P-4), and what queues learn from how it went.
 *
 * Nothing here is on the way of a match: it hears events after they happened and works by timers of
 * its own. A caller is told on entry (or first_s later) and then every every_s; who is offered to
 * an agent at that moment is passed over. Every promise is a fact.
 */
#include "acd/inside.h"

#include "core/bytes.h"

#define SPACING_MS 15000    /* P-1: never sooner after the last one */
#define LORE_SAVED_MS 30000 /* so much of what was learned may be lost with the process */
#define LORE_YOUNG 32u	    /* but for the first ones, on which much depends */
#define FORMAT 1

static void told_fire(struct timer *t, int64_t now_ms);

static bool wanted(const struct queue_config *c)
{
	return c->announce_every_ms > 0 && (c->announce_position || c->announce_wait);
}

static void told_touch(const struct visit *v)
{
	core_touch(v->acd->core, IMAGE_PROMISE, ID(v->contact));
}

static void told_next(struct visit *v, int64_t at_ms)
{
	struct timers *ts = &v->acd->core->timers;
	v->told.next_ms = at_ms;
	if (at_ms)
		timer_start(ts, &v->told.timer, at_ms, told_fire, v);
	else
		timer_stop(ts, &v->told.timer);
	told_touch(v);
}

/* -- one promise -- */

/* P-3: up to the minute below ten of them, else up to five. */
static int64_t rounded_up(int64_t ms)
{
	int64_t unit = ms <= 10 * MINUTE_MS ? MINUTE_MS : 5 * MINUTE_MS;
	return MAX((ms + unit - 1) / unit, 1) * unit;
}

/* The range that is told, or none: nobody is signed in, data are too thin (P-3). */
static void range_of(struct queue *q, uint32_t place, int64_t *low_ms, int64_t *high_ms)
{
	int64_t high = outlook_wait(q, place, FORECAST_P80);
	*low_ms = *high_ms = 0;
	if (!queue_signed_in(q) || lore_thin(&q->lore) || high == FORECAST_NEVER)
		return;
	int64_t low = outlook_wait(q, place, FORECAST_P20);
	high = MAX(high, lore_p80_ms(&q->lore, place, q->acd->core->now_ms));
	*low_ms = rounded_up(low);
	*high_ms = rounded_up(high);
}

static bool improved(const struct told *t, uint32_t place, int64_t high_ms)
{
	if (!t->place)
		return true; /* the first is told in any case (asterisk #1386) */
	return place < t->place || (high_ms && t->high_ms && high_ms < t->high_ms);
}

static void promise(struct visit *v)
{
	struct core *c = v->acd->core;
	struct queue *q = v->queue;
	const struct queue_config *conf = queue_conf(q);
	struct told *t = &v->told;
	int64_t low_ms = 0, high_ms = 0;
	uint32_t place = outlook_place(v);
	if (place == 1 && !conf->announce_head)
		return; /* asterisk #1568 */
	if (conf->announce_wait)
		range_of(q, place, &low_ms, &high_ms);
	if (!conf->announce_position && !high_ms)
		return; /* nothing to say */
	if (conf->announce_only_if_improved && !improved(t, place, high_ms))
		return;
	int64_t ewt_ms = outlook_wait(q, place, FORECAST_P50);
	EMIT(c, promise, .contact = v->contact, .queue = q->id,
	     .position = conf->announce_position ? place : 0,
	     .ewt_ms = ewt_ms == FORECAST_NEVER ? -1 : ewt_ms, .low_ms = low_ms,
	     .high_ms = high_ms);
	t->place = place;
	t->high_ms = high_ms;
	if (t->kept < TOLD_KEPT) {
		t->promises[t->kept].at_ms = c->now_ms;
		t->promises[t->kept++].place = place;
	}
}

static void told_fire(struct timer *timer, int64_t now_ms)
{
	struct visit *v = timer->arg;
	bool waits = v->state == VISIT_WAITING, rings = v->state == VISIT_OFFERED && v->queue;
	if (!(waits || rings) || !wanted(queue_conf(v->queue))) {
		told_next(v, 0);
		return;
	}
	if (waits)
		promise(v);
	told_next(v, now_ms + (waits ? MAX(queue_conf(v->queue)->announce_every_ms, SPACING_MS)
				     : SPACING_MS));
}

/* -- what queues learn -- */

static void learned(struct queue *q)
{
	int64_t now_ms = q->acd->core->now_ms;
	if (q->lore.handled > LORE_YOUNG && now_ms - q->lore_saved_ms < LORE_SAVED_MS)
		return;
	q->lore_saved_ms = now_ms;
	core_touch(q->acd->core, IMAGE_LORE, ID(q->id));
}

void promise_handled(struct queue *q, int64_t ms)
{
	lore_handled(&q->lore, ms);
	learned(q);
}

static void heard_enqueue(struct acd *acd, const struct event_enqueue *ev)
{
	struct visit *v = visit_row(acd, ev->contact);
	struct queue *q = queue_row(acd, ev->queue);
	if (q)
		lore_came(&q->lore, acd->core->now_ms);
	if (!v || !v->queue || v->queue != q || !ID_NONE(v->asker))
		return; /* left it again at once; or talks to an agent, who is not to hear it */
	const struct queue_config *conf = queue_conf(q);
	v->told.place = 0;
	v->told.high_ms = 0;
	v->told.kept = 0;
	if (wanted(conf))
		told_next(v, acd->core->now_ms + conf->announce_first_ms);
}

static void heard_dequeue(struct acd *acd, const struct event_dequeue *ev)
{
	struct visit *v = visit_row(acd, ev->contact);
	struct queue *q = queue_row(acd, ev->queue);
	int64_t now_ms = acd->core->now_ms;
	if (q) {
		lore_left(&q->lore, ev->wait_ms, ev->reason == RESULT_abandoned);
		for (uint32_t i = 0; v && ev->reason == RESULT_answered && i < v->told.kept; i++)
			lore_waited(&q->lore, v->told.promises[i].place,
				    now_ms - v->told.promises[i].at_ms, now_ms);
		learned(q);
	}
	if (!v || v->queue) /* he waits again, perhaps elsewhere */
		return;
	v->told.kept = 0;
	if (v->told.next_ms)
		told_next(v, 0);
}

/* Announcements were turned on: those who wait already hear them too. */
static void heard_queue(struct acd *acd, struct queue *q)
{
	if (!wanted(queue_conf(q)))
		return;
	for (struct rank_node *n = rank_first(&q->waiting); n; n = rank_next(n)) {
		struct visit *v = CONTAINER_OF(n, struct visit, rank);
		if (!v->told.next_ms)
			told_next(v, acd->core->now_ms);
	}
}

void promise_hear(struct acd *acd, const struct event *ev)
{
	struct visit *v;
	struct queue *q;
	switch ((int)ev->kind) {
	case EV_enqueue:
		heard_enqueue(acd, &ev->enqueue);
		break;
	case EV_dequeue:
		heard_dequeue(acd, &ev->dequeue);
		break;
	case EV_contact_gone:
		v = visit_row(acd, ev->contact_gone.contact);
		if (v && v->told.next_ms)
			told_next(v, 0);
		break;
	case EV_object_moved:
		q = queue_row(acd, (struct queue_id){ev->object_moved.slot, ev->object_moved.age});
		if (ev->object_moved.kind == KIND_queue && q)
			heard_queue(acd, q);
		break;
	default:
		break;
	}
}

/* -- bytes -- */

bool promise_save(const struct acd *acd, struct contact_id id, struct buf *out)
{
	const struct visit *v = visit_row(acd, id);
	if (!v || !v->told.next_ms)
		return false;
	const struct told *t = &v->told;
	put_u8(out, FORMAT);
	put_i64(out, t->next_ms);
	put_u32(out, t->place);
	put_i64(out, t->high_ms);
	put_u32(out, t->kept);
	for (uint32_t i = 0; i < t->kept; i++) {
		put_i64(out, t->promises[i].at_ms);
		put_u32(out, t->promises[i].place);
	}
	return true;
}

enum err promise_load(struct acd *acd, struct contact_id id, struct str image)
{
	struct visit *v = visit_row(acd, id);
	struct take t = {.rest = image};
	struct told got = {0};
	bool known = take_u8(&t) == FORMAT;
	got.next_ms = take_i64(&t);
	got.place = take_u32(&t);
	got.high_ms = take_i64(&t);
	got.kept = take_u32(&t);
	if (!v || !known || got.kept > TOLD_KEPT)
		return ERR_INVALID;
	for (uint32_t i = 0; i < got.kept; i++) {
		got.promises[i].at_ms = take_i64(&t);
		got.promises[i].place = take_u32(&t);
	}
	if (t.torn)
		return ERR_INVALID;
	v->told = got;
	return ERR_OK;
}

bool promise_lore_save(const struct acd *acd, struct queue_id id, struct buf *out)
{
	const struct queue *q = queue_row(acd, id);
	if (!q || (!q->lore.handled && !q->lore.came_ms))
		return false;
	put_word(out, str_of(q->tenant->name));
	put_word(out, str_of(q->name));
	lore_save(&q->lore, out);
	return true;
}

enum err promise_lore_load(struct acd *acd, struct str image)
{
	struct take t = {.rest = image};
	struct str tenant = take_word(&t), name = take_word(&t);
	struct tenant *owner = t.torn ? NULL : map_get(&acd->tenants, tenant);
	struct queue *q = owner ? map_get(&owner->queues, name) : NULL;
	if (!q || lore_load(&q->lore, t.rest) != ERR_OK)
		return ERR_INVALID;		      /* the queue was deleted meanwhile */
	core_touch(acd->core, IMAGE_LORE, ID(q->id)); /* its slot may be another one in this life */
	return ERR_OK;
}

void promise_loaded(struct acd *acd)
{
	pool_for_each (struct visit, v, acd->visits)
		if (v->told.next_ms && v->queue)
			told_next(v, v->told.next_ms);
}
