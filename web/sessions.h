/*
 * sessions.h - who is behind a token, remembered for a few seconds so that not every request asks
 * the database. Web thread only. Time is a parameter.
 */
#pragma once

#include "web/authorise.h"

#define SESSION_CACHE_MS 3000
#define SESSION_LIFE_MS (12 * 3600 * 1000LL)

struct sessions;

struct sessions *sessions_create(uint32_t places);
void sessions_destroy(struct sessions *s);
/* True: *out is who that is. */
bool sessions_get(const struct sessions *s, struct str token_hash, int64_t now_ms,
		  struct caller *out);
/* age: sessions_age() when the question was asked; an answer from before the last forgetting is not
 * believed. */
void sessions_put(struct sessions *s, struct str token_hash, const struct caller *c, uint64_t age,
		  int64_t now_ms);
void sessions_forget_all(struct sessions *s); /* somebody signed out, or rights changed */
uint64_t sessions_age(const struct sessions *s);

/* SHA-256 of a token as lower-case hex: all that is stored of it. */
void token_hash(struct str token, char out[65]);
/* The token of a request: `Authorization: Bearer`, else the cookie. *by_cookie: a page of another
 * origin could have sent it. Empty when there is none. */
struct str token_of(const struct h1_head *h, bool *by_cookie);
#define SESSION_COOKIE "centrala_session"

/* A change asked for with a cookie must come from our own pages: Origin names our Host, or the
 * browser says so in Sec-Fetch-Site. */
bool same_origin(const struct h1_head *h, bool must_say);
