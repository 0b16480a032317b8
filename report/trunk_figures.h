/*
 * trunk_figures.h - how much of a trunk was used (behaviours.md section 2, line occupancy). Pure.
 *
 * A use is one call on it: an inbound one from its arrival to its disconnect, an outbound one from
 * the moment it is dialled to its end. Times are UTC milliseconds.
 */
#pragma once

#include "base/jsonw.h"
#include "base/str.h"

struct trunk_use {
	int64_t from_ms, to_ms;
	bool outbound;
};

struct trunk_figures {
	uint32_t inbound, outbound; /* that began */
	uint64_t blocked;	    /* calls refused because of limits; the caller adds them */
	uint32_t most;		    /* at one time; UINT32_MAX: not known */
	int64_t most_at_ms;	    /* the first moment of it */
	int64_t used_ms;	    /* of all of them together */
	int64_t full_ms;	    /* while max_calls or more went on; -1: no limit is declared */
};

/* Of [from_ms,to_ms): uses in any order, those outside are passed over. max_calls 0: none. */
void trunk_figures_make(struct trunk_figures *out, const struct trunk_use *uses, uint32_t count,
			int64_t from_ms, int64_t to_ms, uint32_t max_calls);
/* Adds another's: other trunks, other intervals; what they had at one time is not known then. */
void trunk_figures_merge(struct trunk_figures *f, const struct trunk_figures *other);
bool trunk_figures_any(const struct trunk_figures *f);
/* The members of a row; the interval's length makes milliseconds erlangs. */
void trunk_figures_json(struct jsonw *w, const struct trunk_figures *f, int64_t length_ms);
