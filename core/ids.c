/* ids.c - see ids.h. */
#include "core/ids.h"

struct uuid uuid_v7(int64_t utc_ms, uint64_t dice_a, uint64_t dice_b)
{
	struct uuid u;
	for (int i = 0; i < 6; i++)
		u.b[i] = (uint8_t)((uint64_t)utc_ms >> (40 - 8 * i));
	memcpy(u.b + 6, &dice_a, 2);
	memcpy(u.b + 8, &dice_b, 8);
	u.b[6] = (uint8_t)((u.b[6] & 0x0f) | 0x70);
	u.b[8] = (uint8_t)((u.b[8] & 0x3f) | 0x80);
	return u;
}

bool uuid_none(struct uuid u)
{
	return uuid_eq(u, (struct uuid){{0}});
}

bool uuid_eq(struct uuid a, struct uuid b)
{
	return memcmp(a.b, b.b, sizeof a.b) == 0;
}

void uuid_text(struct uuid u, char out[UUID_TEXT + 1])
{
	static const char digit[] = "0123456789abcdef";
	char *o = out;
	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*o++ = '-';
		*o++ = digit[u.b[i] >> 4];
		*o++ = digit[u.b[i] & 15];
	}
	*o = 0;
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

enum err uuid_parse(struct str s, struct uuid *out)
{
	struct uuid u;
	if (s.n != UUID_TEXT)
		return ERR_INVALID;
	size_t at = 0;
	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			if (s.p[at++] != '-')
				return ERR_INVALID;
		int high = nibble(s.p[at]), low = nibble(s.p[at + 1]);
		if (high < 0 || low < 0)
			return ERR_INVALID;
		u.b[i] = (uint8_t)(high << 4 | low);
		at += 2;
	}
	*out = u;
	return ERR_OK;
}
