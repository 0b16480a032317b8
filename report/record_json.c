/* record_json.c - a contact record as contract section 3 shows it. */
#include "base/jsonw.h"
#include "report/record.h"

struct str segment_kind_word(enum segment_kind k)
{
	switch (k) {
	case SEGMENT_FLOW:
		return STR("flow");
	case SEGMENT_QUEUE:
		return STR("queue");
	case SEGMENT_AGENT:
		return STR("agent");
	}
	return STR("?");
}

static void text_or_null(struct jsonw *w, const char *key, const char *text)
{
	jsonw_key(w, key);
	if (text && *text)
		jsonw_str(w, str_of(text));
	else
		jsonw_null(w);
}

static void segment_json(struct jsonw *w, const struct record_segment *s)
{
	jsonw_open(w, '{');
	jsonw_kstr(w, "kind", segment_kind_word(s->kind));
	if (s->queue[0])
		jsonw_kstr(w, "queue", str_of(s->queue));
	if (s->agent[0])
		jsonw_kstr(w, "agent", str_of(s->agent));
	jsonw_ktime(w, "started_at", s->started_at);
	jsonw_ktime(w, "ended_at", s->ended_at);
	jsonw_key(w, "result");
	if (s->result == RESULT_none)
		jsonw_null(w);
	else
		jsonw_str(w, result_word(s->result));
	if (s->exit != EXIT_none)
		jsonw_kstr(w, "exit", queue_exit_word(s->exit));
	if (s->kind == SEGMENT_QUEUE)
		jsonw_ki64(w, "wait_ms", s->wait_ms);
	if (s->kind == SEGMENT_AGENT) {
		jsonw_ki64(w, "talk_ms", s->talk_ms);
		jsonw_ki64(w, "hold_ms", s->hold_ms);
		jsonw_ki64(w, "wrap_ms", s->wrap_ms);
	}
	if (s->dialled) {
		jsonw_kbool(w, "dialled", true);
		jsonw_ki64(w, "dial_ms", s->dial_ms);
	}
	jsonw_close(w, '}');
}

static void dial_json(struct jsonw *w, const struct record_dial *d)
{
	bool failed = d->ended_at && !d->answered_at;
	jsonw_open(w, '{');
	jsonw_kstr(w, "number", str_of(d->number));
	text_or_null(w, "trunk", d->trunk);
	jsonw_ktime(w, "started_at", d->started_at);
	jsonw_ktime(w, "answered_at", d->answered_at);
	jsonw_ktime(w, "ended_at", d->ended_at);
	jsonw_key(w, "result");
	if (d->answered_at || (failed && d->result != DIAL_none))
		jsonw_str(w, d->answered_at ? STR("answered") : dial_result_word(d->result));
	else
		jsonw_null(w);
	if (failed && d->sip_code)
		jsonw_ki64(w, "sip_code", d->sip_code);
	jsonw_close(w, '}');
}

static void recording_json(struct jsonw *w, const struct record_recording *g)
{
	jsonw_open(w, '{');
	jsonw_kstr(w, "id", str_of(g->id));
	jsonw_ktime(w, "started_at", g->started_at);
	jsonw_ki64(w, "duration_ms", g->duration_ms);
	jsonw_ki64(w, "channels", g->channels);
	text_or_null(w, "codec", g->codec);
	jsonw_kbool(w, "finished", g->finished);
	if (g->flaw[0])
		jsonw_kstr(w, "flaw", str_of(g->flaw));
	if (g->deleted_at)
		jsonw_ktime(w, "deleted_at", g->deleted_at);
	jsonw_close(w, '}');
}

static void quality_json(struct jsonw *w, const struct record_quality *q)
{
	jsonw_open(w, '{');
	jsonw_kstr(w, "party", party_word(q->party));
	text_or_null(w, "codec", q->codec);
	jsonw_ki64(w, "sent", q->sent);
	jsonw_ki64(w, "received", q->received);
	jsonw_ki64(w, "lost", q->lost);
	jsonw_key(w, "jitter_ms");
	jsonw_real(w, q->jitter_us / 1000.0);
	jsonw_key(w, "mos");
	if (q->mos_cent)
		jsonw_real(w, q->mos_cent / 100.0);
	else
		jsonw_null(w);
	text_or_null(w, "srtp", q->srtp);
	jsonw_ki64(w, "forged", q->forged);
	jsonw_close(w, '}');
}

static void number_or_null(struct jsonw *w, const char *key, bool known, int64_t v)
{
	jsonw_key(w, key);
	if (known)
		jsonw_i64(w, v);
	else
		jsonw_null(w);
}

static void promise_json(struct jsonw *w, const struct record *r, const struct record_promise *p)
{
	int64_t waited_ms = record_promise_waited(r, p);
	jsonw_open(w, '{');
	jsonw_kstr(w, "queue", str_of(r->segments[p->segment].queue));
	jsonw_ktime(w, "at", p->at);
	number_or_null(w, "position", p->position > 0, p->position);
	number_or_null(w, "ewt_ms", p->ewt_ms >= 0, p->ewt_ms);
	number_or_null(w, "low_ms", p->high_ms > 0, p->low_ms);
	number_or_null(w, "high_ms", p->high_ms > 0, p->high_ms);
	number_or_null(w, "waited_ms", waited_ms >= 0, waited_ms);
	jsonw_close(w, '}');
}

/* Only of calls over trunks that ask for it. */
static void identity_json(struct jsonw *w, const struct record *r)
{
	if (!r->verstat[0])
		return;
	jsonw_key(w, "identity");
	jsonw_open(w, '{');
	jsonw_kstr(w, "verstat", str_of(r->verstat));
	text_or_null(w, "attest", r->attest);
	text_or_null(w, "origid", r->origid);
	jsonw_close(w, '}');
}

static void tags_json(struct jsonw *w, struct str tags)
{
	struct str one;
	jsonw_key(w, "tags");
	jsonw_open(w, '[');
	while (str_line(&tags, &one))
		jsonw_str(w, one);
	jsonw_close(w, ']');
}

void record_json(struct buf *out, const struct record *r)
{
	char id[UUID_TEXT + 1];
	uuid_text(r->id, id);
	struct record_times t = record_times(r);
	struct jsonw w = jsonw_make(out);
	jsonw_open(&w, '{');
	jsonw_kstr(&w, "id", str_of(id));
	jsonw_kstr(&w, "channel", channel_word(r->channel));
	jsonw_kstr(&w, "direction", direction_word(r->direction));
	jsonw_kstr(&w, "state", contact_state_word(record_state(r)));
	if (r->slot && record_state(r) == CONTACT_parked)
		jsonw_ki64(&w, "slot", r->slot);
	jsonw_kstr(&w, "from", str_of(r->from));
	jsonw_kstr(&w, "to", str_of(r->to));
	text_or_null(&w, "queue", r->queue);
	text_or_null(&w, "agent", r->agent);
	text_or_null(&w, "customer", r->customer);
	identity_json(&w, r);
	if (r->private)
		jsonw_kbool(&w, "private", true);
	if (r->test)
		jsonw_kbool(&w, "test", true);
	jsonw_ktime(&w, "arrived_at", r->arrived_at);
	jsonw_ktime(&w, "disconnected_at", r->disconnected_at);
	jsonw_ktime(&w, "ended_at", r->ended_at);
	jsonw_key(&w, "ended_by");
	if (r->disconnected_at)
		jsonw_str(&w, party_word(r->ended_by));
	else
		jsonw_null(&w);
	text_or_null(&w, "cause", r->cause);
	text_or_null(&w, "outcome", r->outcome);
	if (r->note)
		jsonw_kstr(&w, "note", str_of(r->note));
	if (r->tags)
		tags_json(&w, str_of(r->tags));
	if (r->held)
		jsonw_kbool(&w, "hold", true);
	if (r->follow_up_at) {
		jsonw_key(&w, "follow_up");
		jsonw_open(&w, '{');
		jsonw_ktime(&w, "at", r->follow_up_at);
		jsonw_kstr(&w, "agent", str_of(r->follow_up_agent));
		jsonw_close(&w, '}');
	}
	jsonw_key(&w, "segments");
	jsonw_open(&w, '[');
	for (uint32_t i = 0; i < r->segment_count; i++)
		segment_json(&w, &r->segments[i]);
	jsonw_close(&w, ']');
	jsonw_ki64(&w, "wait_ms", t.wait_ms);
	jsonw_ki64(&w, "talk_ms", t.talk_ms);
	jsonw_ki64(&w, "hold_ms", t.hold_ms);
	jsonw_ki64(&w, "wrap_ms", t.wrap_ms);
	jsonw_key(&w, "promises");
	jsonw_open(&w, '[');
	for (uint32_t i = 0; i < r->promise_count; i++)
		promise_json(&w, r, &r->promises[i]);
	jsonw_close(&w, ']');
	jsonw_key(&w, "dials");
	jsonw_open(&w, '[');
	for (uint32_t i = 0; i < r->dial_count; i++)
		dial_json(&w, &r->dials[i]);
	jsonw_close(&w, ']');
	jsonw_key(&w, "recordings");
	jsonw_open(&w, '[');
	for (uint32_t i = 0; i < r->recording_count; i++)
		recording_json(&w, &r->recordings[i]);
	jsonw_close(&w, ']');
	jsonw_key(&w, "quality");
	jsonw_open(&w, '[');
	for (uint32_t i = 0; i < r->quality_count; i++)
		quality_json(&w, &r->qualities[i]);
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
}
