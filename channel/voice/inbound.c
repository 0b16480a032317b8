/* inbound.c - who may call in, and which number he reached. */
#include "channel/voice/own_call.h"

struct reached {
	const struct object *trunk, *number, *flow, *tenant;
	char to[NUMBER_TEXT];
	bool judged; /* the trunk asks who calls */
	struct stir_finding identity;
};

/* A test number's is the draft, while there is one. */
const struct object *inbound_flow(struct voice *v, struct str tenant, const struct number_config *n)
{
	const struct objects *os = v->core->objects;
	const struct object *draft =
		n->draft ? objects_find(os, KIND_draft, tenant, n->flow) : NULL;
	return draft ? draft : objects_find(os, KIND_flow, tenant, n->flow);
}

/* The number as it stands, then as E.164 of the tenant's country, then with the plus a carrier left
 * off. The same number is in one tenant only, so the first hit is the right one. */
static bool reach(struct voice *v, struct str user, const struct object *trunk, struct reached *out)
{
	struct objects *os = v->core->objects;
	const struct object *tenant = objects_find(os, KIND_tenant, trunk->tenant, trunk->tenant);
	if (!tenant || user.n >= NUMBER_TEXT - 1)
		return false;
	struct reached r = {.trunk = trunk, .tenant = tenant};
	number_normalise(user, tenant->config->tenant_of.country, r.to);
	char plus[NUMBER_TEXT] = "+";
	struct str tries[3] = {user, str_of(r.to), STR_NONE};
	if (user.n && user.p[0] != '+' && str_copy(user, plus + 1, sizeof plus - 1))
		tries[2] = str_of(plus);
	for (size_t i = 0; i < COUNT_OF(tries) && !r.number; i++)
		if (tries[i].n)
			r.number = objects_find(os, KIND_number, trunk->tenant, tries[i]);
	if (!r.number)
		return false;
	r.flow = inbound_flow(v, trunk->tenant, &r.number->config->number);
	if (!str_copy(r.number->name, r.to, sizeof r.to))
		r.to[0] = 0;
	*out = r;
	return r.flow != NULL;
}

/* A registrar calls the Contact we gave it; the number called stands in To. */
static bool reach_as_user(struct voice *v, const struct sip_event *ev, const struct object *trunk,
			  struct reached *out)
{
	struct str user = trunk->config->trunk.register_user;
	return user.n && str_eq(ev->uri_user, user) && reach(v, ev->to_user, trunk, out);
}

static uint32_t reach_any(struct voice *v, const struct sip_event *ev, struct reached *out)
{
	uint32_t at = 0;
	for (const struct object *trunk; (trunk = trunk_next_from(v, &ev->source, &at));)
		if (reach(v, ev->uri_user, trunk, out) || reach_as_user(v, ev, trunk, out))
			return 200;
	return 404;
}

bool voice_is_low(void *arg, const struct sip_address *from, struct str user)
{
	struct voice *v = arg;
	struct reached r;
	uint32_t at = 0;
	for (const struct object *trunk; (trunk = trunk_next_from(v, from, &at));)
		if (reach(v, user, trunk, &r))
			return r.number->config->number.low_priority;
	return false;
}

bool voice_is_trunk(void *arg, const struct sip_address *from)
{
	return trunk_trusted(arg, from);
}

bool voice_is_busy(void *arg)
{
	enum { PORTS_AWAITED_MAX = 128 }; /* media answers within a tick or two */
	const struct voice *v = arg;
	return v->ports_awaited >= PORTS_AWAITED_MAX;
}

static uint32_t sound_of(const struct sip_event *ev, const struct trunk_config *trunk,
			 struct wire *out)
{
	if (!ev->sdp)
		return 200; /* late offer: ours goes in the 200 */
	return wire_offered(ev->sdp, trunk, &ev->source, out) == ERR_OK ? 200 : 488;
}

static uint32_t judge(struct voice *v, const struct sip_event *ev, struct reached *r)
{
	const struct trunk_config *t = &r->trunk->config->trunk;
	r->judged = t->identity != IDENTITY_OFF;
	if (!r->judged)
		return 200;
	uint32_t status = identity_judge(v, ev, &r->tenant->config->tenant_of, t, str_of(r->to),
					 &r->identity);
	return status ? status : 200;
}

/* NULL: he may come in; else why there is no place. */
static const char *admit(struct voice *v, const struct reached *r)
{
	if (v->closed || !v->media_ready)
		return "not_ready";
	if (pool_count(v->lines) >= pool_limit(v->lines) ||
	    pool_count(v->legs) >= pool_limit(v->legs))
		return "server_full";
	switch (trunk_admit(v, r->trunk)) {
	case ERR_OK:
		return NULL;
	case ERR_AGAIN:
		return "cps_max";
	default:
		return "max_calls";
	}
}

static void refuse(struct voice *v, const struct sip_event *ev, uint32_t status)
{
	v->refused++;
	log_line(LOG_INFO, "event=call_refused status=%u to=" STR_FMT, status,
		 STR_ARG(str_head(ev->uri_user, 40)));
	sip_call_reject(v->sip, ev->call, status, status == 503 ? 5 : 0);
}

/* Who withholds his number is anonymous, whatever From says; who he is otherwise, a carrier that is
 * trusted with it knows best (RFC 3325). */
static void caller_of(const struct sip_event *ev, const struct reached *r, char out[NUMBER_TEXT])
{
	struct str from = ev->from_user;
	if (ev->caller && ev->caller->withheld)
		from = STR("anonymous");
	else if (ev->caller && ev->caller->asserted.user.n &&
		 r->trunk->config->trunk.trust_identity)
		from = ev->caller->asserted.user;
	number_normalise(from, r->tenant->config->tenant_of.country, out);
}

static void block(struct voice *v, const struct sip_event *ev, const struct reached *r,
		  const char *cause)
{
	char from[NUMBER_TEXT];
	caller_of(ev, r, from);
	trunk_blocked(v, ID_AS(trunk_id, r->trunk->id), str_of(from), str_of(r->to), str_of(cause));
	trouble_inbound(v, ev, ID_AS(trunk_id, r->trunk->id), 503, str_of(cause));
	refuse(v, ev, 503);
}

static struct leg *take_in(struct voice *v, const struct sip_event *ev, const struct reached *r)
{
	char from[NUMBER_TEXT], diverted[NUMBER_TEXT] = "";
	struct contact_id id;
	caller_of(ev, r, from);
	if (ev->caller && ev->caller->diverted.user.n)
		number_normalise(ev->caller->diverted.user, r->tenant->config->tenant_of.country,
				 diverted);
	struct contact_options o = {.tenant = ID_AS(tenant_id, r->tenant->id),
				    .trunk = ID_AS(trunk_id, r->trunk->id),
				    .flow = ID_AS(flow_id, r->flow->id),
				    .channel = CHANNEL_voice,
				    .direction = DIRECTION_inbound,
				    .from = str_of(from),
				    .to = str_of(r->to),
				    .diverted = str_of(diverted)};
	if (r->judged) {
		o.verstat = stir_word(r->identity.verdict);
		o.attest = str_head(str_make(&r->identity.attest, 1), r->identity.attest != 0);
		o.origid = str_of(r->identity.origid);
		o.verstat_why = str_of(r->identity.why);
	}
	if (diverted[0])
		o.diverted_why = str_head(ev->caller->diverted_why, 40);
	if (contact_create(v->core, &o, &id) != ERR_OK)
		return NULL;
	struct line *l = line_begin(v, id);
	struct leg *leg = l ? leg_create(v, l, PARTY_customer) : NULL;
	CHECK(leg); /* admit() looked, and lines are as many as contacts */
	l->customer = leg->id;
	trunk_count(v, o.trunk, +1);
	line_touch(l);
	if (r->judged)
		stir_remember(v->stir, r->identity.mark, v->core->utc_ms / 1000);
	return leg;
}

void inbound_invite(struct voice *v, const struct sip_event *ev)
{
	struct reached r;
	struct wire w = {.codec = CODEC_NONE, .dtmf_pt = DTMF_NONE};
	if (!trunk_trusted(v, &ev->source)) {
		/* a phone that proved who it is */
		if (!refer_invite(v, ev) && !own_call_invite(v, ev))
			refuse(v, ev, 403);
		return;
	}
	uint32_t status = reach_any(v, ev, &r);
	if (status == 200)
		status = sound_of(ev, &r.trunk->config->trunk, &w);
	if (status == 200)
		status = judge(v, ev, &r);
	if (status != 200) {
		trouble_inbound(v, ev, (struct trunk_id){0}, status, STR_NONE);
		refuse(v, ev, status);
		return;
	}
	const char *full = admit(v, &r); /* last: a yes uses up the trunk's pace */
	struct leg *leg = full ? NULL : take_in(v, ev, &r);
	if (!leg) {
		block(v, ev, &r, full ? full : "server_full");
		return;
	}
	leg->call = ev->call;
	leg->wire = w;
	leg->late_offer = !ev->sdp;
	sip_call_set_owner(v->sip, ev->call, leg);
	line_trace(leg);
	line_log(line_of(v, leg->contact), "arrive", leg, str_of(r.to));
	leg_order_open(leg);
	leg_patience(leg, 0);
}
