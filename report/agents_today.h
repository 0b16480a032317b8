/*
 * agents_today.h - how occupied each agent was in the tenant's day so far, by the arithmetic of
 * reports/agents (agent_figures.h).
 *
 * A fold over spells, an agent's presence and work between two facts. A row says the sums until its
 * spell began and what the spell counts as since: who looks on adds the time that has passed, so
 * that a row is told once a fact and is right at every moment. Times are UTC milliseconds. Pure: no
 * clock, no lock; owner: whoever holds the struct.
 */
#pragma once

#include "base/jsonw.h"
#include "base/map.h"
#include "core/fact.h"
#include "core/reach.h"
#include "report/agent_figures.h"

struct agents_today {
	struct map rows; /* of struct agent_today, by the agent's id */
	int64_t day_ms;	 /* where the day began */
	uint64_t news;	 /* number of the newest change */
	bool ringing_works;
};

void agents_today_init(struct agents_today *t, int64_t day_ms);
void agents_today_finish(struct agents_today *t);

/* One of what is stored, in order; to_ms INT64_MAX: it lasts (store/fold.c). */
void agents_today_spell(struct agents_today *t, struct str agent, const struct spell *s,
			int64_t from_ms, int64_t to_ms);
/* An agent's presence or work changes; of anything else: nothing. */
void agents_today_fact(struct agents_today *t, const struct fact *f);
/* Another day began: what lasts goes on from there, all else is forgotten. */
void agents_today_begin(struct agents_today *t, int64_t day_ms);

/* "agents":[{"agent","busy_ms","of_ms","since","adds"}]: those in reach (NULL: all) that changed
 * after `news` and were signed in today. adds: what the time since `since` adds to: "busy" (both
 * sums), "of" (the second alone), or null (neither). False: there is none, and nothing was written.
 */
bool agents_today_json(const struct agents_today *t, const struct reach *r, uint64_t news,
		       struct jsonw *w);
