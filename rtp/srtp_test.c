/* srtp_test.c - the vectors of RFC 3711 and RFC 7714, of libsrtp's driver; replay, rounds, forgery.
 */
#include "rtp/srtp.h"

#include "tests/test.h"

struct bytes {
	uint8_t p[SRTP_PACKET_MAX + SRTP_GROWTH];
	size_t n;
};

static struct bytes hex(const char *text)
{
	struct bytes b = {.n = 0};
	for (int high = -1; *text; text++) {
		int v = *text >= 'a' ? *text - 'a' + 10 : *text - '0';
		if (*text == ' ')
			continue;
		if (high < 0) {
			high = v;
			continue;
		}
		b.p[b.n++] = (uint8_t)(high << 4 | v);
		high = -1;
	}
	return b;
}

static bool same(const struct bytes *a, const struct bytes *b)
{
	return a->n == b->n && !memcmp(a->p, b->p, a->n);
}

static struct srtp_terms terms_of(enum srtp_suite suite)
{
	struct srtp_terms t = {.suite = suite};
	for (size_t i = 0; i < srtp_key_bytes(suite); i++)
		t.key[i] = (uint8_t)(i * 7 + 1);
	return t;
}

static struct bytes packet(uint16_t seq)
{
	struct bytes b = {.n = 12 + 160};
	memcpy(b.p, (const uint8_t[]){0x80, 8, 0, 0, 0, 0, 0, 0, 0xde, 0xad, 0xbe, 0xef}, 12);
	b.p[2] = (uint8_t)(seq >> 8);
	b.p[3] = (uint8_t)seq;
	memset(b.p + 12, seq & 0xff, 160);
	return b;
}

TEST(srtp_keys_are_those_of_rfc_3711_b3)
{
	struct srtp_terms t = {.suite = SRTP_AES128_SHA1_80};
	struct bytes key = hex("e1f97a0d3e018be0d64fa32c06de4139 0ec675ad498afeebb6960b3aabe6");
	struct bytes cipher = hex("c61e7a93744f39ee10734afe3ff7a087"), got = {.n = 16};
	struct bytes salt = hex("30cbbc08863d8c85d49db34a9ae1");
	struct bytes auth = hex("cebe321f6ff7716b6fd4ab49af256a156d38baa48f0a0acf3c34e2359e6cdbce"
				"e049646c43d9327ad175578ef72270986371c10c9a369ac2f94a8c5fbcdddc25"
				"6d6e919a48b610ef17c2041e474035766b68642c59bbfc2f34db60dbdfb2");
	memcpy(t.key, key.p, key.n);
	EXPECT(srtp_derive(&t, 0, got.p, 16) && same(&got, &cipher));
	got.n = 14;
	EXPECT(srtp_derive(&t, 2, got.p, 14) && same(&got, &salt));
	got.n = 94;
	EXPECT(srtp_derive(&t, 1, got.p, 94) && same(&got, &auth));
}

/* B.2: with SSRC and number zero the packet is the key stream itself. */
TEST(srtp_key_stream_is_that_of_rfc_3711_b2)
{
	struct bytes key = hex("2b7e151628aed2a6abf7158809cf4f3c");
	struct bytes salt = hex("f0f1f2f3f4f5f6f7f8f9fafbfcfd");
	struct bytes want = hex("e03ead0935c95e80e166b16dd92b4eb4 d23513162b02d0f72a43a2fe4a5f97ab"
				"41e95b3bb0a2e8dd477901e4fca894c0");
	struct bytes p = hex("800000000000000000000000");
	struct srtp *s = srtp_create_session(SRTP_AES128_SHA1_80, key.p, salt.p, 0);
	p.n += 48;
	EXPECT(srtp_seal(s, p.p, &p.n) == ERR_OK && p.n == 12 + 48 + 10);
	EXPECT(!memcmp(p.p + 12, want.p, 48));
	srtp_destroy(s);
}

/* libsrtp, test/srtp_driver.c, srtp_validate(): the master key of RFC 3711 B.3. */
TEST(srtp_packets_are_those_of_libsrtp)
{
	struct srtp_terms t = {.suite = SRTP_AES128_SHA1_80};
	struct bytes key = hex("e1f97a0d3e018be0d64fa32c06de4139 0ec675ad498afeebb6960b3aabe6");
	struct bytes plain = hex("800f1234decafbadcafebabe abababababababababababababababab");
	struct bytes sealed = hex("800f1234decafbadcafebabe 4e55dc4ce79978d88ca4d215949d2402"
				  "b78d6acc99ea179b8dbb");
	struct bytes control = hex("81c8000bcafebabe abababababababababababababababab");
	struct bytes control_sealed = hex("81c8000bcafebabe 7128035be487b9bdbef89041f977a5a8"
					  "80000001 993e08cd54d6c1230798");
	struct bytes p = plain, c = control;
	memcpy(t.key, key.p, key.n);
	struct srtp *out = srtp_create(&t), *in = srtp_create(&t);
	EXPECT(srtp_seal(out, p.p, &p.n) == ERR_OK && same(&p, &sealed));
	EXPECT(srtp_open(in, p.p, &p.n) == ERR_OK && same(&p, &plain));
	EXPECT(srtcp_seal(out, c.p, &c.n) == ERR_OK && same(&c, &control_sealed));
	EXPECT(srtcp_open(in, c.p, &c.n) == ERR_OK && same(&c, &control));
	srtp_destroy(out);
	srtp_destroy(in);
}

struct vector {
	enum srtp_suite suite;
	bool rtcp;
	const char *plain, *sealed;
};

#define RFC7714_RTP                                                                                \
	"8040f17b8041f8d35501a0b2 47616c6c696120657374206f6d6e697320646976697361"                  \
	"20696e207061727465732074726573"
#define RFC7714_RTCP                                                                               \
	"81c8000d4d617273 4e5450314e545032525450200000042a0000e9304c756e61deadbeef"                \
	"deadbeefdeadbeefdeadbeefdeadbeef"

TEST(srtp_follows_rfc_7714)
{
	static const struct vector all[] = {
		/* 16.1.1, 16.1.2 */
		{SRTP_AES128_GCM, false, RFC7714_RTP,
		 "8040f17b8041f8d35501a0b2 f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f"
		 "42a5f47a51c7d19b36de3adf8833 899d7f27beb16a9152cf765ee4390cce"},
		/* 16.2.1, 16.2.2 */
		{SRTP_AES256_GCM, false, RFC7714_RTP,
		 "8040f17b8041f8d35501a0b2 32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3"
		 "b50b2a0276ffae0f1ba63799b87b7aa3db36dfffd6b0f9bb7878d7a76c13"},
		/* 17.1 */
		{SRTP_AES128_GCM, true, RFC7714_RTCP,
		 "81c8000d4d617273 63e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1"
		 "730d6fda4ce09b4686303ded0bb9275bc84aa45896cf4d2fc5abf87245d9eade800005d4"},
		/* 17.2 */
		{SRTP_AES256_GCM, true, RFC7714_RTCP,
		 "81c8000d4d617273 d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2eaa5c1"
		 "110555be8415f658c61de0476f1b6fad1d1eb30c4446839f57ff6f6cb26ac3be800005d4"},
	};
	struct bytes key = hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
	struct bytes salt = hex("517569642070726f2071756f");
	for (uint32_t i = 0; i < COUNT_OF(all); i++) {
		const struct vector *v = &all[i];
		struct bytes plain = hex(v->plain), sealed = hex(v->sealed), p = plain;
		struct srtp *out = srtp_create_session(v->suite, key.p, salt.p, 0x5d3);
		struct srtp *in = srtp_create_session(v->suite, key.p, salt.p, 0);
		if (v->rtcp) {
			EXPECT(srtcp_seal(out, p.p, &p.n) == ERR_OK && same(&p, &sealed));
			EXPECT(srtcp_open(in, p.p, &p.n) == ERR_OK && same(&p, &plain));
		} else {
			EXPECT(srtp_seal(out, p.p, &p.n) == ERR_OK && same(&p, &sealed));
			EXPECT(srtp_open(in, p.p, &p.n) == ERR_OK && same(&p, &plain));
		}
		srtp_destroy(out);
		srtp_destroy(in);
	}
}

/* A world of one sender and one receiver under one key. */
struct pair {
	struct srtp_terms terms;
	struct srtp *out, *in;
};

static struct pair pair_of(enum srtp_suite suite)
{
	struct pair w = {.terms = terms_of(suite)};
	w.out = srtp_create(&w.terms);
	w.in = srtp_create(&w.terms);
	return w;
}

static void pair_end(struct pair *w)
{
	srtp_destroy(w->out);
	srtp_destroy(w->in);
}

static struct bytes sealed(struct pair *w, uint16_t seq)
{
	struct bytes b = packet(seq);
	EXPECT(srtp_seal(w->out, b.p, &b.n) == ERR_OK);
	return b;
}

static enum err opened(struct pair *w, struct bytes b)
{
	return srtp_open(w->in, b.p, &b.n);
}

TEST(srtp_every_suite_seals_and_opens)
{
	for (int suite = SRTP_NONE + 1; suite < SRTP_SUITES; suite++) {
		struct pair w = pair_of((enum srtp_suite)suite);
		for (uint16_t seq = 1; seq < 300; seq++) {
			struct bytes b = sealed(&w, seq), plain = packet(seq);
			EXPECT(b.n > plain.n && memcmp(b.p + 12, plain.p + 12, 16));
			EXPECT(srtp_open(w.in, b.p, &b.n) == ERR_OK && same(&b, &plain));
		}
		EXPECT(srtp_named(str_of(srtp_name((enum srtp_suite)suite))) ==
		       (enum srtp_suite)suite);
		pair_end(&w);
	}
	EXPECT(srtp_named(STR("F8_128_HMAC_SHA1_80")) == SRTP_NONE);
	EXPECT(!srtp_create(&(struct srtp_terms){.suite = SRTP_NONE}));
}

/* Whatever bit is turned: the packet is refused, and its like is accepted afterwards. */
TEST(srtp_no_bit_may_be_turned)
{
	for (int suite = SRTP_NONE + 1; suite < SRTP_SUITES; suite++) {
		struct pair w = pair_of((enum srtp_suite)suite);
		EXPECT(opened(&w, sealed(&w, 1)) == ERR_OK);
		struct bytes good = sealed(&w, 2);
		for (size_t bit = 0; bit < good.n * 8; bit++) {
			struct bytes b = good;
			b.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
			enum err e = opened(&w, b);
			EXPECT(e == ERR_FORBIDDEN || e == ERR_INVALID || e == ERR_CONFLICT);
		}
		EXPECT(opened(&w, good) == ERR_OK);
		for (size_t n = 0; n < good.n; n++) {
			struct bytes b = good;
			b.n = n;
			EXPECT(opened(&w, b) != ERR_OK);
		}
		pair_end(&w);
	}
}

TEST(srtp_a_packet_is_taken_once)
{
	struct pair w = pair_of(SRTP_AES128_GCM);
	struct bytes all[400];
	for (uint16_t i = 0; i < 400; i++)
		all[i] = sealed(&w, (uint16_t)(1000 + i));
	EXPECT(opened(&w, all[0]) == ERR_OK);
	EXPECT(opened(&w, all[0]) == ERR_CONFLICT);
	EXPECT(opened(&w, all[200]) == ERR_OK); /* what lies between may still come: 127 of them */
	EXPECT(opened(&w, all[200 - SRTP_WINDOW]) == ERR_CONFLICT);
	for (int i = 199; i > 200 - SRTP_WINDOW; i--) {
		EXPECT(opened(&w, all[i]) == ERR_OK);
		EXPECT(opened(&w, all[i]) == ERR_CONFLICT);
	}
	for (int i = 201; i < 400; i += 3)
		EXPECT(opened(&w, all[i]) == ERR_OK);
	for (int i = 0; i < 400; i++)
		if (i < 400 - SRTP_WINDOW || i % 3 == 0)
			EXPECT(opened(&w, all[i]) == ERR_CONFLICT);
	pair_end(&w);
}

TEST(srtp_rounds_are_counted)
{
	struct pair w = pair_of(SRTP_AES128_SHA1_80);
	struct bytes late = {.n = 0}, first = {.n = 0};
	for (uint32_t i = 0; i < 3 * 65536 / 7; i++) { /* every seventh arrives */
		struct bytes b = sealed(&w, (uint16_t)(65000 + 7 * i));
		if (i == 0)
			first = b;
		if (i == 70) { /* before the turn at 65536 */
			late = b;
			continue;
		}
		EXPECT(opened(&w, b) == ERR_OK);
		if (i == 80)
			EXPECT(opened(&w, late) == ERR_OK); /* though the round is over */
	}
	EXPECT(opened(&w, first) != ERR_OK);
	pair_end(&w);
}

/* RFC 3711 §3.3.1: a jump of more than half a round is taken for the round before; such a packet
 * is refused, and nothing is remembered of it. */
TEST(srtp_a_forged_jump_of_the_round_changes_nothing)
{
	struct pair w = pair_of(SRTP_AES128_SHA1_80), other = pair_of(SRTP_AES128_SHA1_80);
	EXPECT(opened(&w, sealed(&w, 100)) == ERR_OK);
	for (uint32_t seq = 100; seq < 65536 + 200; seq += 100)
		(void)sealed(&other, (uint16_t)seq); /* now in its second round */
	EXPECT(opened(&w, sealed(&other, 400)) == ERR_FORBIDDEN);
	EXPECT(opened(&w, sealed(&w, 101)) == ERR_OK);
	pair_end(&w);
	pair_end(&other);
}

TEST(srtp_no_number_is_used_twice_in_sealing)
{
	struct pair w = pair_of(SRTP_AES256_GCM);
	struct bytes b = packet(7);
	EXPECT(opened(&w, sealed(&w, 7)) == ERR_OK);
	EXPECT(srtp_seal(w.out, b.p, &b.n) == ERR_CONFLICT);
	(void)sealed(&w, 7 + SRTP_WINDOW);
	b = packet(7);
	EXPECT(srtp_seal(w.out, b.p, &b.n) == ERR_CONFLICT);
	pair_end(&w);
}

TEST(srtp_mki_must_be_the_agreed_one)
{
	for (int suite = SRTP_NONE + 1; suite < SRTP_SUITES; suite++) {
		struct pair w = {.terms = terms_of((enum srtp_suite)suite)};
		w.terms.mki_n = 2;
		w.terms.mki[1] = 1;
		w.out = srtp_create(&w.terms);
		w.in = srtp_create(&w.terms);
		EXPECT(opened(&w, sealed(&w, 1)) == ERR_OK);
		srtp_destroy(w.out);
		w.terms.mki[1] = 2;
		w.out = srtp_create(&w.terms);
		EXPECT(opened(&w, sealed(&w, 2)) == ERR_FORBIDDEN);
		struct bytes c = hex("80c90001deadbeef");
		EXPECT(srtcp_seal(w.out, c.p, &c.n) == ERR_OK);
		EXPECT(srtcp_open(w.in, c.p, &c.n) == ERR_FORBIDDEN);
		pair_end(&w);
	}
}

/* A peer renews its key within the call: its count of rounds goes on, or begins anew. */
TEST(srtp_a_new_key_may_go_on_or_begin_anew)
{
	for (int anew = 0; anew < 2; anew++) {
		struct pair w = pair_of(SRTP_AES128_SHA1_80);
		for (uint32_t seq = 60000; seq < 65536 + 1000; seq += 100)
			EXPECT(opened(&w, sealed(&w, (uint16_t)seq)) == ERR_OK);
		w.terms.key[0] ^= 1;
		struct srtp *in = srtp_create(&w.terms), *out = srtp_create(&w.terms);
		srtp_follow(in, w.in);
		if (!anew)
			srtp_follow(out, w.out);
		pair_end(&w);
		w.in = in;
		w.out = out;
		for (uint16_t seq = 1001; seq < 1100; seq++) {
			struct bytes b = sealed(&w, seq);
			EXPECT(opened(&w, b) == ERR_OK);
			EXPECT(opened(&w, b) == ERR_CONFLICT);
		}
		pair_end(&w);
	}
}

TEST(srtp_knows_several_senders_and_forgets_the_oldest)
{
	struct pair w = pair_of(SRTP_AES128_GCM);
	struct bytes first = {.n = 0};
	for (int i = 0; i <= SRTP_SENDERS; i++) {
		struct bytes b = packet(5);
		b.p[11] = (uint8_t)i;
		EXPECT(srtp_seal(w.out, b.p, &b.n) == ERR_OK);
		if (!i)
			first = b;
		EXPECT(opened(&w, b) == ERR_OK);
		EXPECT(opened(&w, b) == ERR_CONFLICT);
	}
	EXPECT(opened(&w, first) == ERR_OK); /* forgotten: the price of a bounded memory */
	pair_end(&w);
}

TEST(srtcp_every_suite_and_its_refusals)
{
	for (int suite = SRTP_NONE + 1; suite < SRTP_SUITES; suite++) {
		struct pair w = pair_of((enum srtp_suite)suite);
		struct bytes plain = hex("80c90001deadbeef 81ca0002deadbeef0102616200000000");
		struct bytes b = plain, good;
		EXPECT(srtcp_seal(w.out, b.p, &b.n) == ERR_OK);
		good = b;
		for (size_t bit = 0; bit < good.n * 8; bit++) {
			b = good;
			b.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
			EXPECT(srtcp_open(w.in, b.p, &b.n) != ERR_OK);
		}
		b = good;
		EXPECT(srtcp_open(w.in, b.p, &b.n) == ERR_OK && same(&b, &plain));
		b = good;
		EXPECT(srtcp_open(w.in, b.p, &b.n) == ERR_CONFLICT);
		for (size_t n = 0; n < good.n; n++) {
			b = good;
			b.n = n;
			EXPECT(srtcp_open(w.in, b.p, &b.n) != ERR_OK);
		}
		pair_end(&w);
	}
}
