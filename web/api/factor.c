/* factor.c - a user's own proofs: his password, his second factor. */
#include <jansson.h>
#include <sodium.h>

#include "objects/schema.h"
#include "os/clock.h"
#include "web/factor.h"
#include "web/handlers.h"
#include "web/web_inside.h"

#define PASSWORD_MIN 12

/* What everybody tries first; of at least twelve characters, in lower case. */
static const char *const common[] = {
	"password1234",	    "password12345",
	"passwordpassword", "123456789012",
	"1234567890123",    "12345678901234",
	"123456789123",	    "123123123123",
	"111111111111",	    "000000000000",
	"qwertyuiop12",	    "qwertyuiop123",
	"qwertyuiop[]",	    "qwerty123456",
	"qwertyqwerty",	    "1q2w3e4r5t6y",
	"1qaz2wsx3edc",	    "zaq12wsxcde3",
	"q1w2e3r4t5y6",	    "asdfghjkl123",
	"abcdefghijkl",	    "abcd12345678",
	"abc123abc123",	    "iloveyou1234",
	"iloveyouforever",  "letmeinletmein",
	"welcome12345",	    "welcome123456",
	"administrator",    "admin1234567",
	"administrator1",   "adminadmin12",
	"changeme1234",	    "changemenow1",
	"contactcentre",    "callcenter123",
	"callcentre12",	    "correcthorsebatterystaple",
	"correct horse",    "trustno1trustno1",
	"superman1234",	    "football1234",
	"princess1234",	    "monkey123456",
	"dragon123456",	    "sunshine1234",
	"secret123456",	    "haslo1234567",
	"haslohaslo12",	    "mojehaslo123",
	"polska123456",	    "zxcvbnm12345",
	"qazwsxedcrfv",	    "1234qwerasdf",
};

static json_t *body_of(struct job *j)
{
	return json_loadb(j->req->body.p, j->req->body.n, 0, NULL);
}

static size_t characters(struct str s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += (s.p[i] & 0xc0) != 0x80;
	return n;
}

/* The same few signs again and again. */
static bool is_dull(struct str s)
{
	for (size_t period = 1; period <= s.n / 3; period++) {
		size_t i = period;
		while (i < s.n && s.p[i] == s.p[i - period])
			i++;
		if (i >= s.n)
			return true;
	}
	return false;
}

enum err password_good(struct job *j, const char *where, struct str user, struct str password)
{
	if (characters(password) < PASSWORD_MIN)
		return answer_invalid(j, where, "must have at least 12 characters");
	for (size_t i = 0; i < COUNT_OF(common); i++)
		if (str_ieq(password, str_of(common[i])))
			return answer_invalid(j, where, "is among the first that are tried");
	if (is_dull(password) ||
	    (user.n >= 4 && str_starts(password, user) && password.n < user.n + 8))
		return answer_invalid(j, where, "is too easy to guess");
	return ERR_OK;
}

/* Is he who he was when he signed in? Guesses are counted as at the door. */
static enum err prove(struct clerk *me, struct job *j, const json_t *password)
{
	j->password_checked = true;
	const enum err e = registry_password(clerk_registry(me), str_of(j->caller.tenant),
					     str_of(j->caller.user), json_str(password));
	clerk_registry_done(me);
	j->password_right = e == ERR_OK;
	if (e == ERR_OK)
		return ERR_OK;
	str_copy(STR("the password is wrong"), j->detail, sizeof j->detail);
	return ERR_FORBIDDEN; /* signed in he still is */
}

/* His document again, with another password. */
static enum err put_password(struct clerk *me, struct job *j, const json_t *password)
{
	const struct str tenant = str_of(j->caller.tenant), user = str_of(j->caller.user);
	struct registry_result res = {0};
	struct buf doc = buf_grow(1024);
	struct registry *g = clerk_registry(me);
	enum err e = registry_get(g, KIND_user, tenant, user, &doc);
	if (e == ERR_OK) {
		json_t *user_doc = json_loadb(doc.p, doc.n, 0, NULL);
		json_object_del(user_doc, "version");
		json_object_set(user_doc, "password", (json_t *)password);
		char *text = json_dumps(user_doc, JSON_COMPACT);
		json_decref(user_doc);
		e = registry_prepare_put(g, KIND_user, tenant, user, str_of(text), &res);
		sodium_memzero(text, strlen(text));
		free(text);
	}
	clerk_registry_done(me);
	buf_free(&doc);
	e = object_change_finish(me, j, e, &res);
	registry_result_finish(&res);
	return e;
}

enum err run_password(struct clerk *me, struct job *j)
{
	json_t *body = body_of(j);
	const json_t *old = json_object_get(body, "old"), *new = json_object_get(body, "new");
	enum err e = prove(me, j, old);
	if (e == ERR_OK)
		e = password_good(j, "$.new", str_of(j->caller.user), json_str(new));
	if (e == ERR_OK)
		e = put_password(me, j, new);
	json_decref(body);
	if (e != ERR_OK)
		return e;
	/* all his sign-ins are over now, this one too: here is a fresh one */
	j->session_ended = true;
	return sign_in(me, j);
}

/* -- the second factor -- */

enum err run_totp_enrol(struct clerk *me, struct job *j)
{
	const struct str tenant = str_of(j->caller.tenant), user = str_of(j->caller.user);
	struct factor f;
	char text[TOTP_SECRET_TEXT], account[140], uri[512];
	struct buf secret = buf_make(text, sizeof text), who = buf_make(account, sizeof account),
		   b = buf_make(uri, sizeof uri);
	json_t *body = body_of(j);
	enum err e = prove(me, j, json_object_get(body, "password"));
	json_decref(body);
	if (e == ERR_OK)
		e = factor_read(me, tenant, user, &f);
	if (e == ERR_OK && f.on) {
		str_copy(STR("there is one already: take it away first"), j->detail,
			 sizeof j->detail);
		e = ERR_CONFLICT;
	}
	if (e != ERR_OK)
		return e;
	f = (struct factor){.there = true};
	os_random(f.secret, sizeof f.secret);
	e = factor_write(me, j, tenant, user, &f);
	if (e != ERR_OK)
		return e;
	base32_put(&secret, f.secret, sizeof f.secret);
	buf_fmt(&who, "%s@%s", j->caller.user, j->caller.tenant);
	totp_uri(&b, buf_str(&who), buf_str(&secret));
	struct jsonw w = answer_begin(j);
	jsonw_open(&w, '{');
	jsonw_kstr(&w, "secret", buf_str(&secret));
	jsonw_kstr(&w, "uri", buf_str(&b));
	jsonw_close(&w, '}');
	answer_json(j, 200);
	sodium_memzero(&f, sizeof f);
	sodium_memzero(text, sizeof text);
	sodium_memzero(uri, sizeof uri);
	return ERR_OK;
}

/* The first code shows that the authenticator has the secret; from now on codes are asked for. */
enum err run_totp_confirm(struct clerk *me, struct job *j)
{
	const struct str tenant = str_of(j->caller.tenant), user = str_of(j->caller.user);
	char told[RECOVERY_CODES][RECOVERY_TEXT];
	struct factor f;
	int64_t step;
	enum err e = factor_read(me, tenant, user, &f);
	if (e == ERR_OK && (!f.there || f.on)) {
		str_copy(STR("nothing waits for a code"), j->detail, sizeof j->detail);
		e = ERR_CONFLICT;
	}
	if (e != ERR_OK)
		return e;
	json_t *body = body_of(j);
	e = totp_check(f.secret, json_str(json_object_get(body, "code")), clock_utc_ms(), 0, &step);
	json_decref(body);
	if (e != ERR_OK)
		return answer_invalid(j, "$.code", "is not the code of now");
	f.on = true;
	factor_make_recovery(&f, told);
	e = factor_used(me, j, tenant, user, step);
	if (e == ERR_OK)
		e = factor_write(me, j, tenant, user, &f);
	sodium_memzero(&f, sizeof f);
	if (e != ERR_OK)
		return e;
	j->forget_sessions = true; /* who must enrol has */
	struct jsonw w = answer_begin(j);
	jsonw_open(&w, '{');
	jsonw_key(&w, "recovery_codes");
	jsonw_open(&w, '[');
	for (uint32_t i = 0; i < RECOVERY_CODES; i++)
		jsonw_str(&w, str_of(told[i]));
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
	answer_json(j, 200);
	sodium_memzero(told, sizeof told);
	return ERR_OK;
}

static enum err take_away(struct clerk *me, struct job *j, struct str tenant, struct str user)
{
	const struct factor none = {.there = false};
	const enum err e = factor_write(me, j, tenant, user, &none);
	j->forget_sessions = true;
	if (e == ERR_OK)
		j->answer.status = 204;
	return e;
}

enum err run_totp_delete(struct clerk *me, struct job *j)
{
	json_t *body = body_of(j);
	const enum err e = prove(me, j, json_object_get(body, "password"));
	json_decref(body);
	return e == ERR_OK ? take_away(me, j, str_of(j->caller.tenant), str_of(j->caller.user)) : e;
}

/* Somebody lost his authenticator and his recovery codes: an admin lets him in without. */
enum err run_totp_reset(struct clerk *me, struct job *j)
{
	struct buf doc = buf_grow(256);
	const enum err e =
		registry_get(clerk_registry(me), KIND_user, j->match.tenant, j->match.id, &doc);
	clerk_registry_done(me);
	buf_free(&doc);
	return e == ERR_OK ? take_away(me, j, j->match.tenant, j->match.id) : e;
}
