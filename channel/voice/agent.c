/*
 * agent.c - a user's telephone on a contact: an agent's, rung by an offer, or that of somebody who
 * is not to serve it (phone_ring: a supervisor).
 *
 *            rung by      answers       cannot be had     hangs up or is lost
 *   agent    offer        offer_accept  offer_fail        call_left
 *   other    phone_ring   phone_up      phone_over        phone_over
 */
#include "channel/voice/browser.h"
#include "channel/voice/own_call.h"

#define RING_MS 30000 /* of phone_ring, when nobody said */

static struct line *line_by(const struct leg *leg)
{
	return line_of(leg->voice, leg->contact);
}

/* Of two, the one he speaks on: up, and not held by his telephone. */
static bool better(const struct leg *leg, const struct leg *than)
{
	if (!than || leg->state != LEG_UP)
		return !than;
	return than->state != LEG_UP || than->wire.peer != SDP_SENDRECV;
}

struct leg *agent_leg(struct line *l, enum party role, struct agent_id agent)
{
	struct leg *found = NULL;
	list_for_each (link, &l->legs) {
		struct leg *leg = CONTAINER_OF(link, struct leg, link);
		if (leg->role == role && leg->state != LEG_OVER && ID_EQ(leg->agent, agent) &&
		    better(leg, found))
			found = leg;
	}
	return found;
}

struct leg *agent_serves(struct line *l, struct agent_id agent)
{
	struct leg *leg = agent_leg(l, PARTY_supervisor, agent);
	if (!leg)
		return agent_leg(l, PARTY_agent, agent);
	leg->role = PARTY_agent;
	leg_touch(leg);
	return leg;
}

/* -- it comes to nothing, or is over -- */

static void tell_over(struct leg *leg, enum offer_result result)
{
	if (contact_get(leg->voice->core, leg->contact))
		EMIT(leg->voice->core, phone_over, .contact = leg->contact, .agent = leg->agent,
		     .result = result);
}

static void failed(struct leg *leg, enum offer_result result)
{
	struct voice *v = leg->voice;
	if (!ID_NONE(leg->beside)) {
		if (!leg->replaces)
			refer_over(leg);
		leg_end(leg);
		return;
	}
	const struct contact_id contact = leg->contact;
	const struct agent_id agent = leg->agent;
	bool serves = leg->role == PARTY_agent;
	if (!serves)
		tell_over(leg, result);
	leg_end(leg);
	if (serves && SEND(v->core, offer_fail, .contact = contact, .agent = agent,
			   .result = result) != ERR_OK)
		return; /* the offer ended a moment ago: that is why the call did */
}

/* What a phone's refusal means for the agent. RFC 3261 section 21 */
static enum offer_result refusal(uint32_t status)
{
	if (status == 486 || status == 600)
		return OFFER_busy;
	if (status == 603 || status == 403)
		return OFFER_rejected;
	return OFFER_unreachable;
}

void agent_failed(struct leg *leg, uint32_t status)
{
	failed(leg, refusal(status));
}

enum err agent_left(struct voice *v, struct contact_id contact, struct agent_id agent, bool lost)
{
	return SEND(v->core, call_left, .contact = contact, .agent = agent, .lost = lost);
}

void agent_over(struct leg *leg, const struct sip_event *ev, enum leg_state was)
{
	struct voice *v = leg->voice;
	enum err e = ERR_OK;
	if (was == LEG_CALLING || leg->picks_up) {
		failed(leg, leg->picks_up ? OFFER_rejected : refusal(ev->status));
		return;
	}
	bool lost = ev->over != SIP_OVER_REMOTE;
	if (leg->role == PARTY_supervisor)
		tell_over(leg, lost ? OFFER_agent_lost : OFFER_accepted);
	else if (!ID_NONE(leg->beside))
		refer_over(leg);
	else
		e = agent_left(v, leg->contact, leg->agent, lost);
	if (e != ERR_OK)
		log_line(LOG_DEBUG, "event=agent_leg_over why=%s", err_name(e));
}

/* -- ringing -- */

static bool phone_address(struct voice *v, const struct leg *leg, struct sip_phone *out)
{
	const struct object *o = objects_get(v->core->objects, ID(leg->agent));
	if (!o)
		return false;
	const struct user_config *user = &o->config->user;
	if (user->phone != PHONE_sip)
		return false;
	if (!user->phone_contact.n) {
		const struct object *t =
			objects_find(v->core->objects, KIND_tenant, o->tenant, o->tenant);
		return t &&
		       sip_phone_find(v->sip, o->name, t->config->tenant_of.domain, out) == ERR_OK;
	}
	if (!names_of_uri(v, user->phone_contact, &out->address))
		return false;
	out->contact_uri = user->phone_contact;
	return true;
}

bool agent_has_phone(struct voice *v, struct agent_id agent)
{
	const struct leg as = {.agent = agent};
	const struct user_config *user = agent_config(v->core->objects, agent);
	struct sip_phone phone;
	return user && ((user->phone != PHONE_sip && user->phone != PHONE_none &&
			 standing_free(v, agent)) ||
			(user->phone == PHONE_sip && phone_address(v, &as, &phone)));
}

void agent_has_port(struct leg *leg)
{
	if (leg->picks_up)
		refer_picked_up(leg);
	else if (!ID_NONE(leg->beside))
		refer_has_port(leg);
	else if (agent_call_phone(leg) != ERR_OK)
		failed(leg, OFFER_unreachable);
}

enum err agent_call_phone(struct leg *leg)
{
	struct voice *v = leg->voice;
	const struct contact *k = contact_get(v->core, leg->contact);
	const struct object *agent = objects_get(v->core->objects, ID(leg->agent));
	const struct line *l = line_by(leg);
	struct sip_phone phone = {0};
	if (leg->way.number[0])
		return outbound_call(leg);
	if (!k || !agent || !phone_address(v, leg, &phone))
		return ERR_NOT_FOUND;
	/* his own call shows whom he calls */
	struct str from = l && l->own && ID_EQ(leg->agent, k->agent) ? str_of(k->to)
			  : k->from[0]				     ? str_of(k->from)
								     : STR("anonymous");
	struct sip_invite invite = {.uri = phone.contact_uri,
				    .to = phone.address,
				    .routes = phone.routes,
				    .from_user = from,
				    .from_host = leg_our_host(v),
				    .auto_answer = agent->config->user.phone_auto_answer,
				    .owner = leg};
	leg_sdp(leg, true, &invite.sdp);
	invite.sdp.address = leg_media_address(v, phone.address.family == 6);
	leg->state = LEG_CALLING;
	enum err e = sip_call_start(v->sip, &invite, &leg->call);
	if (e != ERR_OK)
		return e;
	leg_touch(leg);
	line_trace(leg);
	line_log(line_of(v, k->id), "ring", leg, agent->name);
	return ERR_OK;
}

/* E.164, as seen from the tenant's country. */
static void number_of(struct voice *v, struct contact_id contact, struct str number,
		      char out[NUMBER_TEXT])
{
	const struct contact *k = contact_get(v->core, contact);
	const struct tenant_config *t = k ? tenant_config(v->core->objects, k->tenant) : NULL;
	number_normalise(number, t ? t->country : STR_NONE, out);
}

void agent_phone_begin(struct leg *leg)
{
	struct voice *v = leg->voice;
	const struct user_config *user = agent_config(v->core->objects, leg->agent);
	if (user && user->phone == PHONE_number)
		number_of(v, leg->contact, user->phone_number, leg->way.number);
	leg_order_open(leg);
	leg_patience(leg, 0);
}

/* His telephone's leg; its port is asked for. NULL: he has no telephone, or there is no place. */
static struct leg *ring(struct line *l, enum party role, struct agent_id agent)
{
	struct voice *v = l->voice;
	const struct leg *customer = line_customer(l);
	const struct user_config *user = agent_config(v->core->objects, agent);
	if (!user || (user->phone != PHONE_sip && user->phone != PHONE_number))
		return NULL;
	struct leg *leg = leg_create(v, l, role);
	if (!leg)
		return NULL;
	leg->agent = leg->way.user = agent;
	if (customer)
		leg->wire.codec = customer->wire.codec;
	agent_phone_begin(leg);
	return leg;
}

void leg_ring_agent(struct voice *v, const struct event_offer *o)
{
	struct line *l = line_of(v, o->contact);
	struct leg *leg = l ? agent_leg(l, PARTY_agent, o->agent) : NULL;
	if (leg && leg->picks_up) { /* he rings here */
		leg->queue = o->queue;
		leg_touch(leg);
		return;
	}
	if (!l || (!line_customer(l) && !ring_me_is(l)) || l->disconnected || standing_offer(l, o))
		return;
	leg = ring(l, PARTY_agent, o->agent);
	if (leg) {
		leg->queue = o->queue;
		return;
	}
	enum err e = SEND(v->core, offer_fail, .contact = o->contact, .agent = o->agent,
			  .result = OFFER_unreachable);
	if (e != ERR_OK)
		log_line(LOG_WARN, "event=offer_not_rung why=%s", err_name(e));
}

static void ring_over(struct timer *t, int64_t now_ms)
{
	(void)now_ms;
	failed(t->arg, OFFER_no_answer);
}

static void ring_until(struct leg *leg, int64_t at_ms)
{
	leg->ring_until_ms = at_ms;
	leg_touch(leg);
	timer_start(&leg->voice->core->timers, &leg->ring, at_ms, ring_over, leg);
}

/* Somebody who is not to serve the contact: he hears what seats_set says. */
enum err agent_phone_ring(struct line *l, const struct command_phone_ring *cmd)
{
	struct voice *v = l->voice;
	const struct leg as = {.agent = cmd->agent};
	const struct user_config *user = agent_config(v->core->objects, cmd->agent);
	struct sip_phone phone;
	if (!user || l->disconnected || v->closed || !v->media_ready ||
	    agent_leg(l, PARTY_supervisor, cmd->agent) || agent_leg(l, PARTY_agent, cmd->agent) ||
	    (user->phone == PHONE_sip && !phone_address(v, &as, &phone)))
		return ERR_CONFLICT;
	struct leg *leg;
	if (browser_is_phone(v, cmd->agent)) { /* he asked for it himself: nothing rings */
		(void)standing_take(l, cmd->agent, PARTY_supervisor, &leg);
		if (!leg)
			return ERR_CONFLICT;
		EMIT(v->core, phone_up, .contact = l->contact, .agent = cmd->agent);
		line_hear(l);
		return ERR_OK;
	}
	leg = ring(l, PARTY_supervisor, cmd->agent);
	if (!leg)
		return pool_count(v->legs) >= pool_limit(v->legs) ? ERR_FULL : ERR_CONFLICT;
	ring_until(leg, v->core->now_ms + (cmd->ring_ms > 0 ? cmd->ring_ms : RING_MS));
	return ERR_OK;
}

enum err agent_phone_drop(struct line *l, struct agent_id agent)
{
	struct leg *leg = agent_leg(l, PARTY_supervisor, agent);
	if (!leg)
		return ERR_NOT_FOUND;
	leg_end(leg);
	line_hear(l);
	return ERR_OK;
}

/* -- talking -- */

void agent_answered(struct leg *leg, const struct sip_event *ev)
{
	struct voice *v = leg->voice;
	struct wire w;
	if (!ev->sdp || leg_wire_agreed(leg, ev->sdp, &w) != ERR_OK) {
		failed(leg, OFFER_unreachable);
		return;
	}
	leg->state = LEG_UP;
	leg_set_wire(leg, &w);
	if (leg->role == PARTY_supervisor) {
		timer_stop(&v->core->timers, &leg->ring);
		EMIT(v->core, phone_up, .contact = leg->contact, .agent = leg->agent);
		line_hear(line_by(leg)); /* there: else the leg would be over */
	} else if (standing_confirms(leg)) {
		standing_ask(leg); /* until acd rings no longer */
	} else if (SEND(v->core, offer_accept, .contact = leg->contact, .agent = leg->agent) !=
		   ERR_OK) {
		leg_end(leg); /* the caller hung up while the 200 was on its way */
	}
}

/* His telephone holds or goes on: as if he had asked for it at his desk. */
void agent_holds(struct leg *leg, bool held)
{
	struct voice *v = leg->voice;
	if (refer_other(leg)) { /* the one he speaks on goes on */
		if (!held)
			refer_taken_up(leg);
		return;
	}
	enum err e = SEND(v->core, call_do, .contact = leg->contact, .agent = leg->agent,
			  .verb = held ? CALL_hold : CALL_resume, .by = STR("phone"));
	if (e != ERR_OK) /* it is as he wants it already, or he does not talk */
		log_line(LOG_DEBUG, "event=phone_hold why=%s", err_name(e));
}

/* -- restart -- */

/* A phone that was ringing: the engine cancels the old INVITE with its branch; if it is wanted
 * still the phone is rung anew. */
void agent_ring_again(struct leg *leg)
{
	struct voice *v = leg->voice;
	if (!ID_NONE(leg->beside)) { /* he called: his telephone tries again */
		leg_end(leg);
		return;
	}
	struct line *l = line_by(leg);
	struct event_offer again = {
		.contact = leg->contact, .queue = leg->queue, .agent = leg->agent};
	const int64_t until_ms = leg->ring_until_ms;
	if (leg->role == PARTY_supervisor) {
		struct leg *anew = until_ms > v->core->now_ms && !l->disconnected
					   ? ring(l, PARTY_supervisor, leg->agent)
					   : NULL;
		if (anew)
			ring_until(anew, until_ms);
		else
			tell_over(leg, OFFER_no_answer);
		leg_end(leg);
		return;
	}
	bool offered = v->offered && v->offered(v->offered_arg, leg->contact, leg->agent);
	leg_end(leg);
	if (offered)
		leg_ring_agent(v, &again);
}

/* His phone's dialog could not be read: he cannot be heard any more, his customer can. */
void agent_lost(struct leg *leg)
{
	enum err e = ERR_OK;
	if (leg->role == PARTY_supervisor)
		tell_over(leg, OFFER_agent_lost);
	else
		e = agent_left(leg->voice, leg->contact, leg->agent, true);
	log_line(LOG_ERROR, "event=agent_lost why=%s", err_name(e));
}
