/* header.c - what stands in headers: name-addr, Via, parameters, lists; and writing. */
#include "sip/message.h"

#include "sip/chars.h"
#include "sip/uri.h"

static struct str skip_blanks(struct str s)
{
	size_t n = 0;
	while (n < s.n && char_is(s.p[n], CHAR_BLANK))
		n++;
	return n ? str_make(s.p + n, s.n - n) : s; /* nothing may be NULL */
}

/* Outside ASCII the grammar knows no token, but people's names do. */
static size_t token_length(struct str s)
{
	size_t n = 0;
	while (n < s.n && char_is(s.p[n], CHAR_TOKEN | CHAR_WIDE))
		n++;
	return n;
}

static struct str between(const char *from, const char *to)
{
	return str_make(from, (size_t)(to - from));
}

/* Length of the quoted string s begins with, quotes included; 0 when it does not end. */
static size_t quoted_length(struct str s)
{
	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			return i + 1;
	}
	return 0;
}

/* Takes the value of a parameter: token, host or quoted string. */
static enum err take_param_value(struct str *rest, struct str *value)
{
	if (rest->n && rest->p[0] == '"') {
		size_t n = quoted_length(*rest);
		if (!n)
			return ERR_INVALID;
		*value = str_make(rest->p + 1, n - 2);
		*rest = str_from(*rest, n);
		return ERR_OK;
	}
	size_t n = 0;
	while (n < rest->n && !char_is(rest->p[n], CHAR_BLANK | CHAR_MARK))
		n++;
	*value = str_head(*rest, n);
	*rest = str_from(*rest, n);
	return n ? ERR_OK : ERR_INVALID;
}

/* RFC 3261 section 25.1: *(SEMI name [EQUAL value]), blanks and folds around both marks. Stops at
 * a comma or the end. */
static enum err take_param(struct str *rest, struct str *name, struct str *value)
{
	struct str s = skip_blanks(str_from(*rest, 1));
	size_t n = token_length(s);
	if (!n)
		return ERR_INVALID;
	*name = str_head(s, n);
	*value = STR_NONE;
	s = skip_blanks(str_from(s, n));
	if (s.n && s.p[0] == '=') {
		s = skip_blanks(str_from(s, 1));
		enum err e = take_param_value(&s, value);
		if (e != ERR_OK)
			return e;
		s = skip_blanks(s);
	}
	*rest = s;
	return ERR_OK;
}

bool sip_param(struct str params, const char *name, struct str *value)
{
	struct str key, v, wanted = str_of(name);
	params = skip_blanks(params);
	while (params.n && params.p[0] == ';') {
		if (take_param(&params, &key, &v) != ERR_OK)
			return false;
		if (!str_ieq(key, wanted))
			continue;
		*value = v;
		return true;
	}
	return false;
}

/* All parameters up to a comma or the end; *rest is then behind the comma. */
static enum err take_params(struct str *rest, struct str *params)
{
	struct str s = skip_blanks(*rest), name, value;
	const char *begin = s.p;
	while (s.n && s.p[0] == ';') {
		enum err e = take_param(&s, &name, &value);
		if (e != ERR_OK)
			return e;
	}
	*params = begin ? between(begin, s.p) : STR_NONE;
	if (s.n) {
		if (s.p[0] != ',')
			return ERR_INVALID;
		s = skip_blanks(str_from(s, 1));
		if (!s.n)
			return ERR_INVALID;
	}
	*rest = s;
	return ERR_OK;
}

static enum err take_display_name(struct str *rest, struct str *name)
{
	struct str s = *rest;
	if (s.n && s.p[0] == '"') {
		size_t n = quoted_length(s);
		if (!n)
			return ERR_INVALID;
		*name = str_make(s.p + 1, n - 2);
		*rest = skip_blanks(str_from(s, n));
		return rest->n && rest->p[0] == '<' ? ERR_OK : ERR_INVALID;
	}
	size_t n = 0;
	while (n < s.n && char_is(s.p[n], CHAR_TOKEN | CHAR_WIDE | CHAR_BLANK))
		n++;
	if (n < s.n && s.p[n] == '<') {
		*name = str_trim(str_head(s, n));
		*rest = str_from(s, n);
	}
	return ERR_OK; /* no '<': an address without brackets, which may hold anything else */
}

/* RFC 3261 section 20.10: without brackets all that follows ';' belongs to the header, and a URI
 * with ',' or '?' must have brackets. */
enum err sip_take_name_addr(struct str *rest, struct sip_name_addr *out)
{
	struct sip_name_addr a = {0};
	struct str s = skip_blanks(*rest);
	enum err e = take_display_name(&s, &a.name);
	if (e != ERR_OK || !s.n)
		return ERR_INVALID;
	if (s.p[0] == '<') {
		ptrdiff_t close = str_find(s, '>');
		if (close < 0)
			return ERR_INVALID;
		a.uri = str_make(s.p + 1, (size_t)close - 1);
		s = str_from(s, (size_t)close + 1);
	} else {
		size_t n = 0;
		while (n < s.n && !char_is(s.p[n], CHAR_BLANK | CHAR_MARK))
			n++;
		a.uri = str_head(s, n);
		if (str_find(a.uri, '?') >= 0)
			return ERR_INVALID;
		s = str_from(s, n);
	}
	struct sip_uri uri;
	if (sip_uri_parse(a.uri, &uri) != ERR_OK || take_params(&s, &a.params) != ERR_OK)
		return ERR_INVALID;
	sip_param(a.params, "tag", &a.tag);
	*out = a;
	*rest = s;
	return ERR_OK;
}

/* "SIP" SLASH version SLASH transport, with blanks wherever the grammar has them. Another version
 * is read too: a request of it is answered 505, and that needs its Via. */
static enum err take_protocol(struct str *rest, struct sip_via *v)
{
	struct str *const parts[] = {NULL, &v->version, &v->transport};
	struct str s = skip_blanks(*rest);
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		size_t n = token_length(s);
		struct str token = str_head(s, n);
		s = str_from(s, n);
		if (i == 0 ? !str_ieq(token, STR("SIP")) : !n)
			return ERR_INVALID;
		if (parts[i])
			*parts[i] = token;
		if (i == 2)
			break;
		s = skip_blanks(s);
		if (!s.n || s.p[0] != '/')
			return ERR_INVALID;
		s = skip_blanks(str_from(s, 1));
	}
	if (!s.n || !char_is(s.p[0], CHAR_BLANK))
		return ERR_INVALID;
	*rest = skip_blanks(s);
	return ERR_OK;
}

static enum err take_sent_by(struct str *rest, struct sip_via *v)
{
	struct str s = *rest;
	size_t n = 0;
	if (s.n && s.p[0] == '[') {
		ptrdiff_t close = str_find(s, ']');
		n = close < 0 ? 0 : (size_t)close + 1;
	} else {
		while (n < s.n && s.p[n] != ':' && !char_is(s.p[n], CHAR_BLANK | CHAR_MARK))
			n++;
	}
	if (!n || n > 255)
		return ERR_INVALID;
	v->host = str_head(s, n);
	s = skip_blanks(str_from(s, n));
	if (s.n && s.p[0] == ':') {
		s = skip_blanks(str_from(s, 1));
		n = 0;
		while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
			n++;
		uint32_t port;
		if (str_to_u32(str_head(s, n), 65535, &port) != ERR_OK)
			return ERR_INVALID;
		v->port = (uint16_t)port;
		s = str_from(s, n);
	}
	*rest = s;
	return ERR_OK;
}

enum err sip_take_via(struct str *rest, struct sip_via *out)
{
	struct sip_via v = {0};
	struct str s = skip_blanks(*rest), unused;
	const char *begin = s.p;
	if (take_protocol(&s, &v) != ERR_OK || take_sent_by(&s, &v) != ERR_OK)
		return ERR_INVALID;
	s = skip_blanks(s);
	if (take_params(&s, &v.params) != ERR_OK)
		return ERR_INVALID;
	const char *end = v.params.p + v.params.n;
	v.value = str_trim(between(begin, end));
	sip_param(v.params, "branch", &v.branch);
	v.rport = sip_param(v.params, "rport", &unused);
	*out = v;
	*rest = s;
	return ERR_OK;
}

bool sip_take_element(struct str *rest, struct str *element)
{
	struct str s = *rest;
	for (;;) {
		size_t n = 0;
		bool bracket = false;
		while (n < s.n && (bracket || s.p[n] != ',')) {
			if (s.p[n] == '"') {
				size_t q = quoted_length(str_from(s, n));
				n += q ? q : s.n - n;
				continue;
			}
			if (s.p[n] == '<' || s.p[n] == '>')
				bracket = s.p[n] == '<';
			n++;
		}
		bool more = n < s.n;
		*element = str_trim(str_head(s, n));
		s = str_from(s, n + 1);
		if (element->n || !more) {
			*rest = s;
			return element->n > 0;
		}
	}
}

/* -- writing -- */

void put_value(struct buf *out, struct str s)
{
	while (s.n) {
		size_t n = 0;
		while (n < s.n && s.p[n] != '\r' && s.p[n] != '\n' && s.p[n])
			n++;
		buf_put(out, str_head(s, n));
		if (n < s.n)
			buf_ch(out, ' ');
		s = str_from(s, n + 1);
	}
}

void put_header(struct buf *out, const char *name, struct str value)
{
	buf_c(out, name);
	buf_c(out, ": ");
	put_value(out, value);
	buf_c(out, "\r\n");
}

void put_quoted(struct buf *out, struct str s)
{
	buf_ch(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == '"' || c == '\\')
			buf_ch(out, '\\');
		buf_ch(out, (unsigned char)c < ' ' || c == 0x7f ? ' ' : c);
	}
	buf_ch(out, '"');
}

const char *sip_reason_phrase(uint32_t status)
{
	static const struct {
		uint32_t status;
		const char *text;
	} phrases[] = {
		{100, "Trying"},
		{180, "Ringing"},
		{183, "Session Progress"},
		{200, "OK"},
		{202, "Accepted"},
		{400, "Bad Request"},
		{401, "Unauthorized"},
		{403, "Forbidden"},
		{404, "Not Found"},
		{405, "Method Not Allowed"},
		{406, "Not Acceptable"},
		{408, "Request Timeout"},
		{414, "Request-URI Too Long"},
		{415, "Unsupported Media Type"},
		{416, "Unsupported URI Scheme"},
		{420, "Bad Extension"},
		{421, "Extension Required"},
		{422, "Session Interval Too Small"},
		{428, "Use Identity Header"},
		{436, "Bad Identity Info"},
		{437, "Unsupported Credential"},
		{438, "Invalid Identity Header"},
		{423, "Interval Too Brief"},
		{480, "Temporarily Unavailable"},
		{481, "Call/Transaction Does Not Exist"},
		{482, "Loop Detected"},
		{483, "Too Many Hops"},
		{484, "Address Incomplete"},
		{486, "Busy Here"},
		{487, "Request Terminated"},
		{488, "Not Acceptable Here"},
		{491, "Request Pending"},
		{500, "Server Internal Error"},
		{501, "Not Implemented"},
		{503, "Service Unavailable"},
		{504, "Server Time-out"},
		{505, "Version Not Supported"},
		{513, "Message Too Large"},
		{600, "Busy Everywhere"},
		{603, "Decline"},
		{606, "Not Acceptable"},
	};
	for (size_t i = 0; i < COUNT_OF(phrases); i++)
		if (phrases[i].status == status)
			return phrases[i].text;
	return status < 200 ? "Progress" : status < 300 ? "OK" : "Refused";
}
