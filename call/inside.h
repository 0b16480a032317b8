/* inside.h - what the files of this room share. Nobody outside call/ includes it. */
#pragma once

#include "call/call.h"

struct talk {
	struct call_room *room;
	struct contact_id contact;
	struct agent_id agent;
	bool held; /* the customer hears music */
};

struct call_room {
	struct room room;
	struct core *core;
	struct pool *talks;
	struct talk **by_slot; /* of the contact */
	uint32_t slots;
};

struct talk *talk_of(const struct call_room *c, struct contact_id contact); /* NULL: ordinary */
