/* flows.c - flows before anybody calls: what is wrong with a document, and an invented caller's way
 * through one (flow/rehearsal.h; docs/decisions/0052). Both change nothing. */
#include <jansson.h>

#include "core/zone.h"
#include "flow/rehearsal.h"
#include "objects/mistakes.h"
#include "objects/schema.h"
#include "os/clock.h"
#include "web/handlers.h"
#include "web/web_inside.h"

#define OBJECTS_MAX 20000u /* that one simulation brings together */
#define KEYS_APART_MS 250

/* -- what is wrong with it -- */

enum err run_flow_check(struct clerk *me, struct job *j)
{
	struct registry_result res = {0};
	struct config *config = NULL;
	const enum err e = registry_try_put(clerk_registry(me), KIND_draft, j->match.tenant,
					    j->match.id, j->req->body, &config, &res);
	clerk_registry_done(me);
	config_free(config);
	if (e == ERR_OK || e == ERR_INVALID) {
		struct jsonw w = answer_begin(j);
		jsonw_open(&w, '{');
		jsonw_key(&w, "errors");
		jsonw_raw(&w, res.errors.n ? buf_str(&res.errors) : STR("[]"));
		jsonw_close(&w, '}');
		answer_json(j, 200);
	}
	registry_result_finish(&res);
	return e == ERR_INVALID ? ERR_OK : e;
}

/* -- what he meets: only what the flow names -- */

struct stage {
	struct rehearsal *r;
	struct registry *g;
	struct str tenant;
	uint32_t objects;
	enum err err;
};

static void declare(void *arg, struct config *c, uint32_t version)
{
	struct stage *s = arg;
	s->objects++;
	const enum err e = rehearsal_declare(s->r, c, version);
	if (e != ERR_OK)
		s->err = e;
}

static void bring(struct stage *s, enum object_kind kind, struct str id);

static void bring_queue(void *arg, enum expr_name name, struct str which)
{
	if (name == EXPR_QUEUE_WAITING || name == EXPR_QUEUE_EWT)
		bring(arg, KIND_queue, which);
}

static void bring_node(struct stage *s, const struct flow_node *n)
{
	bring(s, KIND_prompt, n->prompt);
	bring(s, KIND_prompt, n->invalid);
	bring(s, KIND_queue, n->queue);
	bring(s, KIND_hours, n->hours);
	bring(s, KIND_user, n->agent);
	bring(s, KIND_flow, n->flow);
	for (uint32_t i = 0; i < n->case_count; i++)
		expression_names(&n->cases[i].when, bring_queue, s);
	expression_names(&n->value, bring_queue, s);
	expression_names(&n->number, bring_queue, s);
}

/* Flows go into each other at most FLOW_DEPTH_MAX deep, and each is brought once. */
static void bring_flow(struct stage *s, struct config *c, uint32_t version)
{
	const struct flow_config *f = &c->flow; /* it lives as long as the rehearsal */
	declare(s, c, version);
	for (uint32_t i = 0; s->err == ERR_OK && i < f->node_count; i++)
		bring_node(s, &f->nodes[i]);
}

static void bring(struct stage *s, enum object_kind kind, struct str id)
{
	uint32_t version;
	if (!id.n || s->err != ERR_OK || s->objects >= OBJECTS_MAX ||
	    rehearsal_knows(s->r, kind, s->tenant, id))
		return;
	struct config *c = registry_compile_one(s->g, kind, s->tenant, id, &version);
	if (c && kind == KIND_flow)
		bring_flow(s, c, version);
	else if (c)
		declare(s, c, version);
}

/* -- the wish -- */

struct wanted {
	struct rehearsal_wish w;
	struct rehearsal_key keys[REHEARSAL_KEYS_MAX];
	struct rehearsal_queue *queues;
	const struct zone *zone;
};

static uint32_t key_code(char c)
{
	return c == '*' ? 10u : c == '#' ? 11u : c == ',' ? REHEARSAL_SILENCE : (uint32_t)(c - '0');
}

static void add_keys(struct wanted *w, struct str text, int64_t at_ms)
{
	for (size_t i = 0; i < text.n && w->w.key_count < REHEARSAL_KEYS_MAX; i++) {
		w->keys[w->w.key_count++] =
			(struct rehearsal_key){.key = key_code(text.p[i]), .at_ms = at_ms};
		if (at_ms >= 0)
			at_ms += KEYS_APART_MS;
	}
}

static void read_keys(struct wanted *w, const json_t *keys)
{
	add_keys(w, json_str(keys), -1);
	for (size_t i = 0; i < json_array_size(keys); i++) {
		const json_t *one = json_array_get(keys, i), *at = json_object_get(one, "at_ms");
		add_keys(w, json_str(json_object_get(one, "press")),
			 at ? json_integer_value(at) : -1);
	}
	w->w.keys = w->keys;
}

static struct rehearsal_queue queue_wish(struct str name, const json_t *doc)
{
	static const char *const states[] = {
		[REHEARSAL_ANSWERED] = "answered", [REHEARSAL_WAITS] = "waits",
		[REHEARSAL_FULL] = "full",	   [REHEARSAL_NO_AGENTS] = "no_agents",
		[REHEARSAL_CLOSED] = "closed",
	};
	const json_t *ewt = json_object_get(doc, "ewt_s");
	struct rehearsal_queue q = {
		.name = name,
		.waiting = (uint32_t)json_integer_value(json_object_get(doc, "waiting")),
		.ewt_ms = ewt ? json_integer_value(ewt) * 1000 : -1,
		.wait_ms = json_integer_value(json_object_get(doc, "wait_s")) * 1000,
	};
	for (unsigned i = 0; i < COUNT_OF(states); i++)
		if (str_is(json_str(json_object_get(doc, "state")), states[i]))
			q.end = (enum rehearsal_queue_end)i;
	return q;
}

static void read_queues(struct wanted *w, struct arena *a, const json_t *body)
{
	json_t *named = json_object_get(body, "queues"), *doc;
	const char *name;
	w->queues = arena_alloc(a, sizeof *w->queues * (json_object_size(named) + 1));
	w->queues[w->w.queue_count++] = queue_wish(STR_NONE, json_object_get(body, "queue"));
	json_object_foreach(named, name, doc) w->queues[w->w.queue_count++] =
		queue_wish(str_of(name), doc);
	w->w.queues = w->queues;
}

/* The instant of a local time; one that is left out or comes twice where clocks are moved is taken
 * by the offset that holds before. */
static int64_t local_instant(const struct zone *z, int64_t local_ms)
{
	struct local_time l;
	zone_local(z, local_ms, &l);
	int64_t utc_ms = local_ms - (int64_t)l.utc_offset_s * 1000;
	zone_local(z, utc_ms, &l);
	return local_ms - (int64_t)l.utc_offset_s * 1000;
}

static enum err read_at(struct job *j, struct wanted *w, struct str at)
{
	char room[64];
	struct buf local = buf_make(room, sizeof room);
	w->w.utc_ms = clock_utc_ms();
	if (!at.n || time_parse(at, &w->w.utc_ms) == ERR_OK)
		return ERR_OK;
	buf_put(&local, at);
	buf_c(&local, at.n == sizeof "2026-11-23T10:00" - 1 ? ":00Z" : "Z");
	int64_t local_ms;
	if (local.full || time_parse(buf_str(&local), &local_ms) != ERR_OK)
		return answer_invalid(j, "$.at", "must be a time such as 2026-11-23T10:00");
	w->w.utc_ms = local_instant(w->zone, local_ms);
	return ERR_OK;
}

static enum err read_wish(struct job *j, const json_t *body, struct wanted *w)
{
	const json_t *caller = json_object_get(body, "caller"),
		     *hang_up = json_object_get(body, "hang_up_after_ms"),
		     *talk = json_object_get(body, "talk_s");
	const struct str transfer = json_str(json_object_get(body, "transfer"));
	w->w.from = json_str(json_is_string(caller) ? caller : json_object_get(caller, "number"));
	w->w.lang = json_str(json_object_get(caller, "language"));
	w->w.verstat = json_str(json_object_get(caller, "verstat"));
	w->w.attest = json_str(json_object_get(caller, "attest"));
	w->w.to = json_str(json_object_get(body, "to"));
	w->w.diverted = json_str(json_object_get(body, "diverted"));
	w->w.silent = json_is_true(json_object_get(body, "silent"));
	w->w.hang_up_ms = hang_up ? json_integer_value(hang_up) : -1;
	w->w.talk_ms = talk ? json_integer_value(talk) * 1000 : 60000;
	for (unsigned r = DIAL_busy; r <= DIAL_failed; r++)
		if (str_eq(transfer, dial_result_word((enum dial_result)r)))
			w->w.transfer = (enum dial_result)r;
	read_keys(w, json_object_get(body, "keys"));
	read_queues(w, &j->req->arena, body);
	return read_at(j, w, json_str(json_object_get(body, "at")));
}

/* -- simulate -- */

/* The flow that is walked: a document, the draft or what is published. */
static enum err the_flow(struct job *j, struct stage *s, const json_t *draft, struct config **out,
			 uint32_t *version)
{
	struct registry_result res = {0};
	enum err e;
	*version = 1;
	if (!json_is_object(draft)) {
		*out = registry_compile_one(s->g, json_is_true(draft) ? KIND_draft : KIND_flow,
					    s->tenant, j->match.id, version);
		return *out ? ERR_OK : ERR_NOT_FOUND;
	}
	char *text = json_dumps(draft, JSON_COMPACT);
	e = registry_try_put(s->g, KIND_draft, s->tenant, j->match.id, str_of(text), out, &res);
	free(text);
	if (e == ERR_INVALID) {
		buf_free(&j->errors);
		j->errors = buf_grow(res.errors.n);
		buf_put(&j->errors, buf_str(&res.errors));
	}
	registry_result_finish(&res);
	return e;
}

/* The registry is held. */
static enum err set_stage(struct job *j, struct stage *s, const json_t *body, struct wanted *w)
{
	uint32_t version;
	struct config *flow = NULL, *tenant = registry_compile_one(s->g, KIND_tenant, s->tenant,
								   s->tenant, &version);
	if (!tenant)
		return ERR_NOT_FOUND;
	w->zone = tenant->tenant_of.zone;
	declare(s, tenant, version);
	enum err e = the_flow(j, s, json_object_get(body, "draft"), &flow, &version);
	if (e != ERR_OK)
		return e;
	flow->kind = KIND_flow; /* walked as if it were published */
	registry_compile_kind(s->g, KIND_trunk, s->tenant, declare, s);
	bring_flow(s, flow, version);
	return s->err;
}

enum err run_flow_simulate(struct clerk *me, struct job *j)
{
	json_t *body = json_loadb(j->req->body.p, j->req->body.n, 0, NULL);
	struct wanted *w = arena_alloc(&j->req->arena, sizeof *w);
	struct stage s = {.r = rehearsal_create(OBJECTS_MAX + 1), .tenant = j->match.tenant};
	*w = (struct wanted){.w = {.tenant = j->match.tenant, .flow = j->match.id}};
	s.g = clerk_registry(me);
	enum err e = set_stage(j, &s, body, w);
	clerk_registry_done(me);
	if (e == ERR_OK)
		e = read_wish(j, body, w);
	if (e == ERR_OK) {
		buf_free(&j->answer.body);
		j->answer.body = buf_grow(8192);
		e = rehearsal_run(s.r, &w->w, &j->answer.body);
	}
	if (e == ERR_OK)
		answer_json(j, 200);
	else
		http_answer_drop(&j->answer);
	rehearsal_destroy(s.r);
	json_decref(body);
	return e;
}
