/*
 * net.h - the core's SIP sockets: one for datagrams, those that accept streams, streams themselves.
 *
 * What is to be sent waits until net_flush: the owner stores the turn first. Datagrams leave in
 * batches. A stream is bytes over TCP, TLS upon it where its transport says so, WebSocket frames
 * upon that. Main thread only.
 */
#pragma once

#include "os/loop.h"
#include "os/tls.h"
#include "sip/sip.h"

struct net;

struct net_options {
	struct loop *loop;
	int udp;		       /* bound; -1: none */
	int listening[SIP_TRANSPORTS]; /* of the streams; -1: none */
	/* Needed for SIP_TLS and SIP_WSS to listen. NULL: made from nothing when a connection out
	 * wants it. Stays the caller's. */
	struct tls *tls;
	/* Pages that may open a WebSocket: origins with commas, `*`: all; beside those of the host
	 * they ask for itself. Without Origin it is no browser. */
	struct str origins;
	uint32_t streams_max;
	void *arg;
	/* crowded: more datagrams may wait behind this one; never for streams */
	void (*input)(void *arg, const struct sip_address *from, struct str bytes, bool crowded);
	void (*opened)(void *arg, const struct sip_address *peer, uint32_t stream);
	void (*closed)(void *arg, uint32_t stream);
	void (*failed)(void *arg, const struct sip_address *to); /* no connection can be made */
	/* One whose handshakes are never too many: a trunk. */
	bool (*trusted)(void *arg, const struct sip_address *peer);
	/* Whose certificate is expected at this address. False: of the address itself. */
	bool (*tls_name)(void *arg, const struct sip_address *to, struct buf *name);
	/* Its certificate is not good, or the handshake failed. */
	void (*tls_refused)(void *arg, const struct sip_address *to, struct str why);
};

struct net *net_create(const struct net_options *o);
void net_listen(struct net *n); /* until then it can send, and what comes waits in the kernel */
void net_destroy(struct net *n);
void net_send(struct net *n, const struct sip_address *to, struct str bytes); /* keeps a copy */
/* Reads what came on streams, each in its turn, and shakes hands: as much of both as a turn of the
 * loop may take. The rest waits for the next one: a crowd on streams never keeps datagrams or
 * timers waiting. */
void net_streams_serve(struct net *n);
void net_drop(struct net *n, uint32_t stream); /* closes it soon; `closed` follows */
/* Has the other end of this stream shown a good certificate for this name? */
bool net_certified(struct net *n, uint32_t stream, struct str name);
/* Closes connections that say nothing; about once a second. */
void net_sweep(struct net *n);
void net_flush(struct net *n);
void net_counters(const struct net *n, struct buf *out);
