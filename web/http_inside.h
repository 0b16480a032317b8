/*
 * http_inside.h - what http.c (listeners, limits, the loop) and http_conn.c (one connection) share.
 */
#pragma once

#include <stdatomic.h>

#include "base/list.h"
#include "os/loop.h"
#include "web/http.h"

/*  SHAKE (TLS) ──▶ HEAD
 *  HEAD ──▶ BODY ──▶ BUSY ──▶ SEND ──▶ HEAD          BUSY ──▶ STREAM
 *    └─────────────────▲        └──▶ LINGER (we have closed, what still comes is thrown away) */
enum conn_state {
	CONN_SHAKE,
	CONN_HEAD,
	CONN_BODY,
	CONN_BUSY,
	CONN_SEND,
	CONN_STREAM,
	CONN_LINGER,
	CONN_H2 /* SHAKE ──▶ H2: its streams have states of their own */
};

#define IDLE_MS 75000
#define BODY_DEADLINE_MS 10000 /* and a second more for every kilobyte that came */
#define STUCK_MS 30000	       /* no byte of an answer was taken for so long */
#define STUCK_LIVE_MS 60000
#define STUCK_FILE_MS 300000 /* a player may pause */

struct http_conn {
	struct list link; /* http->conns, or http->closing */
	struct list idle; /* http->idle while in HEAD or H2 without streams, idle longest first */
	struct http *http;
	int fd;
	struct tls_conn *tls; /* NULL: in the clear */
	struct h2 *h2;	      /* NULL: HTTP/1.1 */
	enum conn_state state;
	struct buf in, out;
	size_t in_at, out_at; /* what of them is used up */
	struct str still;     /* behind `out` */
	int file_fd;	      /* -1: none; behind both */
	int64_t file_at, file_left;
	struct http_request *req; /* BODY, BUSY, STREAM */
	struct h1_chunks chunks;
	uint64_t body_left;
	size_t body_max;
	int64_t since_ms, moved_ms; /* state entered; last byte went out */
	uint32_t events;	    /* what the loop watches for */
	uint32_t requests;
	bool keep_alive, head_only, half_closed, processing, closing, local, loopback;
	char from[48];
};

struct http {
	struct http_options o;
	struct loop *loop;
	struct list conns, closing, idle;
	struct http_counts counts;
	int64_t now_ms, swept_ms;
	int reserve_fd, stop_fd;
	atomic_bool stop;
	char scratch[65536];
};

struct conn_from {
	bool local, secure, loopback;
	char text[48];
};
void conn_start(struct http *h, int fd, const struct conn_from *from);
void conn_close(struct http_conn *c); /* marks; conn_reap does it when no handler is running */
void conn_flush(struct http_conn *c);
struct http_request *request_new(struct http_conn *c); /* of this peer; belongs to nobody yet */
void request_free(struct http_request *r);
void conn_reap(struct http *h);
void conn_check_deadline(struct http_conn *c);
