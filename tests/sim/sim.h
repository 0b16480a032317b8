/*
 * sim.h - an invented contact centre: dice on one side, laws on the other.
 *
 * The real hall and the real acd room run on a virtual clock. sim.c plays everybody else: callers,
 * phones, flows, agents' moods, administrators, and the process that dies. told.c believes only
 * what it is told by events and holds that against what is. Same seed, same run, on every machine.
 */
#pragma once

#include "acd/acd.h"

#define TENANTS 2u
#define QUEUES 6u  /* a tenant */
#define AGENTS 24u /* a tenant */
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

struct past { /* a pair that must not meet again for a while */
	uint32_t agent;
	int64_t until_ms;
};

struct told_contact {
	bool alive;
	struct contact_id id;
	enum { TOLD_FLOW, TOLD_WAITING, TOLD_OFFERED, TOLD_TALKING } state;
	uint32_t tenant, queue, agent, priority;
	uint32_t rings;	 /* BIT(agent) whose phones ring */
	int64_t ring_ms; /* when the last one began */
	uint32_t caller;
	uint32_t sticky;	 /* agent + 1 it is kept for; 0: nobody */
	int64_t sticky_until_ms; /* order may be broken until then */
	bool elsewhere;		 /* one was told so: an answer must follow */
	int64_t enqueue_ms;
	int64_t place_ms; /* from when his score counts */
	uint64_t order;
	bool held, line_gone;
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

struct sim {
	struct core core;
	struct room *acd, ear;
	uint64_t dice, seed, step;
	uint32_t life;
	struct timers plans;
	struct queue_spec queue_specs[TENANTS][QUEUES];
	struct agent_spec agent_specs[TENANTS][AGENTS];
	struct tenant_id tenants[TENANTS];
	struct told_contact contacts[CONTACTS + 1]; /* by slot */
	struct told_agent agents[TENANTS][AGENTS];
	struct told_queue queues[TENANTS][QUEUES];
	uint32_t served[TENANTS][CALLERS]; /* agent + 1 who did so last, in this life */
	uint64_t order;
	uint32_t high; /* slots above were never used */
	uint32_t arrived, arrivals_max, alive, restarts, offers, together, kept, missed, resumed, alarms,
		changes;
	uint32_t places; /* of the room for contacts; 0: enough */
	bool closing;
	struct buf images;
};

/* -- sim.c -- */
uint32_t dice(struct sim *s, uint32_t sides); /* 0 .. sides-1 */
NORETURN void broken(const struct sim *s, const char *law, struct str detail);
#define LAW(s, cond)                                                                               \
	do {                                                                                       \
		if (!(cond))                                                                       \
			broken((s), #cond, STR_NONE);                                              \
	} while (0)
struct agent_id agent_at(const struct sim *s, uint32_t tenant, uint32_t agent);
struct queue_id queue_at(const struct sim *s, uint32_t tenant, uint32_t queue);
int place_of(const struct sim *s, struct id id, uint32_t *tenant); /* -1: none */

/* -- told.c -- */
void told_hear(struct sim *s, const struct event *ev);
void told_unstick(struct sim *s, uint32_t tenant, uint32_t agent); /* nothing is kept for him */
void told_check(struct sim *s);
