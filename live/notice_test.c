/* notice_test.c - who sees which alarm and approval, how long, and that desks agree. */
#include <jansson.h>

#include "live/desk_test.h"
#include "tests/test.h"

static const struct str hers[] = {STR("clara")}, late[] = {STR("late")};
static const struct reach reach = {hers, late, 1, 1};
static const struct live_viewer olga = {.all = true, .user = STR("olga")},
				teresa = {.reach = &reach, .user = STR("teresa")},
				clara = {.agent = true, .user = STR("clara")},
				anna = {.agent = true, .user = STR("anna")};

static struct fact alarm_of(uint64_t seq, const char *agent, const char *queue)
{
	return (struct fact){.seq = seq,
			     .at_ms = 1000 * (int64_t)seq,
			     .kind = EV_alarm,
			     .tenant = STR("acme"),
			     .alarm = {.name = STR("agent_lost"),
				       .detail = STR("gone"),
				       .agent = str_of(agent),
				       .queue = str_of(queue)}};
}

static struct fact asked(uint64_t seq, const char *agent, const char *reason)
{
	return (struct fact){.seq = seq,
			     .at_ms = 1000 * (int64_t)seq,
			     .kind = EV_approval_asked,
			     .tenant = STR("acme"),
			     .approval_asked = {str_of(agent), str_of(reason)}};
}

static struct fact decided(uint64_t seq, const char *agent)
{
	return (struct fact){.seq = seq,
			     .kind = EV_approval_end,
			     .tenant = STR("acme"),
			     .approval_end = {.agent = str_of(agent), .how = STR("granted")}};
}

static struct fact acknowledged(uint64_t seq, int64_t which, const char *by)
{
	return (struct fact){.seq = seq,
			     .at_ms = 1000 * (int64_t)seq,
			     .kind = EV_notice_acknowledged,
			     .tenant = STR("acme"),
			     .notice_acknowledged = {.notice = which, .by = str_of(by)}};
}

/* The ids of those he sees, one after the other. */
static struct str ids(const struct live *l, const struct live_viewer *v)
{
	static char room[8000];
	struct buf out = buf_make(room, sizeof room), list = buf_grow(4096);
	live_notices(l, v, &list);
	json_t *all = json_loadb(list.p, list.n, 0, NULL), *n;
	size_t i;
	json_array_foreach(all, i, n)
		buf_fmt(&out, "%s%s", i ? " " : "", json_string_value(json_object_get(n, "id")));
	json_decref(all);
	buf_free(&list);
	return buf_str(&out);
}

TEST(notices_are_for_those_whose_people_and_queues_they_tell_of)
{
	struct live *l = live_create(STR("acme"));
	struct live_news *n = live_news_create();
	const struct fact story[] = {alarm_of(1, "anna", ""),	    alarm_of(2, "clara", ""),
				     alarm_of(3, "", "late"),	    alarm_of(4, "", ""),
				     asked(5, "clara", "training"), asked(6, "anna", "errand")};
	uint32_t heard[4] = {0};
	const struct live_viewer *viewers[] = {&olga, &teresa, &clara, &anna};
	for (size_t i = 0; i < COUNT_OF(story); i++) {
		live_tell(l, &story[i], n);
		for (size_t k = 0; k < COUNT_OF(viewers); k++)
			heard[k] += live_news_for(n, viewers[k]).n != 0;
	}
	EXPECT_STR(ids(l, &olga), "1 2 3 4 5 6");
	EXPECT_STR(ids(l, &teresa), "2 3 5");
	EXPECT_STR(ids(l, &clara), "5"); /* what she asks for herself */
	EXPECT_STR(ids(l, &anna), "6");
	EXPECT(heard[0] == 6 && heard[1] == 3 && heard[2] == 1 && heard[3] == 1);
	const struct fact seen = acknowledged(7, 1, "olga"), over = decided(8, "clara");
	live_tell(l, &seen, n);
	EXPECT(live_news_for(n, &olga).n && !live_news_for(n, &teresa).n &&
	       !live_news_for(n, &anna).n);
	live_tell(l, &over, n);
	EXPECT(live_news_for(n, &teresa).n && live_news_for(n, &clara).n &&
	       !live_news_for(n, &anna).n);
	EXPECT_STR(ids(l, &teresa), "2 3");
	EXPECT_STR(ids(l, &clara), "");
	live_news_destroy(n);
	live_destroy(l);
}

TEST(who_looks_after_it_first_is_who_is_shown)
{
	struct live *l = live_create(STR("acme"));
	struct buf one = buf_grow(512);
	const struct fact story[] = {alarm_of(1, "", ""), acknowledged(2, 1, "olga"),
				     acknowledged(3, 1, "ivan"), acknowledged(4, 9, "ivan")};
	for (size_t i = 0; i < COUNT_OF(story); i++)
		live_apply(l, &story[i]);
	bool taken = false;
	EXPECT(live_notice(l, 1, &olga, &one, &taken) && taken);
	EXPECT_STR(buf_str(&one), "{\"id\":\"1\",\"kind\":\"alarm\",\"name\":\"agent_lost\","
				  "\"at\":\"1970-01-01T00:00:01.000Z\",\"detail\":\"gone\","
				  "\"acknowledged_by\":\"olga\","
				  "\"acknowledged_at\":\"1970-01-01T00:00:02.000Z\"}");
	EXPECT(!live_notice(l, 1, &teresa, &one, &taken) &&
	       !live_notice(l, 9, &olga, &one, &taken));
	buf_free(&one);
	live_destroy(l);
}

/* An approval is not pushed out by alarms; each sees the newest of his. */
TEST(the_newest_alarms_of_each_and_every_approval)
{
	struct live *l = live_create(STR("acme"));
	const struct fact want = asked(1, "clara", "training");
	live_apply(l, &want);
	for (uint64_t seq = 2; seq < 2 + 3 * NOTICES_SHOWN; seq++) {
		const struct fact f = alarm_of(seq, seq % 2 ? "clara" : "", "");
		live_apply(l, &f);
	}
	struct buf all = buf_grow(65536);
	live_notices(l, &teresa, &all);
	json_t *o = json_loadb(all.p, all.n, 0, NULL);
	EXPECT(json_array_size(o) == NOTICES_SHOWN + 1);
	EXPECT_STR(str_of(json_string_value(json_object_get(json_array_get(o, 0), "id"))), "1");
	json_decref(o);
	buf_free(&all);
	const struct fact again = asked(5000, "clara", "errand"); /* of one agent there is one */
	live_apply(l, &again);
	EXPECT(str_ends(ids(l, &clara), STR("5000")) && ids(l, &clara).n == 4);
	live_destroy(l);
}
