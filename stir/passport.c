/* passport.c - see passport.h. */
#include "stir/passport.h"

#include <jansson.h>

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void base64url_put(struct buf *out, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;
	for (size_t i = 0; i < n; i += 3) {
		uint32_t v = (uint32_t)p[i] << 16;
		v |= i + 1 < n ? (uint32_t)p[i + 1] << 8 : 0;
		v |= i + 2 < n ? p[i + 2] : 0;
		for (size_t k = 0; k < 4 && k <= n - i; k++)
			buf_ch(out, letters[v >> (18 - 6 * k) & 63]);
	}
}

enum err base64url_take(struct str text, struct buf *out)
{
	uint32_t v = 0, bits = 0;
	for (size_t i = 0; i < text.n; i++) {
		const char *at = text.p[i] ? strchr(letters, text.p[i]) : NULL;
		if (!at)
			return ERR_INVALID;
		v = v << 6 | (uint32_t)(at - letters);
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		buf_ch(out, (char)(v >> bits & 255));
		v &= (1u << bits) - 1;
	}
	if (bits >= 6 || v) /* a letter too many, or bits that say nothing */
		return ERR_INVALID;
	return out->full ? ERR_TOO_LARGE : ERR_OK;
}

/* -- the header -- */

static struct str unquoted(struct str s)
{
	bool quoted = s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"';
	return quoted ? str_make(s.p + 1, s.n - 2) : s;
}

/* Takes ";name=value" off the front: value is <…>, "…" or a word. */
static bool take_param(struct str *rest, struct str *name, struct str *value)
{
	*rest = str_trim(*rest);
	if (!rest->n || rest->p[0] != ';')
		return false;
	struct str s = str_trim(str_from(*rest, 1));
	if (!str_cut(s, '=', name, &s))
		return false;
	s = str_trim(s);
	char close = s.n && s.p[0] == '<' ? '>' : s.n && s.p[0] == '"' ? '"' : 0;
	ptrdiff_t end = close ? str_find(str_from(s, 1), close) : str_find(s, ';');
	if (close && end < 0)
		return false;
	size_t n = close ? (size_t)end + 2 : end < 0 ? s.n : (size_t)end;
	*value = str_trim(str_head(s, n));
	*rest = str_trim(str_from(s, n));
	*name = str_trim(*name);
	return name->n && value->n;
}

enum err identity_parse(struct str value, struct identity *out)
{
	struct identity id = {0};
	struct str name, v;
	if (value.n > IDENTITY_BYTES_MAX)
		return ERR_TOO_LARGE;
	value = str_trim(value);
	ptrdiff_t mark = str_find(value, ';');
	if (mark <= 0)
		return ERR_INVALID;
	id.token = str_trim(str_head(value, (size_t)mark));
	struct str rest = str_from(value, (size_t)mark);
	while (rest.n) {
		if (!take_param(&rest, &name, &v))
			return ERR_INVALID;
		struct str *place = str_ieq(name, STR("info"))	? &id.info
				    : str_ieq(name, STR("alg")) ? &id.alg
				    : str_ieq(name, STR("ppt")) ? &id.ppt
								: NULL;
		if (!place)
			continue;
		if (place->n) /* said twice: who reads which? */
			return ERR_INVALID;
		*place = place == &id.info ? v : unquoted(v);
	}
	if (id.info.n < 3 || id.info.p[0] != '<')
		return ERR_INVALID;
	id.info = str_make(id.info.p + 1, id.info.n - 2);
	*out = id;
	return ERR_OK;
}

/* -- the token -- */

bool passport_number(struct str text, struct str *out)
{
	if (text.n && text.p[0] == '+')
		text = str_from(text, 1);
	if (!text.n || text.n >= PASSPORT_TN)
		return false;
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
	*out = text;
	return true;
}

bool passport_url_fits(struct str url)
{
	if (url.n >= PASSPORT_URL ||
	    (!str_starts(url, STR("https://")) && !str_starts(url, STR("http://"))))
		return false;
	for (size_t i = 0; i < url.n; i++)
		if (url.p[i] <= ' ' || url.p[i] >= 0x7f || strchr("\"\\<>", url.p[i]))
			return false;
	return true;
}

static struct str text_at(const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);
	return json_is_string(v) ? str_make(json_string_value(v), json_string_length(v)) : STR_NONE;
}

static json_t *decoded(struct str part)
{
	char room[IDENTITY_BYTES_MAX];
	struct buf b = buf_make(room, sizeof room);
	if (!part.n || base64url_take(part, &b) != ERR_OK)
		return NULL;
	json_t *doc = json_loadb(b.p, b.n, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(doc)) {
		json_decref(doc);
		return NULL;
	}
	return doc;
}

/* RFC 8225 section 4; RFC 7515 section 4.1.11: of what is critical we know nothing. */
static enum err read_header(const json_t *h, struct passport *out, const char **why)
{
	*why = "alg";
	if (!str_is(text_at(h, "alg"), "ES256"))
		return ERR_UNSUPPORTED;
	*why = "typ";
	if (!str_is(text_at(h, "typ"), "passport"))
		return ERR_INVALID;
	*why = "ppt";
	if (!str_is(text_at(h, "ppt"), "shaken") || json_object_get(h, "crit"))
		return ERR_INVALID;
	*why = "x5u";
	struct str x5u = text_at(h, "x5u");
	if (!passport_url_fits(x5u) || !str_copy(x5u, out->x5u, sizeof out->x5u))
		return ERR_INVALID;
	return ERR_OK;
}

/* Canonical (RFC 8224 section 8.3): digits, no plus. */
static bool read_number(const json_t *v, char out[PASSPORT_TN])
{
	struct str text = STR_NONE, digits;
	if (json_is_string(v))
		text = str_make(json_string_value(v), json_string_length(v));
	return text.n && text.p[0] != '+' && passport_number(text, &digits) &&
	       str_copy(digits, out, PASSPORT_TN);
}

static bool read_origid(struct str s, char out[PASSPORT_ORIGID])
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] >= 0x7f)
			return false;
	return s.n && str_copy(s, out, PASSPORT_ORIGID);
}

static enum err read_claims(const json_t *c, struct passport *out, const char **why)
{
	*why = "attest";
	struct str attest = text_at(c, "attest");
	if (attest.n != 1 || !strchr("ABC", attest.p[0]) || !attest.p[0])
		return ERR_INVALID;
	out->attest = attest.p[0];
	*why = "origid";
	if (!read_origid(text_at(c, "origid"), out->origid))
		return ERR_INVALID;
	*why = "iat";
	const json_t *iat = json_object_get(c, "iat");
	if (!json_is_integer(iat))
		return ERR_INVALID;
	out->iat_s = json_integer_value(iat);
	*why = "orig";
	if (!read_number(json_object_get(json_object_get(c, "orig"), "tn"), out->orig))
		return ERR_INVALID;
	*why = "dest";
	const json_t *dests = json_object_get(json_object_get(c, "dest"), "tn");
	size_t n = json_array_size(dests);
	if (!json_is_array(dests) || !n || n > PASSPORT_DESTS_MAX)
		return ERR_INVALID;
	for (size_t i = 0; i < n; i++)
		if (!read_number(json_array_get(dests, i), out->dests[i]))
			return ERR_INVALID;
	out->dest_count = (uint32_t)n;
	return ERR_OK;
}

enum err passport_parse(struct str token, struct passport *out, const char **why)
{
	struct str header, payload, signature;
	struct passport p = {0};
	struct buf raw = buf_make(p.signature, sizeof p.signature);
	*why = "token";
	if (token.n > IDENTITY_BYTES_MAX || !str_cut(token, '.', &header, &payload) ||
	    !str_cut(payload, '.', &payload, &signature))
		return ERR_INVALID;
	p.signed_part = str_head(token, header.n + 1 + payload.n);
	json_t *doc = decoded(header);
	enum err e = doc ? read_header(doc, &p, why) : ERR_INVALID;
	json_decref(doc);
	if (e != ERR_OK)
		return e;
	*why = "claims";
	doc = decoded(payload);
	e = doc ? read_claims(doc, &p, why) : ERR_INVALID;
	json_decref(doc);
	if (e != ERR_OK)
		return e;
	*why = "signature";
	if (base64url_take(signature, &raw) != ERR_OK || raw.n != sizeof p.signature)
		return ERR_INVALID;
	*out = p;
	return ERR_OK;
}

void passport_write(struct buf *out, const struct passport_claims *c)
{
	char room[PASSPORT_URL + 512];
	struct buf b = buf_make(room, sizeof room);
	buf_fmt(&b,
		"{\"alg\":\"ES256\",\"ppt\":\"shaken\",\"typ\":\"passport\",\"x5u\":\"" STR_FMT
		"\"}",
		STR_ARG(c->x5u));
	out->full |= b.full;
	base64url_put(out, b.p, b.n);
	buf_ch(out, '.');
	b = buf_make(room, sizeof room);
	buf_fmt(&b,
		"{\"attest\":\"%c\",\"dest\":{\"tn\":[\"" STR_FMT "\"]},\"iat\":%lld,"
		"\"orig\":{\"tn\":\"" STR_FMT "\"},\"origid\":\"" STR_FMT "\"}",
		c->attest, STR_ARG(c->dest), (long long)c->iat_s, STR_ARG(c->orig),
		STR_ARG(c->origid));
	out->full |= b.full;
	base64url_put(out, b.p, b.n);
}
