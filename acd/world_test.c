/* world_test.c - see world_test.h. */
#include "acd/world_test.h"
#include "tests/test.h"

#include <stdlib.h>

#include "core/batch.h"

#define UTC_MS 1700000000000

/* -- the ear -- */

static const char *name_of(struct world *w, struct id id)
{
	const struct object *o = objects_who(w->core.objects, id);
	static char names[4][80];
	static int at;
	char *out = names[at++ % 4];
	str_copy(o ? o->name : STR("?"), out, sizeof names[0]);
	return out;
}

static uint32_t number_of(const struct world *w, struct contact_id id)
{
	for (uint32_t i = w->contact_count; i > 0; i--)
		if (ID_EQ(w->contacts[i], id))
			return i;
	return 0;
}

#define SAY(...)                                                                                   \
	do {                                                                                       \
		if (w->log.n)                                                                      \
			buf_c(&w->log, "; ");                                                      \
		buf_fmt(&w->log, __VA_ARGS__);                                                     \
	} while (0)
#define C(e) number_of(w, ev->e.contact)
#define Q(e) name_of(w, ID(ev->e.queue))
#define A(e) name_of(w, ID(ev->e.agent))
#define T(s) STR_ARG(s)

static void hear_queue(struct world *w, const struct event *ev)
{
	switch ((int)ev->kind) {
	case EV_enqueue:
		SAY("enqueue c%u %s", C(enqueue), Q(enqueue));
		break;
	case EV_dequeue:
		SAY("dequeue c%u " STR_FMT, C(dequeue), T(result_word(ev->dequeue.reason)));
		if (ev->dequeue.exit != EXIT_none)
			buf_fmt(&w->log, " " STR_FMT, T(queue_exit_word(ev->dequeue.exit)));
		buf_fmt(&w->log, " %lld", (long long)ev->dequeue.wait_ms);
		break;
	case EV_place_resumed:
		SAY("place_resumed c%u %lld", C(place_resumed),
		    (long long)ev->place_resumed.ahead_ms);
		break;
	case EV_prioritised:
		SAY("prioritised c%u %u " STR_FMT, C(prioritised), ev->prioritised.priority_min,
		    T(ev->prioritised.by));
		break;
	case EV_callback_wanted:
		SAY("callback_wanted c%u %s " STR_FMT, C(callback_wanted), Q(callback_wanted),
		    T(ev->callback_wanted.number));
		break;
	default:
		break;
	}
}

static void hear_offer(struct world *w, const struct event *ev)
{
	switch ((int)ev->kind) {
	case EV_offer:
		SAY("offer c%u %s", C(offer), A(offer));
		break;
	case EV_offer_end:
		SAY("offer_end c%u %s " STR_FMT, C(offer_end), A(offer_end),
		    T(offer_result_word(ev->offer_end.result)));
		break;
	case EV_agent_ring_end:
		SAY("ring_end c%u %s " STR_FMT, C(agent_ring_end), A(agent_ring_end),
		    T(offer_result_word(ev->agent_ring_end.result)));
		break;
	case EV_answer:
		SAY("answer c%u %s %lld", C(answer), A(answer), (long long)ev->answer.wait_ms);
		break;
	case EV_agent_dial:
		SAY("dial c%u %s", C(agent_dial), A(agent_dial));
		break;
	case EV_agent_dial_end:
		SAY("dial_end c%u %s " STR_FMT " " STR_FMT " %lld %lld", C(agent_dial_end),
		    A(agent_dial_end), T(party_word(ev->agent_dial_end.by)),
		    T(result_word(ev->agent_dial_end.result)),
		    (long long)ev->agent_dial_end.dial_ms, (long long)ev->agent_dial_end.talk_ms);
		break;
	case EV_agent_end:
		SAY("agent_end c%u %s " STR_FMT " %lld %lld", C(agent_end), A(agent_end),
		    T(party_word(ev->agent_end.by)), (long long)ev->agent_end.talk_ms,
		    (long long)ev->agent_end.hold_ms);
		break;
	default:
		break;
	}
}

static void hear_agent(struct world *w, const struct event *ev)
{
	switch ((int)ev->kind) {
	case EV_wrap_start:
		if (w->listens & BIT(EAR_wrap))
			SAY("wrap_start c%u %s", C(wrap_start), A(wrap_start));
		break;
	case EV_wrap_extended:
		SAY("wrap_extended c%u %s by %lld left %u", C(wrap_extended), A(wrap_extended),
		    (long long)ev->wrap_extended.by_ms, ev->wrap_extended.left);
		break;
	case EV_wrap_end:
		if (w->listens & BIT(EAR_wrap))
			SAY("wrap_end c%u %s [" STR_FMT "|" STR_FMT "|" STR_FMT "] %lld",
			    C(wrap_end), A(wrap_end), T(ev->wrap_end.outcome), T(ev->wrap_end.note),
			    T(ev->wrap_end.by), (long long)ev->wrap_end.wrap_ms);
		break;
	case EV_agent_presence:
		if (w->listens & BIT(EAR_presence))
			SAY("presence %s " STR_FMT " [" STR_FMT "|" STR_FMT "]", A(agent_presence),
			    T(presence_word(ev->agent_presence.to)), T(ev->agent_presence.reason),
			    T(ev->agent_presence.by));
		break;
	case EV_agent_phone:
		if (w->listens & BIT(EAR_presence))
			SAY("phone %s %s", A(agent_phone),
			    ev->agent_phone.ready ? "ready" : "gone");
		break;
	case EV_agent_connecting:
		if (w->listens & BIT(EAR_presence))
			SAY("connecting %s %s", A(agent_connecting),
			    ev->agent_connecting.on ? "on" : "off");
		break;
	case EV_agent_next:
		if (w->listens & BIT(EAR_presence))
			SAY("next %s [" STR_FMT "|" STR_FMT "]", A(agent_next),
			    T(ev->agent_next.next), T(ev->agent_next.reason));
		break;
	case EV_agent_work:
		if (w->listens & BIT(EAR_work))
			SAY("work %s " STR_FMT, A(agent_work), T(work_word(ev->agent_work.to)));
		break;
	case EV_hold_on:
	case EV_hold_off:
		if (w->listens & BIT(EAR_hold))
			SAY(STR_FMT " c%u", T(event_name(ev->kind)), C(hold_on));
		break;
	case EV_promise:
		if (w->listens & BIT(EAR_promise))
			SAY("promise c%u %u %lld-%lld", C(promise), ev->promise.position,
			    (long long)ev->promise.low_ms / 60000,
			    (long long)ev->promise.high_ms / 60000);
		break;
	case EV_approval_asked:
		SAY("asks %s " STR_FMT, A(approval_asked), T(ev->approval_asked.reason));
		break;
	case EV_approval_end:
		SAY("approval %s " STR_FMT " " STR_FMT " " STR_FMT, A(approval_end),
		    T(ev->approval_end.reason), T(ev->approval_end.how), T(ev->approval_end.by));
		break;
	case EV_queue_closed:
		SAY("closed %s [" STR_FMT "] " STR_FMT, Q(queue_closed), T(ev->queue_closed.to),
		    T(ev->queue_closed.by));
		break;
	case EV_queue_reopened:
		SAY("open %s " STR_FMT, Q(queue_reopened), T(ev->queue_reopened.by));
		break;
	case EV_transfer:
		SAY("transfer c%u " STR_FMT " " STR_FMT, C(transfer), T(ev->transfer.name),
		    T(ev->transfer.by));
		break;
	case EV_mass_event_start:
		SAY("mass_start " STR_FMT " [" STR_FMT "] " STR_FMT,
		    T(ev->mass_event_start.mass_event), T(ev->mass_event_start.queues),
		    T(ev->mass_event_start.by));
		break;
	case EV_mass_event_stop:
		SAY("mass_stop " STR_FMT " " STR_FMT, T(ev->mass_event_stop.mass_event),
		    T(ev->mass_event_stop.by));
		break;
	case EV_bulletin:
		SAY("bulletin c%u " STR_FMT, C(bulletin), T(ev->bulletin.prompt));
		break;
	case EV_reason_warning:
		SAY("reason_warning %s " STR_FMT " %lld", A(reason_warning),
		    T(ev->reason_warning.reason), (long long)ev->reason_warning.left_ms);
		break;
	case EV_reason_over:
		SAY("reason_over %s " STR_FMT " %lld", A(reason_over), T(ev->reason_over.reason),
		    (long long)ev->reason_over.max_ms);
		break;
	case EV_queue_unmeetable:
		if (w->listens & BIT(EAR_meet))
			SAY("%s %s [" STR_FMT "]",
			    ev->queue_unmeetable.on ? "unmeetable" : "meetable",
			    Q(queue_unmeetable), T(ev->queue_unmeetable.need));
		break;
	case EV_alarm:
		SAY("alarm " STR_FMT, T(ev->alarm.name));
		break;
	default:
		break;
	}
}

static void ear_event(struct room *r, const struct event *ev)
{
	struct world *w = CONTAINER_OF(r, struct world, ear);
	if (w->listens & BIT(EAR_queue))
		hear_queue(w, ev);
	if (w->listens & BIT(EAR_offer))
		hear_offer(w, ev);
	hear_agent(w, ev);
	if (ev->kind == EV_decision)
		str_copy(ev->decision.why, w->why, sizeof w->why);
	if (ev->kind == EV_unserved)
		str_copy(ev->unserved.why, w->why, sizeof w->why);
}

/* -- lives -- */

static void life_begin(struct world *w, int64_t now_ms)
{
	core_init(&w->core, &(struct core_limits){.contacts = 8192, .objects = 4096}, 7 + w->life,
		  w->life);
	w->life++;
	w->acd = acd_create_limited(&w->core,
				    &(struct acd_limits){.contacts = 8192, .exclusions = 8192});
	core_add_room(&w->core, w->acd);
	w->ear = (struct room){.name = "ear", .event = ear_event};
	core_add_room(&w->core, &w->ear);
	core_turn_begin(&w->core, now_ms, UTC_MS + now_ms);
}

void world_begin(struct world *w)
{
	*w = (struct world){.listens = EAR_MOST};
	w->log = buf_grow(4096);
	w->all = buf_grow(4096);
	life_begin(w, 1000000);
	struct config tenant = {.kind = KIND_tenant, .tenant = STR("acme"), .id = STR("acme")};
	tenant.tenant_of.locale = STR("pl");
	world_object(w, &tenant);
	const struct object *o =
		objects_find(w->core.objects, KIND_tenant, STR("acme"), STR("acme"));
	w->tenant = ID_AS(tenant_id, o->id);
	world_object(w, &(struct config){
				.kind = KIND_reason, .tenant = STR("acme"), .id = STR("lunch")});
	world_object(w, &(struct config){
				.kind = KIND_outcome, .tenant = STR("acme"), .id = STR("solved")});
}

void world_end(struct world *w)
{
	core_turn_end(&w->core);
	acd_destroy(w->acd);
	core_finish(&w->core);
	buf_free(&w->log);
	buf_free(&w->all);
}

static void turn_end(struct world *w)
{
	buf_put(&w->all, core_turn_end(&w->core).bytes);
}

void world_deliver(struct world *w)
{
	core_deliver(&w->core);
}

void world_hush(struct world *w)
{
	world_deliver(w);
	w->log.n = 0;
}

void world_pass(struct world *w, int64_t ms)
{
	int64_t end_ms = w->core.now_ms + ms;
	for (;;) {
		turn_end(w);
		int64_t next_ms = core_next_timer(&w->core);
		if (next_ms > end_ms)
			break;
		next_ms = MAX(next_ms, w->core.now_ms);
		core_turn_begin(&w->core, next_ms, UTC_MS + next_ms);
	}
	core_turn_begin(&w->core, end_ms, UTC_MS + end_ms);
}

static void collect(void *arg, struct str bytes)
{
	buf_put(arg, bytes);
}

void world_restart(struct world *w)
{
	turn_end(w);
	struct config *all[4096];
	uint32_t count = 0;
	for (enum object_kind k = KIND_tenant; k < KIND_COUNT; k++) {
		const struct object *o;
		for (uint32_t at = 0; (o = objects_next(w->core.objects, k, &at)) != NULL;) {
			all[count] = xcalloc(1, sizeof **all);
			*all[count] = *o->config;
			/* names of the table, not of the old core's memory */
			all[count]->arena = (struct arena){0};
			arena_init(&all[count++]->arena);
		}
	}
	int64_t now_ms = w->core.now_ms;
	acd_destroy(w->acd);
	core_finish(&w->core);
	life_begin(w, now_ms);
	while (count) { /* another order than before: other slots */
		struct id id;
		CHECK(objects_put(w->core.objects, all[--count], 1, &id) == ERR_OK);
	}
	w->tenant = ID_AS(tenant_id,
			  objects_find(w->core.objects, KIND_tenant, STR("acme"), STR("acme"))->id);
	core_load_batch(&w->core, buf_str(&w->all), UINT32_MAX);
	EXPECT(core_loaded(&w->core) == 0);
	w->all.n = 0;
	core_save_all(&w->core, collect, &w->all);
}

/* -- objects -- */

void world_object(struct world *w, const struct config *c)
{
	struct config *copy = xcalloc(1, sizeof *copy);
	struct id id;
	*copy = *c;
	arena_init(&copy->arena);
	CHECK(objects_put(w->core.objects, copy, 1, &id) == ERR_OK);
	EMIT(&w->core, object_moved, .kind = c->kind, .slot = id.slot, .age = id.age);
	world_deliver(w);
}

void world_queue(struct world *w, const char *name, struct queue_config conf)
{
	world_object(w, &(struct config){.kind = KIND_queue,
					 .tenant = STR("acme"),
					 .id = str_of(name),
					 .queue = conf});
}

void world_user(struct world *w, const char *name, struct user_config conf)
{
	world_object(w, &(struct config){.kind = KIND_user,
					 .tenant = STR("acme"),
					 .id = str_of(name),
					 .user = conf});
}

void world_drop(struct world *w, enum object_kind kind, const char *name)
{
	struct id id = objects_drop(w->core.objects, kind, STR("acme"), str_of(name));
	EMIT(&w->core, object_moved, .kind = kind, .slot = id.slot, .age = id.age);
	world_deliver(w);
}

struct queue_config plain_queue(void)
{
	return (struct queue_config){.strategy = STRATEGY_longest_idle,
				     .ring_ms = 15000,
				     .misses_max = 1,
				     .no_answer_delay_ms = 30000,
				     .reject_delay_ms = 30000,
				     .busy_delay_ms = 10000,
				     .unreachable_delay_ms = 10000,
				     .ageing = 1,
				     .no_agents_grace_ms = 60000};
}

struct user_config plain_user(const struct str *queues, uint32_t count)
{
	return (struct user_config){.roles = BIT(ROLE_AGENT),
				    .phone = PHONE_number,
				    .capacity_voice = 100,
				    .queues = queues,
				    .queue_count = count};
}

void world_agent(struct world *w, const char *name, const char *queue)
{
	static struct str names[512];
	static uint32_t used;
	struct str *one = &names[used++ % COUNT_OF(names)];
	*one = str_of(queue);
	world_user(w, name, plain_user(one, 1));
	EXPECT(presence(w, name, PRESENCE_ready, "") == ERR_OK);
}

struct agent_id agent_id(struct world *w, const char *name)
{
	const struct object *o =
		objects_find(w->core.objects, KIND_user, STR("acme"), str_of(name));
	return o ? ID_AS(agent_id, o->id) : (struct agent_id){0};
}

struct queue_id queue_id(struct world *w, const char *name)
{
	const struct object *o =
		objects_find(w->core.objects, KIND_queue, STR("acme"), str_of(name));
	return o ? ID_AS(queue_id, o->id) : (struct queue_id){0};
}

/* -- what people do -- */

uint32_t arrive(struct world *w)
{
	CHECK(w->contact_count + 1 < WORLD_CONTACTS_MAX);
	uint32_t c = ++w->contact_count;
	CHECK(contact_create(&w->core, &(struct contact_options){.tenant = w->tenant},
			     &w->contacts[c]) == ERR_OK);
	return c;
}

uint32_t arrive_from(struct world *w, const char *number)
{
	uint32_t c = ++w->contact_count;
	CHECK(c < WORLD_CONTACTS_MAX);
	CHECK(contact_create(&w->core,
			     &(struct contact_options){.tenant = w->tenant, .from = str_of(number)},
			     &w->contacts[c]) == ERR_OK);
	return c;
}

enum err join_with(struct world *w, uint32_t c, const char *queue, uint32_t priority,
		   uint32_t exits)
{
	return SEND(&w->core, queue_join, .contact = w->contacts[c], .queue = queue_id(w, queue),
		    .priority_min = priority, .exits = exits);
}

uint32_t call(struct world *w, const char *queue)
{
	uint32_t c = arrive(w);
	EXPECT(join_with(w, c, queue, 0,
			 BIT(EXIT_full) | BIT(EXIT_timeout) | BIT(EXIT_no_agents)) == ERR_OK);
	return c;
}

enum err take_callback(struct world *w, uint32_t c, const char *queue, const char *number)
{
	return SEND(&w->core, callback_take, .contact = w->contacts[c], .queue = queue_id(w, queue),
		    .number = str_of(number));
}

enum err ring_agent(struct world *w, uint32_t c, const char *agent)
{
	return SEND(&w->core, agent_ring, .contact = w->contacts[c], .agent = agent_id(w, agent),
		    .ring_ms = 20000);
}

enum err presence(struct world *w, const char *agent, enum presence p, const char *reason)
{
	return SEND(&w->core, presence_set, .agent = agent_id(w, agent), .presence = p,
		    .reason = str_of(reason), .by = str_of(agent));
}

enum err accept_offer(struct world *w, uint32_t c, const char *agent)
{
	return SEND(&w->core, offer_accept, .contact = w->contacts[c], .agent = agent_id(w, agent));
}

enum err fail_offer(struct world *w, uint32_t c, const char *agent, enum offer_result result)
{
	return SEND(&w->core, offer_fail, .contact = w->contacts[c], .agent = agent_id(w, agent),
		    .result = result);
}

enum err agent_hangs_up(struct world *w, uint32_t c, const char *agent)
{
	return SEND(&w->core, talk_end, .contact = w->contacts[c], .agent = agent_id(w, agent),
		    .by = PARTY_agent);
}

void ends(struct world *w, uint32_t c, enum party by)
{
	EMIT(&w->core, disconnect, .contact = w->contacts[c], .by = by);
	world_deliver(w);
}

void customer_hangs_up(struct world *w, uint32_t c)
{
	ends(w, c, PARTY_customer);
}

enum err wrap(struct world *w, uint32_t c, const char *agent, const char *outcome, const char *note)
{
	return SEND(&w->core, wrap_set, .contact = w->contacts[c], .agent = agent_id(w, agent),
		    .outcome = str_of(outcome), .note = str_of(note), .by = str_of(agent));
}

enum work work_of(struct world *w, const char *agent)
{
	struct acd_agent a = {.work = WORK_preview};
	EXPECT(acd_agent_get(w->acd, agent_id(w, agent), &a) == ERR_OK);
	return a.work;
}

enum presence presence_of(struct world *w, const char *agent)
{
	struct acd_agent a = {.presence = PRESENCE_outbound_only};
	EXPECT(acd_agent_get(w->acd, agent_id(w, agent), &a) == ERR_OK);
	return a.presence;
}
