/*
 * house.h - the core process: all rooms, the doors and the truth, wired together.
 *
 * `house_open` brings back what was (ring, database, objects, images) without any socket: commands
 * that look at a stopped server use it too. `house_serve` is the life of `centrala-core`.
 */
#pragma once

#include <limits.h>
#include <stdatomic.h>

#include "app/kin.h"
#include "app/net.h"
#include "app/settings.h"
#include "app/speech.h"
#include "channel/voice/trace.h"
#include "channel/voice/voice.h"
#include "sip/gate.h"
#include "core/ask.h"
#include "objects/registry.h"
#include "store/query.h"
#include "store/ring.h"
#include "web/web.h"

#define HOUSE_OBJECTS_MAX 100000u
#define HOUSE_RETRY_MS 500 /* between two tries to write to a full disk */

/* The connection to one media process. */
struct media_link {
	struct house *house;
	uint32_t number;   /* the supervisor's name for the process; 0: free place */
	int fd;		   /* -1: away */
	struct buf orders; /* waiting for the turn's end */
	bool blocked;
};

struct house {
	struct settings set;
	char dir[SETTING_MAX];
	char sound_dir[PATH_MAX + 32];
	char trace_file[PATH_MAX + 32]; /* of SIP messages: channel/voice/trace.h */
	char speech_dir[PATH_MAX + 32],
		advertise[128];			  /* voice keeps views; "host:port" or empty */
	char advertise_more[SIP_TRANSPORTS][128]; /* of those that listen elsewhere */
	int64_t anchor_ms; /* UTC minus monotonic: our time is UTC that never jumps */
	uint8_t key[32];   /* DIR/secret.key */

	struct core core;
	struct room *acd, *flow, *call, *watch;
	struct voice *voice;
	struct ring *ring;
	struct store *store;
	struct registry *registry;
	struct web *web;
	struct net *net;
	bool pressed;
	int64_t turn_us;   /* when it began */
	uint32_t streamed; /* SIP messages of streams in this turn */
	struct gate *gate; /* who is served first; from the first datagram on */
	struct speech *speech;
	struct stir *stir;		   /* NULL: none is set, or it could not be read */
	struct tls *tls;		   /* NULL: none is set, or it could not be read */
	char tls_wrong[400];		   /* why not; an alarm is due */
	int64_t tls_look_ms, tls_told_day; /* secure.c */
	struct dns *dns;		   /* NULL: names of hosts stay unknown */
	struct loop *loop;

	struct mailbox *mail;			/* letters to the main thread */
	struct letter *answers, **answers_last; /* asks answered in this turn */
	struct core_save saved;	   /* how far images are in the ring's newest segment */
	struct buf backlog;	   /* what the ring could not take: the disk is full */
	int64_t retry_at_ms;	   /* when it is tried again */
	_Atomic bool store_failed; /* something is in the backlog */

	int64_t *alive_at; /* DIR/alive, mapped: our time at the end of the newest turn; NULL: none
			    */
	int control;	   /* the supervisor; -1: none */
	struct media_link media[KIN_MEDIA_MAX];
	struct buf packet; /* scratch for packets from media */

	_Atomic bool serving, media_away;
	bool database_failed;		 /* as it was told last */
	_Atomic(struct web *) web_ready; /* for the store's thread */
	bool stopping, leaving, listening;
	int64_t stop_at_ms, alive_at_ms, media_wait_until_ms;
	uint32_t dropped_images; /* that could not live on in this life */
	bool recovered;
};

/* How a life begins: after a clean or unclean end of everything, after the core's death alone, or
 * after several deaths in a row. */
enum house_start {
	HOUSE_FRESH,
	HOUSE_RESTARTED,
	HOUSE_POISONED,	      /* all but calls is set aside; these are ended with a farewell */
	HOUSE_POISONED_AGAIN, /* calls too: contacts end in the records only */
};

/* bound: "host:port" of the SIP sockets; empty: there are none; more: ports of the transports that
 * have their own, 0: none; NULL: no transport has. With sockets SIP can be said from the first
 * turn on: calls that are brought back have something to say. On a fresh start the media process of
 * the last life is gone: its contacts end at the last moment that life is known to have lived.
 */
enum err house_open(struct house *h, const struct settings *set, struct str bound,
		    const uint16_t more[SIP_TRANSPORTS], enum house_start start, struct buf *why);
void house_close(struct house *h);
/* One turn from outside the loop: begin, then whatever the caller does, then end. */
void house_turn_begin(struct house *h);
void house_turn_end(struct house *h);
/* Waits until everything said is in the database. ERR_TIMEOUT after ms. */
MUST_USE enum err house_durable(struct house *h, int64_t ms);
/* Applies a site file in a turn of its own. why gets the mistakes, a line each. */
MUST_USE enum err house_apply(struct house *h, struct str body, struct buf *out, struct buf *why);
/* Whether so many new objects still fit. */
bool house_room_for(const struct house *h, uint32_t more);
void house_change(struct house *h, const struct ask_change *c, struct str by);

/* past.c: core_loaded, with the versions of flows that images name; how many could not live on */
uint32_t house_load_images(struct house *h);

/* house_sip.c: the gate and the net; what is said from then on leaves with its turn, what comes
 * waits in the kernel until net_listen. */
MUST_USE enum err house_sip_open(struct house *h, enum house_start start, struct buf *why);
/* Newcomers who had to wait, as many as a turn has time for. */
void house_sip_serve(struct house *h);
/* The inherited socket that accepts streams of this transport; -1: not set. */
int house_sip_socket(enum sip_transport t);

/* asks.c */
void house_ask(void *arg, struct ask *a); /* any thread */
/* media link */
void house_order(void *arg, uint32_t media, struct str bytes);
void house_media_flush(struct house *h);

/* The whole life of centrala-core; the exit status. */
int house_serve(const struct settings *set);
