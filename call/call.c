/* call.c - see call.h: the room, who hears what, and its rows. */
#include "call/inside.h"

#include <stdlib.h>

static struct call_room *call_of(const struct room *r)
{
	return CONTAINER_OF(r, struct call_room, room);
}

struct talk *talk_of(const struct call_room *c, struct contact_id contact)
{
	struct talk *t = contact.slot < c->slots ? c->by_slot[contact.slot] : NULL;
	return t && ID_EQ(t->contact, contact) ? t : NULL;
}

static enum err call_command(struct room *r, const struct command *cmd)
{
	struct call_room *c = call_of(r);
	switch ((int)cmd->kind) {
	case CMD_call_left:
		return SEND(c->core, talk_end, .contact = cmd->call_left.contact,
			    .agent = cmd->call_left.agent,
			    .by = cmd->call_left.lost ? PARTY_system : PARTY_agent);
	case CMD_call_do:
	default:
		return ERR_UNSUPPORTED;
	}
}

bool call_is_parked(const struct room *r, struct contact_id contact)
{
	(void)r, (void)contact;
	return false;
}

enum err call_self_check(const struct room *r, struct buf *out)
{
	(void)r, (void)out;
	return ERR_OK;
}

struct room *call_room_create(struct core *c, uint32_t contacts)
{
	struct call_room *call = xcalloc(1, sizeof *call);
	call->core = c;
	call->talks = pool_create("talks", sizeof(struct talk), contacts);
	call->room = (struct room){.name = "call", .command = call_command};
	core_add_room(c, &call->room);
	return &call->room;
}

void call_room_destroy(struct room *r)
{
	if (!r)
		return;
	struct call_room *c = call_of(r);
	pool_destroy(c->talks);
	free(c->by_slot);
	free(c);
}

void call_room_starve(struct room *r, uint32_t limit)
{
	pool_starve(call_of(r)->talks, limit);
}
