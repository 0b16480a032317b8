/*
 * http_path_fuzz.c - the texts of an HTTP request. Laws: what is accepted lies inside what came in;
 * a decoded path holds no control byte; a range lies inside its file; a head read whole is not read
 * differently when more bytes follow; chunks give the same body in one piece and byte by byte.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* the doors are not linked into fuzz targets; these two files of theirs are pure */
#include "web/h1.c"
#include "web/path.c"

static void inside(struct str part, struct str whole)
{
	CHECK(part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n));
}

static void head(struct str in)
{
	struct h1_head h, again;
	size_t used = 0, used_again = 0;
	if (h1_parse_head(in, &h, &used) != ERR_OK)
		return;
	CHECK(used <= in.n && used >= 4);
	if (!str_is(h.path, "/")) /* "http://host" has no path of its own to point at */
		inside(h.path, in);
	inside(h.query, in);
	CHECK(!(h.chunked && h.length) && h.header_count <= H1_HEADERS_MAX);
	for (uint32_t i = 0; i < h.header_count; i++) {
		inside(h.headers[i].name, in);
		inside(h.headers[i].value, in);
		CHECK(str_find(h.headers[i].value, '\n') < 0 &&
		      str_find(h.headers[i].value, '\r') < 0);
	}
	CHECK(h1_parse_head(str_head(in, used), &again, &used_again) == ERR_OK);
	CHECK(used_again == used && again.header_count == h.header_count);
}

static void path(struct str in)
{
	struct arena a;
	struct path p;
	struct str v;
	arena_init(&a);
	if (path_split(&a, in, &p) == ERR_OK) {
		CHECK(p.count <= PATH_SEGMENTS_MAX);
		for (uint32_t i = 0; i < p.count; i++) {
			CHECK(p.segments[i].n <= in.n && p.segments[i].n > 0);
			for (size_t k = 0; k < p.segments[i].n; k++)
				CHECK((unsigned char)p.segments[i].p[k] >= 0x20);
		}
	}
	if (query_get(&a, in, "after", &v) == ERR_OK)
		CHECK(v.n <= in.n);
	inside(cookie_get(in, "sid"), in);
	arena_finish(&a);
}

static void range(struct str in)
{
	static const int64_t sizes[] = {0, 1, 2, 1000, INT64_MAX};
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		int64_t first, last;
		if (range_parse(in, sizes[i], &first, &last) == ERR_OK)
			CHECK(first >= 0 && first <= last && last < sizes[i]);
	}
}

/* Body of what is fed `step` bytes at a time; false when refused. */
static bool chunks(struct str in, size_t step, struct buf *body)
{
	struct h1_chunks c = {0};
	size_t at = 0, have = 0;
	while (c.at != CHUNK_DONE && have < in.n) {
		have = MIN(in.n, have + step);
		for (;;) {
			struct str left = str_make(in.p + at, have - at), piece;
			const size_t before = left.n;
			const int state = (int)c.at;
			if (h1_chunks_next(&c, &left, &piece) != ERR_OK)
				return false;
			inside(piece, in);
			buf_put(body, piece);
			at = have - left.n;
			if (c.at == CHUNK_DONE || (left.n == before && state == (int)c.at))
				break;
		}
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct str in = str_make((const char *)data, size);
	struct buf whole = buf_grow(size), bytes = buf_grow(size);
	head(in);
	path(in);
	range(in);
	if (chunks(in, size ? size : 1, &whole) && chunks(in, 1, &bytes))
		CHECK(str_eq(buf_str(&whole), buf_str(&bytes)));
	buf_free(&whole);
	buf_free(&bytes);
	return 0;
}
