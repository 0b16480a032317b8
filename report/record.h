/*
 * record.h - the contact record: a fold over the facts of one contact.
 *
 * Applying the same facts in the same order gives the same record; a fact at or before last_seq was
 * applied before and changes nothing. Facts of other contacts must not be handed in. Words keep
 * their meaning from behaviours: a contact has segments in order of time (flow, queue visit,
 * agent), offers, recordings. Times are UTC milliseconds, 0: not yet. Pure; owner: whoever holds
 * the struct.
 */
#pragma once

#include "core/fact.h"
#include "report/queue_figures.h"
#include "report/way.h"

#define RECORD_NAME 64 /* ids are at most 63 bytes (contract section 2) */

enum segment_kind { SEGMENT_FLOW, SEGMENT_QUEUE, SEGMENT_AGENT };

struct record_segment {
	enum segment_kind kind;
	char queue[RECORD_NAME], agent[RECORD_NAME];
	int64_t started_at, ended_at;
	enum result result; /* none: open */
	enum queue_exit exit;
	int64_t wait_ms;		   /* queue */
	int64_t talk_ms, hold_ms, wrap_ms; /* agent */
	uint32_t visit;			   /* agent: index + 1 of the queue segment it answered */
	bool dialled;			   /* agent: he began the call … */
	bool handles;			   /* … to a number that answered */
	int64_t dial_ms;    /* and it took so long until somebody answered, or none did */
	int64_t held_since; /* agent: 0 when not on hold */
	int64_t held_ms;    /* agent: by hold_on and hold_off */
	bool wrapping;	    /* agent: wrap-up is open */
	bool dirty;
};

struct record_offer {
	char queue[RECORD_NAME], agent[RECORD_NAME];
	int64_t started_at, ended_at;
	enum offer_result result; /* when ended */
	bool dirty;
};

/* What the caller was told while he waited (behaviours.md P-4). */
struct record_promise {
	uint32_t segment; /* index of the queue segment */
	int64_t at;
	uint32_t position;	 /* 0: none was told */
	int64_t ewt_ms;		 /* reckoned; -1: nobody worked there */
	int64_t low_ms, high_ms; /* told; high 0: no wait was */
};

struct record_recording {
	char id[RECORD_NAME], queue[RECORD_NAME], agent[RECORD_NAME];
	int64_t started_at, duration_ms, bytes, deleted_at; /* deleted_at 0: its sound is there */
	uint32_t channels;
	char codec[16], sha256[65], flaw[64], path[256];
	bool finished;
	bool dirty;
};

/* A number called for it. */
struct record_dial {
	uint32_t callee; /* name of the call among those of this contact */
	char number[48], trunk[RECORD_NAME];
	int64_t started_at, answered_at, ended_at;
	enum dial_result result; /* when ended without an answer */
	uint32_t sip_code;
};

/* How one party's leg sounded. */
struct record_quality {
	enum party party;
	char codec[16];
	uint32_t sent, received, lost, jitter_us;
	uint32_t mos_cent; /* 0: not known */
	char srtp[32];	   /* suite; empty: plain */
	uint32_t forged;   /* packets that were refused because of that */
};

struct record {
	struct uuid id;
	char tenant[RECORD_NAME];
	uint64_t last_seq;
	enum channel channel;
	enum direction direction;
	char from[80], to[80];
	char queue[RECORD_NAME], agent[RECORD_NAME]; /* the last ones */
	char customer[80];			     /* as the agent who called said */
	bool private, test;
	char verstat[24], attest[2], origid[64]; /* STIR/SHAKEN; empty: nobody looked */
	bool dialling;				 /* an agent calls, nobody has answered */
	char outcome[RECORD_NAME];
	char *note; /* NULL: none */
	char *tags; /* one a line; NULL: none */
	char follow_up_agent[RECORD_NAME];
	int64_t follow_up_at; /* 0: nothing is left to do */
	bool held;	      /* no rule deletes its recordings */
	int64_t arrived_at, disconnected_at, ended_at;
	bool parked, consulting; /* now */
	uint32_t slot;		 /* where it is parked; 0: nowhere */
	enum party ended_by;	 /* when disconnected */
	char cause[80];
	struct record_segment *segments;
	uint32_t segment_count, segment_room;
	struct record_offer *offers;
	uint32_t offer_count, offer_room;
	struct record_promise *promises;
	uint32_t promise_count, promise_room;
	struct record_recording *recordings;
	uint32_t recording_count, recording_room;
	struct record_dial *dials;
	uint32_t dial_count, dial_room;
	struct record_quality *qualities;
	uint32_t quality_count, quality_room;
	struct way way; /* through flows */
};

void record_init(struct record *r);
void record_finish(struct record *r);
void record_apply(struct record *r, const struct fact *f);
/* The program that held the contact is gone with all it knew: what is open ends at at_ms as
 * server_restart, the contact too. */
void record_lost(struct record *r, int64_t at_ms);

enum contact_state record_state(const struct record *r);
/* What agents' segments say about the queue visit they answered. handled: the wrap-ups are over;
 * transferred: one of them handed it on.
 */
struct record_times {
	int64_t wait_ms, talk_ms, hold_ms, wrap_ms;
	bool handled, transferred;
};
struct record_times record_visit_times(const struct record *r, uint32_t segment);
/* How long he waited on after it was told; -1: he waits still. */
int64_t record_promise_waited(const struct record *r, const struct record_promise *p);
/* The first wait that was told in this queue segment; NULL: none. */
const struct record_promise *record_visit_promise(const struct record *r, uint32_t segment);
/* The visit this queue segment is, as figures count it. */
struct visit record_visit(const struct record *r, uint32_t segment);
struct record_times record_times(const struct record *r); /* of the whole contact */
/* The record as JSON, contract section 3. */
void record_json(struct buf *out, const struct record *r);
struct str segment_kind_word(enum segment_kind k);
