/*
 * query.h - what can be asked of the database, answered as the JSON of contract section 3.
 *
 * A reader is one connection: one thread at a time. Every question carries its tenant; a foreign id
 * is ERR_NOT_FOUND like an unknown one. JSON is appended to `out` (a growing buf). Reads are
 * bounded by their limit and never hold a transaction open between calls.
 */
#pragma once

#include "report/flow_figures.h"
#include "store/store.h"

MUST_USE enum err store_reader_open(struct store *s, struct store_reader **out);
void store_reader_close(struct store_reader *r); /* NULL is fine */

struct contact_filter {
	int64_t from_ms, to_ms; /* arrival, [from,to); 0: open */
	struct str queue, agent, customer, state, direction;
	uint32_t limit;	  /* 1..500 */
	struct str after; /* cursor of the page before; empty: first */
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
/* The same, as an agent may see them. */
MUST_USE enum err query_contact_events_of_agent(struct store_reader *r, struct str tenant,
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
	struct str queue, agent; /* empty: all */
	struct str time_zone;	 /* the tenant's, for 86400 */
	struct str list;	 /* FIELD: the contacts behind that number instead of rows */
	uint32_t limit;		 /* of the list */
	struct str after;
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

/* {"items":[{trunk, at, …line occupancy}]}; lists: calls, inbound, outbound. */
MUST_USE enum err query_report_trunks(struct store_reader *r, struct str tenant,
				      const struct report_filter *f, struct buf *out);

struct recording_row {
	char path[256]; /* below the recordings' root */
	int64_t started_at_ms, duration_ms, bytes;
	char sha256[65], codec[16], flaw[64];
	struct uuid contact;
	bool finished;
};
/* json (may be NULL) gets the metadata object. */
MUST_USE enum err query_recording(struct store_reader *r, struct str tenant, struct str id,
				  struct recording_row *out, struct buf *json);

/* A sign-in by the SHA-256 (hex) of its token. ERR_NOT_FOUND: unknown, ended or expired. */
struct session_row {
	char tenant[64], user[64], from[48];
	int64_t began_at_ms, expires_at_ms;
};
MUST_USE enum err query_session(struct store_reader *r, struct str token_hash, int64_t now_ms,
				struct session_row *out);
/* Those of one user that have not expired, newest first. */
MUST_USE enum err query_sessions(
	struct store_reader *r, struct str tenant, struct str user, int64_t now_ms,
	void (*each)(void *arg, struct str token_hash, const struct session_row *s), void *arg);
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
