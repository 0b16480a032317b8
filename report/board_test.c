/*
 * board_test.c - the board says what reports say: a random story, and at many moments of it each
 * row of the board beside figures made anew of all its facts.
 */
#include <stdio.h>
#include <stdlib.h>

#include "report/board.h"
#include "report/expected.h"
#include "report/interval.h"
#include "report/record.h"
#include "report/story_test.h"
#include "tests/test.h"

#define CONTACTS 160u
#define FACTS_MAX 8000u
#define QUEUES 3u

static const char *const queue_names[QUEUES] = {"billing", "sales", "support"};
static const struct queue_rules rules[QUEUES] = {
	{.threshold_ms = 20000, .short_ms = 5000, .sl = 1},
	{.threshold_ms = 45000, .short_ms = 8000, .sl = 2, .with_flow_out = true},
	{.threshold_ms = 10000, .short_ms = 3000, .sl = 6, .abandon = ABANDON_plain}};

struct life {
	uint32_t step, queue;
	int64_t since;
	bool over;
};

struct world {
	struct story story;
	struct fact facts[FACTS_MAX];
	uint32_t count;
	uint32_t dice;
	struct life lives[CONTACTS];
	uint32_t came;
	struct board *board; /* NULL: nobody looks */
};

static uint32_t roll(struct world *w, uint32_t n)
{
	w->dice = w->dice * 1664525u + 1013904223u;
	return (w->dice >> 8) % n;
}

static void told(void *arg, const struct fact *f)
{
	struct world *w = arg;
	CHECK(w->count < FACTS_MAX);
	w->facts[w->count++] = *f;
	if (w->board)
		board_apply(w->board, f);
}

static struct str queue_of(const struct life *l)
{
	return str_of(queue_names[l->queue]);
}

/* One more thing happens to this contact. */
static void step(struct world *w, uint32_t n)
{
	struct story *s = &w->story;
	struct life *l = &w->lives[n];
	const int64_t now = s->at_ms, wait = now - l->since;
	const struct str q = queue_of(l);
	story_contact(s, n + 1);
	switch (l->step) {
	case 0:
		story_arrive(s);
		l->step = 1;
		return;
	case 1: /* in a flow */
		l->queue = roll(w, QUEUES);
		l->since = now;
		SAY(s, ivr_end, .flow = STR("main"), .result = RESULT_completed);
		SAY(s, enqueue, .queue = queue_of(l));
		if (roll(w, 3) == 0)
			SAY(s, promise, .queue = queue_of(l), .position = 1, .ewt_ms = 20000,
			    .low_ms = 10000, .high_ms = 30000);
		l->step = 2;
		return;
	case 2: /* waits */
		switch (roll(w, 6)) {
		case 0:
			SAY(s, dequeue, .queue = q, .reason = RESULT_abandoned, .wait_ms = wait);
			story_hang_up(s, PARTY_customer);
			l->over = true;
			return;
		case 1:
			SAY(s, dequeue, .queue = q, .reason = RESULT_flow_out, .wait_ms = wait);
			SAY(s, flow_step, .flow = STR("main"), .node = STR("again"));
			l->step = 1;
			return;
		case 2:
			SAY(s, dequeue, .queue = q, .reason = RESULT_callback, .wait_ms = wait);
			story_hang_up(s, PARTY_customer);
			l->over = true;
			return;
		default:
			SAY(s, answer, .queue = q, .agent = STR("anna"), .wait_ms = wait);
			l->since = now;
			l->step = 3;
			return;
		}
	case 3: /* talks */
		if (roll(w, 3) == 0) {
			SAY(s, hold_on, .queue = q, .agent = STR("anna"), .by = PARTY_agent);
			SAY(s, hold_off, .queue = q, .agent = STR("anna"), .by = PARTY_agent);
		}
		if (roll(w, 4) == 0) {
			SAY(s, agent_end, .queue = q, .agent = STR("anna"), .by = PARTY_agent,
			    .result = RESULT_transferred, .talk_ms = wait);
			l->queue = roll(w, QUEUES);
			l->since = now;
			SAY(s, enqueue, .queue = queue_of(l));
			l->step = 2;
			return;
		}
		SAY(s, agent_end, .queue = q, .agent = STR("anna"), .by = PARTY_customer,
		    .result = RESULT_completed, .talk_ms = wait);
		SAY(s, disconnect, .by = PARTY_customer, .cause = STR("normal"));
		SAY(s, wrap_start, .queue = q, .agent = STR("anna"));
		l->since = now;
		l->step = 4;
		return;
	case 4:
		SAY(s, wrap_end, .queue = q, .agent = STR("anna"), .by = STR("anna"),
		    .wrap_ms = wait);
		SAY(s, ended, .contact = s->contact);
		l->over = true;
		return;
	}
}

/* -- what reports would say -- */

struct reckoned {
	struct queue_figures figures;
	int64_t from_ms, to_ms;
	int queue; /* -1: all of them */
};

static void reckon(const struct world *w, struct reckoned *r)
{
	queue_figures_init(&r->figures);
	for (uint32_t n = 0; n < w->came; n++) {
		struct record rec;
		record_init(&rec);
		for (uint32_t i = 0; i < w->count; i++)
			if (memcmp(w->facts[i].contact.b, story_uuid(n + 1).b, 16) == 0)
				record_apply(&rec, &w->facts[i]);
		for (uint32_t i = 0; i < rec.segment_count; i++) {
			const struct visit v = record_visit(&rec, i);
			for (int q = 0; q < (int)QUEUES; q++)
				if (rec.segments[i].kind == SEGMENT_QUEUE &&
				    str_is(str_of(rec.segments[i].queue), queue_names[q]) &&
				    (r->queue < 0 || r->queue == q) && v.started_at >= r->from_ms &&
				    v.started_at < r->to_ms)
					queue_figures_add(&r->figures, &rules[q], &v);
		}
		record_finish(&rec);
	}
}

/* Row `queue` of the text has `key` with exactly these figures. */
static bool says(struct str text, int queue, const char *key, struct reckoned *r,
		 const struct queue_rules *by)
{
	struct buf want = buf_grow(4096);
	char name[48];
	if (queue < 0)
		snprintf(name, sizeof name, "{\"queue\":null,");
	else
		snprintf(name, sizeof name, "{\"queue\":\"%s\",", queue_names[queue]);
	ssize_t at = str_find_str(text, str_of(name));
	struct str row = at < 0 ? STR_NONE : str_from(text, (size_t)at);
	buf_fmt(&want, "\"%s\":", key);
	struct jsonw w = jsonw_make(&want);
	jsonw_open(&w, '{');
	queue_figures_json(&w, &r->figures, by);
	jsonw_close(&w, '}');
	at = str_find_str(row, str_of("\"staffed\""));
	const bool good = at > 0 && str_find_str(str_head(row, (size_t)at), buf_str(&want)) > 0;
	if (!good) {
		test_say(buf_str(&want));
		test_say(str_head(row, 3000));
	}
	buf_free(&want);
	queue_figures_finish(&r->figures);
	return good;
}

/* `today` is the interval in which a report by days has this moment. */
static bool day_is_the_reports(const struct zone *z, int64_t now)
{
	const struct interval days = {.seconds = 86400, .zone = z, .to_ms = INT64_MAX};
	return interval_start(&days, now) == zone_day_start(z, now) &&
	       interval_next(&days, now) == zone_next_day_start(z, now);
}

static bool board_is_right(struct world *w, struct board_view *view, const struct zone *z)
{
	const int64_t now = w->story.at_ms;
	bool good = day_is_the_reports(z, now);
	board_tick(w->board, now);
	const struct str text = board_text(w->board, view, true);
	for (int q = -1; q < (int)QUEUES && good; q++) {
		const struct queue_rules *by = q < 0 ? &QUEUE_RULES_DEFAULT : &rules[q];
		struct reckoned today = {.from_ms = zone_day_start(z, now),
					 .to_ms = now + 1,
					 .queue = q},
				half = {.from_ms = now - BOARD_HALF_HOUR_MS,
					.to_ms = now + 1,
					.queue = q};
		reckon(w, &today);
		good = says(text, q, "today", &today, by);
		reckon(w, &half);
		good = says(text, q, "half_hour", &half, by) && good;
	}
	return good;
}

/* As a clerk fills it: visits of contacts that are over, facts of those that are open. */
static struct board *filled(const struct world *w, const struct zone *z)
{
	struct board *b = board_create(z, &QUEUE_RULES_DEFAULT, w->story.at_ms);
	for (uint32_t q = 0; q < QUEUES; q++)
		board_queue_put(b, str_of(queue_names[q]), &rules[q]);
	for (uint32_t i = 0; i < w->count; i++) /* open: that contact's life is not over */
		for (uint32_t n = 0; n < w->came; n++)
			if (!w->lives[n].over &&
			    memcmp(w->facts[i].contact.b, story_uuid(n + 1).b, 16) == 0)
				board_past(b, &w->facts[i]);
	for (uint32_t n = 0; n < w->came; n++) {
		struct record rec;
		record_init(&rec);
		for (uint32_t i = 0; i < w->count; i++) {
			if (memcmp(w->facts[i].contact.b, story_uuid(n + 1).b, 16) != 0)
				continue;
			record_apply(&rec, &w->facts[i]);
		}
		for (uint32_t i = 0; i < rec.segment_count; i++) {
			const struct visit v = record_visit(&rec, i);
			if (rec.segments[i].kind == SEGMENT_QUEUE &&
			    v.started_at >= board_from_ms(b))
				board_visit_put(b, str_of(rec.segments[i].queue), rec.id, &v);
		}
		record_finish(&rec);
	}
	board_filled(b, w->story.seq);
	return b;
}

/* Returns when it ended. */
static int64_t a_story(uint32_t seed, const char *zone, int64_t start_ms, uint32_t pace_ms)
{
	const struct zone *z = zone ? zone_get(str_of(zone)) : NULL;
	struct world *w = xcalloc(1, sizeof *w);
	w->dice = seed;
	w->story = (struct story){.at_ms = start_ms, .tenant = STR("acme"), .told = told, .arg = w};
	bool good = true;
	w->board = filled(w, z);
	struct board_view *view = board_view_open(w->board, NULL, 0);
	for (uint32_t i = 0; i < 900 && good; i++) {
		story_wait(&w->story, roll(w, pace_ms));
		if (w->came < CONTACTS && roll(w, 4) == 0)
			w->came++;
		if (w->came) {
			const uint32_t n = roll(w, w->came);
			if (!w->lives[n].over)
				step(w, n);
		}
		if (roll(w, 60) == 0) { /* a new life reads it all anew */
			board_destroy(w->board);
			w->board = filled(w, z);
			view = board_view_open(w->board, NULL, 0);
		}
		if (roll(w, 12) == 0)
			good = board_is_right(w, view, z);
	}
	EXPECT(good);
	if (!good)
		printf("seed %u zone %s\n", seed, zone ? zone : "UTC");
	board_destroy(w->board);
	const int64_t end_ms = w->story.at_ms;
	free(w);
	return end_ms;
}

/* It went on over the whole of the day that this moment is in, which had so many hours. */
static void over_a_day(uint32_t seed, const char *zone, int64_t start_ms, int64_t noon_ms,
		       double hours)
{
	const struct zone *z = zone_get(str_of(zone));
	const int64_t from_ms = zone_day_start(z, noon_ms), to_ms = zone_next_day_start(z, noon_ms);
	EXPECT(to_ms - from_ms == (int64_t)(hours * 3600000));
	EXPECT(start_ms < from_ms && a_story(seed, zone, start_ms, 400000) > to_ms);
}

#define T0 1795305600000 /* 2026-11-22 00:00:00 UTC */

TEST(board_says_what_reports_say)
{
	for (uint32_t seed = 1; seed <= 6; seed++)
		a_story(seed, "Europe/Warsaw", T0 + 9 * 3600000, 20000);
}

TEST(board_says_what_reports_say_across_midnight)
{
	for (uint32_t seed = 11; seed <= 14; seed++)
		a_story(seed, "Europe/Warsaw", T0 + 21 * 3600000, 30000);
}

TEST(board_says_what_reports_say_on_days_of_23_and_25_hours)
{
	/* 2026-03-29 and 2026-10-25; half an hour on 2026-10-04 */
	over_a_day(21, "Europe/Warsaw", 1774735200000, 1774778400000, 23);
	over_a_day(22, "Europe/Warsaw", 1792877400000, 1792922400000, 25);
	over_a_day(23, "Australia/Lord_Howe", 1791032400000, 1791075600000, 23.5);
}

TEST(board_tells_only_rows_that_changed)
{
	struct world *w = xcalloc(1, sizeof *w);
	w->story = (struct story){
		.at_ms = T0 + 3600000, .tenant = STR("acme"), .told = told, .arg = w};
	struct board *b = w->board = filled(w, NULL);
	struct board_view *all = board_view_open(b, NULL, 0),
			  *mine = board_view_open(b, (struct str[]){STR("sales")}, 1);
	EXPECT(board_view_open(b, (struct str[]){STR("sales")}, 1) == mine);
	board_tick(b, w->story.at_ms);
	EXPECT(board_text(b, all, false).n); /* all rows are new */
	board_tick(b, w->story.at_ms);
	EXPECT(!board_text(b, all, false).n);
	EXPECT(!board_text(b, mine, false).n);

	story_contact(&w->story, 1);
	story_arrive(&w->story);
	board_tick(b, w->story.at_ms);
	EXPECT(!board_text(b, all, false).n); /* it stands in no queue */
	story_enqueue(&w->story, STR("billing"));
	board_tick(b, w->story.at_ms);
	struct str text = board_text(b, all, false);
	EXPECT(str_find_str(text, STR("{\"queue\":\"billing\",\"today\":{\"offered\":1,")) > 0);
	EXPECT(str_find_str(text, STR("{\"queue\":null,\"today\":{\"offered\":1,")) > 0);
	EXPECT(str_find_str(text, STR("sales")) < 0);
	EXPECT(!board_text(b, mine, false).n); /* others' queues are nobody's business */
	text = board_text(b, mine, true);
	EXPECT(str_find_str(text, STR("billing")) < 0);
	EXPECT(str_find_str(text, STR("{\"queue\":null,\"today\":{\"offered\":0,")) > 0);

	board_tick(b, w->story.at_ms + BOARD_HALF_HOUR_MS + 1);
	text = board_text(b, all, false);
	EXPECT(str_find_str(text, STR("\"half_hour\":{\"offered\":0,")) > 0);
	EXPECT(str_find_str(text, STR("\"today\":{\"offered\":1,")) > 0);
	board_destroy(b);
	free(w);
}

TEST(board_knows_who_waits_and_who_works)
{
	static const uint32_t both[] = {0, 1}, second[] = {1};
	struct world *w = xcalloc(1, sizeof *w);
	struct board_sum sum;
	w->story = (struct story){
		.at_ms = T0 + 3600000, .tenant = STR("acme"), .told = told, .arg = w};
	struct board *b = w->board = filled(w, NULL);
	struct board_view *all = board_view_open(b, NULL, 0);
	const int64_t since = w->story.at_ms;
	for (uint32_t n = 1; n <= 3; n++) {
		story_contact(&w->story, n);
		story_arrive(&w->story);
		story_enqueue(&w->story, n == 3 ? STR("sales") : STR("billing"));
		story_wait(&w->story, 4000);
	}
	board_staff_put(
		b, (struct board_queue_now[]){{STR("billing"), 31000}, {STR("sales"), -1}}, 2,
		(struct board_agent[]){{BOARD_READY, both, 2}, {BOARD_TALKING, second, 1}}, 2);
	board_expect(b, STR("billing"), 12.5);
	board_expect(b, STR("sales"), 3);
	EXPECT(board_sum(b, all, STR("billing"), &sum) == ERR_OK);
	EXPECT(sum.waiting == 2 && sum.longest_since == since && sum.ewt_ms == 31000);
	EXPECT(sum.staff[BOARD_READY] == 1 && sum.staff[BOARD_TALKING] == 0);
	EXPECT(board_sum(b, all, STR_NONE, &sum) == ERR_OK);
	EXPECT(sum.waiting == 3 && sum.expected == 15.5);
	EXPECT(sum.staff[BOARD_READY] == 1 && sum.staff[BOARD_TALKING] == 1); /* once each */
	EXPECT(board_sum(b, all, STR("none"), &sum) == ERR_NOT_FOUND);

	story_contact(&w->story, 1);
	story_leave(&w->story, STR("billing"), RESULT_abandoned, 12000);
	EXPECT(board_sum(b, all, STR("billing"), &sum) == ERR_OK);
	EXPECT(sum.waiting == 1 && sum.longest_since == since + 4000);
	board_tick(b, w->story.at_ms + 86400000); /* who waits since yesterday waits */
	EXPECT(board_sum(b, all, STR("billing"), &sum) == ERR_OK);
	EXPECT(sum.waiting == 1 && sum.today->count[COUNT_offered] == 0);
	board_destroy(b);
	free(w);
}

TEST(expected_is_the_same_weekday_as_today_goes)
{
	const struct expected_week none[EXPECTED_WEEKS] = {0};
	struct expected_week two[EXPECTED_WEEKS] = {{true, 20, 90}, {true, 10, 90}};
	EXPECT(expected_visits(none, 0) < 0);
	EXPECT(expected_visits(none, 16) == 2);
	EXPECT(expected_visits(two, 90) == 15);	   /* as ever */
	EXPECT(expected_visits(two, 140) == 22.5); /* half as much again: (140+10)/(90+10) */
	EXPECT(expected_visits(two, 0) == 7.5);	   /* at least half of it */
	EXPECT(expected_visits(two, 9000) == 30);
	two[0] = two[1] = (struct expected_week){true, 0, 0}; /* closed at this hour */
	EXPECT(expected_visits(two, 0) == 0);
}
