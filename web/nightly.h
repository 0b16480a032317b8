/*
 * nightly.h - once a night what is stored is held against its facts (behaviours.md T-3): a job of
 * the desk DESK_CHECK, whose one clerk runs at the lowest priority. Any difference is an alarm
 * `conservation` of its tenant.
 */
#pragma once

#include "web/clerks.h"

/* The next time of the day minute (0..1439, UTC) after after_ms. A server that was down then does
 * not make up for it: the next night looks at two days. */
int64_t nightly_due(int64_t after_ms, uint32_t minute);
/* Web thread, every second: the job goes to its desk when it is due. */
void nightly_second(struct web *w, int64_t now_utc_ms);
/* On the clerk: run_check (handlers.h), which is also the route of `ctl check-now`; its lines go to
 * j->answer. */
