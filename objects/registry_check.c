/* registry_check.c - documents among each other: names that must lead somewhere, names that only
 * one may have, who stands in the way of a deletion. See registry.h. */
#include "objects/registry_parts.h"

#include "objects/registry_rules.h"
#include "objects/schema.h"

const struct jpath *plan_place(const struct plan *p, const struct staged *s, struct place *place)
{
	*place = (struct place){0};
	if (!p->site)
		return &place->root;
	place->objects = (struct jpath){.up = &place->root, .key = "objects"};
	place->item = (struct jpath){.up = &place->objects, .index = s->index};
	return &place->item;
}

const json_t *plan_find(const struct plan *p, enum object_kind kind, struct str tenant,
			struct str id)
{
	char room[REGISTRY_KEY_MAX];
	struct str key = registry_key(room, kind, tenant, id);
	const struct staged *s = map_get(&p->by_key, key);
	if (s)
		return s->doc;
	const struct entry *e = map_get(&p->g->entries, key);
	return e ? e->doc : NULL;
}

static struct str domain_of(const json_t *doc, struct str tenant)
{
	const json_t *domain = json_object_get(doc, "domain");
	return json_is_string(domain) ? json_str(domain) : tenant;
}

struct str plan_domain(const struct plan *p, struct str tenant)
{
	return domain_of(plan_find(p, KIND_tenant, tenant, tenant), tenant);
}

struct ref_check {
	struct plan *p;
	const struct staged *s;
};

static void ref_must_exist(void *arg, enum object_kind kind, struct str id, const struct jpath *at)
{
	struct ref_check *c = arg;
	if (plan_find(c->p, kind, c->s->tenant, id))
		return;
	if (kind == KIND_draft && plan_find(c->p, KIND_flow, c->s->tenant, id))
		return;
	struct str word = object_kind_word(kind);
	mistake(&c->p->m, at, "there is no " STR_FMT " '" STR_FMT "' in tenant '" STR_FMT "'",
		STR_ARG(word), STR_ARG(id), STR_ARG(c->s->tenant));
}

/* -- what only one may have: a number over all tenants, a domain over all tenants -- */

static struct str unique_key(struct arena *a, enum object_kind kind, struct str tenant,
			     struct str id, const json_t *doc)
{
	char mark = kind == KIND_number ? 'n' : 'd';
	struct str s = kind == KIND_number ? id : domain_of(doc, tenant);
	char *p = arena_alloc(a, s.n + 1);
	p[0] = mark;
	if (s.n)
		memcpy(p + 1, s.p, s.n);
	return str_make(p, s.n + 1);
}

/* False: another tenant has it already. */
static bool claim(struct map *owners, struct str key, const struct str *tenant)
{
	const struct str *owner = map_get(owners, key);
	if (owner)
		return str_eq(*owner, *tenant);
	CHECK(map_add(owners, key, (void *)tenant) == ERR_OK);
	return true;
}

static bool is_unique_kind(enum object_kind kind)
{
	return kind == KIND_number || kind == KIND_tenant;
}

static void check_unique(struct plan *p)
{
	struct map owners;
	uint32_t at = 0;
	struct entry *e;
	map_init(&owners, randombytes_random());
	while ((e = map_next(&p->g->entries, &at))) {
		if (!is_unique_kind(e->kind) || !e->doc || map_get(&p->by_key, e->key))
			continue;
		struct str key = unique_key(&p->arena, e->kind, e->tenant, e->id, e->doc);
		(void)claim(&owners, key, &e->tenant);
	}
	for (uint32_t i = 0; i < p->count; i++) {
		const struct staged *s = &p->staged[i];
		struct place place;
		if (!is_unique_kind(s->kind) || !s->id.n)
			continue;
		const struct jpath *up = plan_place(p, s, &place);
		const bool number = s->kind == KIND_number;
		const struct jpath field = {.up = up, .key = number ? "id" : "domain"};
		struct str key = unique_key(&p->arena, s->kind, s->tenant, s->id, s->doc);
		if (!claim(&owners, key, &s->tenant))
			mistake(&p->m, &field, "%s '" STR_FMT "' belongs to another tenant",
				number ? "the number" : "the domain", STR_ARG(str_from(key, 1)));
	}
	map_finish(&owners);
}

/* -- a tenant's domain is part of every stored SIP password -- */

static void check_domain_kept(struct plan *p, const struct staged *s, const struct jpath *at)
{
	const json_t *before = s->old ? s->old->doc : NULL;
	struct str domain = domain_of(s->doc, s->id);
	if (!before || str_eq(domain_of(before, s->id), domain))
		return;
	char text[300];
	struct buf names = buf_make(text, sizeof text);
	uint32_t map_at = 0, more = 0;
	struct entry *e;
	while ((e = map_next(&p->g->entries, &map_at))) {
		if (e->kind != KIND_user || !e->doc || !str_eq(e->tenant, s->id) ||
		    map_get(&p->by_key, e->key) || !secrets_of_other_domain(e->doc, domain))
			continue;
		if (names.n + e->id.n + 30 < sizeof text) {
			buf_c(&names, names.n ? ", " : "");
			buf_put(&names, e->id);
		} else {
			more++;
		}
	}
	const struct jpath place = {.up = at, .key = "domain"};
	if (more)
		buf_fmt(&names, " and %u more", more);
	if (names.n)
		mistake(&p->m, &place,
			"cannot change alone: SIP passwords were made for the old domain; apply it "
			"in one site file with sip_password of " STR_FMT,
			STR_ARG(buf_str(&names)));
}

static bool tenant_sound(const struct plan *p, struct str tenant)
{
	char room[REGISTRY_KEY_MAX];
	const struct staged *s =
		map_get(&p->by_key, registry_key(room, KIND_tenant, tenant, tenant));
	return !s || s->sound;
}

static void check_user_domain(struct plan *p, const struct staged *s, const struct jpath *at)
{
	const struct jpath place = {.up = at, .key = "sip_password"};
	struct str domain = plan_domain(p, s->tenant);
	if (!tenant_sound(p, s->tenant))
		return; /* nobody knows which domain was meant */
	if (!json_object_get(s->doc, "sip_password") && secrets_of_other_domain(s->keep, domain))
		mistake(&p->m, &place,
			"is required: the stored one was made for another domain than '" STR_FMT
			"'",
			STR_ARG(domain));
}

static void check_one(struct plan *p, const struct staged *s)
{
	struct place place;
	const struct jpath *at = plan_place(p, s, &place);
	const struct jpath tenant = {.up = at, .key = "tenant"};
	struct ref_check refs = {p, s};
	const bool homeless =
		s->kind != KIND_tenant && !plan_find(p, KIND_tenant, s->tenant, s->tenant);
	if (homeless)
		mistake(&p->m, &tenant, "there is no tenant '" STR_FMT "'", STR_ARG(s->tenant));
	rules_check(s->kind, s->doc, at, &p->m);
	if (!homeless)
		refs_each(s->kind, s->doc, at, ref_must_exist, &refs);
	if (s->kind == KIND_tenant)
		check_domain_kept(p, s, at);
	if (s->kind == KIND_user)
		check_user_domain(p, s, at);
	if (s->same) /* last: a place is named once, and this is all of it */
		mistake(&p->m, at, "is the same object as $.objects[%zu]", s->same->index);
}

void plan_check(struct plan *p)
{
	bool unique = false;
	for (uint32_t i = 0; i < p->count; i++) {
		check_one(p, &p->staged[i]);
		unique |= is_unique_kind(p->staged[i].kind);
	}
	if (unique)
		check_unique(p);
	plan_check_flows(p);
}

/* -- deleting -- */

struct referrer {
	const struct registry *g;
	const struct entry *target, *from;
	struct mistakes *m;
	bool told;
};

/* A test number names a flow or its draft: whichever is the only one left must stay. */
static bool stands_on(const struct referrer *r, enum object_kind kind)
{
	const enum object_kind target = r->target->kind;
	if (kind != KIND_draft)
		return kind == target;
	if (target != KIND_draft && target != KIND_flow)
		return false;
	const struct entry *other =
		registry_entry(r->g, target == KIND_flow ? KIND_draft : KIND_flow,
			       r->target->tenant, r->target->id);
	return !other || !other->doc;
}

static void tell_referrer(void *arg, enum object_kind kind, struct str id, const struct jpath *at)
{
	struct referrer *r = arg;
	if (r->told || !str_eq(id, r->target->id) || !stands_on(r, kind))
		return;
	struct buf path = buf_grow(128), text = buf_grow(128);
	buf_put(&path, object_kind_word(r->from->kind));
	buf_ch(&path, '/');
	buf_put(&path, r->from->id);
	buf_c(&text, "refers to it in ");
	jpath_text(at, &text);
	mistake_at(r->m, buf_str(&path), buf_str(&text));
	buf_free(&path);
	buf_free(&text);
	r->told = true; /* once a referrer is enough */
}

struct naming {
	struct referrer r;
	struct jsonw *w;
	bool open;
};

static void tell_naming(void *arg, enum object_kind kind, struct str id, const struct jpath *at)
{
	struct naming *n = arg;
	const struct entry *from = n->r.from;
	if (!str_eq(id, n->r.target->id) || !stands_on(&n->r, kind))
		return;
	if (!n->open) {
		jsonw_open(n->w, '{');
		jsonw_kstr(n->w, "kind", object_kind_word(from->kind));
		jsonw_kstr(n->w, "id", from->id);
		jsonw_key(n->w, "paths");
		jsonw_open(n->w, '[');
		n->open = true;
	}
	struct buf path = buf_grow(128);
	jpath_text(at, &path);
	jsonw_str(n->w, buf_str(&path));
	buf_free(&path);
}

enum err registry_referrers(struct registry *g, enum object_kind kind, struct str tenant,
			    struct str id, struct jsonw *w)
{
	const struct entry *e = registry_entry(g, kind, tenant, id);
	const struct jpath root = {0};
	struct arena arena;
	uint32_t n;
	if (!e || !e->doc)
		return ERR_NOT_FOUND;
	arena_init(&arena);
	struct entry **all = registry_sorted(g, &arena, tenant, KIND_COUNT, &n);
	jsonw_open(w, '[');
	for (uint32_t i = 0; i < n; i++) {
		struct naming one = {.r = {.g = g, .target = e, .from = all[i]}, .w = w};
		if (all[i] != e)
			refs_each(all[i]->kind, all[i]->doc, &root, tell_naming, &one);
		if (one.open) {
			jsonw_close(w, ']');
			jsonw_close(w, '}');
		}
	}
	jsonw_close(w, ']');
	arena_finish(&arena);
	return ERR_OK;
}

static void tell_member(const struct entry *e, struct mistakes *m)
{
	struct buf path = buf_grow(128);
	buf_put(&path, object_kind_word(e->kind));
	buf_ch(&path, '/');
	buf_put(&path, e->id);
	mistake_at(m, buf_str(&path), STR("belongs to it"));
	buf_free(&path);
}

void refuse_delete(const struct registry *g, const struct entry *e, struct mistakes *m)
{
	const struct jpath root = {0};
	struct arena arena;
	uint32_t n;
	arena_init(&arena);
	struct entry **all = registry_sorted(g, &arena, e->tenant, KIND_COUNT, &n);
	if (e->kind == KIND_tenant && str_is(e->id, "system"))
		mistake_at(m, STR("tenant/system"), STR("is built in"));
	for (uint32_t i = 0; i < n; i++) {
		struct referrer r = {.g = g, .target = e, .from = all[i], .m = m};
		if (all[i] == e)
			continue;
		if (e->kind == KIND_tenant)
			tell_member(all[i], m);
		else
			refs_each(all[i]->kind, all[i]->doc, &root, tell_referrer, &r);
	}
	arena_finish(&arena);
}
