/* http.c - see http.h: listeners, limits, the loop. */
#include "web/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/log.h"
#include "web/http_inside.h"

#define HEAD_MS 10000
#define SHAKES_A_ROUND 8 /* handshakes cost a millisecond: requests are not to wait for a crowd */

static int open_reserve(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* Where a peer sits, without its port; an IPv4 address in IPv6 clothes is told as IPv4. */
static void peer_text(const struct sockaddr_storage *sa, char out[48], bool *loopback)
{
	out[0] = '\0';
	*loopback = false;
	if (sa->ss_family == AF_INET) {
		const struct sockaddr_in *v4 = (const struct sockaddr_in *)sa;
		inet_ntop(AF_INET, &v4->sin_addr, out, 48);
		*loopback = (ntohl(v4->sin_addr.s_addr) >> 24) == 127;
	} else if (sa->ss_family == AF_INET6) {
		const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)sa;
		if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
			inet_ntop(AF_INET, &v6->sin6_addr.s6_addr[12], out, 48);
			*loopback = v6->sin6_addr.s6_addr[12] == 127;
		} else {
			inet_ntop(AF_INET6, &v6->sin6_addr, out, 48);
			*loopback = IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
		}
	}
}

/* The connection idle longest gives way; false when none is idle. */
static bool evict_one(struct http *h)
{
	if (list_empty(&h->idle))
		return false;
	conn_close(CONTAINER_OF(h->idle.next, struct http_conn, idle));
	conn_reap(h);
	h->counts.evicted++;
	return true;
}

/* No descriptor left: the reserve takes the caller off the queue, so that accept does not spin. */
static int accept_without_room(struct http *h, int listener)
{
	close(h->reserve_fd);
	const int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0)
		close(fd);
	h->counts.refused++;
	h->reserve_fd = open_reserve();
	return -1;
}

static void accept_some(struct http *h, int listener, bool local)
{
	const bool secure = h->o.tls && listener == h->o.tls_fd;
	for (int i = 0; i < (secure ? SHAKES_A_ROUND : 64); i++) {
		struct sockaddr_storage sa = {0};
		socklen_t n = sizeof sa;
		int fd =
			accept4(listener, (struct sockaddr *)&sa, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0 && (errno == EMFILE || errno == ENFILE)) {
			if (evict_one(h))
				continue;
			accept_without_room(h, listener);
			continue;
		}
		if (fd < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		if (fd < 0)
			continue; /* that caller has gone already */
		/* the control socket stays open to the operator when the world has filled us */
		if (!local && h->counts.connections >= h->o.connections_max && !evict_one(h)) {
			close(fd);
			h->counts.refused++;
			continue;
		}
		struct conn_from from = {.local = local, .secure = secure, .loopback = local};
		if (!local) {
			const int one = 1;
			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
			peer_text(&sa, from.text, &from.loopback);
		}
		conn_start(h, fd, &from);
	}
}

static void tcp_ready(void *arg, uint32_t events)
{
	struct http *h = arg;
	(void)events;
	accept_some(h, h->o.tcp_fd, false);
}

static void tls_ready(void *arg, uint32_t events)
{
	struct http *h = arg;
	(void)events;
	accept_some(h, h->o.tls_fd, false);
}

static void local_ready(void *arg, uint32_t events)
{
	struct http *h = arg;
	(void)events;
	accept_some(h, h->o.local_fd, true);
}

static void box_ready(void *arg, uint32_t events)
{
	struct http *h = arg;
	(void)events;
	mailbox_drain(h->o.box, h->o.arg);
}

static void stop_ready(void *arg, uint32_t events)
{
	(void)arg;
	(void)events;
}

static void listen_on(struct http *h, int fd, const char *name, loop_h *ready)
{
	if (fd < 0)
		return;
	const int flags = fcntl(fd, F_GETFL);
	fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	loop_add(h->loop, fd, EPOLLIN, name, ready, h);
}

enum err http_create(const struct http_options *o, struct http **out)
{
	struct http *h = xcalloc(1, sizeof *h);
	h->o = *o;
	if (!h->o.head_ms)
		h->o.head_ms = HEAD_MS;
	h->loop = loop_create();
	list_init(&h->conns);
	list_init(&h->closing);
	list_init(&h->idle);
	h->reserve_fd = open_reserve();
	h->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (h->stop_fd < 0 || h->reserve_fd < 0) {
		if (h->stop_fd >= 0)
			close(h->stop_fd);
		if (h->reserve_fd >= 0)
			close(h->reserve_fd);
		loop_destroy(h->loop);
		free(h);
		return ERR_IO;
	}
	h->now_ms = h->swept_ms = clock_mono_ms();
	loop_add(h->loop, h->stop_fd, EPOLLIN, "web stop", stop_ready, h);
	if (o->box)
		loop_add(h->loop, mailbox_fd(o->box), EPOLLIN, "web letters", box_ready, h);
	listen_on(h, o->tcp_fd, "web accept", tcp_ready);
	if (o->tls)
		listen_on(h, o->tls_fd, "web accept tls", tls_ready);
	listen_on(h, o->local_fd, "web accept local", local_ready);
	*out = h;
	return ERR_OK;
}

static void refresh_now(void *arg)
{
	((struct http *)arg)->now_ms = clock_mono_ms();
}

static void sweep(struct http *h)
{
	h->swept_ms = h->now_ms;
	list_for_each (l, &h->conns)
		conn_check_deadline(CONTAINER_OF(l, struct http_conn, link));
	if (h->o.second)
		h->o.second(h->o.arg, h->now_ms);
}

void http_run(struct http *h)
{
	while (!atomic_load(&h->stop)) {
		loop_wait(h->loop, 250, refresh_now, h);
		conn_reap(h);
		if (h->now_ms - h->swept_ms >= 1000) {
			sweep(h);
			conn_reap(h);
		}
	}
}

void http_stop(struct http *h)
{
	const uint64_t one = 1;
	atomic_store(&h->stop, true);
	if (write(h->stop_fd, &one, sizeof one) != (ssize_t)sizeof one)
		log_line(LOG_WARN, "event=web_stop_unheard");
}

void http_destroy(struct http *h)
{
	if (!h)
		return;
	list_for_each (l, &h->conns)
		conn_close(CONTAINER_OF(l, struct http_conn, link));
	conn_reap(h);
	loop_destroy(h->loop);
	close(h->stop_fd);
	close(h->reserve_fd);
	if (h->o.tcp_fd >= 0)
		close(h->o.tcp_fd);
	if (h->o.local_fd >= 0)
		close(h->o.local_fd);
	if (h->o.tls)
		close(h->o.tls_fd);
	tls_destroy(h->o.tls);
	free(h);
}

enum err http_reload(struct http *h, struct buf *why)
{
	return h->o.tls ? tls_reload(h->o.tls, why) : ERR_OK;
}

struct http_counts http_counts(const struct http *h)
{
	return h->counts;
}
