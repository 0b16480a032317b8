/* auth_test.c - digest against the examples of the RFCs, nonces, replays. */
#include "sip/world_test.h"

static const struct sip_address source = {.family = 4, .ip = {192, 0, 2, 1}, .port = 5060};
static const uint8_t secret[32] = {9, 8, 7};

/* RFC 7616 section 3.9.1, both algorithms */
TEST(the_examples_of_rfc_7616)
{
	static const struct {
		bool sha256;
		const char *response;
	} cases[] = {
		{false, "8ca523f5e9506fed4657c9700eebdbec"},
		{true, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"},
	};
	struct digest d = {
		.nonce = STR("7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"),
		.uri = STR("/dir/index.html"),
		.qop = STR("auth"),
		.nc = STR("00000001"),
		.cnonce = STR("f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"),
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char ha1[65], answer[65];
		digest_ha1(STR("Mufasa"), STR("http-auth@example.org"), STR("Circle of Life"),
			   cases[i].sha256, ha1);
		digest_answer(&d, STR("GET"), str_of(ha1), cases[i].sha256, answer);
		EXPECT_STR(str_of(answer), cases[i].response);
	}
}

/* RFC 2617 section 3.5 */
TEST(the_example_of_rfc_2617)
{
	struct digest d = {0};
	char ha1[65], answer[65];
	EXPECT(digest_parse(
		       STR("Digest username=\"Mufasa\", realm=\"testrealm@host.com\", "
			   "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
			   "uri=\"/dir/index.html\", qop=auth, nc=00000001, "
			   "cnonce=\"0a4f113b\", response=\"6629fae49393a05397450978507c4ef1\","
			   " opaque=\"5ccc069c403ebaf9f0171e9517f40e41\""),
		       &d) == ERR_OK);
	digest_ha1(d.username, d.realm, STR("Circle Of Life"), false, ha1);
	digest_answer(&d, STR("GET"), str_of(ha1), false, answer);
	EXPECT(str_eq(str_of(answer), d.response));
}

TEST(values_that_are_no_digest)
{
	struct digest d;
	EXPECT(digest_parse(STR("Basic abc"), &d) == ERR_UNSUPPORTED);
	EXPECT(digest_parse(STR("Digest"), &d) == ERR_UNSUPPORTED);
	EXPECT(digest_parse(STR("Digest realm"), &d) == ERR_INVALID);
	EXPECT(digest_parse(STR("Digest realm=\"a"), &d) == ERR_INVALID);
	EXPECT(digest_parse(STR("Digest realm=a, realm=b"), &d) == ERR_INVALID);
	EXPECT(digest_parse(STR("Digest realm=a,, x=\"b\\\"c\" ,nonce = \"n\""), &d) == ERR_OK);
	EXPECT_STR(d.nonce, "n");
}

struct tried {
	const char *user_secret, *algorithm, *qop, *nc;
	bool sha256;
};

static enum auth_verdict try(struct auth *a, struct str nonce, const struct tried *t,
			     const struct sip_address *from, int64_t now_ms)
{
	char ha1[65], answer[65], md5[65], sha[65];
	struct digest d = {.username = STR("u"),
			   .realm = STR("r"),
			   .nonce = nonce,
			   .uri = STR("sip:r"),
			   .algorithm = str_of(t->algorithm),
			   .qop = str_of(t->qop),
			   .nc = str_of(t->nc),
			   .cnonce = STR("c")};
	digest_ha1(d.username, d.realm, STR("pw"), false, md5);
	digest_ha1(d.username, d.realm, STR("pw"), true, sha);
	digest_ha1(d.username, d.realm, str_of(t->user_secret), t->sha256, ha1);
	digest_answer(&d, STR("REGISTER"), str_of(ha1), t->sha256, answer);
	d.response = str_of(answer);
	return auth_check(a, &d, STR("REGISTER"), str_of(md5), str_of(sha), from, now_ms);
}

static struct str nonce_at(struct auth *a, int64_t now_ms, char text[256])
{
	struct digest d = {0};
	struct buf b = buf_make(text, 256);
	auth_challenge(a, &b, STR("r"), &source, now_ms, false, false);
	EXPECT(digest_parse(buf_str(&b), &d) == ERR_OK);
	return d.nonce;
}

TEST(answers_right_wrong_and_stale)
{
	struct auth a;
	char text[256];
	auth_init(&a, secret);
	struct str n = nonce_at(&a, 5000, text);
	struct sip_address other = source;
	other.ip[3] = 9;
	static const struct tried good = {"pw", "MD5", "auth", "00000001", false},
				  again = {"pw", "", "auth", "00000002", false},
				  sha = {"pw", "sha-256", "auth", "00000003", true},
				  plain = {"pw", "", "", "", false},
				  wrong = {"no", "MD5", "auth", "00000009", false},
				  no_nc = {"pw", "MD5", "auth", "1", false},
				  qop = {"pw", "MD5", "auth-int", "00000009", false},
				  md4 = {"pw", "MD4", "auth", "00000009", false},
				  late = {"pw", "MD5", "auth", "0000000a", false};
	EXPECT(try(&a, n, &wrong, &source, 5000) == AUTH_BAD);
	EXPECT(try(&a, n, &good, &source, 5000) == AUTH_GOOD);
	EXPECT(try(&a, n, &good, &source, 5000) == AUTH_STALE); /* a replay */
	EXPECT(try(&a, n, &plain, &source, 5000) == AUTH_STALE);
	EXPECT(try(&a, n, &again, &source, 5000) == AUTH_GOOD); /* without algorithm: MD5 */
	EXPECT(try(&a, n, &sha, &source, 5000) == AUTH_GOOD);
	EXPECT(try(&a, n, &again, &source, 5000) == AUTH_STALE); /* the count went past it */
	EXPECT(try(&a, n, &no_nc, &source, 5000) == AUTH_BAD);
	EXPECT(try(&a, n, &qop, &source, 5000) == AUTH_BAD);
	EXPECT(try(&a, n, &md4, &source, 5000) == AUTH_BAD);
	EXPECT(try(&a, n, &late, &other, 5000) == AUTH_STALE); /* another's nonce */
	EXPECT(try(&a, n, &late, &source, 4999) == AUTH_STALE);
	EXPECT(try(&a, n, &late, &source, 64999) == AUTH_GOOD);
	EXPECT(try(&a, n, &late, &source, 65000) == AUTH_STALE);
	EXPECT(try(&a, STR("made up"), &good, &source, 5000) == AUTH_STALE);
	char once[256];
	n = nonce_at(&a, 6000, once);
	EXPECT(try(&a, n, &plain, &source, 6000) == AUTH_GOOD);
	EXPECT(try(&a, n, &plain, &source, 6000) == AUTH_STALE);
	auth_finish(&a);
	/* after a restart the secret is another: a phone's old nonce is stale, not wrong */
	static const uint8_t new_secret[32] = {1};
	auth_init(&a, new_secret);
	EXPECT(try(&a, n, &good, &source, 6000) == AUTH_STALE);
	auth_finish(&a);
}

/* Two phones behind one address are challenged within the same millisecond. */
TEST(nonces_of_one_moment_are_not_the_same)
{
	struct auth a;
	char text[2][256];
	auth_init(&a, secret);
	struct str first = nonce_at(&a, 5000, text[0]), second = nonce_at(&a, 5000, text[1]);
	EXPECT(!str_eq(first, second));
	static const struct tried good = {"pw", "MD5", "auth", "00000001", false};
	EXPECT(try(&a, first, &good, &source, 5001) == AUTH_GOOD);
	EXPECT(try(&a, second, &good, &source, 5001) == AUTH_GOOD);
	auth_finish(&a);
}

/* However many nonces are used, none is ever good twice. */
TEST(no_replay_passes_under_pressure)
{
	struct auth a;
	static char texts[6000][64];
	static const struct tried good = {"pw", "MD5", "auth", "00000001", false};
	uint32_t first = 0, second = 0;
	auth_init(&a, secret);
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		char text[256];
		struct str n = nonce_at(&a, 1000 + (int64_t)i, text);
		(void)str_copy(n, texts[i], sizeof texts[i]);
		first += try(&a, n, &good, &source, 1000 + (int64_t)i) == AUTH_GOOD;
	}
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		second += try(&a, str_of(texts[i]), &good, &source, 7000) == AUTH_GOOD;
	EXPECT(first == COUNT_OF(texts)); /* each was the youngest of its corner */
	EXPECT(second == 0);
	auth_finish(&a);
}

TEST(our_own_answers)
{
	char text[1024];
	struct buf b = buf_make(text, sizeof text);
	struct digest c = {.realm = STR("r"), .nonce = STR("n"), .qop = STR("auth-int")};
	EXPECT(auth_respond(&b, &c, STR("u"), STR("pw"), STR("BYE"), STR("sip:r"), 1) ==
	       ERR_UNSUPPORTED);
	c.qop = STR_NONE;
	c.algorithm = STR("SHA-512-256");
	EXPECT(auth_respond(&b, &c, STR("u"), STR("pw"), STR("BYE"), STR("sip:r"), 1) ==
	       ERR_UNSUPPORTED);
	EXPECT(b.n == 0);
	c.algorithm = STR_NONE;
	EXPECT(auth_respond(&b, &c, STR("u\"\r\n"), STR("pw"), STR("BYE"), STR("sip:r"), 1) ==
	       ERR_OK);
	EXPECT(has(buf_str(&b), "username=\"u\\\"  \"") && !has(buf_str(&b), "cnonce"));
}
