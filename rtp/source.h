/*
 * source.h - from whom a leg accepts packets (symmetric RTP with a lock). Pure.
 *
 * The address of the SDP locks with its first valid packet. Anybody else (a phone behind NAT) must
 * send SOURCE_PROBATION valid packets that follow each other over at least SOURCE_SPAN_MS, so that
 * one burst sprayed over all ports wins nothing. Once locked nobody else is heard until the SDP
 * names another address. "Valid" is the caller's to know: RTP version 2 with an agreed payload
 * type.
 */
#pragma once

#include "rtp/addr.h"

#define SOURCE_PROBATION 5
#define SOURCE_SPAN_MS 60
#define SOURCE_CANDIDATES 3

struct source_candidate {
	struct addr from;
	uint32_t ssrc;
	uint16_t seq;
	uint16_t count;
	int64_t first_ms;
};

struct source {
	struct addr sdp, locked; /* len 0: none */
	struct source_candidate candidates[SOURCE_CANDIDATES];
	uint8_t next; /* candidate to be forgotten first */
	bool fixed;   /* nobody but the SDP's address: nothing is learned */
};

enum source_verdict {
	SOURCE_OURS,  /* take the packet */
	SOURCE_LEARN, /* perhaps the peer: drop this one */
	SOURCE_STRAY, /* somebody else: drop and count */
};

/* A new address of the SDP (len 0: none yet) unlocks; the same one again changes nothing. */
void source_expect(struct source *s, const struct addr *sdp);
enum source_verdict source_see(struct source *s, const struct addr *from, uint32_t ssrc,
			       uint16_t seq, int64_t now_ms);
/* Where to send: the locked address, else the SDP's; len 0: nowhere. */
const struct addr *source_target(const struct source *s);
