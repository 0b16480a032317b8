/*
 * mailbox.h - letters between threads: many writers, one reader, no locks.
 *
 * A letter is embedded in what it carries; posting moves ownership to the reader. The reader
 * watches mailbox_fd() and drains all letters, oldest first. Posting never fails and never blocks;
 * what is in flight is bounded by the pool or count of the sender.
 */
#pragma once

#include "base/check.h"

struct letter {
	struct letter *next;
	void (*open)(struct letter *l, void *reader); /* run on the reader's thread */
};

struct mailbox;

struct mailbox *mailbox_create(void); /* never NULL */
/* For a reader that wakes up often by itself and looks each time: nobody wakes it for a letter, and
 * there is no mailbox_fd(). */
struct mailbox *mailbox_create_silent(void);
void mailbox_destroy(struct mailbox *m); /* letters still inside are dropped, not opened */
int mailbox_fd(const struct mailbox *m); /* readable when letters wait */
void mailbox_post(struct mailbox *m, struct letter *l); /* any thread */
/* Opens every waiting letter with `reader`; returns how many. Reader's thread only. */
uint32_t mailbox_drain(struct mailbox *m, void *reader);
