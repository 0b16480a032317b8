/* alert_test.c - one alert over time: duration, hysteresis, quiet hours, unknown figures. */
#include "watch/alert.h"

#include <math.h>

#include "tests/test.h"

/* A figure each second; what was told, second by second: '-' nothing, 'B' begins, 'E' ends. */
static bool story(const struct alert_config *c, const double *values, size_t n, const char *want)
{
	struct alert a = {0};
	bool good = true;
	for (size_t i = 0; i < n; i++) {
		const bool known = !isnan(values[i]), quiet = known && values[i] < 0;
		const enum alert_told told = alert_step(&a, c, known ? &values[i] : NULL, quiet,
							1000000 + (int64_t)i * 1000);
		good &= "-BE"[told] == want[i];
	}
	return good;
}
#define STORY(c, want, ...) story(&(c), (double[]){__VA_ARGS__}, sizeof(want) - 1, want)

TEST(alert_waits_for_its_time)
{
	const struct alert_config c = {.limit = 5, .clear = 5, .for_ms = 3000};
	EXPECT(STORY(c, "---B-E", 6, 6, 6, 6, 6, 5));
	EXPECT(STORY(c, "-------B", 6, 6, 6, 5, 6, 7, 8, 9)); /* beyond anew: from the beginning */
	EXPECT(STORY(c, "------", 5, 5, 5, 5, 5, 5));	      /* at the limit is not beyond it */
}

TEST(alert_tells_once_however_a_figure_trembles)
{
	const struct alert_config c = {.limit = 10, .clear = 4, .for_ms = 0, .clear_for_ms = 2000};
	EXPECT(STORY(c, "B---------E", 11, 9, 11, 8, 11, 4, 5, 11, 4, 3, 2));
	EXPECT(STORY(c, "B-------", 11, 4, 4, 5, 4, 4, 9, 4)); /* not back for long enough */
}

TEST(alert_below_a_limit)
{
	const struct alert_config c = {.below = true, .limit = 80, .clear = 85};
	EXPECT(STORY(c, "-B--E", 80, 79.9, 80, 84.9, 85));
}

TEST(alert_takes_what_is_unknown_for_no_trouble)
{
	const struct alert_config c = {
		.limit = 5, .clear = 5, .for_ms = 1000, .clear_for_ms = 1000};
	EXPECT(STORY(c, "-----B--E", 6, NAN, 6, NAN, 6, 6, 6, NAN, NAN));
}

/* below 0 in these tables: quiet hours */
TEST(alert_is_silent_in_quiet_hours)
{
	const struct alert_config c = {
		.limit = 5, .clear = 5, .for_ms = 1000, .clear_for_ms = 60000};
	EXPECT(STORY(c, "-BE--", 6, 6, -1, -1, 6));
	EXPECT(STORY(c, "----B", 6, -1, -1, 6, 6));
}
