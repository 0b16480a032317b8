/*
 * retention_sweep.h - which recordings are over their time, and those of a tenant deleted, oldest
 * first, piece by piece. Pure: the time, the rules and the shelf are handed in.
 */
#pragma once

#include "store/query.h"

enum {
	SWEEP_PIECE = 20,    /* at most so many between two looks at what is held */
	SWEEP_MAX = 1000,    /* deleted in one sweep, or a piece more; the rest a sweep later */
	SWEEP_QUEUES = 2000, /* with rules of their own; more fall under the tenant's */
};

/* Of one tenant, in days. 0: for ever; -1: none is said. */
struct retention_rules {
	struct {
		char queue[64];
		int64_t days;
	} own[SWEEP_QUEUES];
	uint32_t count;
	int64_t days;
};

/* days -1: this queue says none. */
void retention_rules_put(struct retention_rules *r, struct str queue, int64_t days);
/* Begun more than its days ago: not yet at the very moment. queue: empty for one of no queue. */
bool retention_due(const struct retention_rules *r, struct str queue, int64_t started_at_ms,
		   int64_t now_ms);

/* Where the next piece is looked for. */
struct sweep_place {
	struct str tenant;
	int64_t before_ms, after_ms;
	struct str after_id;
};

typedef enum err(sweep_next_h)(void *arg, const struct sweep_place *at,
			       struct recording_due out[SWEEP_PIECE], uint32_t *count);
typedef enum err(sweep_drop_h)(void *arg, struct str tenant, const struct recording_due *d);

struct sweep {
	void *arg;
	sweep_next_h *next; /* as query_recordings_due says, of what is held at this moment */
	/* ERR_OK: its sound is gone, and that was told. ERR_CONFLICT: it is still there, and so
	 * is the next one's turn. Anything else: this sweep is over. */
	sweep_drop_h *drop;
	int64_t now_ms;
	uint32_t deleted;
	bool failed;
};

/* After one that failed, or with SWEEP_MAX deleted, nothing more. */
void sweep_tenant(struct sweep *s, struct str tenant, const struct retention_rules *r);
