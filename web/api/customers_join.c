/* customers_join.c - what belongs together: two records of one customer, a contact and who it
 * is with. */
#include "objects/schema.h"
#include "os/clock.h"
#include "web/customers.h"

static struct customer_stamp stamp_of(const struct job *j, const json_t *doc)
{
	return (struct customer_stamp){.id = json_member(doc, "id"),
				       .tenant = j->match.tenant,
				       .by = str_of(j->caller.user),
				       .now_ms = clock_utc_ms()};
}

static uint32_t version_of(const json_t *doc)
{
	return (uint32_t)json_integer_value(json_object_get(doc, "version"));
}

static enum err conflict(struct job *j, const char *why)
{
	str_copy(str_of(why), j->detail, sizeof j->detail);
	return ERR_CONFLICT;
}

/* Two lines of documents for one fact. */
static struct str two_lines(struct arena *a, const json_t *first, const json_t *second)
{
	struct buf b = buf_grow(4096);
	buf_put(&b, customers_text(a, first));
	buf_ch(&b, '\n');
	buf_put(&b, customers_text(a, second));
	const struct str both = arena_copy(a, buf_str(&b));
	buf_free(&b);
	return both;
}

static enum err say_merged(struct clerk *me, struct job *j, const json_t *into, const json_t *from)
{
	struct ask *a;
	struct event *ev = customers_event(me, j, EV_customer_merged, &a);
	const struct customer_stamp si = stamp_of(j, into), sf = stamp_of(j, from);
	json_t *both = customer_merged(into, from);
	json_t *target = customer_again(both, version_of(into) + 1, &si);
	json_t *source = customer_again(from, version_of(from) + 1, &sf);
	json_object_set(source, "merged_into", json_object_get(into, "id"));
	ev->customer_merged.customer = arena_copy(&a->arena, json_member(into, "id"));
	ev->customer_merged.from = arena_copy(&a->arena, json_member(from, "id"));
	ev->customer_merged.by = a->actor;
	ev->customer_merged.docs = two_lines(&a->arena, target, source);
	const enum err e = customers_say(me, j, a);
	if (e == ERR_OK)
		customers_answer(j, target, 200);
	json_decref(both);
	json_decref(target);
	json_decref(source);
	return e;
}

/* Both records of the request. ERR_INVALID: `from` is no other customer. */
static enum err both_records(struct clerk *me, struct job *j, json_t *body, json_t **into,
			     json_t **from)
{
	*from = NULL;
	enum err e = customers_get(me, j->match.tenant, j->match.id, into);
	if (e != ERR_OK)
		return e;
	e = customers_get(me, j->match.tenant, json_member(body, "from"), from);
	if (e == ERR_NOT_FOUND || str_eq(json_member(body, "from"), j->match.id))
		return answer_invalid(j, "$.from", "must be another customer");
	return e;
}

enum err run_merge(struct clerk *me, struct job *j)
{
	json_t *body = json_loadb(j->req->body.p, j->req->body.n, 0, NULL), *into, *from;
	pthread_mutex_lock(&me->web->customers_lock);
	enum err e = both_records(me, j, body, &into, &from);
	if (e == ERR_OK &&
	    (json_object_get(into, "merged_into") || json_object_get(from, "merged_into")))
		e = conflict(j, "one of them is a part of another already");
	if (e == ERR_OK)
		e = say_merged(me, j, into, from);
	pthread_mutex_unlock(&me->web->customers_lock);
	json_decref(body);
	json_decref(into);
	json_decref(from);
	return e;
}

/* The record as it was at that version, as its newest. */
static enum err record_again(struct clerk *me, struct job *j, const json_t *now, int64_t version,
			     json_t **out)
{
	struct uuid id;
	struct buf text = buf_grow(1024);
	const struct customer_stamp stamp = stamp_of(j, now);
	CHECK(uuid_parse(json_member(now, "id"), &id) == ERR_OK);
	const enum err e = query_customer_version(me->reader, j->match.tenant, id, version, &text);
	json_t *was = e == ERR_OK ? json_loadb(text.p, text.n, 0, NULL) : NULL;
	*out = was ? customer_again(was, version_of(now) + 1, &stamp) : NULL;
	json_decref(was);
	buf_free(&text);
	return e == ERR_OK && !*out ? ERR_IO : e;
}

static enum err unmerge(struct clerk *me, struct job *j, const json_t *into, const json_t *from,
			bool discard)
{
	struct merge_row row = {0};
	struct uuid a_id, b_id;
	json_t *a_doc = NULL, *b_doc = NULL;
	CHECK(uuid_parse(json_member(into, "id"), &a_id) == ERR_OK);
	CHECK(uuid_parse(json_member(from, "id"), &b_id) == ERR_OK);
	enum err e = query_merge(me->reader, j->match.tenant, a_id, b_id, &row);
	if (e == ERR_NOT_FOUND)
		return conflict(j, "it is no part of this record");
	if (e == ERR_OK && row.into_version != version_of(into) && !discard)
		return conflict(j, "this record was changed since the merge: discard_changes takes "
				   "that back too");
	if (e == ERR_OK)
		e = record_again(me, j, into, row.into_version - 1, &a_doc);
	if (e == ERR_OK)
		e = record_again(me, j, from, row.from_version - 1, &b_doc);
	if (e == ERR_OK) {
		struct ask *a;
		struct event *ev = customers_event(me, j, EV_customer_unmerged, &a);
		ev->customer_unmerged.customer = arena_copy(&a->arena, json_member(into, "id"));
		ev->customer_unmerged.from = arena_copy(&a->arena, json_member(from, "id"));
		ev->customer_unmerged.by = a->actor;
		ev->customer_unmerged.docs = two_lines(&a->arena, a_doc, b_doc);
		e = customers_say(me, j, a);
	}
	if (e == ERR_OK)
		customers_answer(j, a_doc, 200);
	json_decref(a_doc);
	json_decref(b_doc);
	return e;
}

enum err run_unmerge(struct clerk *me, struct job *j)
{
	json_t *body = json_loadb(j->req->body.p, j->req->body.n, 0, NULL), *into, *from;
	pthread_mutex_lock(&me->web->customers_lock);
	enum err e = both_records(me, j, body, &into, &from);
	if (e == ERR_OK)
		e = unmerge(me, j, into, from, json_flag(body, "discard_changes"));
	pthread_mutex_unlock(&me->web->customers_lock);
	json_decref(body);
	json_decref(into);
	json_decref(from);
	return e;
}

/* -- a contact and who it is with -- */

enum err run_link(struct clerk *me, struct job *j)
{
	struct uuid contact;
	json_t *doc = NULL, *body = json_loadb(j->req->body.p, j->req->body.n, 0, NULL);
	const struct str id = json_member(body, "customer");
	enum err e = contact_of_path(me, j, &contact);
	if (e == ERR_OK && id.n) {
		e = customers_get(me, j->match.tenant, id, &doc);
		if (e == ERR_NOT_FOUND || (doc && json_object_get(doc, "merged_into")))
			e = answer_invalid(j, "$.customer", "is no customer");
	}
	if (e == ERR_OK) {
		struct ask *a;
		struct event *ev = customers_event(me, j, EV_customer_linked, &a);
		ev->customer_linked.contact = contact;
		ev->customer_linked.customer = arena_copy(&a->arena, id);
		ev->customer_linked.how = STR("picked");
		ev->customer_linked.by = a->actor;
		e = customers_say(me, j, a);
	}
	json_decref(body);
	json_decref(doc);
	return e == ERR_OK ? contact_answer(me, j, contact) : e;
}
