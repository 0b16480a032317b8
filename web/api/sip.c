/* sip.c - the SIP messages of a contact, as long as they are kept (decision 0060); read from where
 * the voice door wrote them, so that nobody who rings waits for somebody who looks. */
#include "crm/customer.h"
#include "web/handlers.h"
#include "web/web_inside.h"

static enum err read_traced(struct job *j, struct uuid contact, struct traced *out)
{
	const struct web_options *o = &j->web->o;
	*out = (struct traced){0};
	arena_init(&out->arena);
	return o->traced ? o->traced(o->arg, contact, out) : ERR_OK;
}

/* -- as JSON -- */

/* Of a response the number of its request stands here, RFC 3261 section 8.2.6.2. */
static struct str cseq_of(struct str message)
{
	struct str line, name, value;
	while (str_line(&message, &line) && line.n)
		if (str_cut(line, ':', &name, &value) && str_ieq(str_trim(name), STR("CSeq")))
			return str_trim(value);
	return STR_NONE;
}

static void put_or_null(struct jsonw *w, const char *key, struct str s)
{
	jsonw_key(w, key);
	if (s.n)
		jsonw_str(w, s);
	else
		jsonw_null(w);
}

/* "INVITE sip:… SIP/2.0" or "SIP/2.0 486 Busy Here". */
static void put_start(struct jsonw *w, struct str message)
{
	struct str line, first, rest, code, reason;
	uint32_t status = 0;
	if (!str_line(&message, &line))
		line = STR_NONE;
	str_cut(line, ' ', &first, &rest);
	const bool response = str_is(first, "SIP/2.0");
	str_cut(rest, ' ', &code, &reason);
	if (response && str_to_u32(code, 699, &status) != ERR_OK)
		status = 0;
	put_or_null(w, "method", response ? STR_NONE : first);
	jsonw_key(w, "status");
	if (status)
		jsonw_u64(w, status);
	else
		jsonw_null(w);
	put_or_null(w, "reason", response ? reason : STR_NONE);
	put_or_null(w, "cseq", cseq_of(message));
}

static void put_legs(struct jsonw *w, const struct traced *t)
{
	jsonw_key(w, "legs");
	jsonw_open(w, '[');
	for (uint32_t i = 0; i < t->leg_count; i++) {
		const struct traced_leg *l = &t->legs[i];
		const bool ours = l->party == PARTY_agent || l->party == PARTY_supervisor;
		jsonw_open(w, '{');
		jsonw_kstr(w, "call_id", l->call_id);
		jsonw_kstr(w, "party", party_word(l->party));
		put_or_null(w, "agent", ours ? l->who : STR_NONE);
		put_or_null(w, "number", ours ? STR_NONE : l->who);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void put_items(struct jsonw *w, const struct traced *t)
{
	jsonw_key(w, "items");
	jsonw_open(w, '[');
	for (uint32_t i = 0; i < t->message_count; i++) {
		const struct traced_message *m = &t->messages[i];
		jsonw_open(w, '{');
		jsonw_ktime(w, "at", m->at_ms);
		jsonw_key(w, "leg");
		jsonw_u64(w, m->leg);
		jsonw_kstr(w, "way", m->out ? STR("out") : STR("in"));
		jsonw_kstr(w, "peer", m->peer);
		put_start(w, m->text);
		jsonw_kstr(w, "text", m->text);
		jsonw_kbool(w, "cut", m->cut);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

/* The circle holds everything since since_ms; before that only what nobody wrote over. */
static const char *kept(const struct traced *t, int64_t arrived_ms)
{
	const bool before = t->since_ms && arrived_ms < t->since_ms;
	if (!t->message_count)
		return before ? "gone" : "none";
	return before && t->written_over ? "part" : "all";
}

static enum err arrived(struct clerk *me, struct job *j, struct uuid contact, int64_t *at_ms)
{
	struct buf text = buf_grow(1024);
	enum err e = query_contact(me->reader, j->match.tenant, contact, &text);
	json_t *record = e == ERR_OK ? json_loadb(text.p, text.n, 0, NULL) : NULL;
	if (e == ERR_OK)
		e = time_parse(json_member(record, "arrived_at"), at_ms);
	json_decref(record);
	buf_free(&text);
	return e;
}

enum err run_contact_sip(struct clerk *me, struct job *j)
{
	struct uuid contact;
	struct traced t;
	int64_t arrived_ms = 0;
	enum err e = contact_of_path(me, j, &contact);
	if (e == ERR_OK)
		e = arrived(me, j, contact, &arrived_ms);
	if (e != ERR_OK)
		return e;
	e = read_traced(j, contact, &t);
	if (e == ERR_OK) {
		struct jsonw w = answer_begin(j);
		jsonw_open(&w, '{');
		jsonw_kstr(&w, "kept", str_of(kept(&t, arrived_ms)));
		jsonw_ktime(&w, "since", t.since_ms);
		jsonw_kbool(&w, "more", t.more);
		put_legs(&w, &t);
		put_items(&w, &t);
		jsonw_key(&w, "next");
		jsonw_null(&w);
		jsonw_close(&w, '}');
		answer_json(j, 200);
	}
	arena_finish(&t.arena);
	return e;
}

/* -- as lines for the people of the house: ctl trace -- */

/* A block begins with its time at the margin; what follows indented belongs to it. */
static struct str take_block(struct str *rest)
{
	size_t n = 0;
	do {
		const ptrdiff_t eol = str_find(str_from(*rest, n), '\n');
		n = eol < 0 ? rest->n : n + (size_t)eol + 1;
	} while (n < rest->n && rest->p[n] == ' ');
	const struct str block = str_head(*rest, n);
	*rest = str_from(*rest, n);
	return block;
}

static void put_message(struct buf *out, const struct traced_message *m)
{
	struct str rest = m->text, line;
	time_text(out, m->at_ms);
	if (!str_line(&rest, &line))
		line = STR_NONE;
	buf_fmt(out, "  SIP %s %-22.*s " STR_FMT "\n", m->out ? "──▶" : "◀──", STR_ARG(m->peer),
		STR_ARG(line));
	while (str_line(&rest, &line))
		buf_fmt(out, "                              | " STR_FMT "\n", STR_ARG(line));
}

/* Facts and messages side by side, by time; of the same moment the message comes first: it is the
 * cause. */
static void put_ladder(struct buf *out, const struct traced *t, struct str facts)
{
	enum { TIME_TEXT = 24 };
	for (uint32_t i = 0; i < t->message_count || facts.n;) {
		char text[TIME_TEXT + 1];
		struct buf at = buf_make(text, sizeof text);
		if (i < t->message_count)
			time_text(&at, t->messages[i].at_ms);
		if (at.n && (!facts.n || str_cmp(buf_str(&at), str_head(facts, TIME_TEXT)) <= 0))
			put_message(out, &t->messages[i++]);
		else
			buf_put(out, take_block(&facts));
	}
}

enum err run_trace(struct clerk *me, struct job *j)
{
	struct buf facts = buf_grow(4096);
	struct uuid contact;
	struct traced t;
	enum err e = uuid_parse(j->match.id, &contact);
	if (e == ERR_OK)
		e = query_contact_lines(me->reader, contact, &facts);
	if (e == ERR_OK) {
		e = read_traced(j, contact, &t);
		if (e == ERR_OK && !facts.n && !t.message_count)
			e = ERR_NOT_FOUND;
		if (e == ERR_OK) {
			buf_free(&j->answer.body);
			j->answer.body = buf_grow(facts.n + 4096);
			put_ladder(&j->answer.body, &t, buf_str(&facts));
			j->answer.status = 200;
			j->answer.type = "text/plain; charset=utf-8";
		}
		arena_finish(&t.arena);
	}
	buf_free(&facts);
	return e;
}
