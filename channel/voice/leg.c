/* leg.c - one SIP call with one media port: how it begins, agrees on sound, and ends. */
#include "channel/voice/browser.h"
#include "channel/voice/own_call.h"

#define PORT_PATIENCE_MS 4000
#define OVER_PATIENCE_MS 40000 /* SIP gives up after 32 s by itself */
#define FIGURES_PATIENCE_MS 10000
#define SAME_KEY_MS 500

struct leg *leg_get(struct voice *v, struct leg_id id)
{
	return pool_get(v->legs, ID(id));
}

void leg_touch(struct leg *leg)
{
	core_touch(leg->voice->core, IMAGE_LEG, ID(leg->id));
}

struct leg *leg_create(struct voice *v, struct line *l, enum party role)
{
	struct id id;
	struct leg *leg = pool_take(v->legs, &id);
	if (!leg)
		return NULL;
	leg->id = ID_AS(leg_id, id);
	leg->voice = v;
	leg->contact = l ? l->contact : (struct contact_id){0};
	leg->media = l ? l->media : v->newest;
	leg->role = role;
	leg->state = LEG_PORT;
	leg->sdp_id = core_dice(v->core) >> 2; /* fits a signed 64-bit number everywhere */
	leg->wire = (struct wire){.codec = CODEC_NONE, .dtmf_pt = DTMF_NONE};
	list_init(&leg->link);
	if (l) {
		list_push(&l->legs, &leg->link);
		leg_hold(leg);
	}
	leg_touch(leg);
	return leg;
}

bool leg_lives(const struct leg *leg)
{
	return leg->web || !ID_NONE(leg->call);
}

void leg_port_heard(struct leg *leg)
{
	leg->voice->ports_awaited -= leg->port_awaited;
	leg->port_awaited = false;
}

void leg_order_open(struct leg *leg)
{
	leg->media_open = true;
	leg->voice->ports_awaited += leg->state == LEG_PORT && !leg->port_awaited;
	leg->port_awaited = leg->port_awaited || leg->state == LEG_PORT;
	if (leg->web)
		browser_order_open(leg);
	else
		ORDER_NOW(leg->voice, leg_open, .leg = ID(leg->id), .contact = ID(leg->contact));
}

/* -- the end -- */

/* A contact waits for the sound of its legs to be closed and counted, not for SIP: a phone that
 * says nothing at all keeps its transaction for 32 s. */
void leg_hold(struct leg *leg)
{
	leg->holds = true;
	contact_hold(leg->voice->core, leg->contact);
}

static void figures_are_there(struct leg *leg)
{
	const struct contact_id was = leg->left;
	if (ID_NONE(was))
		return;
	leg->left = (struct contact_id){0};
	timer_stop(&leg->voice->core->timers, &leg->figures);
	leg_touch(leg);
	contact_release(leg->voice->core, was);
}

static void release(struct leg *leg)
{
	figures_are_there(leg); /* or never will be: media tells them first */
	if (leg->holds)
		contact_release(leg->voice->core, leg->contact);
	leg->holds = false;
}

static void give_back(struct leg *leg)
{
	struct voice *v = leg->voice;
	if (leg->state != LEG_OVER || !ID_NONE(leg->call) || leg->media_open)
		return;
	release(leg);
	leg->voice->ports_awaited -= leg->port_awaited;
	timer_stop(&v->core->timers, &leg->patience);
	timer_stop(&v->core->timers, &leg->ring);
	list_remove(&leg->link);
	leg_touch(leg);
	pool_give(v->legs, leg);
}

static void over_too_late(struct timer *t, int64_t now_ms)
{
	struct leg *leg = t->arg;
	(void)now_ms;
	log_line(LOG_WARN, "event=leg_did_not_end media=%d sip=%d", leg->media_open,
		 !ID_NONE(leg->call));
	leg->media_open = false;
	leg->call = (struct sip_call_id){0};
	give_back(leg);
}

void leg_end(struct leg *leg)
{
	struct voice *v = leg->voice;
	if (leg->state == LEG_OVER || v->last_life || standing_returns(leg))
		return;
	leg->state = LEG_OVER;
	browser_over(leg);
	standing_ended(leg);
	timer_stop(&v->core->timers, &leg->ring);
	outbound_leave(leg);
	leg_touch(leg);
	timer_start(&v->core->timers, &leg->patience, v->core->now_ms + OVER_PATIENCE_MS,
		    over_too_late, leg);
	if (leg->media_open && media_connected(v, leg->media))
		ORDER_NOW(v, leg_close, .leg = ID(leg->id));
	else
		leg->media_open = false; /* the inventory will close what is left over there */
	if (!leg->media_open)
		release(leg);
	struct line *l = line_of(v, leg->contact);
	if (l && leg->wire_known)
		line_hear(l); /* who heard it hears somebody else now, or nobody */
	if (!ID_NONE(leg->call))
		sip_call_end(v->sip, leg->call); /* may come back with SIP_CALL_OVER */
	else
		give_back(leg);
}

/* What media counted while it was on this contact. */
static void tell_end(struct leg *leg, enum party role, const struct report_leg_moved *r)
{
	struct core *c = leg->voice->core;
	const struct contact_id contact = ID_AS(contact_id, r->contact);
	if (contact_get(c, contact))
		EMIT(c, leg_end, .contact = contact, .party = role,
		     .codec = str_of(leg->wire_known ? wire_codec_name(leg->wire.codec) : ""),
		     .sent = r->sent, .received = r->received, .lost = r->lost,
		     .jitter_us = r->jitter_us, .mos_cent = r->mos_cent,
		     .srtp = str_of(srtp_name((enum srtp_suite)r->suite)), .forged = r->forged);
}

void leg_media_closed(struct leg *leg, const struct report_leg_closed *r)
{
	if (!leg->media_open)
		return;
	leg->media_open = false;
	tell_end(leg, leg->role,
		 &(struct report_leg_moved){.contact = ID(leg->contact),
					    .sent = r->sent,
					    .received = r->received,
					    .lost = r->lost,
					    .jitter_us = r->jitter_us,
					    .mos_cent = r->mos_cent,
					    .forged = r->forged,
					    .suite = r->suite});
	release(leg);
	give_back(leg);
}

static void figures_too_late(struct timer *t, int64_t now_ms)
{
	struct leg *leg = t->arg;
	(void)now_ms;
	log_line(LOG_WARN, "event=leg_figures_missing");
	figures_are_there(leg);
}

static void await_figures(struct leg *leg)
{
	struct core *c = leg->voice->core;
	timer_start(&c->timers, &leg->figures, c->now_ms + FIGURES_PATIENCE_MS, figures_too_late,
		    leg);
}

void leg_leaves(struct leg *leg, struct contact_id was, enum party role)
{
	struct voice *v = leg->voice;
	if (!leg->media_open || !media_connected(v, leg->media) || ID_EQ(was, leg->home)) {
		contact_release(v->core, was); /* what it is at home is told when it ends */
		return;
	}
	figures_are_there(leg); /* of an earlier one, if they have not come yet */
	leg->left = was;
	leg->left_role = role;
	await_figures(leg);
	leg_touch(leg);
}

void leg_media_moved(struct leg *leg, const struct report_leg_moved *r)
{
	if (!ID_EQ(leg->left, r->contact))
		return;
	tell_end(leg, leg->left_role, r);
	figures_are_there(leg);
}

void leg_left_loaded(struct leg *leg)
{
	if (ID_NONE(leg->left))
		return;
	contact_hold(leg->voice->core, leg->left);
	await_figures(leg);
}

/* The event code of RFC 4733 section 3.2; 16: none */
static uint32_t digit_code(char c)
{
	static const char codes[] = "0123456789*#ABCD";
	const char *at = c ? strchr(codes, c) : NULL;
	return at ? (uint32_t)(at - codes) : 16;
}

/* A phone that sends a key both in the sound and by INFO has pressed it once. */
static bool pressed_twice(struct leg *leg, char digit, bool by_info, int64_t now_ms)
{
	bool twice = leg->key == digit && leg->key_by_info != by_info &&
		     now_ms - leg->key_ms < SAME_KEY_MS;
	leg->key = twice ? 0 : digit;
	leg->key_by_info = by_info;
	leg->key_ms = now_ms;
	return twice;
}

void leg_digit(struct leg *leg, char digit, bool by_info)
{
	struct core *c = leg->voice->core;
	uint32_t code = digit_code(digit);
	if (pressed_twice(leg, digit, by_info, c->now_ms) || standing_key(leg, digit))
		return;
	if (leg->role == PARTY_customer && code < 16 && contact_get(c, leg->contact))
		EMIT(c, digit, .contact = leg->contact, .digit = code);
}

/* -- the beginning -- */

static void port_too_late(struct timer *t, int64_t now_ms)
{
	struct leg *leg = t->arg;
	(void)now_ms;
	leg_port(leg, 0, ERR_TIMEOUT);
}

enum err leg_patience(struct leg *leg, int64_t ms)
{
	struct core *c = leg->voice->core;
	timer_start(&c->timers, &leg->patience, c->now_ms + (ms ? ms : PORT_PATIENCE_MS),
		    port_too_late, leg);
	return ERR_OK;
}

static void customer_has_port(struct leg *leg)
{
	struct voice *v = leg->voice;
	struct line *l = line_of(v, leg->contact);
	const struct contact *k = contact_get(v->core, leg->contact);
	struct sdp_audio sdp;
	leg->state = LEG_UP;
	if (!leg->late_offer)
		leg_set_wire(leg, &leg->wire);
	leg_sdp(leg, leg->late_offer, &sdp);
	leg_touch(leg);
	v->answered++;
	sip_call_accept(v->sip, leg->call, &sdp);
	if (l && k && SEND(v->core, flow_start, .contact = k->id, .flow = k->flow) != ERR_OK) {
		line_disconnect(l, PARTY_system, STR("the number's flow is gone"), 0);
		leg_end(leg);
	}
}

static struct str host_of(struct str host_port)
{
	if (host_port.n && host_port.p[0] == '[') {
		ptrdiff_t end = str_find(host_port, ']');
		return str_head(host_port, (size_t)end + 1);
	}
	struct str host, port;
	str_cut(host_port, ':', &host, &port);
	return host;
}

struct str leg_our_host(const struct voice *v)
{
	return host_of(v->o.advertise_udp);
}

void leg_port(struct leg *leg, uint16_t port, enum err e)
{
	struct voice *v = leg->voice;
	struct line *l = line_of(v, leg->contact);
	if (leg->web) {
		if (e != ERR_OK)
			browser_not_opened(leg, e);
		return;
	}
	leg_port_heard(leg);
	if (leg->state != LEG_PORT) {
		if (e == ERR_OK)
			leg->port = port; /* a restarted core asked again */
		return;
	}
	timer_stop(&v->core->timers, &leg->patience);
	leg->port = e == ERR_OK ? port : 0;
	if (own_call_port(leg, e == ERR_OK))
		return;
	if (e == ERR_OK && l) {
		if (leg->role == PARTY_customer)
			customer_has_port(leg);
		else if (leg->role != PARTY_callee)
			agent_has_port(leg);
		else if (outbound_call(leg) != ERR_OK)
			dial_failed(leg, 503);
		return;
	}
	log_line(LOG_ERROR, "event=no_media_port why=%s", err_name(e));
	if (leg->role == PARTY_customer) {
		if (l)
			line_disconnect(l, PARTY_system, STR("no media port"), 503);
		if (!ID_NONE(leg->call))
			sip_call_reject(v->sip, leg->call, 503, 5);
		leg_end(leg);
	} else {
		leg_not_reached(leg, 503);
	}
}

/* -- what SIP says -- */

/* The peer's direction says whether he holds. RFC 3264 section 8.4. An agent's telephone does what
 * his desk would; a customer and a callee of a flow hold as long as either does. */
static void hold_heard(struct leg *leg, enum sdp_direction was)
{
	struct voice *v = leg->voice;
	struct line *l = line_of(v, leg->contact);
	bool held = leg->wire.peer == SDP_SENDONLY || leg->wire.peer == SDP_INACTIVE;
	if (!l || leg->role == PARTY_supervisor)
		return;
	if (leg->role == PARTY_agent) {
		if (held != (was == SDP_SENDONLY || was == SDP_INACTIVE))
			agent_holds(leg, held);
		return;
	}
	const struct dial *flows = dial_of(l, 0);
	if (leg->role == PARTY_callee && (!flows || !ID_EQ(flows->leg, leg->id)))
		return; /* one of several: the others talk on */
	if (held == !!(l->holds & BIT(leg->role)))
		return;
	bool was_held = l->holds != 0;
	l->holds ^= BIT(leg->role);
	line_touch(l);
	line_music(l);
	if (was_held != (l->holds != 0))
		line_hold(l, leg->role);
}

static void reoffered(struct leg *leg, const struct sip_event *ev)
{
	struct voice *v = leg->voice;
	struct sdp_audio answer;
	struct wire w;
	if (!ev->sdp) { /* an offer is asked of us: what we have. RFC 3261 section 14.2 */
		leg_sdp(leg, true, &answer);
		sip_call_answer(v->sip, leg->call, &answer);
		return;
	}
	if (leg_wire_agreed(leg, ev->sdp, &w) != ERR_OK) {
		sip_call_answer(v->sip, leg->call, NULL);
		return;
	}
	enum sdp_direction was = leg->wire.peer;
	leg_renew_key(leg, &w);
	leg_set_wire(leg, &w);
	leg_sdp(leg, false, &answer);
	sip_call_answer(v->sip, leg->call, &answer);
	hold_heard(leg, was);
}

/* To an offer of ours inside the call, which the engine makes when they ask for one. */
static void reanswered(struct leg *leg, const struct sip_event *ev)
{
	struct wire w;
	if (leg->state != LEG_UP || !ev->sdp || leg_wire_agreed(leg, ev->sdp, &w) != ERR_OK)
		return; /* what was agreed before stands */
	enum sdp_direction was = leg->wire.peer;
	leg_set_wire(leg, &w);
	hold_heard(leg, was);
}

/* With the answer when our offer went in the 200. */
static void confirmed(struct leg *leg, const struct sip_event *ev)
{
	struct line *l = line_of(leg->voice, leg->contact);
	struct wire w;
	if (!leg->late_offer)
		return;
	leg->late_offer = false;
	if (ev->sdp && leg_wire_agreed(leg, ev->sdp, &w) == ERR_OK) {
		leg_set_wire(leg, &w);
		return;
	}
	if (l)
		line_disconnect(l, PARTY_system, STR("no common codec"), 488);
	leg_end(leg);
}

void leg_not_reached(struct leg *leg, uint32_t status)
{
	if (own_call_failed(leg, status))
		return;
	if (leg->role == PARTY_callee)
		dial_failed(leg, status);
	else
		agent_failed(leg, status);
}

/* Who calls a colleague sits where customers sit. */
static enum party whose(const struct leg *leg)
{
	const struct contact *k = contact_get(leg->voice->core, leg->contact);
	return k && !ID_NONE(leg->agent) && ID_NONE(k->flow) ? PARTY_agent : PARTY_customer;
}

static void customer_over(struct leg *leg, const struct sip_event *ev)
{
	struct line *l = line_of(leg->voice, leg->contact);
	if (!l)
		return;
	switch (ev->over) {
	case SIP_OVER_REMOTE:
		line_disconnect(l, whose(leg), STR("hung up"), ev->status);
		break;
	case SIP_OVER_TIMEOUT:
		line_disconnect(l, PARTY_system, STR("no answer from the line"), 408);
		break;
	case SIP_OVER_LOCAL:
	case SIP_OVER_BROKEN:
		line_disconnect(l, PARTY_system, STR("line broken"), ev->status);
		break;
	}
}

static void call_over(struct leg *leg, const struct sip_event *ev)
{
	enum leg_state was = leg->state;
	struct leg_id id = leg->id;
	struct voice *v = leg->voice;
	leg->call = (struct sip_call_id){0};
	if (was == LEG_OVER) {
		leg_touch(leg);
		give_back(leg);
		return;
	}
	if (was == LEG_CALLING)
		trouble_refused(leg, ev);
	if (was == LEG_CALLING && outbound_again(leg, ev->status, ev->retry_after_s))
		return;
	if (own_call_event(leg, ev))
		;
	else if (leg->role == PARTY_agent || leg->role == PARTY_supervisor)
		agent_over(leg, ev, was);
	else if (leg->role == PARTY_customer)
		customer_over(leg, ev);
	else if (was == LEG_CALLING)
		dial_failed(leg, ev->status);
	else
		dial_hung_up(leg, ev->over == SIP_OVER_REMOTE ? PARTY_callee : PARTY_system,
			     ev->status);
	leg = leg_get(v, id);
	if (leg)
		leg_end(leg);
}

/* faults.md R15: who talks and sends nothing is gone. Who is held, holds, or hears nobody may be
 * silent. */
void leg_silent(struct leg *leg, int64_t ms)
{
	struct voice *v = leg->voice;
	struct line *l = line_of(v, leg->contact);
	const struct contact *k = contact_get(v->core, leg->contact);
	const struct tenant_config *t = k ? tenant_config(v->core->objects, k->tenant) : NULL;
	const int64_t talks_ms = v->core->now_ms - leg->talks_ms;
	if (!l || l->disconnected || !t || leg->web || leg->state != LEG_UP || !leg->heard ||
	    leg->wire.peer != SDP_SENDRECV || !t->media_timeout_ms ||
	    MIN(ms, talks_ms) < t->media_timeout_ms)
		return;
	const struct dial *d = leg->role == PARTY_callee ? dial_by_leg(leg) : NULL;
	line_log(l, "media_timeout", leg, party_word(leg->role));
	if (leg->role == PARTY_customer || (d && !d->callee)) {
		line_disconnect(l, PARTY_system, STR("media_timeout"), 0);
		return;
	}
	if (leg->role == PARTY_callee)
		dial_hung_up(leg, PARTY_system, 408);
	else
		agent_lost(leg);
	leg_end(leg);
}

void leg_sip_event(struct leg *leg, const struct sip_event *ev)
{
	switch (ev->kind) {
	case SIP_RINGING:
		leg->way.rang = true;
		if (own_call_event(leg, ev))
			break;
		if (leg->role == PARTY_callee && leg->state == LEG_CALLING)
			dial_sounds(leg, ev);
		break;
	case SIP_ANSWERED:
		timer_stop(&leg->voice->core->timers, &leg->patience);
		if (leg->state != LEG_CALLING || own_call_event(leg, ev))
			break;
		toll_talk(leg);
		if (leg->role == PARTY_callee)
			dial_answered(leg, ev);
		else
			agent_answered(leg, ev);
		break;
	case SIP_CONFIRMED:
		confirmed(leg, ev);
		break;
	case SIP_REOFFER:
		reoffered(leg, ev);
		break;
	case SIP_REANSWER:
		reanswered(leg, ev);
		break;
	case SIP_DIGIT:
		leg_digit(leg, ev->digit, true);
		break;
	case SIP_CALL_OVER:
		call_over(leg, ev);
		break;
	case SIP_REFER:
		refer_asked(leg, ev);
		break;
	case SIP_INCOMING:
		CHECK(!"an incoming call has no leg yet");
	}
}
