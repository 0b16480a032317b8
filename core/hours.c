/* hours.c - see hours.h. */
#include "core/hours.h"

static const struct day_plan *hours_plan(const struct hours_config *h, const struct local_time *l)
{
	for (uint32_t i = 0; i < h->special_count; i++) {
		const struct special_day *s = &h->special[i];
		if (s->year == l->year && s->month == l->month && s->day == l->day)
			return &s->plan;
	}
	return &h->week[l->weekday];
}

bool hours_open(const struct hours_config *h, const struct zone *z, int64_t utc_ms)
{
	struct local_time l;
	zone_local(z, utc_ms, &l);
	const struct day_plan *plan = hours_plan(h, &l);
	int minute = l.hour * 60 + l.minute;
	for (uint32_t i = 0; i < plan->span_count; i++)
		if (minute >= plan->spans[i].from_min && minute < plan->spans[i].to_min)
			return true;
	return false;
}
