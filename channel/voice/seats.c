/*
 * seats.c - who hears whom on a line, what of it is recorded, and what is heard by those who hear
 * nobody.
 *
 * call/ says who sits where (seats_set). Before it does, the customer and whoever is joined to him
 * hear each other. All of it is worked out anew from the line and its legs whenever they change,
 * and what is so already is not ordered again.
 */
#include "channel/voice/browser.h"
#include "channel/voice/own_call.h"

struct sitter {
	const struct seat *seat;
	struct leg *leg; /* NULL: it has no voice (yet) */
	bool away;	 /* his browser is gone for a while (behaviours.md A-6) */
};

static struct leg *with_voice(struct leg *leg)
{
	return leg && leg->port && leg->state != LEG_OVER &&
			       (leg->state == LEG_UP || leg->wire_known) && !browser_silent(leg)
		       ? leg
		       : NULL;
}

static struct leg *leg_at(struct line *l, const struct seat *s)
{
	struct dial *d;
	struct leg *leg = NULL;
	switch (s->party) {
	case PARTY_customer:
		leg = line_customer(l);
		break;
	case PARTY_agent:
	case PARTY_supervisor:
		leg = agent_leg(l, s->party, s->agent);
		if (leg && leg->state != LEG_UP)
			leg = NULL; /* he has not answered */
		break;
	case PARTY_callee:
		d = dial_of(l, s->callee);
		leg = d ? leg_get(l->voice, d->leg) : NULL;
		break;
	case PARTY_system:
		break;
	}
	return leg;
}

static struct sitter sitter(const struct seat *s, struct leg *leg)
{
	return (struct sitter){s, with_voice(leg), leg && browser_silent(leg)};
}

/* Customer and joined leg. */
static const struct seat pair[] = {{.party = PARTY_customer, .hears = BIT(1), .track = TRACK_left},
				   {.party = PARTY_agent, .hears = BIT(0), .track = TRACK_right}};
/* He who calls hears it ring, until the other side has a voice. */
static const struct seat rung = {
	.party = PARTY_agent, .hears = BIT(0), .sound = SOUND_ringing, .track = TRACK_right};

static uint32_t sitters(struct line *l, struct sitter out[SEATS_MAX])
{
	for (uint32_t i = 0; i < l->seat_count; i++)
		out[i] = sitter(&l->seats[i], leg_at(l, &l->seats[i]));
	if (l->seat_count)
		return l->seat_count;
	out[0] = sitter(&pair[0], line_customer(l));
	out[1] = sitter(own_call_rings(l) ? &rung : &pair[1], leg_get(l->voice, l->joined));
	return COUNT_OF(pair);
}

static void add_voice(struct order_ids *v, const struct leg *leg)
{
	if (v->count < ORDER_IDS_MAX)
		v->ids[v->count++] = ID(leg->id);
}

static struct order_ids whom(const struct sitter *s, uint32_t count, uint32_t i)
{
	struct order_ids out = {0};
	for (uint32_t k = 0; k < count; k++)
		if (k != i && s[i].seat->hears & BIT(k) && s[k].leg)
			add_voice(&out, s[k].leg);
	return out;
}

/* All whom it would hear are away: it hears music meanwhile. */
static bool left_alone(const struct sitter *s, uint32_t count, uint32_t i)
{
	bool away = false;
	for (uint32_t k = 0; k < count; k++)
		if (k != i && s[i].seat->hears & BIT(k)) {
			away = away || s[k].away;
			if (s[k].leg)
				return false;
		}
	return away;
}

/* A test call's agent hears a voice where a customer would be. */
static enum seat_sound alone(const struct line *l, const struct seat *s)
{
	const bool his = s->party == PARTY_agent && s->hears & BIT(0) && ring_me_is(l);
	return his && s->sound == SOUND_silence ? SOUND_test : s->sound;
}

static void order_hear(struct leg *leg, const struct order_ids *whom, bool again)
{
	char room[8 * ORDER_IDS_MAX];
	struct str ids = order_ids_put(room, whom);
	uint64_t mark = ids.n ? str_hash(ids, 1) : 0;
	if (mark == leg->heard && !again)
		return;
	if (mark && !leg->heard)
		leg->talks_ms = leg->voice->core->now_ms;
	leg->heard = mark;
	ORDER_NOW(leg->voice, hear, .leg = ID(leg->id), .whom = ids);
}

/* -- who hears nobody -- */

/* What a leg that is not the customer's hears: he has playings and a queue's music besides. */
static void leg_sound(struct line *l, struct leg *leg, enum seat_sound wanted, bool again)
{
	if (wanted == leg->sound && !again)
		return;
	bool anew = wanted != leg->sound;
	leg->sound = wanted;
	if (wanted == SOUND_silence) {
		ORDER_NOW(l->voice, play_stop, .leg = ID(leg->id), .play = leg->play);
		return;
	}
	leg->play += anew;
	line_order_sound(l, leg, leg->play, wanted);
}

/* False: no seat of his says what he hears. */
static bool customer_by_seat(struct line *l, enum seat_sound *out)
{
	struct sitter s[SEATS_MAX];
	uint32_t count = sitters(l, s);
	for (uint32_t i = 0; i < count; i++) {
		if (s[i].seat->party != PARTY_customer)
			continue;
		if (left_alone(s, count, i)) {
			*out = SOUND_music;
			return true;
		}
		if (!l->seat_count)
			return false;
		bool hears = whom(s, count, i).count;
		*out = hears ? SOUND_silence : s[i].seat->sound;
		return hears || !l->waiting;
	}
	return false;
}

/* Music belongs to those who wait and to customers somebody put on hold; a number that rings and
 * sends no sound of its own is heard ringing. */
enum seat_sound line_sound_wanted(struct line *l)
{
	const struct dial *d = dial_of(l, 0);
	enum seat_sound said;
	if (l->disconnected || l->playing)
		return SOUND_silence;
	if (customer_by_seat(l, &said))
		return said;
	if (own_call_rings(l))
		return SOUND_ringing;
	if (d && d->state == DIALLED_RINGING && ID_NONE(l->joined))
		return SOUND_ringing;
	return l->waiting || l->holds & (BIT(PARTY_agent) | BIT(PARTY_callee)) ? SOUND_music
									       : SOUND_silence;
}

/* -- the whole -- */

/* Is the agent whose file it is with the others, or away while they talk? */
static bool present(struct line *l, const struct recording *r)
{
	const struct leg *leg = agent_leg(l, PARTY_agent, r->agent);
	if (leg && browser_silent(leg))
		return false;
	for (uint32_t i = 0; i < l->seat_count; i++) {
		const struct seat *s = &l->seats[i];
		if (s->party == PARTY_agent && ID_EQ(s->agent, r->agent))
			return s->hears || s->track != TRACK_none;
	}
	return !l->seat_count;
}

/* Hold and pauses are silence. */
static void record(struct line *l, const struct sitter *s, uint32_t count, bool again)
{
	static const struct order_ids nobody;
	struct order_ids track[TRACK_COUNT] = {0};
	for (uint32_t i = 0; i < count && !l->paused && !l->holds; i++) {
		enum seat_track t = s[i].seat->track;
		if (!s[i].leg)
			continue;
		if (!l->seat_count && s[i].leg->role == PARTY_callee)
			t = TRACK_left;
		add_voice(&track[t], s[i].leg);
	}
	for (uint32_t i = 0; i < l->recording_count; i++) {
		const struct recording *r = &l->recordings[i];
		bool in = present(l, r);
		if (r->open && !r->stopped)
			recording_hear(l, i, in ? &track[TRACK_left] : &nobody,
				       in ? &track[TRACK_right] : &nobody, again);
	}
}

static void say(struct line *l, bool again)
{
	struct sitter s[SEATS_MAX];
	uint32_t count = sitters(l, s);
	if (l->disconnected)
		return;
	list_for_each (link, &l->legs) {
		struct leg *leg = CONTAINER_OF(link, struct leg, link);
		struct order_ids hears = {0};
		uint32_t i = 0;
		if (!with_voice(leg))
			continue;
		while (i < count && s[i].leg != leg)
			i++;
		if (i < count)
			hears = whom(s, count, i);
		order_hear(leg, &hears, again);
		bool nobody = i < count && !hears.count;
		enum seat_sound sound = !nobody			  ? SOUND_silence
					: left_alone(s, count, i) ? SOUND_music
								  : alone(l, s[i].seat);
		if (leg->role != PARTY_customer)
			leg_sound(l, leg, sound, again);
	}
	line_music(l);
	record(l, s, count, again);
}

void line_hear(struct line *l)
{
	say(l, false);
}

void line_hear_again(struct line *l)
{
	say(l, true);
}

enum err line_seats(struct line *l, const struct seat *seats, uint32_t count)
{
	CHECK(count <= SEATS_MAX);
	if (l->disconnected)
		return ERR_CONFLICT;
	for (uint32_t i = 0; i < count; i++)
		l->seats[i] = seats[i];
	l->seat_count = count;
	line_touch(l);
	line_hear(l);
	return ERR_OK;
}
