/*
 * caller.c - one who rings, presses a key, waits, and talks or gives up.
 *
 *   CALLING ──200──▶ LISTENING ──an agent of ours picks up──▶ TALKING ──▶ (over)
 *      └─ hasty ─▶ ENDING ◀── patience ─┘                        │ who ends it: the dice
 */
#include <stdlib.h>

#include "crowd/inner.h"

static struct talker *talker_of(struct timer *t)
{
	return t->arg;
}

/* The last nine digits: the server may write the number with or without its country. */
static struct str short_number(struct str number)
{
	return number.n > 9 ? str_from(number, number.n - 9) : number;
}

struct talker *caller_find(struct crowd *c, struct str number)
{
	return map_get(&c->callers, short_number(number));
}

void caller_hang_up(struct talker *t)
{
	if (t->state == TALKER_ENDING)
		return;
	t->state = TALKER_ENDING;
	t->sends = false;
	sip_call_end(t->line->sip, t->call); /* t may be gone now */
}

static void gives_up(struct timer *timer, int64_t now_ms)
{
	struct talker *t = talker_of(timer);
	(void)now_ms;
	t->line->crowd->r.gave_up++;
	caller_hang_up(t);
}

static void presses(struct timer *timer, int64_t now_ms)
{
	struct talker *t = talker_of(timer);
	struct crowd *c = t->line->crowd;
	(void)now_ms;
	const char *keys = c->o->keys;
	talker_press(t, keys[dice_below(&c->dice, (uint32_t)strlen(keys))]);
}

void caller_arrive(struct crowd *c)
{
	const struct crowd_options *o = c->o;
	struct line *l = c->carrier;
	struct talker *t = talker_create(l);
	struct sdp_audio offer;
	char uri_text[160];

	c->serial++;
	struct buf number = buf_make(t->number, sizeof t->number - 1);
	buf_fmt(&number, "%09u", 601000000u + c->serial % 99000000u);
	if (map_add(&c->callers, str_of(t->number), t))
		t->number[0] = 0; /* after 99 million calls one is still there: he stays unknown */

	char from[20];
	struct buf from_user = buf_make(from, sizeof from);
	buf_fmt(&from_user, "+48%09u", 601000000u + c->serial % 99000000u);
	struct buf uri = buf_make(uri_text, sizeof uri_text);
	buf_fmt(&uri, "sip:%s@%s", o->numbers[dice_below(&c->dice, o->number_count)], o->sip);
	talker_sdp(t, NULL, &offer);
	const struct sip_invite invite = {
		.uri = buf_str(&uri),
		.to = l->server,
		.from_user = buf_str(&from_user),
		.from_host = str_of(l->host),
		.sdp = offer,
		.owner = t,
	};
	c->r.started++;
	if (sip_call_start(l->sip, &invite, &t->call)) {
		c->r.failed++;
		talker_destroy(t);
		return;
	}
	c->now_calling++;
	t->state = TALKER_CALLING;
	if (dice_chance(&c->dice, o->hasty_share))
		timer_start(&c->timers, &t->timer, c->now_ms + dice_below(&c->dice, 2000), gives_up,
			    t);
}

static void answered(struct talker *t, const struct sip_event *ev)
{
	struct crowd *c = t->line->crowd;
	const struct crowd_options *o = c->o;
	c->r.answered++;
	delays_add(&c->answer, &c->dice, clock_mono_us() - t->began_us);
	talker_hear(t, ev->sdp);
	if (t->state != TALKER_CALLING)
		return; /* hung up while the 200 was on its way; the engine sends the BYE */
	t->state = TALKER_LISTENING;
	if (o->keys[0])
		timer_start(&c->timers, &t->key_timer,
			    c->now_ms + dice_lognormal_ms(&c->dice, o->key_ms, 0.3), presses, t);
	if (o->patience_ms && !timer_running(&t->timer))
		timer_start(&c->timers, &t->timer,
			    c->now_ms + dice_exp_ms(&c->dice, o->patience_ms), gives_up, t);
}

void caller_talks(struct talker *t, struct talker *phone)
{
	struct crowd *c = t->line->crowd;
	if (t->state != TALKER_LISTENING)
		return;
	timer_stop(&c->timers, &t->timer);
	timer_stop(&c->timers, &t->key_timer);
	t->state = TALKER_TALKING;
	t->other = phone;
	phone->other = t;
	t->hears_talk = true;
	t->heard = 0;
	c->r.talked++;
}

void talk_over(struct talker *t)
{
	struct crowd *c = t->line->crowd;
	/* both send and one of them heard nothing in all the time: that is no talk */
	if (c->o->rtp && t->hears_talk && t->heard == 0)
		c->r.deaf_talks++;
	t->hears_talk = false;
	if (t->other)
		t->other->other = NULL;
	t->other = NULL;
}

static void over(struct talker *t, const struct sip_event *ev)
{
	struct crowd *c = t->line->crowd;
	if (t->state == TALKER_CALLING) {
		if (ev->over == SIP_OVER_REMOTE)
			c->r.refused++;
		else
			c->r.failed++;
	} else if (ev->over == SIP_OVER_TIMEOUT || ev->over == SIP_OVER_BROKEN) {
		c->r.failed++;
	}
	talk_over(t);
	c->now_calling--;
	talker_destroy(t);
}

/* Re-INVITE: take what we can of it; RFC 3264 section 8. */
static void reoffered(struct talker *t, const struct sip_event *ev)
{
	struct sdp_audio answer;
	if (!ev->sdp) { /* an offer is wanted of us */
		talker_sdp(t, NULL, &answer);
		sip_call_answer(t->line->sip, t->call, &answer);
		return;
	}
	talker_sdp(t, ev->sdp, &answer);
	talker_hear(t, ev->sdp);
	sip_call_answer(t->line->sip, t->call, answer.codec_count ? &answer : NULL);
}

void caller_event(struct line *l, const struct sip_event *ev)
{
	struct talker *t = ev->owner;
	if (ev->kind == SIP_INCOMING) {
		sip_call_reject(l->sip, ev->call, 480, 0); /* nobody rings the carrier */
		return;
	}
	if (!t)
		return;
	switch (ev->kind) {
	case SIP_ANSWERED:
		answered(t, ev);
		break;
	case SIP_REOFFER:
		reoffered(t, ev);
		break;
	case SIP_CALL_OVER:
		over(t, ev);
		break;
	case SIP_RINGING:
	case SIP_CONFIRMED:
	case SIP_REANSWER:
	case SIP_DIGIT:
	case SIP_REFER:
	case SIP_INCOMING:
		break;
	}
}
