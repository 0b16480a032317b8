/* alert.c - see alert.h. */
#include "watch/alert.h"

bool alert_beyond(const struct alert_config *c, const double *v)
{
	return v && (c->below ? *v < c->limit : *v > c->limit);
}

static bool back(const struct alert_config *c, const double *v)
{
	return !v || (c->below ? *v >= c->clear : *v <= c->clear);
}

static void go(struct alert *a, enum alert_state to, int64_t now_ms)
{
	a->state = to;
	a->since_ms = now_ms;
}

bool alert_is_on(const struct alert *a)
{
	return a->state == ALERT_ON || a->state == ALERT_FALLING;
}

enum alert_told alert_step(struct alert *a, const struct alert_config *c, const double *value,
			   bool quiet, int64_t now_ms)
{
	if (value)
		a->value = *value;
	if (quiet) {
		const bool was = alert_is_on(a);
		if (a->state != ALERT_FINE)
			go(a, ALERT_FINE, now_ms);
		return was ? ALERT_ENDS : ALERT_NOTHING;
	}
	switch (a->state) {
	case ALERT_FINE:
		if (!alert_beyond(c, value))
			return ALERT_NOTHING;
		go(a, ALERT_RISING, now_ms);
		/* fallthrough */
	case ALERT_RISING:
		if (!alert_beyond(c, value)) {
			go(a, ALERT_FINE, now_ms);
			return ALERT_NOTHING;
		}
		if (now_ms - a->since_ms < c->for_ms)
			return ALERT_NOTHING;
		go(a, ALERT_ON, now_ms);
		return ALERT_BEGINS;
	case ALERT_ON:
		if (!back(c, value))
			return ALERT_NOTHING;
		go(a, ALERT_FALLING, now_ms);
		/* fallthrough */
	case ALERT_FALLING:
		if (!back(c, value)) {
			go(a, ALERT_ON, now_ms);
			return ALERT_NOTHING;
		}
		if (now_ms - a->since_ms < c->clear_for_ms)
			return ALERT_NOTHING;
		go(a, ALERT_FINE, now_ms);
		return ALERT_ENDS;
	}
	return ALERT_NOTHING;
}
