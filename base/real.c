/* real.c - see real.h: argument reduction by ln 2 in two parts, then a short series. */
#include "base/real.h"

#include <math.h>
#include <string.h>

/* ln 2 = HI + LO; HI has 32 significant bits, so that k * HI is exact for every exponent k. */
#define LN2_HI 0x1.62e42feep-1
#define LN2_LO 0x1.a39ef35793c76p-33
#define LOG2_E 0x1.71547652b82fep+0

static uint64_t bits_of(double x)
{
	uint64_t b;
	memcpy(&b, &x, sizeof b);
	return b;
}

static double of_bits(uint64_t b)
{
	double x;
	memcpy(&x, &b, sizeof x);
	return x;
}

static double power_of_two(int k) /* -1022..1023 */
{
	return of_bits((uint64_t)(k + 1023) << 52);
}

/*
 * x = 2^k m with m in [sqrt(1/2), sqrt(2)); with s = (m - 1) / (m + 1), |s| < 0.1716,
 * ln m = 2 (s + s^3/3 + s^5/5 + ...). m - 1 is exact. Terms to s^23: the next is below 1e-19 s.
 */
double real_log(double x)
{
	/* divided by the compiler, once */
	static const double odd[] = {1.0 / 23, 1.0 / 21, 1.0 / 19, 1.0 / 17, 1.0 / 15, 1.0 / 13,
				     1.0 / 11, 1.0 / 9,	 1.0 / 7,  1.0 / 5,  1.0 / 3};
	if (isnan(x) || x < 0)
		return NAN;
	if (x == 0)
		return -INFINITY;
	if (isinf(x))
		return x;
	int k = 0;
	if (x < 0x1p-1022) {
		x *= 0x1p54;
		k = -54;
	}
	uint64_t b = bits_of(x);
	k += (int)(b >> 52) - 1023;
	double m = of_bits((b & 0xfffffffffffffu) | 0x3ff0000000000000u);
	if (m > 0x1.6a09e667f3bcdp+0) {
		m *= 0.5;
		k++;
	}
	double f = m - 1, s = f / (m + 1), z = s * s, sum = 0;
	for (size_t i = 0; i < COUNT_OF(odd); i++)
		sum = (sum + odd[i]) * z;
	/* 2 s = f - s f, so that the rounding of s weighs only in the small part */
	double part = s * (2 * sum - f);
	return k * LN2_HI + (f + (part + k * LN2_LO));
}

double real_exp(double x)
{
	if (isnan(x))
		return x;
	if (x > 709.782712893384)
		return INFINITY;
	if (x < -746)
		return 0;
	int k = (int)(x * LOG2_E + (x < 0 ? -0.5 : 0.5));
	double hi = x - k * LN2_HI, lo = k * LN2_LO, r = hi - lo;
	/* what r lost to rounding; e^r by its series, |r| < 0.347: the next term is below 1e-19 */
	double lost = (hi - r) - lo, sum = 0;
	for (int n = 15; n >= 2; n--)
		sum = (sum + 1) * r / n;
	sum = r + (lost + r * sum);
	double e = 1 + sum;
	if (k >= -1021 && k <= 1023)
		return e * power_of_two(k);
	if (k > 1023)
		return e * 2 * power_of_two(k - 1);
	return e * power_of_two(k + 100) * 0x1p-100;
}

double real_sqrt(double x)
{
	return sqrt(x);
}
