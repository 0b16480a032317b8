/*
 * media_host.h - what benches of the media process share: it runs as a child of the bench, which
 * plays its core. One thread; included by the one file of a program.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "media/order.h"
#include "media/process.h"

static int core; /* the socket that orders go to */

static void tell(const struct order *o)
{
	static char bytes[ORDER_PACKET_MAX];
	struct buf b = buf_make(bytes, sizeof bytes);
	order_encode(&b, o);
	CHECK(send(core, b.p, b.n, 0) == (ssize_t)b.n);
}

static struct report await(enum report_kind kind)
{
	static char packet[ORDER_PACKET_MAX];
	static struct str rest;
	struct report r;
	for (;;) {
		while (report_decode(&rest, &r) == ERR_OK)
			if (r.kind == kind)
				return r;
		ssize_t n = recv(core, packet, sizeof packet, 0);
		CHECK(n > 0);
		rest = str_make(packet, (size_t)n);
	}
}

static pid_t start(char *dir)
{
	int control[2], pair[2];
	char word = 'C', room[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec io = {&word, 1};
	struct msghdr m = {.msg_iov = &io,
			   .msg_iovlen = 1,
			   .msg_control = room,
			   .msg_controllen = sizeof room};
	CHECK(mkdtemp(dir) && socketpair(AF_UNIX, SOCK_SEQPACKET, 0, control) == 0 &&
	      socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
	pid_t pid = fork();
	if (!pid) {
		close(control[0]);
		close(pair[0]);
		close(pair[1]);
		exit(media_process(&(struct media_options){.control_fd = control[1],
							   .recordings = dir,
							   .state = dir,
							   .ip = "127.0.0.1",
							   .port_low = 30000,
							   .port_high = 39999,
							   .threads = 1}));
	}
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(h), &pair[1], sizeof(int));
	CHECK(sendmsg(control[0], &m, 0) == 1);
	core = pair[0];
	(void)await(REPORT_hello);
	tell(&(struct order){.kind = ORDER_hello, .hello = {ORDER_VERSION}});
	return pid;
}

static struct id leg_id(uint32_t i)
{
	return (struct id){i + 1, 1};
}
