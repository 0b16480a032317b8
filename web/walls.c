/* walls.c - see walls.h. */
#include "web/walls.h"

#include <math.h>
#include <stdlib.h>

#include "os/clock.h"
#include "report/measure.h"
#include "web/web_inside.h"

#define UNSENT_MAX 65536u

struct open_wall {
	struct list link;
	struct walls *of;
	struct http_request *req; /* NULL: gone; a check is still out */
	struct wall *wall;
	struct board_holder board;
	struct job *checking;
	int64_t checked_ms;
};

struct walls {
	struct web *web;
	struct list all;
	uint32_t count;
	int64_t now_ms;
};

struct walls *walls_create(struct web *w)
{
	struct walls *ws = xcalloc(1, sizeof *ws);
	ws->web = w;
	list_init(&ws->all);
	return ws;
}

void wall_free(struct wall *w)
{
	if (!w)
		return;
	struct arena a = w->arena; /* it lies in it */
	arena_finish(&a);
}

static void forget(struct open_wall *o)
{
	boards_let_go(&o->board);
	list_remove(&o->link);
	o->of->count--;
	wall_free(o->wall);
	free(o);
}

static void views_close(struct open_wall *o)
{
	struct board *b = board_of(&o->board);
	for (uint32_t i = 0; i < o->wall->page_count; i++)
		for (uint32_t k = 0; k < o->wall->pages[i].tile_count; k++) {
			struct wall_tile *t = &o->wall->pages[i].tiles[k];
			if (b)
				board_view_close(b, t->view);
			t->view = NULL;
		}
}

static void end(struct open_wall *o)
{
	views_close(o);
	boards_let_go(&o->board);
	if (o->req)
		http_stream_end(o->req);
	o->req = NULL;
	if (!o->checking)
		forget(o);
}

void walls_destroy(struct walls *ws)
{
	if (!ws)
		return;
	list_for_each (l, &ws->all) {
		struct open_wall *o = CONTAINER_OF(l, struct open_wall, link);
		o->checking = NULL;
		end(o);
	}
	free(ws);
}

static void put_tile(struct jsonw *w, struct board *b, const struct wall_tile *t)
{
	struct board_sum sum;
	double value = NAN;
	char room[64];
	struct buf variant = buf_make(room, sizeof room);
	if (board_sum(b, t->view, str_of(t->queue), &sum) == ERR_OK) {
		value = measure_of(&sum, t->measure, board_now_ms(b));
		if (t->measure == MEASURE_sl || t->measure == MEASURE_sl_half_hour)
			queue_figures_variant(sum.rules, &variant);
	}
	jsonw_open(w, '{');
	jsonw_key(w, "value");
	jsonw_real(w, value); /* null where it is unknown */
	if (variant.n)
		jsonw_kstr(w, "variant", buf_str(&variant));
	jsonw_close(w, '}');
}

static void show(struct open_wall *o, struct board *b)
{
	struct buf text = buf_grow(1024);
	struct jsonw w = jsonw_make(&text);
	buf_c(&text, "data: ");
	jsonw_open(&w, '{');
	jsonw_ktime(&w, "at", board_now_ms(b));
	jsonw_key(&w, "pages");
	jsonw_open(&w, '[');
	for (uint32_t i = 0; i < o->wall->page_count; i++) {
		const struct wall_page *p = &o->wall->pages[i];
		jsonw_open(&w, '[');
		for (uint32_t k = 0; k < p->tile_count; k++)
			put_tile(&w, b, &p->tiles[k]);
		jsonw_close(&w, ']');
	}
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
	buf_c(&text, "\n\n");
	http_stream_put(o->req, buf_str(&text));
	buf_free(&text);
}

static void moved(struct board_holder *h, struct board *b, bool another)
{
	struct open_wall *o = CONTAINER_OF(h, struct open_wall, board);
	if (!o->req || http_stream_unsent(o->req) > UNSENT_MAX)
		return;
	for (uint32_t i = 0; i < o->wall->page_count; i++)
		for (uint32_t k = 0; k < o->wall->pages[i].tile_count; k++) {
			struct wall_tile *t = &o->wall->pages[i].tiles[k];
			if (another || !t->view) /* the old one went with its board */
				t->view = board_view_open(b, t->queues, t->queue_count);
		}
	show(o, b);
}

enum err walls_open(struct walls *ws, struct job *j)
{
	if (ws->count >= WALLS_MAX)
		return ERR_FULL;
	struct open_wall *o = xcalloc(1, sizeof *o);
	o->of = ws;
	o->req = j->req;
	o->wall = j->wall;
	j->wall = NULL;
	o->checked_ms = ws->now_ms;
	o->board.moved = moved;
	list_init(&o->link);
	list_push(&ws->all, &o->link);
	ws->count++;
	o->req->owner = o;
	o->req->wall = true;
	if (!http_stream_begin(o->req, "text/event-stream")) {
		end(o); /* its peer has left already */
		return ERR_OK;
	}
	http_stream_put(o->req, STR("retry: 2000\n\n"));
	boards_hold(ws->web->boards, o->wall->tenant, &o->board);
	if (board_of(&o->board))
		moved(&o->board, board_of(&o->board), true);
	return ERR_OK;
}

void walls_lost(struct walls *ws, struct http_request *r)
{
	(void)ws;
	end(r->owner);
}

/* -- is it still what it was? -- */

static void check(struct clerk *me, struct job *j)
{
	struct wall *now;
	const enum err e = j->match.word.n ? wall_of_token(me, j->match.word, &now)
					   : wall_of_id(me, j->match.tenant, j->match.id, &now);
	j->failed = e == ERR_NOT_FOUND || (e == ERR_OK && !str_eq(now->doc, buf_str(&j->text)));
	if (e == ERR_OK)
		wall_free(now);
}

static void want_check(struct open_wall *o)
{
	struct web *w = o->of->web;
	if (o->checking || !o->req || !w->clerks)
		return;
	struct job *j = xcalloc(1, sizeof *j);
	j->web = w;
	j->desk = DESK_QUERY;
	j->chore = check;
	j->wall_checked = o;
	j->match.word = o->wall->token; /* they live as long as the check is out */
	j->match.tenant = o->wall->tenant;
	j->match.id = o->wall->id;
	j->text = buf_grow(o->wall->doc.n);
	buf_put(&j->text, o->wall->doc);
	list_init(&j->link);
	o->checked_ms = o->of->now_ms;
	if (clerks_give(w->clerks, j) == ERR_OK) {
		o->checking = j;
		return;
	}
	buf_free(&j->text);
	free(j);
}

void walls_checked(struct walls *ws, struct job *j)
{
	struct open_wall *o = j->wall_checked;
	const bool ended = j->failed;
	buf_free(&j->text);
	if (!ws)
		return;
	o->checking = NULL;
	if (!o->req || ended)
		end(o);
}

void walls_second(struct walls *ws, int64_t now_ms)
{
	ws->now_ms = now_ms;
	list_for_each (l, &ws->all) {
		struct open_wall *o = CONTAINER_OF(l, struct open_wall, link);
		if (!o->wall->token.n && clock_utc_ms() >= o->wall->expires_at_ms)
			end(o); /* who looks on comes again, and is asked whether he still may */
		else if (now_ms - o->checked_ms >= WALL_CHECK_MS)
			want_check(o);
	}
}
