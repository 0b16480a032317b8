/* message_test.c - tables for the readers: messages, URIs, headers. */
#include "sip/world_test.h"

#include <stdlib.h>

static struct sip_message m;

static enum err parse(const char *text)
{
	static char crlf[8192];
	struct buf b = buf_make(crlf, sizeof crlf);
	for (; *text; text++) {
		if (*text == '\n')
			buf_ch(&b, '\r');
		buf_ch(&b, *text);
	}
	CHECK(!b.full);
	return sip_parse(buf_str(&b), &m);
}

#define REST                                                                                       \
	"Via: SIP/2.0/UDP a;branch=z9hG4bK1\nFrom: <sip:a@b>;tag=1\nTo: <sip:c@d>\n"               \
	"Call-ID: x\nCSeq: 1 INVITE\n"

TEST(a_message_is_read_with_compact_names_and_folds)
{
	EXPECT(parse("INVITE sip:c@d SIP/2.0\nv: SIP/2.0/UDP a:99;branch=z9hG4bK1\n"
		     "f: \"A \\\" B\"\n <sip:a@b>\n ;tag=1\nt: c <sip:c@d>\ni: x@y\n"
		     "CSeq: 7 INVITE\nl: 2\nMax-Forwards: 5\nX-Other: 1\n\nhello") == ERR_OK);
	EXPECT(m.request && m.method == METHOD_INVITE && m.cseq == 7 && m.max_forwards == 5);
	EXPECT_STR(m.uri, "sip:c@d");
	EXPECT_STR(m.body, "he");
	EXPECT_STR(m.from.tag, "1");
	EXPECT_STR(m.from.name, "A \\\" B");
	EXPECT_STR(m.from.uri, "sip:a@b");
	EXPECT_STR(m.to.name, "c");
	EXPECT_STR(m.via.host, "a");
	EXPECT_STR(m.via.branch, "z9hG4bK1");
	EXPECT(m.via.port == 99 && !m.via.rport);
	EXPECT_STR(m.call_id, "x@y");
}

TEST(a_response_is_read)
{
	EXPECT(parse("SIP/2.0 180 \n" REST "\n") == ERR_OK);
	EXPECT(!m.request && m.status == 180 && m.reason.n == 0 && m.method == METHOD_INVITE);
	EXPECT(parse("SIP/2.0 486 Busy  Here\n" REST "\n") == ERR_OK);
	EXPECT_STR(m.reason, "Busy  Here");
}

TEST(what_is_wrong_is_refused_with_its_status)
{
	static const struct {
		const char *text;
		uint32_t refuse;
	} cases[] = {
		/* RFC 3261 section 7.1: one space each */
		{"INVITE  sip:c@d SIP/2.0\n" REST "\n", 400},
		{"INVITE sip:c@d SIP/2.0 \n" REST "\n", 400},
		{"INVITE sip:c@d SIP/3.0\n" REST "\n", 505},
		{"INVITE sip:c@d\n" REST "\n", 400},
		{"IN(VITE sip:c@d SIP/2.0\n" REST "\n", 0},
		/* section 8.1.1: mandatory headers, once each (7.3.1) */
		{"INVITE sip:c@d SIP/2.0\n" REST "Call-ID: y\n\n", 400},
		{"INVITE sip:c@d SIP/2.0\n" REST "From: <sip:a@b>\n\n", 400},
		{"BYE sip:c@d SIP/2.0\n" REST "\n", 400},
		{"INVITE sip:c@d SIP/2.0\n" REST "Max-Forwards: 256\n\n", 400},
		{"INVITE sip:c@d SIP/2.0\n" REST "Content-Length: 5\n\nabcd", 400},
		{"INVITE sip:c@d SIP/2.0\n" REST "Content-Length: -1\n\n", 400},
		{"INVITE sip:c@d SIP/2.0\n" REST "Content-Length: 0\nl: 0\n\n", 400},
		{"INVITE sip:c@d SIP/2.0\n" REST "no colon\n\n", 400},
		{"INVITE sip:c@d SIP/2.0\n" REST ": empty\n\n", 400},
		{"INVITE sip:c@d SIP/2.0\n" REST, 400}, /* no blank line */
		/* nobody to answer */
		{"INVITE sip:c@d SIP/2.0\nFrom: <sip:a@b>\n\n", 0},
		{"INVITE sip:c@d SIP/2.0\nVia: SIP/2.0/UDP\n\n", 0},
		{"SIP/2.0 99 x\n" REST "\n", 0},
		{"SIP/2.0 700 x\n" REST "\n", 0},
		{"SIP/2.0 0200 x\n" REST "\n", 0},
		{"SIP/2.0 200 x\n", 0},
		{"\n", 0},
		{"", 0},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		EXPECT(parse(cases[i].text) == ERR_INVALID);
		EXPECT(m.refuse == cases[i].refuse);
		if (m.refuse != cases[i].refuse)
			test_say(str_of(cases[i].text));
	}
}

TEST(bytes_that_must_not_be_in_a_header)
{
	static const char *const starts[] = {"X: a\rb", "X: a\nb", "X: a\r\rb"};
	for (size_t i = 0; i < COUNT_OF(starts); i++) {
		char text[512];
		struct buf b = buf_make(text, sizeof text);
		buf_fmt(&b,
			"OPTIONS sip:d SIP/2.0\r\nVia: SIP/2.0/UDP a\r\nFrom: <sip:a@b>\r\n"
			"To: <sip:b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n%s\r\n\r\n",
			starts[i]);
		EXPECT(sip_parse(buf_str(&b), &m) == ERR_INVALID);
		text[str_find_str(buf_str(&b), STR("X: a")) + 4] = 'c';
		if (i < 2)
			EXPECT(sip_parse(buf_str(&b), &m) == ERR_OK);
		text[str_find_str(buf_str(&b), STR("X: a")) + 4] = 0;
		EXPECT(sip_parse(buf_str(&b), &m) == ERR_INVALID);
	}
}

TEST(limits_are_kept)
{
	struct buf b = buf_grow(1024);
	const char *head = "OPTIONS sip:d SIP/2.0\r\nVia: SIP/2.0/UDP a\r\nFrom: <sip:a@b>\r\n"
			   "To: <sip:b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n";
	buf_c(&b, head);
	for (int i = 0; i < 251; i++)
		buf_c(&b, "Q: y\r\n");
	buf_c(&b, "\r\n");
	EXPECT(sip_parse(buf_str(&b), &m) == ERR_OK && m.header_count == HEADERS_MAX);
	b.n -= 2;
	buf_c(&b, "Q: y\r\n\r\n");
	EXPECT(sip_parse(buf_str(&b), &m) == ERR_INVALID && m.refuse == 513);

	b.n = 0;
	buf_c(&b, head);
	for (int i = 0; i < 63; i++)
		buf_c(&b, i ? ",SIP/2.0/UDP a" : "Via: SIP/2.0/UDP a");
	buf_c(&b, "\r\n\r\n");
	EXPECT(sip_parse(buf_str(&b), &m) == ERR_OK);
	b.n -= 4;
	buf_c(&b, ",SIP/2.0/UDP a\r\n\r\n");
	EXPECT(sip_parse(buf_str(&b), &m) == ERR_INVALID && m.refuse == 513);

	for (int over = 0; over < 2; over++) {
		b.n = 0;
		buf_c(&b, head);
		buf_c(&b, "X: ");
		for (int i = 0; i < HEADER_BYTES_MAX - 3 + over; i++)
			buf_ch(&b, 'y');
		buf_c(&b, "\r\n\r\n");
		EXPECT(sip_parse(buf_str(&b), &m) == (over ? ERR_INVALID : ERR_OK));
	}
	b.n = 0;
	buf_c(&b, "OPTIONS sip:");
	for (int i = 0; i < URI_BYTES_MAX; i++)
		buf_ch(&b, 'y');
	buf_c(&b, head + strlen("OPTIONS sip:d"));
	buf_c(&b, "\r\n");
	EXPECT(sip_parse(buf_str(&b), &m) == ERR_INVALID && m.refuse == 414);
	buf_free(&b);
}

TEST(uris)
{
	static const struct {
		const char *text, *user, *host;
		uint16_t port;
		enum err e;
	} cases[] = {
		{"sip:alice@example.com", "alice", "example.com", 0, ERR_OK},
		{"SIPS:alice:pw@example.com:5061;a=b;lr?h=1", "alice", "example.com", 5061, ERR_OK},
		{"sip:example.com", "", "example.com", 0, ERR_OK},
		{"sip:a@[2001:db8::1]:99", "a", "2001:db8::1", 99, ERR_OK},
		{"sip:[::1]", "", "::1", 0, ERR_OK},
		{"sip:a;b=c@d", "a;b=c", "d", 0, ERR_OK}, /* RFC 4475 section 3.1.1.9 */
		{"sip:a?b/c@d", "a?b/c", "d", 0, ERR_OK}, /* section 3.1.1.2 */
		{"tel:+4812345;phone-context=x", "+4812345", "", 0, ERR_OK},
		{"isbn:2983792873", "", "", 0, ERR_OK},
		{"sip:", "", "", 0, ERR_INVALID},
		{"sip:@d", "", "", 0, ERR_INVALID},
		{"sip:a@", "", "", 0, ERR_INVALID},
		{"sip:a@b@c", "", "", 0, ERR_INVALID},
		{"sip:a@b:0", "", "", 0, ERR_INVALID},
		{"sip:a@b:65536", "", "", 0, ERR_INVALID},
		{"sip:a@b:", "", "", 0, ERR_INVALID},
		{"sip:a@[::1", "", "", 0, ERR_INVALID},
		{"sip:a@[::1]x", "", "", 0, ERR_INVALID},
		{"sip:a@b c", "", "", 0, ERR_INVALID},
		{"sip:a%4@b", "", "", 0, ERR_INVALID},
		{"sip:a@b<c", "", "", 0, ERR_INVALID},
		{"alice", "", "", 0, ERR_INVALID},
		{"s p:a", "", "", 0, ERR_INVALID},
		{"", "", "", 0, ERR_INVALID},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct sip_uri u = {0};
		EXPECT(sip_uri_parse(str_of(cases[i].text), &u) == cases[i].e);
		EXPECT_STR(u.user, cases[i].user);
		EXPECT_STR(u.host, cases[i].host);
		EXPECT(u.port == cases[i].port);
	}
}

/* RFC 3261 section 19.1.4 */
TEST(uris_that_are_the_same)
{
	static const struct {
		const char *a, *b;
		bool same;
	} cases[] = {
		{"sip:%61lice@EXAMPLE.com", "sip:alice@example.com", true},
		{"sip:Alice@example.com", "sip:alice@example.com", false},
		{"sip:a@b:5060", "sip:a@b", false},
		{"sip:a@b;transport=tcp", "sip:a@b;Transport=TCP", true},
		{"sip:a@b;x", "sip:a@b", false},
		{"sip:a%00@b", "sip:a%00%00@b", false}, /* RFC 4475 section 3.1.1.4 */
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct sip_uri a, b;
		EXPECT(sip_uri_parse(str_of(cases[i].a), &a) == ERR_OK);
		EXPECT(sip_uri_parse(str_of(cases[i].b), &b) == ERR_OK);
		EXPECT(sip_uri_eq(&a, &b) == cases[i].same);
	}
}

TEST(escapes)
{
	char text[64];
	struct buf b = buf_make(text, sizeof text);
	EXPECT(sip_unescape(STR("a%20b%2Bc"), &b) == ERR_OK);
	EXPECT_STR(buf_str(&b), "a b+c");
	EXPECT(sip_unescape(STR("x%00"), &b) == ERR_INVALID);
	EXPECT(sip_unescape(STR("x%0d%0a"), &b) == ERR_INVALID);
	EXPECT(sip_unescape(STR("x%4"), &b) == ERR_INVALID);
	EXPECT_STR(buf_str(&b), "a b+c");
	b.n = 0;
	sip_escape_user(&b, STR("a b@c\r\n%"));
	EXPECT_STR(buf_str(&b), "a%20b%40c%0D%0A%25");
}

TEST(name_addrs)
{
	static const struct {
		const char *text, *name, *uri, *tag;
		bool ok;
	} cases[] = {
		/* RFC 3261 section 20.10 */
		{"sip:w@x;user=phone", "", "sip:w@x", "", true}, /* no tag, though a last value */
		{"\"Mr. Watson\" <sip:w@x>;q=0.7;tag=9", "Mr. Watson", "sip:w@x", "9", true},
		{"sip:w@x;tag=8", "", "sip:w@x", "8", true},
		{"<sip:w@x;lr>", "", "sip:w@x;lr", "", true},
		{"caller<sip:w@x>", "caller", "sip:w@x", "", true},
		{"A B <sip:w@x> ; tag = 7", "A B", "sip:w@x", "7", true},
		{"\"a\\\"<b\" <sip:w@x>", "a\\\"<b", "sip:w@x", "", true},
		{"\"open <sip:w@x>", "", "", "", false},
		{"\"a\" sip:w@x", "", "", "", false},
		{"Bell, A <sip:w@x>", "", "", "", false},
		{"sip:w@x?h=1", "", "", "", false},
		{"<sip:w@x", "", "", "", false},
		{"<sip:w@x>;;", "", "", "", false},
		{"<sip:w@x>;a=", "", "", "", false},
		{"< sip:w@x >", "", "", "", false},
		{"", "", "", "", false},
		{"<>", "", "", "", false},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct sip_name_addr a = {0};
		struct str rest = str_of(cases[i].text);
		enum err e = sip_take_name_addr(&rest, &a);
		EXPECT((e == ERR_OK && !rest.n) == cases[i].ok);
		if (!cases[i].ok)
			continue;
		EXPECT_STR(a.name, cases[i].name);
		EXPECT_STR(a.uri, cases[i].uri);
		EXPECT_STR(a.tag, cases[i].tag);
	}
}

TEST(vias)
{
	struct sip_via v;
	struct str rest = STR("SIP / 2.0 /UDP\r\n [2001:db8::9] : 99 ;branch=z9hG4bKx; rport ,"
			      "SIP/2.0/TCP b");
	EXPECT(sip_take_via(&rest, &v) == ERR_OK);
	EXPECT_STR(v.transport, "UDP");
	EXPECT_STR(v.host, "[2001:db8::9]");
	EXPECT_STR(v.branch, "z9hG4bKx");
	EXPECT(v.port == 99 && v.rport);
	EXPECT(sip_take_via(&rest, &v) == ERR_OK && rest.n == 0);
	EXPECT_STR(v.host, "b");
	static const char *const bad[] = {
		"SIP/2.0/UDP",	  "SIP/2.0 UDP a",    "SIP/2.0/UDP a:x", "SIP/2.0/UDP a;;",
		"SIP/2.0/UDP a,", "SIP/2.0/UDP [::1", "HTTP/2.0/UDP a",	 "SIP/2.0/UDP a:65536"};
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		rest = str_of(bad[i]);
		EXPECT(sip_take_via(&rest, &v) == ERR_INVALID);
	}
}

TEST(streams_are_framed)
{
	size_t n = 0;
	EXPECT(sip_frame(STR("A b C\r\nContent-Length: 3\r\n\r\nabcREST"), &n) == ERR_OK);
	EXPECT(n == 31);
	EXPECT(sip_frame(STR("A b C\r\nl : 3\r\n\r\nab"), &n) == ERR_AGAIN);
	EXPECT(sip_frame(STR("A b C\r\nl: 3\r\n"), &n) == ERR_AGAIN);
	EXPECT(sip_frame(STR("A b C\r\nX: 3\r\n\r\n"), &n) == ERR_INVALID);
	EXPECT(sip_frame(STR("A b C\r\nl: 3\r\nContent-Length: 3\r\n\r\nabc"), &n) == ERR_INVALID);
	EXPECT(sip_frame(STR("A b C\r\nl: -3\r\n\r\n"), &n) == ERR_INVALID);
	EXPECT(sip_frame(STR("A b C\r\nl: 65536\r\n\r\n"), &n) == ERR_TOO_LARGE);
	char *big = xcalloc(1, MESSAGE_BYTES_MAX);
	memset(big, 'x', MESSAGE_BYTES_MAX);
	EXPECT(sip_frame(str_make(big, MESSAGE_BYTES_MAX - 1), &n) == ERR_AGAIN);
	EXPECT(sip_frame(str_make(big, MESSAGE_BYTES_MAX), &n) == ERR_TOO_LARGE);
	free(big);
}

TEST(nothing_from_outside_begins_a_header)
{
	char text[64];
	struct buf b = buf_make(text, sizeof text);
	put_header(&b, "X", str_make("a\r\nEvil: 1\0b", 12));
	EXPECT_STR(buf_str(&b), "X: a  Evil: 1 b\r\n");
	b.n = 0;
	put_quoted(&b, STR("a\"b\\c\r\n"));
	EXPECT_STR(buf_str(&b), "\"a\\\"b\\\\c  \"");
}

TEST(addresses)
{
	struct sip_address a, b;
	char text[64];
	struct buf out = buf_make(text, sizeof text);
	EXPECT(sip_address_parse(STR("192.0.2.1"), 5060, &a) == ERR_OK && a.family == 4);
	sip_address_text(&a, &out);
	EXPECT_STR(buf_str(&out), "192.0.2.1:5060");
	out.n = 0;
	EXPECT(sip_address_parse(STR("[2001:db8::1]"), 5061, &b) == ERR_OK && b.family == 6);
	sip_address_text(&b, &out);
	EXPECT_STR(buf_str(&out), "[2001:db8::1]:5061");
	EXPECT(!sip_address_eq(&a, &b) && sip_address_eq(&a, &a));
	EXPECT(sip_address_parse(STR("192.0.2.256"), 1, &a) == ERR_INVALID);
	EXPECT(sip_address_parse(STR("example.com"), 1, &a) == ERR_INVALID);
	EXPECT(sip_address_parse(STR(""), 1, &a) == ERR_INVALID);
}
