/*
 * limit.h - slows down the guessing of passwords, at the web's door and at SIP's.
 *
 * Counted by source address and account together, so that a guesser elsewhere does not lock the
 * owner out; and over all, so that a crowd of addresses meets a ceiling. Five mistakes are free,
 * then each further one doubles the wait, up to 15 minutes; 15 quiet minutes or a right password
 * forget them. Memory is taken once; of the places around a full one the quietest gives way. Time
 * is a parameter. One thread.
 */
#pragma once

#include "base/str.h"

struct limit;

struct limit_options {
	uint32_t places; /* pairs remembered, 16.. */
	uint64_t seed;
	/* Over all: so many wrong ones in a burst, then so many a second. A pair that never failed
	 * is not held up by it. */
	uint32_t wrong_burst, wrong_per_second;
	/* The same of one source, whatever accounts it names; a pair that was right once passes. 0:
	 * no such ceiling. */
	uint32_t source_burst, source_per_second;
};
enum { LIMIT_FREE_TRIES = 5 };

struct limit *limit_create(const struct limit_options *o);
void limit_destroy(struct limit *l);
/* Milliseconds to wait before this attempt may be made; 0: now, and it counts as under way. */
int64_t limit_wait_ms(struct limit *l, struct str from, struct str account, int64_t now_ms);
/* It was not made after all: says nothing about either. */
void limit_none(struct limit *l, struct str from, struct str account, int64_t now_ms);
/* How an attempt that was let through ended. Gives the wrong ones of this pair in a row. */
uint32_t limit_result(struct limit *l, struct str from, struct str account, bool right,
		      int64_t now_ms);
