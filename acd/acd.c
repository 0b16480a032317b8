/* acd.c - see acd.h: the room itself, its rows, and who hears what. */
#include "acd/inside.h"

#include <stdlib.h>

#include "acd/figures.h"

#define CONTACTS_DEFAULT 20000u
#define EXCLUSIONS_DEFAULT 40000u

/* -- rows -- */

struct agent *agent_row(const struct acd *acd, struct agent_id id)
{
	if (ID_NONE(id))
		return NULL;
	if (id.slot < acd->agents_room && acd->agents[id.slot] &&
	    ID_EQ(acd->agents[id.slot]->id, id))
		return acd->agents[id.slot];
	list_for_each (l, &acd->leavers) {
		struct agent *a = CONTAINER_OF(l, struct agent, of_leavers);
		if (ID_EQ(a->id, id))
			return a;
	}
	return NULL;
}

struct queue *queue_row(const struct acd *acd, struct queue_id id)
{
	if (ID_NONE(id) || id.slot >= acd->queues_room)
		return NULL;
	struct queue *q = acd->queues[id.slot];
	return q && ID_EQ(q->id, id) ? q : NULL;
}

struct visit *visit_row(const struct acd *acd, struct contact_id id)
{
	if (ID_NONE(id) || id.slot >= acd->by_contact_room)
		return NULL;
	struct visit *v = acd->by_contact[id.slot];
	return v && ID_EQ(v->contact, id) ? v : NULL;
}

bool visit_is_test(const struct visit *v)
{
	const struct contact *k = contact_get(v->acd->core, v->contact);
	return k && k->test;
}

void acd_alarm(const struct agent *a, const char *name, struct str detail)
{
	const struct tenant *t = a->tenant;
	const struct object *o =
		objects_find(a->acd->core->objects, KIND_tenant, str_of(t->name), str_of(t->name));
	EMIT(a->acd->core, alarm, .tenant = o ? ID_AS(tenant_id, o->id) : (struct tenant_id){0},
	     .name = str_of(name), .detail = detail, .agent = a->id);
}

/* What was changed for many contacts at once is settled at the end of a cause, not inside one. */
void acd_settle(struct acd *acd)
{
	while (!list_empty(&acd->freed) || !list_empty(&acd->stale)) {
		if (!list_empty(&acd->freed)) {
			struct visit *v = CONTAINER_OF(acd->freed.next, struct visit, of_freed);
			list_remove(&v->of_freed);
			visit_settle(v);
		} else {
			struct queue *q = CONTAINER_OF(acd->stale.next, struct queue, of_stale);
			list_remove(&q->of_stale);
			match_queue(q);
		}
	}
}

void queue_stale(struct queue *q)
{
	list_remove(&q->of_stale);
	list_push(&q->acd->stale, &q->of_stale);
}

/* -- the room -- */

static enum err acd_command(struct room *r, const struct command *cmd)
{
	struct acd *acd = acd_of(r);
	enum err e = ERR_UNSUPPORTED;
	switch ((int)cmd->kind) {
	case CMD_queue_join:
		e = visit_join(acd, &cmd->queue_join);
		break;
	case CMD_queue_prioritise:
		e = visit_prioritise(acd, &cmd->queue_prioritise);
		break;
	case CMD_mass_event_set:
		e = mass_set(acd, &cmd->mass_event_set);
		break;
	case CMD_wrap_extend:
		e = agent_wrap_extend(acd, &cmd->wrap_extend);
		break;
	case CMD_callback_take:
		e = visit_callback(acd, &cmd->callback_take);
		break;
	case CMD_agent_ring:
		e = visit_ring_agent(acd, &cmd->agent_ring);
		break;
	case CMD_agent_dial:
		e = own_call_begin(acd, &cmd->agent_dial);
		break;
	case CMD_dial_talk:
		e = own_call_talk(acd, &cmd->dial_talk);
		break;
	case CMD_queue_look:
		e = figures_tell(r, &cmd->queue_look);
		break;
	case CMD_offer_accept:
		e = visit_accept(acd, &cmd->offer_accept);
		break;
	case CMD_offer_fail:
		e = visit_fail(acd, &cmd->offer_fail);
		break;
	case CMD_queue_leave:
		e = visit_queue_leave(acd, &cmd->queue_leave);
		break;
	case CMD_talk_end:
		e = talk_end(acd, &cmd->talk_end);
		break;
	case CMD_hold_set:
		e = talk_hold(acd, &cmd->hold_set);
		break;
	case CMD_talk_set:
		e = talk_set(acd, &cmd->talk_set);
		break;
	case CMD_talk_begin:
		e = talk_begin(acd, &cmd->talk_begin);
		break;
	case CMD_talk_look:
		return talk_look(acd, &cmd->talk_look);
	case CMD_presence_set:
		e = agent_presence_set(acd, &cmd->presence_set);
		break;
	case CMD_approval_decide:
		e = approval_decide(acd, &cmd->approval_decide);
		break;
	case CMD_queue_gate_set:
		e = gate_set(acd, &cmd->queue_gate_set);
		break;
	case CMD_wrap_stop:
		e = agent_wrap_stop(acd, &cmd->wrap_stop);
		break;
	case CMD_wrap_set:
		e = agent_wrap_set(acd, &cmd->wrap_set);
		break;
	default: /* other rooms' words */
		break;
	}
	agent_sweep(acd);
	return e;
}

static void acd_event(struct room *r, const struct event *ev)
{
	struct acd *acd = acd_of(r);
	promise_hear(acd, ev);
	switch ((int)ev->kind) {
	case EV_object_moved:
		staff_moved(acd, &ev->object_moved);
		break;
	case EV_desk_changed:
		agent_desk_changed(acd, &ev->desk_changed);
		break;
	case EV_phone_changed:
		agent_phone_changed(acd, &ev->phone_changed);
		break;
	case EV_disconnect:
		visit_disconnect(acd, &ev->disconnect);
		break;
	case EV_contact_gone: {
		struct visit *v = visit_row(acd, ev->contact_gone.contact);
		if (v)
			visit_forget(v);
		break;
	}
	default: /* what others tell; our own words come by here too */
		return;
	}
	agent_sweep(acd);
}

struct room *acd_create_limited(struct core *c, const struct acd_limits *limits)
{
	struct acd *acd = xcalloc(1, sizeof *acd);
	acd->core = c;
	acd->room = (struct room){
		.name = "acd",
		.command = acd_command,
		.event = acd_event,
		.save = image_save,
		.load = image_load,
		.loaded = image_loaded,
		.dump = look_dump,
		.images = BIT(IMAGE_WAITING) | BIT(IMAGE_AGENT) | BIT(IMAGE_PROMISE) |
			  BIT(IMAGE_LORE) | BIT(IMAGE_LEFT) | BIT(IMAGE_MASS) | BIT(IMAGE_GATE),
		.core = c,
	};
	acd->visits = pool_create("acd contacts", sizeof(struct visit),
				  limits->contacts ? limits->contacts : CONTACTS_DEFAULT);
	acd->shuns = pool_create("acd exclusions", sizeof(struct shun),
				 limits->exclusions ? limits->exclusions : EXCLUSIONS_DEFAULT);
	acd->wants = pool_create("acd wishes", sizeof(struct want),
				 limits->exclusions ? limits->exclusions : EXCLUSIONS_DEFAULT);
	map_init(&acd->tenants, core_dice(c));
	list_init(&acd->leavers);
	list_init(&acd->working);
	list_init(&acd->masses);
	acd->mass_pool = mass_pool_create();
	list_init(&acd->freed);
	list_init(&acd->stale);
	acd->known = known_create(KNOWN_MAX, core_dice(c));
	acd->forecast_room = forecast_room_create();
	acd->forecast_world = xcalloc(1, sizeof *acd->forecast_world);
	acd->left = left_create(core_dice(c));
	return &acd->room;
}

struct room *acd_create(struct core *c)
{
	return acd_create_limited(c, &(struct acd_limits){0});
}

void acd_destroy(struct room *r)
{
	if (!r)
		return;
	struct acd *acd = acd_of(r);
	pool_for_each (struct visit, v, acd->visits) {
		timer_stop(&acd->core->timers, &v->timer);
		timer_stop(&acd->core->timers, &v->told.timer);
		demand_keep(v, NULL);
	}
	timer_stop(&acd->core->timers, &acd->watchdog);
	mass_free(acd);
	staff_free(acd);
	pool_destroy(acd->visits);
	pool_destroy(acd->shuns);
	pool_destroy(acd->wants);
	pool_destroy(acd->mass_pool);
	known_destroy(acd->known);
	forecast_room_destroy(acd->forecast_room);
	free(acd->forecast_world);
	left_destroy(acd->left);
	map_finish(&acd->tenants);
	free(acd->agents);
	free(acd->by_image);
	free(acd->queues);
	free(acd->by_contact);
	for (uint32_t i = 0; i < acd->old_talks_room; i++)
		free(acd->old_talks[i]);
	free(acd->old_talks);
	free(acd);
}

void acd_starve(struct room *r, uint32_t contacts, uint32_t exclusions)
{
	pool_starve(acd_of(r)->visits, contacts);
	pool_starve(acd_of(r)->shuns, exclusions);
	pool_starve(acd_of(r)->wants, exclusions);
}
