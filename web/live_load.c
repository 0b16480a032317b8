/* live_load.c - the clerk's part of live.h: who may have a desk, what is now, who still may. */
#include <jansson.h>
#include <stdlib.h>

#include "objects/schema.h"
#include "os/clock.h"
#include "web/handlers.h"
#include "web/live_inside.h"
#include "web/upgrade.h"

#define MESSAGES_MS 86400000 /* unread ones are shown for a day */

/* -- rights -- */

void desk_rights_finish(struct desk_rights *r)
{
	arena_finish(&r->arena);
	*r = (struct desk_rights){0};
}

bool desk_rights_same(const struct desk_rights *a, const struct desk_rights *b)
{
	bool same = a->queue_count == b->queue_count && a->team_count == b->team_count &&
		    str_eq(a->me, b->me) && a->held == b->held && reach_same(&a->reach, &b->reach);
	for (uint32_t i = 0; same && i < a->queue_count; i++)
		same = str_eq(a->queues[i], b->queues[i]);
	for (uint32_t i = 0; same && i < a->team_count; i++)
		same = str_eq(a->teams[i], b->teams[i]);
	return same;
}

static void read_queues(struct desk_rights *r, struct str doc)
{
	json_t *user = json_loadb(doc.p, doc.n, 0, NULL), *v;
	json_t *queues = json_object_get(user, "queues"), *teams = json_object_get(user, "teams");
	size_t i;
	r->teams = arena_alloc(&r->arena, (json_array_size(teams) + 1) * sizeof *r->teams);
	json_array_foreach(teams, i, v) r->teams[r->team_count++] =
		arena_copy(&r->arena, json_str(v));
	r->queues = arena_alloc(&r->arena, (json_array_size(queues) + 1) * sizeof *r->queues);
	json_array_foreach(queues, i, v) r->queues[r->queue_count++] =
		arena_copy(&r->arena, json_str(v));
	json_decref(user);
}

static void write_me(struct clerk *me, struct desk_rights *r, const struct caller *who)
{
	struct buf text = buf_grow(1024);
	struct jsonw w = jsonw_make(&text);
	jsonw_open(&w, '{');
	jsonw_kstr(&w, "tenant", str_of(who->tenant));
	jsonw_kstr(&w, "user", str_of(who->user));
	jsonw_kstr(&w, "name", str_of(who->name));
	put_roles(&w, who->roles);
	put_permissions(&w, who);
	put_supervises(me, who, &w);
	jsonw_close(&w, '}');
	r->me = arena_copy(&r->arena, buf_str(&text));
	buf_free(&text);
}

void desk_rights_read(struct clerk *me, const struct caller *who, struct desk_rights *out)
{
	struct buf doc = buf_grow(1024);
	*out = (struct desk_rights){.roles = who->roles};
	arena_init(&out->arena);
	write_me(me, out, who);
	struct registry *g = clerk_registry(me);
	const struct str tenant = str_of(who->tenant), user = str_of(who->user);
	const enum err e = registry_get(g, KIND_user, tenant, user, &doc);
	out->held = who->held && registry_reach(g, tenant, user, &out->arena, &out->reach);
	clerk_registry_done(me);
	if (e == ERR_OK) /* the control socket is no user */
		read_queues(out, buf_str(&doc));
	buf_free(&doc);
}

/* -- a desk opens -- */

/* Whose desk: the caller's tenant; a system admin may name another. */
static enum err find_tenant(struct clerk *me, struct job *j)
{
	struct str wanted;
	struct buf doc;
	enum err e = param_str(j, "tenant", &wanted);
	if (e != ERR_OK)
		return e;
	if (!wanted.n)
		wanted = str_of(j->caller.tenant);
	if (!str_eq(wanted, str_of(j->caller.tenant)) && !caller_is_system(&j->caller))
		return ERR_NOT_FOUND;
	doc = buf_grow(256);
	e = registry_get(clerk_registry(me), KIND_tenant, wanted, wanted, &doc);
	clerk_registry_done(me);
	buf_free(&doc);
	j->match.tenant = arena_copy(&j->req->arena, wanted);
	return wanted.n < sizeof((struct mirror *)0)->tenant ? e : ERR_NOT_FOUND;
}

enum err run_live(struct clerk *me, struct job *j)
{
	const struct h1_head *h = &j->req->head;
	const struct ws_offer offer = upgrade_offer(h);
	char accept[WS_ACCEPT_TEXT + 1];
	bool by_cookie;
	const uint32_t status = ws_judge(&offer, STR_NONE, accept);
	if (status == 426) {
		j->answer.extra = buf_grow(64);
		buf_c(&j->answer.extra, "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n");
	}
	if (status != 101) {
		answer_status(j, (int)status, "a WebSocket (RFC 6455) is spoken at this address");
		return ERR_OK;
	}
	/* a page cannot make a browser send a Bearer token of ours */
	const bool bearer = token_of(h, &by_cookie).n && !by_cookie;
	if (!j->req->local && !bearer && !upgrade_from_own_page(h)) {
		str_copy(STR("a page of another origin may not open a desk"), j->detail,
			 sizeof j->detail);
		return ERR_FORBIDDEN;
	}
	enum err e = find_tenant(me, j);
	if (e != ERR_OK)
		return e;
	struct live_door *d = xcalloc(1, sizeof *d);
	memcpy(d->accept, accept, sizeof accept);
	j->live_door = d;
	desk_rights_read(me, &j->caller, &d->rights);
	return ERR_OK;
}

/* -- what is now -- */

static void put_queues(struct clerk *me, struct str tenant, struct live *l)
{
	struct str after = STR_NONE;
	struct arena names;
	arena_init(&names);
	do {
		struct buf page = buf_grow(4096);
		json_t *o = NULL, *v;
		size_t i;
		const enum err e =
			registry_list(clerk_registry(me), KIND_queue, tenant, 500, after, &page);
		clerk_registry_done(me);
		if (e == ERR_OK)
			o = json_loadb(page.p, page.n, 0, NULL);
		json_array_foreach(json_object_get(o, "items"), i, v)
			live_queue_put(l, json_str(json_object_get(v, "id")),
				       json_str(json_object_get(v, "name")));
		after = arena_copy(&names, json_str(json_object_get(o, "next")));
		json_decref(o);
		buf_free(&page);
	} while (after.n);
	arena_finish(&names);
}

static void put_agents(struct live *l, const struct ask *a)
{
	for (uint32_t i = 0; i < a->agent_count; i++) {
		const struct ask_agent *g = &a->agents[i];
		live_agent_put(
			l,
			&(struct live_agent_now){.id = g->id,
						 .name = g->name,
						 .reason = g->reason,
						 .next_presence = g->next_presence,
						 .next_reason = g->next_reason,
						 .presence = g->presence,
						 .work = g->work,
						 .since_at_ms = g->since_at_ms,
						 .reason_over = g->reason_over,
						 .phone = g->phone,
						 .phone_ready = g->phone_ready,
						 .connecting = g->phone_connecting,
						 .skills_until_at_ms = g->skills_until_at_ms},
			a->said);
	}
}

static void put_alerts(struct live *l, const struct ask *a)
{
	for (uint32_t i = 0; i < a->board.told_count; i++) {
		const struct watch_told *t = &a->board.told[i];
		live_alert_put(l,
			       &(struct live_alert_now){.id = t->id,
							.name = t->name,
							.level = t->level,
							.by = t->by,
							.since_at_ms = t->since_at_ms,
							.value = t->value,
							.test = t->test},
			       a->said);
	}
}

static void put_closed(struct live *l, const struct ask *a)
{
	for (uint32_t i = 0; i < a->board.closed_count; i++) {
		const struct ask_closed *c = &a->board.closed[i];
		live_closed_put(l,
				&(struct live_closed_now){.queue = c->queue,
							  .to = c->to,
							  .by = c->by,
							  .since_at_ms = c->since_at_ms,
							  .until_at_ms = c->until_at_ms},
				a->said);
	}
}

bool tenant_monitor_silent(struct clerk *me, struct str tenant)
{
	struct buf doc = buf_grow(512);
	const enum err e = registry_get(clerk_registry(me), KIND_tenant, tenant, tenant, &doc);
	clerk_registry_done(me);
	json_t *o = e == ERR_OK ? json_loadb(doc.p, doc.n, 0, NULL) : NULL;
	const bool silent = json_is_true(json_object_get(o, "monitor_silent"));
	json_decref(o);
	buf_free(&doc);
	return silent;
}

static void past_notice(void *arg, const struct fact *f)
{
	live_past_notice(arg, f);
}

static void past_message(void *arg, const struct fact *f)
{
	live_past_message(arg, f);
}

static void past_fact(void *arg, const struct fact *f)
{
	live_past(arg, f);
}

enum err live_fill_notices(struct clerk *me, struct str tenant, struct live *l)
{
	return query_notices(me->reader, tenant, clock_utc_ms() - NOTICES_MS, past_notice, l);
}

/* Agents as the main thread knows them at some number; contacts as they are stored by then, or a
 * little later: the facts in between come to whoever asked, and are known already (live.h). */
static void fill(struct clerk *me, struct job *j)
{
	struct live_work *work = j->live_work;
	const struct str tenant = str_of(work->tenant);
	uint64_t prev = 0;
	j->match.tenant = tenant;
	struct ask *a = clerk_ask(me, j, ASK_AGENTS);
	enum err e = clerk_wait(me, j, &a);
	if (e == ERR_OK)
		e = clerk_wait_durable(me, a->said);
	if (e != ERR_OK) {
		ask_free(a);
		return;
	}
	struct live *l = live_create(tenant);
	put_agents(l, a);
	put_alerts(l, a);
	put_queues(me, tenant, l);
	put_closed(l, a);
	live_monitor_silent(l, tenant_monitor_silent(me, tenant));
	e = query_messages(me->reader, tenant, clock_utc_ms() - MESSAGES_MS, past_message, l);
	if (e == ERR_OK)
		e = live_fill_notices(me, tenant, l);
	if (e == ERR_OK)
		e = query_live(me->reader, tenant, a->said, past_fact, l, &prev);
	ask_free(a);
	live_filled(l, prev);
	if (e == ERR_OK)
		work->live = l;
	else
		live_destroy(l);
}

/* -- who still may -- */

static void look_after(struct clerk *me, struct desk_check *c)
{
	const uint32_t had = c->who.roles;
	const bool was_held = c->who.held;
	struct caller who;
	const enum err e =
		c->who.local ? ERR_OK : clerk_caller(me, str_of(c->token_hash), STR_NONE, &who);
	if (!c->who.local && e == ERR_OK)
		c->who = who;
	const bool foreign = !str_is(str_of(c->who.tenant), c->tenant);
	c->ended =
		e == ERR_NOT_FOUND || c->who.must_enrol || (foreign && !caller_is_system(&c->who));
	c->known = e == ERR_OK && (c->whole || c->who.roles != had || c->who.held != was_held);
	if (c->known)
		desk_rights_read(me, &c->who, &c->rights);
}

void live_work_run(struct clerk *me, struct job *j)
{
	struct live_work *work = j->live_work;
	if (!work->checks) {
		fill(me, j);
		return;
	}
	for (uint32_t i = 0; i < work->check_count; i++)
		look_after(me, &work->checks[i]);
}
