/* scheduled.c - see scheduled.h. */
#include "web/scheduled.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "objects/schema.h"
#include "os/clock.h"
#include "os/log.h"
#include "web/customers.h"
#include "web/export/export.h"
#include "web/mail.h"

#define LOOK_EVERY_MS 5000
#define DAY_MS 86400000ll
#define MINUTE_MS 60000ll
#define TRY_FOR_MS DAY_MS

/* -- when -- */

static bool day_fits(const json_t *schedule, const struct zone *zone, int64_t day_ms)
{
	static const char *const names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
	const json_t *weekdays = json_object_get(schedule, "weekdays"), *one;
	const struct str every = json_str(json_object_get(schedule, "every"));
	struct local_time l, next;
	size_t i;
	/* noon is of that date whatever its clock does */
	zone_local(zone, day_ms + DAY_MS / 2, &l);
	json_array_foreach(weekdays, i,
			   one) if (str_is(json_str(one), names[l.weekday])) return true;
	if (weekdays)
		return false;
	if (!str_is(every, "month"))
		return true;
	const json_t *day = json_object_get(schedule, "day");
	const int wanted = day ? (int)json_integer_value(day) : 1;
	zone_local(zone, period_day(zone, day_ms, 1) + DAY_MS / 2, &next);
	return l.day == wanted || (l.day < wanted && next.day == 1);
}

int64_t schedule_due(const json_t *schedule, const struct zone *zone, int64_t now_ms)
{
	const struct str at = json_str(json_object_get(schedule, "at"));
	uint32_t hour, minute;
	if (at.n != 5 || str_to_u32(str_head(at, 2), 23, &hour) != ERR_OK ||
	    str_to_u32(str_from(at, 3), 59, &minute) != ERR_OK)
		return 0;
	for (int back = 0; back <= 32; back++) {
		const int64_t day = period_day(zone, now_ms, -back);
		if (!day_fits(schedule, zone, day))
			continue;
		const int64_t due = period_minute_of_day(zone, day, hour * 60 + minute);
		if (due <= now_ms)
			return due;
	}
	return 0;
}

int64_t schedule_pause_ms(uint32_t attempt)
{
	static const uint32_t minutes[] = {1, 2, 5, 10, 20, 40, 60};
	return minutes[MIN(attempt ? attempt - 1 : 0, (uint32_t)COUNT_OF(minutes) - 1)] * MINUTE_MS;
}

/* -- a job that nobody asked for -- */

static void put_escaped(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		const unsigned char c = (unsigned char)s.p[i];
		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    strchr("-._~:", c))
			buf_ch(out, (char)c);
		else
			buf_fmt(out, "%%%02X", c);
	}
}

static void put_param(struct buf *out, const char *key, struct str value)
{
	if (out->n)
		buf_ch(out, '&');
	put_escaped(out, str_of(key));
	buf_ch(out, '=');
	put_escaped(out, value);
}

static void put_query(struct buf *out, const json_t *query)
{
	const char *key;
	json_t *value;
	json_object_foreach((json_t *)query, key, value)
	{
		char number[32];
		snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
		/* how it is shown is said by the schedule */
		if (str_is(STR("format"), key) || str_is(STR("lang"), key) ||
		    str_is(STR("columns"), key) || str_is(STR("names"), key) ||
		    str_is(STR("limit"), key) || str_is(STR("after"), key))
			continue;
		put_param(out, key,
			  json_is_string(value)	   ? json_str(value)
			  : json_is_boolean(value) ? str_of(json_is_true(value) ? "true" : "false")
						   : str_of(number));
	}
	if (!json_object_get(query, "period") && !json_object_get(query, "from"))
		put_param(out, "period", STR("yesterday"));
}

static void put_doc(struct buf *out, const json_t *doc)
{
	const json_t *columns = json_object_get(doc, "columns"), *one,
		     *schedule = json_object_get(doc, "schedule");
	struct buf names = buf_grow(128);
	size_t i;
	json_array_foreach(columns, i, one)
		buf_fmt(&names, "%s" STR_FMT, i ? "," : "", STR_ARG(json_str(one)));
	if (names.n)
		put_param(out, "columns", buf_str(&names));
	buf_free(&names);
	if (!schedule)
		return;
	put_param(out, "format", json_str(json_object_get(schedule, "format")));
	put_param(out, "names", STR("true"));
	const struct str lang = json_str(json_object_get(schedule, "lang"));
	put_param(out, "lang", lang.n ? lang : STR("en"));
}

struct job *report_job(struct web *w, struct str tenant, const json_t *query, const json_t *doc,
		       int64_t as_of_ms)
{
	struct job *j = xcalloc(1, sizeof *j);
	struct buf text = buf_grow(256);
	j->web = w;
	j->desk = DESK_MAIL;
	j->as_of_ms = as_of_ms;
	list_init(&j->link);
	j->req = xcalloc(1, sizeof *j->req);
	arena_init(&j->req->arena);
	j->match.tenant = arena_copy(&j->req->arena, tenant);
	put_query(&text, query);
	put_doc(&text, doc);
	j->req->head.query = arena_copy(&j->req->arena, buf_str(&text));
	buf_free(&text);
	return j;
}

void report_job_free(struct job *j)
{
	http_answer_drop(&j->answer);
	buf_free(&j->errors);
	arena_finish(&j->req->arena);
	free(j->req);
	free(j);
}

/* -- to whom -- */

static struct str allowed_by(struct clerk *me, struct str tenant, struct buf *out)
{
	struct buf doc = buf_grow(512);
	const enum err e = registry_get(clerk_registry(me), KIND_tenant, tenant, tenant, &doc);
	clerk_registry_done(me);
	json_t *t = e == ERR_OK ? json_loadb(doc.p, doc.n, 0, NULL) : NULL, *one;
	size_t i;
	json_array_foreach(json_object_get(json_object_get(t, "mail"), "allow"), i, one)
		buf_fmt(out, "%s" STR_FMT, i ? "," : "", STR_ARG(json_str(one)));
	json_decref(t);
	buf_free(&doc);
	return buf_str(out);
}

bool schedule_allowed(struct clerk *me, struct str tenant, const json_t *schedule, char wrong[256])
{
	struct buf room = buf_grow(256);
	const struct str allow = allowed_by(me, tenant, &room);
	const json_t *one;
	bool all = true;
	size_t i;
	json_array_foreach(json_object_get(schedule, "to"), i, one)
	{
		if (all && !mail_allowed(allow, json_str(one))) {
			snprintf(wrong, 256, STR_FMT, STR_ARG(str_head(json_str(one), 200)));
			all = false;
		}
	}
	buf_free(&room);
	return all;
}

/* -- one of them -- */

struct post {
	struct clerk *me;
	struct job *j; /* as its owner */
	const json_t *doc;
	struct str id, to;
	int64_t due_ms;
	uint32_t attempt;
	char message_id[160];
	int64_t bytes;
	char why[240];
	bool for_good; /* it would fail again */
};

static enum err fail(struct post *p, const char *why)
{
	snprintf(p->why, sizeof p->why, "%s", why);
	p->for_good = true;
	return ERR_INVALID;
}

/* The address of the report, as if he asked for it: one table says who may. */
static enum err find_route(struct job *j, struct str report)
{
	const bool list = str_is(report, "contact_list");
	struct buf text = buf_grow(128);
	struct path path;
	buf_c(&text, "/api/v1/tenants/");
	buf_put(&text, j->match.tenant);
	buf_c(&text, list ? "/contacts" : "/reports/");
	buf_put(&text, list ? STR_NONE : report);
	enum err e = path_split(&j->req->arena, arena_copy(&j->req->arena, buf_str(&text)), &path);
	if (e == ERR_OK)
		e = route_find(HTTP_GET, &path, &j->match);
	buf_free(&text);
	return e;
}

/* What he may see is what he sends, at this moment. */
static enum err as_owner(struct post *p)
{
	struct job *j = p->j;
	struct caller *c = &j->caller;
	const struct str owner = json_str(json_object_get(p->doc, "owner"));
	struct str name;
	enum err e = ERR_OK;
	str_copy(j->match.tenant, c->tenant, sizeof c->tenant);
	j->signed_in = true;
	if (!owner.n) { /* declared by a file of the administrator's */
		c->roles = BIT(ROLE_ADMIN);
	} else {
		str_copy(owner, c->user, sizeof c->user);
		struct registry *g = clerk_registry(p->me);
		e = registry_user(g, j->match.tenant, owner, &c->roles, &name);
		c->held =
			c->roles & BIT(ROLE_SUPERVISOR) && registry_held(g, j->match.tenant, owner);
		clerk_registry_done(p->me);
	}
	if (e != ERR_OK)
		return fail(p, "its owner is not here any more");
	e = find_route(j, json_str(json_object_get(p->doc, "report")));
	if (e == ERR_OK)
		e = job_authorised(p->me, j);
	if (e != ERR_OK || j->own_only)
		return fail(p, "its owner may not read this report any more");
	return ERR_OK;
}

static bool going(void *arg)
{
	return !atomic_load(&((struct web *)arg)->stopping);
}

/* The same for every attempt: who gets it twice can tell. */
static void name_message(struct post *p)
{
	const struct str from = str_of(p->me->web->o.mail.from);
	snprintf(p->message_id, sizeof p->message_id, "report." STR_FMT "." STR_FMT ".%lld" STR_FMT,
		 STR_ARG(str_head(p->j->match.tenant, 40)), STR_ARG(str_head(p->id, 40)),
		 (long long)p->due_ms,
		 STR_ARG(str_head(str_from(from, (size_t)MAX(str_find(from, '@'), 0)), 50)));
}

static enum err post_file(struct post *p, const struct report_question *q, int fd, uint64_t rows)
{
	static const char *const counted[] = {"Rows", "Wiersze", "Строк"};
	const struct mail_server *server =
		&(const struct mail_server){p->me->web->o.mail.url, p->me->web->o.mail.user,
					    p->me->web->o.mail.secret, p->me->web->o.mail.from};
	struct buf text = buf_grow(256);
	char file[96], counts[24];
	const struct str name = json_str(json_object_get(p->doc, "name"));
	export_name(q, file);
	snprintf(counts, sizeof counts, "%llu", (unsigned long long)rows);
	buf_fmt(&text, STR_FMT "\n" STR_FMT "\n%s: %s\n", STR_ARG(name.n ? name : p->id),
		STR_ARG(p->j->match.tenant), counted[q->lang], counts);
	struct mail m = {.to = p->to,
			 .subject = name.n ? name : p->id,
			 .text = buf_str(&text),
			 .message_id = str_of(p->message_id),
			 .at_ms = clock_utc_ms(),
			 .file_fd = fd,
			 .file_name = file,
			 .file_type = export_type(q->format)};
	const int message = open(p->me->web->imports, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	enum err e = message < 0 ? ERR_IO : mail_compose(server, &m, message, &p->bytes);
	if (e == ERR_OK)
		e = mail_send(server, &m, message, p->bytes, &p->me->web->stopping, p->why);
	else
		snprintf(p->why, sizeof p->why, "%s", err_text(e));
	p->for_good = e == ERR_INVALID;
	if (message >= 0)
		close(message);
	buf_free(&text);
	return e;
}

static enum err post_report(struct post *p)
{
	enum report_kind report;
	struct report_question q;
	int fd;
	uint64_t rows;
	if (report_from(json_str(json_object_get(p->doc, "report")), &report) != ERR_OK)
		return fail(p, "there is no such report");
	enum err e = report_ask(p->me, p->j, report, &q);
	if (e != ERR_OK)
		return fail(p, "its query is not valid any more");
	e = export_report(p->me, p->j, &q, going, p->me->web, &fd, &rows);
	if (e != ERR_OK) {
		snprintf(p->why, sizeof p->why, "%.230s",
			 p->j->detail[0] ? p->j->detail : err_text(e));
		p->for_good = e == ERR_UNSUPPORTED || e == ERR_TOO_LARGE || e == ERR_INVALID;
		return e;
	}
	if (lseek(fd, 0, SEEK_END) > MAIL_FILE_MAX)
		e = fail(p, "the file is larger than 20 MiB");
	else
		e = post_file(p, &q, fd, rows);
	close(fd);
	return e;
}

static enum err try_to_post(struct post *p)
{
	char wrong[256];
	const json_t *schedule = json_object_get(p->doc, "schedule");
	if (!p->me->web->o.mail.url[0])
		return fail(p, "this server sends no mail: mail.smtp is not set");
	if (!mail_address(str_of(p->me->web->o.mail.from)))
		return fail(p, "mail.from is no address");
	if (!schedule_allowed(p->me, p->j->match.tenant, schedule, wrong)) {
		snprintf(p->why, sizeof p->why, "the tenant does not allow mail to %.180s", wrong);
		p->for_good = true;
		return ERR_INVALID;
	}
	const enum err e = as_owner(p);
	return e == ERR_OK ? post_report(p) : e;
}

static void raise_alarm(struct post *p)
{
	struct ask *a = clerk_ask(p->me, p->j, ASK_ALARM);
	struct buf b = buf_grow(256);
	a->object = STR("report_not_sent");
	buf_fmt(&b, STR_FMT ": %s", STR_ARG(p->id), p->why);
	a->text = arena_copy(&a->arena, buf_str(&b));
	buf_free(&b);
	if (clerk_wait(p->me, p->j, &a) != ERR_OK)
		log_line(LOG_ERROR, "event=alarm_not_raised name=report_not_sent");
	ask_free(a);
}

/* True: it is stored, and will not be done again. */
static bool tell(struct post *p, bool sent, bool last)
{
	struct ask *a;
	struct event *ev =
		customers_event(p->me, p->j, sent ? EV_report_sent : EV_report_failed, &a);
	const struct str id = arena_copy(&a->arena, p->id);
	if (sent) {
		ev->report_sent.report = id;
		ev->report_sent.due_ms = p->due_ms;
		ev->report_sent.attempt = p->attempt;
		ev->report_sent.to = arena_copy(&a->arena, p->to);
		ev->report_sent.message_id = arena_copy(&a->arena, str_of(p->message_id));
		ev->report_sent.bytes = (uint32_t)p->bytes;
	} else {
		ev->report_failed.report = id;
		ev->report_failed.due_ms = p->due_ms;
		ev->report_failed.attempt = p->attempt;
		ev->report_failed.why = arena_copy(&a->arena, str_of(p->why));
		ev->report_failed.last = last;
	}
	return customers_say(p->me, p->j, a) == ERR_OK;
}

static struct str addresses(struct arena *arena, const json_t *schedule)
{
	struct buf b = buf_grow(256);
	const json_t *one;
	size_t i;
	json_array_foreach(json_object_get(schedule, "to"), i, one)
		buf_fmt(&b, "%s" STR_FMT, i ? "," : "", STR_ARG(json_str(one)));
	const struct str out = arena_copy(arena, buf_str(&b));
	buf_free(&b);
	return out;
}

static enum err post(struct clerk *me, struct str tenant, const json_t *doc, int64_t due_ms,
		     uint32_t attempt, bool once, char why[240])
{
	struct post *p = xcalloc(1, sizeof *p);
	*p = (struct post){.me = me, .doc = doc, .due_ms = due_ms, .attempt = attempt};
	p->j = report_job(me->web, tenant, json_object_get(doc, "query"), doc, due_ms);
	p->id = json_str(json_object_get(doc, "id"));
	p->to = addresses(&p->j->req->arena, json_object_get(doc, "schedule"));
	name_message(p);
	const enum err e = try_to_post(p);
	const bool last = once || p->for_good ||
			  clock_utc_ms() + schedule_pause_ms(attempt) >= due_ms + TRY_FOR_MS;
	if (e != ERR_OK && atomic_load(&me->web->stopping)) {
		; /* the next life tries again */
	} else {
		log_line(e == ERR_OK ? LOG_INFO : LOG_WARN,
			 "event=report_%s tenant=" STR_FMT " report=" STR_FMT
			 " attempt=%u why=\"%s\"",
			 e == ERR_OK ? "sent" : "failed", STR_ARG(tenant), STR_ARG(p->id), attempt,
			 p->why);
		if (!tell(p, e == ERR_OK, last))
			log_line(LOG_ERROR, "event=report_run_not_stored");
		if (e != ERR_OK && (attempt == 1 || last))
			raise_alarm(p);
	}
	snprintf(why, 240, "%s", p->why);
	report_job_free(p->j);
	free(p);
	return e;
}

enum err scheduled_send_now(struct clerk *me, struct job *j, const json_t *doc)
{
	char why[240];
	const enum err e = post(me, j->match.tenant, doc, clock_utc_ms(), 1, true, why);
	if (e == ERR_OK)
		return ERR_OK;
	snprintf(j->detail, sizeof j->detail, "%s", why);
	return ERR_CONFLICT;
}

/* -- all of them -- */

struct newest {
	int64_t at_ms;
};

static void newest_row(void *arg, const struct object_row *o)
{
	((struct newest *)arg)->at_ms = o->at_ms;
}

/* What a database that is away could not take must not be sent again and again. */
static bool posted_here(struct web *w, struct str tenant, struct str id, int64_t due_ms, bool now)
{
	char key[160];
	struct buf b = buf_make(key, sizeof key);
	buf_fmt(&b, STR_FMT "/" STR_FMT, STR_ARG(str_head(tenant, 70)), STR_ARG(str_head(id, 70)));
	int64_t *known = map_get(&w->reports_posted, buf_str(&b));
	const bool was = known && *known == due_ms;
	if (!now)
		return was;
	if (!known) { /* its key lies behind the number */
		known = xcalloc(1, sizeof *known + b.n);
		memcpy(known + 1, key, b.n);
		CHECK(map_add(&w->reports_posted, str_make((char *)(known + 1), b.n), known) ==
		      ERR_OK);
	}
	*known = due_ms;
	return was;
}

static void consider(struct clerk *me, struct str tenant, const struct zone *zone,
		     const json_t *doc, int64_t now_ms)
{
	const json_t *schedule = json_object_get(doc, "schedule");
	const struct str id = json_str(json_object_get(doc, "id"));
	const int64_t due_ms = schedule ? schedule_due(schedule, zone, now_ms) : 0;
	struct report_run run;
	struct newest newest = {INT64_MAX};
	uint32_t attempt = 1;
	char why[240];
	if (!due_ms || now_ms >= due_ms + TRY_FOR_MS ||
	    posted_here(me->web, tenant, id, due_ms, false))
		return;
	enum err e = query_report_run(me->reader, tenant, id, due_ms, &run);
	if (e == ERR_OK) {
		if (!str_is(run.state, "retrying") ||
		    now_ms < run.at_ms + schedule_pause_ms(run.attempt))
			return;
		attempt = run.attempt + 1;
	} else if (e == ERR_NOT_FOUND) { /* it was declared so before that moment? */
		e = query_versions(me->reader, KIND_saved_report, tenant, id, newest_row, &newest);
		if (e != ERR_OK || newest.at_ms > due_ms)
			return;
	} else {
		return;
	}
	if (post(me, tenant, doc, due_ms, attempt, false, why) == ERR_OK)
		(void)posted_here(me->web, tenant, id, due_ms, true);
}

struct looking {
	struct clerk *me;
	int64_t now_ms;
	struct str tenant;
	const struct zone *zone;
};

static void look_at_report(void *arg, const json_t *doc)
{
	struct looking *l = arg;
	if (!atomic_load(&l->me->web->stopping))
		consider(l->me, l->tenant, l->zone, doc, l->now_ms);
}

static void look_at_tenant(void *arg, const json_t *doc)
{
	struct looking *l = arg;
	const struct str zone = json_str(json_object_get(doc, "time_zone"));
	l->tenant = json_str(json_object_get(doc, "id"));
	l->zone = zone.n ? zone_get(zone) : NULL;
	clerk_each_object(l->me, KIND_saved_report, l->tenant, look_at_report, l);
}

static void look(struct clerk *me, struct job *j)
{
	struct web *w = me->web;
	struct looking l = {.me = me, .now_ms = clock_utc_ms()};
	(void)j;
	/* without the database nobody knows what was sent */
	if (!store_failing(w->o.store) && store_catch_up(w->o.store, 2000))
		clerk_each_object(me, KIND_tenant, STR_NONE, look_at_tenant, &l);
	atomic_store(&w->reports_looking, false);
}

void scheduled_second(struct web *w, int64_t now_utc_ms)
{
	if (now_utc_ms < w->reports_look_ms || atomic_load(&w->reports_looking) || !w->clerks)
		return;
	w->reports_look_ms = now_utc_ms + LOOK_EVERY_MS;
	struct job *j = xcalloc(1, sizeof *j);
	j->web = w;
	j->desk = DESK_MAIL;
	j->chore = look;
	list_init(&j->link);
	atomic_store(&w->reports_looking, true);
	if (clerks_give(w->clerks, j) != ERR_OK) {
		atomic_store(&w->reports_looking, false);
		free(j);
	}
}
