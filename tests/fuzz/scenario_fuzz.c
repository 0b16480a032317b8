/*
 * scenario_fuzz.c - any bytes as a scenario of `centrala sim`.
 *
 * Law: what is refused says why in one line and leaves nothing behind; what is accepted keeps to
 * its limits, and agents serve queues that are there.
 */
#include "sim/scenario.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_dist(const struct dist *d)
{
	CHECK(d->kind == DIST_NEVER || (dist_mean(d) >= 0 && dist_mean(d) <= 1e7));
	CHECK((d->kind == DIST_TRACE) == (d->length > 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char room[256];
	struct buf why = buf_make(room, sizeof room);
	struct scenario s;
	double calls = 0;
	if (scenario_read(&s, str_make((const char *)data, n), &why) != ERR_OK) {
		CHECK(why.n && !s.queues && !s.agents);
		return 0;
	}
	CHECK(s.hours > 0 && s.warmup_hours >= 0 && s.warmup_hours < s.hours && s.queue_count);
	for (uint32_t i = 0; i < s.queue_count; i++) {
		const struct scenario_queue *q = &s.queues[i];
		CHECK(q->id[0] && q->threshold_ms >= 0 && q->wrap_ms >= 0);
		CHECK(q->handle_s.kind != DIST_NEVER);
		check_dist(&q->handle_s);
		check_dist(&q->patience_s);
		calls += q->arrivals_per_hour * s.hours;
	}
	CHECK(calls <= SCENARIO_CONTACTS_MAX);
	for (uint32_t i = 0; i < s.agents_count; i++)
		for (uint32_t k = 0; k < s.agents[i].queue_count; k++)
			CHECK(s.agents[i].queues[k] < s.queue_count);
	scenario_finish(&s);
	return 0;
}
