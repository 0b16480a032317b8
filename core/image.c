/* image.c - images: what changed is saved at the end of a turn, and loaded after a restart. */
#include "core/hall.h"

#include <stdlib.h>

#include "core/batch.h"

struct room *image_room(struct core *c, enum image_kind kind)
{
	for (struct room *r = c->hall->rooms; r; r = r->next)
		if (r->images & BIT(kind))
			return r;
	return NULL;
}

static struct image_shelf *shelf_at(struct core *c, enum image_kind kind, uint32_t slot)
{
	CHECK(kind > IMAGE_NONE && kind < IMAGE_KIND_COUNT);
	struct image_shelf *s = &c->hall->shelves[kind];
	if (slot < s->room)
		return s;
	uint32_t room = MAX(slot + 1, MAX(64u, s->room * 2));
	s->ages = xrealloc(s->ages, room * sizeof *s->ages);
	s->turns = xrealloc(s->turns, room * sizeof *s->turns);
	s->load = xrealloc(s->load, room * sizeof *s->load);
	memset(s->ages + s->room, 0, (room - s->room) * sizeof *s->ages);
	memset(s->turns + s->room, 0, (room - s->room) * sizeof *s->turns);
	memset(s->load + s->room, 0, (room - s->room) * sizeof *s->load);
	s->room = room;
	return s;
}

void core_touch(struct core *c, enum image_kind kind, struct id id)
{
	struct core_hall *h = c->hall;
	CHECK(id.slot);
	struct image_shelf *s = shelf_at(c, kind, id.slot);
	if (s->turns[id.slot] == h->turn) {
		/* a slot given back and taken again within one turn: both are touched */
		for (uint32_t i = h->touched_count; i-- > 0;)
			if (h->touched[i].kind == kind && ID_EQ(h->touched[i].id, id))
				return;
	}
	s->turns[id.slot] = h->turn;
	if (h->touched_count == h->touched_room) {
		h->touched_room = MAX(256u, h->touched_room * 2);
		h->touched = xrealloc(h->touched, h->touched_room * sizeof *h->touched);
	}
	h->touched[h->touched_count++] = (struct touched){kind, id};
}

static bool save_one(struct core *c, enum image_kind kind, struct id id, struct buf *out)
{
	*out = buf_make(c->hall->image, sizeof c->hall->image);
	bool alive = false;
	struct room *r = image_room(c, kind);
	if (kind == IMAGE_CONTACT)
		alive = contact_save(c, id, out);
	else if (r)
		alive = r->save(r, kind, id, out);
	CHECK(!alive || !out->full);
	return alive;
}

void images_save(struct core *c)
{
	struct core_hall *h = c->hall;
	for (uint32_t i = 0; i < h->touched_count; i++) {
		struct touched t = h->touched[i];
		struct image_shelf *s = shelf_at(c, t.kind, t.id.slot);
		struct buf image;
		if (save_one(c, t.kind, t.id, &image)) {
			batch_put_image(&h->batch, t.kind, t.id, buf_str(&image));
			s->ages[t.id.slot] = t.id.age;
		} else if (s->ages[t.id.slot] == t.id.age) {
			batch_put_gone(&h->batch, t.kind, t.id);
			s->ages[t.id.slot] = 0;
		}
	}
	h->touched_count = 0;
}

bool core_save_some(struct core *c, struct core_save *at, size_t bytes, core_save_h *item,
		    void *arg)
{
	struct buf one = buf_grow(IMAGE_BYTES_MAX);
	size_t written = 0;
	for (at->kind = MAX(at->kind, IMAGE_NONE + 1u);
	     at->kind < IMAGE_KIND_COUNT && written < bytes;) {
		struct image_shelf *s = &c->hall->shelves[at->kind];
		if (++at->slot >= s->room) {
			at->kind++;
			at->slot = 0;
			continue;
		}
		struct id id = {at->slot, s->ages[at->slot]};
		struct buf image;
		if (!id.age || !save_one(c, (enum image_kind)at->kind, id, &image))
			continue;
		one.n = 0;
		batch_put_image(&one, at->kind, id, buf_str(&image));
		item(arg, buf_str(&one));
		written += one.n;
	}
	buf_free(&one);
	return at->kind == IMAGE_KIND_COUNT;
}

void core_save_all(struct core *c, core_save_h *item, void *arg)
{
	(void)core_save_some(c, &(struct core_save){0}, SIZE_MAX, item, arg);
}

void core_load(struct core *c, enum image_kind kind, struct id id, struct str image)
{
	if (kind <= IMAGE_NONE || kind >= IMAGE_KIND_COUNT || !id.slot || id.slot > (64u << 20))
		return; /* of a later version */
	struct image_shelf *s = shelf_at(c, kind, id.slot);
	free((char *)(uintptr_t)s->load[id.slot].p);
	s->load[id.slot] = str_make(xstrndup(image.p, image.n), image.n);
	s->ages[id.slot] = id.age;
}

void core_unload(struct core *c, enum image_kind kind, struct id id)
{
	if (kind <= IMAGE_NONE || kind >= IMAGE_KIND_COUNT || !id.slot)
		return;
	struct image_shelf *s = &c->hall->shelves[kind];
	if (id.slot >= s->room || s->ages[id.slot] != id.age)
		return;
	free((char *)(uintptr_t)s->load[id.slot].p);
	s->load[id.slot] = STR_NONE;
	s->ages[id.slot] = 0;
}

void core_load_batch(struct core *c, struct str items, uint32_t kinds)
{
	struct batch_item item;
	while (batch_next(&items, &item) == ERR_OK) {
		if (item.kind >= IMAGE_KIND_COUNT || !(kinds & BIT(item.kind)))
			continue;
		if (item.type == BATCH_IMAGE)
			core_load(c, (enum image_kind)item.kind, item.id, item.image);
		else if (item.type == BATCH_GONE)
			core_unload(c, (enum image_kind)item.kind, item.id);
	}
}

uint32_t core_loaded(struct core *c)
{
	uint32_t dropped = 0;
	for (int kind = IMAGE_NONE + 1; kind < IMAGE_KIND_COUNT; kind++) {
		struct image_shelf *s = &c->hall->shelves[kind];
		struct room *r = image_room(c, (enum image_kind)kind);
		for (uint32_t slot = 1; slot < s->room; slot++) {
			struct str image = s->load[slot];
			if (!image.p)
				continue;
			struct id id = {slot, s->ages[slot]};
			s->load[slot] = STR_NONE;
			enum err e = ERR_INVALID;
			if (kind == IMAGE_CONTACT)
				e = contact_load(c, id, image);
			else if (r)
				e = r->load(r, (enum image_kind)kind, id, image);
			if (e != ERR_OK)
				dropped++;
			core_touch(c, (enum image_kind)kind, id); /* dropped ones become GONE */
			free((char *)(uintptr_t)image.p);
		}
	}
	for (struct room *r = c->hall->rooms; r; r = r->next)
		if (r->loaded)
			r->loaded(r);
	contacts_loaded(c);
	return dropped;
}

void images_finish(struct core *c)
{
	for (int kind = 0; kind < IMAGE_KIND_COUNT; kind++) {
		struct image_shelf *s = &c->hall->shelves[kind];
		for (uint32_t slot = 0; slot < s->room; slot++)
			free((char *)(uintptr_t)s->load[slot].p);
		free(s->ages);
		free(s->turns);
		free(s->load);
	}
}
