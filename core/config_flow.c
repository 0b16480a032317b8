/* config_flow.c - a flow's nodes by index instead of by name; see config_compile.h. */
#include "core/config_parts.h"

#include "base/map.h"
#include "core/schema.h"

struct flow_build {
	struct config *c;
	struct flow_node *nodes;
	struct map by_name; /* to struct flow_node */
};

static uint32_t edge(const struct flow_build *b, const json_t *doc, const char *key)
{
	const struct flow_node *n = map_get(&b->by_name, json_str(json_object_get(doc, key)));
	return n ? (uint32_t)(n - b->nodes) : NODE_NOWHERE;
}

static void build_menu(struct flow_build *b, struct flow_node *n, const json_t *doc)
{
	static const char *const keys[12] = {"0", "1", "2", "3", "4", "5",
					     "6", "7", "8", "9", "*", "#"};
	const json_t *map = json_object_get(doc, "keys");
	n->invalid = config_text(&b->c->arena, doc, "invalid");
	n->timeout_ms = config_int(doc, "timeout_s", 5) * 1000;
	n->tries = (uint32_t)config_int(doc, "tries", 3);
	n->otherwise = edge(b, doc, "else");
	for (unsigned k = 0; k < COUNT_OF(keys); k++) {
		n->keys[k] = edge(b, map, keys[k]);
		if (n->keys[k] != NODE_NOWHERE)
			n->key_mask |= BIT(k);
	}
}

static void build_queue(struct flow_build *b, struct flow_node *n, const json_t *doc)
{
	const json_t *on = json_object_get(doc, "on");
	n->queue = config_text(&b->c->arena, doc, "queue");
	n->priority_min = (uint32_t)config_int(doc, "priority_min", 0);
	for (unsigned x = EXIT_full; x <= EXIT_closed; x++) {
		struct str word = queue_exit_word((enum queue_exit)x);
		n->exits[x] = edge(b, on, word.p);
		if (n->exits[x] != NODE_NOWHERE)
			n->exit_mask |= BIT(x);
	}
}

static void build_node(struct flow_build *b, struct flow_node *n, const json_t *doc)
{
	struct arena *a = &b->c->arena;
	struct str what = json_str(json_object_get(doc, "do"));
	n->next = edge(b, doc, "next");
	n->has_next = n->next != NODE_NOWHERE;
	if (str_is(what, "play")) {
		n->kind = NODE_PLAY;
		n->prompt = config_text(a, doc, "prompt");
	} else if (str_is(what, "say")) {
		n->kind = NODE_SAY;
		n->texts = config_texts(a, json_object_get(doc, "text"), &n->text_count);
	} else if (str_is(what, "menu")) {
		n->kind = NODE_MENU;
		n->prompt = config_text(a, doc, "prompt");
		build_menu(b, n, doc);
	} else if (str_is(what, "queue")) {
		n->kind = NODE_QUEUE;
		build_queue(b, n, doc);
	} else if (str_is(what, "hours")) {
		n->kind = NODE_HOURS;
		n->hours = config_text(a, doc, "hours");
		n->open = edge(b, doc, "open");
		n->otherwise = edge(b, doc, "closed");
	} else {
		n->kind = NODE_HANGUP;
	}
}

void config_compile_flow(struct config *c, const json_t *doc)
{
	const json_t *nodes = json_object_get(doc, "nodes");
	struct flow_config *f = &c->flow;
	struct flow_build b = {.c = c};
	b.nodes = arena_alloc(&c->arena, sizeof *b.nodes * json_object_size(nodes));
	map_init(&b.by_name, 0);
	const char *name;
	json_t *value;
	json_object_foreach((json_t *)nodes, name, value)
	{
		struct flow_node *n = &b.nodes[f->node_count++];
		n->name = arena_copy(&c->arena, str_of(name));
		n->next = n->otherwise = n->open = NODE_NOWHERE;
		for (size_t i = 0; i < COUNT_OF(n->keys); i++)
			n->keys[i] = NODE_NOWHERE;
		for (size_t i = 0; i < COUNT_OF(n->exits); i++)
			n->exits[i] = NODE_NOWHERE;
		CHECK(map_add(&b.by_name, n->name, n) == ERR_OK);
	}
	uint32_t at = 0;
	json_object_foreach((json_t *)nodes, name, value) build_node(&b, &b.nodes[at++], value);
	f->nodes = b.nodes;
	f->start = edge(&b, doc, "start");
	map_finish(&b.by_name);
}
