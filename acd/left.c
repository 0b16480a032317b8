/* left.c - see left.h. */
#include "acd/left.h"

#include <stdlib.h>

#include "base/list.h"
#include "base/map.h"
#include "core/bytes.h"

#define KEY_MAX 224u /* tenant, queue, number, a zero byte between */

struct leaver {
	struct id id;
	struct list of_age; /* who left first is first */
	struct left_place place;
	uint32_t key_bytes;
	char key[KEY_MAX];
};

struct left {
	struct pool *leavers;
	struct map by_key;
	struct list ages;
};

struct left *left_create(uint64_t seed)
{
	struct left *l = xcalloc(1, sizeof *l);
	l->leavers = pool_create("acd leavers", sizeof(struct leaver), LEFT_MAX);
	map_init(&l->by_key, seed);
	list_init(&l->ages);
	return l;
}

void left_destroy(struct left *l)
{
	if (!l)
		return;
	map_finish(&l->by_key);
	pool_destroy(l->leavers);
	free(l);
}

uint32_t left_count(const struct left *l)
{
	return l->by_key.count;
}

/* Empty: nobody in particular, or too long. */
static struct str key_of(const struct core *c, const char *queue, const struct contact *k,
			 char room[KEY_MAX])
{
	const struct object *tenant = k ? objects_who(c->objects, ID(k->tenant)) : NULL;
	if (!tenant || !k->from[0] || str_ieq(str_of(k->from), STR("anonymous")))
		return STR_NONE;
	struct buf b = buf_make(room, KEY_MAX);
	buf_put(&b, tenant->name);
	buf_ch(&b, 0);
	buf_c(&b, queue);
	buf_ch(&b, 0);
	buf_c(&b, k->from);
	return b.full ? STR_NONE : buf_str(&b);
}

static void touch(struct core *c, struct id id)
{
	core_touch(c, IMAGE_LEFT, id);
}

static void forget(struct left *l, struct core *c, struct leaver *e)
{
	touch(c, e->id);
	map_remove(&l->by_key, str_make(e->key, e->key_bytes));
	list_remove(&e->of_age);
	pool_give(l->leavers, e);
}

static void forget_late(struct left *l, struct core *c)
{
	while (!list_empty(&l->ages)) {
		struct leaver *first = CONTAINER_OF(l->ages.next, struct leaver, of_age);
		if (first->place.until_ms > c->now_ms)
			return;
		forget(l, c, first);
	}
}

static void enter(struct left *l, struct leaver *e, struct str key)
{
	list_init(&e->of_age);
	memcpy(e->key, key.p, key.n);
	e->key_bytes = (uint32_t)key.n;
	CHECK(map_add(&l->by_key, str_make(e->key, e->key_bytes), e) == ERR_OK);
	list_push(&l->ages, &e->of_age);
}

void left_remember(struct left *l, struct core *c, const char *queue, const struct contact *k,
		   const struct left_place *place)
{
	char room[KEY_MAX];
	struct str key = key_of(c, queue, k, room);
	struct id id;
	forget_late(l, c);
	if (!key.n || place->until_ms <= c->now_ms)
		return;
	struct leaver *e = map_get(&l->by_key, key);
	if (e)
		forget(l, c, e);
	e = pool_take(l->leavers, &id);
	if (!e) {
		forget(l, c, CONTAINER_OF(l->ages.next, struct leaver, of_age));
		e = pool_take(l->leavers, &id);
	}
	e->id = id;
	e->place = *place;
	enter(l, e, key);
	touch(c, id);
}

bool left_take(struct left *l, struct core *c, const char *queue, const struct contact *k,
	       struct left_place *out)
{
	char room[KEY_MAX];
	struct str key = key_of(c, queue, k, room);
	forget_late(l, c);
	struct leaver *e = key.n ? map_get(&l->by_key, key) : NULL;
	if (!e)
		return false;
	bool in_time = e->place.until_ms > c->now_ms;
	*out = e->place;
	forget(l, c, e);
	return in_time;
}

/* -- images -- */

bool left_save(const struct left *l, struct id id, struct buf *out)
{
	const struct leaver *e = pool_get(l->leavers, id);
	if (!e)
		return false;
	put_i64(out, e->place.place_ms);
	put_u32(out, e->place.priority_min);
	put_i64(out, e->place.until_ms);
	put_text(out, str_make(e->key, e->key_bytes));
	return true;
}

enum err left_load(struct left *l, struct id id, struct str image)
{
	struct take t = {.rest = image};
	struct left_place place = {.place_ms = take_i64(&t)};
	place.priority_min = take_u32(&t);
	place.until_ms = take_i64(&t);
	struct str key = take_text(&t);
	if (t.torn || t.rest.n || !key.n || key.n > KEY_MAX || map_get(&l->by_key, key))
		return ERR_INVALID;
	struct leaver *e = pool_take_at(l->leavers, id);
	if (!e)
		return ERR_INVALID;
	e->id = id;
	e->place = place;
	enter(l, e, key);
	return ERR_OK;
}
