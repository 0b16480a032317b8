/* image.c - what survives the process. Names, not slots: objects get new ids in the next life. */
#include "call/inside.h"

#include "core/bytes.h"

#define FORMAT 2 /* 1: without the slot */

static void guest_save(const struct objects *os, const struct guest *g, struct buf *out)
{
	put_word(out, party_word(g->party));
	objects_put_name(os, out, ID(g->agent));
	put_u32(out, g->callee);
	put_word(out, str_of(g->number));
	put_u8(out, (uint8_t)(g->here | g->away << 1 | g->muted << 2 | g->consulted << 3 |
			      g->waits << 4));
	put_word(out, monitor_mode_word(g->mode));
}

bool talk_save(const struct call_room *c, struct contact_id id, struct buf *out)
{
	const struct talk *t = talk_of(c, id);
	const struct objects *os = c->core->objects;
	if (!t)
		return false;
	put_u8(out, FORMAT);
	put_u8(out, (uint8_t)(t->away | t->muted << 1 | t->parked << 2 | t->paused << 3 |
			      t->stepped << 4));
	put_u8(out, (uint8_t)t->errand);
	put_word(out, target_word(t->target));
	objects_put_name(os, out, ID(t->asked));
	put_u32(out, t->callee);
	put_word(out, str_of(t->name));
	objects_put_name(os, out, ID(t->giver));
	objects_put_name(os, out, ID(t->queue));
	put_i64(out, t->park_until_ms);
	put_u32(out, t->guest_count);
	for (uint32_t i = 0; i < t->guest_count; i++)
		guest_save(os, &t->guests[i], out);
	put_u32(out, t->slot);
	return true;
}

static bool guest_take(const struct objects *os, struct take *in, struct guest *g)
{
	*g = (struct guest){0};
	bool words = party_from(take_word(in), &g->party) == ERR_OK;
	g->agent = ID_AS(agent_id, objects_take_name(os, in, KIND_user));
	g->callee = take_u32(in);
	(void)str_copy(take_word(in), g->number, sizeof g->number);
	uint8_t bits = take_u8(in);
	g->here = bits & 1;
	g->away = bits >> 1 & 1;
	g->muted = bits >> 2 & 1;
	g->consulted = bits >> 3 & 1;
	g->waits = bits >> 4 & 1;
	words &= monitor_mode_from(take_word(in), &g->mode) == ERR_OK;
	return words;
}

enum err talk_load(struct call_room *c, struct contact_id id, struct str image)
{
	struct take in = {.rest = image};
	const struct objects *os = c->core->objects;
	struct talk *t, read = {.room = c, .contact = id};
	const uint8_t format = take_u8(&in);
	if (!format || format > FORMAT || !contact_get(c->core, id))
		return ERR_INVALID;
	uint8_t bits = take_u8(&in), errand = take_u8(&in);
	read.away = bits & 1;
	read.muted = bits >> 1 & 1;
	read.parked = bits >> 2 & 1;
	read.paused = bits >> 3 & 1;
	read.stepped = bits >> 4 & 1;
	read.errand = (enum errand)errand;
	bool words = target_from(take_word(&in), &read.target) == ERR_OK;
	read.asked = ID_AS(agent_id, objects_take_name(os, &in, KIND_user));
	read.callee = take_u32(&in);
	(void)str_copy(take_word(&in), read.name, sizeof read.name);
	read.giver = ID_AS(agent_id, objects_take_name(os, &in, KIND_user));
	read.queue = ID_AS(queue_id, objects_take_name(os, &in, KIND_queue));
	read.park_until_ms = take_i64(&in);
	uint32_t count = take_u32(&in);
	if (in.torn || !words || errand > ERRAND_PICK_UP || count > GUESTS_MAX)
		return ERR_INVALID;
	for (uint32_t i = 0; i < count; i++)
		words &= guest_take(os, &in, &read.guests[read.guest_count++]);
	c->callee_seq = MAX(c->callee_seq, read.callee);
	if (format > 1)
		read.slot = take_u32(&in);
	if (in.torn || !words || (read.slot && read.slot - PARK_SLOT_FIRST >= PARK_SLOTS))
		return ERR_INVALID;
	enum err e = talk_take(c, id, &t);
	if (e == ERR_OK)
		*t = read;
	return e;
}

/* Whom acd does not know on it any more is not on it, and whom nobody rings will not come. */
void talk_loaded(struct talk *t)
{
	struct talk_glance now = {.place = CONTACT_flow};
	enum err e = SEND(t->room->core, talk_look, .contact = t->contact, .out = &now);
	(void)e; /* never was in a queue: then nobody of acd's is on it */
	t->caller = now.caller;
	for (uint32_t i = t->guest_count; i-- > 0;) {
		struct guest *g = &t->guests[i];
		bool there = g->party != PARTY_agent;
		for (uint32_t n = 0; n < now.count; n++)
			there |= ID_EQ(now.agents[n].agent, g->agent);
		if (!there)
			guest_gone(t, g);
	}
	if (t->errand != ERRAND_NONE && t->target != TARGET_number && now.place == CONTACT_flow)
		errand_failed(t);
	park_arm(t);
	talk_settle(t);
}
