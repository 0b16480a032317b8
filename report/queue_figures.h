/*
 * queue_figures.h - the figures of a queue: a fold over its visits (behaviours.md section 2).
 *
 * A visit is one stay of a contact in a queue; its counts belong to the interval it began in.
 * Ratios are null when there is nothing to divide by. Sums are exact milliseconds, averages rounded
 * half up. Pure; owner: whoever holds the struct; it allocates for the percentiles.
 */
#pragma once

#include "base/jsonw.h"
#include "core/words.h"

struct visit {
	int64_t started_at;
	enum result result; /* none: still waiting */
	int64_t wait_ms, talk_ms, hold_ms, wrap_ms;
	bool handled;	  /* an agent served it to the end, wrap-up included */
	bool transferred; /* an agent who had it from this queue handed it on */
	/* The first wait the caller was told: what was reckoned, its upper end (0: nothing was
	 * told), and how long he waited from then on. */
	int64_t promise_ewt_ms, promise_ms, promise_waited_ms;
};

/* Which of the formulas for lost callers is the queue's `abandon_rate`. */
#define ABANDON_FORMULAS(X)                                                                        \
	X(default) /* (Ab - Sab) / (Off - Sab) */                                                  \
	X(plain)   /* Ab / Off */                                                                  \
	X(handled) /* (Ab - Sab) / (Ans + Ab - Sab) */

enum abandon_formula {
#define X(name) ABANDON_##name,
	ABANDON_FORMULAS(X)
#undef X
};

/* What "in time" and "short" mean for the queue (both limits belong to the good side), and which
 * formula is the one agreed on with the tenant's customer (behaviours.md K-1, K-4). All of it may
 * change at any time; figures are made of visits anew, so the past changes with it. */
struct queue_rules {
	int64_t threshold_ms, short_ms;
	uint32_t sl;					 /* SL-1..SL-6; 0 is SL-1 */
	bool with_flow_out, without_short, without_lost; /* the switches of SL-2 */
	enum abandon_formula abandon;
};
#define QUEUE_RULES_DEFAULT ((struct queue_rules){.threshold_ms = 20000, .short_ms = 5000, .sl = 1})

/* What a reader wants instead of it; what is not said stays as agreed. */
struct queue_choice {
	bool level, lost, threshold, shorts; /* which of the rules are his */
	struct queue_rules rules;
};
void queue_choice_take(const struct queue_choice *choice, struct queue_rules *rules);
/* A level by its name as in `sl_variant`: "sl_1" … "sl_6", "sl_2_with_flow_out_without_short".
 * ERR_INVALID: no such. */
MUST_USE enum err queue_level_from(struct str name, struct queue_rules *out);

#define QUEUE_COUNTS(X)                                                                            \
	X(offered)                                                                                 \
	X(answered)                                                                                \
	X(abandoned)                                                                               \
	X(short_abandoned)                                                                         \
	X(flow_out)                                                                                \
	X(callbacks)                                                                               \
	X(rejected)                                                                                \
	X(failed)                                                                                  \
	X(waiting)                                                                                 \
	X(answered_in_threshold)                                                                   \
	X(abandoned_in_threshold)                                                                  \
	X(handled)                                                                                 \
	X(transferred)                                                                             \
	X(promised)	/* was told a wait, and it is known whether it came true (P-4) */          \
	X(promise_kept) /* waited no longer than that */

/* What stands above the line of a ratio and is no column by itself. */
#define QUEUE_NUMERATORS(X)                                                                        \
	X(done_in_threshold) /* answered or abandoned: SL-4 */                                     \
	X(long_abandoned)    /* not short */

enum queue_count {
#define X(name) COUNT_##name,
	QUEUE_COUNTS(X) QUEUE_NUMERATORS(X)
#undef X
		QUEUE_COUNT_COUNT,
	QUEUE_COLUMN_COUNT = COUNT_done_in_threshold
};

struct queue_figures {
	int64_t count[QUEUE_COUNT_COUNT];
	int64_t answered_wait_ms, abandoned_wait_ms;
	int64_t talk_ms, hold_ms, wrap_ms;			   /* of all */
	int64_t handled_talk_ms, handled_hold_ms, handled_wrap_ms; /* of those handled */
	int64_t *waits;						   /* of those answered */
	size_t wait_count, wait_room;
	double *errors; /* of the promises: |reckoned - real| / real */
	size_t error_count, error_room;
	bool ordered; /* both stay ascending, so that visits can be taken out again */
};

void queue_figures_init(struct queue_figures *f);
void queue_figures_finish(struct queue_figures *f);
void queue_figures_clear(struct queue_figures *f); /* for the next interval; keeps its memory */
void queue_figures_add(struct queue_figures *f, const struct queue_rules *rules,
		       const struct visit *v);
/* From now on waits and errors stay ascending. */
void queue_figures_order(struct queue_figures *f);
/* Takes out again what was added by the same rules. f->ordered. */
void queue_figures_remove(struct queue_figures *f, const struct queue_rules *rules,
			  const struct visit *v);
/* Whether this visit is one of those counted. */
bool visit_counts(enum queue_count count, const struct queue_rules *rules, const struct visit *v);
/* "sl_2_with_flow_out": the name of what was agreed on. */
void queue_figures_variant(const struct queue_rules *rules, struct buf *out);
/* The members of a report row after `queue` and `at`. Sorts the waits. rules: those the visits were
 * added by; a limit below 0 is told as null: several queues with limits of their own. */
void queue_figures_json(struct jsonw *w, struct queue_figures *f, const struct queue_rules *rules);
/* The service level and the share of lost callers agreed on; NAN: no data. */
double queue_figures_level(const struct queue_figures *f, const struct queue_rules *rules);
double queue_figures_lost(const struct queue_figures *f, const struct queue_rules *rules);
/* Of an interval in a row of a board: {offered, answered_in_threshold, sl, abandoned}, without its
 * braces. count: QUEUE_COUNT_COUNT of them. */
void queue_figures_spark(struct jsonw *w, const int64_t *count, const struct queue_rules *rules);
/* Of these only what is about promises. Sorts the errors. */
void queue_figures_promises(struct jsonw *w, struct queue_figures *f);
/* Which visits stand behind a field of the row: a count's own, a ratio's numerator, an average's or
 * sum's base (those averaged or summed up). ERR_INVALID: no such field; ERR_UNSUPPORTED: a field
 * that counts nothing (the name of a formula, a limit). */
MUST_USE enum err queue_field(struct str name, const struct queue_rules *rules,
			      enum queue_count *out);
/* "default", "plain", "handled" */
MUST_USE enum err abandon_formula_from(struct str word, enum abandon_formula *out);

/* Nearest rank: the smallest value that at least percent % of all are not above. sorted ascending,
 * n > 0, percent 1..100. */
int64_t figures_percentile(const int64_t *sorted, size_t n, uint32_t percent);
/* sum / n rounded half up; n > 0. */
int64_t figures_average(int64_t sum, int64_t n);
/* A member of a row: part / whole, sum / n; null without data (T-5). */
void figures_put_ratio(struct jsonw *w, const char *key, int64_t part, int64_t whole);
void figures_put_average(struct jsonw *w, const char *key, int64_t sum, int64_t n);
