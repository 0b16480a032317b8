/* customers.c - see customers.h. */
#include "web/customers.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "objects/schema.h"
#include "os/clock.h"

enum err customers_viewed(struct clerk *me, struct job *j, const char *what, struct str id,
			  struct str query, uint32_t count)
{
	struct buf key = buf_grow(128);
	buf_fmt(&key, STR_FMT "/%s/%s/%s/", STR_ARG(j->match.tenant), j->caller.tenant,
		j->caller.user, what);
	buf_put(&key, id);
	buf_ch(&key, '/');
	buf_put(&key, query);
	const bool is_new = views_new(j->web->views, buf_str(&key), clock_mono_ms());
	buf_free(&key);
	if (!is_new)
		return ERR_OK;
	struct ask *a;
	struct event *ev = customers_event(me, j, EV_viewed, &a);
	ev->viewed.what = str_of(what);
	ev->viewed.customer = arena_copy(&a->arena, id);
	ev->viewed.by = a->actor;
	ev->viewed.count = count;
	ev->viewed.query = arena_copy(&a->arena, str_head(query, 200));
	a->soon = true;
	return customers_say(me, j, a);
}

struct event *customers_event(struct clerk *me, struct job *j, enum event_kind kind, struct ask **a)
{
	*a = clerk_ask(me, j, ASK_SAY);
	(*a)->say = arena_alloc(&(*a)->arena, sizeof *(*a)->say);
	(*a)->say->kind = kind;
	return (*a)->say;
}

enum err customers_say_when(struct clerk *me, struct job *j, struct ask *a, int64_t *at_ms)
{
	const enum err e = clerk_wait(me, j, &a);
	*at_ms = e == ERR_OK ? a->at_ms : 0;
	ask_free(a);
	return e;
}

enum err customers_say(struct clerk *me, struct job *j, struct ask *a)
{
	int64_t at_ms;
	return customers_say_when(me, j, a, &at_ms);
}

void customers_rules(struct clerk *me, struct str tenant, struct customers_rules *out)
{
	struct buf doc = buf_grow(512), fields = buf_grow(512);
	*out = (struct customers_rules){0};
	struct registry *g = clerk_registry(me);
	const enum err e = registry_get(g, KIND_tenant, tenant, tenant, &doc);
	const enum err f = registry_list(g, KIND_field, tenant, 500, STR_NONE, &fields);
	clerk_registry_done(me);
	json_t *t = e == ERR_OK ? json_loadb(doc.p, doc.n, 0, NULL) : NULL;
	(void)str_copy(json_member(t, "country"), out->country, sizeof out->country);
	json_decref(t);
	json_t *page = f == ERR_OK ? json_loadb(fields.p, fields.n, 0, NULL) : NULL;
	out->fields = json_incref(json_object_get(page, "items"));
	json_decref(page);
	out->rules = (struct customer_rules){str_of(out->country), out->fields};
	buf_free(&doc);
	buf_free(&fields);
}

void customers_rules_finish(struct customers_rules *r)
{
	json_decref(r->fields);
}

enum err customers_get(struct clerk *me, struct str tenant, struct str id, json_t **out)
{
	struct uuid u;
	struct buf text = buf_grow(1024);
	enum err e = uuid_parse(id, &u) == ERR_OK ? query_customer(me->reader, tenant, u, &text)
						  : ERR_NOT_FOUND;
	*out = e == ERR_OK ? json_loadb(text.p, text.n, 0, NULL) : NULL;
	buf_free(&text);
	return e == ERR_OK && !*out ? ERR_IO : e;
}

struct str customers_text(struct arena *a, const json_t *doc)
{
	char *text = json_dumps(doc, JSON_COMPACT);
	CHECK(text);
	const struct str copy = arena_copy(a, str_of(text));
	free(text);
	return copy;
}

void customers_answer(struct job *j, const json_t *doc, int status)
{
	(void)answer_begin(j);
	buf_put(&j->answer.body, customers_text(&j->req->arena, doc));
	answer_json(j, status);
	if (!j->answer.extra.p)
		j->answer.extra = buf_grow(64);
	buf_fmt(&j->answer.extra, "ETag: \"%lld\"\r\nCache-Control: private, no-cache\r\n",
		(long long)json_integer_value(json_object_get(doc, "version")));
}

struct uuid customers_new_id(void)
{
	static _Atomic uint64_t last; /* milliseconds, and 12 bits of a counter */
	uint64_t dice, before = atomic_load(&last), now;
	do
		now = MAX((uint64_t)clock_utc_ms() << 12, before + 1);
	while (!atomic_compare_exchange_weak(&last, &before, now));
	os_random(&dice, sizeof dice);
	/* the counter's bytes where rand_a is (RFC 9562 section 6.2, method 1) */
	return uuid_v7((int64_t)(now >> 12), (now >> 8 & 0xf) | (now & 0xff) << 8, dice);
}
