/* session.c - signing in and out. */
#include <jansson.h>
#include <sodium.h>

#include "objects/schema.h"
#include "os/clock.h"
#include "web/factor.h"
#include "web/handlers.h"
#include "web/web_inside.h"

#define TOKEN_BYTES 32
#define OLD_AT_ONCE 16u

static void put_user(struct jsonw *w, const struct caller *c)
{
	jsonw_open(w, '{');
	jsonw_kstr(w, "tenant", str_of(c->tenant));
	jsonw_kstr(w, "id", str_of(c->user));
	jsonw_kstr(w, "name", str_of(c->name));
	put_roles(w, c->roles);
	jsonw_close(w, '}');
}

/* Over TLS under a name that no other host and no page in the clear can set (RFC 6265bis section
 * 4.1.3.2). In the clear never: browsers differ in whether they take it on the machine itself, and
 * other clients do not (docs/decisions/0037-sessions.md). */
static void put_cookie(struct job *j, const char *token, int64_t age_s)
{
	const bool safe = j->req->secure;
	buf_fmt(&j->answer.extra,
		"Set-Cookie: %s" SESSION_COOKIE
		"=%s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%lld%s\r\n",
		safe ? "__Host-" : "", token, (long long)age_s, safe ? "; Secure" : "");
}

/* One more would be too many: the oldest end. */
struct crowd_of {
	char (*hashes)[TOKEN_HASH_TEXT];
	uint32_t seen, keep, count;
};

static void beyond(void *arg, struct str hash, const struct session_row *s)
{
	struct crowd_of *c = arg;
	(void)s;
	if (++c->seen > c->keep && c->count < OLD_AT_ONCE)
		str_copy(hash, c->hashes[c->count++], TOKEN_HASH_TEXT);
}

static enum err make_room(struct clerk *me, struct job *j, uint32_t most)
{
	const struct str tenant = str_of(j->caller.tenant), user = str_of(j->caller.user);
	struct crowd_of c = {.keep = most - 1,
			     .hashes = arena_alloc(&j->req->arena, OLD_AT_ONCE * TOKEN_HASH_TEXT)};
	enum err e = query_sessions(me->reader, tenant, user, clock_utc_ms(), beyond, &c);
	for (uint32_t i = 0; i < c.count && e == ERR_OK; i++)
		e = session_end(me, j, tenant, user, str_of(c.hashes[i]));
	return e;
}

/* The session becomes a fact; the token itself is told once and kept nowhere. */
static enum err open_session(struct clerk *me, struct job *j, int64_t life_ms,
			     char token[2 * TOKEN_BYTES + 1])
{
	unsigned char secret[TOKEN_BYTES];
	struct buf text = buf_make(token, 2 * TOKEN_BYTES);
	char hash[TOKEN_HASH_TEXT];

	os_random(secret, sizeof secret);
	buf_hex(&text, secret, sizeof secret);
	token[2 * TOKEN_BYTES] = '\0';
	sodium_memzero(secret, sizeof secret);
	token_hash(str_of(token), hash);

	struct ask *a = clerk_ask(me, j, ASK_LOGIN);
	a->tenant = arena_copy(&a->arena, str_of(j->caller.tenant));
	a->actor = arena_copy(&a->arena, str_of(j->caller.user));
	a->from = arena_copy(&a->arena, j->req->local ? STR("local") : j->req->from);
	a->token_hash = arena_copy(&a->arena, str_of(hash));
	a->expires_at_ms = clock_utc_ms() + life_ms;
	const enum err e = clerk_wait(me, j, &a);
	ask_free(a);
	return e;
}

/* Right password: j->caller is set. Wrong, unknown or impossible names look and last the same. */
static enum err check_password(struct clerk *me, struct job *j, json_t *body)
{
	const struct str tenant = json_str(json_object_get(body, "tenant")),
			 user = json_str(json_object_get(body, "user")),
			 password = json_str(json_object_get(body, "password"));
	struct caller *c = &j->caller;
	struct str name;

	struct registry *g = clerk_registry(me);
	enum err e = registry_password(g, tenant, user, password);
	j->password_checked = true;
	if (e == ERR_OK)
		e = registry_user(g, tenant, user, &c->roles, &name);
	if (e == ERR_OK) {
		str_copy(tenant, c->tenant, sizeof c->tenant);
		str_copy(user, c->user, sizeof c->user);
		str_copy(str_head(name, sizeof c->name - 1), c->name, sizeof c->name);
		j->password_right = true;
	}
	clerk_registry_done(me);
	if (e == ERR_OK)
		return ERR_OK;
	str_copy(STR("tenant, user or password is wrong"), j->detail, sizeof j->detail);
	return ERR_UNAUTHORIZED;
}

enum err sign_in(struct clerk *me, struct job *j)
{
	char token[2 * TOKEN_BYTES + 1];
	const struct sign_in_rules rules =
		registry_sign_in_rules(clerk_registry(me), str_of(j->caller.tenant));
	clerk_registry_done(me);
	enum err e = make_room(me, j, rules.sessions_max);
	if (e == ERR_OK)
		e = open_session(me, j, rules.max_ms, token);
	if (e != ERR_OK)
		return e;

	struct jsonw w = answer_begin(j);
	jsonw_open(&w, '{');
	jsonw_kstr(&w, "token", str_of(token));
	jsonw_key(&w, "user");
	put_user(&w, &j->caller);
	jsonw_close(&w, '}');
	answer_json(j, 200);
	buf_free(&j->answer.extra);
	j->answer.extra = buf_grow(256);
	put_cookie(j, token, rules.max_ms / 1000);
	sodium_memzero(token, sizeof token);
	return ERR_OK;
}

/* 401, and the pages know that a code is what is missing. */
static enum err ask_for_code(struct job *j, const char *detail)
{
	struct jsonw w = answer_begin(j);
	jsonw_open(&w, '{');
	jsonw_kstr(&w, "type", STR("about:blank"));
	jsonw_kstr(&w, "title", str_of(problem_title(401)));
	jsonw_ki64(&w, "status", 401);
	jsonw_kstr(&w, "detail", str_of(detail));
	jsonw_kbool(&w, "totp", true);
	jsonw_close(&w, '}');
	j->answer.extra = buf_grow(64);
	buf_c(&j->answer.extra, "WWW-Authenticate: Bearer\r\n");
	j->answer.status = 401;
	j->answer.type = "application/problem+json";
	return ERR_OK;
}

/* The password was right. *done: answered already. */
static enum err check_code(struct clerk *me, struct job *j, struct str code, bool *done)
{
	const struct str tenant = str_of(j->caller.tenant), user = str_of(j->caller.user);
	struct factor f;
	enum err e = factor_read(me, tenant, user, &f);
	const bool on = e == ERR_OK && f.on;
	sodium_memzero(&f, sizeof f);
	*done = false;
	if (!on)
		return e;
	j->password_right = false;
	if (!code.n) {
		*done = true;
		j->password_checked = false; /* neither right nor wrong yet */
		return ask_for_code(j, "a code of the second factor is needed");
	}
	e = factor_use(me, j, tenant, user, code);
	if (e == ERR_UNAUTHORIZED) {
		*done = true;
		return ask_for_code(j, "the code is wrong, too old, or was used");
	}
	j->password_right = e == ERR_OK;
	return e;
}

enum err run_login(struct clerk *me, struct job *j)
{
	json_t *body = json_loadb(j->req->body.p, j->req->body.n, 0, NULL);
	bool done = false;
	if (!body)
		return answer_invalid(j, "$", "must be a JSON object");
	enum err e = check_password(me, j, body);
	if (e == ERR_OK)
		e = check_code(me, j, json_str(json_object_get(body, "code")), &done);
	json_decref(body);
	return e == ERR_OK && !done ? sign_in(me, j) : e;
}

enum err run_logout(struct clerk *me, struct job *j)
{
	if (j->token_hash[0]) {
		const enum err e = session_end(me, j, str_of(j->caller.tenant),
					       str_of(j->caller.user), str_of(j->token_hash));
		if (e != ERR_OK)
			return e;
	}
	j->answer.status = 204;
	j->answer.extra = buf_grow(256);
	put_cookie(j, "", 0);
	return ERR_OK;
}
