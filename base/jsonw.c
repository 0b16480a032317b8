/* jsonw.c - see jsonw.h. */
#include "base/jsonw.h"

#include <math.h>

struct jsonw jsonw_make(struct buf *out)
{
	return (struct jsonw){.out = out};
}

static void before_value(struct jsonw *w)
{
	if (w->comma & BIT(w->depth))
		buf_ch(w->out, ',');
	w->comma |= BIT(w->depth);
}

void jsonw_open(struct jsonw *w, char bracket)
{
	before_value(w);
	buf_ch(w->out, bracket);
	CHECK(w->depth < 31);
	w->depth++;
	w->comma &= ~BIT(w->depth);
}

void jsonw_close(struct jsonw *w, char bracket)
{
	CHECK(w->depth > 0);
	w->depth--;
	buf_ch(w->out, bracket);
}

static void put_quoted(struct buf *out, struct str s)
{
	buf_ch(out, '"');
	size_t plain = 0; /* start of the run not yet written */
	for (size_t i = 0; i < s.n;) {
		unsigned char c = (unsigned char)s.p[i];
		size_t len = utf8_length((const unsigned char *)s.p + i, s.n - i);
		if (len && c >= 0x20 && c != '"' && c != '\\') {
			i += len;
			continue;
		}
		buf_put(out, str_make(s.p + plain, i - plain));
		if (!len)
			buf_c(out, "\xef\xbf\xbd");
		else if (c == '"' || c == '\\')
			buf_fmt(out, "\\%c", c);
		else
			buf_fmt(out, "\\u%04x", c);
		plain = ++i;
	}
	buf_put(out, str_from(s, plain));
	buf_ch(out, '"');
}

void jsonw_key(struct jsonw *w, const char *key)
{
	before_value(w);
	put_quoted(w->out, str_of(key));
	buf_ch(w->out, ':');
	w->comma &= ~BIT(w->depth); /* the value that follows needs no comma */
}

void jsonw_str(struct jsonw *w, struct str s)
{
	before_value(w);
	put_quoted(w->out, s);
}

void jsonw_i64(struct jsonw *w, int64_t v)
{
	before_value(w);
	buf_i64(w->out, v);
}

void jsonw_u64(struct jsonw *w, uint64_t v)
{
	before_value(w);
	buf_u64(w->out, v);
}

void jsonw_real(struct jsonw *w, double v)
{
	if (!isfinite(v) || fabs(v) > 9e12) {
		jsonw_null(w);
		return;
	}
	before_value(w);
	int64_t millionths = llround(v * 1e6);
	uint64_t size = millionths < 0 ? 0 - (uint64_t)millionths : (uint64_t)millionths;
	if (millionths < 0)
		buf_ch(w->out, '-');
	buf_u64(w->out, size / 1000000);
	uint64_t part = size % 1000000;
	if (!part)
		return;
	char digits[7] = {'.'};
	for (int i = 6; i >= 1; i--, part /= 10)
		digits[i] = (char)('0' + part % 10);
	size_t n = 7;
	while (digits[n - 1] == '0')
		n--;
	buf_put(w->out, str_make(digits, n));
}

void jsonw_bool(struct jsonw *w, bool v)
{
	before_value(w);
	buf_c(w->out, v ? "true" : "false");
}

void jsonw_null(struct jsonw *w)
{
	before_value(w);
	buf_c(w->out, "null");
}

void jsonw_raw(struct jsonw *w, struct str json)
{
	before_value(w);
	buf_put(w->out, json);
}

void jsonw_time(struct jsonw *w, int64_t utc_ms)
{
	if (!utc_ms) {
		jsonw_null(w);
		return;
	}
	before_value(w);
	buf_ch(w->out, '"');
	time_text(w->out, utc_ms);
	buf_ch(w->out, '"');
}

void jsonw_kstr(struct jsonw *w, const char *key, struct str s)
{
	jsonw_key(w, key);
	jsonw_str(w, s);
}

void jsonw_ki64(struct jsonw *w, const char *key, int64_t v)
{
	jsonw_key(w, key);
	jsonw_i64(w, v);
}

void jsonw_kbool(struct jsonw *w, const char *key, bool v)
{
	jsonw_key(w, key);
	jsonw_bool(w, v);
}

void jsonw_ktime(struct jsonw *w, const char *key, int64_t utc_ms)
{
	jsonw_key(w, key);
	jsonw_time(w, utc_ms);
}

int64_t days_from_civil(int year, int month, int day)
{
	year -= month <= 2;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t yoe = year - era * 400;
	int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * 146097 + doe - 719468;
}

void civil_from_days(int64_t days, int *year, int *month, int *day)
{
	days += 719468;
	int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	int64_t doe = days - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	*day = (int)(doy - (153 * mp + 2) / 5 + 1);
	*month = (int)(mp < 10 ? mp + 3 : mp - 9);
	*year = (int)(yoe + era * 400 + (*month <= 2));
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

void time_text(struct buf *out, int64_t utc_ms)
{
	int64_t days = floor_div(utc_ms, 86400000);
	int64_t ms = utc_ms - days * 86400000;
	int year, month, day;
	civil_from_days(days, &year, &month, &day);
	buf_fmt(out, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", year, month, day, (int)(ms / 3600000),
		(int)(ms / 60000 % 60), (int)(ms / 1000 % 60), (int)(ms % 1000));
}

/* n digits at *rest; -1 when they are not there */
static int take_digits(struct str *rest, size_t n)
{
	uint64_t v;
	if (rest->n < n || str_to_u64(str_head(*rest, n), 9999, &v) != ERR_OK)
		return -1;
	*rest = str_from(*rest, n);
	return (int)v;
}

static bool take_char(struct str *rest, char c)
{
	bool small = c >= 'A' && c <= 'Z' && rest->n && rest->p[0] == c + 32;
	if (!rest->n || (rest->p[0] != c && !small))
		return false;
	*rest = str_from(*rest, 1);
	return true;
}

static bool take_date(struct str *rest, int64_t *days)
{
	static const int length[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year = take_digits(rest, 4);
	if (year < 1970 || !take_char(rest, '-'))
		return false;
	int month = take_digits(rest, 2);
	if (month < 1 || month > 12 || !take_char(rest, '-'))
		return false;
	int day = take_digits(rest, 2);
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	if (day < 1 || day > length[month - 1] - (month == 2 && !leap))
		return false;
	*days = days_from_civil(year, month, day);
	return true;
}

static bool take_clock(struct str *rest, int64_t *ms)
{
	int hour = take_digits(rest, 2);
	if (hour < 0 || hour > 23 || !take_char(rest, ':'))
		return false;
	int minute = take_digits(rest, 2);
	if (minute < 0 || minute > 59 || !take_char(rest, ':'))
		return false;
	int second = take_digits(rest, 2);
	if (second < 0 || second > 60)
		return false;
	*ms = ((hour * 60 + minute) * 60 + second) * 1000ll;
	if (take_char(rest, '.')) {
		int64_t unit = 100;
		size_t digits = 0;
		for (; rest->n && rest->p[0] >= '0' && rest->p[0] <= '9'; digits++) {
			*ms += (rest->p[0] - '0') * unit;
			unit /= 10;
			*rest = str_from(*rest, 1);
		}
		if (!digits)
			return false;
	}
	return true;
}

static bool take_offset(struct str *rest, int64_t *ms)
{
	if (take_char(rest, 'Z')) {
		*ms = 0;
		return true;
	}
	bool minus = rest->n && rest->p[0] == '-';
	if (!minus && !(rest->n && rest->p[0] == '+'))
		return false;
	*rest = str_from(*rest, 1);
	int hour = take_digits(rest, 2);
	if (hour < 0 || hour > 23 || !take_char(rest, ':'))
		return false;
	int minute = take_digits(rest, 2);
	if (minute < 0 || minute > 59)
		return false;
	*ms = (hour * 60 + minute) * 60000ll * (minus ? -1 : 1);
	return true;
}

enum err time_parse(struct str s, int64_t *utc_ms)
{
	int64_t days, clock, offset;
	if (!take_date(&s, &days) || !s.n || !(take_char(&s, 'T') || take_char(&s, ' ')))
		return ERR_INVALID;
	if (!take_clock(&s, &clock) || !take_offset(&s, &offset) || s.n)
		return ERR_INVALID;
	*utc_ms = days * 86400000 + clock - offset;
	return ERR_OK;
}
