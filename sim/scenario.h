/*
 * scenario.h - the invented world of `centrala sim`, read from its JSON (contract section 5).
 *
 * A queue may also say what a declared queue may: class, ageing, strategy, wrap_s, short_abandon_s,
 * announce; and priority_min, which a flow would give its callers, and load: from an hour on so
 * many times as many come. Owner: whoever holds the struct.
 */
#pragma once

#include "base/str.h"
#include "core/words.h"
#include "sim/dist.h"

#define SCENARIO_QUEUES_MAX 5000u
#define SCENARIO_AGENTS_MAX 15000u
#define SCENARIO_CONTACTS_MAX 100000000.0 /* expected arrivals of the whole run */

/* As a declared queue's; every_ms 0: nothing is told. */
struct queue_announce {
	int64_t every_ms, first_ms;
	bool position, wait, only_if_improved, head;
};

struct scenario_load {
	double from_h, factor;
};

struct scenario_queue {
	char id[64];
	double arrivals_per_hour;
	struct dist handle_s, patience_s;
	int64_t threshold_ms, short_ms, wrap_ms;
	enum strategy strategy;
	int32_t class_rank;
	double ageing;
	uint32_t priority_min;
	struct queue_announce announce;
	struct scenario_load *loads; /* by from_h, ascending; owned */
	uint32_t load_count;
};

struct scenario_agents { /* so many of one kind */
	uint32_t count;
	uint32_t *queues; /* indexes */
	uint32_t queue_count;
};

struct scenario {
	uint64_t seed;
	double hours, warmup_hours; /* hours in all; the first warmup_hours are not counted */
	struct scenario_queue *queues;
	uint32_t queue_count;
	struct scenario_agents *agents;
	uint32_t agents_count;
};

/* ERR_INVALID: `why` gets one line that begins with the path of what is wrong. */
MUST_USE enum err scenario_read(struct scenario *s, struct str json, struct buf *why);
void scenario_finish(struct scenario *s);
