/*
 * customer.h - a customer's document: what somebody wrote, checked and put into its stored form.
 *
 * Stored: members in one order, texts trimmed and without control characters, nothing empty,
 * numbers E.164 where the tenant's country lets them be read, `name` always there, who wrote it
 * when. The same document is what the interface gives. Pure; time and ids are parameters.
 */
#pragma once

#include <jansson.h>

#include "objects/mistakes.h"

#define CUSTOMER_BYTES_MAX 65536u
#define CUSTOMER_NUMBERS_MAX 20u

struct customer_rules {
	struct str country;   /* of the tenant, for numbers */
	const json_t *fields; /* the declared ones, an array; NULL: none */
};

struct customer_stamp {
	struct str id, tenant, by;
	int64_t now_ms; /* UTC */
};

/* The document to store after `given` was written; the caller's. before: NULL when he is new.
 * patch: given is RFC 7396 upon it. NULL: mistakes are in m. The version is one more than before's.
 */
MUST_USE json_t *customer_make(const json_t *given, const json_t *before, bool patch,
			       const struct customer_stamp *stamp,
			       const struct customer_rules *rules, struct mistakes *m);
/* As a new version of it, by whoever: for documents that are right already (merging, undoing). */
json_t *customer_again(const json_t *doc, uint32_t version, const struct customer_stamp *stamp);
/* Do they say the same of him, whoever wrote them when? */
bool customer_same(const json_t *a, const json_t *b);
/* into, with what only `from` has; no version or stamps of its own yet. */
json_t *customer_merged(const json_t *into, const json_t *from);

/* What he is found by exactly, each once: kind is n (number), e (e-mail address), x (external id)
 * or p (his name in plain, words sorted). */
void customer_keys(const json_t *doc, void (*key)(void *arg, char kind, struct str key), void *arg);
#define CUSTOMER_KEY_MAX 200u
/* A text as the key it would be; empty: it is none. */
void customer_key(char kind, struct str text, struct buf *out);

bool json_flag(const json_t *doc, const char *key);
struct str json_member(const json_t *doc, const char *key); /* a text; else empty */
