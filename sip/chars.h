/*
 * chars.h - what each byte may be part of, RFC 3261 section 25.1: one look instead of a search.
 */
#pragma once

#include "base/check.h"

enum {
	CHAR_TOKEN = 1,	   /* alphanum and -.!%*_+`'~ */
	CHAR_BLANK = 2,	   /* SP, HT and the CR, LF of a fold */
	CHAR_MARK = 4,	   /* ends a value: ; , < > " */
	CHAR_HOST = 8,	   /* of a name or IPv4 address */
	CHAR_WIDE = 16,	   /* UTF-8 beyond ASCII */
	CHAR_NOT_URI = 32, /* controls, blanks, < > " */
};

extern const uint8_t sip_chars[256];

static inline bool char_is(char c, int what)
{
	return sip_chars[(unsigned char)c] & what;
}
