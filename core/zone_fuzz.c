/*
 * zone_fuzz.c - any bytes as a zone file.
 *
 * Law: what is accepted gives local times that are on the calendar, and days that hold the instant
 * asked about and follow each other without gap.
 */
#include "core/zone.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_at(const struct zone *z, int64_t utc_ms)
{
	struct local_time l;
	zone_local(z, utc_ms, &l);
	CHECK(l.month >= 1 && l.month <= 12 && l.day >= 1 && l.day <= 31);
	CHECK(l.weekday >= 0 && l.weekday <= 6 && l.hour >= 0 && l.hour <= 23);
	int64_t from = zone_day_start(z, utc_ms), to = zone_next_day_start(z, utc_ms);
	CHECK(from <= utc_ms && utc_ms < to);
	CHECK(zone_day_start(z, from) == from && zone_day_start(z, to) == to);
	CHECK(zone_next_day_start(z, from) == to && zone_next_day_start(z, to - 1) == to);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct zone *z = NULL;
	int64_t at_ms = 0;
	if (n < sizeof at_ms)
		return 0;
	memcpy(&at_ms, data, sizeof at_ms);
	at_ms %= INT64_C(253402300800000); /* the years to 9999, and as many before 1970 */
	if (zone_parse(str_make((const char *)data + sizeof at_ms, n - sizeof at_ms), &z) != ERR_OK)
		return 0;
	check_at(z, at_ms);
	check_at(z, INT64_C(1795262400000));
	check_at(z, INT64_C(32503680000000));
	zone_free(z);
	return 0;
}
