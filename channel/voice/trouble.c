/*
 * trouble.c - the last things that went wrong with each trunk, newest first, for who wonders why a
 * trunk does not work. Equal ones are counted, so that a storm of one does not hide the others.
 * They survive a restart; a count is written once a second at most.
 */
#include <stdlib.h>

#include "channel/voice/line.h"
#include "core/bytes.h"

enum { TROUBLE_IMAGE = 1, TOUCH_EVERY_MS = 1000, AILING_MAX = 100000 };

static struct ailing *ailing_of(struct voice *v, struct trunk_id trunk)
{
	for (uint32_t i = 0; i < v->ailing_count; i++)
		if (ID_EQ(v->ailing[i].trunk, trunk))
			return &v->ailing[i];
	return NULL;
}

/* The place of a trunk that is no more, or a new one. */
static struct ailing *place_for(struct voice *v, struct trunk_id trunk)
{
	struct ailing *a = ailing_of(v, trunk);
	for (uint32_t i = 0; i < v->ailing_count && !a; i++)
		if (!trunk_config(v->core->objects, v->ailing[i].trunk))
			a = &v->ailing[i];
	if (!a) {
		v->ailing = xrealloc(v->ailing, (v->ailing_count + 1) * sizeof *v->ailing);
		a = &v->ailing[v->ailing_count++];
		*a = (struct ailing){0};
	}
	if (!a->troubles || !ID_EQ(a->trunk, trunk)) {
		free(a->troubles);
		*a = (struct ailing){.trunk = trunk,
				     .troubles = xcalloc(TROUBLES_MAX, sizeof *a->troubles)};
	}
	return a;
}

static void touch(struct voice *v, struct ailing *a)
{
	a->touched_ms = v->core->now_ms;
	core_touch(v->core, IMAGE_TROUBLE, (struct id){(uint32_t)(a - v->ailing) + 1, 1});
}

static bool same(const struct trouble *a, const struct trouble *b)
{
	return a->asked == b->asked && a->why == b->why && a->status == b->status &&
	       str_eq(str_of(a->peer), str_of(b->peer)) && str_eq(str_of(a->text), str_of(b->text));
}

void trouble_note(struct voice *v, struct trunk_id trunk, const struct trouble *t)
{
	if (!trunk_config(v->core->objects, trunk))
		return;
	struct ailing *a = place_for(v, trunk);
	struct trouble now = *t;
	uint32_t at = 0;
	now.first_at_ms = now.at_ms = v->core->utc_ms;
	now.count = 1;
	while (at < a->count && !same(&a->troubles[at], t))
		at++;
	const bool known = at < a->count;
	if (known) {
		now.first_at_ms = a->troubles[at].first_at_ms;
		now.count += a->troubles[at].count;
	} else if (a->count < TROUBLES_MAX) {
		a->count++;
	} else {
		at = TROUBLES_MAX - 1;
	}
	memmove(a->troubles + 1, a->troubles, at * sizeof *a->troubles);
	a->troubles[0] = now;
	if (!known || v->core->now_ms - a->touched_ms >= TOUCH_EVERY_MS)
		touch(v, a);
}

static void cut(struct str from, char *out, size_t room)
{
	(void)str_copy(str_head(from, room - 1), out, room);
}

void trouble_peer(const struct sip_address *at, char out[TROUBLE_PEER])
{
	static const char *const over[SIP_TRANSPORTS] = {"", "/tcp", "/tls", "/ws", "/wss"};
	char text[80];
	struct buf b = buf_make(text, sizeof text);
	sip_address_text(at, &b);
	buf_c(&b, over[at->transport]);
	cut(buf_str(&b), out, TROUBLE_PEER);
}

void trouble_make(struct trouble *t, const struct sip_address *peer, struct str text)
{
	if (peer)
		trouble_peer(peer, t->peer);
	cut(text, t->text, sizeof t->text);
}

/* -- calls -- */

static const struct sip_address *asked_last(const struct leg *leg)
{
	return leg->way.tried_count ? &leg->way.tried[leg->way.tried_count - 1] : NULL;
}

/* That he is busy, away or does not want is no fault of the trunk. RFC 3261 section 21 */
static bool is_theirs(uint32_t status)
{
	return status == 480 || status == 486 || status == 487 || status == 600 || status == 603;
}

void trouble_refused(struct leg *leg, const struct sip_event *ev)
{
	struct trouble t = {.asked = ASKED_call, .why = TROUBLE_refused, .status = ev->status};
	if (ID_NONE(leg->way.trunk) || leg->way.rang || ev->status < 300 || is_theirs(ev->status))
		return;
	trouble_make(&t, asked_last(leg), ev->reason);
	cut(str_of(leg->way.number), t.number, sizeof t.number);
	trouble_note(leg->voice, leg->way.trunk, &t);
}

void trouble_silent(struct leg *leg)
{
	struct trouble t = {.asked = ASKED_call, .why = TROUBLE_silent};
	trouble_make(&t, asked_last(leg), STR_NONE);
	cut(str_of(leg->way.number), t.number, sizeof t.number);
	trouble_note(leg->voice, leg->way.trunk, &t);
}

void trouble_inbound(struct voice *v, const struct sip_event *ev, struct trunk_id trunk,
		     uint32_t status, struct str cause)
{
	struct trouble t = {.asked = ASKED_inbound, .why = TROUBLE_blocked, .status = status};
	uint32_t at = 0;
	const struct object *o = ID_NONE(trunk) ? trunk_next_from(v, &ev->source, &at) : NULL;
	if (o)
		trunk = ID_AS(trunk_id, o->id);
	trouble_make(&t, &ev->source, cause);
	cut(ev->uri_user, t.number, sizeof t.number);
	trouble_note(v, trunk, &t);
}

/* -- the way there -- */

void trouble_broken(struct voice *v, const struct sip_address *to, enum trouble_why why,
		    struct str text)
{
	struct trouble t = {.asked = ASKED_connection, .why = why};
	trouble_make(&t, to, text);
	for (uint32_t i = 0; i < v->peer_count; i++) {
		struct trunk_peer_at *p = &v->peers[i];
		if (!sip_address_eq(&p->address, to))
			continue;
		/* a bad certificate closes the connection: that is not another mistake */
		if (why == TROUBLE_unreachable && p->broken == TROUBLE_certificate &&
		    p->broken_ms == v->core->now_ms)
			continue;
		p->broken = why;
		p->broken_ms = v->core->now_ms;
		trouble_note(v, p->trunk, &t);
	}
}

void voice_connect_failed(struct voice *v, const struct sip_address *to)
{
	trouble_broken(v, to, TROUBLE_unreachable, STR_NONE);
	sip_connect_failed(v->sip, to);
}

static void unresolved(struct voice *v, const struct object *trunk, struct str host, uint16_t port,
		       struct str name)
{
	struct trouble t = {.asked = ASKED_name, .why = TROUBLE_unresolved};
	struct place p;
	if (!str_ieq(host, name) ||
	    places_find(&v->places, host, port, trunk_way(&trunk->config->trunk), &p, 1))
		return;
	cut(name, t.peer, sizeof t.peer);
	trouble_note(v, ID_AS(trunk_id, trunk->id), &t);
}

void trouble_name(struct voice *v, struct str name)
{
	uint32_t at = 0;
	for (const struct object *o; (o = objects_next(v->core->objects, KIND_trunk, &at));) {
		const struct trunk_config *t = &o->config->trunk;
		struct trunk_peer registrar = {0};
		for (uint32_t i = 0; i < t->peer_count; i++)
			unresolved(v, o, t->peers[i].address, t->peers[i].port, name);
		if (t->register_user.n && enrol_server(t, &registrar.address, &registrar.port))
			unresolved(v, o, registrar.address, registrar.port, name);
	}
}

/* -- looking -- */

const struct trouble *voice_trunk_troubles(struct voice *v, struct trunk_id trunk, uint32_t *count)
{
	const struct ailing *a = ailing_of(v, trunk);
	*count = a ? a->count : 0;
	return a ? a->troubles : NULL;
}

/* -- the next life -- */

bool trouble_save(struct voice *v, struct id id, struct buf *out)
{
	const struct ailing *a = id.slot <= v->ailing_count ? &v->ailing[id.slot - 1] : NULL;
	if (!a || !trunk_config(v->core->objects, a->trunk))
		return false;
	put_u8(out, TROUBLE_IMAGE);
	objects_put_name(v->core->objects, out, ID(a->trunk));
	put_u8(out, (uint8_t)a->count);
	for (uint32_t i = 0; i < a->count; i++) {
		const struct trouble *t = &a->troubles[i];
		put_i64(out, t->first_at_ms);
		put_i64(out, t->at_ms);
		put_u32(out, t->count);
		put_u8(out, (uint8_t)t->asked);
		put_u8(out, (uint8_t)t->why);
		put_u32(out, t->status);
		put_word(out, str_of(t->peer));
		put_word(out, str_of(t->text));
		put_word(out, str_of(t->number));
	}
	return true;
}

static bool take_one(struct take *t, struct trouble *out)
{
	out->first_at_ms = take_i64(t);
	out->at_ms = take_i64(t);
	out->count = take_u32(t);
	const uint8_t asked = take_u8(t), why = take_u8(t);
	out->asked = (enum trunk_question)asked;
	out->why = (enum trouble_why)why;
	out->status = take_u32(t);
	return str_copy(take_word(t), out->peer, sizeof out->peer) &&
	       str_copy(take_word(t), out->text, sizeof out->text) &&
	       str_copy(take_word(t), out->number, sizeof out->number) && !t->torn &&
	       asked <= ASKED_connection && why <= TROUBLE_blocked;
}

enum err trouble_load(struct voice *v, struct id id, struct str image)
{
	struct take t = {.rest = image};
	if (take_u8(&t) != TROUBLE_IMAGE || id.slot > AILING_MAX)
		return ERR_INVALID;
	struct ailing a = {
		.trunk = ID_AS(trunk_id, objects_take_name(v->core->objects, &t, KIND_trunk))};
	const uint32_t count = take_u8(&t);
	if (t.torn || count > TROUBLES_MAX)
		return ERR_INVALID;
	if (ID_NONE(a.trunk) || ailing_of(v, a.trunk))
		return ERR_OK; /* deleted meanwhile */
	a.troubles = xcalloc(TROUBLES_MAX, sizeof *a.troubles);
	while (a.count < count && take_one(&t, &a.troubles[a.count]))
		a.count++;
	if (a.count < count) {
		free(a.troubles);
		return ERR_INVALID;
	}
	while (v->ailing_count < id.slot) {
		v->ailing = xrealloc(v->ailing, (v->ailing_count + 1) * sizeof *v->ailing);
		v->ailing[v->ailing_count++] = (struct ailing){0};
	}
	free(v->ailing[id.slot - 1].troubles);
	v->ailing[id.slot - 1] = a;
	return ERR_OK;
}

void trouble_finish(struct voice *v)
{
	for (uint32_t i = 0; i < v->ailing_count; i++)
		free(v->ailing[i].troubles);
	free(v->ailing);
}
