/* mailbox.c - see mailbox.h. A stack of atomics, turned around by the reader. */
#include "os/mailbox.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct mailbox {
	_Atomic(struct letter *) top;
	int fd;
};

struct mailbox *mailbox_create(void)
{
	struct mailbox *m = xcalloc(1, sizeof *m);
	m->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	CHECK(m->fd >= 0);
	return m;
}

struct mailbox *mailbox_create_silent(void)
{
	struct mailbox *m = xcalloc(1, sizeof *m);
	m->fd = -1;
	return m;
}

void mailbox_destroy(struct mailbox *m)
{
	if (!m)
		return;
	if (m->fd >= 0)
		close(m->fd);
	free(m);
}

int mailbox_fd(const struct mailbox *m)
{
	return m->fd;
}

void mailbox_post(struct mailbox *m, struct letter *l)
{
	struct letter *top = atomic_load_explicit(&m->top, memory_order_relaxed);
	do
		l->next = top;
	while (!atomic_compare_exchange_weak_explicit(&m->top, &top, l, memory_order_release,
						      memory_order_relaxed));
	if (!top && m->fd >= 0) { /* was empty: the reader may sleep */
		uint64_t one = 1;
		CHECK(write(m->fd, &one, sizeof one) == (ssize_t)sizeof one);
	}
}

uint32_t mailbox_drain(struct mailbox *m, void *reader)
{
	uint64_t rung;
	if (m->fd < 0 && !atomic_load_explicit(&m->top, memory_order_relaxed))
		return 0;
	if (m->fd >= 0 && read(m->fd, &rung, sizeof rung) < 0)
		rung = 0; /* nothing rang; look all the same */
	struct letter *newest = atomic_exchange_explicit(&m->top, NULL, memory_order_acquire);
	struct letter *oldest = NULL;
	while (newest) {
		struct letter *next = newest->next;
		newest->next = oldest;
		oldest = newest;
		newest = next;
	}
	uint32_t count = 0;
	while (oldest) {
		struct letter *next = oldest->next;
		oldest->open(oldest, reader);
		oldest = next;
		count++;
	}
	return count;
}
