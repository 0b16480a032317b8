/*
 * limit.h - slows down the guessing of passwords (contract section 3).
 *
 * Counted by source address and account together, so that a guesser elsewhere does not lock the
 * owner out; and over all, so that a crowd of addresses meets a ceiling. Five mistakes are free,
 * then each further one doubles the wait, up to 15 minutes; 15 quiet minutes or a right password
 * forget them. Time is a parameter. One thread.
 */
#pragma once

#include "base/str.h"

struct limit;

struct limit *limit_create(uint32_t places, uint64_t seed); /* places: pairs remembered, 16.. */
void limit_destroy(struct limit *l);
/* Milliseconds to wait before this attempt may be made; 0: now, and it counts as under way. */
int64_t limit_wait_ms(struct limit *l, struct str from, struct str account, int64_t now_ms);
/* How an attempt that was let through ended. */
void limit_result(struct limit *l, struct str from, struct str account, bool right, int64_t now_ms);
