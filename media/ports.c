/* ports.c - sockets of the media range; see control.h. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "media/control.h"
#include "os/log.h"

int control_open_port(const struct addr *ip, uint32_t port, bool shared)
{
	static const int expedited = 0xb8; /* DSCP EF, RFC 3246 */
	struct addr at = *ip;
	static const int yes = 1;
	addr_set_port(&at, (uint16_t)port);
	int fd = socket(at.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	if (at.sa.sa_family == AF_INET) {
		(void)setsockopt(fd, IPPROTO_IP, IP_TOS, &expedited, sizeof expedited);
	} else {
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &expedited, sizeof expedited);
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
	}
	if (port & 1) /* RTCP: when it came matters, and it is not read at once */
		(void)setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof yes);
	if (shared)
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes);
	if (bind(fd, &at.sa, at.len) == 0)
		return fd;
	close(fd);
	return -1;
}

void control_close_door(struct door *d)
{
	if (!d->family)
		return;
	close(d->rtp);
	if (d->rtcp >= 0)
		close(d->rtcp);
	d->family = 0;
}

void control_close_doors(struct leg *l)
{
	for (int i = 0; i < ADDR_FAMILIES; i++)
		control_close_door(&l->doors[i]);
}

/* One pair of ports on every address of ours. ERR_CONFLICT: it is taken; ERR_FULL: no more files.
 */
static enum err open_doors(struct control *c, uint32_t port, void *leg)
{
	struct leg *l = leg;
	for (int i = 0; i < ADDR_FAMILIES && c->ips[i].len; i++) {
		struct door *d = &l->doors[i];
		d->rtp = control_open_port(&c->ips[i], port, false);
		d->rtcp = d->rtp < 0 ? -1 : control_open_port(&c->ips[i], port + 1, false);
		if (d->rtcp >= 0) {
			d->family = c->ips[i].sa.sa_family;
			continue;
		}
		enum err e = errno == EMFILE || errno == ENFILE ? ERR_FULL : ERR_CONFLICT;
		if (d->rtp >= 0)
			close(d->rtp);
		control_close_doors(l);
		return e;
	}
	l->port = (uint16_t)port;
	return ERR_OK;
}

/* Round the whole range, so that a port rests long before it is given out again: late packets of
 * an ended call do not fall into a new one. */
enum err control_seek_port(struct control *c, port_open_h *open, void *arg)
{
	uint32_t low = (c->options->port_low + 1u) & ~1u;
	uint32_t pairs = low < c->options->port_high ? (c->options->port_high - low + 1) / 2 : 0;
	for (uint32_t tries = 0; tries < pairs; tries++) {
		uint32_t port = low + 2 * (c->next_port++ % pairs);
		enum err e = open(c, port, arg);
		if (e == ERR_OK)
			return ERR_OK;
		if (e == ERR_FULL)
			break;
	}
	log_line(LOG_ERROR, "event=no_port legs=%u last=\"%s\"", c->legs.count, strerror(errno));
	return ERR_FULL;
}

enum err control_open_ports(struct control *c, struct leg *l)
{
	return control_seek_port(c, open_doors, l);
}
