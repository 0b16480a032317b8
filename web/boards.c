/* boards.c - see boards.h. */
#include "web/boards.h"

#include <math.h>
#include <stdlib.h>

#include "core/bytes.h"
#include "os/clock.h"
#include "report/measure.h"
#include "web/boards_inside.h"
#include "web/web_inside.h"

#define MEANWHILE_MAX (32u << 20)
#define LOAD_AGAIN_MS 1000
#define EXPECT_AGAIN_MS 60000
#define WATCHED_AGAIN_MS 3000

struct tenant_board {
	struct list link;
	struct boards *of;
	char tenant[64];
	struct list holders;
	struct board *board; /* NULL: not filled yet */
	struct job *loading, *looking;
	struct buf meanwhile; /* facts since the load began */
	bool stale;	      /* load (again) */
	bool watched;	      /* it has alerts */
	int64_t tried_ms, expected_ms;
};

struct boards {
	struct web *web;
	struct list tenants;
	struct job *watching; /* who has alerts is asked */
	int64_t watched_ms;
};

struct boards *boards_create(struct web *w)
{
	struct boards *bs = xcalloc(1, sizeof *bs);
	bs->web = w;
	list_init(&bs->tenants);
	return bs;
}

static void tenant_free(struct tenant_board *t)
{
	list_remove(&t->link);
	web_followers(t->of->web, -1);
	board_destroy(t->board);
	buf_free(&t->meanwhile);
	free(t);
}

void boards_destroy(struct boards *bs)
{
	if (!bs)
		return;
	list_for_each (l, &bs->tenants) {
		struct tenant_board *t = CONTAINER_OF(l, struct tenant_board, link);
		list_for_each (k, &t->holders) {
			CONTAINER_OF(k, struct board_holder, link)->of = NULL;
			list_remove(k);
		}
		tenant_free(t);
	}
	free(bs);
}

static struct tenant_board *tenant_at(struct boards *bs, struct str tenant)
{
	list_for_each (l, &bs->tenants) {
		struct tenant_board *t = CONTAINER_OF(l, struct tenant_board, link);
		if (str_is(tenant, t->tenant))
			return t;
	}
	return NULL;
}

/* -- clerks -- */

/* Nobody needs it any more. */
static void maybe_free(struct tenant_board *t)
{
	if (list_empty(&t->holders) && !t->watched && !t->loading && !t->looking)
		tenant_free(t);
}

static struct job *send_clerk(struct tenant_board *t, bool fill)
{
	struct web *w = t->of->web;
	if (!w->clerks)
		return NULL;
	struct job *j = xcalloc(1, sizeof *j);
	j->web = w;
	j->desk = fill ? DESK_QUERY : DESK_COMMAND;
	j->chore = board_work_run;
	j->board_work = xcalloc(1, sizeof *j->board_work);
	j->board_work->fill = fill;
	memcpy(j->board_work->tenant, t->tenant, sizeof t->tenant);
	list_init(&j->link);
	j->board_work->expect = fill || clock_mono_ms() - t->expected_ms >= EXPECT_AGAIN_MS;
	if (clerks_give(w->clerks, j) == ERR_OK) {
		if (j->board_work->expect)
			t->expected_ms = clock_mono_ms();
		return j;
	}
	free(j->board_work); /* too busy: the next second tries again */
	free(j);
	return NULL;
}

static void load(struct tenant_board *t)
{
	t->tried_ms = clock_mono_ms();
	if (t->loading)
		return;
	t->meanwhile.n = 0;
	t->loading = send_clerk(t, true);
	t->stale = t->loading == NULL;
}

/* -- holders -- */

static struct tenant_board *tenant_need(struct boards *bs, struct str tenant)
{
	struct tenant_board *t = tenant_at(bs, tenant);
	if (t)
		return t;
	t = xcalloc(1, sizeof *t);
	t->of = bs;
	str_copy(tenant, t->tenant, sizeof t->tenant);
	list_init(&t->holders);
	list_push(&bs->tenants, &t->link);
	t->meanwhile = buf_grow(0);
	web_followers(bs->web, 1); /* before the load asks how far facts are */
	load(t);
	return t;
}

void boards_hold(struct boards *bs, struct str tenant, struct board_holder *h)
{
	struct tenant_board *t = tenant_need(bs, tenant);
	h->of = t;
	list_init(&h->link);
	list_push(&t->holders, &h->link);
}

void boards_let_go(struct board_holder *h)
{
	struct tenant_board *t = h->of;
	if (!t)
		return;
	list_remove(&h->link);
	h->of = NULL;
	maybe_free(t);
}

struct board *board_of(const struct board_holder *h)
{
	return h->of ? h->of->board : NULL;
}

static void tell(struct tenant_board *t, bool another)
{
	list_for_each (l, &t->holders) {
		struct board_holder *h = CONTAINER_OF(l, struct board_holder, link);
		h->moved(h, t->board, another);
	}
}

/* -- facts -- */

/* Formulas, names and the clock of days are no facts: it is filled anew. */
static bool rules_change(const struct fact *f)
{
	return f->kind == EV_object_changed &&
	       (f->object_changed.kind == KIND_queue || f->object_changed.kind == KIND_tenant);
}

void boards_fact(struct boards *bs, const struct fact *f, struct str bytes)
{
	struct tenant_board *t = tenant_at(bs, f->tenant);
	if (!t)
		return;
	if (t->loading && t->meanwhile.n <= MEANWHILE_MAX) {
		put_u32(&t->meanwhile, (uint32_t)bytes.n);
		buf_put(&t->meanwhile, bytes);
	}
	if (t->board)
		board_apply(t->board, f);
	t->stale |= rules_change(f);
}

static void catch_up(struct board *b, struct str facts)
{
	struct take take = {.rest = facts};
	struct fact f;
	while (take.rest.n) {
		const uint32_t n = take_u32(&take);
		CHECK(!take.torn && n <= take.rest.n);
		if (fact_decode(str_head(take.rest, n), &f) == ERR_OK)
			board_apply(b, &f);
		take.rest = str_from(take.rest, n);
	}
}

static void loaded(struct tenant_board *t, struct board_work *work)
{
	const bool whole = t->meanwhile.n <= MEANWHILE_MAX;
	t->loading = NULL;
	if (!work->board || !whole) {
		board_destroy(work->board);
		t->stale = true; /* in a second */
		return;
	}
	catch_up(work->board, buf_str(&t->meanwhile));
	buf_free(&t->meanwhile);
	t->meanwhile = buf_grow(0);
	struct board *before = t->board;
	t->board = work->board;
	board_tick(t->board, clock_utc_ms());
	tell(t, true);
	board_destroy(before);
}

/* -- alerts -- */

/* How long the one who has been in that state longest has, in seconds. */
static double longest_state(const struct ask_board *now, const struct ask_alert *a, int64_t utc_ms)
{
	int64_t most_ms = 0;
	for (uint32_t i = 0; i < now->agent_count; i++) {
		const struct ask_board_agent *g = &now->agents[i];
		bool here = !a->queue.n;
		for (uint32_t k = 0; k < g->queue_count && !here; k++)
			here = str_eq(now->queues[g->queues[k]].id, a->queue);
		const bool idle = g->work == WORK_idle;
		const struct str state = idle ? presence_word(g->presence) : work_word(g->work);
		if (here && str_eq(state, a->state))
			most_ms = MAX(most_ms, utc_ms - g->since_at_ms);
	}
	return (double)most_ms / 1000;
}

static double trunks_down(const struct ask_board *now, const struct ask_alert *a)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < now->trunk_count; i++)
		n += !a->trunk.n || str_eq(a->trunk, now->trunks[i]);
	return n;
}

static double figure_of(struct tenant_board *t, struct board_view *all, const struct ask_board *now,
			const struct ask_alert *a)
{
	struct board_sum sum;
	if (a->measure == MEASURE_agent_time)
		return longest_state(now, a, board_now_ms(t->board));
	if (a->measure == MEASURE_trunks_down)
		return trunks_down(now, a);
	if (a->measure == MEASURE_alarm)
		return recent_count(board_alarms(t->board), a->alarm, a->queue,
				    board_now_ms(t->board) - a->window_ms);
	if (board_sum(t->board, all, a->queue, &sum) != ERR_OK)
		return NAN;
	return measure_for_people(a->measure, measure_of(&sum, a->measure, board_now_ms(t->board)));
}

/* What this tenant's alerts are about, now; the main thread holds it against their limits. */
static void tell_figures(struct tenant_board *t, const struct ask_board *now)
{
	struct web *w = t->of->web;
	t->watched = now->alert_count != 0;
	if (!t->watched)
		return;
	struct board_view *all = board_view_open(t->board, NULL, 0);
	struct ask *a = ask_create(ASK_FIGURES, NULL, NULL);
	a->tenant = arena_copy(&a->arena, str_of(t->tenant));
	a->board.figures = arena_alloc(&a->arena, now->alert_count * sizeof *a->board.figures);
	for (uint32_t i = 0; i < now->alert_count; i++) {
		const double value = figure_of(t, all, now, &now->alerts[i]);
		a->board.figures[a->board.figure_count++] =
			(struct ask_figure){arena_copy(&a->arena, now->alerts[i].id), !isnan(value),
					    isnan(value) ? 0 : value};
	}
	board_view_close(t->board, all);
	w->o.ask(w->o.arg, a);
}

static void ask_watched(struct boards *bs, int64_t now_ms)
{
	if (bs->watching || !bs->web->clerks || now_ms - bs->watched_ms < WATCHED_AGAIN_MS)
		return;
	struct job *j = xcalloc(1, sizeof *j);
	j->web = bs->web;
	j->desk = DESK_COMMAND;
	j->chore = board_work_run;
	j->board_work = xcalloc(1, sizeof *j->board_work);
	list_init(&j->link);
	bs->watched_ms = now_ms;
	if (clerks_give(bs->web->clerks, j) == ERR_OK) {
		bs->watching = j;
		return;
	}
	free(j->board_work);
	free(j);
}

static void watched(struct boards *bs, const struct board_work *work)
{
	bs->watching = NULL;
	for (uint32_t i = 0; work->now && i < work->now->board.tenant_count; i++)
		tenant_need(bs, work->now->board.tenants[i])->watched = true;
}

static void looked(struct tenant_board *t, const struct board_work *work)
{
	t->looking = NULL;
	if (!t->board)
		return;
	if (work->now)
		board_now(t->board, &work->now->board);
	for (uint32_t i = 0; i < work->expected_count; i++)
		board_expect(t->board, str_of(work->expected[i].queue), work->expected[i].visits);
	board_tick(t->board, clock_utc_ms());
	if (work->now)
		tell_figures(t, &work->now->board);
	tell(t, false);
}

void boards_work_done(struct boards *bs, struct job *j)
{
	struct board_work *work = j->board_work;
	struct tenant_board *t = bs ? tenant_at(bs, str_of(work->tenant)) : NULL;
	if (bs && bs->watching == j)
		watched(bs, work);
	else if (t && t->loading == j)
		loaded(t, work);
	else if (t && t->looking == j)
		looked(t, work);
	else
		board_destroy(work->board);
	if (t)
		maybe_free(t);
	ask_free(work->now);
	free(work->expected);
	free(work);
	j->board_work = NULL;
}

void boards_second(struct boards *bs, int64_t now_ms)
{
	ask_watched(bs, now_ms);
	list_for_each (l, &bs->tenants) {
		struct tenant_board *t = CONTAINER_OF(l, struct tenant_board, link);
		if (t->stale && now_ms - t->tried_ms >= LOAD_AGAIN_MS)
			load(t);
		if (!t->looking)
			t->looking = send_clerk(t, false);
		else if (t->board) { /* the main thread is busy: figures go on without it */
			board_tick(t->board, clock_utc_ms());
			tell(t, false);
		}
	}
}
