/*
 * registry_flows.c - flows that go into other flows; see registry_parts.h.
 *
 * Refused: a flow that comes into itself again, more than FLOW_DEPTH_MAX waiting for one another,
 * and loops in which a call never waits that lead through a flow inside. A changed flow can make
 * another one wrong that was right before, so all flows of its tenant are looked at. A draft is
 * looked at as if it alone were published now.
 */
#include "objects/registry_parts.h"

#include "objects/registry_rules.h"
#include "objects/schema.h"

enum known { KNOWN_NOT, KNOWN_NO, KNOWN_YES };

struct row {
	struct str id;
	const json_t *doc;
	const struct staged *staged; /* NULL: stored, and not being changed */
	const struct staged *blame;  /* a staged one it goes into, or itself; NULL: none */
	enum { ROW_NEW, ROW_OPEN, ROW_DONE } state;
	uint32_t height; /* flows below it, at most */
	enum known passes[2];
};

struct look {
	struct plan *p;
	struct str tenant;
	const struct staged *draft; /* looked at as if it were published; NULL: the flows are */
	struct arena arena;
	struct row *rows;
	uint32_t count;
	struct map by_id;
	bool wrong; /* flows go round: no further questions */
};

static void add_row(struct look *l, struct str id, const json_t *doc, const struct staged *staged)
{
	struct row *r = &l->rows[l->count];
	*r = (struct row){.id = id, .doc = doc, .staged = staged, .blame = staged};
	if (map_add(&l->by_id, id, r) == ERR_OK)
		l->count++;
}

static void add_rows(struct look *l)
{
	const struct plan *p = l->p;
	uint32_t stored;
	struct entry **all = registry_sorted(p->g, &l->arena, l->tenant, KIND_flow, &stored);
	l->rows = arena_alloc(&l->arena, sizeof *l->rows * (stored + p->count + 1));
	if (l->draft)
		add_row(l, l->draft->id, l->draft->doc, l->draft);
	for (uint32_t i = 0; i < p->count; i++)
		if (p->staged[i].kind == KIND_flow && str_eq(p->staged[i].tenant, l->tenant))
			add_row(l, p->staged[i].id, p->staged[i].doc,
				l->draft ? NULL : &p->staged[i]);
	for (uint32_t i = 0; i < stored; i++)
		add_row(l, all[i]->id, all[i]->doc, NULL);
}

static struct row *inside(const struct look *l, const json_t *node)
{
	if (!str_is(json_str(json_object_get(node, "do")), "subflow"))
		return NULL;
	return map_get(&l->by_id, json_str(json_object_get(node, "flow")));
}

static void tell(struct look *l, const struct staged *s, const char *node, const char *what)
{
	struct place place;
	const struct jpath *at = plan_place(l->p, s, &place);
	const struct jpath nodes = {.up = at, .key = "nodes"};
	const struct jpath up = {.up = &nodes, .key = node};
	const struct jpath field = {.up = &up, .key = "flow"};
	mistake(&l->p->m, node ? &field : at, "%s", what);
	l->wrong = true;
}

/* Recursion is as deep as flows may be: what is deeper is refused and ends it. */
static void descend(struct look *l, struct row *r, uint32_t depth)
{
	const char *name;
	json_t *node;
	r->state = ROW_OPEN;
	json_object_foreach(json_object_get(r->doc, "nodes"), name, node)
	{
		struct row *to = inside(l, node);
		if (!to || l->wrong)
			continue;
		if (to->state == ROW_NEW && depth <= FLOW_DEPTH_MAX)
			descend(l, to, depth + 1);
		const struct staged *guilty = r->staged ? r->staged : to->blame;
		const char *at = r->staged ? name : NULL;
		bool deep = to->state == ROW_NEW || to->height + 1 > FLOW_DEPTH_MAX;
		if (guilty && !l->wrong && to->state == ROW_OPEN)
			tell(l, guilty, at, "comes into the same flow again");
		else if (guilty && !l->wrong && deep)
			tell(l, guilty, at, "more than 8 flows inside each other");
		r->height = MAX(r->height, to->height + 1);
		r->blame = r->blame ? r->blame : to->blame;
	}
	r->state = ROW_DONE;
}

static bool passes(void *arg, struct str flow, bool queues)
{
	struct look *l = arg;
	struct row *r = map_get(&l->by_id, flow);
	if (!r)
		return false; /* told as a missing name */
	if (r->passes[queues] == KNOWN_NOT)
		r->passes[queues] =
			flow_has_quick_way(r->doc, queues, passes, l) ? KNOWN_YES : KNOWN_NO;
	return r->passes[queues] == KNOWN_YES;
}

static void check_tenant_flows(struct plan *p, struct str tenant, const struct staged *draft)
{
	struct look l = {.p = p, .tenant = tenant, .draft = draft};
	arena_init(&l.arena);
	map_init(&l.by_id, 0);
	add_rows(&l);
	for (uint32_t i = 0; i < l.count && !l.wrong; i++)
		if (l.rows[i].state == ROW_NEW)
			descend(&l, &l.rows[i], 0);
	for (uint32_t i = 0; i < l.count && !l.wrong; i++) {
		const struct row *r = &l.rows[i];
		struct place place;
		if (!r->blame || !r->height)
			continue;
		struct flow_around f = {.doc = r->doc,
					.at = plan_place(p, r->blame, &place),
					.outside = r->staged ? STR_NONE : r->id,
					.passes = passes,
					.arg = &l};
		flow_check_around(&f, &p->m);
	}
	map_finish(&l.by_id);
	arena_finish(&l.arena);
}

void plan_check_flows(struct plan *p)
{
	for (uint32_t i = 0; i < p->count; i++) {
		bool first = p->staged[i].kind == KIND_flow;
		for (uint32_t k = 0; k < i && first; k++)
			first = p->staged[k].kind != KIND_flow ||
				!str_eq(p->staged[k].tenant, p->staged[i].tenant);
		if (first)
			check_tenant_flows(p, p->staged[i].tenant, NULL);
		if (p->staged[i].kind == KIND_draft)
			check_tenant_flows(p, p->staged[i].tenant, &p->staged[i]);
	}
}
