/* agents_today_test.c - what the board says of an agent's day is what reports/agents says of it. */
#include <stdio.h>
#include <string.h>

#include "report/agents_today.h"
#include "tests/test.h"

#define DAY 1795305600000ll /* 2026-11-22T00:00Z */
#define MIN_MS 60000ll

static struct fact work(const char *agent, int64_t at_ms, enum work to, bool private)
{
	struct fact f = {.kind = EV_agent_work, .at_ms = at_ms};
	f.agent_work.agent = str_of(agent);
	f.agent_work.to = to;
	f.agent_work.private = private;
	return f;
}

static struct fact presence(const char *agent, int64_t at_ms, enum presence to)
{
	struct fact f = {.kind = EV_agent_presence, .at_ms = at_ms};
	f.agent_presence.agent = str_of(agent);
	f.agent_presence.to = to;
	return f;
}

static const char *said(const struct agents_today *t, const struct reach *r, uint64_t news)
{
	static struct buf b;
	buf_free(&b);
	b = buf_grow(256);
	struct jsonw w = jsonw_make(&b);
	jsonw_open(&w, '{');
	(void)agents_today_json(t, r, news, &w);
	jsonw_close(&w, '}');
	buf_ch(&b, '\0');
	return b.p;
}

TEST(agents_today_adds_up_a_day)
{
	struct agents_today t;
	const struct spell ready = {.presence = PRESENCE_ready, .work = WORK_idle};
	agents_today_init(&t, DAY);
	/* since yesterday: ready an hour before the day, and ten minutes of it */
	agents_today_spell(&t, STR("anna"), &ready, DAY - 60 * MIN_MS, DAY + 10 * MIN_MS);
	agents_today_spell(&t, STR("anna"),
			   &(struct spell){PRESENCE_ready, WORK_offered, STR_NONE, false},
			   DAY + 10 * MIN_MS, INT64_MAX);
	EXPECT_STR(str_of(said(&t, NULL, 0)),
		   "{\"agents\":[{\"agent\":\"anna\",\"busy_ms\":0,\"of_ms\":600000,\"since\":"
		   "\"2026-11-22T00:10:00.000Z\",\"adds\":\"of\"}]}");
	uint64_t news = t.news;
	struct fact f = work("anna", DAY + 11 * MIN_MS, WORK_talking, false);
	agents_today_fact(&t, &f);
	f = work("anna", DAY + 15 * MIN_MS, WORK_wrapping, false);
	agents_today_fact(&t, &f);
	EXPECT_STR(str_of(said(&t, NULL, news)),
		   "{\"agents\":[{\"agent\":\"anna\",\"busy_ms\":240000,\"of_ms\":900000,\"since\":"
		   "\"2026-11-22T00:15:00.000Z\",\"adds\":\"busy\"}]}");
	EXPECT_STR(str_of(said(&t, NULL, t.news)), "{}");
	/* a private call, and who is signed out while he still wraps up */
	f = work("anna", DAY + 16 * MIN_MS, WORK_idle, false);
	agents_today_fact(&t, &f);
	f = work("anna", DAY + 16 * MIN_MS, WORK_talking, true);
	agents_today_fact(&t, &f);
	EXPECT(strstr(said(&t, NULL, 0), "\"busy_ms\":300000,\"of_ms\":960000") &&
	       strstr(said(&t, NULL, 0), "\"adds\":null"));
	f = work("anna", DAY + 20 * MIN_MS, WORK_idle, false);
	agents_today_fact(&t, &f);
	f = presence("anna", DAY + 22 * MIN_MS, PRESENCE_signed_out);
	agents_today_fact(&t, &f);
	EXPECT(strstr(said(&t, NULL, 0), "\"busy_ms\":300000,\"of_ms\":1080000") &&
	       strstr(said(&t, NULL, 0), "\"adds\":null"));
	agents_today_finish(&t);
}

TEST(agents_today_ringing_may_be_work_and_others_are_not_told)
{
	struct agents_today t;
	const struct str names[] = {STR("boris")};
	const struct reach reach = {.agents = names, .agent_count = 1};
	agents_today_init(&t, DAY);
	t.ringing_works = true;
	const struct spell rings = {.presence = PRESENCE_ready, .work = WORK_offered};
	agents_today_spell(&t, STR("anna"), &rings, DAY, DAY + MIN_MS);
	agents_today_spell(&t, STR("boris"), &rings, DAY, DAY + MIN_MS);
	agents_today_spell(&t, STR("cleo"),
			   &(struct spell){PRESENCE_signed_out, WORK_idle, STR_NONE, false}, DAY,
			   INT64_MAX);
	EXPECT_STR(str_of(said(&t, &reach, 0)),
		   "{\"agents\":[{\"agent\":\"boris\",\"busy_ms\":60000,\"of_ms\":60000,\"since\":"
		   "\"2026-11-22T00:01:00.000Z\",\"adds\":null}]}");
	EXPECT(!strstr(said(&t, NULL, 0), "cleo")); /* was never signed in */
	agents_today_finish(&t);
}

TEST(agents_today_a_new_day_begins_with_what_lasts)
{
	struct agents_today t;
	const struct spell talks = {.presence = PRESENCE_ready, .work = WORK_talking};
	agents_today_init(&t, DAY);
	agents_today_spell(&t, STR("anna"), &talks, DAY + 100 * MIN_MS, INT64_MAX);
	agents_today_spell(&t, STR("boris"), &talks, DAY, DAY + 100 * MIN_MS);
	const uint64_t news = t.news;
	agents_today_begin(&t, DAY + 1440 * MIN_MS);
	EXPECT(strstr(said(&t, NULL, 0), "\"anna\",\"busy_ms\":0,\"of_ms\":0,\"since\":"
					 "\"2026-11-23T00:00:00.000Z\",\"adds\":\"busy\""));
	EXPECT(!strstr(said(&t, NULL, 0), "boris"));
	EXPECT(strstr(said(&t, NULL, news), "\"boris\",\"busy_ms\":0,\"of_ms\":0"));
	/* a clock that was set back takes nothing away */
	struct fact f = work("anna", DAY + 1439 * MIN_MS, WORK_wrapping, false);
	agents_today_fact(&t, &f);
	EXPECT(strstr(said(&t, NULL, 0), "\"anna\",\"busy_ms\":0,\"of_ms\":0"));
	agents_today_finish(&t);
}

/* Any story: the sums, and what has been added since, are the report's ratio. */
TEST(agents_today_says_what_reports_say)
{
	static const enum work works[] = {WORK_idle,	 WORK_offered,	 WORK_talking,
					  WORK_holding,	 WORK_wrapping,	 WORK_idle,
					  WORK_dialling, WORK_consulting};
	uint32_t dice = 7;
	for (int story = 0; story < 50; story++) {
		struct agents_today t;
		struct agent_figures f = {0};
		struct spell s = {.presence = PRESENCE_ready, .work = WORK_idle};
		int64_t at_ms = DAY - 5 * MIN_MS;
		agents_today_init(&t, DAY);
		t.ringing_works = story & 1;
		agents_today_spell(&t, STR("anna"), &s, at_ms, INT64_MAX);
		for (int i = 0; i < 60; i++) {
			dice = dice * 1664525u + 1013904223u;
			const int64_t next_ms = at_ms + (dice >> 12) % (3 * MIN_MS);
			if (next_ms > DAY)
				(void)agent_figures_spell(&f, &s, next_ms - MAX(at_ms, DAY));
			at_ms = next_ms;
			if ((dice >> 8) % 5 == 0) {
				s.presence = (dice >> 5) % 2 ? PRESENCE_not_ready : PRESENCE_ready;
				struct fact p = presence("anna", at_ms, s.presence);
				agents_today_fact(&t, &p);
			} else {
				s.work = works[(dice >> 20) % COUNT_OF(works)];
				s.private = (dice >> 28) == 3;
				struct fact g = work("anna", at_ms, s.work, s.private);
				agents_today_fact(&t, &g);
			}
		}
		int64_t busy_ms, of_ms;
		char expected[96];
		agent_occupancy(f.time, t.ringing_works, &busy_ms, &of_ms);
		snprintf(expected, sizeof expected, "\"busy_ms\":%lld,\"of_ms\":%lld,",
			 (long long)busy_ms, (long long)of_ms);
		EXPECT(strstr(said(&t, NULL, 0), expected));
		agents_today_finish(&t);
	}
}
