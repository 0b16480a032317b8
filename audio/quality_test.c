/* quality_test.c - the E-model against published points. */
#include "audio/quality.h"

#include <math.h>
#include <stdlib.h>

#include "tests/test.h"

TEST(quality_mos_of_r_as_g107_annex_b_has_it)
{
	/* G.107 table B.1: lower limits of R and the MOS they mean */
	static const struct {
		double r;
		uint32_t cent;
	} rows[] = {{90, 434}, {80, 403}, {70, 360}, {60, 310}, {50, 258}, {0, 100}, {100, 450}};
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		EXPECT(abs((int)quality_mos_cent(rows[i].r) - (int)rows[i].cent) <= 1);
	for (double r = -5; r < 105; r += 0.25) /* never down, never out of bounds */
		EXPECT(quality_mos_cent(r) >= 100 && quality_mos_cent(r) <= 450 &&
		       (r < 7 || quality_mos_cent(r + 0.25) >= quality_mos_cent(r)));
}

static uint32_t mos(uint32_t lost_permille, uint32_t rtt_ms, uint32_t jitter_ms)
{
	struct quality_path p = {.expected = 1000,
				 .lost = lost_permille,
				 .jitter_us = jitter_ms * 1000,
				 .rtt_us = rtt_ms * 1000};
	return quality_mos_cent(quality_r(&p));
}

TEST(quality_falls_with_loss_delay_and_jitter)
{
	EXPECT(mos(0, 0, 0) >= 435); /* G.711's best is 4.4 */
	/* Ie-eff of G.711 with concealment at 5 %: 95 * 5 / 30.1 = 15.8, so R = 75.9 */
	EXPECT(abs((int)mos(50, 0, 0) - 387) <= 3);
	EXPECT(abs((int)mos(200, 0, 0) - 256) <= 3); /* Ie-eff 42.1, R = 49.7 */
	EXPECT(mos(10, 0, 0) > mos(20, 0, 0) && mos(500, 0, 0) < 190);
	/* a satellite: 560 ms there and back, Id = 0.024 * 340 + 0.11 * 162.7 = 26.1 */
	EXPECT(abs((int)mos(0, 560, 0) - 346) <= 4);
	EXPECT(mos(0, 0, 100) < mos(0, 0, 20));
	EXPECT(mos(1000, 0, 0) >= 100 && mos(1000, 5000, 5000) == 100);
	EXPECT(mos(0, 100, 0) > 430);
}

TEST(quality_losses_in_bursts_are_worse)
{
	struct quality_path alone = {.expected = 1000, .lost = 40, .gaps = 38}, burst = alone;
	burst.gaps = 8;
	EXPECT(quality_r(&burst) < quality_r(&alone) - 0.9);
	burst.gaps = 1; /* bounded */
	EXPECT(quality_r(&burst) > quality_r(&alone) - 12);
	EXPECT(quality_r(&(struct quality_path){0}) > 90);
}
