/*
 * trace_file.h - how the trace lies in its file: a head, then entries in laps.
 *
 * Entry: u32 size, u8 type, i64 utc_ms, body. A message's body: u8 flags, the peer, the Call-ID,
 * the message. A leg's body: contact, Call-ID, u8 party, who. A size of 0, or no room for one: the
 * rest of the lap is empty. Places are counted in bytes ever written; byte n lies at n % room.
 */
#pragma once

#include <stdint.h>

#define TRACE_MAGIC "sipview2"
#define MESSAGE_MAX 4000u
#define ENTRY_MAX (MESSAGE_MAX + 600u) /* a peer and a Call-ID of 255 bytes each */
#define ENTRY_MIN 13u

enum { ENTRY_MESSAGE = 1, ENTRY_LEG };
enum { MESSAGE_OUT = 1, MESSAGE_CUT = 2 };

struct trace_head {
	char magic[8];
	uint64_t room;
	uint64_t written; /* where the next entry goes */
	uint64_t oldest;  /* the oldest entry that is whole */
};
