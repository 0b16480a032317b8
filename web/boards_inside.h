/* boards_inside.h - what boards.c (web thread) and board_load.c (a clerk) share. */
#pragma once

#include "web/boards.h"

struct expected_of {
	char queue[64];
	double visits;
};

/* What a clerk does for a board: fills it, or looks who works where. */
struct board_work {
	char tenant[64];
	bool fill, expect;   /* expect: the next quarter of an hour is looked at, too */
	struct board *board; /* filled; NULL: it could not be */
	struct ask *now;     /* ASK_BOARD; NULL: nobody said */
	struct expected_of *expected;
	uint32_t expected_count, expected_room;
};

/* What the main thread said is put into it. */
void board_now(struct board *b, const struct ask_board *now);
