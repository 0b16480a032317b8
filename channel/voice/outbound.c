/*
 * outbound.c - a leg's call over a trunk: of an agent on an ordinary number, of a number dialled
 * for a contact. Peers are asked one after the other until somebody's telephone rings.
 */
#include "channel/voice/own_call.h"

#define SILENCE_MS 4000 /* without a word of theirs the next peer is asked */

/* Only what the trunk takes; digits go with every codec. */
static void only_codecs(struct sdp_audio *sdp, const struct trunk_config *trunk)
{
	uint32_t kept = 0;
	for (uint32_t i = 0; i < sdp->codec_count; i++) {
		bool keep = str_ieq(sdp->codecs[i].name, STR("telephone-event"));
		for (uint32_t k = 0; k < trunk->codec_count; k++)
			keep = keep || str_ieq(sdp->codecs[i].name, trunk->codecs[k]);
		if (keep)
			sdp->codecs[kept++] = sdp->codecs[i];
	}
	sdp->codec_count = kept;
}

static void leave_trunk(struct leg *leg)
{
	if (!ID_NONE(leg->way.trunk))
		trunk_count(leg->voice, leg->way.trunk, -1);
	leg->way.trunk = (struct trunk_id){0};
}

void outbound_leave(struct leg *leg)
{
	toll_leave(leg);
	leave_trunk(leg);
}

void outbound_loaded(struct leg *leg)
{
	if (leg->state == LEG_OVER) {
		leg->way.trunk = (struct trunk_id){0};
		leg->way.tolled = leg->way.talked = false;
	}
	toll_loaded(leg);
	if (!ID_NONE(leg->way.trunk))
		trunk_count(leg->voice, leg->way.trunk, +1);
}

/* The old call goes its own way to the end; nobody listens to it any more. */
static void let_go(struct leg *leg)
{
	struct voice *v = leg->voice;
	struct sip_call_id call = leg->call;
	leg->wire_known = false; /* what it said before the answer was its own */
	leg->call = (struct sip_call_id){0};
	if (ID_NONE(call))
		return;
	sip_call_set_owner(v->sip, call, NULL);
	sip_call_end(v->sip, call);
}

static void nobody_there(struct timer *t, int64_t now_ms)
{
	struct leg *leg = t->arg;
	struct voice *v = leg->voice;
	(void)now_ms;
	if (leg->state != LEG_CALLING || sip_call_heard(v->sip, leg->call))
		return;
	trunk_silent(v, &leg->way.tried[leg->way.tried_count - 1]);
	trouble_silent(leg);
	let_go(leg);
	if (outbound_call(leg) != ERR_OK)
		leg_not_reached(leg, 408);
}

/* The peer as it is declared: RFC 3261 section 8.1.1.1. */
static void say_where(struct buf *out, const struct trunk_route *r)
{
	bool ip6 = str_find(r->host, ':') >= 0;
	buf_c(out, ip6 ? "[" : "");
	buf_put(out, r->host);
	buf_c(out, ip6 ? "]" : "");
	if (r->port && r->port != 5060)
		buf_fmt(out, ":%u", r->port);
	buf_c(out, sip_transport_param(r->to.transport));
}

/* As the trunk reads numbers. Help and short codes are dialled as they stand. */
static void say_number(struct buf *out, const struct trunk_config *t,
		       const struct tenant_config *home, struct str number)
{
	char text[NUMBER_TEXT];
	if (number.p[0] != '+') {
		sip_escape_user(out, number);
		return;
	}
	struct str country = t->country.n || !home ? t->country : home->country;
	if (t->number_format == FORMAT_NATIONAL) {
		number_national(number, country, text);
		number = str_of(text);
	} else if (t->number_format == FORMAT_INTERNATIONAL) {
		number = str_from(number, 1);
	}
	sip_escape_user(out, t->number_add);
	sip_escape_user(out, str_from(number, MIN(number.n, (size_t)t->number_strip)));
}

static enum err invite(struct leg *leg, const struct trunk_route *r)
{
	struct voice *v = leg->voice;
	const struct contact *k = contact_get(v->core, leg->contact);
	const struct trunk_config *trunk = trunk_config(v->core->objects, r->trunk);
	char text[400];
	struct buf uri = buf_make(text, sizeof text);
	CHECK(trunk && k);
	buf_c(&uri, "sip:");
	say_number(&uri, trunk, tenant_config(v->core->objects, k->tenant),
		   str_of(leg->way.number));
	buf_ch(&uri, '@');
	say_where(&uri, r);
	/* the carrier knows our number; without one the called number of ours stands for it */
	struct sip_invite i = {.uri = buf_str(&uri),
			       .to = r->to,
			       .from_user = trunk->caller_id.n ? trunk->caller_id : str_of(k->to),
			       .from_host = leg_our_host(v),
			       .owner = leg};
	uint16_t port;
	(void)own_call_shows(leg, trunk, &i);
	if (trunk->trust_identity && !str_is(i.from_user, "anonymous"))
		/* RFC 3325 section 5: also who is withheld */
		i.asserted = (struct sip_party){.user = i.from_user, .host = i.from_host};
	if (trunk->register_user.n && enrol_server(trunk, &i.from_host, &port)) {
		/* its own words and nobody else's: CVE-2021-41158 */
		i.auth_user = trunk->register_user;
		i.auth_password = trunk->register_secret;
	}
	leg_sdp(leg, true, &i.sdp);
	char identity[STIR_VALUE_MAX];
	struct buf signed_by = buf_make(identity, sizeof identity);
	if (trunk->sign)
		identity_sign(leg, r->trunk, &i, &signed_by);
	i.identity = buf_str(&signed_by);
	i.sdp.address = leg_media_address(v, i.to.family == 6);
	only_codecs(&i.sdp, trunk);
	leg->state = LEG_CALLING;
	return uri.full ? ERR_TOO_LARGE : sip_call_start(v->sip, &i, &leg->call);
}

static enum err route(struct leg *leg, struct trunk_route *out)
{
	struct voice *v = leg->voice;
	struct way *way = &leg->way;
	const struct contact *k = contact_get(v->core, leg->contact);
	const struct object *tenant = k ? objects_get(v->core->objects, ID(k->tenant)) : NULL;
	if (!tenant)
		return ERR_NOT_FOUND;
	enum err e = trunk_route(v, tenant->name, way, out);
	if (e != ERR_OK && !way->tolled)
		toll_blocked(leg, e == ERR_FORBIDDEN   ? "not_allowed"
				  : e == ERR_NOT_FOUND ? "no_trunk"
						       : "no_place");
	if (e == ERR_OK && !way->tolled)
		e = toll_ask(leg, tenant->name);
	if (e != ERR_OK || ID_EQ(way->trunk, out->trunk))
		return e;
	leave_trunk(leg);
	way->trunk = out->trunk;
	trunk_take(v, way->trunk);
	leg_touch(leg);
	return ERR_OK;
}

enum err outbound_reserve(struct leg *leg)
{
	struct trunk_route r;
	return route(leg, &r);
}

enum err outbound_call(struct leg *leg)
{
	struct voice *v = leg->voice;
	struct trunk_route r;
	enum err e = route(leg, &r);
	if (e != ERR_OK)
		return e;
	leg->way.tried[leg->way.tried_count++] = r.to;
	e = invite(leg, &r);
	if (e != ERR_OK)
		return e;
	leg_touch(leg);
	timer_start(&v->core->timers, &leg->patience, v->core->now_ms + SILENCE_MS, nobody_there,
		    leg);
	line_trace(leg);
	line_log(line_of(v, leg->contact), "dial", leg, str_of(leg->way.number));
	return ERR_OK;
}

/* RFC 3261 section 16.7 step 5 and RFC 3263 section 4.3: another place may do better. */
bool outbound_again(struct leg *leg, uint32_t status, uint32_t retry_after_s)
{
	bool theirs = status >= 500 && status < 600;
	if (status == 503 && retry_after_s && leg->way.tried_count)
		trunk_busy(leg->voice, &leg->way.tried[leg->way.tried_count - 1], retry_after_s);
	if (!leg->way.number[0] || leg->way.rang || (!theirs && status != 408))
		return false;
	return outbound_call(leg) == ERR_OK;
}
