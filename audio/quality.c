/* quality.c - see quality.h. */
#include "audio/quality.h"

#include <math.h>

#define R_BEST 93.2  /* G.107 with all defaults, less nothing */
#define IE 0.0	     /* G.113 table I.1: G.711 */
#define BPL 25.1     /* G.113 table I.2: G.711 with packet loss concealment (Appendix I) */
#define FRAME_MS 20  /* gathering a packet */
#define BUFFER_MS 40 /* a jitter buffer in calm weather */
#define BURST_MAX 2  /* beyond it G.107's formula holds for little loss only */

/* How much longer losses last than chance would make them, G.107 §3.5: BurstR. */
static double burst_ratio(const struct quality_path *p, double share)
{
	if (!p->gaps || !p->lost || share >= 1)
		return 1;
	double mean = (double)p->lost / p->gaps, chance = 1 / (1 - share);
	return fmin(fmax(mean / chance, 1), BURST_MAX);
}

/* G.107 (7-29): what loss and codec take away. */
static double equipment(const struct quality_path *p)
{
	double share = p->expected ? fmin((double)p->lost / p->expected, 1) : 0;
	double percent = share * 100;
	return IE + (95 - IE) * percent / (percent / burst_ratio(p, share) + BPL);
}

/* Id: Idd as Cole and Rosenbluth put G.107's curve into two lines. */
static double delay(const struct quality_path *p)
{
	double one_way_ms = p->rtt_us / 2000.0 + FRAME_MS + fmax(BUFFER_MS, p->jitter_us / 500.0);
	return 0.024 * one_way_ms + (one_way_ms > 177.3 ? 0.11 * (one_way_ms - 177.3) : 0);
}

double quality_r(const struct quality_path *p)
{
	return fmin(fmax(R_BEST - delay(p) - equipment(p), 0), 100);
}

/* G.107 annex B */
uint32_t quality_mos_cent(double r)
{
	if (r <= 0)
		return 100;
	double mos = r >= 100 ? 4.5 : 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6;
	return (uint32_t)lrint(fmax(mos, 1) * 100);
}
