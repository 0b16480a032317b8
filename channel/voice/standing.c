/*
 * standing.c - legs that stay: an agent on an ordinary number is called once, when he becomes
 * ready, and contacts are patched into that call; an agent with a browser has its session
 * (browser.h). And agents who have to press a key before they are believed to be there (`confirm`):
 * no answering machine serves a customer.
 *
 *   HOME (own contact, silence) ── offer: beep, or beeps until 1 ──▶ the contact ── its end ──▶
 * HOME
 *
 * A number's own contact (own_call.h, OWN_STAND) is the record of the call and what it costs. When
 * it is hung up its agent has no telephone any more; it is called again when he says that he is
 * ready. A browser's home is no contact, and it hears no beeps: its desk shows the offer and
 * accepts it.
 */
#include "channel/voice/browser.h"
#include "channel/voice/own_call.h"

#define BEEP_MS 400 /* once round of media's beep */
#define STAND_RING_MS 40000

/* A browser's has none of its own: both are nobody's. */
static bool home(const struct leg *leg)
{
	return ID_EQ(leg->home, leg->contact);
}

/* NULL: he has none. */
static struct leg *standing_leg(struct voice *v, struct agent_id agent)
{
	const struct browser *b = browser_of(v, agent);
	if (b)
		return b->ready ? leg_get(v, b->leg) : NULL;
	pool_for_each (struct leg, leg, v->legs)
		if (!ID_NONE(leg->home) && leg->state == LEG_UP && ID_EQ(leg->agent, agent))
			return leg;
	return NULL;
}

static bool stands(struct voice *v, struct agent_id agent)
{
	const struct user_config *user = agent_config(v->core->objects, agent);
	return user && (user->phone == PHONE_browser ||
			(user->phone == PHONE_number && user->phone_standing));
}

/* -- from contact to contact -- */

/* Both contacts are mixed by the same process: the leg keeps its port there. NULL: to no contact.
 */
static void leg_move(struct leg *leg, struct line *to, enum party role)
{
	struct line *from = line_of(leg->voice, leg->contact);
	const struct contact_id was = leg->contact;
	const enum party was_role = leg->role;
	const bool held = leg->holds;
	list_remove(&leg->link);
	leg->contact = to ? to->contact : (struct contact_id){0};
	leg->role = role;
	leg->heard = 0;
	leg->sound = SOUND_silence;
	leg->holds = false;
	if (to) {
		list_push(&to->legs, &leg->link);
		leg_hold(leg);
	}
	if (held)
		leg_leaves(leg, was, was_role);
	leg_touch(leg);
	line_trace(leg);
	leg_order_open(leg);
	if (from && !from->disconnected)
		line_hear(from);
	if (to)
		line_hear(to);
}

static struct line *home_line(const struct leg *leg)
{
	struct line *l = line_of(leg->voice, leg->home);
	return l && !l->disconnected ? l : NULL;
}

static bool browser_returns(struct leg *leg)
{
	if (leg->state != LEG_UP || !leg->media_open || leg->voice->leaving ||
	    ID_NONE(leg->contact))
		return false;
	leg->queue = (struct queue_id){0};
	ORDER_NOW(leg->voice, play_stop, .leg = ID(leg->id), .play = leg->play);
	leg_move(leg, NULL, PARTY_agent);
	browser_home(leg);
	return true;
}

bool standing_returns(struct leg *leg)
{
	if (leg->web)
		return browser_returns(leg);
	struct line *l = ID_NONE(leg->home) || home(leg) ? NULL : home_line(leg);
	if (!l || leg->state != LEG_UP || ID_NONE(leg->call) || !leg->media_open ||
	    leg->voice->leaving)
		return false;
	leg->queue = (struct queue_id){0};
	leg_move(leg, l, PARTY_customer);
	return true;
}

void standing_ended(struct leg *leg)
{
	struct line *l = ID_NONE(leg->home) ? NULL : home_line(leg);
	leg->home = (struct contact_id){0};
	if (l)
		line_disconnect(l, PARTY_agent, STR("hung up"), 0);
}

bool standing_take(struct line *l, struct agent_id agent, enum party role, struct leg **out)
{
	struct leg *leg = stands(l->voice, agent) ? standing_leg(l->voice, agent) : NULL;
	*out = leg;
	if (!leg)
		return stands(l->voice, agent);
	if (!home(leg) || leg->media != l->media || !ID_NONE(leg->wanted))
		*out = NULL;
	else
		leg_move(leg, l, role);
	return true;
}

bool standing_free(struct voice *v, struct agent_id agent)
{
	const struct leg *leg = stands(v, agent) ? standing_leg(v, agent) : NULL;
	return !stands(v, agent) || (leg && home(leg) && ID_NONE(leg->wanted));
}

/* -- beeps -- */

static void hush(struct leg *leg)
{
	leg->wanted = (struct contact_id){0};
	timer_stop(&leg->voice->core->timers, &leg->ring);
	ORDER_NOW(leg->voice, play_stop, .leg = ID(leg->id), .play = leg->play);
	leg_touch(leg);
}

static enum err taken(struct leg *leg)
{
	struct voice *v = leg->voice;
	struct line *l = line_of(v, leg->wanted);
	hush(leg);
	if (own_call_confirmed(leg))
		return ERR_OK;
	if (!l || l->disconnected)
		return ERR_CONFLICT;
	if (!ID_EQ(leg->contact, l->contact))
		leg_move(leg, l, PARTY_agent);
	enum err e = SEND(v->core, offer_accept, .contact = l->contact, .agent = leg->agent);
	if (e != ERR_OK)
		leg_end(leg); /* home, where it has one */
	return e;
}

static void beep_over(struct timer *t, int64_t now_ms)
{
	(void)now_ms;
	(void)taken(t->arg);
}

static void alert(struct leg *leg, struct contact_id contact)
{
	struct core *c = leg->voice->core;
	leg->wanted = contact;
	leg->play++;
	ORDER_NOW(leg->voice, music, .leg = ID(leg->id), .play = leg->play, .name = STR("beep"));
	if (!standing_confirms(leg))
		timer_start(&c->timers, &leg->ring, c->now_ms + BEEP_MS, beep_over, leg);
	leg_touch(leg);
}

bool standing_confirms(const struct leg *leg)
{
	const struct user_config *user = agent_config(leg->voice->core->objects, leg->agent);
	return leg->way.number[0] && user && user->phone_confirm;
}

void standing_ask(struct leg *leg)
{
	alert(leg, leg->contact);
}

bool standing_key(struct leg *leg, char digit)
{
	if (ID_NONE(leg->wanted))
		return false;
	if (digit == '1' && standing_confirms(leg))
		(void)taken(leg);
	return true;
}

/* -- offers -- */

/* The desk shows it; one that is to be taken by itself is announced by a beep in his ear. */
static void show(struct leg *leg, struct contact_id contact)
{
	const struct user_config *user = agent_config(leg->voice->core->objects, leg->agent);
	if (user && user->phone_auto_answer) {
		alert(leg, contact);
		return;
	}
	leg->wanted = contact;
	leg_touch(leg);
}

bool standing_offer(struct line *l, const struct event_offer *o)
{
	struct voice *v = l->voice;
	if (!stands(v, o->agent)) /* asked at every offer: nothing is walked through for it */
		return false;
	struct leg *leg = standing_leg(v, o->agent);
	if (leg && home(leg) && leg->media == l->media && ID_NONE(leg->wanted)) {
		leg->queue = o->queue;
		if (leg->web)
			show(leg, l->contact);
		else
			alert(leg, l->contact);
	} else if (SEND(v->core, offer_fail, .contact = o->contact, .agent = o->agent,
			.result = OFFER_unreachable) != ERR_OK) {
		log_line(LOG_WARN, "event=offer_not_rung why=standing");
	}
	return true;
}

enum err voice_accept(struct voice *v, struct contact_id contact, struct agent_id agent)
{
	const struct browser *b = browser_of(v, agent);
	struct leg *leg = b ? leg_get(v, b->leg) : NULL;
	if (!leg || !b->heard || !ID_EQ(leg->wanted, contact))
		return ERR_CONFLICT;
	return taken(leg);
}

void standing_offer_end(struct voice *v, const struct event_offer_end *e)
{
	const struct browser *b = browser_of(v, e->agent);
	struct leg *leg = b			? leg_get(v, b->leg)
			  : stands(v, e->agent) ? standing_leg(v, e->agent)
						: NULL;
	if (leg && e->result != OFFER_accepted && ID_EQ(leg->wanted, e->contact))
		hush(leg);
}

/* -- it is called, and it is gone -- */

static void tell(struct voice *v, struct agent_id agent, bool ready)
{
	EMIT(v->core, phone_changed, .agent = agent, .ready = ready);
}

void standing_up(struct leg *leg)
{
	leg->home = leg->contact;
	leg_touch(leg);
	tell(leg->voice, leg->agent, true);
}

void standing_down(struct voice *v, struct agent_id agent)
{
	if (stands(v, agent))
		tell(v, agent, false);
}

static struct line *standing_line(struct voice *v, struct agent_id agent)
{
	pool_for_each (struct line, l, v->lines)
		if (l->own && l->own->target == OWN_STAND && !l->disconnected &&
		    ID_EQ(l->own->agent, agent))
			return l;
	return NULL;
}

void standing_presence(struct voice *v, const struct event_agent_presence *e)
{
	bool wanted = e->to == PRESENCE_ready || e->to == PRESENCE_outbound_only;
	const struct user_config *user = agent_config(v->core->objects, e->agent);
	if (!user || user->phone != PHONE_number)
		return;
	if (e->to == PRESENCE_signed_out) {
		struct line *l = standing_line(v, e->agent);
		if (l)
			line_disconnect(l, PARTY_system, STR("signed out"), 0);
	} else if (wanted && stands(v, e->agent) && !standing_line(v, e->agent)) {
		if (own_call_stand(v, e->agent, v->core->now_ms + STAND_RING_MS) != ERR_OK)
			tell(v, e->agent, false);
	}
}

/* -- restart -- */

/* Who was asked is asked again, if he is still wanted. */
void standing_loaded(struct leg *leg)
{
	struct voice *v = leg->voice;
	struct contact_id wanted = leg->wanted;
	if (ID_NONE(wanted) || leg->state != LEG_UP)
		return;
	leg->wanted = (struct contact_id){0};
	const struct line *l = line_of(v, wanted);
	bool offered = v->offered && v->offered(v->offered_arg, wanted, leg->agent);
	if (leg->web) {
		if (l && offered)
			show(leg, wanted);
		return;
	}
	if (l && (offered || (l->own && l->own->state == OWN_PHONE)))
		alert(leg, wanted);
}
