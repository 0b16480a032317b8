/* ask.c - see ask.h. */
#include "core/ask.h"

#include <stdlib.h>

struct ask *ask_create(enum ask_kind kind, struct mailbox *reply, void *token)
{
	struct ask *a = xcalloc(1, sizeof *a);
	a->kind = kind;
	a->reply = reply;
	a->token = token;
	arena_init(&a->arena);
	return a;
}

void ask_free(struct ask *a)
{
	if (!a)
		return;
	arena_finish(&a->arena);
	free(a);
}
