/* journey.c - one contact's way through its flow; see journey.h. */
#include "flow/rehearsal_parts.h"

#include <stdlib.h>

#define TO(state) BIT(JOURNEY_##state)
static const uint32_t may_go[JOURNEY_STATE_COUNT] = {
#define S(name, to) [JOURNEY_##name] = (to),
	JOURNEY_STATES(S)
#undef S
};
#undef TO

struct str journey_state_word(enum journey_state s)
{
	static const struct str words[JOURNEY_STATE_COUNT] = {
#define S(name, to) [JOURNEY_##name] = {#name, sizeof #name - 1},
		JOURNEY_STATES(S)
#undef S
	};
	return words[s];
}

/* -- node kinds: one line each -- */

static const struct {
	const char *word;
	const struct node_ops *ops;
} kinds[] = {
	[NODE_PLAY] = {"play", &play_node},
	[NODE_SAY] = {"say", &say_node},
	[NODE_MENU] = {"menu", &menu_node},
	[NODE_QUEUE] = {"queue", &queue_node},
	[NODE_HOURS] = {"hours", &hours_node},
	[NODE_HANGUP] = {"hangup", &hangup_node},
	[NODE_SET] = {"set", &set_node},
	[NODE_BRANCH] = {"branch", &branch_node},
	[NODE_LANGUAGE] = {"language", &language_node},
	[NODE_COLLECT] = {"collect", &collect_node},
	[NODE_SUBFLOW] = {"subflow", &subflow_node},
	[NODE_CALLBACK] = {"callback", &callback_node},
	[NODE_TRANSFER] = {"transfer", &transfer_node},
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
	f->by_slot = xrealloc(f->by_slot, slots * sizeof(struct journey *));
	memset(f->by_slot + f->slots, 0, (slots - f->slots) * sizeof(struct journey *));
	f->slots = slots;
}

struct journey *journey_of(const struct flow_room *f, struct contact_id contact)
{
	if (contact.slot >= f->slots)
		return NULL;
	struct journey *j = f->by_slot[contact.slot];
	return j && ID_EQ(j->contact, contact) ? j : NULL;
}

enum err journey_create(struct flow_room *f, const struct contact *k, struct journey **out)
{
	struct id unused;
	slots_grow(f, k->id.slot);
	/* an older contact of the same slot has been forgotten at its contact_gone */
	if (f->by_slot[k->id.slot])
		return ERR_CONFLICT;
	struct journey *j = pool_take(f->journeys, &unused);
	if (!j)
		return ERR_FULL;
	j->room = f;
	j->contact = k->id;
	j->tenant = k->tenant;
	j->node = NODE_NOWHERE;
	j->state = JOURNEY_WALKING;
	j->since_ms = j->window_ms = f->room.core->now_ms;
	f->by_slot[k->id.slot] = j;
	core_touch(f->room.core, IMAGE_FLOW, ID(j->contact));
	*out = j;
	return ERR_OK;
}

void journey_destroy(struct journey *j)
{
	struct flow_room *f = j->room;
	timer_stop(&f->room.core->timers, &j->timer);
	subflow_forget(j);
	version_leave(&f->versions, j->version);
	variables_finish(&j->variables);
	explicit_bzero(j->input, sizeof j->input);
	explicit_bzero(j->ahead, sizeof j->ahead);
	f->by_slot[j->contact.slot] = NULL;
	core_touch(f->room.core, IMAGE_FLOW, ID(j->contact));
	pool_give(f->journeys, j);
}

/* -- what nodes use -- */

const struct flow_node *journey_node(const struct journey *j)
{
	if (!j->version || j->node >= j->version->config.node_count)
		return NULL;
	return &j->version->config.nodes[j->node];
}

struct core *journey_core(const struct journey *j)
{
	return j->room->room.core;
}

struct str journey_tenant(const struct journey *j)
{
	return j->version ? j->version->tenant : STR_NONE;
}

struct str journey_lang(const struct journey *j)
{
	const struct contact *k = contact_get(journey_core(j), j->contact);
	return k ? str_of(k->lang) : STR_NONE;
}

void journey_move(struct journey *j, enum journey_state to)
{
	CHECK(may_go[j->state] & BIT(to));
	/* a time-out belongs to the state it was started in */
	timer_stop(&journey_core(j)->timers, &j->timer);
	j->state = to;
	j->since_ms = journey_core(j)->now_ms;
	core_touch(journey_core(j), IMAGE_FLOW, ID(j->contact));
}

bool journey_play(struct journey *j, const struct play_item *item, bool digits)
{
	if (++j->token == 0) /* zero means none */
		j->token = 1;
	return SEND(journey_core(j), media_play, .contact = j->contact, .token = j->token,
		    .digits = digits, .items = item, .count = 1) == ERR_OK;
}

bool journey_play_prompt(struct journey *j, struct str prompt, bool digits)
{
	const struct object *o =
		objects_find(journey_core(j)->objects, KIND_prompt, journey_tenant(j), prompt);
	if (!o)
		return false;
	struct play_item item = {.prompt = ID_AS(prompt_id, o->id), .lang = journey_lang(j)};
	return journey_play(j, &item, digits);
}

/* For what may have ended a moment ago: voice refuses then, and that is as good. */
static void either_way(enum err e)
{
	(void)e;
}

void journey_play_stop(struct journey *j)
{
	either_way(SEND(journey_core(j), media_stop, .contact = j->contact, .token = j->token));
}

static void journey_time_out(struct timer *t, int64_t now_ms)
{
	struct journey *j = t->arg;
	(void)now_ms;
	journey_walk(j, node_ops_of(journey_node(j)->kind)->timeout(j));
}

void journey_timer(struct journey *j, int64_t at_ms)
{
	timer_start(&journey_core(j)->timers, &j->timer, at_ms, journey_time_out, j);
}

void journey_keep_digit(struct journey *j, uint32_t digit)
{
	if (j->ahead_count == JOURNEY_AHEAD_MAX || digit > UINT8_MAX)
		return;
	j->ahead[j->ahead_count++] = (uint8_t)digit;
	core_touch(journey_core(j), IMAGE_FLOW, ID(j->contact));
}

/* The flow it began with, around all others. */
static struct flow_id outermost(const struct journey *j)
{
	const struct flow_version *v = j->depth ? j->frames[0].version : j->version;
	return v ? v->flow : (struct flow_id){0};
}

void journey_stretch_end(struct journey *j, enum result result)
{
	switch (j->state) {
	case JOURNEY_WALKING:
	case JOURNEY_PLAYING:
	case JOURNEY_PROMPT:
	case JOURNEY_INVALID:
	case JOURNEY_KEY:
		EMIT(journey_core(j), ivr_end, .contact = j->contact, .flow = outermost(j),
		     .result = result);
		break;
	case JOURNEY_RINGING:
	case JOURNEY_QUEUED: /* it was told when the contact came here */
	case JOURNEY_AGENT:
	case JOURNEY_ENDING:
	case JOURNEY_STATE_COUNT:
		break;
	}
}

void journey_alarm(struct journey *j, const char *what)
{
	char text[256], uuid[UUID_TEXT + 1];
	struct buf b = buf_make(text, sizeof text);
	const struct flow_node *n = journey_node(j);
	buf_fmt(&b, "flow " STR_FMT " node " STR_FMT ": %s",
		STR_ARG(j->version ? j->version->name : STR("?")), STR_ARG(n ? n->name : STR("?")),
		what);
	const struct contact *k = contact_get(journey_core(j), j->contact);
	if (k)
		uuid_text(k->uuid, uuid);
	EMIT(journey_core(j), alarm, .tenant = j->tenant, .name = STR("flow"),
	     .detail = buf_str(&b), .about = k ? str_of(uuid) : STR_NONE);
}

/* -- the way -- */

void journey_hang_up(struct journey *j)
{
	/* refused: the line is gone already, and voice will say so or has */
	either_way(SEND(journey_core(j), hang_up, .contact = j->contact, .by = j->end_by,
			.cause = str_of(j->end_cause)));
}

static void journey_end(struct journey *j, const struct step *s)
{
	bool failed = s->kind == STEP_FAIL;
	if (failed)
		journey_alarm(j, s->cause);
	journey_stretch_end(j, failed ? RESULT_failed : RESULT_completed);
	j->end_by = s->by;
	CHECK(str_copy(str_of(s->cause), j->end_cause, sizeof j->end_cause));
	journey_move(j, JOURNEY_ENDING);
	journey_hang_up(j);
}

static bool goes_round(struct journey *j)
{
	int64_t now_ms = journey_core(j)->now_ms;
	if (now_ms - j->window_ms >= WALK_WINDOW_MS) {
		j->window_ms = now_ms;
		j->window_nodes = 0;
	}
	return ++j->window_nodes > WALK_NODES_MAX;
}

void journey_walk(struct journey *j, struct step s)
{
	while (s.kind == STEP_GO) {
		bool over = !j->version || s.node >= j->version->config.node_count;
		if (over && j->depth) {
			s = subflow_node_return(j, s.edge);
		} else if (over) {
			s = step_end(PARTY_system, "flow");
		} else if (goes_round(j)) {
			s = step_fail("goes round and round");
		} else {
			j->node = s.node;
			journey_move(j, JOURNEY_WALKING);
			const struct flow_node *n = journey_node(j);
			if (j->room->rehearsal && !rehearsal_step(j->room->rehearsal, j, s.edge)) {
				s = step_end(PARTY_system, "too long to look at");
				continue;
			}
			EMIT(journey_core(j), flow_step, .contact = j->contact,
			     .flow = j->version->flow, .node = n->name, .edge = str_of(s.edge),
			     .version = j->version->number,
			     .draft = j->version->kind == KIND_draft);
			s = node_ops_of(n->kind)->enter(j);
		}
	}
	if (s.kind != STEP_WAIT)
		journey_end(j, &s);
}
