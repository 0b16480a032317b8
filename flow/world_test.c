/* world_test.c - see world_test.h; no tests of its own. */
#include "flow/world_test.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/batch.h"
#include "core/zone.h"
#include "tests/test.h"

static void note(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void note(struct buf *b, const char *fmt, ...)
{
	char text[512];
	va_list args;
	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	if (b->n)
		buf_c(b, "; ");
	buf_c(b, text);
}

/* -- the voice and the acd -- */

static void note_play(struct world *w, const struct command_media_play *p)
{
	CHECK(p->count == 1);
	const struct play_item *i = &p->items[0];
	const struct object *o = objects_get(w->core.objects, ID(i->prompt));
	note(&w->asked, "%s ", o ? "play" : "say");
	buf_put(&w->asked, o ? o->name : i->text); /* copied, so that freed bytes are noticed */
	buf_ch(&w->asked, ' ');
	buf_put(&w->asked, i->lang);
	buf_c(&w->asked, p->digits ? " digits" : "");
}

static enum err voice_command(struct room *r, const struct command *cmd)
{
	struct world *w = CONTAINER_OF(r, struct world, voice);
	switch ((int)cmd->kind) {
	case CMD_media_play:
		note_play(w, &cmd->media_play);
		w->token = cmd->media_play.token;
		return w->play_err;
	case CMD_media_stop:
		note(&w->asked, "stop%s", cmd->media_stop.token == w->token ? "" : " other");
		return ERR_NOT_FOUND; /* as when it ended a moment ago */
	case CMD_dial_out:
		note(&w->asked, "dial " STR_FMT " %lld", STR_ARG(cmd->dial_out.number),
		     (long long)cmd->dial_out.ring_ms);
		return w->dial_err;
	case CMD_hang_up:
		note(&w->asked, "hang_up " STR_FMT " " STR_FMT,
		     STR_ARG(party_word(cmd->hang_up.by)), STR_ARG(cmd->hang_up.cause));
		return ERR_OK;
	default:
		return ERR_UNSUPPORTED;
	}
}

static enum err acd_look(struct world *w, const struct command_queue_look *cmd)
{
	if (!objects_get(w->core.objects, ID(cmd->queue)))
		return ERR_NOT_FOUND;
	*cmd->out = w->glance;
	return ERR_OK;
}

static void put_exits(struct buf *b, uint32_t exits)
{
	for (unsigned x = EXIT_full; x <= EXIT_closed; x++)
		if (exits & BIT(x))
			buf_fmt(b, " " STR_FMT, STR_ARG(queue_exit_word((enum queue_exit)x)));
}

static struct str name_of(struct world *w, struct id id)
{
	const struct object *o = objects_get(w->core.objects, id);
	return o ? o->name : STR("?");
}

static enum err acd_join(struct world *w, const struct command_queue_join *j)
{
	char exits[128];
	struct buf b = buf_make(exits, sizeof exits);
	put_exits(&b, j->exits);
	if (j->callbacks)
		buf_c(&b, " back");
	put_exits(&b, j->callbacks);
	if (j->own_steps)
		buf_c(&b, " skills");
	for (uint32_t i = 0; i < j->step_count; i++)
		buf_fmt(&b, " %lld:" STR_FMT, (long long)j->steps[i].after_ms,
			STR_ARG(j->steps[i].need));
	note(&w->asked, "join " STR_FMT " %u" STR_FMT, STR_ARG(name_of(w, ID(j->queue))),
	     j->priority_min, STR_ARG(buf_str(&b)));
	return w->join_err;
}

static enum err acd_callback(struct world *w, const struct command_callback_take *cmd)
{
	note(&w->asked, "callback " STR_FMT " " STR_FMT, STR_ARG(name_of(w, ID(cmd->queue))),
	     STR_ARG(cmd->number));
	if (w->callback_err == ERR_OK) { /* as one who did not wait is counted */
		EMIT(&w->core, enqueue, .contact = cmd->contact, .queue = cmd->queue);
		EMIT(&w->core, dequeue, .contact = cmd->contact, .queue = cmd->queue,
		     .reason = RESULT_callback);
	}
	return w->callback_err;
}

static enum err acd_command(struct room *r, const struct command *cmd)
{
	struct world *w = CONTAINER_OF(r, struct world, acd);
	switch ((int)cmd->kind) {
	case CMD_queue_look:
		return acd_look(w, &cmd->queue_look);
	case CMD_queue_join:
		return acd_join(w, &cmd->queue_join);
	case CMD_callback_take:
		return acd_callback(w, &cmd->callback_take);
	case CMD_agent_ring:
		note(&w->asked, "ring " STR_FMT " %lld",
		     STR_ARG(name_of(w, ID(cmd->agent_ring.agent))),
		     (long long)cmd->agent_ring.ring_ms);
		return w->ring_err;
	default:
		return ERR_UNSUPPORTED;
	}
}

static void world_event(struct room *r, const struct event *ev)
{
	struct world *w = CONTAINER_OF(r, struct world, voice);
	if (ev->kind == EV_flow_step) {
		w->stretch[ev->flow_step.contact.slot] = true;
		note(&w->told, "step " STR_FMT, STR_ARG(ev->flow_step.node));
	}
	if (ev->kind == EV_ivr_end) {
		EXPECT(w->stretch[ev->ivr_end.contact.slot]);
		w->stretch[ev->ivr_end.contact.slot] = false;
		note(&w->told, "ivr_end " STR_FMT, STR_ARG(result_word(ev->ivr_end.result)));
	}
	if (ev->kind == EV_alarm)
		note(&w->told, "alarm " STR_FMT, STR_ARG(ev->alarm.detail));
}

/* -- its life -- */

#define WORLD_START_MS 1000000
/* Saturday, 21 November 2026, 12:00 UTC: 13:00 in Warsaw */
#define WORLD_START_UTC INT64_C(1795262400000)

static void put(struct world *w, struct config *c, uint32_t version)
{
	struct id id;
	enum object_kind kind = c->kind;
	EXPECT(objects_put(w->core.objects, c, version, &id) == ERR_OK);
	EMIT(&w->core, object_moved, .kind = kind, .slot = id.slot, .age = id.age);
}

struct config *world_config(enum object_kind kind, const char *name)
{
	struct config *c = xcalloc(1, sizeof *c);
	arena_init(&c->arena);
	c->kind = kind;
	c->tenant = STR("acme");
	c->id = arena_copy(&c->arena, str_of(name));
	return c;
}

static void world_open(struct world *w, int64_t now_ms, uint32_t epoch)
{
	core_init(&w->core, &(struct core_limits){.contacts = 64, .objects = 64}, 7, epoch);
	w->voice = (struct room){.name = "voice", .command = voice_command, .event = world_event};
	w->acd = (struct room){.name = "acd", .command = acd_command};
	w->flow = flow_create_limited(&w->core, 64); /* before voice: the order must not matter */
	core_add_room(&w->core, &w->voice);
	core_add_room(&w->core, &w->acd);
	w->asked = buf_make(w->asked_room, sizeof w->asked_room);
	w->told = buf_make(w->told_room, sizeof w->told_room);
	core_turn_begin(&w->core, now_ms, w->utc_ms);
}

void world_begin(struct world *w)
{
	*w = (struct world){.utc_ms = WORLD_START_UTC};
	world_open(w, WORLD_START_MS, 0);
	struct config *tenant = world_config(KIND_tenant, "acme");
	tenant->tenant_of.locale = STR("pl");
	tenant->tenant_of.country = STR("PL");
	tenant->tenant_of.zone = zone_get(STR("Europe/Warsaw"));
	put(w, tenant, 1);
	struct config *trunk = world_config(KIND_trunk, "carrier");
	put(w, trunk, 1);
	put(w, world_config(KIND_user, "anna"), 1);
	world_prompt(w, "welcome");
	world_prompt(w, "menu");
	world_prompt(w, "invalid");
	world_queue(w, "support");
	world_done(w);
}

static struct arena expressions; /* of nodes under construction, until world_end */

void world_end(struct world *w)
{
	arena_finish(&expressions);
	arena_init(&expressions);
	flow_destroy(w->flow);
	core_finish(&w->core);
}

void world_turn(struct world *w)
{
	w->asked.n = w->told.n = 0;
	core_turn_begin(&w->core, w->core.now_ms, w->utc_ms);
}

static void watch(const struct world *w, struct str bytes)
{
	EXPECT(!w->secret.n || str_find_str(bytes, w->secret) < 0);
}

void world_done(struct world *w)
{
	watch(w, core_turn_end(&w->core).bytes);
}

struct stored {
	struct buf bytes;
};

static void store_item(void *arg, struct str bytes)
{
	buf_put(&((struct stored *)arg)->bytes, bytes);
}

/* Objects move over as they are: their configurations change hands. */
static void move_objects(struct world *w, struct objects *from)
{
	for (unsigned kind = 0; kind < KIND_COUNT; kind++) {
		uint32_t at = 0;
		const struct object *o;
		while ((o = objects_next(from, (enum object_kind)kind, &at)) != NULL) {
			struct config *c = (struct config *)(uintptr_t)o->config;
			struct config *moved = xcalloc(1, sizeof *moved);
			*moved = *c;
			c->arena = (struct arena){0}; /* the shell is left to the old table */
			put(w, moved, o->version);
		}
	}
}

static flow_past_h past;

void world_restart(struct world *w)
{
	struct stored stored = {buf_grow(4096)};
	core_save_all(&w->core, store_item, &stored);
	watch(w, buf_str(&stored.bytes));
	struct core old = w->core;
	struct room *old_flow = w->flow;
	int64_t now_ms = w->core.now_ms;

	old_flow->core = &old;
	flow_destroy(old_flow);
	static uint32_t epoch;
	world_open(w, now_ms, ++epoch);
	move_objects(w, old.objects);
	core_finish(&old);

	struct str rest = buf_str(&stored.bytes);
	struct batch_item item;
	while (batch_next(&rest, &item) == ERR_OK)
		core_load(&w->core, (enum image_kind)item.kind, item.id, item.image);
	flow_past_from(w->flow, past, w);
	core_loaded(&w->core);
	flow_past_from(w->flow, NULL, NULL);
	world_done(w);
	buf_free(&stored.bytes);
}

/* -- declaring -- */

void world_prompt(struct world *w, const char *name)
{
	put(w, world_config(KIND_prompt, name), 1);
}

void world_queue(struct world *w, const char *name)
{
	put(w, world_config(KIND_queue, name), 1);
}

void world_hours(struct world *w, const char *name, uint16_t from_min, uint16_t to_min,
		 const char *special)
{
	world_turn(w);
	struct config *c = world_config(KIND_hours, name);
	struct span *span = arena_alloc(&c->arena, sizeof *span);
	*span = (struct span){from_min, to_min};
	for (int i = 0; i < 7; i++)
		c->hours.week[i] = (struct day_plan){span, 1};
	if (special) {
		struct special_day *day = arena_alloc(&c->arena, sizeof *day);
		uint32_t year = 0, month = 0, dom = 0;
		struct str s = str_of(special);
		EXPECT(str_to_u32(str_head(s, 4), 9999, &year) == ERR_OK &&
		       str_to_u32(str_head(str_from(s, 5), 2), 12, &month) == ERR_OK &&
		       str_to_u32(str_from(s, 8), 31, &dom) == ERR_OK);
		*day = (struct special_day){(int32_t)year, (int32_t)month, (int32_t)dom, {0}};
		c->hours.special = day;
		c->hours.special_count = 1;
	}
	put(w, c, 1);
	world_done(w);
}

void world_drop(struct world *w, enum object_kind kind, const char *name)
{
	world_turn(w);
	struct id id = objects_drop(w->core.objects, kind, STR("acme"), str_of(name));
	EXPECT(id.slot != 0);
	EMIT(&w->core, object_moved, .kind = kind, .slot = id.slot, .age = id.age);
	world_done(w);
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

void world_flow(struct world *w, uint32_t version, const struct flow_node *nodes, uint32_t count)
{
	world_flow_named(w, "main", version, nodes, count);
}

struct config *world_flow_config(enum object_kind kind, const char *name,
				 const struct flow_node *nodes, uint32_t count)
{
	struct config *c = world_config(kind, name);
	struct flow_node *copy = arena_alloc(&c->arena, count * sizeof *copy);
	memcpy(copy, nodes, count * sizeof *copy);
	for (uint32_t i = 0; i < count; i++) {
		copy[i].name = arena_copy(&c->arena, nodes[i].name);
		copy[i].prompt = arena_copy(&c->arena, nodes[i].prompt);
		copy[i].invalid = arena_copy(&c->arena, nodes[i].invalid);
		copy[i].queue = arena_copy(&c->arena, nodes[i].queue);
		copy[i].hours = arena_copy(&c->arena, nodes[i].hours);
		struct lang_text *texts = arena_alloc(&c->arena, 4 * sizeof *texts);
		CHECK(nodes[i].text_count <= 4);
		for (uint32_t t = 0; t < nodes[i].text_count; t++) {
			texts[t].lang = arena_copy(&c->arena, nodes[i].texts[t].lang);
			texts[t].text = arena_copy(&c->arena, nodes[i].texts[t].text);
		}
		copy[i].texts = texts;
		copy[i].flow = arena_copy(&c->arena, nodes[i].flow);
		c->flow.secret |= copy[i].masked || copy[i].kind == NODE_SUBFLOW;
		copy[i].agent = arena_copy(&c->arena, nodes[i].agent);
		copy[i].number = expression_copy(&nodes[i].number, &c->arena);
		copy[i].var = arena_copy(&c->arena, nodes[i].var);
		copy[i].lang = arena_copy(&c->arena, nodes[i].lang);
		copy[i].value = expression_copy(&nodes[i].value, &c->arena);
		copy[i].cases = copy_cases(&c->arena, &nodes[i]);
	}
	c->flow.nodes = copy;
	c->flow.node_count = count;
	return c;
}

void world_flow_named(struct world *w, const char *name, uint32_t version,
		      const struct flow_node *nodes, uint32_t count)
{
	world_turn(w);
	put(w, world_flow_config(KIND_flow, name, nodes, count), version);
	world_done(w);
}

void world_draft(struct world *w, const char *name, uint32_t version, const struct flow_node *nodes,
		 uint32_t count)
{
	world_turn(w);
	put(w, world_flow_config(KIND_draft, name, nodes, count), version);
	world_done(w);
}

static struct config *past(void *arg, enum object_kind kind, struct str tenant, struct str flow,
			   uint32_t version)
{
	const struct world *w = arg;
	EXPECT_STR(tenant, "acme");
	if (!w->past_count || kind != w->past_kind || version != w->past_version ||
	    !str_is(flow, w->past_flow))
		return NULL;
	return world_flow_config(kind, w->past_flow, w->past_nodes, w->past_count);
}

/* -- what happens -- */

static struct id object_id(struct world *w, enum object_kind kind, const char *name)
{
	const struct object *o = objects_find(w->core.objects, kind, STR("acme"), str_of(name));
	return o ? o->id : (struct id){0};
}

enum err world_start(struct world *w)
{
	struct id draft = object_id(w, KIND_draft, "main");
	struct flow_id flow = ID_AS(flow_id, draft.slot ? draft : object_id(w, KIND_flow, "main"));
	struct contact_options o = {
		.tenant = ID_AS(tenant_id, object_id(w, KIND_tenant, "acme")),
		.flow = flow,
		.from = w->from ? str_of(w->from) : STR("+48600100200"),
		.to = STR("+48221000000"),
	};
	world_turn(w);
	EXPECT(contact_create(&w->core, &o, &w->contact) == ERR_OK);
	enum err e = SEND(&w->core, flow_start, .contact = w->contact, .flow = flow);
	world_done(w);
	return e;
}

void world_pass(struct world *w, int64_t ms)
{
	w->asked.n = w->told.n = 0;
	w->utc_ms += ms;
	core_turn_begin(&w->core, w->core.now_ms + ms, w->utc_ms);
	world_done(w);
}

void world_played(struct world *w, bool ok)
{
	world_turn(w);
	EMIT(&w->core, play_done, .contact = w->contact, .token = w->token, .ok = ok);
	world_done(w);
}

void world_digit(struct world *w, uint32_t digit)
{
	world_turn(w);
	EMIT(&w->core, digit, .contact = w->contact, .digit = digit);
	world_done(w);
}

void world_dequeue(struct world *w, enum result reason, enum queue_exit exit)
{
	world_turn(w);
	EMIT(&w->core, dequeue, .contact = w->contact, .reason = reason, .exit = exit);
	world_done(w);
}

void world_agent_end(struct world *w, enum party by, enum result result)
{
	world_turn(w);
	EMIT(&w->core, agent_end, .contact = w->contact, .by = by, .result = result);
	world_done(w);
}

void world_handed_on(struct world *w)
{
	world_turn(w);
	EMIT(&w->core, agent_end, .contact = w->contact, .by = PARTY_agent,
	     .result = RESULT_transferred, .goes_on = true);
	world_done(w);
}

void world_enqueue(struct world *w, const char *queue)
{
	world_turn(w);
	if (!objects_find(w->core.objects, KIND_queue, STR("acme"), str_of(queue)))
		world_queue(w, queue);
	const struct object *o =
		objects_find(w->core.objects, KIND_queue, STR("acme"), str_of(queue));
	EMIT(&w->core, enqueue, .contact = w->contact, .queue = ID_AS(queue_id, o->id));
	world_done(w);
}

void world_answer(struct world *w)
{
	world_turn(w);
	EMIT(&w->core, answer, .contact = w->contact);
	world_done(w);
}

void world_ring_end(struct world *w, enum offer_result result)
{
	world_turn(w);
	EMIT(&w->core, agent_ring_end, .contact = w->contact, .result = result);
	world_done(w);
}

void world_dial_answer(struct world *w)
{
	world_turn(w);
	EMIT(&w->core, dial_answer, .contact = w->contact);
	world_done(w);
}

void world_dial_end(struct world *w, enum dial_result result, enum party by)
{
	world_turn(w);
	EMIT(&w->core, dial_end, .contact = w->contact, .result = result, .by = by);
	world_done(w);
}

void world_disconnect(struct world *w, enum party by)
{
	world_turn(w);
	EMIT(&w->core, disconnect, .contact = w->contact, .by = by);
	world_done(w);
	EXPECT(!w->stretch[w->contact.slot]);
}

struct str world_asked(struct world *w)
{
	return buf_str(&w->asked);
}

struct str world_told(struct world *w)
{
	return buf_str(&w->told);
}

struct str world_state(struct world *w)
{
	static char out[4096];
	struct buf b = buf_make(out, sizeof out);
	EXPECT(core_dump(&w->core, STR("flows"), &b));
	struct str rest = buf_str(&b), line;
	char uuid[UUID_TEXT + 1] = "none";
	const struct contact *k = contact_get(&w->core, w->contact);
	if (k)
		uuid_text(k->uuid, uuid);
	while (str_line(&rest, &line)) {
		ptrdiff_t node = str_find_str(line, STR("node="));
		ptrdiff_t since = str_find_str(line, STR(" for_ms="));
		ptrdiff_t tries = str_find_str(line, STR(" tries="));
		if (str_find_str(line, str_of(uuid)) < 0 || node < 0)
			continue;
		static char short_line[256];
		struct buf s = buf_make(short_line, sizeof short_line);
		buf_put(&s, str_make(line.p + node, (size_t)(since - node)));
		buf_put(&s, str_from(line, (size_t)tries));
		return buf_str(&s);
	}
	return STR_NONE;
}

/* -- node literals -- */

static struct flow_node node_new(enum node_kind kind, const char *name)
{
	struct flow_node n = {.kind = kind, .name = str_of(name)};
	n.next = n.otherwise = n.open = NODE_NOWHERE;
	for (size_t i = 0; i < COUNT_OF(n.keys); i++)
		n.keys[i] = NODE_NOWHERE;
	for (size_t i = 0; i < COUNT_OF(n.exits); i++)
		n.exits[i] = NODE_NOWHERE;
	for (size_t i = 0; i < COUNT_OF(n.fails); i++)
		n.fails[i] = NODE_NOWHERE;
	return n;
}

struct flow_node node_play(const char *name, const char *prompt, uint32_t next)
{
	struct flow_node n = node_new(NODE_PLAY, name);
	n.prompt = str_of(prompt);
	n.next = next;
	return n;
}

struct flow_node node_say(const char *name, const struct lang_text *texts, uint32_t count,
			  uint32_t next)
{
	struct flow_node n = node_new(NODE_SAY, name);
	n.texts = texts;
	n.text_count = count;
	n.next = next;
	return n;
}

struct flow_node node_menu(const char *name, const char *prompt, uint32_t tries, uint32_t otherwise)
{
	struct flow_node n = node_new(NODE_MENU, name);
	n.prompt = str_of(prompt);
	n.timeout_ms = 5000;
	n.tries = tries;
	n.otherwise = otherwise;
	return n;
}

struct flow_node node_queue(const char *name, const char *queue)
{
	struct flow_node n = node_new(NODE_QUEUE, name);
	n.queue = str_of(queue);
	return n;
}

struct flow_node node_hours(const char *name, const char *hours, uint32_t open, uint32_t closed)
{
	struct flow_node n = node_new(NODE_HOURS, name);
	n.hours = str_of(hours);
	n.open = open;
	n.otherwise = closed;
	return n;
}

struct flow_node node_hangup(const char *name)
{
	return node_new(NODE_HANGUP, name);
}

void node_key(struct flow_node *n, uint32_t key, uint32_t to)
{
	n->keys[key] = to;
	n->key_mask |= BIT(key);
}

void node_exit(struct flow_node *n, enum queue_exit exit, uint32_t to)
{
	n->exits[exit] = to;
	n->exit_mask |= BIT(exit);
}

static struct expression expression(const char *text)
{
	char room[256];
	struct buf why = buf_make(room, sizeof room);
	struct expression e = {0};
	enum err err = expression_compile(str_of(text), &expressions, &e, &why);
	EXPECT(err == ERR_OK);
	return e;
}

struct flow_node node_set(const char *name, const char *var, const char *value, uint32_t next)
{
	struct flow_node n = node_new(NODE_SET, name);
	n.var = str_of(var);
	n.value = expression(value);
	n.next = next;
	return n;
}

struct flow_node node_branch(const char *name, uint32_t otherwise)
{
	struct flow_node n = node_new(NODE_BRANCH, name);
	n.cases = arena_alloc(&expressions, 8 * sizeof *n.cases);
	n.otherwise = otherwise;
	return n;
}

void node_case(struct flow_node *n, const char *when, uint32_t next)
{
	CHECK(n->case_count < 8);
	((struct flow_case *)(uintptr_t)n->cases)[n->case_count++] =
		(struct flow_case){expression(when), next};
}

struct flow_node node_language(const char *name, const char *lang, uint32_t next)
{
	struct flow_node n = node_new(NODE_LANGUAGE, name);
	n.lang = str_of(lang);
	n.next = next;
	return n;
}

struct flow_node node_collect(const char *name, const char *prompt, const char *var, uint32_t max,
			      uint32_t next, uint32_t otherwise)
{
	struct flow_node n = node_new(NODE_COLLECT, name);
	n.prompt = str_of(prompt);
	n.var = str_of(var);
	n.min = 1;
	n.max = max;
	n.terminator = 11;
	n.timeout_ms = 5000;
	n.next = next;
	n.otherwise = otherwise;
	return n;
}

struct flow_node node_callback(const char *name, const char *queue, const char *number,
			       uint32_t next, uint32_t otherwise)
{
	struct flow_node n = node_new(NODE_CALLBACK, name);
	n.queue = str_of(queue);
	n.number = expression(number);
	n.next = next;
	n.has_next = next != NODE_NOWHERE;
	n.otherwise = otherwise;
	return n;
}

struct flow_node node_transfer(const char *name, enum transfer_to to, const char *whom,
			       uint32_t next)
{
	struct flow_node n = node_new(NODE_TRANSFER, name);
	n.to = to;
	n.ring_ms = 30000;
	n.next = next;
	n.has_next = next != NODE_NOWHERE;
	if (to == TRANSFER_QUEUE)
		n.queue = str_of(whom);
	else if (to == TRANSFER_AGENT)
		n.agent = str_of(whom);
	else
		n.number = expression(whom);
	return n;
}

struct flow_node node_subflow(const char *name, const char *flow, uint32_t next)
{
	struct flow_node n = node_new(NODE_SUBFLOW, name);
	n.flow = str_of(flow);
	n.next = next;
	return n;
}
