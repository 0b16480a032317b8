/* own_plan.c - what somebody means who dials, and which number he may show. */
#include "channel/voice/own_call.h"

/* Prefixes keyed in at a telephone; as GSM has the first [3GPP TS 22.030 Annex B]. */
static const struct {
	const char *prefix;
	bool withheld, private;
} features[] = {{"#31#", true, false}, {"*7*", false, true}};

/* Without what people write between digits. */
static struct str dialled(struct str said, char room[NUMBER_TEXT])
{
	struct buf b = buf_make(room, NUMBER_TEXT - 1);
	char first = said.n ? said.p[0] : 0;
	if (first != '+' && first != '*' && first != '#' && (first < '0' || first > '9'))
		return str_head(said, NUMBER_TEXT - 1);
	for (size_t i = 0; i < said.n; i++)
		if (!strchr(" .-()", said.p[i]))
			buf_ch(&b, said.p[i]);
	return b.full ? STR_NONE : buf_str(&b);
}

static const struct object *number_of_ours(struct voice *v, struct str tenant, struct str name)
{
	return name.n ? objects_find(v->core->objects, KIND_number, tenant, name) : NULL;
}

static const struct object *extension_of(struct voice *v, struct str tenant, struct str dialled)
{
	uint32_t at = 0;
	for (const struct object *o; (o = objects_next(v->core->objects, KIND_user, &at));)
		if (str_eq(o->tenant, tenant) && o->config->user.extension.n &&
		    str_eq(o->config->user.extension, dialled))
			return o;
	return NULL;
}

static void to_user(struct own_plan *p, const struct object *user)
{
	p->target = OWN_AGENT;
	p->to = ID_AS(agent_id, user->id);
	if (!str_copy(str_head(user->name, NUMBER_TEXT - 1), p->number, sizeof p->number))
		p->number[0] = 0;
}

/* A number of ours leads where it leads everybody. */
static bool to_flow(struct voice *v, struct own_plan *p, const struct object *number)
{
	const struct object *flow =
		number ? inbound_flow(v, number->tenant, &number->config->number) : NULL;
	if (!flow || !str_copy(number->name, p->number, sizeof p->number))
		return false;
	p->target = OWN_FLOW;
	p->flow = ID_AS(flow_id, flow->id);
	p->private = false; /* whoever calls a queue is its customer */
	return true;
}

/* Only digits and signs of a telephone; 0 to 9 at least twice. */
static bool is_number(struct str s)
{
	uint32_t digits = 0;
	for (size_t i = 0; i < s.n; i++) {
		bool digit = s.p[i] >= '0' && s.p[i] <= '9';
		digits += digit;
		if (!digit && !(i == 0 && s.p[i] == '+') && s.p[i] != '*' && s.p[i] != '#')
			return false;
	}
	return digits > 1;
}

/* Help goes first, so that nothing declared can stand before it; then what is ours. */
static enum err whom(struct voice *v, struct str said, struct own_plan *p)
{
	const struct str tenant = p->tenant->name;
	const struct str country = p->tenant->config->tenant_of.country;
	char e164[NUMBER_TEXT];
	number_normalise(said, country, e164);
	memcpy(p->number, e164, sizeof p->number);
	p->target = OWN_NUMBER;
	p->help = number_kind(str_of(e164), country) == NUMBER_EMERGENCY;
	if (p->help)
		return ERR_OK;
	if (to_flow(v, p, number_of_ours(v, tenant, said)) ||
	    to_flow(v, p, number_of_ours(v, tenant, str_of(e164))))
		return ERR_OK;
	const struct object *user = objects_find(v->core->objects, KIND_user, tenant, said);
	if (!user)
		user = extension_of(v, tenant, said);
	if (user) {
		to_user(p, user);
		return user == p->user ? ERR_CONFLICT : ERR_OK;
	}
	return is_number(str_of(e164)) ? ERR_OK : ERR_NOT_FOUND;
}

/* -- what is shown -- */

bool own_number_ours(struct voice *v, struct str tenant, struct str number)
{
	const struct object *t = objects_find(v->core->objects, KIND_tenant, tenant, tenant);
	uint32_t at = 0;
	if (!t || !number.n)
		return false;
	if (number_of_ours(v, tenant, number))
		return true;
	for (uint32_t i = 0; i < t->config->tenant_of.caller_id_count; i++)
		if (str_eq(t->config->tenant_of.caller_ids[i], number))
			return true;
	for (const struct object *o; (o = objects_next(v->core->objects, KIND_trunk, &at));)
		if (str_eq(o->tenant, tenant) && str_eq(o->config->trunk.caller_id, number))
			return true;
	return false;
}

/* False: it may not be shown. */
static bool show(struct voice *v, struct own_plan *p, struct str number)
{
	char e164[NUMBER_TEXT];
	if (str_ieq(number, STR("anonymous"))) {
		p->withheld = true;
		return true;
	}
	if (!own_number_ours(v, p->tenant->name, number)) {
		number_normalise(number, p->tenant->config->tenant_of.country, e164);
		number = str_of(e164);
	}
	return own_number_ours(v, p->tenant->name, number) &&
	       str_copy(number, p->shown, sizeof p->shown);
}

/* What was asked for, else the agent's, else the queue's; the trunk's and the tenant's when it is
 * known which trunk. What is declared and not theirs is passed over. */
static enum err shown(struct voice *v, struct str asked, struct own_plan *p)
{
	const struct object *queue = objects_get(v->core->objects, ID(p->queue));
	const struct str by[] = {p->user->config->user.caller_id,
				 queue ? queue->config->queue.caller_id : STR_NONE};
	if (asked.n)
		return show(v, p, asked) ? ERR_OK : ERR_INVALID;
	for (size_t i = 0; i < COUNT_OF(by); i++)
		if (by[i].n && show(v, p, by[i]))
			break;
	return ERR_OK;
}

enum err own_plan_make(struct voice *v, struct str said, struct str asked, struct own_plan *p)
{
	char room[NUMBER_TEXT];
	struct str d = dialled(said, room);
	for (size_t i = 0; i < COUNT_OF(features); i++) {
		size_t n = strlen(features[i].prefix);
		if (d.n <= n || !str_eq(str_head(d, n), str_of(features[i].prefix)) ||
		    number_of_ours(v, p->tenant->name, d))
			continue;
		d = str_from(d, n);
		p->withheld |= features[i].withheld;
		p->private |= features[i].private;
	}
	enum err e = d.n ? whom(v, d, p) : ERR_NOT_FOUND;
	return e == ERR_OK && p->target == OWN_NUMBER ? shown(v, asked, p) : e;
}

enum err own_plan_check(struct voice *v, const struct own_plan *p, bool busy)
{
	struct trunk_route r;
	struct way way = {0};
	if (busy && !p->help)
		return ERR_CONFLICT;
	if (p->target != OWN_NUMBER)
		return ERR_OK;
	memcpy(way.number, p->number, sizeof way.number);
	return trunk_route(v, p->tenant->name, &way, &r);
}

bool own_call_shows(const struct leg *leg, const struct trunk_config *trunk, struct sip_invite *out)
{
	const struct line *l = line_of(leg->voice, leg->contact);
	const struct own_call *own = l ? l->own : NULL;
	const struct contact *k = contact_get(leg->voice->core, leg->contact);
	const struct tenant_config *t =
		k ? tenant_config(leg->voice->core->objects, k->tenant) : NULL;
	if (!own || !t || !ID_EQ(own->called, leg->id))
		return false;
	out->from_user = own->shown[0]	      ? str_of(own->shown)
			 : trunk->caller_id.n ? trunk->caller_id
			 : t->caller_id.n     ? t->caller_id
					      : STR("anonymous");
	out->withheld = own->withheld || str_is(out->from_user, "anonymous");
	return true;
}
