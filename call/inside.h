/*
 * inside.h - what the files of this room share. Nobody outside call/ includes it.
 *
 * A contact has a row (talk) here while it is more than a customer with one agent. On it are
 * guests: agents, numbers that were called, supervisors. Who is not `away` sits at the table with
 * the others, where all hear each other; who is away hears music. At most one errand runs at a
 * time: somebody is rung, or waited for, for the contact.
 */
#pragma once

#include "call/call.h"
#include "core/number.h"

#define GUESTS_MAX (SEATS_MAX - 1u) /* the customer has a seat too */
#define AGENT_RING_MS 20000	    /* who is rung by name where no queue says how long */
#define NUMBER_RING_MS 30000
#define PARK_MS 120000 /* where no queue says how long */
#define PARK_SLOT_FIRST 701u
#define PARK_SLOTS 99u

struct guest {
	enum party party;      /* agent, callee, supervisor */
	struct agent_id agent; /* of an agent, a supervisor */
	uint32_t callee;       /* dial_out's name of a number */
	char number[NUMBER_TEXT];
	bool here; /* else the supervisor's telephone rings */
	bool away, muted;
	bool waits;	/* away since the caller holds, or asks somebody else: hears music */
	bool consulted; /* beside an agent, not yet the customer's */
	enum monitor_mode mode;
	bool told; /* acd, what he does: */
	enum work told_work;
	bool told_held;
};

/* What somebody is rung or waited for, for. Stored as a number: add at the end. */
enum errand {
	ERRAND_NONE,
	ERRAND_TRANSFER, /* to have the customer, who is alone */
	ERRAND_RETURN,	 /* the same, whose he was before */
	ERRAND_CONSULT,
	ERRAND_CONFERENCE,
	ERRAND_PICK_UP, /* of a parked contact */
};

struct talk {
	struct call_room *room;
	struct contact_id contact;
	struct guest guests[GUESTS_MAX]; /* who came first is first */
	uint32_t guest_count;
	bool away, muted;	/* the customer */
	bool stepped;		/* the caller is away of his own */
	struct agent_id caller; /* one of ours sits in the customer's seat; as acd knows */
	bool parked, paused /* the recording */;
	enum errand errand;
	enum target target;    /* of the errand */
	struct agent_id asked; /* target agent */
	uint32_t callee;       /* target number */
	char name[NUMBER_TEXT > 64 ? NUMBER_TEXT : 64];
	struct agent_id giver; /* who consults; who gave it away and may get it back */
	struct queue_id queue; /* whose rules hold for those who are rung; where it goes back to */
	int64_t park_until_ms;
	uint32_t slot; /* while it is parked; 0: all were taken */
	struct timer timer;
	struct seat seats[SEATS_MAX]; /* as voice was told */
	uint32_t seat_count;
};

struct call_room {
	struct room room;
	struct core *core;
	struct pool *talks;
	struct talk **by_slot; /* of the contact */
	uint32_t slots;
	uint32_t callee_seq; /* the newest name of a number; never the same again soon */
};

/* A refusal that says why. */
static inline enum err refuse(const struct command_call_do *cmd, enum err e, const char *why)
{
	if (cmd->why)
		*cmd->why = why;
	return e;
}

/* -- call.c: rows -- */
struct talk *talk_of(const struct call_room *c, struct contact_id contact); /* NULL: ordinary */
/* The row, made from what acd knows of the contact; gone again at talk_settle while it is nothing
 * but ordinary. ERR_NOT_FOUND: no such contact, or nobody has it; ERR_FULL. */
MUST_USE enum err talk_need(struct call_room *c, struct contact_id contact, struct talk **out);
MUST_USE enum err talk_take(struct call_room *c, struct contact_id contact,
			    struct talk **out); /* an empty one; ERR_FULL */
void talk_drop(struct talk *t);			/* its seats too, where some were said */

/* -- guests.c: who is on it -- */
struct guest *guest_agent(struct talk *t, struct agent_id agent);   /* NULL: he is not on it */
struct guest *guest_callee(struct talk *t, uint32_t callee);	    /* the same */
struct guest *guest_watcher(struct talk *t, struct agent_id agent); /* a supervisor */
struct guest *guest_consulted(struct talk *t);
struct guest *guest_first_agent(struct talk *t);
struct guest *guest_add(struct talk *t, enum party party); /* NULL: full */
void guest_remove(struct talk *t, struct guest *g);
/* Agents and numbers that are there, but for him. */
uint32_t guests_besides(const struct talk *t, const struct guest *but);
/* He leaves it; `goes_on`: to others. */
void guest_leave(struct talk *t, struct guest *g, enum party by, bool goes_on, bool lost);
/* A telephone hung up or was lost: what that means. */
enum err guest_hung_up(struct call_room *c, const struct command_call_left *cmd);
void guest_gone(struct talk *t, struct guest *g); /* by others; he is removed */
struct str agent_name(const struct talk *t, struct agent_id agent);

/* -- seats.c -- */
void talk_settle(
	struct talk *t); /* after every change: who hears whom, what they do; may drop it */

/* -- errand.c: somebody is rung -- */
/* As cmd says whom; he is found, may be, and is rung now. */
enum err errand_begin(struct talk *t, enum errand errand, const struct command_call_do *cmd);
void errand_came(struct talk *t, struct guest *g); /* he is there */
void errand_failed(struct talk *t);		   /* nobody will come */
void errand_cancel(struct talk *t);		   /* nobody is to come any more */
/* The contact is alone: back to whom it was, to its queue, or to its end. */
void talk_go_back(struct talk *t, bool to_giver);
enum err target_find(struct talk *t, const struct command_call_do *cmd, struct id *out);

/* -- verbs: transfer.c, consult.c, table.c, park.c, monitor.c -- */
enum err verb_transfer(struct talk *t, const struct command_call_do *cmd);
enum err verb_move(struct talk *t, const struct command_call_do *cmd);
enum err verb_consult(struct talk *t, const struct command_call_do *cmd);
enum err verb_swap(struct talk *t, const struct command_call_do *cmd);
enum err verb_complete(struct talk *t, const struct command_call_do *cmd);
enum err verb_cancel(struct talk *t, const struct command_call_do *cmd);
void consult_over(struct talk *t, bool ok); /* the consulted is gone, or everybody's now */
bool consult_on(struct talk *t);	    /* somebody is consulted, or rung to be */
void consult_complete(struct talk *t, struct guest *who, enum party by, bool lost);
enum err verb_hold(struct talk *t, const struct command_call_do *cmd, bool on);
enum err verb_conference(struct talk *t, const struct command_call_do *cmd);
enum err verb_mute(struct talk *t, const struct command_call_do *cmd, bool on);
enum err verb_record(struct talk *t, const struct command_call_do *cmd, bool pause);
enum err verb_park(struct talk *t, const struct command_call_do *cmd);
enum err verb_pick_up(struct talk *t, const struct command_call_do *cmd);
enum err park_find(struct call_room *c, const struct command_park_find *cmd);
void park_arm(struct talk *t);
void park_over(struct talk *t, struct agent_id by);
enum err verb_monitor(struct talk *t, const struct command_call_do *cmd);
enum err verb_take_over(struct talk *t, const struct command_call_do *cmd);
void watcher_up(struct talk *t, struct agent_id agent);
void watcher_gone(struct talk *t, struct guest *g);

/* -- caller.c: one of ours in the customer's seat -- */
bool is_caller(const struct talk *t, struct agent_id agent);
bool caller_is_aside(const struct talk *t); /* he holds, or consults */
void caller_back(struct talk *t);	    /* to whom he called */
enum err caller_verb(struct talk *t, const struct command_call_do *cmd);

/* -- look.c -- */
bool talk_dump(struct room *r, struct str what, struct buf *out);

/* -- image.c -- */
bool talk_save(const struct call_room *c, struct contact_id id, struct buf *out);
MUST_USE enum err talk_load(struct call_room *c, struct contact_id id, struct str image);
void talk_loaded(struct talk *t); /* holds it against what came back of the others */
