/*
 * web.h - legs of browsers on the control thread: their shared ports, and what of them is not
 * sound.
 *
 * A shared port is one of the media range, on every address of ours, for up to WEB_LEGS_A_PORT legs
 * of one media thread. Its own socket gets what comes from anybody: checks of ICE, and DTLS of
 * those who have been checked. For the path a browser chose there is a socket of its own, bound to
 * the same port and connected, so that the kernel tells browsers apart (decision 0034); the media
 * thread reads it, and passes back what is not RTP. STUN and DTLS are answered here and from the
 * shared socket, whichever way they came.
 *
 * Private to the control thread (control.h).
 */
#pragma once

#include "media/browser.h"
#include "media/control.h"

/* The kernel of Debian 12 looks through all sockets of a port for each packet: 8 ns each. */
#define WEB_LEGS_A_PORT 64

struct web_port {
	struct list link; /* in the control's */
	struct control *control;
	const struct worker *worker;
	uint16_t port;
	uint32_t count; /* of webs */
	struct list webs;
	struct web_socket {
		struct web_port *port;
		int fd;
		sa_family_t family; /* 0: none */
	} sockets[ADDR_FAMILIES];
};

/* What a seat has when its leg is a browser's. */
struct web {
	struct list link; /* in the port's */
	struct seat *seat;
	struct web_port *port;
	struct browser browser;
	struct timer timer;
	bool up; /* as told to media thread and core */
};

void web_init(struct control *c);
void web_finish(struct control *c);  /* all legs are closed */
int web_fd(const struct control *c); /* to be waited for; -1: nothing can come */
void web_turn(struct control *c, bool ready);
/* What a media thread passed back. */
void web_passed(struct control *c, const struct passed *p);

/* The order. The seat is made by the caller when there is none. */
struct web_terms {
	struct str ufrag;
	struct fingerprint peer;
	bool active;
};
MUST_USE enum err web_terms_of(const struct order_leg_web *o, struct web_terms *out);
/* Takes a place on a shared port. ERR_FULL: none is free; ERR_IO: no certificate could be made. */
MUST_USE enum err web_open(struct control *c, struct seat *s);
/* The browser comes; what is so already is not touched. */
void web_come(struct control *c, struct seat *s, const struct web_terms *t);
void web_close(struct control *c, struct seat *s); /* before the seat goes; fine without */

void web_say_opened(struct control *c, const struct seat *s);
void web_tell_paths(struct control *c); /* after a hello */
void web_fill_leg_is(const struct seat *s, struct report_leg_is *r);
