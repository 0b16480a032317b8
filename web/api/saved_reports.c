/*
 * saved_reports.c - reports as people keep them (kind saved_report): one's own, and those that are
 * shared. A private one is to others as if it were not there; admins see all. Who made it owns it,
 * and it is mailed with what he may see.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "objects/schema.h"
#include "web/handlers.h"
#include "web/mail.h"
#include "web/report.h"
#include "web/scheduled.h"
#include "web/web_inside.h"

static bool is_admin(const struct job *j)
{
	return caller_is_system(&j->caller) || (j->caller.roles & BIT(ROLE_ADMIN));
}

static bool owns(const struct job *j, const json_t *doc)
{
	return is_admin(j) ||
	       str_eq(json_str(json_object_get(doc, "owner")), str_of(j->caller.user));
}

static bool sees(const struct job *j, const json_t *doc)
{
	return owns(j, doc) || json_is_true(json_object_get(doc, "shared"));
}

/* The newest version, the caller's to free; NULL: none. */
static json_t *the_report(struct clerk *me, struct job *j)
{
	struct buf text = buf_grow(512);
	const enum err e = registry_get(clerk_registry(me), KIND_saved_report, j->match.tenant,
					j->match.id, &text);
	clerk_registry_done(me);
	json_t *doc = e == ERR_OK ? json_loadb(text.p, text.n, 0, NULL) : NULL;
	buf_free(&text);
	return doc;
}

typedef enum err(handler)(struct clerk *me, struct job *j);

static enum err if_seen(struct clerk *me, struct job *j, handler *run)
{
	json_t *doc = the_report(me, j);
	const bool may = doc ? sees(j, doc) : is_admin(j); /* versions of what was deleted */
	json_decref(doc);
	j->match.kind = KIND_saved_report;
	return may ? run(me, j) : ERR_NOT_FOUND;
}

static enum err if_owned(struct clerk *me, struct job *j, handler *run)
{
	json_t *doc = the_report(me, j);
	const bool seen = doc && sees(j, doc), owned = doc && owns(j, doc);
	json_decref(doc);
	j->match.kind = KIND_saved_report;
	if (!seen)
		return ERR_NOT_FOUND;
	return owned ? run(me, j) : ERR_FORBIDDEN;
}

enum err run_saved_reports(struct clerk *me, struct job *j)
{
	uint32_t limit;
	struct str after;
	if (param_page(j, &limit, &after) != ERR_OK)
		return ERR_INVALID;
	struct buf page = buf_grow(4096);
	const enum err e = registry_list(clerk_registry(me), KIND_saved_report, j->match.tenant,
					 limit, after, &page);
	clerk_registry_done(me);
	json_t *list = e == ERR_OK ? json_loadb(page.p, page.n, 0, NULL) : NULL, *one;
	json_t *items = json_object_get(list, "items");
	buf_free(&page);
	for (size_t i = json_array_size(items); i-- > 0;) {
		one = json_array_get(items, i);
		if (!sees(j, one))
			json_array_remove(items, i);
	}
	if (e == ERR_OK) {
		struct jsonw w = answer_begin(j);
		char *text = json_dumps(list, JSON_COMPACT);
		jsonw_raw(&w, str_of(text));
		free(text);
		answer_json(j, 200);
	}
	json_decref(list);
	return e;
}

enum err run_saved_report(struct clerk *me, struct job *j)
{
	return if_seen(me, j, run_object_get);
}

enum err run_saved_versions(struct clerk *me, struct job *j)
{
	return if_seen(me, j, run_object_versions);
}

enum err run_saved_diff(struct clerk *me, struct job *j)
{
	return if_seen(me, j, run_object_diff);
}

enum err run_saved_rollback(struct clerk *me, struct job *j)
{
	return if_owned(me, j, run_object_rollback);
}

enum err run_saved_delete(struct clerk *me, struct job *j)
{
	return if_owned(me, j, run_object_delete);
}

/* -- saving -- */

/* Asked as it will be asked: what the report would refuse is refused now, by its name. */
static enum err try_query(struct clerk *me, struct job *j, const json_t *doc)
{
	enum report_kind report;
	struct report_question q;
	if (report_from(json_str(json_object_get(doc, "report")), &report) != ERR_OK)
		return answer_invalid(j, "report", "must be a report");
	struct job *trial =
		report_job(me->web, j->match.tenant, json_object_get(doc, "query"), doc, 0);
	trial->caller = j->caller;
	const enum err e = report_ask(me, trial, report, &q);
	if (e == ERR_INVALID && trial->errors.n) {
		json_t *errors = json_loadb(trial->errors.p, trial->errors.n, 0, NULL);
		const json_t *first = json_array_get(errors, 0);
		const struct str path = json_str(json_object_get(first, "path"));
		char where[128];
		snprintf(where, sizeof where, "%s" STR_FMT,
			 str_is(path, "columns") || str_is(path, "format") || str_is(path, "lang")
				 ? ""
				 : "query.",
			 STR_ARG(str_head(path, 100)));
		(void)answer_invalid(j, where,
				     json_string_value(json_object_get(first, "message")));
		json_decref(errors);
	}
	report_job_free(trial);
	return e;
}

static enum err try_schedule(struct clerk *me, struct job *j, const json_t *doc)
{
	const json_t *schedule = json_object_get(doc, "schedule");
	char wrong[256], message[320];
	if (!schedule)
		return ERR_OK;
	if (!me->web->o.mail.url[0]) {
		str_copy(STR("this server sends no mail: the setting mail.smtp is empty"),
			 j->detail, sizeof j->detail);
		return ERR_CONFLICT;
	}
	if (schedule_allowed(me, j->match.tenant, schedule, wrong))
		return ERR_OK;
	snprintf(message, sizeof message, "the tenant does not allow mail to %s (its mail.allow)",
		 wrong);
	return answer_invalid(j, "schedule.to", message);
}

/* Whoever makes it owns it; another one may be named by an admin. */
static enum err own(struct job *j, json_t *doc, const json_t *before)
{
	const struct str named = json_str(json_object_get(doc, "owner"));
	const struct str was = json_str(json_object_get(before, "owner"));
	if (before && !owns(j, before))
		return sees(j, before) ? ERR_FORBIDDEN : ERR_NOT_FOUND;
	if (!is_admin(j) && named.n && !str_eq(named, str_of(j->caller.user)))
		return answer_invalid(j, "owner", "is somebody else");
	if (named.n)
		return ERR_OK;
	if (before && was.n)
		json_object_set_new(doc, "owner", json_stringn(was.p, was.n));
	else if (!caller_is_system(&j->caller))
		json_object_set_new(doc, "owner", json_string(j->caller.user));
	return ERR_OK;
}

enum err run_saved_put(struct clerk *me, struct job *j)
{
	j->match.kind = KIND_saved_report;
	buf_free(&j->errors);
	j->errors = buf_grow(64);
	enum err e = registry_check_body("SavedReport", j->req->body, &j->errors);
	json_t *doc = e == ERR_OK ? json_loadb(j->req->body.p, j->req->body.n, 0, NULL) : NULL;
	json_t *before = the_report(me, j);
	if (e == ERR_OK)
		e = own(j, doc, before);
	if (e == ERR_OK)
		e = try_query(me, j, doc);
	if (e == ERR_OK)
		e = try_schedule(me, j, doc);
	if (e == ERR_OK) {
		char *text = json_dumps(doc, JSON_COMPACT);
		j->req->body = arena_copy(&j->req->arena, str_of(text));
		free(text);
	}
	json_decref(doc);
	json_decref(before);
	return e == ERR_OK ? run_object_put(me, j) : e;
}

/* -- what became of its mails -- */

static void text_or_null(struct jsonw *w, const char *key, struct str s)
{
	jsonw_key(w, key);
	if (s.n)
		jsonw_str(w, s);
	else
		jsonw_null(w);
}

static void put_run(void *arg, const struct report_run *run)
{
	struct jsonw *w = arg;
	jsonw_open(w, '{');
	jsonw_ktime(w, "due_at", run->due_ms);
	jsonw_ktime(w, "at", run->at_ms);
	jsonw_kstr(w, "state", run->state);
	jsonw_ki64(w, "attempt", run->attempt);
	text_or_null(w, "why", run->why);
	text_or_null(w, "to", run->to);
	text_or_null(w, "message_id", run->message_id);
	jsonw_key(w, "bytes");
	if (run->bytes)
		jsonw_i64(w, run->bytes);
	else
		jsonw_null(w);
	jsonw_close(w, '}');
}

static enum err answer_runs(struct clerk *me, struct job *j)
{
	struct jsonw w = answer_begin(j);
	jsonw_open(&w, '{');
	jsonw_key(&w, "items");
	jsonw_open(&w, '[');
	const enum err e =
		query_report_runs(me->reader, j->match.tenant, j->match.id, 100, put_run, &w);
	jsonw_close(&w, ']');
	jsonw_key(&w, "next");
	jsonw_null(&w);
	jsonw_close(&w, '}');
	answer_json(j, 200);
	return e;
}

enum err run_saved_runs(struct clerk *me, struct job *j)
{
	return if_seen(me, j, answer_runs);
}

static enum err send_now(struct clerk *me, struct job *j)
{
	json_t *doc = the_report(me, j);
	enum err e = ERR_CONFLICT;
	if (json_object_get(doc, "schedule"))
		e = scheduled_send_now(me, j, doc);
	else
		str_copy(STR("it has no schedule that says to whom and how"), j->detail,
			 sizeof j->detail);
	json_decref(doc);
	return e == ERR_OK ? answer_runs(me, j) : e;
}

enum err run_saved_send(struct clerk *me, struct job *j)
{
	return if_owned(me, j, send_now);
}
