/*
 * verbs.c - POST …/contacts/{id}/{verb}: who may, in whose name, and which room does it.
 *
 * An agent works on contacts he is on; supervisors work on any, for the agent they name, else for
 * the one who has it.
 */
#include "acd/acd.h"
#include "app/asks.h"
#include "call/call.h"

/* Who asks, about what. */
struct deed {
	struct house *h;
	struct ask *a;
	struct contact_id contact;
	struct acd_contact k; /* agent: whom it is with, in this deed */
	struct talk_glance now;
	struct agent_id actor; /* none: no user of this tenant */
	bool own;	       /* he is on it, or it rings at him */
};

static enum err no(struct deed *d, enum err e, const char *why)
{
	d->a->detail = str_of(why);
	return e;
}

static bool talks(const struct deed *d, struct agent_id agent)
{
	for (uint32_t i = 0; i < d->now.count; i++)
		if (ID_EQ(d->now.agents[i].agent, agent))
			return true;
	return false;
}

static enum err end(struct deed *d)
{
	struct core *c = &d->h->core;
	char cause[128];
	struct buf b = buf_make(cause, sizeof cause);
	bool caller = d->own && ID_EQ(d->k.caller, d->actor); /* what he talks to ends with him */
	if (!caller && d->own && talks(d, d->actor))
		return SEND(c, call_left, .contact = d->contact, .agent = d->actor);
	if (caller)
		buf_c(&b, "hung up");
	else if (d->own)
		return no(d, ERR_CONFLICT, "you are not talking to this contact");
	else
		buf_fmt(&b, "ended by " STR_FMT, STR_ARG(str_head(d->a->actor, 80)));
	enum err e =
		SEND(c, hang_up, .contact = d->contact, .by = PARTY_agent, .cause = buf_str(&b));
	return e == ERR_NOT_FOUND ? ERR_CONFLICT : e;
}

/* Whose wrap-up is meant: the actor's own where he has one on this contact, which may have gone on
 * to another agent; else that of the agent the contact is with. */
static struct agent_id wrapping_agent(struct house *h, struct agent_id actor,
				      struct contact_id contact, const struct acd_contact *k)
{
	struct acd_agent own;
	if (actor.slot && acd_agent_get(h->acd, actor, &own) == ERR_OK)
		for (uint32_t i = 0; i < own.contact_count; i++)
			if (ID_EQ(own.contacts[i], contact))
				return actor;
	return k->agent;
}

static void mark(struct house *h, struct ask *a, struct contact_id contact)
{
	const struct ask_marks *m = a->marks;
	const struct contact *k = contact_get(&h->core, contact);
	if (!k)
		return;
	if (m->tagged)
		EMIT(&h->core, contact_tagged, .tenant = k->tenant, .contact = a->contact,
		     .tags = m->tags, .by = a->actor);
	if (m->due)
		EMIT(&h->core, follow_up, .tenant = k->tenant, .contact = a->contact,
		     .agent = m->agent, .due_at = m->due_at_ms, .by = a->actor);
}

static enum err verb_wrap(struct house *h, struct ask *a, struct contact_id contact,
			  struct agent_id agent)
{
	if (a->extend)
		return SEND(&h->core, wrap_extend, .contact = contact, .agent = agent,
			    .by = a->actor);
	enum err e = SEND(&h->core, wrap_set, .contact = contact, .agent = agent,
			  .outcome = a->outcome, .note = a->note, .by = a->actor);
	if (e == ERR_OK && a->marks)
		mark(h, a, contact);
	if (e == ERR_INVALID)
		asks_declared(h, a, KIND_outcome, a->outcome);
	if (e == ERR_TOO_LARGE) {
		a->where = "$.note";
		a->detail = STR("is longer than 2000 bytes");
	}
	return e;
}

static const enum call_verb call_verbs[VERB_COUNT] = {
	[VERB_HOLD] = CALL_hold,
	[VERB_RESUME] = CALL_resume,
	[VERB_TRANSFER] = CALL_transfer,
	[VERB_CONSULT] = CALL_consult,
	[VERB_SWAP] = CALL_swap,
	[VERB_COMPLETE] = CALL_complete,
	[VERB_CANCEL] = CALL_cancel,
	[VERB_CONFERENCE] = CALL_conference,
	[VERB_MUTE] = CALL_mute,
	[VERB_UNMUTE] = CALL_unmute,
	[VERB_LEAVE] = CALL_leave,
	[VERB_PARK] = CALL_park,
	[VERB_ACCEPT] = CALL_pick_up,
	[VERB_MOVE] = CALL_move,
	[VERB_MONITOR] = CALL_monitor,
	[VERB_TAKE_OVER] = CALL_take_over,
	[VERB_RECORD_PAUSE] = CALL_record_pause,
	[VERB_RECORD_RESUME] = CALL_record_resume,
};

static enum err talk_does(struct deed *d, struct agent_id agent)
{
	struct ask *a = d->a;
	const char *why = NULL;
	enum err e = SEND(&d->h->core, call_do, .contact = d->contact, .agent = agent,
			  .verb = call_verbs[a->verb], .target = a->target, .name = a->target_name,
			  .mode = a->mode, .by = a->actor, .why = &why);
	if (e == ERR_OK)
		return e;
	if (why)
		a->detail = str_of(why);
	if (e == ERR_INVALID || e == ERR_NOT_FOUND) { /* of the body, not of the path */
		a->where = a->verb == VERB_MUTE || a->verb == VERB_UNMUTE ? "$.who" : "$.to";
		return ERR_INVALID;
	}
	return e == ERR_FULL ? ERR_CONFLICT : e;
}

/* For the agent that is named, else the actor where he is on it, else who has it. */
static enum err talk_does_for(struct deed *d)
{
	struct ask *a = d->a;
	struct agent_id agent = d->own ? d->actor : d->k.agent;
	if (a->object.n) {
		agent = asks_agent(d->h, a->tenant, a->object);
		if (ID_NONE(agent)) {
			a->where = "$.agent";
			return no(d, ERR_INVALID, "no such agent");
		}
		if (!a->actor_supervises && !ID_EQ(agent, d->actor))
			return no(d, ERR_FORBIDDEN, "only supervisors act for others");
	}
	return talk_does(d, agent);
}

/* A telephone rings for him, a browser is put through at once: he said so. */
static enum err pick_up(struct deed *d)
{
	if (ID_NONE(d->actor))
		return no(d, ERR_CONFLICT, "you have no telephone here");
	enum err e = talk_does(d, d->actor);
	if (e != ERR_OK)
		return e;
	core_deliver(&d->h->core); /* now it is offered to him */
	(void)voice_accept(d->h->voice, d->contact, d->actor);
	return ERR_OK;
}

static enum err accept(struct deed *d)
{
	if (call_is_parked(d->h->call, d->contact))
		return pick_up(d);
	struct agent_id agent = d->a->object.n && d->a->actor_supervises
					? asks_agent(d->h, d->a->tenant, d->a->object)
					: d->actor;
	if (!acd_rings_at(d->h->acd, d->contact, agent))
		return no(d, ERR_CONFLICT,
			  d->k.state == CONTACT_offered || d->now.place == CONTACT_offered
				  ? "it is offered to somebody else"
				  : "it is neither offered nor parked");
	if (voice_accept(d->h->voice, d->contact, agent) == ERR_OK)
		return ERR_OK;
	return no(d, ERR_CONFLICT,
		  "this agent's phone is ringing: answering it accepts the contact");
}

/* Supervisors only; they do it themselves. */
static enum err above(struct deed *d)
{
	if (!d->a->actor_supervises)
		return no(d, ERR_FORBIDDEN, "only supervisors may do this");
	if (d->a->verb != VERB_MOVE && ID_NONE(d->actor))
		return no(d, ERR_CONFLICT, "you have no telephone here");
	return talk_does(d, d->actor);
}

static enum err known(struct deed *d)
{
	struct core *c = &d->h->core;
	switch (d->a->verb) {
	case VERB_ACCEPT:
		return accept(d);
	case VERB_REJECT:
		return d->k.state == CONTACT_offered || d->now.place == CONTACT_offered
			       ? SEND(c, offer_fail, .contact = d->contact,
				      .agent = d->own ? d->actor : d->now.asked,
				      .result = OFFER_rejected)
			       : ERR_CONFLICT;
	case VERB_END:
		return end(d);
	case VERB_WRAP:
		return verb_wrap(d->h, d->a, d->contact, d->k.agent);
	case VERB_PRIORITISE:
		return SEND(c, queue_prioritise, .contact = d->contact,
			    .priority_min = d->a->priority_min, .by = d->a->actor);
	case VERB_MOVE:
	case VERB_MONITOR:
	case VERB_TAKE_OVER:
		return above(d);
	case VERB_HOLD:
	case VERB_RESUME:
	case VERB_TRANSFER:
	case VERB_CONSULT:
	case VERB_SWAP:
	case VERB_COMPLETE:
	case VERB_CANCEL:
	case VERB_CONFERENCE:
	case VERB_MUTE:
	case VERB_UNMUTE:
	case VERB_LEAVE:
	case VERB_RECORD_PAUSE:
	case VERB_RECORD_RESUME:
	case VERB_PARK:
		return talk_does_for(d);
	case VERB_COUNT:
		break;
	}
	return ERR_UNSUPPORTED;
}

enum err asks_verb(struct house *h, struct ask *a)
{
	struct contact *c = contact_find(&h->core, asks_tenant(h, a->tenant), a->contact);
	struct deed d = {.h = h, .a = a, .k = {.state = CONTACT_flow}};
	if (!c)
		return ERR_NOT_FOUND; /* over or never was: the asker looks */
	d.contact = c->id;
	if (acd_contact_get(h->acd, c->id, &d.k) != ERR_OK)
		d.k = (struct acd_contact){.state = CONTACT_flow};
	if (SEND(&h->core, talk_look, .contact = c->id, .out = &d.now) != ERR_OK)
		d.now = (struct talk_glance){.place = CONTACT_flow};
	if (!a->actor_system)
		d.actor = asks_agent(h, a->tenant, a->actor);
	d.k.agent = a->verb == VERB_WRAP ? wrapping_agent(h, d.actor, c->id, &d.k) : d.k.agent;
	d.own = d.actor.slot &&
		(ID_EQ(d.actor, d.k.agent) || ID_EQ(d.actor, d.k.caller) || talks(&d, d.actor) ||
		 acd_rings_at(h->acd, c->id, d.actor)); /* maybe one of several */
	bool picks_up = a->verb == VERB_ACCEPT && call_is_parked(h->call, c->id);
	if ((!d.own || a->verb == VERB_PRIORITISE) && !picks_up && !a->actor_supervises) {
		a->detail = STR("an agent works on his own contacts");
		return ERR_FORBIDDEN;
	}
	return known(&d);
}
