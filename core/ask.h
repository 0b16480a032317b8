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
#include "core/trouble.h"
#include "core/words.h"
#include "os/mailbox.h"

struct config;

enum ask_kind {
	ASK_AGENTS,	/* tenant [, agent]: who is doing what -> agents[] */
	ASK_QUEUE_LIVE, /* tenant, object = queue -> queue_live */
	/* tenant: who works where, how long one would wait, what alerts watch; no tenant: which
	 * ones have alerts -> board */
	ASK_BOARD,
	ASK_FIGURES, /* tenant, board.figures: of its alerts, now */
	ASK_HELP,    /* tenant, contact, on, text; object = for whom, none: the actor */
	/* tenant, key = to, object = whom, text, urgent; on: the actor has read `number` */
	ASK_MESSAGE,
	ASK_ACKNOWLEDGE, /* tenant, object = alert */
	/* tenant, object = alert, on = tell it, marked as a test -> figure; ERR_CONFLICT: told
	 * already */
	ASK_ALERT_TEST,
	ASK_NOTICE,   /* tenant, number = which: somebody looks after it */
	ASK_APPROVAL, /* tenant, object = agent, on = granted: what he asks for */
	/* tenant, object = queue, on = closed, text = where new callers go instead, at_ms =
	 * when it opens, 0: nobody knows -> board.closed */
	ASK_GATE,
	ASK_OVERFLOW,	/* tenant, object = queue, text = where all go who wait -> overflow */
	ASK_WALL,	/* tenant, object = wallboard, text = what is kept, expires_at_ms */
	ASK_TRUNK_LIVE, /* tenant, object = trunk -> trunk */
	/* tenant, object = trunk -> trunk.answers, within 5 s; ERR_CONFLICT: one goes on */
	ASK_TRUNK_TEST,
	/* whose skills are over (for_now) -> agents: id, name = tenant; at_ms = when the next
	 * ones are */
	ASK_TIMED,
	ASK_PRESENCE, /* tenant, object = agent, presence, reason, on = at once */
	/* tenant, contact, verb, what it needs; actor is the agent or his better; object = the
	 * agent for whom he does it, may be empty */
	ASK_VERB,
	/* tenant, object = agent, text = to, from, queue, outcome = customer, on = private: he
	 * calls out -> contact; test: rings at his own desk instead, key = its language */
	ASK_CALL,
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
	ASK_SAY,     /* tenant, say: tells this event, prepared by the asker -> at_ms */
	ASK_DUMP,    /* text = word: lines for people -> out */
	ASK_METRICS, /* figures of main: `name value` lines, counters `name_total` -> out */
	ASK_SPEAK,   /* key = language, text: has it spoken -> out = DIR/speech/OUT.wav, soon */
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
	int64_t skills_until_at_ms; /* 0: they stay */
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

struct ask_board {
	struct ask_board_queue {
		struct str id;
		int64_t ewt_ms; /* -1: unknown */
	} * queues;
	uint32_t queue_count;
	struct ask_board_agent { /* signed in, or still at work */
		struct str id, reason;
		enum presence presence;
		enum work work;
		int64_t since_at_ms;
		bool available;
		uint32_t *queues; /* indexes into those above */
		uint32_t queue_count;
	} * agents;
	uint32_t agent_count;
	struct ask_alert { /* what to reckon for it */
		struct str id, queue, trunk, state, alarm;
		enum measure measure;
		int64_t window_ms;
	} * alerts;
	uint32_t alert_count;
	struct str *trunks; /* that are down; asked only where an alert is about them */
	uint32_t trunk_count;
	struct str *tenants;
	uint32_t tenant_count;
	struct ask_figure {
		struct str alert;
		bool known;
		double value; /* counts, seconds, percent */
	} * figures;
	uint32_t figure_count;
	struct watch_told { /* alerts that are on: also of ASK_AGENTS */
		struct str id, name, level, by;
		int64_t since_at_ms, value;
		bool test;
	} * told;
	uint32_t told_count;
	struct ask_closed { /* queues that are closed for now: of ASK_AGENTS and ASK_GATE */
		struct str queue, to, by;
		int64_t since_at_ms, until_at_ms; /* until 0: no time was said */
	} * closed;
	uint32_t closed_count;
};

struct ask_trunk_live {
	uint32_t calls, calls_max;	/* 0: no limit */
	uint32_t pace, pace_max;	/* calls begun in the last whole second; 0: no limit */
	bool registers, registered;	/* whether it is declared to, and whether it works */
	int64_t registered_until_at_ms; /* 0: not */
	uint32_t status;		/* of the registrar's last answer, 0: none yet */
	struct ask_trunk_peer {
		struct str address; /* arena */
		bool silent, busy, down;
		int64_t since_at_ms, asked_at_ms,
			rtt_ms; /* as voice_peer (channel/voice/voice.h) */
		uint32_t status;
	} * peers;
	uint32_t peer_count;
	struct trouble *troubles; /* newest first; arena */
	uint32_t trouble_count;
	struct trunk_answer *answers; /* ASK_TRUNK_TEST; arena */
	uint32_t answer_count;
};

/* What somebody says of a contact (contact_tagged, follow_up). */
struct ask_marks {
	bool tagged, due;
	struct str tags, agent; /* one tag a line; who comes back to it */
	int64_t due_at_ms;	/* 0: nothing is left to do */
};

/* Somebody asked for what is of another tenant; of a tenant that is not, nobody is told. */
#define ALARM_FOREIGN "foreign_access"

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
	bool on;       /* ASK_MASS, ASK_CALL, ASK_PHONE, ASK_DESK, ASK_PRESENCE, ASK_GATE … */
	bool extend;   /* VERB_WRAP: more time, please */
	uint64_t desk; /* the asker's name for a WebSocket, never used again; 0: none */
	struct str token_hash;
	int64_t expires_at_ms; /* of a sign-in, a link */
	union {		       /* of one kind each */
		uint64_t number;
		int64_t at_ms;
		bool urgent, test;
		struct {
			uint32_t moved, left; /* how many went, how many could not */
		} overflow;
	};
	struct ask_change *changes;
	uint32_t change_count;
	bool soon;		 /* in the ring is safe enough: nobody waits for the database */
	struct event *say;	 /* texts in the arena; its tenant is filled in */
	struct ask_marks *marks; /* VERB_WRAP: said with it; NULL: nothing */

	enum err err;
	struct str detail; /* what exactly, for people; may be empty */
	const char *where; /* JSON path of the mistake in the body that was asked; NULL: none */
	uint64_t seq;	   /* last fact this caused; 0: none */
	struct ask_board board;
	uint64_t said; /* ASK_AGENTS, ASK_BOARD: the newest fact at that moment */
	struct ask_agent *agents;
	uint32_t agent_count;
	struct ask_queue_live live;
	struct ask_trunk_live trunk;
	struct ask_alert_figure { /* watch.h, watch_figure */
		int64_t at_ms;
		bool known, beyond, quiet, on, test;
		double value;
	} alert_figure;
	struct str out; /* ASK_DUMP, ASK_METRICS; arena */
};

struct ask *ask_create(enum ask_kind kind, struct mailbox *reply, void *token);
void ask_free(struct ask *a);
