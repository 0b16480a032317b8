/*
 * forecast.h - how long does a place in line wait: quantiles of many short simulations.
 *
 * Hands (agents) become free after what is left of their talk, thrown from the handle times that
 * were seen; each takes the best contact that he may serve; contacts ahead may lose patience.
 * Probes of the queue asked about stand at chosen places and note when somebody could have taken
 * them. No one who comes later and ranks lower can change that, so nobody needs to be foretold but
 * those who would go before (lines with `goes_before`). docs/decisions/0016.
 *
 * Pure: figures in, figures out; the same seed gives the same answer on every machine. Cost is
 * bounded by FORECAST_STEPS, whatever the size.
 */
#pragma once

#include "base/check.h"

#define FORECAST_LINES_MAX 8u	 /* a queue and those that share its agents */
#define FORECAST_HANDS_MAX 512u	 /* more: one of every `scale` stands for all */
#define FORECAST_AHEAD_MAX 1024u /* further places are reckoned from the last one */
#define FORECAST_DEMANDS_MAX 62u /* relaxation steps of a queue; later ones count as this one */
#define FORECAST_OWN_MAX 8u	 /* of contacts; the rest counts as its queue asks */
#define FORECAST_PROBES_MAX 32u
#define FORECAST_RUNS_MAX 128u
#define FORECAST_RUNS_MIN 8u
#define FORECAST_STEPS 8000u /* hands freed and contacts met in all runs together, about */
#define FORECAST_NEVER INT64_MAX

/* What contacts ask for instead of what their queue asks. */
struct forecast_own {
	const int64_t *after_ms;
	uint32_t demand_count;
};

/* A queue. */
struct forecast_line {
	const uint32_t *handle_ms; /* talk and wrap-up as seen, ascending; few: the mean counts */
	uint32_t handle_count;
	double handle_mean_ms;
	double quits_per_ms;	 /* of one who waits; 0: for ever */
	double comes_per_ms;	 /* of a queue that goes before the one asked about; else 0 */
	const int64_t *after_ms; /* demands apply after so long a wait, ascending */
	uint32_t demand_count;
};

/* An agent. */
struct forecast_hand {
	int64_t rest_ms; /* until he is free; below 0: not known, he talks since busy_ms */
	int64_t busy_ms;
	uint8_t line; /* whose contact he has */
	/* By line: bit 0: he serves it; bit n + 1: he fulfils its demand n. */
	uint64_t serves[FORECAST_LINES_MAX];
	uint64_t own[FORECAST_OWN_MAX];	     /* the same, by what contacts ask for themselves */
	int64_t from_ms[FORECAST_LINES_MAX]; /* tiers: only those who have waited so long */
};

/* One who waits, best first. */
struct forecast_ahead {
	int64_t waited_ms;
	int64_t stays_ms; /* leaves by rule after so long from now; FORECAST_NEVER: he does not */
	uint8_t line;
	uint8_t own; /* number of its own demand + 1; 0: as its line asks */
	bool taken;  /* a phone rings for him: he has a place and needs nobody else */
};

struct forecast_world {
	struct forecast_line lines[FORECAST_LINES_MAX]; /* [0]: the one asked about */
	uint32_t line_count;
	struct forecast_own owns[FORECAST_OWN_MAX];
	struct forecast_hand hands[FORECAST_HANDS_MAX];
	uint32_t hand_count;
	struct forecast_ahead ahead[FORECAST_AHEAD_MAX];
	uint32_t ahead_count;
	uint32_t scale; /* each hand and each contact here stands for so many; 1.. */
};

enum forecast_quantile { FORECAST_P20, FORECAST_P50, FORECAST_P80, FORECAST_QUANTILES };

struct forecast {
	uint32_t count;
	double place[FORECAST_PROBES_MAX]; /* 1: served next; ascending */
	int64_t wait_ms[FORECAST_PROBES_MAX][FORECAST_QUANTILES];
};

struct forecast_room; /* memory to work in; one serves all queues */
struct forecast_room *forecast_room_create(void);
void forecast_room_destroy(struct forecast_room *r);

void forecast_run(struct forecast_room *r, const struct forecast_world *w, uint64_t seed,
		  struct forecast *out);
/* Of the contact at `place`, 1..; between probes by a straight line. FORECAST_NEVER: nobody will.
 */
int64_t forecast_wait(const struct forecast *f, uint32_t place, enum forecast_quantile q);
