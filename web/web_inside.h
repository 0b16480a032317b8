/*
 * web_inside.h - the door itself, shared by its files: what the web thread owns, and the three
 * things clerks share under a lock each (the registry, what is durable, counters are atomic).
 */
#pragma once

#include "base/map.h"
#include "web/clerks.h"
#include "base/limit.h"
#include "web/boards.h"
#include "web/live.h"
#include "web/sessions.h"
#include "web/stream.h"
#include "web/views.h"
#include "web/walls.h"

struct web {
	struct web_options o;
	char *imports;		      /* folder */
	bool importing;		      /* a clerk is at it; the web thread's */
	_Atomic int64_t timed_due_ms; /* UTC: then somebody's skills may be over (timed.h) */
	atomic_bool timed_looking;
	atomic_bool imports_due;
	char *recordings, *sounds, *backups, *version, *speech;
	char *setup_file, setup_token[33]; /* empty: somebody is declared */
	char *demo;			   /* where the living demo listens; NULL: this is none */
	struct http *http;
	struct mailbox *box; /* the web thread's */
	pthread_t thread;
	bool running;
	struct clerks *clerks;	/* NULL: no new work */
	struct clerks *retired; /* stopped; late answers may still come to them */
	struct limit *limit;
	struct sessions *sessions;
	int64_t opened_at_ms;	/* UTC */
	int64_t idle_looked_ms; /* for idle sessions; the web thread's */
	_Atomic uint64_t csp_reports;
	_Atomic int64_t csp_logged_ms; /* monotonic */
	struct streams *streams;
	struct lives *lives;
	struct boards *boards;
	struct walls *walls;
	uint32_t followers;	   /* mirrors and boards; the web thread's */
	struct map keys_under_way; /* Idempotency-Keys being worked on: job_key_text -> job */
	atomic_bool facts_wanted;  /* a desk is open: web_stored has somebody to tell */
	_Atomic uint64_t sign_ins, sign_ins_refused;

	int64_t reports_look_ms;     /* when schedules are looked at next; UTC, the web thread's */
	atomic_bool reports_looking; /* the clerk is at it */
	int64_t retention_look_ms;   /* when old recordings are looked for; the web thread's */
	atomic_bool retention_looking;
	struct map reports_posted; /* TENANT/REPORT -> the moment last mailed; that clerk's */

	int64_t check_due_ms; /* UTC; 0: not known yet. The web thread's */
	_Atomic uint64_t check_differences;
	_Atomic int64_t check_last_at_ms; /* 0: not since the start */

	/* from reading a customer's record to having its new version stored: one at a time */
	pthread_mutex_t customers_lock;
	struct views *views; /* what was shown to whom in the last minutes (views.h) */

	pthread_rwlock_t registry_lock;
	pthread_mutex_t factor_lock; /* factor.h: one code at a time */
	pthread_mutex_t durable_lock;
	pthread_cond_t durable_moved;
	_Atomic uint64_t durable_seq;
	struct letter reload_letter;
	atomic_bool reload_posted;
	struct letter durable_letter;
	atomic_bool durable_posted;
	atomic_bool stopping;
};

/* Somebody wants every fact, or no more. Web thread. */
void web_followers(struct web *w, int by);
/* Web thread, from a clerk's letter. */
void web_job_done(struct letter *l, void *reader);
/* Runs a request's job on a clerk, or on the web thread for DESK_WEB. */
void job_run(struct clerk *me, struct job *j);
/* May j->caller do what j->match is? Sets what he is held to. */
MUST_USE enum err job_authorised(struct clerk *me, struct job *j);

/* api/setup.c: while nobody is declared the token of the first administrator is written down. */
void setup_begin(struct web *w);
