/*
 * str.h - strings as views, and a bounded writer.
 *
 * A `struct str` never owns its bytes and has no terminator; the one who made it says how long the
 * bytes live. A `struct buf` writes into memory of its owner and never past it: after an overflow
 * `full` is set, the text stays as it was before the piece that did not fit, and nothing more is
 * added. Check `full` once at the end.
 */
#pragma once

#include <stdarg.h>
#include <string.h>

#include "base/err.h"

struct str {
	const char *p;
	size_t n;
};

#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
#define STR_NONE ((struct str){0})
#define STR_FMT "%.*s"
#define STR_ARG(s) (int)(s).n, (s).p ? (s).p : ""

struct str str_of(const char *c); /* NULL gives the empty view */
static inline struct str str_make(const char *p, size_t n)
{
	return (struct str){p, n};
}

bool str_eq(struct str a, struct str b);
bool str_ieq(struct str a, struct str b); /* ASCII letters without case */
static inline bool str_is(struct str a, const char *c)
{
	return str_eq(a, str_of(c));
}
int str_cmp(struct str a, struct str b); /* bytewise, as strcmp */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
struct str str_trim(struct str s);		       /* spaces, tabs, CR, LF at both ends */
struct str str_from(struct str s, size_t at);	       /* what follows; empty past the end */
struct str str_head(struct str s, size_t n);	       /* at most n first bytes */
ptrdiff_t str_find(struct str s, char c);	       /* -1 when absent */
ptrdiff_t str_find_str(struct str s, struct str what); /* -1 when absent */
/* Cuts at the first c: *head gets what stands before, *rest what follows (empty when absent).
 * True when c was there. head or rest may point at s itself. */
bool str_cut(struct str s, char c, struct str *head, struct str *rest);
/* Whether it is one of those names, which have commas between them. */
bool str_among(struct str names, struct str name);
/* Takes the next line off *rest, without its LF or CRLF. False when nothing is left. */
bool str_line(struct str *rest, struct str *line);

/* Whole view must be the number; no sign, no spaces, no overflow. ERR_INVALID otherwise. */
MUST_USE enum err str_to_u64(struct str s, uint64_t max, uint64_t *out);
MUST_USE enum err str_to_u32(struct str s, uint32_t max, uint32_t *out);
MUST_USE enum err str_to_i64(struct str s, int64_t *out); /* one leading '-' allowed */

/* Copies into room bytes with a terminating NUL; false (and an empty text) when it does not fit. */
bool str_copy(struct str s, char *out, size_t room);
char *str_dup(struct str s); /* xcalloc'd, NUL-terminated */

/* Bytes of the valid UTF-8 sequence at p, of n > 0 that are there; 0: it is none. */
size_t utf8_length(const unsigned char *p, size_t n);

uint64_t str_hash(struct str s, uint64_t seed); /* seeded: peers cannot aim at one bucket */

struct buf {
	char *p;
	size_t n, cap;
	bool full;
	bool grows; /* p is malloc'd and grows instead of becoming full; see buf_grow */
};

static inline struct buf buf_make(void *p, size_t cap)
{
	return (struct buf){.p = (char *)p, .cap = cap};
}
/* A buf that grows by itself; its owner calls buf_free. Never becomes full. */
struct buf buf_grow(size_t first_cap);
void buf_free(struct buf *b);
static inline struct str buf_str(const struct buf *b)
{
	return (struct str){b->p, b->n};
}
void buf_put(struct buf *b, struct str s);
void buf_c(struct buf *b, const char *c);
void buf_ch(struct buf *b, char c);
void buf_u64(struct buf *b, uint64_t v);
void buf_i64(struct buf *b, int64_t v);
void buf_hex(struct buf *b, const void *p, size_t n); /* lower case */
void buf_fmt(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
