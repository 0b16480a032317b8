/* figures_test.c - the formulas of behaviours.md section 2, intervals, percentiles. */
#include <math.h>
#include <stdio.h>

#include "report/agent_figures.h"
#include "report/interval.h"
#include "report/queue_figures.h"
#include "tests/test.h"

static bool json_has(struct str json, const char *what)
{
	bool there = str_find_str(json, str_of(what)) >= 0;
	if (!there)
		test_say(str_of(what));
	return there;
}

/* K-2: T = 20 s, short up to 5 s; limits belong to the good side */
static const struct visit golden[] = {
	{.result = RESULT_answered, .wait_ms = 5000},
	{.result = RESULT_answered, .wait_ms = 12000},
	{.result = RESULT_answered, .wait_ms = 19000},
	{.result = RESULT_answered, .wait_ms = 21000},
	{.result = RESULT_answered, .wait_ms = 60000},
	{.result = RESULT_abandoned, .wait_ms = 3000},
	{.result = RESULT_abandoned, .wait_ms = 15000},
	{.result = RESULT_abandoned, .wait_ms = 40000},
	{.result = RESULT_flow_out, .wait_ms = 1000},
	{.result = RESULT_callback, .wait_ms = 1000},
};

TEST(golden_ten_contacts)
{
	struct queue_figures f;
	queue_figures_init(&f);
	for (size_t i = 0; i < COUNT_OF(golden); i++)
		queue_figures_add(&f, &QUEUE_RULES_DEFAULT, &golden[i]);
	char room[3000];
	struct buf b = buf_make(room, sizeof room);
	struct jsonw w = jsonw_make(&b);
	jsonw_open(&w, '{');
	queue_figures_json(&w, &f, &QUEUE_RULES_DEFAULT);
	jsonw_close(&w, '}');
	static const char *const want[] = {
		"\"sl_1\":0.3,",
		"\"sl_2\":0.375,",
		"\"sl_3\":0.6,",
		"\"sl_4\":0.625,",
		"\"sl_5\":0.5,",
		"\"sl_6\":0.333333,",
		"\"abandon_rate\":0.222222,",
		"\"abandon_rate_plain\":0.3,",
		"\"asa_ms\":23400,",
		"\"time_to_abandon_ms\":19333,",
		"\"sl_2_with_flow_out\":0.333333,",
		"\"sl_2_without_short\":0.428571,",
		"\"sl_2_without_abandoned\":0.6,",
	};
	for (size_t i = 0; i < COUNT_OF(want); i++)
		EXPECT(json_has(buf_str(&b), want[i]));
	queue_figures_finish(&f);
}

TEST(promises_are_held_against_the_real_waits)
{
	static const struct visit visits[] = {
		{.result = RESULT_answered,
		 .promise_ewt_ms = 50000,
		 .promise_ms = 60000,
		 .promise_waited_ms = 60000}, /* kept to the millisecond; off by a sixth */
		{.result = RESULT_answered,
		 .promise_ewt_ms = 50000,
		 .promise_ms = 60000,
		 .promise_waited_ms = 100000}, /* broken; off by a half */
		{.result = RESULT_abandoned,
		 .promise_ewt_ms = 50000,
		 .promise_ms = 60000,
		 .promise_waited_ms =
			 62500}, /* broken: he waited longer than he was told; a fifth */
		{.result = RESULT_abandoned,
		 .promise_ewt_ms = 50000,
		 .promise_ms = 60000,
		 .promise_waited_ms = 60000}, /* nobody knows */
		{.result = RESULT_answered},  /* told nothing */
		{.result = RESULT_flow_out, .promise_ms = 60000, .promise_waited_ms = 90000},
	};
	struct queue_figures f;
	char room[3000];
	struct buf b = buf_make(room, sizeof room);
	struct jsonw w = jsonw_make(&b);
	queue_figures_init(&f);
	jsonw_open(&w, '{');
	queue_figures_promises(&w, &f);
	for (size_t i = 0; i < COUNT_OF(visits); i++)
		queue_figures_add(&f, &QUEUE_RULES_DEFAULT, &visits[i]);
	queue_figures_promises(&w, &f);
	jsonw_close(&w, '}');
	EXPECT_STR(buf_str(&b), "{\"promise_kept_rate\":null,\"promise_error_p50\":null,"
				"\"promise_kept_rate\":0.333333,\"promise_error_p50\":0.2}");
	EXPECT(f.count[COUNT_promised] == 3 && f.count[COUNT_promise_kept] == 1);
	queue_figures_finish(&f);
}

TEST(no_data_is_null_never_zero_or_everything)
{
	struct queue_figures f;
	queue_figures_init(&f);
	struct visit waiting = {.result = RESULT_none};
	queue_figures_add(&f, &QUEUE_RULES_DEFAULT, &waiting);
	char room[3000];
	struct buf b = buf_make(room, sizeof room);
	struct jsonw w = jsonw_make(&b);
	jsonw_open(&w, '{');
	queue_figures_json(&w, &f, &QUEUE_RULES_DEFAULT);
	EXPECT(json_has(buf_str(&b), "\"waiting\":1,"));
	EXPECT(json_has(buf_str(&b), "\"sl_1\":0,")); /* offered: there is something to divide by */
	EXPECT(json_has(buf_str(&b), "\"sl_2\":null,"));
	EXPECT(json_has(buf_str(&b), "\"sl_3\":null,"));
	EXPECT(json_has(buf_str(&b), "\"asa_ms\":null,"));
	EXPECT(json_has(buf_str(&b), "\"aht_ms\":null,"));
	EXPECT(json_has(buf_str(&b), "\"wait_p80_ms\":null,"));
	queue_figures_finish(&f);
}

TEST(limits_belong_to_the_good_side)
{
	struct queue_rules rules = {.threshold_ms = 10000, .short_ms = 2000};
	struct visit v = {.result = RESULT_answered, .wait_ms = 10000};
	EXPECT(visit_counts(COUNT_answered_in_threshold, &rules, &v));
	v.wait_ms = 10001;
	EXPECT(!visit_counts(COUNT_answered_in_threshold, &rules, &v));
	v = (struct visit){.result = RESULT_abandoned, .wait_ms = 2000};
	EXPECT(visit_counts(COUNT_short_abandoned, &rules, &v));
	EXPECT(visit_counts(COUNT_abandoned_in_threshold, &rules, &v));
	v.wait_ms = 2001;
	EXPECT(!visit_counts(COUNT_short_abandoned, &rules, &v));
}

/* T-3: every result is exactly one of the seven parts of `offered` */
TEST(every_visit_is_in_one_part)
{
	static const enum queue_count parts[] = {COUNT_answered,  COUNT_abandoned, COUNT_flow_out,
						 COUNT_callbacks, COUNT_rejected,  COUNT_failed,
						 COUNT_waiting};
	for (int r = RESULT_none; r <= RESULT_server_restart; r++) {
		struct visit v = {.result = (enum result)r};
		int in = 0;
		for (size_t i = 0; i < COUNT_OF(parts); i++)
			in += visit_counts(parts[i], &QUEUE_RULES_DEFAULT, &v);
		EXPECT(in == 1);
	}
	struct visit crashed = {.result = RESULT_server_restart};
	EXPECT(visit_counts(COUNT_failed, &QUEUE_RULES_DEFAULT, &crashed));
}

TEST(every_number_of_a_row_opens)
{
	struct queue_figures f;
	queue_figures_init(&f);
	char room[3000];
	struct buf b = buf_make(room, sizeof room);
	struct jsonw w = jsonw_make(&b);
	jsonw_open(&w, '{');
	queue_figures_json(&w, &f, &QUEUE_RULES_DEFAULT);
	struct str rest = str_from(buf_str(&b), 1), key;
	int n = 0, closed = 0;
	while (str_cut(rest, ':', &key, &rest)) {
		enum queue_count field;
		key = str_head(str_from(key, 1), key.n - 2);
		enum err e = queue_field(key, &QUEUE_RULES_DEFAULT, &field);
		EXPECT(e == ERR_OK || e == ERR_UNSUPPORTED);
		closed += e == ERR_UNSUPPORTED;
		str_cut(rest, ',', &key, &rest);
		n++;
	}
	EXPECT(n > 30);
	EXPECT(closed == 4); /* two names and two limits */
	enum queue_count field;
	EXPECT(queue_field(STR("queue"), &QUEUE_RULES_DEFAULT, &field) == ERR_INVALID);
	EXPECT(queue_field(STR(""), &QUEUE_RULES_DEFAULT, &field) == ERR_INVALID);
	queue_figures_finish(&f);
}

/* K-3: a ratio opens into what stands above its line: ratio x base = list */
TEST(a_ratio_opens_into_its_numerator)
{
	static const struct {
		const char *field;
		bool opens[8];
	} table[] = {
		/* answered 20 s, 20.001 s; abandoned 5 s, 5.001 s, 20 s, 20.001 s; out, waiting */
		{"sl_1", {1}},
		{"sl_2", {1}},
		{"sl_3", {1}},
		{"sl_4", {1, 0, 1, 1, 1}},
		{"sl_5", {1}},
		{"sl_6", {1}},
		{"sl_2_with_flow_out", {1}},
		{"abandon_rate", {0, 0, 0, 1, 1, 1}},
		{"abandon_rate_handled", {0, 0, 0, 1, 1, 1}},
		{"abandon_rate_plain", {0, 0, 1, 1, 1, 1}},
		{"asa_ms", {1, 1}},
	};
	static const struct visit visits[8] = {
		{.result = RESULT_answered, .wait_ms = 20000},
		{.result = RESULT_answered, .wait_ms = 20001},
		{.result = RESULT_abandoned, .wait_ms = 5000},
		{.result = RESULT_abandoned, .wait_ms = 5001},
		{.result = RESULT_abandoned, .wait_ms = 20000},
		{.result = RESULT_abandoned, .wait_ms = 20001},
		{.result = RESULT_flow_out, .wait_ms = 100},
		{.result = RESULT_none},
	};
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		enum queue_count field;
		EXPECT(queue_field(str_of(table[i].field), &QUEUE_RULES_DEFAULT, &field) == ERR_OK);
		for (size_t v = 0; v < COUNT_OF(visits); v++)
			if (visit_counts(field, &QUEUE_RULES_DEFAULT, &visits[v]) !=
			    table[i].opens[v])
				test_failed(table[i].field, __FILE__, __LINE__);
	}
}

/* K-1, K-4: what the tenant agreed on stands beside all variants, with its name; K-2's figures */
TEST(the_formula_agreed_on_is_named)
{
	static const struct {
		struct queue_rules rules;
		const char *sl, *abandon;
		enum queue_count sl_opens, abandon_opens;
	} table[] = {
		{{.sl = 1},
		 "\"sl\":0.3,\"sl_variant\":\"sl_1\",",
		 "\"abandon_rate\":0.222222,\"abandon_variant\":\"default\",",
		 COUNT_answered_in_threshold,
		 COUNT_long_abandoned},
		{{.sl = 2, .abandon = ABANDON_plain},
		 "\"sl\":0.375,\"sl_variant\":\"sl_2\",",
		 "\"abandon_rate\":0.3,\"abandon_variant\":\"plain\",",
		 COUNT_answered_in_threshold,
		 COUNT_abandoned},
		{{.sl = 2, .with_flow_out = true, .abandon = ABANDON_handled},
		 "\"sl\":0.333333,\"sl_variant\":\"sl_2_with_flow_out\",",
		 "\"abandon_rate\":0.285714,\"abandon_variant\":\"handled\",",
		 COUNT_answered_in_threshold,
		 COUNT_long_abandoned},
		{{.sl = 2, .without_short = true},
		 "\"sl\":0.428571,\"sl_variant\":\"sl_2_without_short\",",
		 "",
		 COUNT_answered_in_threshold,
		 COUNT_long_abandoned},
		/* no abandon at all: the short ones are out with them */
		{{.sl = 2, .without_short = true, .without_lost = true},
		 "\"sl\":0.6,\"sl_variant\":\"sl_2_without_abandoned\",",
		 "",
		 COUNT_answered_in_threshold,
		 COUNT_long_abandoned},
		{{.sl = 2, .with_flow_out = true, .without_lost = true},
		 "\"sl\":0.5,\"sl_variant\":\"sl_2_with_flow_out_without_abandoned\",",
		 "",
		 COUNT_answered_in_threshold,
		 COUNT_long_abandoned},
		{{.sl = 3}, "\"sl\":0.6,", "", COUNT_answered_in_threshold, COUNT_long_abandoned},
		{{.sl = 4}, "\"sl\":0.625,", "", COUNT_done_in_threshold, COUNT_long_abandoned},
		{{.sl = 5, .with_flow_out = true}, /* a switch of SL-2 alone */
		 "\"sl\":0.5,\"sl_variant\":\"sl_5\",",
		 "",
		 COUNT_answered_in_threshold,
		 COUNT_long_abandoned},
		{{.sl = 6},
		 "\"sl\":0.333333,",
		 "",
		 COUNT_answered_in_threshold,
		 COUNT_long_abandoned},
	};
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		struct queue_rules rules = table[i].rules;
		rules.threshold_ms = 20000;
		rules.short_ms = 5000;
		struct queue_figures f;
		queue_figures_init(&f);
		for (size_t v = 0; v < COUNT_OF(golden); v++)
			queue_figures_add(&f, &rules, &golden[v]);
		char room[3000];
		struct buf b = buf_make(room, sizeof room);
		struct jsonw w = jsonw_make(&b);
		jsonw_open(&w, '{');
		queue_figures_json(&w, &f, &rules);
		EXPECT(json_has(buf_str(&b), table[i].sl));
		EXPECT(json_has(buf_str(&b), table[i].abandon));
		enum queue_count field;
		EXPECT(queue_field(STR("sl"), &rules, &field) == ERR_OK);
		EXPECT(field == table[i].sl_opens);
		EXPECT(queue_field(STR("abandon_rate"), &rules, &field) == ERR_OK);
		EXPECT(field == table[i].abandon_opens);
		queue_figures_finish(&f);
	}
}

TEST(every_number_of_an_agent_opens_or_says_why_not)
{
	struct agent_figures f = {0};
	char room[3000];
	struct buf b = buf_make(room, sizeof room);
	struct jsonw w = jsonw_make(&b);
	jsonw_open(&w, '{');
	agent_figures_json(&w, &f, false);
	struct str rest = str_from(buf_str(&b), 1), key;
	int opens = 0, closed = 0;
	while (str_cut(rest, ':', &key, &rest)) {
		struct agent_list list;
		enum err e = agent_field(str_head(str_from(key, 1), key.n - 2), &list);
		EXPECT(e == ERR_OK || e == ERR_UNSUPPORTED);
		opens += e == ERR_OK;
		closed += e == ERR_UNSUPPORTED;
		str_cut(rest, ',', &key, &rest);
	}
	EXPECT(opens == 21); /* ten counts, four times, two averages, two rates */
	EXPECT(closed == 11);
	struct agent_list list;
	EXPECT(agent_field(STR("handled"), &list) == ERR_OK && list.behind == BEHIND_handled);
	EXPECT(agent_field(STR("ready_ms"), &list) == ERR_UNSUPPORTED);
	EXPECT(agent_field(STR("agent"), &list) == ERR_INVALID);
}

TEST(percentiles_by_nearest_rank)
{
	/* the textbook's five values */
	static const int64_t five[] = {15, 20, 35, 40, 50};
	EXPECT(figures_percentile(five, 5, 5) == 15);
	EXPECT(figures_percentile(five, 5, 30) == 20);
	EXPECT(figures_percentile(five, 5, 40) == 20);
	EXPECT(figures_percentile(five, 5, 50) == 35);
	EXPECT(figures_percentile(five, 5, 80) == 40);
	EXPECT(figures_percentile(five, 5, 81) == 50);
	EXPECT(figures_percentile(five, 5, 100) == 50);
	static const int64_t one[] = {7};
	EXPECT(figures_percentile(one, 1, 1) == 7 && figures_percentile(one, 1, 100) == 7);
	EXPECT(figures_average(3, 2) == 2); /* half up */
	EXPECT(figures_average(58000, 3) == 19333);
}

static int64_t utc(const char *text)
{
	int64_t ms = 0;
	EXPECT(time_parse(str_of(text), &ms) == ERR_OK);
	return ms;
}

TEST(days_with_23_and_25_hours)
{
	struct interval i = {.seconds = 86400, .zone = zone_get(STR("Europe/Warsaw"))};
	if (!i.zone) {
		test_skip("no zone files on this machine");
		return;
	}
	/* clocks go forward on 29 March 2026, back on 25 October 2026 */
	EXPECT(interval_start(&i, utc("2026-03-29T12:00:00Z")) == utc("2026-03-28T23:00:00Z"));
	EXPECT(interval_next(&i, utc("2026-03-29T12:00:00Z")) == utc("2026-03-29T22:00:00Z"));
	EXPECT(interval_start(&i, utc("2026-10-25T12:00:00Z")) == utc("2026-10-24T22:00:00Z"));
	EXPECT(interval_next(&i, utc("2026-10-25T12:00:00Z")) == utc("2026-10-25T23:00:00Z"));
	i.seconds = 3600;
	for (int64_t at = utc("2026-10-24T20:10:00Z"); at < utc("2026-10-25T05:00:00Z");
	     at += 600000) {
		int64_t start = interval_start(&i, at);
		EXPECT(start <= at && at < interval_next(&i, at));
		EXPECT(start % 3600000 == 0 && interval_next(&i, at) - start == 3600000);
	}
}

TEST(quarters_begin_on_the_local_clock)
{
	struct interval i = {.seconds = 3600, .zone = zone_get(STR("Asia/Kathmandu"))}; /* +05:45 */
	if (!i.zone) {
		test_skip("no zone files on this machine");
		return;
	}
	EXPECT(interval_start(&i, utc("2026-06-01T10:20:00Z")) == utc("2026-06-01T10:15:00Z"));
	i = (struct interval){.seconds = 900};
	EXPECT(interval_start(&i, utc("2026-06-01T10:14:59.999Z")) == utc("2026-06-01T10:00:00Z"));
	EXPECT(interval_start(&i, utc("2026-06-01T10:15:00Z")) == utc("2026-06-01T10:15:00Z"));
	EXPECT(!interval_valid(600) && interval_valid(0) && interval_valid(86400));
}

TEST(agent_times_and_occupancy)
{
	struct agent_figures f = {0};
	static const struct {
		struct spell s;
		int64_t ms;
	} spells[] = {
		{{PRESENCE_ready, WORK_idle, {0}, false}, 100000},
		{{PRESENCE_ready, WORK_offered, {0}, false}, 20000},
		{{PRESENCE_ready, WORK_talking, {0}, false}, 60000},
		{{PRESENCE_ready, WORK_holding, {0}, false}, 10000},
		{{PRESENCE_not_ready, WORK_wrapping, {"break", 5}, false}, 10000},
		{{PRESENCE_not_ready, WORK_idle, {"break", 5}, false}, 30000},
		{{PRESENCE_not_ready, WORK_idle, {"meeting", 7}, false}, 5000},
		{{PRESENCE_not_ready, WORK_idle, {"break", 5}, false}, 1000},
		{{PRESENCE_ready, WORK_no_answer, {0}, false}, 4000},
	};
	int64_t all = 0;
	for (size_t i = 0; i < COUNT_OF(spells); i++) {
		EXPECT(agent_figures_spell(&f, &spells[i].s, spells[i].ms));
		all += spells[i].ms;
	}
	struct spell out = {PRESENCE_signed_out, WORK_idle, {0}, false};
	EXPECT(!agent_figures_spell(&f, &out, 999));
	agent_figures_offer(&f, true, OFFER_accepted);
	agent_figures_offer(&f, true, OFFER_no_answer);
	agent_figures_offer(&f, true, OFFER_cancelled_by_caller);
	agent_figures_offer(&f, true, OFFER_unreachable);
	agent_figures_offer(&f, false, OFFER_accepted);
	agent_figures_contact(&f, 60000, 10000, 10000);
	EXPECT(f.time[TIME_signed_in] == all);
	char room[3000];
	struct buf b = buf_make(room, sizeof room);
	struct jsonw w = jsonw_make(&b);
	jsonw_open(&w, '{');
	agent_figures_json(&w, &f, false);
	jsonw_close(&w, '}');
	static const char *const want[] = {
		"\"ready_ms\":100000,",
		"\"not_ready_ms\":36000,",
		"\"reasons\":{\"break\":31000,\"meeting\":5000}",
		"\"no_answer_ms\":4000,",
		"\"offers\":5,",
		"\"accepted\":1,",
		"\"missed\":1,",
		"\"cancelled\":1,",
		"\"unreachable\":1,",
		"\"rejected\":0,",
		"\"aht_ms\":80000,",
		"\"occupancy\":0.4,", /* 80 of 80 + 100 ready + 20 ringing */
		"\"utilisation\":0.333333,",
		"\"answer_rate\":0.25,",
		"\"answer_rate_plain\":0.2}",
	};
	for (size_t i = 0; i < COUNT_OF(want); i++)
		EXPECT(json_has(buf_str(&b), want[i]));
	b.n = 0; /* the tenant counts ringing as work: 100 of 200 */
	agent_figures_json(&w, &f, true);
	EXPECT(json_has(buf_str(&b), "\"occupancy\":0.5,"));
}

TEST(private_calls_are_nobodys_work)
{
	struct agent_figures f = {0};
	static const struct spell mine = {PRESENCE_ready, WORK_talking, {0}, true};
	static const struct spell dials = {PRESENCE_not_ready, WORK_dialling, {"break", 5}, true};
	static const struct spell idle = {PRESENCE_ready, WORK_idle, {0}, false};
	EXPECT(agent_figures_spell(&f, &mine, 5000) && agent_figures_spell(&f, &dials, 2000) &&
	       agent_figures_spell(&f, &idle, 1000));
	EXPECT(f.time[TIME_private] == 7000 && f.time[TIME_talk] == 0 &&
	       f.time[TIME_dialling] == 0 && f.time[TIME_ready] == 1000 &&
	       f.time[TIME_signed_in] == 8000 && f.reason_count == 0);
	agent_figures_own(&f, 4000, true);
	agent_figures_own(&f, 0, false);
	EXPECT(f.count[AGENT_dialled] == 2 && f.count[AGENT_dialled_answered] == 1 &&
	       f.dialled_talk_ms == 4000 && f.count[AGENT_handled] == 0);
}
