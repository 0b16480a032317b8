/* dialog.c - what both sides of a call share: RFC 3261 section 12, and offers (RFC 3264). */
#include "sip/engine.h"

#include <openssl/crypto.h>

static const uint32_t may_go[CALL_STATE_COUNT] = {
	[CALL_OUT_SENT] = BIT(CALL_OUT_RINGING) | BIT(CALL_OUT_DYING) | BIT(CALL_OUT_CANCELLED) |
			  BIT(CALL_UP),
	[CALL_OUT_RINGING] = BIT(CALL_OUT_CANCELLED) | BIT(CALL_OUT_SENT) | BIT(CALL_UP),
	[CALL_OUT_DYING] = BIT(CALL_OUT_CANCELLED) | BIT(CALL_LEAVING),
	[CALL_OUT_CANCELLED] = BIT(CALL_LEAVING),
	[CALL_IN_ASKED] = BIT(CALL_IN_ACCEPTED),
	[CALL_IN_ACCEPTED] = BIT(CALL_IN_DYING) | BIT(CALL_UP),
	[CALL_IN_DYING] = BIT(CALL_LEAVING),
	[CALL_UP] = BIT(CALL_LEAVING),
	[CALL_LEAVING] = 0,
};

struct call *call_get(struct sip *s, struct sip_call_id id)
{
	return pool_get(s->calls, ID(id));
}

struct call *call_create(struct sip *s)
{
	struct id id;
	struct call *c = pool_take(s->calls, &id);
	if (!c) {
		s->counters[COUNT_calls_full]++;
		return NULL;
	}
	c->sip = s;
	c->id = ID_AS(sip_call_id, id);
	c->session_id = engine_dice(s) & INT32_MAX;
	char tag[17];
	engine_hex16(engine_dice(s), tag);
	text_set(&c->local_tag, str_of(tag));
	/* 64 bits that meet again: give up on this one rather than mix two calls */
	if (map_add(&s->by_tag, text_str(&c->local_tag), c) != ERR_OK) {
		text_free(&c->local_tag);
		pool_give(s->calls, c);
		return NULL;
	}
	return c;
}

void call_free(struct call *c)
{
	struct sip *s = c->sip;
	struct text *const texts[] = {
		&c->call_id,	   &c->local_tag, &c->remote_tag,  &c->local,	  &c->remote,
		&c->target,	   &c->routes,	  &c->contact,	   &c->uri,	  &c->to_first,
		&c->auth_user,	   &c->auth_line, &c->final,	   &c->body,	  &c->remote_body,
		&c->layout,	   &c->pending,	  &c->auth_secret, &c->early_tag, &c->reliable,
		&c->invite_routes, &c->extra,	  &c->why,
	};
	timer_stop(s->o.timers, &c->resend);
	timer_stop(s->o.timers, &c->no_ack);
	timer_stop(s->o.timers, &c->again);
	timer_stop(s->o.timers, &c->refer_again);
	timer_stop(s->o.timers, &c->rel_resend);
	timer_stop(s->o.timers, &c->rel_end);
	timer_stop(s->o.timers, &c->session);
	if (c->local_tag.n)
		map_remove(&s->by_tag, text_str(&c->local_tag));
	if (c->auth_secret.n)
		OPENSSL_cleanse(c->auth_secret.p, c->auth_secret.n);
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		text_free(texts[i]);
	pool_give(s->calls, c);
}

void call_changed(struct call *c)
{
	if (c->sip->o.user.changed)
		c->sip->o.user.changed(c->sip->o.user.arg, c->id);
}

void call_move(struct call *c, enum call_state to)
{
	CHECK(may_go[c->state] & BIT(to));
	c->state = to;
	call_changed(c);
}

void call_tell(struct call *c, struct sip_event *ev)
{
	ev->call = c->id;
	ev->owner = c->owner;
	c->sip->o.user.event(c->sip->o.user.arg, ev);
}

void call_over(struct call *c, enum sip_over over, uint32_t status, struct str reason)
{
	struct sip *s = c->sip;
	struct sip_event ev = {.kind = SIP_CALL_OVER,
			       .call = c->id,
			       .owner = c->owner,
			       .status = status,
			       .over = over,
			       .reason = reason};
	if (over == SIP_OVER_REMOTE && s->in_source) { /* by the message at hand */
		struct str contact = sip_header_get(&s->in, HDR_CONTACT);
		struct sip_name_addr a;
		ev.q850 = reason_q850(s);
		if (status / 100 == 3 && contact.n && sip_take_name_addr(&contact, &a) == ERR_OK)
			ev.redirect = a.uri;
	}
	if (status >= 300 && s->in_source && !s->in.request)
		ev.retry_after_s = engine_retry_after(s);
	call_free(c);
	s->o.user.event(s->o.user.arg, &ev);
}

void call_new_branch(struct call *c, char branch[BRANCH_TEXT + 1])
{
	memcpy(branch, "z9hG4bK", 7);
	engine_hex16(engine_dice(c->sip), branch + 7);
}

/* -- where to -- */

/* Addresses that mean nothing outside their own net, or nobody alone (RFC 6890, 5771). */
static bool private_address(const struct sip_address *a)
{
	const uint8_t *b = a->ip;
	if (a->family == 4)
		return b[0] == 10 || b[0] == 127 || b[0] == 0 || b[0] >= 224 ||
		       (b[0] == 172 && (b[1] & 0xf0) == 16) || (b[0] == 192 && b[1] == 168) ||
		       (b[0] == 169 && b[1] == 254) || (b[0] == 100 && (b[1] & 0xc0) == 64);
	static const uint8_t loopback[16] = {[15] = 1}, none[16];
	return (b[0] & 0xfe) == 0xfc || (b[0] == 0xfe && (b[1] & 0xc0) == 0x80) || b[0] == 0xff ||
	       !memcmp(b, loopback, 16) || !memcmp(b, none, 16);
}

/*
 * We ask no DNS here: a name, and a private address told by somebody who speaks from another one
 * (a phone behind NAT), stand for the place the peer spoke from. Over a stream the open connection
 * is used while it lasts, whatever is named (RFC 5923's idea); then a new one to what is named.
 */
struct sip_address dialog_address(struct str uri, const struct sip_address *source)
{
	struct sip_uri u;
	struct sip_address a;
	struct str value;
	/* RFC 7118 section 5: nobody can connect to a web page, its own connection is the way */
	if (sip_is_web(source->transport) || sip_uri_parse(uri, &u) != ERR_OK ||
	    sip_uri_address(&u, source->transport, &a) != ERR_OK ||
	    sip_uri_param(&u, "ob", &value)) /* RFC 5626 section 4.3: by this flow only */
		return *source;
	bool same_ip =
		a.family == source->family && !memcmp(a.ip, source->ip, a.family == 4 ? 4 : 16);
	if (!same_ip && private_address(&a))
		return *source;
	if (sip_is_stream(a.transport) && a.transport == source->transport) {
		a.stream = source->stream;
		a.server = same_ip ? source->server : 0;
	}
	return a;
}

static struct str first_uri(struct str list)
{
	struct sip_name_addr a;
	return sip_take_name_addr(&list, &a) == ERR_OK ? a.uri : STR_NONE;
}

void dialog_place(struct call *c, const struct sip_address *source)
{
	struct str hop = c->routes.n ? first_uri(text_str(&c->routes)) : text_str(&c->target);
	c->peer = dialog_address(hop, source);
}

void dialog_retarget(struct call *c, const struct sip_address *source)
{
	struct sip_name_addr a;
	struct sip_uri u;
	struct str v = sip_header_get(&c->sip->in, HDR_CONTACT);
	if (v.n && sip_take_name_addr(&v, &a) == ERR_OK && sip_uri_parse(a.uri, &u) == ERR_OK &&
	    (u.scheme == SCHEME_SIP || u.scheme == SCHEME_SIPS) && dialog_fits(c, a.uri.n))
		text_set(&c->target, a.uri);
	dialog_place(c, source);
}

/* RFC 3261 sections 12.1.1 (as they came) and 12.1.2 (reversed) */
enum err dialog_routes(struct sip *s, bool reversed, struct buf *out)
{
	struct str routes[VIAS_MAX], v;
	size_t count = 0, start = out->n;
	uint32_t at = 0;
	while (sip_header_next(&s->in, HDR_RECORD_ROUTE, &at, &v)) {
		while (v.n) {
			struct str element = v;
			struct sip_name_addr a;
			if (count == COUNT_OF(routes) || sip_take_name_addr(&v, &a) != ERR_OK ||
			    !sip_take_element(&element, &routes[count]))
				return ERR_INVALID;
			count++;
		}
	}
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_c(out, ", ");
		put_value(out, routes[reversed ? count - 1 - i : i]);
	}
	return out->full || out->n - start > DIALOG_BYTES_MAX ? ERR_TOO_LARGE : ERR_OK;
}

bool dialog_fits(const struct call *c, size_t more)
{
	size_t n = more + c->call_id.n + c->local.n + c->remote.n + c->routes.n + c->contact.n +
		   c->remote_tag.n + c->uri.n + c->to_first.n + c->invite_routes.n;
	return n <= DIALOG_BYTES_MAX;
}

/* RFC 3261 section 12.2.1.1; a first hop without lr is a strict router. */
void dialog_request(struct call *c, enum sip_method method, struct request *r)
{
	struct sip *s = c->sip;
	struct sip_name_addr first;
	struct sip_uri u;
	struct str rest = text_str(&c->routes), value;
	*r = (struct request){
		.method = method,
		.uri = text_str(&c->target),
		.local = text_str(&c->local),
		.remote = text_str(&c->remote),
		.call_id = text_str(&c->call_id),
		.routes = text_str(&c->routes),
		.transport = c->peer.transport,
	};
	if (!rest.n || sip_take_name_addr(&rest, &first) != ERR_OK ||
	    sip_uri_parse(first.uri, &u) != ERR_OK || sip_uri_param(&u, "lr", &value))
		return;
	struct buf routes = buf_make(s->scratch, sizeof s->scratch);
	put_value(&routes, rest);
	buf_c(&routes, rest.n ? ", <" : "<");
	put_value(&routes, text_str(&c->target));
	buf_ch(&routes, '>');
	r->uri = first.uri;
	r->routes = buf_str(&routes);
}

/* -- leaving -- */

static void stop_everything(struct call *c)
{
	struct timers *timers = c->sip->o.timers;
	timer_stop(timers, &c->resend);
	timer_stop(timers, &c->no_ack);
	timer_stop(timers, &c->again);
	timer_stop(timers, &c->refer_again);
	timer_stop(timers, &c->session);
	text_free(&c->final);
	uas_close_offer(c);
	refer_close(c);
}

static struct txn *send_bye(struct call *c, enum txn_use use)
{
	struct request r;
	struct sip *s = c->sip;
	call_new_branch(c, c->bye_branch);
	c->bye_cseq = ++c->local_cseq;
	dialog_request(c, METHOD_BYE, &r);
	r.branch = str_of(c->bye_branch);
	r.cseq = c->bye_cseq;
	r.extra = text_str(&c->why);
	return txn_client_create(s, METHOD_BYE, r.branch, &c->peer, write_request(s, &r), use,
				 use == USE_NONE ? (struct sip_call_id){0} : c->id);
}

void call_bye(struct call *c)
{
	stop_everything(c);
	c->offer = OFFER_NONE;
	call_move(c, CALL_LEAVING);
	if (!send_bye(c, USE_BYE)) /* said once, nobody waits for the answer */
		call_over(c, SIP_OVER_LOCAL, 0, STR_NONE);
}

void call_break(struct call *c, enum sip_over over, uint32_t status, struct str reason)
{
	stop_everything(c);
	(void)send_bye(c, USE_NONE);
	call_over(c, over, status, reason);
}

void sip_call_end(struct sip *s, struct sip_call_id id)
{
	struct call *c = call_get(s, id);
	if (!c)
		return;
	switch (c->state) {
	case CALL_OUT_SENT:
		call_move(c, CALL_OUT_DYING);
		break;
	case CALL_OUT_RINGING:
		uac_cancel(c);
		break;
	case CALL_IN_ASKED:
		sip_call_reject(s, id, 480, 0);
		break;
	case CALL_IN_ACCEPTED:
		call_move(c, CALL_IN_DYING);
		break;
	case CALL_UP:
		call_bye(c);
		break;
	case CALL_OUT_DYING:
	case CALL_OUT_CANCELLED:
	case CALL_IN_DYING:
	case CALL_LEAVING:
	case CALL_STATE_COUNT:
		break; /* on its way */
	}
}

/* -- sound -- */

struct str call_describe(struct call *c, const struct sdp_audio *sdp)
{
	struct sip *s = c->sip;
	for (int round = 0; round < 2; round++) {
		struct buf b = buf_make(s->body, sizeof s->body);
		sdp_write_layout(&b, sdp, c->session_id, c->session_version, text_str(&c->layout));
		CHECK(!b.full);
		if (c->body.n && str_eq(buf_str(&b), text_str(&c->body)))
			return text_str(&c->body); /* nothing changed: RFC 3264 section 8 */
		if (round == 1)
			text_set(&c->body, buf_str(&b));
		else
			c->session_version++;
	}
	return text_str(&c->body);
}

static size_t lines(struct str s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '\n';
	return n;
}

enum err call_heard(struct call *c, struct str body, struct sdp_audio *sdp)
{
	char text[SDP_LAYOUT_MAX];
	struct buf layout = buf_make(text, sizeof text);
	struct sdp_audio heard;
	enum err e = sdp_parse(body, &heard);
	if (e == ERR_OK)
		e = sdp_layout(body, &layout);
	if (e != ERR_OK)
		return e;
	/* An answer with fewer streams than were offered is wrong, but harmless. */
	if (lines(buf_str(&layout)) >= lines(text_str(&c->layout)))
		text_set(&c->layout, buf_str(&layout));
	text_set(&c->remote_body, body);
	CHECK(sdp_parse(text_str(&c->remote_body), sdp) == ERR_OK);
	return ERR_OK;
}

enum err message_sdp(const struct sip_message *m, struct str *body)
{
	struct str whole = sip_header_get(m, HDR_CONTENT_TYPE), type, rest;
	if (!m->body.n)
		return ERR_NOT_FOUND;
	str_cut(whole, ';', &type, &rest);
	if (sip_header_get(m, HDR_CONTENT_ENCODING).n)
		return ERR_UNSUPPORTED;
	if (type.n && !str_ieq(str_trim(type), STR("application/sdp")))
		return sip_body_part(whole, m->body, "application/sdp", body);
	*body = m->body;
	return ERR_OK;
}

/* -- small questions -- */

void sip_call_set_owner(struct sip *s, struct sip_call_id id, void *owner)
{
	struct call *c = call_get(s, id);
	if (c)
		c->owner = owner;
}

void *sip_call_owner(struct sip *s, struct sip_call_id id)
{
	struct call *c = call_get(s, id);
	return c ? c->owner : NULL;
}

bool sip_call_established(struct sip *s, struct sip_call_id id)
{
	struct call *c = call_get(s, id);
	return c && c->state == CALL_UP;
}

bool sip_call_heard(struct sip *s, struct sip_call_id id)
{
	struct call *c = call_get(s, id);
	return c && c->state != CALL_OUT_SENT && c->state != CALL_OUT_DYING;
}

struct str sip_call_call_id(struct sip *s, struct sip_call_id id)
{
	struct call *c = call_get(s, id);
	return c ? text_str(&c->call_id) : STR_NONE;
}
