/* write.c - requests and responses as bytes. Whatever came from outside goes through put_value. */
#include "sip/engine.h"

static const bool method_served[] = {
#define METHOD(name, served) served,
#include "sip/methods.def"
#undef METHOD
};

void write_abilities(struct buf *out)
{
	const char *comma = "Allow: ";
	for (uint32_t i = 0; i < METHOD_OTHER; i++) {
		if (!method_served[i])
			continue;
		buf_c(out, comma);
		buf_c(out, sip_method_name((enum sip_method)i));
		comma = ", ";
	}
	buf_c(out, "\r\nSupported: 100rel, timer, replaces, norefersub\r\n");
}

/* Last headers, blank line and body. */
static void put_end(struct buf *out, struct str extra, const char *type, struct str body)
{
	buf_put(out, extra);
	if (body.n)
		put_header(out, "Content-Type", str_of(type ? type : "application/sdp"));
	buf_c(out, "Content-Length: ");
	buf_u64(out, body.n);
	buf_c(out, "\r\n\r\n");
	buf_put(out, body);
}

struct str write_request(struct sip *s, const struct request *r)
{
	struct buf out = buf_make(s->out, sizeof s->out);
	const char *method = sip_method_name(r->method);
	buf_c(&out, method);
	buf_ch(&out, ' ');
	put_value(&out, r->uri);
	buf_c(&out, " SIP/2.0\r\nVia: SIP/2.0/");
	buf_c(&out, sip_transport_name(r->transport));
	buf_ch(&out, ' ');
	buf_c(&out, s->advertise[r->transport]);
	buf_c(&out, ";branch=");
	buf_put(&out, r->branch);
	buf_c(&out, ";rport\r\nMax-Forwards: 70\r\n");
	if (r->routes.n)
		put_header(&out, "Route", r->routes);
	put_header(&out, "From", r->local);
	put_header(&out, "To", r->remote);
	put_header(&out, "Call-ID", r->call_id);
	buf_c(&out, "CSeq: ");
	buf_u64(&out, r->cseq);
	buf_ch(&out, ' ');
	buf_c(&out, method);
	buf_c(&out, "\r\n");
	if (r->contact.n)
		put_header(&out, "Contact", r->contact);
	if (r->auth.n)
		put_header(&out, sip_header_text(r->auth_header), r->auth);
	if (r->method == METHOD_INVITE || r->method == METHOD_UPDATE)
		write_abilities(&out);
	put_header(&out, "User-Agent", str_of(s->product));
	put_end(&out, r->extra, r->body_type, r->body);
	return out.full ? STR_NONE : buf_str(&out);
}

/* RFC 3261 section 18.2.1, RFC 3581 section 4: the top Via with where it really came from. */
static void put_top_via(struct sip *s, struct buf *out)
{
	const struct sip_via *v = &s->in.via;
	const struct sip_address *from = s->in_source;
	char text[64];
	struct buf address = buf_make(text, sizeof text);
	sip_address_text(from, &address);
	struct str ip = buf_str(&address);
	while (ip.n && ip.p[ip.n - 1] != ':')
		ip.n--;
	ip.n -= ip.n > 0;
	if (from->family == 6 && ip.n > 2)
		ip = str_make(ip.p + 1, ip.n - 2);

	buf_c(out, "Via: SIP/");
	put_value(out, v->version);
	buf_ch(out, '/');
	put_value(out, v->transport);
	buf_ch(out, ' ');
	put_value(out, v->host);
	if (v->port) {
		buf_ch(out, ':');
		buf_u64(out, v->port);
	}
	/* parameters as they came, but for the two that are ours to say */
	struct str rest = str_from(v->params, 1), one;
	while (rest.n) {
		size_t n = 0;
		bool quoted = false;
		while (n < rest.n && (quoted || rest.p[n] != ';')) {
			if (rest.p[n] == '"')
				quoted = !quoted;
			n++;
		}
		one = str_trim(str_head(rest, n));
		rest = str_from(rest, n + 1);
		struct str key, value;
		str_cut(one, '=', &key, &value);
		key = str_trim(key);
		if (!one.n || str_ieq(key, STR("received")) || str_ieq(key, STR("rport")))
			continue;
		buf_ch(out, ';');
		put_value(out, one);
	}
	if (v->rport || !str_eq(v->host, ip)) {
		buf_c(out, ";received=");
		buf_put(out, ip);
	}
	if (v->rport) {
		buf_c(out, ";rport=");
		buf_u64(out, from->port);
	}
	buf_c(out, "\r\n");
}

void write_reply_head(struct sip *s, struct buf *out, struct str to_tag)
{
	const struct sip_message *m = &s->in;
	uint32_t at = 0;
	struct str v;
	put_top_via(s, out);
	for (bool top = true; sip_header_next(m, HDR_VIA, &at, &v); top = false) {
		struct sip_via skipped;
		if (top && sip_take_via(&v, &skipped) != ERR_OK)
			continue;
		if (v.n)
			put_header(out, "Via", v);
	}
	v = sip_header_get(m, HDR_FROM);
	if (v.n)
		put_header(out, "From", v);
	v = sip_header_get(m, HDR_TO);
	if (v.n) {
		buf_c(out, "To: ");
		put_value(out, v);
		if (m->to.uri.n && !m->to.tag.n && to_tag.n) {
			buf_c(out, ";tag=");
			buf_put(out, to_tag);
		}
		buf_c(out, "\r\n");
	}
	v = sip_header_get(m, HDR_CALL_ID);
	if (v.n)
		put_header(out, "Call-ID", v);
	v = sip_header_get(m, HDR_CSEQ);
	if (v.n)
		put_header(out, "CSeq", v);
}

void write_record_routes(struct sip *s, struct buf *out)
{
	uint32_t at = 0;
	for (struct str v; sip_header_next(&s->in, HDR_RECORD_ROUTE, &at, &v);)
		if (v.n)
			put_header(out, "Record-Route", v);
}

struct str write_reply(struct sip *s, const struct reply *r)
{
	struct buf out = buf_make(s->out, sizeof s->out);
	buf_c(&out, "SIP/2.0 ");
	buf_u64(&out, r->status);
	buf_ch(&out, ' ');
	buf_c(&out, sip_reason_phrase(r->status));
	buf_c(&out, "\r\n");
	buf_put(&out, r->head);
	buf_put(&out, r->routes);
	if (r->contact.n) {
		put_header(&out, "Contact", r->contact);
		write_abilities(&out);
	}
	put_header(&out, "Server", str_of(s->product));
	put_end(&out, r->extra, NULL, r->body);
	return out.full ? STR_NONE : buf_str(&out);
}
