/*
 * ice.h - the browser at the other end of a leg: its ICE, of which we are the lite half
 * (RFC 8445), and its DTLS (RFC 5764). No sockets and no clock: datagrams and times are handed in.
 *
 *   ways: addresses from which a check with our password came (the valid pairs of RFC 8445)
 *   path: the one of them that the browser, which controls, chose by USE-CANDIDATE
 *
 * Nobody who has not shown the password in a check is answered, may speak DTLS or move the path;
 * who has another certificate than was signalled gets no keys. One thread.
 */
#pragma once

#include "rtp/dtls.h"
#include "rtp/stun.h"

#define ICE_WAYS 4	/* known at a time; the one checked longest ago goes */
#define ICE_TRIES 5	/* handshakes of one coming */
#define ICE_UFRAG 8	/* characters of 6 bits; RFC 8839 §5.4 wants 24 bits */
#define ICE_PASSWORD 24 /* and 128 bits */
#define ICE_PEER_UFRAG_MAX 256

typedef void(ice_send_h)(void *arg, const struct addr *to, struct str datagram);

struct ice_way {
	struct addr from; /* len 0: none */
	int64_t checked_ms;
};

struct ice {
	/* its owner's */
	ice_send_h *send;
	void *arg;

	/* what our description tells */
	char ufrag[ICE_UFRAG + 1], password[ICE_PASSWORD + 1];
	struct dtls_identity *identity;
	/* what its description told */
	char peer_ufrag[ICE_PEER_UFRAG_MAX + 1];
	struct fingerprint peer;
	bool active; /* it says the ClientHello */

	struct ice_way ways[ICE_WAYS];
	struct addr path;   /* len 0: none is chosen */
	int64_t checked_ms; /* when it came last; 0: never */

	struct dtls *dtls;   /* NULL: no association */
	struct addr dtls_to; /* where its newest datagram came from */
	int64_t shakes_ms;   /* since when, while it shakes hands */
	uint32_t tries;
	bool again; /* it has come anew and kept the association: it may begin another */
	bool keyed;
	struct srtp_terms seal, open; /* when keyed; a secret */
};

/* What its owner must look at, as bits. */
enum ice_news {
	ICE_MOVED = 1,	/* path is another one */
	ICE_KEYED = 2,	/* seal and open are new */
	ICE_ENDED = 4,	/* it said goodbye: there is no path and no key any more */
	ICE_FAILED = 8, /* a handshake; ice_why says why */
};

void ice_init(struct ice *b, ice_send_h *send, void *arg);
void ice_finish(struct ice *b); /* says goodbye, wipes */

struct ice_terms {
	struct str ufrag;
	struct fingerprint peer;
	bool active;
	struct dtls_identity *identity; /* ours for a new association; it is held */
	/* fresh dice for our names */
	uint8_t dice[ICE_UFRAG + ICE_PASSWORD];
};
/* RFC 8839 §5.4: 4 to 256 of its characters. */
bool ice_ufrag_ok(struct str ufrag);
bool ice_same(const struct ice *b, const struct ice_terms *t);
/* It comes, for the first time or anew. With the certificate it had before this is an ICE restart:
 * association, keys and path stay until it makes others (RFC 8842 §5.6). Else all of them end. */
void ice_come(struct ice *b, const struct ice_terms *t);

/* True: this check is meant for the browser. */
bool ice_is_asked(const struct ice *b, const struct stun *m);
/* True: a check with our password came from there. */
bool ice_knows(const struct ice *b, const struct addr *from);

/* A STUN message, parsed; and anything of DTLS. Both return news. */
unsigned ice_check(struct ice *b, struct str packet, const struct stun *m, const struct addr *from,
		   int64_t now_ms);
unsigned ice_record(struct ice *b, struct str packet, const struct addr *from, int64_t now_ms);
/* When ice_time wants to be called: INT64_MAX never. It returns news. */
int64_t ice_due_ms(const struct ice *b, int64_t now_ms);
unsigned ice_time(struct ice *b, int64_t now_ms);
/* Why the last handshake failed, for people. Until the next datagram. */
const char *ice_why(const struct ice *b);
