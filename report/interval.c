/* interval.c - see interval.h. */
#include "report/interval.h"

#define DAY_S 86400u

bool interval_valid(uint32_t seconds)
{
	return seconds == 0 || seconds == 900 || seconds == 1800 || seconds == 3600 ||
	       seconds == DAY_S;
}

int64_t interval_start(const struct interval *i, int64_t at_ms)
{
	if (!i->seconds)
		return i->from_ms;
	if (i->seconds == DAY_S)
		return zone_day_start(i->zone, at_ms);
	struct local_time local;
	zone_local(i->zone, at_ms, &local);
	int64_t length = i->seconds * 1000ll;
	int64_t in = (at_ms + local.utc_offset_s * 1000ll) % length;
	return at_ms - (in < 0 ? in + length : in);
}

int64_t interval_next(const struct interval *i, int64_t at_ms)
{
	if (!i->seconds)
		return i->to_ms;
	if (i->seconds == DAY_S)
		return zone_next_day_start(i->zone, at_ms);
	return interval_start(i, at_ms) + i->seconds * 1000ll;
}
