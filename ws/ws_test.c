/*
 * ws_test.c - what a peer may send and what must end the connection: a list of cases in the order
 * of RFC 6455 (sections 5.1 to 5.5, 7.4, 8.1), each in pieces of several sizes; offers of
 * section 4.2.
 */
#include "ws/ws.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/test.h"

enum { LIMIT = 70000 };

/* -- frames as a client makes them -- */

struct frame {
	uint8_t first;	 /* FIN, reserved bits, opcode */
	struct str body; /* unmasked */
	bool bare;	 /* no mask */
	int wide;	 /* length in so many bytes: 0, 2, 8; -1: the shortest */
	uint64_t says;	 /* a length that is not the body's; 0: it is */
};

static void put_frame(struct buf *out, struct frame f)
{
	static const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};
	uint64_t n = f.says ? f.says : f.body.n;
	int wide = f.wide >= 0 ? f.wide : n < 126 ? 0 : n <= UINT16_MAX ? 2 : 8;
	uint8_t bit = f.bare ? 0 : 0x80;
	buf_ch(out, (char)f.first);
	buf_ch(out, (char)(bit | (wide == 0 ? (uint8_t)n : wide == 2 ? 126 : 127)));
	for (int i = wide; i-- > 0;)
		buf_ch(out, (char)(n >> (8 * i)));
	if (!f.bare)
		buf_put(out, str_make((const char *)mask, 4));
	for (size_t i = 0; i < f.body.n; i++)
		buf_ch(out, (char)(f.body.p[i] ^ (f.bare ? 0 : mask[i & 3])));
}

static struct frame frame(uint8_t first, const char *body)
{
	return (struct frame){.first = first, .body = str_of(body), .wide = -1};
}

/* -- what comes of bytes: "T5 P2 C1000" (kinds with lengths), then "!CODE" when it ends badly -- */

static void read_all(struct str bytes, size_t piece, struct buf *said)
{
	struct ws_reader r;
	struct ws_message m;
	enum err e = ERR_AGAIN;
	ws_reader_init(&r, LIMIT);
	while (bytes.n && e != ERR_INVALID) {
		/* on the heap and no longer than it is, so that reading past its end is seen */
		struct str head = str_head(bytes, piece);
		char *copy = xcalloc(1, head.n);
		memcpy(copy, head.p, head.n);
		struct str in = str_make(copy, head.n);
		bytes = str_from(bytes, piece);
		while ((e = ws_read(&r, &in, &m)) == ERR_OK) {
			const char kind = m.kind == WS_TEXT	? 'T'
					  : m.kind == WS_BINARY ? 'B'
					  : m.kind == WS_PING	? 'P'
					  : m.kind == WS_PONG	? 'O'
								: 'C';
			buf_fmt(said, "%s%c%zu", said->n ? " " : "", kind,
				kind == 'C' ? (size_t)m.code : m.bytes.n);
		}
		EXPECT(e == ERR_INVALID || !in.n);
		free(copy);
	}
	if (e == ERR_INVALID) {
		struct str more = STR("\x81\x80\0\0\0\0");
		buf_fmt(said, "%s!%d", said->n ? " " : "", (int)r.code);
		EXPECT(ws_read(&r, &more, &m) == ERR_INVALID);
	}
	ws_reader_finish(&r);
}

static uint32_t cases;

static void expect_bytes(struct str bytes, const char *want)
{
	static const size_t pieces[] = {1, 2, 3, 7, 1000, SIZE_MAX};
	for (size_t i = 0; i < COUNT_OF(pieces); i++) {
		char text[2000];
		struct buf said = buf_make(text, sizeof text);
		if (pieces[i] < 7 && bytes.n > 5000)
			continue;
		read_all(bytes, pieces[i], &said);
		if (!str_is(buf_str(&said), want))
			fprintf(stderr, "wanted %s\n", want);
		EXPECT_STR(buf_str(&said), want);
	}
	cases++;
}

static void expect(const struct frame *frames, size_t n, const char *want)
{
	struct buf b = buf_grow(1024);
	for (size_t i = 0; i < n; i++)
		put_frame(&b, frames[i]);
	expect_bytes(buf_str(&b), want);
	buf_free(&b);
}

static void expect_one(struct frame f, const char *want)
{
	expect(&f, 1, want);
}

/* Section 5.2: every length that is written in its own way, in text and in bytes. */
static void lengths(void)
{
	static const size_t all[] = {0, 1, 124, 125, 126, 127, 128, 65534, 65535, 65536, LIMIT};
	char *body = xcalloc(1, LIMIT + 1), want[32];
	memset(body, '*', LIMIT + 1);
	for (size_t i = 0; i < COUNT_OF(all); i++) {
		snprintf(want, sizeof want, "T%zu", all[i]);
		expect_one((struct frame){0x81, str_make(body, all[i]), false, -1, 0}, want);
		snprintf(want, sizeof want, "B%zu", all[i]);
		expect_one((struct frame){0x82, str_make(body, all[i]), false, -1, 0}, want);
		if (all[i] < 126) /* not the shortest form */
			expect_one((struct frame){0x81, str_make(body, all[i]), false, 2, 0},
				   "!1002");
		if (all[i] <= UINT16_MAX)
			expect_one((struct frame){0x81, str_make(body, all[i]), false, 8, 0},
				   "!1002");
	}
	static const uint64_t huge[] = {LIMIT + 1, 1u << 24, UINT32_MAX, 1ull << 32, INT64_MAX};
	for (size_t i = 0; i < COUNT_OF(huge); i++)
		expect_one((struct frame){0x82, STR("x"), false, 8, huge[i]}, "!1009");
	/* the 63rd bit: CVE-2026-50161 and its like */
	expect_one((struct frame){0x82, STR("x"), false, 8, 1ull << 63}, "!1002");
	expect_one((struct frame){0x82, STR("x"), false, 8, UINT64_MAX}, "!1002");
	free(body);
}

/* Sections 5.1 and 5.2: no mask, reserved bits, opcodes, each with and without FIN. */
static void heads(void)
{
	for (unsigned first = 0; first < 256; first++) {
		unsigned opcode = first & 15;
		bool final = first & 0x80, control = opcode >= 8;
		bool known = opcode <= 2 || (opcode >= 8 && opcode <= 10);
		bool good = !(first & 0x70) && known && opcode != 0 && (final || !control);
		const char *want = !good	 ? "!1002"
				   : !final	 ? ""
				   : opcode == 1 ? "T2"
				   : opcode == 2 ? "B2"
				   : opcode == 8 ? "C1000"
				   : opcode == 9 ? "P2"
						 : "O2";
		expect_one(frame((uint8_t)first, opcode == 8 ? "\x03\xe8" : "hi"), want);
	}
	for (unsigned opcode = 0; opcode < 16; opcode++)
		expect_one((struct frame){(uint8_t)(0x80 | opcode), STR("hi"), true, -1, 0},
			   "!1002");
}

/* Section 5.5: at most 125 bytes, never in pieces, but between the pieces of a message. */
static void controls(void)
{
	static char body[200];
	memset(body, 'p', sizeof body);
	for (uint8_t opcode = 9; opcode <= 10; opcode++) {
		uint8_t first = (uint8_t)(0x80 | opcode);
		expect_one((struct frame){first, STR_NONE, false, -1, 0},
			   opcode == 9 ? "P0" : "O0");
		expect_one((struct frame){first, str_make(body, 125), false, -1, 0},
			   opcode == 9 ? "P125" : "O125");
		expect_one((struct frame){first, str_make(body, 126), false, -1, 0}, "!1002");
		expect_one((struct frame){first, str_make(body, 3), false, 2, 0}, "!1002");
		expect_one((struct frame){first, str_make("\xff\x00", 2), false, -1, 0},
			   opcode == 9 ? "P2" : "O2");
	}
	struct frame many[12];
	for (size_t i = 0; i < COUNT_OF(many); i++)
		many[i] = frame(0x89, "ab");
	expect(many, COUNT_OF(many), "P2 P2 P2 P2 P2 P2 P2 P2 P2 P2 P2 P2");
}

/* Section 5.4 */
static void fragments(void)
{
	struct {
		struct frame f[6];
		size_t n;
		const char *want;
	} list[] = {
		{{frame(0x01, "a"), frame(0x80, "b")}, 2, "T2"},
		{{frame(0x02, "a"), frame(0x00, ""), frame(0x80, "b")}, 3, "B2"},
		{{frame(0x01, ""), frame(0x00, ""), frame(0x80, "")}, 3, "T0"},
		{{frame(0x01, "a"), frame(0x89, "p"), frame(0x80, "b")}, 3, "P1 T2"},
		{{frame(0x01, "a"), frame(0x8a, ""), frame(0x00, "b"), frame(0x89, ""),
		  frame(0x80, "c"), frame(0x81, "d")},
		 6,
		 "O0 P0 T3 T1"},
		{{frame(0x80, "b")}, 1, "!1002"},
		{{frame(0x00, "b")}, 1, "!1002"},
		{{frame(0x81, "a"), frame(0x80, "b")}, 2, "T1 !1002"},
		{{frame(0x81, "a"), frame(0x00, "b")}, 2, "T1 !1002"},
		{{frame(0x01, "a"), frame(0x81, "b")}, 2, "!1002"},
		{{frame(0x01, "a"), frame(0x01, "b")}, 2, "!1002"},
		{{frame(0x01, "a"), frame(0x82, "b")}, 2, "!1002"},
		{{frame(0x01, "a"), frame(0x00, "b"), frame(0x82, "c")}, 3, "!1002"},
		{{frame(0x01, "a"), frame(0x09, "p")}, 2, "!1002"},
		{{frame(0x01, "a"), frame(0x88, "\x03\xe8")}, 2, "C1000"},
		/* a letter cut in two is one letter */
		{{frame(0x01, "z\xc5"), frame(0x80, "\xbc")}, 2, "T3"},
		{{frame(0x01, "z\xc5"), frame(0x80, "z")}, 2, "!1007"},
	};
	for (size_t i = 0; i < COUNT_OF(list); i++)
		expect(list[i].f, list[i].n, list[i].want);
	struct buf b = buf_grow(1024);
	put_frame(&b, frame(0x01, ""));
	for (int i = 0; i < 5000; i++)
		put_frame(&b, frame(0x00, ""));
	expect_bytes(buf_str(&b), "!1009"); /* pieces without end, and without size */
	b.n = 0;
	put_frame(&b, frame(0x02, "x"));
	for (int i = 0; i < 60; i++)
		put_frame(&b, frame(0x00, "0123456789"));
	put_frame(&b, frame(0x80, "y"));
	expect_bytes(buf_str(&b), "B602");
	buf_free(&b);
}

/* Section 8.1 and RFC 3629 */
static void texts(void)
{
	static const struct {
		const char *bytes;
		bool good;
	} list[] = {
		{"za\xc5\xbc\xc3\xb3\xc5\x82\xc4\x87", true},
		{"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5", true},
		{"\xf0\x9f\x93\x9e", true},
		{"\x7f", true},
		{"\xc2\x80", true},
		{"\xdf\xbf", true},
		{"\xe0\xa0\x80", true},
		{"\xef\xbf\xbf", true},
		{"\xf0\x90\x80\x80", true},
		{"\xf4\x8f\xbf\xbf", true},
		{"\xed\x9f\xbf", true},
		{"\xee\x80\x80", true},
		{"\xef\xbf\xbd", true},
		{"\x80", false},
		{"\xbf", false},
		{"\xc0\xaf", false},
		{"\xc1\xbf", false},
		{"\xe0\x80\xaf", false},
		{"\xe0\x9f\xbf", false},
		{"\xf0\x8f\xbf\xbf", false},
		{"\xf4\x90\x80\x80", false},
		{"\xf5\x80\x80\x80", false},
		{"\xf8\x88\x80\x80\x80", false},
		{"\xfe", false},
		{"\xff", false},
		{"\xed\xa0\x80", false}, /* half of a UTF-16 pair */
		{"\xed\xbf\xbf", false},
		{"\xc5", false}, /* cut off */
		{"\xe2\x82", false},
		{"\xf0\x9f\x93", false},
		{"a\xc5"
		 "b",
		 false},
	};
	char want[32];
	for (size_t i = 0; i < COUNT_OF(list); i++) {
		snprintf(want, sizeof want, list[i].good ? "T%zu" : "!1007", strlen(list[i].bytes));
		expect_one(frame(0x81, list[i].bytes), want);
		snprintf(want, sizeof want, "B%zu", strlen(list[i].bytes));
		expect_one(frame(0x82, list[i].bytes), want); /* bytes are bytes */
	}
}

/* Sections 5.5.1 and 7.4 */
static void closes(void)
{
	static const struct {
		uint32_t code;
		bool good;
	} codes[] = {
		{0, false},    {999, false},  {1000, true},   {1001, true},  {1002, true},
		{1003, true},  {1004, false}, {1005, false},  {1006, false}, {1007, true},
		{1008, true},  {1009, true},  {1010, true},   {1011, true},  {1012, true},
		{1013, true},  {1014, true},  {1015, false},  {1016, false}, {1100, false},
		{2000, false}, {2999, false}, {3000, true},   {3999, true},  {4000, true},
		{4999, true},  {5000, false}, {65535, false},
	};
	char want[32];
	for (size_t i = 0; i < COUNT_OF(codes); i++) {
		char two[3] = {(char)(codes[i].code >> 8), (char)codes[i].code};
		snprintf(want, sizeof want, codes[i].good ? "C%u" : "!1002", codes[i].code);
		expect_one((struct frame){0x88, str_make(two, 2), false, -1, 0}, want);
	}
	expect_one(frame(0x88, ""), "C1005");
	expect_one(frame(0x88, "\x03"), "!1002");
	expect_one(frame(0x88, "\x03\xe8ok"), "C1000");
	expect_one(frame(0x88, "\x03\xe8\xff"), "!1007");
	char long_one[125] = "\x03\xe8";
	memset(long_one + 2, 'x', 123);
	expect_one((struct frame){0x88, str_make(long_one, 125), false, -1, 0}, "C1000");
}

TEST(every_case_in_pieces_of_every_size)
{
	cases = 0;
	lengths();
	heads();
	controls();
	fragments();
	texts();
	closes();
	EXPECT(cases >= 301);
}

/* A head that promises much costs nothing until it is kept; nothing is held between messages. */
TEST(memory_is_held_only_for_what_has_come)
{
	struct ws_reader r;
	struct ws_message m;
	ws_reader_init(&r, 1 << 20);
	struct buf b = buf_grow(64);
	put_frame(&b, (struct frame){0x82, STR("x"), false, 8, 1 << 20});
	struct str in = buf_str(&b);
	EXPECT(ws_read(&r, &in, &m) == ERR_AGAIN && r.message.cap <= 8192);
	ws_reader_finish(&r);
	ws_reader_init(&r, 1 << 20);
	b.n = 0;
	put_frame(&b, frame(0x81, "hello"));
	in = buf_str(&b);
	EXPECT(ws_read(&r, &in, &m) == ERR_OK);
	EXPECT_STR(m.bytes, "hello");
	EXPECT(ws_read(&r, &in, &m) == ERR_AGAIN && !r.message.p);
	ws_reader_finish(&r);
	buf_free(&b);
}

TEST(frames_of_ours)
{
	static const size_t sizes[] = {0, 5, 125, 126, 65535, 65536};
	static char body[65536];
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		struct buf b = buf_grow(64);
		ws_write(&b, WS_TEXT, str_make(body, sizes[i]));
		size_t head = sizes[i] < 126 ? 2 : sizes[i] < 65536 ? 4 : 10;
		EXPECT(b.n == head + sizes[i] && (uint8_t)b.p[0] == 0x81);
		EXPECT((uint8_t)b.p[1] == (head == 2 ? sizes[i] : head == 4 ? 126u : 127u));
		if (head == 4)
			EXPECT(((size_t)(uint8_t)b.p[2] << 8 | (uint8_t)b.p[3]) == sizes[i]);
		buf_free(&b);
	}
	struct buf b = buf_grow(8);
	ws_write_close(&b, WS_GOING_AWAY, STR("bye"));
	EXPECT(str_eq(buf_str(&b), STR("\x88\x05\x03\xe9"
				       "bye")));
	b.n = 0;
	ws_write_close(&b, WS_NO_CODE, STR("x"));
	EXPECT(str_eq(buf_str(&b), STR("\x88\0")));
	b.n = 0;
	ws_write_close(&b, WS_POLICY, str_make(body, 200));
	EXPECT(b.n == 127);
	buf_free(&b);
}

TEST(offers)
{
	static const char key[] = "dGhlIHNhbXBsZSBub25jZQ==",
			  want[] = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
	const struct ws_offer good = {true,	 STR("websocket"), STR("Upgrade"),
				      STR("13"), str_of(key),	   STR("sip")};
	char accept[WS_ACCEPT_TEXT + 1] = "";
	EXPECT(ws_judge(&good, STR("sip"), accept) == 101);
	EXPECT_STR(str_of(accept), want); /* section 1.3's own example */
	EXPECT(ws_judge(&good, STR_NONE, accept) == 101);
	struct ws_offer o = good;
	o.upgrade = STR("h2c, WebSocket");
	o.connection = STR("keep-alive, upgrade");
	o.protocol = STR("chat, sip");
	EXPECT(ws_judge(&o, STR("sip"), accept) == 101);
#define BAD(member, value, status)                                                                 \
	o = good;                                                                                  \
	o.member = value;                                                                          \
	EXPECT(ws_judge(&o, STR("sip"), accept) == (status))
	BAD(get, false, 400);
	BAD(upgrade, STR_NONE, 400);
	BAD(upgrade, STR("websockets"), 400);
	BAD(connection, STR("close"), 400);
	BAD(version, STR("8"), 426);
	BAD(version, STR_NONE, 426);
	BAD(key, STR_NONE, 400);
	BAD(key, STR("dGhlIHNhbXBsZSBub25jZQ="), 400);
	BAD(key, STR("dGhlIHNhbXBsZSBub25jZ==="), 400);
	BAD(key, STR("dGhlIHNhbXBsZSBub25jZQ!!"), 400);
	BAD(protocol, STR_NONE, 400);
	BAD(protocol, STR("SIP"), 400); /* RFC 7118 section 4.1: as it stands */
	BAD(protocol, STR("sip2"), 400);
}
