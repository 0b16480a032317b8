/* board_load.c - the clerk's part of boards.h: fills a board, asks who works where. */
#include <jansson.h>
#include <stdlib.h>

#include "core/zone.h"
#include "objects/schema.h"
#include "os/clock.h"
#include "web/boards_inside.h"
#include "web/handlers.h"
#include "web/web_inside.h"

static enum board_does does_of(const struct ask_board_agent *a)
{
	switch (a->work) {
	case WORK_offered:
	case WORK_dialling:
	case WORK_talking:
	case WORK_holding:
	case WORK_consulting:
	case WORK_conferencing:
	case WORK_preview:
		return BOARD_TALKING;
	case WORK_wrapping:
		return BOARD_WRAPPING;
	case WORK_idle:
	case WORK_no_answer:
		break;
	}
	return a->available ? BOARD_READY : BOARD_NOT_READY;
}

void board_now(struct board *b, const struct ask_board *now)
{
	struct board_queue_now *queues = xcalloc(now->queue_count + 1, sizeof *queues);
	struct board_agent *agents = xcalloc(now->agent_count + 1, sizeof *agents);
	for (uint32_t i = 0; i < now->queue_count; i++)
		queues[i] = (struct board_queue_now){now->queues[i].id, now->queues[i].ewt_ms};
	for (uint32_t i = 0; i < now->agent_count; i++)
		agents[i] = (struct board_agent){does_of(&now->agents[i]), now->agents[i].queues,
						 now->agents[i].queue_count};
	board_staff_put(b, queues, now->queue_count, agents, now->agent_count);
	free(queues);
	free(agents);
}

static void expected(void *arg, struct str queue, double visits)
{
	struct board_work *work = arg;
	if (work->expected_count == work->expected_room) {
		work->expected_room = 2 * work->expected_room + 16;
		work->expected =
			xrealloc(work->expected, work->expected_room * sizeof *work->expected);
	}
	struct expected_of *e = &work->expected[work->expected_count++];
	str_copy(queue, e->queue, sizeof e->queue);
	e->visits = visits;
}

static const struct zone *zone_of_tenant(struct clerk *me, struct str tenant)
{
	struct buf doc = buf_grow(512);
	const enum err e = registry_get(clerk_registry(me), KIND_tenant, tenant, tenant, &doc);
	clerk_registry_done(me);
	json_t *o = e == ERR_OK ? json_loadb(doc.p, doc.n, 0, NULL) : NULL;
	const struct str name = json_str(json_object_get(o, "time_zone"));
	const struct zone *z = name.n ? zone_get(name) : NULL;
	json_decref(o);
	buf_free(&doc);
	return z;
}

static void past_alarm(void *arg, const struct fact *f)
{
	board_past_alarm(arg, f);
}

/* Figures as of one moment, at or after everything the main thread had said. */
static void fill(struct clerk *me, struct board_work *work, const struct zone *zone)
{
	const struct str tenant = str_of(work->tenant);
	const struct ask_board *now = &work->now->board;
	struct str *queues = xcalloc(now->queue_count + 1, sizeof *queues);
	struct queue_rules house;
	enum err e = clerk_wait_durable(me, work->now->said);
	for (uint32_t i = 0; i < now->queue_count; i++)
		queues[i] = now->queues[i].id;
	if (e == ERR_OK)
		e = query_house_rules(me->reader, tenant, &house);
	if (e == ERR_OK) {
		work->board = board_create(zone, &house, clock_utc_ms());
		e = query_board(me->reader, tenant, queues, now->queue_count, work->board);
	}
	if (e == ERR_OK)
		e = query_notices(me->reader, tenant, clock_utc_ms() - NOTICES_MS, past_alarm,
				  work->board);
	free(queues);
	if (e == ERR_OK) {
		board_now(work->board, now);
		return;
	}
	board_destroy(work->board);
	work->board = NULL;
}

void board_work_run(struct clerk *me, struct job *j)
{
	struct board_work *work = j->board_work;
	const struct str tenant = str_of(work->tenant);
	j->match.tenant = tenant;
	work->now = clerk_ask(me, j, ASK_BOARD);
	if (clerk_wait(me, j, &work->now) != ERR_OK) {
		ask_free(work->now);
		work->now = NULL;
		return;
	}
	if (!tenant.n)
		return; /* who has alerts was all that is asked */
	const struct zone *zone = work->expect ? zone_of_tenant(me, tenant) : NULL;
	if (work->fill)
		fill(me, work, zone);
	if (work->expect &&
	    query_expected(me->reader, tenant, zone, clock_utc_ms(), expected, work) != ERR_OK)
		work->expected_count = 0;
	for (uint32_t i = 0; work->board && i < work->expected_count; i++)
		board_expect(work->board, str_of(work->expected[i].queue),
			     work->expected[i].visits);
}
