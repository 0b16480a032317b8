/* webleg.c - see webleg.h. */
#include "media/webleg.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/log.h"

#define PACKETS_A_TURN 64
#define PATH_MS 5000
#define IDENTITY_MS (24LL * 3600 * 1000) /* then newcomers see another certificate */

/* -- sockets -- */

static void close_port(struct webleg_port *p)
{
	for (int i = 0; i < ADDR_FAMILIES; i++)
		if (p->sockets[i].family)
			close(p->sockets[i].fd);
	list_remove(&p->link);
	free(p);
}

/* Where a shared port listens. Media that is for this machine alone (127.0.0.1) is reached by its
 * browsers at any of its addresses: Firefox pairs no candidate of its own with a loopback address.
 * take() then lets nobody else in. */
static struct addr web_ip(const struct addr *ip)
{
	if (!addr_is_loopback(ip))
		return *ip;
	struct addr any = {.len = ip->len};
	any.sa.sa_family = ip->sa.sa_family; /* the rest is zero: any */
	return any;
}

/* Only what is this machine's own can be bound. The kernel lets nobody else say that he is we. */
static bool is_ours(const struct addr *host)
{
	struct addr at = *host;
	if (addr_is_loopback(host))
		return true;
	addr_set_port(&at, 0);
	int fd = socket(at.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	bool ours = bind(fd, &at.sa, at.len) == 0;
	close(fd);
	return ours;
}

static bool is_let_in(const struct control *c, const struct addr *from)
{
	for (int i = 0; i < ADDR_FAMILIES && c->ips[i].len; i++)
		if (c->ips[i].sa.sa_family == from->sa.sa_family && addr_is_loopback(&c->ips[i]))
			return is_ours(from);
	return true;
}

/* Bound alone: SO_REUSEPORT comes after, or the port of another process of ours would be shared. */
static enum err open_sockets(struct control *c, struct webleg_port *p, uint32_t port)
{
	static const int yes = 1;
	for (int i = 0; i < ADDR_FAMILIES && c->ips[i].len; i++) {
		struct webleg_socket *s = &p->sockets[i];
		const struct addr at = web_ip(&c->ips[i]);
		int fd = control_open_port(&at, port, false);
		if (fd < 0)
			return errno == EMFILE || errno == ENFILE ? ERR_FULL : ERR_CONFLICT;
		*s = (struct webleg_socket){p, fd, c->ips[i].sa.sa_family};
		struct epoll_event e = {.events = EPOLLIN, .data.ptr = s};
		if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes) != 0 ||
		    epoll_ctl(c->web_epoll, EPOLL_CTL_ADD, fd, &e) != 0)
			return ERR_UNSUPPORTED;
	}
	p->port = (uint16_t)port;
	return ERR_OK;
}

static enum err open_port(struct control *c, uint32_t port, void *out)
{
	struct webleg_port *p = xcalloc(1, sizeof *p);
	p->control = c;
	list_init(&p->link);
	list_init(&p->webs);
	enum err e = open_sockets(c, p, port);
	if (e == ERR_OK)
		*(struct webleg_port **)out = p;
	else
		close_port(p);
	return e;
}

static struct webleg_port *port_for(struct control *c, const struct worker *w)
{
	list_for_each (link, &c->web_ports) {
		struct webleg_port *p = CONTAINER_OF(link, struct webleg_port, link);
		if (p->worker == w && p->count < WEBLEGS_A_PORT)
			return p;
	}
	struct webleg_port *p = NULL;
	if (control_seek_port(c, open_port, &p) != ERR_OK)
		return NULL;
	p->worker = w;
	list_push(&c->web_ports, &p->link);
	return p;
}

static struct webleg_socket *socket_for(struct webleg_port *p, const struct addr *peer)
{
	for (int i = 0; i < ADDR_FAMILIES; i++)
		if (p->sockets[i].family == peer->sa.sa_family)
			return &p->sockets[i];
	return NULL;
}

/* One that gets what this peer sends to the shared port, and nothing else; -1: not possible. What
 * somebody else's packet finds before connect is passed back as all that is not RTP. */
static int connect_socket(const struct webleg_port *p, const struct addr *peer)
{
	const struct control *c = p->control;
	for (int i = 0; i < ADDR_FAMILIES; i++) {
		if (c->ips[i].sa.sa_family != peer->sa.sa_family || !c->ips[i].len)
			continue;
		const struct addr at = web_ip(&c->ips[i]);
		int fd = control_open_port(&at, p->port, true);
		if (fd >= 0 && connect(fd, &peer->sa, peer->len) == 0)
			return fd;
		log_line(LOG_WARN, "event=web_path_refused port=%u reason=\"%s\"", p->port,
			 strerror(errno));
		if (fd >= 0)
			close(fd);
	}
	return -1;
}

static void send_from_port(void *arg, const struct addr *to, struct str datagram)
{
	const struct webleg *w = arg;
	const struct webleg_socket *s = socket_for(w->port, to);
	if (s)
		(void)sendto(s->fd, datagram.p, datagram.n, MSG_DONTWAIT | MSG_NOSIGNAL, &to->sa,
			     to->len);
}

/* -- what a browser's news mean for its leg -- */

static void tell_path(struct control *c, const struct webleg *w)
{
	link_say(&c->link, LINK_ONCE,
		 &(struct report){.kind = REPORT_leg_path,
				  .leg_path = {.leg = w->seat->id, .up = w->up}});
}

static int64_t proven_ms(const struct webleg *w)
{
	int64_t us = atomic_load_explicit(&w->seat->leg.proven_us, memory_order_relaxed);
	return MAX(us / 1000, w->browser.checked_ms);
}

static int64_t path_ms(const struct control *c)
{
	return c->options->path_ms ? c->options->path_ms : PATH_MS;
}

static void on_timer(struct timer *t, int64_t now_ms);

/* The socket of a path that was just chosen. Without one it is as if it had not been: the browser
 * chooses again. */
static struct door door_of(struct webleg *w)
{
	struct ice *b = &w->browser;
	int fd = b->path.len ? connect_socket(w->port, &b->path) : -1;
	if (fd < 0)
		b->path = (struct addr){0};
	return (struct door){.rtp = fd, .rtcp = -1, .family = fd < 0 ? 0 : b->path.sa.sa_family};
}

static void look_again(struct webleg *w, int64_t gone_ms, int64_t now_ms)
{
	struct timers *ts = &w->port->control->timers;
	int64_t due_ms = ice_due_ms(&w->browser, now_ms);
	if (w->up)
		due_ms = MIN(due_ms, gone_ms);
	if (due_ms == INT64_MAX)
		timer_stop(ts, &w->timer);
	else
		timer_start(ts, &w->timer, due_ms, on_timer, w);
}

/* Tells leg and core what is new about the path. */
static void settle(struct webleg *w, bool moved, int64_t now_ms)
{
	struct control *c = w->port->control;
	struct door door = {0};
	if (moved)
		door = door_of(w);
	const struct ice *b = &w->browser;
	int64_t gone_ms = proven_ms(w) + path_ms(c);
	bool up = b->path.len && b->keyed && now_ms < gone_ms;
	if (moved || up != w->up) {
		struct job *j = control_make_job(JOB_LEG_PATH, w->seat);
		j->new_socket = moved;
		j->door = door;
		if (up)
			j->path = b->path;
		control_give_leg(c, w->seat, j);
	}
	if (up != w->up) {
		w->up = up;
		log_line(LOG_DEBUG, "event=web_path leg=%u.%u up=%d", w->seat->id.slot,
			 w->seat->id.age, up);
		tell_path(c, w);
	}
	look_again(w, gone_ms, now_ms);
}

/* NULL: none, the leg says and hears nothing. */
static void give_keys(struct webleg *w, const struct srtp_terms *seal,
		      const struct srtp_terms *open)
{
	struct control *c = w->port->control;
	struct job *j = control_make_job(JOB_LEG_SECURE, w->seat);
	j->keys = (struct leg_keys){.new_seal = true,
				    .new_open = true,
				    .seal = seal ? srtp_create(seal) : NULL,
				    .open = open ? srtp_create(open) : NULL};
	if (seal && (!j->keys.seal || !j->keys.open))
		log_line(LOG_ERROR, "event=no_memory_for_keys");
	os_random(&j->keys.ssrc, sizeof j->keys.ssrc);
	control_give_leg(c, w->seat, j);
}

static void act(struct webleg *w, unsigned news, int64_t now_ms)
{
	const struct ice *b = &w->browser;
	if (news & ICE_FAILED)
		log_line(LOG_WARN, "event=dtls_failed leg=%u.%u reason=\"%s\"", w->seat->id.slot,
			 w->seat->id.age, ice_why(b));
	if (news & ICE_KEYED)
		give_keys(w, &b->seal, &b->open);
	if (news & ICE_ENDED)
		give_keys(w, NULL, NULL);
	settle(w, news & (ICE_MOVED | ICE_ENDED), now_ms);
}

static void on_timer(struct timer *t, int64_t now_ms)
{
	struct webleg *w = t->arg;
	act(w, ice_time(&w->browser, now_ms), now_ms);
}

/* -- datagrams -- */

static void take_stun(struct webleg_port *p, struct str packet, const struct addr *from,
		      int64_t now_ms)
{
	struct stun m;
	if (stun_parse(packet, &m) != ERR_OK)
		return;
	list_for_each (link, &p->webs) {
		struct webleg *w = CONTAINER_OF(link, struct webleg, link);
		if (!ice_is_asked(&w->browser, &m))
			continue;
		act(w, ice_check(&w->browser, packet, &m, from, now_ms), now_ms);
		return;
	}
}

/* RFC 7983: on a port that everybody may send to. */
static void take(struct webleg_port *p, struct str packet, const struct addr *from, int64_t now_ms)
{
	if (!is_let_in(p->control, from))
		return;
	if (stun_is(packet)) {
		take_stun(p, packet, from, now_ms);
		return;
	}
	if (!dtls_is(packet))
		return;
	list_for_each (link, &p->webs) {
		struct webleg *w = CONTAINER_OF(link, struct webleg, link);
		if (!ice_knows(&w->browser, from))
			continue;
		act(w, ice_record(&w->browser, packet, from, now_ms), now_ms);
		return;
	}
}

static struct webleg *web_of(struct control *c, struct id leg)
{
	struct seat *s = map_get(&c->legs, id_key(&leg));
	return s ? s->web : NULL;
}

void webleg_passed(struct control *c, const struct passed *p)
{
	const struct webleg *w = web_of(c, p->leg);
	if (w)
		take(w->port, str_make(p->bytes, p->n), &p->from, clock_mono_ms());
}

static void read_socket(struct webleg_socket *s)
{
	char packet[RTP_PACKET_MAX];
	for (int i = 0; i < PACKETS_A_TURN; i++) {
		struct addr from;
		from.len = sizeof from.in6;
		ssize_t n = recvfrom(s->fd, packet, sizeof packet, MSG_DONTWAIT | MSG_TRUNC,
				     &from.sa, &from.len);
		if (n < 0)
			return;
		if ((size_t)n <= sizeof packet && from.len)
			take(s->port, str_make(packet, (size_t)n), &from, clock_mono_ms());
	}
}

void webleg_turn(struct control *c, bool ready)
{
	struct epoll_event events[8];
	int n = ready ? epoll_wait(c->web_epoll, events, COUNT_OF(events), 0) : 0;
	for (int i = 0; i < n; i++)
		read_socket(events[i].data.ptr);
	(void)timers_run(&c->timers, clock_mono_ms(), PACKETS_A_TURN);
}

/* -- orders -- */

void webleg_init(struct control *c)
{
	list_init(&c->web_ports);
	timers_init(&c->timers);
	c->web_epoll = -1;
}

void webleg_finish(struct control *c)
{
	while (!list_empty(&c->web_ports))
		close_port(CONTAINER_OF(c->web_ports.next, struct webleg_port, link));
	dtls_identity_release(c->identity);
	if (c->web_epoll >= 0)
		close(c->web_epoll);
	timers_finish(&c->timers);
}

int webleg_fd(const struct control *c)
{
	return c->web_epoll;
}

enum err webleg_terms_of(const struct order_leg_web *o, struct webleg_terms *out)
{
	struct webleg_terms t = {.ufrag = o->ufrag, .active = o->active != 0};
	if (!ice_ufrag_ok(o->ufrag))
		return ERR_INVALID;
	enum err e = fingerprint_parse(o->fingerprint, &t.peer);
	if (e == ERR_OK)
		*out = t;
	return e;
}

/* Made when a browser first comes: 0.1 ms, and nothing where there are none. */
static bool have_identity(struct control *c)
{
	int64_t now_ms = clock_mono_ms();
	if (c->identity && now_ms - c->identity_ms < IDENTITY_MS)
		return true;
	struct dtls_identity *fresh = dtls_identity_create();
	if (!fresh) {
		log_line(LOG_ERROR, "event=no_certificate");
		return c->identity;
	}
	dtls_identity_release(c->identity);
	c->identity = fresh;
	c->identity_ms = now_ms;
	return true;
}

enum err webleg_open(struct control *c, struct seat *s)
{
	if (!have_identity(c))
		return ERR_IO;
	if (c->web_epoll < 0)
		c->web_epoll = epoll_create1(EPOLL_CLOEXEC);
	CHECK(c->web_epoll >= 0);
	struct webleg_port *p = port_for(c, s->worker);
	if (!p)
		return ERR_FULL;
	struct webleg *w = xcalloc(1, sizeof *w);
	w->seat = s;
	w->port = p;
	ice_init(&w->browser, send_from_port, w);
	list_push(&p->webs, &w->link);
	p->count++;
	s->web = w;
	s->leg.web = true;
	s->leg.port = p->port;
	return ERR_OK;
}

void webleg_come(struct control *c, struct seat *s, const struct webleg_terms *t)
{
	struct webleg *w = s->web;
	struct ice_terms terms = {.ufrag = t->ufrag, .peer = t->peer, .active = t->active};
	if (ice_same(&w->browser, &terms))
		return;
	(void)have_identity(c); /* an old one is better than none */
	terms.identity = c->identity;
	bool had_path = w->browser.path.len, had_keys = w->browser.keyed;
	os_random(terms.dice, sizeof terms.dice);
	ice_come(&w->browser, &terms);
	explicit_bzero(terms.dice, sizeof terms.dice);
	if (had_keys && !w->browser.keyed)
		give_keys(w, NULL, NULL);
	settle(w, had_path && !w->browser.path.len, clock_mono_ms());
}

void webleg_close(struct control *c, struct seat *s)
{
	struct webleg *w = s->web;
	if (!w)
		return;
	s->web = NULL;
	timer_stop(&c->timers, &w->timer);
	list_remove(&w->link);
	ice_finish(&w->browser);
	if (!--w->port->count)
		close_port(w->port);
	free(w);
}

/* -- reports -- */

void webleg_say_opened(struct control *c, const struct seat *s)
{
	const struct ice *b = &s->web->browser;
	link_say(&c->link, LINK_ONCE,
		 &(struct report){.kind = REPORT_leg_web_opened,
				  .leg_web_opened = {
					  .leg = s->id,
					  .port = s->leg.port,
					  .ufrag = str_of(b->ufrag),
					  .password = str_of(b->password),
					  .fingerprint = dtls_identity_fingerprint(b->identity),
				  }});
}

void webleg_tell_paths(struct control *c)
{
	list_for_each (port, &c->web_ports)
		list_for_each (link, &CONTAINER_OF(port, struct webleg_port, link)->webs)
			tell_path(c, CONTAINER_OF(link, struct webleg, link));
}

void webleg_fill_leg_is(const struct seat *s, struct report_leg_is *r)
{
	r->web = s->leg.web;
	if (!s->web)
		return;
	const struct ice *b = &s->web->browser;
	r->up = s->web->up;
	r->ufrag = str_of(b->ufrag);
	r->password = str_of(b->password);
	r->fingerprint = dtls_identity_fingerprint(b->identity);
	r->peer_ufrag = str_of(b->peer_ufrag);
}
