/* dns.c - see dns.h. */
#include "os/dns.h"

#include <ares.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "os/log.h"

enum { SOCKETS_MAX = 64, TIMEOUT_MS = 2000, TRIES = 2 };

struct watched {
	struct dns *dns;
	int fd; /* -1: free */
};

struct dns {
	struct dns_options o;
	ares_channel channel;
	int timer;
	bool closing;
	struct watched sockets[SOCKETS_MAX];
	struct dns_record *records; /* of the answer at hand */
};

struct question {
	struct dns *dns;
	enum dns_kind kind;
	char name[DNS_NAME_MAX + 1];
};

/* -- waiting -- */

/* c-ares says how long it can wait; a timer in the loop wakes it then. */
static void arm(struct dns *d)
{
	struct timeval room, *wait = ares_timeout(d->channel, NULL, &room);
	struct itimerspec at = {0};
	if (wait) {
		at.it_value.tv_sec = wait->tv_sec;
		at.it_value.tv_nsec = wait->tv_usec * 1000 + 1; /* 0 would mean never */
	}
	timerfd_settime(d->timer, 0, &at, NULL);
}

static void timer_ready(void *arg, uint32_t events)
{
	struct dns *d = arg;
	uint64_t count;
	(void)events;
	if (read(d->timer, &count, sizeof count) == sizeof count)
		ares_process_fd(d->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	arm(d);
}

static void socket_ready(void *arg, uint32_t events)
{
	struct watched *w = arg;
	struct dns *d = w->dns;
	bool broken = events & (EPOLLERR | EPOLLHUP);
	ares_process_fd(d->channel, broken || (events & EPOLLIN) ? w->fd : ARES_SOCKET_BAD,
			broken || (events & EPOLLOUT) ? w->fd : ARES_SOCKET_BAD);
	arm(d);
}

static struct watched *watched_at(struct dns *d, int fd)
{
	for (uint32_t i = 0; i < SOCKETS_MAX; i++)
		if (d->sockets[i].fd == fd)
			return &d->sockets[i];
	return NULL;
}

static void socket_moved(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct dns *d = arg;
	struct watched *w = watched_at(d, fd);
	uint32_t events = (readable ? EPOLLIN : 0u) | (writable ? EPOLLOUT : 0u);
	if (w && !events) {
		loop_remove(d->o.loop, fd);
		w->fd = -1;
	} else if (w) {
		loop_change(d->o.loop, fd, events);
	} else if (events) {
		w = watched_at(d, -1);
		if (!w)
			return; /* the question fails by its time */
		w->fd = fd;
		loop_add(d->o.loop, fd, events, "dns", socket_ready, w);
	}
}

/* -- answers -- */

static enum err err_of(int status)
{
	switch (status) {
	case ARES_SUCCESS:
		return ERR_OK;
	case ARES_ENODATA:
	case ARES_ENOTFOUND:
	case ARES_EBADNAME:
		return ERR_NOT_FOUND;
	case ARES_ETIMEOUT:
		return ERR_TIMEOUT;
	default:
		return ERR_IO;
	}
}

static void tell(struct question *q, enum err e, uint32_t count, uint32_t ttl_s)
{
	struct dns *d = q->dns;
	struct dns_answer a = {.kind = q->kind,
			       .name = str_of(q->name),
			       .err = e == ERR_OK && !count ? ERR_NOT_FOUND : e,
			       .ttl_s = ttl_s,
			       .records = d->records,
			       .count = count};
	if (!d->closing)
		d->o.answer(d->o.arg, &a);
	free(q);
}

static void addresses(void *arg, int status, int timeouts, struct ares_addrinfo *found)
{
	struct question *q = arg;
	uint32_t count = 0, ttl_s = UINT32_MAX;
	(void)timeouts;
	for (struct ares_addrinfo_node *n = found ? found->nodes : NULL; n; n = n->ai_next) {
		struct dns_record r = {0};
		if (count == DNS_RECORDS_MAX)
			break;
		if (n->ai_family == AF_INET) {
			r.family = 4;
			memcpy(r.ip, &((struct sockaddr_in *)(void *)n->ai_addr)->sin_addr, 4);
		} else if (n->ai_family == AF_INET6) {
			r.family = 6;
			memcpy(r.ip, &((struct sockaddr_in6 *)(void *)n->ai_addr)->sin6_addr, 16);
		} else {
			continue;
		}
		q->dns->records[count++] = r;
		ttl_s = MIN(ttl_s, (uint32_t)MAX(n->ai_ttl, 0));
	}
	tell(q, err_of(status), count, count ? ttl_s : 0);
	if (found)
		ares_freeaddrinfo(found);
}

/* The least TTL of the answers of a reply that c-ares has read whole before; RFC 1035 section 4.1.
 */
static uint32_t least_ttl(const unsigned char *reply, int n)
{
	uint32_t least = UINT32_MAX;
	const unsigned char *at = reply + HFIXEDSZ, *end = reply + n;
	uint32_t questions = (uint32_t)reply[4] << 8 | reply[5];
	uint32_t answers = (uint32_t)reply[6] << 8 | reply[7];
	for (uint32_t i = 0; i < questions + answers; i++) {
		char *name = NULL;
		long length = 0;
		if (at >= end || ares_expand_name(at, reply, n, &name, &length) != ARES_SUCCESS)
			return 0;
		ares_free_string(name);
		at += length;
		if (i < questions) {
			at += QFIXEDSZ;
			continue;
		}
		if (end - at < RRFIXEDSZ)
			return 0;
		least = MIN(least, (uint32_t)at[4] << 24 | (uint32_t)at[5] << 16 |
					   (uint32_t)at[6] << 8 | at[7]);
		at += RRFIXEDSZ + ((uint32_t)at[8] << 8 | at[9]);
	}
	return answers ? least : 0;
}

static void services(void *arg, int status, int timeouts, unsigned char *reply, int n)
{
	struct question *q = arg;
	struct ares_srv_reply *found = NULL;
	uint32_t count = 0;
	(void)timeouts;
	if (status == ARES_SUCCESS)
		status = ares_parse_srv_reply(reply, n, &found);
	for (struct ares_srv_reply *s = found; s && count < DNS_RECORDS_MAX; s = s->next) {
		struct dns_record r = {
			.priority = s->priority, .weight = s->weight, .port = s->port};
		if (str_copy(str_of(s->host), r.target, sizeof r.target))
			q->dns->records[count++] = r;
	}
	uint32_t ttl_s = status == ARES_SUCCESS ? least_ttl(reply, n) : 0;
	if (found)
		ares_free_data(found);
	tell(q, err_of(status), count, ttl_s);
}

void dns_ask(struct dns *d, enum dns_kind kind, struct str name)
{
	struct question *q = xcalloc(1, sizeof *q);
	*q = (struct question){.dns = d, .kind = kind};
	if (!str_copy(name, q->name, sizeof q->name)) {
		tell(q, ERR_NOT_FOUND, 0, 0);
		return;
	}
	if (kind == DNS_SRV) {
		ares_query(d->channel, q->name, C_IN, T_SRV, services, q);
	} else {
		struct ares_addrinfo_hints hints = {.ai_family = AF_UNSPEC,
						    .ai_socktype = SOCK_DGRAM,
						    .ai_flags = ARES_AI_NOSORT};
		ares_getaddrinfo(d->channel, q->name, NULL, &hints, addresses, q);
	}
	arm(d);
}

/* -- life -- */

struct dns *dns_create(const struct dns_options *o)
{
	struct dns *d = xcalloc(1, sizeof *d);
	char server[300];
	d->o = *o;
	for (uint32_t i = 0; i < SOCKETS_MAX; i++)
		d->sockets[i] = (struct watched){.dns = d, .fd = -1};
	struct ares_options options = {.timeout = TIMEOUT_MS,
				       .tries = TRIES,
				       .sock_state_cb = socket_moved,
				       .sock_state_cb_data = d};
	int status = ares_library_init(ARES_LIB_INIT_ALL);
	if (status == ARES_SUCCESS)
		status = ares_init_options(&d->channel, &options,
					   ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
						   ARES_OPT_SOCK_STATE_CB);
	if (status == ARES_SUCCESS && o->server.n)
		status = str_copy(o->server, server, sizeof server)
				 ? ares_set_servers_ports_csv(d->channel, server)
				 : ARES_EBADSTR;
	d->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (status != ARES_SUCCESS || d->timer < 0) {
		log_line(LOG_ERROR, "event=no_dns why=\"%s\"", ares_strerror(status));
		dns_destroy(d);
		return NULL;
	}
	d->records = xcalloc(DNS_RECORDS_MAX, sizeof *d->records);
	loop_add(o->loop, d->timer, EPOLLIN, "dns_timer", timer_ready, d);
	return d;
}

void dns_destroy(struct dns *d)
{
	if (!d)
		return;
	d->closing = true;
	if (d->channel)
		ares_destroy(d->channel);
	ares_library_cleanup();
	if (d->timer >= 0) {
		loop_remove(d->o.loop, d->timer);
		close(d->timer);
	}
	free(d->records);
	free(d);
}
