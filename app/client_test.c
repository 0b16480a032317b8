/* client_test.c - our HTTP client against a server that answers in pieces, slowly cut or wrongly.
 */
#include "app/client.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/listen.h"
#include "tests/test.h"

/* A server on a thread: takes one connection, reads the request, writes the pieces, closes. */
struct server {
	pthread_t thread;
	int fd;
	const struct str *pieces;
	size_t count;
	char asked[4096];
	char url[80];
};

static void *serve(void *arg)
{
	struct server *s = arg;
	struct pollfd p = {.fd = s->fd, .events = POLLIN};
	int c = poll(&p, 1, 10000) == 1 ? accept(s->fd, NULL, NULL) : -1;
	if (c < 0)
		return NULL;
	size_t n = 0;
	while (n < sizeof s->asked - 1 && !strstr(s->asked, "\r\n\r\n")) {
		ssize_t got = read(c, s->asked + n, sizeof s->asked - 1 - n);
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	for (size_t i = 0; i < s->count; i++)
		if (send(c, s->pieces[i].p, s->pieces[i].n, MSG_NOSIGNAL) < 0)
			break;
	shutdown(c, SHUT_WR);
	while (read(c, s->asked + n, sizeof s->asked - 1 - n) > 0)
		;
	close(c);
	return NULL;
}

static void server_begin(struct server *s, const struct str *pieces, size_t count)
{
	char why_text[256];
	struct buf why = buf_make(why_text, sizeof why_text);
	*s = (struct server){.pieces = pieces, .count = count};
	s->fd = listen_at("127.0.0.1:0", SOCK_STREAM, &why);
	CHECK(s->fd >= 0);
	struct buf url = buf_make(s->url, sizeof s->url - 1);
	buf_c(&url, "http://");
	listen_text(s->fd, &url);
	s->url[url.n] = 0;
}

static struct buf body;
static char streamed[4096];
static size_t streamed_n, pieces_n;

static void stream(struct str bytes)
{
	if (bytes.n)
		pieces_n++;
	memcpy(streamed + streamed_n, bytes.p, bytes.n);
	streamed_n += bytes.n;
}

static enum err ask(const struct str *pieces, size_t count, int *status, bool streams,
		    struct server *s)
{
	struct client c;
	server_begin(s, pieces, count);
	*status = 0;
	buf_free(&body);
	body = buf_grow(64);
	streamed_n = pieces_n = 0;
	enum err e = client_url(s->url, &c);
	CHECK(e == ERR_OK);
	CHECK(pthread_create(&s->thread, NULL, serve, s) == 0);
	e = client_request(&c, "POST", "/x", STR("tok"), STR("{}"), status, &body,
			   streams ? stream : NULL);
	client_close(&c);
	client_close(&c);
	pthread_join(s->thread, NULL);
	close(s->fd);
	return e;
}

#define HEAD(status, more) "HTTP/1.1 " status "\r\nServer: x\r\n" more "\r\n"

TEST(an_answer_with_a_length)
{
	static const struct str pieces[] = {STR("HTTP/1.1 20"),
					    STR("1 Created\r\ncontent-length: 5\r\n\r"),
					    STR("\nhel"), STR("lo")};
	struct server s;
	int status;
	EXPECT(ask(pieces, COUNT_OF(pieces), &status, false, &s) == ERR_OK && status == 201);
	EXPECT(str_starts(buf_str(&body), STR("hello")));
	struct str asked = str_of(s.asked);
	EXPECT(str_starts(asked, STR("POST /x HTTP/1.1\r\nHost: 127.0.0.1:")));
	EXPECT(str_find_str(asked, STR("Authorization: Bearer tok\r\n")) > 0);
	EXPECT(str_find_str(asked, STR("Content-Length: 2\r\n")) > 0);
}

TEST(an_answer_that_ends_with_the_connection)
{
	static const struct str pieces[] = {STR(HEAD("200 OK", "")), STR("all"), STR(" of it")};
	struct server s;
	int status;
	EXPECT(ask(pieces, COUNT_OF(pieces), &status, false, &s) == ERR_OK && status == 200);
	EXPECT_STR(buf_str(&body), "all of it");
}

/* RFC 9112 section 7.1, cut at every byte */
TEST(a_chunked_answer_cut_anywhere)
{
	static const char text[] =
		HEAD("200 OK", "Transfer-Encoding: chunked\r\n") "5\r\nhello\r\nA;name="
								 "value\r\n0123456789\r\n0\r\n\r\n";
	for (size_t cut = 1; cut < sizeof text - 1; cut += 3) {
		struct str pieces[2] = {{text, cut}, {text + cut, sizeof text - 1 - cut}};
		struct server s;
		int status;
		EXPECT(ask(pieces, 2, &status, false, &s) == ERR_OK && status == 200);
		EXPECT_STR(buf_str(&body), "hello0123456789");
		EXPECT(ask(pieces, 2, &status, true, &s) == ERR_OK);
		EXPECT_STR(str_make(streamed, streamed_n), "hello0123456789");
		EXPECT(!body.n && pieces_n >= 1);
	}
}

TEST(a_refusal_is_not_streamed)
{
	static const struct str pieces[] = {
		STR(HEAD("404 Not Found", "Content-Length: 2\r\n") "{}")};
	struct server s;
	int status;
	EXPECT(ask(pieces, 1, &status, true, &s) == ERR_OK && status == 404);
	EXPECT_STR(buf_str(&body), "{}");
	EXPECT(streamed_n == 0);
}

TEST(answers_that_are_none)
{
	static const struct {
		struct str bytes;
		enum err want;
	} cases[] = {
		{STR(""), ERR_IO},
		{STR("HTTP/1.1 200 OK\r\n"), ERR_IO},
		{STR("nonsense\r\n\r\n"), ERR_INVALID},
		{STR("HTTP/1.1 abc\r\n\r\n"), ERR_INVALID},
		/* a body that is torn */
		{STR(HEAD("200 OK", "Content-Length: 5\r\n") "hel"), ERR_IO},
		{STR(HEAD("200 OK", "Transfer-Encoding: chunked\r\n") "5\r\nhel"), ERR_IO},
		{STR(HEAD("200 OK", "Transfer-Encoding: chunked\r\n") "5\r\nhello\r\n"), ERR_IO},
		/* chunks of an impossible size */
		{STR(HEAD("200 OK", "Transfer-Encoding: chunked\r\n") "xyz\r\nhello\r\n0\r\n\r\n"),
		 ERR_INVALID},
		{STR(HEAD("200 OK", "Transfer-Encoding: chunked\r\n") "fffffffffffffffa\r\nhello\r"
								      "\n0\r\n\r\n"),
		 ERR_INVALID},
		{STR(HEAD("200 OK", "Transfer-Encoding: chunked\r\n") "\r\nhello\r\n0\r\n\r\n"),
		 ERR_INVALID},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct server s;
		int status;
		enum err e = ask(&cases[i].bytes, 1, &status, false, &s);
		EXPECT(e == cases[i].want);
	}
	buf_free(&body);
}

TEST(addresses_of_servers)
{
	struct client c;
	EXPECT(client_url("https://127.0.0.1:1", &c) == ERR_IO);
	EXPECT(client_url("ftp://x", &c) == ERR_INVALID && client_url("", &c) == ERR_INVALID);
	EXPECT(client_url("http://", &c) == ERR_INVALID);
	EXPECT(client_url("http://127.0.0.1:1/", &c) == ERR_IO); /* nobody listens there */
	EXPECT(client_local("/nowhere", &c) == ERR_NOT_FOUND);
	char huge[300];
	memset(huge, 'x', sizeof huge - 1);
	huge[sizeof huge - 1] = 0;
	EXPECT(client_local(huge, &c) == ERR_TOO_LARGE);
	struct buf url = buf_grow(400);
	buf_fmt(&url, "http://%s:80", huge);
	EXPECT(client_url(url.p, &c) == ERR_INVALID);
	buf_free(&url);
}
