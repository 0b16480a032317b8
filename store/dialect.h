/*
 * dialect.h - a statement of ours in PostgreSQL's words. Pure.
 *
 * Our texts are SQLite's. What differs is turned here, outside of quotes:
 *   ? and ?3            become $1, $2 … and $3
 *   INTEGER BLOB REAL   become BIGINT BYTEA DOUBLE PRECISION
 *   TEXT                in CREATE TABLE and ALTER TABLE: with COLLATE "C", bytewise as in SQLite
 *   STRICT, WITHOUT ROWID   all that follows a CREATE TABLE's parenthesis goes
 *   max(a, b) min(a, b) become greatest, least (of one argument they stay); ifnull becomes coalesce
 *   x'00ff'             becomes '\x00ff'::bytea
 * What cannot be turned must not be written: README.md.
 */
#pragma once

#include "base/str.h"

/* Appends the turned text; out: a growing buf. */
void dialect_postgres(struct str text, struct buf *out);
/* Takes the next statement, without its `;`, off a script; quotes and $$ bodies hold together.
 * False when nothing but spaces is left. */
bool dialect_next(struct str *script, struct str *statement);
/* Whether it gives rows. */
bool dialect_gives_rows(struct str text);
