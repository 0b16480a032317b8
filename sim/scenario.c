/* scenario.c - see scenario.h. Whatever is not known is refused: a misspelt patience would be an
 * endless one. */
#include "sim/scenario.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#define SECONDS_MAX 1e7
#define TRACE_MAX 1000000u
#define LOADS_MAX 10000u

/* Where the reader is, as people write it: queues[1].handle_s */
struct place {
	const struct place *in;
	const char *key; /* NULL: the index */
	size_t index;
	struct buf *why;
};

static void path(const struct place *p, struct buf *out)
{
	if (p->in)
		path(p->in, out);
	if (!p->key && p->in)
		buf_fmt(out, "[%zu]", p->index);
	else if (p->key)
		buf_fmt(out, "%s%s", p->in && (p->in->key || p->in->in) ? "." : "", p->key);
}

static struct place in_key(const struct place *p, const char *key)
{
	return (struct place){p, key, 0, p->why};
}

static struct place in_item(const struct place *p, size_t index)
{
	return (struct place){p, NULL, index, p->why};
}

PRINTF_LIKE(2, 3) static enum err wrong(const struct place *p, const char *fmt, ...)
{
	char room[200];
	va_list args;
	va_start(args, fmt);
	vsnprintf(room, sizeof room, fmt, args);
	va_end(args);
	p->why->n = 0;
	path(p, p->why);
	if (p->why->n)
		buf_c(p->why, ": ");
	buf_c(p->why, room);
	return ERR_INVALID;
}

static enum err only(const struct place *p, json_t *of, const char *const *keys)
{
	const char *key;
	json_t *value;
	if (!json_is_object(of))
		return wrong(p, "an object is wanted");
	json_object_foreach(of, key, value)
	{
		size_t i = 0;
		while (keys[i] && strcmp(keys[i], key) != 0)
			i++;
		if (!keys[i])
			return wrong(p, "\"%.60s\" is not known here", key);
	}
	return ERR_OK;
}

struct range {
	double low, high;
	double otherwise; /* when absent; NAN: it must be there */
};

static enum err number_of(const struct place *p, json_t *v, const struct range *r, double *out)
{
	if (!v && !isnan(r->otherwise)) {
		*out = r->otherwise;
		return ERR_OK;
	}
	if (!v)
		return wrong(p, "is missing");
	if (!json_is_number(v))
		return wrong(p, "a number is wanted");
	double x = json_number_value(v);
	if (!(x >= r->low && x <= r->high))
		return wrong(p, "%.15g to %.15g is allowed", r->low, r->high);
	*out = x;
	return ERR_OK;
}

static enum err number(const struct place *in, json_t *of, const char *key, struct range r,
		       double *out)
{
	struct place p = in_key(in, key);
	return number_of(&p, json_object_get(of, key), &r, out);
}

static enum err whole(const struct place *in, json_t *of, const char *key, struct range r,
		      int64_t *out)
{
	struct place p = in_key(in, key);
	double x = 0;
	enum err e = number_of(&p, json_object_get(of, key), &r, &x);
	if (e != ERR_OK)
		return e;
	if (x != (double)(int64_t)x)
		return wrong(&p, "a whole number is wanted");
	*out = (int64_t)x;
	return ERR_OK;
}

static enum err milliseconds(const struct place *in, json_t *of, const char *key, double otherwise,
			     int64_t *out)
{
	double s = 0;
	enum err e = number(in, of, key, (struct range){0, SECONDS_MAX, otherwise}, &s);
	if (e == ERR_OK)
		*out = (int64_t)(s * 1000 + 0.5);
	return e;
}

/* -- distributions -- */

static enum err trace(const struct place *p, json_t *of, struct dist *d)
{
	const struct range seconds = {0, SECONDS_MAX, NAN};
	const char *key = json_object_get(of, "values") ? "values" : "list";
	struct place at = in_key(p, key);
	json_t *list = json_object_get(of, key);
	size_t n = json_array_size(list);
	if (!json_is_array(list) || !n || n > TRACE_MAX)
		return wrong(&at, "a list of 1 to %u numbers is wanted", TRACE_MAX);
	d->list = xcalloc(n, sizeof *d->list);
	d->length = (uint32_t)n;
	for (size_t i = 0; i < n; i++) {
		struct place item = in_item(&at, i);
		enum err e = number_of(&item, json_array_get(list, i), &seconds, &d->list[i]);
		if (e != ERR_OK)
			return e;
	}
	return ERR_OK;
}

static enum err dist(const struct place *in, json_t *of, const char *key, bool may_be_never,
		     struct dist *d)
{
	static const char *const keys[][4] = {[DIST_EXP] = {"dist", "mean"},
					      [DIST_LOGNORMAL] = {"dist", "mean", "cv"},
					      [DIST_CONST] = {"dist", "mean", "value"},
					      [DIST_TRACE] = {"dist", "list", "values"}};
	static const char *const words[] = {[DIST_EXP] = "exp",
					    [DIST_LOGNORMAL] = "lognormal",
					    [DIST_CONST] = "const",
					    [DIST_TRACE] = "trace"};
	struct place p = in_key(in, key), which = in_key(&p, "dist");
	json_t *v = json_object_get(of, key);
	d->kind = DIST_NEVER;
	if (may_be_never && (!v || json_is_null(v)))
		return ERR_OK;
	if (!v)
		return wrong(&p, "is missing");
	if (!json_is_object(v))
		return wrong(&p, "an object with \"dist\" is wanted");
	struct str word = str_of(json_string_value(json_object_get(v, "dist")));
	for (int k = DIST_EXP; k <= DIST_TRACE; k++)
		if (str_is(word, words[k]))
			d->kind = (enum dist_kind)k;
	if (d->kind == DIST_NEVER)
		return wrong(&which, "exp, lognormal, const or trace is wanted");
	enum err e = only(&p, v, keys[d->kind]);
	if (e == ERR_OK && d->kind == DIST_TRACE)
		return trace(&p, v, d);
	double least = d->kind == DIST_CONST ? 0 : 0.001;
	const char *mean = d->kind == DIST_CONST && json_object_get(v, "value") ? "value" : "mean";
	if (e == ERR_OK)
		e = number(&p, v, mean, (struct range){least, SECONDS_MAX, NAN}, &d->mean);
	if (e == ERR_OK && d->kind == DIST_LOGNORMAL)
		e = number(&p, v, "cv", (struct range){0, 100, NAN}, &d->cv);
	return e;
}

/* -- queues and agents -- */

static enum err name_of(const struct place *p, json_t *v, struct str *out)
{
	struct str s = str_of(json_string_value(v));
	if (!v)
		return wrong(p, "is missing");
	if (!s.n || s.n > 63 || s.n != json_string_length(v))
		return wrong(p, "a text of 1 to 63 bytes is wanted");
	*out = s;
	return ERR_OK;
}

static uint32_t queue_named(const struct scenario *s, struct str name) /* queue_count: none */
{
	uint32_t i = 0;
	while (i < s->queue_count && !str_is(name, s->queues[i].id))
		i++;
	return i;
}

static enum err strategy_of(const struct place *in, json_t *of, enum strategy *out)
{
	struct place p = in_key(in, "strategy");
	json_t *v = json_object_get(of, "strategy");
	*out = STRATEGY_longest_idle;
	if (!v)
		return ERR_OK;
	for (int w = 0; w <= STRATEGY_least_skilled; w++)
		if (str_eq(str_of(json_string_value(v)), strategy_word((enum strategy)w))) {
			*out = (enum strategy)w;
			return ERR_OK;
		}
	return wrong(&p, "no such strategy");
}

static enum err flag_of(const struct place *in, json_t *of, const char *key, bool *out)
{
	struct place p = in_key(in, key);
	json_t *v = json_object_get(of, key);
	*out = json_is_true(v);
	return v && !json_is_boolean(v) ? wrong(&p, "true or false is wanted") : ERR_OK;
}

static enum err announce_of(const struct place *in, json_t *of, struct queue_announce *a)
{
	static const char *const keys[] = {"every_s",	       "first_s", "position", "wait",
					   "only_if_improved", "head",	  NULL};
	struct place p = in_key(in, "announce");
	json_t *v = json_object_get(of, "announce");
	*a = (struct queue_announce){0};
	if (!v)
		return ERR_OK;
	enum err e = only(&p, v, keys);
	if (e != ERR_OK || (e = milliseconds(&p, v, "every_s", 90, &a->every_ms)) != ERR_OK ||
	    (e = milliseconds(&p, v, "first_s", 0, &a->first_ms)) != ERR_OK ||
	    (e = flag_of(&p, v, "position", &a->position)) != ERR_OK ||
	    (e = flag_of(&p, v, "wait", &a->wait)) != ERR_OK ||
	    (e = flag_of(&p, v, "only_if_improved", &a->only_if_improved)) != ERR_OK)
		return e;
	return flag_of(&p, v, "head", &a->head);
}

static enum err load_of(const struct place *in, json_t *of, struct scenario_queue *q)
{
	static const char *const keys[] = {"from_h", "factor", NULL};
	struct place p = in_key(in, "load");
	json_t *list = json_object_get(of, "load");
	if (!list)
		return ERR_OK;
	if (!json_is_array(list) || json_array_size(list) > LOADS_MAX)
		return wrong(&p, "a list of at most %u is wanted", LOADS_MAX);
	q->loads = xcalloc(json_array_size(list) + 1, sizeof *q->loads);
	for (size_t i = 0; i < json_array_size(list); i++) {
		struct place item = in_item(&p, i), from = in_key(&item, "from_h");
		struct scenario_load *l = &q->loads[q->load_count++];
		json_t *v = json_array_get(list, i);
		enum err e = only(&item, v, keys);
		if (e != ERR_OK ||
		    (e = number(&item, v, "from_h", (struct range){0, 1e6, NAN}, &l->from_h)) !=
			    ERR_OK ||
		    (e = number(&item, v, "factor", (struct range){0, 1000, NAN}, &l->factor)) !=
			    ERR_OK)
			return e;
		if (i && l->from_h <= l[-1].from_h)
			return wrong(&from, "not after the one before");
	}
	return ERR_OK;
}

static enum err queue_of(struct scenario *s, const struct place *p, json_t *v,
			 struct scenario_queue *q)
{
	static const char *const keys[] = {"id",	   "arrivals_per_hour",
					   "handle_s",	   "patience_s",
					   "threshold_s",  "short_abandon_s",
					   "wrap_s",	   "strategy",
					   "class",	   "ageing",
					   "priority_min", "announce",
					   "load",	   NULL};
	struct place id = in_key(p, "id");
	struct str name = STR_NONE;
	int64_t rank = 0, priority = 0;
	enum err e = only(p, v, keys);
	if (e == ERR_OK)
		e = name_of(&id, json_object_get(v, "id"), &name);
	if (e != ERR_OK)
		return e;
	if (queue_named(s, name) < s->queue_count)
		return wrong(&id, "two queues are called so");
	CHECK(str_copy(name, q->id, sizeof q->id));
	if ((e = number(p, v, "arrivals_per_hour", (struct range){0, 1e7, NAN},
			&q->arrivals_per_hour)) != ERR_OK ||
	    (e = dist(p, v, "handle_s", false, &q->handle_s)) != ERR_OK ||
	    (e = dist(p, v, "patience_s", true, &q->patience_s)) != ERR_OK ||
	    (e = milliseconds(p, v, "threshold_s", 20, &q->threshold_ms)) != ERR_OK ||
	    (e = milliseconds(p, v, "short_abandon_s", 5, &q->short_ms)) != ERR_OK ||
	    (e = milliseconds(p, v, "wrap_s", 0, &q->wrap_ms)) != ERR_OK ||
	    (e = strategy_of(p, v, &q->strategy)) != ERR_OK ||
	    (e = whole(p, v, "class", (struct range){-1000, 1000, 0}, &rank)) != ERR_OK ||
	    (e = number(p, v, "ageing", (struct range){0, 1e6, 1}, &q->ageing)) != ERR_OK ||
	    (e = whole(p, v, "priority_min", (struct range){0, 1e6, 0}, &priority)) != ERR_OK ||
	    (e = announce_of(p, v, &q->announce)) != ERR_OK || (e = load_of(p, v, q)) != ERR_OK)
		return e;
	q->class_rank = (int32_t)rank;
	q->priority_min = (uint32_t)priority;
	return ERR_OK;
}

static enum err agents_of(struct scenario *s, const struct place *p, json_t *v,
			  struct scenario_agents *a)
{
	static const char *const keys[] = {"count", "queues", NULL};
	struct place list = in_key(p, "queues");
	json_t *names = json_object_get(v, "queues");
	int64_t count = 0;
	enum err e = only(p, v, keys);
	if (e == ERR_OK)
		e = whole(p, v, "count", (struct range){0, SCENARIO_AGENTS_MAX, NAN}, &count);
	if (e != ERR_OK)
		return e;
	if (!json_is_array(names) || !json_array_size(names))
		return wrong(&list, "a list of queues is wanted");
	a->count = (uint32_t)count;
	a->queues = xcalloc(json_array_size(names), sizeof *a->queues);
	for (size_t i = 0; i < json_array_size(names); i++) {
		struct place item = in_item(&list, i);
		struct str name = STR_NONE;
		if ((e = name_of(&item, json_array_get(names, i), &name)) != ERR_OK)
			return e;
		uint32_t q = queue_named(s, name);
		if (q == s->queue_count)
			return wrong(&item, "no queue is called \"%.63s\"", name.p);
		for (uint32_t k = 0; k < a->queue_count; k++)
			if (a->queues[k] == q)
				return wrong(&item, "is in the list twice");
		a->queues[a->queue_count++] = q;
	}
	return ERR_OK;
}

static enum err list_of(const struct place *root, json_t *of, const char *key, size_t most,
			json_t **out)
{
	struct place p = in_key(root, key);
	*out = json_object_get(of, key);
	if (!*out)
		return wrong(&p, "is missing");
	if (!json_is_array(*out) || json_array_size(*out) > most)
		return wrong(&p, "a list of at most %zu is wanted", most);
	return ERR_OK;
}

static enum err lists(struct scenario *s, const struct place *root, json_t *v)
{
	struct place at_queues = in_key(root, "queues"), at_agents = in_key(root, "agents");
	json_t *queues, *agents;
	enum err e = list_of(root, v, "queues", SCENARIO_QUEUES_MAX, &queues);
	if (e == ERR_OK)
		e = list_of(root, v, "agents", SCENARIO_AGENTS_MAX, &agents);
	if (e != ERR_OK)
		return e;
	if (!json_array_size(queues))
		return wrong(&at_queues, "at least one queue is wanted");
	s->queues = xcalloc(json_array_size(queues), sizeof *s->queues);
	s->agents = xcalloc(json_array_size(agents) + 1, sizeof *s->agents);
	double calls = 0;
	for (size_t i = 0; i < json_array_size(queues); i++) {
		struct place p = in_item(&at_queues, i);
		struct scenario_queue *q = &s->queues[i];
		double most = 1;
		e = queue_of(s, &p, json_array_get(queues, i), q);
		s->queue_count++; /* also half read: it is freed */
		if (e != ERR_OK)
			return e;
		for (uint32_t k = 0; k < q->load_count; k++)
			most = MAX(most, q->loads[k].factor);
		calls += q->arrivals_per_hour * s->hours * most;
	}
	if (calls > SCENARIO_CONTACTS_MAX)
		return wrong(&at_queues, "%.3g calls in all; %.0f are allowed", calls,
			     SCENARIO_CONTACTS_MAX);
	uint64_t people = 0;
	for (size_t i = 0; i < json_array_size(agents); i++) {
		struct place p = in_item(&at_agents, i);
		e = agents_of(s, &p, json_array_get(agents, i), &s->agents[s->agents_count++]);
		if (e != ERR_OK)
			return e;
		people += s->agents[i].count;
	}
	if (people > SCENARIO_AGENTS_MAX)
		return wrong(&at_agents, "more than %u agents", SCENARIO_AGENTS_MAX);
	return ERR_OK;
}

static enum err read_all(struct scenario *s, const struct place *root, json_t *v)
{
	static const char *const keys[] = {"seed",   "hours",  "warmup_hours",
					   "queues", "agents", NULL};
	struct place warmup = in_key(root, "warmup_hours");
	int64_t seed = 0;
	enum err e = only(root, v, keys);
	if (e != ERR_OK ||
	    (e = whole(root, v, "seed", (struct range){0, 0x1p53, 1}, &seed)) != ERR_OK ||
	    (e = number(root, v, "hours", (struct range){0.001, 1e6, NAN}, &s->hours)) != ERR_OK ||
	    (e = number(root, v, "warmup_hours", (struct range){0, 1e6, 0}, &s->warmup_hours)) !=
		    ERR_OK)
		return e;
	s->seed = (uint64_t)seed;
	if (s->warmup_hours >= s->hours)
		return wrong(&warmup, "not shorter than hours, which holds it");
	return lists(s, root, v);
}

enum err scenario_read(struct scenario *s, struct str json, struct buf *why)
{
	struct place root = {.why = why};
	json_error_t at;
	*s = (struct scenario){0};
	json_t *v = json_loadb(json.p ? json.p : "", json.n, JSON_REJECT_DUPLICATES, &at);
	if (!v)
		return wrong(&root, "line %d: %s", at.line, at.text);
	enum err e = read_all(s, &root, v);
	json_decref(v);
	if (e != ERR_OK)
		scenario_finish(s);
	return e;
}

void scenario_finish(struct scenario *s)
{
	for (uint32_t i = 0; i < s->queue_count; i++) {
		free(s->queues[i].handle_s.list);
		free(s->queues[i].patience_s.list);
		free(s->queues[i].loads);
	}
	for (uint32_t i = 0; i < s->agents_count; i++)
		free(s->agents[i].queues);
	free(s->queues);
	free(s->agents);
	*s = (struct scenario){0};
}
