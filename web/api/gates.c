/* gates.c - queues that are closed for now, opened again, or emptied into others. */
#include <jansson.h>

#include "objects/schema.h"
#include "web/handlers.h"
#include "web/web_inside.h"

/* A supervisor of teams sends nobody into queues that are not his. */
static enum err may_send_to(struct job *j, struct str queue)
{
	if (!queue.n || reach_queue(j->within, queue))
		return ERR_OK;
	str_copy(STR("callers go to queues of your own teams"), j->detail, sizeof j->detail);
	return ERR_FORBIDDEN;
}

static void put_gate(struct job *j, const struct ask *a)
{
	struct jsonw w = answer_begin(j);
	jsonw_open(&w, '{');
	jsonw_kstr(&w, "id", j->match.id);
	jsonw_kbool(&w, "closed", a->board.closed_count != 0);
	for (uint32_t i = 0; i < a->board.closed_count; i++) {
		const struct ask_closed *c = &a->board.closed[i];
		jsonw_ktime(&w, "since_at", c->since_at_ms);
		jsonw_kstr(&w, "by", c->by);
		if (c->to.n)
			jsonw_kstr(&w, "to", c->to);
		if (c->until_at_ms)
			jsonw_ktime(&w, "until_at", c->until_at_ms);
	}
	jsonw_close(&w, '}');
	answer_json(j, 200);
}

static enum err gate(struct clerk *me, struct job *j, bool closed)
{
	json_t *body = json_loadb(j->req->body.p, j->req->body.n, 0, NULL);
	const struct str until = json_str(json_object_get(body, "until_at"));
	struct ask *a = clerk_ask(me, j, ASK_GATE);
	a->object = arena_copy(&a->arena, j->match.id);
	a->text = arena_copy(&a->arena, json_str(json_object_get(body, "to")));
	a->on = closed;
	enum err e = may_send_to(j, a->text);
	if (until.n && time_parse(until, &a->at_ms) != ERR_OK)
		e = answer_invalid(j, "$.until_at", "is not a time");
	json_decref(body);
	if (e == ERR_OK)
		e = clerk_wait(me, j, &a);
	if (e == ERR_OK)
		put_gate(j, a);
	ask_free(a);
	return e;
}

enum err run_queue_close(struct clerk *me, struct job *j)
{
	return gate(me, j, true);
}

enum err run_queue_open(struct clerk *me, struct job *j)
{
	return gate(me, j, false);
}

enum err run_queue_overflow(struct clerk *me, struct job *j)
{
	json_t *body = json_loadb(j->req->body.p, j->req->body.n, 0, NULL);
	struct ask *a = clerk_ask(me, j, ASK_OVERFLOW);
	a->object = arena_copy(&a->arena, j->match.id);
	a->text = arena_copy(&a->arena, json_str(json_object_get(body, "to")));
	json_decref(body);
	enum err e = may_send_to(j, a->text);
	if (e == ERR_OK)
		e = clerk_wait(me, j, &a);
	if (e == ERR_OK) {
		struct jsonw w = answer_begin(j);
		jsonw_open(&w, '{');
		jsonw_ki64(&w, "moved", a->overflow.moved);
		jsonw_ki64(&w, "left", a->overflow.left);
		jsonw_close(&w, '}');
		answer_json(j, 200);
	}
	ask_free(a);
	return e;
}
