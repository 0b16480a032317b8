/* browser.c - see browser.h. */
#include "channel/voice/browser.h"
#include "channel/voice/own_call.h"
#include "core/bytes.h"

#define PATIENCE_MS 60000      /* behaviours.md A-6 */
#define OWNER_PATIENCE_MS 5000 /* for a desk whose browser was heard so lately */
#define HOME_SLOT 0x40000000u
#define LEFT_PAGE(code) ((code) == 1000 || (code) == 1001) /* RFC 6455 section 7.4.1 */
#define SIGNED_OUT 4401 /* ours: who opened that desk is signed in no more */

static void touch(const struct browser *b)
{
	core_touch(b->voice->core, IMAGE_BROWSER, b->id);
}

static struct leg *leg_of(const struct browser *b)
{
	return leg_get(b->voice, b->leg);
}

struct browser *browser_of(struct voice *v, struct agent_id agent)
{
	pool_for_each (struct browser, b, v->browsers)
		if (ID_EQ(b->agent, agent))
			return b;
	return NULL;
}

bool browser_is_phone(struct voice *v, struct agent_id agent)
{
	const struct user_config *user = agent_config(v->core->objects, agent);
	return user && user->phone == PHONE_browser;
}

bool browser_silent(const struct leg *leg)
{
	return leg->web && !leg->web->heard;
}

bool browser_free(const struct browser *b)
{
	const struct leg *leg = leg_of(b);
	return b->ready && leg && ID_NONE(leg->contact) && ID_NONE(leg->wanted);
}

/* -- what others are told -- */

static void tell_desk(const struct browser *b, enum desk_phone state)
{
	if (b->desk && b->voice->o.desk_told)
		b->voice->o.desk_told(b->voice->o.arg, b->desk, state);
}

static void answer(struct browser *b, enum err e, struct str text, const char *detail)
{
	struct voice *v = b->voice;
	void *token = b->asked.token;
	b->asked = (struct voice_phone_ask){0};
	if (token)
		v->o.phone_answered(v->o.arg, token,
				    &(struct voice_phone_answer){.err = e,
								 .answer = text,
								 .key = str_of(b->key),
								 .detail = str_of(detail)});
}

static void refuse(struct voice *v, const struct voice_phone_ask *a, enum err e, const char *detail)
{
	v->o.phone_answered(
		v->o.arg, a->token,
		&(struct voice_phone_answer){.err = e, .detail = str_of(detail ? detail : "")});
}

/* -- its end -- */

static void forget(struct browser *b, const char *why)
{
	struct voice *v = b->voice;
	const struct object *user = objects_who(v->core->objects, ID(b->agent));
	log_line(LOG_INFO, "event=browser_session_over user=" STR_FMT " why=\"%s\"",
		 STR_ARG(user ? user->name : STR("-")), why);
	answer(b, ERR_NOT_FOUND, STR_NONE, "the session ended meanwhile");
	tell_desk(b, DESK_PHONE_lost);
	EMIT(v->core, phone_changed, .agent = b->agent, .ready = false);
	timer_stop(&v->core->timers, &b->patience);
	touch(b);
	pool_give(v->browsers, b);
}

/* Nobody can be put through any more; whoever he talks to is told as of any phone that is lost. */
static void end(struct browser *b, const char *why)
{
	struct leg *leg = leg_of(b);
	if (leg)
		leg->web = NULL;
	forget(b, why);
	if (!leg)
		return;
	if (ID_NONE(leg->contact))
		leg_end(leg);
	else
		leg_sip_event(leg,
			      &(struct sip_event){.kind = SIP_CALL_OVER, .over = SIP_OVER_TIMEOUT});
}

/* -- what is so now -- */

static void patience_over(struct timer *t, int64_t now_ms)
{
	struct browser *b = t->arg;
	const struct leg *leg = leg_of(b);
	(void)now_ms;
	b->given_up = true;
	touch(b);
	if (!b->heard || !leg || ID_NONE(leg->contact))
		end(b, "nobody came back");
}

static void wait_for_it(struct browser *b, int64_t until_ms)
{
	b->until_ms = until_ms;
	timer_start(&b->voice->core->timers, &b->patience, until_ms, patience_over, b);
}

/* He could not take it: it is offered to others, in its place. */
static void withdraw(struct browser *b)
{
	struct leg *leg = leg_of(b);
	struct contact_id wanted = leg ? leg->wanted : (struct contact_id){0};
	if (ID_NONE(wanted))
		return;
	leg->wanted = (struct contact_id){0};
	timer_stop(&b->voice->core->timers, &leg->ring);
	leg_touch(leg);
	if (SEND(b->voice->core, offer_fail, .contact = wanted, .agent = b->agent,
		 .result = OFFER_unreachable) != ERR_OK)
		log_line(LOG_DEBUG, "event=offer_over_already");
}

static void settle(struct browser *b)
{
	struct core *c = b->voice->core;
	struct leg *leg = leg_of(b);
	bool ready = b->path && b->desk && !b->left, heard = b->path && !b->left;
	touch(b);
	if (heard != b->heard) {
		struct line *l = leg ? line_of(b->voice, leg->contact) : NULL;
		b->heard = heard;
		if (l) {
			line_log(l, heard ? "browser_back" : "browser_away", leg, STR_NONE);
			line_hear(l);
		}
	}
	if (ready == b->ready) {
		if (b->given_up && !heard)
			end(b, "sound and desk are gone");
		return;
	}
	b->ready = ready;
	EMIT(c, phone_changed, .agent = b->agent, .ready = ready);
	if (ready) {
		b->given_up = false;
		timer_stop(&c->timers, &b->patience);
		return;
	}
	withdraw(b);
	wait_for_it(b, c->now_ms + PATIENCE_MS);
}

void browser_path(struct leg *leg, bool up)
{
	struct browser *b = leg->web;
	if (!b || b->path == up)
		return;
	b->path = up;
	tell_desk(b, up ? DESK_PHONE_up : DESK_PHONE_connecting);
	settle(b);
}

void browser_desk(struct voice *v, const struct event_desk_changed *e)
{
	struct browser *b = browser_of(v, e->agent);
	if (!b || e->on || b->desk != (uint64_t)e->desk)
		return;
	b->desk = 0;
	if (e->code == SIGNED_OUT) {
		end(b, "signed out");
		return;
	}
	b->left = LEFT_PAGE(e->code);
	settle(b);
}

void browser_user(struct voice *v, struct id user)
{
	struct browser *b = browser_of(v, ID_AS(agent_id, user));
	if (b && !browser_is_phone(v, b->agent))
		end(b, "the user has no such phone any more");
}

bool browser_home(struct leg *leg)
{
	struct browser *b = leg->web;
	if (leg->media == b->voice->newest && !(b->given_up && !b->ready))
		return false;
	end(b, b->given_up ? "nobody came back" : "its media process drains");
	return true;
}

void browser_drain(struct voice *v)
{
	pool_for_each (struct browser, b, v->browsers) {
		const struct leg *leg = leg_of(b);
		if (leg && leg->port && leg->media != v->newest && ID_NONE(leg->contact))
			end(b, "its media process drains");
	}
}

void browser_over(struct leg *leg)
{
	struct browser *b = leg->web;
	leg->web = NULL;
	if (b)
		forget(b, "its sound is gone");
}

void browser_stop(struct voice *v)
{
	pool_for_each (struct browser, b, v->browsers)
		end(b, "the server stops");
}

void browser_dump(struct voice *v, struct buf *out)
{
	buf_c(out, "user                  desk  path  state       codec  contact\n");
	pool_for_each (struct browser, b, v->browsers) {
		const struct leg *leg = leg_of(b);
		const struct object *user = objects_who(v->core->objects, ID(b->agent));
		const struct contact *k = leg ? contact_get(v->core, leg->contact) : NULL;
		char id[UUID_TEXT + 1] = "-";
		if (k)
			uuid_text(k->uuid, id);
		buf_fmt(out, "%-20.*s %5llu  %-4s  %-10s  %-5s  %s\n",
			STR_ARG(user ? user->name : STR("-")), (unsigned long long)b->desk,
			b->path ? "up" : "lost",
			b->ready	 ? "ready"
			: b->asked.token ? "opening"
			: b->heard	 ? "no desk"
					 : "connecting",
			leg && leg->wire_known ? wire_codec_name(leg->wire.codec) : "-", id);
	}
}

/* -- offers of browsers -- */

/* Where a leg that is on no contact lives at media: a name nobody else has. */
static struct id home_of(const struct leg *leg)
{
	return (struct id){HOME_SLOT | leg->id.slot, leg->id.age};
}

void browser_order_open(struct leg *leg)
{
	const struct browser *b = leg->web;
	ORDER_NOW(leg->voice, leg_web, .leg = ID(leg->id),
		  .contact = ID_NONE(leg->contact) ? home_of(leg) : ID(leg->contact),
		  .ufrag = str_of(b->ufrag), .fingerprint = str_of(b->fingerprint),
		  .active = b->active);
}

/* Opus bears bad networks; who wants another order says it with his phone's codecs. */
static enum err choose(const struct browser *b, const struct sdp_web *o, struct wire *out)
{
	static const struct str usual[] = {{"opus", 4}, {"PCMA", 4}, {"PCMU", 4}, {"G722", 4}};
	const struct user_config *user = agent_config(b->voice->core->objects, b->agent);
	bool says = user && user->phone_codec_count;
	struct wire w;
	enum err e = wire_from(&o->audio, says ? user->phone_codecs : usual,
			       says ? user->phone_codec_count : COUNT_OF(usual), &w);
	if (e != ERR_OK)
		return e;
	w.address[0] = 0; /* ICE finds it */
	w.port = 0;
	w.secure = false;
	w.ptime_ms = 20;
	*out = w;
	return ERR_OK;
}

#define ADDRESS_TEXT 46 /* IPv6 with its end */

static uint32_t addresses(const struct voice *v, char own[ADDRESS_TEXT], struct str out[3])
{
	(void)str_cut(v->o.media_address, ',', &out[0], &out[1]);
	uint32_t n = out[1].n ? 2 : 1;
	if (v->o.own_address && v->o.own_address(v->o.arg, own, ADDRESS_TEXT))
		out[n++] = str_of(own);
	return n;
}

static void write_answer(struct browser *b, struct leg *leg, const struct report_leg_web_opened *r)
{
	char room[SDP_WEB_BYTES];
	struct buf out = buf_make(room, sizeof room);
	char own[ADDRESS_TEXT];
	struct str at[3];
	struct sdp_audio sound;
	struct sdp_web o;
	struct wire w;
	const char *why = "";
	if (sdp_web_parse(b->asked.offer, &o, &why) != ERR_OK || choose(b, &o, &w) != ERR_OK) {
		answer(b, ERR_INVALID, STR_NONE, why); /* declared otherwise meanwhile */
		return;
	}
	leg_set_wire(leg, &w);
	leg_sdp(leg, false, &sound);
	sdp_web_answer(&out, &o,
		       &(struct sdp_web_answer){.audio = &sound,
						.addresses = at,
						.address_count = addresses(b->voice, own, at),
						.port = r->port,
						.ufrag = r->ufrag,
						.password = r->password,
						.fingerprint = r->fingerprint,
						.session_id = b->sdp_id});
	answer(b, out.full ? ERR_TOO_LARGE : ERR_OK, buf_str(&out), "");
}

void browser_opened(struct leg *leg, const struct report_leg_web_opened *r)
{
	struct browser *b = leg->web;
	if (!b)
		return;
	if (r->err) {
		browser_not_opened(leg, (enum err)r->err);
		return;
	}
	leg_port_heard(leg);
	leg->port = r->port;
	leg->state = leg->state == LEG_PORT ? LEG_UP : leg->state;
	leg_touch(leg);
	if (!b->asked.token)
		return; /* said again by us, after a restart or with another contact */
	timer_stop(&b->voice->core->timers, &leg->patience);
	write_answer(b, leg, r);
}

void browser_not_opened(struct leg *leg, enum err e)
{
	struct browser *b = leg->web;
	leg_port_heard(leg);
	timer_stop(&b->voice->core->timers, &leg->patience);
	if (!b->asked.token && leg->port)
		return;
	log_line(LOG_ERROR, "event=browser_not_opened why=%s", err_name(e));
	answer(b, e == ERR_UNSUPPORTED ? ERR_INVALID : ERR_AGAIN, STR_NONE,
	       e == ERR_FULL ? "no place for the sound of one more browser"
			     : "the server's sound is not ready");
	if (leg->state == LEG_PORT)
		end(b, "media refused it");
}

static struct browser *begin(struct voice *v, struct agent_id agent)
{
	static const char hex[] = "0123456789abcdef";
	struct id id;
	uint8_t dice[BROWSER_KEY / 2];
	struct browser *b = pool_take(v->browsers, &id);
	struct leg *leg = b ? leg_create(v, NULL, PARTY_agent) : NULL;
	if (!leg) {
		if (b)
			pool_give(v->browsers, b);
		return NULL;
	}
	if (v->o.random)
		v->o.random(v->o.arg, dice, sizeof dice);
	for (size_t i = 0; !v->o.random && i < sizeof dice; i++)
		dice[i] = (uint8_t)core_dice(v->core);
	for (size_t i = 0; i < BROWSER_KEY; i++)
		b->key[i] = hex[dice[i / 2] >> (i % 2 * 4) & 15];
	b->id = id;
	b->voice = v;
	b->agent = leg->agent = leg->way.user = agent;
	b->leg = leg->id;
	b->sdp_id = leg->sdp_id;
	leg->web = b;
	wait_for_it(b, v->core->now_ms + PATIENCE_MS);
	return b;
}

/* Somebody has it and may want to keep it: a desk, and sound of its page a moment ago. Who knows
 * the session's name is that very page: its WebSocket broke and we have not noticed. */
static bool kept(const struct browser *b, const struct voice_phone_ask *a)
{
	const int64_t missed_ms = b->until_ms - PATIENCE_MS;
	bool lost = !b->ready && b->voice->core->now_ms - missed_ms > OWNER_PATIENCE_MS;
	return b->desk && b->desk != a->desk && !a->key.n && !lost;
}

/* The desk that asks has it from now on. False: refused. */
static bool hand_over(struct browser *b, const struct voice_phone_ask *a)
{
	if (kept(b, a) && !a->take) {
		refuse(b->voice, a, ERR_CONFLICT,
		       "another desk of yours has the phone: take it with \"take\":true");
		return false;
	}
	if (b->desk != a->desk)
		tell_desk(b, DESK_PHONE_elsewhere);
	b->desk = a->desk;
	return true;
}

static void again(struct browser *b, const struct voice_phone_ask *a)
{
	if (!hand_over(b, a))
		return;
	b->left = false;
	b->asked = *a;
	answer(b, ERR_OK, STR_NONE, "");
	tell_desk(b, b->path ? DESK_PHONE_up : DESK_PHONE_connecting);
	settle(b);
}

static void offered(struct voice *v, struct browser *b, const struct voice_phone_ask *a)
{
	const char *why = "";
	struct sdp_web o;
	struct wire w;
	enum err e = sdp_web_parse(a->offer, &o, &why);
	struct browser as = {.voice = v, .agent = a->agent};
	if (e == ERR_OK && choose(&as, &o, &w) != ERR_OK) {
		e = ERR_INVALID;
		why = "no codec that we speak and the user's phone may use";
	}
	if (e != ERR_OK || o.ufrag.n >= sizeof as.ufrag) {
		refuse(v, a, ERR_INVALID, why);
		return;
	}
	if (!v->media_ready || v->closed) {
		refuse(v, a, ERR_AGAIN, "the server's sound is not ready");
		return;
	}
	if (b && !hand_over(b, a))
		return;
	b = b ? b : begin(v, a->agent);
	if (!b) {
		refuse(v, a, ERR_FULL, "the server is full");
		return;
	}
	answer(b, ERR_CONFLICT, STR_NONE, "another offer came meanwhile");
	struct leg *leg = leg_of(b);
	CHECK(leg && str_copy(o.ufrag, b->ufrag, sizeof b->ufrag) &&
	      str_copy(o.fingerprint, b->fingerprint, sizeof b->fingerprint));
	b->active = true; /* we say setup:passive */
	b->asked = *a;
	b->desk = a->desk;
	b->path = b->left = false;
	settle(b);
	leg_order_open(leg);
	leg_patience(leg, 0);
	leg_touch(leg);
}

void voice_phone(struct voice *v, const struct voice_phone_ask *a)
{
	struct browser *b = browser_of(v, a->agent);
	if (!a->desk)
		refuse(v, a, ERR_CONFLICT, "a phone is for a desk: ask over /api/v1/live");
	else if (!browser_is_phone(v, a->agent))
		refuse(v, a, ERR_CONFLICT, "this user's phone is not of kind browser");
	else if (a->offer.n)
		offered(v, b, a);
	else if (b && str_is(a->key, b->key))
		again(b, a);
	else
		refuse(v, a, ERR_NOT_FOUND, "that session is gone: offer anew");
}

/* -- restart -- */

enum { BROWSER_IMAGE = 1 };

bool browser_save(struct voice *v, struct id id, struct buf *out)
{
	const struct browser *b = pool_get(v->browsers, id);
	if (!b)
		return false;
	put_u8(out, BROWSER_IMAGE);
	objects_put_name(v->core->objects, out, ID(b->agent));
	put_word(out, str_of(b->key));
	put_u32(out, b->leg.slot);
	put_u32(out, b->leg.age);
	put_u8(out, (uint8_t)(b->path | b->left << 1 | b->heard << 2 | b->active << 3));
	put_text(out, str_of(b->ufrag));
	put_word(out, str_of(b->fingerprint));
	put_u64(out, b->sdp_id);
	return true;
}

/* Its desk comes again, or does not: nobody is offered anything before. */
enum err browser_load(struct voice *v, struct id id, struct str image)
{
	struct take t = {.rest = image};
	if (take_u8(&t) != BROWSER_IMAGE)
		return ERR_INVALID;
	struct browser *b = pool_take_at(v->browsers, id);
	if (!b)
		return ERR_INVALID;
	b->id = id;
	b->voice = v;
	b->agent = ID_AS(agent_id, objects_take_name(v->core->objects, &t, KIND_user));
	bool good = str_copy(take_word(&t), b->key, sizeof b->key);
	b->leg.slot = take_u32(&t);
	b->leg.age = take_u32(&t);
	uint8_t flags = take_u8(&t);
	b->path = flags & 1;
	b->left = flags & 2;
	b->heard = flags & 4;
	b->active = flags & 8;
	good = good && str_copy(take_text(&t), b->ufrag, sizeof b->ufrag) &&
	       str_copy(take_word(&t), b->fingerprint, sizeof b->fingerprint);
	b->sdp_id = take_u64(&t);
	if (good && !t.torn)
		return ERR_OK;
	pool_give(v->browsers, b);
	return ERR_INVALID;
}

void browser_legs_loaded(struct voice *v)
{
	pool_for_each (struct browser, b, v->browsers) {
		struct leg *leg = leg_of(b);
		if (leg)
			leg->web = b;
	}
}

void browser_loaded(struct voice *v)
{
	uint32_t at = 0;
	pool_for_each (struct browser, b, v->browsers) {
		const struct leg *leg = leg_of(b);
		wait_for_it(b, v->core->now_ms + PATIENCE_MS);
		if (!leg || leg->state != LEG_UP || !browser_is_phone(v, b->agent))
			end(b, "it was not whole");
	}
	for (const struct object *o; (o = objects_next(v->core->objects, KIND_user, &at));)
		if (o->config->user.phone == PHONE_browser)
			EMIT(v->core, phone_changed, .agent = ID_AS(agent_id, o->id),
			     .ready = false);
}

void browser_sync(struct voice *v, uint32_t media)
{
	pool_for_each (struct browser, b, v->browsers) {
		struct leg *leg = leg_of(b);
		if (!leg || leg->media != media || !ID_NONE(leg->contact))
			continue;
		leg_order_open(leg);
		if (leg->wire_known)
			leg_order_remote(leg);
	}
}
