/*
 * board.c - see board.h: visits into rows, and out again when their time is over.
 *
 * A visit lies in its queue's list in order of time; a mark in that list says where the half hour
 * begins. What a row counts is taken out of it again by the same visit and the same rules. Rows:
 * one a queue, and one a view for all of its queues together.
 */
#include "report/board.h"

#include <stdlib.h>

#include "base/list.h"
#include "base/map.h"
#include "report/interval.h"
#include "report/record.h"

#define NAME 64		 /* ids are at most 63 bytes (contract section 2) */
#define QUARTERS_MAX 100 /* of a day of 25 hours */

struct quarter {
	int64_t at_ms;
	int64_t count[QUEUE_COUNT_COUNT];
};

struct row {
	const char *queue; /* NULL: all of a view's together */
	struct queue_rules rules;
	struct queue_figures today, half;
	struct quarter quarters[QUARTERS_MAX]; /* of today, those with visits, ascending */
	uint32_t quarter_count;
	uint32_t staff[BOARD_DOES_COUNT];
	int64_t ewt_ms;
	double expected;
	bool changed;	 /* since the last tick */
	bool fresh;	 /* by the last tick */
	struct buf text; /* as JSON; empty: to be made */
};

struct queue {
	char id[NAME];
	uint32_t index;
	struct row row;
	struct list visits;  /* ascending by started_at */
	struct list *half;   /* the first one counted there; the head: none */
	struct list waiting; /* ascending by started_at */
	uint32_t waiting_count;
};

struct node {
	struct list of_queue, of_waiting;
	struct queue *queue;
	struct visit visit;
	bool in_today, in_half;
	bool open; /* its contact is, and holds it */
};

struct open_contact {
	struct record record;
	struct uuid id;
	struct node **nodes; /* by segment; NULL: no visit */
	uint32_t node_room;
};

struct board_view {
	struct list link;
	uint32_t holders;
	bool all;
	char (*names)[NAME]; /* ascending; when not all */
	uint32_t name_count;
	bool *has; /* by index of queue */
	struct row row;
	struct buf news; /* by the last tick */
	bool news_known;
};

struct board {
	const struct zone *zone;
	struct queue_rules house;
	int64_t now_ms, today_ms, tomorrow_ms;
	uint64_t seq;
	bool filled;
	struct map by_name, contacts;
	struct queue **queues; /* in order of coming */
	uint32_t queue_count, queue_room;
	struct list views;
	struct board_view *everything;
	uint32_t visit_count;
	struct recent alarms;
	struct agents_today agents;
	struct buf whole;
};

/* -- rows -- */

static void row_init(struct row *r, const char *queue, const struct queue_rules *rules)
{
	*r = (struct row){.queue = queue, .rules = *rules, .ewt_ms = -1, .expected = -1};
	queue_figures_init(&r->today);
	queue_figures_init(&r->half);
	r->changed = true;
}

static void row_finish(struct row *r)
{
	queue_figures_finish(&r->today);
	queue_figures_finish(&r->half);
	buf_free(&r->text);
}

static struct quarter *quarter_of(const struct board *b, struct row *r, int64_t at_ms)
{
	const struct interval by = {.seconds = 900, .zone = b->zone};
	const int64_t start_ms = interval_start(&by, at_ms);
	uint32_t i = r->quarter_count;
	while (i && r->quarters[i - 1].at_ms > start_ms)
		i--;
	if (i && r->quarters[i - 1].at_ms == start_ms)
		return &r->quarters[i - 1];
	CHECK(r->quarter_count < QUARTERS_MAX);
	memmove(&r->quarters[i + 1], &r->quarters[i],
		(r->quarter_count++ - i) * sizeof r->quarters[0]);
	r->quarters[i] = (struct quarter){.at_ms = start_ms};
	return &r->quarters[i];
}

static void row_count(const struct board *b, struct row *r, const struct node *n, int sign)
{
	const struct queue_rules *rules = &n->queue->row.rules;
	if (n->in_today) {
		struct quarter *q = quarter_of(b, r, n->visit.started_at);
		for (int c = 0; c < QUEUE_COUNT_COUNT; c++)
			q->count[c] += sign * visit_counts((enum queue_count)c, rules, &n->visit);
		if (sign > 0)
			queue_figures_add(&r->today, rules, &n->visit);
		else
			queue_figures_remove(&r->today, rules, &n->visit);
	}
	if (n->in_half && sign > 0)
		queue_figures_add(&r->half, rules, &n->visit);
	else if (n->in_half)
		queue_figures_remove(&r->half, rules, &n->visit);
	r->changed = true;
}

static bool view_has(const struct board_view *v, const struct queue *q)
{
	return v->all || v->has[q->index];
}

static void count(struct board *b, const struct node *n, int sign)
{
	if (!b->filled || (!n->in_today && !n->in_half))
		return;
	row_count(b, &n->queue->row, n, sign);
	list_for_each (l, &b->views) {
		struct board_view *v = CONTAINER_OF(l, struct board_view, link);
		if (view_has(v, n->queue))
			row_count(b, &v->row, n, sign);
	}
}

static void row_changes(struct board *b, const struct queue *q)
{
	((struct queue *)q)->row.changed = true;
	list_for_each (l, &b->views) {
		struct board_view *v = CONTAINER_OF(l, struct board_view, link);
		v->row.changed |= view_has(v, q);
	}
}

/* -- queues -- */

bool board_queue_known(const struct board *b, struct str queue)
{
	return map_get(&b->by_name, queue) != NULL;
}

static int name_order(const void *a, const void *b)
{
	return strcmp(a, b);
}

static bool named(const struct board_view *v, const struct queue *q)
{
	return v->name_count &&
	       bsearch(q->id, v->names, v->name_count, sizeof *v->names, name_order) != NULL;
}

static struct queue *queue_make(struct board *b, struct str id, const struct queue_rules *rules)
{
	struct queue *q = xcalloc(1, sizeof *q);
	if (!str_copy(id, q->id, sizeof q->id))
		(void)str_copy(str_head(id, sizeof q->id - 1), q->id, sizeof q->id);
	CHECK(map_add(&b->by_name, str_of(q->id), q) == ERR_OK);
	row_init(&q->row, q->id, rules);
	q->row.today.ordered = q->row.half.ordered = b->filled;
	list_init(&q->visits);
	list_init(&q->waiting);
	q->half = &q->visits;
	if (b->queue_count == b->queue_room) {
		b->queue_room = 2 * b->queue_room + 16;
		b->queues = xrealloc(b->queues, b->queue_room * sizeof(struct queue *));
	}
	q->index = b->queue_count;
	b->queues[b->queue_count++] = q;
	list_for_each (l, &b->views) {
		struct board_view *v = CONTAINER_OF(l, struct board_view, link);
		v->has = xrealloc(v->has, b->queue_count * sizeof *v->has);
		v->has[q->index] = named(v, q);
	}
	return q;
}

void board_queue_put(struct board *b, struct str queue, const struct queue_rules *rules)
{
	struct queue *q = map_get(&b->by_name, queue);
	if (!q)
		(void)queue_make(b, queue, rules);
	else if (list_empty(&q->visits))
		q->row.rules = *rules;
}

/* One nobody declared to us: whoever fills boards will soon do so again, with its rules. */
static struct queue *queue_of(struct board *b, struct str id)
{
	struct queue *q = map_get(&b->by_name, id);
	return q ? q : queue_make(b, id, &b->house);
}

/* -- visits -- */

static void waits(struct node *n)
{
	struct queue *q = n->queue;
	const bool there = !list_empty(&n->of_waiting), now = n->visit.result == RESULT_none;
	if (there == now)
		return;
	if (there) {
		list_remove(&n->of_waiting);
		q->waiting_count--;
		return;
	}
	struct list *at = q->waiting.prev;
	while (at != &q->waiting &&
	       CONTAINER_OF(at, struct node, of_waiting)->visit.started_at > n->visit.started_at)
		at = at->prev;
	list_push_front(at, &n->of_waiting);
	q->waiting_count++;
}

static struct node *node_at(struct list *l)
{
	return CONTAINER_OF(l, struct node, of_queue);
}

static void windows(const struct board *b, struct node *n)
{
	n->in_today = n->visit.started_at >= b->today_ms && n->visit.started_at < b->tomorrow_ms;
	n->in_half = n->visit.started_at >= b->now_ms - BOARD_HALF_HOUR_MS;
}

static struct node *node_make(struct board *b, struct queue *q, const struct visit *v)
{
	struct node *n = xcalloc(1, sizeof *n);
	n->queue = q;
	n->visit = *v;
	list_init(&n->of_queue);
	list_init(&n->of_waiting);
	windows(b, n);
	struct list *at = q->visits.prev;
	while (at != &q->visits && node_at(at)->visit.started_at > v->started_at)
		at = at->prev;
	list_push_front(at, &n->of_queue);
	if (n->in_half && n->of_queue.next == q->half)
		q->half = &n->of_queue;
	b->visit_count++;
	waits(n);
	count(b, n, 1);
	return n;
}

static void node_free(struct board *b, struct node *n)
{
	CHECK(n->queue->half != &n->of_queue);
	if (!list_empty(&n->of_waiting)) {
		list_remove(&n->of_waiting);
		n->queue->waiting_count--;
	}
	list_remove(&n->of_queue);
	b->visit_count--;
	free(n);
}

static bool same(const struct visit *a, const struct visit *b)
{
	return a->result == b->result && a->wait_ms == b->wait_ms && a->talk_ms == b->talk_ms &&
	       a->hold_ms == b->hold_ms && a->wrap_ms == b->wrap_ms && a->handled == b->handled &&
	       a->transferred == b->transferred && a->promise_ewt_ms == b->promise_ewt_ms &&
	       a->promise_ms == b->promise_ms && a->promise_waited_ms == b->promise_waited_ms;
}

static void node_set(struct board *b, struct node *n, const struct visit *v)
{
	if (same(&n->visit, v))
		return;
	count(b, n, -1);
	n->visit = *v;
	count(b, n, 1);
	waits(n);
}

/* -- contacts -- */

static struct open_contact *contact_at(const struct board *b, struct uuid id)
{
	return uuid_none(id) ? NULL : map_get(&b->contacts, str_make((char *)id.b, sizeof id.b));
}

void board_visit_put(struct board *b, struct str queue, struct uuid contact, const struct visit *v)
{
	if (!contact_at(b, contact))
		(void)node_make(b, queue_of(b, queue), v);
}

static struct open_contact *contact_make(struct board *b, struct uuid id)
{
	struct open_contact *c = xcalloc(1, sizeof *c);
	c->id = id;
	record_init(&c->record);
	CHECK(map_add(&b->contacts, str_make((char *)c->id.b, sizeof c->id.b), c) == ERR_OK);
	return c;
}

/* What its segments are by now. */
static void contact_visits(struct board *b, struct open_contact *c)
{
	const uint32_t segments = c->record.segment_count;
	if (segments > c->node_room) {
		c->nodes = xrealloc(c->nodes, 2 * segments * sizeof(struct node *));
		memset(c->nodes + c->node_room, 0,
		       (2 * segments - c->node_room) * sizeof(struct node *));
		c->node_room = 2 * segments;
	}
	for (uint32_t i = 0; i < segments; i++) {
		const struct record_segment *s = &c->record.segments[i];
		if (s->kind != SEGMENT_QUEUE)
			continue;
		const struct visit v = record_visit(&c->record, i);
		if (c->nodes[i]) {
			node_set(b, c->nodes[i], &v);
			continue;
		}
		c->nodes[i] = node_make(b, queue_of(b, str_of(s->queue)), &v);
		c->nodes[i]->open = true;
	}
}

static void contact_free(struct board *b, struct open_contact *c)
{
	for (uint32_t i = 0; i < c->node_room; i++) {
		struct node *n = c->nodes[i];
		if (!n)
			continue;
		n->open = false;
		if (list_empty(&n->of_queue)) /* its time was over already */
			node_free(b, n);
	}
	record_finish(&c->record);
	free(c->nodes);
	free(c);
}

static void contact_fact(struct board *b, const struct fact *f)
{
	struct open_contact *c = contact_at(b, f->contact);
	if (!c && f->kind == EV_arrive)
		c = contact_make(b, f->contact);
	if (!c)
		return; /* it was over before; what is said of it later is no figure */
	record_apply(&c->record, f);
	contact_visits(b, c);
	if (!c->record.ended_at)
		return;
	map_remove(&b->contacts, str_make((char *)c->id.b, sizeof c->id.b));
	contact_free(b, c);
}

/* -- made, filled, kept -- */

static void day_of_now(struct board *b)
{
	b->today_ms = zone_day_start(b->zone, b->now_ms);
	b->tomorrow_ms = zone_next_day_start(b->zone, b->now_ms);
}

struct board *board_create(const struct zone *zone, const struct queue_rules *house, int64_t now_ms)
{
	struct board *b = xcalloc(1, sizeof *b);
	b->zone = zone;
	b->house = *house;
	b->now_ms = now_ms;
	day_of_now(b);
	agents_today_init(&b->agents, b->today_ms);
	map_init(&b->by_name, 1);
	map_init(&b->contacts, 2);
	list_init(&b->views);
	b->everything = board_view_open(b, NULL, 0);
	return b;
}

static void view_free(struct board_view *v)
{
	list_remove(&v->link);
	row_finish(&v->row);
	buf_free(&v->news);
	free(v->names);
	free(v->has);
	free(v);
}

static void queue_free(struct board *b, struct queue *q)
{
	q->half = &q->visits;
	list_for_each (l, &q->visits)
		node_free(b, node_at(l));
	row_finish(&q->row);
	free(q);
}

void board_destroy(struct board *b)
{
	uint32_t at = 0;
	if (!b)
		return;
	for (struct open_contact *c; (c = map_next(&b->contacts, &at)) != NULL;)
		contact_free(b, c);
	for (uint32_t i = 0; i < b->queue_count; i++)
		queue_free(b, b->queues[i]);
	list_for_each (l, &b->views)
		view_free(CONTAINER_OF(l, struct board_view, link));
	recent_finish(&b->alarms);
	agents_today_finish(&b->agents);
	map_finish(&b->by_name);
	map_finish(&b->contacts);
	free(b->queues);
	buf_free(&b->whole);
	free(b);
}

int64_t board_from_ms(const struct board *b)
{
	return MIN(b->today_ms, b->now_ms - BOARD_HALF_HOUR_MS);
}

void board_past(struct board *b, const struct fact *f)
{
	contact_fact(b, f);
}

/* All at once and sorted afterwards: one by one in their places would cost a move each. */
static void row_fill(struct board *b, struct row *r, const struct queue *q)
{
	r->today.ordered = r->half.ordered = false;
	for (struct list *l = q->visits.next; l != &q->visits; l = l->next)
		if (node_at(l)->in_today || node_at(l)->in_half)
			row_count(b, r, node_at(l), 1);
}

static void row_filled(struct row *r)
{
	queue_figures_order(&r->today);
	queue_figures_order(&r->half);
}

static void view_fill(struct board *b, struct board_view *v)
{
	for (uint32_t i = 0; i < b->queue_count; i++)
		if (view_has(v, b->queues[i]))
			row_fill(b, &v->row, b->queues[i]);
	row_filled(&v->row);
}

void board_filled(struct board *b, uint64_t seq)
{
	b->seq = seq;
	b->filled = true;
	for (uint32_t i = 0; i < b->queue_count; i++) {
		row_fill(b, &b->queues[i]->row, b->queues[i]);
		row_filled(&b->queues[i]->row);
	}
	list_for_each (l, &b->views)
		view_fill(b, CONTAINER_OF(l, struct board_view, link));
}

void board_apply(struct board *b, const struct fact *f)
{
	if (f->seq <= b->seq)
		return;
	b->seq = f->seq;
	recent_add(&b->alarms, f);
	agents_today_fact(&b->agents, f);
	if (!uuid_none(f->contact))
		contact_fact(b, f);
}

void board_past_alarm(struct board *b, const struct fact *f)
{
	recent_add(&b->alarms, f);
}

const struct recent *board_alarms(const struct board *b)
{
	return &b->alarms;
}

struct agents_today *board_agents(struct board *b)
{
	return &b->agents;
}

uint64_t board_seq(const struct board *b)
{
	return b->seq;
}

/* -- time -- */

static void row_forget_day(struct row *r)
{
	queue_figures_clear(&r->today);
	r->quarter_count = 0;
	r->changed = true;
}

/* Nearly all of it goes: rows are emptied and what begins the new day is counted anew. */
static void new_day(struct board *b)
{
	day_of_now(b);
	agents_today_begin(&b->agents, b->today_ms);
	list_for_each (l, &b->views)
		row_forget_day(&CONTAINER_OF(l, struct board_view, link)->row);
	for (uint32_t i = 0; i < b->queue_count; i++) {
		struct queue *q = b->queues[i];
		row_forget_day(&q->row);
		for (struct list *l = q->visits.prev; l != &q->visits; l = l->prev) {
			struct node *n = node_at(l);
			const bool half = n->in_half;
			n->in_today = n->in_half = false;
			windows(b, n);
			n->in_half = false; /* counted there already, or no more */
			count(b, n, 1);
			n->in_half = half;
		}
	}
}

static void slide(struct board *b, struct queue *q)
{
	const int64_t from_ms = b->now_ms - BOARD_HALF_HOUR_MS;
	for (struct node *n;
	     q->half != &q->visits && (n = node_at(q->half)) && n->visit.started_at < from_ms;) {
		const bool today = n->in_today;
		n->in_today = false;
		count(b, n, -1);
		n->in_today = today;
		n->in_half = false;
		q->half = q->half->next;
	}
	for (struct node *n; !list_empty(&q->visits) && (n = node_at(q->visits.next)) &&
			     !n->in_today && !n->in_half;) {
		list_remove(&n->of_queue);
		if (!n->open)
			node_free(b, n);
	}
}

static void row_tick(struct row *r)
{
	r->fresh = r->changed;
	r->changed = false;
	if (r->fresh)
		r->text.n = 0;
}

void board_tick(struct board *b, int64_t now_ms)
{
	b->now_ms = MAX(now_ms, b->now_ms);
	if (b->now_ms >= b->tomorrow_ms)
		new_day(b);
	for (uint32_t i = 0; i < b->queue_count; i++) {
		slide(b, b->queues[i]);
		row_tick(&b->queues[i]->row);
	}
	list_for_each (l, &b->views) {
		struct board_view *v = CONTAINER_OF(l, struct board_view, link);
		row_tick(&v->row);
		v->news.n = 0;
		v->news_known = false;
	}
}

int64_t board_now_ms(const struct board *b)
{
	return b->now_ms;
}

/* -- what reports cannot know -- */

static bool staff_set(struct row *r, const uint32_t *staff)
{
	const bool moved = memcmp(r->staff, staff, sizeof r->staff) != 0;
	memcpy(r->staff, staff, sizeof r->staff);
	r->changed |= moved;
	return moved;
}

static void view_staff(struct board *b, struct board_view *v, struct queue *const *of,
		       const struct board_agent *agents, uint32_t agent_count)
{
	uint32_t staff[BOARD_DOES_COUNT] = {0};
	(void)b;
	for (uint32_t i = 0; i < agent_count; i++) {
		bool here = false;
		for (uint32_t k = 0; k < agents[i].queue_count && !here; k++) {
			const struct queue *q = of[agents[i].queues[k]];
			here = q && view_has(v, q);
		}
		staff[agents[i].does] += here;
	}
	(void)staff_set(&v->row, staff);
}

void board_staff_put(struct board *b, const struct board_queue_now *queues, uint32_t queue_count,
		     const struct board_agent *agents, uint32_t agent_count)
{
	struct queue **of = xcalloc(queue_count + 1, sizeof(struct queue *));
	uint32_t(*staff)[BOARD_DOES_COUNT] = xcalloc(queue_count + 1, sizeof *staff);
	for (uint32_t i = 0; i < queue_count; i++)
		of[i] = map_get(&b->by_name, queues[i].queue);
	for (uint32_t i = 0; i < agent_count; i++)
		for (uint32_t k = 0; k < agents[i].queue_count; k++)
			staff[agents[i].queues[k]][agents[i].does]++;
	for (uint32_t i = 0; i < queue_count; i++) {
		struct row *r = of[i] ? &of[i]->row : NULL;
		if (!r)
			continue;
		(void)staff_set(r, staff[i]);
		r->changed |= r->ewt_ms != queues[i].ewt_ms;
		r->ewt_ms = queues[i].ewt_ms;
	}
	list_for_each (l, &b->views)
		view_staff(b, CONTAINER_OF(l, struct board_view, link), of, agents, agent_count);
	free(of);
	free(staff);
}

static double expected_of_view(const struct board *b, const struct board_view *v)
{
	double sum = -1;
	for (uint32_t i = 0; i < b->queue_count; i++)
		if (view_has(v, b->queues[i]) && b->queues[i]->row.expected >= 0)
			sum = MAX(sum, 0) + b->queues[i]->row.expected;
	return sum;
}

void board_expect(struct board *b, struct str queue, double expected)
{
	struct queue *q = map_get(&b->by_name, queue);
	if (!q || q->row.expected == expected)
		return;
	q->row.expected = expected;
	row_changes(b, q);
}

/* -- views -- */

static bool view_is(const struct board_view *v, const struct board_view *like)
{
	return v->all == like->all && v->name_count == like->name_count &&
	       (!v->name_count ||
		memcmp(v->names, like->names, v->name_count * sizeof *v->names) == 0);
}

struct board_view *board_view_open(struct board *b, const struct str *queues, uint32_t count)
{
	struct board_view *v = xcalloc(1, sizeof *v);
	v->all = !queues;
	v->names = xcalloc(count + 1, sizeof *v->names);
	for (uint32_t i = 0; i < count; i++)
		if (str_copy(queues[i], v->names[v->name_count], NAME))
			v->name_count++;
	qsort(v->names, v->name_count, sizeof *v->names, name_order);
	list_init(&v->link);
	list_for_each (l, &b->views) {
		struct board_view *had = CONTAINER_OF(l, struct board_view, link);
		if (!view_is(had, v))
			continue;
		view_free(v);
		had->holders++;
		return had;
	}
	v->holders = 1;
	v->has = xcalloc(b->queue_count + 1, sizeof *v->has);
	for (uint32_t i = 0; i < b->queue_count; i++)
		v->has[i] = named(v, b->queues[i]);
	row_init(&v->row, NULL, &b->house);
	list_push(&b->views, &v->link);
	if (b->filled)
		view_fill(b, v);
	return v;
}

void board_view_close(struct board *b, struct board_view *v)
{
	if (v && --v->holders == 0 && v != b->everything)
		view_free(v);
}

/* -- as JSON -- */

static void put_figures(struct jsonw *w, const char *key, struct queue_figures *f,
			const struct queue_rules *rules)
{
	jsonw_key(w, key);
	jsonw_open(w, '{');
	queue_figures_json(w, f, rules);
	jsonw_close(w, '}');
}

static void put_spark(struct jsonw *w, const struct row *r)
{
	const uint32_t from =
		r->quarter_count > BOARD_SPARK_MAX ? r->quarter_count - BOARD_SPARK_MAX : 0;
	jsonw_key(w, "spark");
	jsonw_open(w, '[');
	for (uint32_t i = from; i < r->quarter_count; i++) {
		jsonw_open(w, '{');
		jsonw_ktime(w, "at", r->quarters[i].at_ms);
		queue_figures_spark(w, r->quarters[i].count, &r->rules);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void put_staff(struct jsonw *w, const uint32_t *staff)
{
	jsonw_key(w, "staffed");
	jsonw_open(w, '{');
	jsonw_ki64(w, "ready", staff[BOARD_READY]);
	jsonw_ki64(w, "talking", staff[BOARD_TALKING]);
	jsonw_ki64(w, "wrapping", staff[BOARD_WRAPPING]);
	jsonw_ki64(w, "not_ready", staff[BOARD_NOT_READY]);
	jsonw_close(w, '}');
}

static struct str row_text(struct row *r)
{
	if (r->text.n)
		return buf_str(&r->text);
	if (!r->text.p)
		r->text = buf_grow(4096);
	struct jsonw w = jsonw_make(&r->text);
	jsonw_open(&w, '{');
	jsonw_key(&w, "queue");
	if (r->queue)
		jsonw_str(&w, str_of(r->queue));
	else
		jsonw_null(&w);
	put_figures(&w, "today", &r->today, &r->rules);
	put_figures(&w, "half_hour", &r->half, &r->rules);
	put_spark(&w, r);
	put_staff(&w, r->staff);
	jsonw_key(&w, "ewt_ms");
	if (r->ewt_ms >= 0)
		jsonw_i64(&w, r->ewt_ms);
	else
		jsonw_null(&w);
	jsonw_key(&w, "expected_15min");
	if (r->expected >= 0)
		jsonw_real(&w, r->expected);
	else
		jsonw_null(&w);
	jsonw_close(&w, '}');
	return buf_str(&r->text);
}

static bool put_rows(struct board *b, struct board_view *v, bool whole, struct jsonw *w)
{
	bool any = whole;
	v->row.expected = expected_of_view(b, v);
	for (uint32_t i = 0; i < b->queue_count; i++) {
		struct queue *q = b->queues[i];
		if (!view_has(v, q) || (!whole && !q->row.fresh))
			continue;
		jsonw_raw(w, row_text(&q->row));
		any = true;
	}
	if (whole || v->row.fresh) {
		jsonw_raw(w, row_text(&v->row));
		any = true;
	}
	return any;
}

struct str board_text(struct board *b, struct board_view *v, bool whole)
{
	struct buf *out = whole ? &b->whole : &v->news;
	if (!whole && v->news_known)
		return buf_str(out);
	v->news_known |= !whole;
	if (!out->p)
		*out = buf_grow(16384);
	out->n = 0;
	struct jsonw w = jsonw_make(out);
	jsonw_open(&w, '{');
	jsonw_key(&w, "board");
	jsonw_open(&w, '{');
	jsonw_ktime(&w, "at", b->now_ms);
	jsonw_key(&w, "queues");
	jsonw_open(&w, '[');
	const bool any = put_rows(b, v, whole, &w);
	jsonw_close(&w, ']');
	if (whole)
		jsonw_kbool(&w, "whole", true);
	jsonw_close(&w, '}');
	jsonw_close(&w, '}');
	if (!any)
		out->n = 0;
	return buf_str(out);
}

/* -- one figure -- */

static void add_waiting(const struct queue *q, struct board_sum *out)
{
	out->waiting += q->waiting_count;
	if (list_empty(&q->waiting))
		return;
	const int64_t since =
		CONTAINER_OF(q->waiting.next, struct node, of_waiting)->visit.started_at;
	out->longest_since = out->longest_since ? MIN(out->longest_since, since) : since;
}

enum err board_sum(struct board *b, struct board_view *v, struct str queue, struct board_sum *out)
{
	const struct queue *q = queue.n ? map_get(&b->by_name, queue) : NULL;
	if (queue.n && (!q || !view_has(v, q)))
		return ERR_NOT_FOUND;
	const struct row *r = q ? &q->row : &v->row;
	*out = (struct board_sum){.today = &r->today,
				  .half_hour = &r->half,
				  .rules = &r->rules,
				  .ewt_ms = r->ewt_ms,
				  .expected = q ? r->expected : expected_of_view(b, v)};
	memcpy(out->staff, r->staff, sizeof out->staff);
	for (uint32_t i = 0; i < b->queue_count; i++)
		if (q ? b->queues[i] == q : view_has(v, b->queues[i]))
			add_waiting(b->queues[i], out);
	return ERR_OK;
}

struct board_size board_size(const struct board *b)
{
	struct board_size s = {b->visit_count, b->contacts.count, b->queue_count, 0};
	for (struct list *l = b->views.next; l != &b->views; l = l->next)
		s.views++;
	return s;
}
