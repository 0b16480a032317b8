/*
 * customers.h - customers' tables, folded from their facts; and who a contact that arrives is with.
 *
 * A fact carries whole documents, so a row is simply its newest. The words of a record are an FTS5
 * table in SQLite and a GIN index in PostgreSQL (decision 0040). The writer's thread only.
 */
#pragma once

#include "core/fact.h"
#include "store/sql.h"

struct customers;

struct customers *customers_create(void);
void customers_destroy(struct customers *c);
void customers_forget(
	struct customers *c); /* memory may be ahead of the tables, after a rollback */

/* The fact's event row must be there already; facts of others are passed over. */
MUST_USE enum err customers_fact(struct customers *c, struct sql *db, const struct fact *f);

/* A contact came from a number that exactly one customer has. */
struct customers_link {
	char tenant[64], customer[UUID_TEXT + 1];
	struct uuid contact;
};
/* After the commit: looks for who arrived in it; `found` for each. An error only costs the link. */
MUST_USE enum err customers_arrived(struct customers *c, struct sql *db,
				    void (*found)(void *arg, const struct customers_link *l),
				    void *arg);
