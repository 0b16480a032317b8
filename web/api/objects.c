/* objects.c - declared objects: read, changed, applied, exported (contract section 2). */
#include <jansson.h>

#include "objects/diff.h"
#include "objects/mistakes.h"
#include "objects/schema.h"
#include "os/log.h"
#include "web/handlers.h"
#include "web/web_inside.h"

static enum err one_object(struct clerk *me, struct job *j, int status)
{
	const struct route_match *m = &j->match;
	struct buf body = buf_grow(1024);
	const enum err e = registry_get(clerk_registry(me), m->kind, m->tenant, m->id, &body);
	clerk_registry_done(me);
	if (e != ERR_OK) {
		buf_free(&body);
		return e;
	}
	json_t *doc = json_loadb(body.p, body.n, 0, NULL);
	buf_free(&j->answer.extra);
	j->answer.extra = buf_grow(64);
	buf_fmt(&j->answer.extra, "ETag: \"%lld\"\r\n",
		(long long)json_integer_value(json_object_get(doc, "version")));
	json_decref(doc);
	buf_free(&j->answer.body);
	j->answer.body = body;
	answer_json(j, status);
	return ERR_OK;
}

enum err object_answer(struct clerk *me, struct job *j, enum object_kind kind)
{
	j->match.kind = kind;
	return one_object(me, j, 200);
}

enum err run_object_get(struct clerk *me, struct job *j)
{
	return one_object(me, j, 200);
}

/* If-Match: the change is wanted only upon the version its author has seen; If-None-Match: * only
 * where there is nothing yet (RFC 9110 sections 13.1.1 and 13.1.2). Changes are made one at a time,
 * so what is true here stays true until it is done. */
static bool version_fits(struct clerk *me, struct job *j)
{
	const struct str wanted = h1_header(&j->req->head, "if-match");
	const bool fresh = str_is(h1_header(&j->req->head, "if-none-match"), "*");
	char etag[32] = "";
	if (!wanted.n && !fresh)
		return true;
	if (one_object(me, j, 200) == ERR_OK)
		str_copy(str_trim(str_from(buf_str(&j->answer.extra), 5)), etag, sizeof etag);
	http_answer_drop(&j->answer);
	if (fresh && etag[0]) {
		answer_status(j, 412, "there is one of this name already");
		return false;
	}
	if (!wanted.n || (etag[0] && (str_is(wanted, "*") || str_is(wanted, etag))))
		return true;
	answer_status(j, 412, "somebody else has changed it meanwhile: read it again");
	return false;
}

/* Somebody of a tenant sees one tenant: his own. */
static enum err own_tenant_only(struct clerk *me, struct job *j)
{
	struct buf body = buf_grow(1024);
	const struct str t = str_of(j->caller.tenant);
	buf_c(&body, "{\"items\":[");
	const enum err e = registry_get(clerk_registry(me), KIND_tenant, t, t, &body);
	clerk_registry_done(me);
	if (e != ERR_OK) { /* tenant system need not be declared */
		body.n = 0;
		buf_c(&body, "{\"items\":[");
	}
	buf_c(&body, "],\"next\":null}");
	buf_free(&j->answer.body);
	j->answer.body = body;
	answer_json(j, 200);
	return ERR_OK;
}

enum err run_objects(struct clerk *me, struct job *j)
{
	uint32_t limit;
	struct str after;
	if (param_page(j, &limit, &after) != ERR_OK)
		return ERR_INVALID;
	if (j->match.kind == KIND_tenant && !caller_is_system(&j->caller))
		return own_tenant_only(me, j);
	struct buf body = buf_grow(4096);
	const enum err e = registry_list_within(clerk_registry(me), j->match.kind, j->match.tenant,
						limit, after, j->within, &body);
	clerk_registry_done(me);
	if (e != ERR_OK) {
		buf_free(&body);
		return e;
	}
	buf_free(&j->answer.body);
	j->answer.body = body;
	answer_json(j, 200);
	return ERR_OK;
}

/* Prepared changes to the main thread, then to the disk, then they are the truth here too. */
static enum err carry_out(struct clerk *me, struct job *j, struct registry_result *res)
{
	if (!res->change_count)
		return ERR_OK;
	if (store_failing(me->web->o.store)) {
		str_copy(STR("the database takes nothing now: nothing was changed"), j->detail,
			 sizeof j->detail);
		return ERR_AGAIN;
	}
	struct ask *a = clerk_ask(me, j, ASK_CHANGE);
	a->changes = arena_alloc(&a->arena, res->change_count * sizeof *a->changes);
	a->change_count = res->change_count;
	for (uint32_t i = 0; i < res->change_count; i++) {
		struct registry_change *c = &res->changes[i];
		a->changes[i] = (struct ask_change){
			.kind = c->kind,
			.tenant = arena_copy(&a->arena, c->tenant),
			.object = arena_copy(&a->arena, c->id),
			.version = c->version,
			.op = c->op,
			.config = c->config,
			.doc = arena_copy(&a->arena, c->doc),
		};
		c->config = NULL; /* the main thread's now */
	}
	enum err e = clerk_wait(me, j, &a);
	/* accepted but not yet known to be durable: the rooms work by it already, so must we */
	if (a && (a->err == ERR_OK || a->err == ERR_DISK_FULL)) {
		registry_commit(clerk_registry_alone(me), res);
		clerk_registry_done(me);
		j->forget_sessions = true;
	}
	ask_free(a);
	return e;
}

/* What was prepared is carried out; mistakes go into the job. */
enum err object_change_finish(struct clerk *me, struct job *j, enum err e,
			      struct registry_result *res)
{
	if (e == ERR_OK) {
		e = carry_out(me, j, res);
	} else if (res->errors.n) {
		buf_free(&j->errors);
		j->errors = buf_grow(res->errors.n);
		buf_put(&j->errors, buf_str(&res->errors));
	}
	if (e == ERR_CONFLICT && !j->detail[0] && j->errors.n)
		str_copy(STR("other objects refer to it, or the same thing is declared elsewhere"),
			 j->detail, sizeof j->detail);
	return e;
}

enum err run_object_put(struct clerk *me, struct job *j)
{
	const struct route_match *m = &j->match;
	struct registry_result res = {0};
	if (!version_fits(me, j))
		return ERR_OK;
	/* an admin of a tenant changes his own; the path's rule has seen to that. New ones are made
	 * by the system's. */
	enum err e = registry_prepare_put(clerk_registry(me), m->kind, m->tenant, m->id,
					  j->req->body, &res);
	clerk_registry_done(me);
	const bool created =
		e == ERR_OK && res.change_count && str_is(str_of(res.changes[0].op), "created");
	e = object_change_finish(me, j, e, &res);
	registry_result_finish(&res);
	return e == ERR_OK ? one_object(me, j, created ? 201 : 200) : e;
}

enum err run_object_delete(struct clerk *me, struct job *j)
{
	const struct route_match *m = &j->match;
	struct registry_result res = {0};
	if (!version_fits(me, j))
		return ERR_OK;
	enum err e = registry_prepare_delete(clerk_registry(me), m->kind, m->tenant, m->id, &res);
	clerk_registry_done(me);
	e = object_change_finish(me, j, e, &res);
	registry_result_finish(&res);
	if (e == ERR_OK)
		j->answer.status = 204;
	return e;
}

struct versions {
	struct job *job;
	struct jsonw w;
	struct buf before; /* the document of the version before, as told outside */
	uint32_t count;
	/* for a page */
	uint64_t after;
	uint32_t limit, last; /* last: version told */
	bool more;
	/* for a rollback */
	uint32_t wanted;
	struct str doc;
	bool found;
};

static void put_document(struct jsonw *w, const char *key, struct str json)
{
	jsonw_key(w, key);
	if (json.n)
		jsonw_raw(w, json);
	else
		jsonw_null(w);
}

static void version_row(void *arg, const struct object_row *o)
{
	struct versions *v = arg;
	v->more = v->count++ && v->limit == 0;
	if (v->more)
		return;
	struct buf after = buf_grow(256);
	if (o->doc.n && registry_public(o->doc, &after) != ERR_OK)
		after.n = 0;
	if (o->version > v->after) {
		jsonw_open(&v->w, '{');
		jsonw_ki64(&v->w, "version", o->version);
		jsonw_kstr(&v->w, "op", o->op);
		jsonw_kstr(&v->w, "by", o->by);
		jsonw_ktime(&v->w, "at", o->at_ms);
		put_document(&v->w, "before", buf_str(&v->before));
		put_document(&v->w, "after", buf_str(&after));
		jsonw_close(&v->w, '}');
		v->last = o->version;
		v->limit--;
	}
	buf_free(&v->before);
	v->before = after;
}

enum err run_object_versions(struct clerk *me, struct job *j)
{
	const struct route_match *m = &j->match;
	struct versions v = {.job = j};
	struct str after;
	if (param_page(j, &v.limit, &after) != ERR_OK)
		return ERR_INVALID;
	if (after.n && str_to_u64(after, UINT32_MAX, &v.after) != ERR_OK)
		return answer_invalid(j, "after", "must be the number of a version");
	v.w = answer_begin(j);
	jsonw_open(&v.w, '{');
	jsonw_key(&v.w, "items");
	jsonw_open(&v.w, '[');
	const enum err e = query_versions(me->reader, m->kind, m->tenant, m->id, version_row, &v);
	jsonw_close(&v.w, ']');
	jsonw_key(&v.w, "next");
	if (v.more) {
		char text[16];
		struct buf next = buf_make(text, sizeof text);
		buf_u64(&next, v.last);
		jsonw_str(&v.w, buf_str(&next));
	} else {
		jsonw_null(&v.w);
	}
	jsonw_close(&v.w, '}');
	buf_free(&v.before);
	if (e != ERR_OK)
		return e;
	answer_json(j, 200);
	return v.count ? ERR_OK : ERR_NOT_FOUND;
}

static void wanted_row(void *arg, const struct object_row *o)
{
	struct versions *v = arg;
	if (o->version != v->wanted)
		return;
	v->found = true;
	v->doc = arena_copy(&v->job->req->arena, o->doc);
}

enum err run_object_rollback(struct clerk *me, struct job *j)
{
	const struct route_match *m = &j->match;
	struct versions v = {.job = j};
	json_t *body = json_loadb(j->req->body.p, j->req->body.n, 0, NULL);
	v.wanted = (uint32_t)json_integer_value(json_object_get(body, "version"));
	json_decref(body);
	enum err e = query_versions(me->reader, m->kind, m->tenant, m->id, wanted_row, &v);
	if (e == ERR_OK && !v.found)
		e = ERR_NOT_FOUND;
	if (e == ERR_OK && !v.doc.n) {
		str_copy(STR("that version is its deletion"), j->detail, sizeof j->detail);
		e = ERR_CONFLICT;
	}
	if (e != ERR_OK)
		return e;

	struct registry_result res = {0};
	e = registry_prepare_rollback(clerk_registry(me), m->kind, m->tenant, m->id, v.doc, &res);
	clerk_registry_done(me);
	e = object_change_finish(me, j, e, &res);
	registry_result_finish(&res);
	return e == ERR_OK ? one_object(me, j, 200) : e;
}

enum err run_flow_publish(struct clerk *me, struct job *j)
{
	const struct route_match *m = &j->match;
	struct registry_result res = {0};
	enum err e = registry_prepare_publish(clerk_registry(me), m->tenant, m->id, &res);
	clerk_registry_done(me);
	if (e == ERR_NOT_FOUND)
		str_copy(STR("there is no draft of this flow"), j->detail, sizeof j->detail);
	e = object_change_finish(me, j, e, &res);
	registry_result_finish(&res);
	return e == ERR_OK ? one_object(me, j, 200) : e;
}

/* -- what changed -- */

struct numbers {
	uint64_t below; /* 0: no bound */
	uint64_t last, before_last;
};

static void number_row(void *arg, const struct object_row *o)
{
	struct numbers *n = arg;
	if (n->below && o->version >= n->below)
		return;
	n->before_last = n->last;
	n->last = o->version;
}

/* The document of a version as told outside, parsed; NULL for version 0 and for a deletion. */
static enum err version_told(struct clerk *me, struct job *j, uint64_t version, json_t **out)
{
	const struct route_match *m = &j->match;
	struct versions v = {.job = j, .wanted = (uint32_t)version};
	struct buf text = buf_grow(1024);
	enum err e = version ? query_versions(me->reader, m->kind, m->tenant, m->id, wanted_row, &v)
			     : ERR_OK;
	*out = NULL;
	if (e == ERR_OK && version && !v.found)
		e = ERR_NOT_FOUND;
	if (e == ERR_OK && v.doc.n && registry_public(v.doc, &text) == ERR_OK)
		*out = json_loadb(text.p, text.n, 0, NULL);
	buf_free(&text);
	return e;
}

static enum err draft_told(struct clerk *me, struct job *j, json_t **out)
{
	struct buf text = buf_grow(1024);
	const enum err e =
		registry_get(clerk_registry(me), KIND_draft, j->match.tenant, j->match.id, &text);
	clerk_registry_done(me);
	*out = e == ERR_OK ? json_loadb(text.p, text.n, 0, NULL) : NULL;
	buf_free(&text);
	return e;
}

/* Which two: `to` is the newest unless said, `from` the one before it; a draft is compared with the
 * newest. */
static enum err diff_params(struct clerk *me, struct job *j, uint64_t *from, uint64_t *to,
			    bool *draft)
{
	const struct route_match *m = &j->match;
	struct str text;
	*from = UINT64_MAX;
	*to = 0;
	if (param_u64(j, "from", UINT32_MAX, from) != ERR_OK || param_str(j, "to", &text) != ERR_OK)
		return ERR_INVALID;
	*draft = m->kind == KIND_flow && str_is(text, "draft");
	if (text.n && !*draft && (str_to_u64(text, UINT32_MAX, to) != ERR_OK || !*to))
		return answer_invalid(j, "to", "must be the number of a version");
	struct numbers n = {.below = *to ? *to + 1 : 0};
	enum err e = query_versions(me->reader, m->kind, m->tenant, m->id, number_row, &n);
	if (e != ERR_OK || (!n.last && !*draft))
		return e == ERR_OK ? ERR_NOT_FOUND : e;
	if (*from == UINT64_MAX)
		*from = *draft ? n.last : n.before_last;
	if (!*to)
		*to = n.last;
	return ERR_OK;
}

enum err run_object_diff(struct clerk *me, struct job *j)
{
	uint64_t from, to;
	bool draft;
	json_t *before = NULL, *after = NULL;
	enum err e = diff_params(me, j, &from, &to, &draft);
	if (e == ERR_OK)
		e = version_told(me, j, from, &before);
	if (e == ERR_OK)
		e = draft ? draft_told(me, j, &after) : version_told(me, j, to, &after);
	if (e == ERR_OK) {
		struct jsonw w = answer_begin(j);
		jsonw_open(&w, '{');
		jsonw_ki64(&w, "from", (int64_t)from);
		if (draft)
			jsonw_kstr(&w, "to", STR("draft"));
		else
			jsonw_ki64(&w, "to", (int64_t)to);
		jsonw_key(&w, "changes");
		document_diff(&w, before, after);
		jsonw_close(&w, '}');
		answer_json(j, 200);
	}
	json_decref(before);
	json_decref(after);
	return e;
}

enum err run_object_referrers(struct clerk *me, struct job *j)
{
	const struct route_match *m = &j->match;
	struct jsonw w = answer_begin(j);
	jsonw_open(&w, '{');
	jsonw_key(&w, "items");
	const enum err e = registry_referrers(clerk_registry(me), m->kind, m->tenant, m->id, &w);
	clerk_registry_done(me);
	if (e != ERR_OK)
		return e;
	jsonw_key(&w, "next");
	jsonw_null(&w);
	jsonw_close(&w, '}');
	answer_json(j, 200);
	return ERR_OK;
}

/* A tenant's admin may declare only what is his tenant's; what names no tenant at all is a mistake
 * that others tell. */
static enum err own_objects_only(struct job *j)
{
	const struct str own = str_of(j->caller.tenant);
	const struct jpath root = {0}, list = {.up = &root, .key = "objects"};
	json_t *site = json_loadb(j->req->body.p, j->req->body.n, 0, NULL), *o;
	struct mistakes m;
	size_t i;
	buf_free(&j->errors);
	j->errors = buf_grow(256);
	m = mistakes_begin(&j->errors);
	json_array_foreach(json_object_get(site, "objects"), i, o)
	{
		const bool is_tenant = str_is(json_str(json_object_get(o, "kind")), "tenant");
		const struct jpath item = {.up = &list, .index = i};
		const struct jpath field = {.up = &item, .key = is_tenant ? "id" : "tenant"};
		const json_t *named = json_object_get(o, field.key);
		if (named && !str_eq(json_str(named), own))
			mistake(&m, &field, "is another tenant than yours, '" STR_FMT "'",
				STR_ARG(own));
	}
	mistakes_end(&m);
	const enum err e = m.count ? ERR_FORBIDDEN : ERR_OK;
	json_decref(site);
	if (e != ERR_OK)
		str_copy(STR("the file declares objects of another tenant than yours"), j->detail,
			 sizeof j->detail);
	return e;
}

static void put_names(struct jsonw *w, const char *op, const struct registry_result *res)
{
	jsonw_key(w, op);
	jsonw_open(w, '[');
	for (uint32_t i = 0; i < res->change_count; i++) {
		const struct registry_change *c = &res->changes[i];
		char name[256];
		struct buf b = buf_make(name, sizeof name);
		if (!str_is(str_of(c->op), op))
			continue;
		buf_put(&b, object_kind_word(c->kind));
		buf_ch(&b, '/');
		buf_put(&b, c->tenant);
		buf_ch(&b, '/');
		buf_put(&b, c->id);
		jsonw_str(w, buf_str(&b));
	}
	jsonw_close(w, ']');
}

enum err run_apply(struct clerk *me, struct job *j)
{
	struct registry_result res = {0};
	enum err e = ERR_OK;
	if (!caller_is_system(&j->caller))
		e = own_objects_only(j);
	if (e != ERR_OK)
		return e;
	e = registry_prepare_site(clerk_registry(me), j->req->body, &res);
	clerk_registry_done(me);
	e = object_change_finish(me, j, e, &res);
	if (e == ERR_OK) {
		struct jsonw w = answer_begin(j);
		jsonw_open(&w, '{');
		put_names(&w, "created", &res);
		put_names(&w, "updated", &res);
		put_names(&w, "deleted", &res);
		jsonw_ki64(&w, "unchanged", res.unchanged);
		jsonw_close(&w, '}');
		answer_json(j, 200);
	}
	registry_result_finish(&res);
	return e;
}

enum err run_export(struct clerk *me, struct job *j)
{
	struct str tenant;
	if (param_str(j, "tenant", &tenant) != ERR_OK)
		return ERR_INVALID;
	if (!caller_is_system(&j->caller)) {
		if (tenant.n && !str_eq(tenant, str_of(j->caller.tenant)))
			return ERR_NOT_FOUND;
		tenant = str_of(j->caller.tenant);
	}
	struct buf body = buf_grow(65536), doc = buf_grow(256);
	struct registry *g = clerk_registry(me);
	enum err e = ERR_OK;
	if (tenant.n && !str_is(tenant, "system"))
		e = registry_get(g, KIND_tenant, tenant, tenant, &doc);
	if (e == ERR_OK)
		registry_export(g, tenant, &body);
	clerk_registry_done(me);
	buf_free(&doc);
	buf_free(&j->answer.body);
	j->answer.body = body;
	answer_json(j, 200);
	return e;
}
