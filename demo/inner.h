/* inner.h - what the files of the demo's past share. Nobody outside includes it. */
#pragma once

#include "crowd/people.h"
#include "demo/customers.h"
#include "demo/past.h"

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)

enum { PAST_CONTACTS = 2000, PAST_AGENTS = 64, PAST_QUEUES = 4 };
enum want { WANT_SALES, WANT_SUPPORT, WANT_BILLING, WANT_ADVISER };

struct caller { /* by the contact's slot */
	struct past *past;
	struct contact_id id;
	bool alive, gone, talks; /* gone: he hung up, or was hung up on, in this turn */
	bool in_menu_of_callback, spoke_language, taped;
	enum want want;
	uint32_t who; /* customers.h */
	char lang[4];
	uint32_t token; /* of what he hears */
	struct timer plays, presses, leaves, event;
	uint32_t event_step; /* what happens to him in a talk: see callers.c */
	struct agent_id agent;
	int64_t talk_until_ms, answered_ms;
	/* his recording */
	uint32_t dialog;
	struct agent_id tape_agent;
	struct queue_id tape_queue;
	char tape_path[160];
};

struct worker {
	struct past *past;
	struct agent_id id;
	char shift; /* M D E N: home shift */
	bool on, away;
	struct timer comes, mood, answers, wraps, recovers;
	struct contact_id offered, wrapping;
	struct queue_id wrap_queue;
};

struct past {
	struct room voice;
	struct core core;
	struct past_options o;
	struct room *acd, *flow, *call;
	struct dice dice;
	struct tenant_id tenant;
	struct trunk_id trunk;
	const struct zone *zone;
	struct caller *callers;
	struct worker workers[PAST_AGENTS];
	uint32_t worker_count;
	struct uuid customers[DEMO_CUSTOMERS];
	uint32_t customer_count;
	struct timer arrival, midnight;
	double day_factor;
	bool closing;
	uint32_t arrived, taped;
};

/* callers.c */
void callers_begin(struct past *p);
void past_caller_event(struct past *p, const struct event *ev);
enum err past_caller_command(struct past *p, const struct command *cmd);
void callers_send_home(struct past *p);
/* agents.c */
void workers_begin(struct past *p);
void workers_send_home(struct past *p);
void past_worker_event(struct past *p, const struct event *ev);
double worker_pace(const struct past *p, struct agent_id id); /* 1: as others */
struct str queue_name(const struct past *p, struct queue_id q);
