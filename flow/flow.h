/*
 * flow.h - the room that leads contacts through declared flows: greetings, menus, hours, queues.
 *
 * Hears flow_start; says flow_step, ivr_end, alarm; asks media_play, media_stop, queue_join,
 * hang_up. A contact finishes on the version of the flow it began with.
 * Thread: the main thread only. Digits are numbered as in RFC 4733: 0..9, 10 is *, 11 is #.
 */
#pragma once

#include "core/core.h"

#define FLOW_CONTACTS_MAX 131072u

/* Adds itself to the hall. contacts: in flows, queues and talks at a time, more is
 * ERR_FULL; as many as the hall has (untouched places cost nothing), flow_create takes
 * FLOW_CONTACTS_MAX. Never NULL. */
struct room *flow_create(struct core *c);
struct room *flow_create_limited(struct core *c, uint32_t contacts);
void flow_destroy(struct room *r); /* before core_finish; NULL is fine */
/* Tests starve the room to fewer places. */
void flow_starve(struct room *r, uint32_t limit);
