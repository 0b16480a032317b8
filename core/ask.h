/*
 * ask.h - what other threads ask of the main thread, and its answers: one letter both ways.
 *
 * The asker fills the question, posts it to the main thread's mailbox and gets the same letter back
 * in its own. Ownership moves with the letter. Texts are copies in the letter's arena. An answer
 * with `seq` set may be told outside only once the store says that seq is durable.
 */
#pragma once

#include "base/arena.h"
#include "core/ids.h"
#include "core/message.h"
#include "core/words.h"
#include "os/mailbox.h"

struct config;

enum ask_kind {
	ASK_AGENTS,	/* tenant [, agent]: who is doing what -> agents[] */
	ASK_QUEUE_LIVE, /* tenant, object = queue -> queue_live */
	ASK_TRUNK_LIVE, /* tenant, object = trunk -> trunk */
	ASK_PRESENCE,	/* tenant, object = agent, presence, reason */
	ASK_VERB,	/* tenant, contact, verb, what it needs; actor is the agent or his better;
			 * object = the agent for whom he does it, may be empty */
	ASK_CALL,	/* tenant, object = agent, text = to, from, queue, outcome = customer, on =
			 * private: he calls out -> contact */
	/* A desk's phone. tenant, object = agent, desk, text = the browser's offer, or none and key
	 * = the session it had; on: take it from another desk -> out = answer (to an offer), key =
	 * session. Answered in a later turn when media is asked first; of two offers of one agent
	 * the older gets ERR_CONFLICT. ERR_NOT_FOUND: that session is gone, offer anew;
	 * ERR_CONFLICT: his phone is not of kind browser, or another desk has it (detail);
	 * ERR_INVALID: an offer we cannot answer (detail); ERR_AGAIN: media is away. */
	ASK_PHONE,
	/* A desk is there (on) or gone. tenant, object = agent, desk; status: the close code its
	 * WebSocket gave (1000, 1001: the page was left; 4401, ours: who it was is signed in no
	 * more), 0: none. Said once each way for every desk; nothing is answered that matters. */
	ASK_DESK,
	ASK_CONTACT_LIVE, /* tenant, contact: ERR_OK while it lives, else ERR_NOT_FOUND */
	ASK_MASS,	  /* tenant, object = mass event, on: it begins or ends */
	ASK_WHY,     /* tenant, contact: why nobody has it now -> out; ERR_CONFLICT: not waiting */
	ASK_CHANGE,  /* changes[]: put or drop declared objects, all together */
	ASK_LOGIN,   /* tenant, actor, from, token_hash, expires_at_ms */
	ASK_LOGOUT,  /* tenant, actor, token_hash */
	ASK_KEEP,    /* tenant, object = user, key = what, actor = by whom, text: see user_kept */
	ASK_DONE,    /* idempotency: tenant, actor, key, status, text = body */
	ASK_ALARM,   /* tenant, object = name, text = detail */
	ASK_SAY,     /* tenant, say: tells this event about customers, prepared by the asker */
	ASK_DUMP,    /* text = word: lines for people -> out */
	ASK_TRACE,   /* text = contact's uuid: its ladder -> out */
	ASK_METRICS, /* figures of main: `name value` lines, counters `name_total` -> out */
	ASK_STOP,    /* stop cleanly */
};

enum ask_verb {
	VERB_ACCEPT,
	VERB_REJECT,
	VERB_HOLD,
	VERB_RESUME,
	VERB_TRANSFER,
	VERB_CONSULT,
	VERB_SWAP,
	VERB_COMPLETE,
	VERB_CANCEL,
	VERB_CONFERENCE,
	VERB_MUTE,
	VERB_UNMUTE,
	VERB_LEAVE,
	VERB_END,
	VERB_WRAP,
	VERB_RECORD_PAUSE,
	VERB_RECORD_RESUME,
	VERB_PARK,
	VERB_MOVE,
	VERB_MONITOR,
	VERB_TAKE_OVER,
	VERB_PRIORITISE, /* priority_min */
	VERB_COUNT
};

/* One object of an ASK_CHANGE. */
struct ask_change {
	enum object_kind kind;
	struct str tenant, object;
	uint32_t version;
	const char *op;	       /* created, updated, deleted, rolled_back */
	struct config *config; /* NULL: delete. The main thread takes it. */
	struct str doc;	       /* JSON as stored, secrets hashed */
};

struct ask_agent {
	struct str id, name;
	enum presence presence;
	enum work work;
	struct str reason, next_presence, next_reason;
	int64_t since_at_ms, reason_until_at_ms /* 0: none */;
	bool reason_over;
	enum phone_kind phone;
	bool phone_ready, phone_connecting;
	struct uuid *contacts;
	uint32_t contact_count;
};

struct ask_waiting {
	struct uuid contact;
	uint32_t position;
	int64_t wait_ms;
};

struct ask_queue_live {
	uint32_t waiting;
	int64_t longest_wait_ms, ewt_ms; /* -1: unknown */
	uint32_t ready, busy, not_ready;
	bool unmeetable;
	struct ask_waiting *contacts; /* best first; arena */
	uint32_t contact_count;
};

struct ask_trunk_live {
	uint32_t calls;
	bool registers, registered; /* whether it is declared to, and whether it works */
	uint32_t status;	    /* of the registrar's last answer, 0: none yet */
	struct ask_trunk_peer {
		struct str address; /* arena */
		bool silent, busy, down;
	} * peers;
	uint32_t peer_count;
};

struct ask {
	struct letter letter;
	enum ask_kind kind;
	struct mailbox *reply; /* where the answer goes; NULL: nobody waits */
	void *token;	       /* the asker's own */
	struct arena arena;

	struct str tenant, actor, object, reason, text, key, from, outcome, note, queue;
	bool actor_supervises; /* may act for others (supervisor, admin) */
	bool actor_system;     /* a system admin: has no agent of his own in this tenant */
	struct uuid contact;
	enum presence presence;
	enum ask_verb verb;
	enum target target; /* VERB_TRANSFER and others: to whom; VERB_MUTE: who */
	struct str target_name;
	enum monitor_mode mode;
	uint32_t status, priority_min;
	bool on;       /* ASK_MASS, ASK_CALL, ASK_PHONE, ASK_DESK */
	bool extend;   /* VERB_WRAP: more time, please */
	uint64_t desk; /* the asker's name for a WebSocket, never used again; 0: none */
	struct str token_hash;
	int64_t expires_at_ms;
	struct ask_change *changes;
	uint32_t change_count;
	bool soon;	   /* in the ring is safe enough: nobody waits for the database */
	struct event *say; /* texts in the arena; its tenant is filled in */

	enum err err;
	struct str detail; /* what exactly, for people; may be empty */
	const char *where; /* JSON path of the mistake in the body that was asked; NULL: none */
	uint64_t seq;	   /* last fact this caused; 0: none */
	uint64_t said;	   /* ASK_AGENTS: the newest fact at that moment */
	struct ask_agent *agents;
	uint32_t agent_count;
	struct ask_queue_live live;
	struct ask_trunk_live trunk;
	struct str out; /* ASK_DUMP, ASK_TRACE, ASK_METRICS; arena */
};

struct ask *ask_create(enum ask_kind kind, struct mailbox *reply, void *token);
void ask_free(struct ask *a);
