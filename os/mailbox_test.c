/* mailbox_test.c - letters between threads: all arrive, in the order each writer posted them. */
#include "os/mailbox.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/str.h"
#include "tests/test.h"

enum { WRITERS = 4, LETTERS = 5000 };

struct note {
	struct letter letter;
	uint32_t writer, number;
};

struct reader {
	uint32_t next[WRITERS], seen, disordered;
	struct mailbox *box;
	bool answers;
};

static void note_open(struct letter *l, void *arg)
{
	struct note *n = CONTAINER_OF(l, struct note, letter);
	struct reader *r = arg;
	r->seen++;
	if (n->number != r->next[n->writer])
		r->disordered++;
	r->next[n->writer] = n->number + 1;
	if (r->answers) { /* from inside a letter: opened by the next drain */
		r->answers = false;
		n->number++;
		mailbox_post(r->box, l);
		return;
	}
	free(n);
}

static struct note *note(uint32_t writer, uint32_t number)
{
	struct note *n = xcalloc(1, sizeof *n);
	*n = (struct note){.letter = {.open = note_open}, .writer = writer, .number = number};
	return n;
}

static bool rings(struct mailbox *m, int ms)
{
	struct pollfd p = {.fd = mailbox_fd(m), .events = POLLIN};
	return poll(&p, 1, ms) == 1;
}

TEST(letters_are_opened_oldest_first)
{
	struct mailbox *m = mailbox_create();
	struct reader r = {.box = m};
	EXPECT(!rings(m, 0) && mailbox_drain(m, &r) == 0);
	for (uint32_t i = 0; i < 10; i++)
		mailbox_post(m, &note(1, i)->letter);
	EXPECT(rings(m, 0));
	EXPECT(mailbox_drain(m, &r) == 10 && r.next[1] == 10 && r.disordered == 0);
	EXPECT(!rings(m, 0) && mailbox_drain(m, &r) == 0);
	r.answers = true;
	mailbox_post(m, &note(1, 10)->letter);
	EXPECT(mailbox_drain(m, &r) == 1 && rings(m, 0));
	EXPECT(mailbox_drain(m, &r) == 1 && r.next[1] == 12 && r.disordered == 0);
	mailbox_destroy(m);
	mailbox_destroy(NULL);
}

TEST(letters_left_inside_are_dropped_unopened)
{
	struct mailbox *m = mailbox_create();
	struct note *n = note(0, 0);
	mailbox_post(m, &n->letter);
	mailbox_destroy(m);
	free(n);
}

struct writer {
	struct mailbox *box;
	uint32_t number;
	pthread_t thread;
};

static void *write_all(void *arg)
{
	struct writer *w = arg;
	for (uint32_t i = 0; i < LETTERS; i++)
		mailbox_post(w->box, &note(w->number, i)->letter);
	return NULL;
}

TEST(several_writers_lose_nothing)
{
	struct mailbox *m = mailbox_create();
	struct writer w[WRITERS];
	struct reader r = {.box = m};
	for (uint32_t i = 0; i < WRITERS; i++) {
		w[i] = (struct writer){.box = m, .number = i};
		CHECK(pthread_create(&w[i].thread, NULL, write_all, &w[i]) == 0);
	}
	/* only when it rings: a letter without its bell would be waited for in vain */
	while (r.seen < WRITERS * LETTERS && rings(m, 10000))
		mailbox_drain(m, &r);
	EXPECT(r.seen == WRITERS * LETTERS && r.disordered == 0);
	for (uint32_t i = 0; i < WRITERS; i++) {
		pthread_join(w[i].thread, NULL);
		EXPECT(r.next[i] == LETTERS);
	}
	mailbox_drain(m, &r);
	EXPECT(!rings(m, 0) && r.seen == WRITERS * LETTERS);
	mailbox_destroy(m);
}
