/* jsonw_test.c - JSON as it is written, and times as they are written and read. */
#include <jansson.h>
#include <math.h>

#include "base/jsonw.h"
#include "tests/test.h"

static char room[4096];

#define JSON(want, ...)                                                                            \
	do {                                                                                       \
		struct buf b = buf_make(room, sizeof room);                                        \
		struct jsonw w = jsonw_make(&b);                                                   \
		__VA_ARGS__;                                                                       \
		EXPECT_STR(buf_str(&b), want);                                                     \
		EXPECT(w.depth == 0);                                                              \
	} while (0)

TEST(commas_come_by_themselves)
{
	JSON("{}", jsonw_open(&w, '{'), jsonw_close(&w, '}'));
	JSON("[1,-2,true,null,\"x\"]", jsonw_open(&w, '['), jsonw_u64(&w, 1), jsonw_i64(&w, -2),
	     jsonw_bool(&w, true), jsonw_null(&w), jsonw_str(&w, STR("x")), jsonw_close(&w, ']'));
	JSON("{\"a\":{\"b\":[]},\"c\":[[],{}],\"d\":1}", jsonw_open(&w, '{'), jsonw_key(&w, "a"),
	     jsonw_open(&w, '{'), jsonw_key(&w, "b"), jsonw_open(&w, '['), jsonw_close(&w, ']'),
	     jsonw_close(&w, '}'), jsonw_key(&w, "c"), jsonw_open(&w, '['), jsonw_open(&w, '['),
	     jsonw_close(&w, ']'), jsonw_open(&w, '{'), jsonw_close(&w, '}'), jsonw_close(&w, ']'),
	     jsonw_ki64(&w, "d", 1), jsonw_close(&w, '}'));
	JSON("{\"s\":\"\",\"b\":false,\"t\":null,\"r\":{\"x\":1}}", jsonw_open(&w, '{'),
	     jsonw_kstr(&w, "s", STR_NONE), jsonw_kbool(&w, "b", false), jsonw_ktime(&w, "t", 0),
	     jsonw_key(&w, "r"), jsonw_raw(&w, STR("{\"x\":1}")), jsonw_close(&w, '}'));
}

TEST(depth_down_to_thirty_one)
{
	struct buf b = buf_make(room, sizeof room);
	struct jsonw w = jsonw_make(&b);
	for (int i = 0; i < 31; i++) {
		jsonw_open(&w, '[');
		jsonw_i64(&w, i);
	}
	for (int i = 0; i < 31; i++)
		jsonw_close(&w, ']');
	json_t *read = json_loadb(b.p, b.n, 0, NULL);
	EXPECT(read && json_array_size(read) == 2);
	json_decref(read);
}

TEST(texts_are_escaped_and_made_utf8)
{
	JSON("\"a\\\"b\\\\c/\"", jsonw_str(&w, STR("a\"b\\c/")));
	JSON("\"\\u0000\\u000a\\u001f\x7f\"", jsonw_str(&w, STR("\0\n\x1f\x7f")));
	JSON("\"zażółć \xf0\x9f\x99\x82\"", jsonw_str(&w, STR("zażółć \xf0\x9f\x99\x82")));
	JSON("{\"k\\\"\":1}", jsonw_open(&w, '{'), jsonw_ki64(&w, "k\"", 1), jsonw_close(&w, '}'));
}

/* RFC 3629 section 4; table 3-7 of Unicode: what is not well-formed becomes U+FFFD */
TEST(bytes_that_are_no_utf8_are_replaced_one_by_one)
{
	static const struct {
		const char *bytes;
		size_t good; /* 0: nothing of it is a sequence */
	} cases[] = {
		{"\x80", 0},
		{"\xc0\x80", 0},
		{"\xc1\xbf", 0},
		{"\xc2\x80", 2},
		{"\xdf\xbf", 2},
		{"\xe0\x9f\xbf", 0},
		{"\xe0\xa0\x80", 3},
		{"\xed\x9f\xbf", 3},
		{"\xed\xa0\x80", 0},
		{"\xee\x80\x80", 3},
		{"\xf0\x8f\xbf\xbf", 0},
		{"\xf0\x90\x80\x80", 4},
		{"\xf4\x8f\xbf\xbf", 4},
		{"\xf4\x90\x80\x80", 0},
		{"\xf5\x80\x80\x80", 0},
		{"\xff", 0},
		{"\xc2", 0},
		{"\xe2\x82", 0},
		{"\xf0\x9f\x99", 0},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct buf b = buf_make(room, sizeof room);
		struct jsonw w = jsonw_make(&b);
		struct str in = str_of(cases[i].bytes);
		jsonw_str(&w, in);
		if (cases[i].good) {
			EXPECT(b.n == in.n + 2 && memcmp(b.p + 1, in.p, in.n) == 0);
		} else {
			EXPECT(b.n == 2 + 3 * in.n);
			EXPECT(memcmp(b.p + 1, "\xef\xbf\xbd", 3) == 0);
		}
		json_t *read = json_loadb(b.p, b.n, JSON_DECODE_ANY, NULL);
		EXPECT(read);
		json_decref(read);
	}
}

TEST(whatever_is_written_is_json)
{
	uint64_t z = 5;
	for (int i = 0; i < 20000; i++) {
		char text[12];
		size_t n = (size_t)(z >> 60) % 12;
		for (size_t k = 0; k < n; k++) {
			z = z * 6364136223846793005ull + 1442695040888963407ull;
			text[k] = (char)(z >> 40);
		}
		z++;
		struct buf b = buf_make(room, sizeof room);
		struct jsonw w = jsonw_make(&b);
		jsonw_str(&w, str_make(text, n));
		json_t *read = json_loadb(b.p, b.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
		EXPECT(read);
		json_decref(read);
	}
}

TEST(reals_have_at_most_six_decimals)
{
	static const struct {
		double v;
		const char *want;
	} cases[] = {
		{0, "0"},
		{-0.0, "0"},
		{1, "1"},
		{0.5, "0.5"},
		{-0.25, "-0.25"},
		{0.1, "0.1"},
		{1.0 / 3, "0.333333"},
		{2.0 / 3, "0.666667"},
		{-1e-7, "0"},
		{0.000001, "0.000001"},
		{99.9999999, "100"},
		{12.340000, "12.34"},
		{NAN, "null"},
		{INFINITY, "null"},
		{-INFINITY, "null"},
		{1e13, "null"},
		{9e12, "9000000000000"},
		{-1234567.891, "-1234567.891"},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		JSON(cases[i].want, jsonw_real(&w, cases[i].v));
	JSON("[-9223372036854775808,18446744073709551615]", jsonw_open(&w, '['),
	     jsonw_i64(&w, INT64_MIN), jsonw_u64(&w, UINT64_MAX), jsonw_close(&w, ']'));
}

/* -- times -- */

TEST(times_are_written_and_read)
{
	static const struct {
		int64_t ms;
		const char *text;
	} cases[] = {
		{0, "1970-01-01T00:00:00.000Z"},
		{1, "1970-01-01T00:00:00.001Z"},
		{951782399999, "2000-02-28T23:59:59.999Z"},
		{951782400000, "2000-02-29T00:00:00.000Z"}, /* divisible by 400 */
		{951868800000, "2000-03-01T00:00:00.000Z"},
		{1709164800000, "2024-02-29T00:00:00.000Z"},
		{4107542400000, "2100-03-01T00:00:00.000Z"}, /* no leap year */
		{4107456000000, "2100-02-28T00:00:00.000Z"},
		{1795293205123, "2026-11-21T20:33:25.123Z"},
		{253402300799999, "9999-12-31T23:59:59.999Z"},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct buf b = buf_make(room, sizeof room);
		int64_t ms = -1;
		time_text(&b, cases[i].ms);
		EXPECT_STR(buf_str(&b), cases[i].text);
		EXPECT(time_parse(str_of(cases[i].text), &ms) == ERR_OK && ms == cases[i].ms);
	}
	struct buf old = buf_make(room, sizeof room);
	time_text(&old, -1); /* before 1970: written, not read */
	EXPECT_STR(buf_str(&old), "1969-12-31T23:59:59.999Z");
	JSON("\"2000-02-29T00:00:00.000Z\"", jsonw_time(&w, 951782400000));
}

TEST(what_rfc_3339_allows_is_read)
{
	static const struct {
		const char *text;
		int64_t ms;
	} cases[] = {
		{"2000-02-29T00:00:00Z", 951782400000},
		{"2000-02-29t00:00:00z", 951782400000},
		{"2000-02-29 00:00:00Z", 951782400000},
		{"2000-02-29T01:00:00+01:00", 951782400000},
		{"2000-02-28T18:30:00-05:30", 951782400000},
		{"2000-02-29T00:00:00-00:00", 951782400000},
		{"2000-02-29T23:59:00+23:59", 951782400000},
		{"2000-02-29T00:00:00.1Z", 951782400100},
		{"2000-02-29T00:00:00.12Z", 951782400120},
		{"2000-02-29T00:00:00.123456789Z", 951782400123},
		{"2016-12-31T23:59:60Z", 1483228800000}, /* a leap second is the next one */
		{"1970-01-01T00:00:00+01:00", -3600000},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		int64_t ms = -1;
		EXPECT(time_parse(str_of(cases[i].text), &ms) == ERR_OK);
		EXPECT(ms == cases[i].ms);
	}
}

TEST(what_is_no_time_is_refused)
{
	static const char *const cases[] = {
		"",
		"2000",
		"2000-02-30T00:00:00Z",
		"2001-02-29T00:00:00Z",
		"2100-02-29T00:00:00Z",
		"2000-00-01T00:00:00Z",
		"2000-13-01T00:00:00Z",
		"2000-01-00T00:00:00Z",
		"2000-04-31T00:00:00Z",
		"1969-12-31T23:59:59Z",
		"2000-01-01T24:00:00Z",
		"2000-01-01T00:60:00Z",
		"2000-01-01T00:00:61Z",
		"2000-01-01T00:00:00",
		"2000-01-01T00:00:00+1:00",
		"2000-01-01T00:00:00+01",
		"2000-01-01T00:00:00+24:00",
		"2000-01-01T00:00:00+01:60",
		"2000-01-01T00:00:00.Z",
		"2000-01-01T00:00:00Zx",
		"2000-01-01x00:00:00Z",
		"2000-1-01T00:00:00Z",
		"20000-01-01T00:00:00Z",
		" 2000-01-01T00:00:00Z",
		"2000-01-01T00:00Z",
		"2000-01-01",
		"-200-01-01T00:00:00Z",
		/* signs that differ from the right one by a bit only */
		"2000\r01-01T00:00:00Z",
		"2000-01-01T00\03200:00Z",
		"2000-01-01T00:00:00\0165Z",
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		int64_t ms = 77;
		EXPECT(time_parse(str_of(cases[i]), &ms) == ERR_INVALID && ms == 77);
	}
	int64_t ms;
	EXPECT(time_parse(STR("2000-01-01\0"
			      "00:00:00Z"),
			  &ms) == ERR_INVALID);
	for (size_t n = 0; n < 24; n++) /* torn anywhere */
		EXPECT(time_parse(str_head(STR("2000-01-01T00:00:00.000Z"), n), &ms) != ERR_OK);
}

TEST(days_and_dates_are_each_others_way_back)
{
	for (int64_t day = -1000000; day <= 3000000; day += 37) {
		int year, month, dom;
		civil_from_days(day, &year, &month, &dom);
		EXPECT(days_from_civil(year, month, dom) == day);
		EXPECT(month >= 1 && month <= 12 && dom >= 1 && dom <= 31);
	}
	EXPECT(days_from_civil(1970, 1, 1) == 0 && days_from_civil(2000, 3, 1) == 11017);
}
