/*
 * rehearsal_parts.h - a rehearsal's own structs; for rehearsal*.c and the one line in journey.c
 * that says where it is.
 */
#pragma once

#include "base/jsonw.h"
#include "flow/journey.h"
#include "flow/rehearsal.h"

/* How it ended; the words are in rehearsal_told.c. */
enum rehearsal_over {
	OVER_NOT,
	OVER_QUEUE,    /* with an agent of a queue */
	OVER_WAITS,    /* in a queue, for good */
	OVER_TRANSFER, /* connected */
	OVER_HANGUP,
	OVER_ASKS,   /* for a key; there are no more */
	OVER_CALLER, /* hung up */
	OVER_BOUND,  /* too many steps, too long */
};

enum rehearsal_due {
	DUE_NONE,
	DUE_ANSWER,
	DUE_EXIT,
	DUE_DIALLED,
	DUE_RUNG,
	DUE_TALK_END,
};

struct rehearsal_heard {
	bool on;
	uint32_t token;
	int64_t begin_ms, end_ms;
	struct str prompt, text, lang; /* of declared objects: they live as long as the rehearsal */
};

struct rehearsal {
	struct core core;
	struct room voice, acd, *flow;
	const struct rehearsal_wish *wish;
	struct contact_id contact;
	int64_t begin_ms;
	struct rehearsal_heard heard;
	uint32_t key_at;
	int64_t key_ms; /* when the last one was pressed */
	enum rehearsal_due due;
	int64_t due_ms;
	enum queue_exit exit;
	struct queue_id queue_id;
	enum rehearsal_over talk; /* what it is, should it end here */
	bool dialled;
	enum rehearsal_over over;
	enum party by;
	char cause[JOURNEY_CAUSE_MAX];
	/* what is written */
	struct jsonw w;
	struct buf problems;
	uint32_t steps, problem_count;
	bool open;		      /* a step is */
	const struct flow_node *node; /* of it */
};

static inline struct journey *rehearsal_journey(const struct rehearsal *r)
{
	return journey_of(CONTAINER_OF(r->flow, struct flow_room, room), r->contact);
}

void rehearsal_over(struct rehearsal *r, enum rehearsal_over how); /* the first one counts */

/* -- rehearsal_told.c -- */
int64_t rehearsal_spoken_ms(struct str text); /* about */
void rehearsal_tell_begin(struct rehearsal *r, struct buf *out);
/* From journey_walk: j is about to enter its node, by this edge of the one before. False: enough.
 */
bool rehearsal_step(struct rehearsal *r, struct journey *j, const char *edge);
void rehearsal_tell_heard(struct rehearsal *r); /* and is heard no more */
void rehearsal_tell_key(struct rehearsal *r, uint32_t key);
void rehearsal_tell_timeout(struct rehearsal *r, int64_t at_ms);
void rehearsal_tell_queue(struct rehearsal *r, const struct command_queue_join *j,
			  const struct object *queue, const struct rehearsal_queue *state);
void rehearsal_tell_transfer(struct rehearsal *r, const char *what, struct str whom);
void rehearsal_tell_callback(struct rehearsal *r, struct str queue, struct str number);
void rehearsal_tell_answer(struct rehearsal *r);
void rehearsal_problem(struct rehearsal *r, struct str text);
void rehearsal_tell_end(struct rehearsal *r);
