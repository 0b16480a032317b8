/*
 * contact_figures.h - figures of contacts, told apart by one thing (direction, outcome, hour,
 * number …): a fold over contact records as JSON (record.h).
 *
 * contacts = answered + abandoned + in_flow + unanswered + open: every contact is one of them.
 *   answered    an agent talked with him, also when he talks still
 *   abandoned   came in, waited in a queue, hung up before anybody answered
 *   in_flow     came in, was in no queue, and it is over: served or lost by the flow
 *   unanswered  any other one that is over: refused, failed, called in vain
 *   open        goes on, and nobody has answered yet
 * Contacts belong to the interval they arrived in. Private ones (behaviours.md A-8) count nowhere.
 * Pure; owner: whoever holds the struct.
 */
#pragma once

#include "base/jsonw.h"
#include "base/map.h"
#include "report/interval.h"

#define CONTACT_ROWS_MAX 50000u

/* What tells them apart; "number" is the other side's, "line" ours. */
#define CONTACTS_BY(X)                                                                             \
	X(none)                                                                                    \
	X(direction)                                                                               \
	X(channel)                                                                                 \
	X(outcome)                                                                                 \
	X(queue)                                                                                   \
	X(agent)                                                                                   \
	X(customer)                                                                                \
	X(number)                                                                                  \
	X(line)                                                                                    \
	X(ended_by)                                                                                \
	X(hour)	   /* of the local clock, 00 to 23 */                                              \
	X(weekday) /* 1 Monday to 7 Sunday */

enum contacts_by {
#define X(name) CONTACTS_BY_##name,
	CONTACTS_BY(X)
#undef X
};
MUST_USE enum err contacts_by_from(struct str word, enum contacts_by *out);
struct str contacts_by_word(enum contacts_by by);

#define CONTACT_COUNTS(X)                                                                          \
	X(contacts)                                                                                \
	X(answered)                                                                                \
	X(abandoned)                                                                               \
	X(in_flow)                                                                                 \
	X(unanswered)                                                                              \
	X(open)                                                                                    \
	X(queued) /* were in a queue */                                                            \
	X(recorded)

enum contact_count {
#define X(name) CONTACT_##name,
	CONTACT_COUNTS(X)
#undef X
		CONTACT_COUNT_COUNT
};

/* Which contacts at all; empty texts: all. */
struct contact_narrow {
	struct str direction, channel, outcome, customer, number, line, state, ended_by;
};

/* A record, looked at: views into its text (ids and words), numbers (-1: none). */
struct contact_seen {
	struct str direction, channel, state, from, to, queue, agent, customer, outcome, ended_by;
	int64_t arrived_at, ended_at, wait_ms, talk_ms, hold_ms, wrap_ms;
	bool private, recorded;
};
/* ERR_INVALID: no record. */
MUST_USE enum err contact_see(struct str record, struct contact_seen *out);
bool contact_counts(enum contact_count count, const struct contact_seen *c);
bool contact_fits(const struct contact_narrow *n, const struct contact_seen *c);
/* The key he counts under; room: for hours and days. */
struct str contact_key(enum contacts_by by, const struct zone *zone, const struct contact_seen *c,
		       char room[4]);

struct contact_figures {
	enum contacts_by by;
	const struct interval *interval;
	struct map rows;
	struct buf key; /* scratch */
	bool full;	/* CONTACT_ROWS_MAX was reached: figures would be wrong */
};

void contact_figures_init(struct contact_figures *f, enum contacts_by by,
			  const struct interval *interval);
void contact_figures_finish(struct contact_figures *f);
void contact_figures_add(struct contact_figures *f, const struct contact_seen *c);
/* Rows by key and time. False from row: enough. */
struct contact_row;
void contact_figures_rows(const struct contact_figures *f,
			  bool (*row)(void *arg, const struct contact_row *r), void *arg);
/* The members of a row; r NULL: of all together, at from_ms. */
void contact_row_json(struct jsonw *w, const struct contact_figures *f, const struct contact_row *r,
		      int64_t from_ms);
/* Which contacts stand behind a field of the row. ERR_INVALID: no such field. */
MUST_USE enum err contact_field(struct str name, enum contact_count *out);
