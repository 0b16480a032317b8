/*
 * erlang.h - how long callers wait when n agents serve them: Erlang B, C and A.
 *
 * Calls arrive at random (Poisson), handle times are exponential, one queue, first come first
 * served. Erlang C: callers wait for ever. Erlang A (M/M/n+M, Palm): each loses patience after an
 * exponential time. Formulas and sources: queueing texts as Mandelbaum and Zeltyn, "Service
 * engineering in action" (2007). All by recurrences and positive sums, so that nothing overflows
 * and nothing cancels; relative error below 1e-9 up to at least 10,000 agents. Same bits on every
 * machine (base/real.h). Pure; any thread.
 */
#pragma once

#include "base/err.h"

#define ERLANG_AGENTS_MAX 1000000u

struct erlang_load {
	double calls, per_s; /* calls in per_s seconds; both above 0 */
	double aht_s;	     /* average handle time, above 0 */
	double patience_s;   /* mean; 0: they wait for ever (Erlang C) */
	double threshold_s;  /* what "in time" means; 0 or more */
};

struct erlang_figures {
	bool stable;	    /* false: the queue grows without end and nothing below is set */
	double p_wait;	    /* share of callers that wait at all */
	double sl;	    /* answered within the threshold / offered (SL-1) */
	double asa_s;	    /* mean wait of those answered */
	double wait_s;	    /* mean wait of all, those who hung up included */
	double p_abandon;   /* 0 without patience */
	double occupancy;   /* share of the agents' time spent handling */
	double offered_erl; /* set always: calls * aht / per */
};

/* Blocking probability of n lines offered `erl` erlangs. */
double erlang_b(uint32_t agents, double erl);
/* Probability of waiting; 1 when erl >= agents. */
double erlang_c(uint32_t agents, double erl);

/* ERR_INVALID: a number out of its range, ten million calls within one patience, or agents
 * not 1..ERLANG_AGENTS_MAX. Takes time proportional to the agents and, with patience, to the
 * callers whose patience is tried. */
MUST_USE enum err erlang_figures(const struct erlang_load *l, uint32_t agents,
				 struct erlang_figures *out);
/* The least number of agents whose sl is at least target (above 0, below 1). ERR_NOT_FOUND: more
 * than ERLANG_AGENTS_MAX. */
MUST_USE enum err erlang_staff(const struct erlang_load *l, double target, uint32_t *agents);
