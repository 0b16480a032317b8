/* net.c - see net.h. */
#include "app/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/log.h"

#define BATCH 64
#define DATAGRAM_MAX 65536u
#define STREAM_OUT_MAX (256u << 10) /* a reader that slow is cut off */
#define SILENT_MS 2000		    /* so long even when places are short */
/* A connection that never says a word has as long as a transaction; one that was used has longer
 * than a phone may be registered (an hour): it registers again before, on the same one. */
#define NEVER_SPOKE_MS 32000
#define IDLE_MS (65 * 60 * 1000)
#define INPUT_ROUNDS 16 /* batches a turn takes at most, so that timers run in time */

struct stream {
	int fd; /* -1: free */
	uint32_t number;
	struct sip_address peer;
	struct buf out;			/* not yet taken by the kernel */
	bool connecting, broken, heard; /* heard: something came from there */
	int64_t since_ms, last_ms;	/* connected; bytes came or went */
	struct net *net;
};

struct datagram {
	struct sip_address to;
	size_t at, n; /* in net->out */
};

struct net {
	struct net_options o;
	struct buf out; /* bytes of waiting datagrams */
	struct datagram *waiting;
	uint32_t waiting_count, waiting_room;
	struct stream *streams;
	uint32_t next_number;
	bool streams_wait; /* net_send left something in a stream: net_flush looks at all of them */
	char *room;	   /* BATCH receive buffers */
	uint64_t datagrams_in, datagrams_out, lost_out, streams_ever;
};

static socklen_t to_sockaddr(const struct sip_address *a, struct sockaddr_storage *out)
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

static struct sip_address from_sockaddr(const struct sockaddr_storage *in, enum sip_transport t)
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
			n->o.input(n->o.arg, &a, str_make(io[i].iov_base, messages[i].msg_len));
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

/* -- streams -- */

static void stream_close(struct stream *s)
{
	struct net *n = s->net;
	loop_remove(n->o.loop, s->fd);
	close(s->fd);
	s->fd = -1;
	buf_free(&s->out);
	n->o.closed(n->o.arg, s->number);
}

static void stream_write(struct stream *s)
{
	while (s->out.n) {
		ssize_t sent = send(s->fd, s->out.p, s->out.n, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0) {
			if (errno != EAGAIN && errno != EINTR)
				s->broken = true;
			break;
		}
		memmove(s->out.p, s->out.p + sent, s->out.n - (size_t)sent);
		s->out.n -= (size_t)sent;
		s->last_ms = clock_mono_ms();
	}
	loop_change(s->net->o.loop, s->fd, EPOLLIN | (s->out.n && !s->broken ? EPOLLOUT : 0u));
}

static void stream_read(struct stream *s)
{
	struct net *n = s->net;
	for (int round = 0; round < INPUT_ROUNDS; round++) {
		ssize_t got = recv(s->fd, n->room, DATAGRAM_MAX, MSG_DONTWAIT);
		if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
			s->broken = true;
			return;
		}
		if (got < 0)
			return;
		s->heard = true;
		s->last_ms = clock_mono_ms();
		struct sip_address from = s->peer;
		n->o.input(n->o.arg, &from, str_make(n->room, (size_t)got));
		if (s->fd < 0)
			return;
	}
}

static void stream_ready(void *arg, uint32_t events)
{
	struct stream *s = arg;
	if (s->connecting && (events & (EPOLLOUT | EPOLLERR | EPOLLHUP))) {
		int error = 0;
		socklen_t size = sizeof error;
		getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &size);
		s->connecting = false;
		s->broken = error != 0;
	}
	if (!s->broken && (events & (EPOLLIN | EPOLLHUP)))
		stream_read(s);
	if (s->fd >= 0 && !s->broken && (events & EPOLLOUT))
		stream_write(s);
	if (s->fd >= 0 && s->broken)
		stream_close(s);
}

static struct stream *stream_at(struct net *n, uint32_t number)
{
	for (uint32_t i = 0; i < n->o.streams_max; i++)
		if (n->streams[i].fd >= 0 && n->streams[i].number == number)
			return &n->streams[i];
	return NULL;
}

static struct stream *stream_add(struct net *n, int fd, struct sip_address peer, bool connecting)
{
	for (uint32_t i = 0; i < n->o.streams_max; i++) {
		struct stream *s = &n->streams[i];
		if (s->fd >= 0)
			continue;
		if (!++n->next_number)
			n->next_number = 1;
		peer.stream = n->next_number;
		*s = (struct stream){.fd = fd,
				     .number = n->next_number,
				     .peer = peer,
				     .out = buf_grow(1024),
				     .connecting = connecting,
				     .since_ms = clock_mono_ms(),
				     .last_ms = clock_mono_ms(),
				     .net = n};
		loop_add(n->o.loop, fd, EPOLLIN | (connecting ? EPOLLOUT : 0u), "sip_stream",
			 stream_ready, s);
		n->streams_ever++;
		n->o.opened(n->o.arg, &s->peer, s->number);
		return s;
	}
	close(fd);
	return NULL;
}

/* All places are taken: of those who connected and never said a word the eldest gives way. */
static void make_place(struct net *n)
{
	struct stream *eldest = NULL;
	for (uint32_t i = 0; i < n->o.streams_max; i++) {
		struct stream *s = &n->streams[i];
		if (s->fd < 0)
			return;
		if (!s->heard && !s->connecting && (!eldest || s->since_ms < eldest->since_ms))
			eldest = s;
	}
	if (eldest && clock_mono_ms() - eldest->since_ms >= SILENT_MS)
		stream_close(eldest);
}

void net_sweep(struct net *n)
{
	int64_t now_ms = clock_mono_ms();
	for (uint32_t i = 0; i < n->o.streams_max; i++) {
		struct stream *s = &n->streams[i];
		if (s->fd >= 0 && (now_ms - s->last_ms > IDLE_MS ||
				   (!s->heard && now_ms - s->since_ms > NEVER_SPOKE_MS)))
			stream_close(s);
	}
}

static void tcp_ready(void *arg, uint32_t events)
{
	struct net *n = arg;
	(void)events;
	for (int i = 0; i < BATCH; i++) {
		struct sockaddr_storage from = {0};
		socklen_t size = sizeof from;
		int fd = accept4(n->o.tcp, (struct sockaddr *)&from, &size,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			return;
		make_place(n);
		stream_add(n, fd, from_sockaddr(&from, SIP_TCP), false);
	}
}

static struct stream *stream_connect(struct net *n, const struct sip_address *to)
{
	for (uint32_t i = 0; i < n->o.streams_max; i++)
		if (n->streams[i].fd >= 0 && sip_address_eq(&n->streams[i].peer, to))
			return &n->streams[i];
	int fd = socket(to->family == 6 ? AF_INET6 : AF_INET,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct sockaddr_storage at;
	socklen_t size = to_sockaddr(to, &at);
	if (fd < 0)
		return NULL;
	if (connect(fd, (struct sockaddr *)&at, size) < 0 && errno != EINPROGRESS) {
		close(fd);
		return NULL;
	}
	return stream_add(n, fd, *to, true);
}

/* -- sending -- */

void net_send(struct net *n, const struct sip_address *to, struct str bytes)
{
	if (to->transport == SIP_TCP) {
		struct stream *s = to->stream ? stream_at(n, to->stream) : NULL;
		if (!s)
			s = stream_connect(n, to);
		if (!s) {
			n->o.failed(n->o.arg, to);
			return;
		}
		if (s->out.n + bytes.n > STREAM_OUT_MAX)
			s->broken = true;
		else
			buf_put(&s->out, bytes);
		n->streams_wait = true;
		return;
	}
	if (n->waiting_count == n->waiting_room) {
		n->waiting_room = MAX(256u, n->waiting_room * 2);
		n->waiting = xrealloc(n->waiting, n->waiting_room * sizeof *n->waiting);
	}
	n->waiting[n->waiting_count++] = (struct datagram){*to, n->out.n, bytes.n};
	buf_put(&n->out, bytes);
}

void net_drop(struct net *n, uint32_t stream)
{
	struct stream *s = stream_at(n, stream);
	if (s) /* closed from the loop: the engine is in the middle of its bytes */
		shutdown(s->fd, SHUT_RDWR);
}

void net_flush(struct net *n)
{
	if (n->waiting_count)
		flush_datagrams(n);
	if (!n->streams_wait) /* every turn comes here, and few have said anything on a stream */
		return;
	n->streams_wait = false;
	for (uint32_t i = 0; i < n->o.streams_max; i++) {
		struct stream *s = &n->streams[i];
		if (s->fd >= 0 && s->out.n && !s->connecting && !s->broken)
			stream_write(s);
	}
}

void net_counters(const struct net *n, struct buf *out)
{
	buf_fmt(out,
		"sip_datagrams_in_total %llu\nsip_datagrams_out_total %llu\n"
		"sip_datagrams_lost_out_total %llu\nsip_streams_total %llu\n",
		(unsigned long long)n->datagrams_in, (unsigned long long)n->datagrams_out,
		(unsigned long long)n->lost_out, (unsigned long long)n->streams_ever);
}

struct net *net_create(const struct net_options *o)
{
	struct net *n = xcalloc(1, sizeof *n);
	n->o = *o;
	n->out = buf_grow(65536);
	n->room = xcalloc(BATCH, DATAGRAM_MAX);
	n->streams = xcalloc(o->streams_max, sizeof *n->streams);
	for (uint32_t i = 0; i < o->streams_max; i++)
		n->streams[i].fd = -1;
	return n;
}

void net_listen(struct net *n)
{
	if (n->o.udp >= 0)
		loop_add(n->o.loop, n->o.udp, EPOLLIN, "sip_udp", udp_ready, n);
	if (n->o.tcp >= 0)
		loop_add(n->o.loop, n->o.tcp, EPOLLIN, "sip_tcp", tcp_ready, n);
}

void net_destroy(struct net *n)
{
	for (uint32_t i = 0; i < n->o.streams_max; i++)
		if (n->streams[i].fd >= 0) {
			loop_remove(n->o.loop, n->streams[i].fd);
			close(n->streams[i].fd);
			buf_free(&n->streams[i].out);
		}
	buf_free(&n->out);
	free(n->waiting);
	free(n->streams);
	free(n->room);
	free(n);
}
