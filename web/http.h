/*
 * http.h - a small server of HTTP/1.1, and HTTP/2 over TLS (h2.h), on listeners it inherits:
 * requests whole, answers whenever.
 *
 * A request is handed up once its body is complete and lives until it is answered, even when its
 * peer leaves meanwhile. Limits: a head of 16 KiB in 10 s, a body of body_max bytes at 1 kB/s or
 * faster, an answer taken at some speed, connections_max connections of which the one idle longest
 * gives way. One thread, the one that calls http_run; only http_stop may be called from others.
 * Why it is ours and not a library: docs/decisions/0010-own-http.md.
 */
#pragma once

#include <stdatomic.h>

#include "base/arena.h"
#include "os/mailbox.h"
#include "os/tls.h"
#include "web/h1.h"

struct http;
struct http_conn;

struct http_request {
	struct http_conn *conn; /* http_conn.c's; NULL: the peer has left */
	struct h2_stream *h2;	/* h2.c's; NULL: HTTP/1.1, or the peer has left */
	struct http *http;
	struct arena arena;  /* lives as long as the request */
	struct h1_head head; /* views into memory of the request */
	struct str body;
	struct str from; /* peer's address without port; empty on the local socket */
	bool local;	 /* came through the local socket */
	bool loopback;
	bool secure;	  /* over TLS */
	atomic_bool gone; /* the peer has left: for whoever works on it elsewhere */
	bool streaming;
	bool upgraded;			/* a WebSocket: its bytes go to stream_input */
	bool wall;			/* a wallboard's stream */
	void *owner;			/* the door's own */
	struct buf memory, body_memory; /* http_conn.c's */
};

struct http_options {
	int tcp_fd, local_fd; /* listening; -1: none. Closed by http_destroy */
	/* Certificates of tls_fd, which listens as tcp_fd does; taken and used on this thread
	 * alone. NULL: no TLS, and tls_fd means nothing. */
	struct tls *tls;
	int tls_fd;
	uint32_t connections_max;
	int64_t head_ms;     /* 0: 10 s for the head of a request */
	struct mailbox *box; /* drained on this thread, with `arg` as the reader */
	/* How large a body may be; 0: none is taken for this. */
	size_t (*body_max)(void *arg, const struct h1_head *head);
	void (*request)(void *arg, struct http_request *r);
	/* Bytes of a WebSocket's peer. May end the stream. */
	void (*stream_input)(void *arg, struct http_request *r, struct str bytes);
	/* A stream's peer has left or was too slow: end it. */
	void (*stream_lost)(void *arg, struct http_request *r);
	void (*second)(void *arg, int64_t now_ms); /* about once a second; monotonic */
	/* An answer without a request, for mistakes on this level: body for a status. */
	void (*problem)(void *arg, int status, const char *title, const char *detail,
			struct buf *body);
	void *arg;
};

struct http_counts {
	uint64_t accepted, shaken, evicted, refused, timed_out, malformed, requests, answers[6];
	uint64_t bytes_in, bytes_out;
	uint32_t connections;
};

MUST_USE enum err http_create(const struct http_options *o, struct http **out);
void http_run(struct http *h);	/* until http_stop */
void http_stop(struct http *h); /* any thread */
void http_destroy(struct http *h);
/* On its thread: the certificates again. Anything but ERR_OK: the old ones stay. */
enum err http_reload(struct http *h, struct buf *why);
struct http_counts http_counts(const struct http *h);

struct http_answer {
	int status;
	const char *type; /* of the body; NULL: none */
	struct buf body;  /* malloc'd; taken and freed */
	struct str still; /* more of it, bytes that never go away: sent from where they lie */
	struct buf extra; /* further header lines, each with CRLF; taken and freed */
	int file_fd;	  /* > 0: the body is file_bytes from file_from of it; closed */
	int64_t file_from, file_bytes;
};
/* Sends and frees the request; the answer's memory is taken. */
void http_reply(struct http_request *r, struct http_answer *a);
void http_answer_drop(struct http_answer *a); /* one that will not be sent */

/* Instead of http_reply: an answer without end. False: the peer has gone (http_stream_end it). */
bool http_stream_begin(struct http_request *r, const char *type);
/* Instead of http_reply: a WebSocket from now on; head is the answer 101 (ws_welcome). Goes on as a
 * stream; what came already is handed to stream_input, which may end it: look at it afterwards
 * only through the owner. False as above. */
bool http_upgrade(struct http_request *r, struct str head);
void http_stream_put(struct http_request *r, struct str text);
size_t http_stream_unsent(const struct http_request *r);
/* A request that no connection brought, as `like` would have sent it: for what comes by WebSocket.
 * http_reply frees it. */
struct http_request *http_request_inner(const struct http_request *like, enum http_method method,
					struct str path, struct str body);
void http_stream_end(struct http_request *r); /* closes and frees the request */
