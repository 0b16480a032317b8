/* factor.c - see factor.h. */
#include "web/factor.h"

#include <jansson.h>
#include <sodium.h>

#include "objects/schema.h"
#include "os/clock.h"
#include "web/web_inside.h"

#define RECOVERY_BYTES 10

/* -- as it is kept -- */

/* tenant, user, a NUL after each, and the secret */
static struct str sealed_text(struct str tenant, struct str user, const uint8_t *secret,
			      char room[256])
{
	struct buf b = buf_make(room, 256);
	buf_put(&b, tenant);
	buf_ch(&b, '\0');
	buf_put(&b, user);
	buf_ch(&b, '\0');
	buf_put(&b, str_make((const char *)secret, TOTP_SECRET_BYTES));
	CHECK(!b.full);
	return buf_str(&b);
}

static enum err open_secret(struct clerk *me, struct str box, struct str tenant, struct str user,
			    uint8_t secret[TOTP_SECRET_BYTES])
{
	char room[256], expected[256];
	struct buf clear = buf_make(room, sizeof room);
	enum err e = registry_unseal(clerk_registry(me), box, &clear);
	clerk_registry_done(me);
	if (e != ERR_OK)
		return e;
	if (clear.n < TOTP_SECRET_BYTES)
		return ERR_INVALID;
	const uint8_t *at = (const uint8_t *)clear.p + clear.n - TOTP_SECRET_BYTES;
	if (!str_eq(sealed_text(tenant, user, at, expected), buf_str(&clear)))
		return ERR_INVALID;
	memcpy(secret, at, TOTP_SECRET_BYTES);
	sodium_memzero(room, sizeof room);
	sodium_memzero(expected, sizeof expected);
	return ERR_OK;
}

static enum err read_kept(struct clerk *me, struct str tenant, struct str user, const char *what,
			  json_t **out)
{
	struct buf text = buf_grow(512);
	const enum err e = query_user_kept(me->reader, tenant, user, what, &text);
	*out = e == ERR_OK ? json_loadb(text.p, text.n, JSON_DECODE_ANY, NULL) : NULL;
	buf_free(&text);
	return e;
}

enum err factor_read(struct clerk *me, struct str tenant, struct str user, struct factor *out)
{
	struct factor f = {.last_step = 0};
	json_t *kept, *step, *hash;
	size_t i;
	enum err e = read_kept(me, tenant, user, "totp", &kept);
	if (e == ERR_NOT_FOUND) {
		*out = f;
		return ERR_OK;
	}
	if (e == ERR_OK)
		e = open_secret(me, json_str(json_object_get(kept, "box")), tenant, user, f.secret);
	if (e == ERR_OK) {
		f.there = true;
		f.on = json_is_true(json_object_get(kept, "on"));
		json_array_foreach(json_object_get(kept, "recovery"), i,
				   hash) if (f.recovery_count < RECOVERY_CODES &&
					     str_copy(json_str(hash), f.recovery[f.recovery_count],
						      sizeof f.recovery[0])) f.recovery_count++;
		const enum err s = read_kept(me, tenant, user, "totp_step", &step);
		f.last_step = s == ERR_OK ? json_integer_value(step) : 0;
		json_decref(step);
		e = s == ERR_NOT_FOUND ? ERR_OK : s;
	}
	json_decref(kept);
	if (e == ERR_OK)
		*out = f;
	sodium_memzero(&f, sizeof f);
	return e;
}

static enum err keep(struct clerk *me, struct job *j, struct str tenant, struct str user,
		     const char *what, struct str value)
{
	struct ask *a = clerk_ask(me, j, ASK_KEEP);
	a->tenant = arena_copy(&a->arena, tenant);
	a->object = arena_copy(&a->arena, user);
	a->key = str_of(what);
	a->text = arena_copy(&a->arena, value);
	const enum err e = clerk_wait(me, j, &a);
	ask_free(a);
	return e;
}

enum err factor_write(struct clerk *me, struct job *j, struct str tenant, struct str user,
		      const struct factor *f)
{
	char room[256];
	struct buf text = buf_grow(2048), box = buf_grow(256);
	if (f->there) {
		registry_seal(clerk_registry(me), sealed_text(tenant, user, f->secret, room), &box);
		clerk_registry_done(me);
		sodium_memzero(room, sizeof room);
		struct jsonw w = jsonw_make(&text);
		jsonw_open(&w, '{');
		jsonw_kstr(&w, "box", buf_str(&box));
		jsonw_kbool(&w, "on", f->on);
		jsonw_key(&w, "recovery");
		jsonw_open(&w, '[');
		for (uint32_t i = 0; i < f->recovery_count; i++)
			jsonw_str(&w, str_of(f->recovery[i]));
		jsonw_close(&w, ']');
		jsonw_close(&w, '}');
	}
	const enum err e = keep(me, j, tenant, user, "totp", buf_str(&text));
	buf_free(&text);
	buf_free(&box);
	return e;
}

/* -- its use -- */

/* A recovery code, however its letters and dashes are written, as its hash. */
static void recovery_hash(struct str code, char out[65])
{
	char room[64];
	struct buf b = buf_make(room, sizeof room);
	for (size_t i = 0; i < code.n && b.n < sizeof room; i++) {
		const char c = code.p[i];
		if (c != '-' && c != ' ')
			buf_ch(&b, c >= 'a' && c <= 'z' ? (char)(c - 32) : c);
	}
	token_hash(buf_str(&b), out);
}

static enum err use_recovery(struct clerk *me, struct job *j, struct str tenant, struct str user,
			     struct factor *f, struct str code)
{
	char hash[65];
	recovery_hash(code, hash);
	for (uint32_t i = 0; i < f->recovery_count; i++) {
		if (sodium_memcmp(hash, f->recovery[i], sizeof hash) != 0)
			continue;
		memmove(f->recovery + i, f->recovery + i + 1,
			(f->recovery_count - i - 1) * sizeof f->recovery[0]);
		f->recovery_count--;
		return factor_write(me, j, tenant, user, f);
	}
	return ERR_UNAUTHORIZED;
}

enum err factor_used(struct clerk *me, struct job *j, struct str tenant, struct str user,
		     int64_t step)
{
	char text[24];
	struct buf b = buf_make(text, sizeof text);
	buf_i64(&b, step);
	return keep(me, j, tenant, user, "totp_step", buf_str(&b));
}

enum err factor_use(struct clerk *me, struct job *j, struct str tenant, struct str user,
		    struct str code)
{
	struct factor f;
	int64_t step;

	/* two with the same code at once: the second must see what the first has used */
	pthread_mutex_lock(&me->web->factor_lock);
	enum err e = factor_read(me, tenant, user, &f);
	if (e == ERR_OK && !f.on)
		e = ERR_UNAUTHORIZED;
	if (e == ERR_OK) {
		e = totp_check(f.secret, code, clock_utc_ms(), f.last_step, &step);
		if (e == ERR_OK)
			e = factor_used(me, j, tenant, user, step);
		else if (code.n > 6)
			e = use_recovery(me, j, tenant, user, &f, code);
	}
	pthread_mutex_unlock(&me->web->factor_lock);
	sodium_memzero(&f, sizeof f);
	return e;
}

void factor_make_recovery(struct factor *f, char told[RECOVERY_CODES][RECOVERY_TEXT])
{
	uint8_t bytes[RECOVERY_BYTES];
	for (uint32_t i = 0; i < RECOVERY_CODES; i++) {
		char letters[16];
		struct buf all = buf_make(letters, sizeof letters),
			   b = buf_make(told[i], RECOVERY_TEXT - 1);
		os_random(bytes, sizeof bytes);
		base32_put(&all, bytes, sizeof bytes);
		for (size_t k = 0; k < all.n; k++) {
			if (k && k % 4 == 0)
				buf_ch(&b, '-');
			buf_ch(&b, letters[k]);
		}
		told[i][b.n] = '\0';
		recovery_hash(buf_str(&b), f->recovery[i]);
	}
	f->recovery_count = RECOVERY_CODES;
}
