/*
 * clerks.h - the threads behind the door: each takes one request at a time from beginning to end,
 * so that a handler reads top to bottom and may wait; the thread that speaks HTTP never does.
 *
 * Desks: QUERY reads the database, COMMAND asks the main thread, CHANGE alters declared objects one
 * request at a time, SIGN_IN checks passwords, PROBE serves those who watch, CHECK looks
 * after what is stored (nightly.h), CUSTOMERS reads and writes their records, IMPORT brings in
 * files of them, MAIL sends reports, REPORT and EXPORT make figures, and files of figures, WAIT
 * what takes seconds by nature. A request that finds no free clerk at its desk waits in a queue of
 * limited length. Every clerk has a database connection of his own.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "base/jsonw.h"
#include "base/list.h"
#include "web/authorise.h"
#include "web/http.h"
#include "web/web.h"

struct web;
struct json_t;

#define TOKEN_HASH_TEXT 65

/* One piece of work. Belongs to the web thread, then to a clerk, then to the web thread again. */
struct job {
	struct letter letter;
	struct list link; /* in its desk's queue */
	struct web *web;
	enum desk desk;
	struct clerk *clerk; /* who has it */

	/* a request */
	struct http_request *req; /* NULL: a stream's read, or nightly */
	struct route_match match;
	struct caller caller;
	bool caller_known; /* from the cache of the web thread */
	bool signed_in;	   /* caller is set */
	bool own_only;
	const struct reach *within; /* he is held to that; NULL: the whole tenant */
	int64_t as_of_ms;	    /* of a report that is made later than it was due; 0: now */
	char token_hash[TOKEN_HASH_TEXT]; /* empty: no token came */
	uint64_t cache_age;		  /* of the cache when this began */

	/* what came of it */
	struct http_answer answer;
	struct buf errors; /* JSON array for the problem */
	char detail[256];
	int64_t retry_after_ms;
	bool session_ended;   /* the one it came with */
	bool forget_sessions; /* rights may have changed: the cache is void */
	/* nobody asked: the door itself has something to do; frees what it brings */
	void (*chore)(struct clerk *me, struct job *j);
	bool importing; /* import.h */
	bool nightly;	/* nobody asked: the night did (nightly.h) */
	bool opens_stream, stream_lines;
	uint64_t stream_after;
	struct http_counts http_counts; /* as they were when this began, for run_metrics */
	uint32_t stream_count, live_count;
	char key_text[65 + 256 + 513]; /* an Idempotency-Key under way */
	struct str key;
	/* sign-in */
	char account[136];
	bool password_checked, password_right;

	struct wall *wall;		/* a wallboard's stream is to be opened (walls.h) */
	struct open_wall *wall_checked; /* no request: is it still what it was? */
	/* desks (live.h) */
	struct live_door *live_door;   /* run_live's: the request becomes a desk's WebSocket */
	struct board_work *board_work; /* no request: boards.h */
	struct live_work *live_work;   /* no request: what is now is read, or rights are checked */
	uint64_t live_desk;	       /* whose command this is; 0: nobody's */
	struct buf live_id;	       /* and its number there */

	/* a stream's read */
	bool check_rights; /* is he still signed in, and may he still? */
	struct stream *stream;
	struct buf text;
	uint64_t last_seq;
	bool more; /* the page was full: read on */
	bool failed;
};

struct clerk {
	struct web *web;
	enum desk desk;
	pthread_t thread;
	bool running, busy, stop; /* busy: the web thread's */
	struct mailbox *jobs, *answers;
	struct store_reader *reader;
	struct ask *asked;
	bool answered;
	uint32_t lost; /* questions given up on whose letters are still out */
	struct letter stop_letter;
};

struct clerks;

/* ERR_IO when a thread or a connection cannot be had. done runs on the web thread's mailbox. */
MUST_USE enum err clerks_start(struct web *w, struct clerks **out);
/* Waits for all; what still queues goes to the web thread's mailbox unanswered. NULL is fine. */
void clerks_stop(struct clerks *cs);
/* Once the main thread has given back what it was asked. NULL is fine. */
void clerks_destroy(struct clerks *cs);
/* Web thread: hands a job to its desk. ERR_FULL: the desk's queue is. */
MUST_USE enum err clerks_give(struct clerks *cs, struct job *j);
/* Web thread: a clerk has given this job back; the next one in the queue goes to him. */
void clerks_done(struct clerks *cs, struct job *j);
uint32_t clerks_waiting(const struct clerks *cs, enum desk desk);
uint32_t clerks_waiting_of(const struct clerks *cs, enum desk desk, struct str tenant);

/* -- on a clerk's thread -- */
/* Who is signed in by this token, and what he may: for every request, and again every few seconds
 * for what stays open (it counts as a use of the session). from: the address, empty when it is
 * asked again. ERR_NOT_FOUND: nobody, or no more. */
MUST_USE enum err clerk_caller(struct clerk *me, struct str token_hash, struct str from,
			       struct caller *out);
struct ask *clerk_ask(struct clerk *me, const struct job *j, enum ask_kind kind);
/* Posts and waits. ERR_TIMEOUT: the question is lost (and freed); else the answer's err, whose
 * detail goes to the job. With seq set it also waits until that is durable. *a is NULL after a
 * timeout. */
MUST_USE enum err clerk_wait(struct clerk *me, struct job *j, struct ask **a);
MUST_USE enum err clerk_wait_durable(struct clerk *me, uint64_t seq);
/* The registry. Many may read and prepare side by side, since nothing in it moves but by a commit;
 * passwords are hashed and checked meanwhile. To commit, alone. */
struct registry *clerk_registry(struct clerk *me);
struct registry *clerk_registry_alone(struct clerk *me);
void clerk_registry_done(struct clerk *me);
/* Calls each(document) for all of a kind; tenants: tenant empty. */
void clerk_each_object(struct clerk *me, enum object_kind kind, struct str tenant,
		       void (*each)(void *arg, const struct json_t *doc), void *arg);
