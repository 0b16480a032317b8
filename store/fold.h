/*
 * fold.h - from facts to rows: contacts with their segments, offers and recordings; agents' spells.
 *
 * Open contacts and agents stay in memory between groups; what is not there is folded again from
 * the events in the database. Rows of a contact are written once a group, by fold_flush. After a
 * rollback fold_forget: memory may be ahead of the database then. The writer's thread only.
 */
#pragma once

#include "core/fact.h"
#include "store/sql.h"

struct fold;

struct fold *fold_create(void);
void fold_destroy(struct fold *f);
void fold_forget(struct fold *f); /* drops all that is in memory */

/* The fact's event row must be there already. */
MUST_USE enum err fold_fact(struct fold *f, struct sql *db, const struct fact *fact);
/* Writes what the facts since the last flush changed. */
MUST_USE enum err fold_flush(struct fold *f, struct sql *db);
/* A contact's record from its events with seq < before; r: record_init'ed. */
struct record;
MUST_USE enum err fold_contact(struct sql *db, struct record *r, struct uuid id, uint64_t before);
uint32_t fold_contacts(const struct fold *f); /* how many are in memory */
/* After the commit: contacts that ended need no memory any more. */
void fold_committed(struct fold *f);
