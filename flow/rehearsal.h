/*
 * rehearsal.h - a flow walked by an invented caller: in virtual time, without a line, without a
 * fact.
 *
 * A hall of its own with the production room in it, between a voice and an acd that do as the wish
 * says (docs/decisions/0052). Nothing leaves it but the text of what happened, so it may run beside
 * a living hall. Bounded by REHEARSAL_STEPS_MAX nodes and REHEARSAL_MS_MAX of virtual time.
 * Thread: any; one rehearsal is one thread's. Digits as in flow.h.
 */
#pragma once

#include "core/core.h"

#define REHEARSAL_STEPS_MAX 500u
#define REHEARSAL_MS_MAX INT64_C(14400000) /* four hours */
#define REHEARSAL_KEYS_MAX 200u
#define REHEARSAL_SILENCE 255u /* a key that is not pressed: the time to press one passes */

/* What becomes of a caller in a queue. Exits that a node does not name are not taken: he waits. */
enum rehearsal_queue_end {
	REHEARSAL_ANSWERED, /* after wait_ms; the agent hangs up after talk_ms where the flow goes
			       on then */
	REHEARSAL_WAITS,    /* nobody answers; leaves after the queue's longest wait */
	REHEARSAL_FULL,
	REHEARSAL_NO_AGENTS, /* nobody is signed in */
	REHEARSAL_CLOSED,
};

struct rehearsal_queue {
	struct str name; /* empty: every queue that is not named */
	enum rehearsal_queue_end end;
	uint32_t waiting;
	int64_t ewt_ms; /* -1: not known */
	int64_t wait_ms;
};

/* at_ms: after the beginning, whatever is heard then; -1: when he is asked, once the question was
 * heard. */
struct rehearsal_key {
	uint32_t key;
	int64_t at_ms;
};

struct rehearsal_wish {
	struct str tenant, flow;
	struct str from, to, diverted, verstat, attest;
	struct str lang; /* empty: the tenant's */
	int64_t utc_ms;
	const struct rehearsal_key *keys;
	uint32_t key_count;
	const struct rehearsal_queue *queues;
	uint32_t queue_count;
	enum dial_result transfer; /* what becomes of numbers and agents; DIAL_none: answered */
	int64_t talk_ms;
	int64_t hang_up_ms; /* the caller's; -1: he does not */
	bool silent;	    /* keys are used up: he stays silent; else the rehearsal ends there */
};

struct rehearsal;

/* objects: at most so many are declared. Never NULL. */
struct rehearsal *rehearsal_create(uint32_t objects);
void rehearsal_destroy(struct rehearsal *r); /* NULL is fine */
/* Takes the configuration, whatever it answers. A tenant before what is its own. */
MUST_USE enum err rehearsal_declare(struct rehearsal *r, struct config *config, uint32_t version);
bool rehearsal_knows(const struct rehearsal *r, enum object_kind kind, struct str tenant,
		     struct str id);
/* Once. Texts of the wish live until it returns. Writes one JSON object, as `SimulateAnswer` of
 * api/openapi.yaml. ERR_NOT_FOUND: tenant or flow was not declared. */
MUST_USE enum err rehearsal_run(struct rehearsal *r, const struct rehearsal_wish *wish,
				struct buf *out);
