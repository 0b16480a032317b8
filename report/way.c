/* way.c - see way.h. */
#include "report/way.h"

#include <stdlib.h>

#include "core/bytes.h"

#define WAY_DEPTH_MAX 32u /* flows inside each other, of which apply allows 8 */
#define WAY_FORM 1	  /* of the bytes */

void way_init(struct way *w)
{
	*w = (struct way){0};
}

void way_finish(struct way *w)
{
	for (uint32_t i = 0; i < w->count; i++) {
		free(w->steps[i].own[0]);
		free(w->steps[i].own[1]);
	}
	free(w->steps);
	*w = (struct way){0};
}

static struct way_step *add(struct way *w)
{
	if (w->count == w->room) {
		w->room = 2 * w->room + 8;
		w->steps = xrealloc(w->steps, w->room * sizeof *w->steps);
	}
	w->steps[w->count] = (struct way_step){0};
	return &w->steps[w->count++];
}

static struct way_step *last_of(const struct way *w)
{
	return w->count ? &w->steps[w->count - 1] : NULL;
}

static struct str placed(char **at, struct str s)
{
	struct str copy = str_make(*at, s.n);
	if (s.n)
		memcpy(*at, s.p, s.n);
	*at += s.n;
	return copy;
}

static void on_step(struct way *w, const struct fact *f)
{
	const struct fact_flow_step *said = &f->flow_step;
	if (w->count == WAY_STEPS_MAX)
		return;
	struct way_step *s = add(w);
	char *at = xcalloc(1, said->flow.n + said->node.n + said->edge.n + 1);
	s->own[0] = at;
	s->flow = placed(&at, said->flow);
	s->node = placed(&at, said->node);
	s->edge = placed(&at, said->edge);
	s->version = said->version;
	s->draft = said->draft;
	s->at_ms = f->at_ms;
	w->dirty = true;
}

/* The first one that a node hands the contact to counts; but a callback is what it meant. */
static void on_handed(struct way *w, enum way_to to, struct str target)
{
	struct way_step *s = last_of(w);
	if (!s || w->end != WAY_OPEN || (s->to != WAY_TO_NOBODY && to != WAY_TO_CALLBACK))
		return;
	free(s->own[1]);
	s->own[1] = str_dup(target);
	s->to = to;
	s->target = str_make(s->own[1], target.n);
	w->dirty = true;
}

static void on_answered(struct way *w)
{
	struct way_step *s = last_of(w);
	if (!s || s->answered)
		return;
	s->answered = true;
	w->dirty = true;
}

static void on_end(struct way *w, enum way_end end, int64_t at_ms)
{
	if (!w->count || w->end != WAY_OPEN)
		return;
	w->end = w->broken && end == WAY_ENDED ? WAY_FAILED : end;
	w->end_ms = at_ms;
	w->dirty = true;
}

/* Of a stretch that others ended it is told after the disconnect. */
static void on_ivr_end(struct way *w, enum result result)
{
	if (result != RESULT_failed && result != RESULT_server_restart)
		return;
	w->broken = true;
	if (w->end == WAY_ENDED) {
		w->end = WAY_FAILED;
		w->dirty = true;
	}
}

void way_apply(struct way *w, const struct fact *f)
{
	switch ((int)f->kind) {
	case EV_flow_step:
		on_step(w, f);
		break;
	case EV_ivr_end:
		on_ivr_end(w, f->ivr_end.result);
		break;
	case EV_enqueue:
		on_handed(w, WAY_TO_QUEUE, f->enqueue.queue);
		break;
	case EV_offer:
		if (!f->offer.queue.n)
			on_handed(w, WAY_TO_AGENT, f->offer.agent);
		break;
	case EV_dial:
		on_handed(w, WAY_TO_NUMBER, f->dial.number);
		break;
	case EV_callback_wanted:
		on_handed(w, WAY_TO_CALLBACK, f->callback_wanted.queue);
		break;
	case EV_answer:
	case EV_dial_answer:
		on_answered(w);
		break;
	case EV_disconnect:
		on_end(w,
		       f->disconnect.by == PARTY_customer	       ? WAY_DROPPED
		       : str_is(f->disconnect.cause, "server_restart") ? WAY_FAILED
								       : WAY_ENDED,
		       f->at_ms);
		break;
	case EV_ended: /* nobody said how */
		on_end(w, WAY_FAILED, f->at_ms);
		break;
	default:
		break;
	}
}

void way_lost(struct way *w, int64_t at_ms)
{
	on_end(w, WAY_FAILED, at_ms);
}

/* -- bytes -- */

/* A flow's name most often is that of the step before: then it is empty. */
void way_put(struct buf *out, const struct way *w)
{
	struct str flow = STR_NONE;
	put_u8(out, WAY_FORM);
	put_u8(out, (uint8_t)w->end);
	put_u8(out, w->broken);
	put_i64(out, w->end_ms);
	put_u32(out, w->count);
	for (uint32_t i = 0; i < w->count; i++) {
		const struct way_step *s = &w->steps[i];
		put_word(out, str_eq(s->flow, flow) ? STR_NONE : s->flow);
		put_word(out, s->node);
		put_word(out, s->edge);
		put_u32(out, s->version);
		put_u8(out,
		       (uint8_t)((unsigned)s->to << 2 | (unsigned)s->answered << 1 | s->draft));
		put_i64(out, s->at_ms);
		if (s->to != WAY_TO_NOBODY)
			put_word(out, s->target);
		flow = s->flow;
	}
}

enum err way_take(struct way *w, struct str bytes)
{
	struct take t = {.rest = bytes};
	struct str flow = STR_NONE;
	const uint8_t form = take_u8(&t), end = take_u8(&t);
	w->broken = take_u8(&t) != 0;
	w->end_ms = take_i64(&t);
	const uint32_t count = take_u32(&t);
	if (t.torn || form != WAY_FORM || end > WAY_FAILED || count > WAY_STEPS_MAX)
		return ERR_INVALID;
	w->end = (enum way_end)end;
	w->count = 0;
	for (uint32_t i = 0; i < count && !t.torn; i++) {
		struct way_step *s = add(w);
		s->flow = take_word(&t);
		s->flow = s->flow.n ? s->flow : flow;
		flow = s->flow;
		s->node = take_word(&t);
		s->edge = take_word(&t);
		s->version = take_u32(&t);
		const uint8_t bits = take_u8(&t);
		s->draft = bits & 1;
		s->answered = bits >> 1 & 1;
		s->to = (enum way_to)MIN(bits >> 2, (int)WAY_TO_CALLBACK);
		s->at_ms = take_i64(&t);
		if (s->to != WAY_TO_NOBODY)
			s->target = take_word(&t);
	}
	return t.torn || t.rest.n ? ERR_INVALID : ERR_OK;
}

/* -- what became of it -- */

#define X(name) {#name, sizeof #name - 1},
static const struct str step_words[] = {STEP_COUNTS(X)};
static const struct str run_words[] = {RUN_COUNTS(X)};
#undef X

struct str step_count_word(enum step_count c)
{
	return step_words[c];
}

struct str run_count_word(enum run_count c)
{
	return run_words[c];
}

static enum err find(const struct str *words, unsigned count, struct str word, unsigned *out)
{
	for (unsigned i = 0; i < count; i++) {
		if (str_eq(words[i], word)) {
			*out = i;
			return ERR_OK;
		}
	}
	return ERR_INVALID;
}

enum err step_count_from(struct str word, enum step_count *out)
{
	unsigned i = 0;
	enum err e = find(step_words, COUNT_OF(step_words), word, &i);
	if (e == ERR_OK)
		*out = (enum step_count)i;
	return e;
}

enum err run_count_from(struct str word, enum run_count *out)
{
	unsigned i = 0;
	enum err e = find(run_words, COUNT_OF(run_words), word, &i);
	if (e == ERR_OK)
		*out = (enum run_count)i;
	return e;
}

/* The clock may have been set back. */
static int64_t span(int64_t from_ms, int64_t to_ms)
{
	return MAX(to_ms - from_ms, 0);
}

struct way_visit way_visit(const struct way *w, uint32_t step)
{
	const struct way_step *s = &w->steps[step];
	struct way_visit v = {.step = s, .became = STEP_left, .ms = -1};
	if (step + 1 < w->count) {
		v.edge = s[1].edge.n ? s[1].edge : STR("start"); /* begun anew by others */
		v.ms = span(s->at_ms, s[1].at_ms);
		return v;
	}
	if (w->end != WAY_OPEN)
		v.ms = span(s->at_ms, w->end_ms);
	v.became = w->end == WAY_OPEN	   ? STEP_inside
		   : s->answered	   ? STEP_served
		   : w->end == WAY_DROPPED ? STEP_dropped
		   : w->end == WAY_FAILED  ? STEP_failed
					   : STEP_ended;
	return v;
}

static enum run_count passed(enum way_to to)
{
	switch (to) {
	case WAY_TO_QUEUE:
		return RUN_passed_queue;
	case WAY_TO_AGENT:
		return RUN_passed_agent;
	case WAY_TO_NUMBER:
		return RUN_passed_number;
	case WAY_TO_CALLBACK:
		return RUN_passed_callback;
	case WAY_TO_NOBODY:
		break;
	}
	return RUN_inside;
}

struct runs {
	const struct way *w;
	uint32_t open[WAY_DEPTH_MAX]; /* outermost first */
	uint32_t depth;
	uint32_t count;
	struct way_run list[]; /* at most one a step */
};

static void run_open(struct runs *rs, uint32_t step)
{
	rs->list[rs->count] = (struct way_run){.first = step,
					       .last = step,
					       .outermost = !rs->depth,
					       .became = RUN_inside,
					       .ms = -1};
	if (rs->depth < WAY_DEPTH_MAX)
		rs->open[rs->depth++] = rs->count;
	rs->count++;
}

static void run_close(struct runs *rs, enum run_count became, int64_t at_ms)
{
	struct way_run *r = &rs->list[rs->open[--rs->depth]];
	if (r->became != RUN_inside)
		return; /* passed on before */
	r->became = became;
	r->ms = span(rs->w->steps[r->first].at_ms, at_ms);
}

/* Which run this step belongs to: flows inside that are over are closed. */
static void run_of_step(struct runs *rs, uint32_t step)
{
	const struct way_step *s = &rs->w->steps[step];
	bool inside = str_is(s->edge, "flow") && rs->depth;
	while (rs->depth && !inside &&
	       (!s->edge.n ||
		!str_eq(rs->w->steps[rs->list[rs->open[rs->depth - 1]].first].flow, s->flow)))
		run_close(rs, RUN_returned, s->at_ms);
	if (inside || !rs->depth)
		run_open(rs, step);
	rs->list[rs->open[rs->depth - 1]].last = step;
}

static void run_handed(struct runs *rs, const struct way_step *s)
{
	for (uint32_t i = 0; i < rs->depth && s->to != WAY_TO_NOBODY; i++) {
		struct way_run *r = &rs->list[rs->open[i]];
		if (r->became != RUN_inside && s->to != WAY_TO_CALLBACK)
			continue;
		if (r->ms < 0)
			r->ms = span(rs->w->steps[r->first].at_ms, s->at_ms);
		r->became = passed(s->to);
		r->target = s->target;
	}
}

void way_runs(const struct way *w, void (*run)(void *arg, uint32_t n, const struct way_run *r),
	      void *arg)
{
	struct runs *rs = xcalloc(1, sizeof *rs + w->count * sizeof rs->list[0]);
	rs->w = w;
	for (uint32_t i = 0; i < w->count; i++) {
		run_of_step(rs, i);
		run_handed(rs, &w->steps[i]);
	}
	while (rs->depth && w->end != WAY_OPEN)
		run_close(rs,
			  w->end == WAY_DROPPED	 ? RUN_abandoned
			  : w->end == WAY_FAILED ? RUN_failed
						 : RUN_contained,
			  w->end_ms);
	for (uint32_t i = 0; i < rs->count; i++)
		run(arg, i, &rs->list[i]);
	free(rs);
}

void way_path(struct buf *out, const struct way *w, const struct way_run *r)
{
	const struct str flow = w->steps[r->first].flow;
	uint32_t end = r->first + 1, shown = 0;
	while (end < w->count && (w->steps[end].edge.n || !r->outermost) &&
	       (r->outermost || end <= r->last))
		end++;
	for (uint32_t i = r->first; i < end; i++) {
		const struct way_step *s = &w->steps[i];
		if (i > r->first)
			buf_ch(out, '>');
		if (shown++ == WAY_PATH_MAX) {
			buf_c(out, "…");
			return;
		}
		if (!str_eq(s->flow, flow)) {
			buf_put(out, s->flow);
			buf_ch(out, '/');
		}
		buf_put(out, s->node);
	}
}
