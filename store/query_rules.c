/*
 * query_rules.c - which formulas a report is made with; see store_inside.h.
 *
 * As declared now (contract section 2, behaviours.md K-4): whoever changes a rule changes what the
 * past is called, at once and everywhere; the versions of the objects say who, when and from what.
 * Of a deleted queue the last ones it had.
 */
#include <jansson.h>

#include "store/store_inside.h"

enum err object_newest(struct store_reader *r, const char *kind, struct str tenant, struct str id,
		       json_t **out)
{
	struct sql_stmt *q =
		sql_query(r->db, "SELECT doc FROM objects WHERE kind = ? AND tenant = ? "
				 "AND id = ? AND doc <> '' ORDER BY version DESC "
				 "LIMIT 1");
	sql_text(q, str_of(kind));
	sql_text(q, tenant);
	sql_text(q, id);
	*out = NULL;
	if (sql_step(q)) {
		struct str doc = sql_col_text(q, 0);
		*out = json_loadb(doc.p, doc.n, 0, NULL);
	}
	return sql_done(q);
}

static struct str text_of(const json_t *o)
{
	return json_is_string(o) ? str_make(json_string_value(o), json_string_length(o)) : STR_NONE;
}

static void take_seconds(const json_t *o, int64_t *ms)
{
	if (json_is_number(o))
		*ms = (int64_t)(json_number_value(o) * 1000);
}

static void take_flag(const json_t *o, bool *flag)
{
	if (json_is_boolean(o))
		*flag = json_is_true(o);
}

/* What is not named stays as it was: the queue's word over the tenant's, the tenant's over ours. */
static void take_formulas(const json_t *doc, struct queue_rules *rules)
{
	const json_t *f = json_object_get(doc, "formulas");
	struct str sl = text_of(json_object_get(f, "sl"));
	if (sl.n == 4 && sl.p[3] >= '1' && sl.p[3] <= '6')
		rules->sl = (uint32_t)(sl.p[3] - '0');
	take_flag(json_object_get(f, "sl_2_with_flow_out"), &rules->with_flow_out);
	take_flag(json_object_get(f, "sl_2_without_short"), &rules->without_short);
	take_flag(json_object_get(f, "sl_2_without_abandoned"), &rules->without_lost);
	enum abandon_formula abandon;
	if (abandon_formula_from(text_of(json_object_get(f, "abandon")), &abandon) == ERR_OK)
		rules->abandon = abandon;
}

enum err rules_of_queue(struct store_reader *r, struct str tenant, struct str queue,
			struct queue_rules *out)
{
	json_t *house, *own = NULL;
	*out = QUEUE_RULES_DEFAULT;
	enum err e = object_newest(r, "tenant", tenant, tenant, &house);
	if (e == ERR_OK)
		e = object_newest(r, "queue", tenant, queue, &own);
	take_formulas(house, out);
	take_formulas(own, out);
	take_seconds(json_object_get(own, "threshold_s"), &out->threshold_ms);
	take_seconds(json_object_get(own, "short_abandon_s"), &out->short_ms);
	json_decref(house);
	json_decref(own);
	return e;
}

enum err rules_for(struct store_reader *r, struct str tenant, const struct report_filter *f,
		   struct str queue, struct queue_rules *out)
{
	enum err e = rules_of_queue(r, tenant, queue, out);
	if (e == ERR_OK)
		queue_choice_take(&f->choice, out);
	return e;
}

enum err ringing_works(struct store_reader *r, struct str tenant, bool *out)
{
	json_t *house;
	enum err e = object_newest(r, "tenant", tenant, tenant, &house);
	*out = str_is(text_of(json_object_get(json_object_get(house, "formulas"), "ringing")),
		      "work");
	json_decref(house);
	return e;
}

bool next_name(struct sql_stmt *q, char name[64], enum err *e)
{
	bool found = sql_step(q) && !sql_col_null(q, 0) && str_copy(sql_col_text(q, 0), name, 64);
	*e = sql_done(q);
	return found && *e == ERR_OK;
}

bool name_after(struct store_reader *r, const char *query, struct str tenant, char name[64],
		enum err *e)
{
	char after[64];
	memcpy(after, name, sizeof after);
	struct sql_stmt *q = sql_query(r->db, query);
	sql_text(q, tenant);
	sql_text(q, str_of(after));
	return next_name(q, name, e);
}
