/* g722.c - see g722.h. Names of blocks and tables are those of the recommendation. */
#include "audio/g722.h"

/* Table 17 ff.: the quadrature mirror filter, one half (the other is its mirror). */
static const int32_t qmf[12] = {3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11};

static const int16_t q6[30] = {0,    35,   72,	 110,  150,  190,  233,	 276,  323,  370,
			       422,  473,  530,	 587,  650,  714,  786,	 858,  940,  1023,
			       1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919};
static const int16_t qm4[16] = {0,     -20456, -12896, -8968, -6288, -4240, -2584, -1200,
				20456, 12896,  8968,   6288,  4240,  2584,  1200,  0};
static const int16_t qm6[64] = {
	-136,	-136,	-136,  -136,  -24808, -21904, -19008, -16704, -14984, -13512, -12280,
	-11192, -10232, -9360, -8576, -7856,  -7192,  -6576,  -6000,  -5456,  -4944,  -4464,
	-4008,	-3576,	-3168, -2776, -2400,  -2032,  -1688,  -1360,  -1040,  -728,   24808,
	21904,	19008,	16704, 14984, 13512,  12280,  11192,  10232,  9360,   8576,   7856,
	7192,	6576,	6000,  5456,  4944,   4464,   4008,   3576,   3168,   2776,   2400,
	2032,	1688,	1360,  1040,  728,    432,    136,    -432,   -136};
static const int16_t wl[8] = {-60, -30, 58, 172, 334, 538, 1198, 3042};
static const uint8_t rl42[16] = {0, 7, 6, 5, 4, 3, 2, 1, 7, 6, 5, 4, 3, 2, 1, 0};
static const int16_t qm2[4] = {-7408, -1616, 7408, 1616};
static const int16_t wh[2] = {798, -214};
/* 2048 times 2 to the power of i/32 */
static const int16_t ilb[32] = {2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543,
				2599, 2656, 2714, 2774, 2834, 2896, 2960, 3025, 3091, 3158, 3228,
				3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008};

static int32_t within(int32_t v, int32_t low, int32_t high)
{
	return v < low ? low : v > high ? high : v;
}

static int32_t sat(int32_t v)
{
	return within(v, INT16_MIN, INT16_MAX);
}

static int32_t times(int32_t a, int32_t b) /* Q15 */
{
	return (a * b) >> 15;
}

static bool same_sign(int32_t a, int32_t b)
{
	return (a < 0) == (b < 0);
}

/* Blocks UPPOL1 and UPPOL2: the two poles move a little, and stay where the filter is stable. */
static void move_poles(struct g722_band *b)
{
	int32_t quadruple = sat(b->pole[1] * 4);
	int32_t turn = same_sign(b->part[0], b->part[1]) ? -quadruple : quadruple;
	int32_t second = (MIN(turn, 32767) >> 7) +
			 (same_sign(b->part[0], b->part[2]) ? 128 : -128) +
			 times(b->pole[2], 32512);
	int32_t first =
		sat((same_sign(b->part[0], b->part[1]) ? 192 : -192) + times(b->pole[1], 32640));
	b->pole[2] = within(second, -12288, 12288);
	int32_t most = sat(15360 - b->pole[2]);
	b->pole[1] = within(first, -most, most);
}

/* Block UPZERO */
static void move_zeroes(struct g722_band *b)
{
	int32_t step = b->difference[0] ? 128 : 0;
	for (int i = 1; i <= 6; i++) {
		bool same = same_sign(b->difference[i], b->difference[0]);
		b->zero[i] = sat((same ? step : -step) + times(b->zero[i], 32640));
	}
}

/* Blocks RECONS to PREDIC (called 4L and 4H): what came is learned from. */
static void learn(struct g722_band *b, int32_t difference)
{
	b->difference[0] = difference;
	b->past[0] = sat(b->estimate + difference);
	b->part[0] = sat(b->zero_part + difference);
	move_poles(b);
	move_zeroes(b);
	for (int i = 6; i > 0; i--)
		b->difference[i] = b->difference[i - 1];
	for (int i = 2; i > 0; i--) {
		b->past[i] = b->past[i - 1];
		b->part[i] = b->part[i - 1];
	}
	int32_t poles = sat(times(b->pole[1], sat(2 * b->past[1])) +
			    times(b->pole[2], sat(2 * b->past[2])));
	int32_t zeroes = 0;
	for (int i = 6; i > 0; i--)
		zeroes += times(b->zero[i], sat(2 * b->difference[i]));
	b->zero_part = sat(zeroes);
	b->estimate = sat(poles + b->zero_part);
}

/* Blocks LOGSCL, SCALEL and LOGSCH, SCALEH */
static void rescale(struct g722_band *b, int32_t change, int32_t most, int32_t shift)
{
	b->log_scale = within(((b->log_scale * 127) >> 7) + change, 0, most);
	int32_t fine = ilb[(b->log_scale >> 6) & 31], by = shift - (b->log_scale >> 11);
	b->scale = (by < 0 ? fine << -by : fine >> by) * 4;
}

/* Both sides learn from the four upper bits only, so that the lower may carry something else. */
static void low_learn(struct g722_band *b, uint32_t code)
{
	int32_t difference = times(b->scale, qm4[code >> 2]);
	rescale(b, wl[rl42[code >> 2]], 18432, 8);
	learn(b, difference);
}

static void high_learn(struct g722_band *b, uint32_t code)
{
	int32_t difference = times(b->scale, qm2[code]);
	rescale(b, wh[code & 1 ? 1 : 0], 22528, 10);
	learn(b, difference);
}

/* Block QUANTL. Codes of table 10: below zero 63, 62, 31 … 4, from zero 61 … 32. */
static uint32_t low_code(const struct g722_band *b, int32_t sample)
{
	int32_t error = sat(sample - b->estimate), size = error < 0 ? -(error + 1) : error;
	uint32_t i = 1;
	while (i < 30 && size >= ((q6[i] * b->scale) >> 12))
		i++;
	if (error >= 0)
		return 62 - i;
	return i < 3 ? 64 - i : 34 - i;
}

static uint32_t high_code(const struct g722_band *b, int32_t sample)
{
	int32_t error = sat(sample - b->estimate), size = error < 0 ? -(error + 1) : error;
	bool far = size >= ((564 * b->scale) >> 12);
	if (error < 0)
		return far ? 0 : 1;
	return far ? 2 : 3;
}

void g722_init(struct g722 *g)
{
	*g = (struct g722){.low.scale = 32, .high.scale = 8};
}

static void mirror_put(struct g722 *g, int32_t first, int32_t second)
{
	memmove(g->mirror, g->mirror + 2, 22 * sizeof *g->mirror);
	g->mirror[22] = first;
	g->mirror[23] = second;
}

static void mirror_sums(const struct g722 *g, int32_t *even, int32_t *odd)
{
	*even = *odd = 0;
	for (int i = 0; i < 12; i++) {
		*even += g->mirror[2 * i] * qmf[i];
		*odd += g->mirror[2 * i + 1] * qmf[11 - i];
	}
}

size_t g722_encode(struct g722 *g, const int16_t *pcm, size_t n, uint8_t *out)
{
	for (size_t i = 0; i < n / 2; i++) {
		int32_t even, odd;
		mirror_put(g, pcm[2 * i], pcm[2 * i + 1]);
		mirror_sums(g, &even, &odd);
		uint32_t low = low_code(&g->low, (even + odd) >> 14);
		uint32_t high = high_code(&g->high, (odd - even) >> 14);
		low_learn(&g->low, low);
		high_learn(&g->high, high);
		out[i] = (uint8_t)(high << 6 | low);
	}
	return n / 2;
}

size_t g722_decode(struct g722 *g, const uint8_t *in, size_t n, int16_t *pcm)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t low = in[i] & 63, high = in[i] >> 6;
		int32_t even, odd;
		int32_t lower =
			within(g->low.estimate + times(g->low.scale, qm6[low]), -16384, 16383);
		int32_t upper =
			within(g->high.estimate + times(g->high.scale, qm2[high]), -16384, 16383);
		low_learn(&g->low, low);
		high_learn(&g->high, high);
		mirror_put(g, lower + upper, lower - upper);
		mirror_sums(g, &even, &odd);
		pcm[2 * i] = (int16_t)sat(odd >> 11);
		pcm[2 * i + 1] = (int16_t)sat(even >> 11);
	}
	return 2 * n;
}
