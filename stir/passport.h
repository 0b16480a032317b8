/*
 * passport.h - an Identity header and the PASSporT in it, read and written: RFC 8224 section 4,
 * RFC 8225 (a JSON web signature in compact form), RFC 8588 (shaken). Nothing here knows whether a
 * signature holds. Pure; any thread.
 */
#pragma once

#include "base/str.h"

enum {
	IDENTITY_BYTES_MAX = 8192,
	PASSPORT_URL = 256,   /* x5u, with its end */
	PASSPORT_ORIGID = 64, /* a UUID has 36 */
	PASSPORT_TN = 16,     /* E.164 without plus, with its end */
	PASSPORT_DESTS_MAX = 16,
	PASSPORT_SIGNATURE = 64, /* r and s of P-256, 32 bytes each: RFC 7518 section 3.4 */
};

/* Views of the header's value. */
struct identity {
	struct str token, info; /* info without its < > */
	struct str alg, ppt;	/* without quotes; empty: not said */
};

struct passport {
	struct str signed_part; /* header.payload, of the token */
	unsigned char signature[PASSPORT_SIGNATURE];
	char x5u[PASSPORT_URL];
	char attest; /* A, B or C */
	char origid[PASSPORT_ORIGID];
	int64_t iat_s;
	char orig[PASSPORT_TN];
	char dests[PASSPORT_DESTS_MAX][PASSPORT_TN];
	uint32_t dest_count;
};

/* ERR_TOO_LARGE; ERR_INVALID: it is none (the short form of RFC 8224 section 4 is not taken). */
MUST_USE enum err identity_parse(struct str value, struct identity *out);
/* ERR_UNSUPPORTED: alg is not ES256. ERR_INVALID: anything else; why says what. */
MUST_USE enum err passport_parse(struct str token, struct passport *out, const char **why);

struct passport_claims {
	struct str x5u, orig, dest, origid; /* numbers without plus */
	char attest;
	int64_t iat_s;
};
/* header.payload as RFC 8225 section 9 wants it: keys in order, no white space. full: too long. */
void passport_write(struct buf *out, const struct passport_claims *c);
/* An address of a certificate as it may stand in a header: http(s), no blanks, quotes, < >. */
bool passport_url_fits(struct str url);
/* +48601602603 or 48601602603 → the digits. False: it is no telephone number. */
bool passport_number(struct str text, struct str *out);

void base64url_put(struct buf *out, const void *bytes, size_t n);
/* RFC 4648 section 5 without padding; one text only for the same bytes. ERR_INVALID, ERR_TOO_LARGE.
 */
MUST_USE enum err base64url_take(struct str text, struct buf *out);
