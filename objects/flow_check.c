/*
 * flow_check.c - the graph of a flow by itself; see registry_rules.h.
 *
 * A loop is refused when a call could go round in it without waiting for anybody: time would stand
 * still. Menus, collects and queues wait; play and say do not count, for an unplayable prompt takes
 * no time; hours, set, branch and language take none. A queue may also be left at once (full,
 * nobody signed in, closed): a loop of such exits, with nothing between them but what takes no
 * time, is refused too. A flow inside another takes no time if there is such a way through it; that
 * needs the other flows and is asked by registry_flows.c.
 */
#include "objects/registry_rules.h"

#include "base/arena.h"
#include "base/map.h"
#include "core/number.h"
#include "objects/config_parts.h"
#include "objects/schema.h"

#define LOOP_SHOWN 500u
#define EDGES_PLAIN 4u /* most without waiting, of what is no branch */

enum visit { VISIT_NOT, VISIT_OPEN, VISIT_DONE };

struct node {
	const char *name;
	const json_t *doc;
	struct str what; /* its `do` */
	struct node **edges;
	uint32_t edge_count, edge_at, edge_room;
	struct node *from;
	enum visit visit;
	bool ends; /* an edge that may be taken without waiting is not there: the flow is over */
};

struct graph {
	struct node *nodes;
	uint32_t count;
	struct map by_name;
	struct arena arena;
	const struct jpath *at; /* of `nodes` */
	struct mistakes *m;
	struct str outside; /* name of a flow that is not in what was sent; `at` is whose fault it
			       is */
	flow_passes_h *passes; /* NULL: no flow inside is passed without waiting */
	void *arg;
};

/* The image of a contact holds them all. */
static void check_skills(const json_t *doc, const struct jpath *at, struct mistakes *m)
{
	const json_t *steps = json_object_get(doc, "skills");
	const struct jpath place = {.up = at, .key = "skills"};
	size_t bytes = 0;
	skills_check(doc, at, m);
	for (size_t i = 0; i < json_array_size(steps); i++)
		bytes += json_str(json_object_get(json_array_get(steps, i), "need")).n;
	if (bytes > FLOW_NEEDS_MAX)
		mistake(m, &place, "are together longer than %u bytes", FLOW_NEEDS_MAX);
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
	const json_t *cases = json_object_get(n->doc, "if");
	const struct jpath list = {.up = &place, .key = "if"};
	for (size_t i = 0; i < json_array_size(cases); i++) {
		const struct jpath item = {.up = &list, .index = i};
		target(g, json_array_get(cases, i), "next", &item);
	}
}

static void check_lengths(const struct graph *g, const struct node *n)
{
	const json_t *min = json_object_get(n->doc, "min"), *max = json_object_get(n->doc, "max");
	const struct jpath up = {.up = g->at, .key = n->name};
	const struct jpath place = {.up = &up, .key = "max"};
	if (max && json_integer_value(max) < (min ? json_integer_value(min) : 1))
		mistake(g->m, &place, "must not be less than min, which is %lld",
			(long long)(min ? json_integer_value(min) : 1));
}

/* -- expressions -- */

static void check_expression(const struct graph *g, const json_t *doc, const char *key,
			     const struct jpath *at)
{
	char text[512];
	struct buf why = buf_make(text, sizeof text);
	struct arena unused;
	struct expression e;
	const struct jpath place = {.up = at, .key = key};
	arena_init(&unused);
	if (expression_compile(json_str(json_object_get(doc, key)), &unused, &e, &why) != ERR_OK)
		mistake(g->m, &place, STR_FMT, STR_ARG(buf_str(&why)));
	arena_finish(&unused);
}

static void check_value(const struct graph *g, const struct node *n, const struct jpath *at)
{
	struct str text = json_str(json_object_get(n->doc, "value"));
	const struct jpath place = {.up = at, .key = "value"};
	if (config_value_is_expression(text))
		check_expression(g, n->doc, "value", at);
	else if (text.n > FLOW_VALUE_MAX)
		mistake(g->m, &place, "a text of more than %u bytes", FLOW_VALUE_MAX);
}

/* Who writes a number wrongly should learn of it before somebody is to be called there. */
static void check_number(const struct graph *g, const json_t *doc, const char *key,
			 const struct jpath *at)
{
	const json_t *v = json_object_get(doc, key);
	const struct jpath place = {.up = at, .key = key};
	struct str text = json_str(v);
	if (!json_is_string(v))
		return;
	if (config_number_is_expression(text)) {
		check_expression(g, doc, key, at);
		return;
	}
	bool digit = false, good = true;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		digit |= c >= '0' && c <= '9';
		good &= (c >= '0' && c <= '9') || (c == '+' && i == 0) || strchr(" -.()/", c);
	}
	if (!digit || !good || text.n >= NUMBER_TEXT)
		mistake(g->m, &place,
			"must be a number to call, or an expression such as var.number or "
			"caller.number");
}

static void check_expressions(const struct graph *g, const struct node *n)
{
	const struct jpath place = {.up = g->at, .key = n->name};
	const json_t *cases = json_object_get(n->doc, "if");
	const struct jpath list = {.up = &place, .key = "if"};
	for (size_t i = 0; i < json_array_size(cases); i++) {
		const struct jpath item = {.up = &list, .index = i};
		check_expression(g, json_array_get(cases, i), "when", &item);
	}
	if (str_is(n->what, "set"))
		check_value(g, n, &place);
	if (str_is(n->what, "callback"))
		check_number(g, n->doc, "number", &place);
	if (str_is(n->what, "transfer")) {
		const json_t *to = json_object_get(n->doc, "to");
		const struct jpath target_at = {.up = &place, .key = "to"};
		check_number(g, n->doc, "to", &place);
		check_number(g, to, "number", &target_at);
	}
}

/* A contact's memory is bounded; better here than with the caller on the line. */
static void check_variables(const struct graph *g)
{
	struct str names[FLOW_VARIABLES_MAX];
	uint32_t count = 0;
	for (uint32_t i = 0; i < g->count; i++) {
		const json_t *var = json_object_get(g->nodes[i].doc, "var");
		const struct jpath up = {.up = g->at, .key = g->nodes[i].name};
		const struct jpath place = {.up = &up, .key = "var"};
		uint32_t k = 0;
		while (k < count && !str_eq(names[k], json_str(var)))
			k++;
		if (!var || k < count)
			continue;
		if (count == FLOW_VARIABLES_MAX) {
			mistake(g->m, &place, "is one too many: a contact has %u variables",
				FLOW_VARIABLES_MAX);
			return;
		}
		names[count++] = json_str(var);
	}
}

static void add_edge(const struct graph *g, struct node *n, const json_t *doc, const char *key)
{
	const json_t *name = json_object_get(doc, key);
	struct node *to = map_get(&g->by_name, json_str(name));
	n->ends |= !name;
	if (!to)
		return;
	CHECK(n->edge_count < n->edge_room);
	n->edges[n->edge_count++] = to;
}

static void add_cases(const struct graph *g, struct node *n)
{
	const json_t *list = json_object_get(n->doc, "if");
	for (size_t i = 0; i < json_array_size(list); i++)
		add_edge(g, n, json_array_get(list, i), "next");
}

/* Ways out of a node that may be taken without waiting: of what takes no time, and of prompts or of
 * queues. */
static void quick_edges(const struct graph *g, struct node *n, bool queues)
{
	const json_t *on = json_object_get(n->doc, "on");
	n->edge_count = n->edge_at = 0;
	n->visit = VISIT_NOT;
	n->from = NULL;
	n->ends = false;
	if (str_is(n->what, "hours")) {
		add_edge(g, n, n->doc, "open");
		add_edge(g, n, n->doc, "closed");
	} else if (str_is(n->what, "set") || str_is(n->what, "language")) {
		add_edge(g, n, n->doc, "next");
	} else if (str_is(n->what, "branch")) {
		add_cases(g, n);
		add_edge(g, n, n->doc, "else");
	} else if (!queues && (str_is(n->what, "play") || str_is(n->what, "say"))) {
		add_edge(g, n, n->doc, "next");
	} else if (queues && str_is(n->what, "queue")) {
		add_edge(g, n, on, "full");
		add_edge(g, n, on, "no_agents");
		add_edge(g, n, on, "closed");
		n->ends = false; /* what `on` does not name does not happen */
	} else if (str_is(n->what, "callback")) {
		add_edge(g, n, n->doc, "next");
		add_edge(g, n, n->doc, "else");
	} else if (queues && str_is(n->what, "transfer")) {
		add_edge(g, n, on, "busy");
		add_edge(g, n, on, "no_answer");
		add_edge(g, n, on, "failed");
		n->ends = false; /* the call ends, in whichever flow it is */
	} else if (str_is(n->what, "subflow") && g->passes &&
		   g->passes(g->arg, json_str(json_object_get(n->doc, "flow")), queues)) {
		add_edge(g, n, n->doc, "next");
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
	if (g->outside.n)
		mistake(g->m, g->at,
			"flow '" STR_FMT "' would have a loop without a node that waits: " STR_FMT,
			STR_ARG(g->outside), STR_ARG(buf_str(&text)));
	else
		mistake(g->m, &place, "loop without a node that waits: " STR_FMT,
			STR_ARG(buf_str(&text)));
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

static void graph_open(struct graph *g, const json_t *doc)
{
	const json_t *nodes = json_object_get(doc, "nodes");
	const char *name;
	json_t *value;
	arena_init(&g->arena);
	map_init(&g->by_name, 0);
	g->nodes = arena_alloc(&g->arena, sizeof *g->nodes * json_object_size(nodes));
	json_object_foreach((json_t *)nodes, name, value)
	{
		struct node *n = &g->nodes[g->count++];
		n->name = name;
		n->doc = value;
		n->what = json_str(json_object_get(value, "do"));
		n->edge_room =
			EDGES_PLAIN + (uint32_t)json_array_size(json_object_get(value, "if"));
		n->edges = arena_alloc(&g->arena, sizeof(struct node *) * n->edge_room);
		CHECK(map_add(&g->by_name, str_of(name), n) == ERR_OK);
	}
}

static void graph_close(struct graph *g)
{
	map_finish(&g->by_name);
	arena_finish(&g->arena);
}

void flow_check(const json_t *doc, const struct jpath *at, struct mistakes *m)
{
	const struct jpath place = {.up = at, .key = "nodes"};
	struct graph g = {.at = &place, .m = m};
	graph_open(&g, doc);
	target(&g, doc, "start", at);
	for (uint32_t i = 0; i < g.count; i++) {
		const struct jpath node = {.up = &place, .key = g.nodes[i].name};
		check_skills(g.nodes[i].doc, &node, m);
		check_edges(&g, &g.nodes[i]);
		check_lengths(&g, &g.nodes[i]);
		check_expressions(&g, &g.nodes[i]);
	}
	check_variables(&g);
	if (!check_loops(&g, false))
		check_loops(&g, true);
	graph_close(&g);
}

void flow_check_around(const struct flow_around *f, struct mistakes *m)
{
	const struct jpath nodes = {.up = f->at, .key = "nodes"};
	struct mistakes unread = mistakes_begin(NULL);
	struct graph g = {.at = &nodes, .m = &unread};
	graph_open(&g, f->doc);
	/* one that has nothing to do with other flows: flow_check has told it */
	if (!check_loops(&g, false) && !check_loops(&g, true)) {
		g.at = f->outside.n ? f->at : &nodes;
		g.m = m;
		g.outside = f->outside;
		g.passes = f->passes;
		g.arg = f->arg;
		if (!check_loops(&g, false))
			check_loops(&g, true);
	}
	graph_close(&g);
}

/* Depth first, as walk(), but towards an end. */
bool flow_has_quick_way(const json_t *doc, bool queues, flow_passes_h *passes, void *arg)
{
	struct graph g = {.passes = passes, .arg = arg};
	bool ends = false;
	graph_open(&g, doc);
	for (uint32_t i = 0; i < g.count; i++)
		quick_edges(&g, &g.nodes[i], queues);
	struct node *n = map_get(&g.by_name, json_str(json_object_get(doc, "start")));
	while (n && !ends) {
		n->visit = VISIT_OPEN;
		ends = n->ends;
		if (n->edge_at == n->edge_count) {
			n = n->from;
			continue;
		}
		struct node *to = n->edges[n->edge_at++];
		if (to->visit == VISIT_NOT) {
			to->from = n;
			n = to;
		}
	}
	graph_close(&g);
	return ends;
}
