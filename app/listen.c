/* listen.c - see listen.h. */
#include "app/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "app/settings.h"

static int bind_one(const struct addrinfo *at, int kind)
{
	int fd = socket(at->ai_family, kind | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	int on = 1, bytes = 8 << 20; /* the default loses ACKs at 3,000 calls a second */
	if (kind == SOCK_STREAM) {
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	} else {
		if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) < 0)
			setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
		if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes) < 0)
			setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
	}
	if (bind(fd, at->ai_addr, at->ai_addrlen) < 0 ||
	    (kind == SOCK_STREAM && listen(fd, 512) < 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

int listen_at(const char *address, int kind, struct buf *why)
{
	char host[64], port_text[8];
	uint16_t port;
	if (settings_address(str_of(address), host, &port) != ERR_OK) {
		buf_fmt(why, "%s is not address:port", address);
		return -1;
	}
	struct buf b = buf_make(port_text, sizeof port_text);
	buf_fmt(&b, "%u", port);
	struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV,
				 .ai_socktype = kind};
	struct addrinfo *list = NULL;
	if (getaddrinfo(host, port_text, &hints, &list) != 0) {
		buf_fmt(why, "%s: the host must be a numeric address", address);
		return -1;
	}
	int fd = bind_one(list, kind);
	if (fd < 0)
		buf_fmt(why, "cannot listen on %s: %s", address, strerror(errno));
	freeaddrinfo(list);
	return fd;
}

enum err listen_both(const char *address, int *udp, int *tcp, struct buf *why)
{
	for (int tries = 0; tries < 50; tries++) {
		char room[80];
		struct buf bound = buf_make(room, sizeof room - 1);
		size_t said = why->n;
		*udp = listen_at(address, SOCK_DGRAM, why);
		if (*udp < 0)
			return ERR_CONFLICT;
		listen_text(*udp, &bound);
		room[bound.n] = 0;
		*tcp = listen_at(room, SOCK_STREAM, why);
		if (*tcp >= 0)
			return ERR_OK;
		const int why_not = errno;
		close(*udp);
		*udp = -1;
		errno = why_not;
		if (!str_ends(str_of(address), STR(":0")))
			return ERR_CONFLICT;
		why->n = said; /* that port is taken for streams: another one */
	}
	buf_fmt(why, "no free port on %s", address);
	return ERR_CONFLICT;
}

int listen_local(const char *path, struct buf *why)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	if (!str_copy(str_of(path), at.sun_path, sizeof at.sun_path)) {
		buf_fmt(why, "%s: the path is too long for a socket", path);
		return -1;
	}
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	unlink(path); /* we hold DIR/lock: nobody serves behind the old one */
	mode_t before = umask(0177);
	bool good =
		fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 64) == 0;
	umask(before);
	if (!good) {
		buf_fmt(why, "cannot listen on %s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

void listen_text(int fd, struct buf *out)
{
	struct sockaddr_storage at = {0};
	socklen_t n = sizeof at;
	char host[64] = "", port[8] = "";
	if (getsockname(fd, (struct sockaddr *)&at, &n) != 0)
		return;
	if (getnameinfo((struct sockaddr *)&at, n, host, sizeof host, port, sizeof port,
			NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return;
	buf_fmt(out, at.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

bool listen_is(int fd)
{
	int yes = 0;
	socklen_t n = sizeof yes;
	return !getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &yes, &n) && yes;
}
