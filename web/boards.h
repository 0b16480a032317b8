/*
 * boards.h - the figures of queues for those who look on: one report/board.h a tenant, kept while
 * somebody holds it.
 *
 * Filled by a clerk, kept by every fact the store's thread has made durable, like desks' mirrors
 * (live.h). Each second a clerk asks the main thread who works where; with the answer the board
 * moves on to that moment and its holders are told. Web thread only, but for what says otherwise.
 */
#pragma once

#include "report/board.h"
#include "web/clerks.h"

struct boards;
struct tenant_board;

struct boards *boards_create(struct web *w);
void boards_destroy(struct boards *bs); /* NULL is fine */

/* A holder gets told of moves until it lets go. board_of is NULL until it is filled; a view of it
 * is to be opened anew when `moved` says it is another board (declared objects changed). */
struct board_holder {
	struct list link;
	struct tenant_board *of;
	void (*moved)(struct board_holder *h, struct board *b, bool another);
};
void boards_hold(struct boards *bs, struct str tenant, struct board_holder *h);
void boards_let_go(struct board_holder *h); /* of what it holds; else harmless */
struct board *board_of(const struct board_holder *h);

void boards_fact(struct boards *bs, const struct fact *f, struct str bytes);
void boards_second(struct boards *bs, int64_t now_ms);

/* What a clerk was given is done; the work is freed, the job is the caller's. */
void boards_work_done(struct boards *bs, struct job *j);

/* -- on a clerk -- */
struct board_work;
void board_work_run(struct clerk *me, struct job *j);
