/* registry_told.c - objects as told outside: without secrets; see registry.h. */
#include "objects/registry_parts.h"

#include "objects/schema.h"

#define LIST_DEFAULT 50u
#define LIST_MAX 500u
/* 15 digits give back every decimal number as it was written */
#define TOLD (JSON_COMPACT | JSON_REAL_PRECISION(15))

/* Identity first, then the version (0: left out), then the fields. A new value. */
static json_t *told(const json_t *doc, uint32_t version)
{
	static const char *const first[] = {"kind", "tenant", "id"};
	json_t *out = json_object();
	const char *key;
	json_t *value;
	for (size_t i = 0; i < COUNT_OF(first); i++) {
		value = json_object_get(doc, first[i]);
		if (value)
			json_object_set_new(out, first[i], json_deep_copy(value));
	}
	if (version)
		json_object_set_new(out, "version", json_integer(version));
	json_object_foreach((json_t *)doc, key, value)
		json_object_set_new(out, key, json_deep_copy(value));
	secrets_strip(out);
	return out;
}

static void put_told(struct buf *out, const json_t *doc, uint32_t version)
{
	json_t *shown = told(doc, version);
	registry_put_json(out, shown, TOLD);
	json_decref(shown);
}

enum err registry_get(struct registry *g, enum object_kind kind, struct str tenant, struct str id,
		      struct buf *out)
{
	const struct entry *e = registry_entry(g, kind, tenant, id);
	if (!e || !e->doc)
		return ERR_NOT_FOUND;
	put_told(out, e->doc, e->version);
	return ERR_OK;
}

static bool is_within(const struct reach *r, const struct entry *e)
{
	return e->kind == KIND_user    ? reach_agent(r, e->id)
	       : e->kind == KIND_queue ? reach_queue(r, e->id)
				       : true;
}

enum err registry_list(struct registry *g, enum object_kind kind, struct str tenant, uint32_t limit,
		       struct str after, struct buf *out)
{
	return registry_list_within(g, kind, tenant, limit, after, NULL, out);
}

enum err registry_list_within(struct registry *g, enum object_kind kind, struct str tenant,
			      uint32_t limit, struct str after, const struct reach *within,
			      struct buf *out)
{
	const struct entry *owner = registry_entry(g, KIND_tenant, tenant, tenant);
	if (kind != KIND_tenant && !(owner && owner->doc))
		return ERR_NOT_FOUND;
	struct arena scratch;
	uint32_t n, shown = 0, i = 0;
	limit = limit == 0 ? LIST_DEFAULT : MIN(limit, LIST_MAX);
	arena_init(&scratch);
	struct entry **all =
		registry_sorted(g, &scratch, kind == KIND_tenant ? STR_NONE : tenant, kind, &n);
	uint32_t kept = 0;
	for (uint32_t k = 0; k < n; k++)
		if (is_within(within, all[k]))
			all[kept++] = all[k];
	n = kept;
	while (i < n && after.n && str_cmp(all[i]->id, after) <= 0)
		i++;
	struct jsonw w = jsonw_make(out);
	jsonw_open(&w, '{');
	jsonw_key(&w, "items");
	jsonw_open(&w, '[');
	for (; i < n && shown < limit; i++, shown++) {
		struct buf one = buf_grow(512);
		put_told(&one, all[i]->doc, all[i]->version);
		jsonw_raw(&w, buf_str(&one));
		buf_free(&one);
	}
	jsonw_close(&w, ']');
	jsonw_key(&w, "next");
	if (i < n && shown)
		jsonw_str(&w, all[i - 1]->id);
	else
		jsonw_null(&w);
	jsonw_close(&w, '}');
	arena_finish(&scratch);
	return ERR_OK;
}

enum err registry_public(struct str doc, struct buf *out)
{
	struct mistakes m = mistakes_begin(NULL);
	json_t *stored = json_body_parse(doc, &m);
	if (!json_is_object(stored)) {
		json_decref(stored);
		return ERR_INVALID;
	}
	put_told(out, stored, 0);
	json_decref(stored);
	return ERR_OK;
}

void registry_export(struct registry *g, struct str tenant, struct buf *out)
{
	struct arena scratch;
	uint32_t n;
	bool any = false;
	arena_init(&scratch);
	struct entry **all = registry_sorted(g, &scratch, tenant, KIND_COUNT, &n);
	buf_c(out, "{\"objects\":[");
	for (uint32_t i = 0; i < n; i++) {
		if (all[i]->version == 0)
			continue; /* built in: nobody declared it */
		buf_c(out, any ? ",\n" : "\n");
		put_told(out, all[i]->doc, 0);
		any = true;
	}
	buf_c(out, "\n]}\n");
	arena_finish(&scratch);
}
