/*
 * board.h - the figures of queues as they stand now: today, and the last half hour.
 *
 * A fold over a tenant's facts, by the same records and the same arithmetic as its reports
 * (record.h, queue_figures.h): a row says what reports/queues says of the same range at that
 * moment. `today` is the tenant's day, `half_hour` slides, both count visits by where they began.
 * A fact costs what it changes; a second in which nothing changes costs a look at each queue. Keeps
 * about 150 bytes for a visit of today, and the record of every contact that is open.
 *
 * Filled from what is stored at some moment, then kept by every later fact, in order. Times are UTC
 * milliseconds. Pure: no clock, no lock; one thread.
 */
#pragma once

#include "core/fact.h"
#include "core/zone.h"
#include "report/agents_today.h"
#include "report/recent.h"
#include "report/queue_figures.h"

#define BOARD_HALF_HOUR_MS 1800000
#define BOARD_SPARK_MAX 24 /* newest quarter-hours of today in a row */

struct board;

/* zone: the tenant's, NULL: UTC. house: the formulas of the tenant. now_ms: where `today` and the
 * half hour end until board_tick. */
struct board *board_create(const struct zone *zone, const struct queue_rules *house,
			   int64_t now_ms);
void board_destroy(struct board *b); /* NULL is fine */

/* -- filled -- */

/* Visits from here on matter. */
int64_t board_from_ms(const struct board *b);
/* A queue has a row, visits or none. The same one again: other rules, only before it has visits. */
void board_queue_put(struct board *b, struct str queue, const struct queue_rules *rules);
bool board_queue_known(const struct board *b, struct str queue);
/* A fact of a contact that is open, in order; before any visit. */
void board_past(struct board *b, const struct fact *f);
/* A visit of a contact; of one that is open: nothing, its facts say it. */
void board_visit_put(struct board *b, struct str queue, struct uuid contact, const struct visit *v);
void board_filled(struct board *b, uint64_t seq); /* with everything up to there */

/* -- kept -- */

void board_apply(struct board *b, const struct fact *f); /* one at or before board_seq: nothing */
uint64_t board_seq(const struct board *b);
/* Alarms of the last day: filled in, in any order, of no matter which seq; then kept by
 * board_apply. */
void board_past_alarm(struct board *b, const struct fact *f);
const struct recent *board_alarms(const struct board *b);
/* Spells of agents since board_from_ms are filled in; then kept by board_apply and board_tick. */
struct agents_today *board_agents(struct board *b);

/* What reports cannot know. */
enum board_does { BOARD_READY, BOARD_TALKING, BOARD_WRAPPING, BOARD_NOT_READY, BOARD_DOES_COUNT };
struct board_agent { /* signed in */
	enum board_does does;
	const uint32_t *queues; /* indexes into the queues that come with it */
	uint32_t queue_count;
};
struct board_queue_now {
	struct str queue;
	int64_t ewt_ms; /* -1: unknown */
};
/* Who works where at this moment: replaces what was said before. */
void board_staff_put(struct board *b, const struct board_queue_now *queues, uint32_t queue_count,
		     const struct board_agent *agents, uint32_t agent_count);
/* Visits expected to begin in the next quarter of an hour; negative: nobody knows. */
void board_expect(struct board *b, struct str queue, double expected);

/* -- looked at -- */

/* Those who look at the same queues: rows of each and one of all together. Held until it is
 * closed; asked for again it is the same one. queues NULL: all there are. */
struct board_view;
struct board_view *board_view_open(struct board *b, const struct str *queues, uint32_t count);
void board_view_close(struct board *b, struct board_view *v);

/* Now is now_ms: windows slide, a day begins, and views tell what is new since the last tick. */
void board_tick(struct board *b, int64_t now_ms);
/* {"board":{"at","queues":[…],"whole":true}}: all rows, or without `whole` those that changed by
 * the last tick; empty: none did. Valid until the next tick. */
struct str board_text(struct board *b, struct board_view *v, bool whole);

/* One figure of a queue, or of all of a view's together (queue empty), for tiles and alerts. */
enum board_window { BOARD_TODAY, BOARD_LAST_HALF_HOUR };
struct board_sum {
	const struct queue_figures *today, *half_hour;
	const struct queue_rules *rules;
	uint32_t staff[BOARD_DOES_COUNT];
	uint32_t waiting;
	int64_t longest_since; /* who waits longest began then; 0: nobody waits */
	int64_t ewt_ms;	       /* -1: unknown */
	double expected;       /* negative: unknown */
};
/* ERR_NOT_FOUND: no such queue (in this view). */
MUST_USE enum err board_sum(struct board *b, struct board_view *v, struct str queue,
			    struct board_sum *out);
int64_t board_now_ms(const struct board *b);

/* For metrics and tests. */
struct board_size {
	uint32_t visits, contacts, rows, views;
};
struct board_size board_size(const struct board *b);
