/*
 * refer.c - REFER inside a call (RFC 3515), what is told of it (NOTIFY with message/sipfrag, RFC
 * 3420; RFC 4488: or nothing), and Replaces (RFC 3891).
 *
 * One REFER at a time in a call; one NOTIFY at a time on its way, so that none overtakes another.
 */
#include "sip/engine.h"

enum { REFER_EXPIRES_S = 180 };

/* -- Replaces -- */

enum err replaces_parse(struct str value, struct replaces *out)
{
	struct replaces r = {0};
	struct str rest, name, v;
	str_cut(value, ';', &r.call_id, &rest);
	r.call_id = str_trim(r.call_id);
	if (!r.call_id.n)
		return ERR_INVALID;
	while (rest.n) {
		struct str one;
		str_cut(rest, ';', &one, &rest);
		str_cut(one, '=', &name, &v);
		name = str_trim(name);
		v = str_trim(v);
		struct str *to = str_ieq(name, STR("to-tag"))	  ? &r.to_tag
				 : str_ieq(name, STR("from-tag")) ? &r.from_tag
								  : NULL;
		if (to && (to->n || !v.n))
			return ERR_INVALID;
		if (to)
			*to = v;
		if (str_ieq(name, STR("early-only")))
			r.early_only = true;
	}
	if (!r.to_tag.n || !r.from_tag.n)
		return ERR_INVALID;
	*out = r;
	return ERR_OK;
}

struct call *replaces_find(struct sip *s, const struct replaces *r)
{
	struct call *c = map_get(&s->by_tag, r->to_tag);
	if (!c || !str_eq(text_str(&c->call_id), r->call_id) ||
	    !str_eq(text_str(&c->remote_tag), r->from_tag))
		return NULL;
	return c;
}

uint32_t replaces_judge(struct sip *s, struct sip_call_id *out)
{
	struct str v = sip_header_get(&s->in, HDR_REPLACES);
	struct replaces r;
	*out = (struct sip_call_id){0};
	if (!v.n)
		return s->in.first[HDR_REPLACES] ? 400 : 0;
	if (replaces_parse(v, &r) != ERR_OK)
		return 400;
	struct call *c = replaces_find(s, &r);
	if (!c)
		return 481;
	switch (c->state) {
	case CALL_UP:
	case CALL_IN_ACCEPTED:
		if (r.early_only)
			return 486;
		break;
	case CALL_OUT_RINGING: /* ours that rings: it may be taken elsewhere */
		break;
	case CALL_OUT_SENT:
	case CALL_IN_ASKED: /* early, and not begun by us */
		return 481;
	case CALL_OUT_DYING:
	case CALL_OUT_CANCELLED:
	case CALL_IN_DYING:
	case CALL_LEAVING:
	case CALL_STATE_COUNT:
		return 603; /* it is over */
	}
	*out = c->id;
	return 0;
}

/* -- what is told of it -- */

static void put_sipfrag(struct buf *out, uint32_t status)
{
	buf_c(out, "SIP/2.0 ");
	buf_u64(out, status);
	buf_ch(out, ' ');
	buf_c(out, sip_reason_phrase(status));
	buf_c(out, "\r\n");
}

/* RFC 3515 section 2.4.4 to 2.4.6 */
static void send_notify(struct call *c, bool last)
{
	struct sip *s = c->sip;
	struct request r;
	char branch[BRANCH_TEXT + 1], extra[256], body[128];
	struct buf b = buf_make(extra, sizeof extra), frag = buf_make(body, sizeof body);
	call_new_branch(c, branch);
	dialog_request(c, METHOD_NOTIFY, &r);
	r.branch = str_of(branch);
	r.cseq = ++c->local_cseq;
	r.contact = text_str(&c->contact);
	buf_c(&b, "Event: refer");
	if (c->refer_named) {
		buf_c(&b, ";id=");
		buf_u64(&b, c->refer_cseq);
	}
	buf_c(&b, "\r\nSubscription-State: ");
	if (last) {
		buf_c(&b, "terminated;reason=noresource\r\n");
	} else {
		buf_c(&b, "active;expires=");
		buf_u64(&b, REFER_EXPIRES_S);
		buf_c(&b, "\r\n");
	}
	put_sipfrag(&frag, c->refer_status);
	CHECK(!b.full && !frag.full);
	r.extra = buf_str(&b);
	r.body_type = "message/sipfrag;version=2.0";
	r.body = buf_str(&frag);
	c->refer_told = c->refer_status;
	c->refer_busy =
		txn_client_create(s, METHOD_NOTIFY, r.branch, &c->peer, write_request(s, &r),
				  last ? USE_NONE : USE_NOTIFY, c->id) != NULL;
	if (last) {
		c->refer_cseq = 0;
		c->refer_busy = false;
	}
}

static void tell(struct call *c)
{
	if (c->refer_cseq && !c->refer_busy && c->refer_told != c->refer_status)
		send_notify(c, c->refer_status >= 200);
}

void refer_notified(struct call *c, uint32_t status)
{
	c->refer_busy = false;
	/* RFC 6665 section 4.2.2: who does not know the subscription wants no more of it */
	if (status == 481 || status == 408 || status == 405 || status == 489 || status == 501)
		c->refer_cseq = 0;
	tell(c);
	call_changed(c);
}

void refer_close(struct call *c)
{
	if (c->refer_cseq)
		send_notify(c, true);
}

static void tell_again(struct timer *t, int64_t now_ms)
{
	struct call *c = t->arg;
	(void)now_ms;
	tell(c);
	call_changed(c);
}

void refer_resume(struct call *c)
{
	if (c->refer_cseq)
		timer_start(c->sip->o.timers, &c->refer_again, c->sip->now_ms, tell_again, c);
}

void sip_refer_progress(struct sip *s, struct sip_call_id id, uint32_t status)
{
	struct call *c = call_get(s, id);
	if (!c || !c->refer_cseq || status < 100 || status > 699 || c->refer_status >= 200)
		return;
	c->refer_status = status;
	tell(c);
	call_changed(c);
}

/* -- the request -- */

/* Unescapes the Replaces among the headers of a URI: "Replaces=…&Require=replaces". Empty: none. */
static enum err uri_replaces(const struct sip_uri *u, struct buf *names, struct str *out)
{
	struct str rest = u->headers, one, name, value;
	*out = STR_NONE;
	while (rest.n) {
		str_cut(rest, '&', &one, &rest);
		str_cut(one, '=', &name, &value);
		if (!str_ieq(name, STR("Replaces")))
			continue;
		size_t at = names->n;
		if (out->n || sip_unescape(value, names) != ERR_OK || names->full)
			return ERR_INVALID;
		*out = str_make(names->p + at, names->n - at);
	}
	return ERR_OK;
}

/* 0: fine, else what to answer. */
static uint32_t read_refer(struct sip *s, struct buf *names, struct sip_refer *out)
{
	struct str to = sip_header_get(&s->in, HDR_REFER_TO), method, replaces;
	struct str by = sip_header_get(&s->in, HDR_REFERRED_BY);
	struct sip_name_addr a;
	struct sip_uri u;
	struct replaces r;
	if (!to.n || sip_take_name_addr(&to, &a) != ERR_OK || to.n ||
	    sip_uri_parse(a.uri, &u) != ERR_OK)
		return 400;
	if (u.scheme == SCHEME_OTHER)
		return 416;
	if (sip_uri_param(&u, "method", &method) && !str_is(method, "INVITE"))
		return 403; /* a call is all that may be asked for */
	if (uri_replaces(&u, names, &replaces) != ERR_OK)
		return 400;
	size_t at = names->n;
	if (sip_uri_person(&u, names) != ERR_OK || names->full)
		return 400;
	*out = (struct sip_refer){
		.user = str_make(names->p + at, names->n - at),
		.host = u.host,
		.uri = str_head(a.uri, a.uri.n - u.headers.n - (u.headers.n > 0))};
	if (replaces.n) {
		if (replaces_parse(replaces, &r) != ERR_OK)
			return 400;
		const struct call *c = replaces_find(s, &r);
		out->replacing = true;
		out->replaces = c ? c->id : (struct sip_call_id){0};
	}
	if (by.n && sip_take_name_addr(&by, &a) == ERR_OK)
		out->by = a.uri;
	return 0;
}

static void answer(struct sip *s, struct txn *t, uint32_t status, struct str contact,
		   struct str extra)
{
	struct reply r = {
		.status = status, .head = text_str(&t->head), .contact = contact, .extra = extra};
	txn_respond(t, status, write_reply(s, &r));
}

void refer_request(struct sip *s, struct call *c)
{
	struct buf names = buf_make(s->names, sizeof s->names);
	struct sip_refer refer = {0};
	struct txn *t = txn_server_create(s, c->id, STR_NONE);
	if (!t) {
		engine_refuse(s, 503, STR("Retry-After: 5\r\n"));
		return;
	}
	uint32_t status = read_refer(s, &names, &refer);
	if (!status && (c->state != CALL_UP || c->refer_cseq))
		status = c->state == CALL_LEAVING ? 481 : 491;
	if (status) {
		answer(s, t, status, STR_NONE, STR_NONE);
		return;
	}
	struct txn_id asked = txn_id_of(t);
	c->refer_txn = asked;
	c->refer_asked = s->in.cseq;
	c->refer_quiet = str_ieq(sip_header_get(&s->in, HDR_REFER_SUB), STR("false"));
	call_tell(c, &(struct sip_event){.kind = SIP_REFER, .refer = &refer});
	t = txn_get(s, asked); /* the call may be gone */
	if (t && t->state == TXN_TRYING)
		answer(s, t, 603, STR_NONE, STR_NONE);
}

void sip_refer_answer(struct sip *s, struct sip_call_id id, uint32_t status)
{
	struct call *c = call_get(s, id);
	struct txn *t = c ? txn_get(s, c->refer_txn) : NULL;
	if (!t || t->method != METHOD_REFER || t->state != TXN_TRYING)
		return;
	if (status != 202) {
		answer(s, t, status >= 300 && status < 700 ? status : 603, STR_NONE, STR_NONE);
		return;
	}
	answer(s, t, 202, text_str(&c->contact),
	       c->refer_quiet ? STR("Refer-Sub: false\r\n") : STR_NONE);
	if (!c->refer_quiet) { /* RFC 3515 section 2.4.4: told at once how it stands */
		c->refer_cseq = c->refer_asked;
		c->refer_status = 100;
		c->refer_told = 0;
		c->refer_named = c->refer_before; /* section 2.4.6 */
		c->refer_before = true;
		tell(c);
	}
	call_changed(c);
}
