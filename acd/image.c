/*
 * image.c - what survives the process: contacts in queues and with agents, and agents.
 *
 * Names, not slots: the object table is built anew in the next life. Times are monotonic ms of the
 * machine, which go on across a restart of the program; deadlines are computed again from them.
 */
#include "acd/inside.h"

#include <stdlib.h>

#include "core/bytes.h"

#define FORMAT                                                                                     \
	7 /* 6: nothing of an approval; 4: of an agent: his talk stood with the contact; 5:        \
	     nothing of his desk */
/* 7: what its flow asked for was forgotten when it left its queue; 6: at most one agent had it; 5:
 * nobody called himself; 4: nobody had a demand of his own */
#define VISIT_FORMAT 8
#define VISIT_OF_SEVERAL 7
#define FORMAT_OLDEST 4
#define SHUNS_SAVED_MAX 70u /* of one contact; they are worth 30 s at most */

/* -- a contact -- */

static const char *queue_name(const struct acd *acd, struct queue_id id)
{
	const struct queue *q = queue_row(acd, id);
	return q ? q->name : "";
}

static struct str tenant_name(const struct acd *acd, struct contact_id id)
{
	const struct contact *k = contact_get(acd->core, id);
	const struct object *of = k ? objects_who(acd->core->objects, ID(k->tenant)) : NULL;
	return of ? of->name : STR_NONE;
}

static void wants_save(const struct visit *v, struct buf *out)
{
	uint32_t count = 0;
	put_i64(out, v->wanted_until_ms);
	list_for_each (l, &v->wants)
		count++;
	put_u32(out, count);
	list_for_each (l, &v->wants) {
		const struct want *w = CONTAINER_OF(l, struct want, of_visit);
		put_word(out, str_of(w->agent->name));
		put_u32(out, w->score);
	}
}

static bool visit_save(const struct acd *acd, struct contact_id id, struct buf *out)
{
	const struct visit *v = visit_row(acd, id);
	if (!v)
		return false;
	const struct queue *q = v->queue ? v->queue : queue_row(acd, v->talk_queue);
	const struct agent *with = talk_first(v);
	put_u8(out, VISIT_FORMAT);
	put_u8(out, (uint8_t)v->state);
	put_word(out, tenant_name(acd, id));
	put_word(out, q ? str_of(q->name) : STR_NONE);
	put_i64(out, v->enqueue_ms);
	put_i64(out, v->place_ms);
	put_u32(out, v->rank.level);
	put_u64(out, v->rank.seq);
	put_u32(out, v->priority_min);
	put_u32(out, v->exits);
	put_u32(out, v->callbacks);
	put_word(out, str_of(queue_name(acd, v->called_back)));
	put_i64(out, v->next_ring_ms);
	wants_save(v, out);
	/* each agent's image says more; this is what is known should his not come */
	uint32_t count = 0;
	list_for_each (l, &v->talkers)
		count++;
	put_u32(out, count);
	put_i64(out, with ? with->job.talk.from_ms : 0);
	put_i64(out, with ? with->job.talk.hold_ms : 0);
	put_i64(out, with ? with->job.talk.hold_from_ms : 0);
	put_i64(out, v->first_ms);
	put_word(out, str_of(queue_name(acd, v->flow_queue)));
	put_u32(out, v->flow.exits);
	put_u32(out, v->flow.callbacks);
	const struct agent *asker = agent_row(acd, v->asker);
	put_word(out, asker ? str_of(asker->name) : STR_NONE);
	count = 0;
	list_for_each (l, &v->shuns)
		count += count < SHUNS_SAVED_MAX;
	put_u32(out, count);
	list_for_each (l, &v->shuns) {
		const struct shun *s = CONTAINER_OF(l, struct shun, of_visit);
		if (!count--)
			break;
		put_word(out, str_of(s->agent->tenant->name));
		put_word(out, str_of(s->agent->name));
		put_i64(out, s->until_ms);
	}
	demand_save(v, out);
	own_call_save(v, out);
	demand_save_kept(v, out);
	return true;
}

static struct agent *agent_named(struct acd *acd, struct str tenant, struct str name)
{
	struct tenant *t = map_get(&acd->tenants, tenant);
	return t && name.n ? map_get(&t->agents, name) : NULL;
}

static void wants_skip(struct take *t)
{
	(void)take_i64(t);
	for (uint32_t count = take_u32(t); count && !t->torn; count--) {
		(void)take_word(t);
		(void)take_u32(t);
	}
}

static void wants_load(struct visit *v, const struct tenant *owner, struct take *t)
{
	v->wanted_until_ms = take_i64(t);
	for (uint32_t count = take_u32(t); count && !t->torn; count--) {
		struct agent *a = map_get(&owner->agents, take_word(t));
		uint32_t score = take_u32(t);
		if (a && match_serves(v, a))
			want_add(v, a, score);
	}
}

static void shuns_load(struct acd *acd, struct visit *v, struct take *t)
{
	for (uint32_t count = take_u32(t); count && !t->torn; count--) {
		struct str tenant = take_word(t), name = take_word(t);
		int64_t until_ms = take_i64(t);
		struct agent *a = agent_named(acd, tenant, name);
		if (a && !t->torn && until_ms > acd->core->now_ms)
			visit_shun(v, a, until_ms);
	}
}

/* Where it stood. Timers run after everything is loaded; agents link themselves by their images. */
static void visit_stand(struct acd *acd, struct visit *v, uint8_t state, struct queue *q,
			struct take *demand)
{
	acd->join_seq = MAX(acd->join_seq, v->rank.seq);
	v->talk_queue = q ? q->id : (struct queue_id){0};
	if (state == VISIT_RINGING) {
		v->state = VISIT_RINGING;
	} else if (q && (state == VISIT_WAITING || state == VISIT_OFFERED)) {
		v->state = (enum visit_state)state;
		v->queue = q;
		if (demand)
			demand_load(v, demand);
		visit_place(v, q, state == VISIT_WAITING ? &q->waiting : &q->offered);
		demand_wait(v, state == VISIT_WAITING);
	}
}

/* What of it concerns its agents, and where it goes back to; `talk` is for who has no image of his
 * own any more, and for those of an older format. */
struct visit_rest {
	struct str flow_queue, asker;
	int64_t talk_ms, hold_ms, hold_from_ms;
};

static void rest_take(struct visit *v, uint8_t format, uint8_t state, struct take *t,
		      struct visit_rest *out)
{
	*out = (struct visit_rest){0};
	v->missing = format < VISIT_OF_SEVERAL ? state == VISIT_WAS_TALKING : take_u32(t);
	out->talk_ms = take_i64(t);
	out->hold_ms = take_i64(t);
	out->hold_from_ms = take_i64(t);
	v->first_ms = v->place_ms;
	if (format < VISIT_OF_SEVERAL)
		return;
	v->first_ms = take_i64(t);
	out->flow_queue = take_word(t);
	v->flow.exits = take_u32(t);
	v->flow.callbacks = take_u32(t);
	out->asker = take_word(t);
}

static void rest_stand(struct acd *acd, struct visit *v, struct tenant *owner,
		       const struct visit_rest *rest)
{
	const struct queue *home = owner ? map_get(&owner->queues, rest->flow_queue) : NULL;
	const struct agent *asker =
		owner && rest->asker.n ? map_get(&owner->agents, rest->asker) : NULL;
	v->flow_queue = home ? home->id : (struct queue_id){0};
	v->asker = asker ? asker->id : (struct agent_id){0};
	if (!v->missing)
		return;
	GROW_SLOTS(acd->old_talks, acd->old_talks_room, v->contact.slot);
	struct old_talk *o = xcalloc(1, sizeof *o);
	*o = (struct old_talk){rest->talk_ms, rest->hold_ms, rest->hold_from_ms};
	acd->old_talks[v->contact.slot] = o;
}

static enum err visit_load(struct acd *acd, struct contact_id id, struct str image)
{
	struct take t = {.rest = image};
	uint8_t format = take_u8(&t), state = take_u8(&t);
	struct str tenant = take_word(&t), queue = take_word(&t);
	struct visit_rest rest;
	if (format > VISIT_FORMAT || format < FORMAT_OLDEST || t.torn || state > VISIT_RINGING ||
	    !contact_get(acd->core, id) || visit_row(acd, id))
		return ERR_INVALID;
	struct visit *v = visit_take(acd, id);
	if (!v)
		return ERR_FULL;
	v->enqueue_ms = take_i64(&t);
	v->place_ms = take_i64(&t);
	v->rank.level = take_u32(&t);
	v->rank.seq = take_u64(&t);
	v->priority_min = take_u32(&t);
	v->exits = take_u32(&t);
	v->callbacks = take_u32(&t);
	struct str called_back = take_word(&t);
	v->next_ring_ms = take_i64(&t);
	struct take wants = t;
	wants_skip(&t);
	rest_take(v, format, state, &t, &rest);
	shuns_load(acd, v, &t);
	struct take demand = t;
	if (format > FORMAT_OLDEST)
		demand_skip(&t);
	struct tenant *owner = map_get(&acd->tenants, tenant);
	if (format > 5)
		own_call_load(v, owner, &t);
	if (format > VISIT_OF_SEVERAL)
		demand_load_kept(v, &t);
	if (t.torn) {
		v->caller = NULL;
		visit_forget(v);
		return ERR_INVALID;
	}
	visit_stand(acd, v, state, owner ? map_get(&owner->queues, queue) : NULL,
		    format > FORMAT_OLDEST ? &demand : NULL);
	rest_stand(acd, v, owner, &rest);
	const struct queue *left = owner ? map_get(&owner->queues, called_back) : NULL;
	v->called_back = left ? left->id : (struct queue_id){0};
	if (v->queue)
		wants_load(v, owner, &wants);
	return ERR_OK;
}

/* -- an agent -- */

static bool agent_save(const struct acd *acd, struct id id, struct buf *out)
{
	const struct agent *a = id.slot < acd->images_room ? acd->by_image[id.slot] : NULL;
	if (!a || !ID_EQ(a->image, id))
		return false;
	put_u8(out, FORMAT);
	put_word(out, str_of(a->tenant->name));
	put_word(out, str_of(a->name));
	put_u8(out, a->declared);
	put_word(out, presence_word(a->presence));
	put_word(out, str_of(a->reason));
	put_u8(out, (uint8_t)a->reason_told);
	put_u8(out, a->has_next);
	put_word(out, presence_word(a->next));
	put_word(out, str_of(a->next_reason));
	put_word(out, str_of(a->next_by));
	put_word(out, work_word(a->work));
	put_u8(out, a->registered);
	put_i64(out, a->since_utc_ms);
	put_i64(out, a->presence_ms);
	put_i64(out, a->idle_ms);
	put_i64(out, a->penalty_ms);
	put_u32(out, a->misses);
	put_u32(out, a->handled);
	put_i64(out, a->talk_ms);
	const struct job *j = &a->job;
	put_u32(out, j->contact.slot);
	put_u32(out, j->contact.age);
	put_word(out, str_of(queue_name(acd, j->queue)));
	put_i64(out, j->wrap_ms);
	put_i64(out, j->wrap_until_ms);
	put_i64(out, j->handle_ms);
	put_i64(out, j->ring_until_ms);
	put_u64(out, j->offer_seq);
	put_u32(out, j->extensions);
	put_u8(out, j->has_outcome);
	put_word(out, str_of(j->outcome));
	put_word(out, str_of(j->by));
	put_text(out, str_make(j->note, j->note_bytes));
	uint32_t count = 0;
	for (uint32_t i = 0; i < a->member_count; i++)
		count += a->members[i].last_offer && count < SHUNS_SAVED_MAX;
	put_u32(out, count);
	for (uint32_t i = 0; i < a->member_count && count; i++)
		if (a->members[i].last_offer) {
			put_word(out, str_of(a->members[i].queue->name));
			put_u64(out, a->members[i].last_offer);
			count--;
		}
	put_i64(out, j->talk.from_ms);
	put_i64(out, j->talk.hold_ms);
	put_i64(out, j->talk.hold_from_ms);
	put_u32(out, j->talk.holders);
	put_word(out, work_word(j->talk.does));
	put_u64(out, j->talk.seq);
	put_u8(out, (uint8_t)(a->connecting | (a->desks || a->desk_lost_ms) << 1));
	put_word(out, str_of(a->asks));
	return true;
}

/* A word this version does not know makes the image invalid. */
struct agent_image {
	struct str tenant, name, reason, next_reason, next_by, queue, outcome, by, note, asks;
	enum presence presence, next;
	enum work work;
	bool declared, has_next, registered, has_outcome;
	bool connecting, had_desk;
	bool has_talk; /* it says what he does on his contact */
};

static enum err agent_read(struct take *t, struct agent_image *im, struct agent *to)
{
	uint8_t format = take_u8(t);
	if (format > FORMAT || format < FORMAT_OLDEST)
		return ERR_INVALID;
	im->tenant = take_word(t);
	im->name = take_word(t);
	im->declared = take_u8(t) != 0;
	bool words = presence_from(take_word(t), &im->presence) == ERR_OK;
	im->reason = take_word(t);
	uint8_t told = take_u8(t);
	to->reason_told = told <= REASON_OVER ? told : REASON_FINE;
	im->has_next = take_u8(t) != 0;
	words &= presence_from(take_word(t), &im->next) == ERR_OK;
	im->next_reason = take_word(t);
	im->next_by = take_word(t);
	words &= work_from(take_word(t), &im->work) == ERR_OK;
	im->registered = take_u8(t) != 0;
	to->since_utc_ms = take_i64(t);
	to->presence_ms = take_i64(t);
	to->idle_ms = take_i64(t);
	to->penalty_ms = take_i64(t);
	to->misses = take_u32(t);
	to->handled = take_u32(t);
	to->talk_ms = take_i64(t);
	to->job.contact.slot = take_u32(t);
	to->job.contact.age = take_u32(t);
	im->queue = take_word(t);
	to->job.wrap_ms = take_i64(t);
	to->job.wrap_until_ms = take_i64(t);
	to->job.handle_ms = take_i64(t);
	to->job.ring_until_ms = take_i64(t);
	to->job.offer_seq = take_u64(t);
	to->job.extensions = take_u32(t);
	im->has_outcome = take_u8(t) != 0;
	im->outcome = take_word(t);
	im->by = take_word(t);
	im->note = take_text(t);
	struct take offers = *t; /* read by last_offers_load once the rest is taken over */
	for (uint32_t count = take_u32(&offers); count && !offers.torn; count--) {
		take_word(&offers);
		take_u64(&offers);
	}
	im->has_talk = format > FORMAT_OLDEST;
	if (im->has_talk) {
		to->job.talk.from_ms = take_i64(&offers);
		to->job.talk.hold_ms = take_i64(&offers);
		to->job.talk.hold_from_ms = take_i64(&offers);
		to->job.talk.holders = take_u32(&offers);
		words &= work_from(take_word(&offers), &to->job.talk.does) == ERR_OK;
		to->job.talk.seq = take_u64(&offers);
	}
	uint8_t desk = format > 5 ? take_u8(&offers) : 0;
	im->connecting = desk & 1;
	im->had_desk = desk & 2;
	im->asks = format > 6 ? take_word(&offers) : STR_NONE;
	return words && !offers.torn && im->note.n <= ACD_NOTE_MAX ? ERR_OK : ERR_INVALID;
}

static void agent_copy(struct agent *a, const struct agent_image *im, const struct agent *from)
{
	a->since_utc_ms = from->since_utc_ms;
	a->presence_ms = from->presence_ms;
	a->idle_ms = from->idle_ms;
	a->penalty_ms = from->penalty_ms;
	a->misses = from->misses;
	a->handled = from->handled;
	a->talk_ms = from->talk_ms;
	a->job = from->job;
	a->presence = im->presence;
	a->reason_told = from->reason_told;
	str_copy(im->reason, a->reason, sizeof a->reason);
	str_copy(im->asks, a->asks, sizeof a->asks);
	a->has_next = im->has_next;
	a->next = im->next;
	str_copy(im->next_reason, a->next_reason, sizeof a->next_reason);
	str_copy(im->next_by, a->next_by, sizeof a->next_by);
	a->work = im->work;
	a->registered = im->registered;
	a->connecting = im->connecting;
	if (im->had_desk)
		agent_desk_forgotten(a);
	a->job.has_outcome = im->has_outcome;
	str_copy(im->outcome, a->job.outcome, sizeof a->job.outcome);
	str_copy(im->by, a->job.by, sizeof a->job.by);
	if (im->note.n)
		memcpy(a->job.note, im->note.p, im->note.n);
	a->job.note_bytes = (uint32_t)im->note.n;
	struct queue *q = map_get(&a->tenant->queues, im->queue);
	a->job.queue = q ? q->id : (struct queue_id){0};
}

static void last_offers_load(struct agent *a, struct take *t)
{
	for (uint32_t count = take_u32(t); count && !t->torn; count--) {
		struct str name = take_word(t);
		uint64_t number = take_u64(t);
		for (uint32_t i = 0; i < a->member_count && !t->torn; i++) {
			struct member *m = &a->members[i];
			if (!str_is(name, m->queue->name))
				continue;
			m->last_offer = number;
			if (number > m->queue->last_offer) {
				m->queue->last_offer = number;
				memcpy(m->queue->last_offered, a->name,
				       sizeof m->queue->last_offered);
				m->queue->last_position = m->place.position;
			}
			a->acd->offer_seq = MAX(a->acd->offer_seq, number);
		}
	}
}

/* An image of the older format: what he does stood with his contact. */
static void talk_of_old(struct agent *a)
{
	const struct old_talk *o = a->acd->old_talks[a->job.contact.slot];
	a->job.talk.from_ms = o->talk_ms;
	a->job.talk.hold_ms = o->hold_ms;
	a->job.talk.hold_from_ms = o->hold_from_ms;
	a->job.talk.holders = o->hold_from_ms != 0;
	a->job.talk.does = WORK_talking;
	a->job.talk.seq = ++a->acd->talk_seq;
}

/* Offered and talking: the contact knows by his image that it is him. */
static void agent_link(struct agent *a, bool has_talk)
{
	struct visit *v = visit_row(a->acd, a->job.contact);
	bool offered = a->work == WORK_offered && v &&
		       (v->state == VISIT_OFFERED || v->state == VISIT_RINGING);
	bool talks = agent_working(a) && a->work != WORK_offered && a->work != WORK_wrapping &&
		     a->work != WORK_preview && v && v->missing;
	if (offered) {
		struct list *at = v->offers.prev; /* images come in any order */
		while (at != &v->offers &&
		       CONTAINER_OF(at, struct agent, of_offer)->job.offer_seq > a->job.offer_seq)
			at = at->prev;
		list_remove(&a->of_offer);
		list_push_front(at, &a->of_offer);
	} else if (talks && v->caller != a) {
		v->missing--;
		if (!has_talk)
			talk_of_old(a);
		a->acd->talk_seq = MAX(a->acd->talk_seq, a->job.talk.seq);
		talk_link(v, a);
		a->work = talk_work(a);
	}
}

static enum err agent_load(struct acd *acd, struct agent_id id, struct str image)
{
	struct take t = {.rest = image};
	struct agent_image im;
	static struct agent read; /* too large for the stack; this thread only */
	memset(&read, 0, sizeof read);
	if (agent_read(&t, &im, &read) != ERR_OK)
		return ERR_INVALID;
	/* one who was deleted while he talked is not the one who bears his name now */
	struct agent *a = im.declared ? agent_named(acd, im.tenant, im.name) : NULL;
	if (!a && (im.work == WORK_idle || im.work == WORK_no_answer))
		return ERR_INVALID; /* the user was deleted meanwhile */
	if (!a)
		a = staff_leaver(acd, im.tenant, im.name, id);
	for (uint32_t i = 0; i < a->member_count; i++)
		member_leave(&a->members[i]);
	a->avail = AVAIL_signed_out;
	agent_copy(a, &im, &read);
	for (uint32_t i = 0; i < a->member_count; i++)
		member_enter(&a->members[i]);
	a->phone_told = agent_phone_ready(a);
	last_offers_load(a, &t);
	if (agent_working(a) && list_empty(&a->of_working))
		list_push(&acd->working, &a->of_working);
	agent_link(a, im.has_talk);
	agent_refresh(a);
	agent_touch(a); /* its slot may be another one in this life */
	return ERR_OK;
}

/* -- the room's functions -- */

bool image_save(struct room *r, enum image_kind kind, struct id id, struct buf *out)
{
	if (kind == IMAGE_WAITING)
		return visit_save(acd_of(r), ID_AS(contact_id, id), out);
	if (kind == IMAGE_PROMISE)
		return promise_save(acd_of(r), ID_AS(contact_id, id), out);
	if (kind == IMAGE_LORE)
		return promise_lore_save(acd_of(r), ID_AS(queue_id, id), out);
	if (kind == IMAGE_GATE)
		return gate_save(acd_of(r), ID_AS(queue_id, id), out);
	if (kind == IMAGE_MASS)
		return mass_save(acd_of(r), id, out);
	if (kind == IMAGE_LEFT)
		return left_save(acd_of(r)->left, id, out);
	return kind == IMAGE_AGENT && agent_save(acd_of(r), id, out);
}

enum err image_load(struct room *r, enum image_kind kind, struct id id, struct str image)
{
	struct acd *acd = acd_of(r);
	if (!acd->synced)
		staff_sync(acd);
	acd->loading = true;
	if (kind == IMAGE_WAITING)
		return visit_load(acd, ID_AS(contact_id, id), image);
	if (kind == IMAGE_AGENT)
		return agent_load(acd, ID_AS(agent_id, id), image);
	if (kind == IMAGE_PROMISE)
		return promise_load(acd, ID_AS(contact_id, id), image);
	if (kind == IMAGE_LORE)
		return promise_lore_load(acd, image);
	if (kind == IMAGE_GATE)
		return gate_load(acd, image);
	if (kind == IMAGE_MASS)
		return mass_load(acd, id, image);
	if (kind == IMAGE_LEFT)
		return left_load(acd->left, id, image);
	return ERR_UNSUPPORTED;
}

/* Who had it and did not come back: his part of the talk is over. */
static void talks_recover(struct visit *v)
{
	struct core *c = v->acd->core;
	struct old_talk *o = v->contact.slot < v->acd->old_talks_room
				     ? v->acd->old_talks[v->contact.slot]
				     : NULL;
	for (; v->missing; v->missing--) {
		int64_t hold_ms = o && !talk_first(v) ? o->hold_ms : 0;
		int64_t from_ms = o && !talk_first(v) ? o->talk_ms : c->now_ms;
		EMIT(c, agent_end, .contact = v->contact, .queue = v->talk_queue,
		     .by = PARTY_system, .result = RESULT_failed,
		     .talk_ms = c->now_ms - from_ms - hold_ms, .hold_ms = hold_ms,
		     .goes_on = talk_first(v) != NULL);
		visit_touch(v);
	}
	if (!o)
		return;
	free(o);
	v->acd->old_talks[v->contact.slot] = NULL;
}

/* A contact whose agents did not come back: an offer is open again, a talk is over. */
static void visit_recover(struct visit *v)
{
	struct core *c = v->acd->core;
	want_review(v); /* somebody's image did not come */
	own_call_recover(v);
	talks_recover(v);
	if (!talk_first(v))
		v->asker = (struct agent_id){0};
	if (!list_empty(&v->offers) || v->state == VISIT_NONE || v->state == VISIT_WAITING)
		return;
	if (v->state == VISIT_OFFERED) {
		rank_remove(&v->queue->offered, &v->rank);
		rank_add(&v->queue->waiting, &v->rank);
		demand_wait(v, +1);
		v->state = VISIT_WAITING;
	} else {
		v->state = VISIT_NONE;
		EMIT(c, agent_ring_end, .contact = v->contact, .result = OFFER_agent_lost);
	}
	visit_touch(v);
}

/* Since when nobody is signed in: since the last one of its agents signed out. */
static void queue_recover(struct queue *q)
{
	q->staffed = true;
	q->unmeetable = demand_unmeetable(q) != NULL; /* that was told */
	queue_staff_check(q);
	if (q->staffed)
		return;
	int64_t since_ms = 0;
	list_for_each (l, &q->members)
		since_ms =
			MAX(since_ms, CONTAINER_OF(l, struct member, of_queue)->agent->presence_ms);
	if (since_ms && since_ms < q->unstaffed_ms) {
		q->unstaffed_ms = since_ms;
		timer_start(&q->acd->core->timers, &q->grace,
			    since_ms + queue_conf(q)->no_agents_grace_ms, q->grace.fire, q);
	}
}

void image_loaded(struct room *r)
{
	struct acd *acd = acd_of(r);
	if (!acd->synced)
		staff_sync(acd);
	pool_for_each (struct visit, v, acd->visits)
		visit_recover(v);
	acd->loading = false;
	gates_loaded(acd);
	for (uint32_t i = 0; i < acd->queues_room; i++)
		if (acd->queues[i])
			queue_recover(acd->queues[i]);
	list_for_each (l, &acd->working) {
		struct agent *a = CONTAINER_OF(l, struct agent, of_working);
		agent_arm(a);
		if (agent_orphaned(a))
			agent_close(a);
	}
	agent_watch(acd);
	for (uint32_t i = 0; i < acd->agents_room; i++)
		if (acd->agents[i]) {
			struct agent *a = acd->agents[i];
			/* since when his phone was gone is not stored: his minute begins anew */
			a->phone_lost_ms = agent_phone_ready(a) ? 0 : acd->core->now_ms;
			agent_refresh(a);
			agent_arm(a);
			match_agent(acd->agents[i]);
		}
	/* deadlines that passed meanwhile fire as soon as timers run */
	pool_for_each (struct visit, v, acd->visits)
		visit_arm(v);
	promise_loaded(acd);
	agent_sweep(acd);
}
