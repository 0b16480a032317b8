/* kin.c - see kin.h. */
#include "app/kin.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum err kin_send(int fd, struct str message, int pass_a, int pass_b)
{
	char control[CMSG_SPACE(2 * sizeof(int))] = {0};
	struct iovec io = {(void *)(uintptr_t)message.p, message.n};
	struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1};
	int fds[2] = {pass_a, pass_b};
	size_t count = pass_a < 0 ? 0 : pass_b < 0 ? 1 : 2;
	if (count) {
		m.msg_control = control;
		m.msg_controllen = CMSG_SPACE(count * sizeof(int));
		struct cmsghdr *c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(c), fds, count * sizeof(int));
	}
	for (;;) {
		if (sendmsg(fd, &m, MSG_NOSIGNAL) >= 0)
			return ERR_OK;
		if (errno != EINTR)
			return ERR_IO;
	}
}

enum err kin_take(int fd, char *room, size_t room_n, size_t *n, int passed[2])
{
	char control[CMSG_SPACE(2 * sizeof(int))];
	struct iovec io = {room, room_n};
	struct msghdr m = {.msg_iov = &io,
			   .msg_iovlen = 1,
			   .msg_control = control,
			   .msg_controllen = sizeof control};
	passed[0] = passed[1] = -1;
	ssize_t got = recvmsg(fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? ERR_AGAIN : ERR_IO;
	if (got == 0)
		return ERR_IO;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		size_t bytes = MIN(c->cmsg_len - CMSG_LEN(0), 2 * sizeof(int));
		memcpy(passed, CMSG_DATA(c), bytes);
	}
	*n = (size_t)got;
	return ERR_OK;
}

enum err kin_pair(int pair[2])
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return ERR_IO;
	int bytes = 4 << 20; /* the default queues 167 small messages only */
	for (int i = 0; i < 2; i++) {
		if (setsockopt(pair[i], SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes) < 0)
			setsockopt(pair[i], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
		if (setsockopt(pair[i], SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) < 0)
			setsockopt(pair[i], SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
	}
	return ERR_OK;
}
