/* sim.c - see sim.h. sim [SEED [CONTACTS [CHECK_EVERY [PLACES]]]]; sim pace. */
#include "tests/sim/sim.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/batch.h"
#include "tests/sim/pace.h"

#define UTC_MS 1700000000000
#define S 1000

static struct pool *plans;
static uint64_t check_every;

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
	fprintf(stderr, "sim: again with: make sim SEED=%llu CONTACTS=%u EVERY=%llu PLACES=%u\n",
		(unsigned long long)s->seed, s->arrivals_max, (unsigned long long)check_every,
		s->places);
	abort();
}

/* -- plans -- */

static void act(struct timer *t, int64_t now_ms);

struct plan *plan(struct sim *s, enum plan_kind kind, int64_t after_ms)
{
	struct id unused;
	struct plan *p = pool_take(plans, &unused);
	LAW(s, p != NULL && s->fresh_count < FRESH);
	s->fresh[s->fresh_count++] = p;
	p->s = s;
	p->kind = kind;
	timer_start(&s->plans, &p->timer, s->core.now_ms + after_ms, act, p);
	return p;
}

void plan_for(struct sim *s, enum plan_kind kind, int64_t after_ms, struct contact_id c)
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

/* A declared flow leads him; he may hang up anywhere in it. */
static void led(struct sim *s, struct contact_id id, struct flow_id flow)
{
	s->contacts[id.slot].in_flow = true;
	s->led++;
	plan_for(s, PLAN_LOSE_PATIENCE, dice(s, 4) ? 900 * S : dice(s, 40 * S), id);
	enum err e = SEND(&s->core, flow_start, .contact = id, .flow = flow);
	LAW(s, e == ERR_OK || (e == ERR_FULL && s->places));
	if (e != ERR_OK)
		hang_up(s, id, PARTY_system);
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
	if (dice(s, 2)) /* gone: as if no number led to it */
		o.flow = flow_at(s, t, dice(s, FLOWS));
	if (contact_create(&s->core, &o, &id) != ERR_OK)
		return; /* all lines busy */
	s->contacts[id.slot] =
		(struct told_contact){.alive = true, .id = id, .tenant = t, .caller = caller};
	s->high = MAX(s->high, id.slot);
	s->arrived++;
	s->alive++;
	if (ID_NONE(o.flow))
		plan_for(s, PLAN_JOIN, dice(s, 5 * S), id);
	else
		led(s, id, o.flow);
}

static void join(struct sim *s, struct contact_id id)
{
	struct told_contact *k = living(s, id);
	if (!k || k->state != TOLD_FLOW || k->talkers || k->parked)
		return;
	static const struct skill_term good = {TERM_COMPARE, {"s", 1}, CMP_GE, 6},
				       poor = {TERM_COMPARE, {"s", 1}, CMP_LT, 3};
	static const struct skill_step steps[] = {{0, {"s >= 6", 6}, &good, 1},
						  {15 * S, {"s < 3", 5}, &poor, 1}};
	uint32_t q = dice(s, QUEUES);
	k->own_steps = dice(s, 4) == 0;
	enum err e = SEND(&s->core, queue_join, .contact = id, .queue = queue_at(s, k->tenant, q),
			  .priority_min = dice(s, 4) ? 0 : dice(s, 5), .exits = dice(s, 32),
			  .own_steps = k->own_steps, .steps = steps, .step_count = dice(s, 3));
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

/* One of those who have it; AGENTS: nobody. */
static uint32_t some_talker(struct sim *s, const struct told_contact *k)
{
	uint32_t from = dice(s, AGENTS);
	for (uint32_t i = 0; i < AGENTS; i++)
		if (k->talkers & BIT((from + i) % AGENTS))
			return (from + i) % AGENTS;
	return AGENTS;
}

static void talk_ends(struct sim *s, struct contact_id id)
{
	struct told_contact *k = living(s, id);
	uint32_t i = k ? some_talker(s, k) : AGENTS;
	if (i == AGENTS)
		return;
	struct agent_id a = agent_at(s, k->tenant, i);
	if (dice(s, 2) || ID_NONE(a))
		hang_up(s, id, dice(s, 8) ? PARTY_customer : PARTY_system);
	else if (SEND(&s->core, call_left, .contact = id, .agent = a, .lost = dice(s, 6) == 0) !=
		 ERR_OK)
		hang_up(s, id, PARTY_customer); /* his user was declared anew meanwhile */
}

static void hold(struct sim *s, struct contact_id id)
{
	struct told_contact *k = living(s, id);
	if (!k || !k->talkers)
		return;
	enum err e = SEND(&s->core, hold_set, .contact = id, .by = PARTY_customer,
			  .on = dice(s, 2) != 0);
	LAW(s, e == ERR_OK || e == ERR_CONFLICT);
}

static struct str object_name(char room[8], char kind, uint32_t n)
{
	struct buf b = buf_make(room, 8);
	buf_ch(&b, kind);
	buf_u64(&b, n);
	return buf_str(&b);
}

/* Somebody does anything to it, possible or not; who picks up is ready, as others who are rung. */
static void call_does(struct sim *s, struct contact_id id)
{
	static const enum call_verb verbs[] = {
		CALL_transfer, CALL_transfer, CALL_consult,    CALL_consult, CALL_consult,
		CALL_swap,     CALL_complete, CALL_complete,   CALL_cancel,  CALL_conference,
		CALL_hold,     CALL_resume,   CALL_conference, CALL_mute,    CALL_unmute,
		CALL_leave,    CALL_park,     CALL_move,       CALL_move,    CALL_record_pause};
	struct told_contact *k = living(s, id);
	char room[8];
	if (!k)
		return;
	uint32_t i = some_talker(s, k), other = dice(s, AGENTS);
	enum call_verb verb = k->parked && dice(s, 2) ? CALL_pick_up : verbs[dice(s, 20)];
	const struct told_agent *o = &s->agents[k->tenant][other];
	if (verb == CALL_pick_up) {
		i = other;
		if (o->presence != PRESENCE_ready || o->work != WORK_idle ||
		    o->skip_until_ms > s->core.now_ms)
			return;
	}
	enum target target = dice(s, 2) ? TARGET_agent : TARGET_queue;
	if (verb == CALL_conference && dice(s, 2))
		target = TARGET_none;
	struct str name = target == TARGET_agent   ? object_name(room, 'a', other)
			  : target == TARGET_queue ? object_name(room, 'q', dice(s, QUEUES))
						   : STR_NONE;
	enum err e = SEND(&s->core, call_do, .contact = id,
			  .agent = i < AGENTS ? agent_at(s, k->tenant, i) : (struct agent_id){0},
			  .verb = verb, .target = target, .name = name, .by = STR("sim"));
	LAW(s, e != ERR_UNSUPPORTED);
	s->verbs += e == ERR_OK;
	if (k->talkers || k->parked)
		plan_for(s, PLAN_CALL, dice(s, 40 * S), id);
}

/* The outcome of a talk or a wrap-up; wrong ones too. */
static void wrap(struct sim *s, const struct plan *p)
{
	if (p->agent >= AGENTS)
		return; /* his user was deleted, and his name went with the process */
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
		if (dice(s, 3) == 0)
			plan_for(s, PLAN_CALL, dice(s, 60 * S), ev->answer.contact);
		if (dice(s, 4) == 0)
			plan_for(s, PLAN_HOLD, dice(s, 60 * S), ev->answer.contact);
		if (dice(s, 4) == 0)
			plan_for(s, PLAN_HOLD, dice(s, 60 * S), ev->answer.contact);
		struct plan *p = plan(s, PLAN_WRAP, dice(s, 130 * S));
		p->agent = (uint32_t)place_of(s, ID(ev->answer.agent), &p->tenant);
		p->contact = ev->answer.contact;
		break;
	}
	case EV_enqueue:
		if (dice(s, 8) == 0) /* a supervisor moves it */
			plan_for(s, PLAN_CALL, dice(s, 30 * S), ev->enqueue.contact);
		if (s->contacts[ev->enqueue.contact.slot].in_flow && dice(s, 3))
			plan_for(s, PLAN_LOSE_PATIENCE, dice(s, 150 * S), ev->enqueue.contact);
		break;
	case EV_dequeue:
		if (ev->dequeue.reason == RESULT_answered ||
		    ev->dequeue.reason == RESULT_transferred ||
		    s->contacts[ev->dequeue.contact.slot].in_flow)
			break;
		plan_for(s, dice(s, 2) ? PLAN_JOIN : PLAN_HANG_UP, dice(s, S), ev->dequeue.contact);
		plan_for(s, PLAN_HANG_UP, 300 * S, ev->dequeue.contact);
		break;
	case EV_agent_end:
		if (s->contacts[ev->agent_end.contact.slot].in_flow || ev->agent_end.goes_on)
			break;
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
	s->flow = flow_create_limited(&s->core, CONTACTS);
	s->call = call_room_create(&s->core, CONTACTS);
	lines_begin(s);
	s->ear = (struct room){.name = "ear", .event = ear_event};
	core_add_room(&s->core, &s->ear);
	declare_all(s, s->life++);
	core_turn_begin(&s->core, now_ms, UTC_MS + now_ms);
}

static void life_end(struct sim *s)
{
	acd_destroy(s->acd);
	flow_destroy(s->flow);
	call_room_destroy(s->call);
	core_finish(&s->core);
}

static void collect(void *arg, struct str bytes)
{
	buf_put(arg, bytes);
}

/* The batch is stored: it may be told, and will be known to the next life. */
static void turn_stored(struct sim *s)
{
	struct str batch = core_turn_end(&s->core).bytes;
	buf_put(&s->images, batch);
	books_batch(s, batch);
	s->fresh_count = 0;
}

/* The process dies; the next one knows what was stored and nothing else. */
static void crash(struct sim *s)
{
	int64_t now_ms = s->core.now_ms;
	s->restarts++;
	memset(s->served, 0, sizeof s->served);
	for (uint32_t t = 0; t < TENANTS; t++)
		for (uint32_t i = 0; i < AGENTS; i++)
			if (!s->agent_specs[t][i].there)
				s->agents[t][i] = (struct told_agent){.work = WORK_idle};
	life_end(s);
	life_begin(s, now_ms);
	core_seq_set(&s->core, s->books.seq);
	core_load_batch(&s->core, buf_str(&s->images), UINT32_MAX);
	LAW(s, core_loaded(&s->core) == 0);
	core_deliver(&s->core);
	turn_stored(s);
	s->images.n = 0;
	core_save_all(&s->core, collect, &s->images);
}

/* What is forgotten with a turn: see sim.h. */
#define FORGET_AT offsetof(struct sim, queue_specs)
#define FORGET_BYTES (offsetof(struct sim, images) - FORGET_AT)

/* A turn whose batch is not stored, whole or torn, never was: nothing it said has left. What began
 * it comes again, as a datagram that nobody has answered. */
static void unsaid(struct sim *s, const char *before)
{
	for (uint32_t i = 0; i < s->fresh_count; i++) {
		timer_stop(&s->plans, &s->fresh[i]->timer);
		pool_give(plans, s->fresh[i]);
	}
	s->fresh_count = 0;
	memcpy((char *)s + FORGET_AT, before, FORGET_BYTES);
	s->torn++;
	s->doomed = dice(s, 4) == 0; /* and sometimes once more */
	struct plan ran = s->ran;
	crash(s);
	if (ran.kind == PLAN_NONE)
		return;
	struct plan *p = plan(s, ran.kind, 500);
	p->tenant = ran.tenant;
	p->agent = ran.agent;
	p->token = ran.token;
	p->contact = ran.contact;
	s->fresh_count = 0;
}

static void act(struct timer *t, int64_t now_ms)
{
	struct plan *slot = t->arg, p = *slot;
	struct sim *s = p.s;
	(void)now_ms;
	pool_give(plans, slot);
	s->ran = p;
	switch (p.kind) {
	case PLAN_NONE:
		break;
	case PLAN_ARRIVE:
		someone_calls(s);
		break;
	case PLAN_JOIN:
		join(s, p.contact);
		break;
	case PLAN_HANG_UP:
		if (living(s, p.contact) && s->contacts[p.contact.slot].state == TOLD_FLOW &&
		    !s->contacts[p.contact.slot].talkers)
			hang_up(s, p.contact, PARTY_system);
		break;
	case PLAN_LOSE_PATIENCE:
		hang_up(s, p.contact, PARTY_customer);
		break;
	case PLAN_PLAYED:
		lines_played(s, &p);
		break;
	case PLAN_DIGIT:
		lines_digit(s, &p);
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
	case PLAN_CALL:
		call_does(s, p.contact);
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
		s->dies = true;
		again(&p, 1200 * S);
		break;
	}
}

static void step(struct sim *s)
{
	static char before[FORGET_BYTES];
	int64_t at_ms = MIN(timers_next(&s->plans), core_next_timer(&s->core));
	at_ms = MAX(at_ms, s->core.now_ms);
	bool doomed = s->doomed;
	s->doomed = false;
	s->ran = (struct plan){0};
	if (doomed)
		memcpy(before, (char *)s + FORGET_AT, FORGET_BYTES);
	core_turn_begin(&s->core, at_ms, UTC_MS + at_ms);
	timers_run(&s->plans, at_ms, 1);
	if (doomed) {
		(void)core_turn_end(&s->core); /* everything happens, and nobody hears of it */
		unsaid(s, before);
	} else {
		turn_stored(s);
	}
	s->step++;
	if (s->dies) { /* between two turns, or in the middle of the next */
		s->dies = false;
		s->doomed = dice(s, 2) == 0;
		if (!s->doomed)
			crash(s);
	}
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
	core_dump(&s->core, STR("flows"), &out);
	core_dump(&s->core, STR("talks"), &out);
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

static void run(struct sim *s)
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
	books_close(s);
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
	printf("sim seed=%llu contacts=%u led=%u steps=%llu hours=%lld offered=%llu answered=%llu "
	       "abandoned=%llu flow_out=%llu callback=%llu rejected=%llu failed=%llu offers=%u "
	       "together=%u "
	       "kept=%u "
	       "missed=%u resumed=%u "
	       "verbs=%u handed=%u lost=%u "
	       "restarts=%u torn=%u changes=%u: all laws hold\n",
	       (unsigned long long)s->seed, s->arrived, s->led, (unsigned long long)s->step,
	       (long long)(s->core.now_ms / 3600000), (unsigned long long)offered,
	       (unsigned long long)sum[RESULT_answered], (unsigned long long)sum[RESULT_abandoned],
	       (unsigned long long)sum[RESULT_flow_out], (unsigned long long)sum[RESULT_callback],
	       (unsigned long long)sum[RESULT_rejected], (unsigned long long)sum[RESULT_failed],
	       s->offers, s->together, s->kept, s->missed, s->resumed, s->verbs, s->handed, s->lost,
	       s->restarts, s->torn, s->changes);
}

int main(int argc, char **argv)
{
	if (argc > 1 && str_is(str_of(argv[1]), "pace"))
		return pace();
	static struct sim s;
	s.seed = number(argc > 1 ? argv[1] : NULL, 1);
	s.dice = s.seed * 0x9e3779b97f4a7c15u + 1;
	s.arrivals_max = (uint32_t)number(argc > 2 ? argv[2] : NULL, 3000);
	s.places = (uint32_t)number(argc > 4 ? argv[4] : NULL, 0);
	check_every = MAX(1, number(argc > 3 ? argv[3] : NULL, 1));
	plans = pool_create("plans", sizeof(struct plan), 200000);
	timers_init(&s.plans);
	s.images = buf_grow(1 << 20);
	invent_world(&s);
	books_begin(&s);
	life_begin(&s, 1000000);
	LAW(&s, core_loaded(&s.core) == 0);
	turn_stored(&s);
	plan_world(&s);
	run(&s);
	report(&s);
	core_turn_begin(&s.core, s.core.now_ms, UTC_MS);
	life_end(&s);
	books_finish(&s);
	timers_finish(&s.plans);
	pool_destroy(plans);
	buf_free(&s.images);
	return 0;
}
