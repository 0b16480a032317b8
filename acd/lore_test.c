/* lore_test.c - what a queue remembers, and that it survives as bytes. */
#include "acd/lore.h"

#include "tests/test.h"

#define NOW 10000000

TEST(the_newest_handle_times_are_kept_and_told_in_order)
{
	static struct lore l;
	static uint32_t out[LORE_HANDLES];
	EXPECT(lore_thin(&l) && lore_handles(&l, out) == 0);
	for (uint32_t i = 0; i < 300; i++)
		lore_handled(&l, 1000 - (int64_t)i);
	EXPECT(!lore_thin(&l) && lore_handles(&l, out) == LORE_HANDLES);
	EXPECT(out[0] == 701 && out[LORE_HANDLES - 1] == 701 + LORE_HANDLES - 1);
}

TEST(who_gives_up_makes_a_rate_once_there_are_some)
{
	struct lore l = {0};
	lore_left(&l, 60000, true);
	lore_left(&l, 60000, false);
	EXPECT(lore_quits_per_ms(&l) == 0);
	for (int i = 0; i < 1000; i++)
		lore_left(&l, 60000, i % 4 == 0);
	double per_hour = lore_quits_per_ms(&l) * 3600000; /* one of four minutes: 15 */
	EXPECT(per_hour > 14 && per_hour < 16);
	for (int i = 0; i < 100000; i++)
		lore_left(&l, 10, false); /* served at once: tells nothing of patience */
	EXPECT(lore_quits_per_ms(&l) * 3600000 == per_hour);
}

TEST(the_rate_of_coming_fades_in_silence)
{
	struct lore l = {0};
	EXPECT(lore_comes_per_ms(&l, NOW) == 0);
	for (int i = 0; i <= 500; i++)
		lore_came(&l, NOW + i * 10000);
	int64_t now_ms = NOW + 500 * 10000;
	EXPECT(lore_comes_per_ms(&l, now_ms) * 10000 > 0.99);
	EXPECT(lore_comes_per_ms(&l, now_ms + 3000000) * 1000000 < 1.01);
}

TEST(measured_waits_are_of_the_place_and_of_the_last_half_hour)
{
	static struct lore l;
	for (int i = 1; i <= 9; i++)
		lore_waited(&l, 7, i * 1000, NOW);
	EXPECT(lore_p80_ms(&l, 7, NOW) == 0);	 /* too few */
	lore_waited(&l, 8, 10000, NOW);		 /* 7 and 8 are one group */
	EXPECT(lore_p80_ms(&l, 7, NOW) == 8000); /* nearest rank: the 8th of 10 */
	EXPECT(lore_p80_ms(&l, 9, NOW) == 0);
	EXPECT(lore_p80_ms(&l, 7, NOW + LORE_FRESH_MS) == 8000);
	EXPECT(lore_p80_ms(&l, 7, NOW + LORE_FRESH_MS + 2000) == 0);
	for (int i = 0; i < 100; i++)
		lore_waited(&l, 5000, 90000, NOW);
	EXPECT(lore_p80_ms(&l, 121, NOW) == 90000);
}

TEST(lore_survives_as_bytes)
{
	static struct lore l, m;
	char room[8192];
	struct buf b = buf_make(room, sizeof room);
	for (int i = 0; i < 400; i++) {
		lore_handled(&l, 1000 + i);
		lore_came(&l, NOW + i * 500);
		lore_left(&l, 5000, i % 2);
		lore_waited(&l, (uint32_t)i, i * 10, NOW);
	}
	lore_save(&l, &b);
	EXPECT(!b.full && lore_load(&m, buf_str(&b)) == ERR_OK);
	EXPECT(memcmp(&l, &m, sizeof l) == 0);
	for (size_t n = 0; n < b.n; n += 7) {
		EXPECT(lore_load(&m, str_head(buf_str(&b), n)) == ERR_INVALID);
		EXPECT(m.handled == 0);
	}
	room[0] = 99;
	EXPECT(lore_load(&m, buf_str(&b)) == ERR_INVALID);
}
