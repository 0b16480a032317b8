/* chars.c - see chars.h. */
#include "sip/chars.h"

#define ALNUM (CHAR_TOKEN | CHAR_HOST)

const uint8_t sip_chars[256] = {
	[0 ... 8] = CHAR_NOT_URI,
	['\t'] = CHAR_BLANK | CHAR_NOT_URI,
	['\n'] = CHAR_BLANK | CHAR_NOT_URI,
	[11 ... 12] = CHAR_NOT_URI,
	['\r'] = CHAR_BLANK | CHAR_NOT_URI,
	[14 ... 31] = CHAR_NOT_URI,
	[' '] = CHAR_BLANK | CHAR_NOT_URI,
	[127] = CHAR_NOT_URI,
	['"'] = CHAR_MARK | CHAR_NOT_URI,
	['<'] = CHAR_MARK | CHAR_NOT_URI,
	['>'] = CHAR_MARK | CHAR_NOT_URI,
	[';'] = CHAR_MARK,
	[','] = CHAR_MARK,
	['0' ... '9'] = ALNUM,
	['a' ... 'z'] = ALNUM,
	['A' ... 'Z'] = ALNUM,
	['-'] = CHAR_TOKEN | CHAR_HOST,
	['.'] = CHAR_TOKEN | CHAR_HOST,
	['_'] = CHAR_TOKEN | CHAR_HOST,
	['!'] = CHAR_TOKEN,
	['%'] = CHAR_TOKEN,
	['*'] = CHAR_TOKEN,
	['+'] = CHAR_TOKEN,
	['`'] = CHAR_TOKEN,
	['\''] = CHAR_TOKEN,
	['~'] = CHAR_TOKEN,
	[128 ... 255] = CHAR_WIDE,
};
