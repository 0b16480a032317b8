/* measure.c - see measure.h. */
#include "report/measure.h"

#include <math.h>

static double average(int64_t sum, int64_t n)
{
	return n > 0 ? (double)figures_average(sum, n) : NAN;
}

double measure_of(const struct board_sum *s, enum measure m, int64_t now_ms)
{
	const struct queue_figures *t = s->today;
	const int64_t *n = t->count;
	switch (m) {
	case MEASURE_waiting:
		return s->waiting;
	case MEASURE_longest_wait:
		return s->longest_since ? (double)MAX(now_ms - s->longest_since, 0) : 0;
	case MEASURE_sl:
		return queue_figures_level(t, s->rules);
	case MEASURE_sl_half_hour:
		return queue_figures_level(s->half_hour, s->rules);
	case MEASURE_abandon_rate:
		return queue_figures_lost(t, s->rules);
	case MEASURE_abandon_rate_half_hour:
		return queue_figures_lost(s->half_hour, s->rules);
	case MEASURE_abandoned:
		return (double)n[COUNT_abandoned];
	case MEASURE_asa:
		return average(t->answered_wait_ms, n[COUNT_answered]);
	case MEASURE_aht:
		return average(t->handled_talk_ms + t->handled_hold_ms + t->handled_wrap_ms,
			       n[COUNT_handled]);
	case MEASURE_offered:
		return (double)n[COUNT_offered];
	case MEASURE_answered:
		return (double)n[COUNT_answered];
	case MEASURE_ready:
		return s->staff[BOARD_READY];
	case MEASURE_talking:
		return s->staff[BOARD_TALKING];
	case MEASURE_wrapping:
		return s->staff[BOARD_WRAPPING];
	case MEASURE_not_ready:
		return s->staff[BOARD_NOT_READY];
	case MEASURE_ewt:
		return s->ewt_ms >= 0 ? (double)s->ewt_ms : NAN;
	case MEASURE_expected_15min:
		return s->expected >= 0 ? s->expected : NAN;
	case MEASURE_agent_time:
	case MEASURE_trunks_down:
	case MEASURE_alarm:
		break;
	}
	return NAN;
}

bool measure_is_share(enum measure m)
{
	return m == MEASURE_sl || m == MEASURE_sl_half_hour || m == MEASURE_abandon_rate ||
	       m == MEASURE_abandon_rate_half_hour;
}

bool measure_is_span(enum measure m)
{
	return m == MEASURE_longest_wait || m == MEASURE_asa || m == MEASURE_aht ||
	       m == MEASURE_ewt || m == MEASURE_agent_time;
}

double measure_for_people(enum measure m, double value)
{
	return measure_is_share(m) ? value * 100 : measure_is_span(m) ? value / 1000 : value;
}
