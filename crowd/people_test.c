/* people_test.c - the invented people keep to their distributions. */
#include <math.h>

#include "crowd/people.h"
#include "tests/test.h"

TEST(same_seed_same_people)
{
	struct dice a = dice_make(7), b = dice_make(7), c = dice_make(8);
	bool differs = false;
	for (int i = 0; i < 100; i++) {
		const uint64_t x = dice_next(&a);
		EXPECT(x == dice_next(&b));
		differs |= x != dice_next(&c);
	}
	EXPECT(differs);
}

TEST(means_are_the_means_asked_for)
{
	enum { N = 100000 };
	struct dice d = dice_make(1);
	double exp_sum = 0, log_sum = 0, log_squares = 0;
	for (int i = 0; i < N; i++) {
		exp_sum += dice_exp_ms(&d, 5000);
		const double x = dice_lognormal_ms(&d, 20000, 0.8);
		log_sum += x;
		log_squares += x * x;
	}
	const double mean = log_sum / N, deviation = sqrt(log_squares / N - mean * mean);
	EXPECT(fabs(exp_sum / N - 5000) < 75); /* standard error 16 */
	EXPECT(fabs(mean - 20000) < 250);      /* standard error 51 */
	EXPECT(fabs(deviation / mean - 0.8) < 0.04);
	EXPECT(dice_lognormal_ms(&d, 0, 0.8) == 0);
}

TEST(rhythm_is_a_day)
{
	for (int minute = -1440; minute < 2880; minute++) {
		const double now = people_rhythm(minute / 1440.0);
		EXPECT(now > 0 && now <= 1);
		EXPECT(fabs(now - people_rhythm((minute + 1) / 1440.0)) < 0.02); /* smooth */
	}
	EXPECT(people_rhythm(3.0 / 24) < 0.1);
	EXPECT(people_rhythm(10.5 / 24) > 0.9);
	EXPECT(people_rhythm(12.8 / 24) < people_rhythm(10.5 / 24));
	EXPECT(people_rhythm(12.8 / 24) < people_rhythm(15.0 / 24));
}

TEST(arrivals_are_poisson_at_the_busiest_minute)
{
	enum { N = 20000 };
	struct dice d = dice_make(3);
	double sum = 0, squares = 0;
	for (int i = 0; i < N; i++) {
		const double gap = people_next_arrival_ms(&d, 3600, 0, 0);
		sum += gap;
		squares += gap * gap;
	}
	const double mean = sum / N, cv = sqrt(squares / N - mean * mean) / mean;
	EXPECT(fabs(mean - 1000) < 30);
	EXPECT(fabs(cv - 1) < 0.03);
}

TEST(arrivals_follow_the_rhythm)
{
	/* one invented day lasts 24 real minutes; per hour of it: night against forenoon */
	struct dice d = dice_make(4);
	uint32_t by_hour[24] = {0};
	for (double at_ms = 0; at_ms < 100 * 1440000.0;) {
		at_ms += people_next_arrival_ms(&d, 36000, 60, at_ms * 60 / 86400000.0);
		by_hour[(uint32_t)(at_ms / 60000.0) % 24]++;
	}
	EXPECT(by_hour[10] > 8 * by_hour[3]);
	EXPECT(by_hour[10] > by_hour[12] && by_hour[15] > by_hour[12]);
}

TEST(quiet_night_ends_within_an_hour)
{
	struct dice d = dice_make(5);
	EXPECT(people_next_arrival_ms(&d, 0.001, 1, 0) == 3600000);
}
