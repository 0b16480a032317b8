/* cell.c - see cell.h. */
#include "crm/cell.h"

#include <math.h>
#include <stdlib.h>

#include "base/jsonw.h"

#define DIGITS_MAX 80u
#define DIGITS_SURE 15u	   /* of a double; spreadsheets show no more */
#define DAY_LAST 2958465.0 /* 9999-12-31 */

/* -- formats -- */

/* Zeros with at most dashes and spaces between them: as postal codes have. */
static bool mask_of(struct str code, char mask[20])
{
	size_t n = 0, zeros = 0;
	for (size_t i = 0; i < code.n; i++) {
		const bool escaped = code.p[i] == '\\' && i + 1 < code.n;
		i += escaped;
		const char c = code.p[i];
		if ((c != '0' && c != '-' && c != ' ') || (escaped && c == '0') || n == 19)
			return false;
		zeros += c == '0';
		mask[n++] = c;
	}
	mask[n] = 0;
	return zeros >= 2;
}

struct cell_form cell_form_of(struct str code)
{
	struct cell_form f = {.kind = CELL_PLAIN};
	bool day = false, time = false, month = false;
	if (mask_of(code, f.mask)) {
		f.kind = CELL_MASK;
		return f;
	}
	if (str_ieq(code, STR("general")) || str_ieq(code, STR("standard")))
		return f;
	for (size_t i = 0; i < code.n && code.p[i] != ';'; i++) {
		const char c = code.p[i];
		if (c == '"') { /* a text */
			const ptrdiff_t end = str_find(str_from(code, i + 1), '"');
			if (end < 0)
				break;
			i += (size_t)end + 1;
		} else if (c == '\\' || c == '_' || c == '*') {
			i++;
		} else if (c == '[') { /* a colour, a language; [h]: hours beyond a day */
			const ptrdiff_t end = str_find(str_from(code, i), ']');
			if (end < 0)
				break;
			time |= end == 2 && strchr("hHmMsS", code.p[i + 1]);
			i += (size_t)end;
		} else {
			day |= c == 'd' || c == 'D' || c == 'y' || c == 'Y';
			time |= c == 'h' || c == 'H' || c == 's' || c == 'S';
			month |= c == 'm' || c == 'M'; /* minutes, beside hours or seconds */
		}
	}
	day |= month && !time;
	f.kind = day ? (time ? CELL_MOMENT : CELL_DATE) : time ? CELL_TIME : CELL_PLAIN;
	return f;
}

struct cell_form cell_form_known(uint32_t id)
{
	const bool day = (id >= 14 && id <= 17) || (id >= 27 && id <= 36) || (id >= 50 && id <= 58);
	const bool time = (id >= 18 && id <= 21) || (id >= 45 && id <= 47);
	return (struct cell_form){.kind = day	     ? CELL_DATE
					  : time     ? CELL_TIME
					  : id == 22 ? CELL_MOMENT
						     : CELL_PLAIN};
}

/* -- digits -- */

struct digits {
	char d[DIGITS_MAX];
	uint32_t n;
	int32_t point;	   /* stands before d[point] */
	bool minus, whole; /* whole: written without point and exponent */
};

static bool read_digits(struct str v, struct digits *out)
{
	size_t i = 0;
	int32_t exponent = 0;
	bool dot = false;
	*out = (struct digits){.whole = true, .minus = v.n && v.p[0] == '-'};
	i = v.n && (v.p[0] == '-' || v.p[0] == '+');
	for (; i < v.n && ((v.p[i] >= '0' && v.p[i] <= '9') || (v.p[i] == '.' && !dot)); i++) {
		if (v.p[i] == '.') {
			dot = true;
			continue;
		}
		if (out->n == DIGITS_MAX)
			return false;
		out->d[out->n++] = v.p[i];
		out->point += !dot;
	}
	out->whole = i == v.n && !dot;
	if (i < v.n && (v.p[i] == 'e' || v.p[i] == 'E') && i + 1 < v.n) {
		const bool less = v.p[++i] == '-';
		i += less || v.p[i] == '+';
		if (i == v.n)
			return false;
		for (; i < v.n && v.p[i] >= '0' && v.p[i] <= '9' && exponent < 1000; i++)
			exponent = exponent * 10 + (v.p[i] - '0');
		exponent = less ? -exponent : exponent;
	}
	out->point += exponent;
	return out->n && i == v.n;
}

/* To what a double surely holds, so that 0.1 + 0.2 is 0.3; without needless zeros. */
static void round_digits(struct digits *g)
{
	uint32_t lead = 0;
	while (lead < g->n && g->d[lead] == '0')
		lead++;
	memmove(g->d, g->d + lead, g->n - lead);
	g->n -= lead;
	g->point -= (int32_t)lead;
	if (g->n > DIGITS_SURE) {
		uint32_t i = DIGITS_SURE;
		const bool up = g->d[i] >= '5';
		g->n = DIGITS_SURE;
		while (up && i && g->d[i - 1] == '9')
			g->d[--i] = '0';
		if (up && i) {
			g->d[i - 1]++;
		} else if (up) { /* 999… */
			g->d[0] = '1';
			g->n = 1;
			g->point++;
		}
	}
	while (g->n && g->d[g->n - 1] == '0')
		g->n--;
	g->point = g->n ? g->point : 0;
}

static void put_digits(const struct digits *g, struct buf *out)
{
	if (g->minus && g->n)
		buf_ch(out, '-');
	if (g->point <= 0)
		buf_ch(out, '0');
	for (int32_t i = MIN(g->point, 0); i < MAX((int32_t)g->n, g->point); i++) {
		if (i == MIN(g->point, 0) && g->point <= 0 && g->n)
			buf_ch(out, '.');
		else if (i == g->point && i < (int32_t)g->n)
			buf_ch(out, '.');
		buf_ch(out, i >= 0 && i < (int32_t)g->n ? g->d[i] : '0');
	}
}

/* -- days -- */

static bool put_moment(double v, enum cell_kind kind, bool from_1904, struct buf *out)
{
	/* 1900 has a 29th of February there, number 60: before it days count from another one */
	const int64_t zero =
		from_1904 ? days_from_civil(1904, 1, 1) : days_from_civil(1899, 12, 30) + (v < 60);
	int y, m, d;
	if (!(v >= 0 && v <= DAY_LAST) ||
	    (kind != CELL_TIME && !from_1904 && (v < 1 || (int)v == 60)))
		return false;
	const int64_t seconds = llround(v * 86400);
	const int64_t day = seconds / 86400, of_day = seconds % 86400;
	const int hour = (int)(of_day / 3600), minute = (int)(of_day / 60 % 60),
		  second = (int)(of_day % 60);
	civil_from_days(zero + (kind == CELL_DATE ? (int64_t)v : day), &y, &m, &d);
	if (kind != CELL_TIME)
		buf_fmt(out, "%04d-%02d-%02d", y, m, d);
	if (kind == CELL_MOMENT)
		buf_fmt(out, "T%02d:%02d:%02d", hour, minute, second);
	else if (kind == CELL_TIME)
		buf_fmt(out, "%02lld:%02d:%02d", (long long)(day * 24 + hour), minute, second);
	return true;
}

static bool put_masked(const struct digits *g, const char *mask, struct buf *out)
{
	uint32_t zeros = 0, at = 0;
	for (const char *p = mask; *p; p++)
		zeros += *p == '0';
	const uint32_t count = (uint32_t)MAX(g->point, 0);
	if (g->minus || g->point > 20 || (int32_t)g->n > g->point || count > zeros)
		return false;
	for (const char *p = mask; *p; p++) {
		if (*p != '0') {
			buf_ch(out, *p);
			continue;
		}
		const uint32_t from_end = zeros - at++;
		const uint32_t i = from_end > count ? UINT32_MAX : count - from_end;
		buf_ch(out, i < g->n ? g->d[i] : '0');
	}
	return true;
}

void cell_number(struct str v, const struct cell_form *f, bool from_1904, struct buf *out)
{
	struct digits g;
	char room[DIGITS_MAX + 16];
	v = str_trim(v);
	if (!read_digits(v, &g)) {
		buf_put(out, v);
		return;
	}
	const bool whole = g.whole;
	round_digits(&g);
	if (f->kind == CELL_MASK && put_masked(&g, f->mask, out))
		return;
	if (f->kind != CELL_PLAIN && f->kind != CELL_MASK && str_copy(v, room, sizeof room) &&
	    put_moment(strtod(room, NULL), f->kind, from_1904, out))
		return;
	if (whole || g.point < -20 || g.point > 40)
		buf_put(out, v);
	else
		put_digits(&g, out);
}
