/*
 * hear.h - who hears whom among the legs of a contact: any directed graph.
 *
 * A listener, which is a leg or a side of a recording, names those it hears by their ids. Who is
 * not there yet is heard from the moment he comes, who leaves is heard no more; names of other
 * contacts mean nobody. A leg that hears exactly one other of the same codec gets its packets as
 * they come (relay); what else it hears is mixed from the frames of each tick (voice.h). Going from
 * one to the other nothing is said twice or left out, and the peer's stream goes on. Of the media
 * thread that has all legs of the contact.
 */
#pragma once

#include "base/list.h"
#include "media/mix.h"
#include "media/order.h"

struct leg;
struct listener;
struct rtp;
struct worker;

struct ear {
	struct list link; /* in the speaker's heard_by */
	struct listener *of;
	struct leg *speaker; /* NULL: not there */
	struct id whom;	     /* slot 0: no ear */
	bool draws;	     /* the speaker's voice is held for it */
};

struct listener {
	struct leg *leg; /* NULL: a side of a recording */
	struct limiter limiter;

	/* of a leg */
	struct leg *relays; /* the one whose packets it gets; NULL: none */
	bool mixes;
	/* the mixture begins where the relayed one ended: not before this timestamp of his */
	struct leg *after; /* NULL: at once */
	uint32_t after_ts;
	uint8_t patience; /* ticks it is waited for */

	struct ear ears[ORDER_IDS_MAX];
};

void listener_init(struct listener *l, struct leg *leg);
/* From now on it hears these of its contact. What is so already is not touched. */
void listener_set(struct listener *l, struct worker *w, struct id contact,
		  const struct order_ids *whom, int64_t now_us);
void listener_clear(struct listener *l, int64_t now_us); /* nobody: before its memory goes */
/* Whom it was told to hear, there or not. */
void listener_names(const struct listener *l, struct order_ids *out);
bool listener_hears(const struct listener *l); /* somebody who is there */
/* All it hears in this tick in one frame. */
void listener_mix(struct listener *l, uint64_t tick, int16_t *out);

/* A leg has come to its thread, or is about to leave it: then it hears nobody and is heard by none.
 */
void hear_arrived(struct leg *l, int64_t now_us);
void hear_leaves(struct leg *l, int64_t now_us);
/* What it or they speak may be another codec now, or go another way. */
void hear_agreed(struct leg *l, int64_t now_us);

/* A packet of l that was accepted: on at once to all who get his packets. It is sound, or a
 * telephone event; the bytes before the payload are overwritten. */
void hear_relay(struct leg *l, const struct rtp *r, int64_t now_us);
/* A frame instead of packets he does not send while he is silent (RFC 3389), the same way. */
void hear_noise(struct leg *l, const int16_t pcm[SOUND_FRAME], int64_t now_us);
/* A whole telephone event: to those who hear him in a mixture. */
void hear_digit(struct leg *l, uint8_t digit, uint16_t duration_ms);
/* One tick of a leg that mixes. */
void hear_tick(struct leg *l, uint64_t tick, int64_t now_us);
