/*
 * journey.h - where one contact is in its flow; private to the room.
 *
 * A node says what happens next by the `struct step` it returns; only journey_walk() acts on it,
 * so that no node calls another and a chain of nodes is a loop, not a recursion.
 */
#pragma once

#include "core/number.h"
#include "flow/flow.h"
#include "flow/variables.h"
#include "flow/version.h"

#define JOURNEY_AHEAD_MAX 16 /* digits pressed before a menu asks for them */
#define JOURNEY_CAUSE_MAX 64
#define EDGE_TEXT 16
/* More nodes within this time are a loop: of nodes that do not wait, of queues that are full behind
 * prompts that cannot be played, of whatever the checks of a flow did not think of. */
#define WALK_NODES_MAX 100
#define WALK_WINDOW_MS 10000

/*
 *  flow_start                      dequeue: answered
 *  WALKING ──▶ PLAYING ──▶ WALKING ──▶ QUEUED ──▶ AGENT ──▶ WALKING (next) or ENDING
 *     │  ▲                    ▲           └──▶ WALKING (on) or ENDING
 *     ▼  │ key, tries used up │
 *   PROMPT ──▶ KEY ──▶ INVALID ──▶ PROMPT        any ──▶ ENDING ──▶ forgotten at disconnect
 */
#define JOURNEY_STATES(S)                                                                          \
	/* within a turn only */                                                                   \
	S(WALKING, TO(WALKING) | TO(PLAYING) | TO(PROMPT) | TO(INVALID) | TO(QUEUED) |             \
			   TO(RINGING) | TO(ENDING))                                               \
	/* play, say: until play_done */                                                           \
	S(PLAYING, TO(PLAYING) | TO(WALKING) | TO(ENDING))                                         \
	/* menu, collect: the prompt is heard; it is told that the key was wrong; the timer runs   \
	 */                                                                                        \
	S(PROMPT, TO(PROMPT) | TO(KEY) | TO(INVALID) | TO(WALKING) | TO(ENDING))                   \
	S(INVALID, TO(INVALID) | TO(PROMPT) | TO(WALKING) | TO(ENDING))                            \
	S(KEY, TO(PROMPT) | TO(INVALID) | TO(WALKING) | TO(ENDING))                                \
	/* acd has it; an agent or a number rings; somebody talks to it */                         \
	S(QUEUED, TO(AGENT) | TO(WALKING) | TO(ENDING))                                            \
	S(RINGING, TO(AGENT) | TO(WALKING) | TO(ENDING))                                           \
	S(AGENT, TO(QUEUED) | TO(WALKING) | TO(ENDING))                                            \
	/* hung up by us, until disconnect */                                                      \
	S(ENDING, 0)

enum journey_state {
#define S(name, to) JOURNEY_##name,
	JOURNEY_STATES(S)
#undef S
		JOURNEY_STATE_COUNT
};

struct str journey_state_word(enum journey_state s);

/* A flow that waits for the one inside it to end. */
struct frame {
	struct flow_version *version; /* NULL: gone since a restart */
	uint32_t node;		      /* of kind subflow; NODE_NOWHERE: gone */
};

struct journey {
	struct flow_room *room;
	struct contact_id contact;
	struct tenant_id tenant;
	struct flow_version *version;
	uint32_t node; /* index; NODE_NOWHERE: it is gone from the flow since a restart */
	struct frame frames[FLOW_DEPTH_MAX]; /* outermost first */
	uint32_t depth;
	enum journey_state state;
	int64_t since_ms;
	int64_t window_ms; /* when counting of the nodes below began */
	uint32_t window_nodes;
	uint32_t token; /* of the newest play */
	uint32_t tries; /* menu: used up */
	uint8_t ahead[JOURNEY_AHEAD_MAX];
	uint32_t ahead_count;
	struct variables variables;
	char input[FLOW_DIGITS_MAX]; /* collect: so far */
	uint32_t input_count;
	bool spent; /* the next key is passed over if it is this one and comes before spent_ms */
	uint32_t spent_key;
	int64_t spent_ms;
	struct timer timer;
	int64_t deadline_ms; /* KEY, loaded and not yet resumed: when its time is up */
	enum party end_by;   /* ENDING: what to hang up with */
	char end_cause[JOURNEY_CAUSE_MAX];
};

struct flow_room {
	struct room room;
	struct pool *journeys;
	struct journey **by_slot; /* of the contact */
	uint32_t slots;
	struct flow_versions versions;
	struct rehearsal *rehearsal; /* NULL: callers are real (rehearsal.h) */
};

/* What a node wants next. */
struct step {
	enum { STEP_WAIT, STEP_GO, STEP_END, STEP_FAIL } kind;
	uint32_t node;	      /* GO: NODE_NOWHERE ends the call */
	char edge[EDGE_TEXT]; /* GO: its name, as messages.def has it */
	enum party by;	      /* END */
	const char *cause;    /* END, FAIL: lives for ever, shorter than JOURNEY_CAUSE_MAX */
};

static inline struct step step_wait(void)
{
	return (struct step){.kind = STEP_WAIT};
}
static inline struct step step_go(uint32_t node, struct str edge)
{
	struct step s = {.kind = STEP_GO, .node = node};
	CHECK(str_copy(edge, s.edge, sizeof s.edge));
	return s;
}
static inline struct step step_end(enum party by, const char *cause)
{
	return (struct step){.kind = STEP_END, .by = by, .cause = cause};
}
/* Ends the call by system, with an alarm: what was declared cannot be done. */
static inline struct step step_fail(const char *cause)
{
	return (struct step){.kind = STEP_FAIL, .by = PARTY_system, .cause = cause};
}

/* One kind of node. Slots that are NULL: the thing does not happen there, or is ignored. */
struct node_ops {
	struct step (*enter)(struct journey *j);
	/* After a restart: what was being played begins again. */
	struct step (*resume)(struct journey *j);
	struct step (*play_done)(struct journey *j);
	struct step (*digit)(struct journey *j, uint32_t digit);
	struct step (*timeout)(struct journey *j);
};

extern const struct node_ops play_node, say_node, menu_node, queue_node, hours_node, hangup_node,
	set_node, branch_node, language_node, collect_node, subflow_node, callback_node,
	transfer_node;

/* collect.c: this key only ends an input that was complete without it */
bool collect_node_spent(struct journey *j, uint32_t digit);

/* transfer.c; not slots, since no other node is in these states */
struct step transfer_node_answer(struct journey *j); /* of an agent or a number */
struct step transfer_node_ring_end(struct journey *j, enum offer_result result);
struct step transfer_node_dial_end(struct journey *j, const struct event_dial_end *e);
struct step transfer_node_left(struct journey *j, enum result reason); /* its queue, by rule */

/* dialled.c: false: no number, or none that may be called */
bool dialled_for_callback(struct journey *j, const struct flow_node *n, char out[NUMBER_TEXT]);
bool dialled_for_transfer(struct journey *j, const struct flow_node *n, char out[NUMBER_TEXT]);

/* subflow.c: the flow that is inside another has ended by this edge; depth is not 0 */
struct step subflow_node_return(struct journey *j, const char *edge);
void subflow_forget(struct journey *j);

/* queue.c; not slots, since no other node is in these states */
struct step queue_node_dequeue(struct journey *j, const struct event_dequeue *e);
struct step queue_node_agent_end(struct journey *j, const struct event_agent_end *e);
struct step journey_talk_over(struct journey *j, enum party by); /* to `next`, or the call ends */
void queue_node_again(struct journey *j, const struct event_enqueue *e); /* put back by others */

/* -- for nodes; journey.c -- */
const struct flow_node *journey_node(const struct journey *j); /* NULL: NODE_NOWHERE */
struct core *journey_core(const struct journey *j);
struct str journey_tenant(const struct journey *j);
struct str journey_lang(const struct journey *j);
void journey_move(struct journey *j, enum journey_state to);
/* False: voice refused, nothing will be heard and no play_done come. */
bool journey_play(struct journey *j, const struct play_item *item, bool digits);
bool journey_play_prompt(struct journey *j, struct str prompt, bool digits);
void journey_play_stop(struct journey *j);
void journey_timer(struct journey *j, int64_t at_ms);
void journey_keep_digit(struct journey *j, uint32_t digit); /* type-ahead; too many are dropped */
void journey_stretch_end(struct journey *j, enum result result); /* ivr_end, if one is due */
void journey_alarm(struct journey *j, const char *what);
/* know.c. masked: it depends on something secret. */
struct expr_value journey_value(struct journey *j, const struct expression *e, bool *masked);
/* set.c. An alarm when there are too many. */
void journey_set(struct journey *j, struct str name, const struct expr_value *v, bool masked);

/* -- for the room; journey.c -- */
/* In no flow yet. */
MUST_USE enum err journey_create(struct flow_room *f, const struct contact *k,
				 struct journey **out);
void journey_destroy(struct journey *j);
void journey_walk(struct journey *j, struct step s);
const struct node_ops *node_ops_of(enum node_kind kind);
struct str node_kind_word(enum node_kind kind);
MUST_USE enum err node_kind_from(struct str word, enum node_kind *out);
void journey_hang_up(struct journey *j); /* says end_by and end_cause, again after a restart */
struct journey *journey_of(const struct flow_room *f, struct contact_id contact); /* NULL: none */

/* -- image.c -- */
bool journey_save(const struct journey *j, struct buf *out);
MUST_USE enum err journey_load(struct flow_room *f, struct contact_id contact, struct str image);
void journey_loaded(struct journey *j); /* begins the resuming of what was loaded */
