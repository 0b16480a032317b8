/* net.c - see net.h: datagrams, and what net.h offers. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "app/net_inside.h"

socklen_t to_sockaddr(const struct sip_address *a, struct sockaddr_storage *out)
{
	memset(out, 0, sizeof *out);
	if (a->family == 6) {
		struct sockaddr_in6 *s = (struct sockaddr_in6 *)out;
		s->sin6_family = AF_INET6;
		s->sin6_port = htons(a->port);
		memcpy(&s->sin6_addr, a->ip, 16);
		return sizeof *s;
	}
	struct sockaddr_in *s = (struct sockaddr_in *)out;
	s->sin_family = AF_INET;
	s->sin_port = htons(a->port);
	memcpy(&s->sin_addr, a->ip, 4);
	return sizeof *s;
}

struct sip_address from_sockaddr(const struct sockaddr_storage *in, enum sip_transport t)
{
	struct sip_address a = {.transport = t};
	if (in->ss_family == AF_INET6) {
		const struct sockaddr_in6 *s = (const struct sockaddr_in6 *)in;
		a.family = 6;
		a.port = ntohs(s->sin6_port);
		memcpy(a.ip, &s->sin6_addr, 16);
	} else {
		const struct sockaddr_in *s = (const struct sockaddr_in *)in;
		a.family = 4;
		a.port = ntohs(s->sin_port); /* NOLINT(clang-analyzer-core.CallAndMessage): the
						kernel wrote it, which the analyzer does not see */
		memcpy(a.ip, &s->sin_addr, 4);
	}
	return a;
}

/* -- datagrams -- */

static void udp_ready(void *arg, uint32_t events)
{
	struct net *n = arg;
	struct mmsghdr messages[BATCH];
	struct iovec io[BATCH];
	struct sockaddr_storage from[BATCH] = {0};
	(void)events;
	for (int round = 0; round < INPUT_ROUNDS; round++) {
		for (int i = 0; i < BATCH; i++) {
			io[i] = (struct iovec){n->room + (size_t)i * DATAGRAM_MAX, DATAGRAM_MAX};
			messages[i].msg_hdr = (struct msghdr){.msg_name = &from[i],
							      .msg_namelen = sizeof from[i],
							      .msg_iov = &io[i],
							      .msg_iovlen = 1};
		}
		int got = recvmmsg(n->o.udp, messages, BATCH, MSG_DONTWAIT, NULL);
		if (got <= 0)
			return;
		n->datagrams_in += (uint64_t)got;
		for (int i = 0; i < got; i++) {
			struct sip_address a = from_sockaddr(&from[i], SIP_UDP);
			n->o.input(n->o.arg, &a, str_make(io[i].iov_base, messages[i].msg_len),
				   got == BATCH);
		}
		if (got < BATCH)
			return;
	}
}

static void flush_datagrams(struct net *n)
{
	struct mmsghdr messages[BATCH];
	struct iovec io[BATCH];
	struct sockaddr_storage to[BATCH];
	for (uint32_t at = 0; at < n->waiting_count;) {
		uint32_t count = MIN(n->waiting_count - at, (uint32_t)BATCH);
		for (uint32_t i = 0; i < count; i++) {
			const struct datagram *d = &n->waiting[at + i];
			io[i] = (struct iovec){n->out.p + d->at, d->n};
			messages[i].msg_hdr =
				(struct msghdr){.msg_name = &to[i],
						.msg_namelen = to_sockaddr(&d->to, &to[i]),
						.msg_iov = &io[i],
						.msg_iovlen = 1};
		}
		int sent = sendmmsg(n->o.udp, messages, count, MSG_DONTWAIT);
		if (sent <= 0) { /* this one cannot go: SIP sends it again by its timers */
			n->lost_out++;
			sent = 1;
		} else {
			n->datagrams_out += (uint64_t)sent;
		}
		at += (uint32_t)sent;
	}
	n->waiting_count = 0;
	n->out.n = 0;
}

/* -- sending -- */

void net_send(struct net *n, const struct sip_address *to, struct str bytes)
{
	if (sip_is_stream(to->transport)) {
		struct stream *s = to->stream ? stream_at(n, to->stream) : NULL;
		if (!s)
			s = stream_connect(n, to);
		if (!s) {
			n->o.failed(n->o.arg, to);
			return;
		}
		if (s->web)
			net_web_send(s, bytes);
		else
			stream_put(s, bytes);
		return;
	}
	if (n->waiting_count == n->waiting_room) {
		n->waiting_room = MAX(256u, n->waiting_room * 2);
		n->waiting = xrealloc(n->waiting, n->waiting_room * sizeof *n->waiting);
	}
	n->waiting[n->waiting_count++] = (struct datagram){*to, n->out.n, bytes.n};
	buf_put(&n->out, bytes);
}

void net_flush(struct net *n)
{
	if (n->waiting_count)
		flush_datagrams(n);
	net_streams_flush(n);
}

void net_counters(const struct net *n, struct buf *out)
{
	buf_fmt(out,
		"sip_datagrams_in_total %llu\nsip_datagrams_out_total %llu\n"
		"sip_datagrams_lost_out_total %llu\nsip_streams_total %llu\nsip_streams %u\n"
		"sip_tls_handshakes_total %llu\nsip_tls_handshakes_failed_total %llu\n"
		"sip_tls_handshakes_refused_total %llu\nsip_tls_handshakes_under_way %u\n",
		(unsigned long long)n->datagrams_in, (unsigned long long)n->datagrams_out,
		(unsigned long long)n->lost_out, (unsigned long long)n->streams_ever,
		n->streams_open, (unsigned long long)n->handshakes,
		(unsigned long long)n->handshakes_failed, (unsigned long long)n->handshakes_refused,
		n->shaking_count);
}

struct net *net_create(const struct net_options *o)
{
	struct net *n = xcalloc(1, sizeof *n);
	n->o = *o;
	n->out = buf_grow(65536);
	n->room = xcalloc(BATCH, DATAGRAM_MAX);
	net_streams_init(n);
	return n;
}

void net_listen(struct net *n)
{
	if (n->o.udp >= 0)
		loop_add(n->o.loop, n->o.udp, EPOLLIN, "sip_udp", udp_ready, n);
	net_streams_listen(n);
}

void net_destroy(struct net *n)
{
	net_streams_finish(n);
	buf_free(&n->out);
	free(n->waiting);
	free(n->room);
	free(n);
}
