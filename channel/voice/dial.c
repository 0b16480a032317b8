/*
 * dial.c - a number called for a contact and joined to it (dial_out, dial_cancel): one at a time.
 *
 * What the called side plays before it answers is heard. The end is told once, whoever makes it:
 * busy, no_answer or failed without an answer, none after one.
 */
#include "channel/voice/line.h"

#define RING_MS 30000 /* when nobody said */

static void ring_over(struct timer *t, int64_t now_ms)
{
	struct line *l = t->arg;
	(void)now_ms;
	dial_over(l, DIAL_no_answer, PARTY_system, 408);
}

static void ring_start(struct line *l)
{
	struct core *c = l->voice->core;
	timer_start(&c->timers, &l->dial.ring, MAX(l->dial.ring_until_ms, c->now_ms), ring_over, l);
}

/* A leg with its port ordered; the first peer is chosen now, so that a refusal is known at once. */
static enum err new_leg(struct line *l)
{
	struct voice *v = l->voice;
	struct leg *customer = line_customer(l);
	struct leg *leg = leg_create(v, l, PARTY_callee);
	if (!leg)
		return ERR_FULL;
	(void)str_copy(str_of(l->dial.number), leg->way.number, sizeof leg->way.number);
	leg->wire.codec = customer->wire.codec;
	leg->way.user = l->dial.user;
	enum err e = outbound_reserve(leg);
	if (e != ERR_OK) {
		leg_end(leg);
		return e;
	}
	l->dial.leg = leg->id;
	l->dial.trunk = leg->way.trunk;
	leg_order_open(leg);
	leg_patience(leg, 0);
	return ERR_OK;
}

enum err dial_begin(struct line *l, const struct command_dial_out *cmd)
{
	struct voice *v = l->voice;
	struct core *c = v->core;
	const struct contact *k = contact_get(c, l->contact);
	const struct tenant_config *tenant = k ? tenant_config(c->objects, k->tenant) : NULL;
	struct leg *customer = line_customer(l);
	if (!tenant || l->disconnected || !customer || customer->state != LEG_UP ||
	    l->dial.state != DIALLED_NONE || !ID_NONE(l->joined))
		return ERR_CONFLICT;
	if (v->closed || !v->media_ready)
		return ERR_AGAIN;
	if (!cmd->number.n || cmd->number.n >= NUMBER_TEXT)
		return ERR_INVALID;
	l->dial = (struct dial){.began_ms = c->now_ms,
				.ring_until_ms =
					c->now_ms + (cmd->ring_ms > 0 ? cmd->ring_ms : RING_MS),
				.user = cmd->agent};
	number_normalise(cmd->number, tenant->country, l->dial.number);
	enum err e = new_leg(l);
	if (e != ERR_OK)
		return e;
	l->dial.state = DIALLED_RINGING;
	ring_start(l);
	line_music(l);
	line_touch(l);
	EMIT(c, dial, .contact = l->contact, .trunk = l->dial.trunk,
	     .number = str_of(l->dial.number));
	return ERR_OK;
}

enum err dial_cancel(struct line *l)
{
	if (l->dial.state == DIALLED_NONE)
		return ERR_CONFLICT;
	dial_over(l, l->dial.state == DIALLED_RINGING ? DIAL_no_answer : DIAL_none, PARTY_system,
		  0);
	return ERR_OK;
}

/* The line whose dial this leg is; NULL: it only ends. */
static struct line *dialling(struct leg *leg)
{
	struct line *l = line_of(leg->voice, leg->contact);
	return l && l->dial.state != DIALLED_NONE && ID_EQ(l->dial.leg, leg->id) ? l : NULL;
}

void dial_sounds(struct leg *leg, const struct sip_event *ev)
{
	struct line *l = dialling(leg);
	struct wire w;
	leg->way.rang = true;
	if (!l || l->dial.state != DIALLED_RINGING || !ev->sdp ||
	    leg_wire_agreed(leg, ev->sdp, &w) != ERR_OK)
		return;
	line_hush(l);
	leg_set_wire(leg, &w);
	line_join(l, leg);
	line_music(l);
}

void dial_answered(struct leg *leg, const struct sip_event *ev)
{
	struct voice *v = leg->voice;
	struct line *l = dialling(leg);
	struct wire w;
	if (!l || l->dial.state != DIALLED_RINGING || !ev->sdp ||
	    leg_wire_agreed(leg, ev->sdp, &w) != ERR_OK) {
		leg_not_reached(leg, 488);
		return;
	}
	leg->state = LEG_UP;
	leg_set_wire(leg, &w);
	l->dial.state = DIALLED_TALKING;
	l->dial.answered_ms = v->core->now_ms;
	l->dial.trunk = leg->way.trunk;
	timer_stop(&v->core->timers, &l->dial.ring);
	line_hush(l);
	line_music(l);
	line_join(l, leg);
	line_log(l, "dial_answer", leg, str_of(l->dial.number));
	EMIT(v->core, dial_answer, .contact = l->contact, .trunk = l->dial.trunk,
	     .number = str_of(l->dial.number), .ring_ms = l->dial.answered_ms - l->dial.began_ms);
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
	struct line *l = dialling(leg);
	if (l)
		dial_over(l, refusal(status), PARTY_callee, status);
	else
		leg_end(leg);
}

void dial_hung_up(struct leg *leg, enum party by, uint32_t status)
{
	struct line *l = dialling(leg);
	if (l)
		dial_over(l, DIAL_none, by, status);
}

void dial_over(struct line *l, enum dial_result result, enum party by, uint32_t sip_code)
{
	struct voice *v = l->voice;
	struct dial was = l->dial;
	struct leg *leg = leg_get(v, was.leg);
	if (was.state == DIALLED_NONE)
		return;
	timer_stop(&v->core->timers, &l->dial.ring);
	l->dial.state = DIALLED_NONE;
	if (ID_EQ(l->joined, was.leg))
		line_part(l);
	l->holds &= ~BIT(PARTY_callee);
	line_music(l);
	line_touch(l);
	if (leg) {
		was.trunk = ID_NONE(leg->way.trunk) ? was.trunk : leg->way.trunk;
		leg_end(leg);
	}
	EMIT(v->core, dial_end, .contact = l->contact, .trunk = was.trunk,
	     .number = str_of(was.number), .result = result, .by = by, .sip_code = sip_code,
	     .talk_ms = was.state == DIALLED_TALKING ? v->core->now_ms - was.answered_ms : 0);
}

/* After a restart: a call that was ringing is cancelled by the engine and made anew, with what is
 * left of its time; one that is talked over goes on while its dialog does. */
void dial_loaded(struct line *l)
{
	struct voice *v = l->voice;
	struct leg *leg = leg_get(v, l->dial.leg);
	if (l->dial.state == DIALLED_NONE || l->disconnected)
		return;
	if (l->dial.state == DIALLED_TALKING) {
		if (!leg || leg->state != LEG_UP || ID_NONE(leg->call))
			dial_over(l, DIAL_none, PARTY_system, 0);
		return;
	}
	if (ID_EQ(l->joined, l->dial.leg))
		line_part(l);
	if (leg) {
		l->dial.user = leg->way.user;
		leg_end(leg);
	}
	l->dial.leg = (struct leg_id){0};
	if (l->dial.ring_until_ms <= v->core->now_ms || !line_customer(l))
		dial_over(l, DIAL_no_answer, PARTY_system, 408);
	else if (new_leg(l) != ERR_OK)
		dial_over(l, DIAL_failed, PARTY_system, 503);
	else
		ring_start(l);
}
