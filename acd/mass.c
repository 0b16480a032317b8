/*
 * mass.c - mass events: many call at once, and the house is ready for it (behaviours.md Q-11,
 * decision 0017).
 *
 * While one goes on, who waits in its queues or joins them hears its bulletin, agents of its helper
 * queues serve them too whatever their skills, and its limit replaces theirs. It ends when it is
 * stopped or its object is deleted. What it covers is looked up each time: it may be replaced.
 */
#include "acd/inside.h"

#include "core/bytes.h"

#define MASSES_MAX 64u /* that go on at a time, over all tenants */

struct mass {
	struct list of_room;
	struct id image;
	struct tenant *tenant;
	char name[NAME_MAX_BYTES];
};

struct pool *mass_pool_create(void)
{
	return pool_create("acd mass events", sizeof(struct mass), MASSES_MAX);
}

static const struct mass_event_config *conf_of(const struct acd *acd, const struct mass *m)
{
	const struct object *o = objects_find(acd->core->objects, KIND_mass_event,
					      str_of(m->tenant->name), str_of(m->name));
	return o ? &o->config->mass_event : NULL;
}

static struct mass *mass_find(const struct acd *acd, const struct tenant *t, struct str name)
{
	list_for_each (l, &acd->masses) {
		struct mass *m = CONTAINER_OF(l, struct mass, of_room);
		if (m->tenant == t && str_is(name, m->name))
			return m;
	}
	return NULL;
}

static bool named(const struct str *list, uint32_t count, const char *name)
{
	for (uint32_t i = 0; i < count; i++)
		if (str_is(list[i], name))
			return true;
	return false;
}

/* The first one that covers this queue; NULL: none. */
static const struct mass_event_config *over(const struct queue *q)
{
	list_for_each (l, &q->acd->masses) {
		const struct mass *m = CONTAINER_OF(l, struct mass, of_room);
		const struct mass_event_config *c =
			m->tenant == q->tenant ? conf_of(q->acd, m) : NULL;
		if (c && named(c->queues, c->queue_count, q->name))
			return c;
	}
	return NULL;
}

bool mass_covers(const struct queue *q)
{
	return over(q) != NULL;
}

uint32_t mass_max_waiting(const struct queue *q)
{
	const struct mass_event_config *c = over(q);
	return c && c->limits ? c->max_waiting : queue_conf(q)->max_waiting;
}

void mass_bulletin(struct visit *v)
{
	const struct mass_event_config *c = over(v->queue);
	if (c && c->bulletin.n)
		EMIT(v->acd->core, bulletin, .contact = v->contact, .queue = v->queue->id,
		     .prompt = c->bulletin);
}

static bool helps(const struct agent *a, const struct mass_event_config *c)
{
	const struct user_config *u = agent_conf(a);
	for (uint32_t i = 0; i < u->queue_count; i++)
		for (uint32_t k = 0; k < c->helper_count; k++)
			if (str_eq(u->queues[i], c->helpers[k]))
				return true;
	return false;
}

void mass_helps(const struct agent *a, void (*queue)(void *arg, struct queue *q), void *arg)
{
	list_for_each (l, &a->acd->masses) {
		const struct mass *m = CONTAINER_OF(l, struct mass, of_room);
		const struct mass_event_config *c =
			m->tenant == a->tenant ? conf_of(a->acd, m) : NULL;
		for (uint32_t i = 0; c && i < c->queue_count && helps(a, c); i++) {
			struct queue *q = map_get(&a->tenant->queues, c->queues[i]);
			if (q)
				queue(arg, q);
		}
	}
}

/* The helpers are there; those who wait already hear it too when it begins. */
static void helpers_come(struct acd *acd, const struct mass *m, bool begins)
{
	const struct mass_event_config *c = conf_of(acd, m);
	staff_rejoin(m->tenant);
	for (uint32_t i = 0; c && i < c->queue_count; i++) {
		struct queue *q = map_get(&m->tenant->queues, c->queues[i]);
		if (!q)
			continue;
		for (struct rank_node *n = rank_first(&q->waiting); n && begins; n = rank_next(n))
			mass_bulletin(CONTAINER_OF(n, struct visit, rank));
		queue_stale(q);
	}
}

static struct tenant_id tenant_id_of(const struct acd *acd, const struct tenant *t)
{
	const struct object *o =
		objects_find(acd->core->objects, KIND_tenant, str_of(t->name), str_of(t->name));
	return o ? ID_AS(tenant_id, o->id) : (struct tenant_id){0};
}

static void mass_enter(struct acd *acd, struct mass *m, struct id id, struct tenant *t,
		       struct str name)
{
	m->image = id;
	m->tenant = t;
	t->rows++;
	str_copy(name, m->name, sizeof m->name);
	list_init(&m->of_room);
	list_push(&acd->masses, &m->of_room);
}

static enum err start(struct acd *acd, struct tenant *t, struct str name, struct str by)
{
	struct id id;
	struct mass *m = pool_take(acd->mass_pool, &id);
	if (!m)
		return ERR_FULL;
	mass_enter(acd, m, id, t, name);
	core_touch(acd->core, IMAGE_MASS, id);

	const struct mass_event_config *c = conf_of(acd, m);
	char room[4096];
	struct buf queues = buf_make(room, sizeof room);
	for (uint32_t i = 0; i < c->queue_count; i++) {
		if (i)
			buf_ch(&queues, ',');
		buf_put(&queues, c->queues[i]);
	}
	EMIT(acd->core, mass_event_start, .tenant = tenant_id_of(acd, t), .mass_event = name,
	     .queues = buf_str(&queues), .by = by);
	helpers_come(acd, m, true);
	return ERR_OK;
}

static void stop(struct acd *acd, struct mass *m, struct str by)
{
	struct tenant *t = m->tenant;
	EMIT(acd->core, mass_event_stop, .tenant = tenant_id_of(acd, t),
	     .mass_event = str_of(m->name), .by = by);
	core_touch(acd->core, IMAGE_MASS, m->image);
	list_remove(&m->of_room);
	pool_give(acd->mass_pool, m);
	staff_rejoin(t);
	staff_release(acd, t);
}

enum err mass_set(struct acd *acd, const struct command_mass_event_set *cmd)
{
	const struct object *tenant = objects_get(acd->core->objects, ID(cmd->tenant));
	const struct object *o =
		tenant ? objects_find(acd->core->objects, KIND_mass_event, tenant->name, cmd->event)
		       : NULL;
	if (!o)
		return ERR_NOT_FOUND;
	struct tenant *t = staff_tenant(acd, tenant->name);
	struct mass *m = mass_find(acd, t, cmd->event);
	struct str by = str_head(cmd->by, BY_MAX_BYTES - 1);
	if (cmd->on && !m)
		return start(acd, t, o->name, by);
	if (!cmd->on && m)
		stop(acd, m, by);
	return ERR_OK;
}

void mass_moved(struct acd *acd, struct id id)
{
	const struct object *o = objects_who(acd->core->objects, id);
	struct tenant *t = o ? map_get(&acd->tenants, o->tenant) : NULL;
	struct mass *m = t ? mass_find(acd, t, o->name) : NULL;
	if (!m)
		return;
	if (objects_get(acd->core->objects, id))
		helpers_come(acd, m, false); /* maybe others now */
	else
		stop(acd, m, STR("system"));
}

void mass_free(struct acd *acd)
{
	while (!list_empty(&acd->masses)) {
		struct mass *m = CONTAINER_OF(acd->masses.next, struct mass, of_room);
		list_remove(&m->of_room);
		staff_release(acd, m->tenant);
	}
}

/* -- images -- */

bool mass_save(const struct acd *acd, struct id id, struct buf *out)
{
	const struct mass *m = pool_get(acd->mass_pool, id);
	if (!m)
		return false;
	put_word(out, str_of(m->tenant->name));
	put_word(out, str_of(m->name));
	return true;
}

enum err mass_load(struct acd *acd, struct id id, struct str image)
{
	struct take t = {.rest = image};
	struct str tenant = take_word(&t), name = take_word(&t);
	if (t.torn || t.rest.n || name.n >= NAME_MAX_BYTES ||
	    !objects_find(acd->core->objects, KIND_mass_event, tenant, name))
		return ERR_INVALID;
	struct mass *m = pool_take_at(acd->mass_pool, id);
	if (!m)
		return ERR_INVALID;
	mass_enter(acd, m, id, staff_tenant(acd, tenant), name);
	staff_rejoin(m->tenant); /* nobody hears the bulletin twice */
	return ERR_OK;
}
