/* know.c - what the names in an expression mean for one contact, now. */
#include "core/country.h"
#include "core/zone.h"
#include "flow/journey.h"

struct knowing {
	struct journey *j;
	bool masked; /* something secret was asked for */
};

static void know_text(struct expr_value *out, struct str text)
{
	if (text.n)
		*out = (struct expr_value){.kind = VALUE_TEXT, .text = text};
}

static void know_number(struct expr_value *out, double number)
{
	*out = (struct expr_value){.kind = VALUE_NUMBER, .number = number};
}

static void know_variable(struct knowing *k, struct str name, struct expr_value *out)
{
	const struct variable *v = variables_get(&k->j->variables, name);
	if (!v)
		return;
	*out = v->value;
	k->masked |= v->masked;
}

static void know_queue(struct journey *j, enum expr_name name, struct str which,
		       struct expr_value *out)
{
	struct core *c = journey_core(j);
	struct queue_glance f = {.ewt_ms = -1};
	const struct object *o = objects_find(c->objects, KIND_queue, journey_tenant(j), which);
	if (!o || SEND(c, queue_look, .queue = ID_AS(queue_id, o->id), .out = &f) != ERR_OK)
		return;
	if (name == EXPR_QUEUE_WAITING)
		know_number(out, f.waiting);
	else if (f.ewt_ms >= 0)
		know_number(out, (double)f.ewt_ms / 1000);
}

static void know_time(struct journey *j, enum expr_name name, struct expr_value *out)
{
	static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
	struct core *c = journey_core(j);
	const struct tenant_config *t = tenant_config(c->objects, j->tenant);
	struct local_time l;
	zone_local(t ? t->zone : NULL, c->utc_ms, &l);
	know_number(out, name == EXPR_TIME_HOUR ? l.hour : l.weekday + 1);
	if (name == EXPR_TIME_WEEKDAY)
		out->text = str_of(days[l.weekday]);
}

/* RFC 3323 section 4.1: who withholds his number is anonymous. */
static bool withheld(struct str number)
{
	return str_ieq(number, STR("anonymous"));
}

static void know(void *arg, enum expr_name name, struct str which, struct expr_value *out)
{
	struct knowing *k = arg;
	const struct contact *contact = contact_get(journey_core(k->j), k->j->contact);
	if (!contact)
		return;
	switch (name) {
	case EXPR_VAR:
		know_variable(k, which, out);
		break;
	case EXPR_QUEUE_WAITING:
	case EXPR_QUEUE_EWT:
		know_queue(k->j, name, which, out);
		break;
	case EXPR_CALLER_NUMBER:
		if (!withheld(str_of(contact->from)))
			know_text(out, str_of(contact->from));
		break;
	case EXPR_CALLER_COUNTRY:
		know_text(out, country_of_number(str_of(contact->from)));
		break;
	case EXPR_CALLER_VERSTAT:
		if (contact->verstat[0])
			know_text(out, str_of(contact->verstat));
		break;
	case EXPR_CALLER_ATTEST:
		if (contact->attest[0])
			know_text(out, str_of(contact->attest));
		break;
	case EXPR_CALL_TO:
		know_text(out, str_of(contact->to));
		break;
	case EXPR_CALL_DIVERTED:
		if (contact->diverted[0])
			know_text(out, str_of(contact->diverted));
		break;
	case EXPR_TIME_HOUR:
	case EXPR_TIME_WEEKDAY:
		know_time(k->j, name, out);
		break;
	case EXPR_CUSTOMER_LANGUAGE:
		know_text(out, str_of(contact->lang));
		break;
	case EXPR_NAME_COUNT:
		break;
	}
}

struct expr_value journey_value(struct journey *j, const struct expression *e, bool *masked)
{
	struct knowing k = {.j = j};
	struct expr_value v = expression_value(e, know, &k);
	*masked = k.masked;
	return v;
}
