/*
 * digit.h - telephone events of RFC 4733, heard and sent. Pure: times are handed in.
 *
 * Digits are characters: 0-9 * # A-D.
 */
#pragma once

#include "rtp/rtp.h"

#define DIGIT_PAYLOAD 4

/* -1 when it is no digit. The codes 0..15 themselves are understood too. */
int digit_event(uint8_t digit);
uint8_t digit_char(uint8_t event); /* 0 when it is not a digit's event */

/* Hearing: an event is known by its timestamp; whatever of its packets comes tells it once. */
struct digit_in {
	bool open; /* an event runs that is not told yet */
	bool any;  /* ts and ssrc are of an event that was */
	uint8_t event;
	uint32_t ssrc, ts;
	uint32_t duration; /* samples */
	uint32_t before;   /* of earlier segments of a very long event, RFC 4733 §2.5.1.3 */
	int64_t seen_ms;
};

#define DIGIT_QUIET_MS 200 /* an event whose end was lost ends so long after its last packet */

struct digit_told {
	uint8_t digit;
	uint16_t duration_ms;
};

/* True when a digit is to be told. One packet can end the event before it and be an end itself (the
 * packets between were lost): told has room for two; returns how many. */
uint32_t digit_in_see(struct digit_in *d, const struct rtp *r, int64_t now_ms,
		      struct digit_told told[2]);
/* To be asked now and then: an event whose end packets were lost. */
bool digit_in_late(struct digit_in *d, int64_t now_ms, struct digit_told *told);

/* Sending: one packet each 20 ms, three with the end bit (§2.5.1.4), then a pause. */
#define DIGIT_QUEUE 32
struct digit_out {
	uint8_t queue[DIGIT_QUEUE];
	uint16_t duration_ms[DIGIT_QUEUE];
	uint8_t count;
	uint8_t ends;	   /* end packets sent of the present one */
	uint8_t pause;	   /* ticks until the next one may begin */
	uint32_t duration; /* samples told so far; 0: not begun */
};

struct digit_packet {
	bool first; /* begins an event: marker, and a timestamp of its own for all its packets */
	uint8_t payload[DIGIT_PAYLOAD];
};

/* ERR_FULL with DIGIT_QUEUE waiting, ERR_INVALID for no digit. duration is kept in 40..8000 ms. */
MUST_USE enum err digit_out_add(struct digit_out *d, uint8_t digit, uint16_t duration_ms);
static inline bool digit_out_busy(const struct digit_out *d)
{
	return d->count || d->pause;
}
/* Once every 20 ms while busy; false: no packet now. */
bool digit_out_tick(struct digit_out *d, struct digit_packet *out);
