/*
 * stun.h - STUN messages (RFC 8489, bytes as in RFC 5389 and 5769) and the answers of an ICE-lite
 * agent (RFC 8445) to binding requests. Pure.
 *
 * Nobody without the password gets an answer: a message that is not ours is not worth a packet, and
 * what is not answered cannot be turned against a third party.
 */
#pragma once

#include "rtp/addr.h"

#define STUN_HEADER 20
#define STUN_ID 12
#define STUN_BINDING 1
#define STUN_MESSAGE_MAX 548 /* RFC 8489 §6.1: where the path's MTU is not known */

enum stun_class { STUN_REQUEST, STUN_INDICATION, STUN_SUCCESS, STUN_ERROR };

enum stun_attribute {
	STUN_USERNAME = 0x0006,
	STUN_MESSAGE_INTEGRITY = 0x0008,
	STUN_ERROR_CODE = 0x0009,
	STUN_UNKNOWN_ATTRIBUTES = 0x000a,
	STUN_REALM = 0x0014,
	STUN_NONCE = 0x0015,
	STUN_XOR_MAPPED_ADDRESS = 0x0020,
	STUN_PRIORITY = 0x0024,
	STUN_USE_CANDIDATE = 0x0025,
	STUN_SOFTWARE = 0x8022,
	STUN_FINGERPRINT = 0x8028,
	STUN_ICE_CONTROLLED = 0x8029,
	STUN_ICE_CONTROLLING = 0x802a,
};

#define STUN_UNKNOWN_MAX 4
struct stun {
	enum stun_class class;
	uint16_t method;
	uint8_t id[STUN_ID];
	/* views into the message; n 0: not there */
	struct str username, realm, nonce, software;
	struct addr mapped; /* len 0: none */
	uint16_t error;	    /* 300..699; 0: none */
	uint32_t priority;  /* 0: none */
	bool use_candidate, controlled, controlling;
	uint64_t tie_breaker;
	size_t integrity; /* offset of the attribute; 0: none */
	bool fingerprint; /* there, and right */
	/* attributes that must be understood and are not; of the first ones the names */
	uint32_t unknown_count;
	uint16_t unknown[STUN_UNKNOWN_MAX];
};

/* RFC 7983: of the packets on one port these are STUN's. */
bool stun_is(struct str packet);
/* ERR_INVALID: no whole message, a wrong fingerprint, an attribute that lies about its length. What
 * stands behind MESSAGE-INTEGRITY is not taken but for the fingerprint (RFC 8489 §14.5). */
MUST_USE enum err stun_parse(struct str packet, struct stun *out);
/* The message bears the HMAC of this key. */
bool stun_authentic(struct str packet, const struct stun *m, struct str key);

/* Writing: begin, attributes, then integrity and fingerprint; the length is kept right. */
void stun_begin(struct buf *b, enum stun_class class, uint16_t method, const uint8_t id[STUN_ID]);
/* pad: what fills up to four bytes; anything will do. */
void stun_put(struct buf *b, uint16_t attribute, struct str value, char pad);
void stun_put_mapped(struct buf *b, const struct addr *a);
void stun_put_integrity(struct buf *b, struct str key);
void stun_put_fingerprint(struct buf *b);

/* What an ICE-lite agent is asked, and says. */
struct stun_ice {
	struct str ufrag, password; /* ours, as our description told */
	struct str peer_ufrag;	    /* n 0: any */
};
enum stun_verdict {
	STUN_DROP,    /* not for us, or of nobody we know: no answer, nothing follows */
	STUN_REFUSED, /* of the peer, but not right: the answer in `out` says why */
	STUN_CHECKED, /* of the peer: it is there; the answer is in `out` */
	STUN_CHOSEN,  /* the same, and this is the way its packets shall go */
};
/* request: parsed from packet, which came from `from`. out has room for STUN_MESSAGE_MAX. */
enum stun_verdict stun_answer(struct str packet, const struct stun *request,
			      const struct stun_ice *ice, const struct addr *from, struct buf *out);
