/* stun_test.c - the vectors of RFC 5769, byte for byte, and what an ICE-lite agent answers. */
#include "rtp/stun.h"

#include <openssl/evp.h>

#include "tests/test.h"

/* RFC 5769 §2.1 to §2.4. */
static const char REQUEST[] = "000100582112a442b7e7a701bc34d686fa87dfae"
			      "802200105354554e207465737420636c69656e74"
			      "002400046e0001ff80290008932ff9b151263b36"
			      "000600096576746a3a68367659202020"
			      "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2"
			      "80280004e57a3bcf";
static const char RESPONSE_4[] = "0101003c2112a442b7e7a701bc34d686fa87dfae"
				 "8022000b7465737420766563746f7220"
				 "002000080001a147e112a643"
				 "000800142b91f599fd9e90c38c7489f92af9ba53f06be7d7"
				 "80280004c07d4c96";
static const char RESPONSE_6[] = "010100482112a442b7e7a701bc34d686fa87dfae"
				 "8022000b7465737420766563746f7220"
				 "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
				 "00080014a382954e4be67bf11784c97c8292c275bfe3ed41"
				 "80280004c8fb0b4c";
static const char LONG_TERM[] = "000100602112a44278ad3433c6ad72c029da412e"
				"00060012e3839ee38388e383aae38383e382afe382b90000"
				"0015001c662f2f3439396b39353464364f4c33346f4c394653547679363473"
				"41"
				"0014000b6578616d706c652e6f726700"
				"00080014f67024656dd64a3e02b8e0712e85c9a28ca89666";
#define PASSWORD STR("VOkJxbRl1RmTxUk/WvJxBt")
#define MATRIX "\xe3\x83\x9e\xe3\x83\x88\xe3\x83\xaa\xe3\x83\x83\xe3\x82\xaf\xe3\x82\xb9"

static struct str unhex(const char *hex, char *out)
{
	size_t n = strlen(hex) / 2;
	for (size_t i = 0; i < n; i++) {
		unsigned v = 0;
		for (int k = 0; k < 2; k++) {
			char c = hex[2 * i + (size_t)k];
			v = v * 16 + (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
		}
		out[i] = (char)v;
	}
	return str_make(out, n);
}

TEST(stun_request_of_rfc_5769_is_read_and_written)
{
	char bytes[256], again[256];
	struct str packet = unhex(REQUEST, bytes);
	struct stun m;
	EXPECT(stun_is(packet) && stun_parse(packet, &m) == ERR_OK);
	EXPECT(m.class == STUN_REQUEST && m.method == STUN_BINDING && m.fingerprint);
	EXPECT_STR(m.username, "evtj:h6vY");
	EXPECT_STR(m.software, "STUN test client");
	EXPECT(m.priority == 0x6e0001ff && m.controlled && !m.controlling);
	EXPECT(m.tie_breaker == 0x932ff9b151263b36u && !m.unknown_count);
	EXPECT(stun_authentic(packet, &m, PASSWORD) && !stun_authentic(packet, &m, STR("VOk")));

	struct buf b = buf_make(again, sizeof again);
	stun_begin(&b, STUN_REQUEST, STUN_BINDING, m.id);
	stun_put(&b, STUN_SOFTWARE, STR("STUN test client"), ' ');
	stun_put(&b, STUN_PRIORITY, str_make("\x6e\x00\x01\xff", 4), ' ');
	stun_put(&b, STUN_ICE_CONTROLLED, str_make("\x93\x2f\xf9\xb1\x51\x26\x3b\x36", 8), ' ');
	stun_put(&b, STUN_USERNAME, STR("evtj:h6vY"), ' ');
	stun_put_integrity(&b, PASSWORD);
	stun_put_fingerprint(&b);
	EXPECT(str_eq(buf_str(&b), packet));
}

TEST(stun_responses_of_rfc_5769_are_read_and_written)
{
	static const struct {
		const char *hex, *ip;
	} rows[] = {
		{RESPONSE_4, "192.0.2.1"},
		{RESPONSE_6, "2001:db8:1234:5678:11:2233:4455:6677"},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char bytes[256], again[256];
		struct str packet = unhex(rows[i].hex, bytes);
		struct stun m;
		struct addr want;
		EXPECT(addr_parse(str_of(rows[i].ip), 32853, &want) == ERR_OK);
		EXPECT(stun_parse(packet, &m) == ERR_OK && m.class == STUN_SUCCESS);
		EXPECT(addr_eq(&m.mapped, &want) && m.fingerprint);
		EXPECT_STR(m.software, "test vector");
		EXPECT(stun_authentic(packet, &m, PASSWORD));
		struct buf b = buf_make(again, sizeof again);
		stun_begin(&b, STUN_SUCCESS, STUN_BINDING, m.id);
		stun_put(&b, STUN_SOFTWARE, STR("test vector"), ' ');
		stun_put_mapped(&b, &want);
		stun_put_integrity(&b, PASSWORD);
		stun_put_fingerprint(&b);
		EXPECT(str_eq(buf_str(&b), packet));
	}
}

/* Key: MD5 of user:realm:password (RFC 8489 §9.2.2). */
TEST(stun_long_term_request_of_rfc_5769_is_read_and_written)
{
	static const char user[] = MATRIX ":example.org:TheMatrIX";
	char bytes[256], again[256];
	uint8_t key[16];
	unsigned n = sizeof key;
	EXPECT(EVP_Digest(user, sizeof user - 1, key, &n, EVP_md5(), NULL));
	struct str packet = unhex(LONG_TERM, bytes), k = str_make((char *)key, sizeof key);
	struct stun m;
	EXPECT(stun_parse(packet, &m) == ERR_OK && !m.fingerprint);
	EXPECT_STR(m.username, MATRIX);
	EXPECT_STR(m.realm, "example.org");
	EXPECT_STR(m.nonce, "f//499k954d6OL34oL9FSTvy64sA");
	EXPECT(stun_authentic(packet, &m, k));
	struct buf b = buf_make(again, sizeof again);
	stun_begin(&b, STUN_REQUEST, STUN_BINDING, m.id);
	stun_put(&b, STUN_USERNAME, m.username, 0);
	stun_put(&b, STUN_NONCE, m.nonce, 0);
	stun_put(&b, STUN_REALM, m.realm, 0);
	stun_put_integrity(&b, k);
	EXPECT(str_eq(buf_str(&b), packet));
}

TEST(stun_message_with_any_byte_changed_or_cut_is_not_believed)
{
	char bytes[256];
	struct str packet = unhex(REQUEST, bytes);
	struct stun m;
	for (size_t i = 0; i < packet.n; i++) {
		bytes[i] ^= 1;
		EXPECT(stun_parse(packet, &m) != ERR_OK || !m.fingerprint);
		bytes[i] ^= 1;
		EXPECT(stun_parse(str_head(packet, i), &m) == ERR_INVALID);
	}
	/* RTP, DTLS and nothing at all are no STUN */
	EXPECT(!stun_is(STR("\x80\x00 an RTP packet of twenty")) && !stun_is(STR_NONE));
}

static const struct stun_ice ICE = {{"ours", 4}, {"a password of 22 chars", 22}, {"them", 4}};

/* What a check has, as a browser sends it; or has not, as somebody else does. */
enum { PRIORITY = 1, NOMINATE = 2, CONTROLLED = 4, ODD = 8, BARE = 16 /* no fingerprint */ };
struct check {
	const char *username;
	struct str password;
	unsigned with;
};

static struct str make_check(char room[256], const struct check *c)
{
	static const uint8_t id[STUN_ID] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
	struct buf b = buf_make(room, 256);
	stun_begin(&b, STUN_REQUEST, STUN_BINDING, id);
	if (c->username)
		stun_put(&b, STUN_USERNAME, str_of(c->username), 0);
	if (c->with & PRIORITY)
		stun_put(&b, STUN_PRIORITY, str_make("\x7e\0\0\1", 4), 0);
	if (c->with & NOMINATE)
		stun_put(&b, STUN_USE_CANDIDATE, STR_NONE, 0);
	if (c->with & ODD)
		stun_put(&b, 0x7777, STR("?"), 0);
	stun_put(&b, c->with & CONTROLLED ? STUN_ICE_CONTROLLED : STUN_ICE_CONTROLLING,
		 STR("12345678"), 0);
	if (c->password.n)
		stun_put_integrity(&b, c->password);
	if (!(c->with & BARE))
		stun_put_fingerprint(&b);
	return buf_str(&b);
}

TEST(stun_answers_who_knows_the_password_and_nobody_else)
{
	static const struct str wrong = {"the password of another", 23};
	const struct {
		struct check check;
		enum stun_verdict verdict;
		uint16_t error;
	} rows[] = {
		{{"ours:them", ICE.password, PRIORITY}, STUN_CHECKED, 0},
		{{"ours:them", ICE.password, PRIORITY | NOMINATE}, STUN_CHOSEN, 0},
		{{"ours:else", ICE.password, PRIORITY}, STUN_DROP, 0},
		{{"theirs:them", ICE.password, PRIORITY}, STUN_DROP, 0},
		{{"ours", ICE.password, PRIORITY}, STUN_DROP, 0},
		{{NULL, ICE.password, PRIORITY}, STUN_DROP, 0},
		{{"ours:them", wrong, PRIORITY | NOMINATE}, STUN_DROP, 0},
		{{"ours:them", STR_NONE, PRIORITY | NOMINATE}, STUN_DROP, 0},
		{{"ours:them", ICE.password, PRIORITY | BARE}, STUN_DROP, 0},
		{{"ours:them", ICE.password, PRIORITY | CONTROLLED}, STUN_REFUSED, 487},
		{{"ours:them", ICE.password, NOMINATE}, STUN_REFUSED, 400},
		{{"ours:them", ICE.password, PRIORITY | NOMINATE | ODD}, STUN_REFUSED, 420},
	};
	struct addr from;
	EXPECT(addr_parse(STR("2001:db8::7"), 60000, &from) == ERR_OK);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char room[256], answer[STUN_MESSAGE_MAX];
		struct str packet = make_check(room, &rows[i].check);
		struct stun m, back;
		struct buf out = buf_make(answer, sizeof answer);
		EXPECT(stun_parse(packet, &m) == ERR_OK);
		EXPECT(stun_answer(packet, &m, &ICE, &from, &out) == rows[i].verdict);
		if (rows[i].verdict == STUN_DROP) {
			EXPECT(out.n == 0);
			continue;
		}
		EXPECT(stun_parse(buf_str(&out), &back) == ERR_OK && back.fingerprint);
		EXPECT(stun_authentic(buf_str(&out), &back, ICE.password));
		EXPECT(!memcmp(back.id, m.id, STUN_ID) && back.error == rows[i].error);
		EXPECT(rows[i].error || addr_eq(&back.mapped, &from));
	}
}

/* What somebody put behind the integrity is not taken: it is not signed. */
TEST(stun_takes_nothing_from_behind_the_integrity)
{
	char room[256];
	struct check plain = {"ours:them", ICE.password, PRIORITY | BARE};
	struct stun m;
	struct str packet = make_check(room, &plain);
	struct buf b = buf_make(room, sizeof room);
	b.n = packet.n;
	stun_put(&b, STUN_USE_CANDIDATE, STR_NONE, 0);
	stun_put_fingerprint(&b);
	EXPECT(stun_parse(buf_str(&b), &m) == ERR_OK && !m.use_candidate && m.fingerprint);
	EXPECT(stun_authentic(buf_str(&b), &m, ICE.password));
}
