/* flow.c - the room: what it hears, and who it concerns; see flow.h. */
#include "flow/visit.h"

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
	struct visit *v;

	if (!tenant || !o || o->kind != KIND_flow || !str_eq(o->tenant, tenant->name))
		return ERR_NOT_FOUND;
	if (k->line_gone)
		return ERR_CONFLICT;
	enum err e = visit_create(f, k, o, &v);
	if (e == ERR_OK)
		visit_walk(v, step_go(v->version->config.start));
	return e;
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

static void hear_play_done(struct visit *v, const struct event_play_done *e)
{
	if (!v || e->token != v->token)
		return; /* of a play that was stopped or replaced */
	switch (v->state) {
	case VISIT_PLAYING:
	case VISIT_PROMPT:
	case VISIT_INVALID:
		/* also when it could not be played: a caller is not lost for a missing sound */
		visit_walk(v, node_ops_of(visit_node(v)->kind)->play_done(v));
		break;
	case VISIT_WALKING:
	case VISIT_KEY:
	case VISIT_QUEUED:
	case VISIT_AGENT:
	case VISIT_ENDING:
	case VISIT_STATE_COUNT:
		break;
	}
}

static void hear_digit(struct visit *v, uint32_t digit)
{
	if (!v)
		return;
	switch (v->state) {
	case VISIT_PLAYING:
	case VISIT_PROMPT:
	case VISIT_INVALID:
	case VISIT_KEY:
		visit_walk(v, node_ops_of(visit_node(v)->kind)->digit(v, digit));
		break;
	case VISIT_WALKING:
	case VISIT_QUEUED: /* keys pressed to music or to an agent are not for us */
	case VISIT_AGENT:
	case VISIT_ENDING:
	case VISIT_STATE_COUNT:
		break;
	}
}

static void hear_disconnect(struct visit *v, enum party by)
{
	if (!v)
		return;
	visit_stretch_end(v, by == PARTY_customer ? RESULT_abandoned : RESULT_failed);
	visit_destroy(v);
}

static void flow_event(struct room *r, const struct event *ev)
{
	struct flow_room *f = flow_of(r);
	struct visit *v;
	switch ((int)ev->kind) {
	case EV_play_done:
		hear_play_done(visit_of(f, ev->play_done.contact), &ev->play_done);
		break;
	case EV_digit:
		hear_digit(visit_of(f, ev->digit.contact), ev->digit.digit);
		break;
	case EV_enqueue:
		if ((v = visit_of(f, ev->enqueue.contact)) != NULL)
			queue_again(v);
		break;
	case EV_dequeue:
		if ((v = visit_of(f, ev->dequeue.contact)) != NULL)
			visit_walk(v, queue_dequeue(v, &ev->dequeue));
		break;
	case EV_agent_end:
		if ((v = visit_of(f, ev->agent_end.contact)) != NULL)
			visit_walk(v, queue_agent_end(v, &ev->agent_end));
		break;
	case EV_disconnect:
		hear_disconnect(visit_of(f, ev->disconnect.contact), ev->disconnect.by);
		break;
	case EV_contact_gone:
		if ((v = visit_of(f, ev->contact_gone.contact)) != NULL)
			visit_destroy(v);
		break;
	default:
		break;
	}
}

/* -- images -- */

static bool flow_save(struct room *r, enum image_kind kind, struct id id, struct buf *out)
{
	CHECK(kind == IMAGE_FLOW);
	const struct visit *v = visit_of(flow_of(r), ID_AS(contact_id, id));
	return v && visit_save(v, out);
}

static enum err flow_load(struct room *r, enum image_kind kind, struct id id, struct str image)
{
	CHECK(kind == IMAGE_FLOW);
	return visit_load(flow_of(r), ID_AS(contact_id, id), image);
}

static void flow_loaded(struct room *r)
{
	pool_for_each (struct visit, v, flow_of(r)->visits)
		visit_loaded(v);
}

/* -- looking inside -- */

static bool flow_dump(struct room *r, struct str what, struct buf *out)
{
	struct flow_room *f = flow_of(r);
	if (!str_is(what, "flows"))
		return false;
	buf_fmt(out, "contacts=%u peak=%u versions=%u\n", pool_count(f->visits),
		pool_peak(f->visits), f->versions.by_key.count);
	pool_for_each (struct visit, v, f->visits) {
		const struct contact *k = contact_get(r->core, v->contact);
		const struct flow_node *n = visit_node(v);
		char uuid[UUID_TEXT + 1] = "?";
		if (k)
			uuid_text(k->uuid, uuid);
		buf_fmt(out, "contact=%s", uuid);
		if (v->version)
			buf_fmt(out, " tenant=" STR_FMT " flow=" STR_FMT " version=%u",
				STR_ARG(v->version->tenant), STR_ARG(v->version->name),
				v->version->number);
		buf_fmt(out, " node=" STR_FMT " state=" STR_FMT " for_ms=%lld tries=%u ahead=%u\n",
			STR_ARG(n ? n->name : STR("?")), STR_ARG(visit_state_word(v->state)),
			(long long)(r->core->now_ms - v->since_ms), v->tries, v->ahead_count);
	}
	return true;
}

struct room *flow_create(struct core *c)
{
	struct flow_room *f = xcalloc(1, sizeof *f);
	f->visits = pool_create("flows", sizeof(struct visit), FLOW_CONTACTS_MAX);
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

void flow_destroy(struct room *r)
{
	if (!r)
		return;
	struct flow_room *f = flow_of(r);
	pool_for_each (struct visit, v, f->visits)
		timer_stop(&r->core->timers, &v->timer);
	versions_finish(&f->versions);
	pool_destroy(f->visits);
	free(f->by_slot);
	free(f);
}

void flow_starve(struct room *r, uint32_t limit)
{
	pool_starve(flow_of(r)->visits, limit);
}
