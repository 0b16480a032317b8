/* net_inside.h - what net.c (datagrams, what net.h offers), net_stream.c (connections) and
 * net_web.c (WebSockets on them) share. */
#pragma once

#include <sys/socket.h>

#include "app/net.h"
#include "base/list.h"
#include "ws/ws.h"

#define BATCH 64
#define DATAGRAM_MAX 65536u
#define INPUT_ROUNDS 16 /* batches a turn takes at most, so that timers run in time */

/*  CONNECTING ▶ SHAKING (TLS) ▶ OFFERED (WebSocket) ▶ OPEN ▶ ENDING (the rest goes out)
 *  accepted ones begin behind CONNECTING; each transport passes through what it has */
enum stream_state { STREAM_CONNECTING, STREAM_SHAKING, STREAM_OFFERED, STREAM_OPEN, STREAM_ENDING };

struct stream {
	struct net *net;
	struct stream *next_free;
	struct list talking; /* in net->talking: has something to send at the turn's end */
	struct list came; /* in net->came or net->shaking: something came that was not looked at */
	int fd;		  /* -1: free */
	uint32_t number;  /* slot + 1 in the low bits, age above */
	enum stream_state state;
	struct sip_address peer;
	struct tls_conn *tls; /* NULL: none */
	struct net_web *web;
	struct buf out;		   /* not yet taken by the kernel */
	size_t released;	   /* so much of it belongs to turns that are stored */
	bool broken, heard, told;  /* heard: SIP came from there; told: `opened` was */
	bool guest;		   /* shakes hands and is counted in shaking_count */
	int64_t since_ms, last_ms; /* connected; bytes came or went */
};

struct datagram {
	struct sip_address to;
	size_t at, n; /* in net->out */
};

struct listener {
	struct net *net;
	enum sip_transport transport;
};

struct net {
	struct net_options o;
	struct tls *own_tls; /* made here */
	struct listener listeners[SIP_TRANSPORTS];
	struct buf out; /* bytes of waiting datagrams */
	struct datagram *waiting;
	uint32_t waiting_count, waiting_room;
	struct stream *streams, *free_stream;
	uint32_t streams_open;
	uint32_t shaking_count; /* streams in STREAM_SHAKING that others began */
	struct list talking, came, shaking;
	char *room; /* BATCH receive buffers */
	uint64_t datagrams_in, datagrams_out, lost_out, streams_ever, handshakes, handshakes_failed,
		handshakes_refused;
};

socklen_t to_sockaddr(const struct sip_address *a, struct sockaddr_storage *out);
struct sip_address from_sockaddr(const struct sockaddr_storage *in, enum sip_transport t);

/* -- net_stream.c -- */
void net_streams_init(struct net *n);
void net_streams_finish(struct net *n);
void net_streams_listen(struct net *n);
void net_streams_flush(struct net *n);
struct stream *stream_at(struct net *n, uint32_t number);
/* An open one to this address, or a new one. NULL: it cannot be made. */
struct stream *stream_connect(struct net *n, const struct sip_address *to);
void stream_put(struct stream *s, struct str bytes); /* as they go over the wire */
/* The engine may use it from now on. */
void stream_open(struct stream *s);
/* What is to go out goes, then it is closed. */
void stream_end(struct stream *s);

/* -- net_web.c -- */
struct net_web *net_web_create(void);
void net_web_destroy(struct net_web *w);
/* Bytes that came: the offer first, then frames. */
void net_web_input(struct stream *s, struct str bytes);
void net_web_send(struct stream *s, struct str message);
/* Asks whether the page is still there; false: it has not answered for too long. */
bool net_web_alive(struct stream *s, int64_t now_ms);
