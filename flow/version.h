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
#include "flow/flow.h"

struct flow_version {
	struct flow_id flow; /* the object's; of a draft that is gone, the flow's; 0: all is gone */
	enum object_kind kind; /* flow or draft */
	uint32_t number;       /* version of the object */
	uint32_t users;
	struct str tenant, name;
	struct flow_config config;
	struct arena arena;
};

struct flow_versions {
	struct map by_key;
	flow_past_h *past; /* NULL: nobody knows old versions */
	void *past_arg;
};

/* One version of one flow, by its names. */
struct flow_name {
	enum object_kind kind;
	struct str tenant, flow;
	uint32_t version;
};

void versions_init(struct flow_versions *vs, uint64_t seed);
void versions_finish(struct flow_versions *vs); /* frees those still used, too */

/* The newest version of an object of kind flow or draft, with one more user. Never NULL. */
struct flow_version *version_use(struct flow_versions *vs, const struct object *o);
/* This very version; if nobody knows it any more, the newest one of what it became: a draft its
 * flow. NULL: there is none at all. */
struct flow_version *version_bring(struct flow_versions *vs, const struct objects *os,
				   const struct flow_name *n);
void version_leave(struct flow_versions *vs, struct flow_version *v); /* NULL is fine */

/* Index of the node, NODE_NOWHERE when there is none of this name and kind. */
uint32_t version_find(const struct flow_version *v, struct str node, enum node_kind kind);
