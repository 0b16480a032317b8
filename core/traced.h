/*
 * traced.h - the SIP messages of one contact, as the voice door kept them for those who look:
 * values that go from there to the HTTP door. Texts are as the other side said them: whatever a
 * stranger likes to write.
 */
#pragma once

#include "base/arena.h"
#include "core/words.h"

/* A call of SIP that belonged to the contact. */
struct traced_leg {
	struct str call_id; /* at most 255 bytes */
	enum party party;
	struct str who; /* an agent's id, a number that was called, or nothing */
};

struct traced_message {
	int64_t at_ms; /* UTC */
	uint32_t leg;  /* index into legs */
	bool out;      /* we said it */
	bool cut;      /* only its beginning was kept */
	struct str peer, text;
};

struct traced {
	struct arena arena; /* of all texts */
	struct traced_leg *legs;
	uint32_t leg_count;
	struct traced_message *messages; /* oldest first */
	uint32_t message_count;
	bool more;	   /* there were more than are told */
	bool written_over; /* older messages than since_ms were there */
	int64_t since_ms;  /* of the oldest message kept, of anybody; 0: none is */
};
