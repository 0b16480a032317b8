/*
 * watch.c - signs of life: each peer of a trunk is sent OPTIONS now and then. After three silences
 * it is down (the others are called first, an alarm `trunk_down`), after two answers up again
 * (`trunk_up`). Any answer but 503 is one. What is learned survives a restart by being learned
 * again.
 */
#include "channel/voice/line.h"

enum {
	SILENCES_DOWN = 3,
	SIGNS_UP = 2,
	DOUBT_MS = 5000,  /* until the next one when an answer was not what was expected */
	FIRST_MS = 10000, /* after its declaration at the earliest: a house starts in peace */
	ASKED_A_TURN = 50,
};

static const struct trunk_config *trunk_of(struct voice *v, const struct trunk_peer_at *p)
{
	return p->only_in ? NULL : trunk_config(v->core->objects, p->trunk);
}

static void look(struct timer *t, int64_t now_ms);

static void next_look(struct voice *v)
{
	int64_t at_ms = INT64_MAX;
	for (uint32_t i = 0; i < v->peer_count; i++)
		if (v->peers[i].ask_at_ms && !v->peers[i].asked)
			at_ms = MIN(at_ms, v->peers[i].ask_at_ms);
	timer_stop(&v->core->timers, &v->watch);
	if (at_ms != INT64_MAX && !v->leaving)
		timer_start(&v->core->timers, &v->watch, MAX(at_ms, v->core->now_ms), look, v);
}

static int64_t pause_ms(struct voice *v, const struct trunk_peer_at *p)
{
	const struct trunk_config *t = trunk_of(v, p);
	const int64_t usual = t ? t->ping_ms : 0;
	bool doubt = p->down ? p->signs > 0 : p->silences > 0;
	/* spread by a tenth, so that a house with many trunks does not ask all at once */
	return doubt ? MIN(usual, (int64_t)DOUBT_MS)
		     : usual - (int64_t)(core_dice(v->core) % (uint64_t)(usual / 10 + 1));
}

enum err watch_ping(struct voice *v, const struct trunk_peer_at *p, uint64_t token)
{
	char text[300];
	struct buf uri = buf_make(text, sizeof text);
	bool ip6 = str_find(str_of(p->name), ':') >= 0;
	buf_fmt(&uri, ip6 ? "sip:[%s]" : "sip:%s", p->name);
	if (p->port && p->port != 5060)
		buf_fmt(&uri, ":%u", p->port);
	buf_c(&uri, sip_transport_param(p->address.transport));
	return uri.full ? ERR_TOO_LARGE : sip_ping(v->sip, &p->address, buf_str(&uri), token);
}

static void ask(struct voice *v, struct trunk_peer_at *p)
{
	p->asked = ++v->watch_serial;
	p->asked_ms = v->core->now_ms;
	if (watch_ping(v, p, p->asked) != ERR_OK) {
		p->asked = 0; /* no room: that says nothing about the peer */
		p->ask_at_ms = v->core->now_ms + DOUBT_MS;
	}
}

static void look(struct timer *t, int64_t now_ms)
{
	struct voice *v = t->arg;
	uint32_t asked = 0;
	for (uint32_t i = 0; i < v->peer_count; i++) {
		struct trunk_peer_at *p = &v->peers[i];
		if (p->asked || !p->ask_at_ms || p->ask_at_ms > now_ms)
			continue;
		if (++asked > ASKED_A_TURN)
			p->ask_at_ms = now_ms + 20;
		else
			ask(v, p);
	}
	next_look(v);
}

void watch_soon(struct voice *v)
{
	for (uint32_t i = 0; i < v->peer_count; i++) {
		struct trunk_peer_at *p = &v->peers[i];
		const struct trunk_config *t = trunk_of(v, p);
		if (!t || !t->ping_ms)
			p->ask_at_ms = p->silences = p->signs = p->down = 0;
		else if (!p->ask_at_ms || p->ask_at_ms > v->core->now_ms + t->ping_ms)
			p->ask_at_ms = v->core->now_ms + MIN(pause_ms(v, p), (int64_t)FIRST_MS);
	}
	next_look(v);
}

static void tell(struct voice *v, const struct trunk_peer_at *p, uint32_t status)
{
	char text[400];
	struct buf b = buf_make(text, sizeof text);
	const struct object *o = objects_get(v->core->objects, ID(p->trunk));
	const struct object *t =
		o ? objects_find(v->core->objects, KIND_tenant, o->tenant, o->tenant) : NULL;
	const char *name = p->down ? "trunk_down" : "trunk_up";
	if (!t)
		return;
	buf_fmt(&b, STR_FMT ": ", STR_ARG(o->name));
	sip_address_text(&p->address, &b);
	if (!p->down)
		buf_c(&b, " answers again");
	else if (status == 408)
		buf_c(&b, " does not answer");
	else
		buf_fmt(&b, " answers %u", status);
	log_line(LOG_WARN, "event=%s trunk=" STR_FMT " status=%u", name, STR_ARG(o->name), status);
	EMIT(v->core, alarm, .tenant = ID_AS(tenant_id, t->id), .name = str_of(name),
	     .detail = buf_str(&b), .trunk = ID_AS(trunk_id, o->id));
}

/* For who looks at the trunk; a silence is one of its troubles. */
static void remember(struct voice *v, struct trunk_peer_at *p, bool sign, uint32_t status,
		     struct str phrase)
{
	struct trouble t = {.asked = ASKED_options,
			    .why = status == 408 ? TROUBLE_silent : TROUBLE_refused,
			    .status = status == 408 ? 0 : status};
	p->rtt_ms = v->core->now_ms - p->asked_ms;
	p->status = t.status;
	p->heard_at_ms = v->core->utc_ms;
	if (!p->since_at_ms)
		p->since_at_ms = v->core->utc_ms;
	if (sign || (status == 408 && p->broken != TROUBLE_none && p->broken_ms >= p->asked_ms))
		return; /* why nothing could be sent is noted */
	trouble_make(&t, &p->address, phrase);
	trouble_note(v, p->trunk, &t);
}

void watch_told(void *arg, uint64_t token, uint32_t status, struct str phrase)
{
	struct voice *v = arg;
	struct trunk_peer_at *p = NULL;
	for (uint32_t i = 0; i < v->peer_count && !p; i++)
		if (v->peers[i].asked == token)
			p = &v->peers[i];
	trial_pinged(v, token, status, phrase);
	if (!p || !token)
		return;
	bool sign = status != 408 && status != 503, was = p->down;
	p->asked = 0;
	remember(v, p, sign, status, phrase);
	p->signs = sign ? p->signs + 1 : 0;
	p->silences = sign ? 0 : p->silences + 1;
	if (p->down ? p->signs >= SIGNS_UP : p->silences >= SILENCES_DOWN)
		p->down = !p->down;
	if (p->down != was) {
		p->silences = p->signs = 0;
		p->since_at_ms = v->core->utc_ms;
	}
	p->ask_at_ms = v->core->now_ms + pause_ms(v, p);
	if (p->down != was)
		tell(v, p, status);
	next_look(v);
}

void watch_finish(struct voice *v)
{
	timer_stop(&v->core->timers, &v->watch);
}
