/* query_objects.c - declared objects and their versions; see query.h. */
#include "store/query.h"
#include "store/store_inside.h"

#define COLUMNS "SELECT kind, tenant, id, doc, op, by_, version, at_ms FROM objects o "

static enum err each_row(struct sql_stmt *q, void (*row)(void *arg, const struct object_row *o),
			 void *arg)
{
	while (sql_step(q)) {
		struct object_row o = {.tenant = sql_col_text(q, 1),
				       .id = sql_col_text(q, 2),
				       .doc = sql_col_text(q, 3),
				       .op = sql_col_text(q, 4),
				       .by = sql_col_text(q, 5),
				       .version = (uint32_t)sql_col_i64(q, 6),
				       .at_ms = sql_col_i64(q, 7)};
		if (object_kind_from(sql_col_text(q, 0), &o.kind) == ERR_OK)
			row(arg, &o);
	}
	return sql_done(q);
}

/* Deleted ones too, without a document: their versions go on counting. */
enum err query_objects(struct store_reader *r, void (*row)(void *arg, const struct object_row *o),
		       void *arg)
{
	struct sql_stmt *q = sql_query(r->local, COLUMNS
				       "WHERE version = (SELECT max(version) FROM objects n WHERE "
				       "n.kind = o.kind AND n.tenant = o.tenant AND n.id = o.id) "
				       "ORDER BY kind <> 'tenant', kind, tenant, id");
	return each_row(q, row, arg);
}

enum err query_versions(struct store_reader *r, enum object_kind kind, struct str tenant,
			struct str id, void (*row)(void *arg, const struct object_row *o),
			void *arg)
{
	struct sql_stmt *q = sql_query(r->db, COLUMNS
				       "WHERE kind = ? AND tenant = ? AND id = ? ORDER BY version");
	sql_text(q, object_kind_word(kind));
	sql_text(q, tenant);
	sql_text(q, id);
	return each_row(q, row, arg);
}
