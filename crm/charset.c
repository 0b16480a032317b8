/* charset.c - see charset.h. */
#include "crm/charset.h"

#include <uchar.h>

#include "crm/charset_table.h"

static const struct {
	const char *name;
	const uint16_t *table; /* of one byte a letter */
} sets[CHARSET_COUNT] = {
	[CHARSET_UTF_8] = {"utf-8", NULL},
	[CHARSET_UTF_16LE] = {"utf-16le", NULL},
	[CHARSET_UTF_16BE] = {"utf-16be", NULL},
	[CHARSET_WINDOWS_1250] = {"windows-1250", charset_windows_1250},
	[CHARSET_WINDOWS_1251] = {"windows-1251", charset_windows_1251},
	[CHARSET_ISO_8859_2] = {"iso-8859-2", charset_iso_8859_2},
};

struct str charset_name(enum charset c)
{
	return str_of(c < CHARSET_COUNT ? sets[c].name : "?");
}

enum err charset_from(struct str name, enum charset *out)
{
	for (int c = 0; c < CHARSET_COUNT; c++)
		if (str_ieq(name, str_of(sets[c].name))) {
			*out = (enum charset)c;
			return ERR_OK;
		}
	return ERR_INVALID;
}

/* -- guessing -- */

static bool is_utf8(struct str in, bool whole)
{
	for (size_t i = 0; i < in.n;) {
		const size_t n = utf8_length((const unsigned char *)in.p + i, in.n - i);
		if (!n) /* the last letter may be cut */
			return !whole && in.n - i < 4 && (unsigned char)in.p[i] >= 0xc2;
		i += n;
	}
	return true;
}

/* Texts of Europe in UTF-16 have a zero in every second byte, mostly. */
static bool zeros_at(struct str in, size_t odd)
{
	size_t zeros = 0, n = MIN(in.n, (size_t)4096) / 2;
	for (size_t i = 0; i < n; i++)
		zeros += in.p[2 * i + odd] == 0;
	return n > 4 && zeros * 3 > n;
}

static bool among(uint16_t c, const char16_t *letters)
{
	for (; *letters; letters++)
		if (*letters == c)
			return true;
	return false;
}

/* How much a byte is at home in a set: letters people write often against signs and holes. */
static int weight(uint16_t c)
{
	static const char16_t polish_czech[] =
		u"ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžÁČĎÉĚÍŇŘŠŤÚŮÝŽäöüßÄÖÜľĺŕôőű";
	if (among(c, polish_czech))
		return 3;
	if (c >= 0x430 && c <= 0x44f) /* small Cyrillic */
		return 3;
	if ((c >= 0x410 && c <= 0x42f) || c == 0x401 || c == 0x451)
		return 1;
	if (!c || (c >= 0x80 && c < 0xa0))
		return -6;
	return c >= 0x400 ? -2 : -1;
}

static enum charset guess_one_byte(struct str in)
{
	static const enum charset order[] = {CHARSET_WINDOWS_1250, CHARSET_WINDOWS_1251,
					     CHARSET_ISO_8859_2};
	enum charset best = CHARSET_WINDOWS_1250;
	int64_t most = INT64_MIN;
	for (size_t k = 0; k < COUNT_OF(order); k++) {
		int64_t sum = 0;
		bool before = false; /* a capital behind a small letter is rare */
		for (size_t i = 0; i < in.n; i++) {
			const unsigned char b = (unsigned char)in.p[i];
			const uint16_t c = b < 0x80 ? 0 : sets[order[k]].table[b - 0x80];
			const bool small =
				b < 0x80 ? b >= 'a' && b <= 'z' : c >= 0x430 && c <= 0x44f;
			if (b >= 0x80)
				sum += weight(c) - (before && c >= 0x410 && c < 0x430 ? 4 : 0);
			before = small;
		}
		if (sum > most) {
			most = sum;
			best = order[k];
		}
	}
	return best;
}

/* Western words in windows-1251 are Latin letters with a Cyrillic one between: a word is of one
 * script. Counts such mixtures. */
static size_t mixed_words(struct str in, const uint16_t *table)
{
	size_t mixed = 0;
	bool latin = false, cyrillic = false;
	for (size_t i = 0; i <= in.n; i++) {
		const unsigned char b = i < in.n ? (unsigned char)in.p[i] : ' ';
		const uint16_t c = b < 0x80 ? b : table[b - 0x80];
		const bool is_latin = (b | 32) >= 'a' && (b | 32) <= 'z' && b < 0x80;
		const bool is_cyrillic = c >= 0x400 && c < 0x500;
		if (is_latin || is_cyrillic) {
			latin |= is_latin;
			cyrillic |= is_cyrillic;
			continue;
		}
		mixed += latin && cyrillic;
		latin = cyrillic = false;
	}
	return mixed;
}

static size_t high_bytes(struct str in)
{
	size_t n = 0;
	for (size_t i = 0; i < in.n; i++)
		n += (unsigned char)in.p[i] >= 0x80;
	return n;
}

enum charset charset_guess(struct str in, bool whole, size_t *mark)
{
	*mark = 0;
	if (str_starts(in, STR("\xef\xbb\xbf"))) {
		*mark = 3;
		return CHARSET_UTF_8;
	}
	if (str_starts(in, STR("\xff\xfe")) || str_starts(in, STR("\xfe\xff"))) {
		*mark = 2;
		return in.p[0] == '\xff' ? CHARSET_UTF_16LE : CHARSET_UTF_16BE;
	}
	if (zeros_at(in, 1))
		return CHARSET_UTF_16LE;
	if (zeros_at(in, 0))
		return CHARSET_UTF_16BE;
	if (is_utf8(in, whole))
		return CHARSET_UTF_8;
	const enum charset one = guess_one_byte(in);
	/* more than half of its foreign letters stand in words of the other script: not Cyrillic */
	if (one == CHARSET_WINDOWS_1251 &&
	    mixed_words(in, charset_windows_1251) * 4 > high_bytes(in)) {
		struct str rest = in;
		size_t czech = 0, iso = 0;
		for (size_t i = 0; i < rest.n; i++) { /* ą ś ź and š ť ž differ between the two */
			czech += among(charset_windows_1250[(unsigned char)rest.p[i] & 0x7f],
				       u"ąśźšťžĄŚŹŠŤŽ") &&
				 (unsigned char)rest.p[i] >= 0x80;
			iso += among(charset_iso_8859_2[(unsigned char)rest.p[i] & 0x7f],
				     u"ąśźšťžĄŚŹŠŤŽ") &&
			       (unsigned char)rest.p[i] >= 0x80;
		}
		return iso > czech ? CHARSET_ISO_8859_2 : CHARSET_WINDOWS_1250;
	}
	return one;
}

/* -- reading -- */

static void put_code(uint32_t c, struct buf *out)
{
	if (c < 0x80) {
		buf_ch(out, (char)c);
	} else if (c < 0x800) {
		buf_ch(out, (char)(0xc0 | c >> 6));
		buf_ch(out, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		buf_ch(out, (char)(0xe0 | c >> 12));
		buf_ch(out, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_ch(out, (char)(0x80 | (c & 0x3f)));
	} else {
		buf_ch(out, (char)(0xf0 | c >> 18));
		buf_ch(out, (char)(0x80 | (c >> 12 & 0x3f)));
		buf_ch(out, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_ch(out, (char)(0x80 | (c & 0x3f)));
	}
}

#define NOTHING 0xfffd

/* Takes one letter from n bytes; 0: more are needed. */
static size_t take_utf16(const unsigned char *p, size_t n, bool big, bool last, struct buf *out)
{
	if (n < 2)
		return last ? (put_code(NOTHING, out), n) : 0;
	const uint32_t a = big ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
	if (a < 0xd800 || a > 0xdfff) {
		put_code(a, out);
		return 2;
	}
	if (n < 4 && a < 0xdc00 && !last)
		return 0;
	const uint32_t b = n < 4 ? 0
			   : big ? (uint32_t)p[2] << 8 | p[3]
				 : (uint32_t)p[3] << 8 | p[2];
	if (a >= 0xdc00 || b < 0xdc00 || b > 0xdfff) {
		put_code(NOTHING, out);
		return 2;
	}
	put_code(0x10000 + ((a - 0xd800) << 10) + (b - 0xdc00), out);
	return 4;
}

static size_t take_utf8(const unsigned char *p, size_t n, bool last, struct buf *out)
{
	static const unsigned char leads[] = {0x80, 0xe0, 0xf0, 0xf8};
	const size_t length = utf8_length(p, n);
	if (length) {
		buf_put(out, str_make((const char *)p, length));
		return length;
	}
	/* cut, when what is there could begin a letter */
	size_t want = 1;
	for (size_t k = 1; k < sizeof leads; k++)
		want += p[0] >= (k == 1 ? 0xc2 : leads[k - 1]) && p[0] < 0xf5;
	bool could = !last && n < want;
	for (size_t i = 1; i < n && could; i++)
		could = (p[i] & 0xc0) == 0x80;
	if (could)
		return 0;
	put_code(NOTHING, out);
	return 1;
}

static size_t take(const struct charset_reader *r, const unsigned char *p, size_t n, bool last,
		   struct buf *out)
{
	if (r->charset == CHARSET_UTF_8)
		return take_utf8(p, n, last, out);
	if (!sets[r->charset].table)
		return take_utf16(p, n, r->charset == CHARSET_UTF_16BE, last, out);
	const uint16_t c = p[0] < 0x80 ? p[0] : sets[r->charset].table[p[0] - 0x80];
	put_code(c || !p[0] ? c : NOTHING, out);
	return 1;
}

void charset_read(struct charset_reader *r, struct str in, bool last, struct buf *out)
{
	size_t i = 0;
	while (r->left_count && (i < in.n || last)) {
		if (r->left_count < sizeof r->left && i < in.n)
			r->left[r->left_count++] = (unsigned char)in.p[i++];
		const size_t n = take(r, r->left, r->left_count, last && i == in.n, out);
		memmove(r->left, r->left + n, r->left_count - n);
		r->left_count -= n;
	}
	while (i < in.n) {
		const size_t n = take(r, (const unsigned char *)in.p + i, in.n - i, last, out);
		if (!n)
			break;
		i += n;
	}
	for (; i < in.n; i++)
		r->left[r->left_count++] = (unsigned char)in.p[i];
}
