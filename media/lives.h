/*
 * lives.h - the folders of media processes.
 *
 * Several may live at once: during an upgrade the old one drains while the new one takes calls.
 * Each keeps its side files (ledger.h) in a folder of its own, STATE/life-PID, locked while it
 * lives; what a process left that has ended is inherited by the next one. Of one thread; blocks.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/pool.h"

struct lives {
	int all, own; /* folders: STATE, ours */
	char name[32];
};

/* Makes and locks our folder. False and errno when that cannot be. */
bool lives_begin(struct lives *l, const char *state);
/* The side files of processes that have ended become ours; each is told. wait_ms: for those that
 * are just dying, when nobody else may live. */
void lives_inherit(struct lives *l, int64_t wait_ms, void (*told)(void *arg, struct id rec),
		   void *arg);
void lives_end(struct lives *l); /* an empty folder goes */
