/*
 * query_customers.h - what can be asked about customers; as query.h.
 */
#pragma once

#include "store/query.h"

#define SEARCH_BEST 500u /* at most so many are found by a search */

/* His document. */
MUST_USE enum err query_customer(struct store_reader *r, struct str tenant, struct uuid id,
				 struct buf *out);
struct customer_filter {
	struct str question; /* empty: all, newest first; else the best first */
	struct str number;   /* E.164; empty: any */
	struct str kind;     /* empty: any */
	struct str country;  /* the tenant's, for numbers in the question */
	struct uuid company; /* none: any */
	uint32_t limit;
	struct str after;
};
/* {"items":[…],"next":…}; *count: how many. ERR_INVALID: the cursor. */
MUST_USE enum err query_customers(struct store_reader *r, struct str tenant,
				  const struct customer_filter *f, struct buf *out,
				  uint32_t *count);
/* {"number":…,"items":[…]}: exact, household, company. */
MUST_USE enum err query_match(struct store_reader *r, struct str tenant, struct str number,
			      struct buf *out, uint32_t *count);
/* Ids of who has this key (crm/customer.h), at most `room`; *count: how many there are of these. */
MUST_USE enum err query_key(struct store_reader *r, struct str tenant, char kind, struct str key,
			    struct uuid *ids, uint32_t room, uint32_t *count);
/* Pairs and more who share a key. */
MUST_USE enum err query_duplicates(struct store_reader *r, struct str tenant, uint32_t limit,
				   struct str after, struct buf *out, uint32_t *count);
MUST_USE enum err query_notes(struct store_reader *r, struct str tenant, struct uuid id,
			      uint32_t limit, struct str after, struct buf *out);
/* Newest first, each with the record before and after. Also of one who is deleted. */
MUST_USE enum err query_customer_history(struct store_reader *r, struct str tenant, struct uuid id,
					 uint32_t limit, struct str after, struct buf *out);
/* The document as it was at that version. */
MUST_USE enum err query_customer_version(struct store_reader *r, struct str tenant, struct uuid id,
					 int64_t version, struct buf *out);
MUST_USE enum err query_timeline(struct store_reader *r, struct str tenant, struct uuid id,
				 uint32_t limit, struct str after, struct buf *out);
/* The newest merge of `from` into `id`: what versions both had with it. */
struct merge_row {
	int64_t into_version, from_version;
};
MUST_USE enum err query_merge(struct store_reader *r, struct str tenant, struct uuid id,
			      struct uuid from, struct merge_row *out);
/* Everybody in order of id, a page of documents a call; ERR_NOT_FOUND: nobody after `after`. */
MUST_USE enum err query_customers_each(struct store_reader *r, struct str tenant,
				       struct uuid *after, uint32_t limit,
				       void (*doc)(void *arg, struct str text), void *arg);
/* State documents of imports, newest first; one of them. tenant empty: the running ones of all. */
MUST_USE enum err query_imports(struct store_reader *r, struct str tenant, uint32_t limit,
				struct str after, struct buf *out);
MUST_USE enum err query_import(struct store_reader *r, struct str tenant, struct uuid id,
			       struct buf *out);
MUST_USE enum err query_imports_running(struct store_reader *r,
					void (*row)(void *arg, struct str tenant, struct str state),
					void *arg);

struct audit_filter {
	struct str user, customer, what;
	struct str recording;	/* who listened to it */
	struct uuid contact;	/* what is of it, and who listened to it; none: all */
	int64_t from_ms, to_ms; /* [from,to); 0: open */
	uint32_t limit;
	struct str after;
};
MUST_USE enum err query_audit(struct store_reader *r, struct str tenant,
			      const struct audit_filter *f, struct buf *out);
