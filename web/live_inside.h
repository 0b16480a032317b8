/*
 * live_inside.h - what live.c (desks and mirrors), live_load.c (the clerk's part) and live_do.c
 * (commands) share.
 */
#pragma once

#include "base/map.h"
#include "live/live.h"
#include "web/boards.h"
#include "web/live.h"
#include "web/web_inside.h"
#include "ws/ws.h"

/* What an agent's right to a desk rests on; looked at again every few seconds. */
struct desk_rights {
	uint32_t roles;
	struct str me;	    /* who he is and what he may, as a snapshot tells him */
	struct str *queues; /* of the arena, as the text is */
	uint32_t queue_count;
	bool held; /* a supervisor of teams: he sees what is in his reach */
	struct reach reach;
	struct str *teams;
	uint32_t team_count;
	struct arena arena;
};
void desk_rights_finish(struct desk_rights *r);
bool desk_rights_same(const struct desk_rights *a, const struct desk_rights *b);
void desk_rights_read(struct clerk *me, const struct caller *who, struct desk_rights *out);

/* What run_live found out; freed with the job. */
struct live_door {
	char accept[WS_ACCEPT_TEXT + 1];
	struct desk_rights rights;
};

/* A tenant's mirror.  LOADING ──▶ (filled, facts still to come) ──▶ shown */
struct mirror {
	struct list link;
	struct lives *of;
	char tenant[64];
	struct list desks;
	struct live *shown;   /* NULL: nothing yet */
	struct live *coming;  /* filled; not yet as far as what it was filled from */
	struct job *loading;  /* a clerk has it */
	struct buf meanwhile; /* facts since the load began */
	bool stale;	      /* load (again) */
	int64_t tried_ms;
};

struct live_desk {
	struct list link; /* in its mirror */
	struct lives *of;
	struct mirror *mirror;
	struct http_request *req;
	uint64_t id;
	struct caller who;
	char token_hash[TOKEN_HASH_TEXT];
	struct desk_rights rights;
	struct board_holder board; /* board.of NULL: it does not look at the board */
	struct board_view *board_view;
	bool board_shown;      /* has all rows, and what changed since */
	uint64_t agents_news;  /* the newest change of an agent's day that it has */
	bool shown;	       /* has a snapshot and all messages since */
	size_t snapshot_bytes; /* of the newest one */
	struct ws_reader reader;
	struct buf out; /* frames of this round */
	int64_t heard_ms, pinged_ms;
	uint32_t close_code; /* it said, or we did; 0: none */
	bool ending;
	/* commands */
	struct list waiting; /* jobs */
	uint32_t waiting_count;
	bool busy;
	uint32_t commands; /* in this second */
	int64_t commands_ms;
};

struct lives {
	struct web *web;
	struct list mirrors;
	struct map desks; /* by id */
	uint32_t count, most;
	uint64_t last_desk;
	struct live_news *news;
	struct job *checking;
	bool check_again, check_rights; /* declared objects changed since the last look */
	int64_t now_ms, checked_ms;
};

struct desk_check {
	uint64_t desk;
	struct caller who;
	char token_hash[TOKEN_HASH_TEXT];
	char tenant[64];   /* that it looks at */
	bool whole;	   /* asked: rights too, not only whether the session lives */
	bool ended, known; /* neither: the database did not say, or it was not asked */
	struct desk_rights rights;
};

/* What a clerk does for desks: fills a mirror, or looks after sessions. */
struct live_work {
	char tenant[64];
	struct live *live; /* NULL: it could not be filled */
	struct desk_check *checks;
	uint32_t check_count;
};

struct live_desk *desk_at(struct lives *ls, uint64_t id); /* NULL: gone */
void desk_put(struct live_desk *d, struct str message);	  /* a text message into d->out */
void desk_flush(struct live_desk *d);
struct live_viewer viewer_of(const struct live_desk *d);

/* live_board.c */
void desk_board(struct live_desk *d, bool on);
void desk_board_off(struct live_desk *d);
/* May it look at the board, of all queues or of those its user reaches? */
bool desk_has_board(const struct live_desk *d);
void desk_board_rights(struct live_desk *d);		 /* they are others: another view */
void desk_take(struct live_desk *d, struct str command); /* live_do.c */
