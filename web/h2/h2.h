/*
 * h2.h - HTTP/2 on one connection (RFC 9113): its streams become the requests of http.h, so that
 * whoever answers does not know.
 *
 * Only what ALPN has agreed on over TLS; no push, no extended CONNECT (WebSockets stay HTTP/1.1).
 * Limits: 100 streams, the heads and bodies of http.h, a budget of frames that cost us more than
 * the peer (resets, pings, settings, priorities, continuations, empty data). nghttp2 keeps the
 * protocol's own rules; this file keeps ours. The web thread only.
 */
#pragma once

#include "web/http_inside.h"

struct h2;
struct h2_stream;

/* The answer to ALPN: what tls_options.alpn is to be; loads nghttp2 where it is installed. */
const char *h2_alpn(void);

struct h2 *h2_create(struct http_conn *c); /* NULL: it cannot be had */
void h2_destroy(struct h2 *h);		   /* its requests lose their peer */
/* What the peer has sent. False: close the connection. */
bool h2_take(struct h2 *h, struct str bytes);
/* Puts what is to be sent next into the connection's empty `out`. False: nothing now. */
bool h2_fill(struct h2 *h);
bool h2_wants_to_send(const struct h2 *h);
bool h2_over(const struct h2 *h); /* all is said: close once it is sent */
/* What was not done in time ends. False: close the connection. */
bool h2_in_time(struct h2 *h);

/* http.h's functions, for a request with r->h2. */
void h2_reply(struct http_request *r, struct http_answer *a);
void h2_stream_begin(struct http_request *r, const char *type);
void h2_stream_put(struct http_request *r, struct str text);
size_t h2_stream_unsent(const struct http_request *r);
void h2_stream_end(struct http_request *r);
