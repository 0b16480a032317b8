/*
 * talks_world_test.h - acd, flow and call together on a virtual clock, with an invented voice: what
 * each verb does to a contact, its agents and its record.
 *
 * A turn is always open. `restless`: the process dies and is rebuilt from images before each step.
 */
#pragma once

#include "acd/acd.h"
#include "call/call.h"
#include "flow/flow.h"
#include "report/record.h"

#define CALLS_MAX 64u

struct calls {
	struct core core;
	struct room *acd, *flow, *call, voice, ear;
	struct tenant_id tenant;
	uint32_t life;
	bool restless;
	struct contact_id contacts[CALLS_MAX]; /* c1 is contacts[1] */
	struct record records[CALLS_MAX];
	uint32_t contact_count;
	struct buf log, all;
	char seats[CALLS_MAX][2048]; /* as said last; empty: none */
	bool line_gone[CALLS_MAX];
	uint32_t callees[CALLS_MAX], callee_count; /* as dial_out named them, from 1 */
	bool recorded;				   /* a pause is possible */
	const char *why;			   /* of the last refusal */
};

/* Tenant acme; queues sales, help (wrap-up 30 s, ring 15 s); agents anna (sales), boris (help),
 * clara (sales, help), dora (none); eva supervises and is no agent, fred both. All are ready but
 * clara and dora, who are signed out. */
void calls_begin(struct calls *w, bool restless);
void calls_end(struct calls *w);
void calls_pass(struct calls *w, int64_t ms);
void calls_restart(struct calls *w);
void calls_ready(struct calls *w, const char *agent, bool yes);
struct agent_id who(struct calls *w, const char *user);
struct queue_id which(struct calls *w, const char *queue);
uint32_t calls_in(struct calls *w, const char *queue); /* a customer, led there by a flow */
/* And his agent answered; what was said is forgotten. */
uint32_t calls_talk(struct calls *w, const char *queue, const char *agent);
/* One of ours calls another, who answered. */
uint32_t calls_colleague(struct calls *w, const char *caller, const char *agent);
enum err answers(struct calls *w, uint32_t c, const char *agent);
enum err declines(struct calls *w, uint32_t c, const char *agent, enum offer_result result);
/* to: "agent:boris", "queue:help", "number:+48…", "customer", "" */
enum err does(struct calls *w, uint32_t c, const char *agent, enum call_verb verb, const char *to);
enum err monitors(struct calls *w, uint32_t c, const char *user, enum monitor_mode mode);
enum err hangs_up(struct calls *w, uint32_t c, const char *agent);
enum err is_lost(struct calls *w, uint32_t c, const char *agent);
void is_sent_home(struct calls *w, const char *agent); /* signed out at once, by eva */
void customer_goes(struct calls *w, uint32_t c);
/* callee: the n-th number that was called */
void number_answers(struct calls *w, uint32_t c, uint32_t callee);
void number_ends(struct calls *w, uint32_t c, uint32_t callee, enum dial_result result);
void phone_comes(struct calls *w, uint32_t c, const char *user);
void phone_goes(struct calls *w, uint32_t c, const char *user);
void hush(struct calls *w);
enum work work_of_agent(struct calls *w, const char *agent);
enum contact_state state_of(struct calls *w, uint32_t c); /* by the record of what was stored */
/* "queue sales answered, agent anna transferred, agent boris open" */
struct str segments_of(struct calls *w, uint32_t c);
bool lawful(struct calls *w);
#define EXPECT_TOLD(w, want)                                                                       \
	do {                                                                                       \
		core_deliver(&(w)->core);                                                          \
		EXPECT_STR(buf_str(&(w)->log), want);                                              \
		(w)->log.n = 0;                                                                    \
		EXPECT(lawful(w));                                                                 \
	} while (0)
#define EXPECT_SEATS(w, c, want)                                                                   \
	do {                                                                                       \
		core_deliver(&(w)->core);                                                          \
		EXPECT_STR(str_of((w)->seats[c]), want);                                           \
	} while (0)
