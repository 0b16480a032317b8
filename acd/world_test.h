/*
 * world_test.h - an invented world for tests of this room: the real hall, a virtual clock, objects
 * made by hand, and an ear that writes down what is said.
 *
 * A turn is always open. Texts given to it must be literals or live as long as the program.
 */
#pragma once

#include "acd/acd.h"

#define WORLD_CONTACTS_MAX 4096u

struct world {
	struct core core;
	struct room *acd;
	struct room ear;
	struct tenant_id tenant;
	uint32_t life;
	struct contact_id contacts[WORLD_CONTACTS_MAX]; /* c1 is contacts[1] */
	uint32_t contact_count;
	struct buf log, all; /* what was said; every batch since the last restart */
	uint32_t listens;    /* BIT(ear_*) */
	char why[8192];	     /* of the last decision */
};

enum ear {
	EAR_queue,
	EAR_offer,
	EAR_wrap,
	EAR_presence,
	EAR_work,
	EAR_hold,
	EAR_meet,
	EAR_promise
};
#define EAR_MOST (BIT(EAR_queue) | BIT(EAR_offer) | BIT(EAR_wrap))

void world_begin(struct world *w); /* tenant acme at 1,000,000 ms; reason break, outcome solved */
void world_end(struct world *w);
/* Ends the turn, runs every timer up to `ms` after now, each in a turn of its own. */
void world_pass(struct world *w, int64_t ms);
void world_deliver(struct world *w);
void world_hush(struct world *w); /* delivers and forgets what was said */
/* A new process: objects declared again in another order, images fed, nothing else kept. */
void world_restart(struct world *w);

void world_object(struct world *w, const struct config *c); /* copies the struct, keeps the texts */
void world_queue(struct world *w, const char *name, struct queue_config conf);
void world_user(struct world *w, const char *name, struct user_config conf);
void world_drop(struct world *w, enum object_kind kind, const char *name);
struct queue_config plain_queue(void); /* ring 15 s, no wrap-up, ageing 1, misses_max 1 */
struct user_config plain_user(const struct str *queues, uint32_t count); /* a number as phone */
/* A user of one queue, signed in and ready. */
void world_agent(struct world *w, const char *name, const char *queue);

struct agent_id agent_id(struct world *w, const char *name);
struct queue_id queue_id(struct world *w, const char *name);
uint32_t arrive(struct world *w); /* returns its number */
uint32_t arrive_from(struct world *w, const char *number);
enum err join_with(struct world *w, uint32_t c, const char *queue, uint32_t priority,
		   uint32_t exits);
uint32_t call(struct world *w, const char *queue); /* arrives and joins with all exits named */
enum err take_callback(struct world *w, uint32_t c, const char *queue, const char *number);
enum err ring_agent(struct world *w, uint32_t c, const char *agent); /* for 20 s */
enum err presence(struct world *w, const char *agent, enum presence p, const char *reason);
enum err accept_offer(struct world *w, uint32_t c, const char *agent);
enum err fail_offer(struct world *w, uint32_t c, const char *agent, enum offer_result result);
enum err agent_hangs_up(struct world *w, uint32_t c, const char *agent);
void customer_hangs_up(struct world *w, uint32_t c);
void ends(struct world *w, uint32_t c, enum party by);
enum err wrap(struct world *w, uint32_t c, const char *agent, const char *outcome,
	      const char *note);
enum work work_of(struct world *w, const char *agent);
enum presence presence_of(struct world *w, const char *agent);

/* What was said since the last look, "; " between. */
#define EXPECT_SAID(w, text)                                                                       \
	do {                                                                                       \
		world_deliver(w);                                                                  \
		EXPECT_STR(buf_str(&(w)->log), text);                                              \
		(w)->log.n = 0;                                                                    \
	} while (0)
#define EXPECT_LAWFUL(w)                                                                           \
	do {                                                                                       \
		char law_[512];                                                                    \
		struct buf law_out_ = buf_make(law_, sizeof law_);                                 \
		world_deliver(w);                                                                  \
		if (acd_self_check((w)->acd, &law_out_) != ERR_OK) {                               \
			test_failed("a law is broken", __FILE__, __LINE__);                        \
			test_say(buf_str(&law_out_));                                              \
		}                                                                                  \
	} while (0)
