/*
 * sim.h - an invented contact centre: dice on one side, laws on the other.
 *
 * The real hall, acd and flow run on a virtual clock, and the real folds of report/ read what would
 * be stored. sim.c plays callers, phones, agents' moods, and the process that dies; lines.c the
 * sound they hear; declare.c the administrators. told.c believes only what it is told by events,
 * books.c only what was stored, and both are held against what is. Same seed, same run, on every
 * machine.
 */
#pragma once

#include "acd/acd.h"
#include "base/map.h"
#include "call/call.h"
#include "flow/flow.h"
#include "report/queue_figures.h"
#include "report/record.h"

#define TENANTS 2u
#define QUEUES 6u  /* a tenant */
#define AGENTS 24u /* a tenant */
#define FLOWS 3u   /* a tenant */
#define FLOW_NODES 8u
#define CONTACTS 4096u
#define CALLERS 60u /* numbers that call again and again; 0 hides his */

struct queue_spec {
	bool there;
	struct queue_config conf; /* steps left out */
	uint32_t steps;		  /* 0: no skill needed; else each step asks for less */
};

struct agent_spec {
	bool there, agent, registered;
	uint32_t queues; /* BIT(queue) */
	uint32_t level;
	enum phone_kind phone;
};

struct flow_spec {
	bool there;
	uint32_t version;
	char doc[4096];
};

struct past { /* a pair that must not meet again for a while */
	uint32_t agent;
	int64_t until_ms;
};

struct told_contact {
	bool alive;
	struct contact_id id;
	/* of its place; ringing: at one by name */
	enum { TOLD_FLOW, TOLD_WAITING, TOLD_OFFERED, TOLD_RINGING } state;
	uint32_t tenant, queue, priority;
	uint32_t talkers, holders; /* BIT(agent) */
	bool parked, again;	   /* again: was with an agent: where it stands is not known */
	uint32_t rings;		   /* BIT(agent) whose phones ring */
	int64_t ring_ms;	   /* when the last one began */
	uint32_t caller;
	uint32_t sticky;	 /* agent + 1 it is kept for; 0: nobody */
	int64_t sticky_until_ms; /* order may be broken until then */
	bool elsewhere;		 /* one was told so: an answer must follow */
	bool lost;		 /* who rang last was lost: before the others (behaviours.md A-6) */
	int64_t enqueue_ms;
	int64_t place_ms; /* from when his score counts */
	uint64_t order;
	bool own_steps; /* came with skill steps of its own */
	bool line_gone;
	bool in_flow; /* a declared flow leads it, not sim.c */
	bool stretch; /* of flow: begun by flow_step, ended by ivr_end (behaviours.md T-2) */
	bool plays;
	uint32_t play; /* token of what it hears */
	struct past past[32];
	uint32_t past_count;
};

struct told_agent {
	enum presence presence, next;
	enum work work;
	bool has_next;
	struct contact_id contact;
	int64_t skip_until_ms;
};

struct told_queue {
	uint64_t offered, ended[16]; /* by enum result */
};

enum plan_kind {
	PLAN_NONE,
	PLAN_ARRIVE,
	PLAN_JOIN,
	PLAN_HANG_UP,
	PLAN_LOSE_PATIENCE,
	PLAN_PLAYED,
	PLAN_DIGIT,
	PLAN_REACT,
	PLAN_TALK_END,
	PLAN_HOLD,
	PLAN_CALL,
	PLAN_WRAP,
	PLAN_MOOD,
	PLAN_PHONE,
	PLAN_ADMIN,
	PLAN_CRASH
};

struct plan {
	struct timer timer;
	struct sim *s;
	enum plan_kind kind;
	uint32_t tenant, agent, token;
	struct contact_id contact;
};

/* What was stored of the story so far. */
struct books {
	struct map open; /* by uuid: struct record */
	uint64_t seq, contacts, visits;
	int64_t at_ms;
	struct queue_figures figures[TENANTS][QUEUES];
};

#define FRESH 4096u

struct sim {
	struct core core;
	struct room *acd, *flow, *call, ear, lines;
	struct books books;
	uint64_t dice, seed, step;
	uint32_t life;
	struct timers plans;
	struct plan *fresh[FRESH]; /* made in this turn */
	uint32_t fresh_count;
	struct plan ran; /* in this turn */
	bool dies;	 /* the process, as soon as this turn is stored */
	bool doomed;	 /* in the next turn, before that is stored */
	uint32_t restarts, torn;

	/* From here to the images everything is forgotten when a turn is not stored. */
	struct queue_spec queue_specs[TENANTS][QUEUES];
	struct agent_spec agent_specs[TENANTS][AGENTS];
	struct flow_spec flow_specs[TENANTS][FLOWS];
	struct tenant_id tenants[TENANTS];
	struct told_contact contacts[CONTACTS + 1]; /* by slot */
	struct told_agent agents[TENANTS][AGENTS];
	struct told_queue queues[TENANTS][QUEUES];
	uint32_t served[TENANTS][CALLERS]; /* agent + 1 who did so last, in this life */
	uint64_t order;
	uint32_t high; /* slots above were never used */
	uint32_t arrived, arrivals_max, alive, offers, together, kept, missed, resumed, alarms,
		changes, led, verbs, handed, lost;
	uint32_t places; /* of the room for contacts; 0: enough */
	bool closing;
	struct buf images;
};

/* -- sim.c -- */
struct plan *plan(struct sim *s, enum plan_kind kind, int64_t after_ms);
void plan_for(struct sim *s, enum plan_kind kind, int64_t after_ms, struct contact_id c);
uint32_t dice(struct sim *s, uint32_t sides); /* 0 .. sides-1 */
NORETURN void broken(const struct sim *s, const char *law, struct str detail);
#define LAW(s, cond)                                                                               \
	do {                                                                                       \
		if (!(cond))                                                                       \
			broken((s), #cond, STR_NONE);                                              \
	} while (0)
/* -- declare.c -- */
void invent_world(struct sim *s);
void administer(struct sim *s);
/* `turn` turns the order, so that every life has other slots. */
void declare_all(struct sim *s, uint32_t turn);
struct flow_id flow_at(const struct sim *s, uint32_t tenant, uint32_t flow);
struct agent_id agent_at(const struct sim *s, uint32_t tenant, uint32_t agent);
struct queue_id queue_at(const struct sim *s, uint32_t tenant, uint32_t queue);
int place_of(const struct sim *s, struct id id, uint32_t *tenant); /* -1: none */

/* -- told.c -- */
void told_hear(struct sim *s, const struct event *ev);
void told_unstick(struct sim *s, uint32_t tenant, uint32_t agent); /* nothing is kept for him */
void told_check(struct sim *s);

/* -- lines.c: the room `voice` -- */
void lines_begin(struct sim *s);
void lines_played(struct sim *s, const struct plan *p);
void lines_digit(struct sim *s, const struct plan *p);

/* -- books.c -- */
void books_begin(struct sim *s);
void books_batch(struct sim *s, struct str batch);
/* NULL: nothing of it is stored yet. */
const struct record *books_of(const struct sim *s, struct uuid contact);
void books_close(struct sim *s); /* all is over: conservation, exactly */
void books_finish(struct sim *s);
