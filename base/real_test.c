/* real_test.c - against the C library's, whose error is below one unit of the last place. */
#include <math.h>

#include "base/real.h"
#include "tests/test.h"

static uint64_t state = 1;

static double dice01(void)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (double)(state >> 11) * 0x1p-53;
}

static double off(double got, double want)
{
	return want == 0 ? fabs(got) : fabs(got - want) / fabs(want);
}

TEST(log_is_right_to_the_last_places)
{
	double worst = 0;
	for (int i = 0; i < 200000; i++) {
		double x = ldexp(0.5 + dice01(), (int)(dice01() * 2000) - 1000);
		worst = fmax(worst, off(real_log(x), log(x)));
	}
	for (int i = 0; i < 200000; i++) { /* where the logarithm is small */
		double x = 1 + (dice01() - 0.5) * ldexp(1, -(int)(dice01() * 50));
		worst = fmax(worst, off(real_log(x), log(x)));
	}
	EXPECT(worst < 4e-16);
	EXPECT(real_log(1) == 0);
	EXPECT(off(real_log(5e-324), log(5e-324)) < 4e-16);
	EXPECT(isinf(real_log(0)) && real_log(0) < 0);
	EXPECT(isnan(real_log(-1)));
	EXPECT(isinf(real_log(INFINITY)));
}

TEST(exp_is_right_to_the_last_places)
{
	double worst = 0;
	for (int i = 0; i < 200000; i++) {
		double x = (dice01() - 0.5) * 1414;
		worst = fmax(worst, off(real_exp(x), exp(x)));
		x *= ldexp(1, -(int)(dice01() * 60));
		worst = fmax(worst, off(real_exp(x), exp(x)));
	}
	EXPECT(worst < 4e-16);
	EXPECT(real_exp(0) == 1);
	EXPECT(isinf(real_exp(709.79)) && !isinf(real_exp(709.78)));
	EXPECT(real_exp(-746.1) == 0);
	EXPECT(fabs(real_exp(-740) - exp(-740)) <= 5e-324);
	EXPECT(real_exp(-INFINITY) == 0 && isinf(real_exp(INFINITY)));
}

/* Bits written down once: another machine or compiler must find the same. */
TEST(the_same_bits_on_every_machine)
{
	double sum = 0;
	state = 7;
	for (int i = 0; i < 100000; i++) {
		double a = real_log(dice01() + 0x1p-60), b = real_exp(-10 * dice01());
		sum += a * b + real_sqrt(dice01());
	}
	EXPECT(sum == 0x1.ba8e4abf31e2ap+15);
}
