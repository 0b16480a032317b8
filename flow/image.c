/*
 * image.c - a journey as it survives the process: where the contact was and what it waited for.
 *
 * A flow's configuration is not in the image, but the number of its version: that one is brought
 * back (version.h). Should nobody know it any more, the contact goes on in the newest at the node
 * of the same name and kind; a node that is gone ends the call with an alarm, unless the contact is
 * in a queue or with an agent: there it stays until they let go of it.
 */
#include "core/bytes.h"
#include "flow/journey.h"

/* What must not be stored is left out, and the contact asked for it again. */
static enum journey_state saved_state(const struct journey *j, const struct flow_node *n)
{
	return n && n->masked && j->state == JOURNEY_KEY ? JOURNEY_PROMPT : j->state;
}

static struct str saved_ahead(const struct journey *j)
{
	bool secret = j->depth || (j->version && j->version->config.secret);
	return secret ? STR_NONE : str_make((const char *)j->ahead, j->ahead_count);
}

static struct str saved_input(const struct journey *j, const struct flow_node *n)
{
	return n && n->masked ? STR_NONE : str_make(j->input, j->input_count);
}

static void frames_save(const struct journey *j, struct buf *out)
{
	put_u32(out, j->depth);
	for (uint32_t i = 0; i < j->depth; i++) {
		const struct flow_version *v = j->frames[i].version;
		uint32_t node = j->frames[i].node;
		put_word(out, v ? v->tenant : STR_NONE);
		put_word(out, v ? v->name : STR_NONE);
		put_word(out, v && node != NODE_NOWHERE ? v->config.nodes[node].name : STR_NONE);
	}
}

/* What a later build added: an image of an earlier one ends before it. */
static void versions_save(const struct journey *j, struct buf *out)
{
	put_u8(out, j->version && j->version->kind == KIND_draft);
	for (uint32_t i = 0; i < j->depth; i++) {
		const struct flow_version *v = j->frames[i].version;
		put_u8(out, v && v->kind == KIND_draft);
		put_u32(out, v ? v->number : 0);
	}
}

/* The names in an image; resolved when all of it was read. */
struct saved_frames {
	uint32_t depth;
	struct flow_name flows[FLOW_DEPTH_MAX];
	struct str nodes[FLOW_DEPTH_MAX];
};

static void frames_read(struct saved_frames *f, struct take *t)
{
	f->depth = take_u32(t);
	t->torn |= f->depth > FLOW_DEPTH_MAX;
	for (uint32_t i = 0; !t->torn && i < f->depth; i++) {
		f->flows[i] = (struct flow_name){.kind = KIND_flow};
		f->flows[i].tenant = take_word(t);
		f->flows[i].flow = take_word(t);
		f->nodes[i] = take_word(t);
	}
}

static void versions_read(struct flow_name *current, struct saved_frames *f, struct take *t)
{
	if (!t->rest.n)
		return;
	if (take_u8(t))
		current->kind = KIND_draft;
	for (uint32_t i = 0; !t->torn && i < f->depth; i++) {
		if (take_u8(t))
			f->flows[i].kind = KIND_draft;
		f->flows[i].version = take_u32(t);
	}
}

static void frames_load(struct journey *j, const struct saved_frames *f)
{
	for (; j->depth < f->depth; j->depth++) {
		struct frame *to = &j->frames[j->depth];
		to->node = NODE_NOWHERE;
		to->version = version_bring(&j->room->versions, journey_core(j)->objects,
					    &f->flows[j->depth]);
		if (to->version)
			to->node = version_find(to->version, f->nodes[j->depth], NODE_SUBFLOW);
	}
}

bool journey_save(const struct journey *j, struct buf *out)
{
	const struct flow_node *n = journey_node(j);
	put_word(out, j->version ? j->version->tenant : STR_NONE);
	put_word(out, j->version ? j->version->name : STR_NONE);
	put_u32(out, j->version ? j->version->number : 0);
	put_word(out, n ? n->name : STR_NONE);
	put_word(out, n ? node_kind_word(n->kind) : STR_NONE);
	put_word(out, journey_state_word(saved_state(j, n)));
	put_i64(out, j->since_ms);
	put_u32(out, j->token);
	put_u32(out, j->tries);
	put_word(out, saved_ahead(j));
	put_i64(out, timer_running(&j->timer) ? j->timer.at_ms : 0);
	put_word(out, party_word(j->end_by));
	put_word(out, str_of(j->end_cause));
	put_word(out, saved_input(j, n));
	frames_save(j, out);
	variables_save(&j->variables, out);
	versions_save(j, out);
	return true;
}

static enum err state_from(struct str word, enum journey_state *out)
{
	for (unsigned i = 0; i < JOURNEY_STATE_COUNT; i++) {
		if (str_eq(word, journey_state_word((enum journey_state)i))) {
			*out = (enum journey_state)i;
			return ERR_OK;
		}
	}
	return ERR_INVALID;
}

/* Where a contact can be at a node of this kind at the end of a turn. */
static bool state_fits(enum journey_state state, enum node_kind kind)
{
	switch (state) {
	case JOURNEY_PLAYING:
		return kind == NODE_PLAY || kind == NODE_SAY;
	case JOURNEY_PROMPT:
	case JOURNEY_KEY:
		return kind == NODE_MENU || kind == NODE_COLLECT;
	case JOURNEY_INVALID:
		return kind == NODE_MENU;
	case JOURNEY_RINGING:
		return kind == NODE_TRANSFER;
	case JOURNEY_QUEUED:
	case JOURNEY_AGENT:
		return kind == NODE_QUEUE || kind == NODE_TRANSFER;
	case JOURNEY_ENDING:
		return true;
	case JOURNEY_WALKING:
	case JOURNEY_STATE_COUNT:
		break;
	}
	return false;
}

enum err journey_load(struct flow_room *f, struct contact_id contact, struct str image)
{
	struct core *c = f->room.core;
	struct take t = {.rest = image};
	struct flow_name name = {.kind = KIND_flow};
	struct saved_frames frames;
	name.tenant = take_word(&t);
	name.flow = take_word(&t);
	name.version = take_u32(&t);
	struct str node = take_word(&t), kind_word = take_word(&t), state_word = take_word(&t);
	int64_t since_ms = take_i64(&t);
	uint32_t token = take_u32(&t), tries = take_u32(&t);
	struct str ahead = take_word(&t);
	int64_t deadline_ms = take_i64(&t);
	struct str by = take_word(&t), cause = take_word(&t);
	struct str input = take_word(&t);
	frames_read(&frames, &t);

	enum journey_state state;
	enum party end_by;
	enum node_kind kind;
	const struct contact *k = contact_get(c, contact);
	if (t.torn || !k || k->line_gone || state_from(state_word, &state) != ERR_OK ||
	    party_from(by, &end_by) != ERR_OK || ahead.n > JOURNEY_AHEAD_MAX ||
	    input.n > FLOW_DIGITS_MAX || cause.n >= JOURNEY_CAUSE_MAX)
		return ERR_INVALID;

	struct journey *j;
	enum err e = journey_create(f, k, &j);
	if (e != ERR_OK)
		return e;
	variables_load(&j->variables, &t);
	versions_read(&name, &frames, &t);
	if (t.torn) {
		journey_destroy(j);
		return ERR_INVALID;
	}
	j->version = version_bring(&f->versions, c->objects, &name);
	frames_load(j, &frames);
	if (j->version && node_kind_from(kind_word, &kind) == ERR_OK && state_fits(state, kind))
		j->node = version_find(j->version, node, kind);
	j->state = state;
	if (!journey_node(j) && state != JOURNEY_QUEUED && state != JOURNEY_RINGING &&
	    state != JOURNEY_AGENT && state != JOURNEY_ENDING)
		j->state = JOURNEY_WALKING; /* deaf until journey_resume ends it */
	j->since_ms = since_ms;
	j->token = token;
	j->tries = tries;
	j->ahead_count = (uint32_t)ahead.n;
	memcpy(j->ahead, ahead.p ? ahead.p : "", ahead.n);
	j->input_count = (uint32_t)input.n;
	memcpy(j->input, input.p ? input.p : "", input.n);
	j->deadline_ms = deadline_ms;
	j->end_by = end_by;
	CHECK(str_copy(cause, j->end_cause, sizeof j->end_cause));
	return ERR_OK;
}

static void journey_resume(struct timer *timer, int64_t now_ms)
{
	struct journey *j = timer->arg;
	const struct flow_node *n = journey_node(j);
	switch (j->state) {
	case JOURNEY_WALKING:
		journey_walk(j, step_fail("its node is gone since a restart"));
		break;
	case JOURNEY_PLAYING:
	case JOURNEY_PROMPT:
	case JOURNEY_INVALID:
		journey_walk(j, node_ops_of(n->kind)->resume(j));
		break;
	case JOURNEY_KEY:
		journey_timer(j, MIN(MAX(j->deadline_ms, now_ms), now_ms + n->timeout_ms));
		break;
	case JOURNEY_ENDING:
		journey_hang_up(j);
		break;
	case JOURNEY_QUEUED: /* acd, the agent or voice will tell */
	case JOURNEY_RINGING:
	case JOURNEY_AGENT:
	case JOURNEY_STATE_COUNT:
		break;
	}
}

/* Not at once: voice must have settled first, whichever room is told first. */
void journey_loaded(struct journey *j)
{
	timer_start(&journey_core(j)->timers, &j->timer, journey_core(j)->now_ms, journey_resume,
		    j);
}
