/*
 * query.h - what can be asked of the database, answered as the JSON of contract section 3.
 *
 * A reader is one connection: one thread at a time. Every question carries its tenant; a foreign id
 * is ERR_NOT_FOUND like an unknown one. JSON is appended to `out` (a growing buf). Reads are
 * bounded by their limit and never hold a transaction open between calls.
 */
#pragma once

#include "core/reach.h"
#include "report/contact_figures.h"
#include "report/flow_figures.h"
#include "report/queue_figures.h"
#include "store/store.h"

MUST_USE enum err store_reader_open(struct store *s, struct store_reader **out);
void store_reader_close(struct store_reader *r); /* NULL is fine */

struct contact_filter {
	int64_t from_ms, to_ms;	 /* arrival, [from,to); 0: open */
	struct str queue, agent; /* one, or several by commas */
	struct str customer, state, direction;
	struct str tag, follow_up_agent;
	int64_t follow_up_before_ms; /* only those that somebody comes back to before; 0: all */
	uint32_t limit;		     /* 1..500 */
	struct str after;	     /* cursor of the page before; empty: first */
	/* Only contacts that are or were in one of these queues or with one of these agents; NULL:
	 * all. */
	const struct reach *within;
};

/* One contact record as JSON object. */
MUST_USE enum err query_contact(struct store_reader *r, struct str tenant, struct uuid contact,
				struct buf *out);
/* {"items":[records, newest first],"next":cursor|null} */
MUST_USE enum err query_contacts(struct store_reader *r, struct str tenant,
				 const struct contact_filter *f, struct buf *out);
/* {"items":[facts],"next":null}: the facts of one contact, in order */
MUST_USE enum err query_contact_events(struct store_reader *r, struct str tenant,
				       struct uuid contact, struct buf *out);
/* The same, without who only listened (a tenant's `monitor_silent`). */
MUST_USE enum err query_contact_events_silent(struct store_reader *r, struct str tenant,
					      struct uuid contact, struct buf *out);
/* The facts of one contact of any tenant as lines that begin with their time: for the people of the
 * house (ctl trace), never for a tenant. */
MUST_USE enum err query_contact_lines(struct store_reader *r, struct uuid contact, struct buf *out);
/* {"items":[{"at","seq","queue","agent",…decision}]} */
MUST_USE enum err query_contact_why(struct store_reader *r, struct str tenant, struct uuid contact,
				    struct buf *out);
/* Every fact of the tenant's contacts that are not over, oldest first; they are valid during the
 * call. *prev: the tenant's newest fact at or before `at`, 0: none. */
MUST_USE enum err query_live(struct store_reader *r, struct str tenant, uint64_t at,
			     void (*fact)(void *arg, const struct fact *f), void *arg,
			     uint64_t *prev);
/* Alarms, approvals and what was acknowledged of them since then, oldest first. */
MUST_USE enum err query_notices(struct store_reader *r, struct str tenant, int64_t from_ms,
				void (*fact)(void *arg, const struct fact *f), void *arg);
/* Messages to desks since then, and who read them, oldest first. */
MUST_USE enum err query_messages(struct store_reader *r, struct str tenant, int64_t from_ms,
				 void (*fact)(void *arg, const struct fact *f), void *arg);
/* The tenant's facts with seq > after, each with `prev`: items as JSON text one by one, at most
 * `limit`; *last_seq gets the seq of the last one (or `after`). An empty tenant: everybody's. */
MUST_USE enum err query_events(struct store_reader *r, struct str tenant, uint64_t after,
			       uint32_t limit,
			       void (*item)(void *arg, uint64_t seq, struct str json), void *arg,
			       uint64_t *last_seq);

struct report_filter {
	int64_t from_ms, to_ms; /* [from,to) */
	int64_t now_ms;		/* for what still waits or runs */
	uint32_t interval_s;	/* 900 1800 3600 86400, 0: whole range */
	bool by_end;		/* visits count where they were answered or left, not where begun */
	struct str queue, agent, trunk; /* one, or several by commas; empty: all */
	const struct reach *within;	/* rows and contacts of those only; NULL: of all */
	struct queue_choice choice;	/* formulas of the reader's, instead of those agreed on */
	bool together;	      /* rows of all queues (agents) together, whose name is null */
	bool total;	      /* `total` beside `items`: one such row of the whole range */
	struct str time_zone; /* the tenant's: where days and hours begin */
	struct str list;      /* FIELD: the contacts behind that number instead of rows */
	uint32_t limit;	      /* of the list */
	struct str after;
	/* Not NULL: rows go here one by one, JSON objects that live during the call, the total
	 * last; `out` is left empty. False from it: enough, ERR_AGAIN. */
	bool (*row)(void *arg, struct str row, bool total);
	void *row_arg;
};
/* ERR_INVALID: no such interval, list or cursor; ERR_UNSUPPORTED: nobody stands behind that member;
 * ERR_TOO_LARGE: too many rows. */
MUST_USE enum err query_report_queues(struct store_reader *r, struct str tenant,
				      const struct report_filter *f, struct buf *out);
MUST_USE enum err query_report_agents(struct store_reader *r, struct str tenant,
				      const struct report_filter *f, struct buf *out);

/* Flows, their nodes, their paths (report/flow_figures.h). */
struct flow_query {
	struct report_filter
		range; /* queue and agent are not asked; limit: of paths and of lists */
	enum flow_report report;
	struct flow_filter filter;
};
MUST_USE enum err query_report_flows(struct store_reader *r, struct str tenant,
				     const struct flow_query *f, struct buf *out);

/* {"items":[{mass_event, from_at, to_at, …figures}]}: mass events that began in [from,to). */
MUST_USE enum err query_report_mass_events(struct store_reader *r, struct str tenant,
					   const struct report_filter *f, struct buf *out);

/* {"items":[{trunk, at, …line occupancy}]}; lists: calls, inbound, outbound, used_ms, erlangs and
 * most: those that were on it at the first moment of it. */
MUST_USE enum err query_report_trunks(struct store_reader *r, struct str tenant,
				      const struct report_filter *f, struct buf *out);

/* Fills a board (report/board.h) with everything that is stored at one moment; its queues: those
 * ever entered, and `queues`. */
struct board;
MUST_USE enum err query_board(struct store_reader *r, struct str tenant, const struct str *queues,
			      uint32_t queue_count, struct board *b);
/* The tenant's own formulas. */
struct queue_rules;
MUST_USE enum err query_house_rules(struct store_reader *r, struct str tenant,
				    struct queue_rules *out);
/* What report/expected.h says of every queue that was ever entered. */
MUST_USE enum err query_expected(struct store_reader *r, struct str tenant, const struct zone *zone,
				 int64_t now_ms,
				 void (*each)(void *arg, struct str queue, double expected),
				 void *arg);

/* Figures of contacts by what tells them apart (report/contact_figures.h). */
struct contacts_query {
	struct report_filter range; /* queue, agent: whoever was in that queue or with that agent */
	enum contacts_by by;
	bool keyed; /* only those of `key`; empty: those that have none */
	struct str key;
	struct contact_narrow narrow;
};
MUST_USE enum err query_report_contacts(struct store_reader *r, struct str tenant,
					const struct contacts_query *f, struct buf *out);

/* What became of a saved report's mails (report_sent, report_failed). */
struct report_run {
	int64_t due_ms, at_ms, bytes;
	uint32_t attempt;
	struct str state, why, to, message_id; /* views; valid during the call */
};
/* One of that moment, due_ms; ERR_NOT_FOUND: none yet. The texts of *out are not set, but state is
 * a word that stays: "sent", "retrying" or "failed". */
MUST_USE enum err query_report_run(struct store_reader *r, struct str tenant, struct str report,
				   int64_t due_ms, struct report_run *out);
/* Newest first, at most limit. */
MUST_USE enum err query_report_runs(struct store_reader *r, struct str tenant, struct str report,
				    uint32_t limit,
				    void (*each)(void *arg, const struct report_run *run),
				    void *arg);

struct recording_row {
	char path[256]; /* below the recordings' root */
	int64_t started_at_ms, duration_ms, bytes;
	char sha256[65], codec[16], flaw[64];
	struct uuid contact;
	bool finished;
	int64_t deleted_at_ms; /* 0: its sound is there */
};
/* json (may be NULL) gets the metadata object. */
MUST_USE enum err query_recording(struct store_reader *r, struct str tenant, struct str id,
				  struct recording_row *out, struct buf *json);

/* Finished recordings begun before this whose sound is there and whose contact is over and not
 * held, oldest first, after the one named (0 and none: from the beginning). */
struct recording_due {
	char id[64], queue[64], path[256];
	int64_t started_at_ms, bytes;
	struct uuid contact;
};
MUST_USE enum err query_recordings_due(struct store_reader *r, struct str tenant, int64_t before_ms,
				       int64_t after_ms, struct str after_id,
				       struct recording_due *out, uint32_t room, uint32_t *count);
/* How many there are and how large, by queue (of none: empty) and by their age in days: what is
 * due by a rule of n days has age_days >= n. held: kept by a hold. */
struct recordings_sum {
	struct str queue;
	int64_t age_days, count, bytes, oldest_at_ms, held;
};
MUST_USE enum err query_recordings_sum(struct store_reader *r, struct str tenant, int64_t now_ms,
				       void (*each)(void *arg, const struct recordings_sum *s),
				       void *arg);

/* A sign-in by the SHA-256 (hex) of its token. ERR_NOT_FOUND: unknown, ended or expired. */
struct session_row {
	char tenant[64], user[64], from[48];
	int64_t began_at_ms, expires_at_ms;
};
MUST_USE enum err query_session(struct store_reader *r, struct str token_hash, int64_t now_ms,
				struct session_row *out);
/* Those of one user (empty: of everybody) that have not expired, newest first. */
MUST_USE enum err query_sessions(
	struct store_reader *r, struct str tenant, struct str user, int64_t now_ms,
	void (*each)(void *arg, struct str token_hash, const struct session_row *s), void *arg);
/* An API token by the SHA-256 (hex) of what is sent. ERR_NOT_FOUND: unknown, taken back or expired.
 */
struct token_row {
	char tenant[64], id[16], name[257], roles[64], by[72], used_from[48];
	int64_t made_at_ms, expires_at_ms, used_at_ms; /* 0: never */
};
MUST_USE enum err query_token(struct store_reader *r, struct str token_hash, int64_t now_ms,
			      struct token_row *out);
/* All of a tenant that were not taken back, oldest first; expired ones too. */
MUST_USE enum err query_tokens(struct store_reader *r, struct str tenant,
			       void (*each)(void *arg, struct str token_hash,
					    const struct token_row *t),
			       void *arg);
/* What is kept for a user (event user_kept). ERR_NOT_FOUND: nothing. */
MUST_USE enum err query_user_kept(struct store_reader *r, struct str tenant, struct str user,
				  const char *what, struct buf *out);
/* An answer given to an Idempotency-Key before. ERR_NOT_FOUND: none. */
MUST_USE enum err query_request_done(struct store_reader *r, struct str tenant, struct str user,
				     struct str key, uint32_t *status, struct buf *body);

/* Declared objects: every newest version, tenants first, then in order of kind and id. */
struct object_row {
	enum object_kind kind;
	struct str tenant, id, doc, op, by;
	uint32_t version;
	int64_t at_ms;
};
MUST_USE enum err query_objects(struct store_reader *r,
				void (*row)(void *arg, const struct object_row *o), void *arg);
/* All versions of one, oldest first (deleted ones too: doc empty, op deleted). */
MUST_USE enum err query_versions(struct store_reader *r, enum object_kind kind, struct str tenant,
				 struct str id, void (*row)(void *arg, const struct object_row *o),
				 void *arg);

/* `centrala check`: every law, one line a difference into out; *problems gets their number.
 * recordings_root: to compare files with their rows; empty: skip that. */
MUST_USE enum err store_check(struct store_reader *r, struct str recordings_root, struct buf *out,
			      uint32_t *problems);

/*
 * The part of it that runs every night (behaviours.md T-3), for one tenant: the visits of every
 * queue and the record of every contact that arrived in [from,to), both multiples of a quarter of
 * an hour, against the facts. Lines and *problems as above. going, asked between its short
 * reads: false ends it with ERR_AGAIN.
 */
MUST_USE enum err store_check_recent(struct store_reader *r, struct str tenant, int64_t from_ms,
				     int64_t to_ms, bool (*going)(void *arg), void *arg,
				     struct buf *out, uint32_t *problems);
/* The tenant with data that comes after this one in order of bytes; ERR_NOT_FOUND: none does. */
MUST_USE enum err store_tenant_after(struct store_reader *r, struct str tenant, char next[64]);
