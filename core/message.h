/*
 * message.h - commands and events as C structs, from messages.def.
 *
 * Texts in a message are views that live until the function that was called returns; the hall
 * copies an event's texts, so that they live until the turn ends.
 */
#pragma once

#include "core/ids.h"
#include "core/seat.h"
#include "core/words.h"

/* One piece of sound: a declared prompt in a language, or a text to be spoken. */
struct play_item {
	struct prompt_id prompt; /* none: say `text` */
	struct str text;
	struct str lang; /* pl, en, ru; the voice falls back when a prompt lacks it */
};

/* What a flow may know of a queue. */
struct queue_glance {
	uint32_t waiting; /* offered ones too */
	int64_t ewt_ms;	  /* what somebody who joins now is expected to wait; -1: not known */
};

/* Who serves a contact, as acd knows it. */
struct talk_glance {
	/* of its place: flow: none; waiting; offered: somebody is rung */
	enum contact_state place;
	struct queue_id queue;	/* of its newest visit: whose rules hold; none */
	bool queued;		/* waits or rings for a queue */
	struct agent_id asked;	/* offered: the first who is rung */
	struct agent_id caller; /* who of ours began it and sits where customers do; none */
	uint32_t count;		/* agents who talk, who came first is first */
	struct talk_agent {
		struct agent_id agent;
		struct queue_id queue;
		enum work work;
		bool held;
	} agents[SEATS_MAX];
};

/* An agent a contact would best go to; the higher score first. */
struct wish {
	struct agent_id agent;
	uint32_t score;
};
#define WISHES_MAX 20u

typedef struct contact_id field_contact;
typedef struct uuid field_past;
typedef struct queue_id field_queue;
typedef struct agent_id field_agent;
typedef struct flow_id field_flow;
typedef struct trunk_id field_trunk;
typedef struct tenant_id field_tenant;
typedef uint32_t field_u32;
typedef int64_t field_i64;
typedef int64_t field_ms;
typedef bool field_flag;
typedef struct str field_text;

#define F(type, name) field_##type name;
#define W(set, name) enum set name;
#define S(name) struct str name;
#define P(type, name) type name;

#define COMMAND(name, room, fields)                                                                \
	struct command_##name {                                                                    \
		fields                                                                             \
	};
#define EVENT(name, keep, fields)                                                                  \
	struct event_##name {                                                                      \
		fields                                                                             \
	};
#include "core/messages.def"
#undef COMMAND
#undef EVENT
#undef F
#undef W
#undef S
#undef P

enum command_kind {
#define COMMAND(name, room, fields) CMD_##name,
#define EVENT(name, keep, fields)
#include "core/messages.def"
#undef COMMAND
#undef EVENT
	CMD_COUNT
};

enum event_kind {
#define COMMAND(name, room, fields)
#define EVENT(name, keep, fields) EV_##name,
#include "core/messages.def"
#undef COMMAND
#undef EVENT
	EV_COUNT
};

struct command {
	enum command_kind kind;
	union {
#define COMMAND(name, room, fields) struct command_##name name;
#define EVENT(name, keep, fields)
#include "core/messages.def"
#undef COMMAND
#undef EVENT
	};
};

struct event {
	enum event_kind kind;
	union {
#define COMMAND(name, room, fields)
#define EVENT(name, keep, fields) struct event_##name name;
#include "core/messages.def"
#undef COMMAND
#undef EVENT
	};
};

struct str event_name(enum event_kind kind);
struct str command_name(enum command_kind kind);
bool event_kept(enum event_kind kind);
