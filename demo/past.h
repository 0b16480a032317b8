/*
 * past.h - what happened in the demo's firm before today: its agents and callers in virtual time,
 * in front of the real hall, `flow/`, `acd/` and `call/`.
 *
 * Nothing here invents a record: callers arrive, press keys, wait, give up and talk, agents come to
 * their shifts, take calls and breaks, and what the rooms say of it are the facts that are handed
 * out, as those of a running server are. Same options, same facts. Times are UTC milliseconds; the
 * hall's own time is the same. One thread; no clock, no file.
 */
#pragma once

#include "core/core.h"

/* A talk that is recorded speaks one of these. */
struct past_dialog {
	char lang[4];
	int64_t ms;
};

/* The file of a recorded talk is to be made; what is said of it. */
struct past_tape {
	struct str path; /* below the recordings' root */
	uint32_t dialog; /* index */
	int64_t ms;
	int64_t bytes;	 /* out */
	char sha256[65]; /* out */
};

struct past_options {
	int64_t from_ms, until_ms;
	uint64_t seed;
	double calls_per_hour; /* in the busiest hour of an ordinary day, at the end of the time */
	const struct past_dialog *dialogs;
	uint32_t dialog_count;
	uint32_t tapes_max; /* so many talks of the last days are recorded */
	struct str tenant;
	/* What a turn was (core/batch.h); gone when this returns. */
	void (*batch)(void *arg, struct str bytes);
	bool (*tape)(void *arg,
		     struct past_tape *t); /* false: it cannot be made; nothing is said */
	void *arg;
};

struct past;

/* Never NULL; the first turn is open: declare, then run. */
struct past *past_create(const struct past_options *o);
void past_destroy(struct past *p);
/* An object is there from the beginning; takes the configuration. doc: as it is stored. */
void past_declare(struct past *p, struct config *config, uint32_t version, struct str doc);
/* Customers are there from now on: documents as they are stored, a line each; the ids of number
 * first, first + 1 …; at most some hundred at a time. */
void past_customers(struct past *p, struct str docs, uint32_t first, const struct uuid *ids,
		    uint32_t count);
/* All of it. Nobody is left in the house at the end; how many contacts there were. */
uint32_t past_run(struct past *p);
