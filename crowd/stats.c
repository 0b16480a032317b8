/* stats.c - counting and measuring what the crowd met. */
#include <inttypes.h>
#include <stdlib.h>

#include "crowd/inner.h"

void delays_add(struct delays *d, struct dice *dice, int64_t us)
{
	const uint32_t value = us < 0 ? 0 : us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
	const uint32_t n = d->count++;
	const uint32_t at = n < DELAYS_KEPT ? n : dice_below(dice, n + 1);
	if (at < DELAYS_KEPT)
		d->us[at] = value;
}

static int by_value(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

/* Nearest rank. */
static uint32_t quantile(const struct delays *d, uint32_t kept, uint32_t percent)
{
	const uint32_t rank = (kept * percent + 99) / 100;
	return d->us[rank ? rank - 1 : 0];
}

struct crowd_delays delays_sum(struct delays *d)
{
	const uint32_t kept = MIN(d->count, (uint32_t)DELAYS_KEPT);
	if (!kept)
		return (struct crowd_delays){0};
	qsort(d->us, kept, sizeof d->us[0], by_value);
	return (struct crowd_delays){.count = d->count,
				     .p50_us = quantile(d, kept, 50),
				     .p90_us = quantile(d, kept, 90),
				     .p99_us = quantile(d, kept, 99),
				     .max_us = d->us[kept - 1]};
}

static void print_delays(const char *name, const struct crowd_delays *d, FILE *out)
{
	fprintf(out, "%s_n=%u %s_p50_ms=%.1f %s_p90_ms=%.1f %s_p99_ms=%.1f %s_max_ms=%.1f\n", name,
		d->count, name, d->p50_us / 1e3, name, d->p90_us / 1e3, name, d->p99_us / 1e3, name,
		d->max_us / 1e3);
}

void crowd_print(const struct crowd_result *r, FILE *out)
{
	fprintf(out,
		"calls=%u answered=%u talked=%u gave_up=%u refused=%u failed=%u not_made=%u "
		"deaf_talks=%u\n",
		r->started, r->answered, r->talked, r->gave_up, r->refused, r->failed, r->not_made,
		r->deaf_talks);
	fprintf(out,
		"offers=%u taken=%u let_ring=%u cancelled=%u signed_in=%u wraps=%u "
		"desk_errors=%u\n",
		r->offers, r->offers_taken, r->offers_let_ring, r->offers_cancelled, r->signed_in,
		r->wraps, r->desk_errors);
	fprintf(out, "packets_out=%" PRIu64 " packets_in=%" PRIu64 "\n", r->packets_out,
		r->packets_in);
	print_delays("answer", &r->answer, out);
	print_delays("ring", &r->ring, out);
	fflush(out);
}
