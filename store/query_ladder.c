/* query_ladder.c - the facts of one contact as lines for people: half of `ctl trace`. */
#include "core/fact.h"
#include "store/store_inside.h"

enum err query_contact_lines(struct store_reader *r, struct uuid contact, struct buf *out)
{
	struct sql_stmt *q =
		sql_query(r->db, "SELECT data FROM events WHERE contact = ?1 ORDER BY seq");
	struct fact f;
	sql_blob(q, contact.b, sizeof contact.b);
	while (sql_step(q)) {
		if (fact_decode(sql_col_text(q, 0), &f) != ERR_OK)
			continue;
		fact_line(out, &f);
		buf_ch(out, '\n');
	}
	return sql_done(q);
}
