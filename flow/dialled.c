/*
 * dialled.c - numbers that a flow gives out to be called (behaviours.md CB-1).
 *
 * What a caller keyed in, or says he calls from, must be an ordinary number: of our country or
 * another, neither premium nor emergency nor short, one that the tenant may call and that a trunk
 * of his may carry (decisions 0014 and 0030). A number that was declared is left to the trunk.
 */
#include "core/toll.h"
#include "flow/journey.h"

static bool some_trunk_may(struct core *c, struct str tenant, struct str number, struct str country,
			   enum toll_rule rule)
{
	uint32_t at = 0;
	size_t match;
	for (const struct object *o; (o = objects_next(c->objects, KIND_trunk, &at)) != NULL;) {
		const struct trunk_config *t = &o->config->trunk;
		if (str_eq(o->tenant, tenant) &&
		    toll_carries(rule, number, country, t->prefixes, t->prefix_count, &match))
			return true;
	}
	return false;
}

static bool ordinary(struct journey *j, const struct dial_rules *rules, struct str number,
		     struct str country)
{
	enum number_kind kind = number_kind(number, country);
	enum toll_rule rule = toll_rule(rules, number, country);
	return (kind == NUMBER_NATIONAL || kind == NUMBER_INTERNATIONAL) &&
	       rule != TOLL_FORBIDDEN && rule != TOLL_HELP &&
	       some_trunk_may(journey_core(j), journey_tenant(j), number, country, rule);
}

/* Of a number in an expression: it may be a number in the sense of arithmetic too. */
static bool as_text(const struct expr_value *v, char out[NUMBER_TEXT])
{
	struct buf b = buf_make(out, NUMBER_TEXT - 1);
	if (v->kind == VALUE_TEXT)
		buf_put(&b, v->text);
	else if (v->kind == VALUE_NUMBER && v->number >= 1 && v->number < 1e15)
		buf_u64(&b, (uint64_t)v->number);
	if (b.full || !b.n)
		return false;
	out[b.n] = 0;
	return true;
}

static bool find(struct journey *j, const struct flow_node *n, bool checked, char out[NUMBER_TEXT])
{
	const struct tenant_config *t = tenant_config(journey_core(j)->objects, j->tenant);
	struct str country = t ? t->country : STR_NONE;
	char said[NUMBER_TEXT];
	bool masked;
	struct expr_value v = journey_value(j, &n->number, &masked);
	if (masked) { /* it would stand in facts */
		journey_alarm(j, "what was keyed in secretly cannot be called");
		return false;
	}
	if (!as_text(&v, said))
		return false;
	number_normalise(str_of(said), country, out);
	return !checked || (t && ordinary(j, &t->dial, str_of(out), country));
}

bool dialled_for_callback(struct journey *j, const struct flow_node *n, char out[NUMBER_TEXT])
{
	return find(j, n, true, out);
}

bool dialled_for_transfer(struct journey *j, const struct flow_node *n, char out[NUMBER_TEXT])
{
	return find(j, n, n->number_made, out);
}
