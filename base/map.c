/* map.c - see map.h. */
#include "base/map.h"

#include <stdlib.h>

struct map_entry {
	struct str key; /* key.p NULL and value NULL: never used; value NULL alone: tombstone */
	uint64_t hash;
	void *value;
};

void map_init(struct map *m, uint64_t seed)
{
	*m = (struct map){.seed = seed};
}

void map_finish(struct map *m)
{
	free(m->entries);
	*m = (struct map){0};
}

static bool never_used(const struct map_entry *e)
{
	return !e->value && !e->key.p;
}

static struct map_entry *find(const struct map *m, struct str key, uint64_t hash)
{
	if (!m->room)
		return NULL;
	for (uint32_t i = (uint32_t)hash & (m->room - 1);; i = (i + 1) & (m->room - 1)) {
		struct map_entry *e = &m->entries[i];
		if (never_used(e))
			return NULL;
		if (e->value && e->hash == hash && str_eq(e->key, key))
			return e;
	}
}

static void place(struct map *m, struct str key, uint64_t hash, void *value)
{
	uint32_t i = (uint32_t)hash & (m->room - 1);
	while (!never_used(&m->entries[i]))
		i = (i + 1) & (m->room - 1);
	if (!key.p)
		key.p = "";
	m->entries[i] = (struct map_entry){key, hash, value};
	m->used++;
}

static void grow(struct map *m)
{
	struct map_entry *old = m->entries;
	uint32_t old_room = m->room;
	uint32_t room = 16;
	while (room < m->count * 3)
		room *= 2;
	m->entries = xcalloc(room, sizeof *m->entries);
	m->room = room;
	m->used = 0;
	for (uint32_t i = 0; i < old_room; i++)
		if (old[i].value)
			place(m, old[i].key, old[i].hash, old[i].value);
	free(old);
}

void *map_get(const struct map *m, struct str key)
{
	struct map_entry *e = find(m, key, str_hash(key, m->seed));
	return e ? e->value : NULL;
}

enum err map_add(struct map *m, struct str key, void *value)
{
	CHECK(value);
	uint64_t hash = str_hash(key, m->seed);
	if (find(m, key, hash))
		return ERR_CONFLICT;
	if ((m->used + 1) * 3 > m->room * 2)
		grow(m);
	place(m, key, hash, value);
	m->count++;
	return ERR_OK;
}

void *map_remove(struct map *m, struct str key)
{
	struct map_entry *e = find(m, key, str_hash(key, m->seed));
	if (!e)
		return NULL;
	void *value = e->value;
	e->value = NULL;
	e->key = (struct str){"", 0};
	m->count--;
	return value;
}

void *map_next(const struct map *m, uint32_t *at)
{
	while (*at < m->room) {
		void *v = m->entries[(*at)++].value;
		if (v)
			return v;
	}
	return NULL;
}
