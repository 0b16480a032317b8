/*
 * registry.h - declared objects as JSON documents: checked, versioned, compared, compiled.
 *
 * Holds the newest document of every object. A request is first prepared (everything is checked
 * against the schemas of api/openapi.yaml, references, uniqueness; secrets are hashed) and gives a
 * list of changes; the caller has them stored and told to the rooms, then commits them here, or
 * drops them. One prepared list at a time. Uses jansson and libsodium; slow calls (argon2id, some
 * 50 ms a password) belong on a clerk's thread. Threads: load, tombstone and commit need the
 * registry for themselves, everything else may run side by side; whoever shares it guards it.
 */
#pragma once

#include "core/config.h"
#include "core/reach.h"

struct registry;

struct registry_change {
	enum object_kind kind;
	struct str tenant, id;
	uint32_t version;
	const char *op; /* created, updated, deleted, rolled_back, published */
	struct config *
		config; /* compiled; NULL: deleted. Belongs to whoever takes it: set to NULL then */
	struct str doc; /* JSON text to store, secrets hashed; empty when deleted */
};

struct registry_result {
	struct registry_change *changes; /* what really differs; tenants first, then by kind */
	uint32_t change_count;
	uint32_t unchanged;
	struct buf errors; /* JSON array [{"path","message"}]; empty text: no mistakes */
	struct arena arena;
};
void registry_result_finish(struct registry_result *r); /* frees configs not taken too */

/* key: 32 bytes from a file outside the database; encrypts trunk secrets. */
struct registry *registry_create(const uint8_t key[32]);
void registry_destroy(struct registry *g);
/* A stored document, at start. ERR_INVALID when this version cannot read it. */
MUST_USE enum err registry_load(struct registry *g, enum object_kind kind, struct str tenant,
				struct str id, uint32_t version, struct str doc);
/* At start, for an object that is deleted: its versions go on counting if it comes again. */
void registry_tombstone(struct registry *g, enum object_kind kind, struct str tenant, struct str id,
			uint32_t version);
/* Configurations of everything loaded, in an order in which tenants come first. */
void registry_compile_all(struct registry *g,
			  void (*config)(void *arg, struct config *c, uint32_t version), void *arg);
/* The same of one kind of one tenant. */
void registry_compile_kind(struct registry *g, enum object_kind kind, struct str tenant,
			   void (*config)(void *arg, struct config *c, uint32_t version),
			   void *arg);

/* A site file {"objects":[…]}. ERR_INVALID: result.errors says every mistake with its JSON path
 * ("$.objects[3].strategy"). */
MUST_USE enum err registry_prepare_site(struct registry *g, struct str body,
					struct registry_result *out);
/* PUT of one object: kind, tenant and id come from the path; those in the body must agree. */
MUST_USE enum err registry_prepare_put(struct registry *g, enum object_kind kind, struct str tenant,
				       struct str id, struct str body, struct registry_result *out);
/* ERR_NOT_FOUND; ERR_CONFLICT: others refer to it, errors lists them as [{"path":"flow/main",…}].
 */
MUST_USE enum err registry_prepare_delete(struct registry *g, enum object_kind kind,
					  struct str tenant, struct str id,
					  struct registry_result *out);
/* An earlier document becomes the newest version (checked like a PUT; stored hashes kept). */
MUST_USE enum err registry_prepare_rollback(struct registry *g, enum object_kind kind,
					    struct str tenant, struct str id, struct str doc,
					    struct registry_result *out);
/* The draft of this flow becomes its newest version (checked like a PUT) and is gone as a draft.
 * ERR_NOT_FOUND: there is none. */
MUST_USE enum err registry_prepare_publish(struct registry *g, struct str tenant, struct str id,
					   struct registry_result *out);
/* A stored document of any version, compiled; NULL: this version of the program cannot read it. */
struct config *registry_compile_past(struct registry *g, enum object_kind kind, struct str tenant,
				     struct str id, struct str doc);
/* What a PUT of this would say, without a change: every mistake in out->errors, and without one the
 * document compiled, also when it is the stored one. For kinds without secrets. */
MUST_USE enum err registry_try_put(struct registry *g, enum object_kind kind, struct str tenant,
				   struct str id, struct str body, struct config **config,
				   struct registry_result *out);
/* A stored object, compiled anew; NULL: there is none. */
struct config *registry_compile_one(struct registry *g, enum object_kind kind, struct str tenant,
				    struct str id, uint32_t *version);
/* The prepared changes are durable: they are the truth now. */
void registry_commit(struct registry *g, const struct registry_result *r);

/* One object as told outside: kind, tenant, id, version, its fields; no secrets. */
MUST_USE enum err registry_get(struct registry *g, enum object_kind kind, struct str tenant,
			       struct str id, struct buf *out);
/* {"items":[…],"next":…}, by id. */
MUST_USE enum err registry_list(struct registry *g, enum object_kind kind, struct str tenant,
				uint32_t limit, struct str after, struct buf *out);
/* The same; of users and queues those alone that are within it. */
MUST_USE enum err registry_list_within(struct registry *g, enum object_kind kind, struct str tenant,
				       uint32_t limit, struct str after, const struct reach *within,
				       struct buf *out);
/* A stored document (from the versions table) as told outside. */
MUST_USE enum err registry_public(struct str doc, struct buf *out);
/* Who names this object: an array of {"kind","id","paths"}, by kind and id; the paths are where, in
 * the referrer's document. ERR_NOT_FOUND. */
struct jsonw;
MUST_USE enum err registry_referrers(struct registry *g, enum object_kind kind, struct str tenant,
				     struct str id, struct jsonw *w);
/* A site file of everything (tenant empty) or one tenant, in an order that applies; secrets left
 * out, hashes too. */
void registry_export(struct registry *g, struct str tenant, struct buf *out);
/* Checks any request body against a named schema of api/openapi.yaml. ERR_INVALID: errors. */
MUST_USE enum err registry_check_body(const char *schema, struct str body, struct buf *errors);
/* Sign-in: ERR_OK when the password is right. Takes as long for unknown users. */
MUST_USE enum err registry_password(struct registry *g, struct str tenant, struct str user,
				    struct str password);
/* What must be readable to us alone: encrypted with the registry's key, as hex; and back. A box
 * that was touched or is of another key is ERR_INVALID. */
void registry_seal(const struct registry *g, struct str clear, struct buf *hex);
MUST_USE enum err registry_unseal(const struct registry *g, struct str hex, struct buf *clear);
/* How long people of a tenant stay signed in, and whether they need a second factor. */
struct sign_in_rules {
	int64_t idle_ms, max_ms; /* of a session: unused, altogether */
	uint32_t sessions_max;	 /* of one user, side by side */
	uint32_t totp_roles;	 /* BIT(enum role): who must have a second factor */
};
struct sign_in_rules registry_sign_in_rules(struct registry *g, struct str tenant);
/* Nobody was ever declared: an installation that has just been started. */
bool registry_is_fresh(const struct registry *g);
/* Roles (BIT(enum role)) and name of a user; ERR_NOT_FOUND, also for one who is disabled. */
MUST_USE enum err registry_user(struct registry *g, struct str tenant, struct str user,
				uint32_t *roles, struct str *name);
/* A supervisor who is held to teams (`supervises`): true, and whom he looks after, himself among
 * them; all in the arena. False: he is held to nothing, or nobody of that name is there. */
bool registry_reach(struct registry *g, struct str tenant, struct str user, struct arena *a,
		    struct reach *out);
/* The same of one team: its members and the queues of it; nobody when there is no such team. */
void registry_reach_team(struct registry *g, struct str tenant, struct str team, struct arena *a,
			 struct reach *out);
/* The key of the installation, 32 bytes: what registry_seal locks with. */
const uint8_t *registry_key_bytes(const struct registry *g);
bool registry_held(struct registry *g, struct str tenant, struct str user);
