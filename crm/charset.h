/*
 * charset.h - in which encoding a file of texts is, and its texts as UTF-8. Pure.
 *
 * Known: UTF-8, UTF-16 either way round, windows-1250, windows-1251, ISO-8859-2. [the tables of
 * unicode.org's MAPPINGS]
 */
#pragma once

#include "base/str.h"

enum charset {
	CHARSET_UTF_8,
	CHARSET_UTF_16LE,
	CHARSET_UTF_16BE,
	CHARSET_WINDOWS_1250,
	CHARSET_WINDOWS_1251,
	CHARSET_ISO_8859_2,
	CHARSET_COUNT
};

struct str charset_name(enum charset c);
MUST_USE enum err charset_from(struct str name, enum charset *out);
/* By its mark, else by what its bytes would be in each: a guess that people may correct. *mark gets
 * the length of the mark, to be passed over. whole: `in` is all there is, else its beginning. */
enum charset charset_guess(struct str in, bool whole, size_t *mark);

/* One piece after another; what is cut by the end of a piece waits for the next one. Bytes that
 * mean nothing become U+FFFD. */
struct charset_reader {
	enum charset charset;
	unsigned char left[4];
	size_t left_count;
};
void charset_read(struct charset_reader *r, struct str in, bool last, struct buf *out);
