/*
 * version.h - one version of a flow, kept for as long as a contact is in it.
 *
 * The object table frees a configuration as soon as it is replaced; callers in the menu go on with
 * what they began. So the first contact of a version makes a copy, which all of them share and the
 * last one frees. Immutable. Owner: the flow room.
 */
#pragma once

#include "base/map.h"
#include "core/object.h"

struct flow_version {
	struct flow_id flow;
	uint32_t number; /* version of the object */
	uint32_t users;
	struct str tenant, name;
	struct flow_config config;
	struct arena arena;
};

struct flow_versions {
	struct map by_key;
};

void versions_init(struct flow_versions *vs, uint64_t seed);
void versions_finish(struct flow_versions *vs); /* frees those still used, too */

/* The newest version of an object of kind flow, with one more user. Never NULL. */
struct flow_version *version_use(struct flow_versions *vs, const struct object *o);
void version_leave(struct flow_versions *vs, struct flow_version *v); /* NULL is fine */

/* Index of the node, NODE_NOWHERE when there is none of this name and kind. */
uint32_t version_find(const struct flow_version *v, struct str node, enum node_kind kind);
