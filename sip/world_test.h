/*
 * world_test.h - engines on a wire without sockets or clock, for the tests of this room.
 *
 * Two engines (ALICE, BOB) and a scripted peer (MALLORY, who is nobody but an address and a list of
 * what came to it). Packets take 5 ms, may be lost by a test's choice, and time is a number.
 */
#pragma once

#include "sip/engine.h"
#include "tests/test.h"

enum { ALICE, BOB, MALLORY, SIDES };
enum { HEARD_MAX = 64, PACKETS_MAX = 512, SEEN_MAX = 256, IMAGES_MAX = 16 };

struct heard { /* an event, with its strings copied */
	enum sip_event_kind kind;
	struct sip_call_id call;
	void *owner;
	uint32_t status;
	enum sip_over over;
	char digit;
	uint32_t digit_ms;
	bool sdp;
	uint16_t port;
	enum sdp_direction direction;
	char uri_user[64], uri_host[64], from_user[64], from_host[64], from_name[64], to_user[64];
	char auth_user[64], auth_realm[64], user_agent[64], reason[64];
};

struct side {
	struct world *w;
	struct sip *sip; /* NULL: dead */
	struct timers timers;
	struct sip_address address;
	struct heard heard[HEARD_MAX];
	uint32_t heard_count;
	struct sip_call_id call; /* the last one heard of or started */
	bool trusting;
	bool rings, accepts, answers; /* by itself */
	bool ends_when[SIP_CALL_OVER + 1];
	uint32_t changed;
	uint16_t port; /* of its sound */
	struct {
		char bytes[2048];
		size_t n;
	} bindings[IMAGES_MAX];
	bool reg_up; /* of our own registration, as told last */
	uint32_t reg_status, reg_told;
	uint32_t dropped_stream, traced_in, traced_out, traced_call;
};

struct packet {
	int64_t at_ms;
	struct sip_address from, to;
	struct str bytes; /* malloc'd */
	bool gone;
};

struct world {
	int64_t now_ms;
	uint64_t dice;
	struct side sides[SIDES];
	struct packet packets[PACKETS_MAX];
	uint32_t packet_count;
	/* NULL: nothing is lost */
	bool (*lose)(struct world *w, const struct packet *p);
	uint32_t lose_n; /* for its own use */
	uint32_t sent;
	struct str seen[SEEN_MAX]; /* what came to MALLORY */
	uint32_t seen_count;
	enum sip_transport transport;
	uint32_t stream, seen_stream; /* MALLORY's connection (0: 5); of what came to it last */
};

struct world *world_create(void);
void world_destroy(struct world *w);
void world_start_side(struct world *w, int side, uint32_t birth);
void world_kill_side(struct world *w, int side);
void world_run(struct world *w, int64_t ms);
/* Text with \n line ends goes as a datagram from MALLORY to a side; runs 20 ms. */
void world_say(struct world *w, int to, const char *text);
void world_say_bytes(struct world *w, int to, struct str bytes);
/* The last message that came to MALLORY; empty when there is none since n. */
struct str world_last_seen(struct world *w);
uint32_t world_status(struct str message); /* 0: a request */
bool has(struct str message, const char *part);
/* Value of a header in a message, by name as written there. */
struct str value_of(struct str message, const char *name);
struct sdp_audio sound(uint16_t port);
MUST_USE enum err world_call(struct world *w, int from, int to, const char *user);
const struct heard *last_heard(const struct side *s);
uint32_t count_heard(const struct side *s, enum sip_event_kind kind);
extern struct str world_secret_md5, world_secret_sha256; /* of alice@example.org, "secret" */
