/*
 * pg_link.h - one connection to PostgreSQL, over which commands travel together (libpq's pipeline).
 *
 * Commands are sent without waiting; their answers are taken in one go, so that a group of facts
 * costs one way there and back however far the server is. Nothing here waits without a limit.
 */
#pragma once

#include "store/pq.h"
#include "store/sql.h"

struct pg_stmt;

struct pg_link {
	PGconn *conn; /* NULL: away */
	const _Atomic int64_t *give_up_ms;
	bool (*hurried)(void *arg); /* see sql.h; NULL: never */
	void *arg;
	/* whose answers are to come, in order; NULL: a command nobody asks after */
	struct pg_coming {
		struct pg_stmt *stmt;
		bool prepares, commits;
	} * coming;
	uint32_t coming_count, coming_room;
	int64_t wait_ms; /* the longest wait for a byte */
	enum err failed; /* the first error since link_forgive */
	bool lost;	 /* the connection went in the midst */
	bool raced;	 /* others were there first: the same again may work */
	char error[256];
};

/* Connects within ms. ERR_IO, or ERR_UNSUPPORTED (too old, not UTF-8): error says why. */
MUST_USE enum err link_open(struct pg_link *l, const char *url, int64_t ms);
void link_close(struct pg_link *l);

/* Sends; errors show in link_settle. */
void link_command(struct pg_link *l, const char *text, bool commits);
void link_sent(struct pg_link *l, int worked, struct pg_stmt *s, bool prepares);
/*
 * Takes every answer that is out; `rows` (may be NULL) gets that of the statement `wanted`, the
 * caller's to PQclear. The first error since link_forgive, ERR_IO when the connection is lost. What
 * was to be prepared by a command that failed is told by pg_stmt_unprepared.
 */
MUST_USE enum err link_settle(struct pg_link *l, const struct pg_stmt *wanted, PGresult **rows);
void link_forgive(struct pg_link *l);

/* sql_postgres.c: a statement is not known to the server after all. */
void pg_stmt_unprepared(struct pg_stmt *s);
