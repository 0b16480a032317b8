/*
 * alert.h - one alert: a figure against a limit, over time (behaviours.md S-4). Pure.
 *
 *          beyond            for_ms              back             clear_for_ms
 *   FINE ─────────▶ RISING ─────────▶ ON ─────────────▶ FALLING ─────────────▶ FINE
 *     ◀───────────────┘ not beyond     ◀──────────────────┘ not back
 *
 * Beyond: past `limit`. Back: at `clear` or better; between the two nothing changes, so a figure
 * that trembles about its limit tells once. An unknown figure is not beyond, and is back.
 */
#pragma once

#include "core/config.h"

enum alert_state { ALERT_FINE, ALERT_RISING, ALERT_ON, ALERT_FALLING }; /* stored as numbers */

struct alert {
	enum alert_state state;
	int64_t since_ms; /* UTC: in this state */
	double value;	  /* the newest known one */
};

enum alert_told { ALERT_NOTHING, ALERT_BEGINS, ALERT_ENDS };

/* value NULL: unknown. quiet: it may not be on now. */
enum alert_told alert_step(struct alert *a, const struct alert_config *c, const double *value,
			   bool quiet, int64_t now_ms);
bool alert_beyond(const struct alert_config *c, const double *value); /* at this moment */
bool alert_is_on(const struct alert *a);
