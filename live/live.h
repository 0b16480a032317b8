/*
 * live.h - what is now in one tenant: a fold over its facts, as desks and boards see it.
 *
 * Filled once with what was so at some moment (live_agent_put, live_queue_put, live_past), then
 * kept by every fact that comes after it, in order. Whoever looks on gets a snapshot and, from then
 * on, what live_tell says for him: the snapshot of a moment and the messages after it make the
 * snapshot of any later moment (the law, live_test.c; the browser's fold is tested with the same
 * data). Who sees what: sight.h. Times are UTC milliseconds, 0: none. Pure: no clock, no lock; one
 * thread.
 */
#pragma once

#include "core/fact.h"
#include "core/reach.h"

struct live;

struct live *live_create(struct str tenant);
void live_destroy(struct live *l); /* NULL is fine */

/* -- filled -- */

struct live_agent_now {
	struct str id, name, reason, next_presence, next_reason;
	enum presence presence;
	enum work work;
	int64_t since_at_ms;
	bool reason_over;
	enum phone_kind phone;
	bool phone_ready, connecting;
	int64_t skills_until_at_ms; /* 0: his skills stay */
};
/* As he was when everything up to `seq` had been said. The same one twice is not put again. */
void live_agent_put(struct live *l, const struct live_agent_now *a, uint64_t seq);
void live_queue_put(struct live *l, struct str id, struct str name);
/* It is closed, as it was when everything up to `seq` had been said. to: where new callers go;
 * until_at 0: until somebody opens it. */
struct live_closed_now {
	struct str queue, to, by;
	int64_t since_at_ms, until_at_ms;
};
void live_closed_put(struct live *l, const struct live_closed_now *c, uint64_t seq);
/* Agents are not told who listens to them without a word (behaviours.md S-2). */
void live_monitor_silent(struct live *l, bool silent);
/* It is shown as this already. agent: he is one at all. */
bool live_queue_same(const struct live *l, struct str id, struct str name);
bool live_agent_same(const struct live *l, struct str id, struct str name, enum phone_kind phone,
		     bool agent);
/* An alert that is on, as it was when everything up to `seq` had been said. */
struct live_alert_now {
	struct str id, name, level, by;
	int64_t since_at_ms, value;
	bool test;
};
void live_alert_put(struct live *l, const struct live_alert_now *a, uint64_t seq);
/* A fact of a message or of one being read, in order; of no matter which seq. */
void live_past_message(struct live *l, const struct fact *f);
/* A fact of an alarm, an approval or one being acknowledged, likewise. */
void live_past_notice(struct live *l, const struct fact *f);
/* A fact of a contact that is not over, in order; of no matter which seq. */
void live_past(struct live *l, const struct fact *f);
/* prev: the tenant's newest fact at or before seq, 0: none. */
void live_filled(struct live *l, uint64_t prev);

/* Contacts may know more than the rest: false until the facts up to there have come, and nothing is
 * to be shown before. */
bool live_whole(const struct live *l);

/* -- kept -- */

/* A fact of this tenant; one that is known already changes nothing. */
void live_apply(struct live *l, const struct fact *f);
uint64_t live_seq(const struct live *l); /* the newest fact that is in it */
uint32_t live_contacts(const struct live *l);

/* -- looked at -- */

/* Who looks. all: everything of the tenant. agent: what is his, colleagues, and what waits in his
 * queues. reach: a supervisor of teams: those people and queues, and what is with them. The texts
 * are the caller's. */
struct live_viewer {
	bool all, agent;
	const struct reach *reach; /* NULL: none */
	struct str user;
	const struct str *queues;
	uint32_t queue_count;
	const struct str *teams; /* whose member he is */
	uint32_t team_count;
};

/* {"snapshot":{"seq","at","me":ME,"agents":[…],"queues":[…],"contacts":[…]}}; me: JSON. */
void live_snapshot(const struct live *l, const struct live_viewer *v, int64_t at_ms, struct str me,
		   struct buf *out);

/* Those notices that he sees: a JSON list, newest last. */
void live_notices(const struct live *l, const struct live_viewer *v, struct buf *out);
/* One of them: JSON, and whether somebody looks after it; false: there is none that he sees. */
bool live_notice(const struct live *l, uint64_t id, const struct live_viewer *v, struct buf *out,
		 bool *acknowledged);

/* What a fact is to each who looks on. Texts are made when the first asks and shared by all. */
struct live_news;
struct live_news *live_news_create(void);
void live_news_destroy(struct live_news *n); /* NULL is fine */
/* Applies the fact. `n` tells of this one until the next live_tell. */
void live_tell(struct live *l, const struct fact *f, struct live_news *n);
/* The message for him, one JSON object; empty: nothing that concerns him. */
struct str live_news_for(struct live_news *n, const struct live_viewer *v);
