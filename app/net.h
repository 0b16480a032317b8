/*
 * net.h - the core's SIP sockets: one for datagrams, one that accepts streams, streams themselves.
 *
 * What is to be sent waits until net_flush: the owner stores the turn first. Datagrams leave in
 * batches. Main thread only.
 */
#pragma once

#include "os/loop.h"
#include "sip/sip.h"

struct net;

struct net_options {
	struct loop *loop;
	int udp, tcp; /* bound; tcp listens; -1: none */
	uint32_t streams_max;
	void *arg;
	void (*input)(void *arg, const struct sip_address *from, struct str bytes);
	void (*opened)(void *arg, const struct sip_address *peer, uint32_t stream);
	void (*closed)(void *arg, uint32_t stream);
	void (*failed)(void *arg, const struct sip_address *to); /* no connection can be made */
};

struct net *net_create(const struct net_options *o);
void net_listen(struct net *n); /* until then it can send, and what comes waits in the kernel */
void net_destroy(struct net *n);
void net_send(struct net *n, const struct sip_address *to, struct str bytes); /* keeps a copy */
void net_drop(struct net *n, uint32_t stream); /* closes it soon; `closed` follows */
/* Closes connections that say nothing; about once a second. */
void net_sweep(struct net *n);
void net_flush(struct net *n);
void net_counters(const struct net *n, struct buf *out);
