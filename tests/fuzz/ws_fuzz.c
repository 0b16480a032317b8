/*
 * ws_fuzz.c - any bytes as what a WebSocket client sends.
 *
 * Laws: however the bytes are cut, the same messages come out and the same code ends them; text is
 * UTF-8; nothing is longer than the limit; a message of ours comes back from a reader as it went.
 * First byte: the size of the pieces.
 */
#include <stdlib.h>

#include "ws/ws.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LIMIT = 3000 };

/* The story of these bytes as text: kind, length and hash of each message, then the code. */
static void story(struct str bytes, size_t piece, struct buf *out)
{
	struct ws_reader r;
	struct ws_message m;
	enum err e = ERR_AGAIN;
	ws_reader_init(&r, LIMIT);
	while (bytes.n && e != ERR_INVALID) {
		struct str head = str_head(bytes, piece);
		char *copy = xcalloc(1, head.n);
		memcpy(copy, head.p, head.n);
		struct str in = str_make(copy, head.n);
		bytes = str_from(bytes, piece);
		while ((e = ws_read(&r, &in, &m)) == ERR_OK) {
			CHECK(m.bytes.n <= (m.kind >= WS_CLOSE ? 125u : (size_t)LIMIT));
			CHECK(m.kind != WS_TEXT || ws_is_text(m.bytes));
			buf_fmt(out, "%d %u %zu %llu\n", (int)m.kind, m.code, m.bytes.n,
				(unsigned long long)str_hash(m.bytes, 1));
		}
		CHECK(e == ERR_INVALID || !in.n);
		CHECK(r.message.cap <= 3 * LIMIT + 8192);
		free(copy);
	}
	if (e == ERR_INVALID)
		buf_fmt(out, "! %d\n", (int)r.code);
	ws_reader_finish(&r);
}

/* What ws_write makes, masked as a client would, is read as it was. */
static void there_and_back(struct str bytes)
{
	struct buf b = buf_grow(64), masked = buf_grow(64);
	struct ws_reader r;
	struct ws_message m;
	ws_write(&b, WS_BINARY, bytes);
	size_t head = b.n - bytes.n;
	buf_put(&masked, str_head(buf_str(&b), head));
	masked.p[1] = (char)(masked.p[1] | (char)0x80);
	buf_put(&masked, str_make("\0\0\0\0", 4));
	buf_put(&masked, bytes);
	struct str in = buf_str(&masked);
	ws_reader_init(&r, 1 << 20);
	CHECK(ws_read(&r, &in, &m) == ERR_OK && str_eq(m.bytes, bytes) && !in.n);
	ws_reader_finish(&r);
	buf_free(&b);
	buf_free(&masked);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	struct str bytes = str_make((const char *)data + 1, size - 1);
	struct buf whole = buf_grow(256), cut = buf_grow(256);
	story(bytes, SIZE_MAX, &whole);
	story(bytes, data[0] + 1u, &cut);
	CHECK(str_eq(buf_str(&whole), buf_str(&cut)));
	there_and_back(bytes);
	buf_free(&whole);
	buf_free(&cut);
	return 0;
}
