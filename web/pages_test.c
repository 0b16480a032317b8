/* pages_test.c - which page answers which address, and how (RFC 9110, RFC 9111). */
#include "tests/test.h"
#include "web/pages.h"

#include "web/head.h"

#define FILE_OF(path_, bytes_, tag_)                                                               \
	{                                                                                          \
		.path = (path_), .bytes = (bytes_), .size = sizeof(bytes_) - 1, .etag = (tag_)     \
	}

static const struct page_file files[] = {
	FILE_OF("/assets/main-1a.js", "let a = 1234;", "t1"),
	FILE_OF("/assets/main-1a.js.br", "brotli", "t2"),
	FILE_OF("/assets/main-1a.js.gz", "gzipped", "t3"),
	FILE_OF("/assets/main-1a.json", "{}", "t4"),
	FILE_OF("/favicon.svg", "<svg/>", "t5"),
	FILE_OF("/index.html", "<!doctype html>", "t6"),
};
static const struct pages some = {files, COUNT_OF(files)};

struct asked {
	enum err e;
	struct http_answer a;
	struct str extra;
};

/* headers: name and value, in turn; NULL ends them */
static struct asked ask_page(const struct pages *p, enum http_method m, const char *path,
			     const char *const *headers)
{
	static struct http_answer last;
	struct h1_head h = {.method = m, .path = str_of(path)};
	for (; headers && headers[0]; headers += 2)
		h.headers[h.header_count++] =
			(struct h1_header){str_of(headers[0]), str_of(headers[1])};
	http_answer_drop(&last);
	struct asked got = {.e = pages_answer(p, &h, &last)};
	if (got.e != ERR_OK)
		last = (struct http_answer){0};
	got.a = last;
	got.extra = buf_str(&got.a.extra);
	return got;
}

static struct asked get(const char *path, const char *name, const char *value)
{
	const char *const headers[] = {name, value, NULL, NULL};
	return ask_page(&some, HTTP_GET, path, headers);
}

static bool says(const struct asked *a, const char *line)
{
	return str_find_str(a->extra, str_of(line)) >= 0;
}

static void forget_last(void)
{
	(void)ask_page(&some, HTTP_GET, "/none.here", NULL);
}

TEST(routes_of_the_browser_get_the_index_and_the_rest_is_not_found)
{
	static const char *const index[] = {"/",       "/desk",	      "/customers/%2B48221",
					    "/a/b/c/", "/index.html", "/api-docs"};
	static const char *const none[] = {
		"/api",
		"/api/",
		"/api/v2/x",
		"/ctl/show/x",
		"/assets",
		"/assets/",
		"/assets/main",
		"/assets/main-1a.js.br",
		"/assets/main-1a.js.gz",
		"/assets/main-1a.j",
		"/assets/main-1a.jsx",
		"/assets/../index.html",
		"/assets/%2e%2e/index.html.",
		"/../../etc/passwd.d",
		"/favicon.ico",
		"//evil.example",
		"",
		"index.html",
	};
	for (uint32_t i = 0; i < COUNT_OF(index); i++) {
		struct asked a = get(index[i], NULL, NULL);
		EXPECT(a.e == ERR_OK && a.a.status == 200);
		EXPECT_STR(a.a.still, "<!doctype html>");
		EXPECT(says(&a, "Cache-Control: no-cache\r\n") && says(&a, "ETag: \"t6\"\r\n"));
	}
	for (uint32_t i = 0; i < COUNT_OF(none); i++)
		EXPECT(get(none[i], NULL, NULL).e == ERR_NOT_FOUND);
	/* a NUL inside must not end the comparison early */
	struct h1_head h = {.method = HTTP_GET, .path = str_make("/favicon.svg\0x", 14)};
	struct http_answer out;
	EXPECT(pages_answer(&some, &h, &out) == ERR_NOT_FOUND);
	forget_last();
}

TEST(the_reference_of_the_interface_is_a_page_of_its_own)
{
	static const struct page_file docs[] = {
		{"/api-docs.html", "<!doctype html>reference", 24, "t1"},
		{"/index.html", "<!doctype html>", 15, "t2"}};
	static const struct pages both = {docs, COUNT_OF(docs)};
	struct asked a = ask_page(&both, HTTP_GET, "/api/docs", NULL);
	EXPECT(a.e == ERR_OK && a.a.status == 200);
	EXPECT_STR(a.a.still, "<!doctype html>reference");
	EXPECT(ask_page(&both, HTTP_GET, "/api/docs/x", NULL).e == ERR_NOT_FOUND);
	EXPECT(get("/api/docs", NULL, NULL).e == ERR_NOT_FOUND); /* a build without it */
	forget_last();
}

TEST(assets_are_kept_for_ever_and_have_types)
{
	struct asked a = get("/assets/main-1a.js", NULL, NULL);
	EXPECT(a.e == ERR_OK);
	EXPECT_STR(str_of(a.a.type), "text/javascript; charset=utf-8");
	EXPECT(says(&a, "Cache-Control: public, max-age=31536000, immutable\r\n"));
	EXPECT(says(&a, "Vary: Accept-Encoding\r\n") && says(&a, "ETag: \"t1\"\r\n"));
	EXPECT_STR(a.a.still, "let a = 1234;");
	a = get("/favicon.svg", NULL, NULL);
	EXPECT_STR(str_of(a.a.type), "image/svg+xml");
	EXPECT(!says(&a, "Vary") && says(&a, "no-cache"));
	forget_last();
}

TEST(the_packed_sibling_answers_when_it_is_preferred)
{
	static const struct {
		const char *accept, *body, *coding;
	} cases[] = {
		{"gzip, deflate, br, zstd", "brotli", "Content-Encoding: br\r\n"},
		{"gzip", "gzipped", "Content-Encoding: gzip\r\n"},
		{"br;q=0.5, gzip;q=0.8", "gzipped", "Content-Encoding: gzip\r\n"},
		{"br;q=0, gzip", "gzipped", "Content-Encoding: gzip\r\n"},
		{"BR ; Q=1.0", "brotli", "Content-Encoding: br\r\n"},
		{"*", "brotli", "Content-Encoding: br\r\n"},
		{"*;q=0, gzip;q=0.001", "gzipped", "Content-Encoding: gzip\r\n"},
		{"identity", "let a = 1234;", NULL},
		{"", "let a = 1234;", NULL},
		{"br;q=0,gzip;q=0.000", "let a = 1234;", NULL},
		{"br;q=x, gzip;q=", "let a = 1234;", NULL},
		{"brotli", "let a = 1234;", NULL},
	};
	for (uint32_t i = 0; i < COUNT_OF(cases); i++) {
		struct asked a = get("/assets/main-1a.js", "accept-encoding", cases[i].accept);
		EXPECT_STR(a.a.still, cases[i].body);
		EXPECT(cases[i].coding ? says(&a, cases[i].coding) : !says(&a, "Content-Enc"));
	}
	struct asked a = get("/favicon.svg", "accept-encoding", "br");
	EXPECT_STR(a.a.still, "<svg/>");
	forget_last();
}

TEST(what_the_browser_has_is_not_sent_again)
{
	static const char *const same[] = {"\"t1\"", "W/\"t1\"", "\"x\", \"t1\"", "*"};
	static const char *const other[] = {"\"t2\"", "t1", "\"t1", "\"\"", "\"t1x\"", ""};
	for (uint32_t i = 0; i < COUNT_OF(same); i++) {
		struct asked a = get("/assets/main-1a.js", "if-none-match", same[i]);
		EXPECT(a.a.status == 304 && !a.a.still.n && says(&a, "ETag: \"t1\"\r\n"));
	}
	for (uint32_t i = 0; i < COUNT_OF(other); i++)
		EXPECT(get("/assets/main-1a.js", "if-none-match", other[i]).a.status == 200);
	/* each coding is a representation with a tag of its own */
	const char *const h[] = {"if-none-match", "\"t1\"", "accept-encoding", "br", NULL, NULL};
	EXPECT(ask_page(&some, HTTP_GET, "/assets/main-1a.js", h).a.status == 200);
	forget_last();
}

TEST(a_part_of_a_page_can_be_had)
{
	struct asked a = get("/assets/main-1a.js", "range", "bytes=4-6");
	EXPECT(a.a.status == 206);
	EXPECT_STR(a.a.still, "a =");
	EXPECT(says(&a, "Content-Range: bytes 4-6/13\r\n"));
	a = get("/assets/main-1a.js", "range", "bytes=-2");
	EXPECT_STR(a.a.still, "4;");
	a = get("/assets/main-1a.js", "range", "bytes=13-");
	EXPECT(a.a.status == 416 && !a.a.still.n && says(&a, "Content-Range: bytes */13\r\n"));
	a = get("/assets/main-1a.js", "range", "bytes=0-1,3-4");
	EXPECT(a.a.status == 200 && a.a.still.n == 13);
	const char *const old[] = {"range", "bytes=0-1", "if-range", "\"t9\"", NULL, NULL};
	EXPECT(ask_page(&some, HTTP_GET, "/assets/main-1a.js", old).a.status == 200);
	const char *const weak[] = {"range", "bytes=0-1", "if-range", "W/\"t1\"", NULL, NULL};
	EXPECT(ask_page(&some, HTTP_GET, "/assets/main-1a.js", weak).a.status == 200);
	const char *const now[] = {"range", "bytes=0-1", "if-range", "\"t1\"", NULL, NULL};
	EXPECT(ask_page(&some, HTTP_GET, "/assets/main-1a.js", now).a.status == 206);
	forget_last();
}

TEST(pages_are_read_only_and_say_so_when_there_are_none)
{
	static const struct pages none = {NULL, 0};
	EXPECT(ask_page(&some, HTTP_POST, "/", NULL).e == ERR_UNSUPPORTED);
	EXPECT(ask_page(&some, HTTP_DELETE, "/favicon.svg", NULL).e == ERR_UNSUPPORTED);
	EXPECT(ask_page(&some, HTTP_PUT, "/none.js", NULL).e == ERR_NOT_FOUND);
	struct asked a = ask_page(&none, HTTP_GET, "/", NULL);
	EXPECT(a.e == ERR_OK && str_find_str(a.a.still, STR("make ui")) > 0);
	EXPECT(ask_page(&none, HTTP_GET, "/desk", NULL).e == ERR_NOT_FOUND);
	EXPECT(ask_page(&none, HTTP_POST, "/", NULL).e == ERR_UNSUPPORTED);
	forget_last();
}

static struct str head_of(struct buf *b, const char *host, bool secure)
{
	b->n = 0;
	head_put(b, &(struct head_options){
			    .status = 200, .length = 3, .host = str_of(host), .secure = secure});
	return buf_str(b);
}

TEST(the_policy_names_our_own_host_and_nothing_that_a_host_header_smuggles)
{
	static const char *const bad[] = {"a; script-src *", "a b", "a\"", "", "a,b", "a/b", "*"};
	struct buf b = buf_grow(1024);
	EXPECT(str_find_str(head_of(&b, "desk.acme.test:8443", true),
			    STR("connect-src 'self' wss://desk.acme.test:8443; frame")) > 0);
	EXPECT(str_find_str(head_of(&b, "[::1]:8080", false),
			    STR("connect-src 'self' ws://[::1]:8080; frame")) > 0);
	for (uint32_t i = 0; i < COUNT_OF(bad); i++)
		EXPECT(str_find_str(head_of(&b, bad[i], false), STR("connect-src 'self'; frame")) >
		       0);
	EXPECT(str_find_str(buf_str(&b), STR("Cache-Control: no-store")) > 0);
	EXPECT(str_find_str(buf_str(&b), STR("Strict-Transport")) < 0);
	EXPECT(str_find_str(head_of(&b, "a", true), STR("Strict-Transport")) > 0);
	buf_free(&b);
}
