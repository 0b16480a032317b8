/* call.c - see call.h: the room, who hears what, and its rows. */
#include "call/inside.h"

#include <stdlib.h>

static struct call_room *call_of(const struct room *r)
{
	return CONTAINER_OF(r, struct call_room, room);
}

/* -- rows -- */

struct talk *talk_of(const struct call_room *c, struct contact_id contact)
{
	struct talk *t = contact.slot < c->slots ? c->by_slot[contact.slot] : NULL;
	return t && ID_EQ(t->contact, contact) ? t : NULL;
}

enum err talk_take(struct call_room *c, struct contact_id contact, struct talk **out)
{
	struct id unused;
	if (contact.slot >= c->slots) {
		uint32_t slots = MAX(contact.slot + 1, MAX(256u, c->slots * 2));
		c->by_slot = xrealloc(c->by_slot, slots * sizeof(struct talk *));
		memset(c->by_slot + c->slots, 0, (slots - c->slots) * sizeof(struct talk *));
		c->slots = slots;
	}
	struct talk *t = c->by_slot[contact.slot] ? NULL : pool_take(c->talks, &unused);
	if (!t)
		return ERR_FULL;
	t->room = c;
	t->contact = contact;
	c->by_slot[contact.slot] = t;
	*out = t;
	return ERR_OK;
}

enum err talk_need(struct call_room *c, struct contact_id contact, struct talk **out)
{
	struct talk_glance now = {.place = CONTACT_flow};
	*out = talk_of(c, contact);
	if (*out)
		return ERR_OK;
	const struct contact *k = contact_get(c->core, contact);
	if (!k || k->line_gone)
		return ERR_NOT_FOUND;
	enum err e = SEND(c->core, talk_look, .contact = contact, .out = &now);
	if (e == ERR_OK)
		e = talk_take(c, contact, out);
	if (e != ERR_OK)
		return e;
	struct talk *t = *out;
	t->queue = now.queue;
	t->caller = now.caller;
	for (uint32_t i = 0; i < now.count && i < GUESTS_MAX; i++) {
		struct guest *g = guest_add(t, PARTY_agent);
		g->agent = now.agents[i].agent;
		if (i == 0)
			t->queue = now.agents[i].queue;
	}
	return ERR_OK;
}

static void talk_forget(struct talk *t)
{
	struct call_room *c = t->room;
	timer_stop(&c->core->timers, &t->timer);
	core_touch(c->core, IMAGE_CALL, ID(t->contact));
	c->by_slot[t->contact.slot] = NULL;
	pool_give(c->talks, t);
}

void talk_drop(struct talk *t)
{
	enum err e = ERR_OK;
	if (t->seat_count)
		e = SEND(t->room->core, seats_set, .contact = t->contact);
	(void)e; /* a line that is gone hears nothing */
	talk_forget(t);
}

/* -- commands -- */

/* Nobody is on it who could be given away, and nothing that others should hear. */
static bool not_of_a_test(const struct talk *t, enum call_verb verb)
{
	const struct contact *k = contact_get(t->room->core, t->contact);
	return k && k->test && verb != CALL_hold && verb != CALL_resume && verb != CALL_mute &&
	       verb != CALL_unmute;
}

static enum err call_verb(struct talk *t, const struct command_call_do *cmd)
{
	if (not_of_a_test(t, cmd->verb))
		return refuse(cmd, ERR_CONFLICT, "this is a test call: there is nobody on it");
	if (is_caller(t, cmd->agent))
		return caller_verb(t, cmd);
	switch (cmd->verb) {
	case CALL_hold:
		return verb_hold(t, cmd, true);
	case CALL_resume:
		return verb_hold(t, cmd, false);
	case CALL_transfer:
		return verb_transfer(t, cmd);
	case CALL_consult:
		return verb_consult(t, cmd);
	case CALL_swap:
		return verb_swap(t, cmd);
	case CALL_complete:
		return verb_complete(t, cmd);
	case CALL_cancel:
		return verb_cancel(t, cmd);
	case CALL_conference:
		return verb_conference(t, cmd);
	case CALL_mute:
		return verb_mute(t, cmd, true);
	case CALL_unmute:
		return verb_mute(t, cmd, false);
	case CALL_park:
		return verb_park(t, cmd);
	case CALL_pick_up:
		return verb_pick_up(t, cmd);
	case CALL_move:
		return verb_move(t, cmd);
	case CALL_monitor:
		return verb_monitor(t, cmd);
	case CALL_take_over:
		return verb_take_over(t, cmd);
	case CALL_record_pause:
		return verb_record(t, cmd, true);
	case CALL_record_resume:
		return verb_record(t, cmd, false);
	case CALL_leave:
		break;
	}
	return ERR_UNSUPPORTED;
}

static enum err call_do(struct call_room *c, const struct command_call_do *cmd)
{
	struct talk *t;
	if (cmd->verb == CALL_leave)
		return guest_hung_up(c, &(struct command_call_left){.contact = cmd->contact,
								    .agent = cmd->agent});
	enum err e = talk_need(c, cmd->contact, &t);
	if (e == ERR_NOT_FOUND)
		return refuse(cmd, ERR_CONFLICT, "nobody talks to this contact");
	if (e != ERR_OK)
		return e;
	e = call_verb(t, cmd);
	talk_settle(t);
	return e;
}

static enum err call_command(struct room *r, const struct command *cmd)
{
	struct call_room *c = call_of(r);
	switch ((int)cmd->kind) {
	case CMD_call_left:
		return guest_hung_up(c, &cmd->call_left);
	case CMD_call_do:
		return call_do(c, &cmd->call_do);
	case CMD_park_find:
		return park_find(c, &cmd->park_find);
	default:
		return ERR_UNSUPPORTED;
	}
}

/* -- events -- */

/* Somebody has it now: an agent answered, or took it over. */
static void hear_answer(struct talk *t, const struct event_answer *e)
{
	if (guest_agent(t, e->agent))
		return;
	struct guest *g = guest_add(t, PARTY_agent);
	if (!g)
		return; /* errand_begin saw to it that there is a place */
	g->agent = e->agent;
	t->paused = false; /* his recording is a new one */
	errand_came(t, g);
	talk_settle(t);
}

static void hear_dial_answer(struct talk *t, const struct event_dial_answer *e)
{
	if (!e->callee || t->errand == ERRAND_NONE || t->target != TARGET_number ||
	    t->callee != e->callee)
		return;
	struct guest *g = guest_add(t, PARTY_callee);
	if (!g)
		return;
	g->callee = e->callee;
	(void)str_copy(e->number, g->number, sizeof g->number);
	errand_came(t, g);
	talk_settle(t);
}

/* Nobody of ours is left, and nobody comes: the customer's talk is over. */
static void end_if_alone(struct talk *t)
{
	if (guests_besides(t, NULL) || t->errand != ERRAND_NONE || t->parked)
		return;
	enum err e = SEND(t->room->core, hang_up, .contact = t->contact, .by = PARTY_system,
			  .cause = STR("called party hung up"));
	(void)e; /* the customer went first */
}

static void hear_dial_end(struct talk *t, const struct event_dial_end *e)
{
	struct guest *g = guest_callee(t, e->callee);
	if (!e->callee || e->by == PARTY_customer)
		return; /* disconnect comes or has come */
	if (g) {
		guest_gone(t, g);
		end_if_alone(t);
	} else if (t->errand != ERRAND_NONE && t->target == TARGET_number &&
		   t->callee == e->callee) {
		errand_failed(t);
	} else {
		return;
	}
	talk_settle(t);
}

static void hear_agent_end(struct talk *t, const struct event_agent_end *e)
{
	struct guest *g = guest_agent(t, e->agent);
	if (!g)
		return; /* we said so ourselves */
	guest_gone(t, g);
	talk_settle(t);
}

/* acd rings nobody for it any more, and nobody waits for it: not the end of an earlier errand. */
static void hear_no_more(struct talk *t, enum target target)
{
	struct talk_glance now = {.place = CONTACT_flow};
	if (t->errand == ERRAND_NONE || t->target != target)
		return;
	enum err e = SEND(t->room->core, talk_look, .contact = t->contact, .out = &now);
	if (e != ERR_OK || now.place != CONTACT_flow)
		return;
	errand_failed(t);
	talk_settle(t);
}

static void hear_disconnect(struct talk *t)
{
	for (uint32_t i = t->guest_count; i-- > 0;)
		if (t->guests[i].party == PARTY_supervisor)
			watcher_gone(t, &t->guests[i]);
	if (consult_on(t))
		consult_over(t, false);
	if (t->parked)
		park_over(t, (struct agent_id){0});
	talk_forget(t);
}

static void hear_phone(struct talk *t, const struct event *ev)
{
	struct guest *g;
	if (ev->kind == EV_phone_up)
		watcher_up(t, ev->phone_up.agent);
	else if ((g = guest_watcher(t, ev->phone_over.agent)) != NULL)
		watcher_gone(t, g);
	talk_settle(t);
}

static void call_event(struct room *r, const struct event *ev)
{
	struct call_room *c = call_of(r);
	struct talk *t;
	switch ((int)ev->kind) {
	case EV_answer:
		if ((t = talk_of(c, ev->answer.contact)) != NULL)
			hear_answer(t, &ev->answer);
		break;
	case EV_agent_end:
		if ((t = talk_of(c, ev->agent_end.contact)) != NULL)
			hear_agent_end(t, &ev->agent_end);
		break;
	case EV_agent_ring_end:
		if ((t = talk_of(c, ev->agent_ring_end.contact)) != NULL)
			hear_no_more(t, TARGET_agent);
		break;
	case EV_dequeue:
		if (ev->dequeue.reason != RESULT_answered &&
		    (t = talk_of(c, ev->dequeue.contact)) != NULL)
			hear_no_more(t, TARGET_queue);
		break;
	case EV_dial_answer:
		if ((t = talk_of(c, ev->dial_answer.contact)) != NULL)
			hear_dial_answer(t, &ev->dial_answer);
		break;
	case EV_dial_end:
		if ((t = talk_of(c, ev->dial_end.contact)) != NULL)
			hear_dial_end(t, &ev->dial_end);
		break;
	case EV_phone_up:
	case EV_phone_over:
		if ((t = talk_of(c, ev->phone_up.contact)) != NULL)
			hear_phone(t, ev);
		break;
	case EV_disconnect:
		if ((t = talk_of(c, ev->disconnect.contact)) != NULL)
			hear_disconnect(t);
		break;
	case EV_contact_gone:
		if ((t = talk_of(c, ev->contact_gone.contact)) != NULL)
			talk_forget(t);
		break;
	default:
		break;
	}
}

/* -- the room -- */

bool call_is_parked(const struct room *r, struct contact_id contact)
{
	const struct talk *t = talk_of(call_of(r), contact);
	return t && t->parked;
}

static bool call_save(struct room *r, enum image_kind kind, struct id id, struct buf *out)
{
	(void)kind;
	return talk_save(call_of(r), ID_AS(contact_id, id), out);
}

static enum err call_load(struct room *r, enum image_kind kind, struct id id, struct str image)
{
	(void)kind;
	return talk_load(call_of(r), ID_AS(contact_id, id), image);
}

static void call_loaded(struct room *r)
{
	pool_for_each (struct talk, t, call_of(r)->talks)
		talk_loaded(t);
}

struct room *call_room_create(struct core *c, uint32_t contacts)
{
	struct call_room *call = xcalloc(1, sizeof *call);
	call->core = c;
	call->talks = pool_create("talks", sizeof(struct talk), contacts);
	call->room = (struct room){
		.name = "call",
		.command = call_command,
		.event = call_event,
		.save = call_save,
		.load = call_load,
		.loaded = call_loaded,
		.dump = talk_dump,
		.images = BIT(IMAGE_CALL),
	};
	core_add_room(c, &call->room);
	return &call->room;
}

void call_room_destroy(struct room *r)
{
	if (!r)
		return;
	struct call_room *c = call_of(r);
	pool_for_each (struct talk, t, c->talks)
		timer_stop(&c->core->timers, &t->timer);
	pool_destroy(c->talks);
	free(c->by_slot);
	free(c);
}

void call_room_starve(struct room *r, uint32_t limit)
{
	pool_starve(call_of(r)->talks, limit);
}
