/* uas.c - calls that come in, and their requests inside any call. RFC 3261 sections 12 to 15. */
#include "sip/engine.h"

enum { RING_AGAIN_MS = 60000 };

struct str uas_reply_bytes(struct call *c, struct txn *t, uint32_t status, struct str extra,
			   struct str body)
{
	bool dialog = status > 100 && status < 300;
	struct reply r = {
		.status = status,
		.head = text_str(&t->head),
		.routes = dialog ? text_str(&t->routes) : STR_NONE,
		.contact = dialog ? text_str(&c->contact) : STR_NONE,
		.extra = extra,
		.body = body,
	};
	return write_reply(c->sip, &r);
}

void uas_reply(struct call *c, struct txn *t, uint32_t status, struct str extra, struct str body)
{
	txn_respond(t, status, uas_reply_bytes(c, t, status, extra, body));
}

/* Answers a request of this dialog that is no INVITE, with a transaction if there is room. */
void uas_reply_now(struct sip *s, struct call *c, uint32_t status, struct str extra)
{
	struct txn *t = txn_server_create(s, c->id, STR_NONE);
	if (t)
		uas_reply(c, t, status, extra, STR_NONE);
	else
		engine_refuse(s, status, extra);
}

static struct str retry_after(struct sip *s, char text[32])
{
	struct buf b = buf_make(text, 32);
	buf_c(&b, "Retry-After: ");
	buf_u64(&b, engine_dice(s) % 10);
	buf_c(&b, "\r\n");
	return buf_str(&b);
}

/* -- 2xx until its ACK, RFC 3261 section 13.3.1.4 -- */

static void no_ack(struct timer *t, int64_t now_ms)
{
	struct call *c = t->arg;
	(void)now_ms;
	c->sip->counters[COUNT_timeouts]++;
	call_break(c, SIP_OVER_TIMEOUT, 408, STR_NONE);
}

static void resend_final(struct timer *t, int64_t now_ms)
{
	struct call *c = t->arg;
	struct sip *s = c->sip;
	c->interval_ms = c->interval_ms ? MIN(c->interval_ms * 2, T2_MS) : s->t1_ms;
	timer_start(s->o.timers, t, now_ms + c->interval_ms, resend_final, c);
	s->counters[COUNT_retransmissions]++;
	engine_send(s, c->id, &c->final_peer, text_str(&c->final));
}

void uas_resend_start(struct call *c, int64_t first_ms)
{
	struct sip *s = c->sip;
	c->interval_ms = first_ms;
	/* over TCP too: what lies behind the next hop may be lossy */
	timer_start(s->o.timers, &c->resend, s->now_ms + first_ms, resend_final, c);
	timer_start(s->o.timers, &c->no_ack, s->now_ms + 64 * s->t1_ms, no_ack, c);
}

static void send_final(struct call *c, struct txn *t, struct str body)
{
	char text[128];
	struct buf extra = buf_make(text, sizeof text);
	session_put(c, false, &extra);
	session_begin(c);
	struct str bytes = uas_reply_bytes(c, t, 200, buf_str(&extra), body);
	text_set(&c->final, bytes);
	c->final_peer = t->peer;
	uas_resend_start(c, c->sip->t1_ms);
	txn_respond(t, 200, text_str(&c->final));
}

/* -- the first INVITE -- */

/* RFC 3261 section 8.2.3, RFC 4475 sections 3.3.6 and 3.3.15: bodies and answers we can do with.
 * 0: fine. */
uint32_t uas_judge_body(struct sip *s, struct str *body, struct sdp_audio *sdp)
{
	uint32_t at = 0;
	bool accept_said = false, accepted = false;
	for (struct str v, one; sip_header_next(&s->in, HDR_ACCEPT, &at, &v);) {
		accept_said = true;
		while (sip_take_element(&v, &one)) {
			struct str rest;
			str_cut(one, ';', &one, &rest);
			one = str_trim(one);
			accepted = accepted || str_ieq(one, STR("application/sdp")) ||
				   str_is(one, "*/*") || str_ieq(one, STR("application/*"));
		}
	}
	if (accept_said && !accepted)
		return 406;
	enum err e = message_sdp(&s->in, body);
	if (e == ERR_NOT_FOUND)
		return 0;
	if (e == ERR_UNSUPPORTED)
		return 415;
	e = sdp_parse(*body, sdp);
	return e == ERR_OK ? 0 : e == ERR_UNSUPPORTED ? 488 : 400;
}

static void refuse_invite(struct sip *s, uint32_t status)
{
	char text[48];
	struct buf least = buf_make(text, sizeof text);
	if (status == 422)
		session_put_least(s, &least);
	engine_refuse(s, status,
		      status == 422		       ? buf_str(&least)
		      : status == 415 || status == 406 ? STR("Accept: application/sdp\r\n")
		      : status == 503		       ? STR("Retry-After: 5\r\n")
						       : STR_NONE);
}

static bool routed_securely(struct sip *s)
{
	struct sip_name_addr a;
	struct sip_uri u;
	struct str v = sip_header_get(&s->in, HDR_RECORD_ROUTE);
	return v.n && sip_take_name_addr(&v, &a) == ERR_OK && sip_uri_parse(a.uri, &u) == ERR_OK &&
	       u.scheme == SCHEME_SIPS;
}

static void put_contact(struct call *c)
{
	struct sip *s = c->sip;
	struct buf b = buf_make(s->names, sizeof s->names);
	struct sip_uri uri;
	bool read = sip_uri_parse(s->in.uri, &uri) == ERR_OK;
	/* RFC 3261 section 12.1.1: asked for securely, answered so; a proxy's Record-Route may ask
	 * for it too */
	put_our_contact(s, &b, read ? uri.user : STR_NONE, s->in_source->transport,
			(read && uri.scheme == SCHEME_SIPS) || routed_securely(s));
	text_set(&c->contact, buf_str(&b));
}

/* RFC 3261 section 12.1.1 */
static enum err open_dialog(struct call *c)
{
	struct sip *s = c->sip;
	const struct sip_message *m = &s->in;
	struct buf b = buf_make(s->names, sizeof s->names);
	text_set(&c->call_id, m->call_id);
	text_set(&c->remote_tag, m->from.tag);
	put_value(&b, sip_header_get(m, HDR_FROM));
	text_set(&c->remote, buf_str(&b));
	b.n = 0;
	put_value(&b, sip_header_get(m, HDR_TO));
	buf_c(&b, ";tag=");
	buf_put(&b, text_str(&c->local_tag));
	text_set(&c->local, buf_str(&b));
	if (b.full)
		return ERR_TOO_LARGE;
	put_contact(c);
	struct buf routes = buf_make(s->scratch, sizeof s->scratch);
	enum err e = dialog_routes(s, false, &routes);
	if (e != ERR_OK)
		return e;
	text_set(&c->routes, buf_str(&routes));
	text_set(&c->target, m->from.uri); /* a peer of RFC 2543 may name no Contact */
	dialog_retarget(c, s->in_source);
	c->remote_cseq = m->cseq;
	c->remote_cseq_known = true;
	c->server_cseq = m->cseq;
	c->local_cseq = (uint32_t)(engine_dice(s) & 0xffff) + 1;
	c->source = *s->in_source;
	return dialog_fits(c, c->target.n) ? ERR_OK : ERR_TOO_LARGE;
}

static struct str person(struct buf *names, const struct sip_uri *uri)
{
	size_t at = names->n;
	if (sip_uri_person(uri, names) != ERR_OK || names->full)
		return uri->user;
	return str_make(names->p + at, names->n - at);
}

static void tell_incoming(struct call *c, const struct sdp_audio *sdp, struct str auth_user,
			  struct str auth_realm, struct sip_call_id replaces)
{
	struct sip *s = c->sip;
	struct buf names = buf_make(s->names, sizeof s->names);
	struct sip_uri uri, from, to;
	struct sip_caller caller;
	struct str identities[4]; /* more than that nobody needs to look into */
	uint32_t at = 0, identity_count = 0;
	while (identity_count < COUNT_OF(identities) &&
	       sip_header_next(&s->in, HDR_IDENTITY, &at, &identities[identity_count]))
		identity_count++;
	CHECK(sip_uri_parse(s->in.uri, &uri) == ERR_OK);
	CHECK(sip_uri_parse(s->in.from.uri, &from) == ERR_OK);
	CHECK(sip_uri_parse(s->in.to.uri, &to) == ERR_OK);
	struct sip_event ev = {
		.kind = SIP_INCOMING,
		.sdp = sdp,
		.source = c->source,
		.uri_user = person(&names, &uri),
		.uri_host = uri.host,
		.from_user = person(&names, &from),
		.from_host = from.host,
		.from_name = caller_name(&names, s->in.from.name),
		.to_user = person(&names, &to),
		.user_agent = sip_header_get(&s->in, HDR_USER_AGENT),
		.auth_user = auth_user,
		.auth_realm = auth_realm,
		.caller = caller_read(s, &from, &names, &caller) ? &caller : NULL,
		.identities = identities,
		.identity_count = identity_count,
		.replaces = replaces,
	};
	call_tell(c, &ev);
}

void uas_invite(struct sip *s, struct str auth_user, struct str auth_realm)
{
	struct str body = STR_NONE, contact = sip_header_get(&s->in, HDR_CONTACT);
	struct sdp_audio sdp;
	struct sip_name_addr where;
	struct sip_call_id replaces;
	uint32_t status = uas_judge_body(s, &body, &sdp);
	if (!status && contact.n && (sip_take_name_addr(&contact, &where) != ERR_OK || contact.n))
		status = 400;
	uint32_t replacing = replaces_judge(s, &replaces);
	uint32_t brief = session_judge(s);
	if (status || replacing || brief) {
		status = status ? status : replacing ? replacing : brief;
		refuse_invite(s, status);
		return;
	}
	struct call *c = call_create(s);
	if (!c) {
		refuse_invite(s, 503);
		return;
	}
	c->state = CALL_IN_ASKED;
	enum err e = open_dialog(c);
	if (e == ERR_OK && body.n)
		e = call_heard(c, body, &sdp);
	struct txn *t = e == ERR_OK ? txn_server_create(s, c->id, text_str(&c->local_tag)) : NULL;
	if (t && !dialog_fits(c, t->head.n + t->routes.n - MIN(t->routes.n, c->routes.n))) {
		txn_end(t);
		t = NULL;
		e = ERR_TOO_LARGE;
	}
	if (!t) {
		call_free(c);
		refuse_invite(s, e == ERR_OK ? 503 : e == ERR_TOO_LARGE ? 513 : 400);
		return;
	}
	c->server = txn_id_of(t);
	c->rel_required =
		s->in.first[HDR_REQUIRE] && sip_header_lists(&s->in, HDR_REQUIRE, "100rel");
	c->rel_supported =
		s->in.first[HDR_SUPPORTED] && sip_header_lists(&s->in, HDR_SUPPORTED, "100rel");
	session_asked(c);
	s->counters[COUNT_calls_in]++;
	engine_trace_in(s, c->id);
	uas_reply(c, t, 100, STR_NONE, STR_NONE);
	call_changed(c);
	tell_incoming(c, body.n ? &sdp : NULL, auth_user, auth_realm, replaces);
}

/* -- what the user says to it -- */

/* RFC 3261 section 13.3.1.1: a provisional answer every minute, or proxies give up. */
static void ring_again(struct timer *timer, int64_t now_ms)
{
	struct call *c = timer->arg;
	struct sip *s = c->sip;
	struct txn *t = txn_get(s, c->server);
	if (!t || c->state != CALL_IN_ASKED)
		return;
	timer_start(s->o.timers, timer, now_ms + RING_AGAIN_MS, ring_again, c);
	engine_send(s, c->id, &t->peer, text_str(&t->bytes));
}

static struct txn *asked(struct sip *s, struct sip_call_id id, struct call **c)
{
	*c = call_get(s, id);
	return *c && (*c)->state == CALL_IN_ASKED ? txn_get(s, (*c)->server) : NULL;
}

void sip_call_ring(struct sip *s, struct sip_call_id id, uint32_t status,
		   const struct sdp_audio *sdp)
{
	struct call *c;
	struct txn *t = asked(s, id, &c);
	if (!t || status <= 100 || status >= 200)
		return;
	timer_start(s->o.timers, &c->resend, s->now_ms + RING_AGAIN_MS, ring_again, c);
	struct str body = sdp && !c->early_done ? call_describe(c, sdp) : STR_NONE;
	if (reliable_wanted(c, body.n > 0))
		reliable_ring(c, t, status, body);
	else
		uas_reply(c, t, status, STR_NONE, body);
	call_changed(c);
}

void uas_accept_now(struct call *c, struct txn *t)
{
	reliable_stop(c);
	c->accept_waits = false;
	/* what was agreed on before is not said again: RFC 3261 section 13.2.1 */
	send_final(c, t, c->early_done ? STR_NONE : text_str(&c->body));
	call_move(c, CALL_IN_ACCEPTED);
}

void sip_call_accept(struct sip *s, struct sip_call_id id, const struct sdp_audio *sdp)
{
	struct call *c;
	struct txn *t = asked(s, id, &c);
	if (!t || c->accept_waits)
		return;
	c->late_offer = !c->remote_body.n;
	uint32_t version = c->session_version;
	struct str body = call_describe(c, sdp);
	if (c->early_done && version != c->session_version)
		text_set(&c->pending, body); /* another one than was agreed on: after the ACK */
	/* RFC 3262 section 3: no 2xx before the description that is out was acknowledged */
	c->accept_waits = (c->reliable.n && c->rel_described) || c->offer == OFFER_THEIRS;
	if (c->accept_waits)
		call_changed(c);
	else
		uas_accept_now(c, t);
}

static void refuse_asked(struct sip *s, struct sip_call_id id, uint32_t status, struct str extra)
{
	struct call *c;
	struct txn *t = asked(s, id, &c);
	if (!t)
		return;
	uas_reply(c, t, status, extra, STR_NONE);
	call_over(c, SIP_OVER_LOCAL, status, str_of(sip_reason_phrase(status)));
}

void sip_call_reject(struct sip *s, struct sip_call_id id, uint32_t status, uint32_t retry_after_s)
{
	char text[48];
	struct buf extra = buf_make(text, sizeof text);
	if (retry_after_s) {
		buf_c(&extra, "Retry-After: ");
		buf_u64(&extra, retry_after_s);
		buf_c(&extra, "\r\n");
	}
	refuse_asked(s, id, status >= 300 && status < 700 ? status : 480, buf_str(&extra));
}

void sip_call_challenge(struct sip *s, struct sip_call_id id, struct str realm)
{
	char text[1024];
	struct buf extra = buf_make(text, sizeof text);
	struct call *c;
	struct sip_name_addr who;
	if (!asked(s, id, &c))
		return;
	struct str remote = text_str(&c->remote);
	if (sip_take_name_addr(&remote, &who) != ERR_OK)
		who.uri = STR_NONE;
	engine_challenge_line(s, &extra, realm, who.uri, &c->source, false);
	refuse_asked(s, id, 401, buf_str(&extra));
}

/* Its own transaction while the first INVITE's is open. */
static struct txn *asking(struct call *c)
{
	return txn_get(c->sip, c->state == CALL_UP ? c->server : c->early_server);
}

/* -- CANCEL, RFC 3261 section 9.2 -- */

void uas_cancel(struct sip *s, struct txn *t)
{
	struct call *c = call_get(s, t->call);
	struct str reason = sip_header_get(&s->in, HDR_REASON);
	if (c)
		engine_reply(s, 200, text_str(&c->local_tag), STR_NONE);
	else
		engine_refuse(s, 200, STR_NONE);
	if (t->state != TXN_PROCEEDING || !c)
		return; /* too late: it has its answer */
	uas_reply(c, t, 487, STR_NONE, STR_NONE);
	if (c->state == CALL_IN_ASKED) {
		call_over(c, SIP_OVER_REMOTE, 487, reason);
	} else {
		c->offer = OFFER_NONE;
		c->late_offer = false;
		call_changed(c);
	}
}

/* -- ACK of a 2xx -- */

void uas_ack(struct sip *s, struct call *c)
{
	struct sdp_audio sdp;
	struct str body;
	const struct sdp_audio *answer = NULL;
	if (!c->final.n || s->in.cseq != c->server_cseq)
		return;
	timer_stop(s->o.timers, &c->resend);
	timer_stop(s->o.timers, &c->no_ack);
	text_free(&c->final);
	bool late = c->late_offer;
	c->late_offer = false;
	if (c->state == CALL_IN_DYING) {
		call_bye(c);
		return;
	}
	if (late && message_sdp(&s->in, &body) == ERR_OK && call_heard(c, body, &sdp) == ERR_OK)
		answer = &sdp;
	if (c->state == CALL_IN_ACCEPTED) {
		call_move(c, CALL_UP);
		if (c->pending.n)
			uac_offer_pending(c);
		if (late && !answer)
			call_break(c, SIP_OVER_BROKEN, 488, STR("no usable answer"));
		else
			call_tell(c, &(struct sip_event){.kind = SIP_CONFIRMED, .sdp = answer});
		return;
	}
	call_changed(c);
	if (late)
		call_tell(c,
			  &(struct sip_event){.kind = SIP_REANSWER, .sdp = answer, .status = 200});
}

/* -- inside the dialog -- */

void uas_close_offer(struct call *c)
{
	struct txn *t = asking(c);
	if (!t || c->offer != OFFER_THEIRS)
		return;
	c->offer = OFFER_NONE;
	c->late_offer = false;
	uas_reply(c, t, t->kind == TXN_SERVER_INVITE ? 487 : 500, STR_NONE, STR_NONE);
}

static void bye(struct sip *s, struct call *c)
{
	struct str reason = sip_header_get(&s->in, HDR_REASON);
	struct txn *invite = txn_get(s, c->server);
	switch (c->state) {
	case CALL_OUT_SENT:
	case CALL_OUT_RINGING:
	case CALL_OUT_DYING:
	case CALL_OUT_CANCELLED: /* RFC 3261 section 15: not for the callee of an early dialog */
		uas_reply_now(s, c, 481, STR_NONE);
		return;
	case CALL_IN_ASKED:
		uas_reply_now(s, c, 200, STR_NONE);
		if (invite)
			uas_reply(c, invite, 487, STR_NONE, STR_NONE);
		call_over(c, SIP_OVER_REMOTE, 487, reason);
		return;
	case CALL_IN_ACCEPTED:
	case CALL_UP:
		uas_reply_now(s, c, 200, STR_NONE);
		uas_close_offer(c);
		refer_close(c);
		call_over(c, SIP_OVER_REMOTE, 0, reason);
		return;
	case CALL_IN_DYING:
	case CALL_LEAVING:
		uas_reply_now(s, c, 200, STR_NONE);
		call_over(c, SIP_OVER_LOCAL, 0, reason);
		return;
	case CALL_STATE_COUNT:
		return;
	}
}

/* RFC 3261 section 14.2 and RFC 3311 section 5.2: may they offer now? 0: yes. */
static uint32_t judge_offer(const struct call *c, enum sip_method method)
{
	bool early = method == METHOD_UPDATE && c->early_done &&
		     (c->state == CALL_IN_ASKED || c->state == CALL_OUT_RINGING);
	if (c->state == CALL_LEAVING)
		return 481;
	if (c->offer == OFFER_OURS || (c->state < CALL_IN_ASKED && !early))
		return 491; /* ours is open: the one of the first INVITE too */
	if ((c->state != CALL_UP && !early) || c->offer == OFFER_THEIRS || c->final.n ||
	    c->reliable.n)
		return 500; /* with Retry-After: theirs is not settled yet */
	return 0;
}

/* An UPDATE that offers nothing: a new target or a refreshed session, RFC 3311 section 5.2. */
static void refreshed(struct sip *s, struct call *c, struct txn *t)
{
	char text[128];
	struct buf extra = buf_make(text, sizeof text);
	struct sip_address source = *s->in_source;
	dialog_retarget(c, &source);
	if (c->state == CALL_UP) {
		session_asked(c);
		session_put(c, false, &extra);
		session_begin(c);
		call_changed(c);
	}
	uas_reply(c, t, 200, buf_str(&extra), STR_NONE);
}

static void offered(struct sip *s, struct call *c)
{
	struct sdp_audio sdp;
	struct str body = STR_NONE;
	char text[64];
	bool invite = s->in.method == METHOD_INVITE;
	bool offers = invite || s->in.body.n;
	struct sip_address source = *s->in_source;
	uint32_t status = c->state == CALL_LEAVING ? 481
			  : offers		   ? judge_offer(c, s->in.method)
						   : 0;
	if (!status && s->in.first[HDR_REPLACES])
		status = 400; /* RFC 3891 section 3 */
	if (!status && c->state == CALL_UP)
		status = session_judge(s);
	if (!status)
		status = uas_judge_body(s, &body, &sdp);
	struct txn *t = txn_server_create(s, c->id, STR_NONE);
	if (!t) {
		engine_refuse(s, 503, STR("Retry-After: 5\r\n"));
		return;
	}
	if (!status && !dialog_fits(c, c->target.n + t->head.n + t->routes.n))
		status = 513;
	if (!status && invite)
		uas_reply(c, t, 100, STR_NONE, STR_NONE);
	if (!status && body.n && call_heard(c, body, &sdp) != ERR_OK)
		status = 488;
	if (status) {
		struct buf extra = buf_make(text, sizeof text);
		if (status == 422)
			session_put_least(s, &extra);
		uas_reply(c, t, status, status == 500 ? retry_after(s, text) : buf_str(&extra),
			  STR_NONE);
		return;
	}
	if (!offers || (!body.n && !invite)) {
		refreshed(s, c, t);
		return;
	}
	dialog_retarget(c, &source);
	if (c->state == CALL_UP) {
		session_asked(c);
		c->server = txn_id_of(t);
	} else {
		c->early_server = txn_id_of(t);
	}
	c->server_cseq = invite ? s->in.cseq : c->server_cseq;
	c->offer = OFFER_THEIRS;
	c->late_offer = !body.n;
	call_changed(c);
	call_tell(c, &(struct sip_event){.kind = SIP_REOFFER, .sdp = body.n ? &sdp : NULL});
}

void sip_call_answer(struct sip *s, struct sip_call_id id, const struct sdp_audio *sdp)
{
	struct call *c = call_get(s, id);
	struct txn *t = c && c->offer == OFFER_THEIRS ? asking(c) : NULL;
	char text[128];
	struct buf extra = buf_make(text, sizeof text);
	if (!t)
		return;
	c->offer = OFFER_NONE;
	c->late_offer = c->late_offer && sdp;
	if (!sdp)
		uas_reply(c, t, 488, STR_NONE, STR_NONE);
	else if (t->kind == TXN_SERVER_INVITE)
		send_final(c, t, call_describe(c, sdp));
	else {
		if (c->state == CALL_UP) {
			session_put(c, false, &extra);
			session_begin(c);
		}
		uas_reply(c, t, 200, buf_str(&extra), call_describe(c, sdp));
	}
	call_changed(c);
	reliable_goes_on(c);
}

/* "Signal=5\r\nDuration=160" (application/dtmf-relay) or "5" (application/dtmf) */
static bool read_digit(struct str type, struct str body, struct sip_event *ev)
{
	struct str line, key, value, signal = STR_NONE, rest;
	uint32_t ms;
	str_cut(type, ';', &type, &rest);
	type = str_trim(type);
	ev->digit_ms = 160;
	if (str_ieq(type, STR("application/dtmf")))
		signal = str_trim(body);
	else if (!str_ieq(type, STR("application/dtmf-relay")))
		return false;
	else
		while (str_line(&body, &line)) {
			str_cut(line, '=', &key, &value);
			if (str_ieq(str_trim(key), STR("Signal")))
				signal = str_trim(value);
			else if (str_ieq(str_trim(key), STR("Duration")) &&
				 str_to_u32(str_trim(value), 10000, &ms) == ERR_OK)
				ev->digit_ms = ms;
		}
	if (str_is(signal, "10"))
		signal = STR("*");
	else if (str_is(signal, "11"))
		signal = STR("#");
	if (signal.n != 1 || !signal.p[0] || !strchr("0123456789*#ABCDabcd", signal.p[0]))
		return false;
	ev->digit = signal.p[0] >= 'a' ? (char)(signal.p[0] - 32) : signal.p[0];
	return true;
}

static void info(struct sip *s, struct call *c)
{
	struct sip_event ev = {.kind = SIP_DIGIT};
	struct str type = sip_header_get(&s->in, HDR_CONTENT_TYPE);
	bool digit = s->in.body.n && read_digit(type, s->in.body, &ev);
	if (s->in.body.n && !digit) {
		uas_reply_now(s, c, 415,
			      STR("Accept: application/dtmf-relay, application/dtmf\r\n"));
		return;
	}
	uas_reply_now(s, c, 200, STR_NONE);
	if (digit)
		call_tell(c, &ev);
}

void uas_in_dialog(struct sip *s, struct call *c)
{
	enum sip_method method = s->in.method;
	bool known = c->remote_cseq_known;
	/* RFC 3261 section 12.2.2. The same number again without its transaction can only come
	 * from before a restart: it was heard, so it gets its 200 and no second effect. */
	if (known && s->in.cseq == c->remote_cseq && method == METHOD_INFO) {
		uas_reply_now(s, c, 200, STR_NONE);
		return;
	}
	if (known && s->in.cseq <= c->remote_cseq && method != METHOD_BYE) {
		uas_reply_now(s, c, 500, STR_NONE);
		return;
	}
	if (known && s->in.cseq < c->remote_cseq) {
		uas_reply_now(s, c, 500, STR_NONE);
		return;
	}
	c->remote_cseq = s->in.cseq;
	c->remote_cseq_known = true;
	call_changed(c);
	switch (method) {
	case METHOD_BYE:
		bye(s, c);
		break;
	case METHOD_INFO:
		info(s, c);
		break;
	case METHOD_REFER:
		refer_request(s, c);
		break;
	case METHOD_PRACK:
		reliable_prack(s, c);
		break;
	default:
		offered(s, c);
		break;
	}
}

/* -- after a restart -- */

/* The 2xx goes out again with the next timers; an unanswered first INVITE waits for its user as
 * before; an open offer is given back (500), for nobody remembers being asked. */
void uas_resume(struct call *c)
{
	struct sip *s = c->sip;
	struct txn *t = txn_get(s, c->server);
	char text[32];
	if (c->final.n)
		uas_resend_start(c, 0);
	refer_resume(c);
	session_resume(c);
	if (c->state == CALL_IN_ASKED) /* an UPDATE, and nobody remembers it */
		c->offer = OFFER_NONE;
	if (!t) {
		c->offer = c->offer == OFFER_THEIRS ? OFFER_NONE : c->offer;
		return;
	}
	if (c->state == CALL_IN_ASKED) {
		text_set(&t->bytes, c->reliable.n ? text_str(&c->reliable)
						  : uas_reply_bytes(c, t, 100, STR_NONE, STR_NONE));
		reliable_resume(c);
	} else if (c->offer == OFFER_THEIRS) {
		c->offer = OFFER_NONE;
		c->late_offer = false;
		uas_reply(c, t, 500, retry_after(s, text), STR_NONE);
	}
}
