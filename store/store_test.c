/* store_test.c - facts in, records and objects out, and what may go wrong between. */
#include <stdio.h>

#include "store/house_test.h"

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
