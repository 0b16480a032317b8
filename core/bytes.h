/*
 * bytes.h - little-endian pieces into a buf and out of a view, for what is stored.
 *
 * Taking from a view that is too short marks it torn and gives zero; check `torn` once at the end.
 */
#pragma once

#include "base/str.h"

static inline void put_bytes(struct buf *b, const void *p, size_t n)
{
	buf_put(b, (struct str){p, n});
}
static inline void put_u8(struct buf *b, uint8_t v)
{
	put_bytes(b, &v, 1);
}
static inline void put_u16(struct buf *b, uint16_t v)
{
	put_bytes(b, &v, sizeof v);
}
static inline void put_u32(struct buf *b, uint32_t v)
{
	put_bytes(b, &v, sizeof v);
}
static inline void put_u64(struct buf *b, uint64_t v)
{
	put_bytes(b, &v, sizeof v);
}
static inline void put_i64(struct buf *b, int64_t v)
{
	put_bytes(b, &v, sizeof v);
}
/* u8 length, bytes; longer texts are cut: for words and names of at most 255 bytes */
static inline void put_word(struct buf *b, struct str s)
{
	s = str_head(s, 255);
	put_u8(b, (uint8_t)s.n);
	buf_put(b, s);
}
/* u32 length, bytes */
static inline void put_text(struct buf *b, struct str s)
{
	put_u32(b, (uint32_t)s.n);
	buf_put(b, s);
}

struct take {
	struct str rest;
	bool torn;
};

static inline struct str take_bytes(struct take *t, size_t n)
{
	if (t->torn || n > t->rest.n) {
		t->torn = true;
		return STR_NONE;
	}
	struct str s = str_head(t->rest, n);
	t->rest = str_from(t->rest, n);
	return s;
}
static inline void take_into(struct take *t, void *out, size_t n)
{
	struct str s = take_bytes(t, n);
	if (s.n)
		memcpy(out, s.p, n);
	else
		memset(out, 0, n);
}
static inline uint8_t take_u8(struct take *t)
{
	uint8_t v;
	take_into(t, &v, sizeof v);
	return v;
}
static inline uint16_t take_u16(struct take *t)
{
	uint16_t v;
	take_into(t, &v, sizeof v);
	return v;
}
static inline uint32_t take_u32(struct take *t)
{
	uint32_t v;
	take_into(t, &v, sizeof v);
	return v;
}
static inline uint64_t take_u64(struct take *t)
{
	uint64_t v;
	take_into(t, &v, sizeof v);
	return v;
}
static inline int64_t take_i64(struct take *t)
{
	int64_t v;
	take_into(t, &v, sizeof v);
	return v;
}
static inline struct str take_word(struct take *t)
{
	return take_bytes(t, take_u8(t));
}
static inline struct str take_text(struct take *t)
{
	return take_bytes(t, take_u32(t));
}
