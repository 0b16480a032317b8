/* rehearsal_told.c - what a rehearsal writes of the way: node by node, and how it ended. */
#include "flow/rehearsal_parts.h"

#define PROBLEMS_MAX 50u

static const char keys[] = "0123456789*#";

/* A slow reader says some 14 letters a second (measured on espeak-ng's voices at its usual speed).
 */
int64_t rehearsal_spoken_ms(struct str text)
{
	int64_t letters = 0;
	for (size_t i = 0; i < text.n; i++)
		letters += ((unsigned char)text.p[i] & 0xc0) != 0x80;
	return text.n ? 400 + letters * 70 : 3000;
}

static int64_t since_begin(const struct rehearsal *r)
{
	return r->core.now_ms - r->begin_ms;
}

void rehearsal_over(struct rehearsal *r, enum rehearsal_over how)
{
	if (r->over == OVER_NOT)
		r->over = how;
}

void rehearsal_tell_begin(struct rehearsal *r, struct buf *out)
{
	r->w = jsonw_make(out);
	jsonw_open(&r->w, '{');
	jsonw_ktime(&r->w, "at", r->wish->utc_ms);
	jsonw_key(&r->w, "steps");
	jsonw_open(&r->w, '[');
}

/* -- a step -- */

static void put_value(struct jsonw *w, const struct expr_value *v)
{
	switch (v->kind) {
	case VALUE_NONE:
		jsonw_null(w);
		break;
	case VALUE_BOOL:
		jsonw_bool(w, v->number != 0);
		break;
	case VALUE_NUMBER:
		jsonw_real(w, v->number);
		break;
	case VALUE_TEXT:
		jsonw_str(w, v->text);
		break;
	}
}

/* What was keyed in secretly is told by its name alone. */
static void put_variables(struct jsonw *w, const struct journey *j)
{
	jsonw_key(w, "variables");
	jsonw_open(w, '[');
	for (uint32_t i = 0; i < j->variables.count; i++) {
		const struct variable *v = &j->variables.list[i];
		struct expr_value value = v->value;
		value.text = str_make(v->text, v->value.text.n);
		jsonw_open(w, '{');
		jsonw_kstr(w, "name", str_of(v->name));
		jsonw_key(w, "value");
		if (v->masked)
			jsonw_null(w);
		else
			put_value(w, &value);
		jsonw_kbool(w, "masked", v->masked);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void step_close(struct rehearsal *r, const struct journey *j, const char *edge)
{
	struct jsonw *w = &r->w;
	if (!r->open)
		return;
	r->open = false;
	jsonw_close(w, ']');
	if (edge)
		jsonw_kstr(w, "left_by", str_of(edge));
	jsonw_ki64(w, "until_ms", since_begin(r));
	if (j)
		put_variables(w, j);
	jsonw_close(w, '}');
}

static void thing_open(struct rehearsal *r, const char *what, int64_t at_ms)
{
	jsonw_open(&r->w, '{');
	jsonw_kstr(&r->w, "what", str_of(what));
	jsonw_ki64(&r->w, "at_ms", at_ms);
}

/* Of a branch: which conditions were looked at, and what came of each. */
static void put_tests(struct rehearsal *r, struct journey *j, const struct flow_node *n)
{
	bool yes = false, masked;
	thing_open(r, "tested", since_begin(r));
	jsonw_key(&r->w, "is");
	jsonw_open(&r->w, '[');
	for (uint32_t i = 0; i < n->case_count && !yes; i++) {
		struct expr_value v = journey_value(j, &n->cases[i].when, &masked);
		yes = expression_true(&v);
		jsonw_bool(&r->w, yes);
	}
	jsonw_close(&r->w, ']');
	jsonw_close(&r->w, '}');
}

bool rehearsal_step(struct rehearsal *r, struct journey *j, const char *edge)
{
	struct jsonw *w = &r->w;
	const struct flow_node *n = journey_node(j);
	step_close(r, j, edge);
	if (r->steps == REHEARSAL_STEPS_MAX) {
		rehearsal_over(r, OVER_BOUND);
		return false;
	}
	r->steps++;
	r->open = true;
	r->node = n;
	jsonw_open(w, '{');
	jsonw_kstr(w, "flow", j->version->name);
	jsonw_kstr(w, "node", n->name);
	jsonw_kstr(w, "do", node_kind_word(n->kind));
	jsonw_kstr(w, "edge", str_of(edge));
	jsonw_ki64(w, "depth", j->depth);
	jsonw_ki64(w, "at_ms", since_begin(r));
	jsonw_key(w, "happened");
	jsonw_open(w, '[');
	if (n->kind == NODE_BRANCH)
		put_tests(r, j, n);
	return true;
}

/* -- what happens in it -- */

void rehearsal_tell_heard(struct rehearsal *r)
{
	struct rehearsal_heard *h = &r->heard;
	const int64_t now_ms = r->core.now_ms;
	if (!h->on)
		return;
	h->on = false;
	thing_open(r, "heard", h->begin_ms - r->begin_ms);
	if (h->prompt.n)
		jsonw_kstr(&r->w, "prompt", h->prompt);
	jsonw_kstr(&r->w, "text", h->text);
	jsonw_kstr(&r->w, "lang", h->lang);
	jsonw_ki64(&r->w, "ms", MIN(now_ms, h->end_ms) - h->begin_ms);
	jsonw_kbool(&r->w, "cut", now_ms < h->end_ms);
	jsonw_close(&r->w, '}');
}

static bool is_masked(const struct rehearsal *r)
{
	return r->node && r->node->kind == NODE_COLLECT && r->node->masked;
}

void rehearsal_tell_key(struct rehearsal *r, uint32_t key)
{
	const bool masked = is_masked(r);
	if (!r->open || key >= sizeof keys - 1)
		return;
	thing_open(r, "key", since_begin(r));
	if (!masked)
		jsonw_kstr(&r->w, "key", str_make(&keys[key], 1));
	jsonw_kbool(&r->w, "masked", masked);
	jsonw_close(&r->w, '}');
}

void rehearsal_tell_timeout(struct rehearsal *r, int64_t at_ms)
{
	const struct journey *j = rehearsal_journey(r);
	if (!r->open || !j || j->state != JOURNEY_KEY)
		return;
	thing_open(r, "timeout", at_ms - r->begin_ms);
	jsonw_close(&r->w, '}');
}

static const char *state_word(enum rehearsal_queue_end end)
{
	static const char *const words[] = {
		[REHEARSAL_ANSWERED] = "answered", [REHEARSAL_WAITS] = "waits",
		[REHEARSAL_FULL] = "full",	   [REHEARSAL_NO_AGENTS] = "no_agents",
		[REHEARSAL_CLOSED] = "closed",
	};
	return words[end];
}

void rehearsal_tell_queue(struct rehearsal *r, const struct command_queue_join *j,
			  const struct object *queue, const struct rehearsal_queue *state)
{
	struct jsonw *w = &r->w;
	const struct queue_config *q = &queue->config->queue;
	const struct skill_step *steps = j->own_steps ? j->steps : q->steps;
	const uint32_t count = j->own_steps ? j->step_count : q->step_count;
	thing_open(r, "queue", since_begin(r));
	jsonw_kstr(w, "queue", queue->name);
	jsonw_ki64(w, "priority_min", j->priority_min);
	jsonw_kstr(w, "state", str_of(state_word(state->end)));
	jsonw_ki64(w, "waiting", state->waiting);
	jsonw_ki64(w, "wait_ms", state->end == REHEARSAL_ANSWERED ? state->wait_ms : 0);
	jsonw_key(w, "skills");
	jsonw_open(w, '[');
	for (uint32_t i = 0; i < count; i++) {
		jsonw_open(w, '{');
		jsonw_ki64(w, "after_s", steps[i].after_ms / 1000);
		jsonw_kstr(w, "need", steps[i].need);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
	jsonw_key(w, "exits");
	jsonw_open(w, '[');
	for (unsigned x = EXIT_full; x <= EXIT_closed; x++)
		if (j->exits & BIT(x))
			jsonw_str(w, queue_exit_word((enum queue_exit)x));
	jsonw_close(w, ']');
	jsonw_close(w, '}');
}

void rehearsal_tell_transfer(struct rehearsal *r, const char *what, struct str whom)
{
	thing_open(r, "transfer", since_begin(r));
	jsonw_kstr(&r->w, what, whom);
	jsonw_close(&r->w, '}');
}

void rehearsal_tell_callback(struct rehearsal *r, struct str queue, struct str number)
{
	thing_open(r, "callback", since_begin(r));
	jsonw_kstr(&r->w, "queue", queue);
	jsonw_kstr(&r->w, "number", number);
	jsonw_close(&r->w, '}');
}

void rehearsal_tell_answer(struct rehearsal *r)
{
	if (!r->open)
		return;
	thing_open(r, "answer", since_begin(r));
	jsonw_close(&r->w, '}');
}

void rehearsal_problem(struct rehearsal *r, struct str text)
{
	struct jsonw w = jsonw_make(&r->problems);
	if (r->problem_count++ >= PROBLEMS_MAX)
		return;
	buf_ch(&r->problems, r->problem_count > 1 ? ',' : '[');
	jsonw_open(&w, '{');
	jsonw_ki64(&w, "at_ms", since_begin(r));
	jsonw_kstr(&w, "message", text);
	jsonw_close(&w, '}');
}

/* -- the end -- */

static void put_asks(struct jsonw *w, const struct flow_node *n)
{
	jsonw_key(w, "asks");
	jsonw_open(w, '{');
	jsonw_ki64(w, "timeout_ms", n->timeout_ms);
	if (n->kind == NODE_MENU) {
		jsonw_key(w, "keys");
		jsonw_open(w, '[');
		for (uint32_t k = 0; k < sizeof keys - 1; k++)
			if (n->key_mask & BIT(k))
				jsonw_str(w, str_make(&keys[k], 1));
		jsonw_close(w, ']');
	} else {
		jsonw_ki64(w, "min", n->min);
		jsonw_ki64(w, "max", n->max);
		jsonw_kstr(w, "terminator", str_make(&keys[n->terminator], 1));
		jsonw_kbool(w, "masked", n->masked);
	}
	jsonw_close(w, '}');
}

static void put_end(struct rehearsal *r)
{
	static const char *const words[] = {
		[OVER_NOT] = "failed",	      [OVER_QUEUE] = "queue",	[OVER_WAITS] = "waits",
		[OVER_TRANSFER] = "transfer", [OVER_HANGUP] = "hangup", [OVER_ASKS] = "asks",
		[OVER_CALLER] = "caller",     [OVER_BOUND] = "bound",
	};
	struct jsonw *w = &r->w;
	jsonw_key(w, "end");
	jsonw_open(w, '{');
	jsonw_kstr(w, "how", str_of(words[r->over]));
	if (r->over == OVER_HANGUP) {
		jsonw_kstr(w, "by", party_word(r->by));
		jsonw_kstr(w, "cause", str_of(r->cause));
	}
	if (r->over == OVER_ASKS && r->node)
		put_asks(w, r->node);
	jsonw_close(w, '}');
}

void rehearsal_tell_end(struct rehearsal *r)
{
	struct jsonw *w = &r->w;
	rehearsal_tell_heard(r); /* cut by the end */
	step_close(r, rehearsal_journey(r), NULL);
	jsonw_close(w, ']');
	put_end(r);
	jsonw_ki64(w, "elapsed_ms", since_begin(r));
	jsonw_key(w, "problems");
	buf_c(&r->problems, r->problem_count ? "]" : "[]");
	jsonw_raw(w, buf_str(&r->problems));
	jsonw_close(w, '}');
}
