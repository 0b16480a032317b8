/*
 * auth.h - digest authentication, RFC 7616 and 2617, SHA-256 after RFC 8760. One thread.
 *
 * A nonce is its time and an HMAC over time and source, so that handing one out costs no memory.
 * Only nonces that somebody used with a right answer are remembered (with their count), in a table
 * of fixed size: when it forgets one that is still young, all nonces of that corner up to its age
 * become stale. So a replay never passes, and pressure only costs a phone one more round.
 */
#pragma once

#include "base/str.h"
#include "sip/sip.h"

enum { NONCE_LIFE_MS = 60000, NONCE_TEXT = 52, DIGEST_HEX_MAX = 64 };

struct auth {
	uint8_t secret[32];
	struct nonce_set *sets;
	uint32_t serial; /* of the next nonce */
};

/* Fields of an Authorization or a WWW-Authenticate value, without quotes. */
struct digest {
	struct str username, realm, nonce, uri, response, algorithm, cnonce, qop, nc, opaque;
	bool stale;
};

enum auth_verdict {
	AUTH_NONE,  /* no digest there */
	AUTH_BAD,   /* wrong answer */
	AUTH_STALE, /* right answer, but to an old, foreign or used-up nonce */
	AUTH_GOOD,
};

void auth_init(struct auth *a, const uint8_t secret[32]);
void auth_finish(struct auth *a);

/* ERR_UNSUPPORTED: another scheme than Digest. */
MUST_USE enum err digest_parse(struct str value, struct digest *out);
/* The answer to d: HA1 is hex, 32 digits for MD5 and 64 for SHA-256. */
void digest_answer(const struct digest *d, struct str method, struct str ha1, bool sha256,
		   char out[DIGEST_HEX_MAX + 1]);
/* HA1 = H(user:realm:password) */
void digest_ha1(struct str user, struct str realm, struct str password, bool sha256,
		char out[DIGEST_HEX_MAX + 1]);

/* Puts the value of a WWW-Authenticate header. */
void auth_challenge(struct auth *a, struct buf *out, struct str realm,
		    const struct sip_address *source, int64_t now_ms, bool sha256, bool stale);

/* Is the answer right for these HA1s (empty: there is none; the work is done all the same), and
 * the nonce ours, young, and its count new? A good one uses the count up. */
enum auth_verdict auth_check(struct auth *a, const struct digest *d, struct str method,
			     struct str ha1_md5, struct str ha1_sha256,
			     const struct sip_address *source, int64_t now_ms);

/* Our own answer to a challenge: puts an Authorization value. ERR_UNSUPPORTED: neither MD5 nor
 * SHA-256. */
MUST_USE enum err auth_respond(struct buf *out, const struct digest *challenge, struct str user,
			       struct str password, struct str method, struct str uri,
			       uint64_t cnonce);
