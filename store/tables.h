/*
 * tables.h - the tables, as numbered migrations embedded in the program.
 *
 * A migration never changes once it has been in a release; schema_migrations keeps its number and a
 * checksum of its text, so a database that was made by other texts is refused, not guessed at.
 */
#pragma once

#include "store/sql.h"

/* Brings the database up to this version; each step in one transaction. ERR_UNSUPPORTED: it is
 * newer than this program, ERR_CONFLICT: its history is another. detail gets one line. */
MUST_USE enum err tables_migrate(struct sql *db, struct buf *detail);
/* Only looks. ERR_AGAIN: older than this program (the server migrates it when it starts). */
MUST_USE enum err tables_check(struct sql *db, struct buf *detail);
