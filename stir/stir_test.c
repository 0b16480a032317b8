/* Identities with certificates made here: RFC 8224, 8225, 8588; faults.md S32. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/ecdsa.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "stir/stir.h"
#include "tests/test.h"

#define NOW 1800000000
#define X5U "https://cr.test/anna.pem"
#define ORIG "48601602603"
#define DEST "48221112233"
#define ID "5b0f4cd5-8d2b-8c0f-9e2b-0a1b2c3d4e5f"
#define HEADER "{\"alg\":\"ES256\",\"ppt\":\"shaken\",\"typ\":\"passport\",\"x5u\":\"" X5U "\"}"

struct made {
	X509 *cert;
	EVP_PKEY *key;
};
struct world {
	char dir[64], certs[80], trust[96], cert[96], key[96];
	struct made root, leaf;
	struct stir *stir;
};

static void extend(X509 *c, X509 *by, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509V3_set_ctx(&ctx, by, c, NULL, NULL, 0);
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	CHECK(e && X509_add_ext(c, e, -1) == 1);
	X509_EXTENSION_free(e);
}

static struct made make(const char *name, const struct made *by, const char *curve, int64_t from_s,
			int64_t until_s)
{
	struct made m = {X509_new(), EVP_EC_gen(curve)};
	X509_NAME *subject = X509_get_subject_name(m.cert);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1,
				   0);
	X509_set_version(m.cert, X509_VERSION_3);
	static int serial;
	ASN1_INTEGER_set(X509_get_serialNumber(m.cert), ++serial);
	ASN1_TIME_set(X509_getm_notBefore(m.cert), from_s);
	ASN1_TIME_set(X509_getm_notAfter(m.cert), until_s);
	X509_set_issuer_name(m.cert, by ? X509_get_subject_name(by->cert) : subject);
	X509_set_pubkey(m.cert, m.key);
	extend(m.cert, by ? by->cert : m.cert, NID_basic_constraints,
	       by ? "critical,CA:FALSE" : "critical,CA:TRUE");
	extend(m.cert, by ? by->cert : m.cert, NID_key_usage,
	       by ? "critical,digitalSignature" : "critical,keyCertSign");
	CHECK(X509_sign(m.cert, by ? by->key : m.key, EVP_sha256()) > 0);
	return m;
}

static void drop(struct made *m)
{
	X509_free(m->cert);
	EVP_PKEY_free(m->key);
}

static void put_cert(const char *path, X509 *cert)
{
	FILE *f = fopen(path, "w");
	CHECK(f && PEM_write_X509(f, cert) == 1);
	fclose(f);
}

static void put_key(const char *path, EVP_PKEY *key)
{
	FILE *f = fopen(path, "w");
	CHECK(f && PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL) == 1);
	fclose(f);
}

static void publish(const struct world *w, const char *x5u, X509 *cert)
{
	unsigned char h[32];
	char hex[64], path[200];
	struct buf b = buf_make(hex, sizeof hex);
	CHECK(EVP_Digest(x5u, strlen(x5u), h, NULL, EVP_sha256(), NULL) == 1);
	buf_hex(&b, h, sizeof h);
	snprintf(path, sizeof path, "%s/%.64s.pem", w->certs, hex);
	put_cert(path, cert);
}

static struct stir_options options(const struct world *w)
{
	return (struct stir_options){w->certs, w->trust, w->cert, w->key, X5U};
}

static void world(struct world *w)
{
	char room[300];
	struct buf why = buf_make(room, sizeof room);
	*w = (struct world){.dir = "/tmp/stir_test.XXXXXX"};
	CHECK(mkdtemp(w->dir));
	snprintf(w->certs, sizeof w->certs, "%s/certs", w->dir);
	snprintf(w->trust, sizeof w->trust, "%s/trust.pem", w->dir);
	snprintf(w->cert, sizeof w->cert, "%s/own.pem", w->dir);
	snprintf(w->key, sizeof w->key, "%s/own.key", w->dir);
	w->root = make("root", NULL, "P-256", NOW - 1000000, NOW + 1000000);
	w->leaf = make("leaf", &w->root, "P-256", NOW - 1000, NOW + 1000);
	put_cert(w->trust, w->root.cert);
	put_cert(w->cert, w->leaf.cert);
	put_key(w->key, w->leaf.key);
	snprintf(room, sizeof room, "mkdir -p %s", w->certs);
	CHECK(system(room) == 0);
	publish(w, X5U, w->leaf.cert);
	struct stir_options o = options(w);
	enum err e = stir_create(&o, &w->stir, &why);
	EXPECT_STR(buf_str(&why), "");
	CHECK(e == ERR_OK);
}

static void leave(struct world *w)
{
	char command[100];
	stir_destroy(w->stir);
	drop(&w->root);
	drop(&w->leaf);
	snprintf(command, sizeof command, "rm -r %s", w->dir);
	CHECK(system(command) == 0);
}

/* A header's value with whatever JSON, signed by whom. */
static struct str token(EVP_PKEY *key, const char *header, const char *payload, const char *params)
{
	static char room[70000];
	unsigned char der[128], raw[64];
	const unsigned char *at = der;
	size_t n = sizeof der;
	struct buf b = buf_make(room, sizeof room);
	base64url_put(&b, header, strlen(header));
	buf_ch(&b, '.');
	base64url_put(&b, payload, strlen(payload));
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	CHECK(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1);
	CHECK(EVP_DigestSign(ctx, der, &n, (unsigned char *)b.p, b.n) == 1);
	EVP_MD_CTX_free(ctx);
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)n);
	BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, 32);
	BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + 32, 32);
	ECDSA_SIG_free(sig);
	buf_ch(&b, '.');
	base64url_put(&b, raw, sizeof raw);
	buf_c(&b, params);
	CHECK(!b.full);
	return buf_str(&b);
}

static const char *claims(const char *attest, const char *dest, int64_t iat, const char *orig)
{
	static char room[400];
	snprintf(room, sizeof room,
		 "{\"attest\":\"%s\",\"dest\":{\"tn\":[\"%s\"]},\"iat\":%lld,"
		 "\"orig\":{\"tn\":\"%s\"},\"origid\":\"" ID "\"}",
		 attest, dest, (long long)iat, orig);
	return room;
}

static struct stir_finding ask(struct stir *s, struct str value, int64_t now_s)
{
	struct stir_finding f;
	struct stir_call c = {&value, 1, STR("+" ORIG), STR("+" DEST), now_s};
	stir_verify(s, &c, &f);
	return f;
}

#define USUAL ";info=<" X5U ">;alg=ES256;ppt=shaken"
#define GOOD claims("A", DEST, NOW, ORIG)

TEST(a_good_identity_passes_and_only_once)
{
	struct world w;
	world(&w);
	struct stir_finding f =
		ask(w.stir, token(w.leaf.key, HEADER, GOOD, ";info=<" X5U ">;ppt=\"shaken\""), NOW);
	EXPECT(f.verdict == STIR_PASSED && f.attest == 'A' && f.status == 0);
	EXPECT_STR(str_of(f.origid), ID);
	stir_remember(w.stir, f.mark, NOW);
	/* signed again, it is another signature over the same */
	f = ask(w.stir, token(w.leaf.key, HEADER, GOOD, USUAL), NOW + 30);
	EXPECT(f.verdict == STIR_FAILED && f.status == 438);
	EXPECT_STR(str_of(f.why), "replay");
	f = ask(w.stir, token(w.leaf.key, HEADER, claims("A", DEST, NOW + 1, ORIG), USUAL), NOW);
	EXPECT(f.verdict == STIR_PASSED);
	leave(&w);
}

TEST(what_is_wrong_fails_with_its_status)
{
	struct world w;
	world(&w);
	struct made other = make("other", &w.root, "P-256", NOW - 9, NOW + 9);
	char hour_ago[400], ahead[400];
	snprintf(hour_ago, sizeof hour_ago, "%s", claims("A", DEST, NOW - 3600, ORIG));
	snprintf(ahead, sizeof ahead, "%s", claims("A", DEST, NOW + 3600, ORIG));
	char dest[400], orig[400], attest[400], plus[400], good[400], twice[500];
	snprintf(dest, sizeof dest, "%s", claims("A", "48221112234", NOW, ORIG));
	snprintf(orig, sizeof orig, "%s", claims("A", DEST, NOW, "48601602604"));
	snprintf(attest, sizeof attest, "%s", claims("D", DEST, NOW, ORIG));
	snprintf(plus, sizeof plus, "%s", claims("A", DEST, NOW, "+" ORIG));
	snprintf(good, sizeof good, "%s", GOOD);
	snprintf(twice, sizeof twice, "{\"orig\":{\"tn\":\"1\"},%s", good + 1);
#define WITH(alg, ppt, typ)                                                                        \
	"{\"alg\":\"" alg "\",\"ppt\":\"" ppt "\",\"typ\":\"" typ "\",\"x5u\":\"" X5U "\"}"
	const struct {
		const char *header, *payload, *params;
		EVP_PKEY *key;
		uint32_t status;
		const char *why;
	} cases[] = {
		{HEADER, good, USUAL, other.key, 438, "signature"},
		{HEADER, good, "info=<" X5U ">;ppt=shaken", w.leaf.key, 438, "header"},
		{HEADER, good, ";ppt=shaken", w.leaf.key, 438, "header"},
		{HEADER, good, USUAL ";ppt=shaken", w.leaf.key, 438, "header"},
		{HEADER, good, "", w.leaf.key, 438, "header"},
		{HEADER, good, ";info=<" X5U, w.leaf.key, 438, "header"},
		{HEADER, good, ";info=<" X5U ">;alg=none;ppt=shaken", w.leaf.key, 438, "alg"},
		{WITH("none", "shaken", "passport"), good, USUAL, w.leaf.key, 438, "alg"},
		{WITH("HS256", "shaken", "passport"), good, USUAL, w.leaf.key, 438, "alg"},
		{WITH("ES384", "shaken", "passport"), good, USUAL, w.leaf.key, 438, "alg"},
		{WITH("ES256", "div", "passport"), good, USUAL, w.leaf.key, 438, "ppt"},
		{WITH("ES256", "shaken", "JWT"), good, USUAL, w.leaf.key, 438, "typ"},
		{HEADER, hour_ago, USUAL, w.leaf.key, 403, "stale"},
		{HEADER, ahead, USUAL, w.leaf.key, 403, "stale"},
		{HEADER, dest, USUAL, w.leaf.key, 438, "dest"},
		{HEADER, orig, USUAL, w.leaf.key, 438, "orig"},
		{HEADER, plus, USUAL, w.leaf.key, 438, "orig"},
		{HEADER, attest, USUAL, w.leaf.key, 438, "attest"},
		{HEADER, twice, USUAL, w.leaf.key, 438, "claims"},
		{HEADER, "[]", USUAL, w.leaf.key, 438, "claims"},
		{HEADER, "", USUAL, w.leaf.key, 438, "claims"},
		{HEADER, good, ";info=<https://cr.test/b.pem>;ppt=shaken", w.leaf.key, 436, "info"},
		{HEADER, good, ";info=<" X5U ">;ppt=div", w.leaf.key, 428, "no_identity"},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct str t =
			token(cases[i].key, cases[i].header, cases[i].payload, cases[i].params);
		struct stir_finding f = ask(w.stir, t, NOW);
		EXPECT(f.verdict == (cases[i].status == 428 ? STIR_ABSENT : STIR_FAILED));
		EXPECT(f.status == cases[i].status && !f.attest && !f.origid[0]);
		EXPECT_STR(str_of(f.why), cases[i].why);
	}
	drop(&other);
	leave(&w);
}

TEST(signers_must_be_known_vouched_for_and_in_time)
{
	struct world w;
	world(&w);
	struct made stranger = make("stranger", NULL, "P-256", NOW - 9, NOW + 9);
	struct made foreign = make("foreign", &stranger, "P-256", NOW - 9, NOW + 9);
	struct made old = make("old", &w.root, "P-256", NOW - 900, NOW - 1);
	struct made wide = make("wide", &w.root, "P-384", NOW - 9, NOW + 9);
	const struct {
		const struct made *by;
		const char *why;
		uint32_t status;
	} cases[] = {{NULL, "unknown_certificate", 436}, {&foreign, "chain", 437},
		     {&stranger, "chain", 437},		 {&old, "expired", 437},
		     {&wide, "certificate", 437},	 {&w.root, "certificate", 437}};
	char room[300];
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct buf why = buf_make(room, sizeof room);
		char url[60], header[200], params[200];
		snprintf(url, sizeof url, "https://cr.test/%zu.pem", i);
		snprintf(header, sizeof header,
			 "{\"alg\":\"ES256\",\"ppt\":\"shaken\",\"typ\":\"passport\",\"x5u\":\"%"
			 "s\"}",
			 url);
		snprintf(params, sizeof params, ";info=<%s>;ppt=shaken", url);
		if (cases[i].by)
			publish(&w, url, cases[i].by->cert);
		EXPECT(stir_reload(w.stir, &why) == ERR_OK);
		struct str t =
			token(cases[i].by ? cases[i].by->key : w.leaf.key, header, GOOD, params);
		struct stir_finding f = ask(w.stir, t, NOW);
		EXPECT(f.verdict == STIR_FAILED && f.status == cases[i].status);
		EXPECT_STR(str_of(f.why), cases[i].why);
	}
	/* the known one meanwhile, and when his time is over */
	EXPECT(ask(w.stir, token(w.leaf.key, HEADER, GOOD, USUAL), NOW).verdict == STIR_PASSED);
	struct str late = token(w.leaf.key, HEADER, claims("A", DEST, NOW + 1001, ORIG), USUAL);
	EXPECT(ask(w.stir, late, NOW + 1001).status == 437);
	EXPECT(ask(NULL, late, NOW + 1001).status == 436);
	drop(&stranger);
	drop(&foreign);
	drop(&old);
	drop(&wide);
	leave(&w);
}

TEST(the_best_of_several_counts_and_none_is_none)
{
	struct world w;
	struct stir_finding f;
	char good[2000];
	world(&w);
	CHECK(str_copy(token(w.leaf.key, HEADER, GOOD, USUAL), good, sizeof good));
	struct str values[] = {STR("nonsense"), str_of(good)};
	struct stir_call c = {values, 2, STR("+" ORIG), STR("+" DEST), NOW};
	stir_verify(w.stir, &c, &f);
	EXPECT(f.verdict == STIR_PASSED);
	c.count = 1;
	stir_verify(w.stir, &c, &f);
	EXPECT(f.verdict == STIR_FAILED && f.status == 438);
	c.count = 0;
	stir_verify(w.stir, &c, &f);
	EXPECT(f.verdict == STIR_ABSENT && f.status == 428);
	c = (struct stir_call){values, 2, STR("anonymous"), STR("+" DEST), NOW};
	stir_verify(w.stir, &c, &f);
	EXPECT(f.verdict == STIR_FAILED && f.status == 438);
	leave(&w);
}

TEST(what_we_sign_is_verified_and_keeps_to_the_grammar)
{
	struct world w;
	char room[STIR_VALUE_MAX], origid[PASSPORT_ORIGID], again[PASSPORT_ORIGID];
	struct buf b = buf_make(room, sizeof room);
	world(&w);
	stir_origid((const unsigned char[32]){7}, STR("stir:acme/carrier"), origid);
	stir_origid((const unsigned char[32]){7}, STR("stir:acme/carrier"), again);
	EXPECT_STR(str_of(origid), again);
	EXPECT(strlen(origid) == 36 && origid[14] == '8' && strchr("89ab", origid[19]));
	struct passport_claims c = {.orig = STR("+" ORIG),
				    .dest = STR("+" DEST),
				    .origid = str_of(origid),
				    .attest = 'B',
				    .iat_s = NOW};
	EXPECT(stir_sign(w.stir, &c, &b) == ERR_OK);
	EXPECT(str_ends(buf_str(&b), STR(USUAL)));
	struct stir_finding f = ask(w.stir, buf_str(&b), NOW + STIR_FRESH_S);
	EXPECT(f.verdict == STIR_PASSED && f.attest == 'B');
	EXPECT_STR(str_of(f.origid), origid);
	EXPECT(ask(w.stir, buf_str(&b), NOW + STIR_FRESH_S + 1).status == 403);
	c.orig = STR("anna");
	EXPECT(stir_sign(w.stir, &c, &b) == ERR_INVALID);
	EXPECT(stir_sign(NULL, &c, &b) == ERR_NOT_FOUND);
	leave(&w);
}

TEST(settings_that_do_not_fit_are_told_without_the_key)
{
	struct world w;
	struct stir *s = NULL;
	char room[300];
	world(&w);
	struct made other = make("other", &w.root, "P-256", NOW, NOW + 9);
	char path[120];
	snprintf(path, sizeof path, "%s/other.key", w.dir);
	put_key(path, other.key);
	struct stir_options o = options(&w), bad[4] = {o, o, o, o};
	bad[0].key = path;
	bad[1].trust = w.key; /* no certificate in it */
	bad[2].x5u = "ftp://x";
	bad[3].certificates = "/nowhere";
	static const char *const words[] = {"not the key of", "stir.trust", "stir.x5u",
					    "stir.certificates"};
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct buf why = buf_make(room, sizeof room);
		EXPECT(stir_create(&bad[i], &s, &why) != ERR_OK && !s);
		EXPECT(str_find_str(buf_str(&why), str_of(words[i])) >= 0);
		EXPECT(str_find_str(buf_str(&why), STR("PRIVATE")) < 0);
	}
	/* a reload that fails leaves what was */
	EXPECT(remove(w.trust) == 0);
	struct buf why = buf_make(room, sizeof room);
	EXPECT(stir_reload(w.stir, &why) != ERR_OK);
	EXPECT(ask(w.stir, token(w.leaf.key, HEADER, GOOD, USUAL), NOW).verdict == STIR_PASSED);
	put_cert(w.trust, w.root.cert);
	drop(&other);
	leave(&w);
}

/* RFC 8588 section 5, its header and its claims. */
TEST(the_example_of_rfc_8588_is_read)
{
	static const char header[] = "{\"alg\":\"ES256\",\"typ\":\"passport\",\"ppt\":\"shaken\","
				     "\"x5u\":\"https://cert.example.org/passport.cer\"}";
	static const char payload[] =
		"{\"attest\":\"A\",\"dest\":{\"tn\":[\"12155550131\"]},\"iat\":1443208345,"
		"\"orig\":{\"tn\":\"12155550121\"},"
		"\"origid\":\"123e4567-e89b-12d3-a456-426655440000\"}";
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct identity id;
	struct passport p;
	const char *why;
	struct str value = token(key, header, payload,
				 ";info=<https://cert.example.org/passport.cer>;alg=ES256;"
				 "ppt=\"shaken\"");
	EXPECT(identity_parse(value, &id) == ERR_OK);
	EXPECT_STR(id.ppt, "shaken");
	EXPECT(passport_parse(id.token, &p, &why) == ERR_OK);
	EXPECT_STR(str_of(p.x5u), "https://cert.example.org/passport.cer");
	EXPECT(p.attest == 'A' && p.iat_s == 1443208345 && p.dest_count == 1);
	EXPECT_STR(str_of(p.orig), "12155550121");
	EXPECT_STR(str_of(p.dests[0]), "12155550131");
	EXPECT_STR(str_of(p.origid), "123e4567-e89b-12d3-a456-426655440000");
	EVP_PKEY_free(key);
}

TEST(base64url_has_one_text_for_the_same_bytes)
{
	static const struct {
		const char *text;
		bool good;
	} cases[] = {{"", true},      {"AA", true},  {"AAA", true},  {"AAAA", true},
		     {"A", false},    {"AB", false}, {"AAB", false}, {"AA=", false},
		     {"A+", false},   {"A/", false}, {"-_-_", true}, {"AA A", false},
		     {"AAAAA", false}};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char room[16];
		struct buf b = buf_make(room, sizeof room);
		EXPECT((base64url_take(str_of(cases[i].text), &b) == ERR_OK) == cases[i].good);
	}
}

TEST(sixty_four_kilobytes_are_too_large)
{
	static char big[65536];
	struct identity id;
	memset(big, 'a', sizeof big);
	EXPECT(identity_parse(str_make(big, sizeof big), &id) == ERR_TOO_LARGE);
	struct stir_finding f = ask(NULL, str_make(big, sizeof big), NOW);
	EXPECT(f.verdict == STIR_FAILED && f.status == 438);
}
