/* dist_test.c - what is thrown has the mean and the spread it was asked for, and the same bits. */
#include "sim/dist.h"

#include <math.h>

#include "tests/test.h"

#define THROWS 200000

static void moments(const struct dist *d, double *mean, double *cv)
{
	struct chance c = chance_make(5, 1);
	uint32_t at = 0;
	double sum = 0, squares = 0;
	for (int i = 0; i < THROWS; i++) {
		double x = dist_throw(d, &c, &at);
		EXPECT(x >= 0);
		sum += x;
		squares += x * x;
	}
	*mean = sum / THROWS;
	*cv = sqrt(squares / THROWS - *mean * *mean) / *mean;
}

TEST(exponential_and_lognormal_have_their_mean_and_spread)
{
	double mean, cv;
	moments(&(struct dist){.kind = DIST_EXP, .mean = 300}, &mean, &cv);
	EXPECT(fabs(mean - 300) < 3 && fabs(cv - 1) < 0.015);
	moments(&(struct dist){.kind = DIST_LOGNORMAL, .mean = 180, .cv = 0.8}, &mean, &cv);
	EXPECT(fabs(mean - 180) < 1.5 && fabs(cv - 0.8) < 0.02);
	moments(&(struct dist){.kind = DIST_CONST, .mean = 42}, &mean, &cv);
	EXPECT(mean == 42);
}

TEST(a_trace_begins_again)
{
	double list[] = {3, 1, 2};
	struct dist d = {.kind = DIST_TRACE, .list = list, .length = 3};
	struct chance c = chance_make(1, 1);
	uint32_t at = 0;
	for (int i = 0; i < 7; i++)
		EXPECT(dist_throw(&d, &c, &at) == list[i % 3]);
	EXPECT(dist_mean(&d) == 2);
	EXPECT(isinf(dist_throw(&(struct dist){.kind = DIST_NEVER}, &c, &at)));
}

TEST(streams_of_one_seed_differ)
{
	struct chance a = chance_make(7, 0), b = chance_make(7, 1), again = chance_make(7, 0);
	struct chance other = chance_make(8, 0);
	uint64_t first = chance_next(&a);
	EXPECT(first == chance_next(&again));
	EXPECT(first != chance_next(&b) && first != chance_next(&other));
	/* neighbours are not shifted copies of each other */
	for (int i = 0; i < 1000; i++)
		EXPECT(chance_next(&b) != first);
}
