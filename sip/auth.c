/* auth.c - see auth.h. */
#include "sip/auth.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

#include "sip/message.h"

enum { SETS = 1024, WAYS = 4 };

struct nonce_seen {
	uint64_t hash; /* 0: free */
	int64_t issued_ms;
	uint32_t count;
};

struct nonce_set {
	int64_t floor_ms; /* nonces issued until then are stale: we may have forgotten their count
			   */
	struct nonce_seen seen[WAYS];
};

void auth_init(struct auth *a, const uint8_t secret[32])
{
	memcpy(a->secret, secret, sizeof a->secret);
	a->serial = 0;
	a->sets = xcalloc(SETS, sizeof *a->sets);
	for (uint32_t i = 0; i < SETS; i++)
		a->sets[i].floor_ms = INT64_MIN;
}

void auth_finish(struct auth *a)
{
	OPENSSL_cleanse(a->secret, sizeof a->secret);
	free(a->sets);
}

/* -- hashing -- */

static void hash_hex(struct str text, bool sha256, char out[DIGEST_HEX_MAX + 1])
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	CHECK(EVP_Digest(text.p, text.n, sum, &n, sha256 ? EVP_sha256() : EVP_md5(), NULL) == 1);
	struct buf b = buf_make(out, DIGEST_HEX_MAX);
	buf_hex(&b, sum, n);
	out[b.n] = 0;
}

/* H of pieces joined by colons */
static void hash_pieces(const struct str *pieces, size_t count, bool sha256,
			char out[DIGEST_HEX_MAX + 1])
{
	struct buf b = buf_grow(512);
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_ch(&b, ':');
		buf_put(&b, pieces[i]);
	}
	hash_hex(buf_str(&b), sha256, out);
	OPENSSL_cleanse(b.p, b.n);
	buf_free(&b);
}

void digest_ha1(struct str user, struct str realm, struct str password, bool sha256,
		char out[DIGEST_HEX_MAX + 1])
{
	struct str pieces[] = {user, realm, password};
	hash_pieces(pieces, COUNT_OF(pieces), sha256, out);
}

/* RFC 7616 section 3.4.1; without qop as RFC 2069 had it */
void digest_answer(const struct digest *d, struct str method, struct str ha1, bool sha256,
		   char out[DIGEST_HEX_MAX + 1])
{
	char ha2[DIGEST_HEX_MAX + 1];
	struct str a2[] = {method, d->uri};
	hash_pieces(a2, COUNT_OF(a2), sha256, ha2);
	if (d->qop.n) {
		struct str all[] = {ha1, d->nonce, d->nc, d->cnonce, d->qop, str_of(ha2)};
		hash_pieces(all, COUNT_OF(all), sha256, out);
	} else {
		struct str all[] = {ha1, d->nonce, str_of(ha2)};
		hash_pieces(all, COUNT_OF(all), sha256, out);
	}
}

/* -- reading -- */

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct str skip(struct str s, const char *also)
{
	while (s.n && (blank(s.p[0]) || (s.p[0] && strchr(also, s.p[0]))))
		s = str_from(s, 1);
	return s;
}

static bool take_pair(struct str *rest, struct str *name, struct str *value)
{
	struct str s = skip(*rest, ",");
	size_t n = 0;
	while (n < s.n && !blank(s.p[n]) && !strchr("=,\"", s.p[n]))
		n++;
	*name = str_head(s, n);
	s = skip(str_from(s, n), "");
	if (!n || !s.n || s.p[0] != '=')
		return false;
	s = skip(str_from(s, 1), "");
	if (s.n && s.p[0] == '"') {
		for (n = 1; n < s.n && s.p[n] != '"'; n++)
			if (s.p[n] == '\\')
				n++;
		if (n >= s.n)
			return false;
		*value = str_make(s.p + 1, n - 1);
		n++;
	} else {
		for (n = 0; n < s.n && !blank(s.p[n]) && s.p[n] != ','; n++)
			;
		*value = str_head(s, n);
	}
	*rest = str_from(s, n);
	return true;
}

enum err digest_parse(struct str value, struct digest *out)
{
	struct digest d = {0};
	struct str name, v, stale = STR_NONE, rest = skip(value, "");
	if (!str_ieq(str_head(rest, 6), STR("Digest")) || rest.n < 7 || !blank(rest.p[6]))
		return ERR_UNSUPPORTED;
	const struct {
		const char *name;
		struct str *to;
	} fields[] = {
		{"username", &d.username}, {"realm", &d.realm},	      {"nonce", &d.nonce},
		{"uri", &d.uri},	   {"response", &d.response}, {"algorithm", &d.algorithm},
		{"cnonce", &d.cnonce},	   {"qop", &d.qop},	      {"nc", &d.nc},
		{"opaque", &d.opaque},	   {"stale", &stale},
	};
	rest = str_from(rest, 7);
	while (skip(rest, ",").n) {
		if (!take_pair(&rest, &name, &v))
			return ERR_INVALID;
		for (size_t i = 0; i < COUNT_OF(fields); i++) {
			if (!str_ieq(name, str_of(fields[i].name)))
				continue;
			if (fields[i].to->p)
				return ERR_INVALID; /* said twice: which one counts? */
			*fields[i].to = v;
		}
	}
	d.stale = str_ieq(stale, STR("true"));
	*out = d;
	return ERR_OK;
}

/* -- nonces -- */

/* time, serial, MAC of both and of the source. The serial keeps apart what is issued within one
 * millisecond to phones behind one address. */
static void nonce_write(struct auth *a, const struct sip_address *source, int64_t issued_ms,
			uint32_t serial, char out[NONCE_TEXT + 1])
{
	uint8_t in[8 + 1 + 16 + 4] = {0}, sum[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	for (int i = 0; i < 8; i++)
		in[i] = (uint8_t)((uint64_t)issued_ms >> (8 * i));
	in[8] = source->family;
	memcpy(in + 9, source->ip, source->family == 4 ? 4 : 16);
	for (int i = 0; i < 4; i++)
		in[25 + i] = (uint8_t)(serial >> (24 - 8 * i));
	CHECK(HMAC(EVP_sha256(), a->secret, sizeof a->secret, in, sizeof in, sum, &n));
	struct buf b = buf_make(out, NONCE_TEXT);
	for (int i = 5; i >= 0; i--)
		buf_hex(&b, in + i, 1);
	buf_hex(&b, in + 25, 4);
	buf_hex(&b, sum, 16);
	out[b.n] = 0;
}

/* ERR_TIMEOUT: not ours (any more) */
static enum err nonce_issued(struct auth *a, struct str nonce, const struct sip_address *source,
			     int64_t now_ms, int64_t *issued_ms)
{
	char mine[NONCE_TEXT + 1];
	uint64_t head[2] = {0, 0}; /* time, serial */
	if (nonce.n != NONCE_TEXT)
		return ERR_TIMEOUT;
	for (int i = 0; i < 20; i++) {
		char c = nonce.p[i];
		int digit = c >= '0' && c <= '9'   ? c - '0'
			    : c >= 'a' && c <= 'f' ? c - 'a' + 10
						   : -1;
		if (digit < 0)
			return ERR_TIMEOUT;
		head[i >= 12] = head[i >= 12] << 4 | (uint64_t)digit;
	}
	const int64_t at = (int64_t)head[0];
	nonce_write(a, source, at, (uint32_t)head[1], mine);
	if (CRYPTO_memcmp(mine, nonce.p, NONCE_TEXT) != 0 || at > now_ms ||
	    now_ms - at >= NONCE_LIFE_MS)
		return ERR_TIMEOUT;
	*issued_ms = at;
	return ERR_OK;
}

/* Uses a count of a nonce up; false when it was used already or we cannot know. */
static bool nonce_use(struct auth *a, struct str nonce, int64_t issued_ms, uint32_t count,
		      int64_t now_ms)
{
	uint64_t seed;
	memcpy(&seed, a->secret, sizeof seed);
	uint64_t hash = str_hash(nonce, seed) | 1;
	struct nonce_set *set = &a->sets[(hash >> 1) % SETS];
	struct nonce_seen *oldest = &set->seen[0];
	for (uint32_t i = 0; i < WAYS; i++) {
		struct nonce_seen *n = &set->seen[i];
		if (n->hash == hash) {
			if (count <= n->count)
				return false;
			n->count = count;
			return true;
		}
		if (!n->hash || (oldest->hash && n->issued_ms < oldest->issued_ms))
			oldest = n;
	}
	if (issued_ms <= set->floor_ms)
		return false;
	if (oldest->hash && now_ms - oldest->issued_ms < NONCE_LIFE_MS)
		set->floor_ms = MAX(set->floor_ms, oldest->issued_ms);
	*oldest = (struct nonce_seen){hash, issued_ms, count};
	return issued_ms > set->floor_ms;
}

void auth_challenge(struct auth *a, struct buf *out, struct str realm,
		    const struct sip_address *source, int64_t now_ms, bool sha256, bool stale)
{
	char nonce[NONCE_TEXT + 1];
	nonce_write(a, source, now_ms, a->serial++, nonce);
	buf_c(out, "Digest realm=");
	put_quoted(out, realm);
	buf_c(out, ", nonce=\"");
	buf_c(out, nonce);
	buf_c(out,
	      sha256 ? "\", algorithm=SHA-256, qop=\"auth\"" : "\", algorithm=MD5, qop=\"auth\"");
	if (stale)
		buf_c(out, ", stale=true");
}

/* nc is 8 hex digits; 0 when it is not */
static uint32_t nc_value(struct str nc)
{
	uint32_t v = 0;
	if (nc.n != 8)
		return 0;
	for (size_t i = 0; i < 8; i++) {
		char c = (char)(nc.p[i] | 0x20);
		if (nc.p[i] >= '0' && nc.p[i] <= '9')
			v = v << 4 | (uint32_t)(nc.p[i] - '0');
		else if (c >= 'a' && c <= 'f')
			v = v << 4 | (uint32_t)(c - 'a' + 10);
		else
			return 0;
	}
	return v;
}

enum auth_verdict auth_check(struct auth *a, const struct digest *d, struct str method,
			     struct str ha1_md5, struct str ha1_sha256,
			     const struct sip_address *source, int64_t now_ms)
{
	bool sha256 = str_ieq(d->algorithm, STR("SHA-256"));
	if (!sha256 && d->algorithm.n && !str_ieq(d->algorithm, STR("MD5")))
		return AUTH_BAD;
	if (d->qop.n && (!str_is(d->qop, "auth") || !d->cnonce.n || !nc_value(d->nc)))
		return AUTH_BAD;
	size_t digits = sha256 ? 64 : 32;
	struct str ha1 = sha256 ? ha1_sha256 : ha1_md5;
	bool known = ha1.n == digits;
	if (!known) /* hash all the same: the time it takes tells nothing */
		ha1 = str_head(
			STR("0000000000000000000000000000000000000000000000000000000000000000"),
			digits);
	char want[DIGEST_HEX_MAX + 1];
	digest_answer(d, method, ha1, sha256, want);
	bool right = d->response.n == digits && CRYPTO_memcmp(want, d->response.p, digits) == 0;
	if (!known || !right)
		return AUTH_BAD;
	int64_t issued_ms;
	if (nonce_issued(a, d->nonce, source, now_ms, &issued_ms) != ERR_OK)
		return AUTH_STALE;
	/* without qop there is no count: such a nonce serves once */
	uint32_t count = d->qop.n ? nc_value(d->nc) : 1;
	return nonce_use(a, d->nonce, issued_ms, count, now_ms) ? AUTH_GOOD : AUTH_STALE;
}

/* -- our own answers -- */

static bool offers_auth(struct str qop)
{
	struct str one;
	while (qop.n) {
		str_cut(qop, ',', &one, &qop);
		if (str_ieq(str_trim(one), STR("auth")))
			return true;
	}
	return false;
}

static void put_field(struct buf *out, const char *name, struct str value)
{
	buf_c(out, name);
	buf_c(out, "=\"");
	put_value(out, value); /* keeps the escapes it came with */
	buf_ch(out, '"');
}

enum err auth_respond(struct buf *out, const struct digest *challenge, struct str user,
		      struct str password, struct str method, struct str uri, uint64_t cnonce)
{
	bool sha256 = str_ieq(challenge->algorithm, STR("SHA-256"));
	if (!sha256 && challenge->algorithm.n && !str_ieq(challenge->algorithm, STR("MD5")))
		return ERR_UNSUPPORTED;
	char cnonce_text[17], ha1[DIGEST_HEX_MAX + 1], answer[DIGEST_HEX_MAX + 1];
	struct buf c = buf_make(cnonce_text, sizeof cnonce_text);
	buf_hex(&c, &cnonce, sizeof cnonce);
	struct digest d = *challenge;
	d.uri = uri;
	d.nc = STR("00000001");
	d.cnonce = buf_str(&c);
	d.qop = offers_auth(challenge->qop) ? STR("auth") : STR_NONE;
	if (challenge->qop.n && !d.qop.n)
		return ERR_UNSUPPORTED;
	digest_ha1(user, d.realm, password, sha256, ha1);
	digest_answer(&d, method, str_of(ha1), sha256, answer);
	OPENSSL_cleanse(ha1, sizeof ha1);
	buf_c(out, "Digest username=");
	put_quoted(out, user);
	buf_c(out, ", ");
	put_field(out, "realm", d.realm);
	buf_c(out, ", ");
	put_field(out, "nonce", d.nonce);
	buf_c(out, ", ");
	put_field(out, "uri", uri);
	buf_c(out, ", ");
	put_field(out, "response", str_of(answer));
	buf_c(out, sha256 ? ", algorithm=SHA-256" : ", algorithm=MD5");
	if (d.qop.n) {
		buf_c(out, ", qop=auth, nc=00000001, ");
		put_field(out, "cnonce", d.cnonce);
	}
	if (d.opaque.p) {
		buf_c(out, ", ");
		put_field(out, "opaque", d.opaque);
	}
	return ERR_OK;
}
