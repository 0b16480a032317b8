/* order_test.c - bytes of orders and reports. */
#include "media/order.h"
#include "tests/test.h"

static struct order one_of_each(enum order_kind kind)
{
	struct id a = {3, 0xfffffffe}, b = {0x01020304, 5};
	switch (kind) {
	case ORDER_hello:
		return (struct order){.kind = kind, .hello = {ORDER_VERSION}};
	case ORDER_leg_open:
		return (struct order){.kind = kind, .leg_open = {a, b}};
	case ORDER_leg_remote:
		return (struct order){
			.kind = kind,
			.leg_remote = {a, STR("2001:db8::1"), 65535, 8, 8, 255, 1, 0, 20, 8, 0}};
	case ORDER_leg_secure:
		return (struct order){.kind = kind,
				      .leg_secure = {a, 1, STR("key"), STR("their key"), STR_NONE}};
	case ORDER_leg_web:
		return (struct order){.kind = kind,
				      .leg_web = {a, b, STR("Yk3+"), STR("sha-256 00:FF"), 1}};
	case ORDER_leg_close:
		return (struct order){.kind = kind, .leg_close = {a}};
	case ORDER_play:
		return (struct order){.kind = kind,
				      .play = {a, 9, 1, 1234567, STR("/a.wav\n/b.wav")}};
	case ORDER_music:
		return (struct order){.kind = kind, .music = {a, 10, STR("default")}};
	case ORDER_play_stop:
		return (struct order){.kind = kind, .play_stop = {a, 10}};
	case ORDER_send_digit:
		return (struct order){.kind = kind, .send_digit = {a, '#', 120}};
	case ORDER_hear:
		return (struct order){.kind = kind, .hear = {a, STR("12345678")}};
	case ORDER_record_hear:
		return (struct order){.kind = kind, .record_hear = {b, STR("12345678"), STR_NONE}};
	case ORDER_record:
		return (struct order){.kind = kind, .record = {b, a, b, STR("t/x.wav")}};
	case ORDER_record_stop:
		return (struct order){.kind = kind, .record_stop = {b}};
	case ORDER_record_ack:
		return (struct order){.kind = kind, .record_ack = {b}};
	case ORDER_inventory:
		return (struct order){.kind = kind, .inventory = {0x80000001}};
	case ORDER_NONE:
	case ORDER_COUNT:
		break;
	}
	return (struct order){0};
}

TEST(order_bytes_are_what_the_table_says)
{
	/* length 21: kind 2, leg 3/0xfffffffe, contact 0x01020304/5; little-endian */
	static const uint8_t want[] = {17,   0, 2, 3, 0, 0, 0, 0xfe, 0xff, 0xff,
				       0xff, 4, 3, 2, 1, 5, 0, 0,    0};
	char bytes[64];
	struct buf b = buf_make(bytes, sizeof bytes);
	struct order o = one_of_each(ORDER_leg_open);
	order_encode(&b, &o);
	EXPECT(b.n == sizeof want && !memcmp(b.p, want, sizeof want));
}

TEST(order_of_every_kind_comes_back_from_its_bytes)
{
	char bytes[ORDER_PACKET_MAX], again[ORDER_PACKET_MAX];
	struct buf b = buf_make(bytes, sizeof bytes), c = buf_make(again, sizeof again);
	for (unsigned kind = 1; kind < ORDER_COUNT; kind++) {
		struct order o = one_of_each((enum order_kind)kind);
		order_encode(&b, &o);
	}
	EXPECT(!b.full);
	struct str rest = buf_str(&b);
	struct order o;
	unsigned kind = 1;
	for (; order_decode(&rest, &o) == ERR_OK; kind++) {
		EXPECT(o.kind == kind);
		order_encode(&c, &o);
	}
	EXPECT(kind == ORDER_COUNT && !rest.n);
	EXPECT(str_eq(buf_str(&b), buf_str(&c)));

	struct order wanted = one_of_each(ORDER_leg_remote);
	b.n = 0;
	order_encode(&b, &wanted);
	rest = buf_str(&b);
	EXPECT(order_decode(&rest, &o) == ERR_OK);
	EXPECT_STR(o.leg_remote.address, "2001:db8::1");
	EXPECT(o.leg_remote.port == 65535 && o.leg_remote.dtmf_pt == 255);
	EXPECT(o.leg_remote.send == 1 && o.leg_remote.receive == 0);
}

TEST(order_report_keeps_numbers_and_texts)
{
	char bytes[ORDER_PACKET_MAX];
	struct buf b = buf_make(bytes, sizeof bytes);
	struct report r;
	report_encode(&b, &(struct report){.kind = REPORT_recorded,
					   .recorded = {.rec = {1, 2},
							.path = STR("a/b.wav"),
							.duration_ms = -1,
							.bytes = INT64_MAX,
							.sha256 = STR("00ff"),
							.flaw = STR("")}});
	report_encode(&b,
		      &(struct report){.kind = REPORT_gauges,
				       .gauges = {.packets_in = UINT64_MAX, .files_behind = 7}});
	struct str rest = buf_str(&b);
	EXPECT(report_decode(&rest, &r) == ERR_OK && r.kind == REPORT_recorded);
	EXPECT_STR(r.recorded.path, "a/b.wav");
	EXPECT(r.recorded.duration_ms == -1 && r.recorded.bytes == INT64_MAX);
	EXPECT(r.recorded.flaw.n == 0);
	EXPECT(report_decode(&rest, &r) == ERR_OK && r.gauges.packets_in == UINT64_MAX);
	EXPECT(r.gauges.files_behind == 7);
	EXPECT(report_decode(&rest, &r) == ERR_NOT_FOUND);
}

TEST(order_reports_of_browsers_keep_what_a_description_needs)
{
	char bytes[ORDER_PACKET_MAX];
	struct buf b = buf_make(bytes, sizeof bytes);
	struct report r;
	report_encode(&b, &(struct report){.kind = REPORT_leg_web_opened,
					   .leg_web_opened = {.leg = {1, 2},
							      .port = 40000,
							      .ufrag = STR("abcd"),
							      .password = STR("secret"),
							      .fingerprint = STR("sha-256 01:02"),
							      .err = ERR_UNSUPPORTED}});
	report_encode(&b, &(struct report){.kind = REPORT_leg_path, .leg_path = {{1, 2}, 1}});
	report_encode(&b, &(struct report){.kind = REPORT_leg_is,
					   .leg_is = {.leg = {1, 2},
						      .web = 1,
						      .up = 1,
						      .ufrag = STR("abcd"),
						      .password = STR("secret"),
						      .fingerprint = STR("sha-256 01:02"),
						      .peer_ufrag = STR("Yk3+")}});
	struct str rest = buf_str(&b);
	EXPECT(report_decode(&rest, &r) == ERR_OK && r.kind == REPORT_leg_web_opened);
	EXPECT(r.leg_web_opened.port == 40000 && r.leg_web_opened.err == ERR_UNSUPPORTED);
	EXPECT_STR(r.leg_web_opened.password, "secret");
	EXPECT(report_decode(&rest, &r) == ERR_OK && r.kind == REPORT_leg_path && r.leg_path.up);
	EXPECT(report_decode(&rest, &r) == ERR_OK && r.leg_is.web && r.leg_is.up);
	EXPECT_STR(r.leg_is.fingerprint, "sha-256 01:02");
	EXPECT_STR(r.leg_is.peer_ufrag, "Yk3+");
	EXPECT(!rest.n);
}

TEST(order_that_does_not_fit_is_left_out_whole)
{
	char bytes[ORDER_PACKET_MAX];
	struct order o = one_of_each(ORDER_play);
	struct buf whole = buf_make(bytes, sizeof bytes);
	order_encode(&whole, &o);
	size_t n = whole.n;
	for (size_t room = 0; room < n; room++) {
		struct buf b = buf_make(bytes, room);
		order_encode(&b, &o);
		EXPECT(b.full && b.n == 0);
	}
}

TEST(order_cut_or_twisted_is_refused_and_nothing_is_taken)
{
	char bytes[ORDER_PACKET_MAX];
	struct buf b = buf_make(bytes, sizeof bytes);
	struct order o = one_of_each(ORDER_play), out = {.kind = ORDER_leg_close};
	order_encode(&b, &o);
	for (size_t n = 1; n < b.n; n++) {
		struct str rest = str_make(bytes, n);
		EXPECT(order_decode(&rest, &out) == ERR_INVALID);
		EXPECT(rest.n == n && out.kind == ORDER_leg_close);
	}
	bytes[b.n - 14 - 1] = 0x7f; /* the high byte of a text's length */
	struct str rest = buf_str(&b);
	EXPECT(order_decode(&rest, &out) == ERR_INVALID);
	/* a body longer than its fields */
	static const char longer[] = {6, 0, 1, 1, 0, 0, 0, 9};
	rest = str_make(longer, sizeof longer);
	EXPECT(order_decode(&rest, &out) == ERR_INVALID);
	static const char empty[] = {0, 0};
	rest = str_make(empty, sizeof empty);
	EXPECT(order_decode(&rest, &out) == ERR_INVALID);
}

TEST(order_of_a_newer_core_is_skipped)
{
	static const char bytes[] = {3, 0, (char)200, 1, 2, 5, 0, 1, 1, 0, 0, 0};
	struct str rest = str_make(bytes, sizeof bytes);
	struct order o;
	EXPECT(order_decode(&rest, &o) == ERR_OK && o.kind == ORDER_NONE);
	EXPECT(order_decode(&rest, &o) == ERR_OK && o.kind == ORDER_hello && o.hello.version == 1);
	EXPECT(order_decode(&rest, &o) == ERR_NOT_FOUND);
}

TEST(order_text_too_long_is_cut_to_what_the_other_side_takes)
{
	char text[2000], bytes[ORDER_PACKET_MAX];
	memset(text, 'x', sizeof text);
	struct buf b = buf_make(bytes, sizeof bytes);
	order_encode(&b, &(struct order){.kind = ORDER_music,
					 .music = {.name = str_make(text, sizeof text)}});
	struct str rest = buf_str(&b);
	struct order o;
	EXPECT(order_decode(&rest, &o) == ERR_OK && o.music.name.n == 1024);
}

TEST(order_ids_are_a_set_of_eight_bytes_each)
{
	char room[8 * ORDER_IDS_MAX];
	struct order_ids some = {2, {{1, 0xfffffffe}, {0x01020304, 5}}}, got = {0}, none = {0};
	struct str s = order_ids_put(room, &some);
	EXPECT(s.n == 16 && s.p[0] == 1 && (uint8_t)s.p[4] == 0xfe && s.p[8] == 4);
	EXPECT(order_ids_get(s, &got) == ERR_OK && got.count == 2);
	EXPECT(order_ids_have(&got, some.ids[1]) && !order_ids_have(&got, (struct id){1, 1}));
	EXPECT(order_ids_get(order_ids_put(room, &none), &got) == ERR_OK && got.count == 0);
	/* twice the same is once; half an id, nobody's, and the sixteenth are refused */
	static const char twice[16] = {7, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0};
	EXPECT(order_ids_get(str_make(twice, 16), &got) == ERR_OK && got.count == 1);
	EXPECT(order_ids_get(str_make(twice, 12), &got) == ERR_INVALID);
	EXPECT(order_ids_get(str_make("\0\0\0\0\1\0\0\0", 8), &got) == ERR_INVALID);
	char many[8 * 16] = {0};
	for (int i = 0; i < 16; i++)
		many[8 * i] = (char)(i + 1);
	EXPECT(order_ids_get(str_make(many, 8 * 15), &got) == ERR_OK && got.count == 15);
	EXPECT(order_ids_get(str_make(many, sizeof many), &got) == ERR_INVALID);
}
