/* message.c - start line and headers; see message.h. The values are read in header.c. */
#include "sip/message.h"

#include <strings.h>

#include "sip/chars.h"
#include "sip/uri.h"

static const struct {
	struct str text;
	char compact;
	bool single;
} header_table[] = {
#define HEADER(id, text, compact, single) {STR(text), compact, single},
#include "sip/headers.def"
#undef HEADER
};

static const struct str method_table[] = {
#define METHOD(name, served) STR(#name),
#include "sip/methods.def"
#undef METHOD
};

const char *sip_header_text(enum sip_header_name name)
{
	return header_table[name].text.p;
}

const char *sip_method_name(enum sip_method m)
{
	CHECK(m < METHOD_OTHER);
	return method_table[m].p;
}

/* RFC 3261 section 7.1: methods are case-sensitive. */
enum sip_method sip_method_of(struct str text)
{
	for (uint32_t i = 0; i < METHOD_OTHER; i++)
		if (str_eq(text, method_table[i]))
			return (enum sip_method)i;
	return METHOD_OTHER;
}

/* Most names differ in length or first letter: those are looked at before any comparing. */
static enum sip_header_name header_of(struct str name)
{
	char first = (char)(name.p[0] | 0x20);
	for (uint32_t i = 0; i < HDR_COUNT; i++) {
		const struct str *text = &header_table[i].text;
		if (name.n != text->n && name.n != 1)
			continue;
		if (name.n == 1 ? first == header_table[i].compact
				: first == (text->p[0] | 0x20) &&
					  strncasecmp(name.p, text->p, name.n) == 0)
			return (enum sip_header_name)i;
	}
	return HDR_OTHER;
}

struct str sip_header_get(const struct sip_message *m, enum sip_header_name name)
{
	return m->first[name] ? m->headers[m->first[name] - 1].value : STR_NONE;
}

bool sip_header_next(const struct sip_message *m, enum sip_header_name name, uint32_t *at,
		     struct str *value)
{
	uint32_t i = *at ? m->headers[*at - 1].next : m->first[name];
	if (!i)
		return false;
	*at = i;
	*value = m->headers[i - 1].value;
	return true;
}

bool sip_header_lists(const struct sip_message *m, enum sip_header_name name, const char *token)
{
	uint32_t at = 0;
	for (struct str v, one; sip_header_next(m, name, &at, &v);)
		while (sip_take_element(&v, &one))
			if (str_ieq(one, str_of(token)))
				return true;
	return false;
}

static bool is_token(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!char_is(s.p[i], CHAR_TOKEN))
			return false;
	return s.n > 0;
}

/* RFC 3261 section 7.2: the reason phrase may be empty or hold anything. */
static enum err parse_status_line(struct str line, struct sip_message *m)
{
	struct str status;
	str_cut(line, ' ', &m->version, &line);
	str_cut(line, ' ', &status, &m->reason);
	if (!str_ieq(m->version, STR("SIP/2.0")) || status.n != 3 ||
	    str_to_u32(status, 699, &m->status) != ERR_OK || m->status < 100)
		return ERR_INVALID;
	return ERR_OK;
}

/* RFC 3261 section 7.1: exactly one space between the parts, none at the end. */
static enum err parse_request_line(struct str line, struct sip_message *m)
{
	struct str rest;
	m->request = true;
	str_cut(line, ' ', &m->method_text, &rest);
	str_cut(rest, ' ', &m->uri, &m->version);
	m->method = sip_method_of(m->method_text);
	if (!is_token(m->method_text))
		return ERR_INVALID;
	m->refuse = 400;
	if (!m->uri.n || !str_starts(m->version, STR("SIP/")))
		return ERR_INVALID;
	if (!str_ieq(m->version, STR("SIP/2.0"))) {
		bool version = m->version.n == 7 && m->version.p[5] == '.';
		m->refuse = version ? 505 : 400;
		return ERR_INVALID;
	}
	if (m->uri.n > URI_BYTES_MAX) {
		m->refuse = 414;
		return ERR_INVALID;
	}
	return ERR_OK;
}

/* The next header with its folds; *line is without the last CRLF. A bare CR or LF is refused, so
 * that no two readers of the same bytes see different headers. */
static enum err take_line(struct str *rest, struct str *line)
{
	size_t at = 0;
	for (;;) {
		const char *lf = at < rest->n ? memchr(rest->p + at, '\n', rest->n - at) : NULL;
		if (!lf)
			return ERR_AGAIN;
		size_t end = (size_t)(lf - rest->p);
		if (end == 0 || rest->p[end - 1] != '\r')
			return ERR_INVALID;
		at = end + 1;
		bool fold = end > 1 && at < rest->n && (rest->p[at] == ' ' || rest->p[at] == '\t');
		if (fold)
			continue;
		*line = str_head(*rest, end - 1);
		*rest = str_from(*rest, at);
		return ERR_OK;
	}
}

/* CR only as part of a fold; NUL only as a quoted pair, where the grammar allows it (RFC 4475
 * section 3.1.1.2). Nobody writes it out again: see put_value. */
static bool value_ok(struct str v, bool nuls)
{
	for (struct str r = v; nuls && r.n;) {
		ptrdiff_t nul = str_find(r, 0);
		if (nul < 0)
			break;
		if (nul == 0 || r.p[nul - 1] != '\\')
			return false;
		r = str_from(r, (size_t)nul + 1);
	}
	for (struct str r = v; r.n;) {
		ptrdiff_t cr = str_find(r, '\r');
		if (cr < 0)
			return true;
		if ((size_t)cr + 1 >= r.n || r.p[cr + 1] != '\n')
			return false;
		r = str_from(r, (size_t)cr + 2);
	}
	return true;
}

static enum err add_header(struct sip_message *m, struct str line)
{
	struct str name, value;
	if (line.n > HEADER_BYTES_MAX || m->header_count == HEADERS_MAX) {
		m->refuse = 513;
		return ERR_TOO_LARGE;
	}
	if (!str_cut(line, ':', &name, &value))
		return ERR_INVALID;
	while (name.n && char_is(name.p[name.n - 1], CHAR_BLANK))
		name.n--;
	if (!is_token(name) || !value_ok(value, m->nuls))
		return ERR_INVALID;
	enum sip_header_name id = header_of(name);
	struct sip_header *h = &m->headers[m->header_count++];
	*h = (struct sip_header){.value = str_trim(value), .name = (uint16_t)id};
	if (id == HDR_OTHER)
		return ERR_OK;
	if (m->last[id]) {
		if (header_table[id].single)
			return ERR_INVALID;
		m->headers[m->last[id] - 1].next = (uint16_t)m->header_count;
	} else {
		m->first[id] = (uint16_t)m->header_count;
	}
	m->last[id] = (uint16_t)m->header_count;
	return ERR_OK;
}

/* RFC 3261 section 8.1.1.5: a number below 2^31, blanks, the method. */
static enum err parse_cseq(struct sip_message *m)
{
	struct str v = sip_header_get(m, HDR_CSEQ), number = v;
	number.n = 0;
	while (number.n < v.n && !char_is(v.p[number.n], CHAR_BLANK))
		number.n++;
	struct str method = str_trim(str_from(v, number.n));
	if (number.n > 32 || str_to_u32(number, INT32_MAX, &m->cseq) != ERR_OK || !is_token(method))
		return ERR_INVALID;
	if (m->request)
		return str_eq(method, m->method_text) ? ERR_OK : ERR_INVALID;
	m->method_text = method;
	m->method = sip_method_of(method);
	return ERR_OK;
}

static enum err parse_party(struct str v, struct sip_name_addr *out)
{
	enum err e = sip_take_name_addr(&v, out);
	return e == ERR_OK && v.n ? ERR_INVALID : e;
}

static enum err parse_vias(struct sip_message *m)
{
	uint32_t count = 0, at = 0;
	for (struct str v; sip_header_next(m, HDR_VIA, &at, &v);) {
		do {
			struct sip_via via;
			enum err e = sip_take_via(&v, &via);
			if (e != ERR_OK)
				return e;
			if (++count == 1)
				m->via = via;
			if (count > VIAS_MAX)
				return ERR_TOO_LARGE;
		} while (v.n);
	}
	return count ? ERR_OK : ERR_INVALID;
}

/* Everything RFC 3261 section 8.1.1 makes mandatory. Goes on after a fault, so that a refusal can
 * name as much as could be read (section 8.2.6.2). */
static enum err parse_mandatory(struct sip_message *m)
{
	enum err via = parse_vias(m);
	enum err from = parse_party(sip_header_get(m, HDR_FROM), &m->from);
	enum err to = parse_party(sip_header_get(m, HDR_TO), &m->to);
	enum err cseq = parse_cseq(m);
	m->call_id = sip_header_get(m, HDR_CALL_ID);
	m->max_forwards = 70;
	struct str v = sip_header_get(m, HDR_MAX_FORWARDS);
	bool hops = !v.p || (v.n <= 32 && str_to_u32(v, 255, &m->max_forwards) == ERR_OK);
	bool id = m->call_id.n > 0;
	for (size_t i = 0; i < m->call_id.n; i++)
		id = id && !char_is(m->call_id.p[i], CHAR_BLANK);
	if (via == ERR_TOO_LARGE)
		m->refuse = m->request ? 513 : 0;
	return via == ERR_OK && from == ERR_OK && to == ERR_OK && cseq == ERR_OK && hops && id
		       ? ERR_OK
		       : ERR_INVALID;
}

static enum err parse_body(struct str rest, struct sip_message *m)
{
	struct str v = sip_header_get(m, HDR_CONTENT_LENGTH);
	uint64_t length = rest.n;
	/* RFC 3261 section 18.3: what follows is dropped, too little is an error */
	if (v.p && (v.n > 32 || str_to_u64(v, rest.n, &length) != ERR_OK))
		return ERR_INVALID;
	m->body = str_head(rest, (size_t)length);
	return ERR_OK;
}

static void begin(struct sip_message *m)
{
	/* not the headers: they are written before they are read */
	m->request = false;
	m->method = METHOD_OTHER;
	m->method_text = m->uri = m->reason = m->version = m->call_id = m->body = STR_NONE;
	m->status = m->header_count = m->cseq = m->max_forwards = m->refuse = 0;
	memset(m->first, 0, sizeof m->first);
	memset(m->last, 0, sizeof m->last);
	m->via = (struct sip_via){0};
	m->from = m->to = (struct sip_name_addr){0};
}

enum err sip_parse(struct str bytes, struct sip_message *m)
{
	struct str line, rest = bytes;
	begin(m);
	if (bytes.n > MESSAGE_BYTES_MAX || take_line(&rest, &line) != ERR_OK)
		return ERR_INVALID;
	enum err start = str_starts(line, STR("SIP/")) ? parse_status_line(line, m)
						       : parse_request_line(line, m);
	if (start != ERR_OK && !m->refuse)
		return ERR_INVALID;
	uint32_t refuse_start = start == ERR_OK ? 0 : m->refuse;
	enum err worst = start;
	m->nuls = str_find(rest, 0) >= 0;
	for (;;) {
		enum err e = take_line(&rest, &line);
		if (e != ERR_OK) { /* no blank line: nothing behind here is to be trusted */
			worst = ERR_INVALID;
			rest = STR_NONE;
			break;
		}
		if (!line.n)
			break;
		if (add_header(m, line) != ERR_OK)
			worst = ERR_INVALID;
		if (m->refuse == 513)
			break;
	}
	bool headers_lost = m->refuse == 513;
	if (parse_mandatory(m) != ERR_OK || headers_lost || parse_body(rest, m) != ERR_OK)
		worst = ERR_INVALID;
	if (refuse_start)
		m->refuse = refuse_start;
	if (worst == ERR_OK)
		m->refuse = 0;
	else if (!m->via.value.n || !m->request)
		m->refuse = 0; /* nobody to tell */
	return worst == ERR_OK ? ERR_OK : ERR_INVALID;
}

enum err sip_frame(struct str stream, size_t *length)
{
	struct str window = str_head(stream, MESSAGE_BYTES_MAX);
	ptrdiff_t end = str_find_str(window, STR("\r\n\r\n"));
	if (end < 0)
		return stream.n >= MESSAGE_BYTES_MAX ? ERR_TOO_LARGE : ERR_AGAIN;
	struct str head = str_head(stream, (size_t)end + 4), line;
	uint64_t body = 0;
	bool said = false;
	CHECK(take_line(&head, &line) != ERR_AGAIN);
	while (take_line(&head, &line) == ERR_OK && line.n) {
		struct str name, value;
		if (!str_cut(line, ':', &name, &value))
			continue;
		name = str_trim(name);
		if (!name.n || header_of(name) != HDR_CONTENT_LENGTH)
			continue;
		value = str_trim(value);
		/* two lengths are how one message is smuggled inside another */
		if (said || value.n > 32 || str_to_u64(value, UINT32_MAX, &body) != ERR_OK)
			return ERR_INVALID;
		said = true;
	}
	if (!said)
		return ERR_INVALID; /* RFC 3261 section 18.3: must be there on streams */
	if (body > MESSAGE_BYTES_MAX - ((size_t)end + 4))
		return ERR_TOO_LARGE;
	size_t whole = (size_t)end + 4 + (size_t)body;
	if (stream.n < whole)
		return ERR_AGAIN;
	*length = whole;
	return ERR_OK;
}
