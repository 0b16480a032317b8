/* customers.c - customers: found, read, written, noted; what happened with them. */
#include "core/number.h"
#include "objects/schema.h"
#include "os/clock.h"
#include "web/customers.h"

#define QUESTION_MAX 200u

static void take_body(struct job *j, struct buf *body, int status)
{
	buf_free(&j->answer.body);
	j->answer.body = *body;
	answer_json(j, status);
	j->answer.extra = buf_grow(64);
	buf_c(&j->answer.extra, "Cache-Control: private, no-store\r\n");
}

/* What was read goes out once it is told who read it. */
static enum err show(struct clerk *me, struct job *j, enum err e, struct buf *body,
		     const char *what, struct str id, struct str query, uint32_t count)
{
	if (e == ERR_INVALID)
		e = answer_invalid(j, "after", "is no cursor of ours");
	if (e == ERR_OK)
		e = customers_viewed(me, j, what, id, query, count);
	if (e == ERR_OK)
		take_body(j, body, 200);
	else
		buf_free(body);
	return e;
}

/* -- reading -- */

static struct str number_asked(struct str number, struct str country, char room[NUMBER_TEXT])
{
	number_normalise(number, country, room);
	return str_of(room);
}

enum err run_customers(struct clerk *me, struct job *j)
{
	struct customer_filter f = {0};
	struct str number, company;
	char room[NUMBER_TEXT];
	if (param_str(j, "q", &f.question) != ERR_OK || param_str(j, "number", &number) != ERR_OK ||
	    param_str(j, "kind", &f.kind) != ERR_OK ||
	    param_str(j, "company", &company) != ERR_OK ||
	    param_page(j, &f.limit, &f.after) != ERR_OK)
		return ERR_INVALID;
	f.question = str_trim(f.question);
	if (f.question.n > QUESTION_MAX)
		return answer_invalid(j, "q", "must be at most 200 bytes");
	if (f.kind.n && !str_is(f.kind, "person") && !str_is(f.kind, "company"))
		return answer_invalid(j, "kind", "must be person or company");
	if (company.n && uuid_parse(company, &f.company) != ERR_OK)
		return answer_invalid(j, "company", "must be a customer's id");
	struct customers_rules rules;
	customers_rules(me, j->match.tenant, &rules);
	f.country = rules.rules.country;
	if (number.n)
		f.number = number_asked(number, f.country, room);
	struct buf body = buf_grow(8192);
	uint32_t count = 0;
	const enum err e = query_customers(me->reader, j->match.tenant, &f, &body, &count);
	customers_rules_finish(&rules);
	return show(me, j, e, &body, f.question.n ? "search" : "list", STR_NONE,
		    f.question.n ? f.question : f.number, count);
}

enum err run_match(struct clerk *me, struct job *j)
{
	struct str number;
	char room[NUMBER_TEXT];
	if (param_str(j, "number", &number) != ERR_OK)
		return ERR_INVALID;
	if (!number.n)
		return answer_invalid(j, "number", "is needed");
	struct customers_rules rules;
	customers_rules(me, j->match.tenant, &rules);
	number = number_asked(number, rules.rules.country, room);
	customers_rules_finish(&rules);
	struct buf body = buf_grow(4096);
	uint32_t count = 0;
	const enum err e = query_match(me->reader, j->match.tenant, number, &body, &count);
	return show(me, j, e, &body, "match", STR_NONE, number, count);
}

enum err run_customer(struct clerk *me, struct job *j)
{
	json_t *doc;
	enum err e = customers_get(me, j->match.tenant, j->match.id, &doc);
	if (e == ERR_OK)
		e = customers_viewed(me, j, "customer", j->match.id, STR_NONE, 1);
	if (e == ERR_OK)
		customers_answer(j, doc, 200);
	json_decref(doc);
	return e;
}

enum err run_duplicates(struct clerk *me, struct job *j)
{
	uint32_t limit, count = 0;
	struct str after;
	if (param_page(j, &limit, &after) != ERR_OK)
		return ERR_INVALID;
	struct buf body = buf_grow(8192);
	const enum err e =
		query_duplicates(me->reader, j->match.tenant, limit, after, &body, &count);
	return show(me, j, e, &body, "duplicates", STR_NONE, STR_NONE, count);
}

typedef enum err(story_query)(struct store_reader *r, struct str tenant, struct uuid id,
			      uint32_t limit, struct str after, struct buf *out);

/* Pages of what happened with one. */
static enum err story(struct clerk *me, struct job *j, story_query *query, const char *what,
		      bool must_live)
{
	uint32_t limit;
	struct str after;
	struct uuid id;
	json_t *doc = NULL;
	if (param_page(j, &limit, &after) != ERR_OK)
		return ERR_INVALID;
	enum err e = uuid_parse(j->match.id, &id) == ERR_OK ? ERR_OK : ERR_NOT_FOUND;
	if (e == ERR_OK && must_live)
		e = customers_get(me, j->match.tenant, j->match.id, &doc);
	json_decref(doc);
	if (e != ERR_OK)
		return e;
	struct buf body = buf_grow(8192);
	e = query(me->reader, j->match.tenant, id, limit, after, &body);
	return show(me, j, e, &body, what, j->match.id, STR_NONE, 1);
}

enum err run_timeline(struct clerk *me, struct job *j)
{
	return story(me, j, query_timeline, "timeline", true);
}

enum err run_notes(struct clerk *me, struct job *j)
{
	return story(me, j, query_notes, "notes", true);
}

enum err run_customer_history(struct clerk *me, struct job *j)
{
	return story(me, j, query_customer_history, "history", false);
}

/* -- writing -- */

/* If-Match: "3"; without it the newest is meant. */
static bool is_newest(const struct job *j, const json_t *doc)
{
	const struct str want = h1_header(&j->req->head, "if-match");
	char etag[24];
	struct buf b = buf_make(etag, sizeof etag);
	buf_fmt(&b, "\"%lld\"", (long long)json_integer_value(json_object_get(doc, "version")));
	return !want.n || str_is(want, "*") || str_eq(want, buf_str(&b));
}

static void answer_changed(struct job *j)
{
	answer_status(j, 412, "somebody changed it since: read it again");
}

/* A link to another customer must lead to one of this tenant; a company must be one. */
static enum err check_links(struct clerk *me, struct job *j, const json_t *doc)
{
	static const char *const links[] = {"company", "household"};
	for (size_t i = 0; i < COUNT_OF(links); i++) {
		const struct str id = json_member(doc, links[i]);
		json_t *other = NULL;
		if (!id.n)
			continue;
		const enum err e = customers_get(me, j->match.tenant, id, &other);
		const bool fits =
			e == ERR_OK && (i || str_is(json_member(other, "kind"), "company"));
		json_decref(other);
		if (e != ERR_OK && e != ERR_NOT_FOUND)
			return e;
		if (!fits)
			return answer_invalid(j, i ? "$.household" : "$.company",
					      i ? "is no customer"
						: "is no customer of kind company");
	}
	return ERR_OK;
}

/* The body as the document it becomes; NULL: *e says why. */
static json_t *make(struct clerk *me, struct job *j, const json_t *before, bool patch,
		    struct str id, enum err *e)
{
	struct customers_rules rules;
	const struct customer_stamp stamp = {.id = id,
					     .tenant = j->match.tenant,
					     .by = str_of(j->caller.user),
					     .now_ms = clock_utc_ms()};
	buf_free(&j->errors);
	j->errors = buf_grow(64);
	struct mistakes m = mistakes_begin(&j->errors);
	customers_rules(me, j->match.tenant, &rules);
	json_t *given = json_body_parse(j->req->body, &m);
	json_t *doc = given ? customer_make(given, before, patch, &stamp, &rules.rules, &m) : NULL;
	json_decref(given);
	mistakes_end(&m);
	customers_rules_finish(&rules);
	*e = doc ? check_links(me, j, doc) : ERR_INVALID;
	if (*e == ERR_OK)
		return doc;
	json_decref(doc);
	return NULL;
}

static enum err say_changed(struct clerk *me, struct job *j, const json_t *doc, const char *op)
{
	struct ask *a;
	struct event *ev = customers_event(me, j, EV_customer_changed, &a);
	ev->customer_changed.customer = arena_copy(&a->arena, json_member(doc, "id"));
	ev->customer_changed.op = str_of(op);
	ev->customer_changed.by = a->actor;
	ev->customer_changed.count = 1;
	ev->customer_changed.docs = customers_text(&a->arena, doc);
	return customers_say(me, j, a);
}

enum err run_customer_create(struct clerk *me, struct job *j)
{
	char id[UUID_TEXT + 1];
	enum err e;
	uuid_text(customers_new_id(), id);
	json_t *doc = make(me, j, NULL, false, str_of(id), &e);
	if (e == ERR_OK)
		e = say_changed(me, j, doc, "created");
	if (e == ERR_OK)
		customers_answer(j, doc, 201);
	json_decref(doc);
	return e;
}

/* Under the lock. */
static enum err change(struct clerk *me, struct job *j, bool patch)
{
	json_t *before, *doc = NULL;
	enum err e = customers_get(me, j->match.tenant, j->match.id, &before);
	if (e != ERR_OK)
		return e;
	if (!is_newest(j, before)) {
		answer_changed(j);
	} else if (json_object_get(before, "merged_into")) {
		str_copy(STR("this record is a part of another now: change that one"), j->detail,
			 sizeof j->detail);
		e = ERR_CONFLICT;
	} else {
		doc = make(me, j, before, patch, j->match.id, &e);
		if (doc && customer_same(before, doc)) {
			customers_answer(j, before, 200);
		} else if (doc) {
			e = say_changed(me, j, doc, "updated");
			if (e == ERR_OK)
				customers_answer(j, doc, 200);
		}
	}
	json_decref(before);
	json_decref(doc);
	return e;
}

static enum err change_alone(struct clerk *me, struct job *j, bool patch)
{
	pthread_mutex_lock(&me->web->customers_lock);
	const enum err e = change(me, j, patch);
	pthread_mutex_unlock(&me->web->customers_lock);
	return e;
}

enum err run_customer_put(struct clerk *me, struct job *j)
{
	return change_alone(me, j, false);
}

enum err run_customer_patch(struct clerk *me, struct job *j)
{
	return change_alone(me, j, true);
}

static enum err delete_one(struct clerk *me, struct job *j)
{
	json_t *doc;
	enum err e = customers_get(me, j->match.tenant, j->match.id, &doc);
	if (e == ERR_OK && !is_newest(j, doc)) {
		answer_changed(j);
	} else if (e == ERR_OK) {
		e = say_changed(me, j, doc, "deleted");
		if (e == ERR_OK)
			j->answer.status = 204;
	}
	json_decref(doc);
	return e;
}

enum err run_customer_delete(struct clerk *me, struct job *j)
{
	pthread_mutex_lock(&me->web->customers_lock);
	const enum err e = delete_one(me, j);
	pthread_mutex_unlock(&me->web->customers_lock);
	return e;
}

enum err run_note(struct clerk *me, struct job *j)
{
	json_t *doc, *body = json_loadb(j->req->body.p, j->req->body.n, 0, NULL);
	char id[UUID_TEXT + 1];
	enum err e = customers_get(me, j->match.tenant, j->match.id, &doc);
	json_decref(doc);
	if (e != ERR_OK) {
		json_decref(body);
		return e;
	}
	uuid_text(customers_new_id(), id);
	struct ask *a;
	struct event *ev = customers_event(me, j, EV_customer_noted, &a);
	ev->customer_noted.customer = arena_copy(&a->arena, j->match.id);
	ev->customer_noted.note = arena_copy(&a->arena, str_of(id));
	ev->customer_noted.by = a->actor;
	ev->customer_noted.text = arena_copy(&a->arena, json_member(body, "text"));
	int64_t at_ms;
	e = customers_say_when(me, j, a, &at_ms);
	if (e == ERR_OK) {
		struct jsonw w = answer_begin(j);
		jsonw_open(&w, '{');
		jsonw_kstr(&w, "id", str_of(id));
		jsonw_kstr(&w, "customer", j->match.id);
		jsonw_ktime(&w, "at", at_ms);
		jsonw_kstr(&w, "by", str_of(j->caller.user));
		jsonw_kstr(&w, "text", json_member(body, "text"));
		jsonw_close(&w, '}');
		answer_json(j, 201);
	}
	json_decref(body);
	return e;
}
