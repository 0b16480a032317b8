/*
 * browser.h - browsers as telephones: one standing session for each user whose phone is of kind
 * `browser`, with a leg of its own that has no SIP dialog and costs nothing.
 *
 *                 leg_web_opened         leg_path 1            offer, call out, …
 *   offer ──▶ PORT ──────────────▶ answer ────────▶ READY, home ────────────────▶ on a contact
 *                                                        ◀────────── its end ────────┘
 * Home is no contact: the leg is in no line there. The session outlives its desk, its browser's
 * page and its path for a minute (behaviours.md A-6), and the core. What is missing decides:
 *
 *   path and desk   ready: contacts are offered
 *   path alone      who talks is heard: a WebSocket may break while sound flows
 *   no path, or the page said that it goes: nobody is heard; others hear music until he is back
 */
#pragma once

#include "channel/voice/line.h"
#include "sip/sdp_web.h"

#define BROWSER_KEY 32 /* characters of a session's name */

struct browser {
	struct id id;
	struct voice *voice;
	struct agent_id agent;
	char key[BROWSER_KEY + 1];
	struct leg_id leg; /* there while the session is */
	uint64_t desk;	   /* that has it; 0: none is there */
	bool path;	   /* sound can flow */
	bool left;	   /* its page said goodbye and none came since */
	bool heard, ready; /* what follows from those, as told */
	bool active;	   /* the browser begins DTLS */
	char ufrag[SDP_UFRAG_MAX + 1], fingerprint[112];
	uint64_t sdp_id;
	struct timer patience; /* runs while it is not ready */
	int64_t until_ms;
	bool given_up;		      /* that minute is over: it ends when nobody is heard there */
	struct voice_phone_ask asked; /* token NULL: no offer waits for media */
};

/* NULL: he has no session. */
struct browser *browser_of(struct voice *v, struct agent_id agent);
bool browser_is_phone(struct voice *v, struct agent_id agent); /* by declaration */
/* Somebody listens and speaks there. False also for no leg of a browser. */
bool browser_silent(const struct leg *leg);
/* May it be put through to a contact now? */
bool browser_free(const struct browser *b);

void browser_order_open(struct leg *leg);
void browser_opened(struct leg *leg, const struct report_leg_web_opened *r);
void browser_not_opened(struct leg *leg, enum err e); /* media did not say anything, or is gone */
void browser_path(struct leg *leg, bool up);
void browser_desk(struct voice *v, const struct event_desk_changed *e);
void browser_user(struct voice *v, struct id user); /* was declared anew, or is no more */
/* The leg came home; true: its session ends with that. */
bool browser_home(struct leg *leg);
/* Whose media process is not the newest any more, and nobody talks there: their desks offer anew.
 */
void browser_drain(struct voice *v);
void browser_over(struct leg *leg);		    /* it ends, and did not come home */
void browser_sync(struct voice *v, uint32_t media); /* what is so at home, said again */
void browser_stop(struct voice *v);
void browser_dump(struct voice *v, struct buf *out); /* for `ctl show browsers` */

bool browser_save(struct voice *v, struct id id, struct buf *out);
MUST_USE enum err browser_load(struct voice *v, struct id id, struct str image);
void browser_legs_loaded(struct voice *v); /* before legs are settled */
void browser_loaded(struct voice *v);
