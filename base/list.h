/*
 * list.h - intrusive doubly linked list: the link lives in the struct, so linking never fails.
 *
 * A link that is in no list points at itself after list_init, and list_remove leaves it so;
 * removing twice is harmless. A zeroed link must be list_init'ed before use.
 */
#pragma once

#include "base/check.h"

struct list {
	struct list *next, *prev;
};

static inline void list_init(struct list *l)
{
	l->next = l->prev = l;
}
static inline bool list_empty(const struct list *l)
{
	return l->next == l;
}
static inline void list_insert_before(struct list *at, struct list *l)
{
	l->prev = at->prev;
	l->next = at;
	at->prev->next = l;
	at->prev = l;
}
static inline void list_push(struct list *head, struct list *l) /* at the end */
{
	list_insert_before(head, l);
}
static inline void list_push_front(struct list *head, struct list *l)
{
	list_insert_before(head->next, l);
}
static inline void list_remove(struct list *l)
{
	l->prev->next = l->next;
	l->next->prev = l->prev;
	list_init(l);
}

/* Safe against removal of the element at hand. */
#define list_for_each(link, head)                                                                  \
	for (struct list *link = (head)->next, *link##_next = link->next; link != (head);          \
	     link = link##_next, link##_next = link->next)
