/* retention.c - see retention.h; and what would be deleted, for who decides about it. */
#include "web/retention.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "objects/schema.h"
#include "os/clock.h"
#include "os/log.h"
#include "store/query.h"
#include "web/customers.h"
#include "web/handlers.h"
#include "web/retention_sweep.h"
#include "web/web_inside.h"

enum { LOOK_EVERY_MS = 60000, CATCH_UP_MS = 5000 };
#define FIELD "recording_retention_days"

static int64_t days_of(const json_t *doc)
{
	const json_t *v = json_object_get(doc, FIELD);
	return json_is_integer(v) ? json_integer_value(v) : -1;
}

static void take_queue(void *arg, const json_t *doc)
{
	retention_rules_put(arg, json_str(json_object_get(doc, "id")), days_of(doc));
}

static struct retention_rules *rules_read(struct clerk *me, struct str tenant, const json_t *doc)
{
	struct retention_rules *r = xcalloc(1, sizeof *r);
	r->days = days_of(doc);
	clerk_each_object(me, KIND_queue, tenant, take_queue, r);
	return r;
}

/* -- deleting -- */

/* Gone, or never there. The path is the database's: below the root and nowhere else. */
static bool unlink_below(const struct web *w, struct str path)
{
	char full[4096];
	if (!path.n || path.p[0] == '/' || str_find_str(path, STR("..")) >= 0 ||
	    snprintf(full, sizeof full, "%s/" STR_FMT, w->recordings, STR_ARG(path)) >=
		    (int)sizeof full)
		return false;
	return unlink(full) == 0 || errno == ENOENT;
}

static bool delete_sound(const struct web *w, const struct recording_due *d)
{
	struct str stem = str_of(d->path);
	char peaks[sizeof d->path + 8];
	while (stem.n && stem.p[stem.n - 1] != '.')
		stem.n--;
	snprintf(peaks, sizeof peaks, STR_FMT "peaks", STR_ARG(stem));
	return unlink_below(w, str_of(d->path)) && unlink_below(w, str_of(peaks));
}

static enum err tell_deleted(struct clerk *me, struct job *j, const struct recording_due *d)
{
	struct ask *a;
	struct event *ev = customers_event(me, j, EV_recording_deleted, &a);
	ev->recording_deleted.contact = d->contact;
	ev->recording_deleted.recording = arena_copy(&a->arena, str_of(d->id));
	ev->recording_deleted.why = STR("retention");
	return customers_say(me, j, a);
}

struct hand {
	struct clerk *me;
	struct job *job;
	struct sweep sweep;
};

/* What was held a moment ago is. */
static enum err next_piece(void *arg, const struct sweep_place *at,
			   struct recording_due out[SWEEP_PIECE], uint32_t *count)
{
	const struct hand *h = arg;
	if (!store_catch_up(h->me->web->o.store, CATCH_UP_MS))
		return ERR_TIMEOUT;
	return query_recordings_due(h->me->reader, at->tenant, at->before_ms, at->after_ms,
				    at->after_id, out, SWEEP_PIECE, count);
}

static enum err drop(void *arg, struct str tenant, const struct recording_due *d)
{
	const struct hand *h = arg;
	if (atomic_load(&h->me->web->stopping))
		return ERR_AGAIN;
	if (!delete_sound(h->me->web, d)) {
		log_line(LOG_ERROR, "event=recording_not_deleted id=%s why=%s", d->id,
			 strerrorname_np(errno));
		return ERR_CONFLICT;
	}
	h->job->match.tenant = tenant;
	const enum err e = tell_deleted(h->me, h->job, d);
	h->job->match.tenant = STR_NONE;
	return e == ERR_CONFLICT ? ERR_AGAIN : e;
}

static void sweep_one(void *arg, const json_t *doc)
{
	struct hand *h = arg;
	const struct str tenant = json_str(json_object_get(doc, "id"));
	struct retention_rules *r = rules_read(h->me, tenant, doc);
	sweep_tenant(&h->sweep, tenant, r);
	free(r);
}

static void sweep(struct clerk *me, struct job *j)
{
	struct web *w = me->web;
	struct hand h = {.me = me, .job = j};
	h.sweep = (struct sweep){
		.arg = &h, .next = next_piece, .drop = drop, .now_ms = clock_utc_ms()};
	if (!store_failing(w->o.store))
		clerk_each_object(me, KIND_tenant, STR_NONE, sweep_one, &h);
	if (h.sweep.deleted)
		log_line(LOG_INFO, "event=recordings_deleted count=%u", h.sweep.deleted);
	atomic_store(&w->retention_looking, false);
}

void retention_second(struct web *w, int64_t now_utc_ms)
{
	if (now_utc_ms < w->retention_look_ms || atomic_load(&w->retention_looking) || !w->clerks)
		return;
	w->retention_look_ms = now_utc_ms + LOOK_EVERY_MS;
	struct job *j = xcalloc(1, sizeof *j);
	j->web = w;
	j->desk = DESK_CHECK;
	j->chore = sweep;
	list_init(&j->link);
	atomic_store(&w->retention_looking, true);
	if (clerks_give(w->clerks, j) != ERR_OK) {
		atomic_store(&w->retention_looking, false);
		free(j);
	}
}

/* -- what would be deleted -- */

/* All there are, by queue and age: counted once for all rules. */
struct ages {
	struct age {
		char queue[64];
		struct recordings_sum sum; /* but for its queue */
	} * rows;
	size_t count, room;
};

static void take_age(void *arg, const struct recordings_sum *s)
{
	struct ages *a = arg;
	if (a->count == a->room) {
		a->room = MAX(64, a->room * 2);
		a->rows = xrealloc(a->rows, a->room * sizeof *a->rows);
	}
	struct age *row = &a->rows[a->count];
	row->sum = *s;
	a->count += str_copy(s->queue, row->queue, sizeof row->queue);
}

struct preview {
	const struct retention_rules *rules;
	const struct ages *ages;
	int64_t days; /* of the rule that is looked at */
	bool own;     /* a queue's own rule; else the tenant's */
	struct str queue;
};

static bool falls_under(const struct preview *p, const struct age *a)
{
	bool own = false;
	if (p->own)
		return str_is(p->queue, a->queue);
	for (uint32_t i = 0; i < p->rules->count && a->queue[0] && !own; i++)
		own = strcmp(a->queue, p->rules->own[i].queue) == 0;
	return !own;
}

/* One rule: how much is there, and how much of it is over its time, or would be with `days`. */
static void put_rule(struct jsonw *w, const struct preview *p)
{
	struct recordings_sum all = {0}, due = {0};
	for (size_t i = 0; i < p->ages->count; i++) {
		const struct recordings_sum *s = &p->ages->rows[i].sum;
		if (!falls_under(p, &p->ages->rows[i]))
			continue;
		all.count += s->count + s->held;
		all.held += s->held;
		if (!all.oldest_at_ms || s->oldest_at_ms < all.oldest_at_ms)
			all.oldest_at_ms = s->oldest_at_ms;
		if (p->days > 0 && s->age_days >= p->days) {
			due.count += s->count;
			due.bytes += s->bytes;
		}
	}
	jsonw_open(w, '{');
	jsonw_key(w, "queue");
	if (p->own)
		jsonw_str(w, p->queue);
	else
		jsonw_null(w);
	jsonw_key(w, "days");
	if (p->days > 0)
		jsonw_i64(w, p->days);
	else
		jsonw_null(w);
	jsonw_ki64(w, "recordings", all.count);
	jsonw_ki64(w, "held", all.held);
	jsonw_ktime(w, "oldest_at", all.oldest_at_ms);
	jsonw_ki64(w, "due", due.count);
	jsonw_ki64(w, "due_bytes", due.bytes);
	jsonw_close(w, '}');
}

/* Those days instead of what the rule says, for who has not decided yet. */
static enum err param_days(struct job *j, int64_t *out)
{
	struct str text;
	uint32_t days = 0;
	enum err e = param_str(j, "days", &text);
	if (e == ERR_OK && text.n && str_to_u32(text, 36500, &days) != ERR_OK)
		return answer_invalid(j, "days", "must be a number of days, at most 36500");
	*out = text.n ? (int64_t)days : -1;
	return e;
}

enum err run_retention(struct clerk *me, struct job *j)
{
	struct str queue;
	int64_t asked_days = -1;
	const int64_t now_ms = clock_utc_ms();
	struct buf doc = buf_grow(1024);
	enum err e = param_days(j, &asked_days);
	if (e == ERR_OK)
		e = param_str(j, "queue", &queue);
	if (e == ERR_OK) {
		e = registry_get(clerk_registry(me), KIND_tenant, j->match.tenant, j->match.tenant,
				 &doc);
		clerk_registry_done(me);
	}
	json_t *tenant = e == ERR_OK ? json_loadb(doc.p, doc.n, 0, NULL) : NULL;
	buf_free(&doc);
	if (e != ERR_OK)
		return e;
	struct retention_rules *r = rules_read(me, j->match.tenant, tenant);
	json_decref(tenant);
	struct ages ages = {0};
	e = query_recordings_sum(me->reader, j->match.tenant, now_ms, take_age, &ages);
	struct jsonw w = answer_begin(j);
	jsonw_open(&w, '{');
	jsonw_key(&w, "items");
	jsonw_open(&w, '[');
	struct preview all = {.rules = r, .ages = &ages, .days = r->days};
	if (!queue.n && asked_days >= 0)
		all.days = asked_days;
	put_rule(&w, &all);
	for (uint32_t i = 0; i < r->count; i++) {
		struct preview p = {.rules = r, .ages = &ages, .days = r->own[i].days, .own = true};
		p.queue = str_of(r->own[i].queue);
		if (asked_days >= 0 && str_eq(p.queue, queue))
			p.days = asked_days;
		put_rule(&w, &p);
	}
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
	free(ages.rows);
	free(r);
	if (e == ERR_OK)
		answer_json(j, 200);
	return e;
}
