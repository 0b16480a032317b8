/* toll_test.c - whom outbound calls may reach, and what they use up. */
#include "core/toll.h"

#include "core/config.h"
#include "tests/test.h"

#define NOON ((int64_t)1000 * 86400 * 1000 + 12 * 3600000)
#define HOUR ((int64_t)3600000)

TEST(only_what_is_a_number_leaves_the_house)
{
	static const struct {
		const char *number;
		bool is;
	} rows[] = {
		{"+48601602603", true},
		{"112", true},
		{"*72", true},
		{"19115#", true},
		{"", false},
		{"+", false},
		{"#*", false},
		{"+48601602603;ext=1", false},
		{"601@evil.test", false},
		{"sip:601@evil.test", false},
		{"+48 601", false},
		{"48601602603+", false},
		{"${EXTEN}", false},
		{"+48*601", false},
		{"+486016026031234", true},
		{"+4860160260312345", false},
		{"123456789012345678901", false},
		{"anonymous", false},
		{"60\r\n1", false},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (toll_is_number(str_of(rows[i].number)) != rows[i].is)
			EXPECT_STR(str_of(rows[i].number), "otherwise");
}

TEST(a_tenant_says_whom_may_be_called)
{
	static const struct str world[] = {{"+", 1}}, home[] = {{"+48", 3}},
				premium[] = {{"+48", 3}, {"+4870012", 7}},
				not_mobile[] = {{"+4860", 5}}, help[] = {{"991", 3}};
	static const struct dial_rules none = {0}, nobody = {.allow_said = true},
				       at_home = {.allow_said = true,
						  .allow = home,
						  .allow_count = 1},
				       all = {.allow_said = true, .allow = world, .allow_count = 1},
				       some_premium = {.allow_said = true,
						       .allow = premium,
						       .allow_count = 2,
						       .deny = home,
						       .deny_count = 1},
				       no_mobile = {.deny = not_mobile, .deny_count = 1},
				       own_help = {.emergency = help, .emergency_count = 1};
	static const struct {
		const struct dial_rules *rules;
		const char *number;
		enum toll_rule want;
	} rows[] = {
		{&none, "+48601602603", TOLL_TRUNK_SAYS},
		{&none, "+881612345678",
		 TOLL_TRUNK_SAYS}, /* which carries it only if it names it */
		{&none, "112", TOLL_HELP},
		{&none, "+48;601@x", TOLL_FORBIDDEN},
		{&nobody, "+48601602603", TOLL_FORBIDDEN},
		{&nobody, "112", TOLL_HELP},
		{&at_home, "+48601602603", TOLL_ALLOWED},
		{&at_home, "+442079460000", TOLL_FORBIDDEN},
		{&at_home, "+48700123456", TOLL_FORBIDDEN}, /* premium: not by its country alone */
		{&at_home, "+48801123456", TOLL_FORBIDDEN}, /* shared cost */
		{&at_home, "19115", TOLL_FORBIDDEN},
		{&all, "+442079460000", TOLL_ALLOWED},
		{&all, "+881612345678", TOLL_FORBIDDEN},
		{&all, "+48700123456", TOLL_FORBIDDEN},
		{&some_premium, "+48700123456", TOLL_ALLOWED}, /* the longer one is meant */
		{&some_premium, "+48700923456", TOLL_FORBIDDEN},
		{&some_premium, "+48601602603", TOLL_FORBIDDEN},
		{&no_mobile, "+48601602603", TOLL_FORBIDDEN},
		{&no_mobile, "+48221234567", TOLL_TRUNK_SAYS},
		{&own_help, "991", TOLL_HELP},
		{&own_help, "999", TOLL_HELP},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (toll_rule(rows[i].rules, str_of(rows[i].number), STR("PL")) != rows[i].want)
			EXPECT_STR(str_of(rows[i].number), "otherwise");
}

TEST(a_trunk_carries_what_the_tenant_allows_and_its_prefixes_lead_to)
{
	static const struct str both[] = {{"+44", 3}, {"+4420", 5}};
	size_t match;
	EXPECT(toll_carries(TOLL_ALLOWED, STR("+442079460000"), STR("PL"), NULL, 0, &match));
	EXPECT(match == 0);
	EXPECT(toll_carries(TOLL_ALLOWED, STR("+442079460000"), STR("PL"), both, 2, &match));
	EXPECT(match == 5);
	EXPECT(!toll_carries(TOLL_ALLOWED, STR("+48601602603"), STR("PL"), both, 2, &match));
	EXPECT(!toll_carries(TOLL_TRUNK_SAYS, STR("+442079460000"), STR("PL"), NULL, 0, &match));
	EXPECT(toll_carries(TOLL_TRUNK_SAYS, STR("+442079460000"), STR("PL"), both, 2, &match));
	EXPECT(toll_carries(TOLL_HELP, STR("112"), STR("PL"), both, 2, &match));
	EXPECT(!toll_carries(TOLL_FORBIDDEN, STR("+48601602603"), STR("PL"), NULL, 0, &match));
}

TEST(the_longest_prefix_has_the_price)
{
	static const struct trunk_rate rates[] = {
		{{"+48", 3}, 20000}, {{"+4860", 5}, 50000}, {{"+", 1}, 900000}};
	EXPECT(toll_rate(rates, 3, STR("+48221234567")) == 20000);
	EXPECT(toll_rate(rates, 3, STR("+48601602603")) == 50000);
	EXPECT(toll_rate(rates, 3, STR("+442079460000")) == 900000);
	EXPECT(toll_rate(rates, 3, STR("112")) == -1);
	EXPECT(toll_rate(NULL, 0, STR("+48")) == -1);
}

static void reckon(struct toll *t, int64_t now_ms)
{
	toll_reckon(t, now_ms, now_ms - now_ms % HOUR, now_ms - now_ms % (24 * HOUR));
}

TEST(talk_and_money_count_into_the_hour_and_the_day_they_fall_in)
{
	struct toll t = {0};
	static const struct dial_limits none = {0};
	int64_t at = NOON + HOUR - 60000; /* a minute before one o'clock */
	reckon(&t, at);
	for (int i = 0; i < 2; i++) {
		toll_begin(&t, &none, at);
		toll_answer(&t, 100000); /* 0.1 a minute */
	}
	toll_begin(&t, &none, at); /* rings and is never answered */
	reckon(&t, at + 30000);
	EXPECT(t.talk_hour_ms == 60000 && t.due_hour / 60000 == 100000);
	toll_end(&t, true, 100000);
	toll_end(&t, false, 0);
	reckon(&t, at + 90000); /* half a minute into the new hour */
	EXPECT(t.talk_hour_ms == 30000 && t.talk_day_ms == 120000);
	EXPECT(t.due_hour / 60000 == 50000 && t.due_day / 60000 == 200000);
	reckon(&t, at + 13 * HOUR); /* the next day began meanwhile, and he still talks */
	EXPECT(t.talk_day_ms == at % (24 * HOUR) + 13 * HOUR - 24 * HOUR);
	toll_end(&t, true, 100000);
	EXPECT(t.calls == 0 && t.talking == 0 && t.rate == 0);
	reckon(&t, at + 60 * HOUR);
	EXPECT(t.talk_hour_ms == 0 && t.due_day == 0);
}

TEST(limits_refuse_the_next_call)
{
	struct toll t = {0};
	enum toll_cap which;
	reckon(&t, NOON);
	struct dial_limits l = {.calls = 2};
	EXPECT(toll_full(&t, &l, NOON) == TOLL_CAP_none);
	toll_begin(&t, &l, NOON);
	toll_begin(&t, &l, NOON);
	EXPECT(toll_full(&t, &l, NOON) == TOLL_CAP_calls);
	l = (struct dial_limits){.cost_day = 1000000, .talk_hour_ms = 10 * 60000};
	toll_answer(&t, 500000);
	toll_answer(&t, 0);
	reckon(&t, NOON + 60000);
	EXPECT(toll_filled(&t, &l, &which) == 50 && which == TOLL_CAP_cost_per_day);
	reckon(&t, NOON + 119999);
	EXPECT(toll_filled(&t, &l, &which) == 99);
	EXPECT(toll_full(&t, &l, NOON + 119999) == TOLL_CAP_none);
	reckon(&t, NOON + 120000);
	EXPECT(toll_full(&t, &l, NOON + 120000) == TOLL_CAP_cost_per_day);
	l.cost_day = 0;
	EXPECT(toll_filled(&t, &l, &which) == 40 && which == TOLL_CAP_minutes_per_hour);
}

TEST(paces_fill_up_again)
{
	struct toll t = {0};
	const struct dial_limits l = {.per_second = 2, .per_minute = 3};
	for (int i = 0; i < 2; i++) {
		EXPECT(toll_full(&t, &l, NOON) == TOLL_CAP_none);
		toll_begin(&t, &l, NOON);
	}
	EXPECT(toll_full(&t, &l, NOON) == TOLL_CAP_calls_per_second);
	EXPECT(toll_full(&t, &l, NOON + 500) == TOLL_CAP_none);
	toll_begin(&t, &l, NOON + 500);
	EXPECT(toll_full(&t, &l, NOON + 2000) == TOLL_CAP_calls_per_minute);
	/* asked each 7 ms it fills all the same: 20 s for one call */
	int64_t at = NOON + 2000;
	while (at < NOON + 30000 && toll_full(&t, &l, at) != TOLL_CAP_none)
		at += 7;
	EXPECT(at > NOON + 19000 && at < NOON + 21500);
}
