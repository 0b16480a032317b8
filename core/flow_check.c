/*
 * flow_check.c - the graph of a flow by itself; see registry_rules.h.
 *
 * A loop is refused when a call could go round in it without waiting for anybody: time would stand
 * still. Menus and queues wait; play and say do not count, for an unplayable prompt takes no time.
 * A queue may also be left at once (full, nobody signed in, closed): a loop of such exits, with
 * nothing else than opening hours between them, is refused too.
 */
#include "core/registry_rules.h"

#include "base/arena.h"
#include "base/map.h"
#include "core/schema.h"

#define LOOP_SHOWN 500u
#define EDGES_MAX 16u

enum visit { VISIT_NOT, VISIT_OPEN, VISIT_DONE };

struct node {
	const char *name;
	const json_t *doc;
	struct str what; /* its `do` */
	struct node *edges[EDGES_MAX];
	uint32_t edge_count, edge_at;
	struct node *from;
	enum visit visit;
};

struct graph {
	struct node *nodes;
	uint32_t count;
	struct map by_name;
	struct arena arena;
	const struct jpath *at; /* of `nodes` */
	struct mistakes *m;
};

static bool built(struct str what)
{
	static const char *const kinds[] = {"play", "say", "menu", "queue", "hours", "hangup"};
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (str_is(what, kinds[i]))
			return true;
	return false;
}

static void check_built(const struct graph *g, const struct node *n)
{
	const struct jpath place = {.up = g->at, .key = n->name};
	const struct jpath kind = {.up = &place, .key = "do"};
	const struct jpath skills = {.up = &place, .key = "skills"};
	if (!built(n->what))
		mistake(g->m, &kind, "node kind '" STR_FMT "' is not built yet in this version",
			STR_ARG(n->what));
	else if (str_is(n->what, "queue") && json_object_get(n->doc, "skills"))
		mistake(g->m, &skills, "'skills' of a queue node is not built yet in this version");
}

static struct node *target(const struct graph *g, const json_t *doc, const char *key,
			   const struct jpath *at)
{
	const json_t *v = json_object_get(doc, key);
	const struct jpath place = {.up = at, .key = key};
	if (!json_is_string(v))
		return NULL;
	struct node *n = map_get(&g->by_name, json_str(v));
	if (!n)
		mistake(g->m, &place, "there is no node '%s' in this flow", json_string_value(v));
	return n;
}

static void check_edges(const struct graph *g, const struct node *n)
{
	static const char *const plain[] = {"next", "else", "open", "closed"};
	const struct jpath place = {.up = g->at, .key = n->name};
	for (size_t i = 0; i < COUNT_OF(plain); i++)
		target(g, n->doc, plain[i], &place);
	static const char *const maps[] = {"keys", "on"};
	for (size_t i = 0; i < COUNT_OF(maps); i++) {
		const json_t *map = json_object_get(n->doc, maps[i]);
		const struct jpath up = {.up = &place, .key = maps[i]};
		const char *key;
		json_t *v;
		json_object_foreach((json_t *)map, key, v) target(g, map, key, &up);
	}
}

static void add_edge(const struct graph *g, struct node *n, const json_t *doc, const char *key)
{
	struct node *to = map_get(&g->by_name, json_str(json_object_get(doc, key)));
	if (to && n->edge_count < EDGES_MAX)
		n->edges[n->edge_count++] = to;
}

/* Ways out of a node that may be taken without waiting: of prompts and hours, or of hours and
 * queues. */
static void quick_edges(const struct graph *g, struct node *n, bool queues)
{
	const json_t *on = json_object_get(n->doc, "on");
	n->edge_count = n->edge_at = 0;
	n->visit = VISIT_NOT;
	n->from = NULL;
	if (str_is(n->what, "hours")) {
		add_edge(g, n, n->doc, "open");
		add_edge(g, n, n->doc, "closed");
	} else if (!queues && (str_is(n->what, "play") || str_is(n->what, "say"))) {
		add_edge(g, n, n->doc, "next");
	} else if (queues && str_is(n->what, "queue")) {
		add_edge(g, n, on, "full");
		add_edge(g, n, on, "no_agents");
		add_edge(g, n, on, "closed");
	}
}

static void put_loop(struct buf *out, const struct node *n, const struct node *first)
{
	if (n != first)
		put_loop(out, n->from, first);
	buf_c(out, n->name);
	buf_c(out, " -> ");
}

static void tell_loop(const struct graph *g, const struct node *last, const struct node *first)
{
	struct buf text = buf_grow(LOOP_SHOWN);
	const struct jpath place = {.up = g->at, .key = first->name};
	put_loop(&text, last, first);
	buf_c(&text, first->name);
	mistake(g->m, &place, "loop without a node that waits: " STR_FMT, STR_ARG(buf_str(&text)));
	buf_free(&text);
}

/* Depth first without recursion; true when a loop was found and told. */
static bool walk(const struct graph *g, struct node *n)
{
	n->visit = VISIT_OPEN;
	while (n) {
		if (n->edge_at == n->edge_count) {
			n->visit = VISIT_DONE;
			n = n->from;
			continue;
		}
		struct node *to = n->edges[n->edge_at++];
		if (to->visit == VISIT_OPEN) {
			tell_loop(g, n, to);
			return true;
		}
		if (to->visit == VISIT_NOT) {
			to->visit = VISIT_OPEN;
			to->from = n;
			n = to;
		}
	}
	return false;
}

static bool check_loops(const struct graph *g, bool queues)
{
	for (uint32_t i = 0; i < g->count; i++)
		quick_edges(g, &g->nodes[i], queues);
	for (uint32_t i = 0; i < g->count; i++)
		if (g->nodes[i].visit == VISIT_NOT && walk(g, &g->nodes[i]))
			return true; /* one is enough to look at */
	return false;
}

void flow_check(const json_t *doc, const struct jpath *at, struct mistakes *m)
{
	const json_t *nodes = json_object_get(doc, "nodes");
	const struct jpath place = {.up = at, .key = "nodes"};
	struct graph g = {.at = &place, .m = m};
	arena_init(&g.arena);
	map_init(&g.by_name, 0);
	g.nodes = arena_alloc(&g.arena, sizeof *g.nodes * json_object_size(nodes));
	const char *name;
	json_t *value;
	json_object_foreach((json_t *)nodes, name, value)
	{
		struct node *n = &g.nodes[g.count++];
		n->name = name;
		n->doc = value;
		n->what = json_str(json_object_get(value, "do"));
		CHECK(map_add(&g.by_name, str_of(name), n) == ERR_OK);
	}
	target(&g, doc, "start", at);
	for (uint32_t i = 0; i < g.count; i++) {
		check_built(&g, &g.nodes[i]);
		check_edges(&g, &g.nodes[i]);
	}
	if (!check_loops(&g, false))
		check_loops(&g, true);
	map_finish(&g.by_name);
	arena_finish(&g.arena);
}
