/* recent_test.c - alarms are counted once each, by name, queue and age. */
#include "report/recent.h"
#include "tests/test.h"

static void come(struct recent *r, uint64_t seq, const char *name, const char *queue)
{
	recent_add(r, &(struct fact){.seq = seq,
				     .at_ms = (int64_t)seq * 1000,
				     .kind = EV_alarm,
				     .alarm = {.name = str_of(name), .queue = str_of(queue)}});
}

TEST(alarms_are_counted_by_name_queue_and_age)
{
	struct recent r = {0};
	come(&r, 10, "agent_lost", "sales");
	come(&r, 12, "agent_lost", "");
	come(&r, 11, "trunk_down", ""); /* filled in later, out of order */
	come(&r, 12, "agent_lost", ""); /* and once more by another way */
	recent_add(&r, &(struct fact){.seq = 13, .at_ms = 13000, .kind = EV_login});
	EXPECT(recent_count(&r, STR("agent_lost"), STR_NONE, 0) == 2);
	EXPECT(recent_count(&r, STR("agent_lost"), STR("sales"), 0) == 1);
	EXPECT(recent_count(&r, STR("agent_lost"), STR_NONE, 10000) ==
	       1); /* a window is (from, to] */
	EXPECT(recent_count(&r, STR("agent_lost"), STR_NONE, 12000) == 0);
	EXPECT(recent_count(&r, STR("trunk_down"), STR_NONE, 0) == 1);
	EXPECT(recent_count(&r, STR("trunk"), STR_NONE, 0) == 0);
	recent_finish(&r);
}

TEST(the_oldest_alarm_makes_way)
{
	struct recent r = {0};
	for (uint64_t seq = 2; seq < RECENT_ALARMS + 12; seq++)
		come(&r, seq, "flow", "");
	come(&r, 1, "flow", "");
	EXPECT(r.count == RECENT_ALARMS);
	EXPECT(recent_count(&r, STR("flow"), STR_NONE, 0) == RECENT_ALARMS);
	EXPECT(recent_count(&r, STR("flow"), STR_NONE, 11000) ==
	       RECENT_ALARMS); /* 12 is the oldest */
	recent_finish(&r);
}
