/*
 * tables.c - see tables.h.
 *
 * Times are UTC milliseconds, contacts 16 bytes. What is folded from events (contacts, segments,
 * offers, recordings, agent_spells) can be dropped and folded again.
 */
#include "store/tables.h"

#include <stdio.h>

#include "store/ring_file.h" /* crc32c */

static const char migration_1[] =
	"CREATE TABLE events("
	" seq INTEGER PRIMARY KEY,"
	" at_ms INTEGER NOT NULL,"
	" kind TEXT NOT NULL,"
	" tenant TEXT NOT NULL,"
	" contact BLOB,"
	" data BLOB NOT NULL) STRICT;" /* the encoded fact, core/fact.h */
	"CREATE INDEX events_tenant ON events(tenant, seq);"
	"CREATE INDEX events_contact ON events(contact, seq) WHERE contact IS NOT NULL;"
	"CREATE INDEX events_start ON events(seq) WHERE kind = 'server_start';"

	"CREATE TABLE contacts("
	" tenant TEXT NOT NULL,"
	" id BLOB NOT NULL,"
	" arrived_at INTEGER NOT NULL,"
	" ended_at INTEGER," /* NULL: lives */
	" state TEXT NOT NULL,"
	" queue TEXT, agent TEXT, from_ TEXT NOT NULL, to_ TEXT NOT NULL,"
	" channel TEXT NOT NULL, direction TEXT NOT NULL,"
	" record TEXT NOT NULL," /* JSON of contract section 3 */
	" PRIMARY KEY(tenant, id)) STRICT;"
	"CREATE INDEX contacts_arrived ON contacts(tenant, arrived_at);"
	"CREATE INDEX contacts_open ON contacts(tenant, arrived_at) WHERE ended_at IS NULL;"

	"CREATE TABLE segments("
	" tenant TEXT NOT NULL,"
	" contact BLOB NOT NULL,"
	" n INTEGER NOT NULL," /* 0.. in order within the contact */
	" kind TEXT NOT NULL," /* flow, queue, agent */
	" queue TEXT, agent TEXT,"
	" started_at INTEGER NOT NULL,"
	" ended_at INTEGER,"
	" result TEXT," /* NULL: still open */
	" exit TEXT,"
	" handled INTEGER NOT NULL DEFAULT 0," /* 1: an agent served it, wrap-up is over */
	" wait_ms INTEGER NOT NULL DEFAULT 0,"
	/* of a queue visit: of the agents who served it */
	" talk_ms INTEGER NOT NULL DEFAULT 0,"
	" hold_ms INTEGER NOT NULL DEFAULT 0,"
	" wrap_ms INTEGER NOT NULL DEFAULT 0,"
	" PRIMARY KEY(tenant, contact, n)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX segments_queue ON segments(tenant, queue, started_at) WHERE kind = 'queue';"
	"CREATE INDEX segments_agent ON segments(tenant, agent, started_at) WHERE kind = 'agent';"

	"CREATE TABLE offers("
	" tenant TEXT NOT NULL,"
	" contact BLOB NOT NULL,"
	" n INTEGER NOT NULL,"
	" queue TEXT NOT NULL, agent TEXT NOT NULL,"
	" started_at INTEGER NOT NULL,"
	" ended_at INTEGER,"
	" result TEXT,"
	" PRIMARY KEY(tenant, contact, n)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX offers_agent ON offers(tenant, agent, started_at);"

	"CREATE TABLE recordings("
	" tenant TEXT NOT NULL,"
	" id TEXT NOT NULL,"
	" contact BLOB NOT NULL,"
	" queue TEXT, agent TEXT,"
	" started_at INTEGER NOT NULL,"
	" finished INTEGER NOT NULL DEFAULT 0,"
	" duration_ms INTEGER NOT NULL DEFAULT 0,"
	" channels INTEGER NOT NULL DEFAULT 0,"
	" codec TEXT NOT NULL DEFAULT '',"
	" bytes INTEGER NOT NULL DEFAULT 0,"
	" sha256 TEXT NOT NULL DEFAULT '',"
	" flaw TEXT NOT NULL DEFAULT '',"
	" path TEXT NOT NULL DEFAULT ''," /* below the recordings' root */
	" PRIMARY KEY(tenant, id)) STRICT;"
	"CREATE INDEX recordings_contact ON recordings(contact);"

	/* how long an agent was in which state; to_ms of what still lasts is the largest number */
	"CREATE TABLE agent_spells("
	" tenant TEXT NOT NULL,"
	" agent TEXT NOT NULL,"
	" seq INTEGER NOT NULL," /* of the fact that began it */
	" from_ms INTEGER NOT NULL,"
	" to_ms INTEGER NOT NULL,"
	" presence TEXT NOT NULL, work TEXT NOT NULL, reason TEXT NOT NULL,"
	" contact BLOB,"
	" PRIMARY KEY(tenant, agent, seq)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX agent_spells_to ON agent_spells(tenant, to_ms);"

	"CREATE TABLE sessions("
	" token_hash TEXT PRIMARY KEY,"
	" tenant TEXT NOT NULL, user_ TEXT NOT NULL, from_ TEXT NOT NULL,"
	" began_at INTEGER NOT NULL, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE INDEX sessions_expires ON sessions(expires_at);"

	"CREATE TABLE requests_done("
	" tenant TEXT NOT NULL, user_ TEXT NOT NULL, key TEXT NOT NULL,"
	" status INTEGER NOT NULL, body BLOB NOT NULL, at_ms INTEGER NOT NULL,"
	" PRIMARY KEY(tenant, user_, key)) STRICT;"
	"CREATE INDEX requests_done_at ON requests_done(at_ms);"

	"CREATE TABLE objects("
	" kind TEXT NOT NULL, tenant TEXT NOT NULL, id TEXT NOT NULL,"
	" version INTEGER NOT NULL,"
	" at_ms INTEGER NOT NULL, by_ TEXT NOT NULL, op TEXT NOT NULL,"
	" doc TEXT NOT NULL," /* empty: deleted */
	" PRIMARY KEY(kind, tenant, id, version)) STRICT;";

/* Reports read a range of each queue's ends and of each agent's spells. */
static const char migration_2[] =
	"CREATE INDEX segments_queue_end ON segments(tenant, queue, ended_at) WHERE kind = 'queue';"
	"CREATE INDEX agent_spells_of ON agent_spells(tenant, agent, to_ms);"
	"DROP INDEX agent_spells_to;";

/* What callers were told first, and how long they waited from then on (behaviours.md P-4). */
static const char migration_3[] =
	"ALTER TABLE segments ADD COLUMN promise_ewt_ms INTEGER;"
	"ALTER TABLE segments ADD COLUMN promise_ms INTEGER;" /* NULL: nothing was told */
	"ALTER TABLE segments ADD COLUMN promise_waited_ms INTEGER;";

/* Ways through flows (report/way.h), in order of arrival: reports read a range of them. */
static const char migration_4[] =
	"CREATE TABLE ways("
	" tenant TEXT NOT NULL,"
	" arrived_at INTEGER NOT NULL,"
	" contact BLOB NOT NULL,"
	" way BLOB NOT NULL,"
	" PRIMARY KEY(tenant, arrived_at, contact)) STRICT, WITHOUT ROWID;";

/* Mass events are few among many events (behaviours.md Q-11). */
static const char migration_5[] =
	"CREATE INDEX events_mass ON events(tenant, seq) WHERE kind IN ('mass_event_start', "
	"'mass_event_stop', 'bulletin');";

/* Calls on trunks, and those refused because of limits (behaviours.md section 2, line occupancy).
 */
static const char migration_6[] =
	"CREATE TABLE trunk_uses("
	" tenant TEXT NOT NULL,"
	" trunk TEXT NOT NULL,"
	" from_ms INTEGER NOT NULL,"
	" contact BLOB NOT NULL,"
	" outbound INTEGER NOT NULL,"
	" to_ms INTEGER," /* NULL: goes on */
	" PRIMARY KEY(tenant, trunk, from_ms, contact, outbound)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX trunk_uses_open ON trunk_uses(contact) WHERE to_ms IS NULL;"
	"CREATE TABLE trunk_blocked("
	" tenant TEXT NOT NULL,"
	" trunk TEXT NOT NULL,"
	" at_ms INTEGER NOT NULL,"
	" seq INTEGER NOT NULL,"
	" calls INTEGER NOT NULL,"
	" PRIMARY KEY(tenant, trunk, at_ms, seq)) STRICT, WITHOUT ROWID;";

/* Calls that agents began: own 1; private ones: 2 (behaviours.md A-8). segments.handled may be 2:
 * there was nothing to handle. */
static const char migration_7[] = "ALTER TABLE segments ADD COLUMN own INTEGER NOT NULL DEFAULT 0;"
				  "ALTER TABLE contacts ADD COLUMN customer TEXT;"
				  "ALTER TABLE agent_spells ADD COLUMN private INTEGER NOT NULL "
				  "DEFAULT 0;";

/* 1: an agent who had it from this queue handed it on. */
static const char migration_8[] =
	"ALTER TABLE segments ADD COLUMN transferred INTEGER NOT NULL DEFAULT 0;";

/* What is kept for a user apart from what is declared of him (event user_kept). */
static const char migration_9[] = "CREATE TABLE user_kept("
				  " tenant TEXT NOT NULL, user_ TEXT NOT NULL, what TEXT NOT NULL,"
				  " value TEXT NOT NULL,"
				  " PRIMARY KEY(tenant, user_, what)) STRICT, WITHOUT ROWID;"
				  "CREATE INDEX sessions_user ON sessions(tenant, user_);";

/* Customers (store/customers.h). n: what the index of words knows him by; words, in it:
 * crm/words.h. Keys: crm/customer.h. Documents of earlier versions stand in the facts that changes
 * name. */
static const char migration_10[] =
	"CREATE TABLE customers("
	" n INTEGER PRIMARY KEY,"
	" tenant TEXT NOT NULL,"
	" id BLOB NOT NULL,"
	" version INTEGER NOT NULL,"
	" merged_into BLOB, company BLOB, household BLOB,"
	" words TEXT NOT NULL,"
	" doc TEXT NOT NULL) STRICT;"
	"CREATE UNIQUE INDEX customers_id ON customers(tenant, id);"
	"CREATE INDEX customers_company ON customers(tenant, company) WHERE company IS NOT NULL;"
	"CREATE INDEX customers_household ON customers(tenant, household) WHERE household IS NOT "
	"NULL;"
	"CREATE INDEX customers_merged ON customers(tenant, merged_into) WHERE merged_into IS NOT "
	"NULL;"
	"CREATE TABLE customer_keys("
	" tenant TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL,"
	" n INTEGER NOT NULL,"
	" PRIMARY KEY(tenant, kind, key, n)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE customer_changes("
	" tenant TEXT NOT NULL, customer BLOB NOT NULL, version INTEGER NOT NULL,"
	" seq INTEGER NOT NULL,"
	" PRIMARY KEY(tenant, customer, version)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE customer_notes("
	" tenant TEXT NOT NULL, customer BLOB NOT NULL, id BLOB NOT NULL,"
	" at_ms INTEGER NOT NULL, by_ TEXT NOT NULL, note TEXT NOT NULL,"
	" PRIMARY KEY(tenant, customer, id)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE customer_imports("
	" tenant TEXT NOT NULL, id BLOB NOT NULL, state TEXT NOT NULL,"
	" PRIMARY KEY(tenant, id)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX contacts_customer ON contacts(tenant, customer, arrived_at) WHERE customer "
	"IS "
	"NOT NULL;"
	"CREATE INDEX contacts_peer ON contacts(tenant, (CASE direction WHEN 'inbound' THEN from_ "
	"ELSE to_ END), arrived_at);"
	"CREATE INDEX events_audit ON events(tenant, seq) WHERE kind IN ('viewed', "
	"'customer_changed', 'customer_merged', 'customer_unmerged', 'customer_noted', "
	"'customer_linked', 'customers_imported', 'object_changed', 'login', 'logout', 'alarm');";
/* Words are asked for by their beginnings: one to three letters have lists of their own (three more
 * stand before them for the tenant). */
static const char migration_10_file[] =
	"CREATE VIRTUAL TABLE customer_words USING fts5(words, content='customers', "
	"content_rowid='n', tokenize=\"ascii tokenchars '#'\", detail=none, columnsize=0, "
	"prefix='4 5');";
static const char migration_10_server[] =
	"CREATE INDEX customer_words ON customers USING GIN (array_to_tsvector(string_to_array("
	"words, ' ')));";

/* Those of a company page by page, and kin in the order in which they are asked for: without the id
 * in the index SQLite walks everybody of the tenant for the order (half a second a million). */
static const char migration_11[] =
	"DROP INDEX customers_company;"
	"DROP INDEX customers_household;"
	"CREATE INDEX customers_company ON customers(tenant, company, id) WHERE company IS NOT "
	"NULL;"
	"CREATE INDEX customers_household ON customers(tenant, household, id) WHERE household IS "
	"NOT NULL;";

/* Who comes back to a contact, and when; its tags, each between line ends. */
static const char migration_12[] =
	"ALTER TABLE contacts ADD COLUMN follow_up_at INTEGER;"
	"ALTER TABLE contacts ADD COLUMN follow_up_agent TEXT;"
	"ALTER TABLE contacts ADD COLUMN tags TEXT;"
	"CREATE INDEX contacts_follow_up ON contacts(tenant, follow_up_at) WHERE follow_up_at IS "
	"NOT NULL;";

/* API tokens (event token_made): of what is sent only its SHA-256. The audit's events again, now
 * with theirs and backups. */
static const char migration_13[] =
	"CREATE TABLE api_tokens("
	" tenant TEXT NOT NULL, id TEXT NOT NULL, token_hash TEXT NOT NULL,"
	" name TEXT NOT NULL, roles TEXT NOT NULL, by_ TEXT NOT NULL,"
	" made_at INTEGER NOT NULL, expires_at INTEGER NOT NULL," /* 0: never */
	" used_at INTEGER NOT NULL, used_from TEXT NOT NULL,"
	" PRIMARY KEY(tenant, id)) STRICT, WITHOUT ROWID;"
	"CREATE UNIQUE INDEX api_tokens_hash ON api_tokens(token_hash);"
	"DROP INDEX events_audit;"
	"CREATE INDEX events_audit ON events(tenant, seq) WHERE kind IN ('viewed', "
	"'customer_changed', 'customer_merged', 'customer_unmerged', 'customer_noted', "
	"'customer_linked', 'customers_imported', 'object_changed', 'login', 'logout', 'alarm', "
	"'token_made', 'token_ended', 'backup_made');";
static const char migration_14[] = "CREATE TABLE report_runs("
				   " tenant TEXT NOT NULL, report TEXT NOT NULL,"
				   " due_ms INTEGER NOT NULL,"
				   " attempt INTEGER NOT NULL," /* the newest one */
				   " at_ms INTEGER NOT NULL,"
				   " state TEXT NOT NULL," /* sent, retrying, failed */
				   " why TEXT, sent_to TEXT, message_id TEXT,"
				   " bytes INTEGER,"
				   " PRIMARY KEY(tenant, report, due_ms)) STRICT;";

/* What desks were told by people is little among much. */
static const char migration_15[] =
	"CREATE INDEX events_messages ON events(tenant, seq) WHERE kind IN ('message', "
	"'message_read');";

/* Nor are alarms many. The words are those of query_notices. */
static const char migration_16[] =
	"CREATE INDEX events_notices ON events(tenant, seq) WHERE kind IN ('alarm', "
	"'approval_asked', 'approval_end', 'notice_acknowledged');";

/* Recordings whose sound was deleted, contacts that are kept from it; the audit's events again. */
static const char migration_17[] =
	"ALTER TABLE recordings ADD COLUMN deleted_at INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE contacts ADD COLUMN held INTEGER NOT NULL DEFAULT 0;"
	"CREATE INDEX recordings_there ON recordings(tenant, started_at, id) WHERE deleted_at = 0;"
	"DROP INDEX events_audit;"
	"CREATE INDEX events_audit ON events(tenant, seq) WHERE kind IN ('viewed', "
	"'customer_changed', 'customer_merged', 'customer_unmerged', 'customer_noted', "
	"'customer_linked', 'customers_imported', 'object_changed', 'login', 'logout', 'alarm', "
	"'token_made', 'token_ended', 'backup_made', 'recording_deleted', 'recording_hold');";

struct migration {
	const char *both, *file, *server; /* SQLite's and PostgreSQL's own; NULL: none */
};
static const struct migration migrations[] = {
	{migration_1, NULL, NULL},  {migration_2, NULL, NULL},
	{migration_3, NULL, NULL},  {migration_4, NULL, NULL},
	{migration_5, NULL, NULL},  {migration_6, NULL, NULL},
	{migration_7, NULL, NULL},  {migration_8, NULL, NULL},
	{migration_9, NULL, NULL},  {migration_10, migration_10_file, migration_10_server},
	{migration_11, NULL, NULL}, {migration_12, NULL, NULL},
	{migration_13, NULL, NULL}, {migration_14, NULL, NULL},
	{migration_15, NULL, NULL}, {migration_16, NULL, NULL},
	{migration_17, NULL, NULL}};

static uint32_t checksum(const struct migration *m)
{
	uint32_t sum = crc32c(0, m->both, strlen(m->both));
	if (m->file)
		sum = crc32c(sum, m->file, strlen(m->file));
	if (m->server)
		sum = crc32c(sum, m->server, strlen(m->server));
	return sum;
}

/* How many of ours the database has. */
static enum err tables_at(struct sql *db, uint32_t *at, struct buf *detail)
{
	bool there;
	enum err e = sql_has_table(db, "schema_migrations", &there);
	*at = 0;
	if (e != ERR_OK || !there)
		return e;
	struct sql_stmt *q =
		sql_query(db, "SELECT number, checksum FROM schema_migrations ORDER BY number");
	enum err bad = ERR_OK;
	while (sql_step(q) && bad == ERR_OK) {
		int64_t number = sql_col_i64(q, 0);
		if (number > (int64_t)COUNT_OF(migrations)) {
			bad = ERR_UNSUPPORTED;
			buf_c(detail, "database: made by a newer version of centrala");
		} else if (number != (int64_t)*at + 1 ||
			   sql_col_i64(q, 1) != checksum(&migrations[*at])) {
			bad = ERR_CONFLICT;
			buf_fmt(detail,
				"database: migration %lld is not the one this version knows",
				(long long)number);
		} else {
			(*at)++;
		}
	}
	e = sql_done(q);
	return e == ERR_OK ? bad : e;
}

enum err tables_check(struct sql *db, struct buf *detail)
{
	uint32_t at;
	enum err e = tables_at(db, &at, detail);
	if (e == ERR_OK && at < COUNT_OF(migrations)) {
		buf_c(detail, "database: older than this program; start the server once");
		e = ERR_AGAIN;
	}
	return e;
}

static enum err migrate_one(struct sql *db, uint32_t n)
{
	const struct migration *m = &migrations[n];
	const char *own = sql_is_server(db) ? m->server : m->file;
	enum err e = sql_script(db, m->both);
	if (e == ERR_OK && own)
		e = sql_script(db, own);
	if (e != ERR_OK)
		return e;
	struct sql_stmt *q = sql_query(db, "INSERT INTO schema_migrations(number, checksum, at) "
					   "VALUES(?, ?, CURRENT_TIMESTAMP)");
	sql_i64(q, n + 1);
	sql_i64(q, checksum(&migrations[n]));
	return sql_do(q);
}

enum err tables_migrate(struct sql *db, struct buf *detail)
{
	for (;;) {
		uint32_t at = 0;
		enum err e = sql_begin(db);
		if (e == ERR_OK)
			e = sql_script(db, "CREATE TABLE IF NOT EXISTS schema_migrations("
					   "number INTEGER PRIMARY KEY, checksum INTEGER NOT NULL, "
					   "at TEXT NOT NULL) STRICT");
		if (e == ERR_OK)
			e = tables_at(db, &at, detail);
		bool more = e == ERR_OK && at < COUNT_OF(migrations);
		if (more)
			e = migrate_one(db, at);
		if (e == ERR_OK)
			e = sql_commit(db);
		if (e != ERR_OK) {
			if (!detail->n)
				buf_put(detail, sql_error(db));
			sql_rollback(db);
			return e;
		}
		if (!more)
			return ERR_OK;
	}
}
