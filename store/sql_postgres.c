/*
 * sql_postgres.c - a database server; see sql.h.
 *
 * A writer's statements inside a transaction are sent without waiting and answered with its next
 * question or commit. It holds an advisory lock of its schema: two servers never write into the
 * same tables, and whoever reads what is stored after a lost connection reads it after the last
 * transaction of that connection has ended. A reader connects when it is asked something, and again
 * when the connection is gone; rows are taken into memory whole.
 */
#include <stdio.h>
#include <stdlib.h>

#include "os/clock.h"
#include "store/dialect.h"
#include "store/pg_link.h"
#include "store/sql_inside.h"

#define PARAMETERS_MAX 48
#define WRITER_CONNECT_MS 30000 /* nobody waits for the writer */
#define WRITER_WAIT_MS 60000
#define READER_CONNECT_MS 3000
#define READER_WAIT_MS 30000
#define PATIENT_WAIT_MS 3600000 /* schemas, checks */
#define AWAY_MS_MIN 100		/* a reader does not knock more often at a closed door */
#define AWAY_MS_MAX 2000

/* of pg_type; never change */
enum oid {
	BOOL = 16,
	BYTEA = 17,
	INT8 = 20,
	INT2 = 21,
	INT4 = 23,
	TEXT = 25,
	FLOAT8 = 701,
	NUMERIC = 1700
};

struct pg {
	struct sql sql;
	struct pg_link link;
	char *url;
	bool inside; /* a transaction */
	uint32_t names;
	int64_t away_until_ms, away_ms; /* a reader's next try */
	int64_t connect_ms;
	struct buf text;
};

struct pg_stmt {
	struct sql_stmt stmt;
	char name[16];
	bool prepared, rows, ran;
	PGresult *result;
	int row;
	const char *values[PARAMETERS_MAX];
	int lengths[PARAMETERS_MAX], formats[PARAMETERS_MAX];
	Oid types[PARAMETERS_MAX];
	char numbers[PARAMETERS_MAX][24];
	char *owned[PARAMETERS_MAX];
};

static struct pg *pg_of(struct sql *db)
{
	return (struct pg *)db;
}

static struct pg_stmt *stmt_of(struct sql_stmt *q)
{
	return (struct pg_stmt *)q;
}

/* -- the url -- */

/* libpq's own complaints quote what they stumble over, which may be a piece of the password. */
const char *sql_postgres_mistake(struct str url)
{
	static const char mistake[] = "is no PostgreSQL URL: postgresql://USER@HOST:PORT/DATABASE; "
				      "in a password @ : / ? # % are written %40 %3A %2F %3F %23 "
				      "%25";
	if (!pq_load())
		return PQ_MISSING;
	char *text = str_dup(url), *why = NULL;
	PQconninfoOption *all = PQconninfoParse(text, &why);
	bool good = all != NULL &&
		    (str_starts(url, STR("postgresql://")) || str_starts(url, STR("postgres://")));
	for (const PQconninfoOption *o = all; good && o->keyword; o++)
		if (o->val &&
		    (str_is(str_of(o->keyword), "host") || str_is(str_of(o->keyword), "port") ||
		     str_is(str_of(o->keyword), "dbname")))
			good = str_find(str_of(o->val), '@') < 0; /* a password with an @ or / */
	PQconninfoFree(all);
	PQfreemem(why);
	free(text);
	return good ? NULL : mistake;
}

/* -- the connection -- */

static void unprepare_all(struct pg *db)
{
	uint32_t at = 0;
	for (struct pg_stmt *s; (s = map_next(&db->sql.statements, &at)) != NULL;)
		s->prepared = false;
}

static enum err say_why(struct pg *db, enum err e)
{
	memcpy(db->sql.error, db->link.error, sizeof db->sql.error);
	if (db->link.lost) {
		unprepare_all(db);
		db->inside = false;
	}
	if (e == ERR_OK || db->sql.mode == SQL_WRITER)
		return e;
	return e == ERR_BUSY || e == ERR_IO ? ERR_AGAIN : e; /* it can be asked again later */
}

static const char setup[] =
	"SELECT set_config('lock_timeout', '2000', false), set_config('jit', 'off', false), "
	"set_config('client_connection_check_interval', '2000', false), "
	"set_config('idle_in_transaction_session_timeout', '120000', false)";
static const char setup_reader[] =
	"SELECT set_config('statement_timeout', '30000', false), "
	"set_config('default_transaction_read_only', 'on', false), "
	"set_config('plan_cache_mode', 'force_custom_plan', false)"; /* (?1 = '' OR a = ?1) */
/* a session whose way to us is cut must not hold the lock for hours */
static const char setup_writer[] = "SELECT set_config('statement_timeout', '60000', false), "
				   "set_config('tcp_keepalives_idle', '10', false), "
				   "set_config('tcp_keepalives_interval', '5', false), "
				   "set_config('tcp_keepalives_count', '3', false), "
				   "set_config('tcp_user_timeout', '30000', false)";
/* committed is on disk, whatever the server's habit */
static const char setup_commit[] = "SELECT set_config('synchronous_commit', 'on', false) "
				   "WHERE current_setting('synchronous_commit') = 'off'";
static const char lock[] =
	"SELECT pg_advisory_lock(hashtext('centrala'), hashtext(current_schema()))";

static enum err connect_now(struct pg *db)
{
	const bool writes = db->sql.mode == SQL_WRITER;
	struct pg_link *l = &db->link;
	l->wait_ms = writes ? WRITER_WAIT_MS : READER_WAIT_MS;
	unprepare_all(db);
	db->inside = false;
	enum err e = link_open(l, db->url, db->connect_ms);
	if (e == ERR_OK) {
		link_command(l, setup, false);
		link_command(l, writes ? setup_writer : setup_reader, false);
		if (writes)
			link_command(l, setup_commit, false);
		e = link_settle(l, NULL, NULL);
	}
	if (e == ERR_OK && writes) {
		link_command(l, lock, false);
		e = link_settle(l, NULL, NULL);
		if (e == ERR_BUSY)
			snprintf(l->error, sizeof l->error,
				 "database: another server writes into this database");
	}
	if (e != ERR_OK)
		link_close(l);
	return e;
}

/* Connected, or ERR_AGAIN. Knocks seldom while nobody opens; not all at the same moment. */
static enum err reach(struct pg *db)
{
	const int64_t now_ms = clock_mono_ms();
	if (db->link.conn)
		return ERR_OK;
	if (db->sql.mode == SQL_WRITER) {
		snprintf(db->sql.error, sizeof db->sql.error, "database: not connected");
		return ERR_IO;
	}
	if (now_ms < db->away_until_ms)
		return ERR_AGAIN;
	enum err e = connect_now(db);
	if (e == ERR_OK) {
		db->away_ms = 0;
		return ERR_OK;
	}
	uint32_t dice;
	os_random(&dice, sizeof dice);
	db->away_ms = MIN(MAX(2 * db->away_ms, AWAY_MS_MIN), AWAY_MS_MAX);
	db->away_until_ms = clock_mono_ms() + db->away_ms / 2 + dice % (uint32_t)db->away_ms;
	return say_why(db, e);
}

static enum err pg_open(struct sql *sql, const struct sql_options *o, struct buf *detail)
{
	struct pg *db = pg_of(sql);
	db->url = str_dup(o->url);
	db->text = buf_grow(256);
	db->link.give_up_ms = o->give_up_ms;
	db->link.hurried = o->mode == SQL_READER ? o->hurried : NULL;
	db->link.arg = o->arg;
	db->connect_ms = o->connect_ms		 ? o->connect_ms
			 : o->mode == SQL_WRITER ? WRITER_CONNECT_MS
						 : READER_CONNECT_MS;
	if (o->mode == SQL_READER)
		return ERR_OK;
	enum err e = connect_now(db);
	if (e != ERR_OK) {
		(void)say_why(db, e);
		if (detail)
			buf_put(detail, sql_error(sql));
	}
	return e;
}

static void pg_close(struct sql *sql)
{
	struct pg *db = pg_of(sql);
	db->link.coming_count = 0; /* their statements are gone */
	link_close(&db->link);
	buf_free(&db->text);
	free(db->url);
}

/* -- transactions -- */

static enum err pg_begin(struct sql *sql)
{
	struct pg *db = pg_of(sql);
	enum err e = reach(db);
	if (e != ERR_OK)
		return e;
	CHECK(!db->inside);
	link_forgive(&db->link);
	db->inside = true;
	if (sql->mode == SQL_WRITER) {
		link_command(&db->link, "BEGIN", false);
	} else {
		link_command(&db->link, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", false);
		link_command(&db->link, "SET LOCAL statement_timeout = 0", false);
		db->link.wait_ms = PATIENT_WAIT_MS;
	}
	return ERR_OK;
}

static enum err pg_commit(struct sql *sql)
{
	struct pg *db = pg_of(sql);
	link_command(&db->link, "COMMIT", true);
	enum err e = link_settle(&db->link, NULL, NULL);
	if (e == ERR_OK)
		db->inside = false;
	return say_why(db, e);
}

/* After an error the server passes over everything until its sync, even the ROLLBACK. */
static void pg_rollback(struct sql *sql)
{
	struct pg *db = pg_of(sql);
	if (db->inside && db->link.conn) {
		char error[sizeof sql->error];
		memcpy(error, sql->error, sizeof error);
		if (link_settle(&db->link, NULL, NULL) != ERR_OK)
			link_forgive(&db->link);
		link_command(&db->link, "ROLLBACK", false);
		if (link_settle(&db->link, NULL, NULL) != ERR_OK)
			link_close(&db->link);
		memcpy(sql->error, error, sizeof error); /* why it is rolled back matters */
	}
	if (!db->link.conn)
		unprepare_all(db);
	db->inside = false;
	db->link.wait_ms = sql->mode == SQL_WRITER ? WRITER_WAIT_MS : READER_WAIT_MS;
}

static const char *turned(struct pg *db, struct str text)
{
	db->text.n = 0;
	dialect_postgres(text, &db->text);
	buf_ch(&db->text, 0);
	return db->text.p;
}

static enum err pg_script(struct sql *sql, const char *text)
{
	struct pg *db = pg_of(sql);
	struct str rest = str_of(text), one;
	enum err e = reach(db);
	if (e != ERR_OK)
		return e;
	const int64_t wait_ms = db->link.wait_ms;
	if (!db->inside)
		link_forgive(&db->link);
	else
		link_command(&db->link, "SET LOCAL statement_timeout = 0", false);
	db->link.wait_ms = PATIENT_WAIT_MS;
	while (dialect_next(&rest, &one))
		link_command(&db->link, turned(db, one), false);
	e = link_settle(&db->link, NULL, NULL);
	db->link.wait_ms = wait_ms;
	return say_why(db, e);
}

static enum err pg_has_table(struct sql *sql, const char *name, bool *has)
{
	struct sql_stmt *q = sql_query(sql, "SELECT to_regclass(?) IS NOT NULL");
	sql_text(q, str_of(name));
	*has = sql_step(q) && sql_col_i64(q, 0);
	return sql_done(q);
}

/* PostgreSQL examines its files itself where they lie (pg_amcheck, data checksums). */
static enum err pg_integrity(struct sql *sql, struct buf *out)
{
	(void)sql, (void)out;
	return ERR_OK;
}

/* -- statements -- */

void pg_stmt_unprepared(struct pg_stmt *s)
{
	s->prepared = false;
}

static void pg_prepare(struct sql_stmt *q)
{
	struct pg_stmt *s = stmt_of(q);
	if (!s->name[0]) {
		snprintf(s->name, sizeof s->name, "s%u", ++pg_of(q->db)->names);
		s->rows = dialect_gives_rows(str_of(q->text));
	}
	s->ran = false;
}

static void pg_done(struct sql_stmt *q)
{
	struct pg_stmt *s = stmt_of(q);
	PQclear(s->result);
	s->result = NULL;
	for (int i = 0; i < PARAMETERS_MAX; i++) {
		free(s->owned[i]);
		s->owned[i] = NULL;
	}
}

static void pg_drop(struct sql_stmt *q)
{
	pg_done(q);
}

/* The type is said with the first run: what follows from a `?` alone is not for the server to
 * guess.
 */
static void bind(struct sql_stmt *q, int at, const char *p, size_t n, int binary, enum oid type)
{
	struct pg_stmt *s = stmt_of(q);
	CHECK(at <= PARAMETERS_MAX && n <= INT32_MAX);
	s->values[at - 1] = p;
	s->lengths[at - 1] = (int)n;
	s->formats[at - 1] = binary;
	if (!s->prepared)
		s->types[at - 1] = (Oid)type;
}

static void pg_bind_i64(struct sql_stmt *q, int at, int64_t v)
{
	CHECK(at <= PARAMETERS_MAX);
	char *text = stmt_of(q)->numbers[at - 1];
	snprintf(text, sizeof stmt_of(q)->numbers[0], "%lld", (long long)v);
	bind(q, at, text, 0, 0, INT8);
}

/* The server takes UTF-8 without NUL; what a peer sent may be anything. Written as jsonw does. */
static char *repaired(struct str v, size_t *n)
{
	struct buf out = buf_grow(3 * v.n + 1);
	for (size_t i = 0; i < v.n;) {
		size_t len = utf8_length((const unsigned char *)v.p + i, v.n - i);
		if (len && v.p[i])
			buf_put(&out, str_make(v.p + i, len));
		else
			buf_c(&out, "\xef\xbf\xbd");
		i += MAX(len, (size_t)1);
	}
	*n = out.n;
	return out.p;
}

static bool is_sound(struct str v)
{
	for (size_t i = 0, len; i < v.n; i += len) {
		len = utf8_length((const unsigned char *)v.p + i, v.n - i);
		if (!len || !v.p[i])
			return false;
	}
	return true;
}

static void pg_bind_text(struct sql_stmt *q, int at, struct str v)
{
	CHECK(at <= PARAMETERS_MAX);
	if (is_sound(v)) {
		bind(q, at, v.n ? v.p : "", v.n, 1, TEXT);
		return;
	}
	size_t n;
	char *text = stmt_of(q)->owned[at - 1] = repaired(v, &n);
	bind(q, at, text, n, 1, TEXT);
}

static void pg_bind_blob(struct sql_stmt *q, int at, const void *p, size_t n)
{
	bind(q, at, n ? p : "", n, 1, BYTEA);
}

static void pg_bind_null(struct sql_stmt *q, int at, bool text)
{
	bind(q, at, NULL, 0, 0, text ? TEXT : (enum oid)0);
}

static void send(struct pg *db, struct pg_stmt *s)
{
	struct pg_link *l = &db->link;
	if (!s->prepared && l->conn) {
		s->prepared = true;
		link_sent(l,
			  PQsendPrepare(l->conn, s->name, turned(db, str_of(s->stmt.text)),
					s->stmt.bound, s->types),
			  s, true);
	}
	if (l->conn)
		link_sent(l,
			  PQsendQueryPrepared(l->conn, s->name, s->stmt.bound, s->values,
					      s->lengths, s->formats, 1),
			  s, false);
}

/* One question and its answer. Outside a transaction it is asked a second time when the connection
 * turned out to be gone, or when it lost a race: nothing of it happened. */
static enum err ask(struct pg *db, struct pg_stmt *s)
{
	enum err e = ERR_OK;
	for (int tries = 0; tries < 2; tries++) {
		e = reach(db);
		if (e != ERR_OK)
			return e;
		if (!db->inside)
			link_forgive(&db->link);
		else if (db->link.failed != ERR_OK)
			return say_why(db, db->link.failed);
		const bool inside = db->inside;
		send(db, s);
		e = say_why(db, link_settle(&db->link, s, &s->result));
		if (e == ERR_OK || inside || db->sql.mode == SQL_WRITER ||
		    !(db->link.lost || db->link.raced))
			break;
	}
	return e;
}

static bool pg_step(struct sql_stmt *q)
{
	struct pg_stmt *s = stmt_of(q);
	if (!s->ran) {
		s->ran = true;
		s->row = -1;
		q->err = ask(pg_of(q->db), s);
	}
	return q->err == ERR_OK && s->result && ++s->row < PQntuples(s->result);
}

static void pg_run(struct sql_stmt *q)
{
	struct pg *db = pg_of(q->db);
	struct pg_stmt *s = stmt_of(q);
	if (s->ran)
		return;
	if (!db->inside || s->rows) {
		(void)pg_step(q);
		return;
	}
	s->ran = true;
	if (db->link.failed == ERR_OK)
		send(db, s);
	if (db->link.failed != ERR_OK)
		q->err = say_why(db, db->link.failed);
}

/* -- columns, in binary: big-endian -- */

static uint64_t number_at(const char *p, int n)
{
	uint64_t v = 0;
	for (int i = 0; i < n; i++)
		v = v << 8 | (unsigned char)p[i];
	return v;
}

/* What sum() gives: digits of 10,000; the whole part. numeric_send in the server's source. */
static int64_t numeric_at(const char *p, int n)
{
	if (n < 8)
		return 0;
	const int count = (int16_t)number_at(p, 2), weight = (int16_t)number_at(p + 2, 2);
	int64_t v = 0;
	for (int i = 0; i <= weight && weight < 5; i++)
		v = v * 10000 +
		    (i < count && 10 + 2 * i <= n ? (int64_t)number_at(p + 8 + 2 * i, 2) : 0);
	return number_at(p + 4, 2) == 0x4000 ? -v : v;
}

static int64_t pg_col_i64(struct sql_stmt *q, int column)
{
	const struct pg_stmt *s = stmt_of(q);
	const int n = PQgetlength(s->result, s->row, column);
	const char *p = PQgetvalue(s->result, s->row, column);
	union {
		uint64_t bits;
		double v;
	} real;
	if (PQgetisnull(s->result, s->row, column))
		return 0;
	switch (PQftype(s->result, column)) {
	case BOOL:
	case INT8:
		return (int64_t)number_at(p, n);
	case INT4:
		return (int32_t)number_at(p, n);
	case INT2:
		return (int16_t)number_at(p, n);
	case FLOAT8:
		real.bits = number_at(p, n);
		return (int64_t)real.v;
	case NUMERIC:
		return numeric_at(p, n);
	default:
		return 0;
	}
}

static struct str pg_col_text(struct sql_stmt *q, int column)
{
	const struct pg_stmt *s = stmt_of(q);
	return str_make(PQgetvalue(s->result, s->row, column),
			(size_t)PQgetlength(s->result, s->row, column));
}

static bool pg_col_null(struct sql_stmt *q, int column)
{
	const struct pg_stmt *s = stmt_of(q);
	return PQgetisnull(s->result, s->row, column);
}

const struct sql_driver sql_postgres = {
	.db_size = sizeof(struct pg),
	.stmt_size = sizeof(struct pg_stmt),
	.open = pg_open,
	.close = pg_close,
	.begin = pg_begin,
	.commit = pg_commit,
	.rollback = pg_rollback,
	.script = pg_script,
	.has_table = pg_has_table,
	.integrity = pg_integrity,
	.prepare = pg_prepare,
	.drop = pg_drop,
	.bind_i64 = pg_bind_i64,
	.bind_text = pg_bind_text,
	.bind_blob = pg_bind_blob,
	.bind_null = pg_bind_null,
	.step = pg_step,
	.run = pg_run,
	.done = pg_done,
	.col_i64 = pg_col_i64,
	.col_text = pg_col_text,
	.col_null = pg_col_null,
};
