/*
 * live_board.c - a desk that looks at the board ({"do":"board","on":true}): all rows at first, then
 * once a second those that changed (boards.h), none if none did: so a page knows that what it shows
 * is still so. Which queues are its rows, and which agents' days it is told, is its rights' matter.
 */
#include "web/live_inside.h"

#include <string.h>

bool desk_has_board(const struct live_desk *d)
{
	const struct live_viewer v = viewer_of(d);
	return v.all || v.reach;
}

static void open_view(struct live_desk *d, struct board *b)
{
	const struct live_viewer v = viewer_of(d);
	d->board_view = v.all ? board_view_open(b, NULL, 0)
			      : board_view_open(b, v.reach->queues, v.reach->queue_count);
	d->board_shown = false;
}

/* A message without rows. */
static void put_beat(struct buf *out, int64_t now_ms)
{
	struct jsonw w = jsonw_make(out);
	jsonw_open(&w, '{');
	jsonw_key(&w, "board");
	jsonw_open(&w, '{');
	jsonw_ktime(&w, "at", now_ms);
	jsonw_key(&w, "queues");
	jsonw_open(&w, '[');
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
	jsonw_close(&w, '}');
}

/* {"agents":[…]} of those whose day changed and who are in reach; {}: none. */
static void put_agents(const struct live_desk *d, struct board *b, struct buf *out)
{
	const struct live_viewer v = viewer_of(d);
	struct jsonw w = jsonw_make(out);
	jsonw_open(&w, '{');
	(void)agents_today_json(board_agents(b), v.all ? NULL : v.reach,
				d->board_shown ? d->agents_news : 0, &w);
	jsonw_close(&w, '}');
}

/* Rows are the same text for many desks; agents, of each desk's own teams, go in at its end. */
static void put_board(struct live_desk *d, struct board *b, struct str rows)
{
	struct buf agents = buf_grow(128), text = buf_grow(256);
	if (rows.n)
		buf_put(&text, rows);
	else
		put_beat(&text, board_now_ms(b));
	put_agents(d, b, &agents);
	if (agents.n > strlen("{}")) {
		text.n -= strlen("}}");
		buf_ch(&text, ',');
		buf_put(&text, str_from(buf_str(&agents), 1));
		buf_ch(&text, '}');
	}
	desk_put(d, buf_str(&text));
	buf_free(&agents);
	buf_free(&text);
	d->agents_news = board_agents(b)->news;
}

static void show(struct live_desk *d, struct board *b)
{
	if (d->ending || http_stream_unsent(d->req) > DESK_UNSENT_MAX) {
		d->board_shown = false; /* all of it, once it has read */
		return;
	}
	put_board(d, b, board_text(b, d->board_view, !d->board_shown));
	desk_flush(d);
	d->board_shown = true;
}

static void moved(struct board_holder *h, struct board *b, bool another)
{
	struct live_desk *d = CONTAINER_OF(h, struct live_desk, board);
	if (another || !d->board_view)
		open_view(d, b); /* the old one goes with its board */
	show(d, b);
}

void desk_board(struct live_desk *d, bool on)
{
	if (!on) {
		desk_board_off(d);
		return;
	}
	d->board_shown = false;
	if (!d->board.of) {
		d->board.moved = moved;
		boards_hold(d->of->web->boards, str_of(d->mirror->tenant), &d->board);
	}
	struct board *b = board_of(&d->board);
	if (!b)
		return; /* it comes when it is filled */
	if (!d->board_view)
		open_view(d, b);
	show(d, b);
}

void desk_board_off(struct live_desk *d)
{
	if (board_of(&d->board))
		board_view_close(board_of(&d->board), d->board_view);
	d->board_view = NULL;
	boards_let_go(&d->board);
}

void desk_board_rights(struct live_desk *d)
{
	if (!d->board.of)
		return;
	desk_board_off(d);
	if (desk_has_board(d))
		desk_board(d, true);
}
