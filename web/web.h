/*
 * web.h - the HTTP door: authentication, the interface of contract section 3, the event stream,
 * metrics, and the control socket of a running server.
 *
 * One thread speaks HTTP (web/http.h) and never blocks; clerks (web/clerks.h) read the database,
 * ask the main thread and hash passwords. The door decides no business: it checks who asks, passes
 * the question on and writes the answer down.
 */
#pragma once

#include "core/ask.h"
#include "core/traced.h"
#include "objects/registry.h"
#include "store/query.h"
#include "web/pages.h"

struct web;

struct web_options {
	/* Bound and listening; the door accepts on them and closes them at the end. -1: none. */
	int http_fd; /* TCP */
	/* TLS upon TCP: its certificates, taken and used by the door's thread; NULL: none */
	struct tls *tls;
	int https_fd;
	int local_fd; /* unix stream socket: full rights, user `local` of tenant `system` */

	struct store *store; /* readers are opened on it; must outlive the door */
	struct registry
		*registry;     /* loaded; the door alone touches it from web_start to web_stop */
	struct str recordings; /* root of the recordings' paths; copied */
	struct str sounds;     /* folder of uploaded sounds, SHA256.wav; copied */
	struct str imports;    /* folder of files of customers; copied */
	struct str backups;    /* folder of copies of everything; copied */
	struct str version;    /* copied */
	struct str demo;       /* where the demo listens (api/demo.c); empty: none. Copied */
	struct pages pages;    /* what browsers are shown */

	uint32_t connections_max; /* 0: 4000; the oldest idle one gives way */
	uint32_t streams_max;	  /* 0: 1000 event streams */
	uint32_t desks_max;	  /* 0: 2000 WebSockets of desks */
	/* Where reports are mailed; texts that stay. url empty: nowhere. */
	struct {
		const char *url, *user, *secret, *from;
	} mail;
	uint32_t check_minute; /* of the UTC day, 0..1439: when the nightly check runs */

	/*
	 * Any thread: hands the question to the main thread, leaving a->letter.open alone (it says
	 * what happens on the asker's side; carry the question in a letter of your own, for example
	 * one from a->arena). The answer comes back by mailbox_post(a->reply, &a->letter).
	 */
	void (*ask)(void *arg, struct ask *a);
	/* Any thread, may be NULL: whether the rest of the house can serve; `why` when it cannot.
	 */
	bool (*ready)(void *arg, struct buf *why);
	/* On a clerk's thread, may be NULL: the SIP messages of a contact (core/traced.h); the
	 * caller ends with arena_finish(&out->arena). ERR_IO: they cannot be read. */
	enum err (*traced)(void *arg, struct uuid contact, struct traced *out);
	/* On a clerk's thread, may be NULL: a stranger's sound file as WAV, 8 kHz, one channel, 16
	 * bits. ERR_UNSUPPORTED: of a kind we do not take; ERR_INVALID: damaged or empty;
	 * ERR_TOO_LARGE: too long; `why` says it for people. */
	enum err (*decode)(void *arg, struct str file, struct buf *wav, int64_t *duration_ms,
			   char *why, size_t why_room);
	void *arg;
	struct str speech,
		setup_token; /* DIR/speech; DIR/setup.token, there while nobody is declared */
};

/* Starts the threads. ERR_IO when a thread, a reader or the server cannot be had. */
MUST_USE enum err web_start(const struct web_options *o, struct web **out);
/* Everything up to seq is durable: answers and streams that waited for it go out. Any thread. */
void web_durable(struct web *w, uint64_t seq);
/* What became durable (store.h's `stored`): told to desks. The store's thread. */
void web_stored(struct web *w, const struct str *batches, uint32_t count);
/* A desk's phone is so now; nothing when that desk has gone. Any thread. The desk hears
 * {"phone":{"state":...}}. */
void web_desk_phone(struct web *w, uint64_t desk, enum desk_phone state);
/* Reads the certificates again, soon. Any thread. */
void web_reload(struct web *w);
/* Ends all threads and connections. Questions under way are waited for, up to 2 s: stop the door
 * before the main thread stops answering. web_durable may still be called and does nothing. NULL is
 * fine. */
void web_stop(struct web *w);
/* After web_stop, once nobody calls web_durable any more (store_stop) and the main thread has
 * answered what it was asked. NULL is fine. */
void web_destroy(struct web *w);
