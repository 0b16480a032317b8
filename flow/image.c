/*
 * image.c - a visit as it survives the process: where the contact was and what it waited for.
 *
 * A flow's configuration is not in the image. When the newest version is another one than the
 * contact was on, it goes on in the newest at the node of the same name and kind; a node that is
 * gone ends the call with an alarm, unless the contact is in a queue or with an agent: there it
 * stays until they let go of it.
 */
#include "core/bytes.h"
#include "flow/visit.h"

bool visit_save(const struct visit *v, struct buf *out)
{
	const struct flow_node *n = visit_node(v);
	put_word(out, v->version ? v->version->tenant : STR_NONE);
	put_word(out, v->version ? v->version->name : STR_NONE);
	put_u32(out, v->version ? v->version->number : 0);
	put_word(out, n ? n->name : STR_NONE);
	put_word(out, n ? node_kind_word(n->kind) : STR_NONE);
	put_word(out, visit_state_word(v->state));
	put_i64(out, v->since_ms);
	put_u32(out, v->token);
	put_u32(out, v->tries);
	put_word(out, str_make((const char *)v->ahead, v->ahead_count));
	put_i64(out, timer_running(&v->timer) ? v->timer.at_ms : 0);
	put_word(out, party_word(v->end_by));
	put_word(out, str_of(v->end_cause));
	return true;
}

static enum err state_from(struct str word, enum visit_state *out)
{
	for (unsigned i = 0; i < VISIT_STATE_COUNT; i++) {
		if (str_eq(word, visit_state_word((enum visit_state)i))) {
			*out = (enum visit_state)i;
			return ERR_OK;
		}
	}
	return ERR_INVALID;
}

/* Where a contact can be at a node of this kind at the end of a turn. */
static bool state_fits(enum visit_state state, enum node_kind kind)
{
	switch (state) {
	case VISIT_PLAYING:
		return kind == NODE_PLAY || kind == NODE_SAY;
	case VISIT_PROMPT:
	case VISIT_INVALID:
	case VISIT_KEY:
		return kind == NODE_MENU;
	case VISIT_QUEUED:
	case VISIT_AGENT:
		return kind == NODE_QUEUE;
	case VISIT_ENDING:
		return true;
	case VISIT_WALKING:
	case VISIT_STATE_COUNT:
		break;
	}
	return false;
}

enum err visit_load(struct flow_room *f, struct contact_id contact, struct str image)
{
	struct core *c = f->room.core;
	struct take t = {.rest = image};
	struct str tenant = take_word(&t), flow = take_word(&t);
	uint32_t number = take_u32(&t);
	struct str node = take_word(&t), kind_word = take_word(&t), state_word = take_word(&t);
	int64_t since_ms = take_i64(&t);
	uint32_t token = take_u32(&t), tries = take_u32(&t);
	struct str ahead = take_word(&t);
	int64_t deadline_ms = take_i64(&t);
	struct str by = take_word(&t), cause = take_word(&t);

	enum visit_state state;
	enum party end_by;
	enum node_kind kind;
	const struct contact *k = contact_get(c, contact);
	if (t.torn || !k || k->line_gone || state_from(state_word, &state) != ERR_OK ||
	    party_from(by, &end_by) != ERR_OK || ahead.n > VISIT_AHEAD_MAX ||
	    cause.n >= VISIT_CAUSE_MAX)
		return ERR_INVALID;

	struct visit *v;
	enum err e = visit_create(f, k, objects_find(c->objects, KIND_flow, tenant, flow), &v);
	if (e != ERR_OK)
		return e;
	if (v->version && node_kind_from(kind_word, &kind) == ERR_OK && state_fits(state, kind))
		v->node = version_find(v->version, node, kind);
	(void)number; /* for people reading an image: the name decides */
	v->state = state;
	if (!visit_node(v) && state != VISIT_QUEUED && state != VISIT_AGENT &&
	    state != VISIT_ENDING)
		v->state = VISIT_WALKING; /* deaf until visit_resume ends it */
	v->since_ms = since_ms;
	v->token = token;
	v->tries = tries;
	v->ahead_count = (uint32_t)ahead.n;
	memcpy(v->ahead, ahead.p ? ahead.p : "", ahead.n);
	v->deadline_ms = deadline_ms;
	v->end_by = end_by;
	CHECK(str_copy(cause, v->end_cause, sizeof v->end_cause));
	return ERR_OK;
}

static void visit_resume(struct timer *timer, int64_t now_ms)
{
	struct visit *v = timer->arg;
	const struct flow_node *n = visit_node(v);
	switch (v->state) {
	case VISIT_WALKING:
		visit_walk(v, step_fail("its node is gone since a restart"));
		break;
	case VISIT_PLAYING:
	case VISIT_PROMPT:
	case VISIT_INVALID:
		visit_walk(v, node_ops_of(n->kind)->resume(v));
		break;
	case VISIT_KEY:
		visit_timer(v, MIN(MAX(v->deadline_ms, now_ms), now_ms + n->timeout_ms));
		break;
	case VISIT_ENDING:
		visit_hang_up(v);
		break;
	case VISIT_QUEUED: /* acd or the agent will tell */
	case VISIT_AGENT:
	case VISIT_STATE_COUNT:
		break;
	}
}

/* Not at once: voice must have settled first, whichever room is told first. */
void visit_loaded(struct visit *v)
{
	timer_start(&visit_core(v)->timers, &v->timer, visit_core(v)->now_ms, visit_resume, v);
}
