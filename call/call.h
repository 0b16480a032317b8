/*
 * call.h - who is on a contact that is spoken on, and what they do with it (behaviours R-3, S-2).
 *
 * Answers call_do and call_left; says who hears whom by seats_set. An ordinary talk of a customer
 * with one agent has no row here and costs a look at an array for each event.
 * Thread: the main thread only. Nothing here reads a clock.
 */
#pragma once

#include "core/core.h"

/* Adds itself to the hall. contacts: with more than an ordinary talk at a time, more is ERR_FULL.
 * Never NULL. */
struct room *call_room_create(struct core *c, uint32_t contacts);
void call_room_destroy(struct room *r); /* before core_finish; NULL is fine */
/* Tests: fewer places. */
void call_room_starve(struct room *r, uint32_t limit);

/* It is parked: nobody of ours has it, anybody may pick it up. */
bool call_is_parked(const struct room *r, struct contact_id contact);
/* For laws in tests: ERR_CONFLICT and a line in out. */
MUST_USE enum err call_self_check(const struct room *r, struct buf *out);
