/*
 * object.h - the table of declared objects, as the main thread sees them: compiled, never JSON.
 *
 * Key: kind, tenant, id (a tenant's own key is kind tenant, tenant = its id, id = its id). An
 * object's slot lives as long as the object; replacing its configuration keeps the id. Rooms
 * hear object_moved and look here; a deleted object looks up to NULL from that event on.
 * Owner of the configuration: this table. Main thread only.
 */
#pragma once

#include "core/config.h"
#include "core/ids.h"

struct object {
	struct id id;
	enum object_kind kind;
	struct str tenant, name; /* views into the table's own copy */
	uint32_t version;	 /* 1.. */
	const struct config *config;
};

struct objects;

struct objects *objects_create(uint32_t limit, uint64_t seed, uint32_t birth);
void objects_destroy(struct objects *os);

/* Creates or replaces; takes the configuration. ERR_FULL at the limit. */
MUST_USE enum err objects_put(struct objects *os, struct config *config, uint32_t version,
			      struct id *out);
/* The id it had; zero when there was none. */
struct id objects_drop(struct objects *os, enum object_kind kind, struct str tenant,
		       struct str name);
const struct object *objects_get(const struct objects *os, struct id id);
/* Like objects_get, but also for an object that was dropped (config NULL): its names, for facts. */
const struct object *objects_who(const struct objects *os, struct id id);
const struct object *objects_find(const struct objects *os, enum object_kind kind,
				  struct str tenant, struct str name);
/* Walks objects of one kind in order of creation: *at starts at 0; NULL at the end. */
const struct object *objects_next(const struct objects *os, enum object_kind kind, uint32_t *at);
uint32_t objects_count(const struct objects *os);
/* An object's names in an image, and the object that has them now: ids change over a restart. A
 * dead or zero id is stored as nobody and taken back as zero. */
struct take;
void objects_put_name(const struct objects *os, struct buf *out, struct id id);
struct id objects_take_name(const struct objects *os, struct take *t, enum object_kind kind);

/* Typed looks: NULL when the id is dead or of another kind. */
#define OBJECT_CONFIG(kind, type, idtype)                                                          \
	const struct type *kind##_config(const struct objects *os, struct idtype id);
OBJECT_CONFIG(tenant, tenant_config, tenant_id)
OBJECT_CONFIG(trunk, trunk_config, trunk_id)
OBJECT_CONFIG(number, number_config, number_id)
OBJECT_CONFIG(prompt, prompt_config, prompt_id)
OBJECT_CONFIG(hours, hours_config, hours_id)
OBJECT_CONFIG(queue, queue_config, queue_id)
OBJECT_CONFIG(agent, user_config, agent_id)
OBJECT_CONFIG(flow, flow_config, flow_id)
#undef OBJECT_CONFIG
