/*
 * number.c - telephone numbers as people and carriers write them, made E.164.
 *
 * A small table of numbering plans: enough to tell a national number from an international one
 * where a trunk does not send the plus. Numbers of countries not listed are taken only with their
 * plus or international prefix. [ITU-T E.164, national plans as published by the ITU]
 */
#include "core/number.h"

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

/*
 * Numbers whose called party is paid by the minute or the call, and those who help. As national
 * number beginnings and as dialled; from the national plans as published by their regulators and
 * the ITU's National Numbering Plans. Too much here only means that a trunk must name it.
 */
static const struct tariff {
	const char *country, *premium, *emergency;
} tariffs[] = {
	{"PL", "70 30 40 781100 801 804 806 808", "997 998 999 984 985 986 987 991 992 993 994"},
	{"DE", "900 1805 137 118", "110"},
	{"FR", "81 82 89", "15 17 18 114 115 119 191 196"},
	{"GB", "9 84 87 70 118", "999 101 105 111"},
	{"US", "900 976", "911 933 988"},
	{"CA", "900 976", "911 988"},
	{"RU", "803 809", "101 102 103 104 01 02 03 04"},
	{"KZ", "803 809", "101 102 103 104"},
	{"UA", "900", "101 102 103 104"},
	{"BY", "902", "101 102 103 104"},
	{"CZ", "900 906 908 909", "150 155 156 158"},
	{"SK", "9001 9002 900", "150 155 158 159"},
	{"LT", "900", "01 02 03 011 022 033"},
	{"LV", "90", "01 02 03 110 113"},
	{"EE", "900", "110"},
	{"ES", "803 806 807 905 907", "061 062 080 085 091 092"},
	{"IT", "89 144 166 178 199", "113 115 117 118"},
	{"NL", "900 906 909", ""},
	{"BE", "90", "100 101 102"},
	{"AT", "900 901 930 931 939", "122 133 140 144"},
	{"CH", "900 901 906", "117 118 144 1414"},
	{"SE", "900 939 944", "11414"},
	{"NO", "82", "110 113"},
	{"DK", "90", "114"},
};

static const struct tariff *tariff_of(struct str country)
{
	for (size_t i = 0; i < COUNT_OF(tariffs); i++)
		if (str_ieq(country, str_of(tariffs[i].country)))
			return &tariffs[i];
	return NULL;
}

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

static bool is_listed(const char *list, struct str number)
{
	struct str rest = str_of(list), one;
	while (rest.n) {
		str_cut(rest, ' ', &one, &rest);
		if (one.n && str_eq(one, number))
			return true;
	}
	return false;
}

/* Length of the listed beginning of this number, 0: none. */
static size_t begins_listed(const char *list, struct str number)
{
	struct str rest = str_of(list), one;
	while (rest.n) {
		str_cut(rest, ' ', &one, &rest);
		if (one.n && str_starts(number, one))
			return one.n;
	}
	return 0;
}

/* Emergency numbers are dialled as they stand; some pass through normalising with a plus. */
static bool emergency(struct str number, struct str country)
{
	const struct tariff *t = tariff_of(country);
	return str_is(number, "112") || str_is(number, "911") ||
	       (t && is_listed(t->emergency, number));
}

/* Digits up to and with the premium beginning, counted with the plus; 0: it is none. Every plan is
 * asked whose code fits: +1 and +7 are two countries each. */
static size_t premium(struct str number)
{
	for (size_t i = 0; i < COUNT_OF(plans); i++) {
		struct str code = str_of(plans[i].code);
		const struct tariff *t = tariff_of(str_of(plans[i].country));
		if (!t || !str_starts(str_from(number, 1), code))
			continue;
		size_t n = begins_listed(t->premium, str_from(number, 1 + code.n));
		if (n)
			return 1 + code.n + n;
	}
	/* international premium and shared-cost services, satellite networks: ITU-T E.164 annex */
	static const char *const world[] = {"+979", "+808", "+87", "+881", "+882", "+883"};
	for (size_t i = 0; i < COUNT_OF(world); i++)
		if (str_starts(number, str_of(world[i])))
			return str_of(world[i]).n;
	return 0;
}

/* One code, several countries: beginnings that are abroad from here. NANP members outside the US
 * and Canada are where toll fraud goes. */
static const struct {
	const char *country, *begins;
} abroad[] = {
	{"US", "242 246 264 268 284 345 441 473 649 658 664 721 758 767 784 809 829 849 868 869 "
	       "876"},
	{"CA", "242 246 264 268 284 345 441 473 649 658 664 721 758 767 784 809 829 849 868 869 "
	       "876"},
	{"RU", "6 7"},
	{"KZ", "3 4 8 9"},
};

static bool is_abroad(struct str national, struct str country)
{
	for (size_t i = 0; i < COUNT_OF(abroad); i++)
		if (str_ieq(country, str_of(abroad[i].country)))
			return begins_listed(abroad[i].begins, national) > 0;
	return false;
}

enum number_kind number_kind(struct str number, struct str country)
{
	const struct plan *p = plan_of(country);
	if (emergency(number, country))
		return NUMBER_EMERGENCY;
	if (number.n < 8 || number.p[0] != '+')
		return NUMBER_SHORT;
	if (premium(number))
		return NUMBER_PREMIUM;
	size_t code = p ? str_of(p->code).n : 0;
	bool national = p && str_starts(str_from(number, 1), str_of(p->code)) &&
			national_length(p, number.n - 1 - code) &&
			!is_abroad(str_from(number, 1 + code), country);
	return national ? NUMBER_NATIONAL : NUMBER_INTERNATIONAL;
}

bool number_named(struct str number, const struct str *prefixes, uint32_t count)
{
	bool plus = number.n && number.p[0] == '+';
	size_t least = plus ? premium(number) : 0;
	for (uint32_t i = 0; i < count; i++)
		if (prefixes[i].n >= MAX(least, (size_t)1) && str_starts(number, prefixes[i]))
			return true;
	return false;
}

void number_national(struct str number, struct str country, char out[NUMBER_TEXT])
{
	const struct plan *p = plan_of(country);
	struct buf b = buf_make(out, NUMBER_TEXT - 1);
	if (p && number.n > 1 && number.p[0] == '+') {
		struct str digits = str_from(number, 1), code = str_of(p->code);
		bool home = str_starts(digits, code);
		buf_c(&b, home ? p->trunk : p->abroad);
		buf_put(&b, home ? str_from(digits, code.n) : digits);
	} else {
		buf_put(&b, str_head(number, NUMBER_TEXT - 1));
	}
	out[b.full ? 0 : b.n] = 0;
}

/* docs/decisions/0014: help always; at home unless prefixes name something else; abroad, premium
 * and short numbers only when a prefix names them, premium ones down to their own range. */
bool number_allowed(struct str number, struct str country, const struct str *prefixes,
		    uint32_t count)
{
	enum number_kind kind = number_kind(number, country);
	if (kind == NUMBER_EMERGENCY || (kind == NUMBER_NATIONAL && !count))
		return true;
	return number_named(number, prefixes, count);
}
