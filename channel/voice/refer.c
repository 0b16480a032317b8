/*
 * refer.c - what an agent does at his telephone instead of his desk: hand his customer on (REFER),
 * call somebody beside him (a second call while the first is held), move his call to another
 * telephone of his (INVITE with Replaces, RFC 3891).
 *
 *   at his telephone                          is at his desk
 *   REFER to an agent, a queue, a number      transfer
 *   second call while the customer is held    consult; its end: cancel
 *   takes up the one, holds the other         swap
 *   REFER of one of the two to the other      complete
 *   REFER to *8                               park
 *   *8SLOT is dialled                         pick_up; this call is his leg
 *
 * Only agents' telephones may: what a customer, a callee or a trunk refers is declined by sip/.
 */
#include "channel/voice/line.h"

#define PARK_CODE "*8"

struct aim {
	enum target target;
	char name[NUMBER_TEXT > 64 ? NUMBER_TEXT : 64];
};

/* -- whom -- */

static bool a_number(struct str user)
{
	size_t from = user.n && user.p[0] == '+' ? 1 : 0;
	for (size_t i = from; i < user.n; i++)
		if (!strchr("0123456789*#", user.p[i]))
			return false;
	return user.n > from && user.n < NUMBER_TEXT;
}

/* A user, a queue or a number of this tenant, by the user part; hosts of others are foreign. */
static enum err aim_at(struct voice *v, const struct object *tenant, struct str user,
		       struct str host, struct aim *out)
{
	const struct objects *os = v->core->objects;
	if (!str_ieq(host, tenant->config->tenant_of.domain) && !str_eq(host, leg_our_host(v)))
		return ERR_FORBIDDEN;
	if (!str_copy(user, out->name, sizeof out->name) || !user.n)
		return ERR_NOT_FOUND;
	out->target = objects_find(os, KIND_user, tenant->name, user)	 ? TARGET_agent
		      : objects_find(os, KIND_queue, tenant->name, user) ? TARGET_queue
		      : a_number(user)					 ? TARGET_number
									 : TARGET_none;
	return out->target == TARGET_none ? ERR_NOT_FOUND : ERR_OK;
}

static const struct object *tenant_of(struct voice *v, struct contact_id contact)
{
	const struct contact *k = contact_get(v->core, contact);
	return k ? objects_get(v->core->objects, ID(k->tenant)) : NULL;
}

static enum err as_agent(const struct leg *leg, enum call_verb verb, const struct aim *aim)
{
	return SEND(leg->voice->core, call_do, .contact = leg->contact, .agent = leg->agent,
		    .verb = verb, .target = aim ? aim->target : TARGET_none,
		    .name = str_of(aim ? aim->name : ""), .by = STR("phone"));
}

/* -- REFER -- */

static bool same_talk(const struct leg *a, const struct leg *b)
{
	return b && a != b && b->role == PARTY_agent && b->state == LEG_UP &&
	       ID_EQ(a->contact, b->contact) && ID_EQ(a->agent, b->agent);
}

static enum err referred(struct leg *leg, const struct sip_refer *r)
{
	struct voice *v = leg->voice;
	const struct object *tenant = tenant_of(v, leg->contact);
	struct aim aim = {0};
	if (!tenant)
		return ERR_CONFLICT;
	if (r->replacing) {
		const struct leg *other =
			ID_NONE(r->replaces) ? NULL : sip_call_owner(v->sip, r->replaces);
		return same_talk(leg, other) ? as_agent(leg, CALL_complete, NULL) : ERR_FORBIDDEN;
	}
	enum err e = aim_at(v, tenant, r->user, r->host, &aim);
	if (e == ERR_OK && str_is(r->user, PARK_CODE))
		return as_agent(leg, CALL_park, NULL);
	return e == ERR_OK ? as_agent(leg, CALL_transfer, &aim) : e;
}

/* 202 promises that we try; we have taken the customer by then, so the outcome is known too. */
void refer_asked(struct leg *leg, const struct sip_event *ev)
{
	struct voice *v = leg->voice;
	if (leg->role != PARTY_agent || leg->state != LEG_UP)
		return;
	enum err e = referred(leg, ev->refer);
	line_log(line_of(v, leg->contact), "refer", leg, str_of(err_name(e)));
	if (e != ERR_OK) {
		sip_refer_answer(v->sip, leg->call, (uint32_t)err_sip(e));
		return;
	}
	sip_refer_answer(v->sip, leg->call, 202);
	sip_refer_progress(v->sip, leg->call, 200);
}

/* -- a second call -- */

static bool held(const struct leg *leg)
{
	return leg->wire.peer == SDP_SENDONLY || leg->wire.peer == SDP_INACTIVE;
}

/* His talk, which his telephone holds, and nothing beside it. */
static struct leg *held_talk(struct voice *v, struct id user)
{
	struct leg *found = NULL;
	pool_for_each (struct leg, leg, v->legs) {
		if (leg->role != PARTY_agent || leg->state != LEG_UP || !ID_EQ(leg->agent, user))
			continue;
		if (found || !held(leg))
			return NULL;
		found = leg;
	}
	return found;
}

/* His other leg of the same talk; NULL: he has one only. */
struct leg *refer_other(const struct leg *leg)
{
	struct line *l = line_of(leg->voice, leg->contact);
	if (!l || leg->role != PARTY_agent)
		return NULL;
	list_for_each (link, &l->legs) {
		struct leg *other = CONTAINER_OF(link, struct leg, link);
		if (same_talk(leg, other))
			return other;
	}
	return NULL;
}

static struct leg *another_leg(const struct leg *of, const struct sip_event *ev)
{
	struct voice *v = of->voice;
	struct wire w;
	if (!ev->sdp || leg_wire_agreed(of, ev->sdp, &w) != ERR_OK)
		return NULL;
	struct leg *leg = leg_create(v, line_of(v, of->contact), PARTY_agent);
	if (!leg)
		return NULL;
	leg->agent = of->agent;
	leg->queue = of->queue;
	leg->beside = of->id;
	leg->call = ev->call;
	leg->wire = w;
	sip_call_set_owner(v->sip, ev->call, leg);
	line_trace(leg);
	return leg;
}

static void begin(struct leg *leg)
{
	leg_touch(leg);
	leg_order_open(leg);
	leg_patience(leg, 0);
}

static uint32_t consult(struct voice *v, const struct sip_event *ev, const struct object *tenant,
			struct leg *talk)
{
	struct aim aim = {0};
	enum err e = aim_at(v, tenant, ev->uri_user, ev->uri_host, &aim);
	if (e != ERR_OK)
		return (uint32_t)err_sip(e);
	struct leg *leg = another_leg(talk, ev);
	if (!leg)
		return 488;
	e = as_agent(talk, CALL_consult, &aim);
	if (e != ERR_OK) {
		leg->call = (struct sip_call_id){0};
		sip_call_set_owner(v->sip, ev->call, NULL);
		leg_end(leg);
		return (uint32_t)err_sip(e);
	}
	begin(leg);
	return 200;
}

/* -- Replaces -- */

static uint32_t take_over(struct voice *v, const struct sip_event *ev, struct id user)
{
	const struct leg *old = sip_call_owner(v->sip, ev->replaces);
	if (!old || old->role != PARTY_agent || old->state != LEG_UP || !ID_EQ(old->agent, user))
		return 403;
	struct leg *leg = another_leg(old, ev);
	if (!leg)
		return 488;
	leg->replaces = true;
	begin(leg);
	return 200;
}

static void replace(struct leg *leg, struct leg *old)
{
	struct line *l = line_of(leg->voice, leg->contact);
	leg->beside = (struct leg_id){0};
	leg->replaces = false;
	if (ID_EQ(l->joined, old->id))
		l->joined = leg->id;
	for (uint32_t i = 0; i < l->recording_count; i++)
		if (ID_EQ(l->recordings[i].right, old->id))
			l->recordings[i].right = leg->id;
	line_touch(l);
	old->wire.peer = SDP_INACTIVE; /* he speaks here from now on */
	line_hear(l);		       /* first: else his recording would end with the old leg */
	leg_end(old);
}

void refer_has_port(struct leg *leg)
{
	struct voice *v = leg->voice;
	struct leg *old = leg_get(v, leg->beside);
	struct sdp_audio sdp;
	if (!old || old->state != LEG_UP) { /* over meanwhile */
		leg_end(leg);
		return;
	}
	leg->state = LEG_UP;
	leg_set_wire(leg, &leg->wire);
	leg_sdp(leg, false, &sdp);
	sip_call_accept(v->sip, leg->call, &sdp);
	if (leg->replaces)
		replace(leg, old);
	else
		line_hear(line_of(v, leg->contact));
}

/* -- who is parked -- */

static bool park_code(struct str dialled, uint32_t *slot)
{
	return str_starts(dialled, STR(PARK_CODE)) &&
	       str_to_u32(str_from(dialled, strlen(PARK_CODE)), 9999, slot) == ERR_OK;
}

/* He is rung as by his desk, and this call is his answer as soon as it has a port. */
static uint32_t pick_up(struct voice *v, const struct sip_event *ev, const struct object *tenant,
			struct agent_id agent, uint32_t slot)
{
	static const struct str usual[] = {{"PCMA", 4}, {"PCMU", 4}};
	struct contact_id contact = {0};
	struct wire w;
	if (v->closed || !v->media_ready)
		return 503;
	if (SEND(v->core, park_find, .tenant = ID_AS(tenant_id, tenant->id), .slot = slot,
		 .out = &contact) != ERR_OK)
		return 404;
	struct line *l = line_of(v, contact);
	if (!l || l->disconnected)
		return 404;
	if (!ev->sdp || wire_from(ev->sdp, usual, COUNT_OF(usual), &w) != ERR_OK)
		return 488;
	struct leg *leg = leg_create(v, l, PARTY_agent);
	if (!leg)
		return 503;
	leg->agent = agent;
	if (SEND(v->core, call_do, .contact = contact, .agent = agent, .verb = CALL_pick_up,
		 .by = STR("phone")) != ERR_OK) {
		leg_end(leg);
		return 486;
	}
	leg->picks_up = true;
	leg->call = ev->call;
	leg->wire = w;
	sip_call_set_owner(v->sip, ev->call, leg);
	line_trace(leg);
	begin(leg);
	return 200;
}

void refer_picked_up(struct leg *leg)
{
	struct voice *v = leg->voice;
	struct sdp_audio sdp;
	leg->picks_up = false;
	leg->state = LEG_UP;
	leg_set_wire(leg, &leg->wire);
	leg_sdp(leg, false, &sdp);
	sip_call_accept(v->sip, leg->call, &sdp);
	if (SEND(v->core, offer_accept, .contact = leg->contact, .agent = leg->agent) != ERR_OK)
		leg_end(leg); /* the caller hung up a moment ago */
}

/* -- what comes of it -- */

bool refer_invite(struct voice *v, const struct sip_event *ev)
{
	const struct object *tenant = ev->auth_user.n ? phones_tenant(v, ev->auth_realm) : NULL;
	const struct object *user =
		tenant ? objects_find(v->core->objects, KIND_user, tenant->name, ev->auth_user)
		       : NULL;
	uint32_t status, slot;
	if (!user)
		return false;
	if (!ID_NONE(ev->replaces)) {
		status = take_over(v, ev, user->id);
	} else if (park_code(ev->uri_user, &slot)) {
		status = pick_up(v, ev, tenant, ID_AS(agent_id, user->id), slot);
	} else {
		struct leg *talk = held_talk(v, user->id);
		if (!talk)
			return false;
		status = consult(v, ev, tenant, talk);
	}
	if (status != 200) {
		v->refused++;
		sip_call_reject(v->sip, ev->call, status, 0);
	}
	return true;
}

/* Of two calls he takes up the one he held. */
void refer_taken_up(struct leg *leg)
{
	struct leg *second = ID_NONE(leg->beside) ? refer_other(leg) : leg;
	if (!second || second->swapped == (leg != second))
		return;
	enum err e = as_agent(leg, CALL_swap, NULL);
	if (e == ERR_OK)
		second->swapped = !second->swapped;
	leg_touch(second);
	line_hear(line_of(leg->voice, leg->contact));
}

/* The second call is over: whom it was to or with goes. */
void refer_over(struct leg *leg)
{
	if (as_agent(leg, CALL_cancel, NULL) != ERR_OK)
		log_line(LOG_DEBUG, "event=second_call_over");
}

void refer_consult_end(struct line *l, struct agent_id agent)
{
	list_for_each (link, &l->legs) {
		struct leg *leg = CONTAINER_OF(link, struct leg, link);
		if (leg->role == PARTY_agent && ID_EQ(leg->agent, agent) && !ID_NONE(leg->beside) &&
		    !leg->replaces)
			leg_end(leg);
	}
}
