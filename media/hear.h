/*
 * hear.h - who hears whom among the legs of a contact: any directed graph.
 *
 * A listener, which is a leg or a side of a recording, names those it hears by their ids. Who is
 * not there yet is heard from the moment he comes, who leaves is heard no more; names of other
 * contacts mean nobody. Of the media thread that has all legs of the contact.
 */
#pragma once

#include "base/list.h"
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
};

struct listener {
	struct leg *leg; /* NULL: a side of a recording */
	struct ear ears[ORDER_IDS_MAX];
};

void listener_init(struct listener *l, struct leg *leg);
/* From now on it hears these of its contact. What is so already is not touched. */
void listener_set(struct listener *l, struct worker *w, struct id contact,
		  const struct order_ids *whom);
/* It hears nobody any more: before its memory goes. */
void listener_clear(struct listener *l);
/* Whom it was told to hear, there or not. */
void listener_names(const struct listener *l, struct order_ids *out);
bool listener_hears(const struct listener *l); /* somebody who is there */

/* A leg has come to its thread, or is about to leave it (it hears nobody then). */
void hear_arrived(struct leg *l);
void hear_leaves(struct leg *l);
/* What it or they speak is another codec now, or goes another way. */
void hear_agreed(struct leg *l);

/* A packet of l that was accepted: on at once to all who hear him alone. It is sound, or a
 * telephone event; the bytes before the payload are overwritten. */
void hear_relay(struct leg *l, const struct rtp *r, int64_t now_us);
