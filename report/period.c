/* period.c - see period.h. */
#include "report/period.h"

#include "base/jsonw.h"

#define DAY_MS 86400000ll
#define MINUTE_MS 60000ll

/* The beginning of a local date, given as days since 1970. */
static int64_t date_start(const struct zone *z, int64_t days)
{
	struct local_time local;
	const int64_t noon_ms = days * DAY_MS + DAY_MS / 2;
	zone_local(z, noon_ms, &local);
	return zone_day_start(z, noon_ms - local.utc_offset_s * 1000ll);
}

static int64_t date_of(const struct zone *z, int64_t at_ms)
{
	struct local_time local;
	zone_local(z, at_ms, &local);
	return days_from_civil(local.year, local.month, local.day);
}

int64_t period_day(const struct zone *z, int64_t at_ms, int days)
{
	return date_start(z, date_of(z, at_ms) + days);
}

/* The first of a month, some months after the one of at_ms. */
static int64_t month_start(const struct zone *z, int64_t at_ms, int months)
{
	struct local_time local;
	zone_local(z, at_ms, &local);
	const int month = local.year * 12 + local.month - 1 + months;
	return date_start(z, days_from_civil(month / 12, month % 12 + 1, 1));
}

static int64_t week_start(const struct zone *z, int64_t at_ms, int weeks)
{
	struct local_time local;
	zone_local(z, at_ms, &local);
	return period_day(z, at_ms, 7 * weeks - local.weekday);
}

static int64_t year_start(const struct zone *z, int64_t at_ms, int years)
{
	struct local_time local;
	zone_local(z, at_ms, &local);
	return date_start(z, days_from_civil(local.year + years, 1, 1));
}

enum err period_range(struct str word, const struct zone *z, int64_t now_ms, struct range *out)
{
	static const struct {
		const char *word;
		int64_t (*start)(const struct zone *z, int64_t at_ms, int n);
		int from, to;
	} periods[] = {
		{"today", period_day, 0, 1},	      {"yesterday", period_day, -1, 0},
		{"this_week", week_start, 0, 1},      {"last_week", week_start, -1, 0},
		{"this_month", month_start, 0, 1},    {"last_month", month_start, -1, 0},
		{"this_year", year_start, 0, 1},      {"last_year", year_start, -1, 0},
		{"last_7_days", period_day, -7, 0},   {"last_30_days", period_day, -30, 0},
		{"last_90_days", period_day, -90, 0},
	};
	for (size_t i = 0; i < COUNT_OF(periods); i++) {
		if (str_is(word, periods[i].word)) {
			out->from_ms = periods[i].start(z, now_ms, periods[i].from);
			out->to_ms = periods[i].start(z, now_ms, periods[i].to);
			return ERR_OK;
		}
	}
	return ERR_INVALID;
}

static bool is_day(const struct zone *z, int64_t at_ms)
{
	return zone_day_start(z, at_ms) == at_ms;
}

/* How many whole months the range has; 0: it has not. */
static int months_of(const struct zone *z, const struct range *r)
{
	struct local_time from, to;
	zone_local(z, r->from_ms, &from);
	zone_local(z, r->to_ms, &to);
	if (from.day != 1 || to.day != 1 || !is_day(z, r->from_ms) || !is_day(z, r->to_ms))
		return 0;
	return (to.year - from.year) * 12 + to.month - from.month;
}

/* The same time of the local day some days before. */
static int64_t days_before(const struct zone *z, int64_t at_ms, int days)
{
	return period_day(z, at_ms, -days) + (at_ms - zone_day_start(z, at_ms));
}

static void whole_days_before(const struct zone *z, const struct range *r, int days,
			      struct range *out)
{
	out->from_ms = days_before(z, r->from_ms, days);
	out->to_ms = days_before(z, r->to_ms, days);
}

enum err period_before(struct str word, const struct zone *z, const struct range *r, int64_t now_ms,
		       struct range *out)
{
	const int months = months_of(z, r);
	struct range before;
	int back_days = 0, back_months = 0;
	if (str_is(word, "previous_week"))
		back_days = 7;
	else if (str_is(word, "previous_year"))
		back_months = months ? 12 : 0, back_days = 364;
	else if (!str_is(word, "previous_period"))
		return ERR_INVALID;
	else if (months > 0)
		back_months = months;
	else if (is_day(z, r->from_ms) && is_day(z, r->to_ms) && r->to_ms > r->from_ms)
		back_days = (int)(date_of(z, r->to_ms) - date_of(z, r->from_ms));
	if (back_months)
		before = (struct range){month_start(z, r->from_ms, -back_months),
					month_start(z, r->to_ms, -back_months)};
	else if (back_days)
		whole_days_before(z, r, back_days, &before);
	else
		before = (struct range){2 * r->from_ms - r->to_ms, r->from_ms};
	if (now_ms > r->from_ms && now_ms < r->to_ms)
		before.to_ms = MIN(before.to_ms, before.from_ms + (now_ms - r->from_ms));
	*out = before;
	return ERR_OK;
}

int64_t period_minute_of_day(const struct zone *z, int64_t day_ms, uint32_t minute)
{
	const int64_t start = zone_day_start(z, day_ms), end = zone_next_day_start(z, day_ms);
	struct local_time local, first;
	zone_local(z, start, &first);
	zone_local(z, start + minute * MINUTE_MS, &local);
	if (first.utc_offset_s == local.utc_offset_s && !first.hour && !first.minute)
		return start + minute * MINUTE_MS; /* its clock was not moved before that */
	for (int64_t at = start; at < end; at += MINUTE_MS) {
		zone_local(z, at, &local);
		if ((uint32_t)(local.hour * 60 + local.minute) >= minute)
			return at;
	}
	return end;
}
