/* nightly_test.c - when the nightly check is due. */
#include "tests/test.h"
#include "web/nightly.h"

#define MINUTE 60000ll
#define DAY (1440 * MINUTE)
#define MIDNIGHT 1795219200000ll /* 2026-11-21T00:00:00Z */

TEST(the_check_is_due_once_a_day)
{
	static const struct {
		int64_t after_ms;
		uint32_t minute;
		int64_t due_ms;
	} cases[] = {
		{MIDNIGHT, 150, MIDNIGHT + 150 * MINUTE},
		{MIDNIGHT + 150 * MINUTE - 1, 150, MIDNIGHT + 150 * MINUTE},
		/* it is that moment: not again today */
		{MIDNIGHT + 150 * MINUTE, 150, MIDNIGHT + DAY + 150 * MINUTE},
		/* started in the day, or minutes after the hour: not at once */
		{MIDNIGHT + 151 * MINUTE, 150, MIDNIGHT + DAY + 150 * MINUTE},
		{MIDNIGHT + DAY - 1, 150, MIDNIGHT + DAY + 150 * MINUTE},
		{MIDNIGHT, 0, MIDNIGHT + DAY},
		{MIDNIGHT - 1, 0, MIDNIGHT},
		{MIDNIGHT, 1439, MIDNIGHT + 1439 * MINUTE},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		EXPECT(nightly_due(cases[i].after_ms, cases[i].minute) == cases[i].due_ms);
}

/* Every second of three days, and again from the middle after a restart: three nights, each once.
 */
TEST(seconds_of_three_days)
{
	uint32_t runs = 0;
	int64_t due = nightly_due(MIDNIGHT, 150);
	for (int64_t now = MIDNIGHT; now < MIDNIGHT + 3 * DAY; now += 1000) {
		if (now == MIDNIGHT + DAY + 200 * MINUTE)
			due = nightly_due(now, 150);
		if (now < due)
			continue;
		EXPECT(now % DAY == 150 * MINUTE);
		due = nightly_due(now, 150);
		runs++;
	}
	EXPECT(runs == 3);
}
