/* srtp.c - see srtp.h. On libcrypto. */
/* SHA1_*: copying a started digest is a copy of bytes there; EVP's allocates with each packet. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "rtp/srtp.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdlib.h>

enum { RTP_FIXED = 12, RTCP_CLEAR = 8, TAG_GCM = 16, TAG_RTCP = 10, SALT = 14, AUTH_KEY = 20 };

#define ENCRYPTED 0x80000000u /* SRTCP's E flag, before its number of 31 bits */

static const struct {
	const char *name;
	uint8_t key, salt, tag; /* bytes */
	bool gcm;
} suites[SRTP_SUITES] = {
	[SRTP_AES128_SHA1_80] = {"AES_CM_128_HMAC_SHA1_80", 16, 14, 10, false},
	[SRTP_AES128_SHA1_32] = {"AES_CM_128_HMAC_SHA1_32", 16, 14, 4, false},
	[SRTP_AES256_SHA1_80] = {"AES_256_CM_HMAC_SHA1_80", 32, 14, 10, false},
	[SRTP_AES256_SHA1_32] = {"AES_256_CM_HMAC_SHA1_32", 32, 14, 4, false},
	[SRTP_AES128_GCM] = {"AEAD_AES_128_GCM", 16, 12, TAG_GCM, true},
	[SRTP_AES256_GCM] = {"AEAD_AES_256_GCM", 32, 12, TAG_GCM, true},
};

/* Which numbers came: bit i stands for newest - i. */
struct window {
	bool any;
	uint64_t newest; /* rounds of 2^16 and the number: RFC 3711's index */
	uint64_t seen[SRTP_WINDOW / 64];
};

struct sender {
	bool used;
	bool guess; /* newest is of another key: its rounds are one of two guesses */
	uint32_t ssrc;
	uint64_t heard; /* packets of all sources before its last */
	struct window rtp, rtcp;
};

/* Session keys of RTP or of RTCP. */
struct half {
	EVP_CIPHER_CTX *cipher; /* key set, waits for an IV */
	uint8_t salt[SALT];
	SHA_CTX inner, outer; /* HMAC-SHA1 with its key already in */
};

struct srtp {
	struct srtp_terms terms;
	struct half rtp, rtcp;
	struct sender senders[SRTP_SENDERS];
	uint64_t packets;
	uint32_t rtcp_sent;
};

const char *srtp_name(enum srtp_suite suite)
{
	return suite > SRTP_NONE && suite < SRTP_SUITES ? suites[suite].name : "";
}

enum srtp_suite srtp_named(struct str name)
{
	for (int i = SRTP_NONE + 1; i < SRTP_SUITES; i++)
		if (str_is(name, suites[i].name))
			return (enum srtp_suite)i;
	/* as some write it, after the others of its family */
	return str_is(name, "AES_CM_256_HMAC_SHA1_80") ? SRTP_AES256_SHA1_80 : SRTP_NONE;
}

size_t srtp_key_bytes(enum srtp_suite suite)
{
	return (size_t)suites[suite].key + suites[suite].salt;
}

/* -- keys -- */

bool srtp_same(const struct srtp_terms *a, const struct srtp_terms *b)
{
	return a->suite == b->suite && !memcmp(a->key, b->key, srtp_key_bytes(a->suite)) &&
	       a->mki_n == b->mki_n && !memcmp(a->mki, b->mki, a->mki_n);
}

static bool cipher_begin(EVP_CIPHER_CTX *c, bool gcm, const uint8_t *key, uint8_t key_n)
{
	const EVP_CIPHER *kind = key_n == 32 ? (gcm ? EVP_aes_256_gcm() : EVP_aes_256_ctr())
					     : (gcm ? EVP_aes_128_gcm() : EVP_aes_128_ctr());
	/* the same context opens and seals: of CTR both are one, GCM is told with each IV */
	return EVP_CipherInit_ex(c, kind, NULL, key, NULL, 1) == 1;
}

bool srtp_derive(const struct srtp_terms *t, uint8_t label, uint8_t *out, int n)
{
	uint8_t iv[16] = {0};
	static const uint8_t zeroes[SRTP_DERIVED_MAX];
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int got = 0;
	/* RFC 7714 §11: the shorter salt is filled up with zeroes on the right */
	memcpy(iv, t->key + suites[t->suite].key, suites[t->suite].salt);
	iv[7] ^= label;
	bool good = c && cipher_begin(c, false, t->key, suites[t->suite].key) &&
		    EVP_CipherInit_ex(c, NULL, NULL, NULL, iv, 1) == 1 &&
		    EVP_CipherUpdate(c, out, &got, zeroes, n) == 1 && got == n;
	EVP_CIPHER_CTX_free(c);
	return good;
}

static void hmac_begin(struct half *h, const uint8_t key[AUTH_KEY])
{
	uint8_t pad[SHA_CBLOCK];
	memset(pad, 0x36, sizeof pad);
	for (int i = 0; i < AUTH_KEY; i++)
		pad[i] ^= key[i];
	SHA1_Init(&h->inner);
	SHA1_Update(&h->inner, pad, sizeof pad);
	for (size_t i = 0; i < sizeof pad; i++)
		pad[i] ^= 0x36 ^ 0x5c;
	SHA1_Init(&h->outer);
	SHA1_Update(&h->outer, pad, sizeof pad);
	OPENSSL_cleanse(pad, sizeof pad);
}

static bool half_begin(struct half *h, enum srtp_suite suite, const uint8_t *key,
		       const uint8_t *salt, const uint8_t *auth)
{
	memcpy(h->salt, salt, suites[suite].salt);
	hmac_begin(h, auth);
	h->cipher = EVP_CIPHER_CTX_new();
	return h->cipher && cipher_begin(h->cipher, suites[suite].gcm, key, suites[suite].key);
}

/* labels: of the encryption key; the next are those of authentication and salt. */
static bool half_derive(struct half *h, const struct srtp_terms *t, uint8_t labels)
{
	uint8_t key[32], auth[AUTH_KEY], salt[SALT];
	bool good = srtp_derive(t, labels, key, suites[t->suite].key) &&
		    srtp_derive(t, labels + 1, auth, AUTH_KEY) &&
		    srtp_derive(t, labels + 2, salt, suites[t->suite].salt) &&
		    half_begin(h, t->suite, key, salt, auth);
	OPENSSL_cleanse(key, sizeof key);
	OPENSSL_cleanse(auth, sizeof auth);
	OPENSSL_cleanse(salt, sizeof salt);
	return good;
}

struct srtp *srtp_create_session(enum srtp_suite suite, const uint8_t *key, const uint8_t *salt,
				 uint32_t rtcp_sent)
{
	static const uint8_t auth[AUTH_KEY];
	struct srtp *s = xcalloc(1, sizeof *s);
	s->terms.suite = suite;
	s->rtcp_sent = rtcp_sent;
	CHECK(half_begin(&s->rtp, suite, key, salt, auth) &&
	      half_begin(&s->rtcp, suite, key, salt, auth));
	return s;
}

struct srtp *srtp_create(const struct srtp_terms *terms)
{
	struct srtp *s;
	if (terms->suite <= SRTP_NONE || terms->suite >= SRTP_SUITES ||
	    terms->mki_n > SRTP_MKI_MAX || !(s = calloc(1, sizeof *s)))
		return NULL;
	s->terms = *terms;
	if (half_derive(&s->rtp, terms, 0) && half_derive(&s->rtcp, terms, 3))
		return s;
	srtp_destroy(s);
	return NULL;
}

void srtp_destroy(struct srtp *s)
{
	if (!s)
		return;
	EVP_CIPHER_CTX_free(s->rtp.cipher);
	EVP_CIPHER_CTX_free(s->rtcp.cipher);
	OPENSSL_cleanse(s, sizeof *s);
	free(s);
}

enum srtp_suite srtp_suite(const struct srtp *s)
{
	return s->terms.suite;
}

void srtp_follow(struct srtp *s, const struct srtp *before)
{
	for (int i = 0; i < SRTP_SENDERS; i++) {
		const struct sender *old = &before->senders[i];
		s->senders[i] = (struct sender){.used = old->used && old->rtp.any,
						.guess = true,
						.ssrc = old->ssrc,
						.rtp = {.any = true, .newest = old->rtp.newest}};
	}
}

/* -- numbers -- */

static bool window_old(const struct window *w, uint64_t number)
{
	if (!w->any || number > w->newest)
		return false;
	uint64_t back = w->newest - number;
	return back >= SRTP_WINDOW || w->seen[back / 64] >> (back % 64) & 1;
}

static void window_put(struct window *w, uint64_t number)
{
	if (w->any && number <= w->newest) {
		uint64_t back = w->newest - number;
		w->seen[back / 64] |= 1ull << (back % 64);
		return;
	}
	uint64_t by = w->any ? number - w->newest : SRTP_WINDOW;
	uint64_t low = w->seen[0], high = w->seen[1];
	if (by >= SRTP_WINDOW)
		low = high = 0;
	else if (by >= 64)
		high = low << (by - 64), low = 0;
	else
		high = high << by | low >> (64 - by), low <<= by;
	*w = (struct window){.any = true, .newest = number, .seen = {low | 1, high}};
}

/* RFC 3711 §3.3.1, appendix A: in which round this number is, next to the newest. */
static uint64_t number_of(const struct window *w, uint16_t seq)
{
	if (!w->any)
		return seq;
	uint64_t round = w->newest >> 16;
	uint16_t last = (uint16_t)w->newest;
	if (last < 32768 && seq - last > 32768 && round)
		round--;
	else if (last >= 32768 && last - 32768 > seq)
		round++;
	return round << 16 | seq;
}

/* Known, or the place it would take. Nothing is written before its first packet is proven. */
static struct sender *sender_of(struct srtp *s, uint32_t ssrc)
{
	struct sender *oldest = &s->senders[0];
	for (int i = 0; i < SRTP_SENDERS; i++) {
		struct sender *at = &s->senders[i];
		if (at->used && at->ssrc == ssrc)
			return at;
		if (!at->used || (oldest->used && at->heard < oldest->heard))
			oldest = at;
	}
	return oldest;
}

static struct sender *sender_take(struct srtp *s, struct sender *at, uint32_t ssrc)
{
	if (!at->used || at->ssrc != ssrc)
		*at = (struct sender){.used = true, .ssrc = ssrc};
	at->heard = ++s->packets;
	return at;
}

/* -- packets -- */

static uint32_t get_u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put_u32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

/* Where the payload begins, RFC 3550 §5.1, §5.3.1; 0: no packet. */
static size_t rtp_clear(const uint8_t *p, size_t n)
{
	if (n < RTP_FIXED || p[0] >> 6 != 2)
		return 0;
	size_t at = RTP_FIXED + 4u * (p[0] & 15);
	if (p[0] & 0x10) {
		if (n < at + 4)
			return 0;
		at += 4 + 4u * ((size_t)p[at + 2] << 8 | p[at + 3]);
	}
	return at <= n ? at : 0;
}

/* RFC 3711 §4.1.1. number: 48 bits; of SRTCP its 31. */
static bool run_ctr(struct half *h, uint32_t ssrc, uint64_t number, uint8_t *p, size_t n)
{
	uint8_t iv[16] = {0};
	int got = 0;
	memcpy(iv, h->salt, SALT);
	for (int i = 0; i < 4; i++)
		iv[4 + i] ^= (uint8_t)(ssrc >> (24 - 8 * i));
	for (int i = 0; i < 6; i++)
		iv[8 + i] ^= (uint8_t)(number >> (40 - 8 * i));
	return EVP_CipherInit_ex(h->cipher, NULL, NULL, NULL, iv, 1) == 1 &&
	       (!n || EVP_CipherUpdate(h->cipher, p, &got, p, (int)n) == 1);
}

/* One packet under GCM: what is authenticated only stands in two pieces, the second may be empty.
 */
struct gcm {
	uint32_t ssrc;
	uint64_t number;
	struct str clear, more;
};

static bool gcm_begin(struct half *h, const struct gcm *g, int seal)
{
	uint8_t iv[12] = {0}; /* RFC 7714 §8.1, §9.1 */
	int got;
	put_u32(iv + 2, g->ssrc);
	for (int i = 0; i < 6; i++)
		iv[6 + i] = (uint8_t)(g->number >> (40 - 8 * i));
	for (int i = 0; i < 12; i++)
		iv[i] ^= h->salt[i];
	return EVP_CipherInit_ex(h->cipher, NULL, NULL, NULL, iv, seal) == 1 &&
	       EVP_CipherUpdate(h->cipher, NULL, &got, (const uint8_t *)g->clear.p,
				(int)g->clear.n) == 1 &&
	       (!g->more.n || EVP_CipherUpdate(h->cipher, NULL, &got, (const uint8_t *)g->more.p,
					       (int)g->more.n) == 1);
}

/* n bytes at p, the tag behind them. */
static bool gcm_seal(struct half *h, const struct gcm *g, uint8_t *p, size_t n)
{
	int got;
	return gcm_begin(h, g, 1) && (!n || EVP_CipherUpdate(h->cipher, p, &got, p, (int)n) == 1) &&
	       EVP_CipherFinal_ex(h->cipher, p + n, &got) == 1 &&
	       EVP_CIPHER_CTX_ctrl(h->cipher, EVP_CTRL_AEAD_GET_TAG, TAG_GCM, p + n) == 1;
}

/* Only what is proven is written back, so that another round can be tried. */
static bool gcm_open(struct half *h, const struct gcm *g, uint8_t *p, size_t n)
{
	uint8_t plain[SRTP_PACKET_MAX];
	int got;
	if (!gcm_begin(h, g, 0) ||
	    (n && EVP_CipherUpdate(h->cipher, plain, &got, p, (int)n) != 1) ||
	    EVP_CIPHER_CTX_ctrl(h->cipher, EVP_CTRL_AEAD_SET_TAG, TAG_GCM, p + n) != 1 ||
	    EVP_CipherFinal_ex(h->cipher, plain + n, &got) != 1)
		return false;
	memcpy(p, plain, n);
	return true;
}

/* HMAC-SHA1 over the bytes and, of RTP, the round. */
static void hmac(const struct half *h, const uint8_t *p, size_t n, const uint8_t *round,
		 uint8_t out[SHA_DIGEST_LENGTH])
{
	SHA_CTX c = h->inner;
	SHA1_Update(&c, p, n);
	if (round)
		SHA1_Update(&c, round, 4);
	SHA1_Final(out, &c);
	c = h->outer;
	SHA1_Update(&c, out, SHA_DIGEST_LENGTH);
	SHA1_Final(out, &c);
}

static size_t put_mki(const struct srtp *s, uint8_t *at)
{
	memcpy(at, s->terms.mki, s->terms.mki_n);
	return s->terms.mki_n;
}

static bool mki_right(const struct srtp *s, const uint8_t *at)
{
	return !memcmp(at, s->terms.mki, s->terms.mki_n);
}

enum err srtp_seal(struct srtp *s, uint8_t *p, size_t *n)
{
	size_t clear = rtp_clear(p, *n);
	if (!clear || *n > SRTP_PACKET_MAX)
		return ERR_INVALID;
	uint32_t ssrc = get_u32(p + 8);
	struct sender *from = sender_take(s, sender_of(s, ssrc), ssrc);
	uint64_t number = number_of(&from->rtp, (uint16_t)(p[2] << 8 | p[3]));
	if (window_old(&from->rtp, number))
		return ERR_CONFLICT;
	if (number >> 48)
		return ERR_FULL;
	window_put(&from->rtp, number);
	if (suites[s->terms.suite].gcm) {
		struct gcm g = {ssrc, number, str_make((char *)p, clear), STR_NONE};
		if (!gcm_seal(&s->rtp, &g, p + clear, *n - clear))
			return ERR_INVALID;
		*n += TAG_GCM;
		*n += put_mki(s, p + *n);
		return ERR_OK;
	}
	uint8_t round[4], tag[SHA_DIGEST_LENGTH], tag_n = suites[s->terms.suite].tag;
	if (!run_ctr(&s->rtp, ssrc, number, p + clear, *n - clear))
		return ERR_INVALID;
	put_u32(round, (uint32_t)(number >> 16));
	hmac(&s->rtp, p, *n, round, tag);
	*n += put_mki(s, p + *n);
	memcpy(p + *n, tag, tag_n);
	*n += tag_n;
	return ERR_OK;
}

/* body: the bytes before MKI and tag. True: it is proven, and open. */
static bool open_as(struct srtp *s, uint8_t *p, size_t body, uint64_t number)
{
	size_t clear = rtp_clear(p, body);
	uint32_t ssrc = get_u32(p + 8);
	if (suites[s->terms.suite].gcm) {
		struct gcm g = {ssrc, number, str_make((char *)p, clear), STR_NONE};
		return gcm_open(&s->rtp, &g, p + clear, body - clear);
	}
	uint8_t round[4], tag[SHA_DIGEST_LENGTH];
	put_u32(round, (uint32_t)(number >> 16));
	hmac(&s->rtp, p, body, round, tag);
	return !CRYPTO_memcmp(tag, p + body + s->terms.mki_n, suites[s->terms.suite].tag) &&
	       run_ctr(&s->rtp, ssrc, number, p + clear, body - clear);
}

enum err srtp_open(struct srtp *s, uint8_t *p, size_t *n)
{
	size_t extra = (size_t)suites[s->terms.suite].tag + s->terms.mki_n;
	bool gcm = suites[s->terms.suite].gcm;
	if (*n > SRTP_PACKET_MAX || *n < RTP_FIXED + extra || !rtp_clear(p, *n - extra))
		return ERR_INVALID;
	size_t body = *n - extra;
	uint16_t seq = (uint16_t)(p[2] << 8 | p[3]);
	uint32_t ssrc = get_u32(p + 8);
	if (!mki_right(s, p + (gcm ? *n - s->terms.mki_n : body)))
		return ERR_FORBIDDEN;
	static const struct window none;
	struct sender *from = sender_of(s, ssrc);
	bool known = from->used && from->ssrc == ssrc;
	bool guess = known && from->guess;
	uint64_t number = number_of(known ? &from->rtp : &none, seq);
	if (known && !guess && window_old(&from->rtp, number))
		return ERR_CONFLICT;
	bool proven = open_as(s, p, body, number);
	if (!proven && guess && number >> 16) { /* its new key began a new count */
		number = seq;
		proven = open_as(s, p, body, number);
	}
	if (!proven)
		return ERR_FORBIDDEN;
	if (guess)
		from->used = false;
	window_put(&sender_take(s, from, ssrc)->rtp, number);
	*n = body;
	return ERR_OK;
}

enum err srtcp_seal(struct srtp *s, uint8_t *p, size_t *n)
{
	if (*n < RTCP_CLEAR || *n > SRTP_PACKET_MAX)
		return ERR_INVALID;
	if (s->rtcp_sent == ENCRYPTED - 1)
		return ERR_FULL;
	uint32_t ssrc = get_u32(p + 4), number = ++s->rtcp_sent;
	uint8_t word[4], tag[SHA_DIGEST_LENGTH];
	put_u32(word, number | ENCRYPTED);
	if (suites[s->terms.suite].gcm) {
		struct gcm g = {ssrc, number, str_make((char *)p, RTCP_CLEAR),
				str_make((char *)word, 4)};
		if (!gcm_seal(&s->rtcp, &g, p + RTCP_CLEAR, *n - RTCP_CLEAR))
			return ERR_INVALID;
		memcpy(p + *n + TAG_GCM, word, 4);
		*n += TAG_GCM + 4;
		*n += put_mki(s, p + *n);
		return ERR_OK;
	}
	if (!run_ctr(&s->rtcp, ssrc, number, p + RTCP_CLEAR, *n - RTCP_CLEAR))
		return ERR_INVALID;
	memcpy(p + *n, word, 4);
	*n += 4;
	hmac(&s->rtcp, p, *n, NULL, tag);
	*n += put_mki(s, p + *n);
	memcpy(p + *n, tag, TAG_RTCP);
	*n += TAG_RTCP;
	return ERR_OK;
}

/* The packet's bytes before the number, which itself stands at `word`. */
static bool rtcp_proven(struct srtp *s, uint8_t *p, size_t body, size_t word)
{
	uint32_t ssrc = get_u32(p + 4), number = get_u32(p + word) & ~ENCRYPTED;
	if (suites[s->terms.suite].gcm) {
		struct gcm g = {ssrc, number, str_make((char *)p, RTCP_CLEAR),
				str_make((char *)p + word, 4)};
		return gcm_open(&s->rtcp, &g, p + RTCP_CLEAR, body - RTCP_CLEAR);
	}
	uint8_t tag[SHA_DIGEST_LENGTH];
	hmac(&s->rtcp, p, word + 4, NULL, tag);
	return !CRYPTO_memcmp(tag, p + word + 4 + s->terms.mki_n, TAG_RTCP) &&
	       run_ctr(&s->rtcp, ssrc, number, p + RTCP_CLEAR, body - RTCP_CLEAR);
}

enum err srtcp_open(struct srtp *s, uint8_t *p, size_t *n)
{
	bool gcm = suites[s->terms.suite].gcm;
	size_t tag = gcm ? TAG_GCM : TAG_RTCP, extra = tag + 4 + s->terms.mki_n;
	if (*n > SRTP_PACKET_MAX || *n < RTCP_CLEAR + extra)
		return ERR_INVALID;
	size_t body = *n - extra, word = gcm ? body + tag : body;
	if (!(get_u32(p + word) & ENCRYPTED))
		return ERR_INVALID; /* we agreed on encryption: UNENCRYPTED_SRTCP is never ours */
	if (!mki_right(s, p + word + 4))
		return ERR_FORBIDDEN;
	uint32_t ssrc = get_u32(p + 4), number = get_u32(p + word) & ~ENCRYPTED;
	struct sender *from = sender_of(s, ssrc);
	if (from->used && from->ssrc == ssrc && window_old(&from->rtcp, number))
		return ERR_CONFLICT;
	if (!rtcp_proven(s, p, body, word))
		return ERR_FORBIDDEN;
	window_put(&sender_take(s, from, ssrc)->rtcp, number);
	*n = body;
	return ERR_OK;
}
