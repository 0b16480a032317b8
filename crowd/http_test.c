/* http_test.c - answers as servers write them, whole and in pieces. RFC 9112. */
#include "crowd/http.h"
#include "tests/test.h"

static enum err parse(const char *text, size_t n, bool closed, uint32_t *status, char *body_out,
		      size_t *used, bool *keeps)
{
	char in[512];
	struct str body;
	memcpy(in, text, n);
	const enum err e = http_parse(in, n, closed, status, &body, used, keeps);
	if (!e)
		CHECK(str_copy(body, body_out, 256));
	return e;
}

TEST(answers_are_understood_whole_and_asked_on_in_pieces)
{
	static const struct {
		const char *text, *body;
		uint32_t status;
		bool keeps;
	} table[] = {
		{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello", 200, true},
		{"HTTP/1.1 200\r\ncontent-length:0\r\n\r\n", "", 200, true},
		{"HTTP/1.1 204 No Content\r\n\r\n", "", 204, true},
		{"HTTP/1.1 409 Conflict\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}", "{}",
		 409, false},
		/* section 7.1.3: chunks, an extension, a trailer */
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nWiki\r\n"
		 "A;x=y\r\npedia in ch\r\n0\r\nX: y\r\n\r\n",
		 NULL, 0, false}, /* wrong: A says ten, eleven came */
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nWiki\r\n"
		 "5;x=y\r\npedia\r\n0\r\nX: y\r\n\r\n",
		 "Wikipedia", 200, true},
	};
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		const size_t n = strlen(table[i].text);
		uint32_t status;
		size_t used;
		bool keeps;
		char body[256];
		const enum err e = parse(table[i].text, n, false, &status, body, &used, &keeps);
		if (!table[i].body) {
			EXPECT(e == ERR_INVALID);
			continue;
		}
		EXPECT(e == ERR_OK);
		EXPECT(status == table[i].status && used == n && keeps == table[i].keeps);
		EXPECT(strcmp(body, table[i].body) == 0);
		for (size_t k = 0; k < n; k++) {
			EXPECT(parse(table[i].text, k, false, &status, body, &used, &keeps) ==
			       ERR_FULL);
			EXPECT(parse(table[i].text, k, true, &status, body, &used, &keeps) ==
			       ERR_INVALID);
		}
	}
}

TEST(a_body_without_length_ends_with_the_connection)
{
	static const char text[] = "HTTP/1.0 200 OK\r\n\r\nall there is";
	uint32_t status;
	size_t used;
	bool keeps;
	char body[256];
	EXPECT(parse(text, sizeof text - 1, false, &status, body, &used, &keeps) == ERR_FULL);
	EXPECT(parse(text, sizeof text - 1, true, &status, body, &used, &keeps) == ERR_OK);
	EXPECT(!keeps && strcmp(body, "all there is") == 0);
}

TEST(what_is_not_http_is_refused)
{
	static const char *const wrong[] = {
		"SIP/2.0 200 OK\r\n\r\n",
		"HTTP/1.1 abc\r\n\r\n",
		"HTTP/1.1\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n",
	};
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		uint32_t status;
		size_t used;
		bool keeps;
		char body[256];
		EXPECT(parse(wrong[i], strlen(wrong[i]), false, &status, body, &used, &keeps) ==
		       ERR_INVALID);
	}
}
