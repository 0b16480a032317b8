/*
 * gate.h - who is served first, and who is turned away, when more comes than can be served.
 *
 * While the sockets are emptied at each look everything passes as it came. Once messages wait
 * behind those just read (or calls cannot be begun as fast as they come), requests that begin
 * something new (an INVITE, REGISTER, OPTIONS … without a To tag) stand in a queue, and all that
 * belongs to calls that live goes before them. A newcomer who would have to wait longer than his
 * kind may is refused at once with 503 and a Retry-After of 1 to 10 s, without memory of him (RFC
 * 3261 section 21.5.4; the order is R20's): first those that are no calls, then calls for numbers
 * of low priority, then all others. Who calls for help over a trunk does not wait at all. No
 * feedback from the network is needed: what the queue gives away in a second is what this machine
 * can do now (RFC 6357 section 5.3, loss-based, local). Datagrams and streams stand in the same
 * queue; what a stream brings behind a newcomer, the BYE of a call that lives, does not wait for
 * him.
 *
 * Pure: time in microseconds is handed in, what is served goes out through `take`. One thread.
 */
#pragma once

#include "sip/sip.h"

enum gate_kind {
	GATE_INSIDE, /* belongs to something that lives; responses */
	GATE_HELP,
	GATE_CALL,
	GATE_CALL_LOW,
	GATE_ASIDE, /* REGISTER, OPTIONS, SUBSCRIBE … */
	GATE_KINDS
};
/* By the request line and the To header alone; GATE_CALL_LOW is never given. */
enum gate_kind gate_kind(struct str message);
/* The user part of the request URI as it stands; empty: none. */
struct str gate_user(struct str message);

struct gate;
struct gate_options {
	struct sip *sip;
	uint32_t most; /* who may wait at once */
	uint64_t seed;
	void *arg;
	void (*take)(void *arg, const struct sip_address *from, struct str message);
	/* May be NULL. Is this caller's number one of low priority? Is he at a trunk? */
	bool (*low)(void *arg, const struct sip_address *from, struct str user);
	bool (*trusted)(void *arg, const struct sip_address *from);
	/* May be NULL. Calls cannot be begun faster, for a reason this queue does not see. */
	bool (*busy)(void *arg);
};
struct gate *gate_create(const struct gate_options *o);
void gate_destroy(struct gate *g);

/* A datagram, or a whole message of a stream (sip_messages_to). crowded: more wait behind it. */
void gate_input(struct gate *g, const struct sip_address *from, struct str message, bool crowded,
		int64_t now_us);
/* Serves one who waits. False: nobody does. */
bool gate_serve(struct gate *g, int64_t now_us);
uint32_t gate_waiting(const struct gate *g);
/* Was somebody turned away within the last second? */
bool gate_presses(const struct gate *g, int64_t now_us);
void gate_counters(const struct gate *g, struct buf *out);
