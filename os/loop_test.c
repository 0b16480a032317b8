/* loop_test.c - the loop: who is ready runs, who was removed does not; clocks, randomness, logs. */
#include "os/loop.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/log.h"
#include "tests/test.h"

struct end {
	struct loop *loop;
	int fd, other_fd;
	uint32_t ran, events;
	struct end *removes; /* from inside its handler */
	bool replaces;	     /* … and puts another descriptor in its place */
};

static void on_ready(void *arg, uint32_t events)
{
	struct end *e = arg;
	e->ran++;
	e->events = events;
	if (e->removes) {
		loop_remove(e->loop, e->removes->fd);
		close(e->removes->fd);
	}
	if (e->replaces && e->removes) { /* the kernel gives the same number again */
		int fd = dup(e->other_fd);
		EXPECT(fd == e->removes->fd);
		loop_add(e->loop, fd, EPOLLIN, "new", on_ready, e->removes);
	}
	e->removes = NULL;
	e->replaces = false;
}

static void pair(struct loop *l, struct end *e)
{
	int fds[2];
	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
	*e = (struct end){.loop = l, .fd = fds[0], .other_fd = fds[1]};
	loop_add(l, e->fd, EPOLLIN, "pair", on_ready, e);
}

static void count(void *arg)
{
	++*(int *)arg;
}

TEST(ready_handlers_run_and_before_runs_once)
{
	struct loop *l = loop_create();
	struct end a, b;
	int before = 0;
	pair(l, &a);
	pair(l, &b);
	EXPECT(loop_wait(l, 0, count, &before) == 0 && before == 1);
	EXPECT(write(a.other_fd, "x", 1) == 1 && write(b.other_fd, "x", 1) == 1);
	EXPECT(loop_wait(l, 1000, count, &before) == 2 && before == 2);
	EXPECT(a.ran == 1 && b.ran == 1 && (a.events & EPOLLIN));
	EXPECT(loop_wait(l, 0, NULL, NULL) == 2); /* level-triggered: still there */
	loop_change(l, a.fd, EPOLLOUT);
	EXPECT(loop_wait(l, 0, NULL, NULL) == 2 && a.events == EPOLLOUT);
	loop_remove(l, a.fd);
	loop_remove(l, a.fd);
	loop_remove(l, 9999);
	loop_remove(l, -1);
	EXPECT(loop_wait(l, 0, NULL, NULL) == 1 && a.ran == 3);
	close(b.other_fd);
	EXPECT(loop_wait(l, 0, NULL, NULL) == 1 && (b.events & EPOLLHUP));
	char text[1024];
	struct buf out = buf_make(text, sizeof text);
	loop_note(l, "turn", 1234);
	loop_slow(l, &out);
	EXPECT(str_find_str(buf_str(&out), STR("pair ")) > 0);
	EXPECT(str_find_str(buf_str(&out), STR("1234")) > 0);
	close(a.fd);
	close(a.other_fd);
	close(b.fd);
	loop_destroy(l);
	loop_destroy(NULL);
}

TEST(who_is_removed_by_another_handler_of_the_same_turn_does_not_run)
{
	for (int replaced = 0; replaced < 2; replaced++) {
		struct loop *l = loop_create();
		struct end a, b, silent;
		pair(l, &a);
		pair(l, &b);
		pair(l, &silent);
		a.removes = &b;
		b.removes = &a;
		a.replaces = b.replaces = replaced;
		/* what takes the place has nothing to read */
		int a_other = a.other_fd, b_other = b.other_fd;
		EXPECT(write(a.other_fd, "x", 1) == 1 && write(b.other_fd, "x", 1) == 1);
		a.other_fd = b.other_fd = silent.fd;
		loop_wait(l, 1000, NULL, NULL);
		EXPECT(a.ran + b.ran == 1); /* whoever came first took the other away */
		close(a.ran ? a.fd : b.fd);
		if (replaced)
			close(a.ran ? b.fd : a.fd);
		close(a_other);
		close(b_other);
		close(silent.fd);
		close(silent.other_fd);
		loop_destroy(l);
	}
}

TEST(clocks_go_forward_and_dice_differ)
{
	int64_t us = clock_mono_us(), ms = clock_mono_ms();
	EXPECT(ms >= us / 1000 && clock_mono_us() >= us);
	EXPECT(clock_utc_ms() > 1700000000000);
	uint64_t a = 0, b = 0;
	os_random(&a, sizeof a);
	os_random(&b, sizeof b);
	EXPECT(a != b);
	os_random(&a, 0);
}

static struct str logged(int fd)
{
	static char text[16384];
	ssize_t n = read(fd, text, sizeof text);
	return n < 0 ? STR_NONE : str_make(text, (size_t)n);
}

TEST(a_log_line_is_one_write_and_nobody_reading_blocks_nobody)
{
	int fds[2], was = dup(STDERR_FILENO);
	CHECK(pipe2(fds, O_NONBLOCK | O_CLOEXEC) == 0 && was >= 0);
	CHECK(dup2(fds[1], STDERR_FILENO) >= 0);
	log_process("test");
	log_level_set(LOG_WARN);
	log_line(LOG_INFO, "event=unseen");
	log_line(LOG_WARN, "event=%s n=%d", "seen", 5);
	struct str line = logged(fds[0]);
	EXPECT(str_ends(line, STR(" level=warn proc=test event=seen n=5\n")));
	EXPECT(log_wants(LOG_ERROR) && !log_wants(LOG_INFO));
	uint64_t dropped = log_dropped();
	for (int i = 0; i < 5000; i++)
		log_line(LOG_ERROR, "event=flood n=%d", i);
	EXPECT(log_dropped() > dropped);
	char big[9000];
	memset(big, 'x', sizeof big - 1);
	big[sizeof big - 1] = 0;
	while (logged(fds[0]).n)
		;
	log_line(LOG_ERROR, "event=%s", big);
	line = logged(fds[0]);
	EXPECT(line.n > 100 && line.n < sizeof big && line.p[line.n - 1] == '\n');
	dup2(was, STDERR_FILENO);
	close(was);
	close(fds[0]);
	close(fds[1]);
	log_level_set(LOG_INFO);
	log_process("centrala");
}
