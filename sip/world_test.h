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
	/* SIP_INCOMING: what sip_caller said */
	bool caller, withheld;
	char asserted[64], diverted[64], diverted_why[64];
	struct sip_call_id replaces;
	/* SIP_REFER */
	bool replacing;
	char refer_user[64], refer_host[64], referred_by[64];
	uint32_t q850;
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
	uint32_t refer_answer; /* to SIP_REFER; 0: says nothing */
	uint32_t changed, guessed;
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

/* -- a peer that says exactly what the test wants, see script_test.c -- */
#define SDP_TEXT                                                                                   \
	"v=0\no=- 1 1 IN IP4 192.0.2.9\ns=-\nc=IN IP4 192.0.2.9\nt=0 0\nm=audio 4000 RTP/AVP 8 "   \
	"101\na=rtpmap:101 telephone-event/8000\n"
#define SDP_HOLD SDP_TEXT "a=sendonly\n"
#define CONTACT "Contact: <sip:m@10.0.0.3:5060>\n"

/* A request of MALLORY's to BOB. to_tag NULL: outside a dialog. Content-Length is counted. */
void say_request(struct world *w, const char *method, uint32_t cseq, const char *to_tag,
		 const char *extra, const char *body);
/* The tag in this header of a message (a static array) */
const char *tag_of(struct str message, const char *header);
uint32_t last_status(struct world *w);
/* A call from MALLORY that BOB took, ACK and all; returns BOB's tag. */
const char *script_call(struct world *w);
/* MALLORY answers ALICE's request, the index-th message that came to him. */
void answer_request(struct world *w, uint32_t index, const char *status, const char *to_tag,
		    const char *extra, const char *body);
/* The index of the newest message to MALLORY that begins so; -1: none. */
int seen_last(struct world *w, const char *start);
uint32_t seen_count(struct world *w, const char *start);
/* MALLORY answers BOB's newest request that begins so. */
void answer_bob(struct world *w, const char *start, const char *status, const char *extra,
		const char *body);
/* What the program does at a restart: images of all calls, death, a new engine, images back. */
void world_restart(struct world *w, int side);
