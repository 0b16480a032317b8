/*
 * core.h - the hall: the turn, the rooms, contacts, declared objects, facts.
 *
 * One thread owns all of it and works in turns. A turn begins with the time handed in, runs one or
 * more causes (a datagram, a timer, a letter), delivers every event that was said, and ends with
 * one batch of bytes: the facts and the images of what changed. The caller stores the batch before
 * it lets anything out (datagrams, orders, answers), so nothing that was said can be forgotten.
 *
 * Images are how state survives the process: a room says core_touch() for whatever it changed, and
 * at the end of the turn the hall asks it to save that thing into bytes; after a restart the last
 * image of everything alive is loaded back (see docs/decisions/0002-images.md). Facts are for ever,
 * images only until the next one.
 */
#pragma once

#include "base/timer.h"
#include "core/contact.h"
#include "core/fact.h"
#include "core/message.h"
#include "core/object.h"

/* What an image is an image of. Stored: add at the end, never reuse. */
enum image_kind {
	IMAGE_NONE,
	IMAGE_CONTACT,	 /* the hall's row */
	IMAGE_FLOW,	 /* where a contact is in its flow; id is the contact's */
	IMAGE_WAITING,	 /* acd: a contact in a queue, offered or with an agent; id is the contact's
			  */
	IMAGE_AGENT,	 /* acd: an agent; the id is of the image alone, his name is in it */
	IMAGE_LEG,	 /* voice: a line with its SIP dialog */
	IMAGE_BINDING,	 /* voice: a registered phone */
	IMAGE_VOICE,	 /* voice: what a contact hears and who is joined; id is the contact's */
	IMAGE_PROMISE,	 /* acd: what a waiting contact was told; id is the contact's */
	IMAGE_LORE,	 /* acd: what a queue learned; the id's slot is the object's */
	IMAGE_LEFT,	 /* acd: who hung up while he waited and may have his place again */
	IMAGE_PLACE,	 /* voice: what the name of a host stood for; the slot is its own */
	IMAGE_ENROLMENT, /* voice: a registration of ours at a trunk's registrar */
	IMAGE_MASS,	 /* acd: a mass event that goes on */
	IMAGE_CALL,	 /* call: who is on a contact, where that is more than one agent */
	IMAGE_TOLL,	 /* voice: what a tenant's or user's calls out have used up */
	IMAGE_OWN_CALL,	 /* voice: a call that a user of ours began; id is the contact's */
	IMAGE_BROWSER,	 /* voice: the standing session of a browser */
	IMAGE_HELP,	 /* watch: somebody wants a supervisor; id is the contact's */
	IMAGE_ALERT,	 /* watch: an alert that is on, or was about to be; the id is its own */
	IMAGE_TROUBLE,	 /* voice: what went wrong with a trunk; the id is its own */
	IMAGE_GATE,	 /* acd: a queue that is closed for now; the id's slot is the object's */
	IMAGE_KIND_COUNT,
};

#define IMAGE_BYTES_MAX 16384u

struct room {
	const char *name;
	/* Commands of messages.def that name this room. */
	enum err (*command)(struct room *r, const struct command *cmd);
	/* Every event, in the order said. May send commands and emit events. */
	void (*event)(struct room *r, const struct event *ev);
	/* Writes the image of one thing; false: it is gone and its image with it. */
	bool (*save)(struct room *r, enum image_kind kind, struct id id, struct buf *out);
	/* Rebuilds one thing. All objects are known; images come in the order of enum image_kind,
	 * so a room may rely on earlier kinds. ERR_INVALID: it cannot live on (logged, dropped). */
	enum err (*load)(struct room *r, enum image_kind kind, struct id id, struct str image);
	/* After the last image: settle what does not fit together, start timers. May emit. */
	void (*loaded)(struct room *r);
	/* For `ctl show WHAT`: lines for people; false when `what` is not this room's. */
	bool (*dump)(struct room *r, struct str what, struct buf *out);
	uint32_t images;   /* BIT(image_kind) of what it saves and loads */
	struct core *core; /* set by core_add_room */
	struct room *next;
};

struct core_limits {
	uint32_t contacts; /* default 20000 */
	uint32_t objects;  /* default 100000, over all tenants and kinds */
	uint32_t events;   /* most events of one turn; default 65536 */
};

struct core {
	int64_t now_ms; /* monotonic; the time of this turn */
	int64_t utc_ms; /* the same instant in UTC, for facts */
	struct timers timers;
	uint64_t dice[4]; /* core_dice() */
	struct objects *objects;
	struct core_hall *hall; /* private: contacts, events, images, batch */
};

/* seed: any; the same seed and the same turns give the same world. epoch: which life of the program
 * this is (0, 1, 2 …), so that ids of earlier lives stay dead. */
void core_init(struct core *c, const struct core_limits *limits, uint64_t seed, uint32_t epoch);
void core_finish(struct core *c);
void core_add_room(struct core *c, struct room *r);

/* -- a turn -- */
void core_turn_begin(struct core *c, int64_t now_ms, int64_t utc_ms);
/* Runs due timers; delivers events; saves images. The batch is valid until the next turn begins and
 * empty when nothing happened. first_seq is the number of its first fact (0: none). */
struct core_batch {
	struct str bytes; /* items as core/batch.h */
	uint64_t first_seq, last_seq;
	uint32_t facts;
};
struct core_batch core_turn_end(struct core *c);
/* When the next timer is due (monotonic); INT64_MAX: none. */
int64_t core_next_timer(const struct core *c);
/* Delivers what was said so far; the loop calls it between causes of one turn. */
void core_deliver(struct core *c);

/* -- speaking -- */
/* Asks the room that messages.def names. ERR_UNSUPPORTED when nobody plays that room. */
MUST_USE enum err core_send(struct core *c, const struct command *cmd);
/* Told to all rooms after the caller has returned; KEEP events become facts now. */
void core_emit(struct core *c, const struct event *ev);
/* This thing changed: save its image at the end of the turn. Cheap; idempotent within a turn. */
void core_touch(struct core *c, enum image_kind kind, struct id id);

#define SEND(core, name, ...)                                                                      \
	core_send((core), &(struct command){.kind = CMD_##name, .name = {__VA_ARGS__}})
#define EMIT(core, name_, ...)                                                                     \
	core_emit((core), &(struct event){.kind = EV_##name_, .name_ = {__VA_ARGS__}})

uint64_t core_dice(struct core *c); /* xoshiro256**; the only randomness rooms have */

/* -- restart -- */
/* The next fact gets seq + 1. Before the first turn. */
void core_seq_set(struct core *c, uint64_t last_seq);
uint64_t core_seq(const struct core *c); /* last given out */
/* Feeds the images of what turns ended with (core/batch.h), of these kinds: BIT(image_kind). */
void core_load_batch(struct core *c, struct str items, uint32_t kinds);
/* Feeds one stored image; a later one of the same thing replaces it. Copies. Then core_loaded()
 * once, inside a turn. */
void core_load(struct core *c, enum image_kind kind, struct id id, struct str image);
/* The thing is gone: forget what was fed for it. */
void core_unload(struct core *c, enum image_kind kind, struct id id);
/* Rebuilds everything fed, kind by kind; returns how many images could not live on. */
uint32_t core_loaded(struct core *c);
/* Writes the images of what is alive, as items of core/batch.h, for a new segment: from *at on
 * (begin with zeros), until at least `bytes` were written. True: that was the last. Between turns
 * only, and what a turn changed is in its batch: so pieces and batches, in the order they were
 * written, give the world of the end, whatever happened in between. */
struct core_save {
	uint32_t kind, slot;
};
typedef void(core_save_h)(void *arg, struct str bytes);
bool core_save_some(struct core *c, struct core_save *at, size_t bytes, core_save_h *item,
		    void *arg);
void core_save_all(struct core *c, core_save_h *item, void *arg);

/* -- looking inside -- */
/* `ctl show WHAT`: asks rooms in turn; false when nobody knows the word. */
bool core_dump(struct core *c, struct str what, struct buf *out);
