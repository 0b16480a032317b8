/* visit.c - one contact's way through its flow; see visit.h. */
#include "flow/visit.h"

#include <stdlib.h>

#define TO(state) BIT(VISIT_##state)
static const uint32_t may_go[VISIT_STATE_COUNT] = {
#define S(name, to) [VISIT_##name] = (to),
	VISIT_STATES(S)
#undef S
};
#undef TO

struct str visit_state_word(enum visit_state s)
{
	static const struct str words[VISIT_STATE_COUNT] = {
#define S(name, to) [VISIT_##name] = {#name, sizeof #name - 1},
		VISIT_STATES(S)
#undef S
	};
	return words[s];
}

/* -- node kinds: one line each -- */

static const struct {
	const char *word;
	const struct node_ops *ops;
} kinds[] = {
	[NODE_PLAY] = {"play", &play_node},    [NODE_SAY] = {"say", &say_node},
	[NODE_MENU] = {"menu", &menu_node},    [NODE_QUEUE] = {"queue", &queue_node},
	[NODE_HOURS] = {"hours", &hours_node}, [NODE_HANGUP] = {"hangup", &hangup_node},
};

const struct node_ops *node_ops_of(enum node_kind kind)
{
	CHECK((unsigned)kind < COUNT_OF(kinds));
	return kinds[kind].ops;
}

struct str node_kind_word(enum node_kind kind)
{
	CHECK((unsigned)kind < COUNT_OF(kinds));
	return str_of(kinds[kind].word);
}

enum err node_kind_from(struct str word, enum node_kind *out)
{
	for (unsigned i = 0; i < COUNT_OF(kinds); i++) {
		if (str_is(word, kinds[i].word)) {
			*out = (enum node_kind)i;
			return ERR_OK;
		}
	}
	return ERR_INVALID;
}

/* -- life -- */

static void slots_grow(struct flow_room *f, uint32_t slot)
{
	if (slot < f->slots)
		return;
	uint32_t slots = MAX(slot + 1, MAX(256u, f->slots * 2));
	f->by_slot = xrealloc(f->by_slot, slots * sizeof(*f->by_slot));
	memset(f->by_slot + f->slots, 0, (slots - f->slots) * sizeof(*f->by_slot));
	f->slots = slots;
}

struct visit *visit_of(const struct flow_room *f, struct contact_id contact)
{
	if (contact.slot >= f->slots)
		return NULL;
	struct visit *v = f->by_slot[contact.slot];
	return v && ID_EQ(v->contact, contact) ? v : NULL;
}

enum err visit_create(struct flow_room *f, const struct contact *k, const struct object *flow,
		      struct visit **out)
{
	struct id unused;
	slots_grow(f, k->id.slot);
	/* an older contact of the same slot has been forgotten at its contact_gone */
	if (f->by_slot[k->id.slot])
		return ERR_CONFLICT;
	struct visit *v = pool_take(f->visits, &unused);
	if (!v)
		return ERR_FULL;
	v->room = f;
	v->contact = k->id;
	v->tenant = k->tenant;
	v->version = flow ? version_use(&f->versions, flow) : NULL;
	v->node = NODE_NOWHERE;
	v->state = VISIT_WALKING;
	v->since_ms = v->window_ms = f->room.core->now_ms;
	f->by_slot[k->id.slot] = v;
	core_touch(f->room.core, IMAGE_FLOW, ID(v->contact));
	*out = v;
	return ERR_OK;
}

void visit_destroy(struct visit *v)
{
	struct flow_room *f = v->room;
	timer_stop(&f->room.core->timers, &v->timer);
	version_leave(&f->versions, v->version);
	f->by_slot[v->contact.slot] = NULL;
	core_touch(f->room.core, IMAGE_FLOW, ID(v->contact));
	pool_give(f->visits, v);
}

/* -- what nodes use -- */

const struct flow_node *visit_node(const struct visit *v)
{
	if (!v->version || v->node >= v->version->config.node_count)
		return NULL;
	return &v->version->config.nodes[v->node];
}

struct core *visit_core(const struct visit *v)
{
	return v->room->room.core;
}

struct str visit_tenant(const struct visit *v)
{
	return v->version ? v->version->tenant : STR_NONE;
}

struct str visit_lang(const struct visit *v)
{
	const struct contact *k = contact_get(visit_core(v), v->contact);
	return k ? str_of(k->lang) : STR_NONE;
}

void visit_move(struct visit *v, enum visit_state to)
{
	CHECK(may_go[v->state] & BIT(to));
	/* a time-out belongs to the state it was started in */
	timer_stop(&visit_core(v)->timers, &v->timer);
	v->state = to;
	v->since_ms = visit_core(v)->now_ms;
	core_touch(visit_core(v), IMAGE_FLOW, ID(v->contact));
}

bool visit_play(struct visit *v, const struct play_item *item, bool digits)
{
	if (++v->token == 0) /* zero means none */
		v->token = 1;
	return SEND(visit_core(v), media_play, .contact = v->contact, .token = v->token,
		    .digits = digits, .items = item, .count = 1) == ERR_OK;
}

bool visit_play_prompt(struct visit *v, struct str prompt, bool digits)
{
	const struct object *o =
		objects_find(visit_core(v)->objects, KIND_prompt, visit_tenant(v), prompt);
	if (!o)
		return false;
	struct play_item item = {.prompt = ID_AS(prompt_id, o->id), .lang = visit_lang(v)};
	return visit_play(v, &item, digits);
}

/* For what may have ended a moment ago: voice refuses then, and that is as good. */
static void either_way(enum err e)
{
	(void)e;
}

void visit_play_stop(struct visit *v)
{
	either_way(SEND(visit_core(v), media_stop, .contact = v->contact, .token = v->token));
}

static void visit_time_out(struct timer *t, int64_t now_ms)
{
	struct visit *v = t->arg;
	(void)now_ms;
	visit_walk(v, node_ops_of(visit_node(v)->kind)->timeout(v));
}

void visit_timer(struct visit *v, int64_t at_ms)
{
	timer_start(&visit_core(v)->timers, &v->timer, at_ms, visit_time_out, v);
}

void visit_keep_digit(struct visit *v, uint32_t digit)
{
	if (v->ahead_count == VISIT_AHEAD_MAX || digit > UINT8_MAX)
		return;
	v->ahead[v->ahead_count++] = (uint8_t)digit;
	core_touch(visit_core(v), IMAGE_FLOW, ID(v->contact));
}

void visit_stretch_end(struct visit *v, enum result result)
{
	switch (v->state) {
	case VISIT_WALKING:
	case VISIT_PLAYING:
	case VISIT_PROMPT:
	case VISIT_INVALID:
	case VISIT_KEY:
		EMIT(visit_core(v), ivr_end, .contact = v->contact,
		     .flow = v->version ? v->version->flow : (struct flow_id){0}, .result = result);
		break;
	case VISIT_QUEUED: /* it was told when the contact came here */
	case VISIT_AGENT:
	case VISIT_ENDING:
	case VISIT_STATE_COUNT:
		break;
	}
}

void visit_alarm(struct visit *v, const char *what)
{
	char text[256];
	struct buf b = buf_make(text, sizeof text);
	const struct flow_node *n = visit_node(v);
	buf_fmt(&b, "flow " STR_FMT " node " STR_FMT ": %s",
		STR_ARG(v->version ? v->version->name : STR("?")), STR_ARG(n ? n->name : STR("?")),
		what);
	EMIT(visit_core(v), alarm, .tenant = v->tenant, .name = STR("flow"), .detail = buf_str(&b));
}

/* -- the way -- */

void visit_hang_up(struct visit *v)
{
	/* refused: the line is gone already, and voice will say so or has */
	either_way(SEND(visit_core(v), hang_up, .contact = v->contact, .by = v->end_by,
			.cause = str_of(v->end_cause)));
}

static void visit_end(struct visit *v, const struct step *s)
{
	bool failed = s->kind == STEP_FAIL;
	if (failed)
		visit_alarm(v, s->cause);
	visit_stretch_end(v, failed ? RESULT_failed : RESULT_completed);
	v->end_by = s->by;
	CHECK(str_copy(str_of(s->cause), v->end_cause, sizeof v->end_cause));
	visit_move(v, VISIT_ENDING);
	visit_hang_up(v);
}

static bool goes_round(struct visit *v)
{
	int64_t now_ms = visit_core(v)->now_ms;
	if (now_ms - v->window_ms >= WALK_WINDOW_MS) {
		v->window_ms = now_ms;
		v->window_nodes = 0;
	}
	return ++v->window_nodes > WALK_NODES_MAX;
}

void visit_walk(struct visit *v, struct step s)
{
	while (s.kind == STEP_GO) {
		if (!v->version || s.node >= v->version->config.node_count) {
			s = step_end(PARTY_system, "flow");
		} else if (goes_round(v)) {
			s = step_fail("goes round and round");
		} else {
			v->node = s.node;
			visit_move(v, VISIT_WALKING);
			const struct flow_node *n = visit_node(v);
			EMIT(visit_core(v), flow_step, .contact = v->contact,
			     .flow = v->version->flow, .node = n->name);
			s = node_ops_of(n->kind)->enter(v);
		}
	}
	if (s.kind != STEP_WAIT)
		visit_end(v, &s);
}
