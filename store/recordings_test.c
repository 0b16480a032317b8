/* recordings_test.c - which recordings the database says may go, from facts. */
#include <stdio.h>

#include "store/house_test.h"
#include "tests/test.h"

#define DAY 86400000ll
#define ACME STR("acme")
#define Q STR("support")
#define ANNA STR("anna")

static void begins(struct house *h, uint32_t n, struct str queue)
{
	char id[16];
	snprintf(id, sizeof id, "r%03u", n);
	story_contact(&h->story, n);
	story_arrive(&h->story);
	story_enqueue(&h->story, queue);
	story_answer(&h->story, queue, ANNA, 1000);
	SAY(&h->story, recording_start, .queue = queue, .agent = ANNA, .recording = str_of(id));
}

static void is_whole(struct house *h, uint32_t n)
{
	char id[16];
	snprintf(id, sizeof id, "r%03u", n);
	SAY(&h->story, recording_end, .recording = str_of(id), .duration_ms = 5000, .channels = 2,
	    .codec = STR("wav"), .bytes = 1000, .path = STR("a/b.wav"));
}

static void recorded(struct house *h, uint32_t n, struct str queue)
{
	begins(h, n, queue);
	is_whole(h, n);
	story_serve(&h->story, queue, ANNA, 5000, 1000);
}

static void hold(struct house *h, uint32_t n, bool on)
{
	story_contact(&h->story, n);
	SAY(&h->story, recording_hold, .contact = story_uuid(n), .on = on, .by = STR("olga"));
}

static void deleted(struct house *h, uint32_t n)
{
	char id[16];
	snprintf(id, sizeof id, "r%03u", n);
	story_contact(&h->story, n);
	SAY(&h->story, recording_deleted, .contact = story_uuid(n), .recording = str_of(id),
	    .why = STR("retention"));
}

/* Their ids, in pages of so many: "r001 r002". */
static struct str due(struct house *h, struct str tenant, int64_t before_ms, uint32_t room)
{
	struct recording_due page[64];
	char after_id[64] = "";
	int64_t after_ms = 0;
	uint32_t count = room;
	EXPECT(house_settle(h));
	h->out.n = 0;
	while (count == room) {
		EXPECT(query_recordings_due(h->reader, tenant, before_ms, after_ms,
					    str_of(after_id), page, room, &count) == ERR_OK);
		for (uint32_t i = 0; i < count; i++)
			buf_fmt(&h->out, "%s%s", h->out.n ? " " : "", page[i].id);
		if (count) {
			after_ms = page[count - 1].started_at_ms;
			(void)str_copy(str_of(page[count - 1].id), after_id, sizeof after_id);
		}
	}
	return buf_str(&h->out);
}

TEST(only_what_is_whole_over_old_and_not_held_is_due)
{
	struct house h;
	house_start(&h);
	const int64_t from = h.story.at_ms;
	recorded(&h, 1, Q);
	story_wait(&h.story, DAY);
	recorded(&h, 2, Q);
	begins(&h, 3, Q); /* goes on */
	begins(&h, 4, Q);
	story_serve(&h.story, Q, ANNA, 5000, 1000); /* over, its sound not told yet */
	story_wait(&h.story, DAY);
	recorded(&h, 5, STR("sales"));
	EXPECT_STR(due(&h, ACME, from, 20), "");
	EXPECT_STR(due(&h, ACME, from + DAY, 20), "r001");
	EXPECT_STR(due(&h, ACME, from + 2 * DAY, 20), "r001 r002");
	EXPECT_STR(due(&h, ACME, from + 9 * DAY, 20), "r001 r002 r005");
	EXPECT_STR(due(&h, STR("other"), from + 9 * DAY, 20), "");
	story_contact(&h.story, 4);
	is_whole(&h, 4);
	EXPECT_STR(due(&h, ACME, from + 9 * DAY, 20), "r001 r002 r004 r005");
	story_contact(&h.story, 3);
	is_whole(&h, 3);
	EXPECT_STR(due(&h, ACME, from + 9 * DAY, 20), "r001 r002 r004 r005");
	story_serve(&h.story, Q, ANNA, 5000, 1000);
	EXPECT_STR(due(&h, ACME, from + 9 * DAY, 20), "r001 r002 r003 r004 r005");
	house_finish(&h);
}

TEST(a_hold_keeps_all_of_a_contact_and_is_let_go)
{
	struct house h;
	house_start(&h);
	for (uint32_t n = 1; n <= 3; n++)
		recorded(&h, n, Q);
	const int64_t later = h.story.at_ms + DAY;
	hold(&h, 2, true);
	EXPECT_STR(due(&h, ACME, later, 20), "r001 r003");
	hold(&h, 2, true); /* again */
	hold(&h, 1, true);
	EXPECT_STR(due(&h, ACME, later, 20), "r003");
	hold(&h, 2, false);
	EXPECT_STR(due(&h, ACME, later, 20), "r002 r003");
	deleted(&h, 2);
	EXPECT_STR(due(&h, ACME, later, 20), "r003");
	hold(&h, 2, true); /* too late: it is gone, and stays so */
	hold(&h, 2, false);
	EXPECT_STR(due(&h, ACME, later, 20), "r003");
	house_finish(&h);
}

/* Whatever the size of a page, each comes once and in order; of one millisecond too. */
TEST(pages_miss_none_and_tell_none_twice)
{
	static const uint32_t sizes[] = {1, 2, 7, 20, 64};
	struct house h;
	char whole[512];
	house_start(&h);
	for (uint32_t n = 1; n <= 45; n++) {
		const int64_t at = h.story.at_ms;
		recorded(&h, n, n % 2 ? Q : STR("sales"));
		h.story.at_ms = n % 15 ? at : h.story.at_ms; /* fifteen at each moment */
	}
	const int64_t later = h.story.at_ms + DAY;
	const struct str all = due(&h, ACME, later, 64);
	EXPECT(all.n == 45 * 5 - 1 && str_copy(all, whole, sizeof whole));
	for (size_t i = 0; i < COUNT_OF(sizes); i++)
		EXPECT_STR(due(&h, ACME, later, sizes[i]), whole);
	house_finish(&h);
}
