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
/* After a restart contacts go on in the version they began with; those that are not the newest any
 * more are asked for here. NULL: it is not known. Whoever asks frees what he gets. */
typedef struct config *(flow_past_h)(void *arg, enum object_kind kind, struct str tenant,
				     struct str flow, uint32_t version);
void flow_past_from(struct room *r, flow_past_h *past, void *arg);
/* Tests starve the room to fewer places. */
void flow_starve(struct room *r, uint32_t limit);
