/* str_test.c - views, numbers, and the bounded writer. */
#include <stdlib.h>

#include "base/str.h"
#include "tests/test.h"

TEST(views_compare_by_bytes_and_length)
{
	EXPECT(str_eq(STR_NONE, STR("")) && str_eq(STR("ab"), STR("ab")));
	EXPECT(!str_eq(STR("ab"), STR("abc")) && !str_eq(STR("ab"), STR("aB")));
	EXPECT(str_eq(STR("a\0b"), STR("a\0b")) && !str_eq(STR("a\0b"), STR("a\0c")));
	EXPECT(str_ieq(STR("Call-ID"), STR("CALL-id")) && !str_ieq(STR("a"), STR("ab")));
	EXPECT(!str_ieq(STR("@"), STR("`")) && !str_ieq(STR("["), STR("{"))); /* 32 apart */
	EXPECT(!str_ieq(STR("\xc4"), STR("\xe4")));			      /* ASCII only */
	EXPECT(str_is(str_of(NULL), "") && str_of(NULL).n == 0);
	EXPECT(str_cmp(STR("a"), STR("b")) < 0 && str_cmp(STR("b"), STR("a")) > 0);
	EXPECT(str_cmp(STR("a"), STR("ab")) < 0 && str_cmp(STR("ab"), STR("a")) > 0);
	EXPECT(str_cmp(STR_NONE, STR("")) == 0 && str_cmp(STR("\xff"), STR("a")) > 0);
	EXPECT(str_starts(STR("abc"), STR("")) && str_starts(STR("abc"), STR("abc")));
	EXPECT(!str_starts(STR("ab"), STR("abc")) && !str_ends(STR("bc"), STR("abc")));
	EXPECT(str_ends(STR("abc"), STR("bc")) && str_ends(STR("abc"), STR("")));
	EXPECT(!str_ends(STR("abc"), STR("ab")));
}

TEST(pieces_never_leave_the_view)
{
	struct str s = STR("hello");
	EXPECT_STR(str_from(s, 2), "llo");
	EXPECT(str_from(s, 5).n == 0 && str_from(s, 99).n == 0);
	EXPECT(str_from(s, 99).p == s.p + 5); /* one past the end, not further */
	EXPECT(str_from(STR_NONE, 3).n == 0);
	EXPECT_STR(str_head(s, 2), "he");
	EXPECT_STR(str_head(s, 99), "hello");
	EXPECT_STR(str_trim(STR(" \t\r\nx y \n")), "x y");
	EXPECT_STR(str_trim(STR(" \t ")), "");
	EXPECT_STR(str_trim(STR_NONE), "");
	EXPECT(str_find(s, 'l') == 2 && str_find(s, 'x') == -1 && str_find(STR_NONE, 'x') == -1);
	EXPECT(str_find_str(s, STR("lo")) == 3 && str_find_str(s, STR("")) == 0);
	EXPECT(str_find_str(s, STR("hello!")) == -1 && str_find_str(STR_NONE, STR("x")) == -1);
}

TEST(cutting_at_the_first_sign)
{
	struct str head, rest;
	EXPECT(str_cut(STR("a:b:c"), ':', &head, &rest));
	EXPECT_STR(head, "a");
	EXPECT_STR(rest, "b:c");
	EXPECT(!str_cut(STR("abc"), ':', &head, &rest));
	EXPECT_STR(head, "abc");
	EXPECT_STR(rest, "");
	EXPECT(str_cut(STR(":"), ':', &head, &rest) && !head.n && !rest.n);
	EXPECT(!str_cut(STR_NONE, ':', &head, &rest) && !head.n && !rest.n);
	EXPECT(str_among(STR("a,bc,d"), STR("bc")) && str_among(STR("a"), STR("a")));
	EXPECT(!str_among(STR("a,bc"), STR("b")) && !str_among(STR_NONE, STR("a")));
	/* in place, either way round */
	struct str s = STR("a:b");
	EXPECT(str_cut(s, ':', &s, &rest));
	EXPECT_STR(s, "a");
	s = STR("a:b");
	EXPECT(str_cut(s, ':', &head, &s));
	EXPECT_STR(s, "b");
}

TEST(lines_end_with_lf_or_crlf_or_the_text)
{
	struct str rest = STR("one\r\n\ntwo\rx\nthree"), line;
	EXPECT(str_line(&rest, &line));
	EXPECT_STR(line, "one");
	EXPECT(str_line(&rest, &line) && line.n == 0);
	EXPECT(str_line(&rest, &line));
	EXPECT_STR(line, "two\rx");
	EXPECT(str_line(&rest, &line));
	EXPECT_STR(line, "three");
	EXPECT(!str_line(&rest, &line));
	EXPECT_STR(line, "three"); /* untouched */
	rest = STR("\r\n");
	EXPECT(str_line(&rest, &line) && line.n == 0 && !str_line(&rest, &line));
}

TEST(numbers_are_whole_views_without_overflow)
{
	static const struct {
		const char *text;
		uint64_t max, want;
		bool good;
	} cases[] = {
		{"0", 9, 0, true},
		{"007", 9, 7, true},
		{"9", 9, 9, true},
		{"10", 9, 0, false},
		{"18446744073709551615", UINT64_MAX, UINT64_MAX, true},
		{"18446744073709551616", UINT64_MAX, 0, false},
		{"99999999999999999999", UINT64_MAX, 0, false},
		{"184467440737095516150", UINT64_MAX, 0, false},
		{"", 9, 0, false},
		{" 1", 9, 0, false},
		{"1 ", 9, 0, false},
		{"+1", 9, 0, false},
		{"-1", 9, 0, false},
		{"0x1", 99, 0, false},
		{"1.0", 99, 0, false},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		uint64_t v = 77;
		bool good = str_to_u64(str_of(cases[i].text), cases[i].max, &v) == ERR_OK;
		EXPECT(good == cases[i].good && v == (good ? cases[i].want : 77));
		uint32_t small = 77;
		if (cases[i].max < 100) {
			good = str_to_u32(str_of(cases[i].text), (uint32_t)cases[i].max, &small) ==
			       ERR_OK;
			EXPECT(good == cases[i].good && small == (good ? cases[i].want : 77));
		}
	}
	uint32_t u;
	EXPECT(str_to_u32(STR("4294967295"), UINT32_MAX, &u) == ERR_OK && u == UINT32_MAX);
	EXPECT(str_to_u32(STR("4294967296"), UINT32_MAX, &u) == ERR_INVALID);
	int64_t i;
	EXPECT(str_to_i64(STR("-9223372036854775807"), &i) == ERR_OK && i == -INT64_MAX);
	EXPECT(str_to_i64(STR("9223372036854775807"), &i) == ERR_OK && i == INT64_MAX);
	EXPECT(str_to_i64(STR("9223372036854775808"), &i) == ERR_INVALID);
	EXPECT(str_to_i64(STR("-"), &i) == ERR_INVALID && str_to_i64(STR("--1"), &i) != ERR_OK);
	EXPECT(str_to_i64(STR("-0"), &i) == ERR_OK && i == 0);
}

TEST(copies_fit_or_are_empty)
{
	char out[4] = "zzz";
	EXPECT(str_copy(STR("abc"), out, 4) && strcmp(out, "abc") == 0);
	EXPECT(!str_copy(STR("abcd"), out, 4) && out[0] == 0);
	EXPECT(str_copy(STR_NONE, out, 1) && out[0] == 0);
	char *dup = str_dup(str_head(STR("hello"), 2));
	EXPECT(strcmp(dup, "he") == 0);
	free(dup);
}

TEST(a_hash_depends_on_every_byte_the_length_and_the_seed)
{
	char text[20] = "0123456789abcdefghi";
	for (size_t n = 0; n <= 19; n++)
		for (size_t k = 0; k < n; k++) {
			uint64_t h = str_hash(str_make(text, n), 5);
			text[k] ^= 1;
			EXPECT(str_hash(str_make(text, n), 5) != h);
			text[k] ^= 1;
			EXPECT(str_hash(str_make(text, n), 5) == h);
			EXPECT(str_hash(str_make(text, n), 6) != h);
		}
	EXPECT(str_hash(STR("\0"), 5) != str_hash(STR("\0\0"), 5));
	EXPECT(str_hash(STR_NONE, 5) != str_hash(STR("\0"), 5));
}

TEST(a_full_buf_stays_as_it_was_before_the_piece)
{
	char room[5];
	struct buf b = buf_make(room, sizeof room);
	buf_c(&b, "abc");
	buf_c(&b, "def");
	EXPECT(b.full);
	EXPECT_STR(buf_str(&b), "abc");
	buf_ch(&b, 'd'); /* would fit: but nothing is added any more */
	EXPECT_STR(buf_str(&b), "abc");
	buf_fmt(&b, "%d", 1);
	EXPECT_STR(buf_str(&b), "abc");
	b = buf_make(room, sizeof room);
	buf_c(&b, "abcde"); /* to the last byte */
	EXPECT(!b.full && b.n == 5);
	buf_put(&b, STR_NONE);
	EXPECT(!b.full);
	buf_fmt(&b, "%s", "");
	EXPECT(b.full); /* a NUL has no room */
	b = buf_make(NULL, 0);
	buf_fmt(&b, "x");
	EXPECT(b.full && b.n == 0);
}

TEST(numbers_and_hex_are_written)
{
	char room[200];
	struct buf b = buf_make(room, sizeof room);
	buf_u64(&b, 0);
	buf_ch(&b, ' ');
	buf_u64(&b, UINT64_MAX);
	buf_ch(&b, ' ');
	buf_i64(&b, INT64_MIN);
	buf_ch(&b, ' ');
	buf_i64(&b, -1);
	buf_ch(&b, ' ');
	buf_hex(&b, "\x00\x7f\xff", 3);
	buf_fmt(&b, " %05d %s", 42, "x");
	EXPECT_STR(buf_str(&b), "0 18446744073709551615 -9223372036854775808 -1 007fff 00042 x");
}

TEST(a_growing_buf_never_becomes_full)
{
	struct buf b = buf_grow(1);
	for (int i = 0; i < 1000; i++) {
		buf_fmt(&b, "%d,", i);
		buf_put(&b, STR("0123456789"));
	}
	EXPECT(!b.full && b.n == 10 + 2 * 90 + 3 * 900 + 1000 + 10000);
	buf_free(&b);
	EXPECT(!b.p && !b.n && !b.cap);
	b = buf_grow(8);
	buf_fmt(&b, "%s", "exactly8");
	buf_fmt(&b, "%s", "");
	EXPECT(!b.full);
	EXPECT_STR(buf_str(&b), "exactly8");
	buf_free(&b);
}
