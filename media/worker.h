/*
 * worker.h - a media thread: sockets and ticks of its legs.
 *
 * The control thread sends it jobs; each job comes back to the control's mailbox when done, in
 * order. Nobody wakes the thread for a job: it looks at each packet and each tick, 20 ms at most.
 * Reports go through a ring of fixed size; `told` rings when some were put in. In a tick nothing
 * allocates, locks or touches a disk.
 */
#pragma once

#include <pthread.h>

#include "media/leg.h"
#include "media/writer.h"

#define WORKER_REPORTS 2048
#define WORKER_ROOMS 256

struct worker_report_ring {
	_Atomic uint32_t put, taken;
	struct report slots[WORKER_REPORTS];
};

/* What came on a browser's path and is not sound: STUN and DTLS are the control thread's. */
#define WORKER_PASSED 64
struct passed {
	struct id leg;
	struct addr from;
	size_t n;
	char bytes[RTP_PACKET_MAX];
};

struct worker_pass_ring {
	_Atomic uint32_t put, taken;
	struct passed slots[WORKER_PASSED];
};

struct worker {
	/* constant */
	uint32_t number;
	pthread_t thread;
	struct mailbox *box, *answers;
	struct writer *writer;
	int epoll, timer, told; /* told: eventfd of the control thread */
	int64_t silent_us;
	/* opened by the control thread */
	void (*playlist_back)(struct letter *, void *);
	void (*job_back)(struct letter *, void *);

	struct list legs, active, tapes;
	struct list voices;		 /* of legs that somebody mixes or records */
	struct list rooms[WORKER_ROOMS]; /* legs by their contact's slot */
	uint64_t tick;
	int64_t second_us;
	bool stopping, fresh_reports;
	uint32_t handled; /* packets since the last tick */

	/* read by the control thread */
	_Atomic uint64_t packets_in, packets_out, strays, forged, reports_lost;
	_Atomic uint32_t late_max_us;
	struct worker_report_ring ring;
	struct worker_pass_ring passes;
};

enum job_kind {
	JOB_LEG_OPEN,
	JOB_LEG_REMOTE,
	JOB_LEG_SECURE,
	JOB_LEG_PATH, /* a browser's leg */
	JOB_LEG_CLOSE,
	JOB_LEG_LEAVE, /* it comes back to the control thread as it is */
	JOB_PLAY,
	JOB_PLAY_STOP,
	JOB_DIGIT,
	JOB_HEAR,
	JOB_RECORD,
	JOB_RECORD_HEAR,
	JOB_RECORD_STOP,
	JOB_INVENTORY,
	JOB_STOP,
};

struct job {
	struct letter letter;
	enum job_kind kind;
	struct list link;  /* while the control thread holds it back */
	struct id contact; /* leave: where to */
	struct leg *a;
	struct leg_terms terms; /* leg_remote; its state and ... */
	struct leg_keys keys;	/* leg_secure: what the leg gave back is the control thread's */
	struct addr path;	/* leg_path: as in leg_path() */
	bool new_socket;       /* leg_path: the one below, instead of the leg's, which comes back */
	struct door door;      /* family 0: none */
	struct playlist *list; /* play: becomes the leg's */
	uint32_t play;
	struct order_ids whom[2]; /* hear: the first; record, record_hear: left, right */
	uint8_t digit;
	uint16_t duration_ms;
	struct tape *tape;		 /* record */
	struct id rec;			 /* record_stop: the tape itself may be gone already */
	struct report_leg_closed closed; /* filled by JOB_LEG_CLOSE and JOB_LEG_LEAVE */
	/* inventory: room for every leg and tape of this thread, made by the asker */
	struct inventory *inventory;
	uint32_t legs_room, legs, recs_room, recs;
	struct report_leg_is *leg_is;
	struct report_rec_is *rec_is;
	char *names_room, *names; /* what their texts are views of; where the next one goes */
};

struct worker_options {
	uint32_t number, silent_ms;
	struct mailbox *answers;
	int told;
	struct writer *writer;
	void (*playlist_back)(struct letter *, void *);
	void (*job_back)(struct letter *, void *);
};

struct worker *worker_start(const struct worker_options *o);
void worker_post(struct worker *w, struct job *j);
void worker_stop(struct worker *w); /* its legs must be closed */
/* The control thread takes reports out. False when there is none. */
bool worker_take_report(struct worker *w, struct report *out);
bool worker_take_passed(struct worker *w, struct passed *out);

/* Legs of this contact, and of others whose slots fall together. */
static inline struct list *worker_room(struct worker *w, struct id contact)
{
	return &w->rooms[contact.slot % WORKER_ROOMS];
}
struct leg *worker_leg(struct worker *w, struct id contact, struct id id); /* NULL: not there */
/* For tests without a thread: the lists alone, and one tick. */
void worker_init(struct worker *w);
void worker_tick(struct worker *w, int64_t now_us);

/* For legs, on the media thread. */
void worker_report(struct worker *w, const struct report *r);
void worker_activate(struct worker *w, struct leg *l);
void worker_give_back(struct worker *w, struct playlist *list);

static inline void worker_count(_Atomic uint64_t *c)
{
	/* one writer: no locked instruction is needed */
	atomic_store_explicit(c, atomic_load_explicit(c, memory_order_relaxed) + 1,
			      memory_order_relaxed);
}
