/*
 * jsonw.h - writing JSON text into a buf: append-only, commas by themselves. Bytes that are not
 * UTF-8 are written as U+FFFD, so that the output is always valid JSON. Nesting at most 32.
 */
#pragma once

#include "base/str.h"

struct jsonw {
	struct buf *out;
	uint32_t depth;
	uint32_t comma; /* bit per depth: a value stands before */
};

struct jsonw jsonw_make(struct buf *out);
void jsonw_open(struct jsonw *w, char bracket); /* '{' or '[' */
void jsonw_close(struct jsonw *w, char bracket);
void jsonw_key(struct jsonw *w, const char *key);
void jsonw_str(struct jsonw *w, struct str s);
void jsonw_i64(struct jsonw *w, int64_t v);
void jsonw_u64(struct jsonw *w, uint64_t v);
void jsonw_real(struct jsonw *w, double v); /* null when not finite; at most 6 decimals */
void jsonw_bool(struct jsonw *w, bool v);
void jsonw_null(struct jsonw *w);
void jsonw_raw(struct jsonw *w, struct str json); /* a value that is JSON already */
void jsonw_time(struct jsonw *w, int64_t utc_ms); /* "2026-11-21T20:33:25.123Z"; 0: null */
/* key and value in one call */
void jsonw_kstr(struct jsonw *w, const char *key, struct str s);
void jsonw_ki64(struct jsonw *w, const char *key, int64_t v);
void jsonw_kbool(struct jsonw *w, const char *key, bool v);
void jsonw_ktime(struct jsonw *w, const char *key, int64_t utc_ms);

/* Civil time without the C library: RFC 3339 UTC with milliseconds. */
void time_text(struct buf *out, int64_t utc_ms);
/* Accepts any RFC 3339 offset and 0..3 or more fraction digits; years 1970..9999. */
MUST_USE enum err time_parse(struct str s, int64_t *utc_ms);
/* Days since 1970-01-01 of a Gregorian date, and back (Hinnant's civil algorithms). */
int64_t days_from_civil(int year, int month, int day);
void civil_from_days(int64_t days, int *year, int *month, int *day);
