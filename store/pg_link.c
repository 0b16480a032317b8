/* pg_link.c - see pg_link.h. PostgreSQL 15 documentation, chapter 34 (libpq), 34.5 pipeline mode.
 */
#include "store/pg_link.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "os/clock.h"
#include "store/sql_inside.h"

#define SLICE_MS 200 /* how soon a wait sees that it should give up */
#define HURRIED_MS 1000
#define VERSION_MIN 140000

/* SQLSTATE, PostgreSQL 15 documentation, appendix A. */
static enum err err_of(const PGresult *r)
{
	static const struct {
		const char *state;
		enum err err;
	} known[] = {
		{"40", ERR_BUSY},    /* serialization failure, deadlock */
		{"55P03", ERR_BUSY}, /* lock not available */
		{"57014", ERR_BUSY}, /* took longer than statement_timeout */
		{"53100", ERR_DISK_FULL}, {"23", ERR_CONFLICT},
	};
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
	for (size_t i = 0; state && i < COUNT_OF(known); i++)
		if (str_starts(str_of(state), str_of(known[i].state)))
			return known[i].err;
	return ERR_IO;
}

/* One line of what libpq says. */
static void note(struct pg_link *l, const char *what, const char *state)
{
	struct buf b = buf_make(l->error, sizeof l->error - 1);
	struct str rest = str_trim(str_of(what)), line;
	buf_c(&b, "database: ");
	for (bool first = true; str_line(&rest, &line); first = false) {
		if (!first)
			buf_c(&b, "; ");
		buf_put(&b, str_head(str_trim(line), 200));
	}
	if (state)
		buf_fmt(&b, " (%s)", state);
	l->error[b.n] = 0;
}

static enum err lose(struct pg_link *l, const char *why)
{
	note(l, why ? why : PQerrorMessage(l->conn), NULL);
	link_close(l);
	l->lost = true;
	l->failed = ERR_IO;
	return ERR_IO;
}

/* Until the socket is ready. False: it took too long, or it shall not be waited for. */
static bool ready(const struct pg_link *l, short events, int64_t until_ms)
{
	const int64_t since_ms = clock_mono_ms();
	for (;;) {
		const int64_t now_ms = clock_mono_ms();
		const int64_t give_up_ms = l->give_up_ms ? atomic_load(l->give_up_ms) : 0;
		if (now_ms >= until_ms || (give_up_ms && now_ms >= give_up_ms))
			return false;
		if (l->hurried && now_ms - since_ms > HURRIED_MS && l->hurried(l->arg))
			return false;
		struct pollfd p = {.fd = PQsocket(l->conn), .events = events};
		if (poll(&p, 1, (int)MIN(until_ms - now_ms, SLICE_MS)) > 0)
			return true;
	}
}

static void quiet(void *arg, const char *message)
{
	(void)arg, (void)message; /* notices are for people at a terminal */
}

static enum err connect_until(struct pg_link *l, int64_t until_ms)
{
	PostgresPollingStatusType t = PGRES_POLLING_WRITING;
	while (t != PGRES_POLLING_OK) {
		if (t == PGRES_POLLING_FAILED || PQstatus(l->conn) == CONNECTION_BAD)
			return lose(l, NULL);
		if (!ready(l, t == PGRES_POLLING_READING ? POLLIN : POLLOUT, until_ms))
			return lose(l, "no answer in time");
		t = PQconnectPoll(l->conn);
	}
	return ERR_OK;
}

enum err link_open(struct pg_link *l, const char *url, int64_t ms)
{
	/* what the url says itself comes later and wins; only the encoding is ours to say */
	static const char *const keys[] = {"fallback_application_name", "keepalives_idle",
					   "keepalives_interval",	"keepalives_count",
					   "tcp_user_timeout",		"dbname",
					   "client_encoding",		NULL};
	const char *const values[] = {"centrala", "10", "5", "3", "30000", url, "UTF8", NULL};
	link_close(l);
	link_forgive(l);
	if (!pq_load()) {
		note(l, PQ_MISSING, NULL);
		return ERR_UNSUPPORTED;
	}
	l->conn = PQconnectStartParams(keys, values, 1);
	CHECK(l->conn);
	PQsetNoticeProcessor(l->conn, quiet, NULL);
	enum err e = connect_until(l, clock_mono_ms() + ms);
	if (e != ERR_OK)
		return e;
	const char *encoding = PQparameterStatus(l->conn, "server_encoding");
	if (PQserverVersion(l->conn) < VERSION_MIN || !str_is(str_of(encoding), "UTF8")) {
		(void)lose(l, "PostgreSQL 14 or newer is needed, with a database in UTF8");
		return ERR_UNSUPPORTED;
	}
	CHECK(PQsetnonblocking(l->conn, 1) == 0 && PQenterPipelineMode(l->conn) == 1);
	return ERR_OK;
}

void link_close(struct pg_link *l)
{
	for (uint32_t i = 0; i < l->coming_count; i++)
		if (l->coming[i].stmt)
			pg_stmt_unprepared(l->coming[i].stmt);
	free(l->coming);
	l->coming = NULL;
	l->coming_count = l->coming_room = 0;
	PQfinish(l->conn);
	l->conn = NULL;
}

void link_forgive(struct pg_link *l)
{
	l->failed = ERR_OK;
	l->lost = l->raced = false;
}

/* -- sending -- */

static void come(struct pg_link *l, struct pg_coming c)
{
	if (l->coming_count == l->coming_room) {
		l->coming_room = MAX(64u, 2 * l->coming_room);
		l->coming = xrealloc(l->coming, l->coming_room * sizeof *l->coming);
	}
	l->coming[l->coming_count++] = c;
}

void link_sent(struct pg_link *l, int worked, struct pg_stmt *s, bool prepares)
{
	if (worked)
		come(l, (struct pg_coming){.stmt = s, .prepares = prepares});
	else
		(void)lose(l, NULL);
}

void link_command(struct pg_link *l, const char *text, bool commits)
{
	if (!l->conn)
		return;
	if (PQsendQueryParams(l->conn, text, 0, NULL, NULL, NULL, NULL, 1))
		come(l, (struct pg_coming){.commits = commits});
	else
		(void)lose(l, NULL);
}

/* -- answers -- */

/* The next result, NULL at the end of a command's. False: the connection is lost. */
static bool take(struct pg_link *l, PGresult **r)
{
	const int64_t until_ms = clock_mono_ms() + l->wait_ms;
	while (PQisBusy(l->conn)) {
		const int unsent = PQflush(l->conn);
		if (unsent < 0 ||
		    !ready(l, (short)(unsent ? POLLIN | POLLOUT : POLLIN), until_ms) ||
		    !PQconsumeInput(l->conn)) {
			(void)lose(l, PQstatus(l->conn) == CONNECTION_BAD ? NULL
									  : "no answer in time");
			return false;
		}
	}
	*r = PQgetResult(l->conn);
	if (PQstatus(l->conn) != CONNECTION_BAD)
		return true;
	PQclear(*r);
	(void)lose(l, NULL);
	return false;
}

/* The server does not know what a command that failed, or was skipped after one, should prepare. */
static void failed(struct pg_link *l, const struct pg_coming *c, const PGresult *r)
{
	if (c->prepares)
		pg_stmt_unprepared(c->stmt);
	if (PQresultStatus(r) == PGRES_PIPELINE_ABORTED || l->failed != ERR_OK)
		return;
	l->failed = err_of(r);
	l->raced = l->failed == ERR_BUSY &&
		   str_starts(str_of(PQresultErrorField(r, PG_DIAG_SQLSTATE)), STR("40"));
	note(l, PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY),
	     PQresultErrorField(r, PG_DIAG_SQLSTATE));
}

static void answered(struct pg_link *l, const struct pg_coming *c, const PGresult *r)
{
	const ExecStatusType t = PQresultStatus(r);
	if (t != PGRES_COMMAND_OK && t != PGRES_TUPLES_OK) {
		failed(l, c, r);
	} else if (c->commits && strcmp(PQcmdStatus((PGresult *)(uintptr_t)r), "COMMIT") != 0 &&
		   l->failed == ERR_OK) {
		l->failed = ERR_IO; /* "ROLLBACK": an error before was not heard of */
		note(l, "the transaction was rolled back", NULL);
	}
}

/* A command's answer is one result and a NULL. */
static bool take_one(struct pg_link *l, const struct pg_coming *c, PGresult **rows)
{
	PGresult *r, *end;
	if (!take(l, &r))
		return false;
	answered(l, c, r);
	if (rows && PQresultStatus(r) == PGRES_TUPLES_OK)
		*rows = r;
	else
		PQclear(r);
	if (!take(l, &end))
		return false;
	CHECK(!end);
	return true;
}

enum err link_settle(struct pg_link *l, const struct pg_stmt *wanted, PGresult **rows)
{
	PGresult *r;
	if (!l->conn) {
		l->failed = l->failed == ERR_OK ? ERR_IO : l->failed;
		return l->failed;
	}
	if (!PQpipelineSync(l->conn))
		return lose(l, NULL);
	for (uint32_t i = 0; i < l->coming_count; i++) {
		const struct pg_coming c = l->coming[i];
		const bool mine = rows && c.stmt && c.stmt == wanted && !c.prepares;
		if (!take_one(l, &c, mine ? rows : NULL)) {
			if (rows) {
				PQclear(*rows);
				*rows = NULL;
			}
			return l->failed;
		}
	}
	l->coming_count = 0;
	if (!take(l, &r))
		return l->failed;
	CHECK(PQresultStatus(r) == PGRES_PIPELINE_SYNC);
	PQclear(r);
	if (l->failed != ERR_OK && rows) {
		PQclear(*rows);
		*rows = NULL;
	}
	return l->failed;
}
