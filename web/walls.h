/*
 * walls.h - wallboards that are open: a link without a sign-in, and figures each second.
 *
 * A token is 32 random characters and, after them, which wallboard it is; what is kept of it is its
 * SHA-256. A new link, another document, an end of the wallboard or of its time end what is open
 * within WALL_CHECK_MS: the screen comes again and reads anew what it shows. Web thread only, but
 * for what says otherwise.
 */
#pragma once

#include "web/boards.h"
#include "web/clerks.h"

#define WALL_CHECK_MS 4000
#define WALLS_MAX 500u

struct wall_tile {
	enum measure measure;
	char queue[64]; /* empty: all of the view's */
	struct str *queues;
	uint32_t queue_count;
	struct board_view *view; /* of the board at hand */
};
struct wall_page {
	struct wall_tile *tiles;
	uint32_t tile_count;
};
/* What a token opens. All of its texts are of its arena. */
struct wall {
	struct arena arena;
	struct str tenant, id, token, doc; /* token empty: opened without one */
	int64_t expires_at_ms;
	struct wall_page *pages;
	uint32_t page_count;
};
void wall_free(struct wall *w); /* NULL is fine */

struct walls;
struct walls *walls_create(struct web *w);
void walls_destroy(struct walls *ws); /* NULL is fine */
/* The job's request is a wall's stream from now on (job->wall is taken). ERR_FULL. */
MUST_USE enum err walls_open(struct walls *ws, struct job *j);
void walls_lost(struct walls *ws, struct http_request *r);
void walls_second(struct walls *ws, int64_t now_ms);
/* A check is done; the job is the caller's. */
void walls_checked(struct walls *ws, struct job *j);

/* -- on a clerk -- */
/* Without a link, for who may look at it; as it is now. expires_at_ms: until when it may be open.
 */
MUST_USE enum err wall_of_id(struct clerk *me, struct str tenant, struct str id, struct wall **out);
/* ERR_NOT_FOUND: unknown, ended, over. */
MUST_USE enum err wall_of_token(struct clerk *me, struct str token, struct wall **out);
