/*
 * phone.c - the agents' phones: all on one address, told apart by the user part of the request URI.
 *
 *   RINGING ──pick up──▶ TALKING ──▶ (over)
 *      └── let ring, cancelled ─────────▲
 */
#include "crowd/inner.h"

static void hangs_up(struct timer *timer, int64_t now_ms)
{
	struct talker *t = timer->arg;
	struct crowd *c = t->line->crowd;
	(void)now_ms;
	if (t->other && !dice_chance(&c->dice, c->o->agent_ends_share)) {
		caller_hang_up(t->other);
		return;
	}
	t->state = TALKER_ENDING;
	t->sends = false;
	sip_call_end(t->line->sip, t->call);
}

static void picks_up(struct timer *timer, int64_t now_ms)
{
	struct talker *t = timer->arg;
	(void)now_ms;
	struct sdp_audio answer;
	/* the offer was heard when it came; the answer says the same codec in the same numbers */
	struct sdp_audio theirs = {.port = t->to.port, .codec_count = 1};
	theirs.codecs[0] =
		(struct sdp_codec){t->pt == 8 ? STR("PCMA") : STR("PCMU"), 8000, t->pt, STR_NONE};
	if (t->dtmf_pt)
		theirs.codecs[theirs.codec_count++] =
			(struct sdp_codec){STR("telephone-event"), 8000, t->dtmf_pt, STR_NONE};
	talker_sdp(t, &theirs, &answer);
	sip_call_accept(t->line->sip, t->call, &answer);
}

static uint32_t agent_of(const struct crowd *c, struct str user)
{
	uint32_t i = 0;
	while (i < c->o->agent_count && !str_is(user, c->o->agents[i].user))
		i++;
	return i;
}

static void rings(struct line *l, const struct sip_event *ev)
{
	struct crowd *c = l->crowd;
	const struct crowd_options *o = c->o;
	const uint32_t agent = agent_of(c, ev->uri_user);
	struct sdp_audio answer;
	c->r.offers++;
	if (agent == o->agent_count) {
		sip_call_reject(l->sip, ev->call, 404, 0);
		return;
	}
	if (o->agent_calls && c->agent_calls[agent] >= o->agent_calls) {
		sip_call_reject(l->sip, ev->call, 486, 0);
		return;
	}
	struct talker *t = talker_create(l);
	t->call = ev->call;
	t->agent = agent;
	t->state = TALKER_RINGING;
	talker_hear(t, ev->sdp);
	t->sends = false; /* not before the talk */
	if (ev->sdp)
		talker_sdp(t, ev->sdp, &answer);
	if (!ev->sdp || !answer.codec_count || !t->to.port) {
		sip_call_reject(l->sip, ev->call, 488, 0);
		talker_destroy(t);
		return;
	}
	c->agent_calls[agent]++;
	sip_call_set_owner(l->sip, t->call, t);
	struct talker *caller = caller_find(c, ev->from_user);
	if (caller)
		delays_add(&c->ring, &c->dice, clock_mono_us() - caller->began_us);
	sip_call_ring(l->sip, t->call, 180, NULL);
	if (dice_chance(&c->dice, o->deaf_share)) {
		c->r.offers_let_ring++;
		return;
	}
	timer_start(&c->timers, &t->timer,
		    c->now_ms + (o->ring_ms ? dice_lognormal_ms(&c->dice, o->ring_ms, 0.5) : 0),
		    picks_up, t);
	if (caller && caller->number[0])
		CHECK(str_copy(str_of(caller->number), t->rung_by, sizeof t->rung_by));
}

static void talks(struct talker *t)
{
	struct crowd *c = t->line->crowd;
	const struct crowd_options *o = c->o;
	struct talker *caller = t->rung_by[0] ? caller_find(c, str_of(t->rung_by)) : NULL;
	if (t->state != TALKER_RINGING)
		return;
	c->r.offers_taken++;
	t->state = TALKER_TALKING;
	t->sends = o->rtp;
	t->hears_talk = true;
	if (caller)
		caller_talks(caller, t);
	uint32_t talk_ms =
		o->talk_fixed ? o->talk_ms : dice_lognormal_ms(&c->dice, o->talk_ms, 0.7);
	if (o->talk_count && t->talking) /* what there is to say, once or with a question more */
		talk_ms = o->talks[t->talk].samples / 8 +
			  (dice_chance(&c->dice, 0.3) ? dice_below(&c->dice, 40000) : 0);
	timer_start(&c->timers, &t->timer, c->now_ms + talk_ms, hangs_up, t);
}

static void over(struct talker *t)
{
	struct crowd *c = t->line->crowd;
	if (t->state == TALKER_RINGING)
		c->r.offers_cancelled++;
	CHECK(c->agent_calls[t->agent] > 0);
	c->agent_calls[t->agent]--;
	talk_over(t);
	talker_destroy(t);
}

void phone_event(struct line *l, const struct sip_event *ev)
{
	struct talker *t = ev->owner;
	struct sdp_audio answer;
	if (ev->kind == SIP_INCOMING) {
		rings(l, ev);
		return;
	}
	if (!t)
		return;
	switch (ev->kind) {
	case SIP_CONFIRMED:
		talks(t);
		break;
	case SIP_REOFFER:
		talker_sdp(t, ev->sdp, &answer);
		if (ev->sdp)
			talker_hear(t, ev->sdp);
		sip_call_answer(l->sip, t->call, answer.codec_count ? &answer : NULL);
		break;
	case SIP_CALL_OVER:
		over(t);
		break;
	case SIP_ANSWERED:
	case SIP_RINGING:
	case SIP_REANSWER:
	case SIP_DIGIT:
	case SIP_REFER:
	case SIP_INCOMING:
		break;
	}
}
