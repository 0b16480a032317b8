/* world_rooms_test.c - the other rooms of the invented world: fakes of acd and flow, and an ear. */
#include "channel/voice/world_inside_test.h"

/* -- the ear -- */

static const char *name_of(struct world *w, struct id id)
{
	static char name[80];
	const struct object *o = objects_who(w->core.objects, id);
	(void)str_copy(o ? o->name : STR("?"), name, sizeof name);
	return name;
}

#define SAY(...)                                                                                   \
	do {                                                                                       \
		if (w->log.n)                                                                      \
			buf_c(&w->log, "; ");                                                      \
		buf_fmt(&w->log, __VA_ARGS__);                                                     \
	} while (0)

static void ear_calls(struct world *w, const struct event *ev)
{
	switch ((int)ev->kind) {
	case EV_arrive:
		w->contact = ev->arrive.contact;
		SAY("arrive " STR_FMT " " STR_FMT, STR_ARG(ev->arrive.from),
		    STR_ARG(ev->arrive.to));
		break;
	case EV_disconnect:
		SAY("disconnect " STR_FMT " %u " STR_FMT, STR_ARG(party_word(ev->disconnect.by)),
		    ev->disconnect.sip_code, STR_ARG(ev->disconnect.cause));
		break;
	case EV_ended:
		SAY("ended");
		break;
	case EV_digit:
		SAY("digit %u", ev->digit.digit);
		break;
	case EV_play_done:
		SAY("play_done %u %s", ev->play_done.token, ev->play_done.ok ? "ok" : "failed");
		break;
	case EV_dial:
		SAY("dial %s " STR_FMT, name_of(w, ID(ev->dial.trunk)), STR_ARG(ev->dial.number));
		break;
	case EV_dial_answer:
		SAY("dial_answer %s", name_of(w, ID(ev->dial_answer.trunk)));
		break;
	case EV_dial_end:
		SAY("dial_end %s " STR_FMT " " STR_FMT " %u %lld",
		    name_of(w, ID(ev->dial_end.trunk)),
		    STR_ARG(dial_result_word(ev->dial_end.result)),
		    STR_ARG(party_word(ev->dial_end.by)), ev->dial_end.sip_code,
		    (long long)ev->dial_end.talk_ms);
		break;
	case EV_leg_end:
		SAY("leg_end " STR_FMT " " STR_FMT " %u", STR_ARG(party_word(ev->leg_end.party)),
		    STR_ARG(ev->leg_end.codec), ev->leg_end.received);
		break;
	case EV_dial_blocked:
		SAY("dial_blocked %s " STR_FMT " " STR_FMT,
		    ID_NONE(ev->dial_blocked.agent) ? "-" : name_of(w, ID(ev->dial_blocked.agent)),
		    STR_ARG(ev->dial_blocked.number), STR_ARG(ev->dial_blocked.cause));
		break;
	case EV_alarm:
		SAY("alarm " STR_FMT, STR_ARG(ev->alarm.name));
		break;
	case EV_blocked:
		w->blocked_facts++;
		w->blocked_calls += ev->blocked.count;
		SAY("blocked %s " STR_FMT " " STR_FMT " " STR_FMT " %u",
		    name_of(w, ID(ev->blocked.trunk)), STR_ARG(ev->blocked.from),
		    STR_ARG(ev->blocked.to), STR_ARG(ev->blocked.cause), ev->blocked.count);
		break;
	case EV_recording_start:
		SAY("recording_start");
		break;
	case EV_recording_end:
		SAY("recording_end %lld [" STR_FMT "]", (long long)ev->recording_end.duration_ms,
		    STR_ARG(ev->recording_end.flaw));
		break;
	default:
		break;
	}
}

static void ear_agents(struct world *w, const struct event *ev)
{
	switch ((int)ev->kind) {
	case EV_offer_end:
		SAY("offer_end %s " STR_FMT, name_of(w, ID(ev->offer_end.agent)),
		    STR_ARG(offer_result_word(ev->offer_end.result)));
		break;
	case EV_agent_end:
		SAY("agent_end %s " STR_FMT, name_of(w, ID(ev->agent_end.agent)),
		    STR_ARG(party_word(ev->agent_end.by)));
		break;
	case EV_phone_up:
		SAY("up %s", name_of(w, ID(ev->phone_up.agent)));
		break;
	case EV_phone_over:
		SAY("over %s " STR_FMT, name_of(w, ID(ev->phone_over.agent)),
		    STR_ARG(offer_result_word(ev->phone_over.result)));
		break;
	case EV_hold_on:
	case EV_hold_off:
		SAY(STR_FMT " " STR_FMT, STR_ARG(event_name(ev->kind)),
		    STR_ARG(party_word(ev->hold_on.by)));
		break;
	case EV_phone_changed:
		if (w->hears_phones)
			SAY("phone %s %s", name_of(w, ID(ev->phone_changed.agent)),
			    ev->phone_changed.ready ? "ready" : "away");
		break;
	default:
		break;
	}
}

void ear_event(struct room *r, const struct event *ev)
{
	struct world *w = CONTAINER_OF(r, struct world, ear);
	ear_calls(w, ev);
	ear_agents(w, ev);
}

/* -- the fakes of acd and flow -- */

struct row *row_of(struct world *w, struct contact_id c)
{
	for (uint32_t i = 0; i < ROWS_MAX; i++)
		if (w->rows[i].state != ROW_FREE && ID_EQ(w->rows[i].c, c))
			return &w->rows[i];
	return NULL;
}

struct agent_id agent_called(struct world *w, const char *name)
{
	const struct object *o =
		objects_find(w->core.objects, KIND_user, STR("acme"), str_of(name ? name : ""));
	return o ? ID_AS(agent_id, o->id) : (struct agent_id){0};
}

struct queue_id queue_called(struct world *w, const char *name)
{
	const struct object *o =
		objects_find(w->core.objects, KIND_queue, STR("acme"), str_of(name));
	return ID_AS(queue_id, o->id);
}

bool is_agent(struct world *w, const struct row *r, struct agent_id a)
{
	return r->agent && ID_EQ(agent_called(w, r->agent), a);
}

static struct queue_id queue_of(struct world *w, const struct row *r)
{
	return r->named ? (struct queue_id){0} : queue_called(w, "sales");
}

void acd_offer_end(struct world *w, struct row *r, enum offer_result result)
{
	struct agent_id agent = agent_called(w, r->agent);
	EMIT(&w->core, offer_end, .contact = r->c, .queue = queue_of(w, r), .agent = agent,
	     .result = result);
	if (r->named && result != OFFER_accepted)
		EMIT(&w->core, agent_ring_end, .contact = r->c, .agent = agent, .result = result);
	r->state = r->named ? ROW_FLOW : ROW_WAITING;
}

static void acd_talk_over(struct world *w, struct row *r, enum party by)
{
	r->state = ROW_FLOW;
	r->held = r->line_holds = r->phone_holds = false;
	EMIT(&w->core, agent_end, .contact = r->c, .queue = queue_of(w, r),
	     .agent = agent_called(w, r->agent), .by = by, .result = RESULT_completed);
}

static bool is_beside(struct world *w, const struct row *r, struct agent_id a)
{
	return r && r->beside && ID_EQ(agent_called(w, r->beside), a);
}

static void beside_end(struct world *w, struct row *r, enum offer_result result)
{
	struct queue_id q = queue_called(w, "sales");
	struct agent_id a = agent_called(w, r->beside);
	if (r->beside_talks)
		EMIT(&w->core, agent_end, .contact = r->c, .queue = q, .agent = a,
		     .by = PARTY_agent, .result = RESULT_completed, .goes_on = true);
	else
		EMIT(&w->core, offer_end, .contact = r->c, .queue = q, .agent = a,
		     .result = result);
	r->beside_talks = result == OFFER_accepted;
	r->beside = r->beside_talks ? r->beside : NULL;
}

static enum err acd_accept(struct world *w, const struct command_offer_accept *cmd)
{
	struct row *r = row_of(w, cmd->contact);
	if (is_beside(w, r, cmd->agent) && !r->beside_talks) {
		beside_end(w, r, OFFER_accepted);
		EMIT(&w->core, answer, .contact = r->c, .queue = queue_called(w, "sales"),
		     .agent = cmd->agent);
		return ERR_OK;
	}
	if (!r || r->state != ROW_OFFERED || !is_agent(w, r, cmd->agent)) {
		w->accepts_refused++;
		return ERR_CONFLICT;
	}
	struct queue_id q = queue_of(w, r);
	acd_offer_end(w, r, OFFER_accepted);
	r->state = ROW_TALKING;
	if (!r->named)
		EMIT(&w->core, dequeue, .contact = r->c, .queue = q, .reason = RESULT_answered);
	EMIT(&w->core, answer, .contact = r->c, .queue = q, .agent = cmd->agent);
	return ERR_OK;
}

/* By name, without a queue: anna and boris take calls. */
static enum err acd_ring(struct world *w, const struct command_agent_ring *cmd)
{
	const char *name = ID_EQ(cmd->agent, agent_called(w, "boris")) ? "boris" : "anna";
	struct row *place = NULL;
	if (!ID_EQ(cmd->agent, agent_called(w, name)))
		return ERR_NOT_FOUND;
	for (uint32_t i = 0; i < ROWS_MAX; i++) {
		struct row *r = &w->rows[i];
		if ((r->state == ROW_OFFERED || r->state == ROW_TALKING) &&
		    is_agent(w, r, cmd->agent))
			return ERR_CONFLICT;
		if (r->state == ROW_FREE)
			place = r;
	}
	if (ID_NONE(cmd->contact) || !place)
		return place ? ERR_OK : ERR_FULL;
	*place =
		(struct row){.c = cmd->contact, .state = ROW_OFFERED, .agent = name, .named = true};
	EMIT(&w->core, offer, .contact = cmd->contact, .agent = cmd->agent,
	     .ring_ms = cmd->ring_ms);
	return ERR_OK;
}

/* Only anna and clara call, a number, for sales. */
static enum err acd_dial(struct world *w, const struct command_agent_dial *cmd)
{
	if (w->anna_works)
		return ERR_CONFLICT;
	for (uint32_t i = 0; i < ROWS_MAX && !ID_NONE(cmd->contact); i++) {
		if (w->rows[i].state != ROW_FREE)
			continue;
		bool clara = ID_EQ(cmd->agent, agent_called(w, "clara"));
		w->rows[i] = (struct row){
			.c = cmd->contact, .state = ROW_FLOW, .agent = clara ? "clara" : "anna"};
		break;
	}
	return ERR_OK;
}

static enum err acd_dial_talk(struct world *w, const struct command_dial_talk *cmd)
{
	struct row *r = row_of(w, cmd->contact);
	if (!r || r->state != ROW_FLOW || !is_agent(w, r, cmd->agent))
		return ERR_CONFLICT;
	r->state = ROW_TALKING;
	EMIT(&w->core, answer, .contact = r->c, .queue = queue_called(w, "sales"),
	     .agent = cmd->agent, .dialled = true);
	return ERR_OK;
}

static void tell_held(struct world *w, struct row *r, enum party by)
{
	bool held = r->line_holds || r->phone_holds;
	if (held == r->held)
		return;
	r->held = held;
	if (held)
		EMIT(&w->core, hold_on, .contact = r->c, .by = by);
	else
		EMIT(&w->core, hold_off, .contact = r->c, .by = by);
}

enum err acd_command(struct room *room, const struct command *cmd)
{
	struct world *w = CONTAINER_OF(room, struct world, acd);
	struct row *r;
	switch ((int)cmd->kind) {
	case CMD_agent_ring:
		return acd_ring(w, &cmd->agent_ring);
	case CMD_agent_dial:
		return acd_dial(w, &cmd->agent_dial);
	case CMD_dial_talk:
		return acd_dial_talk(w, &cmd->dial_talk);
	case CMD_offer_accept:
		return acd_accept(w, &cmd->offer_accept);
	case CMD_offer_fail:
		r = row_of(w, cmd->offer_fail.contact);
		if (is_beside(w, r, cmd->offer_fail.agent) && !r->beside_talks) {
			beside_end(w, r, cmd->offer_fail.result);
			return ERR_OK;
		}
		if (!r || r->state != ROW_OFFERED || !is_agent(w, r, cmd->offer_fail.agent))
			return ERR_CONFLICT;
		w->failed = cmd->offer_fail.result;
		w->fails++;
		acd_offer_end(w, r, cmd->offer_fail.result);
		return ERR_OK;
	case CMD_talk_end:
		r = row_of(w, cmd->talk_end.contact);
		if (is_beside(w, r, cmd->talk_end.agent) && r->beside_talks) {
			beside_end(w, r, OFFER_no_answer);
			return ERR_OK;
		}
		if (!r || r->state != ROW_TALKING || !is_agent(w, r, cmd->talk_end.agent))
			return ERR_CONFLICT;
		acd_talk_over(w, r, cmd->talk_end.by);
		return ERR_OK;
	case CMD_hold_set:
		r = row_of(w, cmd->hold_set.contact);
		if (!r || r->state != ROW_TALKING || r->line_holds == cmd->hold_set.on)
			return ERR_CONFLICT;
		r->line_holds = cmd->hold_set.on;
		tell_held(w, r, cmd->hold_set.by);
		return ERR_OK;
	default:
		return ERR_UNSUPPORTED;
	}
}

void acd_event(struct room *room, const struct event *ev)
{
	struct world *w = CONTAINER_OF(room, struct world, acd);
	if (ev->kind == EV_contact_gone) {
		struct row *gone = row_of(w, ev->contact_gone.contact);
		if (gone)
			*gone = (struct row){0};
	}
	struct row *r = ev->kind == EV_disconnect ? row_of(w, ev->disconnect.contact) : NULL;
	if (!r)
		return;
	if (r->state == ROW_OFFERED)
		acd_offer_end(w, r, OFFER_cancelled_by_caller);
	if (r->state == ROW_WAITING)
		EMIT(&w->core, dequeue, .contact = r->c, .queue = queue_called(w, "sales"),
		     .reason = RESULT_abandoned);
	if (r->state == ROW_TALKING)
		acd_talk_over(w, r, PARTY_customer);
	if (r->beside)
		beside_end(w, r, OFFER_cancelled_by_caller);
	r->state = ROW_FLOW;
}

/* Somebody is rung while another talks. */
void offer_beside(struct world *w, const char *agent)
{
	struct row *r = row_of(w, w->contact);
	CHECK(r && r->state == ROW_TALKING && !r->beside);
	r->beside = agent;
	TURN(w, EMIT(&w->core, offer, .contact = r->c, .queue = queue_called(w, "sales"),
		     .agent = agent_called(w, agent), .ring_ms = 15000));
	world_run(w, 40);
}

/* The agent leaves, whoever is beside him stays. */
void agent_leaves(struct world *w)
{
	struct row *r = row_of(w, w->contact);
	CHECK(r && r->state == ROW_TALKING && r->beside_talks);
	TURN(w, EMIT(&w->core, agent_end, .contact = r->c, .queue = queue_called(w, "sales"),
		     .agent = agent_called(w, r->agent), .by = PARTY_agent,
		     .result = RESULT_transferred, .goes_on = true));
	r->agent = r->beside;
	r->beside = NULL;
	r->beside_talks = false;
	world_run(w, 40);
}

/* What call/ does with an ordinary talk: hold and resume. */
static enum err call_hold(struct world *w, const struct command_call_do *cmd)
{
	struct row *r = row_of(w, cmd->contact);
	const struct seat held[] = {{.party = PARTY_customer, .sound = SOUND_music},
				    {.party = PARTY_agent, .agent = cmd->agent}};
	bool on = cmd->verb == CALL_hold;
	if (!r || r->state != ROW_TALKING || r->phone_holds == on)
		return ERR_CONFLICT;
	r->phone_holds = on;
	EXPECT(SEND(&w->core, seats_set, .contact = cmd->contact, .seats = held,
		    .count = on ? 2 : 0) == ERR_OK);
	tell_held(w, r, PARTY_agent);
	return ERR_OK;
}

void call_event(struct room *room, const struct event *ev)
{
	struct world *w = CONTAINER_OF(room, struct world, call);
	if (ev->kind == EV_agent_end && !w->calls_done &&
	    SEND(&w->core, seats_set, .contact = ev->agent_end.contact) != ERR_OK)
		return; /* the customer went first */
}

enum err call_command(struct room *room, const struct command *cmd)
{
	struct world *w = CONTAINER_OF(room, struct world, call);
	if (cmd->kind == CMD_call_left) {
		if (w->calls_done)
			SAY("left %s%s", name_of(w, ID(cmd->call_left.agent)),
			    cmd->call_left.lost ? " lost" : "");
		return SEND(&w->core, talk_end, .contact = cmd->call_left.contact,
			    .agent = cmd->call_left.agent,
			    .by = cmd->call_left.lost ? PARTY_system : PARTY_agent);
	}
	if (cmd->kind != CMD_call_do)
		return ERR_UNSUPPORTED;
	if (!w->calls_done)
		return call_hold(w, &cmd->call_do);
	SAY(STR_FMT " %s " STR_FMT " " STR_FMT, STR_ARG(call_verb_word(cmd->call_do.verb)),
	    name_of(w, ID(cmd->call_do.agent)), STR_ARG(target_word(cmd->call_do.target)),
	    STR_ARG(cmd->call_do.name));
	return ERR_OK;
}

enum err flow_command(struct room *room, const struct command *cmd)
{
	struct world *w = CONTAINER_OF(room, struct world, flow);
	if (cmd->kind != CMD_flow_start)
		return ERR_UNSUPPORTED;
	if (w->flow_refuses)
		return ERR_NOT_FOUND;
	w->flow_starts++;
	for (uint32_t i = 0; i < ROWS_MAX; i++) {
		if (w->rows[i].state != ROW_FREE)
			continue;
		w->rows[i] = (struct row){.c = cmd->flow_start.contact, .state = ROW_FLOW};
		return ERR_OK;
	}
	return ERR_FULL;
}

void flow_event(struct room *room, const struct event *ev)
{
	struct world *w = CONTAINER_OF(room, struct world, flow);
	const struct row *r = ev->kind == EV_agent_end ? row_of(w, ev->agent_end.contact) : NULL;
	if (ev->kind != EV_agent_end || ev->agent_end.by != PARTY_agent || w->goes_on ||
	    ev->agent_end.goes_on || (r && r->named))
		return;
	EXPECT(SEND(&w->core, hang_up, .contact = ev->agent_end.contact, .by = PARTY_agent,
		    .cause = STR("flow")) == ERR_OK);
}
