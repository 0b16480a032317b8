/*
 * route.c - which trunk, and which of its peers, a call of ours goes to.
 *
 * Among the trunks that may carry the number: the lowest priority, then the longest prefix that
 * names it, then the cheapest, then by weight as SRV records do (RFC 2782).
 */
#include "channel/voice/line.h"

/* What is asked for now, the same for all trunks. */
struct asking {
	struct str tenant, number, country; /* country: the tenant's own, may be empty */
	const struct dial_rules *rules;
	const struct way *way;
	bool last_resort; /* those that were silent or are down */
	bool help;
};

static bool was_tried(const struct way *way, const struct trunk_peer_at *p)
{
	for (uint32_t i = 0; i < way->tried_count; i++)
		if (sip_address_eq(&way->tried[i], &p->address))
			return true;
	return false;
}

static bool may_be_asked(struct voice *v, const struct trunk_peer_at *p, const struct asking *a)
{
	const int64_t now_ms = v->core->now_ms;
	bool doubtful = p->down || p->silent_until_ms > now_ms;
	/* RFC 3261 section 21.5.4: nothing more until its Retry-After is over */
	return doubtful == a->last_resort && (a->help || p->busy_until_ms <= now_ms) &&
	       !was_tried(a->way, p);
}

/* The first peer of this trunk that may be asked. Of one name the lowest priority, then by weight:
 * RFC 2782; weight 0 is a small one. */
static struct trunk_peer_at *peer_of(struct voice *v, const struct object *trunk,
				     const struct asking *a)
{
	struct trunk_peer_at *best = NULL;
	uint64_t weights = 0;
	for (uint32_t i = 0; i < v->peer_count; i++) {
		struct trunk_peer_at *p = &v->peers[i];
		if (!ID_EQ(p->trunk, ID_AS(trunk_id, trunk->id)) || p->only_in ||
		    !may_be_asked(v, p, a) ||
		    (best && (p->nth > best->nth || p->priority > best->priority)))
			continue;
		bool better = !best || p->priority < best->priority;
		uint64_t weight = p->weight * 256u + 1;
		weights = better ? weight : weights + weight;
		if (better || core_dice(v->core) % weights < weight)
			best = p;
	}
	return best;
}

struct choice {
	const struct object *trunk;
	struct trunk_peer_at *peer;
	size_t match;	  /* length of the prefix that names the number */
	int64_t rate;	  /* -1: not known, so after those that are */
	uint64_t weights; /* of its equals, so far */
};

static int64_t order(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* Below 0: a is better than b; 0: their weights decide. */
static int64_t compare(const struct choice *a, const struct choice *b)
{
	const struct trunk_config *x = &a->trunk->config->trunk, *y = &b->trunk->config->trunk;
	if (x->priority != y->priority)
		return order(x->priority, y->priority);
	if (a->match != b->match)
		return order((int64_t)b->match, (int64_t)a->match);
	return order(a->rate < 0 ? INT64_MAX : a->rate, b->rate < 0 ? INT64_MAX : b->rate);
}

static void weigh(struct voice *v, struct choice one, struct choice *best)
{
	const uint64_t weight = MAX(one.trunk->config->trunk.weight, 1u);
	const int64_t order = best->trunk ? compare(&one, best) : -1;
	if (order > 0)
		return;
	one.weights = order < 0 ? weight : best->weights + weight;
	best->weights = one.weights;
	if (order < 0 || core_dice(v->core) % one.weights < weight)
		*best = one;
}

/* One pass over a tenant's trunks; the one at hand goes on with its other peers before another is
 * asked. */
static enum err choose(struct voice *v, const struct asking *a, struct choice *out)
{
	enum err why = ERR_NOT_FOUND;
	uint32_t at = 0;
	*out = (struct choice){0};
	for (const struct object *o; (o = objects_next(v->core->objects, KIND_trunk, &at));) {
		const struct trunk_config *t = &o->config->trunk;
		if (!str_eq(o->tenant, a->tenant))
			continue;
		struct choice one = {.trunk = o,
				     .rate = toll_rate(t->rates, t->rate_count, a->number)};
		struct str country = a->country.n ? a->country : t->country;
		enum toll_rule rule = toll_rule(a->rules, a->number, country);
		if (!toll_carries(rule, a->number, country, t->prefixes, t->prefix_count,
				  &one.match)) {
			why = why == ERR_NOT_FOUND ? ERR_FORBIDDEN : why;
			continue;
		}
		why = ERR_FULL;
		one.peer = peer_of(v, o, a);
		if (one.peer && ID_EQ(a->way->trunk, ID_AS(trunk_id, o->id))) {
			*out = one;
			return ERR_OK;
		}
		if (one.peer && (a->help || (trunk_has_place(v, o) && trunk_has_pace(v, o, false))))
			weigh(v, one, out);
	}
	return out->trunk ? ERR_OK : why;
}

enum err trunk_route(struct voice *v, struct str tenant, const struct way *way,
		     struct trunk_route *out)
{
	const struct object *home = objects_find(v->core->objects, KIND_tenant, tenant, tenant);
	struct choice c;
	if (!home)
		return ERR_NOT_FOUND;
	if (way->tried_count == ROUTES_MAX)
		return ERR_FULL;
	struct asking a = {.tenant = tenant,
			   .number = str_of(way->number),
			   .country = home->config->tenant_of.country,
			   .rules = &home->config->tenant_of.dial,
			   .way = way};
	a.help = toll_rule(a.rules, a.number, a.country) == TOLL_HELP;
	enum err e = choose(v, &a, &c);
	a.last_resort = true;
	if (e == ERR_FULL)
		e = choose(v, &a, &c);
	if (e != ERR_OK)
		return e;
	*out = (struct trunk_route){.trunk = ID_AS(trunk_id, c.trunk->id),
				    .to = c.peer->address,
				    .host = str_of(c.peer->name),
				    .port = c.peer->port};
	return ERR_OK;
}
