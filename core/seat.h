/*
 * seat.h - who sits on a contact and whom each hears: what call/ decides and the voice channel
 * carries out.
 *
 * A seat is a voice of a contact: its customer, an agent, a supervisor who listens, a number that
 * was called. Who is on the contact and named by no seat hears silence and is heard by nobody.
 */
#pragma once

#include "core/ids.h"
#include "core/words.h"

#define SEATS_MAX 16u

struct seat {
	enum party party;
	struct agent_id agent; /* of an agent, a supervisor */
	uint32_t callee;       /* of a number: what dial_out was told */
	uint32_t hears;	       /* BIT(index in the same table): whose voices it hears */
	enum seat_sound sound; /* what it hears when that is nobody */
	enum seat_track track; /* where its voice goes in the recording */
};
