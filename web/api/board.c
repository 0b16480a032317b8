/* board.c - what supervisors do from the board: skills, messages, help, alerts. */
#include <jansson.h>
#include <math.h>

#include "objects/schema.h"
#include "os/clock.h"
#include "web/handlers.h"
#include "web/timed.h"
#include "web/web_inside.h"

/* A supervisor of teams puts nobody into queues that are not his. */
static bool queues_reached(struct job *j, const json_t *wanted, const json_t *had)
{
	for (size_t i = 0; i < json_array_size(wanted); i++) {
		const struct str queue = json_str(json_array_get(wanted, i));
		bool there = reach_queue(j->within, queue);
		for (size_t k = 0; k < json_array_size(had) && !there; k++)
			there = str_eq(queue, json_str(json_array_get(had, k)));
		if (!there) {
			str_copy(STR("a queue among them is of none of your teams"), j->detail,
				 sizeof j->detail);
			return false;
		}
	}
	return true;
}

/* Then what he had is back; 0: it is not said. */
static enum err until_of(struct job *j, const json_t *body, int64_t *until_ms)
{
	const json_t *until = json_object_get(body, "until_at");
	*until_ms = 0;
	if (!until)
		return ERR_OK;
	if (time_parse(json_str(until), until_ms) != ERR_OK || *until_ms <= clock_utc_ms())
		return answer_invalid(j, "$.until_at", "must be a time to come");
	return ERR_OK;
}

/* What is named takes the place of what he had; all else stays, secrets too. */
static enum err new_document(struct clerk *me, struct job *j, struct buf *out, int64_t *until_ms)
{
	struct buf doc = buf_grow(1024);
	enum err e =
		registry_get(clerk_registry(me), KIND_user, j->match.tenant, j->match.id, &doc);
	clerk_registry_done(me);
	json_t *user = e == ERR_OK ? json_loadb(doc.p, doc.n, 0, NULL) : NULL;
	json_t *body = json_loadb(j->req->body.p, j->req->body.n, 0, NULL), *new = NULL;
	if (e == ERR_OK &&
	    !queues_reached(j, json_object_get(body, "queues"), json_object_get(user, "queues")))
		e = ERR_FORBIDDEN;
	if (e == ERR_OK)
		e = until_of(j, body, until_ms);
	if (e == ERR_OK) {
		new = timed_given(user, body, str_of(j->caller.user));
		if (!new)
			e = answer_invalid(j, "$", "must name `skills` or `queues`");
	}
	if (e == ERR_OK) {
		json_object_del(new, "version");
		char *text = json_dumps(new, JSON_COMPACT);
		buf_c(out, text);
		free(text);
	}
	json_decref(new);
	json_decref(user);
	json_decref(body);
	buf_free(&doc);
	return e;
}

enum err run_agent_skills(struct clerk *me, struct job *j)
{
	struct registry_result res = {0};
	struct buf doc = buf_grow(1024);
	int64_t until_ms;
	j->match.kind = KIND_user;
	enum err e = new_document(me, j, &doc, &until_ms);
	if (e == ERR_OK) {
		e = registry_prepare_put(clerk_registry(me), KIND_user, j->match.tenant,
					 j->match.id, buf_str(&doc), &res);
		clerk_registry_done(me);
		e = object_change_finish(me, j, e, &res);
		registry_result_finish(&res);
	}
	if (e == ERR_OK && until_ms)
		timed_soon(me->web, until_ms);
	buf_free(&doc);
	return e == ERR_OK ? object_answer(me, j, KIND_user) : e;
}

/* A supervisor of teams writes to his own: his teams, their people and queues. */
static bool supervises(struct clerk *me, const struct job *j, struct str team)
{
	struct buf doc = buf_grow(1024);
	bool his = false;
	const enum err e = registry_get(clerk_registry(me), KIND_user, str_of(j->caller.tenant),
					str_of(j->caller.user), &doc);
	clerk_registry_done(me);
	json_t *user = e == ERR_OK ? json_loadb(doc.p, doc.n, 0, NULL) : NULL;
	const json_t *teams = json_object_get(user, "supervises");
	for (size_t i = 0; i < json_array_size(teams) && !his; i++)
		his = str_eq(team, json_str(json_array_get(teams, i)));
	json_decref(user);
	buf_free(&doc);
	return his;
}

static enum err may_write_to(struct clerk *me, struct job *j, struct str to, struct str whom)
{
	struct buf doc = buf_grow(256);
	enum err e = ERR_OK;
	bool may = !j->within;
	if (str_is(to, "team")) {
		e = registry_get(clerk_registry(me), KIND_team, j->match.tenant, whom, &doc);
		clerk_registry_done(me);
		may = may || supervises(me, j, whom);
	} else if (str_is(to, "queue")) {
		may = may || reach_queue(j->within, whom);
	} else if (str_is(to, "agent")) {
		may = may || reach_agent(j->within, whom);
	}
	buf_free(&doc);
	if (e != ERR_OK)
		return answer_invalid(j, "$.to.team", "there is none of this name");
	if (may)
		return ERR_OK;
	str_copy(STR("you write to your own teams, their people and their queues"), j->detail,
		 sizeof j->detail);
	return ERR_FORBIDDEN;
}

static void put_message(struct job *j, const struct ask *a, uint64_t id)
{
	char number[24];
	struct buf b = buf_make(number, sizeof number);
	struct jsonw w = answer_begin(j);
	buf_u64(&b, id);
	jsonw_open(&w, '{');
	jsonw_kstr(&w, "id", buf_str(&b));
	jsonw_kstr(&w, "by", a->actor);
	jsonw_kstr(&w, "to", a->key);
	if (a->object.n)
		jsonw_kstr(&w, "name", a->object);
	jsonw_kstr(&w, "text", a->text);
	if (a->urgent)
		jsonw_kbool(&w, "urgent", true);
	jsonw_close(&w, '}');
	answer_json(j, 201);
}

enum err run_message(struct clerk *me, struct job *j)
{
	json_t *body = json_loadb(j->req->body.p, j->req->body.n, 0, NULL);
	json_t *to = json_object_get(body, "to");
	struct ask *a = clerk_ask(me, j, ASK_MESSAGE);
	void *it = json_object_iter(to);
	a->key = arena_copy(&a->arena, str_of(json_object_iter_key(it)));
	a->object = arena_copy(&a->arena, json_str(json_object_iter_value(it)));
	a->text = arena_copy(&a->arena, json_str(json_object_get(body, "text")));
	a->urgent = json_is_true(json_object_get(body, "urgent"));
	json_decref(body);
	enum err e = ERR_OK;
	if (!str_trim(a->text).n)
		e = answer_invalid(j, "$.text", "must not be blank");
	else
		e = may_write_to(me, j, a->key, a->object);
	if (e == ERR_OK)
		e = clerk_wait(me, j, &a);
	if (e == ERR_OK)
		put_message(j, a, a->seq);
	ask_free(a);
	return e;
}

enum err run_message_read(struct clerk *me, struct job *j)
{
	uint64_t id;
	if (str_to_u64(j->match.id, INT64_MAX, &id) != ERR_OK)
		return ERR_NOT_FOUND;
	struct ask *a = clerk_ask(me, j, ASK_MESSAGE);
	a->on = true;
	a->number = id;
	const enum err e = clerk_wait(me, j, &a);
	ask_free(a);
	if (e != ERR_OK)
		return e;
	struct jsonw w = answer_begin(j);
	jsonw_open(&w, '{');
	jsonw_kstr(&w, "id", j->match.id);
	jsonw_kbool(&w, "read", true);
	jsonw_close(&w, '}');
	answer_json(j, 200);
	return ERR_OK;
}

static enum err help(struct clerk *me, struct job *j, bool on)
{
	struct uuid contact;
	char text[UUID_TEXT + 1];
	enum err e = contact_of_path(me, j, &contact);
	if (e != ERR_OK)
		return e;
	json_t *body = json_loadb(j->req->body.p, j->req->body.n, 0, NULL);
	struct ask *a = clerk_ask(me, j, ASK_HELP);
	a->contact = contact;
	a->on = on;
	a->text = arena_copy(&a->arena, json_str(json_object_get(body, "text")));
	a->object = arena_copy(&a->arena, json_str(json_object_get(body, "agent")));
	json_decref(body);
	e = clerk_wait(me, j, &a);
	ask_free(a);
	if (e != ERR_OK)
		return e;
	struct jsonw w = answer_begin(j);
	uuid_text(contact, text);
	jsonw_open(&w, '{');
	jsonw_kstr(&w, "contact", str_of(text));
	jsonw_kbool(&w, "wanted", on);
	jsonw_close(&w, '}');
	answer_json(j, 200);
	return ERR_OK;
}

enum err run_help(struct clerk *me, struct job *j)
{
	return help(me, j, true);
}

enum err run_help_end(struct clerk *me, struct job *j)
{
	return help(me, j, false);
}

/* What it would do now, by its declaration and the newest figure. */
static void put_alert_test(struct jsonw *w, const json_t *doc, const struct ask_alert_figure *f,
			   bool notified)
{
	const json_t *below = json_object_get(doc, "below"), *above = json_object_get(doc, "above"),
		     *for_s = json_object_get(doc, "for_s");
	jsonw_open(w, '{');
	jsonw_kstr(w, "measure", json_str(json_object_get(doc, "measure")));
	jsonw_key(w, "value");
	jsonw_real(w, f->at_ms && f->known ? f->value : NAN); /* null where it is unknown */
	jsonw_ktime(w, "as_of", f->at_ms);
	jsonw_key(w, below ? "below" : "above");
	jsonw_real(w, json_number_value(below ? below : above));
	jsonw_ki64(w, "for_s", json_integer_value(for_s));
	jsonw_kbool(w, "beyond", f->beyond);
	jsonw_kbool(w, "quiet", f->quiet);
	jsonw_kbool(w, "would_fire", f->beyond && !f->quiet);
	jsonw_kbool(w, "on", f->on);
	jsonw_kbool(w, "notified", notified);
	jsonw_close(w, '}');
}

enum err run_alert_test(struct clerk *me, struct job *j)
{
	struct buf doc = buf_grow(512);
	json_t *body = json_loadb(j->req->body.p, j->req->body.n, 0, NULL);
	const bool notify = json_is_true(json_object_get(body, "notify"));
	json_decref(body);
	enum err e =
		registry_get(clerk_registry(me), KIND_alert, j->match.tenant, j->match.id, &doc);
	clerk_registry_done(me);
	json_t *o = e == ERR_OK ? json_loadb(doc.p, doc.n, 0, NULL) : NULL;
	if (e == ERR_OK) {
		struct ask *a = clerk_ask(me, j, ASK_ALERT_TEST);
		a->object = arena_copy(&a->arena, j->match.id);
		a->on = notify;
		e = clerk_wait(me, j, &a);
		if (e == ERR_OK) {
			struct jsonw w = answer_begin(j);
			put_alert_test(&w, o, &a->alert_figure, notify);
			answer_json(j, 200);
		}
		ask_free(a);
	}
	json_decref(o);
	buf_free(&doc);
	return e;
}

enum err run_alert_acknowledge(struct clerk *me, struct job *j)
{
	struct ask *a = clerk_ask(me, j, ASK_ACKNOWLEDGE);
	a->object = arena_copy(&a->arena, j->match.id);
	enum err e = clerk_wait(me, j, &a);
	ask_free(a);
	if (e != ERR_OK)
		return e;
	a = clerk_ask(me, j, ASK_AGENTS); /* tells which alerts are on */
	e = clerk_wait(me, j, &a);
	for (uint32_t i = 0; e == ERR_OK && i < a->board.told_count; i++) {
		const struct watch_told *t = &a->board.told[i];
		if (!str_eq(t->id, j->match.id))
			continue;
		struct jsonw w = answer_begin(j);
		jsonw_open(&w, '{');
		jsonw_kstr(&w, "id", t->id);
		jsonw_kstr(&w, "name", t->name);
		jsonw_kstr(&w, "level", t->level);
		jsonw_ktime(&w, "since_at", t->since_at_ms);
		jsonw_ki64(&w, "value", t->value);
		jsonw_kstr(&w, "acknowledged_by", t->by);
		if (t->test)
			jsonw_kbool(&w, "test", true);
		jsonw_close(&w, '}');
		answer_json(j, 200);
	}
	ask_free(a);
	return e == ERR_OK && !j->answer.status ? ERR_CONFLICT : e;
}
