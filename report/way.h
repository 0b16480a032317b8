/*
 * way.h - the way of one contact through flows: a fold over its facts (behaviours.md V-5).
 *
 * A step is a node entered. A run is one passage through one flow: the flow a contact begins with,
 * or one inside another. Whatever became of a step or a run is one thing of a closed set, so that
 * sums are whole:
 *
 *   a step was left by an edge, or it was the last: dropped (the customer hung up there), ended
 *   (the flow ended the call), served (connected with somebody until the end), failed, inside.
 *   a run passed the contact on (to a queue, an agent, a number, a callback), whatever came after;
 *   else it contained it (ended by the flow itself), or was abandoned, failed, returned (to the
 *   flow around it), or is inside still.
 *
 * As bytes: what the store keeps. Pure; owner: whoever holds the struct.
 */
#pragma once

#include "core/fact.h"

#define WAY_STEPS_MAX 500u /* what a contact walks after them is not told */
#define WAY_PATH_MAX 64u

enum way_to { WAY_TO_NOBODY, WAY_TO_QUEUE, WAY_TO_AGENT, WAY_TO_NUMBER, WAY_TO_CALLBACK };

struct way_step {
	struct str flow, node, edge; /* edge: by which it was entered */
	uint32_t version;
	bool draft;
	int64_t at_ms;
	enum way_to to; /* handed over there */
	struct str target;
	bool answered;
	char *own[2]; /* of a fold: memory of its names, of its target */
};

enum way_end { WAY_OPEN, WAY_ENDED, WAY_DROPPED, WAY_FAILED };

struct way {
	struct way_step *steps;
	uint32_t count, room;
	enum way_end end;
	int64_t end_ms;
	bool broken; /* a flow ended by a failure */
	bool dirty;
};

void way_init(struct way *w);
void way_finish(struct way *w);
void way_apply(struct way *w, const struct fact *f);
void way_lost(struct way *w, int64_t at_ms); /* as record_lost */

void way_put(struct buf *out, const struct way *w);
/* Into an initialised way, whose texts are views into the bytes. ERR_INVALID: no way of ours. */
MUST_USE enum err way_take(struct way *w, struct str bytes);

/* -- what became of it -- */

#define STEP_COUNTS(X)                                                                             \
	X(visited)                                                                                 \
	X(left)                                                                                    \
	X(dropped)                                                                                 \
	X(ended)                                                                                   \
	X(served)                                                                                  \
	X(failed)                                                                                  \
	X(inside)
#define RUN_COUNTS(X)                                                                              \
	X(entered)                                                                                 \
	X(contained)                                                                               \
	X(abandoned)                                                                               \
	X(passed_queue)                                                                            \
	X(passed_agent)                                                                            \
	X(passed_number)                                                                           \
	X(passed_callback)                                                                         \
	X(failed)                                                                                  \
	X(returned)                                                                                \
	X(inside)

enum step_count {
#define X(name) STEP_##name,
	STEP_COUNTS(X)
#undef X
		STEP_COUNT_COUNT
};
enum run_count {
#define X(name) RUN_##name,
	RUN_COUNTS(X)
#undef X
		RUN_COUNT_COUNT
};
struct str step_count_word(enum step_count c);
struct str run_count_word(enum run_count c);
MUST_USE enum err step_count_from(struct str word, enum step_count *out);
MUST_USE enum err run_count_from(struct str word, enum run_count *out);

struct way_visit {
	const struct way_step *step;
	enum step_count became; /* never visited */
	struct str edge;	/* STEP_left: by which */
	int64_t ms;		/* spent there; -1: still there */
};
struct way_visit way_visit(const struct way *w, uint32_t step);

struct way_run {
	uint32_t first, last; /* steps; last: of the flow itself, not of flows inside */
	bool outermost;
	enum run_count became; /* never entered */
	struct str target;     /* passed on: to whom */
	int64_t ms;	       /* until it was passed on or over; -1: still there */
};
/* Calls run() for every passage, in order of their beginnings. */
void way_runs(const struct way *w, void (*run)(void *arg, uint32_t n, const struct way_run *r),
	      void *arg);
/* hello>menu>sub/ask>support; of flows inside with their names, cut with … after WAY_PATH_MAX. */
void way_path(struct buf *out, const struct way *w, const struct way_run *r);
