/*
 * acd.h - who serves whom: queues, agents, the matcher, wrap-up.
 *
 * The room answers the acd commands of core/messages.def and tells what happened by its events. One
 * matcher per tenant looks at all its queues: on every change it gives the best ranked contact that
 * has an eligible agent to the agent its queue's strategy picks (behaviours.md section 4).
 *
 * Rank: queue class, then priority_min + waited minutes * ageing, then who came first.
 * Times: monotonic ms unless a name says utc. Thread: main only. Nothing here reads a clock.
 * Memory: places for contacts are taken at creation; agents and queues grow with the configuration.
 */
#pragma once

#include "core/core.h"

#define ACD_NOTE_MAX 2000u /* bytes of a wrap-up note; longer ones are ERR_TOO_LARGE */
#define ACD_AGENT_CONTACTS_MAX 4u

struct acd_limits {
	uint32_t contacts;   /* that are or were in a queue and still live; default 20000 */
	uint32_t exclusions; /* contact x agent pairs that must not meet for a while; default 40000;
				as many that wait for each other */
};

/* The caller adds it with core_add_room. Never NULL. */
struct room *acd_create(struct core *c);
struct room *acd_create_limited(struct core *c, const struct acd_limits *limits);
void acd_destroy(struct room *r); /* NULL is fine */
/* Tests: fewer places than it was made with. */
void acd_starve(struct room *r, uint32_t contacts, uint32_t exclusions);

/* -- agents; texts are views that live until the next turn -- */
struct acd_agent {
	struct agent_id id;
	struct str tenant, name;
	enum presence presence;
	struct str reason; /* of not_ready, else empty */
	enum work work;
	bool has_next; /* takes effect after the current work */
	enum presence next;
	struct str next_reason;
	int64_t since_utc_ms;	     /* last change of presence or work */
	int64_t skills_until_utc_ms; /* then others are his; 0: these stay */
	int64_t reason_until_utc_ms; /* his reason's limit; 0: none */
	bool reason_over;	     /* and it has passed */
	enum phone_kind phone;
	bool phone_ready, phone_connecting; /* connecting: away for less than a minute, A-6 */
	bool available;			    /* could be offered something now */
	struct contact_id contacts[ACD_AGENT_CONTACTS_MAX];
	uint32_t contact_count;
};

/* ERR_NOT_FOUND: no such user, or he has not the role of an agent. */
MUST_USE enum err acd_agent_get(const struct room *r, struct agent_id id, struct acd_agent *out);
/* Walks the agents of one tenant (its name) by id, ascending: *after starts empty and is set to the
 * agent's name. False at the end. */
bool acd_agent_next(const struct room *r, struct str tenant, struct str *after,
		    struct acd_agent *out);
/* The queues he serves, helpers' too; returns how many there are, at most `room` are written. */
uint32_t acd_agent_queues(const struct room *r, struct agent_id id, struct queue_id *out,
			  uint32_t room);
/* Offered, talking, wrapping …: deleting this user now would leave facts without a name. */
bool acd_agent_works(const struct room *r, struct agent_id id);

/* -- queues -- */
struct acd_waiting {
	struct contact_id contact;
	uint32_t position; /* 1 = served next */
	int64_t wait_ms;
	bool offered; /* rings at an agent right now */
};

struct acd_queue_live {
	uint32_t waiting; /* offered ones included */
	int64_t longest_wait_ms;
	int64_t ewt_ms; /* of a caller who came now; -1: nobody works here, no promise */
	uint32_t ready, busy, not_ready, signed_in;
	bool unmeetable; /* somebody waits whom nobody signed in could ever serve */
};

/* False: it is open, or there is none. to: where new callers go; until 0: no time was said. UTC;
 * texts live until the next turn. */
struct acd_gate {
	struct str to, by;
	int64_t since_utc_ms, until_utc_ms;
};
bool acd_queue_gate(const struct room *r, struct queue_id id, struct acd_gate *out);
/* How long a caller who came now would wait; -1: no such queue, or nobody works there. Reckoned at
 * most once a second. */
int64_t acd_queue_ewt(const struct room *r, struct queue_id id);
/* Only how many wait; 0 for a queue that is not there. Costs nothing. */
uint32_t acd_queue_length(const struct room *r, struct queue_id id);
MUST_USE enum err acd_queue_live(const struct room *r, struct queue_id id,
				 struct acd_queue_live *out);
/* What the base formula of behaviours.md P-2 says of a contact at `place` (1..), for comparison
 * with what is promised; -1: no such queue, or nobody works there. */
int64_t acd_base_wait(const struct room *r, struct queue_id id, uint32_t place);
/* Best first into out[0..room-1]; returns how many were written. */
uint32_t acd_queue_waiting(const struct room *r, struct queue_id id, struct acd_waiting *out,
			   uint32_t room);

/* -- contacts -- */
struct acd_contact {
	enum contact_state state; /* waiting, offered, talking, held; flow: in no queue (wrapping
				     when only a wrap-up is open) */
	struct queue_id queue;
	struct agent_id agent;	/* offered to (the first of several), talking to, wrapping up,
				   dialling; zero: none */
	struct agent_id caller; /* an agent who began it and talks to `agent` or dials */
	int64_t enqueue_ms;
	uint32_t position; /* waiting and offered: 1.. */
};

/* ERR_NOT_FOUND: was never in a queue. */
MUST_USE enum err acd_contact_get(const struct room *r, struct contact_id id,
				  struct acd_contact *out);

/* Why nobody has it yet, as the `why` of a decision; ERR_CONFLICT: it does not wait. */
MUST_USE enum err acd_contact_why(const struct room *r, struct contact_id id, struct buf *out);

/* This agent's phone rings for this contact right now; others may ring for it too. */
bool acd_rings_at(const struct room *r, struct contact_id contact, struct agent_id agent);

/* For laws in tests: finds states that do not fit together; ERR_CONFLICT and a line in out. */
MUST_USE enum err acd_self_check(const struct room *r, struct buf *out);
