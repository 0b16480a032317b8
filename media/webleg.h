/*
 * webleg.h - legs of browsers on the control thread: their shared ports, and what of them is not
 * sound.
 *
 * A shared port is one of the media range, on every address of ours, for up to WEBLEGS_A_PORT legs
 * of one media thread. Where ours is a loopback address it listens on all, for this machine alone
 * (decision 0066). Its own socket gets what comes from anybody: checks of ICE, and DTLS of those
 * who have been checked. For the path a browser chose there is a socket of its own, bound to the
 * same port and connected, so that the kernel tells browsers apart (decision 0034); the media
 * thread reads it, and passes back what is not RTP. STUN and DTLS are answered here and from the
 * shared socket, whichever way they came.
 *
 * Private to the control thread (control.h).
 */
#pragma once

#include "rtp/ice.h"
#include "media/control.h"

/* The kernel of Debian 12 looks through all sockets of a port for each packet: 8 ns each. */
#define WEBLEGS_A_PORT 64

struct webleg_port {
	struct list link; /* in the control's */
	struct control *control;
	const struct worker *worker;
	uint16_t port;
	uint32_t count; /* of webs */
	struct list webs;
	struct webleg_socket {
		struct webleg_port *port;
		int fd;
		sa_family_t family; /* 0: none */
	} sockets[ADDR_FAMILIES];
};

/* What a seat has when its leg is a browser's. */
struct webleg {
	struct list link; /* in the port's */
	struct seat *seat;
	struct webleg_port *port;
	struct ice browser;
	struct timer timer;
	bool up; /* as told to media thread and core */
};

void webleg_init(struct control *c);
void webleg_finish(struct control *c);	/* all legs are closed */
int webleg_fd(const struct control *c); /* to be waited for; -1: nothing can come */
void webleg_turn(struct control *c, bool ready);
/* What a media thread passed back. */
void webleg_passed(struct control *c, const struct passed *p);

/* The order. The seat is made by the caller when there is none. */
struct webleg_terms {
	struct str ufrag;
	struct fingerprint peer;
	bool active;
};
MUST_USE enum err webleg_terms_of(const struct order_leg_web *o, struct webleg_terms *out);
/* Takes a place on a shared port. ERR_FULL: none is free; ERR_IO: no certificate could be made. */
MUST_USE enum err webleg_open(struct control *c, struct seat *s);
/* The browser comes; what is so already is not touched. */
void webleg_come(struct control *c, struct seat *s, const struct webleg_terms *t);
void webleg_close(struct control *c, struct seat *s); /* before the seat goes; fine without */

void webleg_say_opened(struct control *c, const struct seat *s);
void webleg_tell_paths(struct control *c); /* after a hello */
void webleg_fill_leg_is(const struct seat *s, struct report_leg_is *r);
