/* contact.c - one contact as it is now: facts into its row; see inside.h. */
#include <stdlib.h>

#include "live/inside.h"

void live_set_text(char *out, size_t room, struct str s)
{
	if (!str_copy(s, out, room)) /* longer than any valid one: keep what fits */
		(void)str_copy(str_head(s, room - 1), out, room);
}

struct live_contact *contact_make(struct uuid id)
{
	struct live_contact *c = xcalloc(1, sizeof *c);
	c->id = id;
	return c;
}

void contact_free(struct live_contact *c)
{
	if (!c)
		return;
	free(c->offers.at);
	free(c->parties.at);
	free(c->wraps.at);
	free(c->help.text);
	free(c);
}

/* -- who is on it -- */

static struct live_party *party_of(struct live_contact *c, enum live_party_kind kind, struct str id)
{
	for (uint32_t i = c->parties.count; i-- > 0;)
		if (c->parties.at[i].kind == kind && str_is(id, c->parties.at[i].id))
			return &c->parties.at[i];
	return NULL;
}

static struct live_party *party_add(struct live_contact *c, enum live_party_kind kind,
				    struct str id, enum live_party_state state, int64_t at)
{
	struct live_party *p = LIST_ADD(&c->parties);
	p->kind = kind;
	SET(p->id, id);
	p->state = state;
	p->since_at = at;
	return p;
}

static void party_move(struct live_party *p, enum live_party_state to, int64_t at)
{
	if (!p || p->state == to)
		return;
	p->state = to;
	p->since_at = at;
}

static void party_drop(struct live_contact *c, const struct live_party *p)
{
	if (p)
		LIST_DROP(&c->parties, (uint32_t)(p - c->parties.at));
}

/* An agent who has the contact: not one who began it and has the customer's place. */
static bool serves(const struct live_party *p)
{
	return p->kind == LIVE_AGENT && !p->caller;
}

static const struct live_party *first_agent(const struct live_contact *c)
{
	for (uint32_t i = 0; i < c->parties.count; i++)
		if (serves(&c->parties.at[i]))
			return &c->parties.at[i];
	return NULL;
}

bool contact_held(const struct live_contact *c)
{
	const struct live_party *any = NULL;
	for (uint32_t i = 0; i < c->parties.count; i++) {
		const struct live_party *p = &c->parties.at[i];
		if (!serves(p))
			continue;
		any = p;
		if (c->consult.since_at || p->state != LIVE_HELD) /* who came first has him */
			return p->state == LIVE_HELD;
	}
	return any != NULL;
}

static bool has(const struct live_contact *c, enum live_party_kind kind,
		enum live_party_state state)
{
	for (uint32_t i = 0; i < c->parties.count; i++)
		if (c->parties.at[i].kind == kind && c->parties.at[i].state == state)
			return true;
	return false;
}

/* The same words in the same order as a record's (report/record.h). */
static enum contact_state state_of(const struct live_contact *c)
{
	if (first_agent(c))
		return contact_held(c) ? CONTACT_held : CONTACT_talking;
	if (c->offers.count)
		return CONTACT_offered;
	if (c->park.until_at)
		return CONTACT_parked;
	if (c->enqueued_at)
		return CONTACT_waiting;
	if (c->flow[0])
		return CONTACT_flow;
	if (has(c, LIVE_AGENT, LIVE_DIALLING)) /* somebody's telephone rings */
		return CONTACT_offered;
	if (has(c, LIVE_NUMBER, LIVE_TALKING))
		return CONTACT_talking;
	if (c->wraps.count)
		return CONTACT_wrapping;
	return c->disconnected_at ? CONTACT_ended : CONTACT_flow;
}

/* -- facts -- */

static void on_arrive(struct live_contact *c, const struct fact *f)
{
	const struct fact_arrive *a = &f->arrive;
	c->channel = a->channel;
	c->direction = a->direction;
	SET(c->from, a->from);
	SET(c->to, a->to);
	SET(c->agent, a->agent);
	SET(c->customer, a->customer);
	SET(c->flow, a->flow);
	c->private = a->private;
	c->test = a->test;
	c->arrived_at = f->at_ms;
}

static void flow_over(struct live_contact *c)
{
	c->flow[0] = c->node[0] = c->via_flow[0] = c->via_node[0] = '\0';
}

/* He waits where this node sent him; it is told as long as he does. */
static void flow_left(struct live_contact *c)
{
	if (c->node[0]) {
		memcpy(c->via_flow, c->flow, sizeof c->via_flow);
		memcpy(c->via_node, c->node, sizeof c->via_node);
	}
	c->flow[0] = c->node[0] = '\0';
}

static void on_flow_step(struct live_contact *c, const struct fact *f)
{
	if (first_agent(c) || c->enqueued_at || c->disconnected_at)
		return;
	flow_over(c);
	SET(c->flow, f->flow_step.flow);
	SET(c->node, f->flow_step.node);
}

static void on_enqueue(struct live_contact *c, const struct fact *f)
{
	flow_left(c);
	SET(c->queue, f->enqueue.queue);
	c->enqueued_at = f->at_ms;
	c->priority_min = f->enqueue.priority_min;
	SET(c->consults, f->enqueue.consults);
}

static void on_dequeue(struct live_contact *c, const struct fact *f)
{
	if (!str_is(f->dequeue.queue, c->queue))
		return;
	c->enqueued_at = 0;
	c->priority_min = 0;
	c->consults[0] = '\0';
}

static uint32_t offer_at(const struct live_contact *c, struct str agent)
{
	uint32_t i = 0;
	while (i < c->offers.count && !str_is(agent, c->offers.at[i].agent))
		i++;
	return i;
}

static void offer_drop(struct live_contact *c, struct str agent)
{
	const uint32_t i = offer_at(c, agent);
	if (i < c->offers.count)
		LIST_DROP(&c->offers, i);
}

static void on_offer(struct live_contact *c, const struct fact *f)
{
	struct live_offer *o = LIST_ADD(&c->offers);
	SET(o->agent, f->offer.agent);
	o->at = f->at_ms;
	o->until_at = f->at_ms + f->offer.ring_ms;
}

static void on_offer_end(struct live_contact *c, const struct fact *f)
{
	const uint32_t i = offer_at(c, f->offer_end.agent);
	if (i == c->offers.count)
		return;
	if (f->offer_end.result == OFFER_accepted) /* it is his until he has it */
		c->offers.at[i].accepted = true;
	else
		LIST_DROP(&c->offers, i);
}

static void on_answer(struct live_contact *c, const struct fact *f)
{
	const struct str agent = f->answer.agent;
	struct live_party *p = party_of(c, LIVE_AGENT, agent);
	flow_over(c);
	offer_drop(c, agent);
	if (!first_agent(c)) /* else he is asked for advice, or joins */
		SET(c->agent, agent);
	if (!p)
		p = party_add(c, LIVE_AGENT, agent, LIVE_TALKING, f->at_ms);
	party_move(p, LIVE_TALKING, f->at_ms);
	p->caller = false; /* the number he called answered: his customer */
}

static uint32_t wrap_at(const struct live_contact *c, struct str agent)
{
	uint32_t i = 0;
	while (i < c->wraps.count && !str_is(agent, c->wraps.at[i].agent))
		i++;
	return i;
}

/* The one that is open already goes on. */
static struct live_wrap *wrap_begin(struct live_contact *c, struct str agent, struct str queue,
				    int64_t at)
{
	const uint32_t i = wrap_at(c, agent);
	if (i < c->wraps.count)
		return &c->wraps.at[i];
	struct live_wrap *w = LIST_ADD(&c->wraps);
	SET(w->agent, agent);
	SET(w->queue, queue);
	w->since_at = at;
	return w;
}

static void on_agent_end(struct live_contact *c, const struct fact *f)
{
	const struct live_party *left = f->agent_end.agent.n
						? party_of(c, LIVE_AGENT, f->agent_end.agent)
						: first_agent(c); /* lost with his image */
	party_drop(c, left);
	if (f->agent_end.wraps) /* now, so that it is his all the time */
		wrap_begin(c, f->agent_end.agent, f->agent_end.queue, f->at_ms);
	const struct live_party *other = first_agent(c);
	if (other && str_is(f->agent_end.agent, c->agent))
		SET(c->agent, str_of(other->id));
}

static void on_agent_dial(struct live_contact *c, const struct fact *f)
{
	SET(c->agent, f->agent_dial.agent);
	SET(c->queue, f->agent_dial.queue);
	party_add(c, LIVE_AGENT, f->agent_dial.agent, LIVE_DIALLING, f->at_ms)->caller = true;
}

/* A colleague he called answered: of that there is no event of his own. */
static void on_work(struct live_contact *c, const struct fact *f)
{
	struct live_party *p = party_of(c, LIVE_AGENT, f->agent_work.agent);
	if (p && p->state == LIVE_DIALLING && f->agent_work.to == WORK_talking)
		party_move(p, LIVE_TALKING, f->at_ms);
}

static void on_conference(struct live_contact *c, struct str agent, bool on)
{
	struct live_party *p = party_of(c, LIVE_AGENT, agent);
	if (p)
		p->conference = on;
}

static struct live_party *called(struct live_contact *c, struct str number, uint32_t callee)
{
	for (uint32_t i = c->parties.count; i-- > 0;) {
		struct live_party *p = &c->parties.at[i];
		if (p->kind == LIVE_NUMBER && p->callee == callee &&
		    str_eq(str_of(p->id), str_head(number, LIVE_TEXT - 1)))
			return p;
	}
	return NULL;
}

static void on_dial(struct live_contact *c, const struct fact *f)
{
	party_add(c, LIVE_NUMBER, f->dial.number, LIVE_RINGING, f->at_ms)->callee = f->dial.callee;
}

static void on_mute(struct live_contact *c, enum party party, struct str name, bool on)
{
	static const enum live_party_kind kinds[PARTY_COUNT] = {[PARTY_agent] = LIVE_AGENT,
								[PARTY_callee] = LIVE_NUMBER,
								[PARTY_supervisor] =
									LIVE_SUPERVISOR};
	if (party == PARTY_customer)
		c->muted = on;
	if (party == PARTY_customer || party == PARTY_system)
		return;
	struct live_party *p = party_of(c, kinds[party], name);
	if (p)
		p->muted = on;
}

static enum live_party_state watches(enum monitor_mode mode)
{
	return mode == MONITOR_whisper ? LIVE_WHISPER
	       : mode == MONITOR_barge ? LIVE_BARGE
				       : LIVE_LISTEN;
}

static void on_wrap_start(struct live_contact *c, const struct fact *f)
{
	struct live_wrap *w = wrap_begin(c, f->wrap_start.agent, f->wrap_start.queue, f->at_ms);
	w->until_at = f->wrap_start.limit_ms ? f->at_ms + f->wrap_start.limit_ms : 0;
}

static void on_wrap_extended(struct live_contact *c, const struct fact *f)
{
	const uint32_t i = wrap_at(c, f->wrap_extended.agent);
	if (i < c->wraps.count && c->wraps.at[i].until_at)
		c->wraps.at[i].until_at += f->wrap_extended.by_ms;
}

static void on_wrap_end(struct live_contact *c, const struct fact *f)
{
	const uint32_t i = wrap_at(c, f->wrap_end.agent);
	if (i < c->wraps.count)
		LIST_DROP(&c->wraps, i);
}

static void on_park(struct live_contact *c, const struct fact *f)
{
	SET(c->park.agent, f->park.agent);
	SET(c->park.queue, f->park.queue);
	c->park.slot = f->park.slot;
	c->park.until_at = f->at_ms + f->park.timeout_ms;
}

static void park_over(struct live_contact *c)
{
	memset(&c->park, 0, sizeof c->park);
}

static void on_recording_end(struct live_contact *c, const struct fact *f)
{
	if (!str_is(f->recording_end.recording, c->recording))
		return; /* of an earlier talk: its file is whole only now */
	c->recording[0] = '\0';
	c->paused = false;
}

static void on_disconnect(struct live_contact *c, const struct fact *f)
{
	c->disconnected_at = f->at_ms;
	c->ended_by = f->disconnect.by;
	flow_over(c);
	park_over(c);
}

/* Who leads it: queues, offers, agents. False: of another kind. */
static bool served(struct live_contact *c, const struct fact *f)
{
	switch ((int)f->kind) {
	case EV_enqueue:
		on_enqueue(c, f);
		return true;
	case EV_place_resumed:
		c->priority_min = f->place_resumed.priority_min;
		return true;
	case EV_prioritised:
		c->priority_min = f->prioritised.priority_min;
		return true;
	case EV_dequeue:
		on_dequeue(c, f);
		return true;
	case EV_offer:
		on_offer(c, f);
		return true;
	case EV_offer_end:
		on_offer_end(c, f);
		return true;
	case EV_answer:
		on_answer(c, f);
		return true;
	case EV_agent_end:
		on_agent_end(c, f);
		return true;
	case EV_agent_dial:
		on_agent_dial(c, f);
		return true;
	case EV_agent_dial_end:
		party_drop(c, party_of(c, LIVE_AGENT, f->agent_dial_end.agent));
		return true;
	case EV_agent_work:
		on_work(c, f);
		return true;
	case EV_wrap_start:
		on_wrap_start(c, f);
		return true;
	case EV_wrap_extended:
		on_wrap_extended(c, f);
		return true;
	case EV_wrap_end:
		on_wrap_end(c, f);
		return true;
	}
	return false;
}

/* What is done with it while it is spoken on. */
static bool spoken(struct live_contact *c, const struct fact *f)
{
	switch ((int)f->kind) {
	case EV_hold_on:
		party_move(party_of(c, LIVE_AGENT, f->hold_on.agent), LIVE_HELD, f->at_ms);
		return true;
	case EV_hold_off:
		party_move(party_of(c, LIVE_AGENT, f->hold_off.agent), LIVE_TALKING, f->at_ms);
		return true;
	case EV_conf_on:
		on_conference(c, f->conf_on.agent, true);
		return true;
	case EV_conf_off:
		on_conference(c, f->conf_off.agent, false);
		return true;
	case EV_consult_start:
		SET(c->consult.agent, f->consult_start.agent);
		SET(c->consult.name, f->consult_start.name);
		c->consult.target = f->consult_start.target;
		c->consult.since_at = f->at_ms;
		return true;
	case EV_consult_end:
		memset(&c->consult, 0, sizeof c->consult);
		return true;
	case EV_park:
		on_park(c, f);
		return true;
	case EV_park_end:
		park_over(c);
		return true;
	case EV_mute_on:
		on_mute(c, f->mute_on.party, f->mute_on.name, true);
		return true;
	case EV_mute_off:
		on_mute(c, f->mute_off.party, f->mute_off.name, false);
		return true;
	case EV_help_wanted:
		free(c->help.text);
		c->help.text = str_dup(f->help_wanted.text);
		SET(c->help.agent, f->help_wanted.agent);
		c->help.since_at = f->at_ms;
		return true;
	case EV_help_end:
		c->help.since_at = 0;
		return true;
	case EV_monitor_start:
		(void)party_add(c, LIVE_SUPERVISOR, f->monitor_start.agent,
				watches(f->monitor_start.mode), f->at_ms);
		return true;
	case EV_monitor_end:
		party_drop(c, party_of(c, LIVE_SUPERVISOR, f->monitor_end.agent));
		return true;
	case EV_record_pause:
	case EV_record_resume:
		c->paused = c->recording[0] && f->kind == EV_record_pause;
		return true;
	case EV_recording_start:
		SET(c->recording, f->recording_start.recording);
		c->paused = false;
		return true;
	case EV_recording_end:
		on_recording_end(c, f);
		return true;
	}
	return false;
}

/* Where it comes from, the numbers called for it, and its end. */
static void lines(struct live_contact *c, const struct fact *f)
{
	switch ((int)f->kind) {
	case EV_arrive:
		on_arrive(c, f);
		break;
	case EV_diverted:
		SET(c->diverted, f->diverted.number);
		break;
	case EV_identity:
		SET(c->verstat, f->identity.verstat);
		break;
	case EV_customer_linked:
		/* what a person said is not undone by the house */
		if (!c->customer[0] || !str_is(f->customer_linked.how, "exact"))
			SET(c->customer, f->customer_linked.customer);
		break;
	case EV_flow_step:
		on_flow_step(c, f);
		break;
	case EV_ivr_end:
		flow_left(c);
		break;
	case EV_dial:
		on_dial(c, f);
		break;
	case EV_dial_answer:
		party_move(called(c, f->dial_answer.number, f->dial_answer.callee), LIVE_TALKING,
			   f->at_ms);
		break;
	case EV_dial_end:
		party_drop(c, called(c, f->dial_end.number, f->dial_end.callee));
		break;
	case EV_disconnect:
		on_disconnect(c, f);
		break;
	}
}

bool contact_apply(struct live_contact *c, const struct fact *f)
{
	const enum contact_state was = c->state;
	c->seq = f->seq;
	if (!served(c, f) && !spoken(c, f))
		lines(c, f);
	c->state = state_of(c);
	if (c->state != was || f->kind == EV_arrive)
		c->since_at = f->at_ms;
	return f->kind == EV_ended;
}
