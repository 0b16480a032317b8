/*
 * object.c - see object.h.
 *
 * A dropped object keeps its slot and its name until the table is full, so that facts about it can
 * still be told after it is gone.
 */
#include "core/object.h"

#include <stdlib.h>

#include "base/map.h"
#include "core/bytes.h"

struct objects {
	struct object *slots; /* [0] unused */
	uint32_t limit, high, count, birth;
	uint32_t reuse; /* where the search for a gone slot goes on when all were used */
	struct map by_key;
	uint64_t seed;
};

#define KEY_MAX 256

static struct str key_of(char room[KEY_MAX], enum object_kind kind, struct str tenant,
			 struct str name)
{
	struct buf b = buf_make(room, KEY_MAX);
	buf_ch(&b, (char)('a' + kind));
	buf_put(&b, tenant);
	buf_ch(&b, '/');
	buf_put(&b, name);
	CHECK(!b.full);
	return buf_str(&b);
}

struct objects *objects_create(uint32_t limit, uint64_t seed, uint32_t birth)
{
	struct objects *os = xcalloc(1, sizeof *os);
	os->limit = limit;
	os->birth = birth | 1;
	os->slots = xcalloc(limit + 1u, sizeof *os->slots);
	map_init(&os->by_key, seed);
	return os;
}

void objects_destroy(struct objects *os)
{
	if (!os)
		return;
	for (uint32_t i = 1; i <= os->high; i++) {
		config_free((struct config *)(uintptr_t)os->slots[i].config);
		free((char *)(uintptr_t)os->slots[i].tenant.p); /* key, tenant and name in one */
	}
	map_finish(&os->by_key);
	free(os->slots);
	free(os);
}

static struct object *free_slot(struct objects *os)
{
	if (os->high < os->limit) {
		struct object *o = &os->slots[++os->high];
		o->id = (struct id){os->high, os->birth};
		return o;
	}
	for (uint32_t tried = 0; tried < os->limit; tried++) {
		os->reuse = os->reuse % os->limit + 1;
		struct object *o = &os->slots[os->reuse];
		if (!o->config) {
			free((char *)(uintptr_t)o->tenant.p);
			*o = (struct object){.id = {o->id.slot, o->id.age + 2}};
			return o;
		}
	}
	return NULL;
}

/* One allocation: tenant, name, then the key of the map. */
static struct str keep_names(struct object *o, enum object_kind kind, struct str tenant,
			     struct str name)
{
	char room[KEY_MAX];
	struct str key = key_of(room, kind, tenant, name);
	char *p = xcalloc(tenant.n + name.n + key.n + 1, 1);
	memcpy(p, tenant.p, tenant.n);
	memcpy(p + tenant.n, name.p, name.n);
	memcpy(p + tenant.n + name.n, key.p, key.n);
	o->tenant = str_make(p, tenant.n);
	o->name = str_make(p + tenant.n, name.n);
	return str_make(p + tenant.n + name.n, key.n);
}

enum err objects_put(struct objects *os, struct config *config, uint32_t version, struct id *out)
{
	char room[KEY_MAX];
	struct object *o =
		map_get(&os->by_key, key_of(room, config->kind, config->tenant, config->id));
	if (!o) {
		o = free_slot(os);
		if (!o)
			return ERR_FULL;
		o->kind = config->kind;
		struct str key = keep_names(o, config->kind, config->tenant, config->id);
		CHECK(map_add(&os->by_key, key, o) == ERR_OK);
		os->count++;
	} else {
		config_free((struct config *)(uintptr_t)o->config);
	}
	o->config = config;
	o->version = version;
	*out = o->id;
	return ERR_OK;
}

struct id objects_drop(struct objects *os, enum object_kind kind, struct str tenant,
		       struct str name)
{
	char room[KEY_MAX];
	struct object *o = map_remove(&os->by_key, key_of(room, kind, tenant, name));
	if (!o)
		return (struct id){0};
	config_free((struct config *)(uintptr_t)o->config);
	o->config = NULL;
	os->count--;
	return o->id;
}

const struct object *objects_who(const struct objects *os, struct id id)
{
	if (!id.slot || id.slot > os->high || os->slots[id.slot].id.age != id.age)
		return NULL;
	return &os->slots[id.slot];
}

const struct object *objects_get(const struct objects *os, struct id id)
{
	const struct object *o = objects_who(os, id);
	return o && o->config ? o : NULL;
}

const struct object *objects_find(const struct objects *os, enum object_kind kind,
				  struct str tenant, struct str name)
{
	char room[KEY_MAX];
	if (tenant.n + name.n > KEY_MAX - 3)
		return NULL;
	return map_get(&os->by_key, key_of(room, kind, tenant, name));
}

const struct object *objects_next(const struct objects *os, enum object_kind kind, uint32_t *at)
{
	while (++*at <= os->high) {
		const struct object *o = &os->slots[*at];
		if (o->config && o->kind == kind)
			return o;
	}
	return NULL;
}

void objects_put_name(const struct objects *os, struct buf *out, struct id id)
{
	const struct object *o = objects_who(os, id);
	put_word(out, o ? o->tenant : STR_NONE);
	put_word(out, o ? o->name : STR_NONE);
}

struct id objects_take_name(const struct objects *os, struct take *t, enum object_kind kind)
{
	struct str tenant = take_word(t), name = take_word(t);
	const struct object *o = objects_find(os, kind, tenant, name);
	return o ? o->id : (struct id){0};
}

uint32_t objects_count(const struct objects *os)
{
	return os->count;
}

#define OBJECT_CONFIG(word, kind_, member, type, idtype)                                           \
	const struct type *word##_config(const struct objects *os, struct idtype id)               \
	{                                                                                          \
		const struct object *o = objects_get(os, ID(id));                                  \
		return o && o->kind == kind_ ? &o->config->member : NULL;                          \
	}
OBJECT_CONFIG(tenant, KIND_tenant, tenant_of, tenant_config, tenant_id)
OBJECT_CONFIG(trunk, KIND_trunk, trunk, trunk_config, trunk_id)
OBJECT_CONFIG(number, KIND_number, number, number_config, number_id)
OBJECT_CONFIG(prompt, KIND_prompt, prompt, prompt_config, prompt_id)
OBJECT_CONFIG(hours, KIND_hours, hours, hours_config, hours_id)
OBJECT_CONFIG(queue, KIND_queue, queue, queue_config, queue_id)
OBJECT_CONFIG(agent, KIND_user, user, user_config, agent_id)
OBJECT_CONFIG(flow, KIND_flow, flow, flow_config, flow_id)
