/*
 * tokens.c - API tokens: how other systems sign in, and what each was allowed.
 *
 * A token is told once, when it is made; stored is its SHA-256 (event token_made). It is no person:
 * what needs one refuses it (authorise.c). Its roles stay as they were given, whatever becomes of
 * who made it; the list says who that was.
 */
#include <jansson.h>
#include <sodium.h>

#include "objects/config_compile.h"
#include "objects/schema.h"
#include "os/clock.h"
#include "web/customers.h"

#define TOKEN_BYTES 32
#define TOKEN_PREFIX "ctk_"
#define TOKENS_MAX 200u /* of a tenant */
#define USE_TOLD_MS 3600000ll

/* -- who is behind one (job.c) -- */

/* Its first use, and the first of each hour after; nobody waits for the fact. */
static void tell_use(struct clerk *me, const struct token_row *t, struct str from)
{
	if (!from.n || (t->used_at_ms && clock_utc_ms() - t->used_at_ms < USE_TOLD_MS))
		return;
	char key[160];
	struct buf b = buf_make(key, sizeof key);
	buf_fmt(&b, "token_used/%s/%s", t->tenant, t->id);
	/* the fact takes a moment to be read here again: once is enough until then */
	if (!views_new(me->web->views, buf_str(&b), clock_mono_ms()))
		return;
	struct ask *a = ask_create(ASK_SAY, NULL, NULL);
	a->tenant = arena_copy(&a->arena, str_of(t->tenant));
	a->say = arena_alloc(&a->arena, sizeof *a->say);
	a->say->kind = EV_token_used;
	a->say->token_used.token = arena_copy(&a->arena, str_of(t->id));
	a->say->token_used.from = arena_copy(&a->arena, str_head(from, 47));
	me->web->o.ask(me->web->o.arg, a);
}

static uint32_t roles_of(struct str words)
{
	uint32_t roles = 0;
	struct str word;
	for (bool more = words.n > 0; more;) {
		more = str_cut(words, ',', &word, &words);
		json_t *list = json_pack("[s%]", word.p, word.n);
		roles |= config_roles(list);
		json_decref(list);
	}
	return roles;
}

enum err token_caller(struct clerk *me, struct str hash, struct str from, struct caller *out)
{
	struct token_row t;
	enum err e = query_token(me->reader, hash, clock_utc_ms(), &t);
	if (e != ERR_OK)
		return e;
	struct caller c = {.token = true, .roles = roles_of(str_of(t.roles))};
	struct buf user = buf_make(c.user, sizeof c.user - 1);
	buf_fmt(&user, "token:%s", t.id);
	str_copy(str_of(t.tenant), c.tenant, sizeof c.tenant);
	str_copy(str_head(str_of(t.name), sizeof c.name - 1), c.name, sizeof c.name);
	c.expires_at_ms = t.expires_at_ms ? t.expires_at_ms : INT64_MAX;
	tell_use(me, &t, from);
	*out = c;
	return ERR_OK;
}

/* -- told -- */

static void put_roles_words(struct jsonw *w, struct str words)
{
	put_roles(w, roles_of(words));
}

static void put_time(struct jsonw *w, const char *key, int64_t ms)
{
	if (ms) {
		jsonw_ktime(w, key, ms);
		return;
	}
	jsonw_key(w, key);
	jsonw_null(w);
}

/* secret: only when it was just made. */
static void put_token(struct jsonw *w, const struct token_row *t, const char *secret)
{
	jsonw_open(w, '{');
	jsonw_kstr(w, "id", str_of(t->id));
	jsonw_kstr(w, "name", str_of(t->name));
	put_roles_words(w, str_of(t->roles));
	jsonw_kstr(w, "by", str_of(t->by));
	jsonw_ktime(w, "made_at", t->made_at_ms);
	put_time(w, "expires_at", t->expires_at_ms);
	put_time(w, "used_at", t->used_at_ms);
	jsonw_key(w, "used_from");
	if (t->used_from[0])
		jsonw_str(w, str_of(t->used_from));
	else
		jsonw_null(w);
	if (secret)
		jsonw_kstr(w, "token", str_of(secret));
	jsonw_close(w, '}');
}

struct listing {
	struct jsonw *w;  /* NULL: only looked for */
	struct str id;	  /* of one; empty: all */
	char (*hash)[65]; /* of that one */
	uint32_t count;
};

static void each(void *arg, struct str hash, const struct token_row *t)
{
	struct listing *l = arg;
	if (l->id.n && !str_is(l->id, t->id))
		return;
	l->count++;
	if (l->hash)
		str_copy(hash, *l->hash, sizeof *l->hash);
	if (l->w)
		put_token(l->w, t, NULL);
}

enum err run_tokens(struct clerk *me, struct job *j)
{
	struct jsonw w = answer_begin(j);
	struct listing l = {.w = &w};
	jsonw_open(&w, '{');
	jsonw_key(&w, "items");
	jsonw_open(&w, '[');
	const enum err e = query_tokens(me->reader, j->match.tenant, each, &l);
	jsonw_close(&w, ']');
	jsonw_key(&w, "next");
	jsonw_null(&w);
	jsonw_close(&w, '}');
	answer_json(j, 200);
	return e;
}

/* -- made -- */

static void new_secret(char token[sizeof TOKEN_PREFIX + 2 * TOKEN_BYTES], char id[13])
{
	unsigned char dice[TOKEN_BYTES];
	struct buf b = buf_make(token, sizeof TOKEN_PREFIX - 1 + 2 * TOKEN_BYTES);
	os_random(dice, sizeof dice);
	buf_c(&b, TOKEN_PREFIX);
	buf_hex(&b, dice, sizeof dice);
	token[b.n] = '\0';
	os_random(dice, 6);
	b = buf_make(id, 12);
	buf_hex(&b, dice, 6);
	id[12] = '\0';
	sodium_memzero(dice, sizeof dice);
}

/* The words of the roles, in the house's order. ERR_INVALID: more than he has who makes it. */
static enum err wanted_roles(struct job *j, json_t *body, struct token_row *t)
{
	static const char *const words[] = {"agent", "supervisor", "admin", "viewer"};
	const uint32_t roles = config_roles(json_object_get(body, "roles"));
	struct buf b = buf_make(t->roles, sizeof t->roles - 1);
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		json_t *list = json_pack("[s]", words[i]);
		const uint32_t bit = config_roles(list);
		json_decref(list);
		if (!(roles & bit))
			continue;
		if (b.n)
			buf_ch(&b, ',');
		buf_c(&b, words[i]);
	}
	/* an admin may make others of any role; nobody else comes here. Held to it all the same,
	 * should the table of routes ever let somebody in. */
	if (roles & ~j->caller.roles && !caller_is_admin(&j->caller))
		return answer_invalid(j, "$.roles", "more than you have yourself");
	return ERR_OK;
}

static enum err read_wish(struct job *j, struct token_row *t)
{
	json_t *body = json_loadb(j->req->body.p, j->req->body.n, 0, NULL);
	const struct str name = str_trim(json_str(json_object_get(body, "name")));
	const struct str until = json_str(json_object_get(body, "expires_at"));
	enum err e = ERR_OK;
	str_copy(str_head(name, sizeof t->name - 1), t->name, sizeof t->name);
	if (!name.n)
		e = answer_invalid(j, "$.name", "must say whose it is, or what for");
	else if (until.n && time_parse(until, &t->expires_at_ms) != ERR_OK)
		e = answer_invalid(j, "$.expires_at",
				   "must be a time such as 2026-11-21T20:33:25.123Z");
	else if (until.n && t->expires_at_ms <= clock_utc_ms())
		e = answer_invalid(j, "$.expires_at", "has passed already");
	else
		e = wanted_roles(j, body, t);
	json_decref(body);
	return e;
}

enum err run_token_make(struct clerk *me, struct job *j)
{
	char secret[sizeof TOKEN_PREFIX + 2 * TOKEN_BYTES], hash[65];
	struct token_row t = {0};
	struct listing l = {0};
	enum err e = read_wish(j, &t);
	if (e == ERR_OK)
		e = query_tokens(me->reader, j->match.tenant, each, &l);
	if (e != ERR_OK)
		return e;
	if (l.count >= TOKENS_MAX) {
		str_copy(STR("there are 200 tokens already: take one back first"), j->detail,
			 sizeof j->detail);
		return ERR_CONFLICT;
	}
	new_secret(secret, t.id);
	token_hash(str_of(secret), hash);
	str_copy(str_of(j->caller.user), t.by, sizeof t.by);
	struct ask *a;
	struct event *ev = customers_event(me, j, EV_token_made, &a);
	ev->token_made.token = arena_copy(&a->arena, str_of(t.id));
	ev->token_made.name = arena_copy(&a->arena, str_of(t.name));
	ev->token_made.roles = arena_copy(&a->arena, str_of(t.roles));
	ev->token_made.expires_at = t.expires_at_ms;
	ev->token_made.by = a->actor;
	ev->token_made.hash = arena_copy(&a->arena, str_of(hash));
	e = customers_say_when(me, j, a, &t.made_at_ms);
	if (e == ERR_OK) {
		struct jsonw w = answer_begin(j);
		put_token(&w, &t, secret);
		answer_json(j, 201);
	}
	sodium_memzero(secret, sizeof secret);
	return e;
}

enum err run_token_end(struct clerk *me, struct job *j)
{
	char hash[65];
	struct listing l = {.id = j->match.id, .hash = &hash};
	enum err e = query_tokens(me->reader, j->match.tenant, each, &l);
	if (e == ERR_OK && !l.count)
		e = ERR_NOT_FOUND;
	if (e != ERR_OK)
		return e;
	struct ask *a;
	struct event *ev = customers_event(me, j, EV_token_ended, &a);
	ev->token_ended.token = arena_copy(&a->arena, j->match.id);
	ev->token_ended.by = a->actor;
	e = customers_say(me, j, a);
	sessions_drop(me->web->sessions, str_of(hash));
	j->forget_sessions = true; /* open desks and streams of it are looked at now */
	if (e == ERR_OK)
		j->answer.status = 204;
	return e;
}
