/* pace.c - see pace.h: ten queues, every agent in three of them, half of the contacts need a skill
 * that half of the agents have; contacts and agents come and go one by one. */
#include "tests/sim/pace.h"

#include <stdio.h>
#include <stdlib.h>

#include "acd/acd.h"
#include "os/clock.h"

#define QUEUES 10u
#define AGENTS 500u
#define WAITING 1000u
#define ROUNDS 20000u
#define RINGS 50u

static struct core core;
static struct tenant_id tenant;
static struct queue_id queues[QUEUES];
static struct agent_id agents[AGENTS];
static const struct skill_term term = {
	.op = TERM_COMPARE, .skill = {"s", 1}, .compare = CMP_GE, .level = 1};
static const struct skill_step steps[] = {{.terms = &term, .term_count = 1}};
static const struct user_skill skill[] = {{{"s", 1}, 1}};
static const struct str queue_names[QUEUES] = {{"q0", 2}, {"q1", 2}, {"q2", 2}, {"q3", 2},
					       {"q4", 2}, {"q5", 2}, {"q6", 2}, {"q7", 2},
					       {"q8", 2}, {"q9", 2}};

static struct id declare(enum object_kind kind, struct str id, const struct config *of)
{
	struct config *c = xcalloc(1, sizeof *c);
	struct id out;
	*c = *of;
	arena_init(&c->arena);
	c->kind = kind;
	c->tenant = STR("t");
	c->id = arena_copy(&c->arena, id);
	CHECK(objects_put(core.objects, c, 1, &out) == ERR_OK);
	return out;
}

static void build(void)
{
	struct config none = {0};
	tenant = ID_AS(tenant_id, declare(KIND_tenant, STR("t"), &none));
	for (uint32_t i = 0; i < QUEUES; i++) {
		struct config q = {.queue = {.ring_ms = 15000, .misses_max = 1, .ageing = 1}};
		q.queue.steps = steps;
		q.queue.step_count = i % 2;
		queues[i] = ID_AS(queue_id, declare(KIND_queue, queue_names[i], &q));
	}
	for (uint32_t i = 0; i < AGENTS; i++) {
		char name[16];
		snprintf(name, sizeof name, "a%u", i);
		struct config u = {.user = {.roles = BIT(ROLE_AGENT),
					    .phone = PHONE_number,
					    .capacity_voice = 100,
					    .skills = skill,
					    .skill_count = i / 3 % 2,
					    .queues = queue_names + i % (QUEUES - 2),
					    .queue_count = 3}};
		agents[i] = ID_AS(agent_id, declare(KIND_user, str_of(name), &u));
	}
}

static void one_waits(uint32_t n)
{
	struct contact_id id;
	CHECK(contact_create(&core, &(struct contact_options){.tenant = tenant}, &id) == ERR_OK);
	CHECK(SEND(&core, queue_join, .contact = id, .queue = queues[n % QUEUES],
		   .priority_min = n % 5) == ERR_OK);
}

static int compare(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

static void turn(int64_t now_ms)
{
	core_turn_end(&core);
	core_turn_begin(&core, now_ms, 1700000000000 + now_ms);
}

/* One agent ends his talk and is given the best of all: the turn with its facts and images. */
static int64_t decide(struct room *acd, uint32_t n, int64_t now_ms)
{
	struct acd_agent a;
	CHECK(acd_agent_get(acd, agents[n % AGENTS], &a) == ERR_OK);
	if (!a.contact_count)
		return -1;
	struct contact_id c = a.contacts[0];
	if (a.work == WORK_offered)
		CHECK(SEND(&core, offer_accept, .contact = c, .agent = a.id) == ERR_OK);
	turn(now_ms);
	int64_t from_us = clock_mono_us();
	CHECK(SEND(&core, talk_end, .contact = c, .agent = a.id, .by = PARTY_agent) == ERR_OK);
	turn(now_ms);
	int64_t us = clock_mono_us() - from_us;
	EMIT(&core, disconnect, .contact = c, .by = PARTY_agent);
	one_waits(n * 7);
	turn(now_ms);
	return us;
}

/* All agents ring for one contact, and one of them answers: the two turns. */
static void ring_all(void)
{
	int64_t ring_us[RINGS], answer_us[RINGS], now_ms = 2000000;
	struct config q = {.queue = {.strategy = STRATEGY_ring_all, .ring_ms = 15000}};
	struct queue_id everybody = ID_AS(queue_id, declare(KIND_queue, STR("all"), &q));
	static const struct str name[] = {{"all", 3}};
	EMIT(&core, object_moved, .kind = KIND_queue, .slot = everybody.slot, .age = everybody.age);
	for (uint32_t i = 0; i < AGENTS; i++) {
		char id[16];
		snprintf(id, sizeof id, "b%u", i);
		struct config u = {.user = {.roles = BIT(ROLE_AGENT),
					    .phone = PHONE_number,
					    .capacity_voice = 100,
					    .queues = name,
					    .queue_count = 1}};
		agents[i] = ID_AS(agent_id, declare(KIND_user, str_of(id), &u));
		EMIT(&core, object_moved, .kind = KIND_user, .slot = agents[i].slot,
		     .age = agents[i].age);
	}
	turn(now_ms);
	for (uint32_t i = 0; i < AGENTS; i++)
		CHECK(SEND(&core, presence_set, .agent = agents[i], .presence = PRESENCE_ready) ==
		      ERR_OK);
	for (uint32_t i = 0; i < RINGS; i++) {
		struct contact_id id;
		turn(++now_ms);
		CHECK(contact_create(&core, &(struct contact_options){.tenant = tenant}, &id) ==
		      ERR_OK);
		int64_t from_us = clock_mono_us();
		CHECK(SEND(&core, queue_join, .contact = id, .queue = everybody) == ERR_OK);
		turn(++now_ms);
		ring_us[i] = clock_mono_us() - from_us;
		from_us = clock_mono_us();
		CHECK(SEND(&core, offer_accept, .contact = id, .agent = agents[i * 7 % AGENTS]) ==
		      ERR_OK);
		turn(++now_ms);
		answer_us[i] = clock_mono_us() - from_us;
		EMIT(&core, disconnect, .contact = id, .by = PARTY_customer);
	}
	qsort(ring_us, RINGS, sizeof *ring_us, compare);
	qsort(answer_us, RINGS, sizeof *answer_us, compare);
	printf("pace ring_all phones=%u ring_p50_us=%lld answer_p50_us=%lld\n", AGENTS,
	       (long long)ring_us[RINGS / 2], (long long)answer_us[RINGS / 2]);
}

/* How long one would wait, once a second; off the way of every decision (acd/outlook.c). */
static void foretell(const struct room *acd)
{
	int64_t us[RINGS], now_ms = 1000000;
	struct acd_queue_live live;
	for (uint32_t i = 0; i < RINGS; i++) {
		turn(now_ms += 1000);
		int64_t from_us = clock_mono_us();
		CHECK(acd_queue_live(acd, queues[i % QUEUES], &live) == ERR_OK);
		us[i] = clock_mono_us() - from_us;
	}
	qsort(us, RINGS, sizeof *us, compare);
	printf("pace forecast waiting=%u agents=%u p50_us=%lld max_us=%lld\n", live.waiting, AGENTS,
	       (long long)us[RINGS / 2], (long long)us[RINGS - 1]);
}

int pace(void)
{
	static int64_t us[ROUNDS];
	uint32_t count = 0;
	int64_t sum = 0;
	core_init(&core, &(struct core_limits){.contacts = 8192, .objects = 2048}, 1, 0);
	struct room *acd = acd_create(&core);
	core_add_room(&core, acd);
	build();
	core_turn_begin(&core, 1000, 1700000001000);
	CHECK(core_loaded(&core) == 0);
	for (uint32_t i = 0; i < AGENTS; i++)
		CHECK(SEND(&core, presence_set, .agent = agents[i], .presence = PRESENCE_ready) ==
		      ERR_OK);
	for (uint32_t i = 0; i < AGENTS + WAITING; i++)
		one_waits(i);
	for (uint32_t i = 0; i < ROUNDS; i++) {
		int64_t t = decide(acd, i, 1001 + i / 100);
		if (t < 0)
			continue;
		us[count++] = t;
		sum += t;
	}
	qsort(us, count, sizeof *us, compare);
	printf("pace waiting=%u agents=%u decisions=%u mean_us=%.1f p50_us=%lld p99_us=%lld "
	       "max_us=%lld\n",
	       WAITING, AGENTS, count, (double)sum / count, (long long)us[count / 2],
	       (long long)us[count * 99 / 100], (long long)us[count - 1]);
	foretell(acd);
	ring_all();
	acd_destroy(acd);
	core_finish(&core);
	return 0;
}
