/*
 * world_test.h - for tests: the real hall and the flow room between a voice and an acd that do as
 * told.
 *
 * What the flow asked of them and what it told are two lines of text, pieces parted by "; ":
 *   asked  play welcome pl; play menu pl digits; say Hello en; stop; join support 0 full,timeout;
 *          ring anna 30000; dial +48601602603 30000; callback support +48601602603;
 *          hang_up system flow
 *   told   step hello; ivr_end completed; alarm ...
 * Every helper below is a turn of its own, and clears both lines first.
 */
#pragma once

#include "flow/flow.h"

struct world {
	struct core core;
	struct room voice, acd, *flow;
	enum err play_err, join_err, dial_err, ring_err, callback_err;
	struct queue_glance glance; /* of every queue */
	struct str secret; /* law: these bytes are in no batch (facts, images); none: not watched */
	/* what a question for an old version finds, as if stored; past_count 0: nothing */
	enum object_kind past_kind;
	const char *past_flow;
	uint32_t past_version, past_count;
	const struct flow_node *past_nodes;
	const char *from; /* NULL: +48600100200 */
	uint32_t token;	  /* of the newest media_play */
	struct contact_id contact;
	int64_t utc_ms;
	char asked_room[4096], told_room[4096];
	struct buf asked, told;
	/* Law, watched all the time: a stretch of flow (flow_step ..) ends once, with ivr_end, and
	 * none is open after disconnect. By the contact's slot. */
	bool stretch[65];
};

/* With tenant acme (pl, PL, Europe/Warsaw), trunk carrier, user anna, prompts welcome, menu and
 * invalid, queue support. */
void world_begin(struct world *w);
void world_end(struct world *w);
/* Ends the process and starts it anew with the images of all that lives. */
void world_restart(struct world *w);

void world_turn(struct world *w); /* begins a turn at the same time */
void world_done(struct world *w);

/* Of tenant acme; not put anywhere yet. */
struct config *world_config(enum object_kind kind, const char *name);
struct config *world_flow_config(enum object_kind kind, const char *name,
				 const struct flow_node *nodes, uint32_t count);
void world_prompt(struct world *w, const char *name);
void world_queue(struct world *w, const char *name);
/* Open on these minutes of every weekday; special: closed on that date ("2026-12-24") or NULL. */
void world_hours(struct world *w, const char *name, uint16_t from_min, uint16_t to_min,
		 const char *special);
void world_drop(struct world *w, enum object_kind kind, const char *name);
/* nodes: count of them, edges by index; the first is the start */
void world_flow(struct world *w, uint32_t version, const struct flow_node *nodes, uint32_t count);
void world_flow_named(struct world *w, const char *name, uint32_t version,
		      const struct flow_node *nodes, uint32_t count);

void world_draft(struct world *w, const char *name, uint32_t version, const struct flow_node *nodes,
		 uint32_t count);

/* Of flow main, or of its draft if there is one. */
enum err world_start(struct world *w); /* a contact arrives and its flow begins */
void world_pass(struct world *w, int64_t ms);
void world_played(struct world *w, bool ok);
void world_digit(struct world *w, uint32_t digit);
void world_dequeue(struct world *w, enum result reason, enum queue_exit exit);
void world_agent_end(struct world *w, enum party by, enum result result);
void world_handed_on(struct world *w); /* its agent left it to others */
void world_enqueue(struct world *w, const char *queue);
void world_answer(struct world *w); /* anna, without a queue */
void world_ring_end(struct world *w, enum offer_result result);
void world_dial_answer(struct world *w);
void world_dial_end(struct world *w, enum dial_result result, enum party by);
void world_disconnect(struct world *w, enum party by);

struct str world_asked(struct world *w);
struct str world_told(struct world *w);
struct str world_state(
	struct world *w); /* "node=menu state=KEY tries=1 ahead=0"; empty: no journey */

/* Node literals: edges that are not named lead nowhere. */
struct flow_node node_play(const char *name, const char *prompt, uint32_t next);
struct flow_node node_say(const char *name, const struct lang_text *texts, uint32_t count,
			  uint32_t next);
struct flow_node node_menu(const char *name, const char *prompt, uint32_t tries,
			   uint32_t otherwise);
struct flow_node node_queue(const char *name, const char *queue);
struct flow_node node_hours(const char *name, const char *hours, uint32_t open, uint32_t closed);
struct flow_node node_hangup(const char *name);
/* These live until world_end; value and when are expressions. */
struct flow_node node_set(const char *name, const char *var, const char *value, uint32_t next);
struct flow_node node_branch(const char *name, uint32_t otherwise);
void node_case(struct flow_node *n, const char *when, uint32_t next);
struct flow_node node_language(const char *name, const char *lang, uint32_t next);
/* terminator #, 5 s, 1 to max keys */
struct flow_node node_collect(const char *name, const char *prompt, const char *var, uint32_t max,
			      uint32_t next, uint32_t otherwise);
struct flow_node node_callback(const char *name, const char *queue, const char *number,
			       uint32_t next, uint32_t otherwise);
/* whom: a queue, an agent, or an expression for a number, counted as declared (number_made false)
 */
struct flow_node node_transfer(const char *name, enum transfer_to to, const char *whom,
			       uint32_t next);
struct flow_node node_subflow(const char *name, const char *flow, uint32_t next);
void node_key(struct flow_node *n, uint32_t key, uint32_t to);
void node_exit(struct flow_node *n, enum queue_exit exit, uint32_t to);
