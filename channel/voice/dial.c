/*
 * dial.c - numbers called for a contact (dial_out, dial_cancel), each known by its callee: 0 is a
 * flow's, joined to the customer; all others sit where seats_set says.
 *
 * What the called side plays before it answers is heard. The end is told once, whoever makes it:
 * busy, no_answer or failed without an answer, none after one.
 */
#include "channel/voice/line.h"

#define RING_MS 30000 /* when nobody said */

struct dial *dial_of(struct line *l, uint32_t callee)
{
	list_for_each (link, &l->dials) {
		struct dial *d = CONTAINER_OF(link, struct dial, link);
		if (d->callee == callee)
			return d;
	}
	return NULL;
}

struct dial *dial_by_leg(const struct leg *leg)
{
	struct line *l = line_of(leg->voice, leg->contact);
	if (!l)
		return NULL;
	list_for_each (link, &l->dials) {
		struct dial *d = CONTAINER_OF(link, struct dial, link);
		if (ID_EQ(d->leg, leg->id))
			return d;
	}
	return NULL;
}

struct dial *dial_take(struct line *l)
{
	struct id id;
	struct dial *d = pool_take(l->voice->dials, &id);
	if (!d)
		return NULL;
	d->line = l;
	list_push(&l->dials, &d->link);
	return d;
}

static void give_back(struct dial *d)
{
	struct voice *v = d->line->voice;
	timer_stop(&v->core->timers, &d->ring);
	list_remove(&d->link);
	pool_give(v->dials, d);
}

void dial_forget_all(struct line *l)
{
	list_for_each (link, &l->dials)
		give_back(CONTAINER_OF(link, struct dial, link));
}

static void ring_over(struct timer *t, int64_t now_ms)
{
	(void)now_ms;
	dial_over(t->arg, DIAL_no_answer, PARTY_system, 408);
}

static void ring_start(struct dial *d)
{
	struct core *c = d->line->voice->core;
	timer_start(&c->timers, &d->ring, MAX(d->ring_until_ms, c->now_ms), ring_over, d);
}

/* A leg with its port ordered; the first peer is chosen now, so that a refusal is known at once. */
static enum err new_leg(struct dial *d)
{
	struct line *l = d->line;
	const struct leg *customer = line_customer(l);
	struct leg *leg = leg_create(l->voice, l, PARTY_callee);
	if (!leg)
		return ERR_FULL;
	(void)str_copy(str_of(d->number), leg->way.number, sizeof leg->way.number);
	if (customer)
		leg->wire.codec = customer->wire.codec;
	leg->way.user = d->user;
	enum err e = outbound_reserve(leg);
	if (e != ERR_OK) {
		leg_end(leg);
		return e;
	}
	d->leg = leg->id;
	d->trunk = leg->way.trunk;
	leg_order_open(leg);
	leg_patience(leg, 0);
	return ERR_OK;
}

/* A flow's callee takes the place of the agent beside the customer. */
static bool may_begin(struct line *l, uint32_t callee)
{
	const struct leg *customer = line_customer(l);
	if (l->disconnected || dial_of(l, callee))
		return false;
	return callee || (customer && customer->state == LEG_UP && ID_NONE(l->joined));
}

enum err dial_begin(struct line *l, const struct command_dial_out *cmd)
{
	struct voice *v = l->voice;
	struct core *c = v->core;
	const struct contact *k = contact_get(c, l->contact);
	const struct tenant_config *tenant = k ? tenant_config(c->objects, k->tenant) : NULL;
	if (!tenant || !may_begin(l, cmd->callee))
		return ERR_CONFLICT;
	if (v->closed || !v->media_ready)
		return ERR_AGAIN;
	if (!cmd->number.n || cmd->number.n >= NUMBER_TEXT)
		return ERR_INVALID;
	struct dial *d = dial_take(l);
	if (!d)
		return ERR_FULL;
	d->callee = cmd->callee;
	d->began_ms = c->now_ms;
	d->ring_until_ms = c->now_ms + (cmd->ring_ms > 0 ? cmd->ring_ms : RING_MS);
	d->user = cmd->agent;
	number_normalise(cmd->number, tenant->country, d->number);
	enum err e = new_leg(d);
	if (e != ERR_OK) {
		give_back(d);
		return e;
	}
	d->state = DIALLED_RINGING;
	ring_start(d);
	line_music(l);
	line_touch(l);
	EMIT(c, dial, .contact = l->contact, .trunk = d->trunk, .number = str_of(d->number),
	     .callee = d->callee);
	return ERR_OK;
}

enum err dial_cancel(struct line *l, uint32_t callee)
{
	struct dial *d = dial_of(l, callee);
	if (!d)
		return ERR_CONFLICT;
	dial_over(d, d->state == DIALLED_RINGING ? DIAL_no_answer : DIAL_none, PARTY_system, 0);
	return ERR_OK;
}

/* The customer hears a flow's callee; whoever else is called sits where call/ says. */
static void sits(struct dial *d, struct leg *leg)
{
	if (!d->callee)
		line_join(d->line, leg);
	else
		line_hear(d->line);
}

void dial_sounds(struct leg *leg, const struct sip_event *ev)
{
	struct dial *d = dial_by_leg(leg);
	struct wire w;
	leg->way.rang = true;
	if (!d || d->state != DIALLED_RINGING || !ev->sdp ||
	    leg_wire_agreed(leg, ev->sdp, &w) != ERR_OK)
		return;
	if (!d->callee)
		line_hush(d->line);
	leg_set_wire(leg, &w);
	sits(d, leg);
	line_music(d->line);
}

void dial_answered(struct leg *leg, const struct sip_event *ev)
{
	struct voice *v = leg->voice;
	struct dial *d = dial_by_leg(leg);
	struct wire w;
	if (!d || d->state != DIALLED_RINGING || !ev->sdp ||
	    leg_wire_agreed(leg, ev->sdp, &w) != ERR_OK) {
		leg_not_reached(leg, 488);
		return;
	}
	leg->state = LEG_UP;
	leg_set_wire(leg, &w);
	d->state = DIALLED_TALKING;
	d->answered_ms = v->core->now_ms;
	d->trunk = leg->way.trunk;
	timer_stop(&v->core->timers, &d->ring);
	line_touch(d->line);
	if (!d->callee)
		line_hush(d->line);
	line_music(d->line);
	sits(d, leg);
	line_log(d->line, "dial_answer", leg, str_of(d->number));
	EMIT(v->core, dial_answer, .contact = leg->contact, .trunk = d->trunk,
	     .number = str_of(d->number), .ring_ms = d->answered_ms - d->began_ms,
	     .callee = d->callee);
}

/* What a refusal means for who waits. RFC 3261 section 21 */
static enum dial_result refusal(uint32_t status)
{
	if (status == 486 || status == 600 || status == 603)
		return DIAL_busy;
	if (status == 408 || status == 480 || status == 487)
		return DIAL_no_answer;
	return DIAL_failed;
}

void dial_failed(struct leg *leg, uint32_t status)
{
	struct dial *d = dial_by_leg(leg);
	if (d)
		dial_over(d, refusal(status), PARTY_callee, status);
	else
		leg_end(leg);
}

void dial_hung_up(struct leg *leg, enum party by, uint32_t status)
{
	struct dial *d = dial_by_leg(leg);
	if (d)
		dial_over(d, DIAL_none, by, status);
}

void dial_over(struct dial *d, enum dial_result result, enum party by, uint32_t sip_code)
{
	struct line *l = d->line;
	struct voice *v = l->voice;
	struct leg *leg = leg_get(v, d->leg);
	const struct dial was = *d;
	const struct trunk_id trunk =
		leg && !ID_NONE(leg->way.trunk) ? leg->way.trunk : was.trunk; /* tried last */
	give_back(d);
	if (leg)
		leg_end(leg);
	line_leaves(l);
	EMIT(v->core, dial_end, .contact = l->contact, .trunk = trunk, .number = str_of(was.number),
	     .result = result, .by = by, .sip_code = sip_code,
	     .talk_ms = was.state == DIALLED_TALKING ? v->core->now_ms - was.answered_ms : 0,
	     .callee = was.callee);
}

void dial_over_all(struct line *l, enum party by)
{
	list_for_each (link, &l->dials) {
		struct dial *d = CONTAINER_OF(link, struct dial, link);
		dial_over(d, d->state == DIALLED_RINGING ? DIAL_no_answer : DIAL_none, by, 0);
	}
}

/* After a restart: a call that was ringing is cancelled by the engine and made anew, with what is
 * left of its time; one that is talked over goes on while its dialog does. */
static void loaded(struct dial *d)
{
	struct line *l = d->line;
	struct voice *v = l->voice;
	struct leg *leg = leg_get(v, d->leg);
	if (d->state == DIALLED_TALKING) {
		if (!leg || leg->state != LEG_UP || ID_NONE(leg->call))
			dial_over(d, DIAL_none, PARTY_system, 0);
		return;
	}
	if (leg) {
		d->user = leg->way.user;
		leg_end(leg);
	}
	d->leg = (struct leg_id){0};
	line_leaves(l);
	if (d->ring_until_ms <= v->core->now_ms || (!d->callee && !line_customer(l)))
		dial_over(d, DIAL_no_answer, PARTY_system, 408);
	else if (new_leg(d) != ERR_OK)
		dial_over(d, DIAL_failed, PARTY_system, 503);
	else
		ring_start(d);
}

void dial_loaded(struct line *l)
{
	list_for_each (link, &l->dials)
		if (!l->disconnected)
			loaded(CONTAINER_OF(link, struct dial, link));
}
