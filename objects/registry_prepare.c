/* registry_prepare.c - a request becomes a list of changes, or of mistakes; see registry.h. */
#include "objects/registry_parts.h"

#include <stdlib.h>

#include "objects/forms.h"
#include "objects/schema.h"

const struct schema *registry_schema(enum object_kind kind)
{
	static const char *const names[KIND_COUNT] = {
		"Tenant",    "Trunk", "Number", "Skill",       "Reason", "Outcome",
		"Prompt",    "Hours", "Queue",	"User",	       "Flow",	 "Draft",
		"MassEvent", "Field", "Team",	"SavedReport", "Alert",	 "Wallboard"};
	return schema_get(schema_house(), names[kind]);
}

static void plan_begin(struct plan *p, struct registry *g, struct registry_result *out)
{
	*out = (struct registry_result){0};
	arena_init(&out->arena);
	out->errors = buf_grow(256);
	*p = (struct plan){.g = g};
	arena_init(&p->arena);
	map_init(&p->by_key, randombytes_random());
	p->m = mistakes_begin(&out->errors);
}

static void plan_end(struct plan *p)
{
	for (uint32_t i = 0; i < p->count; i++)
		json_decref(p->staged[i].doc);
	mistakes_end(&p->m);
	map_finish(&p->by_key);
	arena_finish(&p->arena);
}

/* {"kind","tenant","id"} and then the fields as given; our own copy. */
static json_t *identified(enum object_kind kind, struct str tenant, struct str id,
			  const json_t *given)
{
	json_t *doc = json_object();
	struct str word = object_kind_word(kind);
	const char *key;
	json_t *value;
	json_object_set_new(doc, "kind", json_stringn(word.p, word.n));
	if (kind != KIND_tenant)
		json_object_set_new(doc, "tenant", json_stringn(tenant.p, tenant.n));
	json_object_set_new(doc, "id", json_stringn(id.p, id.n));
	json_object_foreach((json_t *)given, key, value)
	{
		bool ours = strcmp(key, "kind") == 0 || strcmp(key, "tenant") == 0 ||
			    strcmp(key, "id") == 0 || strcmp(key, "version") == 0;
		if (!ours)
			json_object_set_new(doc, key, json_deep_copy(value));
	}
	return doc;
}

/* What has no possible name is looked at, but nobody finds it: its schema has said why. */
static void stage(struct plan *p, struct staged s, const json_t *given)
{
	char room[REGISTRY_KEY_MAX];
	struct str key = registry_key(room, s.kind, s.tenant, s.id);
	struct staged *to = &p->staged[p->count++];
	*to = s;
	to->tenant = arena_copy(&p->arena, s.kind == KIND_tenant ? s.id : s.tenant);
	to->id = arena_copy(&p->arena, s.id);
	to->key = arena_copy(&p->arena, key);
	to->same = map_get(&p->by_key, key);
	to->old = map_get(&p->g->entries, key);
	if (!to->keep && to->old)
		to->keep = to->old->doc;
	to->doc = identified(to->kind, to->tenant, to->id, given);
	if (key.n && s.id.n && to->tenant.n && !to->same)
		CHECK(map_add(&p->by_key, to->key, to) == ERR_OK);
}

/* -- from what was found good to changes -- */

void registry_put_json(struct buf *out, const json_t *doc, size_t flags)
{
	size_t n = json_dumpb(doc, NULL, 0, flags);
	char *text = xcalloc(1, n + 1);
	CHECK(json_dumpb(doc, text, n, flags) == n);
	buf_put(out, str_make(text, n));
	free(text);
}

/* Uploaded sounds stay when a document does not speak of them; an empty object takes them away. */
static void keep_sounds(json_t *doc, const json_t *keep)
{
	json_t *given = json_object_get(doc, "audio"), *had = json_object_get(keep, "audio");
	if (!given && had)
		json_object_set_new(doc, "audio", json_deep_copy(had));
	else if (given && !json_object_size(given))
		json_object_del(doc, "audio");
}

static enum err add_change(struct plan *p, struct staged *s, struct registry_result *out)
{
	const json_t *before = s->old ? s->old->doc : NULL;
	enum err e = secrets_apply(p->g, s, plan_domain(p, s->tenant));
	if (e != ERR_OK)
		return e;
	if (s->kind == KIND_prompt)
		keep_sounds(s->doc, s->keep);
	if (before && json_equal(before, s->doc)) {
		out->unchanged++;
		return ERR_OK;
	}
	bool stored = before && s->old->version > 0; /* the built-in tenant is not, at first */
	struct buf text = buf_grow(512);
	registry_put_json(&text, s->doc, JSON_COMPACT);
	out->changes[out->change_count++] = (struct registry_change){
		.kind = s->kind,
		.tenant = arena_copy(&out->arena, s->tenant),
		.id = arena_copy(&out->arena, s->id),
		.version = s->old ? s->old->version + 1 : 1,
		.op = p->op    ? p->op
		      : stored ? "updated"
			       : "created",
		.config = registry_compile(p->g, s->kind, s->tenant, s->id, s->doc),
		.doc = arena_copy(&out->arena, buf_str(&text)),
	};
	buf_free(&text);
	return ERR_OK;
}

static enum err plan_finish(struct plan *p, struct registry_result *out)
{
	enum err e = p->m.count ? ERR_INVALID : ERR_OK;
	if (e == ERR_OK)
		/* one more: what is published is no draft any more */
		out->changes = arena_alloc(&out->arena, sizeof *out->changes * (p->count + 1));
	/* tenants first, then in order of kind: who hears of a queue knows its tenant already */
	for (unsigned kind = 0; kind < KIND_COUNT; kind++)
		for (uint32_t i = 0; e == ERR_OK && i < p->count; i++)
			if (p->staged[i].kind == kind)
				e = add_change(p, &p->staged[i], out);
	plan_end(p);
	if (e != ERR_OK)
		out->unchanged = 0;
	return e;
}

/* -- a site file -- */

static void stage_site_object(struct plan *p, const json_t *given, size_t index,
			      const struct jpath *at)
{
	struct staged s = {.index = index};
	const struct jpath tenant = {.up = at, .key = "tenant"};
	uint32_t before = p->m.count;
	schema_check(schema_get(schema_house(), "SiteObject"), given, at, &p->m);
	if (object_kind_from(json_str(json_object_get(given, "kind")), &s.kind) != ERR_OK)
		return; /* the schema has said so */
	s.id = json_str(json_object_get(given, "id"));
	s.tenant = json_str(json_object_get(given, "tenant"));
	if (s.kind != KIND_tenant && !json_object_get(given, "tenant"))
		mistake(&p->m, &tenant, "is required");
	s.sound = p->m.count == before;
	stage(p, s, given);
}

enum err registry_prepare_site(struct registry *g, struct str body, struct registry_result *out)
{
	struct plan p;
	struct place place;
	const struct staged nobody = {0};
	plan_begin(&p, g, out);
	p.site = true;
	json_t *root = json_body_parse(body, &p.m);
	const json_t *objects = json_object_get(root, "objects");
	if (root) {
		/* the list is looked at one by one below, to know which of them are sound */
		json_t *frame = json_copy(root);
		if (json_is_array(objects))
			json_object_set_new(frame, "objects", json_array());
		plan_place(&p, &nobody, &place);
		schema_check(schema_get(schema_house(), "SiteFile"), frame, &place.root, &p.m);
		json_decref(frame);
	}
	size_t n = json_array_size(objects);
	p.staged = arena_alloc(&p.arena, sizeof *p.staged * n);
	for (size_t i = 0; i < n; i++) {
		const struct staged at = {.index = i};
		const struct jpath *up = plan_place(&p, &at, &place);
		stage_site_object(&p, json_array_get(objects, i), i, up);
	}
	plan_check(&p);
	enum err e = plan_finish(&p, out);
	json_decref(root);
	return e;
}

/* -- one object -- */

static void must_agree(struct plan *p, const json_t *given, const char *key, struct str want)
{
	const struct jpath root = {0}, place = {.up = &root, .key = key};
	const json_t *v = json_object_get(given, key);
	if (json_is_string(v) && !str_eq(json_str(v), want))
		mistake(&p->m, &place, "must be '" STR_FMT "' as in the address", STR_ARG(want));
}

static void stage_one(struct plan *p, struct staged s, const json_t *given)
{
	const struct jpath root = {0}, id = {.up = &root, .key = "id"};
	uint32_t before = p->m.count;
	schema_check(registry_schema(s.kind), given, &root, &p->m);
	must_agree(p, given, "id", s.id);
	if (s.kind != KIND_tenant)
		must_agree(p, given, "tenant", s.tenant);
	if (!(s.kind == KIND_number ? form_number(s.id) : form_id(s.id)))
		mistake(&p->m, &id, s.kind == KIND_number ? "is no number" : "is no possible id");
	s.sound = p->m.count == before;
	p->staged = arena_alloc(&p->arena, sizeof *p->staged);
	stage(p, s, given);
}

static bool tenant_lives(const struct registry *g, enum object_kind kind, struct str tenant)
{
	const struct entry *e = registry_entry(g, KIND_tenant, tenant, tenant);
	return kind == KIND_tenant || (e && e->doc);
}

enum err registry_prepare_put(struct registry *g, enum object_kind kind, struct str tenant,
			      struct str id, struct str body, struct registry_result *out)
{
	struct plan p;
	plan_begin(&p, g, out);
	if (!tenant_lives(g, kind, tenant)) {
		plan_end(&p);
		return ERR_NOT_FOUND;
	}
	json_t *given = json_body_parse(body, &p.m);
	if (given)
		stage_one(&p, (struct staged){.kind = kind, .tenant = tenant, .id = id}, given);
	plan_check(&p);
	enum err e = plan_finish(&p, out);
	json_decref(given);
	return e;
}

enum err registry_try_put(struct registry *g, enum object_kind kind, struct str tenant,
			  struct str id, struct str body, struct config **config,
			  struct registry_result *out)
{
	struct plan p;
	plan_begin(&p, g, out);
	if (!tenant_lives(g, kind, tenant)) {
		plan_end(&p);
		return ERR_NOT_FOUND;
	}
	json_t *given = json_body_parse(body, &p.m);
	if (given)
		stage_one(&p, (struct staged){.kind = kind, .tenant = tenant, .id = id}, given);
	plan_check(&p);
	enum err e = p.m.count ? ERR_INVALID : ERR_OK;
	if (e == ERR_OK)
		*config = registry_compile(g, kind, tenant, id, p.staged[0].doc);
	plan_end(&p);
	json_decref(given);
	return e;
}

enum err registry_prepare_rollback(struct registry *g, enum object_kind kind, struct str tenant,
				   struct str id, struct str doc, struct registry_result *out)
{
	struct plan p;
	const struct entry *now = registry_entry(g, kind, tenant, id);
	plan_begin(&p, g, out);
	if (!tenant_lives(g, kind, tenant)) {
		plan_end(&p);
		return ERR_NOT_FOUND;
	}
	p.op = "rolled_back";
	json_t *stored = json_body_parse(doc, &p.m);
	json_t *told = json_deep_copy(stored);
	if (told) {
		/* Secrets of today stay: a rollback must not bring a password back that was changed
		 * because it had leaked. Those of the old document come with a deleted object. */
		secrets_strip(told);
		if (kind == KIND_prompt && !json_object_get(told, "audio"))
			json_object_set_new(told, "audio", json_object());
		stage_one(&p,
			  (struct staged){.kind = kind,
					  .tenant = tenant,
					  .id = id,
					  .keep = now && now->doc ? now->doc : stored},
			  told);
	}
	plan_check(&p);
	enum err e = plan_finish(&p, out);
	json_decref(told);
	json_decref(stored);
	return e;
}

static struct registry_change deleted(const struct entry *e, struct arena *a)
{
	return (struct registry_change){
		.kind = e->kind,
		.tenant = arena_copy(a, e->tenant),
		.id = arena_copy(a, e->id),
		.version = e->version + 1,
		.op = "deleted",
	};
}

enum err registry_prepare_publish(struct registry *g, struct str tenant, struct str id,
				  struct registry_result *out)
{
	struct plan p;
	const struct entry *draft = registry_entry(g, KIND_draft, tenant, id);
	plan_begin(&p, g, out);
	if (!tenant_lives(g, KIND_flow, tenant) || !draft || !draft->doc) {
		plan_end(&p);
		return ERR_NOT_FOUND;
	}
	p.op = "published";
	json_t *given = json_deep_copy(draft->doc);
	json_object_del(given, "kind");
	stage_one(&p, (struct staged){.kind = KIND_flow, .tenant = tenant, .id = id}, given);
	plan_check(&p);
	enum err e = plan_finish(&p, out);
	if (e == ERR_OK)
		out->changes[out->change_count++] = deleted(draft, &out->arena);
	json_decref(given);
	return e;
}

enum err registry_prepare_delete(struct registry *g, enum object_kind kind, struct str tenant,
				 struct str id, struct registry_result *out)
{
	struct plan p;
	const struct entry *now = registry_entry(g, kind, tenant, id);
	plan_begin(&p, g, out);
	enum err e = now && now->doc ? ERR_OK : ERR_NOT_FOUND;
	if (e == ERR_OK) {
		refuse_delete(g, now, &p.m);
		e = p.m.count ? ERR_CONFLICT : ERR_OK;
	}
	if (e == ERR_OK) {
		out->changes = arena_alloc(&out->arena, sizeof *out->changes);
		out->changes[out->change_count++] = deleted(now, &out->arena);
	}
	plan_end(&p);
	return e;
}

enum err registry_check_body(const char *schema, struct str body, struct buf *errors)
{
	const struct jpath root = {0};
	const struct schema *s = schema_get(schema_house(), schema);
	struct mistakes m = mistakes_begin(errors);
	CHECK(s); /* our own routes name them */
	json_t *given = json_body_parse(body, &m);
	if (given)
		schema_check(s, given, &root, &m);
	json_decref(given);
	mistakes_end(&m);
	return m.count ? ERR_INVALID : ERR_OK;
}
