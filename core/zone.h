/*
 * zone.h - local time of an IANA zone, without the C library's localtime.
 *
 * Zones are read from /usr/share/zoneinfo (TZif, RFC 9636) when first asked for and kept for ever;
 * what was read once does not change until the program is restarted. A NULL zone is UTC everywhere.
 * Days begin at the first instant of their local date; they have 23, 24 or 25 hours where clocks
 * are moved, and follow each other without gap or overlap. Thread: any. zone_get takes a lock and
 * may read a file: not in a media tick. The rest is pure.
 */
#pragma once

#include "base/str.h"

struct zone;

struct local_time {
	int year, month, day; /* month and day from 1 */
	int weekday;	      /* 0 = Monday */
	int hour, minute, second;
	int32_t utc_offset_s; /* east of Greenwich is positive */
};

/* "Europe/Warsaw". NULL: no such zone, not a zone file, or a name that could leave the directory.
 */
const struct zone *zone_get(struct str iana_name);

void zone_local(const struct zone *z, int64_t utc_ms, struct local_time *out);

/* Where the local day of this instant began, and where the next one will: UTC milliseconds. */
int64_t zone_day_start(const struct zone *z, int64_t utc_ms);
int64_t zone_next_day_start(const struct zone *z, int64_t utc_ms);

/* The file's bytes, parsed; ERR_INVALID: not TZif version 2 or later, torn, or counting leap
 * seconds. zone_get is built on this; so are tests. */
MUST_USE enum err zone_parse(struct str tzif, struct zone **out);
void zone_free(struct zone *z); /* only what zone_parse gave */
