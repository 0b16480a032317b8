/* trunk.c - trunks as they are now: their peers, how many calls they carry, what is full. */
#include <stdlib.h>

#include "channel/voice/line.h"

enum {
	SILENT_MS = 30000, /* how long a peer that did not answer comes after the others */
	PEER_PLACES_MAX = 1024,
	REFUSED_EVERY_MS = 60000, /* a bad certificate is told once a minute */
	BUSY_MAX_S = 3600,	  /* a Retry-After is believed */
	BLOCKED_A_SECOND = 10,	  /* facts of one trunk: a flood must not fill the disk */
};

static struct trunk_now *now_of(struct voice *v, uint32_t slot)
{
	if (slot >= v->trunk_room) {
		uint32_t room = MAX(slot + 1, 64u);
		v->trunks = xrealloc(v->trunks, room * sizeof *v->trunks);
		memset(v->trunks + v->trunk_room, 0, (room - v->trunk_room) * sizeof *v->trunks);
		v->trunk_room = room;
	}
	return &v->trunks[slot];
}

/* -- peers, flat, so that a datagram's source is one short walk -- */

static bool same_ip(const struct sip_address *a, const struct sip_address *b)
{
	return a->family == b->family && memcmp(a->ip, b->ip, a->family == 4 ? 4 : 16) == 0;
}

static bool peer_is(const struct trunk_peer_at *p, const struct sip_address *from)
{
	return !p->certified && same_ip(&p->address, from) &&
	       (p->any_port || p->address.port == from->port);
}

enum place_way trunk_way(const struct trunk_config *t)
{
	switch (t->transport) {
	case TRUNK_ANY:
		break;
	case TRUNK_UDP:
		return PLACE_UDP;
	case TRUNK_TCP:
		return PLACE_TCP;
	case TRUNK_TLS:
		return PLACE_TLS;
	}
	return PLACE_ANY;
}

static void add_peer(struct voice *v, const struct trunk_config *t, struct trunk_peer_at at,
		     const struct trunk_peer *p)
{
	at.any_port = at.only_in || !p->port;
	at.port = p->port;
	struct place *places = xcalloc(PEER_PLACES_MAX, sizeof *places);
	uint32_t count =
		places_find(&v->places, p->address, p->port, trunk_way(t), places, PEER_PLACES_MAX);
	if (!str_copy(p->address, at.name, sizeof at.name))
		count = 0; /* the forms bound it */
	v->peers = xrealloc(v->peers, (v->peer_count + count + 1) * sizeof *v->peers);
	for (uint32_t i = 0; i < count; i++) {
		at.address = places[i].address;
		if (at.address.transport == SIP_TLS)
			at.address.server = (uint32_t)str_hash(str_of(at.name), 1);
		at.priority = places[i].priority;
		at.weight = places[i].weight;
		v->peers[v->peer_count++] = at;
	}
	free(places);
}

static void add_peers(struct voice *v, const struct object *trunk)
{
	const struct trunk_config *t = &trunk->config->trunk;
	struct trunk_peer registrar = {0};
	struct trunk_peer_at at = {.trunk = ID_AS(trunk_id, trunk->id),
				   .certified = t->certificate.n > 0};
	for (at.nth = 0; at.nth < t->peer_count; at.nth++)
		add_peer(v, t, at, &t->peers[at.nth]);
	at.only_in = true;
	if (t->register_user.n && enrol_server(t, &registrar.address, &registrar.port))
		add_peer(v, t, at, &registrar);
}

static bool same_peer(const struct trunk_peer_at *a, const struct trunk_peer_at *b)
{
	return a->only_in == b->only_in && ID_EQ(a->trunk, b->trunk) &&
	       sip_address_eq(&a->address, &b->address);
}

/* What was learned of a peer, when all of them are listed anew. */
static void remember(struct trunk_peer_at *p, const struct trunk_peer_at *was)
{
	p->silent_until_ms = was->silent_until_ms;
	p->busy_until_ms = was->busy_until_ms;
	p->down = was->down;
	p->silences = was->silences;
	p->signs = was->signs;
	p->asked = was->asked;
	p->ask_at_ms = was->ask_at_ms;
	p->asked_ms = was->asked_ms;
	p->status = was->status;
	p->rtt_ms = was->rtt_ms;
	p->heard_at_ms = was->heard_at_ms;
	p->since_at_ms = was->since_at_ms;
	p->broken = was->broken;
	p->broken_ms = was->broken_ms;
}

void trunk_peers(struct voice *v)
{
	struct trunk_peer_at *was = v->peers;
	uint32_t was_count = v->peer_count, at = 0;
	v->peers = NULL;
	v->peer_count = 0;
	for (const struct object *o; (o = objects_next(v->core->objects, KIND_trunk, &at));)
		add_peers(v, o);
	for (uint32_t k = 0; k < v->peer_count; k++)
		for (uint32_t i = 0; i < was_count; i++)
			if (same_peer(&v->peers[k], &was[i]))
				remember(&v->peers[k], &was[i]);
	free(was);
	watch_soon(v);
}

/* The next trunk whose certificate the peer at the other end of this connection has shown. */
static const struct object *next_certified(struct voice *v, const struct sip_address *from,
					   uint32_t *at)
{
	if (from->transport != SIP_TLS || !v->o.certified)
		return NULL;
	for (const struct object *o; (o = objects_next(v->core->objects, KIND_trunk, at));) {
		struct str name = o->config->trunk.certificate;
		if (name.n && v->o.certified(v->o.arg, from->stream, name))
			return o;
	}
	return NULL;
}

bool trunk_trusted(struct voice *v, const struct sip_address *from)
{
	uint32_t at = 0;
	for (uint32_t i = 0; i < v->peer_count; i++)
		if (peer_is(&v->peers[i], from))
			return true;
	return next_certified(v, from, &at) != NULL;
}

const struct object *trunk_next_from(struct voice *v, const struct sip_address *from, uint32_t *at)
{
	while (*at < v->peer_count) {
		const struct trunk_peer_at *p = &v->peers[(*at)++];
		const struct object *trunk =
			peer_is(p, from) ? objects_get(v->core->objects, ID(p->trunk)) : NULL;
		if (trunk)
			return trunk;
	}
	uint32_t object_at = *at - v->peer_count;
	const struct object *trunk = next_certified(v, from, &object_at);
	*at = v->peer_count + object_at;
	return trunk;
}

/* -- the other ends of our TLS connections -- */

/* A dialog of theirs may lead to an address without a name: then it is that of whoever is there. */
static const struct trunk_peer_at *tls_peer(const struct voice *v, const struct sip_address *to)
{
	for (uint32_t i = 0; i < v->peer_count; i++) {
		struct sip_address at = v->peers[i].address;
		if (!to->server)
			at.server = 0;
		if (sip_address_eq(&at, to))
			return &v->peers[i];
	}
	return NULL;
}

bool voice_tls_name(struct voice *v, const struct sip_address *to, struct buf *name)
{
	const struct trunk_peer_at *p = tls_peer(v, to);
	uint32_t at = 0;
	if (p) {
		buf_c(name, p->name);
		return !name->full;
	}
	for (const struct object *o; (o = objects_next(v->core->objects, KIND_user, &at));) {
		struct sip_address fixed;
		struct sip_uri u;
		struct str contact = o->config->user.phone_contact;
		if (contact.n && sip_uri_parse(contact, &u) == ERR_OK &&
		    names_of_uri(v, contact, &fixed) && sip_address_eq(&fixed, to)) {
			buf_put(name, u.host);
			return !name->full;
		}
	}
	return false;
}

void voice_tls_refused(struct voice *v, const struct sip_address *to, struct str why)
{
	const struct trunk_peer_at *p = tls_peer(v, to);
	const struct object *trunk = p ? objects_get(v->core->objects, ID(p->trunk)) : NULL;
	char text[400];
	struct buf detail = buf_make(text, sizeof text);
	if (!trunk)
		return;
	trouble_broken(v, to, TROUBLE_certificate, why);
	struct trunk_now *n = now_of(v, trunk->id.slot);
	if (n->refused_ms && v->core->now_ms - n->refused_ms < REFUSED_EVERY_MS)
		return;
	n->refused_ms = v->core->now_ms;
	const struct object *tenant =
		objects_find(v->core->objects, KIND_tenant, trunk->tenant, trunk->tenant);
	buf_fmt(&detail, "trunk " STR_FMT ", %s: " STR_FMT, STR_ARG(trunk->name), p->name,
		STR_ARG(str_head(why, 200)));
	if (tenant)
		EMIT(v->core, alarm, .tenant = ID_AS(tenant_id, tenant->id),
		     .name = STR("trunk_certificate"), .detail = buf_str(&detail),
		     .trunk = ID_AS(trunk_id, trunk->id));
}

void trunk_silent(struct voice *v, const struct sip_address *peer)
{
	for (uint32_t i = 0; i < v->peer_count; i++)
		if (sip_address_eq(&v->peers[i].address, peer))
			v->peers[i].silent_until_ms = v->core->now_ms + SILENT_MS;
}

void trunk_busy(struct voice *v, const struct sip_address *peer, uint32_t seconds)
{
	for (uint32_t i = 0; i < v->peer_count; i++)
		if (sip_address_eq(&v->peers[i].address, peer))
			v->peers[i].busy_until_ms =
				v->core->now_ms + (int64_t)MIN(seconds, BUSY_MAX_S) * 1000;
}

/* -- limits -- */

void trunk_count(struct voice *v, struct trunk_id trunk, int change)
{
	uint32_t *calls = &now_of(v, trunk.slot)->calls;
	CHECK(change > 0 || *calls > 0);
	*calls += (uint32_t)change;
}

bool trunk_has_place(struct voice *v, const struct object *trunk)
{
	uint32_t most = trunk->config->trunk.max_calls;
	return !most || now_of(v, trunk->id.slot)->calls < most;
}

/* A bucket that holds one second's calls. */
bool trunk_has_pace(struct voice *v, const struct object *trunk, bool take)
{
	struct trunk_now *n = now_of(v, trunk->id.slot);
	int64_t most = trunk->config->trunk.cps_max, now_ms = v->core->now_ms;
	if (!most)
		return true;
	if (!n->pace_at_ms || now_ms - n->pace_at_ms >= 1000)
		n->pace_milli = most * 1000;
	else
		n->pace_milli = MIN(most * 1000, n->pace_milli + most * (now_ms - n->pace_at_ms));
	n->pace_at_ms = now_ms;
	if (n->pace_milli < 1000)
		return false;
	n->pace_milli -= take ? 1000 : 0;
	return true;
}

/* What begins in each second, for who looks. */
static void count_begun(struct voice *v, struct trunk_id trunk, bool one)
{
	struct trunk_now *n = now_of(v, trunk.slot);
	const int64_t second = v->core->now_ms / 1000;
	if (second != n->second) {
		n->begun_before = second == n->second + 1 ? n->begun : 0;
		n->begun = 0;
		n->second = second;
	}
	n->begun += one;
}

void trunk_take(struct voice *v, struct trunk_id trunk)
{
	const struct object *o = objects_get(v->core->objects, ID(trunk));
	trunk_count(v, trunk, +1);
	count_begun(v, trunk, true);
	if (o)
		(void)trunk_has_pace(v, o, true);
}

enum err trunk_admit(struct voice *v, const struct object *trunk)
{
	if (!trunk_has_place(v, trunk))
		return ERR_FULL;
	if (!trunk_has_pace(v, trunk, true))
		return ERR_AGAIN;
	count_begun(v, ID_AS(trunk_id, trunk->id), true);
	return ERR_OK;
}

void trunk_blocked(struct voice *v, struct trunk_id trunk, struct str from, struct str to,
		   struct str cause)
{
	struct trunk_now *n = now_of(v, trunk.slot);
	int64_t now_ms = v->core->now_ms;
	n->blocked_held++;
	if (now_ms - n->blocked_at_ms >= 1000) {
		n->blocked_at_ms = now_ms;
		n->blocked_told = 0;
	}
	if (n->blocked_told >= BLOCKED_A_SECOND)
		return;
	uint32_t count = n->blocked_held;
	n->blocked_told++;
	n->blocked_held = 0;
	EMIT(v->core, blocked, .trunk = trunk, .from = from, .to = to, .cause = cause,
	     .count = count);
}

void voice_trunk_look(struct voice *v, struct trunk_id trunk, struct voice_trunk *out)
{
	const struct trunk_config *t = trunk_config(v->core->objects, trunk);
	int64_t until_ms = 0;
	count_begun(v, trunk, false);
	*out = (struct voice_trunk){.calls = now_of(v, trunk.slot)->calls,
				    .pace = now_of(v, trunk.slot)->begun_before,
				    .registers = t && t->register_server.n};
	for (uint32_t i = 0; i < v->enrolment_count; i++)
		if (ID_EQ(v->enrolments[i].trunk, trunk))
			out->registered = sip_register_look(v->sip, v->enrolments[i].id,
							    &out->status, &until_ms);
	if (out->registered)
		out->registered_until_at_ms = v->core->utc_ms + until_ms - v->core->now_ms;
}

bool voice_trunk_peer(struct voice *v, struct trunk_id trunk, uint32_t *at, struct buf *address,
		      struct voice_peer *out)
{
	while (*at < v->peer_count) {
		const struct trunk_peer_at *p = &v->peers[(*at)++];
		if (!ID_EQ(p->trunk, trunk) || p->only_in)
			continue;
		char text[TROUBLE_PEER];
		trouble_peer(&p->address, text);
		buf_c(address, text);
		out->silent = p->silent_until_ms > v->core->now_ms;
		out->busy = p->busy_until_ms > v->core->now_ms;
		out->down = p->down;
		out->asked_at_ms = p->heard_at_ms;
		out->rtt_ms = p->rtt_ms;
		out->status = p->status;
		out->since_at_ms = p->since_at_ms;
		return true;
	}
	return false;
}

void trunk_dump(struct voice *v, struct buf *out)
{
	uint32_t at = 0;
	buf_c(out, "tenant           trunk            calls  most  registration    peers\n");
	for (const struct object *o; (o = objects_next(v->core->objects, KIND_trunk, &at));) {
		struct trunk_id id = ID_AS(trunk_id, o->id);
		struct voice_trunk now;
		uint32_t peer = 0;
		struct voice_peer is;
		voice_trunk_look(v, id, &now);
		buf_fmt(out, "%-16.*s %-16.*s %5u %5u  %-15s ", STR_ARG(o->tenant),
			STR_ARG(o->name), now.calls, o->config->trunk.max_calls,
			!now.registers	 ? "-"
			: now.registered ? "registered"
					 : "not registered");
		while (voice_trunk_peer(v, id, &peer, out, &is))
			buf_c(out, is.down     ? "(down) "
				   : is.silent ? "(silent) "
				   : is.busy   ? "(busy) "
					       : " ");
		buf_ch(out, '\n');
	}
}

void trunk_finish(struct voice *v)
{
	free(v->peers);
	free(v->trunks);
}
