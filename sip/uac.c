/* uac.c - calls we start, and our own requests inside any call. RFC 3261 sections 9, 13, 14, 15. */
#include "sip/engine.h"

#include <openssl/crypto.h>

enum { AUTH_TRIES_MAX = 2, GLARE_TRIES_MAX = 5 };

static struct sip_address source_of(struct sip *s)
{
	return *s->in_source;
}

/* -- the first INVITE -- */

struct str uac_invite_bytes(struct call *c)
{
	char text[2048 + 128];
	struct buf extra = buf_make(text, sizeof text);
	buf_put(&extra, text_str(&c->extra));
	session_put(c, true, &extra);
	struct request r = {
		.method = METHOD_INVITE,
		.uri = text_str(&c->uri),
		.branch = str_of(c->branch),
		.local = text_str(&c->local),
		.remote = text_str(&c->to_first),
		.call_id = text_str(&c->call_id),
		.routes = text_str(&c->invite_routes),
		.contact = text_str(&c->contact),
		.cseq = c->invite_cseq,
		.transport = c->invite_peer.transport,
		.auth = text_str(&c->auth_line),
		.auth_header = c->auth_header,
		.extra = buf_str(&extra),
		.body = text_str(&c->body),
	};
	return write_request(c->sip, &r);
}

static struct txn *send_invite(struct call *c)
{
	call_new_branch(c, c->branch);
	c->invite_cseq = ++c->local_cseq;
	return txn_client_create(c->sip, METHOD_INVITE, str_of(c->branch), &c->invite_peer,
				 uac_invite_bytes(c), USE_INVITE, c->id);
}

static void put_address_value(struct buf *out, struct str name, struct str user, struct str host)
{
	if (name.n) {
		put_quoted(out, name);
		buf_ch(out, ' ');
	}
	buf_c(out, "<sip:");
	sip_escape_user(out, user);
	if (user.n)
		buf_ch(out, '@');
	put_value(out, host);
	buf_ch(out, '>');
}

/* What RFC 3261 section 12.1.2 calls the UAC's half; ERR_INVALID when a piece is no URI. */
static enum err set_parties(struct call *c, const struct sip_invite *i)
{
	struct sip *s = c->sip;
	struct buf b = buf_make(s->scratch, sizeof s->scratch);
	struct sip_name_addr check;
	struct sip_uri uri;
	struct str v;
	if (sip_uri_parse(i->uri, &uri) != ERR_OK)
		return ERR_INVALID;
	if (i->withheld) /* RFC 3323 section 4.1.1.3 */
		put_address_value(&b, STR("Anonymous"), STR("anonymous"), STR("anonymous.invalid"));
	else
		put_address_value(&b, i->from_name, i->from_user, i->from_host);
	v = buf_str(&b);
	if (sip_take_name_addr(&v, &check) != ERR_OK || v.n)
		return ERR_INVALID;
	buf_c(&b, ";tag=");
	buf_put(&b, text_str(&c->local_tag));
	text_set(&c->local, buf_str(&b));

	b.n = 0;
	buf_ch(&b, '<');
	put_value(&b, i->to_uri.n ? i->to_uri : i->uri);
	buf_ch(&b, '>');
	v = buf_str(&b);
	if (sip_take_name_addr(&v, &check) != ERR_OK || v.n)
		return ERR_INVALID;
	text_set(&c->remote, buf_str(&b));
	text_set(&c->to_first, buf_str(&b));

	b.n = 0;
	char user_text[512];
	struct buf user = buf_make(user_text, sizeof user_text);
	sip_escape_user(&user, i->withheld ? STR("anonymous") : i->from_user);
	put_our_contact(s, &b, buf_str(&user), i->to.transport, uri.scheme == SCHEME_SIPS);
	b.full |= user.full;
	text_set(&c->contact, buf_str(&b));
	char id[33];
	engine_hex16(engine_dice(s), id);
	engine_hex16(engine_dice(s), id + 16);
	text_set(&c->call_id, str_of(id));
	return b.full ? ERR_TOO_LARGE : ERR_OK;
}

/* Header lines that only this call's INVITE has. */
static enum err set_extra(struct call *c, const struct sip_invite *i)
{
	char text[2048];
	struct buf b = buf_make(text, sizeof text);
	const struct sip_party *p = &i->asserted;
	if (i->withheld)
		buf_c(&b, "Privacy: id\r\n");
	if (p->user.n) {
		buf_c(&b, "P-Asserted-Identity: ");
		put_address_value(&b, p->name, p->user, p->host.n ? p->host : i->from_host);
		buf_c(&b, "\r\n");
	}
	if (i->identity.n) {
		buf_c(&b, "Identity: ");
		buf_put(&b, i->identity);
		buf_c(&b, "\r\n");
	}
	if (i->auto_answer) /* RFC 5373, and what phones really look for */
		buf_c(&b, "Answer-Mode: Auto\r\nCall-Info: <sip:auto.invalid>;answer-after=0\r\n"
			  "Alert-Info: <http://auto.invalid>;info=alert-autoanswer\r\n");
	text_set(&c->extra, buf_str(&b));
	text_set(&c->invite_routes, i->routes);
	return b.full ? ERR_TOO_LARGE : ERR_OK;
}

enum err sip_call_start(struct sip *s, const struct sip_invite *i, struct sip_call_id *out)
{
	struct sip_uri uri;
	if (sip_uri_parse(i->uri, &uri) != ERR_OK || uri.scheme == SCHEME_OTHER)
		return ERR_INVALID;
	struct call *c = call_create(s);
	if (!c)
		return ERR_FULL;
	enum err e = set_parties(c, i);
	if (e == ERR_OK)
		e = set_extra(c, i);
	if (e == ERR_OK && !dialog_fits(c, i->uri.n))
		e = ERR_TOO_LARGE;
	if (e != ERR_OK) {
		call_free(c);
		return e;
	}
	c->outgoing = true;
	c->owner = i->owner;
	c->state = CALL_OUT_SENT;
	c->invite_peer = c->peer = i->to;
	c->local_cseq = (uint32_t)(engine_dice(s) & 0xffff) + 1;
	text_set(&c->uri, i->uri);
	text_set(&c->target, i->uri);
	if (i->auth_user.n) {
		text_set(&c->auth_user, i->auth_user);
		text_set(&c->auth_secret, i->auth_password);
	}
	call_describe(c, &i->sdp);
	if (!send_invite(c)) {
		call_free(c);
		return ERR_FULL;
	}
	s->counters[COUNT_calls_out]++;
	*out = c->id;
	call_changed(c);
	return ERR_OK;
}

/* RFC 3261 section 9.1: same branch, same everything but the method. */
void uac_cancel(struct call *c)
{
	struct sip *s = c->sip;
	struct request r = {
		.method = METHOD_CANCEL,
		.uri = text_str(&c->uri),
		.branch = str_of(c->branch),
		.local = text_str(&c->local),
		.remote = text_str(&c->to_first),
		.call_id = text_str(&c->call_id),
		.routes = text_str(&c->invite_routes),
		.cseq = c->invite_cseq,
		.transport = c->invite_peer.transport,
		.extra = text_str(&c->why),
	};
	char text[64];
	struct buf key = buf_make(text, sizeof text);
	txn_client_key(&key, r.branch, METHOD_INVITE);
	struct txn *invite = map_get(&s->by_key, buf_str(&key));
	if (invite) /* no answer by then: taken for cancelled */
		txn_expire(invite, 64 * s->t1_ms);
	call_move(c, CALL_OUT_CANCELLED);
	(void)txn_client_create(s, METHOD_CANCEL, r.branch, &c->invite_peer, write_request(s, &r),
				USE_CANCEL, c->id);
}

/* -- answers to challenges: only when the caller gave a secret for this call -- */

/* Makes the Authorization for the 401 or 407 at hand; ERR_NOT_FOUND: nothing we can answer. */
static enum err answer_challenge(struct call *c, struct txn *t, struct str uri,
				 enum sip_method method)
{
	struct sip *s = c->sip;
	if ((s->in.status != 401 && s->in.status != 407) || !c->auth_user.n ||
	    t->auth_tries >= AUTH_TRIES_MAX)
		return ERR_NOT_FOUND;
	return auth_answer(s, t->auth_tries > 0, text_str(&c->auth_user), text_str(&c->auth_secret),
			   str_of(sip_method_name(method)), uri, &c->auth_line, &c->auth_header);
}

/* -- 2xx -- */

/* RFC 3261 section 13.2.2.4: an ACK is a request of its own, with the INVITE's credentials. */
static void acknowledge(struct call *c, uint32_t cseq)
{
	struct request r;
	char branch[BRANCH_TEXT + 1];
	call_new_branch(c, branch);
	dialog_request(c, METHOD_ACK, &r);
	r.branch = str_of(branch);
	r.cseq = cseq;
	r.auth = text_str(&c->auth_line);
	r.auth_header = c->auth_header;
	engine_send(c->sip, c->id, &c->peer, write_request(c->sip, &r));
}

void uac_orphan_2xx(struct sip *s, struct txn *t)
{
	struct sip_message invite;
	struct sip_name_addr contact;
	struct sip_address source = source_of(s), to = source;
	struct str v = sip_header_get(&s->in, HDR_CONTACT);
	struct buf routes = buf_make(s->scratch, sizeof s->scratch);
	char branch[BRANCH_TEXT + 1] = "z9hG4bK", text[64];
	CHECK(sip_parse(text_str(&t->bytes), &invite) == ERR_OK);
	if (dialog_routes(s, true, &routes) != ERR_OK)
		return;
	bool named = v.n && sip_take_name_addr(&v, &contact) == ERR_OK;
	struct request r = {
		.method = METHOD_ACK,
		.uri = named ? contact.uri : invite.uri,
		.local = sip_header_get(&invite, HDR_FROM),
		.remote = sip_header_get(&s->in, HDR_TO),
		.call_id = invite.call_id,
		.routes = buf_str(&routes),
		.cseq = invite.cseq,
	};
	struct str list = r.routes;
	struct sip_name_addr hop;
	if (list.n && sip_take_name_addr(&list, &hop) == ERR_OK)
		to = dialog_address(hop.uri, &source);
	else
		to = dialog_address(r.uri, &source);
	r.transport = to.transport;
	engine_hex16(engine_dice(s), branch + 7);
	r.branch = str_of(branch);
	engine_send(s, (struct sip_call_id){0}, &to, write_request(s, &r));

	/* one BYE a fork, however often it repeats its 2xx: its branch comes from its tag */
	engine_hex16(
		str_hash(s->in.to.tag,
			 s->by_key.seed ^ str_hash(t->key.p ? text_str(&t->key) : STR_NONE, 1)),
		branch + 7);
	struct buf key = buf_make(text, sizeof text);
	txn_client_key(&key, str_of(branch), METHOD_BYE);
	if (map_get(&s->by_key, buf_str(&key)))
		return;
	r.method = METHOD_BYE;
	r.cseq = invite.cseq + 1;
	(void)txn_client_create(s, METHOD_BYE, r.branch, &to, write_request(s, &r), USE_NONE,
				(struct sip_call_id){0});
}

/* RFC 3261 section 13.2.2.4: each 2xx is acknowledged, for as long as the peer repeats it. */
bool uac_known_2xx(struct sip *s)
{
	struct call *c = map_get(&s->by_tag, s->in.from.tag);
	if (s->in.method != METHOD_INVITE || s->in.status < 200 || s->in.status >= 300 || !c ||
	    (c->state != CALL_UP && c->state != CALL_LEAVING) ||
	    !str_eq(text_str(&c->call_id), s->in.call_id) ||
	    !str_eq(text_str(&c->remote_tag), s->in.to.tag))
		return false;
	engine_trace_in(s, c->id);
	acknowledge(c, s->in.cseq);
	return true;
}

enum err uac_confirm_dialog(struct call *c)
{
	struct sip *s = c->sip;
	struct sip_address source = source_of(s);
	struct buf routes = buf_make(s->scratch, sizeof s->scratch);
	text_set(&c->remote_tag, s->in.to.tag);
	struct buf remote = buf_make(s->names, sizeof s->names);
	put_value(&remote, sip_header_get(&s->in, HDR_TO));
	text_set(&c->remote, buf_str(&remote));
	enum err e = dialog_routes(s, true, &routes);
	if (e == ERR_OK)
		text_set(&c->routes, buf_str(&routes));
	dialog_retarget(c, &source);
	return e == ERR_OK && !remote.full && dialog_fits(c, c->target.n) ? ERR_OK : ERR_TOO_LARGE;
}

/* Theirs in this message, or the early one. NULL: none that can be used. */
static const struct sdp_audio *described(struct call *c, struct sdp_audio *sdp)
{
	struct str body;
	enum err e = message_sdp(&c->sip->in, &body);
	if (e == ERR_OK)
		return call_heard(c, body, sdp) == ERR_OK ? sdp : NULL;
	if (e == ERR_NOT_FOUND && c->remote_body.n &&
	    str_eq(text_str(&c->early_tag), c->sip->in.to.tag) &&
	    sdp_parse(text_str(&c->remote_body), sdp) == ERR_OK)
		return sdp;
	return NULL;
}

static void answered(struct call *c, struct txn *t)
{
	struct sip *s = c->sip;
	struct sdp_audio sdp;
	uint32_t status = s->in.status;
	switch (c->state) {
	case CALL_OUT_SENT:
	case CALL_OUT_RINGING: {
		enum err e = uac_confirm_dialog(c);
		acknowledge(c, c->invite_cseq);
		call_move(c, CALL_UP);
		session_answered(c);
		const struct sdp_audio *theirs = described(c, &sdp);
		if (e != ERR_OK || !theirs) {
			call_break(c, SIP_OVER_BROKEN, 488, STR("no usable answer"));
			return;
		}
		call_tell(c, &(struct sip_event){
				     .kind = SIP_ANSWERED, .sdp = theirs, .status = status});
		return;
	}
	case CALL_OUT_DYING:
	case CALL_OUT_CANCELLED: /* the 200 crossed our CANCEL: RFC 3261 section 15 */
		(void)uac_confirm_dialog(c);
		acknowledge(c, c->invite_cseq);
		call_bye(c);
		return;
	case CALL_UP:
	case CALL_LEAVING:
		if (str_eq(s->in.to.tag, text_str(&c->remote_tag)))
			acknowledge(c, s->in.cseq); /* ours was lost */
		else
			uac_orphan_2xx(s, t); /* another fork answered too */
		return;
	case CALL_IN_ASKED:
	case CALL_IN_ACCEPTED:
	case CALL_IN_DYING:
	case CALL_STATE_COUNT:
		return;
	}
}

/* -- other answers to the first INVITE -- */

static void progress(struct call *c)
{
	struct sip *s = c->sip;
	uint32_t status = s->in.status;
	struct sdp_audio sdp;
	struct str body;
	const struct sdp_audio *early = NULL;
	if (c->state == CALL_OUT_DYING) {
		uac_cancel(c);
		return;
	}
	if (c->state == CALL_OUT_SENT)
		call_move(c, CALL_OUT_RINGING);
	if (c->state != CALL_OUT_RINGING || status == 100 || !reliable_heard(c))
		return;
	if (s->in.first[HDR_ALLOW])
		c->peer_update = sip_header_lists(&s->in, HDR_ALLOW, "UPDATE");
	if (s->in.to.tag.n && !c->remote_tag.n && dialog_fits(c, s->in.to.tag.n))
		text_set(&c->remote_tag, s->in.to.tag);
	if (message_sdp(&s->in, &body) == ERR_OK && call_heard(c, body, &sdp) == ERR_OK) {
		early = &sdp;
		text_set(&c->early_tag, s->in.to.tag);
	}
	call_tell(c, &(struct sip_event){.kind = SIP_RINGING,
					 .sdp = early,
					 .status = status,
					 .reason = s->in.reason});
}

static void refused(struct call *c, struct txn *t)
{
	struct sip *s = c->sip;
	bool alive = c->state == CALL_OUT_SENT || c->state == CALL_OUT_RINGING;
	if (c->state == CALL_UP || c->state == CALL_LEAVING)
		return; /* a fork's late refusal */
	bool brief = alive && session_too_brief(c);
	if (brief ||
	    (alive && answer_challenge(c, t, text_str(&c->uri), METHOD_INVITE) == ERR_OK)) {
		uint32_t tries = t->auth_tries + !brief;
		text_free(&c->remote_tag); /* the early dialog died with its request */
		memset(c->forks, 0, sizeof c->forks);
		c->early_done = false;
		if (c->state == CALL_OUT_RINGING)
			call_move(c, CALL_OUT_SENT);
		struct txn *again = send_invite(c);
		if (again) {
			again->auth_tries = tries;
			call_changed(c);
			return;
		}
	}
	call_over(c, alive ? SIP_OVER_REMOTE : SIP_OVER_LOCAL, s->in.status, s->in.reason);
}

/* -- our re-INVITE -- */

static enum err send_reinvite(struct call *c, uint32_t tries)
{
	struct request r;
	char text[128];
	struct buf extra = buf_make(text, sizeof text);
	struct sip *s = c->sip;
	call_new_branch(c, c->branch);
	c->invite_cseq = ++c->local_cseq;
	c->invite_peer = c->peer;
	dialog_request(c, METHOD_INVITE, &r);
	r.branch = str_of(c->branch);
	r.cseq = c->invite_cseq;
	session_put(c, true, &extra);
	r.extra = buf_str(&extra);
	r.contact = text_str(&c->contact);
	r.auth = tries ? text_str(&c->auth_line) : STR_NONE;
	r.auth_header = c->auth_header;
	r.body = text_str(&c->body);
	struct txn *t = txn_client_create(s, METHOD_INVITE, r.branch, &c->peer,
					  write_request(s, &r), USE_REINVITE, c->id);
	if (!t)
		return ERR_FULL;
	t->auth_tries = tries;
	c->offer = OFFER_OURS;
	call_changed(c);
	return ERR_OK;
}

enum err sip_call_reoffer(struct sip *s, struct sip_call_id id, const struct sdp_audio *sdp)
{
	struct call *c = call_get(s, id);
	if (!c)
		return ERR_NOT_FOUND;
	/* RFC 3261 section 14.1: not while an INVITE is open in either direction */
	bool early = update_early(c) && !c->reliable.n;
	if ((c->state != CALL_UP && !early) || c->offer != OFFER_NONE || c->final.n ||
	    timer_running(&c->again))
		return ERR_CONFLICT;
	c->glare_tries = 0;
	call_describe(c, sdp);
	return early ? update_send(c, true, 0) : send_reinvite(c, 0);
}

enum err uac_refresh(struct call *c)
{
	c->glare_tries = 0;
	return send_reinvite(c, 0);
}

static void again_after_glare(struct timer *t, int64_t now_ms)
{
	struct call *c = t->arg;
	struct sdp_audio sdp;
	if (c->state != CALL_UP && !update_early(c))
		return;
	if (c->offer != OFFER_NONE || c->final.n) {
		timer_start(c->sip->o.timers, t, now_ms + 500, again_after_glare, c);
		return;
	}
	/* theirs may have gone through meanwhile: the version must still grow */
	CHECK(sdp_parse(text_str(&c->pending), &sdp) == ERR_OK);
	call_describe(c, &sdp);
	text_free(&c->pending);
	if ((c->state == CALL_UP ? send_reinvite(c, 0) : update_send(c, true, 0)) != ERR_OK)
		call_tell(c, &(struct sip_event){.kind = SIP_REANSWER, .status = 503});
}

void uac_offer_pending(struct call *c)
{
	timer_start(c->sip->o.timers, &c->again, c->sip->now_ms, again_after_glare, c);
}

/* RFC 3261 section 14.1: who owns the Call-ID waits longer, so that one goes first. */
void uac_wait_after_glare(struct call *c)
{
	struct sip *s = c->sip;
	uint64_t dice = engine_dice(s);
	int64_t ms = c->outgoing ? 2100 + (int64_t)(dice % 190) * 10 : (int64_t)(dice % 200) * 10;
	text_set(&c->pending, text_str(&c->body));
	timer_start(s->o.timers, &c->again, s->now_ms + ms, again_after_glare, c);
}

static void reanswered(struct call *c, struct txn *t)
{
	struct sip *s = c->sip;
	struct sip_address source = source_of(s);
	struct sdp_audio sdp;
	struct str body;
	const struct sdp_audio *theirs = NULL;
	uint32_t status = s->in.status;
	if (status < 200)
		return;
	if (status < 300) {
		acknowledge(c, s->in.cseq);
		if (c->state != CALL_UP || c->offer != OFFER_OURS || s->in.cseq != c->invite_cseq)
			return;
		dialog_retarget(c, &source);
		if (message_sdp(&s->in, &body) == ERR_OK && call_heard(c, body, &sdp) == ERR_OK)
			theirs = &sdp;
		session_answered(c);
	} else if (c->state != CALL_UP || c->offer != OFFER_OURS) {
		return;
	}
	c->offer = OFFER_NONE;
	if (answer_challenge(c, t, text_str(&c->target), METHOD_INVITE) == ERR_OK &&
	    send_reinvite(c, t->auth_tries + 1) == ERR_OK)
		return;
	if (session_too_brief(c) && send_reinvite(c, 0) == ERR_OK)
		return;
	call_changed(c);
	if (status == 491 && c->glare_tries++ < GLARE_TRIES_MAX) {
		uac_wait_after_glare(c);
		return;
	}
	if (status == 481 || status == 408) { /* RFC 3261 section 12.2.1.2: the dialog is gone */
		call_break(c, status == 408 ? SIP_OVER_TIMEOUT : SIP_OVER_BROKEN, status,
			   s->in.reason);
		return;
	}
	call_tell(c, &(struct sip_event){.kind = SIP_REANSWER,
					 .sdp = theirs,
					 .status = status,
					 .reason = s->in.reason});
}

/* -- our BYE -- */

static void bye_answered(struct call *c, struct txn *t)
{
	struct sip *s = c->sip;
	struct request r;
	if (c->state != CALL_LEAVING)
		return;
	if (answer_challenge(c, t, text_str(&c->target), METHOD_BYE) == ERR_OK) {
		uint32_t tries = t->auth_tries + 1;
		call_new_branch(c, c->bye_branch);
		c->bye_cseq = ++c->local_cseq;
		dialog_request(c, METHOD_BYE, &r);
		r.branch = str_of(c->bye_branch);
		r.cseq = c->bye_cseq;
		r.auth = text_str(&c->auth_line);
		r.auth_header = c->auth_header;
		r.extra = text_str(&c->why);
		struct txn *again = txn_client_create(s, METHOD_BYE, r.branch, &c->peer,
						      write_request(s, &r), USE_BYE, c->id);
		if (again) {
			again->auth_tries = tries;
			return;
		}
	}
	call_over(c, SIP_OVER_LOCAL, s->in.status, s->in.reason);
}

static void updated(struct call *c, struct txn *t)
{
	uint32_t status = c->sip->in.status;
	bool offer = t->use == USE_UPDATE;
	if (answer_challenge(c, t, text_str(&c->target), METHOD_UPDATE) == ERR_OK &&
	    update_send(c, offer, t->auth_tries + 1) == ERR_OK)
		return;
	if (offer)
		update_answered(c, status);
	else
		session_refreshed(c, status);
}

/* -- from the transactions -- */

void uac_response(struct call *c, struct txn *t)
{
	uint32_t status = c->sip->in.status;
	switch (t->use) {
	case USE_INVITE:
		if (status < 200)
			progress(c);
		else if (status < 300)
			answered(c, t);
		else
			refused(c, t);
		break;
	case USE_REINVITE:
		reanswered(c, t);
		break;
	case USE_BYE:
		bye_answered(c, t);
		break;
	case USE_NOTIFY:
		refer_notified(c, status);
		break;
	case USE_UPDATE:
	case USE_REFRESH:
		updated(c, t);
		break;
	case USE_CANCEL: /* the INVITE's own answer counts */
	case USE_REGISTER:
	case USE_PING:
	case USE_NONE:
		break;
	}
}

void uac_timeout(struct call *c, struct txn *t)
{
	switch (t->use) {
	case USE_INVITE:
		if (c->state == CALL_OUT_DYING || c->state == CALL_OUT_CANCELLED)
			call_over(c, SIP_OVER_LOCAL, 487, STR_NONE);
		else
			call_over(c, SIP_OVER_TIMEOUT, 408, STR_NONE);
		break;
	case USE_REINVITE:
		if (c->state == CALL_UP)
			call_break(c, SIP_OVER_TIMEOUT, 408, STR_NONE);
		break;
	case USE_BYE:
		call_over(c, SIP_OVER_TIMEOUT, 408, STR_NONE);
		break;
	case USE_NOTIFY:
		refer_notified(c, 408);
		break;
	case USE_UPDATE:
		update_answered(c, 408);
		break;
	case USE_REFRESH:
		session_refreshed(c, 408);
		break;
	case USE_CANCEL:
	case USE_REGISTER:
	case USE_PING:
	case USE_NONE:
		break;
	}
}

/* -- after a restart -- */

static void resume_now(struct timer *timer, int64_t now_ms)
{
	struct call *c = timer->arg;
	struct sip *s = c->sip;
	struct request r;
	switch (c->state) {
	case CALL_OUT_SENT:
	case CALL_OUT_RINGING:
	case CALL_OUT_DYING:
		uac_cancel(c); /* nobody remembers whom this call was for */
		break;
	case CALL_OUT_CANCELLED:
		c->state = CALL_OUT_RINGING; /* once more: the first may not have left */
		uac_cancel(c);
		break;
	case CALL_LEAVING: /* the same request again: branch and number of the image */
		dialog_request(c, METHOD_BYE, &r);
		r.branch = str_of(c->bye_branch);
		r.cseq = c->bye_cseq;
		r.extra = text_str(&c->why);
		if (!txn_client_create(s, METHOD_BYE, r.branch, &c->peer, write_request(s, &r),
				       USE_BYE, c->id))
			call_over(c, SIP_OVER_LOCAL, 0, STR_NONE);
		break;
	case CALL_UP:
		if (c->pending.n)
			again_after_glare(timer, now_ms);
		break;
	case CALL_IN_ASKED:
	case CALL_IN_ACCEPTED:
	case CALL_IN_DYING:
	case CALL_STATE_COUNT:
		break;
	}
}

/* The open INVITE as a transaction that has heard nothing yet; its bytes only serve to make ACKs.
 */
static void restore_invite(struct call *c, enum txn_use use)
{
	struct sip *s = c->sip;
	char text[64];
	struct buf key = buf_make(text, sizeof text);
	struct request r;
	txn_client_key(&key, str_of(c->branch), METHOD_INVITE);
	struct txn *t = txn_restore(s, TXN_CLIENT_INVITE, METHOD_INVITE, buf_str(&key),
				    &c->invite_peer, c->id);
	if (!t) {
		c->offer = OFFER_NONE;
		return;
	}
	t->use = use;
	if (use == USE_INVITE) {
		text_set(&t->bytes, uac_invite_bytes(c));
	} else {
		dialog_request(c, METHOD_INVITE, &r);
		r.branch = str_of(c->branch);
		r.cseq = c->invite_cseq;
		r.contact = text_str(&c->contact);
		r.body = text_str(&c->body);
		text_set(&t->bytes, write_request(s, &r));
	}
	txn_expire(t, 64 * s->t1_ms);
}

void uac_resume(struct call *c)
{
	struct sip *s = c->sip;
	if (c->state < CALL_IN_ASKED)
		restore_invite(c, USE_INVITE);
	else if (c->state == CALL_UP && c->offer == OFFER_OURS)
		restore_invite(c, USE_REINVITE);
	if (c->state != CALL_UP || c->pending.n)
		timer_start(s->o.timers, &c->again, s->now_ms + (c->state == CALL_UP ? 2000 : 0),
			    resume_now, c);
}
