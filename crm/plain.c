/* plain.c - see plain.h. The table is made from Unicode's data by tools/plain_table.py. */
#include "crm/plain.h"

static uint32_t code_point(const unsigned char *p, size_t n)
{
	static const unsigned char first[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t c = p[0] & first[n];
	for (size_t i = 1; i < n; i++)
		c = c << 6 | (p[i] & 0x3f);
	return c;
}

static const struct plain_row *row_of(uint32_t c)
{
	size_t low = 0, high = plain_row_count;
	while (low < high) {
		const size_t mid = (low + high) / 2;
		if (plain_rows[mid].from < c)
			low = mid + 1;
		else
			high = mid;
	}
	return low < plain_row_count && plain_rows[low].from == c ? &plain_rows[low] : NULL;
}

struct writing {
	struct buf *out;
	bool gap, any; /* a space is due; something stands already */
};

static void put(struct writing *w, struct str piece)
{
	if (w->gap && w->any)
		buf_ch(w->out, ' ');
	w->gap = false;
	w->any = true;
	buf_put(w->out, piece);
}

static void put_ascii(struct writing *w, unsigned char c)
{
	const char small = c >= 'A' && c <= 'Z' ? (char)(c | 32) : (char)c;
	if ((small >= 'a' && small <= 'z') || (small >= '0' && small <= '9'))
		put(w, str_make(&small, 1));
	else if (c != '\'' && c != '`') /* d'Artagnan is one word */
		w->gap = true;
}

/* What the table does not know is a letter of a script without case, or a sign: general
 * punctuation, symbols and private use part words. */
static bool parts_words(uint32_t c)
{
	return (c >= 0x2000 && c < 0x2c00) || (c >= 0x3000 && c < 0x3005) ||
	       (c >= 0xe000 && c < 0xf900) || c >= 0x1f000 || (c >= 0x80 && c < 0xc0) ||
	       c == 0xd7 || c == 0xf7 || (c >= 0xfe00 && c < 0xff00);
}

static void put_other(struct writing *w, const char *p, size_t n)
{
	const uint32_t c = code_point((const unsigned char *)p, n);
	const struct plain_row *row = c <= 0xffff ? row_of(c) : NULL;
	if (!row && parts_words(c))
		w->gap = true;
	else if (!row)
		put(w, str_make(p, n));
	else if (row->to[0] == ' ')
		w->gap = true;
	else if (row->to[0])
		put(w, str_of(row->to));
}

void plain_text(struct str in, struct buf *out)
{
	struct writing w = {.out = out};
	for (size_t i = 0; i < in.n;) {
		const unsigned char c = (unsigned char)in.p[i];
		const size_t n = utf8_length((const unsigned char *)in.p + i, in.n - i);
		if (c < 0x80)
			put_ascii(&w, c);
		else if (n > 1)
			put_other(&w, in.p + i, n);
		else
			w.gap = true;
		i += n ? n : 1;
	}
}
