/* live.c - see live.h: desks and mirrors on the web thread. */
#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>

#include "core/bytes.h"
#include "objects/config_compile.h"
#include "objects/schema.h"
#include "os/clock.h"
#include "os/log.h"
#include "web/handlers.h"
#include "web/live_inside.h"

#define MEANWHILE_MAX (32u << 20)
#define LOAD_AGAIN_MS 1000

struct lives *lives_create(struct web *w, uint32_t most)
{
	struct lives *ls = xcalloc(1, sizeof *ls);
	uint64_t dice[2];
	os_random(dice, sizeof dice);
	ls->web = w;
	ls->most = most;
	list_init(&ls->mirrors);
	map_init(&ls->desks, dice[0]);
	/* another life's desks have other names, and all fit into an event's i64 */
	ls->last_desk = (dice[1] >> 2) & ~(uint64_t)0xffffff;
	ls->news = live_news_create();
	return ls;
}

uint32_t lives_count(const struct lives *ls)
{
	return ls->count;
}

struct live_desk *desk_at(struct lives *ls, uint64_t id)
{
	return map_get(&ls->desks, str_make((char *)&id, sizeof id));
}

/* -- mirrors -- */

static void mirror_free(struct mirror *m)
{
	struct lives *ls = m->of;
	list_remove(&m->link);
	web_followers(ls->web, -1);
	live_destroy(m->shown);
	live_destroy(m->coming);
	buf_free(&m->meanwhile);
	free(m);
}

static struct mirror *mirror_of(struct lives *ls, struct str tenant)
{
	list_for_each (l, &ls->mirrors) {
		struct mirror *m = CONTAINER_OF(l, struct mirror, link);
		if (str_is(tenant, m->tenant))
			return m;
	}
	return NULL;
}

static void mirror_load(struct mirror *m)
{
	struct lives *ls = m->of;
	if (m->loading || !ls->web->clerks)
		return;
	struct job *j = xcalloc(1, sizeof *j);
	j->web = ls->web;
	j->desk = DESK_QUERY;
	j->chore = live_work_run;
	j->live_work = xcalloc(1, sizeof *j->live_work);
	memcpy(j->live_work->tenant, m->tenant, sizeof m->tenant);
	list_init(&j->link);
	m->tried_ms = clock_mono_ms();
	if (clerks_give(ls->web->clerks, j) != ERR_OK) { /* too busy: the next second tries again */
		free(j->live_work);
		free(j);
		return;
	}
	m->stale = false;
	m->loading = j;
	live_destroy(m->coming);
	m->coming = NULL;
	m->meanwhile.n = 0;
}

static struct mirror *mirror_make(struct lives *ls, struct str tenant)
{
	struct mirror *m = xcalloc(1, sizeof *m);
	m->of = ls;
	str_copy(tenant, m->tenant, sizeof m->tenant);
	list_init(&m->desks);
	list_push(&ls->mirrors, &m->link);
	m->meanwhile = buf_grow(0);
	m->stale = true;
	web_followers(ls->web, 1); /* before the load asks how far facts are */
	mirror_load(m);
	return m;
}

/* -- what a desk is told -- */

void desk_put(struct live_desk *d, struct str message)
{
	if (!d->out.p)
		d->out = buf_grow(1024);
	ws_write(&d->out, WS_TEXT, message);
}

void desk_flush(struct live_desk *d)
{
	if (!d->out.n)
		return;
	http_stream_put(d->req, buf_str(&d->out));
	if (d->out.cap > 65536)
		buf_free(&d->out);
	d->out.n = 0;
}

struct live_viewer viewer_of(const struct live_desk *d)
{
	const uint32_t sees_all = BIT(ROLE_SUPERVISOR) | BIT(ROLE_ADMIN) | BIT(ROLE_VIEWER);
	const bool held = d->rights.held;
	const uint32_t roles =
		held ? d->rights.roles & ~(uint32_t)BIT(ROLE_SUPERVISOR) : d->rights.roles;
	return (struct live_viewer){.all = d->who.local || roles & sees_all,
				    .agent = !held || roles & BIT(ROLE_AGENT),
				    .reach = held ? &d->rights.reach : NULL,
				    .user = str_of(d->who.user),
				    .queues = d->rights.queues,
				    .queue_count = d->rights.queue_count,
				    .teams = d->rights.teams,
				    .team_count = d->rights.team_count};
}

static void desk_show(struct live_desk *d)
{
	struct buf text = buf_grow(16384);
	const struct live_viewer v = viewer_of(d);
	live_snapshot(d->mirror->shown, &v, clock_utc_ms(), d->rights.me, &text);
	desk_put(d, buf_str(&text));
	d->snapshot_bytes = text.n;
	d->shown = true;
	desk_flush(d);
	buf_free(&text);
}

/* Those who have none yet, or had to be left out for a while and have read since. */
static void show_late_ones(struct mirror *m)
{
	if (!m->shown)
		return;
	list_for_each (l, &m->desks) {
		struct live_desk *d = CONTAINER_OF(l, struct live_desk, link);
		if (!d->shown && !d->ending && http_stream_unsent(d->req) <= DESK_BEHIND_UNTIL)
			desk_show(d);
	}
}

static void fan_out(struct mirror *m)
{
	list_for_each (l, &m->desks) {
		struct live_desk *d = CONTAINER_OF(l, struct live_desk, link);
		if (!d->shown || d->ending)
			continue;
		const struct live_viewer v = viewer_of(d);
		const struct str text = live_news_for(m->of->news, &v);
		if (!text.n)
			continue;
		if (http_stream_unsent(d->req) + d->out.n > DESK_UNSENT_MAX + d->snapshot_bytes) {
			d->shown =
				false; /* what it has not read is more than all there is to know */
			d->out.n = 0;
			continue;
		}
		desk_put(d, text);
	}
}

/* Names, and what a tenant's desks may see, are no facts: they are read again. Of a user or queue
 * that is shown as before only rights may be others. */
static bool names_change(const struct mirror *m, const struct fact *f)
{
	const struct fact_object_changed *o = &f->object_changed;
	if (f->kind != EV_object_changed)
		return false;
	if (o->kind == KIND_tenant)
		return true;
	if (o->kind != KIND_user && o->kind != KIND_queue)
		return false;
	json_t *doc = o->doc.n ? json_loadb(o->doc.p, o->doc.n, 0, NULL) : NULL;
	const json_t *phone = json_object_get(doc, "phone");
	const struct str name = json_str(json_object_get(doc, "name"));
	const struct str shown = name.n ? name : o->object;
	enum phone_kind kind = PHONE_none;
	if (phone)
		(void)!phone_kind_from(json_str(json_object_get(phone, "kind")), &kind);
	const uint32_t roles = config_roles(json_object_get(doc, "roles"));
	const bool same = doc && m->shown && !m->coming && !m->loading &&
			  (o->kind == KIND_queue ? live_queue_same(m->shown, o->object, shown)
						 : live_agent_same(m->shown, o->object, shown, kind,
								   roles & BIT(ROLE_AGENT)));
	json_decref(doc);
	return !same;
}

static bool rights_change(const struct fact *f)
{
	return f->kind == EV_object_changed &&
	       (f->object_changed.kind == KIND_user || f->object_changed.kind == KIND_queue);
}

static void mirror_fact(struct mirror *m, const struct fact *f, struct str bytes)
{
	if (m->loading || m->coming) {
		put_u32(&m->meanwhile, (uint32_t)bytes.n);
		buf_put(&m->meanwhile, bytes);
	}
	if (m->coming && f->seq > live_seq(m->coming))
		live_apply(m->coming, f);
	if (m->shown && f->seq > live_seq(m->shown)) {
		live_tell(m->shown, f, m->of->news);
		fan_out(m);
	}
	if (names_change(m, f))
		m->stale = m->of->check_rights = true;
	m->of->check_rights |= rights_change(f);
}

/* What was filled takes the place of what was shown, when it is as far. */
static void mirror_settle(struct mirror *m)
{
	if (m->coming && live_whole(m->coming)) {
		live_destroy(m->shown);
		m->shown = m->coming;
		m->coming = NULL;
		m->meanwhile.n = 0;
		list_for_each (l, &m->desks)
			CONTAINER_OF(l, struct live_desk, link)->shown = false;
	}
	if (m->meanwhile.n >
	    MEANWHILE_MAX) /* the database does not answer: begin anew when it does */
		m->stale = true;
	show_late_ones(m);
}

static bool next_fact(struct str *rest, struct str *bytes, struct fact *f)
{
	struct take t = {.rest = *rest};
	while (t.rest.n) {
		const uint32_t n = take_u32(&t);
		CHECK(!t.torn && n <= t.rest.n);
		*bytes = str_head(t.rest, n);
		t.rest = str_from(t.rest, n);
		*rest = t.rest;
		if (fact_decode(*bytes, f) == ERR_OK)
			return true;
	}
	return false;
}

void lives_facts(struct lives *ls, struct str facts)
{
	struct str bytes;
	struct fact f;
	while (next_fact(&facts, &bytes, &f)) {
		struct mirror *m = mirror_of(ls, f.tenant);
		if (m)
			mirror_fact(m, &f, bytes);
		boards_fact(ls->web->boards, &f, bytes);
	}
	list_for_each (l, &ls->mirrors) {
		struct mirror *m = CONTAINER_OF(l, struct mirror, link);
		mirror_settle(m);
		list_for_each (k, &m->desks)
			desk_flush(CONTAINER_OF(k, struct live_desk, link));
	}
}

static void mirror_loaded(struct mirror *m, struct live *filled)
{
	struct str rest = buf_str(&m->meanwhile), bytes;
	struct fact f;
	m->loading = NULL;
	if (!filled) {
		m->stale = true; /* in a second */
		m->meanwhile.n = 0;
		return;
	}
	m->coming = filled;
	while (next_fact(&rest, &bytes, &f))
		if (f.seq > live_seq(filled))
			live_apply(filled, &f);
	mirror_settle(m);
}

/* -- desks -- */

static void tell_main(const struct live_desk *d, bool on)
{
	struct web *w = d->of->web;
	if (d->who.local || d->who.token || !str_is(str_of(d->who.tenant), d->mirror->tenant))
		return; /* who looks on from elsewhere is no agent here */
	struct ask *a = ask_create(ASK_DESK, NULL, NULL);
	a->tenant = arena_copy(&a->arena, str_of(d->who.tenant));
	a->object = arena_copy(&a->arena, str_of(d->who.user));
	a->desk = d->id;
	a->on = on;
	a->status = on ? 0 : d->close_code;
	w->o.ask(w->o.arg, a);
}

static void job_drop(struct job *j)
{
	struct http_answer none = {.status = 503};
	http_reply(j->req, &none);
	buf_free(&j->live_id);
	buf_free(&j->errors);
	free(j);
}

static void desk_free(struct live_desk *d)
{
	struct mirror *m = d->mirror;
	struct lives *ls = d->of;
	tell_main(d, false);
	list_for_each (l, &d->waiting) {
		list_remove(l);
		job_drop(CONTAINER_OF(l, struct job, link));
	}
	desk_board_off(d);
	list_remove(&d->link);
	map_remove(&ls->desks, str_make((char *)&d->id, sizeof d->id));
	ls->count--;
	http_stream_end(d->req);
	ws_reader_finish(&d->reader);
	desk_rights_finish(&d->rights);
	sodium_memzero(&d->who, sizeof d->who);
	buf_free(&d->out);
	free(d);
	if (list_empty(&m->desks) && !m->loading)
		mirror_free(m);
}

/* A last word, a close frame, and it is gone. */
static void desk_end(struct live_desk *d, const char *bye, uint32_t code)
{
	if (bye) {
		char room[80];
		struct buf b = buf_make(room, sizeof room);
		buf_fmt(&b, "{\"bye\":{\"reason\":\"%s\"}}", bye);
		desk_put(d, buf_str(&b));
	}
	if (!d->out.p)
		d->out = buf_grow(64);
	ws_write_close(&d->out, code, STR_NONE);
	desk_flush(d);
	d->close_code = code;
	desk_free(d);
}

void lives_destroy(struct lives *ls)
{
	if (!ls)
		return;
	list_for_each (l, &ls->mirrors) {
		struct mirror *m = CONTAINER_OF(l, struct mirror, link);
		m->loading = NULL;
		if (list_empty(&m->desks)) {
			mirror_free(m);
			continue;
		}
		while (!list_empty(&m->desks)) {
			struct live_desk *d = CONTAINER_OF(m->desks.next, struct live_desk, link);
			const bool last = d->link.next == &m->desks && d->link.prev == &m->desks;
			desk_end(d, "server_stopping", WS_GOING_AWAY);
			if (last)
				break; /* the mirror went with it */
		}
	}
	live_news_destroy(ls->news);
	map_finish(&ls->desks);
	free(ls);
}

static struct live_desk *desk_make(struct lives *ls, struct job *j)
{
	struct live_desk *d = xcalloc(1, sizeof *d);
	struct mirror *m = mirror_of(ls, j->match.tenant);
	d->of = ls;
	d->req = j->req;
	d->id = ++ls->last_desk;
	d->who = j->caller;
	memcpy(d->token_hash, j->token_hash, sizeof d->token_hash);
	d->rights = j->live_door->rights;
	j->live_door->rights = (struct desk_rights){0};
	ws_reader_init(&d->reader, DESK_MESSAGE_MAX);
	list_init(&d->waiting);
	d->heard_ms = d->pinged_ms = clock_mono_ms();
	d->mirror = m ? m : mirror_make(ls, j->match.tenant);
	list_push(&d->mirror->desks, &d->link);
	CHECK(map_add(&ls->desks, str_make((char *)&d->id, sizeof d->id), d) == ERR_OK);
	ls->count++;
	return d;
}

enum err lives_open(struct lives *ls, struct job *j)
{
	char room[256];
	struct buf head = buf_make(room, sizeof room);
	if (ls->count >= ls->most)
		return ERR_FULL;
	struct live_desk *d = desk_make(ls, j);
	const uint64_t id = d->id;
	ws_welcome(&head, j->live_door->accept, STR_NONE);
	d->req->owner = d;
	tell_main(d, true);
	if (!http_upgrade(d->req, buf_str(&head))) {
		desk_free(d); /* its peer has left already */
		return ERR_OK;
	}
	d = desk_at(ls, id);
	if (d)
		mirror_settle(d->mirror);
	return ERR_OK;
}

void lives_lost(struct lives *ls, struct http_request *r)
{
	(void)ls;
	desk_free(r->owner);
}

static void hear(struct live_desk *d, const struct ws_message *m)
{
	switch (m->kind) {
	case WS_TEXT:
		desk_take(d, m->bytes);
		break;
	case WS_PING:
		if (!d->out.p)
			d->out = buf_grow(64);
		ws_write(&d->out, WS_PONG, m->bytes);
		break;
	case WS_BINARY:
	case WS_PONG:
	case WS_CLOSE:
		break;
	}
}

/* Asks and asks, and reads no answers. */
static bool said_unread(const struct live_desk *d)
{
	return http_stream_unsent(d->req) + d->out.n > 2 * DESK_UNSENT_MAX + d->snapshot_bytes;
}

void lives_input(struct lives *ls, struct http_request *r, struct str bytes)
{
	struct live_desk *d = r->owner;
	struct ws_message m;
	enum err e;
	d->heard_ms = clock_mono_ms();
	while ((e = ws_read(&d->reader, &bytes, &m)) == ERR_OK) {
		if (m.kind == WS_CLOSE || m.kind == WS_BINARY) {
			const uint32_t said = m.code;
			const uint64_t id = d->id;
			desk_end(d, NULL, m.kind == WS_CLOSE ? said : WS_NOT_TAKEN);
			CHECK(!desk_at(ls, id));
			return;
		}
		hear(d, &m);
		if (said_unread(d)) {
			desk_end(d, NULL, WS_POLICY);
			return;
		}
	}
	if (e == ERR_INVALID)
		desk_end(d, NULL, d->reader.code);
	else
		desk_flush(d);
}

void lives_phone(struct lives *ls, uint64_t desk, enum desk_phone state)
{
	struct live_desk *d = desk_at(ls, desk);
	char room[80];
	struct buf b = buf_make(room, sizeof room);
	if (!d)
		return;
	buf_fmt(&b, "{\"phone\":{\"state\":\"" STR_FMT "\"}}", STR_ARG(desk_phone_word(state)));
	desk_put(d, buf_str(&b));
	desk_flush(d);
}

/* -- who still may -- */

static void look_after(struct lives *ls)
{
	if (ls->checking || !ls->count || !ls->web->clerks) {
		ls->check_again |= ls->checking != NULL;
		return;
	}
	struct job *j = xcalloc(1, sizeof *j);
	struct live_work *work = xcalloc(1, sizeof *work);
	j->web = ls->web;
	j->desk = DESK_QUERY;
	j->chore = live_work_run;
	j->live_work = work;
	list_init(&j->link);
	work->checks = xcalloc(ls->count, sizeof *work->checks);
	list_for_each (l, &ls->mirrors) {
		struct mirror *m = CONTAINER_OF(l, struct mirror, link);
		list_for_each (k, &m->desks) {
			const struct live_desk *d = CONTAINER_OF(k, struct live_desk, link);
			struct desk_check *c = &work->checks[work->check_count++];
			c->desk = d->id;
			c->who = d->who;
			c->whole = ls->check_rights;
			memcpy(c->token_hash, d->token_hash, sizeof c->token_hash);
			str_copy(str_of(m->tenant), c->tenant, sizeof c->tenant);
		}
	}
	ls->checked_ms = ls->now_ms;
	if (clerks_give(ls->web->clerks, j) == ERR_OK) {
		ls->checking = j;
		ls->check_again = ls->check_rights = false;
		return;
	}
	free(work->checks);
	free(work);
	free(j);
}

void lives_check(struct lives *ls)
{
	ls->check_rights = true;
	look_after(ls);
}

static void checked(struct lives *ls, struct desk_check *c)
{
	struct live_desk *d = desk_at(ls, c->desk);
	if (d && c->ended) {
		desk_end(d, "session_ended", DESK_SESSION_ENDED);
		d = NULL;
	}
	if (!d || !c->known || desk_rights_same(&d->rights, &c->rights)) {
		desk_rights_finish(&c->rights);
		return;
	}
	desk_rights_finish(&d->rights); /* he sees more or less than before */
	d->rights = c->rights;
	d->who.roles = c->rights.roles;
	d->who.held = c->rights.held;
	desk_board_rights(d);
	d->shown = false;
	show_late_ones(d->mirror);
}

void lives_work_done(struct lives *ls, struct job *j)
{
	struct live_work *work = j->live_work;
	if (j == ls->checking) {
		ls->checking = NULL;
		for (uint32_t i = 0; i < work->check_count; i++)
			checked(ls, &work->checks[i]);
		if (ls->check_again)
			look_after(ls);
	} else {
		struct mirror *m = mirror_of(ls, str_of(work->tenant));
		if (m && m->loading == j)
			mirror_loaded(m, work->live);
		else
			live_destroy(work->live);
		if (m && list_empty(&m->desks))
			mirror_free(m);
	}
	free(work->checks);
	free(work);
	j->live_work = NULL;
}

/* -- time -- */

/* False: it is gone. */
static bool desk_second(struct live_desk *d, int64_t now_ms)
{
	if (now_ms - d->heard_ms > DESK_DEAF_MS) {
		desk_free(d);
		return false;
	}
	if (now_ms - MAX(d->heard_ms, d->pinged_ms) >= DESK_PING_MS) {
		d->pinged_ms = now_ms;
		if (!d->out.p)
			d->out = buf_grow(64);
		ws_write(&d->out, WS_PING, STR_NONE);
		desk_flush(d);
	}
	return true;
}

void lives_second(struct lives *ls, int64_t now_ms)
{
	ls->now_ms = now_ms;
	list_for_each (l, &ls->mirrors) {
		struct mirror *m = CONTAINER_OF(l, struct mirror, link);
		uint32_t left = 0;
		if (m->stale && now_ms - m->tried_ms >= LOAD_AGAIN_MS)
			mirror_load(m);
		show_late_ones(m);
		list_for_each (k, &m->desks)
			left++;
		/* the last one takes the mirror with it */
		for (struct list *k = m->desks.next; left--;) {
			struct live_desk *d = CONTAINER_OF(k, struct live_desk, link);
			k = k->next;
			if (!desk_second(d, now_ms) && !left)
				break;
		}
	}
	if (now_ms - ls->checked_ms >= DESK_CHECK_MS)
		look_after(ls);
}
