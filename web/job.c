/* job.c - one request from who asks to what is answered: the steps every handler shares. */
#include <sodium.h>
#include <stdlib.h>

#include "os/clock.h"
#include "os/log.h"
#include "web/answer.h"
#include "web/factor.h"
#include "web/handlers.h"
#include "web/web_inside.h"

/* For how long it was not used. What is not known here was not used since the door opened. */
static int64_t unused_ms(struct web *w, struct str token_hash, const struct session_row *row)
{
	const int64_t used_ms = sessions_used_ms(w->sessions, token_hash);
	if (used_ms >= 0)
		return clock_mono_ms() - used_ms;
	return clock_utc_ms() - MAX(row->began_at_ms, w->opened_at_ms);
}

/* An idle session ends the moment somebody tries it; nobody waits for the fact. */
static void end_idle(struct clerk *me, const struct session_row *row, struct str token_hash)
{
	struct ask *a = ask_create(ASK_LOGOUT, NULL, NULL);
	a->tenant = arena_copy(&a->arena, str_of(row->tenant));
	a->actor = arena_copy(&a->arena, str_of(row->user));
	a->token_hash = arena_copy(&a->arena, token_hash);
	me->web->o.ask(me->web->o.arg, a);
	sessions_drop(me->web->sessions, token_hash);
}

/* The database knows the session, the registry what he may. */
enum err clerk_caller(struct clerk *me, struct str token_hash, struct str from, struct caller *out)
{
	struct session_row row;
	struct caller c = {0};
	struct str name;
	enum err e = query_session(me->reader, token_hash, clock_utc_ms(), &row);
	if (e == ERR_NOT_FOUND) /* no person's, then */
		return token_caller(me, token_hash, from, out);
	if (e != ERR_OK)
		return e;
	c.expires_at_ms = row.expires_at_ms;
	str_copy(str_of(row.tenant), c.tenant, sizeof c.tenant);
	str_copy(str_of(row.user), c.user, sizeof c.user);
	struct registry *g = clerk_registry(me);
	e = registry_user(g, str_of(c.tenant), str_of(c.user), &c.roles, &name);
	c.held = c.roles & BIT(ROLE_SUPERVISOR) &&
		 registry_held(g, str_of(c.tenant), str_of(c.user));
	if (e == ERR_OK)
		str_copy(str_head(name, sizeof c.name - 1), c.name, sizeof c.name);
	const struct sign_in_rules rules = registry_sign_in_rules(g, str_of(c.tenant));
	clerk_registry_done(me);
	if (e != ERR_OK)
		return e;
	c.idle_ms = rules.idle_ms;
	if (unused_ms(me->web, token_hash, &row) > c.idle_ms) {
		end_idle(me, &row, token_hash);
		return ERR_NOT_FOUND;
	}
	if (c.roles & rules.totp_roles) {
		struct factor f;
		e = factor_read(me, str_of(c.tenant), str_of(c.user), &f);
		if (e != ERR_OK)
			return e;
		c.must_enrol = !f.on;
		sodium_memzero(&f, sizeof f);
	}
	sessions_use(me->web->sessions, token_hash, clock_mono_ms());
	*out = c;
	return ERR_OK;
}

/* Who is behind the token of a request; nobody is no mistake here. */
static enum err identify(struct clerk *me, struct job *j)
{
	if (j->caller_known || j->signed_in || !j->token_hash[0])
		return ERR_OK;
	const enum err e = clerk_caller(me, str_of(j->token_hash), j->req->from, &j->caller);
	j->signed_in = e == ERR_OK;
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* A system admin meets a tenant that is not there: 404, like everybody else. */
static enum err check_tenant(struct clerk *me, struct job *j)
{
	struct buf doc;
	const struct route_match *m = &j->match;
	const bool declares_it = m->kind == KIND_tenant && m->route->method == HTTP_PUT;
	if (m->route->access != ACCESS_TENANT || declares_it)
		return ERR_OK;
	doc = buf_grow(256);
	enum err e = registry_get(clerk_registry(me), KIND_tenant, m->tenant, m->tenant, &doc);
	clerk_registry_done(me);
	buf_free(&doc);
	return e;
}

static enum err check_body(struct clerk *me, struct job *j)
{
	const char *schema = j->match.route->schema;
	(void)me;
	if (!schema)
		return ERR_OK;
	j->errors = buf_grow(64);
	return registry_check_body(schema, j->req->body, &j->errors);
}

/* The key is the caller's, so it is kept with the address it was used at: the same key sent to
 * another one is another request. */
static struct str done_key(struct job *j, struct str key)
{
	struct buf b = buf_make(arena_alloc(&j->req->arena, key.n + j->req->head.path.n + 1),
				key.n + j->req->head.path.n + 1);
	buf_put(&b, key);
	buf_ch(&b, ' ');
	buf_put(&b, j->req->head.path);
	return buf_str(&b);
}

/* Tokens, secrets and recovery codes are told once and kept nowhere. */
static bool tells_secrets(const struct route *rt)
{
	return rt->run == run_login || rt->run == run_password || rt->run == run_totp_enrol ||
	       rt->run == run_totp_confirm || rt->run == run_token_make;
}

static struct str idempotency_key(const struct job *j)
{
	if (tells_secrets(j->match.route))
		return STR_NONE;
	if (j->req->head.method != HTTP_POST || !j->signed_in)
		return STR_NONE;
	return h1_header(&j->req->head, "idempotency-key");
}

/* ERR_OK: it was done before, and answered like then. */
static enum err answer_again(struct clerk *me, struct job *j, struct str key)
{
	struct buf body = buf_grow(512);
	uint32_t status;
	enum err e = query_request_done(me->reader, str_of(j->caller.tenant),
					str_of(j->caller.user), done_key(j, key), &status, &body);
	if (e != ERR_OK) {
		buf_free(&body);
		return e;
	}
	buf_free(&j->answer.body);
	j->answer.body = body;
	answer_json(j, (int)status);
	j->answer.extra = buf_grow(64);
	buf_c(&j->answer.extra, "Idempotency-Replayed: true\r\n");
	return ERR_OK;
}

/* What succeeded is remembered before it is told; a refusal may be tried again. */
static void remember(struct clerk *me, struct job *j, struct str key)
{
	struct ask *a = clerk_ask(me, j, ASK_DONE);
	char detail[sizeof j->detail];
	memcpy(detail, j->detail, sizeof detail);
	a->tenant = arena_copy(&a->arena, str_of(j->caller.tenant));
	a->key = arena_copy(&a->arena, done_key(j, key));
	a->status = (uint32_t)j->answer.status;
	a->text = arena_copy(&a->arena, buf_str(&j->answer.body));
	if (clerk_wait(me, j, &a) != ERR_OK)
		log_line(LOG_WARN, "event=request_not_remembered tenant=%s", j->caller.tenant);
	memcpy(j->detail, detail, sizeof detail);
	ask_free(a);
}

/* Whom he looks after at this moment; teams may have changed since he signed in. */
static const struct reach *reach_of(struct clerk *me, struct job *j)
{
	if (!me || !j->signed_in || !j->caller.held)
		return NULL; /* on the web thread nothing is read */
	struct reach *r = arena_alloc(&j->req->arena, sizeof *r);
	(void)registry_reach(clerk_registry(me), str_of(j->caller.tenant), str_of(j->caller.user),
			     &j->req->arena, r);
	clerk_registry_done(me);
	return r;
}

static void say_why(struct job *j)
{
	const struct caller *who = &j->caller;
	const char *why = who->must_enrol
				  ? "a second factor is needed here: enrol at /api/v1/me/totp"
			  : who->token && route_wants_person(j->match.route, who)
				  ? "an API token is no person: somebody signed in may do this"
				  : "";
	str_copy(str_of(why), j->detail, sizeof j->detail);
}

/* Whose address it was learns of it, once in five minutes of each who tries; who asked learns
 * nothing, and whether there is such a tenant only the main thread looks (faults.md S12). */
static void tell_foreign(struct job *j)
{
	const struct str tenant = str_head(j->match.tenant, 63);
	char text[300];
	struct buf key = buf_make(text, sizeof text);
	if (j->match.route->access != ACCESS_TENANT || !j->signed_in ||
	    str_eq(tenant, str_of(j->caller.tenant)))
		return;
	buf_fmt(&key, "foreign " STR_FMT " %s/%s", STR_ARG(tenant), j->caller.tenant,
		j->caller.user);
	if (!views_new(j->web->views, buf_str(&key), clock_utc_ms()))
		return;
	struct ask *a = ask_create(ASK_ALARM, NULL, NULL);
	struct buf detail = buf_make(arena_alloc(&a->arena, 300), 300);
	buf_fmt(&detail, "%s/%s asked for " STR_FMT, j->caller.tenant, j->caller.user,
		STR_ARG(str_head(j->req->head.path, 120)));
	a->tenant = arena_copy(&a->arena, tenant);
	a->object = STR(ALARM_FOREIGN);
	a->text = buf_str(&detail);
	j->web->o.ask(j->web->o.arg, a);
}

enum err job_authorised(struct clerk *me, struct job *j)
{
	const struct reach *reach = reach_of(me, j);
	struct leave leave = {0};
	const enum err e = authorise(&j->match, j->signed_in ? &j->caller : NULL, reach,
				     j->req->loopback, &leave);
	j->own_only = leave.own_only;
	j->within = leave.held ? reach : NULL;
	if (e == ERR_FORBIDDEN && j->signed_in)
		say_why(j);
	if (e == ERR_NOT_FOUND)
		tell_foreign(j);
	return e;
}

static enum err steps(struct clerk *me, struct job *j)
{
	const struct route *rt = j->match.route;
	enum err e = ERR_OK;

	if (rt->desk != DESK_WEB && rt->access != ACCESS_OPEN)
		e = identify(me, j);
	if (e == ERR_OK)
		e = job_authorised(me, j);
	if (e == ERR_OK && rt->desk != DESK_WEB)
		e = check_tenant(me, j);
	if (e == ERR_OK)
		e = check_body(me, j);
	if (e != ERR_OK)
		return e;

	const struct str key = idempotency_key(j);
	if (!key.n)
		return rt->run(me, j);
	if (key.n > 255)
		return answer_invalid(j, "Idempotency-Key", "must be at most 255 bytes");
	e = answer_again(me, j, key);
	if (e != ERR_NOT_FOUND)
		return e;
	e = rt->run(me, j);
	if (e == ERR_OK && j->answer.status >= 200 && j->answer.status < 300)
		remember(me, j, key);
	return e;
}

void job_run(struct clerk *me, struct job *j)
{
	const enum err e = steps(me, j);
	if (e != ERR_OK)
		answer_problem(j, e);
}
