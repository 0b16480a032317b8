/* grammar_test.c - one message in the many ways RFC 3261 sections 7.3 and 25 let it be written. */
#include "sip/message.h"
#include "sip/uri.h"
#include "tests/test.h"

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

/* What stands in the lists: "a|b|c", however it was spread over lines. */
static struct str list_of(enum sip_header_name name)
{
	static char text[1024];
	struct buf b = buf_make(text, sizeof text);
	uint32_t at = 0;
	for (struct str v; sip_header_next(&m, name, &at, &v);)
		while (v.n) {
			struct sip_via via;
			struct sip_name_addr a;
			buf_c(&b, b.n ? "|" : "");
			if (name == HDR_VIA && sip_take_via(&v, &via) == ERR_OK) {
				buf_put(&b, via.host);
			} else if (name != HDR_VIA && sip_take_name_addr(&v, &a) == ERR_OK) {
				buf_put(&b, a.uri);
			} else {
				buf_c(&b, "?");
				break;
			}
		}
	return buf_str(&b);
}

TEST(the_same_message_in_many_hands)
{
	static const char *const texts[] = {
		/* as the RFC's examples are */
		"INVITE sip:bob@biloxi.test SIP/2.0\n"
		"Via: SIP/2.0/UDP one.test;branch=z9hG4bK1\nVia: SIP/2.0/TCP "
		"[2001:db8::1]:5061;branch=z9hG4bK2\n"
		"From: \"Ann \\\"A\\\" Lee\" <sip:ann@atlanta.test>;tag=88\nTo: Bob "
		"<sip:bob@biloxi.test>\n"
		"Call-ID: a84b4c76e66710@pc33\nCSeq: 314159 INVITE\nMax-Forwards: 69\n"
		"Record-Route: <sip:p1.test;lr>\nRecord-Route: <sip:p2.test;lr>\n"
		"Contact: <sip:ann@[2001:db8::9]:5066;transport=tcp>\nContent-Type: "
		"application/sdp\n"
		"Content-Length: 3\n\nv=0",
		/* compact names, lists in one line (section 7.3.1) */
		"INVITE sip:bob@biloxi.test SIP/2.0\n"
		"v:SIP/2.0/UDP one.test;branch=z9hG4bK1,SIP/2.0/TCP "
		"[2001:db8::1]:5061;branch=z9hG4bK2\n"
		"f:\"Ann \\\"A\\\" Lee\"<sip:ann@atlanta.test>;tag=88\nt:Bob<sip:bob@biloxi.test>\n"
		"i:a84b4c76e66710@pc33\nCSeq:314159 INVITE\nMax-Forwards:69\n"
		"Record-Route:<sip:p1.test;lr>,<sip:p2.test;lr>\n"
		"m:<sip:ann@[2001:db8::9]:5066;transport=tcp>\nc:application/sdp\nl:3\n\nv=0",
		/* any case, blanks around every mark, folds wherever there is a blank */
		"INVITE sip:bob@biloxi.test SIP/2.0\n"
		"VIA  :  SIP / 2.0 / UDP\n   one.test ; branch = z9hG4bK1 ,\n\tSIP/2.0/TCP "
		"[2001:db8::1] : 5061 ;\n branch=z9hG4bK2\n"
		"FROM\t: \"Ann \\\"A\\\" Lee\"\n <sip:ann@atlanta.test>\n ;\n tag = 88\n"
		"to: Bob\n <sip:bob@biloxi.test>\ncALL-iD:\n a84b4c76e66710@pc33\n"
		"cseq: 0314159   INVITE\nmax-forwards: 0069\nREcord-RoUTE: <sip:p1.test;lr> ,\n "
		"<sip:p2.test;lr>\n"
		"contact:\n  <sip:ann@[2001:db8::9]:5066;transport=tcp>\nCONTENT-TYPE: "
		"application/sdp\n"
		"content-length:   03\n\nv=0 and what follows is not of it",
		/* what nobody knows stands between, also with marks of its own */
		"INVITE sip:bob@biloxi.test SIP/2.0\n"
		"X-Via: SIP/2.0/UDP nobody\nVia: SIP/2.0/UDP "
		"one.test;x=\"a,b;branch=no\";branch=z9hG4bK1\n"
		"Unknown: \"open\nv: SIP/2.0/TCP "
		"[2001:db8::1]:5061;received=[2001:db8::7];branch=z9hG4bK2\n"
		"From: \"Ann \\\"A\\\" Lee\" <sip:ann@atlanta.test>;x=\"tag=1\";tag=88;y\n"
		"t: Bob <sip:bob@biloxi.test>;z=\"a\\\"b\"\nCall-ID: a84b4c76e66710@pc33\nCSeq: "
		"314159 INVITE\n"
		"Max-Forwards: 69\nRecord-Route: <sip:p1.test;lr>;p=\",\", \"x,y\" "
		"<sip:p2.test;lr>\n"
		"Contact: \"<sip:not@this>\" "
		"<sip:ann@[2001:db8::9]:5066;transport=tcp>;q=0.7;expires=60\n"
		"Content-Type: application/sdp\nContent-Length: 3\n\nv=0",
	};
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		EXPECT(parse(texts[i]) == ERR_OK);
		EXPECT_STR(list_of(HDR_VIA), "one.test|[2001:db8::1]");
		EXPECT_STR(m.via.branch, "z9hG4bK1");
		EXPECT_STR(m.via.transport, "UDP");
		EXPECT_STR(m.from.name, "Ann \\\"A\\\" Lee");
		EXPECT_STR(m.from.uri, "sip:ann@atlanta.test");
		EXPECT_STR(m.from.tag, "88");
		EXPECT_STR(m.to.name, "Bob");
		EXPECT_STR(m.to.uri, "sip:bob@biloxi.test");
		EXPECT(m.to.tag.n == 0);
		EXPECT_STR(m.call_id, "a84b4c76e66710@pc33");
		EXPECT(m.cseq == 314159 && m.method == METHOD_INVITE && m.max_forwards == 69);
		EXPECT_STR(list_of(HDR_RECORD_ROUTE), "sip:p1.test;lr|sip:p2.test;lr");
		EXPECT_STR(list_of(HDR_CONTACT), "sip:ann@[2001:db8::9]:5066;transport=tcp");
		EXPECT_STR(m.body, "v=0");
	}
}

TEST(every_compact_form_stands_for_its_header)
{
	static const struct {
		const char *line;
		enum sip_header_name name;
	} forms[] = {
		{"v: SIP/2.0/UDP a", HDR_VIA},
		{"f: <sip:a@b>;tag=1", HDR_FROM},
		{"t: <sip:a@b>", HDR_TO},
		{"i: x", HDR_CALL_ID},
		{"m: <sip:a@b>", HDR_CONTACT},
		{"l: 0", HDR_CONTENT_LENGTH},
		{"c: application/sdp", HDR_CONTENT_TYPE},
		{"e: gzip", HDR_CONTENT_ENCODING},
	};
	for (size_t i = 0; i < COUNT_OF(forms); i++) {
		char text[200];
		struct buf b = buf_make(text, sizeof text - 1);
		for (int upper = 0; upper < 2; upper++) {
			b.n = 0;
			buf_fmt(&b, "INVITE sip:a@b SIP/2.0\n%s\n\n", forms[i].line);
			text[b.n] = 0;
			if (upper)
				text[23] = (char)(text[23] - 32);
			(void)parse(text);
			EXPECT(sip_header_get(&m, forms[i].name).p != NULL);
		}
	}
}

/* RFC 3966, RFC 3261 section 19.1.6, and what carriers put behind a number */
TEST(whom_a_uri_names)
{
	static const struct {
		const char *uri, *person;
	} cases[] = {
		{"sip:alice@example.com", "alice"},
		{"sip:%61l%69ce@example.com", "alice"},
		{"sip:a;b=c@example.com", "a;b=c"},
		{"sip:+48221234567@example.com;user=phone", "+48221234567"},
		{"sip:+48221234567;npdi;rn=+48220@example.com", "+48221234567"},
		{"sip:+48-22-123.45.67;isub=1@example.com;user=phone", "+48-22-123.45.67"},
		{"sip:1234567;phone-context=+4822@example.com", "+48221234567"},
		{"sip:1234567;phone-context=example.com@example.com", "1234567"},
		{"sip:+48221234567;phone-context=+1@example.com", "+48221234567"},
		{"sip:*99;x@example.com", "*99"},
		{"tel:+48221234567", "+48221234567"},
		{"tel:+48-22-1234567;ext=5", "+48-22-1234567"},
		{"tel:1234567;phone-context=+4822", "+48221234567"},
		{"tel:7042;phone-context=example.com", "7042"},
		{"tel:%2B48221234567", "+48221234567"},
		{"sip:example.com", ""},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char text[128];
		struct buf b = buf_make(text, sizeof text);
		struct sip_uri u;
		EXPECT(sip_uri_parse(str_of(cases[i].uri), &u) == ERR_OK);
		EXPECT(sip_uri_person(&u, &b) == ERR_OK);
		EXPECT_STR(buf_str(&b), cases[i].person);
	}
	struct sip_uri u;
	char text[128];
	struct buf b = buf_make(text, sizeof text);
	EXPECT(sip_uri_parse(STR("sip:a%0d@b"), &u) == ERR_OK);
	EXPECT(sip_uri_person(&u, &b) == ERR_INVALID);
}

TEST(the_sound_in_a_body_of_several_parts)
{
	static const struct {
		const char *type, *body, *want; /* NULL: none */
	} cases[] = {
		{"multipart/mixed;boundary=\"b 1\"",
		 "--b 1\r\nContent-Type: application/isup;version=x\r\n\r\n\001\r\n--b 1\r\n"
		 "Content-Type: application/sdp\r\nX: y\r\n\r\nv=0\r\ns=-\r\n--b 1--\r\n",
		 "v=0\r\ns=-"},
		{"Multipart/Alternative ; x=y ; boundary = zz",
		 "preamble\r\n--zz  \r\nc:application/SDP;q=1\r\n\r\nv=0\r\n--zz--", "v=0"},
		{"multipart/mixed;boundary=zz",
		 "--zzz\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--zzz--", NULL},
		{"multipart/mixed;boundary=zz",
		 "--zz\r\nContent-Type: text/plain\r\n\r\nhello\r\n--zz--", NULL},
		{"multipart/mixed;boundary=zz",
		 "--zz--\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--zz--", NULL},
		{"multipart/mixed;boundary=zz", "--zz\r\nContent-Type: application/sdp\r\n\r\nv=0",
		 NULL}, /* it does not end */
		{"multipart/mixed", "--\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n----", NULL},
		{"application/isup", "x", NULL},
		{"multipart/mixed;boundary=", "", NULL},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct str part = STR_NONE;
		enum err e = sip_body_part(str_of(cases[i].type), str_of(cases[i].body),
					   "application/sdp", &part);
		EXPECT((e == ERR_OK) == (cases[i].want != NULL));
		EXPECT_STR(part, cases[i].want ? cases[i].want : "");
	}
}

/* RFC 5118: what IPv6 does to messages. Brackets belong to URIs and Via, not to `received`. */
TEST(ipv6_in_uris_and_vias)
{
	static const struct {
		const char *uri;
		bool ok;
		const char *host;
		uint16_t port;
	} uris[] = {
		{"sip:user@[2001:db8::10]", true, "2001:db8::10", 0},			/* 4.1 */
		{"sip:user@2001:db8::10", false, "", 0},				/* 4.2 */
		{"sip:[2001:db8::10:5070]", true, "2001:db8::10:5070", 0},		/* 4.3 */
		{"sip:[2001:db8::10]:5070", true, "2001:db8::10", 5070},		/* 4.4 */
		{"sip:user@[::ffff:192.0.2.10]:5060", true, "::ffff:192.0.2.10", 5060}, /* 4.9 */
		{"sip:[2001:db8::10", false, "", 0},
		{"sip:[]", false, "", 0},
	};
	for (size_t i = 0; i < COUNT_OF(uris); i++) {
		struct sip_uri u = {0};
		EXPECT((sip_uri_parse(str_of(uris[i].uri), &u) == ERR_OK) == uris[i].ok);
		if (uris[i].ok) {
			EXPECT_STR(u.host, uris[i].host);
			EXPECT(u.port == uris[i].port);
		}
	}
	/* 4.5: a `received` with or without brackets is ours to write, theirs to ignore */
	static const char *const vias[] = {
		"SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];branch=z9hG4bKas3-111",
		"SIP/2.0/UDP [2001:db8::9:1];received=2001:db8::9:255;branch=z9hG4bKas3",
		"SIP/2.0/TCP [2001:db8::9:1]:5080;branch=z9hG4bKas3-111"};
	for (size_t i = 0; i < COUNT_OF(vias); i++) {
		struct str v = str_of(vias[i]);
		struct sip_via via;
		EXPECT(sip_take_via(&v, &via) == ERR_OK);
		EXPECT_STR(via.host, "[2001:db8::9:1]");
		EXPECT(via.port == (i == 2 ? 5080 : 0) &&
		       str_starts(via.branch, STR("z9hG4bKas3")));
	}
}
