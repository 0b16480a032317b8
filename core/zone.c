/* zone.c - see zone.h. Section numbers are RFC 9636's (TZif). */
#include "core/zone.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/jsonw.h"

#define DIRECTORY "/usr/share/zoneinfo/"
#define NAME_MAX_BYTES 64
#define FILE_BYTES_MAX (1u << 20)
#define DAY_S 86400
/* The Gregorian calendar repeats after 400 years, weekdays included: 146097 days are 20871 weeks.
 */
#define CYCLE_YEARS 400
#define CYCLE_S (INT64_C(146097) * DAY_S)
/* Section 3.2: an offset lies between -25 and 26 hours. */
#define OFFSET_MAX_S (26 * 3600)

struct transition {
	int64_t at_s;	  /* UTC; this offset holds from here on */
	int32_t offset_s; /* to the next transition */
};

struct zone {
	int32_t first_offset_s; /* before the first transition */
	struct transition *transitions;
	uint32_t count;
	bool repeats; /* the last CYCLE_S repeat for ever after the last transition */
};

/* A stretch of time with one offset: [from_s, to_s). */
struct period {
	int64_t from_s, to_s;
	int32_t offset_s;
};

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* -- the footer: a POSIX TZ string (section 3.3.1, POSIX 8.3) -- */

struct rule {
	enum { RULE_WEEKDAY, RULE_JULIAN, RULE_DAY } form;
	int month, week, day; /* Mm.w.d; Jn and n keep n in day */
	int64_t time_s; /* local time at which clocks are moved; may be negative or above a day */
};

struct footer {
	int32_t standard_s, summer_s; /* east of Greenwich */
	bool has_summer;
	struct rule begins, ends; /* of summer time */
};

static bool take(struct str *rest, char c)
{
	if (!rest->n || rest->p[0] != c)
		return false;
	*rest = str_from(*rest, 1);
	return true;
}

static bool take_number(struct str *rest, int max, int *out)
{
	int v = 0;
	size_t n = 0;
	while (n < rest->n && n < 5 && rest->p[n] >= '0' && rest->p[n] <= '9')
		v = v * 10 + (rest->p[n++] - '0');
	*rest = str_from(*rest, n);
	*out = v;
	return n > 0 && v <= max;
}

/* "CET" or "<+0545>" */
static bool take_name(struct str *rest)
{
	size_t n = 0;
	if (take(rest, '<')) {
		ptrdiff_t end = str_find(*rest, '>');
		*rest = str_from(*rest, end < 0 ? 0 : (size_t)end + 1);
		return end > 0;
	}
	while (n < rest->n && ((rest->p[n] | 32) >= 'a' && (rest->p[n] | 32) <= 'z'))
		n++;
	*rest = str_from(*rest, n);
	return n >= 3;
}

/* [+-]h[:mm[:ss]] */
static bool take_time(struct str *rest, int hours_max, int64_t *out)
{
	int hour, minute = 0, second = 0;
	bool minus = take(rest, '-');
	if (!minus)
		take(rest, '+');
	if (!take_number(rest, hours_max, &hour))
		return false;
	if (take(rest, ':') && !take_number(rest, 59, &minute))
		return false;
	if (take(rest, ':') && !take_number(rest, 59, &second))
		return false;
	*out = (minus ? -1 : 1) * (hour * INT64_C(3600) + minute * 60 + second);
	return true;
}

/* ",Mm.w.d/time", ",Jn/time" or ",n/time"; the time is 02:00 when left out */
static bool take_rule(struct str *rest, struct rule *r)
{
	if (!take(rest, ','))
		return false;
	if (take(rest, 'M')) {
		r->form = RULE_WEEKDAY;
		if (!take_number(rest, 12, &r->month) || !r->month || !take(rest, '.') ||
		    !take_number(rest, 5, &r->week) || !r->week || !take(rest, '.') ||
		    !take_number(rest, 6, &r->day))
			return false;
	} else if (take(rest, 'J')) {
		r->form = RULE_JULIAN;
		if (!take_number(rest, 365, &r->day) || !r->day)
			return false;
	} else {
		r->form = RULE_DAY;
		if (!take_number(rest, 365, &r->day))
			return false;
	}
	r->time_s = 2 * 3600;
	return !take(rest, '/') || take_time(rest, 167, &r->time_s);
}

static bool footer_parse(struct str text, struct footer *f)
{
	int64_t west_s;
	*f = (struct footer){0};
	if (!take_name(&text) || !take_time(&text, 24, &west_s))
		return false;
	f->standard_s = (int32_t)-west_s;
	if (!text.n)
		return true;
	f->has_summer = true;
	f->summer_s = f->standard_s + 3600;
	if (!take_name(&text))
		return false;
	if (text.n && text.p[0] != ',') {
		if (!take_time(&text, 24, &west_s))
			return false;
		f->summer_s = (int32_t)-west_s;
	}
	return take_rule(&text, &f->begins) && take_rule(&text, &f->ends) && !text.n;
}

/* The day of this year on which clocks are moved, in days since 1970. */
static int64_t rule_day(const struct rule *r, int year)
{
	int64_t new_year = days_from_civil(year, 1, 1);
	bool leap = days_from_civil(year + 1, 1, 1) - new_year == 366;
	if (r->form == RULE_DAY)
		return new_year + r->day;
	if (r->form == RULE_JULIAN) /* 29 February is never counted */
		return new_year + r->day - 1 + (leap && r->day >= 60);
	int64_t first = days_from_civil(year, r->month, 1);
	int64_t after = r->month == 12 ? days_from_civil(year + 1, 1, 1)
				       : days_from_civil(year, r->month + 1, 1);
	int first_weekday = (int)(((first + 4) % 7 + 7) % 7); /* 0 = Sunday, as in the rule */
	int64_t day = first + (r->day - first_weekday + 7) % 7 + (r->week - 1) * 7;
	return day < after ? day : day - 7; /* week 5 is the last one there is */
}

static void zone_add(struct zone *z, int64_t at_s, int32_t offset_s)
{
	if (z->count && at_s <= z->transitions[z->count - 1].at_s)
		return; /* the table knows better than the rule */
	z->transitions[z->count++] = (struct transition){at_s, offset_s};
}

/* Writes the rule's transitions out for one whole cycle behind the table, so that one search finds
 * everything and later times are looked up a multiple of 400 years earlier. */
static void zone_extend(struct zone *z, const struct footer *f)
{
	int64_t last_s = z->count ? z->transitions[z->count - 1].at_s : 0;
	int year, month, day;
	civil_from_days(MAX(floor_div(last_s, DAY_S), days_from_civil(1900, 1, 1)), &year, &month,
			&day);
	for (int y = year; y <= year + CYCLE_YEARS + 1; y++) {
		int64_t begin = rule_day(&f->begins, y) * DAY_S + f->begins.time_s - f->standard_s;
		int64_t end = rule_day(&f->ends, y) * DAY_S + f->ends.time_s - f->summer_s;
		if (begin < end) {
			zone_add(z, begin, f->summer_s);
			zone_add(z, end, f->standard_s);
		} else {
			zone_add(z, end, f->standard_s);
			zone_add(z, begin, f->summer_s);
		}
	}
	z->repeats = true;
}

/* -- the file (section 3) -- */

struct header {
	uint32_t utc_count, std_count, leap_count, time_count, type_count, char_count;
	uint8_t version;
};

#define HEADER_BYTES 44

static uint32_t be32(const char *p)
{
	const uint8_t *b = (const uint8_t *)p;
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static int64_t be64(const char *p)
{
	return (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
}

static bool header_parse(struct str in, struct header *h)
{
	if (in.n < HEADER_BYTES || memcmp(in.p, "TZif", 4) != 0)
		return false;
	h->version = (uint8_t)in.p[4];
	h->utc_count = be32(in.p + 20);
	h->std_count = be32(in.p + 24);
	h->leap_count = be32(in.p + 28);
	h->time_count = be32(in.p + 32);
	h->type_count = be32(in.p + 36);
	h->char_count = be32(in.p + 40);
	return true;
}

/* Bytes of the data behind a header whose times take time_bytes each. */
static uint64_t body_bytes(const struct header *h, unsigned time_bytes)
{
	return (uint64_t)h->time_count * (time_bytes + 1) + (uint64_t)h->type_count * 6 +
	       h->char_count + (uint64_t)h->leap_count * (time_bytes + 4) + h->std_count +
	       h->utc_count;
}

/* Fills the table from the version 2 body. */
static bool zone_fill(struct zone *z, const struct header *h, const char *body)
{
	const char *times = body, *kinds = times + (size_t)h->time_count * 8,
		   *types = kinds + h->time_count;

	for (uint32_t i = 0; i < h->type_count; i++) {
		int32_t offset_s = (int32_t)be32(types + 6 * (size_t)i);
		if (offset_s < -OFFSET_MAX_S || offset_s > OFFSET_MAX_S)
			return false;
	}
	z->first_offset_s = (int32_t)be32(types); /* section 3.2: type 0 holds before the table */
	for (uint32_t i = 0; i < h->time_count; i++) {
		int64_t at_s = be64(times + 8 * (size_t)i);
		uint8_t kind = (uint8_t)kinds[i];
		if (kind >= h->type_count || (i && at_s <= z->transitions[i - 1].at_s))
			return false;
		/* A zone file has no reason to speak of times the calendar below cannot hold;
		 * section 3.2 lets a first one of -2^59 mean the Big Bang. */
		if (at_s < -(INT64_C(1) << 59) || at_s > INT64_C(1) << 40)
			return false;
		z->transitions[z->count++] =
			(struct transition){at_s, (int32_t)be32(types + 6 * (size_t)kind)};
	}
	return true;
}

enum err zone_parse(struct str in, struct zone **out)
{
	struct header h;
	if (!header_parse(in, &h) || h.version < '2' || body_bytes(&h, 4) > in.n - HEADER_BYTES)
		return ERR_INVALID;
	in = str_from(in, HEADER_BYTES + (size_t)body_bytes(&h, 4));
	if (!header_parse(in, &h) || h.version < '2' || !h.type_count || h.leap_count ||
	    body_bytes(&h, 8) > in.n - HEADER_BYTES)
		return ERR_INVALID;

	struct str text = str_from(in, HEADER_BYTES + (size_t)body_bytes(&h, 8)), tz;
	struct footer footer = {0};
	if (!take(&text, '\n') || !str_cut(text, '\n', &tz, &text) ||
	    (tz.n && !footer_parse(tz, &footer)))
		return ERR_INVALID;

	struct zone *z = xcalloc(1, sizeof *z);
	z->transitions = xcalloc(h.time_count + 2 * (CYCLE_YEARS + 2), sizeof *z->transitions);
	if (!zone_fill(z, &h, in.p + HEADER_BYTES)) {
		zone_free(z);
		return ERR_INVALID;
	}
	if (footer.has_summer)
		zone_extend(z, &footer);
	else if (tz.n && !z->count)
		z->first_offset_s = footer.standard_s;
	*out = z;
	return ERR_OK;
}

void zone_free(struct zone *z)
{
	if (!z)
		return;
	free(z->transitions);
	free(z);
}

/* -- looking up -- */

/* The stretch around t_s within the table; open ends reach to the ends of time. */
static struct period period_in_table(const struct zone *z, int64_t t_s)
{
	uint32_t low = 0, high = z->count; /* transitions not after t_s */
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (z->transitions[middle].at_s <= t_s)
			low = middle + 1;
		else
			high = middle;
	}
	return (struct period){
		.from_s = low ? z->transitions[low - 1].at_s : INT64_MIN,
		.to_s = low < z->count ? z->transitions[low].at_s : INT64_MAX,
		.offset_s = low ? z->transitions[low - 1].offset_s : z->first_offset_s,
	};
}

static struct period period_at(const struct zone *z, int64_t t_s)
{
	if (!z)
		return (struct period){INT64_MIN, INT64_MAX, 0};
	if (!z->repeats || t_s < z->transitions[z->count - 1].at_s)
		return period_in_table(z, t_s);
	int64_t shift_s = ((t_s - z->transitions[z->count - 1].at_s) / CYCLE_S + 1) * CYCLE_S;
	struct period p = period_in_table(z, t_s - shift_s);
	p.from_s += shift_s;
	p.to_s += shift_s;
	return p;
}

void zone_local(const struct zone *z, int64_t utc_ms, struct local_time *out)
{
	int64_t t_s = floor_div(utc_ms, 1000);
	int32_t offset_s = period_at(z, t_s).offset_s;
	int64_t days = floor_div(t_s + offset_s, DAY_S);
	int second = (int)(t_s + offset_s - days * DAY_S);
	*out = (struct local_time){
		.weekday = (int)(((days + 3) % 7 + 7) % 7), /* 1970-01-01 was a Thursday */
		.hour = second / 3600,
		.minute = second / 60 % 60,
		.second = second % 60,
		.utc_offset_s = offset_s,
	};
	civil_from_days(days, &out->year, &out->month, &out->day);
}

/* The first instant at which local clocks show midnight of this day or later. Where midnight is
 * skipped that is the moment of the change; a day that is skipped whole begins with its next. */
static int64_t day_start_s(const struct zone *z, int64_t day)
{
	int64_t midnight_s = day * DAY_S;
	struct period p = period_at(z, midnight_s - OFFSET_MAX_S);
	while (MAX(p.from_s, midnight_s - p.offset_s) >= p.to_s)
		p = period_at(z, p.to_s);
	return MAX(p.from_s, midnight_s - p.offset_s);
}

/* The local day that has begun last: where clocks go back over midnight a date shows twice, but its
 * day begins once. */
static int64_t day_at(const struct zone *z, int64_t t_s)
{
	int64_t day = floor_div(t_s + period_at(z, t_s).offset_s, DAY_S);
	while (day_start_s(z, day + 1) <= t_s)
		day++;
	return day;
}

int64_t zone_day_start(const struct zone *z, int64_t utc_ms)
{
	return day_start_s(z, day_at(z, floor_div(utc_ms, 1000))) * 1000;
}

int64_t zone_next_day_start(const struct zone *z, int64_t utc_ms)
{
	return day_start_s(z, day_at(z, floor_div(utc_ms, 1000)) + 1) * 1000;
}

/* -- the cache -- */

struct cached {
	struct cached *next;
	char name[NAME_MAX_BYTES + 1];
	struct zone *zone;
};

static pthread_mutex_t cache_lock = PTHREAD_MUTEX_INITIALIZER;
static struct cached *cache;

/* No dot at all, so no "..": names cannot leave the directory. */
static bool name_is_safe(struct str name)
{
	if (!name.n || name.n > NAME_MAX_BYTES || name.p[0] == '/')
		return false;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i], letter = (char)(c | 32);
		if (!(letter >= 'a' && letter <= 'z') && !(c >= '0' && c <= '9') && c != '/' &&
		    c != '_' && c != '-' && c != '+')
			return false;
	}
	return true;
}

static struct zone *zone_read(const char *name)
{
	char path[sizeof DIRECTORY + NAME_MAX_BYTES];
	struct buf b = buf_make(path, sizeof path - 1);
	buf_c(&b, DIRECTORY);
	buf_c(&b, name);
	path[b.n] = 0;

	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	struct zone *z = NULL;
	char *bytes = xcalloc(1, FILE_BYTES_MAX);
	size_t n = 0;
	ssize_t got;
	while (n < FILE_BYTES_MAX && (got = read(fd, bytes + n, FILE_BYTES_MAX - n)) > 0)
		n += (size_t)got;
	close(fd);
	if (zone_parse(str_make(bytes, n), &z) != ERR_OK)
		z = NULL;
	free(bytes);
	return z;
}

const struct zone *zone_get(struct str iana_name)
{
	if (!name_is_safe(iana_name))
		return NULL;
	struct zone *z = NULL;
	pthread_mutex_lock(&cache_lock);
	struct cached *c = cache;
	while (c && !str_is(iana_name, c->name))
		c = c->next;
	if (!c) { /* unknown names are not kept: whoever asks for them may ask for many */
		struct cached *fresh = xcalloc(1, sizeof *fresh);
		CHECK(str_copy(iana_name, fresh->name, sizeof fresh->name));
		fresh->zone = zone_read(fresh->name);
		if (fresh->zone) {
			fresh->next = cache;
			c = cache = fresh;
		} else {
			free(fresh);
		}
	}
	if (c)
		z = c->zone;
	pthread_mutex_unlock(&cache_lock);
	return z;
}
