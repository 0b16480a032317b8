/*
 * sessions.h - who is behind a token, remembered for a few seconds so that not every request asks
 * the database, and when each was last used, so that idle ones end.
 *
 * Which sessions exist is in the store (facts login, logout); here is only what may be forgotten:
 * of a session not known here nothing is known of its use since the door was opened. Time is a
 * parameter, monotonic. Any thread: a lock inside, held for a look.
 */
#pragma once

#include "web/authorise.h"

#define SESSION_CACHE_MS 3000

struct sessions;

/* most: how many are remembered; the one unused longest is forgotten. */
struct sessions *sessions_create(uint32_t most, uint64_t seed);
void sessions_destroy(struct sessions *s);
/* True: *out is who that is; it counts as a use. False: ask the store. */
bool sessions_get(struct sessions *s, struct str token_hash, int64_t now_ms, struct caller *out);
/* What the store said; a use as well. age: sessions_age() when it was asked; an answer from before
 * the last forgetting is not believed, but the use counts. */
void sessions_put(struct sessions *s, struct str token_hash, const struct caller *c, uint64_t age,
		  int64_t now_ms);
/* An open stream or WebSocket of it is a use. */
void sessions_use(struct sessions *s, struct str token_hash, int64_t now_ms);
/* When it was used last; -1: not known here. */
int64_t sessions_used_ms(struct sessions *s, struct str token_hash);
/* The session has ended. */
void sessions_drop(struct sessions *s, struct str token_hash);
/* Somebody signed out, or rights changed: who is behind a token must be asked again. */
void sessions_forget_all(struct sessions *s);
uint64_t sessions_age(struct sessions *s);
/* One that has been idle for longer than its caller's idle_ms: taken out. False: none. */
bool sessions_take_idle(struct sessions *s, int64_t now_ms, char token_hash[65]);

/* SHA-256 of a token as lower-case hex: all that is stored of it. */
void token_hash(struct str token, char out[65]);
/* The token of a request: `Authorization: Bearer`, else the cookie. *by_cookie: a page of another
 * origin could have sent it. Empty when there is none. */
struct str token_of(const struct h1_head *h, bool *by_cookie);
#define SESSION_COOKIE "centrala_session"

/* May any page make a browser send a body of this type without asking us first (Fetch,
 * "CORS-safelisted request-header")? Empty: no type was said. */
bool is_form_type(struct str type);
/* A change asked for with a cookie must come from our own pages: Origin names our Host, or the
 * browser says so in Sec-Fetch-Site. */
bool same_origin(const struct h1_head *h, bool must_say);
