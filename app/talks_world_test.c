/* talks_world_test.c - see talks_world_test.h. */
#include "app/talks_world_test.h"
#include "app/sign_out.h"

#include "core/batch.h"
#include "tests/test.h"

#define UTC_MS 1700000000000

static uint32_t contact_no(const struct calls *w, struct contact_id id)
{
	for (uint32_t c = 1; c <= w->contact_count; c++)
		if (ID_EQ(w->contacts[c], id))
			return c;
	return 0;
}

static struct str name_of(struct calls *w, struct id id)
{
	const struct object *o = objects_who(w->core.objects, id);
	return o ? o->name : STR("-");
}

/* -- the invented voice -- */

static uint32_t callee_no(const struct calls *w, uint32_t callee)
{
	uint32_t n = w->callee_count;
	while (n && w->callees[n] != callee)
		n--;
	return n;
}

static void put_seat_name(struct calls *w, const struct seat *s, struct buf *out)
{
	if (s->party == PARTY_customer)
		buf_c(out, "customer");
	else if (s->party == PARTY_callee)
		buf_fmt(out, "number%u", callee_no(w, s->callee));
	else
		buf_put(out, name_of(w, ID(s->agent)));
}

/* "customer L: anna; anna R: customer"; who hears nobody: ~music */
static void seats_said(struct calls *w, const struct command_seats_set *cmd)
{
	char *room = w->seats[contact_no(w, cmd->contact)];
	struct buf out = buf_make(room, sizeof w->seats[0] - 1);
	for (uint32_t i = 0; i < cmd->count; i++) {
		const struct seat *s = &cmd->seats[i];
		buf_c(&out, i ? "; " : "");
		put_seat_name(w, s, &out);
		buf_fmt(&out, "%s:",
			s->track == TRACK_left	  ? " L"
			: s->track == TRACK_right ? " R"
						  : "");
		for (uint32_t n = 0; n < cmd->count; n++)
			if (s->hears & BIT(n)) {
				buf_ch(&out, ' ');
				put_seat_name(w, &cmd->seats[n], &out);
			}
		if (!s->hears)
			buf_fmt(&out, " ~" STR_FMT, STR_ARG(seat_sound_word(s->sound)));
	}
	room[out.n] = 0;
}

static enum err voice_dials(struct calls *w, const struct command_dial_out *cmd)
{
	if (str_is(cmd->number, "+48900"))
		return ERR_FORBIDDEN;
	CHECK(w->callee_count + 1 < CALLS_MAX);
	w->callees[++w->callee_count] = cmd->callee;
	EMIT(&w->core, dial, .contact = cmd->contact, .number = cmd->number, .callee = cmd->callee);
	return ERR_OK;
}

static enum err voice_command(struct room *r, const struct command *cmd)
{
	struct calls *w = CONTAINER_OF(r, struct calls, voice);
	switch ((int)cmd->kind) {
	case CMD_seats_set:
		seats_said(w, &cmd->seats_set);
		return ERR_OK;
	case CMD_dial_out:
		return voice_dials(w, &cmd->dial_out);
	case CMD_dial_cancel:
		EMIT(&w->core, dial_end, .contact = cmd->dial_cancel.contact, .number = STR("+48"),
		     .result = DIAL_no_answer, .by = PARTY_system,
		     .callee = cmd->dial_cancel.callee);
		return ERR_OK;
	case CMD_hang_up:
		if (w->line_gone[contact_no(w, cmd->hang_up.contact)])
			return ERR_NOT_FOUND;
		w->line_gone[contact_no(w, cmd->hang_up.contact)] = true;
		EMIT(&w->core, disconnect, .contact = cmd->hang_up.contact, .by = cmd->hang_up.by,
		     .cause = cmd->hang_up.cause);
		return ERR_OK;
	case CMD_phone_ring:
		return str_is(name_of(w, ID(cmd->phone_ring.agent)), "dora") ? ERR_CONFLICT
									     : ERR_OK;
	case CMD_phone_drop:
		return ERR_OK;
	case CMD_recording_pause:
		return w->recorded ? ERR_OK : ERR_CONFLICT;
	default:
		return ERR_UNSUPPORTED;
	}
}

/* -- the ear -- */

#define SAY(...) (buf_c(&w->log, w->log.n ? "; " : ""), buf_fmt(&w->log, __VA_ARGS__))
#define A(field) STR_ARG(name_of(w, ID(ev->field.agent)))
#define C(field) contact_no(w, ev->field.contact)
#define T(s) STR_ARG(s)

static void hear_place(struct calls *w, const struct event *ev)
{
	switch ((int)ev->kind) {
	case EV_enqueue:
		SAY("enqueue c%u " STR_FMT "%s", C(enqueue), T(name_of(w, ID(ev->enqueue.queue))),
		    ID_NONE(ev->enqueue.consults) ? "" : " beside");
		break;
	case EV_dequeue:
		SAY("dequeue c%u " STR_FMT, C(dequeue), T(result_word(ev->dequeue.reason)));
		break;
	case EV_offer:
		SAY("offer c%u " STR_FMT, C(offer), A(offer));
		break;
	case EV_offer_end:
		if (ev->offer_end.result != OFFER_accepted)
			SAY("offer_end c%u " STR_FMT " " STR_FMT, C(offer_end), A(offer_end),
			    T(offer_result_word(ev->offer_end.result)));
		break;
	case EV_answer:
		SAY("answer c%u " STR_FMT, C(answer), A(answer));
		break;
	case EV_agent_end:
		SAY("agent_end c%u " STR_FMT " " STR_FMT "%s", C(agent_end), A(agent_end),
		    T(result_word(ev->agent_end.result)), ev->agent_end.goes_on ? " on" : "");
		break;
	case EV_disconnect:
		SAY("disconnect c%u " STR_FMT, C(disconnect), T(party_word(ev->disconnect.by)));
		break;
	case EV_alarm:
		SAY("alarm " STR_FMT, T(ev->alarm.name));
		break;
	default:
		break;
	}
}

static void hear_talk(struct calls *w, const struct event *ev)
{
	switch ((int)ev->kind) {
	case EV_hold_on:
	case EV_hold_off:
	case EV_conf_on:
	case EV_conf_off:
		SAY(STR_FMT " " STR_FMT, T(event_name(ev->kind)), A(hold_on));
		break;
	case EV_consult_start:
		SAY("consult_start " STR_FMT " " STR_FMT, A(consult_start),
		    T(ev->consult_start.name));
		break;
	case EV_consult_end:
		SAY("consult_end %s", ev->consult_end.ok ? "ok" : "off");
		break;
	case EV_transfer:
		SAY("transfer " STR_FMT " " STR_FMT, A(transfer), T(ev->transfer.name));
		break;
	case EV_transfer_back:
		SAY("back " STR_FMT, T(ev->transfer_back.name));
		break;
	case EV_park:
		SAY("park " STR_FMT " %u", A(park), ev->park.slot);
		break;
	case EV_park_end:
		SAY("park_end " STR_FMT, A(park_end));
		break;
	case EV_mute_on:
	case EV_mute_off:
		SAY(STR_FMT " " STR_FMT " " STR_FMT, T(event_name(ev->kind)),
		    T(party_word(ev->mute_on.party)), T(ev->mute_on.name));
		break;
	case EV_monitor_start:
	case EV_monitor_end:
		SAY(STR_FMT " " STR_FMT " " STR_FMT, T(event_name(ev->kind)), A(monitor_start),
		    T(monitor_mode_word(ev->monitor_start.mode)));
		break;
	case EV_record_pause:
	case EV_record_resume:
		SAY(STR_FMT " " STR_FMT, T(event_name(ev->kind)), A(record_pause));
		break;
	default:
		break;
	}
}

static void ear_event(struct room *r, const struct event *ev)
{
	struct calls *w = CONTAINER_OF(r, struct calls, ear);
	hear_place(w, ev);
	hear_talk(w, ev);
}

/* -- lives -- */

static void life_begin(struct calls *w, int64_t now_ms)
{
	core_init(&w->core, &(struct core_limits){.contacts = 256, .objects = 256}, 7 + w->life,
		  w->life);
	w->life++;
	w->acd = acd_create_limited(&w->core,
				    &(struct acd_limits){.contacts = 256, .exclusions = 256});
	core_add_room(&w->core, w->acd);
	w->flow = flow_create_limited(&w->core, 256);
	w->call = call_room_create(&w->core, 256);
	w->voice = (struct room){.name = "voice", .command = voice_command};
	core_add_room(&w->core, &w->voice);
	w->ear = (struct room){.name = "ear", .event = ear_event};
	core_add_room(&w->core, &w->ear);
	core_turn_begin(&w->core, now_ms, UTC_MS + now_ms);
}

static void life_end(struct calls *w)
{
	call_room_destroy(w->call);
	flow_destroy(w->flow);
	acd_destroy(w->acd);
	core_finish(&w->core);
}

static void put(struct calls *w, const struct config *c)
{
	struct config *copy = xcalloc(1, sizeof *copy);
	struct id id;
	*copy = *c;
	copy->tenant = STR("acme");
	arena_init(&copy->arena);
	CHECK(objects_put(w->core.objects, copy, 1, &id) == ERR_OK);
	EMIT(&w->core, object_moved, .kind = c->kind, .slot = id.slot, .age = id.age);
	core_deliver(&w->core);
}

static void put_user(struct calls *w, const char *name, uint32_t roles, const char *queue,
		     const char *other)
{
	static struct str names[64];
	static uint32_t used;
	struct str *q = &names[used % 64];
	used += 2;
	q[0] = str_of(queue);
	q[1] = str_of(other);
	put(w, &(struct config){.kind = KIND_user,
				.id = str_of(name),
				.user = {.roles = roles,
					 .phone = PHONE_number,
					 .capacity_voice = 100,
					 .queues = q,
					 .queue_count = (queue != NULL) + (other != NULL)}});
}

static void declare(struct calls *w)
{
	static const char *const queues[] = {"help", "sales"};
	static struct flow_node nodes[2];
	put(w, &(struct config){.kind = KIND_tenant, .id = STR("acme")});
	w->tenant = ID_AS(tenant_id,
			  objects_find(w->core.objects, KIND_tenant, STR("acme"), STR("acme"))->id);
	for (size_t i = 0; i < COUNT_OF(queues); i++) {
		put(w, &(struct config){.kind = KIND_queue,
					.id = str_of(queues[i]),
					.queue = {.strategy = STRATEGY_longest_idle,
						  .ring_ms = 15000,
						  .wrap_ms = 30000,
						  .misses_max = 1,
						  .no_answer_delay_ms = 30000,
						  .reject_delay_ms = 30000,
						  .ageing = 1,
						  .no_agents_grace_ms = 60000}});
		nodes[i] = (struct flow_node){.name = STR("q"),
					      .kind = NODE_QUEUE,
					      .next = NODE_NOWHERE,
					      .queue = str_of(queues[i])};
		put(w, &(struct config){.kind = KIND_flow,
					.id = str_of(queues[i]),
					.flow = {.nodes = &nodes[i], .node_count = 1}});
	}
	put_user(w, "fred", BIT(ROLE_AGENT) | BIT(ROLE_SUPERVISOR), NULL, NULL);
	put_user(w, "eva", BIT(ROLE_SUPERVISOR), NULL, NULL);
	put_user(w, "dora", BIT(ROLE_AGENT), NULL, NULL);
	put_user(w, "clara", BIT(ROLE_AGENT), "sales", "help");
	put_user(w, "boris", BIT(ROLE_AGENT), "help", NULL);
	put_user(w, "anna", BIT(ROLE_AGENT), "sales", NULL);
}

void calls_begin(struct calls *w, bool restless)
{
	*w = (struct calls){.restless = restless, .recorded = true};
	w->log = buf_grow(4096);
	w->all = buf_grow(4096);
	life_begin(w, 1000000);
	declare(w);
	calls_ready(w, "anna", true);
	calls_ready(w, "boris", true);
	hush(w);
}

void calls_end(struct calls *w)
{
	core_turn_end(&w->core);
	life_end(w);
	for (uint32_t c = 1; c <= w->contact_count; c++)
		record_finish(&w->records[c]);
	buf_free(&w->log);
	buf_free(&w->all);
}

static void turn_end(struct calls *w)
{
	struct str batch = core_turn_end(&w->core).bytes, rest = batch;
	struct batch_item item;
	buf_put(&w->all, batch);
	while (batch_next(&rest, &item) == ERR_OK) {
		struct fact f;
		if (item.type != BATCH_FACT || fact_decode(item.fact, &f) != ERR_OK)
			continue;
		for (uint32_t c = 1; c <= w->contact_count; c++) {
			const struct contact *k = contact_get(&w->core, w->contacts[c]);
			struct uuid id = k ? k->uuid : w->records[c].id;
			if (uuid_eq(id, f.contact) && f.kind != EV_agent_work)
				record_apply(&w->records[c], &f);
		}
	}
}

static void turn(struct calls *w)
{
	turn_end(w);
	core_turn_begin(&w->core, w->core.now_ms, w->core.utc_ms);
}

void calls_pass(struct calls *w, int64_t ms)
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

void calls_restart(struct calls *w)
{
	turn_end(w);
	int64_t now_ms = w->core.now_ms;
	uint64_t seq = core_seq(&w->core);
	life_end(w);
	life_begin(w, now_ms);
	core_seq_set(&w->core, seq);
	declare(w);
	core_load_batch(&w->core, buf_str(&w->all), UINT32_MAX);
	EXPECT(core_loaded(&w->core) == 0);
	core_deliver(&w->core);
	w->all.n = 0;
	core_save_all(&w->core, collect, &w->all);
	EXPECT(lawful(w));
}

static void step(struct calls *w)
{
	if (w->restless)
		calls_restart(w);
	else
		turn(w);
}

void hush(struct calls *w)
{
	core_deliver(&w->core);
	w->log.n = 0;
}

/* -- who is there -- */

struct agent_id who(struct calls *w, const char *user)
{
	const struct object *o =
		objects_find(w->core.objects, KIND_user, STR("acme"), str_of(user));
	return o ? ID_AS(agent_id, o->id) : (struct agent_id){0};
}

struct queue_id which(struct calls *w, const char *queue)
{
	const struct object *o =
		objects_find(w->core.objects, KIND_queue, STR("acme"), str_of(queue));
	return o ? ID_AS(queue_id, o->id) : (struct queue_id){0};
}

enum work work_of_agent(struct calls *w, const char *agent)
{
	struct acd_agent a;
	CHECK(acd_agent_get(w->acd, who(w, agent), &a) == ERR_OK);
	return a.work;
}

enum contact_state state_of(struct calls *w, uint32_t c)
{
	turn(w);
	return record_state(&w->records[c]);
}

struct str segments_of(struct calls *w, uint32_t c)
{
	static char room[1024];
	struct buf out = buf_make(room, sizeof room);
	turn(w);
	const struct record *r = &w->records[c];
	for (uint32_t i = 0; i < r->segment_count; i++) {
		const struct record_segment *s = &r->segments[i];
		if (s->kind == SEGMENT_FLOW)
			continue;
		buf_fmt(&out, "%s%s %s " STR_FMT, out.n ? ", " : "",
			s->kind == SEGMENT_QUEUE ? "queue" : "agent",
			s->kind == SEGMENT_QUEUE ? s->queue : s->agent,
			STR_ARG(s->result == RESULT_none ? STR("open") : result_word(s->result)));
	}
	return buf_str(&out);
}

bool lawful(struct calls *w)
{
	char room[512];
	struct buf out = buf_make(room, sizeof room);
	bool fine =
		acd_self_check(w->acd, &out) == ERR_OK && call_self_check(w->call, &out) == ERR_OK;
	if (!fine)
		test_say(buf_str(&out));
	return fine;
}

/* -- what people do -- */

void calls_ready(struct calls *w, const char *agent, bool yes)
{
	EXPECT(SEND(&w->core, presence_set, .agent = who(w, agent),
		    .presence = yes ? PRESENCE_ready : PRESENCE_signed_out,
		    .by = STR("test")) == ERR_OK);
}

uint32_t calls_in(struct calls *w, const char *queue)
{
	uint32_t c = ++w->contact_count;
	CHECK(c < CALLS_MAX);
	const struct object *flow =
		objects_find(w->core.objects, KIND_flow, STR("acme"), str_of(queue));
	CHECK(contact_create(&w->core,
			     &(struct contact_options){.tenant = w->tenant,
						       .from = STR("+48500100100"),
						       .flow = ID_AS(flow_id, flow->id)},
			     &w->contacts[c]) == ERR_OK);
	record_init(&w->records[c]);
	CHECK(SEND(&w->core, flow_start, .contact = w->contacts[c],
		   .flow = ID_AS(flow_id, flow->id)) == ERR_OK);
	core_deliver(&w->core);
	turn(w);
	return c;
}

uint32_t calls_colleague(struct calls *w, const char *caller, const char *agent)
{
	uint32_t c = ++w->contact_count;
	CHECK(c < CALLS_MAX);
	CHECK(contact_create(&w->core,
			     &(struct contact_options){.tenant = w->tenant, .from = str_of(caller)},
			     &w->contacts[c]) == ERR_OK);
	record_init(&w->records[c]);
	EXPECT(SEND(&w->core, agent_dial, .contact = w->contacts[c], .agent = who(w, caller)) ==
	       ERR_OK);
	EXPECT(SEND(&w->core, agent_ring, .contact = w->contacts[c], .agent = who(w, agent),
		    .ring_ms = 30000, .anyway = true) == ERR_OK);
	core_deliver(&w->core);
	turn(w);
	EXPECT(answers(w, c, agent) == ERR_OK);
	calls_pass(w, 10000);
	hush(w);
	return c;
}

uint32_t calls_talk(struct calls *w, const char *queue, const char *agent)
{
	uint32_t c = calls_in(w, queue);
	EXPECT(answers(w, c, agent) == ERR_OK);
	calls_pass(w, 10000);
	hush(w);
	return c;
}

enum err answers(struct calls *w, uint32_t c, const char *agent)
{
	step(w);
	enum err e =
		SEND(&w->core, offer_accept, .contact = w->contacts[c], .agent = who(w, agent));
	core_deliver(&w->core);
	return e;
}

enum err declines(struct calls *w, uint32_t c, const char *agent, enum offer_result result)
{
	step(w);
	enum err e = SEND(&w->core, offer_fail, .contact = w->contacts[c], .agent = who(w, agent),
			  .result = result);
	core_deliver(&w->core);
	return e;
}

enum err does(struct calls *w, uint32_t c, const char *agent, enum call_verb verb, const char *to)
{
	struct str kind, name;
	enum target target = TARGET_none;
	step(w);
	w->why = "";
	if (str_cut(str_of(to), ':', &kind, &name))
		CHECK(target_from(kind, &target) == ERR_OK);
	else
		name = str_of(to);
	enum err e = SEND(&w->core, call_do, .contact = w->contacts[c], .agent = who(w, agent),
			  .verb = verb, .target = target, .name = name, .by = str_of(agent),
			  .why = &w->why);
	core_deliver(&w->core);
	return e;
}

enum err monitors(struct calls *w, uint32_t c, const char *user, enum monitor_mode mode)
{
	step(w);
	enum err e = SEND(&w->core, call_do, .contact = w->contacts[c], .agent = who(w, user),
			  .verb = CALL_monitor, .mode = mode, .by = str_of(user), .why = &w->why);
	core_deliver(&w->core);
	return e;
}

static enum err left(struct calls *w, uint32_t c, const char *agent, bool lost)
{
	step(w);
	enum err e = SEND(&w->core, call_left, .contact = w->contacts[c], .agent = who(w, agent),
			  .lost = lost);
	core_deliver(&w->core);
	return e;
}

enum err hangs_up(struct calls *w, uint32_t c, const char *agent)
{
	return left(w, c, agent, false);
}

enum err is_lost(struct calls *w, uint32_t c, const char *agent)
{
	return left(w, c, agent, true);
}

void is_sent_home(struct calls *w, const char *agent)
{
	step(w);
	EXPECT(SEND(&w->core, presence_set, .agent = who(w, agent), .presence = PRESENCE_signed_out,
		    .by = STR("eva"), .supervised = true) == ERR_OK);
	sign_out_now(&w->core, w->acd, who(w, agent), STR("eva"));
	core_deliver(&w->core);
}

void customer_goes(struct calls *w, uint32_t c)
{
	step(w);
	w->line_gone[c] = true;
	EMIT(&w->core, disconnect, .contact = w->contacts[c], .by = PARTY_customer);
	core_deliver(&w->core);
}

void number_answers(struct calls *w, uint32_t c, uint32_t callee)
{
	step(w);
	EMIT(&w->core, dial_answer, .contact = w->contacts[c], .number = STR("+48221"),
	     .callee = w->callees[callee]);
	core_deliver(&w->core);
}

void number_ends(struct calls *w, uint32_t c, uint32_t callee, enum dial_result result)
{
	step(w);
	EMIT(&w->core, dial_end, .contact = w->contacts[c], .number = STR("+48221"),
	     .result = result, .by = PARTY_callee, .callee = w->callees[callee]);
	core_deliver(&w->core);
}

void phone_comes(struct calls *w, uint32_t c, const char *user)
{
	step(w);
	EMIT(&w->core, phone_up, .contact = w->contacts[c], .agent = who(w, user));
	core_deliver(&w->core);
}

void phone_goes(struct calls *w, uint32_t c, const char *user)
{
	step(w);
	EMIT(&w->core, phone_over, .contact = w->contacts[c], .agent = who(w, user),
	     .result = OFFER_no_answer);
	core_deliver(&w->core);
}
