/* loop.c - see loop.h. */
#include "os/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/log.h"

#define BATCH 256
#define SLOW_WARN_US 5000

struct watched {
	loop_h *ready;
	void *arg;
	const char *name;
	uint32_t age;
};

struct slow {
	const char *name;
	int64_t worst_us, total_us;
	uint64_t runs;
};

struct loop {
	int fd;
	struct watched *watched; /* by file descriptor */
	int room;
	uint32_t age;
	struct slow slow[32];
	uint32_t slow_count;
};

struct loop *loop_create(void)
{
	struct loop *l = xcalloc(1, sizeof *l);
	l->fd = epoll_create1(EPOLL_CLOEXEC);
	CHECK(l->fd >= 0);
	return l;
}

void loop_destroy(struct loop *l)
{
	if (!l)
		return;
	close(l->fd);
	free(l->watched);
	free(l);
}

void loop_add(struct loop *l, int fd, uint32_t events, const char *name, loop_h *ready, void *arg)
{
	CHECK(fd >= 0);
	if (fd >= l->room) {
		int room = MAX(fd + 1, l->room ? l->room * 2 : 64);
		l->watched = xrealloc(l->watched, (size_t)room * sizeof *l->watched);
		memset(l->watched + l->room, 0, (size_t)(room - l->room) * sizeof *l->watched);
		l->room = room;
	}
	l->watched[fd] = (struct watched){ready, arg, name, ++l->age};
	struct epoll_event ev = {.events = events,
				 .data.u64 = (uint64_t)l->age << 32 | (uint32_t)fd};
	CHECK(epoll_ctl(l->fd, EPOLL_CTL_ADD, fd, &ev) == 0);
}

void loop_change(struct loop *l, int fd, uint32_t events)
{
	CHECK(fd >= 0 && fd < l->room && l->watched[fd].ready);
	struct epoll_event ev = {.events = events,
				 .data.u64 = (uint64_t)l->watched[fd].age << 32 | (uint32_t)fd};
	CHECK(epoll_ctl(l->fd, EPOLL_CTL_MOD, fd, &ev) == 0);
}

void loop_remove(struct loop *l, int fd)
{
	if (fd < 0 || fd >= l->room || !l->watched[fd].ready)
		return;
	epoll_ctl(l->fd, EPOLL_CTL_DEL, fd, NULL);
	l->watched[fd] = (struct watched){0};
}

void loop_note(struct loop *l, const char *name, int64_t us)
{
	struct slow *s = NULL;
	for (uint32_t i = 0; i < l->slow_count && !s; i++)
		if (l->slow[i].name == name)
			s = &l->slow[i];
	if (!s) {
		if (l->slow_count == COUNT_OF(l->slow))
			return;
		s = &l->slow[l->slow_count++];
		*s = (struct slow){.name = name};
	}
	s->runs++;
	s->total_us += us;
	s->worst_us = MAX(s->worst_us, us);
	if (us >= SLOW_WARN_US)
		log_line(LOG_WARN, "event=slow what=%s us=%lld", name, (long long)us);
}

uint32_t loop_wait(struct loop *l, int timeout_ms, void (*before)(void *arg), void *arg)
{
	struct epoll_event ready[BATCH];
	int n = epoll_wait(l->fd, ready, BATCH, timeout_ms);
	if (n < 0) {
		CHECK(errno == EINTR);
		n = 0;
	}
	if (before)
		before(arg);
	int64_t then = n ? clock_mono_us() : 0;
	for (int i = 0; i < n; i++) {
		uint32_t fd = (uint32_t)ready[i].data.u64,
			 age = (uint32_t)(ready[i].data.u64 >> 32);
		struct watched w = l->watched[fd];
		if (!w.ready || w.age != age)
			continue; /* removed, or another descriptor of the same number */
		w.ready(w.arg, ready[i].events);
		int64_t now = clock_mono_us();
		loop_note(l, w.name, now - then);
		then = now;
	}
	return (uint32_t)n;
}

void loop_slow(const struct loop *l, struct buf *out)
{
	buf_c(out, "what                       runs     mean_us    worst_us\n");
	for (uint32_t i = 0; i < l->slow_count; i++) {
		const struct slow *s = &l->slow[i];
		buf_fmt(out, "%-20s %10llu %11lld %11lld\n", s->name, (unsigned long long)s->runs,
			(long long)(s->runs ? s->total_us / (int64_t)s->runs : 0),
			(long long)s->worst_us);
	}
}
