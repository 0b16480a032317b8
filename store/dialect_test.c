/* dialect_test.c - one statement a line, as it is written and as PostgreSQL gets it. */
#include "store/dialect.h"
#include "tests/test.h"

TEST(statements_in_the_words_of_postgresql)
{
	static const struct {
		const char *ours, *theirs;
	} cases[] = {
		{"SELECT a FROM t WHERE b = ? AND c = ?",
		 "SELECT a FROM t WHERE b = $1 AND c = $2"},
		{"SELECT ?2 WHERE (?1 = '' OR a = ?1)", "SELECT $2 WHERE ($1 = '' OR a = $1)"},
		{"SELECT ?10", "SELECT $10"},
		{"SELECT 'what?' || ?", "SELECT 'what?' || $1"},
		{"SELECT 'it''s ?'", "SELECT 'it''s ?'"},
		{"SELECT max(a) FROM t", "SELECT max(a) FROM t"},
		{"SELECT max(a, b)", "SELECT greatest(a, b)"},
		{"SELECT max(f(a, b))", "SELECT max(f(a, b))"},
		{"SELECT max(?, coalesce((SELECT max(v) + 1 FROM t), 1)), min(a,b)",
		 "SELECT greatest($1, coalesce((SELECT max(v) + 1 FROM t), 1)), least(a,b)"},
		{"SELECT ifnull(a, 'max(x,y)')", "SELECT coalesce(a, 'max(x,y)')"},
		{"SELECT maximum(a, b), x_max", "SELECT maximum(a, b), x_max"},
		{"SELECT x'00fF', xx", "SELECT '\\x00fF'::bytea, xx"},
		{"SELECT CAST(a AS INTEGER), CAST(a AS TEXT)",
		 "SELECT CAST(a AS BIGINT), CAST(a AS TEXT)"},
		{"CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT NOT NULL DEFAULT '', c BLOB, d REAL,"
		 " PRIMARY KEY(a, b)) STRICT, WITHOUT ROWID",
		 "CREATE TABLE t(a BIGINT PRIMARY KEY, b TEXT COLLATE \"C\" NOT NULL DEFAULT '', c "
		 "BYTEA, d DOUBLE PRECISION, PRIMARY KEY(a, b))"},
		{"ALTER TABLE t ADD COLUMN a TEXT",
		 "ALTER TABLE t ADD COLUMN a TEXT COLLATE \"C\""},
		{"CREATE INDEX i ON t(a, b) WHERE c = 'x'",
		 "CREATE INDEX i ON t(a, b) WHERE c = 'x'"},
		{"", ""},
		{"'", "'"},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct buf out = buf_grow(64);
		dialect_postgres(str_of(cases[i].ours), &out);
		EXPECT_STR(buf_str(&out), cases[i].theirs);
		buf_free(&out);
	}
}

TEST(a_script_falls_into_its_statements)
{
	struct str script = STR(" CREATE a ; ;INSERT ';' ; DO $$ x; y $$;last "), one;
	static const char *const want[] = {"CREATE a", "INSERT ';'", "DO $$ x; y $$", "last"};
	for (size_t i = 0; i < COUNT_OF(want); i++) {
		EXPECT(dialect_next(&script, &one));
		EXPECT_STR(one, want[i]);
	}
	EXPECT(!dialect_next(&script, &one));
}

TEST(which_statements_give_rows)
{
	EXPECT(dialect_gives_rows(STR("SELECT 1")));
	EXPECT(dialect_gives_rows(STR(" with a AS (SELECT 1) SELECT * FROM a")));
	EXPECT(dialect_gives_rows(STR("INSERT INTO t VALUES(1) RETURNING a")));
	EXPECT(!dialect_gives_rows(STR("INSERT INTO t SELECT 'RETURNING'")));
	EXPECT(!dialect_gives_rows(STR("UPDATE t SET a = (SELECT 1)")));
}
