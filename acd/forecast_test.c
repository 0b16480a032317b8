/* forecast_test.c - against what can be worked out by hand, and the cost. */
#include "acd/forecast.h"

#include <stdlib.h>

#include "base/str.h"
#include "tests/test.h"

static struct forecast_world *world(uint32_t hands, uint32_t ahead, double handle_ms)
{
	struct forecast_world *w = xcalloc(1, sizeof *w);
	w->scale = w->line_count = 1;
	w->lines[0].handle_mean_ms = handle_ms;
	w->hand_count = hands;
	w->ahead_count = ahead;
	for (uint32_t i = 0; i < hands; i++)
		w->hands[i] = (struct forecast_hand){.rest_ms = -1, .serves = {~(uint64_t)0}};
	for (uint32_t i = 0; i < ahead; i++)
		w->ahead[i].stays_ms = FORECAST_NEVER;
	return w;
}

static void foretell(const struct forecast_world *w, struct forecast *f)
{
	struct forecast_room *r = forecast_room_create();
	forecast_run(r, w, 7, f);
	forecast_room_destroy(r);
}

static bool about(int64_t got, double want, double most)
{
	bool ok = (double)got >= want * (1 - most) && (double)got <= want * (1 + most);
	if (!ok) {
		char room[80];
		struct buf b = buf_make(room, sizeof room);
		buf_fmt(&b, "got %lld, want %.0f", (long long)got, want);
		test_say(buf_str(&b));
	}
	return ok;
}

TEST(a_line_before_equal_hands_is_a_sum_of_exponentials)
{
	struct forecast_world *w = world(10, 29, 100000);
	struct forecast f;
	foretell(w, &f);
	/* the 30th: Erlang(30) with mean 30 * 10 s; its quantiles by the table of chi-squared, 60
	 * degrees: 50.64, 59.33, 68.97 halves */
	EXPECT(about(forecast_wait(&f, 30, FORECAST_P20), 253200, 0.06));
	EXPECT(about(forecast_wait(&f, 30, FORECAST_P50), 296650, 0.06));
	EXPECT(about(forecast_wait(&f, 30, FORECAST_P80), 344850, 0.06));
	/* the first: one exponential of 10 s */
	EXPECT(about(forecast_wait(&f, 1, FORECAST_P50), 6931, 0.25));
	for (uint32_t p = 2; p <= 30; p++)
		EXPECT(forecast_wait(&f, p, FORECAST_P50) >=
		       forecast_wait(&f, p - 1, FORECAST_P50));
	free(w);
}

TEST(a_constant_talk_leaves_no_doubt)
{
	static uint32_t seen[40];
	for (size_t i = 0; i < COUNT_OF(seen); i++)
		seen[i] = 60000;
	struct forecast_world *w = world(2, 3, 60000);
	struct forecast f;
	w->lines[0].handle_ms = seen;
	w->lines[0].handle_count = COUNT_OF(seen);
	w->hands[0].busy_ms = 50000; /* free in 10 s */
	w->hands[1].rest_ms = 30000; /* wraps up so long */
	foretell(w, &f);
	static const int64_t want[] = {10000, 30000, 70000, 90000};
	for (uint32_t p = 1; p <= 4; p++)
		for (int q = 0; q < FORECAST_QUANTILES; q++)
			EXPECT(forecast_wait(&f, p, (enum forecast_quantile)q) == want[p - 1]);
	EXPECT(forecast_wait(&f, 8, FORECAST_P50) == 180000); /* beyond: by rule of three */
	free(w);
}

TEST(nobody_serves_and_nobody_is_foretold)
{
	struct forecast_world *w = world(0, 3, 60000);
	struct forecast f;
	foretell(w, &f);
	EXPECT(forecast_wait(&f, 2, FORECAST_P50) == FORECAST_NEVER);
	free(w);
	w = world(3, 3, 60000); /* hands, but of another queue */
	for (uint32_t i = 0; i < 3; i++)
		w->hands[i].serves[0] = 0;
	foretell(w, &f);
	EXPECT(forecast_wait(&f, 1, FORECAST_P50) == FORECAST_NEVER);
	free(w);
}

TEST(who_is_taken_has_a_place_but_needs_no_hand)
{
	struct forecast_world *w = world(1, 2, 60000);
	struct forecast f;
	w->hands[0].rest_ms = 10000;
	w->ahead[0].taken = w->ahead[1].taken = true;
	foretell(w, &f);
	EXPECT(forecast_wait(&f, 3, FORECAST_P80) == 10000);
	free(w);
}

TEST(callers_who_lose_patience_shorten_the_line)
{
	struct forecast_world *w = world(1, 50, 60000);
	struct forecast f, patient;
	foretell(w, &patient);
	w->lines[0].quits_per_ms = 1.0 / 120000;
	foretell(w, &f);
	/* with exponential patience of two talks: the n-th departure comes at the rate 1/60 + n/120
	 */
	double want = 0;
	for (int n = 0; n <= 50; n++)
		want += 1 / (1.0 / 60000 + n / 120000.0);
	EXPECT(about(forecast_wait(&f, 51, FORECAST_P50), want, 0.15));
	EXPECT(forecast_wait(&f, 51, FORECAST_P50) * 5 < forecast_wait(&patient, 51, FORECAST_P50));
	free(w);
}

TEST(who_leaves_by_rule_is_not_in_the_way)
{
	struct forecast_world *w = world(1, 3, 60000);
	struct forecast f;
	w->hands[0].rest_ms = 20000;
	for (uint32_t i = 0; i < 3; i++)
		w->ahead[i].stays_ms = 10000;
	foretell(w, &f);
	EXPECT(forecast_wait(&f, 4, FORECAST_P80) == 20000);
	free(w);
}

TEST(a_demand_that_relaxes_opens_more_hands)
{
	static const int64_t after[] = {0, 30000};
	struct forecast_world *w = world(2, 0, 60000);
	struct forecast f;
	w->lines[0].after_ms = after;
	w->lines[0].demand_count = 2;
	w->hands[0].rest_ms = 100000;
	w->hands[0].serves[0] = 1 | 2 | 4; /* fulfils both */
	w->hands[1].rest_ms = 5000;
	w->hands[1].serves[0] = 1 | 4; /* only the relaxed one */
	foretell(w, &f);
	EXPECT(forecast_wait(&f, 1, FORECAST_P50) == 30000);
	w->hands[0].rest_ms = 20000;
	foretell(w, &f);
	EXPECT(forecast_wait(&f, 1, FORECAST_P50) == 20000);
	free(w);
}

TEST(a_later_tier_serves_who_has_waited_long_enough)
{
	struct forecast_world *w = world(2, 1, 60000);
	struct forecast f;
	w->hands[0].rest_ms = 100000;
	w->hands[1].rest_ms = 5000;
	w->hands[1].from_ms[0] = 40000;
	w->ahead[0].waited_ms = 10000; /* in 30 s he may, and is busy then; now: at 100 s */
	foretell(w, &f);
	EXPECT(forecast_wait(&f, 1, FORECAST_P50) == 30000);
	EXPECT(forecast_wait(&f, 2, FORECAST_P50) > 30000);
	w->ahead[0].taken = true;
	foretell(w, &f);
	EXPECT(forecast_wait(&f, 2, FORECAST_P50) == 40000);
	free(w);
}

TEST(those_of_other_queues_who_go_before_take_their_time)
{
	static uint32_t seen[40];
	for (size_t i = 0; i < COUNT_OF(seen); i++)
		seen[i] = 60000;
	struct forecast_world *w = world(1, 1, 60000);
	struct forecast f, g;
	w->line_count = 2;
	w->lines[0].handle_ms = w->lines[1].handle_ms = seen;
	w->lines[0].handle_count = w->lines[1].handle_count = COUNT_OF(seen);
	w->hands[0].rest_ms = 0;
	w->hands[0].serves[1] = ~(uint64_t)0;
	w->ahead[0].line = 1;
	foretell(w, &f);
	EXPECT(forecast_wait(&f, 2, FORECAST_P50) == 60000);
	w->lines[1].comes_per_ms = 1.0 / 120000; /* half of his time */
	foretell(w, &g);
	EXPECT(forecast_wait(&g, 2, FORECAST_P80) >= 120000);
	w->hands[0].serves[1] = 0; /* another serves them: they are not in the way */
	foretell(w, &g);
	EXPECT(forecast_wait(&g, 2, FORECAST_P50) == 0);
	free(w);
}

TEST(the_same_seed_foretells_the_same)
{
	struct forecast_world *w = world(20, 40, 90000);
	struct forecast a, b;
	foretell(w, &a);
	foretell(w, &b);
	EXPECT(a.count == b.count &&
	       memcmp(a.wait_ms, b.wait_ms, a.count * sizeof *a.wait_ms) == 0);
	free(w);
}

TEST(the_greatest_world_is_bounded_too)
{
	struct forecast_world *w = world(FORECAST_HANDS_MAX, FORECAST_AHEAD_MAX, 90000);
	struct forecast f;
	w->scale = 3;
	foretell(w, &f);
	EXPECT(f.count == FORECAST_PROBES_MAX);
	EXPECT(f.place[f.count - 1] == FORECAST_AHEAD_MAX * 3 + 1);
	EXPECT(about(forecast_wait(&f, 3 * FORECAST_AHEAD_MAX + 1, FORECAST_P50),
		     90000.0 * FORECAST_AHEAD_MAX / FORECAST_HANDS_MAX, 0.1));
	free(w);
}
