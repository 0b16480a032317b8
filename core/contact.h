/*
 * contact.h - the hall's row for one contact: what it is, not where it stands.
 *
 * Made by the door it came through, fixed but for its language; rooms keep rows of their own, keyed
 * by contact_id. Ends by itself: when the line is gone (disconnect), no wrap-up is open and no door
 * holds it, the hall emits `ended`, then contact_gone, and gives the slot back.
 */
#pragma once

#include "core/ids.h"
#include "core/words.h"

#define CONTACT_TEXT_MAX 80

struct core;

struct contact {
	struct contact_id id;
	struct uuid uuid;
	struct tenant_id tenant;
	struct trunk_id trunk; /* none: from a registered phone */
	struct flow_id flow;
	enum channel channel;
	enum direction direction;
	char from[CONTACT_TEXT_MAX], to[CONTACT_TEXT_MAX]; /* E.164 where they are numbers */
	char customer[CONTACT_TEXT_MAX]; /* who it is with, as the agent who called said; may be
					    empty */
	char diverted[CONTACT_TEXT_MAX]; /* the number it was for before it was passed on; empty */
	char verstat[24], attest[2];	 /* STIR/SHAKEN: who calls is verified; empty: not asked */
	struct agent_id agent;		 /* who of ours began it; none: nobody */
	bool private;			 /* behaviours.md A-8: not recorded, in no figures */
	bool test;			 /* nobody calls: a desk is tried; private too */
	char lang[8];			 /* what it is spoken to in; begins as the tenant's */
	int64_t arrive_ms;		 /* monotonic */
	int64_t arrive_at_ms;		 /* UTC */
	bool line_gone, over;		 /* hall only */
	uint32_t wraps;			 /* hall only: open wrap-ups */
	uint32_t holds; /* hall only: see contact_hold; not stored, the door holds again */
};

struct contact_options {
	struct tenant_id tenant;
	struct trunk_id trunk;
	struct flow_id flow;
	enum channel channel;
	enum direction direction;
	struct str from, to, customer; /* cut at CONTACT_TEXT_MAX - 1 bytes */
	struct agent_id agent;
	bool private, test;
	struct str diverted, diverted_why; /* the number called at first; empty: this one */
	struct str verstat, attest, origid, verstat_why; /* verstat empty: nobody looked */
};

/* Emits `arrive`. ERR_FULL at the limit. */
MUST_USE enum err contact_create(struct core *c, const struct contact_options *o,
				 struct contact_id *out);
/* A door keeps the contact open for what belongs to it and is not finished: a leg whose figures are
 * still to come, a recording that is still being written. Counted. */
void contact_hold(struct core *c, struct contact_id id);
void contact_release(struct core *c, struct contact_id id);	   /* may emit `ended` */
struct contact *contact_get(struct core *c, struct contact_id id); /* NULL: gone */
/* By its name outside, within one tenant. */
struct contact *contact_find(struct core *c, struct tenant_id tenant, struct uuid uuid);
/* What it is spoken to in from now on: ERR_INVALID for a tag that does not fit, ERR_NOT_FOUND. */
MUST_USE enum err contact_lang_set(struct core *c, struct contact_id id, struct str lang);
uint32_t contact_count(const struct core *c);
struct contact *contact_next(struct core *c, uint32_t *slot); /* walks the living */
