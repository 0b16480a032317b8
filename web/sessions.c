/* sessions.c - see sessions.h. */
#include "web/sessions.h"

#include <sodium.h>
#include <stdlib.h>

struct place {
	char token_hash[65];
	struct caller caller;
	int64_t put_ms;
	uint64_t age;
};

struct sessions {
	struct place *places;
	uint32_t count;
	uint64_t age;
};

struct sessions *sessions_create(uint32_t places)
{
	struct sessions *s = xcalloc(1, sizeof *s);
	s->count = places ? places : 1;
	s->places = xcalloc(s->count, sizeof *s->places);
	s->age = 1;
	return s;
}

void sessions_destroy(struct sessions *s)
{
	if (!s)
		return;
	free(s->places);
	free(s);
}

/* The hash is uniform already: its first digits pick the place. */
static struct place *place_of(const struct sessions *s, struct str hash)
{
	uint32_t n = 0;
	for (size_t i = 0; i < hash.n && i < 8; i++)
		n = n * 31 + (unsigned char)hash.p[i];
	return &s->places[n % s->count];
}

bool sessions_get(const struct sessions *s, struct str token_hash, int64_t now_ms,
		  struct caller *out)
{
	const struct place *p = place_of(s, token_hash);
	if (p->age != s->age || now_ms - p->put_ms > SESSION_CACHE_MS ||
	    !str_eq(str_of(p->token_hash), token_hash))
		return false;
	*out = p->caller;
	return true;
}

void sessions_put(struct sessions *s, struct str token_hash, const struct caller *c, uint64_t age,
		  int64_t now_ms)
{
	struct place *p = place_of(s, token_hash);
	if (age != s->age)
		return;
	*p = (struct place){.caller = *c, .put_ms = now_ms, .age = age};
	str_copy(token_hash, p->token_hash, sizeof p->token_hash);
}

void sessions_forget_all(struct sessions *s)
{
	s->age++;
}

uint64_t sessions_age(const struct sessions *s)
{
	return s->age;
}

void token_hash(struct str token, char out[65])
{
	unsigned char h[crypto_hash_sha256_BYTES];
	struct buf text = buf_make(out, 64);
	crypto_hash_sha256(h, (const unsigned char *)token.p, token.n);
	buf_hex(&text, h, sizeof h);
	out[64] = '\0';
}

struct str token_of(const struct h1_head *h, bool *by_cookie)
{
	struct str scheme, token;
	*by_cookie = false;
	if (str_cut(h1_header(h, "authorization"), ' ', &scheme, &token) &&
	    str_ieq(scheme, STR("bearer")))
		return str_trim(token);
	const struct str cookies = h1_header(h, "cookie");
	token = cookie_get(cookies, "__Host-" SESSION_COOKIE);
	if (!token.n)
		token = cookie_get(cookies, SESSION_COOKIE);
	*by_cookie = token.n > 0;
	return token;
}

bool same_origin(const struct h1_head *h, bool must_say)
{
	const struct str site = h1_header(h, "sec-fetch-site"), origin = h1_header(h, "origin");
	if (site.n && !str_is(site, "same-origin") && !str_is(site, "none"))
		return false;
	if (origin.n) {
		const ptrdiff_t at = str_find_str(origin, STR("://"));
		return at > 0 && str_ieq(str_from(origin, (size_t)at + 3), h1_header(h, "host"));
	}
	return site.n || !must_say;
}
