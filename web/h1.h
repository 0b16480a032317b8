/*
 * h1.h - HTTP/1.1 requests as bytes: the head, and bodies in chunks (RFC 9112).
 *
 * Strict where leniency lets two parties read one stream differently (faults.md S22): lines end in
 * CRLF, no folding, no space before a colon, one Content-Length, never together with
 * Transfer-Encoding. What is refused cannot be followed by another request on the same connection.
 * Pure: views in, views out.
 */
#pragma once

#include "base/str.h"

#define H1_HEAD_MAX 16384u
#define H1_HEADERS_MAX 64
#define H1_TARGET_MAX 8000u

enum http_method {
	HTTP_GET,
	HTTP_HEAD,
	HTTP_POST,
	HTTP_PUT,
	HTTP_DELETE,
	HTTP_PATCH,
	HTTP_OPTIONS,
	HTTP_OTHER,
};

enum http_method http_method_of(struct str word); /* as it is written: methods have case */
const char *http_method_word(enum http_method m);

struct h1_header {
	struct str name, value;
};

struct h1_head {
	enum http_method method;
	struct str method_text;
	struct str path, query; /* raw: still percent-encoded; the query without its '?' */
	struct h1_header headers[H1_HEADERS_MAX];
	uint32_t header_count;
	bool keep_alive, expect_continue, chunked;
	uint64_t length; /* Content-Length; 0 when absent */
};

/* *used: bytes of the head with its empty line. ERR_AGAIN: not all there yet; ERR_TOO_LARGE;
 * ERR_UNSUPPORTED: a version or coding we do not speak; ERR_INVALID. */
MUST_USE enum err h1_parse_head(struct str in, struct h1_head *out, size_t *used);
struct str h1_header(const struct h1_head *h, const char *name); /* first of that name, or empty */

/* RFC 9112 section 7.1. Zero it before the first call. */
struct h1_chunks {
	enum { CHUNK_SIZE, CHUNK_DATA, CHUNK_DATA_END, CHUNK_TRAILER, CHUNK_DONE } at;
	uint64_t left;	      /* of the chunk at hand */
	uint32_t line_length; /* of trailers, together */
};
/* Takes what it can off *in; a piece of the body, if there is one, goes to *piece. Call again while
 * it takes something. ERR_INVALID. Done when at == CHUNK_DONE. */
MUST_USE enum err h1_chunks_next(struct h1_chunks *c, struct str *in, struct str *piece);
