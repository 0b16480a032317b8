/* uri.c - see uri.h; addresses too. */
#include "sip/uri.h"

#include <arpa/inet.h>

#include "sip/chars.h"

static bool alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Printable ASCII or UTF-8 without what would end a URI; escapes whole. */
static bool text_ok(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (char_is(s.p[i], CHAR_NOT_URI))
			return false;
		if (s.p[i] == '%' &&
		    (s.n - i < 3 || hex_digit(s.p[i + 1]) < 0 || hex_digit(s.p[i + 2]) < 0))
			return false;
	}
	return true;
}

static bool host_ok(struct str h, bool ipv6)
{
	if (!h.n || h.n > 255)
		return false;
	for (size_t i = 0; i < h.n; i++) {
		char c = h.p[i];
		if (ipv6 ? hex_digit(c) < 0 && c != ':' && c != '.' : !char_is(c, CHAR_HOST))
			return false;
	}
	return true;
}

/* host [":" port], whole view */
static enum err parse_hostport(struct str s, struct sip_uri *u)
{
	struct str port = STR_NONE;
	bool ipv6 = s.n && s.p[0] == '[';
	bool port_said;
	if (ipv6) {
		ptrdiff_t close = str_find(s, ']');
		if (close < 0)
			return ERR_INVALID;
		u->host = str_make(s.p + 1, (size_t)close - 1);
		port = str_from(s, (size_t)close + 1);
		port_said = port.n > 0;
		if (port_said && port.p[0] != ':')
			return ERR_INVALID;
		port = str_from(port, 1);
	} else {
		port_said = str_cut(s, ':', &u->host, &port);
	}
	if (!host_ok(u->host, ipv6))
		return ERR_INVALID;
	uint32_t n = 0;
	if (port_said && (str_to_u32(port, 65535, &n) != ERR_OK || n == 0))
		return ERR_INVALID;
	u->port = (uint16_t)n;
	return ERR_OK;
}

static enum err parse_sip(struct str rest, struct sip_uri *u)
{
	/* '@' must be escaped everywhere else, so the only one ends the user part, which itself may
	 * hold ';', '?' and '/' (RFC 4475 section 3.1.1.2) */
	struct str userinfo, after;
	if (str_cut(rest, '@', &userinfo, &after)) {
		if (str_find(after, '@') >= 0)
			return ERR_INVALID;
		str_cut(userinfo, ':', &u->user, &u->password);
		if (!u->user.n)
			return ERR_INVALID;
		rest = after;
	}
	struct str hostport;
	size_t end = 0;
	while (end < rest.n && rest.p[end] != ';' && rest.p[end] != '?')
		end++;
	hostport = str_head(rest, end);
	rest = str_from(rest, end);
	str_cut(rest, '?', &u->params, &u->headers);
	u->params = str_from(u->params, 1);
	return parse_hostport(hostport, u);
}

enum err sip_uri_parse(struct str text, struct sip_uri *out)
{
	struct sip_uri u = {.text = text};
	struct str scheme, rest;
	if (text.n > URI_BYTES_MAX)
		return ERR_TOO_LARGE;
	if (!text_ok(text) || !str_cut(text, ':', &scheme, &rest) || !scheme.n || !rest.n)
		return ERR_INVALID;
	for (size_t i = 0; i < scheme.n; i++)
		if (!alnum(scheme.p[i]) &&
		    (i == 0 || (scheme.p[i] != '+' && scheme.p[i] != '-' && scheme.p[i] != '.')))
			return ERR_INVALID;
	if (str_ieq(scheme, STR("sip")) || str_ieq(scheme, STR("sips"))) {
		u.scheme = scheme.n == 3 ? SCHEME_SIP : SCHEME_SIPS;
		enum err e = parse_sip(rest, &u);
		if (e != ERR_OK)
			return e;
	} else if (str_ieq(scheme, STR("tel"))) {
		u.scheme = SCHEME_TEL;
		str_cut(rest, ';', &u.user, &u.params);
		if (!u.user.n)
			return ERR_INVALID;
	} else {
		u.scheme = SCHEME_OTHER;
	}
	*out = u;
	return ERR_OK;
}

bool sip_uri_param(const struct sip_uri *u, const char *name, struct str *value)
{
	struct str rest = u->params, one, key, v;
	while (rest.n) {
		str_cut(rest, ';', &one, &rest);
		str_cut(one, '=', &key, &v);
		if (!str_ieq(key, str_of(name)))
			continue;
		*value = v;
		return true;
	}
	return false;
}

/* Next octet with its escape taken off; false at the end. */
static bool next_octet(struct str *s, unsigned char *c)
{
	if (!s->n)
		return false;
	if (s->p[0] == '%' && s->n >= 3 && hex_digit(s->p[1]) >= 0 && hex_digit(s->p[2]) >= 0) {
		*c = (unsigned char)(hex_digit(s->p[1]) << 4 | hex_digit(s->p[2]));
		*s = str_from(*s, 3);
	} else {
		*c = (unsigned char)s->p[0];
		*s = str_from(*s, 1);
	}
	return true;
}

static bool same_unescaped(struct str a, struct str b)
{
	unsigned char x, y;
	while (next_octet(&a, &x))
		if (!next_octet(&b, &y) || x != y)
			return false;
	return !b.n;
}

bool sip_uri_eq(const struct sip_uri *a, const struct sip_uri *b)
{
	if (a->scheme != b->scheme)
		return false;
	if (a->scheme == SCHEME_OTHER)
		return str_eq(a->text, b->text);
	return same_unescaped(a->user, b->user) && same_unescaped(a->password, b->password) &&
	       str_ieq(a->host, b->host) && a->port == b->port && str_ieq(a->params, b->params) &&
	       str_eq(a->headers, b->headers);
}

enum err sip_unescape(struct str s, struct buf *out)
{
	size_t was = out->n;
	unsigned char c;
	while (s.n) {
		bool escape = s.p[0] == '%';
		size_t before = s.n;
		CHECK(next_octet(&s, &c));
		if ((escape && before - s.n != 3) || c == 0 || c == '\r' || c == '\n') {
			out->n = was;
			return ERR_INVALID;
		}
		buf_ch(out, (char)c);
	}
	return ERR_OK;
}

/* Digits and what people put between them, RFC 3966 section 3. */
static bool telephone(struct str s)
{
	bool digits = false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		digits = digits || (c >= '0' && c <= '9');
		if (!(c >= '0' && c <= '9') && (!c || !strchr("+-.()*#", c)))
			return false;
	}
	return digits;
}

enum err sip_uri_person(const struct sip_uri *u, struct buf *out)
{
	struct str user = u->user, params = u->params, key, value, one;
	if (u->scheme != SCHEME_TEL && (!str_cut(u->user, ';', &user, &params) || !telephone(user)))
		return sip_unescape(u->user, out);
	while (params.n && user.n && user.p[0] != '+') {
		str_cut(params, ';', &one, &params);
		str_cut(one, '=', &key, &value);
		if (!str_ieq(key, STR("phone-context")) || !value.n || value.p[0] != '+')
			continue;
		buf_put(out, value);
		break;
	}
	return sip_unescape(user, out);
}

void sip_escape_user(struct buf *out, struct str user)
{
	static const char hex[] = "0123456789ABCDEF";
	for (size_t i = 0; i < user.n; i++) {
		char c = user.p[i];
		if (alnum(c) || (c && strchr("-_.!~*'()&=+$,;?/", c))) {
			buf_ch(out, c);
		} else {
			char e[3] = {'%', hex[(unsigned char)c >> 4], hex[(unsigned char)c & 15]};
			buf_put(out, str_make(e, 3));
		}
	}
}

/* -- addresses -- */

bool sip_address_eq(const struct sip_address *a, const struct sip_address *b)
{
	return a->transport == b->transport && a->family == b->family && a->port == b->port &&
	       a->server == b->server && memcmp(a->ip, b->ip, a->family == 4 ? 4 : 16) == 0;
}

enum err sip_address_parse(struct str ip, uint16_t port, struct sip_address *out)
{
	struct sip_address a = {.transport = SIP_UDP, .port = port};
	char text[64];
	if (ip.n > 2 && ip.p[0] == '[' && ip.p[ip.n - 1] == ']')
		ip = str_make(ip.p + 1, ip.n - 2);
	if (!str_copy(ip, text, sizeof text) || memchr(ip.p ? ip.p : "", 0, ip.n))
		return ERR_INVALID;
	if (inet_pton(AF_INET, text, a.ip) == 1)
		a.family = 4;
	else if (inet_pton(AF_INET6, text, a.ip) == 1)
		a.family = 6;
	else
		return ERR_INVALID;
	*out = a;
	return ERR_OK;
}

void sip_address_text(const struct sip_address *a, struct buf *out)
{
	char text[INET6_ADDRSTRLEN] = "?";
	inet_ntop(a->family == 6 ? AF_INET6 : AF_INET, a->ip, text, sizeof text);
	buf_fmt(out, a->family == 6 ? "[%s]:%u" : "%s:%u", text, a->port);
}

enum err sip_uri_address(const struct sip_uri *u, enum sip_transport otherwise,
			 struct sip_address *out)
{
	struct sip_address a;
	struct str t;
	if (!u->host.n || sip_address_parse(u->host, u->port, &a) != ERR_OK)
		return ERR_NOT_FOUND;
	a.transport = otherwise;
	if (sip_uri_param(u, "transport", &t)) {
		if (str_ieq(t, STR("tcp")))
			a.transport = SIP_TCP;
		else if (str_ieq(t, STR("udp")))
			a.transport = SIP_UDP;
		else if (str_ieq(t, STR("tls"))) /* RFC 3261 section 26.2.2: old, and usual */
			a.transport = SIP_TLS;
		else if (str_ieq(t, STR("ws")))
			a.transport = SIP_WS;
	}
	/* RFC 3261 section 19.1.2: sips goes over TLS, whatever runs upon it */
	if (u->scheme == SCHEME_SIPS)
		a.transport = sip_is_web(a.transport) ? SIP_WSS : SIP_TLS;
	if (!a.port)
		a.port = a.transport == SIP_TLS ? 5061 : 5060;
	*out = a;
	return ERR_OK;
}
