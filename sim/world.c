/* world.c - see world.h. The room called `voice` is the door of invented callers. */
#include "sim/world.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "acd/acd.h"
#include "base/real.h"

#define BEGIN_MS 1000
#define BEGIN_UTC_MS 1700000000000
#define HOUR_MS 3600000.0
#define PLACES_MAX 1000000u /* callers at one time */
#define FOR_EVER_MS ((int64_t)1 << 60)

struct source { /* where the callers of one queue come from */
	struct timer timer;
	struct world *world;
	struct queue_id queue;
	const struct scenario_queue *conf;
	struct chance gap, handle, patience;
	uint32_t handle_at, patience_at; /* places in traces */
	double next_ms;
};

struct caller {
	struct timer timer; /* while waiting: his patience; while talking: his farewell */
	struct world *world;
	struct contact_id id;
	int64_t handle_ms;
	int64_t told_ms, base_ms; /* first told a wait at; what the base formula said then */
	uint32_t queue;		  /* index */
};

struct world {
	struct room voice;
	struct core core;
	struct room *acd;
	struct tenant_id tenant;
	const struct scenario *scenario;
	struct tally *tally;
	struct source *sources;
	struct caller **callers; /* by slot; NULL: never used */
	uint32_t places;
	double end_ms;
	bool full;
};

/* -- callers -- */

static int64_t throw_ms(const struct dist *d, struct chance *chance, uint32_t *at)
{
	double s = dist_throw(d, chance, at);
	return isinf(s) ? FOR_EVER_MS : (int64_t)(MIN(s, 1e12) * 1000 + 0.5);
}

static void hangs_up(struct timer *t, int64_t now_ms)
{
	struct caller *k = t->arg;
	(void)now_ms;
	EMIT(&k->world->core, disconnect, .contact = k->id, .by = PARTY_customer,
	     .cause = STR("normal"));
}

static void calls(struct source *s)
{
	struct world *w = s->world;
	struct core *c = &w->core;
	int64_t handle_ms = throw_ms(&s->conf->handle_s, &s->handle, &s->handle_at);
	int64_t patience_ms = throw_ms(&s->conf->patience_s, &s->patience, &s->patience_at);
	struct contact_id id;
	struct contact_options o = {.tenant = w->tenant, .direction = DIRECTION_inbound};
	if (contact_create(c, &o, &id) != ERR_OK) {
		w->full = true;
		return;
	}
	struct caller *k = w->callers[id.slot];
	if (!k)
		k = w->callers[id.slot] = xcalloc(1, sizeof *k);
	k->world = w;
	k->id = id;
	k->handle_ms = handle_ms;
	k->told_ms = 0;
	k->queue = (uint32_t)(s - w->sources);
	if (patience_ms != FOR_EVER_MS)
		timer_start(&c->timers, &k->timer, c->now_ms + patience_ms, hangs_up, k);
	CHECK(SEND(c, queue_join, .contact = id, .queue = s->queue,
		   .priority_min = s->conf->priority_min) == ERR_OK);
}

/* Until the rate changes and how it is now. */
static double rate_at(const struct source *s, double at_ms, double *until_ms)
{
	double factor = 1;
	*until_ms = INFINITY;
	for (uint32_t i = 0; i < s->conf->load_count; i++) {
		double from_ms = BEGIN_MS + s->conf->loads[i].from_h * HOUR_MS;
		if (from_ms > at_ms) {
			*until_ms = from_ms;
			break;
		}
		factor = s->conf->loads[i].factor;
	}
	return s->conf->arrivals_per_hour / HOUR_MS * factor;
}

static void plan_next(struct source *s, timer_h *fire)
{
	struct world *w = s->world;
	double calls = -real_log(chance_unit(&s->gap)), until_ms; /* so many come until he does */
	for (;;) {
		double rate = rate_at(s, s->next_ms, &until_ms);
		if (s->next_ms + calls / rate < until_ms || isinf(until_ms)) {
			s->next_ms += calls / rate;
			break;
		}
		calls -= (until_ms - s->next_ms) * rate;
		s->next_ms = until_ms;
	}
	if (s->next_ms < w->end_ms)
		timer_start(&w->core.timers, &s->timer, (int64_t)(s->next_ms + 0.5), fire, s);
}

static void somebody_calls(struct timer *t, int64_t now_ms)
{
	struct source *s = t->arg;
	(void)now_ms;
	calls(s);
	plan_next(s, somebody_calls);
}

static void voice_event(struct room *r, const struct event *ev)
{
	struct world *w = CONTAINER_OF(r, struct world, voice);
	struct core *c = &w->core;
	struct caller *k;
	enum err e;
	switch ((int)ev->kind) {
	case EV_offer:
		/* the first to be offered it takes it; of several at once the others are late */
		e = SEND(c, offer_accept, .contact = ev->offer.contact, .agent = ev->offer.agent);
		CHECK(e == ERR_OK || e == ERR_CONFLICT);
		break;
	case EV_answer:
		k = w->callers[ev->answer.contact.slot];
		if (k->told_ms)
			tally_base(w->tally, k->queue, c->utc_ms - ev->answer.wait_ms, k->base_ms,
				   c->now_ms - k->told_ms);
		timer_start(&c->timers, &k->timer, c->now_ms + k->handle_ms, hangs_up, k);
		break;
	case EV_promise:
		k = w->callers[ev->promise.contact.slot];
		if (ev->promise.high_ms && !k->told_ms) {
			k->told_ms = c->now_ms;
			k->base_ms = acd_base_wait(w->acd, ev->promise.queue, ev->promise.position);
		}
		break;
	case EV_disconnect:
		timer_stop(&c->timers, &w->callers[ev->disconnect.contact.slot]->timer);
		break;
	default:
		break;
	}
}

/* -- the house -- */

static struct id declare(struct world *w, enum object_kind kind, const char *name,
			 const struct config *of)
{
	struct config *c = xcalloc(1, sizeof *c);
	struct id id;
	*c = *of;
	arena_init(&c->arena);
	c->kind = kind;
	c->tenant = STR("sim");
	c->id = arena_copy(&c->arena, str_of(name));
	if (kind == KIND_user) {
		struct str *queues = arena_alloc(&c->arena, of->user.queue_count * sizeof *queues);
		memcpy(queues, of->user.queues, of->user.queue_count * sizeof *queues);
		c->user.queues = queues;
	}
	CHECK(objects_put(w->core.objects, c, 1, &id) == ERR_OK);
	return id;
}

static void declare_queues(struct world *w)
{
	const struct scenario *s = w->scenario;
	w->sources = xcalloc(s->queue_count, sizeof *w->sources);
	for (uint32_t i = 0; i < s->queue_count; i++) {
		const struct scenario_queue *q = &s->queues[i];
		struct config c = {
			.queue = {.strategy = q->strategy,
				  .threshold_ms = q->threshold_ms,
				  .short_abandon_ms = q->short_ms,
				  .ring_ms = 15000,
				  .wrap_ms = q->wrap_ms,
				  .misses_max = 1,
				  .no_answer_delay_ms = 30000,
				  .reject_delay_ms = 30000,
				  .busy_delay_ms = 10000,
				  .unreachable_delay_ms = 10000,
				  .class_rank = q->class_rank,
				  .ageing = q->ageing,
				  .announce_every_ms = q->announce.every_ms,
				  .announce_first_ms = q->announce.first_ms,
				  .announce_position = q->announce.position,
				  .announce_wait = q->announce.wait,
				  .announce_only_if_improved = q->announce.only_if_improved,
				  .announce_head = q->announce.head}};
		w->sources[i] = (struct source){
			.world = w,
			.queue = ID_AS(queue_id, declare(w, KIND_queue, q->id, &c)),
			.conf = q,
			.gap = chance_make(s->seed, 3 * i),
			.handle = chance_make(s->seed, 3 * i + 1),
			.patience = chance_make(s->seed, 3 * i + 2),
			.next_ms = BEGIN_MS,
		};
	}
}

static void declare_agents(struct world *w)
{
	const struct scenario *s = w->scenario;
	struct str *queues = xcalloc(s->queue_count, sizeof *queues);
	uint32_t number = 0;
	for (uint32_t i = 0; i < s->agents_count; i++) {
		const struct scenario_agents *a = &s->agents[i];
		struct config c = {.user = {.roles = BIT(ROLE_AGENT),
					    .phone = PHONE_number,
					    .capacity_voice = 100,
					    .queues = queues,
					    .queue_count = a->queue_count}};
		for (uint32_t k = 0; k < a->queue_count; k++)
			queues[k] = str_of(s->queues[a->queues[k]].id);
		for (uint32_t k = 0; k < a->count; k++) {
			char name[32]; /* in order, so that top_down goes by the scenario */
			snprintf(name, sizeof name, "agent-%05u", ++number);
			(void)declare(w, KIND_user, name, &c);
		}
	}
	free(queues);
}

static void everybody_ready(struct world *w)
{
	const struct object *o;
	for (uint32_t at = 0; (o = objects_next(w->core.objects, KIND_user, &at)) != NULL;) {
		CHECK(SEND(&w->core, presence_set, .agent = ID_AS(agent_id, o->id),
			   .presence = PRESENCE_ready, .by = STR("sim")) == ERR_OK);
		core_deliver(&w->core);
	}
}

static uint32_t places_for(const struct scenario *s)
{
	double calls = 1000;
	for (uint32_t i = 0; i < s->queue_count; i++) {
		double most = 1;
		for (uint32_t k = 0; k < s->queues[i].load_count; k++)
			most = MAX(most, s->queues[i].loads[k].factor);
		calls += 1.2 * s->queues[i].arrivals_per_hour * s->hours * most;
	}
	return (uint32_t)MIN(calls, (double)PLACES_MAX);
}

static void build(struct world *w, const struct scenario *s)
{
	uint32_t people = 0;
	for (uint32_t i = 0; i < s->agents_count; i++)
		people += s->agents[i].count;
	w->scenario = s;
	w->places = places_for(s);
	w->end_ms = BEGIN_MS + s->hours * HOUR_MS;
	w->callers = xcalloc(w->places + 1u, sizeof(struct caller *));
	core_init(&w->core,
		  &(struct core_limits){.contacts = w->places,
					.objects = people + s->queue_count + 1},
		  s->seed, 0);
	w->acd = acd_create_limited(&w->core,
				    &(struct acd_limits){.contacts = w->places, .exclusions = 16});
	core_add_room(&w->core, w->acd);
	w->voice = (struct room){.name = "voice", .event = voice_event};
	core_add_room(&w->core, &w->voice);
	w->tenant = ID_AS(tenant_id, declare(w, KIND_tenant, "sim", &(struct config){0}));
	declare_queues(w);
	declare_agents(w);
}

static void demolish(struct world *w)
{
	acd_destroy(w->acd);
	core_finish(&w->core);
	for (uint32_t i = 0; i <= w->places; i++)
		free(w->callers[i]);
	free(w->callers);
	free(w->sources);
}

static void turn_begin(struct world *w, int64_t now_ms)
{
	core_turn_begin(&w->core, now_ms, BEGIN_UTC_MS + now_ms);
}

enum err world_run(const struct scenario *s, struct tally *t, struct buf *why)
{
	struct world w = {0};
	double from_ms = BEGIN_MS + s->warmup_hours * HOUR_MS;
	build(&w, s);
	w.tally = t;
	tally_init(t, s, BEGIN_UTC_MS + (int64_t)from_ms, BEGIN_UTC_MS + (int64_t)w.end_ms);
	turn_begin(&w, BEGIN_MS);
	CHECK(core_loaded(&w.core) == 0);
	everybody_ready(&w);
	for (uint32_t i = 0; i < s->queue_count; i++)
		plan_next(&w.sources[i], somebody_calls);
	tally_batch(t, core_turn_end(&w.core).bytes);
	for (int64_t at; (at = core_next_timer(&w.core)) != INT64_MAX && !w.full;) {
		turn_begin(&w, at);
		tally_batch(t, core_turn_end(&w.core).bytes);
	}
	tally_close(t);
	if (w.full)
		buf_fmt(why, "more than %u callers at one time after %.1f hours", w.places,
			(double)(w.core.now_ms - BEGIN_MS) / HOUR_MS);
	demolish(&w);
	return w.full ? ERR_FULL : ERR_OK;
}
