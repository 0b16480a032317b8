/*
 * stir.h - who really calls: identities verified (RFC 8224 section 6.2) and signed (section 6.1),
 * for calls with shaken (RFC 8588).
 *
 * Certificates come from a folder and are never fetched: what stands in a caller's header makes us
 * connect to nobody. They are read by stir_create and stir_reload; a call reads no file. Time is a
 * parameter. One thread.
 */
#pragma once

#include "stir/passport.h"

enum { STIR_FRESH_S = 60, STIR_VALUE_MAX = 1600 };

/* Paths; empty: not that side. */
struct stir_options {
	/* Folder: SHA256(x5u).pem in lower-case hex, the signer's certificate first, then those
	 * between it and an anchor. */
	const char *certificates;
	const char *trust;	       /* PEM of the anchors */
	const char *certificate, *key; /* ours */
	const char *x5u;	       /* where others find ours */
};
struct stir;

/* ERR_IO, ERR_INVALID: why says what is wrong, without a word of a key. */
MUST_USE enum err stir_create(const struct stir_options *o, struct stir **out, struct buf *why);
void stir_destroy(struct stir *s); /* NULL is fine */
/* Everything again from the same places; on an error all stays as it was. */
MUST_USE enum err stir_reload(struct stir *s, struct buf *why);
uint32_t stir_certificates(const struct stir *s);
bool stir_signs(const struct stir *s);

enum stir_verdict { STIR_ABSENT, STIR_PASSED, STIR_FAILED };
struct str stir_word(enum stir_verdict v); /* as in verstat: "TN-Validation-Passed" … */

struct stir_call {
	const struct str *identities; /* values of its Identity headers */
	uint32_t count;
	struct str orig, dest; /* E.164, with plus or without */
	int64_t now_s;
};
struct stir_finding {
	enum stir_verdict verdict;
	uint32_t status; /* with which to refuse who must be known: 428, 436, 437, 438, 403; 0 */
	const char *why; /* a word; empty when passed */
	char attest;	 /* A, B, C; 0 unless it passed */
	char origid[PASSPORT_ORIGID];
	uint64_t mark; /* for stir_remember */
};
/* s may be NULL: nobody is known. The first identity that passes counts, else the first one. */
void stir_verify(struct stir *s, const struct stir_call *c, struct stir_finding *out);
/* The call was taken: the same token passes no more while it is fresh. */
void stir_remember(struct stir *s, uint64_t mark, int64_t now_s);

/* The value of an Identity header, appended. ERR_NOT_FOUND: we have no key; ERR_INVALID: orig or
 * dest is no number; ERR_IO: the library failed. claims.x5u is ours, whatever it says. */
MUST_USE enum err stir_sign(struct stir *s, const struct passport_claims *claims, struct buf *out);
/* A UUID (RFC 9562 version 8) made of a secret and a name, the same for ever. */
void stir_origid(const unsigned char secret[32], struct str name, char out[PASSPORT_ORIGID]);
