/*
 * registry.c - the table of declared objects and what becomes of a prepared request; see
 * registry.h. Preparing is in registry_prepare.c, telling in registry_told.c.
 */
#include "objects/registry_parts.h"

#include <stdlib.h>

#include "objects/config_compile.h"
#include "objects/registry_rules.h"
#include "objects/schema.h"

/* Unless the tenant says otherwise. */
#define SESSION_IDLE_S 1800
#define SESSION_MAX_S 43200
#define SESSIONS_MAX 50

struct str registry_key(char room[REGISTRY_KEY_MAX], enum object_kind kind, struct str tenant,
			struct str id)
{
	struct buf b = buf_make(room, REGISTRY_KEY_MAX);
	buf_ch(&b, (char)('A' + (int)kind));
	buf_put(&b, kind == KIND_tenant ? id : tenant);
	buf_ch(&b, '/'); /* in no id */
	buf_put(&b, id);
	return b.full ? STR_NONE : buf_str(&b);
}

struct entry *registry_entry(const struct registry *g, enum object_kind kind, struct str tenant,
			     struct str id)
{
	char room[REGISTRY_KEY_MAX];
	return map_get(&g->entries, registry_key(room, kind, tenant, id));
}

/* The entry of this name, made when it is not there; NULL when the name is too long. */
static struct entry *entry_for(struct registry *g, enum object_kind kind, struct str tenant,
			       struct str id)
{
	char room[REGISTRY_KEY_MAX];
	struct str key = registry_key(room, kind, tenant, id);
	struct entry *e = map_get(&g->entries, key);
	if (e || !key.n)
		return e;
	e = xcalloc(1, sizeof *e);
	e->kind = kind;
	e->key = str_make(str_dup(key), key.n);
	e->id = str_from(e->key, key.n - id.n);
	e->tenant = kind == KIND_tenant ? e->id : str_make(e->key.p + 1, key.n - id.n - 2);
	CHECK(map_add(&g->entries, e->key, e) == ERR_OK);
	return e;
}

static void set_doc(struct entry *e, json_t *doc, uint32_t version)
{
	json_decref(e->doc);
	e->doc = doc;
	e->version = version;
}

struct registry *registry_create(const uint8_t key[32])
{
	struct registry *g = xcalloc(1, sizeof *g);
	CHECK(sodium_init() >= 0);
	map_init(&g->entries, (uint64_t)randombytes_random() << 32 | randombytes_random());
	memcpy(g->key, key, sizeof g->key);
	/* .invalid is nobody's domain (RFC 6761 section 6.4): no phone registers there by chance */
	struct entry *system = entry_for(g, KIND_tenant, STR("system"), STR("system"));
	set_doc(system,
		json_pack("{s:s,s:s,s:s,s:s}", "kind", "tenant", "id", "system", "name", "System",
			  "domain", "system.invalid"),
		0);
	return g;
}

void registry_destroy(struct registry *g)
{
	if (!g)
		return;
	uint32_t at = 0;
	struct entry *e;
	while ((e = map_next(&g->entries, &at))) {
		json_decref(e->doc);
		free((char *)e->key.p);
		free(e);
	}
	map_finish(&g->entries);
	sodium_memzero(g->key, sizeof g->key);
	free(g);
}

/* -- from the store -- */

/* A time zone that this machine does not know makes no document unreadable: it counts as UTC. */
static bool readable(enum object_kind kind, const json_t *doc)
{
	const struct jpath root = {0};
	struct mistakes m = mistakes_begin(NULL);
	json_t *told = json_deep_copy(doc);
	secrets_strip(told);
	schema_check(registry_schema(kind), told, &root, &m);
	if (m.count == 0 && kind != KIND_tenant)
		rules_check(kind, told, &root, &m);
	json_decref(told);
	return m.count == 0;
}

enum err registry_load(struct registry *g, enum object_kind kind, struct str tenant, struct str id,
		       uint32_t version, struct str doc)
{
	struct mistakes m = mistakes_begin(NULL);
	json_t *parsed = json_body_parse(doc, &m);
	struct entry *e = entry_for(g, kind, tenant, id);
	bool good = e && parsed && readable(kind, parsed);
	if (!good) {
		json_decref(parsed);
		parsed = NULL;
	}
	if (e) /* versions go on from an unreadable one too */
		set_doc(e, parsed, version);
	return good ? ERR_OK : ERR_INVALID;
}

void registry_tombstone(struct registry *g, enum object_kind kind, struct str tenant, struct str id,
			uint32_t version)
{
	struct entry *e = entry_for(g, kind, tenant, id);
	if (e)
		set_doc(e, NULL, version);
}

static int entry_order(const void *a, const void *b)
{
	const struct entry *x = *(struct entry *const *)a, *y = *(struct entry *const *)b;
	if (x->kind != y->kind)
		return (int)x->kind - (int)y->kind;
	int d = str_cmp(x->tenant, y->tenant);
	return d ? d : str_cmp(x->id, y->id);
}

struct entry **registry_sorted(const struct registry *g, struct arena *a, struct str tenant,
			       unsigned kind, uint32_t *count)
{
	struct entry **list = arena_alloc(a, sizeof(void *) * g->entries.count);
	uint32_t at = 0, n = 0;
	struct entry *e;
	while ((e = map_next(&g->entries, &at)))
		if (e->doc && (kind == KIND_COUNT || e->kind == kind) &&
		    (!tenant.n || str_eq(e->tenant, tenant)))
			list[n++] = e;
	qsort(list, n, sizeof(void *), entry_order);
	*count = n;
	return list;
}

struct config *registry_compile(const struct registry *g, enum object_kind kind, struct str tenant,
				struct str id, const json_t *doc)
{
	struct arena scratch;
	arena_init(&scratch);
	struct str secret = kind == KIND_trunk ? secrets_open(g, doc, &scratch) : STR_NONE;
	struct config *c = config_compile(kind, tenant, id, doc, secret);
	if (secret.n)
		sodium_memzero((char *)secret.p, secret.n);
	arena_finish(&scratch);
	return c;
}

struct config *registry_compile_past(struct registry *g, enum object_kind kind, struct str tenant,
				     struct str id, struct str doc)
{
	struct mistakes m = mistakes_begin(NULL);
	json_t *parsed = json_body_parse(doc, &m);
	struct config *c = NULL;
	if (parsed && readable(kind, parsed))
		c = registry_compile(g, kind, tenant, id, parsed);
	json_decref(parsed);
	return c;
}

static void compile_some(struct registry *g, unsigned kind, struct str tenant,
			 void (*config)(void *arg, struct config *c, uint32_t version), void *arg)
{
	struct arena scratch;
	uint32_t n;
	arena_init(&scratch);
	struct entry **all = registry_sorted(g, &scratch, tenant, kind, &n);
	for (uint32_t i = 0; i < n; i++)
		config(arg,
		       registry_compile(g, all[i]->kind, all[i]->tenant, all[i]->id, all[i]->doc),
		       all[i]->version);
	arena_finish(&scratch);
}

void registry_compile_all(struct registry *g,
			  void (*config)(void *arg, struct config *c, uint32_t version), void *arg)
{
	compile_some(g, KIND_COUNT, STR_NONE, config, arg);
}

void registry_compile_kind(struct registry *g, enum object_kind kind, struct str tenant,
			   void (*config)(void *arg, struct config *c, uint32_t version), void *arg)
{
	compile_some(g, kind, tenant, config, arg);
}

struct config *registry_compile_one(struct registry *g, enum object_kind kind, struct str tenant,
				    struct str id, uint32_t *version)
{
	const struct entry *e = registry_entry(g, kind, tenant, id);
	if (!e || !e->doc)
		return NULL;
	*version = e->version;
	return registry_compile(g, kind, e->tenant, e->id, e->doc);
}

/* -- what was prepared becomes true -- */

void registry_commit(struct registry *g, const struct registry_result *r)
{
	for (uint32_t i = 0; i < r->change_count; i++) {
		const struct registry_change *c = &r->changes[i];
		struct entry *e = entry_for(g, c->kind, c->tenant, c->id);
		json_t *doc = NULL;
		if (c->doc.n)
			doc = json_loadb(c->doc.p, c->doc.n, 0, NULL);
		CHECK(e && (doc || !c->doc.n)); /* we wrote it ourselves */
		set_doc(e, doc, c->version);
	}
}

void registry_result_finish(struct registry_result *r)
{
	for (uint32_t i = 0; i < r->change_count; i++)
		config_free(r->changes[i].config);
	buf_free(&r->errors);
	arena_finish(&r->arena);
	*r = (struct registry_result){0};
}

/* -- signing in -- */

/* Of 32 random bytes that were thrown away: verified, and refused, for users that do not exist, so
 * that they take as long as others. As costly as what registry_secrets.c makes. */
#define NOBODY_HASH                                                                                \
	"$argon2id$v=19$m=19456,t=2,p=1$1M78DaPLWtysAKDoQ"                                         \
	"z8BJA$Aw9QDnP9UbKzZp3O11HeKi2aZHZ82FG5f6oWAkEfz5U"

static bool is_disabled(const struct entry *e)
{
	return e && json_is_true(json_object_get(e->doc, "disabled"));
}

enum err registry_password(struct registry *g, struct str tenant, struct str user,
			   struct str password)
{
	const struct entry *e = registry_entry(g, KIND_user, tenant, user);
	const json_t *hash = e ? json_object_get(e->doc, "password_hash") : NULL;
	static const char nobody[crypto_pwhash_STRBYTES] = NOBODY_HASH;
	const char *text = hash ? json_string_value(hash) : nobody;
	int wrong = crypto_pwhash_str_verify(text, password.p ? password.p : "", password.n);
	return wrong || !hash || is_disabled(e) ? ERR_UNAUTHORIZED : ERR_OK;
}

struct sign_in_rules registry_sign_in_rules(struct registry *g, struct str tenant)
{
	const struct entry *e = registry_entry(g, KIND_tenant, tenant, tenant);
	const json_t *idle = e ? json_object_get(e->doc, "session_idle_s") : NULL,
		     *max = e ? json_object_get(e->doc, "session_max_s") : NULL,
		     *many = e ? json_object_get(e->doc, "sessions_max") : NULL;
	const struct str totp = json_str(e ? json_object_get(e->doc, "totp") : NULL);
	return (struct sign_in_rules){
		.idle_ms = 1000 * (idle ? json_integer_value(idle) : SESSION_IDLE_S),
		.max_ms = 1000 * (max ? json_integer_value(max) : SESSION_MAX_S),
		.sessions_max = many ? (uint32_t)json_integer_value(many) : SESSIONS_MAX,
		.totp_roles = str_is(totp, "all")      ? UINT32_MAX
			      : str_is(totp, "admins") ? BIT(ROLE_ADMIN)
						       : 0,
	};
}

bool registry_is_fresh(const struct registry *g)
{
	uint32_t at = 0;
	for (const struct entry *e; (e = map_next(&g->entries, &at));)
		if (e->kind == KIND_user)
			return false;
	return true;
}

enum err registry_user(struct registry *g, struct str tenant, struct str user, uint32_t *roles,
		       struct str *name)
{
	const struct entry *e = registry_entry(g, KIND_user, tenant, user);
	if (!e || !e->doc || is_disabled(e))
		return ERR_NOT_FOUND;
	const json_t *said = json_object_get(e->doc, "name");
	*roles = config_roles(json_object_get(e->doc, "roles"));
	*name = said ? json_str(said) : e->id;
	return ERR_OK;
}
