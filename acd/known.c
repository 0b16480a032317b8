/* known.c - see known.h. */
#include "acd/known.h"

#include <stdlib.h>

#include "base/list.h"
#include "base/map.h"

#define KEY_MAX 48u /* tenant, then the number; longer ones are not remembered */

struct caller {
	struct list of_age; /* unheard of for the longest time first */
	struct agent_id agent;
	uint32_t key_bytes;
	char key[KEY_MAX];
};

struct known {
	struct pool *callers;
	struct map by_key;
	struct list ages;
};

struct known *known_create(uint32_t most, uint64_t seed)
{
	struct known *k = xcalloc(1, sizeof *k);
	k->callers = pool_create("acd known callers", sizeof(struct caller), most);
	map_init(&k->by_key, seed);
	list_init(&k->ages);
	return k;
}

void known_destroy(struct known *k)
{
	if (!k)
		return;
	map_finish(&k->by_key);
	pool_destroy(k->callers);
	free(k);
}

/* Empty: nobody in particular. The tenant's id is as good as its name while the process lives. */
static struct str key_of(const struct contact *c, char room[KEY_MAX])
{
	struct str from = str_of(c->from);
	if (!from.n || from.n > KEY_MAX - sizeof c->tenant || str_ieq(from, STR("anonymous")))
		return STR_NONE;
	memcpy(room, &c->tenant, sizeof c->tenant);
	memcpy(room + sizeof c->tenant, from.p, from.n);
	return str_make(room, sizeof c->tenant + from.n);
}

static struct caller *caller_new(struct known *k, struct str key)
{
	struct id unused;
	struct caller *c = pool_take(k->callers, &unused);
	if (!c) {
		c = CONTAINER_OF(k->ages.next, struct caller, of_age);
		map_remove(&k->by_key, str_make(c->key, c->key_bytes));
		list_remove(&c->of_age);
	}
	list_init(&c->of_age);
	memcpy(c->key, key.p, key.n);
	c->key_bytes = (uint32_t)key.n;
	CHECK(map_add(&k->by_key, str_make(c->key, c->key_bytes), c) == ERR_OK);
	return c;
}

void known_serve(struct known *k, const struct contact *caller, struct agent_id agent)
{
	char room[KEY_MAX];
	struct str key = key_of(caller, room);
	if (!key.n)
		return;
	struct caller *c = map_get(&k->by_key, key);
	if (!c)
		c = caller_new(k, key);
	c->agent = agent;
	list_remove(&c->of_age);
	list_push(&k->ages, &c->of_age);
}

struct agent_id known_agent(const struct known *k, const struct contact *caller)
{
	char room[KEY_MAX];
	struct str key = key_of(caller, room);
	const struct caller *c = key.n ? map_get(&k->by_key, key) : NULL;
	return c ? c->agent : (struct agent_id){0};
}

uint32_t known_count(const struct known *k)
{
	return k->by_key.count;
}
