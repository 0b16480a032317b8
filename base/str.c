/* str.c - see str.h. */
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>

struct str str_of(const char *c)
{
	return (struct str){c, c ? strlen(c) : 0};
}

static unsigned char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : (unsigned char)c;
}

bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool str_ieq(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	return true;
}

int str_cmp(struct str a, struct str b)
{
	size_t n = MIN(a.n, b.n);
	int d = n ? memcmp(a.p, b.p, n) : 0;
	if (d)
		return d;
	return a.n < b.n ? -1 : a.n > b.n;
}

bool str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_eq(str_head(s, prefix.n), prefix);
}

bool str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n && str_eq(str_from(s, s.n - suffix.n), suffix);
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
	while (s.n && blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n && blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

struct str str_from(struct str s, size_t at)
{
	if (at >= s.n)
		return (struct str){s.p ? s.p + s.n : NULL, 0};
	return (struct str){s.p + at, s.n - at};
}

struct str str_head(struct str s, size_t n)
{
	return (struct str){s.p, MIN(s.n, n)};
}

ptrdiff_t str_find(struct str s, char c)
{
	const char *at = s.n ? memchr(s.p, c, s.n) : NULL;
	return at ? at - s.p : -1;
}

ptrdiff_t str_find_str(struct str s, struct str what)
{
	if (what.n == 0)
		return 0;
	const char *at = s.n >= what.n ? memmem(s.p, s.n, what.p, what.n) : NULL;
	return at ? at - s.p : -1;
}

bool str_cut(struct str s, char c, struct str *head, struct str *rest)
{
	ptrdiff_t at = str_find(s, c);
	if (at < 0) {
		*head = s;
		*rest = str_from(s, s.n);
		return false;
	}
	struct str before = str_head(s, (size_t)at);
	*rest = str_from(s, (size_t)at + 1);
	*head = before;
	return true;
}

bool str_among(struct str names, struct str name)
{
	struct str one;
	while (names.n) {
		str_cut(names, ',', &one, &names);
		if (str_eq(one, name))
			return true;
	}
	return false;
}

bool str_line(struct str *rest, struct str *line)
{
	if (!rest->n)
		return false;
	struct str head;
	str_cut(*rest, '\n', &head, rest);
	if (head.n && head.p[head.n - 1] == '\r')
		head.n--;
	*line = head;
	return true;
}

enum err str_to_u64(struct str s, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;
	if (!s.n)
		return ERR_INVALID;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return ERR_INVALID;
		uint64_t digit = (uint64_t)(s.p[i] - '0');
		if (__builtin_mul_overflow(v, 10u, &v) || __builtin_add_overflow(v, digit, &v))
			return ERR_INVALID;
	}
	if (v > max)
		return ERR_INVALID;
	*out = v;
	return ERR_OK;
}

enum err str_to_u32(struct str s, uint32_t max, uint32_t *out)
{
	uint64_t v;
	enum err e = str_to_u64(s, max, &v);
	if (e == ERR_OK)
		*out = (uint32_t)v;
	return e;
}

enum err str_to_i64(struct str s, int64_t *out)
{
	bool minus = s.n && s.p[0] == '-';
	uint64_t v;
	enum err e = str_to_u64(minus ? str_from(s, 1) : s, INT64_MAX, &v);
	if (e == ERR_OK)
		*out = minus ? -(int64_t)v : (int64_t)v;
	return e;
}

bool str_copy(struct str s, char *out, size_t room)
{
	CHECK(room > 0);
	bool fits = s.n < room;
	if (fits && s.n)
		memcpy(out, s.p, s.n);
	out[fits ? s.n : 0] = 0;
	return fits;
}

char *str_dup(struct str s)
{
	return xstrndup(s.p, s.n);
}

/* Multiply-and-fold over 8-byte words, keyed by the seed at both ends: quick, and good enough that
 * a peer who does not know the seed cannot line up collisions by hand. */
uint64_t str_hash(struct str s, uint64_t seed)
{
	uint64_t h = seed ^ (s.n * 0x9e3779b97f4a7c15ull);
	while (s.n) {
		uint64_t w = 0;
		size_t k = MIN(s.n, sizeof w);
		memcpy(&w, s.p, k);
		s = str_from(s, k);
		__uint128_t m = (__uint128_t)(h ^ w) * (0xd6e8feb86659fd93ull ^ (seed << 1 | 1));
		h = (uint64_t)m ^ (uint64_t)(m >> 64);
	}
	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93ull;
	return h ^ h >> 29 ^ seed;
}

struct buf buf_grow(size_t first_cap)
{
	return (struct buf){.p = xcalloc(1, first_cap), .cap = first_cap, .grows = true};
}

void buf_free(struct buf *b)
{
	if (b->grows)
		free(b->p);
	*b = (struct buf){0};
}

static void make_room(struct buf *b, size_t n)
{
	if (!b->grows || n <= b->cap - b->n)
		return;
	CHECK(n < SIZE_MAX / 4);
	b->cap = MAX(b->cap * 2, b->n + n);
	b->p = xrealloc(b->p, b->cap);
}

void buf_put(struct buf *b, struct str s)
{
	make_room(b, s.n);
	if (b->full || s.n > b->cap - b->n) {
		b->full = true;
		return;
	}
	if (s.n)
		memcpy(b->p + b->n, s.p, s.n);
	b->n += s.n;
}

void buf_c(struct buf *b, const char *c)
{
	buf_put(b, str_of(c));
}

void buf_ch(struct buf *b, char c)
{
	buf_put(b, (struct str){&c, 1});
}

void buf_u64(struct buf *b, uint64_t v)
{
	char digits[20];
	size_t at = sizeof digits;
	do {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	buf_put(b, (struct str){digits + at, sizeof digits - at});
}

void buf_i64(struct buf *b, int64_t v)
{
	if (v < 0)
		buf_ch(b, '-');
	buf_u64(b, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void buf_hex(struct buf *b, const void *p, size_t n)
{
	static const char digit[] = "0123456789abcdef";
	const unsigned char *u = p;
	for (size_t i = 0; i < n; i++) {
		char two[2] = {digit[u[i] >> 4], digit[u[i] & 15]};
		buf_put(b, (struct str){two, 2});
	}
}

void buf_fmt(struct buf *b, const char *fmt, ...)
{
	if (b->full)
		return;
	va_list ap, again;
	va_start(ap, fmt);
	va_copy(again, ap);
	size_t room = b->cap - b->n;
	char spare;
	int n = vsnprintf(room ? b->p + b->n : &spare, room, fmt, ap);
	va_end(ap);
	if (b->grows && n >= 0 && (size_t)n >= room) {
		make_room(b, (size_t)n + 1);
		room = b->cap - b->n;
		n = vsnprintf(b->p + b->n, room, fmt, again);
	}
	va_end(again);
	/* vsnprintf wants one byte for its NUL: a text that ends exactly at cap counts as too long
	 */
	if (n < 0 || (size_t)n >= room)
		b->full = true;
	else
		b->n += (size_t)n;
}

/* RFC 3629 section 4. */
size_t utf8_length(const unsigned char *p, size_t n)
{
	if (p[0] < 0x80)
		return 1;
	size_t need = p[0] >= 0xc2 && p[0] <= 0xdf   ? 2
		      : (p[0] & 0xf0) == 0xe0	     ? 3
		      : p[0] >= 0xf0 && p[0] <= 0xf4 ? 4
						     : 0;
	if (!need || need > n)
		return 0;
	for (size_t i = 1; i < need; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if (p[0] == 0xe0 && p[1] < 0xa0) /* overlong */
		return 0;
	if (p[0] == 0xed && p[1] > 0x9f) /* surrogate */
		return 0;
	if ((p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return need;
}
