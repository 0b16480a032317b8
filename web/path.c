/* path.c - see path.h. */
#include "web/path.h"

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
		return (c | 0x20) - 'a' + 10;
	return -1;
}

/* RFC 3629: no overlong forms, no surrogates, nothing past U+10FFFF. */
static bool is_utf8(struct str s)
{
	for (size_t i = 0; i < s.n;) {
		const unsigned char c = (unsigned char)s.p[i];
		const size_t more = c < 0x80   ? 0
				    : c < 0xc2 ? 9
				    : c < 0xe0 ? 1
				    : c < 0xf0 ? 2
				    : c < 0xf5 ? 3
					       : 9;
		if (more > s.n - i - 1)
			return false;
		for (size_t k = 1; k <= more; k++)
			if (((unsigned char)s.p[i + k] & 0xc0) != 0x80)
				return false;
		const unsigned char d = more ? (unsigned char)s.p[i + 1] : 0;
		if ((c == 0xe0 && d < 0xa0) || (c == 0xed && d > 0x9f) || (c == 0xf0 && d < 0x90) ||
		    (c == 0xf4 && d > 0x8f))
			return false;
		i += more + 1;
	}
	return true;
}

enum err path_decode(struct arena *a, struct str in, bool plus, struct str *out)
{
	char *to = arena_alloc(a, in.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < in.n; i++) {
		char c = in.p[i];
		if (c == '%') {
			if (in.n - i < 3)
				return ERR_INVALID;
			const int high = hex_digit(in.p[i + 1]), low = hex_digit(in.p[i + 2]);
			if (high < 0 || low < 0)
				return ERR_INVALID;
			c = (char)(high << 4 | low);
			i += 2;
		} else if (plus && c == '+') {
			c = ' ';
		}
		if ((unsigned char)c < 0x20 || c == 0x7f)
			return ERR_INVALID;
		to[n++] = c;
	}
	if (!is_utf8(str_make(to, n)))
		return ERR_INVALID;
	*out = str_make(to, n);
	return ERR_OK;
}

enum err path_split(struct arena *a, struct str path, struct path *out)
{
	struct path p = {0};
	if (!path.n || path.p[0] != '/')
		return ERR_NOT_FOUND;
	path = str_from(path, 1);
	while (path.n) {
		struct str raw;
		const bool more = str_cut(path, '/', &raw, &path);
		if (!raw.n || (more && !path.n) || p.count == PATH_SEGMENTS_MAX)
			return ERR_NOT_FOUND;
		if (path_decode(a, raw, false, &p.segments[p.count]) != ERR_OK)
			return ERR_INVALID;
		if (str_is(p.segments[p.count], ".") || str_is(p.segments[p.count], ".."))
			return ERR_NOT_FOUND;
		p.count++;
	}
	*out = p;
	return ERR_OK;
}

enum err query_get(struct arena *a, struct str query, const char *name, struct str *out)
{
	struct str found = STR_NONE;
	bool seen = false;
	while (query.n) {
		struct str item, key, value;
		str_cut(query, '&', &item, &query);
		str_cut(item, '=', &key, &value);
		if (!str_is(key, name))
			continue;
		if (seen || path_decode(a, value, false, &found) != ERR_OK)
			return ERR_INVALID;
		seen = true;
	}
	if (!seen)
		return ERR_NOT_FOUND;
	*out = found;
	return ERR_OK;
}

struct str cookie_get(struct str header, const char *name)
{
	while (header.n) {
		struct str item, key, value;
		str_cut(header, ';', &item, &header);
		if (str_cut(str_trim(item), '=', &key, &value) && str_is(key, name))
			return value;
	}
	return STR_NONE;
}

enum err range_parse(struct str header, int64_t size, int64_t *first, int64_t *last)
{
	struct str from, to;
	uint64_t a = 0, b = INT64_MAX;

	if (!str_starts(header, STR("bytes=")))
		return ERR_NOT_FOUND;
	header = str_trim(str_from(header, 6));
	/* several ranges may be answered with the whole (RFC 9110 section 14.2) */
	if (str_find(header, ',') >= 0 || !str_cut(header, '-', &from, &to))
		return ERR_NOT_FOUND;
	if ((from.n && str_to_u64(from, INT64_MAX, &a) != ERR_OK) ||
	    (to.n && str_to_u64(to, INT64_MAX, &b) != ERR_OK) || (!from.n && !to.n))
		return ERR_NOT_FOUND;
	if (!from.n) { /* the last b bytes */
		if (!b || !size)
			return ERR_INVALID;
		*first = (int64_t)b < size ? size - (int64_t)b : 0;
		*last = size - 1;
		return ERR_OK;
	}
	if (to.n && b < a)
		return ERR_NOT_FOUND;
	if ((int64_t)a >= size)
		return ERR_INVALID;
	*first = (int64_t)a;
	*last = (int64_t)b < size ? (int64_t)b : size - 1;
	return ERR_OK;
}
