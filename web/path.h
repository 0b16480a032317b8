/*
 * path.h - the small texts of a request: path, query, cookies, ranges. Pure.
 */
#pragma once

#include "base/arena.h"

#define PATH_SEGMENTS_MAX 12

struct path {
	struct str segments[PATH_SEGMENTS_MAX]; /* decoded; a segment may hold any byte but NUL */
	uint32_t count;
};

/* Percent-decoding (RFC 3986 section 2.1); plus: '+' means a space (forms). ERR_INVALID: a bad
 * escape, a control byte, or bytes that are not UTF-8. */
MUST_USE enum err path_decode(struct arena *a, struct str in, bool plus, struct str *out);
/* "/api/v1/x" -> its segments. A trailing slash, "." and ".." make it ERR_NOT_FOUND. */
MUST_USE enum err path_split(struct arena *a, struct str path, struct path *out);
/* The value of one parameter, decoded. ERR_NOT_FOUND: not given; ERR_INVALID: given twice or
 * badly encoded. A '+' stays a plus: times carry their offset that way. */
MUST_USE enum err query_get(struct arena *a, struct str query, const char *name, struct str *out);
/* RFC 6265 section 5.4; empty when absent. View into the header. */
struct str cookie_get(struct str header, const char *name);
/* RFC 9110 section 14: one `bytes` range of `size`. *first..*last inclusive. ERR_NOT_FOUND: no
 * range we serve (send all); ERR_INVALID: cannot be satisfied (416). */
MUST_USE enum err range_parse(struct str header, int64_t size, int64_t *first, int64_t *last);
