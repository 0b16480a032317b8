/* sessions.c - see sessions.h. */
#include "web/sessions.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

#include "base/list.h"
#include "base/map.h"

struct entry {
	struct list link; /* by use, longest ago first */
	char token_hash[65];
	struct caller caller;
	int64_t put_ms, used_ms;
	uint64_t age; /* 0: the caller is not to be believed */
};

struct sessions {
	pthread_mutex_t lock;
	struct map by_hash;
	struct list by_use;
	uint32_t count, most;
	uint64_t age;
};

struct sessions *sessions_create(uint32_t most, uint64_t seed)
{
	struct sessions *s = xcalloc(1, sizeof *s);
	pthread_mutex_init(&s->lock, NULL);
	map_init(&s->by_hash, seed);
	list_init(&s->by_use);
	s->most = most ? most : 1;
	s->age = 1;
	return s;
}

static void forget(struct sessions *s, struct entry *e)
{
	map_remove(&s->by_hash, str_of(e->token_hash));
	list_remove(&e->link);
	s->count--;
	free(e);
}

void sessions_destroy(struct sessions *s)
{
	if (!s)
		return;
	list_for_each (l, &s->by_use)
		forget(s, CONTAINER_OF(l, struct entry, link));
	map_finish(&s->by_hash);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static void used(struct sessions *s, struct entry *e, int64_t now_ms)
{
	e->used_ms = now_ms;
	list_remove(&e->link);
	list_push(&s->by_use, &e->link);
}

static bool idle(const struct entry *e, int64_t now_ms)
{
	return e->caller.idle_ms && now_ms - e->used_ms > e->caller.idle_ms;
}

bool sessions_get(struct sessions *s, struct str token_hash, int64_t now_ms, struct caller *out)
{
	pthread_mutex_lock(&s->lock);
	struct entry *e = map_get(&s->by_hash, token_hash);
	const bool good =
		e && e->age == s->age && now_ms - e->put_ms <= SESSION_CACHE_MS && !idle(e, now_ms);
	if (good) {
		*out = e->caller;
		used(s, e, now_ms);
	}
	pthread_mutex_unlock(&s->lock);
	return good;
}

void sessions_put(struct sessions *s, struct str token_hash, const struct caller *c, uint64_t age,
		  int64_t now_ms)
{
	pthread_mutex_lock(&s->lock);
	struct entry *e = map_get(&s->by_hash, token_hash);
	if (!e) {
		if (s->count == s->most)
			forget(s, CONTAINER_OF(s->by_use.next, struct entry, link));
		e = xcalloc(1, sizeof *e);
		list_init(&e->link);
		str_copy(token_hash, e->token_hash, sizeof e->token_hash);
		CHECK(map_add(&s->by_hash, str_of(e->token_hash), e) == ERR_OK);
		s->count++;
	}
	e->caller = *c;
	e->put_ms = now_ms;
	e->age = age == s->age ? age : 0;
	used(s, e, now_ms);
	pthread_mutex_unlock(&s->lock);
}

void sessions_use(struct sessions *s, struct str token_hash, int64_t now_ms)
{
	pthread_mutex_lock(&s->lock);
	struct entry *e = map_get(&s->by_hash, token_hash);
	if (e)
		used(s, e, now_ms);
	pthread_mutex_unlock(&s->lock);
}

int64_t sessions_used_ms(struct sessions *s, struct str token_hash)
{
	pthread_mutex_lock(&s->lock);
	const struct entry *e = map_get(&s->by_hash, token_hash);
	const int64_t at = e ? e->used_ms : -1;
	pthread_mutex_unlock(&s->lock);
	return at;
}

void sessions_drop(struct sessions *s, struct str token_hash)
{
	pthread_mutex_lock(&s->lock);
	struct entry *e = map_get(&s->by_hash, token_hash);
	if (e)
		forget(s, e);
	s->age++; /* an answer under way must not bring it back */
	pthread_mutex_unlock(&s->lock);
}

void sessions_forget_all(struct sessions *s)
{
	pthread_mutex_lock(&s->lock);
	s->age++;
	pthread_mutex_unlock(&s->lock);
}

uint64_t sessions_age(struct sessions *s)
{
	pthread_mutex_lock(&s->lock);
	const uint64_t age = s->age;
	pthread_mutex_unlock(&s->lock);
	return age;
}

bool sessions_take_idle(struct sessions *s, int64_t now_ms, char token_hash[65])
{
	bool found = false;
	pthread_mutex_lock(&s->lock);
	list_for_each (l, &s->by_use) {
		struct entry *e = CONTAINER_OF(l, struct entry, link);
		if (!idle(e, now_ms))
			continue;
		memcpy(token_hash, e->token_hash, sizeof e->token_hash);
		forget(s, e);
		found = true;
		break;
	}
	pthread_mutex_unlock(&s->lock);
	return found;
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

bool is_form_type(struct str type)
{
	static const char *const forms[] = {"", "text/plain", "application/x-www-form-urlencoded",
					    "multipart/form-data"};
	struct str essence, rest;
	str_cut(type, ';', &essence, &rest);
	essence = str_trim(essence);
	for (uint32_t i = 0; i < COUNT_OF(forms); i++)
		if (str_ieq(essence, str_of(forms[i])))
			return true;
	return false;
}
