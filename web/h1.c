/* h1.c - see h1.h. */
#include "web/h1.h"

static bool is_token(struct str s)
{
	if (!s.n)
		return false;
	for (size_t i = 0; i < s.n; i++) { /* RFC 9110 section 5.6.2 */
		const char c = s.p[i];
		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
			continue;
		if (c == '\0' || !strchr("!#$%&'*+-.^_`|~", c))
			return false;
	}
	return true;
}

static bool has_control(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (((unsigned char)s.p[i] < 0x20 && s.p[i] != '\t') || s.p[i] == 0x7f)
			return true;
	return false;
}

/* Cuts a line that ends in CRLF; a lone CR or LF inside is a mistake. */
static enum err take_line(struct str *rest, struct str *line)
{
	const ptrdiff_t lf = str_find(*rest, '\n');
	if (lf < 1 || rest->p[lf - 1] != '\r')
		return ERR_INVALID;
	*line = str_head(*rest, (size_t)lf - 1);
	*rest = str_from(*rest, (size_t)lf + 1);
	return str_find(*line, '\r') < 0 ? ERR_OK : ERR_INVALID;
}

static const char *const method_words[] = {
	[HTTP_GET] = "GET",	    [HTTP_HEAD] = "HEAD",     [HTTP_POST] = "POST",
	[HTTP_PUT] = "PUT",	    [HTTP_DELETE] = "DELETE", [HTTP_PATCH] = "PATCH",
	[HTTP_OPTIONS] = "OPTIONS",
};

enum http_method http_method_of(struct str word)
{
	for (uint32_t i = 0; i < COUNT_OF(method_words); i++)
		if (str_is(word, method_words[i]))
			return (enum http_method)i;
	return HTTP_OTHER;
}

const char *http_method_word(enum http_method m)
{
	return (unsigned)m < COUNT_OF(method_words) ? method_words[m] : "?";
}

/* RFC 9112 section 3: method SP target SP HTTP-version. Origin form, or absolute form whose host
 * part we skip; `*` only for OPTIONS. */
static enum err parse_request_line(struct str line, struct h1_head *h, bool *old)
{
	struct str target, version;
	if (!str_cut(line, ' ', &h->method_text, &line) || !str_cut(line, ' ', &target, &version))
		return ERR_INVALID;
	if (!is_token(h->method_text) || !target.n || has_control(target) ||
	    str_find(target, '\t') >= 0)
		return ERR_INVALID;
	if (target.n > H1_TARGET_MAX)
		return ERR_TOO_LARGE;
	*old = str_is(version, "HTTP/1.0");
	if (!*old && !str_is(version, "HTTP/1.1"))
		return version.n == 8 && str_starts(version, STR("HTTP/")) ? ERR_UNSUPPORTED
									   : ERR_INVALID;
	h->method = http_method_of(h->method_text);
	if (target.p[0] != '/') {
		struct str scheme, rest;
		const ptrdiff_t at = str_find_str(target, STR("://"));
		scheme = at > 0 ? str_head(target, (size_t)at) : STR_NONE;
		if (str_ieq(scheme, STR("http")) || str_ieq(scheme, STR("https"))) {
			rest = str_from(target, scheme.n + 3);
			const ptrdiff_t path = str_find(rest, '/');
			target = path < 0 ? STR("/") : str_from(rest, (size_t)path);
		} else if (!str_is(target, "*") || h->method != HTTP_OPTIONS) {
			return ERR_INVALID;
		}
	}
	if (str_find(target, '#') >= 0)
		return ERR_INVALID;
	str_cut(target, '?', &h->path, &h->query);
	return ERR_OK;
}

static enum err parse_header(struct str line, struct h1_head *h)
{
	struct h1_header *f = &h->headers[h->header_count];
	if (h->header_count == H1_HEADERS_MAX)
		return ERR_TOO_LARGE;
	/* a line that begins with a space is an old fold (RFC 9112 section 5.2): no token */
	if (!str_cut(line, ':', &f->name, &f->value) || !is_token(f->name))
		return ERR_INVALID;
	f->value = str_trim(f->value);
	if (has_control(f->value))
		return ERR_INVALID;
	h->header_count++;
	return ERR_OK;
}

static bool list_has(struct str list, const char *word)
{
	struct str item;
	while (list.n) {
		str_cut(list, ',', &item, &list);
		if (str_ieq(str_trim(item), str_of(word)))
			return true;
	}
	return false;
}

/* What the headers say about the body and the connection. */
static enum err parse_framing(struct h1_head *h, bool old)
{
	uint32_t hosts = 0, lengths = 0, codings = 0;

	h->keep_alive = !old;
	for (uint32_t i = 0; i < h->header_count; i++) {
		const struct h1_header *f = &h->headers[i];
		if (str_ieq(f->name, STR("host"))) {
			hosts++;
		} else if (str_ieq(f->name, STR("content-length"))) {
			if (lengths++ || str_to_u64(f->value, UINT64_MAX / 2, &h->length) != ERR_OK)
				return ERR_INVALID;
		} else if (str_ieq(f->name, STR("transfer-encoding"))) {
			if (codings++ || old)
				return ERR_INVALID;
			if (!str_ieq(f->value, STR("chunked")))
				return ERR_UNSUPPORTED;
			h->chunked = true;
		} else if (str_ieq(f->name, STR("connection"))) {
			if (list_has(f->value, "close"))
				h->keep_alive = false;
			else if (old && list_has(f->value, "keep-alive"))
				h->keep_alive = true;
		} else if (str_ieq(f->name, STR("expect"))) {
			h->expect_continue = str_ieq(f->value, STR("100-continue"));
		}
	}
	if ((lengths && codings) || hosts > 1 || (!old && !hosts))
		return ERR_INVALID;
	return ERR_OK;
}

enum err h1_parse_head(struct str in, struct h1_head *out, size_t *used)
{
	struct str all = in;
	while (str_starts(in, STR("\r\n"))) /* RFC 9112 section 2.2: a stray empty line before */
		in = str_from(in, 2);
	/* a bare LF could hide an end that others see: look before waiting for more */
	const ptrdiff_t bare = str_find_str(in, STR("\n\n"));
	const ptrdiff_t end = str_find_str(in, STR("\r\n\r\n"));
	if (end < 0) {
		if (bare >= 0)
			return ERR_INVALID;
		const ptrdiff_t lf = str_find(in, '\n');
		if (lf == 0 || (lf > 0 && in.p[lf - 1] != '\r'))
			return ERR_INVALID;
		return in.n >= H1_HEAD_MAX ? ERR_TOO_LARGE : ERR_AGAIN;
	}
	if (end > (ptrdiff_t)H1_HEAD_MAX)
		return ERR_TOO_LARGE;

	struct h1_head h = {0};
	struct str rest = str_head(in, (size_t)end + 2), line;
	bool old;
	enum err e = take_line(&rest, &line);
	if (e == ERR_OK)
		e = parse_request_line(line, &h, &old);
	while (e == ERR_OK && rest.n) {
		e = take_line(&rest, &line);
		if (e == ERR_OK)
			e = parse_header(line, &h);
	}
	if (e == ERR_OK)
		e = parse_framing(&h, old);
	if (e != ERR_OK)
		return e;
	*used = (size_t)(in.p - all.p) + (size_t)end + 4;
	*out = h;
	return ERR_OK;
}

struct str h1_header(const struct h1_head *h, const char *name)
{
	for (uint32_t i = 0; i < h->header_count; i++)
		if (str_ieq(h->headers[i].name, str_of(name)))
			return h->headers[i].value;
	return STR_NONE;
}

static enum err chunk_size(struct str line, uint64_t *out)
{
	uint64_t v = 0;
	struct str digits;
	str_cut(line, ';', &digits, &line); /* extensions are skipped */
	if (!digits.n || digits.n > 8)
		return ERR_INVALID;
	for (size_t i = 0; i < digits.n; i++) {
		const char c = digits.p[i];
		uint32_t d;
		if (c >= '0' && c <= '9')
			d = (uint32_t)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			d = (uint32_t)((c | 0x20) - 'a') + 10;
		else
			return ERR_INVALID;
		v = v * 16 + d;
	}
	*out = v;
	return ERR_OK;
}

/* A whole line off *in; ERR_AGAIN while it is not there. */
static enum err chunk_line(struct str *in, struct str *line)
{
	const ptrdiff_t lf = str_find(*in, '\n');
	if (lf < 0)
		return in->n > 256 ? ERR_INVALID : ERR_AGAIN;
	if (lf > 256)
		return ERR_INVALID;
	return take_line(in, line);
}

enum err h1_chunks_next(struct h1_chunks *c, struct str *in, struct str *piece)
{
	struct str line;
	enum err e;

	*piece = STR_NONE;
	switch (c->at) {
	case CHUNK_SIZE:
	case CHUNK_DATA_END:
		e = chunk_line(in, &line);
		if (e != ERR_OK)
			return e == ERR_AGAIN ? ERR_OK : e;
		if (c->at == CHUNK_DATA_END) {
			c->at = CHUNK_SIZE;
			return line.n ? ERR_INVALID : ERR_OK;
		}
		e = chunk_size(line, &c->left);
		c->at = c->left ? CHUNK_DATA : CHUNK_TRAILER;
		return e;
	case CHUNK_DATA:
		*piece = str_head(*in, c->left < in->n ? (size_t)c->left : in->n);
		*in = str_from(*in, piece->n);
		c->left -= piece->n;
		if (!c->left)
			c->at = CHUNK_DATA_END;
		return ERR_OK;
	case CHUNK_TRAILER: /* read and dropped */
		e = chunk_line(in, &line);
		if (e != ERR_OK)
			return e == ERR_AGAIN ? ERR_OK : e;
		c->line_length += (uint32_t)line.n;
		if (!line.n)
			c->at = CHUNK_DONE;
		return c->line_length > 4096 ? ERR_INVALID : ERR_OK;
	case CHUNK_DONE:
		break;
	}
	return ERR_OK;
}
