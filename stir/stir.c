/* stir.c - see stir.h. */
#include "stir/stir.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/hmac.h>

#include "stir/vault.h"

#define PATH_ROOM 512

/* What was taken lately: sets of WAYS, the oldest of a set makes room. Only tokens of good
 * signatures come in, so a stranger cannot push anything out. */
enum { SETS = 4096, WAYS = 4 };
struct taken {
	uint64_t mark; /* 0: free */
	int64_t until_s;
};

struct stir {
	char certificates[PATH_ROOM], trust[PATH_ROOM], certificate[PATH_ROOM], key[PATH_ROOM];
	char x5u[PASSPORT_URL];
	struct vault vault;
	struct taken *taken;
};

static bool keep(const char *text, char *out, size_t room)
{
	return str_copy(str_of(text), out, room);
}

static struct stir_options options_of(const struct stir *s)
{
	return (struct stir_options){.certificates = s->certificates,
				     .trust = s->trust,
				     .certificate = s->certificate,
				     .key = s->key,
				     .x5u = s->x5u};
}

enum err stir_create(const struct stir_options *o, struct stir **out, struct buf *why)
{
	struct stir *s = xcalloc(1, sizeof *s);
	bool fits = keep(o->certificates, s->certificates, sizeof s->certificates) &&
		    keep(o->trust, s->trust, sizeof s->trust) &&
		    keep(o->certificate, s->certificate, sizeof s->certificate) &&
		    keep(o->key, s->key, sizeof s->key) && keep(o->x5u, s->x5u, sizeof s->x5u);
	struct stir_options own = options_of(s);
	if (!fits)
		buf_c(why, "stir: a setting is too long");
	enum err e = fits ? vault_read(&own, &s->vault, why) : ERR_TOO_LARGE;
	if (e != ERR_OK) {
		free(s);
		return e;
	}
	s->taken = xcalloc((size_t)SETS * WAYS, sizeof *s->taken);
	*out = s;
	return ERR_OK;
}

void stir_destroy(struct stir *s)
{
	if (!s)
		return;
	vault_finish(&s->vault);
	free(s->taken);
	free(s);
}

enum err stir_reload(struct stir *s, struct buf *why)
{
	struct stir_options own = options_of(s);
	struct vault fresh;
	enum err e = vault_read(&own, &fresh, why);
	if (e != ERR_OK)
		return e;
	vault_finish(&s->vault);
	s->vault = fresh;
	return ERR_OK;
}

uint32_t stir_certificates(const struct stir *s)
{
	return s->vault.count;
}

bool stir_signs(const struct stir *s)
{
	return s && s->vault.key;
}

/* 3GPP TS 24.229, ATIS-1000074 */
struct str stir_word(enum stir_verdict v)
{
	static const char *const words[] = {"No-TN-Validation", "TN-Validation-Passed",
					    "TN-Validation-Failed"};
	return str_of(words[v]);
}

/* -- signatures: r and s as they stand in a token, DER as the library wants them -- */

static bool signature_holds(EVP_PKEY *key, const struct passport *p)
{
	unsigned char *der = NULL;
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(p->signature, 32, NULL), *s = BN_bin2bn(p->signature + 32, 32, NULL);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	CHECK(sig && r && s && ctx && ECDSA_SIG_set0(sig, r, s) == 1);
	int n = i2d_ECDSA_SIG(sig, &der);
	bool holds = n > 0 && EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
		     EVP_DigestVerify(ctx, der, (size_t)n, (const unsigned char *)p->signed_part.p,
				      p->signed_part.n) == 1;
	EVP_MD_CTX_free(ctx);
	ECDSA_SIG_free(sig);
	OPENSSL_free(der);
	ERR_clear_error();
	return holds;
}

static bool sign(EVP_PKEY *key, struct str text, unsigned char out[PASSPORT_SIGNATURE])
{
	unsigned char der[128];
	const unsigned char *at = der;
	size_t n = sizeof der;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool done = ctx && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
		    EVP_DigestSign(ctx, der, &n, (const unsigned char *)text.p, text.n) == 1;
	EVP_MD_CTX_free(ctx);
	ECDSA_SIG *sig = done ? d2i_ECDSA_SIG(NULL, &at, (long)n) : NULL;
	done = sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, 32) == 32 &&
	       BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + 32, 32) == 32;
	ECDSA_SIG_free(sig);
	ERR_clear_error();
	return done;
}

/* -- what was taken -- */

/* Of what is signed, not of the signature: who has one good (r, s) can make (r, -s). */
static uint64_t mark_of(const struct passport *p)
{
	unsigned char digest[32];
	unsigned int n;
	uint64_t mark;
	CHECK(EVP_Digest(p->signed_part.p, p->signed_part.n, digest, &n, EVP_sha256(), NULL) == 1);
	memcpy(&mark, digest, sizeof mark);
	return mark ? mark : 1;
}

static bool was_taken(const struct stir *s, uint64_t mark, int64_t now_s)
{
	const struct taken *set = &s->taken[mark % SETS * WAYS];
	for (int i = 0; i < WAYS; i++)
		if (set[i].mark == mark && set[i].until_s >= now_s)
			return true;
	return false;
}

void stir_remember(struct stir *s, uint64_t mark, int64_t now_s)
{
	if (!s || !mark)
		return;
	struct taken *set = &s->taken[mark % SETS * WAYS], *place = set;
	for (int i = 1; i < WAYS; i++)
		if (set[i].until_s < place->until_s)
			place = &set[i];
	/* a token from ahead of our clock is fresh for twice as long */
	*place = (struct taken){mark, now_s + 2 * STIR_FRESH_S};
}

/* -- verify -- */

static void fail(struct stir_finding *out, uint32_t status, const char *why)
{
	*out = (struct stir_finding){.verdict = STIR_FAILED, .status = status, .why = why};
}

static bool names(const struct passport *p, struct str dest)
{
	for (uint32_t i = 0; i < p->dest_count; i++)
		if (str_is(dest, p->dests[i]))
			return true;
	return false;
}

/* RFC 8224 section 6.2 steps 3 to 5: what it says of this call. */
static bool claims_fit(const struct passport *p, const struct stir_call *c,
		       struct stir_finding *out)
{
	struct str orig, dest;
	if (p->iat_s < c->now_s - STIR_FRESH_S || p->iat_s > c->now_s + STIR_FRESH_S)
		fail(out, 403, "stale");
	else if (!passport_number(c->orig, &orig) || !str_is(orig, p->orig))
		fail(out, 438, "orig");
	else if (!passport_number(c->dest, &dest) || !names(p, dest))
		fail(out, 438, "dest");
	else
		return true;
	return false;
}

static void verify_one(const struct stir *s, const struct identity *id, const struct stir_call *c,
		       struct stir_finding *out)
{
	struct passport p;
	const char *why;
	const struct signer *by;
	if (id->alg.n && !str_is(id->alg, "ES256")) {
		fail(out, 438, "alg");
		return;
	}
	if (passport_parse(id->token, &p, &why) != ERR_OK) {
		fail(out, 438, why);
		return;
	}
	if (!str_is(id->info, p.x5u)) {
		fail(out, 436, "info");
		return;
	}
	if (!claims_fit(&p, c, out)) /* cheaper than a signature */
		return;
	by = s ? vault_find(&s->vault, id->info) : NULL;
	if (!by)
		fail(out, 436, "unknown_certificate");
	else if (by->fault)
		fail(out, 437, by->fault);
	else if (c->now_s < by->from_s || c->now_s > by->until_s)
		fail(out, 437, "expired");
	else if (!signature_holds(by->key, &p))
		fail(out, 438, "signature");
	else if (was_taken(s, mark_of(&p), c->now_s))
		fail(out, 438, "replay");
	else {
		*out = (struct stir_finding){STIR_PASSED, .why = "", .attest = p.attest};
		out->mark = mark_of(&p);
		memcpy(out->origid, p.origid, sizeof out->origid);
	}
}

void stir_verify(struct stir *s, const struct stir_call *c, struct stir_finding *out)
{
	*out = (struct stir_finding){STIR_ABSENT, .status = 428, .why = "no_identity"};
	for (uint32_t i = 0; i < c->count && out->verdict != STIR_PASSED; i++) {
		struct stir_finding f;
		struct identity id;
		if (identity_parse(c->identities[i], &id) != ERR_OK)
			fail(&f, 438, "header");
		else if (!str_is(id.ppt, "shaken")) /* of a kind we do not know: as if not there */
			continue;
		else
			verify_one(s, &id, c, &f);
		if (out->verdict == STIR_ABSENT || f.verdict == STIR_PASSED)
			*out = f;
	}
}

/* -- sign -- */

enum err stir_sign(struct stir *s, const struct passport_claims *claims, struct buf *out)
{
	unsigned char signature[PASSPORT_SIGNATURE];
	char room[STIR_VALUE_MAX];
	struct buf b = buf_make(room, sizeof room);
	struct passport_claims c = *claims;
	if (!stir_signs(s))
		return ERR_NOT_FOUND;
	c.x5u = str_of(s->x5u);
	if (!passport_number(claims->orig, &c.orig) || !passport_number(claims->dest, &c.dest))
		return ERR_INVALID;
	passport_write(&b, &c);
	if (b.full)
		return ERR_TOO_LARGE;
	if (!sign(s->vault.key, buf_str(&b), signature))
		return ERR_IO;
	buf_ch(&b, '.');
	base64url_put(&b, signature, sizeof signature);
	buf_fmt(&b, ";info=<%s>;alg=ES256;ppt=shaken", s->x5u);
	buf_put(out, buf_str(&b));
	return b.full || out->full ? ERR_TOO_LARGE : ERR_OK;
}

void stir_origid(const unsigned char secret[32], struct str name, char out[PASSPORT_ORIGID])
{
	unsigned char h[32];
	unsigned int n;
	CHECK(HMAC(EVP_sha256(), secret, 32, (const unsigned char *)name.p, name.n, h, &n));
	h[6] = (unsigned char)((h[6] & 0x0f) | 0x80);
	h[8] = (unsigned char)((h[8] & 0x3f) | 0x80);
	struct buf b = buf_make(out, PASSPORT_ORIGID - 1);
	static const int groups[] = {4, 2, 2, 2, 6};
	for (size_t i = 0, at = 0; i < COUNT_OF(groups); at += (size_t)groups[i++]) {
		buf_c(&b, i ? "-" : "");
		buf_hex(&b, h + at, (size_t)groups[i]);
	}
	out[b.n] = 0;
}
