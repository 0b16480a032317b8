/*
 * names.c - hosts that are declared by name: trunks' peers, fixed phones. All of them are looked at
 * in one sweep when something declared changed, when DNS answered something new, or when an answer
 * grew old.
 */
#include "channel/voice/line.h"

static void sweep(struct timer *t, int64_t now_ms);

static void sweep_at(struct voice *v, int64_t at_ms)
{
	struct timers *timers = &v->core->timers;
	if (at_ms != INT64_MAX && (!timer_running(&v->names) || v->names.at_ms > at_ms))
		timer_start(timers, &v->names, at_ms, sweep, v);
}

void names_soon(struct voice *v)
{
	sweep_at(v, v->core->now_ms);
}

bool names_of_uri(struct voice *v, struct str uri, struct sip_address *out)
{
	struct sip_uri u;
	struct str transport;
	struct place p;
	enum place_way way = PLACE_ANY;
	if (sip_uri_parse(uri, &u) != ERR_OK || (u.scheme != SCHEME_SIP && u.scheme != SCHEME_SIPS))
		return false;
	if (sip_uri_param(&u, "transport", &transport))
		way = str_ieq(transport, STR("tcp"))   ? PLACE_TCP
		      : str_ieq(transport, STR("tls")) ? PLACE_TLS
		      : str_ieq(transport, STR("udp")) ? PLACE_UDP
						       : PLACE_ANY;
	if (u.scheme == SCHEME_SIPS)
		way = PLACE_TLS;
	if (!places_find(&v->places, u.host, u.port, way, &p, 1))
		return false;
	*out = p.address;
	return true;
}

void names_sweep(struct voice *v)
{
	uint32_t at = 0;
	enum dns_kind kind;
	struct str name;
	struct sip_address unused;
	places_begin(&v->places);
	trunk_peers(v);
	for (const struct object *o; (o = objects_next(v->core->objects, KIND_user, &at));)
		if (o->config->user.phone == PHONE_sip && o->config->user.phone_contact.n)
			(void)names_of_uri(v, o->config->user.phone_contact, &unused);
	enrol_sweep(v);
	places_end(&v->places);
	while (v->o.resolve && places_due(&v->places, v->core->now_ms, &kind, &name))
		v->o.resolve(v->o.arg, kind, name);
	if (v->o.resolve)
		sweep_at(v, places_next_ms(&v->places));
}

static void sweep(struct timer *t, int64_t now_ms)
{
	(void)now_ms;
	names_sweep(t->arg);
}

void voice_resolved(struct voice *v, const struct dns_answer *a)
{
	uint32_t slot = UINT32_MAX;
	bool changed = places_answer(&v->places, a, v->core->now_ms, core_dice(v->core), &slot);
	if (slot == UINT32_MAX)
		return;
	/* most names have no SRV records: that is nothing to be told every half minute */
	bool usual = a->err == ERR_NOT_FOUND && (a->kind == DNS_SRV || !changed);
	if (a->err != ERR_OK && !usual)
		log_line(LOG_WARN, "event=name_not_resolved name=" STR_FMT " why=%s",
			 STR_ARG(a->name), err_name(a->err));
	if (a->err != ERR_OK && a->kind != DNS_SRV)
		trouble_name(v, a->name);
	if (changed) {
		log_line(LOG_INFO, "event=name_resolved name=" STR_FMT " records=%u",
			 STR_ARG(a->name), a->count);
		core_touch(v->core, IMAGE_PLACE, (struct id){slot + 1, 1});
		names_soon(v);
	}
	sweep_at(v, places_next_ms(&v->places));
}
