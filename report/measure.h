/*
 * measure.h - one figure of a board by its word (core/words.def, measure), for tiles and alerts.
 * Pure.
 *
 * Shares are 0 to 1, waits and times ms, the rest counts; NAN: unknown, or not of a queue.
 */
#pragma once

#include "report/board.h"

double measure_of(const struct board_sum *s, enum measure m, int64_t now_ms);
bool measure_is_share(enum measure m);
bool measure_is_span(enum measure m);
/* The same for people: shares as percent, waits and times as seconds. */
double measure_for_people(enum measure m, double value);
