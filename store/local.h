/*
 * local.h - DIR/local.db: what a start and a sign-in need while the database is a server elsewhere.
 *
 * The declared objects as they are now and the sign-ins that hold, in a SQLite file with the tables
 * of the same names. It follows the facts like the database does, and is written before a segment
 * of the ring may go; so this file and the ring together always know every declared object, and a
 * core that is killed while the database is away comes back with everything. Readers of it have
 * connections of their own (local_options). One thread at a time.
 */
#pragma once

#include "store/sql.h"

struct local;

/* remote: the database that it is a copy of; a copy of another one is void. */
MUST_USE enum err local_open(struct str dir, struct str remote, struct local **out,
			     struct buf *detail);
void local_close(struct local *l); /* NULL is fine */
struct sql_options local_options(struct str dir, enum sql_mode mode);

bool local_whole(const struct local *l);   /* it was filled once */
uint64_t local_seq(const struct local *l); /* the newest fact it has seen */

/* Anew from the database, which holds all facts up to seq. */
MUST_USE enum err local_fill(struct local *l, struct sql *from, uint64_t seq);
/* From the database only if that knows of facts for it after local_seq. */
MUST_USE enum err local_catch_up(struct local *l, struct sql *from, uint64_t seq);
/* Facts of these batches (items of core/batch.h) newer than local_seq. */
MUST_USE enum err local_take(struct local *l, const struct str *batches, uint32_t count);
