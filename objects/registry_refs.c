/* registry_refs.c - whom a document names; see registry_rules.h. */
#include "objects/registry_rules.h"

#include "core/expression.h"
#include "objects/schema.h"
#include "core/skill_expr.h"

struct refs {
	ref_h *ref;
	void *arg;
};

static void one(const struct refs *r, enum object_kind kind, const json_t *doc, const char *key,
		const struct jpath *at)
{
	const struct jpath place = {.up = at, .key = key};
	const json_t *v = json_object_get(doc, key);
	if (json_is_string(v))
		r->ref(r->arg, kind, json_str(v), &place);
}

static void music(const struct refs *r, const json_t *doc, const struct jpath *at)
{
	if (!str_is(json_str(json_object_get(doc, "music")), "default"))
		one(r, KIND_prompt, doc, "music", at);
}

/* The same skill may stand in a demand several times: named once. */
static void demand(const struct refs *r, const json_t *step, const struct jpath *at)
{
	struct skill_term terms[SKILL_TERMS_MAX];
	uint32_t count = 0;
	char unread[160];
	struct buf why = buf_make(unread, sizeof unread);
	const struct jpath place = {.up = at, .key = "need"};
	if (skill_expr_parse(json_str(json_object_get(step, "need")), terms, &count, &why) !=
	    ERR_OK)
		return;
	for (uint32_t i = 0; i < count; i++) {
		bool seen = terms[i].op != TERM_COMPARE;
		for (uint32_t k = 0; k < i && !seen; k++)
			seen = terms[k].op == TERM_COMPARE &&
			       str_eq(terms[k].skill, terms[i].skill);
		if (!seen)
			r->ref(r->arg, KIND_skill, terms[i].skill, &place);
	}
}

static void demands(const struct refs *r, const json_t *doc, const struct jpath *at)
{
	const json_t *steps = json_object_get(doc, "skills");
	const struct jpath list = {.up = at, .key = "skills"};
	for (size_t i = 0; i < json_array_size(steps); i++) {
		const struct jpath item = {.up = &list, .index = i};
		demand(r, json_array_get(steps, i), &item);
	}
}

static void queue_refs(const struct refs *r, const json_t *doc, const struct jpath *at)
{
	demands(r, doc, at);
	music(r, doc, at);
	one(r, KIND_outcome, doc, "outcome_default", at);
	one(r, KIND_team, doc, "team", at);
}

static void names(const struct refs *r, enum object_kind kind, const json_t *doc, const char *key,
		  const struct jpath *at)
{
	const json_t *all = json_object_get(doc, key);
	const struct jpath list = {.up = at, .key = key};
	for (size_t i = 0; i < json_array_size(all); i++) {
		const struct jpath item = {.up = &list, .index = i};
		r->ref(r->arg, kind, json_str(json_array_get(all, i)), &item);
	}
}

static void wallboard_refs(const struct refs *r, const json_t *doc, const struct jpath *at)
{
	const json_t *all = json_object_get(doc, "pages");
	const struct jpath pages = {.up = at, .key = "pages"};
	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *tiles = json_object_get(json_array_get(all, i), "tiles");
		const struct jpath page = {.up = &pages, .index = i};
		const struct jpath list = {.up = &page, .key = "tiles"};
		for (size_t k = 0; k < json_array_size(tiles); k++) {
			const struct jpath tile = {.up = &list, .index = k};
			one(r, KIND_queue, json_array_get(tiles, k), "queue", &tile);
			names(r, KIND_queue, json_array_get(tiles, k), "queues", &tile);
		}
	}
}

static void user_refs(const struct refs *r, const json_t *doc, const struct jpath *at)
{
	const struct jpath skills = {.up = at, .key = "skills"};
	names(r, KIND_queue, doc, "queues", at);
	names(r, KIND_team, doc, "teams", at);
	names(r, KIND_team, doc, "supervises", at);
	const struct jpath places = {.up = at, .key = "places"};
	const char *skill, *queue;
	json_t *level, *place;
	json_object_foreach(json_object_get(doc, "places"), queue, place)
	{
		const struct jpath item = {.up = &places, .key = queue};
		r->ref(r->arg, KIND_queue, str_of(queue), &item);
	}
	json_object_foreach(json_object_get(doc, "skills"), skill, level)
	{
		const struct jpath item = {.up = &skills, .key = skill};
		r->ref(r->arg, KIND_skill, str_of(skill), &item);
	}
}

struct named {
	const struct refs *r;
	const struct jpath *at;
	struct str last;
};

static void named(void *arg, enum expr_name name, struct str which)
{
	struct named *n = arg;
	bool queue = name == EXPR_QUEUE_WAITING || name == EXPR_QUEUE_EWT;
	if (!queue || str_eq(which, n->last))
		return;
	n->last = which;
	n->r->ref(n->r->arg, KIND_queue, which, n->at);
}

static void expression(const struct refs *r, const json_t *doc, const char *key,
		       const struct jpath *at)
{
	char unread[16];
	struct buf why = buf_make(unread, sizeof unread);
	struct expression e;
	struct arena a;
	const struct jpath place = {.up = at, .key = key};
	struct named n = {.r = r, .at = &place};
	arena_init(&a);
	if (expression_compile(json_str(json_object_get(doc, key)), &a, &e, &why) == ERR_OK)
		expression_names(&e, named, &n);
	arena_finish(&a);
}

static void cases(const struct refs *r, const json_t *node, const struct jpath *at)
{
	const json_t *all = json_object_get(node, "if");
	const struct jpath list = {.up = at, .key = "if"};
	for (size_t i = 0; i < json_array_size(all); i++) {
		const struct jpath item = {.up = &list, .index = i};
		expression(r, json_array_get(all, i), "when", &item);
	}
}

static void transfer(const struct refs *r, const json_t *node, const struct jpath *at)
{
	const json_t *to = json_object_get(node, "to");
	const struct jpath target = {.up = at, .key = "to"};
	if (!json_is_object(to))
		return;
	one(r, KIND_queue, to, "queue", &target);
	one(r, KIND_user, to, "agent", &target);
}

static void wishes(const struct refs *r, const json_t *node, const struct jpath *at)
{
	const json_t *agents = json_object_get(node, "agents");
	const struct jpath list = {.up = at, .key = "agents"};
	const char *agent;
	json_t *score;
	json_object_foreach((json_t *)agents, agent, score)
	{
		const struct jpath place = {.up = &list, .key = agent};
		r->ref(r->arg, KIND_user, str_of(agent), &place);
	}
}

static void flow_refs(const struct refs *r, const json_t *doc, const struct jpath *at)
{
	const struct jpath nodes = {.up = at, .key = "nodes"};
	const char *name;
	json_t *node;
	json_object_foreach(json_object_get(doc, "nodes"), name, node)
	{
		const struct jpath place = {.up = &nodes, .key = name};
		one(r, KIND_prompt, node, "prompt", &place);
		one(r, KIND_prompt, node, "invalid", &place);
		one(r, KIND_queue, node, "queue", &place);
		one(r, KIND_hours, node, "hours", &place);
		wishes(r, node, &place);
		demands(r, node, &place);
		one(r, KIND_flow, node, "flow", &place);
		expression(r, node, "value", &place);
		expression(r, node, "number", &place);
		transfer(r, node, &place);
		cases(r, node, &place);
	}
}

void refs_each(enum object_kind kind, const json_t *doc, const struct jpath *at, ref_h *ref,
	       void *arg)
{
	const struct refs r = {ref, arg};
	switch (kind) {
	case KIND_number:
		/* of a test number the flow may be a draft only */
		one(&r, json_is_true(json_object_get(doc, "draft")) ? KIND_draft : KIND_flow, doc,
		    "flow", at);
		break;
	case KIND_queue:
		queue_refs(&r, doc, at);
		break;
	case KIND_user:
		user_refs(&r, doc, at);
		break;
	case KIND_alert:
		one(&r, KIND_queue, doc, "queue", at);
		one(&r, KIND_trunk, doc, "trunk", at);
		one(&r, KIND_hours, doc, "quiet", at);
		break;
	case KIND_wallboard:
		wallboard_refs(&r, doc, at);
		break;
	case KIND_mass_event:
		names(&r, KIND_queue, doc, "queues", at);
		names(&r, KIND_queue, doc, "helpers", at);
		one(&r, KIND_prompt, doc, "bulletin", at);
		break;
	case KIND_flow:
	case KIND_draft:
		flow_refs(&r, doc, at);
		break;
	case KIND_tenant:
	case KIND_trunk:
	case KIND_skill:
	case KIND_reason:
	case KIND_outcome:
	case KIND_field:
	case KIND_team:
	case KIND_saved_report:
	case KIND_prompt:
	case KIND_hours:
		break;
	}
}
