/*
 * agent_figures.h - the figures of an agent: state time, offers, contacts served.
 *
 * State time comes from spells (an agent's presence and work between two facts), cut exactly at the
 * edges of intervals; offers and contacts belong to the interval they began in. Pure; owner:
 * whoever holds the struct.
 */
#pragma once

#include "base/jsonw.h"
#include "core/words.h"

#define AGENT_REASONS 24 /* reasons of an interval told apart; more are told as "other" */

#define AGENT_TIMES(X)                                                                             \
	X(signed_in)                                                                               \
	X(ready)	 /* and idle */                                                            \
	X(not_ready)	 /* and idle */                                                            \
	X(outbound_only) /* and idle */                                                            \
	X(offered)                                                                                 \
	X(dialling)                                                                                \
	X(preview)                                                                                 \
	X(talk) /* talking, consulting, conferencing */                                            \
	X(hold)                                                                                    \
	X(wrap)                                                                                    \
	X(no_answer)                                                                               \
	X(private) /* calls of his own that are nobody's business (A-8), dialling and wrap-up too  \
		    */

enum agent_time {
#define X(name) TIME_##name,
	AGENT_TIMES(X)
#undef X
		AGENT_TIME_COUNT
};

#define AGENT_COUNTS(X)                                                                            \
	X(handled)                                                                                 \
	X(offers)                                                                                  \
	X(accepted)                                                                                \
	X(missed)                                                                                  \
	X(rejected)                                                                                \
	X(unreachable)                                                                             \
	X(busy)                                                                                    \
	X(cancelled)                                                                               \
	X(answered_elsewhere)                                                                      \
	X(lost)                                                                                    \
	X(dialled) /* calls he began, but for private ones */                                      \
	X(dialled_answered)

enum agent_count {
#define X(name) AGENT_##name,
	AGENT_COUNTS(X)
#undef X
		AGENT_COUNT_COUNT
};

struct agent_reason {
	char name[64];
	int64_t ms;
};

struct agent_figures {
	int64_t time[AGENT_TIME_COUNT], count[AGENT_COUNT_COUNT];
	struct agent_reason reasons[AGENT_REASONS]; /* of not ready */
	uint32_t reason_count;
	int64_t dialled_talk_ms;	     /* in calls he began */
	int64_t handled_ms, handled_wrap_ms; /* talk, hold and wrap-up of contacts handled */
};

struct spell {
	enum presence presence;
	enum work work;
	struct str reason;
	bool private; /* works on a private contact */
};

/* What its time is counted as. False: signed out, nothing. */
bool agent_time_of(const struct spell *s, enum agent_time *out);
/* Of these times, what occupancy counts as work, and all that it counts. ringing_works: the time a
 * phone rang is work, not ready. */
void agent_occupancy(const int64_t time[AGENT_TIME_COUNT], bool ringing_works, int64_t *busy_ms,
		     int64_t *of_ms);
/* ms of this spell lie in the interval. False: signed out, nothing to tell. */
bool agent_figures_spell(struct agent_figures *f, const struct spell *s, int64_t ms);
/* ended false: it rings still. */
void agent_figures_offer(struct agent_figures *f, bool ended, enum offer_result result);
void agent_figures_contact(struct agent_figures *f, int64_t talk_ms, int64_t hold_ms,
			   int64_t wrap_ms);
/* A call he began, over or not. */
void agent_figures_own(struct agent_figures *f, int64_t talk_ms, bool answered);
/* Adds all of another's. */
void agent_figures_merge(struct agent_figures *f, const struct agent_figures *other);
bool offer_counts(enum agent_count count, bool ended, enum offer_result result);
/* The members of a report row after `agent` and `at`. */
void agent_figures_json(struct jsonw *w, const struct agent_figures *f, bool ringing_works);

/* What stands behind a field of the row: offers; contacts served to the end; or those that have
 * talk, hold or wrap-up in the range. */
enum agent_behind {
	BEHIND_offers,
	BEHIND_handled,
	BEHIND_talk,
	BEHIND_hold,
	BEHIND_wrap,
	BEHIND_dialled,
	BEHIND_dialled_answered
};
struct agent_list {
	enum agent_behind behind;
	enum agent_count count; /* of offers */
};
/* A count's own, a ratio's numerator, an average's or time's base. ERR_INVALID: no such field;
 * ERR_UNSUPPORTED: no contacts stand behind it (time that nobody was served in). */
MUST_USE enum err agent_field(struct str name, struct agent_list *out);
