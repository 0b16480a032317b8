/*
 * seats.c - from guests to who hears whom, and to what each agent does.
 *
 * At the table everybody hears everybody who is not muted. Who is away hears music. Supervisors
 * hear the table; who whispers is heard by agents, who barges by all. What is recorded is the talk
 * with the customer: nothing while he is away.
 */
#include "call/inside.h"

static bool at_table(const struct guest *g)
{
	return g->here && !g->away && g->party != PARTY_supervisor;
}

/* An agent alone hears how it rings; so does a customer whom nobody has, unless he only waits. */
static enum seat_sound sound_of(const struct talk *t, const struct guest *g)
{
	bool rings = t->errand != ERRAND_NONE && t->target != TARGET_queue;
	if (g && g->party == PARTY_supervisor)
		return SOUND_silence;
	if (g && g->away) /* his own telephone holds, or his colleague talks to the customer */
		return g->consulted || g->waits ? SOUND_music : SOUND_silence;
	if (g)
		return rings ? SOUND_ringing : SOUND_silence;
	if (caller_is_aside(t) || (t->away && t->stepped))
		return rings ? SOUND_ringing : SOUND_silence;
	if (t->away || t->parked || !guests_besides(t, NULL))
		return rings && !t->away && !t->parked ? SOUND_ringing : SOUND_music;
	return SOUND_silence;
}

static bool heard(const struct guest *by, const struct guest *g)
{
	if (g->party != PARTY_supervisor)
		return at_table(g) && !g->muted;
	if (!g->here || g->muted)
		return false;
	if (g->mode == MONITOR_barge)
		return true;
	return g->mode == MONITOR_whisper && by && by->party == PARTY_agent;
}

/* Whose voices he hears; by NULL: the customer. Bit 0 is the customer, bit n + 1 guest n. */
static uint32_t hears(const struct talk *t, const struct guest *by)
{
	bool listens = by ? by->here && (at_table(by) || by->party == PARTY_supervisor) : !t->away;
	uint32_t bits = 0;
	if (!listens)
		return 0;
	if (by && !t->away && !t->muted)
		bits |= BIT(0);
	for (uint32_t i = 0; i < t->guest_count; i++)
		if (&t->guests[i] != by && heard(by, &t->guests[i]))
			bits |= BIT(i + 1);
	return bits;
}

static enum seat_track track_of(const struct talk *t, const struct guest *g)
{
	if (t->away || caller_is_aside(t))
		return TRACK_none;
	if (!g)
		return t->muted ? TRACK_none : TRACK_left;
	if (g->party == PARTY_supervisor)
		return g->here && g->mode == MONITOR_barge ? TRACK_right : TRACK_none;
	if (!at_table(g) || g->muted)
		return TRACK_none;
	return g->party == PARTY_callee ? TRACK_left : TRACK_right; /* no agent: the other side */
}

static void seats_make(const struct talk *t, struct seat *out)
{
	out[0] = (struct seat){.party = PARTY_customer,
			       .hears = hears(t, NULL),
			       .sound = sound_of(t, NULL),
			       .track = track_of(t, NULL)};
	for (uint32_t i = 0; i < t->guest_count; i++) {
		const struct guest *g = &t->guests[i];
		out[i + 1] = (struct seat){.party = g->party,
					   .agent = g->agent,
					   .callee = g->callee,
					   .hears = hears(t, g),
					   .sound = sound_of(t, g),
					   .track = track_of(t, g)};
	}
}

static bool seat_same(const struct seat *a, const struct seat *b)
{
	return a->party == b->party && ID_EQ(a->agent, b->agent) && a->callee == b->callee &&
	       a->hears == b->hears && a->sound == b->sound && a->track == b->track;
}

static void seats_tell(struct talk *t)
{
	struct seat now[SEATS_MAX];
	uint32_t count = t->guest_count + 1;
	bool same = count == t->seat_count;
	seats_make(t, now);
	for (uint32_t i = 0; same && i < count; i++)
		same = seat_same(&now[i], &t->seats[i]);
	if (same)
		return;
	memcpy(t->seats, now, count * sizeof *now);
	t->seat_count = count;
	enum err e = SEND(t->room->core, seats_set, .contact = t->contact, .seats = t->seats,
			  .count = count);
	(void)e; /* a line that is gone hears nothing */
}

/* -- what agents do -- */

static enum work work_of(struct talk *t, const struct guest *g)
{
	if (consult_on(t) && (g->consulted || ID_EQ(g->agent, t->giver)))
		return WORK_consulting;
	uint32_t count = 0;
	for (uint32_t i = 0; i < t->guest_count; i++)
		count += at_table(&t->guests[i]);
	return at_table(g) && count > 1 ? WORK_conferencing : WORK_talking;
}

static void works_tell(struct talk *t)
{
	for (uint32_t i = 0; i < t->guest_count; i++) {
		struct guest *g = &t->guests[i];
		if (g->party != PARTY_agent)
			continue;
		enum work work = work_of(t, g);
		bool held = g->away ? !g->consulted : t->away && !g->consulted;
		if (g->told && g->told_work == work && g->told_held == held)
			continue;
		g->told = true;
		g->told_work = work;
		g->told_held = held;
		enum err e = SEND(t->room->core, talk_set, .contact = t->contact, .agent = g->agent,
				  .work = work, .held = held);
		(void)e; /* he left a moment ago: agent_end comes */
	}
}

/* A customer and one agent who talk, or a customer who waits in a queue: nothing to keep. */
static bool ordinary(const struct talk *t)
{
	if (t->errand != ERRAND_NONE || t->parked || t->paused || t->away || t->muted)
		return false;
	if (t->guest_count > 1)
		return false;
	const struct guest *g = &t->guests[0];
	return !t->guest_count || (g->party == PARTY_agent && g->here && !g->away && !g->muted);
}

/* Who stepped away from others who then left has his customer on hold. */
static void hold_alone(struct talk *t)
{
	struct guest *g = guest_first_agent(t);
	if (!g || !g->away || g->waits || g->consulted || guests_besides(t, g))
		return;
	g->away = false;
	t->away = true;
}

/* Nobody of ours has it, or comes: who listened hears no more, what was done to the talk is over.
 */
static void nobody_has_it(struct talk *t)
{
	if (guests_besides(t, NULL) || t->errand != ERRAND_NONE || t->parked)
		return;
	while (t->guest_count) {
		struct agent_id agent = t->guests[0].agent;
		watcher_gone(t, &t->guests[0]);
		enum err e = SEND(t->room->core, phone_drop, .contact = t->contact, .agent = agent);
		(void)e; /* put down a moment ago */
	}
	t->away = t->muted = t->paused = false;
}

void talk_settle(struct talk *t)
{
	hold_alone(t);
	nobody_has_it(t);
	works_tell(t);
	if (ordinary(t)) {
		talk_drop(t);
		return;
	}
	seats_tell(t);
	core_touch(t->room->core, IMAGE_CALL, ID(t->contact));
}
