/*
 * fact.h - an event as it is stored: self-contained, with names instead of ids.
 *
 * The journal, the database, reports and the event stream all read facts; nobody else's memory is
 * needed to understand one. Encoded: little endian, strings with a length; see fact.c. A decoded
 * fact's strings are views into the bytes it was decoded from. Pure; any thread.
 */
#pragma once

#include "core/message.h"

typedef struct uuid fact_contact;
typedef struct uuid fact_past;
typedef struct str fact_queue; /* the object's id within the fact's tenant; empty: none */
typedef struct str fact_agent;
typedef struct str fact_flow;
typedef struct str fact_trunk;
typedef struct str fact_tenant;
typedef uint32_t fact_u32;
typedef int64_t fact_i64;
typedef int64_t fact_ms;
typedef bool fact_flag;
typedef struct str fact_text;

#define F(type, name) fact_##type name;
#define W(set, name) enum set name;
#define S(name) struct str name;
#define P(type, name)
#define COMMAND(name, room, fields)
#define EVENT(name, keep, fields)                                                                  \
	struct fact_##name {                                                                       \
		fields                                                                             \
	};
#include "core/messages.def"
#undef EVENT
#undef F
#undef W
#undef S
#undef P

struct fact {
	uint64_t seq;  /* 1.. without holes over the whole installation */
	int64_t at_ms; /* UTC */
	enum event_kind kind;
	struct str tenant;
	struct uuid contact; /* that of the `contact` field; none when the event has none */
	union {
#define EVENT(name, keep, fields) struct fact_##name name;
#include "core/messages.def"
#undef EVENT
#undef COMMAND
	};
};

#define FACT_BYTES_MAX (2u << 20) /* an object's document is the largest thing stored */

void fact_encode(struct buf *out, const struct fact *f);
/* ERR_INVALID: not a fact this version knows. Never reads outside `in`. */
MUST_USE enum err fact_decode(struct str in, struct fact *out);
/* {"seq":1,"at":"2026-...Z","event":"offer","tenant":..,"contact":..,<fields>}; secrets left out.
 * No closing brace: the caller may add members (such as prev) and closes it. */
void fact_json_open(struct buf *out, const struct fact *f);
/* The same with only these of its own fields, a list that ends with NULL; NULL: all. */
void fact_json_some(struct buf *out, const struct fact *f, const char *const *only);
/* One line for people: time, event, the fields that are set. */
void fact_line(struct buf *out, const struct fact *f);
