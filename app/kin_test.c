/* kin_test.c - messages between supervisor and children, with descriptors; bound sockets. */
#include "app/kin.h"

#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "app/listen.h"
#include "tests/test.h"

static int open_fds(void)
{
	int n = 0;
	struct stat st;
	for (int fd = 0; fd < 256; fd++)
		n += fstat(fd, &st) == 0;
	return n;
}

TEST(messages_pass_whole_and_with_descriptors)
{
	int before = open_fds(), pair[2], pipe_fds[2], passed[2];
	char room[KIN_MESSAGE_MAX];
	size_t n = 0;
	CHECK(kin_pair(pair) == ERR_OK && pipe(pipe_fds) == 0);
	EXPECT(kin_take(pair[1], room, sizeof room, &n, passed) == ERR_AGAIN);
	EXPECT(passed[0] == -1 && passed[1] == -1);
	EXPECT(kin_send(pair[0], STR("one"), -1, -1) == ERR_OK);
	EXPECT(kin_send(pair[0], STR("two"), pipe_fds[1], -1) == ERR_OK);
	EXPECT(kin_send(pair[0], STR("three"), pipe_fds[0], pipe_fds[1]) == ERR_OK);
	EXPECT(kin_take(pair[1], room, sizeof room, &n, passed) == ERR_OK);
	EXPECT_STR(str_make(room, n), "one");
	EXPECT(passed[0] == -1 && passed[1] == -1);
	EXPECT(kin_take(pair[1], room, sizeof room, &n, passed) == ERR_OK);
	EXPECT_STR(str_make(room, n), "two");
	EXPECT(passed[0] >= 0 && passed[0] != pipe_fds[1] && passed[1] == -1);
	EXPECT(write(passed[0], "x", 1) == 1 &&
	       read(pipe_fds[0], room, 9) == 1); /* the same pipe */
	close(passed[0]);
	EXPECT(kin_take(pair[1], room, sizeof room, &n, passed) == ERR_OK);
	EXPECT(passed[0] >= 0 && passed[1] >= 0);
	EXPECT(write(passed[1], "y", 1) == 1 && read(passed[0], room, 9) == 1);
	close(passed[0]);
	close(passed[1]);
	/* a child gone is told, and no signal kills the one who speaks to it */
	close(pair[1]);
	EXPECT(kin_send(pair[0], STR("anybody?"), -1, -1) == ERR_IO);
	EXPECT(kin_take(pair[0], room, sizeof room, &n, passed) == ERR_IO);
	close(pair[0]);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	EXPECT(open_fds() == before);
}

TEST(thousands_of_small_messages_wait_in_the_socket)
{
	int pair[2], passed[2];
	char room[KIN_MESSAGE_MAX], text[200] = {0};
	size_t n;
	CHECK(kin_pair(pair) == ERR_OK);
	int sent = 0, got = 0;
	struct pollfd p = {.fd = pair[0], .events = POLLOUT};
	for (; sent < 1000 && poll(&p, 1, 0) == 1 && (p.revents & POLLOUT); sent++)
		EXPECT(kin_send(pair[0], str_make(text, sizeof text), -1, -1) == ERR_OK);
	EXPECT(sent > 167); /* what default buffers hold */
	while (kin_take(pair[1], room, sizeof room, &n, passed) == ERR_OK)
		got += n == sizeof text;
	EXPECT(got == sent);
	close(pair[0]);
	close(pair[1]);
}

/* -- listen -- */

static char why_text[512], at_text[80];

static const char *bound(int fd)
{
	struct buf b = buf_make(at_text, sizeof at_text - 1);
	listen_text(fd, &b);
	at_text[b.n] = 0;
	return at_text;
}

TEST(sockets_are_bound_where_they_should_and_refusals_say_why)
{
	struct buf why = buf_make(why_text, sizeof why_text);
	int fd = listen_at("127.0.0.1:0", SOCK_STREAM, &why);
	EXPECT(fd >= 0 && !why.n);
	EXPECT(str_starts(str_of(bound(fd)), STR("127.0.0.1:")) &&
	       !str_is(str_of(at_text), "127.0.0.1:0"));
	int again = listen_at(at_text, SOCK_STREAM, &why);
	EXPECT(again < 0 && str_find_str(buf_str(&why), STR("Address already in use")) > 0);
	close(fd);
	why.n = 0;
	EXPECT(listen_at("example.org:80", SOCK_STREAM, &why) < 0);
	EXPECT(str_find_str(buf_str(&why), STR("numeric")) > 0);
	why.n = 0;
	EXPECT(listen_at("127.0.0.1", SOCK_STREAM, &why) < 0 && why.n);
}

TEST(the_same_port_for_datagrams_and_streams)
{
	struct buf why = buf_make(why_text, sizeof why_text);
	int udp, tcp;
	char first[80];
	EXPECT(listen_both("127.0.0.1:0", &udp, &tcp, &why) == ERR_OK && !why.n);
	snprintf(first, sizeof first, "%s", bound(udp));
	EXPECT_STR(str_of(bound(tcp)), first);
	int udp2, tcp2;
	EXPECT(listen_both(first, &udp2, &tcp2, &why) == ERR_CONFLICT && why.n);
	close(udp); /* only the stream port is taken now */
	int before = open_fds();
	why.n = 0;
	EXPECT(listen_both(first, &udp2, &tcp2, &why) == ERR_CONFLICT && why.n);
	EXPECT(open_fds() == before);
	close(tcp);
}

TEST(a_local_socket_is_private_and_replaces_an_old_one)
{
	struct buf why = buf_make(why_text, sizeof why_text);
	char path[64], huge[300];
	struct stat st;
	snprintf(path, sizeof path, "/tmp/kin_test_%d.sock", (int)getpid());
	int fd = listen_local(path, &why);
	EXPECT(fd >= 0 && stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
	close(fd); /* the name stays, as after a crash */
	fd = listen_local(path, &why);
	EXPECT(fd >= 0 && !why.n);
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	(void)str_copy(str_of(path), at.sun_path, sizeof at.sun_path);
	int client = socket(AF_UNIX, SOCK_STREAM, 0);
	EXPECT(connect(client, (struct sockaddr *)&at, sizeof at) == 0);
	close(client);
	close(fd);
	unlink(path);
	memset(huge, 'x', sizeof huge - 1);
	huge[sizeof huge - 1] = 0;
	EXPECT(listen_local(huge, &why) < 0 && why.n);
	why.n = 0;
	EXPECT(listen_local("/nowhere/at/all", &why) < 0 && why.n);
}
