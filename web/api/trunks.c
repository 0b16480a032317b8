/* trunks.c - trunks as they are at this moment, and tested at a click: asked of the main thread. */
#include "web/handlers.h"
#include "web/web_inside.h"

/* null where there is none */
static void put_some(struct jsonw *w, const char *key, bool some, int64_t v)
{
	jsonw_key(w, key);
	if (some)
		jsonw_i64(w, v);
	else
		jsonw_null(w);
}

static void put_text(struct jsonw *w, const char *key, const char *text)
{
	jsonw_key(w, key);
	if (text[0])
		jsonw_str(w, str_of(text));
	else
		jsonw_null(w);
}

static void put_peer(struct jsonw *w, const struct ask_trunk_peer *p)
{
	jsonw_open(w, '{');
	jsonw_kstr(w, "address", p->address);
	jsonw_kbool(w, "silent", p->silent);
	jsonw_kbool(w, "busy", p->busy);
	jsonw_kbool(w, "down", p->down);
	jsonw_ktime(w, "since_at", p->since_at_ms);
	jsonw_ktime(w, "asked_at", p->asked_at_ms);
	put_some(w, "status", p->status, p->status);
	put_some(w, "ms", p->status, p->rtt_ms);
	jsonw_close(w, '}');
}

static void put_trouble(struct jsonw *w, const struct trouble *t)
{
	jsonw_open(w, '{');
	jsonw_ktime(w, "at", t->at_ms);
	jsonw_ktime(w, "first_at", t->first_at_ms);
	jsonw_ki64(w, "count", t->count);
	jsonw_kstr(w, "peer", str_of(t->peer));
	jsonw_kstr(w, "asked", trunk_question_word(t->asked));
	jsonw_kstr(w, "why", trouble_why_word(t->why));
	put_some(w, "status", t->status, t->status);
	put_text(w, "text", t->text);
	put_text(w, "number", t->number);
	jsonw_close(w, '}');
}

static void put_answer(struct jsonw *w, const struct trunk_answer *a)
{
	jsonw_open(w, '{');
	jsonw_kstr(w, "peer", str_of(a->peer));
	jsonw_kstr(w, "asked", trunk_question_word(a->asked));
	jsonw_kbool(w, "ok", a->why == TROUBLE_none);
	jsonw_key(w, "why");
	if (a->why == TROUBLE_none)
		jsonw_null(w);
	else
		jsonw_str(w, trouble_why_word(a->why));
	put_some(w, "status", a->status, a->status);
	put_some(w, "ms", a->why != TROUBLE_unresolved, a->ms);
	put_text(w, "text", a->text);
	jsonw_close(w, '}');
}

static enum err asked(struct clerk *me, struct job *j, enum ask_kind kind, struct ask **out)
{
	*out = clerk_ask(me, j, kind);
	(*out)->object = arena_copy(&(*out)->arena, j->match.id);
	const enum err e = clerk_wait(me, j, out);
	if (e != ERR_OK)
		ask_free(*out);
	return e;
}

enum err run_trunk_live(struct clerk *me, struct job *j)
{
	struct ask *a;
	const enum err e = asked(me, j, ASK_TRUNK_LIVE, &a);
	if (e != ERR_OK)
		return e;
	const struct ask_trunk_live *t = &a->trunk;
	struct jsonw w = answer_begin(j);
	jsonw_open(&w, '{');
	jsonw_ki64(&w, "calls", t->calls);
	put_some(&w, "max_calls", t->calls_max, t->calls_max);
	jsonw_ki64(&w, "cps", t->pace);
	put_some(&w, "cps_max", t->pace_max, t->pace_max);
	jsonw_key(&w, "registered");
	if (t->registers)
		jsonw_bool(&w, t->registered);
	else
		jsonw_null(&w);
	jsonw_ktime(&w, "registered_until_at", t->registered_until_at_ms);
	put_some(&w, "registrar_status", t->status, t->status);
	jsonw_key(&w, "peers");
	jsonw_open(&w, '[');
	for (uint32_t i = 0; i < t->peer_count; i++)
		put_peer(&w, &t->peers[i]);
	jsonw_close(&w, ']');
	jsonw_key(&w, "errors");
	jsonw_open(&w, '[');
	for (uint32_t i = 0; i < t->trouble_count; i++)
		put_trouble(&w, &t->troubles[i]);
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
	ask_free(a);
	answer_json(j, 200);
	return ERR_OK;
}

enum err run_trunk_test(struct clerk *me, struct job *j)
{
	struct ask *a;
	const enum err e = asked(me, j, ASK_TRUNK_TEST, &a);
	if (e != ERR_OK)
		return e;
	bool ok = a->trunk.answer_count > 0;
	for (uint32_t i = 0; i < a->trunk.answer_count; i++)
		ok = ok && a->trunk.answers[i].why == TROUBLE_none;
	struct jsonw w = answer_begin(j);
	jsonw_open(&w, '{');
	jsonw_kbool(&w, "ok", ok);
	jsonw_key(&w, "answers");
	jsonw_open(&w, '[');
	for (uint32_t i = 0; i < a->trunk.answer_count; i++)
		put_answer(&w, &a->trunk.answers[i]);
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
	ask_free(a);
	answer_json(j, 200);
	return ERR_OK;
}
