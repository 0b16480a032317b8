/* declare.c - what is declared, and the administrators who change it while calls run; see sim.h. */
#include "tests/sim/sim.h"

#include <stdio.h>

#include "objects/config_compile.h"

#define S 1000

/* -- names and ids -- */

static const char *const tenant_names[TENANTS] = {"t0", "t1"};
static const char *const queue_names[QUEUES] = {"q0", "q1", "q2", "q3", "q4", "q5"};
static const char *const flow_names[FLOWS] = {"f0", "f1", "f2"};
static char agent_names[AGENTS][8];

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

struct flow_id flow_at(const struct sim *s, uint32_t tenant, uint32_t flow)
{
	return ID_AS(flow_id, find(s, KIND_flow, tenant, flow_names[flow]));
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

static struct config *flow_of_spec(uint32_t tenant, uint32_t f, const struct flow_spec *spec)
{
	json_t *doc = json_loads(spec->doc, 0, NULL);
	CHECK(doc);
	struct config *c = config_compile(KIND_flow, str_of(tenant_names[tenant]),
					  str_of(flow_names[f]), doc, STR_NONE);
	json_decref(doc);
	return c;
}

static void declare(struct sim *s, struct config *c, bool tell, uint32_t version)
{
	struct id id;
	enum object_kind kind = c->kind;
	LAW(s, objects_put(s->core.objects, c, version, &id) == ERR_OK);
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
void declare_all(struct sim *s, uint32_t turn)
{
	for (uint32_t t = 0; t < TENANTS; t++) {
		struct config *tenant = blank(KIND_tenant, t, tenant_names[t]);
		tenant->tenant_of.country = STR("PL"); /* else no number can be called back */
		declare(s, tenant, false, 1);
		s->tenants[t] = ID_AS(tenant_id, find(s, KIND_tenant, t, tenant_names[t]));
		declare(s, blank(KIND_trunk, t, "out"), false,
			1); /* callers can be called back over it */
		declare(s, blank(KIND_outcome, t, "solved"), false, 1);
		declare(s, blank(KIND_prompt, t, "p"), false, 1);
		for (uint32_t f = 0; f < FLOWS; f++)
			if (s->flow_specs[t][f].there)
				declare(s, flow_of_spec(t, f, &s->flow_specs[t][f]), false,
					s->flow_specs[t][f].version);
		for (uint32_t i = 0; i < AGENTS; i++) {
			uint32_t a = (i + turn) % AGENTS;
			if (s->agent_specs[t][a].there)
				declare(s, user_of_spec(t, a, &s->agent_specs[t][a]), false, 1);
		}
		for (uint32_t i = 0; i < QUEUES; i++) {
			uint32_t q = (i + turn) % QUEUES;
			if (s->queue_specs[t][q].there)
				declare(s, queue_of_spec(t, q, &s->queue_specs[t][q]), false, 1);
		}
	}
}

/* What asks for a forecast of the wait, a millisecond each: often in small worlds, seldom in the
 * million contacts of A-7, which is about agents and would take ten times as long. */
static bool forecasts(struct sim *s)
{
	return dice(s, s->arrivals_max > 10000 ? 40 : 2) == 0;
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
		.announce_every_ms = forecasts(s) ? 10 * S + dice(s, 60 * S) : 0,
		.announce_first_ms = dice(s, 2) ? 0 : dice(s, 20 * S),
		.announce_position = dice(s, 3) > 0,
		.announce_wait = dice(s, 3) > 0,
		.announce_only_if_improved = dice(s, 3) == 0,
		.announce_head = dice(s, 2) == 0,
	};
}

/* Any node behind node i, so that only a caller's key leads back. */
static uint32_t onward(struct sim *s, uint32_t i)
{
	return i + 1 + dice(s, FLOW_NODES - i);
}

static void invent_edge(struct sim *s, struct buf *b, const char *key, uint32_t i)
{
	if (dice(s, 8)) /* else it leads nowhere: the end */
		buf_fmt(b, ",\"%s\":\"n%u\"", key, onward(s, i));
}

static void invent_queue_node(struct sim *s, struct buf *b, uint32_t i)
{
	static const char *const exits[] = {"full", "timeout", "no_agents"};
	const char *comma = "";
	buf_fmt(b, "\"do\":\"queue\",\"queue\":\"q%u\",\"priority_min\":%u", dice(s, QUEUES),
		dice(s, 4) ? 0 : dice(s, 5));
	if (dice(s, 2))
		invent_edge(s, b, "next", i);
	buf_c(b, ",\"on\":{");
	for (uint32_t x = 0; x < COUNT_OF(exits); x++) {
		if (dice(s, 2))
			continue;
		buf_fmt(b, "%s\"%s\":\"n%u\"", comma, exits[x], onward(s, i));
		comma = ",";
	}
	buf_ch(b, '}');
}

static void invent_node(struct sim *s, struct buf *b, uint32_t flow, uint32_t i)
{
	static const char *const whens[] = {
		"queue.q0.waiting > 2", "time.hour < 12",
		"var.v == \\\"1\\\"",	"caller.number == \\\"anonymous\\\"",
		"var.none > 3",		"queue.q1.ewt_s > 60"};
	buf_fmt(b, ",\"n%u\":{", i);
	switch (dice(s, flow + 1 < FLOWS ? 12 : 11)) {
	case 0:
		buf_c(b, "\"do\":\"play\",\"prompt\":\"p\"");
		invent_edge(s, b, "next", i);
		break;
	case 1:
		buf_c(b, "\"do\":\"say\",\"text\":{\"en\":\"hello\"}");
		invent_edge(s, b, "next", i);
		break;
	case 2:
		buf_fmt(b,
			"\"do\":\"menu\",\"prompt\":\"p\",\"timeout_s\":%u,\"tries\":%u,"
			"\"keys\":{\"1\":\"n%u\",\"*\":\"n%u\"}",
			1 + dice(s, 5), 1 + dice(s, 3), dice(s, FLOW_NODES), dice(s, FLOW_NODES));
		invent_edge(s, b, "else", i);
		break;
	case 3:
		buf_fmt(b,
			"\"do\":\"collect\",\"prompt\":\"p\",\"min\":1,\"max\":%u,"
			"\"terminator\":\"#\",\"var\":\"v\",\"timeout_s\":%u,\"masked\":%s",
			1 + dice(s, 5), 1 + dice(s, 5), dice(s, 2) ? "true" : "false");
		invent_edge(s, b, "next", i);
		invent_edge(s, b, "else", i);
		break;
	case 4:
		buf_c(b, "\"do\":\"set\",\"var\":\"v\",\"value\":\"1 + 2\"");
		invent_edge(s, b, "next", i);
		break;
	case 5:
		buf_fmt(b, "\"do\":\"branch\",\"if\":[{\"when\":\"%s\",\"next\":\"n%u\"}]",
			whens[dice(s, COUNT_OF(whens) - !forecasts(s))], onward(s, i));
		invent_edge(s, b, "else", i);
		break;
	case 6:
		buf_fmt(b, "\"do\":\"language\",\"lang\":\"%s\"", dice(s, 2) ? "pl" : "en");
		invent_edge(s, b, "next", i);
		break;
	case 7:
	case 8:
		invent_queue_node(s, b, i);
		break;
	case 9:
		buf_fmt(b, "\"do\":\"callback\",\"queue\":\"q%u\"", dice(s, QUEUES));
		invent_edge(s, b, "next", i);
		invent_edge(s, b, "else", i);
		break;
	case 10: /* no trunk leads out of this world: a number fails */
		if (dice(s, 4))
			buf_fmt(b, "\"do\":\"transfer\",\"to\":{\"queue\":\"q%u\"},\"on\":{",
				dice(s, QUEUES));
		else
			buf_c(b,
			      "\"do\":\"transfer\",\"to\":{\"number\":\"+48601777999\"},\"on\":{");
		buf_fmt(b, "\"failed\":\"n%u\"}", onward(s, i));
		break;
	case 11: /* only in one that comes later: no flow is inside itself */
		buf_fmt(b, "\"do\":\"subflow\",\"flow\":\"f%u\"",
			flow + 1 + dice(s, FLOWS - flow - 1));
		invent_edge(s, b, "next", i);
		break;
	}
	buf_ch(b, '}');
}

static void invent_flow(struct sim *s, struct flow_spec *f, uint32_t flow)
{
	struct buf b = buf_make(f->doc, sizeof f->doc - 1);
	f->there = true;
	f->version++;
	buf_c(&b, "{\"start\":\"n0\",\"nodes\":{");
	buf_fmt(&b, "\"n%u\":{\"do\":\"hangup\"}", FLOW_NODES);
	for (uint32_t i = 0; i < FLOW_NODES; i++)
		invent_node(s, &b, flow, i);
	buf_c(&b, "}}");
	CHECK(!b.full);
	f->doc[b.n] = 0;
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
	declare(s, user_of_spec(t, i, a), true, 1);
}

static void change_flow(struct sim *s, uint32_t t, uint32_t f)
{
	struct flow_spec *spec = &s->flow_specs[t][f];
	if (spec->there && dice(s, 6) == 0) {
		spec->there = false;
		withdraw(s, KIND_flow, t, flow_names[f]);
		return;
	}
	invent_flow(s, spec, f);
	declare(s, flow_of_spec(t, f, spec), true, spec->version);
}

void administer(struct sim *s)
{
	uint32_t t = dice(s, TENANTS), q = dice(s, QUEUES);
	struct queue_spec *spec = &s->queue_specs[t][q];
	s->changes++;
	if (dice(s, 5) == 0) {
		change_flow(s, t, dice(s, FLOWS));
	} else if (dice(s, 3)) {
		change_agent(s, t, dice(s, AGENTS));
	} else if (spec->there && dice(s, 4) == 0) {
		spec->there = false;
		withdraw(s, KIND_queue, t, queue_names[q]);
	} else {
		for (uint32_t i = 0; i < AGENTS; i++)
			told_unstick(s, t, i); /* it may ask for other skills */
		invent_queue(s, spec);
		declare(s, queue_of_spec(t, q, spec), true, 1);
	}
}

void invent_world(struct sim *s)
{
	for (uint32_t i = 0; i < AGENTS; i++)
		snprintf(agent_names[i], sizeof agent_names[i], "a%u", i);
	for (uint32_t t = 0; t < TENANTS; t++) {
		for (uint32_t i = 0; i < QUEUES; i++)
			invent_queue(s, &s->queue_specs[t][i]);
		for (uint32_t i = 0; i < AGENTS; i++)
			invent_agent(s, &s->agent_specs[t][i]);
		for (uint32_t i = 0; i < FLOWS; i++)
			invent_flow(s, &s->flow_specs[t][i], i);
	}
}
