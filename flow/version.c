/* version.c - see version.h. */
#include "flow/version.h"

#include <stdlib.h>

/* What a version is found by: nothing but these bytes, so no padding matters. */
struct version_key {
	uint32_t slot, age, number;
};

struct kept {
	struct version_key key;
	struct flow_version version;
};

static struct str key_str(const struct version_key *k)
{
	return str_make((const char *)k, sizeof *k);
}

void versions_init(struct flow_versions *vs, uint64_t seed)
{
	map_init(&vs->by_key, seed);
}

static void kept_free(struct kept *k)
{
	arena_finish(&k->version.arena);
	free(k);
}

void versions_finish(struct flow_versions *vs)
{
	uint32_t at = 0;
	for (struct kept *k; (k = map_next(&vs->by_key, &at)) != NULL;)
		kept_free(k);
	map_finish(&vs->by_key);
}

static const struct flow_case *copy_cases(struct arena *a, const struct flow_node *n)
{
	struct flow_case *cases = arena_alloc(a, n->case_count * sizeof *cases);
	for (uint32_t i = 0; i < n->case_count; i++) {
		cases[i].when = expression_copy(&n->cases[i].when, a);
		cases[i].next = n->cases[i].next;
	}
	return cases;
}

static const struct flow_node *copy_nodes(struct arena *a, const struct flow_config *from)
{
	struct flow_node *nodes = arena_alloc(a, from->node_count * sizeof *nodes);
	for (uint32_t i = 0; i < from->node_count; i++) {
		const struct flow_node *n = &from->nodes[i];
		struct lang_text *texts = arena_alloc(a, n->text_count * sizeof *texts);
		for (uint32_t t = 0; t < n->text_count; t++) {
			texts[t].lang = arena_copy(a, n->texts[t].lang);
			texts[t].text = arena_copy(a, n->texts[t].text);
		}
		nodes[i] = *n;
		nodes[i].texts = texts;
		nodes[i].name = arena_copy(a, n->name);
		nodes[i].prompt = arena_copy(a, n->prompt);
		nodes[i].invalid = arena_copy(a, n->invalid);
		nodes[i].queue = arena_copy(a, n->queue);
		nodes[i].hours = arena_copy(a, n->hours);
		nodes[i].var = arena_copy(a, n->var);
		nodes[i].flow = arena_copy(a, n->flow);
		nodes[i].lang = arena_copy(a, n->lang);
		nodes[i].value = expression_copy(&n->value, a);
		nodes[i].cases = copy_cases(a, n);
	}
	return nodes;
}

struct flow_version *version_use(struct flow_versions *vs, const struct object *o)
{
	CHECK(o->kind == KIND_flow);
	struct version_key key = {o->id.slot, o->id.age, o->version};
	struct kept *k = map_get(&vs->by_key, key_str(&key));
	if (!k) {
		k = xcalloc(1, sizeof *k);
		k->key = key;
		struct flow_version *v = &k->version;
		arena_init(&v->arena);
		v->flow = ID_AS(flow_id, o->id);
		v->number = o->version;
		v->tenant = arena_copy(&v->arena, o->tenant);
		v->name = arena_copy(&v->arena, o->name);
		v->config = o->config->flow;
		v->config.nodes = copy_nodes(&v->arena, &o->config->flow);
		CHECK(map_add(&vs->by_key, key_str(&k->key), k) == ERR_OK);
	}
	k->version.users++;
	return &k->version;
}

void version_leave(struct flow_versions *vs, struct flow_version *v)
{
	if (!v || --v->users)
		return;
	struct kept *k = CONTAINER_OF(v, struct kept, version);
	map_remove(&vs->by_key, key_str(&k->key));
	kept_free(k);
}

uint32_t version_find(const struct flow_version *v, struct str node, enum node_kind kind)
{
	for (uint32_t i = 0; i < v->config.node_count; i++)
		if (v->config.nodes[i].kind == kind && str_eq(v->config.nodes[i].name, node))
			return i;
	return NODE_NOWHERE;
}
