/* agents.c - agents and queues as they are at this moment: asked of the main thread. */
#include <jansson.h>
#include <stdlib.h>

#include "objects/schema.h"
#include "web/handlers.h"
#include "web/web_inside.h"

static void put_word(struct jsonw *w, const char *key, struct str s)
{
	jsonw_key(w, key);
	if (s.n)
		jsonw_str(w, s);
	else
		jsonw_null(w);
}

static void put_agent(struct jsonw *w, const struct ask_agent *a)
{
	char uuid[UUID_TEXT + 1];
	jsonw_open(w, '{');
	jsonw_kstr(w, "id", a->id);
	jsonw_kstr(w, "name", a->name);
	jsonw_kstr(w, "presence", presence_word(a->presence));
	put_word(w, "reason", a->reason);
	jsonw_kstr(w, "work", work_word(a->work));
	jsonw_ktime(w, "since_at", a->since_at_ms);
	if (a->reason_until_at_ms) {
		jsonw_ktime(w, "reason_until_at", a->reason_until_at_ms);
		jsonw_kbool(w, "reason_over", a->reason_over);
	}
	if (a->skills_until_at_ms)
		jsonw_ktime(w, "skills_until_at", a->skills_until_at_ms);
	put_word(w, "next_presence", a->next_presence);
	jsonw_key(w, "phone");
	jsonw_open(w, '{');
	jsonw_kstr(w, "kind", phone_kind_word(a->phone));
	jsonw_kbool(w, "ready", a->phone_ready);
	jsonw_kstr(w, "state",
		   a->phone_ready	 ? STR("up")
		   : a->phone_connecting ? STR("connecting")
					 : STR("away"));
	jsonw_close(w, '}');
	jsonw_key(w, "contacts");
	jsonw_open(w, '[');
	for (uint32_t i = 0; i < a->contact_count; i++) {
		uuid_text(a->contacts[i], uuid);
		jsonw_str(w, str_of(uuid));
	}
	jsonw_close(w, ']');
	jsonw_close(w, '}');
}

static int by_id(const void *a, const void *b)
{
	return str_cmp(((const struct ask_agent *)a)->id, ((const struct ask_agent *)b)->id);
}

enum err run_agents(struct clerk *me, struct job *j)
{
	uint32_t limit, told = 0;
	struct str after, last = STR_NONE;
	bool more = false;

	if (param_page(j, &limit, &after) != ERR_OK)
		return ERR_INVALID;
	struct ask *a = clerk_ask(me, j, ASK_AGENTS);
	const enum err e = clerk_wait(me, j, &a);
	if (e != ERR_OK) {
		ask_free(a);
		return e;
	}
	if (a->agent_count)
		qsort(a->agents, a->agent_count, sizeof *a->agents, by_id);
	struct jsonw w = answer_begin(j);
	jsonw_open(&w, '{');
	jsonw_key(&w, "items");
	jsonw_open(&w, '[');
	for (uint32_t i = 0; i < a->agent_count && !more; i++) {
		if ((after.n && str_cmp(a->agents[i].id, after) <= 0) ||
		    !reach_agent(j->within, a->agents[i].id))
			continue;
		more = told == limit;
		if (more)
			break;
		put_agent(&w, &a->agents[i]);
		last = a->agents[i].id;
		told++;
	}
	jsonw_close(&w, ']');
	put_word(&w, "next", more ? last : STR_NONE);
	jsonw_close(&w, '}');
	ask_free(a);
	answer_json(j, 200);
	return ERR_OK;
}

enum err run_agent(struct clerk *me, struct job *j)
{
	struct ask *a = clerk_ask(me, j, ASK_AGENTS);
	a->object = arena_copy(&a->arena, j->match.id);
	enum err e = clerk_wait(me, j, &a);
	const struct ask_agent *found = NULL;
	for (uint32_t i = 0; e == ERR_OK && i < a->agent_count && !found; i++)
		if (str_eq(a->agents[i].id, j->match.id))
			found = &a->agents[i];
	if (e == ERR_OK && !found)
		e = ERR_NOT_FOUND;
	if (e == ERR_OK) {
		struct jsonw w = answer_begin(j);
		put_agent(&w, found);
		answer_json(j, 200);
	}
	ask_free(a);
	return e;
}

enum err run_presence(struct clerk *me, struct job *j)
{
	struct ask *a = clerk_ask(me, j, ASK_PRESENCE);
	json_t *body = json_loadb(j->req->body.p, j->req->body.n, 0, NULL);
	a->object = arena_copy(&a->arena, j->match.id);
	a->reason = arena_copy(&a->arena, json_str(json_object_get(body, "reason")));
	a->on = json_is_true(json_object_get(body, "now"));
	const bool now = a->on;
	enum err e = presence_from(json_str(json_object_get(body, "presence")), &a->presence);
	json_decref(body);
	if (e != ERR_OK) {
		ask_free(a);
		return answer_invalid(j, "$.presence", "is not known");
	}
	if (now && a->presence != PRESENCE_signed_out) {
		ask_free(a);
		return answer_invalid(j, "$.now", "is for signed_out only");
	}
	e = clerk_wait(me, j, &a);
	ask_free(a);
	if (e == ERR_OK && now) /* his desks end within seconds */
		e = sessions_end_all(me, j, j->match.tenant, j->match.id);
	return e == ERR_OK ? run_agent(me, j) : e;
}

enum err run_approval(struct clerk *me, struct job *j)
{
	struct ask *a = clerk_ask(me, j, ASK_APPROVAL);
	json_t *body = json_loadb(j->req->body.p, j->req->body.n, 0, NULL);
	a->object = arena_copy(&a->arena, j->match.id);
	a->on = json_is_true(json_object_get(body, "grant"));
	json_decref(body);
	const enum err e = clerk_wait(me, j, &a);
	ask_free(a);
	return e == ERR_OK ? run_agent(me, j) : e;
}

/* A browser's sound: an offer is answered, or a session is taken up again. */
enum err run_phone(struct clerk *me, struct job *j)
{
	struct ask *a = clerk_ask(me, j, ASK_PHONE);
	json_t *body = json_loadb(j->req->body.p, j->req->body.n, 0, NULL);
	a->object = arena_copy(&a->arena, j->match.id);
	a->text = arena_copy(&a->arena, json_str(json_object_get(body, "offer")));
	a->key = arena_copy(&a->arena, json_str(json_object_get(body, "session")));
	a->on = json_is_true(json_object_get(body, "take"));
	a->desk = j->live_desk;
	json_decref(body);
	const enum err e = clerk_wait(me, j, &a);
	if (e == ERR_OK) {
		struct jsonw w = answer_begin(j);
		jsonw_open(&w, '{');
		if (a->out.n)
			jsonw_kstr(&w, "answer", a->out);
		jsonw_kstr(&w, "session", a->key);
		jsonw_close(&w, '}');
		answer_json(j, 200);
	}
	ask_free(a);
	return e;
}

static enum err mass_event(struct clerk *me, struct job *j, bool on)
{
	struct ask *a = clerk_ask(me, j, ASK_MASS);
	a->object = arena_copy(&a->arena, j->match.id);
	a->on = on;
	const enum err e = clerk_wait(me, j, &a);
	ask_free(a);
	if (e != ERR_OK)
		return e;
	struct jsonw w = answer_begin(j);
	jsonw_open(&w, '{');
	jsonw_kstr(&w, "id", j->match.id);
	jsonw_kbool(&w, "active", on);
	jsonw_close(&w, '}');
	answer_json(j, 200);
	return ERR_OK;
}

enum err run_mass_start(struct clerk *me, struct job *j)
{
	return mass_event(me, j, true);
}

enum err run_mass_stop(struct clerk *me, struct job *j)
{
	return mass_event(me, j, false);
}

static void put_known(struct jsonw *w, const char *key, int64_t ms)
{
	jsonw_key(w, key);
	if (ms < 0)
		jsonw_null(w);
	else
		jsonw_i64(w, ms);
}

enum err run_queue_live(struct clerk *me, struct job *j)
{
	struct ask *a = clerk_ask(me, j, ASK_QUEUE_LIVE);
	a->object = arena_copy(&a->arena, j->match.id);
	const enum err e = clerk_wait(me, j, &a);
	if (e != ERR_OK) {
		ask_free(a);
		return e;
	}
	const struct ask_queue_live *q = &a->live;
	struct jsonw w = answer_begin(j);
	jsonw_open(&w, '{');
	jsonw_ki64(&w, "waiting", q->waiting);
	put_known(&w, "longest_wait_ms", q->longest_wait_ms);
	jsonw_key(&w, "agents");
	jsonw_open(&w, '{');
	jsonw_ki64(&w, "ready", q->ready);
	jsonw_ki64(&w, "busy", q->busy);
	jsonw_ki64(&w, "not_ready", q->not_ready);
	jsonw_close(&w, '}');
	jsonw_kbool(&w, "unmeetable", q->unmeetable);
	put_known(&w, "ewt_ms", q->ewt_ms);
	jsonw_key(&w, "contacts");
	jsonw_open(&w, '[');
	for (uint32_t i = 0; i < q->contact_count; i++) {
		char uuid[UUID_TEXT + 1];
		uuid_text(q->contacts[i].contact, uuid);
		jsonw_open(&w, '{');
		jsonw_kstr(&w, "id", str_of(uuid));
		jsonw_ki64(&w, "position", q->contacts[i].position);
		jsonw_ki64(&w, "wait_ms", q->contacts[i].wait_ms);
		jsonw_close(&w, '}');
	}
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
	ask_free(a);
	answer_json(j, 200);
	return ERR_OK;
}
