/*
 * registry_parts.h - the registry's own structs; for registry*.c only.
 *
 * An entry is the newest stored document of an object, or what is left of a deleted one (its
 * version). A plan is one request being prepared: the documents it would put in place ("staged")
 * over the entries; looking something up in a plan sees the world as it would be.
 *
 * A stored document is {"kind","tenant","id", fields as given, hashes instead of secrets}; no
 * defaults are filled in, so that what is told outside is what was said.
 */
#pragma once

#include <jansson.h>
#include <sodium.h>

#include "base/arena.h"
#include "base/map.h"
#include "objects/mistakes.h"
#include "objects/registry.h"

struct schema;

struct entry {
	enum object_kind kind;
	struct str tenant, id; /* views into key */
	struct str key;	       /* own bytes */
	uint32_t version;      /* 0: built in, never stored */
	json_t *doc;	       /* NULL: deleted */
};

struct registry {
	struct map entries; /* by key */
	uint8_t key[32];
};

struct staged {
	enum object_kind kind;
	struct str tenant, id, key;
	json_t *doc;	    /* identity and fields, secrets in clear until all is found good */
	const json_t *keep; /* where secrets come from that were left out; NULL: nowhere */
	struct entry *old;  /* may be deleted; NULL: never was */
	size_t index;	    /* in the site file */
	bool sound;	    /* passed its schema */
	const struct staged *same; /* named earlier in the file; NULL: no */
};

struct plan {
	struct registry *g;
	struct arena arena;
	struct staged *staged;
	uint32_t count;
	struct map by_key; /* to struct staged */
	struct mistakes m;
	bool site;	/* paths begin with $.objects[n] */
	const char *op; /* of every change; NULL: created or updated */
};

/* Where a staged document stands. */
struct place {
	struct jpath root, objects, item;
};
const struct jpath *plan_place(const struct plan *p, const struct staged *s, struct place *place);

/* registry_check.c: everything about staged documents that needs the others. */
void plan_check(struct plan *p);
/* The document as it would be; NULL when there is none. */
const json_t *plan_find(const struct plan *p, enum object_kind kind, struct str tenant,
			struct str id);
/* registry_flows.c: flows inside each other, when any flow is staged. */
void plan_check_flows(struct plan *p);
/* The domain a tenant has, or would have. */
struct str plan_domain(const struct plan *p, struct str tenant);
void refuse_delete(const struct registry *g, const struct entry *e, struct mistakes *m);

/* registry_secrets.c */
/* Clear secrets become hashes or cipher text; those left out come from `keep`. ERR_FULL: no memory
 * for the hash. */
MUST_USE enum err secrets_apply(const struct registry *g, struct staged *s, struct str domain);
void secrets_strip(json_t *doc); /* removes hashes and cipher texts in place */
/* The trunk's registration password in clear, in the arena; empty when there is none. */
struct str secrets_open(const struct registry *g, const json_t *doc, struct arena *arena);
/* Does the kept SIP password belong to another domain than this one? */
bool secrets_of_other_domain(const json_t *doc, struct str domain);

/* registry.c */
struct entry *registry_entry(const struct registry *g, enum object_kind kind, struct str tenant,
			     struct str id); /* also deleted ones; NULL: never was */
/* Empty when a name is longer than any can be: nothing is found under it. */
#define REGISTRY_KEY_MAX 160u
struct str registry_key(char room[REGISTRY_KEY_MAX], enum object_kind kind, struct str tenant,
			struct str id);
struct config *registry_compile(const struct registry *g, enum object_kind kind, struct str tenant,
				struct str id, const json_t *doc);
const struct schema *registry_schema(enum object_kind kind); /* registry_prepare.c */
void registry_put_json(struct buf *out, const json_t *doc, size_t flags);
/* Living entries (of one tenant unless empty; of one kind unless KIND_COUNT) by kind, tenant, id.
 */
struct entry **registry_sorted(const struct registry *g, struct arena *a, struct str tenant,
			       unsigned kind, uint32_t *count);
