/* look.c - looking in: `ctl show talks`, and what must hold between two causes. */
#include "call/inside.h"
#include "core/law.h"

static void put_guest(const struct talk *t, const struct guest *g, struct buf *out)
{
	struct str name = g->party == PARTY_callee ? str_of(g->number) : agent_name(t, g->agent);
	buf_fmt(out, "  " STR_FMT " " STR_FMT "%s%s%s%s", STR_ARG(party_word(g->party)),
		STR_ARG(name), g->here ? "" : " rings", g->away ? " away" : "",
		g->muted ? " muted" : "", g->consulted ? " consulted" : "");
	if (g->party == PARTY_supervisor)
		buf_fmt(out, " " STR_FMT, STR_ARG(monitor_mode_word(g->mode)));
	buf_c(out, "\n");
}

bool talk_dump(struct room *r, struct str what, struct buf *out)
{
	static const char *const errands[] = {"none",	 "transfer",   "return",
					      "consult", "conference", "pick_up"};
	struct call_room *c = CONTAINER_OF(r, struct call_room, room);
	if (!str_is(what, "talks"))
		return false;
	buf_fmt(out, "talks=%u peak=%u\n", pool_count(c->talks), pool_peak(c->talks));
	pool_for_each (struct talk, t, c->talks) {
		const struct contact *k = contact_get(c->core, t->contact);
		char uuid[UUID_TEXT + 1] = "?";
		if (k)
			uuid_text(k->uuid, uuid);
		buf_fmt(out, "contact=%s errand=%s", uuid, errands[t->errand]);
		if (t->errand != ERRAND_NONE)
			buf_fmt(out, " to=" STR_FMT ":%s", STR_ARG(target_word(t->target)),
				t->name);
		buf_fmt(out, "%s%s%s%s", t->away ? " away" : "", t->muted ? " muted" : "",
			t->parked ? " parked" : "", t->paused ? " paused" : "");
		if (t->slot)
			buf_fmt(out, " slot=%u", t->slot);
		buf_c(out, "\n");
		for (uint32_t i = 0; i < t->guest_count; i++)
			put_guest(t, &t->guests[i], out);
	}
	return true;
}

static bool talk_lawful(struct talk *t, struct buf *out)
{
	struct core *c = t->room->core;
	struct talk_glance now = {.place = CONTACT_flow};
	const struct contact *k = contact_get(c, t->contact);
	uint32_t agents = 0, consulted = 0;
	LAW(k && !k->line_gone);
	LAW(SEND(c, talk_look, .contact = t->contact, .out = &now) == ERR_OK);
	for (uint32_t i = 0; i < t->guest_count; i++) {
		struct guest *g = &t->guests[i];
		agents += g->party == PARTY_agent;
		consulted += g->consulted;
		bool there = g->party != PARTY_agent;
		for (uint32_t n = 0; n < now.count; n++)
			there |= ID_EQ(now.agents[n].agent, g->agent);
		LAW(there);
		LAW(g->here || g->party == PARTY_supervisor);
	}
	LAW(agents == now.count); /* nobody is on it whom we do not know */
	LAW(consulted <= 1);
	LAW(!consult_on(t) || guest_agent(t, t->giver) || is_caller(t, t->giver));
	LAW(!caller_is_aside(t) || !ID_NONE(t->caller));
	LAW(ID_EQ(t->caller, now.caller));
	LAW(!t->parked || (!guests_besides(t, NULL) && timer_running(&t->timer)));
	LAW(t->parked || !timer_running(&t->timer));
	LAW(t->parked || !t->slot);
	LAW(t->errand == ERRAND_NONE || t->target == TARGET_number || now.place != CONTACT_flow);
	/* somebody has the customer, or somebody comes, or he waits */
	LAW(guests_besides(t, NULL) || t->errand != ERRAND_NONE || t->parked || now.queued);
	return true;
}

enum err call_self_check(const struct room *r, struct buf *out)
{
	const struct call_room *c = CONTAINER_OF(r, struct call_room, room);
	pool_for_each (struct talk, t, c->talks)
		if (!talk_lawful(t, out))
			return ERR_CONFLICT;
	return ERR_OK;
}
