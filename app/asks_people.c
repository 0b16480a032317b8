/*
 * asks_people.c - what supervisors do with people and queues from the board: skills for a while,
 * reasons that need approval, queues that are closed or emptied into others; see core/ask.h.
 */
#include "acd/acd.h"
#include "app/asks.h"

/* -- skills for a while -- */

enum err asks_timed(struct house *h, struct ask *a)
{
	const struct objects *os = h->core.objects;
	const struct object *o;
	uint32_t at = 0, n = 0;
	a->at_ms = INT64_MAX;
	while ((o = objects_next(os, KIND_user, &at)) != NULL) {
		const int64_t until_ms = o->config->user.for_now_until_ms;
		if (until_ms > h->core.utc_ms)
			a->at_ms = MIN(a->at_ms, until_ms);
		n += until_ms && until_ms <= h->core.utc_ms;
	}
	a->agents = arena_alloc(&a->arena, (n + 1) * sizeof *a->agents);
	for (at = 0; n && (o = objects_next(os, KIND_user, &at)) != NULL;) {
		const int64_t until_ms = o->config->user.for_now_until_ms;
		if (until_ms && until_ms <= h->core.utc_ms)
			a->agents[a->agent_count++] =
				(struct ask_agent){.id = arena_copy(&a->arena, o->name),
						   .name = arena_copy(&a->arena, o->tenant)};
	}
	return ERR_OK;
}

/* -- reasons that need approval -- */

enum err asks_approval(struct house *h, struct ask *a)
{
	if (str_eq(a->actor, a->object)) {
		a->detail = STR("somebody else approves of it");
		return ERR_FORBIDDEN;
	}
	enum err e = SEND(&h->core, approval_decide, .agent = asks_agent(h, a->tenant, a->object),
			  .grant = a->on, .by = a->actor);
	if (e == ERR_CONFLICT)
		a->detail = STR("he asks for no approval");
	else if (e == ERR_INVALID) {
		a->detail = STR("the reason is not declared any more");
		return ERR_CONFLICT;
	}
	return e;
}

/* -- queues -- */

static struct queue_id queue_of(struct house *h, const struct ask *a, struct str name)
{
	const struct object *o = objects_find(h->core.objects, KIND_queue, a->tenant, name);
	return o ? ID_AS(queue_id, o->id) : (struct queue_id){0};
}

static void put_closed(struct house *h, struct ask *a, struct str name, struct queue_id id)
{
	struct acd_gate g;
	if (acd_queue_gate(h->acd, id, &g))
		a->board.closed[a->board.closed_count++] =
			(struct ask_closed){.queue = arena_copy(&a->arena, name),
					    .to = arena_copy(&a->arena, g.to),
					    .by = arena_copy(&a->arena, g.by),
					    .since_at_ms = g.since_utc_ms,
					    .until_at_ms = g.until_utc_ms};
}

void asks_closed(struct house *h, struct ask *a)
{
	const struct objects *os = h->core.objects;
	const struct object *o;
	struct acd_gate unused;
	uint32_t at = 0, n = 0;
	while ((o = objects_next(os, KIND_queue, &at)) != NULL)
		n += str_eq(o->tenant, a->tenant) &&
		     acd_queue_gate(h->acd, ID_AS(queue_id, o->id), &unused);
	a->board.closed = arena_alloc(&a->arena, (n + 1) * sizeof *a->board.closed);
	for (at = 0; n && (o = objects_next(os, KIND_queue, &at)) != NULL;)
		if (str_eq(o->tenant, a->tenant))
			put_closed(h, a, o->name, ID_AS(queue_id, o->id));
}

enum err asks_gate(struct house *h, struct ask *a)
{
	const struct queue_id id = queue_of(h, a, a->object);
	if (ID_NONE(id))
		return ERR_NOT_FOUND;
	if (a->text.n && ID_NONE(queue_of(h, a, a->text))) {
		a->where = "$.to";
		a->detail = STR("no such queue");
		return ERR_INVALID;
	}
	enum err e = SEND(&h->core, queue_gate_set, .queue = id, .closed = a->on, .to = a->text,
			  .until_at = a->at_ms, .by = a->actor);
	if (e == ERR_INVALID) {
		const bool past = a->at_ms && a->at_ms <= h->core.utc_ms;
		a->where = past ? "$.until_at" : "$.to";
		a->detail = past ? STR("is past") : STR("leads back to this queue");
	}
	if (e == ERR_OK) {
		a->board.closed = arena_alloc(&a->arena, sizeof *a->board.closed);
		put_closed(h, a, a->object, id);
	}
	return e;
}

/* Best first, so that they keep their order there; each as if a supervisor moved it. */
enum err asks_overflow(struct house *h, struct ask *a)
{
	const struct queue_id from = queue_of(h, a, a->object), to = queue_of(h, a, a->text);
	struct acd_queue_live live;
	if (ID_NONE(from) || acd_queue_live(h->acd, from, &live) != ERR_OK)
		return ERR_NOT_FOUND;
	if (ID_NONE(to) || ID_EQ(from, to)) {
		a->where = "$.to";
		a->detail = ID_NONE(to) ? STR("no such queue") : STR("they wait there already");
		return ERR_INVALID;
	}
	struct acd_waiting *w = arena_alloc(&a->arena, (live.waiting + 1) * sizeof *w);
	const uint32_t n = acd_queue_waiting(h->acd, from, w, live.waiting);
	a->overflow.moved = a->overflow.left = 0;
	for (uint32_t i = 0; i < n; i++) {
		const char *why = NULL;
		const enum err e =
			SEND(&h->core, call_do, .contact = w[i].contact, .verb = CALL_move,
			     .target = TARGET_queue, .name = a->text, .by = a->actor, .why = &why);
		*(e == ERR_OK ? &a->overflow.moved : &a->overflow.left) += 1;
	}
	return ERR_OK;
}
