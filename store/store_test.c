/* store_test.c - facts in, records and objects out, and what may go wrong between. */
#include <stdio.h>

#include "os/clock.h"
#include "store/house_test.h"
#include "tests/test.h"

#define SUPPORT STR("support")
#define ANNA STR("anna")

TEST(a_served_call_becomes_a_record)
{
	struct house h;
	house_start(&h);
	story_contact(&h.story, 1);
	story_arrive(&h.story);
	story_wait(&h.story, 4000);
	story_enqueue(&h.story, SUPPORT);
	story_answer(&h.story, SUPPORT, ANNA, 7000);
	story_serve(&h.story, SUPPORT, ANNA, 60000, 5000);
	EXPECT(house_settle(&h));
	struct str json = house_contact(&h, 1);
	EXPECT(has(json, "\"state\":\"ended\""));
	EXPECT(has(json, "\"wait_ms\":7000"));
	EXPECT(has(json, "\"talk_ms\":60000"));
	EXPECT(has(json, "\"wrap_ms\":5000"));
	EXPECT(has(json, "\"ended_by\":\"customer\""));
	EXPECT(has(json, "\"outcome\":\"solved\""));
	EXPECT(query_contact(h.reader, STR("other"), story_uuid(1), &h.out) == ERR_NOT_FOUND);
	EXPECT(query_contact(h.reader, STR("acme"), story_uuid(2), &h.out) == ERR_NOT_FOUND);
	h.out.n = 0;
	EXPECT(query_contact_events(h.reader, STR("acme"), story_uuid(1), &h.out) == ERR_OK);
	EXPECT(has(buf_str(&h.out), "\"event\":\"arrive\""));
	EXPECT(has(buf_str(&h.out), "\"event\":\"ended\""));
	house_finish(&h);
}

/* Ten contacts of behaviours.md K-2: T = 20 s, short up to 5 s. */
static void ten_contacts(struct house *h)
{
	static const int64_t answered_s[] = {5, 12, 19, 21, 60}, abandoned_s[] = {3, 15, 40};
	uint32_t n = 100;
	for (size_t i = 0; i < COUNT_OF(answered_s); i++) {
		story_contact(&h->story, n++);
		story_arrive(&h->story);
		story_enqueue(&h->story, SUPPORT);
		story_answer(&h->story, SUPPORT, ANNA, answered_s[i] * 1000);
		story_serve(&h->story, SUPPORT, ANNA, 30000, 10000);
	}
	for (size_t i = 0; i < COUNT_OF(abandoned_s); i++) {
		story_contact(&h->story, n++);
		story_arrive(&h->story);
		story_enqueue(&h->story, SUPPORT);
		story_leave(&h->story, SUPPORT, RESULT_abandoned, abandoned_s[i] * 1000);
		story_hang_up(&h->story, PARTY_customer);
	}
	story_contact(&h->story, n++);
	story_arrive(&h->story);
	story_enqueue(&h->story, SUPPORT);
	story_leave(&h->story, SUPPORT, RESULT_flow_out, 9000);
	story_hang_up(&h->story, PARTY_system);
	story_contact(&h->story, n++);
	story_arrive(&h->story);
	story_enqueue(&h->story, SUPPORT);
	story_leave(&h->story, SUPPORT, RESULT_callback, 9000);
	story_hang_up(&h->story, PARTY_customer);
}

static struct str queue_report(struct house *h, const struct report_filter *f)
{
	h->out.n = 0;
	EXPECT(query_report_queues(h->reader, STR("acme"), f, &h->out) == ERR_OK);
	return buf_str(&h->out);
}

TEST(golden_ten_contacts_through_the_database)
{
	struct house h;
	house_start(&h);
	int64_t from = h.story.at_ms;
	ten_contacts(&h);
	EXPECT(house_settle(&h));
	struct report_filter f = {.from_ms = from, .to_ms = h.story.at_ms + 1};
	struct str json = queue_report(&h, &f);
	static const char *const want[] = {
		"\"offered\":10,",
		"\"answered\":5,",
		"\"abandoned\":3,",
		"\"short_abandoned\":1,",
		"\"flow_out\":1,",
		"\"callbacks\":1,",
		"\"waiting\":0,",
		"\"sl_1\":0.3,",
		"\"sl_2\":0.375,",
		"\"sl_3\":0.6,",
		"\"sl_4\":0.625,",
		"\"sl_5\":0.5,",
		"\"sl_6\":0.333333,",
		"\"sl_2_with_flow_out\":0.333333,",
		"\"sl_2_without_short\":0.428571,",
		"\"sl_2_without_abandoned\":0.6,",
		"\"abandon_rate\":0.222222,",
		"\"abandon_rate_plain\":0.3,",
		"\"asa_ms\":23400,",
		"\"time_to_abandon_ms\":19333,",
		"\"aht_ms\":40000,",
		"\"acw_ms\":10000,",
		"\"wait_max_ms\":60000,",
		"\"wait_p50_ms\":19000,",
		"\"wait_p80_ms\":21000,",
	};
	for (size_t i = 0; i < COUNT_OF(want); i++)
		if (!has(json, want[i])) {
			EXPECT(!"golden figure");
			test_say(str_of(want[i]));
			test_say(json);
		}
	uint32_t problems = 99;
	h.out.n = 0;
	EXPECT(store_check(h.reader, STR_NONE, &h.out, &problems) == ERR_OK);
	EXPECT(problems == 0);
	if (problems)
		test_say(buf_str(&h.out));
	house_finish(&h);
}

/* Groups stay open for 50 ms: none of thirty would be through sooner, however fast the machine. */
TEST(facts_that_are_awaited_do_not_wait_for_others)
{
	struct house h;
	house_start(&h);
	int64_t best_ms = INT64_MAX;
	for (uint32_t n = 1; n <= 30; n++) {
		const int64_t then_ms = clock_mono_ms();
		story_contact(&h.story, n);
		story_arrive(&h.story);
		store_awaited(h.store);
		EXPECT(house_settle(&h));
		best_ms = MIN(best_ms, clock_mono_ms() - then_ms);
	}
	EXPECT(best_ms < 40);
	EXPECT(atomic_load(&h.durable_calls) >= 30);
	house_finish(&h);
}

TEST(a_reader_that_catches_up_sees_what_was_said)
{
	struct house h;
	house_start(&h);
	for (uint32_t n = 1; n <= 20; n++) {
		story_contact(&h.story, n);
		story_arrive(&h.story);
		EXPECT(store_catch_up(h.store, 10000));
		EXPECT(has(house_contact(&h, n), "\"state\""));
	}
	house_finish(&h);
}

TEST(a_reader_does_not_wait_for_a_writer_that_is_away)
{
	struct house h;
	house_init(&h);
	house_open(&h, 1 << 20);
	story_contact(&h.story, 1);
	story_arrive(&h.story); /* the writer was never started */
	EXPECT(!store_catch_up(h.store, 20));
	store_start(h.store);
	EXPECT(store_catch_up(h.store, 10000));
	house_finish(&h);
}
