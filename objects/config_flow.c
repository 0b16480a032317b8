/* config_flow.c - a flow's nodes by index instead of by name; see config_compile.h. */
#include "objects/config_parts.h"

#include "base/map.h"
#include "objects/schema.h"

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

static void build_wishes(struct flow_build *b, struct flow_node *n, const json_t *doc)
{
	const json_t *agents = json_object_get(doc, "agents");
	struct flow_wish *wishes =
		arena_alloc(&b->c->arena, sizeof *wishes * json_object_size(agents));
	const char *agent;
	json_t *score;
	json_object_foreach((json_t *)agents, agent, score)
	{
		wishes[n->wish_count].agent = arena_copy(&b->c->arena, str_of(agent));
		wishes[n->wish_count++].score = (uint32_t)json_integer_value(score);
	}
	n->wishes = wishes;
	n->wish_var = config_text(&b->c->arena, doc, "agent_var");
	n->wish_ms = config_int(doc, "agents_wait_s", 20) * 1000;
}

static void build_queue(struct flow_build *b, struct flow_node *n, const json_t *doc)
{
	const json_t *on = json_object_get(doc, "on");
	n->queue = config_text(&b->c->arena, doc, "queue");
	n->priority_min = (uint32_t)config_int(doc, "priority_min", 0);
	build_wishes(b, n, doc);
	n->own_steps = json_is_array(json_object_get(doc, "skills"));
	n->steps = config_steps(&b->c->arena, json_object_get(doc, "skills"), &n->step_count);
	for (unsigned x = EXIT_full; x <= EXIT_closed; x++) {
		struct str word = queue_exit_word((enum queue_exit)x);
		n->exits[x] = edge(b, on, word.p);
		if (n->exits[x] != NODE_NOWHERE)
			n->exit_mask |= BIT(x);
	}
}

/* Has been checked; one that does not compile all the same is absent, as if it were not there. */
static struct expression compiled(struct arena *a, struct str text)
{
	char unread[16];
	struct buf why = buf_make(unread, sizeof unread);
	struct expression e = {0};
	return expression_compile(text, a, &e, &why) == ERR_OK ? e : (struct expression){0};
}

bool config_number_is_expression(struct str text)
{
	return str_starts(text, STR("var.")) || str_starts(text, STR("caller.")) ||
	       str_starts(text, STR("call.")) || (text.n && strchr("\"'", text.p[0]));
}

bool config_value_is_expression(struct str text)
{
	static const char *const names[] = {"var.",  "queue.", "caller.",
					    "call.", "time.",  "customer."};
	if (str_is(text, "true") || str_is(text, "false"))
		return true;
	if (text.n && strchr("\"'0123456789(!-", text.p[0]))
		return true;
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (str_starts(text, str_of(names[i])))
			return true;
	return false;
}

static struct expression build_value(struct arena *a, const json_t *doc)
{
	struct expr_value v = {.kind = VALUE_TEXT, .text = json_str(doc)};
	if (json_is_string(doc) && config_value_is_expression(v.text))
		return compiled(a, v.text);
	if (json_is_number(doc))
		v = (struct expr_value){.kind = VALUE_NUMBER, .number = json_number_value(doc)};
	else if (json_is_boolean(doc))
		v = (struct expr_value){.kind = VALUE_BOOL, .number = json_is_true(doc)};
	return expression_constant(&v, a);
}

/* As of a tenant's locale: pl of pl-PL. */
static struct str language(struct arena *a, struct str tag)
{
	size_t n = 0;
	while (n < tag.n && tag.p[n] != '-' && tag.p[n] != '_')
		n++;
	return arena_copy(a, str_head(tag, n));
}

static void build_branch(struct flow_build *b, struct flow_node *n, const json_t *doc)
{
	const json_t *list = json_object_get(doc, "if");
	struct flow_case *cases = arena_alloc(&b->c->arena, sizeof *cases * json_array_size(list));
	n->otherwise = edge(b, doc, "else");
	n->cases = cases;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);
		struct flow_case *c = &cases[n->case_count++];
		c->when = compiled(&b->c->arena, json_str(json_object_get(one, "when")));
		c->next = edge(b, one, "next");
	}
}

static void build_collect(struct flow_build *b, struct flow_node *n, const json_t *doc)
{
	struct str end = json_str(json_object_get(doc, "terminator"));
	char key = end.n ? end.p[0] : '#';
	n->var = config_text(&b->c->arena, doc, "var");
	n->min = (uint32_t)config_int(doc, "min", 1);
	n->max = (uint32_t)config_int(doc, "max", MAX(n->min, 20u));
	n->terminator = key == '*' ? 10u : key == '#' ? 11u : (uint32_t)(key - '0');
	n->masked = json_is_true(json_object_get(doc, "masked"));
	n->timeout_ms = config_int(doc, "timeout_s", 5) * 1000;
	n->otherwise = edge(b, doc, "else");
}

static void build_number(struct arena *a, struct flow_node *n, struct str text)
{
	struct expr_value v = {.kind = VALUE_TEXT, .text = text};
	n->number_made = config_number_is_expression(text);
	n->number = n->number_made ? compiled(a, text) : expression_constant(&v, a);
}

static void build_callback(struct flow_build *b, struct flow_node *n, const json_t *doc)
{
	struct str number = json_str(json_object_get(doc, "number"));
	n->queue = config_text(&b->c->arena, doc, "queue");
	n->otherwise = edge(b, doc, "else");
	build_number(&b->c->arena, n, number.n ? number : STR("caller.number"));
}

static void build_transfer(struct flow_build *b, struct flow_node *n, const json_t *doc)
{
	const json_t *to = json_object_get(doc, "to"), *on = json_object_get(doc, "on");
	struct arena *a = &b->c->arena;
	n->queue = config_text(a, to, "queue");
	n->agent = config_text(a, to, "agent");
	n->ring_ms = config_int(doc, "ring_s", 30) * 1000;
	n->to = n->queue.n ? TRANSFER_QUEUE : n->agent.n ? TRANSFER_AGENT : TRANSFER_NUMBER;
	if (n->to == TRANSFER_NUMBER)
		build_number(a, n,
			     json_str(json_is_string(to) ? to : json_object_get(to, "number")));
	for (unsigned r = DIAL_busy; r <= DIAL_failed; r++)
		n->fails[r] = edge(b, on, dial_result_word((enum dial_result)r).p);
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
	} else if (str_is(what, "collect")) {
		n->kind = NODE_COLLECT;
		n->prompt = config_text(a, doc, "prompt");
		build_collect(b, n, doc);
		b->c->flow.secret |= n->masked;
	} else if (str_is(what, "queue")) {
		n->kind = NODE_QUEUE;
		build_queue(b, n, doc);
	} else if (str_is(what, "hours")) {
		n->kind = NODE_HOURS;
		n->hours = config_text(a, doc, "hours");
		n->open = edge(b, doc, "open");
		n->otherwise = edge(b, doc, "closed");
	} else if (str_is(what, "subflow")) {
		n->kind = NODE_SUBFLOW;
		n->flow = config_text(a, doc, "flow");
		b->c->flow.secret = true; /* the other one may ask for secrets */
	} else if (str_is(what, "callback")) {
		n->kind = NODE_CALLBACK;
		build_callback(b, n, doc);
	} else if (str_is(what, "transfer")) {
		n->kind = NODE_TRANSFER;
		build_transfer(b, n, doc);
	} else if (str_is(what, "set")) {
		n->kind = NODE_SET;
		n->var = config_text(a, doc, "var");
		n->value = build_value(a, json_object_get(doc, "value"));
	} else if (str_is(what, "branch")) {
		n->kind = NODE_BRANCH;
		build_branch(b, n, doc);
	} else if (str_is(what, "language")) {
		n->kind = NODE_LANGUAGE;
		n->lang = language(a, json_str(json_object_get(doc, "lang")));
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
		for (size_t i = 0; i < COUNT_OF(n->fails); i++)
			n->fails[i] = NODE_NOWHERE;
		CHECK(map_add(&b.by_name, n->name, n) == ERR_OK);
	}
	uint32_t at = 0;
	json_object_foreach((json_t *)nodes, name, value) build_node(&b, &b.nodes[at++], value);
	f->nodes = b.nodes;
	f->start = edge(&b, doc, "start");
	map_finish(&b.by_name);
}
