/* zone_test.c - expected figures are those of `zdump -v` and `date` of tzdata 2024 and later. */
#include "core/zone.h"

#include "base/jsonw.h"
#include "tests/test.h"

#define HOUR INT64_C(3600000)

static int64_t utc(const char *text)
{
	int64_t ms = 0;
	EXPECT(time_parse(str_of(text), &ms) == ERR_OK);
	return ms;
}

/* "2026-03-29 Sun 03:00:00 +7200" */
static struct str local_text(const struct zone *z, const char *at)
{
	static const char *const weekdays[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
	static char room[64];
	struct buf b = buf_make(room, sizeof room);
	struct local_time l;
	zone_local(z, utc(at), &l);
	buf_fmt(&b, "%04d-%02d-%02d %s %02d:%02d:%02d %+d", l.year, l.month, l.day,
		weekdays[l.weekday], l.hour, l.minute, l.second, (int)l.utc_offset_s);
	return buf_str(&b);
}

/* Hours from the day's start to the next one's, or -1 when it does not start where told. */
static int64_t day_hours(const struct zone *z, const char *within, const char *start)
{
	int64_t at = utc(within), from = zone_day_start(z, at), to = zone_next_day_start(z, at);
	if (from != utc(start) || (to - from) % HOUR)
		return -1;
	EXPECT(from <= at && at < to);
	EXPECT(zone_day_start(z, from) == from && zone_day_start(z, to - 1) == from);
	EXPECT(zone_day_start(z, to) == to && zone_next_day_start(z, from - 1) == from);
	return (to - from) / HOUR;
}

TEST(zone_none_is_utc)
{
	EXPECT_STR(local_text(NULL, "1970-01-01T00:00:00Z"), "1970-01-01 Thu 00:00:00 +0");
	EXPECT_STR(local_text(NULL, "2026-11-21T21:57:40Z"), "2026-11-21 Sat 21:57:40 +0");
	EXPECT(day_hours(NULL, "2026-11-21T23:59:59Z", "2026-11-21T00:00:00Z") == 24);
	struct local_time l;
	zone_local(NULL, -1, &l); /* before the epoch division still goes downward */
	EXPECT(l.year == 1969 && l.month == 12 && l.day == 31 && l.second == 59);
	EXPECT(l.weekday == 2);
}

TEST(zone_warsaw_moves_its_clocks)
{
	const struct zone *z = zone_get(STR("Europe/Warsaw"));
	EXPECT(z != NULL);
	EXPECT_STR(local_text(z, "2026-03-29T00:59:59Z"), "2026-03-29 Sun 01:59:59 +3600");
	EXPECT_STR(local_text(z, "2026-03-29T01:00:00Z"), "2026-03-29 Sun 03:00:00 +7200");
	EXPECT_STR(local_text(z, "2026-10-25T00:59:59Z"), "2026-10-25 Sun 02:59:59 +7200");
	EXPECT_STR(local_text(z, "2026-10-25T01:00:00Z"), "2026-10-25 Sun 02:00:00 +3600");
	EXPECT(day_hours(z, "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z") == 23);
	EXPECT(day_hours(z, "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z") == 25);
	EXPECT(day_hours(z, "2026-07-01T12:00:00Z", "2026-06-30T22:00:00Z") == 24);
	EXPECT(day_hours(z, "2026-12-31T23:30:00Z", "2026-12-31T23:00:00Z") == 24);
	/* Warsaw's own mean time, in force until 1915-08-05 */
	struct local_time l;
	zone_local(z, INT64_C(-2000000000000), &l);
	EXPECT(l.utc_offset_s == 5040);
}

TEST(zone_new_york_moves_its_clocks_at_two)
{
	const struct zone *z = zone_get(STR("America/New_York"));
	EXPECT_STR(local_text(z, "2026-03-08T06:59:59Z"), "2026-03-08 Sun 01:59:59 -18000");
	EXPECT_STR(local_text(z, "2026-03-08T07:00:00Z"), "2026-03-08 Sun 03:00:00 -14400");
	EXPECT_STR(local_text(z, "2026-11-01T05:59:59Z"), "2026-11-01 Sun 01:59:59 -14400");
	EXPECT_STR(local_text(z, "2026-11-01T06:00:00Z"), "2026-11-01 Sun 01:00:00 -18000");
	EXPECT(day_hours(z, "2026-03-08T12:00:00Z", "2026-03-08T05:00:00Z") == 23);
	EXPECT(day_hours(z, "2026-11-01T12:00:00Z", "2026-11-01T04:00:00Z") == 25);
}

TEST(zone_kathmandu_keeps_its_odd_quarter)
{
	const struct zone *z = zone_get(STR("Asia/Kathmandu"));
	EXPECT_STR(local_text(z, "2026-11-21T18:15:00Z"), "2026-11-22 Sun 00:00:00 +20700");
	EXPECT_STR(local_text(z, "3026-11-21T18:15:00Z"), "3026-11-22 Wed 00:00:00 +20700");
	EXPECT(day_hours(z, "2026-11-21T18:14:59Z", "2026-11-20T18:15:00Z") == 24);
}

TEST(zone_far_future_follows_the_rule)
{
	const struct zone *z = zone_get(STR("Europe/Warsaw"));
	EXPECT_STR(local_text(z, "2426-03-29T00:59:59Z"), "2426-03-29 Sun 01:59:59 +3600");
	EXPECT_STR(local_text(z, "2426-03-29T01:00:00Z"), "2426-03-29 Sun 03:00:00 +7200");
	EXPECT_STR(local_text(z, "9999-07-01T12:00:00Z"), "9999-07-01 Thu 14:00:00 +7200");
	EXPECT_STR(local_text(z, "9999-12-01T12:00:00Z"), "9999-12-01 Wed 13:00:00 +3600");
	EXPECT(day_hours(z, "4026-03-29T12:00:00Z", "4026-03-28T23:00:00Z") == 23);
	/* 2099: last Sunday of March is the 29th, of October the 25th */
	EXPECT(day_hours(z, "2099-03-29T12:00:00Z", "2099-03-28T23:00:00Z") == 23);
	EXPECT(day_hours(z, "2099-10-25T12:00:00Z", "2099-10-24T22:00:00Z") == 25);
}

TEST(zone_midnight_that_is_not_there)
{
	/* Beirut goes from 00:00 to 01:00 on 2024-03-31: the day begins at 01:00 */
	const struct zone *z = zone_get(STR("Asia/Beirut"));
	EXPECT(day_hours(z, "2024-03-31T12:00:00Z", "2024-03-30T22:00:00Z") == 23);
	EXPECT_STR(local_text(z, "2024-03-30T22:00:00Z"), "2024-03-31 Sun 01:00:00 +10800");
	/* and from 00:00 back to 23:00: the old day has 25 hours */
	EXPECT(day_hours(z, "2024-10-26T12:00:00Z", "2024-10-25T21:00:00Z") == 25);
}

TEST(zone_day_that_shows_twice_begins_once)
{
	/* St. John's went from 00:01 back to 23:01 on 2010-11-07: a minute of the 7th, an hour of
	 * the 6th again, then the 7th. The 7th began at its first midnight. */
	const struct zone *z = zone_get(STR("America/St_Johns"));
	EXPECT_STR(local_text(z, "2010-11-07T02:31:00Z"), "2010-11-06 Sat 23:01:00 -12600");
	EXPECT(day_hours(z, "2010-11-07T02:31:00Z", "2010-11-07T02:30:00Z") == 25);
	EXPECT(day_hours(z, "2010-11-07T12:00:00Z", "2010-11-07T02:30:00Z") == 25);
}

TEST(zone_day_that_is_left_out)
{
	/* Apia crossed the date line: after the 29th of December 2011 came the 31st */
	const struct zone *z = zone_get(STR("Pacific/Apia"));
	EXPECT(day_hours(z, "2011-12-30T09:59:59Z", "2011-12-29T10:00:00Z") == 24);
	EXPECT(day_hours(z, "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z") == 24);
	EXPECT_STR(local_text(z, "2011-12-30T10:00:00Z"), "2011-12-31 Sat 00:00:00 +50400");
}

TEST(zone_rules_of_every_form)
{
	/* Dublin's winter is the exception; Godthab changes before midnight, Troll by two hours */
	const struct zone *z = zone_get(STR("Europe/Dublin"));
	EXPECT_STR(local_text(z, "2060-01-10T12:00:00Z"), "2060-01-10 Sat 12:00:00 +0");
	EXPECT_STR(local_text(z, "2060-07-10T12:00:00Z"), "2060-07-10 Sat 13:00:00 +3600");
	z = zone_get(STR("Antarctica/Troll"));
	EXPECT_STR(local_text(z, "2060-07-10T12:00:00Z"), "2060-07-10 Sat 14:00:00 +7200");
	z = zone_get(STR("Australia/Sydney"));
	EXPECT_STR(local_text(z, "2060-01-10T12:00:00Z"), "2060-01-10 Sat 23:00:00 +39600");
	EXPECT_STR(local_text(z, "2060-07-10T12:00:00Z"), "2060-07-10 Sat 22:00:00 +36000");
}

TEST(zone_is_read_once)
{
	EXPECT(zone_get(STR("Europe/Warsaw")) == zone_get(STR("Europe/Warsaw")));
	EXPECT(zone_get(STR("Europe/Warsaw")) != zone_get(STR("Europe/Berlin")));
}

TEST(zone_names_stay_in_the_directory)
{
	EXPECT(zone_get(STR("")) == NULL);
	EXPECT(zone_get(STR_NONE) == NULL);
	EXPECT(zone_get(STR("Europe")) == NULL);
	EXPECT(zone_get(STR("Europe/Atlantis")) == NULL);
	EXPECT(zone_get(STR("/usr/share/zoneinfo/Europe/Warsaw")) == NULL);
	EXPECT(zone_get(STR("Europe/../Europe/Warsaw")) == NULL);
	EXPECT(zone_get(STR("zone.tab")) == NULL);
	EXPECT(zone_get(STR("Europe/Warsaw\0x")) == NULL);
	EXPECT(zone_get(STR("Europe/Warsaw\n")) == NULL);
	EXPECT(zone_get(STR("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
			    "AAAAAAAA")) == NULL);
}

/* A whole file of no transitions, one type and this footer. */
static enum err parse_footer(const char *footer, struct zone **z)
{
	char room[512];
	struct buf b = buf_make(room, sizeof room);
	for (int pass = 0; pass < 2; pass++) {
		static const char counts[] = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\4";
		buf_c(&b, "TZif2");
		buf_put(&b, str_make("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 15));
		buf_put(&b, str_make(counts, 24));
		buf_put(&b, str_make("\0\0\0\0\0\0ABC\0", 10));
	}
	buf_ch(&b, '\n');
	buf_c(&b, footer);
	buf_ch(&b, '\n');
	return zone_parse(buf_str(&b), z);
}

TEST(zone_footers)
{
	static const struct {
		const char *footer, *at, *local; /* local NULL: refused */
	} rows[] = {
		{"", "2026-01-01T00:00:00Z", "2026-01-01 Thu 00:00:00 +0"},
		{"CET-1", "2026-01-01T00:00:00Z", "2026-01-01 Thu 01:00:00 +3600"},
		{"<+0545>-5:45", "2026-01-01T00:00:00Z", "2026-01-01 Thu 05:45:00 +20700"},
		/* RFC 9636 section 3.3.1 example: Nuuk, before midnight of the day before */
		{"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T00:59:59Z",
		 "2026-03-28 Sat 22:59:59 -7200"},
		{"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00:00Z",
		 "2026-03-29 Sun 00:00:00 -3600"},
		/* Jn: 1 March is day 60 in every year; n: it is 60 in leap years, 59 else */
		{"AAA0BBB,J60/0,J300/0", "2028-03-01T00:00:00Z", "2028-03-01 Wed 01:00:00 +3600"},
		{"AAA0BBB,J60/0,J300/0", "2028-02-29T23:59:59Z", "2028-02-29 Tue 23:59:59 +0"},
		{"AAA0BBB,60/0,300/0", "2028-02-29T23:59:59Z", "2028-02-29 Tue 23:59:59 +0"},
		{"AAA0BBB,60/0,300/0", "2027-03-01T23:59:59Z", "2027-03-01 Mon 23:59:59 +0"},
		{"AAA0BBB,60/0,300/0", "2027-03-02T00:00:00Z", "2027-03-02 Tue 01:00:00 +3600"},
		/* the second Sunday, two o'clock unless told */
		{"EST5EDT,M3.2.0,M11.1.0", "2026-03-08T07:00:00Z",
		 "2026-03-08 Sun 03:00:00 -14400"},
		{"C1", "2026-01-01T00:00:00Z", NULL},
		{"CET", "2026-01-01T00:00:00Z", NULL},
		{"CET-25", "2026-01-01T00:00:00Z", NULL},
		{"CET-1CEST", "2026-01-01T00:00:00Z", NULL},
		{"CET-1CEST,M13.5.0,M10.5.0", "2026-01-01T00:00:00Z", NULL},
		{"CET-1CEST,M3.0.0,M10.5.0", "2026-01-01T00:00:00Z", NULL},
		{"CET-1CEST,M3.5.7,M10.5.0", "2026-01-01T00:00:00Z", NULL},
		{"CET-1CEST,J0,M10.5.0", "2026-01-01T00:00:00Z", NULL},
		{"CET-1CEST,M3.5.0/168,M10.5.0", "2026-01-01T00:00:00Z", NULL},
		{"CET-1CEST,M3.5.0,M10.5.0x", "2026-01-01T00:00:00Z", NULL},
		{"<+05", "2026-01-01T00:00:00Z", NULL},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct zone *z = NULL;
		enum err e = parse_footer(rows[i].footer, &z);
		EXPECT((e == ERR_OK) == (rows[i].local != NULL));
		if (e == ERR_OK && rows[i].local)
			EXPECT_STR(local_text(z, rows[i].at), rows[i].local);
		zone_free(z);
	}
}

TEST(zone_torn_files_are_refused)
{
	struct zone *z = NULL;
	char room[256] = "TZif2";
	for (size_t n = 0; n < sizeof room; n++)
		EXPECT(zone_parse(str_make(room, n), &z) == ERR_INVALID);
	memset(room + 20, 0xff, 24); /* counts of 4 billion */
	EXPECT(zone_parse(str_make(room, sizeof room), &z) == ERR_INVALID);
	EXPECT(zone_parse(STR_NONE, &z) == ERR_INVALID);
	EXPECT(z == NULL);
}
