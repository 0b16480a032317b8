/* recording_test.c - one file per talk; the contact stays open until its end was told. */
#include "channel/voice/world_test.h"

static struct media_rec *rec(struct world *w, uint32_t n)
{
	return &w->media_recs[n];
}

TEST(a_recording_has_both_sides_and_a_path_of_its_day)
{
	struct world *w = world_create();
	call_talking(w);
	EXPECT(w->records == 1);
	EXPECT(order_ids_have(&rec(w, 0)->left, media_of(w, PARTY_customer)->id));
	EXPECT(order_ids_have(&rec(w, 0)->right, media_of(w, PARTY_agent)->id));
	/* 1700000000 s and a thousand: 2023-11-14T22:30Z */
	EXPECT(str_starts(str_of(rec(w, 0)->path), STR("acme/2023-11-14/")));
	EXPECT(str_ends(str_of(rec(w, 0)->path), STR(".wav")));
	EXPECT(strlen(rec(w, 0)->path) == 16 + UUID_TEXT + 4);
	hang_up(w, TRUNK);
	EXPECT(rec(w, 0)->acked);
	world_end(w);
}

/* So many of 400 talks with anna. */
static uint32_t recorded_of_400(struct world *w)
{
	for (uint32_t n = 0; n < 400; n++) {
		call_talking(w);
		hang_up(w, TRUNK);
		memset(w->media_recs, 0, sizeof w->media_recs);
		world_run(w, 40000); /* transactions are few here and live for 32 s */
	}
	uint32_t n = w->records;
	world_end(w);
	return n;
}

/* Within four standard deviations: sqrt(400 * 0.25 * 0.75) = 8.7. */
TEST(per_cent_of_recordings)
{
	EXPECT(recorded_of_400(world_create_with(8, 0, 0)) == 0);
	EXPECT(recorded_of_400(world_create_with(8, 100, 0)) == 400);
	uint32_t n = recorded_of_400(world_create_with(8, 25, 0));
	EXPECT(n > 65 && n < 135);
}

TEST(the_agents_rule_goes_before_the_queues_and_that_before_the_tenants)
{
	static const struct {
		uint32_t queue, tenant, anna;
		bool says;
		uint32_t least, most;
	} rows[] = {
		{100, 0, 0, true, 0, 0},     /* he is never recorded */
		{0, 0, 25, true, 65, 135},   /* he is, in a queue that records nothing */
		{0, 75, 0, false, 265, 335}, /* the queue says nothing: the tenant's */
		{0, 75, 100, true, 400, 400},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct world *w = world_create_rules(rows[i].queue, rows[i].tenant, rows[i].anna,
						     rows[i].says);
		uint32_t n = recorded_of_400(w);
		EXPECT(n >= rows[i].least && n <= rows[i].most);
	}
}

TEST(the_contact_waits_for_its_recording)
{
	struct world *w = world_create();
	call_talking(w);
	w->media_mute_recorded = true;
	hang_up(w, TRUNK);
	world_run(w, 5000);
	EXPECT(contact_count(&w->core) == 1 && !has(buf_str(&w->log), "ended"));
	w->log.n = 0;
	media_tells_recorded(w, rec(w, 0));
	world_run(w, 0);
	EXPECT(has(buf_str(&w->log), "recording_end") && has(buf_str(&w->log), "[]; ended"));
	EXPECT(contact_count(&w->core) == 0 && rec(w, 0)->acked);
	/* told once more: the acknowledgement was lost */
	rec(w, 0)->acked = false;
	media_tells_recorded(w, rec(w, 0));
	w->log.n = 0;
	world_run(w, 0);
	EXPECT(rec(w, 0)->acked);
	EXPECT_SAID(w, "");
	world_end(w);
}

TEST(a_recording_told_twice_counts_once)
{
	struct world *w = world_create();
	w->goes_on = true;
	call_talking(w);
	hang_up(w, ANNA);
	EXPECT(w->stops == 1); /* with the talk, not with the leg */
	w->log.n = 0;
	media_tells_recorded(w, rec(w, 0));
	world_run(w, 0);
	EXPECT_SAID(w, "");
	/* one that is not ours, or of another file, is acknowledged and forgotten */
	MEDIA_SAYS(w, recorded, .rec = {3, 99}, .path = STR("x"));
	struct media_rec other = *rec(w, 0);
	other.path[0] = 'x';
	media_tells_recorded(w, &other);
	world_run(w, 0);
	EXPECT_SAID(w, "");
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(patience_with_a_recording_is_fifteen_seconds)
{
	struct world *w = world_create();
	call_talking(w);
	w->media_mute_recorded = true;
	hang_up(w, TRUNK);
	w->log.n = 0;
	world_run(w, 14900);
	EXPECT_SAID(w, "");
	world_run(w, 200);
	EXPECT_SAID(w, "recording_end 0 [lost: media did not say how it ended]; alarm "
		       "recording_flaw; ended");
	EXPECT(contact_count(&w->core) == 0);
	/* too late */
	media_tells_recorded(w, rec(w, 0));
	world_run(w, 0);
	EXPECT_SAID(w, "");
	world_end(w);
}

static uint32_t times(struct str text, const char *what)
{
	uint32_t n = 0;
	for (size_t i = 0; i < text.n; i++)
		n += str_starts(str_from(text, i), str_of(what));
	return n;
}

/* One after the other, of one contact. */
static void talks(struct world *w, uint32_t count)
{
	for (uint32_t n = 0; n < count; n++) {
		w->log.n = 0;
		enqueue(w);
		offer(w, "anna");
		EXPECT(times(buf_str(&w->log), "recording_start") == 1);
		hang_up(w, ANNA);
		world_run(w, 33000); /* until SIP has forgotten it */
	}
}

TEST(every_talk_of_a_contact_is_recorded)
{
	struct world *w = world_create();
	w->goes_on = true;
	call_talking(w);
	hang_up(w, ANNA);
	talks(w, 2 * LINE_RECORDINGS);
	EXPECT(w->records == 1 + 2 * LINE_RECORDINGS);
	EXPECT(has(buf_str(&w->log), "recording_end") && has(buf_str(&w->log), "[]"));
	EXPECT(!has(buf_str(&w->log), "alarm") && rec(w, 0)->acked && !rec(w, 1)->id.slot);
	hang_up(w, TRUNK);
	world_end(w);
}

/* Media tells no ends, so that all places stay taken; also over a restart. */
TEST(a_recording_without_a_place_is_told)
{
	struct world *w = world_create();
	w->goes_on = true;
	w->media_mute_recorded = true;
	call_talking(w);
	hang_up(w, ANNA);
	talks(w, LINE_RECORDINGS - 1);
	EXPECT(w->records == LINE_RECORDINGS);
	for (uint32_t n = 1; n < LINE_RECORDINGS; n++)
		EXPECT(!ID_EQ(rec(w, n)->id, rec(w, n - 1)->id));
	world_restart(w);
	talks(w, 1);
	EXPECT(w->records == LINE_RECORDINGS);
	EXPECT(has(buf_str(&w->log), "recording_end 0 [never began: too many recordings of this "
				     "contact]; alarm recording_refused"));
	w->media_mute_recorded = false;
	for (uint32_t n = 0; n < LINE_RECORDINGS; n++)
		media_tells_recorded(w, rec(w, n));
	world_run(w, 0);
	w->log.n = 0;
	talks(w, 1);
	EXPECT(w->records == LINE_RECORDINGS + 1 && !has(buf_str(&w->log), "alarm"));
	hang_up(w, TRUNK);
	world_end(w);
}

/* The id of a recording holds the contact's age, which begins with the number of lives. */
TEST(recordings_are_known_after_thousands_of_restarts)
{
	static const uint32_t lives[] = {1, 8191, 8192, 32767, 32768, 70000};
	for (size_t i = 0; i < COUNT_OF(lives); i++) {
		struct world *w = world_create();
		w->life = lives[i];
		world_restart(w);
		call_talking(w);
		EXPECT(w->records == 1);
		w->log.n = 0;
		hang_up(w, TRUNK);
		EXPECT(has(buf_str(&w->log), "recording_end") && has(buf_str(&w->log), "[]"));
		EXPECT(contact_count(&w->core) == 0);
		world_end(w);
	}
}
