/* own_call.c - see own_call.h. */
#include "channel/voice/own_call.h"

#define PHONE_RING_MS 30000
#define NUMBER_RING_MS 90000 /* then nobody is there; the trunk may say so before */
#define AGENT_RING_MS 30000

void own_call_touch(const struct own_call *own)
{
	core_touch(own->line->voice->core, IMAGE_OWN_CALL, ID(own->line->contact));
}

/* The call this leg sets up; NULL: it is an ordinary one (by now). */
static struct own_call *setting_up(const struct leg *leg)
{
	struct line *l = line_of(leg->voice, leg->contact);
	struct own_call *own = l && !l->disconnected ? l->own : NULL;
	if (!own || (own->state == OWN_TALK && !own->loose))
		return NULL;
	return ID_EQ(own->phone, leg->id) || ID_EQ(own->called, leg->id) ? own : NULL;
}

static struct leg *phone_of(const struct own_call *own)
{
	return leg_get(own->line->voice, own->phone);
}

/* -- it comes to nothing -- */

static enum dial_result result_of(uint32_t status)
{
	if (status == 486 || status == 600 || status == 603)
		return DIAL_busy;
	return status == 408 || status == 480 || status == 487 ? DIAL_no_answer : DIAL_failed;
}

/* What his telephone is told: the other side's own word, where it means the same to him. */
static uint32_t refusal_of(uint32_t status)
{
	static const uint32_t same[] = {403, 404, 410, 480, 484, 486, 488, 600, 603, 604};
	for (size_t i = 0; i < COUNT_OF(same); i++)
		if (status == same[i])
			return status;
	return status == 408 || status == 487 ? 480 : 503;
}

static void fail(struct own_call *own, enum party by, enum dial_result result, uint32_t status)
{
	struct line *l = own->line;
	own->result = result;
	own->status = status;
	line_disconnect(l, by, dial_result_word(result), status);
}

static void ring_over(struct timer *t, int64_t now_ms)
{
	struct own_call *own = t->arg;
	(void)now_ms;
	if (own->target == OWN_TEST)
		ring_me_over(own->line);
	else
		fail(own, PARTY_system, DIAL_no_answer, 408);
}

void own_call_until(struct own_call *own, int64_t at_ms)
{
	struct core *c = own->line->voice->core;
	own->until_ms = at_ms;
	timer_start(&c->timers, &own->timer, MAX(at_ms, c->now_ms), ring_over, own);
	own_call_touch(own);
}

/* -- whom he calls -- */

static struct leg *number_leg(struct own_call *own)
{
	struct line *l = own->line;
	struct leg *leg = leg_create(l->voice, l, PARTY_customer);
	const struct leg *phone = phone_of(own);
	if (!leg)
		return NULL;
	leg->wire.codec = phone && phone->wire_known ? phone->wire.codec : CODEC_PCMA;
	CHECK(str_copy(str_of(own->number), leg->way.number, sizeof leg->way.number));
	leg->way.user = own->agent; /* who pays */
	own->called = l->customer = leg->id;
	line_touch(l);
	return leg;
}

static enum err dial_number(struct own_call *own)
{
	struct line *l = own->line;
	struct leg *leg = number_leg(own);
	enum err e = leg ? outbound_reserve(leg) : ERR_FULL;
	if (e != ERR_OK) {
		if (leg)
			leg_end(leg);
		return e;
	}
	own->trunk = leg->way.trunk;
	leg_order_open(leg);
	leg_patience(leg, 0);
	if (!own->told)
		EMIT(l->voice->core, dial, .contact = l->contact, .trunk = own->trunk,
		     .number = str_of(own->number));
	own->told = true;
	return ERR_OK;
}

static uint32_t status_of(enum err e)
{
	return e == ERR_FORBIDDEN ? 403 : e == ERR_CONFLICT ? 486 : e == ERR_NOT_FOUND ? 404 : 503;
}

/* His telephone is there: now the other side. */
static void call_them(struct own_call *own)
{
	struct line *l = own->line;
	struct core *c = l->voice->core;
	struct leg *phone = phone_of(own);
	const struct contact *k = contact_get(c, l->contact);
	enum err e = ERR_OK;
	own->state = OWN_CALLED;
	own->dialled_ms = c->now_ms;
	timer_stop(&c->timers, &own->timer);
	own_call_touch(own);
	switch (own->target) {
	case OWN_NUMBER:
		e = dial_number(own);
		if (e == ERR_OK)
			own_call_until(own, c->now_ms + NUMBER_RING_MS);
		line_join(l, phone);
		break;
	case OWN_AGENT:
		e = SEND(c, agent_ring, .contact = l->contact, .agent = own->to,
			 .ring_ms = AGENT_RING_MS, .anyway = true);
		break;
	case OWN_STAND:
		own->state = OWN_TALK;
		own->answered_ms = c->now_ms;
		own->trunk = phone->way.trunk;
		EMIT(c, dial_answer, .contact = l->contact, .trunk = own->trunk,
		     .number = str_of(own->number));
		standing_up(phone);
		break;
	case OWN_FLOW:
		own->state = OWN_TALK;
		e = SEND(c, flow_start, .contact = l->contact, .flow = k->flow);
		break;
	case OWN_TEST: /* he is rung at once, and calls nobody */
		break;
	}
	if (e != ERR_OK)
		fail(own, PARTY_system, e == ERR_CONFLICT ? DIAL_busy : DIAL_failed, status_of(e));
	else
		line_hear(l);
}

/* -- his telephone -- */

/* 200 to his INVITE. */
static void answer_him(struct own_call *own)
{
	struct leg *phone = phone_of(own);
	struct sdp_audio sdp;
	if (!phone || !own->asked || own->answered)
		return;
	own->answered = true;
	own_call_touch(own);
	phone->state = LEG_UP;
	if (!phone->late_offer && !phone->wire_known)
		leg_set_wire(phone, &phone->wire);
	leg_sdp(phone, phone->late_offer, &sdp);
	leg_touch(phone);
	sip_call_accept(phone->voice->sip, phone->call, &sdp);
}

/* What they play before they answer is heard by him; else his telephone rings back by itself. */
static void ring_him(struct own_call *own, bool sounds)
{
	struct leg *phone = phone_of(own);
	struct sdp_audio sdp;
	if (!phone || !own->asked || own->answered)
		return;
	if (!sounds || phone->late_offer) {
		sip_call_ring(phone->voice->sip, phone->call, 180, NULL);
		return;
	}
	if (!phone->wire_known)
		leg_set_wire(phone, &phone->wire);
	leg_sdp(phone, false, &sdp);
	sip_call_ring(phone->voice->sip, phone->call, 183, &sdp);
	line_hear(own->line);
}

bool own_call_port(struct leg *leg, bool ok)
{
	struct own_call *own = setting_up(leg);
	if (!own)
		return false;
	bool phone = ID_EQ(own->phone, leg->id);
	if (!ok) {
		fail(own, PARTY_system, DIAL_failed, 503);
	} else if (!phone) {
		if (outbound_call(leg) != ERR_OK)
			own_call_failed(leg, 503);
	} else if (own->asked) {
		leg->state = LEG_EARLY;
		leg_touch(leg);
		if (own->target == OWN_FLOW)
			answer_him(own);
		call_them(own);
		if (own->target == OWN_AGENT && !own->line->disconnected)
			ring_him(own, false);
	} else if (agent_call_phone(leg) != ERR_OK) {
		own_call_failed(leg, 480);
	} else if (own->target == OWN_STAND && !own->told) {
		own->told = true;
		own->trunk = leg->way.trunk;
		own_call_touch(own);
		EMIT(leg->voice->core, dial, .contact = leg->contact, .trunk = own->trunk,
		     .number = str_of(own->number));
	}
	return true;
}

bool own_call_failed(struct leg *leg, uint32_t status)
{
	struct own_call *own = setting_up(leg);
	if (!own)
		return false;
	bool phone = ID_EQ(own->phone, leg->id);
	if (leg->state != LEG_OVER)
		own->trunk = ID_NONE(leg->way.trunk) ? own->trunk : leg->way.trunk;
	fail(own,
	     phone				? PARTY_agent
	     : result_of(status) == DIAL_failed ? PARTY_system
						: PARTY_customer,
	     result_of(status), status);
	return true;
}

/* False: they speak nothing that we do, and it came to nothing. */
static bool comes_up(struct leg *leg, const struct sip_event *ev)
{
	struct wire w;
	if (!ev->sdp || leg_wire_agreed(leg, ev->sdp, &w) != ERR_OK) {
		own_call_failed(leg, 488);
		return false;
	}
	leg->state = LEG_UP;
	leg_set_wire(leg, &w);
	return true;
}

static void phone_answered(struct own_call *own, struct leg *leg, const struct sip_event *ev)
{
	if (!comes_up(leg, ev))
		return;
	if (standing_confirms(leg))
		standing_ask(leg);
	else
		call_them(own);
}

bool own_call_confirmed(struct leg *leg)
{
	struct own_call *own = setting_up(leg);
	if (!own || own->state != OWN_PHONE)
		return false;
	call_them(own);
	return true;
}

static void number_answered(struct own_call *own, struct leg *leg, const struct sip_event *ev)
{
	struct line *l = own->line;
	struct core *c = l->voice->core;
	if (!comes_up(leg, ev))
		return;
	own->state = OWN_TALK;
	own->trunk = leg->way.trunk;
	own->answered_ms = c->now_ms;
	timer_stop(&c->timers, &own->timer);
	own_call_touch(own);
	answer_him(own);
	line_log(l, "dial_answer", leg, str_of(own->number));
	EMIT(c, dial_answer, .contact = l->contact, .trunk = own->trunk,
	     .number = str_of(own->number), .ring_ms = c->now_ms - own->dialled_ms);
	line_hear(l);
	if (!own->loose && SEND(c, dial_talk, .contact = l->contact, .agent = own->agent) != ERR_OK)
		line_disconnect(l, PARTY_system, STR("agent lost"), 0);
}

static void sounds(struct own_call *own, struct leg *leg, const struct sip_event *ev)
{
	struct wire w;
	leg->way.rang = true;
	bool heard = ev->sdp && leg_wire_agreed(leg, ev->sdp, &w) == ERR_OK;
	if (heard)
		leg_set_wire(leg, &w);
	ring_him(own, heard);
	line_hear(own->line);
}

static void leg_over(struct own_call *own, struct leg *leg, const struct sip_event *ev)
{
	bool phone = ID_EQ(own->phone, leg->id), talked = own->state == OWN_TALK;
	enum party by = ev->over != SIP_OVER_REMOTE ? PARTY_system
			: phone			    ? PARTY_agent
						    : PARTY_customer;
	if (talked || (phone && (own->asked || leg->state == LEG_UP)))
		line_disconnect(own->line, by, STR("hung up"), ev->status);
	else
		own_call_failed(leg, ev->status);
}

bool own_call_event(struct leg *leg, const struct sip_event *ev)
{
	struct own_call *own = setting_up(leg);
	if (!own)
		return false;
	bool phone = ID_EQ(own->phone, leg->id), calling = leg->state == LEG_CALLING;
	if (ev->kind == SIP_RINGING && !phone && calling)
		sounds(own, leg, ev);
	else if (ev->kind == SIP_ANSWERED && calling && phone)
		phone_answered(own, leg, ev);
	else if (ev->kind == SIP_ANSWERED && calling)
		number_answered(own, leg, ev);
	else if (ev->kind == SIP_CALL_OVER)
		leg_over(own, leg, ev);
	else
		return false;
	return true;
}

/* -- what others say of it -- */

bool own_call_rings(const struct line *l)
{
	return l->own && l->own->state == OWN_CALLED && !l->disconnected;
}

void own_call_answer(struct line *l)
{
	struct own_call *own = l->own;
	if (!own || own->target == OWN_NUMBER)
		return;
	answer_him(own);
	own->state = OWN_TALK;
	own_call_touch(own);
	if (own->target == OWN_TEST)
		ring_me_answered(l);
	line_hear(l);
}

void own_call_ring_end(struct line *l, enum offer_result result)
{
	struct own_call *own = l->own;
	if (!own || own->state != OWN_CALLED || l->disconnected ||
	    (own->target != OWN_AGENT && own->target != OWN_TEST))
		return;
	bool busy = result == OFFER_busy || result == OFFER_rejected;
	bool gone = result == OFFER_unreachable || result == OFFER_agent_lost;
	fail(own, busy ? PARTY_agent : PARTY_system,
	     busy   ? DIAL_busy
	     : gone ? DIAL_failed
		    : DIAL_no_answer,
	     busy ? 486 : 480);
}

/* Without a flow nobody else says what follows when the last agent has hung up. */
void own_call_left(struct line *l, const struct event_agent_end *e)
{
	const struct contact *k = contact_get(l->voice->core, l->contact);
	if (l->own && k && ID_NONE(k->flow) && !e->goes_on && e->result != RESULT_transferred)
		line_disconnect(l, e->by, e->by == PARTY_agent ? STR("hung up") : STR("agent lost"),
				0);
}

/* At `disconnect`, while its legs are there. */
void own_call_over(struct line *l, enum party by)
{
	struct own_call *own = l->own;
	struct core *c = l->voice->core;
	if (!own)
		return;
	struct leg *phone = phone_of(own);
	timer_stop(&c->timers, &own->timer);
	if (own->told)
		EMIT(c, dial_end, .contact = l->contact, .trunk = own->trunk,
		     .number = str_of(own->number),
		     .result = own->answered_ms		  ? DIAL_none
			       : own->result != DIAL_none ? own->result
							  : DIAL_no_answer,
		     .by = by, .sip_code = own->answered_ms ? 0 : own->status,
		     .talk_ms = own->answered_ms ? c->now_ms - own->answered_ms : 0);
	own->told = false;
	own_call_touch(own);
	if (own->target == OWN_STAND)
		standing_down(l->voice, own->agent);
	if (own->asked && !own->answered && phone && !ID_NONE(phone->call))
		sip_call_reject(l->voice->sip, phone->call,
				own->status ? refusal_of(own->status) : 480, 0);
}

void own_call_forget(struct line *l)
{
	struct own_call *own = l->own;
	if (!own)
		return;
	own_call_touch(own);
	timer_stop(&l->voice->core->timers, &own->timer);
	pool_give(l->voice->owns, own);
	l->own = NULL;
}

/* -- the beginning -- */

static struct contact_options options(struct voice *v, const struct own_plan *p)
{
	struct contact_options o = {.tenant = ID_AS(tenant_id, p->tenant->id),
				    .channel = CHANNEL_voice,
				    .direction = p->target == OWN_NUMBER ? DIRECTION_outbound
									 : DIRECTION_internal,
				    .from = p->user->name,
				    .to = str_of(p->number),
				    .flow = p->flow,
				    .agent = ID_AS(agent_id, p->user->id),
				    .customer = p->customer,
				    .private = p->private};
	struct trunk_route r;
	struct way way = {0};
	if (p->target != OWN_NUMBER)
		return o;
	memcpy(way.number, p->number, sizeof way.number);
	const struct trunk_config *trunk = trunk_route(v, p->tenant->name, &way, &r) == ERR_OK
						   ? trunk_config(v->core->objects, r.trunk)
						   : NULL;
	const struct str tenants = p->tenant->config->tenant_of.caller_id;
	o.from = p->withheld		       ? STR("anonymous")
		 : p->shown[0]		       ? str_of(p->shown)
		 : trunk && trunk->caller_id.n ? trunk->caller_id
		 : tenants.n		       ? tenants
					       : STR("anonymous");
	return o;
}

/* As many own calls as lines, and those are as many as contacts. */
struct own_call *own_call_create(struct voice *v, const struct contact_options *o, uint32_t legs)
{
	struct contact_id contact;
	struct id unused;
	if (pool_count(v->lines) >= pool_limit(v->lines) ||
	    pool_count(v->legs) + legs > pool_limit(v->legs) ||
	    contact_create(v->core, o, &contact) != ERR_OK)
		return NULL;
	struct line *l = line_begin(v, contact);
	struct own_call *own = l ? pool_take(v->owns, &unused) : NULL;
	CHECK(own);
	l->own = own;
	own->line = l;
	line_touch(l);
	own_call_touch(own);
	return own;
}

/* With his telephone's leg. NULL: no place. */
static struct own_call *begin(struct voice *v, const struct own_plan *p)
{
	const struct contact_options o = options(v, p);
	struct own_call *own = own_call_create(v, &o, 2);
	if (!own)
		return NULL;
	struct line *l = own->line;
	enum party seat = p->target == OWN_NUMBER ? PARTY_agent : PARTY_customer;
	struct leg *phone;
	if (p->target == OWN_STAND || !standing_take(l, o.agent, seat, &phone))
		phone = leg_create(v, l, seat);
	CHECK(phone); /* agent_has_phone saw it */
	l->queue = p->queue;
	own->target = p->target;
	own->agent = phone->agent = o.agent;
	own->to = p->to;
	own->queue = phone->queue = p->queue;
	own->phone = phone->id;
	own->help = p->help;
	own->withheld = p->withheld;
	memcpy(own->number, p->number, sizeof own->number);
	memcpy(own->shown, p->shown, sizeof own->shown);
	if (!phone->wire_known)
		phone->wire.codec = CODEC_PCMA;
	if (p->target != OWN_NUMBER)
		l->customer = phone->id;
	if (p->target != OWN_STAND)
		own->loose = SEND(v->core, agent_dial, .contact = l->contact, .agent = o.agent,
				  .queue = p->queue) != ERR_OK;
	return own;
}

static bool works(struct voice *v, const struct object *user)
{
	return SEND(v->core, agent_dial, .agent = ID_AS(agent_id, user->id)) == ERR_CONFLICT;
}

enum err own_call_refused(enum err e, const struct command_call_out *cmd, const char *why)
{
	*cmd->why = str_of(why);
	return e;
}

static enum err explain(enum err e, const struct command_call_out *cmd, bool number)
{
	switch ((int)e) {
	case ERR_CONFLICT:
		return own_call_refused(e, cmd, "this agent cannot call himself");
	case ERR_INVALID:
		return own_call_refused(e, cmd, "is none of this tenant's numbers");
	case ERR_FORBIDDEN:
		return own_call_refused(e, cmd, "this number may not be called");
	case ERR_FULL:
		return own_call_refused(e, cmd, "no trunk has a place for this call");
	case ERR_NOT_FOUND:
		return number ? own_call_refused(ERR_CONFLICT, cmd, "no trunk carries this number")
			      : e;
	default:
		return e;
	}
}

enum err own_call_full(const struct command_call_out *cmd)
{
	return own_call_refused(ERR_FULL, cmd, "the server is full");
}

enum err own_call_may(struct voice *v, const struct command_call_out *cmd, bool help, bool working)
{
	if (v->closed || !v->media_ready)
		return own_call_refused(ERR_AGAIN, cmd, "the server is not ready for calls");
	if (v->pressed && !help) /* R20: calls of our own are the first that are not made */
		return own_call_refused(ERR_AGAIN, cmd,
					"more calls come than can be served: try again soon");
	if (!agent_has_phone(v, cmd->agent))
		return own_call_refused(ERR_CONFLICT, cmd, "no phone of this agent is ready");
	if (working)
		return own_call_refused(ERR_CONFLICT, cmd, "this agent works on a contact");
	return ERR_OK;
}

enum err own_call_out(struct voice *v, const struct command_call_out *cmd)
{
	if (cmd->test)
		return ring_me(v, cmd);
	struct own_plan p = {.tenant = objects_get(v->core->objects, ID(cmd->tenant)),
			     .user = objects_get(v->core->objects, ID(cmd->agent)),
			     .queue = cmd->queue,
			     .private = cmd->private,
			     .customer = cmd->customer};
	if (!p.tenant || !p.user)
		return ERR_NOT_FOUND;
	enum err e = own_plan_make(v, cmd->to, cmd->from, &p);
	if (e != ERR_OK)
		return explain(e, cmd, false);
	const struct tenant_config *home = &p.tenant->config->tenant_of;
	const bool help = toll_rule(&home->dial, str_of(p.number), home->country) == TOLL_HELP;
	e = own_call_may(v, cmd, help, works(v, p.user));
	if (e != ERR_OK)
		return e;
	e = own_plan_check(v, &p, false);
	if (e != ERR_OK)
		return explain(e, cmd, true);
	struct own_call *own = begin(v, &p);
	if (!own)
		return own_call_full(cmd);
	*cmd->out = own->line->contact;
	if (phone_of(own)->state == LEG_UP) { /* it stands */
		call_them(own);
		return ERR_OK;
	}
	agent_phone_begin(phone_of(own));
	own_call_until(own, v->core->now_ms + PHONE_RING_MS);
	return ERR_OK;
}

enum err own_call_stand(struct voice *v, struct agent_id agent, int64_t until_ms)
{
	struct own_plan p = {.user = objects_get(v->core->objects, ID(agent)), .target = OWN_STAND};
	if (!p.user || v->closed || !v->media_ready)
		return ERR_AGAIN;
	p.tenant = objects_find(v->core->objects, KIND_tenant, p.user->tenant, p.user->tenant);
	if (!p.tenant)
		return ERR_NOT_FOUND;
	number_normalise(p.user->config->user.phone_number, p.tenant->config->tenant_of.country,
			 p.number);
	struct own_call *own = begin(v, &p);
	if (!own)
		return ERR_FULL;
	agent_phone_begin(phone_of(own));
	own_call_until(own, until_ms);
	return ERR_OK;
}

static const struct object *caller_of(struct voice *v, const struct sip_event *ev,
				      const struct object **tenant)
{
	*tenant = ev->auth_user.n ? phones_tenant(v, ev->auth_realm) : NULL;
	return *tenant ? objects_find(v->core->objects, KIND_user, (*tenant)->name, ev->auth_user)
		       : NULL;
}

static uint32_t invited(struct voice *v, const struct sip_event *ev, struct own_plan *p,
			struct wire *w)
{
	static const struct str usual[] = {{"PCMA", 4}, {"PCMU", 4}};
	if (v->closed || !v->media_ready)
		return 503;
	enum err e = own_plan_make(v, ev->uri_user, STR_NONE, p);
	if (e == ERR_OK && ev->sdp && wire_from(ev->sdp, usual, COUNT_OF(usual), w) != ERR_OK)
		return 488;
	bool number = e == ERR_OK;
	if (e == ERR_OK)
		e = own_plan_check(v, p, works(v, p->user));
	if (e == ERR_NOT_FOUND)
		return number ? 503 : 404;
	return e == ERR_OK ? 200 : status_of(e);
}

bool own_call_invite(struct voice *v, const struct sip_event *ev)
{
	struct own_plan p = {0};
	struct wire w = {.codec = CODEC_PCMA, .pt = CODEC_PCMA, .dtmf_pt = DTMF_NONE};
	p.user = caller_of(v, ev, &p.tenant);
	if (!p.user)
		return false;
	p.withheld = ev->caller && ev->caller->withheld;
	uint32_t status = invited(v, ev, &p, &w);
	struct own_call *own = status == 200 ? begin(v, &p) : NULL;
	if (!own) {
		status = status == 200 ? 503 : status;
		v->refused++;
		log_line(LOG_INFO, "event=call_refused status=%u user=" STR_FMT " to=" STR_FMT,
			 status, STR_ARG(p.user->name), STR_ARG(str_head(ev->uri_user, 40)));
		sip_call_reject(v->sip, ev->call, status, status == 503 ? 5 : 0);
		return true;
	}
	struct leg *phone = phone_of(own);
	own->asked = true;
	phone->call = ev->call;
	phone->wire = w;
	phone->late_offer = !ev->sdp;
	sip_call_set_owner(v->sip, ev->call, phone);
	line_trace(phone);
	line_log(own->line, "call_out", phone, str_of(own->number));
	leg_order_open(phone);
	leg_patience(phone, 0);
	return true;
}

/* -- restart -- */

bool own_call_loads(struct leg *leg)
{
	return leg->state != LEG_OVER && setting_up(leg) != NULL;
}

/* The engine cancels what was ringing with its branch: rung anew, with what is left of the time. */
static void number_again(struct own_call *own)
{
	struct leg *leg = leg_get(own->line->voice, own->called);
	if (leg)
		leg_end(leg);
	own->line->joined = own->phone;
	if (own->until_ms <= own->line->voice->core->now_ms)
		fail(own, PARTY_system, DIAL_no_answer, 408);
	else if (dial_number(own) != ERR_OK)
		fail(own, PARTY_system, DIAL_failed, 503);
	else
		own_call_until(own, own->until_ms);
}

static void phone_again(struct own_call *own)
{
	struct line *l = own->line;
	struct leg *old = phone_of(own);
	struct leg *leg =
		leg_create(l->voice, l, own->target == OWN_NUMBER ? PARTY_agent : PARTY_customer);
	if (!leg) {
		fail(own, PARTY_system, DIAL_failed, 503);
		return;
	}
	leg->agent = own->agent;
	leg->queue = own->queue;
	leg->wire.codec = CODEC_PCMA;
	own->phone = leg->id;
	if (own->target != OWN_NUMBER)
		l->customer = leg->id;
	if (old)
		leg_end(old);
	agent_phone_begin(leg);
	own_call_until(own, own->until_ms);
}

/* Its legs are there; those that set it up wait for us. */
void own_call_loaded(struct line *l)
{
	struct own_call *own = l->own;
	if (own && own->target == OWN_TEST) {
		ring_me_loaded(l);
		return;
	}
	if (!own || l->disconnected || (own->state == OWN_TALK && !own->loose))
		return;
	struct leg *phone = phone_of(own);
	bool there = phone && phone->state != LEG_OVER && leg_lives(phone);
	if (own->state == OWN_PHONE && own->asked && there) {
		leg_patience(phone, 0); /* its port is asked for again */
	} else if (own->state == OWN_PHONE && !own->asked) {
		phone_again(own);
	} else if (!there) {
		line_disconnect(l, PARTY_system, STR("server_restart"), 0);
	} else if (own->state == OWN_CALLED && own->target == OWN_NUMBER) {
		number_again(own);
	}
}
