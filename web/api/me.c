/* me.c - who I am: rights, settings, where I am signed in; and what browsers report. */
#include <jansson.h>
#include <sodium.h>

#include "objects/schema.h"
#include "os/clock.h"
#include "os/log.h"
#include "web/factor.h"
#include "web/handlers.h"
#include "web/web_inside.h"

#define SETTINGS_MAX 16384u
#define SESSION_ID_TEXT 16u /* of the hash of its token, which nobody can turn round */
#define SESSIONS_AT_ONCE 1000u
#define REPORT_LOG_MS 1000

void put_roles(struct jsonw *w, uint32_t roles)
{
	static const struct {
		enum role role;
		const char *word;
	} words[] = {{ROLE_AGENT, "agent"},
		     {ROLE_SUPERVISOR, "supervisor"},
		     {ROLE_ADMIN, "admin"},
		     {ROLE_VIEWER, "viewer"}};
	jsonw_key(w, "roles");
	jsonw_open(w, '[');
	for (uint32_t i = 0; i < COUNT_OF(words); i++)
		if (roles & BIT(words[i].role))
			jsonw_str(w, str_of(words[i].word));
	jsonw_close(w, ']');
}

/* 0: may not, 1: what is his own, 2: may */
static int right_of(const struct route *rt, const struct caller *who)
{
	if (rt->access != ACCESS_TENANT && rt->access != ACCESS_SIGNED_IN)
		return 0;
	if (who->token && rt->person)
		return 0;
	if (caller_is_system(who) || caller_roles(who) & rt->any)
		return 2;
	if (who->held && rt->any & BIT(ROLE_SUPERVISOR) && rt->team != TEAM_NO)
		return 2; /* within his teams */
	return !who->token && who->roles & rt->own && rt->scope != SCOPE_SYSTEM ? 1 : 0;
}

/* A permission may stand for several addresses: the widest right is told, once. */
void put_permissions(struct jsonw *w, const struct caller *who)
{
	char name[PERMISSION_MAX], other[PERMISSION_MAX], text[PERMISSION_MAX + 8];
	jsonw_key(w, "permissions");
	jsonw_open(w, '[');
	for (uint32_t i = 0; i < route_count; i++) {
		int right = right_of(&routes[i], who);
		bool told = false;
		route_permission(&routes[i], name);
		for (uint32_t k = 0; k < route_count; k++) {
			route_permission(&routes[k], other);
			if (strcmp(name, other) != 0)
				continue;
			told = told || (k < i && right_of(&routes[k], who));
			right = MAX(right, right_of(&routes[k], who));
		}
		if (!right || told || !right_of(&routes[i], who))
			continue;
		struct buf b = buf_make(text, sizeof text);
		buf_fmt(&b, "%s%s", name, right == 1 ? ":own" : "");
		jsonw_str(w, buf_str(&b));
	}
	jsonw_close(w, ']');
}

/* -- settings -- */

static void put_kept(struct clerk *me, struct job *j, struct jsonw *w)
{
	struct buf kept = buf_grow(256);
	const enum err e = query_user_kept(me->reader, str_of(j->caller.tenant),
					   str_of(j->caller.user), "settings", &kept);
	jsonw_key(w, "settings");
	jsonw_raw(w, e == ERR_OK ? buf_str(&kept) : STR("{}"));
	buf_free(&kept);
}

enum err run_settings_put(struct clerk *me, struct job *j)
{
	json_error_t bad;
	if (j->req->body.n > SETTINGS_MAX) {
		str_copy(STR("settings are at most 16 KiB"), j->detail, sizeof j->detail);
		return ERR_TOO_LARGE;
	}
	json_t *settings = json_loadb(j->req->body.p, j->req->body.n, JSON_REJECT_DUPLICATES, &bad);
	if (!settings)
		return answer_invalid(j, "$", "must be a JSON object");
	char *text = json_dumps(settings, JSON_COMPACT);
	json_decref(settings);
	CHECK(text);
	struct ask *a = clerk_ask(me, j, ASK_KEEP);
	a->tenant = arena_copy(&a->arena, str_of(j->caller.tenant));
	a->object = arena_copy(&a->arena, str_of(j->caller.user));
	a->key = STR("settings");
	a->text = arena_copy(&a->arena, str_of(text));
	const enum err e = clerk_wait(me, j, &a);
	ask_free(a);
	if (e == ERR_OK) {
		struct jsonw w = answer_begin(j);
		jsonw_raw(&w, str_of(text));
		answer_json(j, 200);
	}
	free(text);
	return e;
}

/* -- sign-ins -- */

struct listing {
	struct jsonw *w; /* NULL: only collected */
	struct job *j;
	struct sessions *sessions;
	struct str only; /* the id of one; empty: all */
	char (*hashes)[TOKEN_HASH_TEXT];
	uint32_t count;
	bool but_mine;
	bool named; /* whose it is is told too */
};

static void put_session(struct listing *l, struct str hash, const struct session_row *s)
{
	struct jsonw *w = l->w;
	const int64_t used_ms = sessions_used_ms(l->sessions, hash);
	jsonw_open(w, '{');
	jsonw_kstr(w, "id", str_head(hash, SESSION_ID_TEXT));
	if (l->named)
		jsonw_kstr(w, "user", str_of(s->user));
	jsonw_kstr(w, "from", str_of(s->from));
	jsonw_ktime(w, "began_at", s->began_at_ms);
	if (used_ms >= 0)
		jsonw_ktime(w, "used_at", clock_utc_ms() - (clock_mono_ms() - used_ms));
	else {
		jsonw_key(w, "used_at");
		jsonw_raw(w, STR("null"));
	}
	jsonw_ktime(w, "expires_at", s->expires_at_ms);
	jsonw_kbool(w, "current", str_eq(hash, str_of(l->j->token_hash)));
	jsonw_close(w, '}');
}

static void each_session(void *arg, struct str hash, const struct session_row *s)
{
	struct listing *l = arg;
	if (l->only.n && !str_eq(str_head(hash, SESSION_ID_TEXT), l->only))
		return;
	if (l->but_mine && str_eq(hash, str_of(l->j->token_hash)))
		return;
	if (l->w)
		put_session(l, hash, s);
	else if (l->count < SESSIONS_AT_ONCE)
		str_copy(hash, l->hashes[l->count++], TOKEN_HASH_TEXT);
}

/* Whose sign-ins: of the user in the path, or mine. ERR_NOT_FOUND: there is no such user. */
static enum err whose(struct clerk *me, struct job *j, struct str *tenant, struct str *user)
{
	struct buf doc = buf_grow(256);
	*tenant = j->match.id.n ? j->match.tenant : str_of(j->caller.tenant);
	*user = j->match.id.n ? j->match.id : str_of(j->caller.user);
	enum err e = j->match.id.n
			     ? registry_get(clerk_registry(me), KIND_user, *tenant, *user, &doc)
			     : ERR_OK;
	if (j->match.id.n)
		clerk_registry_done(me);
	buf_free(&doc);
	return e;
}

enum err run_sessions(struct clerk *me, struct job *j)
{
	struct str tenant, user;
	enum err e = whose(me, j, &tenant, &user);
	if (e != ERR_OK)
		return e;
	struct jsonw w = answer_begin(j);
	struct listing l = {.w = &w, .j = j, .sessions = me->web->sessions};
	jsonw_open(&w, '{');
	jsonw_key(&w, "items");
	jsonw_open(&w, '[');
	e = query_sessions(me->reader, tenant, user, clock_utc_ms(), each_session, &l);
	jsonw_close(&w, ']');
	jsonw_key(&w, "next");
	jsonw_raw(&w, STR("null"));
	jsonw_close(&w, '}');
	answer_json(j, 200);
	return e;
}

enum err run_tenant_sessions(struct clerk *me, struct job *j)
{
	struct jsonw w = answer_begin(j);
	struct listing l = {.w = &w, .j = j, .sessions = me->web->sessions, .named = true};
	jsonw_open(&w, '{');
	jsonw_key(&w, "items");
	jsonw_open(&w, '[');
	const enum err e = query_sessions(me->reader, j->match.tenant, STR_NONE, clock_utc_ms(),
					  each_session, &l);
	jsonw_close(&w, ']');
	jsonw_key(&w, "next");
	jsonw_null(&w);
	jsonw_close(&w, '}');
	answer_json(j, 200);
	return e;
}

enum err session_end(struct clerk *me, struct job *j, struct str tenant, struct str user,
		     struct str token_hash)
{
	struct ask *a = clerk_ask(me, j, ASK_LOGOUT);
	a->tenant = arena_copy(&a->arena, tenant);
	a->actor = arena_copy(&a->arena, user);
	a->token_hash = arena_copy(&a->arena, token_hash);
	const enum err e = clerk_wait(me, j, &a);
	ask_free(a);
	sessions_drop(me->web->sessions, token_hash);
	j->forget_sessions = true;
	if (str_eq(token_hash, str_of(j->token_hash)))
		j->session_ended = true;
	return e;
}

enum err sessions_end_all(struct clerk *me, struct job *j, struct str tenant, struct str user)
{
	struct listing l = {.j = j, .sessions = me->web->sessions, .but_mine = true};
	l.hashes = arena_alloc(&j->req->arena, SESSIONS_AT_ONCE * sizeof *l.hashes);
	enum err e = query_sessions(me->reader, tenant, user, clock_utc_ms(), each_session, &l);
	for (uint32_t i = 0; i < l.count && e == ERR_OK; i++)
		e = session_end(me, j, tenant, user, str_of(l.hashes[i]));
	return e;
}

enum err run_sessions_end(struct clerk *me, struct job *j)
{
	struct str tenant, user;
	struct listing l = {.j = j, .sessions = me->web->sessions};
	enum err e = whose(me, j, &tenant, &user);
	if (e == ERR_OK)
		e = param_str(j, "id", &l.only);
	if (e != ERR_OK)
		return e;
	l.but_mine = !j->match.id.n && !l.only.n;
	l.hashes = arena_alloc(&j->req->arena, SESSIONS_AT_ONCE * sizeof *l.hashes);
	e = query_sessions(me->reader, tenant, user, clock_utc_ms(), each_session, &l);
	if (e == ERR_OK && l.only.n && !l.count)
		e = ERR_NOT_FOUND;
	for (uint32_t i = 0; i < l.count && e == ERR_OK; i++)
		e = session_end(me, j, tenant, user, str_of(l.hashes[i]));
	if (e == ERR_OK)
		j->answer.status = 204;
	return e;
}

/* -- me -- */

static void put_my_session(struct clerk *me, struct job *j, struct jsonw *w)
{
	struct session_row row;
	struct listing l = {.w = w, .j = j, .sessions = me->web->sessions};
	if (!j->token_hash[0] ||
	    query_session(me->reader, str_of(j->token_hash), clock_utc_ms(), &row) != ERR_OK)
		return;
	jsonw_key(w, "session");
	put_session(&l, str_of(j->token_hash), &row);
}

static void put_tenant(struct clerk *me, struct job *j, struct jsonw *w)
{
	static const char *const keys[] = {"locale", "time_zone", "country"};
	const struct str id = str_of(j->caller.tenant);
	struct buf doc = buf_grow(512);
	if (registry_get(clerk_registry(me), KIND_tenant, id, id, &doc) != ERR_OK)
		doc.n = 0;
	clerk_registry_done(me);
	json_t *t = json_loadb(doc.p, doc.n, 0, NULL);
	const struct str name = json_str(json_object_get(t, "name"));
	jsonw_kstr(w, "tenant_name", name.n ? name : id);
	for (size_t i = 0; i < COUNT_OF(keys); i++)
		if (json_object_get(t, keys[i]))
			jsonw_kstr(w, keys[i], json_str(json_object_get(t, keys[i])));
	json_decref(t);
	buf_free(&doc);
}

void put_supervises(struct clerk *me, const struct caller *c, struct jsonw *w)
{
	struct buf doc = buf_grow(512);
	if (!c->held)
		return;
	if (registry_get(clerk_registry(me), KIND_user, str_of(c->tenant), str_of(c->user), &doc) !=
	    ERR_OK)
		doc.n = 0;
	clerk_registry_done(me);
	json_t *user = json_loadb(doc.p, doc.n, 0, NULL), *team;
	size_t i;
	jsonw_key(w, "supervises");
	jsonw_open(w, '[');
	json_array_foreach(json_object_get(user, "supervises"), i, team)
		jsonw_str(w, json_str(team));
	jsonw_close(w, ']');
	json_decref(user);
	buf_free(&doc);
}

static enum err put_factor(struct clerk *me, struct job *j, struct jsonw *w)
{
	const struct caller *c = &j->caller;
	struct factor f = {.on = false};
	const struct sign_in_rules rules =
		registry_sign_in_rules(clerk_registry(me), str_of(c->tenant));
	clerk_registry_done(me);
	const enum err e = factor_read(me, str_of(c->tenant), str_of(c->user), &f);
	jsonw_key(w, "totp");
	jsonw_open(w, '{');
	jsonw_kbool(w, "on", f.on);
	jsonw_kbool(w, "required", (c->roles & rules.totp_roles) != 0);
	if (f.on)
		jsonw_ki64(w, "recovery_codes", f.recovery_count);
	jsonw_close(w, '}');
	sodium_memzero(&f, sizeof f);
	return e;
}

enum err run_me(struct clerk *me, struct job *j)
{
	const struct caller *c = &j->caller;
	struct jsonw w = answer_begin(j);
	jsonw_open(&w, '{');
	jsonw_kstr(&w, "tenant", str_of(c->tenant));
	jsonw_kstr(&w, "user", str_of(c->user));
	jsonw_kstr(&w, "name", str_of(c->name));
	put_roles(&w, c->roles);
	if (c->token)
		jsonw_kbool(&w, "api_token", true);
	put_permissions(&w, c);
	put_tenant(me, j, &w);
	put_supervises(me, c, &w);
	if (j->web->demo)
		jsonw_kbool(&w, "demo", true);
	put_kept(me, j, &w);
	const enum err e = put_factor(me, j, &w);
	put_my_session(me, j, &w);
	jsonw_close(&w, '}');
	answer_json(j, 200);
	return e;
}

/* -- the table of rights -- */

static const char *right_word(const struct route *rt, enum role role)
{
	if (rt->any & BIT(role))
		return "yes";
	return rt->own & BIT(role) ? rt->scope == SCOPE_SYSTEM ? "system" : "own" : "no";
}

static const char *team_word(const struct route *rt)
{
	static const char *const words[] = {
		[TEAM_NO] = "no",      [TEAM_ANY] = "yes",   [TEAM_AGENT] = "team",
		[TEAM_QUEUE] = "team", [TEAM_KIND] = "team", [TEAM_LIMITED] = "team"};
	if (rt->any & BIT(ROLE_SUPERVISOR))
		return words[rt->team];
	return right_word(rt, ROLE_SUPERVISOR);
}

static void put_route(struct jsonw *w, const struct route *rt)
{
	char name[PERMISSION_MAX];
	route_permission(rt, name);
	jsonw_open(w, '{');
	jsonw_kstr(w, "permission", str_of(name));
	jsonw_kstr(w, "method", str_of(http_method_word(rt->method)));
	jsonw_kstr(w, "address", str_of(rt->pattern));
	jsonw_kstr(w, "agent", str_of(right_word(rt, ROLE_AGENT)));
	jsonw_kstr(w, "supervisor", str_of(right_word(rt, ROLE_SUPERVISOR)));
	jsonw_kstr(w, "supervisor_of_teams", str_of(team_word(rt)));
	jsonw_kstr(w, "admin", str_of(right_word(rt, ROLE_ADMIN)));
	jsonw_kstr(w, "viewer", str_of(right_word(rt, ROLE_VIEWER)));
	jsonw_kbool(w, "person", rt->person);
	jsonw_kbool(w, "tenant", rt->access == ACCESS_TENANT);
	jsonw_close(w, '}');
}

/* The table that authorise goes by, for those who look after rights and for the test that tries
 * each of its words. */
enum err run_permissions(struct clerk *me, struct job *j)
{
	struct jsonw w = answer_begin(j);
	(void)me;
	jsonw_open(&w, '{');
	jsonw_key(&w, "items");
	jsonw_open(&w, '[');
	for (uint32_t i = 0; i < route_count; i++)
		if (routes[i].access == ACCESS_TENANT || routes[i].access == ACCESS_SIGNED_IN)
			put_route(&w, &routes[i]);
	jsonw_close(&w, ']');
	jsonw_key(&w, "next");
	jsonw_null(&w);
	jsonw_close(&w, '}');
	answer_json(j, 200);
	return ERR_OK;
}

/* -- violations of the pages' policy -- */

/* CSP 3 section 5.3: {"csp-report":{…}}; what else comes is counted, too. On the web thread. */
enum err run_csp_report(struct clerk *me, struct job *j)
{
	struct web *w = j->web;
	const int64_t now_ms = clock_mono_ms(), logged_ms = atomic_load(&w->csp_logged_ms);
	(void)me;
	atomic_fetch_add(&w->csp_reports, 1);
	if (!logged_ms || now_ms - logged_ms >= REPORT_LOG_MS) {
		json_t *body = json_loadb(j->req->body.p, MIN(j->req->body.n, 8192u), 0, NULL),
		       *report = json_object_get(body, "csp-report");
		const struct str what = json_str(json_object_get(report, "effective-directive")),
				 older = json_str(json_object_get(report, "violated-directive")),
				 blocked = json_str(json_object_get(report, "blocked-uri"));
		atomic_store(&w->csp_logged_ms, now_ms);
		log_line(LOG_WARN,
			 "event=csp_report directive=\"" STR_FMT "\" blocked=\"" STR_FMT
			 "\" from=" STR_FMT,
			 STR_ARG(str_head(what.n ? what : older, 100)),
			 STR_ARG(str_head(blocked, 200)), STR_ARG(j->req->from));
		json_decref(body);
	}
	j->answer.status = 204;
	return ERR_OK;
}
