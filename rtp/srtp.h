/*
 * srtp.h - SRTP and SRTCP, RFC 3711, 6188 (AES-256) and 7714 (AEAD): packets sealed and opened in
 * place.
 *
 * A struct srtp is one direction of one leg under one master key. Whoever has a slow thread makes
 * it; nothing is allocated by a packet. What is opened was sealed by who has the key, and once
 * only: forged, altered and repeated packets are refused, and nothing is remembered of them. What
 * is sealed uses no packet number twice, or the key stream could be read off two such packets.
 */
#pragma once

#include "base/str.h"

enum srtp_suite {
	SRTP_NONE,
	SRTP_AES128_SHA1_80,
	SRTP_AES128_SHA1_32,
	SRTP_AES256_SHA1_80,
	SRTP_AES256_SHA1_32,
	SRTP_AES128_GCM,
	SRTP_AES256_GCM,
	SRTP_SUITES,
};

#define SRTP_KEY_MAX 46 /* master key and salt */
#define SRTP_MKI_MAX 16 /* bytes; RFC 4568 §6.1 allows 128, nobody sends more than four */
#define SRTP_GROWTH 36	/* tag, SRTCP's number and MKI: room behind a packet to be sealed */
#define SRTP_SENDERS 4	/* senders (SSRC) known at a time; the one heard longest ago goes */
#define SRTP_WINDOW 128 /* packets that may come late; RFC 3711 §3.3.2 wants 64 */
#define SRTP_PACKET_MAX 1500

const char *srtp_name(enum srtp_suite suite); /* of RFC 4568 and 7714: "AES_CM_128_HMAC_SHA1_80" */
enum srtp_suite srtp_named(struct str name);  /* SRTP_NONE: none of ours */
size_t srtp_key_bytes(enum srtp_suite suite); /* master key and salt, one behind the other */

struct srtp_terms {
	enum srtp_suite suite;
	uint8_t key[SRTP_KEY_MAX];
	uint8_t mki_n; /* 0: none */
	uint8_t mki[SRTP_MKI_MAX];
};

bool srtp_same(const struct srtp_terms *a, const struct srtp_terms *b);

struct srtp;
/* NULL: no memory, or a suite that is none. */
struct srtp *srtp_create(const struct srtp_terms *terms);
void srtp_destroy(struct srtp *s); /* NULL is fine; wipes the keys */
enum srtp_suite srtp_suite(const struct srtp *s);
/* Comes after `before` of the same sender under a new key, whose count of rounds may go on or begin
 * anew (peers do either): both are tried for the first packet. */
void srtp_follow(struct srtp *s, const struct srtp *before);

/* packet has room for SRTP_GROWTH more bytes; *n grows. ERR_CONFLICT: this number was used, or is
 * too old; ERR_FULL: the key has served its time; ERR_INVALID: no packet. */
MUST_USE enum err srtp_seal(struct srtp *s, uint8_t *packet, size_t *n);
MUST_USE enum err srtcp_seal(struct srtp *s, uint8_t *packet, size_t *n);
/* *n shrinks. ERR_FORBIDDEN: its tag or MKI is wrong; ERR_CONFLICT: it came before, or is older
 * than the window; ERR_INVALID: no packet, longer than SRTP_PACKET_MAX, or not encrypted. After an
 * error the bytes may be anything. */
MUST_USE enum err srtp_open(struct srtp *s, uint8_t *packet, size_t *n);
MUST_USE enum err srtcp_open(struct srtp *s, uint8_t *packet, size_t *n);

/* For tests against the vectors of RFC 3711 B.3 and RFC 7714, which begin in the middle. Label and
 * bytes (at most SRTP_DERIVED_MAX) as RFC 3711 §4.3: the key derivation rate is zero. */
#define SRTP_DERIVED_MAX 94
MUST_USE bool srtp_derive(const struct srtp_terms *t, uint8_t label, uint8_t *out, int n);
/* Session key and salt, the same for RTP and RTCP; never NULL. */
struct srtp *srtp_create_session(enum srtp_suite suite, const uint8_t *key, const uint8_t *salt,
				 uint32_t rtcp_sent);
