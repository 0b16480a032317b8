/*
 * writer.h - one group of batches into the database, in one transaction. The writer's thread only.
 */
#pragma once

#include "core/fact.h"
#include "store/sql.h"

struct writer;

struct writer *writer_create(void);
void writer_destroy(struct writer *w);

/* Opens the connection and learns what is stored already. May be called again after a failure: the
 * old connection is closed first. */
MUST_USE enum err writer_connect(struct writer *w, const struct sql_options *o, struct buf *detail);
/* Closes it; the next group fails with this. */
void writer_leave(struct writer *w, const char *why);
struct sql *writer_db(struct writer *w);	  /* NULL: not connected */
uint64_t writer_last_seq(const struct writer *w); /* highest stored */

/*
 * Stores the facts of the batches (items of core/batch.h) that are newer than writer_last_seq. On
 * an error nothing of the group is stored. ERR_BUSY: try again; else connect again, then try again.
 * unread: facts this version could not decode; they are passed over.
 */
MUST_USE enum err writer_group(struct writer *w, const struct str *batches, uint32_t count,
			       uint32_t *unread);
/* Who the contacts are with that arrived in the group before; an error costs only that. */
struct customers_link;
MUST_USE enum err writer_links(struct writer *w,
			       void (*found)(void *arg, const struct customers_link *l), void *arg);
uint32_t writer_contacts(const struct writer *w); /* held in memory: the living */
struct str writer_error(const struct writer *w);
