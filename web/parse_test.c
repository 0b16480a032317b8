/* parse_test.c - the texts of a request: heads, chunks, paths, queries, cookies, ranges. */
#include "tests/test.h"
#include "web/h1.h"
#include "web/path.h"

static enum err head_of(const char *text, struct h1_head *h)
{
	size_t used = 0;
	const enum err e = h1_parse_head(str_of(text), h, &used);
	if (e == ERR_OK)
		EXPECT(used <= strlen(text));
	return e;
}

TEST(a_plain_head_is_read)
{
	struct h1_head h;
	EXPECT(head_of("\r\nPUT /a/b?x=1&y=2 HTTP/1.1\r\nHost: h\r\nContent-Length: 12\r\n"
		       "X-Odd:   spaced \t\r\n\r\nrest",
		       &h) == ERR_OK);
	EXPECT(h.method == HTTP_PUT && h.length == 12 && h.keep_alive && !h.chunked);
	EXPECT_STR(h.path, "/a/b");
	EXPECT_STR(h.query, "x=1&y=2");
	EXPECT_STR(h1_header(&h, "x-ODD"), "spaced");
	EXPECT(head_of("GET http://h:80/p?q HTTP/1.1\r\nHost: h\r\n\r\n", &h) == ERR_OK);
	EXPECT_STR(h.path, "/p");
	EXPECT(head_of("GET / HTTP/1.0\r\n\r\n", &h) == ERR_OK && !h.keep_alive);
	EXPECT(head_of("GET / HTTP/1.1\r\nHost: h\r\nConnection: x, Close\r\n\r\n", &h) == ERR_OK &&
	       !h.keep_alive);
}

/* faults.md S22; RFC 9112 sections 2.2, 3, 5, 6 */
TEST(what_two_readers_could_read_differently_is_refused)
{
	/* clang-format off */
	static const char *const bad[] = {
		"GET / HTTP/1.1\nHost: h\n\n",			   /* bare LF */
		"GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n",	   /* bare LF inside */
		"GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", /* obs-fold */
		"GET / HTTP/1.1\r\n Host: h\r\n\r\n",
		"GET / HTTP/1.1\r\nHost : h\r\n\r\n", /* space before the colon */
		"GET / HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n",
		"GET / HTTP/1.1\r\n\r\n", /* no Host */
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5, 5\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +5\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0x5\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length:\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
		"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding : chunked\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding\x0b: chunked\r\n\r\n",
		"GET  / HTTP/1.1\r\nHost: h\r\n\r\n",
		"GET /a b HTTP/1.1\r\nHost: h\r\n\r\n",
		"GET / HTTP/1.1 \r\nHost: h\r\n\r\n",
		"GET /#frag HTTP/1.1\r\nHost: h\r\n\r\n",
		"GET a HTTP/1.1\r\nHost: h\r\n\r\n",
		"G\xc3\xa9T / HTTP/1.1\r\nHost: h\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: h\r\nX: a\x01\r\n\r\n",
		"GET /\r\nHost: h\r\n\r\n",
		"GET\r\n\r\n",
		"\n",
	};
	/* clang-format on */
	struct h1_head h;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		if (head_of(bad[i], &h) == ERR_INVALID)
			continue;
		test_failed("accepted", __FILE__, __LINE__);
		test_say(str_of(bad[i]));
	}
	/* a NUL in a value */
	static const char nul[] = "GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n";
	size_t used;
	EXPECT(h1_parse_head(str_make(nul, sizeof nul - 1), &h, &used) == ERR_INVALID);
	EXPECT(head_of("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", &h) ==
	       ERR_UNSUPPORTED);
	EXPECT(head_of("GET / HTTP/2.0\r\nHost: h\r\n\r\n", &h) == ERR_UNSUPPORTED);
}

TEST(a_head_that_is_not_there_yet_is_waited_for_up_to_its_limit)
{
	static const char whole[] = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
	struct h1_head h;
	size_t used;
	for (size_t n = 0; n + 1 < sizeof whole - 1; n++)
		EXPECT(h1_parse_head(str_make(whole, n), &h, &used) == ERR_AGAIN);
	struct buf big = buf_grow(H1_HEAD_MAX * 2);
	buf_c(&big, "GET / HTTP/1.1\r\nHost: h\r\nX: ");
	while (big.n < H1_HEAD_MAX + 10)
		buf_ch(&big, 'a');
	EXPECT(h1_parse_head(buf_str(&big), &h, &used) == ERR_TOO_LARGE);
	big.n = 0;
	buf_c(&big, "GET / HTTP/1.1\r\nHost: h\r\n");
	for (int i = 0; i < H1_HEADERS_MAX; i++)
		buf_c(&big, "X: a\r\n");
	buf_c(&big, "\r\n");
	EXPECT(h1_parse_head(buf_str(&big), &h, &used) == ERR_TOO_LARGE);
	buf_free(&big);
}

/* Feeds the text in pieces of `step` bytes; the body, or "!" when refused, or "?" when unfinished.
 */
static struct str unchunk(const char *text, size_t step, struct buf *body)
{
	struct h1_chunks c = {0};
	struct buf in = buf_grow(64);
	struct str rest = str_of(text);
	size_t at = 0;
	body->n = 0;
	while (c.at != CHUNK_DONE && (rest.n || at < in.n)) {
		buf_put(&in, str_head(rest, step));
		rest = str_from(rest, step);
		struct str left = str_make(in.p + at, in.n - at), piece;
		for (;;) {
			const size_t before = left.n;
			const int state = (int)c.at;
			if (h1_chunks_next(&c, &left, &piece) != ERR_OK) {
				buf_free(&in);
				return STR("!");
			}
			buf_put(body, piece);
			if (c.at == CHUNK_DONE || (left.n == before && state == (int)c.at))
				break;
		}
		at = in.n - left.n;
		if (!rest.n)
			break;
	}
	buf_free(&in);
	return c.at == CHUNK_DONE ? buf_str(body) : STR("?");
}

TEST(chunks_are_joined_however_they_come)
{
	struct buf body = buf_grow(64);
	for (size_t step = 1; step < 40; step++) {
		EXPECT_STR(unchunk("4\r\nWiki\r\n5;x=y\r\npedia\r\n0\r\nT: x\r\n\r\n", step, &body),
			   "Wikipedia");
		EXPECT_STR(unchunk("A\r\n0123456789\r\n0\r\n\r\n", step, &body), "0123456789");
		EXPECT_STR(unchunk("g\r\n", step, &body), "!");
		EXPECT_STR(unchunk("-1\r\n", step, &body), "!");
		EXPECT_STR(unchunk("100000000\r\n", step, &body), "!");
		EXPECT_STR(unchunk("4\r\nWikiX\r\n0\r\n\r\n", step, &body), "!");
		EXPECT_STR(unchunk("4\nWiki\r\n", step, &body), "!");
		EXPECT_STR(unchunk("4\r\nWi", step, &body), "?");
	}
	buf_free(&body);
}

TEST(paths_are_split_before_they_are_decoded)
{
	struct arena a;
	struct path p;
	arena_init(&a);
	EXPECT(path_split(&a, STR("/api/v1/tenants/acme/numbers/%2B48221000000"), &p) == ERR_OK);
	EXPECT(p.count == 6);
	EXPECT_STR(p.segments[5], "+48221000000");
	EXPECT(path_split(&a, STR("/a/b%2Fc+d"), &p) == ERR_OK && p.count == 2);
	EXPECT_STR(p.segments[1], "b/c+d");
	EXPECT(path_split(&a, STR("/"), &p) == ERR_OK && p.count == 0);
	static const char *const nowhere[] = {"",	   "a",	   "//",
					      "/a//b",	   "/a/",  "/a/../b",
					      "/a/%2e%2E", "/./a", "/1/2/3/4/5/6/7/8/9/a/b/c/d"};
	for (size_t i = 0; i < COUNT_OF(nowhere); i++)
		EXPECT(path_split(&a, str_of(nowhere[i]), &p) == ERR_NOT_FOUND);
	static const char *const bad[] = {"/%",		"/%4",		 "/%zz",   "/%00",
					  "/%0a",	"/%7f",		 "/%ff",   "/%c0%af",
					  "/%ed%a0%80", "/%f5%80%80%80", "/%e2%82"};
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		EXPECT(path_split(&a, str_of(bad[i]), &p) == ERR_INVALID);
	arena_finish(&a);
}

TEST(a_query_gives_each_name_once)
{
	struct arena a;
	struct str v;
	arena_init(&a);
	EXPECT(query_get(&a, STR("from=2026-11-21T10:00:00+01:00&x=a%26b"), "from", &v) == ERR_OK);
	EXPECT_STR(v, "2026-11-21T10:00:00+01:00");
	EXPECT(query_get(&a, STR("from=1&x=a%26b"), "x", &v) == ERR_OK);
	EXPECT_STR(v, "a&b");
	EXPECT(query_get(&a, STR("x=1&x=2"), "x", &v) == ERR_INVALID);
	EXPECT(query_get(&a, STR("xy=1"), "x", &v) == ERR_NOT_FOUND);
	EXPECT(query_get(&a, STR("x"), "x", &v) == ERR_OK && v.n == 0);
	EXPECT(query_get(&a, STR("x=%0"), "x", &v) == ERR_INVALID);
	EXPECT_STR(cookie_get(STR("a=1; sid=xyz;b=2"), "sid"), "xyz");
	EXPECT(cookie_get(STR("asid=1"), "sid").n == 0);
	arena_finish(&a);
}

/* RFC 9110 section 14.1.2 */
TEST(ranges_lie_inside_the_file)
{
	static const struct {
		const char *header;
		int64_t size;
		enum err e;
		int64_t first, last;
	} table[] = {
		{"bytes=0-499", 10000, ERR_OK, 0, 499},
		{"bytes=500-999", 10000, ERR_OK, 500, 999},
		{"bytes=-500", 10000, ERR_OK, 9500, 9999},
		{"bytes=9500-", 10000, ERR_OK, 9500, 9999},
		{"bytes=0-0", 1, ERR_OK, 0, 0},
		{"bytes=-5", 3, ERR_OK, 0, 2},
		{"bytes=5-99999", 10, ERR_OK, 5, 9},
		{"bytes=10-", 10, ERR_INVALID, 0, 0},
		{"bytes=-0", 10, ERR_INVALID, 0, 0},
		{"bytes=0-", 0, ERR_INVALID, 0, 0},
		{"bytes=5-4", 10, ERR_NOT_FOUND, 0, 0},
		{"bytes=0-1,3-4", 10, ERR_NOT_FOUND, 0, 0},
		{"bytes=-", 10, ERR_NOT_FOUND, 0, 0},
		{"bytes=a-b", 10, ERR_NOT_FOUND, 0, 0},
		{"bytes=0-99999999999999999999", 10, ERR_NOT_FOUND, 0, 0},
		{"items=0-1", 10, ERR_NOT_FOUND, 0, 0},
		{"", 10, ERR_NOT_FOUND, 0, 0},
	};
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		int64_t first = 0, last = 0;
		EXPECT(range_parse(str_of(table[i].header), table[i].size, &first, &last) ==
		       table[i].e);
		EXPECT(first == table[i].first && last == table[i].last);
	}
}
