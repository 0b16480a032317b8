/* live.c - see live.h: the rows of a tenant, filled and kept; its snapshot. */
#include "live/live.h"

#include <stdlib.h>

#include "live/inside.h"
#include "live/sight.h"

struct live *live_create(struct str tenant)
{
	struct live *l = xcalloc(1, sizeof *l);
	SET(l->tenant, tenant);
	map_init(&l->agents, 1);
	map_init(&l->queues, 2);
	map_init(&l->contacts, 3);
	return l;
}

void live_destroy(struct live *l)
{
	uint32_t at = 0;
	if (!l)
		return;
	for (struct live_agent *a; (a = map_next(&l->agents, &at)) != NULL;) {
		free(a->name);
		free(a);
	}
	at = 0;
	for (struct live_queue *q; (q = map_next(&l->queues, &at)) != NULL;) {
		free(q->name);
		free(q);
	}
	at = 0;
	for (struct live_contact *c; (c = map_next(&l->contacts, &at)) != NULL;)
		contact_free(c);
	watched_finish(l);
	notices_finish(l);
	map_finish(&l->agents);
	map_finish(&l->queues);
	map_finish(&l->contacts);
	free(l);
}

/* -- filled -- */

void live_agent_put(struct live *l, const struct live_agent_now *now, uint64_t seq)
{
	struct live_agent *a = xcalloc(1, sizeof *a);
	SET(a->id, now->id);
	if (map_add(&l->agents, str_of(a->id), a) != ERR_OK) {
		free(a);
		return;
	}
	a->name = str_dup(now->name);
	a->presence = now->presence;
	a->work = now->work;
	SET(a->reason, now->reason);
	SET(a->next, now->next_presence);
	SET(a->next_reason, now->next_reason);
	a->since_at = now->since_at_ms;
	a->reason_over = now->reason_over;
	a->phone = now->phone;
	a->phone_ready = now->phone_ready;
	a->connecting = now->connecting;
	a->skills_until_at = now->skills_until_at_ms;
	a->seq = seq;
}

void live_queue_put(struct live *l, struct str id, struct str name)
{
	struct live_queue *q = xcalloc(1, sizeof *q);
	SET(q->id, id);
	if (map_add(&l->queues, str_of(q->id), q) != ERR_OK) {
		free(q);
		return;
	}
	q->name = str_dup(name);
}

void live_closed_put(struct live *l, const struct live_closed_now *now, uint64_t seq)
{
	struct live_queue *q = map_get(&l->queues, now->queue);
	if (!q)
		return;
	SET(q->closed.to, now->to);
	SET(q->closed.by, now->by);
	q->closed.since_at = now->since_at_ms;
	q->closed.until_at = now->until_at_ms;
	q->seq = seq;
}

bool live_queue_same(const struct live *l, struct str id, struct str name)
{
	const struct live_queue *q = map_get(&l->queues, id);
	return q && str_is(name, q->name);
}

bool live_agent_same(const struct live *l, struct str id, struct str name, enum phone_kind phone,
		     bool agent)
{
	const struct live_agent *a = map_get(&l->agents, id);
	return a ? agent && str_is(name, a->name) && a->phone == phone : !agent;
}

void live_monitor_silent(struct live *l, bool silent)
{
	l->monitor_silent = silent;
}

struct live_contact *live_contact_at(const struct live *l, struct uuid id)
{
	return uuid_none(id) ? NULL : map_get(&l->contacts, str_make((char *)id.b, sizeof id.b));
}

static void contact_fact(struct live *l, const struct fact *f)
{
	struct live_contact *c = live_contact_at(l, f->contact);
	if (!c && f->kind == EV_arrive) {
		c = contact_make(f->contact);
		CHECK(map_add(&l->contacts, str_make((char *)c->id.b, sizeof c->id.b), c) ==
		      ERR_OK);
	}
	if (!c || f->seq <= c->seq)
		return; /* it was over before we looked; or known */
	if (contact_apply(c, f)) {
		map_remove(&l->contacts, str_make((char *)c->id.b, sizeof c->id.b));
		contact_free(c);
	}
}

void live_past(struct live *l, const struct fact *f)
{
	contact_fact(l, f);
	l->past_seq = MAX(l->past_seq, f->seq);
}

bool live_whole(const struct live *l)
{
	return l->seq >= l->past_seq;
}

void live_filled(struct live *l, uint64_t prev)
{
	l->seq = MAX(l->seq, prev);
}

/* -- kept -- */

/* Whose state it tells of; empty: nobody's. */
static struct str agent_of(const struct fact *f)
{
	switch ((int)f->kind) {
	case EV_agent_presence:
		return f->agent_presence.agent;
	case EV_agent_next:
		return f->agent_next.agent;
	case EV_agent_work:
		return f->agent_work.agent;
	case EV_agent_phone:
		return f->agent_phone.agent;
	case EV_agent_connecting:
		return f->agent_connecting.agent;
	case EV_reason_over:
		return f->reason_over.agent;
	case EV_agent_skills:
		return f->agent_skills.agent;
	}
	return STR_NONE;
}

static void agent_fact(struct live *l, const struct fact *f)
{
	const struct str id = agent_of(f);
	struct live_agent *a = id.n ? map_get(&l->agents, id) : NULL;
	if (!a || f->seq <= a->seq)
		return;
	a->seq = f->seq;
	switch ((int)f->kind) {
	case EV_agent_presence:
		a->presence = f->agent_presence.to;
		SET(a->reason, f->agent_presence.reason);
		a->next[0] = a->next_reason[0] = '\0';
		a->reason_over = false;
		a->since_at = f->at_ms;
		break;
	case EV_agent_next:
		SET(a->next, f->agent_next.next);
		SET(a->next_reason, f->agent_next.reason);
		break;
	case EV_agent_work:
		a->work = f->agent_work.to;
		a->since_at = f->at_ms;
		break;
	case EV_agent_phone:
		a->phone_ready = f->agent_phone.ready;
		break;
	case EV_agent_connecting:
		a->connecting = f->agent_connecting.on;
		break;
	case EV_reason_over:
		a->reason_over = true;
		break;
	case EV_agent_skills:
		a->skills_until_at = f->agent_skills.until_at;
		break;
	}
}

static void queue_fact(struct live *l, const struct fact *f)
{
	const bool closes = f->kind == EV_queue_closed;
	if (!closes && f->kind != EV_queue_reopened)
		return;
	struct live_queue *q =
		map_get(&l->queues, closes ? f->queue_closed.queue : f->queue_reopened.queue);
	if (!q || f->seq <= q->seq)
		return;
	q->seq = f->seq;
	memset(&q->closed, 0, sizeof q->closed);
	if (!closes)
		return;
	SET(q->closed.to, f->queue_closed.to);
	SET(q->closed.by, f->queue_closed.by);
	q->closed.since_at = f->at_ms;
	q->closed.until_at = f->queue_closed.until_at;
}

void live_apply(struct live *l, const struct fact *f)
{
	agent_fact(l, f);
	queue_fact(l, f);
	watched_fact(l, f);
	notice_fact(l, f);
	if (!uuid_none(f->contact))
		contact_fact(l, f);
	l->seq = MAX(l->seq, f->seq);
}

uint64_t live_seq(const struct live *l)
{
	return l->seq;
}

uint32_t live_contacts(const struct live *l)
{
	return l->contacts.count;
}

/* -- looked at -- */

static int agent_order(const void *a, const void *b)
{
	const struct live_agent *x = *(struct live_agent *const *)a,
				*y = *(struct live_agent *const *)b;
	return strcmp(x->id, y->id);
}

static int queue_order(const void *a, const void *b)
{
	const struct live_queue *x = *(struct live_queue *const *)a,
				*y = *(struct live_queue *const *)b;
	return strcmp(x->id, y->id);
}

static int contact_order(const void *a, const void *b)
{
	const struct live_contact *x = *(struct live_contact *const *)a,
				  *y = *(struct live_contact *const *)b;
	return memcmp(x->id.b, y->id.b, sizeof x->id.b);
}

/* All values in order; the caller frees it. */
static void **sorted(const struct map *m, int (*order)(const void *a, const void *b))
{
	void **all = xcalloc(m->count + 1, sizeof *all), *one;
	uint32_t at = 0, n = 0;
	while ((one = map_next(m, &at)) != NULL)
		all[n++] = one;
	qsort(all, n, sizeof *all, order);
	return all;
}

static void agent_json(struct jsonw *w, const struct live_agent *a)
{
	jsonw_open(w, '{');
	jsonw_kstr(w, "id", str_of(a->id));
	jsonw_kstr(w, "name", str_of(a->name));
	jsonw_kstr(w, "presence", presence_word(a->presence));
	if (a->reason[0])
		jsonw_kstr(w, "reason", str_of(a->reason));
	if (a->reason_over)
		jsonw_kbool(w, "reason_over", true);
	jsonw_kstr(w, "work", work_word(a->work));
	jsonw_ktime(w, "since_at", a->since_at);
	if (a->next[0])
		jsonw_kstr(w, "next_presence", str_of(a->next));
	if (a->next_reason[0])
		jsonw_kstr(w, "next_reason", str_of(a->next_reason));
	if (a->connecting)
		jsonw_kbool(w, "connecting", true);
	if (a->skills_until_at)
		jsonw_ktime(w, "skills_until_at", a->skills_until_at);
	jsonw_key(w, "phone");
	jsonw_open(w, '{');
	jsonw_kstr(w, "kind", phone_kind_word(a->phone));
	jsonw_kbool(w, "ready", a->phone_ready);
	jsonw_close(w, '}');
	jsonw_close(w, '}');
}

static void agents_json(struct jsonw *w, const struct live *l, const struct live_viewer *v)
{
	void **all = sorted(&l->agents, agent_order);
	jsonw_key(w, "agents");
	jsonw_open(w, '[');
	for (uint32_t i = 0; i < l->agents.count; i++)
		if (sight_of_agent(v, ((const struct live_agent *)all[i])->id))
			agent_json(w, all[i]);
	jsonw_close(w, ']');
	free(all);
}

static void closed_json(struct jsonw *w, const struct live_queue *q)
{
	jsonw_key(w, "closed");
	jsonw_open(w, '{');
	jsonw_ktime(w, "since_at", q->closed.since_at);
	jsonw_kstr(w, "by", str_of(q->closed.by));
	if (q->closed.to[0])
		jsonw_kstr(w, "to", str_of(q->closed.to));
	if (q->closed.until_at)
		jsonw_ktime(w, "until_at", q->closed.until_at);
	jsonw_close(w, '}');
}

static void queues_json(struct jsonw *w, const struct live *l, const struct live_viewer *v)
{
	void **all = sorted(&l->queues, queue_order);
	jsonw_key(w, "queues");
	jsonw_open(w, '[');
	for (uint32_t i = 0; i < l->queues.count; i++) {
		const struct live_queue *q = all[i];
		if (!sight_of_queue(v, q->id))
			continue;
		jsonw_open(w, '{');
		jsonw_kstr(w, "id", str_of(q->id));
		jsonw_kstr(w, "name", str_of(q->name));
		if (q->closed.since_at)
			closed_json(w, q);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
	free(all);
}

static void contacts_json(struct jsonw *w, const struct live *l, const struct live_viewer *v)
{
	void **all = sorted(&l->contacts, contact_order);
	jsonw_key(w, "contacts");
	jsonw_open(w, '[');
	for (uint32_t i = 0; i < l->contacts.count; i++) {
		const enum live_level level = sight_of_contact(all[i], v);
		if (level == LEVEL_NONE)
			continue;
		jsonw_raw(w, STR_NONE); /* the comma */
		struct jsonw inside = jsonw_make(w->out);
		contact_json(&inside, all[i], level, l->monitor_silent);
	}
	jsonw_close(w, ']');
	free(all);
}

void live_snapshot(const struct live *l, const struct live_viewer *v, int64_t at_ms, struct str me,
		   struct buf *out)
{
	struct jsonw w = jsonw_make(out);
	jsonw_open(&w, '{');
	jsonw_key(&w, "snapshot");
	jsonw_open(&w, '{');
	jsonw_key(&w, "seq");
	jsonw_u64(&w, l->seq);
	jsonw_ktime(&w, "at", at_ms);
	jsonw_key(&w, "me");
	jsonw_raw(&w, me);
	agents_json(&w, l, v);
	queues_json(&w, l, v);
	contacts_json(&w, l, v);
	watched_json(&w, l, v);
	notices_json(&w, l, v);
	jsonw_close(&w, '}');
	jsonw_close(&w, '}');
}
