/*
 * inside.h - the rows of live/, shared by its files.
 *
 * What is in a row is in its JSON too: a desk that has the JSON goes on from there exactly as the
 * row does. Nothing may be kept here that a desk is not told.
 */
#pragma once

#include "base/jsonw.h"
#include "base/map.h"
#include "live/live.h"

#define LIVE_NAME 64 /* ids are at most 63 bytes (contract section 2) */
#define LIVE_TEXT 80

struct live_agent {
	char id[LIVE_NAME];
	char *name;
	enum presence presence;
	enum work work;
	char reason[LIVE_NAME], next[LIVE_NAME], next_reason[LIVE_NAME];
	int64_t since_at;
	bool reason_over, connecting;
	enum phone_kind phone;
	bool phone_ready;
	int64_t skills_until_at; /* then his former skills are back; 0: they stay */
	uint64_t seq;		 /* the newest fact of his that is in it */
};

struct live_queue {
	char id[LIVE_NAME];
	char *name;
	struct {
		char to[LIVE_NAME], by[LIVE_TEXT];
		int64_t since_at, until_at; /* since_at 0: it is open */
	} closed;
	uint64_t seq; /* the newest fact that is in `closed` */
};

struct live_offer {
	char agent[LIVE_NAME];
	int64_t at, until_at;
	bool accepted; /* the talk begins at once */
};

enum live_party_kind { LIVE_AGENT, LIVE_NUMBER, LIVE_SUPERVISOR };
enum live_party_state {
	LIVE_DIALLING,
	LIVE_RINGING,
	LIVE_TALKING,
	LIVE_HELD,
	LIVE_LISTEN,
	LIVE_WHISPER,
	LIVE_BARGE
};

struct live_party {
	enum live_party_kind kind;
	char id[LIVE_TEXT];
	uint32_t callee; /* numbers: call/'s name for it, 0: none */
	enum live_party_state state;
	int64_t since_at;
	bool muted, conference;
	bool caller; /* began the call and has the customer's place */
};

struct live_wrap {
	char agent[LIVE_NAME], queue[LIVE_NAME];
	int64_t since_at, until_at;
};

/* A list that grows: LIST_ADD gives a zeroed place at its end. */
#define LIST_OF(type)                                                                              \
	struct {                                                                                   \
		struct type *at;                                                                   \
		uint32_t count, room;                                                              \
	}
#define LIST_ADD(l)                                                                                \
	((l)->count == (l)->room                                                                   \
		 ? (void)((l)->at = xrealloc((l)->at,                                              \
					     ((l)->room = 2 * (l)->room + 2) * sizeof *(l)->at))   \
		 : (void)0,                                                                        \
	 memset(&(l)->at[(l)->count], 0, sizeof *(l)->at), &(l)->at[(l)->count++])
#define LIST_DROP(l, i)                                                                            \
	(memmove(&(l)->at[i], &(l)->at[(i) + 1], ((l)->count - (i)-1) * sizeof *(l)->at),          \
	 (l)->count--)

/* A message that some may not have read yet. */
struct live_message {
	uint64_t id; /* the seq of its fact */
	int64_t at;
	char to[8], name[LIVE_NAME], by[LIVE_TEXT];
	char *text;
	bool urgent;
	LIST_OF(live_reader) readers;
};
struct live_reader {
	char user[LIVE_NAME];
};

/* What the feed of supervisors has beside alerts: an alarm, or an approval that is asked for. */
struct live_notice {
	uint64_t id; /* the seq of its fact */
	int64_t at, acknowledged_at;
	bool approval;	      /* else an alarm */
	char name[LIVE_NAME]; /* of the alarm; an approval: the reason */
	char agent[LIVE_NAME], queue[LIVE_NAME], trunk[LIVE_NAME], by[LIVE_TEXT];
	char contact[UUID_TEXT + 1];
	char *detail; /* NULL: none */
};

struct live_alert {
	char id[LIVE_NAME], level[12], by[LIVE_TEXT]; /* by: who looks after it */
	char *name;
	int64_t since_at, value;
	bool test;
};

struct live_contact {
	struct uuid id;
	uint64_t seq; /* the newest fact that is in it */
	enum channel channel;
	enum direction direction;
	enum contact_state state;
	int64_t since_at; /* in this state */
	char from[LIVE_TEXT], to[LIVE_TEXT], customer[LIVE_TEXT], diverted[LIVE_TEXT];
	char queue[LIVE_NAME], agent[LIVE_NAME]; /* the last ones */
	char verstat[24];
	bool private, test, muted; /* muted: the customer */
	int64_t arrived_at, disconnected_at;
	enum party ended_by;
	char flow[LIVE_NAME], node[LIVE_NAME]; /* where it is in a flow; empty: it is in none */
	char via_flow[LIVE_NAME], via_node[LIVE_NAME]; /* which sent it where it waits */
	int64_t enqueued_at; /* stands in `queue` since then; 0: does not */
	uint32_t priority_min;
	char consults[LIVE_NAME]; /* stands there for this agent, who wants somebody beside him */
	LIST_OF(live_offer) offers;
	LIST_OF(live_party) parties;
	LIST_OF(live_wrap) wraps;
	struct {
		char agent[LIVE_NAME], name[LIVE_TEXT];
		enum target target;
		int64_t since_at; /* 0: none */
	} consult;
	struct {
		char agent[LIVE_NAME], queue[LIVE_NAME];
		uint32_t slot;
		int64_t until_at; /* 0: not parked */
	} park;
	struct {
		char agent[LIVE_NAME];
		char *text;
		int64_t since_at; /* 0: nobody wants help */
	} help;
	char recording[LIVE_NAME]; /* that is on; empty: none */
	bool paused;
};

struct live {
	char tenant[LIVE_NAME];
	uint64_t seq, past_seq; /* past_seq: the newest that live_past took */
	struct map agents, queues, contacts;
	uint64_t alert_seq; /* alerts were put as of then */
	LIST_OF(live_alert) alerts;
	LIST_OF(live_message) messages; /* ascending */
	LIST_OF(live_notice) notices;	/* ascending; the newest NOTICES_KEPT alarms */
	bool monitor_silent;		/* agents do not see who only listens to them */
};

void live_set_text(char *out, size_t room, struct str s);
#define SET(field, s) live_set_text((field), sizeof(field), (s))

/* -- contact.c -- */

struct live_contact *contact_make(struct uuid id);
void contact_free(struct live_contact *c);
/* One fact of it, newer than c->seq. True: it is over, and is to be forgotten. */
bool contact_apply(struct live_contact *c, const struct fact *f);
bool contact_held(const struct live_contact *c);

/* -- contact_json.c -- */

/* How much of a contact somebody sees. WAITS: that it stands in a queue or is parked, not whose it
 * is. OWN: all, but supervisors who only listen where that is `silent` (behaviours.md S-2). */
enum live_level { LEVEL_NONE, LEVEL_WAITS, LEVEL_OWN, LEVEL_ALL };
void contact_json(struct jsonw *w, const struct live_contact *c, enum live_level level,
		  bool silent);

/* -- watched.c: alerts and messages -- */

void watched_fact(struct live *l, const struct fact *f);
void watched_json(struct jsonw *w, const struct live *l, const struct live_viewer *v);
/* Is this fact a message to him, or his having read one? */
bool watched_for(const struct live *l, const struct fact *f, const struct live_viewer *v);
void watched_message_json(struct jsonw *w, const struct live_message *m);
void watched_finish(struct live *l);

/* -- notice.c: alarms, and approvals that are asked for -- */

#define NOTICES_KEPT 2000u /* alarms of a tenant */
#define NOTICES_SHOWN 200u /* the newest of those that somebody sees */

bool notice_is(enum event_kind kind); /* of alarms and approvals */
void notice_fact(struct live *l, const struct fact *f);
void notices_json(struct jsonw *w, const struct live *l, const struct live_viewer *v);
void notice_json(struct jsonw *w, const struct live_notice *n);
/* Is this fact about a notice that he sees, or saw until now? */
bool notice_for(const struct live *l, const struct fact *f, const struct live_viewer *v);
void notices_finish(struct live *l);

/* -- live.c -- */

struct live_contact *live_contact_at(const struct live *l, struct uuid id); /* NULL: none */
