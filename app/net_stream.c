/* net_stream.c - connections: accepted, made, shaken hands on, read, written, closed. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "app/net_inside.h"
#include "os/clock.h"
#include "os/log.h"

#define STREAM_FULL (128u << 10)  /* nothing more is read from who takes our answers that slowly */
#define STREAM_OUT_MAX (2u << 20) /* and with what its calls say beside it is cut off */
#define SILENT_MS 2000		  /* so long even when places are short */
/* faults.md R23: TCP, TLS and the offer of a WebSocket together */
#define BEGIN_MS 5000
/* A connection that never says a word has as long as a transaction; one that was used has longer
 * than a phone may be registered (an hour): it registers again before, on the same one. */
#define NEVER_SPOKE_MS 32000
#define IDLE_MS (65 * 60 * 1000)
#define SHAKE_US 2000 /* of a turn: half a millisecond each, and calls are not to wait for them */
/* Handshakes under way at once, begun by others. A company's phones behind one address that come
 * back all at once need no more: each is done within a round trip. */
#define SHAKES_SOURCE 100
#define SHAKES_MAX 1000
#define READ_ONCE 16384		 /* and it is the next one's turn; a TLS record is no longer */
#define READ_A_TURN (512u << 10) /* of all streams: about a thousand messages, as of datagrams */
#define SLOT_BITS 16

static bool uses_tls(enum sip_transport t)
{
	return t == SIP_TLS || t == SIP_WSS;
}

struct stream *stream_at(struct net *n, uint32_t number)
{
	uint32_t slot = number & ((1u << SLOT_BITS) - 1);
	if (!slot || slot > n->o.streams_max)
		return NULL;
	struct stream *s = &n->streams[slot - 1];
	return s->fd >= 0 && s->number == number ? s : NULL;
}

/* Its handshake is over, well or not. */
static void shaken(struct stream *s)
{
	s->net->shaking_count -= s->guest;
	s->guest = false;
}

static void stream_close(struct stream *s)
{
	struct net *n = s->net;
	bool told = s->told;
	shaken(s);
	tls_free(s->tls);
	net_web_destroy(s->web);
	loop_remove(n->o.loop, s->fd);
	close(s->fd);
	s->fd = -1;
	s->tls = NULL;
	s->web = NULL;
	s->told = false;
	s->next_free = n->free_stream;
	n->free_stream = s;
	n->streams_open--;
	list_remove(&s->talking);
	list_remove(&s->came);
	buf_free(&s->out);
	s->released = 0;
	if (told)
		n->o.closed(n->o.arg, s->number);
}

void stream_open(struct stream *s)
{
	s->state = STREAM_OPEN;
	if (s->told)
		return;
	s->told = true;
	s->net->o.opened(s->net->o.arg, &s->peer, s->number);
}

void stream_end(struct stream *s)
{
	s->state = STREAM_ENDING;
	s->since_ms = clock_mono_ms();
}

/* May what waits go out now? */
static bool may_write(const struct stream *s)
{
	return s->released && !s->broken && (s->state == STREAM_OPEN || s->state == STREAM_ENDING);
}

static bool is_full(const struct stream *s)
{
	return s->out.n > STREAM_FULL;
}

static void watch(struct stream *s)
{
	uint32_t events = EPOLLIN;
	if (s->broken)
		events = EPOLLIN;
	else if (s->state == STREAM_CONNECTING || (may_write(s) && !s->tls))
		events |= EPOLLOUT;
	else if (s->tls)
		events = tls_wants(s->tls);
	if (!s->broken && is_full(s))
		events &= ~(uint32_t)EPOLLIN;
	loop_change(s->net->o.loop, s->fd, events);
}

static void stream_write(struct stream *s)
{
	size_t done = 0;
	while (may_write(s) && done < s->released) {
		const char *from = s->out.p + done;
		size_t left = s->released - done;
		ssize_t sent = s->tls ? tls_write(s->tls, from, left)
				      : send(s->fd, from, left, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent <= 0) {
			s->broken = sent == 0 || (errno != EAGAIN && errno != EINTR);
			break;
		}
		done += (size_t)sent;
		s->last_ms = clock_mono_ms();
	}
	s->released -= done;
	if (done == s->out.n) { /* most connections wait most of their time */
		buf_free(&s->out);
	} else if (done) {
		memmove(s->out.p, s->out.p + done, s->out.n - done);
		s->out.n -= done;
	}
	if (s->state == STREAM_ENDING && !s->out.n)
		s->broken = true;
	watch(s);
}

static void talks(struct stream *s)
{
	list_remove(&s->talking);
	list_push(&s->net->talking, &s->talking);
}

void stream_put(struct stream *s, struct str bytes)
{
	if (s->broken || s->state == STREAM_ENDING)
		return;
	if (!s->out.p)
		s->out = buf_grow(bytes.n);
	if (s->out.n + bytes.n > STREAM_OUT_MAX)
		s->broken = true;
	else
		buf_put(&s->out, bytes);
	talks(s);
}

/* How much it was. READ_ONCE leaves no decrypted bytes behind, of which no socket would tell. */
static size_t stream_read(struct stream *s)
{
	struct net *n = s->net;
	ssize_t got = s->tls ? tls_read(s->tls, n->room, READ_ONCE)
			     : recv(s->fd, n->room, READ_ONCE, MSG_DONTWAIT);
	if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
		s->broken = true;
	if (got <= 0)
		return 0;
	s->last_ms = clock_mono_ms();
	struct sip_address from = s->peer;
	struct str bytes = str_make(n->room, (size_t)got);
	if (s->web) {
		net_web_input(s, bytes);
	} else {
		s->heard = true;
		n->o.input(n->o.arg, &from, bytes, false);
	}
	return (size_t)got;
}

static void after_handshake(struct stream *s)
{
	if (s->web)
		s->state = STREAM_OFFERED;
	else
		stream_open(s);
}

static void shake(struct stream *s)
{
	struct net *n = s->net;
	enum err e = tls_handshake(s->tls);
	if (e == ERR_AGAIN) {
		watch(s);
		return;
	}
	n->handshakes++;
	shaken(s);
	if (e == ERR_OK) {
		after_handshake(s);
		talks(s); /* what was kept may go */
		return;
	}
	char text[80];
	struct buf at = buf_make(text, sizeof text);
	sip_address_text(&s->peer, &at);
	n->handshakes_failed++;
	s->broken = true;
	log_line(s->told ? LOG_WARN : LOG_DEBUG,
		 "event=tls_failed peer=" STR_FMT " why=\"" STR_FMT "\"", STR_ARG(buf_str(&at)),
		 STR_ARG(tls_why(s->tls)));
	if (s->told) /* it was ours */
		n->o.tls_refused(n->o.arg, &s->peer, tls_why(s->tls));
}

static void connected(struct stream *s)
{
	int error = 0;
	socklen_t size = sizeof error;
	getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &size);
	s->broken = error != 0;
	s->state = s->tls ? STREAM_SHAKING : STREAM_OPEN;
	talks(s);
}

static bool reads(const struct stream *s)
{
	return s->state == STREAM_OPEN || s->state == STREAM_OFFERED;
}

/* It gets its turn behind those who came before (net_streams_serve); our own way to a trunk does
 * not stand behind strangers. */
static void wait_turn(struct stream *s)
{
	struct net *n = s->net;
	if (!list_empty(&s->came))
		return;
	if (s->state != STREAM_SHAKING)
		list_push(&n->came, &s->came);
	else if (s->guest)
		list_push(&n->shaking, &s->came);
	else
		list_push_front(&n->shaking, &s->came);
}

static size_t stream_serve(struct stream *s)
{
	struct net *n = s->net;
	const uint32_t number = s->number;
	size_t got = 0;
	list_remove(&s->came);
	if (s->state == STREAM_SHAKING && !s->broken)
		shake(s);
	if (!s->broken && reads(s))
		got = stream_read(s);
	if (stream_at(n, number) && s->broken)
		stream_close(s);
	else if (stream_at(n, number) && !is_full(s) && got && (s->tls || got == READ_ONCE))
		wait_turn(s); /* more of it waits */
	return got;
}

void net_streams_serve(struct net *n)
{
	for (size_t got = 0; got < READ_A_TURN && !list_empty(&n->came);)
		got += stream_serve(CONTAINER_OF(n->came.next, struct stream, came));
	const int64_t until_us = list_empty(&n->shaking) ? 0 : clock_mono_us() + SHAKE_US;
	while (!list_empty(&n->shaking)) {
		(void)stream_serve(CONTAINER_OF(n->shaking.next, struct stream, came));
		if (clock_mono_us() > until_us)
			break;
	}
}

static void stream_ready(void *arg, uint32_t events)
{
	struct stream *s = arg;
	if (s->state == STREAM_CONNECTING && (events & (EPOLLOUT | EPOLLERR | EPOLLHUP)))
		connected(s);
	bool readable = s->tls || (events & (EPOLLIN | EPOLLHUP));
	if (!s->broken && (s->state == STREAM_SHAKING || (readable && reads(s))))
		wait_turn(s);
	/* what the turn said waits for its end; only what is older goes on here */
	if (!s->broken && (events & EPOLLOUT) && may_write(s))
		stream_write(s);
	if (s->broken || (s->state == STREAM_ENDING && (events & (EPOLLHUP | EPOLLERR))))
		stream_close(s);
}

/* A way that is dead (a NAT forgot it, a cable was pulled) is known within ten seconds when
 * something is sent, within a minute and a half when not: the next call takes a new one, a phone
 * counts as away. And a message never waits for the next one (Nagle). */
static void tune(int fd)
{
	static const struct {
		int level, name, value;
	} options[] = {
		{IPPROTO_TCP, TCP_NODELAY, 1},	  {IPPROTO_TCP, TCP_USER_TIMEOUT, 10000},
		{SOL_SOCKET, SO_KEEPALIVE, 1},	  {IPPROTO_TCP, TCP_KEEPIDLE, 60},
		{IPPROTO_TCP, TCP_KEEPINTVL, 10}, {IPPROTO_TCP, TCP_KEEPCNT, 3},
	};
	for (size_t i = 0; i < COUNT_OF(options); i++)
		(void)setsockopt(fd, options[i].level, options[i].name, &options[i].value,
				 sizeof options[i].value);
}

static struct stream *stream_add(struct net *n, int fd, struct sip_address peer,
				 enum stream_state state)
{
	struct stream *s = n->free_stream;
	if (!s) {
		close(fd);
		return NULL;
	}
	tune(fd);
	n->free_stream = s->next_free;
	n->streams_open++;
	n->streams_ever++;
	uint32_t slot = (uint32_t)(s - n->streams) + 1, age = (s->number >> SLOT_BITS) + 1;
	*s = (struct stream){.net = n,
			     .fd = fd,
			     .number = age << SLOT_BITS | slot,
			     .state = state,
			     .peer = peer,
			     .since_ms = clock_mono_ms(),
			     .last_ms = clock_mono_ms()};
	s->peer.stream = s->number;
	list_init(&s->talking);
	list_init(&s->came);
	loop_add(n->o.loop, fd, EPOLLIN | (state == STREAM_CONNECTING ? EPOLLOUT : 0u),
		 "sip_stream", stream_ready, s);
	return s;
}

/* All places are taken: of those who connected and never said a word the eldest gives way. */
static void make_place(struct net *n)
{
	struct stream *eldest = NULL;
	if (n->free_stream)
		return;
	for (uint32_t i = 0; i < n->o.streams_max; i++) {
		struct stream *s = &n->streams[i];
		if (!s->heard && s->state != STREAM_CONNECTING &&
		    (!eldest || s->since_ms < eldest->since_ms))
			eldest = s;
	}
	if (eldest && clock_mono_ms() - eldest->since_ms >= SILENT_MS)
		stream_close(eldest);
}

static bool outstayed(struct stream *s, int64_t now_ms)
{
	int64_t held_ms = now_ms - s->since_ms;
	switch (s->state) {
	case STREAM_CONNECTING:
	case STREAM_SHAKING:
	case STREAM_OFFERED:
	case STREAM_ENDING:
		return held_ms > BEGIN_MS;
	case STREAM_OPEN:
		if (s->web && !net_web_alive(s, now_ms))
			return true;
		return now_ms - s->last_ms > IDLE_MS || (!s->heard && held_ms > NEVER_SPOKE_MS);
	}
	return true;
}

void net_sweep(struct net *n)
{
	int64_t now_ms = clock_mono_ms();
	for (uint32_t i = 0; i < n->o.streams_max && n->streams_open; i++) {
		struct stream *s = &n->streams[i];
		if (s->fd >= 0 && outstayed(s, now_ms))
			stream_close(s);
	}
}

/* IPv6: whoever has an address there has its whole /64. */
static bool same_source(const struct sip_address *a, const struct sip_address *b)
{
	return a->family == b->family && !memcmp(a->ip, b->ip, a->family == 6 ? 8 : 4);
}

/* Too many handshakes are under way, of his source or of all: the eldest of them gives way. Who
 * means well needs a round trip or two, who floods us takes the places of his own. */
static void make_place_to_shake(struct net *n, const struct sip_address *peer)
{
	struct stream *eldest = NULL, *his_eldest = NULL;
	uint32_t his = 0;
	if (n->shaking_count < SHAKES_SOURCE || n->o.trusted(n->o.arg, peer))
		return;
	for (uint32_t i = 0; i < n->o.streams_max; i++) {
		struct stream *s = &n->streams[i];
		if (!s->guest)
			continue;
		if (!eldest || s->since_ms < eldest->since_ms)
			eldest = s;
		if (!same_source(&s->peer, peer))
			continue;
		his++;
		if (!his_eldest || s->since_ms < his_eldest->since_ms)
			his_eldest = s;
	}
	if (his >= SHAKES_SOURCE)
		eldest = his_eldest;
	else if (n->shaking_count < SHAKES_MAX)
		return;
	if (!eldest)
		return;
	n->handshakes_refused++;
	stream_close(eldest);
}

static void accept_one(struct net *n, int fd, struct sip_address peer)
{
	if (uses_tls(peer.transport))
		make_place_to_shake(n, &peer);
	make_place(n);
	struct stream *s =
		stream_add(n, fd, peer, uses_tls(peer.transport) ? STREAM_SHAKING : STREAM_OFFERED);
	if (!s)
		return;
	if (sip_is_web(peer.transport))
		s->web = net_web_create();
	/* pages are not asked for certificates: browsers would ask the person */
	if (uses_tls(peer.transport)) {
		s->tls = tls_accept(n->o.tls, fd, peer.transport == SIP_TLS);
		s->guest = true;
		n->shaking_count++;
	} else {
		after_handshake(s);
	}
}

static void listener_ready(void *arg, uint32_t events)
{
	const struct listener *l = arg;
	struct net *n = l->net;
	(void)events;
	for (int i = 0; i < BATCH; i++) {
		struct sockaddr_storage from = {0};
		socklen_t size = sizeof from;
		int fd = accept4(n->o.listening[l->transport], (struct sockaddr *)&from, &size,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			return;
		accept_one(n, fd, from_sockaddr(&from, l->transport));
	}
}

/* -- connections we make -- */

static struct tls *client_tls(struct net *n)
{
	char room[200];
	struct buf why = buf_make(room, sizeof room);
	if (n->o.tls)
		return n->o.tls;
	if (!n->own_tls &&
	    tls_create(&(struct tls_options){.verify = true}, &n->own_tls, &why) != ERR_OK)
		log_line(LOG_ERROR, "event=tls_not_loaded why=\"" STR_FMT "\"",
			 STR_ARG(buf_str(&why)));
	return n->own_tls;
}

static void secure(struct stream *s, struct tls *tls)
{
	struct net *n = s->net;
	char text[300];
	struct buf name = buf_make(text, sizeof text);
	if (!n->o.tls_name(n->o.arg, &s->peer, &name)) {
		name = buf_make(text, sizeof text);
		sip_address_text(&s->peer, &name);
		while (name.n && name.p[name.n - 1] != ':') /* without its port */
			name.n--;
		name.n -= name.n > 0;
	}
	struct str host = buf_str(&name);
	if (host.n > 2 && host.p[0] == '[')
		host = str_make(host.p + 1, host.n - 2);
	s->tls = tls_connect(tls, s->fd, host);
}

struct stream *stream_connect(struct net *n, const struct sip_address *to)
{
	for (uint32_t i = 0; i < n->o.streams_max && n->streams_open; i++) {
		struct stream *s = &n->streams[i];
		if (s->fd >= 0 && !s->broken && s->told && sip_address_eq(&s->peer, to))
			return s;
	}
	struct tls *tls = to->transport == SIP_TLS ? client_tls(n) : NULL;
	if (sip_is_web(to->transport) || (to->transport == SIP_TLS && !tls))
		return NULL;
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
	struct stream *s = stream_add(n, fd, *to, STREAM_CONNECTING);
	if (!s)
		return NULL;
	if (tls)
		secure(s, tls);
	stream_open(s); /* what is sent meanwhile is kept */
	s->state = STREAM_CONNECTING;
	return s;
}

/* -- what net.h offers -- */

void net_drop(struct net *n, uint32_t stream)
{
	struct stream *s = stream_at(n, stream);
	if (s) /* closed from the loop: the engine is in the middle of its bytes */
		shutdown(s->fd, SHUT_RDWR);
}

bool net_certified(struct net *n, uint32_t stream, struct str name)
{
	const struct stream *s = stream_at(n, stream);
	return s && s->tls && tls_certified(s->tls, name);
}

void net_streams_flush(struct net *n)
{
	while (!list_empty(&n->talking)) {
		struct stream *s = CONTAINER_OF(n->talking.next, struct stream, talking);
		list_remove(&s->talking);
		s->released = s->out.n;
		if (may_write(s))
			stream_write(s);
		if (s->broken) /* the loop closes it: we may be anywhere now */
			shutdown(s->fd, SHUT_RDWR);
	}
}

void net_streams_init(struct net *n)
{
	CHECK(n->o.streams_max < 1u << SLOT_BITS);
	list_init(&n->talking);
	list_init(&n->came);
	list_init(&n->shaking);
	n->streams = xcalloc(n->o.streams_max, sizeof *n->streams);
	for (uint32_t i = n->o.streams_max; i-- > 0;) {
		n->streams[i].fd = -1;
		list_init(&n->streams[i].talking);
		list_init(&n->streams[i].came);
		n->streams[i].next_free = n->free_stream;
		n->free_stream = &n->streams[i];
	}
}

void net_streams_listen(struct net *n)
{
	for (enum sip_transport t = SIP_TCP; t < SIP_TRANSPORTS; t++) {
		n->listeners[t] = (struct listener){n, t};
		if (n->o.listening[t] >= 0 && (!uses_tls(t) || n->o.tls))
			loop_add(n->o.loop, n->o.listening[t], EPOLLIN, "sip_listen",
				 listener_ready, &n->listeners[t]);
	}
}

void net_streams_finish(struct net *n)
{
	for (uint32_t i = 0; i < n->o.streams_max; i++) {
		struct stream *s = &n->streams[i];
		if (s->fd < 0)
			continue;
		tls_free(s->tls);
		net_web_destroy(s->web);
		loop_remove(n->o.loop, s->fd);
		close(s->fd);
		buf_free(&s->out);
	}
	free(n->streams);
	tls_destroy(n->own_tls);
}
