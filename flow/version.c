/* version.c - see version.h. */
#include "flow/version.h"

#include <stdlib.h>

#include "core/skill_expr.h"

#define KEY_MAX 160 /* two names of at most 63 bytes */

struct kept {
	char key[KEY_MAX];
	struct flow_version version;
};

static struct str key_of(char room[KEY_MAX], const struct flow_name *n)
{
	struct buf b = buf_make(room, KEY_MAX - 1);
	buf_fmt(&b, "%c%u ", n->kind == KIND_draft ? 'd' : 'f', n->version);
	buf_put(&b, n->tenant);
	buf_ch(&b, '/');
	buf_put(&b, n->flow);
	room[b.n] = 0;
	return buf_str(&b);
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

static const struct flow_wish *copy_wishes(struct arena *a, const struct flow_node *n)
{
	struct flow_wish *wishes = arena_alloc(a, n->wish_count * sizeof *wishes);
	for (uint32_t i = 0; i < n->wish_count; i++)
		wishes[i] =
			(struct flow_wish){arena_copy(a, n->wishes[i].agent), n->wishes[i].score};
	return wishes;
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
		nodes[i].agent = arena_copy(a, n->agent);
		nodes[i].number = expression_copy(&n->number, a);
		nodes[i].cases = copy_cases(a, n);
		nodes[i].wishes = copy_wishes(a, n);
		nodes[i].steps = skill_steps_copy(a, n->steps, n->step_count);
		nodes[i].wish_var = arena_copy(a, n->wish_var);
	}
	return nodes;
}

static struct kept *keep(struct flow_versions *vs, const struct flow_name *n, struct flow_id flow,
			 const struct flow_config *config)
{
	struct kept *k = xcalloc(1, sizeof *k);
	struct flow_version *v = &k->version;
	arena_init(&v->arena);
	v->flow = flow;
	v->kind = n->kind;
	v->number = n->version;
	v->tenant = arena_copy(&v->arena, n->tenant);
	v->name = arena_copy(&v->arena, n->flow);
	v->config = *config;
	v->config.nodes = copy_nodes(&v->arena, config);
	CHECK(map_add(&vs->by_key, key_of(k->key, n), k) == ERR_OK);
	return k;
}

static struct kept *find(const struct flow_versions *vs, const struct flow_name *n)
{
	char room[KEY_MAX];
	return map_get(&vs->by_key, key_of(room, n));
}

struct flow_version *version_use(struct flow_versions *vs, const struct object *o)
{
	CHECK(o->kind == KIND_flow || o->kind == KIND_draft);
	const struct flow_name n = {o->kind, o->tenant, o->name, o->version};
	struct kept *k = find(vs, &n);
	if (!k)
		k = keep(vs, &n, ID_AS(flow_id, o->id), &o->config->flow);
	k->version.users++;
	return &k->version;
}

static struct kept *fetch(struct flow_versions *vs, const struct flow_name *n,
			  const struct object *now)
{
	struct config *c =
		vs->past ? vs->past(vs->past_arg, n->kind, n->tenant, n->flow, n->version) : NULL;
	const struct flow_id nobody = {0};
	struct kept *k = c ? keep(vs, n, now ? ID_AS(flow_id, now->id) : nobody, &c->flow) : NULL;
	config_free(c);
	return k;
}

struct flow_version *version_bring(struct flow_versions *vs, const struct objects *os,
				   const struct flow_name *n)
{
	const struct object *now = objects_find(os, n->kind, n->tenant, n->flow);
	if (!now) /* a draft that was published */
		now = objects_find(os, KIND_flow, n->tenant, n->flow);
	if (now && now->kind == n->kind && now->version == n->version)
		return version_use(vs, now);
	struct kept *k = find(vs, n);
	if (!k)
		k = fetch(vs, n, now);
	if (!k)
		return now ? version_use(vs, now) : NULL;
	k->version.users++;
	return &k->version;
}

void version_leave(struct flow_versions *vs, struct flow_version *v)
{
	if (!v || --v->users)
		return;
	struct kept *k = CONTAINER_OF(v, struct kept, version);
	map_remove(&vs->by_key, str_of(k->key));
	kept_free(k);
}

uint32_t version_find(const struct flow_version *v, struct str node, enum node_kind kind)
{
	for (uint32_t i = 0; i < v->config.node_count; i++)
		if (v->config.nodes[i].kind == kind && str_eq(v->config.nodes[i].name, node))
			return i;
	return NODE_NOWHERE;
}
