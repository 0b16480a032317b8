/* flow.c - the room: what it hears, and who it concerns; see flow.h. */
#include "flow/journey.h"

#include <stdlib.h>

static struct flow_room *flow_of(struct room *r)
{
	return CONTAINER_OF(r, struct flow_room, room);
}

/* -- the command -- */

static enum err flow_begin(struct flow_room *f, const struct command_flow_start *cmd)
{
	struct core *c = f->room.core;
	const struct contact *k = contact_get(c, cmd->contact);
	const struct object *o = objects_get(c->objects, ID(cmd->flow));
	const struct object *tenant = k ? objects_get(c->objects, ID(k->tenant)) : NULL;
	struct journey *j;

	if (!tenant || !o || (o->kind != KIND_flow && o->kind != KIND_draft) ||
	    !str_eq(o->tenant, tenant->name))
		return ERR_NOT_FOUND;
	if (k->line_gone)
		return ERR_CONFLICT;
	enum err e = journey_create(f, k, &j);
	if (e != ERR_OK)
		return e;
	j->version = version_use(&f->versions, o);
	journey_walk(j, step_go(j->version->config.start, STR_NONE));
	return ERR_OK;
}

static enum err flow_command(struct room *r, const struct command *cmd)
{
	switch ((int)cmd->kind) {
	case CMD_flow_start:
		return flow_begin(flow_of(r), &cmd->flow_start);
	default:
		return ERR_UNSUPPORTED;
	}
}

/* -- events -- */

static void hear_play_done(struct journey *j, const struct event_play_done *e)
{
	if (!j || e->token != j->token)
		return; /* of a play that was stopped or replaced */
	switch (j->state) {
	case JOURNEY_PLAYING:
	case JOURNEY_PROMPT:
	case JOURNEY_INVALID:
		/* also when it could not be played: a caller is not lost for a missing sound */
		journey_walk(j, node_ops_of(journey_node(j)->kind)->play_done(j));
		break;
	case JOURNEY_WALKING:
	case JOURNEY_KEY:
	case JOURNEY_RINGING:
	case JOURNEY_QUEUED:
	case JOURNEY_AGENT:
	case JOURNEY_ENDING:
	case JOURNEY_STATE_COUNT:
		break;
	}
}

static void hear_digit(struct journey *j, uint32_t digit)
{
	if (!j || collect_node_spent(j, digit))
		return;
	switch (j->state) {
	case JOURNEY_PLAYING:
	case JOURNEY_PROMPT:
	case JOURNEY_INVALID:
	case JOURNEY_KEY:
		journey_walk(j, node_ops_of(journey_node(j)->kind)->digit(j, digit));
		break;
	case JOURNEY_WALKING:
	case JOURNEY_RINGING:
	case JOURNEY_QUEUED: /* keys pressed to music or to an agent are not for us */
	case JOURNEY_AGENT:
	case JOURNEY_ENDING:
	case JOURNEY_STATE_COUNT:
		break;
	}
}

static void hear_disconnect(struct journey *j, const struct event_disconnect *e)
{
	if (!j)
		return;
	journey_stretch_end(j, e->by == PARTY_customer		    ? RESULT_abandoned
			       : str_is(e->cause, "server_restart") ? RESULT_server_restart
								    : RESULT_failed);
	journey_destroy(j);
}

static void flow_event(struct room *r, const struct event *ev)
{
	struct flow_room *f = flow_of(r);
	struct journey *j;
	switch ((int)ev->kind) {
	case EV_play_done:
		hear_play_done(journey_of(f, ev->play_done.contact), &ev->play_done);
		break;
	case EV_digit:
		hear_digit(journey_of(f, ev->digit.contact), ev->digit.digit);
		break;
	case EV_enqueue:
		if ((j = journey_of(f, ev->enqueue.contact)) != NULL)
			queue_node_again(j, &ev->enqueue);
		break;
	case EV_dequeue:
		if ((j = journey_of(f, ev->dequeue.contact)) != NULL)
			journey_walk(j, queue_node_dequeue(j, &ev->dequeue));
		break;
	case EV_agent_end:
		if ((j = journey_of(f, ev->agent_end.contact)) != NULL)
			journey_walk(j, queue_node_agent_end(j, &ev->agent_end));
		break;
	case EV_answer:
		if ((j = journey_of(f, ev->answer.contact)) != NULL)
			journey_walk(j, transfer_node_answer(j));
		break;
	case EV_agent_ring_end:
		if ((j = journey_of(f, ev->agent_ring_end.contact)) != NULL)
			journey_walk(j, transfer_node_ring_end(j, ev->agent_ring_end.result));
		break;
	case EV_dial_answer:
		if (!ev->dial_answer.callee && (j = journey_of(f, ev->dial_answer.contact)) != NULL)
			journey_walk(j, transfer_node_answer(j));
		break;
	case EV_dial_end:
		if (!ev->dial_end.callee && (j = journey_of(f, ev->dial_end.contact)) != NULL)
			journey_walk(j, transfer_node_dial_end(j, &ev->dial_end));
		break;
	case EV_disconnect:
		hear_disconnect(journey_of(f, ev->disconnect.contact), &ev->disconnect);
		break;
	case EV_contact_gone:
		if ((j = journey_of(f, ev->contact_gone.contact)) != NULL)
			journey_destroy(j);
		break;
	default:
		break;
	}
}

/* -- images -- */

static bool flow_save(struct room *r, enum image_kind kind, struct id id, struct buf *out)
{
	CHECK(kind == IMAGE_FLOW);
	const struct journey *j = journey_of(flow_of(r), ID_AS(contact_id, id));
	return j && journey_save(j, out);
}

static enum err flow_load(struct room *r, enum image_kind kind, struct id id, struct str image)
{
	CHECK(kind == IMAGE_FLOW);
	return journey_load(flow_of(r), ID_AS(contact_id, id), image);
}

static void flow_loaded(struct room *r)
{
	pool_for_each (struct journey, j, flow_of(r)->journeys)
		journey_loaded(j);
}

/* -- looking inside -- */

static bool flow_dump(struct room *r, struct str what, struct buf *out)
{
	struct flow_room *f = flow_of(r);
	if (!str_is(what, "flows"))
		return false;
	buf_fmt(out, "contacts=%u peak=%u versions=%u\n", pool_count(f->journeys),
		pool_peak(f->journeys), f->versions.by_key.count);
	pool_for_each (struct journey, j, f->journeys) {
		const struct contact *k = contact_get(r->core, j->contact);
		const struct flow_node *n = journey_node(j);
		char uuid[UUID_TEXT + 1] = "?";
		if (k)
			uuid_text(k->uuid, uuid);
		buf_fmt(out, "contact=%s", uuid);
		if (j->version)
			buf_fmt(out, " tenant=" STR_FMT " flow=" STR_FMT " version=%u",
				STR_ARG(j->version->tenant), STR_ARG(j->version->name),
				j->version->number);
		buf_fmt(out, " node=" STR_FMT " state=" STR_FMT " for_ms=%lld tries=%u ahead=%u\n",
			STR_ARG(n ? n->name : STR("?")), STR_ARG(journey_state_word(j->state)),
			(long long)(r->core->now_ms - j->since_ms), j->tries, j->ahead_count);
	}
	return true;
}

struct room *flow_create(struct core *c)
{
	return flow_create_limited(c, FLOW_CONTACTS_MAX);
}

struct room *flow_create_limited(struct core *c, uint32_t contacts)
{
	struct flow_room *f = xcalloc(1, sizeof *f);
	f->journeys = pool_create("flows", sizeof(struct journey), contacts);
	versions_init(&f->versions, core_dice(c));
	f->room = (struct room){
		.name = "flow",
		.command = flow_command,
		.event = flow_event,
		.save = flow_save,
		.load = flow_load,
		.loaded = flow_loaded,
		.dump = flow_dump,
		.images = BIT(IMAGE_FLOW),
	};
	core_add_room(c, &f->room);
	return &f->room;
}

void flow_past_from(struct room *r, flow_past_h *past, void *arg)
{
	struct flow_versions *vs = &flow_of(r)->versions;
	vs->past = past;
	vs->past_arg = arg;
}

void flow_destroy(struct room *r)
{
	if (!r)
		return;
	struct flow_room *f = flow_of(r);
	pool_for_each (struct journey, j, f->journeys) {
		timer_stop(&r->core->timers, &j->timer);
		subflow_forget(j);
		variables_finish(&j->variables);
	}
	versions_finish(&f->versions);
	pool_destroy(f->journeys);
	free(f->by_slot);
	free(f);
}

void flow_starve(struct room *r, uint32_t limit)
{
	pool_starve(flow_of(r)->journeys, limit);
}
