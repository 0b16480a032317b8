/*
 * live_do.c - what a desk asks for: {"id":n,"do":VERB,…}. Each is the HTTP request it stands for,
 * with the same steps, rights and problems (job.c), and the answer in another envelope. One desk's
 * commands run one after the other, in the order they came.
 */
#include <jansson.h>
#include <stdlib.h>

#include "objects/schema.h"
#include "os/clock.h"
#include "web/answer.h"
#include "web/live_inside.h"

static void answer(struct live_desk *d, struct str id, const char *key, struct str json)
{
	struct buf b = buf_grow(json.n + id.n + 32);
	buf_c(&b, "{\"id\":");
	buf_put(&b, id);
	buf_fmt(&b, ",\"%s\":", key);
	buf_put(&b, json);
	buf_ch(&b, '}');
	desk_put(d, buf_str(&b));
	desk_flush(d);
	buf_free(&b);
}

static void refuse(struct live_desk *d, struct str id, enum err e, const char *detail)
{
	struct buf b = buf_grow(256);
	problem_body(&b, err_http(e), str_of(detail), STR_NONE);
	answer(d, id, "error", str_trim(buf_str(&b)));
	buf_free(&b);
}

static bool plain_word(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(s.p[i] >= 'a' && s.p[i] <= 'z') && s.p[i] != '_')
			return false;
	return s.n && s.n <= 32;
}

/* As an id of an object may be written; what is not would be another address. */
static bool plain_id(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		const char c = s.p[i];
		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
		    c != '-' && c != '_' && c != '+' && c != '.' && c != '@' &&
		    c != ':') /* token:ID */
			return false;
	}
	return s.n && s.n < 64 && !str_is(s, ".") && !str_is(s, "..");
}

/* What is done with a queue; empty: it is something else. */
static struct str queue_verb(struct str what)
{
	static const char *const verbs[] = {"close", "open", "overflow"};
	const struct str prefix = STR("queue_");
	for (size_t i = 0; i < COUNT_OF(verbs); i++)
		if (str_starts(what, prefix) && str_is(str_from(what, prefix.n), verbs[i]))
			return str_of(verbs[i]);
	return STR_NONE;
}

/* The address of what is asked; ERR_INVALID: it names nothing that could be one. */
static enum err path_of(const struct live_desk *d, json_t *o, struct buf *path)
{
	const struct str what = json_str(json_object_get(o, "do"));
	const struct str agent = json_str(json_object_get(o, "agent"));
	const struct str contact = json_str(json_object_get(o, "contact"));
	struct uuid id;
	buf_fmt(path, "/api/v1/tenants/%s/", d->mirror->tenant);
	if (str_is(what, "call")) {
		buf_c(path, "calls");
	} else if (str_is(what, "message")) {
		buf_c(path, "messages");
	} else if (str_is(what, "read")) {
		buf_fmt(path, "messages/%lld/read",
			(long long)json_integer_value(json_object_get(o, "message")));
		json_object_del(o, "message");
	} else if (str_is(what, "acknowledge")) {
		const struct str alert = json_str(json_object_get(o, "alert"));
		if (!plain_id(alert))
			return ERR_INVALID;
		buf_fmt(path, "alerts/" STR_FMT "/acknowledge", STR_ARG(alert));
		json_object_del(o, "alert");
	} else if (str_is(what, "acknowledge_notice")) {
		const struct str notice = json_str(json_object_get(o, "notice"));
		if (!plain_id(notice))
			return ERR_INVALID;
		buf_fmt(path, "notices/" STR_FMT "/acknowledge", STR_ARG(notice));
		json_object_del(o, "notice");
	} else if (queue_verb(what).n) {
		const struct str queue = json_str(json_object_get(o, "queue"));
		if (!plain_id(queue))
			return ERR_INVALID;
		buf_fmt(path, "queues/" STR_FMT "/" STR_FMT, STR_ARG(queue),
			STR_ARG(queue_verb(what)));
		json_object_del(o, "queue");
	} else if (str_is(what, "presence") || str_is(what, "phone") || str_is(what, "skills") ||
		   str_is(what, "approval")) {
		const bool other = agent.n && !str_is(what, "phone");
		const struct str who = other ? agent : str_of(d->who.user);
		if (!plain_id(who))
			return ERR_INVALID;
		buf_fmt(path, "agents/" STR_FMT "/" STR_FMT, STR_ARG(who), STR_ARG(what));
		json_object_del(o, "agent");
	} else {
		if (!plain_word(what) || uuid_parse(contact, &id) != ERR_OK)
			return ERR_INVALID;
		buf_fmt(path, "contacts/" STR_FMT "/" STR_FMT, STR_ARG(contact), STR_ARG(what));
	}
	json_object_del(o, "id");
	json_object_del(o, "do");
	json_object_del(o, "contact");
	return path->full ? ERR_INVALID : ERR_OK;
}

static void know_caller(struct live_desk *d, struct job *j)
{
	struct web *w = d->of->web;
	memcpy(j->token_hash, d->token_hash, sizeof j->token_hash);
	j->cache_age = sessions_age(w->sessions);
	if (d->who.local) {
		j->caller = d->who;
		j->caller_known = true;
	} else {
		j->caller_known = sessions_get(w->sessions, str_of(j->token_hash), clock_mono_ms(),
					       &j->caller);
	}
	j->signed_in = j->caller_known;
}

static struct job *job_of(struct live_desk *d, json_t *o, struct str id)
{
	char room[256];
	struct buf path = buf_make(room, sizeof room);
	struct path split;
	if (path_of(d, o, &path) != ERR_OK)
		return NULL;
	char *body = json_dumps(o, JSON_COMPACT);
	struct job *j = xcalloc(1, sizeof *j);
	j->web = d->of->web;
	j->req = http_request_inner(d->req, HTTP_POST, buf_str(&path), str_of(body));
	free(body);
	j->live_desk = d->id;
	j->live_id = buf_grow(id.n + 1);
	buf_put(&j->live_id, id);
	list_init(&j->link);
	enum err e = path_split(&j->req->arena, j->req->head.path, &split);
	if (e == ERR_OK)
		e = route_find(HTTP_POST, &split, &j->match);
	if (e != ERR_OK) {
		struct http_answer none = {.status = 404};
		http_reply(j->req, &none);
		buf_free(&j->live_id);
		free(j);
		return NULL;
	}
	know_caller(d, j);
	j->desk = j->match.route->desk;
	return j;
}

/* The next one that waits, if none is under way. */
static void go_on(struct live_desk *d)
{
	while (!d->busy && !list_empty(&d->waiting)) {
		struct job *j = CONTAINER_OF(d->waiting.next, struct job, link);
		list_remove(&j->link);
		d->waiting_count--;
		d->busy = true;
		if (d->of->web->clerks && clerks_give(d->of->web->clerks, j) == ERR_OK)
			return;
		answer_problem(j, ERR_FULL);
		lives_answer(d->of, j);
	}
}

static bool too_many(struct live_desk *d)
{
	const int64_t now_ms = clock_mono_ms();
	if (now_ms - d->commands_ms >= 1000) {
		d->commands_ms = now_ms;
		d->commands = 0;
	}
	return ++d->commands > DESK_COMMANDS_PER_S || d->waiting_count >= DESK_WAITING_MAX;
}

/* No request stands behind it: this desk is told more, or less. */
static void look_at_board(struct live_desk *d, const json_t *o, struct str id)
{
	const json_t *on = json_object_get(o, "on");
	if (!desk_has_board(d)) {
		refuse(d, id, ERR_FORBIDDEN, "the board is for supervisors, admins and viewers");
	} else if (!json_is_boolean(on)) {
		refuse(d, id, ERR_INVALID, "`on` must be true or false");
	} else {
		answer(d, id, "ok",
		       json_is_true(on) ? STR("{\"on\":true}") : STR("{\"on\":false}"));
		desk_board(d, json_is_true(on));
	}
}

void desk_take(struct live_desk *d, struct str command)
{
	json_t *o = json_loadb(command.p, command.n, 0, NULL);
	const json_t *number = json_object_get(o, "id");
	char room[24];
	struct buf id = buf_make(room, sizeof room);
	if (json_is_integer(number))
		buf_i64(&id, json_integer_value(number));
	else
		buf_c(&id, "null");
	if (too_many(d)) {
		refuse(d, buf_str(&id), ERR_TOO_MANY, "slower, please");
	} else if (!json_is_integer(number) || !json_is_string(json_object_get(o, "do"))) {
		refuse(d, buf_str(&id), ERR_INVALID,
		       "must be a JSON object with a number `id` and a word `do`");
	} else if (str_is(json_str(json_object_get(o, "do")), "board")) {
		look_at_board(d, o, buf_str(&id));
	} else {
		struct job *j = job_of(d, o, buf_str(&id));
		if (j) {
			list_push(&d->waiting, &j->link);
			d->waiting_count++;
			go_on(d);
		} else {
			refuse(d, buf_str(&id), ERR_NOT_FOUND, "");
		}
	}
	json_decref(o);
}

void lives_answer(struct lives *ls, struct job *j)
{
	struct live_desk *d = desk_at(ls, j->live_desk);
	const bool well = j->answer.status >= 200 && j->answer.status < 300;
	const struct str body = str_trim(buf_str(&j->answer.body));
	if (d) {
		d->busy = false;
		answer(d, buf_str(&j->live_id), well ? "ok" : "error", body.n ? body : STR("null"));
	}
	http_reply(j->req, &j->answer); /* nobody's: it is freed */
	buf_free(&j->live_id);
	buf_free(&j->errors);
	free(j);
	if (d)
		go_on(d);
}
