/*
 * control.h - the control thread of the media process: who is there, and what the core wants of
 * him.
 *
 * It owns the sockets' lives, the tables of legs and recordings and the talk with core and
 * supervisor; it never touches audio. Everything here is of that one thread.
 */
#pragma once

#include "base/map.h"
#include "base/timer.h"
#include "media/link.h"
#include "media/process.h"
#include "media/worker.h"

#define THREADS_MAX 16

/* A leg as the control thread knows it; the inner one is lent to a media thread until it is closed.
 */
struct webleg;
struct seat {
	struct id id, contact; /* contact: as ordered last */
	struct worker *worker;
	bool closing;
	bool moving;	  /* on its way from one thread to another: nobody has it */
	struct list held; /* struct job: what was ordered meanwhile */
	bool played;	  /* play below is the last one asked for */
	bool play_stopped;
	uint32_t play;
	struct srtp_terms seal, open; /* as ordered last; a secret */
	struct webleg *web;	      /* of a browser's leg that is not closing; see webleg.h */
	struct leg leg;
};

/* A recording from its order to the core's acknowledgement. */
struct rec {
	struct id id;
	struct worker *worker;	 /* NULL: none runs it */
	struct recorded *result; /* NULL: it runs */
};

/* One inventory, shared by the jobs that take it from the media threads. */
struct inventory {
	uint32_t number, generation, parts;
};

struct control {
	const struct media_options *options;
	struct addr ips[ADDR_FAMILIES]; /* len 0: none */
	struct mailbox *answers;
	int told; /* eventfd: media threads have reports */
	struct worker *workers[THREADS_MAX];
	uint32_t worker_count;
	struct clips *clips;
	struct writer *writer;
	struct link link;
	struct map legs, recs; /* keys are the ids' bytes, in the values */
	uint32_t next_port;    /* index of the pair to be tried next */
	uint32_t jobs;	       /* with media threads */
	uint32_t moving;       /* legs */
	bool inventory_waits;  /* until none moves */
	uint32_t inventory_number;
	int64_t core_left_ms; /* when the last core went */
	int64_t gauges_ms;
	bool gauged; /* the last gauges told said that there are legs */
	bool stopping, draining;

	/* legs of browsers; see webleg.h */
	struct list web_ports;
	struct timers timers;
	int web_epoll; /* -1: there was none yet */
	struct dtls_identity *identity;
	int64_t identity_ms; /* when it was made */
};

static inline struct str id_key(const struct id *id)
{
	return str_make((const char *)id, sizeof *id);
}

/* One order of the core. Unknown legs are normal: they ended a moment ago. */
void control_obey(struct control *c, const struct order *o);
/* The core has said hello: what it has not acknowledged is told again. */
void control_tell_recorded(struct control *c);
void control_close_legs(struct control *c);

/* A recording of an earlier life of this process; its report follows. */
void control_expect_recorded(void *control, struct id rec);

/* Letters that come back; reader is the control. */
void control_job_back(struct letter *l, void *reader);
void control_playlist_filled(struct letter *l, void *reader);
void control_playlist_back(struct letter *l, void *reader);
void control_recorded(struct letter *l, void *reader);

/* Jobs for a leg, in the order they were made, wherever it is. */
struct job *control_make_job(enum job_kind kind, struct seat *a);
void control_give_leg(struct control *c, struct seat *s, struct job *j);

/* A socket on this port; shared: others of ours may be bound to it. -1 with errno. */
int control_open_port(const struct addr *ip, uint32_t port, bool shared);
/* Two sockets on a free pair of ports. ERR_FULL when none is free. */
MUST_USE enum err control_open_ports(struct control *c, struct leg *l);
void control_close_doors(struct leg *l);
void control_close_door(struct door *d);
/* Tries even ports until one opens. ERR_CONFLICT of `open`: it is taken; ERR_FULL: no more files.
 */
typedef enum err(port_open_h)(struct control *c, uint32_t port, void *arg);
MUST_USE enum err control_seek_port(struct control *c, port_open_h *open, void *arg);
