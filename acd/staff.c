/*
 * staff.c - tenants, queues, agents and who serves what, kept like the declared objects.
 *
 * A change of one user costs his queues, a change of one queue its agents and contacts.
 */
#include "acd/inside.h"

#include <stdlib.h>

static const struct queue_config no_queue = {
	.ring_ms = 15000,
	.misses_max = 1,
	.ageing = 1,
	.no_agents_grace_ms = 60000,
	.no_answer_delay_ms = 30000,
	.reject_delay_ms = 30000,
	.busy_delay_ms = 10000,
	.unreachable_delay_ms = 10000,
};
static const struct user_config no_user = {.phone = PHONE_none};

const struct queue_config *queue_conf(const struct queue *q)
{
	const struct queue_config *c = q ? queue_config(q->acd->core->objects, q->id) : NULL;
	return c ? c : &no_queue;
}

const struct user_config *agent_conf(const struct agent *a)
{
	const struct user_config *c = agent_config(a->acd->core->objects, a->id);
	return c ? c : &no_user;
}

/* -- tenants -- */

struct tenant *staff_tenant(struct acd *acd, struct str name)
{
	struct tenant *t = map_get(&acd->tenants, name);
	if (t)
		return t;
	t = xcalloc(1, sizeof *t);
	str_copy(str_head(name, NAME_MAX_BYTES - 1), t->name, sizeof t->name);
	map_init(&t->agents, core_dice(acd->core));
	map_init(&t->queues, core_dice(acd->core));
	CHECK(map_add(&acd->tenants, str_of(t->name), t) == ERR_OK);
	return t;
}

void staff_release(struct acd *acd, struct tenant *t)
{
	if (--t->rows)
		return;
	map_remove(&acd->tenants, str_of(t->name));
	map_finish(&t->agents);
	map_finish(&t->queues);
	free(t->sorted);
	free(t);
}

uint32_t staff_sorted_after(const struct tenant *t, struct str name)
{
	uint32_t low = 0, high = t->agents.count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (str_cmp(str_of(t->sorted[middle]->name), name) > 0)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* ERR_CONFLICT: another one of this name is there. */
static enum err tenant_add_agent(struct tenant *t, struct agent *a)
{
	uint32_t at = staff_sorted_after(t, str_of(a->name)), count = t->agents.count;
	enum err e = map_add(&t->agents, str_of(a->name), a);
	if (e != ERR_OK)
		return e;
	GROW_SLOTS(t->sorted, t->sorted_room, count);
	memmove(t->sorted + at + 1, t->sorted + at, (count - at) * sizeof *t->sorted);
	t->sorted[at] = a;
	return ERR_OK;
}

static void tenant_remove_agent(struct tenant *t, struct agent *a)
{
	uint32_t at = staff_sorted_after(t, str_of(a->name)) - 1;
	CHECK(t->sorted[at] == a);
	map_remove(&t->agents, str_of(a->name));
	memmove(t->sorted + at, t->sorted + at + 1, (t->agents.count - at) * sizeof *t->sorted);
}

/* -- members -- */

uint32_t queue_signed_in(const struct queue *q)
{
	return q->member_count - q->counts[AVAIL_signed_out] - q->counts[AVAIL_leaving];
}

uint32_t queue_staff_in(const struct queue *q, uint32_t states)
{
	const uint32_t *n = q->counts;
	if (!states || (states & BIT(STAFF_signed_in)))
		return queue_signed_in(q);
	uint32_t in = 0;
	if (states & BIT(STAFF_ready))
		in += n[AVAIL_ready] + n[AVAIL_penalty];
	if (states & BIT(STAFF_not_ready))
		in += n[AVAIL_not_ready] + n[AVAIL_outbound_only] + n[AVAIL_no_answer];
	if (states & BIT(STAFF_on_call))
		in += n[AVAIL_busy];
	if (states & BIT(STAFF_wrapping))
		in += n[AVAIL_wrapping];
	return in;
}

/* behaviours.md Q-5: unmeetable demand is shown at once */
void queue_meet_check(struct queue *q)
{
	if (q->acd->loading)
		return;
	struct visit *v = demand_unmeetable(q);
	bool unmeetable = v != NULL;
	if (unmeetable == q->unmeetable)
		return;
	struct rank_node *n = rank_first(&q->waiting);
	if (!v && n)
		v = CONTAINER_OF(n, struct visit, rank);
	const struct pick p = v ? pick_of(v) : (struct pick){.step = UINT32_MAX};
	q->unmeetable = unmeetable;
	EMIT(q->acd->core, queue_unmeetable, .queue = q->id, .on = unmeetable,
	     .need = p.step < p.demand.count ? str_head(p.demand.steps[p.step].need, 200)
					     : STR_NONE);
}

static void grace_over(struct timer *t, int64_t now_ms)
{
	(void)now_ms;
	struct queue *q = t->arg;
	struct rank_node *n = rank_first(&q->waiting);
	while (n) {
		struct visit *v = CONTAINER_OF(n, struct visit, rank);
		n = rank_next(n);
		visit_settle(v);
	}
}

/* Nobody signed in: callers whose flow says so leave after the grace (behaviours.md Q-7). */
void queue_staff_check(struct queue *q)
{
	struct core *c = q->acd->core;
	queue_meet_check(q);
	bool staffed = queue_staff_in(q, queue_conf(q)->stay_when) > 0;
	if (staffed == q->staffed)
		return;
	q->staffed = staffed;
	if (staffed) {
		timer_stop(&c->timers, &q->grace);
		return;
	}
	q->unstaffed_ms = c->now_ms;
	timer_start(&c->timers, &q->grace, c->now_ms + queue_conf(q)->no_agents_grace_ms,
		    grace_over, q);
}

int64_t member_idle_from(const struct member *m)
{
	const struct agent *a = m->agent;
	return m->queue->idle_by_break ? MAX(a->idle_ms, a->presence_ms) : a->idle_ms;
}

static bool idles_longer(const struct member *a, const struct member *b)
{
	int64_t a_ms = member_idle_from(a), b_ms = member_idle_from(b);
	if (a_ms != b_ms)
		return a_ms < b_ms;
	return str_cmp(str_of(a->agent->name), str_of(b->agent->name)) < 0;
}

/* Signed in, and with the skills of some step: from the 65th on that is not looked at. */
static bool could_serve(const struct member *m)
{
	const struct queue_config *c = queue_conf(m->queue);
	enum avail avail = m->agent->avail;
	return avail != AVAIL_signed_out && avail != AVAIL_leaving &&
	       (!c->step_count || m->step_mask || c->step_count > 64 || c->steps[0].after_ms > 0);
}

void member_enter(struct member *m)
{
	struct queue *q = m->queue;
	q->counts[m->agent->avail]++;
	m->able = could_serve(m);
	q->able += m->able;
	q->demands_stale = true;
	tier_staff(m, +1);
	if (m->agent->avail != AVAIL_ready)
		return;
	/* who becomes free now is nearly always the one idle for the shortest time */
	struct list *at = q->ready.prev;
	while (at != &q->ready && idles_longer(m, CONTAINER_OF(at, struct member, of_ready)))
		at = at->prev;
	list_push_front(at, &m->of_ready);
}

void member_leave(struct member *m)
{
	m->queue->counts[m->agent->avail]--;
	m->queue->able -= m->able;
	m->queue->demands_stale = true;
	tier_staff(m, -1);
	list_remove(&m->of_ready);
}

static void member_place(struct member *m)
{
	const struct user_config *u = agent_conf(m->agent);
	m->place = (struct user_place){.tier = 1, .weight = 1};
	for (uint32_t i = 0; i < u->place_count; i++)
		if (str_is(u->places[i].queue, m->queue->name))
			m->place = u->places[i];
	m->place.queue = STR_NONE; /* a view that dies with the configuration */
	m->place.tier = MIN(MAX(m->place.tier, 1u), TIERS_MAX);
	m->place.weight = MAX(m->place.weight, 1u);
}

static void member_drop(struct member *m)
{
	member_leave(m);
	tier_member(m, -1);
	list_remove(&m->of_queue);
	m->queue->member_count--;
}

static uint64_t last_offer_in(const struct member *old, uint32_t count, const struct queue *q)
{
	for (uint32_t i = 0; i < count; i++)
		if (old[i].queue == q)
			return old[i].last_offer;
	return 0;
}

/* The queues of one agent, gathered anew. */
struct joining {
	struct agent *agent;
	struct member *is;
	uint32_t count, room;
	bool helper;
};

static void join(void *arg, struct queue *q)
{
	struct joining *j = arg;
	for (uint32_t k = 0; k < j->count; k++)
		if (j->is[k].queue == q)
			return;
	if (j->count == j->room) {
		j->room = 2 * j->room + 4;
		j->is = xrealloc(j->is, j->room * sizeof *j->is);
	}
	j->is[j->count++] = (struct member){.agent = j->agent, .queue = q, .helper = j->helper};
}

static void member_add(struct member *m)
{
	list_init(&m->of_ready);
	list_init(&m->of_queue);
	list_push(&m->queue->members, &m->of_queue);
	m->queue->member_count++;
	member_masks(m);
	member_place(m);
	tier_member(m, +1);
	member_enter(m);
}

/* His queues as they are named now; names of queues that do not exist wait for them. */
static void agent_rejoin(struct agent *a)
{
	const struct user_config *u = agent_conf(a);
	uint32_t names = a->is_agent ? u->queue_count : 0, old_count = a->member_count;
	struct member *old = a->members;
	struct joining j = {.agent = a};
	a->avoids = u->do_not_pair_count > 0;

	for (uint32_t i = 0; i < old_count; i++)
		member_drop(&old[i]);
	for (uint32_t i = 0; i < names; i++) {
		struct queue *q = map_get(&a->tenant->queues, u->queues[i]);
		if (q)
			join(&j, q);
	}
	j.helper = true;
	if (a->is_agent)
		mass_helps(a, join, &j);
	for (uint32_t i = 0; i < j.count; i++) { /* the array moves no more */
		j.is[i].last_offer = last_offer_in(old, old_count, j.is[i].queue);
		member_add(&j.is[i]);
	}
	a->members = j.is;
	a->member_count = j.count;
	want_unstick(a);
	for (uint32_t i = 0; i < old_count; i++)
		queue_staff_check(old[i].queue);
	for (uint32_t i = 0; i < j.count; i++)
		queue_staff_check(j.is[i].queue);
	free(old);
}

void staff_rejoin(struct tenant *t)
{
	for (uint32_t i = 0; i < t->agents.count; i++)
		agent_rejoin(t->sorted[i]);
}

/* -- agents -- */

/* A slot for his images that nobody else has; with the age of the object, so that those of an
 * earlier life are not taken for his. */
static void image_take(struct agent *a)
{
	struct acd *acd = a->acd;
	uint32_t slot = MAX(acd->image_hint, 1);
	while (slot < acd->images_room && acd->by_image[slot])
		slot++;
	GROW_SLOTS(acd->by_image, acd->images_room, slot);
	acd->by_image[slot] = a;
	acd->image_hint = slot + 1;
	a->image = (struct id){slot, a->id.age};
}

static void image_give(struct agent *a)
{
	agent_touch(a); /* it goes with him */
	a->acd->by_image[a->image.slot] = NULL;
	a->acd->image_hint = MIN(a->acd->image_hint, a->image.slot);
}

static struct agent *agent_new(struct acd *acd, struct tenant *t, struct str name,
			       struct agent_id id)
{
	struct agent *a = xcalloc(1, sizeof *a);
	a->acd = acd;
	a->id = id;
	a->tenant = t;
	t->rows++;
	str_copy(str_head(name, NAME_MAX_BYTES - 1), a->name, sizeof a->name);
	list_init(&a->of_working);
	list_init(&a->of_leavers);
	list_init(&a->of_offer);
	list_init(&a->of_talk);
	list_init(&a->wanted);
	a->presence = PRESENCE_signed_out;
	a->work = WORK_idle;
	a->avail = AVAIL_signed_out;
	a->since_utc_ms = acd->core->utc_ms;
	image_take(a);
	return a;
}

void staff_free_agent(struct agent *a)
{
	struct acd *acd = a->acd;
	visit_forget_agent(acd, a);
	timer_stop(&acd->core->timers, &a->timer);
	if (a->declared) {
		tenant_remove_agent(a->tenant, a);
		acd->agents[a->id.slot] = NULL;
	}
	a->is_agent = false;
	agent_rejoin(a);
	list_remove(&a->of_working);
	list_remove(&a->of_leavers);
	list_remove(&a->of_offer);
	list_remove(&a->of_talk);
	image_give(a);
	staff_release(acd, a->tenant);
	free(a);
}

/* A user who is deleted while he works: his row lives until the work is over. */
static void agent_undeclare(struct agent *a)
{
	struct acd *acd = a->acd;
	tenant_remove_agent(a->tenant, a);
	acd->agents[a->id.slot] = NULL;
	a->declared = false;
	list_push(&acd->leavers, &a->of_leavers);
}

struct agent *staff_leaver(struct acd *acd, struct str tenant, struct str name, struct agent_id id)
{
	struct agent *a = agent_new(acd, staff_tenant(acd, tenant), name, id);
	a->avail = AVAIL_leaving;
	list_push(&acd->leavers, &a->of_leavers);
	return a;
}

static void agent_sync(struct acd *acd, const struct object *o)
{
	struct agent *a = agent_row(acd, ID_AS(agent_id, o->id));
	const struct user_config *u = &o->config->user;
	if (!a) {
		if (o->name.n >= NAME_MAX_BYTES || o->tenant.n >= NAME_MAX_BYTES)
			return; /* the schema forbids such names */
		a = agent_new(acd, staff_tenant(acd, o->tenant), o->name, ID_AS(agent_id, o->id));
		a->declared = true;
		if (tenant_add_agent(a->tenant, a) != ERR_OK) {
			a->declared = false; /* the old one of this name is told of later */
			staff_free_agent(a);
			return;
		}
		GROW_SLOTS(acd->agents, acd->agents_room, o->id.slot);
		acd->agents[o->id.slot] = a;
		a->phone_told = agent_phone_ready(a); /* who is new is asked for */
		a->skills_until_ms = u->for_now_until_ms;
	}
	if (a->skills_until_ms != u->for_now_until_ms) {
		a->skills_until_ms = u->for_now_until_ms;
		EMIT(acd->core, agent_skills, .agent = a->id, .until_at = u->for_now_until_ms,
		     .by = u->for_now_by);
	}
	bool was_agent = a->is_agent;
	a->is_agent = (u->roles & BIT(ROLE_AGENT)) != 0;
	agent_rejoin(a);
	if (was_agent && !a->is_agent)
		agent_leave(a);
	agent_refresh(a);
	match_agent(a);
}

static void agent_gone(struct agent *a)
{
	if (a->work == WORK_wrapping) /* nobody is left who could be asked */
		agent_wrap_end(a, STR("system"));
	a->is_agent = false;
	agent_undeclare(a);
	agent_rejoin(a);
	agent_leave(a); /* frees him when he does not work */
}

/* -- queues -- */

static void rank_again(struct queue *q, struct rank *r)
{
	struct rank old = *r;
	*r = (struct rank){0};
	while (old.root) {
		struct visit *v = CONTAINER_OF(old.root, struct visit, rank);
		rank_remove(&old, &v->rank);
		visit_place(v, q, r);
	}
}

/* What the order of the waiting depends on; true: it is another one now. */
static bool ranks_by(struct queue *q, const struct queue_config *c)
{
	double ageing = c->priority_only ? 0 : c->ageing;
	bool other = q->class_rank != c->class_rank || q->priority_only != c->priority_only ||
		     q->ageing != ageing;
	q->class_rank = c->class_rank;
	q->priority_only = c->priority_only;
	q->ageing = ageing;
	return other;
}

static struct queue *queue_new(struct acd *acd, const struct object *o)
{
	struct queue *q = xcalloc(1, sizeof *q);
	q->acd = acd;
	q->id = ID_AS(queue_id, o->id);
	q->tenant = staff_tenant(acd, o->tenant);
	q->tenant->rows++;
	str_copy(o->name, q->name, sizeof q->name);
	list_init(&q->members);
	list_init(&q->ready);
	list_init(&q->of_stale);
	list_init(&q->demands);
	q->staffed = true; /* so that the first check starts the grace */
	return q;
}

/* Who named this queue before it was there. */
static void queue_staff(struct queue *q)
{
	struct agent *a;
	for (uint32_t at = 0; (a = map_next(&q->tenant->agents, &at)) != NULL;) {
		const struct user_config *u = agent_conf(a);
		for (uint32_t i = 0; i < u->queue_count; i++)
			if (str_is(u->queues[i], q->name)) {
				agent_rejoin(a);
				break;
			}
	}
}

static void queue_sync(struct acd *acd, const struct object *o)
{
	struct queue *q = queue_row(acd, ID_AS(queue_id, o->id));
	const struct queue_config *c = &o->config->queue;
	if (!q) {
		if (o->name.n >= NAME_MAX_BYTES || o->tenant.n >= NAME_MAX_BYTES)
			return;
		q = queue_new(acd, o);
		if (map_add(&q->tenant->queues, str_of(q->name), q) != ERR_OK) {
			staff_release(acd, q->tenant);
			free(q);
			return;
		}
		GROW_SLOTS(acd->queues, acd->queues_room, o->id.slot);
		acd->queues[o->id.slot] = q;
		(void)ranks_by(q, c);
		q->idle_by_break = c->idle_reset_by_break;
		queue_staff(q);
		queue_staff_check(q);
		return;
	}
	if (ranks_by(q, c)) {
		rank_again(q, &q->waiting);
		rank_again(q, &q->offered);
	}
	list_for_each (l, &q->members) /* all out first: their order may be another one now */
		member_leave(CONTAINER_OF(l, struct member, of_queue));
	q->idle_by_break = c->idle_reset_by_break;
	list_for_each (l, &q->members) {
		struct member *m = CONTAINER_OF(l, struct member, of_queue);
		member_masks(m);
		member_enter(m);
	}
	queue_staff_check(q);
	if (!q->staffed)
		timer_start(&acd->core->timers, &q->grace, q->unstaffed_ms + c->no_agents_grace_ms,
			    grace_over, q);
	match_queue(q);
}

static void queue_gone(struct queue *q)
{
	struct acd *acd = q->acd;
	struct rank_node *n;
	while ((n = rank_first(&q->waiting)) != NULL)
		visit_leave(CONTAINER_OF(n, struct visit, rank), RESULT_failed, EXIT_none);
	while ((n = rank_first(&q->offered)) != NULL)
		visit_withdraw(CONTAINER_OF(n, struct visit, rank), RESULT_failed);
	map_remove(&q->tenant->queues, str_of(q->name));
	acd->queues[q->id.slot] = NULL;
	core_touch(acd->core, IMAGE_LORE, ID(q->id)); /* what it learned goes with it */
	if (gate_closed(q))
		core_touch(acd->core, IMAGE_GATE, ID(q->id));
	gate_stop(q);
	/* everybody here gets his queues anew, without this one */
	while (!list_empty(&q->members))
		agent_rejoin(CONTAINER_OF(q->members.next, struct member, of_queue)->agent);
	timer_stop(&acd->core->timers, &q->grace);
	list_remove(&q->of_stale);
	staff_release(acd, q->tenant);
	free(q);
}

/* -- from the object table -- */

void staff_moved(struct acd *acd, const struct event_object_moved *ev)
{
	struct id id = {ev->slot, ev->age};
	const struct object *o = objects_get(acd->core->objects, id);
	if (ev->kind == KIND_user) {
		struct agent *a = agent_row(acd, ID_AS(agent_id, id));
		if (o)
			agent_sync(acd, o);
		else if (a && a->declared)
			agent_gone(a);
	} else if (ev->kind == KIND_queue) {
		struct queue *q = queue_row(acd, ID_AS(queue_id, id));
		if (o)
			queue_sync(acd, o);
		else if (q)
			queue_gone(q);
	} else if (ev->kind == KIND_mass_event) {
		mass_moved(acd, id);
	}
}

void staff_sync(struct acd *acd)
{
	const struct object *o;
	acd->synced = true;
	for (uint32_t at = 0; (o = objects_next(acd->core->objects, KIND_queue, &at)) != NULL;)
		if (!queue_row(acd, ID_AS(queue_id, o->id)))
			queue_sync(acd, o);
	for (uint32_t at = 0; (o = objects_next(acd->core->objects, KIND_user, &at)) != NULL;)
		if (!agent_row(acd, ID_AS(agent_id, o->id)))
			agent_sync(acd, o);
}

void staff_free(struct acd *acd)
{
	for (uint32_t i = 0; i < acd->agents_room; i++)
		if (acd->agents[i])
			staff_free_agent(acd->agents[i]);
	while (!list_empty(&acd->leavers))
		staff_free_agent(CONTAINER_OF(acd->leavers.next, struct agent, of_leavers));
	for (uint32_t i = 0; i < acd->queues_room; i++)
		if (acd->queues[i]) {
			struct queue *q = acd->queues[i];
			timer_stop(&acd->core->timers, &q->grace);
			gate_stop(q);
			map_remove(&q->tenant->queues, str_of(q->name));
			staff_release(acd, q->tenant);
			demand_free(q);
			free(q);
		}
}
