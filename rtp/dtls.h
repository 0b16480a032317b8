/*
 * dtls.h - DTLS 1.2 as RFC 5764 uses it: two who know each other's certificates by their
 * fingerprints (RFC 8122) agree on keys for SRTP. On OpenSSL 3.
 *
 * A `struct dtls` is one association; it owns no socket: datagrams are handed in, its own go out
 * through `send`, one a call. Its retransmissions run by OpenSSL's clock; the owner asks when. One
 * thread for an identity and all its associations.
 *
 * No cookies (RFC 6347 §4.2.1): ICE has proven the address before the first datagram is handed in.
 */
#pragma once

#include "rtp/srtp.h"

#define DTLS_MTU 1200		 /* what every path bears; RFC 8261 §5 */
#define DTLS_SHAKE_MS 20000	 /* a handshake that takes longer is given up */
#define DTLS_FINGERPRINT_MAX 200 /* "sha-512 " and 64 bytes in hex with colons */

/* RFC 7983: of the packets on one port these are DTLS's. */
bool dtls_is(struct str packet);
/* The first datagram of an association: a ClientHello of epoch 0. */
bool dtls_begins(struct str packet);

struct fingerprint {
	char hash[8]; /* as OpenSSL calls it */
	uint8_t n;
	uint8_t bytes[64];
};
/* "sha-256 AB:CD:..."; sha-384 and sha-512 too. ERR_UNSUPPORTED: another hash; ERR_INVALID. */
MUST_USE enum err fingerprint_parse(struct str text, struct fingerprint *out);
bool fingerprint_eq(const struct fingerprint *a, const struct fingerprint *b);

/* Our certificate (ECDSA P-256, made here, signed by itself) and its key. NULL: OpenSSL refused.
 * Counted: whoever keeps one holds it. */
struct dtls_identity;
struct dtls_identity *dtls_identity_create(void);
struct dtls_identity *dtls_identity_hold(struct dtls_identity *i);
void dtls_identity_release(struct dtls_identity *i); /* NULL is fine */
struct str dtls_identity_fingerprint(const struct dtls_identity *i);

typedef void(dtls_send_h)(void *arg, struct str datagram);

struct dtls_options {
	struct dtls_identity *identity;
	struct fingerprint peer; /* nobody else gets through the handshake */
	bool begins;		 /* we say the ClientHello */
	dtls_send_h *send;
	void *arg;
};

enum dtls_state {
	DTLS_SHAKES,
	DTLS_DONE,
	DTLS_ENDED, /* the peer said goodbye */
	DTLS_FAILED,
};

struct dtls;
struct dtls *dtls_create(const struct dtls_options *o); /* NULL: no memory */
void dtls_destroy(struct dtls *d);			/* NULL is fine; says nothing */
enum dtls_state dtls_state(const struct dtls *d);
/* The first flight of who begins. */
enum dtls_state dtls_start(struct dtls *d);
enum dtls_state dtls_receive(struct dtls *d, struct str datagram);
/* Until dtls_time wants to be called; INT64_MAX: never. */
int64_t dtls_wait_ms(const struct dtls *d);
enum dtls_state dtls_time(struct dtls *d);
void dtls_give_up(struct dtls *d); /* a handshake that lasts too long */
void dtls_goodbye(struct dtls *d); /* of one that is DONE: close_notify, RFC 5246 §7.2.1 */
/* Of one that is DONE: what to seal and to open with. */
void dtls_keys(const struct dtls *d, struct srtp_terms *seal, struct srtp_terms *open);
/* Why it failed; and what was agreed, for people. */
const char *dtls_why(const struct dtls *d);
