/* registry_reach.c - whom a supervisor looks after, out of what is declared of teams. */
#include "objects/registry_parts.h"

#include "objects/schema.h"

/* Do two lists of names share one? */
static bool share(const json_t *a, const json_t *b)
{
	for (size_t i = 0; i < json_array_size(a); i++)
		for (size_t k = 0; k < json_array_size(b); k++)
			if (json_equal(json_array_get(a, i), json_array_get(b, k)))
				return true;
	return false;
}

static bool lists(const json_t *list, const json_t *name)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (json_equal(json_array_get(list, i), name))
			return true;
	return false;
}

/* What his people serve, unless it is said to be another team's; what is said to be his. */
static bool his_queue(const json_t *queue, const json_t *teams, struct str id,
		      const struct str *served, uint32_t count)
{
	const json_t *team = json_object_get(queue, "team");
	if (team)
		return lists(teams, team);
	const struct reach by = {.queues = served, .queue_count = count};
	return reach_queue(&by, id);
}

static uint32_t people(struct entry **users, uint32_t count, const json_t *teams, struct str self,
		       struct arena *a, struct reach *out)
{
	struct str *agents = arena_alloc(a, (count + 1) * sizeof *agents), *served;
	size_t room = 0;
	uint32_t n = 0, k = 0;
	for (uint32_t i = 0; i < count; i++)
		room += json_array_size(json_object_get(users[i]->doc, "queues"));
	served = arena_alloc(a, (room + 1) * sizeof *served);
	for (uint32_t i = 0; i < count; i++) {
		const json_t *queues = json_object_get(users[i]->doc, "queues");
		const bool member = share(json_object_get(users[i]->doc, "teams"), teams);
		if (!member && !str_eq(users[i]->id, self))
			continue;
		agents[n++] = arena_copy(a, users[i]->id);
		for (size_t q = 0; member && q < json_array_size(queues); q++)
			served[k++] = arena_copy(a, json_str(json_array_get(queues, q)));
	}
	out->agents = agents;
	out->agent_count = reach_order(agents, n);
	out->queues = served;
	return reach_order(served, k);
}

/* Members of these teams, and self when there is one; their queues. */
static void reach_of(struct registry *g, struct str tenant, const json_t *teams, struct str self,
		     struct arena *a, struct reach *out)
{
	struct arena scratch;
	uint32_t count, n = 0;
	arena_init(&scratch);
	struct entry **all = registry_sorted(g, &scratch, tenant, KIND_user, &count);
	const uint32_t served = people(all, count, teams, self, a, out);
	all = registry_sorted(g, &scratch, tenant, KIND_queue, &count);
	struct str *queues = arena_alloc(a, (count + 1) * sizeof *queues);
	for (uint32_t i = 0; i < count; i++)
		if (his_queue(all[i]->doc, teams, all[i]->id, out->queues, served))
			queues[n++] = arena_copy(a, all[i]->id);
	out->queues = queues;
	out->queue_count = reach_order(queues, n);
	arena_finish(&scratch);
}

bool registry_reach(struct registry *g, struct str tenant, struct str user, struct arena *a,
		    struct reach *out)
{
	const struct entry *e = registry_entry(g, KIND_user, tenant, user);
	const json_t *teams = e ? json_object_get(e->doc, "supervises") : NULL;
	*out = (struct reach){0};
	if (teams)
		reach_of(g, tenant, teams, user, a, out);
	return teams != NULL;
}

void registry_reach_team(struct registry *g, struct str tenant, struct str team, struct arena *a,
			 struct reach *out)
{
	json_t *teams = json_array();
	json_array_append_new(teams, json_stringn(team.p, team.n));
	*out = (struct reach){0};
	reach_of(g, tenant, teams, STR_NONE, a, out);
	json_decref(teams);
}

bool registry_held(struct registry *g, struct str tenant, struct str user)
{
	const struct entry *e = registry_entry(g, KIND_user, tenant, user);
	return e && json_object_get(e->doc, "supervises") != NULL;
}
