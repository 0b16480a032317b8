/*
 * lines.c - the room `voice` of the invented world: what callers hear and press; see sim.h.
 *
 * Like the media process it outlives the one that decides: a play goes on and ends, whoever asked
 * for it. What is asked again after a restart replaces what was heard.
 */
#include "tests/sim/sim.h"

#define S 1000

static struct told_contact *line_of(struct sim *s, struct contact_id id)
{
	struct told_contact *k = &s->contacts[id.slot];
	return k->alive && ID_EQ(k->id, id) && !k->line_gone ? k : NULL;
}

static enum err media_play(struct sim *s, const struct command_media_play *p)
{
	struct told_contact *k = line_of(s, p->contact);
	if (!k)
		return ERR_NOT_FOUND;
	LAW(s, p->count > 0);
	if (dice(s, 30) == 0)
		return ERR_FULL; /* a caller is not lost for a missing sound */
	k->plays = true;
	k->play = p->token;
	plan_for(s, PLAN_PLAYED, dice(s, 8 * S), p->contact);
	s->fresh[s->fresh_count - 1]->token = p->token;
	for (uint32_t n = p->digits ? dice(s, 4) : 0; n; n--)
		plan_for(s, PLAN_DIGIT, dice(s, 12 * S), p->contact);
	return ERR_OK;
}

static enum err media_stop(struct sim *s, const struct command_media_stop *p)
{
	struct told_contact *k = line_of(s, p->contact);
	if (!k || !k->plays || k->play != p->token)
		return ERR_NOT_FOUND;
	k->plays = false;
	return ERR_OK;
}

static enum err lines_command(struct room *r, const struct command *cmd)
{
	struct sim *s = CONTAINER_OF(r, struct sim, lines);
	struct told_contact *k;
	switch ((int)cmd->kind) {
	case CMD_media_play:
		return media_play(s, &cmd->media_play);
	case CMD_media_stop:
		return media_stop(s, &cmd->media_stop);
	case CMD_hang_up:
		k = line_of(s, cmd->hang_up.contact);
		if (!k)
			return ERR_NOT_FOUND;
		k->line_gone = true;
		EMIT(&s->core, disconnect, .contact = k->id, .by = cmd->hang_up.by,
		     .cause = cmd->hang_up.cause);
		return ERR_OK;
	case CMD_seats_set:
		return line_of(s, cmd->seats_set.contact) ? ERR_OK : ERR_NOT_FOUND;
	case CMD_recording_pause:
		return dice(s, 2) ? ERR_OK : ERR_CONFLICT;
	default: /* no trunk leads out of this world */
		return ERR_NOT_FOUND;
	}
}

void lines_played(struct sim *s, const struct plan *p)
{
	struct told_contact *k = line_of(s, p->contact);
	if (!k || !k->plays || k->play != p->token)
		return;
	k->plays = false;
	EMIT(&s->core, play_done, .contact = p->contact, .token = p->token, .ok = dice(s, 20) != 0);
}

void lines_digit(struct sim *s, const struct plan *p)
{
	static const uint32_t keys[] = {1, 1, 10, 11, 5};
	if (line_of(s, p->contact))
		EMIT(&s->core, digit, .contact = p->contact, .digit = keys[dice(s, 5)]);
}

void lines_begin(struct sim *s)
{
	s->lines = (struct room){.name = "voice", .command = lines_command};
	core_add_room(&s->core, &s->lines);
}
