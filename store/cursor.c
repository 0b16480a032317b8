/* cursor.c - where a page of a list ended; see store_inside.h. */
#include "store/store_inside.h"

void copy_contact(struct str from, uint8_t out[16])
{
	memset(out, 0, 16);
	if (from.n == 16)
		memcpy(out, from.p, 16);
}

void cursor_json(struct buf *out, const struct cursor *c)
{
	buf_ch(out, '"');
	buf_put(out, c->key); /* an id: nothing in it needs escaping */
	buf_ch(out, '.');
	buf_i64(out, c->at_ms);
	buf_ch(out, '.');
	buf_hex(out, c->contact, sizeof c->contact);
	buf_ch(out, '.');
	buf_u64(out, c->n);
	buf_ch(out, '"');
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

enum err cursor_take(struct str text, struct cursor *out)
{
	struct cursor c = {0};
	struct str ms, hex, n;
	if (!str_cut(text, '.', &c.key, &text) || !str_cut(text, '.', &ms, &text) ||
	    !str_cut(text, '.', &hex, &n) || hex.n != 32 || str_to_i64(ms, &c.at_ms) != ERR_OK ||
	    str_to_u32(n, UINT32_MAX, &c.n) != ERR_OK)
		return ERR_INVALID;
	for (int i = 0; i < 16; i++) {
		int high = hex_digit(hex.p[2 * i]), low = hex_digit(hex.p[2 * i + 1]);
		if (high < 0 || low < 0)
			return ERR_INVALID;
		c.contact[i] = (uint8_t)(high << 4 | low);
	}
	*out = c;
	return ERR_OK;
}
