/*
 * timed.h - skills and queues that somebody has until a moment only (`for_now` of a user): when it
 * has come, those he had before are back, as a new version. A job of the clerk who changes objects.
 *
 * The main thread knows whose time is over: asked when the next one is due, at the start, after
 * every change of skills, and each minute, since users may be declared so by other ways too.
 */
#pragma once

#include <jansson.h>

#include "base/str.h"
#include "web/web.h"

void timed_second(struct web *w, int64_t now_utc_ms); /* the web thread's second */
/* Somebody's skills were changed until then. Any thread. */
void timed_soon(struct web *w, int64_t until_ms);

/* The document of a user who is given these fields of `wanted` ({"skills","queues","until_at"}), by
 * whom; his own stand in `for_now` when `until_at` says so. NULL: it says nothing of either. */
json_t *timed_given(const json_t *user, const json_t *wanted, struct str by);
/* The same when his time is over; NULL: none was set. */
json_t *timed_back(const json_t *user);
