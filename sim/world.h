/*
 * world.h - runs a scenario: the real hall and the real acd room in virtual time, invented callers.
 *
 * Callers come at random into their queue, hang up when their patience is over, talk for their
 * handle time and hang up. Agents are signed in and ready from the start and answer at once. After
 * `hours` nobody new comes and those who are there are served to the end, unless nobody can serve
 * them. Same scenario, same tally. Pure: no clock, no file.
 */
#pragma once

#include "sim/tally.h"

/* Counts into t, which the caller finishes also when this fails; s must live as long. ERR_FULL:
 * more callers at one time than the house holds; `why` gets a line. */
MUST_USE enum err world_run(const struct scenario *s, struct tally *t, struct buf *why);
