/* hall.h - the hall's private parts, shared by core.c, contact.c and image.c. */
#pragma once

#include "base/arena.h"
#include "base/map.h"
#include "core/core.h"

struct touched {
	enum image_kind kind;
	struct id id;
};

/* Which things of one kind have an image now, and what is waiting to be loaded, by slot. */
struct image_shelf {
	uint32_t *ages;	  /* [slot] age of the thing whose image is stored; 0: none */
	uint64_t *turns;  /* [slot] turn in which it was touched last */
	struct str *load; /* [slot] bytes fed by core_load; NULL outside of loading */
	uint32_t room;
};

struct core_hall {
	struct room *rooms, **rooms_last;
	struct pool *contacts;
	struct map by_uuid;

	struct event *events; /* a ring of those said and not yet delivered */
	uint32_t event_first, event_count, event_room, events_max;
	struct arena turn_arena; /* texts of this turn's events */
	bool delivering;

	uint64_t turn, seq;
	struct buf batch;
	uint64_t batch_first_seq;
	uint32_t batch_facts;

	struct touched *touched;
	uint32_t touched_count, touched_room;
	struct image_shelf shelves[IMAGE_KIND_COUNT];
	char image[IMAGE_BYTES_MAX];
};

/* contact.c */
void contacts_hear(struct core *c, const struct event *ev);
void contacts_said(struct core *c, const struct event *ev);
void contacts_loaded(struct core *c);
bool contact_save(struct core *c, struct id id, struct buf *out);
enum err contact_load(struct core *c, struct id id, struct str image);

/* image.c */
struct room *image_room(struct core *c, enum image_kind kind);
void images_save(struct core *c);
void images_finish(struct core *c);
