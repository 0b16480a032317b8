/*
 * number.c - telephone numbers as people and carriers write them, made E.164.
 *
 * A small table of numbering plans: enough to tell a national number from an international one
 * where a trunk does not send the plus. Numbers of countries not listed are taken only with their
 * plus or international prefix. [ITU-T E.164, national plans as published by the ITU]
 */
#include "channel/voice/line.h"

struct plan {
	const char *country, *code, *trunk, *abroad;
	uint8_t national_min, national_max; /* digits without trunk prefix */
};

static const struct plan plans[] = {
	{"PL", "48", "", "00", 9, 9},	 {"DE", "49", "0", "00", 6, 11},
	{"FR", "33", "0", "00", 9, 9},	 {"GB", "44", "0", "00", 9, 10},
	{"US", "1", "1", "011", 10, 10}, {"CA", "1", "1", "011", 10, 10},
	{"RU", "7", "8", "810", 10, 10}, {"KZ", "7", "8", "810", 10, 10},
	{"UA", "380", "0", "00", 9, 9},	 {"BY", "375", "8", "810", 9, 9},
	{"CZ", "420", "", "00", 9, 9},	 {"SK", "421", "0", "00", 9, 9},
	{"LT", "370", "8", "00", 8, 8},	 {"LV", "371", "", "00", 8, 8},
	{"EE", "372", "", "00", 7, 8},	 {"ES", "34", "", "00", 9, 9},
	{"IT", "39", "", "00", 6, 11},	 {"NL", "31", "0", "00", 9, 9},
	{"BE", "32", "0", "00", 8, 9},	 {"AT", "43", "0", "00", 4, 12},
	{"CH", "41", "0", "00", 9, 9},	 {"SE", "46", "0", "00", 7, 9},
	{"NO", "47", "", "00", 8, 8},	 {"DK", "45", "", "00", 8, 8},
};

static const struct plan *plan_of(struct str country)
{
	for (size_t i = 0; i < COUNT_OF(plans); i++)
		if (str_ieq(country, str_of(plans[i].country)))
			return &plans[i];
	return NULL;
}

/* Digits with separators people write taken out; a leading plus stays. False: not a number. */
static bool digits_of(struct str s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if ((c >= '0' && c <= '9') || (c == '+' && i == 0))
			buf_ch(out, c);
		else if (c != ' ' && c != '-' && c != '.' && c != '(' && c != ')' && c != '/')
			return false;
	}
	return out->n > 0 && !out->full;
}

static bool give(char out[NUMBER_TEXT], struct str code, struct str national)
{
	struct buf b = buf_make(out, NUMBER_TEXT - 1);
	buf_ch(&b, '+');
	buf_put(&b, code);
	buf_put(&b, national);
	if (b.full || b.n > 16) /* E.164: at most 15 digits */
		return false;
	out[b.n] = 0;
	return true;
}

static bool national_length(const struct plan *p, size_t n)
{
	return n >= p->national_min && n <= p->national_max;
}

static bool normalise(struct str digits, const struct plan *p, char out[NUMBER_TEXT])
{
	if (digits.n > 1 && digits.p[0] == '+')
		return give(out, STR(""), str_from(digits, 1));
	if (!p)
		return str_starts(digits, STR("00")) && digits.n > 8 &&
		       give(out, STR(""), str_from(digits, 2));
	struct str abroad = str_of(p->abroad), code = str_of(p->code), trunk = str_of(p->trunk);
	if (str_starts(digits, abroad) && digits.n > abroad.n + 6)
		return give(out, STR(""), str_from(digits, abroad.n));
	if (trunk.n && str_starts(digits, trunk) && national_length(p, digits.n - trunk.n))
		return give(out, code, str_from(digits, trunk.n));
	if (str_starts(digits, code) && national_length(p, digits.n - code.n) &&
	    !(national_length(p, digits.n) && p->national_min == p->national_max))
		return give(out, code, str_from(digits, code.n));
	return national_length(p, digits.n) && give(out, code, digits);
}

void number_normalise(struct str dialled, struct str country, char out[NUMBER_TEXT])
{
	char room[NUMBER_TEXT];
	struct buf digits = buf_make(room, sizeof room - 1);
	if (digits_of(dialled, &digits) && normalise(buf_str(&digits), plan_of(country), out))
		return;
	struct str cut = str_head(dialled, NUMBER_TEXT - 1);
	if (!str_copy(cut, out, NUMBER_TEXT))
		out[0] = 0;
}
