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
	const char *own = c->o->lang_keys && t->lang[0] ? strstr(c->o->lang_keys, t->lang) : NULL;
	if (own && !t->chose_lang) {
		t->chose_lang = true;
		talker_press(t, own[strlen(t->lang)]);
		timer_start(&c->timers, &t->key_timer, c->now_ms + c->o->key_ms / 2, presses, t);
		return;
	}
	talker_press(t, keys[dice_below(&c->dice, (uint32_t)strlen(keys))]);
}

/* A talk in his language, or any. */
static void choose_talk(struct talker *t)
{
	struct crowd *c = t->line->crowd;
	const uint32_t n = c->o->talk_count, from = n ? dice_below(&c->dice, n) : 0;
	for (uint32_t i = 0; i < n; i++) {
		t->talk = (from + i) % n;
		if (str_is(str_of(t->lang), c->o->talks[t->talk].lang))
			return;
	}
}

/* to: what he dials. NULL: he could not even begin. */
static struct talker *rings(struct crowd *c, const char *from, const char *lang, const char *to)
{
	const struct crowd_options *o = c->o;
	struct line *l = c->carrier;
	struct talker *t = talker_create(l);
	struct sdp_audio offer;
	char uri_text[160];

	CHECK(str_copy(short_number(str_of(from)), t->number, sizeof t->number));
	CHECK(str_copy(str_of(lang), t->lang, sizeof t->lang));
	choose_talk(t);
	if (map_add(&c->callers, str_of(t->number), t))
		t->number[0] = 0; /* he calls twice at once: the second time he stays unknown */

	struct buf uri = buf_make(uri_text, sizeof uri_text);
	buf_fmt(&uri, "sip:%s@%s", to, o->sip);
	talker_sdp(t, NULL, &offer);
	const struct sip_invite invite = {
		.uri = buf_str(&uri),
		.to = l->server,
		.from_user = str_of(from),
		.from_host = str_of(l->host),
		.sdp = offer,
		.owner = t,
	};
	c->r.started++;
	if (sip_call_start(l->sip, &invite, &t->call)) {
		c->r.failed++;
		talker_destroy(t);
		return NULL;
	}
	c->now_calling++;
	t->state = TALKER_CALLING;
	return t;
}

void caller_arrive(struct crowd *c)
{
	const struct crowd_options *o = c->o;
	char from[20], lang[4] = "";
	struct buf number = buf_make(from, sizeof from - 1);
	c->serial++;
	if (o->person) {
		o->person(dice_below(&c->dice, o->person_count), from, lang);
	} else {
		buf_fmt(&number, "+48%09u", 601000000u + c->serial % 99000000u);
		from[number.n] = 0;
	}
	struct talker *t = rings(c, from, lang, o->numbers[dice_below(&c->dice, o->number_count)]);
	if (t && dice_chance(&c->dice, o->hasty_share))
		timer_start(&c->timers, &t->timer, c->now_ms + dice_below(&c->dice, 2000), gives_up,
			    t);
}

enum err caller_rings_for(struct crowd *c, struct str agent, struct str lang)
{
	const struct crowd_options *o = c->o;
	char from[20], speaks[4] = "", to[64];
	if (!o->person || !c->carrier || !str_copy(agent, to, sizeof to))
		return ERR_NOT_FOUND;
	for (uint32_t i = 0; i < 1000 && !str_is(lang, speaks); i++)
		o->person(dice_below(&c->dice, o->person_count), from, speaks);
	if (!str_is(lang, speaks))
		return ERR_NOT_FOUND;
	struct talker *t = rings(c, from, speaks, to);
	if (!t)
		return ERR_FULL;
	CHECK(str_copy(agent, t->rings_for, sizeof t->rings_for));
	return ERR_OK;
}

static void has_said_all(struct timer *timer, int64_t now_ms)
{
	(void)now_ms;
	caller_hang_up(talker_of(timer));
}

void caller_is_heard(struct talker *t)
{
	struct crowd *c = t->line->crowd;
	if (t->state != TALKER_LISTENING)
		return;
	timer_stop(&c->timers, &t->key_timer);
	t->state = TALKER_TALKING;
	c->r.talked++;
	talker_speaks(t, false);
	/* he waits a little for a word of goodbye */
	timer_start(&c->timers, &t->timer, c->now_ms + c->o->talks[t->talk].samples / 8 + 6000,
		    has_said_all, t);
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
	if (o->keys[0] && !t->rings_for[0])
		timer_start(&c->timers, &t->key_timer,
			    c->now_ms + dice_lognormal_ms(&c->dice, o->key_ms, 0.3), presses, t);
	if (o->patience_ms && !timer_running(&t->timer))
		timer_start(&c->timers, &t->timer,
			    c->now_ms + (t->rings_for[0] ? 60000
							 : dice_exp_ms(&c->dice, o->patience_ms)),
			    gives_up, t);
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
	phone->talk = t->talk;
	talker_speaks(t, false);
	talker_speaks(phone, true);
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
