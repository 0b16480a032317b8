/*
 * tally.h - what happened in the invented world, counted by the folds that make our reports.
 *
 * Takes the batches of the hall's turns, makes contact records of their facts (report/record.h) and
 * figures of the records, and forgets them: nothing is stored. A visit, an offer and an agent's
 * contact count when they began in the counted stretch; an agent's time is cut at its edges.
 * Owner: whoever holds the struct.
 */
#pragma once

#include "base/map.h"
#include "report/agent_figures.h"
#include "report/queue_figures.h"
#include "sim/scenario.h"

struct tally_queue {
	struct queue_rules rules;
	struct queue_figures figures;
	int64_t waited;		   /* visits that were not answered at once */
	struct queue_figures base; /* the same promises, had the base formula made them */
};

struct tally {
	const struct scenario *scenario;
	int64_t from_ms, to_ms;	   /* UTC: what is counted */
	struct map queues;	   /* struct tally_queue by the queue's id */
	struct tally_queue *queue; /* as in the scenario */
	struct map agents;	   /* what each is doing now, by his id */
	struct map open;	   /* records of contacts, by uuid */
	struct agent_figures all;  /* of all agents together */
	uint64_t events;	   /* facts told */
};

void tally_init(struct tally *t, const struct scenario *s, int64_t from_ms, int64_t to_ms);
void tally_finish(struct tally *t);
/* The bytes of one turn (core/batch.h). */
void tally_batch(struct tally *t, struct str batch);
/* A visit that began at began_ms (UTC) was answered waited_ms after it was told a wait; the base
 * formula (behaviours.md P-2) would have told base_ms. */
void tally_base(struct tally *t, uint32_t queue, int64_t began_ms, int64_t base_ms,
		int64_t waited_ms);
/* The world has stopped: contacts still open count as they stand. */
void tally_close(struct tally *t);
/* {"queues":{..},"agents":{..},"events":n, and no closing brace: the caller adds and closes. */
void tally_json(struct jsonw *w, struct tally *t);
