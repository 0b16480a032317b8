/* sim.c - see sim.h. sim [SEED [CONTACTS [CHECK_EVERY [PLACES]]]]; sim pace. */
#include "tests/sim/sim.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/batch.h"
#include "tests/sim/pace.h"

#define UTC_MS 1700000000000
#define S 1000

enum plan_kind {
	PLAN_ARRIVE,
	PLAN_JOIN,
	PLAN_HANG_UP,
	PLAN_LOSE_PATIENCE,
	PLAN_REACT,
	PLAN_TALK_END,
	PLAN_HOLD,
	PLAN_WRAP,
	PLAN_MOOD,
	PLAN_PHONE,
	PLAN_ADMIN,
	PLAN_CRASH
};

struct plan {
	struct timer timer;
	struct sim *s;
	enum plan_kind kind;
	uint32_t tenant, agent;
	struct contact_id contact;
};

static struct pool *plans;
static const char *const tenant_names[TENANTS] = {"t0", "t1"};
static char queue_names[QUEUES][8], agent_names[AGENTS][8];

uint32_t dice(struct sim *s, uint32_t sides)
{
	s->dice = s->dice * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((s->dice >> 33) % sides);
}

NORETURN void broken(const struct sim *s, const char *law, struct str detail)
{
	fprintf(stderr, "sim: seed %llu, step %llu, at %lld ms: %s " STR_FMT "\n",
		(unsigned long long)s->seed, (unsigned long long)s->step, (long long)s->core.now_ms,
		law, STR_ARG(detail));
	abort();
}

/* -- names and ids -- */

static struct id find(const struct sim *s, enum object_kind kind, uint32_t tenant, const char *name)
{
	const struct object *o =
		objects_find(s->core.objects, kind, str_of(tenant_names[tenant]), str_of(name));
	return o ? o->id : (struct id){0};
}

struct agent_id agent_at(const struct sim *s, uint32_t tenant, uint32_t agent)
{
	return ID_AS(agent_id, find(s, KIND_user, tenant, agent_names[agent]));
}

struct queue_id queue_at(const struct sim *s, uint32_t tenant, uint32_t queue)
{
	return ID_AS(queue_id, find(s, KIND_queue, tenant, queue_names[queue]));
}

int place_of(const struct sim *s, struct id id, uint32_t *tenant)
{
	const struct object *o = objects_who(s->core.objects, id);
	if (!o)
		return -1;
	*tenant = (uint32_t)(o->tenant.p[1] - '0');
	uint32_t place;
	return str_to_u32(str_from(o->name, 1), 99, &place) == ERR_OK ? (int)place : -1;
}

/* -- declared objects -- */

static struct config *blank(enum object_kind kind, uint32_t tenant, const char *id)
{
	struct config *c = xcalloc(1, sizeof *c);
	arena_init(&c->arena);
	c->kind = kind;
	c->tenant = str_of(tenant_names[tenant]);
	c->id = str_of(id);
	return c;
}

static struct config *queue_of_spec(uint32_t tenant, uint32_t q, const struct queue_spec *spec)
{
	struct config *c = blank(KIND_queue, tenant, queue_names[q]);
	struct skill_step *steps = arena_alloc(&c->arena, (spec->steps + 1) * sizeof *steps);
	for (uint32_t i = 0; i < spec->steps; i++) {
		struct skill_term *t = arena_alloc(&c->arena, sizeof *t);
		*t = (struct skill_term){.op = TERM_COMPARE,
					 .skill = STR("s"),
					 .compare = CMP_GE,
					 .level = 3 * (spec->steps - i)};
		steps[i] = (struct skill_step){
			.after_ms = 20 * S * i, .need = STR("s"), .terms = t, .term_count = 1};
	}
	c->queue = spec->conf;
	c->queue.steps = steps;
	c->queue.step_count = spec->steps;
	return c;
}

static struct config *user_of_spec(uint32_t tenant, uint32_t a, const struct agent_spec *spec)
{
	struct config *c = blank(KIND_user, tenant, agent_names[a]);
	struct str *queues = arena_alloc(&c->arena, QUEUES * sizeof *queues);
	struct user_skill *skill = arena_alloc(&c->arena, sizeof *skill);
	struct user_config *u = &c->user;
	*skill = (struct user_skill){STR("s"), spec->level};
	*u = (struct user_config){.roles = BIT(spec->agent ? ROLE_AGENT : ROLE_VIEWER),
				  .phone = spec->phone,
				  .capacity_voice = 100,
				  .skills = skill,
				  .skill_count = 1,
				  .queues = queues};
	for (uint32_t q = 0; q < QUEUES; q++)
		if (spec->queues & BIT(q))
			queues[u->queue_count++] = str_of(queue_names[q]);
	return c;
}

static void declare(struct sim *s, struct config *c, bool tell)
{
	struct id id;
	enum object_kind kind = c->kind;
	LAW(s, objects_put(s->core.objects, c, 1, &id) == ERR_OK);
	if (tell)
		EMIT(&s->core, object_moved, .kind = kind, .slot = id.slot, .age = id.age);
}

static void withdraw(struct sim *s, enum object_kind kind, uint32_t tenant, const char *name)
{
	struct id id =
		objects_drop(s->core.objects, kind, str_of(tenant_names[tenant]), str_of(name));
	EMIT(&s->core, object_moved, .kind = kind, .slot = id.slot, .age = id.age);
}

/* `turn` turns the order, so that every life has other slots. */
static void declare_all(struct sim *s, uint32_t turn)
{
	for (uint32_t t = 0; t < TENANTS; t++) {
		declare(s, blank(KIND_tenant, t, tenant_names[t]), false);
		s->tenants[t] = ID_AS(tenant_id, find(s, KIND_tenant, t, tenant_names[t]));
		declare(s, blank(KIND_outcome, t, "solved"), false);
		for (uint32_t i = 0; i < AGENTS; i++) {
			uint32_t a = (i + turn) % AGENTS;
			if (s->agent_specs[t][a].there)
				declare(s, user_of_spec(t, a, &s->agent_specs[t][a]), false);
		}
		for (uint32_t i = 0; i < QUEUES; i++) {
			uint32_t q = (i + turn) % QUEUES;
			if (s->queue_specs[t][q].there)
				declare(s, queue_of_spec(t, q, &s->queue_specs[t][q]), false);
		}
	}
}

static void invent_queue(struct sim *s, struct queue_spec *q)
{
	static const int64_t waits[] = {0, 30 * S, 90 * S}, wraps[] = {0, 5 * S, 30 * S};
	static const int64_t stickies[] = {0, 0, 20 * S, 60 * S};
	q->there = true;
	q->steps = dice(s, 3);
	q->conf = (struct queue_config){
		.strategy = (enum strategy)dice(s, STRATEGY_weighted_random + 1),
		.ring_ms = 5 * S + dice(s, 15 * S),
		.wrap_ms = wraps[dice(s, 3)],
		.max_wait_ms = waits[dice(s, 3)],
		.no_agents_grace_ms = dice(s, 60 * S),
		.sticky_ms = stickies[dice(s, 4)],
		.outcome_required = dice(s, 3) == 0,
		.max_waiting = dice(s, 2) ? 0 : 1 + dice(s, 30),
		.misses_max = dice(s, 4),
		.no_answer_delay_ms = dice(s, 60 * S),
		.reject_delay_ms = dice(s, 60 * S),
		.busy_delay_ms = dice(s, 20 * S),
		.unreachable_delay_ms = dice(s, 20 * S),
		.tier_ms = dice(s, 3) ? 0 : 10 * S,
		.tier_alone = dice(s, 3) == 0,
		.tier_skip = dice(s, 2) == 0,
		.resume_ms = dice(s, 2) ? 60 * S : 0,
		.priority_only = dice(s, 5) == 0,
		.from_arrival = dice(s, 4) == 0,
		.class_rank = (int32_t)dice(s, 2),
		.ageing = (double)dice(s, 5) / 2,
	};
}

static void invent_agent(struct sim *s, struct agent_spec *a)
{
	static const enum phone_kind phones[] = {PHONE_number, PHONE_sip, PHONE_browser};
	a->there = true;
	a->agent = dice(s, 20) != 0;
	a->queues = dice(s, BIT(QUEUES));
	a->level = dice(s, 10);
	a->phone = phones[dice(s, 3)];
}

/* -- plans -- */

static void act(struct timer *t, int64_t now_ms);

static struct plan *plan(struct sim *s, enum plan_kind kind, int64_t after_ms)
{
	struct id unused;
	struct plan *p = pool_take(plans, &unused);
	LAW(s, p != NULL);
	p->s = s;
	p->kind = kind;
	timer_start(&s->plans, &p->timer, s->core.now_ms + after_ms, act, p);
	return p;
}

static void plan_for(struct sim *s, enum plan_kind kind, int64_t after_ms, struct contact_id c)
{
	plan(s, kind, after_ms)->contact = c;
}

static void again(struct plan *p, uint32_t within_ms)
{
	struct plan *next;
	if (p->s->closing)
		return;
	next = plan(p->s, p->kind, dice(p->s, within_ms));
	next->tenant = p->tenant;
	next->agent = p->agent;
}

static struct told_contact *living(struct sim *s, struct contact_id id)
{
	struct told_contact *k = &s->contacts[id.slot];
	return k->alive && ID_EQ(k->id, id) && !k->line_gone ? k : NULL;
}

static void hang_up(struct sim *s, struct contact_id id, enum party by)
{
	struct told_contact *k = living(s, id);
	if (!k)
		return;
	k->line_gone = true;
	EMIT(&s->core, disconnect, .contact = id, .by = by);
}

static void someone_calls(struct sim *s)
{
	uint32_t t = dice(s, TENANTS);
	struct contact_id id;
	if (s->arrived >= s->arrivals_max)
		return;
	/* rush hours, and quiet ones in which agents wait for callers */
	bool quiet = s->core.now_ms / (1200 * S) % 2;
	plan(s, PLAN_ARRIVE, dice(s, quiet ? 20 * S : 2600));
	char from[16] = "anonymous";
	uint32_t caller = dice(s, CALLERS);
	if (caller)
		snprintf(from, sizeof from, "+4860000%04u", caller);
	struct contact_options o = {.tenant = s->tenants[t], .from = str_of(from)};
	if (contact_create(&s->core, &o, &id) != ERR_OK)
		return; /* all lines busy */
	s->contacts[id.slot] =
		(struct told_contact){.alive = true, .id = id, .tenant = t, .caller = caller};
	s->high = MAX(s->high, id.slot);
	s->arrived++;
	s->alive++;
	plan_for(s, PLAN_JOIN, dice(s, 5 * S), id);
}

static void join(struct sim *s, struct contact_id id)
{
	struct told_contact *k = living(s, id);
	if (!k || k->state != TOLD_FLOW)
		return;
	uint32_t q = dice(s, QUEUES);
	enum err e = SEND(&s->core, queue_join, .contact = id, .queue = queue_at(s, k->tenant, q),
			  .priority_min = dice(s, 4) ? 0 : dice(s, 5), .exits = dice(s, 32));
	LAW(s, (e == ERR_FULL && s->places) ||
		       e == (s->queue_specs[k->tenant][q].there ? ERR_OK : ERR_NOT_FOUND));
	if (e == ERR_OK)
		plan_for(s, PLAN_LOSE_PATIENCE, dice(s, 150 * S), id);
	else
		hang_up(s, id, PARTY_system);
}

static void react(struct sim *s, struct contact_id id, uint32_t agent)
{
	static const enum offer_result fails[] = {OFFER_rejected, OFFER_rejected, OFFER_busy,
						  OFFER_unreachable};
	const struct told_contact *k = &s->contacts[id.slot];
	struct agent_id a = agent_at(s, k->tenant, agent);
	bool open = k->alive && ID_EQ(k->id, id) && (k->rings & BIT(agent));
	enum err e;
	if (dice(s, 10) < 7) {
		e = SEND(&s->core, offer_accept, .contact = id, .agent = a);
		LAW(s, e == (open ? ERR_OK : ERR_CONFLICT));
	} else if (dice(s, 3)) {
		e = SEND(&s->core, offer_fail, .contact = id, .agent = a,
			 .result = fails[dice(s, 4)]);
		LAW(s, e == (open ? ERR_OK : ERR_CONFLICT));
	}
}

static void talk_ends(struct sim *s, struct contact_id id)
{
	struct told_contact *k = living(s, id);
	if (!k || k->state != TOLD_TALKING)
		return;
	struct agent_id a = agent_at(s, k->tenant, k->agent);
	if (dice(s, 2) || ID_NONE(a))
		hang_up(s, id, dice(s, 8) ? PARTY_customer : PARTY_system);
	else if (SEND(&s->core, talk_end, .contact = id, .agent = a, .by = PARTY_agent) != ERR_OK)
		hang_up(s, id, PARTY_customer); /* his user was declared anew meanwhile */
}

static void hold(struct sim *s, struct contact_id id)
{
	struct told_contact *k = living(s, id);
	if (!k || k->state != TOLD_TALKING)
		return;
	LAW(s,
	    SEND(&s->core, hold_set, .contact = id, .by = PARTY_agent, .on = !k->held) == ERR_OK);
}

/* The outcome of a talk or a wrap-up; wrong ones too. */
static void wrap(struct sim *s, const struct plan *p)
{
	const struct told_agent *told = &s->agents[p->tenant][p->agent];
	struct str outcome = dice(s, 5) ? STR("solved") : dice(s, 2) ? STR("lies") : STR_NONE;
	enum err e = SEND(&s->core, wrap_set, .contact = p->contact,
			  .agent = agent_at(s, p->tenant, p->agent), .outcome = outcome,
			  .note = STR("note"), .by = STR("sim"));
	if (e == ERR_OK || !ID_EQ(told->contact, p->contact) || told->work != WORK_wrapping)
		return;
	struct plan *next = plan(s, PLAN_WRAP, dice(s, 20 * S)); /* until it is done */
	next->tenant = p->tenant;
	next->agent = p->agent;
	next->contact = p->contact;
}

static void mood(struct sim *s, const struct plan *p)
{
	enum presence to = dice(s, 10) < 7 ? PRESENCE_ready : PRESENCE_not_ready;
	if (s->closing || dice(s, 20) == 0)
		to = PRESENCE_signed_out;
	enum err e = SEND(&s->core, presence_set, .agent = agent_at(s, p->tenant, p->agent),
			  .presence = to, .reason = STR("meal"), .by = STR("sim"));
	const struct agent_spec *a = &s->agent_specs[p->tenant][p->agent];
	if (!a->there || !a->agent)
		LAW(s, e == ERR_NOT_FOUND);
	else if (to == PRESENCE_ready && a->phone != PHONE_number && !a->registered)
		LAW(s, e == ERR_CONFLICT);
	else
		LAW(s, e == ERR_OK);
}

static void phone(struct sim *s, const struct plan *p)
{
	struct agent_spec *a = &s->agent_specs[p->tenant][p->agent];
	if (!a->there)
		return;
	a->registered = dice(s, 6) != 0;
	EMIT(&s->core, phone_changed, .agent = agent_at(s, p->tenant, p->agent),
	     .ready = a->registered);
}

/* -- administrators -- */

static void change_agent(struct sim *s, uint32_t t, uint32_t i)
{
	struct agent_spec *a = &s->agent_specs[t][i];
	struct told_agent *told = &s->agents[t][i];
	told_unstick(s, t, i); /* he may be gone, or serve other queues */
	if (a->there && dice(s, 4) == 0) {
		a->there = a->registered = false;
		withdraw(s, KIND_user, t, agent_names[i]);
		for (uint32_t c = 0; c < CALLERS; c++) /* the next one of his name is another */
			if (s->served[t][c] == i + 1)
				s->served[t][c] = 0;
		return;
	}
	if (!a->there) {
		if (told->work != WORK_idle || told->presence != PRESENCE_signed_out)
			return; /* the one who left still talks */
		*told = (struct told_agent){.presence = PRESENCE_signed_out};
		for (uint32_t c = 1; c <= s->high; c++)
			for (uint32_t n = 0; n < s->contacts[c].past_count; n++)
				if (s->contacts[c].tenant == t && s->contacts[c].past[n].agent == i)
					s->contacts[c].past[n].until_ms = 0;
	}
	invent_agent(s, a);
	declare(s, user_of_spec(t, i, a), true);
}

static void administer(struct sim *s)
{
	uint32_t t = dice(s, TENANTS), q = dice(s, QUEUES);
	struct queue_spec *spec = &s->queue_specs[t][q];
	s->changes++;
	if (dice(s, 3)) {
		change_agent(s, t, dice(s, AGENTS));
	} else if (spec->there && dice(s, 4) == 0) {
		spec->there = false;
		withdraw(s, KIND_queue, t, queue_names[q]);
	} else {
		for (uint32_t i = 0; i < AGENTS; i++)
			told_unstick(s, t, i); /* it may ask for other skills */
		invent_queue(s, spec);
		declare(s, queue_of_spec(t, q, spec), true);
	}
}

/* -- lives -- */

static void ear_event(struct room *r, const struct event *ev)
{
	struct sim *s = CONTAINER_OF(r, struct sim, ear);
	told_hear(s, ev);
	switch ((int)ev->kind) {
	case EV_offer: {
		struct plan *p = plan(s, PLAN_REACT, dice(s, 20 * S));
		p->agent = (uint32_t)place_of(s, ID(ev->offer.agent), &p->tenant);
		p->contact = ev->offer.contact;
		break;
	}
	case EV_answer: {
		plan_for(s, PLAN_TALK_END, dice(s, 120 * S), ev->answer.contact);
		if (dice(s, 4) == 0)
			plan_for(s, PLAN_HOLD, dice(s, 60 * S), ev->answer.contact);
		if (dice(s, 4) == 0)
			plan_for(s, PLAN_HOLD, dice(s, 60 * S), ev->answer.contact);
		struct plan *p = plan(s, PLAN_WRAP, dice(s, 130 * S));
		p->agent = (uint32_t)place_of(s, ID(ev->answer.agent), &p->tenant);
		p->contact = ev->answer.contact;
		break;
	}
	case EV_dequeue:
		if (ev->dequeue.reason == RESULT_answered)
			break;
		plan_for(s, dice(s, 2) ? PLAN_JOIN : PLAN_HANG_UP, dice(s, S), ev->dequeue.contact);
		plan_for(s, PLAN_HANG_UP, 300 * S, ev->dequeue.contact);
		break;
	case EV_agent_end:
		plan_for(s, dice(s, 3) ? PLAN_HANG_UP : PLAN_JOIN, dice(s, S),
			 ev->agent_end.contact);
		plan_for(s, PLAN_HANG_UP, 600 * S, ev->agent_end.contact);
		break;
	case EV_wrap_start: {
		struct plan *p = plan(s, PLAN_WRAP, dice(s, 40 * S));
		p->agent = (uint32_t)place_of(s, ID(ev->wrap_start.agent), &p->tenant);
		p->contact = ev->wrap_start.contact;
		break;
	}
	default:
		break;
	}
}

static void life_begin(struct sim *s, int64_t now_ms)
{
	core_init(&s->core, &(struct core_limits){.contacts = CONTACTS, .objects = 1024},
		  s->seed + s->life, s->life);
	s->acd = acd_create_limited(&s->core, &(struct acd_limits){.contacts = CONTACTS});
	if (s->places)
		acd_starve(s->acd, s->places, UINT32_MAX);
	core_add_room(&s->core, s->acd);
	s->ear = (struct room){.name = "ear", .event = ear_event};
	core_add_room(&s->core, &s->ear);
	declare_all(s, s->life++);
	core_turn_begin(&s->core, now_ms, UTC_MS + now_ms);
}

static void collect(void *arg, struct str bytes)
{
	buf_put(arg, bytes);
}

/* The process dies between two turns; the next one knows what was stored and nothing else. */
static void crash(struct sim *s)
{
	int64_t now_ms = s->core.now_ms;
	s->restarts++;
	memset(s->served, 0, sizeof s->served);
	for (uint32_t t = 0; t < TENANTS; t++)
		for (uint32_t i = 0; i < AGENTS; i++)
			if (!s->agent_specs[t][i].there)
				s->agents[t][i] = (struct told_agent){.work = WORK_idle};
	acd_destroy(s->acd);
	core_finish(&s->core);
	life_begin(s, now_ms);
	struct str rest = buf_str(&s->images);
	struct batch_item item;
	while (batch_next(&rest, &item) == ERR_OK) {
		if (item.type == BATCH_IMAGE)
			core_load(&s->core, (enum image_kind)item.kind, item.id, item.image);
		else if (item.type == BATCH_GONE)
			core_unload(&s->core, (enum image_kind)item.kind, item.id);
	}
	LAW(s, core_loaded(&s->core) == 0);
	core_deliver(&s->core);
	s->images.n = 0;
	core_save_all(&s->core, collect, &s->images);
}

static void act(struct timer *t, int64_t now_ms)
{
	struct plan *slot = t->arg, p = *slot;
	struct sim *s = p.s;
	(void)now_ms;
	pool_give(plans, slot);
	switch (p.kind) {
	case PLAN_ARRIVE:
		someone_calls(s);
		break;
	case PLAN_JOIN:
		join(s, p.contact);
		break;
	case PLAN_HANG_UP:
		if (living(s, p.contact) && s->contacts[p.contact.slot].state == TOLD_FLOW)
			hang_up(s, p.contact, PARTY_system);
		break;
	case PLAN_LOSE_PATIENCE:
		hang_up(s, p.contact, PARTY_customer);
		break;
	case PLAN_REACT:
		react(s, p.contact, p.agent);
		break;
	case PLAN_TALK_END:
		talk_ends(s, p.contact);
		break;
	case PLAN_HOLD:
		hold(s, p.contact);
		break;
	case PLAN_WRAP:
		wrap(s, &p);
		break;
	case PLAN_MOOD:
		mood(s, &p);
		again(&p, 300 * S);
		break;
	case PLAN_PHONE:
		phone(s, &p);
		again(&p, 300 * S);
		break;
	case PLAN_ADMIN:
		administer(s);
		again(&p, 120 * S);
		break;
	case PLAN_CRASH:
		crash(s);
		again(&p, 1200 * S);
		break;
	}
}

static void step(struct sim *s)
{
	int64_t at_ms = MIN(timers_next(&s->plans), core_next_timer(&s->core));
	at_ms = MAX(at_ms, s->core.now_ms);
	core_turn_begin(&s->core, at_ms, UTC_MS + at_ms);
	timers_run(&s->plans, at_ms, 1);
	buf_put(&s->images, core_turn_end(&s->core).bytes);
	s->step++;
	if (s->images.n > (8u << 20)) { /* as the store would: begin a new segment */
		s->images.n = 0;
		core_save_all(&s->core, collect, &s->images);
	}
}

/* Why it is not over: for the one who has to find out. */
static void leftovers(struct sim *s)
{
	char room[16384];
	struct buf out = buf_make(room, sizeof room);
	core_dump(&s->core, STR("agents"), &out);
	core_dump(&s->core, STR("queues"), &out);
	fprintf(stderr, "alive=%u\n" STR_FMT, s->alive, STR_ARG(buf_str(&out)));
}

static bool over(const struct sim *s)
{
	for (uint32_t t = 0; t < TENANTS; t++)
		for (uint32_t i = 0; i < AGENTS; i++)
			if (s->agents[t][i].work != WORK_idle)
				return false;
	return s->alive == 0;
}

static void plan_world(struct sim *s)
{
	plan(s, PLAN_ARRIVE, 0);
	plan(s, PLAN_ADMIN, 60 * S);
	plan(s, PLAN_CRASH, 600 * S);
	for (uint32_t t = 0; t < TENANTS; t++)
		for (uint32_t i = 0; i < AGENTS; i++) {
			struct plan *p = plan(s, PLAN_PHONE, dice(s, 10 * S));
			p->tenant = t;
			p->agent = i;
			p = plan(s, PLAN_MOOD, 10 * S + dice(s, 60 * S));
			p->tenant = t;
			p->agent = i;
		}
}

/* Nobody calls any more; everybody signs out. */
static void close_down(struct sim *s)
{
	s->closing = true;
	for (uint32_t t = 0; t < TENANTS; t++)
		for (uint32_t i = 0; i < AGENTS; i++) {
			struct plan *p = plan(s, PLAN_MOOD, 600 * S);
			p->tenant = t;
			p->agent = i;
		}
}

static void run(struct sim *s, uint64_t check_every)
{
	while (s->arrived < s->arrivals_max) {
		step(s);
		if (s->step % check_every == 0)
			told_check(s);
	}
	close_down(s);
	int64_t closed_ms = s->core.now_ms;
	while (timers_next(&s->plans) != INT64_MAX || !over(s)) {
		if (s->core.now_ms - closed_ms > 24 * 3600 * S) {
			leftovers(s);
			broken(s, "a day after closing it is not over", STR_NONE);
		}
		if (MIN(timers_next(&s->plans), core_next_timer(&s->core)) == INT64_MAX) {
			leftovers(s);
			broken(s, "nothing will ever happen, yet it is not over", STR_NONE);
		}
		step(s);
		if (s->step % check_every == 0)
			told_check(s);
	}
	told_check(s);
	LAW(s, over(s) && contact_count(&s->core) == 0); /* behaviours.md A-7 */
	LAW(s, s->alarms == 0);
}

static uint64_t number(const char *text, uint64_t otherwise)
{
	uint64_t v;
	if (!text || str_to_u64(str_of(text), UINT64_MAX, &v) != ERR_OK)
		return otherwise;
	return v;
}

static void report(const struct sim *s)
{
	uint64_t sum[16] = {0}, offered = 0;
	for (uint32_t t = 0; t < TENANTS; t++)
		for (uint32_t i = 0; i < QUEUES; i++) {
			offered += s->queues[t][i].offered;
			for (size_t r = 0; r < COUNT_OF(sum); r++)
				sum[r] += s->queues[t][i].ended[r];
		}
	printf("sim seed=%llu contacts=%u steps=%llu hours=%lld offered=%llu answered=%llu "
	       "abandoned=%llu flow_out=%llu rejected=%llu failed=%llu offers=%u together=%u "
	       "kept=%u "
	       "missed=%u resumed=%u "
	       "restarts=%u changes=%u: all laws hold\n",
	       (unsigned long long)s->seed, s->arrived, (unsigned long long)s->step,
	       (long long)(s->core.now_ms / 3600000), (unsigned long long)offered,
	       (unsigned long long)sum[RESULT_answered], (unsigned long long)sum[RESULT_abandoned],
	       (unsigned long long)sum[RESULT_flow_out], (unsigned long long)sum[RESULT_rejected],
	       (unsigned long long)sum[RESULT_failed], s->offers, s->together, s->kept, s->missed,
	       s->resumed, s->restarts, s->changes);
}

int main(int argc, char **argv)
{
	if (argc > 1 && str_is(str_of(argv[1]), "pace"))
		return pace();
	static struct sim s;
	s.seed = number(argc > 1 ? argv[1] : NULL, 1);
	s.dice = s.seed * 0x9e3779b97f4a7c15u + 1;
	s.arrivals_max = (uint32_t)number(argc > 2 ? argv[2] : NULL, 100000);
	s.places = (uint32_t)number(argc > 4 ? argv[4] : NULL, 0);
	plans = pool_create("plans", sizeof(struct plan), 200000);
	timers_init(&s.plans);
	s.images = buf_grow(1 << 20);
	for (uint32_t i = 0; i < QUEUES; i++)
		snprintf(queue_names[i], sizeof queue_names[i], "q%u", i);
	for (uint32_t i = 0; i < AGENTS; i++)
		snprintf(agent_names[i], sizeof agent_names[i], "a%u", i);
	for (uint32_t t = 0; t < TENANTS; t++) {
		for (uint32_t i = 0; i < QUEUES; i++)
			invent_queue(&s, &s.queue_specs[t][i]);
		for (uint32_t i = 0; i < AGENTS; i++)
			invent_agent(&s, &s.agent_specs[t][i]);
	}
	life_begin(&s, 1000000);
	LAW(&s, core_loaded(&s.core) == 0);
	buf_put(&s.images, core_turn_end(&s.core).bytes);
	plan_world(&s);
	run(&s, MAX(1, number(argc > 3 ? argv[3] : NULL, 25)));
	report(&s);
	core_turn_begin(&s.core, s.core.now_ms, UTC_MS);
	acd_destroy(s.acd);
	core_finish(&s.core);
	timers_finish(&s.plans);
	pool_destroy(plans);
	buf_free(&s.images);
	return 0;
}
