/* link.c - see link.h. */
#include "media/link.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/log.h"

struct said {
	struct list link;
	enum link_class class;
	uint32_t n;
	char bytes[];
};

void link_init(struct link *l)
{
	*l = (struct link){.fd = -1};
	list_init(&l->waiting);
}

static void forget(struct link *l, struct said *s)
{
	l->counts[s->class]--;
	list_remove(&s->link);
	free(s);
}

static void forget_class(struct link *l, enum link_class class, uint32_t most)
{
	list_for_each (at, &l->waiting) {
		struct said *s = CONTAINER_OF(at, struct said, link);
		if (!most)
			return;
		if (s->class != class)
			continue;
		most--;
		forget(l, s);
	}
}

void link_finish(struct link *l)
{
	link_lose(l);
	forget_class(l, LINK_KEEP, UINT32_MAX);
}

void link_lose(struct link *l)
{
	if (l->fd < 0)
		return;
	close(l->fd);
	l->fd = -1;
	l->greeted = l->blocked = false;
	forget_class(l, LINK_ONCE, UINT32_MAX);
	forget_class(l, LINK_GAUGE, UINT32_MAX);
}

void link_attach(struct link *l, int fd, uint32_t legs)
{
	static const int room = 4 << 20;
	char bytes[64];
	struct buf b = buf_make(bytes, sizeof bytes);
	link_lose(l);
	l->fd = fd;
	l->generation++;
	/* as far as the system lets us; the default holds 167 small messages */
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
	report_encode(&b, &(struct report){
				  .kind = REPORT_hello,
				  .hello = {.version = ORDER_VERSION, .legs = legs},
			  });
	if (send(fd, b.p, b.n, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		link_lose(l);
}

void link_say(struct link *l, enum link_class class, const struct report *r)
{
	static const uint32_t most[LINK_CLASSES] = {LINK_KEPT_MAX, LINK_ONCE_MAX, LINK_GAUGES_MAX};
	char bytes[ORDER_PACKET_MAX];
	struct buf b = buf_make(bytes, sizeof bytes);
	if (class != LINK_KEEP && l->fd < 0)
		return;
	report_encode(&b, r);
	CHECK(!b.full); /* texts are cut to 1024 bytes */
	if (l->counts[class] >= most[class]) {
		l->dropped++;
		forget_class(l, class, 1);
	}
	struct said *s = xcalloc(1, sizeof *s + b.n);
	s->class = class;
	s->n = (uint32_t)b.n;
	memcpy(s->bytes, b.p, b.n);
	list_push(&l->waiting, &s->link);
	l->counts[class]++;
}

/* As many whole messages as a packet takes, oldest first; they stay until it is sent. */
static uint32_t fill_packet(const struct link *l, struct buf *b)
{
	uint32_t count = 0;
	for (struct list *at = l->waiting.next; at != &l->waiting; at = at->next) {
		const struct said *s = CONTAINER_OF(at, struct said, link);
		if (b->n + s->n > b->cap)
			break;
		buf_put(b, str_make(s->bytes, s->n));
		count++;
	}
	return count;
}

void link_flush(struct link *l)
{
	char bytes[ORDER_PACKET_MAX];
	while (l->fd >= 0 && l->greeted && !list_empty(&l->waiting)) {
		struct buf b = buf_make(bytes, sizeof bytes);
		uint32_t count = fill_packet(l, &b);
		if (send(l->fd, b.p, b.n, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
			l->blocked = errno == EAGAIN || errno == ENOBUFS || errno == EINTR;
			if (!l->blocked)
				link_lose(l);
			return;
		}
		for (; count; count--)
			forget(l, CONTAINER_OF(l->waiting.next, struct said, link));
	}
	l->blocked = false;
}

enum err link_read(struct link *l, struct str *packet)
{
	static char bytes[ORDER_PACKET_MAX];
	if (l->fd < 0)
		return ERR_CONFLICT;
	ssize_t n = recv(l->fd, bytes, sizeof bytes, MSG_DONTWAIT | MSG_TRUNC);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return ERR_NOT_FOUND;
	if (n <= 0) {
		link_lose(l);
		return ERR_CONFLICT;
	}
	if (n > (ssize_t)sizeof bytes) {
		log_line(LOG_ERROR, "event=order_too_long bytes=%zd", n);
		n = 0;
	}
	*packet = str_make(bytes, (size_t)n);
	return ERR_OK;
}
