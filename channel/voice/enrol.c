/*
 * enrol.c - trunks that we register at (`register` of a trunk): one registration each, as long as
 * it is declared; the loss is an alarm. What the registrar knows of us outlives the core.
 */
#include <stdlib.h>

#include "channel/voice/line.h"
#include "core/bytes.h"

enum { PLACES_MAX = 64, SPREAD_MS = 20 };

static struct enrolment *enrolment_of(struct voice *v, struct trunk_id trunk)
{
	for (uint32_t i = 0; i < v->enrolment_count; i++)
		if (ID_EQ(v->enrolments[i].trunk, trunk))
			return &v->enrolments[i];
	return NULL;
}

static struct enrolment *add(struct voice *v, struct trunk_id trunk)
{
	v->enrolments = xrealloc(v->enrolments, (v->enrolment_count + 1) * sizeof *v->enrolments);
	struct enrolment *e = &v->enrolments[v->enrolment_count++];
	*e = (struct enrolment){.trunk = trunk};
	return e;
}

/* Other words than those we are registered with? */
static uint64_t words_of(const struct trunk_config *t)
{
	return str_hash(t->register_server,
			str_hash(t->register_user, str_hash(t->register_secret, 1)));
}

bool enrol_server(const struct trunk_config *t, struct str *host, uint16_t *port)
{
	struct sip_uri u;
	char text[300];
	struct buf b = buf_make(text, sizeof text);
	bool bare6 = str_find(t->register_server, '[') < 0 && /* two colons: an IPv6 address */
		     str_find(str_from(t->register_server,
				       (size_t)MAX(str_find(t->register_server, ':'), 0) + 1),
			      ':') >= 0;
	buf_c(&b, bare6 ? "sip:[" : "sip:");
	buf_put(&b, t->register_server);
	buf_c(&b, bare6 ? "]" : "");
	if (!t->register_server.n || b.full || sip_uri_parse(buf_str(&b), &u) != ERR_OK)
		return false;
	*host = str_make(t->register_server.p + (u.host.p - text) - (bare6 ? 5 : 4), u.host.n);
	*port = u.port;
	return true;
}

static void let_go(struct voice *v, struct enrolment *e)
{
	sip_register_stop(v->sip, e->id);
	e->id = (struct sip_registration_id){0};
	free(e->image);
	e->image = NULL;
	e->up = e->lost = false;
}

static bool place_of(struct voice *v, const struct enrolment *e, enum place_way way,
		     struct str host, uint16_t port, struct sip_address *out)
{
	struct place *places = xcalloc(PLACES_MAX, sizeof *places);
	uint32_t n = places_find(&v->places, host, port, way, places, PLACES_MAX);
	if (n)
		*out = places[e->tries % n].address;
	free(places);
	return n > 0;
}

static void begin(struct voice *v, struct enrolment *e, const struct trunk_config *t,
		  struct str host, uint16_t port, const struct sip_address *to)
{
	char text[320];
	struct buf uri = buf_make(text, sizeof text);
	bool ip6 = str_find(host, ':') >= 0;
	buf_c(&uri, ip6 ? "sip:[" : "sip:");
	buf_put(&uri, host);
	buf_c(&uri, ip6 ? "]" : "");
	if (port)
		buf_fmt(&uri, ":%u", port);
	buf_c(&uri, sip_transport_param(to->transport));
	struct sip_registering o = {
		.registrar = buf_str(&uri),
		.to = *to,
		.user = t->register_user,
		.password = t->register_secret,
		.owner = v, /* trunks come and go: found by its id */
		.delay_ms = (int64_t)(core_dice(v->core) % (500 + v->enrolment_count * SPREAD_MS)),
	};
	if (sip_register_start(v->sip, &o, &e->id) != ERR_OK) {
		log_line(LOG_ERROR, "event=not_registering server=" STR_FMT,
			 STR_ARG(t->register_server));
		return;
	}
	struct str image = str_make(e->image, e->image_n);
	if (image.n)
		sip_register_recall(v->sip, e->id, image);
}

static void look_at(struct voice *v, const struct object *trunk)
{
	const struct trunk_config *t = &trunk->config->trunk;
	struct str host;
	uint16_t port;
	struct sip_address to;
	if (!t->register_user.n || !enrol_server(t, &host, &port))
		return;
	struct enrolment *e = enrolment_of(v, ID_AS(trunk_id, trunk->id));
	if (!e)
		e = add(v, ID_AS(trunk_id, trunk->id));
	e->used = true;
	uint64_t words = words_of(t);
	if (!ID_NONE(e->id) && e->words != words)
		let_go(v, e);
	e->words = words;
	if (!place_of(v, e, trunk_way(t), host, port, &to))
		return;
	if (ID_NONE(e->id))
		begin(v, e, t, host, port, &to);
	else
		sip_register_place(v->sip, e->id, &to);
}

void enrol_sweep(struct voice *v)
{
	uint32_t at = 0, kept = 0;
	for (uint32_t i = 0; i < v->enrolment_count; i++)
		v->enrolments[i].used = false;
	for (const struct object *o;
	     !v->leaving && (o = objects_next(v->core->objects, KIND_trunk, &at));)
		look_at(v, o);
	for (uint32_t i = 0; i < v->enrolment_count; i++) {
		if (v->enrolments[i].used)
			v->enrolments[kept++] = v->enrolments[i];
		else
			let_go(v, &v->enrolments[i]);
	}
	for (uint32_t i = 0; i <= v->enrolment_count; i++) /* they may have moved up */
		core_touch(v->core, IMAGE_ENROLMENT, (struct id){i + 1, 1});
	v->enrolment_count = kept;
}

static struct enrolment *enrolment_at(struct voice *v, struct sip_registration_id id)
{
	for (uint32_t i = 0; i < v->enrolment_count; i++)
		if (ID_EQ(v->enrolments[i].id, id))
			return &v->enrolments[i];
	return NULL;
}

bool enrol_again(struct voice *v, struct trunk_id trunk)
{
	struct enrolment *e = enrolment_of(v, trunk);
	if (!e || ID_NONE(e->id))
		return false;
	sip_register_again(v->sip, e->id);
	return true;
}

void enrol_changed(void *arg, struct sip_registration_id id, void *owner)
{
	struct voice *v = arg;
	struct enrolment *e = enrolment_at(v, id);
	(void)owner;
	if (e)
		core_touch(v->core, IMAGE_ENROLMENT,
			   (struct id){(uint32_t)(e - v->enrolments) + 1, 1});
}

static void alarm_of(struct voice *v, const struct enrolment *e, const char *name, uint32_t status)
{
	char text[160];
	struct buf b = buf_make(text, sizeof text);
	const struct object *o = objects_who(v->core->objects, ID(e->trunk));
	const struct object *t =
		o ? objects_find(v->core->objects, KIND_tenant, o->tenant, o->tenant) : NULL;
	if (!o || !t)
		return;
	buf_fmt(&b, STR_FMT ": ", STR_ARG(o->name));
	if (status == 408)
		buf_c(&b, "no answer");
	else
		buf_fmt(&b, "%u", status);
	log_line(LOG_WARN, "event=%s trunk=" STR_FMT " status=%u", name, STR_ARG(o->name), status);
	EMIT(v->core, alarm, .tenant = ID_AS(tenant_id, t->id), .name = str_of(name),
	     .detail = buf_str(&b), .trunk = e->trunk);
}

static void note(struct voice *v, const struct enrolment *e, uint32_t status)
{
	const struct trunk_config *c = trunk_config(v->core->objects, e->trunk);
	struct trouble t = {.asked = ASKED_register,
			    .why = status == 408 ? TROUBLE_silent : TROUBLE_refused,
			    .status = status == 408 ? 0 : status};
	if (!c || status < 300)
		return;
	(void)str_copy(str_head(c->register_server, sizeof t.peer - 1), t.peer, sizeof t.peer);
	trouble_note(v, e->trunk, &t);
}

void enrol_told(void *arg, struct sip_registration_id id, void *owner, bool up, uint32_t status)
{
	struct voice *v = arg;
	struct enrolment *e = enrolment_at(v, id);
	(void)owner;
	if (!e)
		return;
	enrol_changed(v, id, owner);
	if (status == 408 || status >= 500) { /* somewhere else next time, if there is one */
		e->tries++;
		names_soon(v);
	}
	if (up && e->lost)
		alarm_of(v, e, "trunk_registered_again", status);
	else if (!up && !e->lost)
		alarm_of(v, e, "trunk_not_registered", status);
	e->lost = !up;
	e->up = up;
	note(v, e, status);
	trial_registered(v, e->trunk, up, status);
}

uint32_t voice_registered(const struct voice *v, bool up)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < v->enrolment_count; i++)
		n += v->enrolments[i].up == up;
	return n;
}

/* -- the next life -- */

bool enrol_save(struct voice *v, struct id id, struct buf *out)
{
	struct enrolment *e = id.slot <= v->enrolment_count ? &v->enrolments[id.slot - 1] : NULL;
	if (!e || ID_NONE(e->id))
		return false;
	objects_put_name(v->core->objects, out, ID(e->trunk));
	put_u64(out, e->words);
	put_u8(out, e->lost);
	sip_register_save(v->sip, e->id, out);
	return true;
}

enum err enrol_load(struct voice *v, struct str image)
{
	struct take t = {.rest = image};
	struct trunk_id trunk =
		ID_AS(trunk_id, objects_take_name(v->core->objects, &t, KIND_trunk));
	uint64_t words = take_u64(&t);
	bool lost = take_u8(&t);
	const struct trunk_config *now = trunk_config(v->core->objects, trunk);
	if (t.torn || !now || enrolment_of(v, trunk))
		return ERR_INVALID;
	if (words_of(now) != words)
		return ERR_OK; /* declared anew: it registers anew */
	struct enrolment *e = add(v, trunk);
	e->words = words;
	e->lost = lost;
	e->image_n = (uint32_t)t.rest.n;
	e->image = xstrndup(t.rest.p, t.rest.n);
	return ERR_OK;
}

void enrol_finish(struct voice *v)
{
	for (uint32_t i = 0; i < v->enrolment_count; i++)
		free(v->enrolments[i].image);
	free(v->enrolments);
}
